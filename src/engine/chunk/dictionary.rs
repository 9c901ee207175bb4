//! The dictionary of one chunk: each distinct text once, its symbol computed once. Where several records disagree about
//! one entry (a display name, the version of an operation) the least text stands, so that order decides nothing. It must
//! not know what the texts mean.

use crate::model::chunk::{PrincipalTerm, Term, TermKind};
use crate::model::{KindEvidence, Source, Sym};
use foldhash::quality::RandomState;
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of what is remembered from chunk to chunk, with [`ENTRY`] for each entry: most texts come back in the next one.
const KEPT: usize = 4 << 20;
/// What an entry costs beside its text.
const ENTRY: usize = 64;
const KINDS: usize = TermKind::COUNT;

type Map<K, V> = HashMap<K, V, RandomState>;

/// A text that was seen. Small, because most of what a look-up costs is waiting for memory.
struct Known {
    sym: Sym,
    seen: Cell<Seen>,
}

/// The chunk something was last seen in, and its place there.
#[derive(Clone, Copy)]
struct Seen {
    chunk: u32,
    index: u32,
}

/// A credential that was seen, with the least of its kinds in the chunk it was last seen in.
struct Credential {
    known: Known,
    kind: Cell<&'static str>,
}

/// An address as sent, with its canonical form.
struct Address {
    known: Known,
    text: Arc<str>,
    source: Arc<Source>,
}

/// An operation as sent.
struct Action {
    known: Known,
    text: Arc<str>,
}

/// A principal that was seen, with the last texts that came with it.
struct Person {
    platform: &'static str,
    known: Known,
    id: Arc<str>,
    name: Arc<str>,
    tenant: Arc<str>,
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
    /// Place of the last term of each kind: formats, tenants and regions come in long runs.
    last: [usize; KINDS],
    credentials: Map<Arc<str>, Credential>,
    addresses: Map<Box<str>, Address>,
    /// By service.
    actions: Map<Box<str>, Map<Box<str>, Action>>,
    /// By id; of all ids hardly one is that of two platforms.
    people: Map<Box<str>, (Person, Vec<Person>)>,
    /// Terms of addresses and operations in this chunk: several texts may share one.
    shared: Map<Sym, u32>,
}

impl Dictionary {
    /// A plain term. A dozen of these an event: what is known is answered without touching the terms.
    pub(super) fn text(&mut self, kind: TermKind, text: &str) -> u32 {
        let last = &mut self.last[kind as usize];
        if let Some(term) = self.terms.get(*last)
            && term.kind == kind
            && *term.text == *text
        {
            return *last as u32;
        }
        let seen = Seen { chunk: self.chunk, index: self.terms.len() as u32 };
        *last = self.terms.len();
        let texts = &mut self.texts[kind as usize];
        let (text, sym) = if let Some((text, known)) = texts.get_key_value(text) {
            let before = known.seen.replace(seen);
            if before.chunk == seen.chunk {
                known.seen.set(before);
                *last = before.index as usize;
                return before.index;
            }
            (Arc::clone(text), known.sym)
        } else {
            self.kept += text.len() + ENTRY;
            let (text, sym): (Arc<str>, Sym) = (text.into(), Sym::of(text));
            texts.insert(Arc::clone(&text), Known { sym, seen: Cell::new(seen) });
            (text, sym)
        };
        self.terms.push(Term { kind, sym, text, detail: Cow::Borrowed(""), source: None });
        seen.index
    }

    /// A credential's id with its kind, of which the least stands.
    pub(super) fn credential(&mut self, text: &str, kind: &'static str) -> u32 {
        let seen = Seen { chunk: self.chunk, index: self.terms.len() as u32 };
        let (text, sym) = if let Some((text, Credential { known, kind: least })) = self.credentials.get_key_value(text) {
            let before = known.seen.get();
            if before.chunk == seen.chunk {
                if kind < least.get() {
                    least.set(kind);
                    self.terms[before.index as usize].detail = Cow::Borrowed(kind);
                }
                return before.index;
            }
            known.seen.set(seen);
            least.set(kind);
            (Arc::clone(text), known.sym)
        } else {
            self.kept += text.len() + ENTRY;
            let (text, sym): (Arc<str>, Sym) = (text.into(), Sym::of(text));
            let known = Known { sym, seen: Cell::new(seen) };
            self.credentials.insert(Arc::clone(&text), Credential { known, kind: Cell::new(kind) });
            (text, sym)
        };
        self.terms.push(Term { kind: TermKind::Credential, sym, text, detail: Cow::Borrowed(kind), source: None });
        seen.index
    }

