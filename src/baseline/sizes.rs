//! How large something gets on an active day: a decayed log-histogram of daily maxima, a conformal probability inside
//! its range and a Pareto tail beyond it, shrunk to a prior (`detection.md` 2.4). No normality, no Poisson. It must not
//! know what is measured.

use super::P_FLOOR;
use super::fixed::{Decay, Fixed};
use serde::{Deserialize, Serialize};

/// Bins per doubling: about 9 % resolution.
const PER_OCTAVE: f64 = 8.0;
/// Tail index α0 taken for granted before there is a tail to look at.
pub const ALPHA: f64 = 2.0;
/// What that is worth, in days of the tail.
const ALPHA_WEIGHT: f64 = 6.0;
/// Learning grows the maximum by at most this many bins a day (a factor of two) once there are ten days. The double of
/// nothing is no bound: the first size ever is a novelty to whoever judges, and cutting it to one would make the next dozen
/// of a rare job look huge.
const WINSOR_BINS: u16 = 8;

/// The bin of a value: 0 for nothing, else 1 + ⌊8·log2(1 + x)⌋.
pub fn bin(x: u64) -> u16 {
    if x == 0 { 0 } else { 1 + libm::floor(PER_OCTAVE * libm::log2(1.0 + x as f64)) as u16 }
}

/// The smallest value that falls into a bin.
pub fn floor_of(bin: u16) -> f64 {
    if bin == 0 { 0.0 } else { libm::exp2(f64::from(bin - 1) / PER_OCTAVE) - 1.0 }
}

/// Daily maxima of one metric of one profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    bins: Vec<(u16, Fixed)>,
    /// Largest value ever learned, exactly.
    max: u64,
    active: u32,
    /// Largest bin ever wanted by a day that was cut: a second day as large is learned whole.
    peak: u16,
}

impl Sizes {
    /// Active days learned.
    pub fn active_days(&self) -> u32 {
        self.active
    }

    /// Largest value ever learned, before any cap on learning.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// Total decayed weight n.
    pub fn weight(&self) -> f64 {
        self.bins.iter().fold(Fixed::ZERO, |sum, (_, w)| sum.plus(*w)).to_f64()
    }

    /// The value below which a share `q` of the weight lies (lower edge of that bin).
    pub fn quantile(&self, q: f64) -> f64 {
        let all = self.weight();
        let mut below = 0.0;
        for (bin, weight) in &self.bins {
            below += weight.to_f64();
            if below >= q * all {
                return floor_of(*bin);
            }
        }
        0.0
    }

    /// Whether anything above zero was ever seen: without, a size is a novelty, not a size.
    pub fn ever(&self) -> bool {
        self.bins.iter().any(|(bin, _)| *bin > 0)
    }

    /// Probability of a day at least as large as `x`, with the tail prior α0 = 2: see [`Self::p_tail_with`].
    pub fn p_tail(&self, x: u64) -> f64 {
        self.p_tail_with(x, ALPHA)
    }

    /// Probability of a day at least as large as `x` (`detection.md` 2.4): mid-p inside the range,
    /// `(W_above + ½·w_bin + ½)/(n + 1)`; `(½ + ½·w_m)/(n + 1) · exp(−α·(bin − m)·ln2/8)` beyond the largest bin m, α as
    /// [`Self::alpha`] tells, shrunk to `alpha0` (that of peers, 2.17, where there are any).
    pub fn p_tail_with(&self, x: u64, alpha0: f64) -> f64 {
        let at = bin(x);
        let n = self.weight();
        let Some((top, top_weight)) = self.bins.last().map(|(b, w)| (*b, w.to_f64())) else { return 1.0 };
        if at <= top {
            let (mut above, mut same) = (Fixed::ZERO, Fixed::ZERO);
            for (bin, weight) in &self.bins {
                if *bin > at {
                    above = above.plus(*weight);
                } else if *bin == at {
                    same = *weight;
                }
            }
            return ((above.to_f64() + 0.5 * same.to_f64() + 0.5) / (n + 1.0)).clamp(P_FLOOR, 1.0);
        }
        let beyond = f64::from(at - top) * std::f64::consts::LN_2 / PER_OCTAVE;
        ((0.5 + 0.5 * top_weight) / (n + 1.0) * libm::exp(-self.alpha(alpha0) * beyond)).clamp(P_FLOOR, 1.0)
    }

    /// Probability of a day at most as large as `x`, conformal: for what is suspicious when small. Below everything ever
    /// seen there is no tail to lean on, so it is never less than half an observation.
    pub fn p_low(&self, x: u64) -> f64 {
        let at = bin(x);
        let n = self.weight();
        if self.bins.is_empty() {
            return 1.0;
        }
        let (mut below, mut same) = (Fixed::ZERO, Fixed::ZERO);
        for (bin, weight) in &self.bins {
            if *bin < at {
                below = below.plus(*weight);
            } else if *bin == at {
                same = *weight;
            }
        }
        ((below.to_f64() + 0.5 * same.to_f64() + 0.5) / (n + 1.0)).clamp(P_FLOOR, 1.0)
    }

