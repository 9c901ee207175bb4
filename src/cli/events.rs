//! `events`: stored events, newest first, found by the filter language and read no further than needed. It must not know
//! what a record says.

use super::args::{EventArgs, Global};
use super::output::Output;
use super::select::Selection;
use super::table::{Cell, Column, Table, second};
use super::{Exit, clock, place};
use crate::engine::folding::reader;
use crate::model::EventId;
use crate::model::alert::EventRef;
use crate::model::page::EventRow;
use crate::query::Scope;
use crate::store::{EventFilter, Reader, StoreError};
use serde::Serialize;
use std::collections::BTreeMap;

/// Events a table shows unless told otherwise; JSON lines have no such end.
const SHOWN: usize = 200;

const COLUMNS: [Column; 7] = [
    Column::fit("TIME", 19),
    Column::flex("IDENTITY", 14, 2),
    Column::flex("ACTION", 14, 2),
    Column::fit("OUTCOME", 7),
    Column::flex("FROM", 15, 1),
    Column::flex("NETWORK", 12, 1).spare(3),
    Column::flex("RESOURCE", 12, 2).spare(2),
];

/// A line of `events --json --raw`.
#[derive(Serialize)]
struct WithRaw<'a> {
    #[serde(flatten)]
    row: &'a EventRow,
    raw: Option<String>,
}

/// Runs `driftline events`.
pub fn run(args: &EventArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    Selection::of(&args.list, Scope::Events, clock::wall())?;
    let reader = reader(&place::look(global)?)?;
    let selection = Selection::of(&args.list, Scope::Events, clock::now(&reader)?)?;
    let limit = args.list.limit.unwrap_or(if out.json { usize::MAX } else { SHOWN });
    let raws = Raws::new(&reader, args.raw)?;
    let mut table = Table::new(out, &COLUMNS);
    let mut listed = 0;
    let more = visit(&reader, &selection, limit, &mut |row| {
        listed += 1;
        let raw = raws.of(row)?;
        if !out.json {
            table.row(cells(row))?;
            return raw.map_or(Ok(()), |raw| table.aside(&raw));
        }
        if args.raw { out.object(&WithRaw { row, raw }) } else { out.object(row) }
    })?;
    table.finish()?;
    if !out.json {
        if listed == 0 {
            out.note(if selection.is_everything() { "no events" } else { "no events match" });
        } else if more && args.list.limit.is_none() {
            out.note(&format!("the newest {SHOWN}; --limit N shows more, --json has no limit"));
        }
    }
    Ok(Exit::Done)
}

/// Visits matching events, newest first, until `limit`; whether there were more. The query is stopped where nobody wants
/// the rest: a filter may match the first of ten million events.
fn visit(
    reader: &Reader,
    selection: &Selection,
    limit: usize,
    each: &mut dyn FnMut(&EventRow) -> anyhow::Result<()>,
) -> anyhow::Result<bool> {
    let plain = selection.is_everything();
    let filter = EventFilter {
        since: selection.since,
        until: selection.until,
        limit: if plain { limit.saturating_add(1) } else { usize::MAX },
        ..EventFilter::default()
    };
    let handle = reader.interrupt_handle();
    let (mut listed, mut more, mut printed) = (0usize, false, Ok(()));
    let ended = reader.events(&filter, &mut |row| {
        if printed.is_err() || more || !selection.matches(&row) {
            return;
        }
        if listed >= limit {
            more = true;
            handle.interrupt();
            return;
        }
        listed += 1;
        printed = each(&row);
        if printed.is_err() {
            handle.interrupt();
        }
    });
    printed?;
    match ended {
        Err(StoreError::Interrupted) if more => Ok(true),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(more),
    }
}

fn cells(row: &EventRow) -> Vec<Cell> {
    vec![
        second(row.time).into(),
        row.identity.name.as_str().into(),
        row.action.as_str().into(),
        row.outcome.as_str().into(),
        row.ip.as_deref().unwrap_or("").into(),
        row.as_org.as_deref().unwrap_or(row.network.as_str()).into(),
        row.resource.as_deref().unwrap_or("").into(),
    ]
}

/// Finds raw records, when they are wanted.
struct Raws<'r> {
    reader: &'r Reader,
    wanted: bool,
    /// The store's numbers of each principal id; several where systems use the same id.
    numbers: BTreeMap<String, Vec<u32>>,
}

impl<'r> Raws<'r> {
    fn new(reader: &'r Reader, wanted: bool) -> Result<Self, StoreError> {
        let mut numbers: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        if wanted {
            for row in reader.principals()? {
                numbers.entry(row.pid).or_default().push(row.id);
            }
        }
        Ok(Self { reader, wanted, numbers })
    }

    fn of(&self, row: &EventRow) -> anyhow::Result<Option<String>> {
        let Some(id) = u64::from_str_radix(&row.uid, 16).ok().filter(|_| self.wanted) else { return Ok(None) };
        for principal in self.numbers.get(&row.principal).into_iter().flatten() {
            let event = EventRef { time: row.time, id: EventId(id), principal: *principal };
            if let Some(raw) = self.reader.raw(event)? {
                return Ok(Some(raw));
            }
        }
        Ok(None)
    }
}
