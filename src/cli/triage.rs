//! `triage`: what a person decides on alerts, word by word as the contract has it, and what came of it. It must not know
//! which decisions are allowed: that is the business of governance.

mod analyst;

use super::args::{Global, TriageArgs};
use super::output::Output;
use super::{Exit, Usage, clock, find, place};
use crate::engine::folding::reader;
use crate::govern::triage::{Refusal, Standing};
use crate::model::alert::Reason;
use crate::model::decision::{AuditRow, Triage};
use crate::model::{AlertId, Status, Timestamp, Verdict};
use crate::query::nearest;
use crate::report::shown;
use crate::store::{Reader, StoreError};
use serde::Serialize;

/// A line of `triage --json`.
#[derive(Serialize)]
struct Line<'a> {
    alert: &'a str,
    time: Timestamp,
    who: &'a str,
    what: &'a str,
    note: &'a str,
    before: &'a Standing,
    after: &'a Standing,
    sequence: u64,
    hash: &'a str,
}

/// Runs `driftline triage`.
pub fn run(args: &TriageArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    // What is asked for is looked at before the store: a wrong word is wrong anywhere.
    let mut ask = words(args)?;
    if !args.undo && ask == Triage::default() && args.until.is_none() && args.duplicate_of.is_none() {
        return Usage::error("nothing to change: say --status, --verdict, --note, --assign, --until, --duplicate-of or --undo");
    }
    let who = analyst::name()?;
    let store = place::look(global)?;
    let reader = reader(&store)?;
    let now = clock::now(&reader)?;
    ask.until = args.until.as_deref().map(|text| until(text, now)).transpose()?;
    ask.duplicate_of = args.duplicate_of.as_deref().map(|text| find::alert(&reader, text)).transpose()?;
    // All of them are found before the first is changed.
    let mut alerts: Vec<AlertId> = args.alerts.iter().map(|text| find::alert(&reader, text)).collect::<Result<_, _>>()?;
    let mut seen = std::collections::BTreeSet::new();
    alerts.retain(|id| seen.insert(*id));
    let mut writer = store.writer()?;
    writer.set_sync(true)?;
    let mut refused = None;
    for id in alerts {
        let done = if args.undo { writer.undo(id, &who, clock::wall()) } else { writer.triage(id, &ask, &who, clock::wall()) };
        match done {
            Ok(row) => say(&reader, id, &row, out)?,
            Err(error) => {
                if let Some(before) = refused.replace(error) {
                    out.problem(&before.to_string());
                }
            }
        }
    }
    match refused {
        None => Ok(Exit::Done),
        Some(StoreError::Refused { alert, refusal }) if is_mistake(&refusal) => Usage::error(format!("alert {alert}: {refusal}")),
        Some(error) => Err(error.into()),
    }
}

/// Refusals that lie in the arguments, not in the state of the alert.
fn is_mistake(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::VerdictNeeded | Refusal::NoteNeeded(_) | Refusal::NotClosing | Refusal::Superseding | Refusal::OwnDuplicate)
}

fn words(args: &TriageArgs) -> anyhow::Result<Triage> {
    Ok(Triage {
        status: word("status", args.status.as_deref(), Status::from_word, Status::ALL.iter().map(|s| s.as_str()))?,
        verdict: word("verdict", args.verdict.as_deref(), Verdict::from_word, Verdict::ALL.iter().map(|v| v.as_str()))?,
        reason: word("reason", args.reason.as_deref(), Reason::from_word, Reason::ALL.iter().map(|r| r.as_str()))?,
        note: args.note.clone(),
        assign: args.assign.clone(),
        until: None,
        duplicate_of: None,
    })
}

fn word<T>(
    option: &str,
    text: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
    words: impl Iterator<Item = &'static str>,
) -> anyhow::Result<Option<T>> {
    let Some(text) = text else { return Ok(None) };
    if let Some(value) = read(text) {
        return Ok(Some(value));
    }
    let words: Vec<&str> = words.collect();
    let begun = words.iter().copied().find(|word| !text.is_empty() && word.starts_with(text));
    let meant = begun.or_else(|| nearest(text, words.iter().copied())).unwrap_or_default();
    Usage::error(format!("--{option} is never \"{text}\"; nearest is \"{meant}\" of {}", words.join(", ")))
}

fn until(text: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    match clock::to_come(text, now) {
        Some(until) => Ok(until),
        None => Usage::error(format!("--until takes a span like 7d or a time like 2026-11-19T10:00Z, not \"{text}\"")),
    }
}

fn say(reader: &Reader, id: AlertId, row: &AuditRow, out: &Output) -> anyhow::Result<()> {
    let (before, after): (Standing, Standing) = (serde_json::from_str(&row.before)?, serde_json::from_str(&row.after)?);
    if out.json {
        return out.object(&Line {
            alert: &row.object,
            time: row.time,
            who: &row.who,
            what: &row.what,
            note: &row.note,
            before: &before,
            after: &after,
            sequence: row.sequence,
            hash: &row.hash,
        });
    }
    let name = reader.alert(id)?.map(|(alert, _)| alert.identity.name).unwrap_or_default();
    let mut changes = changes(&before, &after);
    if !row.note.is_empty() {
        changes.push(format!("note: {}", shown(&row.note)));
    }
    out.line(&format!("{} {}: {}", row.object, shown(&name), changes.join(", ")))
}

/// What differs, each in a few words.
fn changes(before: &Standing, after: &Standing) -> Vec<String> {
    let mut out = Vec::new();
    if before.status != after.status {
        out.push(format!("{} → {}", before.status, after.status));
    }
    let mut field = |name: &str, before: Option<String>, after: Option<String>| {
        if before != after {
            out.push(after.map_or_else(|| format!("{name} cleared"), |after| format!("{name} {}", shown(&after))));
        }
    };
    field("verdict", before.verdict.map(|v| v.to_string()), after.verdict.map(|v| v.to_string()));
    field("reason", before.reason.map(|r| r.to_string()), after.reason.map(|r| r.to_string()));
    field("holder", before.assigned.clone(), after.assigned.clone());
    field("snoozed until", before.snoozed_until.map(|t| t.to_string()), after.snoozed_until.map(|t| t.to_string()));
    field("expected until", before.exception_until.map(|t| t.to_string()), after.exception_until.map(|t| t.to_string()));
    field("duplicate of", before.duplicate_of.map(|id| id.to_string()), after.duplicate_of.map(|id| id.to_string()));
    if out.is_empty() {
        out.push("noted".to_owned());
    }
    out
}
