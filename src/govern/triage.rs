//! What a person may do to an alert: from one [`Standing`] to the next, or a [`Refusal`] that says the way out. Pure: who
//! asks and what they ask come in, nothing is read. It must not know storage, clocks or screens.

use crate::model::alert::Reason;
use crate::model::decision::Triage;
use crate::model::{AlertId, Status, Timestamp, Verdict};
use serde::{Deserialize, Serialize};

/// Where an alert stands with the people who work on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Status; never `superseded`, which is not a person's doing.
    pub status: Status,
    /// What was found; set exactly when it is closed.
    pub verdict: Option<Verdict>,
    /// Why it was closed.
    pub reason: Option<Reason>,
    /// Who holds it.
    pub assigned: Option<String>,
    /// Hidden until then.
    pub snoozed_until: Option<Timestamp>,
    /// End of the exception that the verdict `expected` makes.
    pub exception_until: Option<Timestamp>,
    /// The alert it repeats.
    pub duplicate_of: Option<AlertId>,
    /// Who changed it last.
    pub by: Option<String>,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            status: Status::New,
            verdict: None,
            reason: None,
            assigned: None,
            snoozed_until: None,
            exception_until: None,
            duplicate_of: None,
            by: None,
        }
    }
}

/// Why something cannot be done, and what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Closing without a verdict.
    #[error("closing needs a verdict: true_positive, benign_true_positive, false_positive or expected")]
    VerdictNeeded,
    /// A dismissing verdict without a note.
    #[error("the verdict {0} needs a note that says why")]
    NoteNeeded(Verdict),
    /// A verdict or reason on an open alert.
    #[error("a verdict closes an alert: set the status to closed with it")]
    NotClosing,
    /// Snoozing a closed alert.
    #[error("it is closed; reopen it to snooze it")]
    ClosedSnooze,
    /// Only the fold supersedes.
    #[error("superseded is not a person's decision; close it with a verdict instead")]
    Superseding,
    /// An alert cannot repeat itself.
    #[error("an alert cannot be a duplicate of itself")]
    OwnDuplicate,
    /// Nothing would change.
    #[error("nothing would change")]
    NothingAsked,
    /// Somebody else was first.
    #[error("{who} was first ({what})")]
    Lost {
        /// Who.
        who: String,
        /// What they did.
        what: String,
    },
}

