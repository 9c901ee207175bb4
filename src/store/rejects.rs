//! What could not be read: kept whole as far as there is room, so that it can be tried again. The rule: a reject is there
//! once, however often its record comes, and goes only in the transaction that stores what it turned out to be. It must
//! not know why a record was refused.

use super::error::StoreError;
use super::reader::Reader;
use super::settings;
use crate::model::Reject;
use crate::model::chunk::Chunk;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Bytes of compressed bodies a store keeps; beyond them only the first 4 KiB of a record are.
const BODIES: i64 = 256 << 20;
/// The largest body, decompressed: that of the largest record, grown by the tags of its redacted secrets.
const LARGEST: usize = 8 << 20;

/// A reject with its number in the store and its record as far as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Number in the store.
    pub id: i64,
    /// The reject, without its body.
    pub reject: Reject,
    /// The redacted record; all of it when `reject.whole`.
    pub record: Vec<u8>,
}

/// Writes the rejects of a chunk; those that are there already stay as they are. Gives how many the chunk has.
pub(super) fn write(conn: &Connection, feed: u32, chunk: &Chunk) -> Result<u64, StoreError> {
    if chunk.rejects.is_empty() {
        return Ok(0);
    }
    let mut bodies = settings::number(conn, "reject_bytes")?.unwrap_or(0);
    let (before, mut new) = (bodies, 0);
    for reject in &chunk.rejects {
        let fits = bodies + reject.body.len() as i64 <= BODIES;
        let body: &[u8] = if fits { &reject.body } else { &[] };
        let whole = reject.whole && (fits || reject.body.is_empty());
        let place = params![feed, reject.offset as i64, reject.hash as i64, reject.reason, reject.sample, whole, reject.cut, body];
        // What the first schema kept of this record.
        let known = conn
            .prepare_cached(
                "UPDATE OR IGNORE reject SET hash = ?3, reason = ?4, sample = ?5, whole = ?6, cut = ?7, body = ?8
                 WHERE feed = ?1 AND place = ?2 AND hash = 0",
            )?
            .execute(place)?;
        let added = conn
            .prepare_cached(
                "INSERT OR IGNORE INTO reject (feed, place, hash, reason, sample, whole, cut, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(place)?;
        if known + added > 0 {
            bodies += body.len() as i64;
        }
        new += added as i64;
    }
    count(conn, new)?;
    if bodies != before {
        settings::set_number(conn, "reject_bytes", bodies)?;
    }
    Ok(chunk.rejects.len() as u64)
}

/// Removes rejects by their numbers; one that has gone already is no error.
pub(super) fn remove(conn: &Connection, ids: &[i64]) -> Result<(), StoreError> {
    let (mut gone, mut bytes) = (0, 0);
    for id in ids {
        let mut statement = conn.prepare_cached("DELETE FROM reject WHERE id = ?1 RETURNING length (body)")?;
        if let Some(body) = statement.query_row([id], |row| row.get::<_, i64>(0)).optional()? {
            gone += 1;
            bytes += body;
        }
    }
    count(conn, -gone)?;
    if bytes > 0 {
        let known = settings::number(conn, "reject_bytes")?.unwrap_or(0);
        settings::set_number(conn, "reject_bytes", (known - bytes).max(0))?;
    }
    Ok(())
}

fn count(conn: &Connection, more: i64) -> Result<(), StoreError> {
    if more == 0 {
        return Ok(());
    }
    let known = settings::number(conn, "rejects")?.unwrap_or(0);
    settings::set_number(conn, "rejects", (known + more).max(0))
}

/// A reject without its body.
fn reject(row: &Row<'_>) -> rusqlite::Result<Reject> {
    Ok(Reject {
        feed: row.get(0)?,
        offset: row.get::<_, i64>(1)? as u64,
        reason: row.get(2)?,
        sample: row.get(3)?,
        body: Vec::new(),
        whole: row.get(4)?,
        cut: row.get(5)?,
        hash: row.get::<_, i64>(6)? as u64,
    })
}

impl Reader {
    /// Records that could not be read, newest first, without their bodies.
    pub fn rejects(&self, limit: usize) -> Result<Vec<Reject>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT name, place, reason, sample, whole, cut, hash FROM reject JOIN feed ON feed.id = reject.feed
             ORDER BY reject.id DESC LIMIT ?1",
        )?;
        let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], reject)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Number of the newest reject; 0 where there is none.
    pub fn last_reject(&self) -> Result<i64, StoreError> {
        super::integer(&self.conn, "SELECT max(id) FROM reject")
    }

    /// Rejects with numbers above `after`, oldest first, with their records: at most `limit` and about 8 MiB of them.
    pub fn kept_rejects(&self, after: i64, limit: usize) -> Result<Vec<Kept>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT name, place, reason, sample, whole, cut, hash, reject.id, body FROM reject JOIN feed ON feed.id = reject.feed
             WHERE reject.id > ?1 ORDER BY reject.id LIMIT ?2",
        )?;
        let mut rows = statement.query(params![after, i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let (mut kept, mut bytes) = (Vec::new(), 0);
        while bytes < LARGEST
            && let Some(row) = rows.next()?
        {
            let (reject, id, body) = (reject(row)?, row.get(7)?, row.get_ref(8)?.as_blob().unwrap_or_default());
            let record = if body.is_empty() {
                reject.sample.clone()
            } else {
                zstd::bulk::decompress(body, LARGEST).map_err(|_| StoreError::damaged(format!("the record of reject {id}")))?
            };
            bytes += record.len();
            kept.push(Kept { id, reject, record });
        }
        Ok(kept)
    }
}
