//! What the fold leaves behind: snapshots of identities, what is usual for them, and the fleet of each day. Opaque bytes
//! go in and out; their form is the fold's, its version inside them. It must not know what they hold.

use super::error::StoreError;
use super::reader::Reader;
use super::writer::Writer;
use crate::model::Day;
use crate::model::page::ProfileView;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::collections::BTreeSet;

/// Days before and after 1970 that a snapshot's number has room for: about 1,400 years each way.
const DAYS: i64 = 1 << 19;

/// A snapshot's row number: principal, then day, so that one principal's lie together and the newest is one seek away.
fn number(principal: u32, day: Day) -> i64 {
    i64::from(principal) << 20 | (i64::from(day.0) + DAYS).clamp(0, 2 * DAYS - 1)
}

impl Writer {
    /// Stores snapshots of principals at the close of a day; one of the same day is replaced.
    pub fn put_snapshots(&mut self, snapshots: &[(u32, Day, Vec<u8>)]) -> Result<(), StoreError> {
        self.in_transaction(|tx| {
            let mut statement = tx.prepare_cached("INSERT OR REPLACE INTO snapshot (id, bytes) VALUES (?1, ?2)")?;
            for (principal, day, bytes) in snapshots {
                statement.execute(params![number(*principal, *day), bytes])?;
            }
            Ok(())
        })
    }

    /// Removes the snapshots of these principals at `day` and later: their ground has changed.
    pub fn drop_snapshots(&mut self, principals: &BTreeSet<u32>, day: Day) -> Result<(), StoreError> {
        self.in_transaction(|tx| {
            let mut statement = tx.prepare_cached("DELETE FROM snapshot WHERE id >= ?1 AND id < ?2")?;
            for principal in principals {
                statement.execute([number(*principal, day), (i64::from(*principal) + 1) << 20])?;
            }
            Ok(())
        })
    }

    /// Thins a principal's snapshots out to days 1, 2, 4, 8, … before `newest`: of each span between two powers of two the
    /// oldest stays, so that it grows into the next.
    pub fn prune_snapshots(&mut self, principals: &BTreeSet<u32>, newest: Day) -> Result<(), StoreError> {
        self.in_transaction(|tx| {
            for principal in principals {
                let range = [i64::from(*principal) << 20, (i64::from(*principal) + 1) << 20];
                let mut statement = tx.prepare_cached("SELECT id FROM snapshot WHERE id >= ?1 AND id < ?2 ORDER BY id")?;
                let ids: Vec<i64> = statement.query_map(range, |row| row.get(0))?.collect::<Result<_, _>>()?;
                let mut kept = BTreeSet::new();
                for id in ids {
                    let age = number(*principal, newest) - id;
                    if age > 0 && !kept.insert(age.ilog2()) {
                        tx.prepare_cached("DELETE FROM snapshot WHERE id = ?1")?.execute([id])?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Stores what is usual for identities.
    pub fn put_profiles(&mut self, profiles: &[(u32, ProfileView)]) -> Result<(), StoreError> {
        self.in_transaction(|tx| {
            let mut statement = tx
                .prepare_cached("INSERT OR REPLACE INTO profile (identity, day, active, usual_events, json) VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for (principal, profile) in profiles {
                statement.execute(params![principal, profile.day.0, profile.days, profile.events.p50, serde_json::to_string(profile)?])?;
            }
            Ok(())
        })
    }

    /// Removes the fleet of `day` and later.
    pub fn drop_fleet(&mut self, day: Day) -> Result<(), StoreError> {
        self.conn.prepare_cached("DELETE FROM fleet WHERE day >= ?1")?.execute([day.0])?;
        Ok(())
    }

    fn in_transaction(&mut self, work: impl FnOnce(&Connection) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        work(&tx)?;
        Ok(tx.commit()?)
    }
}

impl Reader {
    /// The newest snapshot of a principal at `day` or before.
    pub fn snapshot(&self, principal: u32, day: Day) -> Result<Option<(Day, Vec<u8>)>, StoreError> {
        let found: Option<(i64, Vec<u8>)> = self
            .conn
            .prepare_cached("SELECT id, bytes FROM snapshot WHERE id >= ?1 AND id <= ?2 ORDER BY id DESC LIMIT 1")?
            .query_row([i64::from(principal) << 20, number(principal, day)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found.map(|(id, bytes)| (Day(((id & (2 * DAYS - 1)) - DAYS) as i32), bytes)))
    }

    /// The fleet at the close of a day.
    pub fn fleet(&self, day: Day) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.conn.prepare_cached("SELECT bytes FROM fleet WHERE day = ?1")?.query_row([day.0], |row| row.get(0)).optional()?)
    }

    /// What is usual for an identity (the number of its principal); the default where nothing was learned yet.
    pub fn profile(&self, principal: u32) -> Result<ProfileView, StoreError> {
        let json: Option<String> = self
            .conn
            .prepare_cached("SELECT json FROM profile WHERE identity = ?1")?
            .query_row([principal], |row| row.get(0))
            .optional()?;
        Ok(json.map(|json| serde_json::from_str(&json)).transpose()?.unwrap_or_default())
    }
}
