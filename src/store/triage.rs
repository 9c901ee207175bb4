//! Decisions of people: one transaction each that reads the alert, asks `govern::triage`, writes the new standing and a
//! row of the audit chain. Of two who decide at once the second is told who was first. It must not know the rules itself.

use super::alert_save::{aliases, current_id, standing};
use super::audit::{about, append};
use super::error::StoreError;
use super::reader::Reader;
use super::settings;
use super::writer::Writer;
use crate::govern::triage::{Refusal, Standing, apply};
use crate::model::decision::{AuditRow, Decision, Triage};
use crate::model::{AlertId, Timestamp};
use rusqlite::{Connection, TransactionBehavior, params};

/// An alert inside the transaction that decides on it.
struct Subject {
    id: AlertId,
    before: Standing,
    version: u64,
}

impl Writer {
    /// Carries out what `who` asks for on an alert (its id or an alias) at wall-clock time `now`; the alert is published by
    /// it. Taking or closing what another has taken or closed is [`StoreError::Lost`].
    pub fn triage(&mut self, id: AlertId, ask: &Triage, who: &str, now: Timestamp) -> Result<AuditRow, StoreError> {
        self.decide(id, ask, who, now, None)
    }

    /// Like [`Self::triage`], but only if the alert still is at `version` (see [`Reader::alert_version`]): any decision made
    /// since then is [`StoreError::Lost`].
    pub fn triage_at(&mut self, id: AlertId, version: u64, ask: &Triage, who: &str, now: Timestamp) -> Result<AuditRow, StoreError> {
        self.decide(id, ask, who, now, Some(version))
    }

    fn decide(&mut self, id: AlertId, ask: &Triage, who: &str, now: Timestamp, seen: Option<u64>) -> Result<AuditRow, StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let subject = subject(&tx, id)?;
        if seen.is_some_and(|seen| seen != subject.version) {
            let by = subject.before.by.clone().unwrap_or_default();
            return Err(StoreError::Lost { alert: subject.id, who: by, what: subject.before.status.as_str().to_owned() });
        }
        let after = apply(subject.id, &subject.before, ask, who).map_err(|refusal| match refusal {
            Refusal::Lost { who, what } => StoreError::Lost { alert: subject.id, who, what },
            refusal => StoreError::Refused { alert: subject.id, refusal },
        })?;
        let row = write(&tx, &subject, &after, "triage", ask.note.as_deref().unwrap_or_default(), who, now)?;
        tx.commit()?;
        Ok(row)
    }

    /// Takes the last decision on an alert that still stands back, by a new row; done again it takes back the one before.
    pub fn undo(&mut self, id: AlertId, who: &str, now: Timestamp) -> Result<AuditRow, StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let subject = subject(&tx, id)?;
        let mut ids = aliases(&tx, subject.id)?;
        ids.push(subject.id);
        let mut standing_rows = Vec::new();
        for row in about(&tx, &ids)? {
            match row.what.as_str() {
                "triage" => standing_rows.push(row),
                "undo" => drop(standing_rows.pop()),
                _ => {}
            }
        }
        let Some(last) = standing_rows.pop() else { return Err(StoreError::NothingToUndo(subject.id)) };
        let after: Standing = serde_json::from_str(&last.before)?;
        let note = format!("takes back row {} by {}", last.sequence, last.who);
        let row = write(&tx, &subject, &after, "undo", &note, who, now)?;
        tx.commit()?;
        Ok(row)
    }
}

fn subject(conn: &Connection, id: AlertId) -> Result<Subject, StoreError> {
    let Some(id) = current_id(conn, id)? else { return Err(StoreError::NoAlert(id)) };
    let (json, version): (Option<String>, i64) = conn
        .prepare_cached("SELECT standing, version FROM alert WHERE id = ?1")?
        .query_row([id.0 as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Subject { id, before: standing(json.as_deref())?, version: version as u64 })
}

fn write(
    conn: &Connection,
    subject: &Subject,
    after: &Standing,
    what: &str,
    note: &str,
    who: &str,
    now: Timestamp,
) -> Result<AuditRow, StoreError> {
    // The newest event committed, seen from inside this transaction: no event can slip between it and the decision.
    let watermark = Timestamp(settings::number(conn, "newest")?.unwrap_or(0));
    let row = append(
        conn,
        AuditRow {
            sequence: 0,
            time: now,
            watermark,
            who: who.to_owned(),
            what: what.to_owned(),
            object: subject.id.to_string(),
            before: serde_json::to_string(&subject.before)?,
            after: serde_json::to_string(after)?,
            note: note.to_owned(),
            hash: String::new(),
        },
    )?;
    conn.prepare_cached(
        "UPDATE alert SET status = ?2, standing = ?3, snoozed = ?4, version = ?5, published = ifnull(published, 'triaged') WHERE id = ?1",
    )?
    .execute(params![subject.id.0 as i64, after.status as u8, row.after, after.snoozed_until.map(|t| t.0), row.sequence as i64])?;
    Ok(row)
}

impl Reader {
    /// The version of an alert's standing: place in the audit chain of the last decision on it, 0 without one.
    pub fn alert_version(&self, id: AlertId) -> Result<u64, StoreError> {
        Ok(subject(&self.conn, id)?.version)
    }

    /// What an alert's standing is, with what the alert itself does not carry (reason, end of the exception, who last).
    pub fn standing(&self, id: AlertId) -> Result<Standing, StoreError> {
        Ok(subject(&self.conn, id)?.before)
    }

    /// Everything decided on an alert, under whatever id, oldest first.
    pub fn history(&self, id: AlertId) -> Result<Vec<AuditRow>, StoreError> {
        let id = current_id(&self.conn, id)?.unwrap_or(id);
        let mut ids = aliases(&self.conn, id)?;
        ids.push(id);
        about(&self.conn, &ids)
    }

    /// Verdicts on an identity's alerts, in the order they were given: what the fold reads. The alert is named by the id it
    /// has now; a verdict taken back (undo, reopening) is one without a verdict.
    pub fn decisions(&self, identity: &str) -> Result<Vec<Decision>, StoreError> {
        let tx = self.moment()?;
        let mut statement = tx.prepare_cached("SELECT id FROM alert WHERE identity = ?1 AND published IS NOT NULL")?;
        let alerts: Vec<AlertId> =
            statement.query_map([identity], |row| row.get::<_, i64>(0).map(|id| AlertId(id as u64)))?.collect::<Result<_, _>>()?;
        let mut decisions = Vec::new();
        for alert in alerts {
            let mut ids = aliases(&tx, alert)?;
            ids.push(alert);
            for row in about(&tx, &ids)? {
                let (before, after): (Standing, Standing) = (serde_json::from_str(&row.before)?, serde_json::from_str(&row.after)?);
                if before.verdict != after.verdict {
                    decisions.push(Decision { alert, verdict: after.verdict, watermark: row.watermark, sequence: row.sequence });
                }
            }
        }
        decisions.sort_by_key(|decision| (decision.watermark, decision.sequence));
        Ok(decisions)
    }
}
