//! Reading alerts: lists and one in full, merged with what people decided. It must not know how either came about.

use super::alert_save::{aliases, current_id, standing};
use super::blob::unpack_support;
use super::error::StoreError;
use super::reader::Reader;
use crate::context::Inventory;
use crate::govern::triage::Standing;
use crate::model::alert::EventRef;
use crate::model::page::AlertRow;
use crate::model::{Alert, AlertId, Severity, Status, Timestamp};
use rusqlite::{Row, params};

/// Which alerts to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertFilter {
    /// Only these; empty for any.
    pub statuses: Vec<Status>,
    /// Superseded ones too.
    pub include_superseded: bool,
    /// Only of this identity (its id).
    pub identity: Option<String>,
    /// At least so grave; findings are below medium.
    pub min_severity: Severity,
    /// Changed at or after.
    pub since: Option<Timestamp>,
    /// Begun before.
    pub until: Option<Timestamp>,
    /// Leave out what is hidden beyond this instant.
    pub awake_at: Option<Timestamp>,
    /// At most so many.
    pub limit: usize,
}

impl Default for AlertFilter {
    fn default() -> Self {
        Self {
            statuses: Vec::new(),
            include_superseded: false,
            identity: None,
            min_severity: Severity::Medium,
            since: None,
            until: None,
            awake_at: None,
            limit: 500,
        }
    }
}

/// By identity the index of identities serves, else the one of times; the conditions are the same.
const OF_IDENTITY: &str = "SELECT body, standing, superseded FROM alert WHERE identity = ?1 AND severity >= ?2 AND updated >= ?3 AND onset < ?4
     AND (snoozed IS NULL OR snoozed <= ?5) AND (superseded IS NULL OR ?6) AND (?7 = 0 OR (?7 >> CASE WHEN superseded IS NULL THEN status ELSE 4 END) & 1)
     ORDER BY raised DESC, id LIMIT ?8";
const OF_ALL: &str = "SELECT body, standing, superseded FROM alert WHERE ?1 IS NULL AND severity >= ?2 AND updated >= ?3 AND onset < ?4
     AND (snoozed IS NULL OR snoozed <= ?5) AND (superseded IS NULL OR ?6) AND (?7 = 0 OR (?7 >> CASE WHEN superseded IS NULL THEN status ELSE 4 END) & 1)
     ORDER BY raised DESC, id LIMIT ?8";

/// What the fold said with what people decided.
fn merge(body: &str, json: Option<&str>, superseded: bool) -> Result<(Alert, Standing), StoreError> {
    let mut alert: Alert = serde_json::from_str(body)?;
    let standing = standing(json)?;
    alert.status = if superseded { Status::Superseded } else { standing.status };
    alert.verdict = standing.verdict;
    alert.assigned.clone_from(&standing.assigned);
    alert.snoozed_until = standing.snoozed_until;
    alert.duplicate_of = standing.duplicate_of;
    Ok((alert, standing))
}

fn read(row: &Row<'_>) -> Result<Alert, StoreError> {
    let (body, standing): (String, Option<String>) = (row.get(0)?, row.get(1)?);
    Ok(merge(&body, standing.as_deref(), row.get::<_, Option<String>>(2)?.is_some())?.0)
}

/// Who answers for an alert's identity today: people change, what the fold said does not.
fn owner(inventory: &Inventory, alert: &Alert) -> Option<String> {
    let identity = &alert.identity;
    inventory.find(&identity.platform, &identity.id, &identity.name)?.owner.clone()
}

