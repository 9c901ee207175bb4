//! Records that were made flat on their way, put back into the nesting of CloudTrail: the columns of Microsoft Sentinel's
//! `AWSCloudTrail`, and joined names (`userIdentity.sessionContext.sessionIssuer.arn`, `userIdentity_type_s`). It decides
//! nothing about meaning.

use serde_json::{Map, Value};

/// Columns of `AWSCloudTrail` whose names are not those of the record, with their place.
const COLUMNS: &[(&str, &[&str])] = &[
    ("AwsEventId", &["eventID"]),
    ("AwsRequestId", &["requestID"]),
    ("EventTypeName", &["eventType"]),
    ("UserIdentityType", &["userIdentity", "type"]),
    ("UserIdentityPrincipalid", &["userIdentity", "principalId"]),
    ("UserIdentityArn", &["userIdentity", "arn"]),
    ("UserIdentityAccountId", &["userIdentity", "accountId"]),
    ("UserIdentityInvokedBy", &["userIdentity", "invokedBy"]),
    ("UserIdentityAccessKeyId", &["userIdentity", "accessKeyId"]),
    ("UserIdentityUserName", &["userIdentity", "userName"]),
    ("SessionMfaAuthenticated", &["userIdentity", "sessionContext", "attributes", "mfaAuthenticated"]),
    ("SessionCreationDate", &["userIdentity", "sessionContext", "attributes", "creationDate"]),
    ("SessionIssuerType", &["userIdentity", "sessionContext", "sessionIssuer", "type"]),
    ("SessionIssuerPrincipalId", &["userIdentity", "sessionContext", "sessionIssuer", "principalId"]),
    ("SessionIssuerArn", &["userIdentity", "sessionContext", "sessionIssuer", "arn"]),
    ("SessionIssuerAccountId", &["userIdentity", "sessionContext", "sessionIssuer", "accountId"]),
    ("SessionIssuerUserName", &["userIdentity", "sessionContext", "sessionIssuer", "userName"]),
    ("EC2RoleDelivery", &["userIdentity", "sessionContext", "ec2RoleDelivery"]),
];

/// Members that hold objects and may have been joined with what is in them.
const OBJECTS: &[&str] = &["userIdentity", "requestParameters", "responseElements", "additionalEventData"];

/// Whether a name is one of a flat record's.
pub fn is_flat(name: &str) -> bool {
    column(name).is_some() || joined(name).is_some()
}

fn column(name: &str) -> Option<&'static [&'static str]> {
    COLUMNS.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)).map(|(_, place)| *place)
}

/// The object and the rest of a joined name, without the type Log Analytics appends.
fn joined(name: &str) -> Option<(&'static str, &str)> {
    let object = OBJECTS.iter().find(|object| name.get(..object.len()).is_some_and(|head| head.eq_ignore_ascii_case(object)))?;
    let rest = name.get(object.len()..)?;
    let (separator, rest) = rest.split_at_checked(1)?;
    let rest = match separator {
        "." => rest,
        "_" => ["_s", "_d", "_b", "_g", "_t"].iter().find_map(|end| rest.strip_suffix(end)).unwrap_or(rest),
        _ => return None,
    };
    (!rest.is_empty()).then_some((*object, rest))
}

/// The same fields with the flat ones in their places. What is already nested stays; empty columns are left out.
pub fn nest(fields: Map<String, Value>) -> Map<String, Value> {
    if !fields.keys().any(|name| is_flat(name)) {
        return fields;
    }
    let mut out = Map::new();
    let mut shipped = None;
    for (name, value) in fields {
        if let Some(place) = column(&name) {
            put(&mut out, place.iter().copied(), value);
        } else if let Some((object, rest)) = joined(&name) {
            put(&mut out, std::iter::once(object).chain(rest.split(['.', '_']).take(8)), value);
        } else if name.eq_ignore_ascii_case("TimeGenerated") {
            shipped = Some(value);
        } else {
            let name = ["_s", "_d", "_b", "_g", "_t"].iter().find_map(|end| name.strip_suffix(end)).map(str::to_owned).unwrap_or(name);
            out.entry(name).or_insert(value);
        }
    }
    let timed = ["eventTime", "@timestamp"].iter().any(|time| out.keys().any(|name| name.eq_ignore_ascii_case(time)));
    if let (Some(shipped), false) = (shipped, timed) {
        out.insert("eventTime".to_owned(), shipped);
    }
    out
}

fn put<'a>(out: &mut Map<String, Value>, mut place: impl Iterator<Item = &'a str>, value: Value) {
    let empty = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
    let Some(first) = place.next().filter(|_| !empty) else { return };
    let mut at = out.entry(first.to_owned()).or_insert(Value::Null);
    for name in place {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(fields) = at else { return };
        at = fields.entry(name.to_owned()).or_insert(Value::Null);
    }
    if at.is_null() {
        *at = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_that_are_flat() {
        for (name, flat) in [
            ("UserIdentityArn", true),
            ("useridentityarn", true),
            ("userIdentity.type", true),
            ("userIdentity_type_s", true),
            ("requestParameters.bucketName", true),
            ("userIdentity", false),
            ("userIdentityX", false),
            ("userIdentity.", false),
            ("eventName", false),
            ("é", false),
        ] {
            assert_eq!(is_flat(name), flat, "{name}");
        }
    }

    #[test]
    fn flat_names_find_their_places() {
        let flat = json!({"userIdentity.type": "Root", "userIdentity_sessionContext_attributes_creationDate_t": "t", "UserIdentityArn": "a",
            "UserIdentityUserName": "", "eventName_s": "X", "TimeGenerated": "now", "requestParameters": {"a": 1}, "requestParameters.b": 2});
        let Value::Object(fields) = flat else { unreachable!() };
        assert_eq!(
            Value::Object(nest(fields)),
            json!({"userIdentity": {"type": "Root", "arn": "a", "sessionContext": {"attributes": {"creationDate": "t"}}}, "eventName": "X",
                "eventTime": "now", "requestParameters": {"a": 1, "b": 2}})
        );
        let Value::Object(plain) = json!({"eventName": "X", "TimeGenerated": "now"}) else { unreachable!() };
        assert_eq!(nest(plain.clone()), plain);
    }
}
