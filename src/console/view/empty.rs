//! What an empty screen says: where the data would lie, how to get some in, and since when nothing happened. Empty
//! states speak, they do not apologise.

use super::pen::{Doc, shown};
use super::{Draw, quantity};
use crate::console::layout::{LEAST_HEIGHT, LEAST_WIDTH};
use crate::text::Shown;
use ratatui::layout::Rect;

/// A terminal too small to draw in.
pub fn too_small(draw: &mut Draw<'_>, area: Rect) {
    let style = draw.ctx.theme.body;
    let needs = shown!("driftline needs {LEAST_WIDTH}×{LEAST_HEIGHT}");
    let has = shown!("here are {}×{}", area.width, area.height);
    for (n, text) in [needs, has].into_iter().enumerate() {
        let y = (area.height / 2).saturating_sub(1) + n as u16;
        let x = area.width.saturating_sub(text.width() as u16) / 2;
        draw.pen.put(x, y, area.width, text, style);
    }
}

/// A store without events.
pub fn nothing_stored(draw: &mut Draw<'_>, area: Rect) {
    let theme = &draw.ctx.theme;
    let mut doc = Doc::default();
    if let Some(progress) = &draw.app.engine.progress {
        let demo = draw.app.engine.clock.is_some();
        let what = if demo { "Inventing a company: sixty days of history, then its worst day." } else { "Reading your logs." };
        doc.line(0, 70, what, theme.primary);
        doc.gap();
        doc.line(
            0,
            60,
            shown!("{} of {} files so far. Identities appear here as they are committed.", progress.files_done, progress.files),
            theme.body,
        );
        doc.line(0, 76, "Nothing has to be waited for; x stops, and what is stored stays.", theme.faint);
    } else {
        doc.line(0, 60, "Nothing is stored yet.", theme.primary);
        doc.gap();
        doc.line(0, 60, "The store is", theme.faint);
        doc.add(13, area.width, Shown::new(&draw.app.options.store), theme.body);
        doc.gap();
        doc.line(0, 60, "Three ways in:", theme.faint);
        doc.gap();
        for (command, what) in [
            ("driftline demo", "a simulated company, its worst day in four minutes"),
            ("driftline load PATH…", "your own logs: files, folders, archives"),
            ("driftline watch PATH…", "follow logs as they grow"),
        ] {
            doc.line(2, 24, command, theme.accent);
            doc.add(26, 52, what, theme.body);
        }
    }
    let height = doc.lines.len() as u16;
    let width = 76.min(area.width);
    let y = area.y + area.height.saturating_sub(height) / 3;
    let x = area.x + (area.width - width) / 2;
    doc.draw(&mut draw.pen, Rect { x, y, width: area.right() - x, height: area.bottom().saturating_sub(y) }, 0);
}

/// A list of alerts without any; gives the rows used.
pub fn no_alerts(draw: &mut Draw<'_>, area: Rect) -> u16 {
    let (app, theme) = (draw.app, &draw.ctx.theme);
    let totals = &app.data.totals;
    let mut doc = Doc::default();
    if !app.here.filter(super::Pane::Feed).is_empty() || app.here.only.is_some() {
        doc.line(2, 90, "No alert matches. esc takes the filter away.", theme.faint);
    } else {
        let head = if app.here.closed { "No alerts." } else { "No open alerts. z shows closed ones too." };
        doc.line(2, 90, head, theme.body);
        let since = totals.first.map_or_else(String::new, |first| format!(" since {}", first.day()));
        let text = format!(
            "{} events{since}, over {} machine identities in {} feeds.",
            quantity::count(totals.events as f64),
            totals.machines,
            totals.feeds
        );
        doc.line(2, area.width.saturating_sub(3), Shown::new(&text), theme.faint);
        let young = totals.youngest_days;
        let text = if young < super::strip::YOUNG {
            format!("The youngest habit rests on {young} active days; it takes {} before it can be left.", super::strip::YOUNG)
        } else {
            format!("The youngest habit rests on {young} active days.")
        };
        doc.line(2, area.width.saturating_sub(3), Shown::new(&text), theme.faint);
    }
    let rows = doc.lines.len() as u16;
    doc.draw(&mut draw.pen, area, 0);
    rows.min(area.height)
}
