//! Reading one file from where it was left to its end, in blocks. It knows gzip and standard input; it must not know
//! where positions are kept.

use super::block::Block;
use super::discover::{FileFeed, modified};
use super::error::FeedError;
use super::fingerprint::{HEAD, Prefix, hash, prefix_of_file, prefix_of_stream};
use super::framer::{Framer, Step};
use crate::model::Position;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes read at a time.
const READ: u64 = 256 << 10;
/// Decoded bytes of one file beyond which the rest is refused: a defence against archives made to explode.
const FILE_BYTES: u64 = 64 << 30;

/// A plain read that counts what it took from disk.
#[derive(Debug)]
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

enum Bytes {
    Plain(Counted<File>),
    Gzip(Box<MultiGzDecoder<BufReader<Counted<File>>>>),
    Stdin(Counted<io::Stdin>),
}

impl Read for Bytes {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(from) => from.read(buf),
            Self::Gzip(from) => from.read(buf),
            Self::Stdin(from) => from.read(buf),
        }
    }
}

/// How far a reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Reading,
    /// No more bytes will come.
    Ended,
    /// The last block was given.
    Finished,
}

/// Reads one feed, block by block.
pub struct Reader {
    feed: FileFeed,
    bytes: Bytes,
    framer: Framer,
    disk: Arc<AtomicU64>,
    size: u64,
    modified: i64,
    resumed: bool,
    /// The next block is the first of the whole file.
    first: bool,
    stage: Stage,
    /// Why no more bytes come, when the stream ended too early.
    broken: Option<String>,
}

impl Reader {
    /// Opens a feed where `position` left it, if the file still is the one that was left; else at its beginning.
    pub fn open(feed: &FileFeed, position: Option<&Position>) -> Result<Self, FeedError> {
        let disk = Arc::new(AtomicU64::new(0));
        if feed.is_stdin() {
            let bytes = Bytes::Stdin(Counted { inner: io::stdin(), count: Arc::clone(&disk) });
            return Ok(Self::of(feed, bytes, Framer::new(), disk, (0, 0), false));
        }
        let failed = |source| FeedError::Open { path: feed.path.clone(), source };
        let mut file = File::open(&feed.path).map_err(failed)?;
        let meta = file.metadata().map_err(failed)?;
        let stamp = (meta.len(), modified(&meta));
        let gzip = is_gzip(&mut file).map_err(failed)?;
        let mut found = None;
        if let Some(position) = position.filter(|p| p.offset > 0) {
            // A stream that breaks before the position is not the one that was left.
            let prefix =
                if gzip { prefix_of_stream(&mut decoder(&mut file), position.offset) } else { prefix_of_file(&mut file, position.offset) };
            found = prefix.unwrap_or_default().filter(|prefix| prefix.matches(position)).map(|prefix| (prefix, position));
        }
        let skip = found.as_ref().map_or(0, |(prefix, _)| prefix.length);
        file.seek(SeekFrom::Start(if gzip { 0 } else { skip })).map_err(failed)?;
        disk.store(if gzip { 0 } else { skip }, Ordering::Relaxed);
        let counted = Counted { inner: file, count: Arc::clone(&disk) };
        let bytes = if gzip {
            let mut stream = MultiGzDecoder::new(BufReader::with_capacity(64 << 10, counted));
            prefix_of_stream(&mut stream, skip).map_err(failed)?;
            Bytes::Gzip(Box::new(stream))
        } else {
            Bytes::Plain(counted)
        };
        let resumed = found.is_some();
        let framer = found.map_or_else(Framer::new, |(prefix, position)| Framer::resume(prefix, &position.header));
        Ok(Self::of(feed, bytes, framer, disk, stamp, resumed))
    }

    fn of(feed: &FileFeed, bytes: Bytes, framer: Framer, disk: Arc<AtomicU64>, (size, modified): (u64, i64), resumed: bool) -> Self {
        Self { feed: feed.clone(), bytes, framer, disk, size, modified, resumed, first: !resumed, stage: Stage::Reading, broken: None }
    }

    /// Whether reading goes on from a position instead of the beginning.
    pub fn resumed(&self) -> bool {
        self.resumed
    }

