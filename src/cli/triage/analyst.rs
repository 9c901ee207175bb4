//! Who decides: `DRIFTLINE_ANALYST`, else the login name. It must not know what is decided.

use crate::cli::Usage;
use std::os::unix::fs::MetadataExt;

/// Characters of a name.
const LONGEST: usize = 64;

/// The author of decisions made by this process.
pub fn name() -> anyhow::Result<String> {
    let said = |variable: &str| std::env::var(variable).ok().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    if let Some(name) = said("DRIFTLINE_ANALYST") {
        return check(name, "DRIFTLINE_ANALYST");
    }
    match said("LOGNAME").or_else(|| said("USER")).or_else(account) {
        Some(name) => check(name, "the login name"),
        None => Usage::error("nobody knows who decides; set DRIFTLINE_ANALYST to your name"),
    }
}

fn check(name: String, from: &str) -> anyhow::Result<String> {
    if name.chars().any(char::is_control) || name.chars().count() > LONGEST {
        return Usage::error(format!("{from} is no name of at most {LONGEST} printable characters; set DRIFTLINE_ANALYST"));
    }
    Ok(name)
}

/// The account this process runs as.
fn account() -> Option<String> {
    let own = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut lines = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
    lines.find(|fields| fields.get(2) == Some(&own.as_str()))?.first().map(|name| (*name).to_owned())
}
