//! Puts the events of an activity together: one of each of its `events`. Who acts is the user, unless the record says that
//! an application or a service account acts for the user.

use super::super::tree::Node;
use super::super::{Refusal, gcp_audit::principal, moment};
use super::activity::Parameters;
use super::{NAME, operation};
use crate::model::event::{Credential, Text};
use crate::model::{Event, KindEvidence, Principal};
use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_64;

/// Makes the events of an activity and hands them to `sink`.
///
/// # Errors
/// Activities without time, application or event, and those whose actor nobody names.
pub fn emit<'a>(record: Node<'a>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    let time = moment::read(record, &["id.time", "time_usec", "time", "p_event_time", "TimeGenerated"])?;
    let application = record.get_first(&["id.applicationName", "record_type"]);
    let application = application.ok_or(Refusal::Missing { field: "id.applicationName", expected: "the application that logged it" })?;
    let single = record.at("events").is_nested();
    let events: Vec<Node<'a>> = if single { record.at("events").items().collect() } else { vec![record] };
    let mut refused = None;
    let mut read = false;
    for event in events {
        match one(record, event, time, &application, single, sink) {
            Ok(()) => read = true,
            Err(refusal) => refused = Some(refusal),
        }
    }
    match refused {
        Some(refusal) if !read => Err(refusal),
        _ => Ok(()),
    }
}

fn one<'a>(
    record: Node<'a>,
    event: Node<'a>,
    time: crate::model::Timestamp,
    application: &Text<'a>,
    own: bool,
    sink: &mut dyn FnMut(Event<'_>),
) -> Result<(), Refusal> {
    let name = if own { event.get("name") } else { event.get_first(&["event_name", "EventName", "name"]) };
    let kind = if own { event.get("type") } else { event.get_first(&["event_type", "EventType", "type"]) }.unwrap_or_default();
    let parameters = Parameters::of(parameters(event, application, own));
    // Rules name themselves in their parameters only.
    let name = name.or_else(|| (&**application == "rules").then_some(Cow::Borrowed("rule_match")));
    let name = name.ok_or(Refusal::Missing { field: "events[].name", expected: "the name of the event" })?;
    let told = operation::told(application, &kind, &name, parameters);
    let activity = &**application == "token" && name.eq_ignore_ascii_case("activity");
    let client = parameters.text("client_id");
    let who = who(record, parameters, client.as_ref().filter(|_| activity), told.finding)?;

    let method = parameters.text("method_name").filter(|_| activity);
    let fingerprint = parameters.fingerprint();
    let mut out = Event::new(NAME, time, who.principal, method.clone().unwrap_or_else(|| name.clone()), told.class);
    let unique = record.get_first(&["id.uniqueQualifier", "unique_identifier"]);
    out.provider_id = unique.map(|id| Cow::Owned(format!("{id} {} {name} {:08x}", time.0, xxh3_64(fingerprint.as_bytes()) as u32)));
    out.on_behalf_of = who.on_behalf_of;
    out.credential =
        who.client.or(client).filter(|_| who.by_client || &**application == "token").map(|id| Credential { id, kind: "oauth_access" });
    out.tenant = record.get_first(&["id.customerId", "ownerDomain", "customer_id"]);
    out.source = record.get_first(&["ipAddress", "ip_address", "IPAddress"]).filter(|source| source != "-");
    out.agent = parameters.first(&["user_agent", "USER_AGENT"]);
    out.auth_method = if who.by_client { Some(Cow::Borrowed("oauth")) } else { parameters.text("login_type").map(principal::lower) };
    out.service = Some(application.clone());
    out.probe = told.probe;
    out.resource = method.or_else(|| parameters.first(RESOURCES));
    out.domain = parameters.first(DOMAINS).or_else(|| (!kind.is_empty()).then_some(kind));
    out.target = told.target.filter(|target| *target != out.principal.id);
    out.outcome = told.outcome;
    out.error = told.error;
    out.bytes = ["num_response_bytes", "num_bytes"].iter().find_map(|name| parameters.value(name).count());
    out.scopes = parameters.scopes().or_else(|| parameters.all("API_SCOPES"));
    out.mfa = told.mfa;
    out.tags = told.tag.map(Cow::Owned);
    out.finding = told.finding;
    sink(out);
    Ok(())
}

