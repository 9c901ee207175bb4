//! Lists of alerts: the feed, newest first, and the alerts of one identity. `✓` marks, `✔` acknowledged, `▸` in
//! progress, `✘` closed. A wide pane gives each alert a second line. It must not know how following works.

use super::chrome::{Title, title};
use super::pen::{Ink, shown};
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
    let which = if app.here.closed { "all" } else { "open" };
    let meta = if feed.known { shown!("{listed} {which}   newest first") } else { Shown::from("…") };
    let name = if matches!(app.here.screen, Screen::Alerts) { "Alerts" } else { "Anomalies" };
    let body = title(draw, area, Title { name: name.into(), state: state.into(), meta: meta.into(), focused: draw.focused(Pane::Feed) });
    if listed == 0 {
        if feed.known {
            empty::no_alerts(draw, body);
        }
        return;
    }
    let rows = app.data.feed_order.iter().filter_map(|n| feed.shown.get(*n)).collect();
    list(draw, body, Pane::Feed, rows, false);
}

/// The alerts of the identity on screen.
pub fn history(draw: &mut Draw<'_>, area: Rect) {
    let Some(page) = draw.app.page() else { return };
    let open = page.alerts.iter().filter(|row| !matches!(row.status, Status::Closed | Status::Superseded)).count();
    let meta = shown!("{open} open of {}", page.alerts.len());
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

fn list(draw: &mut Draw<'_>, body: Rect, pane: Pane, rows: Vec<&AlertRow>, one_identity: bool) {
    // A narrow third column has no room beside the name: the headline gets a line of its own.
    let tall = if body.width < 60 && body.height >= 10 { 2 } else { 1 };
    let at = draw.app.here.cursor(pane).index;
    let top = draw.rows(pane, body, tall, rows.len());
    for (n, row) in rows.into_iter().enumerate().skip(top).take(usize::from(body.height / tall)) {
        let line = Rect { y: body.y + (n - top) as u16 * tall, height: tall, ..body };
        one(draw, line, row, one_identity);
        if n == at {
            draw.select(pane, line);
        }
    }
}

fn one(draw: &mut Draw<'_>, line: Rect, row: &AlertRow, one_identity: bool) {
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    if draw.app.here.marks.contains(&row.id) {
        draw.pen.put(line.x + 1, line.y, 1, glyphs.mark, theme.accent);
    }
    let severity = theme.severity(row.severity);
    let done = matches!(row.status, Status::Closed | Status::Superseded);
    draw.pen.put(line.x + 2, line.y, 1, glyphs.of(row.severity), severity);
    let mut x = line.x + 4;
    x += draw.pen.put(x, line.y, 11, draw.ctx.zone.short(row.raised), theme.faint) + 1;
    let status = match row.status {
        Status::New => ("", theme.faint),
        Status::Acknowledged => (glyphs.done, theme.ok),
        Status::InProgress => (glyphs.open, theme.accent),
        Status::Closed | Status::Superseded => (glyphs.missing, theme.faint),
    };
    draw.pen.put(x, line.y, 1, status.0, status.1);
    x += 2;
    let name_style = if done { theme.faint } else { theme.body };
    let width = line.width;
    if !one_identity {
        let name = if width >= 100 { 18 } else { 17 };
        draw.pen.put(x, line.y, name, Shown::new(&row.name), name_style);
        x += name + 1;
    }
    if width >= 100 || line.height == 2 || one_identity {
        let room = 14;
        let used = room.min(line.right().saturating_sub(x + 5));
        draw.pen.put(x, line.y, used, Shown::new(&row.detector), theme.faint);
        x += room + 1;
    }
    let from = if width >= 110 { 19 } else { 0 };
    let risk = 4;
    let end = line.right().saturating_sub(risk + from + 1);
    let headline: Ink = Shown::new(if row.headline.is_empty() { &row.sentence } else { &row.headline }).into();
    if line.height == 2 {
        draw.pen.put(line.x + 4, line.y + 1, line.width.saturating_sub(5), headline, theme.body);
    } else {
        draw.pen.put(x, line.y, end.saturating_sub(x + 1), headline, name_style);
    }
    if from > 0 {
        draw.pen.put(end, line.y, from - 1, Shown::new(&row.from), theme.faint);
    }
    draw.pen.right(line.right().saturating_sub(risk + 1), line.y, risk, shown!("{}", quantity::count(f64::from(row.risk))), severity);
}
