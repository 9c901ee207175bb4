//! Puts the event together: time, outcome, what was acted on, whom it touches, which job it belongs to. The record is
//! taken apart on the way, so that its texts move into the event without a copy.

use super::super::Refusal;
use super::super::cell::part;
use super::parameters::{Name, Parameters, Response};
use super::record::Record;
use super::{NAME, actor, operation, probe};
use crate::model::event::{Credential, Text};
use crate::model::{Event, JobStep, KindEvidence, Outcome, Timestamp};
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Where an SDK says that it runs inside a service of AWS.
static ENVIRONMENT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("exec-env/AWS_"));

/// Makes the event of a record and hands it to `sink`.
///
/// # Errors
/// Insight records, and records without time, action or actor.
pub fn emit(record: &mut Record<'_>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    if record.insight.is_some() || record.category.text() == Some("Insight") || record.kind.text() == Some("AwsCloudTrailInsight") {
        return Err(Refusal::NotActivity { what: "a CloudTrail Insight (AWS's own finding about call rates)" });
    }
    if record.service.text() == Some("aws:s3") {
        return Err(Refusal::NotActivity { what: "a notice that an object was written" });
    }
    let action = record.action.take().ok_or(Refusal::Missing { field: "eventName", expected: "the operation" })?;
    let time = time(record)?;
    let mut who_acted = record.actor.take().ok_or(Refusal::Missing { field: "userIdentity", expected: "who acted" })?;
    let mut who = actor::who(&mut who_acted, &record.recipient)?;

    let named = action.clone();
    let op = operation::stem(&named);
    let service = record.service.take();
    let host = service.clone().unwrap_or_default();
    let service_name = lower(host.strip_suffix(".amazonaws.com").unwrap_or(&host));
    let class = operation::classify(&service_name, op, record.read_only.flag());

    let console = record.from_console.flag() == Some(true) || (service_name == "signin" && op == "ConsoleLogin");
    if console {
        who.principal.evidence = who.principal.evidence.with(KindEvidence::CONSOLE);
    }
    let agent = record.agent.take().map(|text| part(text, unbracket)).filter(|text| !text.is_empty() && text != "-");
    let environment = agent.as_deref().and_then(|text| ENVIRONMENT.find(text.as_bytes()).and_then(|i| text.get(i + 13..)));
    if environment.is_some_and(|name| name.starts_with("Lambda") || name.starts_with("ECS")) {
        who.principal.evidence = who.principal.evidence.with(KindEvidence::WORKLOAD_SESSION);
    }

    let mut event = Event::new(NAME, time, who.principal, action, class);
    event.probe = probe::probe(&service_name, op);
    event.provider_id = record.id.take();
    event.session = who.session;
    event.via_provider = who.via_provider;
    event.agent = agent;
    event.region = record.region.take();
    event.source = record.source.take();
    event.service = service;

    let account = who_acted.account.take();
    event.tenant = record.recipient.take().or_else(|| account.clone());
    event.cloud_account = account.filter(|account| event.tenant.as_ref() != Some(account));
    let for_user = who_acted.on_behalf_of.as_mut().and_then(|o| o.user.take()).or(who.behind);
    event.on_behalf_of = for_user.filter(|user| *user != event.principal.id);
    event.credential = credential(who_acted.key.take(), who_acted.credential.take());
    if let Some(attributes) = who_acted.session.as_ref().and_then(|session| session.attributes.as_ref()) {
        event.mfa = attributes.mfa.flag();
        event.session_issued = attributes.issued.text().and_then(Timestamp::parse);
    }
    event.auth_method = auth_method(who.auth_method, console, &service_name, op, event.credential.as_ref()).map(Cow::Borrowed);

    if let Some(additional) = &record.additional {
        event.mfa = additional.mfa.flag().or(event.mfa);
        event.bytes = match (additional.bytes_in.count(), additional.bytes_out.count()) {
            (None, None) => None,
            (into, out) => Some(into.unwrap_or(0).saturating_add(out.unwrap_or(0))),
        };
    }
    let request = record.request.take().unwrap_or_default();
    let mut response = record.response.take().map(|made| *made).unwrap_or_default();
    let login = response.console_login.take();
    event.error = record.error.take();
    event.outcome = match (&event.error, login.as_deref()) {
        (Some(code), _) => refusal(code),
        (None, None | Some("Success")) => Outcome::Success,
        (None, Some(_)) => Outcome::Denied,
    };
    if event.error.is_none() && event.outcome != Outcome::Success {
        event.error = record.error_message.take();
    }

    (event.job, event.job_step) = job(&service_name, op, &request, &mut response);
    event.target = target(&service_name, op, &request, &mut response, event.tenant.as_deref(), &event.principal.id);
    let listed = record.resources.as_mut().and_then(|resources| resources.arn.take());
    event.domain = domain(&request).or_else(|| listed.as_deref().and_then(family).map(|name| Cow::Owned(name.to_owned())));
    event.resource = made(&mut response).or(listed).or_else(|| resource(&request, event.domain.as_ref()));
    sink(event);
    Ok(())
}

