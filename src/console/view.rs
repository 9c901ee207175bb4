//! Drawing: a pure function of the state, the looks and the time. It draws only through [`pen::Pen`], which takes our
//! own words or escaped text, and gives back where things are. It must not know clocks, files, threads or SQL.

pub mod alerts;
pub mod blocks;
pub mod card;
pub mod chrome;
pub mod detail;
pub mod empty;
pub mod events;
pub mod fleet;
pub mod identities;
pub mod name;
pub mod over;
pub mod pen;
pub mod quantity;
pub mod signals;
pub mod strip;
pub mod text;

use super::app::App;
use super::app::place::{Pane, Screen};
use super::layout::{Form, FrameMap, PaneMap, Plan, Shape, plan, shape};
use super::theme::{Glyphs, Theme};
use crate::model::Timestamp;
use pen::Pen;
use quantity::Zone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What drawing needs beside the state.
#[derive(Clone, Debug)]
pub struct ViewCtx {
    /// Looks.
    pub theme: Theme,
    /// Shapes.
    pub glyphs: Glyphs,
    /// The time.
    pub now: Timestamp,
    /// The zone in which times are shown.
    pub zone: Zone,
}

/// A picture in the making.
#[derive(Debug)]
pub struct Draw<'a> {
    /// Puts text.
    pub pen: Pen<'a>,
    /// Looks and time.
    pub ctx: &'a ViewCtx,
    /// What is drawn.
    pub app: &'a App,
    /// Where things are so far.
    pub map: FrameMap,
}

/// Draws the whole picture.
pub fn view(app: &App, ctx: &ViewCtx, buffer: &mut Buffer) -> FrameMap {
    let area = buffer.area;
    let pen = Pen { buffer, theme: &ctx.theme, glyphs: &ctx.glyphs };
    let mut draw = Draw { pen, ctx, app, map: FrameMap::default() };
    if shape(area.width, area.height) == Shape::TooSmall {
        empty::too_small(&mut draw, area);
        return draw.map;
    }
    let form = match &app.here.screen {
        Screen::Watch => Form::Watch,
        Screen::Alerts => Form::Alerts,
        Screen::Identity(_) => Form::Identity,
        Screen::Evidence(_) if app.here.focus == Pane::Events => Form::Support,
        Screen::Evidence(_) => Form::Evidence,
        Screen::Raw(_) => Form::Text,
    };
    let plan = plan(area.width, area.height, form);
    chrome::header(&mut draw, plan.header);
    chrome::tabs(&mut draw, plan.tabs);
    let nothing = app.data.totals_known && app.data.totals.events == 0;
    if nothing && matches!(app.here.screen, Screen::Watch | Screen::Alerts) {
        empty::nothing_stored(&mut draw, Rect { y: 2, height: area.height.saturating_sub(3), ..area });
    } else {
        body(&mut draw, &plan);
    }
    chrome::hints(&mut draw, plan.hints);
    over::overlay(&mut draw, area);
    chrome::toast(&mut draw, plan.hints);
    let map = draw.map;
    if ctx.glyphs == Glyphs::ASCII {
        spell(buffer);
    }
    map
}

/// For terminals that speak ASCII only: our own signs by their lookalikes, anything else as `?`. Such a terminal cannot
/// show the difference, so it is better told that there is one.
fn spell(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let plain = match cell.symbol() {
                "…" => "~",
                "–" | "─" => "-",
                "·" => ".",
                "×" => "x",
                "→" | "›" => ">",
                "≤" => "<",
                "↓" => "v",
                "“" | "”" => "\"",
                _ => "?",
            };
            cell.set_symbol(plain);
        }
    }
}

fn body(draw: &mut Draw<'_>, plan: &Plan) {
    for rule in plan.rules {
        for y in rule.top()..rule.bottom() {
            let style = draw.ctx.theme.rule;
            draw.pen.put(rule.x, y, rule.width, draw.ctx.glyphs.rule, style);
        }
    }
    match &draw.app.here.screen {
        Screen::Watch => {
            identities::list(draw, plan.identities);
            fleet::fleet(draw, plan.fleet);
            detail::watch(draw, plan.detail);
            alerts::feed(draw, plan.feed);
            beside(draw, plan);
        }
        Screen::Alerts => {
            alerts::feed(draw, plan.feed);
            beside(draw, plan);
        }
        Screen::Identity(_) => {
            detail::identity(draw, plan.detail);
            // Where one list has room, it is the one that has the focus.
            if plan.feed.is_empty() && draw.app.here.focus == Pane::History {
                alerts::history(draw, plan.events);
            } else {
                events::list(draw, plan.events);
                alerts::history(draw, plan.feed);
            }
        }
        Screen::Evidence(_) => {
            card::card(draw, plan.card);
            if !plan.detail.is_empty() {
                detail::watch(draw, plan.detail);
            }
            events::list(draw, plan.events);
        }
        Screen::Raw(event) => text::raw(draw, plan.card, event),
    }
}

/// The card of the selected alert, where there is room beside the list.
fn beside(draw: &mut Draw<'_>, plan: &Plan) {
    if !plan.card.is_empty() {
        card::card(draw, plan.card);
        events::list(draw, plan.events);
    }
}

impl Draw<'_> {
    /// Notes where the rows of a pane are; gives the first row to draw.
    pub fn rows(&mut self, pane: Pane, rows: Rect, row_height: u16, len: usize) -> usize {
        let mut cursor = self.app.here.cursor(pane);
        cursor.len = len;
        let top = cursor.window(usize::from(rows.height / row_height.max(1)));
        if self.app.here.screen.panes().contains(&pane) {
            self.map.panes.push(PaneMap { pane, rows, row_height, top, len });
        }
        top
    }

    /// Notes where a text is; gives the first line to draw.
    pub fn lines(&mut self, pane: Pane, rows: Rect, len: usize) -> usize {
        let top = self.app.here.cursor(pane).top.min(len.saturating_sub(usize::from(rows.height)));
        if self.app.here.screen.panes().contains(&pane) {
            self.map.panes.push(PaneMap { pane, rows, row_height: 1, top, len });
        }
        top
    }

    /// Whether a pane has the focus.
    pub fn focused(&self, pane: Pane) -> bool {
        self.app.here.focus == pane && self.app.overlay.is_none()
    }

    /// The end of every 24-hour window.
    pub fn moment(&self) -> Timestamp {
        self.app.moment(self.ctx.now)
    }

    /// Draws the bar of a selected row and washes it while its pane has the focus.
    pub fn select(&mut self, pane: Pane, row: Rect) {
        let theme = &self.ctx.theme;
        let style = if self.focused(pane) { theme.accent } else { theme.rule };
        if self.focused(pane) {
            self.pen.wash(row, theme.selected);
        }
        self.pen.put(row.x, row.y, 1, self.ctx.glyphs.bar, style);
    }
}
