//! An episode: evidence of one identity that belongs together in time, from its first unusual event until six quiet
//! hours have passed (or the window of a partial sequence). It is what becomes an alert. It keeps the best evidence of
//! every detector over its strands; how a strand gathers evidence is not its business.

use super::asset;
use super::evidence::{Evidence, Family, Ledger, OUTSIDE};
use super::sequence::{self, Hit};
use super::settings::{Gate, Settings};
use super::strand::{Caller, Strand, threat_bans};
use super::threat::{self, Term};
use crate::model::alert::{EventRef, Score};
use crate::model::time::{DAY, HOUR};
use crate::model::{Severity, Timestamp};
use serde::{Deserialize, Serialize};

/// Threat context as it is written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threat {
    /// Name.
    pub name: String,
    /// Bans.
    pub bans: f64,
    /// What was observed.
    pub observed: String,
    /// Why it matters.
    pub baseline: String,
    /// Counts without unusual source evidence.
    pub always: bool,
}

/// What was moved and touched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// Events.
    pub events: u64,
    /// Records.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// Distinct resources of each caller and day.
    pub objects: u64,
    /// Credentials and identities made.
    pub credentials: u64,
    /// Other identities acted on by each caller and day.
    pub identities: u64,
}

impl Reach {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            events: self.events + other.events,
            rows: self.rows + other.rows,
            bytes: self.bytes + other.bytes,
            objects: self.objects + other.objects,
            credentials: self.credentials + other.credentials,
            identities: self.identities + other.identities,
        }
    }

    /// What a strand has moved and touched so far.
    pub fn of(strand: &Strand) -> Self {
        let share = strand.share;
        Self {
            events: share.calls,
            rows: share.rows,
            bytes: share.bytes,
            objects: share.objects,
            credentials: strand.minted,
            identities: strand.targets.len() as u64,
        }
    }
}

/// A term of the score, as a row of evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Detector, threat or sequence.
    pub detector: String,
    /// Family.
    pub family: String,
    /// What is written about it.
    pub evidence: Evidence,
    /// Whether `evidence.p` is a probability.
    pub statistic: bool,
    /// Bans it has by itself.
    pub bans: f64,
    /// Bans it adds to L.
    pub term: f64,
}

/// Places an episode keeps.
const PLACES: usize = 3;

/// An episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// Number within the identity, for strands to refer to.
    pub number: u32,
    /// First event.
    pub first: EventRef,
    /// When it became medium.
    pub raised: Option<Timestamp>,
    /// Event that gave it its present risk.
    pub risen: Timestamp,
    /// Newest event of its callers.
    pub last: Timestamp,
    /// Newest event that changed it, be it only its counts.
    pub updated: Timestamp,
    /// Callers that contributed.
    pub callers: Vec<Caller>,
    /// Best evidence of each detector.
    pub ledger: Ledger,
    /// Threat context.
    pub threat: Vec<Threat>,
    /// What is known of the identity itself.
    pub asset: Vec<Threat>,
    /// What explains part of the evidence, and what was considered and does not.
    pub explained: Vec<String>,
    /// Where its callers call from, the first few.
    pub places: Vec<String>,
    /// G is at most this, where the families that are unusual together were so before.
    pub routine: Option<f64>,
    /// Some of its evidence makes a pattern that never came before: nothing is routine then.
    pub novel: bool,
    /// Sequences.
    pub hits: Vec<Hit>,
    /// Events it stands on, at most fifty.
    pub support: Vec<EventRef>,
    /// What its closed strands moved.
    pub closed: Reach,
    /// Gravest impact class touched, 0–3.
    pub impact: u8,
    /// Active days the baseline had at onset.
    pub days: u32,
    /// Day at whose close that baseline was frozen.
    pub baseline_day: String,
    /// Not observable for this identity.
    pub not_observable: Vec<String>,
    /// Where the bound on its span counts from: its onset, or the latest evidence that came while it was held open.
    pub anchor: Timestamp,
    /// Kept open for a partial sequence until then.
    pub hold: Option<Timestamp>,
    /// Risk so far.
    pub risk: u8,
}

impl Episode {
    /// Whether evidence of a caller at `t` still belongs to it; `stranger` when the caller is unusual for the identity.
    pub fn takes(&self, t: Timestamp, caller: Caller, stranger: bool, settings: &Settings) -> bool {
        let quiet = t.since(self.last);
        let near = quiet < settings.episode_gap_h * HOUR && t.since(self.anchor) <= settings.episode_max_h * HOUR;
        let same = quiet < settings.caller_gap_h * HOUR
            && t.since(self.first.time) <= settings.caller_max_d * DAY
            && self.callers.contains(&caller);
        // What is strange and an alert already is one story for as long as a sequence may take: a thief comes back.
        let story = Severity::of(self.risk).is_alert() && self.is_strange() && quiet <= settings.story_d * DAY;
        near || same || (stranger && (story || self.hold.is_some_and(|until| t <= until)))
    }

