//! Alerts and identities as text: the ticket an analyst pastes, the review page for a meeting. Every text of a log passes
//! `Shown`. It must not know a screen or a store: it prints what it is given.

pub mod declared;
pub mod history;
pub mod lineage;
pub mod review;
pub mod ticket;

use crate::text::Shown;

/// Escaped text of a log, for plain output.
pub fn shown(text: &str) -> String {
    Shown::new(text).to_string()
}

/// A number in few characters: `940`, `41k`, `2.1M`.
pub fn short(n: f64) -> String {
    match n {
        n if n >= 1e9 => format!("{:.1}G", n / 1e9),
        n if n >= 1e6 => format!("{:.1}M", n / 1e6),
        n if n >= 1e4 => format!("{:.0}k", n / 1e3),
        n if n >= 1e3 => format!("{:.1}k", n / 1e3),
        n if n.fract().abs() > 0.05 && n < 10.0 => format!("{n:.1}"),
        n => format!("{n:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_hostile_text_is_harmless() {
        for (n, text) in [(0.0, "0"), (940.0, "940"), (1_200.0, "1.2k"), (41_000.0, "41k"), (2_100_004.0, "2.1M"), (0.4, "0.4")] {
            assert_eq!(short(n), text);
        }
        assert!(!shown("a\u{1b}[31mb").contains('\u{1b}'));
    }
}
