//! Microsoft 365 unified audit log: every record type, as the management interface, Purview's and PowerShell's exports,
//! the Graph audit search, Sentinel's `OfficeActivity` and Defender's `CloudAppEvents` deliver it. It owns how they are
//! recognised.
//!
//! Whose call it is: an application that acts *in its own right* (user types 5 and 6, `ServicePrincipal_…`) is the
//! principal: its object id where the record has it, else `app:<application id>`, which is what mail and file records
//! carry. A call *for a user* (a delegated token) belongs to the user, with the application as the credential. The token is
//! the user's: it may do no more than the user, ends with the user, and the same account appears under the same id in its
//! sign-ins and Graph calls. To make the application the principal would turn Outlook and Teams into identities of
//! thousands of people, and no list tells all of Microsoft's own applications from others. What a connector does stays
//! visible: an account that only connectors use is a machine (evidence: its client applications), and a new application on
//! an account is a new credential. Users are named by principal name in lower case, because most records carry no object id.

mod actor;
mod amounts;
mod event;
mod finding;
mod operation;
#[cfg(test)]
mod tests;

use super::entra_id::record::{self, View};
use super::{Card, Format, Refusal, Shape};
use crate::model::Event;

/// The format's name.
pub const NAME: &str = "m365_ual";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Microsoft 365 unified audit log",
    shapes: &[
        "management activity interface: JSON, one record or a list",
        "Purview or `Search-UnifiedAuditLog` CSV with the record in `AuditData`; the Graph audit search (`auditData`)",
        "Sentinel `OfficeActivity`, CSV or JSON",
        "Defender `CloudAppEvents`, as rows and streamed, with the record in `RawEventData`; `{\"o365audit\":{…}}` and `message` wrappers",
    ],
    reads: &[
        ("time", "`CreationTime` (UTC without saying so), `TimeGenerated`"),
        ("event id", "`Id`, `OfficeId`"),
        (
            "identity",
            "`UserId`; of applications `ServicePrincipal_<id>`, else `app:` with `AppAccessContext.ClientAppId`, `ClientAppId`, `ApplicationId`",
        ),
        ("credential", "of a call for a user the application that made it"),
        ("session", "`AppAccessContext.UniqueTokenId`, `AADSessionId`, `SessionId`"),
        ("source, client", "`ClientIPAddress`, `ClientIP`, `ActorIpAddress`; `UserAgent`, `ClientInfoString`"),
        ("action, service", "`Operation`, `Workload`"),
        ("resource, data", "`ObjectId`; site, mailbox, team"),
        ("rows, bytes", "`OperationCount` or the items listed; their sizes"),
        ("findings", "alerts of the compliance centre, data-loss matches, threat records"),
    ],
    unobservable: &[
        "the key an application signed in with",
        "reads of mail without an audit licence",
        "bytes of downloads where the file's size is absent",
    ],
    export: "Search-UnifiedAuditLog -StartDate 2026-08-01 -EndDate 2026-11-01 -SessionCommand ReturnLargeSet -ResultSize 5000 | Export-Csv ual.csv",
};

/// Reads unified audit records.
pub struct M365Ual;

impl Format for M365Ual {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        recognises(shape) || record::wrapped(shape).as_ref().is_some_and(recognises)
    }

    fn read(&self, text: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let value = record::open(text)?;
        let view = View::of(&value);
        // Defender's stream carries the audit record inside of its own row; where it is another product's, the row itself
        // says what happened.
        let row = view.payload;
        let raw = row.member("RawEventData");
        let record = if raw.member("Operation").is_some() {
            raw
        } else if row.member("ActionType").is_some() {
            row
        } else {
            view.root
        };
        sink(event::event(record)?);
        Ok(())
    }
}

fn recognises(shape: &Shape<'_>) -> bool {
    let all = |keys: &[&str]| keys.iter().all(|key| shape.has(key));
    let any = |keys: &[&str]| keys.iter().any(|key| shape.has(key));
    let table = ["Type", "$table", "TableName"].iter().find_map(|key| shape.get(key)).unwrap_or_default();
    if table.eq_ignore_ascii_case("OfficeActivity") {
        return shape.has("Operation");
    }
    if shape.get("category").is_some_and(|name| name.eq_ignore_ascii_case("AdvancedHunting-CloudAppEvents")) {
        return shape.has("properties");
    }
    if table.eq_ignore_ascii_case("CloudAppEvents") {
        return shape.has("ActionType");
    }
    let native = all(&["CreationTime", "Operation", "RecordType"]) && any(&["Workload", "UserId", "UserType", "OrganizationId"]);
    let rows = all(&["RecordType", "Operation", "OfficeWorkload"]) && any(&["UserId", "OrganizationId"]);
    let export = all(&["RecordType", "Operations", "UserIds"]) && any(&["CreationDate", "AuditData"]);
    let search = all(&["auditLogRecordType", "auditData"]);
    // A record torn from its operation is still one of theirs, and refused as such.
    let torn = all(&["CreationTime", "RecordType"]) && any(&["OriginatingServer", "OrganizationId"]);
    native || rows || export || search || torn || shape.has("o365audit")
}
