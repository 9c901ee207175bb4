//! Tests of committing and reading back: exactly once, in any order, through kills, and never into a foreign file.

use super::sample::{MONDAY, Sample, chunk, raw_of, reader, store_of, twenty, with_position};
use super::*;
use crate::model::alert::EventRef;
use crate::model::observation::Names;
use crate::model::time::{DAY, HOUR};
use crate::model::{Day, EventId, Outcome, Sym, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

/// Everything of `ev` and the roll-ups that must not depend on order, as text: numbers of the store replaced by names.
fn content(store: &Store) -> Vec<String> {
    let reader = reader(store);
    let mut lines = Vec::new();
    let filter = EventFilter { limit: usize::MAX >> 1, newest_first: false, ..EventFilter::default() };
    reader.events(&filter, &mut |event| lines.push(format!("{event:?}"))).unwrap();
    for principal in reader.principals().unwrap() {
        let mut statement = reader.conn.prepare("SELECT day, events, failures, rows, bytes, hours FROM rday WHERE principal = ?1").unwrap();
        let days = statement
            .query_map([principal.id], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?, row.get::<_, Vec<u8>>(5)?))
            })
            .unwrap()
            .map(Result::unwrap)
            .collect::<Vec<_>>();
        lines.push(format!("{days:?}"));
        lines.push(format!("{:?}", PrincipalRow { id: 0, identity: 0, ..principal }));
    }
    lines.push(format!("{:?} {:?}", reader.newest().unwrap(), reader.days().unwrap()));
    lines.sort();
    lines
}

/// Two stores must hold the same; the first line that differs is shown, not all of them.
fn assert_same(left: &[String], right: &[String]) {
    let differing = left.iter().zip(right).find(|(left, right)| left != right);
    assert_eq!(differing, None);
    assert_eq!(left.len(), right.len());
}

