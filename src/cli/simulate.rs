//! `simulate`: a labelled company of raw provider logs, written into a folder of its own. It must not know the story.

use super::args::{SimulateArgs, SimulatedWorld};
use super::output::Output;
use super::{Exit, Usage};
use crate::world;
use crate::world::evaluate::{normalised, observe::Observer};
use crate::world::w1::{Scenario, World, archive};
use serde::Serialize;
use std::io;
use std::path::Path;

/// `simulate --json`.
#[derive(Serialize)]
struct Summary {
    dir: String,
    seed: u64,
    files: usize,
    events: usize,
    duplicates: usize,
}

/// Runs `driftline simulate`.
pub fn run(args: &SimulateArgs, out: &Output) -> anyhow::Result<Exit> {
    let dir = args.dir.as_path();
    if !is_free(dir).map_err(|e| anyhow::anyhow!("{}: {e}; name another folder", dir.display()))? {
        return Usage::error(format!("{}: not an empty folder; name a new one", dir.display()));
    }
    if args.world == SimulatedWorld::W1 {
        return w1(args, out);
    }
    let failed = |e: io::Error| anyhow::anyhow!("{}: {e}; what was written so far is there, remove it and try again", dir.display());
    let written = world::simulate(dir, args.seed).map_err(failed)?;
    let summary = Summary {
        dir: dir.display().to_string(),
        seed: args.seed,
        files: written.files,
        events: written.events,
        duplicates: written.duplicates,
    };
    if out.json {
        out.object(&summary)?;
    } else {
        out.line(&format!(
            "{}: {} records in {} files, {} of them delivered twice, as providers do",
            summary.dir, summary.events, summary.files, summary.duplicates
        ))?;
        out.line(&format!("what is true of them: {}", dir.join("labels").join("truth.labels").display()))?;
        out.note(&format!("`driftline load {}` reads it", dir.display()));
    }
    Ok(Exit::Done)
}

/// `simulate --world w1 --json`.
#[derive(Serialize)]
struct W1Summary {
    dir: String,
    seed: u64,
    identities: usize,
    files: usize,
    records: usize,
    labelled: usize,
    normalised: u64,
}

/// The world that detection is measured on.
fn w1(args: &SimulateArgs, out: &Output) -> anyhow::Result<Exit> {
    let dir = args.dir.as_path();
    let mut scenarios = Vec::new();
    for id in &args.scenario {
        let Some(scenario) = Scenario::find(id) else {
            let known: Vec<&str> = Scenario::all().iter().map(|scenario| scenario.id).collect();
            return Usage::error(format!("{id}: no such scenario; there are {}", known.join(" ")));
        };
        scenarios.push(scenario);
    }
    let world = World { seed: args.seed, per_kind: args.identities_per_kind, days: args.days };
    let parser = normalised::parser();
    let mut observer = Observer::new(&parser)?;
    let file = |path: &Path| std::fs::File::create(path).map_err(|e| anyhow::anyhow!("{}: {e}; name another file", path.display()));
    let mut sink = args.normalised.as_deref().map(file).transpose()?.map(io::BufWriter::new);
    let mut events = 0;
    let mut also = |told: &[archive::Told<'_>]| -> io::Result<()> {
        if let Some(sink) = sink.as_mut() {
            events += normalised::write(told, &mut observer, sink)?;
        }
        Ok(())
    };
    let failed = |e: io::Error| anyhow::anyhow!("{}: {e}; what was written so far is there, remove it and try again", dir.display());
    let written = archive::write(&world, &scenarios, dir, &mut also).map_err(failed)?;
    if let Some(mut sink) = sink {
        io::Write::flush(&mut sink)?;
    }
    let summary = W1Summary {
        dir: dir.display().to_string(),
        seed: args.seed,
        identities: world.members().len(),
        files: written.files,
        records: written.records,
        labelled: written.labelled,
        normalised: events,
    };
    if out.json {
        out.object(&summary)?;
    } else {
        out.line(&format!("{}: {} records of {} identities in {} files", summary.dir, summary.records, summary.identities, summary.files))?;
        out.line(&format!("{} of them belong to scenarios: {}", summary.labelled, dir.join("labels").join("truth.labels").display()))?;
        if let Some(path) = &args.normalised {
            out.line(&format!("{events} normalised events: {}", path.display()))?;
        }
        out.note(&format!("`driftline load {}` reads it", dir.display()));
    }
    Ok(Exit::Done)
}

/// Whether the folder is empty or not there yet.
fn is_free(dir: &Path) -> io::Result<bool> {
    match std::fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(e) => Err(e),
    }
}
