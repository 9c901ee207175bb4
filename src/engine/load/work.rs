//! The threads behind a load: the one that reads and the ones that make chunks. Large files are read by the one and
//! parsed by all; small ones are read by whoever parses them. It must not know the order in which they finish.

use super::Parser;
use super::gate::{Alarm, Gate};
use crate::engine::chunk::{ChunkBuilder, Knowledge, TRIED, recognise};
use crate::feed::{Block, FeedError, FileFeed, Reader, Refused, unchanged};
use crate::model::chunk::Chunk;
use crate::model::{Position, Timestamp};
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};

/// Files up to this size on disk are read by the workers themselves.
const SMALL: u64 = 256 << 10;

/// What a worker gets to do.
pub(super) enum Task<F> {
    /// Make a chunk of one block.
    Block(Box<Piece<F>>),
    /// Read a whole file.
    File { job: u64, file: usize },
}

/// A block on its way to a worker.
pub(super) struct Piece<F> {
    part: Part,
    block: Option<Block>,
    format: Option<F>,
}

/// A piece of the answer.
#[derive(Default)]
pub(super) struct Part {
    /// Place of the job.
    pub(super) job: u64,
    /// Place inside the job.
    pub(super) place: u32,
    /// Nothing more comes of this job.
    pub(super) last: bool,
    /// Which file.
    pub(super) file: usize,
    /// The file begins here; records that earlier loads have read from it.
    pub(super) base: Option<u64>,
    /// What was read.
    pub(super) chunk: Option<Chunk>,
    /// The format's name.
    pub(super) format: &'static str,
    /// Bytes on disk read so far.
    pub(super) disk: u64,
    /// The file ends here.
    pub(super) ending: Option<Ending>,
}

/// How a file ended.
pub(super) enum Ending {
    /// Read to its end.
    Read { bytes: u64 },
    /// Not one of ours: one reject stands for it.
    Foreign { note: String },
    /// It could not be read (to its end).
    Failed { note: String },
    /// Nothing new in it.
    Unchanged { records: u64, format: String },
}

/// What all threads share.
pub(super) struct Job<'a, 'k, K: Knowledge> {
    pub(super) files: &'a [FileFeed],
    pub(super) parser: &'a Parser<'k, K>,
    pub(super) positions: &'a HashMap<String, Position>,
    pub(super) ingested: Timestamp,
    pub(super) gate: &'a Gate,
    pub(super) stop: &'a AtomicBool,
}

/// Why a thread gave up; `None` when it broke down.
type Failed = Option<io::Error>;

impl<K: Knowledge> Job<'_, '_, K> {
    /// The reading thread: hands out every file in order.
    pub(super) fn read(&self, tasks: &SyncSender<Task<K::Format>>, parts: &SyncSender<Part>) {
        let _alarm = Alarm(self.gate);
        let mut job = 0;
        for (file, feed) in self.files.iter().enumerate() {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let position = self.positions.get(&feed.name);
            let known = position.filter(|position| unchanged(feed, position));
            let ending = match (&feed.problem, known) {
                (Some(problem), _) => Some(Ending::Failed { note: problem.clone() }),
                (None, Some(known)) => Some(Ending::Unchanged { records: known.records, format: known.format.clone() }),
                (None, None) => None,
            };
            let small = !feed.is_stdin() && feed.size <= SMALL;
            let sent = if ending.is_some() {
                let part = Part { job, last: true, file, base: Some(0), ending, ..Part::default() };
                self.gate.enter() && parts.send(part).is_ok()
            } else if small {
                self.gate.enter() && tasks.send(Task::File { job, file }).is_ok()
            } else {
                let mut blocks = Blocks::open(self, file);
                let mut sent = true;
                while sent && let Some(mut piece) = blocks.next(self) {
                    (piece.part.job, piece.part.last) = (job, true);
                    sent = self.gate.enter() && tasks.send(Task::Block(Box::new(piece))).is_ok();
                    job += 1;
                }
                job -= 1;
                sent
            };
            if !sent {
                break;
            }
            job += 1;
        }
    }

    /// A worker: makes chunks until nothing is left.
    pub(super) fn work(&self, tasks: &Mutex<Receiver<Task<K::Format>>>, parts: &SyncSender<Part>) -> Result<(), Failed> {
        let _alarm = Alarm(self.gate);
        let mut builder = ChunkBuilder::new(self.parser.knowledge).map_err(|error| Some(self.failed(error)))?;
        loop {
            let task = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let sent = match task {
                Err(_) => return Ok(()),
                Ok(Task::Block(piece)) => self.build(&mut builder, *piece, parts)?,
                Ok(Task::File { job, file }) => self.whole(&mut builder, job, file, parts)?,
            };
            if !sent {
                return Ok(());
            }
        }
    }

