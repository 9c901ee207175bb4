//! One identity: what is usual, what is now. Range strips first, then what stands behind them.
//!
//! ```text
//! ▎crm-sync   30 days of habit, last 24 h against it   ░ p5–p95 ▒ middle half ● now
//!   sources   ··░▒▒▒░░·······●····       5  usual 1–2    ×2.5  3 new
//! ```
//!
//! Numbers stand beside every picture, so that nothing depends on seeing it.

use super::blocks::{SHIFT, blocks};
use super::chrome::{Title, title};
use super::pen::{Ink, shown};
use super::strip::{Cell, Reach, WIDTH, YOUNG, half, hours, is_unusual, strip};
use super::{Draw, quantity};
use crate::console::desk::Slot;
use crate::model::page::{IdentityPage, Range, UsualNow};
use crate::resolve::looks_like;
use crate::text::Shown;
use ratatui::layout::Rect;

/// The selected identity beside or below the list.
pub fn watch(draw: &mut Draw<'_>, area: Rect) {
    let Some(page) = head(draw, area) else { return };
    let body = below(area, 1);
    if area.height <= 7 {
        strips(draw, body, page, 5);
        return;
    }
    let body = facts(draw, body, page);
    let rest = strips(draw, body, page, 5);
    legend(draw, rest, area.width);
    blocks(draw, below(rest, 1), page);
}

/// The identity screen.
pub fn identity(draw: &mut Draw<'_>, area: Rect) {
    let Some(page) = head(draw, area) else { return };
    let body = facts(draw, below(area, 1), page);
    let most = if area.height >= 20 { 7 } else { 5 };
    let rest = strips(draw, body, page, most);
    if area.height >= 20 {
        legend(draw, rest, area.width);
    }
    blocks(draw, below(rest, u16::from(area.height >= 20)), page);
}

/// What is left below so many rows.
pub fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}

/// The title; nothing more while there is no page.
fn head<'a>(draw: &mut Draw<'a>, area: Rect) -> Option<&'a IdentityPage> {
    let app = draw.app;
    let theme = &draw.ctx.theme;
    let Some(id) = app.page_here() else {
        title(draw, area, Title { name: "No identity selected".into(), state: "".into(), meta: "".into(), focused: false });
        return None;
    };
    let Some(page) = app.page() else {
        let name = app.data.identities.iter().find(|row| row.identity.id == id).map_or(id, |row| row.identity.name.clone());
        let state: Ink = app.data.errors.get(&Slot::Page).map_or_else(|| "…".into(), |error| Shown::new(error).into());
        title(draw, area, Title { name: Shown::new(&name).into(), state, meta: "".into(), focused: false });
        return None;
    };
    let row = page.row.as_ref();
    let name = Shown::new(row.map_or(id.as_str(), |row| row.identity.name.as_str()));
    let glyphs = &draw.ctx.glyphs;
    let state = habit(page.usual.days);
    let risk = row.filter(|row| row.risk > 0).map(|row| (row.worst.unwrap_or(crate::model::Severity::of(row.risk)), row.risk));
    let text = risk.map_or_else(Shown::default, |(severity, risk)| shown!("{} risk {risk}", glyphs.of(severity)));
    title(draw, area, Title { name: name.into(), state: state.into(), meta: text.clone().into(), focused: false });
    if let Some((severity, _)) = risk {
        draw.pen.right(area.x, area.y, area.width.saturating_sub(1), text, theme.severity(severity));
    }
    Some(page)
}

/// What the shades mean, in the blank row below the strips.
fn legend(draw: &mut Draw<'_>, area: Rect, width: u16) {
    if area.height < 4 {
        return;
    }
    let glyphs = &draw.ctx.glyphs;
    let off = if width >= 72 { format!("  {} off the scale", glyphs.off) } else { String::new() };
    let shades = format!("{} p5–p95  {} middle half  {} now{off}", glyphs.light, glyphs.middle, glyphs.now);
    let style = draw.ctx.theme.usual;
    draw.pen.put(area.x + 12, area.y, width.saturating_sub(13), Shown::new(&shades), style);
}

