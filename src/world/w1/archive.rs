//! A world as files: one gzipped file of lines for each system and day, and what is true of the injected records beside
//! them. A day at a time, never the whole world in memory. It must not know what a record says.

use super::{Injection, Line, Member, Scenario, World, draw};
use crate::model::Timestamp;
use crate::world::chance::Chance;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Log files.
    pub files: usize,
    /// Records, those delivered twice counted twice.
    pub records: usize,
    /// Records that belong to a scenario.
    pub labelled: usize,
}

/// One record on its way into a file.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// Whose it is.
    pub member: &'a Member,
    /// The record.
    pub line: Line,
    /// The scenario it belongs to.
    pub scenario: Option<&'static str>,
}

/// A line of `labels/truth.labels`.
#[derive(Serialize)]
struct Label<'a> {
    time: Timestamp,
    nature: &'static str,
    scenario: &'static str,
    step: &'static str,
    platform: &'static str,
    identity: &'a str,
    file: &'a str,
    line: usize,
}

/// A world with some scenarios in it: each in one identity, drawn by the seed.
pub struct Story<'m> {
    members: &'m [Member],
    /// By place of the identity.
    injections: BTreeMap<usize, Vec<Injection<'m>>>,
}

impl<'m> Story<'m> {
    /// The story of a world. Scenarios of one kind go to its identities in turn.
    pub fn new(world: &World, members: &'m [Member], scenarios: &[Scenario]) -> Self {
        let mut injections: BTreeMap<usize, Vec<Injection<'m>>> = BTreeMap::new();
        for (number, scenario) in (0u64..).zip(scenarios) {
            let starts = scenario.starts(world.days);
            let of_kind: Vec<usize> =
                members.iter().enumerate().filter(|(_, member)| scenario.kinds.contains(&member.kind)).map(|(at, _)| at).collect();
            // The least used one, so that scenarios do not mix where they need not.
            let Some(at) = of_kind.into_iter().min_by_key(|at| (injections.get(at).map_or(0, Vec::len), *at)) else { continue };
            if starts.is_empty() {
                continue;
            }
            let mut chance = Chance::of(world.seed, draw::ATTACK, number, 1);
            injections.entry(at).or_default().push(scenario.inject(&members[at], *chance.pick(&starts)));
        }
        Self { members, injections }
    }

    /// The records of a day, in the order in which they arrive.
    pub fn day(&self, day: i32) -> Vec<Told<'m>> {
        let mut out = Vec::new();
        for (at, member) in self.members.iter().enumerate() {
            let mine = self.injections.get(&at).map_or(&[][..], Vec::as_slice);
            let mut live = mine.iter().filter(|injection| (injection.first()..=injection.last()).contains(&day));
            match live.next() {
                None => out.extend(member.day(day).into_iter().map(|line| Told { member, line, scenario: None })),
                Some(first) => {
                    let tell = |injection: &Injection<'m>, line: Line| {
                        let scenario = line.step.is_some().then_some(injection.scenario.id);
                        Told { member, line, scenario }
                    };
                    out.extend(first.day(day).into_iter().map(|line| tell(first, line)));
                    for other in live {
                        out.extend(other.day(day).into_iter().filter(|line| line.step.is_some()).map(|line| tell(other, line)));
                    }
                }
            }
        }
        out.sort_by_key(|told| told.line.arrives);
        out
    }
}

/// What the inventory says of an identity: its kind.
fn inventory(member: &Member) -> String {
    format!("[[identity]]\nid = \"{}\"\nplatform = \"{}\"\nkind = \"{}\"\n\n", member.id, member.platform(), member.kind.declared())
}

/// Writes a world below `dir`; `also` is shown every record of a day before the next begins.
pub fn write(
    world: &World,
    scenarios: &[Scenario],
    dir: &Path,
    also: &mut dyn FnMut(&[Told<'_>]) -> io::Result<()>,
) -> io::Result<Written> {
    let members = world.members();
    let story = Story::new(world, &members, scenarios);
    fs::create_dir_all(dir.join("labels"))?;
    // What is known beforehand lies where a load finds it.
    fs::write(dir.join("inventory.toml"), members.iter().map(inventory).collect::<String>())?;
    let announced: String = story.injections.values().flatten().map(Injection::announced).collect();
    if !announced.is_empty() {
        fs::write(dir.join("changes.toml"), announced)?;
    }
    let mut labels = BufWriter::new(File::create(dir.join("labels").join("truth.labels"))?);
    let mut written = Written::default();
    for day in 0..world.days {
        let told = story.day(day);
        let date = crate::model::Day(super::FIRST_DAY.0 + day).to_string();
        let mut files: BTreeMap<&'static str, (Vec<u8>, usize)> = BTreeMap::new();
        for one in &told {
            let platform = one.member.platform();
            let (bytes, lines) = files.entry(platform).or_default();
            bytes.extend_from_slice(one.line.text.as_bytes());
            bytes.push(b'\n');
            *lines += 1;
            if let (Some(scenario), Some(step)) = (one.scenario, one.line.step) {
                let nature = if scenario.starts_with('A') { "attack" } else { "benign" };
                let (time, identity, file) = (one.line.time, one.member.id.as_str(), format!("{platform}/{date}.jsonl.gz"));
                serde_json::to_writer(&mut labels, &Label { time, nature, scenario, step, platform, identity, file: &file, line: *lines })?;
                labels.write_all(b"\n")?;
                written.labelled += 1;
            }
        }
        for (platform, (bytes, lines)) in files {
            let folder = dir.join(platform);
            fs::create_dir_all(&folder)?;
            let mut packed = GzEncoder::new(Vec::with_capacity(bytes.len() / 8), Compression::new(1));
            packed.write_all(&bytes)?;
            fs::write(folder.join(format!("{date}.jsonl.gz")), packed.finish()?)?;
            written.files += 1;
            written.records += lines;
        }
        also(&told)?;
    }
    labels.flush()?;
    Ok(written)
}
