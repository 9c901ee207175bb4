//! Where reading stands and what could not be read: plain values that the feed makes and the store commits together
//! with the events they cover.

use serde::{Deserialize, Serialize};

/// How far a feed has been read. It is committed in the transaction of the events it covers: that is what makes a kill
/// harmless.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The feed's name: an absolute path, `archive!member`, or `-`.
    pub feed: String,
    /// Decoded bytes consumed: the next record starts here.
    pub offset: u64,
    /// SHA-256 of the first min(4096, offset) decoded bytes, hex.
    pub head: String,
    /// SHA-256 of the at most 256 decoded bytes before `offset`, hex.
    pub tail: String,
    /// Size of the file as it lies on disk when it was read to the end; 0 while unfinished.
    pub size: u64,
    /// Its modification time in milliseconds when it was read to the end; 0 while unfinished.
    pub modified: i64,
    /// Whether it was read to its end.
    pub complete: bool,
    /// Records read from it so far (stored, duplicate or rejected).
    pub records: u64,
    /// The format it was recognised as.
    pub format: String,
    /// A header that later records need (CSV column names), empty where there is none.
    pub header: String,
}

/// A record that could not be read. It is kept, with the reason, so that nothing is lost in silence and it can be tried
/// again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// Feed it came from.
    pub feed: String,
    /// Decoded byte offset at which it starts.
    pub offset: u64,
    /// One clear line: what is wrong and what was expected.
    pub reason: String,
    /// The first 4 KiB of the record, redacted.
    pub sample: Vec<u8>,
    /// The whole redacted record, compressed by zstd, where it is longer than the sample; else empty.
    pub body: Vec<u8>,
    /// Whether all of the record is kept, in the sample or in the body.
    pub whole: bool,
    /// Whether redaction cut something out: what is kept is not what was read.
    pub cut: bool,
    /// Hash of the redacted record: at one place of a feed that is written anew, two rejects may stand.
    pub hash: u64,
}
