//! [`Shown`]: a value with everything a terminal would hide, reorder or obey written out. Escape, never strip, never
//! parse: below the cap two values that differ are drawn differently, and nothing below U+0020 is left. It must not
//! know colours; a segment only says whether it is an escape.

use super::class::{self, Class};
use std::borrow::Cow;
use std::fmt;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Graphemes (an escape counts as one) after which a value is cut with `…(+N)`.
pub const CAP: usize = 600;

/// The same for one line of a document, where reading everything is the point.
pub const LINE: usize = 20_000;

/// Combining marks that may sit on one character before the rest is escaped.
const MARKS: usize = 4;

/// A run of a shown value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What to draw; printable throughout.
    pub text: Cow<'static, str>,
    /// It stands for something that could not be drawn, or says that something was left out: drawn dim.
    pub escaped: bool,
}

/// A value ready to be drawn. `Display` gives it as plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    segments: Vec<Segment>,
    width: usize,
    odd: bool,
}

impl Shown {
    /// A value for one line: newlines become `⏎`, blanks at either end `␠`.
    pub fn new(text: &str) -> Self {
        if is_tame(text) {
            return Self { width: text.len(), segments: vec![literal(text.to_owned())], odd: false };
        }
        let mut out = Writer::default();
        out.text(text, true);
        out.finish()
    }

    /// A value that need not be UTF-8: bytes that are none become `\xNN`.
    pub fn bytes(bytes: &[u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self::new(text);
        }
        let mut out = Writer::default();
        for chunk in bytes.utf8_chunks() {
            out.text(chunk.valid(), false);
            for byte in chunk.invalid() {
                out.escape(format!("\\x{byte:02x}"));
            }
        }
        out.finish()
    }

    /// A text of several lines, each shown by itself with its indentation; at most `most` lines.
    pub fn lines(text: &str, most: usize) -> Vec<Self> {
        text.split('\n')
            .take(most)
            .map(|line| {
                let mut out = Writer { cap: LINE, ..Writer::default() };
                out.text(line, false);
                out.finish()
            })
            .collect()
    }

    /// Width in terminal columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether anything had to be escaped: worth a `⚠`, because nobody names a thing so by accident.
    pub fn odd(&self) -> bool {
        self.odd
    }

