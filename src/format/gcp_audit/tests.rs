//! One record of every shape and quirk, and what must come out of it.

use super::*;
use crate::model::{ActionClass, JobStep, KindEvidence, Outcome, Probe, Timestamp};
use serde_json::{Value, json};

/// One record of each shape that is not the native one, for the tests of all formats.
pub const SAMPLES: &[&str] = &[
    r#"{"protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","authenticationInfo":{"principalEmail":"app@p.iam.gserviceaccount.com","serviceAccountKeyName":"//iam.googleapis.com/projects/p/serviceAccounts/app@p.iam.gserviceaccount.com/keys/0a1b","serviceAccountDelegationInfo":[{"firstPartyPrincipal":{"principalEmail":"ann@example.com"}}]},"requestMetadata":{"callerIp":"198.51.100.7","callerSuppliedUserAgent":"gcloud/400"},"serviceName":"bigquery.googleapis.com","methodName":"google.cloud.bigquery.v2.JobService.InsertJob","authorizationInfo":[{"permission":"bigquery.jobs.create","granted":true}],"resourceName":"projects/p/jobs/j1","metadata":{"jobChange":{"after":"DONE","job":{"jobName":"projects/p/jobs/j1","jobConfig":{"type":"QUERY","queryConfig":{"query":"SELECT a FROM `d.t` WHERE b = 'x'"}},"jobStats":{"queryStats":{"totalProcessedBytes":"1024","outputRowCount":"7"}}}}}},"insertId":"i1","resource":{"type":"bigquery_project","labels":{"project_id":"p","location":"EU"}},"timestamp":"2026-11-19T10:00:00.123456789Z","logName":"projects/p/logs/cloudaudit.googleapis.com%2Fdata_access"}"#,
    r#"{"logName":"projects/p/logs/cloudaudit.googleapis.com%2Fdata_access","resource":{"type":"k8s_cluster","labels":{"project_id":"p"}},"protopayload_auditlog":{"serviceName":"k8s.io","methodName":"io.k8s.core.v1.secrets.list","resourceName":"core/v1/secrets","authenticationInfo":{"principalEmail":"system:serviceaccount:shop:cart"},"requestJson":"{\"a\":1}","metadataJson":null,"status":null},"timestamp":"2026-11-19 10:00:00.1 UTC","insertId":"i1"}"#,
    r#"{"log_name_s":"projects/p/logs/cloudaudit.googleapis.com%2Factivity","insert_id_s":"i1","timestamp_t [UTC]":"11/19/2026, 10:00:00.000 AM","payload__type_s":"type.googleapis.com/google.cloud.audit.AuditLog","payload_authenticationInfo_principalEmail_s":"ann@example.com","payload_authorizationInfo_s":"[{\"granted\":false,\"permission\":\"x\"}]","payload_methodName_s":"SetIamPolicy","payload_serviceName_s":"cloudresourcemanager.googleapis.com","payload_request_page_size_d":"1"}"#,
    r#"{"message":{"data":"eyJwcm90b1BheWxvYWQiOnsibWV0aG9kTmFtZSI6InN0b3JhZ2Uub2JqZWN0cy5nZXQiLCJhdXRoZW50aWNhdGlvbkluZm8iOnsicHJpbmNpcGFsRW1haWwiOiJhbm5AZXhhbXBsZS5jb20ifX0sInRpbWVzdGFtcCI6IjIwMjYtMTEtMTlUMTA6MDA6MDBaIn0=","messageId":"1"},"subscription":"projects/p/subscriptions/s"}"#,
];

