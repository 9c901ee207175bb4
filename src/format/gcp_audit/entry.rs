//! Sets a log entry into its native shape, whichever way it was exported: columns of `BigQuery`, flattened names, a Sentinel
//! table, Elastic's fields. It moves values and renames keys; what they mean is not its business, and what is absent stays
//! absent.

use super::super::tree::{nest, undotted};
use serde_json::{Map, Value};

/// The type of the payload that is ours.
pub const AUDIT_LOG: &str = "type.googleapis.com/google.cloud.audit.AuditLog";

type Fields = Map<String, Value>;

/// The entry in its native shape.
///
/// # Errors
/// Gives the value back when it is no log entry.
pub fn native(value: Value) -> Result<Value, Value> {
    let Value::Object(mut fields) = value else { return Err(value) };
    if has(&fields, "protoPayload") {
        open(&mut fields, "protoPayload");
        return Ok(Value::Object(fields));
    }
    if fields.keys().any(|key| starts(key, "protoPayload.") || starts(key, "protopayload_auditlog.")) {
        fields = undotted(fields);
        if has(&fields, "protoPayload") {
            return Ok(Value::Object(fields));
        }
    }
    if let Some(payload) = take(&mut fields, "protopayload_auditlog") {
        return Ok(exported(fields, payload));
    }
    if let Some(Value::Object(mut payload)) = take(&mut fields, "proto_payload") {
        let audit = take(&mut payload, "audit_log").unwrap_or(Value::Object(payload));
        fields.insert("protoPayload".to_owned(), audit);
        return Ok(camelised(Value::Object(fields)));
    }
    let flattened = has(&fields, "log_name_s") || has(&fields, "protoPayload_methodName_s");
    if flattened && fields.keys().any(|key| starts(key, "payload_") || starts(key, "protoPayload_") || starts(key, "textPayload")) {
        return Ok(nested(fields));
    }
    if has(&fields, "MethodName") && has(&fields, "ServiceName") && (has(&fields, "LogName") || has(&fields, "InsertId")) {
        return Ok(of_table(fields));
    }
    if get(&fields, "gcp").and_then(|gcp| gcp.get("audit")).is_some_and(Value::is_object) {
        return Ok(of_elastic(fields));
    }
    let bare = get(&fields, "@type").and_then(Value::as_str) == Some(AUDIT_LOG)
        || (has(&fields, "methodName") && has(&fields, "serviceName") && has(&fields, "authenticationInfo"));
    if bare {
        let mut entry = Fields::new();
        for key in ["timestamp", "receiveTimestamp", "insertId", "logName", "resource"] {
            put_some(&mut entry, key, take(&mut fields, key));
        }
        entry.insert("protoPayload".to_owned(), Value::Object(fields));
        return Ok(Value::Object(entry));
    }
    // Entries of other logs are entries too: they are refused by what they are.
    if has(&fields, "logName") && has(&fields, "insertId") { Ok(Value::Object(fields)) } else { Err(Value::Object(fields)) }
}

/// Takes a member out, by its name in any case.
pub fn take(fields: &mut Fields, name: &str) -> Option<Value> {
    if let Some(value) = fields.remove(name) {
        return Some(value);
    }
    let key = fields.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()?;
    fields.remove(&key)
}

