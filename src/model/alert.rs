//! What the fold says: an alert with its evidence, field by field the JSON contract of `alerts --json`. Serialising an
//! [`Alert`] gives exactly that object. It must not know how the numbers came about.

use super::event::{EventId, words};
use super::identity::IdentityRef;
use super::sym;
use super::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

words! {
    /// How grave: risk < 25 ≤ < 50 ≤ < 75 ≤ < 90 ≤ 100. Medium and above are alerts, the rest findings.
    Severity {
        /// Risk below 25.
        Info = "info",
        /// Risk below 50.
        Low = "low",
        /// Risk below 75.
        Medium = "medium",
        /// Risk below 90.
        High = "high",
        /// Risk 90 and above, with impact.
        Critical = "critical",
    }
}

impl Severity {
    /// The severity of a risk from 0 to 100.
    pub const fn of(risk: u8) -> Self {
        match risk {
            0..=24 => Self::Info,
            25..=49 => Self::Low,
            50..=74 => Self::Medium,
            75..=89 => Self::High,
            _ => Self::Critical,
        }
    }

    /// Medium and above go to the queue.
    pub fn is_alert(self) -> bool {
        self >= Self::Medium
    }
}

words! {
    /// Where an alert stands in triage.
    Status {
        /// Nobody touched it.
        New = "new",
        /// Somebody has seen it and owns it.
        Acknowledged = "acknowledged",
        /// Somebody works on it.
        InProgress = "in_progress",
        /// Closed with a verdict.
        Closed = "closed",
        /// Later events took its ground away; it is kept because somebody may have acted on it.
        Superseded = "superseded",
    }
}

words! {
    /// What a person found.
    Verdict {
        /// Misuse.
        TruePositive = "true_positive",
        /// Really unusual, and harmless.
        BenignTruePositive = "benign_true_positive",
        /// The alert was wrong.
        FalsePositive = "false_positive",
        /// Known beforehand.
        Expected = "expected",
    }
}

impl Verdict {
    /// A verdict that dismisses needs a note saying why.
    pub fn needs_note(self) -> bool {
        self != Self::TruePositive
    }
}

words! {
    /// Why an alert was closed.
    Reason {
        /// The source is known.
        KnownSource = "known_source",
        /// The change was announced.
        ExpectedChange = "expected_change",
        /// Maintenance.
        Maintenance = "maintenance",
        /// A test or exercise.
        TestOrExercise = "test_or_exercise",
        /// The detector fires too easily.
        RuleTooLoud = "rule_too_loud",
        /// The data were wrong.
        InaccurateData = "inaccurate_data",
        /// The same thing as another alert.
        Duplicate = "duplicate",
        /// Something else: see the note.
        Other = "other",
    }
}

/// Names an alert: hash of the identity and the event id of its first event. Sixteen hexadecimal digits in text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId(pub u64);

impl AlertId {
    /// The id of the episode of `identity` (its id) that begins with `first`.
    pub fn of(identity: &str, first: EventId) -> Self {
        Self(sym::prefix(&[identity.as_bytes(), &[0xff], &first.0.to_be_bytes()]))
    }

    /// Reads sixteen hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok().map(Self)).flatten()
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for AlertId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AlertId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("not an alert id: {text}")))
    }
}

/// One row of evidence: what was observed, what is usual, and what it is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// `new-source`, `api-mix`, … (`explain` tells more).
    pub detector: String,
    /// `source client action breadth volume timing privilege threat sequence context`.
    pub family: String,
    /// What happened, with its numbers.
    pub observed: String,
    /// What is usual, with its numbers and the days they rest on.
    pub baseline: String,
    /// Probability of something at least as unusual on an active day; `None` for terms that are no statistics.
    pub p: Option<f64>,
    /// Evidence in bans (−log10 p after the family's cap), or the size of the term.
    pub bans: f64,
    /// Share of the risk; all points of an alert add up to it.
    pub points: i32,
}

/// A sequence with the steps seen and those missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    /// `S05`, ….
    pub id: String,
    /// Steps seen, in order.
    pub steps: Vec<SequenceStep>,
    /// Steps not seen (yet).
    pub missing: Vec<String>,
}

/// One step of a sequence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SequenceStep {
    /// What the step is.
    pub name: String,
    /// When.
    pub time: Timestamp,
    /// Event id that shows it, sixteen hexadecimal digits.
    pub event: String,
}

