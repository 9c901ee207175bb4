//! The dictionary of one chunk: each distinct text once, its symbol computed once. Where several records disagree about
//! one entry (a display name, the version of an operation) the least text stands, so that order decides nothing. It must
//! not know what the texts mean.

use crate::model::chunk::{PrincipalTerm, Term, TermKind};
use crate::model::{KindEvidence, Source, Sym};
use foldhash::quality::RandomState;
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of what is remembered from chunk to chunk, with [`ENTRY`] for each entry: most texts come back in the next one.
const KEPT: usize = 4 << 20;
/// What an entry costs beside its text.
const ENTRY: usize = 64;
const KINDS: usize = TermKind::COUNT;

type Map<K, V> = HashMap<K, V, RandomState>;

/// A text that was seen.
struct Known {
    text: Arc<str>,
    sym: Sym,
    seen: Seen,
}

/// The chunk something was last seen in, and its place there.
#[derive(Clone, Copy)]
struct Seen {
    chunk: u32,
    index: u32,
}

/// Entries of a chunk. What is known of a text outlives the chunk, its place does not.
#[derive(Default)]
pub(super) struct Dictionary {
    terms: Vec<Term>,
    principals: Vec<PrincipalTerm>,
    /// Number of the chunk in hand.
    chunk: u32,
    /// Bytes remembered.
    kept: usize,
    texts: [Map<Arc<str>, Known>; KINDS],
    /// Addresses as sent, with the canonical form's term.
    addresses: Map<Box<str>, (Known, Arc<Source>)>,
    /// Operations by service, as sent.
    actions: Map<Box<str>, Map<Arc<str>, Known>>,
    people: Map<Box<str>, Vec<(&'static str, Known)>>,
    /// Terms of addresses and operations in this chunk: several texts may share one.
    shared: Map<Sym, u32>,
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
        let seen = Seen { chunk: self.chunk, index: self.terms.len() as u32 };
        let texts = &mut self.texts[kind as usize];
        let (text, sym) = match texts.get_mut(text) {
            Some(known) if known.seen.chunk == self.chunk => return known.seen.index,
            Some(known) => {
                known.seen = seen;
                (Arc::clone(&known.text), known.sym)
            }
            None => {
                self.kept += text.len() + ENTRY;
                let (text, sym): (Arc<str>, Sym) = (text.into(), Sym::of(text));
                texts.insert(Arc::clone(&text), Known { text: Arc::clone(&text), sym, seen });
                (text, sym)
            }
        };
        self.terms.push(Term { kind, sym, text, detail: detail.into(), source: None });
        seen.index
    }

    /// An address or a service's name, with what is known about it.
    pub(super) fn address(&mut self, text: &str, look_up: impl FnOnce(&str) -> Source) -> u32 {
        let next = self.terms.len() as u32;
        if !self.addresses.contains_key(text) {
            let source = look_up(text);
            self.kept += text.len() + source.text.len() + 4 * ENTRY;
            // Of the chunk before: it has no place in this one yet.
            let seen = Seen { chunk: self.chunk.wrapping_sub(1), index: 0 };
            let known = Known { text: source.text.as_str().into(), sym: source.ip, seen };
            self.addresses.insert(text.into(), (known, Arc::new(source)));
        }
        let Some((known, source)) = self.addresses.get_mut(text) else { return self.text(TermKind::Ip, text) };
        if known.seen.chunk != self.chunk {
            let index = *self.shared.entry(known.sym).or_insert(next);
            known.seen = Seen { chunk: self.chunk, index };
            if index == next {
                let (sym, text, source) = (known.sym, Arc::clone(&known.text), Some(Arc::clone(source)));
                self.terms.push(Term { kind: TermKind::Ip, sym, text, detail: "".into(), source });
            }
        }
        known.seen.index
    }

    /// An operation of a service; operations that differ only in their version are one entry.
    pub(super) fn action(&mut self, text: &str, service: &str, stem: &str) -> u32 {
        let next = self.terms.len() as u32;
        let known = self.actions.get_mut(service).and_then(|of_service| of_service.get_mut(text));
        let (text, sym) = match &known {
            Some(known) if known.seen.chunk == self.chunk => return known.seen.index,
            Some(known) => (Arc::clone(&known.text), known.sym),
            None => (text.into(), Sym::of(&format!("{service}:{stem}"))),
        };
        let index = *self.shared.entry(sym).or_insert(next);
        let seen = Seen { chunk: self.chunk, index };
        if let Some(known) = known {
            known.seen = seen;
        } else {
            self.kept += text.len() + service.len() + 2 * ENTRY;
            let known = Known { text: Arc::clone(&text), sym, seen };
            self.actions.entry(service.into()).or_default().insert(Arc::clone(&text), known);
        }
        if index == next {
            self.terms.push(Term { kind: TermKind::Action, sym, text, detail: service.into(), source: None });
        } else {
            let term = &mut self.terms[index as usize];
            if text < term.text {
                term.text = text;
            }
        }
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
        let seen = Seen { chunk: self.chunk, index: self.principals.len() as u32 };
        let known = self.people.get_mut(id).and_then(|people| people.iter_mut().find(|(of, _)| *of == platform));
        let sym = match known {
            Some((_, known)) if known.seen.chunk == self.chunk => {
                let index = known.seen.index;
                let term = &mut self.principals[index as usize];
                term.evidence = term.evidence.with(evidence);
                least(&mut term.name, name);
                least(&mut term.tenant, tenant);
                return index;
            }
            Some((_, known)) => {
                known.seen = seen;
                known.sym
            }
            None => {
                self.kept += id.len() + 2 * ENTRY;
                let sym = Sym::of_parts(&[platform, id]);
                self.people.entry(id.into()).or_default().push((platform, Known { text: "".into(), sym, seen }));
                sym
            }
        };
        let text = |text: Option<&str>| text.unwrap_or_default().into();
        self.principals.push(PrincipalTerm {
            sym,
            platform,
            id: id.into(),
            name: text(name),
            tenant: text(tenant),
            evidence,
            also: Vec::new(),
        });
        seen.index
    }

    /// The terms of this chunk so far.
    pub(super) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Notes another id of a principal of this chunk.
    pub(super) fn also(&mut self, principal: u32, id: &str) {
        if let Some(term) = self.principals.get_mut(principal as usize)
            && *id != *term.id
            && let Err(at) = term.also.binary_search_by(|known| (**known).cmp(id))
        {
            term.also.insert(at, id.into());
        }
    }

    /// Hands over what is there and starts anew.
    pub(super) fn take(&mut self) -> (Vec<Term>, Vec<PrincipalTerm>) {
        self.chunk = self.chunk.wrapping_add(1);
        self.shared.clear();
        // At the wrap an old number could pass for the new one.
        if self.kept > KEPT || self.chunk == 0 {
            self.texts.iter_mut().for_each(Map::clear);
            self.addresses.clear();
            self.actions.clear();
            self.people.clear();
            self.kept = 0;
        }
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
