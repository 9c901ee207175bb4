//! Reading a filter's text character by character: blanks, operators, bare texts, quoted texts, regular expressions. What
//! ends a bare text depends on where it stands, so the parser asks for what it expects. It must not know fields.

use super::error::QueryError;
use super::tree::Op;

/// A cursor over the text.
#[derive(Clone)]
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// At the start of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What is left.
    pub fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Characters up to here, from 1.
    pub fn column(&self) -> usize {
        self.text.get(..self.at).map_or(1, |before| before.chars().count() + 1)
    }

    /// The next character.
    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Goes on by `bytes`, which must end at a character's edge.
    pub fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    /// Goes to the next character that is no blank.
    pub fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.skip(rest.len() - rest.trim_start().len());
    }

    /// Takes `c` if it is next.
    pub fn take(&mut self, c: char) -> bool {
        let is = self.peek() == Some(c);
        if is {
            self.skip(c.len_utf8());
        }
        is
    }

    /// The operator that is next, if any, and its length.
    pub fn operator(&self) -> Option<(Op, usize)> {
        let rest = self.rest();
        [("!=", Op::Differs), (">=", Op::Ge), ("<=", Op::Le), ("==", Op::Is), (":", Op::Has), ("=", Op::Is), (">", Op::Gt), ("<", Op::Lt)]
            .into_iter()
            .find(|(sign, _)| rest.starts_with(sign))
            .map(|(sign, op)| (op, sign.len()))
    }

    /// A text up to a blank, a parenthesis, a quote or an operator: what may be a field's name.
    pub fn name(&self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .char_indices()
            .find(|(at, c)| ends_text(*c) || matches!(c, ':' | '=' | '<' | '>') || rest.get(*at..).is_some_and(|r| r.starts_with("!=")))
            .map_or(rest.len(), |(at, _)| at);
        rest.get(..end).unwrap_or_default()
    }

    /// A text up to a blank, a parenthesis or a quote: a value.
    pub fn bare(&self) -> &'a str {
        let rest = self.rest();
        rest.get(..rest.find(ends_text).unwrap_or(rest.len())).unwrap_or_default()
    }

    /// Takes a quoted text; the cursor stands on the quote. `\"` and `\\` stand for themselves.
    pub fn quoted(&mut self) -> Result<String, QueryError> {
        let column = self.column();
        self.delimited('"').ok_or(QueryError::Unclosed { column, what: "a quoted text" })
    }

    /// Takes a regular expression; the cursor stands on the slash. `\/` stands for a slash.
    pub fn regex(&mut self) -> Result<String, QueryError> {
        let column = self.column();
        let what = "a regular expression (put a path in quotes)";
        let text = self.delimited('/').ok_or(QueryError::Unclosed { column, what })?;
        match self.peek() {
            Some(c) if !c.is_whitespace() && c != ')' => {
                Err(QueryError::Unexpected { column: self.column(), found: self.bare().chars().take(40).collect() })
            }
            _ => Ok(text),
        }
    }

    fn delimited(&mut self, by: char) -> Option<String> {
        let mut out = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == by {
                self.skip(at + by.len_utf8());
                return Some(out);
            }
            if c == '\\' {
                let (_, next) = chars.next()?;
                // In a regular expression every other escape is the expression's own.
                if next != by && (by == '/' || next != '\\') {
                    out.push('\\');
                }
                out.push(next);
            } else {
                out.push(c);
            }
        }
        None
    }
}

fn ends_text(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '"')
}
