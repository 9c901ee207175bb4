//! From a value as written to a test: numbers with suffixes, ages and times, addresses and blocks, wildcards, regular
//! expressions, words of a list. It must not know how values combine.

use super::condition::{Comparison, Condition, fold};
use super::error::QueryError;
use super::field::{Field, Shape, severities};
use super::tree::{Literal, Op};
use crate::model::Timestamp;
use crate::model::time::{DAY, HOUR, MINUTE, SECOND};
use crate::text::nearest;
use ipnet::IpNet;
use regex::{Regex, RegexBuilder};
use std::net::IpAddr;

/// Memory one compiled expression may take, in bytes: filters are typed by people, yet also handed on in files.
const PATTERN_MEMORY: usize = 1 << 19;

/// The test of a word that may stand anywhere.
pub fn compile_word(column: usize, literal: &Literal) -> Result<Condition, QueryError> {
    match literal {
        Literal::Quoted(text) => Ok(Condition::Part(fold(text))),
        Literal::Regex(text) => Ok(Condition::Pattern(regex(column, text)?)),
        Literal::Bare(text) => {
            if text.contains('/')
                && let Ok(net) = text.parse::<IpNet>()
            {
                return Ok(Condition::Net(net));
            }
            if text.contains(['*', '?']) { wildcard(column, text, false).map(Condition::Pattern) } else { Ok(Condition::Part(fold(text))) }
        }
    }
}

/// The test of a field's value. The sense of `!=` is left to the term.
pub fn compile(column: usize, field: Field, op: Op, literal: &Literal, now: Timestamp) -> Result<Condition, QueryError> {
    if let Literal::Bare(text) = literal
        && text == "*"
        && matches!(op, Op::Has | Op::Is | Op::Differs)
    {
        return Ok(Condition::Exists);
    }
    let ordered = matches!(field.shape(), Shape::Number | Shape::Time | Shape::Severity) && !matches!(field, Field::Since | Field::Until);
    if !ordered && matches!(op, Op::Lt | Op::Le | Op::Gt | Op::Ge) {
        return Err(QueryError::NotOrdered { column, field: field.name() });
    }
    let text = match literal {
        Literal::Regex(text) => return pattern(column, field, op, || regex(column, text)),
        Literal::Bare(text) | Literal::Quoted(text) => text.as_str(),
    };
    let wild = matches!(literal, Literal::Bare(text) if text.contains(['*', '?']));
    match field.shape() {
        Shape::Number => number(column, field, op, text),
        Shape::Time => time(column, field, op, text, now),
        _ if wild => pattern(column, field, op, || wildcard(column, text, true)),
        Shape::Severity => choice(column, field, severities(), text).map(|rank| Condition::Severity { by: Comparison::of(op), rank }),
        Shape::Choice(words) => choice(column, field, words, &truth(words, text)).map(|at| match words.get(at) {
            Some(&"failure") => Condition::OneOf(&["denied", "error"]),
            Some(word) => Condition::Whole((*word).to_owned()),
            None => Condition::Exists,
        }),
        Shape::Address => address(column, text),
        Shape::Prose if op == Op::Has => Ok(Condition::Part(fold(text))),
        Shape::Word | Shape::Prose => Ok(Condition::Whole(fold(text))),
    }
}

/// A pattern, for fields that have text and operators that do not compare.
fn pattern(column: usize, field: Field, op: Op, build: impl FnOnce() -> Result<Regex, QueryError>) -> Result<Condition, QueryError> {
    if matches!(field.shape(), Shape::Number | Shape::Time) || matches!(op, Op::Lt | Op::Le | Op::Gt | Op::Ge) {
        return Err(QueryError::PatternCompared { column });
    }
    build().map(Condition::Pattern)
}

/// Expressions ignore case like everything here; `(?-i)` at the front takes that back.
fn regex(column: usize, text: &str) -> Result<Regex, QueryError> {
    RegexBuilder::new(text).case_insensitive(true).size_limit(PATTERN_MEMORY).dfa_size_limit(PATTERN_MEMORY).build().map_err(|error| {
        let reason = match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            // The library draws the place over several lines; the last says what it is.
            other => other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
        };
        QueryError::BadRegex { column, reason }
    })
}

/// `*` is any text, `?` any one character.
fn wildcard(column: usize, text: &str, whole: bool) -> Result<Regex, QueryError> {
    let mut out = String::from(if whole { "(?s)^" } else { "(?s)" });
    for c in text.chars() {
        match c {
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            c => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    out.push_str(if whole { "$" } else { "" });
    regex(column, &out)
}

/// Place of a word in its list.
fn choice(column: usize, field: Field, words: &'static [&'static str], text: &str) -> Result<usize, QueryError> {
    words.iter().position(|word| word.eq_ignore_ascii_case(text)).ok_or_else(|| QueryError::UnknownWord {
        column,
        field: field.name(),
        value: text.chars().take(40).collect(),
        nearest: nearest(text, words.iter().copied()).unwrap_or_default(),
    })
}

/// Yes and no in other words.
fn truth(words: &[&str], text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "1" if words.contains(&"true") => "true".to_owned(),
        "no" | "0" if words.contains(&"true") => "false".to_owned(),
        _ => text.to_owned(),
    }
}

