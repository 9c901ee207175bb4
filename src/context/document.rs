//! A TOML file read key by key, so that every mistake is found and none hides another: an unknown key with its line and
//! the nearest known one, a value of the wrong sort with what is wanted. It must not know what the keys mean.

use crate::model::Timestamp;
use crate::text::nearest;
use std::fmt;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longest text of a value, in bytes.
const LONGEST: usize = 4096;
/// Problems of a file that are told; the rest is counted.
const TOLD: usize = 200;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong and what would be right, in one line.
    pub text: String,
}

/// Everything that is wrong with a file, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    /// The file, as the user named it.
    pub file: String,
    /// Its mistakes; never empty.
    pub list: Vec<Problem>,
}

impl Problems {
    /// One line for each mistake: `inventory.toml:7: unknown key "ownr"; nearest is "owner"`.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.list.iter().take(TOLD).map(|p| format!("{}:{}: {}", self.file, p.line, p.text)).collect();
        if self.list.len() > TOLD {
            lines.push(format!("{}: and {} more", self.file, self.list.len() - TOLD));
        }
        lines
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

/// A file being read.
pub(super) struct Document {
    /// Byte each line starts at.
    starts: Vec<usize>,
    problems: Vec<Problem>,
}

/// A table of a file: what is asked for is taken out, what is left at its end is unknown.
pub(super) struct Section<'t> {
    name: &'static str,
    /// Line it begins in.
    pub line: usize,
    table: DeTable<'t>,
    asked: Vec<&'static str>,
}

impl Document {
    /// Reads the syntax; what does not parse is a problem, and then there is nothing to go through.
    pub fn open<'t>(text: &'t str, file: &str) -> Result<(Self, Section<'t>), Problems> {
        let starts = std::iter::once(0).chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1)).collect();
        let mut document = Self { starts, problems: Vec::new() };
        if text.len() > super::LARGEST {
            document.problem(1, format!("{} bytes, more than {}; split the file", text.len(), super::LARGEST));
            return Err(Problems { file: file.to_owned(), list: document.problems });
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let line = error.span().map_or(1, |span| document.line(span.start));
            document.problem(line, error.message().replace('\n', " "));
        }
        if !document.problems.is_empty() {
            return Err(document.failed(file));
        }
        Ok((document, Section { name: "the file", line: 1, table: table.into_inner(), asked: Vec::new() }))
    }

    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// Notes a mistake.
    pub fn problem(&mut self, line: usize, text: impl Into<String>) {
        self.problems.push(Problem { line, text: text.into() });
    }

    /// Whether anything was wrong.
    pub fn finish(self, file: &str) -> Result<(), Problems> {
        if self.problems.is_empty() { Ok(()) } else { Err(self.failed(file)) }
    }

    fn failed(mut self, file: &str) -> Problems {
        self.problems.sort();
        self.problems.dedup();
        Problems { file: file.to_owned(), list: self.problems }
    }
}

impl<'t> Section<'t> {
    fn take(&mut self, doc: &Document, key: &'static str) -> Option<(usize, DeValue<'t>)> {
        self.asked.push(key);
        let value = self.table.remove(key)?;
        let line = doc.line(value.span().start);
        Some((line, value.into_inner()))
    }

    /// Whether a key is there and was not taken yet.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// A text that is not blank, with its line.
    pub fn text_at(&mut self, doc: &mut Document, key: &'static str) -> Option<(usize, String)> {
        let (line, value) = self.take(doc, key)?;
        match value {
            DeValue::String(text) => plain(doc, line, key, &text).map(|text| (line, text)),
            other => {
                doc.problem(line, format!("{key} is {}; write it as text in quotes", sort(&other)));
                None
            }
        }
    }

    /// A text that is not blank.
    pub fn text(&mut self, doc: &mut Document, key: &'static str) -> Option<String> {
        self.text_at(doc, key).map(|(_, text)| text)
    }

    /// A list of texts, each with its line.
    pub fn texts(&mut self, doc: &mut Document, key: &'static str) -> Vec<(usize, String)> {
        let mut out = Vec::new();
        for (line, value) in self.list(doc, key) {
            match value {
                DeValue::String(text) => out.extend(plain(doc, line, key, &text).map(|text| (line, text))),
                other => doc.problem(line, format!("{key} holds {}; write texts in quotes", sort(&other))),
            }
        }
        out
    }

