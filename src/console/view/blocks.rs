//! What stands behind the strips of one identity: sources, clients, objects, the event mix, bulk jobs, the week and the
//! day. How many rows each gets depends on the room alone. It must not know what is unusual enough for an alert.

use super::chrome::{Title, title};
use super::detail::below;
use super::identities::spark;
use super::name::{name, network};
use super::pen::{Ink, shown};
use super::strip::is_unusual;
use super::{Draw, quantity};
use crate::model::page::{IdentityPage, JobRow, UsualNow};
use crate::text::Shown;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Rows of the week: title, seven days, hours.
const GRID: u16 = 9;

/// Below this width a block shows less of the past.
const NARROW: u16 = 36;

/// A change of share that is worth a word.
pub const SHIFT: f64 = 0.15;

/// What stands behind the strips, in two columns; how many rows each gets depends on the room alone.
pub fn blocks(draw: &mut Draw<'_>, area: Rect, page: &IdentityPage) {
    if area.height < 3 {
        return;
    }
    // Before anything is learnt everything would be new: that says nothing.
    let unlearnt;
    let page = if page.usual.days == 0 {
        let mut plain = page.clone();
        for value in plain.sources.iter_mut().chain(&mut plain.agents).chain(&mut plain.domains).chain(&mut plain.actions) {
            value.new = false;
        }
        unlearnt = plain;
        &unlearnt
    } else {
        page
    };
    let mut area = area;
    if area.height >= 36 {
        activity(draw, Rect { height: 9, ..area }, page);
        area = below(area, 10);
    }
    // Operations have the longest names; with little room they get more of it than sources.
    let half = if area.width < 100 { area.width * 11 / 25 } else { area.width / 2 };
    let left = Rect { width: half.saturating_sub(1), ..area };
    let right = Rect { x: area.x + half, width: area.width - half, ..area };
    let h = area.height;
    if h < 6 {
        sources(draw, left, &page.sources);
        mix(draw, right, &page.actions);
    } else if h < 17 {
        let first = h.div_ceil(2);
        sources(draw, Rect { height: first, ..left }, &page.sources);
        shares(draw, below(left, first), "Objects", &page.domains);
        mix(draw, Rect { height: first, ..right }, &page.actions);
        jobs(draw, below(right, first), &page.jobs);
    } else if h < 28 {
        let lists = h - GRID;
        let first = lists.div_ceil(2);
        sources(draw, Rect { height: first, ..left }, &page.sources);
        shares(draw, Rect { height: lists - first, ..below(left, first) }, "Clients", &page.agents);
        week(draw, below(left, lists), page);
        let quarter = (h / 4).max(4);
        let most = h - 2 * quarter;
        mix(draw, Rect { height: most, ..right }, &page.actions);
        shares(draw, Rect { height: quarter, ..below(right, most) }, "Objects", &page.domains);
        jobs(draw, below(right, most + quarter), &page.jobs);
    } else {
        // Three rows of blocks, aligned across.
        let first = (h - GRID) * 3 / 5;
        let second = h - GRID - first;
        sources(draw, Rect { height: first - 1, ..left }, &page.sources);
        mix(draw, Rect { height: first - 1, ..right }, &page.actions);
        shares(draw, Rect { height: second - 1, ..below(left, first) }, "Clients", &page.agents);
        shares(draw, Rect { height: second - 1, ..below(right, first) }, "Objects", &page.domains);
        week(draw, below(left, first + second), page);
        jobs(draw, Rect { height: GRID, ..below(right, first + second) }, &page.jobs);
    }
}

fn sources(draw: &mut Draw<'_>, area: Rect, values: &[UsualNow]) {
    listed(draw, area, "Sources", values, network);
}

fn shares(draw: &mut Draw<'_>, area: Rect, title: &'static str, values: &[UsualNow]) {
    listed(draw, area, title, values, name);
}

