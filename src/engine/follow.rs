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
mod tests {
    use super::*;
    use crate::engine::chunk::tests::Toy;
    use std::io::Write;

    #[test]
    fn what_is_appended_arrives_with_its_position_and_count() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.log");
        let mut file = std::fs::File::create(&path).unwrap();
        let parser = Parser { knowledge: &Toy, format: None };
        let tails = Tails::new(&[dir.path().to_owned()], HashMap::new());
        let mut follower = Follower::new(tails, &parser, HashMap::new()).unwrap();
        let now = Timestamp(1_700_000_000_000);
        writeln!(file, "{{\"f\":\"toy\",\"who\":\"a\",\"id\":\"1\"}}").unwrap();
        let (chunks, problems) = follower.poll(now).unwrap();
        assert_eq!((chunks.len(), chunks[0].rows.len(), problems.len()), (1, 1, 0));
        writeln!(file, "{{\"f\":\"toy\",\"who\":\"a\",\"id\":\"2\"}}\nbad").unwrap();
        let (chunks, _) = follower.poll(now).unwrap();
        let position = chunks[0].position.clone().unwrap();
        assert_eq!((chunks[0].rows.len(), chunks[0].rejects.len(), position.records), (1, 1, 3));
        assert_eq!(position.format, "toy");
        // A new process goes on from there.
        let positions = HashMap::from([(position.feed.clone(), position)]);
        let tails = Tails::new(&[dir.path().to_owned()], positions.clone());
        let mut follower = Follower::new(tails, &parser, positions).unwrap();
        assert_eq!(follower.poll(now).unwrap().0.len(), 0);
        writeln!(file, "{{\"f\":\"toy\",\"who\":\"a\",\"id\":\"3\"}}").unwrap();
        assert_eq!(follower.poll(now).unwrap().0[0].position.as_ref().unwrap().records, 4);
    }

    #[test]
    fn a_file_that_does_not_exist_yet_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("later.log");
        let parser = Parser { knowledge: &Toy, format: None };
        let mut follower = Follower::new(Tails::new(std::slice::from_ref(&path), HashMap::new()), &parser, HashMap::new()).unwrap();
        assert_eq!(follower.poll(Timestamp(0)).unwrap(), (vec![], vec![]));
        std::fs::write(&path, "{\"f\":\"toy\",\"who\":\"a\",\"id\":\"1\"}\n").unwrap();
        assert_eq!(follower.poll(Timestamp(0)).unwrap().0[0].rows.len(), 1);
    }
}