fn get<'a>(fields: &'a Fields, name: &str) -> Option<&'a Value> {
    fields.get(name).or_else(|| fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn has(fields: &Fields, name: &str) -> bool {
    get(fields, name).is_some_and(|value| !value.is_null())
}

fn starts(key: &str, prefix: &str) -> bool {
    key.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

fn put_some(fields: &mut Fields, name: &str, value: Option<Value>) {
    if let Some(value) = value.filter(|value| !value.is_null()) {
        fields.insert(name.to_owned(), value);
    }
}

/// Opens a member that holds JSON as text.
fn open(fields: &mut Fields, name: &str) {
    if let Some(value) = take(fields, name) {
        fields.insert(name.to_owned(), opened(value));
    }
}

/// JSON in a text, or the value as it is.
fn opened(value: Value) -> Value {
    match &value {
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => serde_json::from_str(text).unwrap_or(value),
        _ => value,
    }
}

/// A row of the table that a sink to `BigQuery` fills: the payload has a name of its own, and what has no fixed schema is text.
fn exported(mut fields: Fields, payload: Value) -> Value {
    let mut payload = match opened(payload) {
        Value::Object(payload) => payload,
        other => return Value::Object(Fields::from_iter([("protoPayload".to_owned(), other)])),
    };
    for (theirs, ours) in [
        ("requestJson", "request"),
        ("responseJson", "response"),
        ("metadataJson", "metadata"),
        ("serviceDataJson", "serviceData"),
        ("servicedata_v1_bigquery", "serviceData"),
        ("servicedata_v1_iam", "serviceData"),
        ("servicedata_v1_iam_admin", "serviceData"),
        ("request_json", "request"),
        ("response_json", "response"),
        ("metadata_json", "metadata"),
    ] {
        let value = take(&mut payload, theirs).map(opened);
        if !has(&payload, ours) {
            put_some(&mut payload, ours, value);
        }
    }
    fields.insert("protoPayload".to_owned(), Value::Object(payload));
    let snaked = ["log_name", "insert_id"].iter().any(|key| fields.contains_key(*key));
    let payload_snaked = fields.get("protoPayload").is_some_and(|payload| payload.get("method_name").is_some());
    if snaked || payload_snaked { camelised(Value::Object(fields)) } else { Value::Object(fields) }
}

/// Puts a value at a path, making the objects on the way.
fn put(fields: &mut Fields, path: &[&str], value: Value) {
    nest(fields, &path.join("."), value);
}

/// Whether something is at a path.
fn reaches(fields: &Fields, path: &[&str]) -> bool {
    match path.split_first() {
        Some((last, [])) => has(fields, last),
        Some((first, rest)) => get(fields, first).and_then(Value::as_object).is_some_and(|inner| reaches(inner, rest)),
        None => true,
    }
}

/// `insert_id` is `insertId`, down to where free-form members begin.
fn camelised(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(key, value)| {
                    let free = ["labels", "request", "response", "metadata", "serviceData"].contains(&key.as_str());
                    let value = opened(value);
                    (camel(&key), if free { value } else { camelised(value) })
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(camelised).collect()),
        other => other,
    }
}

fn camel(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    let mut raise = false;
    for c in key.chars() {
        if c == '_' && !out.is_empty() {
            raise = true;
        } else if std::mem::take(&mut raise) {
            out.push(c.to_ascii_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}

/// Columns whose names carry their path and their type: `payload_authenticationInfo_principalEmail_s`.
fn nested(fields: Fields) -> Value {
    let mut out = Fields::new();
    for (key, value) in fields {
        let name = untyped(&key);
        let value = match opened(value) {
            Value::String(text) if text.is_empty() => continue,
            value => value,
        };
        if let Some(path) = name.strip_prefix("payload_").or_else(|| name.strip_prefix("protoPayload_")) {
            put_payload(&mut out, path, value);
        } else if let Some(label) = name.strip_prefix("resource_labels_") {
            put(&mut out, &["resource", "labels", label], value);
        } else if let Some(rest) = name.strip_prefix("resource_") {
            put(&mut out, &["resource", rest], value);
        } else if let Some(rest) = name.strip_prefix("operation_") {
            put(&mut out, &["operation", rest], value);
        } else if name.eq_ignore_ascii_case("TimeGenerated") {
            out.entry("receiveTimestamp").or_insert(value);
        } else {
            out.insert(camel(name), value);
        }
    }
    // DNS queries and metrics come in the same columns; only the type tells.
    let audited = out.get("protoPayload").is_some_and(|payload| payload.get("methodName").is_some());
    if !audited {
        out.remove("protoPayload");
    }
    Value::Object(out)
}

fn put_payload(out: &mut Fields, path: &str, value: Value) {
    // `@type` loses its sign; free-form members have names with underscores of their own.
    let first = path.split('_').next().unwrap_or_default();
    let rest = path.get(first.len() + 1..).unwrap_or_default();
    match first {
        "" => put(out, &["protoPayload", "@type"], value),
        "request" | "response" => put(out, &["protoPayload", first, rest], value),
        "metadata" if rest.starts_with("mapped") => put(out, &["protoPayload", first, rest], value),
        _ => {
            let parts: Vec<&str> = std::iter::once("protoPayload").chain(path.split('_')).collect();
            put(out, &parts, value);
        }
    }
}

/// A column's name without the letter of its type and without `[UTC]`.
fn untyped(key: &str) -> &str {
    let key = key.strip_suffix(" [UTC]").unwrap_or(key);
    ["_s", "_d", "_b", "_t", "_g"].iter().find_map(|end| key.strip_suffix(end)).unwrap_or(key)
}

/// A row of Sentinel's tables, where the payload's members are columns.
fn of_table(mut fields: Fields) -> Value {
    let fields = &mut fields;
    let mut payload = Fields::new();
    for (ours, theirs) in [
        ("serviceName", "ServiceName"),
        ("methodName", "MethodName"),
        ("resourceName", "GCPResourceName"),
        ("numResponseItems", "NumResponseItems"),
        ("authenticationInfo", "AuthenticationInfo"),
        ("authorizationInfo", "AuthorizationInfo"),
        ("requestMetadata", "RequestMetadata"),
        ("resourceLocation", "ResourceLocation"),
        ("request", "Request"),
        ("response", "Response"),
        ("metadata", "Metadata"),
        ("serviceData", "ServiceData"),
        ("status", "Status"),
    ] {
        put_some(&mut payload, ours, take(fields, theirs).map(opened));
    }
    for (path, names) in [
        (&["authenticationInfo", "principalEmail"], &["PrincipalEmail", "AuthInfoPrincipalEmail"][..]),
        (&["authenticationInfo", "principalSubject"], &["AuthInfoPrincipalSubject", "AuthenticationInfoPrincipalSubject"]),
        (&["authenticationInfo", "serviceAccountDelegationInfo"], &["AuthInfoServiceAccountDelegationInfo"]),
        (&["authenticationInfo", "serviceAccountKeyName"], &["AuthInfoServiceAccountKeyName"]),
        (&["requestMetadata", "callerIp"], &["RequestMetadataCallerIp", "RequestMetadataCallerIP"]),
        (&["requestMetadata", "callerSuppliedUserAgent"], &["RequestMetadataCallerSuppliedUserAgent"]),
        (&["metadata", "mapped_principal"], &["MetadataMappedPrincipal"]),
        (&["status", "code"], &["StatusCode"]),
        (&["status", "message"], &["StatusMessage"]),
    ] {
        let found = names.iter().filter_map(|name| take(fields, name)).find(|value| !value.is_null() && value.as_str() != Some(""));
        if let Some(value) = found.filter(|_| !reaches(&payload, path)) {
            put(&mut payload, path, opened(value));
        }
    }
    let mut entry = Fields::new();
    entry.insert("protoPayload".to_owned(), Value::Object(payload));
    for (ours, theirs) in
        [("insertId", "InsertId"), ("logName", "LogName"), ("timestamp", "Timestamp"), ("receiveTimestamp", "TimeGenerated")]
    {
        let theirs = fields.keys().find(|key| untyped(key).eq_ignore_ascii_case(theirs)).cloned();
        put_some(&mut entry, ours, theirs.and_then(|key| fields.remove(&key)));
    }
    for (path, theirs) in [
        (&["resource", "type"][..], "GCPResourceType"),
        (&["resource", "labels", "project_id"], "ProjectId"),
        (&["operation", "id"], "OperationId"),
        (&["operation", "first"], "OperationFirst"),
        (&["operation", "last"], "OperationLast"),
    ] {
        if let Some(value) = take(fields, theirs).filter(|value| !value.is_null()) {
            put(&mut entry, path, value);
        }
    }
    Value::Object(entry)
}

/// What Elastic makes of an entry: most of it under `gcp.audit`, the rest in the fields all logs share.
fn of_elastic(fields: Fields) -> Value {
    let root = Value::Object(fields);
    let at = |path: &str| path.split('.').try_fold(&root, |value, key| value.get(key)).filter(|value| !value.is_null()).cloned();
    let mut payload = match at("gcp.audit").map(camelised) {
        Some(Value::Object(payload)) => payload,
        _ => Fields::new(),
    };
    for (path, theirs) in [
        (&["methodName"][..], "event.action"),
        (&["serviceName"], "service.name"),
        (&["authenticationInfo", "principalEmail"], "client.user.email"),
        (&["authenticationInfo", "principalSubject"], "client.user.id"),
        (&["requestMetadata", "callerIp"], "source.ip"),
        (&["requestMetadata", "callerSuppliedUserAgent"], "user_agent.original"),
    ] {
        if let Some(value) = at(theirs).filter(|_| !reaches(&payload, path)) {
            put(&mut payload, path, value);
        }
    }
    let mut entry = Fields::new();
    entry.insert("protoPayload".to_owned(), Value::Object(payload));
    put_some(&mut entry, "timestamp", at("@timestamp"));
    put_some(&mut entry, "insertId", at("event.id"));
    put_some(&mut entry, "logName", at("log.logger"));
    if let Some(project) = at("cloud.project.id") {
        put(&mut entry, &["resource", "labels", "project_id"], project);
    }
    Value::Object(entry)
}
