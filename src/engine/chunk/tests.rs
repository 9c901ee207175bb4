//! Chunks of small made-up records, read by a made-up format: ids, redaction, dictionary, rejects.

use super::*;
use crate::model::event::{ActionClass, Credential};
use crate::model::identity::{KindEvidence, Principal};
use crate::model::source::Network;
use crate::model::{Position, Sym};
use serde_json::Value;

/// Reads `{"f":"toy","t":ms,"who":…,"act":…}`; `n` asks for that many events, `bad` for a refusal. A secret is `s3cr3t`.
pub(in crate::engine) struct Toy;

impl Knowledge for Toy {
    type Format = &'static str;

    fn recognise(&self, record: &str) -> Option<&'static str> {
        ["toy", "other"].into_iter().find(|f| record.contains(&format!("\"f\":\"{f}\"")))
    }

    fn name(&self, format: &'static str) -> &'static str {
        format
    }

    fn read(&self, format: &'static str, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), String> {
        let v: Value = serde_json::from_str(record).map_err(|e| e.to_string())?;
        if v["f"] != format {
            return Err(format!("not {format}"));
        }
        let text = |name: &str| v[name].as_str().map(|t| Cow::Owned(t.to_owned()));
        for _ in 0..v["n"].as_u64().unwrap_or(1) {
            let who = Principal { platform: "toy", id: text("who").unwrap_or_default(), name: text("name"), evidence: KindEvidence(1) };
            let time = Timestamp(v["t"].as_i64().unwrap_or(1_700_000_000_000));
            let mut event = Event::new(format, time, who, text("act").unwrap_or_default(), ActionClass::Read);
            event.provider_id = text("id");
            event.source = text("ip");
            event.service = Some(Cow::Borrowed("svc"));
            event.resource = text("res");
            event.credential = text("key").map(|id| Credential { id, kind: "static_key" });
            sink(event);
        }
        if v["bad"].is_null() { Ok(()) } else { Err("bad".to_owned()) }
    }

    fn stem<'a>(&self, action: &'a str) -> &'a str {
        action.trim_end_matches(|c: char| c.is_ascii_digit())
    }

    fn redact<'a>(&self, record: &'a str) -> Cow<'a, str> {
        if record.contains("s3cr3t") { Cow::Owned(record.replace("s3cr3t", "‹redacted:key:01234567›")) } else { Cow::Borrowed(record) }
    }

    fn strip_tags<'a>(&self, text: &'a str) -> Cow<'a, str> {
        Cow::Owned(text.replace(":01234567›", "›"))
    }

    fn source(&self, text: &str) -> Source {
        let text = text.trim_end_matches(":443").to_owned();
        let (ip, block, block_text) = (Sym::of(&text), Sym::NONE, String::new());
        Source {
            ip,
            block,
            block_text,
            asn: 0,
            org: String::new(),
            country: String::new(),
            network: Network::Unknown,
            label: String::new(),
            text,
        }
    }
}

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn block(records: &[&str]) -> Block {
    let mut block =
        Block { feed: "/f".to_owned(), position: Position { feed: "/f".to_owned(), ..Position::default() }, ..Block::default() };
    for record in records {
        let start = block.bytes.len();
        block.bytes.extend_from_slice(record.as_bytes());
        block.frames.push(crate::feed::Frame { start: start as u32, end: block.bytes.len() as u32, offset: start as u64 });
    }
    block
}

fn build(records: &[&str]) -> Chunk {
    let mut builder = ChunkBuilder::new(&Toy).unwrap();
    let block = block(records);
    let format = recognise(&Toy, &block);
    builder.build(&block, format, NOW).unwrap()
}

fn raw(chunk: &Chunk, row: &Row) -> String {
    let block = &chunk.raw[row.raw_block as usize];
    let bytes = zstd::bulk::decompress(&block.bytes, *block.starts.last().unwrap() as usize).unwrap();
    let at = usize::from(row.raw_index);
    String::from_utf8(bytes[block.starts[at] as usize..block.starts[at + 1] as usize].to_vec()).unwrap()
}

