//! Writes `sample-data/` anew. Usage: `cargo run --release --example make_sample_data -- [DIR]`.

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let dir = std::env::args().nth(1).unwrap_or_else(|| "sample-data".to_owned());
    let dir = Path::new(&dir);
    // Only what this program makes is removed: the README beside it is written by hand.
    for made in ["AWSLogs", "salesforce", "labels"] {
        let path = dir.join(made);
        if path.exists() {
            std::fs::remove_dir_all(path)?;
        }
    }
    driftline::world::sample::write(dir)?;
    Ok(())
}
