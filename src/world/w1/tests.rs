//! What holds of the world as a whole: the same seed, the same bytes; every record is read as what it is.

use super::*;
use crate::engine::parser::Parser;
use crate::model::{JobStep, Observation, Probe};
use crate::world::evaluate::observe::{Lexicon, Observer, Read};
use std::collections::BTreeSet;

const MINI: World = World { seed: 1, per_kind: 2, days: DAYS };

fn read(observer: &mut Observer<'_>, lines: &[Line], names: &mut Lexicon) -> Read {
    observer.read(lines.iter().map(|line| line.text.as_str()), names).unwrap()
}

/// Protects the rule of the world: it follows from its seed, and another seed is another world.
#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_other_ones() {
    for (one, two) in MINI.members().iter().zip(MINI.members()) {
        let other = Member::new(2, one.number, one.kind, FIRST_DAY);
        let days = [0, 3, 5, 63, 64];
        let lines = |member: &Member| days.map(|day| member.day(day));
        assert_eq!(lines(one), lines(&two));
        assert_ne!(lines(one), lines(&other), "{}", one.name);
    }
}

/// Protects the measurement: a record our own formats do not read as meant measures something else.
#[test]
fn every_record_of_every_kind_is_read_with_its_identity() {
    let parser = Parser::new([0; 32], None);
    let mut observer = Observer::new(&parser).unwrap();
    for member in MINI.members() {
        let mut names = Lexicon::default();
        let mut all: Vec<Observation> = Vec::new();
        for day in [0, 1, 2, 3, 4, 8] {
            let lines = member.day(day);
            let unique: BTreeSet<&str> = lines.iter().map(|line| line.text.as_str()).collect();
            let read = read(&mut observer, &lines, &mut names);
            assert!(read.rejects.is_empty(), "{}: {:?}", member.name, read.rejects);
            assert_eq!(read.observations.len(), unique.len(), "{} day {day}", member.name);
            if !lines.is_empty() {
                assert_eq!(read.principals, [(member.platform().to_owned(), member.id.clone())], "{}", member.name);
            }
            for (observation, line) in read.observations.iter().zip(&read.lines) {
                let told = lines[*line].time;
                assert!(told.since(observation.time).abs() < 1_000, "{}", lines[*line].text);
            }
            all.extend(read.observations);
        }
        let some = |test: &dyn Fn(&Observation) -> bool| all.iter().any(test);
        let texts = || all.iter().map(|o| crate::model::observation::Names::show(&names, o.action)).collect::<BTreeSet<_>>();
        assert!(all.iter().all(|o| o.source.as_ref().is_some_and(|s| s.asn != 0)), "{}: an address nobody knows", member.name);
        assert!(all.iter().all(|o| o.agent.is_some()), "{}", member.name);
        match member.kind {
            KindId::K01 | KindId::K06 => {
                assert!(some(&|o| o.rows.is_some_and(|n| n > 5) && o.query_shape.is_some() && o.domain.is_some()), "{:?}", texts());
            }
            KindId::K02 => assert!(some(&|o| o.job_step == Some(JobStep::Complete) && o.rows.is_some_and(|n| n > 5_000)), "{:?}", texts()),
            KindId::K03 => assert!(some(&|o| o.domain.is_some() && o.credential.is_some()), "{:?}", texts()),
            KindId::K04 | KindId::K09 | KindId::K12 => {
                assert!(some(&|o| o.bytes.is_some_and(|n| n > 100) && o.credential.is_some()), "{:?}", texts());
            }
            KindId::K05 => assert!(some(&|o| o.probe == Some(Probe::ListAll)), "{:?}", texts()),
            KindId::K07 => assert!(some(&|o| o.bytes.is_some_and(|n| n > 1_000_000)), "{:?}", texts()),
            KindId::K08 => assert!(some(&|o| o.domain.is_some() && o.auth_method.is_some()), "{:?}", texts()),
            KindId::K10 => assert!(some(&|o| o.resource.is_some()) || all.is_empty(), "{:?}", texts()),
            KindId::K11 => assert!(some(&|o| o.credential.is_some()) && some(&|o| o.bytes.is_some()), "{:?}", texts()),
        }
    }
}

/// Protects the scenarios: each adds or alters records, all of them are read, and marks stand on those that differ.
#[test]
fn every_record_of_every_scenario_is_read() {
    let parser = Parser::new([0; 32], None);
    let mut observer = Observer::new(&parser).unwrap();
    let members = World { per_kind: 1, ..MINI }.members();
    let all = Scenario::all();
    let ids: BTreeSet<&str> = all.iter().map(|scenario| scenario.id).collect();
    assert_eq!(ids.len(), all.len());
    for scenario in all {
        let kind = scenario.kinds[0];
        let member = members.iter().find(|member| member.kind == kind).unwrap();
        let start = scenario.starts(DAYS)[0];
        let injection = scenario.inject(member, start);
        let mut names = Lexicon::default();
        let mut marked = 0;
        for day in injection.first().max(start)..=injection.last().min(start + 6) {
            let lines = injection.day(day);
            let read = read(&mut observer, &lines, &mut names);
            assert!(read.rejects.is_empty(), "{}: {:?}", scenario.id, read.rejects);
            assert!(lines.is_empty() || read.principals == [(member.platform().to_owned(), member.id.clone())], "{}", scenario.id);
            marked += read.lines.iter().filter(|line| lines[**line].step.is_some()).count();
            let plain = member.day(day);
            let everyday: BTreeSet<&str> = plain.iter().map(|line| line.text.as_str()).collect();
            for line in lines.iter().filter(|line| line.step.is_none() && !everyday.is_empty()) {
                assert!(everyday.contains(line.text.as_str()), "{}: {}", scenario.id, line.text);
            }
        }
        assert!(marked > 0, "{} marks nothing", scenario.id);
    }
}

/// Protects what was announced: it is what our own reader of changes accepts.
#[test]
fn announcements_are_read() {
    let members = World { per_kind: 1, ..MINI }.members();
    for scenario in Scenario::all().into_iter().filter(|scenario| !scenario.announced.is_empty()) {
        let member = members.iter().find(|member| member.kind == scenario.kinds[0]).unwrap();
        let injection = scenario.inject(member, scenario.starts(DAYS)[0]);
        let changes = crate::context::changes::Changes::parse("changes.toml", &injection.announced(), &[]);
        assert!(changes.is_ok(), "{}: {:?}", scenario.id, changes.err());
    }
}
