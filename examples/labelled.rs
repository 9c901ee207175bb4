//! What real records raise: loads every set of a corpus (PROVIDER/SET folders) into a store of its own and prints a table
//! of its events, its identities, its alerts and its gravest finding. The records are short, mostly test records of
//! parsers: a set without history should raise next to nothing. Usage, after `cargo build --release`:
//! `cargo run --release --example labelled -- [CORPUS] [PROVIDER…]`.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the corpus lies unless told otherwise, beside the project.
const CORPUS: &str = "../shared/data";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let told = arguments.first().map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(CORPUS), PathBuf::from);
    if !told.is_dir() {
        bail!("{}: no such folder; name a corpus of PROVIDER/SET folders", told.display());
    }
    let only = arguments.get(1..).unwrap_or_default();
    let program = std::env::current_exe()?.parent().and_then(Path::parent).context("no place of the program")?.join("driftline");
    if !program.is_file() {
        bail!("{}: not built; run `cargo build --release` first", program.display());
    }
    let room = tempfile::tempdir()?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "| provider | set | events | identities | alerts | findings | gravest |\n|---|---|---:|---:|---:|---:|---|")?;
    for provider in folders(&told)? {
        let name = provider.file_name().and_then(OsStr::to_str).unwrap_or_default().to_owned();
        if name == "ip" || (!only.is_empty() && !only.contains(&name)) {
            continue;
        }
        for set in folders(&provider)? {
            let database = room.path().join("set.db");
            fs::remove_file(&database).ok();
            let run = |arguments: &[&OsStr]| -> Result<Vec<Value>> {
                let output = Command::new(&program).arg("--db").arg(&database).args(["--json", "--quiet"]).args(arguments).output()?;
                let text = String::from_utf8_lossy(&output.stdout);
                Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
            };
            run(&[OsStr::new("load"), set.as_os_str()])?;
            let count = |what: &str| -> Result<Vec<Value>> { run(&[OsStr::new(what), OsStr::new("--limit"), OsStr::new("100000")]) };
            let (events, identities) = (count("events")?.len(), count("identities")?.len());
            let (alerts, findings) = (count("alerts")?, count("findings")?);
            let gravest = alerts.iter().chain(&findings).max_by_key(|a| a["risk"].as_i64()).map_or_else(String::new, told_of);
            let set = set.file_name().and_then(OsStr::to_str).unwrap_or_default().to_owned();
            writeln!(out, "| {name} | {set} | {events} | {identities} | {} | {} | {gravest} |", alerts.len(), findings.len())?;
        }
    }
    Ok(())
}

/// Risk and terms of an alert.
fn told_of(alert: &Value) -> String {
    let terms: Vec<&str> = alert["signals"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|signal| signal["points"].as_i64().unwrap_or(0) > 0)
        .filter_map(|signal| signal["detector"].as_str())
        .take(3)
        .collect();
    format!("{}: {}", alert["risk"], terms.join(", "))
}

/// The folders in a folder, by name.
fn folders(of: &Path) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = fs::read_dir(of)?.filter_map(|entry| entry.ok().map(|e| e.path())).filter(|path| path.is_dir()).collect();
    found.sort();
    Ok(found)
}
