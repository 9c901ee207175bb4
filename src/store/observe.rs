//! Reading events for the fold: a day at a time in the order (principal, time, event id), only the columns a fold needs,
//! symbols in place of the store's numbers. Events with an impossible clock or beyond retention are not shown to it. It
//! must not know what the fold does with them.

use super::error::StoreError;
use super::event_columns::{event_id, stored_id};
use super::lexicon::Lexicon;
use super::reader::Reader;
use crate::model::observation::flag;
use crate::model::{ActionClass, Agent, Day, EventId, JobStep, Observation, Outcome, Probe, Source, Timestamp};
use rusqlite::{Row, params};
use std::collections::BTreeSet;
use std::sync::Arc;

const OF_DAY: &str = "SELECT principal, ts, eid, action, class, outcome, flags, ip, agent, auth, credential, resource, domain, region, \
     rows, bytes, probe, shape, job, job_step, tags, scopes, tool, target FROM ev WHERE day = ?1 AND principal BETWEEN ?2 AND ?3 ORDER BY principal, ts, eid";
const OF_PRINCIPAL: &str = "SELECT principal, ts, eid, action, class, outcome, flags, ip, agent, auth, credential, resource, domain, region, \
     rows, bytes, probe, shape, job, job_step, tags, scopes, tool, target FROM ev WHERE day = ?1 AND principal = ?2 ORDER BY ts, eid";

const OF_PRINCIPAL_AFTER: &str = "SELECT principal, ts, eid, action, class, outcome, flags, ip, agent, auth, credential, resource, domain, region, \
     rows, bytes, probe, shape, job, job_step, tags, scopes, tool, target FROM ev WHERE day = ?1 AND principal = ?2 AND (ts, eid) > (?3, ?4) ORDER BY ts, eid";

/// A seek of one principal costs about as much as reading this many rows.
const SEEK_ROWS: i64 = 24;

/// The last source and client, because the next row mostly has the same.
#[derive(Default)]
struct Last {
    source: Option<(u32, Arc<Source>)>,
    agent: Option<(u32, Arc<Agent>)>,
}

impl Reader {
    /// Days with events the fold may see, in order.
    pub fn days(&self) -> Result<Vec<Day>, StoreError> {
        // A skip scan: one seek a day, however many principals there are.
        let mut statement = self.conn.prepare_cached(
            "WITH RECURSIVE d (day) AS (SELECT min(day) FROM rday UNION ALL SELECT (SELECT min(day) FROM rday WHERE day > d.day) FROM d WHERE d.day IS NOT NULL)
             SELECT day FROM d WHERE day IS NOT NULL",
        )?;
        Ok(statement.query_map([], |row| row.get(0).map(Day))?.collect::<Result<_, _>>()?)
    }

    /// Shows the events of a day in the order (principal, time, event id), of all principals or of `only` those.
    pub fn observe(&mut self, day: Day, only: Option<&BTreeSet<u32>>, visit: &mut dyn FnMut(u32, Observation)) -> Result<(), StoreError> {
        self.scan(day, only, visit)
    }

    /// [`Self::observe`] for our own panes, which look up names only afterwards.
    pub(super) fn scan(&self, day: Day, only: Option<&BTreeSet<u32>>, visit: &mut dyn FnMut(u32, Observation)) -> Result<(), StoreError> {
        // One transaction, so that the dictionaries and the events are of the same moment.
        let tx = self.moment()?;
        Lexicon::follow(&mut self.lexicon.borrow_mut(), &tx)?;
        let lexicon = self.lexicon.borrow();
        let mut last = Last::default();
        let mut show = |row: &Row<'_>, wanted: Option<&BTreeSet<u32>>| -> Result<(), StoreError> {
            let principal: u32 = row.get(0)?;
            if wanted.is_none_or(|only| only.contains(&principal))
                && let Some(observation) = observation(row, principal, &lexicon, &mut last)?
            {
                visit(principal, observation);
            }
            Ok(())
        };
        let seek = match only {
            Some(only) => only.len() as i64 * SEEK_ROWS < day_events(&tx, day)?,
            None => false,
        };
        if let (Some(only), true) = (only, seek) {
            let mut statement = tx.prepare_cached(OF_PRINCIPAL)?;
            for principal in only {
                let mut rows = statement.query(params![day.0, principal])?;
                while let Some(row) = rows.next()? {
                    show(row, None)?;
                }
            }
        } else {
            let mut statement = tx.prepare_cached(OF_DAY)?;
            let (from, to) = only.and_then(|only| Some((*only.first()?, *only.last()?))).unwrap_or((0, u32::MAX));
            let mut rows = statement.query(params![day.0, from, to])?;
            while let Some(row) = rows.next()? {
                show(row, only)?;
            }
        }
        Ok(())
    }
}