fn list_row(alert: Alert) -> AlertRow {
    // The first of those with most points: a stable choice.
    let top = alert.signals.iter().rev().max_by_key(|signal| signal.points);
    let from = alert.signals.iter().rev().filter(|signal| signal.family == "source").max_by_key(|signal| signal.points);
    AlertRow {
        id: alert.id,
        detector: top.map(|signal| signal.detector.clone()).unwrap_or_default(),
        headline: top.map(|signal| signal.observed.clone()).unwrap_or_default(),
        from: from.map(|signal| signal.observed.clone()).unwrap_or_default(),
        identity: alert.identity.id,
        name: alert.identity.name,
        severity: alert.severity,
        risk: alert.risk,
        status: alert.status,
        assigned: alert.assigned,
        onset: alert.onset,
        raised: alert.raised,
        updated: alert.updated,
        sentence: alert.sentence,
    }
}

impl Reader {
    /// Alerts (and findings, with a lower `min_severity`), newest raised first.
    pub fn alerts(&self, filter: &AlertFilter) -> Result<Vec<AlertRow>, StoreError> {
        let mut rows = Vec::new();
        self.visit_alerts(filter, &mut |alert| rows.push(list_row(alert)))?;
        Ok(rows)
    }

    /// The same alerts in full, for output and for screens that show more than a row.
    pub fn visit_alerts(&self, filter: &AlertFilter, visit: &mut dyn FnMut(Alert)) -> Result<(), StoreError> {
        let statuses = filter.statuses.iter().fold(0i64, |bits, status| bits | 1 << *status as u8);
        let superseded = filter.include_superseded || filter.statuses.contains(&Status::Superseded);
        let inventory = self.inventory()?;
        let mut statement = self.conn.prepare_cached(if filter.identity.is_some() { OF_IDENTITY } else { OF_ALL })?;
        let mut rows = statement.query(params![
            filter.identity,
            filter.min_severity as u8,
            filter.since.map_or(i64::MIN, |t| t.0),
            filter.until.map_or(i64::MAX, |t| t.0),
            filter.awake_at.map_or(i64::MAX, |t| t.0),
            superseded,
            statuses,
            i64::try_from(filter.limit).unwrap_or(i64::MAX)
        ])?;
        while let Some(row) = rows.next()? {
            let mut alert = read(row)?;
            alert.aliases = aliases(&self.conn, alert.id)?;
            alert.identity.owner = owner(&inventory, &alert);
            visit(alert);
        }
        Ok(())
    }

    /// Open alerts that were never sent, or say something else since, in the order in which they were raised.
    pub fn unsent(&self) -> Result<Vec<AlertId>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id FROM alert WHERE (published IS NULL OR published <> 'sent') AND superseded IS NULL AND severity >= ?1 AND status <> ?2
             ORDER BY raised, id",
        )?;
        let ids = statement.query_map(params![Severity::Medium as u8, Status::Closed as u8], |row| row.get::<_, i64>(0))?;
        Ok(ids.map(|id| id.map(|id| AlertId(id as u64))).collect::<Result<_, _>>()?)
    }

    /// One alert by its id or an earlier one, merged with its triage, and the events it stands on.
    pub fn alert(&self, id: AlertId) -> Result<Option<(Alert, Vec<EventRef>)>, StoreError> {
        let tx = self.moment()?;
        let Some(id) = current_id(&tx, id)? else { return Ok(None) };
        let mut statement = tx.prepare_cached("SELECT body, standing, superseded, support FROM alert WHERE id = ?1")?;
        let mut rows = statement.query([id.0 as i64])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let mut alert = read(row)?;
        alert.aliases = aliases(&tx, id)?;
        alert.identity.owner = owner(&*self.inventory()?, &alert);
        let support = unpack_support(&row.get::<_, Vec<u8>>(3)?).ok_or_else(|| StoreError::damaged(format!("events of alert {id}")))?;
        Ok(Some((alert, support)))
    }

    /// Why an alert is superseded; `None` while it is not.
    pub fn superseded_reason(&self, id: AlertId) -> Result<Option<String>, StoreError> {
        let Some(id) = current_id(&self.conn, id)? else { return Ok(None) };
        Ok(self.conn.prepare_cached("SELECT superseded FROM alert WHERE id = ?1")?.query_row([id.0 as i64], |row| row.get(0))?)
    }
}
