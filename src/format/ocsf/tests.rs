//! Records of several products and versions, written for these tests.

use super::*;
use crate::format::{by_name, recognise};
use crate::model::{ActionClass as C, KindEvidence as E};
use proptest::prelude::*;
use serde_json::{Value, json};

/// One record of every shape.
pub const SAMPLES: &[&str] = &[ROLE, ROLE_RC2, LOGIN, OKTA, GENERIC, FINDING, JOINED];

/// A role's session, 1.1.
const ROLE: &str = r#"{"class_uid":6003,"category_uid":6,"activity_id":1,"type_uid":600301,"time":1795082400000,"severity_id":1,"actor":{"session":{"created_time_dt":"2026-11-19T09:30:00Z","is_mfa":false,"issuer":"arn:aws:iam::111122223333:role/etl"},"user":{"account":{"uid":"111122223333"},"credential_uid":"ASIAEXAMPLE","type":"AssumedRole","uid":"arn:aws:sts::111122223333:assumed-role/etl/nightly","uid_alt":"AROAEXAMPLE:nightly"}},"api":{"operation":"GetObject","request":{"data":"{\"bucketName\":\"payroll\",\"key\":\"2026/11.csv\"}","uid":"r1"},"response":{"error":null},"service":{"name":"s3.amazonaws.com"}},"cloud":{"provider":"AWS","region":"eu-west-1"},"http_request":{"user_agent":"Boto3/1.34"},"metadata":{"uid":"e1","version":"1.1.0","product":{"name":"CloudTrail","vendor_name":"AWS","version":"1.08","feature":{"name":"Data"}}},"src_endpoint":{"ip":"198.51.100.7"},"status":"Success","status_id":1,"resources":[{"uid":"arn:aws:s3:::payroll/2026/11.csv","type":"AWS::S3::Object"}],"unmapped":{"recipientAccountId":"111122223333","userIdentity.sessionContext.sessionIssuer.userName":"etl","additionalEventData.bytesTransferredOut":"2048.0"}}"#;

/// The same session as 1.0-rc.2 wrote it: ids the other way round, no issuer.
const ROLE_RC2: &str = r#"{"class_uid":3005,"category_uid":3,"activity_id":2,"time":1795082400000,"actor":{"session":{"issuer":"arn:aws:iam::111122223333:role/etl","mfa":false},"user":{"account_uid":"111122223333","type":"AssumedRole","uid":"AROAEXAMPLE:nightly","uuid":"arn:aws:sts::111122223333:assumed-role/etl/nightly"}},"api":{"operation":"ListBuckets","service":{"name":"s3.amazonaws.com"}},"metadata":{"uid":"e2","version":"1.0.0-rc.2","product":{"name":"CloudTrail","vendor_name":"AWS"}},"src_endpoint":{"ip":"198.51.100.7"},"status_id":1}"#;

const LOGIN: &str = r#"{"class_uid":3002,"category_uid":3,"activity_id":1,"time":1795082400000,"is_mfa":true,"actor":{"user":{"name":"jane","type":"IAMUser","uid":"arn:aws:iam::111122223333:user/jane","uid_alt":"AIDAEXAMPLE"}},"user":{"uid":"arn:aws:iam::111122223333:user/jane"},"api":{"operation":"ConsoleLogin","service":{"name":"signin.amazonaws.com"}},"metadata":{"uid":"e3","version":"1.1.0","product":{"name":"CloudTrail","vendor_name":"AWS"}},"src_endpoint":{"ip":"198.51.100.8"},"status":"Failure","status_id":2}"#;

const OKTA: &str = r#"{"class_uid":6003,"category_uid":6,"activity_id":1,"time":1795082400,"time_dt":"2026-11-19T10:00:00.000Z","actor":{"session":{"uid":"s1"},"user":{"uid":"00u1","name":"Jane Doe","email_addr":"jane@example.com","type":"User","type_id":1}},"api":{"operation":"system.api_token.create"},"http_request":{"user_agent":"curl/8"},"metadata":{"event_code":"system.api_token.create","uid":"o1","version":"1.3.0","product":{"name":"Okta System Log","vendor_name":"Okta"}},"src_endpoint":{"ip":"198.51.100.9"},"status":"Success","status_id":1,"unmapped":{"transaction":{"type":"WEB","id":"t1"}}}"#;

