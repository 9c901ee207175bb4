//! Senders and the real program: what is posted is stored, counted and judged; who may post; pipes; and trying again what
//! was rejected.
#![expect(clippy::unwrap_used, reason = "a test that cannot run the program must stop")]

#[path = "cli/driver.rs"]
#[expect(dead_code, reason = "what other tests of the program need")]
mod driver;
#[path = "cli/receiver.rs"]
mod receiver;

use driftline::world::{Company, HISTORY, Selection};
use driver::{Desk, record};
use flate2::{Compression, write::GzEncoder};
use receiver::{Receiver, post};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn counts(answer: &str) -> [u64; 4] {
    let value: Value = serde_json::from_str(answer).unwrap();
    ["read", "stored", "duplicate", "rejected"].map(|name| value[name].as_u64().unwrap())
}

#[test]
fn what_is_posted_is_stored_and_counted() {
    let desk = Desk::new();
    let to = Receiver::start(&desk, &[]);
    let lines: String = (0..20).map(|n| record("svc", n, json!({})) + "\n").collect();
    let list = format!("[{},{}]", record("svc", 19, json!({})), record("svc", 20, json!({})));
    let document = format!("{{\"Records\":[{},{}]}}", record("svc", 21, json!({})), record("svc", 22, json!({})));
    for (path, headers, body, expected) in [
        ("/trail", "", lines.as_bytes().to_vec(), [20, 20, 0, 0]),
        ("/trail", "", format!("{lines}garbage\n").into_bytes(), [21, 0, 20, 1]),
        ("/list", "", list.into_bytes(), [2, 1, 1, 0]),
        ("/", "X-Driftline-Feed: prod\r\nContent-Encoding: gzip\r\n", gzip(&document), [2, 2, 0, 0]),
        ("/", "", Vec::new(), [0, 0, 0, 0]),
    ] {
        let (status, answer) = post(to.address, path, headers, &body).unwrap();
        assert_eq!((status, counts(&answer)), (200, expected), "{answer}");
    }
    assert_eq!(post(to.address, "/", "Origin: http://evil.example\r\n", b"{}").unwrap().0, 403);
    let (status, answer) = post(to.address, "/", "", &gzip(&document)[..40]).unwrap();
    assert!(status == 400 && answer.contains("cannot be read"), "{answer}");
    to.stop();
    let state = desk.objects(&["doctor"]).remove(0)["state"].take();
    assert_eq!((&state["events"], &state["rejects"], &state["unfolded"]), (&json!(23), &json!(1), &json!(0)));
    let feeds: Vec<_> = state["feeds"].as_array().unwrap().iter().map(|f| (f["feed"].as_str().unwrap(), f["records"].as_u64())).collect();
    assert_eq!(feeds, [("http:/list", Some(2)), ("http:/trail", Some(41)), ("http:prod", Some(2))]);
    let rejects = desk.objects(&["rejects"]);
    assert_eq!((&rejects[0]["feed"], &rejects[0]["sample"]), (&json!("http:/trail"), &json!("garbage")));
}

#[test]
fn keys_come_from_files_or_the_environment_and_guard_every_other_address() {
    let desk = Desk::new();
    let none = desk.run(&["watch", "--listen", "0.0.0.0:0"]);
    assert!(none.code == 2 && none.err.contains("--token-file"), "{none:?}");
    let short = desk.file("short", "secret\n");
    let ran = desk.run(&["watch", "--listen", "127.0.0.1:0", "--token-file", &short]);
    assert!(ran.code == 2 && ran.err.contains("fewer than 16") && !ran.err.contains("secret"), "{ran:?}");
    let token = desk.file("token", "a-token-of-16-bytes\n");
    let to = Receiver::start(&desk, &["--token-file", &token]);
    let line = record("svc", 1, json!({}));
    assert_eq!(post(to.address, "/", "", line.as_bytes()).unwrap().0, 401);
    let right = "Authorization: Bearer a-token-of-16-bytes\r\n";
    assert_eq!(post(to.address, "/", right, line.as_bytes()).unwrap().0, 200);
    to.end();
    let to =
        Receiver::start_with(desk.command(&["watch", "--listen", "127.0.0.1:0"]).env("DRIFTLINE_LISTEN_TOKEN", "another-token-of-22-b"));
    assert_eq!(post(to.address, "/", right, line.as_bytes()).unwrap().0, 401);
    let other = "Authorization: Bearer another-token-of-22-b\r\n";
    assert_eq!(counts(&post(to.address, "/", other, line.as_bytes()).unwrap().1), [1, 0, 1, 0]);
}

