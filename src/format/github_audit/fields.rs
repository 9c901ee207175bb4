//! The members of an entry by what their names say, not by how they are written: `actor_ip`, `actorIp`, `ActorIP` and
//! `actor_ip_s` are one. Members of `data`, where older entries keep what is special about them, count after the others.
//! It must not know what they mean.

use super::super::tree::Node;
use crate::model::event::Text;
use serde_json::Value;

/// The members of one entry.
pub struct Fields<'a>(Vec<(String, Node<'a>)>);

impl<'a> Fields<'a> {
    /// Reads the names once.
    pub fn of(entry: &'a Value) -> Self {
        let root = Node::of(entry);
        let own = root.members();
        let inner = root.at("data").members();
        Self(own.chain(inner).map(|(name, node)| (plain(name), node)).collect())
    }

    /// The member of that name, letters and digits only: `actorip`.
    pub fn at(&self, name: &str) -> Option<Node<'a>> {
        self.0.iter().find(|(key, node)| key == name && node.is_some()).map(|(_, node)| *node)
    }

    /// The text of the first of several members that has one.
    pub fn text(&self, names: &[&str]) -> Option<Text<'a>> {
        names.iter().find_map(|name| self.0.iter().filter(|(key, _)| key == name).find_map(|(_, node)| first(*node)))
    }
}

/// A text, or the first one of a list.
fn first(node: Node<'_>) -> Option<Text<'_>> {
    node.text().or_else(|| node.items().find_map(Node::text))
}

/// Letters and digits of a name in lower case, without the type that Log Analytics appends.
fn plain(name: &str) -> String {
    let name = ["_s", "_d", "_b", "_g", "_t"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
