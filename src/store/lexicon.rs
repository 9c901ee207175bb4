//! The reader's dictionaries: from the store's numbers to symbols, sources and clients, for the fold; and from symbols back
//! to texts, for sentences. Texts of ordinary terms are looked up one by one, so that memory stays bounded. It must not
//! know events.

use super::error::StoreError;
use crate::model::chunk::TermKind;
use crate::model::observation::AgentSort;
use crate::model::{Agent, Network, Source, Sym};
use foldhash::{HashMap, HashMapExt};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// Parses a client's text (`enrich::agent`).
pub type AgentParser = fn(&str) -> Agent;

/// Texts remembered: two generations of this many.
const REMEMBERED: usize = 4096;

/// Numbers to meanings; grows with the store. Readers may start from one another's and then go their own ways.
#[derive(Clone)]
pub struct Lexicon {
    /// By term number; [`Sym::NONE`] where there is none.
    syms: Vec<Sym>,
    sources: HashMap<u32, Arc<Source>>,
    agents: HashMap<u32, Arc<Agent>>,
    /// Texts of symbols that are no terms: network blocks, client families.
    derived: HashMap<Sym, Arc<str>>,
    parse: AgentParser,
}

impl Lexicon {
    /// Empty; `parse` reads clients.
    pub fn new(parse: AgentParser) -> Self {
        Self { syms: Vec::new(), sources: HashMap::new(), agents: HashMap::new(), derived: HashMap::new(), parse }
    }

    /// Reads what was added since the last call; copied first where others hold it too and something was added.
    pub fn follow(shared: &mut Arc<Self>, conn: &Connection) -> Result<(), StoreError> {
        let mut statement = conn.prepare_cached(
            "SELECT t.id, t.kind, t.sym, CASE WHEN t.kind IN (?2, ?3) THEN t.text END, s.asn, s.org, s.country, s.network, s.block, s.label
             FROM term t LEFT JOIN source s ON s.term = t.id WHERE t.id >= ?1 ORDER BY t.id",
        )?;
        let mut rows = statement.query(params![shared.syms.len() as i64, TermKind::Ip as u8, TermKind::Agent as u8])?;
        let mut next = rows.next()?;
        if next.is_none() {
            return Ok(());
        }
        let this = Arc::make_mut(shared);
        while let Some(row) = next {
            let (id, kind, sym) = (row.get::<_, u32>(0)?, row.get::<_, u8>(1)?, Sym(row.get::<_, i64>(2)? as u64));
            this.syms.resize(id as usize, Sym::NONE);
            this.syms.push(sym);
            if kind == TermKind::Ip as u8 {
                let block_text: String = row.get::<_, Option<_>>(8)?.unwrap_or_default();
                let block = if block_text.is_empty() { Sym::NONE } else { Sym::of(&block_text) };
                let source = Source {
                    text: row.get::<_, Option<_>>(3)?.unwrap_or_default(),
                    ip: sym,
                    block,
                    asn: row.get::<_, Option<_>>(4)?.unwrap_or(0),
                    org: row.get::<_, Option<_>>(5)?.unwrap_or_default(),
                    country: row.get::<_, Option<_>>(6)?.unwrap_or_default(),
                    network: row.get::<_, Option<u8>>(7)?.and_then(Network::from_code).unwrap_or(Network::Unknown),
                    label: row.get::<_, Option<_>>(9)?.unwrap_or_default(),
                    block_text,
                };
                if block.is_some() {
                    this.derived.entry(block).or_insert_with(|| source.block_text.as_str().into());
                }
                this.sources.insert(id, Arc::new(source));
            } else if kind == TermKind::Agent as u8 {
                let agent = (this.parse)(&row.get::<_, Option<String>>(3)?.unwrap_or_default());
                this.derived.entry(agent.family_sym).or_insert_with(|| agent.family.as_str().into());
                this.agents.insert(id, Arc::new(agent));
            }
            next = rows.next()?;
        }
        Ok(())
    }

    /// The symbol of a term; [`Sym::NONE`] for none.
    pub fn sym(&self, id: Option<u32>) -> Sym {
        id.and_then(|id| self.syms.get(id as usize)).copied().unwrap_or_default()
    }

    /// What is known about an address.
    pub fn source(&self, id: u32) -> Option<&Arc<Source>> {
        self.sources.get(&id)
    }

    /// A client.
    pub fn agent(&self, id: u32) -> Option<&Arc<Agent>> {
        self.agents.get(&id)
    }

    /// The text of a symbol that is no term.
    pub fn derived(&self, sym: Sym) -> Option<Arc<str>> {
        self.derived.get(&sym).cloned()
    }

    /// Whether a term of this number was read.
    pub fn knows(&self, id: u32) -> bool {
        (id as usize) < self.syms.len()
    }
}

/// A client of which only the text is known.
pub fn unparsed(text: &str) -> Agent {
    let family = text.split(['/', ' ']).next().unwrap_or_default().to_lowercase();
    Agent { text: text.to_owned(), sym: Sym::of(text), family_sym: Sym::of(&family), family, major: 0, sort: AgentSort::Other }
}

/// Texts of symbols, the last few thousand remembered in two generations: when the young one is full it becomes the old
/// one, so that nothing is scanned and what is used stays.
#[derive(Default)]
pub struct Texts {
    young: HashMap<Sym, Option<Arc<str>>>,
    old: HashMap<Sym, Option<Arc<str>>>,
}

impl Texts {
    /// The text, remembered or looked up. What is unknown is not remembered: it may come any moment.
    pub fn get(&mut self, conn: &Connection, sym: Sym) -> Result<Option<Arc<str>>, StoreError> {
        if let Some(text) = self.young.get(&sym) {
            return Ok(text.clone());
        }
        let text = match self.old.remove(&sym) {
            Some(text) => text,
            None => conn
                .prepare_cached("SELECT text FROM term WHERE sym = ?1 ORDER BY kind LIMIT 1")?
                .query_row([sym.0 as i64], |row| row.get::<_, Arc<str>>(0))
                .optional()?,
        };
        if text.is_some() {
            if self.young.len() >= REMEMBERED {
                self.old = std::mem::take(&mut self.young);
            }
            self.young.insert(sym, text.clone());
        }
        Ok(text)
    }
}
