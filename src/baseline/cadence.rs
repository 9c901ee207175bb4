//! Whether an identity runs on a schedule, and how far a start lies off it (`detection.md` 2.6). Run starts are points on
//! the circle of each period; where they gather, there is a schedule. The sums are kept in fixed point, so that the order
//! of starts inside a day changes nothing. It must not know what a run does, nor whether being late matters.

use super::fixed::{Decay, Fixed};
use super::sizes::Sizes;
use crate::model::Timestamp;
use crate::model::time::{DAY, HOUR, MINUTE};
use serde::{Deserialize, Serialize};

/// Run starts a schedule needs, as decayed weight.
const ENOUGH: f64 = 20.0;
/// Concentration |Z|/n from which starts are a schedule.
const GATHERED: f64 = 0.9;
/// More starts than this in a day cannot be a schedule of five minutes or more: they count as spread evenly.
const STARTS_CAP: usize = 512;
/// From this period on a clock change of one hour is looked through.
const CLOCK_CHANGE: i64 = 12 * HOUR;

/// A period a schedule can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Period {
    /// Five minutes.
    Minutes5,
    /// Ten minutes.
    Minutes10,
    /// A quarter of an hour.
    Minutes15,
    /// Half an hour.
    Minutes30,
    /// An hour.
    Hour,
    /// Two hours.
    Hours2,
    /// Three hours.
    Hours3,
    /// Four hours.
    Hours4,
    /// Six hours.
    Hours6,
    /// Eight hours.
    Hours8,
    /// Twelve hours.
    Hours12,
    /// A day.
    Day,
    /// A week.
    Week,
}

impl Period {
    /// Every period, shortest first.
    pub const ALL: [Self; 13] = [
        Self::Minutes5,
        Self::Minutes10,
        Self::Minutes15,
        Self::Minutes30,
        Self::Hour,
        Self::Hours2,
        Self::Hours3,
        Self::Hours4,
        Self::Hours6,
        Self::Hours8,
        Self::Hours12,
        Self::Day,
        Self::Week,
    ];

    /// Its length in milliseconds.
    pub fn ms(self) -> i64 {
        match self {
            Self::Minutes5 => 5 * MINUTE,
            Self::Minutes10 => 10 * MINUTE,
            Self::Minutes15 => 15 * MINUTE,
            Self::Minutes30 => 30 * MINUTE,
            Self::Hour => HOUR,
            Self::Hours2 => 2 * HOUR,
            Self::Hours3 => 3 * HOUR,
            Self::Hours4 => 4 * HOUR,
            Self::Hours6 => 6 * HOUR,
            Self::Hours8 => 8 * HOUR,
            Self::Hours12 => 12 * HOUR,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
        }
    }

    /// For sentences: `every 30 min`, `every 2 h`, `daily`, `weekly`.
    pub fn text(self) -> &'static str {
        match self {
            Self::Minutes5 => "every 5 min",
            Self::Minutes10 => "every 10 min",
            Self::Minutes15 => "every 15 min",
            Self::Minutes30 => "every 30 min",
            Self::Hour => "hourly",
            Self::Hours2 => "every 2 h",
            Self::Hours3 => "every 3 h",
            Self::Hours4 => "every 4 h",
            Self::Hours6 => "every 6 h",
            Self::Hours8 => "every 8 h",
            Self::Hours12 => "every 12 h",
            Self::Day => "daily",
            Self::Week => "weekly",
        }
    }
}

/// A sum of points on the unit circle, in 2⁻³² units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    re: i64,
    im: i64,
}

/// How far a start lies off the schedule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Off {
    /// The schedule.
    pub period: Period,
    /// Distance from its phase, in thousandths of the period, 0–500.
    pub distance: u64,
    /// The same in milliseconds.
    pub distance_ms: i64,
    /// Probability that the farthest start of a day lies at least so far off.
    pub p: f64,
}

