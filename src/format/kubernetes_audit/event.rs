//! Puts the event of an audit event together. One stage of a request counts, so that a request is one event; the others are
//! refused by name. Bodies are read for little: how many items came back, whom a binding names.

use super::super::tree::Node;
use super::super::{Refusal, moment, status};
use super::principal::{self, account};
use super::{Call, NAME};
use crate::model::event::Text;
use crate::model::{Event, Outcome};
use std::borrow::Cow;

/// Makes the event of an audit event and hands it to `sink`; `cluster` is where it came from, if its container said so.
///
/// # Errors
/// Other stages of a request, and events without time, verb or user.
pub fn emit<'a>(event: Node<'a>, cluster: Option<&'a str>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    let verb = event.get("verb").ok_or(Refusal::Missing { field: "verb", expected: "what was asked of the API server" })?;
    let call = call(event, verb);
    let stage = event.get("stage");
    match stage.as_deref() {
        None | Some("ResponseComplete" | "Panic") => {}
        Some("ResponseStarted") if call.is_open_ended() => {}
        Some("RequestReceived") => {
            return Err(Refusal::NotActivity { what: "the stage RequestReceived of a request, whose end is the event" });
        }
        Some("ResponseStarted") => {
            return Err(Refusal::NotActivity { what: "the stage ResponseStarted of a request, whose end is the event" });
        }
        Some(other) => return Err(Refusal::malformed("stage", other, "RequestReceived, ResponseStarted, ResponseComplete or Panic")),
    }
    let time = moment::read(
        event,
        &[
            "requestReceivedTimestamp",
            "requestReceivedTime",
            "stageTimestamp",
            "stageReceivedTime",
            "timestamp",
            "metadata.creationTimestamp",
            "@timestamp",
            "p_event_time",
            "TimeGenerated",
        ],
    )?;
    let user = event.at("user");
    let caller = principal::who(user).ok_or(Refusal::Missing { field: "user.username", expected: "who asked" })?;
    let assumed = event.at("impersonatedUser");
    let (principal, on_behalf_of) = match assumed.get("username") {
        // What the request may do is what the impersonated user may; who is behind it stays known.
        Some(name) if name != caller.principal.id => (account(name), Some(caller.principal.id.clone())),
        _ => (caller.principal, caller.behind),
    };

    let mut out = Event::new(NAME, time, principal, Cow::Owned(call.action()), call.class());
    out.probe = call.probe();
    out.provider_id = event.get("auditID");
    out.credential = caller.credential;
    out.session = caller.session;
    out.auth_method = caller.auth_method.map(Cow::Borrowed);
    out.on_behalf_of = on_behalf_of;
    out.cloud_account = caller.account;
    out.tenant = cluster.map(Cow::Borrowed).or_else(|| event.get("cluster"));
    out.source = event.at("sourceIPs").items().find_map(Node::text).filter(|source| source != "-");
    out.agent = event.get("userAgent").filter(|agent| agent != "-");
    let group = event.get("objectRef.apiGroup");
    out.service = group.or_else(|| (!call.resource.is_empty()).then_some(Cow::Borrowed("core")));
    out.resource = call.object().map(Cow::Owned);
    out.domain = call.domain().map(Cow::Owned);
    out.target = call.target(event.at("requestObject"), event.at("responseObject"));
    let groups = if assumed.is_nested() { assumed.at("groups") } else { user.at("groups") };
    out.scopes = groups.joined();
    (out.outcome, out.error) = outcome(event, stage.as_deref());
    let body = event.at("responseObject.items");
    out.rows = event.value().and_then(|_| body.value()).and_then(|items| items.as_array()).map(|items| items.len() as u64);
    sink(out);
    Ok(())
}

/// The request, from the object it is about or from its address.
fn call<'a>(event: Node<'a>, verb: Text<'a>) -> Call<'a> {
    let about = event.at("objectRef");
    let part = |name: &str| about.get(name).unwrap_or_default();
    let uri = event.get("requestURI").unwrap_or_default();
    let path = super::super::cell::part(uri, |uri| uri.split(['?', '#']).next().unwrap_or(uri));
    Call { verb, resource: part("resource"), subresource: part("subresource"), namespace: part("namespace"), name: part("name"), path }
}

/// How it ended, with the API server's reason.
fn outcome<'a>(event: Node<'a>, stage: Option<&str>) -> (Outcome, Option<Text<'a>>) {
    let response = event.at("responseStatus");
    let decision = event.at("annotations").member("authorization.k8s.io/decision").text();
    let outcome = match response.at("code").count().and_then(status::http) {
        Some(outcome) => outcome,
        None if decision.as_deref() == Some("forbid") => Outcome::Denied,
        None if stage == Some("Panic") => Outcome::Error,
        None => response.get("status").and_then(|word| status::word(&word)).unwrap_or(Outcome::Unknown),
    };
    let error = response.get("reason").or_else(|| response.get("code")).or(decision.filter(|word| word == "forbid"));
    (outcome, error.filter(|_| matches!(outcome, Outcome::Denied | Outcome::Error)))
}
