//! What is usual for one identity: the frozen baseline a day is judged against. It changes only when a [`Summary`] of a
//! day is learned, by operations that commute inside the day. It must not know evidence or alerts.

use super::settings::{Gate, Settings};
use crate::baseline::{Cadence, Failures, Fixed, Gaps, Hours, Sizes, Values};
use crate::model::event::words;
use crate::model::{Day, Sym, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words! {
    /// A dimension of values.
    Dim {
        /// Class of network with its cloud.
        Network = "network",
        /// Network: autonomous system, else block, else service.
        Asn = "asn",
        /// /24 or /48 block.
        Block = "block",
        /// Single address.
        Ip = "ip",
        /// Client family.
        Agent = "agent",
        /// How the caller authenticates.
        Auth = "auth",
        /// What its credentials may do.
        Scopes = "scopes",
        /// Two callers of one credential in turn.
        Pair = "pair",
        /// `service:operation`.
        Action = "action",
        /// One sort of call, or tool, after another.
        Transition = "transition",
        /// Family of data.
        Domain = "domain",
        /// Region.
        Region = "region",
        /// Normalised question.
        Shape = "shape",
        /// Operation that failed, with how.
        Failure = "failure",
        /// Privileged operation.
        Privileged = "privileged",
        /// Operation that made a credential or an identity.
        Minting = "minting",
        /// Family of data a bulk job moved.
        JobDomain = "job-domain",
        /// Sequence rules that fired.
        Rule = "rule",
        /// Families that were unusual together, with their caller.
        Pattern = "pattern",
    }
}

words! {
    /// A size, learned as the day's maximum.
    Metric {
        /// Calls in a clock hour.
        CallsHour = "calls-hour",
        /// Calls in a day.
        CallsDay = "calls-day",
        /// Records in a clock hour.
        RowsHour = "rows-hour",
        /// Records in a day.
        RowsDay = "rows-day",
        /// Records of one bulk job.
        RowsJob = "rows-job",
        /// Bulk jobs in a day.
        JobsDay = "jobs-day",
        /// Bytes in a day.
        BytesDay = "bytes-day",
        /// Distinct resources in a day.
        ObjectsDay = "objects-day",
        /// Reconnaissance calls in a clock hour.
        ProbesHour = "probes-hour",
        /// Secrets read in a clock hour.
        SecretsHour = "secrets-hour",
        /// Longest run of the same question, page after page.
        PageChain = "page-chain",
        /// Failed calls in a clock hour.
        FailuresHour = "failures-hour",
        /// Tokens issued or renewed in a clock hour.
        TokensHour = "tokens-hour",
        /// Callers of one credential in a quarter of an hour.
        CallersCredential = "callers-credential",
        /// Privileged operations in a day.
        PrivilegedDay = "privileged-day",
        /// Credentials and identities made in a day.
        MintedDay = "minted-day",
        /// How much like a person a caller works, 0–100.
        ByHand = "by-hand",
        /// Distance of a caller's mix from the usual one, in thousandths of a bit.
        Mix = "mix",
        /// Distinct networks in a day (for the panes; no detector).
        SourcesDay = "sources-day",
        /// Distinct families of data, or things, in a day (for the panes; no detector).
        DomainsDay = "domains-day",
    }
}

/// Number of metrics.
pub const METRICS: usize = Metric::ALL.len();

impl Metric {
    /// Below this a value is never evidence, however unusual.
    pub fn floor(self) -> u64 {
        match self {
            Self::CallsHour | Self::CallsDay | Self::TokensHour | Self::PageChain => 20,
            Self::RowsHour | Self::RowsDay | Self::RowsJob => 500,
            Self::BytesDay => 5_000_000,
            Self::ObjectsDay | Self::FailuresHour => 5,
            Self::ProbesHour | Self::CallersCredential => 3,
            Self::JobsDay | Self::SecretsHour | Self::PrivilegedDay | Self::MintedDay => 1,
            Self::ByHand => 50,
            Self::Mix => 80,
            Self::SourcesDay | Self::DomainsDay => u64::MAX,
        }
    }
}

/// One closed day of one identity: all that learning needs. Vectors are sorted by symbol.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The day.
    pub day: Day,
    /// Values seen per dimension, with their events.
    pub values: Vec<Vec<(Sym, u64)>>,
    /// Largest value per metric.
    pub sizes: Vec<u64>,
    /// Failed calls.
    pub failed: u64,
    /// Calls.
    pub calls: u64,
    /// Hours of the week with events.
    pub hours: Vec<u8>,
    /// Run starts, in order.
    pub starts: Vec<Timestamp>,
    /// Names and classes of networks seen, for evidence.
    pub networks: Vec<(Sym, (String, String))>,
}