fn habit(days: u32) -> Shown {
    match days {
        0 => Shown::from("nothing learnt yet"),
        days if days < YOUNG => shown!("learning, {days} of {YOUNG} days"),
        days => shown!("{days} active days learnt"),
    }
}

/// One line of who it is, one of what it has done.
fn facts(draw: &mut Draw<'_>, area: Rect, page: &IdentityPage) -> Rect {
    let theme = &draw.ctx.theme;
    let Some(row) = &page.row else { return area };
    let count = |n: u64| quantity::count(n as f64);
    let mut facts = vec![row.identity.kind.as_str().replace('_', " "), row.identity.platform.clone()];
    facts.push(row.identity.owner.as_ref().map_or_else(|| "no owner known".to_owned(), |owner| format!("owner {owner}")));
    facts.extend(looks_like(&row.identity.name).map(|vendor| format!("looks like \"{vendor}\"")));
    if row.third_party == Some(true) {
        facts.push("third party".to_owned());
    }
    facts.push(format!("{} events in 24 h", count(page.now.events)));
    facts.push(if row.credentials == 1 { "1 credential".to_owned() } else { format!("{} credentials", count(row.credentials)) });
    facts.push(format!("first seen {}", row.first_seen.day()));
    facts.push(format!("{} events in all", count(row.events)));
    // A fact is there whole or not at all; the first ones must stand whatever the width.
    let room = usize::from(area.width.saturating_sub(3));
    let mut text = facts[..3].join(" · ");
    for fact in &facts[3..] {
        let longer = format!("{text} · {fact}");
        if Shown::new(&longer).width() <= room {
            text = longer;
        }
    }
    draw.pen.put(area.x + 2, area.y, room as u16, Shown::new(&text), theme.faint);
    below(area, 1)
}

/// One strip with its numbers.
struct Row {
    label: &'static str,
    cells: [Cell; WIDTH],
    reach: Reach,
    now: String,
    usual: String,
    ratio: Option<String>,
    verdict: Option<(String, bool)>,
}

/// Strips from the top; gives what is left below them.
fn strips(draw: &mut Draw<'_>, area: Rect, page: &IdentityPage, most: usize) -> Rect {
    let rows = measure(page);
    // On a small screen timing goes first, then what is rarest.
    let wanted: &[usize] = match most.min(usize::from(area.height)) {
        7.. => &[0, 1, 2, 3, 4, 5, 6],
        5 | 6 => &[0, 1, 2, 3, 6],
        _ => &[0, 1, 2, 3],
    };
    let mut y = area.y;
    for row in wanted.iter().filter_map(|n| rows.get(*n)).take(usize::from(area.height)) {
        one_strip(draw, Rect { y, height: 1, ..area }, row, page.usual.days);
        y += 1;
    }
    below(area, y - area.y)
}

