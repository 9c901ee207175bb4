//! Verifies a place where a literal was found and measures the secret there. A name must be followed by its value: as a
//! JSON key at any depth of JSON in strings, as a pair of `name` and `value`, as an assignment in a URL, header or
//! command line. What it takes never reaches across the string it stands in, so JSON stays JSON.

use super::literal::{Literal, Token};
use super::name::{Named, named_secret};
use super::quote;
use super::tag;

/// A secret: byte range, kind, and the backslashes before the quotes its tag needs where it was no string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secret {
    pub start: usize,
    pub end: usize,
    pub kind: &'static str,
    pub quotes: Option<usize>,
}

/// Longest name looked at; longer ones are no names.
const NAME: usize = 128;

/// The secret a literal at `at` belongs to; nothing before `done` is touched.
pub fn secret(text: &str, literal: Literal, at: usize, done: usize) -> Option<Secret> {
    if inside_tag(text, at) {
        return None;
    }
    match literal {
        Literal::Name => by_name(text, at, done),
        Literal::Token(token) => by_looks(text, at, done, token),
        Literal::Jwt => web_token(text, at, done),
        Literal::Pem => private_key(text, at),
    }
}

/// Whether a place lies inside a tag: kinds are words that would be taken for names.
fn inside_tag(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let from = at.saturating_sub(40);
    (from..at)
        .rev()
        .filter(|i| bytes[*i] == 0xe2)
        .find_map(|i| text.get(i..).and_then(tag::length).map(|length| i + length))
        .is_some_and(|end| end > at)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The name around a place: where it begins (never before `done`) and ends. An escape before it (`\n`, `%26`) is no part of it.
fn name_at(bytes: &[u8], at: usize, done: usize) -> (usize, usize) {
    let mut start = at;
    while start > done && at - start < NAME && is_word(bytes[start - 1]) {
        start -= 1;
    }
    let mut end = at;
    while end < bytes.len() && end - at < NAME && is_word(bytes[end]) {
        end += 1;
    }
    if start > done && start < at {
        match (bytes[start - 1], bytes[start]) {
            (b'\\', b'u') => start = (start + 5).min(at),
            (b'\\', b'n' | b't' | b'r' | b'b' | b'f') => start += 1,
            (b'%', _) => start = (start + 2).min(at),
            _ => {}
        }
    }
    (start, end)
}

fn by_name(text: &str, at: usize, done: usize) -> Option<Secret> {
    let bytes = text.as_bytes();
    let (start, end) = name_at(bytes, at, done);
    let named = named_secret(text.get(start..end)?)?;
    let option = text.get(start..end)?.starts_with("--");
    if let Some((depth, after)) = quote::closing(bytes, end) {
        let next = quote::skip_blanks(bytes, after, depth);
        return match bytes.get(next)? {
            b':' if !named.text_only => value(text, quote::skip_blanks(bytes, next + 1, depth), depth, named),
            b',' if !named.text_only => {
                let next = quote::skip_blanks(bytes, next + 1, depth);
                if option {
                    return value(text, next, depth, named);
                }
                value(text, paired_value(bytes, next, depth)?, depth, named)
            }
            _ => None,
        };
    }
    assigned(text, start, end, named, option)
}

/// Where the value of `"name": "password", "value": …` begins.
fn paired_value(bytes: &[u8], from: usize, depth: usize) -> Option<usize> {
    let open = quote::opening(bytes, from, depth)?;
    let length = bytes.get(open..)?.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let word = bytes.get(open..open + length)?;
    let values: [&[u8]; 6] = [b"value", b"newValue", b"oldValue", b"stringValue", b"val", b"parameterValue"];
    if !values.iter().any(|known| known.eq_ignore_ascii_case(word)) {
        return None;
    }
    let (closed, after) = quote::closing(bytes, open + length)?;
    let colon = quote::skip_blanks(bytes, after, depth);
    (closed == depth && bytes.get(colon) == Some(&b':')).then(|| quote::skip_blanks(bytes, colon + 1, depth))
}

/// The JSON value at a place, `depth` backslashes deep.
fn value(text: &str, from: usize, depth: usize, named: Named) -> Option<Secret> {
    let bytes = text.as_bytes();
    if let Some(start) = quote::opening(bytes, from, depth) {
        let end = quote::string_end(bytes, start, depth);
        let found = text.get(start..end)?;
        let known = found.is_empty() || tag::length(found) == Some(found.len()) || is_signed(named, found);
        return (!known).then_some(Secret { start, end, kind: named.kind, quotes: None });
    }
    let end = match bytes.get(from)? {
        b'{' | b'[' if named.scalar => return None,
        b'{' | b'[' => quote::nested_end(bytes, from, depth),
        _ => {
            // A number, or what is no JSON at all.
            let bare = |b: &&u8| **b > b' ' && !matches!(b, b',' | b'}' | b']' | b'"' | b'\\');
            let end = from + bytes[from..].iter().take_while(bare).count();
            let word = text.get(from..end)?;
            if matches!(word, "" | "true" | "false" | "null") || tag::length(word).is_some() {
                return None;
            }
            end
        }
    };
    // `{}` and `[]` hold no secret.
    let empty =
        matches!(bytes[from], b'{' | b'[') && bytes.get(from + 1..end - 1).is_none_or(|inside| inside.iter().all(u8::is_ascii_whitespace));
    (!empty).then_some(Secret { start: from, end, kind: named.kind, quotes: Some(depth) })
}

/// A signed AWS request names its key id; only its signature is secret, and `Signature=` is found by itself.
fn is_signed(named: Named, value: &str) -> bool {
    named.kind == "authorization" && value.starts_with("AWS4-") && value.contains("Signature=")
}

/// `name=value`, `name: value`, `--name value`, `name%3Dvalue`.
fn assigned(text: &str, start: usize, end: usize, named: Named, option: bool) -> Option<Secret> {
    let bytes = text.as_bytes();
    let mut at = end;
    let single = bytes.get(at) == Some(&b'\'');
    at += usize::from(single);
    let after_blanks = skip(bytes, at, b" ");
    let mut encoded = false;
    at = match bytes.get(after_blanks) {
        Some(b'=') => after_blanks + 1 + usize::from(bytes.get(after_blanks + 1) == Some(&b'>')),
        Some(b':') if !matches!(start.checked_sub(1).and_then(|i| bytes.get(i)), Some(b':' | b'/')) => after_blanks + 1,
        Some(b'%') if bytes.get(after_blanks + 1..after_blanks + 3).is_some_and(|hex| hex.eq_ignore_ascii_case(b"3D")) => {
            encoded = true;
            after_blanks + 3
        }
        Some(_) if option && after_blanks > end => after_blanks,
        _ => return None,
    };
    at = skip(bytes, at, b" ");
    if text.get(at..).and_then(tag::length).is_some() {
        return None;
    }
    if bytes.get(at) == Some(&b'\'') {
        let from = at + 1;
        let length = bytes[from..].iter().take_while(|b| !matches!(b, b'\'' | b'"' | b'\\')).count();
        return token(text, from, from + length, named.kind);
    }
    if let Some((depth, from)) = quote::closing(bytes, at) {
        // A bare quote ends the string we stand in. An escaped one opens a value, unless JSON goes on behind it.
        let goes_on = bytes.get(quote::skip_blanks(bytes, from, depth)).is_none_or(|b| matches!(b, b',' | b'}' | b']' | b':'));
        if depth == 0 || goes_on {
            return None;
        }
        return token(text, from, quote::string_end(bytes, from, depth), named.kind);
    }
    match named.kind {
        "authorization" => {
            let scheme = bytes[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
            let word = text.get(at..at + scheme)?;
            if word.starts_with("AWS4-") {
                return None;
            }
            let from = if bytes.get(at + scheme) == Some(&b' ') { skip(bytes, at + scheme, b" ") } else { at };
            if text.get(from..).and_then(tag::length).is_some() {
                return None;
            }
            let end = if word.eq_ignore_ascii_case("digest") { line_end(bytes, from) } else { value_end(bytes, from, encoded) };
            token(text, from, end, named.kind)
        }
        "cookie" => token(text, at, line_end(bytes, at), named.kind),
        _ => token(text, at, value_end(bytes, at, encoded), named.kind),
    }
}

fn token(text: &str, start: usize, end: usize, kind: &'static str) -> Option<Secret> {
    let found = text.get(start..end)?;
    (!found.is_empty() && tag::length(found).is_none()).then_some(Secret { start, end, kind, quotes: None })
}

fn skip(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    from + bytes.get(from..).map_or(0, |rest| rest.iter().take_while(|b| what.contains(b)).count())
}

/// Where a bare value in a URL, a command or a sentence ends.
fn value_end(bytes: &[u8], from: usize, encoded: bool) -> usize {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            // `\/` is a slash; every other escape ends the value (`\u0026` is the next parameter).
            b'\\' if bytes.get(at + 1) == Some(&b'/') => at += 1,
            b'%' if encoded && bytes.get(at + 1..at + 3) == Some(b"26") => break,
            b'"' | b'\'' | b'&' | b';' | b',' | b'<' | b'>' | b')' | b']' | b'}' | b'|' | b'`' | b'#' | b'\\' => break,
            byte if *byte <= b' ' => break,
            _ => {}
        }
        at += 1;
    }
    // A tag inside belongs to an earlier pass; the value ends before it.
    at
}

