//! The fold lease: of all processes on a store one folds; the others store and leave folding to it. The holder beats every
//! 2 seconds; after 10 without a beat another takes over. It must not know the clock: the time comes in.

use super::error::StoreError;
use super::writer::Writer;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

/// After how many milliseconds without a beat the lease is free.
const EXPIRES_MS: i64 = 10_000;

/// Who folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// The caller; it must call again within 10 seconds, better every 2.
    Held {
        /// It was taken from a holder that fell silent, whose last work may be unfinished.
        taken_over: bool,
    },
    /// Another process.
    HeldBy {
        /// Its id.
        pid: u32,
    },
}

impl Writer {
    /// Takes the lease, or keeps it, at wall-clock time `now_ms`.
    pub fn take_lease(&mut self, pid: u32, now_ms: i64) -> Result<Lease, StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let holder: Option<(u32, i64)> = tx
            .prepare_cached("SELECT pid, beat FROM lease WHERE name = 'fold'")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let taken_over = match holder {
            // A beat far in the future is from a clock that was set back: it says nothing.
            Some((holder, beat)) if holder != pid && (now_ms - beat).abs() < EXPIRES_MS => return Ok(Lease::HeldBy { pid: holder }),
            Some((holder, _)) => holder != pid,
            None => false,
        };
        tx.prepare_cached("INSERT OR REPLACE INTO lease (name, pid, beat) VALUES ('fold', ?1, ?2)")?.execute(params![pid, now_ms])?;
        tx.commit()?;
        Ok(Lease::Held { taken_over })
    }

    /// Gives the lease back, if `pid` holds it.
    pub fn release_lease(&mut self, pid: u32) -> Result<(), StoreError> {
        self.conn.execute("DELETE FROM lease WHERE name = 'fold' AND pid = ?1", [pid])?;
        Ok(())
    }
}
