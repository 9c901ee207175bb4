//! One identity over several logs: records that give two ids of whoever acted join what other logs know by one of them,
//! whatever order the files come in. Driven through the program, as an analyst would.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage has failed")]

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

const OBJECT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const APP: &str = "bbbbbbbb-0000-4000-8000-000000000002";

fn driftline(db: &Path, args: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_driftline")).arg("--db").arg(db).args(args).arg("--json").output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A sign-in of a service principal: it has both ids.
fn sign_in(n: u32) -> Value {
    json!({"time": format!("2026-11-0{}T08:00:00Z", 1 + n % 9), "category": "ServicePrincipalSignInLogs", "operationName": "Sign-in activity",
        "tenantId": "cccccccc-0000-4000-8000-000000000003", "resultType": "0",
        "properties": {"id": format!("sign-in-{n}"), "createdDateTime": format!("2026-11-0{}T08:00:00Z", 1 + n % 9), "appId": APP,
            "servicePrincipalId": OBJECT, "servicePrincipalName": "crm-sync", "ipAddress": "198.51.100.7",
            "servicePrincipalCredentialKeyId": "dddddddd-0000-4000-8000-000000000004", "status": {"errorCode": 0}}})
}

/// A call with an application permission: the unified audit log knows the application only.
fn read_mail(n: u32) -> Value {
    json!({"CreationTime": format!("2026-11-0{}T08:30:00", 1 + n % 9), "Id": format!("mail-{n}"), "Operation": "MailItemsAccessed", "RecordType": 50,
        "Workload": "Exchange", "OrganizationId": "cccccccc-0000-4000-8000-000000000003", "UserType": 5, "UserId": "app@sharepoint",
        "ResultStatus": "Succeeded", "ClientIPAddress": "198.51.100.7", "ClientAppId": APP, "AppId": "00000003-0000-0000-c000-000000000000",
        "AppAccessContext": {"ClientAppId": APP, "APIId": "00000003-0000-0000-c000-000000000000"}, "OperationCount": 3})
}

fn lines(path: &Path, of: impl Fn(u32) -> Value) {
    let text: String = (0..9).map(|n| format!("{}\n", of(n))).collect();
    fs::write(path, text).unwrap();
}

#[test]
fn an_application_and_its_service_principal_are_one_identity_in_any_order() {
    let dir = tempfile::tempdir().unwrap();
    let (signs, mails) = (dir.path().join("signins.json"), dir.path().join("ual.json"));
    lines(&signs, sign_in);
    lines(&mails, read_mail);
    let mut seen: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
    for order in [[&signs, &mails], [&mails, &signs]] {
        let db = dir.path().join(format!("{}.db", seen.len()));
        for path in order {
            driftline(&db, &["load", path.to_str().unwrap()]);
        }
        let identities = driftline(&db, &["identities"]);
        assert_eq!(identities.len(), 1, "{identities:#?}");
        assert_eq!((&identities[0]["id"], &identities[0]["events"]), (&json!(OBJECT), &json!(18)), "the least id stands for both");
        assert_eq!(identities[0]["active_days"], json!(9));
        // Either id finds all of it.
        for id in [OBJECT.to_owned(), format!("app:{APP}")] {
            let shown = driftline(&db, &["show", &id]);
            assert_eq!(shown.len(), 1, "{id}");
        }
        let mut events = driftline(&db, &["events", "--filter", &format!("identity:{OBJECT}"), "--limit", "100"]);
        assert_eq!(events.len(), 18);
        for event in &mut events {
            let event = event.as_object_mut().unwrap();
            for noise in ["ingested", "feed", "origin"] {
                event.remove(noise);
            }
        }
        seen.push((identities, events));
    }
    assert_eq!(seen[0], seen[1]);
}