fn measure(page: &IdentityPage) -> [Row; 7] {
    let (usual, now) = (&page.usual, &page.now);
    let new = |values: &[UsualNow]| values.iter().filter(|value| value.new).count();
    let count = |label, range: &Range, now: f64, verdict: Option<(String, bool)>| {
        let (cells, reach) = strip(range, now, false);
        Row {
            label,
            cells,
            reach,
            now: quantity::count(now),
            // Things that are counted have no halves, whatever a quantile says.
            usual: quantity::band(range.p5.round(), range.p95.round()),
            ratio: (range.p95 > 0.0).then(|| quantity::ratio(now / range.p95)).flatten(),
            verdict,
        }
    };
    // Before anything is learnt everything would be new: that says nothing.
    let learnt = usual.days > 0;
    let some_new = |values: &[UsualNow], word: &str| Some(new(values)).filter(|n| *n > 0 && learnt).map(|n| (format!("+{n} {word}"), true));
    let (mix, mix_reach) = strip(&usual.mix, now.mix, true);
    let shifted = page
        .actions
        .iter()
        .filter(|value| learnt && (value.now - value.usual).abs() >= SHIFT)
        .max_by(|a, b| (a.now - a.usual).total_cmp(&(b.now - b.usual)));
    let (timing, timing_reach) = hours(&usual.hours, &now.hours, usual.days < YOUNG);
    let odd_hours: Vec<String> = now
        .hours
        .iter()
        .filter(|(hour, _)| learnt && timing_reach > Reach::Inside && is_unusual(&usual.hours, *hour))
        .map(|(hour, _)| format!("{:02}", hour % 24))
        .collect();
    let odd_hours = match (odd_hours.first(), odd_hours.last()) {
        (Some(first), Some(last)) if first != last => Some((format!("{first}–{last}h unusual"), false)),
        (Some(first), _) => Some((format!("{first}h unusual"), false)),
        _ => None,
    };
    let largest = (now.job_rows > 0.0).then(|| (format!("{} rows", quantity::count(now.job_rows)), false));
    [
        count("sources", &usual.sources, now.sources, some_new(&page.sources, "new")),
        Row {
            label: "event mix",
            cells: mix,
            reach: mix_reach,
            now: format!("{:.2}", now.mix),
            usual: if mix_reach == Reach::Inside { "bits, as usual" } else { "bits, shifted" }.to_owned(),
            ratio: (usual.mix.p95 > 0.0).then(|| quantity::ratio(now.mix / usual.mix.p95)).flatten(),
            verdict: shifted.map(|value| (format!("{} {}", value.text, if value.now > value.usual { "up" } else { "down" }), false)),
        },
        count("breadth", &usual.breadth, now.breadth, some_new(&page.domains, "first use")),
        count("bulk jobs", &usual.jobs, now.jobs, largest),
        count("rows", &usual.rows, now.rows, None),
        count("events", &usual.events, now.events as f64, None),
        Row {
            label: "timing",
            cells: timing,
            reach: timing_reach,
            now: if now.events == 0 { "–".to_owned() } else { quantity::percent(now.in_hours) },
            usual: "in its hours".to_owned(),
            ratio: None,
            verdict: odd_hours,
        },
    ]
}

fn one_strip(draw: &mut Draw<'_>, line: Rect, row: &Row, days: u32) {
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    let outside = match row.reach {
        Reach::Inside => theme.primary,
        Reach::Outside => theme.medium,
        Reach::Far => theme.high,
    };
    draw.pen.put(line.x + 2, line.y, 9, row.label, theme.faint);
    let mut x = line.x + 12;
    // Words come before pictures: a narrow pane has half the strip and all of the verdict.
    let halved = half(row.cells);
    let cells: &[Cell] = if line.width >= 78 { &row.cells } else { &halved };
    for cell in cells.iter().copied() {
        let (glyph, style) = match cell {
            Cell::Empty => (glyphs.empty, theme.usual),
            Cell::Light => (glyphs.light, theme.usual),
            Cell::Middle => (glyphs.middle, theme.middle),
            Cell::Dense => (glyphs.dense, theme.middle),
            Cell::Young => (glyphs.young, theme.usual),
            Cell::Now => (glyphs.now, outside),
            Cell::Off => (glyphs.off, outside),
        };
        draw.pen.put(x, line.y, 1, glyph, style);
        x += 1;
    }
    let style = if row.reach == Reach::Inside { theme.body } else { theme.primary };
    draw.pen.right(x + 1, line.y, 6, Shown::new(&row.now), style);
    x += 8;
    let usual: Ink = match days {
        0 => "no habit yet".into(),
        _ if matches!(row.label, "timing" | "event mix") => Shown::new(&row.usual).into(),
        _ => shown!("usual {}", row.usual).into(),
    };
    let room = if line.width >= 84 { 18 } else { 14 };
    draw.pen.put(x, line.y, room, usual, theme.faint);
    x += room + 1;
    if let Some(ratio) = &row.ratio {
        draw.pen.right(x, line.y, 5, Shown::new(ratio), outside);
    }
    x += 6;
    if let Some((verdict, new)) = &row.verdict {
        let style = if *new { theme.new } else { outside };
        let style = if row.reach == Reach::Inside && !*new { theme.faint } else { style };
        draw.pen.put(x, line.y, line.right().saturating_sub(x + 1), Shown::new(verdict), style);
    }
}
