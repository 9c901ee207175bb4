//! Which member of an object is the list of its records: by the names providers give such lists, and, of an object too large
//! to be a record, by its shape. It must not know any format.

use super::block::RECORD_BYTES;
use super::scan::{Nest, StringEnd, blank_end, string_end, structural};
use memchr::memchr;

/// Members that hold the list of records whatever stands before them.
const LISTS: &[&[u8]] = &[b"Records", LOG_EVENTS];
/// Members that hold the list of records when nothing before them says that the object itself is a record.
const LIKELY_LISTS: &[&[u8]] = &[
    b"records",
    b"Messages",
    b"Events",
    b"Findings",
    b"events",
    b"value",
    b"values",
    b"logs",
    b"data",
    b"entries",
    b"items",
    b"result",
    b"results",
    b"auditEvents",
    b"activities",
];
/// Members by which an object is a record of its own, even if it has a list.
const MARKS: &[&[u8]] = &[
    b"id",
    b"Id",
    b"uuid",
    b"time",
    b"timestamp",
    b"@timestamp",
    b"eventTime",
    b"eventID",
    b"eventName",
    b"action",
    b"actor",
    b"operation",
    b"Operation",
    b"CreationTime",
    b"TimeGenerated",
    b"published",
    b"created_at",
    b"insertId",
    b"auditID",
    b"class_uid",
];
/// The list of a document of Amazon's log service, whose other members say which log the records are from.
const LOG_EVENTS: &[u8] = b"logEvents";
/// Bytes in which a member's name, colon and first value byte must lie to be looked at.
const WINDOW: usize = 512;
/// Bytes of what stands before a list that are kept for its records.
const HEAD: usize = 4_096;

/// Whether a list of that name is one of records, in an object that is no record by what came before.
pub(super) fn is_list(name: &[u8], marked: bool) -> bool {
    LISTS.contains(&name) || (!marked && LIKELY_LISTS.contains(&name))
}

/// Whether an object with that member is a record of its own.
pub(super) fn is_mark(name: &[u8]) -> bool {
    MARKS.contains(&name)
}

/// What every record of a list needs of the object around it: the members before the list as they stand there, or nothing.
/// `before` is the object's text up to the quote of the list's name.
pub(super) fn head(before: &[u8], name: &[u8]) -> Vec<u8> {
    let members = before.trim_ascii_end();
    if name != LOG_EVENTS || members.len() < 2 || members.len() > HEAD {
        return Vec::new();
    }
    // Damage in it must not cost the records.
    let probe = [members, b"\"\":0}"].concat();
    if serde_json::from_slice::<serde::de::IgnoredAny>(&probe).is_ok() { members.to_vec() } else { Vec::new() }
}

/// What a text in an object outside of any list turns out to be.
pub(super) enum Peek<'a> {
    /// The bytes end before that is clear.
    Short,
    /// No name of a member, or one too long to be of interest.
    Other,
    /// A member; `list` is the index after the bracket when its value is a list of objects (or an empty one).
    Member { name: &'a [u8], list: Option<usize> },
}

/// Looks at the text that begins here and at what follows it, at most [`WINDOW`] bytes.
pub(super) fn peek(bytes: &[u8]) -> Peek<'_> {
    let window = bytes.get(..WINDOW).unwrap_or(bytes);
    let short = || if window.len() < WINDOW { Peek::Short } else { Peek::Other };
    let Some(end) = window.get(1..).and_then(|rest| memchr(b'"', rest)).map(|end| end + 1) else { return short() };
    let colon = blank_end(window, end + 1);
    match window.get(colon) {
        None => return short(),
        Some(b':') => {}
        Some(_) => return Peek::Other,
    }
    let name = &window[1..end];
    let value = blank_end(window, colon + 1);
    match window.get(value) {
        None => short(),
        Some(b'[') => match window.get(blank_end(window, value + 1)) {
            None => short(),
            Some(b'{' | b']') => Peek::Member { name, list: Some(value + 1) },
            Some(_) => Peek::Member { name, list: None },
        },
        Some(_) => Peek::Member { name, list: None },
    }
}

/// What the beginning of an object that is too large for a record says of it.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// It has a member by which it is a record.
    pub(super) marked: bool,
    /// Its first list of objects, reached through objects alone: index of the first of them, and the brackets around it.
    /// Of a record only a list with a known name counts.
    pub(super) list: Option<(usize, Nest)>,
}

/// Surveys as many bytes of an object as a record may have: an object that is larger and is no record is the envelope of
/// its lists. That depends on these bytes alone, however many have arrived.
pub(super) fn survey(object: &[u8]) -> Survey {
    let object = object.get(..RECORD_BYTES).unwrap_or(object);
    let mut nest = Nest::default();
    let (mut at, mut marked, mut first, mut named) = (0, false, None, None);
    let mut known = false;
    loop {
        at = structural(object, at);
        match object.get(at) {
            None => break,
            Some(b'"') => {
                if nest.depth() == 1
                    && let Peek::Member { name, list } = peek(&object[at..])
                {
                    marked |= is_mark(name);
                    known = list.is_some() && is_list(name, false);
                }
                match string_end(object, at + 1) {
                    StringEnd::Closed(end) => at = end,
                    StringEnd::Newline(_) | StringEnd::More(_) => break,
                }
            }
            Some(open @ (b'{' | b'[')) => {
                if *open == b'{' && nest.is_list_in_objects() {
                    first = first.or(Some((at, nest)));
                    named = named.or_else(|| (known && nest.depth() == 2).then_some((at, nest)));
                }
                nest.open(*open == b'{');
                at += 1;
            }
            Some(close) => {
                nest.close(*close == b'}');
                at += 1;
            }
        }
    }
    Survey { marked, list: if marked { named } else { first } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_list_of_objects_is_found_through_objects() {
        for (text, marked, begins) in [
            (r#"{"kind":"EventList","metadata":{},"items":[{"a":1"#, false, Some("{\"a\":1")),
            (r#"{"hits":{"total":{"n":1},"hits":[ {"_source":{"#, false, Some("{\"_source\"")),
            (r#"{"filters":["x"],"tables":[["y",{"z":1}]],"rows":[{"r":1"#, false, Some("{\"r\"")),
            (r#"{"requestId":"1","timestamp":1,"meta":[{"m":1}],"records":[{"r":1"#, true, Some("{\"r\"")),
            (r#"{"auditID":"1","requestObject":{"items":[{"a":1}"#, true, None),
            (r#"{"id":"1","x":[{"a":1}"#, true, None),
            (r#"{"x":"[{","y":[1,2"#, false, None),
        ] {
            let found = survey(text.as_bytes());
            assert_eq!(found.marked, marked, "{text}");
            assert_eq!(
                found.list.map(|(at, _)| &text[at..]).map(|rest| rest.starts_with(begins.unwrap_or("?"))),
                begins.map(|_| true),
                "{text}"
            );
        }
    }

    #[test]
    fn a_head_is_kept_for_the_records_of_a_log_alone_and_only_when_it_is_sound() {
        let text = r#"{"owner":"1","logGroup":"g","subscriptionFilters":["f"], "#;
        assert_eq!(head(text.as_bytes(), b"logEvents"), text.trim_end().as_bytes());
        assert_eq!(head(text.as_bytes(), b"Records"), b"");
        for text in ["{", "{ ", "{\"a\":,", "{\"a\":\"\x01\",", &format!("{{\"a\":\"{}\",", "x".repeat(HEAD))] {
            assert_eq!(head(text.as_bytes(), b"logEvents"), b"", "{text:.20}");
        }
    }
}
