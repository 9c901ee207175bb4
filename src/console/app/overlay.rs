//! What lies over a screen: help, the palette, messages, and the dialogs that ask before something is closed. An overlay
//! takes every key but Ctrl-C. It must not know how it is drawn.

use super::triage::{Dialog, Field};
use super::{App, Effect};
use crate::console::action::Action;
use crate::console::app::notice::Command;
use crate::console::key::{Key, Name};
use crate::console::palette;
use crate::model::{Status, Timestamp};
use tui_input::{Input, InputRequest};

/// What lies over the screen.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// Keys and what they do, scrolled by so many lines.
    Help(usize),
    /// Every command by name.
    Palette {
        /// What is typed.
        input: Input,
        /// The chosen row.
        index: usize,
    },
    /// Everything said, scrolled by so many lines.
    Messages(usize),
    /// Triage that needs words.
    Triage(Box<Dialog>),
    /// Stop loading? `true` while "stop" is chosen; the harmless answer is chosen first.
    StopLoading(bool),
}

/// Edits a line; `false` where the key is no edit.
pub(super) fn edit(input: &mut Input, key: Key) -> bool {
    let request = match key {
        Key::Char(c) => InputRequest::InsertChar(c),
        Key::Named(Name::Backspace) => InputRequest::DeletePrevChar,
        Key::Named(Name::Delete) => InputRequest::DeleteNextChar,
        Key::Named(Name::Left) | Key::Ctrl('b') => InputRequest::GoToPrevChar,
        Key::Named(Name::Right) | Key::Ctrl('f') => InputRequest::GoToNextChar,
        Key::Named(Name::Home) | Key::Ctrl('a') => InputRequest::GoToStart,
        Key::Named(Name::End) | Key::Ctrl('e') => InputRequest::GoToEnd,
        Key::Ctrl('w') => InputRequest::DeletePrevWord,
        Key::Ctrl('u') => InputRequest::DeleteLine,
        Key::Ctrl('k') => InputRequest::DeleteTillEnd,
        _ => return false,
    };
    input.handle(request);
    true
}

impl App {
    /// A key while something lies over the screen.
    pub(super) fn press_over(&mut self, key: Key, now: Timestamp, effects: &mut Vec<Effect>) {
        let closes = key == Key::Named(Name::Esc);
        let Some(overlay) = self.overlay.take() else { return };
        if closes {
            return;
        }
        self.overlay = match overlay {
            Overlay::Help(top) => scrolled(key, top).map(Overlay::Help),
            Overlay::Messages(top) => scrolled(key, top).map(Overlay::Messages),
            Overlay::Palette { input, index } => self.press_palette(key, input, index, now, effects),
            Overlay::Triage(dialog) => self.press_dialog(key, dialog, now, effects),
            Overlay::StopLoading(stop) => match key {
                Key::Named(Name::Enter) => {
                    if stop {
                        effects.push(Effect::Command(Command::Cancel));
                    }
                    None
                }
                Key::Char('q') => None,
                Key::Named(Name::Tab | Name::BackTab | Name::Left | Name::Right) | Key::Char('h' | 'l' | ' ') => {
                    Some(Overlay::StopLoading(!stop))
                }
                _ => Some(Overlay::StopLoading(stop)),
            },
        };
    }

    fn press_palette(&mut self, key: Key, mut input: Input, index: usize, now: Timestamp, effects: &mut Vec<Effect>) -> Option<Overlay> {
        let rows = palette::find(input.value());
        let last = rows.len().saturating_sub(1);
        let index = match key {
            Key::Named(Name::Enter) => {
                let action = rows.get(index).copied()?;
                self.perform(action, now, effects);
                // An action may have put another overlay in our place.
                return self.overlay.take();
            }
            Key::Named(Name::Up) | Key::Ctrl('k' | 'p') => index.saturating_sub(1),
            Key::Named(Name::Down) | Key::Ctrl('j' | 'n') => (index + 1).min(last),
            Key::Named(Name::PageDown) => (index + 10).min(last),
            Key::Named(Name::PageUp) => index.saturating_sub(10),
            _ => {
                edit(&mut input, key);
                0
            }
        };
        Some(Overlay::Palette { input, index })
    }

