//! Puts the event of a log entry together: who, when, what, on what, how it ended. The entry is in its native shape; the
//! tables of what methods do are elsewhere.

use super::super::tree::Node;
use super::super::{Refusal, google_workspace, kubernetes_audit, moment, status};
use super::operation::{self, Method};
use super::{NAME, bigquery, principal};
use crate::model::event::Text;
use crate::model::{ActionClass, Event, JobStep, KindEvidence, Outcome};
use std::borrow::Cow;

/// Makes the event of an entry and hands it to `sink`.
///
/// # Errors
/// Entries of other logs, and entries without time, method or caller.
pub fn emit<'a>(entry: Node<'a>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    let payload = entry.at("protoPayload");
    if !payload.is_nested() {
        return Err(Refusal::NotActivity { what: "an entry of a log that is no audit log" });
    }
    let log = entry.get("logName").unwrap_or_default();
    let method = payload.get("methodName");
    if payload.get("@type").is_some_and(|kind| kind.ends_with(".RequestLog")) {
        return Err(Refusal::NotActivity { what: "a request to an App Engine application" });
    }
    let method = method.ok_or(Refusal::Missing { field: "protoPayload.methodName", expected: "the method that was called" })?;
    let time =
        moment::read(entry, &["timestamp", "receiveTimestamp", "p_event_time", "protoPayload.requestMetadata.requestAttributes.time"])?;
    let service = payload.get("serviceName");
    let what = what(payload, service.as_deref().unwrap_or_default(), &method);
    let about = what.mirrored.as_ref().filter(|told| told.finding).and_then(|told| told.target.clone());
    let mut who = principal::who(payload, log.ends_with("system_event"), about)?;
    let agent = payload.get_first(&["requestMetadata.callerSuppliedUserAgent", "requestMetadata.callerSuppliedUseragent"]);
    let by_browser = agent.as_deref().is_some_and(|agent| agent.starts_with("Mozilla/") || agent.contains("GoogleCloudConsole"));
    if by_browser && who.principal.evidence.has(KindEvidence::PERSON_SESSION) {
        who.principal.evidence = who.principal.evidence.with(KindEvidence::CONSOLE);
    }
    let job = bigquery::job(payload);

    let mut event = Event::new(NAME, time, who.principal, method, job.class.unwrap_or(what.class));
    event.probe = job.probe.or(what.probe);
    event.provider_id = entry.get("insertId").map(|id| provider_id(id, &log, event.time.0));
    event.credential = who.credential;
    event.on_behalf_of = who.on_behalf_of;
    event.auth_method = who.auth_method.map(Cow::Borrowed);
    event.tenant = tenant(entry, &log);
    event.region = entry
        .get_first(&["resource.labels.location", "resource.labels.region", "resource.labels.zone"])
        .or_else(|| payload.get_first(&["resourceLocation.currentLocations.0", "resourceLocation.currentLocations"]));
    event.source = payload.get("requestMetadata.callerIp").filter(|source| source != "-" && !source.starts_with('<'));
    // Google's own network made the call: its place and client are not the identity's.
    event.via_provider = event.source.as_deref() == Some("private");
    event.agent = agent.filter(|agent| agent != "-");
    event.service = service;

    let permissions = payload.at("authorizationInfo");
    event.resource = payload
        .get("resourceName")
        .or_else(|| permissions.items().find_map(|item| item.get("resource")))
        .or_else(|| payload.get("metadata.resourceNames.0"));
    event.domain = job
        .table
        .or_else(|| event.resource.as_deref().and_then(family).map(Cow::Owned))
        .or_else(|| entry.get_first(&["resource.labels.bucket_name", "resource.labels.dataset_id", "resource.labels.secret_id"]))
        .or(what.domain);
    event.resource = job.destination.or(event.resource);
    event.target = what.target.or_else(|| target(entry, payload, what.mirrored, &event.principal.id));
    event.scopes = granted(permissions);
    event.query_shape = job.query_shape.map(Cow::Owned);
    (event.outcome, event.error) = outcome(payload, permissions);
    if let Some((code, text)) = job.failure.filter(|_| event.outcome == Outcome::Success) {
        event.outcome = code.map_or(Outcome::Error, status::rpc);
        event.error = code.and_then(rpc_name).map(Cow::Borrowed).or(text);
    }
    if let Some(failed) = what.failed {
        event.outcome = failed;
    }
    event.rows = job.rows.or_else(|| payload.at("numResponseItems").count());
    event.bytes = job.bytes;
    (event.job, event.job_step) = match job.id {
        Some(id) => (Some(id), job.step),
        None if event.class == ActionClass::Export => operation_of(entry),
        None => (None, None),
    };
    event.mfa = what.mfa;
    event.tags = what.tag.map(Cow::Owned);
    event.finding = what.finding;
    if changes_audit(payload) {
        event.class = ActionClass::Logging;
    }
    sink(event);
    Ok(())
}

