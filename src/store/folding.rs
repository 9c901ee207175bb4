//! What the driver of the fold asks and tells beside events and snapshots: whose fold is behind, the events after a key,
//! who was active on a day, decisions of everybody. It must not know how folding works.

use super::error::StoreError;
use super::reader::{PrincipalRow, Reader};
use super::writer::Writer;
use crate::model::alert::EventRef;

use crate::model::Day;
use crate::model::decision::Decision;
use rusqlite::{OptionalExtension, TransactionBehavior, params};
use std::collections::{BTreeMap, BTreeSet};

impl Writer {
    /// Notes that the folds of these principals have seen everything stored of them: (number, events there were when the
    /// fold began). One that has gained events meanwhile, from another process, stays behind.
    pub fn set_folded(&mut self, principals: &[(u32, u64)]) -> Result<(), StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (principal, events) in principals {
            tx.prepare_cached(
                "UPDATE principal SET stale = NULL WHERE identity = ?1 AND ?2 = (SELECT sum(events) FROM principal WHERE identity = ?1)",
            )?
            .execute(params![principal, *events as i64])?;
        }
        Ok(tx.commit()?)
    }

    /// Stores the fleet of days, and that the folds of `behind` have to begin again at a day because of it: in one
    /// transaction, so that a kill before they have done so does not make it look as if they had.
    pub fn put_fleet(&mut self, days: &[(Day, [u8; 4])], behind: &BTreeMap<u32, Day>) -> Result<(), StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (day, bytes) in days {
            tx.prepare_cached("INSERT OR REPLACE INTO fleet (day, bytes) VALUES (?1, ?2)")?.execute(params![day.0, bytes])?;
        }
        for (principal, day) in behind {
            tx.prepare_cached("UPDATE principal SET stale = ifnull(min(stale, ?2), ?2) WHERE id = ?1")?
                .execute(params![principal, day.0])?;
        }
        Ok(tx.commit()?)
    }
}

impl Reader {
    /// Identities with an event on a day, in the order of their numbers.
    pub fn active(&self, day: Day) -> Result<Vec<u32>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT DISTINCT p.identity FROM rday r JOIN principal p ON p.id = r.principal WHERE r.day = ?1 AND r.events > 0 ORDER BY 1",
        )?;
        Ok(statement.query_map([day.0], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Events of a principal on a day that the fold may see.
    pub fn day_events(&self, principal: u32, day: Day) -> Result<u64, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT ifnull(sum(events), 0) FROM rday WHERE day = ?1 AND principal = ?2")?;
        Ok(statement.query_row(params![day.0, principal], |row| row.get::<_, i64>(0))?.max(0) as u64)
    }

    /// Whether any principal has events its fold has not seen.
    pub fn is_behind(&self) -> Result<bool, StoreError> {
        Ok(self.conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM principal WHERE stale IS NOT NULL)")?.query_row([], |row| row.get(0))?)
    }

    /// The identity of a principal, by the store's number.
    pub fn principal(&self, number: u32) -> Result<Option<PrincipalRow>, StoreError> {
        let sql = ["SELECT ", PrincipalRow::COLUMNS, " FROM principal WHERE id = ?1"].concat();
        self.conn.prepare_cached(&sql)?.query_row([number], PrincipalRow::read).optional()?.map(|row| self.whole(row)).transpose()
    }

    /// The store's number of a principal, by its id.
    pub fn principal_number(&self, id: &str) -> Result<Option<u32>, StoreError> {
        let sql = "SELECT id FROM principal WHERE pid = ?1 ORDER BY platform LIMIT 1";
        Ok(self.conn.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?)
    }

    /// The provider's own id of an event; `None` where it has none.
    pub fn provider_id_of(&self, event: EventRef) -> Result<Option<String>, StoreError> {
        Ok(self.event(event)?.and_then(|row| row.event_id))
    }

    /// Decisions of every identity that has any, each in the order (watermark, sequence).
    pub fn decisions_by_identity(&self) -> Result<BTreeMap<String, Vec<Decision>>, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT DISTINCT identity FROM alert WHERE published IS NOT NULL ORDER BY identity")?;
        let identities: BTreeSet<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut out = BTreeMap::new();
        for identity in identities {
            let decisions = self.decisions(&identity)?;
            if !decisions.is_empty() {
                out.insert(identity, decisions);
            }
        }
        Ok(out)
    }
}
