//! Reports of scanners that look for leaked secrets (gitleaks, trufflehog). Of each secret only its SHA-256 is kept, of an
//! AWS key that of its id, which is what logs name.

use super::indicator::{Indicator, IndicatorSort, is_key_id};
use super::stix::Taken;
use super::{Imported, IntelError};
use crate::model::Timestamp;
use serde_json::Value;

fn text<'v>(of: &'v Value, key: &str) -> &'v str {
    of.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Reads a report; `None` for any other JSON.
pub fn read(name: &str, json: &Value) -> Option<Result<Imported, IntelError>> {
    let one = std::slice::from_ref(json);
    let found = match json {
        Value::Array(found) => found.as_slice(),
        _ => one,
    };
    let first = found.iter().find(|value| value.is_object())?;
    let secrets: fn(&Value) -> (Vec<&str>, String, &str) = if first.get("RuleID").is_some() && first.get("Secret").is_some() {
        gitleaks
    } else if first.get("DetectorName").is_some() && first.get("Raw").is_some() {
        trufflehog
    } else {
        return None;
    };
    let mut taken = Taken::default();
    for value in found {
        let (secrets, note, date) = secrets(value);
        taken.date(Timestamp::parse(date));
        let mut usable = false;
        // The most telling part first: an id names the credential in logs, a secret only where a log keeps its hash.
        let id = secrets.iter().find_map(|secret| key_id(secret));
        for secret in id.map_or(secrets, |id| vec![id]) {
            // Scanners print stars or a word where they were told to hide what they found.
            if secret.len() >= 8 && !secret.contains("***") && !secret.eq_ignore_ascii_case("redacted") {
                usable = true;
                taken.add(Indicator::new(IndicatorSort::Credential, secret).map(|made| made.noted(&note)));
            }
        }
        taken.skipped += u64::from(!usable);
    }
    Some(taken.finish(name))
}

/// The id of an AWS key inside a text.
fn key_id(text: &str) -> Option<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| is_key_id(word))
}

fn gitleaks(value: &Value) -> (Vec<&str>, String, &str) {
    let secrets = [text(value, "Secret"), text(value, "Match")];
    let wanted = if key_id(secrets[1]).is_some() { secrets.to_vec() } else { vec![secrets[0]] };
    (wanted, format!("leaked: {} in {}", text(value, "RuleID"), text(value, "File")), text(value, "Date"))
}

fn trufflehog(value: &Value) -> (Vec<&str>, String, &str) {
    let secrets = [text(value, "Raw"), text(value, "RawV2")].into_iter().filter(|secret| !secret.is_empty()).collect();
    let live = if value.get("Verified").and_then(Value::as_bool) == Some(true) { ", verified live" } else { "" };
    let data = value.get("SourceMetadata").and_then(|m| m.get("Data")).and_then(Value::as_object).and_then(|data| data.values().next());
    let (file, date) = data.map_or(("", ""), |data| (text(data, "file"), text(data, "timestamp")));
    (secrets, format!("leaked: {}{live} in {file}", text(value, "DetectorName")), date)
}
