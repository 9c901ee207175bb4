//! What the console says: one toast at a time, and every message kept for `:messages`, so that nothing said is lost
//! with the toast. Texts may hold foreign names; they are escaped where they are drawn.

use crate::model::Timestamp;
use crate::model::time::SECOND;
use std::collections::VecDeque;

/// Messages kept.
const KEPT: usize = 300;

/// How grave a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something to know.
    Info,
    /// Something was done.
    Done,
    /// Something cannot be done now.
    Warn,
    /// Something failed.
    Error,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When (wall clock).
    pub at: Timestamp,
    /// How grave.
    pub level: Level,
    /// One line.
    pub text: String,
}

/// The toast and all that was said.
#[derive(Clone, Debug, Default)]
pub struct Says {
    /// On screen now, until then.
    pub toast: Option<(Message, Timestamp)>,
    /// Oldest first.
    pub messages: VecDeque<Message>,
}

impl Says {
    /// Says something.
    pub fn say(&mut self, level: Level, text: impl Into<String>, now: Timestamp) {
        let seconds = match level {
            Level::Info => 4,
            Level::Warn => 6,
            Level::Done | Level::Error => 10,
        };
        let message = Message { at: now, level, text: text.into() };
        // A failure that repeats is said once; the toast stays.
        if self.messages.back().is_none_or(|last| last.text != message.text || now.since(last.at) > 60 * SECOND) {
            self.messages.push_back(message.clone());
        }
        if self.messages.len() > KEPT {
            self.messages.pop_front();
        }
        self.toast = Some((message, now.plus(seconds * SECOND)));
    }

    /// A key was pressed: a toast that could be read goes, so that it hides nothing that is looked for.
    pub fn pressed(&mut self, now: Timestamp) {
        self.tick(now);
        if self.toast.as_ref().is_some_and(|(message, _)| now.since(message.at) >= SECOND) {
            self.toast = None;
        }
    }

    /// Lets a toast go when its time is over.
    pub fn tick(&mut self, now: Timestamp) {
        if self.toast.as_ref().is_some_and(|(_, until)| now >= *until) {
            self.toast = None;
        }
    }
}
