//! Followed files end in a store: single cases by name, then a model that knows what was written, against a real folder and
//! a real store.

use super::*;
use crate::engine::chunk::tests::Toy;
use crate::store::{EventFilter, Store};
use proptest::prelude::*;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[test]
fn what_is_appended_arrives_with_its_position_and_count() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.log");
    let mut file = fs::File::create(&path).unwrap();
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
    fs::write(&path, "{\"f\":\"toy\",\"who\":\"a\",\"id\":\"1\"}\n").unwrap();
    assert_eq!(follower.poll(Timestamp(0)).unwrap().0[0].rows.len(), 1);
}

/// What may happen to the files of a folder, and to whoever follows them.
#[derive(Clone, Debug)]
enum Deed {
    /// So many lines; with `true` a bad one before them.
    Write(usize, bool),
    /// The beginning of a line.
    Partial,
    /// Renamed, still in the folder.
    Rotate,
    /// Renamed out of the folder.
    RotateAway,
    /// Copied elsewhere, then cut to nothing.
    CopyTruncate,
    /// Cut to its first lines.
    Shrink,
    Delete,
    /// Removed and made anew at once, as a rule with the same number.
    Recreate,
    /// A complete file in a folder that was not there.
    NewObject,
    /// Looks until nothing is new, each committed.
    Turn,
    /// One look, committed.
    Look,
    /// A look that a kill keeps from being committed.
    KillInBetween,
    /// A kill while nothing is being done.
    Kill,
    Pause,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => (1usize..6, any::<bool>()).prop_map(|(lines, bad)| Deed::Write(lines, bad)),
        3 => Just(Deed::Partial),
        1 => Just(Deed::Rotate),
        1 => Just(Deed::RotateAway),
        1 => Just(Deed::CopyTruncate),
        1 => Just(Deed::Shrink),
        1 => Just(Deed::Delete),
        2 => Just(Deed::Recreate),
        1 => Just(Deed::NewObject),
        4 => Just(Deed::Turn),
        2 => Just(Deed::Look),
        2 => Just(Deed::KillInBetween),
        2 => Just(Deed::Kill),
        1 => Just(Deed::Pause),
    ]
}

/// A folder, what is in its one growing file, and what must be stored in the end.
struct Model {
    root: PathBuf,
    away: PathBuf,
    content: Vec<String>,
    half: Option<(String, usize)>,
    /// Whether the file was looked at, and is thus held open.
    held: bool,
    /// Lines of a file that was taken away while it was held: a look gives them, a kill loses them.
    leaving: Vec<String>,
    must: BTreeSet<String>,
    written: BTreeSet<String>,
    next: usize,
}

impl Model {
    fn path(&self) -> PathBuf {
        self.root.join("a.log")
    }

    fn name(&mut self, kind: &str) -> String {
        self.next += 1;
        format!("{kind}{:04}", self.next)
    }

    fn line(&mut self) -> String {
        let id = self.name("id");
        // Lines of one length, so that a file written anew is often as long as it was.
        let line = format!("{{\"f\":\"toy\",\"who\":\"w{}\",\"id\":\"{id}\"}}", self.next % 3);
        self.written.insert(id);
        line
    }

