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
use crate::report::history;
use crate::text::Shown;
use ratatui::layout::Rect;

/// Lines the sentence always takes; one more on a narrow card.
const SENTENCE: usize = 3;

/// From this width on times stand on one line.
const TIMES: u16 = 78;

/// From this width on there are two columns of guidance.
const PAIRED: u16 = 96;

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
    let place = app.feed_rows().position(|row| row.id == alert.id);
    let alerts = app.data.feed_order.len();
    let meta = match place {
        Some(n) if n < alerts => shown!("{}/{alerts}", n + 1),
        Some(n) => shown!("finding {}/{}", n + 1 - alerts, app.data.findings_order.len()),
        None => Shown::default(),
    };
    // How grave it is and where it stands must be whole beside the name, which the sentence begins with anyway.
    let standing = status(alert);
    let room = usize::from(area.width).saturating_sub(38 + standing.width()).max(12);
    let name = Shown::new(&alert.identity.name).middle(room);
    let after = area.x + name.width() as u16 + if name.odd() { 6 } else { 4 };
    let body = title(draw, area, Title { name: name.into(), state: "".into(), meta: meta.into(), focused });
    let grave = shown!("{} {}  risk {}", glyphs.of(alert.severity), alert.severity, alert.risk);
    let used = draw.pen.put(after, area.y, area.right().saturating_sub(after + 8), grave, theme.severity(alert.severity)) + 3;
    draw.pen.put(after + used, area.y, area.right().saturating_sub(after + used + 8), standing, theme.faint);
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
    Shown::new(&text)
}

fn write(draw: &Draw<'_>, width: u16, alert: &Alert, history: &[AuditRow]) -> Doc {
    let theme = &draw.ctx.theme;
    let mut doc = Doc::default();
    let text = width.saturating_sub(4);
    let most = if width >= PAIRED { SENTENCE } else { SENTENCE + 1 };
    let used = doc.wrapped(2, text, &Shown::new(&alert.sentence), most, theme.primary);
    (used..most).for_each(|_| doc.gap());
    let zone = draw.ctx.zone;
    let began = if alert.onset == alert.raised {
        format!("began and raised {}", zone.full(alert.onset))
    } else {
        format!("began {} · raised {}", zone.full(alert.onset), zone.full(alert.raised))
    };
    let last = if alert.updated == alert.raised { String::new() } else { format!(" · last {}", zone.full(alert.updated)) };
    // A narrow card always has two lines for it.
    let lines = if width >= TIMES { 1 } else { 2 };
    let used = doc.wrapped(2, text, &Shown::new(&format!("{began}{last}")), lines, theme.faint);
    (used..lines).for_each(|_| doc.gap());
    let owner = alert.identity.owner.as_ref().map_or_else(|| "no owner known".to_owned(), |owner| format!("owner {owner}"));
    doc.line(2, text, shown!("reached so far"), theme.faint);
    let holder = alert.assigned.as_ref().map(|holder| format!(" · held by {holder}")).unwrap_or_default();
    doc.add(17, text.saturating_sub(15), shown!("{} · {owner}{holder}", reach(alert)), theme.body);
    signals::table(draw, &mut doc, width, alert);
    for sequence in &alert.sequences {
        steps(draw, &mut doc, width, sequence);
    }
    let glyphs = &draw.ctx.glyphs;
    let guidance = &alert.guidance;
    let (mut left, mut right) = (Doc::default(), Doc::default());
    let half = if width >= PAIRED { width / 2 } else { width };
    section(draw, &mut left, half, "Check", "", &guidance.check, "?");
    section(draw, &mut left, half, "Harmless if", "", &guidance.benign, glyphs.done);
    section(draw, &mut right, half, "Contain", "least destructive first", &guidance.contain, glyphs.open);
    section(draw, &mut right, half, "Weighed against it", "", &alert.mitigations, "-");
    if width >= PAIRED {
        doc.beside(left, right, half);
    } else {
        doc.lines.extend(left.lines.into_iter().chain(right.lines));
    }
    section(draw, &mut doc, width, "What would change this", "", &alert.counterfactuals, glyphs.severity[0]);
    section(draw, &mut doc, width, "Not observable", "", &alert.not_observable, glyphs.missing);
    let said: Vec<String> = history
        .iter()
        .rev()
        .map(|row| {
            let note = if row.note.is_empty() { String::new() } else { format!(": {}", row.note) };
            format!("{}  {} {}{note}", zone.full(row.time), row.who, history::tell(row))
        })
        .collect();
    section(draw, &mut doc, width, "History", "newest first", &said, glyphs.severity[0]);
    let made = &alert.provenance;
    let mut origin = vec![
        format!("alert {} · {} events", alert.id, alert.events.count),
        format!("baseline of {} · {} active days · use case {}", made.baseline_day, made.active_days, made.use_case),
        format!("model {} · context {}", made.model, made.context),
    ];
    let mut names: Vec<&str> = alert.frameworks.iter().map(|tag| tag.framework.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let ids: Vec<&str> = alert.frameworks.iter().filter(|tag| tag.framework == name).map(|tag| tag.id.as_str()).collect();
        origin.push(format!("{name}: {}", ids.join(" ")));
    }
    section(draw, &mut doc, width, "Where this comes from", "", &origin, glyphs.severity[0]);
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

/// A sequence as one flow of steps with their times; the date stands where it changes.
fn steps(draw: &Draw<'_>, doc: &mut Doc, width: u16, sequence: &Sequence) {
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    let all = sequence.steps.len() + sequence.missing.len();
    let done = sequence.missing.is_empty();
    head(draw, doc, width, "Sequence", "");
    doc.add(11, width, shown!("{}   {} of {all} steps", sequence.id, sequence.steps.len()), if done { theme.high } else { theme.faint });
    let zone = draw.ctx.zone;
    let mut day = String::new();
    let mut flow = Vec::new();
    for step in &sequence.steps {
        let short = zone.short(step.time).to_string();
        let time = if short.starts_with(&day) && !day.is_empty() { zone.minute(step.time) } else { short.clone() };
        day = short.chars().take(5).collect();
        flow.push(format!("{time} {}", step.name));
    }
    let room = width.saturating_sub(6);
    let lines = Shown::new(&flow.join(" → ")).wrap(usize::from(room), 4);
    for (n, line) in lines.into_iter().enumerate() {
        doc.line(4, room, line, theme.body);
        if n == 0 {
            doc.add(2, 1, glyphs.done, theme.high);
        }
    }
    if !done {
        doc.line(4, room, shown!("not seen: {}", sequence.missing.join(", ")), theme.faint);
        doc.add(2, 1, glyphs.severity[0], theme.faint);
    }
}

fn reach(alert: &Alert) -> String {
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
    if parts.is_empty() { "nothing that is counted".to_owned() } else { parts.join(" · ") }
}
