//! The parameters of an event, whichever way they were written: a list of names with values of several types, an object, or
//! fields beside the event. Names are matched in any case.

use super::super::tree::Node;
use crate::model::event::Text;
use std::borrow::Cow;

/// Members of a parameter that may hold its value.
const VALUES: &[&str] = &[
    "value",
    "intValue",
    "boolValue",
    "multiValue",
    "multiStrValue",
    "multiIntValue",
    "messageValue",
    "multiMessageValue",
    "int_value",
    "bool_value",
    "multi_value",
];

/// The parameters of one event.
#[derive(Clone, Copy)]
pub struct Parameters<'a> {
    place: Node<'a>,
    listed: bool,
}

impl<'a> Parameters<'a> {
    /// Parameters as a list of `{name, value}`, or as an object.
    pub fn of(place: Node<'a>) -> Self {
        let listed = place.value().is_some_and(serde_json::Value::is_array) || place.get("name").is_some() && place.first(VALUES).is_some();
        Self { place, listed }
    }

    /// The value of a parameter; an empty place where it is absent.
    pub fn value(&self, name: &str) -> Node<'a> {
        if !self.listed {
            return self.place.member(name);
        }
        let found = self.place.items().find(|item| item.get("name").is_some_and(|found| found.eq_ignore_ascii_case(name)));
        let item = found.unwrap_or_else(|| self.place.member("\u{0}"));
        VALUES.iter().map(|member| item.member(member)).find(|value| value.is_some()).unwrap_or_else(|| item.member("\u{0}"))
    }

    /// A value as text; the first of a list.
    pub fn text(&self, name: &str) -> Option<Text<'a>> {
        let value = self.value(name);
        value.text().or_else(|| value.items().find_map(Node::text)).filter(|text| text != "unknown")
    }

    /// The first of several that is there.
    pub fn first(&self, names: &[&str]) -> Option<Text<'a>> {
        names.iter().find_map(|name| self.text(name))
    }

    /// All texts of a value, separated by blanks.
    pub fn all(&self, name: &str) -> Option<Text<'a>> {
        self.value(name).joined()
    }

    /// Scopes: `scope`, else those in `scope_data`, which are parameters again.
    pub fn scopes(&self) -> Option<Text<'a>> {
        self.all("scope").or_else(|| {
            let names: Vec<Text<'a>> = self
                .value("scope_data")
                .items()
                .filter_map(|item| {
                    Parameters::of(item.first(&["parameter", "parameters"])).text("scope_name").or_else(|| item.get("scope_name"))
                })
                .collect();
            (!names.is_empty()).then(|| Cow::Owned(names.join(" ")))
        })
    }

    /// Names and values as one text, in the order of names: what tells two events of one activity apart.
    pub fn fingerprint(&self) -> String {
        let mut parts: Vec<String> = if self.listed {
            self.place
                .items()
                .filter_map(|item| {
                    let name = item.get("name")?;
                    Some(format!("{name}={}", self.all(&name).unwrap_or_default()))
                })
                .collect()
        } else {
            self.place.members().map(|(name, value)| format!("{name}={}", value.joined().unwrap_or_default())).collect()
        };
        parts.sort_unstable();
        parts.join("\n")
    }
}
