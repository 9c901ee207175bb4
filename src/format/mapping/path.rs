//! Places in a record: `actor.user.id`, `ipChain.0.ip`, `details[key=User-Agent].value`, `objects.*.name`, and `$name`
//! for what has been found already. Names match in any case; where a record was flattened into columns the path also
//! matches `actor_user_id`. It must not know any provider.

use super::super::tree::Node;
use super::keep;
use crate::model::event::Text;

/// A place, ready to be asked for.
#[derive(Clone, Debug)]
pub(super) struct Path {
    text: &'static str,
    way: Way,
    /// The same path as the name of one column.
    column: Option<&'static str>,
}

#[derive(Clone, Debug)]
enum Way {
    /// By names and indexes.
    Plain,
    /// By steps, some of which search a list.
    Steps(Vec<Step>),
    /// Found already.
    Known(usize),
}

#[derive(Clone, Debug)]
enum Step {
    Name(&'static str),
    /// The first item with this member.
    Keyed(&'static str, &'static str),
    /// The first item in which the rest is found.
    Any,
}

/// A record being read, with what has been found in it so far.
pub(super) struct Reading<'a> {
    pub(super) root: Node<'a>,
    /// Its columns may be flattened paths.
    pub(super) flattened: bool,
    /// Words that stand for nothing.
    pub(super) absent: &'static [&'static str],
    /// By index, in the order of [`Names`].
    pub(super) known: Vec<Option<Text<'a>>>,
}

/// The names that may stand behind `$`.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(pub(super) Vec<&'static str>);

impl Path {
    /// Reads a path; the error says what is wrong with it.
    pub(super) fn parse(text: &str, names: &Names) -> Result<Self, String> {
        let text = text.trim();
        if let Some(name) = text.strip_prefix('$') {
            let Some(at) = names.0.iter().position(|known| *known == name) else {
                return Err(format!(
                    "`${name}` is not known here; known are {}",
                    names.0.iter().map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
                ));
            };
            return Ok(Self { text: keep(text), way: Way::Known(at), column: None });
        }
        if text.is_empty() || text.chars().any(|c| matches!(c, '{' | '}' | '|')) {
            return Err(format!("“{text}” is no path; expected names with dots between them"));
        }
        let kept = keep(text);
        let column = text.contains('.').then(|| keep(&text.replace('.', "_")));
        if !kept.contains('[') && !kept.split('.').any(|part| part == "*") {
            return Ok(Self { text: kept, way: Way::Plain, column });
        }
        let mut steps = Vec::new();
        for part in kept.split('.') {
            let (name, search) = part.split_once('[').map_or((part, None), |(name, rest)| (name, Some(rest)));
            match name {
                "" => {}
                "*" => steps.push(Step::Any),
                name => steps.push(Step::Name(name)),
            }
            if let Some(search) = search {
                let pair = search.strip_suffix(']').and_then(|inner| inner.split_once('='));
                let Some((key, value)) = pair else { return Err(format!("“{part}” is no step; expected `list[key=value]`")) };
                steps.push(Step::Keyed(key.trim(), value.trim()));
            }
        }
        Ok(Self { text: kept, way: Way::Steps(steps), column: None })
    }

    /// As it is written.
    pub(super) const fn text(&self) -> &'static str {
        self.text
    }

    /// The keys of which one stands at the top of every record in which the path leads somewhere; none where that cannot
    /// be told.
    pub(super) fn heads(&self) -> Vec<&'static str> {
        match &self.way {
            Way::Known(_) => Vec::new(),
            Way::Plain | Way::Steps(_) => {
                let first = self.text.split(['.', '[']).next().unwrap_or(self.text);
                [Some(first), Some(self.text), self.column].into_iter().flatten().collect()
            }
        }
    }

    /// The place itself; `None` for what is not in the record but found already.
    pub(super) fn node<'a>(&self, reading: &Reading<'a>) -> Option<Node<'a>> {
        match &self.way {
            Way::Known(_) => None,
            Way::Plain => {
                let node = reading.root.at(self.text);
                match self.column {
                    Some(column) if reading.flattened && !node.is_some() => Some(reading.root.member(column)),
                    _ => Some(node),
                }
            }
            Way::Steps(steps) => walk(reading.root, steps),
        }
    }

    /// The text there.
    pub(super) fn get<'a>(&self, reading: &Reading<'a>) -> Option<Text<'a>> {
        match &self.way {
            Way::Known(at) => reading.known.get(*at).cloned().flatten(),
            _ => self.node(reading)?.text().filter(|text| !reading.absent.iter().any(|word| text.eq_ignore_ascii_case(word))),
        }
    }

    /// All texts there, where a list may be: separated by blanks.
    pub(super) fn joined<'a>(&self, reading: &Reading<'a>) -> Option<Text<'a>> {
        match &self.way {
            Way::Known(_) => self.get(reading),
            _ => self.node(reading)?.joined().or_else(|| self.get(reading)),
        }
    }

    /// Whether anything is there.
    pub(super) fn is_there(&self, reading: &Reading<'_>) -> bool {
        self.get(reading).is_some() || self.node(reading).is_some_and(Node::is_nested)
    }
}

fn walk<'a>(from: Node<'a>, steps: &[Step]) -> Option<Node<'a>> {
    let mut node = from;
    for (n, step) in steps.iter().enumerate() {
        match step {
            Step::Name(name) => node = node.member(name),
            Step::Keyed(key, value) => {
                node = node.items().find(|item| item.get(key).is_some_and(|found| found.eq_ignore_ascii_case(value)))?;
            }
            Step::Any => {
                let rest = steps.get(n + 1..).unwrap_or_default();
                return node.items().filter_map(|item| walk(item, rest)).find(|found| found.text().is_some() || found.is_nested());
            }
        }
    }
    node.is_some().then_some(node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_lead_where_they_say() {
        let value = json!({"a": {"b": "x", "list": [{"k": "User-Agent", "v": "curl"}, {"k": "Other", "name": "n"}], "none": "-"},
            "actor_id": "flat", "odd key": {"c": 1}});
        let names = Names(vec!["action"]);
        let reading = Reading { root: Node::of(&value), flattened: true, absent: &["-"], known: vec![Some("did".into())] };
        for (path, text) in [
            ("a.b", Some("x")),
            ("a.list[k=user-agent].v", Some("curl")),
            ("a.list.*.name", Some("n")),
            ("a.list.1.k", Some("Other")),
            ("a.none", None),
            ("actor.id", Some("flat")),
            ("odd key.c", Some("1")),
            ("$action", Some("did")),
            ("a.list[k=none].v", None),
        ] {
            assert_eq!(Path::parse(path, &names).unwrap().get(&reading).as_deref(), text, "{path}");
        }
        for path in ["", "$nothing", "a.list[k]", "{a}"] {
            assert!(Path::parse(path, &names).is_err(), "{path}");
        }
        assert_eq!(Path::parse("actor.user.id", &names).unwrap().heads(), ["actor", "actor.user.id", "actor_user_id"]);
    }
}
