//! Indicators as threat-sharing programs write them: STIX 2.1 bundles, whose patterns are read as far as a single event
//! can match them, and MISP events.

use super::indicator::{Indicator, IndicatorSort, IndicatorSort as S, MOST};
use super::{Content, Imported, IntelError, day, stem};
use crate::model::Timestamp;
use crate::model::time::SECOND;
use serde_json::Value;

/// Longest pattern that is read, in bytes.
const LONGEST: usize = 1 << 16;

fn text<'v>(of: &'v Value, key: &str) -> &'v str {
    of.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Reads a STIX bundle; `None` for any other JSON.
pub fn bundle(name: &str, json: &Value) -> Option<Result<Imported, IntelError>> {
    let objects = match json {
        Value::Object(_) if text(json, "type") == "bundle" => json.get("objects")?.as_array()?.as_slice(),
        Value::Object(_) if text(json, "type") == "indicator" => std::slice::from_ref(json),
        Value::Array(values) if values.first().is_some_and(|v| text(v, "type") == "indicator") => values,
        _ => return None,
    };
    let mut taken = Taken::default();
    for object in objects.iter().filter(|object| text(object, "type") == "indicator") {
        let revoked = object.get("revoked").and_then(Value::as_bool) == Some(true);
        let other = !matches!(text(object, "pattern_type"), "" | "stix");
        let note = [text(object, "name"), text(object, "description")].into_iter().find(|t| !t.is_empty()).unwrap_or_default();
        let time = |key| Timestamp::parse(text(object, key));
        taken.date(time("modified").or_else(|| time("created")));
        let found = if revoked || other { None } else { pattern(text(object, "pattern")) };
        let Some(values) = found else {
            taken.skipped += 1;
            continue;
        };
        for (sort, value) in values {
            let confidence = object.get("confidence").and_then(Value::as_u64).and_then(|c| u8::try_from(c).ok()).filter(|c| *c <= 100);
            let made = Indicator::new(sort, &value).map(|made| {
                let mut made = made.noted(note);
                (made.confidence, made.from, made.until) = (confidence, time("valid_from"), time("valid_until"));
                made
            });
            taken.add(made);
        }
    }
    Some(taken.finish(name))
}

/// Reads a MISP event, a list of them, or the answer of a search; `None` for any other JSON.
pub fn misp(name: &str, json: &Value) -> Option<Result<Imported, IntelError>> {
    let events: Vec<&Value> = match json {
        Value::Object(map) => match (map.get("Event"), map.get("response")) {
            (Some(event), _) => vec![event],
            (_, Some(Value::Array(found))) => found.iter().filter_map(|found| found.get("Event")).collect(),
            (_, Some(found)) if found.get("Attribute").is_some() => vec![found],
            _ if map.contains_key("Attribute") => vec![json],
            _ => return None,
        },
        Value::Array(found) => found.iter().filter_map(|found| found.get("Event")).collect(),
        _ => return None,
    };
    if events.is_empty() {
        return None;
    }
    let mut taken = Taken::default();
    for event in events {
        let about = text(event, "info");
        taken.date(Timestamp::parse(text(event, "date")));
        let objects = event.get("Object").and_then(Value::as_array).into_iter().flatten();
        let lists = std::iter::once(event).chain(objects).filter_map(|of| of.get("Attribute")?.as_array());
        for attribute in lists.flatten() {
            if attribute.get("to_ids").and_then(Value::as_bool) == Some(false) {
                taken.skipped += 1;
                continue;
            }
            let value = text(attribute, "value");
            let (left, right) = value.split_once('|').unwrap_or((value, ""));
            let found: &[(S, &str)] = match text(attribute, "type") {
                "ip-src" | "ip-dst" | "ip" => &[(S::Address, value)],
                "ip-src|port" | "ip-dst|port" => &[(S::Address, left)],
                "user-agent" => &[(S::Agent, value)],
                "domain" | "hostname" => &[(S::Domain, value)],
                "hostname|port" => &[(S::Domain, left)],
                "domain|ip" => &[(S::Domain, left), (S::Address, right)],
                "filename" | "attachment" => &[(S::File, value)],
                kind if kind.starts_with("filename|") => &[(S::File, left)],
                _ => &[],
            };
            if found.is_empty() {
                taken.skipped += 1;
            }
            let note = [text(attribute, "comment"), about].into_iter().find(|t| !t.is_empty()).unwrap_or_default();
            let seen = |key| Timestamp::parse(text(attribute, key));
            for (sort, value) in found {
                taken.add(Indicator::new(*sort, value).map(|made| Indicator { from: seen("first_seen"), ..made.noted(note) }));
            }
            let changed = text(attribute, "timestamp").parse::<i64>().ok().and_then(|s| s.checked_mul(SECOND));
            taken.date(changed.map(Timestamp));
        }
    }
    Some(taken.finish(name))
}

/// What was read so far.
#[derive(Default)]
pub(super) struct Taken {
    list: Vec<Indicator>,
    pub skipped: u64,
    newest: Option<Timestamp>,
}

impl Taken {
    pub fn add(&mut self, made: Option<Indicator>) {
        match made {
            Some(made) if self.list.len() <= MOST => self.list.push(made),
            _ => self.skipped += 1,
        }
    }

