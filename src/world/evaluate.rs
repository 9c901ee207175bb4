//! How well detection does on a world: a clean pass, scenarios injected into it, and the figures that come of both. Raw
//! records go through the same parser, redaction and folds as in a load; only the store is left out. Thresholds, seeds and
//! draws are fixed beforehand and a seed's result is a file, so that a long evaluation can be interrupted. It must not
//! know what the detectors are made of.

pub mod figures;
mod inject;
pub mod normalised;
pub mod observe;
mod pass;
pub mod result;
pub mod table;

use super::chance::Chance;
use super::w1::{self, KindId, Scenario, World};
use crate::detect::Settings;
use crate::engine::parser::Parser;
use pass::Clean;
use result::SeedResult;
use std::io;

/// What is evaluated.
#[derive(Clone, Debug)]
pub struct Options {
    /// Identities of each kind.
    pub per_kind: u32,
    /// Days of the world.
    pub days: i32,
    /// Ids of the scenarios; empty for all.
    pub scenarios: Vec<String>,
    /// Injections of each scenario and seed.
    pub runs: u32,
    /// Threads; the result is the same for any number.
    pub threads: usize,
}

impl Options {
    /// The small world: five identities a kind, ten injections a scenario.
    pub fn mini() -> Self {
        Self { per_kind: w1::MINI, days: w1::DAYS, scenarios: Vec::new(), runs: 10, threads: threads() }
    }

    /// The whole world: fifty identities a kind, thirty injections a scenario.
    pub fn whole() -> Self {
        Self { per_kind: w1::WHOLE, runs: 30, ..Self::mini() }
    }

    /// Names what a result depends on: another model or another plan is another result.
    pub fn key(&self) -> String {
        let scenarios = if self.scenarios.is_empty() { "all".to_owned() } else { self.scenarios.join("+") };
        format!("{}-{}x{}d-{}-{}", Settings::default().hash(), self.per_kind, self.days, scenarios, self.runs)
    }

    /// The scenarios that are run.
    pub fn scenarios(&self) -> Vec<Scenario> {
        let wanted =
            |scenario: &Scenario| self.scenarios.is_empty() || self.scenarios.iter().any(|id| id.eq_ignore_ascii_case(scenario.id));
        Scenario::all().into_iter().filter(|scenario| wanted(scenario)).collect()
    }
}

/// Cores, at most eight.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from).min(8)
}

/// One injection that will be made.
#[derive(Clone, Copy, Debug)]
struct Planned {
    scenario: Scenario,
    /// Place of the identity among the world's.
    member: usize,
    start: i32,
}

/// The injections of a seed: identities in turn, start days drawn.
fn plan(world: &World, options: &Options) -> Vec<Planned> {
    let mut out = Vec::new();
    for scenario in options.scenarios() {
        let starts = scenario.starts(world.days);
        let of = |kind: &KindId| KindId::ALL.iter().position(|k| k == kind).unwrap_or_default() * world.per_kind as usize;
        // Kind after kind in turn, so that few runs touch every kind too.
        let members: Vec<usize> =
            (0..world.per_kind as usize).flat_map(|n| scenario.kinds.iter().map(move |kind| of(kind) + n).collect::<Vec<_>>()).collect();
        if starts.is_empty() || members.is_empty() {
            continue;
        }
        let number = scenario.id.bytes().fold(0, |n, byte| n << 8 | u64::from(byte));
        let mut chance = Chance::of(world.seed, 0x5731_00ff, number, 0);
        for run in 0..options.runs as usize {
            out.push(Planned { scenario, member: members[run % members.len()], start: *chance.pick(&starts) });
        }
    }
    out
}

/// Evaluates one seed. `progress` is told each day of the clean pass and then each injection, with how many there are.
pub fn seed(seed: u64, options: &Options, progress: &(dyn Fn(&str, usize, usize) + Sync)) -> io::Result<SeedResult> {
    let world = World { seed, per_kind: options.per_kind, days: options.days };
    let settings = Settings::default();
    let parser = Parser::new([0; 32], None);
    let planned = plan(&world, options);
    let clean = Clean::pass(&world, &settings, &parser, &planned, options.threads, progress)?;
    let runs = inject::all(&clean, &planned, options.threads, progress)?;
    Ok(clean.result(options, runs))
}

#[cfg(test)]
mod tests;
