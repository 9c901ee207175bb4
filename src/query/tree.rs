//! The tree of a filter: how terms combine, what they say of a row, and how they are printed. It must not know how a text
//! was read.

use super::condition::Condition;
use super::field::Field;
use super::row::Fields;
use crate::model::Timestamp;
use std::fmt;

/// A filter or a part of one.
#[derive(Clone, Debug)]
pub enum Expr {
    /// All of them; none means everything matches.
    And(Vec<Self>),
    /// Any of them.
    Or(Vec<Self>),
    /// Not it.
    Not(Box<Self>),
    /// One condition.
    Term(Box<Term>),
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `:`
    Has,
    /// `=`
    Is,
    /// `!=`
    Differs,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl Op {
    /// The sign.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Has => ":",
            Self::Is => "=",
            Self::Differs => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}

/// A value as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// Without quotes: `*` and `?` are wildcards.
    Bare(String),
    /// In quotes: as it stands.
    Quoted(String),
    /// Between slashes.
    Regex(String),
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bare(text) => f.write_str(text),
            Self::Quoted(text) => write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
            Self::Regex(text) => write!(f, "/{}/", text.replace('/', "\\/")),
        }
    }
}

/// One condition: a field with a value, or a value anywhere.
#[derive(Clone, Debug)]
pub struct Term {
    /// Where it stands in the text, from 1.
    pub column: usize,
    /// The field; `None` for a word that may stand anywhere.
    pub field: Option<Field>,
    /// The comparison.
    pub op: Op,
    /// The value as written.
    pub literal: Literal,
    /// The value as tested.
    pub condition: Condition,
}

impl Term {
    fn matches<R: Fields + ?Sized>(&self, row: &R) -> bool {
        let hit = match self.field {
            Some(field) => self.condition.passes(&row.field(field)),
            None => Field::ALL.iter().any(|field| field.is_searched() && self.condition.passes(&row.field(*field))),
        };
        hit != (self.op == Op::Differs)
    }

    /// The word, if it is a plain one.
    fn word(&self) -> Option<&str> {
        match &self.literal {
            Literal::Bare(text) | Literal::Quoted(text) if self.field.is_none() && self.condition.is_part() => Some(text),
            _ => None,
        }
    }

    fn span(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        match (self.field, &self.condition) {
            (Some(Field::Since | Field::Until | Field::Time), Condition::Time { from, to }) if self.op != Op::Differs => (*from, *to),
            _ => (None, None),
        }
    }
}

impl Expr {
    /// Whether it has no term.
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::And(parts) if parts.is_empty())
    }

    /// Whether a row passes.
    pub fn matches<R: Fields + ?Sized>(&self, row: &R) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.matches(row)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(row)),
            Self::Not(part) => !part.matches(row),
            Self::Term(term) => term.matches(row),
        }
    }

    /// Every term, in the order of the text.
    pub fn terms(&self) -> Vec<&Term> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::terms).collect(),
            Self::Not(part) => part.terms(),
            Self::Term(term) => vec![term],
        }
    }

    /// Bounds every match keeps: the narrowest of an AND, the widest of an OR, none of a NOT.
    pub fn span(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        match self {
            Self::And(parts) => parts.iter().map(Self::span).fold((None, None), |(from, to), (f, t)| (from.max(f), least(to, t))),
            Self::Or(parts) => parts
                .iter()
                .map(Self::span)
                .reduce(|(from, to), (f, t)| (from.zip(f).map(|(a, b)| a.min(b)), to.zip(t).map(|(a, b)| a.max(b))))
                .unwrap_or_default(),
            Self::Not(_) => (None, None),
            Self::Term(term) => term.span(),
        }
    }

    /// Plain words that every match must contain.
    pub fn words(&self) -> Vec<&str> {
        match self {
            Self::And(parts) => parts.iter().filter_map(|part| part.as_term()?.word()).collect(),
            _ => self.as_term().and_then(Term::word).into_iter().collect(),
        }
    }

    /// The rest of it without those words.
    pub fn without_words(&self) -> Self {
        let is_word = |part: &Self| part.as_term().and_then(Term::word).is_some();
        match self {
            Self::And(parts) => Self::And(parts.iter().filter(|part| !is_word(part)).cloned().collect()),
            _ if is_word(self) => Self::And(Vec::new()),
            _ => self.clone(),
        }
    }

    fn as_term(&self) -> Option<&Term> {
        if let Self::Term(term) = self { Some(term) } else { None }
    }

    /// Prints it as a part of something that binds tighter than it does.
    fn print_inside(&self, f: &mut fmt::Formatter<'_>, alone: bool) -> fmt::Result {
        if alone { write!(f, "{self}") } else { write!(f, "({self})") }
    }
}

/// The smaller of two bounds, where an absent one bounds nothing.
fn least(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The word AND stands between: a bare text may begin with a sign that would bind to the one before.
            Self::And(parts) => {
                for (n, part) in parts.iter().enumerate() {
                    f.write_str(if n > 0 { " AND " } else { "" })?;
                    part.print_inside(f, !matches!(part, Self::Or(_) | Self::And(_)))?;
                }
                Ok(())
            }
            Self::Or(parts) => {
                for (n, part) in parts.iter().enumerate() {
                    f.write_str(if n > 0 { " OR " } else { "" })?;
                    part.print_inside(f, !matches!(part, Self::Or(_)))?;
                }
                Ok(())
            }
            Self::Not(part) => {
                f.write_str("NOT ")?;
                part.print_inside(f, matches!(**part, Self::Term(_) | Self::Not(_)))
            }
            Self::Term(term) => match term.field {
                Some(field) => {
                    // `= =x` would else read as `==` and `x`.
                    let apart = term.op == Op::Is && matches!(&term.literal, Literal::Bare(text) if text.starts_with('='));
                    write!(f, "{}{}{}{}", field.name(), term.op.as_str(), if apart { " " } else { "" }, term.literal)
                }
                None => write!(f, "{}", term.literal),
            },
        }
    }
}
