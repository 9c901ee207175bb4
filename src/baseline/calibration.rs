//! From a sum of bans to the share of clean identity-days that reach it (`detection.md` 2.14): a histogram of what clean
//! days show, an exponential tail beyond its 95th percentile, both shrunk to what the settings assume. It must not know
//! what the sum is made of, nor what is done with the answer.
//!
//! Two things are kept apart. [`Calibration`] is the state: exact integers, changed by every day. [`Curve`] is what
//! decides: coarse and rounded (u to a twentieth of a ban, τ to a tenth, a point of the table every fifth), so that one
//! identity-day more or less, or a restated one, leaves its bytes as they were nearly always, and nothing that rests on it
//! has to be folded again. Compare curves, never states.

use super::fixed::{Decay, Fixed};
use serde::{Deserialize, Serialize};

/// Bins per ban.
const PER_BAN: f64 = 20.0;
/// Bins in all: twelve bans, the last one holds everything above.
const BINS: usize = 241;
/// Bins between two points of the table of a curve.
const STRIDE: u16 = 4;
/// Bans of probability at u: −log10 0.05.
const AT_U: f64 = 1.301_029_995_663_981_2;
/// Identity-days the assumed u is worth, and exceedances the assumed mean excess is worth.
const DAYS: f64 = 200.0;
const EXCESSES: f64 = 20.0;
/// Where the assumed tail begins and its mean excess, in bans.
const U: f64 = 1.6;
const EXCESS: f64 = 0.52;
/// Bounds of τ, bans of the sum per decade of probability.
const TAU: (f64, f64) = (0.6, 3.0);
/// A calibrated value never exceeds this.
const CAP: f64 = 6.0;
/// Days of the tenant after which a day counts half.
const HALF_LIFE: f64 = 30.0;

/// Counts of identity-days by the largest sum of bans of the day, in twentieths of a ban.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Levels {
    /// Up to the highest bin in use.
    bins: Vec<Fixed>,
}

impl Levels {
    /// Counts a clean identity-day by its largest sum; below zero counts as zero. In any order.
    pub fn add(&mut self, bans: f64) {
        let bin = ((bans.max(0.0) * PER_BAN) as usize).min(BINS - 1);
        if self.bins.len() <= bin {
            self.bins.resize(bin + 1, Fixed::ZERO);
        }
        if let Some(n) = self.bins.get_mut(bin) {
            *n = n.plus(Fixed::ONE);
        }
    }

    /// Adds what another counted.
    pub fn merge(&mut self, other: &Self) {
        if self.bins.len() < other.bins.len() {
            self.bins.resize(other.bins.len(), Fixed::ZERO);
        }
        for (own, theirs) in self.bins.iter_mut().zip(&other.bins) {
            *own = own.plus(*theirs);
        }
    }

    /// Ages every count by one day.
    pub fn age(&mut self, decay: Decay) {
        for n in &mut self.bins {
            *n = decay.age(*n);
        }
        while self.bins.last().is_some_and(|n| n.0 < Fixed::ONE.0 >> 20) {
            self.bins.pop();
        }
    }

    /// Identity-days, decayed.
    pub fn weight(&self) -> f64 {
        self.bins.iter().fold(Fixed::ZERO, |sum, n| sum.plus(*n)).to_f64()
    }

    /// Upper edge of the bin below which 95 % of the identity-days lie, in bans; 0 of none.
    pub fn q95(&self) -> f64 {
        let all: u128 = self.bins.iter().map(|n| u128::from(n.0)).sum();
        let mut below = 0;
        let at = self.bins.iter().position(|n| {
            below += u128::from(n.0) * 20;
            all > 0 && below >= all * 19
        });
        at.map_or(0.0, |bin| if bin == 0 { 0.0 } else { (bin + 1) as f64 / PER_BAN })
    }

    /// Number of identity-days above a level and the sum of what they exceed it by, each at the middle of its bin.
    fn above(&self, level: f64) -> (f64, f64) {
        self.bins.iter().enumerate().fold((0.0, 0.0), |(n, excess), (bin, weight)| {
            let over = (bin as f64 + 0.5) / PER_BAN - level;
            if over > 0.0 { (n + weight.to_f64(), excess + weight.to_f64() * over) } else { (n, excess) }
        })
    }

