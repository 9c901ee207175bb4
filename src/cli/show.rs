//! `show`: everything known of one alert or identity, as text or as one object. Looking publishes nothing. It must not
//! know how either came about.

use super::args::{Global, ShowArgs};
use super::find::{self, Found};
use super::output::Output;
use super::{Exit, clock, place};
use crate::engine::context::observed;
use crate::engine::folding::reader;
use crate::model::decision::AuditRow;
use crate::model::page::{IdentityPage, IdentityRow, NowView, ProfileView, Range, TieRow, UsualNow};
use crate::model::time::DAY;
use crate::model::{Alert, AlertId, Timestamp};
use crate::report::declared::Declared;
use crate::report::{lineage, short, shown, ticket};
use crate::resolve::look_alike_note;
use crate::store::Store;
use anyhow::bail;
use serde::Serialize;
use std::fmt::Write as _;

/// Values of a dimension that are named.
const NAMED: usize = 8;

/// `show ALERT --json`.
#[derive(Serialize)]
struct AlertObject<'a> {
    #[serde(flatten)]
    alert: &'a Alert,
    superseded: Option<String>,
    history: &'a [AuditRow],
}

/// `show IDENTITY --json`.
#[derive(Serialize)]
struct IdentityObject<'a> {
    #[serde(flatten)]
    row: Option<&'a IdentityRow>,
    baseline: &'a ProfileView,
    now: Timestamp,
    last_24h: &'a NowView,
    sources: &'a [UsualNow],
    agents: &'a [UsualNow],
    actions: &'a [UsualNow],
    domains: &'a [UsualNow],
    alerts: Vec<AlertId>,
    not_observable: &'a [String],
    lineage: &'a [TieRow],
    declared: &'a Declared,
}

/// Runs `driftline show`.
pub fn run(args: &ShowArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let store = place::look(global)?;
    let reader = reader(&store)?;
    let now = clock::now(&reader)?;
    match find::anything(&reader, &args.what, now)? {
        Found::Alert(id) => {
            let Some((alert, _)) = reader.alert(id)? else { bail!("no alert {id}; `driftline alerts` lists them") };
            let history = reader.history(id)?;
            let superseded = reader.superseded_reason(id)?;
            if out.json {
                out.object(&AlertObject { alert: &alert, superseded, history: &history })?;
            } else {
                out.text(&ticket::write(&alert, &history))?;
                if let Some(reason) = superseded {
                    out.line(&format!("superseded: {}", shown(&reason)))?;
                }
            }
        }
        Found::Identity(id) => {
            let Some(page) = reader.identity_page(&id, now)? else { bail!("no identity \"{id}\"; `driftline identities` lists them") };
            let declared = declared(&store, &page, now)?;
            if out.json { out.object(&object(&page, &declared, now))? } else { out.text(&text(&page, &declared, now))? }
        }
    }
    Ok(Exit::Done)
}

/// What was declared of an identity, beside what it did in the 24 hours up to `now`.
pub fn declared(store: &Store, page: &IdentityPage, now: Timestamp) -> anyhow::Result<Declared> {
    let Some(row) = &page.row else { return Ok(Declared::default()) };
    let mut reader = reader(store)?;
    let (entry, changes) = reader.declared(&row.identity)?;
    let listed = entry.as_ref().is_some_and(|entry| !entry.approved.is_empty());
    let seen = if listed { observed(&mut reader, Some(&row.identity.id), now.plus(-DAY), now)? } else { Vec::new() };
    let seen = seen.into_iter().find(|(id, _)| id.platform == row.identity.platform).map(|(_, seen)| seen).unwrap_or_default();
    Ok(Declared::new(entry, changes, &seen, &reader))
}

/// The page of an identity as one line of JSON, for `review --json` too.
pub fn print_page(page: &IdentityPage, declared: &Declared, now: Timestamp, out: &Output) -> anyhow::Result<()> {
    out.object(&object(page, declared, now))
}

fn object<'a>(page: &'a IdentityPage, declared: &'a Declared, now: Timestamp) -> IdentityObject<'a> {
    IdentityObject {
        row: page.row.as_ref(),
        baseline: &page.usual,
        now,
        last_24h: &page.now,
        sources: &page.sources,
        agents: &page.agents,
        actions: &page.actions,
        domains: &page.domains,
        alerts: page.alerts.iter().map(|alert| alert.id).collect(),
        not_observable: &page.not_observable,
        lineage: &page.lineage,
        declared,
    }
}

