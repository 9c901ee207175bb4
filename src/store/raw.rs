//! Raw records: opening compressed blocks and cutting one record out. The last few blocks stay open, because neighbours in
//! a list are neighbours in a block. It must not know what a record says.

use super::blob::unpack_rising;
use super::error::StoreError;
use super::event_columns::stored_id;
use super::reader::Reader;
use crate::model::Timestamp;
use crate::model::alert::EventRef;
use rusqlite::{Connection, OptionalExtension};

/// Blocks kept open.
const OPEN: usize = 8;
/// A block holds at most 256 records of at most 1 MiB each; more is damage.
const LARGEST: u64 = 256 << 20;

/// A block as it was last read.
#[derive(Debug)]
pub struct OpenBlock {
    id: i64,
    feed: String,
    ingested: Timestamp,
    starts: Vec<u64>,
    offsets: Vec<u64>,
    bytes: Vec<u8>,
    /// Filled when a record is asked for.
    text: Option<Vec<u8>>,
}

/// Where a record came from.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub feed: String,
    pub ingested: Timestamp,
    pub offset: u64,
}

impl OpenBlock {
    fn read(conn: &Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let mut statement = conn.prepare_cached(
            "SELECT feed.name, ingested, starts, offsets, bytes FROM raw_block JOIN feed ON feed.id = raw_block.feed WHERE raw_block.id = ?1",
        )?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (starts, offsets): (Vec<u8>, Vec<u8>) = (row.get(2)?, row.get(3)?);
        let (Some(starts), Some(offsets)) = (unpack_rising(&starts), unpack_rising(&offsets)) else {
            return Err(StoreError::damaged(format!("places of raw block {id}")));
        };
        Ok(Some(Self { id, feed: row.get(0)?, ingested: Timestamp(row.get(1)?), starts, offsets, bytes: row.get(4)?, text: None }))
    }

    fn record(&mut self, index: usize) -> Result<Option<String>, StoreError> {
        let damaged = |id: i64| StoreError::damaged(format!("raw block {id}"));
        if self.text.is_none() {
            let total = self.starts.last().copied().unwrap_or(0);
            if total > LARGEST {
                return Err(damaged(self.id));
            }
            self.text = Some(zstd::bulk::decompress(&self.bytes, total as usize).map_err(|_| damaged(self.id))?);
        }
        let (Some(text), Some(&from), Some(&to)) = (&self.text, self.starts.get(index), self.starts.get(index + 1)) else {
            return Ok(None);
        };
        let record = text.get(from as usize..to as usize).ok_or_else(|| damaged(self.id))?;
        Ok(Some(String::from_utf8_lossy(record).into_owned()))
    }
}

impl Reader {
    /// The stored (redacted) record behind an event; `None` where none was kept.
    pub fn raw(&self, event: EventRef) -> Result<Option<String>, StoreError> {
        let raw: Option<Option<i64>> = self
            .conn
            .prepare_cached("SELECT raw FROM ev WHERE day = ?1 AND principal = ?2 AND ts = ?3 AND eid = ?4")?
            .query_row((event.time.day().0, event.principal, event.time.0, stored_id(event.id)), |row| row.get(0))
            .optional()?;
        self.record(raw.flatten())
    }

    /// The record behind a reference.
    pub(super) fn record(&self, raw: Option<i64>) -> Result<Option<String>, StoreError> {
        let Some(raw) = raw else { return Ok(None) };
        self.in_block(raw >> 8, |block| block.record((raw & 0xff) as usize)).map(Option::flatten)
    }

    /// Where the record behind a reference came from.
    pub(super) fn record_source(&self, raw: Option<i64>) -> Result<Source, StoreError> {
        let Some(raw) = raw else { return Ok(Source::default()) };
        let found = self.in_block(raw >> 8, |block| {
            let offset = block.offsets.get((raw & 0xff) as usize).copied().unwrap_or(0);
            Ok(Source { feed: block.feed.clone(), ingested: block.ingested, offset })
        })?;
        Ok(found.unwrap_or_default())
    }

    fn in_block<T>(&self, id: i64, with: impl FnOnce(&mut OpenBlock) -> Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        let mut blocks = self.blocks.borrow_mut();
        let at = if let Some(at) = blocks.iter().position(|block| block.id == id) {
            at
        } else {
            let Some(block) = OpenBlock::read(&self.conn, id)? else { return Ok(None) };
            if blocks.len() >= OPEN {
                blocks.remove(0);
            }
            blocks.push(block);
            blocks.len() - 1
        };
        blocks.get_mut(at).map(with).transpose()
    }
}