impl Summary {
    /// Keeps at most so many values over all dimensions, those with most events: for a day that waits to be learned. A flood
    /// of values must not be kept for every day that somebody is yet to decide on.
    pub fn trim(&mut self, cap: usize) {
        let level = level(self.values.iter().map(Vec::len), cap);
        for seen in &mut self.values {
            if seen.len() > level {
                seen.sort_unstable_by_key(|(sym, events)| (std::cmp::Reverse(*events), *sym));
                seen.truncate(level);
                seen.sort_unstable();
            }
        }
        let networks: Vec<Sym> =
            [Dim::Asn, Dim::Network].iter().filter_map(|dim| self.values.get(*dim as usize)).flatten().map(|(sym, _)| *sym).collect();
        self.networks.retain(|(sym, _)| networks.contains(sym));
    }
}

/// The most that each of several lists may keep so that together they keep at most `cap`: small ones stay whole.
fn level(lens: impl Iterator<Item = usize>, cap: usize) -> usize {
    let mut lens: Vec<usize> = lens.collect();
    lens.sort_unstable();
    let (mut left, mut lists) = (cap, lens.len());
    for len in lens {
        if len > left / lists.max(1) {
            return left / lists.max(1);
        }
        left -= len;
        lists -= 1;
    }
    usize::MAX
}

/// The frozen baseline of an identity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    values: Vec<Values>,
    sizes: Vec<Sizes>,
    /// Usual failure rate.
    pub failures: Failures,
    /// Usual hours.
    pub hours: Hours,
    /// Usual schedule.
    pub cadence: Cadence,
    /// Usual rests between active days.
    pub gaps: Gaps,
    /// Usual share of calls per action, in 2⁻³² units, day-weighted.
    mix: BTreeMap<Sym, Fixed>,
    /// Names and classes of networks that were seen.
    networks: BTreeMap<Sym, (String, String)>,
    /// Active days learned.
    pub days: u32,
    /// Last day learned.
    pub last: Option<Day>,
    /// First day learned.
    pub first: Option<Day>,
}

impl Profile {
    /// The values of a dimension.
    pub fn values(&self, dim: Dim) -> &Values {
        static EMPTY: std::sync::LazyLock<Values> = std::sync::LazyLock::new(Values::default);
        self.values.get(dim as usize).unwrap_or(&EMPTY)
    }

    /// The sizes of a metric.
    pub fn sizes(&self, metric: Metric) -> &Sizes {
        static EMPTY: std::sync::LazyLock<Sizes> = std::sync::LazyLock::new(Sizes::default);
        self.sizes.get(metric as usize).unwrap_or(&EMPTY)
    }

    /// Usual share of calls of an action, 0–1.
    pub fn share(&self, action: Sym) -> f64 {
        self.mix.get(&action).map_or(0.0, |f| f.to_f64())
    }

    /// Usual shares of all actions, by symbol.
    pub fn shares(&self) -> impl Iterator<Item = (Sym, f64)> {
        self.mix.iter().map(|(s, f)| (*s, f.to_f64()))
    }