    /// Width of the middle nine tenths of the weight, in bins of an eighth of an octave.
    pub fn spread(&self) -> u16 {
        let all: u64 = self.bins.iter().map(|(_, w)| w.0).fold(0, u64::saturating_add);
        let edge = |twentieths: u128| {
            let (mut below, want) = (0u128, u128::from(all) * twentieths);
            self.bins.iter().find(|(_, w)| {
                below += u128::from(w.0) * 20;
                below >= want
            })
        };
        let (low, high) = (edge(1), edge(19));
        low.zip(high).map_or(0, |(l, h)| h.0 - l.0)
    }

    /// The tail index α: the Hill estimate over the top max(5, 10 %) of the weight, shrunk to `alpha0` with weight 6,
    /// `(W_top + 6)/(W_top·h̄ + 6/α0)`, clipped to [0.8, 8]. Bins are taken whole, each at its middle, so that a past of one
    /// number has the steepest tail there is; days with nothing have no place on a log scale and are left out.
    pub fn alpha(&self, alpha0: f64) -> f64 {
        let want = (self.weight() * 0.1).max(5.0);
        let mut taken = 0.0;
        let mut parts: Vec<(u16, f64)> = Vec::new();
        for (bin, weight) in self.bins.iter().rev() {
            if taken >= want || *bin == 0 {
                break;
            }
            parts.push((*bin, weight.to_f64()));
            taken += weight.to_f64();
        }
        let lowest = parts.last().map_or(0, |(bin, _)| *bin);
        let excess: f64 = parts.iter().map(|(bin, w)| (f64::from(bin - lowest) + 0.5) * std::f64::consts::LN_2 / PER_OCTAVE * w).sum();
        ((taken + ALPHA_WEIGHT) / (excess + ALPHA_WEIGHT / alpha0.clamp(0.8, 8.0))).clamp(0.8, 8.0)
    }

    /// Whether the past is nearly one number: a smaller ratio then already matters.
    pub fn is_tight(&self) -> bool {
        self.active >= 30 && self.quantile(0.95) <= self.quantile(0.5) * 1.1 + 1.0
    }