/// Run starts of past active days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cadence {
    /// One per [`Period::ALL`]; empty until something was learned.
    sums: Vec<Sum>,
    /// Decayed number of starts.
    n: Fixed,
    /// Largest distance from the phase on each active day since the schedule holds, in thousandths.
    distances: Sizes,
    /// Largest gap between starts on each active day since then, in tenths of the period.
    gaps: Sizes,
    /// The schedule those two belong to.
    held: Option<Period>,
    /// Latest start learned.
    last: Option<Timestamp>,
}

impl Cadence {
    /// Learns the run starts of an active day, in any order.
    pub fn learn(&mut self, starts: &[Timestamp], weight: Fixed, decay: Decay) {
        let mut starts = starts.to_vec();
        starts.sort_unstable();
        starts.dedup();
        self.learn_distances(&starts, weight, decay);
        if self.sums.is_empty() {
            self.sums = vec![Sum::default(); Period::ALL.len()];
        }
        for sum in &mut self.sums {
            sum.re = age(sum.re, decay);
            sum.im = age(sum.im, decay);
        }
        self.n = decay.age(self.n).plus(Fixed(weight.0.saturating_mul(starts.len() as u64)));
        if starts.len() <= STARTS_CAP {
            for (period, sum) in Period::ALL.into_iter().zip(&mut self.sums) {
                for start in &starts {
                    let angle = angle_of(*start, period);
                    sum.re = sum.re.saturating_add(share_of(libm::cos(angle), weight));
                    sum.im = sum.im.saturating_add(share_of(libm::sin(angle), weight));
                }
            }
        }
        self.last = self.last.max(starts.last().copied());
        let now = self.schedule();
        if now != self.held {
            // Distances in thousandths of another period say nothing about this one.
            (self.held, self.distances, self.gaps) = (now, Sizes::default(), Sizes::default());
        }
    }

    /// Distances are taken from the schedule as it was before the day.
    fn learn_distances(&mut self, starts: &[Timestamp], weight: Fixed, decay: Decay) {
        let (Some(period), false) = (self.held, starts.is_empty()) else { return };
        let most = starts.iter().filter_map(|s| self.distance(*s)).map(|(_, d, _)| d).max().unwrap_or(0);
        self.distances.learn(most, weight, decay);
        let before = self.last.into_iter().chain(starts.iter().copied());
        let gap = before.zip(starts.iter().skip(usize::from(self.last.is_none()))).map(|(a, b)| b.since(a)).max().unwrap_or(0);
        self.gaps.learn(tenths(gap, period), weight, decay);
    }

    /// Decayed number of starts.
    pub fn starts(&self) -> f64 {
        self.n.to_f64()
    }

    /// Latest start learned.
    pub fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// Concentration |Z|/n of the starts on a period, 0–1.
    pub fn concentration(&self, period: Period) -> f64 {
        let Some(sum) = self.sums.get(period as usize) else { return 0.0 };
        if self.n == Fixed::ZERO {
            return 0.0;
        }
        (libm::hypot(sum.re as f64, sum.im as f64) / self.n.0 as f64).min(1.0)
    }

    /// The schedule: the longest period with n ≥ 20 starts and |Z|/n ≥ 0.9. A shorter one that divides it holds as well.
    pub fn schedule(&self) -> Option<Period> {
        if self.n.to_f64() < ENOUGH {
            return None;
        }
        Period::ALL.into_iter().rev().find(|p| self.concentration(*p) >= GATHERED)
    }

    /// Where in its period the schedule lies, in milliseconds from the epoch's multiples of the period.
    fn phase(&self, period: Period) -> Option<i64> {
        let sum = self.sums.get(period as usize)?;
        let turn = libm::atan2(sum.im as f64, sum.re as f64) / std::f64::consts::TAU;
        Some((libm::round(turn * period.ms() as f64) as i64).rem_euclid(period.ms()))
    }

    /// Distance of a start from the phase of the schedule: period, thousandths, milliseconds (signed).
    fn distance(&self, start: Timestamp) -> Option<(Period, u64, i64)> {
        let period = self.held?;
        let ms = period.ms();
        let past = (start.0 - self.phase(period)?).rem_euclid(ms);
        let signed = if past > ms / 2 { past - ms } else { past };
        Some((period, (signed.unsigned_abs() * 1_000 / ms as u64).min(500), signed))
    }

