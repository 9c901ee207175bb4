//! `alerts` and `findings`: the list, newest raised first, filtered on the whole alert. It must not know how a filter is
//! parsed or an alert judged.

use super::args::{AlertArgs, Global};
use super::output::Output;
use super::select::Selection;
use super::table::{Column, Table, minute};
use super::{Exit, clock, place};
use crate::engine::folding::reader;
use crate::model::{Alert, Severity, Status};
use crate::query::Scope;
use crate::report::shown;
use crate::store::AlertFilter;

/// Which half of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Medium and above.
    Alerts,
    /// Below.
    Findings,
}

const COLUMNS: [Column; 7] = [
    Column::fit("ID", 8),
    Column::fit("SEVERITY", 8),
    Column::fit("RISK", 4).right(),
    Column::fit("RAISED", 16),
    Column::fit("STATUS", 12).spare(2),
    Column::flex("IDENTITY", 16, 2),
    Column::flex("OBSERVED", 14, 3).spare(3),
];

/// Runs `driftline alerts` or `driftline findings`.
pub fn run(args: &AlertArgs, which: Which, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    // Before the store is looked for: a wrong filter is wrong anywhere.
    Selection::of(&args.list, Scope::Alerts, clock::wall())?;
    let reader = reader(&place::look(global)?)?;
    let selection = Selection::of(&args.list, Scope::Alerts, clock::now(&reader)?)?;
    let least = if which == Which::Alerts { Severity::Medium } else { Severity::Info };
    let filter = AlertFilter { include_superseded: args.superseded, min_severity: least, limit: usize::MAX, ..AlertFilter::default() };
    let limit = args.list.limit.unwrap_or(usize::MAX);
    let mut table = Table::new(out, &COLUMNS);
    let (mut listed, mut found) = (0, false);
    let mut printed = Ok(());
    reader.visit_alerts(&filter, &mut |alert| {
        if printed.is_err() || listed >= limit || alert.severity.is_alert() != (which == Which::Alerts) || !selection.matches(&alert) {
            return;
        }
        listed += 1;
        let open = !matches!(alert.status, Status::Closed | Status::Superseded);
        found |= open && args.fail_on.is_some_and(|least| alert.severity >= least);
        printed = if out.json { out.object(&alert) } else { row(&mut table, &alert) };
    })?;
    printed?;
    table.finish()?;
    if listed == 0 && !out.json {
        let what = if which == Which::Alerts { "alerts" } else { "findings" };
        out.note(&if selection.is_everything() { format!("no {what}") } else { format!("no {what} match") });
    }
    Ok(if found { Exit::Found } else { Exit::Done })
}

fn row(table: &mut Table<'_>, alert: &Alert) -> anyhow::Result<()> {
    // The first of those with most points, as everywhere.
    let top = alert.signals.iter().rev().max_by_key(|signal| signal.points);
    table.row(vec![
        // Enough to name it: `show` and `triage` take any unambiguous beginning.
        alert.id.to_string().get(..8).unwrap_or_default().into(),
        alert.severity.into(),
        alert.risk.to_string().into(),
        alert.raised.into(),
        alert.status.as_str().into(),
        alert.identity.name.as_str().into(),
        top.map_or("", |signal| signal.observed.as_str()).into(),
    ])
}

/// One line that names an alert among others.
pub fn name(alert: &Alert) -> String {
    format!("{} ({} {}, {})", alert.id, alert.severity, shown(&alert.identity.name), minute(alert.raised))
}