/// The standing of `alert` after `who` asks for `ask`.
///
/// * Acknowledging and working take the alert for `who` unless it is given to somebody; on one that another holds they lose.
/// * Closing needs a verdict; the verdicts that dismiss need a note. On one that another closed it loses.
/// * On a closed alert a verdict without a status changes the verdict. Any open status reopens it: verdict, reason,
///   exception and duplicate go, the owner stays.
/// * `until` ends the exception with the verdict `expected`, else it snoozes.
/// * An empty `assign` takes the alert from whoever holds it.
pub fn apply(alert: AlertId, before: &Standing, ask: &Triage, who: &str) -> Result<Standing, Refusal> {
    let mut after = before.clone();
    let was_closed = before.status == Status::Closed;
    match ask.status {
        Some(Status::Superseded) => return Err(Refusal::Superseding),
        Some(Status::Closed) if was_closed && before.by.as_deref().is_some_and(|by| by != who) => {
            let found = before.verdict.map_or("closed", Verdict::as_str);
            return Err(Refusal::Lost { who: before.by.clone().unwrap_or_default(), what: format!("closed as {found}") });
        }
        Some(status @ (Status::Acknowledged | Status::InProgress)) if !was_closed => {
            if let Some(holder) = before.assigned.as_deref().filter(|holder| *holder != who)
                && ask.assign.is_none()
                && before.status != Status::New
            {
                return Err(Refusal::Lost { who: holder.to_owned(), what: before.status.as_str().to_owned() });
            }
            after.status = status;
        }
        Some(status) => after.status = status,
        None => {}
    }
    if after.status == Status::Closed {
        after.verdict = ask.verdict.or(before.verdict);
        let verdict = after.verdict.ok_or(Refusal::VerdictNeeded)?;
        let decided = ask.verdict.is_some() || ask.status.is_some();
        if decided && verdict.needs_note() && ask.note.as_deref().is_none_or(|note| note.trim().is_empty()) {
            return Err(Refusal::NoteNeeded(verdict));
        }
        after.reason = ask.reason.or(before.reason);
        after.snoozed_until = None;
        if verdict == Verdict::Expected {
            after.exception_until = ask.until.or(before.exception_until);
        } else {
            after.exception_until = None;
            if ask.until.is_some() {
                return Err(Refusal::ClosedSnooze);
            }
        }
    } else {
        if ask.verdict.is_some() || ask.reason.is_some() {
            return Err(Refusal::NotClosing);
        }
        if was_closed {
            (after.verdict, after.reason, after.exception_until, after.duplicate_of) = (None, None, None, None);
        }
        if let Some(until) = ask.until {
            after.snoozed_until = Some(until);
        }
    }
    match ask.assign.as_deref().map(str::trim) {
        Some("") => after.assigned = None,
        Some(holder) => after.assigned = Some(holder.to_owned()),
        None if matches!(ask.status, Some(Status::Acknowledged | Status::InProgress)) => after.assigned = Some(who.to_owned()),
        None => {}
    }
    if let Some(other) = ask.duplicate_of {
        if other == alert {
            return Err(Refusal::OwnDuplicate);
        }
        after.duplicate_of = Some(other);
    }
    if after == *before && ask.note.as_deref().is_none_or(|note| note.trim().is_empty()) {
        return Err(Refusal::NothingAsked);
    }
    after.by = Some(who.to_owned());
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask() -> Triage {
        Triage::default()
    }

    fn to(status: Status) -> Triage {
        Triage { status: Some(status), ..ask() }
    }

    fn close(verdict: Verdict, note: &str) -> Triage {
        Triage { verdict: Some(verdict), note: Some(note.to_owned()).filter(|note| !note.is_empty()), ..to(Status::Closed) }
    }

    fn held(status: Status, by: &str) -> Standing {
        Standing { status, assigned: Some(by.to_owned()), by: Some(by.to_owned()), ..Standing::default() }
    }

    fn closed(verdict: Verdict, by: &str) -> Standing {
        Standing { verdict: Some(verdict), ..held(Status::Closed, by) }
    }

    /// Protects the words of the contract: which requests are refused, and how a race is told.
    #[test]
    fn refusals() {
        use Verdict::{BenignTruePositive, Expected, FalsePositive, TruePositive};
        let lost = |who: &str, what: &str| Refusal::Lost { who: who.into(), what: what.into() };
        let new = Standing::default();
        for (before, ask, refusal) in [
            (&new, to(Status::Closed), Refusal::VerdictNeeded),
            (&new, close(FalsePositive, ""), Refusal::NoteNeeded(FalsePositive)),
            (&new, close(BenignTruePositive, "  "), Refusal::NoteNeeded(BenignTruePositive)),
            (&new, close(Expected, ""), Refusal::NoteNeeded(Expected)),
            (&new, Triage { verdict: Some(TruePositive), ..ask() }, Refusal::NotClosing),
            (&new, Triage { reason: Some(Reason::Other), ..to(Status::Acknowledged) }, Refusal::NotClosing),
            (&new, to(Status::Superseded), Refusal::Superseding),
            (&new, Triage { duplicate_of: Some(AlertId(1)), ..ask() }, Refusal::OwnDuplicate),
            (&new, ask(), Refusal::NothingAsked),
            (&new, to(Status::New), Refusal::NothingAsked),
            (&held(Status::Acknowledged, "bo"), to(Status::Acknowledged), lost("bo", "acknowledged")),
            (&held(Status::InProgress, "bo"), to(Status::InProgress), lost("bo", "in_progress")),
            (&held(Status::Acknowledged, "ann"), to(Status::Acknowledged), Refusal::NothingAsked),
            (&closed(TruePositive, "bo"), close(FalsePositive, "no"), lost("bo", "closed as true_positive")),
            (&closed(TruePositive, "ann"), Triage { until: Some(Timestamp(9)), ..ask() }, Refusal::ClosedSnooze),
        ] {
            assert_eq!(apply(AlertId(1), before, &ask, "ann"), Err(refusal), "{before:?} {ask:?}");
        }
    }

    /// Protects what each action changes, field by field.
    #[test]
    fn transitions() {
        use Verdict::{Expected, FalsePositive, TruePositive};
        let new = Standing::default();
        let by_ann = |standing: Standing| Standing { by: Some("ann".into()), ..standing };
        let later = Some(Timestamp(99));
        for (before, ask, after) in [
            (new.clone(), to(Status::Acknowledged), held(Status::Acknowledged, "ann")),
            (new.clone(), to(Status::InProgress), held(Status::InProgress, "ann")),
            (
                new.clone(),
                Triage { assign: Some("bo".into()), ..to(Status::Acknowledged) },
                by_ann(Standing { assigned: Some("bo".into()), status: Status::Acknowledged, ..new.clone() }),
            ),
            (
                held(Status::InProgress, "bo"),
                Triage { assign: Some(String::new()), ..ask() },
                by_ann(Standing { status: Status::InProgress, ..new.clone() }),
            ),
            (
                held(Status::Acknowledged, "bo"),
                Triage { assign: Some("ann".into()), ..to(Status::InProgress) },
                held(Status::InProgress, "ann"),
            ),
            (new.clone(), close(TruePositive, ""), by_ann(Standing { status: Status::Closed, verdict: Some(TruePositive), ..new.clone() })),
            (closed(TruePositive, "ann"), close(FalsePositive, "was a test"), closed(FalsePositive, "ann")),
            (
                closed(TruePositive, "bo"),
                Triage { verdict: Some(FalsePositive), note: Some("looked again".into()), ..ask() },
                by_ann(closed(FalsePositive, "bo")),
            ),
            (
                Standing { reason: Some(Reason::Other), duplicate_of: Some(AlertId(4)), ..closed(FalsePositive, "bo") },
                to(Status::InProgress),
                held(Status::InProgress, "ann"),
            ),
            (new.clone(), Triage { until: later, ..ask() }, by_ann(Standing { snoozed_until: later, ..new.clone() })),
            (
                Standing { snoozed_until: later, ..new.clone() },
                Triage { until: later, ..close(Expected, "announced") },
                by_ann(Standing { status: Status::Closed, verdict: Some(Expected), exception_until: later, ..new.clone() }),
            ),
            (new.clone(), Triage { note: Some("asked the owner".into()), ..ask() }, by_ann(new.clone())),
            (
                new.clone(),
                Triage { duplicate_of: Some(AlertId(2)), ..ask() },
                by_ann(Standing { duplicate_of: Some(AlertId(2)), ..new.clone() }),
            ),
        ] {
            assert_eq!(apply(AlertId(1), &before, &ask, "ann"), Ok(after), "{before:?} {ask:?}");
        }
    }
}