/// Protects the way of an alert: from a request to a line on standard output, the same as from files.
#[test]
fn posted_records_raise_the_alerts_that_files_do() {
    let company = Company::new(3, Company::first_day()).with_only(&["crm-warehouse-sync"]);
    let logs = tempfile::tempdir().unwrap();
    company.write_days(logs.path(), Selection { first: 36, last: HISTORY, level: 1 }).unwrap();
    let files = Desk::new();
    assert_eq!(files.run(&["load", &logs.path().to_string_lossy()]).code, 0);
    let expected = files.run(&["alerts", "--json"]).out;
    assert!(expected.contains("\"S05\""), "the theft is there");

    let desk = Desk::new();
    let to = Receiver::start(&desk, &[]);
    let mut stored = 0;
    for file in driftline::feed::discover(&[logs.path().to_owned()]).unwrap() {
        let body = std::fs::read(&file.path).unwrap();
        let (status, answer) = post(to.address, "/", "", &body).unwrap();
        let [read, new, duplicate, rejected] = counts(&answer);
        assert_eq!((status, rejected, read), (200, 0, new + duplicate), "{}: {answer}", file.name);
        stored += new;
    }
    to.stop();
    assert_eq!(desk.objects(&["doctor"])[0]["state"]["events"], json!(stored));
    let ids = |text: &str| -> Vec<Value> {
        let alerts = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        alerts.map(|alert| json!([alert["id"], alert["risk"], alert["sentence"]])).collect()
    };
    assert_eq!(ids(&desk.run(&["alerts", "--json"]).out), ids(&expected));
}

#[test]
fn a_pipe_is_watched_to_its_end_and_loaded() {
    let desk = Desk::new();
    let lines: String = (0..50).map(|n| record("svc", n, json!({})) + "\n").collect();
    for (args, stored) in [(&["watch", "-"][..], 50), (&["load", "-"], 51)] {
        let mut child = desk.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(lines.as_bytes()).unwrap();
        if stored > 50 {
            pipe.write_all((record("svc", 99, json!({})) + "\nno record\n").as_bytes()).unwrap();
        }
        drop(pipe);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let state = desk.objects(&["doctor"]).remove(0)["state"].take();
        assert_eq!((&state["events"], &state["unfolded"]), (&json!(stored), &json!(0)), "{args:?}");
    }
    assert_eq!(desk.objects(&["rejects"])[0]["feed"], "-");
}

/// A reject that some format can read after all, tried again: stored, judged, and no longer a reject.
#[test]
fn rejects_are_tried_again() {
    let desk = Desk::new();
    let good = desk.file("logs/a.json", &(record("svc", 1, json!({})) + "\n"));
    // Read as another format than it is, everything is rejected.
    let ran = desk.run(&["load", &good, "--format", "salesforce_elf"]);
    assert!(ran.out.contains("1 rejected"), "{ran:?}");
    assert_eq!(desk.objects(&["rejects"]).len(), 1);
    let wrong = desk.objects(&["rejects", "--retry", "--format", "salesforce_elf"]);
    assert_eq!((&wrong[0]["read"], &wrong[0]["rejected"]), (&json!(1), &json!(1)));
    let ran = desk.run(&["rejects", "--retry", "--filter", "feed:nothing*"]);
    assert!(ran.out.starts_with("0 records read again"), "{ran:?}");
    let ran = desk.run(&["rejects", "--retry"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "1 records read again: 1 new, 0 known already, 0 still rejected\n"), "{ran:?}");
    assert!(desk.objects(&["rejects"]).is_empty());
    let state = desk.objects(&["doctor"]).remove(0)["state"].take();
    assert_eq!((&state["events"], &state["rejects"], &state["unfolded"]), (&json!(1), &json!(0), &json!(0)));
}
