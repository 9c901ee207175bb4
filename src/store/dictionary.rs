//! The writer's dictionaries: from a symbol to the store's number, kept in memory without texts. The rule: a number is
//! given once and never means anything else. It must not know events.

use super::error::StoreError;
use super::joins;
use super::ties;
use crate::model::chunk::{NONE, PrincipalTerm, Term, TermKind};
use foldhash::{HashMap, HashMapExt};
use rusqlite::{Connection, params};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// Kinds of terms, as many as [`TermKind`] has.
const KINDS: usize = TermKind::COUNT;
/// No kind of credential.
const UNTOLD: u8 = u8::MAX;

/// What the writer remembers about a principal, to leave its row alone when a chunk says nothing new.
struct Known {
    id: u32,
    evidence: u32,
    /// Hashes of the last name and tenant written.
    name: u64,
    tenant: u64,
}

/// All dictionaries of a store.
pub struct Dictionary {
    terms: [HashMap<u64, u32>; KINDS],
    /// Texts of actions, by number: an action's symbol leaves the version out, so several texts share one.
    actions: HashMap<u32, Arc<str>>,
    /// Kinds of credentials, by number, as places in `details`, [`UNTOLD`] for all other terms: few distinct ones, so that a
    /// credential costs no text.
    kinds: Vec<u8>,
    details: Vec<Box<str>>,
    principals: HashMap<u64, Known>,
    /// The first principal a credential was seen with, by number; [`NONE`] for all other terms.
    holders: Vec<u32>,
    last_term: u32,
    last_principal: u32,
}