    /// Name of a network, empty where it was never seen.
    pub fn network(&self, sym: Sym) -> &str {
        self.networks.get(&sym).map_or("", |(name, _)| name.as_str())
    }

    /// Class of a network, empty where it was never seen.
    pub fn network_class(&self, sym: Sym) -> &str {
        self.networks.get(&sym).map_or("", |(_, class)| class.as_str())
    }

    /// Smallest value of a metric that can be evidence at all: its absolute floor and the ratio to what is usual.
    pub fn gate(&self, metric: Metric, settings: &Settings) -> u64 {
        let sizes = self.sizes(metric);
        let ratio = if sizes.is_tight() { settings.size_ratio_tight } else { settings.size_ratio };
        let floor = if settings.gated(Gate::SizeFloor) { metric.floor() } else { metric.floor().min(1) };
        let ratio = if matches!(metric, Metric::Mix | Metric::ByHand) || !settings.gated(Gate::SizeRatio) { 1.0 } else { ratio };
        floor.max(libm::ceil(sizes.quantile(0.95) * ratio) as u64)
    }

    /// [`Self::gate`] of every metric: asked for once a day, used with every event.
    pub fn gates(&self, settings: &Settings) -> [u64; METRICS] {
        std::array::from_fn(|at| Metric::ALL.get(at).map_or(u64::MAX, |metric| self.gate(*metric, settings)))
    }

    /// Learns a day. `weight` is 1, or less for an undecided quarantined day.
    pub fn learn(&mut self, summary: &Summary, weight: Fixed, settings: &Settings) {
        if self.values.len() != Dim::ALL.len() {
            self.values = vec![Values::default(); Dim::ALL.len()];
            self.sizes = vec![Sizes::default(); Metric::ALL.len()];
        }
        for (dim, values) in Dim::ALL.iter().zip(&mut self.values) {
            let seen = summary.values.get(*dim as usize).map_or(&[][..], Vec::as_slice);
            let cap = if matches!(dim, Dim::Block | Dim::Ip) { settings.block_cap } else { settings.value_cap };
            values.learn(summary.day, seen, weight, settings.values_decay(), cap);
        }
        let level = level(self.values.iter().map(Values::len), settings.cell_cap);
        for values in &mut self.values {
            values.shrink(level);
        }
        for (metric, sizes) in Metric::ALL.iter().zip(&mut self.sizes) {
            // A day with too few calls for a mix, or for a pace, says nothing about how far they lie apart.
            let value = summary.sizes.get(*metric as usize).copied().unwrap_or(0);
            if matches!(metric, Metric::Mix | Metric::ByHand) && value == 0 {
                continue;
            }
            sizes.learn(value, weight, settings.sizes_decay());
        }
        self.failures.learn(summary.failed, summary.calls);
        self.hours.learn(&summary.hours, weight, settings.sizes_decay());
        self.cadence.learn(&summary.starts, weight, settings.sizes_decay());
        self.gaps.learn(summary.day, 0, weight, settings.sizes_decay());
        self.learn_mix(summary);
        for (sym, name) in &summary.networks {
            self.networks.entry(*sym).or_insert_with(|| name.clone());
        }
        let asn = &self.values[Dim::Asn as usize];
        let network = &self.values[Dim::Network as usize];
        self.networks.retain(|sym, _| asn.knows(*sym) || network.knows(*sym));
        self.days += 1;
        self.first = Some(self.first.map_or(summary.day, |d| d.min(summary.day)));
        self.last = Some(self.last.map_or(summary.day, |d| d.max(summary.day)));
    }

