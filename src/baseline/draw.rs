//! Seeded draws for the tests of this floor: clean processes on which a probability must not be small too often.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Draws from one seed.
pub struct Draw(ChaCha8Rng);

impl Draw {
    pub fn seeded(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Uniform whole number in [0, n).
    pub fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n.max(1)
    }

    /// Standard normal (Box–Muller).
    pub fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.uniform(), self.uniform());
        libm::sqrt(-2.0 * libm::log(u)) * libm::cos(std::f64::consts::TAU * v)
    }

    /// Exponential with a mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.uniform())
    }

    /// Pareto with scale 1 and an index.
    pub fn pareto(&mut self, index: f64) -> f64 {
        libm::pow(1.0 - self.uniform(), -1.0 / index)
    }

    /// Poisson, by counting exponential gaps.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        let (mut n, mut t) = (0, self.exponential(1.0));
        while t < mean {
            n += 1;
            t += self.exponential(1.0);
        }
        n
    }
}