/// What a method did, as far as its name and its own parameters tell.
struct What<'a> {
    class: ActionClass,
    probe: Option<crate::model::Probe>,
    domain: Option<Text<'a>>,
    /// Of a request to a cluster.
    target: Option<Text<'a>>,
    /// The record of Workspace that the entry mirrors.
    mirrored: Option<google_workspace::Told<'a>>,
    failed: Option<Outcome>,
    mfa: Option<bool>,
    tag: Option<String>,
    finding: bool,
}

fn what<'a>(payload: Node<'a>, service: &str, method: &str) -> What<'a> {
    let mut what = What {
        class: ActionClass::Admin,
        probe: None,
        domain: None,
        target: None,
        mirrored: None,
        failed: None,
        mfa: None,
        tag: None,
        finding: false,
    };
    // Workspace shares its admin, sign-in and token logs with Cloud: the same events in another dress.
    let mirrored = payload.at("metadata.event");
    if let Some(first) = mirrored.items().next().filter(|event| event.get("eventName").is_some()) {
        let told = google_workspace::mirrored(service, first);
        what.class = told.class;
        what.failed = (told.outcome != Outcome::Success).then_some(told.outcome);
        what.mfa = told.mfa;
        what.tag.clone_from(&told.tag);
        what.finding = told.finding;
        what.mirrored = Some(told);
        return what;
    }
    if let Some(call) = kubernetes_audit::Call::of_method(method, &payload.get("resourceName").unwrap_or_default()) {
        what.class = call.class();
        what.probe = call.probe();
        what.domain = call.domain().map(Cow::Owned);
        what.target = call.target(payload.at("request"), payload.at("response"));
        return what;
    }
    let taken = Method::of(service, method);
    let kinds = || payload.at("authorizationInfo").items().filter_map(|item| item.get("permissionType"));
    let data = kinds().next().map(|_| kinds().any(|kind| kind.starts_with("DATA")));
    what.class = operation::classify(&taken, data);
    what.probe = operation::probe(&taken);
    what
}

/// The id under which Google holds two entries for one: `insertId` counts within a log and a moment.
fn provider_id<'a>(id: Text<'a>, log: &str, time: i64) -> Text<'a> {
    if log.is_empty() { id } else { Cow::Owned(format!("{id} {} {time}", log.replace("%2F", "/"))) }
}

/// The project, else the folder or organisation, the entry belongs to.
fn tenant<'a>(entry: Node<'a>, log: &str) -> Option<Text<'a>> {
    entry.get("resource.labels.project_id").or_else(|| {
        let (owner, _) = log.split_once("/logs/")?;
        Some(Cow::Owned(owner.strip_prefix("projects/").unwrap_or(owner).to_owned()))
    })
}

/// How it ended, with the name of the error.
fn outcome<'a>(payload: Node<'a>, permissions: Node<'a>) -> (Outcome, Option<Text<'a>>) {
    let status = payload.at("status");
    match status.at("code").count() {
        Some(0) => (Outcome::Success, None),
        Some(code) => {
            let outcome = if code >= 100 { status::http(code).unwrap_or(Outcome::Error) } else { status::rpc(code) };
            let name = rpc_name(code).map(Cow::Borrowed).or_else(|| status.get("message")).or_else(|| status.get("code"));
            (outcome, name.filter(|_| outcome != Outcome::Success))
        }
        None => {
            let mut flags = permissions.items().filter_map(|item| item.at("granted").flag()).peekable();
            let refused = flags.peek().is_some() && !flags.any(|granted| granted);
            if refused { (Outcome::Denied, status.get("message")) } else { (Outcome::Success, None) }
        }
    }
}

/// The names of `google.rpc.Code`.
const fn rpc_name(code: u64) -> Option<&'static str> {
    Some(match code {
        1 => "CANCELLED",
        2 => "UNKNOWN",
        3 => "INVALID_ARGUMENT",
        4 => "DEADLINE_EXCEEDED",
        5 => "NOT_FOUND",
        6 => "ALREADY_EXISTS",
        7 => "PERMISSION_DENIED",
        8 => "RESOURCE_EXHAUSTED",
        9 => "FAILED_PRECONDITION",
        10 => "ABORTED",
        11 => "OUT_OF_RANGE",
        12 => "UNIMPLEMENTED",
        13 => "INTERNAL",
        14 => "UNAVAILABLE",
        15 => "DATA_LOSS",
        16 => "UNAUTHENTICATED",
        _ => return None,
    })
}

