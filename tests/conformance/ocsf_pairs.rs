//! Raw records with the same record in OCSF beside: `x.raw` and `x.ocsf`, or `x.json` with `OCSF_x.json`. The raw record's
//! event is compared with what the OCSF document says; and the OCSF document, read as a format of its own, with the event
//! of the raw record, down to the principal: an identity is the same by either way.
//!
//! Of a document: time is `time`, else `time_dt`, `metadata.original_time`; action `api.operation`, else
//! `metadata.event_code`; outcome `status_id` (1 success, 2 failure); address `src_endpoint.ip`; client
//! `http_request.user_agent`; the actor any of `actor.user` and `user` (uid, `uid_alt`, name, e-mail, credential),
//! `actor.session` (uid, issuer), `actor.invoked_by`, `actor.app_name`.

use super::case::{Case, Ended, Expected};
use super::corpus::{Source, files, text};
use super::literal;
use super::seen::{self, Seen};
use driftline::enrich::address;
use driftline::model::{Outcome, Timestamp};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// One file of samples: a raw record or an OCSF document.
pub fn sample(source: &Source<'_>, sink: &mut dyn FnMut(Case)) {
    let Some(value) = parsed(source.path) else { return };
    let other = partner(source.path).and_then(|path| parsed(&path));
    if value.get("class_uid").is_none() {
        let expected = other.as_ref().map(|document| held(reading(document), &value.to_string())).unwrap_or_default();
        return sink(source.case(1, value.to_string(), expected));
    }
    let mut expected = other.as_ref().map(|raw| of_raw(&raw.to_string())).unwrap_or_default();
    // Samples were edited by hand: where document and raw record do not tell the same time, address or outcome, the document's own counts.
    let own = reading(&value);
    expected.time = own.time.or(expected.time);
    expected.ips = own.ips;
    expected.outcome = own.outcome.or(expected.outcome);
    expected.agent = own.agent;
    if !own.actions.is_empty() {
        expected.actions = own.actions;
    }
    // So it is where they do not name the same account.
    let told = value.to_string();
    expected.principal = expected.principal.filter(|principal| principal.split_once(':').is_some_and(|(_, id)| told.contains(id)));
    if expected.principal.is_none() || expected.actors.is_empty() {
        expected.actors = own.actors;
    }
    sink(document(source, 1, &value, expected));
}

/// Documents printed as literals, without the raw records they were made of.
pub fn printed(source: &Source<'_>, sink: &mut dyn FnMut(Case)) {
    for (at, value) in literal::records(&text(source.path)).iter().enumerate().filter(|(_, value)| value.get("class_uid").is_some()) {
        sink(document(source, at + 1, value, reading(value)));
    }
}

fn document(source: &Source<'_>, at: usize, value: &Value, expected: Expected) -> Case {
    let mut case = source.case(at, value.to_string(), expected);
    let activity = value["category_uid"].as_u64().is_some_and(|category| category == 3 || category == 6);
    (case.formats, case.optional) = (vec!["ocsf"], !activity && value["class_uid"] != 2004);
    case
}

/// A sample; some have a comma too many at the end of an object, which is a slip of whoever edited them.
fn parsed(path: &Path) -> Option<Value> {
    let text = text(path);
    serde_json::from_str(&text).ok().or_else(|| {
        let tight: String = text.lines().map(str::trim).collect();
        serde_json::from_str(&tight.replace(",}", "}").replace(",]", "]")).ok()
    })
}

/// What a raw record holds of the reading beside it: samples were edited by hand on one side only.
fn held(mut expected: Expected, record: &str) -> Expected {
    expected.by_hand = true;
    expected.actions.retain(|action| record.contains(action.as_str()));
    expected.ips.retain(|ip| record.contains(&ip.to_string()));
    expected.agent = expected.agent.filter(|agent| record.contains(agent.as_str()));
    expected
}

/// The raw record of a document or the document of a raw record.
fn partner(path: &Path) -> Option<PathBuf> {
    let other = match path.extension()?.to_str()? {
        "raw" => "ocsf",
        "ocsf" => "raw",
        _ => "",
    };
    let beside = path.with_extension(other);
    if !other.is_empty() && beside.is_file() {
        return Some(beside);
    }
    let name = path.file_name()?.to_str()?.to_lowercase();
    let stem =
        |name: &str| name.trim_start_matches("ocsf_").trim_start_matches("generic_").split('.').next().unwrap_or_default().to_owned();
    let mut near = Vec::new();
    files(path.parent()?, &mut near);
    near.into_iter().find(|near| {
        let other = near.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_lowercase();
        other != name && stem(&other) == stem(&name) && other.starts_with("ocsf_") != name.starts_with("ocsf_")
    })
}

/// What our own reader of the provider reads: the principal that OCSF must give too.
fn of_raw(record: &str) -> Expected {
    let Seen::Read { events, .. } = seen::look(record) else { return Expected::default() };
    let Some(event) = events.into_iter().next() else { return Expected::default() };
    Expected {
        time: Some(event.time),
        actions: vec![event.action],
        outcome: match event.outcome {
            Outcome::Success => Some(Ended::Well),
            Outcome::Denied | Outcome::Error => Some(Ended::Badly),
            Outcome::Unknown => None,
        },
        ips: event.ip.into_iter().collect(),
        agent: event.agent,
        actors: event.actors,
        principal: Some(event.principal),
        ..Expected::default()
    }
}

/// A count in seconds, milliseconds or microseconds.
fn millis(count: i64) -> i64 {
    match count {
        ..100_000_000_000 => count * 1_000,
        100_000_000_000..100_000_000_000_000 => count,
        _ => count / 1_000,
    }
}

fn reading(document: &Value) -> Expected {
    let at = |path: &str| {
        document.pointer(&format!("/{}", path.replace('.', "/"))).and_then(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    };
    // The count is the field every record must have; texts beside it are copies.
    let count = document.get("time").and_then(Value::as_i64).map(millis);
    let text = || ["time_dt", "metadata.original_time"].iter().find_map(|path| at(path).and_then(|text| Timestamp::parse(&text)));
    let count = count.or_else(|| at("time").and_then(|text| Timestamp::parse(&text)).map(|time| time.0));
    let when = count.or_else(|| text().map(|time| time.0));
    let mut expected = Expected {
        time: when,
        actions: at("api.operation").or_else(|| at("metadata.event_code")).into_iter().collect(),
        // Of a finding it is the state of the work on it.
        outcome: match document.get("status_id").and_then(Value::as_u64).filter(|_| document["category_uid"] != 2) {
            Some(1) => Some(Ended::Well),
            Some(2) => Some(Ended::Badly),
            _ => None,
        },
        ips: at("src_endpoint.ip").and_then(|text| address::parse(&text)).into_iter().collect(),
        agent: at("http_request.user_agent"),
        ..Expected::default()
    };
    for place in ["actor.user", "user"] {
        for field in ["uid", "uid_alt", "name", "email_addr", "full_name", "credential_uid"] {
            expected.actor(at(&format!("{place}.{field}")));
        }
        if !expected.actors.is_empty() {
            break;
        }
    }
    for path in ["actor.session.issuer", "actor.session.uid", "actor.invoked_by", "actor.app_name", "actor.app_uid"] {
        expected.actor(at(path));
    }
    expected
}
