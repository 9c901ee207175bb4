//! A document by the schema's own fields. It must not know which provider's log it was, beyond the name of the system.

use super::super::tree::Node;
use super::super::{Refusal, machine, moment, status, verb};
use super::NAME;
use crate::model::event::{Credential, Text};
use crate::model::{ActionClass, Event, KindEvidence, Outcome, Principal};
use std::borrow::Cow;

/// Words in the names of modules, datasets and clouds, and the system identities of theirs belong to; the first that is
/// found counts.
const PLATFORMS: &[(&str, &str)] = &[
    ("okta", "okta"),
    ("auth0", "auth0"),
    ("github", "github"),
    ("gitlab", "gitlab"),
    ("azure", "entra"),
    ("entra", "entra"),
    ("o365", "entra"),
    ("m365", "entra"),
    ("microsoft", "entra"),
    ("google_workspace", "google"),
    ("gsuite", "google"),
    ("gcp", "gcp"),
    ("google", "gcp"),
    ("aws", "aws"),
    ("kubernetes", "kubernetes"),
    ("salesforce", "salesforce"),
    ("snowflake", "snowflake"),
    ("slack", "slack"),
    ("box", "box"),
    ("cloudflare", "cloudflare"),
    ("atlassian", "atlassian"),
    ("1password", "onepassword"),
    ("hashicorp_vault", "hashicorp_vault"),
    ("jumpcloud", "jumpcloud"),
    ("teleport", "teleport"),
    ("wiz", "wiz"),
];

