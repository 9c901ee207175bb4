//! Events as people see them: found by identity and time, resolved to texts. Every event is shown, those with an
//! impossible clock too. It must not know the filter language.

use super::error::StoreError;
use super::event_columns::{event_id, stored_id};
use super::lexicon::Lexicon;
use super::reader::{PrincipalRow, Reader};
use crate::model::alert::EventRef;
use crate::model::observation::flag;
use crate::model::page::{CredentialRow, EventIdentity, EventRow, Origin, SessionRow};
use crate::model::{ActionClass, JobStep, Network, Outcome, Probe, Timestamp};
use foldhash::HashMap;
use rusqlite::{OptionalExtension, Row, params};
use std::sync::Arc;

/// Which events to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFilter {
    /// Only of this identity (its id).
    pub identity: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// At most so many.
    pub limit: usize,
    /// Newest first; else oldest first.
    pub newest_first: bool,
}

impl Default for EventFilter {
    fn default() -> Self {
        Self { identity: None, since: None, until: None, limit: 200, newest_first: true }
    }
}

/// Terms whose texts are remembered during one query.
const REMEMBERED: usize = 16_384;

/// Texts already looked up during one query.
#[derive(Default)]
struct Seen {
    terms: HashMap<u32, (Arc<str>, Arc<str>)>,
    principals: HashMap<u32, (String, EventIdentity)>,
}

const ALL: &str =
    "SELECT day, action, class, outcome, flags, ip, agent, auth, credential, resource, domain, region, rows, bytes, probe, shape, job, \
     job_step, format, session, issued, target, tenant, account, on_behalf, error, raw, scopes, tool, tags FROM ev
     WHERE day = ?1 AND principal = ?2 AND ts = ?3 AND eid = ?4";

impl Reader {
    /// Shows events one by one, ordered by time, ties by event id.
    pub fn events(&self, filter: &EventFilter, visit: &mut dyn FnMut(EventRow)) -> Result<(), StoreError> {
        self.read_events(filter, false, &mut |event| {
            visit(event);
            true
        })
    }

    /// Shows the events of a filter until so many were accepted as its limit says: for conditions the filter cannot
    /// express. It reads on past what is not accepted; an interrupt ends it.
    pub fn search_events(&self, filter: &EventFilter, accept: &mut dyn FnMut(EventRow) -> bool) -> Result<(), StoreError> {
        self.read_events(filter, true, accept)
    }

    fn read_events(&self, filter: &EventFilter, searching: bool, accept: &mut dyn FnMut(EventRow) -> bool) -> Result<(), StoreError> {
        let _moment = self.moment()?;
        let mut seen = Seen::default();
        self.find_events(filter, searching, &mut |event| Ok(self.event_row(event, &mut seen)?.is_some_and(&mut *accept)))
    }

    /// One event, resolved; `None` when it is not stored.
    pub fn event(&self, event: EventRef) -> Result<Option<EventRow>, StoreError> {
        self.event_row(event, &mut Seen::default())
    }

