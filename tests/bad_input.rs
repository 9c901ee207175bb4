//! Bad input: whatever a file holds, it costs one clear line naming the file and what is the matter, what is good in it and
//! beside it is stored, and what was refused is listed. Nothing is lost silently and nothing ends the program.
#![expect(clippy::unwrap_used, reason = "a test that cannot run the program must stop")]

#[path = "cli/driver.rs"]
#[expect(dead_code, reason = "what other tests of the program need")]
mod driver;

use driver::{Desk, Ran, record, run};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// Records of the good file beside.
const GOOD: u64 = 10;

/// A bad file and what becomes of it.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    /// Records of it that are stored.
    stored: u64,
    /// Records of it that are refused.
    rejected: u64,
    /// What its one line says; empty where there is nothing to say.
    said: &'static str,
    /// What the newest reject says.
    reason: &'static str,
}

fn plain(number: u32) -> String {
    record("svc-a", number, json!({}))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut to = GzEncoder::new(Vec::new(), Compression::fast());
    to.write_all(bytes).unwrap();
    to.finish().unwrap()
}

/// A good record, this line, another good record.
fn between(line: &[u8]) -> Vec<u8> {
    [plain(1).as_bytes(), b"\n", line, b"\n", plain(3).as_bytes(), b"\n"].concat()
}

fn replaced(from: &str, to: &[u8]) -> Vec<u8> {
    let text = plain(2);
    let at = text.find(from).unwrap();
    [&text.as_bytes()[..at], to, &text.as_bytes()[at + from.len()..]].concat()
}

const HEADER: &str =
    r#""EVENT_TYPE","TIMESTAMP","REQUEST_ID","ORGANIZATION_ID","USER_ID","API_RESOURCE","CLIENT_IP","USER_NAME","TIMESTAMP_DERIVED""#;

fn row(n: u32) -> String {
    format!(
        r#""ApiTotalUsage","202611190{n}0000.000","r{n}","00D5e000001HLDN","0055e000004WHsK","/v62.0/limits","198.51.100.7","x@y.example","2026-11-19T0{n}:00:00.000Z""#
    )
}

fn cases() -> Vec<Case> {
    let document = format!("{{\"Records\":[{}]}}", (100..600).map(plain).collect::<Vec<_>>().join(","));
    let document = document.as_bytes();
    let packed = gzip(document);
    let half = &document[..document.len() / 2];
    let in_half = String::from_utf8_lossy(half).matches("recipientAccountId").count() as u64;
    let digest = json!({"awsAccountId": "111122223333", "digestStartTime": "2026-11-19T00:00:00Z", "digestEndTime": "2026-11-19T01:00:00Z",
        "digestS3Bucket": "b", "digestS3Object": "o", "newestEventTime": "2026-11-19T00:59:00Z", "logFiles": []});
    let case = |name, bytes: Vec<u8>, stored, rejected, said, reason| Case { name, bytes, stored, rejected, said, reason };
    let one = "1 of 3 records rejected; `driftline rejects` tells why";
    let foreign = "not a log driftline knows";
    vec![
        case("prose.txt", b"Dear diary,\ntoday I did\nnothing.\n".to_vec(), 0, 2, foreign, "the row has 1 columns"),
        case("picture.json", (0..=255).cycle().take(9_000).collect(), 0, 1, foreign, "not a JSON object"),
        case("table.csv", b"a,b,c\n1,2,3\n".to_vec(), 0, 1, foreign, foreign),
        case("packed-twice.json.gz", gzip(&packed), 0, 1, foreign, "not a JSON object"),
        case("cut.json.gz", packed[..packed.len() - 9].to_vec(), 500, 1, "records rejected", "the gzip stream is cut or damaged"),
        case("torn.json", half.to_vec(), in_half - 1, 1, "records rejected", "cut off at the end of the file"),
        case(
            "torn.jsonl",
            [plain(1).as_bytes(), b"\n", &plain(2).as_bytes()[..200]].concat(),
            1,
            1,
            "1 of 2",
            "cut off at the end of the file",
        ),
        case("large.jsonl", between(&replaced("Boto3", &vec![b'x'; 1 << 20])), 2, 1, one, "larger than 1 MiB"),
        case("nul.jsonl", between(&replaced("orders", b"or\0ders")), 2, 1, one, "NUL at byte"),
        case("latin.jsonl", between(&replaced("orders", b"or\xe9\xffders")), 2, 1, one, "not UTF-8"),
        case("lone.jsonl", between(&replaced("orders", b"or\\ud800ders")), 2, 1, one, "not valid JSON"),
        case("timeless.jsonl", between(record("svc-a", 2, json!({"eventTime": "yesterday"})).as_bytes()), 2, 1, one, "yesterday"),
        case(
            "quote.csv",
            [HEADER, "\n", &row(1), "\n", &row(2)[..60]].concat().into_bytes(),
            1,
            1,
            "1 of 2",
            "cut off at the end of the file",
        ),
        case(
            "columns.csv",
            [HEADER, "\n", &row(1), "\n\"a\",\"b\"\n", &row(3), "\n"].concat().into_bytes(),
            2,
            1,
            one,
            "2 columns where the header names 9",
        ),
        case("digest.json", digest.to_string().into_bytes(), 0, 1, "1 of 1 records rejected", "a CloudTrail digest"),
        case("empty.json", Vec::new(), 0, 0, "no records in it", ""),
        case("blank.json", b"\n \n\t\n".to_vec(), 0, 0, "no records in it", ""),
        // Strange, and nothing is wrong with it.
        case("deep.jsonl", between(&replaced("\"responseElements\":null", deep(5_000).as_bytes())), 3, 0, "", ""),
        case("infinite.jsonl", between(&replaced("\"responseElements\":null", b"\"responseElements\":{\"n\":1e999}")), 3, 0, "", ""),
        case("twice.jsonl", between(&replaced("\"responseElements\":null", b"\"eventName\":\"PutObject\"")), 3, 0, "", ""),
        case("bom.jsonl", ["\u{feff}", &plain(1), "\n", &plain(2), "\n"].concat().into_bytes(), 2, 0, "", ""),
        case("bom.csv", ["\u{feff}", HEADER, "\n", &row(1), "\n"].concat().into_bytes(), 1, 0, "", ""),
        case("dos.jsonl", [&plain(1), "\r\n", &plain(2)].concat().into_bytes(), 2, 0, "", ""),
    ]
}

