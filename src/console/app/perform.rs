//! Keys and actions: who takes a key, and what each action does. Esc undoes exactly one layer and never leaves; new
//! places are pushed so that the way back is exact. It must not know which key is bound to what.

use super::overlay::{Overlay, edit};
use super::place::{Pane, Place, Screen};
use super::says::Level;
use super::triage::Purpose;
use super::{App, Editing, Effect, Mouse};
use crate::console::action::Action;
use crate::console::app::notice::{Command, SPEEDS};
use crate::console::desk::{Change, Query};
use crate::console::key::{Key, Name};
use crate::model::{AlertId, Timestamp};
use tui_input::Input;

/// Places kept on the way back.
const WAY: usize = 50;

impl App {
    pub(super) fn press(&mut self, key: Key, now: Timestamp, effects: &mut Vec<Effect>) {
        self.says.pressed(now);
        if key == Key::Ctrl('c') {
            effects.push(Effect::Quit);
        } else if self.overlay.is_some() {
            self.press_over(key, now, effects);
        } else if self.editing.is_some() {
            self.press_filter(key);
        } else if let Some(action) = self.keymap.action(&self.contexts(), key) {
            self.perform(action, now, effects);
        }
    }

    /// Does an action, or says why not.
    pub fn perform(&mut self, action: Action, now: Timestamp, effects: &mut Vec<Effect>) {
        if let Some(why) = self.why_not(action) {
            self.says.say(Level::Warn, why, now);
            return;
        }
        let page = self.here.cursor(self.here.focus).page.max(1) as isize;
        match action {
            Action::Down => self.go(1),
            Action::Up => self.go(-1),
            Action::Top => self.go(isize::MIN / 2),
            Action::Bottom => self.go(isize::MAX / 2),
            Action::HalfDown => self.go((page / 2).max(1)),
            Action::HalfUp => self.go(-(page / 2).max(1)),
            Action::PageDown => self.go(page),
            Action::PageUp => self.go(-page),
            Action::NextPane => self.here.next_pane(1),
            Action::PreviousPane => self.here.next_pane(-1),
            Action::NextAlert => self.walk(1, effects),
            Action::PreviousAlert => self.walk(-1, effects),
            Action::Open => self.open(effects),
            Action::Out | Action::Back => self.go_back(),
            Action::Forward => self.go_forward(),
            Action::Evidence => self.open_evidence(self.evidence_here(), effects),
            Action::OpenIdentity | Action::Identity => {
                if let Some(id) = self.identity_here().or_else(|| self.page_here()) {
                    self.visit(Screen::Identity(id));
                }
            }
            Action::Watch => self.visit(Screen::Watch),
            Action::Alerts => self.visit(Screen::Alerts),
            Action::Cancel => self.cancel(),
            Action::Close => {
                if self.back.is_empty() {
                    effects.push(Effect::Quit);
                } else {
                    self.go_back();
                }
            }
            Action::Acknowledge => self.acknowledge(now, effects),
            Action::Confirm => self.confirm(now, effects),
            Action::Reopen => self.reopen(now, effects),
            Action::Dismiss => self.ask_words(Purpose::Dismiss),
            Action::Note => self.ask_words(Purpose::Note),
            Action::Undo => self.take_back(now, effects),
            Action::Mark => self.mark(),
            Action::MarkRange => self.mark_range(),
            Action::Copy => self.copy(effects),
            Action::Filter => self.start_filter(),
            Action::FilterSelection => self.here.only = if self.here.only.is_some() { None } else { self.identity_here() },
            Action::Sort => self.here.sort = self.here.sort.next(),
            Action::Follow => self.data.feed.follow(),
            Action::Freeze => self.freeze(now),
            Action::ShowClosed => self.here.closed = !self.here.closed,
            Action::ShowFindings => self.here.findings = !self.here.findings,
            Action::Faster => self.pace(1, effects),
            Action::Slower => self.pace(-1, effects),
            Action::Reload => self.hurry(),
            Action::Help => self.overlay = Some(Overlay::Help(0)),
            Action::Palette => self.open_palette(),
            Action::Messages => self.overlay = Some(Overlay::Messages(0)),
            Action::Mouse => {
                self.mouse = !self.mouse;
                let text = if self.mouse { "mouse on; hold shift to select text" } else { "mouse off" };
                self.says.say(Level::Info, text, now);
                effects.push(Effect::Mouse(self.mouse));
            }
            Action::StopLoading => self.overlay = Some(Overlay::StopLoading(false)),
            Action::Suspend => effects.push(Effect::Suspend),
            Action::Quit => effects.push(Effect::Quit),
        }
    }

