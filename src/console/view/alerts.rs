//! Lists of alerts: the feed, newest first, and the alerts of one identity. `✓` marks, `✔` acknowledged, `▸` in
//! progress, `✘` closed. A wide pane gives each alert a second line. It must not know how following works.

use super::chrome::{Title, title};
use super::name::{name, network, observed};
use super::pen::shown;
use super::{Draw, empty, quantity};
use crate::console::app::place::{Pane, Screen};
use crate::console::desk::Slot;
use crate::model::Status;
use crate::model::page::AlertRow;
use crate::text::Shown;
use ratatui::layout::Rect;

/// The feed of alerts.
pub fn feed(draw: &mut Draw<'_>, area: Rect) {
    let app = draw.app;
    let (feed, filter) = (&app.data.feed, app.here.filter(Pane::Feed));
    let listed = app.data.feed_order.len();
    let waiting = feed.waiting();
    let glyphs = &draw.ctx.glyphs;
    let (glyph, word) = match (app.frozen.is_some(), feed.following) {
        (true, _) => (glyphs.paused, "frozen"),
        (false, true) => (glyphs.live, "following"),
        (false, false) => (glyphs.paused, "paused"),
    };
    let mut states = vec![if waiting > 0 { format!("{glyph} {word} · {waiting} new") } else { format!("{glyph} {word}") }];
    if !filter.is_empty() {
        states.push(format!("{listed} of {}   {filter}", feed.shown.len()));
    }
    if let Some(only) = &app.here.only {
        states.push(format!("only {}", name_of(draw, only)));
    }
    if !app.here.marks.is_empty() {
        states.push(format!("{} marked", app.here.marks.len()));
    }
    let state = match app.data.errors.get(&Slot::Alerts) {
        Some(error) if !filter.is_empty() => Shown::new(error),
        _ => Shown::new(&states.join("   ")),
    };
    let which = if app.here.closed { "open or closed" } else { "open" };
    let found = app.data.findings_order.len();
    let meta = match (feed.known, found) {
        (false, _) => Shown::from("…"),
        (true, 0) => shown!("{listed} {which}   newest first"),
        (true, _) if area.width < 60 => shown!("{listed} {which} · {found} lower"),
        (true, _) => shown!("{listed} {which} · {found} findings below medium   newest first"),
    };
    let heading = if matches!(app.here.screen, Screen::Alerts) { "Alerts" } else { "Anomalies" };
    let mut body =
        title(draw, area, Title { name: heading.into(), state: state.into(), meta: meta.into(), focused: draw.focused(Pane::Feed) });
    if !feed.known {
        return;
    }
    if listed == 0 {
        let used = empty::no_alerts(draw, body);
        let used = if body.height > used + 2 { used + 1 } else { used };
        body = super::detail::below(body, used);
    }
    let rows: Vec<&AlertRow> = app.feed_rows().collect();
    if !rows.is_empty() {
        list(draw, body, Pane::Feed, rows, false);
    }
}

/// The alerts of the identity on screen.
pub fn history(draw: &mut Draw<'_>, area: Rect) {
    let Some(page) = draw.app.page() else { return };
    let done = |row: &&AlertRow| matches!(row.status, Status::Closed | Status::Superseded);
    let alerts = page.alerts.iter().filter(|row| row.severity.is_alert());
    let (all, closed) = (alerts.clone().count(), alerts.filter(done).count());
    let word = if area.width < 56 { "lower" } else { "below medium" };
    let meta = shown!("{} open of {all} · {} {word}", all - closed, page.alerts.len() - all);
    let focused = draw.focused(Pane::History);
    let body = title(draw, area, Title { name: "Alerts and findings".into(), state: "".into(), meta: meta.into(), focused });
    if page.alerts.is_empty() {
        let style = draw.ctx.theme.faint;
        draw.pen.put(body.x + 3, body.y, body.width.saturating_sub(4), "None so far.", style);
        return;
    }
    list(draw, body, Pane::History, page.alerts.iter().collect(), true);
}

fn name_of(draw: &Draw<'_>, id: &str) -> String {
    draw.app.data.identities.iter().find(|row| row.identity.id == id).map_or_else(|| id.to_owned(), |row| row.identity.name.clone())
}

/// Which columns fit a width; it never depends on what is in them.
#[derive(Clone, Copy)]
struct Columns {
    tall: bool,
    name: u16,
    detector: u16,
    from: u16,
    last: u16,
}

/// Columns of the risk, with the blank before it.
const RISK: u16 = 5;
/// Columns before the name: bar, mark, severity, time, status.
const LEAD: u16 = 18;