    /// How far a start lies off the schedule, with the tail of past daily maxima (`detection.md` 2.4); `None` without a
    /// schedule or before distances were learned on ten days. On periods of half a day and more a clock change of one
    /// hour is no distance. The resolution is a thousandth of the period: whoever judges needs a floor of minutes too.
    pub fn off(&self, start: Timestamp) -> Option<Off> {
        let (period, distance, signed) = self.distance(start)?;
        if self.distances.active_days() < 10 {
            return None;
        }
        let mut best = Off { period, distance, distance_ms: signed.abs(), p: self.distances.p_tail(distance) };
        if period.ms() >= CLOCK_CHANGE {
            for shift in [-HOUR, HOUR] {
                if let Some((_, d, ms)) = self.distance(start.plus(shift))
                    && d < best.distance
                {
                    best = Off { period, distance: d, distance_ms: ms.abs(), p: self.distances.p_tail(d) };
                }
            }
        }
        Some(best)
    }

    /// Whether a start is a catch-up after a missed slot: more than one and a half periods after the run before it.
    /// `false` without a schedule.
    pub fn missed(&self, last_run: Timestamp, start: Timestamp) -> bool {
        self.held.is_some_and(|p| start.since(last_run) * 2 > p.ms() * 3)
    }

    /// The scheduled time that follows a run: the first slot more than half a period after it, so that a run a little
    /// early for its slot does not count as having missed it. `None` without a schedule.
    pub fn next(&self, run: Timestamp) -> Option<Timestamp> {
        let period = self.held?;
        let (ms, earliest) = (period.ms(), run.plus(period.ms() / 2));
        let wait = (self.phase(period)? - earliest.0).rem_euclid(ms);
        Some(earliest.plus(wait))
    }

    /// Probability of a day with so long a silence between runs, from past days: a job that rests at weekends is not
    /// overdue on Sunday. `None` without a schedule or before ten days under it.
    pub fn p_silence(&self, last_run: Timestamp, now: Timestamp) -> Option<f64> {
        let period = self.held?;
        (self.gaps.active_days() >= 10).then(|| self.gaps.p_tail(tenths(now.since(last_run), period)))
    }

    /// Usual largest distance from the phase, in milliseconds: the 95th percentile of past days.
    pub fn tolerance_ms(&self) -> Option<i64> {
        self.held.map(|p| libm::ceil(self.distances.quantile(0.95) + 1.0) as i64 * p.ms() / 1_000)
    }
}

/// Angle of an instant on the circle of a period.
fn angle_of(at: Timestamp, period: Period) -> f64 {
    std::f64::consts::TAU * at.0.rem_euclid(period.ms()) as f64 / period.ms() as f64
}

/// A coordinate times a weight, in 2⁻³² units: one rounding for every start alike, whatever its place in the order.
fn share_of(coordinate: f64, weight: Fixed) -> i64 {
    libm::round(coordinate * weight.0 as f64) as i64
}

fn age(x: i64, decay: Decay) -> i64 {
    let aged = decay.age(Fixed(x.unsigned_abs())).0 as i64;
    if x < 0 { -aged } else { aged }
}

fn tenths(gap: i64, period: Period) -> u64 {
    (gap.max(0) as u64).saturating_mul(10) / period.ms() as u64
}

#[cfg(test)]
mod tests {
    use super::super::draw::Draw;
    use super::*;
    use proptest::prelude::*;

    const MONDAY: i64 = 4 * DAY;

    /// `weeks` of days, each with the starts (ms of day) it is given.
    fn run(days: i64, mut starts: impl FnMut(i64) -> Vec<i64>) -> Cadence {
        let mut c = Cadence::default();
        for d in 0..days {
            let on: Vec<Timestamp> = starts(d).into_iter().map(|ms| Timestamp(MONDAY + d * DAY + ms)).collect();
            if !on.is_empty() {
                c.learn(&on, Fixed::ONE, Decay::half_life(60.0));
            }
        }
        c
    }

