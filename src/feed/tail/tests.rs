//! What happens to followed files: single cases by name, then random sequences against a model that knows every line
//! that could have been seen.

use super::*;
use crate::feed::discover::discover;
use proptest::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

fn append(path: &Path, text: &str) {
    OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn tail(path: &Path) -> Tail {
    let name = path.to_string_lossy().into_owned();
    Tail::new(FileFeed { name, path: path.to_owned(), size: 0, modified: 0, problem: None }, None)
}

fn texts(block: &Block) -> Vec<String> {
    block.frames.iter().map(|f| String::from_utf8_lossy(block.bytes_of(f)).into_owned()).collect()
}

fn drain(tail: &mut Tail) -> Vec<String> {
    let mut out = Vec::new();
    while let Some(block) = tail.poll().unwrap() {
        out.extend(texts(&block));
    }
    out
}

#[test]
fn a_partial_line_waits_for_its_end_or_for_the_end_of_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.log");
    let mut tail = tail(&path);
    assert_eq!(drain(&mut tail), Vec::<String>::new());
    append(&path, "{\"a\":1}\n{\"a\"");
    assert_eq!(drain(&mut tail), ["{\"a\":1}"]);
    append(&path, ":2}");
    assert_eq!(drain(&mut tail), Vec::<String>::new());
    append(&path, "\n{\"a\":3}");
    assert_eq!(drain(&mut tail), ["{\"a\":2}"]);
    fs::rename(&path, dir.path().join("a.log.1")).unwrap();
    append(&path, "{\"a\":4}\n");
    assert_eq!(drain(&mut tail), ["{\"a\":3}", "{\"a\":4}"]);
}

#[test]
fn truncation_rotation_deletion_and_return() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.log");
    let mut tail = tail(&path);
    append(&path, "{\"a\":1}\n{\"a\":2}\n");
    assert_eq!(drain(&mut tail).len(), 2);
    // Copied and truncated, and longer than before when next looked at.
    fs::write(&path, "{\"b\":1}\n{\"b\":2}\n{\"b\":3}\n").unwrap();
    assert_eq!(drain(&mut tail), ["{\"b\":1}", "{\"b\":2}", "{\"b\":3}"]);
    // Shrunk.
    fs::write(&path, "{\"c\":1}\n").unwrap();
    assert_eq!(drain(&mut tail), ["{\"c\":1}"]);
    // Deleted with something unread, then made again, maybe under the same number.
    append(&path, "{\"c\":2}\n");
    fs::remove_file(&path).unwrap();
    assert_eq!(drain(&mut tail), ["{\"c\":2}"]);
    append(&path, "{\"d\":1}\n");
    assert_eq!(drain(&mut tail), ["{\"d\":1}"]);
    // Moved away and back: known again by what it holds.
    fs::rename(&path, dir.path().join("elsewhere")).unwrap();
    assert_eq!(drain(&mut tail), Vec::<String>::new());
    fs::rename(dir.path().join("elsewhere"), &path).unwrap();
    append(&path, "{\"d\":2}\n");
    assert_eq!(drain(&mut tail), ["{\"d\":2}"]);
}

#[test]
fn a_folder_gives_new_files_and_documents_when_they_are_complete_or_have_stopped_changing() {
    let dir = tempfile::tempdir().unwrap();
    append(&dir.path().join("a.log"), "{\"a\":1}\n");
    let mut tails = Tails::new(&[dir.path().to_owned()], HashMap::new());
    let mut round = || tails.poll_all().into_iter().flat_map(|block| texts(&block.unwrap())).collect::<Vec<_>>();
    assert_eq!(round(), ["{\"a\":1}"]);
    append(&dir.path().join("b.log"), "{\"b\":1}\n");
    append(&dir.path().join("c.json"), "{\"Records\":[{\"c\":1},");
    assert_eq!(round(), ["{\"b\":1}"]);
    append(&dir.path().join("c.json"), "{\"c\":2}]}");
    assert_eq!(round(), ["{\"c\":1}", "{\"c\":2}"], "it is complete");
    append(&dir.path().join("d.json"), "{\"Records\":[{\"d\":1},{\"d\"");
    assert_eq!(round(), Vec::<String>::new(), "it may still be growing");
    assert_eq!(round(), ["{\"d\":1}"], "it is cut");
    assert_eq!(round(), Vec::<String>::new());
    assert_eq!(round(), Vec::<String>::new());
}

