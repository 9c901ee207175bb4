//! The thin binary: hands the arguments to the library and leaves with its exit code.
fn main() -> std::process::ExitCode {
    match driftline::cli::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(e) => {
            driftline::cli::output::complain(&e);
            std::process::ExitCode::FAILURE
        }
    }
}