/// Where a header line ends: at its line break, written or escaped, or with the string it stands in.
fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|b| **b >= b' ' && !matches!(b, b'"' | b'\\')).count()
}

/// Whether a token may begin at a place: not inside a word, but behind an escape.
fn begins(bytes: &[u8], at: usize, done: usize) -> bool {
    let back = |n: usize| at.checked_sub(n).filter(|i| *i >= done).and_then(|i| bytes.get(i)).copied();
    match back(1) {
        Some(b) if b.is_ascii_alphanumeric() || b == b'_' => {
            (back(2) == Some(b'\\') && matches!(b, b'n' | b't' | b'r'))
                || back(3) == Some(b'%')
                || (back(6) == Some(b'\\') && back(5) == Some(b'u'))
        }
        _ => true,
    }
}

fn by_looks(text: &str, at: usize, done: usize, looks: Token) -> Option<Secret> {
    let bytes = text.as_bytes();
    let mut start = at;
    if looks.inside {
        // A session id is the organisation's id, `!`, and the secret.
        let (word, _) = name_at(bytes, at, done);
        start = text.get(word..at)?.rfind("00D").map(|i| word + i)?;
        if !matches!(at - start, 15 | 18) || start < done {
            return None;
        }
    } else if !begins(bytes, at, done) {
        return None;
    }
    let wide = looks.kind.starts_with("aws") || looks.kind == "slack-webhook";
    let dotted = matches!(looks.kind, "slack-token" | "google-token" | "salesforce-session" | "vault-token");
    let mut end = at + usize::from(looks.inside);
    while let Some(byte) = bytes.get(end) {
        let part = byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-')
            || (dotted && *byte == b'.')
            || (wide && matches!(byte, b'+' | b'/' | b'=' | b'%' | b'.'))
            || (wide && *byte == b'\\' && bytes.get(end + 1) == Some(&b'/'));
        if !part {
            break;
        }
        end += 1;
    }
    let slack = looks.kind != "slack-token" || text.get(at..at + 5).is_some_and(|head| head.ends_with(['-', '.']));
    (slack && end - at >= looks.least).then_some(Secret { start, end, kind: looks.kind, quotes: None })
}

