//! The pace of one session: whether a person is at the keyboard or a machine runs (`detection.md` 2.10). Sums of whole
//! milliseconds while it runs, two indices when asked. It must not know what is usual for the identity: the indices are
//! learned and judged as sizes.

use crate::model::time::{MINUTE, SECOND};
use crate::model::{Sym, Timestamp};
use serde::{Deserialize, Serialize};

/// Gaps a person leaves between calls, in milliseconds.
const HUMAN: std::ops::RangeInclusive<i64> = SECOND..=120 * SECOND;
/// A shorter gap is a machine's.
const FAST: i64 = 200;
/// As many calls within one second leave gaps below 200 ms on average, even where a clock tells whole seconds only.
const FAST_IN_SECOND: u32 = 6;
/// Coefficient of variation above which human gaps are a person's: a machine's sleep is even.
const UNEVEN: f64 = 0.7;
/// Calls before the pace says anything.
const ENOUGH: u32 = 5;
/// Distinct operations told apart.
const OPERATIONS: usize = 64;
/// Length of a window of the busiest minutes.
const WINDOW: i64 = 5 * MINUTE;

/// One call, as far as pace is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Event time.
    pub time: Timestamp,
    /// The operation.
    pub action: Sym,
    /// Whether it failed.
    pub failed: bool,
    /// Whether it describes or lists what is there.
    pub looks: bool,
    /// Whether it queries or reads data.
    pub queries: bool,
}

/// What is known of a session from elsewhere; `None` where it is not observable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// The client is a browser, a command line, an IDE or an API workbench.
    pub interactive_client: Option<bool>,
    /// The session began with a console log-in.
    pub console: Option<bool>,
    /// The hour lies inside a working day while the identity usually works around the clock.
    pub office_hour: Option<bool>,
}

/// A session's pace so far; fed in time order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    calls: u32,
    last: Option<Timestamp>,
    /// Gaps between calls.
    gaps: u32,
    /// Gaps of 1–120 s: how many, their sum and their sum of squares in milliseconds.
    human: u32,
    human_ms: u64,
    human_squares: u64,
    /// Gaps below 200 ms.
    fast: u32,
    /// Whether any time had a fraction of a second.
    fine: bool,
    /// Calls within the current second, and gaps counted fast by that.
    in_second: u32,
    fast_coarse: u32,
    operations: Vec<Sym>,
    failures: u32,
    /// The operation that failed last and when, while a person could still try again.
    failed: Option<(Sym, Timestamp)>,
    retries: u32,
    looked: bool,
    looked_first: Option<bool>,
    window: i64,
    in_window: u32,
    busiest: u32,
}

impl Pace {
    /// Takes a call in.
    pub fn add(&mut self, step: Step) {
        self.calls = self.calls.saturating_add(1);
        self.fine |= step.time.0.rem_euclid(SECOND) != 0;
        let same_second = self.last.is_some_and(|t| t.0.div_euclid(SECOND) == step.time.0.div_euclid(SECOND));
        self.in_second = if same_second { self.in_second.saturating_add(1) } else { 1 };
        if self.in_second == FAST_IN_SECOND {
            self.fast_coarse += FAST_IN_SECOND - 1;
        } else if self.in_second > FAST_IN_SECOND {
            self.fast_coarse = self.fast_coarse.saturating_add(1);
        }
        if let Some(last) = self.last {
            self.add_gap(step.time.since(last).max(0));
        }
        self.last = self.last.max(Some(step.time));
        if !self.operations.contains(&step.action) && self.operations.len() < OPERATIONS {
            self.operations.push(step.action);
        }
        self.add_failure(step);
        self.looked |= step.looks;
        if step.queries && self.looked_first.is_none() {
            self.looked_first = Some(self.looked);
        }
        let window = step.time.0.div_euclid(WINDOW);
        self.in_window = if window == self.window { self.in_window.saturating_add(1) } else { 1 };
        self.window = window;
        self.busiest = self.busiest.max(self.in_window);
    }

