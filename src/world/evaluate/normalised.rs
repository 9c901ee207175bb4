//! A world as normalised events, one JSON object a line: what other detectors are compared on, so that all of them see
//! the same. It must not know those detectors.

use super::observe::{Lexicon, Observer};
use crate::engine::parser::Parser;
use crate::model::observation::Names;
use crate::model::{Sym, Timestamp};
use crate::world::w1::archive::Told;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// One event.
#[derive(Serialize)]
struct Row<'a> {
    identity: &'a str,
    kind: &'static str,
    ts: Timestamp,
    ip: &'a str,
    asn: u32,
    net_class: &'static str,
    ua_family: &'a str,
    auth: String,
    action: String,
    class: &'static str,
    object: String,
    domain: String,
    region: String,
    rows: Option<u64>,
    bytes: Option<u64>,
    outcome: &'static str,
    failed: bool,
    probe: Option<&'static str>,
    label: Option<&'static str>,
}

/// Writes the records of a day as events, identity by identity, each in the order of time.
pub fn write(told: &[Told<'_>], observer: &mut Observer<'_>, out: &mut dyn Write) -> io::Result<u64> {
    let mut by_identity: BTreeMap<u32, Vec<&Told<'_>>> = BTreeMap::new();
    for one in told {
        by_identity.entry(one.member.number).or_default().push(one);
    }
    let mut count = 0;
    for mine in by_identity.values() {
        let Some(member) = mine.first().map(|one| one.member) else { continue };
        let mut names = Lexicon::default();
        let read = observer.read(mine.iter().map(|one| one.line.text.as_str()), &mut names)?;
        let text = |sym: Sym| names.text(sym).map_or_else(String::new, |text| text.to_string());
        for (o, line) in read.observations.iter().zip(&read.lines) {
            let service = names.detail(o.action);
            let row = Row {
                identity: &member.id,
                kind: member.kind.as_str(),
                ts: o.time,
                ip: o.source.as_ref().map_or("", |s| &s.text),
                asn: o.source.as_ref().map_or(0, |s| s.asn),
                net_class: o.source.as_ref().map_or("unknown", |s| s.network.as_str()),
                ua_family: o.agent.as_ref().map_or("", |a| &a.family),
                auth: text(o.auth_method),
                action: format!("{service}:{}", text(o.action)),
                class: o.class.as_str(),
                object: text(o.resource),
                domain: text(o.domain),
                region: text(o.region),
                rows: o.rows,
                bytes: o.bytes,
                outcome: o.outcome.as_str(),
                failed: o.failed(),
                probe: o.probe.map(crate::model::Probe::as_str),
                label: mine.get(*line).and_then(|one| one.scenario),
            };
            serde_json::to_writer(&mut *out, &row)?;
            out.write_all(b"\n")?;
            count += 1;
        }
    }
    Ok(count)
}

/// A reader of a world's records.
pub fn parser() -> Parser {
    Parser::new([0; 32], None)
}
