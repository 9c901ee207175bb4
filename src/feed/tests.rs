//! Containers, torn files and read sizes: what every framing test shares is a feed read with a chosen number of bytes at
//! a time.

use super::block::{Block, RECORD_BYTES};
use super::discover::{FileFeed, discover};
use super::framer::{Framer, Step};
use super::reader::{Reader, unchanged};
use crate::model::Position;
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::io::Write;
use std::path::PathBuf;

mod documents;

/// Frames bytes that arrive `size` at a time.
fn blocks(bytes: &[u8], size: usize) -> Vec<Block> {
    let mut framer = Framer::new();
    let mut out = Vec::new();
    let mut pieces = bytes.chunks(size.max(1));
    let mut ended = false;
    loop {
        if framer.scan() == Step::Full {
            out.extend(framer.take("f"));
        } else if ended {
            framer.finish(None);
            out.push(framer.cut("f"));
            return out;
        } else if let Some(piece) = pieces.next() {
            framer.bytes().extend_from_slice(piece);
        } else {
            framer.end();
            ended = true;
        }
    }
}

fn records(blocks: &[Block]) -> Vec<(u64, String)> {
    let all = blocks.iter().flat_map(|b| b.frames.iter().map(|f| (f.offset, String::from_utf8_lossy(b.bytes_of(f)).into_owned())));
    all.collect()
}

fn rejects(blocks: &[Block]) -> Vec<(u64, String)> {
    blocks.iter().flat_map(|b| b.rejects.iter().map(|r| (r.offset, r.reason.clone()))).collect()
}

/// Texts of the records and number of rejects, the same whatever the read size.
fn read(text: impl AsRef<[u8]>) -> (Vec<String>, usize) {
    let whole = blocks(text.as_ref(), usize::MAX);
    for size in [1, 2, 7, 64] {
        let pieces = blocks(text.as_ref(), size);
        assert_eq!(records(&whole), records(&pieces), "read size {size}");
        assert_eq!(rejects(&whole), rejects(&pieces), "read size {size}");
    }
    (records(&whole).into_iter().map(|(_, text)| text).collect(), rejects(&whole).len())
}

#[test]
fn every_container_gives_its_records() {
    let a = r#"{"a":1}"#;
    let b = r#"{"b":{"c":["}{",{}]}}"#;
    for (name, text) in [
        ("lines", format!("{a}\n{b}\n")),
        ("lines, no last end", format!("{a}\n{b}")),
        ("lines, CRLF and blanks", format!("\r\n {a}\r\n\r\n{b} \r\n")),
        ("byte order mark", format!("\u{feff}{a}\n{b}\n")),
        ("one after the other", format!("{a}{b}")),
        ("two on a later line", format!("{a}\n{b}")),
        ("bare list", format!("[{a},{b}]")),
        ("bare list, printed", format!("[\n  {a},\n  {b}\n]\n")),
        ("Records", format!("{{\"Records\":[{a},{b}]}}")),
        ("Records, printed", format!("{{\n  \"Records\" : [\n {a},\n {b} ]\n}}\n")),
        ("Records after an object", format!("{{\"meta\":{{}},\"Records\":[{a},{b}]}}")),
        ("value after scalars", format!("{{\"@odata.context\":\"x\",\"n\":1,\"value\":[{a},{b}],\"next\":null}}")),
        ("two documents", format!("{{\"records\":[{a}]}}\n{{\"records\":[{b}]}}\n")),
        ("two lists", format!("{{\"records\":[{a}],\"events\":[{b}]}}")),
        ("two bare lists", format!("[{a}]\n[{b}]")),
        ("pages in a list", format!("[[{a}],[],[{b}]]")),
        ("Findings", format!("{{\"Findings\":[{a},{b}]}}")),
    ] {
        assert_eq!(read(&text), (vec![a.to_owned(), b.to_owned()], 0), "{name}");
    }
}

#[test]
fn an_object_with_a_list_of_its_own_is_one_record() {
    for text in [
        r#"{"kind":"x","id":{"time":"t"},"events":[{"name":"a"},{"name":"b"}]}"#,
        r#"{"eventTime":"t","records":[{"a":1}]}"#,
        r#"{"data":["a","b"]}"#,
        r#"{"data":{"records":[{"a":1}]}}"#,
        r#"{"x":"Records","y":[{"a":1}]}"#,
    ] {
        assert_eq!(read(text), (vec![text.to_owned()], 0));
    }
}

