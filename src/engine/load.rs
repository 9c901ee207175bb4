//! Loading files: one thread reads, workers make chunks, the caller's thread restores the order and commits. The rule:
//! the sequence of chunks is that of the files and their bytes, whatever the number of workers, and at most
//! [`IN_FLIGHT`] blocks are held. It must not know how a store commits.

mod gate;
mod work;

use crate::engine::chunk::Knowledge;
use crate::feed::FileFeed;
use crate::model::chunk::Chunk;
use crate::model::{Position, Timestamp};
use gate::Gate;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use thiserror::Error;
use work::{Ending, Job, Part};

/// Blocks between the reader and the commit: about as many rows as one commit takes, so that workers go on during it.
/// Nearly all of them are parsed already, and small.
pub const IN_FLIGHT: usize = 96;
/// Rows committed together.
pub const BATCH_ROWS: usize = 50_000;
/// Chunks committed together: thousands of files may hold a few records each.
const BATCH_CHUNKS: usize = 1_024;

/// What records are read with.
pub struct Parser<'k, K: Knowledge> {
    /// Formats, redaction, enrichment.
    pub knowledge: &'k K,
    /// The format to read everything as; `None` to recognise it.
    pub format: Option<K::Format>,
}

/// How to load.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Worker threads; 0 for as many as there are cores.
    pub workers: usize,
    /// The time of loading, by the injected clock.
    pub ingested: Timestamp,
}

/// How far loading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files read to their end.
    pub files_done: u64,
    /// Files there are.
    pub files: u64,
    /// Bytes on disk read.
    pub bytes_done: u64,
    /// Bytes on disk there are.
    pub bytes_total: u64,
    /// Records read.
    pub read: u64,
}

/// What the store did with a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// New events.
    pub stored: u64,
    /// Events that were there already.
    pub duplicate: u64,
    /// Records that could not be read.
    pub rejected: u64,
}

/// How reading a file ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileState {
    /// Read to its end.
    #[default]
    Read,
    /// Nothing new in it since the last load.
    Unchanged,
    /// There is no record in it.
    Empty,
    /// Not a log of a known format.
    Foreign,
    /// It could not be read, or not to its end.
    Failed,
}

/// What became of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileOutcome {
    /// The feed's name: its absolute path, or `-`.
    pub path: String,
    /// Format it was recognised as, empty where none was.
    pub format: String,
    /// Records read from it.
    pub read: u64,
    /// Of them, those that could not be read.
    pub rejected: u64,
    /// How it ended.
    pub state: FileState,
    /// What there is to say about it, in one line; empty where all is as expected.
    pub note: String,
}

/// What became of a load; `read = stored + duplicate + rejected`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadSummary {
    /// Files looked at.
    pub files: u64,
    /// Their bytes on disk.
    pub bytes: u64,
    /// Records read; those of files that have not changed count as read and duplicate.
    pub read: u64,
    /// New events.
    pub stored: u64,
    /// Events that were there already.
    pub duplicate: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// File by file, in order.
    pub per_file: Vec<FileOutcome>,
    /// It was stopped before the end; what was committed stays.
    pub stopped: bool,
}

/// Why a load ended early. What was committed stays, and loading again goes on from there.
#[derive(Debug, Error)]
pub enum LoadError<E: std::error::Error + 'static> {
    /// The store refused a batch.
    #[error(transparent)]
    Store(E),
    /// A worker could not start or compress.
    #[error("a worker failed: {0}; load again to go on")]
    Worker(#[from] io::Error),
    /// A worker broke down: a fault of ours.
    #[error("a worker broke down on a record; load again with another selection of files, and please report it")]
    Broken,
}

/// Loads files in their order. `sink` is called on this thread with batches of at most [`BATCH_ROWS`] rows; `positions`
/// are those of the store, by feed; `stop` ends the load at the next block.
#[expect(clippy::implicit_hasher, reason = "positions come from the store, which makes one kind of map")]
pub fn load<K: Knowledge, E: std::error::Error + 'static>(
    files: &[FileFeed],
    options: Options,
    parser: &Parser<'_, K>,
    positions: &HashMap<String, Position>,
    sink: &mut dyn FnMut(Vec<Chunk>) -> Result<Committed, E>,
    progress: &dyn Fn(Progress),
    stop: &AtomicBool,
) -> Result<LoadSummary, LoadError<E>> {
    let workers = match options.workers {
        0 => thread::available_parallelism().map_or(1, usize::from),
        some => some,
    };
    let gate = Gate::new(IN_FLIGHT);
    // Blocks that wait to be parsed are only memory: what is ahead should be parsed already, and parsed it is half as large.
    let (jobs, queue) = sync_channel(workers + 1);
    let (parts, done) = sync_channel(IN_FLIGHT);
    // Held by the workers alone: with the last of them it goes, and whoever waits to hand over a task is told.
    let queue = Arc::new(Mutex::new(queue));
    let job = Job { files, parser, positions, ingested: options.ingested, gate: &gate, stop };
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for _ in 0..workers {
            let (parts, queue, job) = (parts.clone(), Arc::clone(&queue), &job);
            threads.push(scope.spawn(move || job.work(&queue, &parts)));
        }
        drop(queue);
        let job = &job;
        threads.push(scope.spawn(move || {
            job.read(&jobs, &parts);
            Ok(())
        }));
        let mut order = Order::new(files, positions, sink, progress);
        let committed = order.run(&done, &gate);
        // Whoever still waits to hand over something may go.
        gate.close();
        drop(done);
        let mut worked = Ok(());
        for thread in threads {
            worked = worked.and(thread.join().unwrap_or(Err(None)));
        }
        committed.map_err(LoadError::Store)?;
        worked.map_err(|error| error.map_or(LoadError::Broken, LoadError::Worker))?;
        order.summary.stopped = stop.load(Ordering::Relaxed);
        Ok(order.summary)
    })
}

