//! Being interrupted: the first Ctrl-C asks for an end at the next safe place, the second ends at once. It must not know
//! what is being done.

use signal_hook::consts::SIGINT;
use signal_hook::flag;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A flag that is set by the first interrupt; the second ends the process with 130.
pub fn asked() -> anyhow::Result<Arc<AtomicBool>> {
    let asked = Arc::new(AtomicBool::new(false));
    // In this order: the shutdown looks at the flag before the first interrupt has set it.
    flag::register_conditional_shutdown(SIGINT, 130, Arc::clone(&asked))?;
    flag::register(SIGINT, Arc::clone(&asked))?;
    Ok(asked)
}
