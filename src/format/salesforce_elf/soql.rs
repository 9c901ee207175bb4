//! The shape of a query: literals removed, white space folded, keywords in upper case, so that the same question over
//! other values is the same shape. It reads SOQL only as far as that, and must not know columns.

use crate::format::query_text::{self, LONGEST};

/// A query's shape with what it asks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The normalised text.
    pub text: String,
    /// The object after the outermost `FROM`.
    pub object: Option<String>,
    /// It asks only how many there are.
    pub counts: bool,
}

const KEYWORDS: &[&str] = &[
    "select",
    "from",
    "where",
    "and",
    "or",
    "not",
    "in",
    "like",
    "order",
    "by",
    "group",
    "having",
    "limit",
    "offset",
    "asc",
    "desc",
    "nulls",
    "first",
    "last",
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "using",
    "scope",
    "with",
    "typeof",
    "when",
    "then",
    "else",
    "end",
    "fields",
    "all",
    "includes",
    "excludes",
    "count_distinct",
    "for",
    "view",
    "reference",
    "update",
    "null",
    "true",
    "false",
];

/// The shape of a query; `None` when the text is none.
pub fn shape(query: &str) -> Option<Shape> {
    let mut text = String::with_capacity(query.len().min(LONGEST));
    let (mut object, mut depth, mut after_from) = (None, 0_i32, false);
    let (mut words, mut counting, mut first_selected) = (0_usize, false, None::<String>);
    let mut chars = query.trim().char_indices().peekable();
    let query = query.trim();
    while let Some((at, c)) = chars.next() {
        if text.len() >= LONGEST {
            break;
        }
        if c.is_whitespace() {
            if !text.is_empty() && !text.ends_with(' ') {
                text.push(' ');
            }
        } else if c == '\'' {
            while let Some((_, c)) = chars.next() {
                match c {
                    '\\' => {
                        chars.next();
                    }
                    '\'' => break,
                    _ => {}
                }
            }
            query_text::literal(&mut text);
        } else if c.is_alphanumeric() || c == '_' {
            let mut end = at + c.len_utf8();
            while let Some((next, c)) = chars.next_if(|(_, c)| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '-')) {
                end = next + c.len_utf8();
            }
            let word = &query[at..end];
            words += 1;
            let lower = word.to_ascii_lowercase();
            if c.is_ascii_digit() {
                query_text::literal(&mut text);
            } else if KEYWORDS.contains(&lower.as_str()) {
                text.push_str(&lower.to_ascii_uppercase());
                after_from = lower == "from" && depth == 0;
            } else {
                if after_from && object.is_none() {
                    object = Some(word.to_owned());
                }
                after_from = false;
                // `LAST_N_DAYS:30` is a literal with a number in it.
                text.push_str(word.split(':').next().unwrap_or(word));
            }
            if words == 2 {
                first_selected = Some(lower);
            }
        } else {
            match c {
                '(' => {
                    counting |= words == 2 && first_selected.as_deref() == Some("count");
                    depth += 1;
                }
                ')' => depth -= 1,
                _ => {}
            }
            if matches!(c, ',' | ')') && text.ends_with(' ') {
                text.pop();
            }
            text.push(c);
        }
    }
    let select = text.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("select ")) || text.starts_with("FIND");
    (select && words >= 2).then(|| Shape { text: text.trim_end().to_owned(), object, counts: counting })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_the_same_shape() {
        for (query, text, object, counts) in [
            (
                "select Id,Name  from Account where Name = 'O\\'Neil' limit 200",
                "SELECT Id,Name FROM Account WHERE Name = ? LIMIT ?",
                "Account",
                false,
            ),
            ("SELECT COUNT() FROM Case", "SELECT COUNT() FROM Case", "Case", true),
            ("select count(Id) from Case", "SELECT COUNT(Id) FROM Case", "Case", true),
            ("SELECT Id FROM Lead WHERE Id IN ('a', 'b','c')", "SELECT Id FROM Lead WHERE Id IN (?)", "Lead", false),
            ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "SELECT Id, (SELECT Id FROM Contacts) FROM Account", "Account", false),
            (
                "SELECT Id FROM Opportunity WHERE CreatedDate > 2026-01-01T00:00:00Z AND X = LAST_N_DAYS:30",
                "SELECT Id FROM Opportunity WHERE CreatedDate > ? AND X = LAST_N_DAYS",
                "Opportunity",
                false,
            ),
        ] {
            let shape = shape(query).unwrap();
            assert_eq!((shape.text.as_str(), shape.object.as_deref(), shape.counts), (text, Some(object), counts), "{query}");
        }
        assert_eq!(shape("hello"), None);
        assert_eq!(shape(""), None);
    }
}