/// What could have been reached since onset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlastRadius {
    /// Records read.
    pub rows: u64,
    /// Bytes moved.
    pub bytes: u64,
    /// Distinct resources touched.
    pub objects: u64,
    /// Credentials made.
    pub credentials: u64,
    /// Other identities acted on.
    pub identities: u64,
    /// Tenants touched.
    pub tenants: u64,
}

/// The events an alert stands on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Support {
    /// How many.
    pub count: u64,
    /// Provider event ids of at most 50.
    pub sample: Vec<String>,
}

/// A tag of somebody's framework.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Framework {
    /// `mitre-attack`, `owasp-nhi`, `nist-csf`.
    pub framework: String,
    /// Its version.
    pub version: String,
    /// The tag.
    pub id: String,
}

/// What to do next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guidance {
    /// What to check.
    pub check: Vec<String>,
    /// Harmless explanations.
    pub benign: Vec<String>,
    /// How to contain, least destructive first.
    pub contain: Vec<String>,
}

/// The score behind the risk, in bans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Everything together: A + T + Q + C.
    pub total: f64,
    /// Where risk is 50.
    pub threshold: f64,
    /// Calibrated statistics A.
    pub statistics: f64,
    /// Raw sum of families G.
    pub sum: f64,
    /// False alerts a day expected at this threshold over the whole fleet.
    pub expected_false_per_day: f64,
}

/// What the alert was computed with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Hash of the model settings.
    pub model: String,
    /// Hash of the context.
    pub context: String,
    /// The day at whose close the baseline was frozen.
    pub baseline_day: String,
    /// The use case of the profile.
    pub use_case: String,
    /// Active days the baseline rests on.
    pub active_days: u32,
}

/// A reference to a stored event, for opening it again. It is not part of the public object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventRef {
    /// Event time.
    pub time: Timestamp,
    /// Event id.
    pub id: EventId,
    /// The principal as the store numbers it.
    pub principal: u32,
}

/// An explained alert (or, below medium, a finding).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// Earlier ids under which it was published.
    pub aliases: Vec<AlertId>,
    /// Whose behaviour it is.
    pub identity: IdentityRef,
    /// How grave.
    pub severity: Severity,
    /// 0–100.
    pub risk: u8,
    /// Where it stands.
    pub status: Status,
    /// What was found.
    pub verdict: Option<Verdict>,
    /// Who holds it.
    pub assigned: Option<String>,
    /// Hidden until then.
    pub snoozed_until: Option<Timestamp>,
    /// The alert it repeats.
    pub duplicate_of: Option<AlertId>,
    /// First event of the episode.
    pub onset: Timestamp,
    /// Event time of the event that raised it to medium; for a finding, of the event that gave it its risk.
    pub raised: Timestamp,
    /// Newest event that changed it.
    pub updated: Timestamp,
    /// One sentence: who, what, when, from where.
    pub sentence: String,
    /// Evidence; points add up to `risk`.
    pub signals: Vec<Signal>,
    /// Sequences matched in part or whole.
    pub sequences: Vec<Sequence>,
    /// Mitigations considered, with their effect.
    pub mitigations: Vec<String>,
    /// What would change the verdict.
    pub counterfactuals: Vec<String>,
    /// What could not be seen.
    pub not_observable: Vec<String>,
    /// What could have been reached.
    pub blast_radius: BlastRadius,
    /// What it stands on.
    pub events: Support,
    /// Framework tags.
    pub frameworks: Vec<Framework>,
    /// What to do.
    pub guidance: Guidance,
    /// The score behind the risk.
    pub score: Score,
    /// What it was computed with.
    pub provenance: Provenance,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_bounds_are_those_of_the_contract() {
        for (risk, severity) in [
            (0, "info"),
            (24, "info"),
            (25, "low"),
            (49, "low"),
            (50, "medium"),
            (74, "medium"),
            (75, "high"),
            (89, "high"),
            (90, "critical"),
            (100, "critical"),
        ] {
            assert_eq!(Severity::of(risk).as_str(), severity, "{risk}");
        }
        assert!(Severity::Medium.is_alert() && !Severity::Low.is_alert());
    }

    #[test]
    fn an_alert_id_reads_what_it_prints() {
        let id = AlertId::of("arn:aws:iam::1:role/x", EventId(7));
        assert_eq!(AlertId::parse(&id.to_string()), Some(id));
        assert_eq!(AlertId::parse("abc"), None);
    }
}
