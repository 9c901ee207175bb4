//! `evaluate`: how well detection does on the simulated world, seed after seed, each kept as a file. It must not know what
//! is simulated.

use super::args::EvaluateArgs;
use super::output::Output;
use super::{Exit, Usage};
use crate::world::evaluate::{self, Options, figures, normalised, result::SeedResult, table};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Runs `driftline evaluate`.
pub fn run(args: &EvaluateArgs, out: &Output) -> anyhow::Result<Exit> {
    let mut options = if args.mini { Options::mini() } else { Options::whole() };
    options.scenarios.clone_from(&args.scenario);
    if let Some(runs) = args.runs {
        options.runs = runs;
    }
    if let Some(per_kind) = args.identities_per_kind {
        options.per_kind = per_kind;
    }
    let known: Vec<&str> = crate::world::w1::Scenario::all().iter().map(|scenario| scenario.id).collect();
    if let Some(unknown) = args.scenario.iter().find(|id| !known.iter().any(|k| k.eq_ignore_ascii_case(id))) {
        return Usage::error(format!("{unknown}: no such scenario; there are {}", known.join(" ")));
    }
    let (first, last) = args.seeds;
    let dir = args.out.clone().unwrap_or_else(|| PathBuf::from("target/evaluate"));
    std::fs::create_dir_all(&dir).map_err(|e| anyhow::anyhow!("{}: {e}; name another folder with --out", dir.display()))?;
    out.note(&format!("left out until announcements are read: {}", options.left_out().join(" ")));
    let mut results = Vec::new();
    for seed in first..=last {
        if let Some(into) = &args.normalised {
            let failed = |e: std::io::Error| anyhow::anyhow!("{}: {e}; name another folder with --normalised", into.display());
            std::fs::create_dir_all(into).map_err(failed)?;
            let count = normalised::export(seed, &options, into).map_err(failed)?;
            out.note(&format!("seed {seed}: {count} normalised events in {}", into.display()));
        }
        let path = dir.join(format!("seed-{seed}-{}.json", short(&options.key())));
        if let Some(kept) = kept(&path, &options.key()) {
            out.note(&format!("seed {seed}: kept in {}", path.display()));
            results.push(kept);
            continue;
        }
        let began = Instant::now();
        let progress = |what: &str, done: usize, all: usize| {
            if done.is_multiple_of(20) {
                out_progress(seed, what, done, all, began);
            }
        };
        let result = evaluate::seed(seed, &options, &progress)?;
        write(&path, &serde_json::to_vec(&result)?)?;
        out.note(&format!(
            "seed {seed}: {} records, {} injections, {:.0} s",
            result.events,
            result.runs.len(),
            began.elapsed().as_secs_f64()
        ));
        results.push(result);
    }
    let figures = figures::of(&results);
    write(&dir.join("figures.json"), &serde_json::to_vec_pretty(&figures)?)?;
    if out.json {
        out.object(&figures)?;
    } else {
        for line in table::of(&figures).lines() {
            out.line(line)?;
        }
    }
    Ok(Exit::Done)
}

/// A result kept from before, if it is of this model and this plan.
fn kept(path: &Path, key: &str) -> Option<SeedResult> {
    let result: SeedResult = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    (result.key == key).then_some(result)
}

/// Writes a file whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = path.with_extension("part");
    let failed = |e: std::io::Error| anyhow::anyhow!("{}: {e}; name another folder with --out", path.display());
    std::fs::write(&part, bytes).map_err(failed)?;
    std::fs::rename(&part, path).map_err(failed)
}

/// The first digits of a hash of a key, for a file's name.
fn short(key: &str) -> String {
    format!("{:08x}", crate::model::Sym::of(key).0 >> 32)
}

fn out_progress(seed: u64, what: &str, done: usize, all: usize, began: Instant) {
    tracing::info!("seed {seed}: {what} {done} of {all}, {:.0} s", began.elapsed().as_secs_f64());
}
