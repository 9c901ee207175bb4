//! The columns of `ev`: their order, how a row becomes them, and the statement that inserts rows while binding only what
//! changed since the row before. It must not know what to do about a duplicate.

use super::error::StoreError;
use crate::model::chunk::{NONE, Row};
use crate::model::{EventId, Timestamp};
use rusqlite::{CachedStatement, Connection};

/// Number of columns.
pub const COUNT: usize = 34;

/// One row as SQLite stores it.
pub type Columns = [Option<i64>; COUNT];

const NAMES: &str = "day, principal, ts, eid, action, class, outcome, flags, ip, agent, auth, credential, resource, domain, region, \
     rows, bytes, probe, shape, job, job_step, format, session, issued, target, tenant, account, on_behalf, error, canonical, raw, scopes, tool, tags";

/// An event id as stored: the top bit flipped, so that signed order is the id's order.
pub fn stored_id(id: EventId) -> i64 {
    (id.0 ^ 1 << 63) as i64
}

/// The event id behind a stored one.
pub fn event_id(stored: i64) -> EventId {
    EventId(stored as u64 ^ 1 << 63)
}

/// A count as stored; SQLite's integers end at 2⁶³ − 1.
pub fn stored_count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Turns a row's references into the store's numbers of `terms`; what names no term is absent. Done while a chunk's rows
/// are at hand in their own order: sorted ones would look for their terms all over memory.
pub fn resolve(row: &mut Row, terms: &[u32]) {
    let references = [
        &mut row.format,
        &mut row.credential,
        &mut row.session,
        &mut row.ip,
        &mut row.agent,
        &mut row.auth,
        &mut row.action,
        &mut row.resource,
        &mut row.domain,
        &mut row.target,
        &mut row.tenant,
        &mut row.account,
        &mut row.region,
        &mut row.on_behalf,
        &mut row.shape,
        &mut row.job,
        &mut row.error,
        &mut row.scopes,
        &mut row.tool,
        &mut row.tags,
    ];
    for reference in references {
        *reference = terms.get(*reference as usize).copied().unwrap_or(NONE);
    }
}

/// A resolved row as its columns; `raw` is the place of the record (`block << 8 | index`).
pub fn columns(row: &Row, raw: Option<i64>) -> Columns {
    let term = |number: u32| (number != NONE).then_some(i64::from(number));
    [
        Some(i64::from(row.time.day().0)),
        Some(i64::from(row.principal)),
        Some(row.time.0),
        Some(stored_id(row.id)),
        term(row.action),
        Some(row.class as i64),
        Some(row.outcome as i64),
        Some(i64::from(row.flags)),
        term(row.ip),
        term(row.agent),
        term(row.auth),
        term(row.credential),
        term(row.resource),
        term(row.domain),
        term(row.region),
        row.rows.map(stored_count),
        row.bytes.map(stored_count),
        row.probe.map(|probe| probe as i64),
        term(row.shape),
        term(row.job),
        row.job_step.map(|step| step as i64),
        term(row.format),
        term(row.session),
        row.session_issued.map(|Timestamp(ms)| ms),
        term(row.target),
        term(row.tenant),
        term(row.account),
        term(row.on_behalf),
        term(row.error),
        Some(row.canonical as i64),
        raw,
        term(row.scopes),
        term(row.tool),
        term(row.tags),
    ]
}

/// The prepared insert, remembering what is bound.
pub struct Insert<'c> {
    statement: CachedStatement<'c>,
    /// What is bound, once something is.
    bound: Columns,
    any: bool,
}

impl<'c> Insert<'c> {
    /// An insert that leaves a row alone whose key is already there.
    pub fn new(conn: &'c Connection) -> Result<Self, StoreError> {
        let marks = vec!["?"; COUNT].join(", ");
        // Only constants of this file go into the text.
        let statement = conn.prepare_cached(&["INSERT OR IGNORE INTO ev (", NAMES, ") VALUES (", &marks, ")"].concat())?;
        Ok(Self { statement, bound: [None; COUNT], any: false })
    }

    /// Inserts; `false` when the key was there.
    pub fn row(&mut self, columns: &Columns) -> Result<bool, StoreError> {
        for (at, (bound, value)) in self.bound.iter_mut().zip(columns).enumerate() {
            // Sorted rows repeat most of the row before; each binding costs as much as a look-up.
            if *bound != *value || !self.any {
                self.statement.raw_bind_parameter(at + 1, value)?;
                *bound = *value;
            }
        }
        self.any = true;
        Ok(self.statement.raw_execute()? == 1)
    }
}

/// Removes the row with this key (day, principal, ts, eid), so that another can take its place.
pub fn remove(conn: &Connection, key: [Option<i64>; 4]) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM ev WHERE day = ?1 AND principal = ?2 AND ts = ?3 AND eid = ?4")?.execute(key)?;
    Ok(())
}
