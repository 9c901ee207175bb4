//! Measures on a heap of generated CloudTrail records. Usage:
//! `cargo run --release --example bench -- generate PATH [RECORDS] [SEED]`.

use anyhow::{Context, bail};
use std::path::Path;
use std::time::Instant;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("generate") => generate(&arguments[1..]),
        _ => bail!("usage: bench generate PATH [RECORDS] [SEED]"),
    }
}

/// Writes the heap and says how fast.
fn generate(arguments: &[String]) -> anyhow::Result<()> {
    let path = arguments.first().context("bench generate: which PATH?")?;
    let number = |place: usize, default: u64| arguments.get(place).map_or(Ok(default), |text| text.parse::<u64>());
    let (records, seed) = (number(1, 1_000_000)?, number(2, 1)?);
    let begin = Instant::now();
    driftline::world::bench::write_cloudtrail(Path::new(path), records, seed)?;
    let took = begin.elapsed().as_secs_f64();
    let bytes = std::fs::metadata(path)?.len();
    report(&format!("{records} records, {bytes} bytes ({} a record) in {took:.2} s", bytes / records.max(1)))
}

/// One line on standard output.
fn report(line: &str) -> anyhow::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(())
}
