//! Loads of small made-up files: order, counts, memory of positions, files that are none of ours.

use super::*;
use crate::engine::chunk::tests::Toy;
use crate::feed::discover;
use std::collections::HashSet;
use std::convert::Infallible;
use std::path::Path;

/// A store that keeps what it is given and knows events again.
#[derive(Default)]
struct Memory {
    ids: HashSet<u64>,
    chunks: Vec<Chunk>,
    positions: HashMap<String, Position>,
    batches: Vec<usize>,
}

impl Memory {
    fn commit(&mut self, chunks: Vec<Chunk>) -> Committed {
        let mut out = Committed::default();
        self.batches.push(chunks.iter().map(|c| c.rows.len()).sum());
        for chunk in chunks {
            for row in &chunk.rows {
                if self.ids.insert(row.id.0) { out.stored += 1 } else { out.duplicate += 1 }
            }
            out.rejected += chunk.rejects.len() as u64;
            if let Some(position) = &chunk.position {
                self.positions.insert(position.feed.clone(), position.clone());
            }
            self.chunks.push(chunk);
        }
        out
    }
}

fn run(path: &Path, workers: usize, store: &mut Memory) -> LoadSummary {
    let files = discover(&[path.to_owned()]).unwrap();
    let parser = Parser { knowledge: &Toy, format: None };
    let positions = store.positions.clone();
    let options = Options { workers, ingested: Timestamp(1_700_000_000_000) };
    let mut sink = |chunks: Vec<Chunk>| Ok::<_, Infallible>(store.commit(chunks));
    let last = std::cell::Cell::new(Progress::default());
    let stop = AtomicBool::new(false);
    let summary = load(&files, options, &parser, &positions, &mut sink, &|now| last.set(now), &stop).unwrap();
    assert_eq!(summary.read, summary.stored + summary.duplicate + summary.rejected);
    assert_eq!(summary.read, summary.per_file.iter().map(|f| f.read).sum::<u64>());
    assert_eq!((last.get().files_done, last.get().read), (files.len() as u64, summary.read));
    summary
}

fn line(i: usize, pad: usize) -> String {
    format!(
        "{{\"f\":\"toy\",\"id\":\"{i}\",\"who\":\"w{}\",\"act\":\"Get\",\"ip\":\"10.0.0.{}\",\"res\":\"{}\"}}\n",
        i % 7,
        i % 9,
        "x".repeat(pad)
    )
}

fn lines(from: usize, to: usize, pad: usize) -> String {
    (from..to).map(|i| line(i, pad)).collect()
}

fn tree(root: &Path) {
    std::fs::write(root.join("b-large.log"), lines(0, 60_000, 200)).unwrap();
    for i in 0..60 {
        std::fs::write(root.join(format!("a{i:02}.log")), lines(100_000 + i * 3, 100_003 + i * 3, 10)).unwrap();
    }
    std::fs::write(root.join("c-bad.log"), format!("{}garbage\n{}{{\"f\":\"toy\"", line(200_000, 1), line(200_001, 1))).unwrap();
    std::fs::write(root.join("d-notes.txt"), "Dear diary, today\nI wrote, no log\n").unwrap();
    std::fs::write(root.join("e-empty.log"), "").unwrap();
    std::fs::write(root.join("f-words"), "no log at all").unwrap();
    std::fs::write(root.join("g-again.log"), lines(0, 10, 200)).unwrap();
}

/// Protects determinism: the chunks and their order are those of the files, for any number of workers.
#[test]
fn one_worker_and_four_give_the_same_chunks() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path());
    let mut one = Memory::default();
    let first = run(dir.path(), 1, &mut one);
    for workers in [2, 4] {
        let mut other = Memory::default();
        assert_eq!(run(dir.path(), workers, &mut other), first);
        assert!(other.chunks == one.chunks);
        assert_eq!(other.batches, one.batches);
    }
    assert!(one.batches.iter().all(|rows| *rows <= BATCH_ROWS));
    assert_eq!((first.stored, first.duplicate, first.rejected, first.files), (60_182, 10, 4, 66));
}

