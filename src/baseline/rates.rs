//! How often calls fail: a beta–binomial with day-weighted, bounded memory (`detection.md` 2.7). A service that fails
//! 124 times an hour for weeks is usual; it must not know whether that is good.

use super::P_FLOOR;
use serde::{Deserialize, Serialize};

/// Memory of the failure rate in pseudo-calls: a + b never exceeds it.
const MEMORY: f64 = 50.0;

/// Failure rate of past active days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Failures {
    /// Sum of daily failure shares in 2⁻³² units, decayed so that it never exceeds fifty days.
    share: u64,
    /// Days behind it, same unit.
    days: u64,
}

impl Failures {
    /// Learns one active day with `failed` of `calls` failing.
    pub fn learn(&mut self, failed: u64, calls: u64) {
        if calls == 0 {
            return;
        }
        let one = 1u64 << 32;
        if self.days >= (MEMORY as u64) * one {
            self.share -= self.share / MEMORY as u64;
            self.days -= self.days / MEMORY as u64;
        }
        self.share += (u128::from(failed.min(calls)) * u128::from(one) / u128::from(calls)) as u64;
        self.days += one;
    }

    /// Usual share of failing calls; `None` before anything was learned.
    pub fn rate(&self) -> Option<f64> {
        (self.days > 0).then(|| self.share as f64 / self.days as f64)
    }

    /// Probability that `failed` or more of `calls` fail: the exact upper tail of the beta–binomial with
    /// a = ½ + Σ share, b = ½ + Σ (1 − share).
    pub fn p_tail(&self, failed: u64, calls: u64) -> f64 {
        if failed == 0 || calls == 0 {
            return 1.0;
        }
        let unit = 4_294_967_296.0;
        let a = 0.5 + self.share as f64 / unit;
        let b = 0.5 + (self.days.saturating_sub(self.share)) as f64 / unit;
        // Beyond a few thousand calls the rate, not the count, decides: scale down, keeping the share.
        let (k, n) = if calls > 2_000 { ((failed as f64 * 2_000.0 / calls as f64) as u64, 2_000) } else { (failed.min(calls), calls) };
        let ln_beta = |x: f64, y: f64| libm::lgamma(x) + libm::lgamma(y) - libm::lgamma(x + y);
        let base = ln_beta(a, b);
        let (nf, mut p) = (n as f64, 0.0);
        for i in k..=n {
            let x = i as f64;
            let choose = libm::lgamma(nf + 1.0) - libm::lgamma(x + 1.0) - libm::lgamma(nf - x + 1.0);
            p += libm::exp(choose + ln_beta(x + a, nf - x + b) - base);
        }
        p.clamp(P_FLOOR, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_always_fails_is_usual_and_one_that_never_did_is_not() {
        let (mut bad, mut good) = (Failures::default(), Failures::default());
        for _ in 0..30 {
            bad.learn(2_976, 2_976);
            good.learn(0, 500);
        }
        assert!(bad.p_tail(2_900, 2_976) > 0.5);
        assert!(good.p_tail(60, 500) < 0.01);
        assert!(good.p_tail(60, 500) > good.p_tail(200, 500));
    }

    #[test]
    fn the_tail_of_a_uniform_prior_is_uniform() {
        // a = b = ½ (arcsine): P(K ≥ n) of one call = ½.
        assert!((Failures::default().p_tail(1, 1) - 0.5).abs() < 1e-9);
        assert_eq!(Failures::default().p_tail(0, 10), 1.0);
    }

    #[test]
    fn memory_is_bounded() {
        let mut f = Failures::default();
        for _ in 0..500 {
            f.learn(1, 2);
        }
        assert!(f.days <= 51 << 32);
        assert!((f.rate().unwrap() - 0.5).abs() < 0.01);
    }
}
