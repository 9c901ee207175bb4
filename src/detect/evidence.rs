//! Evidence: what one detector found, with its probability and its numbers in words, and how the evidence of a family
//! and of all families is added up (`detection.md` 2.13). Numbers become text here and nowhere else in the fold.

use crate::baseline::bans;
use crate::model::event::words;
use serde::{Deserialize, Serialize};

words! {
    /// A family of evidence: inside it the least probability counts, across families evidence adds.
    Family {
        /// Where calls come from.
        Source = "source",
        /// What calls and how it authenticates.
        Client = "client",
        /// What is called.
        Action = "action",
        /// How widely.
        Breadth = "breadth",
        /// How much.
        Volume = "volume",
        /// When, and at what pace.
        Timing = "timing",
        /// What is refused, granted and minted.
        Privilege = "privilege",
    }
}

words! {
    /// A detector, by the name alerts carry.
    Detector {
        /// D01: network, block or address never or rarely used.
        NewSource = "new-source",
        /// D02: class of network never used.
        NetworkClass = "network-class",
        /// D03: one credential used by two callers in turn.
        ConcurrentUse = "concurrent-use",
        /// D04: a workload's credential away from its home.
        OffHome = "off-home",
        /// D05: client never used.
        NewClient = "new-client",
        /// D06: authentication method never used.
        AuthMethod = "auth-method",
        /// D07: one credential from many sources, tokens renewed too often.
        TokenReuse = "token-reuse",
        /// D08: scopes never carried.
        ScopeChange = "scope-change",
        /// D09: operations never called.
        NewOperation = "new-operation",
        /// D10: the mix of calls shifted.
        ApiMix = "api-mix",
        /// D11: sorts of calls, or tools, in an order never seen.
        NewTransition = "new-transition",
        /// D12: data, region or question never touched.
        NewObject = "new-object",
        /// D13: enumeration and breadth.
        Enumeration = "enumeration",
        /// D14: calls, records, bytes.
        Volume = "volume",
        /// D15: bulk jobs.
        BulkJob = "bulk-job",
        /// D17: an hour it never works in, off its schedule.
        OffHours = "off-hours",
        /// D18: a person's pace where there is software, or the reverse.
        Interactive = "interactive",
        /// D19: privileged operations never used, or more than usual.
        PrivilegedAction = "privileged-action",
        /// D20: denials and errors.
        Failures = "failures",
        /// D21: credentials or identities made.
        MintedCredential = "minted-credential",
    }
}

impl Detector {
    /// The family a detector's evidence counts in.
    pub const fn family(self) -> Family {
        match self {
            Self::NewSource | Self::NetworkClass => Family::Source,
            Self::ConcurrentUse | Self::OffHome | Self::NewClient | Self::AuthMethod | Self::TokenReuse | Self::ScopeChange => {
                Family::Client
            }
            Self::NewOperation | Self::ApiMix | Self::NewTransition => Family::Action,
            Self::NewObject | Self::Enumeration => Family::Breadth,
            Self::Volume | Self::BulkJob => Family::Volume,
            Self::OffHours | Self::Interactive => Family::Timing,
            Self::PrivilegedAction | Self::Failures | Self::MintedCredential => Family::Privilege,
        }
    }
}

/// Part of a second size's evidence that is news beside the first.
const SAME_SIZE: f64 = 0.3;
/// Name of the row of what lies outside the declared purpose.
pub const OUTSIDE: &str = "outside-purpose";
/// Number of families.
const FAMILIES: usize = Family::ALL.len();

/// What one detector found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Probability of something at least as unusual on an active day.
    pub p: f64,
    /// Share of it that counts, 0–1: less than all of it where something known explains it.
    pub share: f64,
    /// What happened.
    pub observed: String,
    /// What is usual.
    pub baseline: String,
    /// The same in half a sentence, after the identity's name.
    pub clause: String,
}

impl Evidence {
    /// Bans that count: −log10 p, less what is explained.
    pub fn worth(&self) -> f64 {
        bans(self.p) * self.share
    }
}

/// What an identity did beside its declared purpose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outside {
    /// Where it counts.
    pub family: Family,
    /// What was declared.
    pub declared: String,
    /// What was observed.
    pub observed: String,
    /// Bans it adds to the family.
    pub bans: f64,
    /// The least the family then is worth.
    pub least: f64,
}

