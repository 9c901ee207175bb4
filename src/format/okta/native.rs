//! Gives a log event the names and the nesting of Okta's own interface: opens envelopes, undoes what collectors do to
//! column names, turns JSON in texts into JSON. It decides nothing about meaning.

use super::super::tree::{self, Node};
use serde_json::{Map, Value};

/// `eventType` of the envelope of an event hook.
pub const HOOK: &str = "com.okta.event_hook";
/// How the source of Okta's events on a partner bus begins.
pub const BUS: &str = "aws.partner/okta.com";
/// Members under which a collector may keep the log event as text.
pub const TEXTS: &[&str] = &["message", "_raw", "raw", "log"];

/// What was inside.
pub enum Found {
    /// A log event with Okta's names.
    LogEvent(Value),
    /// Things that have to be opened again.
    Envelope {
        /// What it holds.
        inner: Vec<Value>,
        /// The organisation's host, where the envelope names it.
        host: Option<String>,
    },
}

/// Whether a text looks like a type of log event: `user.session.start`.
pub fn is_event_type(text: &str) -> bool {
    text != HOOK
        && text.contains('.')
        && text.len() <= 160
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
}

/// Whether a text holds a log event as JSON.
pub fn holds(text: &str) -> bool {
    text.trim_start().starts_with('{')
        && ["\"eventType\"", "\"published\"", "\"actor\"", "\"outcome\""].iter().all(|key| text.contains(key))
}

/// Looks at one value.
pub fn straighten(mut value: Value) -> Found {
    let root = Node::of(&value);
    if root.get("eventType").as_deref() == Some(HOOK) {
        let host = root.get("source").and_then(|source| host(&source).map(str::to_owned));
        return Found::Envelope { inner: take(&mut value, &["data", "events"]), host };
    }
    if root.at("detail").is_nested() && root.get("source").is_some_and(|source| source.starts_with(BUS)) {
        return Found::Envelope { inner: take(&mut value, &["detail"]), host: None };
    }
    if !root.at("eventType").is_some()
        && let Some(text) = TEXTS.iter().find_map(|key| root.get(key).filter(|text| holds(text)))
        && let Ok(inner) = serde_json::from_str(&text)
    {
        return Found::Envelope { inner: vec![inner], host: None };
    }
    if root.get("eventType_s").is_some() {
        value = unsuffixed(value);
    } else if root.get("EventOriginalType").is_some() {
        value = renamed(value);
    }
    tree::open_texts(&mut value, OBJECTS);
    if let Some(debug) = member(&mut value, "debugContext") {
        tree::open_texts(debug, &["debugData"]);
    }
    if let Some(request) = member(&mut value, "request") {
        tree::open_texts(request, &["ipChain"]);
    }
    if let Some(transaction) = member(&mut value, "transaction") {
        tree::open_texts(transaction, &["detail"]);
    }
    Found::LogEvent(value)
}

/// Members that hold objects or lists, for collectors that write those as text.
const OBJECTS: &[&str] = &[
    "actor",
    "client",
    "outcome",
    "target",
    "transaction",
    "debugContext",
    "authenticationContext",
    "securityContext",
    "request",
    "device",
];

fn member<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let Value::Object(fields) = value else { return None };
    fields.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, inner)| inner)
}

/// What stands at a path, taken out; the items of it where it is a list.
fn take(value: &mut Value, path: &[&str]) -> Vec<Value> {
    let mut at = value;
    for name in path {
        let Some(next) = member(at, name) else { return Vec::new() };
        at = next;
    }
    match at.take() {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        single => vec![single],
    }
}

/// The host of a URL when it is one of Okta's: `https://acme.okta.com/…` gives `acme.okta.com`. Other hosts are those of
/// applications, and an organisation with a name of its own cannot be told from them.
pub fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#', ':']).next()?;
    let ours = [".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com", ".okta.mil", ".okta-miltest.com"];
    (ours.iter().any(|end| host.ends_with(end)) && host.len() <= 128).then_some(host)
}

/// `client_userAgent_rawUserAgent_s` back to `client.userAgent.rawUserAgent`: Log Analytics joins names by `_` and adds the
/// type; Okta's own names have no `_`.
fn unsuffixed(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let mut out = Value::Object(Map::new());
    for (key, value) in fields {
        // Columns of the workspace (`TenantId`, `TimeGenerated`) have no such ending and are not the record's.
        if let Some(name) = ["_s", "_d", "_t", "_b", "_g"].iter().find_map(|end| key.strip_suffix(end)) {
            put(&mut out, name, value);
        }
    }
    out
}

fn put(out: &mut Value, path: &str, value: Value) {
    let mut at = out;
    let mut names = path.split('_').take(8).peekable();
    while let Some(name) = names.next() {
        if !at.is_object() {
            // A scalar stands where an object is needed (`client_s` beside `client_id_s`): the deeper one tells more.
            *at = Value::Object(Map::new());
        }
        let Value::Object(fields) = at else { return };
        if names.peek().is_none() {
            fields.entry(name).or_insert(value);
            return;
        }
        at = fields.entry(name).or_insert_with(|| Value::Object(Map::new()));
    }
}

/// Columns of `OktaV2_CL` and where they come from; of several for one place the first that is filled counts.
const COLUMNS: &[(&str, &str)] = &[
    ("EventOriginalType", "eventType"),
    ("EventOriginalUid", "uuid"),
    ("EventMessage", "displayMessage"),
    ("OriginalSeverity", "severity"),
    ("OriginalUserId", "actor_id"),
    ("ActorUserId", "actor_id"),
    ("OriginalUserType", "actor_type"),
    ("ActorUserType", "actor_type"),
    ("OriginalActorAlternateId", "actor_alternateId"),
    ("ActorUsername", "actor_alternateId"),
    ("ActorDisplayName", "actor_displayName"),
    ("SrcIpAddr", "client_ipAddress"),
    ("HttpUserAgent", "client_userAgent_rawUserAgent"),
    ("ActingAppName", "client_userAgent_browser"),
    ("ActingAppId", "client_id"),
    ("OriginalClientDevice", "client_device"),
    ("OriginalOutcomeResult", "outcome_result"),
    ("EventResult", "outcome_result"),
    ("EventOriginalResultDetails", "outcome_reason"),
    ("EventResultDetails", "outcome_reason"),
    ("ActorSessionId", "authenticationContext_externalSessionId"),
    ("LogonMethod", "authenticationContext_credentialType"),
    ("AuthenticationContextCredentialType", "authenticationContext_credentialType"),
    ("TransactionDetail", "transaction_detail"),
    ("TransactionId", "transaction_id"),
    ("TransactionType", "transaction_type"),
    ("DebugData", "debugContext_debugData"),
    ("Request", "request"),
    ("OriginalTarget", "target"),
    ("EventStartTime", "published"),
    ("TimeGenerated", "published"),
];

/// The columns of `OktaV2_CL` under the names they come from.
fn renamed(mut value: Value) -> Value {
    let mut out = Value::Object(Map::new());
    for (column, place) in COLUMNS {
        let Some(filled) = member(&mut value, column).map(Value::take) else { continue };
        let empty = filled.is_null() || filled.as_str().is_some_and(|text| text.trim().is_empty());
        let has = Node::of(&out).at(&place.replace('_', ".")).is_some();
        if !empty && !has {
            put(&mut out, place, filled);
        }
    }
    out
}
