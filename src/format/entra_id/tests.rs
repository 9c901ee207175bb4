//! One record of every shape and quirk, and what must come out of it.

use super::*;
use crate::format::recognise;
use crate::model::{ActionClass, KindEvidence, Outcome, Timestamp};
use serde_json::{Value, json};

/// What must hold of an event.
type Holds = fn(&Event<'_>) -> bool;

const SP: &str = "0b1c2d3e-1111-4222-8333-444455556666";
const APP: &str = "aaaabbbb-1111-4222-8333-444455556666";
const USER: &str = "99998888-1111-4222-8333-444455556666";
const TENANT: &str = "77776666-1111-4222-8333-444455556666";

fn look(record: &Value, what: &str, holds: Holds) {
    let text = record.to_string();
    assert_eq!(recognise(&text).map(Format::name), Some(NAME), "{what}: {text}");
    let mut seen = 0;
    EntraId
        .read(&text, &mut |event| {
            seen += 1;
            assert!(holds(&event), "{what}: {event:?}");
        })
        .unwrap_or_else(|refusal| panic!("{what}: {refusal}"));
    assert_eq!(seen, 1, "{what}");
}

fn refused(record: &Value) -> String {
    EntraId.read(&record.to_string(), &mut |event| panic!("read as {event:?}")).unwrap_err().to_string()
}

/// A record of diagnostic settings.
fn diagnostic(category: &str, properties: &Value) -> Value {
    json!({
        "time": "2026-11-19T10:00:00.1234567Z", "resourceId": format!("/tenants/{TENANT}/providers/Microsoft.aadiam"),
        "operationName": "Sign-in activity", "operationVersion": "1.0", "category": category, "tenantId": TENANT, "resultType": "0",
        "resultSignature": "None", "durationMs": 0, "callerIpAddress": "198.51.100.7", "correlationId": "c", "Level": 4, "properties": properties
    })
}

fn software() -> Value {
    json!({
        "id": "sign-in-1", "createdDateTime": "2026-11-19T10:00:00.1234567+00:00", "userId": null, "appId": APP, "ipAddress": "198.51.100.7",
        "status": {"errorCode": 0}, "isInteractive": false, "riskLevelDuringSignIn": "none", "resourceDisplayName": "Azure Key Vault",
        "resourceId": "cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "servicePrincipalName": "billing-export", "servicePrincipalId": SP.to_uppercase(),
        "servicePrincipalCredentialKeyId": "key-1", "servicePrincipalCredentialThumbprint": "", "clientCredentialType": "clientSecret",
        "uniqueTokenIdentifier": "tok-1", "appOwnerTenantId": TENANT, "authenticationProtocol": "none", "conditionalAccessStatus": "notApplied"
    })
}

fn person() -> Value {
    json!({
        "id": "sign-in-2", "createdDateTime": "2026-11-19T10:00:00Z", "userDisplayName": "Ana", "userPrincipalName": "Ana@Example.com", "userId": USER,
        "appId": APP, "appDisplayName": "Mailer", "ipAddress": "2001:db8::1", "status": {"errorCode": 50126, "failureReason": "x"}, "isInteractive": true,
        "userAgent": "Mozilla/5.0 (X11)", "authenticationRequirement": "singleFactorAuthentication", "riskLevelDuringSignIn": "high",
        "riskEventTypes_v2": ["unfamiliarFeatures"], "resourceDisplayName": "Microsoft Graph", "uniqueTokenIdentifier": "tok-2", "homeTenantId": SP,
        "authenticationProcessingDetails": [{"key": "Oauth Scope Info", "value": "[\"Mail.Read\",\"User.Read\"]"}],
        "authenticationDetails": [{"authenticationMethod": "Password"}], "authenticationProtocol": "ropc", "servicePrincipalId": ""
    })
}

fn with(mut base: Value, change: &Value) -> Value {
    for (key, value) in change.as_object().unwrap() {
        base[key] = value.clone();
    }
    base
}

#[test]
fn sign_ins_are_read_in_every_shape() {
    let table = json!({
        "TimeGenerated [UTC]": "11/19/2026, 10:00:00.000 AM", "TenantId": "workspace", "Type": "AADServicePrincipalSignInLogs", "OperationName": "Sign-in activity",
        "Category": "ServicePrincipalSignInLogs", "ResultType": "7000222", "AppId": APP, "IPAddress": "198.51.100.7", "ServicePrincipalId": SP,
        "ServicePrincipalName": "billing-export", "ServicePrincipalCredentialThumbprint": "AB12", "ClientCredentialType": "clientAssertion", "Id": "x",
        "ResourceIdentity": "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"
    });
    let users = json!({
        "TimeGenerated": "2026-11-19T10:00:00Z", "Type": "SigninLogs", "OperationName": "Sign-in activity", "Category": "SignInLogs", "ResultType": "0", "Id": "y",
        "Status_dynamic": "{\"errorCode\":0}", "UserId": USER, "UserPrincipalName": "Ana@Example.com", "AppId": APP, "IPAddress": "198.51.100.7:443",
        "IsInteractive": "TRUE", "AADTenantId": TENANT, "AuthenticationRequirement": "multiFactorAuthentication"
    });
    let api = with(software(), &json!({"signInEventTypes": ["servicePrincipal"], "resourceTenantId": TENANT}));
    let lower: Value = json!({"time": "2026-11-19 10:00:00.123", "category": "ServicePrincipalSignInLogs", "operationname": "Sign-in activity", "calleripaddress": "198.51.100.7",
        "resulttype": 7_000_215, "resourceid": "/tenants/t/providers/Microsoft.aadiam", "properties": with(software(), &json!({"status": {"errorCode": 7_000_215}}))});
    let managed =
        with(software(), &json!({"ipAddress": "", "servicePrincipalCredentialKeyId": "", "managedIdentityType": "systemAssigned"}));
    let mut managed = diagnostic("ManagedIdentitySignInLogs", &managed);
    managed.as_object_mut().unwrap().remove("callerIpAddress");
    let cases: Vec<(&str, Value, Holds)> = vec![
        ("service principal", diagnostic("ServicePrincipalSignInLogs", &software()), |e| {
            e.principal.id == SP
                && e.principal.platform == "entra"
                && e.principal.name.as_deref() == Some("billing-export")
                && e.principal.evidence == KindEvidence::SERVICE_ACCOUNT
                && e.credential.as_ref().is_some_and(|c| c.id == "key-1" && c.kind == "password")
                && e.session.as_deref() == Some("tok-1")
                && e.tenant.as_deref() == Some(TENANT)
                && e.source.as_deref() == Some("198.51.100.7")
                && (e.outcome, e.class, &*e.action) == (Outcome::Success, ActionClass::Auth, "Sign-in activity")
                && e.provider_id.as_deref() == Some("sign-in-1")
                && e.domain.as_deref() == Some("Azure Key Vault")
                && e.time == Timestamp::parse("2026-11-19T10:00:00.123Z").unwrap()
        }),
        ("managed identity without an address", managed, |e| {
            e.source.is_none() && e.credential.is_none() && e.auth_method.as_deref() == Some("managed_identity") && e.principal.id == SP
        }),
        ("user", diagnostic("SignInLogs", &person()), |e| {
            e.principal.id == USER
                && e.principal.name.as_deref() == Some("ana@example.com")
                && e.principal.evidence.has(KindEvidence::UI)
                && (e.outcome, e.error.as_deref()) == (Outcome::Denied, Some("50126"))
                && e.credential.as_ref().is_some_and(|c| c.id == APP && c.kind == "oauth_access")
                && e.auth_method.as_deref() == Some("ropc")
                && e.scopes.as_deref() == Some("Mail.Read User.Read")
                && e.tags.as_deref() == Some("risk:entra:high:unfamiliarFeatures")
                && e.cloud_account.as_deref() == Some(SP)
                && e.mfa == Some(false)
        }),
        ("token behind the scenes", diagnostic("NonInteractiveUserSignInLogs", &with(person(), &json!({"isInteractive": false}))), |e| {
            e.class == ActionClass::Token
                && !e.principal.evidence.has(KindEvidence::UI)
                && e.credential.as_ref().is_some_and(|c| c.kind == "oauth_access")
        }),
        ("table of service principals", table, |e| {
            e.principal.id == SP
                && e.outcome == Outcome::Denied
                && e.tenant.is_none()
                && e.credential.as_ref().is_some_and(|c| c.id == "AB12" && c.kind == "cert")
        }),
        ("table of users", users, |e| {
            e.principal.id == USER && e.tenant.as_deref() == Some(TENANT) && e.mfa == Some(true) && e.outcome == Outcome::Success
        }),
        ("Graph API", api, |e| e.principal.id == SP && &*e.action == "Sign-in activity" && e.tenant.as_deref() == Some(TENANT)),
        ("lower-cased keys", lower, |e| e.principal.id == SP && e.outcome == Outcome::Denied && e.source.is_some()),
        (
            "Microsoft's own",
            diagnostic(
                "ServicePrincipalSignInLogs",
                &with(software(), &json!({"appOwnerTenantId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a"})),
            ),
            |e| e.principal.evidence == KindEvidence::PROVIDER_SERVICE,
        ),
        ("another tenant's", diagnostic("ServicePrincipalSignInLogs", &with(software(), &json!({"appOwnerTenantId": USER}))), |e| {
            e.principal.evidence == KindEvidence::OAUTH_APP
        }),
        (
            "federated",
            diagnostic("ServicePrincipalSignInLogs", &with(software(), &json!({"clientCredentialType": "federatedIdentityCredential"}))),
            |e| e.credential.as_ref().is_some_and(|c| c.kind == "oidc"),
        ),
        ("only the application", diagnostic("ServicePrincipalSignInLogs", &with(software(), &json!({"servicePrincipalId": ""}))), |e| {
            e.principal.id == format!("app:{APP}")
        }),
        (
            "an agent",
            diagnostic("ServicePrincipalSignInLogs", &with(software(), &json!({"agent": {"agentType": "agenticAppInstance"}}))),
            |e| e.principal.evidence.has(KindEvidence::AGENT),
        ),
        ("wrapped", json!({"message": diagnostic("SignInLogs", &person()).to_string(), "host": {"name": "x"}}), |e| e.principal.id == USER),
        (
            "downloaded list",
            json!({"Date (UTC)": "2026-11-19T10:00:00Z", "Request ID": "d1", "User ID": USER, "Username": "Ana@Example.com", "User": "Ana", "Application ID ": APP, "Application": "Mailer", "Resource": "Microsoft Graph", "IP address": "198.51.100.7",
            "Status": "Success", "Sign-in error code": "None", "Unique token identifier": "tok", "User agent": "Mozilla/5.0", "Incoming token type": "none"}),
            |e| {
                e.principal.id == USER
                    && e.outcome == Outcome::Success
                    && e.session.as_deref() == Some("tok")
                    && e.source.as_deref() == Some("198.51.100.7")
                    && e.provider_id.as_deref() == Some("d1")
                    && e.domain.as_deref() == Some("Microsoft Graph")
            },
        ),
        (
            "downloaded list of service principals",
            json!({"Date (UTC)": "2026-11-19T10:00:00Z", "Request ID": "d2", "Service principal ID": SP, "Service principal name": "billing-export", "Application ID": APP, "IP address": "198.51.100.7", "Status": "Failure", "Sign-in error code": "7000222"}),
            |e| e.principal.id == SP && e.outcome == Outcome::Denied && e.error.as_deref() == Some("7000222"),
        ),
        ("interrupted", diagnostic("SignInLogs", &with(person(), &json!({"status": {"errorCode": 50_140}}))), |e| {
            e.outcome == Outcome::Error
        }),
    ];
    for (what, record, holds) in cases {
        look(&record, what, holds);
    }
}

fn change(properties: &Value) -> Value {
    let mut record = diagnostic("AuditLogs", properties);
    record["operationName"] = json!("Add service principal credentials");
    record["callerIpAddress"] = json!("<null>");
    record["identity"] = json!("Directory Sync");
    record
}

fn added_key() -> Value {
    json!({
        "id": "Directory_1", "category": "ApplicationManagement", "result": "success", "activityDisplayName": "Add service principal credentials",
        "activityDateTime": "2026-11-19T10:00:00Z", "loggedByService": "Core Directory", "operationType": "Update",
        "initiatedBy": {"app": {"appId": null, "displayName": "deployer", "servicePrincipalId": SP, "servicePrincipalName": null}},
        "targetResources": [{"id": USER, "displayName": "billing-export", "type": "ServicePrincipal", "modifiedProperties": [{"displayName": "KeyDescription",
            "oldValue": "[\"[KeyIdentifier=11111111-1111-4222-8333-444455556666,KeyType=Password,KeyUsage=Verify,DisplayName=a]\"]",
            "newValue": "[\"[KeyIdentifier=11111111-1111-4222-8333-444455556666,KeyType=Password,KeyUsage=Verify,DisplayName=a]\",\"[KeyIdentifier=22222222-1111-4222-8333-444455556666,KeyType=Password,KeyUsage=Verify,DisplayName=b]\"]"}]}],
        "additionalDetails": [{"key": "User-Agent", "value": "python/3.12"}, {"key": "AppId", "value": APP}]
    })
}

#[test]
fn directory_changes_are_read_in_every_shape() {
    let table = json!({
        "TimeGenerated [UTC]": "11/19/2026, 10:00:00.000 AM", "Type": "AuditLogs", "Category": "ApplicationManagement", "Id": "Directory_2",
        "OperationName": "Update application – Certificates and secrets management ", "ActivityDisplayName": "Update application – Certificates and secrets management ", "Result": "failure",
        "ResultReason": "Insufficient privileges", "InitiatedBy": "{\"user\":{\"displayName\":null,\"userPrincipalName\":\"Ana@Example.com\",\"ipAddress\":\"198.51.100.7\",\"id\":\"99998888-1111-4222-8333-444455556666\"}}",
        "TargetResources": "[{\"displayName\":\"billing\",\"type\":\"Application\",\"id\":\"33333333-1111-4222-8333-444455556666\",\"modifiedProperties\":[]}]",
        "AdditionalDetails": "[{\"key\":\"AppId\",\"value\":\"aaaabbbb-1111-4222-8333-444455556666\"}]"
    });
    let grant = with(
        added_key(),
        &json!({"activityDisplayName": "Add app role assignment to service principal", "targetResources": [{"id": "44444444-1111-4222-8333-444455556666", "displayName": "Microsoft Graph", "type": "ServicePrincipal",
            "modifiedProperties": [{"displayName": "AppRole.Value", "oldValue": null, "newValue": "\"Mail.Read\""}, {"displayName": "ServicePrincipal.ObjectID", "oldValue": null, "newValue": format!("\"{USER}\"")}]}]}),
    );
    let role = with(
        added_key(),
        &json!({"activityDisplayName": "Add member to role", "targetResources": [{"id": USER, "type": "User", "modifiedProperties": [{"displayName": "Role.DisplayName", "newValue": "\"Global Administrator\""}]}]}),
    );
    let trust = with(
        added_key(),
        &json!({"activityDisplayName": "Update application", "targetResources": [{"id": "x", "type": "Application", "modifiedProperties": [{"displayName": "FederatedIdentityCredentials", "newValue": "[]"}]}]}),
    );
    let mut grant = change(&grant);
    grant["operationName"] = json!("Add app role assignment to service principal");
    let mut consent = change(&with(
        added_key(),
        &json!({"targetResources": [{"id": USER, "type": "ServicePrincipal", "modifiedProperties": [{"displayName": "ConsentAction.Permissions", "oldValue": "\"[]\"",
            "newValue": "\"[] => [[Id: 1, ClientId: 2, Scope: Mail.Read offline_access, CreatedDateTime: , LastModifiedDateTime ]]; \""}]}]}),
    ));
    consent["operationName"] = json!("Consent to application");
    let api = added_key();
    let mut nobody = change(&with(added_key(), &json!({"initiatedBy": {}})));
    let mut service = nobody.clone();
    service.as_object_mut().unwrap().remove("identity");
    nobody["identity"] = json!("Azure AD Cloud Sync");
    let policy = with(
        change(&with(added_key(), &json!({"targetResources": []}))),
        &json!({"category": "Policy", "operationName": "Authentication Methods Policy Update"}),
    );
    let cases: Vec<(&str, Value, Holds)> = vec![
        ("an application adds a key", change(&added_key()), |e| {
            e.principal.id == SP
                && e.class == ActionClass::Secret
                && e.target.as_deref() == Some(USER)
                && e.resource.as_deref() == Some("22222222-1111-4222-8333-444455556666")
                && e.agent.as_deref() == Some("python/3.12")
                && e.source.is_none()
                && e.outcome == Outcome::Success
                && e.domain.as_deref() == Some("ServicePrincipal")
        }),
        ("table, dash and trailing blank in the name", table, |e| {
            e.principal.id == USER
                && &*e.action == "Update application – Certificates and secrets management"
                && e.class == ActionClass::Secret
                && e.outcome == Outcome::Denied
                && e.target.as_deref() == Some("app:aaaabbbb-1111-4222-8333-444455556666")
                && e.source.as_deref() == Some("198.51.100.7")
        }),
        ("a permission is given to the one in the properties", grant, |e| {
            e.target.as_deref() == Some(USER) && e.scopes.as_deref() == Some("Mail.Read") && e.class == ActionClass::Iam
        }),
        ("a role", role, |e| {
            e.scopes.as_deref() == Some("Global_Administrator") && e.class == ActionClass::Iam && e.target.as_deref() == Some(USER)
        }),
        ("a trust in another's tokens", trust, |e| e.class == ActionClass::Secret),
        ("consent", consent, |e| e.class == ActionClass::Token && e.scopes.as_deref() == Some("Mail.Read offline_access")),
        ("Graph API", api, |e| e.principal.id == SP && &*e.action == "Add service principal credentials"),
        ("initiatedBy is empty", nobody, |e| e.principal.id == "Azure AD Cloud Sync"),
        ("nobody at all", service, |e| e.principal.id == "Core Directory" && e.principal.evidence == KindEvidence::PROVIDER_SERVICE),
        (
            "downloaded list",
            json!({"Date (UTC)": "2026-11-19T10:00:00Z", "CorrelationId": "c", "Service": "Core Directory", "Category": "ApplicationManagement", "Activity": "Add service principal credentials", "Result": "success", "ActorType": "User", "ActorObjectId": USER,
            "ActorUserPrincipalName": "ana@example.com", "IPAddress": "198.51.100.7", "User Agent": "curl", "Target1Type": "ServicePrincipal", "Target1ObjectId": SP, "Target1DisplayName": "billing"}),
            |e| {
                e.principal.id == USER
                    && e.target.as_deref() == Some(SP)
                    && e.agent.as_deref() == Some("curl")
                    && e.source.as_deref() == Some("198.51.100.7")
                    && e.outcome == Outcome::Success
                    && e.class == ActionClass::Secret
            },
        ),
        ("another category", policy, |e| &*e.action == "Authentication Methods Policy Update" && e.class == ActionClass::Iam),
    ];
    for (what, record, holds) in cases {
        look(&record, what, holds);
    }
}

#[test]
fn provisioning_risk_and_intune_are_read() {
    let step = json!({
        "id": "p1", "activityDateTime": "2026-11-19T10:00:00Z", "jobId": "job-1", "provisioningAction": "create", "servicePrincipal": {"Id": SP, "Name": "Files"},
        "initiatedBy": {"Type": "system", "Id": "", "Name": "Azure AD Provisioning Service"}, "targetSystem": {"Name": "Files"}, "provisioningSteps": [],
        "sourceIdentity": {"Id": USER, "Name": "Ana", "details": {"UserPrincipalName": "ana@example.com"}}, "provisioningStatusInfo": {"Status": "success", "errorInformation": null}
    });
    let mut diagnosed = diagnostic("ProvisioningLogs", &step);
    diagnosed["resultType"] = json!("Success");
    let risky = json!({"id": USER, "userDisplayName": "Ana", "userPrincipalName": "ana@example.com", "riskState": "atRisk", "riskLevel": "medium", "riskDetail": "none", "riskLastUpdatedDateTime": "2026-11-19T9:59:27.958Z"});
    let mut user = diagnostic("RiskyUsers", &risky);
    user["time"] = json!("11/19/2026 10:00:00 AM");
    user["operationName"] = json!("Risky user");
    let detected = json!({"id": "r1", "riskEventType": "leakedCredentials", "riskState": "atRisk", "riskLevel": "high", "detectedDateTime": "2026-11-19T10:00:00Z", "userId": USER,
        "userPrincipalName": "ana@example.com", "ipAddress": "198.51.100.7", "additionalInfo": "[{\"Key\":\"userAgent\",\"Value\":\"curl\"}]"});
    let workload = json!({"id": "r2", "riskEventType": "suspiciousSignins", "riskState": "atRisk", "riskLevel": "high", "detectedDateTime": "2026-11-19T10:00:00Z", "servicePrincipalId": SP,
        "servicePrincipalDisplayName": "billing-export", "appId": APP});
    let intune = json!({"time": "2026-11-19T10:00:00Z", "tenantId": TENANT, "category": "AuditLogs", "operationName": "Create MobileApp", "identity": "ana@example.com",
        "properties": {"ActivityDate": "11/19/2026 10:00:00 AM", "ActivityResultStatus": 1, "ActivityType": 0, "Actor": {"ActorType": 1, "Application": APP, "ApplicationName": "portal", "ObjectId": USER, "UPN": "ana@example.com"},
            "AuditEventId": "i1", "TargetDisplayNames": ["tool.exe"]}});
    let cases: Vec<(&str, Value, Holds)> = vec![
        ("provisioning", diagnosed, |e| {
            e.principal.id == SP
                && e.target.as_deref() == Some("ana@example.com")
                && e.job.as_deref() == Some("job-1")
                && e.outcome == Outcome::Success
                && e.class == ActionClass::Iam
        }),
        ("provisioning, Graph API", step, |e| e.principal.id == SP && &*e.action == "Provisioning activity" && e.on_behalf_of.is_none()),
        ("risky user", user, |e| {
            e.finding
                && e.principal.id == USER
                && e.provider_id.is_none()
                && e.tags.as_deref() == Some("finding:entra_id_protection:medium:Risky user atRisk")
        }),
        ("detection, Graph API", detected, |e| {
            e.finding
                && e.tags.as_deref() == Some("finding:entra_id_protection:high:leakedCredentials")
                && e.agent.as_deref() == Some("curl")
                && e.class == ActionClass::Logging
        }),
        ("risk of a workload", workload, |e| e.finding && e.principal.id == SP && e.principal.name.as_deref() == Some("billing-export")),
        ("Intune", intune, |e| e.principal.id == USER && e.outcome == Outcome::Success && e.resource.as_deref() == Some("tool.exe")),
    ];
    for (what, record, holds) in cases {
        look(&record, what, holds);
    }
}

#[test]
fn graph_calls_are_read_in_every_shape() {
    let call = json!({
        "requestId": "q1", "tenantId": TENANT, "appId": APP, "servicePrincipalId": SP, "userId": null, "requestMethod": "GET", "C_Idtyp": "app", "clientAuthMethod": "1",
        "requestUri": format!("https://graph.microsoft.com/v1.0/users/{USER}/messages?$top=100&$select=subject"), "responseStatusCode": 200, "responseSizeBytes": 4096,
        "ipAddress": "198.51.100.7", "userAgent": "python-requests/2.32", "roles": "Mail.Read User.Read.All", "scopes": "", "signInActivityId": "tok-1", "tokenIssuedAt": "2026-11-19T09:00:00Z"
    });
    let mut diagnosed = diagnostic("MicrosoftGraphActivityLogs", &call);
    diagnosed["operationName"] = json!("Microsoft Graph Activity");
    let table = json!({
        "TimeGenerated": "2026-11-19T10:00:00Z", "TenantId": "workspace", "Type": "MicrosoftGraphActivityLogs", "RequestId": "q2", "AadTenantId": TENANT, "AppId": APP, "UserId": USER, "ServicePrincipalId": "",
        "RequestMethod": "POST", "RequestUri": "https://graph.microsoft.com/beta/me/sendMail", "ResponseStatusCode": "403", "ResponseSizeBytes": "120", "IPAddress": "198.51.100.7",
        "UserAgent": "Mailer/1.0", "Scopes": "Mail.Send", "SignInActivityId": "tok-2", "ClientAuthMethod": "0"
    });
    let cases: Vec<(&str, Value, Holds)> = vec![
        ("an application", diagnosed, |e| {
            e.principal.id == SP
                && &*e.action == "GET /users/{id}/messages"
                && e.class == ActionClass::List
                && e.domain.as_deref() == Some("users")
                && e.bytes == Some(4096)
                && e.rows.is_none()
                && e.scopes.as_deref() == Some("Mail.Read User.Read.All")
                && e.session.as_deref() == Some("tok-1")
                && e.session_issued.is_some()
                && e.auth_method.as_deref() == Some("client_secret")
                && e.target.as_deref() == Some(USER)
                && e.query_shape.as_deref() == Some("/users/{id}/messages?$select=subject&$top=?")
                && e.credential.is_none()
        }),
        ("for a user", table, |e| {
            e.principal.id == USER
                && e.credential.as_ref().is_some_and(|c| c.id == APP && c.kind == "oauth_access")
                && (e.outcome, e.error.as_deref()) == (Outcome::Denied, Some("403"))
                && e.class == ActionClass::Write
                && e.tenant.as_deref() == Some(TENANT)
        }),
    ];
    for (what, record, holds) in cases {
        look(&record, what, holds);
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    let mut no_time = diagnostic("SignInLogs", &with(person(), &json!({"createdDateTime": null})));
    no_time.as_object_mut().unwrap().remove("time");
    let device = json!({"category": "OperationalLogs", "operationName": "Compliance", "tenantId": TENANT, "time": "2026-11-19T10:00:00Z", "properties": {"OperationalLogCategory": "DeviceCompliance"}});
    for (record, part) in [
        (no_time, "no time"),
        (diagnostic("SignInLogs", &json!({"id": "x"})), "no userId"),
        (device, "managed device"),
        (json!({"a": 1}), "no category"),
    ] {
        let reason = refused(&record);
        assert!(reason.contains(part), "{record}: {reason}");
    }
    for other in [
        json!({"category": "AuditLogs"}),
        json!({"Type": "SigninLogs"}),
        json!({"category": "Policy", "operationName": "x"}),
        json!({"userPrincipalName": "x", "appId": "y"}),
    ] {
        assert_eq!(recognise(&other.to_string()).map(Format::name), None, "{other}");
    }
}