impl Dictionary {
    /// Reads the dictionaries of a store. Call it inside the write transaction.
    pub fn load(conn: &Connection) -> Result<Self, StoreError> {
        let mut dictionary = Self {
            terms: std::array::from_fn(|_| HashMap::new()),
            actions: HashMap::new(),
            kinds: Vec::new(),
            details: Vec::new(),
            principals: HashMap::new(),
            holders: Vec::new(),
            last_term: 0,
            last_principal: 0,
        };
        dictionary.follow(conn)?;
        joins::keep_up(conn)?;
        ties::keep_up(conn)?;
        let mut statement = conn.prepare("SELECT credential, principal FROM credential_use")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            dictionary.hold(row.get(0)?, row.get(1)?);
        }
        Ok(dictionary)
    }

    /// Takes in what another process has added since. Call it inside the write transaction.
    pub fn follow(&mut self, conn: &Connection) -> Result<(), StoreError> {
        let mut statement = conn.prepare_cached(
            "SELECT id, kind, sym, CASE kind WHEN ?2 THEN text WHEN ?3 THEN detail END FROM term WHERE id > ?1 ORDER BY id",
        )?;
        let mut rows = statement.query(params![self.last_term, TermKind::Action as u8, TermKind::Credential as u8])?;
        while let Some(row) = rows.next()? {
            let (id, kind, sym): (u32, u8, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let Some(map) = self.terms.get_mut(usize::from(kind)) else {
                return Err(StoreError::damaged(format!("term {id} is of kind {kind}")));
            };
            map.insert(sym as u64, id);
            if let Some(text) = row.get::<_, Option<Box<str>>>(3)? {
                if kind == TermKind::Action as u8 {
                    self.actions.insert(id, text.into());
                } else {
                    self.note_kind(id, &text);
                }
            }
            self.last_term = id;
        }
        let mut statement = conn.prepare_cached("SELECT id, sym, evidence FROM principal WHERE id > ?1 ORDER BY id")?;
        let mut rows = statement.query([self.last_principal])?;
        while let Some(row) = rows.next()? {
            let (id, sym): (u32, i64) = (row.get(0)?, row.get(1)?);
            self.principals.insert(sym as u64, Known { id, evidence: row.get(2)?, name: 0, tenant: 0 });
            self.last_principal = id;
        }
        Ok(())
    }

    /// The store's numbers of a chunk's terms, new ones written. `context` is the hash of the knowledge used for addresses.
    pub fn resolve_terms(&mut self, conn: &Connection, terms: &[Term], context: &str) -> Result<Vec<u32>, StoreError> {
        let mut numbers = Vec::with_capacity(terms.len());
        for term in terms {
            let map = &mut self.terms[term.kind as usize];
            if let Some(&id) = map.get(&term.sym.0) {
                numbers.push(id);
                let lesser = match term.kind {
                    TermKind::Action => self.actions.get(&id).is_some_and(|known| term.text < *known),
                    TermKind::Credential => {
                        let kind = self.kinds.get(id as usize).filter(|at| **at != UNTOLD);
                        kind.and_then(|at| self.details.get(usize::from(*at))).is_some_and(|known| *term.detail < **known)
                    }
                    _ => false,
                };
                if lesser {
                    // Of what shares a symbol the least is shown, whatever came first.
                    conn.prepare_cached("UPDATE term SET text = ?2, detail = ?3 WHERE id = ?1")?.execute(params![
                        id,
                        term.text,
                        term.detail
                    ])?;
                    self.remember(id, term);
                }
                continue;
            }
            let id = next(self.last_term)?;
            conn.prepare_cached("INSERT INTO term (id, kind, sym, text, detail) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
                id,
                term.kind as u8,
                term.sym.0 as i64,
                term.text,
                term.detail
            ])?;
            if let Some(source) = &term.source {
                conn.prepare_cached(
                    "INSERT INTO source (term, asn, org, country, network, block, label, context) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    id,
                    source.asn,
                    source.org,
                    source.country,
                    source.network as u8,
                    source.block_text,
                    source.label,
                    context
                ])?;
            }
            map.insert(term.sym.0, id);
            self.last_term = id;
            self.remember(id, term);
            numbers.push(id);
        }
        Ok(numbers)
    }

    fn remember(&mut self, id: u32, term: &Term) {
        match term.kind {
            TermKind::Action => drop(self.actions.insert(id, term.text.clone())),
            TermKind::Credential => self.note_kind(id, &term.detail),
            _ => {}
        }
    }

    fn note_kind(&mut self, id: u32, detail: &str) {
        let at = self.details.iter().position(|known| **known == *detail).unwrap_or_else(|| {
            self.details.push(detail.into());
            self.details.len() - 1
        });
        // Formats know some ten kinds; beyond 255 the first one seen stays.
        if let Some(at) = u8::try_from(at).ok().filter(|at| *at != UNTOLD) {
            set(&mut self.kinds, id, at, UNTOLD);
        }
    }

    fn hold(&mut self, credential: u32, principal: u32) {
        if self.holder(credential).is_none() {
            set(&mut self.holders, credential, principal, NONE);
        }
    }

    fn holder(&self, credential: u32) -> Option<u32> {
        self.holders.get(credential as usize).copied().filter(|holder| *holder != NONE)
    }

    /// The store's numbers of a chunk's principals. Evidence adds up; of several names and tenants the least stays, so
    /// that the order of records does not matter.
    pub fn resolve_principals(&mut self, conn: &Connection, principals: &[PrincipalTerm]) -> Result<Vec<u32>, StoreError> {
        let mut numbers = Vec::with_capacity(principals.len());
        for principal in principals {
            let (name, tenant) = (xxh3_64(principal.name.as_bytes()), xxh3_64(principal.tenant.as_bytes()));
            let Some(known) = self.principals.get_mut(&principal.sym.0) else {
                let id = next(self.last_principal)?;
                conn.prepare_cached(
                    "INSERT INTO principal (id, sym, platform, pid, name, tenant, evidence, identity) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?1)",
                )?
                .execute(params![
                    id,
                    principal.sym.0 as i64,
                    principal.platform,
                    principal.id,
                    principal.name,
                    principal.tenant,
                    principal.evidence.0
                ])?;
                joins::added(conn, id, principal.platform, &principal.id)?;
                self.last_principal = id;
                self.principals.insert(principal.sym.0, Known { id, evidence: principal.evidence.0, name, tenant });
                numbers.push(id);
                for also in &principal.also {
                    joins::note(conn, id, principal.platform, also)?;
                }
                continue;
            };
            for also in &principal.also {
                joins::note(conn, known.id, principal.platform, also)?;
            }
            let evidence = known.evidence | principal.evidence.0;
            let named = principal.name.is_empty() || known.name == name;
            let placed = principal.tenant.is_empty() || known.tenant == tenant;
            if evidence != known.evidence || !named || !placed {
                conn.prepare_cached(
                    "UPDATE principal SET evidence = evidence | ?2,
                       name = CASE WHEN ?3 <> '' AND (name = '' OR ?3 < name) THEN ?3 ELSE name END,
                       tenant = CASE WHEN ?4 <> '' AND (tenant = '' OR ?4 < tenant) THEN ?4 ELSE tenant END
                     WHERE id = ?1",
                )?
                .execute(params![known.id, principal.evidence.0, principal.name, principal.tenant])?;
                known.evidence = evidence;
                known.name = if named { known.name } else { name };
                known.tenant = if placed { known.tenant } else { tenant };
            }
            numbers.push(known.id);
        }
        Ok(numbers)
    }

    /// The text of an operation, by its number.
    pub fn action(&self, number: u32) -> Option<Arc<str>> {
        self.actions.get(&number).cloned()
    }

    /// Notes that a principal used a credential; `true` when that is new.
    pub fn holds(&mut self, conn: &Connection, credential: u32, principal: u32) -> Result<bool, StoreError> {
        if self.holder(credential) == Some(principal) {
            return Ok(false);
        }
        let new = conn
            .prepare_cached("INSERT OR IGNORE INTO credential_use (credential, principal) VALUES (?1, ?2)")?
            .execute([credential, principal])?;
        self.hold(credential, principal);
        Ok(new == 1)
    }
}

/// Sets the value of a number; numbers are given one after the other, so that a list takes less than a map and is nearer.
fn set<T: Copy>(values: &mut Vec<T>, number: u32, value: T, absent: T) {
    let at = number as usize;
    if values.len() <= at {
        values.resize(at + 1, absent);
    }
    values[at] = value;
}

/// The number after `last`.
fn next(last: u32) -> Result<u32, StoreError> {
    // NONE (u32::MAX) stands for "absent".
    if last >= u32::MAX - 1 { Err(StoreError::damaged("a dictionary is full (2^32 values)")) } else { Ok(last + 1) }
}
