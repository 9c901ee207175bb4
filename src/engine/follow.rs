//! What followed feeds bring, as chunks: at most sixteen blocks a look, so that nothing queues up while the store commits.
//! It keeps no clock of its own and must not know how chunks are committed.

use crate::engine::chunk::{ChunkBuilder, Knowledge, TRIED, recognise};
use crate::engine::load::Parser;
use crate::feed::Block;
use crate::feed::tail::Tails;
use crate::model::chunk::Chunk;
use crate::model::{Position, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::io;

/// What is known of one followed feed.
struct Known<F> {
    records: u64,
    format: Option<F>,
    /// Records looked at while no format was found.
    tried: usize,
}

/// Makes chunks of what followed files bring.
pub struct Follower<'k, K: Knowledge> {
    tails: Tails,
    parser: &'k Parser<'k, K>,
    builder: ChunkBuilder<'k, K>,
    feeds: HashMap<String, Known<K::Format>>,
    positions: HashMap<String, Position>,
    /// Problems said already: a folder that stays closed is one notice, not five a second.
    said: BTreeSet<String>,
}

impl<'k, K: Knowledge> Follower<'k, K> {
    /// Follows `tails` from the `positions` they were made with.
    pub fn new(tails: Tails, parser: &'k Parser<'k, K>, positions: HashMap<String, Position>) -> io::Result<Self> {
        let builder = ChunkBuilder::new(parser.knowledge)?;
        Ok(Self { tails, parser, builder, feeds: HashMap::new(), positions, said: BTreeSet::new() })
    }

    /// One look at every feed: the chunks of what is new, at most 16, and the problems that are.
    pub fn poll(&mut self, now: Timestamp) -> io::Result<(Vec<Chunk>, Vec<String>)> {
        let (mut chunks, mut problems) = (Vec::new(), Vec::new());
        let mut sound = true;
        for found in self.tails.poll_all() {
            match found {
                Ok(block) => chunks.push(self.chunk(&block, now)?),
                Err(error) => {
                    sound = false;
                    let problem = error.to_string();
                    if self.said.insert(problem.clone()) {
                        problems.push(problem);
                    }
                }
            }
        }
        if sound && !chunks.is_empty() {
            self.said.clear();
        }
        Ok((chunks, problems))
    }

    /// The chunk of a block that was piped in: records of it follow those before.
    pub fn piped(&mut self, block: &Block, now: Timestamp) -> io::Result<Chunk> {
        self.chunk(block, now)
    }

    /// The chunk of a block of a request. Each request may bring another format, so nothing is remembered of a feed but
    /// how many records it brought; there is no place to go on from, the sender knows what it has sent.
    pub fn delivered(&mut self, block: &Block, now: Timestamp) -> io::Result<Chunk> {
        let format = self.parser.format.or_else(|| recognise(self.parser.knowledge, block));
        let before = self.positions.remove(&block.feed).map_or(0, |position| position.records);
        let known = self.feeds.entry(block.feed.clone()).or_insert(Known { records: before, format: None, tried: 0 });
        let mut chunk = self.builder.build(block, format, now)?;
        known.records += chunk.read;
        let format = format.map_or_else(String::new, |format| self.parser.knowledge.name(format).to_owned());
        chunk.position = Some(Position { feed: block.feed.clone(), records: known.records, format, ..Position::default() });
        Ok(chunk)
    }

    fn chunk(&mut self, block: &Block, now: Timestamp) -> io::Result<Chunk> {
        let known = self.feeds.entry(block.feed.clone()).or_insert_with(|| Known {
            records: self.positions.remove(&block.feed).map_or(0, |position| position.records),
            format: self.parser.format,
            tried: 0,
        });
        if block.first {
            // The file was replaced: what it holds is to be found out anew.
            *known = Known { records: 0, format: self.parser.format, tried: 0 };
        }
        if known.format.is_none() && known.tried < TRIED {
            known.format = recognise(self.parser.knowledge, block);
            known.tried += block.frames.len();
        }
        let mut chunk = self.builder.build(block, known.format, now)?;
        known.records += chunk.read;
        if let Some(position) = &mut chunk.position {
            position.records = known.records;
        }
        Ok(chunk)
    }
}

#[cfg(test)]
mod tests;
