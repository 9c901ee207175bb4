//! What identities of one group lend a young one (`detection.md` 2.17): how often new values appear, how heavy tails are,
//! when work happens, which calls are usual; and which values the group uses already (2.3). Peers share shape, never scale. Sums are integers, so that the order of
//! members changes nothing; what is lent is rounded, so that it stays the same from day to day while the group does. It
//! must not know what makes a group.

use super::fixed::Fixed;
use super::hours::{Hours, WEEK};
use super::sizes::{ALPHA, Sizes};
use super::values::{Prior, Values};
use crate::model::Sym;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Active days before an identity speaks for its group.
pub const MATURE: u32 = 14;
/// Members below which there is no group: one or two would only repeat themselves.
pub const LEAST: u32 = 3;
/// Pseudo-days κ of a prior from peers.
const KAPPA: f64 = 5.0;
/// Days the usual mix of calls is worth.
const MIX_DAYS: f64 = 5.0;
/// Operations a member names, the most usual ones, and operations a group lends.
const MIX_MEMBER: usize = 64;
const MIX_GROUP: usize = 128;
/// Values of a shared dimension a member names, those with most weight, and values a group tells of.
const SHARED_MEMBER: usize = 32;
const SHARED_GROUP: usize = 64;
/// Twentieths: the steps in which the share of members that use a value is told.
const SHARED_STEPS: u64 = 20;
/// Steps of the rate of new values per octave: 9 %, as sizes have.
const LAMBDA_STEPS: f64 = 8.0;

/// A member's baseline, as far as it is lent. Slices are in the caller's fixed order of dimensions and metrics.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Active days.
    pub days: u32,
    /// Values per dimension.
    pub values: &'a [Values],
    /// Sizes per metric.
    pub sizes: &'a [Sizes],
    /// Hours.
    pub hours: &'a Hours,
    /// Usual share of calls per operation, in any order.
    pub mix: &'a [(Sym, Fixed)],
    /// Dimensions whose values the group may know of each other: networks and clients, never addresses.
    pub shared: &'a [usize],
}

/// Sums over members, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathering {
    members: u32,
    /// ΣQ1 and ΣT per dimension.
    novelty: Vec<(Fixed, Fixed)>,
    /// Members per tenth of α, per metric.
    alphas: Vec<BTreeMap<u8, u32>>,
    /// Sum of densities per hour of the week, and members behind it.
    hours: Vec<Fixed>,
    with_hours: u32,
    /// Sum of shares per operation, and members behind it.
    mix: BTreeMap<Sym, Fixed>,
    with_mix: u32,
    /// Members per dimension and value.
    users: BTreeMap<(u8, Sym), u32>,
}

impl Gathering {
    /// Takes a member in; one with fewer than 14 active days has nothing to lend.
    pub fn add(&mut self, member: &Member) {
        if member.days < MATURE {
            return;
        }
        self.members += 1;
        grow(&mut self.novelty, member.values.len());
        for ((q1, t), values) in self.novelty.iter_mut().zip(member.values) {
            *q1 = q1.plus(values.singletons_fixed());
            *t = t.plus(values.days_fixed());
        }
        grow(&mut self.alphas, member.sizes.len());
        for (counts, sizes) in self.alphas.iter_mut().zip(member.sizes) {
            if sizes.ever() {
                *counts.entry(libm::round(sizes.alpha(ALPHA) * 10.0) as u8).or_insert(0) += 1;
            }
        }
        let density = member.hours.density();
        if !density.is_empty() {
            grow(&mut self.hours, WEEK);
            for (sum, share) in self.hours.iter_mut().zip(density) {
                *sum = sum.plus(Fixed::from_f64(share));
            }
            self.with_hours += 1;
        }
        let mut mix: Vec<(Sym, Fixed)> = member.mix.to_vec();
        mix.sort_unstable_by_key(|(sym, share)| (std::cmp::Reverse(*share), *sym));
        mix.truncate(MIX_MEMBER);
        self.with_mix += u32::from(!mix.is_empty());
        for (sym, share) in mix {
            let sum = self.mix.entry(sym).or_default();
            *sum = sum.plus(share);
        }
        for dimension in member.shared {
            let Some(values) = member.values.get(*dimension) else { continue };
            let mut used: Vec<(Fixed, Sym)> = values.iter().map(|(sym, cell)| (cell.weight, sym)).collect();
            used.sort_unstable_by_key(|(weight, sym)| (std::cmp::Reverse(*weight), *sym));
            for (_, sym) in used.into_iter().take(SHARED_MEMBER) {
                *self.users.entry((*dimension as u8, sym)).or_insert(0) += 1;
            }
        }
    }

