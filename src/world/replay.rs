//! A day as lines in the order of time, for playing it live: CloudTrail one record a line, Salesforce row by row. It
//! must not know a clock: whoever plays decides when.

use super::eventlog;
use super::ledger::{Closed, Family};
use crate::model::Timestamp;

/// One line of a live file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When the record says it happened.
    pub time: Timestamp,
    /// Path of the file to append to, relative to the folder that is watched (`live/cloudtrail.ndjson`).
    pub file: String,
    /// First line of that file where it does not exist yet, without the line end.
    pub header: Option<String>,
    /// The line, without the line end.
    pub text: String,
}

/// The lines of a day. Records that came twice are there twice.
pub(super) fn lines(day: &Closed) -> Vec<Line> {
    let mut lines = Vec::new();
    for family in Family::ALL {
        let (file, header) = match eventlog::header(family) {
            Some((kind, header)) => (format!("live/{kind}.csv"), Some(header.to_owned())),
            None => ("live/cloudtrail.ndjson".to_owned(), None),
        };
        lines.extend(day.sheets[family as usize].records().map(|(_, time, record)| Line {
            time: Timestamp(time),
            file: file.clone(),
            header: header.clone(),
            text: String::from_utf8_lossy(record).into_owned(),
        }));
    }
    // Stable: lines of one moment keep the order in which they were made.
    lines.sort_by_key(|line| line.time);
    lines
}