    fn append(&self, text: &str) {
        OpenOptions::new().create(true).append(true).open(self.path()).unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn write(&mut self, lines: usize, bad: bool) {
        let mut text = String::new();
        if let Some((line, from)) = self.half.take() {
            text.push_str(&line[from..]);
            text.push('\n');
            self.content.push(line);
        }
        // At the head of a file it might be the header of a table, which is no record: nobody can tell before a row comes.
        if bad && !self.content.is_empty() {
            let bad = self.name("bad");
            text.push_str(&bad);
            text.push('\n');
            self.content.push(bad);
        }
        for _ in 0..lines {
            let line = self.line();
            text.push_str(&line);
            text.push('\n');
            self.content.push(line);
        }
        self.append(&text);
    }

    /// The file at the path is gone or empty.
    fn gone(&mut self) {
        self.content.clear();
        self.half = None;
        self.held = false;
    }

    fn elsewhere(&mut self) -> PathBuf {
        let name = self.name("old");
        self.away.join(name)
    }

    fn make(&mut self, deed: &Deed) {
        let path = self.path();
        let there = path.exists();
        match deed {
            Deed::Write(lines, bad) => self.write(*lines, *bad),
            Deed::Partial if self.half.is_none() => {
                let line = self.line();
                self.append(&line[..9]);
                self.half = Some((line, 9));
            }
            Deed::Rotate if there => {
                let name = self.name("a.log.");
                let to = self.root.join(name);
                fs::rename(&path, to).unwrap();
                self.must.extend(self.content.drain(..));
                self.gone();
            }
            Deed::RotateAway if there => {
                let to = self.elsewhere();
                fs::rename(&path, to).unwrap();
                if self.held {
                    self.leaving.append(&mut self.content);
                }
                self.gone();
            }
            Deed::CopyTruncate if there => {
                let to = self.elsewhere();
                fs::copy(&path, to).unwrap();
                let held = self.held;
                OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
                self.gone();
                self.held = held;
            }
            Deed::Shrink if there => {
                self.content.truncate(self.content.len() / 2);
                self.half = None;
                let length: usize = self.content.iter().map(|line| line.len() + 1).sum();
                OpenOptions::new().write(true).open(&path).unwrap().set_len(length as u64).unwrap();
            }
            Deed::Delete if there => {
                fs::remove_file(&path).unwrap();
                self.gone();
            }
            Deed::Recreate if there => {
                fs::remove_file(&path).unwrap();
                let lines = self.content.len().max(1);
                self.gone();
                self.write(lines, false);
            }
            Deed::NewObject => {
                let name = self.name("2026/");
                let folder = self.root.join(name);
                fs::create_dir_all(&folder).unwrap();
                let (one, two) = (self.line(), self.line());
                fs::write(folder.join("o.json"), format!("{{\"Records\":[{one},{two}]}}")).unwrap();
                self.must.extend([one, two]);
            }
            Deed::Pause => std::thread::sleep(Duration::from_millis(3)),
            _ => {}
        }
    }

    /// Everything that is there was looked at.
    fn looked(&mut self) {
        self.must.extend(self.content.iter().cloned());
        self.must.extend(self.leaving.drain(..));
        self.held |= self.path().exists();
    }
}

fn positions(store: &Store) -> HashMap<String, Position> {
    store.reader().unwrap().feeds().unwrap().into_iter().map(|p| (p.feed.clone(), p)).collect()
}

fn follower<'k>(root: &Path, store: &Store, parser: &'k Parser<'k, Toy>) -> Follower<'k, Toy> {
    let positions = positions(store);
    Follower::new(Tails::new(&[root.to_owned()], positions.clone()), parser, positions).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Protects a followed folder: whatever is done to its files and whenever the process is killed, every line that a look
    /// could have seen is stored once or listed as rejected, and nothing else is; and what was read is always what was
    /// stored, known or rejected.
    #[test]
    fn whatever_happens_to_files_and_process_nothing_is_lost_or_doubled(deeds in proptest::collection::vec(deed(), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let (root, away) = (dir.path().join("logs"), dir.path().join("away"));
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(&away).unwrap();
        let store = Store::temporary().unwrap();
        let mut writer = store.writer().unwrap();
        writer.set_sync(false).unwrap();
        let parser = Parser { knowledge: &Toy, format: None };
        let now = Timestamp(1_700_000_000_000);
        let mut model = Model {
            root, away, content: Vec::new(), half: None, held: false, leaving: Vec::new(), must: BTreeSet::new(), written: BTreeSet::new(), next: 0,
        };
        let mut following = follower(&model.root, &store, &parser);
        let (mut read, mut stored, mut duplicate, mut rejected) = (0, 0, 0, 0);
        for deed in deeds.into_iter().chain([Deed::Write(1, false), Deed::Turn]) {
            match deed {
                Deed::Turn | Deed::Look => {
                    // Documents are read when they were found unchanged: one look more.
                    let mut idle = 0;
                    while idle < 3 {
                        let (chunks, problems) = following.poll(now).unwrap();
                        prop_assert_eq!(problems, Vec::<String>::new());
                        idle += usize::from(chunks.is_empty());
                        read += chunks.iter().map(|chunk| chunk.read).sum::<u64>();
                        let committed = writer.commit(chunks).unwrap();
                        stored += committed.stored;
                        duplicate += committed.duplicate;
                        rejected += committed.rejected;
                        if matches!(deed, Deed::Look) {
                            break;
                        }
                    }
                    if matches!(deed, Deed::Turn) {
                        model.looked();
                    }
                }
                Deed::KillInBetween => {
                    following.poll(now).unwrap();
                    following = follower(&model.root, &store, &parser);
                    (model.held, model.leaving) = (false, Vec::new());
                }
                Deed::Kill => {
                    following = follower(&model.root, &store, &parser);
                    (model.held, model.leaving) = (false, Vec::new());
                }
                deed => model.make(&deed),
            }
        }
        prop_assert_eq!(read, stored + duplicate + rejected);
        let reader = store.reader().unwrap().with_provider_ids(|_, raw| Some(id_of(raw)));
        let mut found: Vec<String> = Vec::new();
        let all = EventFilter { limit: usize::MAX, ..EventFilter::default() };
        reader.events(&all, &mut |event| found.extend(event.event_id)).unwrap();
        let distinct: BTreeSet<&String> = found.iter().collect();
        prop_assert_eq!(distinct.len(), found.len(), "an event is there twice");
        prop_assert_eq!(found.len() as u64, stored);
        let rejects = reader.rejects(usize::MAX).unwrap();
        let listed: String = rejects.iter().map(|r| String::from_utf8_lossy(&r.sample).into_owned()).collect();
        for line in &model.must {
            let is = if line.starts_with("bad") { listed.contains(line.as_str()) } else { distinct.contains(&id_of(line)) };
            prop_assert!(is, "lost: {}", line);
        }
        for id in distinct {
            prop_assert!(model.written.contains(id), "never written: {}", id);
        }
    }
}

fn id_of(line: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    value["id"].as_str().unwrap_or_default().to_owned()
}
