//! The comparison of a record's event with what others read, one pair per field that both could have. Each field's rule
//! stands here; where two vocabularies differ, and where an expectation is wrong, `rules` says so one by one.

use super::case::{Case, Ended, Expected};
use super::rules;
use super::seen::Reading;
use driftline::model::{Outcome, Timestamp};
use serde_json::Value;

/// The fields that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Equal to the second: the same instant is often written twice, with more and with less precision.
    Time,
    /// Equal letters and digits, case aside (`added-user-account`, `AddedUserAccount`).
    Action,
    /// `success` is ours too; `failure` is our denied or error; `unknown` is unknown.
    Outcome,
    /// The same address, normalised.
    Ip,
    /// The same text, without the one pair of brackets S3 writes.
    Agent,
    /// Any of our names of the actor (principal id and name, credential id, on whose behalf, session) is any of theirs, case
    /// aside.
    Actor,
    /// The very same principal, where the other reading is ours too.
    Principal,
}

/// How a pair came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Agrees,
    /// The expectation is wrong by a written rule: its index in `rules::EXCUSED`.
    Excused(usize),
    Differs,
}

/// One compared field.
pub struct Pair {
    pub field: Field,
    pub expected: String,
    pub ours: String,
    pub verdict: Verdict,
}

/// Compares every field the expectation has; of several events any may agree.
pub fn compare(case: &Case, format: &str, events: &[Reading]) -> Vec<Pair> {
    let expected = &case.expected;
    let Some(first) = events.first() else { return Vec::new() };
    let mut pairs = Vec::new();
    let mut add = |field: Field, theirs: String, ours: String, agrees: bool| {
        let verdict = if agrees || rules::same_words(&case.place, format, field, &theirs, &ours, first) {
            Verdict::Agrees
        } else {
            rules::excuse(&case.place, format, field, &theirs, &ours).map_or(Verdict::Differs, Verdict::Excused)
        };
        pairs.push(Pair { field, expected: theirs, ours, verdict });
    };
    let any = |agrees: &dyn Fn(&Reading) -> bool| events.iter().any(agrees);
    if let Some(time) = expected.time.filter(|time| !expected.by_hand || holds(&case.record, *time)) {
        add(Field::Time, instant(time), instant(first.time), any(&|e| e.time.abs_diff(time) < 1_000));
    }
    if !expected.actions.is_empty() {
        let agrees = any(&|e| expected.actions.iter().any(|action| letters(action) == letters(&e.action)));
        add(Field::Action, expected.actions.join(" | "), first.action.clone(), agrees);
    }
    if let Some(ended) = expected.outcome {
        add(Field::Outcome, format!("{ended:?}"), first.outcome.to_string(), any(&|e| ended == ending(e.outcome)));
    }
    if !(expected.ips.is_empty() || (expected.all_ips && first.ip.is_none())) {
        let theirs = expected.ips.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let agrees = any(&|e| e.ip.is_some_and(|ip| expected.ips.contains(&ip)));
        add(Field::Ip, theirs, first.source.clone().unwrap_or_default(), agrees);
    }
    if let Some(agent) = &expected.agent {
        let ours = first.agent.clone().unwrap_or_default();
        add(Field::Agent, agent.clone(), ours, any(&|e| e.agent.as_deref().is_some_and(|ours| bare(ours) == bare(agent))));
    }
    if !expected.actors.is_empty() {
        let agrees = any(&|e| same_actor(expected, e));
        add(Field::Actor, expected.actors.join(" | "), first.actors.join(" | "), agrees);
    }
    if let Some(principal) = &expected.principal {
        add(Field::Principal, principal.clone(), first.principal.clone(), any(&|e| e.principal == *principal));
    }
    pairs
}

/// Whether a record tells a time anywhere. Hand-made samples were given other times than the readings beside them; where
/// that happened nothing can be compared.
fn holds(record: &str, time: i64) -> bool {
    serde_json::from_str(record).is_ok_and(|value| holds_in(&value, time))
}

fn holds_in(value: &Value, time: i64) -> bool {
    let near = |at: i64| at.abs_diff(time) < 1_000;
    match value {
        Value::Object(fields) => fields.values().any(|inner| holds_in(inner, time)),
        Value::Array(items) => items.iter().any(|inner| holds_in(inner, time)),
        Value::String(text) => {
            Timestamp::parse(text).is_some_and(|at| near(at.0))
                || text.parse::<i64>().is_ok_and(|n| near(n) || near(n.saturating_mul(1_000)))
        }
        Value::Number(number) => number.as_f64().is_some_and(|n| near(n as i64) || near((n * 1_000.0) as i64)),
        _ => false,
    }
}

fn same_actor(expected: &Expected, event: &Reading) -> bool {
    event.actors.iter().any(|ours| expected.actors.iter().any(|theirs| ours.to_lowercase() == theirs.to_lowercase()))
}

fn ending(outcome: Outcome) -> Ended {
    match outcome {
        Outcome::Success => Ended::Well,
        Outcome::Denied | Outcome::Error => Ended::Badly,
        Outcome::Unknown => Ended::Unsaid,
    }
}

/// Letters and digits in lower case.
pub fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn bare(agent: &str) -> &str {
    let agent = agent.trim();
    agent.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(agent).trim()
}

fn instant(ms: i64) -> String {
    Timestamp(ms).to_string()
}
