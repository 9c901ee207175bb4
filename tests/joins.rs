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
    let lines: Vec<String> = (0..9).map(|n| of(n).to_string()).collect();
    fs::write(path, lines.join("\n") + "\n").unwrap();
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

/// Records of one system, one a line.
fn write(dir: &Path, name: &str, records: &[Value]) -> String {
    let path = dir.join(name);
    fs::write(&path, records.iter().map(|record| record.to_string() + "\n").collect::<String>()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn ids(db: &Path) -> Vec<String> {
    let mut ids: Vec<String> = driftline(db, &["identities"]).iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// Protects a store of several directories: a multi-tenant application has a service principal in each, and a thief in one
/// must not hide behind the habits of the other.
#[test]
fn an_application_in_two_directories_is_two_identities() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("x.db");
    let other = ["eeeeeeee-0000-4000-8000-000000000009", "99999999-0000-4000-8000-000000000009"];
    let moved = |mut record: Value, tenant: &str| {
        for key in ["tenantId", "OrganizationId"] {
            if record.get(key).is_some() {
                record[key] = json!(other[0]);
            }
        }
        if record.get("properties").is_some() {
            record["properties"]["servicePrincipalId"] = json!(other[1]);
            record["properties"]["id"] = json!(format!("{tenant}-{}", record["properties"]["id"]));
        } else {
            record["Id"] = json!(format!("{tenant}-{}", record["Id"]));
        }
        record
    };
    let mut records: Vec<Value> = (0..4).flat_map(|n| [sign_in(n), read_mail(n)]).collect();
    records.extend((0..4).flat_map(|n| [moved(sign_in(n), "b"), moved(read_mail(n), "b")]));
    let (signs, mails): (Vec<Value>, Vec<Value>) = records.into_iter().partition(|record| record.get("properties").is_some());
    let paths = [write(dir.path(), "s.json", &signs), write(dir.path(), "m.json", &mails)];
    driftline(&db, &["load", &paths[0], &paths[1]]);
    assert_eq!(ids(&db), [other[1], OBJECT]);
    for row in driftline(&db, &["identities"]) {
        assert_eq!(row["events"], json!(8), "each has its own sign-ins and calls: {row}");
    }
    let said = Command::new(env!("CARGO_BIN_EXE_driftline")).arg("--db").arg(&db).args(["show", &format!("app:{APP}")]).output().unwrap();
    assert!(String::from_utf8_lossy(&said.stderr).contains("could be"), "without its directory it could be either");
}

/// A call in AWS by a role, by a user or of a service, as CloudTrail writes it.
fn trail(n: u32, who: &Value, name: &str, request: &Value, response: &Value) -> Value {
    let source = if name.starts_with("AssumeRole") { "sts.amazonaws.com" } else { "iam.amazonaws.com" };
    json!({"eventVersion": "1.08", "userIdentity": who, "eventTime": format!("2026-11-01T{:02}:00:00Z", n % 24), "eventSource": source,
        "eventName": name, "awsRegion": "eu-west-1", "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2", "requestParameters": request,
        "responseElements": response, "eventID": format!("t-{n}"), "eventType": "AwsApiCall", "recipientAccountId": "111122223333"})
}

fn user(name: &str) -> Value {
    json!({"type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": format!("arn:aws:iam::111122223333:user/ops/{name}"), "accountId": "111122223333", "userName": name, "accessKeyId": "AKIAEXAMPLE"})
}

fn role(path: &str, name: &str) -> Value {
    json!({"type": "AssumedRole", "principalId": "AROAEXAMPLE:run-7", "arn": format!("arn:aws:sts::111122223333:assumed-role/{name}/run-7"), "accountId": "111122223333",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::111122223333:role/{path}{name}"), "userName": name}}})
}

/// A request to a cluster.
fn request(n: u32, user: &Value) -> Value {
    json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": format!("k-{n}"), "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/shop/secrets/db", "verb": "get", "user": user, "sourceIPs": ["198.51.100.7"], "userAgent": "kubectl/1",
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": "db", "apiVersion": "v1"}, "responseStatus": {"code": 200},
        "requestReceivedTimestamp": "2026-11-01T08:00:00.000000Z", "stageTimestamp": "2026-11-01T08:00:00.100000Z"})
}

/// A call in Google Cloud.
fn cloud(n: u32, email: &str, method: &str, on: &str) -> Value {
    json!({"insertId": format!("g-{n}"), "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity", "timestamp": format!("2026-11-01T{:02}:00:00Z", n % 24),
        "resource": {"type": "service_account", "labels": {"project_id": "p"}},
        "protoPayload": {"@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": "iam.googleapis.com", "methodName": method,
            "resourceName": on, "authenticationInfo": {"principalEmail": email}, "requestMetadata": {"callerIp": "198.51.100.7", "callerSuppliedUserAgent": "gcloud/1"}}})
}

const ROBOT: &str = "robot@p.iam.gserviceaccount.com";

/// Protects the joins across systems, in any order of files: a role whatever its path and who tells of it, a service account
/// of Google in a cluster; and what must not join: people by their address, roles of other accounts.
#[test]
fn names_that_only_one_thing_has_join_systems() {
    let dir = tempfile::tempdir().unwrap();
    let (none, ana) = (json!({}), "ana@example.com");
    let files = [
        write(dir.path(), "aws.json", &[trail(1, &role("ci/", "deploy"), "ListUsers", &none, &none)]),
        write(
            dir.path(),
            "k8s.json",
            &[
                request(1, &json!({"username": "arn:aws:sts::111122223333:assumed-role/deploy/run-9"})),
                request(2, &json!({"username": "arn:aws:sts::999922223333:assumed-role/deploy/run-9"})),
                request(3, &json!({"username": ROBOT})),
                request(4, &json!({"username": ana})),
            ],
        ),
        write(
            dir.path(),
            "gcp.json",
            &[cloud(1, ROBOT, "google.iam.admin.v1.ListRoles", "projects/p"), cloud(2, ana, "google.iam.admin.v1.ListRoles", "projects/p")],
        ),
    ];
    let mut seen = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let db = dir.path().join(format!("{}.db", order.map(|n| n.to_string()).concat()));
        for n in order {
            driftline(&db, &["load", &files[n]]);
        }
        seen.push(ids(&db));
        let events = |id: &str| driftline(&db, &["events", "--filter", &format!("identity:\"{id}\"")]).len();
        assert_eq!((events("arn:aws:iam::111122223333:role/ci/deploy"), events(ROBOT)), (2, 2));
        let session = driftline(&db, &["show", "arn:aws:sts::111122223333:assumed-role/deploy/anything"]);
        assert_eq!(session[0]["id"], json!("arn:aws:iam::111122223333:role/ci/deploy"), "any form of its name finds it");
    }
    let expected =
        [ana, ana, "arn:aws:iam::111122223333:role/ci/deploy", "arn:aws:iam::999922223333:role/deploy", ROBOT].map(str::to_owned).to_vec();
    assert_eq!(seen, [expected.clone(), expected.clone(), expected]);
}

/// Protects what people declare: one identity on several systems, and two again when it is no longer said.
#[test]
fn an_inventory_joins_and_parts() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("x.db");
    let files = [
        write(dir.path(), "aws.json", &[trail(1, &role("", "deploy"), "ListUsers", &json!({}), &json!({}))]),
        write(dir.path(), "gcp.json", &[cloud(1, ROBOT, "google.iam.admin.v1.ListRoles", "projects/p")]),
    ];
    let inventory = dir.path().join("own.toml");
    fs::write(
        &inventory,
        format!("[[identity]]\nid = \"{ROBOT}\"\nids = [\"aws:arn:aws:iam::111122223333:role/deploy\"]\nowner = \"ops@example.com\"\n"),
    )
    .unwrap();
    driftline(&db, &["load", &files[0], "--inventory", inventory.to_str().unwrap()]);
    driftline(&db, &["load", &files[1]]);
    let rows = driftline(&db, &["identities"]);
    assert_eq!((rows.len(), &rows[0]["events"], &rows[0]["owner"]), (1, &json!(2), &json!("ops@example.com")), "{rows:#?}");
    fs::write(&inventory, format!("[[identity]]\nid = \"{ROBOT}\"\nowner = \"ops@example.com\"\n")).unwrap();
    driftline(&db, &["load", &files[1], "--inventory", inventory.to_str().unwrap()]);
    let rows = driftline(&db, &["identities"]);
    assert_eq!((rows.len(), &rows[0]["events"], &rows[1]["events"]), (2, &json!(1), &json!(1)), "{rows:#?}");
}

