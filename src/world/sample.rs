//! The small part of the story that lies in the repository as `sample-data/`: three weeks around the theft, the
//! identities of the story and of its oddities, some that are merely there. It must not know how it is read.

use super::archive::{Selection, Written};
use super::{Company, HISTORY};
use std::io;
use std::path::Path;

/// The seed of the sample, and of the demo unless another is named.
pub const SEED: u64 = 1;

const PLAYED: &[&str] = &[
    "crm-warehouse-sync",
    "esign-envelopes",
    "bi-extract",
    "vault-backup",
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

/// Writes the sample below `dir`.
pub fn write(dir: &Path) -> io::Result<Written> {
    let company = Company::new(SEED, Company::first_day()).with_only(PLAYED);
    company.write_days(dir, Selection { first: HISTORY - 20, last: HISTORY, level: 9 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// The content of a file, unpacked where it is packed: another version of the packer may pack differently.
    fn content(path: &Path) -> Vec<u8> {
        let mut bytes = std::fs::read(path).unwrap();
        if path.extension().is_some_and(|extension| extension == "gz") {
            let packed = std::mem::take(&mut bytes);
            flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
        }
        bytes
    }

    fn compare(made: &Path, kept: &Path) -> (usize, u64) {
        let (mut files, mut size) = (0, 0);
        for entry in std::fs::read_dir(made).unwrap() {
            let made = entry.unwrap().path();
            let kept = kept.join(made.file_name().unwrap());
            let more = if made.is_dir() {
                compare(&made, &kept)
            } else {
                assert!(
                    content(&made) == content(&kept),
                    "{} is not what the generator makes: run the example make_sample_data",
                    kept.display()
                );
                (1, std::fs::metadata(&kept).unwrap().len())
            };
            files += more.0;
            size += more.1;
        }
        (files, size)
    }

    #[test]
    fn the_sample_in_the_repository_is_what_the_generator_makes_and_small() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
        if !kept.join("AWSLogs").exists() {
            eprintln!("skipped: no sample-data here (a packaged crate leaves it out)");
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let written = write(dir.path()).unwrap();
        let (files, size) = compare(dir.path(), &kept);
        assert_eq!(files, written.files + 1, "logs and labels");
        assert!(size < 5_000_000, "{size}");
    }
}
