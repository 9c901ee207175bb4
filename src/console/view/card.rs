//! The alert card: the sentence, the evidence that adds up to the risk, then everything else that is known, in the same
//! order for every detector. The first blocks have fixed heights, so that nothing jumps from one alert to the next.

use super::chrome::{Title, title};
use super::pen::{Doc, Ink, shown};
use super::{Draw, quantity};
use crate::console::app::place::Pane;
use crate::console::desk::Slot;
use crate::model::alert::{Sequence, Signal};
use crate::model::decision::AuditRow;
use crate::model::{Alert, Status};
use crate::text::Shown;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Lines the sentence always takes.
const SENTENCE: usize = 3;
/// Below this width a signal takes three lines instead of a table row.
const NARROW: u16 = 66;
/// Signals for which room is kept.
const SIGNALS: usize = 4;

/// Draws the card of the alert on screen.
pub fn card(draw: &mut Draw<'_>, area: Rect) {
    let app = draw.app;
    let focused = draw.focused(Pane::Card);
    let Some((alert, history)) = app.card() else {
        let state: Ink = match (app.card_here(), app.data.errors.get(&Slot::Alert)) {
            (None, _) => "select an alert to see what it stands on".into(),
            (_, Some(error)) => Shown::new(error).into(),
            _ => "…".into(),
        };
        title(draw, area, Title { name: "Evidence".into(), state, meta: "".into(), focused });
        return;
    };
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    let keys = app.keys(Pane::Feed);
    let place = keys.iter().position(|key| *key == alert.id.to_string());
    let meta = place.map_or_else(Shown::default, |n| shown!("{}/{}", n + 1, keys.len()));
    let name = Shown::new(&alert.identity.name).cut(usize::from(area.width / 2));
    let after = area.x + name.width() as u16 + if name.odd() { 6 } else { 4 };
    let body = title(draw, area, Title { name: name.into(), state: "".into(), meta: meta.into(), focused });
    let grave = shown!("{} {}  risk {}", glyphs.of(alert.severity), alert.severity, alert.risk);
    let used = draw.pen.put(after, area.y, area.right().saturating_sub(after + 8), grave, theme.severity(alert.severity)) + 3;
    draw.pen.put(after + used, area.y, area.right().saturating_sub(after + used + 8), status(alert), theme.faint);
    let doc = write(draw, body.width, alert, history);
    let len = doc.lines.len();
    // The last row says that there is more, so that no line is cut by it.
    let room = Rect { height: if len > usize::from(body.height) { body.height - 1 } else { body.height }, ..body };
    let top = draw.lines(Pane::Card, room, len);
    doc.draw(&mut draw.pen, room, top);
    let below = len.saturating_sub(top + usize::from(room.height));
    if below > 0 {
        let text = if focused { shown!("… {below} more lines, j scrolls") } else { shown!("… {below} more lines") };
        let style = draw.ctx.theme.faint;
        draw.pen.put(body.x + 2, room.bottom(), body.width.saturating_sub(3), text, style);
    }
}

fn status(alert: &Alert) -> Shown {
    let mut text = alert.status.as_str().replace('_', " ");
    if let Some(verdict) = alert.verdict.filter(|_| alert.status == Status::Closed) {
        text = format!("{text} as {}", verdict.as_str().replace('_', " "));
    }
    if let Some(holder) = &alert.assigned {
        text = format!("{text} · {holder}");
    }
    Shown::new(&text)
}

fn write(draw: &Draw<'_>, width: u16, alert: &Alert, history: &[AuditRow]) -> Doc {
    let theme = &draw.ctx.theme;
    let mut doc = Doc::default();
    let text = width.saturating_sub(4);
    let used = doc.wrapped(2, text, &Shown::new(&alert.sentence), SENTENCE, theme.primary);
    (used..SENTENCE).for_each(|_| doc.gap());
    let zone = draw.ctx.zone;
    let mut times = format!("began {} · raised {}", zone.full(alert.onset), zone.full(alert.raised));
    if alert.updated != alert.raised {
        times = format!("{times} · last {}", zone.full(alert.updated));
    }
    doc.line(2, text, Shown::new(&times), theme.faint);
    evidence(draw, &mut doc, width, alert);
    for sequence in &alert.sequences {
        steps(draw, &mut doc, width, sequence);
    }
    let reach = reach(alert);
    section(draw, &mut doc, width, "What could have been reached", "", &reach, draw.ctx.glyphs.severity[0]);
    section(draw, &mut doc, width, "Check", "", &alert.guidance.check, "?");
    section(draw, &mut doc, width, "Harmless if", "", &alert.guidance.benign, draw.ctx.glyphs.done);
    section(draw, &mut doc, width, "Contain", "least destructive first", &alert.guidance.contain, draw.ctx.glyphs.open);
    section(draw, &mut doc, width, "Weighed against it", "", &alert.mitigations, "-");
    section(draw, &mut doc, width, "What would change this", "", &alert.counterfactuals, draw.ctx.glyphs.severity[0]);
    section(draw, &mut doc, width, "Not observable", "", &alert.not_observable, draw.ctx.glyphs.missing);
    let said: Vec<String> = history
        .iter()
        .rev()
        .map(|row| {
            let note = if row.note.is_empty() { String::new() } else { format!(": {}", row.note) };
            format!("{} {} {}{note}", zone.full(row.time), row.who, row.what)
        })
        .collect();
    section(draw, &mut doc, width, "History", "newest first", &said, draw.ctx.glyphs.severity[0]);
    let tags: Vec<String> = alert.frameworks.iter().map(|tag| format!("{} {}", tag.framework, tag.id)).collect();
    let made = &alert.provenance;
    let mut origin = vec![
        format!("alert {} · {} events", alert.id, alert.events.count),
        format!("baseline of {} · {} active days · use case {}", made.baseline_day, made.active_days, made.use_case),
        format!("model {} · context {}", made.model, made.context),
    ];
    if !tags.is_empty() {
        origin.push(tags.join(" · "));
    }
    section(draw, &mut doc, width, "Where this comes from", "", &origin, draw.ctx.glyphs.severity[0]);
    doc
}

