//! The detectors: each asks the frozen profile how unusual one thing about a strand is and enters the answer, with both
//! numbers, in the strand's ledger. They read the profile and today's counters and change neither. One file per family;
//! what they share stands here.

mod action;
mod amounts;
mod breadth;
mod client;
mod privilege;
mod purpose;
mod source;
mod timing;

use super::declared::{self, Version};
use super::evidence::{Detector, Evidence};
use super::privilege::Privilege;
use super::profile::{Dim, METRICS, Metric, Profile};
use super::settings::{Gate, Settings};
use super::strand::Strand;
use super::today::Today;
use crate::baseline::Sizes;
use crate::context::changes::{Change, Dimension};
use crate::model::observation::Names;
use crate::model::{Kind, Observation, Sym, Timestamp};
use std::sync::OnceLock;

/// What a detector may look at.
pub struct Bench<'a> {
    /// The frozen baseline.
    pub profile: &'a Profile,
    /// Counters of the open day.
    pub today: &'a Today,
    /// The model.
    pub settings: &'a Settings,
    /// Texts behind symbols.
    pub names: &'a dyn Names,
    /// What sort of identity it is.
    pub kind: Kind,
    /// Smallest value of each metric that can be evidence, by [`Profile::gates`].
    pub gates: &'a [u64; METRICS],
    /// What people declared of the identity, as it stands at this event.
    pub declared: &'a Version,
    /// What the event does to who may do what.
    pub privilege: Option<Privilege>,
    /// The run this event belongs to.
    pub run: Run,
    /// How unusual each hour of the open day is; found out when it is first asked.
    pub hours: &'a OnceLock<Option<[f64; 24]>>,
}

/// The run an event belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Run {
    /// Whether the event begins it.
    pub begins: bool,
    /// When the run before it was last heard of.
    pub before: Option<Timestamp>,
    /// How many times its usual work it may have to catch up on; 1 where nothing was missed.
    pub backlog: f64,
}

/// Values a strand has looked at up to which every better evidence is told at once.
const SMALL: usize = 64;

/// Values a sentence names at most.
const LISTED: usize = 6;

/// Share of evidence that is left where an announced change explains it.
pub const ANNOUNCED: f64 = 0.1;
/// Share of evidence that is left where a run catches up on missed ones.
pub const CAUGHT_UP: f64 = 0.3;

impl Bench<'_> {
    /// Judges whatever is new about this event in its strand; `true` when the evidence changed.
    pub fn judge(&self, strand: &mut Strand, o: &Observation) -> bool {
        let mut changed = false;
        if !o.via_provider() {
            changed |= self.source(strand, o);
            changed |= self.client(strand, o);
            changed |= self.timing(strand, o);
        }
        changed |= self.action(strand, o);
        changed |= self.breadth(strand, o);
        changed |= self.privileged(strand, o);
        changed |= self.failures(strand, o);
        changed |= self.sizes(strand, o);
        changed | self.purpose(strand, o)
    }

    /// Texts of the first few of several values, as many as a sentence names: a long list is not looked up again with
    /// every value that joins it.
    fn first_texts(&self, values: &[Sym]) -> Vec<String> {
        values.iter().take(LISTED).map(|sym| self.names.show(*sym)).collect()
    }

    fn days(&self) -> String {
        let n = self.profile.days;
        format!("{n} active day{}", if n == 1 { "" } else { "s" })
    }

    fn gate(&self, metric: Metric) -> u64 {
        self.gates.get(metric as usize).copied().unwrap_or(u64::MAX)
    }

    fn p_new(&self, dim: Dim, k: usize) -> f64 {
        self.profile.values(dim).p_new(k as u32, self.settings.prior())
    }

    /// Probability of a size at least as large, but none rarer than so many days can tell: a tail is read out of the range
    /// no further than the square of what the range itself could show, its cube once two weeks are known.
    fn tail(&self, sizes: &Sizes, value: u64) -> f64 {
        let power = if sizes.active_days() < self.settings.young_days { 2.0 } else { 3.0 };
        let p = sizes.p_tail(value).max(libm::pow(0.5 / (sizes.weight() + 1.0), power));
        // More of the same is a backfill as often as a theft: it convinces alone only when it is many times more.
        let modest = (value as f64) < sizes.max() as f64 * self.settings.size_multiple && self.settings.gated(Gate::SizeMultiple);
        if modest { p.max(libm::pow(10.0, -self.settings.size_bans)) } else { p }
    }

    fn first_sight(strand: &mut Strand, dim: Dim, value: Sym) -> bool {
        // One set serves all dimensions; a caller with thousands of distinct values has long said what it has to say.
        value.is_some() && strand.seen.len() < 4_096 && strand.seen.insert(Sym(value.0.rotate_left(dim as u32 * 5) ^ dim as u64))
    }

    /// Whether evidence of this probability is worth writing down.
    fn matters(&self, strand: &Strand, detector: Detector, p: f64) -> bool {
        self.settings.speaks(detector) && strand.ledger.would_change(detector, p)
    }

    /// Enters evidence when it beats what is there, and otherwise refreshes its words.
    fn enter(&self, strand: &mut Strand, detector: Detector, evidence: Evidence) -> bool {
        if !self.settings.speaks(detector) {
            return false;
        }
        let better = strand.ledger.would_change(detector, evidence.p);
        if better || strand.ledger.get(detector).is_some() {
            // Where it is hardly less probable it is the same finding with newer numbers: a long list is not told anew with
            // every value that joins it.
            let replaced = strand.ledger.put(detector, evidence);
            return replaced && (better || strand.seen.len() < SMALL);
        }
        false
    }

    /// The announced change that explains something of a dimension, if one does: noted with the strand, as is one that
    /// covers the dimension and not the value.
    fn announced(&self, strand: &mut Strand, at: Timestamp, dimension: Dimension, what: &str, allows: impl Fn(&Change) -> bool) -> bool {
        if self.declared.changes.is_empty() || !self.settings.gated(Gate::Announced) {
            return false;
        }
        let mut near = None;
        for change in self.declared.announced(at, dimension) {
            if allows(change) {
                strand.explain(format!("{} covers {dimension}: {what} counts a tenth", declared::named(change)));
                return true;
            }
            near = near.or(Some(change));
        }
        if let Some(change) = near {
            strand.explain(format!("{} covers {dimension}, not {what}: not applied", declared::named(change)));
        }
        false
    }

    /// What the records of this identity never say, so that it cannot be called normal.
    pub fn not_observable(&self) -> Vec<String> {
        let mut out = Vec::new();
        let silent = |dim: Dim| self.profile.values(dim).is_empty() && self.today.distinct(dim) == 0;
        if silent(Dim::Block) && silent(Dim::Network) {
            out.push("source: its records carry no address".to_owned());
        }
        out.push("travel: no coordinates of addresses are known".to_owned());
        if silent(Dim::Agent) {
            out.push("client: its records carry no user agent".to_owned());
        }
        if silent(Dim::Auth) {
            out.push("authentication: its records do not say how it signed in".to_owned());
        }
        if silent(Dim::Domain) {
            out.push("data: its records name no kind of data".to_owned());
        }
        if !self.profile.sizes(Metric::RowsDay).ever() && self.today.rows == 0 {
            out.push("rows: its records carry no counts of records".to_owned());
        }
        if !self.profile.sizes(Metric::BytesDay).ever() && self.today.bytes == 0 {
            out.push("bytes: its records carry no sizes".to_owned());
        }
        out
    }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}
