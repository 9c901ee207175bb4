//! Which key does what, as data: the embedded `assets/keymap.toml` and, over it, a user's file of the same shape. Hints,
//! help and palette are made from it. It must not know state: a [`Context`] says where a key was pressed.

use super::action::Action;
use super::key::Key;
use std::collections::BTreeMap;
use thiserror::Error;
use toml::Spanned;

const EMBEDDED: &str = include_str!("../../assets/keymap.toml");

/// Where a key was pressed; the more special is asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Something is being loaded.
    Loading,
    /// A recorded day is played.
    Demo,
    /// A list of alerts.
    Feed,
    /// An alert is selected or open.
    Alert,
    /// A list of anything.
    List,
    /// Everywhere.
    Global,
}

impl Context {
    /// All of them, most special first.
    pub const ALL: [Self; 6] = [Self::Loading, Self::Demo, Self::Feed, Self::Alert, Self::List, Self::Global];

    /// Its table in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Demo => "demo",
            Self::Feed => "feed",
            Self::Alert => "alert",
            Self::List => "list",
            Self::Global => "global",
        }
    }
}

/// A keymap file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeymapError {
    /// No TOML of this shape.
    #[error("keymap {file}: {reason}")]
    Shape {
        /// The file.
        file: String,
        /// What the parser says, on one line.
        reason: String,
    },
    /// A table nobody knows.
    #[error("keymap {file}: no context [{context}]; there are loading, demo, feed, alert, list, global")]
    Context {
        /// The file.
        file: String,
        /// The table.
        context: String,
    },
    /// A key that does not exist.
    #[error("keymap {file}:{line}: [{context}] \"{key}\" is no key; write j, G, space, enter, pgdn, f2 or ctrl-d")]
    Key {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The table.
        context: &'static str,
        /// What stands there.
        key: String,
    },
    /// An action that does not exist.
    #[error("keymap {file}:{line}: [{context}] {key} = \"{action}\" is no action{nearest}; :help lists them")]
    Action {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The table.
        context: &'static str,
        /// The key.
        key: String,
        /// What stands there.
        action: String,
        /// `, did you mean …?`, or nothing.
        nearest: String,
    },
}

/// Keys and what they do, in the order in which hints prefer them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<(Context, Key, Action)>,
}

type File = BTreeMap<String, BTreeMap<Spanned<String>, String>>;

impl Keymap {
    /// The keymap that comes with the program.
    pub fn embedded() -> Result<Self, KeymapError> {
        let bindings = read(EMBEDDED, "assets/keymap.toml")?
            .into_iter()
            .filter_map(|(context, key, action)| action.map(|action| (context, key, action)))
            .collect();
        Ok(Self { bindings })
    }

    /// The same with a user's file laid over it; `file` is its name for messages.
    pub fn with(mut self, text: &str, file: &str) -> Result<Self, KeymapError> {
        let theirs = read(text, file)?;
        self.bindings.retain(|(context, key, _)| !theirs.iter().any(|(c, k, _)| c == context && k == key));
        let first = theirs.into_iter().filter_map(|(context, key, action)| action.map(|action| (context, key, action)));
        self.bindings = first.chain(self.bindings).collect();
        Ok(self)
    }

    /// What a key does, asking the contexts in order.
    pub fn action(&self, contexts: &[Context], key: Key) -> Option<Action> {
        contexts.iter().find_map(|context| self.bindings.iter().find(|(c, k, _)| c == context && *k == key).map(|(_, _, action)| *action))
    }

    /// The key hints show for an action, in any context.
    pub fn key(&self, action: Action) -> Option<Key> {
        self.bindings.iter().find(|(_, _, a)| *a == action).map(|(_, key, _)| *key)
    }

    /// Every key of an action.
    pub fn keys(&self, action: Action) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::new();
        for (_, key, _) in self.bindings.iter().filter(|(_, _, a)| *a == action) {
            if !keys.contains(key) {
                keys.push(*key);
            }
        }
        keys
    }

    /// Everything bound.
    pub fn bindings(&self) -> &[(Context, Key, Action)] {
        &self.bindings
    }

    /// The table of the README: what, keys, in the order of help.
    pub fn markdown(&self) -> String {
        let rows = Action::ALL.iter().map(|action| {
            let keys: Vec<String> = self.keys(*action).iter().map(|key| format!("`{}`", key.to_string().replace('|', "\\|"))).collect();
            format!("| {} | {} |\n", if keys.is_empty() { "–".to_owned() } else { keys.join(" ") }, action.doc())
        });
        std::iter::once("| key | what it does |\n|---|---|\n".to_owned()).chain(rows).collect()
    }
}

