//! Which values a dimension has shown, counted in active days, and how surprising a new or a rare one is
//! (`detection.md` 2.3). Ten thousand events in one burst are one day of evidence. It must not know what the values mean.

use super::P_FLOOR;
use super::fixed::{Decay, Fixed};
use crate::model::{Day, Sym};
use serde::{Deserialize, Serialize};

/// What is known of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Decayed number of active days it was seen on.
    pub weight: Fixed,
    /// Active days it was seen on, undecayed.
    pub days: u32,
    /// First of them.
    pub first: Day,
    /// Last of them.
    pub last: Day,
    /// Events that carried it.
    pub total: u64,
}

/// Prior of the rate at which new values appear.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prior {
    /// Pseudo-days κ.
    pub kappa: f64,
    /// New values a day λ0.
    pub lambda: f64,
}

impl Default for Prior {
    /// Without peers: κ = 1, λ0 = 0.25.
    fn default() -> Self {
        Self { kappa: 1.0, lambda: 0.25 }
    }
}

/// The values of one dimension of one profile, sorted by symbol.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Values {
    cells: Vec<(Sym, Cell)>,
    /// Decayed active days T.
    days: Fixed,
    /// Active days learned, undecayed.
    active: u32,
    /// Past days on which at least 2^i values were new at once.
    clumps: [u32; 10],
    /// Weight of values evicted for lack of room: it keeps the mass right.
    other: Fixed,
    /// Values that were evicted.
    evicted: u64,
}

impl Values {
    /// What is known of a value; `None` for one never seen (or evicted).
    pub fn get(&self, value: Sym) -> Option<&Cell> {
        self.cells.binary_search_by_key(&value, |(sym, _)| *sym).ok().and_then(|at| self.cells.get(at)).map(|(_, cell)| cell)
    }

    /// Whether a value was seen on a past active day.
    pub fn knows(&self, value: Sym) -> bool {
        self.get(value).is_some()
    }

    /// Known values with what is known of them, by symbol.
    pub fn iter(&self) -> impl Iterator<Item = (Sym, &Cell)> {
        self.cells.iter().map(|(sym, cell)| (*sym, cell))
    }

    /// How many values are known.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether nothing was ever learned.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Whether values had to be evicted for lack of room.
    pub fn is_capped(&self) -> bool {
        self.evicted > 0
    }

    /// Active days learned, undecayed.
    pub fn active_days(&self) -> u32 {
        self.active
    }

    /// The value with most weight, ties to the smaller symbol.
    pub fn usual(&self) -> Option<(Sym, &Cell)> {
        self.iter().fold(None, |best: Option<(Sym, &Cell)>, (sym, cell)| match best {
            Some((_, b)) if b.weight >= cell.weight => best,
            _ => Some((sym, cell)),
        })
    }

    /// Weight of values seen on exactly one active day, Q1: the incidence form of the Good–Turing estimate.
    fn singletons(&self) -> f64 {
        self.cells.iter().filter(|(_, c)| c.days == 1).fold(Fixed::ZERO, |sum, (_, c)| sum.plus(c.weight)).to_f64()
    }

    /// Probability that an active day shows `k ≥ 1` new values: the Gamma–Poisson predictive
    /// `1 − (b/(b+1))^a`, a = Q1 + κ·λ0, b = T + κ, times the share of past novelty days with as large a clump.
    pub fn p_new(&self, k: u32, prior: Prior) -> f64 {
        let a = self.singletons() + prior.kappa * prior.lambda;
        let b = self.days.to_f64() + prior.kappa;
        let p = 1.0 - libm::pow(b / (b + 1.0), a);
        // The size of a clump says something only once there is a week in which clumps could have shown themselves.
        let clump = if k > 1 && self.active >= 7 {
            let all = f64::from(self.clumps[0]);
            // Buckets are powers of two: the largest one not above k is the conservative count.
            let bucket = k.ilog2().min(9) as usize;
            ((f64::from(self.clumps[bucket]) + 2.0 / f64::from(k)) / (all + 2.0)).min(1.0)
        } else {
            1.0
        };
        (p * clump).clamp(P_FLOOR, 1.0)
    }

    /// Probability mass of values at least as rare as a known one: `(Q1' + Σ_{n_u ≤ n_v} n_u)/(Q1' + Σ n_u)`.
    pub fn p_rare(&self, value: Sym, prior: Prior) -> f64 {
        let Some(cell) = self.get(value) else { return self.p_new(1, prior) };
        let unseen = self.singletons() + prior.kappa * prior.lambda;
        let (mut rarer, mut all) = (Fixed::ZERO, self.other);
        for (_, other) in &self.cells {
            all = all.plus(other.weight);
            if other.weight <= cell.weight {
                rarer = rarer.plus(other.weight);
            }
        }
        // What was evicted was the rarest there was.
        rarer = rarer.plus(self.other);
        ((unseen + rarer.to_f64()) / (unseen + all.to_f64())).clamp(P_FLOOR, 1.0)
    }

