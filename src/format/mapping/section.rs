//! A mapping file as tables and values that know where they stand, so that whatever is wrong with one is said with file,
//! line and key, and a key nobody asked for is an error. It must not know what the keys mean.

use super::error::{MappingError, line_of, nearest};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The text of a mapping file and its name.
#[derive(Clone, Copy)]
pub(super) struct Page<'t> {
    pub(super) file: &'t str,
    pub(super) text: &'t str,
}

impl Page<'_> {
    /// An error at a byte.
    pub(super) fn error(&self, at: usize, key: &str, problem: &str) -> MappingError {
        MappingError::new(self.file, line_of(self.text, at), key, problem)
    }
}

/// A value with the keys that lead to it.
#[derive(Clone)]
pub(super) struct Entry<'t> {
    page: Page<'t>,
    key: String,
    at: Range<usize>,
    value: &'t DeValue<'t>,
}

/// A table whose keys are all known.
pub(super) struct Section<'t> {
    page: Page<'t>,
    key: String,
    at: usize,
    table: &'t DeTable<'t>,
}

/// The outermost table.
///
/// # Errors
/// When it has a key that is not among `keys`.
pub(super) fn top<'t>(page: Page<'t>, table: &'t DeTable<'t>, keys: &[&str]) -> Result<Section<'t>, MappingError> {
    Section { page, key: String::new(), at: 0, table }.of_known(keys)
}

fn joined(outer: &str, key: &str) -> String {
    if outer.is_empty() { key.to_owned() } else { format!("{outer}.{key}") }
}

impl<'t> Section<'t> {
    fn of_known(self, keys: &[&str]) -> Result<Self, MappingError> {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !keys.contains(&name) {
                let nearest = nearest(name, keys).unwrap_or_default();
                let problem = format!("there is no such key; nearest is `{nearest}`");
                return Err(self.page.error(key.span().start, &joined(&self.key, name), &problem));
            }
        }
        Ok(self)
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<Entry<'t>> {
        let (name, value) = self.table.get_key_value(key)?;
        Some(self.entry(name, value))
    }

    /// The value of a key that must be there.
    pub(super) fn need(&self, key: &str, what: &str) -> Result<Entry<'t>, MappingError> {
        self.get(key).ok_or_else(|| self.page.error(self.at, &joined(&self.key, key), &format!("missing; expected {what}")))
    }

    /// An error of the table itself.
    pub(super) fn fail(&self, problem: &str) -> MappingError {
        self.page.error(self.at, if self.key.is_empty() { "the file" } else { &self.key }, problem)
    }

    fn entry(&self, name: &'t Spanned<std::borrow::Cow<'t, str>>, value: &'t Spanned<DeValue<'t>>) -> Entry<'t> {
        Entry { page: self.page, key: joined(&self.key, name.get_ref()), at: value.span(), value: value.get_ref() }
    }
}

impl<'t> Entry<'t> {
    /// An error of this value.
    pub(super) fn fail(&self, problem: &str) -> MappingError {
        self.page.error(self.at.start, &self.key, problem)
    }

    fn unexpected(&self, expected: &str) -> MappingError {
        self.fail(&format!("this is a {}; expected {expected}", self.value.type_str()))
    }

    /// Whether a table is here.
    pub(super) fn is_table(&self) -> bool {
        self.value.is_table()
    }

    /// Whether a list is here.
    pub(super) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    /// A text that is not empty.
    pub(super) fn text(&self) -> Result<&'t str, MappingError> {
        match self.value.as_str().map(str::trim) {
            Some("") => Err(self.fail("this is empty; expected a text")),
            Some(text) => Ok(text),
            None => Err(self.unexpected("a text")),
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&self) -> Result<bool, MappingError> {
        self.value.as_bool().ok_or_else(|| self.unexpected("true or false"))
    }

    /// One of a few words.
    pub(super) fn word<T>(&self, words: &[(&str, T)]) -> Result<T, MappingError>
    where
        T: Copy,
    {
        let text = self.text()?;
        words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let nearest = nearest(text, &names).unwrap_or_default();
            self.fail(&format!("“{text}” is none of {}; nearest is `{nearest}`", names.join(", ")))
        })
    }

    /// The items of a list; a single value is a list of itself.
    pub(super) fn items(&self) -> Vec<Self> {
        match self.value.as_array() {
            Some(items) => items
                .iter()
                .enumerate()
                .map(|(n, item)| Self { page: self.page, key: format!("{}[{n}]", self.key), at: item.span(), value: item.get_ref() })
                .collect(),
            None => vec![self.clone()],
        }
    }

    /// A text, or a list of texts.
    pub(super) fn texts(&self) -> Result<Vec<&'t str>, MappingError> {
        self.items().iter().map(Self::text).collect()
    }

    /// A table of known keys.
    pub(super) fn section(&self, keys: &[&str]) -> Result<Section<'t>, MappingError> {
        let table = self.value.as_table().ok_or_else(|| self.unexpected("a table"))?;
        Section { page: self.page, key: self.key.clone(), at: self.at.start, table }.of_known(keys)
    }

    /// A table of any keys, in the order of the file.
    pub(super) fn pairs(&self) -> Result<Vec<(&'t str, Self)>, MappingError> {
        let table = self.value.as_table().ok_or_else(|| self.unexpected("a table"))?;
        let outer = Section { page: self.page, key: self.key.clone(), at: self.at.start, table };
        let mut pairs: Vec<_> = table.iter().map(|(name, value)| (name.get_ref().as_ref(), outer.entry(name, value))).collect();
        pairs.sort_by_key(|(_, entry)| entry.at.start);
        Ok(pairs)
    }
}
