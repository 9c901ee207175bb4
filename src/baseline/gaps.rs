//! How long an identity rests between active days, and when a rest was so long that waking up is news
//! (`detection.md` 2.9). It must not know why it rested; days on which nothing could be seen are the caller's to leave
//! out of the gap.

use super::fixed::{Decay, Fixed};
use super::sizes::Sizes;
use crate::model::Day;
use serde::{Deserialize, Serialize};

/// Days that are never dormancy, however lively the past.
const LEAST: u32 = 14;
/// The same while there are too few gaps to know the rhythm, and for an identity never used since it was made.
const LEAST_YOUNG: u32 = 30;
/// Gaps from which the rhythm is known.
const ENOUGH: u32 = 5;
/// A gap more probable than this is no dormancy.
const RARE: f64 = 0.02;

/// Days between consecutive active days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gaps {
    sizes: Sizes,
    last: Option<Day>,
}

impl Gaps {
    /// Learns an active day; `unseen` = days since the last one on which nothing could have been seen (the feed was empty).
    /// A day not after the last one is no gap.
    pub fn learn(&mut self, day: Day, unseen: u32, weight: Fixed, decay: Decay) {
        if let Some(gap) = self.gap(day, unseen)
            && gap > 0
        {
            self.sizes.learn(u64::from(gap), weight, decay);
        }
        self.last = self.last.max(Some(day));
    }

    /// Days since the last active day, without those on which nothing could have been seen; `None` before the first.
    pub fn gap(&self, day: Day, unseen: u32) -> Option<u32> {
        let last = self.last?;
        Some(u32::try_from(day.0.saturating_sub(last.0)).unwrap_or(0).saturating_sub(unseen))
    }

    /// Gaps learned.
    pub fn count(&self) -> u32 {
        self.sizes.active_days()
    }

    /// Longest gap ever, in days; 0 before any.
    pub fn longest(&self) -> u32 {
        self.sizes.max() as u32
    }

    /// Median gap in days: the largest whole number of its bin (9 % wide), never above the longest; 0 before any.
    pub fn median(&self) -> u32 {
        if self.count() == 0 {
            return 0;
        }
        let upper = (self.sizes.quantile(0.5) + 1.0) * libm::exp2(0.125) - 1.0;
        (libm::ceil(upper - 1e-9) as u32).saturating_sub(1).clamp(1, self.longest().max(1))
    }

    /// The shortest gap, in days, that can be dormancy: max(14 d, 1.5 × longest, 5 × median); 30 d in place of 14 before
    /// five gaps are known.
    pub fn bound(&self) -> u32 {
        let least = if self.count() >= ENOUGH { LEAST } else { LEAST_YOUNG };
        least.max((self.longest() * 3).div_ceil(2)).max(self.median() * 5)
    }

    /// Whether a gap of so many days is dormancy: at least [`Self::bound`] and p ≤ 0.02 by the tail of its own gaps, which
    /// is what is answered. `None` where it is not, or before the first active day.
    pub fn dormant(&self, gap_days: u32) -> Option<f64> {
        if self.last.is_none() || gap_days < self.bound() {
            return None;
        }
        // One active day and no gap at all: the first day of history counts as one gap of a day.
        let p = if self.count() == 0 {
            let mut one = Sizes::default();
            one.learn(1, Fixed::ONE, Decay::half_life(1.0));
            one.p_tail(u64::from(gap_days))
        } else {
            self.sizes.p_tail(u64::from(gap_days))
        };
        (p <= RARE).then_some(p)
    }

