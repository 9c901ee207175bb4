//! What things look like: tokens with a meaning, never colours by name, and the two sets of glyphs. Foreground and
//! background are the terminal's own; sixteen colours are designed first and truecolor only refines them. Red means
//! critical or broken, nothing else. It must not know what is drawn.

use crate::model::Severity;
use ratatui::style::{Color, Modifier, Style};

/// Styles by meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the meanings; the table in `tokens` lists them")]
pub struct Theme {
    pub primary: Style,
    pub body: Style,
    pub faint: Style,
    pub accent: Style,
    pub critical: Style,
    pub high: Style,
    pub medium: Style,
    pub low: Style,
    pub info: Style,
    pub new: Style,
    pub usual: Style,
    pub middle: Style,
    pub live: Style,
    pub paused: Style,
    pub ok: Style,
    pub rule: Style,
    pub selected: Style,
    pub escape: Style,
}

/// Which look is wanted and possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// For a dark background.
    #[default]
    Dark,
    /// For a light background.
    Light,
    /// Without any colour.
    Mono,
}

const fn fg(color: Color) -> Style {
    Style::new().fg(color)
}

const fn rgb(hex: u32) -> Color {
    Color::Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

impl Theme {
    /// The theme of a look; `truecolor` where the terminal says it can.
    pub fn of(look: Look, truecolor: bool) -> Self {
        match (look, truecolor) {
            (Look::Mono, _) => Self::mono(),
            (Look::Dark, false) => Self::sixteen(Color::LightRed, Color::Yellow, Color::Cyan, Color::DarkGray),
            (Look::Light, false) => Self::sixteen(Color::Red, Color::Magenta, Color::Blue, Color::DarkGray),
            (Look::Dark, true) => Self::refined([
                0xff_6b6b, 0xff_9f43, 0xf2_cc60, 0x6c_b6ff, 0x8b_949e, 0xd2_a8ff, 0x6a_7380, 0x8b_949e, 0x7e_e787, 0x58_a6ff, 0x23_2f42,
            ]),
            (Look::Light, true) => Self::refined([
                0xc6_2828, 0xb3_5900, 0x8a_6100, 0x0b_5cad, 0x57_606a, 0x7b_2fbe, 0x87_909a, 0x57_606a, 0x1a_7f37, 0x09_69da, 0xdd_e7f5,
            ]),
        }
    }

    fn base() -> Self {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let dim = Style::new().add_modifier(Modifier::DIM);
        let body = Style::new();
        Self {
            primary: bold,
            body,
            faint: dim,
            accent: bold,
            critical: bold,
            high: bold,
            medium: body,
            low: body,
            info: dim,
            new: bold,
            usual: dim,
            middle: body,
            live: body,
            paused: Style::new().add_modifier(Modifier::REVERSED),
            ok: body,
            rule: dim,
            selected: Style::new().add_modifier(Modifier::REVERSED),
            escape: dim,
        }
    }

    fn mono() -> Self {
        Self::base()
    }

    fn sixteen(critical: Color, warm: Color, cool: Color, gray: Color) -> Self {
        let new = if warm == Color::Magenta { Color::Blue } else { Color::Magenta };
        Self {
            faint: fg(gray),
            accent: fg(cool).add_modifier(Modifier::BOLD),
            critical: fg(critical).add_modifier(Modifier::BOLD),
            high: fg(warm).add_modifier(Modifier::BOLD),
            medium: fg(warm),
            low: fg(cool),
            info: fg(gray),
            new: fg(new),
            usual: fg(gray),
            live: fg(Color::Green),
            paused: fg(warm).add_modifier(Modifier::REVERSED),
            ok: fg(Color::Green),
            rule: fg(gray),
            escape: fg(gray).add_modifier(Modifier::DIM),
            ..Self::base()
        }
    }

    fn refined(colors: [u32; 11]) -> Self {
        let [critical, high, medium, low, info, new, usual, middle, ok, accent, selected] = colors.map(rgb);
        Self {
            faint: fg(info),
            accent: fg(accent).add_modifier(Modifier::BOLD),
            critical: fg(critical).add_modifier(Modifier::BOLD),
            high: fg(high).add_modifier(Modifier::BOLD),
            medium: fg(medium),
            low: fg(low),
            info: fg(info),
            new: fg(new),
            usual: fg(usual),
            middle: fg(middle),
            live: fg(ok),
            paused: fg(medium).add_modifier(Modifier::REVERSED),
            ok: fg(ok),
            rule: fg(usual),
            selected: Style::new().bg(selected),
            escape: fg(usual).add_modifier(Modifier::ITALIC),
            ..Self::base()
        }
    }

    /// The style of a severity.
    pub fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Info => self.info,
        }
    }

    /// Every token with its name.
    pub fn tokens(&self) -> [(&'static str, Style); 18] {
        [
            ("primary", self.primary),
            ("body", self.body),
            ("faint", self.faint),
            ("accent", self.accent),
            ("critical", self.critical),
            ("high", self.high),
            ("medium", self.medium),
            ("low", self.low),
            ("info", self.info),
            ("new", self.new),
            ("usual", self.usual),
            ("middle", self.middle),
            ("live", self.live),
            ("paused", self.paused),
            ("ok", self.ok),
            ("rule", self.rule),
            ("selected", self.selected),
            ("escape", self.escape),
        ]
    }
}