fn time(record: &Record<'_>) -> Result<Timestamp, Refusal> {
    let text = record.time.text().or(record.shipped.text());
    let text = text.ok_or(Refusal::Missing { field: "eventTime", expected: "a time such as 2026-11-19T10:00:00Z" })?;
    Timestamp::parse(text).ok_or_else(|| Refusal::malformed("eventTime", text, "a time such as 2026-11-19T10:00:00Z"))
}

/// S3 wraps the client in one pair of brackets.
fn unbracket(agent: &str) -> &str {
    agent.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).map_or(agent, str::trim)
}

fn credential<'a>(key: Option<Text<'a>>, credential: Option<Text<'a>>) -> Option<Credential<'a>> {
    if let Some(id) = key {
        let kind = if id.starts_with("AKIA") {
            "static_key"
        } else if id.starts_with("ASIA") {
            "sts_session"
        } else {
            "session"
        };
        return Some(Credential { id, kind });
    }
    credential.map(|id| Credential { id, kind: "session" })
}

fn auth_method(
    told: Option<&'static str>,
    console: bool,
    service: &str,
    op: &str,
    credential: Option<&Credential<'_>>,
) -> Option<&'static str> {
    if let Some(told) = told {
        return Some(told);
    }
    match op {
        "AssumeRoleWithSAML" => return Some("saml"),
        "AssumeRoleWithWebIdentity" => return Some("web_identity"),
        _ => {}
    }
    if console || service == "signin" {
        return Some("console");
    }
    credential.and_then(|credential| matches!(credential.kind, "static_key" | "sts_session").then_some(credential.kind))
}

/// Parts of error codes that mean a refusal for lack of permission or by policy, or of the credential itself.
const DENIALS: &[&str] = &[
    "AccessDenied",
    "Unauthorized",
    "NotAuthorized",
    "AuthorizationError",
    "Forbidden",
    "AuthFailure",
    "InvalidClientTokenId",
    "UnrecognizedClient",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "MissingAuthenticationToken",
    "ExplicitDeny",
    "PermissionDenied",
    "Failed authentication",
    "InvalidAccessKeyId",
];

fn refusal(code: &str) -> Outcome {
    if DENIALS.iter().any(|part| code.contains(part)) { Outcome::Denied } else { Outcome::Error }
}

/// The bulk job a call belongs to, and where in its life it is: exports, snapshots that can be shared, long queries.
fn job<'a>(service: &str, op: &str, request: &Parameters<'a>, response: &mut Response<'a>) -> (Option<Text<'a>>, Option<JobStep>) {
    let (id, step) = match (service, op) {
        ("rds", "StartExportTask") => (response.export_task_identifier.take().or_else(|| request.get(Name::ExportTask)), JobStep::Create),
        ("rds", "CancelExportTask") => (request.get(Name::ExportTask), JobStep::Delete),
        ("logs", "CreateExportTask") => (response.task_id.take(), JobStep::Create),
        ("logs", "CancelExportTask") => (request.get(Name::Task), JobStep::Delete),
        ("dynamodb", "ExportTableToPointInTime") => {
            (response.export_description.as_mut().and_then(|made| made.export_arn.take()), JobStep::Create)
        }
        ("ec2", "CreateInstanceExportTask" | "ExportImage") => (response.export_task.0.take(), JobStep::Create),
        ("ec2", "CreateSnapshot" | "CopySnapshot") => (response.snapshot_id.take(), JobStep::Create),
        ("ec2", "ModifySnapshotAttribute") => (request.get(Name::Snapshot), JobStep::Progress),
        ("ec2", "DeleteSnapshot") => (request.get(Name::Snapshot), JobStep::Delete),
        ("rds", "CreateDBSnapshot") => (request.get(Name::DbSnapshot), JobStep::Create),
        ("rds", "ModifyDBSnapshotAttribute") => (request.get(Name::DbSnapshot), JobStep::Progress),
        ("rds", "DeleteDBSnapshot") => (request.get(Name::DbSnapshot), JobStep::Delete),
        ("rds", "CreateDBClusterSnapshot") => (request.get(Name::DbClusterSnapshot), JobStep::Create),
        ("rds", "ModifyDBClusterSnapshotAttribute") => (request.get(Name::DbClusterSnapshot), JobStep::Progress),
        ("rds", "DeleteDBClusterSnapshot") => (request.get(Name::DbClusterSnapshot), JobStep::Delete),
        ("athena", "StartQueryExecution") => (response.query_execution_id.take(), JobStep::Create),
        ("athena", "GetQueryExecution" | "GetQueryResults") => (request.get(Name::QueryExecution), JobStep::Progress),
        ("athena", "StopQueryExecution") => (request.get(Name::QueryExecution), JobStep::Delete),
        _ => (None, JobStep::Progress),
    };
    let step = id.is_some().then_some(step);
    (id, step)
}

