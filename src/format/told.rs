//! An event as the names and texts of its fields, for the tests that compare it with what a case says. It must not know any
//! format.

use crate::model::{Event, KindEvidence};
use std::collections::BTreeMap;

/// The words of evidence, in the order of their bits.
const EVIDENCE: [&str; 16] = [
    "static_key",
    "console",
    "role_session",
    "workload_session",
    "person_session",
    "ci_session",
    "provider_service",
    "oauth_app",
    "api_client",
    "ui",
    "machine_name",
    "agent",
    "bot",
    "service_account",
    "person",
    "root",
];

fn words_of(evidence: KindEvidence) -> String {
    let words: Vec<&str> = EVIDENCE.iter().enumerate().filter(|(bit, _)| evidence.0 & (1 << bit) != 0).map(|(_, word)| *word).collect();
    words.join(" ")
}

/// Everything an event says, by the names of its fields.
pub fn told(event: &Event<'_>) -> BTreeMap<&'static str, String> {
    let own = |text: &Option<crate::model::event::Text<'_>>| text.as_deref().map(str::to_owned);
    let principal = &event.principal;
    let all = [
        ("time", Some(event.time.to_string())),
        ("provider_id", own(&event.provider_id)),
        ("principal", Some(format!("{}:{}", principal.platform, principal.id))),
        ("name", own(&principal.name)),
        ("evidence", Some(words_of(principal.evidence))),
        ("credential", event.credential.as_ref().map(|credential| format!("{}:{}", credential.kind, credential.id))),
        ("session", own(&event.session)),
        ("mfa", event.mfa.map(|mfa| mfa.to_string())),
        ("session_issued", event.session_issued.map(|at| at.to_string())),
        ("on_behalf_of", own(&event.on_behalf_of)),
        ("tenant", own(&event.tenant)),
        ("account", own(&event.cloud_account)),
        ("region", own(&event.region)),
        ("source", own(&event.source)),
        ("via_provider", Some(event.via_provider.to_string())),
        ("agent", own(&event.agent)),
        ("auth_method", own(&event.auth_method)),
        ("action", Some(event.action.to_string())),
        ("service", own(&event.service)),
        ("class", Some(event.class.to_string())),
        ("probe", event.probe.map(|probe| probe.to_string())),
        ("resource", own(&event.resource)),
        ("domain", own(&event.domain)),
        ("target", own(&event.target)),
        ("query_shape", own(&event.query_shape)),
        ("job", own(&event.job)),
        ("job_step", event.job_step.map(|step| step.to_string())),
        ("outcome", Some(event.outcome.to_string())),
        ("error", own(&event.error)),
        ("rows", event.rows.map(|n| n.to_string())),
        ("bytes", event.bytes.map(|n| n.to_string())),
        ("scopes", own(&event.scopes)),
        ("tool", own(&event.tool)),
        ("tags", own(&event.tags)),
        ("finding", Some(event.finding.to_string())),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
