//! What a record is wrapped in on its way: members that hold the record, a list of records, or the record as JSON in a
//! text, and columns such as `actor_id_s` in place of `actor.id`. The rule: a record that is recognised is not opened
//! further. It must not know any provider.

use super::super::Refusal;
use serde_json::{Map, Value};

/// Envelopes in envelopes that are followed.
const DEEPEST: usize = 5;
/// Records taken out of one envelope.
const MOST: usize = 10_000;

/// Members in which collectors put the record, whatever they collect.
pub(super) const MEMBERS: &[&str] = &[
    "message",
    "Message",
    "_raw",
    "raw",
    "event",
    "json",
    "log",
    "body",
    "detail",
    "record",
    "records",
    "Records",
    "data",
    "payload",
    "events",
    "Events",
    "entries",
    "logs",
    "logEvents",
    "value",
    "values",
    "results",
    "items",
    "input",
    "original",
];

/// How a format's records are wrapped.
#[derive(Clone, Debug, Default)]
pub(super) struct Envelope {
    /// Members that hold it, beside [`MEMBERS`].
    pub(super) members: Vec<&'static str>,
    /// Members of the record itself that hold JSON as text.
    pub(super) texts: Vec<&'static str>,
    /// Members of the record itself that hold its fields as `name=value, name="value"`.
    pub(super) pairs: Vec<&'static str>,
    /// Columns may be flattened paths with a suffix for their type.
    pub(super) flattened: bool,
}

impl Envelope {
    /// The records in a value, each as it is to be read. Without any that `recognised` knows it is the value itself:
    /// whoever named the format knows better.
    pub(super) fn open(&self, mut value: Value, recognised: &dyn Fn(&Value) -> bool) -> Result<Vec<Value>, Refusal> {
        let mut found = Vec::new();
        self.prepare(&mut value);
        if recognised(&value) {
            return Ok(vec![value]);
        }
        self.search(&value, recognised, 0, &mut found)?;
        Ok(if found.is_empty() { vec![value] } else { found })
    }

    /// Whether a record has a member it could be wrapped in.
    pub(super) fn is_likely(&self, has: impl Fn(&str) -> bool) -> bool {
        self.members.iter().chain(MEMBERS).any(|member| has(member))
    }

