//! When work happens: the runs of one day, by the clock, the weekday and the month. It must not know what is done.

use super::chance::Chance;
use super::workload::Draw;
use crate::model::Day;
use crate::model::time::{DAY, HOUR, MINUTE};

/// How often and how much.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rhythm {
    /// Every so many minutes, day and night.
    Every {
        /// Minutes between runs.
        minutes: i64,
        /// Calls of a run, least and most.
        calls: (u64, u64),
    },
    /// So many runs around an hour of the day; on weekends this share of them.
    Daytime {
        /// Runs of a working day, least and most.
        runs: (u64, u64),
        /// Calls of a run.
        calls: (u64, u64),
        /// Hour (UTC) around which they lie.
        peak: f64,
        /// Hours of deviation.
        spread: f64,
        /// Share of runs on Saturday and Sunday.
        weekend: f64,
    },
    /// Once a day at this minute, give or take two.
    Nightly {
        /// Minute of the day.
        minute: i64,
        /// Calls of the run.
        calls: (u64, u64),
    },
    /// On these weekdays only (0 = Monday), at this minute give or take twenty.
    On {
        /// Weekdays.
        days: &'static [u8],
        /// Minute of the day.
        minute: i64,
        /// Calls of the run.
        calls: (u64, u64),
    },
    /// A little every morning, much on the last day of the month.
    MonthEnd {
        /// Minute of the small run; the big one is an hour later.
        minute: i64,
        /// Calls of the small run.
        small: (u64, u64),
        /// Calls of the big run.
        big: (u64, u64),
    },
}

/// One run: when in the day (milliseconds) and how many calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// Milliseconds into the day.
    pub(super) at: i64,
    /// Calls.
    pub(super) calls: u64,
}

/// Whether the next day begins a month.
pub(super) fn ends_month(day: Day) -> bool {
    day.next().to_string().ends_with("-01")
}

impl Rhythm {
    /// The runs of a day, in order of time.
    pub(super) fn runs(&self, draw: Draw, chance: &mut Chance) -> Vec<Run> {
        let weekday = draw.day.weekday();
        let near = |minute: i64, minutes: f64, chance: &mut Chance| {
            let at = minute as f64 * MINUTE as f64 + chance.normal(0.0, minutes * MINUTE as f64);
            (at as i64).clamp(0, DAY - 1)
        };
        let some = |calls: (u64, u64), chance: &mut Chance| {
            // A tail: most runs are small, a few come near the top.
            calls.0 + chance.rank(calls.1 - calls.0 + 1)
        };
        let mut runs = Vec::new();
        match *self {
            Self::Every { minutes, calls } => {
                let period = minutes * MINUTE;
                // Each identity has its own offset, the same every day.
                let offset = Chance::of(draw.seed, 6, draw.who, 0).below(period as u64) as i64;
                let mut at = offset;
                while at < DAY {
                    let wobble = chance.normal(0.0, 0.01 * period as f64) as i64;
                    runs.push(Run { at: (at + wobble).clamp(0, DAY - 1), calls: some(calls, chance) });
                    at += period;
                }
            }
            Self::Daytime { runs: count, calls, peak, spread, weekend } => {
                let planned = chance.between(count.0, count.1) as f64;
                let share = if weekday >= 5 { weekend } else { 1.0 };
                let whole = (planned * share) as u64 + u64::from(chance.happens((planned * share).fract()));
                for _ in 0..whole {
                    let hour = chance.normal(peak, spread).rem_euclid(24.0);
                    runs.push(Run { at: ((hour * HOUR as f64) as i64).min(DAY - 1), calls: some(calls, chance) });
                }
            }
            Self::Nightly { minute, calls } => runs.push(Run { at: near(minute, 2.0, chance), calls: some(calls, chance) }),
            Self::On { days, minute, calls } if days.contains(&weekday) => {
                runs.push(Run { at: near(minute, 20.0, chance), calls: some(calls, chance) });
            }
            Self::On { .. } => {}
            Self::MonthEnd { minute, small, big } => {
                runs.push(Run { at: near(minute, 2.0, chance), calls: some(small, chance) });
                if ends_month(draw.day) {
                    runs.push(Run { at: near(minute + 60, 2.0, chance), calls: some(big, chance) });
                }
            }
        }
        runs.sort_by_key(|run| run.at);
        runs
    }
}
