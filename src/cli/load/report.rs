//! What a load says: a line for each file there is something to say about, and the summary. It must not change anything.

use super::{Loaded, is_log};
use crate::cli::output::Output;
use crate::engine::load::{FileOutcome, FileState, LoadSummary};
use crate::format;
use crate::model::{Severity, Timestamp};
use serde::Serialize;

/// Files spoken of one by one; of more only the number is told.
const NAMED: usize = 20;

/// The object of `load --json`.
#[derive(Serialize)]
struct Summary {
    files: u64,
    bytes: u64,
    read: u64,
    stored: u64,
    duplicate: u64,
    rejected: u64,
    identities: u64,
    alerts: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    seconds: f64,
}

/// Says what is wrong with single files; whether it makes the load a failed one: a file could not be read, or nothing at
/// all was a log. `known_empty` tells of an unchanged file whether it held no log when it was read.
pub fn problems(summary: &LoadSummary, known_empty: impl Fn(&str) -> bool, out: &Output) -> bool {
    let remarks: Vec<String> = summary.per_file.iter().filter_map(|file| remark(file, &known_empty)).collect();
    for remark in remarks.iter().take(NAMED) {
        out.problem(remark);
    }
    if remarks.len() > NAMED {
        out.problem(&format!("and {} more files like these; `driftline rejects` lists what could not be read", remarks.len() - NAMED));
    }
    let failed = !summary.stopped && summary.per_file.iter().any(|file| file.state == FileState::Failed);
    let nothing = !summary.stopped && !summary.per_file.iter().any(|file| is_log(file.state, &file.format));
    if nothing && !failed {
        let names: Vec<&str> = format::all().iter().map(|format| format.name()).collect();
        out.problem(&format!("nothing there was a log driftline knows ({}); --format NAME reads it as one", names.join(", ")));
    }
    failed || nothing
}

fn remark(file: &FileOutcome, known_empty: &impl Fn(&str) -> bool) -> Option<String> {
    let text = match file.state {
        FileState::Foreign => format!("{}; leave it out, or name its format with --format", file.note),
        FileState::Failed | FileState::Empty => file.note.clone(),
        FileState::Unchanged if known_empty(&file.path) => "no log in it when it was read, and unchanged since".to_owned(),
        FileState::Read if file.rejected > 0 => {
            format!("{} of {} records rejected; `driftline rejects` tells why", file.rejected, file.read)
        }
        FileState::Unchanged | FileState::Read => return None,
    };
    Some(format!("{}: {text}", file.path))
}

/// Prints the summary.
pub fn print(loaded: &Loaded, out: &Output) -> anyhow::Result<()> {
    let (s, totals) = (&loaded.summary, &loaded.totals);
    let open = |severity: Severity| totals.open[severity as usize];
    let alerts = [Severity::Medium, Severity::High, Severity::Critical].iter().map(|severity| u64::from(open(*severity))).sum();
    if out.json {
        return out.object(&Summary {
            files: s.files,
            bytes: s.bytes,
            read: s.read,
            stored: s.stored,
            duplicate: s.duplicate,
            rejected: s.rejected,
            identities: totals.identities,
            alerts,
            first: totals.first,
            last: totals.last,
            seconds: (loaded.seconds * 1_000.0).round() / 1_000.0,
        });
    }
    let bytes = indicatif::HumanBytes(s.bytes);
    out.line(&format!("{}, {bytes}, in {:.1} s", counted(s.files, "file"), loaded.seconds))?;
    out.line(&format!("{}: {} new, {} known already, {} rejected", counted(s.read, "record"), s.stored, s.duplicate, s.rejected))?;
    let span = match (totals.first, totals.last) {
        (Some(first), Some(last)) => format!(", {first} to {last}"),
        _ => String::new(),
    };
    out.line(&format!("the store: {} in {}{span}", counted(totals.events, "event"), identities(totals.identities)))?;
    let mut kinds = Vec::new();
    for severity in [Severity::Critical, Severity::High, Severity::Medium] {
        if open(severity) > 0 {
            kinds.push(format!("{} {severity}", open(severity)));
        }
    }
    match alerts {
        0 => out.line("no open alerts"),
        _ => out.line(&format!("open: {} ({}); `driftline alerts` lists them", counted(alerts, "alert"), kinds.join(", "))),
    }
}

fn counted(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn identities(n: u64) -> String {
    if n == 1 { "1 identity".to_owned() } else { format!("{n} identities") }
}