    /// Identity-days at or above a level, the bin it falls into by the part that lies above.
    fn reaching(&self, level: f64) -> f64 {
        let at = level.max(0.0) * PER_BAN;
        let part = |bin: usize| ((bin + 1) as f64 - at).clamp(0.0, 1.0);
        // Days that show nothing at all lie at zero, not spread over the first bin.
        self.bins.iter().enumerate().map(|(bin, n)| n.to_f64() * if bin == 0 && at > 0.0 { 0.0 } else { part(bin) }).sum()
    }
}

/// The calibration of a tenant: clean identity-days of the past, with a half-life of thirty days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibration {
    levels: Levels,
}

impl Calibration {
    /// Closes a day of the tenant: the past ages, the day's clean identity-days are added. A day without any ages nothing.
    pub fn close(&mut self, day: &Levels) {
        if day.bins.is_empty() {
            return;
        }
        self.levels.age(Decay::half_life(HALF_LIFE));
        self.levels.merge(day);
    }

    /// Clean identity-days behind it, decayed.
    pub fn weight(&self) -> f64 {
        self.levels.weight()
    }

    /// The curve that follows, rounded: `u = (n·q95 + 200·1.6)/(n + 200)`, `m = (Σ(L − u)₊ + 20·0.52)/(n_exc + 20)`,
    /// `τ = clip(m·ln 10, 0.6, 3.0)`. Up to u the empirical tail, mixed with 200 days of the straight line that the settings
    /// assume, is tabulated.
    pub fn curve(&self) -> Curve {
        let n = self.levels.weight();
        let twentieths = |x: f64| libm::round(x * PER_BAN) as u16;
        let u = twentieths((n * self.levels.q95() + DAYS * U) / (n + DAYS)).max(1);
        let start = f64::from(u) / PER_BAN;
        let (over, excess) = self.levels.above(start);
        let mean = (excess + EXCESSES * EXCESS) / (over + EXCESSES);
        let tau = libm::round((mean * std::f64::consts::LN_10).clamp(TAU.0, TAU.1) * 10.0) as u16;
        let mut last = 0u8;
        let head = (0..=u.div_ceil(STRIDE))
            .map(|point| {
                let level = f64::from((point * STRIDE).min(u)) / PER_BAN;
                let assumed = libm::pow(10.0, -AT_U * level / start);
                let tail = (self.levels.reaching(level) + DAYS * assumed) / (n + DAYS);
                // A larger sum is never more usual, and up to u nothing is rarer than one day in twenty.
                last = last.max(twentieths((-libm::log10(tail.min(1.0))).clamp(0.0, AT_U)) as u8);
                last
            })
            .collect();
        Curve { u, tau, head }
    }
}

/// From a sum of bans to calibrated bans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Curve {
    /// In twentieths of a ban.
    u: u16,
    /// In tenths.
    tau: u16,
    /// Calibrated bans, in twentieths, at every fifth of a ban and at u.
    head: Vec<u8>,
}

impl Default for Curve {
    /// What the settings assume before any clean day was counted.
    fn default() -> Self {
        Calibration::default().curve()
    }
}

impl Curve {
    /// u: the sum one clean identity-day in twenty exceeds, in bans.
    pub fn start(&self) -> f64 {
        f64::from(self.u) / PER_BAN
    }

    /// τ: bans of the sum per decade of probability beyond u.
    pub fn scale(&self) -> f64 {
        f64::from(self.tau) / 10.0
    }

