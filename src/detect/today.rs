//! The open day of one identity: counters that take events in any order and become a [`Summary`] at the close. Nothing
//! here judges. Numbers that decide nothing are not kept.

use super::profile::{Dim, Metric, Summary};
use super::settings::Settings;
use crate::model::{Day, JobStep, Network, Observation, Source, Sym, Timestamp};
use foldhash::fast::FixedState;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A map keyed by symbols: they are hashes already, a cheap fixed hash keeps look-ups short and the same everywhere.
pub type SymMap<V> = HashMap<Sym, V, FixedState>;
/// A set of symbols.
pub type SymSet = HashSet<Sym, FixedState>;

/// A bulk job as seen so far today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// Family of data.
    pub domain: Sym,
    /// Records: per action, because the same records may be told by several (job rows and result pages).
    rows: BTreeMap<Sym, u64>,
    /// First event.
    pub first: Timestamp,
    /// When it was created.
    pub created: Option<Timestamp>,
}

impl Job {
    /// Records the job moved, as far as is known: the largest account any one operation gives.
    pub fn rows(&self) -> u64 {
        self.rows.values().copied().max().unwrap_or(0)
    }
}

/// What one caller did, in the quantities sizes are measured in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Calls.
    pub calls: u64,
    /// Records.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// Failed calls.
    pub failed: u64,
    /// Reconnaissance calls.
    pub probes: u64,
    /// Distinct resources, capped.
    pub objects: u64,
}

impl Share {
    /// The larger of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            calls: self.calls.max(other.calls),
            rows: self.rows.max(other.rows),
            bytes: self.bytes.max(other.bytes),
            failed: self.failed.max(other.failed),
            probes: self.probes.max(other.probes),
            objects: self.objects.max(other.objects),
        }
    }
}

/// Symbol of a class of network with its cloud. Labels are ours, not the log's, so a short hash is enough.
pub fn network_sym(source: &Source) -> Sym {
    let label = source.label.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    Sym(0x4e << 56 | (source.network as u64) << 48 | label >> 16)
}

/// The open day.
#[derive(Clone, Debug, Default)]
pub struct Today {
    /// Which day.
    pub day: Day,
    counts: Vec<SymMap<u64>>,
    /// Calls so far.
    pub calls: u64,
    /// Other products' findings so far; they are no calls.
    pub findings: u64,
    /// Failed calls so far.
    pub failed: u64,
    /// Records so far.
    pub rows: u64,
    /// Bytes so far.
    pub bytes: u64,
    /// Hours of the day with events, as bits.
    active_hours: u32,
    calls_hour: [u32; 24],
    probes_hour: [u32; 24],
    failures_hour: [u32; 24],
    objects: SymSet,
    jobs: BTreeMap<Sym, Job>,
    networks: BTreeMap<Sym, (String, String)>,
    /// Families of data, or things where a record names no family.
    kinds: SymSet,
    /// Largest distance of a caller's mix, in thousandths of a bit.
    pub mix: u64,
    /// The most any one caller did.
    pub largest: Share,
}

impl Today {
    /// An empty day.
    pub fn new(day: Day) -> Self {
        Self { day, counts: vec![SymMap::default(); Dim::ALL.len()], ..Self::default() }
    }

    /// How often a value was seen today.
    pub fn count(&self, dim: Dim, value: Sym) -> u64 {
        self.counts.get(dim as usize).and_then(|m| m.get(&value)).copied().unwrap_or(0)
    }

    /// Distinct values of a dimension today.
    pub fn distinct(&self, dim: Dim) -> usize {
        self.counts.get(dim as usize).map_or(0, HashMap::len)
    }

    /// Counts a value; absent ones are not counted.
    pub fn bump(&mut self, dim: Dim, value: Sym) {
        if value.is_some()
            && let Some(counts) = self.counts.get_mut(dim as usize)
        {
            // A flood of distinct values must not grow the day without bound: past the cap only known ones count.
            if counts.len() < 8_192 || counts.contains_key(&value) {
                *counts.entry(value).or_insert(0) += 1;
            }
        }
    }

    /// Takes an event in.
    pub fn add(&mut self, o: &Observation, settings: &Settings) {
        let hour = usize::from(o.time.hour());
        self.calls += 1;
        self.active_hours |= 1 << hour;
        // A storm of retries is a matter of failures alone: it must not look like volume or reconnaissance as well.
        if o.failed() {
            self.failed += 1;
            bump_hour(&mut self.failures_hour, hour);
            self.bump(Dim::Failure, o.action);
        } else {
            bump_hour(&mut self.calls_hour, hour);
            if o.probe.is_some() {
                bump_hour(&mut self.probes_hour, hour);
            }
        }
        self.bytes += o.bytes.unwrap_or(0);
        self.bump(Dim::Action, o.action);
        self.bump(Dim::Auth, o.auth_method);
        self.bump(Dim::Domain, o.domain);
        self.bump(Dim::Region, o.region);
        if o.resource.is_some() && self.objects.len() < settings.object_cap {
            self.objects.insert(o.resource);
        }
        let kind = if o.domain.is_some() { o.domain } else { o.resource };
        if kind.is_some() && self.kinds.len() < settings.object_cap {
            self.kinds.insert(kind);
        }
        if !o.via_provider() {
            if let Some(source) = &o.source {
                self.add_source(source);
            }
            if let Some(agent) = &o.agent {
                self.bump(Dim::Agent, agent.family_sym);
            }
        }
        self.add_rows(o);
    }

