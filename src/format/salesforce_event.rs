//! Salesforce real-time events (Shield event monitoring): platform events as a subscriber receives them, or the same
//! objects queried. The user is the principal, as in the event log files, so that both stories come together; the
//! connected app is the credential. Anomaly and threat-detection events are Salesforce's own findings about the user. The
//! type of a payload that arrives without its channel is told by the fields only that type has.

mod kind;
#[cfg(test)]
mod tests;

use super::salesforce_elf::{login, soql, uri};
use super::tree::{self, Node};
use super::{Card, Format, Refusal, Shape, machine, moment, status};
use crate::model::event::{ActionClass, Credential, Text};
use crate::model::{Event, JobStep, KindEvidence, Outcome, Principal};
use kind::Kind;
use std::borrow::Cow;

/// The format's name.
pub const NAME: &str = "salesforce_event";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Salesforce real-time events",
    shapes: &[
        "`{\"channel\":\"/event/…\",\"data\":{\"payload\":{…}}}` as a streaming client writes it, or the payload alone",
        "rows of the stored objects (`ApiEvent`, `LoginEvent`, …) as the REST interface returns them",
    ],
    reads: &[
        ("time", "`EventDate`, else `CreatedDate`"),
        ("event id", "`EventIdentifier`"),
        ("identity", "`UserId` (15 characters), `Username`"),
        ("credential", "`ConnectedAppId`"),
        ("session", "`SessionKey`, else `LoginKey`; `SessionLevel`"),
        ("source, client", "`SourceIp`; `UserAgent`, `Client`, `Application`"),
        ("action", "the event's type with its `Operation`"),
        ("data, query", "`QueriedEntities`, `Query` with its literals removed"),
        ("rows", "`RowsProcessed`, `RowsReturned`, `NumberOfRecords`"),
        ("findings", "`ApiAnomalyEvent`, `ReportAnomalyEvent`, `SessionHijackingEvent`, `CredentialStuffingEvent`, …"),
    ],
    unobservable: &["bytes", "events of types that are not switched on", "what ran before the stream was enabled"],
    export: "sf data query -q \"SELECT FIELDS(STANDARD) FROM ApiEvent LIMIT 2000\" --json",
};

/// Reads real-time events.
pub struct SalesforceEvent;

impl Format for SalesforceEvent {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        let streamed = shape.get("channel").is_some_and(|channel| channel.starts_with("/event/")) && shape.has("data");
        let payload = (shape.has("EventIdentifier") && shape.has("EventDate")) || (shape.has("SessionKey") && shape.has("LoginKey"));
        let stored = shape.has("attributes") && shape.record().contains("/sobjects/") && shape.has("EventDate");
        let enveloped = shape.has("payload") && shape.record().contains("\"EventIdentifier\"");
        streamed || stored || enveloped || (payload && shape.has("EventDate"))
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let value = tree::parse(record)?;
        let root = Node::of(&value);
        let payload = root.first(&["data.payload", "payload"]);
        let payload = if payload.is_nested() { payload } else { root };
        let channel = root.get_first(&["channel", "data.channel"]);
        let own = payload.get("attributes.type");
        let kind = Kind::of(channel.as_deref().or(own.as_deref()), payload);
        event(payload, kind).map(sink)
    }
}

fn event<'a>(payload: Node<'a>, kind: Kind) -> Result<Event<'a>, Refusal> {
    let time = moment::read(payload, &["EventDate", "CreatedDate"])?;
    let operation = payload.get("Operation").filter(|_| kind.has_operation());
    let action: Text<'a> = match &operation {
        Some(word) => Cow::Owned(format!("{} {word}", kind.name())),
        None => Cow::Borrowed(kind.name()),
    };
    let query = payload.get("Query").and_then(|text| soql::shape(&text));
    let (method, told) = login::method(payload.get("LoginType").as_deref(), payload.get("LoginSubType").as_deref());
    let principal = who(payload, kind, told);
    let mut event = Event::new(NAME, time, principal, action, kind.class(operation.as_deref()));
    event.provider_id = payload.get("EventIdentifier").or_else(|| payload.get("Id"));
    event.credential = payload
        .get_first(&["ConnectedAppId", "ConnectedApplicationId"])
        .map(|id| Credential { id: super::cell::part(id, uri::short_id), kind: "oauth_access" });
    event.auth_method = method.map(Cow::Borrowed).or_else(|| event.credential.is_some().then_some(Cow::Borrowed("oauth")));
    event.session = payload.get_first(&["SessionKey", "LoginKey"]);
    event.mfa = payload.get("SessionLevel").filter(|level| level.eq_ignore_ascii_case("HIGH_ASSURANCE")).map(|_| true);
    event.tenant = payload.get_first(&["OrganizationId", "OrgId"]).map(|id| super::cell::part(id, uri::short_id));
    event.source = payload.get_first(&["SourceIp", "CurrentIp", "ClientIp"]).filter(|text| !text.eq_ignore_ascii_case("N/A"));
    event.agent = client(payload);
    event.service = Some(Cow::Borrowed("salesforce"));
    event.probe = query.as_ref().filter(|query| query.counts).map(|_| crate::model::event::Probe::Count);
    event.domain = payload
        .get_first(&["QueriedEntities", "QueriedEntity", "FileSource"])
        .or_else(|| query.as_ref().and_then(|query| query.object.clone()).map(Cow::Owned));
    event.resource = payload.get_first(&["ReportId", "ListViewId", "ContentDocumentId", "DocumentId", "PageUrl", "DashboardId", "QueryId"]);
    event.query_shape = query.map(|query| Cow::Owned(query.text));
    event.target = payload
        .get_first(&["DelegatedUserId", "TargetUserId", "ImpactedUserIds"])
        .map(|id| super::cell::part(id, uri::short_id))
        .filter(|_| matches!(kind, Kind::LoginAs | Kind::PermissionSet));
    event.rows = ["RowsProcessed", "RowsReturned", "NumberOfRecords"].iter().find_map(|path| payload.at(path).count());
    event.bytes = payload.at("ContentSize").count();
    if kind == Kind::BulkResult {
        event.job = payload.get_first(&["JobId", "QueryId"]).map(|id| super::cell::part(id, uri::short_id));
        event.job_step = Some(JobStep::Complete);
    }
    (event.outcome, event.error) = outcome(payload, kind);
    if kind.is_finding() {
        event.finding = true;
        event.tags = Some(Cow::Owned(format!("finding:salesforce:{}:{}", severity(payload), kind.name())));
    }
    Ok(event)
}

