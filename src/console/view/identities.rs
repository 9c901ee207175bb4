//! The identity list: who, riskiest first.
//!
//! ```text
//! ▎Identities   7 of 312   kind:oauth                                 risk ↓   1/7
//!   risk  identity                kind     24h activity vs base  last  alerts
//! ▌▲  94  crm-sync                oauth    ▁▁▂▁▂▇█▆▅▂▁▁    ×8.1    8s  ▲1 ◆2
//! ```
//!
//! Columns leave in a fixed order as the pane narrows; their widths never depend on what is in them.

use super::chrome::{Title, title};
use super::pen::{Ink, shown};
use super::{Draw, quantity};
use crate::console::app::arrange::ratio;
use crate::console::app::place::Pane;
use crate::console::desk::Slot;
use crate::model::page::IdentityRow;
use crate::model::{Kind, Severity};
use crate::text::Shown;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Which columns fit a width, and where the name ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    name: u16,
    kind: u16,
    spark: u16,
    ratio: u16,
    last: u16,
    alerts: u16,
}

/// Columns before the name: bar, severity, risk.
const LEAD: u16 = 8;
/// The name has at least so many columns while others stand beside it.
const NAME: u16 = 22;

fn columns(width: u16) -> Columns {
    let least = NAME.min(width.saturating_sub(LEAD));
    let mut left = width.saturating_sub(LEAD + NAME);
    let mut full = false;
    let mut take = |wanted: u16| {
        // Once a column does not fit, none after it does: the order of leaving is fixed.
        full |= left < wanted;
        if full {
            return 0;
        }
        left -= wanted;
        wanted
    };
    let (last, spark, ratio, alerts, kind) = (take(6), take(if width < 60 { 9 } else { 13 }), take(7), take(7), take(10));
    // What is left goes to the name, then to a longer sparkline.
    let longer = if spark > 0 && left >= 28 { 12 } else { 0 };
    let name = least + (left - longer).min(24);
    Columns { name, kind, spark: spark + longer, ratio, last, alerts }
}

/// The short word of a kind in lists.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::ServiceAccount => "svc-acct",
        Kind::ApiKey => "api-key",
        Kind::OauthConnector => "oauth",
        Kind::CiToken => "ci-token",
        Kind::WorkloadRole => "role",
        Kind::AiAgent => "ai-agent",
        Kind::Bot => "bot",
        Kind::Provider => "provider",
        Kind::Human => "human",
        Kind::Unknown => "–",
    }
}

/// Draws the list.
pub fn list(draw: &mut Draw<'_>, area: Rect) {
    let app = draw.app;
    let (listed, all) = (app.data.order.len(), app.data.totals.machines.max(app.data.identities.len() as u64));
    let filter = app.here.filter(Pane::Identities);
    let state: Ink = match app.data.errors.get(&Slot::Identities) {
        Some(error) if !filter.is_empty() => Shown::new(error).into(),
        _ if !app.data.identities_known => "…".into(),
        _ if filter.is_empty() => shown!("{all}").into(),
        _ => shown!("{listed} of {all}   {filter}").into(),
    };
    let at = app.here.cursor(Pane::Identities);
    let meta: Ink = match (listed, area.width < 50) {
        (0, _) => "".into(),
        (_, true) => shown!("{} ↓ {}/{listed}", app.here.sort.word(), at.index + 1).into(),
        _ => shown!("by {} ↓   {}/{listed}", app.here.sort.word(), at.index + 1).into(),
    };
    let body = title(draw, area, Title { name: "Identities".into(), state, meta, focused: draw.focused(Pane::Identities) });
    if body.height < 2 {
        return;
    }
    // One column of air before whatever stands to the right.
    let columns = columns(area.width.saturating_sub(1));
    heads(draw, body, columns);
    let rows = Rect { y: body.y + 1, height: body.height - 1, ..body };
    let top = draw.rows(Pane::Identities, rows, 1, listed);
    for (n, index) in app.data.order.iter().enumerate().skip(top).take(usize::from(rows.height)) {
        let Some(row) = app.data.identities.get(*index) else { continue };
        let line = Rect { y: rows.y + (n - top) as u16, height: 1, ..rows };
        one(draw, line, columns, row);
        if n == at.index {
            draw.select(Pane::Identities, line);
        }
    }
    if listed == 0 && app.data.identities_known {
        let text: Ink = if filter.is_empty() {
            "No machine identity yet.".into()
        } else {
            shown!("Nothing matches “{filter}”. esc takes the filter away.").into()
        };
        let style = draw.ctx.theme.faint;
        draw.pen.put(rows.x + 3, rows.y, rows.width.saturating_sub(4), text, style);
    }
}

