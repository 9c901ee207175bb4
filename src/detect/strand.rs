//! A strand: the events of one identity and one day that share a caller (network and client). Evidence is gathered per
//! strand, so that a thief and the rightful workload, both using the same credential at the same time, are not mixed
//! into one picture. It must not know episodes or alerts.

use super::episode::Threat;
use super::evidence::{Family, Ledger};
use super::threat::{self, Term};
use super::today::{Share, SymSet, network_sym};
use crate::model::alert::EventRef;
use crate::model::{Agent, Network, Observation, Probe, Source, Sym, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who calls, as far as it tells strands apart: a cloud's addresses rotate, so a cloud is one network; anything else is
/// its block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Caller {
    /// Network or block.
    pub network: Sym,
    /// Client family.
    pub agent: Sym,
}

impl Caller {
    /// The caller of an event.
    pub fn of(o: &Observation) -> Self {
        if o.via_provider() {
            return Self::default();
        }
        let network = o.source.as_deref().map_or(Sym::NONE, |s| match s.network {
            Network::Cloud => Sym(network_sym(s).0 ^ s.network_key().0.rotate_left(7)),
            Network::Provider => network_sym(s),
            _ => s.block,
        });
        Self { network, agent: o.agent.as_deref().map_or(Sym::NONE, |a| a.family_sym) }
    }
}

/// Kinds of things others say that a strand keeps.
const SAID: usize = 8;
/// Events kept as support of a strand.
pub const SUPPORT: usize = 50;

/// What is known of one caller today.
#[derive(Clone, Debug, Default)]
pub struct Strand {
    /// Evidence so far.
    pub ledger: Ledger,
    /// Threat context.
    pub threat: Vec<Term>,
    /// What others say about its events: indicators, leaked credentials.
    pub said: Vec<Threat>,
    /// Its source, as first seen.
    pub source: Option<Arc<Source>>,
    /// Its client, as first seen.
    pub agent: Option<Arc<Agent>>,
    /// Values already looked at.
    pub seen: SymSet,
    /// Operations never called before, in the order they came.
    pub new_actions: Vec<Sym>,
    /// Operations called before, but rarely.
    pub rare_actions: SymSet,
    /// Families of data never touched before.
    pub new_domains: Vec<Sym>,
    /// Regions never used before.
    pub new_regions: Vec<Sym>,
    /// Operations that never failed before.
    pub new_failures: Vec<Sym>,
    /// Calls per known operation.
    pub mix: BTreeMap<Sym, u64>,
    /// Calls of known operations.
    pub mixed: u64,
    /// Largest distance of the mix at any look.
    pub mix_most: u64,
    /// Last time each kind of reconnaissance was unusual for this identity, with its event.
    pub probes: [Option<(Timestamp, EventRef)>; 5],
    /// What it did so far.
    pub share: Share,
    /// Events that changed the evidence, at most [`SUPPORT`].
    pub support: Vec<EventRef>,
    /// Distinct resources, capped.
    pub objects: SymSet,
    /// Distinct identities acted on are counted through impact only; this is the gravest class touched (0–3).
    pub impact: u8,
    /// The episode it belongs to.
    pub episode: Option<u32>,
}

impl Strand {
    /// Notes an event that changed the evidence.
    pub fn note(&mut self, event: EventRef) {
        if self.support.len() < SUPPORT && self.support.last() != Some(&event) {
            self.support.push(event);
        }
    }

    /// Notes what others say about an event; says whether it is new.
    pub fn hear(&mut self, said: Vec<Threat>) -> bool {
        let before = self.said.len();
        for term in said {
            if self.said.len() < SAID && !self.said.iter().any(|have| have.name == term.name) {
                self.said.push(term);
            }
        }
        self.said.len() > before
    }

    /// Sum of threat terms that count, in bans.
    pub fn threat_bans(&self) -> f64 {
        threat_bans(&self.threat, &self.ledger)
    }

    /// Kinds of reconnaissance that were unusual in the hour before `now`.
    pub fn probing(&self, now: Timestamp) -> Vec<(Probe, Timestamp, EventRef)> {
        let mut out: Vec<(Probe, Timestamp, EventRef)> = Probe::ALL
            .iter()
            .zip(&self.probes)
            .filter_map(|(kind, at)| at.filter(|(t, _)| now.since(*t) <= crate::model::time::HOUR).map(|(t, e)| (*kind, t, e)))
            .collect();
        out.sort_by_key(|(_, t, e)| (*t, e.id));
        out
    }
}

/// Threat terms that count beside the evidence: all but the marked ones need a source at least a ban unusual.
pub fn threat_bans(terms: &[Term], ledger: &Ledger) -> f64 {
    let unusual = ledger.family(Family::Source).0 >= 1.0;
    terms.iter().filter(|t| t.always || unusual).map(|t| t.bans).sum::<f64>().min(threat::MAX)
}
