//! What people decide, end to end: the life of an alert, races, undo, the audit chain; and what logs may never do: drive a
//! terminal, leave a secret behind.

use crate::driver::{Desk, record, sample};
use serde_json::json;

#[test]
fn the_life_of_an_alert() {
    let desk = Desk::loaded();
    let alert = desk.objects(&["alerts", "--filter", "detector:bulk-job severity:critical"]).remove(0);
    let id = alert["id"].as_str().unwrap();
    let now = || desk.objects(&["show", id]).remove(0);

    let ran = desk.run(&["triage", &id[..5], "--status", "acknowledged"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(ran.out.contains(id) && ran.out.contains("new → acknowledged") && ran.out.contains("anna"), "{ran:?}");
    let ran = desk.run_as("ben", &["triage", id, "--status", "in_progress"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("anna was first"), "a lost race names the winner: {ran:?}");
    assert_eq!(desk.run(&["triage", id, "--status", "closed"]).code, 2, "closing needs a verdict");
    assert_eq!(desk.run(&["triage", id, "--status", "closed", "--verdict", "false_positive"]).code, 2, "and that one a note");
    let ran = desk.run(&["triage", id, "--status", "closed", "--verdict", "true_positive", "--reason", "other", "--note", "token revoked"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let closed = now();
    assert_eq!((closed["status"].as_str(), closed["verdict"].as_str()), (Some("closed"), Some("true_positive")));
    assert_eq!(desk.objects(&["alerts", "--filter", "status:closed"]).len(), 1);
    assert_eq!(desk.run(&["alerts", "--fail-on", "critical"]).code, 0, "closed ones do not count");

    let undone = desk.objects(&["triage", id, "--undo"]).remove(0);
    assert_eq!((undone["who"].as_str(), undone["after"]["status"].as_str()), (Some("anna"), Some("acknowledged")));
    assert_eq!((now()["status"].as_str(), now()["verdict"].is_null()), (Some("acknowledged"), true));
    assert_eq!(now()["history"].as_array().unwrap().len(), 3);
    // A second load changes nothing that people decided.
    assert_eq!(desk.run(&["load", &sample()]).code, 0);
    assert_eq!(now()["assigned"], "anna");

    let state = desk.objects(&["doctor"]).remove(0)["state"].clone();
    assert_eq!((state["audit_rows"].as_u64(), &state["audit_head"]), (Some(3), &undone["hash"]));
    // The chain is append-only for us; who owns the file can take that away, and is found out.
    let conn = rusqlite::Connection::open(desk.db()).unwrap();
    let forged = "UPDATE audit SET who = 'ben' WHERE seq = 1";
    assert!(conn.execute(forged, []).is_err());
    let mut statement = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'").unwrap();
    let triggers: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    for name in triggers {
        conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    conn.execute(forged, []).unwrap();
    let ran = desk.run(&["doctor"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("row 1"), "{ran:?}");
}

#[test]
fn several_alerts_at_once_and_none_when_one_is_not_there() {
    let desk = Desk::loaded();
    let ids: Vec<String> = desk.objects(&["findings", "--limit", "2"]).iter().map(|a| a["id"].as_str().unwrap().to_owned()).collect();
    let ran = desk.run(&["triage", &ids[0], "0123456789abcdef", "--status", "acknowledged"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    assert!(desk.objects(&["findings", "--filter", "status:acknowledged"]).is_empty());
    let until = "2026-12-01T00:00:00Z";
    assert_eq!(desk.objects(&["triage", &ids[0], &ids[1], "--assign", "ben", "--until", until]).len(), 2);
    let held = desk.objects(&["findings", "--filter", "assigned:ben"]);
    assert_eq!(held.len(), 2);
    assert!(held.iter().all(|a| a["snoozed_until"] == until));
}

/// A record whose every text tries to drive a terminal.
fn hostile(number: u32) -> String {
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\r\n\u{202e}txt\u{9b}31m\u{7f}";
    record(
        &format!("svc-{evil}"),
        number,
        json!({"eventName": format!("Get{evil}"), "userAgent": evil, "sourceIPAddress": evil, "awsRegion": evil,
               "requestParameters": {"bucketName": evil}, "errorCode": evil, "eventID": format!("{number}{evil}")}),
    )
}

#[test]
fn nothing_a_log_says_reaches_the_terminal_as_it_stands() {
    let desk = Desk::new();
    let mut lines: Vec<String> = (0..50).map(|n| hostile(n * 60)).collect();
    lines.push("{\"broken\": \"\u{1b}[2J\u{202e}\u{9b}".to_owned());
    let path = desk.file("evil\u{1b}[2J\u{202e}.jsonl", &lines.join("\n"));
    let loaded = desk.run(&["load", &path]);
    assert_eq!(loaded.code, 0, "{loaded:?}");
    let who = desk.objects(&["identities"]).remove(0)["id"].as_str().unwrap().to_owned();
    let mut runs = vec![loaded];
    for args in [
        &["alerts"][..],
        &["findings"],
        &["identities"],
        &["identities", "--full"],
        &["events", "--raw"],
        &["rejects"],
        &["show", &who],
        &["show", "\u{1b}[2J"],
        &["review", &who],
        &["doctor"],
        &["alerts", "--filter", "\u{1b}[2J:x"],
    ] {
        runs.push(desk.run(args));
        runs.push(desk.run(&[args, &["--color", "always"]].concat()));
    }
    for args in [&["identities"][..], &["events", "--raw"], &["rejects"], &["doctor"]] {
        runs.push(desk.run(&[args, &["--json"]].concat()));
    }
    for ran in &runs {
        for text in [&ran.out, &ran.err] {
            assert!(!text.contains("\u{1b}[2J") && !text.contains("\u{1b}]"), "{text:?}");
            let odd = |c: char| c.is_control() && c != '\n' && c != '\u{1b}';
            assert!(!text.chars().any(odd), "{text:?}");
        }
    }
    // Text is for eyes: there the order of letters may not be turned round either.
    let text = desk.run(&["identities"]).out + &desk.run(&["events"]).out + &desk.run(&["rejects"]).out;
    assert!(!text.contains(['\u{202e}', '\u{1b}']) && text.contains("svc-"), "{text:?}");
    for line in text.lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "{line}");
    }
}

#[test]
fn a_planted_secret_is_nowhere() {
    let desk = Desk::new();
    let canary = "wJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMPLEKEY0";
    let secret = |n: u32, more| record("svc-a", n, more);
    let lines = [
        secret(1, json!({"responseElements": {"accessKey": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "secretAccessKey": canary}}})),
        secret(2, json!({"requestParameters": {"password": canary, "userName": "x"}})),
        secret(3, json!({"requestParameters": {"url": format!("https://h/?client_secret={canary}&grant_type=x")}})),
        secret(4, json!({"errorMessage": format!("failed: password={canary}")})),
        format!("{{\"eventName\": \"CreateAccessKey\", \"secretAccessKey\": \"{canary}\""),
        format!("{{\"eventName\": \"CreateAccessKey\", \"password\": \"{canary}\"}}"),
    ];
    let path = desk.file("logs/a.jsonl", &(lines.join("\n") + "\n"));
    let loaded = desk.run(&["load", &path]);
    assert_eq!(loaded.code, 0, "{loaded:?}");
    let raw = desk.objects(&["events", "--raw"]);
    assert_eq!(raw.len(), 4);
    assert!(raw.iter().all(|event| event["raw"].as_str().unwrap().contains("redacted")), "{raw:?}");
    let mut all = loaded.out + &loaded.err;
    for args in [&["events", "--raw", "--json"][..], &["rejects", "--json"], &["rejects"], &["events"], &["show", "svc-a"]] {
        let ran = desk.run(args);
        all += &(ran.out + &ran.err);
    }
    assert!(all.contains("redacted") && !all.contains(canary), "{all}");
    for entry in std::fs::read_dir(desk.db().parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(canary.len()).any(|window| window == canary.as_bytes()), "{}", path.display());
    }
}

/// Protects the reader of a page from a name that only looks like a vendor's.
#[test]
fn a_name_in_other_letters_is_told_where_one_identity_is_shown() {
    let desk = Desk::new();
    let lines: Vec<String> =
        (0..20).flat_map(|n| [record("rnicrosoft-sync", 2 * n, json!({})), record("microsoft-sync", 2 * n + 1, json!({}))]).collect();
    let path = desk.file("logs/a.jsonl", &(lines.join("\n") + "\n"));
    let loaded = desk.run(&["load", &path]);
    assert_eq!(loaded.code, 0, "{loaded:?}");
    for command in ["show", "review"] {
        let (other, own) = (desk.run(&[command, "rnicrosoft-sync"]).out, desk.run(&[command, "microsoft-sync"]).out);
        assert!(other.contains("name looks like \"microsoft\": another word in other letters"), "{other}");
        assert!(own.contains("microsoft-sync") && !own.contains("looks like"), "{own}");
    }
    assert!(!desk.run(&["identities", "--json"]).out.contains("looks like"));
}