const GENERIC: &str = r#"{"class_uid":6005,"category_uid":6,"activity_id":4,"time":1795082400123,"actor":{"user":{"uid":"u-7","name":"svc-report","type":"Service","type_id":4},"session":{"uid":"s7"},"app_uid":"app-3","app_name":"Reporter"},"auth_protocol":"OAUTH 2.0","cloud":{"account":{"uid":"acme"},"region":"eu"},"database":{"name":"finance"},"query_info":{"query_string":"select 1","bytes":4096},"metadata":{"uid":"g1","version":"1.4.0","product":{"name":"Warehouse","vendor_name":"Example"}},"src_endpoint":{"hostname":"etl.example.com"},"http_request":{"user_agent":"jdbc/1"},"status_id":2,"status_detail":"Permission denied on table"}"#;

const FINDING: &str = r#"{"class_uid":2004,"category_uid":2,"activity_id":1,"time":1795082400000,"severity_id":4,"finding_info":{"title":"API called from a Tor exit","uid":"f1","types":["UnauthorizedAccess:IAMUser/TorIPCaller"]},"evidences":[{"actor":{"user":{"uid":"arn:aws:sts::111122223333:assumed-role/etl/nightly","type":"AssumedRole"}},"src_endpoint":{"ip":"198.51.100.66"}}],"metadata":{"uid":"m1","version":"1.1.0","product":{"name":"GuardDuty","vendor_name":"AWS"}},"cloud":{"account":{"uid":"111122223333"},"region":"eu-west-1"}}"#;

/// Columns of a table: names joined, objects as text.
const JOINED: &str = r#"{"class_uid":"6003","category_uid":"6","activity_id":"2","time":"1795082400000","metadata":"{\"uid\":\"j1\",\"version\":\"1.1.0\",\"product\":{\"name\":\"CloudTrail\",\"vendor_name\":\"AWS\"}}","actor.user.type":"IAMUser","actor.user.uid":"arn:aws:iam::111122223333:user/svc-backup","actor.user.name":"svc-backup","actor.user.credential_uid":"AKIAIOSFODNN7EXAMPLE","api.operation":"ListUsers","api.service.name":"iam.amazonaws.com","src_endpoint.ip":"198.51.100.7","status_id":"1"}"#;

fn all_of(record: &str) -> Result<Vec<Owned>, Refusal> {
    let mut events = Vec::new();
    Ocsf.read(record, &mut |event| events.push(Owned::of(&event))).map(|()| events)
}

