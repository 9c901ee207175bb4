//! What lies over a screen: help, palette, messages and dialogs, boxed because they are the only boxes there are.

use super::Draw;
use super::chrome::input_line;
use super::pen::{Doc, Ink, shown};
use crate::console::action::{Action, Group};
use crate::console::app::overlay::Overlay;
use crate::console::app::says::Level;
use crate::console::app::triage::{DISMISSALS, Dialog, Field, Purpose};
use crate::console::palette;
use crate::model::alert::Reason;
use crate::text::Shown;
use ratatui::layout::Rect;
use tui_input::Input;

/// Draws the overlay, if there is one.
pub fn overlay(draw: &mut Draw<'_>, area: Rect) {
    match &draw.app.overlay {
        None => {}
        Some(Overlay::Help(top)) => help(draw, area, *top),
        Some(Overlay::Palette { input, index }) => commands(draw, area, input, *index),
        Some(Overlay::Messages(top)) => messages(draw, area, *top),
        Some(Overlay::Triage(dialog)) => triage(draw, area, dialog),
        Some(Overlay::StopLoading(stop)) => stop_loading(draw, area, *stop),
    }
}

/// A box in the middle, cleared under; gives the room inside.
fn boxed(draw: &mut Draw<'_>, area: Rect, width: u16, height: u16, name: impl Into<Ink>, meta: impl Into<Ink>) -> Rect {
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    // The frame is the bound, whatever was asked for.
    let (width, height) = (width.min(area.width), height.min(area.height));
    let rect = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    // A margin of a few columns would show scraps of what lies below.
    draw.pen.clear(if area.width - width <= 8 { Rect { x: area.x, width: area.width, ..rect } } else { rect });
    let (right, bottom) = (rect.right().saturating_sub(1), rect.bottom().saturating_sub(1));
    for y in [rect.y, bottom] {
        draw.pen.line(rect.x, y, rect.width, glyphs.across, theme.faint);
    }
    for y in rect.y..rect.bottom() {
        draw.pen.put(rect.x, y, 1, glyphs.down, theme.faint);
        draw.pen.put(right, y, 1, glyphs.down, theme.faint);
    }
    for (corner, (x, y)) in glyphs.corners.into_iter().zip([(rect.x, rect.y), (right, rect.y), (rect.x, bottom), (right, bottom)]) {
        draw.pen.put(x, y, 1, corner, theme.faint);
    }
    let inner = Rect { x: rect.x + 2, y: rect.y + 1, width: rect.width.saturating_sub(4), height: rect.height.saturating_sub(2) };
    let meta = meta.into();
    let room = inner.width.saturating_sub(meta.width() + 4);
    padded(draw, rect.x + 1, rect.y, room, name.into(), true);
    let at = rect.right().saturating_sub(meta.width() + 4);
    if meta.width() > 0 && meta.width() + 6 < rect.width {
        padded(draw, at, rect.y, meta.width() + 2, meta, false);
    }
    inner
}

fn padded(draw: &mut Draw<'_>, x: u16, y: u16, width: u16, ink: Ink, strong: bool) {
    let style = if strong { draw.ctx.theme.primary } else { draw.ctx.theme.faint };
    draw.pen.put(x, y, 1, " ", style);
    let used = draw.pen.put(x + 1, y, width, ink, style);
    draw.pen.put(x + 1 + used, y, 1, " ", style);
}

