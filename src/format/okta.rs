//! Okta System Log: one log event, in whatever envelope and with whatever column names it was delivered. It owns which
//! shapes are understood; `native` gives every shape the names of the API, `event` reads those. It must not know files.

mod event;
mod native;
mod operation;
#[cfg(test)]
mod tests;

use super::{Card, Format, Refusal, Shape, tree};
use crate::model::Event;
use serde_json::Value;

/// The format's name.
const NAME: &str = "okta";

/// Envelopes followed before giving up: bus → hook → record is two.
const ENVELOPES: usize = 4;

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Okta System Log",
    shapes: &[
        "`GET /api/v1/logs`: a list of log events, or one a line",
        "event hooks (`{\"eventType\":\"com.okta.event_hook\",\"data\":{\"events\":[…]}}`)",
        "log streaming to EventBridge (`detail` of `aws.partner/okta.com/…`)",
        "Microsoft Sentinel `Okta_CL` (`actor_alternateId_s`, `target_s` as text) and `OktaV2_CL` (`OriginalUserId`, `EventOriginalType`)",
        "re-cased and flattened copies (`eventtype`, `actor.id`), log events as text in `message`",
    ],
    reads: &[
        ("time", "`published`"),
        ("event id", "`uuid`"),
        ("identity", "`actor`: a user, an OAuth client (`PublicClientApp…`), Okta itself (`SystemPrincipal`)"),
        ("credential", "`transaction.detail.requestApiTokenId`, else the OAuth client `client.id`"),
        ("source, client", "`client.ipAddress`, else the first of `request.ipChain`; `client.userAgent.rawUserAgent`"),
        ("action", "`eventType`"),
        ("resource, target", "`target[]`: the application, policy or token; the user or group"),
        ("outcome", "`outcome.result`, `outcome.reason`"),
        ("scopes", "`debugContext.debugData.grantedScopes`"),
    ],
    unobservable: &["rows", "bytes", "reads through the API, other than what they trigger"],
    export: "curl -H \"Authorization: SSWS $TOKEN\" \"https://ORG.okta.com/api/v1/logs?since=2026-01-01T00:00:00Z&limit=1000\"",
};

/// Reads Okta's log events.
pub struct Okta;

impl Format for Okta {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        recognises(shape)
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        open(tree::parse(record)?, None, sink, ENVELOPES)
    }
}

/// Members that every log event has; no other provider has three of them beside a dotted `eventType`.
const MEMBERS: &[&str] = &[
    "published",
    "uuid",
    "actor",
    "outcome",
    "client",
    "displayMessage",
    "legacyEventType",
    "debugContext",
    "securityContext",
    "authenticationContext",
    "transaction",
    "target",
];

fn recognises(shape: &Shape<'_>) -> bool {
    let dotted = |key| shape.get(key).is_some_and(native::is_event_type);
    let members = || MEMBERS.iter().filter(|name| shape.has(name)).count();
    let flattened = || ["actor.id", "actor.type", "outcome.result", "client.ipAddress"].iter().filter(|name| shape.has(name)).count();
    (dotted("eventType") && (members() >= 3 || (flattened() >= 2 && shape.has("published"))))
        || (dotted("eventType_s") && (shape.has("actor_id_s") || shape.has("actor_type_s") || shape.has("published_t")))
        || (dotted("EventOriginalType") && (shape.has("OriginalActorAlternateId") || is_okta(shape)))
        || shape.get("eventType") == Some(native::HOOK)
        || (shape.has("detail") && shape.get("source").is_some_and(|source| source.starts_with(native::BUS)))
        || native::TEXTS.iter().any(|key| shape.get(key).is_some_and(native::holds))
}

fn is_okta(shape: &Shape<'_>) -> bool {
    ["EventVendor", "EventProduct", "Type"].iter().any(|key| shape.get(key).is_some_and(|text| text.starts_with("Okta")))
}

/// Opens envelopes and hands each log event to its reader; `host` is the organisation's, where an envelope names it.
fn open(value: Value, host: Option<&str>, sink: &mut dyn FnMut(Event<'_>), envelopes: usize) -> Result<(), Refusal> {
    if envelopes == 0 {
        return Err(Refusal::TooDeep { limit: ENVELOPES });
    }
    match native::straighten(value) {
        native::Found::LogEvent(value) => event::emit(&value, host, sink),
        native::Found::Envelope { inner, host: named } => {
            if inner.is_empty() {
                return Err(Refusal::Missing { field: "data.events", expected: "at least one log event" });
            }
            for value in inner {
                open(value, named.as_deref().or(host), sink, envelopes - 1)?;
            }
            Ok(())
        }
    }
}
