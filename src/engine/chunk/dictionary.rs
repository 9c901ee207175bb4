//! The dictionary of one chunk: each distinct text once, its symbol computed once. Where several records disagree about
//! one entry (a display name, the version of an operation) the least text stands, so that order decides nothing. It must
//! not know what the texts mean.

use crate::model::chunk::{PrincipalTerm, Term, TermKind};
use crate::model::{KindEvidence, Source, Sym};
use foldhash::quality::RandomState;
use std::collections::HashMap;
use std::sync::Arc;

/// Addresses whose lookup is remembered from chunk to chunk.
const REMEMBERED: usize = 65_536;
/// Texts of a kind that are remembered from chunk to chunk, with their symbols: most come back in the next one.
const KEPT: usize = 16_384;
const KINDS: usize = TermKind::Error as usize + 1;

type Map<K, V> = HashMap<K, V, RandomState>;

/// A text that was seen.
struct Known {
    text: Arc<str>,
    sym: Sym,
    /// The chunk it was last seen in, and its place there.
    chunk: u32,
    index: u32,
}

/// Entries of a chunk.
#[derive(Default)]
pub(super) struct Dictionary {
    terms: Vec<Term>,
    principals: Vec<PrincipalTerm>,
    /// Number of the chunk in hand.
    chunk: u32,
    texts: [Map<Arc<str>, Known>; KINDS],
    /// Terms of addresses, by their canonical form.
    places: Map<Sym, u32>,
    /// Addresses as sent; the terms are in canonical form.
    addresses: Map<Box<str>, u32>,
    /// Operation and service as sent.
    actions: Map<Box<str>, Map<Box<str>, u32>>,
    operations: Map<Sym, u32>,
    people: Map<Box<str>, Vec<u32>>,
    /// Not emptied between chunks.
    sources: Map<Box<str>, Arc<Source>>,
}

impl Dictionary {
    /// A plain term.
    pub(super) fn text(&mut self, kind: TermKind, text: &str) -> u32 {
        self.find(kind, text, "")
    }

    /// A term with a second text, of which the least stands.
    pub(super) fn detailed(&mut self, kind: TermKind, text: &str, detail: &str) -> u32 {
        let index = self.find(kind, text, detail);
        let term = &mut self.terms[index as usize];
        if detail < &*term.detail {
            term.detail = detail.into();
        }
        index
    }

    /// The place of a text; a new one is entered with the second text given. A dozen of these an event: what is known is
    /// answered without touching the terms.
    fn find(&mut self, kind: TermKind, text: &str, detail: &str) -> u32 {
        let next = self.terms.len() as u32;
        let texts = &mut self.texts[kind as usize];
        let (text, sym) = match texts.get_mut(text) {
            Some(known) if known.chunk == self.chunk => return known.index,
            Some(known) => {
                (known.chunk, known.index) = (self.chunk, next);
                (Arc::clone(&known.text), known.sym)
            }
            None => {
                let (text, sym): (Arc<str>, Sym) = (text.into(), Sym::of(text));
                texts.insert(Arc::clone(&text), Known { text: Arc::clone(&text), sym, chunk: self.chunk, index: next });
                (text, sym)
            }
        };
        self.terms.push(Term { kind, sym, text, detail: detail.into(), source: None });
        next
    }

    /// An address or a service's name, with what is known about it.
    pub(super) fn address(&mut self, text: &str, look_up: impl FnOnce(&str) -> Source) -> u32 {
        if let Some(index) = self.addresses.get(text) {
            return *index;
        }
        if !self.sources.contains_key(text) {
            if self.sources.len() >= REMEMBERED {
                self.sources.clear();
            }
            self.sources.insert(text.into(), Arc::new(look_up(text)));
        }
        let Some(source) = self.sources.get(text).cloned() else { return self.text(TermKind::Ip, text) };
        let next = self.terms.len() as u32;
        let index = *self.places.entry(source.ip).or_insert(next);
        if index == next {
            let text = source.text.as_str().into();
            self.terms.push(Term { kind: TermKind::Ip, sym: source.ip, text, detail: "".into(), source: Some(source) });
        }
        self.addresses.insert(text.into(), index);
        index
    }

    /// An operation of a service; operations that differ only in their version are one entry.
    pub(super) fn action(&mut self, text: &str, service: &str, stem: &str) -> u32 {
        if let Some(index) = self.actions.get(service).and_then(|of_service| of_service.get(text)) {
            return *index;
        }
        let sym = Sym::of(&format!("{service}:{stem}"));
        let next = self.terms.len() as u32;
        let index = *self.operations.entry(sym).or_insert(next);
        if index == next {
            self.terms.push(Term { kind: TermKind::Action, sym, text: text.into(), detail: service.into(), source: None });
        } else {
            let term = &mut self.terms[index as usize];
            if text < &*term.text {
                term.text = text.into();
            }
        }
        self.actions.entry(service.into()).or_default().insert(text.into(), index);
        index
    }

    /// A principal; evidence adds up.
    pub(super) fn principal(
        &mut self,
        platform: &'static str,
        id: &str,
        name: Option<&str>,
        tenant: Option<&str>,
        evidence: KindEvidence,
    ) -> u32 {
        let places = self.people.get(id).into_iter().flatten();
        if let Some(index) = places.copied().find(|index| self.principals[*index as usize].platform == platform) {
            let known = &mut self.principals[index as usize];
            known.evidence = known.evidence.with(evidence);
            least(&mut known.name, name);
            least(&mut known.tenant, tenant);
            return index;
        }
        let index = self.principals.len() as u32;
        self.principals.push(PrincipalTerm {
            sym: Sym::of_parts(&[platform, id]),
            platform,
            id: id.into(),
            name: name.unwrap_or_default().into(),
            tenant: tenant.unwrap_or_default().into(),
            evidence,
        });
        self.people.entry(id.into()).or_default().push(index);
        index
    }

    /// Hands over what is there and starts anew.
    pub(super) fn take(&mut self) -> (Vec<Term>, Vec<PrincipalTerm>) {
        self.chunk = self.chunk.wrapping_add(1);
        // At the wrap an old number could pass for the new one.
        let wrapped = self.chunk == 0;
        self.texts.iter_mut().filter(|texts| wrapped || texts.len() > KEPT).for_each(Map::clear);
        self.places.clear();
        self.addresses.clear();
        self.actions.clear();
        self.operations.clear();
        self.people.clear();
        (std::mem::take(&mut self.terms), std::mem::take(&mut self.principals))
    }
}

/// The least text that is not empty.
fn least(kept: &mut Box<str>, other: Option<&str>) {
    if let Some(other) = other
        && !other.is_empty()
        && (kept.is_empty() || other < &**kept)
    {
        *kept = other.into();
    }
}
