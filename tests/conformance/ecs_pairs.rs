//! Expectations written as ECS documents: a raw log with `…-expected.json` beside it (`expected[i]` belongs to line or
//! `events[i]` i), and files that hold `{"input": {"message": raw}, "expected": document}`.
//!
//! Time is `@timestamp`; action `event.action` (or `action.name`); outcome `event.outcome` (or `action.outcome`); address
//! `source.ip`, else `client.ip`; client `user_agent.original`. Who acted is any of the names the document gives the
//! actor: `user`, `client.user`, `source.user`, `user.effective` (id, name, e-mail, full name), and the provider's own
//! fields listed in [`OWN`]; `related.user` only where nothing else is said, because targets are in it too.

use super::case::{Case, Ended, Expected};
use super::corpus::{Source, text};
use super::seen::{self, Seen};
use driftline::enrich::address;
use serde_json::Value;

/// Where documents keep the provider's own names of the actor.
const OWN: &[&str] = &[
    "aws.cloudtrail.user_identity.arn",
    "aws.cloudtrail.user_identity.invoked_by",
    "aws.cloudtrail.user_identity.access_key_id",
    "aws.cloudtrail.user_identity.session_context.session_issuer.arn",
    "aws.cloudtrail.user_identity.session_context.session_issuer.principal_id",
    "aws.cloudtrail.user_identity.session_context.session_issuer.user_name",
    "aws.cloudtrail.user_identity.principalId",
    "aws.cloudtrail.user_identity.accessKeyId",
    "aws.cloudtrail.user_identity.sessionContext.sessionIssuer.arn",
    "okta.actor.id",
    "okta.actor.alternate_id",
    "okta.actor.display_name",
    "azure.signinlogs.properties.service_principal_id",
    "azure.signinlogs.properties.service_principal_name",
    "azure.signinlogs.properties.user_id",
    "azure.signinlogs.properties.user_principal_name",
    "azure.auditlogs.properties.initiated_by.app.servicePrincipalId",
    "azure.auditlogs.properties.initiated_by.app.displayName",
    "azure.auditlogs.properties.initiated_by.user.id",
    "azure.auditlogs.properties.initiated_by.user.userPrincipalName",
    "azure.identityprotection.properties.user_id",
    "azure.identityprotection.properties.user_principal_name",
    "azure.identityprotection.properties.id",
    "azure.provisioning.properties.initiated_by.id",
    "azure.provisioning.properties.initiated_by.name",
    "azure.provisioning.properties.service_principal.id",
    "azure.activitylogs.identity.authorization.evidence.principal_id",
    "azure.activitylogs.identity.claims_initiated_by_user.name",
    "azure.activitylogs.identity.claims.appid",
    "gcp.audit.authentication_info.principal_email",
    "google_workspace.actor.email",
    "google_workspace.actor.profile.id",
    "cloudflare_logpush.audit.actor.id",
    "cloudflare_logpush.audit.actor.email",
    "hashicorp_vault.audit.auth.entity_id",
    "hashicorp_vault.audit.auth.display_name",
    "hashicorp_vault.audit.auth.accessor",
    "auth0.logs.data.client_id",
    "auth0.logs.data.client_name",
];

/// Where documents name people and accounts that act.
const USERS: &[&str] = &["user", "client.user", "source.user", "user.effective"];

/// A raw log with its expected documents beside it.
pub fn expected_beside(source: &Source<'_>, sink: &mut dyn FnMut(Case)) {
    let beside = format!("{}-expected.json", source.path.display());
    let documents: Value = serde_json::from_str(&text(beside.as_ref())).unwrap();
    let documents = documents["expected"].as_array().unwrap();
    let raw = text(source.path);
    let records: Vec<String> = if source.path.extension().is_some_and(|ending| ending == "json") {
        let events: Value = serde_json::from_str(&raw).unwrap();
        events["events"].as_array().unwrap().iter().map(unwrapped).collect()
    } else {
        raw.lines().filter(|line| !line.trim().is_empty()).map(framed).collect()
    };
    assert_eq!(records.len(), documents.len(), "{}", source.path.display());
    for (at, (record, document)) in records.into_iter().zip(documents).enumerate() {
        // Nothing comes of the record in the other vocabulary: nothing to compare.
        let expected = if document.is_null() { Expected::default() } else { reading(document) };
        if document.is_object() {
            documents_too(source, at + 1, &record, document, sink);
        }
        sink(source.case(at + 1, record, expected));
    }
}