impl Columns {
    fn of(area: Rect, one_identity: bool) -> Self {
        let width = area.width;
        // A narrow third column has no room beside the name: the headline gets a line of its own.
        let tall = width < 60 && area.height >= 10 && !one_identity;
        let name = match width {
            _ if one_identity => 0,
            150.. => 34,
            100.. => 24,
            _ if tall => width.saturating_sub(LEAD + 14 + RISK + 2),
            _ => 19,
        };
        let (from, last) = match width {
            _ if tall || one_identity && width < 80 => (0, 0),
            150.. => (40, 5),
            116.. => (21, 5),
            78.. => (0, 5),
            _ => (0, 0),
        };
        let detector = if one_identity { width >= 64 } else { width >= 100 || tall };
        Self { tall, name, detector: if detector { 14 } else { 0 }, from, last }
    }

    /// Where the risk, the age, the source begin, counted from the right end.
    fn ends(self, right: u16) -> (u16, u16, u16) {
        let risk = right.saturating_sub(RISK);
        let last = risk.saturating_sub(self.last);
        (risk, last, last.saturating_sub(if self.from > 0 { self.from + 1 } else { 0 }))
    }
}

fn list(draw: &mut Draw<'_>, body: Rect, pane: Pane, rows: Vec<&AlertRow>, one_identity: bool) {
    let columns = Columns::of(body, one_identity);
    let mut body = body;
    if !columns.tall && body.height >= 8 {
        heads(draw, body, columns);
        body = super::detail::below(body, 1);
    }
    let tall = if columns.tall { 2 } else { 1 };
    let at = draw.app.here.cursor(pane).index;
    let top = draw.rows(pane, body, tall, rows.len());
    for (n, row) in rows.into_iter().enumerate().skip(top).take(usize::from(body.height / tall)) {
        let line = Rect { y: body.y + (n - top) as u16 * tall, height: tall, ..body };
        one(draw, line, columns, row);
        if n == at {
            draw.select(pane, line);
        }
    }
}

fn heads(draw: &mut Draw<'_>, line: Rect, columns: Columns) {
    let style = draw.ctx.theme.faint;
    let (risk, last, from) = columns.ends(line.right());
    draw.pen.put(line.x + 4, line.y, 11, "raised", style);
    let mut x = line.x + LEAD;
    for (width, word) in [(columns.name, "identity"), (columns.detector, "evidence")] {
        if width > 0 {
            x += draw.pen.put(x, line.y, width, word, style).max(width) + 1;
        }
    }
    draw.pen.put(x, line.y, from.saturating_sub(x + 1), "what was seen", style);
    if columns.from > 0 {
        draw.pen.put(from, line.y, columns.from, "from", style);
    }
    if columns.last > 0 {
        draw.pen.right(last, line.y, columns.last - 1, "last", style);
    }
    draw.pen.right(risk, line.y, RISK - 1, "risk", style);
}

fn one(draw: &mut Draw<'_>, line: Rect, columns: Columns, row: &AlertRow) {
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    if draw.app.here.marks.contains(&row.id) {
        draw.pen.put(line.x + 1, line.y, 1, glyphs.mark, theme.accent);
    }
    // Findings are there to be seen, not to be confused with alerts: nothing of them is bright.
    let quiet = !row.severity.is_alert() || matches!(row.status, Status::Closed | Status::Superseded);
    let severity = if row.severity.is_alert() { theme.severity(row.severity) } else { theme.faint };
    draw.pen.put(line.x + 2, line.y, 1, glyphs.of(row.severity), severity);
    draw.pen.put(line.x + 4, line.y, 11, draw.ctx.zone.short(row.raised), theme.faint);
    let status = match row.status {
        Status::New => ("", theme.faint),
        Status::Acknowledged => (glyphs.done, theme.ok),
        Status::InProgress => (glyphs.open, theme.accent),
        Status::Closed | Status::Superseded => (glyphs.missing, theme.faint),
    };
    draw.pen.put(line.x + 16, line.y, 1, status.0, status.1);
    let body = if quiet { theme.faint } else { theme.body };
    let (risk, last, from) = columns.ends(line.right());
    let mut x = line.x + LEAD;
    if columns.name > 0 {
        draw.pen.put(x, line.y, columns.name, name(&row.name, columns.name), body);
        x += columns.name + 1;
    }
    if columns.detector > 0 {
        draw.pen.put(x, line.y, columns.detector.min(risk.saturating_sub(x)), Shown::new(&row.detector), theme.faint);
        x += columns.detector + 1;
    }
    let headline = if row.headline.is_empty() { &row.sentence } else { &row.headline };
    if columns.tall {
        draw.pen.put(line.x + 4, line.y + 1, line.width.saturating_sub(5), observed(headline, line.width.saturating_sub(5)), body);
    } else {
        let room = from.saturating_sub(x + 1);
        draw.pen.put(x, line.y, room, observed(headline, room), body);
    }
    if columns.from > 0 {
        draw.pen.put(from, line.y, columns.from, network(&row.from, columns.from), theme.faint);
    }
    if columns.last > 0 {
        let age = shown!("{}", quantity::span(draw.moment().since(row.updated)));
        draw.pen.right(last, line.y, columns.last - 1, age, theme.faint);
    }
    draw.pen.right(risk, line.y, RISK - 1, shown!("{}", quantity::count(f64::from(row.risk))), severity);
}
