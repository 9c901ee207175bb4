//! A world as normalised events, one JSON object a line: what other detectors are compared on, so that all of them see
//! the same. It must not know those detectors.

use super::Options;
use super::observe::{Lexicon, Observer};
use crate::engine::parser::Parser;
use crate::model::observation::{Names, Observation};
use crate::model::{Sym, Timestamp};
use crate::world::w1::archive::Told;
use crate::world::w1::{Line, Member, World};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

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

impl<'a> Row<'a> {
    /// One observation, with the texts behind its symbols.
    fn of(member: &'a Member, o: &'a Observation, names: &Lexicon, label: Option<&'static str>) -> Self {
        let text = |sym: Sym| names.text(sym).map_or_else(String::new, |text| text.to_string());
        Self {
            identity: &member.id,
            kind: member.kind.as_str(),
            ts: o.time,
            ip: o.source.as_ref().map_or("", |s| &s.text),
            asn: o.source.as_ref().map_or(0, |s| s.asn),
            net_class: o.source.as_ref().map_or("unknown", |s| s.network.as_str()),
            ua_family: o.agent.as_ref().map_or("", |a| &a.family),
            auth: text(o.auth_method),
            action: format!("{}:{}", names.detail(o.action), text(o.action)),
            class: o.class.as_str(),
            object: text(o.resource),
            domain: text(o.domain),
            region: text(o.region),
            rows: o.rows,
            bytes: o.bytes,
            outcome: o.outcome.as_str(),
            failed: o.failed(),
            probe: o.probe.map(crate::model::Probe::as_str),
            label,
        }
    }
}

/// What stands before the events of an injection.
#[derive(Serialize)]
struct Head {
    /// Place among the seed's injections: the same as in the seed's result.
    injection: usize,
    scenario: &'static str,
    number: u32,
    kind: &'static str,
    start: i32,
    /// First and last day whose events follow, instead of those of the clean pass.
    first: i32,
    last: i32,
    /// Nothing was known of the identity before the first day.
    newborn: bool,
}

/// An event of an evaluation.
#[derive(Serialize)]
struct Placed<'a> {
    number: u32,
    day: i32,
    #[serde(flatten)]
    row: Row<'a>,
}

/// Writes what an evaluation of a seed judges: `seed-N.clean.jsonl.gz`, every event of the clean pass, identity by identity,
/// and `seed-N.injected.jsonl.gz`, for each injection a line that tells it and then the identity's events of the days it
/// touches and of the day after. The injections are those of [`super::seed`]. Gives the number of events.
pub fn export(seed: u64, options: &Options, dir: &Path) -> io::Result<u64> {
    let world = World { seed, per_kind: options.per_kind, days: options.days };
    let parser = parser();
    let mut observer = Observer::new(&parser)?;
    let members = world.members();
    let mut count = 0;
    let mut clean = packed(&dir.join(format!("seed-{seed}.clean.jsonl.gz")))?;
    for member in &members {
        for day in 0..world.days {
            count += place(member, day, &member.day(day), None, &mut observer, &mut clean)?;
        }
    }
    clean.finish()?.flush()?;
    let mut injected = packed(&dir.join(format!("seed-{seed}.injected.jsonl.gz")))?;
    for (at, plan) in super::plan(&world, options).iter().enumerate() {
        let Some(member) = members.get(plan.member) else { continue };
        let injection = plan.scenario.inject(member, plan.start);
        let (first, last) = (injection.first(), (injection.last() + 1).min(world.days - 1));
        let head = Head {
            injection: at,
            scenario: plan.scenario.id,
            number: member.number,
            kind: member.kind.as_str(),
            start: plan.start,
            first,
            last,
            newborn: plan.scenario.newborn.is_some(),
        };
        line(&head, &mut injected)?;
        for day in first..=last {
            count += place(member, day, &injection.day(day), Some(plan.scenario.id), &mut observer, &mut injected)?;
        }
    }
    injected.finish()?.flush()?;
    Ok(count)
}

/// Writes the events of a day; those that are steps of a scenario bear its id.
fn place(
    member: &Member,
    day: i32,
    lines: &[Line],
    scenario: Option<&'static str>,
    observer: &mut Observer<'_>,
    out: &mut dyn Write,
) -> io::Result<u64> {
    let mut names = Lexicon::default();
    let read = observer.read(lines.iter().map(|line| line.text.as_str()), &mut names)?;
    for (o, at) in read.observations.iter().zip(&read.lines) {
        let label = scenario.filter(|_| lines.get(*at).is_some_and(|line| line.step.is_some()));
        line(&Placed { number: member.number, day, row: Row::of(member, o, &names, label) }, out)?;
    }
    Ok(read.observations.len() as u64)
}

fn line<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

fn packed(path: &Path) -> io::Result<GzEncoder<BufWriter<File>>> {
    Ok(GzEncoder::new(BufWriter::new(File::create(path)?), Compression::new(1)))
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
        for (o, at) in read.observations.iter().zip(&read.lines) {
            line(&Row::of(member, o, &names, mine.get(*at).and_then(|one| one.scenario)), out)?;
            count += 1;
        }
    }
    Ok(count)
}

/// A reader of a world's records.
pub fn parser() -> Parser {
    Parser::new([0; 32], None)
}

#[cfg(test)]
mod tests {
    //! What holds of an export: it is of the same injections as an evaluation, and tells which events belong to them.

    use super::*;
    use std::io::Read;

    fn lines(path: &Path) -> Vec<serde_json::Value> {
        let mut text = String::new();
        flate2::read::GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Protects the comparison with others: an injection of the export is the one that the evaluation of the seed judges.
    #[test]
    fn an_export_has_the_injections_of_the_evaluation() {
        let options = Options { per_kind: 1, days: 40, scenarios: vec!["A02".into(), "B10".into()], runs: 2, threads: 1 };
        let dir = tempfile::tempdir().unwrap();
        let count = export(1, &options, dir.path()).unwrap();
        let result = super::super::seed(1, &options, &|_, _, _| {}).unwrap();
        let clean = lines(&dir.path().join("seed-1.clean.jsonl.gz"));
        assert_eq!(clean.len() as u64, result.events);
        let injected = lines(&dir.path().join("seed-1.injected.jsonl.gz"));
        let heads: Vec<_> = injected.iter().filter(|line| line.get("injection").is_some()).collect();
        assert_eq!(count, (clean.len() + injected.len() - heads.len()) as u64);
        let told: Vec<_> = heads.iter().map(|head| (head["scenario"].clone(), head["number"].clone(), head["start"].clone())).collect();
        let judged: Vec<_> = result.runs.iter().map(|run| (run.scenario.as_str().into(), run.number.into(), run.start.into())).collect();
        assert_eq!(told, judged);
        let labelled = injected.iter().filter(|line| line["label"].is_string()).count();
        assert_eq!(labelled as u32, result.runs.iter().map(|run| run.injected).sum::<u32>());
        assert!(clean.iter().all(|line| line["label"].is_null()));
    }
}
