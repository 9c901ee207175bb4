//! The evidence table: what was observed, what is usual, how often chance would do it, and the points that add up to the
//! risk. Three forms by width alone; each signal always takes the same number of lines. It must not know where points
//! come from.

use super::card::head;
use super::name::observed;
use super::pen::{Doc, Ink, shown};
use super::{Draw, quantity};
use crate::model::Alert;
use crate::model::alert::Signal;
use crate::text::Shown;

/// From this width on there is a table with a column each for observed and usual.
const TABLE: u16 = 96;
/// From this width on usual stands below observed; narrower, each has a line of its own.
const PAIRED: u16 = 66;
/// Signals told in full, and for which room is kept.
const KEPT: usize = 4;
/// Columns of the points' number, with the blank after it.
const NUMBER: u16 = 4;

/// Writes the section: what counts most in full, the rest on one line each, what counts nothing by name.
pub fn table(draw: &Draw<'_>, doc: &mut Doc, width: u16, alert: &Alert) {
    head(draw, doc, width, "Evidence", "");
    let mut signals: Vec<&Signal> = alert.signals.iter().collect();
    signals.sort_by_key(|signal| -signal.points);
    let grid = Grid::of(width);
    titles(draw, doc, grid);
    let none = signals.iter().skip(KEPT).filter(|signal| signal.points == 0).map(|signal| signal.detector.as_str());
    let none: Vec<&str> = none.collect();
    for (n, signal) in signals.iter().enumerate() {
        if n < KEPT {
            one(draw, doc, grid, signal, alert.risk);
        } else if signal.points != 0 {
            short(draw, doc, grid, signal, alert.risk);
        }
    }
    if !none.is_empty() {
        let text = shown!("seen too, without weight here: {}", none.join(", "));
        doc.line(2, width.saturating_sub(3), text, draw.ctx.theme.faint);
    }
    (signals.len()..KEPT).for_each(|_| (0..grid.lines).for_each(|_| doc.gap()));
    sum(draw, doc, grid, alert);
}

/// Where things stand, by the width alone.
#[derive(Clone, Copy)]
struct Grid {
    width: u16,
    lines: u16,
    observed: u16,
    usual: u16,
    odds: u16,
    points: u16,
    bar: u16,
}

impl Grid {
    fn of(width: u16) -> Self {
        let bar = if width >= TABLE { 10 } else { 6 };
        let points = width.saturating_sub(NUMBER + bar + 1);
        let odds = points.saturating_sub(12);
        let (lines, observed) = if width >= PAIRED { (2, 17) } else { (3, 4) };
        let usual = if width >= TABLE { observed + (odds - observed) * 11 / 20 } else { observed };
        Self { width, lines, observed, usual, odds, points, bar }
    }

    fn is_table(self) -> bool {
        self.width >= TABLE
    }
}

fn titles(draw: &Draw<'_>, doc: &mut Doc, grid: Grid) {
    let faint = draw.ctx.theme.faint;
    let first = grid.observed.max(Ink::from("Evidence").width() + 4);
    if grid.lines == 2 {
        doc.add(first, 24, if grid.is_table() { "observed" } else { "observed, usual below" }, faint);
    }
    if grid.is_table() {
        doc.add(grid.usual, 12, "usual", faint);
    }
    doc.add(grid.odds, 11, "by chance", faint);
    doc.add(grid.points, 10, "points", faint);
}

/// What is usual, or for a term that is no statistic why it counts.
fn reason(signal: &Signal) -> (&'static str, Shown) {
    let text = signal.baseline.strip_prefix("usual ").unwrap_or(&signal.baseline);
    (if signal.p.is_some() { "usual" } else { "" }, Shown::new(text))
}

