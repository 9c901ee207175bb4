//! The dictionary of one chunk: each distinct text once, its symbol computed once. Where several records disagree about
//! one entry (a display name, the version of an operation) the least text stands, so that order decides nothing. It must
//! not know what the texts mean.

use crate::model::chunk::{PrincipalTerm, Term, TermKind};
use crate::model::{KindEvidence, Source, Sym};
use foldhash::quality::RandomState;
use std::collections::HashMap;

/// Addresses whose lookup is remembered from chunk to chunk.
const REMEMBERED: usize = 65_536;
const KINDS: usize = TermKind::Error as usize + 1;

type Map<K, V> = HashMap<K, V, RandomState>;

/// Entries of a chunk.
#[derive(Default)]
pub(super) struct Dictionary {
    terms: Vec<Term>,
    principals: Vec<PrincipalTerm>,
    texts: [Map<Box<str>, u32>; KINDS],
    /// Addresses as sent; the terms are in canonical form.
    addresses: Map<Box<str>, u32>,
    /// Operation and service as sent.
    actions: Map<Box<str>, Map<Box<str>, u32>>,
    operations: Map<Sym, u32>,
    people: Map<Box<str>, Vec<u32>>,
    /// Not emptied between chunks.
    sources: Map<Box<str>, Source>,
}

impl Dictionary {
    /// A plain term.
    pub(super) fn text(&mut self, kind: TermKind, text: &str) -> u32 {
        self.detailed(kind, text, "")
    }

    /// A term with a second text.
    pub(super) fn detailed(&mut self, kind: TermKind, text: &str, detail: &str) -> u32 {
        let known = &mut self.texts[kind as usize];
        if let Some(index) = known.get(text) {
            let term = &mut self.terms[*index as usize];
            if detail < &*term.detail {
                term.detail = detail.into();
            }
            return *index;
        }
        let index = self.terms.len() as u32;
        known.insert(text.into(), index);
        self.terms.push(Term { kind, sym: Sym::of(text), text: text.into(), detail: detail.into(), source: None });
        index
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
            self.sources.insert(text.into(), look_up(text));
        }
        let Some(source) = self.sources.get(text).cloned() else { return self.text(TermKind::Ip, text) };
        let known = &mut self.texts[TermKind::Ip as usize];
        let index = if let Some(index) = known.get(source.text.as_str()) {
            *index
        } else {
            let index = self.terms.len() as u32;
            let plain: Box<str> = source.text.as_str().into();
            known.insert(plain.clone(), index);
            self.terms.push(Term { kind: TermKind::Ip, sym: source.ip, text: plain, detail: "".into(), source: Some(Box::new(source)) });
            index
        };
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
        self.texts.iter_mut().for_each(Map::clear);
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
