//! The forms in which logs write a time, beside what [`Timestamp::parse`] reads: counts since the epoch in any unit, and
//! the forms of spreadsheets and web servers. A time without a zone is UTC: that is what the providers mean. It must not
//! know the wall clock.

use super::Refusal;
use super::tree::Node;
use crate::model::Timestamp;
use chrono::{DateTime, NaiveDateTime};

const EXPECTED: &str = "a time such as 2026-11-19T10:00:00Z or a count since 1970";

/// Forms that are not ISO 8601. With a month's name or a stroke between the numbers, the month comes first where the form
/// does not say.
const FORMS: &[&str] = &[
    "%Y/%m/%d %H:%M:%S%.f",
    "%m/%d/%Y, %I:%M:%S%.f %p",
    "%m/%d/%Y %I:%M:%S%.f %p",
    "%m/%d/%Y, %H:%M:%S%.f",
    "%m/%d/%Y %H:%M:%S%.f",
    "%m/%d/%Y %H:%M",
    "%b %d, %Y %I:%M:%S%.f %p",
    "%b %d, %Y, %I:%M:%S%.f %p",
    "%b %d, %Y @ %H:%M:%S%.f",
    "%d %b %Y %H:%M:%S%.f",
    "%d/%b/%Y:%H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
];
const ZONED: &[&str] = &[
    "%d/%b/%Y:%H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S%.f %z",
    "%b %d, %Y %I:%M:%S %p %z",
    "%m/%d/%Y %I:%M:%S%.f %p %z",
];

/// Reads a time in any of the forms; `None` for anything else.
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > 64 {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return count(text);
    }
    if let Some(at) = Timestamp::parse(text) {
        return Some(at);
    }
    let zone_of_name = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT")).or_else(|| text.strip_suffix(" Z"));
    if let Some(at) = zone_of_name.and_then(Timestamp::parse) {
        return Some(at);
    }
    let bare = zone_of_name.unwrap_or(text);
    let zoned = ZONED.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()).map(|at| Timestamp(at.timestamp_millis()));
    zoned.or_else(|| {
        FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(bare, form).ok()).map(|at| Timestamp(at.and_utc().timestamp_millis()))
    })
}

/// A count since 1970 in the unit its size tells: seconds, milliseconds, microseconds or nanoseconds, also with decimals;
/// or `yyyyMMddHHmmss`, with fourteen digits that are a date.
fn count(text: &str) -> Option<Timestamp> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
    if digits.is_empty() || fraction.contains('.') {
        return None;
    }
    let n: i64 = digits.parse().ok()?;
    let tail = || fraction.bytes().chain(*b"000").take(3).fold(0, |ms, b| ms * 10 + i64::from(b - b'0'));
    match digits.len() {
        14 => {
            let at = NaiveDateTime::parse_from_str(digits, "%Y%m%d%H%M%S").ok()?;
            Some(Timestamp(at.and_utc().timestamp_millis() + tail()))
        }
        9..=10 => Some(Timestamp(n * 1_000 + tail())),
        12..=13 => Some(Timestamp(n)),
        15..=16 => Some(Timestamp(n / 1_000)),
        18..=19 => Some(Timestamp(n / 1_000_000)),
        _ => None,
    }
}

/// The time at the first of several paths at which something is.
///
/// # Errors
/// When there is nothing, or no time; the first path names the field.
pub fn read(record: Node<'_>, paths: &[&'static str]) -> Result<Timestamp, Refusal> {
    let field = paths.first().copied().unwrap_or("time");
    let mut odd = None;
    for path in paths {
        let Some(text) = record.get(path) else { continue };
        match parse(&text) {
            Some(at) => return Ok(at),
            None => odd = odd.or(Some((*path, text))),
        }
    }
    Err(match odd {
        Some((field, text)) => Refusal::malformed(field, &text, EXPECTED),
        None => Refusal::Missing { field, expected: EXPECTED },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Protects the clock of every provider: a unit or zone read wrong moves a whole feed.
    #[test]
    fn every_form_of_a_time_is_read() {
        let at = Timestamp::parse("2021-04-28T14:31:30Z").unwrap();
        for text in [
            "1619620290",
            "1619620290.000",
            "1619620290000",
            "1619620290000000",
            "1619620290000000000",
            "20210428143130",
            "20210428143130.000",
            "2021-04-28T14:31:30Z",
            "2021-04-28T14:31:30.0000000Z",
            "2021-04-28T16:31:30+02:00",
            "2021-04-28T16:31:30+0200",
            "2021-04-28 14:31:30",
            "2021-04-28 14:31:30.000000000",
            "2021-04-28 14:31:30 UTC",
            "2021-04-28 14:31:30.000 +0000",
            "4/28/2021, 2:31:30.000 PM",
            "4/28/2021 2:31:30 PM",
            "4/28/2021 4:31:30 PM +02:00",
            "04/28/2021 14:31:30",
            "2021/04/28 14:31:30",
            "28/Apr/2021:14:31:30 +0000",
            "28/Apr/2021:16:31:30 +0200",
            "Apr 28, 2021 2:31:30 PM",
            "Wed, 28 Apr 2021 14:31:30 +0000",
        ] {
            assert_eq!(parse(text), Some(at), "{text}");
        }
        assert_eq!(parse("1619620290.021"), Some(at.plus(21)));
        assert_eq!(parse("4/28/2021, 2:31:30.021 PM"), Some(at.plus(21)));
        for text in ["", "yesterday", "12", "99999999999999", "1.2.3", "20211341250000", "::", "-5"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_that_is_none_is_named() {
        let value = json!({"time": "soon", "later": "2021-04-28T14:31:30Z"});
        let root = Node::of(&value);
        assert!(read(root, &["time", "later"]).is_ok());
        assert_eq!(read(root, &["time"]).unwrap_err().to_string(), format!("time is “soon”; expected {EXPECTED}"));
        assert_eq!(read(root, &["when"]).unwrap_err().to_string(), format!("no when; expected {EXPECTED}"));
    }
}
