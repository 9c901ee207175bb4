//! The provider's own record behind a document: the original it carries, or for CloudTrail the record put together again
//! from the provider's fields, so that an identity is the same principal by either way. It must not know how they are read.

use super::super::recognise;
use super::super::tree::Node;
use super::NAME;
use crate::model::Event;
use serde_json::{Map, Value, json};

/// Reads the record behind a document; nothing reaches `sink` where there is none that a format of ours reads.
pub fn read(root: Node<'_>, sink: &mut dyn FnMut(Event<'_>)) {
    let original = ["event.original", "message"].iter().find_map(|path| {
        let text = root.at(path).value()?.as_str()?;
        text.trim_start().starts_with('{').then(|| text.trim())
    });
    if original.is_some_and(|text| by_its_own(text, sink)) {
        return;
    }
    if let Some(record) = cloudtrail(root) {
        by_its_own(&record.to_string(), sink);
    }
}

/// Whether a format other than ours reads the text and makes an event of it.
fn by_its_own(text: &str, sink: &mut dyn FnMut(Event<'_>)) -> bool {
    let Some(format) = recognise(text).filter(|format| format.name() != NAME) else { return false };
    let mut read = false;
    // What its own format refuses may still say something as a document.
    let _ = format.read(text, &mut |event| {
        read = true;
        sink(event);
    });
    read
}

/// `session_context.session_issuer` as `sessionContext.sessionIssuer`.
fn camel(name: &str) -> String {
    let mut upper = false;
    let letters = name.chars().filter_map(|c| {
        let raised = std::mem::replace(&mut upper, c == '_');
        (c != '_').then(|| if raised { c.to_ascii_uppercase() } else { c })
    });
    letters.collect()
}

/// A CloudTrail record from `aws.cloudtrail.*` and the schema's fields beside it.
fn cloudtrail(root: Node<'_>) -> Option<Value> {
    let trail = root.at("aws.cloudtrail");
    let flat = |name: &str| root.get(&format!("aws.cloudtrail.{name}"));
    // Names as the schema writes them, else as AWS does.
    let identity = |name: &str| flat(&format!("user_identity.{name}")).or_else(|| flat(&format!("user_identity.{}", camel(name))));
    if !trail.is_nested() && identity("type").is_none() && identity("arn").is_none() {
        return None;
    }
    let session = |name: &str| identity(&format!("session_context.{name}"));
    let mut user = Map::new();
    let put = |fields: &mut Map<String, Value>, name: &str, value: Option<crate::model::event::Text<'_>>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), Value::from(value.into_owned()));
        }
    };
    put(&mut user, "type", identity("type"));
    put(&mut user, "arn", identity("arn"));
    put(&mut user, "principalId", identity("principal_id").or_else(|| root.get("user.id")));
    put(&mut user, "userName", root.get("user.name"));
    put(&mut user, "accessKeyId", identity("access_key_id"));
    put(&mut user, "accountId", root.get("cloud.account.id"));
    put(&mut user, "invokedBy", identity("invoked_by"));
    let mut issuer = Map::new();
    put(&mut issuer, "type", session("session_issuer.type"));
    put(&mut issuer, "arn", session("session_issuer.arn"));
    put(&mut issuer, "principalId", session("session_issuer.principal_id"));
    put(&mut issuer, "accountId", session("session_issuer.account_id"));
    put(&mut issuer, "userName", session("session_issuer.user_name"));
    if !issuer.is_empty() {
        let attributes = json!({"mfaAuthenticated": session("mfa_authenticated"), "creationDate": session("creation_date")});
        user.insert("sessionContext".to_owned(), json!({"sessionIssuer": issuer, "attributes": attributes}));
    }
    let mut record = Map::new();
    put(&mut record, "eventVersion", flat("event_version"));
    put(&mut record, "eventTime", root.get("@timestamp"));
    put(&mut record, "eventName", root.get("event.action"));
    put(&mut record, "eventSource", root.get("event.provider"));
    put(&mut record, "eventID", root.get("event.id"));
    put(&mut record, "eventType", flat("event_type"));
    put(&mut record, "eventCategory", flat("event_category"));
    put(&mut record, "awsRegion", root.get("cloud.region"));
    put(&mut record, "sourceIPAddress", root.get_first(&["source.address", "source.ip"]));
    put(&mut record, "userAgent", root.get("user_agent.original"));
    put(&mut record, "errorCode", flat("error_code").or_else(|| root.get("error.code")));
    put(&mut record, "errorMessage", flat("error_message").or_else(|| root.get("error.message")));
    put(&mut record, "recipientAccountId", flat("recipient_account_id").or_else(|| root.get("cloud.account.id")));
    put(&mut record, "readOnly", flat("read_only"));
    put(&mut record, "managementEvent", flat("management_event"));
    for (name, at) in [
        ("requestParameters", "flattened.request_parameters"),
        ("responseElements", "flattened.response_elements"),
        ("additionalEventData", "flattened.additional_eventdata"),
    ] {
        let nested = trail.at(at).value().filter(|value| value.is_object());
        record.extend(nested.map(|value| (name.to_owned(), value.clone())));
    }
    record.insert("userIdentity".to_owned(), Value::Object(user));
    Some(Value::Object(record))
}
