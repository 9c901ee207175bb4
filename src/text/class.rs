//! Which characters a terminal would hide, reorder or obey. The classes are Unicode's own, taken from the tables the
//! `regex` crate carries. It must not know how an escape is written.

use regex::Regex;
use std::sync::LazyLock;
use unicode_width::UnicodeWidthChar;

/// Format, separators, private use, unassigned, ignorable, variation selectors, and blanks that are not the space bar.
static HIDDEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}]").ok());

static MARK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\p{M}").ok());

/// What drawing a character takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Drawn as it is.
    Plain,
    /// Sits on the character before it.
    Mark,
    /// Must be written as an escape.
    Hidden,
}

/// The class of a character that is no C0 control and not DEL.
pub fn of(c: char) -> Class {
    match c as u32 {
        // C1; pictures of controls and our two arrows stand for escapes, so a literal one has to be told apart; the
        // braille blank draws nothing.
        0x80..=0xa0 | 0xad | 0x2400..=0x2426 | 0x21e5 | 0x23ce | 0x2800 => Class::Hidden,
        // Assigned and visible throughout: the fast way for ASCII, Latin, dashes, arrows, box drawing and blocks.
        0x20..=0x7e | 0xa1..=0x2ff | 0x2010..=0x2027 | 0x2190..=0x21ff | 0x2500..=0x27bf => Class::Plain,
        _ => slow(c),
    }
}

fn slow(c: char) -> Class {
    let mut bytes = [0; 4];
    let text = c.encode_utf8(&mut bytes);
    // Without tables everything unusual is escaped: the safe side.
    if HIDDEN.as_ref().is_none_or(|class| class.is_match(text)) {
        return Class::Hidden;
    }
    // Jamo vowels and finals are letters of no width of their own: they join what stands before them, like marks.
    if MARK.as_ref().is_none_or(|class| class.is_match(text)) || c.width() == Some(0) { Class::Mark } else { Class::Plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_characters_that_were_used_in_attacks() {
        for (c, class) in [
            ('a', Class::Plain),
            ('é', Class::Plain),
            ('а', Class::Plain), // Cyrillic: letters of any script stay
            ('漢', Class::Plain),
            ('😀', Class::Plain),
            ('\u{301}', Class::Mark),
            ('\u{1160}', Class::Hidden),
            ('\u{1161}', Class::Mark),
            ('\u{9b}', Class::Hidden),
            ('\u{a0}', Class::Hidden),
            ('\u{ad}', Class::Hidden),
            ('\u{34f}', Class::Hidden),
            ('\u{180e}', Class::Hidden),
            ('\u{200b}', Class::Hidden),
            ('\u{200d}', Class::Hidden),
            ('\u{202e}', Class::Hidden),
            ('\u{2028}', Class::Hidden),
            ('\u{2066}', Class::Hidden),
            ('\u{2400}', Class::Hidden),
            ('\u{3164}', Class::Hidden),
            ('\u{e000}', Class::Hidden),
            ('\u{fe0f}', Class::Hidden),
            ('\u{feff}', Class::Hidden),
            ('\u{ffa0}', Class::Hidden),
            ('\u{378}', Class::Hidden), // unassigned
            ('\u{e0041}', Class::Hidden),
            ('\u{e0101}', Class::Hidden),
        ] {
            assert_eq!(of(c), class, "U+{:04X}", c as u32);
        }
    }

    #[test]
    fn the_fast_ranges_agree_with_the_tables() {
        for code in (0xa1..=0x2ff).chain(0x2010..=0x2027).chain(0x2190..=0x21ff).chain(0x2500..=0x27bf) {
            let Some(c) = char::from_u32(code) else { continue };
            if of(c) == Class::Plain {
                assert_eq!(slow(c), Class::Plain, "U+{code:04X}");
            }
        }
    }
}