/// The permissions that were checked and granted, each once.
fn granted(permissions: Node<'_>) -> Option<Text<'_>> {
    let mut names: Vec<Text<'_>> = Vec::new();
    for item in permissions.items().take(64) {
        if item.at("granted").flag() == Some(true)
            && let Some(name) = item.get("permission")
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| Cow::Owned(names.join(" ")))
}

/// Collections whose members are families of data.
const FAMILIES: &[&str] = &[
    "secrets",
    "buckets",
    "serviceAccounts",
    "cryptoKeys",
    "topics",
    "subscriptions",
    "databases",
    "instances",
    "functions",
    "services",
    "repositories",
    "models",
    "endpoints",
    "clusters",
    "sinks",
    "roles",
    "disks",
    "images",
    "snapshots",
    "keyRings",
    "reasoningEngines",
    "workloadIdentityPools",
    "firewalls",
    "subnetworks",
    "queues",
    "jobs",
];

/// The family of data a resource belongs to: bucket, `dataset.table`, secret, key, account…
fn family(path: &str) -> Option<String> {
    if let Some(table) = bigquery::table_of_path(path) {
        return Some(table);
    }
    if let Some(call) = kubernetes_audit::Call::of_path(path) {
        return call.domain();
    }
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    FAMILIES.iter().find_map(|family| {
        let at = parts.iter().position(|part| part == family)?;
        parts.get(at + 1).filter(|name| !name.is_empty()).map(|name| (*name).to_owned())
    })
}

/// The other identity a call acts on: the account whose token or key is made, to whom a role is given, as whom something
/// will run.
fn target<'a>(entry: Node<'a>, payload: Node<'a>, mirrored: Option<google_workspace::Told<'a>>, own: &str) -> Option<Text<'a>> {
    if let Some(told) = mirrored {
        return told.target.filter(|id| id != own);
    }
    let deltas = payload.first(&["serviceData.policyDelta.bindingDeltas", "metadata.policyDelta.bindingDeltas"]);
    let added = deltas.items().find(|delta| delta.get("action").is_none_or(|action| action == "ADD")).or_else(|| deltas.items().next());
    let member = added.and_then(|delta| delta.get("member"));
    let label = entry.get("resource.labels.email_id");
    let of_path = |text: Text<'a>| {
        let (_, rest) = text.split_once("serviceAccounts/")?;
        rest.split('/').next().filter(|name| !name.is_empty() && *name != "-").map(str::to_owned)
    };
    let permitted = payload.at("authorizationInfo").items().filter_map(|item| item.get("resource")).find_map(of_path);
    let named = [
        payload.get("resourceName"),
        payload.get("request.name"),
        payload.get("response.email").map(|email| Cow::Owned(format!("serviceAccounts/{email}"))),
        payload.get("request.serviceAccounts.0.email").map(|email| Cow::Owned(format!("serviceAccounts/{email}"))),
        payload
            .get_first(&["request.function.serviceAccountEmail", "request.email"])
            .map(|email| Cow::Owned(format!("serviceAccounts/{email}"))),
    ]
    .into_iter()
    .flatten()
    .filter_map(of_path)
    .chain(permitted);
    // An account's number says less than its address, which the label has.
    let mut numbered = None;
    let addressed = named.inspect(|name| numbered = numbered.take().or_else(|| Some(name.clone()))).find(|name| name.contains('@'));
    let account = addressed.or_else(|| label.map(Cow::into_owned)).or(numbered).map(Cow::Owned);
    // A policy set whole does not tell what is new in it, unless there is but one thing in it.
    let bindings = payload.at("request.policy.bindings");
    let only = bindings.items().next().filter(|_| bindings.items().nth(1).is_none());
    let only = only.and_then(|binding| binding.at("members").items().find_map(Node::text));
    member.or(account).or(only).map(|name| principal::account(name).id).filter(|id| id != own)
}

/// A change of what is logged: in a policy, or flow logs of a network.
fn changes_audit(payload: Node<'_>) -> bool {
    payload.first(&["serviceData.policyDelta.auditConfigDeltas", "metadata.policyDelta.auditConfigDeltas"]).is_nested()
        || payload.at("request.enableFlowLogs").flag() == Some(false)
        || payload.at("request.logConfig.enable").flag() == Some(false)
}

/// The long-running operation an export is.
fn operation_of(entry: Node<'_>) -> (Option<Text<'_>>, Option<JobStep>) {
    let operation = entry.at("operation");
    let id = operation.get("id");
    let step = if operation.at("last").flag() == Some(true) && operation.at("first").flag() != Some(true) {
        JobStep::Complete
    } else {
        JobStep::Create
    };
    let step = id.is_some().then_some(step);
    (id, step)
}
