//! When a job is meant to run, and spans of time as people write them. It must not know when it ran.

use crate::model::time::{DAY, HOUR, MINUTE, SECOND};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A declared schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Schedule {
    /// `every 2h`: milliseconds from one run to the next.
    Every(i64),
    /// `daily at 02:30`: minute of the UTC day.
    Daily(u16),
}

impl Schedule {
    /// Reads `every 15m`, `every 2h`, `every 1d`, `hourly`, `daily` or `daily at 02:30` (UTC).
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["hourly"] => Some(Self::Every(HOUR)),
            ["daily"] => Some(Self::Every(DAY)),
            ["every", span] => parse_span(span).filter(|ms| (MINUTE..=366 * DAY).contains(ms)).map(Self::Every),
            ["daily", "at", clock] => {
                let (hour, minute) = clock.split_once(':')?;
                let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
                (hour < 24 && minute < 60 && clock.len() == 5).then_some(Self::Daily(hour * 60 + minute))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(ms) => write!(f, "every {}", span(*ms)),
            Self::Daily(minute) => write!(f, "daily at {:02}:{:02}", minute / 60, minute % 60),
        }
    }
}

impl TryFrom<String> for Schedule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or(text)
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        schedule.to_string()
    }
}

/// Reads `90d`, `2h`, `15m`, `30s` or `12w` as milliseconds; nothing else, and nothing beyond a hundred years.
pub fn parse_span(text: &str) -> Option<i64> {
    let unit = match text.bytes().last()? {
        b's' => SECOND,
        b'm' => MINUTE,
        b'h' => HOUR,
        b'd' => DAY,
        b'w' => 7 * DAY,
        _ => return None,
    };
    let number = text.get(..text.len() - 1)?;
    let number: i64 = number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse().ok()).flatten()?;
    number.checked_mul(unit).filter(|ms| (1..=36_600 * DAY).contains(ms))
}

/// The shortest way to write a span: `2h`, `90m`, `1d`.
pub fn span(ms: i64) -> String {
    for (unit, letter) in [(DAY, 'd'), (HOUR, 'h'), (MINUTE, 'm')] {
        if ms >= unit && ms % unit == 0 {
            return format!("{}{letter}", ms / unit);
        }
    }
    format!("{}s", ms / SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_read_what_they_print() {
        for (text, printed) in [
            ("every 2h", Some("every 2h")),
            ("every 90m", Some("every 90m")),
            ("every  24h", Some("every 1d")),
            ("hourly", Some("every 1h")),
            ("daily at 02:30", Some("daily at 02:30")),
            ("daily at 24:00", None),
            ("daily at 2:30", None),
            ("every 0h", None),
            ("every 5s", None),
            ("every h", None),
            ("every -2h", None),
            ("every 99999999999999999999d", None),
            ("sometimes", None),
        ] {
            let schedule = Schedule::parse(text);
            assert_eq!(schedule.map(|s| s.to_string()).as_deref(), printed, "{text}");
            assert_eq!(printed.and_then(Schedule::parse), schedule);
        }
    }
}