/// Restores the order of parts and commits them.
struct Order<'a, E> {
    files: &'a [FileFeed],
    positions: &'a HashMap<String, Position>,
    sink: &'a mut dyn FnMut(Vec<Chunk>) -> Result<Committed, E>,
    progress: &'a dyn Fn(Progress),
    /// Parts that came before their turn.
    early: BTreeMap<(u64, u32), Part>,
    next: (u64, u32),
    batch: Vec<Chunk>,
    rows: usize,
    /// Records of the file in hand, those of earlier loads included.
    records: u64,
    summary: LoadSummary,
    now: Progress,
    finished_bytes: u64,
}

impl<'a, E> Order<'a, E> {
    fn new(
        files: &'a [FileFeed],
        positions: &'a HashMap<String, Position>,
        sink: &'a mut dyn FnMut(Vec<Chunk>) -> Result<Committed, E>,
        progress: &'a dyn Fn(Progress),
    ) -> Self {
        let now = Progress { files: files.len() as u64, bytes_total: files.iter().map(|f| f.size).sum(), ..Progress::default() };
        Self {
            files,
            positions,
            sink,
            progress,
            early: BTreeMap::new(),
            next: (0, 0),
            batch: Vec::new(),
            rows: 0,
            records: 0,
            summary: LoadSummary::default(),
            now,
            finished_bytes: 0,
        }
    }

    fn run(&mut self, done: &Receiver<Part>, gate: &Gate) -> Result<(), E> {
        while let Ok(part) = done.recv() {
            self.early.insert((part.job, part.place), part);
            while let Some(part) = self.early.remove(&self.next) {
                self.next = if part.last { (self.next.0 + 1, 0) } else { (self.next.0, self.next.1 + 1) };
                if part.last {
                    gate.advance(self.next.0);
                }
                self.take(part)?;
            }
        }
        self.commit()
    }

    fn take(&mut self, part: Part) -> Result<(), E> {
        let Some(feed) = self.files.get(part.file) else { return Ok(()) };
        if let Some(base) = part.base {
            self.records = base;
            self.summary.per_file.push(FileOutcome { path: feed.name.clone(), ..FileOutcome::default() });
        }
        let Some(outcome) = self.summary.per_file.last_mut() else { return Ok(()) };
        self.now.bytes_done = self.finished_bytes + part.disk;
        if let Some(mut chunk) = part.chunk {
            outcome.read += chunk.read;
            outcome.rejected += chunk.rejects.len() as u64;
            self.records += chunk.read;
            self.now.read += chunk.read;
            if let Some(position) = &mut chunk.position {
                position.records = self.records;
                outcome.format.clone_from(&position.format);
            } else if !part.format.is_empty() {
                part.format.clone_into(&mut outcome.format);
            }
            if self.rows + chunk.rows.len() > BATCH_ROWS || self.batch.len() >= BATCH_CHUNKS {
                self.commit()?;
            }
            self.rows += chunk.rows.len();
            self.batch.push(chunk);
        }
        if let Some(ending) = part.ending {
            self.finish(ending, feed);
        }
        (self.progress)(self.now);
        Ok(())
    }

    fn finish(&mut self, ending: Ending, feed: &FileFeed) {
        let Some(outcome) = self.summary.per_file.last_mut() else { return };
        // A file that was followed has no end; read on from where it stood, it had nothing new.
        let ending = match (ending, self.positions.get(&feed.name)) {
            (Ending::Read { .. }, Some(known)) if outcome.read == 0 && self.records > 0 => {
                Ending::Unchanged { records: known.records, format: known.format.clone() }
            }
            (ending, _) => ending,
        };
        outcome.state = match &ending {
            Ending::Read { .. } if outcome.read == 0 => FileState::Empty,
            Ending::Read { .. } if outcome.format.is_empty() && outcome.read == outcome.rejected => FileState::Foreign,
            Ending::Read { .. } => FileState::Read,
            Ending::Foreign { .. } => FileState::Foreign,
            Ending::Failed { .. } => FileState::Failed,
            Ending::Unchanged { .. } => FileState::Unchanged,
        };
        match ending {
            Ending::Read { bytes } => {
                if outcome.note.is_empty() && outcome.read == 0 {
                    "no records in it".clone_into(&mut outcome.note);
                } else if outcome.format.is_empty() && outcome.read == outcome.rejected {
                    "not a log driftline knows: no complete record in it".clone_into(&mut outcome.note);
                }
                self.summary.bytes += bytes;
            }
            Ending::Foreign { note } | Ending::Failed { note } => {
                outcome.note = note;
                self.summary.bytes += feed.size;
            }
            Ending::Unchanged { records, format } => {
                outcome.read = records;
                outcome.format = format;
                "read before and unchanged".clone_into(&mut outcome.note);
                self.summary.read += records;
                self.summary.duplicate += records;
                self.summary.bytes += feed.size;
                self.now.read += records;
            }
        }
        self.summary.files += 1;
        self.now.files_done += 1;
        self.finished_bytes += feed.size;
        self.now.bytes_done = self.finished_bytes;
    }

    fn commit(&mut self) -> Result<(), E> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.rows = 0;
        let batch = std::mem::take(&mut self.batch);
        let read: u64 = batch.iter().map(|chunk| chunk.read).sum();
        let committed = (self.sink)(batch)?;
        self.summary.read += read;
        self.summary.stored += committed.stored;
        self.summary.duplicate += committed.duplicate;
        self.summary.rejected += committed.rejected;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
