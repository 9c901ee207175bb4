//! The canonical text of a record: the same JSON value has the same text whatever the order and spacing of its members.
//! It names records that have no id of their own; it must not change, or stores would see old records as new.

use serde_json::Value;
use std::fmt::Write;

/// The record re-serialised with members sorted by name and no blanks; of members with one name the last stands.
pub(super) fn json(record: &str) -> Result<String, String> {
    let value: Value = serde_json::from_str(record).map_err(|error| format!("not valid JSON: {error}"))?;
    let mut out = String::with_capacity(record.len());
    write(&mut out, &value);
    Ok(out)
}

/// Depth is bounded by the reader's own limit of 128.
fn write(out: &mut String, value: &Value) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => {
            // Sorted here, because the order of the map depends on how the library was built.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (place, (name, member)) in members.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                // Writing to a String cannot fail.
                let _ = write!(out, "{}:", Value::from(name.as_str()));
                write(out, member);
            }
            out.push('}');
        }
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_spacing_do_not_matter_values_do() {
        let canonical = json("{ \"b\": [1, {\"y\":null,\"x\":\"\\u00e9\\n\"}], \"a\": 1.50 }").unwrap();
        assert_eq!(canonical, "{\"a\":1.5,\"b\":[1,{\"x\":\"é\\n\",\"y\":null}]}");
        assert_eq!(json("{\"a\":1,\"a\":2}").unwrap(), "{\"a\":2}");
        assert_ne!(json("{\"a\":1}"), json("{\"a\":\"1\"}"));
        for bad in ["{", "{\"a\":1e999}", "{\"a\":\"\\ud800\"}", "{}x"] {
            assert!(json(bad).is_err(), "{bad}");
        }
    }
}
