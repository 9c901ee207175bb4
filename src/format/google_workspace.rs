//! Google Workspace: activities of the Reports API and alerts of the alert centre, in the shapes they are exported in. It
//! owns which shapes are understood; what events mean and who acts are its modules' business.
//!
//! Who acts where an OAuth application is involved follows Google's own sentences: «APP called METHOD on behalf of USER»
//! (`token`/`activity`) is the application's doing, for the user; «USER authorized access to APP» is the user's, on the
//! application. The application is what is stolen or abused, so it must have a baseline of its own.

mod activity;
mod alert;
mod envelope;
mod event;
mod operation;
#[cfg(test)]
pub mod tests;

use super::tree::{self, Node};
use super::{Card, Format, Refusal, Shape};
use crate::model::Event;

pub use operation::{Told, mirrored};

/// The format's name.
pub const NAME: &str = "google_workspace";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Google Workspace",
    shapes: &[
        "activities of the Reports API (`admin#reports#activity`), one a line, in a list or in `{\"items\":[…]}`; each of `events` is an event",
        "the same with `events` as one object (Elastic), with the event at the top and parameters as an object (Panther) or beside it (Sentinel), or with columns such as `actor_email_s` or `actor.email` (tables of GAM)",
        "rows of the BigQuery export (`record_type`, `event_name`, `time_usec`)",
        "alerts of the alert centre (`alertId`)",
        "Admin, sign-in and token events shared with Google Cloud are read by `gcp_audit`, as the same identities",
    ],
    reads: &[
        ("time", "`id.time`, `time_usec`; of an alert `createTime`"),
        ("event id", "`id.uniqueQualifier` with time, name and parameters of the event"),
        (
            "identity",
            "`actor.email` in lower case, the same as in Google Cloud; `actor.key` of a service account; of `token`/`activity` and of `actor.applicationInfo` the OAuth client",
        ),
        ("acting for", "the user, where an OAuth client or a service account with domain-wide delegation acts"),
        ("credential", "`client_id` of the application"),
        ("source, client", "`ipAddress`; `user_agent` where an application logs it"),
        ("action, service", "`events[].name`, of OAuth activity `method_name`; `id.applicationName`"),
        ("outcome", "failures are events of their own (`login_failure`, `…denied`, `…blocked`)"),
        ("bytes", "`num_response_bytes` of OAuth activity"),
        ("permissions", "`scope` of a grant, `API_SCOPES` of a delegation"),
        ("findings", "alerts, rules, account warnings"),
    ],
    unobservable: &["rows", "bytes of Drive downloads", "sessions"],
    export: "gam report token start -30d > token.json; or Reports API activities.list for each application",
};

/// Reads Google Workspace activities and alerts.
pub struct GoogleWorkspace;

impl Format for GoogleWorkspace {
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
        let found = envelope::records(tree::parse(record)?)?;
        if found.is_empty() {
            return Err(Refusal::Missing { field: "id.applicationName", expected: "an activity of the Reports API or an alert" });
        }
        let mut refused = None;
        let mut read = false;
        for record in &found {
            let record = Node::of(record);
            let outcome = if record.get("alertId").is_some() { alert::emit(record, sink) } else { event::emit(record, sink) };
            match outcome {
                Ok(()) => read = true,
                Err(refusal) => refused = Some(refusal),
            }
        }
        match refused {
            Some(refusal) if !read => Err(refusal),
            _ => Ok(()),
        }
    }
}

/// Whether a record looks like one of ours, in an envelope or bare.
fn recognises(shape: &Shape<'_>) -> bool {
    if shape.get("kind").is_some_and(|kind| kind.contains("#reports#activit") || kind == "audit#activity" || kind == "reports#activity") {
        return true;
    }
    let alert = shape.has("alertId") && shape.has("customerId") && (shape.has("createTime") || shape.has("startTime"));
    let row = shape.has("record_type") && shape.has("event_name") && shape.has("time_usec");
    let columns = ["id_applicationName_s", "id.applicationName", "IdApplicationName"].iter().any(|key| shape.has(key));
    // The kind is lost where only the event was kept.
    let nested = shape.has("id")
        && shape.get("id").is_none()
        && (shape.has("events") || shape.has("event_name") || shape.has("name") || shape.has("parameters"))
        && shape.record().contains("\"applicationName\"")
        && tree::parse(shape.record()).is_ok_and(|value| Node::of(&value).get("id.applicationName").is_some());
    if alert || row || columns || nested {
        return true;
    }
    let told = |key| shape.get(key).is_some_and(|text| text.contains("#reports#activity"));
    if ["message", "event.original", "_raw", "data", "body", "event", "line"].into_iter().any(told) {
        return true;
    }
    let shipped = ["json", "_source", "event", "data", "google_workspace"].iter().any(|key| shape.has(key) && shape.get(key).is_none());
    shipped
        && !shape.has("protoPayload")
        && shape.record().contains("#reports#activity")
        && tree::parse(shape.record()).and_then(envelope::records).is_ok_and(|found| !found.is_empty())
}
