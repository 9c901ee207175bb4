//! What is known to be true of single records: which belong to the attack, which to a harmless oddity. Labels are for
//! judging a detector and lie beside the logs, never among them. They must not be readable by anything that detects.

use super::ledger::Family;
use crate::model::Timestamp;
use serde::Serialize;

/// Misuse, or unusual and harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Nature {
    /// Part of the theft.
    Attack,
    /// Looks odd, is harmless.
    Benign,
}

/// What a run of records is labelled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Misuse or harmless.
    pub(super) nature: Nature,
    /// Which story it belongs to.
    pub(super) scenario: &'static str,
    /// What this step of the story is.
    pub(super) step: &'static str,
}

/// One labelled record: a line of `truth.labels`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// When the record says it happened.
    pub time: Timestamp,
    /// Misuse or harmless.
    pub nature: Nature,
    /// Which story it belongs to.
    pub scenario: &'static str,
    /// What this step of the story is.
    pub step: &'static str,
    /// `aws_cloudtrail` or `salesforce_elf`.
    pub format: &'static str,
    /// `CloudTrail`, or the event type of the log file.
    pub record: &'static str,
    /// The provider's id: `eventID`, or `REQUEST_ID` (which records of several types share).
    pub event: String,
    /// Whose record it is.
    pub identity: String,
}

impl Label {
    /// The label of the record `id` of `family`.
    pub(super) fn new(time: Timestamp, mark: Mark, family: Family, id: &str, identity: &str) -> Self {
        let (format, record) = match family {
            Family::ProductionEu | Family::ProductionUs | Family::DataEu => ("aws_cloudtrail", "CloudTrail"),
            Family::Login => ("salesforce_elf", "Login"),
            Family::ApiTotalUsage => ("salesforce_elf", "ApiTotalUsage"),
            Family::RestApi => ("salesforce_elf", "RestApi"),
            Family::UniqueQuery => ("salesforce_elf", "UniqueQuery"),
            Family::BulkApi2 => ("salesforce_elf", "BulkApi2"),
        };
        let Mark { nature, scenario, step } = mark;
        Self { time, nature, scenario, step, format, record, event: id.to_owned(), identity: identity.to_owned() }
    }
}
