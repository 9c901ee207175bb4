//! An activity by OCSF's own fields, for products whose own log we do not read or cannot get back to. It must not know
//! products beyond what `product` says.

use super::super::tree::Node;
use super::super::{Refusal, machine, moment, status};
use super::NAME;
use super::class::{AUTHENTICATION, Class};
use super::product::Product;
use crate::model::event::{Credential, Text};
use crate::model::{ActionClass, Event, KindEvidence, Outcome, Principal, Timestamp};
use std::borrow::Cow;

/// Where the time stands: `time` is the one OCSF requires, the others are copies.
pub const TIMES: &[&str] = &["time", "time_dt", "metadata.original_time", "start_time", "start_time_dt"];

/// The event of a record.
///
/// # Errors
/// When it lacks a time or an actor.
pub fn of<'a>(root: Node<'a>, class: &Class, product: &Product) -> Result<Event<'a>, Refusal> {
    let time = moment::read(root, TIMES)?;
    let (actor, user) = (root.at("actor"), subject(root, class));
    let app = app(actor);
    let mut principal = principal(user, product)
        .or_else(|| app_principal(app, product))
        .ok_or(Refusal::Missing { field: "actor.user", expected: "who acted: a uid or name of actor.user, user or actor.app_uid" })?;
    let operation = root.get_first(&["api.operation", "metadata.event_code"]);
    // The log of a sign-in tells what signed in.
    if operation.as_deref().is_some_and(|log| log.contains("ServicePrincipalSignIn") || log.contains("ManagedIdentitySignIn")) {
        principal.evidence = principal.evidence.with(KindEvidence::SERVICE_ACCOUNT);
    }
    let action_class = class.action(operation.as_deref());
    let action = operation.unwrap_or_else(|| activity(root, class));
    let mut event = Event::new(NAME, time, principal, action, action_class);
    event.provider_id = root.get_first(&["metadata.uid", "metadata.original_event_uid"]);
    event.service = root.get_first(&["api.service.name", "service.name", "metadata.product.name"]);
    event.region = root.get("cloud.region");
    event.tenant = root.get_first(&["cloud.account.uid", "cloud.account_uid", "metadata.tenant_uid", "cloud.org.uid", "cloud.project_uid"]);
    event.tenant = event.tenant.or_else(|| user.get_first(&["account.uid", "account_uid", "org.uid", "domain"]));
    event.source = source(root);
    event.agent = root.get("http_request.user_agent");
    event.via_provider = actor.get("invoked_by").is_some() && product.platform == "aws";
    session(&mut event, root, actor);
    event.credential = credential(root, user, actor, app, &event);
    event.on_behalf_of = actor.get_first(&["user.user_on_behalf_of.uid", "user.user_on_behalf_of.name"]);
    let (outcome, error) = outcome(root, class);
    (event.outcome, event.error) = (outcome, error);
    event.resource = root.get_first(&[
        "resources.0.uid",
        "resources.0.name",
        "resource.uid",
        "resource.name",
        "entity.uid",
        "entity.name",
        "web_resources.0.url_string",
        "web_resources.0.uid",
        "web_resources.0.name",
        "file.path",
        "file.name",
        "table.name",
        "database.name",
        "databucket.name",
        "group.name",
        "dst_endpoint.svc_name",
    ]);
    event.domain =
        root.get_first(&["table.name", "database.name", "databucket.name", "resources.0.type", "entity.type", "web_resources.0.type"]);
    event.target = target(root, class, user);
    event.bytes = root.first(&["query_info.bytes", "traffic.bytes", "file.size"]).count().filter(|_| moves(action_class));
    event.scopes = root.at("privileges").joined();
    Ok(event)
}

fn moves(class: ActionClass) -> bool {
    matches!(class, ActionClass::Read | ActionClass::Query | ActionClass::Export | ActionClass::Write)
}

/// Who acted: of a sign-in whoever signs in, else the actor.
fn subject<'a>(root: Node<'a>, class: &Class) -> Node<'a> {
    let (actor, user) = (root.at("actor.user"), root.at("user"));
    let named = |node: Node<'_>| node.get_first(&["uid", "uid_alt", "name", "email_addr"]).is_some();
    if class.uid == AUTHENTICATION && (named(user) || !named(actor)) { user } else { actor }
}

fn app(actor: Node<'_>) -> Node<'_> {
    if actor.at("application").is_nested() { actor.at("application") } else { actor }
}

/// The principal a `user` object names; the same id as in the provider's own log.
pub fn principal<'a>(user: Node<'a>, product: &Product) -> Option<Principal<'a>> {
    let (uid, mail) = (user.get_first(&["uid", "uid_alt", "uuid"]), user.get("email_addr"));
    let name = user.get_first(&["name", "full_name"]);
    let address = mail.clone().or_else(|| name.clone().filter(|name| name.contains('@'))).map(lower);
    let id = match product.platform {
        // Google's own logs name accounts by address.
        "gcp" => address.or(uid).or_else(|| name.clone()),
        // Addresses are one whatever their case.
        _ => uid.map(|uid| if uid.contains('@') { lower(uid) } else { uid }).or(address).or_else(|| name.clone()),
    }?;
    let mut evidence = match (user.at("type_id").count(), user.get("type").as_deref()) {
        (Some(4), _) | (_, Some("Service" | "Service Account" | "ServiceAccount")) => KindEvidence::SERVICE_ACCOUNT,
        (Some(3), _) | (_, Some("System")) => KindEvidence::PROVIDER_SERVICE,
        (_, Some("Bot")) => KindEvidence::BOT,
        _ => KindEvidence::NONE,
    };
    if [name.as_deref(), mail.as_deref()].into_iter().flatten().any(machine::named) {
        evidence = evidence.with(KindEvidence::MACHINE_NAME);
    }
    if id.ends_with(".gserviceaccount.com") {
        evidence = evidence.with(KindEvidence::SERVICE_ACCOUNT);
    }
    Some(Principal { platform: product.platform, id, name: name.or(mail), evidence })
}

