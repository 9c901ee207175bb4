//! When a feed has been silent for longer than it ever was: a pure rule over the slots of the days it spoke in. It must
//! not know feeds, nor the clock.

use super::feed_day::SLOT;
use crate::model::Timestamp;
use crate::model::time::{DAY, HOUR};
use std::collections::BTreeMap;

/// Slots in a day.
const SLOTS: i64 = DAY / SLOT;
/// Days up to the last event in which its longest silence is looked for.
const DAYS: i32 = 30;
/// Silence shorter than this is none.
const LEAST: i64 = HOUR;

/// Since when a feed is silent at `now`, when that is longer than it ever was in the thirty days up to its last event and
/// more than an hour. `days` holds the slots in which something came, a bit each. The time between two events is rounded
/// up to whole slots, so that the notice never comes early. `None` for a feed known for less than a day: it has no habit.
pub fn silent_since(days: &BTreeMap<i32, u64>, last: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let first_day = last.day().0.saturating_sub(DAYS - 1);
    let (mut first, mut before, mut widest) = (None, None, 0);
    for (day, slots) in days.range(first_day..=last.day().0) {
        for slot in (0..SLOTS).filter(|slot| slots >> slot & 1 == 1).map(|slot| i64::from(*day) * SLOTS + slot) {
            first = first.or(Some(slot));
            widest = before.map_or(widest, |before| widest.max(slot - before + 1));
            before = Some(slot);
        }
    }
    let known = before? - first? >= SLOTS;
    (known && now.since(last) > (widest * SLOT).max(LEAST)).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Day;
    use crate::model::time::MINUTE;

    /// Protects the notice: it comes when a feed breaks its own habit and not before, nor for one without a habit.
    #[test]
    fn a_feed_is_silent_when_it_breaks_its_habit() {
        let start = Day(20_000).start();
        // Events as minutes since the first day; `now` in minutes after the last of them.
        let every = |step: i64, until: i64| (0..=until / step).map(|n| n * step).collect::<Vec<_>>();
        let office = (0..14).filter(|day| day % 7 < 5).flat_map(|day| (9..17).map(move |hour| (day * 24 + hour) * 60)).collect::<Vec<_>>();
        let days_ago = |days: i64| days * 24 * 60;
        let once_long = [vec![0], every(5, days_ago(3)).into_iter().map(|m| m + days_ago(4)).collect()].concat();
        let long_past = [vec![0, 5], every(5, days_ago(40)).into_iter().map(|m| m + days_ago(4)).collect()].concat();
        for (name, events, after, silent) in [
            ("a steady feed, an hour", every(5, days_ago(2)), 60, false),
            ("a steady feed, more", every(5, days_ago(2)), 61, true),
            ("hourly, two hours", every(60, days_ago(2)), 90, false),
            ("hourly, longer", every(60, days_ago(2)), 91, true),
            ("daily, a day", every(24 * 60, days_ago(5)), 24 * 60, false),
            ("daily, two days", every(24 * 60, days_ago(5)), 2 * 24 * 60, true),
            ("office hours, over the weekend", office.clone(), 60 * 64, false),
            ("office hours, a day more", office, 60 * 89, true),
            ("it was silent for four days once", once_long, days_ago(4), false),
            ("that was long ago", long_past, days_ago(4), true),
            ("known for an hour", every(5, 60), days_ago(9), false),
            ("one event", vec![7], days_ago(9), false),
            ("none", vec![], days_ago(9), false),
            ("events after now", every(5, days_ago(2)), -600, false),
        ] {
            let mut days = BTreeMap::new();
            for minute in &events {
                let at = start.plus(minute * MINUTE);
                *days.entry(at.day().0).or_insert(0) |= 1 << (at.0.rem_euclid(DAY) / SLOT);
            }
            let last = start.plus(events.last().copied().unwrap_or(0) * MINUTE);
            let expected = silent.then_some(last);
            assert_eq!(silent_since(&days, last, last.plus(after * MINUTE)), expected, "{name}");
        }
    }
}
