//! `watch`: following feeds without a screen.

use super::Exit;
use super::args::{Global, WatchArgs};
use super::output::Output;
use anyhow::bail;

/// Runs `driftline watch`.
pub fn run(_args: &WatchArgs, _global: &Global, _out: &Output) -> anyhow::Result<Exit> {
    bail!("watch is not built yet; `driftline load PATH` reads what is there, again and again")
}
