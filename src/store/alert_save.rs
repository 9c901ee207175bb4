//! Storing what the fold says: its alerts of a span take the place of those stored, and what people have seen or decided
//! goes with them (`govern::lineage` says how). It must not know how alerts come about.

use super::blob::{pack_support, unpack_support};
use super::error::StoreError;
use super::writer::Writer;
use crate::govern::lineage::{Folded, Stored, reconcile};
use crate::govern::triage::Standing;
use crate::model::alert::EventRef;
use crate::model::{Alert, AlertId, Status, Timestamp};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

/// An alert as the fold says it, with the events it stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedAlert {
    /// What is said. Its triage fields are ignored: they are people's.
    pub alert: Alert,
    /// All events it stands on.
    pub support: Vec<EventRef>,
}

/// What saving changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// New alerts, or ones that say something else now.
    pub changed: Vec<AlertId>,
    /// Alerts nobody had seen that are no longer said.
    pub vanished: Vec<AlertId>,
    /// Alerts somebody may have seen that are no longer supported.
    pub superseded: Vec<AlertId>,
}

const SUPERSEDED: &str = "events that came later, or a change of context, took its ground away";

impl Writer {
    /// Replaces the alerts of `identity` (its id) whose `updated` is not before `from` by the fold's complete new list of
    /// them. Triage stays with its alert, or goes to the one that shares events with it.
    pub fn save_alerts(&mut self, identity: &str, from: Timestamp, alerts: &[FoldedAlert]) -> Result<Saved, StoreError> {
        self.save_all_alerts(&[(identity, alerts)], from)
    }

    /// The same for many identities in one transaction: (identity id, its alerts).
    pub fn save_all_alerts(&mut self, lists: &[(&str, &[FoldedAlert])], from: Timestamp) -> Result<Saved, StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut saved = Saved::default();
        for (identity, alerts) in lists {
            save(&tx, identity, from, alerts, &mut saved)?;
        }
        tx.commit()?;
        saved.changed.sort_unstable();
        saved.changed.dedup();
        Ok(saved)
    }

    /// Marks alerts as seen outside (opened, exported, sent): from now on they are never deleted. Ids may be aliases; those
    /// already published stay as they are. `why` is `opened`, `exported`, `sent`, ….
    pub fn publish(&mut self, ids: &[AlertId], why: &str) -> Result<(), StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for id in ids {
            if let Some(id) = current_id(&tx, *id)? {
                tx.prepare_cached("UPDATE alert SET published = ?2 WHERE id = ?1 AND published IS NULL")?
                    .execute(params![id.0 as i64, why])?;
            }
        }
        Ok(tx.commit()?)
    }

    /// Marks alerts as sent as they are now; published they are by that, too. Ids may be aliases.
    pub fn mark_sent(&mut self, ids: &[AlertId]) -> Result<(), StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for id in ids {
            if let Some(id) = current_id(&tx, *id)? {
                tx.prepare_cached("UPDATE alert SET published = 'sent' WHERE id = ?1")?.execute([id.0 as i64])?;
            }
        }
        Ok(tx.commit()?)
    }
}

fn save(conn: &Connection, identity: &str, from: Timestamp, alerts: &[FoldedAlert], saved: &mut Saved) -> Result<(), StoreError> {
    let stored = stored_since(conn, identity, from)?;
    let folded: Vec<Folded> = alerts.iter().map(|f| Folded { id: f.alert.id, onset: f.alert.onset, support: f.support.clone() }).collect();
    let plan = reconcile(&stored, &folded);
    for folded in alerts {
        if write(conn, identity, folded)? {
            saved.changed.push(folded.alert.id);
        }
    }
    for (heir, inheritance) in &plan.inherit {
        if inheritance.triage != *heir {
            conn.prepare_cached(
                "UPDATE alert SET (published, status, standing, snoozed, version) =
                   (SELECT published, status, standing, snoozed, version FROM alert WHERE id = ?2) WHERE id = ?1",
            )?
            .execute(params![heir.0 as i64, inheritance.triage.0 as i64])?;
            // What was sent spoke of another alert.
            conn.prepare_cached("UPDATE alert SET published = 'changed' WHERE id = ?1 AND published = 'sent'")?.execute([heir.0 as i64])?;
        }
        for parent in &inheritance.aliases {
            let ids = params![parent.0 as i64, heir.0 as i64];
            conn.prepare_cached("UPDATE alert_alias SET alert = ?2 WHERE alert = ?1")?.execute(ids)?;
            conn.prepare_cached("INSERT OR REPLACE INTO alert_alias (alias, alert) VALUES (?1, ?2)")?.execute(ids)?;
            conn.prepare_cached("DELETE FROM alert WHERE id = ?1")?.execute([parent.0 as i64])?;
        }
        saved.changed.push(*heir);
    }
    for id in plan.vanish {
        conn.prepare_cached("DELETE FROM alert WHERE id = ?1")?.execute([id.0 as i64])?;
        saved.vanished.push(id);
    }
    for id in plan.supersede {
        let new = conn
            .prepare_cached("UPDATE alert SET superseded = ?2 WHERE id = ?1 AND superseded IS NULL")?
            .execute(params![id.0 as i64, SUPERSEDED])?;
        if new == 1 {
            saved.superseded.push(id);
        }
    }
    Ok(())
}

