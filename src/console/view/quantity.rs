//! Numbers as people read them, in a width that does not jump: `2.1M`, `41k`, `8s`, `×14`. `–` is none. It must not
//! know colours.

use crate::model::Timestamp;
use crate::model::time::{DAY, HOUR, MINUTE, SECOND};
use crate::text::Shown;

/// A count in at most five columns.
pub fn count(n: f64) -> String {
    let scaled = |value: f64, unit: &str| if value < 9.95 { format!("{value:.1}{unit}") } else { format!("{value:.0}{unit}") };
    match n {
        n if !n.is_finite() => "–".to_owned(),
        n if n < 999.5 && (n.fract() == 0.0 || n >= 99.5) => format!("{n:.0}"),
        n if n < 1.0 => format!("{n:.2}"),
        n if n < 99.5 => format!("{n:.1}"),
        n if n < 999_500.0 => scaled(n / 1e3, "k"),
        n if n < 999_500_000.0 => scaled(n / 1e6, "M"),
        n if n < 999.5e9 => scaled(n / 1e9, "G"),
        n => scaled(n / 1e12, "T"),
    }
}

/// Bytes with their unit.
pub fn bytes(n: f64) -> String {
    if n < 999.5 { format!("{n:.0} B") } else { format!("{}B", count(n)).replace("kB", " kB").replace("MB", " MB").replace("GB", " GB") }
}

/// A length of time in at most four columns.
pub fn span(ms: i64) -> String {
    let ms = ms.max(0);
    match ms {
        _ if ms < MINUTE => format!("{}s", ms / SECOND),
        _ if ms < HOUR => format!("{}m", ms / MINUTE),
        _ if ms < 2 * DAY => format!("{}h", ms / HOUR),
        _ => format!("{}d", ms / DAY),
    }
}

/// How many times the usual; nothing below 1.1.
pub fn ratio(times: f64) -> Option<String> {
    match times {
        t if !t.is_finite() || t < 1.1 => None,
        t if t < 9.95 => Some(format!("×{t:.1}")),
        t if t < 999.5 => Some(format!("×{t:.0}")),
        _ => Some("×999+".to_owned()),
    }
}

/// `5`, `1–2`, `≤9` or `–`: the band of a habit.
pub fn band(low: f64, high: f64) -> String {
    let (from, to) = (count(low), count(high));
    if high <= 0.0 {
        "0".to_owned()
    } else if from == to {
        to
    } else if low <= 0.0 {
        format!("≤{to}")
    } else {
        format!("{from}–{to}")
    }
}

/// A share as percent.
pub fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// A probability in words that stay short: `1 in 8k`, or `–`.
pub fn odds(p: Option<f64>) -> String {
    match p {
        Some(p) if p > 0.0 && p < 0.5 => format!("1 in {}", count((1.0 / p).round())),
        Some(p) if p >= 0.5 => "common".to_owned(),
        _ => "–".to_owned(),
    }
}

/// Minutes east of Greenwich in which times are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zone(pub i32);

impl Zone {
    fn local(self, at: Timestamp) -> Timestamp {
        at.plus(i64::from(self.0) * MINUTE)
    }

    /// `Z` or `+01:00`.
    pub fn suffix(self) -> String {
        if self.0 == 0 {
            "Z".to_owned()
        } else {
            format!("{}{:02}:{:02}", if self.0 < 0 { '-' } else { '+' }, self.0.abs() / 60, self.0.abs() % 60)
        }
    }

    /// `14:32:07`.
    pub fn clock(self, at: Timestamp) -> Shown {
        Shown::new(&self.local(at).clock())
    }

    /// `14:32`.
    pub fn minute(self, at: Timestamp) -> String {
        self.local(at).clock().chars().take(5).collect()
    }

    /// `11-19 14:32`.
    pub fn short(self, at: Timestamp) -> Shown {
        let day = self.local(at).day().to_string();
        Shown::new(&format!("{} {}", day.get(5..).unwrap_or(&day), self.minute(at)))
    }

    /// `2026-11-19 14:32Z`.
    pub fn full(self, at: Timestamp) -> String {
        format!("{} {}{}", self.local(at).day(), self.minute(at), self.suffix())
    }

    /// `2026-11`.
    pub fn month(self, at: Timestamp) -> String {
        self.local(at).day().to_string().chars().take(7).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_say_them() {
        for (n, text) in [
            (0.0, "0"),
            (5.0, "5"),
            (0.61, "0.61"),
            (2.5, "2.5"),
            (41.0, "41"),
            (999.0, "999"),
            (1_200.0, "1.2k"),
            (41_208.0, "41k"),
            (999_700.0, "1.0M"),
            (2_100_000.0, "2.1M"),
            (41e9, "41G"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(count(n), text, "{n}");
        }
        assert_eq!((bytes(12.0), bytes(1500.0), bytes(41e6)), ("12 B".into(), "1.5 kB".into(), "41 MB".into()));
        assert_eq!((span(8_000), span(3 * HOUR), span(41 * DAY), span(-1)), ("8s".into(), "3h".into(), "41d".into(), "0s".into()));
        assert_eq!((ratio(1.0), ratio(2.5), ratio(14.0)), (None, Some("×2.5".into()), Some("×14".into())));
        assert_eq!((band(1.0, 2.0), band(1.0, 1.0), band(0.0, 9.0), band(0.0, 0.0)), ("1–2".into(), "1".into(), "≤9".into(), "0".into()));
        assert_eq!((odds(Some(0.000_12)), odds(None), odds(Some(0.9))), ("1 in 8.3k".into(), "–".into(), "common".into()));
    }

    #[test]
    fn times_follow_the_zone() {
        let at = Timestamp::parse("2026-11-19T23:32:07Z").unwrap();
        assert_eq!(Zone(0).full(at), "2026-11-19 23:32Z");
        assert_eq!(Zone(60).full(at), "2026-11-20 00:32+01:00");
        assert_eq!(Zone(0).short(at).to_string(), "11-19 23:32");
    }
}
