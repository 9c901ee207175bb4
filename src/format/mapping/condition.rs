//! Conditions on a record, each a short text: `path` (something is there), `!path`, `path = a | b`, `path != a`,
//! `path ~ glob | glob`, `path !~ glob`; in place of a path `path | path`, of which the first counts where something is.
//! Texts are compared in any case. What is not there equals nothing and matches nothing. It must not know any provider.

use super::error::MappingError;
use super::glob::Glob;
use super::path::{Names, Path, Reading};
use super::section::Entry;

/// One condition.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    paths: Vec<Path>,
    test: Test,
    /// It must not hold.
    not: bool,
}

#[derive(Clone, Debug)]
enum Test {
    Present,
    Equals(Vec<Box<str>>),
    Matches(Vec<Glob>),
}

const OPERATORS: [(&str, bool, bool); 4] = [(" != ", false, true), (" !~ ", true, true), (" = ", false, false), (" ~ ", true, false)];

impl Condition {
    fn parse(text: &str, names: &Names) -> Result<Self, String> {
        let found = OPERATORS.iter().filter_map(|operator| Some((text.find(operator.0)?, operator))).min_by_key(|(at, _)| *at);
        let Some((at, (operator, globs, not))) = found else {
            let (path, not) = text.strip_prefix('!').map_or((text, false), |path| (path, true));
            if path.contains(['=', '~']) && !path.contains('[') {
                return Err(format!("“{text}” is no condition; put blanks around `=` and `~`"));
            }
            return Ok(Self { paths: alternatives(path, names)?, test: Test::Present, not });
        };
        let paths = alternatives(text.get(..at).unwrap_or_default(), names)?;
        let values: Vec<&str> = text.get(at + operator.len()..).unwrap_or_default().split(" | ").map(str::trim).collect();
        if values.iter().any(|value| value.is_empty()) {
            return Err(format!("“{text}” compares with nothing; expected a value behind `{}`", operator.trim()));
        }
        let test = if *globs {
            Test::Matches(values.into_iter().map(Glob::new).collect())
        } else {
            Test::Equals(values.into_iter().map(Box::from).collect())
        };
        Ok(Self { paths, test, not: *not })
    }

    /// Whether it holds of a record.
    pub(super) fn holds(&self, reading: &Reading<'_>) -> bool {
        let text = || self.paths.iter().find_map(|path| path.get(reading));
        let found = match &self.test {
            Test::Present => self.paths.iter().any(|path| path.is_there(reading)),
            Test::Equals(values) => text().is_some_and(|text| values.iter().any(|value| value.eq_ignore_ascii_case(&text))),
            Test::Matches(globs) => text().is_some_and(|text| globs.iter().any(|glob| glob.matches(&text))),
        };
        found != self.not
    }

    /// The keys one of which must be at the top of a record for this to hold; `None` where it can hold without.
    pub(super) fn heads(&self) -> Option<Vec<&'static str>> {
        let heads: Vec<_> = self.paths.iter().flat_map(Path::heads).collect();
        (!self.not && !heads.is_empty()).then_some(heads)
    }

    /// It compares with a value.
    pub(super) const fn is_telling(&self) -> bool {
        !self.not && !matches!(self.test, Test::Present)
    }
}

fn alternatives(text: &str, names: &Names) -> Result<Vec<Path>, String> {
    text.split(" | ").map(|path| Path::parse(path, names)).collect()
}

/// Whether all hold.
pub(super) fn all(conditions: &[Condition], reading: &Reading<'_>) -> bool {
    conditions.iter().all(|condition| condition.holds(reading))
}

/// Conditions of an entry: one text or a list of them.
///
/// # Errors
/// Naming the text that is no condition.
pub(super) fn read(entry: &Entry<'_>, names: &Names) -> Result<Vec<Condition>, MappingError> {
    entry.items().iter().map(|item| Condition::parse(item.text()?, names).map_err(|problem| item.fail(&problem))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::tree::Node;
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_hold_of_what_is_there() {
        let value = json!({"type": "User", "n": 5, "list": [1], "empty": [], "a": {"b c": "x = y"}});
        let reading = Reading { root: Node::of(&value), flattened: false, absent: &[], known: Vec::new() };
        for (text, holds) in [
            ("type", true),
            ("!type", false),
            ("none", false),
            ("!none", true),
            ("list", true),
            ("empty", false),
            ("type = user", true),
            ("type = bot | user", true),
            ("type != user", false),
            ("none != user", true),
            ("none = user", false),
            ("type ~ us*", true),
            ("type ~ a* | u*", true),
            ("type !~ us*", false),
            ("none !~ us*", true),
            ("n = 5", true),
            ("a.b c = x = y", true),
            ("none | type", true),
            ("!none | type", false),
            ("none | type = user", true),
        ] {
            assert_eq!(Condition::parse(text, &Names::default()).unwrap().holds(&reading), holds, "{text}");
        }
        for text in ["", "type=user", "type = ", "$x"] {
            assert!(Condition::parse(text, &Names::default()).is_err(), "{text}");
        }
    }
}
