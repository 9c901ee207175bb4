//! Mappings in YAML that tell, per type of event, from which field an attribute comes, with example records beside:
//! `mapping_defaults.source.attributes` and, over them, `mappings[].attributes` (attribute → path; an empty path takes the
//! default away), `mappings[].examples[].location` from the product's folder. What the mapping reads from the example is
//! what we must read.

use super::case::{Case, Expected};
use super::corpus::{Source, text};
use driftline::enrich::address;
use driftline::model::Timestamp;
use serde_json::Value;

/// The examples of a mapping file; nothing where it is none.
pub fn mapping(source: &Source<'_>, sink: &mut dyn FnMut(Case)) {
    let Ok(file) = serde_norway::from_str::<Value>(&text(source.path)) else { return };
    let (Some(mappings), Some(product)) = (file.get("mappings").and_then(Value::as_array), source.path.parent().and_then(|p| p.parent()))
    else {
        return;
    };
    let defaults = file.pointer("/mapping_defaults/source/attributes");
    for mapping in mappings {
        let path = |name: &str| {
            let own = mapping.get("attributes").and_then(|attributes| attributes.get(name));
            own.or_else(|| defaults.and_then(|attributes| attributes.get(name))).and_then(Value::as_str).map(str::to_owned)
        };
        for example in mapping.get("examples").and_then(Value::as_array).into_iter().flatten() {
            let Some(location) = example.get("location").and_then(Value::as_str) else { continue };
            let Some(record) = record(&product.join(location)) else { continue };
            let value = |name: &str| path(name).and_then(|path| find(&record, &path));
            let mut expected = Expected {
                time: value("timestamp").and_then(|text| Timestamp::parse(&text)).map(|time| time.0),
                ips: value("ip_address").and_then(|text| address::parse(&text)).into_iter().collect(),
                agent: value("user_agent_name"),
                actions: value("event_code_or_type").into_iter().collect(),
                ..Expected::default()
            };
            expected.actor(value("user_id"));
            expected.actor(value("username"));
            sink(source.case(location, record.to_string(), expected));
        }
    }
}

/// The example, of a list its first.
fn record(path: &std::path::Path) -> Option<Value> {
    let value: Value = path.is_file().then(|| serde_json::from_str(&text(path)).ok()).flatten()?;
    match value {
        Value::Array(items) => items.into_iter().next(),
        other => Some(other),
    }
}

fn find(record: &Value, path: &str) -> Option<String> {
    let value = record.get(path).or_else(|| path.split('.').try_fold(record, |value, name| value.get(name)))?;
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