fn help(draw: &mut Draw<'_>, area: Rect, top: usize) {
    let theme = &draw.ctx.theme;
    let wide = area.width >= 120;
    let width = if wide { 116 } else { 76 };
    let inner = boxed(draw, area, width, area.height.saturating_sub(2), "Keys and what they do", "j k scroll   esc closes");
    let mut columns = [Doc::default(), Doc::default()];
    for group in Group::ALL {
        let column = usize::from(wide && !matches!(group, Group::Move | Group::Go));
        let doc = &mut columns[column];
        if !doc.lines.is_empty() {
            doc.gap();
        }
        doc.line(0, 20, group.title(), theme.primary);
        for action in Action::ALL.iter().filter(|action| action.group() == group) {
            let keys: Vec<String> = draw.app.keymap.keys(*action).iter().take(3).map(ToString::to_string).collect();
            doc.line(1, 15, Shown::new(&keys.join(" ")), theme.accent);
            doc.add(17, 70, action.doc(), theme.body);
        }
    }
    let [mut left, right] = columns;
    left.gap();
    left.line(0, 20, "Signs", theme.primary);
    let glyphs = &draw.ctx.glyphs;
    for (sign, what) in [
        (
            shown!("{} {} {} {}", glyphs.severity[4], glyphs.severity[3], glyphs.severity[2], glyphs.severity[1]),
            "critical, high, medium, low",
        ),
        (shown!("{} {} {}", glyphs.light, glyphs.middle, glyphs.now), "p5–p95 of the past, middle half, now"),
        (shown!("{} {}", glyphs.off, glyphs.young), "off the scale; habit still young"),
        (shown!("{} {} {}", glyphs.done, glyphs.open, glyphs.missing), "acknowledged, in progress, closed"),
        (shown!("{}", glyphs.warn), "held what a terminal hides or obeys"),
    ] {
        left.line(1, 15, sign, theme.body);
        left.add(17, 70, what, theme.body);
    }
    let most = left.lines.len().max(right.lines.len()).saturating_sub(usize::from(inner.height));
    let top = top.min(most);
    let half = if wide { inner.width / 2 } else { inner.width };
    left.draw(&mut draw.pen, Rect { width: half, ..inner }, top);
    right.draw(&mut draw.pen, Rect { x: inner.x + half, width: inner.width - half, ..inner }, top);
}

fn commands(draw: &mut Draw<'_>, area: Rect, input: &Input, index: usize) {
    let theme = &draw.ctx.theme;
    let found = palette::find(input.value());
    let count = shown!("{} of {}", found.len(), Action::ALL.len());
    let inner = boxed(draw, area, 76, 16.min(area.height.saturating_sub(4)), "Command", count);
    draw.pen.put(inner.x, inner.y, 1, ":", theme.accent);
    input_line(draw, Rect { x: inner.x + 2, width: inner.width.saturating_sub(2), height: 1, ..inner }, input);
    let rows = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    let top = index.saturating_sub(usize::from(rows.height.saturating_sub(1)));
    for (n, action) in found.iter().enumerate().skip(top).take(usize::from(rows.height)) {
        let y = rows.y + (n - top) as u16;
        let why = draw.app.why_not(*action);
        let style = if why.is_some() { theme.faint } else { theme.body };
        draw.pen.put(rows.x + 2, y, 18, action.word(), style);
        let text = why.unwrap_or(action.doc());
        draw.pen.put(rows.x + 20, y, rows.width.saturating_sub(29), text, theme.faint);
        if let Some(key) = draw.app.keymap.key(*action) {
            draw.pen.right(rows.x, y, rows.width.saturating_sub(1), shown!("{key}"), theme.accent);
        }
        if n == index {
            draw.pen.wash(Rect { y, height: 1, ..rows }, theme.selected);
            draw.pen.put(rows.x, y, 1, draw.ctx.glyphs.bar, theme.accent);
        }
    }
}

fn messages(draw: &mut Draw<'_>, area: Rect, top: usize) {
    let theme = &draw.ctx.theme;
    let all = &draw.app.says.messages;
    let inner = boxed(draw, area, area.width.saturating_sub(4), area.height.saturating_sub(4), "Messages", "newest first   esc closes");
    let mut doc = Doc::default();
    for message in all.iter().rev() {
        let (word, style) = match message.level {
            Level::Info => ("info", theme.faint),
            Level::Done => ("done", theme.ok),
            Level::Warn => ("note", theme.medium),
            Level::Error => ("error", theme.critical),
        };
        let lines = Shown::new(&message.text).wrap(usize::from(inner.width.saturating_sub(16)), 4);
        for (n, line) in lines.into_iter().enumerate() {
            doc.gap();
            if n == 0 {
                doc.add(0, 8, draw.ctx.zone.clock(message.at), theme.faint);
                doc.add(9, 6, word, style);
            }
            doc.add(15, inner.width, line, theme.body);
        }
    }
    if all.is_empty() {
        doc.line(0, 30, "Nothing has been said yet.", theme.faint);
    }
    let top = top.min(doc.lines.len().saturating_sub(usize::from(inner.height)));
    doc.draw(&mut draw.pen, inner, top);
}