    /// The runs, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// At most `width` columns of it; what is cut ends in `…`.
    #[must_use]
    pub fn cut(&self, width: usize) -> Self {
        if self.width <= width {
            return self.clone();
        }
        let mut out = Self { odd: self.odd, ..Self::default() };
        if width == 0 {
            return out;
        }
        let room = width - 1;
        'all: for segment in &self.segments {
            // An escape is one thing: half of one would be a lie.
            let units: Vec<&str> = if segment.escaped { vec![&segment.text] } else { segment.text.graphemes(true).collect() };
            let mut run = String::new();
            for unit in units {
                let wide = unit.width();
                if out.width + wide > room {
                    out.push(run, segment.escaped);
                    break 'all;
                }
                out.width += wide;
                run.push_str(unit);
            }
            out.push(run, segment.escaped);
        }
        out.push("…".to_owned(), false);
        out.width += 1;
        out
    }

    /// At most `width` columns of it, `…` in the middle: what tells names apart often stands at their end. Two thirds of
    /// the room go to the beginning.
    #[must_use]
    pub fn middle(&self, width: usize) -> Self {
        // Below that there is no middle to speak of.
        if self.width <= width || width < 8 {
            return self.cut(width);
        }
        let units: Vec<(&str, bool)> = self.units().collect();
        let fit = |units: &mut dyn Iterator<Item = &(&str, bool)>, room: usize| {
            let mut used = 0;
            units
                .take_while(|(unit, _)| {
                    used += unit.width();
                    used <= room
                })
                .count()
        };
        let tail = (width - 1) / 3;
        let head = fit(&mut units.iter(), width - 1 - tail);
        let tail = fit(&mut units.iter().rev(), tail);
        let mut out = Self { odd: self.odd, ..Self::default() };
        for (unit, escaped) in &units[..head] {
            out.append(unit, *escaped);
        }
        out.append("…", false);
        for (unit, escaped) in &units[units.len() - tail..] {
            out.append(unit, *escaped);
        }
        out
    }

    /// Its graphemes; an escape is one thing.
    fn units(&self) -> impl Iterator<Item = (&str, bool)> {
        self.segments.iter().flat_map(|segment| {
            let whole = segment.escaped.then_some(segment.text.as_ref());
            let parts = if segment.escaped { "" } else { segment.text.as_ref() };
            whole.into_iter().chain(parts.graphemes(true)).map(|unit| (unit, segment.escaped))
        })
    }

    fn append(&mut self, unit: &str, escaped: bool) {
        self.width += unit.width();
        match self.segments.last_mut() {
            Some(last) if !last.escaped && !escaped => last.text.to_mut().push_str(unit),
            _ => self.push(unit.to_owned(), escaped),
        }
    }

    /// Broken into lines of `width` columns wherever that falls: nothing is left out. An escape wider than a line gets
    /// one of its own.
    pub fn fold(&self, width: usize) -> Vec<Self> {
        let mut lines = vec![Self::default()];
        for segment in &self.segments {
            let units: Vec<&str> = if segment.escaped { vec![&segment.text] } else { segment.text.graphemes(true).collect() };
            for unit in units {
                let wide = unit.width();
                if lines.last().is_some_and(|line| line.width > 0 && line.width + wide > width) {
                    lines.push(Self::default());
                }
                if let Some(line) = lines.last_mut() {
                    line.odd |= segment.escaped;
                    line.width += wide;
                    match line.segments.last_mut() {
                        Some(last) if !last.escaped && !segment.escaped => last.text.to_mut().push_str(unit),
                        _ => line.push(unit.to_owned(), segment.escaped),
                    }
                }
            }
        }
        lines
    }

    /// Wrapped at blanks into at most `most` lines of `width` columns; a word that is wider is broken, and the last line
    /// is cut when more follows.
    pub fn wrap(&self, width: usize, most: usize) -> Vec<Self> {
        let mut lines: Vec<Self> = Vec::new();
        if width == 0 || most == 0 {
            return lines;
        }
        let words: Vec<Self> =
            self.words().into_iter().flat_map(|word| if word.width > width { word.fold(width) } else { vec![word] }).collect();
        let mut line = Self { odd: self.odd, ..Self::default() };
        let mut index = 0;
        while index < words.len() {
            let word = &words[index];
            let gap = usize::from(line.width > 0);
            if line.width + gap + word.width <= width {
                line.join(word, gap);
                index += 1;
            } else if lines.len() + 1 == most {
                // The last line takes what is left, so that the cut shows.
                for word in &words[index..] {
                    line.join(word, usize::from(line.width > 0));
                    if line.width > width {
                        break;
                    }
                }
                lines.push(line.cut(width));
                return lines;
            } else if line.width == 0 {
                lines.push(word.cut(width));
                index += 1;
            } else {
                lines.push(std::mem::replace(&mut line, Self { odd: self.odd, ..Self::default() }));
            }
        }
        if line.width > 0 {
            lines.push(line);
        }
        for line in &mut lines {
            line.odd = line.segments.iter().any(|segment| segment.escaped);
        }
        lines
    }

    fn words(&self) -> Vec<Self> {
        let mut words = vec![Self::default()];
        for segment in &self.segments {
            let parts: Vec<&str> = if segment.escaped { vec![&segment.text] } else { segment.text.split(' ').collect() };
            for (n, part) in parts.iter().enumerate() {
                if n > 0 {
                    words.push(Self::default());
                }
                if let Some(word) = words.last_mut() {
                    word.width += part.width();
                    word.push((*part).to_owned(), segment.escaped);
                }
            }
        }
        words.retain(|word| word.width > 0);
        words
    }

    fn join(&mut self, word: &Self, gap: usize) {
        if gap > 0 {
            self.segments.push(literal(" ".to_owned()));
        }
        self.segments.extend(word.segments.iter().cloned());
        self.width += gap + word.width;
    }

    fn push(&mut self, text: String, escaped: bool) {
        if !text.is_empty() {
            self.segments.push(Segment { text: Cow::Owned(text), escaped });
        }
    }
}

impl From<&'static str> for Shown {
    /// Our own words need no escaping.
    fn from(text: &'static str) -> Self {
        Self { segments: vec![Segment { text: Cow::Borrowed(text), escaped: false }], width: text.width(), odd: false }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments.iter().try_for_each(|segment| f.write_str(&segment.text))
    }
}

fn literal(text: String) -> Segment {
    Segment { text: Cow::Owned(text), escaped: false }
}

/// Printable ASCII that needs no work.
fn is_tame(text: &str) -> bool {
    text.len() <= CAP
        && text.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'\\')
        && !text.starts_with(' ')
        && !text.ends_with(' ')
}

struct Writer {
    cap: usize,
    segments: Vec<Segment>,
    run: String,
    marks: usize,
    base: bool,
    units: usize,
    left_out: usize,
    odd: bool,
}

impl Default for Writer {
    fn default() -> Self {
        Self { cap: CAP, segments: Vec::new(), run: String::new(), marks: 0, base: false, units: 0, left_out: 0, odd: false }
    }
}

