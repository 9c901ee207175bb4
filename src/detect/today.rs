//! The open day of one identity: counters that take events in any order and become a [`Summary`] at the close. Nothing
//! here judges. Numbers that decide nothing are not kept.

use super::privilege::Privilege;
use super::profile::{Dim, METRICS, Metric, Summary};
use super::settings::Settings;
use super::strand::Hands;
use crate::baseline::pairs::Interleaving;
use crate::model::time::MINUTE;
use crate::model::{ActionClass, Day, JobStep, Network, Observation, Source, Sym, Timestamp};
use foldhash::fast::FixedState;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A map keyed by symbols: they are hashes already, a cheap fixed hash keeps look-ups short and the same everywhere.
pub type SymMap<V> = HashMap<Sym, V, FixedState>;
/// A set of symbols.
pub type SymSet = HashSet<Sym, FixedState>;

/// Silence after which an event begins a new run.
pub const RUN_GAP: i64 = 15 * MINUTE;
/// Run starts of a day that are kept.
const STARTS: usize = 128;
/// Credentials of a day whose callers are told apart.
const CREDENTIALS: usize = 256;
/// Callers of one credential that are told apart.
const CALLERS: usize = 32;

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

/// A caller that uses a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Who.
    pub caller: Sym,
    /// When last.
    pub last: Timestamp,
    /// Whether the identity is usually there.
    pub home: bool,
    /// Class of network with its cloud.
    pub network: Sym,
    /// Whether that is a cloud.
    pub cloud: bool,
    /// Whether somebody announced that it would come from there.
    pub announced: bool,
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
    rows_hour: [u64; 24],
    probes_hour: [u32; 24],
    failures_hour: [u32; 24],
    secrets_hour: [u32; 24],
    tokens_hour: [u32; 24],
    /// Privileged operations that worked.
    privileged: u64,
    /// Credentials and identities made.
    minted: u64,
    /// In whose hands each credential is.
    hands: SymMap<(Interleaving, Vec<Hand>)>,
    /// Most callers of one credential within a quarter of an hour.
    callers_most: u64,
    /// Run starts: the first event after a quarter of an hour of silence.
    starts: Vec<Timestamp>,
    objects: SymSet,
    jobs: BTreeMap<Sym, Job>,
    networks: BTreeMap<Sym, (String, String)>,
    /// Families of data, or things where a record names no family.
    kinds: SymSet,
    /// Largest distance of a caller's mix, in thousandths of a bit.
    pub mix: u64,
    /// Longest run of one question, page after page, of any caller.
    pub chain: u64,
    /// How much like a person the most personal caller works, 0–100.
    pub by_hand: u64,
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

    /// Takes an event in; `before` is the identity's event before it, of any day.
    pub fn add(&mut self, o: &Observation, before: Option<Timestamp>, privilege: Option<Privilege>, settings: &Settings) {
        let hour = usize::from(o.time.hour());
        self.calls += 1;
        if before.is_none_or(|before| o.time.since(before) >= RUN_GAP) && self.starts.len() < STARTS {
            self.starts.push(o.time);
        }
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
            match o.class {
                ActionClass::Secret => bump_hour(&mut self.secrets_hour, hour),
                ActionClass::Token => bump_hour(&mut self.tokens_hour, hour),
                _ => {}
            }
            if let Some(privilege) = privilege {
                self.privileged += 1;
                self.bump(Dim::Privileged, o.action);
                if privilege == Privilege::Mint {
                    self.minted += 1;
                    self.bump(Dim::Minting, o.action);
                }
            }
        }
        self.bytes += o.bytes.unwrap_or(0);
        self.bump(Dim::Action, o.action);
        self.bump(Dim::Auth, o.auth_method);
        self.bump(Dim::Domain, o.domain);
        self.bump(Dim::Region, o.region);
        self.bump(Dim::Scopes, o.scopes);
        self.bump(Dim::Shape, o.query_shape);
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
        let hour = usize::from(o.time.hour());
        if o.job.is_none() || (!self.jobs.contains_key(&o.job) && self.jobs.len() >= 256) {
            self.rows += rows;
            if let Some(sum) = self.rows_hour.get_mut(hour) {
                *sum = sum.saturating_add(rows);
            }
            return;
        }
        let job = self.jobs.entry(o.job).or_insert_with(|| Job { first: o.time, ..Job::default() });
        let before = job.rows();
        *job.rows.entry(o.action).or_insert(0) += rows;
        let more = job.rows() - before;
        self.rows += more;
        if let Some(sum) = self.rows_hour.get_mut(hour) {
            *sum = sum.saturating_add(more);
        }
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

    /// Notes who uses a credential, and tells in whose hands it is.
    pub fn use_credential(&mut self, credential: Sym, hand: Hand) -> Hands {
        if self.hands.len() >= CREDENTIALS && !self.hands.contains_key(&credential) {
            return Hands::default();
        }
        let (interleaving, hands) = self.hands.entry(credential).or_default();
        let turns = interleaving.add(hand.last, hand.caller);
        if let Some(have) = hands.iter_mut().find(|h| h.caller == hand.caller) {
            *have = hand;
        } else if hands.len() < CALLERS {
            hands.push(hand);
        }
        let network = |caller: Sym| hands.iter().find(|h| h.caller == caller).map(|h| (h.network, h.cloud));
        let same_cloud = turns.is_some_and(|t| matches!((network(t.back), network(t.between)), (Some(a), Some(b)) if a == b && a.1));
        let callers = hands.iter().filter(|h| hand.last.since(h.last) <= 15 * MINUTE).count() as u64;
        self.callers_most = self.callers_most.max(callers);
        let announced = turns.is_some_and(|t| hands.iter().any(|h| h.announced && (h.caller == t.back || h.caller == t.between)));
        let home = if hand.home { None } else { hands.iter().find(|h| h.home && h.network != hand.network).map(|h| h.caller) };
        Hands { turns, same_cloud, announced, home, callers }
    }

    /// Run starts so far.
    pub fn starts(&self) -> &[Timestamp] {
        &self.starts
    }

    /// Value of a metric so far; those of an hour for the hour given.
    pub fn size(&self, metric: Metric, hour: u8) -> u64 {
        let at = |hours: &[u32; 24]| u64::from(hours.get(usize::from(hour)).copied().unwrap_or(0));
        match metric {
            Metric::CallsHour => at(&self.calls_hour),
            Metric::ProbesHour => at(&self.probes_hour),
            Metric::FailuresHour => at(&self.failures_hour),
            Metric::SecretsHour => at(&self.secrets_hour),
            Metric::TokensHour => at(&self.tokens_hour),
            Metric::RowsHour => self.rows_hour.get(usize::from(hour)).copied().unwrap_or(0),
            Metric::PageChain => self.chain,
            Metric::CallersCredential => self.callers_most,
            Metric::PrivilegedDay => self.privileged,
            Metric::MintedDay => self.minted,
            Metric::ByHand => self.by_hand,
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
        let mut together: BTreeMap<Sym, u64> = BTreeMap::new();
        for (pair, n) in self.hands.values().flat_map(|(interleaving, _)| interleaving.day_pairs()) {
            *together.entry(pair).or_insert(0) += n;
        }
        let mut values: Vec<Vec<(Sym, u64)>> = self
            .counts
            .iter()
            .map(|counts| {
                let mut seen: Vec<(Sym, u64)> = counts.iter().map(|(s, n)| (*s, *n)).collect();
                seen.sort_unstable();
                seen
            })
            .collect();
        if let Some(pairs) = values.get_mut(Dim::Pair as usize) {
            *pairs = together.into_iter().collect();
        }
        let most = |hours: &[u32; 24]| u64::from(hours.iter().copied().max().unwrap_or(0));
        let mut sizes = vec![0; METRICS];
        for (metric, size) in Metric::ALL.iter().zip(&mut sizes) {
            *size = match metric {
                Metric::CallsHour => most(&self.calls_hour),
                Metric::ProbesHour => most(&self.probes_hour),
                Metric::FailuresHour => most(&self.failures_hour),
                Metric::SecretsHour => most(&self.secrets_hour),
                Metric::TokensHour => most(&self.tokens_hour),
                Metric::RowsHour => self.rows_hour.iter().copied().max().unwrap_or(0),
                other => self.size(*other, 0),
            };
        }
        let hours = (0..24u8).filter(|h| self.active_hours & 1 << h != 0).map(|h| self.day.weekday() * 24 + h).collect();
        Summary {
            day: self.day,
            values,
            sizes,
            failed: self.failed,
            calls: self.calls,
            hours,
            starts: self.starts.clone(),
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