fn heads(draw: &mut Draw<'_>, body: Rect, columns: Columns) {
    let style = draw.ctx.theme.faint;
    let mut x = body.x + LEAD;
    draw.pen.right(body.x, body.y, LEAD - 2, "risk", style);
    draw.pen.put(x, body.y, columns.name, "identity", style);
    x += columns.name + 1;
    for (width, word, right) in [
        (columns.kind, "kind", false),
        (columns.spark, "24h", false),
        (columns.ratio, "vs usual", true),
        (columns.last, "last", true),
        (columns.alerts, "open ", true),
    ] {
        if width == 0 {
            continue;
        }
        let room = width - 1;
        let word = if word == "vs usual" { "usual" } else { word };
        if right {
            draw.pen.right(x, body.y, room, word, style);
        } else {
            draw.pen.put(x, body.y, room, word, style);
        }
        x += width;
    }
}

fn one(draw: &mut Draw<'_>, line: Rect, columns: Columns, row: &IdentityRow) {
    let (theme, glyphs) = (&draw.ctx.theme, &draw.ctx.glyphs);
    let severity = row.worst.unwrap_or(Severity::Info);
    let grave = row.worst.is_some();
    let style = if grave { theme.severity(severity) } else { theme.faint };
    draw.pen.put(line.x + 1, line.y, 1, glyphs.of(severity), style);
    draw.pen.right(line.x + 2, line.y, 4, shown!("{}", row.risk), style);
    let name = if severity >= Severity::High { theme.primary } else { theme.body };
    let mut x = line.x + LEAD;
    draw.pen.put(x, line.y, columns.name, super::name::name(&row.identity.name, columns.name), name);
    x += columns.name + 1;
    if columns.kind > 0 {
        draw.pen.put(x, line.y, columns.kind - 1, kind(row.identity.kind), theme.faint);
        x += columns.kind;
    }
    if columns.spark > 0 {
        let loud = ratio(row).is_some_and(|times| times >= 3.0);
        spark(draw, x, line.y, columns.spark - 1, &row.activity, if loud { theme.medium } else { theme.middle });
        x += columns.spark;
    }
    if columns.ratio > 0 {
        let text: Ink = match ratio(row) {
            None => "".into(),
            Some(_) if row.activity.iter().all(|n| *n == 0) => "idle".into(),
            Some(times) => shown!("×{}", if times < 9.95 { format!("{times:.1}") } else { quantity::count(times.round()) }).into(),
        };
        let style = if ratio(row).is_some_and(|times| times >= 3.0) { theme.medium } else { theme.faint };
        draw.pen.right(x, line.y, columns.ratio - 1, text, style);
        x += columns.ratio;
    }
    if columns.last > 0 {
        draw.pen.right(x, line.y, columns.last - 1, shown!("{}", quantity::span(draw.moment().since(row.last_seen))), theme.faint);
        x += columns.last;
    }
    if columns.alerts > 0 && row.open_alerts > 0 {
        draw.pen.right(x, line.y, columns.alerts - 2, shown!("{}", row.open_alerts), style);
    }
}

/// A sparkline of `width` columns: buckets of a day, each as high as its share of the highest.
pub fn spark(draw: &mut Draw<'_>, x: u16, y: u16, width: u16, values: &[u32], style: Style) {
    let levels = buckets(values, usize::from(width));
    for (n, level) in levels.into_iter().enumerate() {
        let style = if level == 0 { draw.ctx.theme.usual } else { style };
        let glyph = if level == 0 { draw.ctx.glyphs.empty } else { draw.ctx.glyphs.spark[level] };
        draw.pen.put(x + n as u16, y, 1, glyph, style);
    }
}

/// Levels 0–7 of values (the eighth would touch the row above) summed into `width` buckets; nothing at all without values.
fn buckets(values: &[u32], width: usize) -> Vec<usize> {
    if values.is_empty() || width == 0 {
        return Vec::new();
    }
    let width = width.min(values.len());
    let sums: Vec<u64> = (0..width)
        .map(|n| values[n * values.len() / width..(n + 1) * values.len() / width].iter().map(|value| u64::from(*value)).sum())
        .collect();
    let most = sums.iter().copied().max().unwrap_or(0).max(1);
    sums.into_iter().map(|sum| if sum == 0 { 0 } else { 1 + (sum * 6 / most) as usize }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_leave_in_a_fixed_order_and_always_fit() {
        for width in 24..=200 {
            let c = columns(width);
            let used = LEAD + c.name + 1 + c.kind + c.spark + c.ratio + c.last + c.alerts;
            assert!(used <= width + 1, "{width}: {used}");
        }
        assert_eq!(columns(80), Columns { name: 29, kind: 10, spark: 13, ratio: 7, last: 6, alerts: 7 });
        assert_eq!(columns(47), Columns { name: 24, kind: 0, spark: 9, ratio: 0, last: 6, alerts: 0 });
    }

    #[test]
    fn buckets_show_the_shape_of_a_day_and_silence_as_nothing() {
        assert_eq!(buckets(&[0, 0, 1, 1, 8, 8], 3), [0, 1, 7]);
        assert_eq!(buckets(&[], 3), Vec::<usize>::new());
        assert_eq!(buckets(&[0; 24], 12), vec![0; 12]);
    }
}