#[test]
fn each_file_has_its_outcome() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path());
    let summary = run(dir.path(), 2, &mut Memory::default());
    let of = |name: &str| summary.per_file.iter().find(|f| f.path.ends_with(name)).unwrap();
    assert_eq!((of("b-large.log").format.as_str(), of("b-large.log").read), ("toy", 60_000));
    assert_eq!((of("c-bad.log").read, of("c-bad.log").rejected, of("c-bad.log").note.as_str()), (4, 2, ""));
    assert_eq!((of("d-notes.txt").read, of("d-notes.txt").rejected), (1, 1));
    assert!(of("d-notes.txt").note.starts_with("not a log driftline knows"), "{}", of("d-notes.txt").note);
    assert_eq!((of("e-empty.log").read, of("e-empty.log").note.as_str()), (0, "no records in it"));
    assert!(of("f-words").note.starts_with("not a log driftline knows"), "{}", of("f-words").note);
}

#[test]
fn what_was_read_before_is_not_read_again_and_what_has_grown_is_read_on() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path());
    let mut store = Memory::default();
    let first = run(dir.path(), 2, &mut store);
    let chunks = store.chunks.len();
    let second = run(dir.path(), 2, &mut store);
    assert_eq!((second.read, second.stored, second.duplicate), (first.read, 0, first.read));
    assert_eq!(store.chunks.len(), chunks);
    let grown = dir.path().join("b-large.log");
    std::fs::write(&grown, lines(0, 60_005, 200)).unwrap();
    let third = run(dir.path(), 2, &mut store);
    assert_eq!(third.stored, 5);
    assert_eq!(store.positions[&discover(&[grown]).unwrap()[0].name].records, 60_005);
}

/// Protects the analyst from "no log in it" about a file that is followed: its position has no end yet.
#[test]
fn a_followed_file_without_news_is_known_and_not_empty() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.log"), lines(0, 10, 200)).unwrap();
    let mut store = Memory::default();
    run(dir.path(), 1, &mut store);
    for position in store.positions.values_mut() {
        position.complete = false;
    }
    let again = run(dir.path(), 1, &mut store);
    assert_eq!((again.read, again.duplicate, again.per_file[0].state), (10, 10, FileState::Unchanged));
    assert_eq!(again.per_file[0].format, "toy");
}

#[test]
fn a_stop_keeps_what_was_committed_and_the_next_load_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.log"), lines(0, 100_000, 200)).unwrap();
    let files = discover(&[dir.path().to_owned()]).unwrap();
    let mut store = Memory::default();
    let stop = AtomicBool::new(false);
    let parser = Parser { knowledge: &Toy, format: None };
    let options = Options { workers: 2, ingested: Timestamp(0) };
    let mut sink = |chunks: Vec<Chunk>| {
        stop.store(true, Ordering::Relaxed);
        Ok::<_, Infallible>(store.commit(chunks))
    };
    let summary = load(&files, options, &parser, &HashMap::new(), &mut sink, &|_| {}, &stop).unwrap();
    assert!(summary.stopped);
    run(dir.path(), 2, &mut store);
    assert_eq!(store.ids.len(), 100_000);
}

#[test]
fn a_store_that_refuses_ends_the_load_with_its_words() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.log"), lines(0, 200_000, 200)).unwrap();
    let files = discover(&[dir.path().to_owned()]).unwrap();
    let parser = Parser { knowledge: &Toy, format: None };
    let mut sink = |_: Vec<Chunk>| Err(io::Error::other("disk full"));
    let options = Options { workers: 3, ingested: Timestamp(0) };
    let error = load(&files, options, &parser, &HashMap::new(), &mut sink, &|_| {}, &AtomicBool::new(false)).unwrap_err();
    assert_eq!(error.to_string(), "disk full");
}
