//! One record of every shape and quirk, and what must come out of it.

use super::*;
use crate::format::recognise;
use crate::model::{ActionClass, KindEvidence, Outcome, Timestamp};
use serde_json::{Value, json};

/// What must hold of an event.
type Holds = fn(&Event<'_>) -> bool;

const SP: &str = "0b1c2d3e-1111-4222-8333-444455556666";
const APP: &str = "aaaabbbb-1111-4222-8333-444455556666";
const TENANT: &str = "77776666-1111-4222-8333-444455556666";

fn look(record: &Value, what: &str, holds: Holds) {
    let text = record.to_string();
    assert_eq!(recognise(&text).map(Format::name), Some(NAME), "{what}: {text}");
    let mut seen = 0;
    M365Ual
        .read(&text, &mut |event| {
            seen += 1;
            assert!(holds(&event), "{what}: {event:?}");
        })
        .unwrap_or_else(|refusal| panic!("{what}: {refusal}"));
    assert_eq!(seen, 1, "{what}");
}

/// A sound record with some fields of `change` in place of its own; null takes a field away.
fn record(change: &Value) -> Value {
    let mut base = json!({
        "CreationTime": "2026-11-19T10:00:00", "Id": "r1", "Operation": "MailItemsAccessed", "OrganizationId": TENANT, "RecordType": 50, "ResultStatus": "Succeeded", "UserKey": "10032", "UserType": 0, "Version": 1, "Workload": "Exchange",
        "UserId": "Ana@Example.com", "ClientIPAddress": "[2001:db8::1]:443", "ClientInfoString": "Client=REST;;", "ClientAppId": APP, "AppId": "00000003-0000-0000-c000-000000000000", "MailboxOwnerUPN": "ana@example.com", "OperationCount": 7,
        "AppAccessContext": {"UniqueTokenId": "tok-1", "AADSessionId": "s", "ClientAppId": APP, "IssuedAtTime": "2026-11-19T09:00:00"},
        "Folders": [{"Path": "\\Inbox", "FolderItems": [{"InternetMessageId": "<a>", "SizeInBytes": 100}, {"InternetMessageId": "<b>", "SizeInBytes": 50}]}]
    });
    for (key, value) in change.as_object().unwrap() {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(key);
        } else {
            base[key] = value.clone();
        }
    }
    base
}

