//! Lineage: who made credentials of whom, who took on whose identity, who acted for whom, counted from the events as they
//! are stored. The rule: the other side is kept by the name the record gave it (by its key where it has one), so that it
//! need not be known yet, and what is read back is the same in whatever order the events came. It must not know which
//! operations are deeds.

use super::error::StoreError;
use super::event_columns::Columns;
use super::reader::{PrincipalRow, Reader};
use super::rollup::clock_flagged;
use super::settings;
use crate::model::Timestamp;
use crate::model::page::{Tie, TieRow};
use crate::resolve::{self, Deed};
use foldhash::{HashMap, HashMapExt};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Stands for the system of a name that is the same on every system.
const ANYWHERE: &str = "=";
/// The setting that says by which rules the ties were counted.
const RULES: &str = "ties.rules";
/// Ties an identity shows.
const SHOWN: usize = 50;
/// Names of an identity that are looked up, and rows that are read for them: an identity with more shows the first.
const READ: usize = 4_096;

/// The tie as the one who did it sees it.
fn of_own(deed: Deed) -> Tie {
    match deed {
        Deed::Minted => Tie::Minted,
        Deed::Assumed => Tie::Assumed,
        Deed::ActedFor => Tie::ActsFor,
    }
}

/// The tie as the one it was done to sees it.
fn of_other(deed: Deed) -> Tie {
    match deed {
        Deed::Minted => Tie::MintedBy,
        Deed::Assumed => Tie::AssumedBy,
        Deed::ActedFor => Tie::ActsThrough,
    }
}

/// How often, first and last.
#[derive(Clone, Copy)]
struct Span {
    events: i64,
    first: i64,
    last: i64,
}

/// What a transaction adds.
#[derive(Default)]
pub struct Ties {
    /// By deed, principal, and the term of the other side.
    spans: BTreeMap<(u8, i64, i64), Span>,
    /// Spans that may have lost an event, to be counted anew.
    lost: BTreeSet<(u8, i64, i64)>,
    /// Deeds by the number of the operation.
    deeds: HashMap<i64, Option<Deed>>,
}

impl Ties {
    /// Counts a row that was inserted; `name` tells the text of an operation.
    pub fn add(&mut self, row: &Columns, name: impl Fn(u32) -> Option<Arc<str>>) {
        let [_, Some(principal), Some(ts), ..] = *row else { return };
        if clock_flagged(row) {
            return;
        }
        for (deed, other) in self.of(row, name).into_iter().flatten() {
            let span = self.spans.entry((deed as u8, principal, other)).or_insert(Span { events: 0, first: ts, last: ts });
            *span = Span { events: span.events + 1, first: span.first.min(ts), last: span.last.max(ts) };
        }
    }

    /// A row took the place of another with the same key: both are counted anew from what is stored, which is rare.
    pub fn replace(&mut self, old: &Columns, new: &Columns, name: impl Fn(u32) -> Option<Arc<str>>) {
        for row in [old, new] {
            let Some(principal) = row[1] else { continue };
            for (deed, other) in self.of(row, &name).into_iter().flatten() {
                self.lost.insert((deed as u8, principal, other));
            }
        }
    }

    fn of(&mut self, row: &Columns, name: impl Fn(u32) -> Option<Arc<str>>) -> [Option<(Deed, i64)>; 2] {
        let target = row[24].and_then(|target| {
            let action = row[4]?;
            let deed = *self.deeds.entry(action).or_insert_with(|| resolve::deed(&name(u32::try_from(action).ok()?)?));
            deed.map(|deed| (deed, target))
        });
        [target, row[27].map(|other| (Deed::ActedFor, other))]
    }

    /// Writes what was counted.
    pub fn write(self, conn: &Connection) -> Result<(), StoreError> {
        for ((deed, principal, other), span) in &self.spans {
            let Some((platform, name)) = other_side(conn, *principal, *other)? else { continue };
            conn.prepare_cached(
                "INSERT INTO tie (platform, other, deed, principal, events, first, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (platform, other, deed, principal) DO UPDATE SET events = events + excluded.events,
                   first = min(first, excluded.first), last = max(last, excluded.last)",
            )?
            .execute(params![platform, name, deed, principal, span.events, span.first, span.last])?;
        }
        let mut again: BTreeSet<i64> = BTreeSet::new();
        again.extend(self.lost.into_iter().map(|(_, principal, _)| principal));
        for principal in again {
            conn.prepare_cached("DELETE FROM tie WHERE principal = ?1")?.execute([principal])?;
            count(conn, Some(principal))?;
        }
        Ok(())
    }
}

