//! The real program, run as a script runs it: what it prints, how it ends, what people decide with it. One file a theme
//! under `tests/cli/`.
#![expect(clippy::unwrap_used, reason = "a test that cannot run the program must stop")]

#[path = "cli/contract.rs"]
mod contract;
#[path = "cli/decisions.rs"]
mod decisions;
#[path = "cli/driver.rs"]
mod driver;
#[path = "cli/exit.rs"]
mod exit;
#[path = "cli/formats.rs"]
mod formats;
