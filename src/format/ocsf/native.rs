//! Turns a record back into the form of the provider's own log, so that the provider's reader says who acted and what it
//! did: one truth about an identity, however its records arrive. Nothing is added that the record does not hold. It must
//! not know how those logs are read.

use super::super::tree::{self, Node};
use super::super::{by_name, moment};
use super::class::Sort;
use super::product::{Native, Product};
use crate::model::{Event, Timestamp};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Reads a record as its provider's own; nothing reaches `sink` where that is not possible.
pub fn read(root: Node<'_>, product: &Product, sort: Sort, sink: &mut dyn FnMut(Event<'_>)) {
    let Some(native) = product.native else { return };
    // A product's findings are not in the form of its log.
    if (native == Native::SecurityHub) != (sort == Sort::Finding) {
        return;
    }
    let Ok(time) = moment::read(root, super::event::TIMES) else { return };
    let (name, record) = match native {
        Native::SecurityHub => ("aws_guardduty", security_hub(root, time)),
        Native::CloudTrail => ("aws_cloudtrail", cloudtrail(root, time)),
        Native::Okta => ("okta", okta(root, time)),
        Native::GitHub => ("github_audit", github(root, time)),
        Native::Kubernetes => ("kubernetes_audit", kubernetes(root, time)),
    };
    if let (Some(format), Some(record)) = (by_name(name), record) {
        // A refusal leaves the record to OCSF's own fields.
        let _ = format.read(&record.to_string(), sink);
    }
}

/// Members of an object, of which those without a value are left out.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
    }

    /// A text from the first of several paths.
    fn text(&mut self, name: &str, from: Node<'_>, paths: &[&str]) {
        self.put(name, from.get_first(paths).map(Cow::into_owned));
    }

    fn some(self) -> Option<Value> {
        (!self.0.is_empty()).then_some(Value::Object(self.0))
    }
}

/// What was left over of an object of the original: nested under its name, or flat under `name.…`.
fn left_over(root: Node<'_>, name: &str) -> Map<String, Value> {
    let unmapped = root.at("unmapped");
    let mut fields = match unmapped.member(name).value() {
        Some(Value::Object(fields)) => fields.clone(),
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        _ => Map::new(),
    };
    for (key, value) in unmapped.members() {
        let Some(path) = key.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')) else { continue };
        if let Some(value) = value.value().filter(|_| path.split('.').count() <= DEPTH) {
            tree::nest(&mut fields, path, value.clone());
        }
    }
    fields
}

/// Deepest path that is nested again.
const DEPTH: usize = 8;