    /// Whether somebody unusual for the identity has a part in it.
    fn is_strange(&self) -> bool {
        self.ledger.family(Family::Source).0 >= 1.0 || self.ledger.family(Family::Client).0 >= 1.0
    }

    /// Notes one more event of a caller that is part of it.
    pub fn goes_on(&mut self, t: Timestamp) {
        self.last = self.last.max(t);
        self.updated = self.updated.max(t);
    }

    /// Notes what is known of the identity: the weightiest of each name.
    pub fn know(&mut self, terms: &[Threat]) {
        for term in terms {
            match self.asset.iter_mut().find(|have| have.name == term.name) {
                Some(have) if have.bans.abs() >= term.bans.abs() => {}
                Some(have) => have.clone_from(term),
                None => {
                    self.asset.push(term.clone());
                    self.asset.sort_by(|a, b| a.name.cmp(&b.name));
                }
            }
        }
    }

    /// Notes whether what is unusual together in a strand was so before: G is then at most `cap`; `None` = never.
    pub fn compare(&mut self, strand: &Strand, cap: Option<f64>) {
        if strand.pattern().is_none() {
            return;
        }
        match cap {
            Some(cap) => self.routine = Some(self.routine.map_or(cap, |have| have.max(cap))),
            None => self.novel = true,
        }
    }

    /// Takes a strand's evidence and sequences in at time `t` and rescores; says whether the risk rose.
    pub fn absorb(&mut self, strand: &Strand, caller: Caller, hits: &[Hit], t: Timestamp, settings: &Settings) -> bool {
        if t.since(self.last) >= settings.episode_gap_h * HOUR {
            self.anchor = t;
        }
        self.ledger.merge(&strand.ledger);
        for term in &strand.threat {
            self.add_threat(term);
        }
        for term in &strand.said {
            self.hear(term);
        }
        for what in &strand.explained {
            if self.explained.len() < 16 && !self.explained.contains(what) {
                self.explained.push(what.clone());
            }
        }
        if let Some(place) = strand.source.as_deref().map(crate::model::Source::describe)
            && self.places.len() < PLACES
            && !self.places.contains(&place)
        {
            self.places.push(place);
        }
        for hit in hits {
            match self.hits.iter_mut().find(|h| h.id == hit.id) {
                Some(have) if have.bans > hit.bans && hit.missing.len() >= have.missing.len() => {}
                Some(have) => *have = hit.clone(),
                None => self.hits.push(hit.clone()),
            }
            self.hold = hit.hold.max(self.hold);
        }
        if self.hits.iter().all(|h| h.missing.is_empty()) {
            self.hold = None;
        }
        for event in &strand.support {
            if self.support.len() < super::strand::SUPPORT && !self.support.contains(event) {
                self.support.push(*event);
            }
        }
        self.support.sort_by_key(|e| (e.time, e.id));
        if !self.callers.contains(&caller) && self.callers.len() < 16 {
            self.callers.push(caller);
        }
        self.impact = self.impact.max(strand.impact);
        self.last = self.last.max(t);
        self.updated = self.updated.max(t);
        self.rate(t, settings)
    }

    /// Takes what another product says in at time `t` and rescores; says whether the risk rose.
    pub fn told(&mut self, terms: &[Threat], t: Timestamp, settings: &Settings) -> bool {
        for term in terms {
            self.hear(term);
            self.updated = self.updated.max(t);
        }
        self.rate(t, settings)
    }

    /// Keeps the weightiest of what is said under one name. A client that is an attack tool by its own name is not told
    /// again by a list that has it too: one fact weighs once.
    fn hear(&mut self, term: &Threat) {
        if term.name == "known-client" && self.threat.iter().any(|have| have.name == "attack-tool") {
            return;
        }
        match self.threat.iter_mut().find(|have| have.name == term.name) {
            Some(have) if have.bans >= term.bans => {}
            Some(have) => have.clone_from(term),
            None => {
                self.threat.push(term.clone());
                self.threat.sort_by(|a, b| a.name.cmp(&b.name));
            }
        }
    }

