//! `simulate`: a labelled company of raw provider logs, written into a folder of its own. It must not know the story.

use super::args::SimulateArgs;
use super::output::Output;
use super::{Exit, Usage};
use crate::world;
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

/// Whether the folder is empty or not there yet.
fn is_free(dir: &Path) -> io::Result<bool> {
    match std::fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(e) => Err(e),
    }
}
