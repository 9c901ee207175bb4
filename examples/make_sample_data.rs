//! Writes `sample-data/` anew: three weeks of the simulated company around the theft, a part of its identities, small
//! enough to lie in the repository. Usage: `cargo run --release --example make_sample_data -- [DIR]`.

use driftline::world::{Company, Selection};
use std::path::Path;

/// The seed of the sample data, and of `demo` unless another is named.
const SEED: u64 = 1;

/// The identities of the story and of its oddities, and some that are merely there.
const PLAYED: &[&str] = &[
    "crm-warehouse-sync",
    "esign-envelopes",
    "bi-extract",
    "vault-backup",
    "enrichment-vendor",
    "clara.nilsson",
    "svc-legacy-etl",
    "svc-monitoring",
    "svc-backup",
    "svc-partner-pickup",
    "payments-gateway",
    "search-indexer",
    "finance-month-end",
    "terraform-deployer",
    "snapshot-janitor",
    "ines.kramer",
];

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
    let company = Company::new(SEED, Company::first_day()).with_only(PLAYED);
    company.write_days(dir, Selection { first: 36, last: 56, level: 9 })?;
    Ok(())
}
