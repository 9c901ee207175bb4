//! Google Cloud audit logs: one log entry, in whatever envelope and whatever shape it was exported. It owns which shapes
//! are understood and in what order they are tried; everything is set into the native shape first (`entry`), so that the
//! rest reads one shape only. It must not know what becomes of an event.

mod bigquery;
mod entry;
mod envelope;
mod event;
mod operation;
pub mod principal;
mod sql;
#[cfg(test)]
pub mod tests;

use super::tree::{self, Node};
use super::{Card, Format, Refusal, Shape};
use crate::model::Event;

/// The format's name.
pub const NAME: &str = "gcp_audit";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Google Cloud audit logs",
    shapes: &[
        "log entries with `protoPayload`: `gcloud logging read --format=json`, sinks to Cloud Storage, one entry a line or in a list",
        "Pub/Sub messages, pushed or pulled (`message.data` in base64)",
        "rows exported through BigQuery (`protopayload_auditlog` with `requestJson`, `metadataJson`) and Log Analytics (`proto_payload.audit_log`)",
        "Sentinel: flattened columns (`payload_authenticationInfo_principalEmail_s`) and the tables `GCPAuditLogs`, `GCPIAM`",
        "Elastic: the entry in `message` or `event.original`, or taken apart under `gcp.audit`",
        "GKE: the cluster's audit entries (`k8s.io`), with the same service accounts as `kubernetes_audit`",
    ],
    reads: &[
        ("time", "`timestamp`, else `receiveTimestamp`"),
        ("event id", "`insertId` with `logName` and time"),
        (
            "identity",
            "`authenticationInfo.principalEmail`, in lower case, the same as in Google Workspace; without one, the federated `principal://…` subject",
        ),
        ("acting for", "the first in `serviceAccountDelegationInfo` that is no service agent of Google: who borrowed the service account"),
        (
            "credential",
            "`serviceAccountKeyName` is an exported key; without one the account is attached; `oauthInfo.oauthClientId` is the client through which a user came, not the identity: it is `gcloud` for everybody",
        ),
        ("source, client", "`requestMetadata.callerIp` as sent (`private` and `gce-internal-ip` are names), `callerSuppliedUserAgent`"),
        ("action, service", "`methodName`, `serviceName`"),
        (
            "outcome",
            "`status.code`; no status is success unless `authorizationInfo` says that nothing was granted; a failed sign-in is denied",
        ),
        ("permissions", "those of `authorizationInfo` that were granted"),
        ("rows, bytes", "BigQuery jobs: rows put out or changed, bytes processed, exported or loaded; elsewhere `numResponseItems`"),
        ("query", "BigQuery text without its literals"),
    ],
    unobservable: &[
        "reads of data, unless Data Access logs are switched on for the service",
        "bytes of Cloud Storage downloads",
        "callers whom Google leaves out (public access, policy denials): such entries are refused with that reason",
    ],
    export: "gcloud logging read 'logName:cloudaudit.googleapis.com' --format=json > gcp.json",
};

/// Reads Google Cloud audit log entries.
pub struct GcpAudit;

impl Format for GcpAudit {
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
        let entries = envelope::entries(tree::parse(record)?)?;
        if entries.is_empty() {
            return Err(Refusal::Missing { field: "protoPayload", expected: "an audit log entry" });
        }
        let mut refused = None;
        let mut read = false;
        for entry in &entries {
            match event::emit(Node::of(entry), sink) {
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
    const PAYLOADS: &[&str] = &[
        "protoPayload",
        "protopayload_auditlog",
        "proto_payload",
        "protoPayload.methodName",
        "protopayload_auditlog.methodName",
        "protoPayload_methodName_s",
    ];
    if PAYLOADS.iter().any(|key| shape.has(key)) {
        return true;
    }
    let flattened = shape.has("log_name_s") && shape.has("insert_id_s");
    let table = shape.has("MethodName")
        && shape.has("ServiceName")
        && (shape.get("LogName").is_some_and(|log| log.contains("cloudaudit.googleapis.com"))
            || shape.get("Type").is_some_and(|table| table.eq_ignore_ascii_case("GCPAuditLogs") || table.eq_ignore_ascii_case("GCPIAM")));
    let other_entry = shape.has("insertId") && shape.get("logName").is_some_and(|log| log.contains("/logs/"));
    let payload = shape.get("@type").is_some_and(|kind| kind == entry::AUDIT_LOG);
    if flattened || table || other_entry || payload {
        return true;
    }
    // What Elastic has worked on is a document of its own format, which keeps the entry as it was.
    if shape.has("ecs") || shape.has("ecs.version") {
        return false;
    }
    // Envelopes: the text tells, or it is worth opening.
    let told = |key| shape.get(key).is_some_and(|text| text.contains("\"protoPayload\"") || text.contains("protopayload_auditlog"));
    if ["message", "event.original", "_raw", "data", "body", "log", "line", "event"].into_iter().any(told) {
        return true;
    }
    let queue = shape.has("receivedMessages") || (shape.has("message") && (shape.has("subscription") || shape.has("ackId")));
    let shipped = shape.has("gcp") || (shape.has("event") && shape.get("event").is_none()) || shape.has("_source") || shape.has("json");
    let hinted = ["protoPayload", "google.cloud.audit", "gcp.audit", "\"gcp\""].iter().any(|hint| shape.record().contains(hint));
    (queue || (shipped && hinted)) && tree::parse(shape.record()).and_then(envelope::entries).is_ok_and(|entries| !entries.is_empty())
}
