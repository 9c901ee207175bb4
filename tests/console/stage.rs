//! A stage for the console: the application, the invented desk, and a picture after every key. Questions are answered
//! at once unless a test holds them back.

use crate::desk::{self, Invented, State};
use driftline::console::app::notice::Notice;
use driftline::console::app::{App, Effect, Msg, Options};
use driftline::console::desk as asks;
use driftline::console::key::Key;
use driftline::console::keymap::Keymap;
use driftline::console::theme::{Glyphs, Look, Theme};
use driftline::console::view::quantity::Zone;
use driftline::console::view::{ViewCtx, view};
use driftline::model::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub struct Stage {
    pub app: App,
    pub desk: Invented,
    pub ctx: ViewCtx,
    /// What was done that is no question: copies, commands, leaving.
    pub effects: Vec<Effect>,
    pub picture: Buffer,
}

impl Stage {
    pub fn new(state: State, width: u16, height: u16) -> Self {
        let options = Options { store: "/home/dana/.local/share/driftline/driftline.db".into(), analyst: "dana".into(), identity: None };
        let mut stage = Self {
            app: App::new(options, Keymap::embedded().unwrap()),
            desk: Invented::new(state),
            ctx: ViewCtx { theme: Theme::of(Look::Dark, false), glyphs: Glyphs::UNICODE, now: desk::now(), zone: Zone(0) },
            effects: Vec::new(),
            picture: Buffer::empty(Rect::ZERO),
        };
        stage.tell(Msg::Resized(width, height));
        stage
    }

    /// Tells the application something, does all that follows, and draws.
    pub fn tell(&mut self, msg: Msg) {
        let mut waiting = self.app.update(msg, self.ctx.now);
        // Answers may raise further questions; a picture may move a scroll.
        for _ in 0..20 {
            if waiting.is_empty() {
                break;
            }
            let mut next = Vec::new();
            for effect in waiting {
                match effect {
                    Effect::Ask(ticket, query) => {
                        let reply = asks::ask(&mut self.desk, &query);
                        next.extend(self.app.update(Msg::Reply(ticket, reply), self.ctx.now));
                    }
                    Effect::Change(change) => {
                        let result = asks::change(&mut self.desk, &change);
                        next.extend(self.app.update(Msg::Changed(change, result), self.ctx.now));
                    }
                    other => self.effects.push(other),
                }
            }
            waiting = next;
        }
        self.draw();
    }

    pub fn draw(&mut self) {
        let (width, height) = self.app.size;
        let mut picture = Buffer::empty(Rect::new(0, 0, width, height));
        let map = view(&self.app, &self.ctx, &mut picture);
        self.app.update(Msg::Drawn(map), self.ctx.now);
        self.picture = picture;
    }

    /// Presses keys, written as in the keymap; `'text` types letters, `~` a blank.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for word in keys.split_whitespace() {
            if let Some(text) = word.strip_prefix('\'') {
                for c in text.chars() {
                    self.tell(Msg::Key(Key::Char(if c == '~' { ' ' } else { c })));
                }
            } else {
                self.tell(Msg::Key(Key::parse(word).unwrap()));
            }
        }
        self
    }

    /// New events were committed, a second later.
    pub fn committed(&mut self) {
        self.ctx.now = self.ctx.now.plus(1_000);
        self.tell(Msg::Notice(Notice::Committed { events: 10 }));
    }

    pub fn later(&mut self, ms: i64) {
        self.ctx.now = Timestamp(self.ctx.now.0 + ms);
        self.tell(Msg::Tick);
    }

    /// The picture's rows, without blanks at their ends.
    pub fn rows(&self) -> Vec<String> {
        let area = self.picture.area;
        (0..area.height)
            .map(|y| {
                let mut row = String::new();
                let mut skip = 0;
                for x in 0..area.width {
                    let symbol = self.picture[(x, y)].symbol();
                    if skip == 0 {
                        row.push_str(symbol);
                        skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                    } else {
                        skip -= 1;
                    }
                }
                row.trim_end().to_owned()
            })
            .collect()
    }

    pub fn text(&self) -> String {
        self.rows().join("\n")
    }

    pub fn shows(&self, text: &str) -> bool {
        self.rows().iter().any(|row| row.contains(text))
    }

    /// Runs of style by token name, row by row; body text is left out.
    pub fn styles(&self) -> String {
        let tokens = self.ctx.theme.tokens();
        let area = self.picture.area;
        let mut out = String::new();
        for y in 0..area.height {
            let mut runs: Vec<(u16, u16, String)> = Vec::new();
            for x in 0..area.width {
                let cell = &self.picture[(x, y)];
                let washed = cell.modifier.contains(ratatui::style::Modifier::REVERSED);
                let mut plain = cell.modifier;
                plain.remove(ratatui::style::Modifier::REVERSED);
                let name = tokens.iter().find(|(_, style)| {
                    let (fg, reversed) = (style.fg.unwrap_or_default(), style.add_modifier.contains(ratatui::style::Modifier::REVERSED));
                    let mut modifier = style.add_modifier;
                    modifier.remove(ratatui::style::Modifier::REVERSED);
                    fg == cell.fg && modifier == plain && (!reversed || washed)
                });
                let name = name.map_or_else(|| format!("{:?}+{:?}", cell.fg, plain), |(name, _)| (*name).to_owned());
                let name = if washed && name != "paused" { format!("{name}!") } else { name };
                if name == "body" || cell.symbol() == " " && !washed {
                    continue;
                }
                match runs.last_mut() {
                    Some((_, end, last)) if *last == name && *end + 2 >= x => *end = x,
                    _ => runs.push((x, x, name)),
                }
            }
            let runs: Vec<String> = runs.into_iter().map(|(from, to, name)| format!("{from}–{to} {name}")).collect();
            out.extend([format!("{y:>2}: "), runs.join(", "), "\n".into()]);
        }
        out
    }
}
