//! What each feed brought of each day: how much, when, how late and what its records left out. The rule: a record counts
//! once, for the feed whose copy of it is kept, so that the counts follow from the records and not from their order; when
//! a feed had something to say is taken from all it delivered, copies too. It must not know what is healthy.

use super::error::StoreError;
use super::event_columns::Columns;
use super::rollup::clock_flagged;
use crate::model::time::{DAY, MINUTE};
use crate::model::{Outcome, Timestamp};
use rusqlite::{Connection, params};

/// Length of a slot of the day in milliseconds: 48 of them fit the bits of one number.
pub const SLOT: i64 = 30 * MINUTE;

/// Columns whose absence is counted: source, client, credential.
const OPTIONAL: [usize; 3] = [8, 9, 11];

/// What a feed brought of a day, or a change of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Brought {
    events: i64,
    first: i64,
    last: i64,
    /// Bit n: something came of the n-th slot.
    slots: u64,
    /// Without source, client, credential, outcome.
    missing: [i64; 4],
    lagged: i64,
    lag_sum: i64,
    lag_max: i64,
}

impl Brought {
    const NONE: Self = Self { events: 0, first: i64::MAX, last: i64::MIN, slots: 0, missing: [0; 4], lagged: 0, lag_sum: 0, lag_max: 0 };

    fn count(&mut self, columns: &Columns, sign: i64) {
        self.events += sign;
        for (missing, at) in self.missing.iter_mut().zip(OPTIONAL) {
            *missing += sign * i64::from(columns[at].is_none());
        }
        self.missing[3] += sign * i64::from(columns[6] == Some(Outcome::Unknown as i64));
    }

    fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.slots |= other.slots;
        for (sum, more) in self.missing.iter_mut().zip(other.missing) {
            *sum += more;
        }
        self.lagged += other.lagged;
        self.lag_sum = self.lag_sum.saturating_add(other.lag_sum);
        self.lag_max = self.lag_max.max(other.lag_max);
    }
}

/// The changes of one transaction. Rows must come in the order of their days.
pub struct FeedDays {
    /// Whether chunks are committed as they arise, so that their delay says something about the feed.
    live: bool,
    /// Feed and time of reading of each chunk.
    chunks: Vec<(u32, i64)>,
    /// The day the rows are at, and what each chunk has of it.
    day: i64,
    open: Vec<Brought>,
    touched: Vec<usize>,
    done: Vec<(u32, i64, Brought)>,
}

impl FeedDays {
    /// Nothing yet.
    pub fn new(live: bool) -> Self {
        Self { live, chunks: Vec::new(), day: i64::MIN, open: Vec::new(), touched: Vec::new(), done: Vec::new() }
    }

    /// The next chunk: its feed and when it was read.
    pub fn chunk(&mut self, feed: u32, ingested: Timestamp) {
        self.chunks.push((feed, ingested.0));
        self.open.push(Brought::NONE);
    }

    /// A row was delivered, be it new or not.
    pub fn seen(&mut self, chunk: usize, columns: &Columns) {
        let [Some(day), _, Some(ts), ..] = *columns else { return };
        if clock_flagged(columns) || columns[30].is_none() {
            return;
        }
        if day != self.day {
            self.close_day();
            self.day = day;
        }
        let sum = &mut self.open[chunk];
        if sum.slots == 0 {
            self.touched.push(chunk);
        }
        sum.first = sum.first.min(ts);
        sum.last = sum.last.max(ts);
        sum.slots |= 1 << (ts.rem_euclid(DAY) / SLOT);
    }

    /// A row that was delivered ([`Self::seen`]) is new.
    pub fn add(&mut self, chunk: usize, columns: &Columns) {
        if clock_flagged(columns) || columns[30].is_none() {
            return;
        }
        let sum = &mut self.open[chunk];
        sum.count(columns, 1);
        if self.live {
            let lag = self.chunks[chunk].1.saturating_sub(columns[2].unwrap_or(0)).max(0);
            sum.lagged += 1;
            sum.lag_sum = sum.lag_sum.saturating_add(lag);
            sum.lag_max = sum.lag_max.max(lag);
        }
    }

    /// A stored row gave way to another: what `from` counted is taken back, what `to` says counts instead.
    pub fn replace(&mut self, from: (Option<u32>, &Columns), to: (Option<u32>, &Columns)) {
        for ((feed, columns), sign) in [(from, -1), (to, 1)] {
            let (Some(feed), Some(day), false) = (feed, columns[0], clock_flagged(columns)) else { continue };
            let mut sum = Brought::NONE;
            sum.count(columns, sign);
            self.done.push((feed, day, sum));
        }
    }

    fn close_day(&mut self) {
        for chunk in self.touched.drain(..) {
            let sum = std::mem::replace(&mut self.open[chunk], Brought::NONE);
            self.done.push((self.chunks[chunk].0, self.day, sum));
        }
    }

    /// Writes the changes.
    pub fn write(mut self, conn: &Connection) -> Result<(), StoreError> {
        self.close_day();
        self.done.sort_unstable_by_key(|(feed, day, _)| (*feed, *day));
        let mut statement = conn.prepare_cached(
            "INSERT INTO feed_day (feed, day, events, first, last, slots, no_source, no_agent, no_credential, no_outcome, lagged, lag_sum, lag_max)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (feed, day) DO UPDATE SET events = events + ?3, first = min(first, ?4), last = max(last, ?5), slots = slots | ?6,
               no_source = no_source + ?7, no_agent = no_agent + ?8, no_credential = no_credential + ?9, no_outcome = no_outcome + ?10,
               lagged = lagged + ?11, lag_sum = lag_sum + ?12, lag_max = max(lag_max, ?13)",
        )?;
        for same in self.done.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let Some((feed, day, _)) = same.first() else { continue };
            let mut sum = Brought::NONE;
            for (.., more) in same {
                sum.add(more);
            }
            let [no_source, no_agent, no_credential, no_outcome] = sum.missing;
            statement.execute(params![
                feed,
                day,
                sum.events,
                sum.first,
                sum.last,
                sum.slots as i64,
                no_source,
                no_agent,
                no_credential,
                no_outcome,
                sum.lagged,
                sum.lag_sum,
                sum.lag_max
            ])?;
        }
        Ok(())
    }
}