/// The name of the other side: its key, which is the same everywhere, else its name on the principal's system.
fn other_side(conn: &Connection, principal: i64, other: i64) -> Result<Option<(String, String)>, StoreError> {
    let name: Option<String> =
        conn.prepare_cached("SELECT text FROM term WHERE id = ?1")?.query_row([other], |row| row.get(0)).optional()?;
    let Some(name) = name else { return Ok(None) };
    if let Some(key) = resolve::join_key(&name) {
        return Ok(Some((ANYWHERE.to_owned(), key)));
    }
    let platform: Option<String> =
        conn.prepare_cached("SELECT platform FROM principal WHERE id = ?1")?.query_row([principal], |row| row.get(0)).optional()?;
    Ok(platform.map(|platform| (platform, name)))
}

/// Counts the ties of events stored before there were ties, or under other rules; once per store and version of the rules.
pub fn keep_up(conn: &Connection) -> Result<(), StoreError> {
    if settings::number(conn, RULES)? == Some(resolve::RULES) {
        return Ok(());
    }
    conn.execute("DELETE FROM tie", [])?;
    count(conn, None)?;
    settings::set_number(conn, RULES, resolve::RULES)
}

/// Counts the ties of what is stored, of one principal or of all.
fn count(conn: &Connection, principal: Option<i64>) -> Result<(), StoreError> {
    let mut ties = Ties::default();
    let mut text = conn.prepare_cached("SELECT text FROM term WHERE id = ?1")?;
    let mut names: HashMap<u32, Arc<str>> = HashMap::new();
    let mut statement = conn.prepare_cached(
        "SELECT e.principal, e.ts, e.action, e.target, e.on_behalf, e.flags FROM ev e
         WHERE (e.target IS NOT NULL OR e.on_behalf IS NOT NULL) AND (?1 IS NULL OR e.principal = ?1)",
    )?;
    let mut rows = statement.query([principal])?;
    while let Some(row) = rows.next()? {
        let mut columns: Columns = [None; super::event_columns::COUNT];
        for (from, to) in [1, 2, 4, 24, 27, 7].into_iter().enumerate() {
            columns[to] = row.get(from)?;
        }
        if let Some(action) = columns[4].and_then(|action| u32::try_from(action).ok())
            && !names.contains_key(&action)
            && let Some(name) = text.query_row([action], |row| row.get::<_, Box<str>>(0)).optional()?
        {
            names.insert(action, name.into());
        }
        ties.add(&columns, |action| names.get(&action).cloned());
    }
    ties.write(conn)
}

impl Reader {
    /// What ties an identity to others: by tie, last first. At most fifty.
    pub(super) fn ties(&self, identity: &PrincipalRow) -> Result<Vec<TieRow>, StoreError> {
        let members: BTreeSet<u32> = identity.members().collect();
        let mut found: BTreeMap<(Tie, String), TieRow> = BTreeMap::new();
        let mut add = |tie: Tie, (id, name): (String, String), span: Span| {
            let row = found.entry((tie, id.clone())).or_insert_with(|| TieRow {
                tie,
                id,
                name,
                first: Timestamp(span.first),
                last: Timestamp(span.last),
                events: 0,
            });
            row.first = row.first.min(Timestamp(span.first));
            row.last = row.last.max(Timestamp(span.last));
            row.events += span.events.max(0) as u64;
        };
        let span =
            |row: &rusqlite::Row<'_>| -> rusqlite::Result<Span> { Ok(Span { events: row.get(0)?, first: row.get(1)?, last: row.get(2)? }) };
        for (platform, name) in self.names_of(&members)? {
            let mut statement = self.conn.prepare_cached(
                "SELECT events, first, last, deed, principal FROM tie WHERE platform = ?1 AND other = ?2 ORDER BY last DESC, principal LIMIT ?3",
            )?;
            let mut rows = statement.query(params![platform, name, READ as i64])?;
            while let Some(row) = rows.next()? {
                let Some(tie) = Deed::from_code(row.get(3)?).map(of_other) else { continue };
                let principal: u32 = row.get(4)?;
                if members.contains(&principal) && tie == Tie::ActsThrough {
                    continue;
                }
                add(tie, self.called_in_ties(principal)?, span(row)?);
            }
        }
        for member in &members {
            let mut statement = self.conn.prepare_cached(
                "SELECT events, first, last, deed, platform, other FROM tie WHERE principal = ?1 ORDER BY last DESC, platform, other LIMIT ?2",
            )?;
            let mut rows = statement.query(params![member, READ as i64])?;
            while let Some(row) = rows.next()? {
                let Some(tie) = Deed::from_code(row.get(3)?).map(of_own) else { continue };
                let (platform, other): (String, String) = (row.get(4)?, row.get(5)?);
                match self.principal_named(&platform, &other)? {
                    // What it did to itself stands on the other side already.
                    Some(principal) if members.contains(&principal) => {}
                    Some(principal) => add(tie, self.called_in_ties(principal)?, span(row)?),
                    None => add(tie, (other.clone(), other), span(row)?),
                }
            }
        }
        let mut rows: Vec<TieRow> = found.into_values().collect();
        rows.sort_by(|a, b| (a.tie, b.last, &a.id).cmp(&(b.tie, a.last, &b.id)));
        rows.truncate(SHOWN);
        Ok(rows)
    }

