//! The members of a flat record by what their names say, not by how they are written: `actor_ip`, `actorIp`, `ActorIP`
//! and `actor_ip_s` are one. It must not know any provider.

use super::tree::Node;
use crate::model::event::Text;
use serde_json::Value;

/// The members of one record.
pub struct Fields<'a>(Vec<(String, Node<'a>)>);

impl<'a> Fields<'a> {
    /// Reads the names once; the members of the objects called `inner` count after the record's own.
    pub fn of(record: &'a Value, inner: &[&str]) -> Self {
        let root = Node::of(record);
        let inner = inner.iter().flat_map(|name| root.at(name).members());
        Self(root.members().chain(inner).map(|(name, node)| (plain(name), node)).collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Protects every re-spelled copy of a log: the spelling of a name never decides what is read.
    #[test]
    fn spelling_does_not_matter() {
        let value = json!({"actorIp": "", "Actor_IP": null, "actor_ip_s": "1", "@timestamp": 5, "org": ["a", "b"], "data": {"actor_ip": "2", "x": 3}, "y": {}});
        let fields = Fields::of(&value, &["data"]);
        for (names, text) in [
            (&["actorip"][..], Some("1")),
            (&["timestamp"], Some("5")),
            (&["org"], Some("a")),
            (&["none", "x"], Some("3")),
            (&["y", "none"], None),
        ] {
            assert_eq!(fields.text(names).as_deref(), text, "{names:?}");
        }
        assert_eq!(fields.at("x").and_then(Node::count), Some(3));
        assert!(Fields::of(&value, &[]).at("x").is_none());
    }
}