/// Protects lineage: the name a call gives its target is the one under which the target acts, in each system.
#[test]
fn lineage_leads_from_one_identity_to_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("x.db");
    let none = json!({});
    let path = write(
        dir.path(),
        "aws.json",
        &[
            trail(
                1,
                &user("ana"),
                "CreateAccessKey",
                &json!({"userName": "svc"}),
                &json!({"accessKey": {"userName": "svc", "accessKeyId": "AKIAMADE", "status": "Active"}}),
            ),
            trail(
                2,
                &user("svc"),
                "AssumeRole",
                &json!({"roleArn": "arn:aws:iam::111122223333:role/ci/deploy", "roleSessionName": "a"}),
                &none,
            ),
            trail(
                3,
                &user("svc"),
                "AssumeRole",
                &json!({"roleArn": "arn:aws:iam::111122223333:role/ci/deploy", "roleSessionName": "b"}),
                &none,
            ),
            trail(4, &role("ci/", "deploy"), "ListUsers", &none, &none),
        ],
    );
    let google = write(
        dir.path(),
        "gcp.json",
        &[
            cloud(1, ROBOT, "google.iam.admin.v1.ListRoles", "projects/p"),
            cloud(2, "ana@example.com", "google.iam.admin.v1.CreateServiceAccountKey", &format!("projects/-/serviceAccounts/{ROBOT}")),
        ],
    );
    driftline(&db, &["load", &google, &path]);
    // A second load changes nothing.
    driftline(&db, &["load", &path]);
    let ties = |id: &str| -> Vec<(String, String, u64)> {
        let shown = driftline(&db, &["show", id]);
        let rows = shown[0]["lineage"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| (row["tie"].as_str().unwrap().into(), row["id"].as_str().unwrap().into(), row["events"].as_u64().unwrap()))
            .collect()
    };
    let of = |tie: &str, id: &str, events: u64| (tie.to_owned(), id.to_owned(), events);
    let (ana, svc) = ("arn:aws:iam::111122223333:user/ops/ana", "arn:aws:iam::111122223333:user/ops/svc");
    let deploy = "arn:aws:iam::111122223333:role/ci/deploy";
    assert_eq!(ties(svc), [of("minted_by", ana, 1), of("assumed", deploy, 2)]);
    assert_eq!(ties(deploy), [of("assumed_by", svc, 2)]);
    assert_eq!(ties(ana), [of("minted", svc, 1)]);
    assert_eq!(ties(ROBOT), [of("minted_by", "ana@example.com", 1)]);
    let text = Command::new(env!("CARGO_BIN_EXE_driftline")).arg("--db").arg(&db).args(["show", deploy]).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains(&format!("assumed by {svc} (svc), 2 times, 2026-11-01T02:00:00Z to 2026-11-01T03:00:00Z")), "{text}");
    let review = Command::new(env!("CARGO_BIN_EXE_driftline")).arg("--db").arg(&db).args(["review", deploy]).output().unwrap();
    assert!(String::from_utf8(review.stdout).unwrap().contains("## Lineage"));
}

/// Protects workloads: a SPIFFE id is one principal whatever its spelling and pod, of its trust domain, and a workload.
#[test]
fn a_spiffe_id_is_a_workload_of_its_trust_domain() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("x.db");
    let path = write(
        dir.path(),
        "k8s.json",
        &[
            request(1, &json!({"username": "spiffe://acme.example/ns/shop/sa/cart"})),
            request(2, &json!({"username": "SPIFFE://Acme.Example/ns/shop/sa/cart/pod/cart-5d4f8b7c9-x2k4q"})),
        ],
    );
    driftline(&db, &["load", &path]);
    let rows = driftline(&db, &["identities"]);
    assert_eq!(rows.len(), 1, "{rows:#?}");
    assert_eq!(
        (&rows[0]["id"], &rows[0]["kind"], &rows[0]["tenant"], &rows[0]["reason"]),
        (
            &json!("spiffe://acme.example/ns/shop/sa/cart"),
            &json!("workload_role"),
            &json!("acme.example"),
            &json!("a SPIFFE id, which only workloads have")
        )
    );
}