    fn whole(&self, builder: &mut ChunkBuilder<'_, K>, job: u64, file: usize, parts: &SyncSender<Part>) -> Result<bool, Failed> {
        let mut blocks = Blocks::open(self, file);
        let mut number = 0;
        while let Some(mut piece) = blocks.next(self) {
            let part = &mut piece.part;
            (part.job, part.place, part.last) = (job, number, part.ending.is_some());
            // One block ahead of its turn is free; the others would grow without bound while an earlier file takes long.
            if number > 0 && !self.gate.wait_turn(job) {
                return Ok(false);
            }
            number += 1;
            if !self.build(builder, piece, parts)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn build(&self, builder: &mut ChunkBuilder<'_, K>, piece: Piece<K::Format>, parts: &SyncSender<Part>) -> Result<bool, Failed> {
        let Piece { mut part, block, format } = piece;
        part.format = format.map_or("", |format| self.parser.knowledge.name(format));
        if let Some(block) = &block {
            part.chunk = Some(builder.build(block, format, self.ingested).map_err(|error| Some(self.failed(error)))?);
        }
        Ok(parts.send(part).is_ok())
    }

    fn failed(&self, error: io::Error) -> io::Error {
        self.gate.close();
        error
    }
}

/// The blocks of one file, with its format once that is known.
struct Blocks<'a, F> {
    feed: &'a FileFeed,
    file: usize,
    reader: Option<Reader>,
    problem: Option<FeedError>,
    format: Option<F>,
    base: Option<u64>,
    /// Its records have been looked at for a format.
    tried: bool,
}

impl<'a, F: Copy> Blocks<'a, F> {
    fn open<K: Knowledge<Format = F>>(job: &Job<'a, '_, K>, file: usize) -> Self {
        let feed = &job.files[file];
        let position = job.positions.get(&feed.name);
        let (reader, problem) = match Reader::open(feed, position) {
            Ok(reader) => (Some(reader), None),
            Err(problem) => (None, Some(problem)),
        };
        let resumed = reader.as_ref().is_some_and(Reader::resumed);
        let base = position.filter(|_| resumed).map_or(0, |position| position.records);
        Self { feed, file, reader, problem, format: job.parser.format, base: Some(base), tried: job.parser.format.is_some() || resumed }
    }

    /// The next part with its block, if it has one; `None` after the file's end.
    fn next<K: Knowledge<Format = F>>(&mut self, job: &Job<'_, '_, K>) -> Option<Piece<F>> {
        let mut part = Part { file: self.file, ..Part::default() };
        let problem = match (self.problem.take(), &mut self.reader) {
            (Some(problem), _) => Some(problem.to_string()),
            (None, Some(_)) if job.stop.load(Ordering::Relaxed) => Some("stopped before its end".to_owned()),
            (None, Some(reader)) => match reader.next_block() {
                Ok(Some(block)) => {
                    part.base = self.base.take();
                    return Some(self.looked_at(job, part, block));
                }
                Ok(None) => return None,
                Err(error) => Some(error.to_string()),
            },
            (None, None) => None,
        };
        let note = problem?;
        self.reader = None;
        part.base = self.base.take();
        part.ending = Some(Ending::Failed { note });
        Some(Piece { part, block: None, format: None })
    }

    fn looked_at<K: Knowledge<Format = F>>(&mut self, job: &Job<'_, '_, K>, mut part: Part, mut block: Block) -> Piece<F> {
        part.disk = block.disk;
        if block.position.complete {
            part.ending = Some(Ending::Read { bytes: block.disk.max(self.feed.size) });
        }
        if self.format.is_none() && !block.frames.is_empty() {
            self.format = recognise(job.parser.knowledge, &block);
            // Of what cannot be read again each record is kept.
            if self.format.is_none() && !self.tried && !self.feed.is_stdin() {
                let note = foreign(&mut block, self.feed);
                part.ending = Some(Ending::Foreign { note });
                self.reader = None;
            }
            self.tried = true;
        }
        Piece { part, block: Some(block), format: self.format }
    }
}

/// Makes of the first block of a file that is none of ours the one reject that stands for all of it.
fn foreign(block: &mut Block, feed: &FileFeed) -> String {
    let tried = block.frames.len().min(TRIED);
    let note = format!("not a log driftline knows: none of its first {tried} records is of a known format");
    let first = block.frames.first().map(|frame| block.bytes_of(frame)).unwrap_or_default();
    block.rejects = vec![Refused::of(first, 0, note.clone())];
    block.frames.clear();
    // No offset: should the file change it is looked at again from its beginning.
    block.position = Position { feed: feed.name.clone(), complete: true, size: feed.size, modified: feed.modified, ..Position::default() };
    note
}
