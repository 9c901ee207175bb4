//! What the header shows of the whole store, from roll-ups and counters. It must not touch the events.

use super::error::StoreError;
use super::reader::Reader;
use super::settings;
use crate::model::page::Totals;
use crate::model::{Class, Severity, Status, Timestamp};
use rusqlite::params;

impl Reader {
    /// The store at `now`; alerts hidden beyond `now` are not open.
    pub fn totals(&self, now: Timestamp) -> Result<Totals, StoreError> {
        let tx = self.moment()?;
        let mut totals = Totals {
            last: settings::number(&tx, "newest")?.map(Timestamp),
            rejects: settings::number(&tx, "rejects")?.unwrap_or(0) as u64,
            feeds: super::integer(&tx, "SELECT count(*) FROM feed")? as u64,
            ..Totals::default()
        };
        for listed in self.directory()?.iter() {
            let principal = &listed.row;
            totals.events += principal.events;
            let Some(first) = principal.first else { continue };
            totals.identities += 1;
            totals.first = Some(totals.first.map_or(first, |known: Timestamp| known.min(first)));
            if listed.kind.1 == Class::Machine {
                let youngest = if totals.machines == 0 { principal.active_days } else { totals.youngest_days.min(principal.active_days) };
                totals.youngest_days = youngest;
                totals.machines += 1;
            }
        }
        let mut statement = tx.prepare_cached(
            "SELECT severity, count(*) FROM alert INDEXED BY alert_identity
             WHERE superseded IS NULL AND status <> ?1 AND (snoozed IS NULL OR snoozed <= ?2) GROUP BY severity",
        )?;
        let mut rows = statement.query(params![Status::Closed as u8, now.0])?;
        while let Some(row) = rows.next()? {
            if let Some(count) = totals.open.get_mut(usize::from(row.get::<_, u8>(0)?)) {
                *count = row.get(1)?;
            }
        }
        totals.oldest_new = tx
            .prepare_cached(
                "SELECT min(onset) FROM alert WHERE superseded IS NULL AND status = ?1 AND severity >= ?2 AND (snoozed IS NULL OR snoozed <= ?3)",
            )?
            .query_row(params![Status::New as u8, Severity::Medium as u8, now.0], |row| row.get::<_, Option<i64>>(0))?
            .map(Timestamp);
        Ok(totals)
    }
}
