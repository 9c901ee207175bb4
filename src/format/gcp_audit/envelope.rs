//! Finds the log entries in what carried them: queues, shippers, search engines, lists of several. It follows envelopes a
//! few deep, opens JSON in text and text in base64, and leaves what a log entry is to `entry`.

use super::super::Refusal;
use super::entry;
use serde_json::Value;

/// Envelopes followed before giving up: search hit → shipper → queue → entry is three.
const ENVELOPES: usize = 6;

/// Members that hold several.
const LISTS: &[&str] = &["receivedMessages", "entries", "messages", "records"];

/// Members that hold one, as an object or as text.
const INNER: &[&str] =
    &["message", "data", "event", "original", "event.original", "json", "_source", "_raw", "body", "log", "line", "record", "result"];

/// The log entries in a record, in the native shape and in their order; none when there are none.
///
/// # Errors
/// When envelopes lie deeper than anybody puts them.
pub fn entries(value: Value) -> Result<Vec<Value>, Refusal> {
    let mut out = Vec::new();
    open(value, ENVELOPES, &mut out)?;
    Ok(out)
}

fn open(value: Value, left: usize, out: &mut Vec<Value>) -> Result<(), Refusal> {
    if left == 0 {
        return Err(Refusal::TooDeep { limit: ENVELOPES });
    }
    let mut value = match entry::native(value) {
        Ok(native) => {
            out.push(native);
            return Ok(());
        }
        Err(value) => value,
    };
    if let Value::Array(items) = value {
        return items.into_iter().try_for_each(|item| open(item, left - 1, out));
    }
    let Value::Object(fields) = &mut value else { return Ok(()) };
    for key in LISTS {
        if let Some(Value::Array(items)) = entry::take(fields, key) {
            items.into_iter().try_for_each(|item| open(item, left - 1, out))?;
        }
    }
    for key in INNER {
        if !out.is_empty() {
            break;
        }
        match entry::take(fields, key) {
            Some(inner @ Value::Object(_)) => open(inner, left - 1, out)?,
            Some(Value::String(text)) => {
                if let Some(inner) = opened(&text) {
                    open(inner, left - 1, out)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// A text that holds JSON, plain or in base64.
fn opened(text: &str) -> Option<Value> {
    let text = text.trim();
    if text.starts_with(['{', '[']) {
        return serde_json::from_str(text).ok();
    }
    // `{"` is how an object begins: `eyJ`, or `ew` where blanks or a line end follow the brace.
    if !text.starts_with("ey") && !text.starts_with("ew") && !text.starts_with('W') {
        return None;
    }
    serde_json::from_slice(&base64(text)?).ok()
}

/// Bytes of a text in base64 of either alphabet, with or without padding; `None` for any other text.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for c in text.bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            b'\n' | b'\r' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects what comes through Pub/Sub: the alphabet, the padding, and that other text is refused.
    #[test]
    fn base64_of_either_alphabet_is_read() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("Zg==", Some(b"f")),
            ("Zm8", Some(b"fo")),
            ("Zm9v\nYmFy", Some(b"foobar")),
            ("-_-_", Some(&[0xfb, 0xff, 0xbf][..])),
            ("+/+/", Some(&[0xfb, 0xff, 0xbf][..])),
            ("{\"a\":1}", None),
        ] {
            assert_eq!(base64(text).as_deref(), bytes, "{text}");
        }
    }
}
