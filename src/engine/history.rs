//! Loading history in one go: every file is stored first, then everything that changed is folded once. It must not know
//! who shows the progress.

use super::folding::{FoldReport, Folding};
use super::load::{self, LoadError, LoadSummary};
use super::parser::Parser;
use crate::detect::Settings;
use crate::feed::FileFeed;
use crate::model::Timestamp;
use crate::store::{Store, StoreError};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

/// Shards the fold uses when nobody says how many: one a core, at most eight.
pub fn shards() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from).min(8)
}

/// Loads `files` in their order and folds what they changed over `shards` shards; the result is the same for any number.
/// `stop` ends the load at the next block; what was committed stays and is folded.
pub fn load(
    store: &Store,
    parser: &load::Parser<'_, Parser>,
    files: &[FileFeed],
    ingested: Timestamp,
    shards: usize,
    progress: &dyn Fn(load::Progress),
    stop: &AtomicBool,
) -> Result<(LoadSummary, FoldReport), LoadError<StoreError>> {
    let mut writer = store.writer().map_err(LoadError::Store)?;
    let context = parser.knowledge.context();
    writer.set_context(&context);
    let positions: HashMap<_, _> =
        store.reader().and_then(|r| r.feeds()).map_err(LoadError::Store)?.into_iter().map(|p| (p.feed.clone(), p)).collect();
    let mut sink = |chunks| {
        let committed = writer.commit(chunks)?;
        Ok(load::Committed { stored: committed.stored, duplicate: committed.duplicate, rejected: committed.rejected })
    };
    let options = load::Options { workers: 0, ingested };
    let summary = load::load(files, options, parser, &positions, &mut sink, progress, stop)?;
    let mut folding = Folding::new(Settings::default(), &context, shards, false);
    let report = folding.catch_up(store, &mut writer, &|_, _| {}).map_err(LoadError::Store)?;
    writer.checkpoint().map_err(LoadError::Store)?;
    Ok((summary, report))
}
