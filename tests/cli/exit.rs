//! How the program ends: exit codes, one line on standard error, nothing made by commands that only look, nothing lost
//! when a file is missing, a pipe closes or somebody presses Ctrl-C.

use crate::driver::{Desk, Ran, record, run, sample};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// Ended with `code`, saying all of `said` in one line and nothing as a result.
fn fails(ran: &Ran, code: i32, said: &[&str]) {
    assert_eq!((ran.code, ran.out.as_str(), ran.err.lines().count()), (code, "", 1), "{ran:?}");
    for said in said {
        assert!(ran.err.contains(said), "{said}: {ran:?}");
    }
}

#[test]
fn looking_at_a_store_that_is_not_there_makes_none() {
    let desk = Desk::new();
    let ways = ["driftline demo", "driftline load PATH", "driftline watch PATH"];
    for args in [
        &["alerts"][..],
        &["findings"],
        &["identities"],
        &["events"],
        &["rejects"],
        &["show", "x"],
        &["review", "x"],
        &["triage", "abcd", "--status", "acknowledged"],
        &["alerts", "--db", ":memory:"],
    ] {
        fails(&desk.run(args), 1, &ways);
    }
    assert_eq!(desk.run(&["doctor"]).code, 0);
    assert!(!desk.path("store").exists());
}

#[test]
fn a_missing_file_hides_no_other() {
    let desk = Desk::new();
    fails(&desk.run(&["load", "gone.json"]), 1, &["gone.json", "no such file"]);
    assert!(!desk.path("store").exists(), "nothing to load, nothing made");
    let good = desk.file("good.json", &record("svc-a", 1, json!({})));
    let ran = desk.run(&["load", "gone.json", &good, "--json"]);
    assert_eq!((ran.code, ran.err.lines().count()), (1, 1), "{ran:?}");
    assert!(ran.out.contains("\"stored\":1,"), "{ran:?}");
}

#[test]
fn what_is_no_log_is_said_and_counted() {
    let desk = Desk::new();
    let notes = desk.file("notes.json", "{\"to\": \"do\"}\n");
    let ran = desk.run(&["load", &notes, "--json"]);
    assert_eq!((ran.code, ran.err.lines().count()), (1, 2), "{ran:?}");
    assert!(ran.err.contains("notes.json: not a log") && ran.out.contains("\"rejected\":1,"), "{ran:?}");
    let good = desk.file("good.json", &record("svc-a", 1, json!({})));
    let ran = desk.run(&["load", &notes, &good]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("notes.json"), "said again: {ran:?}");
}

#[test]
fn strict_minds_rejects_and_fail_on_minds_alerts() {
    let desk = Desk::new();
    let lines = [record("svc-a", 1, json!({})), "{\"broken\": ".to_owned(), record("svc-a", 2, json!({}))].join("\n");
    let mixed = desk.file("mixed.jsonl", &lines);
    let ran = desk.run(&["load", &mixed, "--strict"]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.err.contains("rejected"), "{ran:?}");
    assert!(desk.objects(&["rejects"])[0]["reason"].as_str().unwrap().len() > 5);
    assert_eq!(desk.run(&["load", &mixed, "--fail-on", "medium"]).code, 0);

    let desk = Desk::new();
    assert_eq!(desk.run(&["load", &sample(), "--fail-on", "critical"]).code, 3);
    assert_eq!(desk.run(&["alerts", "--fail-on", "critical"]).code, 3);
    assert_eq!(desk.run(&["alerts", "--filter", "severity:medium", "--fail-on", "high"]).code, 0);
}

#[test]
fn wrong_arguments_name_what_was_meant() {
    let desk = Desk::new();
    for (args, said) in [
        (&["alerts", "--filter", "name:x sevrity:high"][..], &["column 8", "sevrity", "severity"][..]),
        (&["events", "--filter", "risk>50"], &["events have no field"]),
        (&["rejects", "--filter", "severity:high"], &["rejects have no field", "reason"]),
        (&["identities", "--since", "yesterdayish"], &["--since", "24h"]),
        (&["triage", "abcd", "--status", "acknowleged"], &["acknowleged", "acknowledged"]),
        (&["triage", "abcd", "--verdict", "false"], &["false_positive"]),
        (&["triage", "abcd"], &["--status"]),
        (&["load", "x", "--format", "cloudtrail"], &["aws_cloudtrail"]),
        (&["alrets"], &["alerts"]),
        (&["simulate", "."], &["not an empty folder"]),
    ] {
        if args[0] == "simulate" {
            desk.file("something", "");
        }
        fails(&desk.run(args), 2, said);
    }
    assert_eq!(desk.run(&["alerts", "--limit", "many"]).code, 2);
    assert!(!desk.path("store").exists());
}

#[test]
fn a_file_of_somebody_else_is_refused_and_left_alone() {
    let desk = Desk::new();
    let good = desk.file("good.json", &record("svc-a", 1, json!({})));
    let notes = desk.file("notes.txt", "these are my notes\n");
    let foreign = desk.path("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE mine (x); INSERT INTO mine VALUES (1);").unwrap();
    for path in [notes, foreign.to_string_lossy().into_owned()] {
        let before = std::fs::read(&path).unwrap();
        for args in [&["alerts"][..], &["load", &good]] {
            fails(&desk.run(&[args, &["--db", &path]].concat()), 1, &[&path, "--db"]);
        }
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let desk = Desk::loaded();
    let mut child = desk.command(&["events", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    assert!(line.starts_with('{'));
}

#[test]
fn an_interrupted_load_keeps_what_it_committed_and_goes_on() {
    let desk = Desk::new();
    let mut child =
        desk.command(&["load", "-", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: Vec<String> = (0..30_000).map(|n| record("svc-a", n, json!({})) + "\n").collect();
    for line in &lines[..10_000] {
        input.write_all(line.as_bytes()).unwrap();
    }
    // So much cannot lie in the pipe: it listens to signals by now.
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    for line in &lines[10_000..] {
        // It may have stopped reading.
        if input.write_all(line.as_bytes()).is_err() {
            break;
        }
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let all = desk.file("all.jsonl", &lines.concat());
    let after = desk.objects(&["load", &all]).remove(0);
    let n = |key: &str| after[key].as_u64().unwrap();
    assert_eq!((n("read"), n("stored") + n("duplicate")), (30_000, 30_000));
    let doctor = desk.objects(&["doctor"]).remove(0);
    assert_eq!((doctor["state"]["events"].as_u64(), doctor["state"]["unfolded"].as_u64()), (Some(30_000), Some(0)));
}

#[test]
fn a_temporary_store_leaves_nothing() {
    let desk = Desk::new();
    let good = desk.file("good.json", &record("svc-a", 1, json!({})));
    let tmp = desk.path("tmp");
    std::fs::create_dir(&tmp).unwrap();
    let ran = run(desk.command(&["load", &good, "--db", ":memory:"]).env("TMPDIR", &tmp));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(std::fs::read_dir(&tmp).unwrap().count(), 0);
}
