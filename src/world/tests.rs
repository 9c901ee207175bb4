//! What the story must keep: the same bytes for the same seed, records that parse, the theft as it is told, labels that
//! point at records.

use super::*;
use crate::model::time::DAY;
use crate::model::{Sym, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io::Read;
use std::path::PathBuf;

fn company(seed: u64) -> Company {
    Company::new(seed, Company::first_day())
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn hash(dir: &Path) -> Sym {
    let mut all = String::new();
    for path in files(dir) {
        let name = path.strip_prefix(dir).unwrap().to_string_lossy().into_owned();
        let sum: u64 =
            std::fs::read(&path).unwrap().iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
        writeln!(all, "{name} {sum:016x}").unwrap();
    }
    Sym::of(&all)
}

fn cloudtrail(path: &Path) -> Vec<serde_json::Value> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    file["Records"].as_array().unwrap().clone()
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    // A reader that is not flexible refuses any row whose number of fields is not the header's.
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let days = Selection { first: 50, last: 53, level: 1 };
    let write = |name: &str, seed| {
        let to = dir.path().join(name);
        company(seed).write_days(&to, days).unwrap();
        hash(&to)
    };
    let first = write("a", 7);
    assert_eq!(first, write("b", 7));
    assert_ne!(first, write("c", 8));
    assert_eq!(company(7).incident().collect::<Vec<_>>(), company(7).incident().collect::<Vec<_>>());
}

#[test]
fn eight_weeks_lie_within_bounds_and_every_record_parses_on_its_own_day() {
    let dir = tempfile::tempdir().unwrap();
    let written = company(1).write_history(dir.path()).unwrap();
    assert!((200_000..=400_000).contains(&written.events), "{written:?}");
    assert!(written.duplicates > 200 && written.duplicates < written.events / 300, "{written:?}");
    let (mut events, mut logs, mut ids) = (0, 0, BTreeSet::new());
    for path in files(dir.path()) {
        let text = path.to_string_lossy().into_owned();
        if text.contains("/labels/") {
            continue;
        }
        logs += 1;
        if path.extension().is_some_and(|e| e == "csv") {
            let day = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
            for row in rows(&path) {
                events += 1;
                assert!(row["TIMESTAMP_DERIVED"].starts_with(&day), "{text}: {}", row["TIMESTAMP_DERIVED"]);
                assert_eq!(row["TIMESTAMP"][..8], day.replace('-', ""));
                ids.insert(format!("{}{}", row["EVENT_TYPE"], row["REQUEST_ID"]));
            }
        } else {
            let day: Vec<&str> = text.split('/').rev().skip(1).take(3).collect();
            let day = format!("{}-{}-{}", day[2], day[1], day[0]);
            for record in cloudtrail(&path) {
                events += 1;
                assert!(record["eventTime"].as_str().unwrap().starts_with(&day), "{text}");
                ids.insert(record["eventID"].as_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!((logs, events), (written.files, written.events));
    assert_eq!(ids.len() + written.duplicates, written.events, "only what was delivered twice shares its id");
    let labels = std::fs::read_to_string(dir.path().join("labels/truth.labels")).unwrap();
    assert!(labels.lines().count() > 100);
    for line in labels.lines() {
        let label: serde_json::Value = serde_json::from_str(line).unwrap();
        let event = label["event"].as_str().unwrap();
        let key = if label["record"] == "CloudTrail" { event.to_owned() } else { format!("{}{event}", label["record"].as_str().unwrap()) };
        assert!(ids.contains(&key), "label without its record: {line}");
    }
}

#[test]
fn forty_machines_of_both_platforms() {
    let machines = Company::machines();
    assert_eq!(machines.len(), 40);
    assert_eq!(machines.iter().collect::<BTreeSet<_>>().len(), 40, "names are unique");
    assert_eq!(Company::first_day().weekday(), 0);
    assert_eq!(company(1).incident_day().to_string(), "2026-11-16");
}

/// Lines of the incident day of one file.
fn live(seed: u64, file: &str) -> Vec<BTreeMap<String, String>> {
    let lines: Vec<Line> = company(seed).incident().filter(|line| line.file == file).collect();
    let mut text = lines[0].header.clone().unwrap();
    for line in &lines {
        text.push('\n');
        text.push_str(&line.text);
    }
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_incident_is_one_bulk_job_of_millions_that_is_deleted() {
    let jobs: Vec<_> =
        live(3, "live/BulkApi2.csv").into_iter().filter(|row| row["USER_ID"] == CONNECTORS[connector::VICTIM].user).collect();
    let steps: BTreeSet<&str> = jobs.iter().map(|row| row["JOB_STATUS"].as_str()).collect();
    assert_eq!(steps, BTreeSet::from(["Created", "UploadComplete", "InProgress", "JobComplete", "Deleted"]));
    assert_eq!(jobs.iter().map(|row| &row["JOB_ID"]).collect::<BTreeSet<_>>().len(), 1);
    let total: u64 = jobs.iter().filter_map(|row| row["RECORDS_PROCESSED"].parse::<u64>().ok()).sum();
    // A delivery that comes twice carries its number twice.
    assert!(total.is_multiple_of(theft::ROWS) && total > 2_000_000, "{total}");
    let times: Vec<Timestamp> = jobs.iter().map(|row| Timestamp::parse(&row["TIMESTAMP_DERIVED"]).unwrap()).collect();
    let (first, last) = (times.iter().min().unwrap(), times.iter().max().unwrap());
    assert!(first.to_string().starts_with("2026-11-16T11:11:56"), "{first}");
    let took = last.since(*first);
    assert!((200_000..300_000).contains(&took), "{took} ms");
    assert!(jobs.iter().all(|row| row["CLIENT_IP"].starts_with("157.245.")));
}

#[test]
fn the_connector_itself_never_runs_a_bulk_job_and_works_on_from_its_own_network() {
    let victim = &CONNECTORS[connector::VICTIM];
    let dir = tempfile::tempdir().unwrap();
    let alone = company(3).with_only(&[victim.name]);
    alone.write_days(dir.path(), Selection { first: 0, last: HISTORY, level: 1 }).unwrap();
    let stolen: BTreeSet<String> = (0..=HISTORY)
        .flat_map(|day| company(3).with_only(&[victim.name]).labels(day))
        .filter(|label| label.nature == Nature::Attack)
        .map(|label| label.event)
        .collect();
    let mut own_after = 0;
    let mut recon = BTreeSet::new();
    for path in files(dir.path()).into_iter().filter(|path| path.extension().is_some_and(|e| e == "csv")) {
        for row in rows(&path) {
            let ours = !stolen.contains(&row["REQUEST_ID"]);
            match row["EVENT_TYPE"].as_str() {
                "BulkApi2" => assert!(!ours, "the connector has no bulk jobs of its own"),
                "UniqueQuery" if !ours => {
                    recon.insert(row["QUERY_IDENTIFIER"].clone());
                }
                "RestApi" if ours => {
                    assert!(row["CLIENT_IP"].starts_with("52.57.") || row["CLIENT_IP"].starts_with("18.184."));
                    own_after += usize::from(row["TIMESTAMP_DERIVED"].as_str() > "2026-11-16T11:16");
                }
                _ => {}
            }
        }
    }
    assert!(own_after > 10, "it keeps running after the export");
    for object in ["Account", "Contact", "Case", "User"] {
        assert!(recon.contains(&format!("SELECT COUNT() FROM {object}")), "{recon:?}");
    }
}

#[test]
fn the_theft_lies_on_its_days_and_between_them_is_silence() {
    let days: BTreeSet<i32> = (0..=HISTORY)
        .filter(|day| company(5).with_only(&["crm-warehouse-sync"]).labels(*day).iter().any(|label| label.nature == Nature::Attack))
        .collect();
    assert_eq!(days, BTreeSet::from([52, 53, 56]));
    let evening = company(5).with_only(&["crm-warehouse-sync"]).labels(52);
    let start = Day(Company::first_day().0 + 52).start();
    assert!(evening.iter().all(|label| (19..20).contains(&(label.time.since(start) / 3_600_000))));
}

#[test]
fn harmless_oddities_are_labelled_and_really_there() {
    let scenarios: BTreeSet<&str> =
        (0..=HISTORY).flat_map(|day| company(2).labels(day)).filter(|l| l.nature == Nature::Benign).map(|l| l.scenario).collect();
    let told = ["key-rotation", "late-job", "month-end", "new-egress", "new-fleet", "sdk-upgrade", "throttling"];
    assert_eq!(scenarios, BTreeSet::from(told));
    let lines: Vec<String> = company(2).incident().map(|line| line.text).collect();
    let made: Vec<&String> = lines.iter().filter(|line| line.contains("CreateAccessKey")).collect();
    assert!(!made.is_empty() && made.iter().all(|line| line.contains("role/terraform-deployer")));
    let key = made[0].split(r#""accessKeyId":"AKIA"#).nth(1).unwrap()[..16].to_owned();
    let used = lines.iter().filter(|line| line.contains(&key) && line.contains("PutObject")).count();
    assert!(used > 50, "the new key is used: {used}");
    assert!(lines.iter().any(|line| line.contains("18.156.92.14")));
    assert!(lines.iter().filter(|line| line.contains("ThrottlingException") || line.contains("RequestLimitExceeded")).count() >= 40);
}

#[test]
fn the_incident_plays_in_order_of_time_and_within_its_day() {
    let start = company(1).incident_day().start();
    let lines: Vec<Line> = company(1).incident().collect();
    assert!(lines.windows(2).all(|pair| pair[0].time <= pair[1].time));
    assert!(lines.iter().all(|line| (0..DAY).contains(&line.time.since(start))));
    for line in lines.iter().filter(|line| line.file.ends_with("ndjson")) {
        let record: serde_json::Value = serde_json::from_str(&line.text).unwrap();
        let time = Timestamp::parse(record["eventTime"].as_str().unwrap()).unwrap();
        assert_eq!(time.0, line.time.0 / 1_000 * 1_000);
    }
    assert!(lines.iter().all(|line| line.header.is_some() == line.file.ends_with("csv")));
}