/// The signature of a web token (or all behind the header of an encrypted one). What it claims stays readable.
fn web_token(text: &str, at: usize, done: usize) -> Option<Secret> {
    let bytes = text.as_bytes();
    let run = |from: usize| from + bytes[from..].iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    let header = run(at);
    if !begins(bytes, at, done) || header - at < 10 || bytes.get(header) != Some(&b'.') {
        return None;
    }
    let claims = run(header + 1);
    if bytes.get(claims) != Some(&b'.') {
        return None;
    }
    let start = claims + 1;
    let mut end = run(start);
    while bytes.get(end) == Some(&b'.') && run(end + 1) > end + 1 {
        end = run(end + 1);
    }
    (end - start >= 8).then_some(Secret { start, end, kind: "jwt", quotes: None })
}

/// A private key in PEM, to its end line or the end of the string it stands in.
fn private_key(text: &str, at: usize) -> Option<Secret> {
    let bytes = text.as_bytes();
    let label = at + "-----BEGIN".len();
    let dashes = text.get(label..)?.find("-----").filter(|length| *length <= 64)? + label;
    let header = text.get(label..dashes)?;
    if !header.contains("PRIVATE") || !header.contains("KEY") {
        return None;
    }
    let body = dashes + 5;
    let limit = text.get(body..)?.find('"').map_or(text.len(), |i| body + i);
    let footer = text.get(body..limit)?.find("-----END").map(|i| body + i);
    let closed = footer.and_then(|from| text.get(from + 8..limit)?.find("-----").map(|i| from + 8 + i + 5));
    // Backslashes before the closing quote belong to it.
    let end = closed.unwrap_or_else(|| limit - bytes[body..limit].iter().rev().take_while(|b| **b == b'\\').count());
    Some(Secret { start: at, end, kind: "private-key", quotes: None })
}
