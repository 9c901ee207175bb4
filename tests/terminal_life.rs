//! The whole program on a real terminal: `driftline FOLDER` loads, follows and shows, and gives the terminal back. Unlike
//! `console_terminal`, everything here is the real thing: the binary, its store, its feeds.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "cli/driver.rs"]
#[expect(dead_code, reason = "what other tests of the program need")]
mod driver;
#[path = "cli/terminal.rs"]
#[expect(dead_code, reason = "what other tests of the program need")]
mod terminal;

use driver::{Desk, record};
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write as _;
use terminal::Terminal;

/// A month of a service that calls every few hours from one address with one client; `from` is its first day.
fn history(user: &str, days: u32) -> String {
    let mut text = String::new();
    for day in 0..days {
        for hour in [1, 5, 9, 13, 17, 21] {
            for minute in [2, 3, 4] {
                let more = json!({
                    "eventTime": format!("2026-10-{:02}T{hour:02}:{minute:02}:00Z", 1 + day),
                    "sourceIPAddress": "52.57.10.20", "userAgent": "Boto3/1.34.131 md/Botocore#1.34.131",
                });
                writeln!(text, "{}", record(user, day * 1440 + hour * 60 + minute, more)).unwrap();
            }
        }
    }
    text
}

/// What a thief does with its key: another client, an exit of the Tor network (AS60729), things it never did.
fn theft(user: &str) -> String {
    let mut text = String::new();
    for (n, (source, name)) in [
        ("sts", "GetCallerIdentity"),
        ("iam", "ListUsers"),
        ("iam", "CreateAccessKey"),
        ("secretsmanager", "GetSecretValue"),
        ("s3", "ListBuckets"),
    ]
    .iter()
    .cycle()
    .take(20)
    .enumerate()
    {
        let more = json!({
            "eventTime": format!("2026-10-29T03:{:02}:00Z", n), "eventSource": format!("{source}.amazonaws.com"), "eventName": name,
            "sourceIPAddress": "185.220.101.34", "userAgent": "python-requests/2.32.4",
        });
        writeln!(text, "{}", record(user, 60_000 + n as u32, more)).unwrap();
    }
    text
}

#[test]
fn what_is_appended_is_on_screen_with_its_alert() {
    let desk = Desk::new();
    let log = desk.file("trail/a.jsonl", &history("svc-warehouse", 28));
    let folder = desk.path("trail").to_string_lossy().into_owned();
    let mut terminal = Terminal::start(&mut desk.command(&[&folder]), 24, 80);
    terminal.until("504 events");
    terminal.until("svc-warehouse");
    assert!(!terminal.screen().contains("AS60729") && terminal.screen().contains("0 open"), "{}", terminal.screen());
    let mut file = std::fs::OpenOptions::new().append(true).open(log).unwrap();
    file.write_all(theft("svc-warehouse").as_bytes()).unwrap();
    terminal.until("524 events");
    terminal.until("1 open");
    terminal.until("60729 (DE)");
    // The alert is among the others, and its card tells the same.
    terminal.press(b"2");
    terminal.until("svc-warehouse");
    terminal.press(b"\r");
    terminal.until("185.220.101.34");
    terminal.press(b"q");
    terminal.until("oldest");
    terminal.press(b"\x03");
    assert_eq!(terminal.ended(), 0);
    let alerts = desk.objects(&["alerts"]);
    assert!(alerts.iter().any(|alert| alert["identity"]["name"] == "svc-warehouse"), "{alerts:?}");
}

/// A path that is not there, or a file that is no log, is told and hides nothing.
#[test]
fn a_missing_path_is_told_and_the_others_are_loaded() {
    let desk = Desk::new();
    let good = desk.file("good.jsonl", &history("svc-warehouse", 2));
    let notes = desk.file("notes.txt", "these are my notes\nand more\n");
    let mut terminal = Terminal::start(&mut desk.command(&["gone.json", &notes, &good]), 24, 80);
    terminal.until("36 events");
    terminal.press(b"m");
    terminal.until("gone.json: no such file");
    terminal.until("not a log");
    // The missing one is waited for.
    desk.file("gone.json", &history("svc-late", 1));
    terminal.press(b"\x1b");
    terminal.until("54 events");
    terminal.press(b"q");
    assert_eq!(terminal.ended(), 0);
}

/// A terminal hung up, a kill: what was stored stays, and the next start goes on.
#[test]
fn a_killed_console_leaves_a_store_that_goes_on() {
    let desk = Desk::new();
    let log = desk.file("trail/a.jsonl", &history("svc-warehouse", 28));
    let folder = desk.path("trail").to_string_lossy().into_owned();
    let terminal = Terminal::start(&mut desk.command(&[&folder]), 24, 80);
    terminal.until("504 events");
    terminal.kill();
    std::fs::OpenOptions::new().append(true).open(log).unwrap().write_all(theft("svc-warehouse").as_bytes()).unwrap();
    let mut terminal = Terminal::start(&mut desk.command(&[&folder]), 24, 80);
    terminal.until("524 events");
    terminal.press(b"q");
    assert_eq!(terminal.ended(), 0);
    let state = desk.objects(&["doctor"]).remove(0);
    assert_eq!((state["state"]["events"].as_u64(), state["state"]["unfolded"].as_u64()), (Some(524), Some(0)));
    assert!(!desk.objects(&["alerts"]).is_empty());
}

/// Without a terminal there is no console, and that is one line.
#[test]
fn without_a_terminal_the_console_says_so() {
    let desk = Desk::new();
    let good = desk.file("good.jsonl", &history("svc-warehouse", 1));
    let ran = desk.run(&[&good]);
    assert_eq!((ran.code, ran.err.lines().count()), (1, 1), "{ran:?}");
}
