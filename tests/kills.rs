//! Killed at any moment, started again: what the real program has stored and judged in the end is what it would have been
//! without. SIGKILL leaves the program no last word, so nothing here depends on a handler.
#![expect(clippy::unwrap_used, reason = "a test that cannot run the program must stop")]

#[path = "cli/driver.rs"]
#[expect(dead_code, reason = "what other tests of the program need")]
mod driver;
#[path = "cli/receiver.rs"]
mod receiver;

use driftline::world::{Company, HISTORY, Selection};
use driver::{Desk, record};
use receiver::{Receiver, post};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Around the theft: the victim, and two whose days are full.
const NAMES: [&str; 3] = ["crm-warehouse-sync", "svc-monitoring", "data-platform"];

fn company() -> Company {
    Company::new(3, Company::first_day()).with_only(&NAMES)
}

/// Moments that look random and are the same in every run.
struct Moments(u64);

impl Moments {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }

    fn sleep(&mut self, most: Duration) {
        std::thread::sleep(Duration::from_micros(self.below(most.as_micros() as u64)));
    }
}

/// Days of the company, and what a load that nobody disturbs makes of them.
struct Undisturbed {
    logs: tempfile::TempDir,
    told: Told,
    /// What the load took.
    took: Duration,
}

/// What a store tells in the end.
#[derive(PartialEq, Eq)]
struct Told {
    alerts: String,
    findings: String,
    events: u64,
}

impl Told {
    fn by(desk: &Desk) -> Self {
        let doctor = desk.objects(&["doctor"]).remove(0);
        assert_eq!(doctor["state"]["unfolded"], 0, "everything is judged");
        let ran = |list| {
            let ran = desk.run(&[list, "--json"]);
            assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{list}");
            ran.out
        };
        Self { alerts: ran("alerts"), findings: ran("findings"), events: doctor["state"]["events"].as_u64().unwrap() }
    }

    fn assert_like(&self, other: &Self, how: &str) {
        assert_eq!(self.events, other.events, "{how}: events");
        for (a, b) in [(&self.alerts, &other.alerts), (&self.findings, &other.findings)] {
            for (a, b) in a.lines().zip(b.lines()) {
                assert_eq!(a, b, "{how}");
            }
            assert_eq!(a, b, "{how}");
        }
    }
}

static UNDISTURBED: LazyLock<Undisturbed> = LazyLock::new(|| {
    let logs = tempfile::tempdir().unwrap();
    company().write_days(logs.path(), Selection { first: 36, last: HISTORY, level: 1 }).unwrap();
    let desk = Desk::new();
    let began = Instant::now();
    let ran = desk.run(&["load", &logs.path().to_string_lossy()]);
    let took = began.elapsed();
    assert_eq!(ran.code, 0, "{ran:?}");
    let told = Told::by(&desk);
    assert!(told.alerts.contains("\"S05\"") && told.events > 3_000, "the theft is there, in {} events", told.events);
    Undisturbed { logs, told, took }
});

fn logs() -> String {
    UNDISTURBED.logs.path().to_string_lossy().into_owned()
}

fn kill(mut child: Child) -> bool {
    let running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    running
}

