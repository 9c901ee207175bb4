//! A change in the directory (and an Intune administrator's change, which is logged alike): who made it, to whom, which
//! key came out of it and which permissions were given. It must not know containers.

use super::super::tree::Node;
use super::super::{Refusal, moment, status, verb};
use super::NAME;
use super::directory::{self, said};
use super::record::View;
use crate::model::event::Text;
use crate::model::{ActionClass, Event, KindEvidence, Outcome, Principal};
use std::borrow::Cow;

/// What matters, by words of the activity in lower case; the first row of which all words stand in the name counts.
const ACTIVITIES: &[(&[&str], ActionClass)] = &[
    (&["service principal credentials"], ActionClass::Secret),
    (&["certificates and secrets"], ActionClass::Secret),
    (&["federated identity credential"], ActionClass::Secret),
    (&["password"], ActionClass::Secret),
    (&["bitlocker"], ActionClass::Secret),
    (&["local administrator password"], ActionClass::Secret),
    (&["temporary access pass"], ActionClass::Secret),
    (&["consent to application"], ActionClass::Token),
    (&["permission grant"], ActionClass::Token),
    (&["oauth2permissiongrant"], ActionClass::Token),
    (&["refresh token"], ActionClass::Token),
    (&["refreshtoken"], ActionClass::Token),
    (&["download"], ActionClass::Export),
    (&["export"], ActionClass::Export),
    (&["bulk", "users"], ActionClass::Export),
    (&["diagnostic setting"], ActionClass::Logging),
    (&["audit log"], ActionClass::Logging),
    (&["device"], ActionClass::Admin),
];