/// The other identity a call acts on: the role that is assumed or passed, the user whose key or policy it is.
/// Users and roles by their ARN, as their own records call them, but for the path, which a call by name does not tell.
fn target<'a>(
    service: &str,
    op: &str,
    request: &Parameters<'a>,
    response: &mut Response<'a>,
    account: Option<&str>,
    own: &str,
) -> Option<Text<'a>> {
    let partition = own.strip_prefix("arn:").and_then(|arn| arn.split(':').next()).unwrap_or("aws");
    let arn = |sort: &str, name: Text<'a>| match account {
        Some(account) if !name.contains([':', '/']) => Cow::Owned(format!("arn:{partition}:iam::{account}:{sort}/{name}")),
        _ => name,
    };
    match service {
        "sts" => request.get(Name::RoleArn),
        "iam" => request
            .get(Name::User)
            .or_else(|| response.access_key.as_mut().and_then(|key| key.user_name.take()))
            .map(|name| arn("user", name))
            .or_else(|| request.get(Name::Role).map(|name| arn("role", name)))
            .or_else(|| request.get(Name::Group)),
        _ if op.starts_with("Create") || op.starts_with("Update") || op.starts_with("PassRole") => request.get(Name::RoleArn),
        _ => None,
    }
}

/// The key a call made: its id is the thing that matters of such a call.
fn made<'a>(response: &mut Response<'a>) -> Option<Text<'a>> {
    response.access_key.as_mut().and_then(|key| key.access_key_id.take())
}

/// The family of data: bucket, table, secret, function, database, role…
fn domain<'a>(request: &Parameters<'a>) -> Option<Text<'a>> {
    if let Some(secret) = request.get(Name::Secret) {
        return Some(part(secret, secret_name));
    }
    let text = request.first(&[
        Name::Bucket,
        Name::Table,
        Name::Function,
        Name::S3Bucket,
        Name::Database,
        Name::DbSnapshot,
        Name::DbClusterSnapshot,
        Name::LogGroup,
        Name::Repository,
        Name::Queue,
        Name::Topic,
        Name::Stream,
        Name::Model,
        Name::Role,
        Name::RoleArn,
        Name::User,
        Name::Group,
        Name::Policy,
        Name::Trail,
        Name::WorkGroup,
    ])?;
    Some(part(text, |text| family(text).unwrap_or(text)))
}

/// The name behind an ARN or URL: `arn:aws:s3:::bucket/key` → `bucket`, `…:role/service/app` → `app`, `…:function:f:1` → `f`.
fn family(text: &str) -> Option<&str> {
    if text.starts_with("https://") {
        return text.rsplit('/').next().filter(|name| !name.is_empty());
    }
    let mut parts = text.splitn(6, ':');
    if parts.next() != Some("arn") {
        return None;
    }
    let (service, rest) = (parts.nth(1)?, parts.nth(2)?);
    let name = match service {
        "s3" => rest.split('/').next()?,
        "secretsmanager" => secret_name(text),
        "iam" | "sts" => rest.rsplit('/').next()?,
        _ => {
            let mut pieces = rest.split([':', '/']);
            let first = pieces.next()?;
            pieces.find(|piece| !piece.is_empty()).unwrap_or(first)
        }
    };
    (!name.is_empty()).then_some(name)
}

/// A secret's name: an ARN ends in `secret:NAME-XXXXXX`, six characters AWS appends.
fn secret_name(id: &str) -> &str {
    let Some((_, name)) = id.split_once(":secret:") else { return id };
    match name.rsplit_once('-') {
        Some((bare, suffix)) if suffix.len() == 6 && !bare.is_empty() => bare,
        _ => name,
    }
}

/// The thing itself where the record lists no resources.
fn resource<'a>(request: &Parameters<'a>, domain: Option<&Text<'a>>) -> Option<Text<'a>> {
    if let (Some(bucket), Some(key)) = (request.get(Name::Bucket), request.get(Name::Key)) {
        return Some(Cow::Owned(format!("{bucket}/{key}")));
    }
    let named = request.first(&[
        Name::Secret,
        Name::RoleArn,
        Name::Policy,
        Name::AccessKey,
        Name::Snapshot,
        Name::Instances,
        Name::Instance,
        Name::Volume,
        Name::Image,
        Name::KeyId,
        Name::SourceArn,
        Name::ResourceArn,
        Name::Plain,
    ]);
    named.or_else(|| domain.cloned())
}

/// The same in lower case; only a surprising name needs a copy.
fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) }
}
