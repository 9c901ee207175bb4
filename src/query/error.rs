//! What can be wrong with a filter, said in one line with the place and the way out.

/// A filter that does not parse. `column` counts characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it and its fields are")]
pub enum QueryError {
    #[error("column {column}: no field \"{name}\"; nearest is \"{nearest}\" (put the text in quotes to search for it as it stands)")]
    UnknownField { column: usize, name: String, nearest: &'static str },
    #[error("column {column}: {scope} have no field \"{field}\"")]
    NotHere { column: usize, field: &'static str, scope: &'static str },
    #[error("column {column}: {field} is never \"{value}\"; nearest is \"{nearest}\"")]
    UnknownWord { column: usize, field: &'static str, value: String, nearest: &'static str },
    #[error("column {column}: {field} takes a number like 10, 10k, 2M or 1e6, not \"{value}\"")]
    BadNumber { column: usize, field: &'static str, value: String },
    #[error("column {column}: {field} takes an age like 24h or a time like 2026-11-19T10:00Z, not \"{value}\"")]
    BadTime { column: usize, field: &'static str, value: String },
    #[error("column {column}: \"{value}\" is no address; write 192.0.2.7, 10.0.0.0/8, 10.0.* or a name")]
    BadAddress { column: usize, value: String },
    #[error("column {column}: the regular expression does not parse: {reason}")]
    BadRegex { column: usize, reason: String },
    #[error("column {column}: {field} has no order; use {field}:value or {field}!=value")]
    NotOrdered { column: usize, field: &'static str },
    #[error("column {column}: a comparison needs a plain value, not a pattern")]
    PatternCompared { column: usize },
    #[error("column {column}: a value is missing after \"{after}\"")]
    MissingValue { column: usize, after: String },
    #[error("column {column}: {what} is not closed")]
    Unclosed { column: usize, what: &'static str },
    #[error("column {column}: \"{found}\" does not belong here; put text with signs in quotes")]
    Unexpected { column: usize, found: String },
    #[error("column {column}: nested more than {most} deep; use fewer parentheses")]
    TooDeep { column: usize, most: usize },
    #[error("column {column}: more than {most} terms; narrow the filter down in two steps")]
    TooMany { column: usize, most: usize },
    #[error("the filter has {len} bytes, more than {most}; shorten it")]
    TooLong { len: usize, most: usize },
}

impl QueryError {
    /// Where it is wrong, counted in characters from 1; 1 where the whole text is.
    pub fn column(&self) -> usize {
        match self {
            Self::UnknownField { column, .. }
            | Self::NotHere { column, .. }
            | Self::UnknownWord { column, .. }
            | Self::BadNumber { column, .. }
            | Self::BadTime { column, .. }
            | Self::BadAddress { column, .. }
            | Self::BadRegex { column, .. }
            | Self::NotOrdered { column, .. }
            | Self::PatternCompared { column }
            | Self::MissingValue { column, .. }
            | Self::Unclosed { column, .. }
            | Self::Unexpected { column, .. }
            | Self::TooDeep { column, .. }
            | Self::TooMany { column, .. } => *column,
            Self::TooLong { .. } => 1,
        }
    }
}
