//! Following everything that a list of paths names, files that appear later too. It must not know what is done with the
//! blocks.

use super::Tail;
use crate::feed::block::Block;
use crate::feed::discover::{FileFeed, discover};
use crate::feed::error::FeedError;
use crate::model::Position;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::path::{Path, PathBuf};

/// Blocks given at a time, so that memory stays bounded however many files grow at once.
const AT_ONCE: usize = 16;
/// Files held open.
const OPEN: usize = 256;
/// Files that are listed at every look; for each as many more one look is left out, because listing a large tree costs
/// more than looking at its files.
const LISTED: usize = 2_000;

/// Follows files, folders and patterns.
pub struct Tails {
    paths: Vec<PathBuf>,
    positions: HashMap<String, Position>,
    files: BTreeMap<PathBuf, Tail>,
    /// The file after which the next round starts, so that one busy file does not starve the others.
    after: Option<PathBuf>,
    /// Looks until the folders are listed again.
    unlisted: usize,
}

impl Tails {
    /// Follows what `paths` name from `positions` (by name of feed). Standard input cannot be followed and is left out; a
    /// path that does not exist is waited for.
    pub fn new(paths: &[PathBuf], positions: HashMap<String, Position>) -> Self {
        let paths = paths.iter().filter(|path| path.as_os_str() != "-").cloned().collect();
        Self { paths, positions, files: BTreeMap::new(), after: None, unlisted: 0 }
    }

    /// One look at every file: at most 16 blocks, at most one of each file. An empty answer means nothing is new; an
    /// error concerns one file or folder and does not stop the others.
    pub fn poll_all(&mut self) -> Vec<Result<Block, FeedError>> {
        let mut out = Vec::new();
        if self.unlisted == 0 {
            self.find(&mut out);
            self.unlisted = self.files.len() / LISTED;
        } else {
            self.unlisted -= 1;
        }
        let after = self.after.take();
        let begin = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let end = after.as_ref().map_or(Bound::Excluded(Path::new("")), |after| Bound::Included(after.as_path()));
        'looks: for range in [(begin.map(PathBuf::as_path), Bound::Unbounded), (Bound::Unbounded, end)] {
            for (path, tail) in self.files.range_mut::<Path, _>(range) {
                if let Some(found) = tail.poll().transpose() {
                    out.push(found);
                    if out.len() >= AT_ONCE {
                        self.after = Some(path.clone());
                        break 'looks;
                    }
                }
            }
        }
        let open = self.files.values().filter(|tail| tail.file.is_some()).count();
        if open > OPEN {
            self.files.values_mut().for_each(Tail::rest);
        }
        out
    }

    /// Files that have appeared since.
    fn find(&mut self, out: &mut Vec<Result<Block, FeedError>>) {
        for path in &self.paths {
            let found = match discover(std::slice::from_ref(path)) {
                Ok(found) => found,
                // It may come yet.
                Err(FeedError::NoMatch { .. }) => continue,
                Err(FeedError::Missing { .. }) => waited_for(path).into_iter().collect(),
                Err(error) => {
                    out.push(Err(error));
                    continue;
                }
            };
            for feed in found {
                if let Some(problem) = feed.problem {
                    out.push(Err(FeedError::Inside { problem }));
                } else if !self.files.contains_key(&feed.path) {
                    let position = self.positions.remove(&feed.name);
                    self.files.insert(feed.path.clone(), Tail::new(feed, position));
                }
            }
        }
    }
}

fn waited_for(path: &Path) -> Option<FileFeed> {
    let path = std::path::absolute(path).ok()?;
    Some(FileFeed { name: path.to_string_lossy().into_owned(), path, size: 0, modified: 0, problem: None })
}
