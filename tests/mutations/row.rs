//! What a row of the table of switches is: one part of the model, the harm it protects from, invented events that show it,
//! and a property that holds with the part and not without.

use crate::trace::{self, Trace, identity, identity_of};
use driftline::context::changes::Change;
use driftline::context::inventory::Entry;
use driftline::detect::declared::{Declared, Version};
use driftline::detect::evidence::{Detector, Family};
use driftline::detect::{Folded, Gate, Settings};
use driftline::model::identity::{IdentityRef, Kind};
use driftline::model::{Alert, Timestamp};

/// A part of the model that can be switched off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Switch {
    /// A detector.
    Detector(Detector),
    /// A family.
    Family(Family),
    /// A gate.
    Gate(Gate),
    /// A sequence, hard rule or term of context.
    Rule(&'static str),
}

impl Switch {
    /// The model without it.
    pub fn off(self) -> Settings {
        let mut settings = Settings::default();
        let off = &mut settings.off;
        match self {
            Self::Detector(detector) => drop(off.detectors.insert(detector)),
            Self::Family(family) => drop(off.families.insert(family)),
            Self::Gate(gate) => drop(off.gates.insert(gate)),
            Self::Rule(rule) => drop(off.rules.insert(rule.to_owned())),
        }
        settings
    }
}

/// Invented events of somebody of whom something was declared.
pub struct Case {
    /// What happened.
    pub trace: Trace,
    /// To whom.
    pub identity: IdentityRef,
    /// What was declared.
    pub declared: Declared,
}

impl Case {
    /// Events of the connector, of which nothing was declared.
    pub fn of(mut trace: Trace) -> Self {
        trace.sort();
        Self { trace, identity: identity(), declared: Declared::nothing() }
    }

    /// The same of another kind of identity.
    pub fn kind(self, kind: Kind) -> Self {
        Self { identity: identity_of(kind), ..self }
    }

    /// The same where the inventory says something.
    pub fn entry(self, entry: Entry) -> Self {
        self.declare(Some(entry), Vec::new())
    }

    /// The same where a change was announced.
    pub fn change(self, change: Change) -> Self {
        self.declare(Some(Entry { owner: Some("crm-team".to_owned()), ..Entry::default() }), vec![change])
    }

    /// The same where the inventory has no such identity, or says something, and changes were announced.
    pub fn declare(self, entry: Option<Entry>, changes: Vec<Change>) -> Self {
        let version = Version { after: Timestamp(i64::MIN), inventory: true, entry, changes };
        Self { declared: Declared::of(vec![version]), ..self }
    }

    /// What a model finds in it.
    pub fn fold(&self, settings: &Settings) -> Vec<Folded> {
        trace::fold(&self.trace, &self.identity, &self.declared, settings).0
    }
}

/// One part of the model with what shows that it matters.
pub struct Row {
    /// The part.
    pub switch: Switch,
    /// What an analyst loses without it.
    pub protects: &'static str,
    /// What happened.
    pub case: fn() -> Case,
    /// Whether the queue itself depends on it: there is an alert with the part and none without, or the reverse.
    pub decides: bool,
    /// True with the part, false without.
    pub holds: fn(&[Folded]) -> bool,
}

/// The largest risk of anything found, 0 where nothing was.
pub fn worst(folded: &[Folded]) -> u8 {
    folded.iter().map(|f| f.alert.risk).max().unwrap_or(0)
}

/// Whether the queue gets an alert.
pub fn alerted(folded: &[Folded]) -> bool {
    worst(folded) >= 50
}

/// Whether the queue stays empty.
pub fn quiet(folded: &[Folded]) -> bool {
    worst(folded) < 50
}

/// The alerts in the queue.
pub fn alerts(folded: &[Folded]) -> impl Iterator<Item = &Alert> {
    folded.iter().map(|f| &f.alert).filter(|a| a.risk >= 50)
}

/// Whether an alert in the queue has a row of this detector that carries points and says this.
pub fn shows(folded: &[Folded], detector: &str, text: &str) -> bool {
    alerts(folded).any(|a| a.signals.iter().any(|s| s.detector == detector && s.points > 0 && s.observed.contains(text)))
}

/// What was found, in a line each.
pub fn told(folded: &[Folded]) -> String {
    let lines = folded.iter().map(|f| {
        let rows: Vec<String> =
            f.alert.signals.iter().map(|s| format!("{} {:.2}b {}p [{}]", s.detector, s.bans, s.points, s.observed)).collect();
        format!(
            "    risk {} L {:.2} G {:.2} onset {}: {}",
            f.alert.risk,
            f.alert.score.total,
            f.alert.score.sum,
            f.alert.onset,
            rows.join("; ")
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
