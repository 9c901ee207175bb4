//! The shape of a statement of `BigQuery`: literals and comments removed, white space folded, keywords in upper case, so that
//! the same question over other values is the same shape. It reads SQL only as far as that.

use super::super::query_text::{self, LONGEST, blank};

/// A statement's shape with what it asks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The normalised text.
    pub text: String,
    /// The first table after `FROM`, `INTO`, `UPDATE` or `TABLE`.
    pub table: Option<String>,
    /// It asks only how many there are.
    pub counts: bool,
    /// It asks how tables are built.
    pub describes: bool,
}

/// Words that are the same in any case.
const KEYWORDS: &[&str] = &[
    "all",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "columns",
    "count",
    "create",
    "cross",
    "current_date",
    "data",
    "date",
    "delete",
    "desc",
    "distinct",
    "drop",
    "else",
    "end",
    "except",
    "exists",
    "export",
    "false",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "if",
    "in",
    "inner",
    "insert",
    "interval",
    "into",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "load",
    "match",
    "max",
    "merge",
    "min",
    "not",
    "null",
    "offset",
    "on",
    "options",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "qualify",
    "replace",
    "revoke",
    "right",
    "rows",
    "select",
    "set",
    "struct",
    "sum",
    "table",
    "then",
    "timestamp",
    "to",
    "true",
    "truncate",
    "union",
    "unnest",
    "update",
    "using",
    "values",
    "view",
    "when",
    "where",
    "window",
    "with",
];

/// Words a table's name follows.
const TABLES: &[&str] = &["FROM", "INTO", "UPDATE", "TABLE", "JOIN"];

/// The shape of a statement; `None` for a text without words.
pub fn shape(sql: &str) -> Option<Shape> {
    let mut shape = Shape { text: String::with_capacity(sql.len().min(LONGEST)), table: None, counts: false, describes: false };
    let mut rest = sql.trim_start();
    let (mut expects_table, mut words) = (false, 0_usize);
    while let Some(c) = rest.chars().next() {
        if shape.text.len() >= LONGEST {
            break;
        }
        let word_end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*'))).unwrap_or(rest.len());
        if c.is_whitespace() {
            rest = rest.trim_start();
            blank(&mut shape.text);
        } else if let Some(length) = comment(rest) {
            rest = rest.get(length..).unwrap_or_default();
            blank(&mut shape.text);
        } else if let Some(length) = literal(rest) {
            rest = rest.get(length..).unwrap_or_default();
            query_text::literal(&mut shape.text);
        } else if c == '`' {
            let name = rest.get(1..).unwrap_or_default().split('`').next().unwrap_or_default();
            rest = rest.get(name.len() + 2..).unwrap_or_default();
            name_table(&mut shape, name, &mut expects_table);
            shape.text.push_str(&unsharded(name));
        } else if c.is_alphabetic() || c == '_' {
            // A minus belongs to a name only where names have them: `my-project.data.table`.
            let mut word = rest.get(..word_end).unwrap_or_default();
            if !word.contains('.') || !expects_table {
                let end = word.find(['-', '*']).unwrap_or(word.len());
                word = word.get(..end).unwrap_or_default();
            }
            rest = rest.get(word.len().max(c.len_utf8())..).unwrap_or_default();
            words += 1;
            if KEYWORDS.contains(&word.to_ascii_lowercase().as_str()) {
                let keyword = word.to_ascii_uppercase();
                expects_table =
                    TABLES.contains(&keyword.as_str()) || (expects_table && matches!(keyword.as_str(), "IF" | "NOT" | "EXISTS"));
                shape.counts |= keyword == "COUNT" && words == 2;
                shape.text.push_str(&keyword);
            } else {
                name_table(&mut shape, word, &mut expects_table);
                shape.text.push_str(&unsharded(word));
            }
        } else {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            expects_table &= c != '(';
            if matches!(c, ',' | ')' | ';') && shape.text.ends_with(' ') {
                shape.text.pop();
            }
            shape.text.push(c);
        }
    }
    shape.describes = shape.text.to_ascii_uppercase().contains("INFORMATION_SCHEMA") || shape.text.contains("__TABLES__");
    let end = shape.text.trim_end_matches([' ', ';']).len();
    shape.text.truncate(end);
    (words > 0).then_some(shape)
}

