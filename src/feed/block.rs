//! A piece of a feed: decoded bytes with the places of complete records in them. It knows how large a piece and a record
//! may be; it must not know how the pieces were cut.

use crate::model::Position;

/// Decoded bytes after which a block is handed on: larger ones load no faster and leave the heap in pieces.
pub const BLOCK_BYTES: usize = 1 << 20;
/// Records and rejects after which a block is handed on.
pub const BLOCK_RECORDS: usize = 8_192;
/// Bytes of the largest record that is read; a larger one is rejected.
pub const RECORD_BYTES: usize = 1 << 20;
/// Bytes of a bad record that are shown.
pub const SAMPLE_BYTES: usize = 4_096;
/// Bytes of a bad record that are handed on when it is too large to be kept: more than are shown, so that a secret across
/// the cut is still recognised.
pub const SEEN_BYTES: usize = 2 * SAMPLE_BYTES;

/// One complete record in [`Block::bytes`]: the text of one JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// First byte in the block.
    pub start: u32,
    /// Byte after the last in the block.
    pub end: u32,
    /// Decoded byte offset in the feed.
    pub offset: u64,
}

/// A stretch of a feed that is no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Decoded byte offset in the feed.
    pub offset: u64,
    /// One clear line.
    pub reason: String,
    /// Its bytes, not yet redacted: at most [`RECORD_BYTES`].
    pub sample: Vec<u8>,
    /// Whether these are all there are; else they are its first [`SEEN_BYTES`].
    pub whole: bool,
}

impl Refused {
    /// These bytes are no record.
    pub fn of(bytes: &[u8], offset: u64, reason: String) -> Self {
        let whole = bytes.len() <= RECORD_BYTES;
        let sample = if whole { bytes } else { bytes.get(..SEEN_BYTES).unwrap_or(bytes) };
        Self { offset, reason, sample: sample.to_vec(), whole }
    }
}

/// About [`BLOCK_BYTES`] decoded bytes of one feed, cut between two records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The feed's name.
    pub feed: String,
    /// What the frames point into.
    pub bytes: Vec<u8>,
    /// Complete records in order.
    pub frames: Vec<Frame>,
    /// What lies between them and is no record.
    pub rejects: Vec<Refused>,
    /// Where reading stands after this block.
    pub position: Position,
    /// The feed is read from its beginning and this is what comes first: counts of it start anew.
    pub first: bool,
    /// Bytes of the file as it lies on disk that have been read so far, for progress.
    pub disk: u64,
}

impl Block {
    /// The text of a record, or the reason why it is none (UTF-8, NUL).
    pub fn record(&self, frame: &Frame) -> Result<&str, String> {
        let bytes = self.bytes.get(frame.start as usize..frame.end as usize).unwrap_or_default();
        // The quick check only tells that something is wrong; the slow one tells where.
        let text = simdutf8::basic::from_utf8(bytes)
            .or_else(|_| std::str::from_utf8(bytes))
            .map_err(|error| format!("not UTF-8: byte {} of the record is 0x{:02x}", error.valid_up_to(), bytes[error.valid_up_to()]))?;
        match memchr::memchr(0, bytes) {
            Some(at) => Err(format!("NUL at byte {at} of the record")),
            None => Ok(text),
        }
    }

    /// The bytes of a record, for its reject.
    pub fn bytes_of(&self, frame: &Frame) -> &[u8] {
        self.bytes.get(frame.start as usize..frame.end as usize).unwrap_or_default()
    }
}
