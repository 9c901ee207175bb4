//! The filter language, the same in the console, in `--filter` and in saved views: text becomes a [`Filter`], which is
//! a predicate over anything with [`Fields`] and can be printed back. Words match anywhere; `field:value` means the whole
//! value of a short field and a part of a long one, `*` and `?` are wildcards, `/…/` is a regular expression, a comparison
//! works on numbers, times and severities. An unknown field is an error with the nearest name, never an empty result. It
//! must not know the store, nor the time of day: "now" is given.

mod condition;
mod error;
mod field;
mod lexer;
mod literal;
mod parser;
mod row;
mod tree;

pub use crate::text::nearest;
pub use error::QueryError;
pub use field::{Field, Scope, Shape};
pub use row::{Fields, Value};

use crate::model::Timestamp;
use std::fmt;
use tree::Expr;

/// A parsed filter. Printing it gives a text that parses to the same filter; relative times stay relative in print.
#[derive(Clone, Debug)]
pub struct Filter {
    root: Expr,
}

impl Filter {
    /// Parses a filter; an empty text matches everything. `now` is what `24h` counts back from.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, QueryError> {
        parser::parse(text, now).map(|root| Self { root })
    }

    /// The filter that matches everything.
    pub fn everything() -> Self {
        Self { root: Expr::And(Vec::new()) }
    }

    /// Whether it matches everything by having no term.
    pub fn is_everything(&self) -> bool {
        self.root.is_everything()
    }

    /// Whether a row passes.
    pub fn matches(&self, row: &impl Fields) -> bool {
        self.root.matches(row)
    }

    /// This filter, or an error naming the first field that rows of `scope` do not have: a filter that can never match
    /// must be seen to be wrong.
    pub fn within(self, scope: Scope) -> Result<Self, QueryError> {
        match self.root.terms().into_iter().find_map(|term| Some((term.column, term.field.filter(|f| !f.is_in(scope))?))) {
            Some((column, field)) => Err(QueryError::NotHere { column, field: field.name(), scope: scope.as_str() }),
            None => Ok(self),
        }
    }

    /// Bounds on the row's own time (`since`, `until`, `time`) that every match keeps, for bounding a scan: from
    /// (inclusive) and to (exclusive). They may be wider than the filter, never narrower.
    pub fn span(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        self.root.span()
    }

    /// Fields named in it, each once, in the order of [`Field`].
    pub fn fields_used(&self) -> Vec<Field> {
        let mut out: Vec<Field> = self.root.terms().into_iter().filter_map(|term| term.field).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The plain words that must match, joined by blanks, for a list that searches fuzzily; pair it with
    /// [`Filter::without_words`].
    pub fn fuzzy(&self) -> String {
        self.root.words().join(" ")
    }

    /// What remains to be held exactly when the words of [`Filter::fuzzy`] are searched fuzzily.
    #[must_use]
    pub fn without_words(&self) -> Self {
        Self { root: self.root.without_words() }
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root)
    }
}

#[cfg(test)]
mod tests;
