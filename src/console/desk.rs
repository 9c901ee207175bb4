//! What the console asks of its data, and the answers. The store answers in earnest, tests answer with invented data.
//! It must not know SQL or threads; every call may block and is made on the reader's thread.

use crate::model::decision::{AuditRow, Triage};
use crate::model::page::{AlertRow, EventRow, IdentityPage, IdentityRow, Totals};
use crate::model::{Alert, AlertId, Severity, Timestamp};

/// An answer, or one line that says what went wrong and what to do.
pub type Answer<T> = Result<T, String>;

/// Which alerts a list wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertFilter {
    /// The filter language, empty for everything.
    pub text: String,
    /// Least severity.
    pub least: Severity,
    /// Only those not closed and not superseded.
    pub open_only: bool,
    /// Only those of this identity (its id).
    pub identity: Option<String>,
    /// At most so many rows.
    pub limit: usize,
}

/// The data behind the console.
pub trait Desk {
    /// What the header shows. `now` is the end of every 24-hour window.
    fn totals(&mut self, now: Timestamp) -> Answer<Totals>;
    /// Machine identities that match `filter` (the filter language; empty for all), riskiest first.
    fn identities(&mut self, filter: &str, now: Timestamp, limit: usize) -> Answer<Vec<IdentityRow>>;
    /// Everything about one identity.
    fn identity(&mut self, id: &str, now: Timestamp) -> Answer<IdentityPage>;
    /// Alerts, newest `raised` first.
    fn alerts(&mut self, filter: &AlertFilter) -> Answer<Vec<AlertRow>>;
    /// Findings: what the fold noticed and holds below medium, newest first. The bound is `limit`; alerts in between
    /// count against a larger one, so that a busy day cannot make this question slow.
    fn findings(&mut self, filter: &AlertFilter) -> Answer<Vec<AlertRow>> {
        let wanted = AlertFilter { least: Severity::Info, limit: filter.limit.saturating_mul(4), ..filter.clone() };
        let rows = self.alerts(&wanted)?;
        Ok(rows.into_iter().filter(|row| !row.severity.is_alert()).take(filter.limit).collect())
    }
    /// One alert with its history, oldest row first.
    fn alert(&mut self, id: AlertId) -> Answer<(Alert, Vec<AuditRow>)>;
    /// The events an alert stands on, newest first.
    fn alert_events(&mut self, id: AlertId) -> Answer<Vec<EventRow>>;
    /// The redacted raw record of an event.
    fn raw(&mut self, event: &EventRow) -> Answer<String>;
    /// Marks an alert as published: somebody has opened it.
    fn publish(&mut self, id: AlertId) -> Answer<()>;
    /// Changes an alert's triage.
    fn triage(&mut self, id: AlertId, change: Triage) -> Answer<AuditRow>;
    /// Takes back the last change of an alert's triage.
    fn undo(&mut self, id: AlertId) -> Answer<AuditRow>;
    /// The ticket text of an alert: what `driftline show` prints.
    fn summary_text(&mut self, id: AlertId) -> Answer<String>;
}

/// Where an answer belongs. Of two questions in one slot only the newer is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The header.
    Totals,
    /// The identity list.
    Identities,
    /// The list of alerts.
    Alerts,
    /// What lies below them.
    Findings,
    /// The identity page.
    Page,
    /// The alert card.
    Alert,
    /// The events of the alert card.
    Events,
    /// The raw record.
    Raw,
    /// The text to copy.
    Summary,
}

/// A question in a slot.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "one for one the methods of Desk, with their arguments")]
pub enum Query {
    Totals { now: Timestamp },
    Identities { filter: String, now: Timestamp, limit: usize },
    Page { id: String, now: Timestamp },
    Alerts(AlertFilter),
    Findings(AlertFilter),
    Alert(AlertId),
    Events(AlertId),
    Raw(Box<EventRow>),
    Summary(AlertId),
}

impl Query {
    /// The slot it asks in.
    pub fn slot(&self) -> Slot {
        match self {
            Self::Totals { .. } => Slot::Totals,
            Self::Identities { .. } => Slot::Identities,
            Self::Page { .. } => Slot::Page,
            Self::Alerts(_) => Slot::Alerts,
            Self::Findings(_) => Slot::Findings,
            Self::Alert(_) => Slot::Alert,
            Self::Events(_) => Slot::Events,
            Self::Raw(_) => Slot::Raw,
            Self::Summary(_) => Slot::Summary,
        }
    }
}

/// A change. Changes are made in the order asked for, never replaced by newer ones.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Somebody has opened it.
    Publish(AlertId),
    /// New triage.
    Triage(AlertId, Box<Triage>),
    /// Take the last triage back.
    Undo(AlertId),
}

/// An answer to a [`Query`].
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "one for one the answers of Desk")]
pub enum Reply {
    Totals(Answer<Totals>),
    Identities(Answer<Vec<IdentityRow>>),
    Page(Box<Answer<IdentityPage>>),
    Alerts(Answer<Vec<AlertRow>>),
    Findings(Answer<Vec<AlertRow>>),
    Alert(Box<Answer<(Alert, Vec<AuditRow>)>>),
    Events(AlertId, Answer<Vec<EventRow>>),
    Raw(Answer<String>),
    Summary(AlertId, Answer<String>),
}

/// Puts one question to a desk.
pub fn ask(desk: &mut dyn Desk, query: &Query) -> Reply {
    match query {
        Query::Totals { now } => Reply::Totals(desk.totals(*now)),
        Query::Identities { filter, now, limit } => Reply::Identities(desk.identities(filter, *now, *limit)),
        Query::Page { id, now } => Reply::Page(Box::new(desk.identity(id, *now))),
        Query::Alerts(filter) => Reply::Alerts(desk.alerts(filter)),
        Query::Findings(filter) => Reply::Findings(desk.findings(filter)),
        Query::Alert(id) => Reply::Alert(Box::new(desk.alert(*id))),
        Query::Events(id) => Reply::Events(*id, desk.alert_events(*id)),
        Query::Raw(event) => Reply::Raw(desk.raw(event)),
        Query::Summary(id) => Reply::Summary(*id, desk.summary_text(*id)),
    }
}

/// Makes one change; `None` where there is nothing to tell.
pub fn change(desk: &mut dyn Desk, change: &Change) -> Option<Answer<AuditRow>> {
    match change {
        Change::Publish(id) => desk.publish(*id).err().map(Err),
        Change::Triage(id, triage) => Some(desk.triage(*id, (**triage).clone())),
        Change::Undo(id) => Some(desk.undo(*id)),
    }
}
