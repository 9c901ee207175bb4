//! Salesforce EventLogFile: one row of any of its types, columns in any case. One user is one principal in every type,
//! so that a login, its REST calls, its bulk jobs and its queries come together.

mod event;
mod login;
mod operation;
mod row;
mod soql;
#[cfg(test)]
mod tests;
mod uri;

use super::shape::Shape;
use super::{Format, Refusal};
use crate::model::Event;
use row::Row;

/// The format's name.
pub const NAME: &str = "salesforce_elf";

/// Reads EventLogFile rows.
pub struct SalesforceElf;

impl Format for SalesforceElf {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Salesforce EventLogFile"
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let record = record.trim_start_matches('\u{feff}');
        let row: Row<'_> = serde_json::from_str(record).map_err(|error| Refusal::not_json(&error))?;
        sink(event::of(row)?);
        Ok(())
    }
}

/// Whether a record looks like a row of an event log file.
pub fn recognises(shape: &Shape<'_>) -> bool {
    let typed = shape.has("EVENT_TYPE") || shape.has("EventType");
    let timed = shape.has("TIMESTAMP_DERIVED") || shape.has("TIMESTAMP") || shape.has("TIME_STAMP");
    let theirs = ["ORGANIZATION_ID", "USER_ID_DERIVED", "USER_ID", "REQUEST_ID", "LOGIN_KEY", "RUN_TIME"];
    typed && timed && theirs.iter().any(|key| shape.has(key))
}
