//! Fixed-point weights with 32 fractional bits and the decay that ages them. Integers add up the same in every order;
//! that is the whole reason for this file.

use serde::{Deserialize, Serialize};

/// A weight ≥ 0 in units of 2⁻³².
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fixed(pub u64);

impl Fixed {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One active day, fresh.
    pub const ONE: Self = Self(1 << 32);

    /// The nearest weight to a non-negative number.
    pub fn from_f64(x: f64) -> Self {
        Self(libm::round(x.max(0.0) * 4_294_967_296.0) as u64)
    }

    /// As a number.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 4_294_967_296.0
    }

    /// The sum, saturating.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, never below zero.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// This weight times a fraction in 2⁻³² units, rounded down.
    #[must_use]
    pub fn times(self, fraction: Self) -> Self {
        Self(((u128::from(self.0) * u128::from(fraction.0)) >> 32) as u64)
    }
}

/// How a weight ages per active day: it halves in `half_life` active days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decay(Fixed);

impl Decay {
    /// The decay with a half-life in active days.
    pub fn half_life(days: f64) -> Self {
        Self(Fixed::from_f64(libm::exp2(-1.0 / days.max(1e-9))))
    }

    /// A weight one active day later.
    #[must_use]
    pub fn age(self, weight: Fixed) -> Fixed {
        weight.times(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_halves_in_its_half_life() {
        let decay = Decay::half_life(90.0);
        let mut w = Fixed::from_f64(8.0);
        for _ in 0..90 {
            w = decay.age(w);
        }
        assert!((w.to_f64() - 4.0).abs() < 1e-6, "{}", w.to_f64());
    }

    #[test]
    fn sums_saturate_and_never_go_below_zero() {
        assert_eq!(Fixed(u64::MAX).plus(Fixed::ONE), Fixed(u64::MAX));
        assert_eq!(Fixed::ZERO.minus(Fixed::ONE), Fixed::ZERO);
        assert_eq!(Fixed::from_f64(-3.0), Fixed::ZERO);
    }
}
