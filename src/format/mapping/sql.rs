//! The shape of an SQL statement: literals and comments removed, white space folded, keywords in upper case, lists of
//! literals folded into one, so that the same question over other values is the same shape. It reads SQL only as far as
//! that, in any dialect, and must not know columns.

use super::super::query_text::{LONGEST, blank, literal};

/// A statement's shape with what it asks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// The normalised text.
    pub(super) text: String,
    /// The table, view, stage or other object first named behind a word that introduces one.
    pub(super) table: Option<String>,
}

const KEYWORDS: &[&str] = &[
    "all",
    "alter",
    "and",
    "as",
    "asc",
    "between",
    "by",
    "call",
    "case",
    "cluster",
    "commit",
    "copy",
    "count",
    "create",
    "cross",
    "database",
    "delete",
    "desc",
    "describe",
    "distinct",
    "drop",
    "else",
    "end",
    "exists",
    "from",
    "full",
    "function",
    "get",
    "grant",
    "group",
    "having",
    "if",
    "in",
    "inner",
    "insert",
    "into",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "list",
    "merge",
    "not",
    "null",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "overwrite",
    "password",
    "put",
    "remove",
    "replace",
    "revoke",
    "right",
    "role",
    "rollback",
    "schema",
    "select",
    "set",
    "show",
    "stage",
    "table",
    "task",
    "temporary",
    "then",
    "to",
    "truncate",
    "union",
    "update",
    "use",
    "user",
    "using",
    "values",
    "view",
    "warehouse",
    "when",
    "where",
    "with",
];

/// Words behind which an object is named.
const BEFORE_OBJECT: &[&str] =
    &["from", "into", "update", "table", "view", "join", "stage", "database", "schema", "describe", "list", "get", "remove", "warehouse"];
/// Words that may stand between such a word and the object.
const BETWEEN: &[&str] = &["if", "not", "exists", "only", "overwrite", "table", "view", "into", "lateral", "temporary", "or", "replace"];

/// The shape of a statement; `None` for an empty text.
pub(super) fn shape(statement: &str) -> Option<Shape> {
    let mut text = String::with_capacity(statement.len().min(LONGEST));
    let mut table = None;
    let mut expecting = false;
    let mut rest = statement.trim();
    while let Some(c) = rest.chars().next() {
        if text.len() >= LONGEST {
            break;
        }
        let length = if rest.starts_with("--") || (rest.starts_with("//") && (text.is_empty() || text.ends_with(' '))) {
            blank(&mut text);
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            blank(&mut text);
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if c.is_whitespace() {
            blank(&mut text);
            c.len_utf8()
        } else if c == '\'' {
            literal(&mut text);
            quoted(rest, '\'')
        } else if rest.starts_with("$$") {
            literal(&mut text);
            rest.get(2..).and_then(|inner| inner.find("$$")).map_or(rest.len(), |end| end + 4)
        } else if c.is_ascii_digit() {
            literal(&mut text);
            rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len())
        } else if is_name(c) {
            let end = name_end(rest);
            let name = rest.get(..end).unwrap_or(rest);
            let lower = name.to_ascii_lowercase();
            if expecting && table.is_none() && !BETWEEN.contains(&lower.as_str()) && lower != "select" {
                table = Some(name.replace(['"', '`'], ""));
                expecting = false;
            }
            if KEYWORDS.binary_search(&lower.as_str()).is_ok() {
                text.push_str(&lower.to_ascii_uppercase());
            } else {
                text.push_str(name);
            }
            if BEFORE_OBJECT.contains(&lower.as_str()) {
                expecting = true;
            } else if !BETWEEN.contains(&lower.as_str()) {
                expecting = false;
            }
            end
        } else {
            if matches!(c, ',' | ')' | ';') && text.ends_with(' ') {
                text.pop();
            }
            text.push(c);
            expecting &= c == '(';
            c.len_utf8()
        };
        rest = rest.get(length.max(c.len_utf8())..).unwrap_or_default();
    }
    let text = text.trim_end_matches([' ', ';']).to_owned();
    (!text.is_empty()).then_some(Shape { text, table })
}

/// Letters, and what names of objects are written with: quotes, stages (`@stage`), variables.
fn is_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '"' | '`' | '@')
}

/// Where a name with its dots ends; quoted parts may hold anything.
fn name_end(text: &str) -> usize {
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        match c {
            '"' | '`' => at += quoted(text.get(at..).unwrap_or_default(), c),
            c if c.is_alphanumeric() || matches!(c, '_' | '.' | '@' | '$' | '%' | '~' | '/') => at += c.len_utf8(),
            _ => break,
        }
    }
    at
}

/// Length of a quoted text with its quotes; a doubled quote and one behind a backslash do not end it.
fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return at + quote.len_utf8();
            }
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_question_has_the_same_shape() {
        assert!(KEYWORDS.is_sorted());
        for (statement, text, table) in [
            (
                "select *\n from LOGIN_HISTORY where T > '2021-09-29' order by T asc;",
                "SELECT * FROM LOGIN_HISTORY WHERE T > ? ORDER BY T ASC",
                Some("LOGIN_HISTORY"),
            ),
            ("SELECT a FROM db.s.t WHERE id IN (1, 2,3) -- x", "SELECT a FROM db.s.t WHERE id IN (?)", Some("db.s.t")),
            ("CREATE USER X PASSWORD = 'it''s \\' secret' ", "CREATE USER X PASSWORD = ?", None),
            (
                "copy into @stage/out from (select * from \"My Table\")",
                "COPY INTO @stage/out FROM (SELECT * FROM \"My Table\")",
                Some("@stage/out"),
            ),
            ("/* note */ DROP TABLE IF EXISTS t", "DROP TABLE IF EXISTS t", Some("t")),
            ("insert into t values (1,'a'),(2,'b')", "INSERT INTO t VALUES (?),(?)", Some("t")),
            ("SELECT 1", "SELECT ?", None),
            ("select count(*) from (select x from t)", "SELECT COUNT(*) FROM (SELECT x FROM t)", Some("t")),
        ] {
            let shape = shape(statement).unwrap();
            assert_eq!((shape.text.as_str(), shape.table.as_deref()), (text, table), "{statement}");
        }
        assert_eq!(shape("  -- nothing"), None);
    }

    proptest! {
        /// Protects against hostile statements: it ends, does not grow, and no literal survives.
        #[test]
        fn no_text_literal_survives(statement in "\\PC{0,80}", secret in "[a-z]{12}") {
            if let Some(shape) = shape(&statement) {
                prop_assert!(shape.text.len() <= statement.len() * 2 + 8);
            }
            let shape = shape(&format!("SELECT a FROM t WHERE b = '{secret}'")).unwrap();
            prop_assert!(!shape.text.contains(&secret));
        }
    }
}