#[test]
fn ids_are_the_providers_or_of_the_canonical_record() {
    let chunk = build(&[
        r#"{"f":"toy","who":"a","act":"Get","id":"1"}"#,
        r#"{"f":"toy","who":"a","act":"Get"}"#,
        r#"{ "act":"Get", "who":"a",  "f":"toy" }"#.replace(": ", ":").as_str(),
        r#"{"f":"toy","who":"a","act":"Get","id":"9","n":2}"#,
    ]);
    assert_eq!(chunk.rows[0].id, EventId::of("toy", b"1"));
    assert_eq!(chunk.rows[1].id, EventId::of("toy", br#"{"act":"Get","f":"toy","who":"a"}"#));
    assert_eq!(chunk.rows[1].id, chunk.rows[2].id);
    assert_ne!(chunk.rows[1].canonical, chunk.rows[2].canonical);
    assert_eq!(chunk.rows[3].id, EventId::of("toy", b"9"));
    assert_ne!(chunk.rows[3].id, chunk.rows[4].id, "events of one record are told apart");
    assert_eq!((chunk.read, chunk.position.unwrap().format.as_str()), (5, "toy"));
}

#[test]
fn ids_and_hashes_are_those_before_redaction_and_texts_those_after() {
    let original = r#"{"f":"toy","who":"a","act":"Get","id":"s3cr3t","res":"x/s3cr3t","key":"s3cr3t"}"#;
    let chunk = build(&[original]);
    let row = &chunk.rows[0];
    assert_eq!((row.id, row.canonical), (EventId::of("toy", b"s3cr3t"), xxh3_64(original.as_bytes())));
    assert_eq!(&*chunk.terms[row.resource as usize].text, "x/‹redacted:key›");
    assert_eq!(&*chunk.terms[row.credential as usize].text, "‹redacted:key›");
    assert_eq!(raw(&chunk, row), original.replace("s3cr3t", "‹redacted:key:01234567›"));
}

#[test]
fn texts_are_kept_once_and_disagreement_does_not_depend_on_order() {
    let records = [
        r#"{"f":"toy","who":"a","act":"List2015","ip":"1.2.3.4:443","name":"Zed"}"#,
        r#"{"f":"toy","who":"a","act":"List2014","ip":"1.2.3.4","name":"Abe"}"#,
        r#"{"f":"toy","who":"a","act":"List2014","ip":"1.2.3.4"}"#,
    ];
    let chunk = build(&records);
    let kinds: Vec<_> = chunk.terms.iter().map(|t| (t.kind, &*t.text, &*t.detail)).collect();
    assert_eq!(kinds, [(TermKind::Format, "toy", ""), (TermKind::Ip, "1.2.3.4", ""), (TermKind::Action, "List2014", "svc")]);
    assert_eq!(chunk.terms[2].sym, Sym::of("svc:List"));
    assert!(chunk.terms[1].source.is_some());
    assert_eq!((chunk.principals.len(), &*chunk.principals[0].name), (1, "Abe"));
    assert_eq!(chunk.principals[0].sym, Sym::of_parts(&["toy", "a"]));
    let turned: Vec<_> = records.into_iter().rev().collect();
    assert_eq!(build(&turned).principals, chunk.principals);
}

#[test]
fn what_cannot_be_read_is_a_reject_and_leaves_no_row() {
    let chunk = build(&[
        r#"{"f":"toy","who":"a","act":"Get"}"#,
        r#"{"f":"toy","who":"s3cr3t","act":"Get","bad":1}"#,
        r#"{"f":"toy","n":0}"#,
        r#"{"f":"other","who":"b","act":"Put"}"#,
        r#"{"f":"none"}"#,
        "{\"f\":\"toy\",\"x\":\"\0\"}",
    ]);
    let reasons: Vec<_> = chunk.rejects.iter().map(|r| r.reason.as_str()).collect();
    assert_eq!(reasons, ["bad", "no event in the record", "not toy", "NUL at byte 16 of the record"]);
    assert!(!String::from_utf8_lossy(&chunk.rejects[0].sample).contains("s3cr3t"));
    assert_eq!((chunk.rows.len(), chunk.read), (2, 6));
    assert_eq!(&*chunk.terms[chunk.rows[1].format as usize].text, "other");
    assert!(raw(&chunk, &chunk.rows[1]).contains("Put"));
}

#[test]
fn impossible_clocks_are_flagged() {
    let at = |ms: i64| build(&[&format!("{{\"f\":\"toy\",\"t\":{ms}}}")]).rows[0].flags & flag::CLOCK != 0;
    assert!(at(0) && at(EARLIEST.0 - 1) && !at(EARLIEST.0));
    assert!(!at(NOW.0 + AHEAD) && at(NOW.0 + AHEAD + 1));
}

#[test]
fn raw_records_are_kept_in_blocks_of_256() {
    let records: Vec<String> = (0..600).map(|i| format!("{{\"f\":\"toy\",\"id\":\"{i}\"}}")).collect();
    let chunk = build(&records.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(chunk.raw.iter().map(|b| b.offsets.len()).collect::<Vec<_>>(), [256, 256, 88]);
    for (row, record) in chunk.rows.iter().zip(&records) {
        assert_eq!(&raw(&chunk, row), record);
    }
}