    /// Learns an active day's largest value.
    pub fn learn(&mut self, x: u64, weight: Fixed, decay: Decay) {
        let mut at = bin(x);
        let most = self.bins.last().filter(|_| self.active >= 10 && self.ever()).map(|(top, _)| *top + WINSOR_BINS);
        if let Some(most) = most.filter(|most| at > *most) {
            // A rare large job is no growth: what two learned days showed is taken as it is.
            let seen = self.peak;
            self.peak = seen.max(at);
            at = at.min(seen).max(most);
        }
        for (_, w) in &mut self.bins {
            *w = decay.age(*w);
        }
        match self.bins.binary_search_by_key(&at, |(b, _)| *b) {
            Ok(i) => {
                if let Some((_, w)) = self.bins.get_mut(i) {
                    *w = w.plus(weight);
                }
            }
            Err(i) => self.bins.insert(i, (at, weight)),
        }
        // A bin worth less than a hundredth of a day carries no quantile any more.
        self.bins.retain(|(_, w)| w.0 > Fixed::ONE.0 / 100);
        self.max = self.max.max(x);
        self.active += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::Draw;
    use super::*;
    use proptest::prelude::*;

    fn learned(values: &[u64]) -> Sizes {
        let mut s = Sizes::default();
        for v in values {
            s.learn(*v, Fixed::ONE, Decay::half_life(60.0));
        }
        s
    }

    #[test]
    fn bins_are_an_eighth_of_an_octave() {
        for (x, b) in [(0, 0), (1, 9), (3, 17), (7, 25), (1023, 81)] {
            assert_eq!(bin(x), b, "{x}");
        }
        assert!((floor_of(bin(1023)) - 1023.0).abs() < 1e-6);
    }

    #[test]
    fn inside_the_range_the_probability_is_the_rank() {
        let s = learned(&(1..=100).map(|i| i * 10).collect::<Vec<_>>());
        let p = s.p_tail(500);
        assert!((0.3..0.8).contains(&p), "{p}");
        assert!(s.p_tail(10) > 0.9);
    }

    #[test]
    fn beyond_the_range_it_falls_and_never_rises() {
        let s = learned(&[90, 100, 110, 95, 105, 100, 98, 102, 99, 101]);
        let mut last = 1.0;
        for x in [120, 200, 400, 1_000, 10_000, 1_000_000] {
            let p = s.p_tail(x);
            assert!(p <= last, "{x}: {p} after {last}");
            last = p;
        }
        assert!(last < 1e-5);
    }

    #[test]
    fn one_huge_day_moves_the_maximum_by_a_doubling_only() {
        let mut s = learned(&[100; 20]);
        s.learn(1_000_000, Fixed::ONE, Decay::half_life(60.0));
        assert!(s.p_tail(10_000) < 1e-2);
        assert_eq!(s.max(), 1_000_000);
    }

    #[test]
    fn the_first_size_ever_is_learned_as_it_is() {
        let mut past = vec![0; 20];
        past.push(5_000);
        let s = learned(&past);
        assert!(s.p_tail(5_000) > 0.02 && s.p_tail(50_000) < 0.01, "{} {}", s.p_tail(5_000), s.p_tail(50_000));
    }

    #[test]
    fn nothing_ever_seen_is_no_size() {
        assert!(!learned(&[0; 20]).ever());
        assert!(learned(&[0, 5]).ever());
        assert_eq!(Sizes::default().p_tail(5), 1.0);
    }

    #[test]
    fn the_tail_by_hand() {
        // Twenty days of 100 without ageing: n = 20, bin(100) = 54, bin(200) = 62; W_top = 20, h̄ = ½·ln 2/8.
        // α = 26/(20·0.043322 + 6/α0); p(200) = (½ + 10)/21 · 2^(−α).
        let mut s = Sizes::default();
        for _ in 0..20 {
            s.learn(100, Fixed::ONE, Decay::half_life(1e12));
        }
        for (alpha0, alpha) in [(2.0, 26.0 / 3.866_434), (1.0, 26.0 / 6.866_434), (0.0, 26.0 / 8.366_434), (4.0, 8.0), (100.0, 8.0)] {
            assert!((s.alpha(alpha0) - alpha).abs() < 1e-6, "{alpha0}: {}", s.alpha(alpha0));
            let p = 0.5 * libm::exp2(-alpha);
            assert!((s.p_tail_with(200, alpha0) - p).abs() < 1e-6, "{alpha0}");
        }
        assert_eq!(s.p_tail(200), s.p_tail_with(200, ALPHA));
        assert!((s.p_tail(100) - 0.5).abs() < 1e-6);
        assert!((s.p_low(100) - 0.5).abs() < 1e-6);
        assert!((s.p_low(50) - 0.5 / 21.0).abs() < 1e-6);
        assert!((s.p_low(200) - 20.5 / 21.0).abs() < 1e-6);
        assert_eq!(s.spread(), 0);
    }

    #[test]
    fn spread_is_the_middle_nine_tenths() {
        assert_eq!(Sizes::default().spread(), 0);
        let mut s = Sizes::default();
        for _ in 0..10 {
            s.learn(100, Fixed::ONE, Decay::half_life(1e12));
            s.learn(200, Fixed::ONE, Decay::half_life(1e12));
        }
        assert_eq!(s.spread(), bin(200) - bin(100));
    }

    #[test]
    fn clean_processes_are_rarely_large() {
        // Protects the promise of a p-value on shapes clean traffic has; the first ten days are learned only.
        type Shape = fn(&mut Draw, u32) -> u64;
        let shapes: [(&str, Shape); 9] = [
            ("cron", |_, _| 1_200),
            ("Poisson", |d, _| d.poisson(40.0)),
            ("over-dispersed", |d, _| {
                let mean = d.exponential(20.0) + d.exponential(20.0);
                d.poisson(mean)
            }),
            ("log-normal", |d, _| (400.0 * libm::exp(d.normal())) as u64),
            ("Pareto 1.6", |d, _| (100.0 * d.pareto(1.6)) as u64),
            ("bursty", |d, _| if d.uniform() < 0.1 { 200 + d.below(200) } else { 50 + d.below(50) }),
            ("monthly", |_, day| if day % 30 == 3 { 80_000 } else { 100 }),
            ("mostly nothing", |d, _| if d.uniform() < 0.3 { 1 + d.poisson(3.0) } else { 0 }),
            ("rarely a lot", |d, _| if d.uniform() < 0.1 { (5_000.0 * libm::exp(d.normal())) as u64 } else { 0 }),
        ];
        for (name, shape) in shapes {
            let (mut looks, mut rare, mut rarer) = (0u32, 0u32, 0u32);
            for seed in 0..40 {
                let (mut draw, mut s) = (Draw::seeded(seed), Sizes::default());
                for day in 0..150 {
                    let x = shape(&mut draw, day);
                    if day >= 10 && s.ever() {
                        looks += 1;
                        rare += u32::from(s.p_tail(x) <= 0.01);
                        rarer += u32::from(s.p_tail(x) <= 0.001);
                    }
                    s.learn(x, Fixed::ONE, Decay::half_life(60.0));
                }
            }
            assert!(f64::from(rare) <= 0.015 * f64::from(looks), "{name}: {rare} of {looks}");
            assert!(f64::from(rarer) <= 0.002_5 * f64::from(looks), "{name}: {rarer} of {looks}");
        }
    }

    proptest! {
        #[test]
        fn a_larger_value_is_never_less_surprising(past in proptest::collection::vec(0u64..1_000_000, 1..60), a: u64, b: u64) {
            let s = learned(&past);
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(s.p_tail(high) <= s.p_tail(low) + 1e-12);
            prop_assert!(s.p_low(high) + 1e-12 >= s.p_low(low));
            prop_assert!((0.8..=8.0).contains(&s.alpha(ALPHA)));
        }
    }
}
