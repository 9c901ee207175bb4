//! Zipf's law over a few ranks, drawn by its cumulative weights. It must not know what the ranks stand for.

use crate::world::chance::Chance;

/// Ranks 0, 1, … with weights 1/(rank + 1)^s.
pub(super) struct Zipf(Vec<f64>);

impl Zipf {
    /// Over `n` ranks with exponent `s`.
    pub(super) fn new(n: usize, s: f64) -> Self {
        let mut sum = 0.0;
        let sums = (1..=n).map(|rank| {
            sum += libm::pow(rank as f64, -s);
            sum
        });
        Self(sums.collect())
    }

    /// A rank.
    pub(super) fn draw(&self, chance: &mut Chance) -> usize {
        let all = self.0.last().copied().unwrap_or(0.0);
        let at = chance.unit() * all;
        self.0.partition_point(|sum| *sum <= at).min(self.0.len().saturating_sub(1))
    }

    /// `count` distinct ranks, the frequent ones first where they are drawn first; at most all there are.
    pub(super) fn distinct(&self, chance: &mut Chance, count: usize) -> Vec<usize> {
        let mut out: Vec<usize> = Vec::with_capacity(count);
        let count = count.min(self.0.len());
        while out.len() < count {
            let rank = self.draw(chance);
            if !out.contains(&rank) {
                out.push(rank);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rank_is_twice_as_frequent_as_the_second() {
        let zipf = Zipf::new(20, 1.0);
        let mut chance = Chance::of(1, 2, 3, 4);
        let mut counts = [0u32; 20];
        for _ in 0..20_000 {
            counts[zipf.draw(&mut chance)] += 1;
        }
        let ratio = f64::from(counts[0]) / f64::from(counts[1]);
        assert!((1.8..2.2).contains(&ratio), "{counts:?}");
        assert!(counts[19] > 0);
        let mut some = zipf.distinct(&mut chance, 20);
        some.sort_unstable();
        assert_eq!(some, (0..20).collect::<Vec<_>>());
    }
}
