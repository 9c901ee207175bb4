//! `doctor`: where things are, which versions, whether the store is sound and what its feeds last said. It looks and
//! changes nothing. It must not repair.

mod feeds;

use super::args::Global;
use super::intel::{self, Row};
use super::output::Output;
use super::place::Place;
use super::{Exit, clock};
use crate::detect::Settings;
use crate::engine::context as kept;
use crate::engine::folding::{is_judged, reader};
use crate::enrich::Enricher;
use crate::format;
use crate::model::Timestamp;
use crate::model::page::FeedHealth;
use crate::model::time::DAY;
use crate::report::shown;
use crate::store::{ContextSort, ContextVersion, SCHEMA, Store};
use serde::Serialize;

/// Data older than this are said to be old.
const OLD_DAYS: i64 = 90;

/// `doctor --json`.
#[derive(Serialize)]
struct Report {
    version: &'static str,
    sqlite: &'static str,
    schema: i64,
    model: String,
    context: String,
    formats: Vec<&'static str>,
    store: String,
    state: Option<State>,
    data: Vec<Data>,
    declared: Vec<Given>,
    problems: Vec<String>,
}

/// What stands in the store.
#[derive(Serialize)]
struct State {
    bytes: u64,
    events: u64,
    identities: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    rejects: u64,
    /// Judged identities with events their fold has not seen.
    unfolded: u64,
    audit_rows: u64,
    audit_head: String,
    feeds: Vec<FeedHealth>,
    #[serde(skip)]
    all_feeds: u64,
}

#[derive(Serialize)]
struct Data {
    #[serde(flatten)]
    row: Row,
    old: bool,
}

/// An inventory or announced changes in force.
#[derive(Serialize)]
struct Given {
    what: &'static str,
    hash: String,
    entries: u64,
    origin: String,
    imported: Timestamp,
    /// It acts on event time after this; `null` for from the beginning.
    watermark: Option<Timestamp>,
}

/// Runs `driftline doctor`.
pub fn run(global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let place = Place::of(global)?;
    let wall = clock::wall();
    let store = place.file().filter(|file| file.exists()).map(|_| place.look()).transpose()?;
    let enricher = store.as_ref().map_or_else(|| Ok(Enricher::builtin()), kept::enricher)?;
    let mut problems = Vec::new();
    let data: Vec<Data> = intel::rows(store.as_ref(), wall)?.into_iter().map(|row| aged(row, wall)).collect();
    for Data { row, old } in &data {
        let way_out = if row.imported.is_some() { "import newer ones" } else { "import newer ones with `driftline intel import`" };
        if row.expired {
            problems.push(format!("{} expired; {way_out}", row.name));
        } else if *old {
            let date = row.date.as_deref().unwrap_or_default();
            problems.push(format!("{} data are of {date}, more than {OLD_DAYS} days old; {way_out}", row.name));
        }
    }
    // Old data are no failure of the store.
    let aged = problems.len();
    let state = store.as_ref().map(|store| look(store, &mut problems)).transpose()?;
    let sound = problems.len() == aged;
    let declared = store.as_ref().map(given).transpose()?.unwrap_or_default();
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        sqlite: rusqlite::version(),
        schema: SCHEMA,
        model: Settings::default().hash(),
        context: enricher.version(),
        formats: format::all().iter().map(|format| format.name()).collect(),
        store: place.file().map_or_else(|| ":memory:".to_owned(), |file| file.display().to_string()),
        state,
        data,
        declared,
        problems,
    };
    if out.json {
        out.object(&report)?;
    } else {
        print(&report, out)?;
    }
    Ok(if sound { Exit::Done } else { Exit::Failed })
}