    /// Calibrated bans A of a sum: −log10 of the share of clean identity-days that reach it; by the table up to u, by
    /// 1.30 + (L − u)/τ beyond, at most 6. `shift` is that of the identity ([`Self::shift`]), 0 for none.
    pub fn calibrate(&self, sum: f64, shift: f64) -> f64 {
        let level = sum - shift.max(0.0);
        if level <= 0.0 {
            return 0.0;
        }
        if level > self.start() {
            return (AT_U + (level - self.start()) / self.scale()).min(CAP);
        }
        let at = level * PER_BAN;
        let point = at as u16 / STRIDE;
        let value = |point: u16| self.head.get(usize::from(point)).or(self.head.last()).map_or(0.0, |a| f64::from(*a) / PER_BAN);
        let (from, to) = (f64::from(point * STRIDE), f64::from(((point + 1) * STRIDE).min(self.u)));
        let part = if to > from { ((at - from) / (to - from)).min(1.0) } else { 0.0 };
        value(point) + (value(point + 1) - value(point)) * part
    }

    /// The sum at which a calibrated value beyond 1.30 is reached, for saying what an identity would need.
    pub fn sum_at(&self, calibrated: f64) -> f64 {
        self.start() + (calibrated.min(CAP) - AT_U).max(0.0) * self.scale()
    }

