//! Salesforce EventLogFile: one row of any of its types, columns in any case. One user is one principal in every type,
//! so that a login, its REST calls, its bulk jobs and its queries come together.

mod event;
pub(super) mod login;
mod operation;
mod row;
pub(super) mod soql;
#[cfg(test)]
mod tests;
pub(super) mod uri;

use super::{Card, Format, Refusal, Shape};
use crate::model::Event;
use row::Row;

/// The format's name.
pub const NAME: &str = "salesforce_elf";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Salesforce EventLogFile",
    shapes: &["CSV with its header, plain or gzip, also with the header repeated inside", "rows as JSON objects, names in any case"],
    reads: &[
        ("time", "`TIMESTAMP_DERIVED`, else `TIMESTAMP`"),
        ("identity", "`USER_ID` (15 characters), `USER_NAME`"),
        ("credential", "`CONNECTED_APP_ID`"),
        ("source, client", "`SOURCE_IP` or `CLIENT_IP`; `USER_AGENT`, `BROWSER_TYPE`, `CLIENT_NAME`"),
        ("action", "`EVENT_TYPE` with the type's own word, method or path"),
        ("data", "`ENTITY_NAME`, the object of a query or path"),
        ("rows, bytes", "`ROWS_PROCESSED`, `ROW_COUNT`; `RESPONSE_SIZE`"),
        ("query", "`QUERY_IDENTIFIER`, or the query in the path, literals removed"),
        ("bulk job", "`JOB_ID`, `OPERATION_TYPE`"),
    ],
    unobservable: &["an id of the record", "the rows of types that carry none", "sources of calls the platform makes for itself"],
    export: "sf data query -q \"SELECT Id, EventType FROM EventLogFile\" && curl -H \"Authorization: Bearer …\" INSTANCE/services/data/v62.0/sobjects/EventLogFile/ID/LogFile",
};

/// Reads EventLogFile rows.
pub struct SalesforceElf;

impl Format for SalesforceElf {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        recognises(shape)
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let record = record.trim_start_matches('\u{feff}');
        let row: Row<'_> = serde_json::from_str(record).map_err(|error| Refusal::not_json(&error))?;
        sink(event::of(row)?);
        Ok(())
    }
}

/// Whether a record looks like a row of an event log file.
fn recognises(shape: &Shape<'_>) -> bool {
    let typed = shape.has("EVENT_TYPE") || shape.has("EventType");
    let timed = shape.has("TIMESTAMP_DERIVED") || shape.has("TIMESTAMP") || shape.has("TIME_STAMP");
    let theirs = ["ORGANIZATION_ID", "USER_ID_DERIVED", "USER_ID", "REQUEST_ID", "LOGIN_KEY", "RUN_TIME"];
    typed && timed && theirs.iter().any(|key| shape.has(key))
}