    fn add_gap(&mut self, gap: i64) {
        self.gaps = self.gaps.saturating_add(1);
        if gap < FAST {
            self.fast = self.fast.saturating_add(1);
        }
        if HUMAN.contains(&gap) {
            // At most 120 000² a gap: more than a thousand million of them fit.
            self.human += 1;
            self.human_ms += gap as u64;
            self.human_squares = self.human_squares.saturating_add((gap * gap) as u64);
        }
    }

    /// A person who fails tries the same again after a moment; a retry loop does so at once or much later.
    fn add_failure(&mut self, step: Step) {
        if let Some((action, at)) = self.failed
            && action == step.action
        {
            self.retries += u32::from(HUMAN.contains(&step.time.since(at)));
            self.failed = None;
        }
        if step.failed {
            self.failures += 1;
            self.failed = Some((step.action, step.time));
        }
    }

    /// Calls so far.
    pub fn calls(&self) -> u32 {
        self.calls
    }

    /// Coefficient of variation of the gaps of 1–120 s; `None` below two of them.
    pub fn variation(&self) -> Option<f64> {
        if self.human < 2 {
            return None;
        }
        let n = f64::from(self.human);
        let mean = self.human_ms as f64 / n;
        let variance = (self.human_squares as f64 / n - mean * mean).max(0.0);
        Some(libm::sqrt(variance) / mean)
    }

    /// Hands on the keyboard, 0–100: the mean of what can be observed of: share of gaps of 1–120 s where they vary
    /// (CV > 0.7), share of distinct operations, share of failures tried again after a moment, a look around before the
    /// first query, and the signs given. `None` before five calls.
    pub fn interactivity(&self, signs: Signs) -> Option<u64> {
        if self.calls < ENOUGH {
            return None;
        }
        let flag = |f: bool| if f { 1.0 } else { 0.0 };
        let human = if self.variation().is_some_and(|cv| cv > UNEVEN) { f64::from(self.human) / f64::from(self.gaps.max(1)) } else { 0.0 };
        let parts = [
            Some(human),
            // Past the cap of operations the ratio says little; it only gets smaller.
            Some(self.operations.len() as f64 / f64::from(self.calls)),
            (self.failures > 0).then(|| f64::from(self.retries) / f64::from(self.failures)),
            self.looked_first.map(flag),
            signs.interactive_client.map(flag),
            signs.console.map(flag),
            signs.office_hour.map(flag),
        ];
        let (sum, n) = parts.into_iter().flatten().fold((0.0, 0.0), |(sum, n), part| (sum + part, n + 1.0));
        Some(libm::round(100.0 * sum / n) as u64)
    }

    /// Share of gaps below 200 ms, in per cent; `None` before five calls. Where every time is a whole second, gaps inside
    /// one count as fast only from six calls in it.
    pub fn fast_share(&self) -> Option<u64> {
        let fast = if self.fine { self.fast } else { self.fast_coarse };
        (self.calls >= ENOUGH).then(|| u64::from(fast.min(self.gaps)) * 100 / u64::from(self.gaps.max(1)))
    }