/// The look a terminal asks for: none of colour with `NO_COLOR` (any value but an empty one), light when `COLORFGBG` says so.
pub fn look(no_color: Option<&str>, colorfgbg: Option<&str>) -> Look {
    if no_color.is_some_and(|value| !value.is_empty()) {
        return Look::Mono;
    }
    // `15;0` or `0;default;15`: the last number is the background; 7 and 9–15 are light.
    let background = colorfgbg.and_then(|value| value.rsplit(';').next()).and_then(|value| value.parse::<u8>().ok());
    if background.is_some_and(|n| n == 7 || (9..=15).contains(&n)) { Look::Light } else { Look::Dark }
}

/// Whether `COLORTERM` says that the terminal knows more than the palette.
pub fn is_truecolor(colorterm: Option<&str>) -> bool {
    colorterm.is_some_and(|value| value == "truecolor" || value == "24bit")
}

/// Marks and shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the shape it is named after")]
pub struct Glyphs {
    pub tick: &'static str,
    pub bar: &'static str,
    pub rule: &'static str,
    /// By severity: info, low, medium, high, critical.
    pub severity: [&'static str; 5],
    /// Eight levels and, first, nothing.
    pub spark: [&'static str; 9],
    pub light: &'static str,
    pub middle: &'static str,
    pub dense: &'static str,
    pub empty: &'static str,
    pub young: &'static str,
    pub now: &'static str,
    pub off: &'static str,
    pub over: &'static str,
    pub mark: &'static str,
    pub done: &'static str,
    pub missing: &'static str,
    pub open: &'static str,
    pub live: &'static str,
    pub paused: &'static str,
    pub warn: &'static str,
    pub full: &'static str,
    /// Thin bars: a whole column, half of one, and the track.
    pub thick: &'static str,
    pub half: &'static str,
    pub rest: &'static str,
    pub corners: [&'static str; 4],
    pub across: &'static str,
    pub down: &'static str,
    pub radio: [&'static str; 2],
}

impl Glyphs {
    /// For terminals that speak UTF-8.
    pub const UNICODE: Self = Self {
        tick: "▎",
        bar: "▌",
        rule: "│",
        severity: ["·", "·", "●", "◆", "▲"],
        spark: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        light: "░",
        middle: "▒",
        dense: "▓",
        empty: "·",
        young: "┄",
        now: "●",
        off: "»",
        over: "×",
        mark: "✓",
        done: "✔",
        missing: "✘",
        open: "▸",
        live: "●",
        paused: "‖",
        warn: "⚠",
        full: "█",
        thick: "━",
        half: "╸",
        rest: "─",
        corners: ["╭", "╮", "╰", "╯"],
        across: "─",
        down: "│",
        radio: ["( )", "(•)"],
    };

    /// For those that do not.
    pub const ASCII: Self = Self {
        tick: "|",
        bar: ">",
        rule: "|",
        severity: [".", ".", "*", "!", "#"],
        spark: [" ", "_", "_", ".", "-", "-", "=", "=", "#"],
        light: ".",
        middle: "+",
        dense: "#",
        empty: " ",
        young: "-",
        now: "o",
        off: ">",
        over: "x",
        mark: "v",
        done: "+",
        missing: "x",
        open: ">",
        live: "*",
        paused: "=",
        warn: "!",
        full: "#",
        thick: "=",
        half: "-",
        rest: "-",
        corners: ["+", "+", "+", "+"],
        across: "-",
        down: "|",
        radio: ["( )", "(*)"],
    };

    /// The set for a locale: `LC_ALL`, `LC_CTYPE` or `LANG`, whichever is set first.
    pub fn for_locale(locale: Option<&str>) -> Self {
        let locale = locale.unwrap_or_default().to_uppercase();
        if locale.contains("UTF-8") || locale.contains("UTF8") { Self::UNICODE } else { Self::ASCII }
    }

    /// The glyph of a severity.
    pub fn of(&self, severity: Severity) -> &'static str {
        self.severity[severity as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_is_asked_nothing_its_environment_says_enough() {
        for (no_color, colorfgbg, expected) in [
            (None, None, Look::Dark),
            (Some("1"), Some("0;15"), Look::Mono),
            (Some(""), None, Look::Dark),
            (None, Some("0;15"), Look::Light),
            (None, Some("15;0"), Look::Dark),
            (None, Some("0;default;7"), Look::Light),
            (None, Some("nonsense"), Look::Dark),
        ] {
            assert_eq!(look(no_color, colorfgbg), expected, "{no_color:?} {colorfgbg:?}");
        }
        assert!(is_truecolor(Some("truecolor")) && !is_truecolor(Some("256color")) && !is_truecolor(None));
        assert_eq!(Glyphs::for_locale(Some("de_DE.UTF-8")), Glyphs::UNICODE);
        assert_eq!(Glyphs::for_locale(None), Glyphs::ASCII);
    }

    /// Relative luminance and contrast ratio of WCAG 2.2.
    fn contrast(a: Color, b: Color) -> f64 {
        let luminance = |color| {
            let Color::Rgb(r, g, b) = color else { return 0.0 };
            let part = |value: u8| {
                let value = f64::from(value) / 255.0;
                if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_and_marks_be_seen_on_common_backgrounds() {
        for (look, backgrounds) in [(Look::Dark, [0x00_0000, 0x1e_1e1e]), (Look::Light, [0xff_ffff, 0xfa_f8f5])] {
            for background in backgrounds {
                for (name, style) in Theme::of(look, true).tokens() {
                    let Some(color) = style.fg else { continue };
                    let needed = if matches!(name, "usual" | "rule" | "escape") { 3.0 } else { 4.5 };
                    let found = contrast(color, rgb(background));
                    assert!(found >= needed, "{look:?} {name} on {background:06x}: {found:.1}");
                }
            }
        }
    }

    /// Severity is told by glyph as well, never by colour alone.
    #[test]
    fn grave_severities_have_glyphs_of_their_own() {
        for glyphs in [Glyphs::UNICODE, Glyphs::ASCII] {
            let mut grave = glyphs.severity[2..].to_vec();
            grave.dedup();
            assert_eq!(grave.len(), 3);
            assert!(!grave.contains(&glyphs.severity[0]));
        }
    }
}
