//! The console's state and everything that changes it: [`App::update`] takes a message and the time, and gives back
//! effects. It never blocks, draws or reads a clock; it must not know SQL, threads, files or the terminal.

pub mod arrange;
pub mod cursor;
pub mod feed;
pub mod notice;
pub mod overlay;
pub mod perform;
pub mod place;
pub mod says;
pub mod triage;
pub mod want;

use super::desk::{Answer, Change, Query, Reply, Slot};
use super::key::Key;
use super::keymap::{Context, Keymap};
use super::layout::FrameMap;
use crate::model::decision::AuditRow;
use crate::model::page::{AlertRow, EventRow, IdentityPage, IdentityRow, Totals};
use crate::model::time::MINUTE;
use crate::model::{Alert, AlertId, Timestamp};
use feed::Feed;
use notice::{Command, Engine, Notice};
use overlay::Overlay;
use place::{Pane, Place, Screen};
use says::Says;
use std::collections::BTreeMap;
use triage::Undoable;
use tui_input::Input;
use want::Asked;

/// A clock this close to the newest event is the wall clock; further away the newest event is "now".
const LIVE: i64 = 60 * MINUTE;

/// What the console is told when it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where the store lies, for the empty screen.
    pub store: String,
    /// Who decides: the analyst's name.
    pub analyst: String,
    /// The identity (its id) whose screen is opened first, with Watch behind it.
    pub identity: Option<String>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// A key.
    Key(Key),
    /// Pasted text.
    Paste(String),
    /// The mouse.
    Mouse(Mouse),
    /// The terminal has another size (columns, rows).
    Resized(u16, u16),
    /// A picture was drawn; this is where things are in it.
    Drawn(FrameMap),
    /// An answer, with the ticket of its question.
    Reply(u64, Reply),
    /// A change was made, or not.
    Changed(Change, Option<Answer<AuditRow>>),
    /// The engine tells.
    Notice(Notice),
    /// Time has passed.
    Tick,
}

/// What the mouse did, where (column, row).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The left button went down.
    Click(u16, u16),
    /// The wheel turned by so many rows.
    Wheel(u16, u16, i8),
}

/// What is to be done about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Put a question to the desk.
    Ask(u64, Query),
    /// Make a change.
    Change(Change),
    /// Give a text to the clipboard.
    Copy(String),
    /// Tell the engine.
    Command(Command),
    /// Turn mouse reports on or off.
    Mouse(bool),
    /// Back to the shell for a moment.
    Suspend,
    /// Leave.
    Quit,
}

/// What the console knows of the world right now.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// The header's numbers.
    pub totals: Totals,
    /// They have come.
    pub totals_known: bool,
    /// Identities as answered.
    pub identities: Vec<IdentityRow>,
    /// They have come.
    pub identities_known: bool,
    /// Which identities are listed, in order (indices).
    pub order: Vec<usize>,
    /// Alerts.
    pub feed: Feed,
    /// Which of the feed's shown rows are listed, in order (indices).
    pub feed_order: Vec<usize>,
    /// Findings below medium, newest first.
    pub findings: Vec<AlertRow>,
    /// The question they answer.
    pub findings_filter: Option<super::desk::AlertFilter>,
    /// Which of them are listed, in order (indices).
    pub findings_order: Vec<usize>,
    /// The page of an identity.
    pub page: Option<(String, IdentityPage)>,
    /// An alert with its history.
    pub card: Option<(Alert, Vec<AuditRow>)>,
    /// The events of an alert.
    pub events: Option<(AlertId, Vec<EventRow>)>,
    /// A raw record, by the event's id.
    pub raw: Option<(String, Answer<String>)>,
    /// What went wrong with the last question of a slot.
    pub errors: BTreeMap<Slot, String>,
}

/// A filter being typed.
#[derive(Clone, Debug)]
pub struct Editing {
    /// The pane it is for.
    pub pane: Pane,
    /// The line.
    pub input: Input,
    /// The filter before, for Esc.
    before: String,
    /// The selected row before, for Esc.
    selected: cursor::Cursor,
}

/// The state of the console.
#[derive(Clone, Debug)]
pub struct App {
    /// What it was told at the start.
    pub options: Options,
    /// Keys.
    pub keymap: Keymap,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Where we are.
    pub here: Place,
    /// Where we came from, the last one last.
    pub back: Vec<Place>,
    /// Where we came back from.
    pub forward: Vec<Place>,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// A filter being typed.
    pub editing: Option<Editing>,
    /// What is known.
    pub data: Data,
    /// What the engine does.
    pub engine: Engine,
    /// The picture stands still at this instant.
    pub frozen: Option<Timestamp>,
    /// Toast and messages.
    pub says: Says,
    /// The mouse is reported.
    pub mouse: bool,
    /// The last picture.
    frame: FrameMap,
    click: Option<(Timestamp, u16, u16)>,
    undo: Option<Undoable>,
    asked: BTreeMap<Slot, Asked>,
    generation: u64,
    refreshed: Timestamp,
    ticket: u64,
}