    /// Adds what another gathered.
    pub fn merge(&mut self, other: &Self) {
        self.members += other.members;
        grow(&mut self.novelty, other.novelty.len());
        for (own, theirs) in self.novelty.iter_mut().zip(&other.novelty) {
            *own = (own.0.plus(theirs.0), own.1.plus(theirs.1));
        }
        grow(&mut self.alphas, other.alphas.len());
        for (own, theirs) in self.alphas.iter_mut().zip(&other.alphas) {
            for (alpha, n) in theirs {
                *own.entry(*alpha).or_insert(0) += n;
            }
        }
        grow(&mut self.hours, other.hours.len());
        for (own, theirs) in self.hours.iter_mut().zip(&other.hours) {
            *own = own.plus(*theirs);
        }
        self.with_hours += other.with_hours;
        for (sym, share) in &other.mix {
            let sum = self.mix.entry(*sym).or_default();
            *sum = sum.plus(*share);
        }
        self.with_mix += other.with_mix;
        for (value, n) in &other.users {
            *self.users.entry(*value).or_insert(0) += n;
        }
    }

    /// Members so far that have something to lend.
    pub fn members(&self) -> u32 {
        self.members
    }

    /// What the group lends; nothing from fewer than three members.
    pub fn close(&self) -> Peers {
        if self.members < LEAST {
            return Peers::default();
        }
        let mut mix: Vec<(Sym, u16)> =
            self.mix.iter().map(|(sym, sum)| (*sym, thousandths(*sum, self.with_mix))).filter(|(_, share)| *share > 0).collect();
        mix.sort_unstable_by_key(|(sym, share)| (std::cmp::Reverse(*share), *sym));
        mix.truncate(MIX_GROUP);
        mix.sort_unstable();
        Peers {
            lambda: self.novelty.iter().map(|(q1, t)| step_of((q1.to_f64() + 0.5) / (t.to_f64() + 1.0))).collect(),
            alpha: self.alphas.iter().map(median).collect(),
            hours: self.hours.iter().map(|sum| thousandths(*sum, self.with_hours)).collect(),
            mix,
            users: self.usage(),
        }
    }

    /// Values used by at least two members and one in twenty: the widest used of each dimension.
    fn usage(&self) -> Vec<(u8, Sym, u8)> {
        let step = |n: u32| (u64::from(n) * SHARED_STEPS / u64::from(self.members.max(1))) as u8;
        let mut all: Vec<(u8, Sym, u8)> = self
            .users
            .iter()
            .filter(|(_, n)| **n >= 2)
            .map(|((dimension, sym), n)| (*dimension, *sym, step(*n)))
            .filter(|(_, _, share)| *share > 0)
            .collect();
        all.sort_unstable_by_key(|(dimension, sym, share)| (*dimension, std::cmp::Reverse(*share), *sym));
        let mut taken = (0u8, 0usize);
        all.retain(|(dimension, _, _)| {
            taken = if taken.0 == *dimension { (taken.0, taken.1 + 1) } else { (*dimension, 1) };
            taken.1 <= SHARED_GROUP
        });
        all.sort_unstable();
        all
    }
}

/// What a group lends. Small (about half a kilobyte) and rounded: rates to an eighth of an octave, α to a tenth, shares to a
/// thousandth. The number of members stays with the [`Gathering`]: it changes more often than what they lend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peers {
    lambda: Vec<i16>,
    alpha: Vec<u8>,
    hours: Vec<u16>,
    mix: Vec<(Sym, u16)>,
    /// Dimension, value, twentieths of the members that use it.
    users: Vec<(u8, Sym, u8)>,
}

impl Peers {
    /// Whether there is nothing to lend.
    pub fn is_empty(&self) -> bool {
        self.lambda.is_empty() && self.alpha.is_empty() && self.hours.is_empty() && self.mix.is_empty() && self.users.is_empty()
    }

    /// Prior of novelty of a dimension: κ = 5, λ = (ΣQ1 + ½)/(ΣT + 1). `None` without peers.
    pub fn prior(&self, dimension: usize) -> Option<Prior> {
        self.lambda.get(dimension).map(|step| Prior { kappa: KAPPA, lambda: libm::exp2(f64::from(*step) / LAMBDA_STEPS) })
    }

    /// Tail prior α0 of a metric: the median of the members' α, 2 without any.
    pub fn alpha(&self, metric: usize) -> f64 {
        self.alpha.get(metric).filter(|tenths| **tenths > 0).map_or(ALPHA, |tenths| f64::from(*tenths) / 10.0)
    }

    /// Mean density over the hours of a week, for [`Hours::p_with`]; empty without peers.
    pub fn hours(&self) -> Vec<f64> {
        self.hours.iter().map(|share| f64::from(*share) / 1_000.0).collect()
    }

