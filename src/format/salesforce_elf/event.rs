//! Puts the event together from a row: time, principal, credential, operation, volume, outcome. Which column holds what
//! is said here and nowhere else.

use super::operation::{self, Call, Interface};
use super::row::{Column as C, Row};
use super::soql;
use super::uri::{self, Path};
use super::{NAME, login};
use crate::format::cell::part;
use crate::format::{Refusal, machine};
use crate::model::event::{Credential, Text};
use crate::model::{Event, KindEvidence, Outcome, Principal, Timestamp};
use chrono::{NaiveDateTime, Utc};
use std::borrow::Cow;

/// The event of a row.
///
/// # Errors
/// A repeated header, a row without type or time.
pub fn of(mut row: Row<'_>) -> Result<Event<'_>, Refusal> {
    let kind = row.take(C::EventType).ok_or(Refusal::Missing { field: "EVENT_TYPE", expected: "an EventLogFile type such as Login" })?;
    if kind.eq_ignore_ascii_case("EVENT_TYPE") || row.get(C::Timestamp).is_some_and(|text| text.eq_ignore_ascii_case("TIMESTAMP")) {
        return Err(Refusal::HeaderRow);
    }
    let time = time(&row)?;
    let method = row.take(C::Method).unwrap_or_default();
    let path = path(&kind, &row);
    let query = query(&row, path.as_ref());
    let word = word(&kind, &mut row);
    let object = object(&mut row, path.as_ref(), query.as_ref());
    let call = Call {
        kind: &kind,
        method: &method,
        word: word.as_deref().unwrap_or_default(),
        path: path.as_ref(),
        counts: query.as_ref().is_some_and(|query| query.counts),
        object: object.as_deref().unwrap_or_default(),
    };
    let (class, probe) = (operation::classify(&call), operation::probe(&call));
    let step = path.as_ref().and_then(|path| operation::path_step(path, &method));
    let bulk = kind.starts_with("BulkApi");
    let step = step.or_else(|| bulk.then(|| operation::bulk_step(row.get(C::State).or_else(|| row.get(C::Status)))));

    let (outcome, error) = outcome(&mut row);
    let (principal, auth_method, credential) = who(&kind, &mut row);
    let action = action(kind, &method, path.as_ref(), word);
    let mut event = Event::new(NAME, time, principal, action, class);
    event.probe = probe;
    event.outcome = outcome;
    event.error = error;
    event.auth_method = auth_method.map(Cow::Borrowed);
    event.credential = credential;
    event.session = row.first(&[C::SessionKey, C::LoginKey]);
    event.mfa = row.get(C::SessionLevel).filter(|level| level.starts_with("HIGH_ASSURANCE")).map(|_| true);
    event.tenant = row.take(C::Organization).map(|id| part(id, uri::short_id));
    event.source = row.first(&[C::SourceIp, C::ClientIp]);
    event.agent = agent(&mut row);
    event.service = Some(Cow::Borrowed("salesforce"));
    event.job =
        path.as_ref().and_then(|path| path.job.clone()).map(Cow::Owned).or_else(|| row.take(C::JobId).map(|id| part(id, uri::short_id)));
    event.job_step = step.filter(|_| bulk || event.job.is_some() || path.is_some());
    event.rows = row.count(C::RowsProcessed).or_else(|| row.count(C::RowCount)).or_else(|| row.count(C::NumberOfRecords));
    event.bytes = bytes(&row);
    event.target = row.take(C::DelegatedUserId).map(|id| part(id, uri::short_id));
    event.resource = row
        .first(&[C::ReportIdDerived, C::ReportId, C::DocumentId])
        .or_else(|| row.first(&[C::ApiResource, C::Uri]).map(|text| part(text, |text| text.split('?').next().unwrap_or(text))))
        .or_else(|| row.take(C::PageName));
    event.domain = object;
    event.query_shape = query.map(|query| Cow::Owned(query.text));
    Ok(event)
}

fn time(row: &Row<'_>) -> Result<Timestamp, Refusal> {
    const EXPECTED: &str = "yyyyMMddHHmmss.SSS or RFC 3339";
    let parsed = [C::TimestampDerived, C::Timestamp].into_iter().find_map(|column| row.get(column).and_then(parse_time));
    parsed.ok_or_else(|| match row.get(C::TimestampDerived).or_else(|| row.get(C::Timestamp)) {
        Some(text) => Refusal::malformed("TIMESTAMP", text, EXPECTED),
        None => Refusal::Missing { field: "TIMESTAMP", expected: EXPECTED },
    })
}

/// `20201016100000.049`, with any number of decimals, else what `Timestamp` reads.
fn parse_time(text: &str) -> Option<Timestamp> {
    let digits = text.get(..14).filter(|head| head.bytes().all(|b| b.is_ascii_digit()));
    let Some(digits) = digits else { return Timestamp::parse(text) };
    let at = NaiveDateTime::parse_from_str(digits, "%Y%m%d%H%M%S").ok()?.and_local_timezone(Utc).single()?;
    let fraction = text[14..].strip_prefix('.').unwrap_or_default();
    let millis = fraction.bytes().chain(*b"000").take(3).try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))?;
    Some(Timestamp(at.timestamp_millis() + millis))
}

