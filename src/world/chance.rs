//! Seeded chance: one `ChaCha8` stream per (seed, what, who, when), so that any day of any identity can be drawn alone and
//! on any thread. Logarithms come from `libm`: the same bytes on every machine. It must not know a clock or an identity.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

const HEX: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const MIXED: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789AE";

/// A stream of draws.
pub(super) struct Chance {
    rng: ChaCha8Rng,
}

impl Chance {
    /// The stream of `seed` for three coordinates (what is drawn, for whom, when). Equal arguments give equal streams.
    pub(super) fn of(seed: u64, what: u64, who: u64, when: u64) -> Self {
        let mut key = [0u8; 32];
        for (part, value) in key.chunks_exact_mut(8).zip([seed, what, who, when]) {
            part.copy_from_slice(&value.to_le_bytes());
        }
        Self { rng: ChaCha8Rng::from_seed(key) }
    }

    /// Any 64 bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// A whole number below `n` (0 for `n` = 0), by the high half of a product: the bias is below 2⁻⁴⁰ for the sizes here.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// A whole number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// From 0 up to but not including 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with probability `p`.
    pub(super) fn happens(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Normal with this mean and deviation (Box–Muller).
    pub(super) fn normal(&mut self, mean: f64, deviation: f64) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        mean + deviation * radius * libm::cos(std::f64::consts::TAU * self.unit())
    }

    /// exp(N(mu, sigma)).
    pub(super) fn lognormal(&mut self, mu: f64, sigma: f64) -> f64 {
        libm::exp(self.normal(mu, sigma))
    }

    /// Exponential with this mean.
    pub(super) fn wait(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.unit())
    }

    /// One of the items; they must not be empty.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// Rank below `n` with falling frequency: squaring a uniform draw puts half of the mass on the first quarter.
    pub(super) fn rank(&mut self, n: u64) -> u64 {
        let u = self.unit();
        (u * u * n as f64) as u64
    }

    fn letters<const N: usize>(&mut self, alphabet: &[u8], bits: u32) -> [u8; N] {
        let mut out = [0u8; N];
        let mask = (1u64 << bits) - 1;
        let per_word = (64 / bits) as usize;
        for part in out.chunks_mut(per_word) {
            let mut word = self.bits();
            for byte in part {
                *byte = alphabet[(word & mask) as usize];
                word >>= bits;
            }
        }
        out
    }

    /// Lower-case hexadecimal digits.
    pub(super) fn hex<const N: usize>(&mut self) -> Ascii<N> {
        Ascii(self.letters(HEX, 4))
    }

    /// Upper-case letters and digits 2–7, as in access key ids.
    pub(super) fn upper<const N: usize>(&mut self) -> Ascii<N> {
        Ascii(self.letters(UPPER, 5))
    }

    /// Letters and digits.
    pub(super) fn mixed<const N: usize>(&mut self) -> Ascii<N> {
        Ascii(self.letters(MIXED, 6))
    }

    /// A version 4 UUID.
    pub(super) fn uuid(&mut self) -> Ascii<36> {
        let mut out: [u8; 36] = self.letters(HEX, 4);
        for dash in [8, 13, 18, 23] {
            out[dash] = b'-';
        }
        out[14] = b'4';
        out[19] = HEX[8 + (out[19] & 3) as usize];
        Ascii(out)
    }
}

/// Drawn text: ASCII by construction.
#[derive(Clone, Copy)]
pub(super) struct Ascii<const N: usize>([u8; N]);

impl<const N: usize> Ascii<N> {
    /// As text.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl<const N: usize> std::fmt::Display for Ascii<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_coordinates_give_equal_draws_and_any_other_coordinate_does_not() {
        let first = |a, b, c, d| Chance::of(a, b, c, d).bits();
        assert_eq!(first(1, 2, 3, 4), first(1, 2, 3, 4));
        for other in [(2, 2, 3, 4), (1, 3, 3, 4), (1, 2, 4, 4), (1, 2, 3, 5)] {
            assert_ne!(first(1, 2, 3, 4), first(other.0, other.1, other.2, other.3));
        }
    }

    #[test]
    fn draws_stay_in_their_bounds() {
        let mut chance = Chance::of(7, 0, 0, 0);
        let mut sum = 0.0;
        for _ in 0..10_000 {
            assert!((3..=9).contains(&chance.between(3, 9)));
            assert!(chance.rank(5) < 5);
            sum += chance.normal(2.0, 1.0);
        }
        assert!((sum / 10_000.0 - 2.0).abs() < 0.05, "{sum}");
        assert_eq!(chance.below(0), 0);
    }

    #[test]
    fn a_uuid_looks_like_one() {
        let uuid = Chance::of(1, 1, 1, 1).uuid();
        let parts: Vec<usize> = uuid.as_str().split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(uuid.as_str().as_bytes()[14], b'4');
    }
}