#[test]
fn records_are_read_in_every_container() {
    let plain = record(&json!({}));
    let export = json!({"RecordType": "50", "CreationDate": "2026-11-19T10:00:00.0000000Z", "UserIds": "Ana@Example.com", "Operations": "MailItemsAccessed", "AuditData": plain.to_string(), "ResultIndex": "1"});
    let empty = json!({"RecordType": "50", "CreationDate": "2026-11-19T10:00:00.0000000Z", "UserIds": "Ana@Example.com", "Operations": "MailItemsAccessed"});
    let search = json!({"id": "x", "createdDateTime": "2026-11-19T10:00:00Z", "auditLogRecordType": "exchangeItemAggregated", "operation": "MailItemsAccessed", "userId": "Ana@Example.com", "auditData": plain});
    let shipped = json!({"o365audit": plain, "event": {"kind": "x"}});
    let hunting = json!({"Timestamp": "2026-11-19T10:00:00Z", "ActionType": "MailItemsAccessed", "RawEventData": plain.to_string()});
    let streamed = json!({"time": "2026-11-19T10:05:00Z", "tenantId": TENANT, "operationName": "Publish", "category": "AdvancedHunting-CloudAppEvents", "properties": {"Timestamp": "2026-11-19T10:00:00Z", "ActionType": "MailItemsAccessed", "RawEventData": plain}});
    let row = json!({"time": "2026-11-19T10:05:00Z", "category": "AdvancedHunting-CloudAppEvents", "properties": {"Timestamp": "2026-11-19T10:00:00Z", "ActionType": "MailItemsAccessed", "Application": "Microsoft Exchange Online", "ApplicationId": 20893, "AccountId": "Ana@Example.com", "AccountType": "Regular", "IPAddress": "2001:db8::1", "RawEventData": {}}});
    let lower: Value = Value::Object(plain.as_object().unwrap().iter().map(|(key, value)| (key.to_lowercase(), value.clone())).collect());
    let table = json!({"TenantId": "workspace", "TimeGenerated [UTC]": "11/19/2026, 10:00:00.000 AM", "Type": "OfficeActivity", "RecordType": "ExchangeItem", "Operation": "MailItemsAccessed", "OrganizationId": TENANT, "UserType": "Regular", "OfficeWorkload": "Exchange",
        "UserId": "Ana@Example.com", "Client_IPAddress": "2001:db8::1", "OfficeId": "r1", "ClientInfoString": "Client=REST;;", "OperationCount": "7"});
    for (what, value) in [
        ("plain", &plain),
        ("export", &export),
        ("empty export", &empty),
        ("search", &search),
        ("shipped", &shipped),
        ("hunting", &hunting),
        ("streamed", &streamed),
        ("another product's row", &row),
        ("lower case", &lower),
        ("table", &table),
    ] {
        look(value, what, |e| {
            e.principal.id == "ana@example.com"
                && e.principal.platform == "entra"
                && &*e.action == "MailItemsAccessed"
                && e.time == Timestamp::parse("2026-11-19T10:00:00Z").unwrap()
                && e.class == ActionClass::Read
        });
    }
    look(&table, "table", |e| {
        e.rows == Some(7)
            && e.provider_id.as_deref() == Some("r1")
            && e.tenant.as_deref() == Some(TENANT)
            && e.source.as_deref() == Some("2001:db8::1")
    });
    look(&plain, "plain", |e| {
        e.rows == Some(7)
            && e.bytes == Some(150)
            && e.session.as_deref() == Some("tok-1")
            && e.session_issued == Timestamp::parse("2026-11-19T09:00:00Z")
            && e.credential.as_ref().is_some_and(|c| c.id == APP && c.kind == "oauth_access")
            && e.principal.evidence == KindEvidence::OAUTH_APP
            && e.domain.as_deref() == Some("ana@example.com")
            && e.target.is_none()
            && e.agent.as_deref() == Some("Client=REST;;")
    });
}

#[test]
fn who_acts_is_told_apart() {
    let cases: Vec<(&str, Value, Holds)> = vec![
        (
            "an application with a known object",
            record(&json!({"UserType": 6, "UserId": format!("ServicePrincipal_{SP}"), "Actor": [{"ID": "billing-export", "Type": 1}]})),
            |e| {
                e.principal.id == SP
                    && e.principal.name.as_deref() == Some("billing-export")
                    && e.credential.is_none()
                    && e.principal.evidence.has(KindEvidence::SERVICE_ACCOUNT)
                    && e.target.as_deref() == Some("ana@example.com")
            },
        ),
        (
            "an application behind the interface's name",
            record(
                &json!({"UserType": 5, "UserId": "app@sharepoint", "UserKey": "i:0i.t|00000003-0000-0ff1-ce00-000000000000|app@sharepoint"}),
            ),
            |e| e.principal.id == format!("app:{APP}") && e.principal.name.as_deref() == Some("app@sharepoint"),
        ),
        ("an application by its own id", record(&json!({"UserType": "Application", "UserId": APP})), |e| {
            e.principal.id == format!("app:{APP}")
        }),
        ("an application by object and directory", record(&json!({"UserType": 5, "UserId": format!("{SP}@{TENANT}")})), |e| {
            e.principal.id == SP
        }),
        ("an application by its token", record(&json!({"UserType": 5, "UserId": "app@sharepoint", "TokenObjectId": SP})), |e| {
            e.principal.id == SP
        }),
        (
            "an application among the actors of a change",
            record(
                &json!({"UserType": 4, "UserId": "x", "Actor": [{"ID": "Deployer", "Type": 1}, {"ID": APP, "Type": 2}, {"ID": SP, "Type": 2}, {"ID": "ServicePrincipal", "Type": 2}]}),
            ),
            |e| e.principal.id == SP && e.principal.name.as_deref() == Some("Deployer"),
        ),
        (
            "an application without an id",
            record(&json!({"UserType": 5, "UserId": "app@sharepoint", "ClientAppId": null, "AppAccessContext": null})),
            |e| e.principal.id == "app@sharepoint",
        ),
        ("the system", record(&json!({"UserType": 4, "UserId": "DlpAgent"})), |e| {
            e.principal.id == "DlpAgent" && e.principal.evidence == KindEvidence::PROVIDER_SERVICE
        }),
        ("the system by name", record(&json!({"UserId": "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)"})), |e| {
            e.principal.evidence == KindEvidence::PROVIDER_SERVICE
        }),
        (
            "a person at a screen",
            record(
                &json!({"ClientAppId": "1fec8e78-bce4-4aaf-ab1b-5451cc387264", "AppAccessContext": null, "UserAgent": "Mozilla/5.0 (X11)"}),
            ),
            |e| e.principal.evidence == KindEvidence::UI,
        ),
        ("a person in the browser's mailbox", record(&json!({"ClientInfoString": "Client=OWA;Mozilla/5.0 (X11);"})), |e| {
            e.principal.evidence == KindEvidence::UI
        }),
        ("Microsoft's server for a person", record(&json!({"UserAgent": "MSWAC", "AppAccessContext": null, "ClientAppId": null})), |e| {
            e.via_provider && e.principal.id == "ana@example.com"
        }),
        ("nobody, but a key", record(&json!({"UserId": "Not Available", "UserKey": "9b117c67-170e-4aed-9702-658b3fddc889"})), |e| {
            e.principal.id == "9b117c67-170e-4aed-9702-658b3fddc889"
        }),
    ];
    for (what, record, holds) in cases {
        look(&record, what, holds);
    }
}

