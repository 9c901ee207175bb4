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
    ("google_workspace", "gcp"),
    ("gsuite", "gcp"),
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
    ("jira", "atlassian"),
    ("confluence", "atlassian"),
    ("bitbucket", "atlassian"),
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
    let mut principal = principal(root, platform).ok_or(if finding {
        Refusal::NotActivity { what: "a finding that names no identity" }
    } else {
        Refusal::Missing { field: "user", expected: "who acted: user.id, user.name or user.email" }
    })?;
    // Google's log of its Kubernetes names the cluster's own accounts as the cluster does.
    if principal.platform == "gcp" && principal.id.starts_with("system:") {
        principal.platform = "kubernetes";
    }
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
    // Else the member in which shippers put the provider's own fields tells.
    let member = || {
        root.members().filter(|(_, inner)| inner.is_nested()).find_map(|(name, _)| {
            let name = name.to_ascii_lowercase();
            PLATFORMS.iter().find(|(word, _)| name == *word || name.strip_prefix(word).is_some_and(|rest| rest.starts_with('_')))
        })
    };
    known.or_else(|| member().map(|(_, platform)| *platform)).unwrap_or("ecs")
}

/// Where shippers keep the provider's own id and name of the actor, and what that place says about its kind. They count
/// before the schema's `user`, which for software is empty or somebody else.
const OWN: &[(&str, &str, KindEvidence)] = &[
    (
        "azure.signinlogs.properties.service_principal_id",
        "azure.signinlogs.properties.service_principal_name",
        KindEvidence::SERVICE_ACCOUNT,
    ),
    ("azure.signinlogs.properties.user_id", "azure.signinlogs.properties.user_principal_name", KindEvidence::NONE),
    ("azure.graphactivitylogs.properties.service_principal_id", "", KindEvidence::SERVICE_ACCOUNT),
    (
        "azure.auditlogs.properties.initiated_by.app.servicePrincipalId",
        "azure.auditlogs.properties.initiated_by.app.displayName",
        KindEvidence::SERVICE_ACCOUNT,
    ),
    (
        "azure.auditlogs.properties.initiated_by.user.id",
        "azure.auditlogs.properties.initiated_by.user.userPrincipalName",
        KindEvidence::NONE,
    ),
    (
        "azure.activitylogs.identity.claims.http://schemas_microsoft_com/identity/claims/objectidentifier",
        "azure.activitylogs.identity.claims_initiated_by_user.name",
        KindEvidence::NONE,
    ),
    (
        "azure.activitylogs.identity.authorization.evidence.principal_id",
        "azure.activitylogs.identity.claims_initiated_by_user.name",
        KindEvidence::NONE,
    ),
    ("azure.identityprotection.properties.user_id", "azure.identityprotection.properties.user_principal_name", KindEvidence::NONE),
    ("azure.identityprotection.properties.id", "azure.identityprotection.properties.user_principal_name", KindEvidence::NONE),
    ("azure.provisioning.properties.initiated_by.id", "azure.provisioning.properties.initiated_by.name", KindEvidence::NONE),
    ("azure.provisioning.properties.initiated_by.name", "", KindEvidence::NONE),
    ("okta.actor.id", "okta.actor.alternate_id", KindEvidence::NONE),
    ("gcp.audit.authentication_info.principal_email", "", KindEvidence::NONE),
    ("google_workspace.actor.email", "", KindEvidence::NONE),
    ("hashicorp_vault.audit.auth.entity_id", "hashicorp_vault.audit.auth.display_name", KindEvidence::NONE),
    ("kubernetes.audit.user.username", "", KindEvidence::NONE),
    ("box.created_by.id", "box.created_by.login", KindEvidence::NONE),
];

/// Where the provider's own names stand that count only where the schema names nobody.
const ELSE: &[(&str, &str, KindEvidence)] = &[
    ("hashicorp_vault.audit.auth.accessor", "hashicorp_vault.audit.auth.display_name", KindEvidence::NONE),
    ("auth0.logs.data.client_id", "auth0.logs.data.client_name", KindEvidence::OAUTH_APP),
    ("o365.audit.UserId", "", KindEvidence::NONE),
];

fn own<'a>(root: Node<'a>, platform: &'static str, places: &[(&str, &str, KindEvidence)]) -> Option<Principal<'a>> {
    places.iter().find_map(|(id, name, evidence)| {
        let id = root.get(id)?;
        let name = root.get(name);
        let system = sort_of_actor(root);
        let evidence = evidence.with(by_name(&id, name.as_deref())).with(system);
        Some(Principal { platform, id, name, evidence })
    })
}

/// Where the provider says what sort of actor it was.
fn sort_of_actor(root: Node<'_>) -> KindEvidence {
    if root.get("azure.provisioning.properties.initiated_by.type").as_deref() == Some("system") {
        return KindEvidence::PROVIDER_SERVICE;
    }
    match root.get("okta.actor.type").as_deref() {
        Some("SystemPrincipal") => KindEvidence::PROVIDER_SERVICE,
        Some(kind) if kind.starts_with("PublicClientApp") => KindEvidence::OAUTH_APP,
        _ => KindEvidence::NONE,
    }
}

/// What a name tells.
fn by_name(id: &str, name: Option<&str>) -> KindEvidence {
    let mut evidence = KindEvidence::NONE;
    if name.unwrap_or(id).contains(|c: char| c.is_alphabetic()) && machine::named(name.unwrap_or(id)) {
        evidence = evidence.with(KindEvidence::MACHINE_NAME);
    }
    if id.ends_with(".gserviceaccount.com") || id.starts_with("system:serviceaccount:") {
        evidence = evidence.with(KindEvidence::SERVICE_ACCOUNT);
    }
    if id.ends_with("[bot]") {
        evidence = evidence.with(KindEvidence::BOT);
    }
    evidence
}

fn principal<'a>(root: Node<'a>, platform: &'static str) -> Option<Principal<'a>> {
    let related = || {
        // The only one named anywhere.
        let id = only(root.at("related.user"))?;
        let evidence = by_name(&id, None);
        Some(Principal { platform, id, name: None, evidence })
    };
    own(root, platform, OWN).or_else(|| user(root, platform)).or_else(|| own(root, platform, ELSE)).or_else(related)
}

/// Whom the schema's own fields name.
fn user<'a>(root: Node<'a>, platform: &'static str) -> Option<Principal<'a>> {
    let users = ["user", "client.user", "source.user"].map(|path| root.at(path));
    // Some write one person's id under one name and the address under another.
    let told = |field: &str| users.iter().find_map(|user| only(user.at(field)));
    let (id, mail, name, full) = (told("id"), told("email"), told("name"), told("full_name"));
    let address = || mail.clone().or_else(|| name.clone().filter(|name| name.contains('@'))).map(|text| Cow::Owned(text.to_lowercase()));
    let own = match platform {
        // Their own logs name accounts by address, or by login.
        "gcp" => address().or_else(|| id.clone()),
        "github" => name.clone().or_else(|| id.clone()),
        _ => id.clone().or_else(address),
    };
    let id = own.or_else(|| name.clone()).or_else(|| full.clone())?;
    let shown = name.or(mail).or(full);
    let evidence = by_name(&id, shown.as_deref());
    Some(Principal { platform, id, name: shown, evidence })
}

/// A text, also where it stands alone in a list; of several nothing says which is meant.
fn only(node: Node<'_>) -> Option<Text<'_>> {
    let mut items = node.items();
    let first = items.next()?.text();
    first.filter(|_| items.next().is_none())
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
