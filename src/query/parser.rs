//! From text to tree by recursive descent: `or`, then `and` (a blank is one), then `not`, then a term. It must not know
//! what a value means.

use super::error::QueryError;
use super::field::Field;
use super::lexer::Lexer;
use super::literal;
use super::tree::{Expr, Literal, Op, Term};
use crate::model::Timestamp;
use crate::text::nearest;
use std::net::IpAddr;

/// Longest filter, in bytes.
const LONGEST: usize = 4096;
/// Deepest nesting of parentheses and negations.
const DEEPEST: usize = 48;
/// Most terms.
const MOST: usize = 128;

/// Parses a whole text.
pub fn parse(text: &str, now: Timestamp) -> Result<Expr, QueryError> {
    if text.len() > LONGEST {
        return Err(QueryError::TooLong { len: text.len(), most: LONGEST });
    }
    let mut parser = Parser { lexer: Lexer::new(text), now, terms: 0 };
    parser.lexer.skip_blanks();
    if parser.lexer.rest().is_empty() {
        return Ok(Expr::And(Vec::new()));
    }
    let root = parser.any(0)?;
    if parser.lexer.rest().is_empty() { Ok(root) } else { Err(parser.unexpected()) }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    now: Timestamp,
    terms: usize,
}

impl Parser<'_> {
    /// `a OR b`
    fn any(&mut self, depth: usize) -> Result<Expr, QueryError> {
        let mut parts = vec![self.all(depth)?];
        while self.keyword("or") {
            parts.push(self.all(depth)?);
        }
        Ok(flat(parts, Expr::Or, |part| match part {
            Expr::Or(inner) => Ok(inner),
            other => Err(other),
        }))
    }

    /// `a b` and `a AND b`
    fn all(&mut self, depth: usize) -> Result<Expr, QueryError> {
        let mut parts = vec![self.not(depth)?];
        loop {
            let said = self.keyword("and");
            self.lexer.skip_blanks();
            let ended = matches!(self.lexer.peek(), None | Some(')')) || self.at_keyword("or");
            if ended && !said {
                break;
            }
            parts.push(self.not(depth)?);
        }
        Ok(flat(parts, Expr::And, |part| match part {
            Expr::And(inner) => Ok(inner),
            other => Err(other),
        }))
    }

    /// `NOT a`, `!a`, `-a`, `(a)`, a term.
    fn not(&mut self, depth: usize) -> Result<Expr, QueryError> {
        if depth > DEEPEST {
            return Err(QueryError::TooDeep { column: self.lexer.column(), most: DEEPEST });
        }
        self.lexer.skip_blanks();
        let rest = self.lexer.rest();
        let dash = rest.strip_prefix('-').is_some_and(|after| after.starts_with(|c: char| !c.is_whitespace() && c != ')'));
        let mark = rest.starts_with('!') && !rest.starts_with("!=");
        if dash || mark {
            self.lexer.skip(1);
        }
        if dash || mark || self.keyword("not") {
            return Ok(Expr::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.lexer.peek() == Some('(') {
            let column = self.lexer.column();
            self.lexer.skip(1);
            let inner = self.any(depth + 1)?;
            self.lexer.skip_blanks();
            return if self.lexer.take(')') { Ok(inner) } else { Err(QueryError::Unclosed { column, what: "a parenthesis" }) };
        }
        self.term()
    }

    /// A word, or a field with a value or several.
    fn term(&mut self) -> Result<Expr, QueryError> {
        let column = self.lexer.column();
        match self.lexer.peek() {
            Some('"') => {
                let text = self.lexer.quoted()?;
                return self.leaf(column, None, Op::Has, Literal::Quoted(text));
            }
            Some('/') => {
                let text = self.lexer.regex()?;
                return self.leaf(column, None, Op::Has, Literal::Regex(text));
            }
            _ => {}
        }
        let (name, whole) = (self.lexer.name(), self.lexer.bare());
        if self.at_keyword("and") || self.at_keyword("or") || whole.is_empty() {
            return Err(self.unexpected());
        }
        let mut after = self.lexer.clone();
        after.skip(name.len());
        after.skip_blanks();
        let Some((op, sign)) = after.operator().filter(|_| is_name(name, whole)) else {
            if name.is_empty() && !is_address(whole) {
                return Err(self.unexpected());
            }
            self.lexer.skip(whole.len());
            return self.leaf(column, None, Op::Has, Literal::Bare(whole.to_owned()));
        };
        let Some(field) = Field::named(name) else {
            let nearest = nearest(name, Field::names()).unwrap_or_default();
            return Err(QueryError::UnknownField { column, name: name.chars().take(40).collect(), nearest });
        };
        after.skip(sign);
        self.lexer = after;
        self.lexer.skip_blanks();
        self.values(column, field, op)
    }

    /// What stands behind a field's operator: a value, or `(a OR b)`.
    fn values(&mut self, column: usize, field: Field, mut op: Op) -> Result<Expr, QueryError> {
        // `rows:>10` is written often enough to be understood.
        if op == Op::Has
            && let Some((inner, sign)) = self.lexer.operator().filter(|(inner, _)| matches!(inner, Op::Lt | Op::Le | Op::Gt | Op::Ge))
        {
            self.lexer.skip(sign);
            self.lexer.skip_blanks();
            op = inner;
        }
        if self.lexer.peek() != Some('(') {
            let literal = self.literal(field, op)?;
            return self.leaf(column, Some(field), op, literal);
        }
        let opened = self.lexer.column();
        self.lexer.skip(1);
        let mut parts = Vec::new();
        loop {
            self.lexer.skip_blanks();
            let literal = self.literal(field, op)?;
            parts.push(self.leaf(column, Some(field), op, literal)?);
            if self.keyword("or") {
                continue;
            }
            self.lexer.skip_blanks();
            match self.lexer.peek() {
                Some(')') => break,
                None => return Err(QueryError::Unclosed { column: opened, what: "a parenthesis" }),
                Some(_) => return Err(self.unexpected()),
            }
        }
        self.lexer.skip(1);
        // None of them, where the field must differ.
        let join = if op == Op::Differs { Expr::And } else { Expr::Or };
        Ok(flat(parts, join, Err))
    }

    fn literal(&mut self, field: Field, op: Op) -> Result<Literal, QueryError> {
        let column = self.lexer.column();
        let missing = || QueryError::MissingValue { column, after: format!("{}{}", field.name(), op.as_str()) };
        match self.lexer.peek() {
            Some('"') => self.lexer.quoted().map(Literal::Quoted),
            Some('/') => self.lexer.regex().map(Literal::Regex),
            _ => {
                let text = self.lexer.bare();
                self.lexer.skip(text.len());
                if text.is_empty() { Err(missing()) } else { Ok(Literal::Bare(text.to_owned())) }
            }
        }
    }

    fn leaf(&mut self, column: usize, field: Option<Field>, op: Op, literal: Literal) -> Result<Expr, QueryError> {
        self.terms += 1;
        if self.terms > MOST {
            return Err(QueryError::TooMany { column, most: MOST });
        }
        let condition = match field {
            Some(field) => literal::compile(column, field, op, &literal, self.now)?,
            None => literal::compile_word(column, &literal)?,
        };
        Ok(Expr::Term(Box::new(Term { column, field, op, literal, condition })))
    }

    /// Takes a keyword, in any case, if it is next.
    fn keyword(&mut self, word: &str) -> bool {
        self.lexer.skip_blanks();
        let is = self.at_keyword(word);
        if is {
            self.lexer.skip(word.len());
        }
        is
    }

    fn at_keyword(&self, word: &str) -> bool {
        let bare = self.lexer.bare();
        bare.eq_ignore_ascii_case(word)
    }

    fn unexpected(&self) -> QueryError {
        let rest = self.lexer.rest();
        let found = match self.lexer.peek() {
            None => "the end".to_owned(),
            Some(c @ ('(' | ')')) => c.to_string(),
            Some(_) => rest.split_whitespace().next().unwrap_or_default().chars().take(40).collect(),
        };
        QueryError::Unexpected { column: self.lexer.column(), found }
    }
}

/// One part as it is, several joined, those joined alike taken in: `(a b) c` is `a b c`.
fn flat(parts: Vec<Expr>, join: fn(Vec<Expr>) -> Expr, same: fn(Expr) -> Result<Vec<Expr>, Expr>) -> Expr {
    let mut out = Vec::with_capacity(parts.len());
    for part in parts {
        match same(part) {
            Ok(inner) => out.extend(inner),
            Err(other) => out.push(other),
        }
    }
    if out.len() == 1 { out.swap_remove(0) } else { join(out) }
}

/// Whether what stands before an operator is meant as a field: not the start of an address, an ARN, a URL or a time.
fn is_name(name: &str, whole: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_alphabetic() || c == '@' || c == '_');
    let other = ["arn:", "urn:"].iter().any(|scheme| whole.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    starts && !other && !whole.contains("://") && !is_address(whole)
        // A known field may well have a URL for its value.
        || (starts && Field::named(name).is_some())
}

/// Whether a text is an address or a block of addresses.
fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || text.parse::<ipnet::IpNet>().is_ok()
}
