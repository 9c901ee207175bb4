//! From raw records to what a fold reads, in memory: the formats, redaction and knowledge of addresses of a load, then the
//! order and the deduplication that the store would give. It must not know who wrote the records.

use crate::engine::chunk::{ChunkBuilder, recognise};
use crate::engine::parser::Parser;
use crate::enrich;
use crate::feed::{Block, Frame};
use crate::model::chunk::{Chunk, NONE, Term, TermKind};
use crate::model::observation::{Names, flag};
use crate::model::{Agent, Observation, Source, Sym, Timestamp};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

/// Texts behind the symbols of one identity.
#[derive(Clone, Debug, Default)]
pub struct Lexicon(HashMap<Sym, Known, foldhash::quality::RandomState>);

#[derive(Clone, Debug)]
struct Known {
    text: Arc<str>,
    detail: Cow<'static, str>,
}

impl Lexicon {
    fn learn(&mut self, term: &Term) {
        if term.kind == TermKind::Session {
            // Nothing refers to them, and there are as many as there are runs.
            return;
        }
        self.0.entry(term.sym).or_insert_with(|| Known { text: Arc::clone(&term.text), detail: term.detail.clone() });
        if let Some(source) = &term.source {
            let known = |text: &str| Known { text: text.into(), detail: Cow::Borrowed("") };
            self.0.entry(source.block).or_insert_with(|| known(&source.block_text));
            self.0.entry(source.network_key()).or_insert_with(|| known(&source.network_name()));
            for word in [source.country.as_str(), source.network.as_str(), source.label.as_str()] {
                self.0.entry(Sym::of(word)).or_insert_with(|| known(word));
            }
        }
    }

    fn learn_agent(&mut self, agent: &Agent) {
        self.0.entry(agent.family_sym).or_insert_with(|| Known { text: agent.family.as_str().into(), detail: Cow::Borrowed("") });
    }
}

impl Names for Lexicon {
    fn text(&self, sym: Sym) -> Option<Arc<str>> {
        self.0.get(&sym).map(|known| Arc::clone(&known.text))
    }

    fn detail(&self, sym: Sym) -> String {
        self.0.get(&sym).map_or_else(String::new, |known| known.detail.to_string())
    }
}

/// Names of an identity with those of a replay laid over them.
pub struct Layered<'a> {
    /// What the replay brought.
    pub over: &'a Lexicon,
    /// What was known before.
    pub under: &'a Lexicon,
}

impl Names for Layered<'_> {
    fn text(&self, sym: Sym) -> Option<Arc<str>> {
        self.over.text(sym).or_else(|| self.under.text(sym))
    }

    fn detail(&self, sym: Sym) -> String {
        let over = self.over.detail(sym);
        if over.is_empty() { self.under.detail(sym) } else { over }
    }
}

/// What was read of some records.
#[derive(Debug, Default)]
pub struct Read {
    /// Observations in the order of the fold, each event once.
    pub observations: Vec<Observation>,
    /// Place of each observation's record among those that were read.
    pub lines: Vec<usize>,
    /// Principals: platform and id.
    pub principals: Vec<(String, String)>,
    /// Reasons why records were rejected.
    pub rejects: Vec<String>,
}

/// Reads raw records.
pub struct Observer<'k> {
    parser: &'k Parser,
    builder: ChunkBuilder<'k, Parser>,
    agents: HashMap<Sym, Arc<Agent>, foldhash::quality::RandomState>,
}

impl<'k> Observer<'k> {
    /// A reader; fails only when memory for the compressor cannot be had.
    pub fn new(parser: &'k Parser) -> io::Result<Self> {
        Ok(Self { parser, builder: ChunkBuilder::new(parser)?, agents: HashMap::default() })
    }

    /// Reads records, one a text, and learns the names in them.
    pub fn read<'t>(&mut self, texts: impl Iterator<Item = &'t str>, names: &mut Lexicon) -> io::Result<Read> {
        let (chunk, _) = self.chunk(texts)?;
        let mut out = Read {
            principals: chunk.principals.iter().map(|p| (p.platform.to_owned(), p.id.to_string())).collect(),
            rejects: chunk.rejects.iter().map(|reject| reject.reason.clone()).collect(),
            ..Read::default()
        };
        chunk.terms.iter().for_each(|term| names.learn(term));
        let mut sources: Vec<Option<Arc<Source>>> = vec![None; chunk.terms.len()];
        let mut clients: Vec<Option<Arc<Agent>>> = vec![None; chunk.terms.len()];
        for (at, term) in chunk.terms.iter().enumerate() {
            if term.kind == TermKind::Agent {
                let agent = self.agents.entry(term.sym).or_insert_with(|| Arc::new(enrich::agent::parse(&term.text)));
                names.learn_agent(agent);
                clients[at] = Some(Arc::clone(agent));
            }
            sources[at].clone_from(&term.source);
        }
        let sym = |at: u32| chunk.terms.get(at as usize).map_or(Sym::NONE, |term| term.sym);
        let shared = |list: &[Option<Arc<Source>>], at: u32| list.get(at as usize).cloned().flatten();
        let mut read: Vec<(Observation, usize)> = Vec::with_capacity(chunk.rows.len());
        // Rejected records leave no row: places are counted by raw blocks, which hold 256 records each.
        for row in chunk.rows.iter().filter(|row| row.flags & (flag::CLOCK | flag::TOO_LATE) == 0) {
            let place = row.raw_block as usize * 256 + usize::from(row.raw_index);
            let agent = if row.agent == NONE { None } else { clients.get(row.agent as usize).cloned().flatten() };
            let observation = Observation {
                time: row.time,
                id: row.id,
                principal: row.principal,
                source: shared(&sources, row.ip),
                agent,
                action: sym(row.action),
                class: row.class,
                probe: row.probe,
                auth_method: sym(row.auth),
                credential: sym(row.credential),
                resource: sym(row.resource),
                domain: sym(row.domain),
                region: sym(row.region),
                query_shape: sym(row.shape),
                job: sym(row.job),
                job_step: row.job_step,
                outcome: row.outcome,
                rows: row.rows,
                bytes: row.bytes,
                scopes: sym(row.scopes),
                tool: sym(row.tool),
                target: sym(row.target),
                tags: sym(row.tags),
                flags: row.flags,
            };
            read.push((observation, place));
        }
        read.sort_by_key(|(o, place)| (o.key(), *place));
        read.dedup_by_key(|(o, _)| o.id);
        for (observation, place) in read {
            out.observations.push(observation);
            out.lines.push(place);
        }
        Ok(out)
    }

    fn chunk<'t>(&mut self, texts: impl Iterator<Item = &'t str>) -> io::Result<(Chunk, usize)> {
        let mut block = Block { feed: "-".to_owned(), ..Block::default() };
        for text in texts {
            let start = block.bytes.len() as u32;
            block.bytes.extend_from_slice(text.as_bytes());
            block.frames.push(Frame { start, end: block.bytes.len() as u32, offset: u64::from(start) });
            block.bytes.push(b'\n');
        }
        let format = recognise(self.parser, &block);
        let count = block.frames.len();
        // Records of a world are read when all of them are past.
        let chunk = self.builder.build(&block, format, Timestamp(i64::MAX / 2))?;
        Ok((chunk, count))
    }
}