    fn at(day: i64, hour: i64, minute: i64) -> Timestamp {
        Timestamp(MONDAY + day * DAY + hour * HOUR + minute * MINUTE)
    }

    #[test]
    fn schedules_and_their_absence() {
        let cron = |every: i64| move |_| (0..DAY / every).map(|i| i * every + 7_000).collect::<Vec<i64>>();
        let mut draw = Draw::seeded(1);
        for (name, cadence, want) in [
            ("half-hourly", run(10, cron(30 * MINUTE)), Some(Period::Minutes30)),
            ("two-hourly", run(10, cron(2 * HOUR)), Some(Period::Hours2)),
            ("nightly", run(40, |_| vec![2 * HOUR]), Some(Period::Day)),
            ("nightly, nineteen times", run(19, |_| vec![2 * HOUR]), None),
            ("weekly", run(280, |d| if d % 7 == 2 { vec![9 * HOUR] } else { vec![] }), Some(Period::Week)),
            ("weekdays at nine", run(60, |d| if d % 7 < 5 { vec![9 * HOUR] } else { vec![] }), Some(Period::Day)),
            ("any time", run(60, |_| (0..6).map(|_| draw.below(DAY as u64) as i64).collect()), None),
            ("office hours", run(60, |d| if d % 7 < 5 { (9..17).map(|h| h * HOUR).collect() } else { vec![] }), Some(Period::Hour)),
        ] {
            assert_eq!(cadence.schedule(), want, "{name}: n {} on {:?}", cadence.starts(), want.map(|p| cadence.concentration(p)));
        }
    }

    #[test]
    fn the_concentration_by_hand() {
        // Two starts a quarter of a day apart: |1 + i|/2 = √2/2 on the day; on six hours they coincide.
        let c = run(1, |_| vec![0, 6 * HOUR]);
        assert!((c.concentration(Period::Day) - std::f64::consts::FRAC_1_SQRT_2).abs() < 1e-9);
        assert!((c.concentration(Period::Hours6) - 1.0).abs() < 1e-9);
        assert!(c.concentration(Period::Hours12) < 1e-9);
        assert_eq!(Cadence::default().concentration(Period::Day), 0.0);
    }

    #[test]
    fn a_start_off_its_phase_is_unusual_and_a_clock_change_is_not() {
        let mut draw = Draw::seeded(2);
        let c = run(60, |_| vec![2 * HOUR + (2.0 * MINUTE as f64 * draw.normal()) as i64]);
        let usual = c.off(at(60, 2, 1)).unwrap();
        assert!(usual.p > 0.3 && usual.distance <= 2, "{usual:?}");
        let off = c.off(at(60, 14, 0)).unwrap();
        assert!(off.p < 1e-3 && (455..=500).contains(&off.distance), "{off:?}");
        assert!(c.off(at(60, 3, 1)).unwrap().p > 0.3);
        assert!(c.off(at(60, 4, 0)).unwrap().p < 0.02);
        assert_eq!(Cadence::default().off(at(0, 0, 0)), None);
    }

    #[test]
    fn slots_missed_and_slots_to_come() {
        let c = run(40, |_| vec![2 * HOUR]);
        for (last, start, missed) in
            [(at(40, 2, 0), at(41, 2, 0), false), (at(40, 2, 0), at(41, 14, 1), true), (at(40, 2, 0), at(42, 2, 0), true)]
        {
            assert_eq!(c.missed(last, start), missed, "{start}");
        }
        for (run, next) in
            [(at(40, 2, 0), at(41, 2, 0)), (at(40, 1, 50), at(41, 2, 0)), (at(40, 2, 20), at(41, 2, 0)), (at(40, 15, 0), at(42, 2, 0))]
        {
            let found = c.next(run).unwrap();
            assert!(found.since(next).abs() <= 2, "{run}: {found}");
        }
        assert_eq!(Cadence::default().next(at(0, 0, 0)), None);
        assert!(!Cadence::default().missed(at(0, 0, 0), at(9, 0, 0)));
    }

