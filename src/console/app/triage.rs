//! Triage: what is asked before a change, the change itself, and the way back. Closing with a dismissing verdict needs a
//! note; every change can be taken back. It must not know how decisions are stored.

use super::says::Level;
use super::{App, Effect};
use crate::console::desk::{Answer, Change};
use crate::model::alert::Reason;
use crate::model::decision::{AuditRow, Triage};
use crate::model::time::SECOND;
use crate::model::{AlertId, Status, Timestamp, Verdict};
use tui_input::Input;

/// Time in which `u` takes back the last change wherever one is.
const UNDO: i64 = 10 * SECOND;

/// What a dialog is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Close with a verdict that dismisses.
    Dismiss,
    /// Only a note.
    Note,
}

/// The part of a dialog that takes keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Verdicts.
    Verdict,
    /// Reasons.
    Reason,
    /// The note.
    Note,
}

/// Verdicts that dismiss, in the order offered.
pub const DISMISSALS: [Verdict; 3] = [Verdict::BenignTruePositive, Verdict::FalsePositive, Verdict::Expected];

/// A dialog that asks for words.
#[derive(Clone, Debug)]
pub struct Dialog {
    /// What for.
    pub purpose: Purpose,
    /// The alerts it is about.
    pub alerts: Vec<AlertId>,
    /// Whose they are: name and how many, most first.
    pub names: Vec<(String, usize)>,
    /// Chosen verdict, an index of [`DISMISSALS`].
    pub verdict: usize,
    /// Chosen reason, an index of [`Reason::ALL`].
    pub reason: usize,
    /// The note.
    pub note: Input,
    /// Where keys go.
    pub field: Field,
    /// Why Enter did nothing.
    pub complaint: Option<&'static str>,
}

impl Dialog {
    /// Goes to another field.
    pub(super) fn turn(&mut self, by: isize) {
        let fields: &[Field] = if self.purpose == Purpose::Note { &[Field::Note] } else { &[Field::Verdict, Field::Reason, Field::Note] };
        let at = fields.iter().position(|field| *field == self.field).unwrap_or(0);
        self.field = fields[(at as isize + by).rem_euclid(fields.len() as isize) as usize];
    }

    /// Chooses another value of the field.
    pub(super) fn choose(&mut self, by: isize) {
        let (value, count) = match self.field {
            Field::Verdict => (&mut self.verdict, DISMISSALS.len()),
            Field::Reason => (&mut self.reason, Reason::ALL.len()),
            Field::Note => return,
        };
        *value = (*value as isize + by).rem_euclid(count as isize) as usize;
    }
}

/// The last change, while it can be taken back from anywhere.
#[derive(Clone, Debug)]
pub(super) struct Undoable {
    alerts: Vec<AlertId>,
    until: Timestamp,
}

impl App {
    /// What triage acts on: the marked alerts, else the one under the cursor.
    pub fn targets(&self) -> Vec<AlertId> {
        if self.here.marks.is_empty() { self.alert_here().into_iter().collect() } else { self.here.marks.iter().copied().collect() }
    }

    pub(super) fn ask_words(&mut self, purpose: Purpose) {
        let alerts = self.targets();
        let mut names: Vec<(String, usize)> = Vec::new();
        for row in alerts.iter().filter_map(|id| self.alert_row(*id)) {
            match names.iter_mut().find(|(name, _)| *name == row.name) {
                Some((_, count)) => *count += 1,
                None => names.push((row.name.clone(), 1)),
            }
        }
        names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let field = if purpose == Purpose::Note { Field::Note } else { Field::Verdict };
        let note = Input::default();
        let dialog = Dialog { purpose, alerts, names, verdict: 0, reason: 0, note, field, complaint: None };
        self.overlay = Some(super::Overlay::Triage(Box::new(dialog)));
    }

    pub(super) fn submit(&mut self, dialog: &Dialog, now: Timestamp, effects: &mut Vec<Effect>) -> Result<(), &'static str> {
        let note = dialog.note.value().trim();
        if note.is_empty() {
            return Err("a note is required: say why, for whoever reads it next");
        }
        let note = Some(note.to_owned());
        let change = match dialog.purpose {
            Purpose::Note => Triage { note, ..Triage::default() },
            Purpose::Dismiss => Triage {
                status: Some(Status::Closed),
                verdict: DISMISSALS.get(dialog.verdict).copied(),
                reason: Reason::ALL.get(dialog.reason).copied(),
                note,
                ..Triage::default()
            },
        };
        self.triage(dialog.alerts.clone(), &change, now, effects);
        Ok(())
    }

    pub(super) fn acknowledge(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let assign = Some(self.options.analyst.clone());
        self.triage(self.targets(), &Triage { status: Some(Status::Acknowledged), assign, ..Triage::default() }, now, effects);
    }

    pub(super) fn confirm(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let verdict = Some(Verdict::TruePositive);
        self.triage(self.targets(), &Triage { status: Some(Status::Closed), verdict, ..Triage::default() }, now, effects);
    }

    pub(super) fn reopen(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.triage(self.targets(), &Triage { status: Some(Status::New), ..Triage::default() }, now, effects);
    }

    fn triage(&mut self, alerts: Vec<AlertId>, change: &Triage, now: Timestamp, effects: &mut Vec<Effect>) {
        // One toast for all of them: which, how many, what.
        let whose = match alerts.as_slice() {
            [id] => self.alert_row(*id).map_or_else(|| id.to_string(), |row| format!("{} · {}", row.name, row.detector)),
            many => format!("{} alerts", many.len()),
        };
        let done = match (change.status, change.verdict) {
            (Some(Status::Closed), Some(verdict)) => format!("closed as {}", verdict.as_str().replace('_', " ")),
            (Some(Status::New), _) => "opened again".to_owned(),
            (Some(status), _) => status.as_str().replace('_', " "),
            (None, _) => "note written".to_owned(),
        };
        self.says.say(Level::Done, format!("{done} · u takes it back · {whose}"), now);
        effects.extend(alerts.iter().map(|id| Effect::Change(Change::Triage(*id, Box::new(change.clone())))));
        self.undo = Some(Undoable { alerts, until: now.plus(UNDO) });
        self.here.marks.clear();
        self.here.anchor = None;
    }

    pub(super) fn take_back(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let alerts = match self.undo.take() {
            Some(undo) if now <= undo.until => undo.alerts,
            _ => self.alert_here().into_iter().collect(),
        };
        if alerts.is_empty() {
            self.says.say(Level::Warn, "nothing to take back here; open the alert whose last change should go", now);
        }
        effects.extend(alerts.into_iter().map(|id| Effect::Change(Change::Undo(id))));
    }

    pub(super) fn changed(&mut self, change: &Change, result: Option<Answer<AuditRow>>, now: Timestamp) {
        match (change, result) {
            (_, Some(Err(error))) => {
                // What was said before is not so.
                self.undo = None;
                self.says.say(Level::Error, error, now);
            }
            (Change::Triage(id, triage), Some(Ok(_))) => self.data.feed.triaged(*id, triage.status, triage.assign.as_deref()),
            (Change::Undo(_), Some(Ok(row))) => {
                let whose = AlertId::parse(&row.object).and_then(|id| self.alert_row(id)).map(|row| row.name.clone());
                self.says.say(Level::Done, format!("{}: last change taken back", whose.unwrap_or(row.object)), now);
            }
            (_, None) => return,
            (Change::Publish(_), _) => {}
        }
        self.hurry();
    }
}
