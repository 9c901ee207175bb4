//! What calls and how it authenticates: client (D05), authentication method (D06), scopes (D08), and one credential in
//! several hands (D03, D04, D07).

use super::{ANNOUNCED, Bench};
use crate::baseline::pairs;
use crate::context::changes::Dimension;
use crate::detect::evidence::{Detector, Evidence, Family, grouped};
use crate::detect::profile::{Dim, Metric};
use crate::detect::strand::{Hands, Strand};
use crate::model::{ActionClass, Agent, Kind, Network, Observation};

impl Bench<'_> {
    pub(super) fn client(&self, strand: &mut Strand, o: &Observation) -> bool {
        let mut changed = false;
        if let Some(agent) = &o.agent {
            changed |= self.agent(strand, agent, o);
        }
        if Self::first_sight(strand, Dim::Auth, o.auth_method) {
            Self::heard(strand, 1);
            changed |= self.auth_method(strand, o);
        }
        if Self::first_sight(strand, Dim::Scopes, o.scopes) {
            Self::heard(strand, 1);
            changed |= self.scopes(strand, o);
        }
        changed | self.hands(strand, o)
    }

    /// One more detector of the family can speak of this strand.
    fn heard(strand: &mut Strand, more: u8) {
        strand.client_looks = strand.client_looks.saturating_add(more).min(4);
        strand.ledger.set_applicable(Family::Client, strand.client_looks);
    }

    fn agent(&self, strand: &mut Strand, agent: &std::sync::Arc<Agent>, o: &Observation) -> bool {
        if strand.agent.is_none() {
            strand.agent = Some(agent.clone());
        }
        if !Self::first_sight(strand, Dim::Agent, agent.family_sym) {
            return false;
        }
        Self::heard(strand, 1);
        let agents = self.profile.values(Dim::Agent);
        let p = self.p_new(Dim::Agent, 1);
        if agents.knows(agent.family_sym) || !self.matters(strand, Detector::NewClient, p) {
            return false;
        }
        let covered = self.announced(strand, o.time, Dimension::Client, &agent.text, |change| change.allows_agent(agent));
        let habit = agents.usual().map_or_else(
            || "no client recorded".to_owned(),
            |(sym, cell)| format!("{} of {} with {}", cell.days, self.days(), self.names.show(sym)),
        );
        let evidence = Evidence {
            p,
            share: if covered { ANNOUNCED } else { 1.0 },
            observed: format!("client {}", agent.text),
            baseline: format!("0 of {}; {habit}", self.days()),
            clause: format!("used the client {} for the first time", agent.family),
        };
        self.enter(strand, Detector::NewClient, evidence)
    }

    fn auth_method(&self, strand: &mut Strand, o: &Observation) -> bool {
        let auths = self.profile.values(Dim::Auth);
        let p = self.p_new(Dim::Auth, 1);
        if auths.is_empty() || auths.knows(o.auth_method) || !self.matters(strand, Detector::AuthMethod, p) {
            return false;
        }
        let usual = auths.usual().map_or_else(String::new, |(sym, _)| self.names.show(sym));
        let method = self.names.show(o.auth_method);
        let covered = self.announced(strand, o.time, Dimension::Credential, &method, |_| true);
        let evidence = Evidence {
            p,
            share: if covered { ANNOUNCED } else { 1.0 },
            observed: format!("authenticated by {method}"),
            baseline: format!("0 of {}; usual: {usual}", self.days()),
            clause: format!("authenticated by {method} for the first time"),
        };
        self.enter(strand, Detector::AuthMethod, evidence)
    }

    fn scopes(&self, strand: &mut Strand, o: &Observation) -> bool {
        let known = self.profile.values(Dim::Scopes);
        let p = self.p_new(Dim::Scopes, 1);
        if known.is_empty() || known.knows(o.scopes) || !self.matters(strand, Detector::ScopeChange, p) {
            return false;
        }
        let scopes = self.names.show(o.scopes);
        let covered = self.announced(strand, o.time, Dimension::Privilege, "its new scopes", |_| true);
        let usual = known.usual().map_or_else(String::new, |(sym, _)| self.names.show(sym));
        let evidence = Evidence {
            p,
            share: if covered { ANNOUNCED } else { 1.0 },
            observed: format!("carried the scopes {scopes}"),
            baseline: format!("0 of {}; usual: {usual}", self.days()),
            clause: "carried scopes it never had".to_owned(),
        };
        self.enter(strand, Detector::ScopeChange, evidence)
    }

    /// Who else uses the credential: callers taking turns (D03), a workload's credential away from its home (D04), more
    /// callers in a quarter of an hour, or more renewals in an hour, than ever (D07).
    fn hands(&self, strand: &mut Strand, o: &Observation) -> bool {
        let mut changed = false;
        let (hands, own) = (strand.hands, strand.caller);
        let what = if o.credential.is_some() { "one credential" } else { "one identity, whose records name no credential" };
        let p_pair = |other| {
            let sym = pairs::pair(own, other);
            let known = self.profile.values(Dim::Pair);
            if known.knows(sym) { known.p_rare(sym, self.settings.prior()) } else { self.p_new(Dim::Pair, 1) }
        };
        if let Hands { turns: Some(turns), same_cloud: false, .. } = hands {
            let p = p_pair(if turns.back == own { turns.between } else { turns.back });
            if p <= 0.05 && self.matters(strand, Detector::ConcurrentUse, p) {
                Self::heard(strand, 1);
                let evidence = Evidence {
                    p,
                    share: if hands.announced { ANNOUNCED } else { 1.0 },
                    observed: format!("two callers took turns {} times within minutes on {what}", turns.alternations),
                    baseline: format!("never together in {}", self.days()),
                    clause: format!("took turns with another caller on {what}"),
                };
                changed |= self.enter(strand, Detector::ConcurrentUse, evidence);
            }
        }
        if let (Some(home), true) = (hands.home, self.is_bound()) {
            let p = p_pair(home);
            if p <= 0.05 && self.matters(strand, Detector::OffHome, p) {
                Self::heard(strand, 1);
                let from = o.source.as_deref().map_or_else(String::new, crate::model::Source::describe);
                let evidence = Evidence {
                    p,
                    share: 1.0,
                    observed: format!("a workload's credential used from {from} while its home uses it too"),
                    baseline: format!("only ever used where the workload runs, {}", self.days()),
                    clause: format!("had its workload credential used away from home ({from})"),
                };
                changed |= self.enter(strand, Detector::OffHome, evidence);
            }
        }
        changed |= self.reuse(strand, Metric::CallersCredential, hands.callers, "callers in 15 minutes");
        if o.class == ActionClass::Token && !o.failed() {
            changed |= self.reuse(strand, Metric::TokensHour, self.today.size(Metric::TokensHour, o.time.hour()), "tokens in an hour");
        }
        changed
    }

    fn reuse(&self, strand: &mut Strand, metric: Metric, value: u64, what: &str) -> bool {
        if value < self.gate(metric) || self.profile.days == 0 {
            return false;
        }
        let sizes = self.profile.sizes(metric);
        let p = (2.0 * if sizes.ever() { self.tail(sizes, value) } else { self.p_first_ever() }).min(1.0);
        if !self.matters(strand, Detector::TokenReuse, p) {
            return false;
        }
        let evidence = Evidence {
            p,
            share: 1.0,
            observed: format!("{} {what}", grouped(value)),
            baseline: format!("at most {} in {}", grouped(sizes.max()), self.days()),
            clause: format!("had {} {what}", grouped(value)),
        };
        self.enter(strand, Detector::TokenReuse, evidence)
    }

    /// Whether the identity's credentials belong to the place where its workload runs.
    pub(in crate::detect) fn is_bound(&self) -> bool {
        let networks = self.profile.values(Dim::Network);
        // A role that people or rotating runners take up has no home.
        matches!(self.kind, Kind::WorkloadRole | Kind::AiAgent)
            && !networks.is_empty()
            && networks.iter().all(|(s, _)| self.profile.network_class(s) == Network::Cloud.as_str())
    }
}
