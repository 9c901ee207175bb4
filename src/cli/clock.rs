//! The only clock of the command line, and what "now" means in a filter. It must not know what is filtered.

use crate::model::Timestamp;
use crate::model::time::{DAY, HOUR, MINUTE, SECOND};
use crate::store::{Reader, StoreError};

/// A store whose newest event is no older than this is live: its now is the clock's.
const LIVE: i64 = 60 * MINUTE;

/// The wall clock.
pub fn wall() -> Timestamp {
    Timestamp(chrono::Utc::now().timestamp_millis())
}

/// What `24h` counts back from: the clock where the store is live, else its newest event.
pub fn now(reader: &Reader) -> Result<Timestamp, StoreError> {
    Ok(of(reader.newest()?, wall()))
}

fn of(newest: Option<Timestamp>, wall: Timestamp) -> Timestamp {
    newest.filter(|newest| wall.since(*newest).abs() > LIVE).unwrap_or(wall)
}

/// An instant to come: a time, a date, or an age counted forward from `now` (`7d`).
pub fn to_come(text: &str, now: Timestamp) -> Option<Timestamp> {
    let unit = match text.chars().last()? {
        's' => SECOND,
        'm' => MINUTE,
        'h' => HOUR,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => 0,
    };
    let digits = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    if unit > 0 && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some(now.plus(digits.parse::<i64>().ok()?.checked_mul(unit)?));
    }
    Timestamp::parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects old logs: the last day of a trail from last year is not empty.
    #[test]
    fn now_is_the_clock_only_while_events_come() {
        let wall = Timestamp(1_795_082_400_000);
        for (newest, now) in [
            (None, wall),
            (Some(wall.plus(-59 * MINUTE)), wall),
            (Some(wall.plus(10 * MINUTE)), wall),
            (Some(wall.plus(-2 * HOUR)), wall.plus(-2 * HOUR)),
        ] {
            assert_eq!(of(newest, wall), now);
        }
    }

    #[test]
    fn instants_to_come() {
        let now = Timestamp(1_795_082_400_000);
        for (text, at) in [
            ("7d", Some(now.plus(7 * DAY))),
            ("2h", Some(now.plus(2 * HOUR))),
            ("2026-11-19", Timestamp::parse("2026-11-19")),
            ("soon", None),
            ("d", None),
            ("", None),
            ("99999999999999999w", None),
        ] {
            assert_eq!(to_come(text, now), at, "{text}");
        }
    }
}