/// What these tests ask of an event.
#[derive(Debug, PartialEq)]
struct Owned {
    principal: (&'static str, String, Option<String>, E),
    action: String,
    class: C,
    outcome: Outcome,
    source: Option<String>,
    agent: Option<String>,
    credential: Option<(String, &'static str)>,
    session: Option<String>,
    tenant: Option<String>,
    time: i64,
    mfa: Option<bool>,
    bytes: Option<u64>,
    resource: Option<String>,
    target: Option<String>,
    tags: Option<String>,
    finding: bool,
    provider_id: Option<String>,
    error: Option<String>,
}

impl Owned {
    fn of(event: &Event<'_>) -> Self {
        let text = |text: &Option<crate::model::event::Text<'_>>| text.as_ref().map(ToString::to_string);
        let p = &event.principal;
        Self {
            principal: (p.platform, p.id.to_string(), text(&p.name), p.evidence),
            action: event.action.to_string(),
            class: event.class,
            outcome: event.outcome,
            source: text(&event.source),
            agent: text(&event.agent),
            credential: event.credential.as_ref().map(|c| (c.id.to_string(), c.kind)),
            session: text(&event.session),
            tenant: text(&event.tenant),
            time: event.time.0,
            mfa: event.mfa,
            bytes: event.bytes,
            resource: text(&event.resource),
            target: text(&event.target),
            tags: text(&event.tags),
            finding: event.finding,
            provider_id: text(&event.provider_id),
            error: text(&event.error),
        }
    }
}

fn one(record: &str) -> Owned {
    let mut events = all_of(record).unwrap();
    assert_eq!(events.len(), 1, "{record}");
    events.remove(0)
}

/// A record with members replaced, null taking one away.
fn with(sample: &str, changes: &Value) -> String {
    let mut value: Value = serde_json::from_str(sample).unwrap();
    for (path, change) in changes.as_object().unwrap() {
        let mut place = &mut value;
        let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
        for parent in parents.split('/').filter(|p| !p.is_empty()) {
            place = &mut place[parent];
        }
        place[name] = change.clone();
    }
    value.to_string()
}

#[test]
fn every_shape_is_recognised_and_nothing_else() {
    for sample in SAMPLES {
        assert_eq!(recognise(sample).map(Format::name), Some(NAME), "{sample}");
    }
    for other in [
        r#"{"class_uid":6003}"#,
        r#"{"class_uid":"abc","metadata":{},"time":1}"#,
        r#"{"class_uid":7,"metadata":{},"time":1}"#,
        r#"{"time":1795082400000,"metadata":{"version":"1.1.0"},"actor":{"user":{"uid":"1"}}}"#,
    ] {
        assert!(recognise(other).is_none(), "{other}");
    }
}

/// Protects the one thing that makes a second road worth having: the identity is the same on both.
#[test]
fn a_trail_gives_the_same_identity_by_either_way() {
    let raw = json!({
        "eventVersion": "1.08", "eventTime": "2026-11-19T10:00:00Z", "eventName": "GetObject", "eventSource": "s3.amazonaws.com",
        "awsRegion": "eu-west-1", "sourceIPAddress": "198.51.100.7", "userAgent": "Boto3/1.34", "eventID": "e1",
        "recipientAccountId": "111122223333", "requestParameters": {"bucketName": "payroll", "key": "2026/11.csv"},
        "additionalEventData": {"bytesTransferredOut": 2048.0},
        "resources": [{"ARN": "arn:aws:s3:::payroll/2026/11.csv", "type": "AWS::S3::Object"}],
        "userIdentity": {"type": "AssumedRole", "principalId": "AROAEXAMPLE:nightly", "accountId": "111122223333",
            "arn": "arn:aws:sts::111122223333:assumed-role/etl/nightly", "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/etl", "userName": "etl"},
                "attributes": {"creationDate": "2026-11-19T09:30:00Z", "mfaAuthenticated": "false"}}}
    });
    let mut native = Vec::new();
    by_name("aws_cloudtrail").unwrap().read(&raw.to_string(), &mut |event| native.push(Owned::of(&event))).unwrap();
    let ours = one(ROLE);
    assert_eq!(native, [ours]);
    let older = one(ROLE_RC2);
    assert_eq!((older.principal.0, &*older.principal.1), ("aws", "arn:aws:iam::111122223333:role/etl"));
    assert_eq!((older.session.as_deref(), older.class, older.outcome), (Some("nightly"), C::List, Outcome::Success));
}

#[test]
fn a_trail_keeps_what_its_reader_needs() {
    let login = one(LOGIN);
    assert_eq!((login.class, login.outcome, login.mfa), (C::Auth, Outcome::Denied, Some(true)));
    assert_eq!(&*login.principal.1, "arn:aws:iam::111122223333:user/jane");
    let joined = one(JOINED);
    assert_eq!(joined.credential, Some(("AKIAIOSFODNN7EXAMPLE".to_owned(), "static_key")));
    assert!(joined.principal.3.has(E::STATIC_KEY) && joined.principal.3.has(E::MACHINE_NAME));
    // A service of the provider acted, alone or for the role.
    let service = one(&with(ROLE, &json!({"actor": {"invoked_by": "config.amazonaws.com"}})));
    assert_eq!((&*service.principal.1, service.principal.3), ("config.amazonaws.com", E::PROVIDER_SERVICE));
    // An error that the response names, and one that only the status tells.
    let refused = one(&with(ROLE, &json!({"api/response": {"error": "AccessDenied"}, "status_id": 2})));
    assert_eq!((refused.outcome, refused.error.as_deref()), (Outcome::Denied, Some("AccessDenied")));
    assert_eq!(one(&with(ROLE, &json!({"status_id": 2, "status": "Failure"}))).outcome, Outcome::Error);
    // Without an operation nothing can be turned back, and the class says what was done.
    let bare = one(&with(ROLE, &json!({"api": null, "type_name": "API Activity: Create"})));
    assert_eq!((&*bare.action, bare.class), ("API Activity: Create", C::Write));
}

