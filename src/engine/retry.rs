//! Reading again what was rejected, with the formats known now. The rule: a reject goes only in the transaction that
//! stores what it turned out to be, and `read = stored + duplicate + rejected`. It must not know which formats there are.
//!
//! What is read again is the record as the store keeps it, not the feed: requests and pipes cannot be read twice, files are
//! rotated, packed and removed, and at a kept offset another record may stand by now. A file given up as a whole is the
//! exception: one reject stands for it, so the file is read, if it still is as it was.
//!
//! A kept record has no secrets. Where one was cut out, the event's id would be that of another record than was read,
//! unless the provider gave it an id; without one it stays a reject, or its file, loaded again, would be stored twice.

use super::chunk::{ChunkBuilder, Knowledge};
use super::load::{self, LoadError};
use crate::feed::{Block, FileFeed, Frame, discover, unchanged};
use crate::model::chunk::Chunk;
use crate::model::{Position, Reject, Timestamp};
use crate::store::{Kept, Store, StoreError, Writer};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rejects tried at a time.
const AT_ONCE: usize = 1_024;

/// What became of rejects: `read = stored + duplicate + rejected`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Retried {
    /// Records read again.
    pub read: u64,
    /// New events.
    pub stored: u64,
    /// Events that were there already.
    pub duplicate: u64,
    /// Records that still cannot be read.
    pub rejected: u64,
    /// Of those, records of which too little is kept, or whose secrets were cut out and which have no id of their own.
    pub beyond: u64,
}

/// Tries the rejects that `wanted` selects; `stop` ends it after the commit in hand.
pub fn retry<K: Knowledge>(
    store: &Store,
    writer: &mut Writer,
    parser: &load::Parser<'_, K>,
    wanted: &dyn Fn(&Reject) -> bool,
    now: Timestamp,
    stop: &AtomicBool,
) -> Result<Retried, LoadError<StoreError>> {
    let reader = store.reader().map_err(LoadError::Store)?;
    let positions = reader.feeds().map_err(LoadError::Store)?.into_iter().map(|position| (position.feed.clone(), position));
    let mut files = Files { positions: positions.collect(), given_up: BTreeMap::new(), tried: HashMap::new() };
    let mut builder = ChunkBuilder::of_kept(parser.knowledge)?;
    let mut retried = Retried::default();
    let mut after = 0;
    // Rejects that stay rejects get new numbers, beyond this one.
    let end = reader.last_reject().map_err(LoadError::Store)?;
    while after < end && !stop.load(Ordering::Relaxed) {
        let kept = reader.kept_rejects(after, AT_ONCE).map_err(LoadError::Store)?;
        let Some(last) = kept.last() else { break };
        after = last.id;
        let mut batch = Batch::default();
        for kept in kept.iter().filter(|kept| kept.id <= end && wanted(&kept.reject)) {
            if !files.takes(kept) {
                batch.take(kept, parser, &mut retried);
            }
        }
        batch.commit(&mut builder, parser, writer, now, &mut retried)?;
    }
    files.load(parser, writer, now, stop, &mut retried)?;
    Ok(retried)
}

/// Files for which one reject stands.
struct Files {
    positions: HashMap<String, Position>,
    given_up: BTreeMap<String, (FileFeed, Vec<i64>)>,
    /// Feeds looked at, and whether they are such files.
    tried: HashMap<String, bool>,
}

impl Files {
    /// Whether a reject stands for a file that is still there to be read.
    fn takes(&mut self, kept: &Kept) -> bool {
        let feed = &kept.reject.feed;
        let is = *self.tried.entry(feed.clone()).or_insert_with(|| {
            let Some(position) = self.positions.get(feed).filter(|p| p.complete && p.offset == 0 && p.format.is_empty()) else {
                return false;
            };
            let found = discover(&[PathBuf::from(feed)]).ok().and_then(|mut files| files.pop());
            let Some(file) = found.filter(|file| file.name == *feed && unchanged(file, position)) else { return false };
            self.given_up.insert(feed.clone(), (file, Vec::new()));
            true
        });
        if is && let Some((_, ids)) = self.given_up.get_mut(feed) {
            ids.push(kept.id);
        }
        is
    }

