//! Versions of what people know: inventory, announced changes, intelligence, each with its content hash, when it came and
//! from where. The newest of a slot is in force. The rule: what says the same is the same version, however often it is
//! given. It must not know what the bodies mean.

use super::error::StoreError;
use super::reader::Reader;
use super::settings;
use super::writer::Writer;
use crate::model::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use std::collections::BTreeSet;

/// What a version is about. The code is stored: values are only ever added at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ContextSort {
    /// Owners, purpose, lifecycle.
    Inventory,
    /// Announced changes.
    Changes,
    /// What is known of addresses: bulky, kept only while in force.
    Addresses,
    /// Indicators and leaked credentials.
    Indicators,
}

impl ContextSort {
    fn from_code(code: u8) -> Option<Self> {
        [Self::Inventory, Self::Changes, Self::Addresses, Self::Indicators].into_iter().find(|sort| *sort as u8 == code)
    }
}

/// A version that is given.
#[derive(Clone, Copy, Debug)]
pub struct NewContext<'a> {
    /// What it is about.
    pub sort: ContextSort,
    /// Takes the place of the one with the same name.
    pub slot: &'a str,
    /// Content hash.
    pub hash: &'a str,
    /// The file it came from, and whose it is.
    pub origin: &'a str,
    /// Day of the data, empty where they have none.
    pub dated: &'a str,
    /// Nothing of it holds from then on.
    pub expires: Option<Timestamp>,
    /// Entries.
    pub rows: u64,
    /// What it says.
    pub body: &'a [u8],
}

/// A version that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextVersion {
    /// The store's number; later versions have greater ones.
    pub id: i64,
    /// What it is about.
    pub sort: ContextSort,
    /// Its name among those of its sort.
    pub slot: String,
    /// Content hash.
    pub hash: String,
    /// The file it came from, and whose it is.
    pub origin: String,
    /// Day of the data, empty where they have none.
    pub dated: String,
    /// When it came, by the wall clock.
    pub imported: Timestamp,
    /// It acts on event time after this; from the beginning where there is none, because it came before the first event.
    pub watermark: Option<Timestamp>,
    /// Nothing of it holds from then on.
    pub expires: Option<Timestamp>,
    /// Entries.
    pub rows: u64,
}

const COLUMNS: &str = "id, sort, slot, hash, origin, dated, imported, watermark, expires, rows";

fn read(row: &Row<'_>) -> Result<ContextVersion, StoreError> {
    let (id, code): (i64, u8) = (row.get(0)?, row.get(1)?);
    Ok(ContextVersion {
        id,
        sort: ContextSort::from_code(code).ok_or_else(|| StoreError::damaged(format!("context {id} is of sort {code}")))?,
        slot: row.get(2)?,
        hash: row.get(3)?,
        origin: row.get(4)?,
        dated: row.get(5)?,
        imported: Timestamp(row.get(6)?),
        watermark: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        expires: row.get::<_, Option<i64>>(8)?.map(Timestamp),
        rows: row.get::<_, i64>(9)? as u64,
    })
}

fn newest(conn: &Connection, sort: ContextSort, slot: &str) -> Result<Option<ContextVersion>, StoreError> {
    let sql = ["SELECT ", COLUMNS, " FROM context WHERE sort = ?1 AND slot = ?2 ORDER BY id DESC LIMIT 1"].concat();
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![sort as u8, slot])?;
    rows.next()?.map(read).transpose()
}

impl Writer {
    /// Puts a version in force, and notes that the folds of `behind` have to begin again because of it, in one transaction.
    /// `None` where it says what the one in force says. Its watermark is the newest event time committed, taken here.
    pub fn put_context(
        &mut self,
        new: NewContext<'_>,
        behind: &BTreeSet<u32>,
        now: Timestamp,
    ) -> Result<Option<ContextVersion>, StoreError> {
        self.put_context_and(new, behind, now, |_| Ok(()))
    }

    /// The same, with what else changes because of it in the same transaction.
    pub(super) fn put_context_and(
        &mut self,
        new: NewContext<'_>,
        behind: &BTreeSet<u32>,
        now: Timestamp,
        and: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<Option<ContextVersion>, StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if newest(&tx, new.sort, new.slot)?.is_some_and(|old| old.hash == new.hash && old.expires == new.expires) {
            return Ok(None);
        }
        if new.sort == ContextSort::Addresses {
            tx.execute("UPDATE context SET body = NULL WHERE sort = ?1 AND slot = ?2", params![new.sort as u8, new.slot])?;
        }
        let body = zstd::bulk::compress(new.body, 3).map_err(|e| StoreError::damaged(format!("a context that does not compress ({e})")))?;
        // The length stands before the body, so that what is read back is bounded by what was written.
        let body = [&(new.body.len() as u64).to_le_bytes()[..], &body].concat();
        tx.execute(
            "INSERT INTO context (sort, slot, hash, origin, dated, imported, watermark, expires, rows, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                new.sort as u8,
                new.slot,
                new.hash,
                new.origin,
                new.dated,
                now.0,
                settings::number(&tx, "newest")?,
                new.expires.map(|t| t.0),
                new.rows as i64,
                body
            ],
        )?;
        for principal in behind {
            // From its first day: who an identity is applies to its whole history.
            tx.prepare_cached(
                "UPDATE principal SET stale = ifnull((SELECT min(day) FROM rday WHERE principal = ?1), stale) WHERE id = ?1",
            )?
            .execute([principal])?;
        }
        and(&tx)?;
        let version = newest(&tx, new.sort, new.slot)?;
        tx.commit()?;
        Ok(version)
    }
}

impl Reader {
    /// The versions in force, by sort and slot.
    pub fn contexts(&self) -> Result<Vec<ContextVersion>, StoreError> {
        let sql = ["SELECT ", COLUMNS, " FROM context WHERE id IN (SELECT max(id) FROM context GROUP BY sort, slot) ORDER BY sort, slot"];
        self.versions(&sql.concat())
    }

    /// Every version there ever was, oldest first.
    pub fn context_history(&self) -> Result<Vec<ContextVersion>, StoreError> {
        self.versions(&["SELECT ", COLUMNS, " FROM context ORDER BY id"].concat())
    }

    fn versions(&self, sql: &str) -> Result<Vec<ContextVersion>, StoreError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(read(row)?);
        }
        Ok(out)
    }

    /// The version in force of a slot.
    pub fn context(&self, sort: ContextSort, slot: &str) -> Result<Option<ContextVersion>, StoreError> {
        newest(&self.conn, sort, slot)
    }

    /// What a version says; `None` for one whose body has gone.
    pub fn context_body(&self, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let body: Option<Option<Vec<u8>>> =
            self.conn.prepare_cached("SELECT body FROM context WHERE id = ?1")?.query_row([id], |row| row.get(0)).optional()?;
        let Some(body) = body.flatten() else { return Ok(None) };
        let damaged = || StoreError::damaged(format!("context {id}"));
        let (length, packed) = body.split_first_chunk().ok_or_else(damaged)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok().filter(|length| *length <= LARGEST).ok_or_else(damaged)?;
        let text = zstd::bulk::decompress(packed, length).map_err(|_| damaged())?;
        if text.len() == length { Ok(Some(text)) } else { Err(damaged()) }
    }
}

/// No body is larger, in bytes.
const LARGEST: usize = 512 << 20;
