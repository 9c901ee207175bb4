//! The console's questions, answered by the store: one reader for looking, one writer for what people decide. Every error
//! is one line. It must not know how anything is drawn.

use super::desk::{AlertFilter, Answer, Desk};
use crate::engine::folding;
use crate::model::alert::EventRef;
use crate::model::decision::{AuditRow, Triage};
use crate::model::page::{AlertRow, EventRow, IdentityPage, IdentityRow, Totals};
use crate::model::{Alert, AlertId, Class, EventId, Status, Timestamp};
use crate::query::Filter;
use crate::report::ticket;
use crate::store::{self, IdentityFilter, Reader, Store, StoreError, Writer};

/// Rows looked at for a filtered list: more than anybody scrolls through, and bounded.
const SCANNED: usize = 20_000;

/// The store behind the console.
pub struct StoreDesk {
    reader: Reader,
    writer: Writer,
    who: String,
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn line(error: StoreError) -> String {
    error.to_string()
}

fn wall() -> Timestamp {
    Timestamp(chrono::Utc::now().timestamp_millis())
}

impl StoreDesk {
    /// A desk over a store; decisions are signed `who`.
    pub fn new(store: &Store, who: &str) -> Result<Self, StoreError> {
        let mut writer = store.writer()?;
        writer.set_sync(true)?;
        Ok(Self { reader: folding::reader(store)?, writer, who: who.to_owned() })
    }

    fn filter(&self, text: &str) -> Answer<Filter> {
        let now = self.reader.newest().map_err(line)?.unwrap_or_default();
        Filter::parse(text, now).map_err(|e| e.to_string())
    }
}

impl Desk for StoreDesk {
    fn totals(&mut self, now: Timestamp) -> Answer<Totals> {
        self.reader.totals(now).map_err(line)
    }

    fn identities(&mut self, filter: &str, now: Timestamp, limit: usize) -> Answer<Vec<IdentityRow>> {
        let filter = self.filter(filter)?;
        let all = IdentityFilter { limit: SCANNED, ..IdentityFilter::default() };
        let rows = self.reader.identities(now, &all).map_err(line)?;
        // People and the provider's own services are shown only to whoever asks for them.
        let asked = filter.fields_used().iter().any(|f| matches!(f.name(), "class" | "kind"));
        let listed = |row: &IdentityRow| asked || matches!(row.identity.class, Class::Machine | Class::Unknown);
        Ok(rows.into_iter().filter(|row| listed(row) && filter.matches(row)).take(limit).collect())
    }

    fn identity(&mut self, id: &str, now: Timestamp) -> Answer<IdentityPage> {
        self.reader.identity_page(id, now).map_err(line)?.ok_or_else(|| format!("no identity {id}"))
    }

    fn alerts(&mut self, filter: &AlertFilter) -> Answer<Vec<AlertRow>> {
        let words = self.filter(&filter.text)?;
        let statuses = if filter.open_only { vec![Status::New, Status::Acknowledged, Status::InProgress] } else { Vec::new() };
        let wanted = store::AlertFilter {
            statuses,
            identity: filter.identity.clone(),
            min_severity: filter.least,
            limit: if words.is_everything() { filter.limit } else { SCANNED },
            ..store::AlertFilter::default()
        };
        let rows = self.reader.alerts(&wanted).map_err(line)?;
        Ok(rows.into_iter().filter(|row| words.matches(row)).take(filter.limit).collect())
    }

    fn alert(&mut self, id: AlertId) -> Answer<(Alert, Vec<AuditRow>)> {
        let (alert, _) = self.reader.alert(id).map_err(line)?.ok_or_else(|| StoreError::NoAlert(id).to_string())?;
        let history = self.reader.history(alert.id).map_err(line)?;
        Ok((alert, history))
    }

    fn alert_events(&mut self, id: AlertId) -> Answer<Vec<EventRow>> {
        let (_, support) = self.reader.alert(id).map_err(line)?.ok_or_else(|| StoreError::NoAlert(id).to_string())?;
        let mut rows = Vec::new();
        for event in support.iter().rev() {
            rows.extend(self.reader.event(*event).map_err(line)?);
        }
        Ok(rows)
    }

    fn raw(&mut self, event: &EventRow) -> Answer<String> {
        let id = u64::from_str_radix(&event.uid, 16).map_err(|_| "this event has no id".to_owned())?;
        let principal = self.reader.principal_number(&event.principal).map_err(line)?.ok_or("this event's principal is gone")?;
        let found = self.reader.raw(EventRef { time: event.time, id: EventId(id), principal }).map_err(line)?;
        found.ok_or_else(|| "no raw record was kept for this event".to_owned())
    }

    fn publish(&mut self, id: AlertId) -> Answer<()> {
        self.writer.publish(&[id], "opened").map_err(line)
    }

    fn triage(&mut self, id: AlertId, change: Triage) -> Answer<AuditRow> {
        self.writer.triage(id, &change, &self.who, wall()).map_err(line)
    }

    fn undo(&mut self, id: AlertId) -> Answer<AuditRow> {
        self.writer.undo(id, &self.who, wall()).map_err(line)
    }

    fn summary_text(&mut self, id: AlertId) -> Answer<String> {
        let (alert, history) = self.alert(id)?;
        Ok(ticket::write(&alert, &history))
    }
}
