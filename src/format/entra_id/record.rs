//! A record of a Microsoft log whatever it was delivered in: taken out of an envelope, columns of a Log Analytics export
//! under their plain names, JSON texts opened. What is left are two places: the record, and its payload. It must not
//! know what a record means.

use super::super::tree::{self, Node};
use super::super::{Refusal, Shape};
use super::directory::said;
use super::portal;
use crate::model::event::Text;
use serde_json::{Map, Value};

/// Members that hold a whole record as text where a collector wrapped it.
const WRAPPERS: &[&str] = &["message", "body", "_raw", "raw", "RawEventData", "AuditData", "auditData"];
/// A record in a collector's wrap in a queue's wrap.
const DEPTH: usize = 3;

/// The shape of the record inside of a wrapper, where there is one.
pub fn wrapped<'a>(shape: &'a Shape<'_>) -> Option<Shape<'a>> {
    WRAPPERS.iter().find_map(|key| shape.get(key).filter(|text| text.starts_with('{'))).and_then(Shape::of)
}

/// Reads a record: wrappers off, columns renamed, texts opened.
///
/// # Errors
/// When it is not one JSON object.
pub fn open(record: &str) -> Result<Value, Refusal> {
    let mut value = tree::parse(record)?;
    for _ in 0..DEPTH {
        match unwrap(&value) {
            Some(inner) => value = inner,
            None => break,
        }
    }
    let Value::Object(fields) = value else { return Ok(value) };
    let mut fields = rename(portal::reshape(fields));
    for (_, inner) in &mut fields {
        open_text(inner);
    }
    if let Some((_, Value::Object(payload))) = fields.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case("properties")) {
        for (_, inner) in payload.iter_mut() {
            open_text(inner);
        }
    }
    Ok(Value::Object(fields))
}

fn unwrap(value: &Value) -> Option<Value> {
    let Value::Object(fields) = value else { return None };
    fields.iter().find_map(|(key, inner)| {
        let known = WRAPPERS.iter().any(|name| name.eq_ignore_ascii_case(key)) || key == "o365audit";
        match inner {
            _ if !known => None,
            Value::String(text) if text.trim_start().starts_with('{') => serde_json::from_str(text).ok().filter(Value::is_object),
            // The list of what a record audited is also called a body or raw data; a whole record has a time of its own.
            Value::Object(inside) if inside.keys().any(|key| key.to_ascii_lowercase().contains("time")) => Some(inner.clone()),
            _ => None,
        }
    })
}

fn open_text(value: &mut Value) {
    if let Some(opened) =
        value.as_str().map(str::trim).filter(|text| text.starts_with(['{', '['])).and_then(|text| serde_json::from_str(text).ok())
    {
        *value = opened;
    }
}

/// Columns under their plain names, unless a column of that name is there already.
fn rename(fields: Map<String, Value>) -> Map<String, Value> {
    let (plain, odd): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(key, _)| column(key) == key);
    let mut out: Map<String, Value> = plain.into_iter().collect();
    for (key, value) in odd {
        let name = column(&key).to_owned();
        if out.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
            out.insert(key, value);
        } else {
            out.insert(name, value);
        }
    }
    out
}

/// The plain name of a column: the portal's export adds the zone (`TimeGenerated [UTC]`), other exports and custom tables
/// the type. Times of another zone keep their name: they are not what they seem.
fn column(key: &str) -> &str {
    let key = key.strip_suffix(" [UTC]").unwrap_or(key);
    ["_dynamic", "_string", "_s", "_d", "_g", "_b", "_t"]
        .iter()
        .find_map(|end| key.strip_suffix(end))
        .filter(|name| !name.is_empty())
        .unwrap_or(key)
}

/// A record with its payload, which is the record itself where the log has no envelope.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub root: Node<'a>,
    pub payload: Node<'a>,
}

impl<'a> View<'a> {
    pub fn of(value: &'a Value) -> Self {
        let root = Node::of(value);
        let payload = root.member("properties");
        Self { root, payload: if payload.is_nested() { payload } else { root } }
    }

    /// The first text among several paths, in the payload before the envelope.
    pub fn any(self, paths: &[&str]) -> Option<Text<'a>> {
        said(self.payload, paths).or_else(|| said(self.root, paths))
    }

    /// The first text among several paths of the payload.
    pub fn inner(self, paths: &[&str]) -> Option<Text<'a>> {
        said(self.payload, paths)
    }

    /// The directory the record belongs to. In Log Analytics `TenantId` is the workspace, not the directory.
    pub fn tenant(self) -> Option<Text<'a>> {
        let table = ["TimeGenerated", "SourceSystem", "_ResourceId", "$table"].iter().any(|key| self.root.member(key).is_some());
        let native = if table { None } else { said(self.root, &["tenantId", "azureTenantId"]) };
        native
            .or_else(|| self.any(&["AADTenantId", "resourceTenantId", "homeTenantId"]))
            .or_else(|| said(self.root, &["resourceId"]).and_then(|path| tenant_in(&path).map(|tenant| Text::Owned(tenant.to_owned()))))
    }
}

/// The directory in `/tenants/<id>/providers/…`.
fn tenant_in(path: &str) -> Option<&str> {
    path.get(..9).filter(|head| head.eq_ignore_ascii_case("/tenants/"))?;
    path.get(9..)?.split('/').next().filter(|tenant| !tenant.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn wrappers_columns_and_texts_are_undone() {
        let inner = json!({"TimeGenerated [UTC]": "4/28/2021, 2:21:03.000 PM", "InitiatedBy": "{\"app\":{\"appId\":\"a\"}}", "Status_dynamic": "{\"errorCode\":0}",
            "DeviceDetail": "x", "DeviceDetail_string": "y", "properties": "{\"additionalInfo\":\"[1]\"}"});
        let outer = json!({ "message": inner.to_string(), "agent": {"name": "x"} });
        let value = open(&outer.to_string()).unwrap();
        let view = View::of(&value);
        assert_eq!(view.root.get("InitiatedBy.app.appId").as_deref(), Some("a"));
        assert_eq!(view.root.get("status.errorCode").as_deref(), Some("0"));
        assert_eq!(view.root.get("DeviceDetail").as_deref(), Some("x"));
        assert!(view.root.get("TimeGenerated").is_some());
        assert!(view.payload.at("additionalInfo").is_nested());
    }

    #[test]
    fn a_workspace_is_no_directory() {
        for (record, tenant) in [
            (json!({"tenantId": "t1"}), Some("t1")),
            (json!({"TimeGenerated": "x", "TenantId": "workspace", "AADTenantId": "t1"}), Some("t1")),
            (json!({"TimeGenerated": "x", "TenantId": "workspace"}), None),
            (json!({"resourceId": "/tenants/t2/providers/Microsoft.aadiam"}), Some("t2")),
            (json!({"resourceId": "/subscriptions/t2"}), None),
        ] {
            assert_eq!(View::of(&record).tenant().as_deref(), tenant, "{record}");
        }
    }
}
