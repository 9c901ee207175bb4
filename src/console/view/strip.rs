//! The range strip: where a number lies against its habit. Light shade is p5–p95 of the past, dark the middle half, the
//! dot is now. The axis depends on the past alone, so the dot moves and the band does not. It must not know colours.

use crate::model::page::Range;

/// Columns of every strip; the 24 hours of a day fit one each.
pub const WIDTH: usize = 24;

/// Active days before a band is believed.
pub const YOUNG: u32 = 7;

/// One column of a strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// Outside the habit.
    Empty,
    /// Inside p5–p95.
    Light,
    /// Inside the middle half.
    Middle,
    /// Inside a habit too young to be believed.
    Young,
    /// Much of the past lies here (hours only).
    Dense,
    /// Now.
    Now,
    /// Now lies off the scale.
    Off,
}

/// How far outside its habit a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Inside, or nothing to compare with.
    Inside,
    /// Above the 95th percentile.
    Outside,
    /// Off the scale.
    Far,
}

/// The strip of a count (log axis) or of a share (`share`: axis from 0 to 1).
pub fn strip(range: &Range, now: f64, share: bool) -> ([Cell; WIDTH], Reach) {
    let mut cells = [Cell::Empty; WIDTH];
    if range.days == 0 {
        return (cells, Reach::Inside);
    }
    // Room for six times the usual: enough for a dot to travel, and the band still has a width.
    let top = if share { 1.0 } else { (range.p95 * 6.0).max(range.max * 2.0).max(6.0) };
    let place = |value: f64| {
        let part = if share { value / top } else { value.max(0.0).ln_1p() / top.ln_1p() };
        (part * (WIDTH - 1) as f64).round()
    };
    let young = range.days < YOUNG;
    for (at, cell) in cells.iter_mut().enumerate() {
        let at = at as f64;
        if at >= place(range.p5) && at <= place(range.p95) {
            let middle = at >= place(range.p25) && at <= place(range.p75);
            *cell = if young {
                Cell::Young
            } else if middle {
                Cell::Middle
            } else {
                Cell::Light
            };
        }
    }
    let at = place(now);
    if at > (WIDTH - 1) as f64 {
        cells[WIDTH - 1] = Cell::Off;
        return (cells, Reach::Far);
    }
    cells[at.max(0.0) as usize] = Cell::Now;
    (cells, if now > range.p95 && at > place(range.p95) { Reach::Outside } else { Reach::Inside })
}

/// The strip of a day's hours: how much of the past lies in each, and where now is though the past never was.
pub fn hours(past: &[f64], now: &[(u8, u32)], young: bool) -> ([Cell; WIDTH], Reach) {
    let mut day = [0.0; 24];
    for (hour, share) in past.iter().enumerate() {
        day[hour % 24] += share;
    }
    let most = day.iter().copied().fold(0.0, f64::max);
    let mut cells = day.map(|share| match share / most {
        part if part.is_nan() || part <= 0.02 => Cell::Empty,
        _ if young => Cell::Young,
        part if part > 0.66 => Cell::Dense,
        part if part > 0.33 => Cell::Middle,
        _ => Cell::Light,
    });
    let mut reach = Reach::Inside;
    for (hour, _) in now.iter().filter(|(hour, _)| most > 0.0 && is_unusual(past, *hour)) {
        cells[usize::from(*hour) % 24] = Cell::Now;
        reach = Reach::Outside;
    }
    (cells, reach)
}

/// The strip in half as many columns: of each two cells the one that says more.
pub fn half(cells: [Cell; WIDTH]) -> [Cell; WIDTH / 2] {
    std::array::from_fn(|n| cells[2 * n].max(cells[2 * n + 1]))
}

/// Whether an hour of the week held less than a thousandth of the past, counting its neighbours.
pub fn is_unusual(past: &[f64], hour: u8) -> bool {
    let at = |by: usize| past.get((usize::from(hour) + by) % 168).copied().unwrap_or(0.0);
    at(167) + at(0) + at(1) < 0.001
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cells: [Cell; WIDTH]) -> String {
        cells
            .iter()
            .map(|cell| match cell {
                Cell::Empty => '·',
                Cell::Light => '░',
                Cell::Middle => '▒',
                Cell::Young => '┄',
                Cell::Dense => '▓',
                Cell::Now => '●',
                Cell::Off => '»',
            })
            .collect()
    }

    #[test]
    fn strips_as_they_are_drawn() {
        let usual = Range { p5: 4.0, p25: 6.0, p50: 7.0, p75: 9.0, p95: 14.0, max: 16.0, days: 30 };
        for (now, drawn, reach) in [
            (7.0, "········░░▒●▒░░·········", Reach::Inside),
            (41.0, "········░░▒▒▒░░····●····", Reach::Outside),
            (900.0, "········░░▒▒▒░░········»", Reach::Far),
            (0.0, "●·······░░▒▒▒░░·········", Reach::Inside),
        ] {
            let (cells, found) = strip(&usual, now, false);
            assert_eq!((text(cells).as_str(), found), (drawn, reach), "{now}");
        }
        let young = Range { days: 3, ..usual };
        assert_eq!(text(strip(&young, 7.0, false).0), "········┄┄┄●┄┄┄·········");
        assert_eq!(text(strip(&Range::default(), 7.0, false).0), "·".repeat(24));
        assert_eq!(
            text(strip(&Range { p5: 0.0, p25: 0.05, p50: 0.1, p75: 0.12, p95: 0.2, max: 0.3, days: 20 }, 0.61, true).0),
            "░▒▒▒░░········●·········"
        );
    }

    #[test]
    fn half_a_strip_keeps_the_dot_and_the_band() {
        let usual = Range { p5: 4.0, p25: 6.0, p50: 7.0, p75: 9.0, p95: 14.0, max: 16.0, days: 30 };
        let (cells, _) = strip(&usual, 41.0, false);
        assert_eq!(half(cells)[4..10], [Cell::Light, Cell::Middle, Cell::Middle, Cell::Light, Cell::Empty, Cell::Now]);
    }

    #[test]
    fn the_band_does_not_move_with_now() {
        let usual = Range { p5: 4.0, p25: 6.0, p50: 7.0, p75: 9.0, p95: 14.0, max: 16.0, days: 30 };
        let band = |now| strip(&usual, now, false).0.map(|cell| matches!(cell, Cell::Light | Cell::Middle));
        let (a, b) = (band(60.0), band(900.0));
        assert_eq!(a[..18], b[..18]);
    }

    #[test]
    fn hours_show_where_now_is_and_the_past_never_was() {
        let mut past = vec![0.0; 168];
        for day in 0..5 {
            for hour in 6..12 {
                past[day * 24 + hour] = 1.0 / 30.0;
            }
        }
        let (cells, reach) = hours(&past, &[(14, 3), (8, 3)], false);
        assert_eq!(text(cells), "······▓▓▓▓▓▓··●·········");
        assert_eq!(reach, Reach::Outside);
        assert!(!is_unusual(&past, 12) && is_unusual(&past, 14));
    }
}