/// The REST path, for the types whose operation is one.
fn path(kind: &str, row: &Row<'_>) -> Option<Path> {
    let text = match kind {
        "RestApi" | "ApexRestApi" | "CompositeRestApi" => row.get(C::Uri),
        "ApiTotalUsage" => {
            let text = row.get(C::ApiResource).or_else(|| row.get(C::Uri));
            text.filter(|text| text.contains('/'))
        }
        _ => None,
    };
    text.map(uri::path)
}

fn query(row: &Row<'_>, path: Option<&Path>) -> Option<soql::Shape> {
    let text = row.get(C::Query).or_else(|| row.get(C::QueryIdentifier)).or_else(|| path.and_then(|path| path.query.as_deref()))?;
    soql::shape(text)
}

/// The type's own word for what was done.
fn word<'a>(kind: &str, row: &mut Row<'a>) -> Option<Text<'a>> {
    match kind {
        "API" => row.first(&[C::MethodName, C::Method, C::Operation]),
        "ApiTotalUsage" => row.first(&[C::ApiResource, C::MethodName]).filter(|text| !text.contains('/')),
        "BulkApi" | "BulkApi2" | "BulkApiRequest" | "BulkApiResult" => row.first(&[C::OperationType, C::Operation, C::MethodName]),
        "MetadataApiOperation" => row.first(&[C::Operation]),
        "ContentDocumentLink" => row.first(&[C::SharingOperation]),
        "ContentTransfer" => row.first(&[C::TransactionType, C::Action]),
        "ContentDistribution" => row.first(&[C::Action]),
        _ => None,
    }
}

fn object<'a>(row: &mut Row<'a>, path: Option<&Path>, query: Option<&soql::Shape>) -> Option<Text<'a>> {
    row.first(&[C::EntityName, C::EntityType, C::Entity])
        .or_else(|| query.and_then(|query| query.object.clone()).map(Cow::Owned))
        .or_else(|| path.and_then(|path| path.object.clone()).map(Cow::Owned))
}

/// `RestApi GET /sobjects/{object}/describe`, `API query`, `Login`.
fn action<'a>(kind: Text<'a>, method: &str, path: Option<&Path>, word: Option<Text<'a>>) -> Text<'a> {
    match (path, word) {
        (Some(path), _) if method.is_empty() => Cow::Owned(format!("{kind} {}", path.stable)),
        (Some(path), _) => Cow::Owned(format!("{kind} {method} {}", path.stable)),
        (None, Some(word)) => Cow::Owned(format!("{kind} {word}")),
        (None, None) => kind,
    }
}

