//! The frame around every screen: header, tabs, section titles, hints and the toast. A section is one row, `▎Title
//! state … meta`; boxes are for overlays only. It must not know what a section holds.

use super::pen::{Ink, shown};
use super::{Draw, quantity};
use crate::console::action::Action;
use crate::console::app::Mode;
use crate::console::app::place::{Pane, Screen};
use crate::console::app::says::Level;
use crate::console::desk::Slot;
use crate::model::Severity;
use crate::text::Shown;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A title row.
#[derive(Debug)]
pub struct Title {
    /// What the section shows.
    pub name: Ink,
    /// Its state, beside the name.
    pub state: Ink,
    /// Numbers, at the right end.
    pub meta: Ink,
    /// It has the focus.
    pub focused: bool,
}

/// Draws a title row; what is below it is left for the section.
pub fn title(draw: &mut Draw<'_>, area: Rect, title: Title) -> Rect {
    let theme = &draw.ctx.theme;
    if area.is_empty() {
        return area;
    }
    let tick = if title.focused { theme.accent } else { theme.rule };
    let name = if title.focused { theme.primary } else { theme.body };
    draw.pen.put(area.x, area.y, 1, draw.ctx.glyphs.tick, tick);
    // Numbers have what the name leaves, and at least half.
    let free = area.width.saturating_sub(title.name.width() + 4).max(area.width / 2);
    let meta = title.meta.width().min(free);
    let room = area.width.saturating_sub(meta + 3);
    let used = draw.pen.put(area.x + 1, area.y, room, title.name, name) + 3;
    draw.pen.put(area.x + used, area.y, room.saturating_sub(used), title.state, theme.faint);
    draw.pen.right(area.right().saturating_sub(meta + 1), area.y, meta, title.meta, theme.faint);
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}

/// One part of the header with its priority: the least important leave first when it is narrow.
struct Part {
    ink: Ink,
    style: Style,
    rank: u8,
}

/// Row 0: mode, time range, what is stored, what is open.
pub fn header(draw: &mut Draw<'_>, area: Rect) {
    let (theme, glyphs, totals) = (&draw.ctx.theme, &draw.ctx.glyphs, &draw.app.data.totals);
    let part = |text: Shown, style, rank| Part { ink: text.into(), style, rank };
    let mut left = vec![part(Shown::from("driftline"), theme.primary, 1)];
    let rate = draw.app.engine.rate(draw.ctx.now);
    let (mode, style) = match draw.app.mode(draw.ctx.now) {
        Mode::Live if rate > 0 => (shown!("{} LIVE {}/m", glyphs.live, quantity::count(rate as f64)), theme.live),
        Mode::Live => (shown!("{} LIVE", glyphs.live), theme.live),
        Mode::AsOf(at) => (shown!("AS OF {}", draw.ctx.zone.full(at)), theme.medium),
        Mode::Demo(at, speed) if speed > 0.0 => (shown!("{} DEMO {} ×{speed:.0}", glyphs.open, draw.ctx.zone.clock(at)), theme.live),
        Mode::Demo(at, _) => (shown!("{} DEMO {} halted", glyphs.paused, draw.ctx.zone.clock(at)), theme.medium),
        Mode::Paused(0) => (shown!("{} PAUSED", glyphs.paused), theme.paused),
        Mode::Paused(new) => (shown!("{} PAUSED · {new} new", glyphs.paused), theme.paused),
        Mode::Loading => (Shown::from("LOADING"), theme.live),
        Mode::Empty => (Shown::from("no data yet"), theme.faint),
    };
    left.push(part(mode, style, 1));
    if let (Some(clock), Mode::Paused(_)) = (draw.app.engine.clock, draw.app.mode(draw.ctx.now)) {
        left.push(part(shown!("DEMO {}", draw.ctx.zone.clock(clock)), theme.body, 3));
    } else if totals.last.is_some() && !matches!(draw.app.mode(draw.ctx.now), Mode::AsOf(_) | Mode::Demo(..)) {
        left.push(part(shown!("24h to {}{}", draw.ctx.zone.minute(draw.moment()), draw.ctx.zone.suffix()), theme.body, 3));
    } else if totals.last.is_some() {
        left.push(part(Shown::from("last 24h"), theme.faint, 5));
    }
    if draw.app.data.totals_known && totals.events > 0 {
        left.push(part(shown!("{} events", quantity::count(totals.events as f64)), theme.body, 4));
        left.push(part(shown!("{} identities", quantity::count(totals.machines as f64)), theme.body, 6));
    }
    let mut right = Vec::new();
    let wide = area.width >= 100;
    for (severity, word) in [(Severity::Critical, "crit"), (Severity::High, "high"), (Severity::Medium, "med")] {
        let open = totals.open[severity as usize];
        if open > 0 {
            let word = if wide { severity.as_str() } else { word };
            right.push(part(shown!("{}{open} {word}", glyphs.of(severity)), theme.severity(severity), 2));
        }
    }
    if right.is_empty() && totals.events > 0 {
        let judged = draw.app.engine.progress.is_none();
        right.push(part(Shown::from(if judged { "nothing open" } else { "not judged yet" }), theme.faint, 7));
    }
    let gap = 2;
    let length = |parts: &[Part]| parts.iter().map(|part| part.ink.width() + gap).sum::<u16>();
    while length(&left) + length(&right) > area.width
        && let Some(worst) = left.iter().map(|part| part.rank).max()
        && worst > 1
    {
        left.retain(|part| part.rank != worst);
    }
    let mut x = area.x + 1;
    for part in left {
        x += draw.pen.put(x, area.y, area.right().saturating_sub(x), part.ink, part.style) + gap;
    }
    let mut x = area.right().saturating_sub(length(&right).saturating_sub(1)).max(x);
    for part in right {
        x += draw.pen.put(x, area.y, area.right().saturating_sub(x), part.ink, part.style) + gap;
    }
}

