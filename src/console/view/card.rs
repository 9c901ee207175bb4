//! The alert card: the sentence, the evidence that adds up to the risk, then everything else that is known, in the same
//! order for every detector. The first blocks have fixed heights, so that nothing jumps from one alert to the next.

use super::chrome::{Title, title};
use super::pen::{Doc, Ink, shown};
use super::{Draw, quantity, signals};
use crate::console::app::place::Pane;
use crate::console::desk::Slot;
use crate::model::alert::Sequence;
use crate::model::decision::AuditRow;
use crate::model::{Alert, Status};
use crate::text::Shown;
use ratatui::layout::Rect;

/// Lines the sentence always takes.
const SENTENCE: usize = 3;

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
    times = match &alert.identity.owner {
        Some(owner) => format!("{times} · owner {owner}"),
        None => format!("{times} · no owner known"),
    };
    doc.line(2, text, Shown::new(&times), theme.faint);
    signals::table(draw, &mut doc, width, alert);
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

/// A section's title line.
pub fn head(draw: &Draw<'_>, doc: &mut Doc, width: u16, name: &'static str, state: &'static str) {
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