/// The best evidence of each detector.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    rows: Vec<(Detector, Evidence)>,
    /// Detectors that could have spoken, per family: the price of looking at several things.
    applicable: [u8; FAMILIES],
    /// What lies outside the declared purpose, the first of each family.
    outside: Vec<Outside>,
}

impl Ledger {
    /// The evidence of a detector.
    pub fn get(&self, detector: Detector) -> Option<&Evidence> {
        self.rows.iter().find(|(d, _)| *d == detector).map(|(_, e)| e)
    }

    /// Rows in the order of detectors.
    pub fn rows(&self) -> impl Iterator<Item = (Detector, &Evidence)> {
        self.rows.iter().map(|(d, e)| (*d, e))
    }

    /// What lies outside the declared purpose.
    pub fn outside(&self) -> &[Outside] {
        &self.outside
    }

    /// Whether evidence of this probability would change anything if all of it counts: it must beat what is there by a
    /// twentieth of a ban.
    pub fn would_change(&self, detector: Detector, p: f64) -> bool {
        p < 0.5 && self.get(detector).is_none_or(|e| bans(p) > e.worth() + 0.05)
    }

    /// Keeps evidence if it is better than what is there; says whether it was.
    pub fn put(&mut self, detector: Detector, evidence: Evidence) -> bool {
        match self.rows.iter_mut().find(|(d, _)| *d == detector) {
            Some((_, have)) if have.worth() > evidence.worth() => false,
            Some((_, have)) if have.worth() == evidence.worth() => {
                // The same finding with newer numbers.
                *have = evidence;
                false
            }
            Some((_, have)) => {
                *have = evidence;
                true
            }
            None => {
                self.rows.push((detector, evidence));
                self.rows.sort_by_key(|(d, _)| *d);
                true
            }
        }
    }

    /// Notes something outside the declared purpose; says whether it is the first or the gravest of its family.
    pub fn put_outside(&mut self, outside: Outside) -> bool {
        match self.outside.iter_mut().find(|have| have.family == outside.family) {
            Some(have) if have.bans >= outside.bans => false,
            Some(have) => {
                *have = outside;
                true
            }
            None => {
                self.outside.push(outside);
                self.outside.sort_by_key(|o| o.family);
                true
            }
        }
    }

    /// Forgets a row of evidence by the name alerts give it: a detector's, or what lies outside the declared purpose.
    pub fn forget(&mut self, row: &str, family: &str) {
        self.rows.retain(|(d, _)| d.as_str() != row);
        self.outside.retain(|o| row != OUTSIDE || o.family.as_str() != family);
    }

    /// Notes how many detectors of a family could have spoken.
    pub fn set_applicable(&mut self, family: Family, detectors: u8) {
        if let Some(m) = self.applicable.get_mut(family as usize) {
            *m = (*m).max(detectors);
        }
    }

    /// Takes the better of each detector's evidence from another ledger.
    pub fn merge(&mut self, other: &Self) {
        for (detector, evidence) in other.rows() {
            self.put(detector, evidence.clone());
        }
        for family in Family::ALL {
            self.set_applicable(*family, other.applicable.get(*family as usize).copied().unwrap_or(0));
        }
        for outside in &other.outside {
            self.put_outside(outside.clone());
        }
    }

    /// E of a family in bans by its statistics alone: −log10 of m times its least p, less 0.3, within [0, 6], times the
    /// share that counts; and the detector that gave it.
    pub fn statistic(&self, family: Family) -> (f64, Option<Detector>) {
        let m = f64::from(self.applicable.get(family as usize).copied().unwrap_or(1).max(1));
        self.rows
            .iter()
            .filter(|(d, _)| d.family() == family)
            .map(|(d, e)| ((bans((m * e.p).min(1.0)) - 0.3).clamp(0.0, 6.0) * e.share, Some(*d)))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .unwrap_or((0.0, None))
    }

    /// Bans that leaving the declared purpose adds to a family.
    pub fn beyond(&self, family: Family) -> f64 {
        let (own, _) = self.statistic(family);
        self.outside.iter().find(|o| o.family == family).map_or(0.0, |o| (own + o.bans).max(o.least) - own)
    }

