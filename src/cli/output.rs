//! Printing: results to standard output, everything else to standard error, quiet when the reader of a pipe has gone. The
//! only place that writes to either.

use super::args::{Color, Global};
use super::context::Refused;
use crate::context::Problems;
use serde::Serialize;
use std::cell::RefCell;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

/// Columns of a table that goes to a pipe or to a terminal of unknown size.
const COLUMNS: usize = 80;

/// What a command prints to.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own, made once from the arguments")]
#[derive(Debug)]
pub struct Output {
    /// One JSON object per line.
    pub json: bool,
    /// Results only.
    pub quiet: bool,
    /// Results may be coloured.
    pub color: bool,
    /// Results go to a terminal.
    pub terminal: bool,
    /// Columns a table may take.
    pub width: usize,
    out: RefCell<BufWriter<Stdout>>,
}

/// The reader of our output has gone; the command ends without a word.
#[derive(Debug, thiserror::Error)]
#[error("the output was closed")]
pub struct Closed;

impl Output {
    /// Standard output as the arguments want it.
    pub fn new(global: &Global) -> Self {
        let terminal = io::stdout().is_terminal();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            json: global.json,
            quiet: global.quiet,
            color: match global.color {
                Color::Never => false,
                Color::Auto => terminal && !no_color,
                Color::Always => true,
            },
            terminal,
            width: columns(terminal),
            out: RefCell::new(BufWriter::with_capacity(1 << 16, io::stdout())),
        }
    }

    /// A line of the result.
    pub fn line(&self, text: &str) -> anyhow::Result<()> {
        let mut out = self.out.borrow_mut();
        written(out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")))
    }

    /// Text of the result that brings its own line ends.
    pub fn text(&self, text: &str) -> anyhow::Result<()> {
        written(self.out.borrow_mut().write_all(text.as_bytes()))
    }

    /// An object of the result, as one line of JSON. On a terminal everything that is not plain ASCII is escaped, so that
    /// nothing in a log can drive it.
    pub fn object<T: Serialize>(&self, value: &T) -> anyhow::Result<()> {
        let text = serde_json::to_string(value)?;
        if self.terminal { self.line(&ascii(&text)) } else { self.line(&tame(&text)) }
    }

    /// Hands over what was printed so far.
    pub fn flush(&self) -> anyhow::Result<()> {
        written(self.out.borrow_mut().flush())
    }

    /// A remark beside the result.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.problem(text);
        }
    }

    /// Something that is wrong and has to be known even when only results are wanted.
    pub fn problem(&self, text: &str) {
        // On a screen both streams meet, and what came first stands first; a closed one is found out by the next line.
        if self.terminal {
            let _ = self.flush();
        }
        // Nothing can be done about a closed standard error.
        let _ = writeln!(io::stderr().lock(), "driftline: {}", crate::report::shown(text));
    }
}

fn columns(terminal: bool) -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
    let seen = || terminal.then(|| crossterm::terminal::size().ok().map(|(width, _)| usize::from(width))).flatten();
    said.or_else(seen).filter(|width| *width >= 40).unwrap_or(COLUMNS).min(400)
}

fn written(result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Err(Closed.into()),
        other => Ok(other?),
    }
}

/// JSON text with everything outside printable ASCII as `\uXXXX`: still the same JSON.
fn ascii(json: &str) -> String {
    escaped(json, |c| c.is_ascii() && !c.is_ascii_control())
}

/// JSON text without the control characters that JSON itself lets stand (DEL, C1): a pipe may end on a screen.
fn tame(json: &str) -> String {
    if json.chars().any(char::is_control) { escaped(json, |c| !c.is_control()) } else { json.to_owned() }
}

fn escaped(json: &str, stays: impl Fn(char) -> bool) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(json.len());
    let mut units = [0u16; 2];
    for c in json.chars() {
        if stays(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// The one line on standard error with which a failed command ends; for files with mistakes one each.
pub fn complain(error: &anyhow::Error) {
    if let Some(Refused(files)) = error.downcast_ref::<Refused>() {
        for line in files.iter().flat_map(Problems::lines) {
            // Nothing can be done about a closed standard error.
            let _ = writeln!(io::stderr().lock(), "driftline: {}", crate::report::shown(&line));
        }
        return;
    }
    let text = crate::report::shown(&format!("{error:#}"));
    // Nothing can be done about a closed standard error.
    let _ = writeln!(io::stderr().lock(), "driftline: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects a terminal from what a log says, and a program from another object than was meant.
    #[test]
    fn escaped_json_is_the_same_json() {
        let json = serde_json::to_string(&serde_json::json!({"name": "a\u{202e}b\u{9b}é😀\u{7f}"})).unwrap();
        let value = serde_json::from_str::<serde_json::Value>(&json).unwrap();
        assert!(ascii(&json).is_ascii());
        assert!(!tame(&json).chars().any(char::is_control) && tame(&json).contains('é'));
        for escaped in [ascii(&json), tame(&json)] {
            assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
        }
    }
}
