//! Sets a surprising record right: unwraps envelopes, gives keys the case AWS gives them, turns JSON in strings into
//! JSON and drops what has the wrong type, so that the one reader can read it. It decides nothing about meaning.

use super::super::Refusal;
use super::columns;
use serde_json::{Map, Value};

/// What was inside.
pub enum Found {
    /// The text of a record with its keys set right.
    Record(String),
    /// The text of something that has to be opened again.
    Envelope(String),
}

/// Keys the reader looks for, as AWS writes them.
const KEYS: &[&str] = &[
    "eventTime",
    "@timestamp",
    "eventID",
    "eventName",
    "eventSource",
    "eventType",
    "eventCategory",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "recipientAccountId",
    "readOnly",
    "sessionCredentialFromConsole",
    "userIdentity",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "resources",
    "insightDetails",
    "type",
    "principalId",
    "arn",
    "accountId",
    "accessKeyId",
    "userName",
    "invokedBy",
    "identityProvider",
    "credentialId",
    "onBehalfOf",
    "userId",
    "sessionContext",
    "attributes",
    "sessionIssuer",
    "webIdFederationData",
    "federatedProvider",
    "ec2RoleDelivery",
    "sourceIdentity",
    "mfaAuthenticated",
    "creationDate",
    "bucketName",
    "key",
    "secretId",
    "functionName",
    "tableName",
    "roleArn",
    "roleName",
    "groupName",
    "policyArn",
    "instanceId",
    "snapshotId",
    "ConsoleLogin",
    "accessKey",
    "bytesTransferredIn",
    "bytesTransferredOut",
    "MFAUsed",
    "ARN",
];

/// Keys whose value must be an object.
const OBJECTS: &[&str] = &[
    "userIdentity",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "onBehalfOf",
    "sessionContext",
    "attributes",
    "sessionIssuer",
    "webIdFederationData",
    "accessKey",
    "exportDescription",
];

/// Keys under which an envelope keeps the record, in the order they are tried.
const ENVELOPES: &[&str] = &["detail", "CloudTrailEvent", "Message", "body", "message", "event", "Records", "logEvents"];

/// Opens a text that the fast path did not know.
///
/// # Errors
/// When it is no JSON object, no activity, or nothing we know.
pub fn unwrap(text: &str) -> Result<Vec<Found>, Refusal> {
    let value: Value = serde_json::from_str(text).map_err(|error| Refusal::not_json(&error))?;
    let Value::Object(fields) = value else {
        let found = if value.is_array() { "a list" } else { "a single value" };
        return Err(Refusal::malformed("the record", found, "one JSON object"));
    };
    let fields = columns::nest(fields);
    let has = |key: &str| fields.keys().any(|k| k.eq_ignore_ascii_case(key));
    if has("digestStartTime") || has("digestS3Bucket") {
        return Err(Refusal::NotActivity { what: "a CloudTrail digest (checksums of log files)" });
    }
    if has("s3ObjectKey") || (has("s3") && has("eventName")) {
        return Err(Refusal::NotActivity { what: "a notice that a log file was delivered" });
    }
    if has("eventName") || has("userIdentity") || has("insightDetails") {
        let record = Value::Object(straighten(fields));
        return Ok(vec![Found::Record(record.to_string())]);
    }
    for name in ENVELOPES {
        let Some(inner) = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, inner)| inner) else { continue };
        match inner {
            Value::Object(_) => return Ok(vec![Found::Envelope(inner.to_string())]),
            Value::String(inner) if inner.trim_start().starts_with('{') => return Ok(vec![Found::Envelope(inner.clone())]),
            Value::Array(items) if !items.is_empty() => return Ok(items.iter().map(|item| Found::Envelope(item.to_string())).collect()),
            _ => {}
        }
    }
    Err(Refusal::Missing { field: "eventName", expected: "a CloudTrail record or an envelope of one" })
}

/// Keys in AWS's case, objects where objects belong. Recursion is bounded by the parser's depth limit.
fn straighten(fields: Map<String, Value>) -> Map<String, Value> {
    let mut straight = Map::new();
    for (key, value) in fields {
        let exact = KEYS.contains(&key.as_str());
        let name = if exact {
            key
        } else if key.eq_ignore_ascii_case("accesKeyId") {
            "accessKeyId".to_owned()
        } else {
            KEYS.iter().find(|known| known.eq_ignore_ascii_case(&key)).map_or(key, |known| (*known).to_owned())
        };
        let value = reshape(&name, value);
        // A key in AWS's own case wins over the same key in another.
        if exact || !straight.contains_key(&name) {
            straight.insert(name, value);
        }
    }
    straight
}

fn reshape(name: &str, value: Value) -> Value {
    let value = match value {
        Value::String(text) if (OBJECTS.contains(&name) || name == "resources") && text.trim_start().starts_with(['{', '[']) => {
            serde_json::from_str(&text).unwrap_or(Value::Null)
        }
        other => other,
    };
    match value {
        Value::Object(fields) => Value::Object(straighten(fields)),
        // `resources` is a list of objects; anything else in it would stop the reader.
        Value::Array(items) if name == "resources" => {
            Value::Array(items.into_iter().filter(Value::is_object).map(|item| reshape("", item)).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| reshape("", item)).collect()),
        _ if OBJECTS.contains(&name) || name == "resources" => Value::Null,
        other => other,
    }
}