    /// Moves the selection, or the text, of the pane that has the focus.
    fn go(&mut self, by: isize) {
        let pane = self.here.focus;
        if !pane.is_list() {
            self.here.cursors.entry(pane).or_default().scroll(by);
            return;
        }
        let keys = self.keys(pane);
        let cursor = self.here.cursors.entry(pane).or_default();
        cursor.step(by, &keys);
        if pane == Pane::Feed && !keys.is_empty() {
            // Leaving the newest row pauses, reaching it again resumes.
            if cursor.index > 0 {
                self.data.feed.following = false;
            } else if by < 0 {
                self.data.feed.follow();
            }
        }
    }

    fn open(&mut self, effects: &mut Vec<Effect>) {
        let cursor = self.here.cursors.entry(self.here.focus).or_default();
        cursor.held = true;
        let key = cursor.key.clone();
        match (self.here.focus, key) {
            (Pane::Identities, Some(id)) => self.visit(Screen::Identity(id)),
            (Pane::Feed | Pane::History, Some(id)) => self.open_evidence(AlertId::parse(&id), effects),
            (Pane::Events, Some(uid)) => {
                let event = self.events().and_then(|events| events.iter().find(|event| event.uid == uid)).cloned();
                if let Some(event) = event {
                    self.visit(Screen::Raw(Box::new(event)));
                }
            }
            _ => {}
        }
    }

    /// The alert `e` opens: the one selected, else the newest of the identity.
    pub(super) fn evidence_here(&self) -> Option<AlertId> {
        self.alert_here().or_else(|| {
            let id = self.identity_here()?;
            let page = self.page().and_then(|page| page.alerts.first()).map(|row| row.id);
            page.or_else(|| self.data.feed.shown.iter().find(|row| row.identity == id).map(|row| row.id))
        })
    }

    fn open_evidence(&mut self, id: Option<AlertId>, effects: &mut Vec<Effect>) {
        let Some(id) = id else { return };
        if self.here.focus == Pane::Feed {
            // Reading a row is a selection: rows must not move under it.
            self.data.feed.following = false;
        }
        effects.push(Effect::Change(Change::Publish(id)));
        self.visit(Screen::Evidence(id));
    }

    /// The next alert of the list the last one was opened from.
    fn walk(&mut self, by: isize, effects: &mut Vec<Effect>) {
        let Screen::Evidence(id) = &self.here.screen else {
            self.go(by);
            return;
        };
        let id = id.to_string();
        let from = self.back.last().filter(|place| matches!(place.screen, Screen::Identity(_)));
        let keys: Vec<String> = match from {
            Some(_) => self.data.page.iter().flat_map(|(_, page)| &page.alerts).map(|row| row.id.to_string()).collect(),
            None => self.keys(Pane::Feed),
        };
        let at = keys.iter().position(|key| *key == id);
        let next = at.and_then(|at| at.checked_add_signed(by)).and_then(|at| keys.get(at)).and_then(|key| AlertId::parse(key));
        if let Some(next) = next {
            self.here.screen = Screen::Evidence(next);
            self.here.cursors.remove(&Pane::Events);
            if let Some(before) = self.back.last_mut() {
                let pane = if matches!(before.screen, Screen::Identity(_)) { Pane::History } else { Pane::Feed };
                before.cursors.entry(pane).or_default().key = Some(next.to_string());
            }
            effects.push(Effect::Change(Change::Publish(next)));
        }
    }

    fn visit(&mut self, screen: Screen) {
        if self.here.screen == screen {
            return;
        }
        // The two standing screens are returned to as they were left, wherever they lie on the way.
        let standing = matches!(screen, Screen::Watch | Screen::Alerts);
        let again = if standing { self.back.iter().rev().find(|place| place.screen == screen).cloned() } else { None };
        let place = std::mem::replace(&mut self.here, again.unwrap_or_else(|| Place::new(screen)));
        self.back.push(place);
        if self.back.len() > WAY {
            // The first place stays: it is where `q` leaves from.
            self.back.remove(1);
        }
        self.forward.clear();
    }

    pub(super) fn go_back(&mut self) {
        if let Some(place) = self.back.pop() {
            self.forward.push(std::mem::replace(&mut self.here, place));
        }
    }

    fn go_forward(&mut self) {
        if let Some(place) = self.forward.pop() {
            self.back.push(std::mem::replace(&mut self.here, place));
        }
    }