/// Makes the event of a directory change.
///
/// # Errors
/// When it has no time, no activity or names nobody.
pub fn event(view: View<'_>) -> Result<Event<'_>, Refusal> {
    let time = moment::read(view.root, &["time", "activityDateTime", "TimeGenerated", "properties.activityDateTime"])?;
    let action = said(view.root, &["operationName"])
        .or_else(|| view.inner(&["activityDisplayName", "operationName"]))
        .ok_or(Refusal::Missing { field: "activityDisplayName", expected: "what was done" })?;
    let service = view.inner(&["loggedByService"]);
    let principal = principal(view, service.as_ref())?;
    let targets = view.payload.at("targetResources");
    let changes = || targets.items().flat_map(|target| target.at("modifiedProperties").items());
    let changed = |name: &str| changes().find(|change| change.get("displayName").is_some_and(|found| found.eq_ignore_ascii_case(name)));

    let mut event = Event::new(NAME, time, principal, action, ActionClass::Iam);
    // Keys and trusts are also changed by `Update application`.
    let opens = ["KeyDescription", "FederatedIdentityCredentials"].iter().any(|name| changed(name).is_some());
    event.class = if opens { ActionClass::Secret } else { class(&event.action) };
    event.provider_id = view.inner(&["id"]);
    event.tenant = view.tenant();
    event.source = directory::address(view.root, &["callerIpAddress", "ipAddress", "InitiatingIpAddress"])
        .or_else(|| directory::address(view.payload, &["initiatedBy.user.ipAddress", "initiatedBy.app.ipAddress", "ipAddress"]))
        .or_else(|| detail(view, "ipaddr"));
    event.agent = detail(view, "User-Agent").or_else(|| view.any(&["userAgent"]));
    (event.outcome, event.error) = ending(view);
    event.target = target(view, targets);
    event.domain = targets.items().find_map(|target| said(target, &["type"])).or_else(|| view.inner(&["category"]));
    event.scopes = granted(&changed);
    event.resource =
        made(&changed).or_else(|| targets.items().find_map(|target| said(target, &["displayName", "userPrincipalName", "id"])));
    event.service = service;
    Ok(event)
}

/// Makes the event of an Intune administrator's change.
///
/// # Errors
/// When it has no time, no operation or names nobody.
pub fn intune(view: View<'_>) -> Result<Event<'_>, Refusal> {
    let time = moment::read(view.root, &["time", "properties.ActivityDate", "TimeGenerated", "ActivityDate"])?;
    let action = said(view.root, &["operationName"]).ok_or(Refusal::Missing { field: "operationName", expected: "what was done" })?;
    let actor = view.payload.at("Actor");
    let name = said(actor, &["UPN"]).or_else(|| said(view.root, &["identity"]));
    let application = said(actor, &["Application"]);
    let by_person = name.as_deref().is_some_and(|name| name.contains('@'));
    let principal = if by_person {
        directory::user(said(actor, &["ObjectId"]), name, None, KindEvidence::NONE)
    } else {
        directory::software(
            said(actor, &["ObjectId"]),
            application.as_ref(),
            said(actor, &["ApplicationName"]).or(name),
            KindEvidence::SERVICE_ACCOUNT,
        )
    };
    let principal = principal.ok_or(Refusal::Missing { field: "Actor", expected: "who made the change" })?;
    let class = match verb::classify(&action) {
        ActionClass::Auth | ActionClass::Token => ActionClass::Admin,
        class => class,
    };
    let mut event = Event::new(NAME, time, principal, action, class);
    event.provider_id = view.inner(&["AuditEventId", "relationId"]);
    event.tenant = said(view.root, &["tenantId"]).or_else(|| view.tenant());
    event.service = Some(Cow::Borrowed("Microsoft Intune"));
    event.resource = view
        .payload
        .at("TargetDisplayNames")
        .items()
        .find_map(Node::text)
        .or_else(|| view.payload.at("TargetObjectIds").items().find_map(Node::text));
    event.outcome = match view.inner(&["ActivityResultStatus"]).as_deref() {
        Some("1") => Outcome::Success,
        Some("0" | "2") => Outcome::Error,
        Some(word) => status::word(word).unwrap_or(Outcome::Unknown),
        None => said(view.root, &["resultType"]).and_then(|word| status::word(&word)).unwrap_or(Outcome::Unknown),
    };
    Ok(event)
}

/// Who made the change. Where `initiatedBy` is empty the record's own `identity` counts, and where nothing names anyone,
/// the service of the directory that did it by itself.
fn principal<'a>(view: View<'a>, service: Option<&Text<'a>>) -> Result<Principal<'a>, Refusal> {
    let by = view.payload.at("initiatedBy");
    let (app, user) = (by.at("app"), by.at("user"));
    let user_name = said(user, &["userPrincipalName"]);
    if app.is_nested() && said(user, &["id"]).is_none() && user_name.is_none() {
        let name = said(app, &["displayName", "servicePrincipalName"]);
        let id = said(app, &["servicePrincipalId"]);
        if let Some(found) = directory::software(id, said(app, &["appId"]).as_ref(), name, KindEvidence::SERVICE_ACCOUNT) {
            return Ok(found);
        }
    }
    if let Some(found) = directory::user(said(user, &["id"]), user_name, said(user, &["displayName"]), KindEvidence::NONE) {
        return Ok(found);
    }
    let named = said(view.root, &["identity", "InitiatingUserOrApp"]).or_else(|| view.inner(&["identity"]));
    if let Some(found) = named.and_then(|name| directory::user(None, Some(name), None, KindEvidence::NONE)) {
        return Ok(found);
    }
    directory::software(None, None, service.cloned(), KindEvidence::PROVIDER_SERVICE)
        .ok_or(Refusal::Missing { field: "initiatedBy", expected: "an app or a user, or who is named in identity" })
}

/// What an activity does; a change of the directory is a change of identities unless the table knows better.
pub fn class(action: &str) -> ActionClass {
    let plain = action.to_lowercase();
    if let Some((_, class)) = ACTIVITIES.iter().find(|(words, _)| words.iter().all(|word| plain.contains(word))) {
        return *class;
    }
    match plain.split(' ').next() {
        Some("get" | "read" | "view") => ActionClass::Read,
        Some("list") => ActionClass::List,
        _ => ActionClass::Iam,
    }
}

fn detail<'a>(view: View<'a>, name: &str) -> Option<Text<'a>> {
    view.payload.at("additionalDetails").keyed("key", name, "value").text().filter(|text| !directory::is_nothing(text))
}