fn head(draw: &Draw<'_>, doc: &mut Doc, width: u16, name: &'static str, state: &'static str) {
    let theme = &draw.ctx.theme;
    doc.line(0, 1, draw.ctx.glyphs.tick, theme.rule);
    doc.add(1, width.saturating_sub(2), name, theme.body);
    doc.add(4 + Ink::from(name).width(), width, state, theme.faint);
}

fn section(draw: &Draw<'_>, doc: &mut Doc, width: u16, name: &'static str, state: &'static str, items: &[String], glyph: &'static str) {
    if items.is_empty() {
        return;
    }
    doc.gap();
    head(draw, doc, width, name, state);
    let theme = &draw.ctx.theme;
    for item in items {
        for (n, line) in Shown::new(item).wrap(usize::from(width.saturating_sub(6)), 4).into_iter().enumerate() {
            doc.line(4, width.saturating_sub(5), line, theme.body);
            if n == 0 {
                doc.add(2, 1, glyph, theme.faint);
            }
        }
    }
}

/// The table: what was observed, what is usual, how rare, and its share of the risk.
fn evidence(draw: &Draw<'_>, doc: &mut Doc, width: u16, alert: &Alert) {
    let theme = &draw.ctx.theme;
    head(draw, doc, width, "Evidence", "");
    if width < NARROW {
        stacked(draw, doc, width, alert);
        return;
    }
    // From the right: points with a bar, odds; observed and usual share the rest. All by width alone.
    let points = if width >= 90 { 14 } else { 9 };
    let odds = 11;
    let detector = if width >= 70 { 15 } else { 12 };
    let rest = width.saturating_sub(2 + detector + odds + points + 1);
    let (observed, usual) = (rest * 11 / 20, rest - rest * 11 / 20);
    let columns = Columns { detector, observed, usual, odds, points };
    let x = columns.places();
    let at = Ink::from("Evidence").width() + 3;
    doc.add(x[1].max(at), observed - 1, "observed", theme.faint);
    doc.add(x[2], usual - 1, "usual", theme.faint);
    doc.add(x[3], odds - 1, "by chance", theme.faint);
    doc.add(x[4], points, "points", theme.faint);
    let mut signals: Vec<&Signal> = alert.signals.iter().collect();
    signals.sort_by_key(|signal| -signal.points);
    for signal in &signals {
        one_signal(draw, doc, columns, signal, alert.risk);
    }
    for _ in signals.len()..SIGNALS {
        doc.gap();
        doc.gap();
    }
    let score = &alert.score;
    let sum = format!("score {:.1} bans; 50 points at {:.1}", score.total, score.threshold);
    doc.line(2, x[3].saturating_sub(3), Shown::new(&sum), theme.faint);
    doc.add(x[3], odds - 1, "risk", theme.faint);
    let indent = if alert.risk > 99 { 0 } else { 1 + u16::from(alert.risk < 10) };
    doc.add(x[4] + indent, 4, shown!("{}", alert.risk), theme.severity(alert.severity));
}