fn read(text: &str, file: &str) -> Result<Vec<(Context, Key, Option<Action>)>, KeymapError> {
    let tables: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        KeymapError::Shape { file: format!("{file}:{line}"), reason: error.message().replace('\n', " ") }
    })?;
    let mut found = Vec::new();
    for (word, keys) in tables {
        let context = Context::ALL.into_iter().find(|context| context.word() == word);
        let context = context.ok_or_else(|| KeymapError::Context { file: file.to_owned(), context: word })?;
        for (key, action) in keys {
            let (at, key) = (key.span().start, key.into_inner());
            let line = line_of(text, at);
            let parsed = Key::parse(&key).ok_or_else(|| KeymapError::Key {
                file: file.to_owned(),
                line,
                context: context.word(),
                key: key.clone(),
            })?;
            let action = if action.is_empty() {
                None
            } else {
                Some(Action::from_word(&action).ok_or_else(|| KeymapError::Action {
                    file: file.to_owned(),
                    line,
                    context: context.word(),
                    key,
                    nearest: nearest(&action),
                    action,
                })?)
            };
            found.push((at, context, parsed, action));
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    Ok(found.into_iter().map(|(_, context, key, action)| (context, key, action)).collect())
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// The action whose name shares most of its letters pairs with what was written.
fn nearest(word: &str) -> String {
    let pairs = |text: &str| text.as_bytes().windows(2).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let written = pairs(word);
    let best = Action::ALL.iter().max_by_key(|action| pairs(action.word()).iter().filter(|pair| written.contains(pair)).count());
    match best {
        Some(action) if pairs(action.word()).iter().any(|pair| written.contains(pair)) => format!(", did you mean {}?", action.word()),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_key_or_a_place_in_the_palette_and_no_key_means_two_things() {
        let keymap = Keymap::embedded().unwrap();
        for action in Action::ALL {
            assert!(keymap.key(*action).is_some(), "{} has no key", action.word());
            assert_eq!(Action::from_word(action.word()), Some(*action));
        }
        for (index, (context, key, _)) in keymap.bindings().iter().enumerate() {
            let twice = keymap.bindings()[index + 1..].iter().any(|(c, k, _)| c == context && k == key);
            assert!(!twice, "{key} twice in [{}]", context.word());
        }
    }

    #[test]
    fn the_special_context_wins() {
        let keymap = Keymap::embedded().unwrap();
        let press = |contexts: &[Context], key| keymap.action(contexts, Key::Char(key));
        assert_eq!(press(&[Context::Feed, Context::Global], 'G'), Some(Action::Follow));
        assert_eq!(press(&[Context::List, Context::Global], 'G'), Some(Action::Bottom));
        assert_eq!(press(&[Context::Global], 'a'), None);
    }

    #[test]
    fn a_users_file_lies_over_ours_and_its_keys_are_shown_first() {
        let keymap = Keymap::embedded().unwrap().with("[global]\n\"ctrl-n\" = \"down\"\n\"m\" = \"\"\n", "keys.toml").unwrap();
        assert_eq!(keymap.key(Action::Down), Some(Key::Ctrl('n')));
        assert_eq!(keymap.action(&[Context::Global], Key::Char('m')), None);
        assert_eq!(keymap.action(&[Context::Global], Key::Char('j')), Some(Action::Down));
    }

    #[test]
    fn a_bad_file_is_told_what_where_and_the_way_out() {
        for (text, message) in [
            ("[global]\n\"jj\" = \"down\"", "keymap k.toml:2: [global] \"jj\" is no key; write j, G, space, enter, pgdn, f2 or ctrl-d"),
            (
                "[global]\n\n\"j\" = \"folow\"",
                "keymap k.toml:3: [global] j = \"folow\" is no action, did you mean follow?; :help lists them",
            ),
            ("[nowhere]\n\"j\" = \"down\"", "keymap k.toml: no context [nowhere]; there are loading, demo, feed, alert, list, global"),
        ] {
            assert_eq!(Keymap::embedded().unwrap().with(text, "k.toml").unwrap_err().to_string(), message);
        }
        let twice = Keymap::embedded().unwrap().with("[global]\n\"j\" = \"down\"\n\"j\" = \"up\"", "k.toml").unwrap_err().to_string();
        assert!(twice.starts_with("keymap k.toml:3: duplicate key"), "{twice}");
        assert!(!Keymap::embedded().unwrap().with("[global", "k.toml").unwrap_err().to_string().contains('\n'));
    }
}