    /// A list of whole numbers.
    pub fn numbers(&mut self, doc: &mut Document, key: &'static str) -> Vec<(usize, u64)> {
        let mut out = Vec::new();
        for (line, value) in self.list(doc, key) {
            match whole(&value) {
                Some(number) => out.push((line, number)),
                None => doc.problem(line, format!("{key} holds {}; write whole numbers", sort(&value))),
            }
        }
        out
    }

    fn list(&mut self, doc: &mut Document, key: &'static str) -> Vec<(usize, DeValue<'t>)> {
        match self.take(doc, key) {
            None => Vec::new(),
            Some((_, DeValue::Array(values))) => values.into_iter().map(|v| (doc.line(v.span().start), Spanned::into_inner(v))).collect(),
            Some((line, other)) => {
                doc.problem(line, format!("{key} is {}; write a list in brackets", sort(&other)));
                Vec::new()
            }
        }
    }

    /// `true` or `false`.
    pub fn flag(&mut self, doc: &mut Document, key: &'static str) -> Option<bool> {
        let (line, value) = self.take(doc, key)?;
        if let DeValue::Boolean(flag) = value {
            return Some(flag);
        }
        doc.problem(line, format!("{key} is {}; write true or false", sort(&value)));
        None
    }

    /// A whole number.
    pub fn number(&mut self, doc: &mut Document, key: &'static str) -> Option<u64> {
        let (line, value) = self.take(doc, key)?;
        let number = whole(&value);
        if number.is_none() {
            doc.problem(line, format!("{key} is {}; write a whole number", sort(&value)));
        }
        number
    }

    /// A number of at least one, with or without a fraction, with its line.
    pub fn factor(&mut self, doc: &mut Document, key: &'static str) -> Option<f64> {
        let (line, value) = self.take(doc, key)?;
        let number = match &value {
            DeValue::Integer(_) => whole(&value).map(|n| n as f64),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => None,
        };
        let number = number.filter(|n: &f64| n.is_finite() && *n >= 1.0);
        if number.is_none() {
            doc.problem(line, format!("{key} is {}; write a number of at least 1", sort(&value)));
        }
        number
    }

    /// A time or a date (its midnight); without a zone it is UTC. TOML's own form and text in quotes both do.
    pub fn time(&mut self, doc: &mut Document, key: &'static str) -> Option<Timestamp> {
        let (line, value) = self.take(doc, key)?;
        let text = match &value {
            DeValue::Datetime(time) => time.to_string(),
            DeValue::String(text) => text.to_string(),
            other => {
                doc.problem(line, format!("{key} is {}; write a time like 2026-11-19T08:00:00Z", sort(other)));
                return None;
            }
        };
        let time = Timestamp::parse(&text);
        if time.is_none() {
            doc.problem(line, format!("{key} is no time: \"{}\"; write one like 2026-11-19T08:00:00Z", cut(&text)));
        }
        time
    }

    /// One of the words of `all`.
    pub fn word<T: Copy>(&mut self, doc: &mut Document, key: &'static str, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
        let (line, text) = self.text_at(doc, key)?;
        known(doc, line, key, &text, all, name)
    }

    /// A list of words of `all`.
    pub fn words<T: Copy>(&mut self, doc: &mut Document, key: &'static str, all: &[T], name: fn(T) -> &'static str) -> Vec<T> {
        self.texts(doc, key).into_iter().filter_map(|(line, text)| known(doc, line, key, &text, all, name)).collect()
    }

    /// A table inside this one.
    pub fn section(&mut self, doc: &mut Document, key: &'static str) -> Option<Self> {
        let (line, value) = self.take(doc, key)?;
        if let DeValue::Table(table) = value {
            return Some(Self { name: key, line, table, asked: Vec::new() });
        }
        doc.problem(line, format!("{key} is {}; write a table under [{key}]", sort(&value)));
        None
    }