/// The same without a table: what, odds and points; observed; usual.
fn stacked(draw: &Draw<'_>, doc: &mut Doc, width: u16, alert: &Alert) {
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    let bar = 8;
    let (odds, points) = (width.saturating_sub(29), width.saturating_sub(15));
    doc.add(odds, 11, "by chance", theme.faint);
    doc.add(points, 14, "points", theme.faint);
    let mut signals: Vec<&Signal> = alert.signals.iter().collect();
    signals.sort_by_key(|signal| -signal.points);
    for signal in &signals {
        let full = (f64::from(signal.points.max(0)) / f64::from(alert.risk.max(1)) * f64::from(bar)).round() as usize;
        doc.line(2, odds.saturating_sub(3), Shown::new(&signal.detector), theme.primary);
        doc.add(odds, 13, shown!("{}", quantity::odds(signal.p)), theme.body);
        let number = signal.points.to_string();
        doc.add(points + 3u16.saturating_sub(number.len() as u16), 4, Shown::new(&number), theme.primary);
        doc.add(points + 4, bar, shown!("{}", glyphs.thick.repeat(full.min(8))), severity_bar(draw, signal.points));
        doc.line(4, width.saturating_sub(5), Shown::new(&signal.observed), theme.body);
        doc.line(4, 6, "usual", theme.faint);
        doc.add(10, width.saturating_sub(11), Shown::new(&signal.baseline), theme.faint);
    }
    (signals.len()..SIGNALS).for_each(|_| (0..3).for_each(|_| doc.gap()));
    let sum = format!("{:.1} bans, 50 pts at {:.1}", alert.score.total, alert.score.threshold);
    doc.line(2, odds.saturating_sub(3), Shown::new(&sum), theme.faint);
    doc.add(odds, 6, "risk", theme.faint);
    let indent = if alert.risk > 99 { 0 } else { 1 + u16::from(alert.risk < 10) };
    doc.add(points + indent, 4, shown!("{}", alert.risk), theme.severity(alert.severity));
}

#[derive(Clone, Copy)]
struct Columns {
    detector: u16,
    observed: u16,
    usual: u16,
    odds: u16,
    points: u16,
}

impl Columns {
    fn places(self) -> [u16; 5] {
        let observed = 2 + self.detector;
        let usual = observed + self.observed;
        let odds = usual + self.usual;
        [2, observed, usual, odds, odds + self.odds]
    }
}

/// Two lines, whatever it says.
fn one_signal(draw: &Draw<'_>, doc: &mut Doc, columns: Columns, signal: &Signal, risk: u8) {
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    let x = columns.places();
    let observed = Shown::new(&signal.observed).wrap(usize::from(columns.observed.saturating_sub(2)), 2);
    let usual = Shown::new(&signal.baseline).wrap(usize::from(columns.usual.saturating_sub(2)), 2);
    let bar = columns.points.saturating_sub(5);
    let full = (f64::from(signal.points.max(0)) / f64::from(risk.max(1)) * f64::from(bar)).round() as usize;
    for n in 0..2 {
        doc.gap();
        if n == 0 {
            doc.add(x[0], columns.detector - 1, Shown::new(&signal.detector), theme.body);
            doc.add(x[3], columns.odds - 1, shown!("{}", quantity::odds(signal.p)), theme.body);
            let number = signal.points.to_string();
            let indent = 3u16.saturating_sub(number.len() as u16);
            doc.add(x[4] + indent, 4, Shown::new(&number), theme.primary);
            doc.add(x[4] + 4, bar, shown!("{}", glyphs.thick.repeat(full.min(usize::from(bar)))), severity_bar(draw, signal.points));
        }
        if let Some(line) = observed.get(n) {
            doc.add(x[1], columns.observed - 1, line.clone(), theme.body);
        }
        if let Some(line) = usual.get(n) {
            doc.add(x[2], columns.usual - 1, line.clone(), theme.faint);
        }
    }
}

fn severity_bar(draw: &Draw<'_>, points: i32) -> Style {
    let theme = &draw.ctx.theme;
    if points >= 20 { theme.high } else { theme.medium }
}

fn steps(draw: &Draw<'_>, doc: &mut Doc, width: u16, sequence: &Sequence) {
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    doc.gap();
    head(draw, doc, width, "Sequence", "");
    let all = sequence.steps.len() + sequence.missing.len();
    doc.add(12, width, shown!("{}   {} of {all} steps", sequence.id, sequence.steps.len()), theme.faint);
    for step in &sequence.steps {
        doc.line(2, 1, glyphs.done, theme.high);
        doc.add(4, 11, draw.ctx.zone.short(step.time), theme.faint);
        doc.add(16, width.saturating_sub(17), Shown::new(&step.name), theme.body);
    }
    for missing in &sequence.missing {
        doc.line(2, 1, glyphs.severity[0], theme.faint);
        doc.add(4, 11, "not seen", theme.faint);
        doc.add(16, width.saturating_sub(17), Shown::new(missing), theme.faint);
    }
}

fn reach(alert: &Alert) -> Vec<String> {
    let radius = &alert.blast_radius;
    let parts: Vec<String> = [
        (radius.rows, "row", "rows"),
        (radius.objects, "object", "objects"),
        (radius.credentials, "credential made", "credentials made"),
        (radius.identities, "other identity", "other identities"),
        (radius.tenants, "tenant", "tenants"),
    ]
    .iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, one, many)| format!("{} {}", quantity::count(*n as f64), if *n == 1 { one } else { many }))
    .chain((radius.bytes > 0).then(|| quantity::bytes(radius.bytes as f64)))
    .collect();
    if parts.is_empty() { Vec::new() } else { vec![parts.join(" · ")] }
}
