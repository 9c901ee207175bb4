//! `identities`: the list, riskiest first; with `--full` what is usual for each. It must not know how a kind is told.

use super::args::{Global, IdentityArgs};
use super::output::Output;
use super::select::Selection;
use super::table::{Column, Table};
use super::{Exit, clock, place};
use crate::engine::folding::reader;
use crate::model::page::{IdentityRow, ProfileView, UsualValue};
use crate::query::Scope;
use crate::report::{short, shown};
use crate::store::{IdentityFilter, Reader, StoreError};
use serde::Serialize;
use std::collections::BTreeMap;

const COLUMNS: [Column; 8] = [
    Column::fit("RISK", 4).right(),
    Column::fit("OPEN", 4).right(),
    Column::flex("NAME", 20, 3),
    Column::fit("KIND", 15),
    Column::fit("PLATFORM", 12).spare(3),
    Column::fit("EVENTS", 7).right(),
    Column::fit("DAYS", 4).right().spare(2),
    Column::fit("LAST SEEN", 16),
];

/// A row of `identities --json --full`.
#[derive(Serialize)]
struct Full<'a> {
    #[serde(flatten)]
    row: &'a IdentityRow,
    baseline: ProfileView,
}

/// Runs `driftline identities`.
pub fn run(args: &IdentityArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    Selection::of(&args.list, Scope::Identities, clock::wall())?;
    let reader = reader(&place::look(global)?)?;
    let now = clock::now(&reader)?;
    let selection = Selection::of(&args.list, Scope::Identities, now)?;
    let rows = reader.identities(now, &IdentityFilter { limit: usize::MAX, ..IdentityFilter::default() })?;
    let numbers = numbers(&reader)?;
    let mut table = Table::new(out, &COLUMNS);
    let mut listed = 0;
    for row in rows.iter().filter(|row| selection.matches(*row)).take(args.list.limit.unwrap_or(usize::MAX)) {
        listed += 1;
        let baseline = match numbers.get(&(row.identity.platform.clone(), row.identity.id.clone())) {
            Some(number) if args.full => reader.profile(*number)?,
            _ => ProfileView::default(),
        };
        match (out.json, args.full) {
            (true, true) => out.object(&Full { row, baseline })?,
            (true, false) => out.object(row)?,
            (false, true) => out.text(&card(row, &baseline))?,
            (false, false) => table.row(vec![
                row.risk.to_string().into(),
                row.open_alerts.to_string().into(),
                row.identity.name.as_str().into(),
                row.identity.kind.as_str().into(),
                row.identity.platform.as_str().into(),
                short(row.events as f64).into(),
                row.active_days.to_string().into(),
                row.last_seen.into(),
            ])?,
        }
    }
    table.finish()?;
    if listed == 0 && !out.json {
        out.note(if selection.is_everything() { "no identities" } else { "no identities match" });
    }
    Ok(Exit::Done)
}

/// The store's numbers of principals, by platform and id.
fn numbers(reader: &Reader) -> Result<BTreeMap<(String, String), u32>, StoreError> {
    Ok(reader.principals()?.into_iter().map(|row| ((row.platform, row.pid), row.id)).collect())
}

fn card(row: &IdentityRow, baseline: &ProfileView) -> String {
    let id = &row.identity;
    let mut out = format!(
        "{}  {} on {}  risk {}, {} open\n  {}\n  {} events on {} days, last {}\n",
        shown(&id.name),
        id.kind,
        shown(&id.platform),
        row.risk,
        row.open_alerts,
        shown(&id.id),
        row.events,
        row.active_days,
        row.last_seen
    );
    for (what, values) in [
        ("sources", &baseline.usual_sources),
        ("clients", &baseline.usual_agents),
        ("operations", &baseline.usual_actions),
        ("data", &baseline.usual_domains),
    ] {
        if !values.is_empty() {
            let named: Vec<String> = values.iter().take(5).map(value).collect();
            out.extend(["  usual ", what, ": ", &named.join(", "), "\n"]);
        }
    }
    if baseline.days == 0 {
        out.push_str("  no baseline yet\n");
    }
    out
}

fn value(value: &UsualValue) -> String {
    format!("{} {:.0} %", shown(&value.text), value.share * 100.0)
}
