//! Where stored records lie: raw blocks with the feed and offset of each record. It decides which of two copies of a
//! record came from the lesser place. It must not know what a record means.

use super::blob::{pack_rising, unpack_rising};
use super::error::StoreError;
use crate::model::Timestamp;
use crate::model::chunk::RawBlock;
use foldhash::{HashMap, HashMapExt};
use rusqlite::{Connection, OptionalExtension, params};

/// Blocks whose offsets are remembered while duplicates are compared.
const REMEMBERED: usize = 256;

/// A raw block on its way into the store.
pub struct NewBlock<'a> {
    /// The feed's number.
    pub feed: u32,
    /// The feed's name.
    pub name: &'a str,
    /// When it was read.
    pub ingested: Timestamp,
    /// The records.
    pub block: &'a RawBlock,
    /// Whether a stored row points to it.
    pub used: bool,
}

/// What is remembered of a block stored before.
struct Known {
    feed: u32,
    name: String,
    offsets: Vec<u64>,
}

/// The blocks of one transaction, numbered from `first`, and a look at the older ones.
pub struct Origins<'a> {
    first: i64,
    new: Vec<NewBlock<'a>>,
    old: HashMap<i64, Known>,
}

impl<'a> Origins<'a> {
    /// Numbers go on from the last block stored.
    pub fn begin(conn: &Connection) -> Result<Self, StoreError> {
        Ok(Self { first: super::integer(conn, "SELECT max(id) FROM raw_block")? + 1, new: Vec::new(), old: HashMap::new() })
    }

    /// Adds a block; its number.
    pub fn add(&mut self, block: NewBlock<'a>) -> i64 {
        self.new.push(block);
        self.first + self.new.len() as i64 - 1
    }

    /// Keeps the block a reference points into.
    pub fn keep(&mut self, raw: Option<i64>) {
        if let Some(block) = raw.and_then(|raw| usize::try_from((raw >> 8) - self.first).ok()).and_then(|at| self.new.get_mut(at)) {
            block.used = true;
        }
    }

    /// Whether the record behind `new` lies before the one behind `old`, by feed name, then offset; a record that is kept
    /// lies before one that is not.
    pub fn lesser(&mut self, conn: &Connection, new: Option<i64>, old: Option<i64>) -> Result<bool, StoreError> {
        // `new` is of this transaction; only `old` may lie in a block stored before.
        if let Some(old) = old.filter(|old| old >> 8 < self.first) {
            self.remember(conn, old >> 8)?;
        }
        Ok(match (new.and_then(|raw| self.place(raw)), old.and_then(|raw| self.place(raw))) {
            (Some(new), Some(old)) => new < old,
            (new, old) => new.is_some() && old.is_none(),
        })
    }

    /// The number of the feed whose record a reference points to; `None` where none is kept.
    pub fn feed(&mut self, conn: &Connection, raw: Option<i64>) -> Result<Option<u32>, StoreError> {
        let Some(block) = raw.map(|raw| raw >> 8) else { return Ok(None) };
        if let Ok(at) = usize::try_from(block - self.first) {
            return Ok(self.new.get(at).map(|new| new.feed));
        }
        self.remember(conn, block)?;
        Ok(self.old.get(&block).map(|old| old.feed))
    }

    fn place(&self, raw: i64) -> Option<(&str, u64)> {
        let (block, index) = (raw >> 8, (raw & 0xff) as usize);
        let (name, offsets) = match usize::try_from(block - self.first) {
            Ok(at) => self.new.get(at).map(|new| (new.name, &new.block.offsets))?,
            Err(_) => self.old.get(&block).map(|old| (old.name.as_str(), &old.offsets))?,
        };
        offsets.get(index).map(|offset| (name, *offset))
    }

    fn remember(&mut self, conn: &Connection, block: i64) -> Result<(), StoreError> {
        if self.old.contains_key(&block) {
            return Ok(());
        }
        if self.old.len() >= REMEMBERED {
            self.old.clear();
        }
        let found: Option<(u32, String, Vec<u8>)> = conn
            .prepare_cached(
                "SELECT feed.id, feed.name, offsets FROM raw_block JOIN feed ON feed.id = raw_block.feed WHERE raw_block.id = ?1",
            )?
            .query_row([block], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((feed, name, offsets)) = found else { return Ok(()) };
        let offsets = unpack_rising(&offsets).ok_or_else(|| StoreError::damaged(format!("offsets of raw block {block}")))?;
        self.old.insert(block, Known { feed, name, offsets });
        Ok(())
    }

    /// Writes the blocks a stored row points to, and only those.
    pub fn write(&self, conn: &Connection) -> Result<(), StoreError> {
        let mut statement =
            conn.prepare_cached("INSERT INTO raw_block (id, feed, ingested, starts, offsets, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        for (number, new) in (self.first..).zip(&self.new).filter(|(_, new)| new.used) {
            statement.execute(params![
                number,
                new.feed,
                new.ingested.0,
                pack_rising(new.block.starts.iter().map(|start| u64::from(*start))),
                pack_rising(new.block.offsets.iter().copied()),
                new.block.bytes
            ])?;
        }
        Ok(())
    }
}