/// Parameters that name the thing acted on, the surest first.
const RESOURCES: &[&str] = &[
    "doc_id",
    "DOCUMENT_ID",
    "resource_id",
    "calendar_id",
    "event_id",
    "DEVICE_ID",
    "SETTING_NAME",
    "ROLE_NAME",
    "GROUP_EMAIL",
    "group_email",
    "group_id",
    "ORG_UNIT_NAME",
    "APPLICATION_NAME",
    "DOMAIN_NAME",
    "app_name",
    "application_name",
    "doc_title",
];

/// Parameters that name the family of data.
const DOMAINS: &[&str] =
    &["api_name", "shared_drive_id", "team_drive_id", "doc_type", "APPLICATION_NAME", "application_name", "group_email", "group_id"];

/// Where the parameters of an event are: under it, in the column of its application, or beside it.
fn parameters<'a>(event: Node<'a>, application: &str, own: bool) -> Node<'a> {
    let listed = event.first(&["parameters", "event_parameters", "EventParameters"]);
    if listed.is_nested() {
        listed
    } else if own {
        event.at("parameters")
    } else {
        let column = event.member(application);
        if column.is_nested() { column } else { event }
    }
}

/// Who acts, and for whom.
struct Who<'a> {
    principal: Principal<'a>,
    on_behalf_of: Option<Text<'a>>,
    /// The OAuth client, where the record says that one acts.
    client: Option<Text<'a>>,
    by_client: bool,
}

fn who<'a>(record: Node<'a>, parameters: Parameters<'a>, client: Option<&Text<'a>>, finding: bool) -> Result<Who<'a>, Refusal> {
    let actor = record.at("actor");
    let email =
        actor.get("email").or_else(|| record.get_first(&["email", "actor_email", "ActorEmail"])).filter(|email| email.contains('@'));
    // A shared device signs for nobody in particular; the person at it is a parameter.
    let email = email.or_else(|| parameters.first(&["DEVICE_USER", "PROFILE_USER_NAME"]).filter(|name| name.contains('@')));
    let user = email.map(principal::account).or_else(|| {
        let id = actor.get_first(&["profileId", "profile_id"])?;
        Some(Principal { platform: principal::PLATFORM, id, name: None, evidence: KindEvidence::NONE })
    });
    let application = actor.at("applicationInfo");
    let acting = client.cloned().or_else(|| application.get("oauthClientId"));
    if let Some(id) = acting {
        let name = parameters.text("app_name").or_else(|| application.get("applicationName"));
        // A client whose id is the number of a service account is that account, with the rights of the whole domain.
        let account = id.len() == 21 && id.bytes().all(|b| b.is_ascii_digit());
        let evidence = if account { KindEvidence::OAUTH_APP.with(KindEvidence::SERVICE_ACCOUNT) } else { KindEvidence::OAUTH_APP };
        let principal = Principal { platform: principal::PLATFORM, id: id.clone(), name, evidence };
        return Ok(Who { principal, on_behalf_of: user.map(|user| user.id), client: Some(id), by_client: true });
    }
    let by_key = actor.get("callerType").is_some_and(|kind| kind.eq_ignore_ascii_case("KEY"));
    if let Some(key) = actor.get("key").filter(|_| by_key || user.is_none()) {
        if key.contains("ANONYMOUS") {
            return Err(Refusal::NotActivity { what: "an event of a guest whom Workspace does not name" });
        }
        let system = key.eq_ignore_ascii_case("SYSTEM");
        let evidence = if system { KindEvidence::PROVIDER_SERVICE } else { KindEvidence::SERVICE_ACCOUNT };
        let mut principal = principal::account(key);
        principal.evidence = principal.evidence.with(evidence);
        let on_behalf_of = user.map(|user| user.id).filter(|id| *id != principal.id);
        return Ok(Who { principal, on_behalf_of, client: None, by_client: false });
    }
    // Google's warnings and the customer's rules name whom they are about among their parameters.
    let about = || {
        let name = parameters.first(&["affected_email_address", "USER_EMAIL", "resource_owner_email", "actor_email"]);
        name.filter(|_| finding).map(principal::account)
    };
    let principal = user.or_else(about).ok_or(Refusal::NotActivity { what: "an event whose actor Workspace does not name" })?;
    Ok(Who { principal, on_behalf_of: None, client: None, by_client: false })
}
