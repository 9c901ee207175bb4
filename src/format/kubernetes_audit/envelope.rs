//! Finds the audit events in what carried them, and the name of the cluster where the container tells it: `CloudWatch` names
//! log groups after clusters, Azure resources too. It must not know what an event means.

use super::super::Refusal;
use serde_json::{Map, Value};

/// An event and the cluster it came from.
pub struct Found {
    pub event: Value,
    pub cluster: Option<String>,
}

/// Envelopes followed before giving up.
const ENVELOPES: usize = 6;

/// Members that hold several.
const LISTS: &[&str] = &["items", "logEvents", "events", "records", "value"];

/// Members that hold one, as an object or as text.
const INNER: &[&str] = &[
    "properties",
    "log",
    "log_s",
    "message",
    "@message",
    "kubernetes",
    "audit",
    "event",
    "original",
    "event.original",
    "_source",
    "_raw",
    "json",
    "body",
    "data",
    "line",
];

/// Members that are JSON in text where a table's column holds them.
const COLUMNS: &[&str] =
    &["user", "impersonatedUser", "objectRef", "responseStatus", "annotations", "sourceIPs", "requestObject", "responseObject"];

/// The audit events in a record, in their order.
///
/// # Errors
/// When envelopes lie deeper than anybody puts them.
pub fn events(value: Value) -> Result<Vec<Found>, Refusal> {
    let mut out = Vec::new();
    open(value, None, ENVELOPES, &mut out)?;
    Ok(out)
}

fn open(value: Value, cluster: Option<String>, left: usize, out: &mut Vec<Found>) -> Result<(), Refusal> {
    if left == 0 {
        return Err(Refusal::TooDeep { limit: ENVELOPES });
    }
    let mut fields = match value {
        Value::Object(fields) => fields,
        Value::Array(items) => return items.into_iter().try_for_each(|item| open(item, cluster.clone(), left - 1, out)),
        _ => return Ok(()),
    };
    let cluster = cluster_of(&fields).or(cluster);
    if fields.contains_key("user.username") || fields.contains_key("objectRef.resource") {
        fields = super::super::tree::undotted(fields);
    }
    if is_event(&fields) {
        let mut event = Value::Object(fields);
        super::super::tree::open_texts(&mut event, COLUMNS);
        out.push(Found { event, cluster });
        return Ok(());
    }
    for key in LISTS {
        if let Some(Value::Array(items)) = take(&mut fields, key) {
            items.into_iter().try_for_each(|item| open(item, cluster.clone(), left - 1, out))?;
        }
    }
    for key in INNER {
        if !out.is_empty() {
            break;
        }
        match take(&mut fields, key) {
            Some(inner @ Value::Object(_)) => open(inner, cluster.clone(), left - 1, out)?,
            Some(Value::String(text)) if text.trim_start().starts_with(['{', '[']) => {
                if let Ok(inner) = serde_json::from_str(&text) {
                    open(inner, cluster.clone(), left - 1, out)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// An event has an id, or a verb with a user or an object; a list of events has neither.
fn is_event(fields: &Map<String, Value>) -> bool {
    let has = |name: &str| get(fields, name).is_some_and(|value| !value.is_null());
    has("verb") && (has("user") || has("objectRef") || has("requestURI")) || has("auditID")
}

/// `/aws/eks/NAME/cluster` is a log group, `…/managedClusters/NAME` a resource.
fn cluster_of(fields: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| get(fields, name).and_then(Value::as_str);
    if let Some(group) = text("logGroup").or_else(|| text("@log")) {
        let (_, rest) = group.split_once("/aws/eks/")?;
        return Some(rest.split('/').next().unwrap_or(rest).to_owned());
    }
    let resource = text("resourceId").or_else(|| text("_ResourceId"))?.to_ascii_lowercase();
    let (_, name) = resource.split_once("/managedclusters/")?;
    Some(name.split('/').next().unwrap_or(name).to_owned())
}

fn get<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).or_else(|| fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn take(fields: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = fields.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()?;
    fields.remove(&key)
}