#[test]
fn okta_and_others_keep_their_ids() {
    let okta = one(OKTA);
    assert_eq!((okta.principal.0, &*okta.principal.1, okta.class), ("okta", "00u1", C::Secret));
    assert_eq!((okta.time, okta.outcome), (1_795_082_400_000, Outcome::Success));
    assert_eq!(
        (okta.source.as_deref(), okta.agent.as_deref(), okta.session.as_deref()),
        (Some("198.51.100.9"), Some("curl/8"), Some("s1"))
    );
    for (product, vendor, user, expected) in [
        ("Microsoft Entra ID", "Microsoft", json!({"uid": "3f5c", "email_addr": "Jane@Example.com"}), ("entra", "3f5c")),
        ("Office 365", "Microsoft", json!({"name": "Jane@Example.com"}), ("entra", "jane@example.com")),
        ("o365-audit-logs", "office365", json!({"uid": "Jane@Example.com"}), ("entra", "jane@example.com")),
        ("Google Workspace", "Google", json!({"uid": "1173", "email_addr": "Jane@example.com"}), ("gcp", "jane@example.com")),
        (
            "Cloud Audit Logs",
            "Google",
            json!({"uid": "99", "name": "etl@p1.iam.gserviceaccount.com"}),
            ("gcp", "etl@p1.iam.gserviceaccount.com"),
        ),
        ("Salesforce", "Salesforce", json!({"uid": "005000000000001"}), ("salesforce", "005000000000001")),
        ("Mailbox Guard", "Example", json!({"uid": "7"}), ("ocsf", "7")),
    ] {
        let record =
            with(GENERIC, &json!({"metadata/product": {"name": product, "vendor_name": vendor}, "actor/user": user, "cloud": null}));
        let event = one(&record);
        assert_eq!((event.principal.0, &*event.principal.1), expected, "{product}");
    }
}

#[test]
fn other_products_are_read_by_the_fields_of_the_schema() {
    let event = one(GENERIC);
    assert_eq!((event.principal.0, &*event.principal.1, event.principal.2.as_deref()), ("ocsf", "u-7", Some("svc-report")));
    assert_eq!(event.principal.3, E::SERVICE_ACCOUNT.with(E::MACHINE_NAME));
    assert_eq!(event.credential, Some(("app-3".to_owned(), "oauth_access")));
    assert_eq!((event.class, event.outcome, event.error.as_deref()), (C::Query, Outcome::Denied, Some("Permission denied on table")));
    assert_eq!((event.source.as_deref(), event.tenant.as_deref(), event.bytes), (Some("etl.example.com"), Some("acme"), Some(4096)));
    assert_eq!((event.resource.as_deref(), event.session.as_deref(), event.time % 1_000), (Some("finance"), Some("s7"), 123));
    // No user: the application acted.
    let app = one(&with(GENERIC, &json!({"actor/user": null})));
    assert_eq!((&*app.principal.1, app.principal.3, app.credential), ("app-3", E::OAUTH_APP, None));
    // Whom an account change touches.
    let change = json!({"class_uid": 3001, "activity_id": 1, "api": {"operation": "user.create"}, "user": {"uid": "u-9"}});
    let change = one(&with(GENERIC, &change));
    assert_eq!((change.class, change.target.as_deref()), (C::Iam, Some("u-9")));
    // A sign-in is of whoever signs in, whoever told of it.
    let login = json!({"class_uid": 3002, "activity_id": 1, "user": {"uid": "u-9"}, "status_id": 1, "status_detail": null});
    let login = one(&with(GENERIC, &login));
    assert_eq!((&*login.principal.1, login.class, login.outcome, login.error), ("u-9", C::Auth, Outcome::Success, None));
}