    /// Day-weighted mean of daily proportions: each day counts 1/(min(T, 43) + 1).
    fn learn_mix(&mut self, summary: &Summary) {
        let actions = summary.values.get(Dim::Action as usize).map_or(&[][..], Vec::as_slice);
        let all: u64 = actions.iter().map(|(_, n)| n).sum();
        if all == 0 {
            return;
        }
        let step = Fixed(Fixed::ONE.0 / (u64::from(self.days.min(43)) + 1));
        for share in self.mix.values_mut() {
            *share = share.minus(share.times(step));
        }
        for (action, n) in actions {
            let share = Fixed((u128::from(*n) * u128::from(Fixed::ONE.0) / u128::from(all)) as u64);
            let cell = self.mix.entry(*action).or_default();
            *cell = cell.plus(share.times(step));
        }
        let known = &self.values[Dim::Action as usize];
        if self.mix.len() > known.len() {
            self.mix.retain(|sym, _| known.knows(*sym));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i32, actions: &[(u64, u64)]) -> Summary {
        let mut values = vec![Vec::new(); Dim::ALL.len()];
        values[Dim::Action as usize] = actions.iter().map(|(s, n)| (Sym(*s), *n)).collect();
        let calls = actions.iter().map(|(_, n)| n).sum();
        let mut sizes = vec![0; Metric::ALL.len()];
        sizes[Metric::CallsDay as usize] = calls;
        Summary { day: Day(n), values, sizes, calls, hours: vec![2], ..Summary::default() }
    }

    #[test]
    fn the_mix_is_the_mean_of_daily_shares_not_of_calls() {
        let mut p = Profile::default();
        p.learn(&day(0, &[(1, 1_000)]), Fixed::ONE, &Settings::default());
        p.learn(&day(1, &[(2, 10)]), Fixed::ONE, &Settings::default());
        assert!((p.share(Sym(1)) - 0.5).abs() < 1e-6);
        assert!((p.share(Sym(2)) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn large_lists_give_way_first_and_small_ones_stay_whole() {
        for (lens, cap, want) in [
            (vec![5, 5, 5], 15, usize::MAX),
            (vec![5, 5, 6], 15, 5),
            (vec![2, 100, 100], 50, 24),
            (vec![200], 50, 50),
            (vec![], 50, usize::MAX),
        ] {
            let found = level(lens.iter().copied(), cap);
            assert_eq!(found, want, "{lens:?}");
            assert!(lens.iter().map(|len| (*len).min(found)).sum::<usize>() <= cap);
        }
    }

    #[test]
    fn a_flooded_day_that_waits_keeps_what_was_seen_most() {
        let mut flooded = day(0, &(1..=900).map(|n| (n, n % 7 + 1)).collect::<Vec<_>>());
        flooded.values[Dim::Domain as usize] = vec![(Sym(3), 1)];
        flooded.networks = vec![(Sym(9), ("gone".to_owned(), String::new()))];
        flooded.trim(101);
        let kept = &flooded.values[Dim::Action as usize];
        assert_eq!((kept.len(), flooded.values[Dim::Domain as usize].len(), flooded.networks.len()), (100, 1, 0));
        assert!(kept.iter().all(|(_, events)| *events == 7) && kept.is_sorted());
    }

    #[test]
    fn a_gate_is_never_below_its_floor() {
        let mut p = Profile::default();
        assert_eq!(p.gate(Metric::RowsDay, &Settings::default()), 500);
        for d in 0..40 {
            p.learn(&day(d, &[(1, 100)]), Fixed::ONE, &Settings::default());
        }
        let gate = p.gate(Metric::CallsDay, &Settings::default());
        assert!((115..=135).contains(&gate), "{gate}: a nearly constant past needs a ratio of 1.3 only");
    }

    #[test]
    fn a_profile_survives_being_written_down() {
        let mut p = Profile::default();
        for d in 0..5 {
            p.learn(&day(d, &[(1, 5), (2, 1)]), Fixed::ONE, &Settings::default());
        }
        let bytes = postcard::to_stdvec(&p).unwrap();
        assert_eq!(postcard::from_bytes::<Profile>(&bytes).unwrap(), p);
    }
}