#[test]
fn workloads_say_what_they_can() {
    let directory = json!({"RecordType": 8, "Workload": "AzureActiveDirectory", "Operation": "Add service principal credentials.", "ResultStatus": "Failure", "ObjectId": "x", "Actor": [{"ID": "ana@example.com", "Type": 5}], "MailboxOwnerUPN": null,
        "Target": [{"ID": format!("ServicePrincipal_{SP}"), "Type": 2}, {"ID": "ServicePrincipal", "Type": 2}], "ExtendedProperties": [{"Name": "additionalDetails", "Value": "{\"User-Agent\":\"python/3.12\"}"}], "ClientInfoString": null});
    let consent = json!({"Workload": "AzureActiveDirectory", "Operation": "Consent to application.", "MailboxOwnerUPN": null,
        "ModifiedProperties": [{"Name": "ConsentAction.Permissions", "NewValue": "[] => [[Id: 1, Scope:  Mail.Read offline_access, CreatedDateTime: ]]", "OldValue": ""}]});
    let login = json!({"Workload": "AzureActiveDirectory", "RecordType": 15, "Operation": "UserLoginFailed", "ResultStatus": "Success", "LogonError": "InvalidUserNameOrPassword", "ActorIpAddress": "198.51.100.7", "ClientIPAddress": "<null>",
        "ExtendedProperties": [{"Name": "UserAgent", "Value": "Mozilla/5.0"}]});
    let file = json!({"Workload": "SharePoint", "RecordType": 6, "Operation": "FileDownloaded", "ResultStatus": null, "SiteUrl": "https://x.sharepoint.com/sites/pay/", "ObjectId": "https://x.sharepoint.com/sites/pay/a.xlsx", "FileSizeBytes": 12, "OperationCount": null, "Folders": null,
        "AppAccessContext": {"IssuedAtTime": "1601-01-01T00:00:00", "ClientAppId": APP}});
    let cases: Vec<(&str, Value, Holds)> = vec![
        ("directory", record(&directory), |e| {
            e.class == ActionClass::Secret
                && e.target.as_deref() == Some(SP)
                && e.outcome == Outcome::Error
                && e.agent.as_deref() == Some("python/3.12")
                && &*e.action == "Add service principal credentials."
        }),
        ("consent", record(&consent), |e| e.class == ActionClass::Token && e.scopes.as_deref() == Some("Mail.Read offline_access")),
        ("failed sign-in that says success", record(&login), |e| {
            (e.outcome, e.error.as_deref()) == (Outcome::Denied, Some("InvalidUserNameOrPassword"))
                && e.source.as_deref() == Some("198.51.100.7")
                && e.class == ActionClass::Auth
        }),
        ("a file, no status, a token from the year 1601", record(&file), |e| {
            e.outcome == Outcome::Success
                && e.domain.as_deref() == Some("https://x.sharepoint.com/sites/pay/")
                && e.bytes == Some(12)
                && e.session_issued.is_none()
                && e.class == ActionClass::Export
                && e.rows.is_none()
        }),
        ("items are counted where no count is given", record(&json!({"OperationCount": null})), |e| e.rows == Some(2)),
        (
            "no address in the first member",
            record(&json!({"ClientIPAddress": "NOTANIP (10.9000.0.1)", "ClientIP": "198.51.100.7:1"})),
            |e| e.source.as_deref() == Some("198.51.100.7:1"),
        ),
    ];
    for (what, record, holds) in cases {
        look(&record, what, holds);
    }
}

