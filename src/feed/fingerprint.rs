//! Knowing a file again by what it holds, not by its name or number: hashes of its first bytes and of the bytes before a
//! position. It must not know what the bytes mean.

use crate::model::Position;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes of a feed's beginning that name it.
pub(super) const HEAD: usize = 4_096;
/// Bytes before a position that must be the same again.
pub(super) const TAIL: usize = 256;

/// SHA-256 in hexadecimal digits.
pub(super) fn hash(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// What is known of a feed up to an offset: its first and its last bytes there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prefix {
    /// The first [`HEAD`] bytes, or all there are.
    pub(super) head: Vec<u8>,
    /// The last [`TAIL`] bytes, or all there are.
    pub(super) tail: Vec<u8>,
    /// Length of the whole prefix.
    pub(super) length: u64,
}

impl Prefix {
    /// Grows by what was read next.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        let missing = HEAD - self.head.len();
        if self.length < HEAD as u64 {
            self.head.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        }
        self.length += bytes.len() as u64;
        if bytes.len() >= TAIL {
            self.tail.clear();
            self.tail.extend_from_slice(&bytes[bytes.len() - TAIL..]);
        } else {
            self.tail.extend_from_slice(bytes);
            let extra = self.tail.len().saturating_sub(TAIL);
            self.tail.drain(..extra);
        }
    }

    /// Whether this is the prefix that `position` was taken at.
    pub(super) fn matches(&self, position: &Position) -> bool {
        self.length == position.offset && hash(&self.head) == position.head && hash(&self.tail) == position.tail
    }
}

/// The prefix of a plain file up to `offset`, read from its two ends; `None` when the file is shorter.
pub(super) fn prefix_of_file(file: &mut (impl Read + Seek), offset: u64) -> io::Result<Option<Prefix>> {
    let mut prefix = Prefix { length: offset, ..Prefix::default() };
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(offset.min(HEAD as u64)).read_to_end(&mut prefix.head)?;
    let last = offset.min(TAIL as u64);
    file.seek(SeekFrom::Start(offset - last))?;
    file.by_ref().take(last).read_to_end(&mut prefix.tail)?;
    let whole = prefix.head.len() as u64 == offset.min(HEAD as u64) && prefix.tail.len() as u64 == last;
    Ok(whole.then_some(prefix))
}

/// The prefix of a stream up to `offset`, read through; `None` when the stream is shorter.
pub(super) fn prefix_of_stream(stream: &mut impl Read, offset: u64) -> io::Result<Option<Prefix>> {
    let mut prefix = Prefix::default();
    let mut buffer = vec![0; 64 << 10];
    while prefix.length < offset {
        let want = usize::try_from(offset - prefix.length).unwrap_or(usize::MAX).min(buffer.len());
        match stream.read(&mut buffer[..want])? {
            0 => return Ok(None),
            n => prefix.extend(&buffer[..n]),
        }
    }
    Ok(Some(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn both_ways_of_reading_a_prefix_agree_at_every_offset() {
        let bytes: Vec<u8> = (0..9_000u32).map(|i| (i % 251) as u8).collect();
        for offset in [0, 1, 255, 256, 257, 4_095, 4_096, 4_097, 8_999, 9_000] {
            let file = prefix_of_file(&mut Cursor::new(&bytes), offset).unwrap().unwrap();
            let stream = prefix_of_stream(&mut Cursor::new(&bytes), offset).unwrap().unwrap();
            let mut grown = Prefix::default();
            bytes[..offset as usize].chunks(97).for_each(|piece| grown.extend(piece));
            assert_eq!(file, stream, "{offset}");
            assert_eq!(file, grown, "{offset}");
        }
        assert_eq!(prefix_of_file(&mut Cursor::new(&bytes), 9_001).unwrap(), None);
        assert_eq!(prefix_of_stream(&mut Cursor::new(&bytes), 9_001).unwrap(), None);
    }
}