/// The event of a document.
///
/// # Errors
/// When it lacks a time, an action or an actor, or tells of no activity.
pub fn event(root: Node<'_>) -> Result<Event<'_>, Refusal> {
    let kind = root.get("event.kind");
    match kind.as_deref() {
        Some("metric" | "state" | "asset") => return Err(Refusal::NotActivity { what: "an ECS document of a measurement or a state" }),
        Some("pipeline_error") => return Err(Refusal::NotActivity { what: "an ECS document of a record that could not be read" }),
        _ => {}
    }
    let finding = matches!(kind.as_deref(), Some("alert" | "signal"));
    let time = moment::read(root, &["@timestamp", "event.created"])?;
    let platform = platform(root);
    let principal = principal(root, platform).ok_or(if finding {
        Refusal::NotActivity { what: "a finding that names no identity" }
    } else {
        Refusal::Missing { field: "user", expected: "who acted: user.id, user.name or user.email" }
    })?;
    let action = root.at("event.action").items().find_map(Node::text).or_else(|| root.get_first(&["rule.name", "event.code", "message"]));
    let action = action.ok_or(Refusal::Missing { field: "event.action", expected: "what was done" })?;
    let class = if finding { ActionClass::Logging } else { class(root, &action) };
    let mut event = Event::new(NAME, time, principal, action, class);
    event.provider_id = root.get_first(&["event.id", "_id"]);
    event.service = root.get_first(&["service.name", "event.provider", "event.dataset", "event.module"]);
    event.tenant = root.get_first(&["cloud.account.id", "organization.id", "organization.name", "cloud.project.id"]);
    event.region = root.get("cloud.region");
    event.source = root.get_first(&["source.ip", "client.ip", "source.address", "client.address"]);
    event.agent = root.get("user_agent.original").filter(|agent| agent != "-");
    event.session = root.get_first(&["session.id", "user.session.id"]);
    event.target =
        root.get_first(&["user.target.id", "user.target.name", "user.target.email", "user.target.group.name", "group.id", "group.name"]);
    event.resource = root.get_first(&["url.path", "url.original", "file.path", "file.name", "orchestrator.resource.name"]);
    event.on_behalf_of = root.get_first(&["user.effective.id", "user.effective.name"]).filter(|id| *id != event.principal.id);
    event.bytes = root.at("event.bytes").count();
    (event.outcome, event.error) = outcome(root);
    event.credential = root.get("user.credential.id").map(|id| Credential { id, kind: "session" });
    event.scopes = root.at("user.roles").joined();
    if finding {
        event.finding = true;
        event.tags = Some(Cow::Owned(tag(root, &event.action)));
    }
    Ok(event)
}

/// The system a document's identities belong to.
pub fn platform(root: Node<'_>) -> &'static str {
    let told = ["event.module", "event.dataset", "data_stream.dataset", "event.provider", "cloud.provider"];
    let known = told.iter().filter_map(|path| root.get(path)).find_map(|text| {
        let text = text.to_ascii_lowercase();
        PLATFORMS.iter().find(|(word, _)| text.starts_with(word)).map(|(_, platform)| *platform)
    });
    known.unwrap_or("ecs")
}

fn principal<'a>(root: Node<'a>, platform: &'static str) -> Option<Principal<'a>> {
    let users = ["user", "client.user", "source.user"].map(|path| root.at(path));
    // Some write one person's id under one name and the address under another.
    let id = users.iter().find_map(|user| user.get("id"));
    let mail = users.iter().find_map(|user| user.get("email"));
    let name = users.iter().find_map(|user| user.get("name"));
    let full = users.iter().find_map(|user| user.get("full_name"));
    let address = || mail.clone().or_else(|| name.clone().filter(|name| name.contains('@'))).map(|text| Cow::Owned(text.to_lowercase()));
    let own = match platform {
        // Their own logs name accounts by address, or by login.
        "google" | "gcp" => address().or_else(|| id.clone()),
        "github" => name.clone().or_else(|| id.clone()),
        _ => id.clone().or_else(address),
    };
    let id = own.or_else(|| name.clone()).or_else(|| full.clone())?;
    let shown = name.or(mail).or(full);
    let mut evidence = KindEvidence::NONE;
    if shown.as_deref().is_some_and(machine::named) {
        evidence = evidence.with(KindEvidence::MACHINE_NAME);
    }
    if id.ends_with(".gserviceaccount.com") {
        evidence = evidence.with(KindEvidence::SERVICE_ACCOUNT);
    }
    if id.ends_with("[bot]") {
        evidence = evidence.with(KindEvidence::BOT);
    }
    Some(Principal { platform, id, name: shown, evidence })
}

/// What was done, by its name; where that tells nothing, by the schema's category and type.
fn class(root: Node<'_>, action: &str) -> ActionClass {
    let by_name = verb::classify(action);
    if by_name != ActionClass::Admin {
        return by_name;
    }
    let has = |path: &str, word: &str| root.at(path).items().any(|item| item.text().as_deref() == Some(word));
    let kind = |word| has("event.type", word);
    match () {
        () if has("event.category", "authentication") || has("event.category", "session") => ActionClass::Auth,
        () if has("event.category", "iam") => ActionClass::Iam,
        () if kind("deletion") => ActionClass::Delete,
        () if kind("creation") || kind("change") => ActionClass::Write,
        () if kind("access") && !has("event.category", "configuration") => ActionClass::Read,
        () => by_name,
    }
}

fn outcome(root: Node<'_>) -> (Outcome, Option<Text<'_>>) {
    let error = root.get_first(&["error.code", "error.message"]);
    match root.get("event.outcome").and_then(|word| status::word(&word)) {
        Some(Outcome::Success) => (Outcome::Success, None),
        Some(failure) => {
            let denied =
                error.as_deref().is_some_and(refused) || root.at("event.type").items().any(|kind| kind.text().as_deref() == Some("denied"));
            (if denied { Outcome::Denied } else { failure }, error)
        }
        None => match root.at("http.response.status_code").count().and_then(status::http) {
            Some(told) => (told, error),
            None => (Outcome::Unknown, error),
        },
    }
}

fn refused(error: &str) -> bool {
    let lower = error.to_ascii_lowercase();
    status::word(error) == Some(Outcome::Denied)
        || ["denied", "unauthorized", "forbidden", "permission"].iter().any(|part| lower.contains(part))
}

/// `finding:PRODUCT:SEVERITY:TITLE`.
fn tag(root: Node<'_>, action: &str) -> String {
    let product = root.get_first(&["event.module", "event.provider", "event.dataset"]).unwrap_or(Cow::Borrowed("ecs"));
    let severity = root
        .get_first(&["event.severity_name", "kibana.alert.severity", "signal.rule.severity", "log.level"])
        .map(|text| text.to_lowercase());
    let severity = severity.unwrap_or_else(|| match root.at("event.severity").count() {
        Some(..=39) => "low".to_owned(),
        Some(40..=69) => "medium".to_owned(),
        Some(_) => "high".to_owned(),
        None => "unknown".to_owned(),
    });
    let title = root.get_first(&["rule.name", "kibana.alert.rule.name", "event.reason"]).unwrap_or(Cow::Borrowed(action));
    let plain = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect::<String>();
    format!("finding:{}:{}:{}", plain(&product).replace(':', "_"), plain(&severity), plain(&title))
}