fn number(column: usize, field: Field, op: Op, text: &str) -> Result<Condition, QueryError> {
    let bare = if field == Field::Asn { text.trim_start_matches(['A', 'a', 'S', 's']) } else { text };
    let value =
        amount(bare).ok_or_else(|| QueryError::BadNumber { column, field: field.name(), value: text.chars().take(40).collect() })?;
    Ok(Condition::Number { by: Comparison::of(op), value })
}

/// `10`, `1.5`, `1e6`, `10_000`, `10k`, `2M`, `3G`, `10MB`, `4KiB`.
fn amount(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    let lower = lower.strip_suffix('b').unwrap_or(&lower);
    let (lower, base) = lower.strip_suffix('i').map_or((lower, 1000.0), |stem| (stem, 1024.0));
    let power = lower.chars().last().and_then(|c| "kmgt".find(c)).map(|at| at as i32 + 1);
    let digits = if power.is_some() { lower.get(..lower.len() - 1)? } else { lower };
    if base == 1024.0 && power.is_none() || !digits.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.')) {
        return None;
    }
    let value: f64 = digits.replace('_', "").parse().ok()?;
    let value = value * f64::powi(base, power.unwrap_or(0));
    value.is_finite().then_some(value)
}

fn time(column: usize, field: Field, op: Op, text: &str, now: Timestamp) -> Result<Condition, QueryError> {
    let bad = || QueryError::BadTime { column, field: field.name(), value: text.chars().take(40).collect() };
    let aged = age(text).map(|ms| now.plus(-ms)).or_else(|| text.eq_ignore_ascii_case("now").then_some(now));
    let (from, to) = match aged {
        Some(at) => (at, at.plus(1)),
        None => Timestamp::parse(text).map(|at| (at, at.plus(precision(text)))).ok_or_else(bad)?,
    };
    let (from, to) = match (field, op) {
        (Field::Until, _) | (_, Op::Lt) => (None, Some(from)),
        (Field::Since, _) | (_, Op::Ge) => (Some(from), None),
        // Within the last 24 hours, not 24 hours ago to the millisecond.
        (_, Op::Has | Op::Is | Op::Differs) if aged.is_some() => (Some(from), None),
        (_, Op::Has | Op::Is | Op::Differs) => (Some(from), Some(to)),
        (_, Op::Le) => (None, Some(to)),
        (_, Op::Gt) => (Some(to), None),
    };
    Ok(Condition::Time { from, to })
}

/// `90s`, `15m`, `24h`, `7d`, `2w`, in milliseconds.
fn age(text: &str) -> Option<i64> {
    let unit = match text.chars().last()?.to_ascii_lowercase() {
        's' => SECOND,
        'm' => MINUTE,
        'h' => HOUR,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return None,
    };
    let digits = text.get(..text.len() - 1)?;
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse::<i64>().ok()?.checked_mul(unit)).flatten()
}

/// How long the instant lasts that a text names: a date is a day, `10:00` a minute.
fn precision(text: &str) -> i64 {
    let clock = text.trim().split_once(['T', 't', ' ']).map(|(_, clock)| clock.split(['+', '-', 'Z', 'z']).next().unwrap_or_default());
    match clock {
        None => DAY,
        Some(clock) if clock.contains('.') => 1,
        Some(clock) if clock.matches(':').count() < 2 => MINUTE,
        Some(_) => SECOND,
    }
}

/// A block, an address, or a name.
fn address(column: usize, text: &str) -> Result<Condition, QueryError> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok(Condition::Net(IpNet::from(ip.to_canonical())));
    }
    if let Ok(net) = text.parse::<IpNet>() {
        return Ok(Condition::Net(net));
    }
    let digits = text.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':'));
    let meant = text.contains('/') || (digits && (text.contains(':') || text.starts_with(|c: char| c.is_ascii_digit())));
    if meant { Err(QueryError::BadAddress { column, value: text.chars().take(60).collect() }) } else { Ok(Condition::Whole(fold(text))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (text, value) in [
            ("10", Some(10.0)),
            ("1e6", Some(1e6)),
            ("10k", Some(1e4)),
            ("2M", Some(2e6)),
            ("1.5G", Some(1.5e9)),
            ("10_000", Some(1e4)),
            ("10MB", Some(1e7)),
            ("4KiB", Some(4096.0)),
            ("-5", Some(-5.0)),
            ("", None),
            ("k", None),
            ("ten", None),
            ("inf", None),
            ("nan", None),
            ("1e999", None),
            ("10x", None),
            ("1i", None),
        ] {
            assert_eq!(amount(text), value, "{text}");
        }
    }

    #[test]
    fn ages() {
        for (text, ms) in [
            ("24h", Some(DAY)),
            ("7d", Some(7 * DAY)),
            ("90S", Some(90_000)),
            ("h", None),
            ("1.5h", None),
            ("99999999999999999w", None),
            ("24", None),
        ] {
            assert_eq!(age(text), ms, "{text}");
        }
    }

    #[test]
    fn a_time_lasts_as_long_as_it_is_exact() {
        for (text, ms) in [
            ("2026-11-19", DAY),
            ("2026-11-19T10:00Z", MINUTE),
            ("2026-11-19 10:00", MINUTE),
            ("2026-11-19T10:00:00Z", SECOND),
            ("2026-11-19T10:00:00.5Z", 1),
            ("2026-11-19T10:00:00+01:00", SECOND),
        ] {
            assert_eq!(precision(text), ms, "{text}");
        }
    }
}