/// Row 1: screens, the way here, and what needs a look: loading, rejects, the oldest alert nobody has seen.
pub fn tabs(draw: &mut Draw<'_>, area: Rect) {
    let theme = &draw.ctx.theme;
    let here = &draw.app.here.screen;
    let mut x = area.x + 1;
    let tabs: [(&'static str, &'static str, bool); 3] = [
        ("1 Watch", "[1 Watch]", matches!(here, Screen::Watch)),
        ("2 Alerts", "[2 Alerts]", matches!(here, Screen::Alerts)),
        ("3 Identity", "[3 Identity]", matches!(here, Screen::Identity(_))),
    ];
    for (plain, current, is_here) in tabs {
        let (word, style) = if is_here { (current, theme.accent) } else { (plain, theme.faint) };
        x += draw.pen.put(x, area.y, 14, word, style) + 2;
    }
    let notes = notes(draw, area.width);
    let room = notes.iter().map(|(text, _)| text.width() as u16 + 3).sum::<u16>();
    let crumb: Option<Ink> = match here {
        Screen::Evidence(id) => draw.app.alert_row(*id).map_or(Some("alert".into()), |row| {
            Some(if area.width >= 100 { shown!("{} › {id}", row.name) } else { Shown::new(&row.name) }.into())
        }),
        Screen::Raw(event) => Some(shown!("{} › {}", event.identity.name, event.action).into()),
        Screen::Identity(_) => draw.app.page().and_then(|page| page.row.as_ref()).map(|row| Shown::new(&row.identity.name).into()),
        Screen::Watch | Screen::Alerts => None,
    };
    if let Some(crumb) = crumb {
        x += draw.pen.put(x, area.y, 2, "›", theme.faint) + 1;
        draw.pen.put(x, area.y, area.right().saturating_sub(x + room + 2), crumb, theme.body);
    }
    let mut x = area.right().saturating_sub(room).max(area.x + 1);
    for (text, style) in notes {
        x += draw.pen.put(x, area.y, area.right().saturating_sub(x), text, style) + 3;
    }
}