#[test]
fn printed_objects_one_after_the_other() {
    let (records, bad) = read("{\n \"a\": 1,\n \"b\": {\n \"c\": 2 }\n}\n{\n \"a\": 2\n}\n");
    assert_eq!((records.len(), bad), (2, 0));
}

#[test]
fn empty_inputs_give_nothing() {
    for text in ["", " \n\n", "\u{feff}", "[]", "{\"Records\":[]}", "{\"Records\": [ ] , \"x\":1}"] {
        assert_eq!(read(text), (vec![], 0), "{text:?}");
    }
}

#[test]
fn junk_is_rejected_and_reading_goes_on() {
    for (text, good, bad) in [
        ("hello world\n", 0, 1),
        ("hello world\nand more\n{\"a\":1}\n", 1, 1),
        ("{\"a\":1}\ngarbage\n{\"a\":2}\n", 2, 1),
        ("{\"a\":1}\n{\"a\":\n{\"a\":2}\n", 2, 1),
        ("{\"a\":1}\n{\"a\":\"x\n{\"a\":2}\n", 2, 1),
        ("[1,2,\"a,]b\",{\"a\":1},null]", 1, 2),
        ("[[{\"a\":1}],{\"a\":2}]", 2, 0),
        ("[1,[2],{\"a\":2}]", 1, 2),
        ("{\"Records\":[{\"a\":[1,2},{\"a\":2}]}", 2, 0),
        ("{\"Records\":[{\"a\":{\"b\":1],\"x\":1}\n{\"a\":2}\n", 1, 1),
        ("{\"Records\":[\n{\"a\":\"x\n},\n{\"a\":2}\n]}", 1, 1),
        ("{\"a\": 1} trailing\n{\"a\":2}\n", 2, 1),
        ("\0\0\0\0", 0, 1),
    ] {
        let (records, rejects) = read(text);
        assert_eq!((records.len(), rejects), (good, bad), "{text:?} {records:?}");
    }
}

#[test]
fn a_record_may_be_too_deep() {
    let deep = |n: usize| format!("{}{}", "{\"a\":".repeat(n - 1) + "{", "}".repeat(n));
    assert_eq!(read(format!("[{},{{\"b\":1}}]", deep(128))).0.len(), 2);
    let (records, bad) = read(format!("[{},{{\"b\":1}}]", deep(129)));
    assert_eq!((records, bad), (vec!["{\"b\":1}".to_owned()], 1));
    let (records, bad) = read(format!("[{}{},{{\"b\":1}}]", "{\"a\":".to_owned() + &"[".repeat(500), "]".repeat(500) + "}"));
    assert_eq!((records.len(), bad), (1, 1));
}

#[test]
fn a_record_may_be_too_large_in_every_container() {
    let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(RECORD_BYTES));
    for text in [
        format!("{{\"a\":1}}\n{huge}\n{{\"a\":2}}\n"),
        format!("{{\"Records\":[{{\"a\":1}},{huge},{{\"a\":2}}]}}"),
        format!("[{{\"a\":1}},{huge},{{\"a\":2}}]"),
        format!("{{\"a\":1}}{huge}{{\"a\":2}}"),
        format!("a,b\n1,2\n{},2\n3,4\n", "x".repeat(RECORD_BYTES)),
    ] {
        let whole = blocks(text.as_bytes(), usize::MAX);
        assert_eq!((records(&whole).len(), rejects(&whole).len()), (2, 1), "{}", &text[..20]);
        assert!(rejects(&whole)[0].1.contains("1 MiB"));
        for size in [1_000, 65_536, 1 << 20] {
            let pieces = blocks(text.as_bytes(), size);
            assert_eq!(records(&whole), records(&pieces));
            assert_eq!(rejects(&whole), rejects(&pieces));
            assert_eq!(whole.last().unwrap().position, pieces.last().unwrap().position);
        }
    }
    let envelope = format!("{{\"x\":\"{}\",\"Records\":[{{\"a\":1}}]}}", "x".repeat(2 * RECORD_BYTES));
    assert_eq!((records(&blocks(envelope.as_bytes(), 5_000)).len(), rejects(&blocks(envelope.as_bytes(), 5_000)).len()), (1, 0));
}