    /// An address or a service's name, with what is known about it.
    pub(super) fn address(&mut self, text: &str, look_up: impl FnOnce(&str) -> Source) -> u32 {
        let (chunk, next) = (self.chunk, self.terms.len() as u32);
        let mut enter = |address: &Address| {
            let before = address.known.seen.get();
            if before.chunk == chunk {
                return before.index;
            }
            let sym = address.known.sym;
            let index = *self.shared.entry(sym).or_insert(next);
            address.known.seen.set(Seen { chunk, index });
            if index == next {
                let (text, source) = (Arc::clone(&address.text), Some(Arc::clone(&address.source)));
                self.terms.push(Term { kind: TermKind::Ip, sym, text, detail: Cow::Borrowed(""), source });
            }
            index
        };
        if let Some(address) = self.addresses.get(text) {
            return enter(address);
        }
        let source = look_up(text);
        self.kept += text.len() + source.text.len() + 4 * ENTRY;
        // Of the chunk before: it has no place in this one yet.
        let seen = Cell::new(Seen { chunk: chunk.wrapping_sub(1), index: 0 });
        let known = Known { sym: source.ip, seen };
        let address = Address { known, text: source.text.as_str().into(), source: Arc::new(source) };
        let index = enter(&address);
        self.addresses.insert(text.into(), address);
        index
    }

    /// An operation of a service; operations that differ only in their version (what `stem` leaves out) are one entry.
    pub(super) fn action<'t>(&mut self, text: &'t str, service: &str, stem: impl FnOnce(&'t str) -> &'t str) -> u32 {
        let next = self.terms.len() as u32;
        let action = self.actions.get(service).and_then(|of_service| of_service.get(text));
        let (shown, sym) = match action {
            Some(Action { known, .. }) if known.seen.get().chunk == self.chunk => return known.seen.get().index,
            Some(Action { known, text }) => (Arc::clone(text), known.sym),
            None => (text.into(), Sym::of(&format!("{service}:{}", stem(text)))),
        };
        let index = *self.shared.entry(sym).or_insert(next);
        let seen = Seen { chunk: self.chunk, index };
        if let Some(Action { known, .. }) = action {
            known.seen.set(seen);
        } else {
            self.kept += 2 * text.len() + service.len() + 2 * ENTRY;
            let action = Action { known: Known { sym, seen: Cell::new(seen) }, text: Arc::clone(&shown) };
            self.actions.entry(service.into()).or_default().insert(text.into(), action);
        }
        if index == next {
            let detail = Cow::Owned(service.to_owned());
            self.terms.push(Term { kind: TermKind::Action, sym, text: shown, detail, source: None });
        } else {
            let term = &mut self.terms[index as usize];
            if shown < term.text {
                term.text = shown;
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
        let (name, tenant) = (name.unwrap_or_default(), tenant.unwrap_or_default());
        let people = self.people.get_mut(id);
        let known = people.and_then(|(first, others)| {
            if first.platform == platform { Some(first) } else { others.iter_mut().find(|other| other.platform == platform) }
        });
        if let Some(person) = known {
            let before = person.known.seen.get();
            if before.chunk == seen.chunk {
                let term = &mut self.principals[before.index as usize];
                term.evidence = term.evidence.with(evidence);
                least(&mut term.name, name);
                least(&mut term.tenant, tenant);
                return before.index;
            }
            person.known.seen.set(seen);
            for (kept, text) in [(&mut person.name, name), (&mut person.tenant, tenant)] {
                if **kept != *text {
                    *kept = text.into();
                }
            }
            self.principals.push(person.term(evidence));
            return seen.index;
        }
        self.kept += 2 * id.len() + name.len() + tenant.len() + 4 * ENTRY;
        let known = Known { sym: Sym::of_parts(&[platform, id]), seen: Cell::new(seen) };
        let person = Person { platform, known, id: id.into(), name: name.into(), tenant: tenant.into() };
        self.principals.push(person.term(evidence));
        match self.people.get_mut(id) {
            Some((_, others)) => others.push(person),
            None => drop(self.people.insert(id.into(), (person, Vec::new()))),
        }
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
            self.credentials.clear();
            self.addresses.clear();
            self.actions.clear();
            self.people.clear();
            self.kept = 0;
        }
        (std::mem::take(&mut self.terms), std::mem::take(&mut self.principals))
    }
}

impl Person {
    /// The entry of a chunk in which it comes first.
    fn term(&self, evidence: KindEvidence) -> PrincipalTerm {
        let (id, name, tenant) = (Arc::clone(&self.id), Arc::clone(&self.name), Arc::clone(&self.tenant));
        PrincipalTerm { sym: self.known.sym, platform: self.platform, id, name, tenant, evidence, also: Vec::new() }
    }
}

/// The least text that is not empty.
fn least(kept: &mut Arc<str>, other: &str) {
    if !other.is_empty() && (kept.is_empty() || other < &**kept) {
        *kept = other.into();
    }
}