    /// How much later the tail of a noisy identity begins, in bans: `clip(½·(q95_i − u)·n_i/(n_i + 60), 0, 1)`, to a
    /// twentieth. A quiet identity gains nothing.
    pub fn shift(&self, own: &Levels) -> f64 {
        let n = own.weight();
        let shift = (0.5 * (own.q95() - self.start()) * n / (n + 60.0)).clamp(0.0, 1.0);
        libm::round(shift * PER_BAN) / PER_BAN
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::Draw;
    use super::*;
    use proptest::prelude::*;

    fn day(sums: &[f64]) -> Levels {
        let mut levels = Levels::default();
        for s in sums {
            levels.add(*s);
        }
        levels
    }

    #[test]
    fn before_any_day_the_curve_is_what_the_settings_assume() {
        let curve = Curve::default();
        assert_eq!((curve.start(), curve.scale()), (1.6, 1.2));
        for (sum, calibrated) in [(-1.0, 0.0), (0.0, 0.0), (0.8, 0.65), (1.6, 1.30), (2.8, 2.30), (4.0, 3.30), (40.0, 6.0)] {
            assert!((curve.calibrate(sum, 0.0) - calibrated).abs() <= 0.03, "{sum}: {}", curve.calibrate(sum, 0.0));
        }
        assert!((curve.sum_at(2.301) - 2.8).abs() < 1e-3);
    }

    #[test]
    fn u_and_tau_by_hand() {
        // 190 days at 0, 10 at 2.02 (bin 40, middle 2.025): n = 200, q95 = 0 → u = (0 + 320)/400 = 0.8;
        // m = (10·1.225 + 10.4)/30 = 0.755; τ = 1.73847 → 1.7.
        let sums: Vec<f64> = (0..200).map(|i| if i < 190 { 0.0 } else { 2.02 }).collect();
        let mut c = Calibration::default();
        c.close(&day(&sums));
        let curve = c.curve();
        assert!((curve.start() - 0.8).abs() < 1e-9 && (curve.scale() - 1.7).abs() < 1e-9, "{} {}", curve.start(), curve.scale());
        // At 0.4: (10 + 200·10^(−0.6505))/400 = 0.1368 → 0.864 bans → 0.85.
        assert!((curve.calibrate(0.4, 0.0) - 0.85).abs() < 1e-9, "{}", curve.calibrate(0.4, 0.0));
        assert!((curve.calibrate(2.5, 0.0) - (AT_U + 1.0)).abs() < 1e-9);
        assert!((curve.calibrate(3.0, 0.5) - (AT_U + 1.0)).abs() < 1e-9);
    }

    #[test]
    fn a_noisy_identity_pays_a_little_and_a_quiet_one_gains_nothing() {
        let curve = Curve::default();
        assert_eq!(curve.shift(&Levels::default()), 0.0);
        assert_eq!(curve.shift(&day(&[0.0; 60])), 0.0);
        // q95 = 2.65 of 60 days: ½·1.05·½ = 0.2625 → 0.25.
        assert!((curve.shift(&day(&[2.62; 60])) - 0.25).abs() < 1e-9);
        assert_eq!(curve.shift(&day(&[9.0; 500])), 1.0);
    }

    #[test]
    fn a_half_life_is_thirty_days_of_the_tenant_and_an_empty_day_is_none() {
        let mut c = Calibration::default();
        c.close(&day(&[1.0; 100]));
        let before = c.clone();
        c.close(&Levels::default());
        assert_eq!(c, before);
        for _ in 0..30 {
            c.close(&day(&[0.0]));
        }
        assert!((c.levels.above(0.5).0 - 50.0).abs() < 1e-3);
    }

    #[test]
    fn the_rate_that_is_promised_is_met() {
        // Protects the budget: tail shapes of clean sums, learned over forty days, then 7,500 test days each.
        type Shape = fn(&mut Draw) -> f64;
        let shapes: [(&str, Shape); 4] = [
            ("exponential", |d| d.exponential(0.55)),
            ("mostly nothing", |d| if d.uniform() < 0.8 { 0.0 } else { d.exponential(0.6) }),
            ("two kinds of identity", |d| if d.uniform() < 0.9 { d.exponential(0.3) } else { d.exponential(0.8) }),
            ("light tail", |d| 0.8 * d.normal().abs()),
        ];
        for (name, shape) in shapes {
            let mut draw = Draw::seeded(7);
            let mut c = Calibration::default();
            for _ in 0..40 {
                let sums: Vec<f64> = (0..120).map(|_| shape(&mut draw)).collect();
                c.close(&day(&sums));
            }
            let curve = c.curve();
            let tested: Vec<f64> = (0..30_000).map(|_| curve.calibrate(shape(&mut draw), 0.0)).collect();
            for (nominal, least, most) in [(1e-2, 0.1, 1.6), (3e-3, 0.0, 1.6), (1e-3, 0.0, 1.8)] {
                let got = tested.iter().filter(|a| **a >= -libm::log10(nominal)).count() as f64 / tested.len() as f64;
                assert!((least..=most).contains(&(got / nominal)), "{name}: {got} for {nominal}");
            }
        }
    }

    #[test]
    fn one_identity_day_more_leaves_the_curve_as_it_was() {
        let mut draw = Draw::seeded(3);
        let days: Vec<Vec<f64>> = (0..40).map(|_| (0..300).map(|_| draw.exponential(0.5)).collect()).collect();
        let close = |extra: Option<(usize, f64)>| {
            let mut c = Calibration::default();
            for (i, sums) in days.iter().enumerate() {
                let mut levels = day(sums);
                if let Some((_, sum)) = extra.filter(|(at, _)| *at == i) {
                    levels.add(sum);
                }
                c.close(&levels);
            }
            c
        };
        let plain = close(None);
        let same = (0..40).filter(|i| close(Some((*i, 0.1 * *i as f64))).curve() == plain.curve()).count();
        assert!(same >= 36, "{same} of 40");
        assert_ne!(close(Some((3, 1.0))), plain, "the state is exact");
        assert!(postcard::to_stdvec(&plain.curve()).unwrap().len() < 24);
    }

    proptest! {
        #[test]
        fn a_larger_sum_is_never_more_usual(sums in proptest::collection::vec(-1.0f64..15.0, 0..300), a in 0.0f64..15.0, b in 0.0f64..15.0) {
            let mut c = Calibration::default();
            c.close(&day(&sums));
            let curve = c.curve();
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(curve.calibrate(low, 0.0) <= curve.calibrate(high, 0.0) + 1e-12);
            prop_assert!((0.0..=CAP).contains(&curve.calibrate(high, 0.0)));
            prop_assert!(curve.calibrate(high, 0.5) <= curve.calibrate(high, 0.0));
        }

        #[test]
        fn the_order_of_identities_changes_nothing(mut sums in proptest::collection::vec(0.0f64..15.0, 1..60), by in 0usize..60, cut in 0usize..60) {
            let whole = day(&sums);
            let cut = cut % sums.len();
            let mut parts = day(&sums[cut..]);
            parts.merge(&day(&sums[..cut]));
            prop_assert_eq!(&whole, &parts);
            let by = by % sums.len();
            sums.rotate_left(by);
            prop_assert_eq!(whole, day(&sums));
        }
    }
}
