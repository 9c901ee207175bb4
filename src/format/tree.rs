//! A record read whole, for formats whose records are not so many that copying counts: a [`Node`] is a place in it that
//! may be empty, and every question to an empty place has an empty answer. Names are matched as written, else in any
//! case. It must not know any provider.

use super::Refusal;
use super::cell;
use crate::model::event::Text;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Reads a record; of a key that stands twice the last counts.
///
/// # Errors
/// When it is not one JSON object.
pub fn parse(record: &str) -> Result<Value, Refusal> {
    match serde_json::from_str(record.trim_start_matches('\u{feff}')) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(value) => Err(Refusal::malformed("the record", if value.is_array() { "a list" } else { "a single value" }, "one JSON object")),
        Err(error) => Err(Refusal::not_json(&error)),
    }
}

/// Opens, in place, the members of an object that hold JSON as text (`"InitiatedBy": "{\"app\":…}"`); what is no JSON
/// stays as it is.
pub fn open_texts(value: &mut Value, names: &[&str]) {
    let Value::Object(fields) = value else { return };
    for (_, inner) in fields.iter_mut().filter(|(key, _)| names.iter().any(|name| key.eq_ignore_ascii_case(name))) {
        if let Some(opened) = inner.as_str().and_then(opened) {
            *inner = opened;
        }
    }
}

/// Nests, in place, what stands under joined names on the top level: `{"actor.user.uid": 1}` becomes
/// `{"actor": {"user": {"uid": 1}}}`. What is nested already is kept and filled up.
pub fn nest_joined(value: &mut Value) {
    let Value::Object(fields) = value else { return };
    let joined: Vec<String> = fields.keys().filter(|key| key.contains('.') && key.split('.').count() <= JOINED).cloned().collect();
    for key in joined {
        if let Some(inner) = fields.remove(&key) {
            nest(fields, &key, inner);
        }
    }
}

/// Most names joined that are taken apart: deeper is no record but an attack.
const JOINED: usize = 16;

/// Puts a value at a path; what stands there already stays, and where something stands in the way the value keeps its
/// joined name.
pub fn nest(fields: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        Some((name, rest)) if !name.is_empty() && !rest.is_empty() => {
            match fields.entry(name.to_owned()).or_insert_with(|| Value::Object(Map::new())) {
                Value::Object(inner) => nest(inner, rest, value),
                _ => {
                    fields.entry(path.to_owned()).or_insert(value);
                }
            }
        }
        _ => {
            fields.entry(path.to_owned()).or_insert(value);
        }
    }
}

/// Takes names with dots apart, for records that were flattened on their way: `"actor.email": …` becomes `{"actor":
/// {"email": …}}`. Names with a stroke stay: their dots are those of a domain. JSON in text is opened.
pub fn undotted(fields: Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for (key, value) in fields {
        if key.contains('.') && !key.contains('/') && key.split('.').count() <= JOINED {
            let value = value.as_str().and_then(opened).unwrap_or(value);
            nest(&mut out, &key, value);
        } else {
            out.insert(key, value);
        }
    }
    out
}

fn opened(text: &str) -> Option<Value> {
    let text = text.trim();
    text.starts_with(['{', '[']).then(|| serde_json::from_str(text).ok()).flatten()
}

/// A place in a record; it may be empty.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a>(Option<&'a Value>);

impl<'a> Node<'a> {
    /// The whole record.
    pub const fn of(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// The value here; `None` for an empty place and for null.
    pub fn value(self) -> Option<&'a Value> {
        self.0.filter(|value| !value.is_null())
    }

    /// Whether something other than null is here.
    pub fn is_some(self) -> bool {
        self.value().is_some()
    }

    /// One member, by its whole name even if there are dots in it; an index where a list is.
    pub fn member(self, name: &str) -> Self {
        Self(match self.0 {
            Some(Value::Object(fields)) => find(fields, name),
            Some(Value::Array(items)) => name.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        })
    }

    /// The place at a path: `actor.user.id`, `ipChain.0.ip`. A member whose own name is the whole path counts too, for
    /// records that were flattened on their way (`"actor.user.id": …`).
    pub fn at(self, path: &str) -> Self {
        let exact = self.member(path);
        if exact.is_some() || !path.contains('.') {
            return exact;
        }
        path.split('.').fold(self, Self::member)
    }

    /// The first of several paths at which something is.
    pub fn first(self, paths: &[&str]) -> Self {
        paths.iter().map(|path| self.at(path)).find(|node| node.text().is_some() || node.is_nested()).unwrap_or(Self(None))
    }

    /// Whether an object or a list with something in it is here.
    pub fn is_nested(self) -> bool {
        match self.0 {
            Some(Value::Object(fields)) => !fields.is_empty(),
            Some(Value::Array(items)) => !items.is_empty(),
            _ => false,
        }
    }

    /// The scalar here as text without surrounding blanks; `None` for nothing, blanks, the word `null`, and what is nested.
    pub fn text(self) -> Option<Text<'a>> {
        let text = match self.0? {
            Value::String(text) => Cow::Borrowed(text.trim()),
            Value::Bool(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
            Value::Number(number) => Cow::Owned(whole(number)),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        (!text.is_empty() && !text.eq_ignore_ascii_case("null")).then_some(text)
    }

    /// The text at a path: `self.at(path).text()`.
    pub fn get(self, path: &str) -> Option<Text<'a>> {
        self.at(path).text()
    }

