//! The detectors: each asks the frozen profile how unusual one thing about a strand is and enters the answer, with both
//! numbers, in the strand's ledger. They read the profile and today's counters and change neither.

mod amounts;

use super::evidence::{Detector, Evidence, Family, listed};
use super::profile::{Dim, Metric, Profile};
use super::settings::Settings;
use super::strand::Strand;
use super::threat;
use super::today::{Today, network_sym};
use crate::baseline::mix::{self, Share};
use crate::model::observation::Names;
use crate::model::{Kind, Network, Observation, Source, Sym};

/// Calls of known operations below which a mix says nothing.
const MIX_CALLS: u64 = 16;

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
    pub gates: &'a [u64; 12],
}

/// Values a sentence names at most.
const LISTED: usize = 6;

impl Bench<'_> {
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
        self.gates[metric as usize]
    }

    fn p_new(&self, dim: Dim, k: usize) -> f64 {
        self.profile.values(dim).p_new(k as u32, self.settings.prior())
    }

    /// Judges whatever is new about this event in its strand; `true` when the evidence changed.
    pub fn judge(&self, strand: &mut Strand, o: &Observation) -> bool {
        let mut changed = false;
        if !o.via_provider() {
            changed |= self.source(strand, o);
            changed |= self.client(strand, o);
        }
        changed |= self.action(strand, o);
        changed |= self.breadth(strand, o);
        changed |= self.failures(strand, o);
        changed |= self.sizes(strand, o);
        changed
    }

    fn first_sight(strand: &mut Strand, dim: Dim, value: Sym) -> bool {
        // One set serves all dimensions; a caller with thousands of distinct values has long said what it has to say.
        value.is_some() && strand.seen.len() < 4_096 && strand.seen.insert(Sym(value.0.rotate_left(dim as u32 * 5) ^ dim as u64))
    }

    fn source(&self, strand: &mut Strand, o: &Observation) -> bool {
        let Some(source) = &o.source else { return false };
        if source.network == Network::Provider || !Self::first_sight(strand, Dim::Ip, source.ip) {
            return false;
        }
        strand.ledger.set_applicable(Family::Source, 1);
        if strand.source.is_none() {
            strand.source = Some(source.clone());
        }
        let (p, level) = self.source_p(source);
        if strand.threat.is_empty() {
            let networks = self.profile.values(Dim::Network);
            let new_client = o.agent.as_deref().is_some_and(|a| !self.profile.values(Dim::Agent).knows(a.family_sym));
            let cloud_only = !networks.is_empty() && networks.iter().all(|(s, _)| self.profile.network_class(s) == "cloud");
            let new_network = !networks.is_empty() && !networks.knows(network_sym(source));
            strand.threat = threat::terms(Some(source), o.agent.as_deref(), self.kind, new_network, new_client, cloud_only);
        }
        if !strand.ledger.would_change(Detector::NewSource, p) {
            return !strand.threat.is_empty() && strand.share.calls == 1;
        }
        let at = format!("{}, {}", source.describe(), source.text);
        let asns = self.profile.values(Dim::Asn);
        let usual = asns.usual().or_else(|| self.profile.values(Dim::Network).usual());
        let habit = usual.map_or_else(
            || "no source recorded".to_owned(),
            |(sym, cell)| format!("{} of {} from {}", cell.days, self.days(), self.profile.network(sym)),
        );
        let evidence = match level {
            Level::New(what) => Evidence {
                p,
                observed: format!("{what} {at}"),
                baseline: format!("0 of {}; {habit}", self.days()),
                clause: format!(
                    "was used from {at}, {} {what} never seen in {}",
                    if what.starts_with('a') { "an" } else { "a" },
                    self.days()
                ),
            },
            Level::Rare => Evidence {
                p,
                observed: format!("rare {at}"),
                baseline: format!("{} of {}; {habit}", asns.get(source.network_key()).map_or(0, |c| c.days), self.days()),
                clause: format!("was used from {at}, rarely seen in {}", self.days()),
            },
        };
        strand.ledger.put(Detector::NewSource, evidence)
    }

    /// p of the coarsest level that is new; nested events need no penalty for looking at several levels.
    fn source_p(&self, source: &Source) -> (f64, Level) {
        let prior = self.settings.prior();
        let value = |dim: Dim| self.profile.values(dim);
        if !value(Dim::Network).knows(network_sym(source)) {
            return (value(Dim::Network).p_new(1, prior), Level::New("class of network"));
        }
        let asn = source.network_key();
        if !value(Dim::Asn).knows(asn) {
            return (value(Dim::Asn).p_new(1, prior), Level::New("network"));
        }
        if source.block.is_some() && !value(Dim::Block).knows(source.block) {
            return (value(Dim::Block).p_new(1, prior), Level::New("address block"));
        }
        if value(Dim::Ip).len() < 16 && !value(Dim::Ip).knows(source.ip) {
            return (value(Dim::Ip).p_new(1, prior), Level::New("address"));
        }
        let rare = |dim: Dim, sym: Sym| if sym.is_some() { value(dim).p_rare(sym, prior) } else { 1.0 };
        ((2.0 * rare(Dim::Asn, asn).min(rare(Dim::Block, source.block))).min(1.0), Level::Rare)
    }

    fn client(&self, strand: &mut Strand, o: &Observation) -> bool {
        let (agents, auths) = (self.profile.values(Dim::Agent), self.profile.values(Dim::Auth));
        let mut changed = false;
        if let Some(agent) = &o.agent {
            if strand.agent.is_none() {
                strand.agent = Some(agent.clone());
            }
            if Self::first_sight(strand, Dim::Agent, agent.family_sym) {
                strand.ledger.set_applicable(Family::Client, 1 + u8::from(!auths.is_empty()));
                let p = self.p_new(Dim::Agent, 1);
                if !agents.knows(agent.family_sym) && strand.ledger.would_change(Detector::NewClient, p) {
                    let habit = agents.usual().map_or_else(
                        || "no client recorded".to_owned(),
                        |(sym, cell)| format!("{} of {} with {}", cell.days, self.days(), self.names.show(sym)),
                    );
                    changed |= strand.ledger.put(
                        Detector::NewClient,
                        Evidence {
                            p,
                            observed: format!("client {}", agent.text),
                            baseline: format!("0 of {}; {habit}", self.days()),
                            clause: format!("used the client {} for the first time", agent.family),
                        },
                    );
                }
            }
        }
        if Self::first_sight(strand, Dim::Auth, o.auth_method) {
            strand.ledger.set_applicable(Family::Client, 1 + u8::from(!agents.is_empty()));
            let p = self.p_new(Dim::Auth, 1);
            if !auths.is_empty() && !auths.knows(o.auth_method) && strand.ledger.would_change(Detector::AuthMethod, p) {
                let usual = auths.usual().map_or_else(String::new, |(sym, _)| self.names.show(sym));
                let method = self.names.show(o.auth_method);
                changed |= strand.ledger.put(
                    Detector::AuthMethod,
                    Evidence {
                        p,
                        observed: format!("authenticated by {method}"),
                        baseline: format!("0 of {}; usual: {usual}", self.days()),
                        clause: format!("authenticated by {method} for the first time"),
                    },
                );
            }
        }
        changed
    }

    fn action(&self, strand: &mut Strand, o: &Observation) -> bool {
        let actions = self.profile.values(Dim::Action);
        let judged = self.profile.sizes(Metric::Mix).active_days() >= self.settings.mix_days;
        let mut changed = false;
        if Self::first_sight(strand, Dim::Action, o.action) {
            strand.ledger.set_applicable(Family::Action, 1 + u8::from(judged));
            if actions.knows(o.action) {
                if o.probe.is_some() && actions.p_rare(o.action, self.settings.prior()) <= 0.05 {
                    strand.rare_actions.insert(o.action);
                }
            } else if !actions.is_empty() {
                strand.new_actions.push(o.action);
                let p = self.p_new(Dim::Action, strand.new_actions.len());
                let (texts, n) = (self.first_texts(&strand.new_actions), strand.new_actions.len());
                let evidence = Evidence {
                    p,
                    observed: format!("{} operation{} for the first time: {}", n, plural(n), listed(&texts, n, 6)),
                    baseline: format!("0 of {}; {} operations known", self.days(), actions.len()),
                    clause: format!("called {} operation{} for the first time ({})", n, plural(n), listed(&texts, n, 3)),
                };
                changed |= Self::enter(strand, Detector::NewOperation, evidence);
            }
        }
        if actions.knows(o.action) && !o.failed() {
            *strand.mix.entry(o.action).or_insert(0) += 1;
            strand.mixed += 1;
            if strand.mixed >= MIX_CALLS && strand.mixed.is_power_of_two() {
                // What is looked at is what is learned, judged or not: small samples are noisy, and the past must know it.
                strand.mix_most = strand.mix_most.max(self.mix_distance(strand));
                changed |= judged && self.mix(strand);
            }
        }
        changed
    }

    /// Distance of the strand's mix from the usual one, in thousandths of a bit.
    pub fn mix_distance(&self, strand: &Strand) -> u64 {
        if strand.mixed < MIX_CALLS {
            return 0;
        }
        let shares: Vec<Share> =
            self.profile.shares().map(|(sym, usual)| Share { usual, now: strand.mix.get(&sym).copied().unwrap_or(0) }).collect();
        libm::round(mix::divergence(&shares) * 1_000.0) as u64
    }

    fn mix(&self, strand: &mut Strand) -> bool {
        let distance = self.mix_distance(strand);
        if distance < self.gate(Metric::Mix) {
            return false;
        }
        let sizes = self.profile.sizes(Metric::Mix);
        let p = sizes.p_tail(distance);
        if !strand.ledger.would_change(Detector::ApiMix, p) {
            return false;
        }
        let mut pulls: Vec<(f64, Sym)> = strand
            .mix
            .iter()
            .map(|(sym, n)| (mix::pull(self.profile.share(*sym), *n, strand.mixed), *sym))
            .filter(|(p, _)| *p > 0.0)
            .collect();
        pulls.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let shifts: Vec<String> = pulls
            .iter()
            .take(3)
            .map(|(_, sym)| {
                let now = strand.mix.get(sym).copied().unwrap_or(0) as f64 / strand.mixed.max(1) as f64;
                format!("{} {:.0} % → {:.0} %", self.names.show(*sym), self.profile.share(*sym) * 100.0, now * 100.0)
            })
            .collect();
        let text = shifts.join(", ");
        let evidence = Evidence {
            p,
            observed: format!("mix {:.2} bits away over {} calls: {text}", distance as f64 / 1_000.0, strand.mixed),
            baseline: format!("95 % of {} within {:.2} bits", self.days(), sizes.quantile(0.95) / 1_000.0),
            clause: format!("shifted its mix of calls ({text})"),
        };
        strand.ledger.put(Detector::ApiMix, evidence)
    }

    fn breadth(&self, strand: &mut Strand, o: &Observation) -> bool {
        let (domains, regions) = (self.profile.values(Dim::Domain), self.profile.values(Dim::Region));
        let mut changed = false;
        strand.ledger.set_applicable(Family::Breadth, 1 + u8::from(!domains.is_empty()));
        if Self::first_sight(strand, Dim::Domain, o.domain) && !domains.is_empty() && !domains.knows(o.domain) {
            strand.new_domains.push(o.domain);
            changed |= self.novel_objects(strand, Dim::Domain);
        }
        if Self::first_sight(strand, Dim::Region, o.region) && !regions.is_empty() && !regions.knows(o.region) {
            strand.new_regions.push(o.region);
            changed |= self.novel_objects(strand, Dim::Region);
        }
        changed
    }

    fn novel_objects(&self, strand: &mut Strand, dim: Dim) -> bool {
        let (list, what) = if dim == Dim::Domain { (&strand.new_domains, "kind of data") } else { (&strand.new_regions, "region") };
        let (texts, n) = (self.first_texts(list), list.len());
        // Two dimensions share one detector: it pays for looking twice.
        let p = (2.0 * self.p_new(dim, n)).min(1.0);
        let many = if n == 1 { what.to_owned() } else { what.replace("kind ", "kinds ").replace("region", "regions") };
        let evidence = Evidence {
            p,
            observed: format!("{} {many} for the first time: {}", n, listed(&texts, n, 6)),
            baseline: format!("0 of {}; {} known", self.days(), self.profile.values(dim).len()),
            clause: format!("touched {} {many} for the first time ({})", n, listed(&texts, n, 3)),
        };
        Self::enter(strand, Detector::NewObject, evidence)
    }

    /// Enters evidence when it beats what is there, and otherwise refreshes its words.
    fn enter(strand: &mut Strand, detector: Detector, evidence: Evidence) -> bool {
        let better = strand.ledger.would_change(detector, evidence.p);
        if better || strand.ledger.get(detector).is_some() {
            // Where it is only as probable as before it is the same finding with newer numbers: no change that matters.
            strand.ledger.put(detector, evidence);
        }
        better
    }

    /// What the records of this identity never say, so that it cannot be called normal.
    pub fn not_observable(&self) -> Vec<String> {
        let mut out = Vec::new();
        let silent = |dim: Dim| self.profile.values(dim).is_empty() && self.today.distinct(dim) == 0;
        if silent(Dim::Block) && silent(Dim::Network) {
            out.push("source: its records carry no address".to_owned());
        }
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

enum Level {
    New(&'static str),
    Rare,
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}
