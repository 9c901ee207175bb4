//! Chunks for tests, made from short descriptions of events. Test-only; it must not know how they are stored.

use super::{Reader, Store};
use crate::model::chunk::{Chunk, NONE, PrincipalTerm, RawBlock, Row, Term, TermKind};
use crate::model::observation::flag;
use crate::model::time::{DAY, HOUR};
use crate::model::{ActionClass, EventId, Kind, KindEvidence, Network, Outcome, Position, Reject, Source, Sym, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// 2026-11-16, a Monday.
pub const MONDAY: i64 = 20_773 * DAY;

/// One event, described; everything else follows from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub who: &'static str,
    pub at: i64,
    pub id: u64,
    pub canonical: u64,
    pub action: &'static str,
    pub ip: &'static str,
    pub agent: &'static str,
    pub domain: &'static str,
    pub credential: &'static str,
    pub job: &'static str,
    pub rows: Option<u64>,
    pub outcome: Outcome,
    pub flags: u16,
    pub offset: u64,
}

impl Sample {
    pub fn new(who: &'static str, at: i64, id: u64) -> Self {
        Self {
            who,
            at,
            id,
            canonical: id.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            action: "GetObject",
            ip: "192.0.2.7",
            agent: "boto3/1.2",
            domain: "bucket-a",
            credential: "AKIA1",
            job: "",
            rows: None,
            outcome: Outcome::Success,
            flags: 0,
            offset: (id & 0xffff) * 100,
        }
    }

    pub fn flagged(mut self) -> Self {
        self.flags |= flag::CLOCK;
        self
    }
}

/// The raw record of a sample.
pub fn raw_of(sample: &Sample) -> String {
    format!("{{\"id\":{},\"who\":\"{}\",\"canonical\":{}}}", sample.id, sample.who, sample.canonical)
}

/// A chunk of one feed with these events, in this order, raw records in blocks of at most `block`.
pub fn chunk(feed: &str, samples: &[Sample], block: usize) -> Chunk {
    let mut chunk = Chunk { feed: feed.to_owned(), read: samples.len() as u64, ingested: Timestamp(MONDAY + 30 * DAY), ..Chunk::default() };
    let mut terms = BTreeMap::new();
    let mut principals = BTreeMap::new();
    for (at, sample) in samples.iter().enumerate() {
        let mut term = |kind: TermKind, text: &str, detail: &'static str| {
            if text.is_empty() {
                return NONE;
            }
            // An action's symbol leaves a version at the end out.
            let unversioned = text.trim_end_matches(|c: char| c.is_ascii_digit());
            let sym = if kind == TermKind::Action { Sym::of(&format!("{detail}:{unversioned}")) } else { Sym::of(text) };
            if let Some(at) = terms.get(&(kind, sym)) {
                let known: &mut Term = &mut chunk.terms[*at as usize];
                // Of what shares a symbol a chunk keeps the least, as the store does.
                known.text = known.text.clone().min(text.into());
                known.detail = known.detail.clone().min(detail.into());
                return *at;
            }
            let source = (kind == TermKind::Ip).then(|| {
                Arc::new(Source {
                    text: text.to_owned(),
                    ip: Sym::of(text),
                    block: Sym::of("192.0.2.0/24"),
                    block_text: "192.0.2.0/24".to_owned(),
                    asn: 64_496,
                    org: "Example".to_owned(),
                    country: "US".to_owned(),
                    network: Network::Hosting,
                    label: String::new(),
                })
            });
            chunk.terms.push(Term { kind, sym, text: text.into(), detail: detail.into(), source });
            let at = chunk.terms.len() as u32 - 1;
            terms.insert((kind, sym), at);
            at
        };
        let (action, ip, agent) =
            (term(TermKind::Action, sample.action, "s3"), term(TermKind::Ip, sample.ip, ""), term(TermKind::Agent, sample.agent, ""));
        let (domain, credential) = (
            term(TermKind::Domain, sample.domain, ""),
            term(TermKind::Credential, sample.credential, if sample.canonical % 2 == 0 { "static_key" } else { "pat" }),
        );
        let (job, format) = (term(TermKind::Job, sample.job, ""), term(TermKind::Format, "aws_cloudtrail", ""));
        let principal = *principals.entry(sample.who).or_insert_with(|| {
            chunk.principals.push(PrincipalTerm {
                sym: Sym::of_parts(&["aws", sample.who]),
                platform: "aws",
                id: sample.who.into(),
                name: "".into(),
                tenant: "1".into(),
                evidence: KindEvidence::STATIC_KEY,
                also: Vec::new(),
            });
            chunk.principals.len() as u32 - 1
        });
        chunk.rows.push(Row {
            time: Timestamp(sample.at),
            id: EventId(sample.id),
            canonical: sample.canonical,
            principal,
            format,
            credential,
            session: NONE,
            session_issued: None,
            ip,
            agent,
            auth: NONE,
            action,
            class: ActionClass::Read,
            probe: None,
            resource: NONE,
            domain,
            target: NONE,
            tenant: NONE,
            account: NONE,
            region: NONE,
            on_behalf: NONE,
            shape: NONE,
            job,
            job_step: None,
            outcome: sample.outcome,
            error: NONE,
            rows: sample.rows,
            bytes: None,
            scopes: NONE,
            tool: NONE,
            tags: NONE,
            flags: sample.flags,
            raw_block: (at / block) as u32,
            raw_index: (at % block) as u8,
        });
    }
    for piece in samples.chunks(block) {
        let (mut text, mut starts) = (String::new(), vec![0]);
        for sample in piece {
            text.push_str(&raw_of(sample));
            starts.push(text.len() as u32);
        }
        let bytes = zstd::bulk::compress(text.as_bytes(), 1).unwrap();
        chunk.raw.push(RawBlock { starts, offsets: piece.iter().map(|s| s.offset).collect(), bytes });
    }
    chunk
}

/// A chunk with a position at `offset` and one reject.
pub fn with_position(mut chunk: Chunk, offset: u64) -> Chunk {
    chunk.position = Some(Position {
        feed: chunk.feed.clone(),
        offset,
        records: chunk.read + 1,
        format: "aws_cloudtrail".into(),
        ..Position::default()
    });
    chunk.rejects.push(Reject {
        feed: chunk.feed.clone(),
        offset,
        reason: "not JSON".into(),
        sample: b"x".to_vec(),
        whole: true,
        hash: 1,
        ..Reject::default()
    });
    chunk.read += 1;
    chunk
}

/// A temporary store with these events.
pub fn store_of(samples: &[Sample]) -> Store {
    let store = Store::temporary().unwrap();
    store.writer().unwrap().commit(vec![chunk("a.json", samples, 256)]).unwrap();
    store
}

/// Twenty events of two principals on three days.
pub fn twenty() -> Vec<Sample> {
    (0..20)
        .map(|n| Sample { rows: Some(n), ..Sample::new(if n % 3 == 0 { "role/a" } else { "role/b" }, MONDAY + n as i64 * 4 * HOUR, n) })
        .collect()
}

/// A resolver for tests: everything is a service account.
pub fn reader(store: &Store) -> Reader {
    store
        .reader()
        .unwrap()
        .with_kind_resolver(|_, _, name, _| (Kind::ServiceAccount, crate::model::Class::Machine, format!("said of {name}")))
}
