//! What people declared of one identity: its purpose and the changes announced for it, by the event time from which each
//! version acts. It decides what was said at a time, never what it is worth.

use crate::context::changes::{Change, Dimension};
use crate::context::inventory::{Entry, Lifecycle};
use crate::model::Timestamp;
use crate::model::time::{HOUR, MINUTE};

/// How far before and after its window a change still holds: clocks and schedulers are not exact.
const MARGIN: i64 = 30 * MINUTE;
/// How long after its end an identity may still be heard of.
const GRACE: i64 = HOUR;

/// One version of what was declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// It acts on events after this; the smallest time where it was there before the first event.
    pub after: Timestamp,
    /// Whether there is an inventory at all: without one nothing can be missing from it.
    pub inventory: bool,
    /// What the inventory says of the identity.
    pub entry: Option<Entry>,
    /// Changes about the identity, by their beginning.
    pub changes: Vec<Change>,
}

/// Nothing was declared.
static NOTHING: Version = Version { after: Timestamp(i64::MIN), inventory: false, entry: None, changes: Vec::new() };

/// Everything declared of one identity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declared(Vec<Version>);

impl Declared {
    /// What several versions say, in any order.
    pub fn of(mut versions: Vec<Version>) -> Self {
        versions.sort_by_key(|v| v.after);
        Self(versions)
    }

    /// Nothing.
    pub const fn nothing() -> Self {
        Self(Vec::new())
    }

    /// What is in force for an event at this time.
    pub fn at(&self, time: Timestamp) -> &Version {
        self.0.iter().rev().find(|v| v.after < time || v.after.0 == i64::MIN).unwrap_or(&NOTHING)
    }
}

impl Version {
    /// Changes whose window holds at a time, for a dimension.
    pub fn announced(&self, at: Timestamp, dimension: Dimension) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |c| c.dimensions.contains(&dimension) && c.from.plus(-MARGIN) <= at && at < c.to.plus(MARGIN))
    }

    /// Since when the identity should no longer act, with the reason; `None` while it may.
    pub fn ended(&self, at: Timestamp) -> Option<(Option<Timestamp>, &'static str)> {
        let entry = self.entry.as_ref()?;
        let past = |end: Option<Timestamp>| end.filter(|end| at.since(*end) > GRACE);
        if let Some(end) = past(entry.offboarded) {
            return Some((Some(end), "offboarded"));
        }
        if entry.lifecycle == Some(Lifecycle::Offboarded) && entry.offboarded.is_none() {
            return Some((None, "offboarded"));
        }
        past(entry.expires).map(|end| (Some(end), "expired"))
    }
}

/// What a change is called in evidence: its ticket, else what it is about.
pub fn named(change: &Change) -> String {
    change.ticket.clone().or_else(|| change.note.clone()).unwrap_or_else(|| format!("change of {}", change.from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_acts_on_what_comes_after_it() {
        let version = |after: i64, purpose: &str| Version {
            after: Timestamp(after),
            inventory: true,
            entry: Some(Entry { purpose: Some(purpose.to_owned()), ..Entry::default() }),
            changes: Vec::new(),
        };
        let all = Declared::of(vec![version(100, "second"), version(i64::MIN, "first")]);
        let purpose = |at: i64| all.at(Timestamp(at)).entry.as_ref().and_then(|e| e.purpose.clone());
        assert_eq!(purpose(0).as_deref(), Some("first"));
        assert_eq!(purpose(100).as_deref(), Some("first"));
        assert_eq!(purpose(101).as_deref(), Some("second"));
        assert!(Declared::nothing().at(Timestamp(5)).entry.is_none());
    }

    #[test]
    fn an_identity_that_ended_has_an_hour_of_grace() {
        let entry = Entry { offboarded: Some(Timestamp(0)), ..Entry::default() };
        let version = Version { after: Timestamp(i64::MIN), inventory: true, entry: Some(entry), changes: Vec::new() };
        assert_eq!(version.ended(Timestamp(HOUR)), None);
        assert_eq!(version.ended(Timestamp(HOUR + 1)), Some((Some(Timestamp(0)), "offboarded")));
    }
}
