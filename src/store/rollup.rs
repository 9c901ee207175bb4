//! Roll-ups: what a principal did on a day, and in all, kept up to date by what a transaction really changed. Lists are
//! answered from them, never from the events. It must not know how events are stored.

use super::blob::{pack_hours, unpack_hours};
use super::error::StoreError;
use super::event_columns::Columns;
use crate::model::observation::flag;
use crate::model::{Outcome, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

/// Changes of one principal on one day.
#[derive(Clone, Copy, Default)]
struct DayChange {
    /// Whether any row counts: one with an impossible clock makes no day.
    counted: bool,
    hours: [i64; 24],
    events: i64,
    failures: i64,
    rows: i64,
    bytes: i64,
}

/// Changes of one principal.
#[derive(Clone, Copy, Default)]
struct PrincipalChange {
    events: i64,
    flagged: i64,
    first: Option<i64>,
    last: Option<i64>,
    days: i64,
    credentials: i64,
    /// Earliest day that changed: the fold of the principal has to be run again from there.
    stale: Option<i64>,
}

/// The changes of one transaction.
#[derive(Default)]
pub struct Rollup {
    days: BTreeMap<(i64, i64), DayChange>,
    principals: BTreeMap<i64, PrincipalChange>,
    /// What the last rows changed, all of one day and principal: rows come in that order.
    run: Option<((i64, i64), DayChange, PrincipalChange)>,
}

/// Whether a row's clock is impossible: it counts as stored and nowhere else.
pub fn clock_flagged(columns: &Columns) -> bool {
    columns[7].unwrap_or(0) & i64::from(flag::CLOCK) != 0
}

impl Rollup {
    /// Counts a row that was inserted.
    pub fn add(&mut self, columns: &Columns) {
        self.count(columns, 1);
    }

    /// A row took the place of another with the same key.
    pub fn replace(&mut self, old: &Columns, new: &Columns) {
        self.count(old, -1);
        self.count(new, 1);
    }

    fn count(&mut self, columns: &Columns, sign: i64) {
        let [Some(day), Some(principal), Some(ts), ..] = *columns else { return };
        if self.run.as_ref().is_none_or(|(key, ..)| *key != (day, principal)) {
            self.close_run();
        }
        let (_, day_change, change) = self.run.get_or_insert_with(|| ((day, principal), DayChange::default(), PrincipalChange::default()));
        change.events += sign;
        if clock_flagged(columns) {
            change.flagged += sign;
            return;
        }
        change.first = Some(change.first.map_or(ts, |first| first.min(ts)));
        change.last = Some(change.last.map_or(ts, |last| last.max(ts)));
        change.stale = Some(change.stale.map_or(day, |stale| stale.min(day)));
        let change = day_change;
        change.counted = true;
        let failed = [Outcome::Denied as i64, Outcome::Error as i64].contains(&columns[6].unwrap_or(0));
        change.hours[usize::from(Timestamp(ts).hour())] += sign;
        change.events += sign;
        change.failures += i64::from(failed) * sign;
        change.rows = change.rows.saturating_add(columns[15].unwrap_or(0).saturating_mul(sign));
        change.bytes = change.bytes.saturating_add(columns[16].unwrap_or(0).saturating_mul(sign));
    }

    /// Adds the run to what is kept of its day and its principal.
    fn close_run(&mut self) {
        let Some((key, day, principal)) = self.run.take() else { return };
        let sum = self.principals.entry(key.1).or_default();
        sum.events += principal.events;
        sum.flagged += principal.flagged;
        sum.first = [sum.first, principal.first].into_iter().flatten().min();
        sum.last = sum.last.max(principal.last);
        sum.stale = [sum.stale, principal.stale].into_iter().flatten().min();
        if day.counted {
            let sum = self.days.entry(key).or_default();
            for (sum, more) in sum.hours.iter_mut().zip(day.hours) {
                *sum += more;
            }
            sum.events += day.events;
            sum.failures += day.failures;
            sum.rows = sum.rows.saturating_add(day.rows);
            sum.bytes = sum.bytes.saturating_add(day.bytes);
        }
    }

    /// A principal used a credential for the first time.
    pub fn credential(&mut self, principal: i64) {
        self.principals.entry(principal).or_default().credentials += 1;
    }

    /// Writes the changes.
    pub fn write(mut self, conn: &Connection) -> Result<(), StoreError> {
        self.close_run();
        let mut read = conn.prepare_cached("SELECT events, failures, rows, bytes, hours FROM rday WHERE day = ?1 AND principal = ?2")?;
        let mut write = conn.prepare_cached(
            "INSERT OR REPLACE INTO rday (day, principal, events, failures, rows, bytes, hours) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for ((day, principal), mut change) in self.days {
            let old: Option<(i64, i64, i64, i64, Vec<u8>)> =
                read.query_row([day, principal], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))).optional()?;
            if let Some((events, failures, rows, bytes, hours)) = old {
                change.events += events;
                change.failures += failures;
                change.rows = change.rows.saturating_add(rows);
                change.bytes = change.bytes.saturating_add(bytes);
                let hours =
                    unpack_hours(&hours).ok_or_else(|| StoreError::damaged(format!("hours of principal {principal}, day {day}")))?;
                for (sum, count) in change.hours.iter_mut().zip(hours) {
                    *sum += i64::from(count);
                }
            } else {
                self.principals.entry(principal).or_default().days += 1;
            }
            let hours = change.hours.map(|count| u32::try_from(count.max(0)).unwrap_or(u32::MAX));
            write.execute(params![day, principal, change.events, change.failures, change.rows, change.bytes, pack_hours(&hours)])?;
        }
        let mut write = conn.prepare_cached(
            "UPDATE principal SET events = events + ?2, flagged = flagged + ?3, first = ifnull(min(first, ?4), ifnull(first, ?4)),
               last = ifnull(max(last, ?5), ifnull(last, ?5)), active_days = active_days + ?6, credentials = credentials + ?7,
               stale = ifnull(min(stale, ?8), ifnull(stale, ?8)) WHERE id = ?1",
        )?;
        for (principal, change) in self.principals {
            write.execute(params![
                principal,
                change.events,
                change.flagged,
                change.first,
                change.last,
                change.days,
                change.credentials,
                change.stale
            ])?;
        }
        Ok(())
    }
}