/// Reads one record that holds one event and looks at it.
fn with(record: &Value, look: impl FnOnce(&Event<'_>)) {
    let text = record.to_string();
    assert!(recognises(&Shape::of(&text).unwrap()), "{text}");
    let mut look = Some(look);
    let mut seen = 0;
    GcpAudit
        .read(&text, &mut |event| {
            seen += 1;
            if let Some(look) = look.take() {
                look(&event);
            }
        })
        .unwrap_or_else(|refusal| panic!("{refusal}: {text}"));
    assert_eq!(seen, 1, "{text}");
}

fn refused(record: &Value) -> String {
    GcpAudit.read(&record.to_string(), &mut |event| panic!("read as {event:?}")).unwrap_err().to_string()
}

/// A sound entry; members of `change` replace those of its payload, null takes one away.
fn entry(change: &Value) -> Value {
    let mut base = json!({
        "insertId": "1a2b3c", "timestamp": "2026-11-19T10:00:00.123456789Z", "receiveTimestamp": "2026-11-19T10:00:05Z",
        "logName": "projects/shop/logs/cloudaudit.googleapis.com%2Fdata_access", "severity": "INFO",
        "resource": {"type": "gcs_bucket", "labels": {"project_id": "shop", "bucket_name": "orders", "location": "europe-west1"}},
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog", "status": {},
            "serviceName": "storage.googleapis.com", "methodName": "storage.objects.get",
            "resourceName": "projects/_/buckets/orders/objects/2026/11.csv",
            "authenticationInfo": {"principalEmail": "app@shop.iam.gserviceaccount.com"},
            "authorizationInfo": [{"resource": "projects/_/buckets/orders/objects/2026/11.csv", "permission": "storage.objects.get", "granted": true}],
            "requestMetadata": {"callerIp": "198.51.100.7", "callerSuppliedUserAgent": "python-requests/2.32,gzip(gfe)"}
        }
    });
    for (key, value) in change.as_object().unwrap() {
        let payload = base["protoPayload"].as_object_mut().unwrap();
        if value.is_null() {
            payload.remove(key);
        } else {
            payload.insert(key.clone(), value.clone());
        }
    }
    base
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// Protects every way an entry is exported: the same call must be the same event in each.
#[test]
fn every_shape_gives_the_same_event() {
    let native = entry(&json!({}));
    let mut exported = native.clone();
    let payload = exported["protoPayload"].take();
    exported.as_object_mut().unwrap().remove("protoPayload");
    exported["protopayload_auditlog"] = payload;
    exported["protopayload_auditlog"]["metadataJson"] = Value::Null;
    exported["protopayload_auditlog"]["requestJson"] = json!("{\"x\":1}");
    exported["textPayload"] = Value::Null;
    let analytics = json!({
        "log_name": native["logName"], "insert_id": "1a2b3c", "timestamp": "2026-11-19 10:00:00.123456 UTC",
        "resource": {"type": "gcs_bucket", "labels": "{\"project_id\":\"shop\",\"bucket_name\":\"orders\",\"location\":\"europe-west1\"}"},
        "proto_payload": {"type": "type.googleapis.com/google.cloud.audit.AuditLog", "audit_log": {
            "service_name": "storage.googleapis.com", "method_name": "storage.objects.get",
            "resource_name": "projects/_/buckets/orders/objects/2026/11.csv",
            "authentication_info": {"principal_email": "app@shop.iam.gserviceaccount.com"},
            "authorization_info": [{"permission": "storage.objects.get", "granted": true}],
            "request_metadata": {"caller_ip": "198.51.100.7", "caller_supplied_user_agent": "python-requests/2.32,gzip(gfe)"}}}
    });
    let dotted = json!({
        "insertId": "1a2b3c", "timestamp": "2026-11-19T10:00:00.123Z", "logName": native["logName"],
        "resource.labels.project_id": "shop", "resource.labels.location": "europe-west1",
        "protoPayload.serviceName": "storage.googleapis.com", "protoPayload.methodName": "storage.objects.get",
        "protoPayload.resourceName": "projects/_/buckets/orders/objects/2026/11.csv",
        "protoPayload.authenticationInfo.principalEmail": "app@shop.iam.gserviceaccount.com",
        "protoPayload.authorizationInfo": "[{\"permission\":\"storage.objects.get\",\"granted\":\"true\"}]",
        "protoPayload.requestMetadata.callerIp": "198.51.100.7",
        "protoPayload.requestMetadata.callerSuppliedUserAgent": "python-requests/2.32,gzip(gfe)"
    });
    let flattened = json!({
        "TenantId": "00000000-0000-0000-0000-000000000000", "SourceSystem": "RestAPI", "TimeGenerated [UTC]": "11/19/2026, 10:05:00.000 AM",
        "log_name_s": native["logName"], "insert_id_s": "1a2b3c", "timestamp_t [UTC]": "11/19/2026, 10:00:00.123 AM",
        "resource_type_s": "gcs_bucket", "resource_labels_project_id_s": "shop", "resource_labels_location_s": "europe-west1",
        "payload__type_s": "type.googleapis.com/google.cloud.audit.AuditLog",
        "payload_authenticationInfo_principalEmail_s": "app@shop.iam.gserviceaccount.com",
        "payload_requestMetadata_callerIp_s": "198.51.100.7", "payload_requestMetadata_callerSuppliedUserAgent_s": "python-requests/2.32,gzip(gfe)",
        "payload_serviceName_s": "storage.googleapis.com", "payload_methodName_s": "storage.objects.get",
        "payload_authorizationInfo_s": "[\n {\"permission\": \"storage.objects.get\", \"granted\": true}\n]",
        "payload_resourceName_s": "projects/_/buckets/orders/objects/2026/11.csv", "payload_request_page_size_d": "100", "Type": "GCP_CL"
    });
    let table = json!({
        "TimeGenerated": "2026-11-19T10:00:05Z", "Timestamp": "2026-11-19T10:00:00.123Z", "Type": "GCPAuditLogs", "LogName": native["logName"],
        "InsertId": "1a2b3c", "ProjectId": "shop", "ServiceName": "storage.googleapis.com", "MethodName": "storage.objects.get",
        "GCPResourceName": "projects/_/buckets/orders/objects/2026/11.csv", "GCPResourceType": "gcs_bucket", "PrincipalEmail": "app@shop.iam.gserviceaccount.com",
        "AuthorizationInfo": "[{\"permission\":\"storage.objects.get\",\"granted\":true}]", "ResourceLocation": "{\"currentLocations\":[\"europe-west1\"]}",
        "RequestMetadata": "{\"callerIp\":\"198.51.100.7\",\"callerSuppliedUserAgent\":\"python-requests/2.32,gzip(gfe)\"}", "Status": "{}"
    });
    let elastic = json!({
        "@timestamp": "2026-11-19T10:00:00.123Z", "event": {"action": "storage.objects.get", "id": "1a2b3c", "dataset": "gcp.audit"},
        "log": {"logger": native["logName"]}, "cloud": {"project": {"id": "shop"}}, "source": {"ip": "198.51.100.7"},
        "user_agent": {"original": "python-requests/2.32,gzip(gfe)"}, "service": {"name": "storage.googleapis.com"},
        "client": {"user": {"email": "app@shop.iam.gserviceaccount.com"}},
        "gcp": {"audit": {"resource_name": "projects/_/buckets/orders/objects/2026/11.csv", "resource_location": {"current_locations": ["europe-west1"]},
            "authorization_info": [{"permission": "storage.objects.get", "granted": true}]}}
    });
    let push = json!({"message": {"data": base64(&native.to_string()), "messageId": "1", "attributes": {"logging.googleapis.com/timestamp": "2026-11-19T10:00:00Z"}}, "subscription": "projects/shop/subscriptions/audit"});
    let pulled = json!({"ackId": "a", "message": {"data": base64(&native.to_string())}});
    let response = json!({"receivedMessages": [pulled.clone()]});
    let shipped = json!({"@timestamp": "2026-11-19T10:01:00Z", "message": native.to_string(), "agent": {"type": "filebeat"}});
    let original = json!({"@timestamp": "2026-11-19T10:01:00Z", "event": {"original": native.to_string()}});
    let hit = json!({"_index": "logs", "_source": {"json": native.clone()}});
    for record in
        [&native, &exported, &analytics, &dotted, &flattened, &table, &elastic, &push, &pulled, &response, &shipped, &original, &hit]
    {
        with(record, |event| {
            assert_eq!(event.time, Timestamp::parse("2026-11-19T10:00:00.123Z").unwrap(), "{record}");
            assert_eq!(event.principal.platform, "gcp");
            assert_eq!(&*event.principal.id, "app@shop.iam.gserviceaccount.com", "{record}");
            assert_eq!((&*event.action, event.class), ("storage.objects.get", ActionClass::Read), "{record}");
            assert_eq!(event.service.as_deref(), Some("storage.googleapis.com"), "{record}");
            assert_eq!(event.source.as_deref(), Some("198.51.100.7"), "{record}");
            assert_eq!(event.agent.as_deref(), Some("python-requests/2.32,gzip(gfe)"), "{record}");
            assert_eq!(event.outcome, Outcome::Success, "{record}");
            assert_eq!(event.tenant.as_deref(), Some("shop"), "{record}");
            assert_eq!(event.region.as_deref(), Some("europe-west1"), "{record}");
            assert_eq!(event.resource.as_deref(), Some("projects/_/buckets/orders/objects/2026/11.csv"), "{record}");
            assert_eq!(event.domain.as_deref(), Some("orders"), "{record}");
            assert_eq!(event.scopes.as_deref(), Some("storage.objects.get"), "{record}");
            assert_eq!(
                event.provider_id.as_deref(),
                Some("1a2b3c projects/shop/logs/cloudaudit.googleapis.com/data_access 1795082400123"),
                "{record}"
            );
        });
    }
}

type Holds = fn(&Event<'_>) -> bool;

/// Protects the quirks of single fields: each line is one that logs really have.
#[test]
fn quirks_of_the_payload() {
    let cases: &[(&str, Value, Holds)] = &[
        (
            "an exported key",
            json!({"authenticationInfo": {"principalEmail": "app@shop.iam.gserviceaccount.com", "serviceAccountKeyName": "//iam.googleapis.com/projects/shop/serviceAccounts/app@shop.iam.gserviceaccount.com/keys/0a1b2c"}}),
            |e| {
                e.credential.as_ref().is_some_and(|c| c.id == "0a1b2c" && c.kind == "static_key")
                    && e.principal.evidence == KindEvidence::SERVICE_ACCOUNT.with(KindEvidence::STATIC_KEY)
                    && e.auth_method.as_deref() == Some("static_key")
            },
        ),
        (
            "an attached account, handed its token by the service agent of machines",
            json!({"authenticationInfo": {"principalEmail": "1-compute@developer.gserviceaccount.com", "serviceAccountDelegationInfo": [{"firstPartyPrincipal": {"principalEmail": "service-12345@compute-system.iam.gserviceaccount.com"}}]}}),
            |e| e.credential.is_none() && e.on_behalf_of.is_none() && e.auth_method.is_none(),
        ),
        (
            "impersonation: the first of the chain is behind it",
            json!({"authenticationInfo": {"principalEmail": "deploy@shop.iam.gserviceaccount.com", "serviceAccountDelegationInfo": [{"principalSubject": "user:Ann@example.com"}, {"firstPartyPrincipal": {"principalEmail": "mid@shop.iam.gserviceaccount.com"}}]}}),
            |e| e.on_behalf_of.as_deref() == Some("ann@example.com") && e.auth_method.as_deref() == Some("impersonation"),
        ),
        (
            "a build run that borrows an account",
            json!({"authenticationInfo": {"principalEmail": "deploy@shop.iam.gserviceaccount.com", "serviceAccountDelegationInfo": [{"principalSubject": "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/gh/subject/repo:acme/app:ref:refs/heads/main"}]}}),
            |e| e.on_behalf_of.as_deref().is_some_and(|id| id.ends_with("repo:acme/app:ref:refs/heads/main")),
        ),
        (
            "an empty link of the chain",
            json!({"authenticationInfo": {"principalEmail": "app@shop.iam.gserviceaccount.com", "serviceAccountDelegationInfo": [{}]}}),
            |e| e.on_behalf_of.is_none(),
        ),
        (
            "a federated identity by itself",
            json!({"authenticationInfo": {"principalSubject": "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/aws/subject/i-0abc"}}),
            |e| e.principal.name.as_deref() == Some("i-0abc") && e.auth_method.as_deref() == Some("workload_identity"),
        ),
        (
            "a token exchange: the caller is who it becomes",
            json!({"serviceName": "sts.googleapis.com", "methodName": "google.identity.sts.v1.SecurityTokenService.ExchangeToken", "authenticationInfo": {"principalSubject": "b6112ebb"}, "metadata": {"mapped_principal": "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/az/subject/b6112ebb"}}),
            |e| e.class == ActionClass::Token && e.principal.id.ends_with("/az/subject/b6112ebb"),
        ),
        (
            "a refused token exchange names only the foreign subject",
            json!({"serviceName": "sts.googleapis.com", "methodName": "google.identity.sts.v1.SecurityTokenService.ExchangeToken", "authenticationInfo": {"principalSubject": "b6112ebb"}, "status": {"code": 7}}),
            |e| e.principal.id == "b6112ebb" && e.principal.evidence == KindEvidence::WORKLOAD_SESSION && e.outcome == Outcome::Denied,
        ),
        (
            "claims of another provider",
            json!({"authenticationInfo": {"thirdPartyPrincipal": {"thirdPartyClaims": {"sub": "ext-7"}}}}),
            |e| e.principal.id == "ext-7",
        ),
        (
            "a user through gcloud",
            json!({"authenticationInfo": {"principalEmail": "Ann@Example.com", "principalSubject": "user:Ann@Example.com", "oauthInfo": {"oauthClientId": "32555940559.apps.googleusercontent.com"}}}),
            |e| {
                e.principal.id == "ann@example.com"
                    && e.credential.as_ref().is_some_and(|c| c.kind == "oauth_access")
                    && e.principal.evidence == KindEvidence::PERSON_SESSION
            },
        ),
        (
            "a user in the console",
            json!({"authenticationInfo": {"principalEmail": "ann@example.com"}, "requestMetadata": {"callerIp": "::1", "callerSuppliedUserAgent": "Mozilla/5.0 (X11),gzip(gfe)"}}),
            |e| e.principal.evidence.has(KindEvidence::CONSOLE) && e.source.as_deref() == Some("::1"),
        ),
        ("an address that is a name", json!({"requestMetadata": {"callerIp": "gce-internal-ip"}}), |e| {
            e.source.as_deref() == Some("gce-internal-ip") && !e.via_provider && e.agent.is_none()
        }),
        ("a call of Google's own network", json!({"requestMetadata": {"callerIp": "private"}}), |e| e.via_provider),
        ("no metadata", json!({"requestMetadata": null}), |e| e.source.is_none() && e.agent.is_none()),
        ("a refusal", json!({"status": {"code": 7, "message": "no"}}), |e| {
            e.outcome == Outcome::Denied && e.error.as_deref() == Some("PERMISSION_DENIED")
        }),
        ("a code as text", json!({"status": {"code": "5"}}), |e| e.outcome == Outcome::Error && e.error.as_deref() == Some("NOT_FOUND")),
        ("no status, nothing granted", json!({"status": null, "authorizationInfo": [{"permission": "x", "granted": false}]}), |e| {
            e.outcome == Outcome::Denied && e.scopes.is_none()
        }),
        (
            "no status, something granted",
            json!({"status": null, "authorizationInfo": [{"permission": "x", "granted": false}, {"permission": "y", "granted": "true"}]}),
            |e| e.outcome == Outcome::Success && e.scopes.as_deref() == Some("y"),
        ),
        ("rows of a listing", json!({"methodName": "storage.objects.list", "numResponseItems": "71"}), |e| {
            e.rows == Some(71) && e.probe == Some(Probe::ListAll) && e.class == ActionClass::List
        }),
        (
            "a reading by the kind of permission",
            json!({"serviceName": "example.googleapis.com", "methodName": "google.example.v1.Things.GetThing", "authorizationInfo": [{"permission": "x", "permissionType": "DATA_READ", "granted": true}]}),
            |e| e.class == ActionClass::Read,
        ),
        (
            "an access token for another account",
            json!({"serviceName": "iamcredentials.googleapis.com", "methodName": "GenerateAccessToken", "resourceName": "projects/-/serviceAccounts/117000000000000000000", "request": {"name": "projects/-/serviceAccounts/deploy@shop.iam.gserviceaccount.com"}}),
            |e| e.class == ActionClass::Token && e.target.as_deref() == Some("deploy@shop.iam.gserviceaccount.com"),
        ),
        (
            "a key for another account",
            json!({"serviceName": "iam.googleapis.com", "methodName": "google.iam.admin.v1.CreateServiceAccountKey", "resourceName": "projects/-/serviceAccounts/deploy@shop.iam.gserviceaccount.com"}),
            |e| e.class == ActionClass::Secret && e.target.as_deref() == Some("deploy@shop.iam.gserviceaccount.com"),
        ),
        (
            "a role given away",
            json!({"serviceName": "cloudresourcemanager.googleapis.com", "methodName": "SetIamPolicy", "serviceData": {"policyDelta": {"bindingDeltas": [{"action": "REMOVE", "member": "user:x@example.com"}, {"action": "ADD", "role": "roles/owner", "member": "serviceAccount:evil@other.iam.gserviceaccount.com"}]}}}),
            |e| e.class == ActionClass::Iam && e.target.as_deref() == Some("evil@other.iam.gserviceaccount.com"),
        ),
        (
            "audit configuration taken away",
            json!({"serviceName": "cloudresourcemanager.googleapis.com", "methodName": "SetIamPolicy", "serviceData": {"policyDelta": {"auditConfigDeltas": [{"action": "REMOVE", "service": "allServices"}]}}}),
            |e| e.class == ActionClass::Logging,
        ),
        (
            "flow logs switched off",
            json!({"serviceName": "compute.googleapis.com", "methodName": "v1.compute.subnetworks.patch", "request": {"enableFlowLogs": false}}),
            |e| e.class == ActionClass::Logging,
        ),
        (
            "a service account of a cluster",
            json!({"serviceName": "k8s.io", "methodName": "io.k8s.core.v1.pods.exec.create", "resourceName": "core/v1/namespaces/shop/pods/cart-1/exec", "authenticationInfo": {"principalEmail": "system:serviceaccount:shop:cart"}}),
            |e| {
                e.principal.platform == "kubernetes"
                    && e.principal.id == "system:serviceaccount:shop:cart"
                    && e.class == ActionClass::Invoke
                    && e.domain.as_deref() == Some("shop/pods")
                    && e.action == "io.k8s.core.v1.pods.exec.create"
            },
        ),
        (
            "a role bound in a cluster",
            json!({"serviceName": "k8s.io", "methodName": "io.k8s.authorization.rbac.v1.rolebindings.create", "resourceName": "rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings/x", "request": {"subjects": [{"kind": "ServiceAccount", "name": "cart"}]}}),
            |e| e.class == ActionClass::Iam && e.target.as_deref() == Some("system:serviceaccount:shop:cart"),
        ),
        (
            "a sign-in shared by Workspace",
            json!({"serviceName": "login.googleapis.com", "methodName": "google.login.LoginService.loginFailure", "status": null, "authorizationInfo": null, "authenticationInfo": {"principalEmail": "ann@example.com"}, "metadata": {"event": [{"eventType": "login", "eventName": "login_failure", "parameter": [{"name": "login_type", "value": "google_password"}]}]}}),
            |e| e.class == ActionClass::Auth && e.outcome == Outcome::Denied,
        ),
        (
            "an administrator's doing shared by Workspace",
            json!({"serviceName": "admin.googleapis.com", "methodName": "google.admin.AdminService.addGroupMember", "authenticationInfo": {"principalEmail": "ann@example.com"}, "metadata": {"event": [{"eventType": "GROUP_SETTINGS", "eventName": "ADD_GROUP_MEMBER", "parameter": [{"name": "USER_EMAIL", "value": "Bob@example.com"}, {"name": "GROUP_EMAIL", "value": "admins@example.com"}]}]}}),
            |e| e.class == ActionClass::Iam && e.target.as_deref() == Some("bob@example.com"),
        ),
        (
            "a warning of Google about an account, which nobody caused",
            json!({"serviceName": "login.googleapis.com", "methodName": "google.login.LoginService.suspiciousLogin", "authenticationInfo": {}, "authorizationInfo": null, "metadata": {"event": [{"eventType": "account_warning", "eventName": "suspicious_login", "parameter": [{"name": "affected_email_address", "value": "Ann@example.com"}], "status": {"success": true}}]}}),
            |e| e.finding && e.principal.id == "ann@example.com" && e.class == ActionClass::Logging && e.tags.is_some(),
        ),
        (
            "a service account under an address that was masked",
            json!({"authenticationInfo": {"principalEmail": "orders@example.com", "principalSubject": "serviceAccount:orders@example.com"}}),
            |e| e.principal.evidence == KindEvidence::SERVICE_ACCOUNT,
        ),
        (
            "a policy of one binding",
            json!({"methodName": "google.iam.v1.IAMPolicy.SetIamPolicy", "serviceName": "pubsub.googleapis.com", "resourceName": "projects/p/topics/t", "request": {"policy": {"bindings": [{"members": ["serviceAccount:x@p.iam.gserviceaccount.com"], "role": "roles/pubsub.publisher"}]}}}),
            |e| e.class == ActionClass::Iam && e.target.as_deref() == Some("x@p.iam.gserviceaccount.com"),
        ),
        (
            "a model is called",
            json!({"serviceName": "aiplatform.googleapis.com", "methodName": "google.cloud.aiplatform.v1.PredictionService.Predict", "resourceName": "projects/shop/locations/x/publishers/google/models/gemini"}),
            |e| e.class == ActionClass::Invoke && e.domain.as_deref() == Some("gemini"),
        ),
        (
            "a secret is read",
            json!({"serviceName": "secretmanager.googleapis.com", "methodName": "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion", "resourceName": "projects/1/secrets/db-password/versions/3"}),
            |e| e.class == ActionClass::Secret && e.domain.as_deref() == Some("db-password"),
        ),
        ("names in any case", json!({"requestMetadata": {"callerIP": "198.51.100.8", "calleRSuppliedUserAgent": "x"}}), |e| {
            e.source.as_deref() == Some("198.51.100.8") && e.agent.as_deref() == Some("x")
        }),
    ];
    for (what, change, holds) in cases {
        with(&entry(change), |event| assert!(holds(event), "{what}: {event:#?}"));
    }
}

/// Protects volume: `BigQuery` is where Google tells how much.
#[test]
fn jobs_of_bigquery() {
    let modern = |metadata: Value| {
        entry(
            &json!({"serviceName": "bigquery.googleapis.com", "methodName": "google.cloud.bigquery.v2.JobService.InsertJob", "resourceName": "projects/shop/jobs/j1", "metadata": metadata}),
        )
    };
    let job = |config: Value, stats: Value| json!({"jobName": "projects/shop/jobs/j1", "jobConfig": config, "jobStats": stats, "jobStatus": {"jobState": "DONE"}});
    let query = json!({"type": "QUERY", "queryConfig": {"query": "SELECT name FROM `shop.crm.people` WHERE mail = 'ann@example.com'", "statementType": "SELECT"}});
    let stats = json!({"queryStats": {"totalProcessedBytes": "1048576", "totalBilledBytes": "10485760", "outputRowCount": "500", "referencedTables": ["projects/shop/datasets/crm/tables/people"]}});
    let cases: &[(Value, Holds)] = &[
        (modern(json!({"jobInsertion": {"reason": "JOB_INSERT_REQUEST", "job": job(query.clone(), json!({}))}})), |e| {
            e.class == ActionClass::Query && e.job.as_deref() == Some("j1") && e.job_step == Some(JobStep::Create) && e.rows.is_none()
        }),
        (modern(json!({"jobChange": {"before": "RUNNING", "after": "DONE", "job": job(query.clone(), stats.clone())}})), |e| {
            (e.rows, e.bytes, e.job_step) == (Some(500), Some(1_048_576), Some(JobStep::Complete))
                && e.domain.as_deref() == Some("crm.people")
                && e.query_shape.as_deref() == Some("SELECT name FROM shop.crm.people WHERE mail = ?")
        }),
        (
            modern(
                json!({"jobChange": {"after": "DONE", "job": job(json!({"type": "EXPORT", "extractConfig": {"sourceTable": "projects/shop/datasets/crm/tables/people", "destinationUris": ["gs://elsewhere/p-*.csv"]}}), json!({"extractStats": {"totalInputBytes": "77"}}))}}),
            ),
            |e| {
                e.class == ActionClass::Export
                    && e.bytes == Some(77)
                    && e.domain.as_deref() == Some("crm.people")
                    && e.resource.as_deref() == Some("gs://elsewhere/p-*.csv")
            },
        ),
        (
            modern(
                json!({"jobInsertion": {"job": job(json!({"type": "QUERY", "queryConfig": {"query": "EXPORT DATA OPTIONS(uri='gs://x/*') AS SELECT * FROM d.t", "statementType": "EXPORT_DATA"}}), json!({}))}}),
            ),
            |e| e.class == ActionClass::Export && e.query_shape.as_deref().is_some_and(|shape| !shape.contains("gs://")),
        ),
        (
            modern(
                json!({"jobChange": {"after": "DONE", "job": {"jobName": "projects/shop/jobs/j1", "jobConfig": query, "jobStatus": {"jobState": "DONE", "errorResult": {"code": 7, "message": "Access Denied: Table"}}}}}),
            ),
            |e| e.outcome == Outcome::Denied && e.error.as_deref() == Some("PERMISSION_DENIED"),
        ),
        (modern(json!({"tableDataRead": {"fields": ["a"], "jobName": "projects/shop/jobs/j1", "reason": "JOB"}})), |e| {
            e.class == ActionClass::Read && e.job.as_deref() == Some("j1") && e.job_step == Some(JobStep::Progress)
        }),
        (modern(json!({"tableDataChange": {"insertedRowsCount": "3", "deletedRowsCount": "4", "reason": "QUERY"}})), |e| {
            e.class == ActionClass::Write && e.rows == Some(7)
        }),
        (
            entry(
                &json!({"serviceName": "bigquery.googleapis.com", "methodName": "jobservice.jobcompleted", "serviceData": {"jobCompletedEvent": {"eventName": "query_job_completed", "job": {"jobName": {"projectId": "shop", "jobId": "j2"}, "jobConfiguration": {"query": {"query": "select count(*) from crm.people"}}, "jobStatistics": {"totalProcessedBytes": "9", "queryOutputRowCount": "1", "referencedTables": [{"projectId": "shop", "datasetId": "crm", "tableId": "people"}]}, "jobStatus": {"state": "DONE", "error": {}}}}}}),
            ),
            |e| {
                (e.rows, e.bytes, e.probe, e.job_step) == (Some(1), Some(9), Some(Probe::Count), Some(JobStep::Complete))
                    && e.job.as_deref() == Some("j2")
                    && e.domain.as_deref() == Some("crm.people")
            },
        ),
        (
            entry(
                &json!({"serviceName": "bigquery.googleapis.com", "methodName": "jobservice.getqueryresults", "serviceData": {"jobGetQueryResultsResponse": {"totalResults": "12", "job": {"jobName": {"jobId": "j3"}}}}}),
            ),
            |e| e.rows == Some(12) && e.class == ActionClass::Query && e.job.as_deref() == Some("j3"),
        ),
    ];
    for (record, holds) in cases {
        with(record, |event| assert!(holds(event), "{event:#?}"));
    }
}

/// Protects the reject list: every reason names the thing and what was expected.
#[test]
fn what_is_no_activity_is_refused_by_name() {
    let mut network = entry(&json!({}));
    network.as_object_mut().unwrap().remove("protoPayload");
    network["jsonPayload"] = json!({"connection": {"src_ip": "10.0.0.1"}});
    for (record, part) in [
        (network, "no audit log"),
        (
            json!({"log_name_s": "projects/p/logs/dns.googleapis.com%2Fdns_queries", "insert_id_s": "1", "timestamp_t": "2026-11-19T10:00:00Z", "payload_queryName_s": "example.com."}),
            "no audit log",
        ),
        (entry(&json!({"@type": "type.googleapis.com/google.appengine.logging.v1.RequestLog", "methodName": null})), "App Engine"),
        (entry(&json!({"authenticationInfo": {}})), "someone the log does not name"),
        (entry(&json!({"methodName": null})), "no protoPayload.methodName"),
        (json!({"protoPayload": {"methodName": "x", "authenticationInfo": {"principalEmail": "a@example.com"}}}), "no timestamp"),
        (json!({"a": 1}), "no protoPayload"),
    ] {
        let reason = refused(&record);
        assert!(reason.contains(part) && !reason.contains('\n'), "{record}: {reason}");
    }
    let deep = (0..9).fold(entry(&json!({})), |inner, _| json!({ "data": inner.to_string() }));
    assert!(refused(&deep).contains("nested deeper"));
}

/// Protects events of Google's own systems, which have no caller.
#[test]
fn system_events_are_googles() {
    let mut record = entry(
        &json!({"serviceName": "compute.googleapis.com", "methodName": "compute.instances.migrateOnHostMaintenance", "authenticationInfo": null}),
    );
    record["logName"] = json!("projects/shop/logs/cloudaudit.googleapis.com%2Fsystem_event");
    with(&record, |event| {
        assert_eq!((&*event.principal.id, event.principal.evidence), ("compute.googleapis.com", KindEvidence::PROVIDER_SERVICE));
    });
}

/// Protects entries in a shipper's envelope from formats that look into envelopes too.
#[test]
fn a_shipped_sign_in_is_ours() {
    let sign_in = entry(
        &json!({"serviceName": "login.googleapis.com", "methodName": "google.login.LoginService.loginSuccess", "metadata": {"event": [{"eventType": "login", "eventName": "login_success"}]}}),
    );
    for record in [json!({"@timestamp": "2026-11-19T10:01:00Z", "message": sign_in.to_string()}), json!({"message": sign_in.to_string()})] {
        assert_eq!(super::super::recognise(&record.to_string()).map(Format::name), Some(NAME), "{record}");
    }
}

/// Protects other formats: no record of theirs is ours.
#[test]
fn records_of_others_are_not_recognised() {
    for record in [
        json!({"kind": "admin#reports#activity", "id": {"applicationName": "login"}, "events": []}),
        json!({"apiVersion": "audit.k8s.io/v1", "verb": "get", "user": {"username": "x"}}),
        json!({"message": {"data": "eyJhIjoxfQ=="}, "subscription": "s"}),
        json!({"message": "protoPayload is a word"}),
        json!({"gcp": {"project": "x"}, "event": {"action": "a"}}),
        json!({"MethodName": "a", "ServiceName": "b"}),
        json!({"insertId": "1", "logName": "x"}),
    ] {
        let text = record.to_string();
        assert!(!recognises(&Shape::of(&text).unwrap()), "{text}");
    }
}
