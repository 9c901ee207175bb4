//! Following files while they grow. The rule: nothing is lost, whatever is done to a file (appended to, truncated, rotated
//! away, deleted, replaced), and what is read twice is read from the beginning, where deduplication knows it again. A file
//! is known by what it holds; its number counts only while it is held open. It must not know any clock.

mod folder;

pub use folder::Tails;

use super::block::Block;
use super::discover::FileFeed;
use super::error::FeedError;
use super::framer::{Framer, Step};
use super::reader::{Reader, is_gzip, verified};
use crate::model::Position;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::time::SystemTime;

/// Bytes read at a time.
const READ: u64 = 256 << 10;

/// Looks that must find one stamp before it is trusted: the clocks of file systems stand still for milliseconds, and
/// what is written anew in one of them, as long as before, has the stamp it had.
const QUIET: u32 = 3;

/// What tells that there may be something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    /// Time of the last change of any kind, and the file's number: a clock set back by hand does not hide a change.
    changed: (i64, i64, u64),
}

/// Follows one file.
pub struct Tail {
    feed: FileFeed,
    position: Position,
    file: Option<File>,
    /// The file held open is no longer the one at the path: what is left in it is read to its end.
    rotated: bool,
    /// Stamp of the file when all of it had been read, and how many looks have found it since.
    seen: Option<(Stamp, u32)>,
    /// Stamp of a whole document when it was last looked at: it is read once it has stopped changing.
    steady: Option<Stamp>,
    /// The document being read.
    document: Option<Reader>,
    idle: u32,
}

impl Tail {
    /// Follows a file from a position, or from its beginning.
    pub fn new(feed: FileFeed, position: Option<Position>) -> Self {
        let position = position.unwrap_or_else(|| fresh(&feed));
        Self { feed, position, file: None, rotated: false, seen: None, steady: None, document: None, idle: 0 }
    }

    /// Where reading stands.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// The next block of complete records, `None` when there is nothing new. A last line without an end waits for it
    /// until the file is rotated away or deleted.
    pub fn poll(&mut self) -> Result<Option<Block>, FeedError> {
        let found = self.next()?;
        self.idle = if found.is_some() { 0 } else { self.idle.saturating_add(1) };
        if let Some(block) = &found {
            self.position.clone_from(&block.position);
        }
        Ok(found)
    }

    /// Closes the file if nothing has come for a while: thousands of files may be followed.
    fn rest(&mut self) {
        if self.idle > 16 && !self.rotated {
            self.file = None;
        }
    }

    fn next(&mut self) -> Result<Option<Block>, FeedError> {
        loop {
            if let Some(reader) = &mut self.document {
                if let Some(block) = reader.next_block()? {
                    return Ok(Some(block));
                }
                self.document = None;
                self.seen = self.steady.map(|stamp| (stamp, QUIET));
                return Ok(None);
            }
            let at_path = fs::metadata(&self.feed.path).ok().filter(Metadata::is_file);
            if self.file.is_none() {
                let Some(meta) = &at_path else { return Ok(None) };
                if self.is_quiet(stamp(meta)) {
                    return Ok(None);
                }
                match File::open(&self.feed.path) {
                    Ok(file) => self.file = Some(file),
                    Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                    Err(source) => return Err(FeedError::Open { path: self.feed.path.clone(), source }),
                }
            }
            let read = self.read(at_path.as_ref());
            match read.map_err(|source| FeedError::Read { path: self.feed.path.clone(), offset: self.position.offset, source })? {
                Found::Block(block) => return Ok(Some(*block)),
                Found::Nothing => return Ok(None),
                Found::Document => {
                    self.document = Some(Reader::open(&self.feed, Some(&self.position))?);
                }
                Found::Another => {}
            }
        }
    }

    fn read(&mut self, at_path: Option<&Metadata>) -> io::Result<Found> {
        let Some(meta) = self.file.as_ref().map(File::metadata).transpose()? else { return Ok(Found::Nothing) };
        let here = at_path.is_some_and(|there| same_file(&meta, there));
        if here && !self.rotated && self.is_quiet(stamp(&meta)) {
            return Ok(Found::Nothing);
        }
        let Some(file) = &mut self.file else { return Ok(Found::Nothing) };
        if is_gzip(file)? {
            return Ok(self.whole(&meta, here));
        }
        let prefix = verified(file, &self.position)?.unwrap_or_default();
        if prefix.length == 0 {
            // Truncated, or written anew, if anything had been read of it.
            self.position = fresh(&self.feed);
        }
        file.seek(SeekFrom::Start(prefix.length))?;
        let first = prefix.length == 0;
        let mut framer = Framer::resume(prefix, &self.position.header);
        let mut ended = false;
        while framer.scan() == Step::More {
            if file.by_ref().take(READ).read_to_end(framer.bytes())? == 0 {
                ended = true;
                break;
            }
        }
        if framer.is_document() && !self.rotated {
            return Ok(self.whole(&meta, here));
        }
        // Rotated away: only now that it was read again to its end is a last line without an end final.
        let last = ended && self.rotated;
        if last {
            framer.end();
            if framer.scan() == Step::More {
                framer.finish(None);
            }
            self.forget();
        }
        if let Some(mut block) = framer.take(&self.feed.name) {
            block.first = first;
            block.disk = block.position.offset;
            return Ok(Found::Block(Box::new(block)));
        }
        if last {
            return Ok(Found::Another);
        }
        if here {
            let (stamp, before) = (stamp(&meta), self.seen);
            let looks = before.filter(|(seen, _)| *seen == stamp).map_or(0, |(_, looks)| looks);
            self.seen = Some((stamp, looks + 1));
            return Ok(Found::Nothing);
        }
        self.rotated = true;
        Ok(Found::Another)
    }

    /// Whether nothing has changed since all was read, for as long as it takes to be sure.
    fn is_quiet(&self, now: Stamp) -> bool {
        self.seen.is_some_and(|(seen, looks)| seen == now && looks >= QUIET)
    }

    fn forget(&mut self) {
        self.file = None;
        self.rotated = false;
        self.seen = None;
        self.steady = None;
    }

    /// A document is read as a whole, when it has not changed between two looks at it.
    fn whole(&mut self, meta: &Metadata, here: bool) -> Found {
        let now = Some(stamp(meta));
        if !here {
            self.forget();
            return Found::Another;
        }
        // It is opened again by its path to be read.
        self.file = None;
        if self.steady == now {
            return Found::Document;
        }
        self.steady = now;
        Found::Nothing
    }
}

enum Found {
    Block(Box<Block>),
    Nothing,
    /// A whole document that has stopped changing.
    Document,
    /// The file at the path is another one: look again.
    Another,
}

fn fresh(feed: &FileFeed) -> Position {
    Position { feed: feed.name.clone(), ..Position::default() }
}

fn stamp(meta: &Metadata) -> Stamp {
    Stamp { size: meta.len(), modified: meta.modified().ok(), changed: changed(meta) }
}

#[cfg(unix)]
fn changed(meta: &Metadata) -> (i64, i64, u64) {
    use std::os::unix::fs::MetadataExt;
    (meta.ctime(), meta.ctime_nsec(), meta.ino())
}

#[cfg(not(unix))]
fn changed(_: &Metadata) -> (i64, i64, u64) {
    (0, 0, 0)
}

/// Whether two looks are at one file. Sound only while it is held open: a number in use is not given again.
#[cfg(unix)]
fn same_file(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same_file(a: &Metadata, b: &Metadata) -> bool {
    a.created().ok() == b.created().ok()
}

#[cfg(test)]
mod tests;
