//! The shape of a record: its top-level keys and short scalar values, enough to tell providers apart without reading it
//! twice. It must not know any provider.

use super::cell::Cell;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Top-level keys of a record with their scalar values, in order, at most 256 of them.
pub struct Shape<'a> {
    record: &'a str,
    keys: Keys<'a>,
}

struct Keys<'a>(Vec<(Cow<'a, str>, Cell<'a>)>);

/// A provider's record has tens of top-level keys; more is not needed to know it.
const KEYS: usize = 256;

impl<'a> Shape<'a> {
    /// The shape of a record; `None` when it is not one JSON object.
    pub fn of(record: &'a str) -> Option<Self> {
        let record = record.trim_start_matches('\u{feff}');
        Some(Self { record, keys: serde_json::from_str(record).ok()? })
    }

    /// The record itself, for what the top level does not tell: it is read again, so ask the keys first.
    pub fn record(&self) -> &'a str {
        self.record
    }

    /// Whether the key is there, in any case.
    pub fn has(&self, key: &str) -> bool {
        self.keys.0.iter().any(|(k, _)| k.eq_ignore_ascii_case(key))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.0.iter().map(|(key, _)| &**key)
    }

    /// The scalar under a key, in any case.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.keys.0.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).and_then(|(_, v)| v.text())
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Keys<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut keys = Vec::new();
        while let Some((Key(key), value)) = fields.next_entry::<Key<'de>, Cell<'de>>()? {
            if keys.len() < KEYS {
                keys.push((key, value));
            }
        }
        Ok(Keys(keys))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Keys<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Object)
    }
}

/// A key, borrowed where it has no escapes.
pub struct Key<'a>(pub Cow<'a, str>);

struct KeyText;

impl<'de> Visitor<'de> for KeyText {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Owned(text.to_owned())))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(KeyText)
    }
}