fn load(desk: &Desk) -> Child {
    desk.command(&["load", &logs()]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Ends a load for good, at once after a kill: the lease of the dead must not stand in its way.
fn finish(desk: &Desk, how: &str) {
    let ran = desk.run(&["load", &logs()]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{how}");
    Told::by(desk).assert_like(&UNDISTURBED.told, how);
}

#[test]
fn twenty_kills_of_a_load_change_nothing() {
    let took = UNDISTURBED.took;
    let mut moments = Moments(0x5eed_0001);
    let (mut kills, mut stores) = (0, 0);
    while kills < 20 {
        let desk = Desk::new();
        stores += 1;
        assert!(stores < 60, "{kills} kills only: the loads end too soon");
        // Some stores are killed once, others again and again.
        for _ in 0..=moments.below(7) {
            let child = load(&desk);
            moments.sleep(took);
            if !kill(child) {
                break;
            }
            kills += 1;
        }
        finish(&desk, &format!("store {stores}, {kills} kills"));
    }
}

/// Everything stored, nothing judged yet: the next load goes on with judging.
#[test]
fn a_kill_between_storing_and_judging_loses_no_alert() {
    let mut caught = 0;
    for try_again in 0..8 {
        let desk = Desk::new();
        let mut child = desk.command(&["load", &logs(), "-v"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let stored = said.into_iter().any(|line| line.contains(" read ") || line.contains("read="));
        assert!(stored, "it says when all is stored");
        assert!(kill(child), "it was judging");
        let doctor = desk.run(&["doctor", "--json"]);
        let state: Value = serde_json::from_str(&doctor.out).unwrap();
        assert_eq!(state["state"]["events"].as_u64(), Some(UNDISTURBED.told.events), "everything is stored");
        if state["state"]["unfolded"].as_u64() > Some(0) {
            caught += 1;
            finish(&desk, &format!("try {try_again}"));
        }
        if caught == 2 {
            return;
        }
    }
    panic!("never caught between the two");
}

/// One line of a live file, its file's header before it where that is its first.
fn stream(path: &mut BTreeMap<String, Vec<u8>>) {
    for line in company().incident() {
        let bytes =
            path.entry(line.file.clone()).or_insert_with(|| line.header.iter().flat_map(|h| [h.as_bytes(), b"\n"].concat()).collect());
        bytes.extend_from_slice(line.text.as_bytes());
        bytes.push(b'\n');
    }
}

/// A burst into every file, cut anywhere, in the middle of a line too.
fn append(dir: &Path, files: &BTreeMap<String, Vec<u8>>, from: u64, to: u64, of: u64) {
    for (name, bytes) in files {
        let at = |part: u64| (bytes.len() as u64 * part / of) as usize;
        let mut file = OpenOptions::new().create(true).append(true).open(dir.join(name)).unwrap();
        file.write_all(&bytes[at(from)..at(to)]).unwrap();
    }
}

/// Alerts without the names they once had: those were given only where they were sent.
fn nameless(alerts: &str) -> BTreeMap<String, Value> {
    let alerts = alerts.lines().map(|line| {
        let mut alert: Value = serde_json::from_str(line).unwrap();
        alert["aliases"] = Value::Null;
        (alert["id"].as_str().unwrap().to_owned(), alert)
    });
    alerts.collect()
}

#[test]
fn kills_of_a_watch_lose_and_double_nothing_and_every_alert_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let history = dir.path().join("history");
    company().write_days(&history, Selection { first: 36, last: HISTORY - 1, level: 1 }).unwrap();
    let live = dir.path().join("live");
    std::fs::create_dir(&live).unwrap();
    let mut files = BTreeMap::new();
    stream(&mut files);
    assert!(files.len() > 3, "{:?}", files.keys());

    let desk = Desk::new();
    assert_eq!(desk.run(&["load", &history.to_string_lossy()]).code, 0);
    let follow = live.to_string_lossy().into_owned();
    let mut moments = Moments(0x5eed_0002);
    let (mut run, mut kills) = (0, 0);
    let mut watch = |args: &[&str]| {
        run += 1;
        let to = File::create(dir.path().join(format!("sent-{run:02}"))).unwrap();
        desk.command(&[&["watch", &follow], args].concat()).stdout(to).stderr(Stdio::null()).spawn().unwrap()
    };
    let bursts = 12;
    for burst in 0..bursts {
        let child = watch(&[]);
        moments.sleep(Duration::from_millis(700));
        append(dir.path(), &files, burst * 2, burst * 2 + 1, bursts * 2);
        moments.sleep(Duration::from_millis(500));
        append(dir.path(), &files, burst * 2 + 1, burst * 2 + 2, bursts * 2);
        moments.sleep(Duration::from_millis(400));
        kills += u32::from(kill(child));
    }
    assert_eq!(u64::from(kills), bursts, "each was running when it was killed");
    assert!(watch(&["--once"]).wait().unwrap().success());

    let other = Desk::new();
    let ran = other.run(&["load", &history.to_string_lossy(), &follow]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let (followed, loaded) = (Told::by(&desk), Told::by(&other));
    assert_eq!(followed.events, loaded.events, "nothing is lost or doubled");
    let (standing, expected) = (nameless(&followed.alerts), nameless(&loaded.alerts));
    assert_eq!(standing.keys().collect::<BTreeSet<_>>(), expected.keys().collect::<BTreeSet<_>>());
    for (id, alert) in &standing {
        assert_eq!(*alert, expected[id]);
    }
    // What was sent last of an alert is what stands; a line that was being written when the kill came is no line.
    let mut sent: BTreeMap<String, Value> = BTreeMap::new();
    for number in 1..=run {
        let text = std::fs::read_to_string(dir.path().join(format!("sent-{number:02}"))).unwrap();
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            sent.extend(nameless(line));
        }
    }
    for (id, alert) in &standing {
        let Some(last) = sent.get(id) else { panic!("never sent: {alert}") };
        assert_eq!((&last["risk"], &last["sentence"]), (&alert["risk"], &alert["sentence"]), "{id}");
    }
}

/// Where a kill falls between an alert and its line: what was never sent is sent by the next watch, once; what says
/// something else since, again.
#[test]
fn what_was_not_sent_is_sent_by_the_next_watch_and_only_once() {
    let dir = tempfile::tempdir().unwrap();
    let days = |name: &str, first, last| {
        let logs = dir.path().join(name);
        company().write_days(&logs, Selection { first, last, level: 1 }).unwrap();
        logs.to_string_lossy().into_owned()
    };
    let (early, late) = (days("early", 36, HISTORY - 4), days("late", HISTORY - 3, HISTORY));
    let desk = Desk::new();
    let quiet = dir.path().join("quiet");
    std::fs::create_dir(&quiet).unwrap();
    let sent = |desk: &Desk| {
        let ran = desk.run(&["watch", "--once", &quiet.to_string_lossy()]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        nameless(&ran.out)
    };
    assert_eq!(desk.run(&["load", &early]).code, 0);
    let standing = nameless(&desk.run(&["alerts", "--json"]).out);
    assert!(!standing.is_empty(), "the theft has begun");
    assert_eq!(sent(&desk), standing);
    assert!(sent(&desk).is_empty());
    assert_eq!(desk.run(&["load", &late]).code, 0);
    let after = nameless(&desk.run(&["alerts", "--json"]).out);
    let news: BTreeMap<_, _> = after.into_iter().filter(|(id, alert)| standing.get(id) != Some(alert)).collect();
    assert!(!news.is_empty(), "the export is there");
    assert_eq!(sent(&desk), news);
    assert!(sent(&desk).is_empty());
}

/// Somebody else holds the store, so that a request is received and cannot be committed; then comes the kill. The sender
/// hears nothing, sends again, and the records are there once.
#[test]
fn a_kill_between_receipt_and_commit_makes_the_sender_send_again() {
    let desk = Desk::new();
    let body: String = (0..200).map(|n| record("svc", n, json!({})) + "\n").collect();
    let to = Receiver::start(&desk, &[]);
    assert_eq!(post(to.address, "/", "", record("svc", 0, json!({})).as_bytes()).unwrap().0, 200);
    let other = rusqlite::Connection::open(desk.db()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let address = to.address;
    let sender = std::thread::spawn({
        let body = body.clone();
        move || post(address, "/", "", body.as_bytes())
    });
    // It has five seconds' patience with the store; the body is received in a moment.
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(!sender.is_finished(), "nothing is answered before the commit");
    to.end();
    let answer = sender.join().unwrap();
    assert!(!matches!(answer, Ok((1.., _))), "no answer after a kill: {answer:?}");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(events(&desk), 1, "nothing of it is stored");
    let to = Receiver::start(&desk, &[]);
    let (status, answer) = post(to.address, "/", "", body.as_bytes()).unwrap();
    assert_eq!((status, answer.as_str()), (200, "{\"read\":200,\"stored\":199,\"duplicate\":1,\"rejected\":0}\n"));
    to.stop();
    assert_eq!(events(&desk), 200);
}

/// Events in a store, judged or not.
fn events(desk: &Desk) -> u64 {
    let report: Value = serde_json::from_str(&desk.run(&["doctor", "--json"]).out).unwrap();
    report["state"]["events"].as_u64().unwrap()
}

/// A sender that sends each batch until it hears that it is stored, and a receiver killed at any moment: everything that was
/// acknowledged is there, and there once.
#[test]
fn kills_of_a_receiver_lose_and_double_nothing_that_was_acknowledged() {
    let desk = Desk::new();
    let mut moments = Moments(0x5eed_0003);
    let mut to = Receiver::start(&desk, &[]);
    let (batches, of) = (40, 25);
    let mut kills = 0;
    for batch in 0..batches {
        // A bad line in each: it too is there once.
        let lines = (batch * of..(batch + 1) * of).map(|n| record("svc", n, json!({})) + "\n");
        let body = lines.chain([format!("bad {batch}\n")]).collect::<String>();
        loop {
            let address = to.address;
            let sender = std::thread::spawn({
                let body = body.clone();
                move || post(address, "/", "", body.as_bytes())
            });
            if batch % 3 == 0 && kills < batch / 3 + 1 {
                // A fast machine is done within milliseconds: every other kill comes at once.
                moments.sleep(Duration::from_millis(if kills % 2 == 0 { 2 } else { 60 }));
                to.end();
                kills += 1;
                to = Receiver::start(&desk, &[]);
            }
            match sender.join().unwrap() {
                Ok((200, _)) => break,
                Ok((0 | 429 | 503, _)) | Err(_) => {}
                Ok(other) => panic!("{other:?}"),
            }
        }
    }
    to.end();
    assert!(kills >= 13, "{kills} kills");
    assert!(desk.run(&["load", &desk.file("nothing.json", &record("svc", 0, json!({})))]).code == 0, "what was not judged is");
    let state = desk.objects(&["doctor"]).remove(0)["state"].take();
    assert_eq!((&state["events"], &state["rejects"], &state["unfolded"]), (&json!(batches * of), &json!(batches), &json!(0)));
    let listed = desk.objects(&["events", "--limit", "100000"]);
    let distinct: BTreeSet<String> = listed.iter().map(|event| event["event_id"].to_string()).collect();
    assert_eq!((listed.len(), distinct.len()), ((batches * of) as usize, (batches * of) as usize));
}
