//! Printing: results to standard output, everything else to standard error, quiet when the reader of a pipe has gone. The
//! only place that writes to either.

use serde::Serialize;
use std::io::{self, IsTerminal, Write};

/// What a command prints to.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// One JSON object per line.
    pub json: bool,
    /// Results only.
    pub quiet: bool,
}

/// The reader of our output has gone; the command ends without a word.
#[derive(Debug, thiserror::Error)]
#[error("the output was closed")]
pub struct Closed;

impl Output {
    /// A line of the result.
    pub fn line(self, text: &str) -> anyhow::Result<()> {
        written(writeln!(io::stdout().lock(), "{text}"))
    }

    /// Text of the result that brings its own line ends.
    pub fn text(self, text: &str) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
    }

    /// An object of the result, as one line of JSON. On a terminal everything that is not plain ASCII is escaped, so that
    /// nothing in a log can drive it.
    pub fn object<T: Serialize>(self, value: &T) -> anyhow::Result<()> {
        let text = serde_json::to_string(value)?;
        if io::stdout().is_terminal() { self.line(&ascii(&text)) } else { self.line(&text) }
    }

    /// A remark beside the result.
    pub fn note(self, text: &str) {
        if !self.quiet {
            // Nothing can be done about a closed standard error.
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }
}

fn written(result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Err(Closed.into()),
        other => Ok(other?),
    }
}

/// JSON text with everything outside printable ASCII as `\uXXXX`: still the same JSON.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut units = [0u16; 2];
    for c in json.chars() {
        if c.is_ascii() && !c.is_ascii_control() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// The one line on standard error with which a failed command ends.
pub fn complain(error: &anyhow::Error) {
    let text = crate::report::shown(&format!("{error:#}"));
    let _ = writeln!(io::stderr().lock(), "driftline: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_json_is_the_same_json() {
        let json = serde_json::to_string(&serde_json::json!({"name": "a\u{202e}b\u{9b}é😀"})).unwrap();
        let escaped = ascii(&json);
        assert!(escaped.is_ascii());
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), serde_json::from_str::<serde_json::Value>(&json).unwrap());
    }
}