impl Writer {
    fn text(&mut self, text: &str, one_line: bool) {
        let trimmed = text.trim_matches(' ').len();
        let lead = if one_line { text.len() - text.trim_start_matches(' ').len() } else { 0 };
        let tail = if one_line && trimmed > 0 { text.len() - text.trim_end_matches(' ').len() } else { 0 };
        for (at, c) in text.char_indices() {
            match c {
                ' ' if at < lead || at >= text.len() - tail => self.escape("␠".to_owned()),
                '\t' => self.escape("⇥".to_owned()),
                '\n' => self.escape("⏎".to_owned()),
                '\0'..='\u{1f}' => self.escape(char::from_u32(0x2400 + c as u32).map_or_else(String::new, String::from)),
                '\u{7f}' => self.escape("␡".to_owned()),
                // A literal text that reads like an escape must not pass for one.
                '\\' if reads_like_an_escape(&text.as_bytes()[at + 1..]) => self.escape("\\u{5c}".to_owned()),
                _ => match class::of(c) {
                    Class::Plain => self.plain(c),
                    Class::Mark if self.base && self.marks < MARKS => self.mark(c),
                    Class::Mark | Class::Hidden => self.escape(format!("\\u{{{:x}}}", c as u32)),
                },
            }
        }
    }

    fn plain(&mut self, c: char) {
        (self.base, self.marks) = (true, 0);
        if self.count() {
            self.run.push(c);
        }
    }

    fn mark(&mut self, c: char) {
        self.marks += 1;
        if self.left_out == 0 {
            self.run.push(c);
        }
    }

    fn escape(&mut self, text: String) {
        (self.base, self.marks, self.odd) = (false, 0, true);
        if self.count() {
            self.flush();
            self.segments.push(Segment { text: Cow::Owned(text), escaped: true });
        }
    }

    fn count(&mut self) -> bool {
        if self.units == self.cap {
            self.left_out += 1;
            return false;
        }
        self.units += 1;
        true
    }

    fn flush(&mut self) {
        if !self.run.is_empty() {
            self.segments.push(literal(std::mem::take(&mut self.run)));
        }
    }

    fn finish(mut self) -> Shown {
        self.flush();
        if self.left_out > 0 {
            self.segments.push(Segment { text: Cow::Owned(format!("…(+{})", self.left_out)), escaped: true });
        }
        // Measured grapheme by grapheme, because that is how cells are filled.
        let width = self.segments.iter().flat_map(|segment| segment.text.graphemes(true)).map(UnicodeWidthStr::width).sum();
        Shown { segments: self.segments, width, odd: self.odd }
    }
}

