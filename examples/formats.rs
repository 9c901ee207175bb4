//! Prints `docs/formats.md`: `cargo run --example formats > docs/formats.md`.
#![expect(clippy::print_stdout, reason = "the page is what it prints")]

fn main() {
    print!("{}", driftline::format::page(driftline::format::all()));
}