/// A signal on one line.
fn short(draw: &Draw<'_>, doc: &mut Doc, grid: Grid, signal: &Signal, risk: u8) {
    let theme = &draw.ctx.theme;
    if grid.lines == 3 {
        doc.line(2, grid.odds.saturating_sub(3), Shown::new(&signal.detector), theme.body);
        numbers(draw, doc, grid, signal, risk);
        return;
    }
    doc.line(2, grid.observed - 3, Shown::new(&signal.detector), theme.body);
    numbers(draw, doc, grid, signal, risk);
    let end = if grid.is_table() { grid.usual.saturating_sub(2) } else { grid.odds.saturating_sub(1) };
    let room = end.saturating_sub(grid.observed);
    doc.add(grid.observed, room, observed(&signal.observed, room), theme.body);
    if grid.is_table() {
        let room = grid.odds.saturating_sub(grid.usual + 2);
        doc.add(grid.usual, room, reason(signal).1.middle(usize::from(room)), theme.faint);
    }
}

/// A signal in full; it always takes the same number of lines.
fn one(draw: &Draw<'_>, doc: &mut Doc, grid: Grid, signal: &Signal, risk: u8) {
    let theme = &draw.ctx.theme;
    let (word, usual) = reason(signal);
    doc.line(2, if grid.lines == 3 { grid.odds.saturating_sub(3) } else { grid.observed - 3 }, Shown::new(&signal.detector), theme.body);
    numbers(draw, doc, grid, signal, risk);
    if grid.is_table() {
        let (left, right) = (grid.usual - grid.observed - 2, grid.odds.saturating_sub(grid.usual + 2));
        let (observed, usual) = (Shown::new(&signal.observed).wrap(usize::from(left), 2), usual.wrap(usize::from(right), 2));
        for n in 0..2 {
            if n == 1 {
                doc.gap();
            }
            for (x, width, line, style) in
                [(grid.observed, left, observed.get(n), theme.body), (grid.usual, right, usual.get(n), theme.faint)]
            {
                if let Some(line) = line {
                    doc.add(x, width, line.clone(), style);
                }
            }
        }
        return;
    }
    let room = if grid.lines == 3 { grid.width.saturating_sub(5) } else { grid.odds.saturating_sub(grid.observed + 1) };
    if grid.lines == 3 {
        doc.gap();
    }
    doc.add(grid.observed, room, observed(&signal.observed, room), theme.body);
    let shift = if word.is_empty() { 0 } else { 6 };
    let room = grid.width.saturating_sub(grid.usual + shift + 1);
    doc.line(grid.usual, 6, word, theme.faint);
    doc.add(grid.usual + shift, room, usual.middle(usize::from(room)), theme.faint);
}

fn numbers(draw: &Draw<'_>, doc: &mut Doc, grid: Grid, signal: &Signal, risk: u8) {
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    doc.add(grid.odds, 11, shown!("{}", quantity::odds(signal.p)), theme.body);
    let number = signal.points.to_string();
    doc.add(grid.points + 3u16.saturating_sub(number.len() as u16), NUMBER, Shown::new(&number), theme.primary);
    let share = f64::from(signal.points.max(0)) / f64::from(risk.max(1));
    let full = ((share * f64::from(grid.bar)).round() as usize).min(usize::from(grid.bar));
    let style = if signal.points >= 20 { theme.high } else { theme.medium };
    doc.add(grid.points + NUMBER, grid.bar, shown!("{}", glyphs.thick.repeat(full)), style);
}

/// The last line: all points together are the risk.
fn sum(draw: &Draw<'_>, doc: &mut Doc, grid: Grid, alert: &Alert) {
    let theme = &draw.ctx.theme;
    let text = shown!("{:.1} bans; 50 points at {:.1}", alert.score.total, alert.score.threshold);
    doc.line(2, grid.odds.saturating_sub(3), text, theme.faint);
    doc.add(grid.odds, 6, "risk", theme.faint);
    let number = alert.risk.to_string();
    doc.add(grid.points + 3u16.saturating_sub(number.len() as u16), NUMBER, Shown::new(&number), theme.severity(alert.severity));
}