    /// Exactly one layer: overlay and typing are dealt with before; then filter, marks, screen.
    fn cancel(&mut self) {
        if self.here.filters.remove(&self.here.focus).is_some_and(|filter| !filter.is_empty()) {
            return;
        }
        if self.here.focus == Pane::Feed && self.here.only.take().is_some() {
            return;
        }
        if !self.here.marks.is_empty() {
            self.here.marks.clear();
            self.here.anchor = None;
        } else if !self.back.is_empty() {
            self.go_back();
        } else if self.engine.progress.is_some() {
            self.overlay = Some(Overlay::StopLoading(false));
        }
    }

    fn start_filter(&mut self) {
        let pane = self.here.focus;
        let before = self.here.filter(pane).to_owned();
        let input = Input::default().with_value(before.clone());
        self.editing = Some(Editing { pane, input, before, selected: self.here.cursor(pane) });
    }

    fn press_filter(&mut self, key: Key) {
        let Some(mut editing) = self.editing.take() else { return };
        let pane = editing.pane;
        match key {
            Key::Named(Name::Enter) => return,
            Key::Named(Name::Esc) => {
                self.here.filters.insert(pane, editing.before);
                self.here.cursors.insert(pane, editing.selected);
                return;
            }
            Key::Named(Name::Down) => self.go(1),
            Key::Named(Name::Up) => self.go(-1),
            _ => {
                edit(&mut editing.input, key);
                self.here.cursors.entry(pane).or_default().held = true;
                self.here.filters.insert(pane, editing.input.value().to_owned());
                if pane == Pane::Feed && !editing.input.value().is_empty() {
                    self.data.feed.following = false;
                }
            }
        }
        self.editing = Some(editing);
    }

    fn mark(&mut self) {
        let Some(id) = self.alert_here() else { return };
        if !self.here.marks.remove(&id) {
            self.here.marks.insert(id);
        }
        self.here.anchor = Some(id);
        // What is marked is read: it must not move.
        self.data.feed.following = false;
        self.go(1);
    }

    fn mark_range(&mut self) {
        let keys = self.keys(Pane::Feed);
        let to = self.here.cursor(Pane::Feed).index;
        let from = self.here.anchor.and_then(|id| keys.iter().position(|key| *key == id.to_string())).unwrap_or(to);
        let ids = keys.iter().take(from.max(to) + 1).skip(from.min(to)).filter_map(|key| AlertId::parse(key));
        self.here.marks.extend(ids);
        self.here.anchor = self.alert_here();
        self.data.feed.following = false;
    }

    fn copy(&mut self, effects: &mut Vec<Effect>) {
        let Some(id) = self.alert_here().or_else(|| self.targets().first().copied()) else { return };
        self.ticket += 1;
        // What leaves for a ticket must be found again: its id is kept from now on.
        effects.push(Effect::Change(Change::Publish(id)));
        effects.push(Effect::Ask(self.ticket, Query::Summary(id)));
    }

    pub(super) fn copied(&mut self, text: String, now: Timestamp, effects: &mut Vec<Effect>) {
        let lines = text.lines().count();
        self.says.say(Level::Done, format!("summary copied ({lines} lines) · sent to the terminal's clipboard (OSC 52)"), now);
        effects.push(Effect::Copy(text));
    }

    fn freeze(&mut self, now: Timestamp) {
        self.frozen = if self.frozen.is_some() { None } else { Some(self.moment(now)) };
        if self.frozen.is_none() {
            self.refresh();
            if self.data.feed.following {
                self.data.feed.follow();
            }
        }
    }

    fn pace(&mut self, by: isize, effects: &mut Vec<Effect>) {
        let at = SPEEDS.iter().rposition(|speed| *speed <= self.engine.speed).unwrap_or(0);
        self.engine.speed = SPEEDS[at.saturating_add_signed(by).min(SPEEDS.len() - 1)];
        effects.push(Effect::Command(Command::Speed(self.engine.speed)));
    }

    pub(super) fn point(&mut self, mouse: Mouse, now: Timestamp, effects: &mut Vec<Effect>) {
        let (Mouse::Click(x, y) | Mouse::Wheel(x, y, _)) = mouse;
        let Some((pane, row)) = self.frame.at(x, y) else { return };
        if self.overlay.is_some() || !self.here.screen.panes().contains(&pane) {
            return;
        }
        self.here.focus = pane;
        match mouse {
            Mouse::Wheel(_, _, by) => self.go(isize::from(by)),
            Mouse::Click(..) => {
                let cursor = self.here.cursor(pane);
                self.go(row as isize - cursor.index as isize);
                let double = self.click.is_some_and(|(at, cx, cy)| (cx, cy) == (x, y) && now.since(at) < 400);
                self.click = Some((now, x, y));
                if double {
                    self.open(effects);
                }
            }
        }
    }
}