fn name_table(shape: &mut Shape, name: &str, expected: &mut bool) {
    if std::mem::take(expected) && shape.table.is_none() && !name.is_empty() {
        shape.table = Some(unsharded(name));
    }
}

/// Tables of one day are one table: `events_20261119` is `events_?`.
fn unsharded(name: &str) -> String {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if name.len() - bare.len() >= 6 { format!("{bare}?") } else { name.to_owned() }
}

/// The length of a comment at the start of the text.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("--") || text.starts_with('#') {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    let inner = text.strip_prefix("/*")?;
    Some(inner.find("*/").map_or(text.len(), |end| end + 4))
}

/// The length of a literal at the start of the text: a number, a parameter, or a text in quotes, raw or not, of one line or
/// of several.
fn literal(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if first.is_ascii_digit() {
        return Some(text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(text.len()));
    }
    if first == '@' {
        return Some(text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '@'))).unwrap_or(text.len()));
    }
    let prefix = text.find(['\'', '"']).filter(|at| *at <= 2)?;
    if !text.get(..prefix)?.chars().all(|c| matches!(c, 'r' | 'R' | 'b' | 'B')) {
        return None;
    }
    let quoted = text.get(prefix..)?;
    let quote = quoted.get(..1)?;
    let long = quote.repeat(3);
    let mark = if quoted.starts_with(&long) { long.as_str() } else { quote };
    let mut at = mark.len();
    while let Some(rest) = quoted.get(at..) {
        if rest.starts_with(mark) {
            return Some(prefix + at + mark.len());
        }
        let Some(c) = rest.chars().next() else { break };
        at += c.len_utf8();
        if c == '\\' {
            at += rest.chars().nth(1).map_or(0, char::len_utf8);
        }
    }
    Some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_question_has_the_same_shape() {
        for (sql, text, table, counts, describes) in [
            (
                "select id, name from `acme.crm.people_20261119` where mail = 'o\\'neil@example.com' and n > 12.5 -- why\n limit 10;",
                "SELECT id, name FROM acme.crm.people_? WHERE mail = ? AND n > ? LIMIT ?",
                Some("acme.crm.people_?"),
                false,
                false,
            ),
            ("SELECT COUNT(*) FROM crm.people", "SELECT COUNT(*) FROM crm.people", Some("crm.people"), true, false),
            (
                "select * from my-project.crm.INFORMATION_SCHEMA.TABLES",
                "SELECT * FROM my-project.crm.INFORMATION_SCHEMA.TABLES",
                Some("my-project.crm.INFORMATION_SCHEMA.TABLES"),
                false,
                true,
            ),
            ("SELECT x FROM t WHERE x IN (1, 2,3) /* many\nlines */", "SELECT x FROM t WHERE x IN (?)", Some("t"), false, false),
            ("select \"\"\"a\"b\"\"\", r'\\d+', @p from t", "SELECT ? FROM t", Some("t"), false, false),
            (
                "EXPORT DATA OPTIONS(uri='gs://b/*.csv') AS SELECT a-1 FROM d.t",
                "EXPORT DATA OPTIONS(uri=?) AS SELECT a-? FROM d.t",
                Some("d.t"),
                false,
                false,
            ),
            (
                "create table if not exists d.copy as select * from d.t",
                "CREATE TABLE IF NOT EXISTS d.copy AS SELECT * FROM d.t",
                Some("d.copy"),
                false,
                false,
            ),
            ("select * from (select 1)", "SELECT * FROM (SELECT ?)", None, false, false),
        ] {
            let shape = shape(sql).unwrap();
            assert_eq!(
                (shape.text.as_str(), shape.table.as_deref(), shape.counts, shape.describes),
                (text, table, counts, describes),
                "{sql}"
            );
        }
        assert_eq!(shape(" 1 ; "), None);
    }

    proptest! {
        /// Statements are hostile: nothing panics, nothing grows without bound, no quoted text survives.
        #[test]
        fn any_text_is_cut_down(sql in "\\PC{0,80}", secret in "[a-z]{12}") {
            let _ = shape(&sql);
            let quoted = format!("SELECT a FROM t WHERE b = '{secret}' AND {sql}");
            prop_assert!(!shape(&quoted).unwrap().text.contains(&secret) || sql.contains(&secret));
        }
    }
}