fn reads_like_an_escape(after: &[u8]) -> bool {
    after.starts_with(b"u{") || (after.len() >= 3 && after[0] == b'x' && after[1..3].iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_attackers_send_and_what_is_drawn() {
        for (raw, drawn) in [
            ("crm-sync", "crm-sync"),
            ("A\u{1b}[31mB", "A␛[31mB"),
            ("adm\0in", "adm␀in"),
            ("a\tb\r\nc", "a⇥b␍⏎c"),
            ("x\u{7f}", "x␡"),
            ("x\u{9b}2J", "x\\u{9b}2J"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("crm\u{200b}-sync", "crm\\u{200b}-sync"),
            ("e\u{301}", "e\u{301}"),
            ("a\u{301}\u{301}\u{301}\u{301}\u{301}b", "a\u{301}\u{301}\u{301}\u{301}\\u{301}b"),
            ("\u{301}a", "\\u{301}a"),
            ("\\u{202e}", "\\u{5c}u{202e}"),
            ("CORP\\user", "CORP\\user"),
            ("\\x41", "\\u{5c}x41"),
            ("␀", "\\u{2400}"),
            (" x ", "␠x␠"),
            ("a  b", "a  b"),
            ("аdmin", "аdmin"),
            ("", ""),
            ("  ", "␠␠"),
        ] {
            assert_eq!(Shown::new(raw).to_string(), drawn, "{raw:?}");
        }
        assert_eq!(Shown::bytes(b"ab\xff\xc3").to_string(), "ab\\xff\\xc3");
        assert!(Shown::new("a\u{202e}").odd() && !Shown::new("crm-sync").odd() && !Shown::new("ä×–").odd());
    }

    #[test]
    fn a_long_value_is_capped_and_says_by_how_much() {
        let shown = Shown::new(&"x".repeat(10_000));
        assert!(shown.to_string().ends_with(&format!("…(+{})", 10_000 - CAP)));
    }

    #[test]
    fn cutting_keeps_graphemes_and_escapes_whole() {
        for (raw, width, drawn) in [
            ("warehouse", 9, "warehouse"),
            ("warehouse", 5, "ware…"),
            ("漢字漢字", 5, "漢字…"),
            ("漢字漢字", 4, "漢…"),
            ("ab\u{202e}cd", 6, "ab…"),
            ("ab", 1, "…"),
            ("ab", 0, ""),
        ] {
            let cut = Shown::new(raw).cut(width);
            assert_eq!(cut.to_string(), drawn, "{raw:?} to {width}");
            assert!(cut.width() <= width);
        }
    }

    #[test]
    fn the_end_of_a_name_stays_in_sight() {
        for (raw, width, drawn) in [
            ("crm-warehouse-sync@halden.example", 24, "crm-warehouse-sy…example"),
            ("ApiTotalUsage GET /jobs/query/{id}", 20, "ApiTotalUsage…y/{id}"),
            ("short", 20, "short"),
            ("abcdefghij", 5, "abcd…"),
            ("漢字漢字漢字漢字", 9, "漢字漢…字"),
            ("abcdefgh\u{202e}ijkl", 12, "abcdefgh…jkl"),
        ] {
            let drawn_as = Shown::new(raw).middle(width);
            assert_eq!(drawn_as.to_string(), drawn, "{raw:?} to {width}");
            assert!(drawn_as.width() <= width);
        }
    }

    #[test]
    fn wrapping_breaks_at_blanks_and_shows_that_more_follows() {
        let text = Shown::new("one two three four five");
        let lines = |width, most| text.wrap(width, most).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(lines(9, 9), ["one two", "three", "four five"]);
        assert_eq!(lines(9, 2), ["one two", "three fo…"]);
        assert_eq!(lines(0, 2), Vec::<String>::new());
        let arn = Shown::new("by arn:aws:iam::1:role/x now");
        assert_eq!(arn.wrap(10, 9).iter().map(ToString::to_string).collect::<Vec<_>>(), ["by", "arn:aws:ia", "m::1:role/", "x now"]);
    }

    #[test]
    fn folding_leaves_nothing_out() {
        let folded = |raw: &str, width| Shown::new(raw).fold(width).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(folded("abcdefg", 3), ["abc", "def", "g"]);
        assert_eq!(folded("a漢字b", 3), ["a漢", "字b"]);
        assert_eq!(folded("ab\u{202e}cd", 4), ["ab", "\\u{202e}", "cd"]);
        assert_eq!(folded("", 4), [""]);
    }

    #[test]
    fn a_document_keeps_its_indentation() {
        let lines = Shown::lines("{\n  \"a\": 1\u{1b}\n}", 9);
        assert_eq!(lines.iter().map(ToString::to_string).collect::<Vec<_>>(), ["{", "  \"a\": 1␛", "}"]);
    }

    /// The reader of what the escaper writes: it is how injectivity is shown.
    fn read_back(drawn: &Shown) -> String {
        let mut out = String::new();
        for segment in drawn.segments() {
            match segment.text.as_ref() {
                text if !segment.escaped => out.push_str(text),
                "␠" => out.push(' '),
                "⇥" => out.push('\t'),
                "⏎" => out.push('\n'),
                "␡" => out.push('\u{7f}'),
                text if text.starts_with("\\u{") => {
                    let code = text.trim_start_matches("\\u{").trim_end_matches('}');
                    out.extend(char::from_u32(u32::from_str_radix(code, 16).unwrap()));
                }
                text => out.extend(text.chars().next().and_then(|c| char::from_u32(c as u32 - 0x2400))),
            }
        }
        out
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_below_a_blank_is_left(raw in prop_oneof![any::<String>(), "[a\\\\u{}x0-9\u{1b}\u{202e}\u{301} \n]{0,40}"]) {
            let shown = Shown::new(&raw);
            if raw.chars().count() < CAP {
                prop_assert_eq!(read_back(&shown), raw);
            }
            let printable = shown.to_string().chars().all(|c| c >= ' ' && c != char::from(0x7f));
            prop_assert!(printable);
        }

        /// Plain output has no dim: two different values must differ as text as well.
        #[test]
        fn plain_text_differs_where_values_differ(a in "[a\\\\u{}x5c␛\u{1b}\u{202e} ]{0,12}", b in "[a\\\\u{}x5c␛\u{1b}\u{202e} ]{0,12}") {
            prop_assert_eq!(a == b, Shown::new(&a).to_string() == Shown::new(&b).to_string());
        }

        #[test]
        fn a_cut_never_exceeds_its_width(raw in any::<String>(), width in 0usize..40) {
            let cut = Shown::new(&raw).cut(width);
            prop_assert!(cut.width() <= width);
            prop_assert!(Shown::new(&raw).middle(width).width() <= width);
            for line in Shown::new(&raw).wrap(width, 3) {
                prop_assert!(line.width() <= width);
            }
        }
    }
}
