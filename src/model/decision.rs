//! What a person decided, and when in event time. A decision acts only on event time after its watermark; that is what
//! keeps the fold a function. It must not know how decisions are stored or chained.

use super::alert::{AlertId, Reason, Status, Verdict};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A change of an alert's triage, as asked for. Fields left `None` stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triage {
    /// New status.
    pub status: Option<Status>,
    /// New verdict; closing needs one.
    pub verdict: Option<Verdict>,
    /// Why.
    pub reason: Option<Reason>,
    /// In the analyst's words.
    pub note: Option<String>,
    /// Who holds it from now on; an empty text takes it from whoever does.
    pub assign: Option<String>,
    /// Hide until, or the end of an exception when the verdict is `expected`.
    pub until: Option<Timestamp>,
    /// The alert it repeats.
    pub duplicate_of: Option<AlertId>,
}

/// A verdict as the fold reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The alert decided on.
    pub alert: AlertId,
    /// What was found; `None` when a verdict was taken back.
    pub verdict: Option<Verdict>,
    /// Newest event time committed when it was decided.
    pub watermark: Timestamp,
    /// Its place in the audit chain: ties in the watermark break by this.
    pub sequence: u64,
}

/// A row of the audit chain: who did what, when, chained by hash to the row before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Place in the chain, from 1.
    pub sequence: u64,
    /// Wall-clock time of the action.
    pub time: Timestamp,
    /// Event-time watermark of the action.
    pub watermark: Timestamp,
    /// Who.
    pub who: String,
    /// What was done: `triage`, `undo`, `publish`, ….
    pub what: String,
    /// To what: an alert id.
    pub object: String,
    /// State before, as JSON.
    pub before: String,
    /// State after, as JSON.
    pub after: String,
    /// The note given with it.
    pub note: String,
    /// Hash of this row and the one before, hex.
    pub hash: String,
}
