//! Records with a label instead of a reading: rules in YAML with `Tests: [{Name, Log}]` and `LogTypes`, and lists of
//! `{data, log, trigger_rules}`. The label tells the log: the record must be recognised as that format and read. What the
//! labeller itself read stands in `p_…` keys: `p_event_time` is compared, and our source must be among
//! `p_any_ip_addresses`; the record is read without them.

use super::case::{Case, Expected};
use super::corpus::{Source, text, unframe};
use super::sets;
use driftline::enrich::address;
use driftline::model::Timestamp;
use serde_json::Value;

/// The tests of a rule file; nothing where it is none.
pub fn tests(source: &Source<'_>, sink: &mut dyn FnMut(Case)) {
    let Ok(mut rule) = serde_norway::from_str::<serde_norway::Value>(&text(source.path)) else { return };
    // A merge that cannot be made is left as it stands.
    let _ = rule.apply_merge();
    let Ok(rule) = serde_json::to_value(&rule) else { return };
    scenario(source, &rule, sink);
    let Some(tests) = rule.get("Tests").and_then(Value::as_array) else { return };
    let logs: Vec<&str> = rule.get("LogTypes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    for (at, test) in tests.iter().enumerate() {
        let Some(Value::Object(log)) = test.get("Log") else { continue };
        let named = log.get("p_log_type").and_then(Value::as_str).or(if logs.len() == 1 { logs.first().copied() } else { None });
        let expected = expectation(&Value::Object(log.clone()));
        let record: Value = log.iter().filter(|(key, _)| !key.starts_with("p_")).map(|(key, value)| (key.clone(), value.clone())).collect();
        let mut case = source.case(at + 1, record.to_string(), expected);
        case.scrap = true;
        if let Some((formats, optional)) = named.and_then(sets::of_log) {
            (case.formats, case.optional) = (formats, optional);
        } else if !logs.is_empty() {
            // A rule for several logs: any of theirs.
            let all = logs.iter().filter_map(|log| sets::of_log(log));
            (case.formats, case.optional) = (all.flat_map(|(formats, _)| formats).collect(), true);
        }
        // What a stored query found, not what a log holds.
        case.optional |= rule.get("AnalysisType").and_then(Value::as_str) == Some("scheduled_rule");
        sink(case);
    }
}

/// A scene of several records of one log: `LogType` and `Logs`.
fn scenario(source: &Source<'_>, scene: &Value, sink: &mut dyn FnMut(Case)) {
    let (Some(log), Some(records)) = (scene.get("LogType").and_then(Value::as_str), scene.get("Logs").and_then(Value::as_array)) else {
        return;
    };
    for (at, record) in records.iter().enumerate().filter(|(_, record)| record.is_object()) {
        let mut case = source.case(at + 1, record.to_string(), Expected::default());
        case.scrap = true;
        if let Some((formats, optional)) = sets::of_log(log) {
            (case.formats, case.optional) = (formats, optional);
        }
        sink(case);
    }
}

fn expectation(log: &Value) -> Expected {
    let ips = log.get("p_any_ip_addresses").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    Expected {
        time: log.get("p_event_time").and_then(Value::as_str).and_then(Timestamp::parse).map(|time| time.0),
        ips: ips.filter_map(address::parse).collect(),
        by_hand: true,
        all_ips: true,
        ..Expected::default()
    }
}

/// One item of a list of `{data, log, …}`.
pub fn trigger(source: &Source<'_>, value: &Value, sink: &mut dyn FnMut(Case)) -> bool {
    let Some(log) = value.get("log").and_then(Value::as_str) else { return false };
    if value.get("trigger_rules").is_none() && value.get("classify_only").is_none() {
        return false;
    }
    // Some override parts of a record that is elsewhere: no record.
    let Some(data) = value.get("data").filter(|data| data.is_object()) else { return true };
    let place = value.get("description").and_then(Value::as_str).unwrap_or("1");
    unframe(data.clone(), &mut |record| {
        let mut case = source.case(place, record.to_string(), Expected::default());
        case.scrap = true;
        if let Some((formats, optional)) = sets::of_log(log) {
            (case.formats, case.optional) = (formats, optional);
        }
        sink(case);
    });
    true
}
