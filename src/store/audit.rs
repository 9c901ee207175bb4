//! The audit chain: every decision as a row that only the next can follow. `hash = SHA-256(hash before ‖ canonical JSON)`,
//! the first row's predecessor being 64 zeros; the head is noted apart, so that a tail cut off is found too. Who owns the
//! file can rewrite all of it: an exported head hash is what proves otherwise. It must not know what the decisions mean.

use super::error::StoreError;
use super::reader::Reader;
use super::settings;
use crate::model::decision::AuditRow;
use crate::model::{AlertId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What stands before the first row.
const BEFORE_ALL: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const COLUMNS: &str = "seq, time, watermark, who, what, object, before, after, note, hash";

/// What checking the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditCheck {
    /// Rows that hold.
    pub rows: u64,
    /// Hash of the last row that holds: the anchor to keep elsewhere. 64 zeros for an empty chain.
    pub head: String,
    /// The first row that does not hold (or is missing), and why.
    pub bad: Option<(u64, String)>,
}

/// The hash of a row that follows `before`.
fn hash(before: &str, row: &AuditRow) -> Result<String, StoreError> {
    let canonical = serde_json::to_vec(&(
        row.sequence,
        row.time.0,
        row.watermark.0,
        &row.who,
        &row.what,
        &row.object,
        &row.before,
        &row.after,
        &row.note,
    ))?;
    let digest = Sha256::new().chain_update(before).chain_update(canonical).finalize();
    Ok(digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

fn read(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        sequence: row.get::<_, i64>(0)? as u64,
        time: Timestamp(row.get(1)?),
        watermark: Timestamp(row.get(2)?),
        who: row.get(3)?,
        what: row.get(4)?,
        object: row.get(5)?,
        before: row.get(6)?,
        after: row.get(7)?,
        note: row.get(8)?,
        hash: row.get(9)?,
    })
}

/// Adds a row at the end; its sequence and hash are set here. Call it inside the transaction of what it tells.
pub(super) fn append(conn: &Connection, mut row: AuditRow) -> Result<AuditRow, StoreError> {
    let last: Option<(i64, String)> = conn
        .prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (seq, before) = last.unwrap_or_else(|| (0, BEFORE_ALL.to_owned()));
    row.sequence = seq as u64 + 1;
    row.hash = hash(&before, &row)?;
    conn.prepare_cached(
        "INSERT INTO audit (seq, time, watermark, who, what, object, before, after, note, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        row.sequence as i64,
        row.time.0,
        row.watermark.0,
        row.who,
        row.what,
        row.object,
        row.before,
        row.after,
        row.note,
        row.hash
    ])?;
    settings::set_value(conn, "audit_head", format!("{} {}", row.sequence, row.hash).as_bytes())?;
    Ok(row)
}

/// The rows about any of these alerts, oldest first.
pub(super) fn about(conn: &Connection, alerts: &[AlertId]) -> Result<Vec<AuditRow>, StoreError> {
    let mut rows = Vec::new();
    let mut statement = conn.prepare_cached(&["SELECT ", COLUMNS, " FROM audit WHERE object = ?1"].concat())?;
    for alert in alerts {
        for row in statement.query_map([alert.to_string()], read)? {
            rows.push(row?);
        }
    }
    rows.sort_by_key(|row| row.sequence);
    Ok(rows)
}

impl Reader {
    /// The last rows of the chain, newest first.
    pub fn audit(&self, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(&["SELECT ", COLUMNS, " FROM audit ORDER BY seq DESC LIMIT ?1"].concat())?;
        Ok(statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], read)?.collect::<Result<_, _>>()?)
    }

    /// Computes the whole chain again.
    pub fn verify_audit(&self) -> Result<AuditCheck, StoreError> {
        let tx = self.moment()?;
        let mut check = AuditCheck { rows: 0, head: BEFORE_ALL.to_owned(), bad: None };
        let mut statement = tx.prepare_cached(&["SELECT ", COLUMNS, " FROM audit ORDER BY seq"].concat())?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let expected = check.rows + 1;
            let Ok(row) = read(row) else {
                check.bad = Some((expected, "it cannot be read".to_owned()));
                return Ok(check);
            };
            if row.sequence != expected {
                check.bad = Some((expected, format!("it is missing: row {} follows row {}", row.sequence, check.rows)));
                return Ok(check);
            }
            if hash(&check.head, &row)? != row.hash {
                check.bad = Some((row.sequence, "its content does not match its hash and the row before".to_owned()));
                return Ok(check);
            }
            (check.rows, check.head) = (row.sequence, row.hash);
        }
        let noted = settings::value(&tx, "audit_head")?.unwrap_or_default();
        let head = if check.rows == 0 { String::new() } else { format!("{} {}", check.rows, check.head) };
        if noted != head.as_bytes() {
            check.bad = Some((check.rows + 1, "the end of the chain is missing or was added from outside".to_owned()));
        }
        Ok(check)
    }
}
