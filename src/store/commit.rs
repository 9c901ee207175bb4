//! Committing chunks: events, dictionaries, roll-ups, raw records, rejects and positions in one transaction, exactly once.
//! The rule: the end state is the same for the same records in any order, any chunks, any number of times. Of two records
//! with one key the smaller canonical hash is kept; equal ones keep the lesser origin. It must not know how chunks are made.

use super::dictionary::Dictionary;
use super::error::StoreError;
use super::event_columns::{Columns, Insert, columns, remove, resolve, stored_id};
use super::feed_day::FeedDays;
use super::origin::{NewBlock, Origins};
use super::rejects;
use super::rollup::{Rollup, clock_flagged};
use super::settings;
use super::ties::Ties;
use super::writer::Writer;
use crate::model::chunk::{Chunk, NONE, Row};
use crate::model::observation::flag;
use crate::model::{Day, Timestamp};
use rusqlite::{CachedStatement, Connection, OptionalExtension, TransactionBehavior, params};
use std::collections::{BTreeMap, BTreeSet};

/// What a commit did. `read = stored + duplicate + rejected`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Events that were new.
    pub stored: u64,
    /// Events that were there already.
    pub duplicate: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// Principals whose events of a day changed in a way the fold must see: a new one, or another record under the same
    /// key. Events with an impossible clock and those beyond retention are never folded and do not count.
    pub days: BTreeMap<Day, BTreeSet<u32>>,
    /// Newest event time stored whose clock is possible.
    pub newest: Option<Timestamp>,
    /// What became of each chunk, in their order.
    pub chunks: Vec<Tally>,
}

/// What became of the records of one chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events that were new.
    pub stored: u64,
    /// Events that were there already.
    pub duplicate: u64,
    /// Records that could not be read.
    pub rejected: u64,
}

impl Writer {
    /// Stores chunks in one transaction: all of it or nothing. Hand over up to about 50,000 rows at a time in bulk, and what
    /// 200 ms brought when live. After an error nothing of these chunks is stored and they may be given again.
    pub fn commit(&mut self, chunks: Vec<Chunk>) -> Result<Committed, StoreError> {
        self.commit_retried(chunks, &[])
    }