/// Few keys, so that duplicates with other content are common; the content follows from (who, day, id, canonical), as a
/// record's does from its hash.
fn arbitrary_sample() -> impl Strategy<Value = Sample> {
    (0..3usize, 0..4i64, 0..6u64, 0..3u64).prop_map(|(who, day, id, canonical)| {
        let sample = Sample {
            canonical,
            action: ["GetObject", "PutObject", "ListBuckets", "GetObject2"][(canonical as usize + id as usize) % 4],
            outcome: if (canonical + id) % 2 == 0 { Outcome::Success } else { Outcome::Denied },
            rows: Some(canonical * 10 + id),
            credential: ["AKIA1", "AKIA2", "AKIA1"][(canonical + id) as usize % 3],
            offset: id * 100 + canonical,
            ..Sample::new(["role/a", "role/b", "role/c"][who], MONDAY + day * DAY + id as i64 * HOUR, id)
        };
        if id == 5 { sample.flagged() } else { sample }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Protects "the same logs give the same alerts": order, chunks, repetition and batches leave no trace.
    #[test]
    fn order_chunks_and_repetition_leave_no_trace(
        samples in prop::collection::vec(arbitrary_sample(), 1..40),
        shuffled_by in any::<u64>(),
        piece in 1..9usize,
        batch in 1..4usize,
    ) {
        let once = Store::temporary().unwrap();
        once.writer().unwrap().commit(vec![chunk("a.json", &samples, 256)]).unwrap();

        let mut other = samples.clone();
        other.sort_by_key(|sample| (sample.id ^ shuffled_by).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ sample.at as u64 ^ sample.canonical));
        other.extend_from_within(..other.len() / 2);
        let twice = Store::temporary().unwrap();
        let mut writer = twice.writer().unwrap();
        let chunks: Vec<_> = other.chunks(piece).map(|samples| chunk("a.json", samples, 3)).collect();
        let (mut stored, mut duplicate) = (0, 0);
        for chunks in chunks.chunks(batch) {
            let committed = writer.commit(chunks.to_vec()).unwrap();
            stored += committed.stored;
            duplicate += committed.duplicate;
        }
        prop_assert_eq!(stored + duplicate, other.len() as u64);
        assert_same(&content(&once), &content(&twice));
    }
}

/// Protects the origin rule: of equal records the one of the lesser (path, offset) is kept, with its raw record.
#[test]
fn equal_records_keep_the_lesser_origin() {
    for order in [["b.json", "a.json"], ["a.json", "b.json"]] {
        let store = Store::temporary().unwrap();
        let mut writer = store.writer().unwrap();
        for feed in order {
            writer.commit(vec![chunk(feed, &twenty(), 7)]).unwrap();
        }
        let reader = reader(&store);
        reader.events(&EventFilter::default(), &mut |event| assert_eq!(event.origin.file, "a.json")).unwrap();
    }
}

/// Protects the disk: a file loaded twice brings no second copy of its raw records.
#[test]
fn raw_blocks_without_a_stored_row_are_not_kept() {
    let store = store_of(&twenty());
    let committed = store.writer().unwrap().commit(vec![chunk("a.json", &twenty(), 5)]).unwrap();
    assert_eq!((committed.stored, committed.duplicate, committed.days.len()), (0, 20, 0));
    let reader = reader(&store);
    assert_eq!(integer(&reader.conn, "SELECT count(*) FROM raw_block").unwrap(), 1);
    let sample = twenty()[3].clone();
    let principal = reader.principals().unwrap().into_iter().find(|p| p.pid == sample.who).unwrap().id;
    let event = EventRef { time: Timestamp(sample.at), id: EventId(sample.id), principal };
    assert_eq!(reader.raw(event).unwrap(), Some(raw_of(&sample)));
    assert_eq!(reader.event(event).unwrap().unwrap().rows, Some(3));
    assert_eq!(reader.raw(EventRef { id: EventId(999), ..event }).unwrap(), None);
}

/// Protects the fold's input: order, days, choice of principals, symbols, and no event with an impossible clock.
#[test]
fn a_fold_reads_events_in_key_order() {
    let mut samples = twenty();
    samples.push(Sample { at: 0, ..Sample::new("role/a", 0, 77) }.flagged());
    // Ids above 2⁶³ must come after the small ones.
    samples.push(Sample::new("role/a", MONDAY, u64::MAX - 5));
    samples.push(Sample::new("role/a", MONDAY, 5));
    let store = Store::temporary().unwrap();
    let committed = store.writer().unwrap().commit(vec![chunk("a.json", &samples, 256)]).unwrap();
    assert_eq!(committed.stored, 23);
    assert_eq!(committed.newest, Some(Timestamp(MONDAY + 19 * 4 * HOUR)));
    let monday = Day(20_773);
    assert_eq!(committed.days.keys().copied().collect::<Vec<_>>(), (0..4).map(|n| Day(monday.0 + n)).collect::<Vec<_>>());
    let mut reader = reader(&store);
    assert_eq!(reader.days().unwrap(), committed.days.keys().copied().collect::<Vec<_>>());
    let mut seen = Vec::new();
    reader.observe(monday, None, &mut |principal, event| seen.push((principal, event.key(), event))).unwrap();
    assert_eq!(seen.len(), 8);
    assert!(seen.is_sorted_by_key(|(principal, key, _)| (*principal, *key)));
    let (_, _, event) = &seen[0];
    assert_eq!(event.source.as_ref().unwrap().asn, 64_496);
    assert_eq!(event.agent.as_ref().unwrap().family, "boto3");
    assert_eq!(event.action, Sym::of("s3:GetObject"));
    assert_eq!(event.job, Sym::NONE);
    for name in ["192.0.2.7", "boto3/1.2", "boto3", "bucket-a", "AKIA1", "192.0.2.0/24"] {
        assert_eq!(reader.text(Sym::of(name)).as_deref(), Some(name));
    }
    assert_eq!(reader.text(Sym::of("s3:GetObject")).as_deref(), Some("GetObject"));
    assert_eq!(reader.text(Sym::of("never seen")), None);
    let first = seen[0].0;
    let mut some = Vec::new();
    reader.observe(monday, Some(&BTreeSet::from([first])), &mut |principal, event| some.push((principal, event.key()))).unwrap();
    assert_eq!(some, seen.iter().filter(|(p, ..)| *p == first).map(|(p, key, _)| (*p, *key)).collect::<Vec<_>>());
    let mut day_zero = 0;
    reader.observe(Day(0), None, &mut |_, _| day_zero += 1).unwrap();
    assert_eq!(day_zero, 0);
}

/// Protects against a kill: what was not committed leaves no trace, and the writer that comes next goes on from the
/// position.
#[test]
fn an_uncommitted_transaction_leaves_no_trace() {
    let store = store_of(&twenty()[..10]);
    let before = content(&store);
    {
        let mut writer = store.writer().unwrap();
        let tx = writer.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
        let mut dictionary = dictionary::Dictionary::load(&tx).unwrap();
        let rest = chunk("b.json", &twenty()[10..], 256);
        dictionary.resolve_terms(&tx, &rest.terms, "").unwrap();
        dictionary.resolve_principals(&tx, &rest.principals).unwrap();
        tx.execute("INSERT INTO feed (name) VALUES ('b.json')", []).unwrap();
        drop(tx);
    }
    assert_same(&content(&store), &before);
    // A writer whose commit failed half-way must not remember the numbers it gave.
    let mut writer = store.writer().unwrap();
    let mut broken = chunk("b.json", &twenty()[10..], 256);
    broken.rows[4].principal = 99;
    assert!(writer.commit(vec![broken]).is_err());
    assert_same(&content(&store), &before);
    writer.commit(vec![with_position(chunk("a.json", &twenty()[10..], 256), 2000)]).unwrap();
    let whole = Store::temporary().unwrap();
    whole.writer().unwrap().commit(vec![chunk("a.json", &twenty(), 256)]).unwrap();
    assert_same(&content(&store), &content(&whole));
}

/// Protects two programs on one store: each takes in the numbers the other gave.
#[test]
fn two_writers_share_the_dictionaries() {
    let store = Store::temporary().unwrap();
    let (mut one, mut two) = (store.writer().unwrap(), store.writer().unwrap());
    for (at, sample) in twenty().chunks(3).enumerate() {
        let sample: Vec<_> = sample.iter().map(|s| Sample { domain: ["x", "y", "z"][at % 3], ..s.clone() }).collect();
        if at % 2 == 0 { &mut one } else { &mut two }.commit(vec![chunk("a.json", &sample, 256)]).unwrap();
    }
    let reader = reader(&store);
    let mut domains = BTreeSet::new();
    reader.events(&EventFilter::default(), &mut |event| domains.extend(event.data_domain)).unwrap();
    assert_eq!(domains.len(), 3);
}

/// Protects other people's files: they are refused with one line and not a byte of them changes.
#[test]
fn foreign_files_are_refused_and_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let foreign = |fill: &dyn Fn(&Path)| {
        let _ = std::fs::remove_file(&path);
        fill(&path);
        let before = std::fs::read(&path).unwrap();
        let error = Store::open(&path).unwrap_err().to_string();
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert!(!error.contains('\n') && error.contains("x.db"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing lies beside it");
        error
    };
    assert!(foreign(&|path| std::fs::write(path, "time,who\n1,2\n").unwrap()).contains("not a database"));
    assert!(foreign(&|path| std::fs::write(path, [0u8; 5000]).unwrap()).contains("not a database"));
    let other = |path: &Path| Connection::open(path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(foreign(&other).contains("another program"));
    let newer = |path: &Path| {
        drop(Store::open(path).unwrap());
        let conn = Connection::open(path).unwrap();
        conn.pragma_update(None, "user_version", 99).unwrap();
        conn.execute_batch("PRAGMA journal_mode = DELETE").unwrap();
    };
    assert!(foreign(&newer).contains("newer"));
}

/// Protects what is stored from other users, whatever the umask.
#[test]
fn files_are_private() {
    if std::env::var_os("DRIFTLINE_TEST_UMASK").is_none() {
        // The umask belongs to the process: the test runs itself again in one that hides nothing.
        let again = std::process::Command::new("sh")
            .args(["-c", "umask 000; exec \"$0\" --exact store::commit_tests::files_are_private"])
            .arg(std::env::current_exe().unwrap())
            .env("DRIFTLINE_TEST_UMASK", "000")
            .output()
            .unwrap();
        assert!(String::from_utf8_lossy(&again.stdout).contains("1 passed"), "{again:?}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/deep/x.db");
    let store = Store::open(&path).unwrap();
    let mut writer = store.writer().unwrap();
    writer.commit(vec![chunk("a.json", &twenty(), 256)]).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    for beside in ["x.db-wal", "x.db-shm"] {
        assert_eq!(mode(&path.with_file_name(beside)), 0o600, "{beside}");
    }
    assert_eq!(store.exposure(), None);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(store.exposure().unwrap().contains("644"));
    let temporary = Store::temporary().unwrap();
    let place = temporary.path().to_owned();
    assert_eq!((mode(&place), mode(place.parent().unwrap())), (0o600, 0o700));
    let reader = temporary.reader().unwrap();
    drop(temporary);
    assert!(place.exists(), "still in use");
    drop(reader);
    assert!(!place.parent().unwrap().exists());
}

/// Protects redaction tags: a store keeps its key, another store has another.
#[test]
fn a_store_keeps_its_key_and_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let key = Store::open(&path).unwrap().redaction_key();
    let store = Store::open(&path).unwrap();
    assert_eq!(store.redaction_key(), key);
    assert_ne!(Store::temporary().unwrap().redaction_key(), key);
    store.writer().unwrap().set_meta("seen", "yes").unwrap();
    assert_eq!(Store::open(&path).unwrap().reader().unwrap().meta("seen").unwrap().as_deref(), Some("yes"));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// Protects the screen: a long query can be stopped from another thread.
#[test]
fn a_query_can_be_interrupted() {
    let store = store_of(&twenty());
    let reader = reader(&store);
    let handle = reader.interrupt_handle();
    let mut stopped = None;
    let result = reader.events(&EventFilter::default(), &mut |_| {
        handle.interrupt();
        stopped = Some(());
    });
    assert!(stopped.is_some());
    assert!(matches!(result, Err(StoreError::Interrupted) | Ok(())));
    assert!(reader.principals().is_ok(), "the reader is usable afterwards");
}

/// Protects against a full disk: the batch rolls back, what stands stays readable, and the same batch goes in when there is room.
#[test]
fn a_full_disk_loses_nothing() {
    let store = store_of(&twenty()[..10]);
    let before = content(&store);
    let mut writer = store.writer().unwrap();
    let many: Vec<Sample> = (0..3000).map(|n| Sample::new("role/z", MONDAY + n as i64, 1000 + n)).collect();
    writer.checkpoint().unwrap();
    let pages = integer(&writer.conn, "PRAGMA page_count").unwrap();
    writer.conn.pragma_update(None, "max_page_count", pages + 2).unwrap();
    assert!(matches!(writer.commit(vec![chunk("b.json", &many, 256)]), Err(StoreError::Full)));
    assert_same(&content(&store), &before);
    writer.conn.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    assert_eq!(writer.commit(vec![chunk("b.json", &many, 256)]).unwrap().stored, 3000);
}

/// Protects against damage: a file that says it is ours and is not readable ends in one line, never a panic.
#[test]
fn a_damaged_file_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let store = Store::open(&path).unwrap();
    store.writer().unwrap().commit(vec![chunk("a.json", &twenty(), 256)]).unwrap();
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100..].fill(0xaa);
    std::fs::write(&path, bytes).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(!error.to_string().contains('\n'), "{error}");
}

/// What the child of the next test does: commits 400 events in chunks of five, each with its position, until it is killed.
#[test]
fn child_that_commits() {
    let Some(path) = std::env::var_os("DRIFTLINE_TEST_KILLED") else { return };
    let store = Store::open(Path::new(&path)).unwrap();
    let reader = reader(&store);
    let from = reader.position("a.json").unwrap().map_or(0, |position| position.offset as usize);
    let mut writer = store.writer().unwrap();
    for at in (from..400).step_by(5) {
        let mut piece = chunk("a.json", &four_hundred()[at..at + 5], 2);
        piece.position = Some(crate::model::Position { feed: "a.json".into(), offset: at as u64 + 5, ..Default::default() });
        writer.commit(vec![piece]).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

fn four_hundred() -> Vec<Sample> {
    (0..400).map(|n| Sample { rows: Some(n), ..Sample::new(["role/a", "role/b"][(n % 2) as usize], MONDAY + n as i64 * HOUR, n) }).collect()
}

/// Protects what was acknowledged: a process killed at any moment goes on from its position and ends where an undisturbed
/// one does.
#[test]
fn a_killed_process_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let run = || {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::commit_tests::child_that_commits"])
            .env("DRIFTLINE_TEST_KILLED", &path)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    for kill in 0..8u64 {
        let mut child = run();
        std::thread::sleep(std::time::Duration::from_millis(8 + kill * 7));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(run().wait().unwrap().success());
    let whole = Store::temporary().unwrap();
    let committed = whole.writer().unwrap().commit(vec![chunk("a.json", &four_hundred(), 2)]).unwrap();
    assert_eq!(committed.stored, 400);
    let killed = Store::open(&path).unwrap();
    assert_eq!(killed.check().unwrap(), Vec::<String>::new());
    assert_same(&content(&killed), &content(&whole));
}
