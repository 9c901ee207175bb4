//! One alert of every shape, and whom it must find.

use super::*;
use crate::format::recognise;
use crate::model::KindEvidence;
use serde_json::json;

const SP: &str = "0b1c2d3e-1111-4222-8333-444455556666";
const APP: &str = "aaaabbbb-1111-4222-8333-444455556666";
const USER: &str = "99998888-1111-4222-8333-444455556666";

/// What an alert gives: principal, tag, id.
fn findings(record: &Value) -> Vec<(String, String, Option<String>)> {
    let text = record.to_string();
    assert_eq!(recognise(&text).map(Format::name), Some(NAME), "{text}");
    let mut out = Vec::new();
    MsftAlerts
        .read(&text, &mut |event| {
            assert!(event.finding && event.class == ActionClass::Logging && event.principal.platform == "entra", "{event:?}");
            out.push((
                event.principal.id.to_string(),
                event.tags.clone().unwrap_or_default().into_owned(),
                event.provider_id.map(Cow::into_owned),
            ));
        })
        .unwrap_or_else(|refusal| panic!("{refusal}: {record}"));
    out
}

#[test]
fn alerts_of_every_product_find_their_identities() {
    let second = json!({
        "@odata.type": "#microsoft.graph.security.alert", "id": "da1", "providerAlertId": "da1", "incidentId": "7", "status": "new", "severity": "high", "serviceSource": "microsoftDefenderForCloudApps", "detectionSource": "appGovernancePolicy",
        "title": "Unusual data access\nby an app", "category": "Exfiltration", "createdDateTime": "2026-11-19T10:00:00.1Z", "tenantId": "t",
        "evidence": [
            {"@odata.type": "#microsoft.graph.security.userEvidence", "userAccount": {"accountName": "ana", "azureAdUserId": USER, "userPrincipalName": "Ana@Example.com"}},
            {"@odata.type": "#microsoft.graph.security.oauthApplicationEvidence", "appId": APP, "displayName": "Mail Sync", "objectId": SP},
            {"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": "198.51.100.7"},
            {"@odata.type": "#microsoft.graph.security.deviceEvidence", "loggedOnUsers": [{"accountName": "svc"}], "deviceDnsName": "h"}
        ]
    });
    let tag = "finding:microsoft_defender_for_cloud_apps:high:Unusual data access by an app".to_owned();
    assert_eq!(
        findings(&second),
        [(SP.to_owned(), tag.clone(), Some(format!("da1#{SP}"))), (USER.to_owned(), tag, Some(format!("da1#{USER}")))]
    );

    let first = json!({
        "id": "a1", "azureTenantId": "t", "category": "AnonymousLogin", "createdDateTime": "2026-11-19T10:00:00Z", "eventDateTime": "2026-11-19T09:59:00Z", "severity": "medium", "title": "Anonymous IP address",
        "vendorInformation": {"provider": "IPC", "vendor": "Microsoft"}, "userStates": [{"aadUserId": USER, "userPrincipalName": "ana@example.com", "logonIp": "198.51.100.7"}]
    });
    assert_eq!(findings(&first), [(USER.to_owned(), "finding:ipc:medium:Anonymous IP address".to_owned(), Some("a1".to_owned()))]);

    let rows = json!({
        "TimeGenerated [UTC]": "11/19/2026, 10:00:00.000 AM", "Type": "SecurityAlert", "SystemAlertId": "s1", "AlertName": "x", "DisplayName": "Suspicious app", "AlertSeverity": "High", "ProductName": "Azure Sentinel",
        "Entities": format!("[{{\"Type\":\"account\",\"Name\":\"bob\",\"UPNSuffix\":\"example.com\"}},{{\"Type\":\"ip\",\"Address\":\"198.51.100.7\"}},{{\"Type\":\"cloud-application\",\"AppId\":20893,\"Name\":\"SharePoint\"}},{{\"Type\":\"host\",\"HostName\":\"h\"}},{{\"Type\":\"account\",\"AadUserId\":\"{USER}\"}}]")
    });
    let found: Vec<String> = findings(&rows).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(found, ["bob@example.com", USER]);

    let streamed = json!({"time": "2026-11-19T10:00:00Z", "tenantId": "t", "operationName": "Publish", "category": "AdvancedHunting-AlertEvidence",
        "properties": {"AlertId": "d1", "Timestamp": "2026-11-19T10:00:00Z", "Title": "Token theft", "Severity": "High", "ServiceSource": "Microsoft Defender for Identity", "EntityType": "User", "AccountObjectId": USER, "AccountUpn": "ana@example.com"}});
    assert_eq!(
        findings(&streamed),
        [(USER.to_owned(), "finding:microsoft_defender_for_identity:high:Token theft".to_owned(), Some("d1".to_owned()))]
    );
    let app = json!({"Timestamp": "2026-11-19T10:00:00Z", "Type": "AlertEvidence", "AlertId": "d2", "Title": "Risky app", "Severity": "Low", "ServiceSource": "App Governance", "EntityType": "OAuthApplication", "OAuthApplicationId": APP, "Application": "Mail Sync"});
    assert_eq!(findings(&app)[0].0, format!("app:{APP}"));

    let xdr = json!({"alertId": "x1", "incidentId": 7, "severity": "High", "title": "T", "serviceSource": "MicrosoftDefenderForIdentity", "creationTime": "2026-11-19T10:00:00Z", "entities": [{"entityType": "User", "accountName": "ana", "aadUserId": USER, "userPrincipalName": "ana@example.com"}, {"entityType": "Process", "accountName": "root"}]});
    assert_eq!(findings(&xdr).len(), 1);
    let incident = json!({"incidentId": 7, "incidentName": "i", "severity": "High", "alerts": [xdr]});
    assert_eq!(findings(&incident)[0].0, USER);

    // Graph's incidents, with a session in the cloud as evidence.
    let session = json!({"@odata.type": "#microsoft.graph.security.cloudLogonSessionEvidence", "sessionId": "s",
        "account": {"@odata.type": "#microsoft.graph.security.userEvidence", "userAccount": {"azureAdUserId": USER, "userPrincipalName": "ana@example.com"}}});
    let software = json!({"@odata.type": "#microsoft.graph.security.servicePrincipalEvidence", "servicePrincipalName": "Sync", "servicePrincipalObjectId": SP, "servicePrincipalType": "application", "appId": APP});
    let alert = |id: &str, evidence: &Value| json!({"id": id, "providerAlertId": id, "severity": "high", "title": "T", "serviceSource": "azureAdIdentityProtection", "detectionSource": "x", "createdDateTime": "2026-11-19T10:00:00Z", "evidence": [evidence]});
    let incident = json!({"id": "i1", "displayName": "I", "severity": "high", "determination": "unknown", "incidentWebUrl": "x", "createdDateTime": "2026-11-19T10:00:00Z",
        "alerts": [alert("g1", &session), alert("g2", &software)]});
    let found: Vec<String> = findings(&incident).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(found, [USER, SP]);
}

#[test]
fn an_alert_about_nobody_is_no_ones() {
    let host = json!({"alertId": "x1", "incidentId": 7, "severity": "High", "title": "T", "serviceSource": "MicrosoftDefenderForEndpoint", "creationTime": "2026-11-19T10:00:00Z", "entities": [{"entityType": "File", "sha1": "x"}]});
    let refusal = MsftAlerts.read(&host.to_string(), &mut |event| panic!("read as {event:?}")).unwrap_err();
    assert!(matches!(refusal, Refusal::NotActivity { .. }), "{refusal}");
    for other in
        [json!({"title": "x", "severity": "high"}), json!({"Type": "SecurityAlert"}), json!({"category": "AdvancedHunting-AlertInfo"})]
    {
        assert_eq!(recognise(&other.to_string()).map(Format::name), None, "{other}");
    }
    assert_eq!(
        people::of(&[Node::of(&json!([{"Type": "account", "Name": "x", "UPNSuffix": "y.z"}]))]).first().map(|p| p.evidence),
        Some(KindEvidence::NONE)
    );
}