#[test]
fn following_goes_on_from_a_position() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.log");
    append(&path, "{\"a\":1}\n");
    let mut first = tail(&path);
    assert_eq!(drain(&mut first).len(), 1);
    append(&path, "{\"a\":2}\n");
    let feed = discover(std::slice::from_ref(&path)).unwrap().remove(0);
    assert_eq!(drain(&mut Tail::new(feed, Some(first.position().clone()))), ["{\"a\":2}"]);
}

#[derive(Clone, Debug)]
enum Deed {
    Write(usize),
    Partial,
    Rotate,
    Truncate,
    Delete,
    Poll,
    Restart,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (1usize..6).prop_map(Deed::Write),
        2 => Just(Deed::Partial),
        1 => Just(Deed::Rotate),
        1 => Just(Deed::Truncate),
        1 => Just(Deed::Delete),
        4 => Just(Deed::Poll),
        1 => Just(Deed::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Protects against silent loss: every line that was in a followed file at some look is seen, lines of a rotated file
    /// too, and nothing that was never written is.
    #[test]
    fn whatever_is_done_to_a_file_nothing_is_lost(deeds in proptest::collection::vec(deed(), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let path: PathBuf = dir.path().join("a.log");
        let mut tails = Tails::new(&[dir.path().to_owned()], HashMap::new());
        let mut positions: HashMap<String, Position> = HashMap::new();
        let (mut seen, mut must, mut written) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        // Lines in the file at the path that no look has covered, and half a line at its end.
        let (mut unread, mut half): (Vec<String>, Option<(String, usize)>) = (Vec::new(), None);
        let (mut next, mut rotations) = (0, 0);
        for deed in deeds.into_iter().chain([Deed::Write(1), Deed::Poll]) {
            match deed {
                Deed::Write(lines) => {
                    let mut text = String::new();
                    if let Some((line, from)) = half.take() {
                        text.push_str(&line[from..]);
                        text.push('\n');
                        unread.push(line);
                    }
                    for _ in 0..lines {
                        next += 1;
                        let line = format!("{{\"line\":{next},\"text\":\"{}\"}}", "x".repeat(next % 37));
                        text.push_str(&line);
                        text.push('\n');
                        written.insert(line.clone());
                        unread.push(line);
                    }
                    append(&path, &text);
                }
                Deed::Partial if half.is_none() => {
                    next += 1;
                    let line = format!("{{\"line\":{next},\"half\":true}}");
                    append(&path, &line[..9]);
                    written.insert(line.clone());
                    half = Some((line, 9));
                }
                Deed::Partial => {}
                Deed::Rotate => {
                    if path.exists() {
                        rotations += 1;
                        fs::rename(&path, dir.path().join(format!("a.log.{rotations}"))).unwrap();
                        must.extend(unread.drain(..));
                        half = None;
                    }
                }
                // What is in the file and was not looked at may be lost with it.
                Deed::Truncate => {
                    if path.exists() {
                        fs::write(&path, "").unwrap();
                        (unread, half) = (Vec::new(), None);
                    }
                }
                Deed::Delete => {
                    if path.exists() {
                        fs::remove_file(&path).unwrap();
                        (unread, half) = (Vec::new(), None);
                    }
                }
                Deed::Poll => {
                    loop {
                        let found = tails.poll_all();
                        if found.is_empty() {
                            break;
                        }
                        for block in found {
                            let block = block.unwrap();
                            seen.extend(texts(&block));
                            positions.insert(block.feed.clone(), block.position);
                        }
                    }
                    must.extend(unread.drain(..));
                }
                Deed::Restart => tails = Tails::new(&[dir.path().to_owned()], positions.clone()),
            }
        }
        prop_assert_eq!(must.difference(&seen).collect::<Vec<_>>(), Vec::<&String>::new());
        prop_assert_eq!(seen.difference(&written).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
