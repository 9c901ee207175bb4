//! One target per format, all of this source: the target's own name says which format reads the bytes. The rule: no bytes
//! panic, and every refusal is one line. Run one with `cargo fuzz run okta`; without that tool, `cargo run --bin okta --
//! -runs=100000` in this folder works too, blind to coverage.
#![no_main]

use driftline::format::{self, Format};
use libfuzzer_sys::fuzz_target;
use std::path::Path;
use std::sync::OnceLock;

static FORMAT: OnceLock<&'static dyn Format> = OnceLock::new();

fn asked_for() -> &'static dyn Format {
    let program = std::env::args().next().unwrap_or_default();
    let name = Path::new(&program).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    format::by_name(name).unwrap_or_else(|| panic!("no format is called {name}; the target has the name of one"))
}

fuzz_target!(|bytes: &[u8]| {
    let format = *FORMAT.get_or_init(asked_for);
    let Ok(record) = std::str::from_utf8(bytes) else { return };
    let _ = format::recognise(record);
    if let Err(refusal) = format.read(record, &mut |event| drop(format!("{event:?}"))) {
        let line = refusal.to_string();
        assert!(!line.is_empty() && !line.contains('\n'), "{line}");
    }
});