impl Reader {
    /// Shows the events of a principal on a day after a key, or all of them, in order: how a live fold moves on.
    pub fn observe_after(
        &mut self,
        principal: u32,
        day: Day,
        after: Option<(Timestamp, EventId)>,
        visit: &mut dyn FnMut(Observation),
    ) -> Result<(), StoreError> {
        let tx = self.conn.unchecked_transaction()?;
        Lexicon::follow(self.lexicon.get_mut(), &tx)?;
        let lexicon = self.lexicon.borrow();
        let mut last = Last::default();
        let mut statement = tx.prepare_cached(OF_PRINCIPAL_AFTER)?;
        let (time, id) = after.map_or((i64::MIN, i64::MIN), |(time, id)| (time.0, stored_id(id)));
        let mut rows = statement.query(params![day.0, principal, time, id])?;
        while let Some(row) = rows.next()? {
            if let Some(observation) = observation(row, principal, &lexicon, &mut last)? {
                visit(observation);
            }
        }
        Ok(())
    }
}

/// The observation in a row; `None` for events the fold must not see.
fn observation(row: &Row<'_>, principal: u32, lexicon: &Lexicon, last: &mut Last) -> Result<Option<Observation>, StoreError> {
    let flags: u16 = row.get(6)?;
    if flags & (flag::CLOCK | flag::TOO_LATE) != 0 {
        return Ok(None);
    }
    let sym = |at: usize| -> rusqlite::Result<_> { Ok(lexicon.sym(row.get(at)?)) };
    let source = row.get::<_, Option<u32>>(7)?.and_then(|id| match &last.source {
        Some((known, source)) if *known == id => Some(Arc::clone(source)),
        _ => {
            last.source = lexicon.source(id).map(|source| (id, Arc::clone(source)));
            last.source.as_ref().map(|(_, source)| Arc::clone(source))
        }
    });
    let agent = row.get::<_, Option<u32>>(8)?.and_then(|id| match &last.agent {
        Some((known, agent)) if *known == id => Some(Arc::clone(agent)),
        _ => {
            last.agent = lexicon.agent(id).map(|agent| (id, Arc::clone(agent)));
            last.agent.as_ref().map(|(_, agent)| Arc::clone(agent))
        }
    });
    Ok(Some(Observation {
        time: Timestamp(row.get(1)?),
        id: event_id(row.get(2)?),
        principal,
        source,
        agent,
        action: sym(3)?,
        class: ActionClass::from_code(row.get(4)?).ok_or_else(|| StoreError::damaged("an event of an unknown class"))?,
        probe: row.get::<_, Option<u8>>(16)?.and_then(Probe::from_code),
        auth_method: sym(9)?,
        credential: sym(10)?,
        resource: sym(11)?,
        domain: sym(12)?,
        region: sym(13)?,
        query_shape: sym(17)?,
        job: sym(18)?,
        job_step: row.get::<_, Option<u8>>(19)?.and_then(JobStep::from_code),
        outcome: Outcome::from_code(row.get(5)?).unwrap_or(Outcome::Unknown),
        rows: row.get::<_, Option<i64>>(14)?.map(|n| n as u64),
        bytes: row.get::<_, Option<i64>>(15)?.map(|n| n as u64),
        tags: sym(20)?,
        scopes: sym(21)?,
        tool: sym(22)?,
        target: sym(23)?,
        flags,
    }))
}

fn day_events(conn: &rusqlite::Connection, day: Day) -> Result<i64, StoreError> {
    Ok(conn.prepare_cached("SELECT ifnull(sum(events), 0) FROM rday WHERE day = ?1")?.query_row([day.0], |row| row.get(0))?)
}
