//! `cases/NAME.jsonl`: records written for these tests, each with what must come of it and why. One line a case: `why`,
//! `record`, and either `event` (the fields to compare, null for absent) or `refused` (a part of the reason).

use super::super::super::{Shape, all, by_name, recognise};
use super::*;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

macro_rules! cases {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("../cases/", $name, ".jsonl")))),*] };
}

const CASES: &[(&str, &str)] = cases![
    "anthropic_compliance",
    "asana_audit",
    "atlassian_data_center",
    "atlassian_org",
    "auth0",
    "bedrock_invocation",
    "box",
    "cloudflare",
    "cloudflare_access",
    "confluence_cloud",
    "crowdstrike_audit",
    "crowdstrike_detection",
    "databricks",
    "gitlab_audit",
    "hashicorp_vault",
    "jira_cloud",
    "jumpcloud",
    "keycloak",
    "notion_audit",
    "onepassword",
    "openai_audit",
    "pingone",
    "sap_joblog",
    "slack_access",
    "slack_audit",
    "snowflake_login",
    "snowflake_query",
    "teleport",
    "wiz",
    "wiz_finding",
    "zendesk_audit",
];

fn each(run: &mut dyn FnMut(&'static str, &str, &Value, &Value)) {
    for (name, text) in CASES {
        for (n, line) in text.lines().enumerate() {
            let case: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}.jsonl:{}: {error}", n + 1));
            run(name, &format!("{name}.jsonl:{} ({})", n + 1, case["why"].as_str().unwrap_or_default()), &case["record"], &case);
        }
    }
}

/// Protects what every mapping promises of its provider's records.
#[test]
fn records_become_the_events_their_cases_say() {
    let mut wrong = Vec::new();
    each(&mut |name, place, record, case| {
        let format = by_name(name).unwrap();
        let mut events = Vec::new();
        let read = format.read(&record.to_string(), &mut |event| events.push(told(&event)));
        if let Some(reason) = case["refused"].as_str() {
            let refused = read.expect_err(place).to_string();
            if !refused.contains(reason) {
                wrong.push(format!("{place}: refused with “{refused}”"));
            }
            return;
        }
        if let Err(refusal) = read {
            wrong.push(format!("{place}: {refusal}"));
            return;
        }
        assert_eq!(events.len(), 1, "{place}");
        for (field, expected) in case["event"].as_object().unwrap() {
            let ours = events[0].get(field.as_str()).map(String::as_str);
            let theirs = expected.as_str();
            let same = if field == "evidence" {
                let set = |text: Option<&str>| text.unwrap_or_default().split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
                set(ours) == set(theirs)
            } else {
                ours == theirs
            };
            if !same {
                wrong.push(format!("{place}: {field} is {ours:?}, expected {theirs:?}"));
            }
        }
    });
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Protects every provider's records from being read as another's: exactly one format takes each.
#[test]
fn no_other_format_takes_these_records() {
    each(&mut |name, place, record, _| {
        let text = record.to_string();
        let shape = Shape::of(&text).unwrap();
        let takers: Vec<&str> = all().iter().filter(|format| format.recognises(&shape)).map(|format| format.name()).collect();
        assert_eq!(takers, [name], "{place}");
        assert_eq!(recognise(&text).map(Format::name), Some(name));
    });
    for (name, _) in embedded::FILES {
        let name = name.trim_end_matches(".toml");
        assert!(CASES.iter().any(|(of, _)| *of == name), "{name} has no cases");
    }
}

proptest! {
    /// Protects against hostile records: whatever stands in a field, a reader takes it or refuses it in one line.
    #[test]
    fn odd_values_are_taken_or_refused(which in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), odd in odd()) {
        let mut records = Vec::new();
        each(&mut |name, _, record, _| records.push((name, record.clone())));
        let (name, mut record) = which.get(&records).clone();
        let mut leaves = 0;
        walk(&mut record, &mut |_| leaves += 1);
        let (wanted, mut at) = (place.index(leaves), 0);
        walk(&mut record, &mut |value| {
            if at == wanted {
                *value = odd.clone();
            }
            at += 1;
        });
        let text = record.to_string();
        let _ = recognise(&text);
        if let Err(refusal) = by_name(name).unwrap().read(&text, &mut |event| {
            assert!(event.tags.is_none_or(|tags| tags.lines().all(|tag| !tag.chars().any(char::is_control))));
        }) {
            let line = refusal.to_string();
            prop_assert!(!line.is_empty() && !line.contains('\n'), "{}", line);
        }
    }
}

fn walk(value: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|inner| walk(inner, visit)),
        Value::Array(items) => items.iter_mut().for_each(|inner| walk(inner, visit)),
        _ => visit(value),
    }
}

fn odd() -> impl Strategy<Value = Value> {
    use serde_json::json;
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5e300),
        json!(u64::MAX),
        json!(""),
        json!("null"),
        json!("é\n\u{202e}".repeat(20)),
        json!("x".repeat(100_000)),
        json!([]),
        json!({}),
        json!([1, [2]]),
        json!({"a": {"b": 1}}),
        json!("{\"type\":\"x\"}"),
        json!("[x]"),
        json!("arn:aws:sts::1:assumed-role/"),
        json!("//"),
        json!("'$$/*--"),
    ])
}
