//! Retries: a store that was filled by somebody who knew fewer formats.

use super::*;
use crate::engine::chunk::tests::Toy;
use crate::engine::load::Options;
use crate::model::Source;
use crate::model::event::Event;
use crate::store::EventFilter;
use std::borrow::Cow;
use std::fs;
use std::path::Path;

/// Knows `toy`, not `other`.
struct Younger;

impl Knowledge for Younger {
    type Format = &'static str;

    fn recognise(&self, record: &str) -> Option<&'static str> {
        Toy.recognise(record).filter(|name| *name == "toy")
    }

    fn name(&self, format: &'static str) -> &'static str {
        format
    }

    fn read(&self, format: &'static str, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), String> {
        Toy.read(format, record, sink)
    }

    fn stem<'a>(&self, action: &'a str) -> &'a str {
        Toy.stem(action)
    }

    fn redact<'a>(&self, record: &'a str) -> Cow<'a, str> {
        Toy.redact(record)
    }

    fn strip_tags<'a>(&self, text: &'a str) -> Cow<'a, str> {
        Toy.strip_tags(text)
    }

    fn source(&self, text: &str) -> Source {
        Toy.source(text)
    }
}

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn load_with<K: Knowledge>(knowledge: &K, store: &Store, path: &Path) -> load::LoadSummary {
    let mut writer = store.writer().unwrap();
    let positions = store.reader().unwrap().feeds().unwrap().into_iter().map(|p| (p.feed.clone(), p)).collect();
    let mut sink = |chunks| {
        let committed = writer.commit(chunks)?;
        Ok::<_, StoreError>(load::Committed { stored: committed.stored, duplicate: committed.duplicate, rejected: committed.rejected })
    };
    let files = discover(&[path.to_owned()]).unwrap();
    let options = Options { workers: 1, ingested: NOW };
    let parser = load::Parser { knowledge, format: None };
    load::load(&files, options, &parser, &positions, &mut sink, &|_| {}, &AtomicBool::new(false)).unwrap()
}

fn retry_with<K: Knowledge>(knowledge: &K, store: &Store, wanted: &dyn Fn(&Reject) -> bool) -> Retried {
    let parser = load::Parser { knowledge, format: None };
    let retried = retry(store, &mut store.writer().unwrap(), &parser, wanted, NOW, &AtomicBool::new(false)).unwrap();
    assert_eq!(retried.read, retried.stored + retried.duplicate + retried.rejected);
    retried
}

fn listed(store: &Store) -> Vec<Reject> {
    store.reader().unwrap().rejects(usize::MAX).unwrap()
}

fn events(store: &Store) -> Vec<String> {
    let reader = store.reader().unwrap();
    let mut found = Vec::new();
    reader
        .events(&EventFilter { limit: usize::MAX, ..EventFilter::default() }, &mut |e| found.push(format!("{} {}", e.uid, e.action)))
        .unwrap();
    found.sort();
    found
}

fn other(id: &str, more: &str) -> String {
    format!("{{\"f\":\"other\",\"who\":\"b\",\"act\":\"Get\"{more}{id}}}\n")
}

