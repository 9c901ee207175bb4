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
    let indent = (text.len() - text.trim_start_matches(' ').len()).min(usize::from(width) / 2) as u16;
    let room = usize::from(width.saturating_sub(3 + indent)).max(1);
    let (key, value) = match text.trim_start_matches(' ').split_once("\": ") {
        Some((key, value)) if !line.odd() && key.starts_with('"') && key.len() < room / 2 => (shown!("{key}\":"), Shown::new(value)),
        _ => (Shown::default(), line.clone()),
    };
    let (start, at) = if key.width() == 0 { (2, 2) } else { (2 + indent, 3 + indent + key.width() as u16) };
    doc.line(start, width, key, theme.faint);
    // Nothing of a record is left out: what is wider than the screen goes on below.
    for (n, part) in value.fold(usize::from(width.saturating_sub(at + 1)).max(1)).into_iter().enumerate() {
        if n > 0 {
            doc.gap();
        }
        doc.add(at, width, part, theme.body);
    }
}

/// JSON with indentation, token by token: order of keys, numbers and escapes stay as they were recorded. Anything that
/// is no JSON stays unchanged.
fn pretty(text: &str) -> String {
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return text.to_owned();
    }
    let (mut out, mut depth, mut quoted, mut escaped) = (String::with_capacity(text.len() * 2), 0usize, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        (0..depth).for_each(|_| out.push_str("  "));
    };
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if quoted {
            out.push(c);
            (quoted, escaped) = (escaped || c != '"', !escaped && c == '\\');
            continue;
        }
        match c {
            '"' => {
                quoted = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while chars.peek().is_some_and(char::is_ascii_whitespace) {
                    chars.next();
                }
                if chars.peek().is_some_and(|next| matches!(next, '}' | ']')) {
                    out.extend(chars.next());
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn a_record_keeps_its_order_its_numbers_and_its_escapes() {
        assert_eq!(
            pretty(r#"{"b":1.50,"a":["x, y",{}, [] ],"c":"\"}\\"}"#),
            "{\n  \"b\": 1.50,\n  \"a\": [\n    \"x, y\",\n    {},\n    []\n  ],\n  \"c\": \"\\\"}\\\\\"\n}"
        );
        assert_eq!(pretty("TIME,USER\n1,2"), "TIME,USER\n1,2");
    }
}
