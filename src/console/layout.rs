//! Where things are: one pure function from the terminal's size to rectangles, and the map of a picture that was drawn.
//! Widths and heights depend on the terminal, never on what is shown, so that nothing jumps while data stream in.

use super::app::place::Pane;
use ratatui::layout::Rect;

/// From this width on there are three columns.
pub const WIDE: u16 = 160;
/// From this width on there is a list with a detail beside it.
pub const MEDIUM: u16 = 100;
/// Below this width nothing is drawn but a notice.
pub const LEAST_WIDTH: u16 = 60;
/// Below this height nothing is drawn but a notice.
pub const LEAST_HEIGHT: u16 = 16;

/// How many columns a screen has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Too small for anything but a notice.
    TooSmall,
    /// One column.
    Narrow,
    /// List and detail, feed below.
    Medium,
    /// Three columns.
    Wide,
}

/// Which kind of screen is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Watch.
    Watch,
    /// The list of alerts.
    Alerts,
    /// An identity.
    Identity,
    /// An alert card.
    Evidence,
    /// An alert card whose events are looked at.
    Support,
    /// One text.
    Text,
}

/// The rectangles of a screen; an empty one is not drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Row 0.
    pub header: Rect,
    /// Row 1.
    pub tabs: Rect,
    /// The identity list.
    pub identities: Rect,
    /// Numbers about all identities.
    pub fleet: Rect,
    /// The selected identity.
    pub detail: Rect,
    /// The list of alerts, or an identity's alerts.
    pub feed: Rect,
    /// The alert card, or a text.
    pub card: Rect,
    /// Events.
    pub events: Rect,
    /// The last row.
    pub hints: Rect,
    /// Vertical rules: columns between panes.
    pub rules: [Rect; 2],
}

/// The shape of a size.
pub fn shape(width: u16, height: u16) -> Shape {
    if width < LEAST_WIDTH || height < LEAST_HEIGHT {
        Shape::TooSmall
    } else if width < MEDIUM {
        Shape::Narrow
    } else if width < WIDE {
        Shape::Medium
    } else {
        Shape::Wide
    }
}

/// Lays a screen out.
pub fn plan(width: u16, height: u16, form: Form) -> Plan {
    let shape = shape(width, height);
    if shape == Shape::TooSmall {
        return Plan::default();
    }
    let row = |y, rows| Rect::new(0, y, width, rows);
    let mut plan = Plan { header: row(0, 1), tabs: row(1, 1), hints: row(height - 1, 1), ..Plan::default() };
    let body = Rect::new(0, 2, width, height - 3);
    match (form, shape) {
        (Form::Watch, Shape::Narrow) => watch_narrow(&mut plan, body),
        (Form::Watch, Shape::Medium) => watch_medium(&mut plan, body),
        (Form::Watch, _) => watch_wide(&mut plan, body),
        (Form::Alerts, Shape::Wide) => {
            let (left, rule, right) = columns(body, width * 9 / 16);
            (plan.feed, plan.rules[0], plan.card) = (left, rule, right);
            split_events(&mut plan);
        }
        (Form::Alerts, _) => plan.feed = body,
        (Form::Identity, Shape::Narrow) => {
            let lists = if body.height >= 24 { (body.height - 15) / 2 } else { 5.min(body.height - 8) };
            plan.detail = Rect { height: body.height - lists, ..body };
            plan.events = Rect { y: body.y + plan.detail.height, height: lists, ..body };
            if body.height >= 24 {
                plan.detail.height -= lists;
                plan.feed = Rect { y: plan.events.y - lists, height: lists, ..body };
            }
        }
        (Form::Identity, Shape::Medium) => {
            let lists = (body.height / 4).max(5);
            plan.detail = Rect { height: body.height - lists, ..body };
            let below = Rect { y: body.y + plan.detail.height, height: lists, ..body };
            let (left, rule, right) = columns(below, width * 11 / 20);
            (plan.events, plan.rules[0], plan.feed) = (left, rule, right);
        }
        (Form::Identity, _) => {
            let (left, rule, right) = columns(body, width * 9 / 16);
            (plan.detail, plan.rules[0]) = (left, rule);
            let alerts = (right.height / 3).max(4);
            plan.feed = Rect { height: alerts, ..right };
            plan.events = Rect { y: right.y + alerts, height: right.height - alerts, ..right };
        }
        (Form::Evidence | Form::Support, Shape::Narrow | Shape::Medium) => {
            // What is looked at has the room; on a small screen the other keeps a title and two rows.
            let rows = match form {
                Form::Support => body.height / 2,
                _ if body.height < 30 => 3,
                _ => (body.height / 4).min(9),
            };
            plan.card = Rect { height: body.height - rows, ..body };
            plan.events = Rect { y: body.y + plan.card.height, height: rows, ..body };
        }
        (Form::Evidence | Form::Support, _) => {
            let (left, rule, right) = columns(body, width * 11 / 20);
            (plan.card, plan.rules[0]) = (left, rule);
            let events = if form == Form::Support { right.height / 2 } else { (right.height / 4).max(5) };
            plan.detail = Rect { height: right.height - events, ..right };
            plan.events = Rect { y: right.y + plan.detail.height, height: events, ..right };
        }
        (Form::Text, _) => plan.card = body,
    }
    plan
}

