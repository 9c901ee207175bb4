//! The thin binary: hands the arguments to the library and leaves with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    driftline::cli::run()
}
