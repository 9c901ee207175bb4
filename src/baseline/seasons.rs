//! Sizes told apart by the class of day, where that helps (`detection.md` 2.4): a business that is quiet at weekends or
//! loud at the edge of a month has two or three usual sizes, not one wide one. It must not know calendars of firms or
//! countries.

use super::fixed::{Decay, Fixed};
use super::sizes::Sizes;
use crate::model::Day;
use serde::{Deserialize, Serialize};

/// Weight a class needs before it is used.
const ENOUGH: f64 = 20.0;
/// Half-width of the edge of a month in days: the last one and the first three.
const FIRST_DAYS: u32 = 3;

/// A class of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum DayClass {
    /// Monday to Friday.
    Weekday,
    /// Saturday and Sunday.
    Weekend,
    /// The last day of a month and the first three, whatever weekday.
    MonthEdge,
}

impl DayClass {
    /// The class of a UTC day.
    pub fn of(day: Day) -> Self {
        if day_of_month(day) <= FIRST_DAYS || day_of_month(day.next()) == 1 {
            Self::MonthEdge
        } else if day.weekday() >= 5 {
            Self::Weekend
        } else {
            Self::Weekday
        }
    }
}

/// Day of the month, 1–31, of the proleptic Gregorian calendar.
fn day_of_month(day: Day) -> u32 {
    use chrono::Datelike;
    day.start().to_chrono().map_or(0, |at| at.day())
}

/// Daily maxima of one metric, pooled and by class of day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seasons {
    /// Every day.
    pub all: Sizes,
    /// One per [`DayClass`].
    classes: [Sizes; 3],
}

impl Seasons {
    /// Learns an active day's largest value. A class ages on its own days only.
    pub fn learn(&mut self, day: Day, x: u64, weight: Fixed, decay: Decay) {
        self.all.learn(x, weight, decay);
        if let Some(class) = self.classes.get_mut(DayClass::of(day) as usize) {
            class.learn(x, weight, decay);
        }
    }

    /// The sizes a day is judged by, with the class where that is not the pooled one: the class has n ≥ 20 and a lower
    /// spread than all days together.
    pub fn on(&self, day: Day) -> (&Sizes, Option<DayClass>) {
        let class = DayClass::of(day);
        match self.classes.get(class as usize) {
            Some(own) if own.weight() >= ENOUGH && own.spread() < self.all.spread() => (own, Some(class)),
            _ => (&self.all, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::Draw;
    use super::*;
    use crate::model::Timestamp;

    fn day(text: &str) -> Day {
        Timestamp::parse(text).unwrap().day()
    }

    #[test]
    fn classes_of_days() {
        for (text, class) in [
            ("2026-11-18", DayClass::Weekday),
            ("2026-11-20", DayClass::Weekday),
            ("2026-11-21", DayClass::Weekend),
            ("2026-11-22", DayClass::Weekend),
            ("2026-11-30", DayClass::MonthEdge),
            ("2026-12-01", DayClass::MonthEdge),
            ("2026-12-03", DayClass::MonthEdge),
            ("2026-12-04", DayClass::Weekday),
            ("2026-02-28", DayClass::MonthEdge),
            ("2028-02-28", DayClass::Weekday),
            ("2028-02-29", DayClass::MonthEdge),
        ] {
            assert_eq!(DayClass::of(day(text)), class, "{text}");
        }
    }

    #[test]
    fn a_quiet_weekend_is_judged_by_weekends() {
        let (mut s, start) = (Seasons::default(), day("2026-01-05"));
        for d in 0..140 {
            let on = Day(start.0 + d);
            s.learn(on, if on.weekday() >= 5 { 40 } else { 4_000 }, Fixed::ONE, Decay::half_life(60.0));
        }
        let (saturday, monday) = (day("2026-06-13"), day("2026-06-15"));
        assert_eq!(s.on(saturday).1, Some(DayClass::Weekend));
        assert!(s.on(saturday).0.p_tail(4_000) < 0.01, "a working day's size on a Saturday");
        assert!(s.all.p_tail(4_000) > 0.2, "which all days together would not tell");
        assert!(s.on(monday).0.p_tail(4_000) > 0.2);
        assert_eq!(s.on(day("2026-06-30")).1, None, "four or five edges of months are not enough");
    }

    #[test]
    fn days_that_are_all_alike_are_one_class() {
        let mut s = Seasons::default();
        for d in 0..200 {
            s.learn(Day(20_000 + d), 100, Fixed::ONE, Decay::half_life(60.0));
        }
        assert!((0..7).all(|d| s.on(Day(20_200 + d)).1.is_none()));
    }

    #[test]
    fn clean_seasons_are_rarely_large() {
        let (mut looks, mut small) = (0u32, 0u32);
        for seed in 0..20 {
            let (mut draw, mut s) = (Draw::seeded(seed), Seasons::default());
            for d in 0..250 {
                let on = Day(20_000 + d);
                let mean = if on.weekday() >= 5 { 5.0 } else { 60.0 };
                let x = (mean * libm::exp(0.4 * draw.normal())) as u64;
                if d >= 20 {
                    looks += 1;
                    small += u32::from(s.on(on).0.p_tail(x) <= 0.01);
                }
                s.learn(on, x, Fixed::ONE, Decay::half_life(60.0));
            }
        }
        assert!(f64::from(small) <= 0.015 * f64::from(looks), "{small} of {looks}");
    }
}