// Writing to a String cannot fail; the results are dropped for that reason throughout.
fn text(page: &IdentityPage, declared: &Declared, now: Timestamp) -> String {
    let mut out = String::new();
    let Some(row) = &page.row else { return out };
    let id = &row.identity;
    let _ =
        writeln!(out, "{} · {} ({}) on {} · risk {} · {} open", shown(&id.name), id.kind, id.class, id.platform, row.risk, row.open_alerts);
    let _ = writeln!(out, "identity {}{}", shown(&id.id), id.tenant.as_deref().map(|t| format!(" in {}", shown(t))).unwrap_or_default());
    let _ = writeln!(out, "owner {}", id.owner.as_deref().map_or_else(|| "not known".to_owned(), shown));
    let _ = writeln!(out, "kind because {}", shown(&row.reason));
    if let Some(note) = look_alike_note(&id.name) {
        let _ = writeln!(out, "name {note}");
    }
    let _ = writeln!(
        out,
        "{} events on {} active days, {} credentials, first {}, last {}",
        row.events, row.active_days, row.credentials, row.first_seen, row.last_seen
    );
    out.push_str(&declared.text(now));
    let _ = writeln!(out, "\nUsual a day (5–95 %, {} active days) and the 24 hours up to {now}", page.usual.days);
    let (usual, at) = (&page.usual, &page.now);
    for (name, range, value) in [
        ("events", usual.events, at.events as f64),
        ("source networks", usual.sources, at.sources),
        ("kinds of data", usual.breadth, at.breadth),
        ("bulk jobs", usual.jobs, at.jobs),
        ("rows", usual.rows, at.rows),
        ("largest job, rows", usual.job_rows, at.job_rows),
        ("distance of the mix, bits", usual.mix, at.mix),
    ] {
        let _ = writeln!(out, "  {name:<26} {:<20} {}", band(range), short(value));
    }
    for (title, values) in [("Sources", &page.sources), ("Clients", &page.agents), ("Operations", &page.actions), ("Data", &page.domains)] {
        dimension(&mut out, title, values);
    }
    if !page.jobs.is_empty() {
        let _ = writeln!(out, "\nBulk jobs of the last 24 hours");
        for job in page.jobs.iter().take(NAMED) {
            let gone = if job.deleted { ", deleted" } else { "" };
            let _ = writeln!(out, "  {}  {}  {} rows{gone}", job.time, shown(&job.domain), short(job.rows as f64));
        }
    }
    if !page.lineage.is_empty() {
        let _ = writeln!(out, "\nLineage of its credentials");
        for row in page.lineage.iter().take(2 * NAMED) {
            let _ = writeln!(out, "  {}", lineage::line(row));
        }
        if page.lineage.len() > 2 * NAMED {
            let _ = writeln!(out, "  and {} more", page.lineage.len() - 2 * NAMED);
        }
    }
    if !page.not_observable.is_empty() {
        let _ = writeln!(out, "\nNot observable, so never called normal");
        for line in &page.not_observable {
            let _ = writeln!(out, "  {}", shown(line));
        }
    }
    let _ = writeln!(out, "\nAlerts and findings");
    if page.alerts.is_empty() {
        let _ = writeln!(out, "  none");
    }
    for alert in &page.alerts {
        let _ = writeln!(
            out,
            "  {}  {:<8} {:>3} {:<12} {}  {}",
            alert.id,
            alert.severity,
            alert.risk,
            alert.status,
            alert.raised,
            shown(&alert.headline)
        );
    }
    out
}

fn band(range: Range) -> String {
    if range.days == 0 { "not known yet".to_owned() } else { format!("{} – {}", short(range.p5), short(range.p95)) }
}

fn dimension(out: &mut String, title: &str, values: &[UsualNow]) {
    if values.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title} (usual, now)");
    for v in values.iter().take(NAMED) {
        let new = if v.new { "  NEW" } else { "" };
        let detail = if v.detail.is_empty() { String::new() } else { format!(" ({})", shown(&v.detail)) };
        let _ = writeln!(out, "  {:>4.0} % {:>4.0} %  {}{detail}{new}", v.usual * 100.0, v.now * 100.0, shown(&v.text));
    }
    if values.len() > NAMED {
        let _ = writeln!(out, "  and {} more", values.len() - NAMED);
    }
}
