//! What a term asks of one value. It must not know fields or rows.

use super::row::Value;
use super::tree::Op;
use crate::model::{Severity, Timestamp};
use ipnet::IpNet;
use regex::Regex;
use std::net::IpAddr;

/// An order to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The same.
    Equal,
    /// Less.
    Less,
    /// Less or the same.
    AtMost,
    /// More.
    More,
    /// More or the same.
    AtLeast,
}

impl Comparison {
    /// What an operator asks; `!=` asks for the same and is turned round by the term.
    pub const fn of(op: Op) -> Self {
        match op {
            Op::Has | Op::Is | Op::Differs => Self::Equal,
            Op::Lt => Self::Less,
            Op::Le => Self::AtMost,
            Op::Gt => Self::More,
            Op::Ge => Self::AtLeast,
        }
    }

    fn holds<T: PartialOrd>(self, a: &T, b: &T) -> bool {
        match self {
            Self::Equal => a == b,
            Self::Less => a < b,
            Self::AtMost => a <= b,
            Self::More => a > b,
            Self::AtLeast => a >= b,
        }
    }
}

/// A condition on one value. Texts in it are folded with [`fold`].
#[derive(Clone, Debug)]
pub enum Condition {
    /// There is a value.
    Exists,
    /// The text contains it.
    Part(String),
    /// The text is it.
    Whole(String),
    /// The text is one of them.
    OneOf(&'static [&'static str]),
    /// The text matches.
    Pattern(Regex),
    /// A number in order.
    Number {
        /// The order.
        by: Comparison,
        /// Compared with.
        value: f64,
    },
    /// An instant from (inclusive) to (exclusive).
    Time {
        /// Not before.
        from: Option<Timestamp>,
        /// Before.
        to: Option<Timestamp>,
    },
    /// A severity in order.
    Severity {
        /// The order.
        by: Comparison,
        /// Compared with: place in the list.
        rank: usize,
    },
    /// An address in a block.
    Net(IpNet),
}

impl Condition {
    /// Whether a value passes; of a list any one, an absent value never.
    pub fn passes(&self, value: &Value<'_>) -> bool {
        match (self, value) {
            (_, Value::Absent) => false,
            (Self::Exists, Value::List(list)) => !list.is_empty(),
            (Self::Exists, _) => true,
            (Self::Number { by, value: limit }, Value::Number(n)) => by.holds(n, limit),
            (Self::Time { from, to }, Value::Time(at)) => from.is_none_or(|from| *at >= from) && to.is_none_or(|to| *at < to),
            (_, Value::Text(text)) => self.passes_text(text),
            (_, Value::List(list)) => list.iter().any(|text| self.passes_text(text)),
            _ => false,
        }
    }

    /// Whether it looks for a part of a text.
    pub fn is_part(&self) -> bool {
        matches!(self, Self::Part(_))
    }

    fn passes_text(&self, text: &str) -> bool {
        match self {
            Self::Part(part) => contains(text, part),
            Self::Whole(whole) => same(text, whole),
            Self::OneOf(words) => words.contains(&text),
            Self::Pattern(pattern) => pattern.is_match(text),
            Self::Severity { by, rank } => Severity::from_word(text).is_some_and(|s| by.holds(&(s as usize), rank)),
            Self::Net(net) => text.parse::<IpAddr>().is_ok_and(|ip| net.contains(&ip.to_canonical())),
            Self::Exists | Self::Number { .. } | Self::Time { .. } => false,
        }
    }
}

/// A text in the form texts are compared in: without case.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// Whether `text` folds to `folded`.
fn same(text: &str, folded: &str) -> bool {
    if text.is_ascii() { text.eq_ignore_ascii_case(folded) } else { fold(text) == folded }
}

/// Whether the folded `text` contains `part`, which is folded.
fn contains(text: &str, part: &str) -> bool {
    if !text.is_ascii() {
        return fold(text).contains(part);
    }
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let Some((first, rest)) = part.split_first() else { return true };
    let Some(last) = text.len().checked_sub(part.len()) else { return false };
    let mut at = 0;
    while at <= last {
        let found = text.get(at..=last).and_then(|hay| memchr::memchr2(*first, first.to_ascii_uppercase(), hay));
        let Some(offset) = found else { return false };
        at += offset + 1;
        if text.get(at..at + rest.len()).is_some_and(|tail| tail.eq_ignore_ascii_case(rest)) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The fast search is the slow one.
        #[test]
        fn search_ignores_case_and_nothing_else(text in "[abAB é\u{130}]{0,12}", part in "[abABé]{0,4}") {
            prop_assert_eq!(contains(&text, &fold(&part)), fold(&text).contains(&fold(&part)));
            prop_assert_eq!(same(&text, &fold(&part)), fold(&text) == fold(&part));
        }
    }
}
