//! The whole way from files to alerts, without a screen: whatever the order of files, the chunks, the duplicates, the
//! number of shards, the kills, the late arrivals, the alerts are the same, byte for byte; and what somebody decided
//! survives a fold that is run again.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

use driftline::context::Inventory;
use driftline::detect::Settings;
use driftline::engine::context::give_inventory;
use driftline::engine::folding::{self, Folding};
use driftline::engine::live::Live;
use driftline::engine::parser::Parser;
use driftline::engine::{history, load};
use driftline::model::decision::Triage;
use driftline::model::{Severity, Status, Timestamp, Verdict};
use driftline::store::{AlertFilter, Store};
use driftline::world::{Company, Selection, Stage};
use proptest::prelude::*;
use proptest::test_runner::Config;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// A corner of the company around the theft: the victim, one that shares its habits, and two of AWS.
struct Corner {
    _dir: tempfile::TempDir,
    files: Vec<PathBuf>,
    alerts: String,
}

static CORNER: LazyLock<Corner> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let names = ["crm-warehouse-sync", "svc-monitoring", "data-platform", "vault-backup"];
    let company = Company::new(3, Company::first_day()).with_only(&names);
    company.write_days(dir.path(), Selection { first: 30, last: 56, level: 1 }).unwrap();
    let mut files = Vec::new();
    for part in ["AWSLogs", "salesforce"] {
        files.extend(driftline::feed::discover(&[dir.path().join(part)]).unwrap().into_iter().map(|f| f.path));
    }
    assert!(files.len() > 40, "{} files", files.len());
    let store = Store::temporary().unwrap();
    load_into(&store, &files, 1);
    let alerts = alerts(&store);
    assert!(alerts.contains("crm-warehouse-sync") && alerts.contains("\"S05\""), "the theft is not there: {alerts}");
    Corner { _dir: dir, files, alerts }
});

fn load_into(store: &Store, files: &[PathBuf], shards: usize) -> load::LoadSummary {
    let knowledge = Parser::new(store.redaction_key(), None);
    let parser = load::Parser { knowledge: &knowledge, format: None };
    // In the order given: `discover` would sort them.
    let files: Vec<_> = files.iter().flat_map(|f| driftline::feed::discover(std::slice::from_ref(f)).unwrap()).collect();
    history::load(store, &parser, &files, NOW, shards, &|_| {}, &AtomicBool::new(false)).unwrap().0
}

/// Every alert and finding as `--json` prints them, by id, aliases left out.
fn alerts(store: &Store) -> String {
    let reader = folding::reader(store).unwrap();
    let mut lines = Vec::new();
    let filter = AlertFilter { min_severity: Severity::Info, limit: usize::MAX >> 1, ..AlertFilter::default() };
    reader
        .visit_alerts(&filter, &mut |mut alert| {
            alert.aliases.clear();
            lines.push((alert.id, serde_json::to_string(&alert).unwrap()));
        })
        .unwrap();
    lines.sort();
    lines.into_iter().map(|(_, line)| line + "\n").collect()
}

fn assert_same(store: &Store, how: &str) {
    let (got, want) = (alerts(store), &CORNER.alerts);
    if got != *want {
        for (a, b) in got.lines().zip(want.lines()) {
            assert_eq!(a, b, "{how}");
        }
        assert_eq!(got.lines().count(), want.lines().count(), "{how}");
    }
}

#[test]
fn the_number_of_shards_changes_nothing() {
    for shards in [2, 4, 16] {
        let store = Store::temporary().unwrap();
        load_into(&store, &CORNER.files, shards);
        assert_same(&store, &format!("{shards} shards"));
    }
}

#[test]
fn a_second_load_stores_nothing_and_changes_nothing() {
    let store = Store::temporary().unwrap();
    let first = load_into(&store, &CORNER.files, 2);
    let second = load_into(&store, &CORNER.files, 2);
    assert_eq!((second.stored, second.read, second.duplicate), (0, first.read, first.read));
    assert_same(&store, "loaded twice");
}

proptest! {
    #![proptest_config(Config { cases: 8, max_shrink_iters: 0, ..Config::default() })]

    /// Files in any order, in any number of loads, each followed by a fold: all but the first bring late events.
    #[test]
    fn the_order_of_files_and_loads_changes_nothing(seed in any::<u64>(), loads in 2usize..5) {
        let mut files = CORNER.files.clone();
        let mut state = seed | 1;
        let mut next = |n: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % n as u64) as usize
        };
        for i in (1..files.len()).rev() {
            files.swap(i, next(i + 1));
        }
        let store = Store::temporary().unwrap();
        for part in files.chunks(files.len().div_ceil(loads)) {
            load_into(&store, part, 1 + next(4));
        }
        assert_same(&store, &format!("seed {seed}, {loads} loads"));
    }
}

fn records(path: &Path) -> String {
    use std::io::Read;
    let bytes = std::fs::read(path).unwrap();
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    } else {
        text = String::from_utf8(bytes).unwrap();
    }
    text
}