    /// The same for what is read again: the rejects with these numbers give way to what the chunks hold, which is where a
    /// record that still cannot be read stands as a reject again.
    pub fn commit_retried(&mut self, mut chunks: Vec<Chunk>, retried: &[i64]) -> Result<Committed, StoreError> {
        let Self { conn, dictionary: kept, context, live, .. } = self;
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        rejects::remove(&tx, retried)?;
        // Taken out and put back only after the commit: a rolled-back one may hold numbers that were never given.
        let mut dictionary = match kept.take() {
            Some(mut dictionary) => {
                dictionary.follow(&tx)?;
                dictionary
            }
            None => Dictionary::load(&tx)?,
        };
        let mut committed = Committed::default();
        let mut places = Vec::with_capacity(chunks.len());
        let mut feed_days = FeedDays::new(*live);
        for chunk in &mut chunks {
            let feed = feed_number(&tx, &chunk.feed)?;
            feed_days.chunk(feed, chunk.ingested);
            let terms = dictionary.resolve_terms(&tx, &chunk.terms, context)?;
            let principals = dictionary.resolve_principals(&tx, &chunk.principals)?;
            for row in &mut chunk.rows {
                let Some(principal) = principals.get(row.principal as usize) else {
                    return Err(StoreError::damaged(format!("a row of {} names principal {} of its chunk", chunk.feed, row.principal)));
                };
                row.principal = *principal;
                resolve(row, &terms);
            }
            let rejected = rejects::write(&tx, feed, chunk)?;
            committed.chunks.push(Tally { rejected, ..Tally::default() });
            committed.rejected += rejected;
            write_position(&tx, feed, chunk)?;
            places.push(feed);
        }
        // From here on the references of all rows are the store's numbers.
        let mut origins = Origins::begin(&tx)?;
        let mut batch = Vec::with_capacity(chunks.iter().map(|chunk| chunk.rows.len()).sum());
        for (number, (chunk, feed)) in chunks.iter().zip(places).enumerate() {
            let first = chunk
                .raw
                .iter()
                .map(|block| origins.add(NewBlock { feed, name: &chunk.feed, ingested: chunk.ingested, block, used: false }))
                .min();
            for row in &chunk.rows {
                let key = (row.time.day().0, row.principal, row.time.0, stored_id(row.id));
                batch.push((key, number, row, raw_place(row, chunk, first)));
            }
        }
        batch.sort_unstable_by_key(|(key, ..)| *key);

        let mut rollup = Rollup::default();
        let mut ties = Ties::default();
        let mut insert = Insert::new(&tx)?;
        let mut stored = tx.prepare_cached(STORED)?;
        let mut in_duplicates = false;
        let (mut held, mut dated) = (None, None);
        for (place, ((day, principal, ..), chunk, row, raw)) in batch.iter().enumerate() {
            if place % FETCHED == 0 {
                fetch(batch.iter().skip(place).take(FETCHED).map(|(_, _, row, _)| *row));
            }
            let ((day, principal), chunk, raw) = ((*day, *principal), *chunk, *raw);
            let new = columns(row, raw);
            // Duplicates come in runs: after one, looking comes before inserting, which saves a seek on a second load.
            let mut old = if in_duplicates { stored_columns(&mut stored, &new)? } else { None };
            if old.is_none() && !insert.row(&new)? {
                old = stored_columns(&mut stored, &new)?;
            }
            in_duplicates = old.is_some();
            feed_days.seen(chunk, &new);
            let changed = if let Some(old) = old {
                committed.duplicate += 1;
                committed.chunks[chunk].duplicate += 1;
                settle(
                    &tx,
                    &mut insert,
                    &mut origins,
                    &mut Counts { rollup: &mut rollup, feed_days: &mut feed_days, ties: &mut ties, dictionary: &dictionary },
                    &old,
                    &new,
                )?
            } else {
                committed.stored += 1;
                committed.chunks[chunk].stored += 1;
                origins.keep(raw);
                rollup.add(&new);
                feed_days.add(chunk, &new);
                ties.add(&new, |action| dictionary.action(action));
                true
            };
            // Sorted rows repeat most of the row before.
            let holding = (row.credential, principal);
            if row.credential != NONE && held.replace(holding) != Some(holding) && dictionary.holds(&tx, row.credential, principal)? {
                rollup.credential(i64::from(principal));
            }
            if !changed {
                continue;
            }
            if !clock_flagged(&new) {
                committed.newest = committed.newest.max(Some(row.time));
                if row.flags & flag::TOO_LATE == 0 && dated.replace((day, principal)) != Some((day, principal)) {
                    committed.days.entry(row.time.day()).or_default().insert(principal);
                }
            }
        }
        drop((insert, stored));
        rollup.write(&tx)?;
        ties.write(&tx)?;
        feed_days.write(&tx)?;
        origins.write(&tx)?;
        if let Some(newest) = committed.newest
            && settings::number(&tx, "newest")?.is_none_or(|known| known < newest.0)
        {
            settings::set_number(&tx, "newest", newest.0)?;
        }
        tx.commit()?;
        *kept = Some(dictionary);
        Ok(committed)
    }
}

/// Rows fetched together.
const FETCHED: usize = 16;

/// Has the processor fetch rows. Sorted rows lie all over memory: asked for one by one, each would be waited for.
fn fetch<'r>(rows: impl Iterator<Item = &'r Row>) {
    std::hint::black_box(rows.fold(0, |sum, row| sum ^ row.time.0 as u64 ^ row.canonical ^ u64::from(row.tags)));
}

/// What is compared and counted of a row that is there already.
const STORED: &str = "SELECT outcome, flags, ip, agent, credential, rows, bytes, canonical, raw, action, target, on_behalf FROM ev WHERE day = ?1 AND principal = ?2 AND ts = ?3 AND eid = ?4";

