//! What stands where a secret stood: `‹redacted:kind:hmac8›`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::borrow::Cow;
use std::fmt::Write;

const OPEN: &str = "‹redacted:";
const CLOSE: char = '›';

/// Appends the tag of a secret: its kind and the first four bytes of HMAC-SHA256(key, secret) in hexadecimal.
pub fn push(out: &mut String, kind: &str, key: &[u8; 32], secret: &str) {
    out.push_str(OPEN);
    out.push_str(kind);
    out.push(':');
    // HMAC takes a key of any length; were it otherwise, the tag would do without digits.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) {
        mac.update(secret.as_bytes());
        for byte in mac.finalize().into_bytes().iter().take(4) {
            // Writing to a string cannot fail.
            let _ = write!(out, "{byte:02x}");
        }
    }
    out.push(CLOSE);
}

/// The length of the tag a text begins with; `None` when it begins with none.
pub fn length(text: &str) -> Option<usize> {
    let (kind, digits) = parts(text)?;
    Some(OPEN.len() + kind.len() + digits.map_or(0, |d| d.len() + 1) + CLOSE.len_utf8())
}

/// Kind and digits of the tag a text begins with.
fn parts(text: &str) -> Option<(&str, Option<&str>)> {
    let (inside, _) = text.strip_prefix(OPEN)?.split_once(CLOSE)?;
    let (kind, digits) = inside.split_once(':').map_or((inside, None), |(kind, digits)| (kind, Some(digits)));
    let word = !kind.is_empty() && kind.len() <= 24 && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let hex = digits.is_none_or(|d| d.len() == 8 && d.bytes().all(|b| b.is_ascii_hexdigit()));
    (word && hex).then_some((kind, digits))
}

/// The text with `‹redacted:kind:xxxxxxxx›` shortened to `‹redacted:kind›`, so that what leaves the store does not depend
/// on its key. Borrowed when there is no tag.
pub fn strip_tags(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    for (at, _) in text.match_indices(OPEN) {
        let Some((kind, Some(digits))) = text.get(at..).and_then(parts) else { continue };
        let kept = at + OPEN.len() + kind.len();
        out.push_str(text.get(done..kept).unwrap_or_default());
        done = kept + 1 + digits.len();
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_lose_their_digits_and_nothing_else() {
        for (text, bare) in [
            ("a ‹redacted:jwt:0123abcd› b ‹redacted:aws-secret:deadbeef›", "a ‹redacted:jwt› b ‹redacted:aws-secret›"),
            ("‹redacted:jwt›", "‹redacted:jwt›"),
            ("‹redacted:JWT:0123abcd›", "‹redacted:JWT:0123abcd›"),
            ("‹redacted:jwt:0123abc›", "‹redacted:jwt:0123abc›"),
            ("‹redacted:", "‹redacted:"),
            ("plain", "plain"),
        ] {
            assert_eq!(strip_tags(text), bare);
        }
        assert!(matches!(strip_tags("plain"), Cow::Borrowed(_)));
    }

    /// Protects the tag against change: a store's tags must stay comparable for as long as it lives.
    #[test]
    fn a_tag_is_the_hmac_of_the_secret() {
        let mut out = String::new();
        push(&mut out, "password", &[7; 32], "hunter2");
        assert_eq!(length(&out), Some(out.len()));
        let mut again = String::new();
        push(&mut again, "password", &[8; 32], "hunter2");
        assert_ne!(out, again);
    }
}
