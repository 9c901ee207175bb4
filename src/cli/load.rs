//! `load`: finds the files, loads them, folds once over everything that came, says what became of it. Whatever a file
//! holds, the others are loaded. It must not know how records are read or judged.

mod fold;
mod report;

use super::args::{Global, LoadArgs};
use super::clock;
use super::interrupt;
use super::mappings;
use super::output::Output;
use super::place::Place;
use super::{Exit, Usage};
use crate::engine::folding::reader;
use crate::engine::load::{self, Committed, FileState, LoadSummary, Options};
use crate::engine::parser::Parser;
use crate::feed::{FileFeed, discover, unchanged};
use crate::format::{self, Format};
use crate::model::Position;
use crate::model::page::Totals;
use crate::query::nearest;
use crate::store::{Store, Writer};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::{BTreeMap, HashMap};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// How to load, beside what.
#[derive(Clone, Copy)]
pub struct How<'a> {
    /// Read everything as this format; `None` to recognise it.
    pub format: Option<&'static dyn Format>,
    /// Shards of the fold; 0 for as many as there are cores.
    pub shards: usize,
    /// Ends the load at the next block.
    pub stop: &'a AtomicBool,
}

/// What became of a load.
#[derive(Debug)]
pub struct Loaded {
    /// What was read.
    pub summary: LoadSummary,
    /// The store afterwards.
    pub totals: Totals,
    /// Seconds it took, folding included.
    pub seconds: f64,
    /// Something could not be read; it has been said.
    pub failed: bool,
}

/// Runs `driftline load`.
pub fn run(args: &LoadArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let format = format_named(&global.format)?;
    let (files, missing) = find(&args.paths, out);
    if files.is_empty() {
        if !missing {
            out.problem("no files there to load; hidden files and those that are obviously no logs are left out unless they are named");
        }
        return Ok(Exit::Failed);
    }
    let stop = interrupt::asked()?;
    let store = Place::of(global)?.make()?;
    if let Some(warning) = store.exposure() {
        out.note(&warning);
    }
    let how = How { format, shards: args.shards.unwrap_or(0), stop: &stop };
    let loaded = into(&store, &files, how, out)?;
    report::print(&loaded, out)?;
    if loaded.summary.stopped {
        out.note("interrupted; what was committed stays, load again to go on");
        return Ok(Exit::Interrupted);
    }
    if loaded.failed || missing {
        return Ok(Exit::Failed);
    }
    if let Some(least) = args.fail_on
        && loaded.totals.open.iter().skip(least as usize).any(|open| *open > 0)
    {
        return Ok(Exit::Found);
    }
    Ok(if args.strict && loaded.summary.rejected > 0 { Exit::Rejected } else { Exit::Done })
}

/// The format `--format` names; `None` for `auto`.
pub fn format_named(word: &str) -> anyhow::Result<Option<&'static dyn Format>> {
    if word == "auto" {
        return Ok(None);
    }
    let word = mappings::name_in(word).unwrap_or(word);
    if let Some(format) = format::by_name(word) {
        return Ok(Some(format));
    }
    let names = format::all().iter().map(|format| format.name()).chain(["auto"]);
    Usage::error(format!("--format: no format \"{word}\"; nearest is \"{}\"", nearest(word, names).unwrap_or_default()))
}

/// The files that `paths` name, and whether some path was not there (which has been said).
pub fn find(paths: &[PathBuf], out: &Output) -> (Vec<FileFeed>, bool) {
    let mut missing = false;
    let mut found = BTreeMap::new();
    // One by one: a path that is not there must not hide the others. Standard input comes last, as `-` is no path.
    for path in paths {
        match discover(std::slice::from_ref(path)) {
            Ok(files) => found.extend(files.into_iter().map(|file| ((file.is_stdin(), file.path.clone().into_os_string()), file))),
            Err(error) => {
                missing = true;
                out.problem(&error.to_string());
            }
        }
    }
    (found.into_values().collect(), missing)
}

/// Loads files into a store and folds. Problems of single files are said as they are known; an error is one that ended it.
pub fn into(store: &Store, files: &[FileFeed], how: How<'_>, out: &Output) -> anyhow::Result<Loaded> {
    let began = Instant::now();
    let positions: HashMap<String, Position> = reader(store)?.feeds()?.into_iter().map(|p| (p.feed.clone(), p)).collect();
    let parser = Parser::new(store.redaction_key(), how.format);
    let context = parser.context();
    let mut writer = store.writer()?;
    writer.set_context(&context);
    writer.set_sync(false)?;
    let bar = bar(files, out);
    let summary = read(files, &positions, &parser, &mut writer, how, &bar)?;
    tracing::info!(read = summary.read, stored = summary.stored, seconds = began.elapsed().as_secs_f64(), "read");
    if !summary.stopped {
        fold::run(store, &mut writer, &context, how, &bar, out)?;
    }
    writer.checkpoint()?;
    writer.set_sync(true)?;
    bar.finish_and_clear();
    let failed = report::problems(&summary, |name| known_empty(name, files, &positions), out);
    let reader = reader(store)?;
    let totals = reader.totals(clock::now(&reader)?)?;
    Ok(Loaded { summary, totals, seconds: began.elapsed().as_secs_f64(), failed })
}

fn read(
    files: &[FileFeed],
    positions: &HashMap<String, Position>,
    parser: &Parser,
    writer: &mut Writer,
    how: How<'_>,
    bar: &ProgressBar,
) -> anyhow::Result<LoadSummary> {
    let mut sink = |chunks| {
        let committed = writer.commit(chunks)?;
        Ok::<_, crate::store::StoreError>(Committed {
            stored: committed.stored,
            duplicate: committed.duplicate,
            rejected: committed.rejected,
        })
    };
    let progress = |now: load::Progress| {
        bar.set_position(now.bytes_done);
        bar.set_message(format!("{} records", now.read));
    };
    let options = Options { workers: 0, ingested: clock::wall() };
    let how_to_read = load::Parser { knowledge: parser, format: how.format };
    Ok(load::load(files, options, &how_to_read, positions, &mut sink, &progress, how.stop)?)
}

/// Whether a file that was skipped as unchanged held no log when it was read.
fn known_empty(name: &str, files: &[FileFeed], positions: &HashMap<String, Position>) -> bool {
    let known = positions.get(name).filter(|position| position.format.is_empty());
    known.is_some_and(|position| files.iter().any(|file| file.name == name && unchanged(file, position)))
}

/// A bar on a terminal, nothing anywhere else.
fn bar(files: &[FileFeed], out: &Output) -> ProgressBar {
    if out.quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(files.iter().map(|file| file.size).sum()), ProgressDrawTarget::stderr_with_hz(10));
    // The template is ours; a mistake in it would only cost the looks.
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {bytes} of {total_bytes}  {msg}") {
        bar.set_style(style);
    }
    bar
}

/// Whether the user asked for an end.
fn stopped(stop: &AtomicBool) -> bool {
    stop.load(Ordering::Relaxed)
}

/// Whether a file gave anything that is a log.
fn is_log(state: FileState, format: &str) -> bool {
    matches!(state, FileState::Read | FileState::Unchanged | FileState::Failed) && !format.is_empty()
}