fn who<'a>(kind: &str, row: &mut Row<'a>) -> (Principal<'a>, Option<&'static str>, Option<Credential<'a>>) {
    let agent = row.get(C::BrowserType).or_else(|| row.get(C::UserAgent)).or_else(|| row.get(C::ClientInfo));
    let browser = agent.is_some_and(|agent| agent.starts_with("Mozilla/"));
    let mut evidence = match operation::interface(kind) {
        Interface::Api => KindEvidence::API_CLIENT,
        Interface::Ui => KindEvidence::UI,
        Interface::Other => KindEvidence::NONE,
    };
    let (mut auth_method, told) = login::method(row.get(C::LoginType), row.get(C::LoginSubType));
    evidence = evidence.with(told);
    let connected = row.get(C::ConnectedAppId).is_some() || row.get(C::ConnectedAppName).is_some();
    let connection = row.get(C::ConnectionType).is_some_and(|text| text.to_ascii_lowercase().contains("oauth"));
    if connected || connection {
        evidence = evidence.with(KindEvidence::OAUTH_APP);
        auth_method = auth_method.or(Some("oauth"));
    }
    if kind == "Login" && !evidence.has(KindEvidence::OAUTH_APP) {
        evidence = evidence.with(if browser {
            KindEvidence::UI
        } else if agent.is_some() || row.get(C::ApiType).is_some() {
            KindEvidence::API_CLIENT
        } else {
            KindEvidence::NONE
        });
    }
    if kind != "Login" && (row.get(C::SessionKey).is_some() || row.get(C::LoginKey).is_some()) {
        auth_method = auth_method.or(Some("session"));
    }
    for name in [C::UserName, C::ConnectedAppName, C::ClientName] {
        // Salesforce's own client name says nothing about the user.
        if row.get(name).is_some_and(|text| !text.starts_with("Sfdc") && machine::named(text)) {
            evidence = evidence.with(KindEvidence::MACHINE_NAME);
        }
    }
    let credential = row.take(C::ConnectedAppId).map(|id| Credential { id: part(id, uri::short_id), kind: "oauth_access" });
    let name = row
        .take(C::UserName)
        .or_else(|| row.take(C::UserEmail))
        .or_else(|| row.copy(C::ClientName))
        .or_else(|| row.take(C::ConnectedAppName));
    let id = row.first(&[C::UserId, C::UserIdDerived]).map(|id| part(id, uri::short_id)).or_else(|| name.clone());
    let id = id.or_else(|| {
        // Work of the platform itself: the organisation is all that is named.
        evidence = evidence.with(KindEvidence::PROVIDER_SERVICE);
        row.copy(C::Organization).map(|id| part(id, uri::short_id))
    });
    (Principal { platform: "salesforce", id: id.unwrap_or(Cow::Borrowed("salesforce")), name, evidence }, auth_method, credential)
}

/// The client: what it calls itself, unless that is one of the numbers old organisations write instead.
fn agent<'a>(row: &mut Row<'a>) -> Option<Text<'a>> {
    [C::BrowserType, C::UserAgent, C::ClientName, C::ClientInfo, C::ClientId, C::Application]
        .into_iter()
        .filter_map(|column| row.take(column))
        .find(|text| !text.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

fn bytes(row: &Row<'_>) -> Option<u64> {
    let report = || row.count(C::RowCount)?.checked_mul(row.count(C::AverageRowSize)?);
    row.count(C::ResponseSize).or_else(|| row.count(C::SizeBytes)).or_else(report)
}

fn outcome<'a>(row: &mut Row<'a>) -> (Outcome, Option<Text<'a>>) {
    if let Some(status) = row.take(C::LoginStatus) {
        // A refused login is a refusal, whatever the reason.
        return if status == "LOGIN_NO_ERROR" { (Outcome::Success, None) } else { (Outcome::Denied, Some(status)) };
    }
    if let Some(code) = row.count(C::StatusCode) {
        return match code {
            401 | 403 => (Outcome::Denied, row.take(C::StatusCode)),
            100..=399 => (Outcome::Success, None),
            _ => (Outcome::Error, row.take(C::StatusCode)),
        };
    }
    if let Some(exception) = row.first(&[C::ExceptionType, C::ExceptionMessage]) {
        return (Outcome::Error, Some(exception));
    }
    if let Some(status) = row.take(C::RequestStatus).or_else(|| row.copy(C::Status)) {
        return match &*status {
            "S" | "R" | "Success" | "Succeeded" | "Completed" => (Outcome::Success, None),
            "A" => (Outcome::Denied, Some(status)),
            "F" | "N" | "Failure" | "Failed" | "Error" => (Outcome::Error, Some(status)),
            _ => (Outcome::Unknown, None),
        };
    }
    match row.flag(C::Success) {
        Some(true) => (Outcome::Success, None),
        Some(false) => (Outcome::Error, None),
        None => (Outcome::Unknown, None),
    }
}