    fn rate(&mut self, t: Timestamp, settings: &Settings) -> bool {
        let risk = self.rescore(settings);
        let rose = risk > self.risk;
        if rose {
            self.risk = risk;
            self.risen = t;
        }
        if self.raised.is_none() && Severity::of(self.risk).is_alert() {
            self.raised = Some(t);
        }
        rose
    }

    fn add_threat(&mut self, term: &Term) {
        if !self.threat.iter().any(|t| t.name == term.name) {
            self.threat.push(Threat {
                name: term.name.to_owned(),
                bans: term.bans,
                observed: term.observed.clone(),
                baseline: term.baseline.to_owned(),
                always: term.always,
            });
            self.threat.sort_by(|a, b| a.name.cmp(&b.name));
        }
    }

    fn threat_total(&self, settings: &Settings) -> f64 {
        let terms: Vec<Term> =
            self.threat.iter().map(|t| Term { name: "", bans: t.bans, observed: String::new(), baseline: "", always: t.always }).collect();
        threat_bans(&terms, &self.ledger, settings)
    }

    /// G: the sum over families, at most what its rarity says where the same came together before.
    fn sum(&self, settings: &Settings) -> f64 {
        let sum = self.ledger.sum(settings.gated(Gate::SameSize));
        match self.routine {
            Some(cap) if !self.novel && settings.gated(Gate::Pattern) => sum.min(cap),
            _ => sum,
        }
    }

    /// C, where anything speaks beside it.
    fn asset_total(&self, statistics: f64, settings: &Settings) -> f64 {
        let beside = statistics >= 1.0 || !self.hits.is_empty() || !settings.gated(Gate::AssetEvidence);
        if beside { asset::total(&self.asset) } else { 0.0 }
    }

    /// The score as it stands.
    pub fn score(&self, settings: &Settings) -> Score {
        let sum = self.sum(settings);
        let statistics = settings.calibrate(sum);
        let total = statistics + self.threat_total(settings) + sequence::worth(&self.hits) + self.asset_total(statistics, settings);
        Score { total, threshold: settings.threshold(self.days), statistics, sum, expected_false_per_day: 0.0 }
    }

    fn rescore(&self, settings: &Settings) -> u8 {
        let score = self.score(settings);
        let risk = libm::round(settings.risk(score.total, score.threshold)) as u8;
        let floor = self.hits.iter().map(|h| h.floor).max().unwrap_or(0);
        let risk = risk.max(floor).min(100);
        // Critical needs impact beside improbability: sensitive or bulk data, credentials or privileges, seen in two
        // families or as a sequence.
        let families = Family::ALL.iter().filter(|f| self.ledger.family(**f).0 >= 1.0).count();
        let complete = self.hits.iter().any(|h| h.missing.is_empty());
        let grave = self.impact >= 2 && (families >= 2 || complete);
        if risk >= 90 && !grave && settings.gated(Gate::Impact) { 89 } else { risk }
    }

    /// What the risk would be without one row of evidence: all that stood behind it then counts in its place.
    pub fn without(&self, row: &Row, settings: &Settings) -> u8 {
        let mut rest = self.clone();
        match row.family.as_str() {
            "threat" => rest.threat.retain(|t| t.name != row.detector),
            "context" => rest.asset.retain(|t| t.name != row.detector),
            "sequence" => rest.hits.retain(|h| h.id != row.detector),
            family => rest.ledger.forget(&row.detector, family),
        }
        rest.rescore(settings).min(self.risk)
    }

    /// Whether the risk is held below critical because nothing grave was touched.
    pub fn is_held(&self, settings: &Settings) -> bool {
        let score = self.score(settings);
        self.risk == 89 && settings.risk(score.total, score.threshold) >= 89.5
    }