#[test]
fn rows_become_objects_of_their_filled_columns() {
    let text = "\u{feff}EVENT_TYPE,NAME,NOTE\r\nLogin,\"a \"\"b\"\"\",\r\nEVENT_TYPE,NAME,NOTE\r\nApi,,\"two\r\nlines\"\r\n\r\nx,y\r\n";
    let (records, bad) = read(text);
    assert_eq!(records, [r#"{"EVENT_TYPE":"Login","NAME":"a \"b\""}"#, r#"{"EVENT_TYPE":"Api","NOTE":"two\r\nlines"}"#]);
    assert_eq!(bad, 1);
    assert_eq!(read("a;b\n1;2\n").0, [r#"{"a":"1","b":"2"}"#]);
    assert_eq!(read("a\tb\n1\t2").0, [r#"{"a":"1","b":"2"}"#]);
    assert_eq!(read("type,x\n1,2\ntype,y\n3,4\n").0, [r#"{"type":"1","x":"2"}"#, r#"{"type":"3","y":"4"}"#]);
}

#[test]
fn bad_bytes_cost_their_own_record() {
    let block = &blocks(b"{\"a\":\"\xff\"}\n{\"a\":\"\0\"}\n{\"a\":1}\n", 9)[0];
    let texts: Vec<_> = block.frames.iter().map(|f| block.record(f).map(str::to_owned)).collect();
    assert!(texts[0].as_ref().unwrap_err().contains("UTF-8"));
    assert!(texts[1].as_ref().unwrap_err().contains("NUL"));
    assert_eq!(texts[2].as_deref(), Ok("{\"a\":1}"));
}

/// Protects every kill, cut and half upload: whole records are kept, the rest is one reject.
#[test]
fn a_file_cut_at_any_byte_keeps_its_complete_records_and_gives_one_reject() {
    let record = |i: usize| format!("{{\"id\":\"{i}\",\"x\":{{\"y\":[1,\"\\\"}}]{{\"]}}}}");
    let all: Vec<String> = (0..4).map(record).collect();
    let joined = all.join(",");
    for (text, tail) in [(format!("{{\"v\":1,\"Records\":[{joined}]}}"), 1), (format!("[{joined}]"), 1), (all.join("\n") + "\n", 0)] {
        for cut in 1..text.len() {
            let (records, bad) = read(&text.as_bytes()[..cut]);
            let whole = all.iter().filter(|r| text.find(*r).unwrap() + r.len() <= cut).count();
            assert_eq!(records, all[..whole], "cut at {cut}");
            // Lines cut between two records are a whole file.
            let torn = if tail == 1 { true } else { !matches!(text.as_bytes()[cut - 1], b'\n') && !text[..cut].ends_with("]}}") };
            assert_eq!(bad, usize::from(torn), "cut at {cut}: {}", &text[..cut]);
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn feed(path: &std::path::Path) -> FileFeed {
    discover(&[path.to_owned()]).unwrap().remove(0)
}

fn read_file(path: &std::path::Path, position: Option<&Position>) -> Vec<Block> {
    let mut reader = Reader::open(&feed(path), position).unwrap();
    std::iter::from_fn(|| reader.next_block().unwrap()).collect()
}

#[test]
fn gzip_with_several_members_and_cut_at_any_byte() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.json.gz");
    let text = "{\"Records\":[{\"a\":1},{\"a\":2},{\"a\":3}]}";
    let (left, right) = text.split_at(17);
    let bytes = [gzip(left.as_bytes()), gzip(right.as_bytes())].concat();
    std::fs::write(&path, &bytes).unwrap();
    let blocks = read_file(&path, None);
    assert_eq!((records(&blocks).len(), rejects(&blocks).len()), (3, 0));
    for cut in 2..bytes.len() {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let blocks = read_file(&path, None);
        assert_eq!(rejects(&blocks).len(), 1, "cut at {cut}: {:?}", rejects(&blocks));
        for (record, want) in records(&blocks).iter().zip(["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"]) {
            assert_eq!(record.1, want);
        }
    }
}

#[test]
fn an_exploding_archive_is_one_reject_in_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bomb.gz");
    std::fs::write(&path, gzip(&vec![0; 100_000_000])).unwrap();
    let mut reader = Reader::open(&feed(&path), None).unwrap();
    let mut found = Vec::new();
    while let Some(block) = reader.next_block().unwrap() {
        assert!(block.bytes.len() < 2 << 20);
        found.push(block);
    }
    assert_eq!((records(&found).len(), rejects(&found).len()), (0, 1));
}

/// Protects resuming: from the position after any block, and after growth, the rest of the records comes, once.
#[test]
fn reading_goes_on_where_a_position_says() {
    let dir = tempfile::tempdir().unwrap();
    let rows = (0..30_000).map(|i| format!("{i},\"a\nb\",{}\n", "x".repeat(300))).collect::<Vec<_>>().concat();
    let objects: Vec<String> = (0..30_000).map(|i| format!("{{\"id\":\"{i}\",\"x\":\"{}\"}}", "y".repeat(300))).collect();
    for (name, bytes) in [
        ("lines", objects.join("\n").into_bytes()),
        ("records", format!("{{\"Records\":[{}],\"n\":1}}", objects.join(",")).into_bytes()),
        ("records.gz", gzip(format!("{{\"Records\":[{}]}}", objects.join(",")).as_bytes())),
        ("list", format!("[{}]", objects.join(",\n")).into_bytes()),
        ("rows.csv", format!("n,t,x\n{rows}").into_bytes()),
    ] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let whole = read_file(&path, None);
        let all = records(&whole);
        assert_eq!((all.len(), rejects(&whole).len()), (30_000, 0), "{name}");
        assert!(whole.len() > 2 && whole.last().unwrap().position.complete);
        let mut seen = 0;
        for block in &whole {
            seen += block.frames.len();
            assert_eq!(records(&read_file(&path, Some(&block.position))), all[seen..], "{name}");
        }
        let end = &whole.last().unwrap().position;
        assert!(unchanged(&feed(&path), end));
        let other = Position { tail: "0".repeat(64), ..whole[0].position.clone() };
        assert_eq!(records(&read_file(&path, Some(&other))).len(), 30_000, "another file is read from its beginning");
    }
}

#[test]
fn a_torn_last_line_is_read_again_when_the_file_has_grown() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.log");
    std::fs::write(&path, "{\"a\":1}\n{\"a\":").unwrap();
    let first = read_file(&path, None);
    assert_eq!((records(&first).len(), rejects(&first).len()), (1, 1));
    std::fs::write(&path, "{\"a\":1}\n{\"a\":2}\n").unwrap();
    let second = read_file(&path, Some(&first.last().unwrap().position));
    assert_eq!((records(&second), rejects(&second).len()), (vec![(8, "{\"a\":2}".to_owned())], 0));
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0..100u32, "[a-z{}\\[\\]]{0,40}").prop_map(|(n, t)| format!("{{\"n\":{n},\"t\":\"{t}\"}}")),
        1 => Just("\n".to_owned()),
        1 => Just(",".to_owned()),
        1 => Just("[".to_owned()),
        1 => Just("]".to_owned()),
        1 => Just("{\"Records\":[".to_owned()),
        1 => Just("\"".to_owned()),
        1 => Just("}".to_owned()),
        1 => "[ -~\n]{0,20}",
    ]
}

proptest! {
    /// Protects determinism: frames, rejects and the position depend on the bytes alone.
    #[test]
    fn any_read_sizes_give_the_same(pieces in proptest::collection::vec(piece(), 0..40), sizes in proptest::collection::vec(1usize..50, 1..20)) {
        let text = pieces.concat();
        let whole = blocks(text.as_bytes(), usize::MAX);
        for size in sizes {
            let parts = blocks(text.as_bytes(), size);
            prop_assert_eq!(records(&whole), records(&parts));
            prop_assert_eq!(rejects(&whole), rejects(&parts));
            prop_assert_eq!(&whole.last().unwrap().position, &parts.last().unwrap().position);
        }
    }
}

/// A real trail, exactly as it is synchronised: 2,000 small files.
#[test]
fn a_real_trail_has_all_its_records() {
    let root = std::env::var_os("DRIFTLINE_CORPUS").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let trail = root.join("aws_cloudtrail/Yamato-Security_suzaku-sample-data/SANS-504-S3-ransomware-lab");
    if !trail.is_dir() {
        println!("skipped: no corpus at {}", root.display());
        return;
    }
    let mut found = (0, 0);
    for feed in discover(&[trail]).unwrap() {
        let mut reader = Reader::open(&feed, None).unwrap();
        while let Some(block) = reader.next_block().unwrap() {
            found.0 += block.frames.len();
            found.1 += block.rejects.len();
        }
    }
    assert_eq!(found, (15_434, 0));
}
