//! Events, newest first: time, operation, where from, what it touched, how it ended. Enter opens the raw record.

use super::chrome::{Title, title};
use super::name::name;
use super::pen::{Ink, shown};
use super::{Draw, quantity};
use crate::console::app::place::{Pane, Screen};
use crate::console::desk::Slot;
use crate::model::Outcome;
use crate::model::page::EventRow;
use crate::text::Shown;
use ratatui::layout::Rect;

/// Events of the identity or the alert on screen.
pub fn list(draw: &mut Draw<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let app = draw.app;
    let focused = draw.focused(Pane::Events);
    let whole = matches!(app.here.screen, Screen::Identity(_));
    let heading: Ink = if whole { "Last events".into() } else { "Events behind it".into() };
    let Some(events) = app.events() else {
        let failed = app.data.errors.get(&Slot::Events).map_or_else(|| Shown::from("…"), |error| Shown::new(error));
        title(draw, area, Title { name: heading, state: failed.into(), meta: "".into(), focused });
        return;
    };
    let count = match app.card() {
        Some((alert, _)) if !whole => shown!("{} of {}", events.len(), quantity::count(alert.events.count as f64)),
        _ => shown!("{}", events.len()),
    };
    let meta: Ink = if focused { shown!("{count}   enter opens the record").into() } else { count.into() };
    let body = title(draw, area, Title { name: heading, state: "newest first".into(), meta, focused });
    let at = app.here.cursor(Pane::Events).index;
    let top = draw.rows(Pane::Events, body, 1, events.len());
    for (n, row) in events.iter().enumerate().skip(top).take(usize::from(body.height)) {
        let line = Rect { y: body.y + (n - top) as u16, height: 1, ..body };
        one(draw, line, row);
        if n == at && app.here.screen.panes().contains(&Pane::Events) {
            draw.select(Pane::Events, line);
        }
    }
    if events.is_empty() {
        let style = draw.ctx.theme.faint;
        draw.pen.put(body.x + 3, body.y, body.width.saturating_sub(4), "None kept.", style);
    }
}

fn one(draw: &mut Draw<'_>, line: Rect, row: &EventRow) {
    let theme = &draw.ctx.theme;
    let rest = line.width.saturating_sub(13);
    // A narrow pane does without the source. Shares of the width, not of what is in it: operation, source (an address fits), thing; then rows and the outcome.
    let source = if rest >= 46 { 16 } else { 0 };
    let action = (rest.saturating_sub(source + 14) * 3 / 5).min(44);
    let mut x = line.x + 1;
    x += draw.pen.put(x, line.y, 11, draw.ctx.zone.short(row.time), theme.faint) + 1;
    draw.pen.put(x, line.y, action.saturating_sub(1), name(&row.action, action.saturating_sub(1)), theme.body);
    x += action;
    draw.pen.put(x, line.y, source.saturating_sub(1), name(row.ip.as_deref().unwrap_or("–"), source.saturating_sub(1)), theme.faint);
    x += source;
    let end = line.right().saturating_sub(14);
    let what = row.data_domain.as_deref().or(row.resource.as_deref()).or(row.target_identity.as_deref()).unwrap_or("");
    draw.pen.put(x, line.y, end.saturating_sub(x), name(what, end.saturating_sub(x)), theme.body);
    if let Some(rows) = row.rows {
        draw.pen.right(end, line.y, 6, shown!("{}", quantity::count(rows as f64)), theme.body);
    }
    let (word, style) = match row.outcome {
        Outcome::Success => ("ok", theme.faint),
        Outcome::Denied => ("denied", theme.medium),
        Outcome::Error => ("error", theme.medium),
        Outcome::Unknown => ("–", theme.faint),
    };
    draw.pen.right(line.right().saturating_sub(7), line.y, 6, word, style);
}