    /// Data are as new as their newest part.
    pub fn date(&mut self, time: Option<Timestamp>) {
        self.newest = self.newest.max(time.filter(|t| t.to_chrono().is_some()));
    }

    pub fn finish(mut self, name: &str) -> Result<Imported, IntelError> {
        if self.list.len() > MOST {
            return Err(IntelError::TooLarge(format!("more than {MOST} indicators; take a smaller extract")));
        }
        self.list.sort();
        self.list.dedup();
        Ok(Imported {
            slot: format!("indicators {}", stem(name)),
            dated: day(self.newest),
            rows: self.list.len() as u64,
            skipped: self.skipped,
            content: Content::Indicators(self.list),
        })
    }
}

/// The values of a pattern of which any one is enough: comparisons with `=` or `IN`, joined by `OR`. `None` for one that
/// needs more than one event or value to match (`AND`, `FOLLOWEDBY`, `NOT`, …), and for objects no event carries.
pub fn pattern(text: &str) -> Option<Vec<(IndicatorSort, String)>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut rest = text.trim();
    let mut values = Vec::new();
    // Brackets and parentheses only group; between alternatives stands OR, inside a group or between groups.
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '[' | '('));
        let (sort, after) = path(rest)?;
        rest = after.trim_start();
        if let Some(after) = rest.strip_prefix('=') {
            let (value, after) = literal(after.trim_start())?;
            values.push((sort, value));
            rest = after;
        } else {
            let mut list = word(rest, "IN")?.trim_start().strip_prefix('(')?;
            loop {
                let (value, after) = literal(list.trim_start())?;
                values.push((sort, value));
                let after = after.trim_start();
                if let Some(end) = after.strip_prefix(')') {
                    rest = end;
                    break;
                }
                list = after.strip_prefix(',')?;
            }
        }
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ']' | ')'));
        if rest.is_empty() {
            return Some(values);
        }
        rest = word(rest, "OR")?;
    }
}

fn word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    text.strip_prefix(word).filter(|rest| rest.starts_with(|c: char| !c.is_alphanumeric()))
}

/// The object path a comparison begins with.
fn path(text: &str) -> Option<(IndicatorSort, &str)> {
    const PATHS: &[(&str, IndicatorSort)] = &[
        ("ipv4-addr:value", IndicatorSort::Address),
        ("ipv6-addr:value", IndicatorSort::Address),
        ("network-traffic:src_ref.value", IndicatorSort::Address),
        ("domain-name:value", IndicatorSort::Domain),
        ("file:name", IndicatorSort::File),
        ("user-agent:value", IndicatorSort::Agent),
        ("network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'", IndicatorSort::Agent),
        ("network-traffic:extensions.'http-request-ext'.request_header.user_agent", IndicatorSort::Agent),
    ];
    PATHS.iter().find_map(|(path, sort)| Some((*sort, text.strip_prefix(path)?)))
}

/// A text in quotes, with `\'` and `\\` for themselves.
fn literal(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.strip_prefix('\'')?.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => return Some((out, &text[at + 2..])),
            '\\' => out.push(chars.next()?.1),
            c => out.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_one_event_can_match_are_read() {
        for (text, expected) in [
            ("[ipv4-addr:value = '208.68.36.90']", Some(vec![(S::Address, "208.68.36.90")])),
            (
                "[ ipv4-addr:value='1.2.3.4' OR ipv6-addr:value = '2001:db8::1' ]",
                Some(vec![(S::Address, "1.2.3.4"), (S::Address, "2001:db8::1")]),
            ),
            (
                "[ipv4-addr:value IN ('1.2.3.4', '1.2.3.5')] OR [domain-name:value = 'evil.example']",
                Some(vec![(S::Address, "1.2.3.4"), (S::Address, "1.2.3.5"), (S::Domain, "evil.example")]),
            ),
            (
                "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'Bad\\'s Client/1']",
                Some(vec![(S::Agent, "Bad's Client/1")]),
            ),
            ("[file:name = 'x.exe']", Some(vec![(S::File, "x.exe")])),
            ("[ipv4-addr:value = '1.2.3.4' AND domain-name:value = 'evil.example']", None),
            ("[ipv4-addr:value = '1.2.3.4'] FOLLOWEDBY [domain-name:value = 'evil.example']", None),
            ("[ipv4-addr:value != '1.2.3.4']", None),
            ("[file:hashes.'SHA-256' = 'ab']", None),
            ("[ipv4-addr:value = '1.2.3.4", None),
            ("[ipv4-addr:value IN ()]", None),
            ("", None),
        ] {
            let got = pattern(text);
            let expected = expected.map(|list| list.into_iter().map(|(sort, value)| (sort, value.to_owned())).collect::<Vec<_>>());
            assert_eq!(got, expected, "{text}");
        }
    }

    proptest! {
        /// Whatever stands in a pattern is an answer, never a crash.
        #[test]
        fn noise_is_no_pattern(tail in "(\\[|\\]|\\(|\\)|'|\\\\|=| |OR|IN|,|é|x|ipv4-addr:value){0,30}") {
            let _ = pattern(&tail);
            let _ = pattern(&format!("[ipv4-addr:value = '1.2.3.4'{tail}"));
        }
    }
}