/// The reference to a row's raw record: its block's number and its place inside.
fn raw_place(row: &Row, chunk: &Chunk, first: Option<i64>) -> Option<i64> {
    (row.raw_block != NONE && (row.raw_block as usize) < chunk.raw.len())
        .then(|| first.map(|first| (first + i64::from(row.raw_block)) << 8 | i64::from(row.raw_index)))
        .flatten()
}

/// The row that is stored under the key of `new`: its own outcome, flags, source, client, credential, numbers, hash, place,
/// operation and ties, the rest as in `new`.
fn stored_columns(stored: &mut CachedStatement<'_>, new: &Columns) -> Result<Option<Columns>, StoreError> {
    let mut rows = stored.query([new[0], new[1], new[2], new[3]])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mut old = *new;
    for (from, to) in [6, 7, 8, 9, 11, 15, 16, 29, 30, 4, 24, 27].into_iter().enumerate() {
        old[to] = row.get(from)?;
    }
    Ok(Some(old))
}

/// What is counted of rows beside storing them.
struct Counts<'a> {
    rollup: &'a mut Rollup,
    feed_days: &'a mut FeedDays,
    ties: &'a mut Ties,
    dictionary: &'a Dictionary,
}

/// Decides between a stored row and another with the same key; `true` when the fold must see the change.
fn settle(
    conn: &Connection,
    insert: &mut Insert<'_>,
    origins: &mut Origins<'_>,
    counts: &mut Counts<'_>,
    old: &Columns,
    new: &Columns,
) -> Result<bool, StoreError> {
    let key = [new[0], new[1], new[2], new[3]];
    let hash = |columns: &Columns| columns[29].unwrap_or(0) as u64;
    if hash(new) > hash(old) {
        return Ok(false);
    }
    if hash(new) == hash(old) {
        if origins.lesser(conn, new[30], old[30])? {
            conn.prepare_cached("UPDATE ev SET raw = ?5 WHERE day = ?1 AND principal = ?2 AND ts = ?3 AND eid = ?4")?
                .execute([new[0], new[1], new[2], new[3], new[30]])?;
            origins.keep(new[30]);
            // The same record, kept for another feed now; the clock stays as it was judged.
            let (from, to) = (origins.feed(conn, old[30])?, origins.feed(conn, new[30])?);
            counts.feed_days.replace((from, old), (to, old));
        }
        return Ok(false);
    }
    let mut new = *new;
    // A clock is judged once, when an event is first stored.
    let clock = i64::from(flag::CLOCK);
    new[7] = Some(new[7].unwrap_or(0) & !clock | old[7].unwrap_or(0) & clock);
    remove(conn, key)?;
    insert.row(&new)?;
    origins.keep(new[30]);
    counts.rollup.replace(old, &new);
    counts.ties.replace(old, &new, |action| counts.dictionary.action(action));
    let (from, to) = (origins.feed(conn, old[30])?, origins.feed(conn, new[30])?);
    counts.feed_days.replace((from, old), (to, &new));
    Ok(true)
}

/// The number of a feed, given when it is first seen.
fn feed_number(conn: &Connection, name: &str) -> Result<u32, StoreError> {
    if let Some(id) = conn.prepare_cached("SELECT id FROM feed WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    conn.prepare_cached("INSERT INTO feed (name) VALUES (?1)")?.execute([name])?;
    Ok(conn.last_insert_rowid() as u32)
}

fn write_position(conn: &Connection, feed: u32, chunk: &Chunk) -> Result<(), StoreError> {
    let Some(position) = &chunk.position else { return Ok(()) };
    conn.prepare_cached(
        "INSERT OR REPLACE INTO position (feed, place, head, tail, size, modified, complete, records, format, header)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        feed,
        position.offset as i64,
        position.head,
        position.tail,
        position.size as i64,
        position.modified,
        position.complete,
        position.records as i64,
        position.format,
        position.header
    ])?;
    Ok(())
}
