//! Keys as the keymap writes them: `j`, `G`, `?`, `ctrl-d`, `space`, `f2`. It must not know what any of them does.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// A key that was pressed, normalised: shift is part of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A character.
    Char(char),
    /// Control with a character.
    Ctrl(char),
    /// A named key.
    Named(Name),
}

macro_rules! names {
    ($($variant:ident = $word:literal),+ $(,)?) => {
        /// Keys that have a name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the names are those printed on the keys")]
        pub enum Name { $($variant),+ }

        impl Name {
            /// As the keymap writes it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

names! {
    Enter = "enter", Esc = "esc", Tab = "tab", BackTab = "shift-tab", Up = "up", Down = "down", Left = "left", Right = "right",
    Home = "home", End = "end", PageUp = "pgup", PageDown = "pgdn", Backspace = "backspace", Delete = "delete", F1 = "f1",
    F2 = "f2", F3 = "f3", F4 = "f4", F5 = "f5",
}

impl Key {
    /// Reads a key as the keymap writes it; `None` for anything else.
    pub fn parse(word: &str) -> Option<Self> {
        let mut chars = word.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            return (c > ' ').then_some(Self::Char(c));
        }
        if word == "space" {
            return Some(Self::Char(' '));
        }
        if let Some(rest) = word.strip_prefix("ctrl-") {
            let mut chars = rest.chars();
            return match (chars.next(), chars.next()) {
                (Some(c), None) if c.is_ascii_lowercase() => Some(Self::Ctrl(c)),
                _ => None,
            };
        }
        Name::parse(word).map(Self::Named)
    }

    /// What a key event means; `None` for keys nothing can be bound to.
    pub fn of(event: KeyEvent) -> Option<Self> {
        let named = |name| Some(Self::Named(name));
        match event.code {
            KeyCode::Char(c) if event.modifiers.contains(KeyModifiers::CONTROL) => Some(Self::Ctrl(c.to_ascii_lowercase())),
            KeyCode::Char(_) if event.modifiers.contains(KeyModifiers::ALT) => None,
            KeyCode::Char(c) => Some(Self::Char(c)),
            KeyCode::Enter => named(Name::Enter),
            KeyCode::Esc => named(Name::Esc),
            KeyCode::Tab => named(Name::Tab),
            KeyCode::BackTab => named(Name::BackTab),
            KeyCode::Up => named(Name::Up),
            KeyCode::Down => named(Name::Down),
            KeyCode::Left => named(Name::Left),
            KeyCode::Right => named(Name::Right),
            KeyCode::Home => named(Name::Home),
            KeyCode::End => named(Name::End),
            KeyCode::PageUp => named(Name::PageUp),
            KeyCode::PageDown => named(Name::PageDown),
            KeyCode::Backspace => named(Name::Backspace),
            KeyCode::Delete => named(Name::Delete),
            KeyCode::F(1) => named(Name::F1),
            KeyCode::F(2) => named(Name::F2),
            KeyCode::F(3) => named(Name::F3),
            KeyCode::F(4) => named(Name::F4),
            KeyCode::F(5) => named(Name::F5),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(' ') => f.write_str("space"),
            Self::Char(c) => write!(f, "{c}"),
            Self::Ctrl(c) => write!(f, "ctrl-{c}"),
            Self::Named(name) => f.write_str(name.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_what_they_print() {
        for word in ["j", "G", "?", "space", "ctrl-p", "enter", "shift-tab", "pgdn", "f2", "["] {
            assert_eq!(Key::parse(word).map(|key| key.to_string()).as_deref(), Some(word));
        }
        for word in ["", "ctrl-", "ctrl-P", "hyper-x", "jj"] {
            assert_eq!(Key::parse(word), None, "{word}");
        }
    }
}