fn notes(draw: &Draw<'_>, width: u16) -> Vec<(Shown, Style)> {
    let (theme, glyphs, totals) = (&draw.ctx.theme, &draw.ctx.glyphs, &draw.app.data.totals);
    let mut notes = Vec::new();
    if let Some(progress) = &draw.app.engine.progress {
        let bar = if width >= 100 { 10 } else { 6 };
        let full = (progress.share() * f64::from(bar)).round() as usize;
        let drawn = format!("{}{}", glyphs.full.repeat(full), glyphs.rest.repeat(bar as usize - full));
        let left = progress.left().map(|ms| format!(" {} left", quantity::span(ms))).unwrap_or_default();
        let files = if width >= 100 { format!(" {} of {} files", progress.files_done, progress.files) } else { String::new() };
        let rate = if width >= 100 { format!(" {}/s", quantity::bytes(progress.rate)) } else { String::new() };
        let text = if progress.share() < 1.0 {
            shown!("{drawn} {}{files}{rate}{left}", quantity::percent(progress.share()))
        } else {
            shown!("{drawn} read{files}, judging")
        };
        notes.push((text, theme.live));
    }
    if totals.rejects > 0 {
        notes.push((shown!("{} {} rejected", glyphs.warn, quantity::count(totals.rejects as f64)), theme.medium));
    }
    if let Some(oldest) = totals.oldest_new
        && (draw.app.engine.progress.is_none() || width >= 120)
    {
        notes.push((shown!("oldest unacked {}", quantity::span(draw.moment().since(oldest))), theme.faint));
    }
    if width >= 100 {
        notes.push((if draw.ctx.zone.0 == 0 { Shown::from("UTC") } else { shown!("UTC{}", draw.ctx.zone.suffix()) }, theme.faint));
    }
    notes
}

/// The last row: the keys that matter here, most important first; on the right those that always help.
pub fn hints(draw: &mut Draw<'_>, area: Rect) {
    let app = draw.app;
    if let Some(editing) = &app.editing {
        return filter_line(draw, area, &editing.input);
    }
    let mut wanted: Vec<(Action, &'static str)> = match (&app.here.screen, app.here.focus) {
        (Screen::Watch, Pane::Identities) => {
            vec![
                (Action::Open, "open"),
                (Action::NextPane, "alerts"),
                (Action::Filter, "filter"),
                (Action::Evidence, "evidence"),
                (Action::Sort, "sort"),
            ]
        }
        (Screen::Watch | Screen::Alerts, _) if app.closed_here() == Some(true) => vec![
            (Action::Open, "open"),
            (Action::Reopen, "reopen"),
            (Action::Undo, "undo"),
            (Action::Filter, "filter"),
            (Action::ShowClosed, "open ones only"),
        ],
        (Screen::Watch | Screen::Alerts, _) => vec![
            (Action::Open, "open"),
            (Action::Acknowledge, "ack"),
            (Action::Dismiss, "dismiss…"),
            (Action::Confirm, "confirm"),
            (Action::Mark, "mark"),
            (Action::Filter, "filter"),
            (Action::Follow, "follow"),
            (Action::ShowFindings, "findings"),
            (Action::ShowClosed, "closed too"),
        ],
        (Screen::Identity(_), _) => {
            let other = if app.here.focus == Pane::Events { "alerts" } else { "events" };
            vec![(Action::Open, "open"), (Action::NextPane, other), (Action::Evidence, "evidence"), (Action::Watch, "watch")]
        }
        (Screen::Evidence(_), _) if app.closed_here() == Some(true) => vec![
            (Action::Reopen, "reopen"),
            (Action::Undo, "undo"),
            (Action::NextAlert, "next"),
            (Action::Copy, "copy"),
            (Action::NextPane, "events"),
            (Action::OpenIdentity, "identity"),
            (Action::Note, "note"),
        ],
        (Screen::Evidence(_), Pane::Events) => vec![
            (Action::Open, "raw record"),
            (Action::NextPane, "evidence"),
            (Action::Acknowledge, "ack"),
            (Action::Dismiss, "dismiss…"),
            (Action::Confirm, "confirm"),
            (Action::Copy, "copy"),
        ],
        (Screen::Evidence(_), _) => vec![
            (Action::Acknowledge, "ack"),
            (Action::Confirm, "confirm"),
            (Action::Dismiss, "dismiss…"),
            (Action::NextAlert, "next"),
            (Action::Copy, "copy"),
            (Action::NextPane, "events"),
            (Action::OpenIdentity, "identity"),
            (Action::Note, "note"),
        ],
        (Screen::Raw(_), _) => vec![(Action::Down, "scroll"), (Action::Top, "top")],
    };
    if app.data.totals_known && app.data.totals.events == 0 {
        wanted = vec![];
    }
    if app.engine.progress.is_some() {
        wanted.insert(wanted.len().min(1), (Action::StopLoading, "stop loading"));
    }
    if app.engine.clock.is_some() {
        // On Watch the clock is what one plays with; elsewhere triage comes first.
        let at = if matches!(app.here.screen, Screen::Watch) { 1 } else { 4 };
        wanted.insert(wanted.len().min(at), (Action::Faster, "faster"));
    }
    let always = [(Action::Palette, "cmd"), (Action::Help, "help"), (Action::Close, if app.back.is_empty() { "quit" } else { "back" })];
    let width = |(action, word): &(Action, &'static str)| {
        app.keymap.key(*action).map_or(0, |key| key.to_string().len() as u16 + 1 + Ink::from(*word).width() + 2)
    };
    let reserve: u16 = always.iter().map(width).sum();
    let mut x = area.x + 1;
    for hint in wanted {
        if x + width(&hint) + reserve > area.right() {
            break;
        }
        x = one_hint(draw, x, area.y, hint);
    }
    let mut x = area.right().saturating_sub(reserve).max(x);
    for hint in always {
        x = one_hint(draw, x, area.y, hint);
    }
}

