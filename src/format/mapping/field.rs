//! Where a field of an event comes from: the first of several paths, templates and constants that gives something, then
//! a named transform and a table of words. It must not know which field it is.

use super::condition;
use super::error::MappingError;
use super::glob::Glob;
use super::keep;
use super::path::{Names, Path, Reading};
use super::section::Entry;
use super::transform::{self, Transform};
use crate::model::event::Text;
use std::borrow::Cow;

/// Where a field comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    sources: Vec<Source>,
    transforms: Vec<Transform>,
    words: Vec<(Glob, &'static str)>,
    /// Lists become their texts with blanks between them.
    join: bool,
    /// Numbers are added up instead of the first being taken.
    sum: bool,
    when: Vec<condition::Condition>,
}

#[derive(Clone, Debug)]
enum Source {
    Path(Path),
    Template(Vec<Part>),
    Constant(&'static str),
}

#[derive(Clone, Debug)]
enum Part {
    Text(&'static str),
    Value { paths: Vec<Path>, optional: bool },
}

const KEYS: &[&str] = &["from", "map", "as", "join", "sum", "when"];

impl Field {
    /// Reads a field: a text, a list of texts, or a table with `from`.
    ///
    /// # Errors
    /// Naming the path, template, transform or key that is none.
    pub(super) fn read(entry: &Entry<'_>, names: &Names) -> Result<Self, MappingError> {
        let mut field = Self::default();
        let from = if entry.is_table() {
            let section = entry.section(KEYS)?;
            if let Some(entry) = section.get("as") {
                field.transforms = entry.items().iter().map(|item| item.word(transform::ALL)).collect::<Result<_, _>>()?;
            }
            if let Some(entry) = section.get("map") {
                for (word, meaning) in entry.pairs()? {
                    field.words.push((Glob::new(word), keep(meaning.text()?)));
                }
            }
            field.join = section.get("join").map_or(Ok(false), |entry| entry.flag())?;
            field.sum = section.get("sum").map_or(Ok(false), |entry| entry.flag())?;
            field.when = section.get("when").map_or(Ok(Vec::new()), |entry| condition::read(&entry, names))?;
            section.need("from", "paths, templates or constants")?
        } else {
            entry.clone()
        };
        for item in from.items() {
            field.sources.push(Source::parse(item.text()?, names).map_err(|problem| item.fail(&problem))?);
        }
        if field.sources.is_empty() {
            return Err(from.fail("this is empty; expected a path"));
        }
        Ok(field)
    }

    /// The same field, with lists joined.
    pub(super) fn joining(mut self) -> Self {
        self.join = true;
        self
    }

    /// What the record has for it.
    pub(super) fn get<'a>(&self, reading: &Reading<'a>) -> Option<Text<'a>> {
        if !condition::all(&self.when, reading) {
            return None;
        }
        self.each(reading).next()
    }

    /// What each of the sources has for it, in their order.
    pub(super) fn each<'a>(&self, reading: &Reading<'a>) -> impl Iterator<Item = Text<'a>> {
        self.sources.iter().filter_map(|source| self.finish(source.get(reading, self.join)?, reading))
    }

    /// A number: the first, or the sum.
    pub(super) fn count(&self, reading: &Reading<'_>) -> Option<u64> {
        if !condition::all(&self.when, reading) {
            return None;
        }
        let mut counts =
            self.sources.iter().filter_map(|source| super::super::cell::count(&self.finish(source.get(reading, false)?, reading)?));
        let first = counts.next()?;
        Some(if self.sum { counts.fold(first, u64::saturating_add) } else { first })
    }

    fn finish<'a>(&self, text: Text<'a>, reading: &Reading<'a>) -> Option<Text<'a>> {
        let text = self.transforms.iter().try_fold(text, |text, transform| transform.apply(text))?;
        let text = self.words.iter().find(|(word, _)| word.matches(&text)).map_or(text, |(_, meaning)| Cow::Borrowed(*meaning));
        (!text.is_empty() && !reading.absent.iter().any(|word| text.eq_ignore_ascii_case(word))).then_some(text)
    }

    /// As a page about the format tells it, in Markdown.
    pub(super) fn told(&self) -> String {
        let told: Vec<String> = self.sources.iter().map(Source::told).collect();
        told.join(if self.sum { " + " } else { ", " })
    }

    /// The paths that are asked for, for messages.
    pub(super) fn first_path(&self) -> &'static str {
        self.sources.iter().find_map(Source::path).unwrap_or("a field")
    }
}

impl Source {
    fn parse(text: &str, names: &Names) -> Result<Self, String> {
        if let Some(constant) = text.strip_prefix('=') {
            return match constant.trim() {
                "" => Err("a constant is empty; expected a text behind `=`".to_owned()),
                constant => Ok(Self::Constant(keep(constant))),
            };
        }
        if !text.contains(['{', '}']) {
            return Path::parse(text, names).map(Self::Path);
        }
        template(text, names).map(Self::Template)
    }

    fn get<'a>(&self, reading: &Reading<'a>, join: bool) -> Option<Text<'a>> {
        match self {
            Self::Path(path) if join => path.joined(reading),
            Self::Path(path) => path.get(reading),
            Self::Constant(text) => Some(Cow::Borrowed(*text)),
            Self::Template(parts) => fill(parts, reading).map(Cow::Owned),
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Path(path) => format!("`{}`", path.text()),
            Self::Constant(text) => format!("“{text}”"),
            Self::Template(parts) => {
                let told = parts.iter().map(|part| match part {
                    Part::Text(text) => (*text).to_owned(),
                    Part::Value { paths, .. } => paths.iter().map(Path::text).collect::<Vec<_>>().join(" or "),
                });
                format!("`{}`", told.collect::<String>())
            }
        }
    }

    fn path(&self) -> Option<&'static str> {
        match self {
            Self::Path(path) => Some(path.text()),
            Self::Template(parts) => parts.iter().find_map(|part| match part {
                Part::Value { paths, .. } => paths.first().map(Path::text),
                Part::Text(_) => None,
            }),
            Self::Constant(_) => None,
        }
    }
}

/// Reads `{a.b}:{c | d?}`.
fn template(text: &str, names: &Names) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        if before.contains('}') {
            break;
        }
        let Some((inner, after)) = after.split_once('}') else { break };
        if !before.is_empty() {
            parts.push(Part::Text(keep(before)));
        }
        let (inner, optional) = inner.strip_suffix('?').map_or((inner, false), |inner| (inner, true));
        let paths = inner.split('|').map(|path| Path::parse(path, names)).collect::<Result<_, _>>()?;
        parts.push(Part::Value { paths, optional });
        rest = after;
    }
    if rest.contains(['{', '}']) {
        return Err(format!("“{text}” has a brace without its partner"));
    }
    if !rest.is_empty() {
        parts.push(Part::Text(keep(rest)));
    }
    Ok(parts)
}

/// A template with its values; `None` when one that is not optional is absent, or all are.
fn fill(parts: &[Part], reading: &Reading<'_>) -> Option<String> {
    let mut filled = String::new();
    let mut any = false;
    for part in parts {
        match part {
            Part::Text(text) => filled.push_str(text),
            Part::Value { paths, optional } => match paths.iter().find_map(|path| path.get(reading)) {
                Some(text) => {
                    any = true;
                    filled.push_str(&text);
                }
                None if *optional => {}
                None => return None,
            },
        }
    }
    // What is absent leaves no blanks at the ends.
    any.then(|| filled.trim().to_owned())
}
