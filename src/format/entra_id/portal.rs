//! The lists that people download from the administration pages: columns with blanks in their names, and changes spread
//! over numbered columns (`Target1ModifiedProperty2Name`). They become records as the interface gives them. It must not
//! know what a record means.

use serde_json::{Map, Value, json};

/// The column that only these lists have.
const DATE: &str = "Date (UTC)";
/// The column of the activity log's list.
const CALLER: &str = "Event initiated by";
/// The most targets, properties and details that are spread over columns.
const SPREAD: usize = 10;

/// Columns of the sign-in lists by the names of the interface; others agree once the blanks are gone.
const SIGN_INS: &[(&str, &str)] = &[
    ("dateutc", "TimeGenerated"),
    ("requestid", "id"),
    ("username", "userPrincipalName"),
    ("user", "userDisplayName"),
    ("application", "appDisplayName"),
    ("applicationid", "appId"),
    ("resource", "resourceDisplayName"),
    ("resourceid", "ResourceIdentity"),
    ("status", "result"),
    ("signinerrorcode", "resultType"),
    ("credentialkeyid", "servicePrincipalCredentialKeyId"),
    ("credentialthumbprint", "servicePrincipalCredentialThumbprint"),
    ("conditionalaccess", "conditionalAccessStatus"),
];

/// Columns of the activity log's list by the names of the interface.
const ACTIVITIES: &[(&str, &str)] = &[
    ("operationname", "operationName"),
    ("eventcategory", "category"),
    ("eventinitiatedby", "caller"),
    ("subscription", "subscriptionId"),
    ("resource", "resourceId"),
    ("resourcetype", "resourceTypeName"),
];

/// A downloaded row as a record of the interface; any other object as it is.
pub fn reshape(fields: Map<String, Value>) -> Map<String, Value> {
    let has = |name: &str| fields.keys().any(|key| key.trim().eq_ignore_ascii_case(name));
    if has(CALLER) {
        return named(fields, ACTIVITIES);
    }
    if !has(DATE) {
        return fields;
    }
    if has("Activity") && (has("ActorType") || has("ActorDisplayName") || has("ActorUserPrincipalName") || has("ActorObjectId")) {
        return change(&fields);
    }
    named(fields, SIGN_INS)
}

fn named(fields: Map<String, Value>, names: &[(&str, &str)]) -> Map<String, Value> {
    let squeezed = fields.into_iter().map(|(key, value)| {
        let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = names.iter().find(|(column, _)| column.eq_ignore_ascii_case(&plain)).map(|(_, name)| (*name).to_owned());
        (name.unwrap_or(plain), value)
    });
    squeezed.collect()
}

fn change(fields: &Map<String, Value>) -> Map<String, Value> {
    let cell = |name: &str| {
        fields.iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let pair = |key: &str, value: &str| (key.to_owned(), cell(value));
    let by_app = cell("ActorType").as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("Application"))
        || !cell("ActorServicePrincipalId").is_null();
    let either = |first: &str, second: &str| Some(cell(first)).filter(|value| !value.is_null()).unwrap_or_else(|| cell(second));
    let by = if by_app {
        json!({"app": {"servicePrincipalId": either("ActorServicePrincipalId", "ActorObjectId"), "displayName": either("ActorServicePrincipalName", "ActorDisplayName")}})
    } else {
        json!({"user": {"id": cell("ActorObjectId"), "userPrincipalName": cell("ActorUserPrincipalName"), "displayName": cell("ActorDisplayName"), "ipAddress": cell("IPAddress")}})
    };
    let targets: Vec<Value> = (1..=SPREAD)
        .map(|n| {
            let of = |name: &str| cell(&format!("Target{n}{name}"));
            let changed: Vec<Value> = (1..=SPREAD)
                .map(|m| {
                    let of = |side: &str| of(&format!("ModifiedProperty{m}{side}"));
                    json!({"displayName": of("Name"), "oldValue": of("OldValue"), "newValue": of("NewValue")})
                })
                .filter(|property| !property["displayName"].is_null())
                .collect();
            json!({"type": of("Type"), "displayName": of("DisplayName"), "id": of("ObjectId"), "userPrincipalName": of("UserPrincipalName"), "modifiedProperties": changed})
        })
        .filter(|target| !target["type"].is_null() || !target["id"].is_null() || !target["displayName"].is_null())
        .collect();
    let mut details: Vec<Value> = (1..=SPREAD)
        .map(|n| json!({"key": cell(&format!("AdditionalDetail{n}Key")), "value": cell(&format!("AdditionalDetail{n}Value"))}))
        .filter(|detail| !detail["key"].is_null())
        .collect();
    details.push(json!({"key": "User-Agent", "value": cell("User Agent")}));
    let mut out: Map<String, Value> = [
        pair("activityDateTime", DATE),
        pair("activityDisplayName", "Activity"),
        pair("loggedByService", "Service"),
        pair("category", "Category"),
        pair("result", "Result"),
        pair("resultReason", "ResultReason"),
        pair("correlationId", "CorrelationId"),
        pair("ipAddress", "IPAddress"),
    ]
    .into_iter()
    .collect();
    out.insert("initiatedBy".to_owned(), by);
    out.insert("targetResources".to_owned(), Value::Array(targets));
    out.insert("additionalDetails".to_owned(), Value::Array(details));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_records_and_others_stay() {
        let row = |value: Value| reshape(value.as_object().unwrap().clone());
        let signed =
            row(json!({"Date (UTC)": "t", "Request ID": "r", "Application ID ": "a", "Unique token identifier": "u", "Username": "x@y.z"}));
        assert_eq!(
            Value::Object(signed),
            json!({"TimeGenerated": "t", "id": "r", "appId": "a", "Uniquetokenidentifier": "u", "userPrincipalName": "x@y.z"})
        );
        let changed = Value::Object(row(
            json!({"Date (UTC)": "t", "Activity": "Add", "ActorType": "Application", "ActorObjectId": "o", "ActorDisplayName": "d", "Target1Type": "User", "Target1ObjectId": "i",
            "Target1ModifiedProperty1Name": "n", "Target1ModifiedProperty1NewValue": "v", "AdditionalDetail1Key": "k", "AdditionalDetail1Value": "w"}),
        ));
        assert_eq!(changed["initiatedBy"], json!({"app": {"servicePrincipalId": "o", "displayName": "d"}}));
        assert_eq!(changed["targetResources"][0]["modifiedProperties"][0]["newValue"], "v");
        assert_eq!(changed["additionalDetails"][0]["value"], "w");
        let other = json!({"a": 1, "Activity": "x"});
        assert_eq!(Value::Object(row(other.clone())), other);
    }
}