fn look(store: &Store, problems: &mut Vec<String>) -> anyhow::Result<State> {
    problems.extend(store.exposure());
    problems.extend(store.check()?.into_iter().map(|line| format!("the database is damaged: {line}")));
    let reader = reader(store)?;
    let audit = reader.verify_audit()?;
    if let Some((row, why)) = &audit.bad {
        problems.push(format!("the audit chain does not hold at row {row}: {why}"));
    }
    let now = clock::now(&reader)?;
    let totals = reader.totals(now)?;
    let mut unfolded = 0;
    for row in reader.principals()?.iter().filter(|row| row.stale.is_some()) {
        unfolded += u64::from(is_judged(reader.kind_of(row)?.1));
    }
    if unfolded > 0 {
        problems.push(format!("{unfolded} identities are not judged up to their newest events; `driftline load` any path goes on"));
    }
    Ok(State {
        bytes: std::fs::metadata(store.path()).map_or(0, |meta| meta.len()),
        events: totals.events,
        identities: totals.identities,
        first: totals.first,
        last: totals.last,
        rejects: totals.rejects,
        unfolded,
        audit_rows: audit.rows,
        audit_head: audit.head,
        feeds: reader.feed_health(now)?,
        all_feeds: totals.feeds,
    })
}

/// Addresses change hands; a client that was published stays published.
fn aged(row: Row, wall: Timestamp) -> Data {
    let date = row.date.as_deref().and_then(Timestamp::parse);
    let old = row.what == "addresses" && date.is_some_and(|date| wall.since(date) > OLD_DAYS * DAY);
    Data { row, old }
}

fn given(store: &Store) -> anyhow::Result<Vec<Given>> {
    let mut out = Vec::new();
    for version in store.reader()?.contexts()? {
        let what = match version.sort {
            ContextSort::Inventory => "inventory",
            ContextSort::Changes => "changes",
            ContextSort::Addresses | ContextSort::Indicators => continue,
        };
        let ContextVersion { hash, rows: entries, origin, imported, watermark, .. } = version;
        out.push(Given { what, hash, entries, origin, imported, watermark });
    }
    Ok(out)
}

fn print(report: &Report, out: &Output) -> anyhow::Result<()> {
    out.line(&format!("driftline {}, SQLite {}, schema {}", report.version, report.sqlite, report.schema))?;
    out.line(&format!("model {}, context {}, formats {}", report.model, report.context, report.formats.join(", ")))?;
    out.line(&format!("store {}", shown(&report.store)))?;
    match &report.state {
        None => out.line("  nothing there yet; start with `driftline demo`, `driftline load PATH` or `driftline watch PATH`")?,
        Some(state) => print_state(state, out)?,
    }
    out.line("data")?;
    for Data { row, old } in &report.data {
        let date = row.date.as_deref().unwrap_or("undated");
        let old = match (row.expired, old) {
            (true, _) => ", EXPIRED",
            (false, true) => ", OLD",
            (false, false) => "",
        };
        out.line(&format!("  {:<20} {date}{old}  {} {}  {}", shown(&row.name), row.entries, row.what, shown(&row.origin)))?;
    }
    if !report.declared.is_empty() {
        out.line("declared")?;
    }
    for given in &report.declared {
        let from = given.watermark.map_or_else(|| "from the beginning".to_owned(), |at| format!("for events after {at}"));
        out.line(&format!("  {:<10} {}  {} entries, {from}  {}", given.what, given.hash, given.entries, shown(&given.origin)))?;
    }
    match report.problems.as_slice() {
        [] => out.line("all is well"),
        problems => {
            out.line("problems")?;
            problems.iter().try_for_each(|problem| out.line(&format!("  {}", shown(problem))))
        }
    }
}

fn print_state(state: &State, out: &Output) -> anyhow::Result<()> {
    let span = match (state.first, state.last) {
        (Some(first), Some(last)) => format!(", {first} to {last}"),
        _ => String::new(),
    };
    out.line(&format!("  {}, {} events, {} identities{span}", indicatif::HumanBytes(state.bytes), state.events, state.identities))?;
    out.line(&format!("  {} rejects, {} identities not judged up to their newest events", state.rejects, state.unfolded))?;
    out.line(&format!("  audit chain {} rows, head {}", state.audit_rows, state.audit_head))?;
    feeds::print(&state.feeds, state.all_feeds, out)
}