/// What the header says about time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// The newest event is of now.
    Live,
    /// The newest event is of then.
    AsOf(Timestamp),
    /// A recorded day is played, at this time and speed.
    Demo(Timestamp, f64),
    /// The picture stands still, or the feed is read from; so many alerts came since.
    Paused(usize),
    /// Nothing is stored yet and something is being loaded.
    Loading,
    /// Nothing is stored.
    Empty,
}

impl App {
    /// The console before anything is known.
    pub fn new(options: Options, keymap: Keymap) -> Self {
        let watch = Place::new(Screen::Watch);
        let (here, back) = match options.identity.clone() {
            Some(id) => (Place::new(Screen::Identity(id)), vec![watch]),
            None => (watch, Vec::new()),
        };
        Self {
            options,
            keymap,
            size: (80, 24),
            here,
            back,
            forward: Vec::new(),
            overlay: None,
            editing: None,
            data: Data::default(),
            engine: Engine::default(),
            frozen: None,
            says: Says::default(),
            mouse: false,
            frame: FrameMap::default(),
            click: None,
            undo: None,
            asked: BTreeMap::new(),
            generation: 0,
            refreshed: Timestamp::default(),
            ticket: 0,
        }
    }

    /// Takes one message.
    pub fn update(&mut self, msg: Msg, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        match msg {
            Msg::Key(key) => self.press(key, now, &mut effects),
            Msg::Paste(text) => self.paste(&text),
            Msg::Mouse(mouse) => self.point(mouse, now, &mut effects),
            Msg::Resized(columns, rows) => self.size = (columns, rows),
            Msg::Drawn(frame) => {
                self.drawn(frame);
                return effects;
            }
            Msg::Reply(ticket, reply) => self.take(ticket, reply, now, &mut effects),
            Msg::Changed(change, result) => self.changed(&change, result, now),
            Msg::Notice(notice) => self.noticed(notice, now),
            Msg::Tick => {
                self.says.tick(now);
                self.age(now);
            }
        }
        self.arrange();
        self.request(now, &mut effects);
        effects
    }