/// Formats whose documents keep what makes the principal.
const SAME: &[&str] = &["aws_cloudtrail", "okta", "github_audit", "gcp_audit", "google_workspace"];

/// The expected document is itself a record of the format `ecs`. With the original inside it must give what the original
/// gives; without, what it says itself, and the same principal where the provider's fields are kept.
fn documents_too(source: &Source<'_>, at: usize, raw: &str, document: &Value, sink: &mut dyn FnMut(Case)) {
    let of_raw = match seen::look(raw) {
        Seen::Read { format, events } => events.into_iter().next().map(|event| (format, event)),
        _ => None,
    };
    let mut bare = document.clone();
    if let Value::Object(fields) = &mut bare {
        fields.remove("message");
        fields.get_mut("event").and_then(Value::as_object_mut).map(|event| event.remove("original"));
    }
    let own = reading(document);
    // A document that names nobody or nothing that was done is no activity.
    let optional = own.actors.is_empty() || own.actions.is_empty();
    let carries = document.pointer("/event/original").and_then(Value::as_str).is_some_and(|text| text == raw);
    let whole = match &of_raw {
        Some((_, event)) if carries => Expected {
            time: Some(event.time),
            actions: vec![event.action.clone()],
            agent: event.agent.clone(),
            principal: Some(event.principal.clone()),
            ..Expected::default()
        },
        _ => own.clone(),
    };
    let principal = of_raw.filter(|(format, event)| SAME.contains(format) && !event.finding).map(|(_, event)| event.principal);
    for (kind, record, expected) in [("document", document, whole), ("document without original", &bare, Expected { principal, ..own })] {
        let mut case = source.case(format!("{at} {kind}"), record.to_string(), expected);
        (case.formats, case.optional) = (vec!["ecs"], optional);
        sink(case);
    }
}

/// A line as the feed hands it on: an object as it is, any other text under `line`.
fn framed(line: &str) -> String {
    if line.trim_start().starts_with('{') { line.to_owned() } else { serde_json::json!({ "line": line }).to_string() }
}

/// The record inside what the shipper put around it.
fn unwrapped(event: &Value) -> String {
    for path in ["/event/original", "/message"] {
        if let Some(text) = event.pointer(path).and_then(Value::as_str).filter(|text| text.starts_with('{')) {
            return text.to_owned();
        }
    }
    ["json", "o365audit"].iter().find_map(|key| event.get(key)).unwrap_or(event).to_string()
}

/// A file of one case: raw text and expected document.
pub fn input_and_expected(source: &Source<'_>, value: &Value, sink: &mut dyn FnMut(Case)) -> bool {
    let (Some(raw), Some(document)) = (value.pointer("/input/message").and_then(Value::as_str), value.get("expected")) else {
        return false;
    };
    sink(source.case(1, framed(raw), reading(document)));
    true
}

/// What a document says.
pub fn reading(document: &Value) -> Expected {
    let at = |path: &str| find(document, path).and_then(scalar);
    let mut expected = Expected {
        time: at("@timestamp").and_then(|text| driftline::model::Timestamp::parse(&text)).map(|time| time.0),
        actions: at("event.action").or_else(|| at("action.name")).into_iter().collect(),
        outcome: at("event.outcome").or_else(|| at("action.outcome")).and_then(|word| ended(&word)),
        ips: at("source.ip").or_else(|| at("client.ip")).and_then(|text| address::parse(&text)).into_iter().collect(),
        agent: at("user_agent.original").filter(|agent| agent != "-" && agent != "unknown"),
        ..Expected::default()
    };
    for user in USERS {
        for field in ["id", "name", "email", "full_name"] {
            expected.actor(at(&format!("{user}.{field}")));
        }
    }
    for path in OWN {
        expected.actor(at(path));
    }
    if expected.actors.is_empty() {
        let related = find(document, "related.user").and_then(Value::as_array).into_iter().flatten();
        for name in related {
            expected.actor(name.as_str().map(str::to_owned));
        }
    }
    expected
}

fn ended(word: &str) -> Option<Ended> {
    match word.to_lowercase().as_str() {
        "success" | "succeeded" => Some(Ended::Well),
        "failure" | "failed" | "fail" | "denied" => Some(Ended::Badly),
        "unknown" => Some(Ended::Unsaid),
        _ => None,
    }
}

/// The value at a path, of which any stretch may be one dotted name.
fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if let Some(found) = value.get(path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(dot, _)| find(value.get(&path[..dot])?, &path[dot + 1..]))
}

/// A scalar as text; of a list its first.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => items.first().and_then(scalar),
        _ => None,
    }
}