fn ending(view: View<'_>) -> (Outcome, Option<Text<'_>>) {
    let result = view.inner(&["result"]).or_else(|| said(view.root, &["resultType", "resultSignature"]));
    let outcome = result.as_deref().and_then(status::any).unwrap_or(Outcome::Unknown);
    let reason = view.inner(&["resultReason"]).or_else(|| said(view.root, &["resultDescription"])).or(result);
    let refused = reason.as_deref().is_some_and(|why| {
        let why = why.to_ascii_lowercase();
        ["denied", "insufficient privileges", "unauthorized", "forbidden", "authorization"].iter().any(|word| why.contains(word))
    });
    match outcome {
        Outcome::Success | Outcome::Unknown => (outcome, None),
        _ if refused => (Outcome::Denied, reason),
        other => (other, reason),
    }
}

/// Whom the change is about. A permission is granted *on* the first target (an API) *to* the service principal the
/// properties name; an application is named by its application id where the record has it, because its object id stands
/// in no other log.
fn target<'a>(view: View<'a>, targets: Node<'a>) -> Option<Text<'a>> {
    let change = |name: &str| {
        targets.items().flat_map(|target| target.at("modifiedProperties").items()).find_map(|change| {
            let fits = change.get("displayName").is_some_and(|found| found.eq_ignore_ascii_case(name));
            fits.then(|| plain(change, "newValue").or_else(|| plain(change, "oldValue"))).flatten()
        })
    };
    if let Some(receiver) = change("ServicePrincipal.ObjectID").filter(|id| directory::guid(id).is_some()) {
        return Some(directory::id(Cow::Owned(receiver)));
    }
    let first = targets.items().next()?;
    let of_application = first.get("type").is_some_and(|kind| kind.eq_ignore_ascii_case("Application"));
    if let Some(application) = detail(view, "AppId").or_else(|| change("AppId").map(Cow::Owned)).filter(|_| of_application) {
        return Some(Cow::Owned(directory::app_id(&application)));
    }
    said(first, &["id", "userPrincipalName", "displayName"]).map(directory::id)
}

/// A value of a changed property without the quotes it is wrapped in.
fn plain(change: Node<'_>, side: &str) -> Option<String> {
    let text = change.get(side)?;
    let bare = text.trim_matches(['"', '\\', ' ']).to_owned();
    (!bare.is_empty()).then_some(bare)
}

/// The permissions a change gave: application roles, delegated scopes, directory roles, what was consented to.
fn granted<'a, 'n>(changed: &impl Fn(&str) -> Option<Node<'n>>) -> Option<Text<'a>> {
    let given = |name: &str| changed(name).and_then(|change| plain(change, "newValue").or_else(|| plain(change, "oldValue")));
    if let Some(value) = given("AppRole.Value").or_else(|| given("DelegatedPermissionGrant.Scope")) {
        return Some(Cow::Owned(value));
    }
    if let Some(role) = given("Role.DisplayName") {
        // Roles have blanks in their names, and blanks separate scopes.
        return Some(Cow::Owned(role.replace(' ', "_")));
    }
    let consent = changed("ConsentAction.Permissions").and_then(|change| plain(change, "newValue"))?;
    // `[…] => [[Id: …, Scope: Mail.Read offline_access, CreatedDateTime: …]]`: what stands after the arrow is given.
    let given = consent.rsplit("=>").next().unwrap_or(&consent);
    let scopes: Vec<&str> =
        given.split("Scope:").skip(1).filter_map(|rest| rest.split([',', ']']).next()).map(str::trim).filter(|s| !s.is_empty()).collect();
    (!scopes.is_empty()).then(|| Cow::Owned(scopes.join(" ")))
}

/// The id of the key that a change added: what a sign-in will call its credential.
fn made<'a, 'n>(changed: &impl Fn(&str) -> Option<Node<'n>>) -> Option<Text<'a>> {
    let change = changed("KeyDescription")?;
    let (old, new) = (keys(change, "oldValue"), keys(change, "newValue"));
    new.into_iter().find(|key| !old.contains(key)).map(Cow::Owned)
}

fn keys(change: Node<'_>, side: &str) -> Vec<String> {
    let text = match change.at(side).value() {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => return Vec::new(),
    };
    text.split("KeyIdentifier=").skip(1).filter_map(|rest| rest.split([',', ']']).next()).filter_map(directory::guid).collect()
}