    /// The end of every 24-hour window.
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        if let Some(at) = self.frozen.or(self.engine.clock) {
            return at;
        }
        match self.data.totals.last {
            Some(last) if now.since(last).abs() > LIVE => last,
            _ => now,
        }
    }

    /// What the header says about time.
    pub fn mode(&self, now: Timestamp) -> Mode {
        let waiting = self.data.feed.waiting();
        // A feed that is read from pauses by itself; away from it that is no news until something has come.
        let seen = matches!(self.here.screen, Screen::Watch | Screen::Alerts);
        if self.frozen.is_some() || !self.data.feed.following && (seen || waiting > 0) {
            return Mode::Paused(waiting);
        }
        if let Some(at) = self.engine.clock {
            return Mode::Demo(at, self.engine.speed);
        }
        match self.data.totals.last {
            None if self.engine.progress.is_some() => Mode::Loading,
            None => Mode::Empty,
            Some(last) if now.since(last).abs() > LIVE => Mode::AsOf(last),
            Some(_) => Mode::Live,
        }
    }

    /// Whether something on screen changes by time alone.
    pub fn ticks(&self, now: Timestamp) -> bool {
        self.says.toast.is_some()
            || self.engine.progress.is_some()
            || self.engine.clock.is_some()
            || self.stale()
            || matches!(self.mode(now), Mode::Live | Mode::Paused(_))
                && self.data.totals.last.is_some_and(|last| now.since(last).abs() <= LIVE)
    }

    /// The contexts of a key pressed now, most special first.
    pub fn contexts(&self) -> Vec<Context> {
        let mut found = Vec::new();
        if self.engine.progress.is_some() {
            found.push(Context::Loading);
        }
        if self.engine.clock.is_some() {
            found.push(Context::Demo);
        }
        if self.here.focus == Pane::Feed {
            found.push(Context::Feed);
        }
        if self.alert_here().is_some() {
            found.push(Context::Alert);
        }
        if self.here.focus.is_list() {
            found.push(Context::List);
        }
        found.push(Context::Global);
        found
    }

    /// The alert that triage would act on.
    pub fn alert_here(&self) -> Option<AlertId> {
        match (&self.here.screen, self.here.focus) {
            (Screen::Evidence(id), _) => Some(*id),
            (_, pane @ (Pane::Feed | Pane::History)) => self.here.cursor(pane).key.as_deref().and_then(AlertId::parse),
            _ => None,
        }
    }

    /// The identity that is selected or open.
    pub fn identity_here(&self) -> Option<String> {
        match &self.here.screen {
            Screen::Identity(id) => Some(id.clone()),
            Screen::Watch if self.here.focus == Pane::Identities => self.here.cursor(Pane::Identities).key,
            Screen::Evidence(id) => {
                let row = self.alert_row(*id).map(|row| row.identity.clone());
                row.or_else(|| self.card().map(|(alert, _)| alert.identity.id.clone()))
            }
            _ => self.alert_here().and_then(|id| self.alert_row(id)).map(|row| row.identity.clone()),
        }
    }

    /// The identity whose page is on screen.
    pub fn page_here(&self) -> Option<String> {
        match &self.here.screen {
            Screen::Identity(id) => Some(id.clone()),
            Screen::Watch => self.here.cursor(Pane::Identities).key,
            // With room beside it, the card stands next to the habits it speaks of.
            Screen::Evidence(id) if self.size.0 >= super::layout::WIDE => {
                let known = self.card().map(|(alert, _)| alert.identity.id.clone());
                known.or_else(|| self.alert_row(*id).map(|row| row.identity.clone()))
            }
            _ => None,
        }
    }

    /// The page of the identity on screen, once it has come.
    pub fn page(&self) -> Option<&IdentityPage> {
        let id = self.page_here()?;
        self.data.page.as_ref().filter(|(of, _)| *of == id).map(|(_, page)| page)
    }

    /// The alert whose card is on screen.
    pub fn card_here(&self) -> Option<AlertId> {
        match &self.here.screen {
            Screen::Evidence(id) => Some(*id),
            Screen::Watch | Screen::Alerts if self.size.0 >= super::layout::WIDE => {
                self.here.cursor(Pane::Feed).key.as_deref().and_then(AlertId::parse)
            }
            _ => None,
        }
    }

    /// The card on screen, once it has come.
    pub fn card(&self) -> Option<(&Alert, &[AuditRow])> {
        let id = self.card_here()?;
        let (alert, history) = self.data.card.as_ref()?;
        (alert.id == id || alert.aliases.contains(&id)).then_some((alert, history.as_slice()))
    }

    /// The events in the events pane, once they have come.
    pub fn events(&self) -> Option<&[EventRow]> {
        if let Screen::Identity(_) = &self.here.screen {
            return self.page().map(|page| page.events.as_slice());
        }
        let id = self.card_here()?;
        self.data.events.as_ref().filter(|(of, _)| *of == id).map(|(_, events)| events.as_slice())
    }

    /// The row of an alert, wherever one is known.
    pub fn alert_row(&self, id: AlertId) -> Option<&AlertRow> {
        let page = self.data.page.iter().flat_map(|(_, page)| &page.alerts);
        self.data.feed.shown.iter().chain(&self.data.findings).chain(page).find(|row| row.id == id)
    }

    /// The rows of the feed: alerts, then what was found below medium.
    pub fn feed_rows(&self) -> impl Iterator<Item = &AlertRow> {
        let alerts = self.data.feed_order.iter().filter_map(|n| self.data.feed.shown.get(*n));
        alerts.chain(self.data.findings_order.iter().filter_map(|n| self.data.findings.get(*n)))
    }

    /// The keys of a pane's rows, in the order drawn.
    pub fn keys(&self, pane: Pane) -> Vec<String> {
        match pane {
            Pane::Identities => {
                self.data.order.iter().filter_map(|n| self.data.identities.get(*n)).map(|row| row.identity.id.clone()).collect()
            }
            Pane::Feed => self.feed_rows().map(|row| row.id.to_string()).collect(),
            Pane::Events => self.events().unwrap_or_default().iter().map(|row| row.uid.clone()).collect(),
            Pane::History => self.page().map(|page| page.alerts.iter().map(|row| row.id.to_string()).collect()).unwrap_or_default(),
            Pane::Card | Pane::Raw => Vec::new(),
        }
    }

    fn drawn(&mut self, frame: FrameMap) {
        for pane in &frame.panes {
            let cursor = self.here.cursors.entry(pane.pane).or_default();
            (cursor.top, cursor.page) = (pane.top, usize::from(pane.rows.height) / usize::from(pane.row_height.max(1)));
            if !pane.pane.is_list() {
                cursor.len = pane.len;
            }
        }
        self.frame = frame;
    }

    fn paste(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            self.type_key(Key::Char(c));
        }
    }
}
