//! One record of every shape and quirk, and what must come out of it.

use super::*;
use crate::format::recognise;
use crate::model::{ActionClass, KindEvidence, Outcome, Probe, Timestamp};
use serde_json::{Value, json};

/// What must hold of an event.
type Holds = fn(&Event<'_>) -> bool;

const SP: &str = "0b1c2d3e-1111-4222-8333-444455556666";
const APP: &str = "aaaabbbb-1111-4222-8333-444455556666";
const USER: &str = "99998888-1111-4222-8333-444455556666";
const TENANT: &str = "77776666-1111-4222-8333-444455556666";
const SUBSCRIPTION: &str = "55554444-1111-4222-8333-444455556666";

fn look(record: &Value, what: &str, holds: Holds) {
    let text = record.to_string();
    assert_eq!(recognise(&text).map(Format::name), Some(NAME), "{what}: {text}");
    let mut seen = 0;
    AzureActivity
        .read(&text, &mut |event| {
            seen += 1;
            assert!(holds(&event), "{what}: {event:?}");
        })
        .unwrap_or_else(|refusal| panic!("{what}: {refusal}"));
    assert_eq!(seen, 1, "{what}");
}

fn with(mut base: Value, change: &Value) -> Value {
    for (key, value) in change.as_object().unwrap() {
        base[key] = value.clone();
    }
    base
}

fn claims() -> Value {
    json!({"appid": APP, "appidacr": "2", "iat": "1795082400", "uti": "tok-1", "http://schemas.microsoft.com/identity/claims/objectidentifier": SP,
        "http://schemas.microsoft.com/identity/claims/tenantid": TENANT})
}

/// A management call in the shape of diagnostic settings.
fn diagnostic() -> Value {
    json!({
        "time": "2026-11-19T10:00:00.1234567Z", "category": "Administrative", "operationName": "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION", "resultType": "Success", "resultSignature": "Succeeded.",
        "callerIpAddress": "198.51.100.7", "level": "Information", "location": "global", "correlationId": "c",
        "resourceId": format!("/SUBSCRIPTIONS/{SUBSCRIPTION}/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/PAYROLL"),
        "identity": {"authorization": {"action": "Microsoft.Storage/storageAccounts/listKeys/action", "evidence": {"role": "Storage Account Key Operator", "principalId": SP.replace('-', ""), "principalType": "ServicePrincipal"}}, "claims": claims()}
    })
}

#[test]
fn management_calls_are_read_in_every_shape() {
    let person = json!({"appid": APP, "name": "Ana", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "Ana@Example.com", "http://schemas.microsoft.com/identity/claims/objectidentifier": USER,
        "http://schemas.microsoft.com/claims/authnmethodsreferences": "pwd,mfa", "http://schemas.microsoft.com/identity/claims/scope": "user_impersonation"});
    let rest = json!({
        "authorization": {"action": "Microsoft.Authorization/roleAssignments/write", "scope": "/subscriptions/x"}, "caller": "Ana@Example.com", "claims": person, "correlationId": "c", "eventDataId": "e1",
        "category": {"value": "Administrative"}, "eventTimestamp": "2026-11-19T10:00:00Z", "httpRequest": {"clientIpAddress": "198.51.100.7"}, "operationName": {"value": "Microsoft.Authorization/roleAssignments/write", "localizedValue": "Create role assignment"},
        "resourceId": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/1"), "status": {"value": "Failed"}, "subStatus": {"value": "Forbidden"}, "subscriptionId": SUBSCRIPTION,
        "properties": {"requestbody": format!("{{\"Id\":\"1\",\"Properties\":{{\"PrincipalId\":\"{SP}\",\"PrincipalType\":\"ServicePrincipal\"}}}}")}
    });
    let table = json!({
        "TimeGenerated [UTC]": "11/19/2026, 10:00:00.000 AM", "Type": "AzureActivity", "TenantId": "workspace", "OperationNameValue": "MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE", "ActivityStatusValue": "Start", "CategoryValue": "Administrative",
        "Caller": SP.to_uppercase(), "CallerIpAddress": "198.51.100.7", "SubscriptionId": SUBSCRIPTION, "_ResourceId": format!("/subscriptions/{SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.compute/virtualmachines/vm"), "EventDataId": "e2"
    });
    let claims_as_text = with(table.clone(), &json!({"Claims_d": claims().to_string(), "Caller": "", "ActivityStatusValue": "Success"}));
    let old = json!({
        "TimeGenerated [UTC]": "11/19/2026, 10:00:00.000 AM", "OperationName": "Update Incidents", "ActivityStatus": "Succeeded", "ActivitySubstatus": "OK (HTTP Status Code: 200)", "Caller": "Ana@Example.com", "CallerIpAddress": "198.51.100.7",
        "SubscriptionId": SUBSCRIPTION, "Authorization": "{\"action\":\"Microsoft.Insights/diagnosticSettings/delete\"}", "ResourceId": format!("/subscriptions/{SUBSCRIPTION}/x"), "CorrelationId": "c"
    });
    let grid = json!({
        "id": "2aaa0000-1111-4222-8333-444455556666", "eventType": "Microsoft.Resources.ResourceWriteSuccess", "subject": "/subscriptions/x", "eventTime": "2026-11-19T10:00:00Z",
        "data": {"claims": claims(), "operationName": "Microsoft.Compute/disks/beginGetAccess/action", "resourceUri": format!("/subscriptions/{SUBSCRIPTION}/x"), "status": "Succeeded", "subscriptionId": SUBSCRIPTION, "tenantId": TENANT}
    });
    let health = json!({"category": "ResourceHealth", "operationName": "Microsoft.Resourcehealth/healthevent/Updated/action", "resourceId": format!("/subscriptions/{SUBSCRIPTION}/x"), "resultType": "Updated", "time": "2026-11-19T10:00:00Z", "properties": {"eventCategory": "ResourceHealth"}});
    let unnamed = with(diagnostic(), &json!({"identity": null}));
    let advisor = with(
        diagnostic(),
        &json!({"identity": {"claims": {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": "Microsoft.Advisor"}}}),
    );
    let group = with(
        diagnostic(),
        &json!({"identity": {"authorization": {"evidence": {"role": "Owner", "principalId": SP, "principalType": "Group"}}, "claims": {"appid": APP, "idtyp": "app"}}}),
    );
    let cases: Vec<(&str, Value, Holds)> = vec![
        ("diagnostic settings", diagnostic(), |e| {
            e.principal.id == SP
                && e.principal.platform == "entra"
                && e.principal.evidence == KindEvidence::SERVICE_ACCOUNT
                && e.class == ActionClass::Secret
                && e.outcome == Outcome::Success
                && e.auth_method.as_deref() == Some("client_certificate")
                && e.session.as_deref() == Some("tok-1")
                && e.session_issued == Timestamp::parse("2026-11-19T10:00:00Z")
                && e.tenant.as_deref() == Some(TENANT)
                && e.scopes.as_deref() == Some("Storage_Account_Key_Operator")
                && e.resource.as_deref().is_some_and(|path| path.ends_with("/storageaccounts/payroll"))
                && e.service.as_deref() == Some("microsoft.storage")
                && e.source.as_deref() == Some("198.51.100.7")
        }),
        ("REST, refused, role given", rest, |e| {
            e.principal.id == USER
                && e.principal.name.as_deref() == Some("ana@example.com")
                && e.mfa == Some(true)
                && e.credential.as_ref().is_some_and(|c| c.id == APP)
                && (e.outcome, e.error.as_deref()) == (Outcome::Denied, Some("Forbidden"))
                && e.class == ActionClass::Iam
                && e.target.as_deref() == Some(SP)
                && e.provider_id.as_deref() == Some("e1")
        }),
        ("table, begun, a GUID calls", table, |e| {
            e.principal.id == SP
                && e.principal.evidence == KindEvidence::SERVICE_ACCOUNT
                && e.outcome == Outcome::Unknown
                && e.class == ActionClass::Delete
                && e.tenant.as_deref() == Some(SUBSCRIPTION)
                && e.domain.as_deref() == Some("microsoft.compute/virtualmachines")
        }),
        ("table, claims in a text", claims_as_text, |e| {
            e.principal.id == SP && e.tenant.as_deref() == Some(TENANT) && e.outcome == Outcome::Success
        }),
        ("old table, the name is a sentence", old, |e| {
            &*e.action == "Update Incidents"
                && e.class == ActionClass::Logging
                && e.principal.id == "ana@example.com"
                && e.outcome == Outcome::Success
        }),
        ("Event Grid", grid, |e| {
            e.principal.id == SP && e.class == ActionClass::Export && e.outcome == Outcome::Success && e.provider_id.is_some()
        }),
        (
            "downloaded list",
            json!({"Correlation id": "c", "Operation name": "Delete virtual machine", "Status": "Succeeded", "Event category": "Administrative", "Level": "Informational", "Time": "2026-11-19T10:00:00Z", "Subscription": SUBSCRIPTION, "Event initiated by": "Ana@Example.com", "Resource type": "Microsoft.Compute/virtualMachines", "Resource group": "rg", "Resource": "vm"}),
            |e| {
                e.principal.id == "ana@example.com"
                    && e.outcome == Outcome::Success
                    && e.service.as_deref() == Some("microsoft.compute")
                    && e.class == ActionClass::Delete
                    && e.tenant.as_deref() == Some(SUBSCRIPTION)
            },
        ),
        ("the platform speaks", health, |e| {
            e.principal.id == "microsoft.resourcehealth"
                && e.principal.evidence == KindEvidence::PROVIDER_SERVICE
                && e.outcome == Outcome::Unknown
        }),
        (
            "a person in the portal",
            with(
                diagnostic(),
                &json!({"identity": {"claims": {"appid": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "ana@example.com"}}}),
            ),
            |e| e.principal.id == "ana@example.com" && e.principal.evidence == KindEvidence::CONSOLE,
        ),
        ("nobody is named", unnamed, |e| {
            e.principal.id == format!("/subscriptions/{SUBSCRIPTION}") && e.principal.evidence == KindEvidence::NONE
        }),
        ("a resource provider acts", advisor, |e| {
            e.principal.id == "Microsoft.Advisor" && e.principal.evidence == KindEvidence::PROVIDER_SERVICE
        }),
        ("the role came through a group", group, |e| e.principal.id == format!("app:{APP}")),
    ];
    for (what, record, holds) in cases {
        look(&record, what, holds);
    }
}

#[test]
fn resource_logs_are_read() {
    let vault = json!({
        "time": "2026-11-19T10:00:00Z", "resourceId": format!("/SUBSCRIPTIONS/{SUBSCRIPTION}/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/PROD"), "operationName": "SecretGet", "category": "AuditEvent", "resultType": "Success", "resultSignature": "OK",
        "callerIpAddress": "198.51.100.7", "identity": {"claim": {"http://schemas.microsoft.com/identity/claims/objectidentifier": SP, "appid": APP}},
        "properties": {"clientInfo": "azsdk-net/1.0", "requestUri": "https://prod.vault.azure.net/secrets/db?api-version=7.0", "id": "https://prod.vault.azure.net/secrets/db", "httpStatusCode": 200}
    });
    let refused = with(
        vault.clone(),
        &json!({"operationName": "SecretList", "properties": {"httpStatusCode": 403}, "resultSignature": "Forbidden", "resultType": ""}),
    );
    let answered = with(vault.clone(), &json!({"resultSignature": "Forbidden", "properties": {"httpStatusCode": 403}}));
    let flat = json!({
        "TimeGenerated": "2026-11-19T10:00:00Z", "Type": "AzureDiagnostics", "TenantId": "workspace", "ResourceId": format!("/SUBSCRIPTIONS/{SUBSCRIPTION}/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/PROD"), "Category": "AuditEvent", "OperationName": "KeyDecrypt",
        "ResultType": "Success", "CallerIPAddress": "198.51.100.7", "identity_claim_appid_g": APP, "identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g": SP, "httpStatusCode_d": "200", "id_s": "https://prod.vault.azure.net/keys/k"
    });
    let blob = json!({
        "time": "2026-11-19T10:00:00Z", "resourceId": format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/payroll/blobServices/default"), "category": "StorageRead", "operationName": "GetBlob", "statusCode": 200, "statusText": "Success",
        "callerIpAddress": "198.51.100.7:44321", "identity": {"type": "OAuth", "tokenHash": "h", "requester": {"appId": APP, "objectId": SP, "tenantId": TENANT}}, "location": "eastus",
        "properties": {"accountName": "payroll", "userAgentHeader": "azcopy", "objectKey": "/payroll/exports/2026/11.csv", "responseBodySize": 2048, "requestBodySize": 0}, "uri": "https://payroll.blob.core.windows.net/exports/2026/11.csv?sig=x"
    });
    let key = with(blob.clone(), &json!({"identity": {"type": "AccountKey", "tokenHash": "key1(AB)"}}));
    let signature = json!({"time": "2026-11-19T10:00:00Z", "category": "StorageDelete", "operationName": "DeleteBlob", "callerIpAddress": "198.51.100.7:1", "statusCode": 403, "uri": "https://payroll.blob.core.windows.net/a/b?sv=1&sig=SECRET",
        "properties": {"accountName": "payroll", "objectKey": "/payroll/a/b", "metricResponseType": "SASAuthorizationError"}});
    let rows = json!({"TimeGenerated": "2026-11-19T10:00:00Z", "Type": "StorageBlobLogs", "AccountName": "payroll", "OperationName": "ListBlobs", "StatusCode": "200", "StatusText": "Success", "AuthenticationType": "OAuth", "RequesterObjectId": SP, "RequesterAppId": APP,
        "RequesterTenantId": TENANT, "CallerIpAddress": "198.51.100.7:1", "Category": "StorageRead", "ResponseBodySize": "10", "ObjectKey": "\"/payroll/exports\"", "UserAgentHeader": "x"});
    let other = json!({"ActivityId": "1", "Caller": "Portal", "EventName": "Retreive ConsumerGroup", "EventTimeString": "11/19/2026 10:00:00 AM +00:00", "Region": "West Europe", "Status": "Succeeded", "category": "OperationalLogs", "resourceId": format!("/SUBSCRIPTIONS/{SUBSCRIPTION}/X")});
    let cases: Vec<(&str, Value, Holds)> = vec![
        ("a secret is read", vault, |e| {
            e.principal.id == SP
                && e.class == ActionClass::Secret
                && e.resource.as_deref() == Some("https://prod.vault.azure.net/secrets/db")
                && e.domain.as_deref() == Some("prod")
                && e.agent.as_deref() == Some("azsdk-net/1.0")
                && e.outcome == Outcome::Success
        }),
        ("secrets are not listed", refused, |e| e.outcome == Outcome::Denied && e.probe == Some(Probe::ListAll)),
        ("an answer that is a refusal", answered, |e| (e.outcome, e.error.as_deref()) == (Outcome::Denied, Some("Forbidden"))),
        ("columns of a vault", flat, |e| {
            e.principal.id == SP && e.resource.as_deref() == Some("https://prod.vault.azure.net/keys/k") && e.outcome == Outcome::Success
        }),
        ("an object is read with a token", blob, |e| {
            e.principal.id == SP
                && e.bytes == Some(2048)
                && e.domain.as_deref() == Some("payroll/exports")
                && e.class == ActionClass::Read
                && e.tenant.as_deref() == Some(TENANT)
                && e.auth_method.as_deref() == Some("oauth")
        }),
        ("with the account's key", key, |e| {
            e.principal.id == "storage:payroll:accountkey"
                && e.principal.evidence == KindEvidence::STATIC_KEY
                && e.credential.as_ref().is_some_and(|c| c.id == "key1(AB)" && c.kind == "static_key")
        }),
        ("with a signature, no path, refused", signature, |e| {
            e.principal.id == "storage:payroll:sas"
                && e.outcome == Outcome::Denied
                && e.class == ActionClass::Delete
                && e.resource.as_deref() == Some("/payroll/a/b")
                && e.service.as_deref() == Some("microsoft.storage")
        }),
        ("rows of a table", rows, |e| {
            e.principal.id == SP && e.probe == Some(Probe::ListAll) && e.bytes == Some(10) && e.agent.as_deref() == Some("x")
        }),
        ("another service", other, |e| {
            e.principal.id == "Portal" && &*e.action == "Retreive ConsumerGroup" && e.outcome == Outcome::Success
        }),
    ];
    for (what, record, holds) in cases {
        look(&record, what, holds);
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    for (record, part) in [
        (with(diagnostic(), &json!({"time": null})), "no time"),
        (with(diagnostic(), &json!({"time": "soon"})), "time is “soon”"),
        (with(diagnostic(), &json!({"operationName": null, "identity": null})), "no operationName"),
        (json!({"time": "2026-11-19T10:00:00Z", "operationName": "x"}), "no identity"),
    ] {
        let reason = AzureActivity.read(&record.to_string(), &mut |event| panic!("read as {event:?}")).unwrap_err().to_string();
        assert!(reason.contains(part), "{record}: {reason}");
    }
    for other in [
        json!({"resourceId": "/tenants/t/providers/Microsoft.aadiam", "operationName": "x", "time": "y"}),
        json!({"operationName": "x", "time": "y", "category": "z"}),
        json!({"type": "Microsoft.Resources.ResourceWriteSuccess"}),
    ] {
        assert_eq!(recognise(&other.to_string()).map(Format::name), None, "{other}");
    }
}
