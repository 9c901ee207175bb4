//! Where calls come from: class of network (D02), network, block, address (D01), each level nested in the one before it.
//! What is known of an address beyond this identity's habit is [`threat`]'s.

use super::{ANNOUNCED, Bench};
use crate::context::changes::Dimension;
use crate::detect::evidence::{Detector, Evidence, Family};
use crate::detect::profile::Dim;
use crate::detect::strand::Strand;
use crate::detect::threat::{self, Habit};
use crate::detect::today::network_sym;
use crate::model::{Network, Observation, Source, Sym};

/// What is unusual about a source.
enum Level {
    New(&'static str),
    Rare,
}

impl Bench<'_> {
    pub(super) fn source(&self, strand: &mut Strand, o: &Observation) -> bool {
        let Some(source) = &o.source else { return false };
        if source.network == Network::Provider || !Self::first_sight(strand, Dim::Ip, source.ip) {
            return false;
        }
        strand.ledger.set_applicable(Family::Source, 1);
        if strand.source.is_none() {
            strand.source = Some(source.clone());
        }
        let (p, level, detector) = self.source_p(source);
        let covered = p < 0.5 && self.announced(strand, o.time, Dimension::Source, &source.text, |change| change.allows_source(source));
        if strand.threat.is_empty() {
            strand.threat = threat::terms(Some(source), o.agent.as_deref(), self.kind, self.habit(source, o));
            strand.threat.retain(|term| self.settings.counts(term.name) && (term.always || !covered));
        }
        if !self.matters(strand, detector, p) {
            return !strand.threat.is_empty() && strand.share.calls == 1;
        }
        let at = format!("{}, {}", source.describe(), source.text);
        let asns = self.profile.values(Dim::Asn);
        let usual = asns.usual().or_else(|| self.profile.values(Dim::Network).usual());
        let habit = usual.map_or_else(
            || "no source recorded".to_owned(),
            |(sym, cell)| format!("{} of {} from {}", cell.days, self.days(), self.profile.network(sym)),
        );
        let share = if covered { ANNOUNCED } else { 1.0 };
        let evidence = match level {
            Level::New(what) => Evidence {
                p,
                share,
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
                share,
                observed: format!("rare {at}"),
                baseline: format!("{} of {}; {habit}", asns.get(source.network_key()).map_or(0, |c| c.days), self.days()),
                clause: format!("was used from {at}, rarely seen in {}", self.days()),
            },
        };
        self.enter(strand, detector, evidence)
    }

    /// What threat context needs to know of the identity's habit.
    fn habit(&self, source: &Source, o: &Observation) -> Habit {
        let networks = self.profile.values(Dim::Network);
        Habit {
            new_network: !networks.is_empty() && !networks.knows(network_sym(source)),
            new_client: o.agent.as_deref().is_some_and(|a| !self.profile.values(Dim::Agent).knows(a.family_sym)),
            cloud_only: !networks.is_empty() && networks.iter().all(|(s, _)| self.profile.network_class(s) == "cloud"),
        }
    }

    /// p of the coarsest level that is new; nested events need no penalty for looking at several levels.
    fn source_p(&self, source: &Source) -> (f64, Level, Detector) {
        let prior = self.settings.prior();
        let value = |dim: Dim| self.profile.values(dim);
        if !value(Dim::Network).knows(network_sym(source)) && self.settings.speaks(Detector::NetworkClass) {
            return (value(Dim::Network).p_new(1, prior), Level::New("class of network"), Detector::NetworkClass);
        }
        let asn = source.network_key();
        if !value(Dim::Asn).knows(asn) {
            return (value(Dim::Asn).p_new(1, prior), Level::New("network"), Detector::NewSource);
        }
        if source.block.is_some() && !value(Dim::Block).knows(source.block) {
            return (value(Dim::Block).p_new(1, prior), Level::New("address block"), Detector::NewSource);
        }
        if value(Dim::Ip).len() < 16 && !value(Dim::Ip).knows(source.ip) {
            return (value(Dim::Ip).p_new(1, prior), Level::New("address"), Detector::NewSource);
        }
        let rare = |dim: Dim, sym: Sym| if sym.is_some() { value(dim).p_rare(sym, prior) } else { 1.0 };
        ((2.0 * rare(Dim::Asn, asn).min(rare(Dim::Block, source.block))).min(1.0), Level::Rare, Detector::NewSource)
    }
}
