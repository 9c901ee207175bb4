//! GitHub audit log: one entry, from the REST or GraphQL interface, a stream, an Enterprise Server's syslog or a SIEM's
//! table, and webhook deliveries. It owns which shapes are understood; names are looked up by [`fields`](super::fields), so
//! that their spelling does not matter. It must not know files.

mod actor;
mod entry;
mod operation;
#[cfg(test)]
mod tests;
mod webhook;

use super::tree::{self, Node};
use super::{Card, Format, Refusal, Shape};
use crate::model::Event;
use serde_json::Value;

/// The format's name.
const NAME: &str = "github_audit";
/// The system principals belong to.
const PLATFORM: &str = "github";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "GitHub audit log",
    shapes: &[
        "REST (`/orgs/ORG/audit-log`, `/enterprises/…`) and streaming to S3, Event Hubs, Google, Splunk or Datadog: one entry a line or lists",
        "GraphQL (`auditLog { nodes { … } }`, `actorLogin`, `createdAt`)",
        "Enterprise Server syslog (`… github_audit: {…}` in `message`)",
        "Sentinel columns (`action_s`, `created_at_d`) and other spellings of the names (`at_sign_timestamp`)",
        "webhook deliveries (`action`, `sender`, `repository`), where they carry a time",
    ],
    reads: &[
        ("time", "`@timestamp`, else `created_at`: milliseconds, also as text"),
        ("event id", "`_document_id`"),
        (
            "identity",
            "`actor`: the user, or the app or bot (`…[bot]`, `actor_is_bot`, `actor_is_agent`); a deploy key where no user is named",
        ),
        ("credential", "`hashed_token` with `programmatic_access_type`, else the name of the token or the OAuth application's id"),
        ("source, client", "`actor_ip` (if the organisation records it), `user_agent`"),
        ("action", "`action`"),
        ("resource, target", "`repo`; `user`, the integration or the application acted on"),
        ("scopes", "`token_scopes`"),
        ("outcome", "entries tell of what was done; refusals are actions of their own; `status_code` of `api.request`"),
    ],
    unobservable: &[
        "rows",
        "bytes",
        "reads other than Git's, unless API requests are streamed",
        "addresses, unless the organisation records them",
    ],
    export: "gh api --paginate \"/orgs/ORG/audit-log?include=all&per_page=100\" --jq '.[]' > github.ndjson",
};

/// Reads GitHub's audit log.
pub struct GithubAudit;

impl Format for GithubAudit {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        let told = shape.get("p_log_type").or_else(|| shape.get("Type")).is_some_and(|kind| kind.starts_with("GitHub."));
        told || is_entry(shape) || is_graphql(shape) || webhook::recognises(shape) || shape.get("message").is_some_and(is_syslog)
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let value = tree::parse(record)?;
        let root = Node::of(&value);
        if let Some(message) = root.get("message").filter(|message| is_syslog(message)) {
            let from = message.find('{').unwrap_or_default();
            let inner = tree::parse(message.get(from..).unwrap_or_default())?;
            return entry::emit(&inner, sink);
        }
        if let Some(log) = audit_log(root) {
            return nodes(log, sink);
        }
        if webhook::is_delivery(root) {
            return webhook::emit(root, sink);
        }
        entry::emit(&value, sink)
    }
}

/// Members only GitHub's entries have.
const MARKS: &[&str] = &[
    "_document_id",
    "actor_location",
    "actor_is_bot",
    "actor_is_agent",
    "actor_ip",
    "programmatic_access_type",
    "hashed_token",
    "public_repo",
    "repository_public",
    "external_identity_nameid",
    "transport_protocol_name",
    "org_id",
    "business_id",
    "_document_id_s",
    "actor_location_country_code_s",
    "actor_ip_s",
    "hashed_token_s",
    "operation_type_s",
];

fn is_entry(shape: &Shape<'_>) -> bool {
    let Some(action) = shape.get("action").or_else(|| shape.get("action_s")) else { return false };
    let dotted = action.contains('.')
        && action.len() <= 160
        && action.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'));
    let named = ["actor", "actor_s", "actor_id", "actor_id_d", "user"].iter().any(|key| shape.get(key).is_some());
    let timed =
        ["@timestamp", "created_at", "at_sign_timestamp", "created_at_d", "created_at_s", "_timestamp_d"].iter().any(|key| shape.has(key));
    let placed = ["org", "business", "repo", "org_s", "business_s", "repo_s"].iter().any(|key| shape.has(key));
    let marked = MARKS.iter().any(|key| shape.has(key));
    // A name with its category is enough where nothing but GitHub's members is there.
    dotted && named && timed && (marked || (placed && operation::is_known(action)))
}

fn is_graphql(shape: &Shape<'_>) -> bool {
    let node = shape.has("actorLogin") && shape.has("createdAt") && shape.get("action").is_some_and(|action| action.contains('.'));
    node || (shape.has("data") && shape.record().contains("\"auditLog\"") && shape.record().contains("\"createdAt\""))
}

fn is_syslog(message: &str) -> bool {
    message.find("github_audit: {").is_some_and(|at| at < 256)
}

fn audit_log(root: Node<'_>) -> Option<Node<'_>> {
    ["data.organization.auditLog", "data.enterprise.auditLog", "data.viewer.auditLog"]
        .iter()
        .map(|path| root.at(path))
        .find(|log| log.is_some())
}

fn nodes(log: Node<'_>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    let listed = log.at("nodes").items().chain(log.at("edges").items().map(|edge| edge.at("node")));
    let values: Vec<&Value> = listed.filter_map(Node::value).collect();
    if values.is_empty() {
        return Err(Refusal::Missing { field: "auditLog.nodes", expected: "at least one entry" });
    }
    values.into_iter().try_for_each(|value| entry::emit(value, sink))
}