fn watch_narrow(plan: &mut Plan, body: Rect) {
    // 24 rows: 8 identities, 5 strips, 4 alerts, each under its title.
    let strips = if body.height >= 20 { 6 } else { 5 };
    let rest = body.height - strips;
    let feed = (rest / 3).max(3);
    let identities = rest - feed;
    plan.identities = Rect { height: identities, ..body };
    plan.detail = Rect { y: body.y + identities, height: strips, ..body };
    plan.feed = Rect { y: body.y + identities + strips, height: feed, ..body };
}

fn watch_medium(plan: &mut Plan, body: Rect) {
    let feed = (body.height * 3 / 10).max(4);
    let top = Rect { height: body.height - feed, ..body };
    plan.feed = Rect { y: body.y + top.height, height: feed, ..body };
    let (left, rule, right) = columns(top, body.width * 2 / 5);
    (plan.identities, plan.rules[0], plan.detail) = (left, rule, right);
    // The list comes first: numbers about the whole fleet only where it still has thirty rows.
    if body.height >= 57 {
        split_fleet(plan, 8);
    }
}

fn watch_wide(plan: &mut Plan, body: Rect) {
    let left = body.width * 36 / 100;
    let (identities, rule, rest) = columns(body, left);
    let (detail, second, right) = columns(rest, body.width * 37 / 100);
    (plan.identities, plan.detail, plan.rules) = (identities, detail, [rule, second]);
    let feed = (right.height * 2 / 5).max(5);
    plan.feed = Rect { height: feed, ..right };
    plan.card = Rect { y: right.y + feed, height: right.height - feed, ..right };
    if body.height >= 42 {
        split_fleet(plan, if body.height >= 75 { 26 } else { 8 });
    }
    split_events(plan);
}

fn split_fleet(plan: &mut Plan, rows: u16) {
    let rows = rows.min(plan.identities.height.saturating_sub(6));
    plan.identities.height -= rows;
    plan.fleet = Rect { y: plan.identities.y + plan.identities.height, height: rows, ..plan.identities };
}

fn split_events(plan: &mut Plan) {
    let rows = (plan.card.height / 4).clamp(3, 12).min(plan.card.height);
    plan.card.height -= rows;
    plan.events = Rect { y: plan.card.y + plan.card.height, height: rows, ..plan.card };
}

/// Left, a rule of one column, right.
fn columns(area: Rect, left: u16) -> (Rect, Rect, Rect) {
    let left = left.min(area.width.saturating_sub(1));
    (
        Rect { width: left, ..area },
        Rect { x: area.x + left, width: 1, ..area },
        Rect { x: area.x + left + 1, width: area.width - left - 1, ..area },
    )
}

/// Where a pane's rows were drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaneMap {
    /// Which pane.
    pub pane: Pane,
    /// Its rows, without title.
    pub rows: Rect,
    /// Screen rows of one row.
    pub row_height: u16,
    /// The first row drawn.
    pub top: usize,
    /// Rows there are.
    pub len: usize,
}

/// Where things are in the picture that was drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameMap {
    /// Panes that have rows.
    pub panes: Vec<PaneMap>,
}

impl FrameMap {
    /// The pane and row at a cell.
    pub fn at(&self, x: u16, y: u16) -> Option<(Pane, usize)> {
        let map = self.panes.iter().find(|map| map.rows.contains((x, y).into()))?;
        let row = map.top + usize::from(y - map.rows.y) / usize::from(map.row_height.max(1));
        (row < map.len).then_some((map.pane, row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMS: [Form; 6] = [Form::Watch, Form::Alerts, Form::Identity, Form::Evidence, Form::Support, Form::Text];

    fn rects(plan: &Plan) -> Vec<Rect> {
        let all = [plan.header, plan.tabs, plan.identities, plan.fleet, plan.detail, plan.feed, plan.card, plan.events, plan.hints];
        all.into_iter().chain(plan.rules).filter(|rect| !rect.is_empty()).collect()
    }

    #[test]
    fn the_breakpoints_are_where_they_should_be() {
        for (width, height, expected) in [
            (59, 40, Shape::TooSmall),
            (60, 15, Shape::TooSmall),
            (60, 16, Shape::Narrow),
            (99, 16, Shape::Narrow),
            (100, 16, Shape::Medium),
            (159, 60, Shape::Medium),
            (160, 16, Shape::Wide),
            (300, 100, Shape::Wide),
        ] {
            assert_eq!(shape(width, height), expected, "{width}x{height}");
        }
    }

    #[test]
    fn at_80_by_24_there_are_eight_identities_five_strips_and_four_alerts() {
        let plan = plan(80, 24, Form::Watch);
        assert_eq!((plan.identities.height, plan.detail.height, plan.feed.height), (10, 6, 5));
        assert_eq!(plan.feed.y + plan.feed.height, plan.hints.y);
    }

    /// No size may leave a hole, an overlap, or a rectangle outside the terminal.
    #[test]
    fn every_size_is_tiled_exactly() {
        for form in FORMS {
            for width in (60..=220).step_by(3).chain([99, 100, 101, 159, 160, 161]) {
                for height in 16..=70 {
                    let rects = rects(&plan(width, height, form));
                    let area: u32 = rects.iter().map(|rect| rect.area()).sum();
                    assert_eq!(area, u32::from(width) * u32::from(height), "{form:?} {width}x{height}");
                    for (n, a) in rects.iter().enumerate() {
                        assert!(a.right() <= width && a.bottom() <= height, "{form:?} {width}x{height} {a:?}");
                        assert!(rects[n + 1..].iter().all(|b| !a.intersects(*b)), "{form:?} {width}x{height} {a:?}");
                    }
                }
            }
        }
    }
}