fn stored_since(conn: &Connection, identity: &str, from: Timestamp) -> Result<Vec<Stored>, StoreError> {
    let mut statement = conn
        .prepare_cached("SELECT id, published IS NOT NULL, onset, support FROM alert WHERE identity = ?1 AND updated >= ?2 ORDER BY id")?;
    let mut rows = statement.query(params![identity, from.0])?;
    let mut stored = Vec::new();
    while let Some(row) = rows.next()? {
        let id = AlertId(row.get::<_, i64>(0)? as u64);
        let support = unpack_support(&row.get::<_, Vec<u8>>(3)?).ok_or_else(|| StoreError::damaged(format!("events of alert {id}")))?;
        stored.push(Stored { id, published: row.get(1)?, onset: Timestamp(row.get(2)?), support });
    }
    Ok(stored)
}

/// Writes what the fold says of one alert; `false` when that stood there already, or when somebody decided on it under
/// another model, whose word then stays.
fn write(conn: &Connection, identity: &str, folded: &FoldedAlert) -> Result<bool, StoreError> {
    let mut alert = folded.alert.clone();
    (alert.aliases, alert.status, alert.verdict) = (Vec::new(), Status::New, None);
    (alert.assigned, alert.snoozed_until, alert.duplicate_of) = (None, None, None);
    let (id, body, support) = (alert.id.0 as i64, serde_json::to_string(&alert)?, pack_support(&folded.support));
    let known: Option<(String, Vec<u8>, String, i64, bool)> = conn
        .prepare_cached("SELECT body, support, model, version, superseded IS NOT NULL FROM alert WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        .optional()?;
    if let Some((old_body, old_support, model, version, superseded)) = known {
        let decided_elsewhere = version > 0 && model != alert.provenance.model;
        if decided_elsewhere || (old_body == body && old_support == support && !superseded) {
            return Ok(false);
        }
    } else {
        // An id that comes back is an alert again, not another name of one.
        conn.prepare_cached("DELETE FROM alert_alias WHERE alias = ?1")?.execute([id])?;
    }
    conn.prepare_cached(
        "INSERT INTO alert (id, identity, onset, raised, updated, risk, severity, model, body, support)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (id) DO UPDATE SET identity = ?2, onset = ?3, raised = ?4, updated = ?5, risk = ?6, severity = ?7, model = ?8,
           body = ?9, support = ?10, superseded = NULL,
           published = CASE published WHEN 'sent' THEN 'changed' ELSE published END",
    )?
    .execute(params![
        id,
        identity,
        alert.onset.0,
        alert.raised.0,
        alert.updated.0,
        alert.risk,
        alert.severity as u8,
        alert.provenance.model,
        body,
        support
    ])?;
    Ok(true)
}

/// The alert an id stands for now: itself, or the one that took it over.
pub(super) fn current_id(conn: &Connection, id: AlertId) -> Result<Option<AlertId>, StoreError> {
    let found: Option<i64> = conn
        .prepare_cached("SELECT id FROM alert WHERE id = ?1 UNION ALL SELECT alert FROM alert_alias WHERE alias = ?1 LIMIT 1")?
        .query_row([id.0 as i64], |row| row.get(0))
        .optional()?;
    Ok(found.map(|id| AlertId(id as u64)))
}

/// Earlier ids of an alert, in order.
pub(super) fn aliases(conn: &Connection, id: AlertId) -> Result<Vec<AlertId>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT alias FROM alert_alias WHERE alert = ?1")?;
    let mut ids: Vec<AlertId> =
        statement.query_map([id.0 as i64], |row| row.get::<_, i64>(0).map(|id| AlertId(id as u64)))?.collect::<Result<_, _>>()?;
    ids.sort_unstable();
    Ok(ids)
}

/// The standing kept in a row of `alert`.
pub(super) fn standing(json: Option<&str>) -> Result<Standing, StoreError> {
    Ok(json.map(serde_json::from_str).transpose()?.unwrap_or_default())
}
