//! A raw record: pretty-printed JSON where it is JSON, else as it is; every line escaped.

use super::Draw;
use super::chrome::{Title, title};
use super::pen::{Doc, shown};
use crate::console::app::place::Pane;
use crate::model::page::EventRow;
use crate::text::Shown;
use ratatui::layout::Rect;

/// Lines of a record that are drawn at most.
const MOST: usize = 20_000;

/// Draws the raw record of an event.
pub fn raw(draw: &mut Draw<'_>, area: Rect, event: &EventRow) {
    let theme = &draw.ctx.theme;
    let focused = draw.focused(Pane::Raw);
    let known = draw.app.data.raw.as_ref().filter(|(uid, _)| *uid == event.uid).map(|(_, answer)| answer);
    let meta = shown!("{} · offset {}", event.format, event.origin.offset);
    let name = shown!("{}   {}", draw.ctx.zone.full(event.time), event.action);
    let state = Shown::new(&event.origin.file);
    let body = title(draw, area, Title { name: name.into(), state: state.into(), meta: meta.into(), focused });
    let mut doc = Doc::default();
    match known {
        None => doc.line(2, 10, "…", theme.faint),
        Some(Err(error)) => doc.line(2, body.width.saturating_sub(3), Shown::new(error), theme.medium),
        Some(Ok(text)) => {
            for line in Shown::lines(&pretty(text), MOST) {
                lay(&mut doc, body.width, &line, theme);
            }
        }
    }
    let top = draw.lines(Pane::Raw, body, doc.lines.len());
    doc.draw(&mut draw.pen, body, top);
}

fn lay(doc: &mut Doc, width: u16, line: &Shown, theme: &crate::console::theme::Theme) {
    // Keys faint, values body: enough to find one's way without colours that mean nothing.
    let text = line.to_string();
    let indent = text.len() - text.trim_start().len();
    let room = width.saturating_sub(3);
    match (line.odd(), text.split_once("\": ")) {
        (false, Some((key, value))) if text.trim_start().starts_with('"') => {
            let key = shown!("{}\":", key.trim_start());
            let at = 2 + indent as u16 + key.width() as u16 + 1;
            doc.line(2 + indent as u16, room, key, theme.faint);
            for (n, part) in Shown::new(value).wrap(usize::from(width.saturating_sub(at + 1)).max(20), 200).into_iter().enumerate() {
                if n > 0 {
                    doc.gap();
                }
                doc.add(at, width, part, theme.body);
            }
        }
        _ => doc.line(2, room, line.clone(), theme.body),
    }
}

/// JSON with indentation; anything else unchanged. Keys keep the order in which serde_json holds them.
fn pretty(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| text.to_owned())
}
