//! Which values a dimension has shown, counted in active days, and how surprising a new or a rare one is
//! (`detection.md` 2.3). Ten thousand events in one burst are one day of evidence. It must not know what the values mean.

use super::P_FLOOR;
use super::fixed::{Decay, Fixed};
use super::traces::Traces;
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
    /// The part of that which was seen on exactly one active day.
    other_single: Fixed,
    /// Values that were evicted.
    evicted: u64,
    /// Enough of them to know one that comes back.
    traces: Traces,
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

    /// Whether a value was evicted for lack of room and may still come back: it is rare then, not new.
    pub fn evicted(&self, value: Sym) -> bool {
        !self.knows(value) && self.traces.has(value)
    }

    /// Whether a value is new: neither known nor evicted.
    pub fn is_new(&self, value: Sym) -> bool {
        !self.knows(value) && !self.traces.has(value)
    }

    /// Decayed active days T.
    pub fn days_fixed(&self) -> Fixed {
        self.days
    }

    /// Weight of values seen on exactly one active day, Q1, evicted ones included: the incidence form of the Good–Turing
    /// estimate.
    pub fn singletons_fixed(&self) -> Fixed {
        self.cells.iter().filter(|(_, c)| c.days == 1).fold(self.other_single, |sum, (_, c)| sum.plus(c.weight))
    }

    fn singletons(&self) -> f64 {
        self.singletons_fixed().to_f64()
    }

    /// Probability that an active day shows `k ≥ 1` new values: the Gamma–Poisson predictive
    /// `1 − (b/(b+1))^a`, a = Q1 + κ·λ0, b = T + κ, times the share of past novelty days with as large a clump,
    /// (C≥k + 2/√k)/(C + 2): whatever is split or onboarded comes in handfuls.
    pub fn p_new(&self, k: u32, prior: Prior) -> f64 {
        let a = self.singletons() + prior.kappa * prior.lambda;
        let b = self.days.to_f64() + prior.kappa;
        let p = 1.0 - libm::pow(b / (b + 1.0), a);
        // The size of a clump says something only once there is a week in which clumps could have shown themselves.
        let clump = if k > 1 && self.active >= 7 {
            let all = f64::from(self.clumps[0]);
            // Buckets are powers of two: the largest one not above k is the conservative count.
            let bucket = k.ilog2().min(9) as usize;
            ((f64::from(self.clumps[bucket]) + 2.0 / libm::sqrt(f64::from(k))) / (all + 2.0)).min(1.0)
        } else {
            1.0
        };
        (p * clump).clamp(P_FLOOR, 1.0)
    }

    /// Probability mass of values at least as rare as a known one: `(Q1' + Σ_{n_u ≤ n_v} n_u)/(Q1' + Σ n_u)`. An evicted one
    /// is rarer than all that are known; for one never seen this is [`Self::p_new`].
    pub fn p_rare(&self, value: Sym, prior: Prior) -> f64 {
        let weight = match self.get(value) {
            Some(cell) => cell.weight,
            None if self.traces.has(value) => Fixed::ZERO,
            None => return self.p_new(1, prior),
        };
        let unseen = self.singletons() + prior.kappa * prior.lambda;
        let (mut rarer, mut all) = (Fixed::ZERO, self.other);
        for (_, other) in &self.cells {
            all = all.plus(other.weight);
            if other.weight <= weight {
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
        self.other_single = decay.age(self.other_single);
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
            } else if self.traces.has(sym) {
                // It was here before: neither new nor seen on one day only. When it first came is lost.
                added.push((sym, Cell { weight, days: 2, first: day, last: day, total: events }));
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

    /// Keeps at most `cap` values, and no traces of those that had to go: for a profile that as a whole knows too much. What
    /// is flooded like that finds hardly anything new surprising, so a value that comes back need not be told from a new one.
    pub fn shrink(&mut self, cap: usize) {
        if self.cells.len() > cap {
            self.evict(cap);
            self.traces = Traces::default();
        }
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
                if cell.days == 1 {
                    self.other_single = self.other_single.plus(cell.weight);
                }
                self.traces.leave(*sym);
            }
        }
        self.evicted += gone.len() as u64;
        self.cells.retain(|(sym, _)| !gone.contains(sym));
        self.cells.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::Draw;
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
        assert!(v.p_new(8, Prior::default()) < v.p_new(1, Prior::default()) / 2.5);
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
        assert_eq!(v.singletons_fixed(), Fixed(1_000 << 32), "Q1 counts what had to go");
    }

    #[test]
    fn an_evicted_value_that_comes_back_is_rare_and_not_new() {
        let (mut v, decay) = (Values::default(), Decay::half_life(90.0));
        let usual: Vec<(Sym, u64)> = (1..=8).map(|s| (Sym(s), 1)).collect();
        v.learn(Day(0), &[(Sym(99), 1)], Fixed::ONE, decay, 8);
        for d in 1..40 {
            v.learn(Day(d), &usual, Fixed::ONE, decay, 8);
        }
        assert!(!v.knows(Sym(99)) && v.evicted(Sym(99)) && !v.is_new(Sym(99)));
        assert!(v.is_new(Sym(77)) && !v.evicted(Sym(77)));
        let (back, new) = (v.p_rare(Sym(99), Prior::default()), v.p_rare(Sym(77), Prior::default()));
        assert!(back < v.p_rare(Sym(1), Prior::default()) / 10.0, "{back}");
        assert_eq!(new, v.p_new(1, Prior::default()));
        let (q1, clumps) = (v.singletons_fixed(), v.clumps);
        v.learn(Day(40), &[(Sym(99), 1)], Fixed::ONE, decay, 9);
        assert_eq!(v.get(Sym(99)).unwrap().days, 2);
        assert!(v.singletons_fixed() <= q1, "it adds nothing to the rate of new values");
        assert_eq!(v.clumps, clumps);
    }

    #[test]
    fn room_does_not_make_a_churning_dimension_look_stable() {
        let (mut small, mut large) = (Values::default(), Values::default());
        for d in 0..60u64 {
            let seen: Vec<(Sym, u64)> = (0..5).map(|i| (Sym(1 + d * 5 + i), 1)).collect();
            small.learn(Day(d as i32), &seen, Fixed::ONE, Decay::half_life(90.0), 16);
            large.learn(Day(d as i32), &seen, Fixed::ONE, Decay::half_life(90.0), 512);
        }
        let (a, b) = (small.p_new(1, Prior::default()), large.p_new(1, Prior::default()));
        assert!((a - b).abs() < 1e-6, "{a} {b}");
    }

    #[test]
    fn clean_processes_rarely_show_something_surprising() {
        // Protects the promise that p_new ≤ 0.01 meets few active days of a clean identity, on the processes of the design.
        type Process = fn(&mut Draw, u32) -> Vec<u64>;
        let processes: [(&str, Process); 5] = [
            ("a new address every day", |_, day| vec![u64::from(day) + 1]),
            ("a pool of 24 addresses", |d, _| vec![1 + d.below(24)]),
            ("a tail of sixty operations", |d, _| (0..30).map(|_| libm::floor(libm::pow(60.0, d.uniform())) as u64).collect()),
            ("a monthly job", |_, day| if day % 30 == 3 { vec![1, 2] } else { vec![1] }),
            ("a one-off on two days of a hundred", |d, day| if d.uniform() < 0.02 { vec![1, 1_000 + u64::from(day)] } else { vec![1] }),
        ];
        for (name, process) in processes {
            let (mut looks, mut small) = (0u32, 0u32);
            for seed in 0..15 {
                let (mut draw, mut v) = (Draw::seeded(seed), Values::default());
                for day in 0..180 {
                    let mut on: Vec<u64> = process(&mut draw, day);
                    on.sort_unstable();
                    on.dedup();
                    let new = on.iter().filter(|s| v.is_new(Sym(**s))).count() as u32;
                    looks += 1;
                    small += u32::from(new > 0 && v.p_new(new, Prior::default()) <= 0.01);
                    let seen: Vec<(Sym, u64)> = on.into_iter().map(|s| (Sym(s), 1)).collect();
                    v.learn(Day(day as i32), &seen, Fixed::ONE, Decay::half_life(90.0), 512);
                }
            }
            assert!(f64::from(small) <= 0.015 * f64::from(looks), "{name}: {small} of {looks}");
        }
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
