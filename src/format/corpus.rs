//! Both formats over real records, when they are there: nothing panics, nothing sound is refused.

use super::*;
use flate2::read::MultiGzDecoder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

fn corpus() -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var("DRIFTLINE_CORPUS").unwrap_or_else(|_| "../shared/data".to_owned()));
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no corpus at {} (set DRIFTLINE_CORPUS)", path.display());
    None
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

fn text(path: &Path) -> String {
    let mut bytes = std::fs::read(path).unwrap();
    if path.extension().is_some_and(|e| e == "gz") {
        let mut plain = Vec::new();
        MultiGzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap();
        bytes = plain;
    }
    String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned()
}

/// Every object in a file that could be a record, framed ad hoc.
fn records(path: &Path, out: &mut Vec<Value>) {
    let text = text(path);
    if path.extension().is_some_and(|e| e == "csv") {
        let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let Ok(header) = rows.headers().cloned() else { return };
        for row in rows.records().flatten() {
            let pairs = header.iter().zip(row.iter()).filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_owned(), Value::from(v)));
            out.push(Value::Object(pairs.collect()));
        }
        return;
    }
    match serde_json::from_str::<Value>(&text) {
        Ok(whole) => unframe(whole, out),
        Err(_) => text.lines().filter_map(|line| serde_json::from_str(line).ok()).for_each(|value| unframe(value, out)),
    }
}

fn unframe(value: Value, out: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.into_iter().for_each(|item| unframe(item, out)),
        Value::Object(mut fields) => {
            for key in ["Records", "Events", "events"] {
                // An activity has events of its own.
                if !fields.contains_key("actor")
                    && let Some(Value::Array(items)) = fields.get_mut(key)
                {
                    return std::mem::take(items).into_iter().for_each(|item| unframe(item, out));
                }
            }
            // The test sets of others: {data: record, trigger_rules}, {json: {awsCloudTrail…}}.
            match fields.get("data") {
                Some(Value::Object(_)) if fields.contains_key("trigger_rules") || fields.contains_key("log") => {
                    let inner = fields.remove("data").unwrap_or_default();
                    unframe(inner, out);
                }
                _ => out.push(Value::Object(fields)),
            }
        }
        _ => {}
    }
}

/// Results of somebody's query that left the time out: no event can be made of them, and they are no fault of a reader.
const TIMELESS: &[&str] = &["AuditLogs_Hunting.csv", "disable_accounts.csv", "Telemetry/signinLogs.csv"];

/// Protects against a reader that only knows its own examples.
#[test]
fn real_records_are_read() {
    let Some(root) = corpus() else { return };
    for (folder, name) in [
        ("aws_cloudtrail", "aws_cloudtrail"),
        ("salesforce", "salesforce_elf"),
        ("gcp_audit", "gcp_audit"),
        ("google_workspace", "google_workspace"),
        ("kubernetes_audit", "kubernetes_audit"),
        ("entra_id", "entra_id"),
        ("azure_activity", "azure_activity"),
        ("m365_ual", "m365_ual"),
        ("okta", "okta"),
        ("github_audit", "github_audit"),
        ("aws_s3access", "aws_s3access"),
    ] {
        let mut paths = Vec::new();
        files(&root.join(folder), &mut paths);
        let mut found = Vec::new();
        let left_out = |p: &Path| TIMELESS.iter().any(|end| p.ends_with(end));
        for path in paths.iter().filter(|p| !p.to_string_lossy().contains("-expected") && !left_out(p)) {
            if path.extension().is_some_and(|e| ["json", "log", "gz", "csv", "ndjson"].iter().any(|x| e == *x)) {
                records(path, &mut found);
            }
        }
        let (mut read, mut refused, mut other) = (0_u32, 0_u32, 0_u32);
        let mut reasons: BTreeMap<String, u32> = BTreeMap::new();
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for record in &found {
            let text = record.to_string();
            let Some(format) = recognise(&text) else {
                other += 1;
                continue;
            };
            if format.name() != name {
                other += 1;
                continue;
            }
            match format.read(&text, &mut |event| {
                let line = format!("{} {} {:?} {:?}", event.class, event.action, event.probe, event.outcome);
                *seen.entry(line).or_default() += 1;
            }) {
                Ok(()) => read += 1,
                Err(Refusal::NotActivity { what }) => *reasons.entry(format!("(not activity) {what}")).or_default() += 1,
                // Records whose times were taken out.
                Err(Refusal::Malformed { found, .. }) if found == "..." || found == "123" => {
                    *reasons.entry(format!("(no record) a time of “{found}”")).or_default() += 1;
                }
                Err(Refusal::HeaderRow) => *reasons.entry("(header row)".to_owned()).or_default() += 1,
                Err(reason) => {
                    refused += 1;
                    *reasons.entry(reason.to_string()).or_default() += 1;
                }
            }
        }
        println!("{folder}: {read} read, {refused} refused, {other} of other shapes, {} files", paths.len());
        for (reason, n) in &reasons {
            println!("  {n} × {reason}");
        }
        if std::env::var_os("DRIFTLINE_CORPUS_VERBOSE").is_some() {
            for (line, n) in &seen {
                println!("    {n:6} {line}");
            }
        }
        assert!(f64::from(read) >= 0.99 * f64::from(read + refused), "{folder}: {reasons:?}");
    }
}