    /// The tables of a list, `[[key]]` each.
    pub fn sections(&mut self, doc: &mut Document, key: &'static str) -> Vec<Self> {
        let mut out = Vec::new();
        for (line, value) in self.list(doc, key) {
            match value {
                DeValue::Table(table) => out.push(Self { name: key, line, table, asked: Vec::new() }),
                other => doc.problem(line, format!("{key} holds {}; write tables under [[{key}]]", sort(&other))),
            }
        }
        out
    }

    /// What is left is unknown.
    pub fn close(self, doc: &mut Document) {
        for (key, _) in &self.table {
            let line = doc.line(key.span().start);
            let meant = nearest(key.get_ref(), self.asked.iter().copied()).unwrap_or_default();
            doc.problem(line, format!("unknown key \"{}\" in {}; nearest is \"{meant}\"", cut(key.get_ref()), self.name));
        }
    }
}

/// Finds a word, or says which was meant.
pub(super) fn known<T: Copy>(doc: &mut Document, line: usize, key: &str, text: &str, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
    let found = all.iter().copied().find(|word| name(*word) == text);
    if found.is_none() {
        let meant = nearest(text, all.iter().map(|word| name(*word))).unwrap_or_default();
        doc.problem(line, format!("{key} is never \"{}\"; nearest is \"{meant}\"", cut(text)));
    }
    found
}

fn plain(doc: &mut Document, line: usize, key: &str, text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        doc.problem(line, format!("{key} holds an empty text; leave it out where nothing is known"));
        return None;
    }
    if text.len() > LONGEST {
        doc.problem(line, format!("{key} has {} bytes, more than {LONGEST}", text.len()));
        return None;
    }
    Some(text.to_owned())
}

fn whole(value: &DeValue<'_>) -> Option<u64> {
    let DeValue::Integer(number) = value else { return None };
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn sort(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{}\"", cut(text)),
        DeValue::Integer(number) => format!("the number {}", cut(number.as_str())),
        DeValue::Float(number) => format!("the number {}", cut(number.as_str())),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => format!("the time {time}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// The beginning of a text, for a message.
pub(super) fn cut(text: &str) -> String {
    let mut out: String = text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if out.len() < text.len() && text.chars().count() > 60 {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let text = "a = 1\nbb = \"x\"\nt = 2026-13-45\n[deep]\nz = true\nname = [\"x\", 3, \"\"]\n";
        let problems = Document::open(text, "f").map(|_| ()).unwrap_err();
        assert_eq!(problems.list[0].line, 3, "{problems}");
        let text = "a = 1\nbb = \"x\"\nt = \"soon\"\n[deep]\nz = true\nname = [\"x\", 3, \"\"]\n";
        let (mut doc, mut top) = Document::open(text, "f").unwrap();
        assert_eq!(top.text(&mut doc, "a"), None);
        assert_eq!(top.time(&mut doc, "t"), None);
        let mut deep = top.section(&mut doc, "deep").unwrap();
        assert_eq!(deep.texts(&mut doc, "name"), [(6, "x".to_owned())]);
        assert_eq!(deep.flag(&mut doc, "zz"), None);
        deep.close(&mut doc);
        top.close(&mut doc);
        let problems = doc.finish("f").unwrap_err();
        assert_eq!(
            problems.lines(),
            [
                "f:1: a is the number 1; write it as text in quotes",
                "f:2: unknown key \"bb\" in the file; nearest is \"a\"",
                "f:3: t is no time: \"soon\"; write one like 2026-11-19T08:00:00Z",
                "f:5: unknown key \"z\" in deep; nearest is \"zz\"",
                "f:6: name holds an empty text; leave it out where nothing is known",
                "f:6: name holds the number 3; write texts in quotes",
            ]
        );
    }

    proptest! {
        /// A file of any bytes is an answer, never a crash.
        #[test]
        fn noise_is_told(text in "[\\[\\]a-z=\"'\\n{},.0-9:TZ#\\\\ -]{0,200}") {
            if let Ok((mut doc, mut top)) = Document::open(&text, "f") {
                top.sections(&mut doc, "a");
                top.time(&mut doc, "b");
                top.close(&mut doc);
                let _ = doc.finish("f");
            }
        }
    }
}
