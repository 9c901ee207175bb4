//! Webhook deliveries: `{"action": "completed", "workflow_run": {…}, "repository": {…}, "sender": {…}}`. The name of the
//! event travels in a header that no log keeps, so the object the delivery is about stands for it. Deliveries carry no
//! time of their own, only their objects do.

use super::super::tree::Node;
use super::super::{Refusal, Shape, moment};
use super::{NAME, PLATFORM, actor, operation};
use crate::model::event::Text;
use crate::model::{Event, KindEvidence, Outcome, Timestamp};
use std::borrow::Cow;

/// What a delivery can be about, the more special first.
const OBJECTS: &[&str] = &[
    "workflow_job",
    "workflow_run",
    "check_run",
    "check_suite",
    "alert",
    "deployment_status",
    "deployment",
    "review",
    "comment",
    "pull_request",
    "issue",
    "release",
    "rule",
    "installation",
    "member",
    "membership",
    "team",
    "hook",
    "key",
    "personal_access_token_request",
    "repository_ruleset",
    "package",
    "discussion",
    "security_advisory",
    "forkee",
    "repositories_added",
];

/// Whether a record looks like a delivery.
pub fn recognises(shape: &Shape<'_>) -> bool {
    let about = shape.has("repository") || shape.has("organization") || shape.has("enterprise") || shape.has("installation");
    if !shape.has("sender") || !about || shape.get("sender").is_some() {
        return false;
    }
    let verb = shape.get("action").is_some_and(|action| !action.contains('.') && action.len() <= 64);
    let push = shape.has("pusher") && shape.get("ref").is_some();
    (verb || push) && shape.record().contains("\"login\"")
}

/// Whether an opened record is a delivery.
pub fn is_delivery(root: Node<'_>) -> bool {
    let about = root.at("sender.login").is_some() || root.get("p_log_type").is_some_and(|kind| kind == "GitHub.Webhook");
    about && !root.get("action").is_some_and(|action| action.contains('.'))
}

/// Makes the event of a delivery and hands it to `sink`.
///
/// # Errors
/// Deliveries without time or sender.
pub fn emit(root: Node<'_>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    let object = OBJECTS.iter().find(|name| root.at(name).is_nested()).copied();
    let verb = root.get("action");
    let action = match (object, &verb) {
        (_, None) => root.get("ref").map(|_| "push".to_owned()),
        (Some(object), Some(verb)) => Some(format!("{object}.{verb}")),
        (None, Some(verb)) => {
            let owner = if root.at("repository").is_nested() { "repository" } else { "organization" };
            Some(format!("{owner}.{verb}"))
        }
    };
    let action = action.ok_or(Refusal::Missing { field: "action", expected: "an action such as completed" })?;
    let about = object.map_or_else(|| root.at("repository"), |name| root.at(name));
    let time = time(root, about, verb.as_deref())?;
    let login = root.get("sender.login").ok_or(Refusal::Missing { field: "sender.login", expected: "who acted" })?;
    let mut principal = actor::of_login(login);
    if root.get("sender.type").as_deref() == Some("Bot") && !principal.evidence.has(KindEvidence::CI_SESSION) {
        principal.evidence = principal.evidence.with(KindEvidence::BOT);
    }

    let class = operation::classify(&action, None);
    let mut event = Event::new(NAME, time, principal, Cow::Owned(action), class);
    event.service = Some(Cow::Borrowed(PLATFORM));
    event.tenant = root.get_first(&["organization.login", "repository.owner.login", "enterprise.slug", "installation.account.login"]);
    event.domain = root.get("repository.full_name");
    event.resource = about.get_first(&["name", "title", "html_url", "url"]).or_else(|| event.domain.clone());
    event.target =
        lower(root.get_first(&["member.login", "membership.user.login", "assignee.login"])).filter(|login| *login != event.principal.id);
    event.outcome = match about.get_first(&["conclusion", "state"]).as_deref() {
        Some("success") => Outcome::Success,
        Some("failure" | "timed_out" | "cancelled" | "startup_failure" | "error") => Outcome::Error,
        _ => Outcome::Unknown,
    };
    if event.outcome == Outcome::Error {
        event.error = about.get_first(&["conclusion", "state"]);
    }
    sink(event);
    Ok(())
}

fn lower(text: Option<Text<'_>>) -> Option<Text<'_>> {
    text.map(|text| if text.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { text })
}

/// `completed_at` of something completed; else the last time the object knows of.
fn time(root: Node<'_>, about: Node<'_>, verb: Option<&str>) -> Result<Timestamp, Refusal> {
    let own = verb.map(|verb| format!("{verb}_at"));
    let places =
        own.as_deref().into_iter().chain(["updated_at", "completed_at", "submitted_at", "started_at", "created_at", "published_at"]);
    let found = places.filter_map(|place| about.get(place)).find_map(|text| moment::parse(&text));
    match found {
        Some(at) => Ok(at),
        None => moment::read(root, &["head_commit.timestamp", "@timestamp", "p_event_time", "timestamp"])
            .map_err(|_| Refusal::Missing { field: "time", expected: "a delivery about something that has one" }),
    }
}
