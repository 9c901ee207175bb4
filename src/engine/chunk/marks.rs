//! What intelligence says of the texts of a chunk, each asked once: a source, a client or a credential comes back in
//! record after record. It must not know where indicators come from.

use super::Knowledge;
use crate::context::intel::Hit;
use crate::model::Timestamp;
use crate::model::chunk::{NONE, Term};

/// Hits by the place of a term in its chunk.
#[derive(Default)]
pub(super) struct Marks(Vec<Option<Vec<Hit>>>);

/// Which part of an event a term is.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// Where it came from.
    Source,
    /// Its client.
    Agent,
    /// Its credential.
    Credential,
}

impl Marks {
    /// Forgets everything: the places are those of another chunk.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The tags of an event of that time on that system, sorted, a line each; `None` where nothing hits.
    pub(super) fn tags<K: Knowledge>(
        &mut self,
        knowledge: &K,
        terms: &[Term],
        parts: [(u32, Part); 3],
        at: Timestamp,
        platform: &str,
    ) -> Option<String> {
        if !knowledge.has_intel() {
            return None;
        }
        let mut tags: Vec<String> = Vec::new();
        for (place, part) in parts {
            let hits = self.of(knowledge, terms, place, part);
            tags.extend(hits.iter().filter(|hit| hit.holds(at, platform)).map(Hit::tag));
        }
        if tags.is_empty() {
            return None;
        }
        tags.sort_unstable();
        tags.dedup();
        Some(tags.join("\n"))
    }

    fn of<K: Knowledge>(&mut self, knowledge: &K, terms: &[Term], place: u32, part: Part) -> &[Hit] {
        let Some(term) = (place != NONE).then(|| terms.get(place as usize)).flatten() else { return &[] };
        let place = place as usize;
        if self.0.len() <= place {
            self.0.resize_with(terms.len(), || None);
        }
        let Some(slot) = self.0.get_mut(place) else { return &[] };
        slot.get_or_insert_with(|| {
            let text = Some(&*term.text);
            match part {
                Part::Source => knowledge.hits(text, None, None),
                Part::Agent => knowledge.hits(None, text, None),
                Part::Credential => knowledge.hits(None, None, text),
            }
        })
    }
}
