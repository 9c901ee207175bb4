//! `intel`: takes in what others know of addresses, clients and credentials, and lists what was taken in. It must not know
//! how files are recognised.

use super::args::{Global, IntelArgs, IntelCommand, IntelImportArgs};
use super::context::origin;
use super::output::Output;
use super::place::{self, Place};
use super::table::{Column, Table};
use super::{Exit, Usage, clock};
use crate::context::intel::{self, Content, Imported, LARGEST, Meaning, hits};
use crate::engine::context as kept;
use crate::enrich::Enricher;
use crate::model::Timestamp;
use crate::query::{Field, Filter};
use crate::store::{ContextSort, Store};
use anyhow::{Context as _, bail};
use serde::Serialize;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

const COLUMNS: [Column; 6] = [
    Column::flex("NAME", 20, 3),
    Column::fit("WHAT", 10),
    Column::fit("DATE", 10),
    Column::fit("ENTRIES", 8).right(),
    Column::fit("EXPIRES", 10).spare(2),
    Column::flex("ORIGIN", 16, 2).spare(3),
];

/// One import, or one set that is shipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its name among the imports.
    pub name: String,
    /// `addresses` or `indicators`.
    pub what: &'static str,
    /// Day of the data; `null` where it is not known.
    pub date: Option<String>,
    /// Ranges or entries.
    pub entries: u64,
    /// Nothing of it holds from then on.
    pub expires: Option<Timestamp>,
    /// That is past.
    pub expired: bool,
    /// When it was imported; `null` for what is shipped.
    pub imported: Option<Timestamp>,
    /// The file, and whose it is.
    pub origin: String,
    /// Content hash; `null` for what is shipped.
    pub hash: Option<String>,
}

/// Runs `driftline intel`.
pub fn run(args: &IntelArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    match &args.command {
        IntelCommand::Import(args) => import(args, global, out),
        IntelCommand::List => list(global, out),
    }
}

fn import(args: &IntelImportArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let meaning = match args.meaning.as_deref().map(|text| (text, Meaning::parse(text))) {
        None => None,
        Some((_, Some(meaning))) => Some(meaning),
        Some((text, None)) => {
            return Usage::error(format!("--as takes tor, vpn, hosting, cloud:NAME, corp, isp, residential or indicators, not \"{text}\""));
        }
    };
    let expires = args.expires.as_deref().map(until).transpose()?;
    let (files, missing) = files(&args.paths);
    for problem in &missing {
        out.problem(problem);
    }
    if args.name.is_some() && files.len() > 1 {
        return Usage::error(format!("--name names one import, and these are {} files", files.len()));
    }
    let store = Place::of(global)?.make()?;
    let mut failed = !missing.is_empty();
    let mut addresses = false;
    for path in &files {
        match one(&store, path, meaning.as_ref(), args.name.as_deref(), expires) {
            Ok(Taken { imported, new }) => {
                addresses |= new && matches!(imported.content, Content::Addresses(_));
                told(path, &imported, new, out)?;
            }
            Err(error) => {
                failed = true;
                out.problem(&format!("{error:#}"));
            }
        }
    }
    if addresses && store.reader()?.newest()?.is_some() {
        out.note("addresses that are stored already keep what was known when they came; new ones are told by the new data");
    }
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

struct Taken {
    imported: Imported,
    /// It was not in force before.
    new: bool,
}

fn told(path: &Path, imported: &Imported, new: bool, out: &Output) -> anyhow::Result<()> {
    if out.json {
        return out.object(&serde_json::json!({
            "file": path.display().to_string(), "name": imported.slot, "date": imported.dated, "entries": imported.rows,
            "skipped": imported.skipped, "new": new,
        }));
    }
    let date = if imported.dated.is_empty() { String::new() } else { format!(" of {}", imported.dated) };
    let skipped = if imported.skipped > 0 { format!(", {} left out", imported.skipped) } else { String::new() };
    let known = if new { "" } else { "; in force already" };
    let name = crate::report::shown(&imported.slot);
    out.line(&format!("{}: {name}{date}, {} entries{skipped}{known}", crate::report::shown(&path.display().to_string()), imported.rows))
}

/// Takes in what an option names; what there is to say about it.
pub fn give(store: &Store, paths: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let (files, missing) = files(paths);
    if let Some(problem) = missing.first() {
        bail!("--intel: {problem}");
    }
    let mut notes = Vec::new();
    for path in files {
        let Taken { imported, new } = one(store, &path, None, None, None)?;
        if new {
            notes.push(format!("{}: {}, {} entries", path.display(), imported.slot, imported.rows));
        }
    }
    Ok(notes)
}

fn one(store: &Store, path: &Path, meaning: Option<&Meaning>, name: Option<&str>, expires: Option<Timestamp>) -> anyhow::Result<Taken> {
    let shown = path.display().to_string();
    let file = std::fs::File::open(path).with_context(|| format!("{shown} cannot be read"))?;
    let modified = file.metadata().ok().and_then(|meta| meta.modified().ok()).and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let mut bytes = Vec::new();
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes).with_context(|| format!("{shown} cannot be read"))?;
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut imported = intel::read(&file_name, &bytes, meaning).with_context(|| shown.clone())?;
    drop(bytes);
    if let Some(name) = name {
        name.clone_into(&mut imported.slot);
    }
    // A file that does not say of which day it is is as old as itself.
    let dated = modified.map(|age| Timestamp(age.as_millis() as i64).day().to_string()).unwrap_or_default();
    let version = kept::import(store, &imported, &origin(path), &dated, expires, clock::wall())?;
    Ok(Taken { imported, new: version.is_some() })
}