fn one_hint(draw: &mut Draw<'_>, x: u16, y: u16, (action, word): (Action, &'static str)) -> u16 {
    let Some(key) = draw.app.keymap.key(action) else { return x };
    let (accent, faint) = (draw.ctx.theme.accent, draw.ctx.theme.faint);
    let after = x + draw.pen.put(x, y, 12, shown!("{key}"), accent) + 1;
    after + draw.pen.put(after, y, 24, word, faint) + 2
}

fn filter_line(draw: &mut Draw<'_>, area: Rect, input: &tui_input::Input) {
    let theme = &draw.ctx.theme;
    draw.pen.put(area.x + 1, area.y, 1, "/", theme.accent);
    let pane = draw.app.here.focus;
    let slot = if pane == Pane::Identities { Slot::Identities } else { Slot::Alerts };
    let (right, style): (Ink, Style) = match draw.app.data.errors.get(&slot) {
        Some(error) => (Shown::new(error).cut(usize::from(area.width) * 3 / 5).into(), theme.medium),
        None => ("enter keeps   esc restores".into(), theme.faint),
    };
    let room = area.width.saturating_sub(right.width() + 6);
    draw.pen.right(area.x, area.y, area.width.saturating_sub(1), right, style);
    input_line(draw, Rect { x: area.x + 3, width: room, ..area }, input);
}

/// A line being typed, with its cursor.
pub fn input_line(draw: &mut Draw<'_>, area: Rect, input: &tui_input::Input) {
    let theme = &draw.ctx.theme;
    let before: String = input.value().chars().take(input.cursor()).collect();
    let after: String = input.value().chars().skip(input.cursor() + 1).collect();
    let at = input.value().chars().nth(input.cursor()).map_or_else(|| Shown::from(" "), |c| Shown::new(&c.to_string()));
    // The end of what is typed stays in view.
    let lines = Shown::lines(&before, 1);
    let text = lines.first().cloned().unwrap_or_default();
    let room = area.width.saturating_sub(2);
    let skip = text.width().saturating_sub(usize::from(room));
    let tail: String = if skip == 0 { before } else { before.chars().skip(skip).collect() };
    let text = Shown::lines(&tail, 1).first().cloned().unwrap_or_default();
    let mut x = area.x;
    for segment in text.segments() {
        x += draw.pen.put(x, area.y, area.right().saturating_sub(x), Shown::lines(&segment.text, 1).swap_remove(0), theme.body);
    }
    let cursor = Style::new().add_modifier(ratatui::style::Modifier::REVERSED);
    x += draw.pen.put(x, area.y, area.right().saturating_sub(x).min(8), if at.to_string() == "␠" { Shown::from(" ") } else { at }, cursor);
    draw.pen.put(x, area.y, area.right().saturating_sub(x), Shown::lines(&after, 1).swap_remove(0), theme.body);
}

/// The toast lies over the hints until its time is over.
pub fn toast(draw: &mut Draw<'_>, area: Rect) {
    // A line being typed stays in sight.
    let Some((message, _)) = draw.app.says.toast.as_ref().filter(|_| draw.app.editing.is_none()) else { return };
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    let (glyph, style) = match message.level {
        Level::Info => (glyphs.open, theme.accent),
        Level::Done => (glyphs.done, theme.ok),
        Level::Warn => (glyphs.warn, theme.medium),
        Level::Error => (glyphs.missing, theme.critical),
    };
    draw.pen.clear(area);
    draw.pen.put(area.x + 1, area.y, 1, glyph, style);
    draw.pen.put(area.x + 3, area.y, area.width.saturating_sub(4), Shown::new(&message.text), theme.body);
}