fn triage(draw: &mut Draw<'_>, area: Rect, dialog: &Dialog) {
    let theme = &draw.ctx.theme;
    let names: Vec<String> =
        dialog.names.iter().take(5).map(|(name, count)| if *count > 1 { format!("{name} ×{count}") } else { name.clone() }).collect();
    let rest = dialog.names.len().saturating_sub(5);
    let whose = if rest > 0 { format!("{} and {rest} more", names.join(", ")) } else { names.join(", ") };
    let many = if dialog.alerts.len() == 1 { String::new() } else { format!(" {} alerts", dialog.alerts.len()) };
    let (word, height) = if dialog.purpose == Purpose::Note { ("Note on", 8) } else { ("Dismiss", 14) };
    let inner = boxed(draw, area, 76, height, shown!("{word}{many}"), Shown::new(&whose).cut(40));
    let mut y = inner.y;
    if dialog.purpose == Purpose::Dismiss {
        let verdicts: Vec<(&'static str, &'static str)> = DISMISSALS
            .iter()
            .map(|verdict| match verdict {
                crate::model::Verdict::FalsePositive => ("false positive", "the alert was wrong"),
                crate::model::Verdict::Expected => ("expected", "known beforehand"),
                _ => ("benign", "really unusual, and harmless"),
            })
            .collect();
        label(draw, inner, y, "verdict", dialog.field == Field::Verdict);
        let mut x = inner.x + 10;
        for (n, (word, _)) in verdicts.iter().enumerate() {
            x = choice(draw, x, y, word, n == dialog.verdict);
        }
        draw.pen.put(inner.x + 10, y + 1, inner.width, verdicts.get(dialog.verdict).map_or("", |(_, what)| what), theme.faint);
        y += 3;
        label(draw, inner, y, "reason", dialog.field == Field::Reason);
        for (n, reason) in Reason::ALL.iter().enumerate() {
            let at = inner.x + 10 + (n as u16 % 3) * 21;
            choice(draw, at, y + n as u16 / 3, word_of(*reason), n == dialog.reason);
        }
        y += 4;
    }
    label(draw, inner, y, "note", dialog.field == Field::Note);
    let line = Rect { x: inner.x + 10, y, width: inner.width.saturating_sub(10), height: 1 };
    if dialog.field == Field::Note {
        input_line(draw, line, &dialog.note);
    } else {
        draw.pen.put(line.x, y, line.width, Shown::new(dialog.note.value()), theme.body);
    }
    y += 2;
    match dialog.complaint {
        Some(why) => draw.pen.put(inner.x, y, inner.width, why, theme.medium),
        None => draw.pen.put(inner.x, y, inner.width, "A note is required. u takes it back.", theme.faint),
    };
    let keys = if dialog.purpose == Purpose::Note {
        "enter writes   esc cancels"
    } else {
        "tab field   space choose   enter dismisses   esc cancels"
    };
    draw.pen.put(inner.x, inner.bottom().saturating_sub(1), inner.width, keys, theme.faint);
}

fn word_of(reason: Reason) -> &'static str {
    match reason {
        Reason::KnownSource => "known source",
        Reason::ExpectedChange => "expected change",
        Reason::Maintenance => "maintenance",
        Reason::TestOrExercise => "test or exercise",
        Reason::RuleTooLoud => "rule too loud",
        Reason::InaccurateData => "inaccurate data",
        Reason::Duplicate => "duplicate",
        Reason::Other => "other",
    }
}

fn label(draw: &mut Draw<'_>, inner: Rect, y: u16, word: &'static str, focused: bool) {
    let theme = &draw.ctx.theme;
    let style = if focused { theme.accent } else { theme.faint };
    if focused {
        draw.pen.put(inner.x.saturating_sub(1), y, 1, draw.ctx.glyphs.bar, style);
    }
    draw.pen.put(inner.x, y, 9, word, style);
}

fn choice(draw: &mut Draw<'_>, x: u16, y: u16, word: &'static str, chosen: bool) -> u16 {
    let theme = &draw.ctx.theme;
    let style = if chosen { theme.primary } else { theme.faint };
    let used = draw.pen.put(x, y, 3, draw.ctx.glyphs.radio[usize::from(chosen)], style) + 1;
    x + used + draw.pen.put(x + used, y, 20, word, style) + 2
}

fn stop_loading(draw: &mut Draw<'_>, area: Rect, stop: bool) {
    let theme = &draw.ctx.theme;
    let inner = boxed(draw, area, 60, 7, "Stop loading?", "");
    draw.pen.put(inner.x, inner.y + 1, inner.width, "What is stored stays; running it again goes on from there.", theme.body);
    let x = choice(draw, inner.x, inner.y + 3, "keep loading", !stop);
    choice(draw, x + 2, inner.y + 3, "stop", stop);
    draw.pen.put(inner.x, inner.bottom().saturating_sub(1), inner.width, "tab choose   enter does it   esc keeps loading", theme.faint);
}