    /// Learns one active day: `seen` = the day's values with their number of events, in any order; `weight` = what the
    /// day counts for (1, or less for an undecided quarantined one); at most `cap` values are kept.
    pub fn learn(&mut self, day: Day, seen: &[(Sym, u64)], weight: Fixed, decay: Decay, cap: usize) {
        let mut seen = seen.to_vec();
        seen.sort_unstable();
        for (_, cell) in &mut self.cells {
            cell.weight = decay.age(cell.weight);
        }
        self.other = decay.age(self.other);
        self.days = decay.age(self.days).plus(weight);
        self.active += 1;
        let (mut fresh, mut added) = (0u32, Vec::new());
        for (sym, events) in seen {
            if let Ok(at) = self.cells.binary_search_by_key(&sym, |(s, _)| *s) {
                if let Some((_, cell)) = self.cells.get_mut(at) {
                    cell.weight = cell.weight.plus(weight);
                    cell.days += 1;
                    cell.first = cell.first.min(day);
                    cell.last = cell.last.max(day);
                    cell.total += events;
                }
            } else {
                fresh += 1;
                added.push((sym, Cell { weight, days: 1, first: day, last: day, total: events }));
            }
        }
        if fresh > 0 && self.active > 1 {
            for (i, count) in self.clumps.iter_mut().enumerate() {
                if fresh >= 1 << i {
                    *count += 1;
                }
            }
        }
        if !added.is_empty() {
            self.cells.append(&mut added);
            self.cells.sort_unstable_by_key(|(sym, _)| *sym);
        }
        self.evict(cap);
    }

    fn evict(&mut self, cap: usize) {
        if self.cells.len() <= cap {
            return;
        }
        // Smallest weight goes first, ties: the longest unseen, then the larger symbol.
        let mut order: Vec<(Fixed, Day, std::cmp::Reverse<Sym>)> =
            self.cells.iter().map(|(s, c)| (c.weight, c.last, std::cmp::Reverse(*s))).collect();
        order.sort_unstable();
        let gone: std::collections::BTreeSet<Sym> = order.iter().take(self.cells.len() - cap).map(|(_, _, s)| s.0).collect();
        for (sym, cell) in &self.cells {
            if gone.contains(sym) {
                self.other = self.other.plus(cell.weight);
            }
        }
        self.evicted += gone.len() as u64;
        self.cells.retain(|(sym, _)| !gone.contains(sym));
        self.cells.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn learned(days: &[&[u64]]) -> Values {
        let mut v = Values::default();
        for (i, day) in days.iter().enumerate() {
            let seen: Vec<(Sym, u64)> = day.iter().map(|s| (Sym(*s), 1)).collect();
            v.learn(Day(i as i32), &seen, Fixed::ONE, Decay::half_life(90.0), 512);
        }
        v
    }

    #[test]
    fn a_stable_dimension_makes_a_new_value_surprising() {
        // By hand: T → 83 days undecayed; with decay H = 90, T = (1 − 2^(−83/90))/(1 − 2^(−1/90)) = 61.56; Q1 = 0;
        // p = 1 − (62.56/63.56)^0.25 = 0.003957.
        let v = learned(&vec![&[1u64] as &[u64]; 83]);
        let p = v.p_new(1, Prior::default());
        assert!((p - 0.003_957).abs() < 1e-6, "{p}");
    }

    #[test]
    fn an_identity_that_shows_something_new_every_day_makes_novelty_worthless() {
        let days: Vec<Vec<u64>> = (1..=60).map(|d| vec![d]).collect();
        let refs: Vec<&[u64]> = days.iter().map(Vec::as_slice).collect();
        assert!(learned(&refs).p_new(1, Prior::default()) > 0.5);
    }

    #[test]
    fn a_clump_of_new_values_is_rarer_than_one() {
        let v = learned(&vec![&[1u64, 2] as &[u64]; 30]);
        assert!(v.p_new(8, Prior::default()) < v.p_new(1, Prior::default()) / 4.0);
    }

    #[test]
    fn before_any_history_nothing_is_surprising_enough_to_alert() {
        let p = Values::default().p_new(20, Prior::default());
        assert!(p > 0.15, "{p}");
    }

    #[test]
    fn the_rarest_known_value_is_rarer_than_the_usual_one() {
        let mut days: Vec<&[u64]> = vec![&[1]; 40];
        days[5] = &[1, 2];
        let v = learned(&days);
        assert!(v.p_rare(Sym(2), Prior::default()) < 0.1);
        assert!(v.p_rare(Sym(1), Prior::default()) > 0.9);
        assert!(v.p_rare(Sym(9), Prior::default()) <= v.p_rare(Sym(2), Prior::default()));
    }

    #[test]
    fn room_is_bounded_and_evicted_mass_is_kept() {
        let mut v = Values::default();
        let seen: Vec<(Sym, u64)> = (1..=1000).map(|s| (Sym(s), 1)).collect();
        v.learn(Day(0), &seen, Fixed::ONE, Decay::half_life(90.0), 512);
        assert_eq!(v.len(), 512);
        assert!(v.is_capped());
        assert_eq!(v.other, Fixed(488 << 32));
    }

    proptest! {
        #[test]
        fn the_order_inside_a_day_changes_nothing(mut day in proptest::collection::vec(1u64..60, 1..40), seed in 0usize..1000) {
            day.sort_unstable();
            day.dedup();
            let mut turned = day.clone();
            let by = seed % day.len();
            turned.rotate_left(by);
            let base: &[u64] = &[3, 4];
            prop_assert_eq!(learned(&[base, &day, base]), learned(&[base, &turned, base]));
        }

        #[test]
        fn probabilities_are_probabilities(days in proptest::collection::vec(proptest::collection::vec(1u64..30, 0..10), 0..30), k in 1u32..40) {
            let refs: Vec<&[u64]> = days.iter().map(Vec::as_slice).collect();
            let v = learned(&refs);
            let p = v.p_new(k, Prior::default());
            prop_assert!((P_FLOOR..=1.0).contains(&p));
            for s in 1..30 {
                prop_assert!((P_FLOOR..=1.0).contains(&v.p_rare(Sym(s), Prior::default())));
            }
        }
    }
}
