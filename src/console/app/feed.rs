//! The feed of alerts and its two pauses. Following is a state and never fought: leaving the newest row pauses, `f`
//! resumes, and while paused new rows are counted but do not move what is read. It must not know how rows are drawn.

use crate::console::desk::AlertFilter;
use crate::model::page::AlertRow;
use crate::model::{AlertId, Status};

/// What is shown, what has come since, and whether the newest row is followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// Rows on screen, newest first.
    pub shown: Vec<AlertRow>,
    /// Rows as they are by now.
    latest: Vec<AlertRow>,
    /// The newest row is followed.
    pub following: bool,
    /// The question `shown` answers.
    query: Option<AlertFilter>,
    /// An answer has come.
    pub known: bool,
}

impl Default for Feed {
    fn default() -> Self {
        Self { shown: Vec::new(), latest: Vec::new(), following: true, query: None, known: false }
    }
}

impl Feed {
    /// Takes an answer. A picture that is `frozen` does not change; one that is read from changes no row's place.
    pub fn take(&mut self, query: AlertFilter, rows: Vec<AlertRow>, frozen: bool) {
        let another = self.query.as_ref() != Some(&query);
        self.latest = rows;
        if another || !self.known || (self.following && !frozen) {
            self.shown.clone_from(&self.latest);
        } else if !frozen {
            for row in &mut self.shown {
                if let Some(now) = self.latest.iter().find(|now| now.id == row.id) {
                    row.clone_from(now);
                }
            }
        }
        (self.query, self.known) = (Some(query), true);
    }

    /// Goes to the newest row and follows.
    pub fn follow(&mut self) {
        self.following = true;
        self.shown.clone_from(&self.latest);
    }

    /// Rows that came since the picture stands still.
    pub fn waiting(&self) -> usize {
        self.latest.iter().filter(|now| !self.shown.iter().any(|row| row.id == now.id)).count()
    }

    /// Notes a change of triage at once, before the store has told.
    pub fn triaged(&mut self, id: AlertId, status: Option<Status>, holder: Option<&str>) {
        for row in self.shown.iter_mut().chain(&mut self.latest).filter(|row| row.id == id) {
            if let Some(status) = status {
                row.status = status;
            }
            if let Some(holder) = holder {
                row.assigned = (!holder.is_empty()).then(|| holder.to_owned());
            }
        }
    }
}