fn app_principal<'a>(app: Node<'a>, product: &Product) -> Option<Principal<'a>> {
    let name = app.get_first(&["app_name", "name"]);
    let id = app.get_first(&["app_uid", "uid"]).or_else(|| name.clone())?;
    Some(Principal { platform: product.platform, id, name, evidence: KindEvidence::OAUTH_APP })
}

fn session<'a>(event: &mut Event<'a>, root: Node<'a>, actor: Node<'a>) {
    let session = if actor.at("session").is_nested() { actor.at("session") } else { root.at("session") };
    event.session = session.get_first(&["uid", "uuid"]);
    event.mfa = root.first(&["is_mfa", "mfa"]).flag().or_else(|| session.first(&["is_mfa", "mfa"]).flag());
    event.session_issued = moment::read(session, &["created_time", "created_time_dt"]).ok().filter(|at| *at > Timestamp(0));
    event.auth_method = root.get("auth_protocol").filter(|text| !matches!(&**text, "Unknown" | "Other")).map(lower);
}

fn credential<'a>(root: Node<'a>, user: Node<'a>, actor: Node<'a>, app: Node<'a>, event: &Event<'a>) -> Option<Credential<'a>> {
    if let Some(id) = user.get("credential_uid").or_else(|| actor.get("session.credential_uid")) {
        let kind = if id.starts_with("AKIA") {
            "static_key"
        } else if id.starts_with("ASIA") {
            "sts_session"
        } else if root.get("auth_protocol").is_some_and(|protocol| protocol.contains("OAuth") || protocol.contains("OpenID")) {
            "oauth_access"
        } else {
            "session"
        };
        return Some(Credential { id, kind });
    }
    let id = app.get_first(&["app_uid"]).filter(|id| *id != event.principal.id)?;
    Some(Credential { id, kind: "oauth_access" })
}

fn source(root: Node<'_>) -> Option<Text<'_>> {
    root.get_first(&["src_endpoint.ip", "src_endpoint.domain", "src_endpoint.hostname", "src_endpoint.svc_name", "device.ip"])
}

/// `Authentication: Logon`, where no operation is named.
fn activity<'a>(root: Node<'a>, class: &Class) -> Text<'a> {
    let name = root.get_first(&["type_name", "activity_name", "activity", "class_name"]);
    name.unwrap_or_else(|| Cow::Owned(format!("{}/{}", class.uid, class.activity)))
}

/// How it ended and the provider's word for it.
pub fn outcome<'a>(root: Node<'a>, class: &Class) -> (Outcome, Option<Text<'a>>) {
    let response = root.at("api.response");
    let error = response.get("error").or_else(|| response.get("error_message"));
    // An error code of 0 is none: so sign-ins say that they worked.
    let code = root.get("status_code").filter(|_| class.uid == AUTHENTICATION).and_then(|code| code.parse::<u64>().ok());
    let told = match root.at("status_id").count() {
        Some(1) => Some(Outcome::Success),
        Some(2) => Some(Outcome::Error),
        _ if code == Some(0) => Some(Outcome::Success),
        _ if code.is_some() => Some(Outcome::Error),
        _ => root.get("status").and_then(|word| status::word(&word)).or_else(|| status::http(response.at("code").count()?)),
    };
    let detail = error.clone().or_else(|| root.get_first(&["status_detail", "status_code"]));
    let refused = || {
        let words =
            [detail.as_deref(), root.get("disposition").as_deref().or(root.get("action").as_deref())].into_iter().flatten().any(denied);
        words || class.uid == AUTHENTICATION || matches!(response.at("code").count(), Some(401 | 403))
    };
    match told {
        Some(Outcome::Success | Outcome::Unknown) | None if error.is_none() => (told.unwrap_or(Outcome::Unknown), None),
        Some(Outcome::Denied) => (Outcome::Denied, detail),
        _ if refused() => (Outcome::Denied, detail),
        _ => (Outcome::Error, detail),
    }
}

fn denied(text: &str) -> bool {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let parts = ["denied", "unauthorized", "forbidden", "notauthorized", "blocked", "invalidcredential", "permission"];
    status::word(text) == Some(Outcome::Denied) || parts.iter().any(|part| plain.contains(part))
}

/// The identity acted on: the user or group of account and group changes.
fn target<'a>(root: Node<'a>, class: &Class, actor: Node<'a>) -> Option<Text<'a>> {
    if class.uid / 1_000 != 3 || class.uid == AUTHENTICATION {
        return None;
    }
    let user = root.get_first(&["user.uid", "user.name", "user.email_addr"]);
    user.filter(|id| actor.get_first(&["uid", "name", "email_addr"]).as_ref() != Some(id))
        .or_else(|| root.get_first(&["group.uid", "group.name"]))
}

/// The same in lower case; only where it differs a copy is made.
pub fn lower(text: Text<'_>) -> Text<'_> {
    if text.chars().any(char::is_uppercase) { Cow::Owned(text.to_lowercase()) } else { text }
}
