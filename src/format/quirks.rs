//! What providers really do to their records, told in `quirks.jsonl`: duplicates of names, words in place of addresses,
//! times in every unit, lists where an object is expected. One line a quirk: `why`, `format`, `record`, and either `event`
//! (the fields to compare, null for absent) or `refused` (a part of the reason).

use super::told::told;
use super::{Format, by_name, recognise};
use serde_json::Value;
use std::collections::BTreeSet;

const QUIRKS: &str = include_str!("quirks.jsonl");

/// Protects every quirk that was found in real records from being forgotten.
#[test]
fn quirks_of_real_records_are_read_as_they_are_meant() {
    let mut wrong = Vec::new();
    for line in QUIRKS.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (why, name, text) = (case["why"].as_str().unwrap(), case["format"].as_str().unwrap(), case["record"].to_string());
        if recognise(&text).map(Format::name) != Some(name) {
            wrong.push(format!("{why}: taken for {:?}", recognise(&text).map(Format::name)));
        }
        let mut events = Vec::new();
        let read = by_name(name).unwrap().read(&text, &mut |event| events.push(told(&event)));
        match (case["refused"].as_str(), read) {
            (Some(part), Err(refusal)) if refusal.to_string().contains(part) => {}
            (None, Ok(())) if events.len() == 1 => {
                for (field, expected) in case["event"].as_object().unwrap() {
                    let (ours, theirs) = (events[0].get(field.as_str()).map(String::as_str), expected.as_str());
                    let set = |text: Option<&str>| text.unwrap_or_default().split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
                    // Of the evidence a case names what it is about.
                    let same = if field == "evidence" { set(ours).is_superset(&set(theirs)) } else { ours == theirs };
                    if !same {
                        wrong.push(format!("{why}: {field} is {ours:?}, expected {theirs:?}"));
                    }
                }
            }
            (_, read) => wrong.push(format!("{why}: {} events, {read:?}", events.len())),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A key that stands twice, with two meanings: the last counts, as where a map is read.
#[test]
fn of_a_key_that_stands_twice_the_last_counts() {
    let text = r#"{"EVENT_TYPE":"Login","TIMESTAMP":"20261119100000.123","USER_ID":"005000000000001","LOGIN_STATUS":"LOGIN_ERROR_INVALID_PASSWORD","LOGIN_STATUS":"LOGIN_NO_ERROR"}"#;
    let mut outcome = None;
    by_name("salesforce_elf").unwrap().read(text, &mut |event| outcome = told(&event).remove("outcome")).unwrap();
    assert_eq!(outcome.as_deref(), Some("success"));
}

/// A file that is the source of a program: names without quotes. It is refused in one line by whoever is asked.
#[test]
fn a_record_that_is_a_program_is_refused_in_one_line() {
    let text = "{eventVersion: \"1.08\", userIdentity: {type: \"IAMUser\"}, eventName: \"CreateApiKey\"}";
    assert!(recognise(text).is_none());
    for format in super::all() {
        let refusal = format.read(text, &mut |_| ()).unwrap_err().to_string();
        assert!(refusal.contains("not valid JSON") && !refusal.contains('\n'), "{}: {refusal}", format.name());
    }
}