/// Protects the promise of a retry: what the store says afterwards is what it would say had the format always been known.
#[test]
fn what_can_be_read_now_is_stored_as_if_it_always_could() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.log");
    let toys: Vec<String> = (0..10).map(|n| format!("{{\"f\":\"toy\",\"who\":\"a\",\"act\":\"Put\",\"id\":\"t{n}\"}}\n")).collect();
    // One is longer than a sample, one has no id of its own, one comes twice, one is bad for ever.
    let long = other(",\"id\":\"o1\"", &format!(",\"pad\":\"{}\"", "x".repeat(9_000)));
    let text = [
        toys.concat(),
        other(",\"id\":\"o0\"", ""),
        long,
        other("", ",\"res\":\"r\""),
        other(",\"id\":\"o0\"", ""),
        "no record\n".to_owned(),
    ];
    fs::write(&path, text.concat()).unwrap();
    let store = Store::temporary().unwrap();
    let summary = load_with(&Younger, &store, &path);
    assert_eq!((summary.stored, summary.rejected), (10, 5));
    // Nothing new is known: everything stays as it is.
    let before = listed(&store);
    assert_eq!(retry_with(&Younger, &store, &|_| true), Retried { read: 5, rejected: 5, ..Retried::default() });
    assert_eq!(listed(&store), before);
    // The file is gone; what was kept is enough.
    fs::remove_file(&path).unwrap();
    assert_eq!(retry_with(&Toy, &store, &|_| true), Retried { read: 5, stored: 3, duplicate: 1, rejected: 1, beyond: 0 });
    assert_eq!(listed(&store).iter().map(|r| r.sample.as_slice()).collect::<Vec<_>>(), [b"no record"]);
    assert_eq!(store.reader().unwrap().totals(NOW).unwrap().rejects, 1);
    assert_eq!(retry_with(&Toy, &store, &|_| true), Retried { read: 1, rejected: 1, ..Retried::default() });
    let always = Store::temporary().unwrap();
    fs::write(&path, text.concat()).unwrap();
    load_with(&Toy, &always, &path);
    assert_eq!(events(&store), events(&always));
    // A copy of the file brings nothing new.
    let copy = dir.path().join("copy.log");
    fs::rename(&path, &copy).unwrap();
    let again = load_with(&Toy, &store, &copy);
    assert_eq!((again.stored, again.duplicate, again.rejected), (0, 14, 1));
}

/// Protects against doubles: the id of a record without its secret is not that of the record.
#[test]
fn a_record_whose_secret_was_cut_out_needs_an_id_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.log");
    let cut = ",\"key\":\"s3cr3t\"";
    let toy = "{\"f\":\"toy\",\"who\":\"a\",\"id\":\"t\"}\n".to_owned();
    fs::write(&path, [toy, other(",\"id\":\"o0\"", cut), other("", cut), other(",\"id\":\"s3cr3t\"", "")].concat()).unwrap();
    let store = Store::temporary().unwrap();
    load_with(&Younger, &store, &path);
    assert!(listed(&store).iter().all(|reject| reject.cut && reject.whole));
    assert_eq!(retry_with(&Toy, &store, &|_| true), Retried { read: 3, stored: 1, duplicate: 0, rejected: 2, beyond: 2 });
    // What tells secrets apart stays out of the event.
    let mut keys = Vec::new();
    store.reader().unwrap().events(&EventFilter::default(), &mut |event| keys.extend(event.credential.map(|c| c.id))).unwrap();
    assert_eq!(keys, ["‹redacted:key›"]);
    let always = Store::temporary().unwrap();
    load_with(&Toy, &always, &path);
    assert!(events(&store).iter().all(|event| events(&always).contains(event)));
}

/// One reject stands for a whole file of an unknown format: the file is read, as long as it is what it was.
#[test]
fn a_file_that_was_given_up_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let (kept, changed) = (dir.path().join("kept.log"), dir.path().join("changed.log"));
    let lines = |from: usize| (from..from + 100).map(|n| other(&format!(",\"id\":\"o{n}\""), "")).collect::<String>();
    fs::write(&kept, lines(0)).unwrap();
    fs::write(&changed, lines(500)).unwrap();
    let store = Store::temporary().unwrap();
    let summary = load_with(&Younger, &store, dir.path());
    assert_eq!((summary.read, summary.rejected), (2, 2));
    assert_eq!(retry_with(&Younger, &store, &|_| true), Retried { read: 2, rejected: 2, ..Retried::default() });
    assert_eq!(listed(&store).len(), 2);
    fs::write(&changed, "{\"f\":\"toy\",\"who\":\"a\",\"id\":\"t\"}\n").unwrap();
    let only_kept = |reject: &Reject| reject.feed.ends_with("kept.log");
    assert_eq!(retry_with(&Toy, &store, &only_kept), Retried { read: 100, stored: 100, ..Retried::default() });
    // Of the other the first record is all there is.
    assert_eq!(retry_with(&Toy, &store, &|_| true), Retried { read: 1, stored: 1, ..Retried::default() });
    assert_eq!(listed(&store), []);
    let again = load_with(&Toy, &store, dir.path());
    assert_eq!((again.stored, again.duplicate, again.rejected), (1, 100, 0));
}
