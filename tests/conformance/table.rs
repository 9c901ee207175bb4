//! The tally per format and its print. The rule of failure: a finished format agrees in at least 99 of 100 pairs, its
//! excuses cover at most one in a hundred (or two), all its sound records are read, none is taken for another's.

use super::case::Case;
use super::compare::{Field, Verdict, compare};
use super::rules;
use super::seen::{Refused, Seen};
use super::sets::REQUIRED;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Disagreements printed per format unless all are asked for.
const TOP: usize = 8;

/// Everything counted, by format.
#[derive(Default)]
pub struct Table {
    rows: BTreeMap<&'static str, Row>,
}

#[derive(Default)]
struct Row {
    files: BTreeSet<String>,
    records: usize,
    read: usize,
    /// Refused as no activity.
    apart: usize,
    /// Records without a time, or unreadable by a written rule.
    fragments: usize,
    /// Made up to try a rule, and too little for an event.
    scraps: usize,
    set_aside: BTreeMap<String, (usize, String)>,
    refused: usize,
    unrecognised: usize,
    /// Taken by another format.
    elsewhere: usize,
    /// Not read, and nobody promised.
    optional: usize,
    provider: usize,
    pairs: BTreeMap<Field, (usize, usize)>,
    excused: BTreeMap<usize, usize>,
    /// Field with both sides → times and first place.
    differences: BTreeMap<(Field, String, String), (usize, String)>,
    unread: BTreeMap<String, (usize, String)>,
}

impl Table {
    /// Counts one record and its comparison.
    pub fn add(&mut self, case: &Case, seen: &Seen) {
        let taken = match seen {
            Seen::Read { format, .. } | Seen::Refused { format, .. } => Some(*format),
            Seen::Unrecognised => None,
        };
        let right = taken.is_some_and(|name| case.formats.is_empty() || case.formats.contains(&name));
        let name = taken.filter(|_| right).or_else(|| case.formats.first().copied()).unwrap_or("(any)");
        let row = self.rows.entry(name).or_default();
        row.files.insert(case.place.split('#').next().unwrap_or_default().to_owned());
        row.records += 1;
        let (count, why) = match seen {
            Seen::Read { format, events } if right => {
                row.read += 1;
                row.provider += usize::from(events.iter().any(|e| e.provider));
                for pair in compare(case, format, events) {
                    let tally = row.pairs.entry(pair.field).or_default();
                    tally.0 += 1;
                    match pair.verdict {
                        Verdict::Agrees => tally.1 += 1,
                        Verdict::Excused(rule) => {
                            tally.1 += 1;
                            *row.excused.entry(rule).or_default() += 1;
                        }
                        Verdict::Differs => {
                            let key = (pair.field, pair.expected, pair.ours);
                            row.differences.entry(key).or_insert_with(|| (0, case.place.clone())).0 += 1;
                        }
                    }
                }
                return;
            }
            Seen::Refused { kind: Refused::NotActivity, reason, .. } if right => {
                let named = if case.expected.actors.is_empty() { "nobody named" } else { "somebody named" };
                (&mut row.apart, format!("apart, {named}: {reason}"))
            }
            _ if rules::unreadable(&case.place) || fragment(&case.record) => {
                row.fragments += 1;
                return;
            }
            _ if case.optional => {
                row.optional += 1;
                return;
            }
            Seen::Unrecognised if case.scrap => (&mut row.scraps, "made up, not recognised".to_owned()),
            Seen::Refused { kind: Refused::Missing, reason, .. } if right && case.scrap => (&mut row.scraps, format!("made up, {reason}")),
            Seen::Unrecognised => (&mut row.unrecognised, "not recognised".to_owned()),
            Seen::Refused { reason, kind, .. } if right => {
                (&mut row.refused, format!("{}{reason}", if *kind == Refused::Missing { "missing: " } else { "" }))
            }
            Seen::Read { format, .. } | Seen::Refused { format, .. } => (&mut row.elsewhere, format!("taken for {format}")),
        };
        *count += 1;
        let list = if why.starts_with("made up") || why.starts_with("apart") { &mut row.set_aside } else { &mut row.unread };
        list.entry(why).or_insert_with(|| (0, case.place.clone())).0 += 1;
    }

    /// Records read, pairs and pairs that agree of a format.
    pub fn sums(&self, name: &str) -> (usize, usize, usize) {
        let Some(row) = self.rows.get(name) else { return (0, 0, 0) };
        let (pairs, agree) = row.sums();
        (row.read, pairs, agree)
    }