/// Values with how usual they were, how common they are now, and since when: new ones first, with `+` and `NEW`.
fn listed(draw: &mut Draw<'_>, area: Rect, name: &'static str, values: &[UsualNow], short: fn(&str, u16) -> Shown) {
    if area.height < 2 {
        return;
    }
    let theme = &draw.ctx.theme;
    let new = values.iter().filter(|value| value.new).count();
    let state: Ink = if new > 0 { shown!("{new} new").into() } else { "".into() };
    // A narrow block keeps the name readable and lets go of dates; `+` marks what is new, the title counts it.
    let narrow = area.width < NARROW;
    let past = area.width >= 28;
    let meta: Ink = match (narrow, past) {
        (true, false) => "now  ".into(),
        (true, true) => "usual now  ".into(),
        _ => "usual   now    since".into(),
    };
    let body = title(draw, area, Title { name: name.into(), state, meta, focused: false });
    let room = more(draw, body, values.len());
    for (n, value) in values.iter().take(room).enumerate() {
        let y = body.y + n as u16;
        // From the right: first seen or NEW, now, usual; the name takes the rest.
        let since = body.right().saturating_sub(if narrow { 0 } else { 9 });
        let now = since.saturating_sub(6);
        let usual = if past { now.saturating_sub(6) } else { now };
        if value.new {
            draw.pen.put(body.x + 1, y, 1, "+", theme.new);
            if !narrow {
                let age = value.first.map_or_else(String::new, |at| quantity::span(draw.moment().since(at)));
                draw.pen.right(since, y, 4, Shown::new(&age), theme.faint);
                draw.pen.right(since, y, 8, "NEW", theme.new);
            }
        } else if let Some(first) = value.first.filter(|_| !narrow) {
            draw.pen.right(since, y, 8, shown!("{}", draw.ctx.zone.month(first)), theme.faint);
        }
        bar(draw, now, y, value.now, if value.new { theme.new } else { theme.middle });
        if past {
            bar(draw, usual, y, value.usual, theme.middle);
        }
        let room = usual.saturating_sub(body.x + 3);
        let text = short(&value.text, room);
        let style = if value.new { theme.primary } else { theme.body };
        let used = draw.pen.put(body.x + 2, y, room, text, style);
        if room > used + 4 {
            draw.pen.put(body.x + 3 + used, y, room - used - 1, Shown::new(&value.detail), theme.faint);
        }
    }
}

/// A bar of five columns for a share.
fn bar(draw: &mut Draw<'_>, x: u16, y: u16, share: f64, style: Style) {
    let glyphs = &draw.ctx.glyphs;
    let halves = if share > 0.0 { ((share * 10.0).round() as u16).clamp(1, 10) } else { 0 };
    if halves == 0 {
        let style = draw.ctx.theme.usual;
        draw.pen.put(x, y, 1, glyphs.empty, style);
    }
    draw.pen.line(x, y, halves / 2, glyphs.thick, style);
    if halves % 2 == 1 {
        draw.pen.put(x + halves / 2, y, 1, glyphs.half, style);
    }
}

/// How many rows fit; the last one tells how many more there are.
fn more(draw: &mut Draw<'_>, body: Rect, len: usize) -> usize {
    let rows = usize::from(body.height);
    if len <= rows || rows == 0 {
        return rows;
    }
    let style = draw.ctx.theme.faint;
    draw.pen.put(body.x + 2, body.bottom() - 1, body.width.saturating_sub(3), shown!("… {} more", len - rows + 1), style);
    rows - 1
}

fn mix(draw: &mut Draw<'_>, area: Rect, actions: &[UsualNow]) {
    if area.height < 2 {
        return;
    }
    let theme = &draw.ctx.theme;
    let meta: Ink = if area.width >= 60 { "usual →  now       ".into() } else { "usual →  now    ".into() };
    let new = actions.iter().filter(|value| value.new).count();
    let state: Ink = if new > 0 { shown!("{new} new").into() } else { "".into() };
    let body = title(draw, area, Title { name: "Event mix".into(), state, meta, focused: false });
    let room = more(draw, body, actions.len());
    // What has changed first, new operations next, then what there is most of.
    let mut actions: Vec<&UsualNow> = actions.iter().collect();
    let rank = |value: &UsualNow| ((value.now - value.usual).abs() < SHIFT, !value.new);
    actions.sort_by(|a, b| rank(a).cmp(&rank(b)).then(b.now.max(b.usual).total_cmp(&a.now.max(a.usual))));
    for (n, value) in actions.into_iter().take(room).enumerate() {
        let y = body.y + n as u16;
        let change = value.now - value.usual;
        let at = body.right().saturating_sub(if body.width >= 60 { 20 } else { 17 });
        let wide = body.width >= 60;
        let style = if change.abs() >= SHIFT { theme.primary } else { theme.body };
        let room = at.saturating_sub(body.x + if wide { 9 } else { 2 });
        draw.pen.put(body.x + 2, y, room, name(&value.text, room), style);
        if wide {
            bar(draw, at.saturating_sub(6), y, value.now, if change >= SHIFT { theme.medium } else { theme.middle });
        }
        draw.pen.right(at, y, 5, shown!("{}", quantity::percent(value.usual)), theme.faint);
        draw.pen.put(at + 6, y, 1, "→", theme.faint);
        draw.pen.right(at + 7, y, 5, shown!("{}", quantity::percent(value.now)), style);
        if value.new {
            draw.pen.put(body.x + 1, y, 1, "+", theme.new);
            draw.pen.put(at + 13, y, 4, "NEW", theme.new);
        } else if change.abs() >= SHIFT {
            draw.pen.put(at + 13, y, 4, if change > 0.0 { "up" } else { "down" }, theme.medium);
        }
    }
}