/// Protects what mappings of others do to the same logs: types in OCSF's words, the session beside the actor, an operation
/// as event code, an error code of 0.
#[test]
fn other_mappings_of_known_logs_are_read() {
    let changes = json!({"api/operation": null, "metadata/event_code": "ConsoleLogin", "actor": null, "status_id": 1, "status": "Success",
        "metadata/product": {"name": "aws-cloudtrail", "vendor_name": "aws"}, "session": {"issuer": "arn:aws:iam::111122223333:role/path/etl"},
        "user": {"type": "Other", "type_id": 99, "uid": "arn:aws:sts::111122223333:assumed-role/etl/jane@example.com", "name": "etl"}});
    let login = one(&with(LOGIN, &changes));
    assert_eq!((&*login.action, &*login.principal.1), ("ConsoleLogin", "arn:aws:iam::111122223333:role/path/etl"));
    assert_eq!((login.outcome, login.session.as_deref()), (Outcome::Success, Some("jane@example.com")));
    let system =
        json!({"actor/user": {"uid": "sys1", "type": "System", "type_id": 3}, "src_endpoint": null, "device": {"ip": "198.51.100.4"}});
    let system = one(&with(OKTA, &system));
    assert!(system.principal.3.has(E::PROVIDER_SERVICE));
    assert_eq!(system.source.as_deref(), Some("198.51.100.4"));
    let signin = |code: &str| {
        let changes = json!({"class_uid": 3002, "activity_id": 1, "actor": null, "user": {"uid": "b029", "name": "billing"}, "status_id": 0,
            "status": "Unknown", "status_code": code, "status_detail": null, "metadata/event_code": "ServicePrincipalSignInLogs",
            "metadata/product": {"name": "azure-signin", "vendor_name": "azure"}});
        one(&with(GENERIC, &changes))
    };
    assert_eq!((signin("0").outcome, signin("7000215").outcome), (Outcome::Success, Outcome::Denied));
    assert_eq!((signin("0").principal.0, signin("0").principal.3), ("entra", E::SERVICE_ACCOUNT));
    let request = json!({"class_uid": 4002, "category_uid": 4, "activity_id": 3, "status_id": 1, "status_detail": null});
    assert_eq!(one(&with(GENERIC, &request)).class, C::Read);
}

#[test]
fn activities_become_classes() {
    for (class, activity, operation, expected) in [
        (3002, 1, None, C::Auth),
        (3002, 2, Some("x"), C::Auth),
        (3002, 3, None, C::Token),
        (3001, 1, Some("user.create"), C::Iam),
        (3001, 4, Some("user.account.reset_password"), C::Secret),
        (3003, 1, None, C::Iam),
        (3004, 2, None, C::Read),
        (3004, 1, None, C::Iam),
        (3005, 1, None, C::Iam),
        (3005, 2, Some("ListUsers"), C::List),
        (3006, 3, Some("group.user_membership.add"), C::Iam),
        (6001, 7, None, C::Export),
        (6003, 2, Some("unheard"), C::Read),
        (6003, 4, None, C::Delete),
        (6003, 99, Some("git.push"), C::Write),
        (6003, 99, None, C::Admin),
        (6005, 8, None, C::List),
        (6006, 2, None, C::Export),
        (6006, 14, None, C::Read),
        (6003, 1, Some("CreateAccessKey"), C::Iam),
    ] {
        let class = class::Class { uid: class, activity, sort: Sort::Activity };
        assert_eq!(class.action(operation), expected, "{class:?} {operation:?}");
    }
}