    /// Usual share of calls of an operation among peers, 0–1.
    pub fn share(&self, operation: Sym) -> f64 {
        let found = self.mix.binary_search_by_key(&operation, |(sym, _)| *sym).ok().and_then(|at| self.mix.get(at));
        found.map_or(0.0, |(_, share)| f64::from(*share) / 1_000.0)
    }

    /// Operations peers use, with their share, by symbol.
    pub fn shares(&self) -> impl Iterator<Item = (Sym, f64)> {
        self.mix.iter().map(|(sym, share)| (*sym, f64::from(*share) / 1_000.0))
    }

    /// Share φ of the group that uses a value of a shared dimension, rounded down to a twentieth, 0–1; 0 for a value of one
    /// member only.
    pub fn usage(&self, dimension: usize, value: Sym) -> f64 {
        let key = (dimension as u8, value);
        let found = self.users.binary_search_by_key(&key, |(d, sym, _)| (*d, *sym)).ok().and_then(|at| self.users.get(at));
        found.map_or(0.0, |(_, _, share)| f64::from(*share) / SHARED_STEPS as f64)
    }

    /// The probability of a new value that part of the group uses already: `max(p, φ/2)` (`detection.md` 2.3). Whether the
    /// value is one that peers can vouch for, a cloud or the company's own network, is the caller's to know.
    pub fn dampen(&self, p: f64, dimension: usize, value: Sym) -> f64 {
        p.max(self.usage(dimension, value) / 2.0)
    }

    /// An own share of calls after so many active days, with the peers' mix worth five days. The own share where there are
    /// no peers.
    pub fn blend(&self, operation: Sym, own: f64, days: u32) -> f64 {
        if self.mix.is_empty() {
            return own;
        }
        (own * f64::from(days) + self.share(operation) * MIX_DAYS) / (f64::from(days) + MIX_DAYS)
    }
}

fn grow<T: Default + Clone>(list: &mut Vec<T>, len: usize) {
    if list.len() < len {
        list.resize(len, T::default());
    }
}

/// Mean of a sum over members in thousandths, to the nearest.
fn thousandths(sum: Fixed, members: u32) -> u16 {
    let unit = u128::from(Fixed::ONE.0) * u128::from(members.max(1));
    ((u128::from(sum.0) * 1_000 + unit / 2) / unit).min(1_000) as u16
}

fn step_of(rate: f64) -> i16 {
    libm::round(LAMBDA_STEPS * libm::log2(rate.clamp(1e-6, 1e6))) as i16
}