    /// E of a family in bans, with what its declared purpose adds; and the detector that gave the statistics.
    pub fn family(&self, family: Family) -> (f64, Option<Detector>) {
        let (own, best) = self.statistic(family);
        ((own + self.beyond(family)).min(6.0), best)
    }

    /// What a family adds to G. A larger run of the same job is large in calls, rows and resources at once: where volume
    /// and breadth both rest on sizes, the smaller counts in part.
    pub fn share(&self, family: Family, gated: bool) -> f64 {
        let (own, _) = self.family(family);
        let ((volume, _), (breadth, best)) = (self.family(Family::Volume), self.family(Family::Breadth));
        let smaller = if volume >= breadth { Family::Breadth } else { Family::Volume };
        if gated && best == Some(Detector::Enumeration) && family == smaller { own * SAME_SIZE } else { own }
    }

    /// G: the sum over families.
    pub fn sum(&self, gated: bool) -> f64 {
        Family::ALL.iter().map(|f| self.share(*f, gated)).sum()
    }
}

/// A number with thousands separated: `2100000` → `2,100,000`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A list of at most `most` of the first texts of `all`, the rest counted.
pub fn listed(first: &[String], all: usize, most: usize) -> String {
    let shown = first.get(..most).unwrap_or(first);
    let out = shown.join(", ");
    if all > shown.len() { format!("{out} and {} more", all - shown.len()) } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(p: f64) -> Evidence {
        Evidence { p, share: 1.0, observed: String::new(), baseline: String::new(), clause: String::new() }
    }

    #[test]
    fn inside_a_family_the_least_counts_and_pays_for_looking_twice() {
        let mut ledger = Ledger::default();
        ledger.put(Detector::NewClient, evidence(0.001));
        ledger.put(Detector::AuthMethod, evidence(0.01));
        ledger.set_applicable(Family::Client, 2);
        let (e, which) = ledger.family(Family::Client);
        assert_eq!(which, Some(Detector::NewClient));
        assert!((e - (-(0.002f64).log10() - 0.3)).abs() < 1e-9);
    }

    #[test]
    fn across_families_evidence_adds_and_one_number_never_exceeds_six() {
        let mut ledger = Ledger::default();
        ledger.put(Detector::NewSource, evidence(0.005));
        ledger.put(Detector::Volume, evidence(1e-12));
        assert!((ledger.family(Family::Volume).0 - 5.7).abs() < 1e-9);
        assert!((ledger.sum(true) - 5.7 - 2.001).abs() < 1e-2);
    }

    #[test]
    fn worse_evidence_never_replaces_better() {
        let mut ledger = Ledger::default();
        assert!(ledger.put(Detector::Volume, evidence(0.01)));
        assert!(!ledger.put(Detector::Volume, evidence(0.02)));
        assert!(!ledger.would_change(Detector::Volume, 0.0095));
        assert!(ledger.would_change(Detector::Volume, 0.001));
    }

    #[test]
    fn what_is_explained_counts_in_part_and_yields_to_what_is_not() {
        let mut ledger = Ledger::default();
        ledger.put(Detector::Volume, Evidence { share: 0.1, ..evidence(1e-5) });
        assert!((ledger.family(Family::Volume).0 - 0.47).abs() < 1e-9);
        assert!(ledger.would_change(Detector::Volume, 0.01));
        assert!(ledger.put(Detector::Volume, evidence(0.01)));
        assert!((ledger.family(Family::Volume).0 - 1.7).abs() < 1e-9);
    }

    #[test]
    fn leaving_the_declared_purpose_adds_and_lifts() {
        let outside = |bans, least| Outside { family: Family::Source, declared: String::new(), observed: String::new(), bans, least };
        let mut ledger = Ledger::default();
        ledger.put_outside(outside(0.5, 1.0));
        assert!((ledger.family(Family::Source).0 - 1.0).abs() < 1e-9);
        ledger.put(Detector::NewSource, evidence(0.005));
        assert!((ledger.family(Family::Source).0 - 2.501).abs() < 1e-3);
        assert!((ledger.beyond(Family::Source) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn numbers_and_lists_read_well() {
        assert_eq!(grouped(2_100_004), "2,100,004");
        assert_eq!(grouped(999), "999");
        assert_eq!(listed(&["a".into(), "b".into(), "c".into()], 3, 2), "a, b and 1 more");
    }
}
