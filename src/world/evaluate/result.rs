//! What an evaluation of one seed gives: plain data, kept as a file. It must not know how it came about.

use crate::world::w1::KindId;
use serde::{Deserialize, Serialize};

/// One seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeedResult {
    /// What it depends on ([`super::Options::key`]).
    pub key: String,
    /// The seed.
    pub seed: u64,
    /// Identities of each kind.
    pub per_kind: u32,
    /// Days that were judged.
    pub judged: i32,
    /// Records folded in the clean pass.
    pub events: u64,
    /// Identities, in order.
    pub identities: Vec<IdentityResult>,
    /// Injections, in the order of scenario, identity and start.
    pub runs: Vec<RunResult>,
}

/// One identity's clean traffic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdentityResult {
    /// Its number.
    pub number: u32,
    /// Its kind.
    pub kind: KindId,
    /// Bytes of its state at the end.
    pub bytes: usize,
    /// Alerts and findings raised on days that are judged. None of them is deserved.
    pub flags: Vec<Flag>,
}

/// An alert or finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    /// Day of the world on which it was raised.
    pub day: i32,
    /// Its risk.
    pub risk: u8,
    /// Bans of everything together.
    pub total: f64,
    /// Bans at which risk is 50.
    pub threshold: f64,
    /// Its largest terms.
    pub leading: String,
}

impl Flag {
    /// Bans above the threshold.
    pub fn margin(&self) -> f64 {
        self.total - self.threshold
    }
}

/// One injection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    /// Scenario.
    pub scenario: String,
    /// Kind of the identity.
    pub kind: KindId,
    /// Number of the identity.
    pub number: u32,
    /// Start day.
    pub start: i32,
    /// Injected events.
    pub injected: u32,
    /// Largest margin, in bans, of what is not there without the injection; `None` where nothing is.
    pub margin: Option<f64>,
    /// Margin of the same finding without the injection, where there was one.
    pub without: Option<f64>,
    /// The largest before the threshold is taken off.
    pub total: Option<f64>,
    /// Largest risk of that.
    pub risk: u8,
    /// Largest risk before the start day, of a scenario that begins with a prelude.
    pub prelude: Option<u8>,
    /// Alerts that are not there without it.
    pub alerts: u32,
    /// Injected events until risk was 50.
    pub events_to_medium: Option<u32>,
    /// Seconds of event time from the first injected event until then.
    pub seconds_to_medium: Option<i64>,
    /// Injected events until risk was 75.
    pub events_to_high: Option<u32>,
    /// Rows (or four hundred bytes each) the injected events moved.
    pub rows: u64,
    /// Of those, before risk was 50.
    pub rows_before: u64,
    /// Whether an injected dimension is among the two largest terms of the best alert.
    pub explained: Option<bool>,
    /// Its largest terms.
    pub leading: String,
}
