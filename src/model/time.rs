//! Event time: milliseconds and days since the Unix epoch, always UTC. It must not know the wall clock: nothing in
//! this file reads one.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SecondsFormat, Timelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Milliseconds in one second.
pub const SECOND: i64 = 1_000;
/// Milliseconds in one minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Milliseconds in one hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Milliseconds in one day.
pub const DAY: i64 = 24 * HOUR;

/// An instant of event time, in milliseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A UTC calendar day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub i32);

impl Timestamp {
    /// The UTC day this instant lies in.
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(DAY) as i32)
    }

    /// Hour of the UTC day, 0–23.
    pub fn hour(self) -> u8 {
        (self.0.rem_euclid(DAY) / HOUR) as u8
    }

    /// Hour of the UTC week, 0 = Monday 00:00, 167 = Sunday 23:00.
    pub fn hour_of_week(self) -> u8 {
        // 1970-01-01 was a Thursday: three days after a Monday.
        let weekday = (self.day().0 + 3).rem_euclid(7);
        weekday as u8 * 24 + self.hour()
    }

    /// Whole hours since the epoch.
    pub fn hours(self) -> i64 {
        self.0.div_euclid(HOUR)
    }

    /// This instant moved by `ms` milliseconds, saturating.
    #[must_use]
    pub fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant (negative when it lies before).
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// As a chrono instant; `None` outside chrono's range of years.
    pub fn to_chrono(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.0)
    }

    /// Reads RFC 3339 (`2026-11-19T10:00:00.123Z`, any offset, up to nine fractional digits), with a blank in place of
    /// the `T`, and without a zone, which then means UTC. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(fast) = parse_utc_seconds(text.as_bytes()) {
            return Some(fast);
        }
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Some(Self(at.timestamp_millis()));
        }
        for form in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z"] {
            if let Ok(at) = DateTime::parse_from_str(text, form) {
                return Some(Self(at.timestamp_millis()));
            }
            if let Ok(at) = NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), form) {
                return Some(Self(at.and_utc().timestamp_millis()));
            }
        }
        for form in ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
            if let Ok(at) = NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), form) {
                return Some(Self(at.and_utc().timestamp_millis()));
            }
        }
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(Self(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()))
    }
}

/// `YYYY-MM-DDTHH:MM:SSZ`, the form most trails use: worth its own path because every record passes here.
fn parse_utc_seconds(b: &[u8]) -> Option<Timestamp> {
    if b.len() != 20 || b[4] != b'-' || b[7] != b'-' || b[10] != b'T' || b[13] != b':' || b[16] != b':' || b[19] != b'Z' {
        return None;
    }
    let number =
        |from: usize, to: usize| b[from..to].iter().try_fold(0u32, |n, c| c.is_ascii_digit().then(|| n * 10 + u32::from(c - b'0')));
    let date = NaiveDate::from_ymd_opt(number(0, 4)? as i32, number(5, 7)?, number(8, 10)?)?;
    Some(Timestamp(date.and_hms_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?)?.and_utc().timestamp_millis()))
}

impl Day {
    /// The first instant of the day.
    pub fn start(self) -> Timestamp {
        Timestamp(i64::from(self.0) * DAY)
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Day of the week, 0 = Monday.
    pub fn weekday(self) -> u8 {
        (self.0 + 3).rem_euclid(7) as u8
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC; milliseconds only where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_chrono() {
            Some(at) if self.0 % SECOND == 0 => f.write_str(&at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            Some(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true)),
            None => write!(f, "{}ms", self.0),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.start().to_chrono() {
            Some(at) => write!(f, "{:04}-{:02}-{:02}", at.year(), at.month(), at.day()),
            None => write!(f, "day {}", self.0),
        }
    }
}

impl Timestamp {
    /// `14:32:07`, for lists that name the day elsewhere.
    pub fn clock(self) -> String {
        self.to_chrono().map_or_else(|| self.to_string(), |at| format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("not a time: {text}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_time_that_logs_really_use() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-19T10:00:00Z", Some(1_795_082_400_000)),
            ("2026-11-19T10:00:00.123Z", Some(1_795_082_400_123)),
            ("2026-11-19T10:00:00.1234567Z", Some(1_795_082_400_123)),
            ("2026-11-19T11:00:00+01:00", Some(1_795_082_400_000)),
            ("2026-11-19 10:00:00", Some(1_795_082_400_000)),
            ("2026-11-19T10:00Z", Some(1_795_082_400_000)),
            ("2026-11-19", Some(1_795_046_400_000)),
            ("2026-11-19T10:00:00.000+0000", Some(1_795_082_400_000)),
            ("2026-13-19T10:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(Timestamp::parse(text).map(|t| t.0), ms, "{text}");
        }
    }

    #[test]
    fn the_week_starts_on_monday() {
        let monday = Timestamp::parse("2026-11-16T00:30:00Z").unwrap();
        assert_eq!(monday.hour_of_week(), 0);
        assert_eq!(monday.plus(-DAY).hour_of_week(), 144);
        assert_eq!(monday.day().weekday(), 0);
    }

    #[test]
    fn printing_and_reading_agree() {
        for ms in [0, -1, 1_795_082_400_000, 1_795_082_400_123] {
            assert_eq!(Timestamp::parse(&Timestamp(ms).to_string()), Some(Timestamp(ms)));
        }
    }
}