/// Live: the same records appended piece by piece to followed files, the fold stepping along, now and then killed and
/// started again from what the store knows.
#[test]
fn following_piece_by_piece_with_restarts_ends_in_the_same_alerts() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::temporary().unwrap();
    let knowledge = Parser::new(store.redaction_key(), None);
    let parser = load::Parser { knowledge: &knowledge, format: None };
    // History is loaded, the last days come live, one file after the other in the order of days.
    let mut files = CORNER.files.clone();
    files.sort_by_key(|f| day_of(f));
    let cut = files.len() * 3 / 4;
    load_into(&store, &files[..cut], 2);
    let mut stage = Stage::new(dir.path());
    let fresh = || {
        let folding = Folding::new(Settings::default(), &knowledge.context(), 2, true);
        Live::new(&store, store.writer().unwrap(), folding, &parser, &[dir.path().to_owned()]).unwrap()
    };
    let mut live = fresh();
    for (i, file) in files[cut..].iter().enumerate() {
        let text = records(file);
        if file.extension().is_some_and(|e| e == "csv") {
            let kind = file.file_name().unwrap().to_str().unwrap();
            let (header, rows) = text.split_once('\n').unwrap();
            for row in rows.lines() {
                stage.append(kind, Some(header.trim_end()), row.trim_end()).unwrap();
            }
        } else {
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            for record in document["Records"].as_array().unwrap() {
                stage.append("trail.ndjson", None, &record.to_string()).unwrap();
            }
        }
        live.turn(NOW).unwrap();
        if i % 5 == 4 {
            live = fresh();
        }
    }
    while !live.turn(NOW).unwrap().is_idle() {}
    // The records went through another text (order of keys), so canonical hashes differ, but no alert may.
    assert_same(&store, "followed");
}

/// An identity of two systems, followed live: its events come by several principals and are stepped as one, in the middle
/// of which two become one. The alerts are those of one load.
#[test]
fn a_joined_identity_followed_live_ends_in_the_same_alerts() {
    let mut files = CORNER.files.clone();
    files.sort_by_key(|f| day_of(f));
    let cut = files.len() * 3 / 4;
    let (victim, other) = {
        let store = Store::temporary().unwrap();
        load_into(&store, &files, 2);
        let rows = folding::reader(&store).unwrap().principals().unwrap();
        let of = |platform: &str, name: &str| {
            rows.iter().find(|row| row.platform == platform && row.shown_name().contains(name)).unwrap().pid.clone()
        };
        (of("salesforce", "crm-warehouse-sync"), of("aws", "data-platform"))
    };
    let text = format!("[[identity]]\nids = [\"salesforce:{victim}\", \"aws:{other}\"]\n");
    let inventory = Inventory::parse("inventory.toml", &text, &[]).unwrap();
    let give = |store: &Store| drop(give_inventory(store, &inventory, "inventory.toml", NOW).unwrap());
    let (whole, store) = (Store::temporary().unwrap(), Store::temporary().unwrap());
    give(&whole);
    load_into(&whole, &files, 1);
    let want = alerts(&whole);
    assert!(want.contains(&other) && want != CORNER.alerts, "nothing is said of the joined identity: {want}");

    let dir = tempfile::tempdir().unwrap();
    // An inventory stands from the beginning, or "nobody answers for it" could not be said of the first days.
    let first = Inventory::parse("inventory.toml", "[[identity]]\nid = \"somebody-else\"\n", &[]).unwrap();
    give_inventory(&store, &first, "inventory.toml", NOW).unwrap();
    load_into(&store, &files[..cut], 2);
    let knowledge = Parser::new(store.redaction_key(), None);
    let parser = load::Parser { knowledge: &knowledge, format: None };
    let mut stage = Stage::new(dir.path());
    let fresh = || {
        let folding = Folding::new(Settings::default(), &knowledge.context(), 2, true);
        Live::new(&store, store.writer().unwrap(), folding, &parser, &[dir.path().to_owned()]).unwrap()
    };
    let mut live = fresh();
    for (i, file) in files[cut..].iter().enumerate() {
        let text = records(file);
        if file.extension().is_some_and(|e| e == "csv") {
            let kind = file.file_name().unwrap().to_str().unwrap();
            let (header, rows) = text.split_once('\n').unwrap();
            for row in rows.lines() {
                stage.append(kind, Some(header.trim_end()), row.trim_end()).unwrap();
            }
        } else {
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            for record in document["Records"].as_array().unwrap() {
                stage.append("trail.ndjson", None, &record.to_string()).unwrap();
            }
        }
        live.turn(NOW).unwrap();
        if i == 2 {
            drop(live);
            give(&store);
            live = fresh();
        }
    }
    while !live.turn(NOW).unwrap().is_idle() {}
    assert_eq!(alerts(&store), want);
}

fn day_of(file: &Path) -> String {
    let text = file.to_string_lossy();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let at = digits.find("20261").or_else(|| digits.find("20260")).unwrap_or(0);
    digits[at..].chars().take(8).collect()
}

#[test]
fn what_somebody_decided_survives_a_fold_that_is_run_again() {
    let store = Store::temporary().unwrap();
    // The victim's last day is missing at first: the alert stands on the reconnaissance alone.
    let (late, early): (Vec<_>, Vec<_>) = CORNER.files.iter().cloned().partition(|f| f.to_string_lossy().contains("2026-11-13"));
    assert!(!late.is_empty());
    load_into(&store, &early, 2);
    let reader = folding::reader(&store).unwrap();
    let top = reader.alerts(&AlertFilter::default()).unwrap().into_iter().max_by_key(|a| a.risk).expect("an alert");
    let close = Triage {
        status: Some(Status::Closed),
        verdict: Some(Verdict::TruePositive),
        note: Some("token revoked".to_owned()),
        ..Triage::default()
    };
    store.writer().unwrap().triage(top.id, &close, "ana", NOW).unwrap();
    load_into(&store, &late, 2);
    let reader = folding::reader(&store).unwrap();
    let (alert, _) = reader.alert(top.id).unwrap().expect("the id still names it");
    assert_eq!((alert.status, alert.verdict), (Status::Closed, Some(Verdict::TruePositive)));
    assert!(reader.history(alert.id).unwrap().iter().any(|row| row.note == "token revoked"));
    assert!(reader.verify_audit().unwrap().bad.is_none());
}