    /// Where the events of a filter lie.
    fn find_events(
        &self,
        filter: &EventFilter,
        searching: bool,
        found: &mut dyn FnMut(EventRef) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let (principal, joined) = match &filter.identity {
            Some(id) => match self.principal_of(id)? {
                Some(principal) => (Some(principal.id), principal.is_joined()),
                None => return Ok(()),
            },
            None => (None, false),
        };
        let (since, until) = (filter.since.map_or(i64::MIN, |t| t.0), filter.until.map_or(i64::MAX, |t| t.0));
        let (first, last) = (Timestamp(since).day().0, Timestamp(until.saturating_sub(1)).day().0);
        let (first, last) = if filter.since.is_none() { (i32::MIN, last) } else { (first, last) };
        let last = if filter.until.is_none() { i32::MAX } else { last };
        let mut left = filter.limit;
        let mut edge = if filter.newest_first { i64::from(last) } else { i64::from(first) };
        while left > 0 {
            let sql =
                if filter.newest_first { "SELECT max(day) FROM ev WHERE day <= ?1" } else { "SELECT min(day) FROM ev WHERE day >= ?1" };
            let day: Option<i64> = self.conn.prepare_cached(sql)?.query_row([edge], |row| row.get(0))?;
            let Some(day) = day.filter(|day| (i64::from(first)..=i64::from(last)).contains(day)) else { break };
            edge = if filter.newest_first { day - 1 } else { day + 1 };
            let sql = match (principal.is_some(), filter.newest_first) {
                (true, true) if joined => {
                    "SELECT principal, ts, eid FROM ev WHERE day = ?1 AND principal IN (SELECT id FROM principal WHERE identity = ?5) AND ts >= ?2 AND ts < ?3 ORDER BY ts DESC, eid DESC LIMIT ?4"
                }
                (true, false) if joined => {
                    "SELECT principal, ts, eid FROM ev WHERE day = ?1 AND principal IN (SELECT id FROM principal WHERE identity = ?5) AND ts >= ?2 AND ts < ?3 ORDER BY ts, eid LIMIT ?4"
                }
                (true, true) => {
                    "SELECT principal, ts, eid FROM ev WHERE day = ?1 AND principal = ?5 AND ts >= ?2 AND ts < ?3 ORDER BY ts DESC, eid DESC LIMIT ?4"
                }
                (true, false) => {
                    "SELECT principal, ts, eid FROM ev WHERE day = ?1 AND principal = ?5 AND ts >= ?2 AND ts < ?3 ORDER BY ts, eid LIMIT ?4"
                }
                (false, true) => {
                    "SELECT principal, ts, eid FROM ev WHERE day = ?1 AND ts >= ?2 AND ts < ?3 AND ?5 IS NULL ORDER BY ts DESC, eid DESC, principal LIMIT ?4"
                }
                (false, false) => {
                    "SELECT principal, ts, eid FROM ev WHERE day = ?1 AND ts >= ?2 AND ts < ?3 AND ?5 IS NULL ORDER BY ts, eid, principal LIMIT ?4"
                }
            };
            let mut statement = self.conn.prepare_cached(sql)?;
            let most = if searching { i64::MAX } else { i64::try_from(left).unwrap_or(i64::MAX) };
            let mut rows = statement.query(params![day, since, until, most, principal])?;
            while left > 0
                && let Some(row) = rows.next()?
            {
                if found(EventRef { principal: row.get(0)?, time: Timestamp(row.get(1)?), id: event_id(row.get(2)?) })? {
                    left -= 1;
                }
            }
        }
        Ok(())
    }