/// The files that paths name, those of a folder one by one in order, and what is not there.
fn files(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<String>) {
    let (mut files, mut missing) = (Vec::new(), Vec::new());
    for path in paths {
        if !path.is_dir() {
            if path.exists() {
                files.push(path.clone());
            } else {
                missing.push(format!("{}: not there; name another path", path.display()));
            }
            continue;
        }
        match std::fs::read_dir(path) {
            Ok(entries) => {
                let hidden = |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
                let mut inside: Vec<PathBuf> =
                    entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file() && !hidden(path)).collect();
                inside.sort();
                files.extend(inside);
            }
            Err(error) => missing.push(format!("{}: {error}", path.display())),
        }
    }
    (files, missing)
}

/// The end an option names: a time, or an age from now on.
fn until(text: &str) -> anyhow::Result<Timestamp> {
    if let Some(span) = crate::context::schedule::parse_span(text) {
        return Ok(clock::wall().plus(span));
    }
    let filter = (!text.contains('"')).then(|| Filter::parse(&format!("{}:\"{text}\"", Field::Until.name()), clock::wall()).ok()).flatten();
    match filter.and_then(|filter| filter.span().1) {
        Some(until) => Ok(until),
        None => Usage::error(format!("--expires takes a span like 90d or a time like 2026-11-19T10:00Z, not \"{text}\"")),
    }
}

/// What is known: shipped first, then imports.
pub fn rows(store: Option<&Store>, wall: Timestamp) -> anyhow::Result<Vec<Row>> {
    let shipped = |name: String, what, date: String, entries, origin| Row {
        name,
        what,
        date: Some(date).filter(|date| !date.is_empty()),
        entries,
        expires: None,
        expired: false,
        imported: None,
        origin,
        hash: None,
    };
    let mut out: Vec<Row> = Enricher::builtin()
        .datasets()
        .into_iter()
        .map(|set| shipped(format!("shipped {}", set.name), "addresses", set.date, set.rows, set.origin))
        .collect();
    let published = hits::published();
    let newest = published.iter().map(|entry| entry.date.clone()).max().unwrap_or_default();
    let count = published.len() as u64;
    out.push(shipped("shipped clients".to_owned(), "indicators", newest, count, "public reports of connector thefts".to_owned()));
    let Some(store) = store else { return Ok(out) };
    for version in store.reader()?.contexts()? {
        let what = match version.sort {
            ContextSort::Addresses => "addresses",
            ContextSort::Indicators => "indicators",
            ContextSort::Inventory | ContextSort::Changes => continue,
        };
        out.push(Row {
            name: version.slot,
            what,
            date: Some(version.dated).filter(|date| !date.is_empty()),
            entries: version.rows,
            expires: version.expires,
            expired: version.expires.is_some_and(|end| end <= wall),
            imported: Some(version.imported),
            origin: version.origin,
            hash: Some(version.hash),
        });
    }
    Ok(out)
}

fn list(global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let store = match Place::of(global)?.file() {
        Some(file) if file.exists() => Some(place::look(global)?),
        _ => None,
    };
    let mut table = Table::new(out, &COLUMNS);
    for row in rows(store.as_ref(), clock::wall())? {
        if out.json {
            out.object(&row)?;
            continue;
        }
        let expires = row.expires.map(|end| end.day().to_string()).unwrap_or_default();
        table.row(vec![
            row.name.as_str().into(),
            row.what.into(),
            row.date.as_deref().unwrap_or("undated").into(),
            row.entries.to_string().into(),
            (if row.expired { "EXPIRED" } else { expires.as_str() }).into(),
            row.origin.as_str().into(),
        ])?;
    }
    table.finish()?;
    Ok(Exit::Done)
}
