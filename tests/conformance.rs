//! What our formats read, against what others read from the same records: every expected output in the corpus
//! (`DRIFTLINE_CORPUS`, default `../shared/data`; skipped, saying so, where it is absent) is compared field by field with
//! the event our reader makes. It uses nothing but the face of `format` and `enrich::address::parse`.
//!
//! `cargo test --test conformance -- --nocapture` prints the table. `DRIFTLINE_CONFORMANCE=okta` keeps the folders and
//! formats whose name holds the word; `DRIFTLINE_CONFORMANCE_VERBOSE=1` prints every disagreement and every record not read.
#![expect(clippy::unwrap_used, reason = "a corpus that cannot be read must stop the test")]

#[path = "conformance/case.rs"]
mod case;
#[path = "conformance/compare.rs"]
mod compare;
#[path = "conformance/corpus.rs"]
mod corpus;
#[path = "conformance/ecs_pairs.rs"]
mod ecs_pairs;
#[path = "conformance/labelled.rs"]
mod labelled;
#[path = "conformance/literal.rs"]
mod literal;
#[path = "conformance/mapped.rs"]
mod mapped;
#[path = "conformance/ocsf_pairs.rs"]
mod ocsf_pairs;
#[path = "conformance/own.rs"]
mod own;
#[path = "conformance/rules.rs"]
mod rules;
#[path = "conformance/seen.rs"]
mod seen;
#[path = "conformance/sets.rs"]
mod sets;
#[path = "conformance/table.rs"]
mod table;

/// Protects agreement with the field: of every format that is finished at least 99 of 100 values agree with what others
/// read, every sound record is read, and no record is taken for another provider's.
#[test]
fn what_we_read_is_what_others_read() {
    let Some(root) = corpus::root() else {
        println!("skipped: no corpus at ../shared/data (set DRIFTLINE_CORPUS)");
        return;
    };
    let only = std::env::var("DRIFTLINE_CONFORMANCE").unwrap_or_default();
    let verbose = std::env::var_os("DRIFTLINE_CONFORMANCE_VERBOSE").is_some();
    let mut table = table::Table::default();
    corpus::each_case(&root, &mut |case| {
        if only.is_empty() || case.folder.contains(&only) || case.formats.iter().any(|name| name.contains(&only)) {
            table.add(&case, &seen::look(&case.record));
        }
    });
    println!("{}", table.print(verbose));
    let failures = table.failures();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