    /// Calls in the busiest five minutes (of the clock).
    pub fn busiest(&self) -> u64 {
        u64::from(self.busiest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Calls as (ms, action, marks), marks: f failed, l looks, q queries.
    fn fed(calls: &[(i64, u64, &str)]) -> Pace {
        let mut pace = Pace::default();
        for (ms, action, marks) in calls {
            pace.add(Step {
                time: Timestamp(*ms),
                action: Sym(*action),
                failed: marks.contains('f'),
                looks: marks.contains('l'),
                queries: marks.contains('q'),
            });
        }
        pace
    }

    #[test]
    fn the_index_by_hand() {
        // Gaps 2, 60, 3, 30 s: all human; mean 23.75, variance (4 + 3600 + 9 + 900)/4 − 564.06 = 564.19, CV = 1.0001.
        let hand = fed(&[(0, 1, "l"), (2_000, 2, "q"), (62_000, 3, "f"), (65_000, 3, ""), (95_000, 4, "q")]);
        assert!((hand.variation().unwrap() - 1.000_1).abs() < 1e-3, "{:?}", hand.variation());
        // Parts: 1, 4/5, 1/1, looked first 1 → 0.95; with a browser 0.96; with a machine's client 0.76.
        assert_eq!(hand.interactivity(Signs::default()), Some(95));
        assert_eq!(hand.interactivity(Signs { interactive_client: Some(true), ..Signs::default() }), Some(96));
        assert_eq!(hand.interactivity(Signs { interactive_client: Some(false), ..Signs::default() }), Some(76));
        assert_eq!(hand.interactivity(Signs { console: Some(true), office_hour: Some(true), ..Signs::default() }), Some(97));
        assert_eq!(hand.fast_share(), Some(0));
    }

    #[test]
    fn a_batch_is_no_person() {
        let steady: Vec<(i64, u64, &str)> = (0..100).map(|i| (i * 5_000, 1, "q")).collect();
        assert_eq!(fed(&steady).interactivity(Signs::default()), Some(0), "an even sleep is a machine's");
        let burst: Vec<(i64, u64, &str)> = (0..100).map(|i| (i * 37 + 5, 1 + i as u64 % 2, "")).collect();
        let burst = fed(&burst);
        assert_eq!(burst.interactivity(Signs::default()), Some(1));
        assert_eq!((burst.fast_share(), burst.busiest()), (Some(100), 100));
    }

    #[test]
    fn whole_seconds_tell_speed_only_in_crowds() {
        let few: Vec<(i64, u64, &str)> = (0..20).map(|i| (i / 2 * 1_000, 1, "")).collect();
        assert_eq!(fed(&few).fast_share(), Some(0), "two calls in one second may lie 900 ms apart");
        let crowd: Vec<(i64, u64, &str)> = (0..21).map(|i| (i / 7 * 1_000, 1, "")).collect();
        // Three seconds of seven calls: 3 · 6 fast gaps of 20.
        assert_eq!(fed(&crowd).fast_share(), Some(90));
    }

    #[test]
    fn what_cannot_be_told_is_not_told() {
        let short = fed(&[(0, 1, ""), (5_000, 2, "")]);
        assert_eq!(short.interactivity(Signs { console: Some(true), ..Signs::default() }), None);
        assert_eq!(short.fast_share(), None);
        assert_eq!(short.variation(), None);
    }

    #[test]
    fn a_retry_loop_is_no_second_try() {
        for (name, gap, retries) in [("at once", 50, 0), ("after a moment", 8_000, 1), ("much later", 600_000, 0)] {
            let pace = fed(&[(0, 1, "f"), (gap, 1, "")]);
            assert_eq!(pace.retries, retries, "{name}");
        }
        assert_eq!(fed(&[(0, 1, "f"), (5_000, 2, ""), (9_000, 1, "")]).retries, 1, "with a look at something else in between");
    }

    #[test]
    fn the_busiest_minutes() {
        let calls: Vec<(i64, u64, &str)> = (0..10).map(|i| (i * MINUTE, 1, "")).chain((0..7).map(|i| (20 * MINUTE + i, 1, ""))).collect();
        assert_eq!(fed(&calls).busiest(), 7);
    }

    proptest! {
        #[test]
        fn an_index_lies_between_nought_and_a_hundred(calls in proptest::collection::vec((0i64..10_000_000, 1u64..90, 0u8..8), 0..200)) {
            let mut pace = Pace::default();
            for (ms, action, marks) in &calls {
                // Out of order on purpose: a late record must not break a sum.
                pace.add(Step {
                    time: Timestamp(*ms), action: Sym(*action), failed: marks & 1 > 0, looks: marks & 2 > 0, queries: marks & 4 > 0,
                });
            }
            prop_assert_eq!(pace.interactivity(Signs::default()).is_some(), calls.len() >= 5);
            prop_assert!(pace.interactivity(Signs::default()).unwrap_or(0) <= 100);
            prop_assert!(pace.fast_share().unwrap_or(0) <= 100);
            prop_assert!(pace.operations.len() <= OPERATIONS);
        }
    }
}
