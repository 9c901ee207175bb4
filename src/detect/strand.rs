//! A strand: the events of one identity and one day that share a caller (network and client). Evidence is gathered per
//! strand, so that a thief and the rightful workload, both using the same credential at the same time, are not mixed
//! into one picture. It must not know episodes or alerts.

use super::episode::Threat;
use super::evidence::{Family, Ledger};
use super::settings::{Gate, Settings};
use super::threat::{self, Term};
use super::today::{Share, SymSet, network_sym};
use crate::baseline::{Pace, pairs::Turns};
use crate::model::alert::EventRef;
use crate::model::{ActionClass, Agent, Network, Observation, Probe, Source, Sym, Timestamp};
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

impl Caller {
    /// One symbol for it.
    pub fn sym(self) -> Sym {
        Sym((self.network.0.rotate_left(23) ^ self.agent.0).max(1))
    }
}

/// In whose hands a credential is, as one event shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hands {
    /// Two callers that take turns on it.
    pub turns: Option<Turns>,
    /// Those two are in one cloud.
    pub same_cloud: bool,
    /// One of them was announced.
    pub announced: bool,
    /// A caller at home that uses it too, where this one is not at home.
    pub home: Option<Sym>,
    /// Callers in the last quarter of an hour.
    pub callers: u64,
}

/// One sort of call, or tool, after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Both together.
    pub pair: Sym,
    /// The one before.
    pub from: Sym,
    /// The one after.
    pub to: Sym,
    /// Whether the operation behind the second is known: else its novelty says it already.
    pub known: bool,
}

/// Tag of classes among ends of a turn.
const CLASS: u64 = 0x43 << 56;

impl Turn {
    /// What an event is an end of: the tool it called, else its class.
    pub fn end(o: &Observation) -> Sym {
        if o.tool.is_some() { o.tool } else { Sym(CLASS | o.class as u64 | 1 << 32) }
    }

    /// The class behind an end.
    pub fn class(end: Sym) -> Option<ActionClass> {
        if end.0 >> 32 == CLASS >> 32 | 1 { u8::try_from(end.0 & 0xff).ok().and_then(ActionClass::from_code) } else { None }
    }

    /// The turn from one end to another.
    pub fn of(from: Sym, to: Sym, known: bool) -> Self {
        Self { pair: Sym((from.0.rotate_left(19) ^ to.0).max(1)), from, to, known }
    }
}

/// Kinds of things others say that a strand keeps.
const SAID: usize = 8;
/// Explanations a strand keeps.
const EXPLAINED: usize = 8;
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
    /// Kinds of data, regions and questions never touched before.
    pub new_objects: [Vec<Sym>; 3],
    /// Privileged operations never used before.
    pub new_privileged: Vec<Sym>,
    /// Operations that make credentials, never used before.
    pub new_minting: Vec<Sym>,
    /// Orders of calls never seen before, as text.
    pub new_turns: Vec<String>,
    /// The caller as a symbol.
    pub caller: Sym,
    /// In whose hands the credential of its newest event is.
    pub hands: Hands,
    /// Detectors of the client family that could have spoken.
    pub client_looks: u8,
    /// Hours of the day it was active in, as bits.
    pub hours: u32,
    /// Its pace.
    pub pace: Pace,
    /// How much like a person it worked at any look.
    pub by_hand: u64,
    /// What its last call was.
    pub end: Sym,
    /// What its newest call follows on, until it is judged.
    pub turn: Option<Turn>,
    /// The question it asks page after page, and how many pages so far.
    pub shape: Sym,
    /// Pages of it in a row.
    pub chain: u64,
    /// Rules of single events that fired.
    pub rules: Vec<Sym>,
    /// What explains part of its evidence, and what was considered and does not.
    pub explained: Vec<String>,
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
    /// Credentials and identities it made.
    pub minted: u64,
    /// Other identities it acted on, capped.
    pub targets: SymSet,
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

    /// Whether a rule of single events fired.
    pub fn fired(&self, rule: Sym) -> bool {
        self.rules.contains(&rule)
    }

    /// Notes what explains part of the evidence, or was considered and does not.
    pub fn explain(&mut self, what: String) {
        if self.explained.len() < EXPLAINED && !self.explained.contains(&what) {
            self.explained.push(what);
        }
    }

    /// Takes an event in before it is judged: its pace, its order, its pages.
    pub fn follow(&mut self, o: &Observation, known: bool) {
        self.pace.add(crate::baseline::pace::Step {
            time: o.time,
            action: o.action,
            failed: o.failed(),
            looks: matches!(o.class, ActionClass::Describe | ActionClass::List),
            queries: matches!(o.class, ActionClass::Query | ActionClass::Read),
        });
        if o.failed() {
            return;
        }
        let end = Turn::end(o);
        self.turn = (self.end.is_some() && self.end != end).then(|| Turn::of(self.end, end, known));
        self.end = end;
        if o.query_shape.is_some() {
            self.chain = if self.shape == o.query_shape { self.chain + 1 } else { 1 };
            self.shape = o.query_shape;
        }
    }

    /// Families unusual enough to make a pattern, with the caller's network and client; `None` below two.
    pub fn pattern(&self) -> Option<Sym> {
        let families = Family::ALL.iter().filter(|f| self.ledger.family(**f).0 >= 0.8).fold(0u64, |bits, f| bits | 1 << *f as u64);
        (families.count_ones() >= 2).then(|| Sym((self.caller.0.rotate_left(11) ^ families.wrapping_mul(0x9e37_79b9_7f4a_7c15)).max(1)))
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
pub fn threat_bans(terms: &[Term], ledger: &Ledger, settings: &Settings) -> f64 {
    let unusual = ledger.family(Family::Source).0 >= 1.0 || !settings.gated(Gate::ThreatSource);
    terms.iter().filter(|t| t.always || unusual).map(|t| t.bans).sum::<f64>().min(threat::MAX)
}