    /// Whether first use comes so long after creation that the identity counts as dormant: more than 30 days.
    pub fn unused(created: Day, first_use: Day) -> bool {
        i64::from(first_use.0) - i64::from(created.0) > i64::from(LEAST_YOUNG)
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::Draw;
    use super::*;

    fn rested(gaps: &[u32]) -> (Gaps, i32) {
        let (mut g, mut day) = (Gaps::default(), 100);
        g.learn(Day(day), 0, Fixed::ONE, Decay::half_life(60.0));
        for gap in gaps {
            day += *gap as i32;
            g.learn(Day(day), 0, Fixed::ONE, Decay::half_life(60.0));
        }
        (g, day)
    }

    #[test]
    fn the_three_conditions_by_hand() {
        // name, past gaps, bound = max(14 or 30, 1.5 × longest, 5 × median), a gap, dormant
        for (name, gaps, bound, gap, dormant) in [
            ("daily", vec![1; 30], 14, 13, false),
            ("daily", vec![1; 30], 14, 14, true),
            ("twice a week", [3, 4].repeat(10), 20, 19, false),
            ("twice a week", [3, 4].repeat(10), 20, 40, true),
            ("monthly", vec![30; 12], 150, 62, false),
            ("monthly", vec![30; 12], 150, 400, true),
            ("daily with one long holiday", [vec![1; 40], vec![40], vec![1; 10]].concat(), 60, 45, false),
            ("daily with one long holiday", [vec![1; 40], vec![40], vec![1; 10]].concat(), 60, 90, true),
            ("two days old", vec![1], 30, 20, false),
            ("two days old", vec![1], 30, 90, true),
            ("one day old", vec![], 30, 90, true),
            ("one day old", vec![], 30, 29, false),
        ] {
            let (g, _) = rested(&gaps);
            assert_eq!(g.bound(), bound, "{name}");
            assert_eq!(g.dormant(gap).is_some(), dormant, "{name} {gap}");
        }
        assert_eq!(Gaps::default().dormant(400), None, "nothing was ever seen");
    }

    #[test]
    fn days_on_which_nothing_could_be_seen_do_not_count() {
        let (g, day) = rested(&[1; 30]);
        assert_eq!(g.gap(Day(day + 40), 0), Some(40));
        assert_eq!(g.gap(Day(day + 40), 39), Some(1));
        assert_eq!(g.gap(Day(day - 5), 0), Some(0));
        let mut late = g.clone();
        late.learn(Day(day - 5), 0, Fixed::ONE, Decay::half_life(60.0));
        assert_eq!(late, g, "a day not after the last one is no gap");
    }

    #[test]
    fn never_used_for_a_month_counts_as_dormant() {
        assert!(!Gaps::unused(Day(0), Day(30)));
        assert!(Gaps::unused(Day(0), Day(31)));
    }

    #[test]
    fn clean_rhythms_are_rarely_dormant() {
        // Protects the promise that p ≤ 0.01 (here even p ≤ 0.02 and the bound) meets a clean identity rarely.
        type Rhythm = fn(&mut Draw) -> u32;
        let rhythms: [(&str, Rhythm); 5] = [
            ("most days", |d| 1 + d.exponential(0.7) as u32),
            ("once a week or so", |d| 1 + d.exponential(6.0) as u32),
            ("three times a month", |d| 1 + d.exponential(10.0) as u32),
            ("heavy tail", |d| d.pareto(1.6) as u32),
            ("monthly", |d| 28 + d.below(4) as u32),
        ];
        for (name, rhythm) in rhythms {
            let (mut looks, mut small) = (0u32, 0u32);
            for seed in 0..40 {
                let (mut draw, mut g, mut day) = (Draw::seeded(seed), Gaps::default(), 0);
                g.learn(Day(0), 0, Fixed::ONE, Decay::half_life(60.0));
                for _ in 0..60 {
                    let gap = rhythm(&mut draw).max(1);
                    day += gap as i32;
                    looks += 1;
                    small += u32::from(g.dormant(gap).is_some());
                    g.learn(Day(day), 0, Fixed::ONE, Decay::half_life(60.0));
                }
            }
            assert!(f64::from(small) <= 0.015 * f64::from(looks), "{name}: {small} of {looks}");
        }
    }
}