/// Lower median of counted tenths; 0 of none.
fn median(counts: &BTreeMap<u8, u32>) -> u8 {
    let all: u32 = counts.values().sum();
    let mut below = 0;
    counts
        .iter()
        .find_map(|(tenths, n)| {
            below += n;
            (below * 2 >= all).then_some(*tenths)
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::fixed::Decay;
    use super::*;
    use crate::model::Day;
    use proptest::prelude::*;

    struct Own {
        values: Vec<Values>,
        sizes: Vec<Sizes>,
        hours: Hours,
        mix: Vec<(Sym, Fixed)>,
        days: u32,
    }

    impl Own {
        /// `days` active days at `hour`, one value always and a new one on every `every`-th day; sizes around `scale`.
        fn new(days: u32, every: u32, hour: u8, scale: u64) -> Self {
            let (mut values, mut sizes, mut hours) = (Values::default(), Sizes::default(), Hours::default());
            let decay = Decay::half_life(1e12);
            for d in 0..days {
                let mut seen = vec![(Sym(1), 1)];
                if every > 0 && d % every == 1 {
                    seen.push((Sym(100 + u64::from(d)), 1));
                }
                values.learn(Day(d as i32), &seen, Fixed::ONE, decay, 512);
                sizes.learn(scale * (10 + u64::from(d % 3)), Fixed::ONE, decay);
                hours.learn(&[(d % 7) as u8 * 24 + hour], Fixed::ONE, decay);
            }
            Self { values: vec![values], sizes: vec![sizes, Sizes::default()], hours, mix: vec![(Sym(u64::from(hour)), Fixed::ONE)], days }
        }

        fn member(&self) -> Member<'_> {
            Member { days: self.days, values: &self.values, sizes: &self.sizes, hours: &self.hours, mix: &self.mix, shared: &[0] }
        }
    }

    fn gathered(members: &[Own]) -> Gathering {
        let mut g = Gathering::default();
        for m in members {
            g.add(&m.member());
        }
        g
    }

    #[test]
    fn the_rate_of_new_values_by_hand() {
        // Three members of 20 days: the first value is seen every day, ten others once each in one of them: ΣQ1 = 10,
        // ΣT = 60, λ = 10.5/61 = 0.172131, to an eighth of an octave 2^(−20/8) = 0.176777.
        let peers = gathered(&[Own::new(20, 2, 2, 1), Own::new(20, 0, 2, 1), Own::new(20, 0, 2, 1)]).close();
        let prior = peers.prior(0).unwrap();
        assert_eq!(prior.kappa, 5.0);
        assert!((prior.lambda - libm::exp2(-2.5)).abs() < 1e-9, "{}", prior.lambda);
        assert_eq!(peers.prior(1), None);
    }

    #[test]
    fn tails_hours_and_mixes_are_those_of_the_middle() {
        let members = [Own::new(30, 0, 2, 1), Own::new(30, 0, 2, 1_000), Own::new(30, 0, 14, 1), Own::new(13, 0, 20, 1)];
        let peers = gathered(&members).close();
        let alpha = libm::round(members[0].sizes[0].alpha(ALPHA) * 10.0) / 10.0;
        assert!((peers.alpha(0) - alpha).abs() < 0.5, "shape, not scale: {} {alpha}", peers.alpha(0));
        assert_eq!(peers.alpha(1), ALPHA, "nothing was ever measured");
        assert_eq!(peers.alpha(9), ALPHA);
        let hours = peers.hours();
        assert!(hours[2] > 1.5 * hours[14] && hours[14] > 10.0 * hours[20], "too young to lend: {}", hours[20]);
        assert!((peers.share(Sym(2)) - 0.667).abs() < 1e-9);
        assert!((peers.share(Sym(14)) - 0.333).abs() < 1e-9);
        assert_eq!(peers.share(Sym(20)), 0.0);
        // Five days of own habit and five of the peers'.
        assert!((peers.blend(Sym(14), 1.0, 5) - 0.666_5).abs() < 1e-9);
        assert_eq!(Peers::default().blend(Sym(14), 1.0, 5), 1.0);
    }

    #[test]
    fn a_value_the_group_uses_is_less_surprising() {
        // Value 1 is everybody's; 101 is of the first two alone.
        let mut members: Vec<Own> = (0..10).map(|_| Own::new(20, 0, 2, 1)).collect();
        members[0] = Own::new(20, 2, 2, 1);
        members[1] = Own::new(20, 2, 2, 1);
        let peers = gathered(&members).close();
        for (value, share) in [(1, 1.0), (101, 0.2), (999, 0.0)] {
            assert_eq!(peers.usage(0, Sym(value)), share, "{value}");
        }
        assert_eq!(peers.usage(1, Sym(1)), 0.0, "a dimension that is not shared");
        assert!((peers.dampen(0.002, 0, Sym(101)) - 0.1).abs() < 1e-12);
        assert_eq!(peers.dampen(0.002, 0, Sym(999)), 0.002);
        members[1] = Own::new(20, 0, 2, 1);
        assert_eq!(gathered(&members).close().usage(0, Sym(101)), 0.0, "one member is not the group");
    }

    #[test]
    fn two_are_no_group() {
        let peers = gathered(&[Own::new(30, 1, 2, 1), Own::new(30, 1, 2, 1)]).close();
        assert!(peers.is_empty() && peers.prior(0).is_none() && peers.hours().is_empty());
        assert_eq!(peers.alpha(0), ALPHA);
    }

    #[test]
    fn what_is_lent_is_small_and_stays_while_little_changes() {
        let mut members: Vec<Own> = (0..40).map(|i| Own::new(60, 5, 2 + i % 3, 1)).collect();
        let before = postcard::to_stdvec(&gathered(&members).close()).unwrap();
        assert!(before.len() < 800, "{}", before.len());
        members[7] = Own::new(61, 5, 3, 1);
        assert_eq!(postcard::to_stdvec(&gathered(&members).close()).unwrap(), before, "one day of one member");
    }

    proptest! {
        #[test]
        fn the_order_of_members_changes_nothing(days in proptest::collection::vec((10u32..40, 0u32..5, 0u8..24), 1..8), by in 0usize..8, cut in 0usize..8) {
            let members: Vec<Own> = days.iter().map(|(d, e, h)| Own::new(*d, *e, *h, 1)).collect();
            let mut turned: Vec<Own> = days.iter().map(|(d, e, h)| Own::new(*d, *e, *h, 1)).collect();
            turned.rotate_left(by % days.len());
            let all = gathered(&members);
            prop_assert_eq!(&all, &gathered(&turned));
            let cut = cut % days.len();
            let mut halves = gathered(&members[cut..]);
            halves.merge(&gathered(&members[..cut]));
            prop_assert_eq!(all.close(), halves.close());
            prop_assert_eq!(all, halves);
        }
    }
}