    /// The next block; the last one has `position.complete` and may hold no record. `None` after it.
    pub fn next_block(&mut self) -> Result<Option<Block>, FeedError> {
        while self.stage != Stage::Finished {
            if self.framer.scan() == Step::Full {
                if let Some(block) = self.framer.take(&self.feed.name) {
                    return Ok(Some(self.stamped(block, false)));
                }
            } else if self.stage == Stage::Ended {
                self.stage = Stage::Finished;
                self.framer.finish(self.broken.as_deref());
                let block = self.framer.cut(&self.feed.name);
                return Ok(Some(self.stamped(block, true)));
            } else {
                self.fill()?;
            }
        }
        Ok(None)
    }

    /// Reads on, or notes that and why nothing more will come.
    fn fill(&mut self) -> Result<(), FeedError> {
        match self.read() {
            Ok(true) if self.framer.taken_in() <= FILE_BYTES => return Ok(()),
            Ok(true) => self.broken = Some(format!("the file decodes to more than {} GiB: the rest is not read", FILE_BYTES >> 30)),
            Ok(false) => {}
            Err(error) if self.is_broken(&error) => self.broken = Some(format!("the gzip stream is cut or damaged ({error})")),
            Err(source) => return Err(FeedError::Read { path: self.feed.path.clone(), offset: self.framer.taken_in(), source }),
        }
        self.stage = Stage::Ended;
        self.framer.end();
        Ok(())
    }

    fn is_broken(&self, error: &io::Error) -> bool {
        matches!(self.bytes, Bytes::Gzip(_))
            && matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
    }

    /// Appends what comes next; `false` at the end.
    fn read(&mut self) -> io::Result<bool> {
        let into = self.framer.bytes();
        let read = match &mut self.bytes {
            // A file can fill memory that nobody has written yet; what counts along the way would have it cleared first.
            Bytes::Plain(counted) => {
                let read = (&mut counted.inner).take(READ).read_to_end(into);
                counted.count.fetch_add(*read.as_ref().unwrap_or(&0) as u64, Ordering::Relaxed);
                read?
            }
            other => other.take(READ).read_to_end(into)?,
        };
        Ok(read > 0)
    }

    fn stamped(&mut self, mut block: Block, complete: bool) -> Block {
        block.first = std::mem::take(&mut self.first);
        block.disk = self.disk.load(Ordering::Relaxed);
        if complete {
            block.position.complete = true;
            block.position.size = self.size;
            block.position.modified = self.modified;
        }
        block
    }
}

/// Whether a file is gzip, by its first two bytes; the file is left at its beginning.
pub(super) fn is_gzip(file: &mut File) -> io::Result<bool> {
    let mut magic = Vec::with_capacity(2);
    file.by_ref().take(2).read_to_end(&mut magic)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(magic == [0x1f, 0x8b])
}

fn decoder(file: &mut File) -> MultiGzDecoder<BufReader<&mut File>> {
    MultiGzDecoder::new(BufReader::with_capacity(64 << 10, file))
}

/// Whether a file is just as it was when it was read to its end: same size, same time, same first bytes.
pub fn unchanged(feed: &FileFeed, position: &Position) -> bool {
    if !position.complete || position.size != feed.size || position.modified != feed.modified || feed.is_stdin() {
        return false;
    }
    let Ok(mut file) = File::open(&feed.path) else { return false };
    let wanted = position.offset.min(HEAD as u64);
    let mut head = Vec::new();
    let read = match is_gzip(&mut file) {
        Ok(true) => decoder(&mut file).take(wanted).read_to_end(&mut head),
        Ok(false) => file.take(wanted).read_to_end(&mut head),
        Err(error) => Err(error),
    };
    read.is_ok() && (position.offset == 0 || hash(&head) == position.head)
}

/// The prefix of a plain file at a position, when it still matches.
pub(super) fn verified(file: &mut File, position: &Position) -> io::Result<Option<Prefix>> {
    Ok(prefix_of_file(file, position.offset)?.filter(|prefix| position.offset == 0 || prefix.matches(position)))
}