fn who(payload: Node<'_>, kind: Kind, told: KindEvidence) -> Principal<'_> {
    let name = payload.get_first(&["Username", "UserName"]);
    let id = payload.get("UserId").or_else(|| payload.get("CreatedById")).map(|id| super::cell::part(id, uri::short_id));
    let mut evidence = told;
    if payload.get_first(&["ConnectedAppId", "ConnectedApplicationId"]).is_some() {
        evidence = evidence.with(KindEvidence::OAUTH_APP);
    }
    evidence = evidence.with(match kind {
        Kind::Api | Kind::BulkResult => KindEvidence::API_CLIENT,
        Kind::ListView | Kind::LightningUri | Kind::Uri => KindEvidence::UI,
        _ => KindEvidence::NONE,
    });
    if payload.get("Browser").is_some_and(|browser| !["Unknown", "N/A", "Java (Salesforce.com)"].contains(&&*browser))
        && kind == Kind::Login
    {
        evidence = evidence.with(if told.has(KindEvidence::OAUTH_APP) { KindEvidence::NONE } else { KindEvidence::UI });
    }
    for name in [name.as_deref(), payload.get("ConnectedAppName").as_deref()].into_iter().flatten() {
        if machine::named(name) {
            evidence = evidence.with(KindEvidence::MACHINE_NAME);
        }
    }
    if payload.get("UserType").is_some_and(|kind| kind.eq_ignore_ascii_case("AutomatedProcess")) {
        evidence = evidence.with(KindEvidence::PROVIDER_SERVICE);
    }
    let id = id.or_else(|| name.clone()).unwrap_or(Cow::Borrowed("salesforce"));
    Principal { platform: "salesforce", id, name, evidence }
}

/// The client: what it calls itself; `N/A`, `Unknown` and bare numbers are no names.
fn client(payload: Node<'_>) -> Option<Text<'_>> {
    ["UserAgent", "Client", "Application", "Browser", "ConnectedAppName"].iter().filter_map(|path| payload.get(path)).find(|text| {
        !["N/A", "Unknown"].iter().any(|none| text.eq_ignore_ascii_case(none)) && !text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    })
}

/// A login's status is a phrase (`Success`, `Invalid Password`); other events tell it by the policy that met them.
fn outcome(payload: Node<'_>, kind: Kind) -> (Outcome, Option<Text<'_>>) {
    let policy = payload.get("PolicyOutcome");
    if policy.as_deref().is_some_and(|word| ["Block", "Denied", "EndSession", "FailedInvalidPassword"].contains(&word)) {
        return (Outcome::Denied, policy);
    }
    match payload.get("Status") {
        Some(text) if text.eq_ignore_ascii_case("success") => (Outcome::Success, None),
        Some(text) if kind == Kind::Login => (Outcome::Denied, Some(text)),
        Some(text) => match status::any(&text) {
            Some(Outcome::Success) => (Outcome::Success, None),
            Some(outcome) => (outcome, Some(text)),
            None => (Outcome::Unknown, None),
        },
        // What was done and told without a word of failure was done.
        None if kind.is_finding() => (Outcome::Unknown, None),
        None => (Outcome::Success, None),
    }
}

/// Salesforce scores its anomalies from 0 to 1; some are written in percent.
fn severity(payload: Node<'_>) -> &'static str {
    let score: Option<f64> = payload.get("Score").and_then(|text| text.parse().ok());
    match score.map(|score| if score > 1.0 { score / 100.0 } else { score }) {
        Some(score) if score >= 0.9 => "high",
        Some(score) if score >= 0.5 => "medium",
        Some(_) => "low",
        None => "medium",
    }
}

/// The class of an object's operation word; shared by the types that have one.
fn operation_class(word: &str) -> ActionClass {
    match word.to_ascii_lowercase().as_str() {
        "query" | "queryall" | "querymore" | "search" | "retrieve" => ActionClass::Query,
        "insert" | "create" | "update" | "upsert" | "undelete" | "merge" => ActionClass::Write,
        "delete" | "emptyrecyclebin" | "harddelete" => ActionClass::Delete,
        "describe" | "describesobject" | "describelayout" | "describeglobal" => ActionClass::Describe,
        "export" | "reportexported" | "download" | "filedownloaded" => ActionClass::Export,
        _ => super::verb::classify(word),
    }
}