    /// The table as text.
    pub fn print(&self, verbose: bool) -> String {
        let mut out = format!(
            "{:<22} {:>5} {:>7} {:>7} {:>6} {:>5} {:>5} {:>6} {:>6} {:>6} {:>6} {:>6} {:>7}  {:>5} {:>5}\n",
            "format",
            "files",
            "records",
            "read",
            "apart",
            "frag",
            "scrap",
            "refus",
            "unrec",
            "other",
            "option",
            "pairs",
            "agree",
            "%",
            "prov%"
        );
        for (name, row) in &self.rows {
            let (pairs, agree) = row.sums();
            let _ = writeln!(
                out,
                "{:<22} {:>5} {:>7} {:>7} {:>6} {:>5} {:>5} {:>6} {:>6} {:>6} {:>6} {:>6} {:>7}  {:>5.1} {:>5.1}{}",
                name,
                row.files.len(),
                row.records,
                row.read,
                row.apart,
                row.fragments,
                row.scraps,
                row.refused,
                row.unrecognised,
                row.elsewhere,
                row.optional,
                pairs,
                agree,
                percent(agree, pairs),
                if row.read == 0 { 0.0 } else { percent(row.provider, row.read) },
                if driftline::format::by_name(name).is_none() {
                    "  (no such format yet)"
                } else if REQUIRED.contains(name) {
                    ""
                } else {
                    "  (not required yet)"
                }
            );
        }
        for (name, row) in &self.rows {
            if row.unread.is_empty() && row.differences.is_empty() && row.excused.is_empty() && row.set_aside.is_empty() {
                continue;
            }
            let _ = writeln!(out, "\n{name}");
            let by_field = row.pairs.iter().map(|(field, (pairs, agree))| format!("{field:?} {agree}/{pairs}"));
            let _ = writeln!(out, "  {}", by_field.collect::<Vec<_>>().join(", "));
            let limit = if verbose { usize::MAX } else { TOP };
            for (why, (n, place)) in most(&row.unread).chain(most(&row.set_aside)).take(limit) {
                let _ = writeln!(out, "  {n:>4} × {}, first {place}", cut(why));
            }
            for ((field, theirs, ours), (n, place)) in most(&row.differences).take(limit) {
                let _ = writeln!(out, "  {n:>4} × {field:?}: expected “{}”, ours “{}”, first {place}", cut(theirs), cut(ours));
            }
            for (rule, n) in &row.excused {
                let _ = writeln!(out, "  {n:>4} × excused: {}", rules::reason(*rule));
            }
        }
        out
    }

    /// What a finished format does not hold.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        for (name, row) in self.rows.iter().filter(|(name, _)| REQUIRED.contains(name) && driftline::format::by_name(name).is_some()) {
            let (pairs, agree) = row.sums();
            let excused: usize = row.excused.values().sum();
            if (agree as f64) < 0.99 * pairs as f64 {
                failures.push(format!("{name}: {agree} of {pairs} values agree, fewer than 99 of 100"));
            }
            if excused > (pairs / 100).max(2) {
                failures.push(format!("{name}: {excused} of {pairs} values are excused, more than one of 100"));
            }
            if row.scraps > (row.records / 20).max(2) {
                failures
                    .push(format!("{name}: {} of {} records are made up and lack a field, more than one of 20", row.scraps, row.records));
            }
            for (why, (n, place)) in &row.unread {
                failures.push(format!("{name}: {n} records {why}, first {place}"));
            }
        }
        failures
    }
}

impl Row {
    fn sums(&self) -> (usize, usize) {
        self.pairs.values().fold((0, 0), |(pairs, agree), (p, a)| (pairs + p, agree + a))
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { part as f64 * 100.0 / whole as f64 }
}

/// The commonest first.
fn most<K: Ord>(counts: &BTreeMap<K, (usize, String)>) -> impl Iterator<Item = (&K, &(usize, String))> {
    let mut all: Vec<_> = counts.iter().collect();
    all.sort_by_key(|(_, (n, _))| std::cmp::Reverse(*n));
    all.into_iter()
}

fn cut(text: &str) -> String {
    text.chars().take(180).collect()
}

/// Whether a record says nowhere when it happened: a scrap made to try one rule, not a record.
fn fragment(record: &str) -> bool {
    serde_json::from_str::<Value>(record).is_ok_and(|value| !timed(&value))
}

/// Words in the names of fields that hold a time.
const TIMES: &[&str] = &["time", "date", "created", "published", "stamp", "when", "effectiveat", "occurred", "epochsecond"];

fn timed(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, inner)| {
            let key = super::compare::letters(key);
            // A line that is no JSON is one text, its time somewhere in it.
            let line = key == "line" && fields.len() == 1;
            line || (TIMES.iter().any(|word| key.contains(word)) && moment(inner)) || timed(inner)
        }),
        Value::Array(items) => items.iter().any(timed),
        Value::String(text) if text.starts_with('{') => serde_json::from_str::<Value>(text).is_ok_and(|inner| timed(&inner)),
        _ => false,
    }
}

fn moment(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() >= 8 && text.starts_with(|c: char| c.is_ascii_digit()),
        Value::Number(number) => number.as_f64().is_some_and(|n| n > 1e8),
        _ => false,
    }
}