#[test]
fn findings_are_about_whom_they_name() {
    let alert = json!({"RecordType": 40, "Workload": "SecurityComplianceCenter", "Operation": "AlertTriggered", "UserType": 4, "UserId": "SecurityComplianceAlerts", "Severity": "Low", "Name": "Elevation of Exchange admin privilege", "Data": "{\"f3u\":\"Bob@Example.com\"}"});
    let leak = json!({"RecordType": 13, "Operation": "DlpRuleMatch", "UserType": 4, "UserId": "DlpAgent", "ExchangeMetaData": {"From": "Bob@Example.com"}, "PolicyDetails": [{"PolicyName": "p", "Rules": [{"RuleName": "High volume", "Severity": "High", "Actions": ["BlockAccess"]}]}]});
    let mut excused = leak.clone();
    excused["ExceptionInfo"] = json!({"FalsePositive": true});
    let cases: Vec<(&str, Value, Holds)> = vec![
        ("alert", record(&alert), |e| {
            e.finding
                && e.principal.id == "bob@example.com"
                && e.tags.as_deref() == Some("finding:purview_alert:low:Elevation of Exchange admin privilege")
                && e.class == ActionClass::Logging
        }),
        ("data loss, stopped", record(&leak), |e| {
            e.finding
                && e.principal.id == "bob@example.com"
                && e.outcome == Outcome::Denied
                && e.tags.as_deref() == Some("finding:purview_dlp:high:High volume")
        }),
        (
            "cloud apps",
            record(
                &json!({"RecordType": 98, "Operation": "MCAS_ALERT_ANUBIS_DETECTION_VELOCITY", "AlertDisplayName": "Impossible travel", "AlertSeverity": "Medium"}),
            ),
            |e| {
                e.finding
                    && e.principal.id == "ana@example.com"
                    && e.tags.as_deref() == Some("finding:defender_cloud_apps:medium:Impossible travel")
            },
        ),
        ("data loss, excused", record(&excused), |e| e.outcome == Outcome::Success),
    ];
    for (what, record, holds) in cases {
        look(&record, what, holds);
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    for (change, part) in [
        (json!({"CreationTime": null}), "no CreationTime"),
        (json!({"Operation": null}), "no Operation"),
        (json!({"UserId": null, "UserKey": null}), "no UserId"),
    ] {
        let reason = M365Ual.read(&record(&change).to_string(), &mut |event| panic!("read as {event:?}")).unwrap_err().to_string();
        assert!(reason.contains(part), "{change}: {reason}");
    }
    for other in
        [json!({"Operation": "x", "RecordType": 1}), json!({"CreationTime": "x", "Operation": "y"}), json!({"AuditData": "{\"a\":1}"})]
    {
        assert_eq!(recognise(&other.to_string()).map(Format::name), None, "{other}");
    }
}