fn deep(levels: usize) -> String {
    format!("\"responseElements\":{}{}", "[".repeat(levels), "]".repeat(levels))
}

fn good(desk: &Desk) -> String {
    desk.file("good/good.jsonl", &(5_000..5_000 + GOOD as u32).map(|n| plain(n) + "\n").collect::<String>())
}

fn number(of: &Value, key: &str) -> u64 {
    of[key].as_u64().unwrap()
}

/// The one line: who speaks, what, where.
fn says(ran: &Ran, said: &[&str]) {
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
    assert!(ran.err.starts_with("driftline: "), "{ran:?}");
    for said in said {
        assert!(ran.err.contains(said), "{said}: {ran:?}");
    }
}

#[test]
fn each_bad_file_costs_one_line_and_nothing_beside_it() {
    for case in cases() {
        let desk = Desk::new();
        let good = good(&desk);
        let path = desk.path(case.name);
        std::fs::write(&path, &case.bytes).unwrap();
        let path = path.to_string_lossy().into_owned();
        let ran = desk.run(&["load", &path, &good, "--json"]);
        assert_eq!(ran.code, 0, "{}: {ran:?}", case.name);
        if case.said.is_empty() {
            assert_eq!(ran.err, "", "{}", case.name);
        } else {
            says(&ran, &[&path, case.said]);
        }
        let summary: Value = serde_json::from_str(&ran.out).unwrap();
        let counts = ["stored", "duplicate", "rejected"].map(|key| number(&summary, key));
        assert_eq!(counts, [GOOD + case.stored, 0, case.rejected], "{}: {summary}", case.name);
        assert_eq!(number(&summary, "read"), counts.iter().sum::<u64>(), "{}", case.name);
        let rejects = desk.objects(&["rejects"]);
        assert_eq!(rejects.len() as u64, case.rejected, "{}", case.name);
        for reject in &rejects {
            assert_eq!(reject["feed"].as_str(), Some(path.as_str()));
            assert!(reject["sample"].as_str().unwrap().len() <= 3 * 4_096, "{}", case.name);
        }
        if let Some(newest) = rejects.first() {
            assert!(newest["reason"].as_str().unwrap().contains(case.reason), "{}: {newest}", case.name);
        }
        assert_eq!(desk.objects(&["events"]).len() as u64, GOOD + case.stored, "{}", case.name);
        // With --strict rejects are an exit code, and only they.
        let strict = Desk::new();
        let ran = strict.run(&["load", &path, &good, "--strict"]);
        assert_eq!(ran.code, if case.rejected > 0 { 4 } else { 0 }, "{}: {ran:?}", case.name);
    }
}