    fn load<K: Knowledge>(
        mut self,
        parser: &load::Parser<'_, K>,
        writer: &mut Writer,
        now: Timestamp,
        stop: &AtomicBool,
        retried: &mut Retried,
    ) -> Result<(), LoadError<StoreError>> {
        if self.given_up.is_empty() {
            return Ok(());
        }
        let files: Vec<FileFeed> = self.given_up.values().map(|(file, _)| file.clone()).collect();
        for file in &files {
            self.positions.remove(&file.name);
        }
        let mut ids: HashMap<String, Vec<i64>> = self.given_up.into_iter().map(|(feed, (_, ids))| (feed, ids)).collect();
        let mut sink = |chunks: Vec<Chunk>| {
            let settled: Vec<i64> = chunks.iter().filter_map(|chunk| ids.remove(&chunk.feed)).flatten().collect();
            let committed = writer.commit_retried(&chunks, &settled)?;
            Ok(load::Committed { stored: committed.stored, duplicate: committed.duplicate, rejected: committed.rejected })
        };
        let options = load::Options { workers: 0, ingested: now };
        let summary = load::load(&files, options, parser, &self.positions, &mut sink, &|_| {}, stop)?;
        retried.read += summary.read;
        retried.stored += summary.stored;
        retried.duplicate += summary.duplicate;
        retried.rejected += summary.rejected;
        Ok(())
    }
}

/// Rejects of one commit, by feed.
#[derive(Default)]
struct Batch {
    blocks: BTreeMap<String, Block>,
    ids: Vec<i64>,
    /// Those from which something was cut: they stay marked if they stay rejects.
    cut: Vec<(String, u64, u64)>,
}

impl Batch {
    /// Takes a reject that some format may read now; the others stay as they are.
    fn take<K: Knowledge>(&mut self, kept: &Kept, parser: &load::Parser<'_, K>, retried: &mut Retried) {
        let text = std::str::from_utf8(&kept.record).ok().filter(|_| kept.reject.whole);
        let format = text.and_then(|text| parser.format.or_else(|| parser.knowledge.recognise(text)));
        let beyond =
            !kept.reject.whole || kept.reject.cut && format.is_some() && !text.zip(format).is_some_and(|(t, f)| has_ids(parser, f, t));
        if format.is_none() || beyond {
            retried.read += 1;
            retried.rejected += 1;
            retried.beyond += u64::from(beyond);
            return;
        }
        let reject = &kept.reject;
        let block = self.blocks.entry(reject.feed.clone()).or_insert_with(|| Block { feed: reject.feed.clone(), ..Block::default() });
        let start = block.bytes.len() as u32;
        block.bytes.extend_from_slice(&kept.record);
        block.frames.push(Frame { start, end: block.bytes.len() as u32, offset: reject.offset });
        self.ids.push(kept.id);
        if reject.cut {
            self.cut.push((reject.feed.clone(), reject.offset, reject.hash));
        }
    }

    fn commit<K: Knowledge>(
        self,
        builder: &mut ChunkBuilder<'_, K>,
        parser: &load::Parser<'_, K>,
        writer: &mut Writer,
        now: Timestamp,
        retried: &mut Retried,
    ) -> Result<(), LoadError<StoreError>> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let mut chunks = Vec::with_capacity(self.blocks.len());
        for block in self.blocks.values() {
            let mut chunk = builder.build(block, parser.format, now)?;
            // How far the feed was read is not touched.
            chunk.position = None;
            for reject in &mut chunk.rejects {
                reject.cut |=
                    self.cut.iter().any(|(feed, offset, hash)| (feed, *offset, *hash) == (&reject.feed, reject.offset, reject.hash));
            }
            chunks.push(chunk);
        }
        let committed = writer.commit_retried(&chunks, &self.ids).map_err(LoadError::Store)?;
        retried.read += committed.stored + committed.duplicate + committed.rejected;
        retried.stored += committed.stored;
        retried.duplicate += committed.duplicate;
        retried.rejected += committed.rejected;
        Ok(())
    }
}

/// Whether every event of a redacted record has an id of its provider that was not cut.
fn has_ids<K: Knowledge>(parser: &load::Parser<'_, K>, format: K::Format, text: &str) -> bool {
    let mut all = true;
    let read = parser.knowledge.read(format, text, &mut |event| {
        all &= event.provider_id.as_deref().is_some_and(|id| parser.knowledge.strip_tags(id) == id);
    });
    read.is_ok() && all
}

#[cfg(test)]
mod tests;
