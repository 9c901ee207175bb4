//! Puts the event of an audit log entry together.

use super::super::fields::Fields;
use super::super::tree::Node;
use super::super::{Refusal, moment, status};
use super::{NAME, PLATFORM, actor, operation};
use crate::model::event::Text;
use crate::model::{ActionClass, Event, JobStep, Outcome, Timestamp};
use serde_json::Value;
use std::borrow::Cow;

/// Makes the event of an entry and hands it to `sink`.
///
/// # Errors
/// Entries without action, time or actor.
pub fn emit(entry: &Value, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    // Older entries keep what is special about them in `data`.
    let fields = Fields::of(entry, &["data"]);
    let action = fields.text(&["action"]).ok_or(Refusal::Missing { field: "action", expected: "an action such as repo.create" })?;
    let time = time(&fields)?;
    let credential = actor::credential(&fields);
    let principal = actor::who(&fields, &action, credential.as_ref())?;
    let class = class(&fields, &action);

    let mut event = Event::new(NAME, time, principal, action.clone(), class);
    event.also = actor::also(&fields, &event.principal);
    event.provider_id = fields.text(&["documentid"]);
    event.auth_method = actor::auth_method(&fields, &action);
    event.credential = credential;
    event.session = fields.text(&["actorsession"]).filter(|id| id != "0");
    event.service = Some(Cow::Borrowed(PLATFORM));
    let repo = fields.text(&["repo", "repository", "repositoryname", "reponame"]);
    event.tenant = fields.text(&["org", "organizationname", "business", "enterprise"]).or_else(|| repo.as_deref().and_then(owner));
    event.source = fields.text(&["actorip"]).filter(|ip| ip != "-");
    event.agent = fields.text(&["useragent"]).filter(|agent| agent != "-");
    event.scopes = scopes(&fields);
    event.target = target(&fields, &action, &event.principal.id);
    event.resource = resource(&fields, &action, repo.as_ref());
    event.domain = repo;
    (event.job, event.job_step) = job(&fields, &action);
    event.outcome = outcome(&fields, &action);
    if event.outcome != Outcome::Success {
        event.error = fields.text(&["statuscode", "conclusion", "reason", "message"]);
    }
    sink(event);
    Ok(())
}

fn time(fields: &Fields<'_>) -> Result<Timestamp, Refusal> {
    // When it happened, when it was recorded, when it was shipped.
    const NAMES: &[&str] = &["timestamp", "atsigntimestamp", "createdat", "peventtime", "timegenerated"];
    const EXPECTED: &str = "milliseconds since 1970 or a time such as 2026-11-19T10:00:00Z";
    let mut odd = None;
    for text in NAMES.iter().filter_map(|name| fields.text(&[name])) {
        match moment::parse(&text) {
            Some(at) => return Ok(at),
            None => odd = odd.or(Some(text)),
        }
    }
    Err(match odd {
        Some(text) => Refusal::malformed("@timestamp", &text, EXPECTED),
        None => Refusal::Missing { field: "@timestamp", expected: EXPECTED },
    })
}

fn class(fields: &Fields<'_>, action: &str) -> ActionClass {
    if action != "api.request" {
        return operation::classify(action, fields.text(&["operationtype"]).as_deref());
    }
    let path = fields.text(&["urlpath", "route"]).unwrap_or_default();
    match fields.text(&["requestmethod", "method"]).as_deref() {
        Some("GET" | "HEAD")
            if path.contains("/zipball") || path.contains("/tarball") || path.contains("/audit-log") || path.contains("/migrations") =>
        {
            ActionClass::Export
        }
        Some("GET" | "HEAD") if path.contains("/contents/") || path.contains("/git/") => ActionClass::Read,
        Some("GET" | "HEAD") => ActionClass::List,
        Some("DELETE") => ActionClass::Delete,
        Some(_) if path.contains("/graphql") => ActionClass::Query,
        Some(_) if path.contains("access_tokens") => ActionClass::Token,
        Some(_) => ActionClass::Write,
        None => ActionClass::Read,
    }
}

/// `org/repo` gives `org`.
fn owner<'a>(repo: &str) -> Option<Text<'a>> {
    repo.split_once('/').map(|(owner, _)| Cow::Owned(owner.to_owned()))
}

fn scopes<'a>(fields: &Fields<'a>) -> Option<Text<'a>> {
    let node = fields.at("tokenscopes")?;
    let text = node.text().or_else(|| node.joined())?;
    if !text.contains(',') {
        return Some(text);
    }
    let words: Vec<&str> = text.split([',', ' ']).filter(|word| !word.is_empty()).collect();
    Some(Cow::Owned(words.join(" ")))
}

/// The user, app or application an action is about.
fn target<'a>(fields: &Fields<'a>, action: &str, principal: &str) -> Option<Text<'a>> {
    let category = action.split('.').next().unwrap_or_default();
    let app = match category {
        "integration" | "integration_installation" | "integration_installation_request" | "integration_secret" => {
            fields.text(&["integration", "applicationname", "name"])
        }
        "oauth_application" | "oauth_access" | "oauth_authorization" => {
            fields.text(&["oauthapplicationname", "oauthapplication", "applicationname"])
        }
        _ => None,
    };
    let user = || fields.text(&["user", "userlogin", "invitee", "targetlogin"]);
    app.or_else(user)
        .map(|name| if name.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(name.to_ascii_lowercase()) } else { name })
        .filter(|name| **name != *principal)
}

fn resource<'a>(fields: &Fields<'a>, action: &str, repo: Option<&Text<'a>>) -> Option<Text<'a>> {
    let of_request = || fields.text(&["urlpath", "route"]).filter(|_| action == "api.request");
    of_request().or_else(|| repo.cloned()).or_else(|| {
        fields.text(&[
            "team",
            "teamname",
            "userprogrammaticaccessname",
            "oauthapplicationname",
            "integration",
            "hookid",
            "environmentname",
            "runnername",
            "name",
        ])
    })
}

/// Migrations are GitHub's bulk exports.
fn job<'a>(fields: &Fields<'a>, action: &str) -> (Option<Text<'a>>, Option<JobStep>) {
    if !action.starts_with("migration.") {
        return (None, None);
    }
    let Some(id) = fields.text(&["migrationid", "id", "guid"]) else { return (None, None) };
    let step = match action {
        "migration.create" => JobStep::Create,
        "migration.destroy_file" | "migration.destroy" => JobStep::Delete,
        "migration.download" | "migration.complete" => JobStep::Complete,
        _ => JobStep::Progress,
    };
    (Some(id), Some(step))
}

/// Entries tell of what was done; what was refused has actions of its own.
fn outcome(fields: &Fields<'_>, action: &str) -> Outcome {
    if let Some(code) = fields.at("statuscode").and_then(Node::count) {
        return status::http(code).unwrap_or(Outcome::Unknown);
    }
    let name = action.rsplit('.').next().unwrap_or(action);
    if name.starts_with("rejected_") || matches!(name, "failed_login" | "two_factor_failure" | "failed_device_verification") {
        return Outcome::Denied;
    }
    if name.starts_with("failed") || name.ends_with("_failed") || name.ends_with("_failure") {
        return Outcome::Error;
    }
    match fields.text(&["conclusion"]) {
        Some(conclusion) => match &*conclusion {
            "failure" | "timed_out" | "cancelled" | "startup_failure" => Outcome::Error,
            "success" => Outcome::Success,
            _ => Outcome::Unknown,
        },
        None => Outcome::Success,
    }
}