/// All of them in one folder, loaded and followed: the same events, the same rejects.
#[test]
fn all_bad_files_together_are_loaded_and_followed_alike() {
    let desk = Desk::new();
    let folder = desk.path("logs");
    std::fs::create_dir(&folder).unwrap();
    let (mut stored, mut lines) = (0, 0);
    for case in cases() {
        // Records of one time and id are one event: what is counted here is what is loaded alone.
        std::fs::write(folder.join(case.name), &case.bytes).unwrap();
        stored += case.stored;
        lines += usize::from(!case.said.is_empty());
    }
    let ran = desk.run(&["load", &folder.to_string_lossy(), "--json"]);
    let summary: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, ran.err.lines().count()), (0, lines), "{ran:?}");
    assert_eq!(number(&summary, "stored") + number(&summary, "duplicate"), stored);
    let events = desk.objects(&["events"]).len();

    let other = Desk::new();
    let ran = other.run(&["watch", "--once", &folder.to_string_lossy()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(other.objects(&["events"]).len(), events);
    let places = |desk: &Desk| {
        let mut places: Vec<(String, u64)> =
            desk.objects(&["rejects"]).iter().map(|r| (r["feed"].as_str().unwrap().to_owned(), number(r, "offset"))).collect();
        places.sort();
        places
    };
    let (loaded, followed) = (places(&desk), places(&other));
    for place in &loaded {
        // A last line without an end may still grow while it is followed, and so may a file that is no log yet.
        let open = ["torn.jsonl", "quote", "picture", "table"].iter().any(|name| place.0.contains(name));
        assert!(open || followed.contains(place), "{place:?} of {followed:?}");
    }
}

#[test]
fn places_that_are_not_there_hide_nothing() {
    let desk = Desk::new();
    let good = good(&desk);
    std::fs::create_dir(desk.path("void")).unwrap();
    let void = desk.path("void").to_string_lossy().into_owned();
    says(&desk.run(&["load", &void]), &["no files there to load"]);
    for (path, said) in [("gone.json", "no such file or folder; check the path"), ("*.gone", "the pattern matches no file; check it")] {
        let desk = Desk::new();
        let ran = desk.run(&["load", path, &good, &void, "--json"]);
        says(&ran, &[path, said]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.out.contains(&format!("\"stored\":{GOOD},")), "{ran:?}");
    }
}

#[test]
fn a_store_that_cannot_be_is_refused_in_one_line() {
    let desk = Desk::new();
    let good = good(&desk);
    std::fs::create_dir(desk.path("folder")).unwrap();
    let at = |name: &str| desk.path(name).to_string_lossy().into_owned();
    desk.file("file", "x");
    let mut newer = vec![0u8; 100];
    newer[..16].copy_from_slice(b"SQLite format 3\0");
    newer[60..64].copy_from_slice(&999u32.to_be_bytes());
    newer[68..72].copy_from_slice(b"DRFT");
    std::fs::write(desk.path("newer.db"), newer).unwrap();
    desk.file("torn.db", "SQLite format 3");
    for (db, said) in [
        (at("folder"), "not a database"),
        (at("file/x.db"), "file"),
        (at("newer.db"), "written by a newer driftline"),
        (at("torn.db"), "not a database"),
    ] {
        for args in [&["load", &good][..], &["watch", "--once", &good], &["load", &good, "--json"]] {
            let ran = desk.run(&[args, &["--db", &db]].concat());
            assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{db}: {ran:?}");
            says(&ran, &[said, "--db"]);
        }
    }
    // A folder that is missing is made, private; looking makes none.
    let db = at("new/folder/x.db");
    let ran = desk.run(&["alerts", "--db", &db]);
    assert_eq!(ran.code, 1);
    says(&ran, &[&db, "holds nothing yet"]);
    assert!(!desk.path("new").exists());
    assert_eq!(desk.run(&["load", &good, "--db", &db]).code, 0);
    assert_eq!(std::fs::metadata(desk.path("new/folder")).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(std::fs::metadata(&db).unwrap().permissions().mode() & 0o777, 0o600);
}

/// What may not be read is said, and the rest is loaded. Nobody keeps root from reading, so root becomes nobody here.
#[test]
fn what_may_not_be_read_is_said() {
    const NOBODY: u32 = 65_534;
    let desk = Desk::new();
    let good = good(&desk);
    for name in ["logs/closed/a.jsonl", "logs/open/b.jsonl", "logs/secret.jsonl"] {
        desk.file(name, &(plain(name.len() as u32) + "\n"));
    }
    let close = |name: &str| std::fs::set_permissions(desk.path(name), PermissionsExt::from_mode(0o000)).unwrap();
    close("logs/closed");
    close("logs/secret.jsonl");
    let root = std::fs::read_dir(desk.path("logs/closed")).is_ok();
    let store = desk.path("store");
    std::fs::create_dir(&store).unwrap();
    let as_nobody = |args: &[&str]| {
        let mut command = desk.command(args);
        if root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    };
    if root {
        let open = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        open(desk.path(".").as_path(), 0o755);
        open(&store, 0o777);
        if as_nobody(&["--version"]).stdout(Stdio::null()).spawn().is_err() {
            println!("skipped: nobody may not run the program here, and nothing is closed to root");
            return;
        }
    }
    let logs = desk.path("logs").to_string_lossy().into_owned();
    let ran = run(&mut as_nobody(&["load", &logs, &good, "--json"]));
    assert_eq!((ran.code, ran.err.lines().count()), (1, 2), "{ran:?}");
    for said in ["logs/closed: the folder cannot be listed", "logs/secret.jsonl: the file cannot be opened", "check its permissions"] {
        assert!(ran.err.contains(said), "{said}: {ran:?}");
    }
    assert!(ran.out.contains(&format!("\"stored\":{},", GOOD + 1)), "{ran:?}");
    let closed = desk.path("logs/closed").to_string_lossy().into_owned();
    let ran = run(&mut as_nobody(&["load", &closed, &good]));
    assert_eq!(ran.code, 1);
    says(&ran, &[&closed, "the folder cannot be listed", "check its permissions"]);
    let ran = run(&mut as_nobody(&["watch", "--once", &logs]));
    assert!(ran.err.contains("secret.jsonl: the file cannot be opened") && ran.err.contains("logs/closed"), "{ran:?}");
}

/// Most memory a child ever had resident, in kilobytes, looked up until it ends.
fn peak_of(args: &[&str], desk: &Desk) -> (u64, Ran) {
    let out = desk.path("out");
    let mut child = desk.command(args).stdout(File::create(&out).unwrap()).stderr(Stdio::inherit()).spawn().unwrap();
    let mut peak = 0;
    let code = loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0);
        peak = peak.max(kilobytes);
        if let Some(status) = child.try_wait().unwrap() {
            break status.code().unwrap_or(-1);
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    (peak, Ran { code, out: std::fs::read_to_string(out).unwrap(), err: String::new() })
}

/// 300 MB of records on one line, and a gzip that becomes 4 GB of one string: neither is ever held whole. Takes minutes, so
/// it runs only when asked.
#[test]
fn giants_fit_into_300_megabytes() {
    if std::env::var_os("DRIFTLINE_TEST_GIANTS").is_none() {
        println!("skipped: set DRIFTLINE_TEST_GIANTS to load a file of 300 MB and a gzip of 4 GB");
        return;
    }
    let desk = Desk::new();
    let path = desk.path("line.json");
    let mut out = BufWriter::new(File::create(&path).unwrap());
    out.write_all(b"{\"Records\":[").unwrap();
    let mut written = 0;
    let mut records = 0u32;
    while written < 300 << 20 {
        let text = record(
            &format!("svc-{}", records % 40),
            records,
            json!({"requestParameters": {"bucketName": "orders", "key": format!("k{records}")}}),
        );
        if records > 0 {
            out.write_all(b",").unwrap();
        }
        out.write_all(text.as_bytes()).unwrap();
        written += text.len() + 1;
        records += 1;
    }
    out.write_all(b"]}").unwrap();
    out.into_inner().unwrap().sync_all().unwrap();
    let (peak, ran) = peak_of(&["load", &path.to_string_lossy(), "--json"], &desk);
    let summary: Value = serde_json::from_str(&ran.out).unwrap();
    println!("one line of {} MB, {records} records: peak {} MB, {} s", written >> 20, peak >> 10, summary["seconds"]);
    assert_eq!((ran.code, number(&summary, "stored")), (0, u64::from(records)), "{summary}");
    assert!(peak < 300 << 10, "{} MB", peak >> 10);

    let path = desk.path("bomb.json.gz");
    let mut out = GzEncoder::new(BufWriter::new(File::create(&path).unwrap()), Compression::fast());
    out.write_all((plain(1) + "\n{\"Records\":[{\"eventName\":\"").as_bytes()).unwrap();
    let block = vec![b'a'; 1 << 20];
    for _ in 0..4_096 {
        out.write_all(&block).unwrap();
    }
    out.finish().unwrap().into_inner().unwrap();
    let other = Desk::new();
    let (peak, ran) = peak_of(&["load", &path.to_string_lossy(), "--json"], &other);
    let summary: Value = serde_json::from_str(&ran.out).unwrap();
    println!(
        "a gzip of {} MB that becomes 4 GB: peak {} MB, {} s",
        std::fs::metadata(&path).unwrap().len() >> 20,
        peak >> 10,
        summary["seconds"]
    );
    assert_eq!((ran.code, number(&summary, "stored")), (0, 1), "{summary}");
    assert!(peak < 300 << 10, "{} MB", peak >> 10);
}
