//! What is called: operations (D09), their mix (D10), their order (D11).

use super::{Bench, LISTED, plural};
use crate::baseline::mix::{self, Share};
use crate::context::changes::Dimension;
use crate::detect::evidence::{Detector, Evidence, Family, listed};
use crate::detect::profile::{Dim, Metric};
use crate::detect::strand::{Strand, Turn};
use crate::model::{Observation, Sym};

/// Calls of known operations below which a mix says nothing.
const MIX_CALLS: u64 = 16;

impl Bench<'_> {
    pub(super) fn action(&self, strand: &mut Strand, o: &Observation) -> bool {
        let actions = self.profile.values(Dim::Action);
        let judged = self.profile.sizes(Metric::Mix).active_days() >= self.settings.mix_days;
        let mut changed = false;
        if Self::first_sight(strand, Dim::Action, o.action) {
            strand.ledger.set_applicable(Family::Action, 2 + u8::from(judged));
            if actions.knows(o.action) {
                if o.probe.is_some() && actions.p_rare(o.action, self.settings.prior()) <= 0.05 {
                    strand.rare_actions.insert(o.action);
                }
            } else if !actions.is_empty() && !self.is_announced(strand, o) {
                strand.new_actions.push(o.action);
                changed |= self.operations(strand);
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
        changed | self.transition(strand)
    }

    fn is_announced(&self, strand: &mut Strand, o: &Observation) -> bool {
        if self.declared.changes.is_empty() {
            return false;
        }
        let (operation, service) = (self.names.show(o.action), self.names.detail(o.action));
        self.announced(strand, o.time, Dimension::Action, &operation, |change| change.allows_action(&service, &operation))
    }

    fn operations(&self, strand: &mut Strand) -> bool {
        let (texts, all) = (self.first_texts(&strand.new_actions), strand.new_actions.len());
        let evidence = Evidence {
            p: self.p_new(Dim::Action, all),
            share: 1.0,
            observed: format!("{all} operation{} for the first time: {}", plural(all), listed(&texts, all, LISTED)),
            baseline: format!("0 of {}; {} operations known", self.days(), self.profile.values(Dim::Action).len()),
            clause: format!("called {all} operation{} for the first time ({})", plural(all), listed(&texts, all, 3)),
        };
        self.enter(strand, Detector::NewOperation, evidence)
    }

    /// Sorts of calls, or tools of an agent, in an order never seen. A turn into something new is the novelty of that.
    fn transition(&self, strand: &mut Strand) -> bool {
        let Some(Turn { pair, from, to, known: true }) = strand.turn.take() else { return false };
        let turns = self.profile.values(Dim::Transition);
        if !Self::first_sight(strand, Dim::Transition, pair) || turns.is_empty() || turns.knows(pair) {
            return false;
        }
        strand.new_turns.push(format!("{} → {}", self.turn_text(from), self.turn_text(to)));
        let all = strand.new_turns.len();
        let p = self.p_new(Dim::Transition, all);
        if !self.matters(strand, Detector::NewTransition, p) {
            return false;
        }
        let evidence = Evidence {
            p,
            share: 1.0,
            observed: format!("{all} step{} in a new order: {}", plural(all), listed(&strand.new_turns, all, LISTED)),
            baseline: format!("0 of {}; {} orders known", self.days(), turns.len()),
            clause: format!("went from one sort of call to another as never before ({})", listed(&strand.new_turns, all, 2)),
        };
        self.enter(strand, Detector::NewTransition, evidence)
    }

    fn turn_text(&self, end: Sym) -> String {
        Turn::class(end).map_or_else(|| self.names.show(end), |class| class.as_str().to_owned())
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
        let p = self.tail(sizes, distance);
        if !self.matters(strand, Detector::ApiMix, p) {
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
            share: 1.0,
            observed: format!("mix {:.2} bits away over {} calls: {text}", distance as f64 / 1_000.0, strand.mixed),
            baseline: format!("95 % of {} within {:.2} bits", self.days(), sizes.quantile(0.95) / 1_000.0),
            clause: format!("shifted its mix of calls ({text})"),
        };
        self.enter(strand, Detector::ApiMix, evidence)
    }
}