    /// Every name of principals: their ids, their aliases and their keys, with the system each belongs to.
    fn names_of(&self, members: &BTreeSet<u32>) -> Result<Vec<(String, String)>, StoreError> {
        let mut names = BTreeSet::new();
        for member in members {
            let mut statement = self.conn.prepare_cached(
                "SELECT platform, pid FROM principal WHERE id = ?1 UNION SELECT platform, id FROM alias WHERE principal = ?1 LIMIT ?2",
            )?;
            for name in statement.query_map(params![member, READ as i64], |row| Ok((row.get(0)?, row.get(1)?)))? {
                names.insert(name?);
            }
        }
        Ok(names.into_iter().take(READ).collect())
    }

    /// The least principal that goes by a name.
    fn principal_named(&self, platform: &str, name: &str) -> Result<Option<u32>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id FROM principal WHERE pid = ?2 AND platform = ?1 UNION ALL SELECT principal FROM alias WHERE platform = ?1 AND id = ?2 LIMIT 1",
        )?;
        Ok(statement.query_row([platform, name], |row| row.get(0)).optional()?)
    }

    /// Id and name of the identity of a principal.
    fn called_in_ties(&self, principal: u32) -> Result<(String, String), StoreError> {
        Ok(self.principal(principal)?.map(|row| (row.pid.clone(), row.shown_name())).unwrap_or_default())
    }

    /// Ids of the identities that go by a name on any system, be it an id or an alias of one of their principals, or a form
    /// of it that the records do not use.
    pub fn known_as(&self, name: &str) -> Result<BTreeSet<String>, StoreError> {
        let mut out = BTreeSet::new();
        let key = resolve::join_key(name).unwrap_or_default();
        let settled = resolve::settle("", name, None).map_or_else(|| name.to_owned(), |settled| settled.id);
        let mut statement = self.conn.prepare_cached(
            "SELECT i.pid FROM principal p JOIN principal i ON i.id = p.identity WHERE p.pid IN (?1, ?2)
             UNION SELECT i.pid FROM principal p JOIN principal i ON i.id = p.identity WHERE ?1 LIKE 'app:%' AND p.pid > ?1 || '@' AND p.pid < ?1 || 'A'
             UNION SELECT i.pid FROM alias a JOIN principal p ON p.id = a.principal JOIN principal i ON i.id = p.identity
               WHERE a.platform <> '=' AND (a.id = ?1 OR ?1 LIKE 'app:%' AND a.id > ?1 || '@' AND a.id < ?1 || 'A')
             UNION SELECT i.pid FROM alias a JOIN principal p ON p.id = a.principal JOIN principal i ON i.id = p.identity
               WHERE a.platform = '=' AND a.id = ?3
             LIMIT 16",
        )?;
        for id in statement.query_map([name, &settled, &key], |row| row.get(0))? {
            out.insert(id?);
        }
        Ok(out)
    }
}
