//! Where in a document its records lie: the brackets around them, and what each of them needs of the object around the
//! list. It is what a position says of a container, as one text. It must not know the bytes.

use super::scan::{DEPTH, Nest};

/// Lists and objects around the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The brackets around the records; the innermost is a list, or there are none.
    pub(super) outer: Nest,
    /// Every list of objects is one of records, whatever its name: the object around them was too large to be a record.
    pub(super) every: bool,
    /// What stands before the list and is repeated for each of its records; empty where they need nothing of it.
    pub(super) head: Vec<u8>,
}

/// What begins the text of a place where every list counts.
const EVERY: &str = "every ";

impl Place {
    /// As a text, given the objects that are open inside the innermost list.
    pub(super) fn header(&self, inside: Nest) -> String {
        let brackets = self.outer.within(inside).unwrap_or_default().brackets();
        if !self.every && self.head.is_empty() {
            // The names of the commonest ones are older than the rule.
            match brackets.as_str() {
                "" => return "json".to_owned(),
                "[" => return "list".to_owned(),
                "{[" => return "member".to_owned(),
                "{" => return "envelope".to_owned(),
                _ => {}
            }
        }
        let mut out = if self.every { EVERY.to_owned() + &brackets } else { brackets };
        if !self.head.is_empty() {
            out.push(' ');
            // Only sound JSON is kept as a head.
            out.push_str(&String::from_utf8_lossy(&self.head));
        }
        out
    }

    /// What [`Place::header`] gave, with the open objects; `None` when it is none of these.
    pub(super) fn resume(header: &str) -> Option<(Self, Nest)> {
        let (every, rest) = header.strip_prefix(EVERY).map_or((false, header), |rest| (true, rest));
        let (brackets, head) = rest.split_once(' ').unwrap_or((rest, ""));
        let brackets = match brackets {
            "json" => "",
            "list" => "[",
            "member" => "{[",
            "envelope" => "{",
            "" if !every => return None,
            other => other,
        };
        if brackets.len() > DEPTH as usize {
            return None;
        }
        let mut outer = Nest::default();
        for bracket in brackets.bytes() {
            match bracket {
                b'{' => outer.open(true),
                b'[' => outer.open(false),
                _ => return None,
            }
        }
        let inside = outer.take_objects();
        Some((Self { outer, every, head: head.as_bytes().to_vec() }, inside))
    }

    /// The list ends: gives the objects around it.
    pub(super) fn leave(&mut self) -> Nest {
        self.outer.close(false);
        let inside = self.outer.take_objects();
        if self.outer.depth() == 0 {
            // Only a list in the outermost object has a head.
            self.head.clear();
        }
        inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects resuming, with positions of older stores too.
    #[test]
    fn a_place_is_known_again_by_its_text() {
        for (text, around, open) in [
            ("json", "", 0),
            ("list", "[", 0),
            ("member", "{[", 0),
            ("envelope", "", 1),
            ("[{[", "[{[", 0),
            ("[{{", "[", 2),
            ("every {{[", "{{[", 0),
            ("every {{", "", 2),
            ("every ", "", 0),
            ("{[ {\"owner\":\"a b\",", "{[", 0),
        ] {
            let (place, inside) = Place::resume(text).unwrap();
            assert_eq!((place.outer.brackets().as_str(), inside.depth()), (around, open), "{text}");
            let back = place.header(inside);
            assert_eq!(Place::resume(&back).unwrap(), (place, inside), "{text} {back}");
        }
        for text in ["", "csv,[\"a\"]", "text", "{x", "tables"] {
            assert_eq!(Place::resume(text), None, "{text}");
        }
    }
}