    fn event_row(&self, event: EventRef, seen: &mut Seen) -> Result<Option<EventRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(ALL)?;
        let mut rows = statement.query(params![event.time.day().0, event.principal, event.time.0, stored_id(event.id)])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        self.resolve(row, event, seen).map(Some)
    }

    fn resolve(&self, row: &Row<'_>, event: EventRef, seen: &mut Seen) -> Result<EventRow, StoreError> {
        let (principal, identity) = self.whose(event.principal, seen)?;
        let mut term = |at: usize| -> Result<Option<(String, String)>, StoreError> {
            let Some(id) = row.get::<_, Option<u32>>(at)? else { return Ok(None) };
            if let Some((text, detail)) = seen.terms.get(&id) {
                return Ok(Some((text.to_string(), detail.to_string())));
            }
            let found: Option<(Arc<str>, Arc<str>)> = self
                .conn
                .prepare_cached("SELECT text, detail FROM term WHERE id = ?1")?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((text, detail)) = found else { return Err(StoreError::damaged(format!("term {id} is missing"))) };
            if seen.terms.len() >= REMEMBERED {
                seen.terms.clear();
            }
            seen.terms.insert(id, (Arc::clone(&text), Arc::clone(&detail)));
            Ok(Some((text.to_string(), detail.to_string())))
        };
        let (action, service) = term(1)?.unwrap_or_default();
        let format = term(18)?.map(|(text, _)| text).unwrap_or_default();
        let credential = term(8)?.map(|(id, kind)| CredentialRow { id, kind });
        let flags: u16 = row.get(4)?;
        let mfa = if flags & flag::MFA != 0 { Some(true) } else { (flags & flag::NO_MFA != 0).then_some(false) };
        let session = SessionRow {
            id: term(19)?.map(|(text, _)| text),
            mfa,
            issued_at: row.get::<_, Option<i64>>(20)?.map(Timestamp),
            length_s: None,
        };
        let (ip_id, agent_id) = (row.get::<_, Option<u32>>(5)?, row.get::<_, Option<u32>>(6)?);
        let newest_term = ip_id.max(agent_id);
        if newest_term.is_some_and(|id| !self.lexicon.borrow().knows(id)) {
            Lexicon::follow(&mut self.lexicon.borrow_mut(), &self.conn)?;
        }
        let lexicon = self.lexicon.borrow();
        let source = ip_id.and_then(|id| lexicon.source(id));
        let agent = agent_id.and_then(|id| lexicon.agent(id));
        let raw: Option<i64> = row.get(26)?;
        let origin = self.record_source(raw)?;
        let provider_id = match self.provider_id {
            Some(find) => self.record(raw)?.and_then(|record| find(&format, &record)),
            None => None,
        };
        let known = |text: &String| (!text.is_empty()).then(|| text.clone());
        let mut text = |at: usize| -> Result<Option<String>, StoreError> { Ok(term(at)?.map(|(text, _)| text)) };
        Ok(EventRow {
            time: event.time,
            ingested: origin.ingested,
            feed: origin.feed.clone(),
            uid: event.id.to_string(),
            event_id: provider_id,
            tenant: text(22)?,
            cloud_account: text(23)?,
            principal,
            identity,
            credential,
            session: (session.id.is_some() || session.mfa.is_some() || session.issued_at.is_some()).then_some(session),
            on_behalf_of: text(24)?,
            ip: source.map(|s| s.text.clone()),
            asn: source.map(|s| s.asn).filter(|asn| *asn != 0),
            as_org: source.and_then(|s| known(&s.org)),
            network: source.map_or(Network::Unknown, |s| s.network),
            cloud: source.filter(|s| s.network == Network::Cloud).and_then(|s| known(&s.label)),
            region: text(11)?,
            country: source.and_then(|s| known(&s.country)),
            user_agent: agent.map(|a| a.text.clone()),
            agent: agent.map(|a| if a.major == 0 { a.family.clone() } else { format!("{}/{}", a.family, a.major) }),
            auth_method: text(7)?,
            action,
            service: known(&service),
            class: ActionClass::from_code(row.get(2)?).ok_or_else(|| StoreError::damaged("an event of an unknown class"))?,
            resource: text(9)?,
            data_domain: text(10)?,
            target_identity: text(21)?,
            scopes: text(27)?.map(|all| all.split_whitespace().map(str::to_owned).collect()).unwrap_or_default(),
            tool: text(28)?,
            query_shape: text(15)?,
            outcome: Outcome::from_code(row.get(3)?).unwrap_or(Outcome::Unknown),
            error: text(25)?,
            rows: row.get::<_, Option<i64>>(12)?.map(|n| n as u64),
            bytes: row.get::<_, Option<i64>>(13)?.map(|n| n as u64),
            job: text(16)?,
            job_step: row.get::<_, Option<u8>>(17)?.and_then(JobStep::from_code),
            probe: row.get::<_, Option<u8>>(14)?.and_then(Probe::from_code),
            via_provider: flags & flag::VIA_PROVIDER != 0,
            tags: tags(flags, text(29)?),
            origin: Origin { file: origin.feed, offset: origin.offset },
            format,
        })
    }

    fn whose(&self, id: u32, seen: &mut Seen) -> Result<(String, EventIdentity), StoreError> {
        if let Some((pid, identity)) = seen.principals.get(&id) {
            return Ok((pid.clone(), identity.clone()));
        }
        let row = self
            .conn
            .prepare_cached(&["SELECT ", PrincipalRow::COLUMNS, " FROM principal WHERE id = ?1"].concat())?
            .query_row([id], PrincipalRow::read)
            .optional()?
            .ok_or_else(|| StoreError::damaged(format!("principal {id} is missing")))?;
        let pid = row.pid.clone();
        let listed = self.listed(self.whole(row)?)?;
        let (kind, class, reason) = listed.kind;
        let identity = EventIdentity { id: listed.row.pid, name: listed.name, kind, class, reason };
        seen.principals.insert(id, (pid.clone(), identity.clone()));
        Ok((pid, identity))
    }

    /// The identity that an id stands for, be it that of any of its principals; of several platforms that use the same id the
    /// least.
    pub(super) fn principal_of(&self, identity: &str) -> Result<Option<PrincipalRow>, StoreError> {
        let sql = ["SELECT ", PrincipalRow::COLUMNS, " FROM principal WHERE pid = ?1 ORDER BY platform LIMIT 1"].concat();
        self.conn.prepare_cached(&sql)?.query_row([identity], PrincipalRow::read).optional()?.map(|row| self.whole(row)).transpose()
    }
}

/// What is said about an event beside what happened.
fn tags(flags: u16, said: Option<String>) -> Vec<String> {
    let clock = (flags & flag::CLOCK != 0).then(|| "clock".to_owned());
    clock.into_iter().chain(said.iter().flat_map(|said| said.split('\n')).map(str::to_owned)).collect()
}

impl PrincipalRow {
    /// The display name; the last part of the id where records carry none.
    pub fn shown_name(&self) -> String {
        if self.name.is_empty() { self.pid.rsplit(['/', ':']).next().unwrap_or(&self.pid).to_owned() } else { self.name.clone() }
    }
}