    fn search(&self, outer: &Value, recognised: &dyn Fn(&Value) -> bool, depth: usize, found: &mut Vec<Value>) -> Result<(), Refusal> {
        let Value::Object(fields) = outer else { return Ok(()) };
        if depth == DEEPEST {
            return Err(Refusal::TooDeep { limit: DEEPEST });
        }
        for member in self.members.iter().chain(MEMBERS) {
            let Some(inner) = fields.get(*member) else { continue };
            let items = match inner {
                Value::Array(items) => items.as_slice(),
                single => std::slice::from_ref(single),
            };
            for item in items.iter().take(MOST) {
                let Some(mut item) = object(item) else { continue };
                self.prepare(&mut item);
                if recognised(&item) {
                    found.push(item);
                } else {
                    self.search(&item, recognised, depth + 1, found)?;
                }
                if found.len() >= MOST {
                    return Ok(());
                }
            }
            if !found.is_empty() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn prepare(&self, value: &mut Value) {
        if self.flattened {
            columns(value);
        }
        super::super::tree::open_texts(value, &self.texts);
        for member in &self.pairs {
            open_pairs(value, member);
        }
    }
}

/// Fields taken out of one text: more is no record.
const PAIRS: usize = 128;

/// Puts the fields that a member holds as text beside it. What has a name already keeps it.
fn open_pairs(value: &mut Value, member: &str) {
    let Value::Object(fields) = value else { return };
    let Some(Value::String(text)) = fields.get(member) else { return };
    for (name, told) in pairs(text) {
        fields.entry(name).or_insert(Value::String(told));
    }
}

/// The fields of `type="LOGIN", userId=null`, up to the first thing that is none; those that are `null` are absent.
fn pairs(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some((name, after)) = rest.split_once('=') {
        if found.len() == PAIRS || name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-')) {
            break;
        }
        let (told, after) = match after.strip_prefix('"') {
            // A quote inside stands behind a backslash; the one before a comma or the end closes.
            Some(inside) => match inside.match_indices('"').find(|(at, _)| !inside[..*at].ends_with('\\')) {
                Some((at, _)) => (inside[..at].replace("\\\"", "\""), &inside[at + 1..]),
                None => break,
            },
            None => match after.split_once(", ") {
                Some((told, _)) => (told.to_owned(), &after[told.len()..]),
                None => (after.trim_end().to_owned(), ""),
            },
        };
        if told != "null" && !told.is_empty() {
            found.push((name.to_owned(), told));
        }
        rest = after.trim_start_matches([',', ' ']);
    }
    found
}

/// An object, or a text that holds one.
fn object(value: &Value) -> Option<Value> {
    match value {
        Value::Object(_) => Some(value.clone()),
        Value::String(text) if text.trim_start().starts_with('{') => {
            serde_json::from_str(text.trim_start_matches('\u{feff}')).ok().filter(Value::is_object)
        }
        _ => None,
    }
}

/// Takes the suffixes of types (`_s`, `_d`, `_b`, `_g`, `_t`; `_CF` where a name was taken) and of time zones (` [UTC]`) off the names of columns. A
/// column that has the name already keeps it.
fn columns(value: &mut Value) {
    let Value::Object(fields) = value else { return };
    let suffixed = |key: &str| bare(key).len() < key.len();
    if !fields.keys().any(|key| suffixed(key)) {
        return;
    }
    let (odd, mut kept): (Vec<_>, Map<_, _>) = {
        let all = std::mem::take(fields);
        let mut odd = Vec::new();
        let mut kept = Map::new();
        for (key, value) in all {
            if suffixed(&key) {
                odd.push((key, value));
            } else {
                kept.insert(key, value);
            }
        }
        (odd, kept)
    };
    for (key, value) in odd {
        let name = bare(&key);
        if kept.get(name).is_none_or(Value::is_null) {
            kept.insert(name.to_owned(), value);
        }
    }
    *fields = kept;
}

/// The name of a column without its suffixes. Of time zones only UTC goes: a time of another would be read as if it were UTC.
pub(super) fn bare(column: &str) -> &str {
    let column = column.strip_suffix(" [UTC]").unwrap_or(column);
    ["_s", "_d", "_b", "_g", "_t", "_CF"]
        .iter()
        .find_map(|suffix| column.strip_suffix(suffix))
        .filter(|name| !name.is_empty())
        .unwrap_or(column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn records_are_taken_out_of_what_they_are_wrapped_in() {
        let envelope = Envelope { flattened: true, texts: vec!["details"], ..Envelope::default() };
        let known = |value: &Value| value.get("mine").is_some();
        for (outer, count) in [
            (json!({"mine": 1}), 1),
            (json!({"message": "{\"mine\":1}"}), 1),
            (json!({"records": [{"mine": 1}, {"mine": 2}, {"other": 3}]}), 2),
            (json!({"event": {"original": "{\"mine\":1}"}, "message": "text"}), 1),
            (json!({"mine_s": "x", "time_t [UTC]": 1}), 1),
            (json!({"mine [Jerusalem]": "x"}), 0),
            (json!({"data": {"mine": 1}, "log_id": 1}), 1),
        ] {
            let records = envelope.open(outer.clone(), &known).unwrap();
            assert_eq!(records.iter().filter(|record| known(record)).count(), count, "{outer}");
        }
        let records = envelope.open(json!({"mine": 1, "details": "{\"a\":1}", "x_s": 2, "x": 3}), &known).unwrap();
        assert_eq!(records, [json!({"mine": 1, "details": {"a": 1}, "x": 3})]);
        let logged = Envelope { pairs: vec!["message"], ..Envelope::default() };
        let open = |text: &str| logged.open(json!({ "message": text, "kept": 1 }), &|_| false).unwrap().remove(0);
        let value = open(r#"type="LOGIN", kept="2", userId=null, ip="::1", why="a \"b\", c", plain=x y, last=z"#);
        let want = [("type", "LOGIN"), ("ip", "::1"), ("why", "a \"b\", c"), ("plain", "x y"), ("last", "z")];
        assert!(want.iter().all(|(name, told)| value[*name] == *told) && value["kept"] == 1 && value.get("userId").is_none(), "{value}");
        for text in ["", "no pairs, here", "=x", "a b=c", "a=\"open", "a=1, <b>=2"] {
            assert!(open(text).as_object().unwrap().len() <= 3, "{text}");
        }
        let deep = json!({"data": {"data": {"data": {"data": {"data": {"data": {"mine": 1}}}}}}});
        assert_eq!(envelope.open(deep, &known), Err(Refusal::TooDeep { limit: 5 }));
        assert_eq!(envelope.open(json!({"foreign": 1}), &known).unwrap(), [json!({"foreign": 1})]);
    }
}
