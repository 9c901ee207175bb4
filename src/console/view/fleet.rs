//! Numbers about all identities together, from the rows at hand, and each one's day as a row of shades.

use super::chrome::{Title, title};
use super::{Draw, quantity};
use crate::console::app::arrange::ratio;
use crate::model::Status;
use crate::text::Shown;
use ratatui::layout::Rect;

/// Draws what fits.
pub fn fleet(draw: &mut Draw<'_>, area: Rect) {
    if area.height < 3 {
        return;
    }
    let theme = &draw.ctx.theme;
    let body = title(draw, area, Title { name: "Fleet now".into(), state: "".into(), meta: "".into(), focused: false });
    let (data, moment) = (&draw.app.data, draw.moment());
    let rows = &data.identities;
    let active = rows.iter().filter(|row| row.activity.iter().any(|n| *n > 0)).count();
    let events: f64 = rows.iter().flat_map(|row| &row.activity).map(|n| f64::from(*n)).sum();
    let usual: f64 = rows.iter().map(|row| row.usual_day).sum();
    let busy = rows.iter().filter(|row| ratio(row).is_some_and(|times| times >= 3.0)).count();
    let fresh = rows.iter().filter(|row| moment.since(row.first_seen) < crate::model::time::DAY).count();
    let held = data.feed.shown.iter().filter(|row| row.status == Status::Acknowledged || row.status == Status::InProgress).count();
    let lines = [
        ("active in 24 h", active.to_string(), format!("of {}", rows.len())),
        ("events in 24 h", quantity::count(events), if usual > 0.0 { format!("usual {}", quantity::count(usual)) } else { String::new() }),
        ("three times usual", busy.to_string(), "identities".to_owned()),
        ("first seen today", fresh.to_string(), "identities".to_owned()),
        ("youngest habit", format!("{}", data.totals.youngest_days), "active days".to_owned()),
        ("in hand", held.to_string(), format!("of {} open", data.feed.shown.len())),
        ("feeds", data.totals.feeds.to_string(), String::new()),
    ];
    let mut y = body.y;
    for (label, value, note) in lines {
        if y >= body.bottom() {
            return;
        }
        draw.pen.put(body.x + 2, y, 18, label, theme.faint);
        draw.pen.right(body.x + 20, y, 6, Shown::new(&value), theme.body);
        draw.pen.put(body.x + 28, y, body.width.saturating_sub(29), Shown::new(&note), theme.faint);
        y += 1;
    }
    days(draw, Rect { y: y + 1, height: body.bottom().saturating_sub(y + 1), ..body });
}

/// Each identity's last 24 hours: darker is nearer its own highest hour.
fn days(draw: &mut Draw<'_>, area: Rect) {
    if area.height < 4 {
        return;
    }
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    let body = title(draw, area, Title { name: "Fleet by hour".into(), state: "".into(), meta: "24 h to now".into(), focused: false });
    let name = body.width.saturating_sub(28);
    for (n, index) in draw.app.data.order.iter().take(usize::from(body.height)).enumerate() {
        let Some(row) = draw.app.data.identities.get(*index) else { continue };
        let y = body.y + n as u16;
        draw.pen.put(body.x + 2, y, name.saturating_sub(3), Shown::new(&row.identity.name), theme.faint);
        let most = row.activity.iter().copied().max().unwrap_or(0).max(1);
        for (hour, value) in row.activity.iter().enumerate().take(24) {
            let (glyph, style) = match value * 4 / most {
                _ if *value == 0 => (glyphs.empty, theme.usual),
                0 | 1 => (glyphs.light, theme.usual),
                2 => (glyphs.middle, theme.middle),
                3 => (glyphs.dense, theme.middle),
                _ => (glyphs.full, theme.low),
            };
            draw.pen.put(body.x + name + hour as u16, y, 1, glyph, style);
        }
    }
}
