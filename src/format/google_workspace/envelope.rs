//! Finds activities and alerts in what carried them, and gives flattened columns their nesting back. It must not know what
//! an event means.

use super::super::Refusal;
use serde_json::{Map, Value};

/// Envelopes followed before giving up.
const ENVELOPES: usize = 5;

/// Members that hold one, as an object or as text.
const INNER: &[&str] = &["message", "json", "event", "original", "event.original", "_source", "data", "_raw", "body", "line"];

/// The activities and alerts in a record, in their order.
///
/// # Errors
/// When envelopes lie deeper than anybody puts them.
pub fn records(value: Value) -> Result<Vec<Value>, Refusal> {
    let mut out = Vec::new();
    open(value, ENVELOPES, &mut out)?;
    Ok(out)
}

fn open(value: Value, left: usize, out: &mut Vec<Value>) -> Result<(), Refusal> {
    if left == 0 {
        return Err(Refusal::TooDeep { limit: ENVELOPES });
    }
    let mut fields = match value {
        Value::Object(fields) => fields,
        Value::Array(items) => return items.into_iter().try_for_each(|item| open(item, left - 1, out)),
        _ => return Ok(()),
    };
    if let Some(record) = record(&mut fields) {
        out.push(record);
        return Ok(());
    }
    if let Some(Value::Array(items)) = fields.remove("items").or_else(|| fields.remove("alerts")) {
        return items.into_iter().try_for_each(|item| open(item, left - 1, out));
    }
    for key in INNER {
        if !out.is_empty() {
            break;
        }
        match fields.remove(*key) {
            Some(inner @ Value::Object(_)) => open(inner, left - 1, out)?,
            Some(Value::String(text)) if text.trim_start().starts_with('{') => {
                if let Ok(inner) = serde_json::from_str(&text) {
                    open(inner, left - 1, out)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The record itself, nested as the provider writes it; `None` when this is something around it.
fn record(fields: &mut Map<String, Value>) -> Option<Value> {
    let nested = fields.get("id").is_some_and(|id| id.get("applicationName").is_some() || id.get("uniqueQualifier").is_some());
    let row = fields.contains_key("record_type") && fields.contains_key("event_name");
    if nested || row || fields.contains_key("alertId") {
        let mut value = Value::Object(std::mem::take(fields));
        super::super::tree::open_texts(&mut value, &["id", "actor", "events", "parameters", "networkInfo", "metadata", "data"]);
        return Some(value);
    }
    let columns = fields
        .keys()
        .any(|key| matches!(key.as_str(), "id_applicationName_s" | "id.applicationName") || key.eq_ignore_ascii_case("IdApplicationName"));
    columns.then(|| nest(std::mem::take(fields)))
}

/// `id_applicationName_s` is `id.applicationName`, and so is a column of that very name; `ActorEmail` is `actor.email`; other
/// columns are parameters.
fn nest(fields: Map<String, Value>) -> Value {
    let mut out = Map::new();
    for (key, value) in fields {
        if matches!(&value, Value::String(text) if text.is_empty()) || value.is_null() {
            continue;
        }
        let name = key.strip_suffix(" [UTC]").unwrap_or(&key);
        let name = ["_s", "_d", "_b", "_t", "_g"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        let group = ["id", "actor", "networkInfo"].into_iter().find_map(|group| {
            let head = name.get(..group.len()).filter(|head| head.eq_ignore_ascii_case(group))?;
            let rest = name.get(head.len()..)?;
            let inner = rest.strip_prefix(['_', '.']).map(str::to_owned).or_else(|| {
                // A capital begins a new word; `identity` is no `id`.
                rest.starts_with(|c: char| c.is_ascii_uppercase()).then(|| {
                    let mut letters = rest.chars();
                    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
                })
            })?;
            Some((group, inner))
        });
        match group {
            Some((group, inner)) => {
                if let Value::Object(members) = out.entry(group.to_owned()).or_insert_with(|| Value::Object(Map::new())) {
                    members.insert(inner, value);
                }
            }
            None => {
                out.insert(name.to_owned(), value);
            }
        }
    }
    let mut value = Value::Object(out);
    super::super::tree::open_texts(&mut value, &["events", "parameters", "event_parameters", "EventParameters", "scope", "scope_data"]);
    value
}