    /// The first text among several paths.
    pub fn get_first(self, paths: &[&str]) -> Option<Text<'a>> {
        paths.iter().find_map(|path| self.get(path))
    }

    /// A whole number, also from text and from `12.0`; negative ones are none.
    pub fn count(self) -> Option<u64> {
        cell::count(&self.text()?)
    }

    /// `true`, `yes`, `1` and their opposites, in any case.
    pub fn flag(self) -> Option<bool> {
        cell::flag(&self.text()?)
    }

    /// The items of a list; a single object or scalar counts as a list of itself, because some exporters unwrap lists of one.
    pub fn items(self) -> impl Iterator<Item = Node<'a>> {
        let (list, single): (&[Value], Option<&Value>) = match self.value() {
            Some(Value::Array(items)) => (items, None),
            other => (&[], other),
        };
        list.iter().chain(single).map(|value| Node(Some(value)))
    }

    /// The members of an object.
    pub fn members(self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        let fields = match self.0 {
            Some(Value::Object(fields)) => Some(fields),
            _ => None,
        };
        fields.into_iter().flatten().map(|(key, value)| (key.as_str(), Node(Some(value))))
    }

    /// Of a list of pairs such as `[{"key": "User-Agent", "value": "…"}]` the value whose `key` member is called `name`.
    pub fn keyed(self, key: &str, name: &str, value: &str) -> Node<'a> {
        let found = self.items().find(|item| item.get(key).is_some_and(|found| found.eq_ignore_ascii_case(name)));
        found.map_or(Node(None), |item| item.member(value))
    }

    /// The texts of a list, separated by blanks; `None` where there is none.
    pub fn joined(self) -> Option<Text<'a>> {
        let mut texts = self.items().filter_map(Node::text);
        let first = texts.next()?;
        Some(texts.fold(first, |all, text| Cow::Owned(format!("{all} {text}"))))
    }
}

fn find<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).or_else(|| fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// A number as text; `12.0` is `12`.
fn whole(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(n) if !number.is_i64() && !number.is_u64() && n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0 => (n as i64).to_string(),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Protects "absent stays absent": no question invents an answer.
    #[test]
    fn places_answer_only_what_stands_there() {
        let value = json!({"a": {"B": " x ", "n": 12.0, "list": [{"k": "User-Agent", "v": "curl"}, {"k": "x"}], "none": null, "word": "null"},
            "a.flat": "y", "yes": "True", "scopes": ["read", "write", null], "one": {"id": 7}});
        let root = Node::of(&value);
        for (path, text) in [
            ("a.b", Some("x")),
            ("A.B", Some("x")),
            ("a.n", Some("12")),
            ("a.flat", Some("y")),
            ("a.list.0.v", Some("curl")),
            ("a.list.9.v", None),
            ("a.none", None),
            ("a.word", None),
            ("a.list", None),
            ("missing.deep.er", None),
            ("a.b.c", None),
        ] {
            assert_eq!(root.get(path).as_deref(), text, "{path}");
        }
        assert_eq!(root.get_first(&["nothing", "a.none", "a.b"]).as_deref(), Some("x"));
        assert_eq!(root.at("a.list").keyed("k", "user-agent", "v").text().as_deref(), Some("curl"));
        assert!(root.at("a.list").keyed("k", "x", "v").text().is_none());
        assert_eq!(root.at("scopes").joined().as_deref(), Some("read write"));
        assert_eq!(root.at("yes").flag(), Some(true));
        assert_eq!(root.at("a.n").count(), Some(12));
        assert_eq!(root.at("one").items().count(), 1);
        assert_eq!(root.at("missing").items().count(), 0);
        assert_eq!(root.first(&["missing", "one"]).get("id").as_deref(), Some("7"));
    }

    #[test]
    fn texts_that_hold_json_are_opened_and_others_kept() {
        let mut value = json!({"InitiatedBy": "{\"app\":{\"id\":1}}", "Other": "{not json", "Plain": "[1"});
        open_texts(&mut value, &["initiatedby", "Other", "Plain"]);
        assert_eq!(Node::of(&value).get("InitiatedBy.app.id").as_deref(), Some("1"));
        assert_eq!(Node::of(&value).get("Other").as_deref(), Some("{not json"));
    }

    /// Protects records that were flattened on their way: nothing is lost or overwritten.
    #[test]
    fn joined_names_are_nested_again() {
        let mut value =
            json!({"a": {"b": {"c": 1}}, "a.b.c": 2, "a.b.d": 3, "a.x.y": 4, "s": "text", "s.t": 5, ".": 6, "a..b": 7, "e.": 8});
        nest_joined(&mut value);
        assert_eq!(value, json!({"a": {"b": {"c": 1, "d": 3}, "x": {"y": 4}, ".b": 7}, "s": "text", "s.t": 5, ".": 6, "e.": 8}));
        let deep = vec!["x"; 40].join(".");
        let mut value = json!({&deep: 1});
        nest_joined(&mut value);
        assert_eq!(value, json!({ deep: 1 }));
    }

    #[test]
    fn flattened_names_become_objects_again() {
        let Value::Object(fields) = json!({"a.b.c": 1, "a.b.d": "[2]", "a.e": "x", "k8s.io/decision": "allow", "plain": true}) else {
            return;
        };
        assert_eq!(
            Value::Object(undotted(fields)),
            json!({"a": {"b": {"c": 1, "d": [2]}, "e": "x"}, "k8s.io/decision": "allow", "plain": true})
        );
    }

    #[test]
    fn only_one_object_is_a_record() {
        assert!(parse("[1]").is_err() && parse("1").is_err() && parse("{").is_err());
        assert!(parse("\u{feff}{\"a\":1}").is_ok());
        assert_eq!(Node::of(&parse("{\"a\":1,\"a\":2}").unwrap()).get("a").as_deref(), Some("2"));
    }
}