fn jobs(draw: &mut Draw<'_>, area: Rect, jobs: &[JobRow]) {
    if area.height < 2 {
        return;
    }
    let theme = &draw.ctx.theme;
    let narrow = area.width < NARROW;
    let meta: Ink = if narrow { "rows ".into() } else { "rows    bytes  ".into() };
    let body = title(draw, area, Title { name: "Bulk jobs".into(), state: "".into(), meta, focused: false });
    if jobs.is_empty() {
        draw.pen.put(body.x + 2, body.y, body.width.saturating_sub(3), "none", theme.faint);
        return;
    }
    let room = more(draw, body, jobs.len());
    for (n, job) in jobs.iter().take(room).enumerate() {
        let y = body.y + n as u16;
        let at = body.right().saturating_sub(if narrow { 8 } else { 17 });
        draw.pen.put(body.x + 2, y, 11, draw.ctx.zone.short(job.time), theme.faint);
        let used = draw.pen.put(body.x + 14, y, at.saturating_sub(body.x + 15), Shown::new(&job.domain), theme.body);
        let x = body.x + 15 + used;
        if job.deleted && x + 7 <= at {
            draw.pen.put(x, y, at.saturating_sub(x), "deleted", theme.medium);
        }
        draw.pen.right(at, y, 6, shown!("{}", quantity::count(job.rows as f64)), theme.body);
        draw.pen.right(at + 6, y, if narrow { 0 } else { 9 }, shown!("{}", quantity::bytes(job.bytes as f64)), theme.faint);
    }
}

/// The week: shade is how much of the past lies in an hour, `×` is now where the past never was.
fn week(draw: &mut Draw<'_>, area: Rect, page: &IdentityPage) {
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    let meta = shown!("{} now, unusual", glyphs.over);
    let body = title(draw, area, Title { name: "Runs at, UTC".into(), state: "".into(), meta: meta.into(), focused: false });
    if body.height < 8 {
        return;
    }
    let past = &page.usual.hours;
    let most = past.iter().copied().fold(0.0, f64::max);
    for (day, word) in ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"].into_iter().enumerate() {
        let y = body.y + day as u16;
        draw.pen.put(body.x + 2, y, 2, word, theme.faint);
        for hour in 0..24 {
            let at = (day * 24 + hour) as u8;
            let share = past.get(usize::from(at)).copied().unwrap_or(0.0);
            let now = page.now.hours.iter().any(|(h, n)| *h == at && *n > 0);
            let (glyph, style) = match share / most {
                _ if now && most > 0.0 && is_unusual(past, at) => (glyphs.over, theme.high),
                part if part > 0.66 => (glyphs.dense, theme.middle),
                part if part > 0.25 => (glyphs.middle, theme.middle),
                part if part > 0.01 => (glyphs.light, theme.usual),
                _ => (glyphs.empty, theme.usual),
            };
            draw.pen.put(body.x + 5 + hour as u16, y, 1, glyph, style);
        }
    }
    for (hour, word) in [(0, "0"), (6, "6"), (12, "12"), (18, "18"), (23, "23")] {
        draw.pen.put(body.x + 5 + hour, body.y + 7, 2, word, theme.faint);
    }
}

/// Events in each of the last 24 hours, as columns; empty hours are drawn too.
fn activity(draw: &mut Draw<'_>, area: Rect, page: &IdentityPage) {
    let Some(row) = &page.row else { return };
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    let most = row.activity.iter().copied().max().unwrap_or(0);
    let meta = shown!("highest {}   usual a day {}", quantity::count(f64::from(most)), quantity::count(row.usual_day));
    let body = title(draw, area, Title { name: "Events per hour, last 24 h".into(), state: "".into(), meta: meta.into(), focused: false });
    let chart = body.height.saturating_sub(2);
    let column = (body.width.saturating_sub(10) / 24).clamp(1, 3);
    let first = 24usize.saturating_sub(row.activity.len());
    for (n, value) in row.activity.iter().enumerate() {
        let x = body.x + 7 + (first + n) as u16 * column;
        // Eighths of a row, so that small hours still show.
        let eighths = u64::from(*value) * u64::from(chart) * 8 / u64::from(most.max(1));
        let eighths = if *value > 0 { eighths.max(1) } else { 0 } as u16;
        for level in 0..chart {
            let fill = eighths.saturating_sub(level * 8).min(8);
            if fill > 0 {
                draw.pen.line(x, body.y + chart - 1 - level, column.max(2) - 1, glyphs.spark[usize::from(fill)], theme.middle);
            }
        }
        if *value == 0 {
            draw.pen.line(x, body.y + chart - 1, column.max(2) - 1, glyphs.empty, theme.usual);
        }
    }
    draw.pen.right(body.x, body.y, 6, shown!("{}", quantity::count(f64::from(most))), theme.faint);
    draw.pen.right(body.x, body.y + chart.saturating_sub(1), 6, "0", theme.faint);
    for back in [24u16, 18, 12, 6, 1] {
        let at = draw.moment().plus(-i64::from(back - 1) * crate::model::time::HOUR);
        let hour: String = draw.ctx.zone.minute(at).chars().take(2).collect();
        draw.pen.put(body.x + 7 + (24 - back) * column, body.y + chart, 3, shown!("{hour}h"), theme.faint);
    }
    // A sparkline stands in where there is no room for columns.
    if chart < 2 {
        spark(draw, body.x + 7, body.y, 24, &row.activity, theme.middle);
    }
}