#[test]
fn findings_are_attached_to_the_identity_they_name() {
    let finding = one(FINDING);
    assert_eq!((finding.principal.0, &*finding.principal.1), ("aws", "arn:aws:iam::111122223333:role/etl"));
    assert!(finding.finding);
    assert_eq!((&*finding.action, finding.class), ("UnauthorizedAccess:IAMUser/TorIPCaller", C::Logging));
    assert_eq!(finding.tags.as_deref(), Some("finding:guardduty:high:API called from a Tor exit"));
    assert_eq!((finding.source.as_deref(), finding.tenant.as_deref()), (Some("198.51.100.66"), Some("111122223333")));
    let resource = json!({"evidences": null, "resources": [{"uid": "i-1", "type": "AWS::EC2::Instance"}, {"uid": "arn:aws:iam::111122223333:user/jane"}]});
    assert_eq!(&*one(&with(FINDING, &resource)).principal.1, "arn:aws:iam::111122223333:user/jane");
    let left = json!({"evidences": null, "unmapped": {"actor": {"id": "00u1", "alternateId": "jane@example.com"}}});
    assert_eq!(&*one(&with(FINDING, &left)).principal.1, "00u1");
    let details = json!({"metadata/product": {"name": "GuardDuty", "vendor_name": "Amazon", "uid": "arn:aws:securityhub:eu-west-1::product/aws/guardduty"}, "evidences": [{"src_endpoint": {"ip": "198.51.100.66"}}], "resources": [{"type": "AwsIamAccessKey", "uid": "AWS::IAM::AccessKey:AKIA1",
        "data": {"AwsIamAccessKey": {"PrincipalType": "IAMUser", "PrincipalName": "svc-backup", "PrincipalId": "AIDA1"}}}]});
    let details = one(&with(FINDING, &details));
    assert_eq!((&*details.principal.1, details.source.as_deref()), ("arn:aws:iam::111122223333:user/svc-backup", Some("198.51.100.66")));
    assert!(details.finding);
    let nobody = with(FINDING, &json!({"evidences": null, "resources": [{"uid": "i-1", "type": "AWS::EC2::Instance"}]}));
    assert!(matches!(all_of(&nobody), Err(Refusal::NotActivity { .. })));
}

#[test]
fn refusals_say_what_is_wrong() {
    for (record, part) in [
        (with(GENERIC, &json!({"class_uid": 4003})), "network traffic"),
        (with(GENERIC, &json!({"class_uid": 1007})), "what a host does"),
        (with(GENERIC, &json!({"class_uid": 5001, "actor": null})), "an inventory"),
        (with(GENERIC, &json!({"class_uid": null})), "no class_uid"),
        (with(GENERIC, &json!({"time": null})), "no time"),
        (with(GENERIC, &json!({"time": "soon"})), "time is “soon”"),
        (with(GENERIC, &json!({"actor": null})), "no actor.user"),
        ("[]".to_owned(), "one JSON object"),
    ] {
        let reason = all_of(&record).unwrap_err().to_string();
        assert!(reason.contains(part) && !reason.contains('\n'), "{record}: {reason}");
    }
}

proptest! {
    /// Any value in any place is taken or refused, never a crash.
    #[test]
    fn odd_values_never_panic(sample in prop::sample::select(SAMPLES.to_vec()), at in any::<prop::sample::Index>(), odd in prop::sample::select(vec![
        json!(null), json!(-1), json!(1.5e300), json!(""), json!("null"), json!([]), json!({}), json!([[1]]), json!({"a": 1}), json!("{\"a\":"),
        json!("arn:"), json!(":assumed-role/"), json!("é".repeat(9)), json!(u64::MAX), json!({"a.b": {"c.d": 1}}),
    ])) {
        let value: Value = serde_json::from_str(sample).unwrap();
        let mut paths = Vec::new();
        paths_of(&value, String::new(), &mut paths);
        let mut changed = value.clone();
        if let Some(place) = changed.pointer_mut(&paths[at.index(paths.len())]) {
            *place = odd;
        }
        let text = changed.to_string();
        let _ = recognise(&text);
        if let Err(refusal) = all_of(&text) {
            prop_assert!(!refusal.to_string().contains('\n'));
        }
    }
}

fn paths_of(value: &Value, path: String, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, inner)| paths_of(inner, format!("{path}/{key}"), out)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, inner)| paths_of(inner, format!("{path}/{at}"), out)),
        _ => {}
    }
    out.push(path);
}
