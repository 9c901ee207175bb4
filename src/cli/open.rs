//! Opening the console.

use super::Exit;
use super::args::Global;
use super::output::Output;
use crate::store::Store;
use anyhow::bail;
use std::path::PathBuf;

/// Runs `driftline [PATH…]`.
pub fn run(_paths: &[PathBuf], _global: &Global, _out: &Output) -> anyhow::Result<Exit> {
    bail!("the console is not built yet; `driftline alerts`, `driftline identities` and `driftline show` list what it would show")
}

/// Opens the console on an identity.
pub fn review(_store: &Store, _identity: &str, markdown: &str, _global: &Global, out: &Output) -> anyhow::Result<Exit> {
    out.text(markdown)?;
    Ok(Exit::Done)
}
