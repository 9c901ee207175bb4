//! Scalars of a JSON record, read without fuss: a cell takes whatever scalar stands there, borrows it where the record
//! holds it verbatim, and is empty for null, blanks and anything nested. It must not know any provider.

use crate::model::event::Text;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A scalar as text. `None` for null; numbers and booleans as they are written; nested values are skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell<'a>(Option<Text<'a>>);

impl<'a> Cell<'a> {
    /// A text that stands in the record just so.
    pub const fn verbatim(text: &'a str) -> Self {
        Self(Some(Cow::Borrowed(text)))
    }

    /// The text without surrounding blanks; `None` where nothing or the word `null` is left.
    pub fn text(&self) -> Option<&str> {
        self.0.as_deref().and_then(meaningful)
    }

    /// The same text, taken out; borrowed where the record holds it verbatim.
    pub fn take(&mut self) -> Option<Text<'a>> {
        let text = self.0.take()?;
        meaningful(&text)?;
        Some(part(text, trim))
    }

    /// The text read as a whole number; `12.0` is 12, what is negative or no number is `None`.
    pub fn count(&self) -> Option<u64> {
        count(self.text()?)
    }

    /// `true`, `yes`, `1` and their opposites, in any case.
    pub fn flag(&self) -> Option<bool> {
        flag(self.text()?)
    }

    /// Whether a usable text is there.
    pub fn is_some(&self) -> bool {
        self.text().is_some()
    }
}

fn meaningful(text: &str) -> Option<&str> {
    let text = trim(text);
    (!text.is_empty() && text != "null").then_some(text)
}

/// `str::trim`, quicker where there is nothing to trim, which is nearly always.
fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// `true`, `yes`, `1` and their opposites, in any case; `None` for any other text.
pub fn flag(text: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|w| text.eq_ignore_ascii_case(w));
    if is(["true", "yes", "1"]) {
        Some(true)
    } else if is(["false", "no", "0"]) {
        Some(false)
    } else {
        None
    }
}

/// A whole number, also where it is written with decimals.
pub fn count(text: &str) -> Option<u64> {
    text.parse().ok().or_else(|| {
        let number: f64 = text.parse().ok()?;
        // Beyond 2^53 a float no longer counts single things, and a claim of 9 PB in one call is not believed.
        (number.is_finite() && (0.0..9_007_199_254_740_992.0).contains(&number)).then_some(number as u64)
    })
}

/// A part of a text, still borrowed where the whole was.
pub fn part<'a>(text: Text<'a>, cut: impl for<'b> Fn(&'b str) -> &'b str) -> Text<'a> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(cut(text)),
        Cow::Owned(text) => {
            let kept = cut(&text);
            if kept.len() == text.len() { Cow::Owned(text) } else { Cow::Owned(kept.to_owned()) }
        }
    }
}

struct Scalar;

impl<'de> Visitor<'de> for Scalar {
    type Value = Option<Text<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text)))
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if yes { "true" } else { "false" })))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        // Byte counts come as floats; whole ones need no search for their shortest digits.
        let whole = number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&number);
        Ok(Some(Cow::Owned(if whole { (number as u64).to_string() } else { number.to_string() })))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Cell<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Scalar).map(Self)
    }
}

/// The first scalar inside a value however it is nested: `{"items":[{"instanceId":"i-1"}]}` gives `i-1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct First<'a>(pub Cell<'a>);

struct Leaf;

impl<'de> Visitor<'de> for Leaf {
    type Value = Option<Text<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E: serde::de::Error>(self, yes: bool) -> Result<Self::Value, E> {
        Scalar.visit_bool(yes)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Scalar.visit_u64(number)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Scalar.visit_i64(number)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Self::Value, E> {
        Scalar.visit_f64(number)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while found.is_none() {
            let Some(First(Cell(item))) = items.next_element::<First<'de>>()? else { return Ok(None) };
            found = item;
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while found.is_none() {
            let Some((_, First(Cell(item)))) = fields.next_entry::<IgnoredAny, First<'de>>()? else { return Ok(None) };
            found = item;
        }
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for First<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Leaf).map(|leaf| Self(Cell(leaf)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects the tolerance every format rests on: any scalar reads, nothing nested or null invents a value.
    #[test]
    fn a_cell_takes_any_scalar_and_nothing_else() {
        for (json, text, number) in [
            (r#""a""#, Some("a"), None),
            (r#"" a ""#, Some("a"), None),
            (r#""caf\u00e9 \ud83d\ude00""#, Some("café 😀"), None),
            ("12", Some("12"), Some(12)),
            ("12.0", Some("12"), Some(12)),
            (r#""1024.0""#, Some("1024.0"), Some(1024)),
            ("-3", Some("-3"), None),
            ("true", Some("true"), None),
            ("null", None, None),
            (r#""null""#, None, None),
            (r#""  ""#, None, None),
            (r#"{"a":1}"#, None, None),
            ("[1]", None, None),
        ] {
            let cell: Cell<'_> = serde_json::from_str(json).unwrap();
            assert_eq!((cell.text(), cell.count()), (text, number), "{json}");
        }
    }

    /// Protects zero-copy: only escapes may force a copy.
    #[test]
    fn text_is_borrowed_where_the_record_holds_it_verbatim() {
        let mut plain: Cell<'_> = serde_json::from_str(r#"" a ""#).unwrap();
        assert!(matches!(plain.take(), Some(Cow::Borrowed("a"))));
        let mut escaped: Cell<'_> = serde_json::from_str(r#""a\/b""#).unwrap();
        assert!(matches!(escaped.take(), Some(Cow::Owned(_))));
    }

    #[test]
    fn the_first_leaf_is_found_at_any_depth() {
        for (json, text) in [
            (r#"{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]}"#, Some("i-1")),
            (r#"[null,[],{"a":null},"x"]"#, Some("x")),
            (r#""x""#, Some("x")),
            ("[]", None),
        ] {
            assert_eq!(serde_json::from_str::<First<'_>>(json).unwrap().0.text(), text, "{json}");
        }
    }
}