/// An object that stands as an object or as text.
fn object(node: Node<'_>) -> Option<Map<String, Value>> {
    match node.value()? {
        Value::Object(fields) => Some(fields.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

/// Of the ids of a user the ARN and the other: which of them is called `uid` depends on the version.
fn ids(user: Node<'_>) -> (Option<String>, Option<String>) {
    let all: Vec<String> = ["uid", "uid_alt", "uuid"].iter().filter_map(|name| user.get(name)).map(Cow::into_owned).collect();
    let arn = all.iter().find(|id| id.starts_with("arn:")).cloned();
    (arn, all.into_iter().find(|id| !id.starts_with("arn:")))
}

fn cloudtrail(root: Node<'_>, time: Timestamp) -> Option<Value> {
    // Some write the operation where others write the kind of record.
    let code = || root.get("metadata.event_code").filter(|code| !code.starts_with("Aws"));
    let operation = root.get("api.operation").or_else(code)?.into_owned();
    let (actor, api) = (root.at("actor"), root.at("api"));
    let user = if actor.at("user").is_nested() { actor.at("user") } else { root.at("user") };
    let (arn, principal) = ids(user);
    let kind = user.get("type").map(Cow::into_owned).filter(|kind| TRAIL_TYPES.contains(&&**kind)).or_else(|| {
        let arn = arn.as_deref()?;
        let told = [(":assumed-role/", "AssumedRole"), (":federated-user/", "FederatedUser"), (":user/", "IAMUser"), (":root", "Root")];
        told.iter().find(|(part, _)| arn.contains(part)).map(|(_, kind)| (*kind).to_owned())
    });
    let mut identity = Fields(left_over(root, "userIdentity"));
    let named = arn.is_some() || principal.is_some() || user.get("name").is_some();
    let invoked_by = actor.get("invoked_by").map(Cow::into_owned);
    let kind = kind.or_else(|| (!named && invoked_by.is_some()).then(|| "AWSService".to_owned()));
    if kind.as_deref() == Some("IdentityCenterUser") {
        let on_behalf_of = json!({"userId": principal, "identityStoreArn": actor.get("idp.uid")});
        identity.put("onBehalfOf", Some(on_behalf_of));
        identity.text("credentialId", user, &["credential_uid"]);
    } else {
        identity.put("principalId", principal);
        identity.text("accessKeyId", user, &["credential_uid"]);
        identity.text("identityProvider", actor, &["idp.name"]);
    }
    identity.put("type", kind);
    identity.put("arn", arn);
    identity.text("userName", user, &["name"]);
    identity.text("accountId", user, &["account.uid", "account_uid"]);
    identity.put("invokedBy", invoked_by);
    session(&mut identity, actor.at("session"));
    session(&mut identity, root.at("session"));

    let mut record = Fields::default();
    record.put("userIdentity", identity.some());
    record.text("eventVersion", root, &["metadata.product.version"]);
    record.put("eventTime", Some(time.to_string()));
    record.put("eventName", Some(operation.clone()));
    record.text("eventSource", api, &["service.name"]);
    record.text("awsRegion", root, &["cloud.region"]);
    record.text("sourceIPAddress", root, &["src_endpoint.ip", "src_endpoint.domain", "src_endpoint.hostname", "src_endpoint.svc_name"]);
    record.text("userAgent", root, &["http_request.user_agent"]);
    record.text("errorCode", api, &["response.error"]);
    record.text("errorMessage", api, &["response.message", "response.error_message"]);
    record.text("eventID", root, &["metadata.uid"]);
    record.text("requestID", api, &["request.uid"]);
    record.text("eventType", root, &["unmapped.eventType", "metadata.event_code"]);
    record.text("readOnly", root, &["unmapped.readOnly"]);
    record.text("managementEvent", root, &["unmapped.managementEvent"]);
    record.text("eventCategory", root, &["metadata.product.feature.name"]);
    record.text("recipientAccountId", root, &["unmapped.recipientAccountId", "cloud.account.uid", "cloud.account_uid"]);
    record.text("sessionCredentialFromConsole", root, &["unmapped.sessionCredentialFromConsole"]);
    let request = object(api.at("request.data")).unwrap_or_else(|| left_over(root, "requestParameters"));
    record.put("requestParameters", Fields(request).some());
    let mut response = object(api.at("response.data")).unwrap_or_else(|| left_over(root, "responseElements"));
    if operation == "ConsoleLogin" && !response.contains_key("ConsoleLogin") {
        response.extend(root.get("status").map(|status| ("ConsoleLogin".to_owned(), Value::from(status.into_owned()))));
    }
    record.put("responseElements", Fields(response).some());
    let mut additional = Fields(left_over(root, "additionalEventData"));
    additional.put("MFAUsed", root.first(&["is_mfa", "mfa"]).flag().map(|used| if used { "Yes" } else { "No" }));
    record.put("additionalEventData", additional.some());
    let resources = root.at("resources").items().filter_map(|resource| {
        let mut fields = Fields::default();
        fields.text("ARN", resource, &["uid"]);
        fields.text("type", resource, &["type"]);
        fields.some()
    });
    record.put("resources", Some(resources.collect::<Vec<_>>()).filter(|list| !list.is_empty()));
    record.some()
}

/// Types of `userIdentity`: other words in their place are OCSF's.
const TRAIL_TYPES: &[&str] = &[
    "Root",
    "IAMUser",
    "AssumedRole",
    "Role",
    "FederatedUser",
    "Directory",
    "AWSAccount",
    "AWSService",
    "SAMLUser",
    "WebIdentityUser",
    "IdentityCenterUser",
];

/// The session behind a role: who issued it, when, and with which second factor.
fn session(identity: &mut Fields, session: Node<'_>) {
    let mut context = match identity.0.remove("sessionContext") {
        Some(Value::Object(fields)) => Fields(fields),
        _ => Fields::default(),
    };
    let mut issuer = match context.0.remove("sessionIssuer") {
        Some(Value::Object(fields)) => Fields(fields),
        _ => Fields::default(),
    };
    issuer.text("arn", session, &["issuer"]);
    context.put("sessionIssuer", issuer.some());
    let mut attributes = match context.0.remove("attributes") {
        Some(Value::Object(fields)) => Fields(fields),
        _ => Fields::default(),
    };
    attributes.put("mfaAuthenticated", session.first(&["is_mfa", "mfa"]).flag().map(|used| used.to_string()));
    let created = moment::read(session, &["created_time", "created_time_dt"]).ok().filter(|at| at.0 > 0);
    attributes.put("creationDate", created.map(|at| at.to_string()));
    context.put("attributes", attributes.some());
    identity.put("sessionContext", context.some());
}

/// A finding as Security Hub writes it (ASFF): resources keep their details under `data`.
fn security_hub(root: Node<'_>, time: Timestamp) -> Option<Value> {
    let info = if root.at("finding_info").is_nested() { root.at("finding_info") } else { root.at("finding") };
    let mut record = Fields::default();
    record.put("SchemaVersion", Some("2018-10-08"));
    record.text("ProductArn", root, &["metadata.product.uid"]);
    record.text("ProductName", root, &["metadata.product.name"]);
    record.text("GeneratorId", root, &["metadata.product.feature.uid"]);
    record.text("AwsAccountId", root, &["cloud.account.uid", "cloud.account_uid"]);
    record.text("Region", root, &["cloud.region"]);
    record.text("Id", info, &["uid"]);
    record.text("Title", info, &["title"]);
    record.text("Description", info, &["desc"]);
    record.put("Types", info.at("types").value().cloned());
    record.put("LastObservedAt", Some(time.to_string()));
    record.put("Severity", Some(json!({"Label": super::finding::severity(root).to_uppercase()})));
    let resources = root.at("resources").items().chain(root.at("resource").items()).filter_map(|resource| {
        let mut fields = Fields::default();
        fields.text("Type", resource, &["type"]);
        fields.text("Id", resource, &["uid"]);
        fields.text("Partition", resource, &["cloud_partition"]);
        fields.put("Details", object(resource.at("data")).map(Value::Object));
        fields.some()
    });
    record.put("Resources", Some(resources.collect::<Vec<_>>()).filter(|list| !list.is_empty()));
    let evidence = root.at("evidences.0");
    if let Some(ip) = evidence.get("src_endpoint.ip") {
        record.put("Action", Some(json!({"AwsApiCallAction": {"RemoteIpDetails": {"IpAddressV4": ip}}})));
    }
    record.some()
}

fn okta(root: Node<'_>, time: Timestamp) -> Option<Value> {
    let kind = root.get_first(&["metadata.event_code", "api.operation"])?.into_owned();
    let mut record = Fields(object(root.at("unmapped")).unwrap_or_default());
    record.put("eventType", Some(kind));
    record.put("published", Some(time.to_string()));
    record.text("uuid", root, &["metadata.uid", "metadata.loggers.0.event_uid", "metadata.original_event_uid"]);
    record.text("displayMessage", root, &["message"]);
    let user = if root.at("actor.user").is_nested() { root.at("actor.user") } else { root.at("user") };
    if user.is_nested() {
        record.put("actor", okta_user(user));
    }
    let mut client = match record.0.remove("client") {
        Some(Value::Object(fields)) => Fields(fields),
        _ => Fields::default(),
    };
    client.text("ipAddress", root, &["src_endpoint.ip", "device.ip"]);
    if let Some(agent) = root.get("http_request.user_agent") {
        client.put("userAgent", Some(json!({"rawUserAgent": agent, "os": root.get("src_endpoint.os.name")})));
    }
    record.put("client", client.some());
    let mut outcome = match record.0.remove("outcome") {
        Some(Value::Object(fields)) => Fields(fields),
        _ => Fields::default(),
    };
    if !outcome.0.contains_key("result") {
        outcome.put("result", root.get("status").map(|status| status.to_ascii_uppercase()));
    }
    outcome.text("reason", root, &["status_detail", "status_code"]);
    record.put("outcome", outcome.some());
    let mut context = match record.0.remove("authenticationContext") {
        Some(Value::Object(fields)) => Fields(fields),
        _ => Fields::default(),
    };
    context.text("externalSessionId", root, &["actor.session.uid", "session.uid"]);
    record.put("authenticationContext", context.some());
    if !record.0.contains_key("target") {
        let subject = root.at("user");
        let subject = okta_user(subject).filter(|_| subject.get("uid") != user.get("uid"));
        let things = ["group", "entity.policy", "entity"].iter().map(|path| root.at(path)).chain(root.at("resources").items());
        let things = things.filter_map(|thing| {
            let mut fields = Fields::default();
            fields.text("id", thing, &["uid"]);
            fields.text("displayName", thing, &["name"]);
            fields.text("alternateId", thing, &["name"]);
            fields.text("type", thing, &["type"]);
            fields.some().filter(|_| thing.get_first(&["uid", "name"]).is_some())
        });
        let targets: Vec<Value> = subject.into_iter().chain(things).collect();
        record.put("target", Some(targets).filter(|list| !list.is_empty()));
    }
    record.some()
}

/// Names of `type_id`: what stands there instead is the provider's own.
const OCSF_TYPES: &[&str] = &["Unknown", "Other", "Admin", "System", "Service"];

fn okta_user(user: Node<'_>) -> Option<Value> {
    let mut fields = Fields::default();
    fields.text("id", user, &["uid"]);
    // The system itself is the one OCSF type that says which of Okta's it was.
    let system = user.at("type_id").count() == Some(3) || user.get("type").as_deref() == Some("System");
    let kind = user.get("type").filter(|kind| !OCSF_TYPES.contains(&&**kind)).map(Cow::into_owned);
    fields.put("type", kind.or_else(|| system.then(|| "SystemPrincipal".to_owned())));
    fields.text("alternateId", user, &["email_addr", "name"]);
    fields.text("displayName", user, &["full_name", "name"]);
    fields.some()
}

fn github(root: Node<'_>, time: Timestamp) -> Option<Value> {
    let action = root.get_first(&["metadata.event_code", "api.operation"])?.into_owned();
    let mut record = Fields(object(root.at("unmapped")).unwrap_or_default());
    let user = if root.at("actor.user").is_nested() { root.at("actor.user") } else { root.at("user") };
    record.put("action", Some(action));
    record.put("@timestamp", Some(time.0));
    record.text("_document_id", root, &["metadata.uid"]);
    record.text("actor", user, &["name"]);
    record.put("actor_id", user.at("uid").count());
    record.text("external_identity_nameid", user, &["email_addr"]);
    record.text("org", user, &["account.name", "org.name"]);
    record.put("org_id", user.first(&["account.uid", "org.uid"]).count());
    record.text("actor_ip", root, &["src_endpoint.ip"]);
    record.text("user_agent", root, &["http_request.user_agent"]);
    if let Some(country) = root.get("src_endpoint.location.country") {
        record.put("actor_location", Some(json!({"country_code": country})));
    }
    if root.at("actor.user").is_nested() {
        record.text("user", root, &["user.name"]);
        record.put("user_id", root.at("user.uid").count());
    }
    record.text("team", root, &["group.name"]);
    record.text("repo", root, &["resources.0.name"]);
    record.put("repository_id", root.at("resources.0.uid").count());
    record.some()
}

fn kubernetes(root: Node<'_>, time: Timestamp) -> Option<Value> {
    let verb = root.get("api.operation")?.into_owned();
    let (actor, resource) = (root.at("actor"), root.at("resources.0"));
    let mut user = Fields::default();
    user.text("username", actor, &["user.name"]);
    user.text("uid", actor, &["user.uid"]);
    let groups: Vec<Value> =
        actor.at("user.groups").items().filter_map(|group| group.get("name").or(group.text())).map(|g| json!(g)).collect();
    user.put("groups", Some(groups).filter(|list| !list.is_empty()));
    let mut extra = Fields::default();
    let mut add = |name: &str, value: Option<_>| extra.put(name, value.map(|text: crate::model::event::Text<'_>| json!([text])));
    add("accessKeyId", actor.get_first(&["session.credential_uid", "user.credential_uid"]));
    add("arn", root.get("cloud.account.uid").filter(|arn| arn.starts_with("arn:")));
    add("canonicalArn", actor.get("session.issuer"));
    add("sessionName", actor.get("session.uid"));
    user.put("extra", extra.some());
    let mut about = Fields::default();
    about.text("resource", resource, &["type"]);
    about.text("name", resource, &["name"]);
    about.text("namespace", resource, &["namespace"]);
    about.text("subresource", root, &["unmapped.objectRef.subresource"]);
    let mut annotations = Fields(left_over(root, "annotations"));
    annotations.text("authorization.k8s.io/decision", root, &["unmapped.annotations.authorization.k8s.io/decision"]);

    let mut record = Fields::default();
    record.put("kind", Some("Event"));
    record.put("apiVersion", Some("audit.k8s.io/v1"));
    record.text("level", root, &["metadata.log_level"]);
    record.text("auditID", root, &["api.request.uid", "metadata.uid"]);
    record.put(
        "stage",
        Some(
            root.get("message")
                .filter(|stage| stage.starts_with("Re") || stage.as_ref() == "Panic")
                .map_or_else(|| "ResponseComplete".to_owned(), Cow::into_owned),
        ),
    );
    record.put("verb", Some(verb));
    record.put("user", user.some());
    record.put("sourceIPs", root.get("src_endpoint.ip").map(|ip| json!([ip])));
    record.text("userAgent", root, &["http_request.user_agent"]);
    record.text("requestURI", root, &["http_request.url.path", "http_request.url.url_string"]);
    record.put("objectRef", about.some());
    record.put("responseStatus", root.at("api.response.code").count().map(|code| json!({"code": code})));
    record.put("annotations", annotations.some());
    let began = moment::read(root, &["start_time", "start_time_dt"]).unwrap_or(time);
    record.put("requestReceivedTimestamp", Some(began.to_string()));
    record.put("stageTimestamp", Some(time.to_string()));
    record.some()
}