    fn add_source(&mut self, source: &Source) {
        // What hides its user is never learned: it would only teach the baseline to look away.
        if matches!(source.network, Network::Tor | Network::Vpn) {
            return;
        }
        let (network, asn) = (network_sym(source), source.network_key());
        if self.count(Dim::Network, network) == 0 {
            self.networks.insert(network, (class_name(source), source.network.as_str().to_owned()));
        }
        if self.count(Dim::Asn, asn) == 0 {
            self.networks.insert(asn, (source.network_name(), source.network.as_str().to_owned()));
        }
        self.bump(Dim::Network, network);
        self.bump(Dim::Asn, asn);
        self.bump(Dim::Block, source.block);
        self.bump(Dim::Ip, source.ip);
    }

    /// Rows count once: a bulk job's through the job, everything else as it comes.
    fn add_rows(&mut self, o: &Observation) {
        let rows = o.rows.unwrap_or(0);
        if o.job.is_none() {
            self.rows += rows;
            return;
        }
        if !self.jobs.contains_key(&o.job) && self.jobs.len() >= 256 {
            self.rows += rows;
            return;
        }
        let job = self.jobs.entry(o.job).or_insert_with(|| Job { first: o.time, ..Job::default() });
        let before = job.rows();
        *job.rows.entry(o.action).or_insert(0) += rows;
        self.rows += job.rows() - before;
        if job.domain.is_none() && o.domain.is_some() {
            job.domain = o.domain;
        }
        if o.job_step == Some(JobStep::Create) {
            job.created = Some(o.time);
        }
        let domain = job.domain;
        if o.job_step.is_some() {
            self.bump(Dim::JobDomain, if domain.is_some() { domain } else { Sym(1) });
        }
    }

    /// A job of today.
    pub fn job(&self, job: Sym) -> Option<&Job> {
        self.jobs.get(&job)
    }

    /// Value of a metric so far; those of an hour for the hour given.
    pub fn size(&self, metric: Metric, hour: u8) -> u64 {
        let at = |hours: &[u32; 24]| u64::from(hours.get(usize::from(hour)).copied().unwrap_or(0));
        match metric {
            Metric::CallsHour => at(&self.calls_hour),
            Metric::ProbesHour => at(&self.probes_hour),
            Metric::FailuresHour => at(&self.failures_hour),
            Metric::CallsDay => self.calls - self.failed,
            Metric::RowsDay => self.rows,
            Metric::BytesDay => self.bytes,
            Metric::ObjectsDay => self.objects.len() as u64,
            Metric::JobsDay => self.jobs.len() as u64,
            Metric::RowsJob => self.jobs.values().map(Job::rows).max().unwrap_or(0),
            Metric::Mix => self.mix,
            Metric::SourcesDay => self.distinct(Dim::Asn) as u64,
            Metric::DomainsDay => self.kinds.len() as u64,
        }
    }

    /// What the day leaves to learn.
    pub fn summary(&self) -> Summary {
        let values = self
            .counts
            .iter()
            .map(|counts| {
                let mut seen: Vec<(Sym, u64)> = counts.iter().map(|(s, n)| (*s, *n)).collect();
                seen.sort_unstable();
                seen
            })
            .collect();
        let most = |hours: &[u32; 24]| u64::from(hours.iter().copied().max().unwrap_or(0));
        let sizes = Metric::ALL
            .into_iter()
            .map(|m| match m {
                Metric::CallsHour => most(&self.calls_hour),
                Metric::ProbesHour => most(&self.probes_hour),
                Metric::FailuresHour => most(&self.failures_hour),
                other => self.size(other, 0),
            })
            .collect();
        let hours = (0..24u8).filter(|h| self.active_hours & 1 << h != 0).map(|h| self.day.weekday() * 24 + h).collect();
        Summary {
            day: self.day,
            values,
            sizes,
            failed: self.failed,
            calls: self.calls,
            hours,
            networks: self.networks.iter().map(|(s, n)| (*s, n.clone())).collect(),
        }
    }
}

/// `cloud aws`, `isp`, `private 192.168.0.0/16 …` in words.
pub fn class_name(source: &Source) -> String {
    if source.label.is_empty() { source.network.as_str().to_owned() } else { format!("{} {}", source.network, source.label) }
}

fn bump_hour(hours: &mut [u32; 24], hour: usize) {
    if let Some(h) = hours.get_mut(hour) {
        *h = h.saturating_add(1);
    }
}