    #[test]
    fn a_job_that_rests_at_weekends_is_not_overdue_on_sunday() {
        let c = run(90, |d| if d % 7 < 5 { vec![9 * HOUR] } else { vec![] });
        // Day 88 is a Friday.
        let friday = at(88, 9, 0);
        assert!(c.p_silence(friday, at(90, 12, 0)).unwrap() > 0.05);
        assert!(c.p_silence(friday, at(95, 9, 0)).unwrap() < 0.02);
        let daily = run(60, |_| vec![9 * HOUR]);
        assert!(daily.p_silence(at(59, 9, 0), at(61, 9, 0)).unwrap() < 0.1);
        assert!(daily.p_silence(at(59, 9, 0), at(60, 9, 0)).unwrap() > 0.4);
    }

    #[test]
    fn more_starts_than_any_schedule_can_have_are_spread() {
        let c = run(3, |_| (0..600).map(|i| i * 1_000).collect());
        assert_eq!(c.schedule(), None);
        assert!(c.starts() > 1_700.0);
    }

    #[test]
    fn clean_schedules_are_rarely_off() {
        // Protects the promise of a p-value on daily maxima: jitter of several shapes, p ≤ 0.01 at most 1.5 % of days.
        type Shape = fn(&mut Draw) -> Vec<i64>;
        let shapes: [(&str, Shape); 4] = [
            ("normal jitter", |d| vec![2 * HOUR + (120_000.0 * d.normal()) as i64]),
            ("queueing delay", |d| vec![2 * HOUR + d.exponential(240_000.0) as i64]),
            ("two-hourly with jitter", |d| (0..12).map(|h| h * 2 * HOUR + d.below(60_000) as i64).collect()),
            ("exact", |_| vec![2 * HOUR]),
        ];
        for (name, shape) in shapes {
            let (mut looks, mut small) = (0u32, 0u32);
            for seed in 0..12 {
                let (mut draw, mut c) = (Draw::seeded(seed), Cadence::default());
                for day in 0..150 {
                    let starts: Vec<Timestamp> = shape(&mut draw).into_iter().map(|ms| Timestamp(MONDAY + day * DAY + ms)).collect();
                    if let Some(p) = starts.iter().filter_map(|s| c.off(*s)).map(|o| o.p).reduce(f64::min) {
                        looks += 1;
                        small += u32::from(p <= 0.01);
                    }
                    c.learn(&starts, Fixed::ONE, Decay::half_life(60.0));
                }
            }
            assert!(looks > 1_000 && f64::from(small) <= 0.015 * f64::from(looks), "{name}: {small} of {looks}");
        }
    }

    proptest! {
        #[test]
        fn the_order_inside_a_day_changes_nothing(day in proptest::collection::vec(0i64..DAY, 1..30), by in 0usize..30) {
            let mut turned = day.clone();
            turned.rotate_left(by % day.len());
            let base = run(30, |_| vec![2 * HOUR]);
            let (mut a, mut b) = (base.clone(), base);
            let on = |day: &[i64]| -> Vec<Timestamp> { day.iter().map(|ms| Timestamp(MONDAY + 30 * DAY + ms)).collect() };
            a.learn(&on(&day), Fixed::ONE, Decay::half_life(60.0));
            b.learn(&on(&turned), Fixed::ONE, Decay::half_life(60.0));
            prop_assert_eq!(&a, &b);
            let bytes = postcard::to_stdvec(&a).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Cadence>(&bytes).unwrap(), a);
        }

        #[test]
        fn the_next_slot_lies_ahead_and_on_the_phase(run_at in 0i64..30 * DAY) {
            let c = run(30, |_| vec![2 * HOUR, 8 * HOUR, 14 * HOUR, 20 * HOUR]);
            let run = Timestamp(MONDAY + run_at);
            let next = c.next(run).unwrap();
            let wait = next.since(run);
            prop_assert!((3 * HOUR..=9 * HOUR).contains(&wait), "{}", wait);
            prop_assert!(c.distance(next).unwrap().1 <= 1);
        }
    }
}