    fn press_dialog(&mut self, key: Key, mut dialog: Box<Dialog>, now: Timestamp, effects: &mut Vec<Effect>) -> Option<Overlay> {
        match key {
            Key::Named(Name::Enter) => {
                if let Err(why) = self.submit(&dialog, now, effects) {
                    dialog.complaint = Some(why);
                    dialog.field = Field::Note;
                    return Some(Overlay::Triage(dialog));
                }
                return None;
            }
            Key::Named(Name::Tab | Name::Down) => dialog.turn(1),
            Key::Named(Name::BackTab | Name::Up) => dialog.turn(-1),
            _ if dialog.field == Field::Note => {
                edit(&mut dialog.note, key);
                dialog.complaint = None;
            }
            Key::Named(Name::Left) | Key::Char('h' | 'k') => dialog.choose(-1),
            Key::Named(Name::Right) | Key::Char(' ' | 'l' | 'j') => dialog.choose(1),
            _ => {}
        }
        Some(Overlay::Triage(dialog))
    }

    /// A character typed or pasted into whatever takes text.
    pub(super) fn type_key(&mut self, key: Key) {
        match (&mut self.overlay, &mut self.editing) {
            (Some(Overlay::Palette { input, .. }), _) => {
                edit(input, key);
            }
            (Some(Overlay::Triage(dialog)), _) => {
                dialog.field = Field::Note;
                edit(&mut dialog.note, key);
            }
            (None, Some(editing)) => {
                edit(&mut editing.input, key);
                self.here.filters.insert(editing.pane, editing.input.value().to_owned());
            }
            _ => {}
        }
    }

    /// Opens the palette.
    pub(super) fn open_palette(&mut self) {
        self.overlay = Some(Overlay::Palette { input: Input::default(), index: 0 });
    }

    /// Whether the one alert that triage would act on is closed; `None` for several, or when that is not known.
    pub fn closed_here(&self) -> Option<bool> {
        let [id] = self.targets()[..] else { return None };
        let row = self.alert_row(id).map(|row| row.status);
        let card = self.card().filter(|(alert, _)| alert.id == id).map(|(alert, _)| alert.status);
        card.or(row).map(|status| matches!(status, Status::Closed | Status::Superseded))
    }

    /// Why an action cannot be done now; `None` where it can.
    pub fn why_not(&self, action: Action) -> Option<&'static str> {
        let alert = self.alert_here().is_some() || !self.here.marks.is_empty();
        match action {
            Action::Acknowledge | Action::Confirm | Action::Dismiss | Action::Reopen | Action::Note | Action::Copy if !alert => {
                Some("no alert is selected: tab to the alerts")
            }
            Action::Acknowledge | Action::Confirm | Action::Dismiss if self.closed_here() == Some(true) => {
                Some("it is closed; opening it again comes first")
            }
            Action::Reopen if self.closed_here() == Some(false) => Some("it is not closed"),
            Action::NextAlert | Action::PreviousAlert if !alert => Some("no alert is selected: tab to the alerts"),
            Action::Mark | Action::MarkRange if self.here.focus != super::Pane::Feed => Some("marks are for the list of alerts"),
            Action::Faster | Action::Slower if self.engine.clock.is_none() => Some("only the demo has a clock of its own"),
            Action::StopLoading if self.engine.progress.is_none() => Some("nothing is being loaded"),
            Action::Forward if self.forward.is_empty() => Some("nothing lies ahead"),
            Action::Back if self.back.is_empty() => Some("this is the first screen"),
            Action::Evidence if self.evidence_here().is_none() => Some("there is no alert here"),
            Action::OpenIdentity | Action::FilterSelection if self.identity_here().is_none() && self.here.only.is_none() => {
                Some("no identity is selected")
            }
            Action::Identity if self.identity_here().is_none() && self.page_here().is_none() => Some("no identity is selected"),
            Action::Filter if !matches!(self.here.focus, super::Pane::Identities | super::Pane::Feed) => Some("this pane has no filter"),
            Action::Undo if self.undo.is_none() && !alert => Some("nothing was changed"),
            _ => None,
        }
    }
}

fn scrolled(key: Key, top: usize) -> Option<usize> {
    match key {
        Key::Char('q' | '?') => None,
        Key::Char('j') | Key::Named(Name::Down) => Some(top + 1),
        Key::Char('k') | Key::Named(Name::Up) => Some(top.saturating_sub(1)),
        Key::Char(' ') | Key::Ctrl('d') | Key::Named(Name::PageDown) => Some(top + 10),
        Key::Ctrl('u') | Key::Named(Name::PageUp) => Some(top.saturating_sub(10)),
        Key::Char('g') | Key::Named(Name::Home) => Some(0),
        _ => Some(top),
    }
}