    /// Rows of evidence with the bans each adds to L: statistics first, then threat context, then sequences.
    pub fn rows(&self, settings: &Settings) -> Vec<Row> {
        let mut rows = Vec::new();
        let gated = settings.gated(Gate::SameSize);
        let (sum, all) = (self.sum(settings), self.ledger.sum(gated));
        let statistics = settings.calibrate(sum);
        let scale = if all > 0.0 { statistics / all } else { 0.0 };
        // Of a family's worth, what its purpose adds is a row of its own.
        let part = |family: Family, bans: f64| {
            let (whole, _) = self.ledger.family(family);
            if whole > 0.0 { self.ledger.share(family, gated) * scale * bans / whole } else { 0.0 }
        };
        for (detector, evidence) in self.ledger.rows() {
            let family = detector.family();
            let (own, best) = self.ledger.statistic(family);
            let term = if best == Some(detector) { part(family, own) } else { 0.0 };
            rows.push(Row {
                detector: detector.as_str().to_owned(),
                family: family.as_str().to_owned(),
                evidence: evidence.clone(),
                statistic: true,
                bans: crate::baseline::bans(evidence.p),
                term,
            });
        }
        for outside in self.ledger.outside() {
            rows.push(Row {
                detector: OUTSIDE.to_owned(),
                family: outside.family.as_str().to_owned(),
                evidence: Evidence {
                    p: 1.0,
                    share: 1.0,
                    observed: outside.observed.clone(),
                    baseline: format!("declared: {}", outside.declared),
                    clause: format!("left its declared purpose ({})", outside.observed),
                },
                statistic: false,
                bans: outside.bans,
                term: part(outside.family, self.ledger.beyond(outside.family)),
            });
        }
        let unusual = self.ledger.family(Family::Source).0 >= 1.0 || !settings.gated(Gate::ThreatSource);
        let counted: f64 = self.threat.iter().filter(|t| t.always || unusual).map(|t| t.bans).sum();
        let cap = if counted > threat::MAX { threat::MAX / counted } else { 1.0 };
        for t in self.threat.iter().filter(|t| t.always || unusual) {
            rows.push(context_row(t, "threat", t.bans * cap));
        }
        let asset = self.asset_total(statistics, settings);
        let own = asset::total(&self.asset);
        let raw: f64 = self.asset.iter().map(|t| t.bans).sum();
        for t in &self.asset {
            let share = if raw == 0.0 || own == 0.0 { 0.0 } else { t.bans * own / raw };
            rows.push(context_row(t, "context", if asset == 0.0 { 0.0 } else { share }));
        }
        let mut hits: Vec<&Hit> = self.hits.iter().collect();
        hits.sort_by(|a, b| b.bans.total_cmp(&a.bans).then(a.id.cmp(&b.id)));
        for (i, hit) in hits.into_iter().enumerate() {
            let share = [1.0, 0.5].get(i).copied().unwrap_or(0.0);
            let seen = hit.steps.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(" → ");
            rows.push(Row {
                detector: hit.id.clone(),
                family: "sequence".to_owned(),
                evidence: Evidence {
                    p: 1.0,
                    share: 1.0,
                    observed: seen,
                    baseline: if hit.missing.is_empty() { "all steps".to_owned() } else { format!("missing: {}", hit.missing.join(", ")) },
                    clause: hit.clause.clone(),
                },
                statistic: false,
                bans: hit.bans,
                term: hit.bans * share,
            });
        }
        rows
    }
}

fn context_row(t: &Threat, family: &str, term: f64) -> Row {
    Row {
        detector: t.name.clone(),
        family: family.to_owned(),
        evidence: Evidence { p: 1.0, share: 1.0, observed: t.observed.clone(), baseline: t.baseline.clone(), clause: String::new() },
        statistic: false,
        bans: t.bans,
        term,
    }
}

/// Points of each term of a risk: proportional, whole numbers by largest remainder, adding up exactly.
pub fn points(risk: u8, terms: &[f64]) -> Vec<i32> {
    let all: f64 = terms.iter().filter(|t| **t > 0.0).sum();
    if all <= 0.0 {
        let mut out = vec![0; terms.len()];
        if let Some(first) = out.first_mut() {
            *first = i32::from(risk);
        }
        return out;
    }
    let exact: Vec<f64> = terms.iter().map(|t| f64::from(risk) * t.max(0.0) / all).collect();
    let mut out: Vec<i32> = exact.iter().map(|x| libm::floor(*x) as i32).collect();
    let mut left = i32::from(risk) - out.iter().sum::<i32>();
    let mut order: Vec<usize> = (0..terms.len()).collect();
    order.sort_by(|a, b| (exact[*b] - libm::floor(exact[*b])).total_cmp(&(exact[*a] - libm::floor(exact[*a]))).then(a.cmp(b)));
    for i in order {
        if left == 0 {
            break;
        }
        out[i] += 1;
        left -= 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn points_always_add_up_to_the_risk(risk in 0u8..=100, terms in proptest::collection::vec(0.0f64..6.0, 1..12)) {
            prop_assert_eq!(points(risk, &terms).iter().sum::<i32>(), i32::from(risk));
        }
    }

    #[test]
    fn larger_terms_get_more_points() {
        assert_eq!(points(90, &[6.0, 3.0, 0.0]), vec![60, 30, 0]);
        assert_eq!(points(10, &[1.0, 1.0, 1.0]).iter().sum::<i32>(), 10);
    }
}
