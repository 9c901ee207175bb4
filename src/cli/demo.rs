//! `demo`: a simulated company, its incident day played live.

use super::Exit;
use super::args::{DemoArgs, Global};
use super::output::Output;
use anyhow::bail;

/// Runs `driftline demo`.
pub fn run(_args: &DemoArgs, _global: &Global, _out: &Output) -> anyhow::Result<Exit> {
    bail!("demo is not built yet; `driftline simulate DIR` writes the company, `driftline load DIR` reads it")
}
