//! Documents of several shippers, written for these tests.

use super::*;
use crate::format::recognise;
use crate::model::{ActionClass as C, KindEvidence as E, Outcome};
use proptest::prelude::*;
use serde_json::json;

/// One document of every shape.
pub const SAMPLES: &[&str] = &[ORIGINAL, TRAIL, PLAIN, JOINED, HIT, ALERT];

/// A document that carries its record.
const ORIGINAL: &str = r#"{"@timestamp":"2026-11-19T10:00:05.000Z","ecs":{"version":"8.8.0"},"event":{"kind":"event","action":"DeleteTrail","original":"{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-11-19T10:00:00Z\",\"eventName\":\"DeleteTrail\",\"eventSource\":\"cloudtrail.amazonaws.com\",\"eventID\":\"e1\",\"sourceIPAddress\":\"198.51.100.7\",\"userIdentity\":{\"type\":\"IAMUser\",\"arn\":\"arn:aws:iam::111122223333:user/svc-backup\",\"userName\":\"svc-backup\",\"accessKeyId\":\"AKIAIOSFODNN7EXAMPLE\"}}"}}"#;

/// A document of a trail without its record.
const TRAIL: &str = r#"{"@timestamp":"2026-11-19T10:00:00.000Z","ecs":{"version":"8.8.0"},"aws":{"cloudtrail":{"event_version":"1.08","user_identity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/etl/nightly","access_key_id":"ASIAEXAMPLE","session_context":{"mfa_authenticated":"false","creation_date":"2026-11-19T09:30:00Z","session_issuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/etl","user_name":"etl"}}},"error_code":"AccessDenied","flattened":{"request_parameters":{"bucketName":"payroll"}}}},"cloud":{"account":{"id":"111122223333"},"region":"eu-west-1"},"event":{"kind":"event","action":"GetBucketPolicy","provider":"s3.amazonaws.com","id":"e2","outcome":"failure"},"source":{"ip":"198.51.100.7"},"user":{"id":"AROAEXAMPLE:nightly","name":"etl"},"user_agent":{"original":"Boto3/1.34"}}"#;

const PLAIN: &str = r#"{"@timestamp":"2026-11-19T10:00:00.123Z","ecs":{"version":"8.0.0"},"event":{"module":"okta","action":"user.session.start","category":["authentication"],"type":["start"],"outcome":"success","id":"o1"},"okta":{"actor":{"id":"00u1","alternate_id":"jane@example.com","type":"User"}},"client":{"ip":"198.51.100.9","user":{"id":"00u1","name":"jane"}},"user_agent":{"original":"curl/8"}}"#;

/// Names joined, as tables and some forwarders write them.
const JOINED: &str = r#"{"@timestamp":"2026-11-19T10:00:00Z","ecs.version":"8.0.0","event.kind":"event","event.dataset":"google_workspace.login","event.action":"login_success","event.outcome":"success","user.email":"Jane@Example.com","user.id":"1173","source.ip":"198.51.100.9","organization.id":"C01"}"#;

const HIT: &str = r#"{"_index":"logs-acme","_id":"h1","_source":{"@timestamp":"2026-11-19T10:00:00Z","event":{"kind":"event","action":"report exported","outcome":"failure","type":["denied"]},"user":{"name":"svc-report"},"error":{"code":"E17"}}}"#;

const ALERT: &str = r#"{"@timestamp":"2026-11-19T10:00:00Z","ecs":{"version":"8.0.0"},"event":{"kind":"alert","module":"azure","severity":73,"action":"Impossible travel"},"rule":{"name":"Impossible travel"},"user":{"id":"3f5c","name":"jane"}}"#;

fn read(record: &str, check: impl Fn(&Event<'_>)) {
    let mut seen = 0;
    Ecs.read(record, &mut |event| {
        seen += 1;
        assert_eq!(event.format, NAME);
        check(&event);
    })
    .unwrap();
    assert_eq!(seen, 1, "{record}");
}

#[test]
fn every_shape_is_recognised_and_nothing_else() {
    for sample in SAMPLES {
        assert_eq!(recognise(sample).map(Format::name), Some(NAME), "{sample}");
    }
    for other in [
        r#"{"@timestamp":"2026-11-19T10:00:00Z","action":"git.clone"}"#,
        r#"{"@timestamp":"2026-11-19T10:00:00Z","event":{"name":"x"},"user":{"name":"y"}}"#,
        r#"{"@timestamp":"2026-11-19T10:00:00Z","event":"login","user":"jane"}"#,
        r#"{"ecs":{"version":"8.0.0"},"event":{"kind":"event"}}"#,
        r#"{"_index":"i","_source":{"a":1}}"#,
    ] {
        assert!(recognise(other).is_none(), "{other}");
    }
}

/// Protects the same identity by either way: the record inside is read by its own format.
#[test]
fn a_document_gives_the_record_it_carries() {
    read(ORIGINAL, |event| {
        assert_eq!((event.principal.platform, &*event.principal.id), ("aws", "arn:aws:iam::111122223333:user/svc-backup"));
        assert_eq!(event.time.0, 1_795_082_400_000, "the record's own time, not the shipper's");
        assert_eq!(event.credential.as_ref().map(|c| (&*c.id, c.kind)), Some(("AKIAIOSFODNN7EXAMPLE", "static_key")));
        assert_eq!((event.class, event.provider_id.as_deref()), (C::Logging, Some("e1")));
    });
    // What inside is no record of ours leaves the document.
    let mut value: Value = serde_json::from_str(PLAIN).unwrap();
    for inner in
        ["{\"a\":1}", "{", "text", "{\"@timestamp\":\"2026-11-19T10:00:00Z\",\"ecs\":{\"version\":\"8\"},\"event\":{\"kind\":\"event\"}}"]
    {
        value["event"]["original"] = json!(inner);
        read(&value.to_string(), |event| assert_eq!(&*event.principal.id, "00u1"));
    }
}

#[test]
fn a_trail_is_put_together_again() {
    read(TRAIL, |event| {
        assert_eq!((event.principal.platform, &*event.principal.id), ("aws", "arn:aws:iam::111122223333:role/etl"));
        assert!(event.principal.evidence.has(E::ROLE_SESSION));
        assert_eq!((event.session.as_deref(), event.mfa), (Some("nightly"), Some(false)));
        assert_eq!((event.outcome, event.error.as_deref()), (Outcome::Denied, Some("AccessDenied")));
        assert_eq!((event.domain.as_deref(), event.tenant.as_deref()), (Some("payroll"), Some("111122223333")));
        assert_eq!((event.source.as_deref(), event.agent.as_deref()), (Some("198.51.100.7"), Some("Boto3/1.34")));
    });
    // Names as AWS writes them.
    let names = [
        ("access_key_id", "accessKeyId"),
        ("session_context", "sessionContext"),
        ("session_issuer", "sessionIssuer"),
        ("user_name", "userName"),
    ];
    let theirs = names.iter().fold(TRAIL.to_owned(), |text, (ours, theirs)| text.replace(ours, theirs));
    read(&theirs, |event| {
        assert_eq!(&*event.principal.id, "arn:aws:iam::111122223333:role/etl");
        assert_eq!(event.credential.as_ref().map(|c| (&*c.id, c.kind)), Some(("ASIAEXAMPLE", "sts_session")));
    });
}

#[test]
fn fields_of_the_schema_make_an_event() {
    read(PLAIN, |event| {
        assert_eq!(
            (event.principal.platform, &*event.principal.id, event.principal.name.as_deref()),
            ("okta", "00u1", Some("jane@example.com"))
        );
        assert_eq!((event.class, event.outcome, event.time.0 % 1_000), (C::Auth, Outcome::Success, 123));
        assert_eq!(
            (event.source.as_deref(), event.agent.as_deref(), event.provider_id.as_deref()),
            (Some("198.51.100.9"), Some("curl/8"), Some("o1"))
        );
    });
    read(JOINED, |event| {
        assert_eq!((event.principal.platform, &*event.principal.id), ("gcp", "jane@example.com"));
        assert_eq!((event.class, event.tenant.as_deref()), (C::Auth, Some("C01")));
    });
    read(HIT, |event| {
        assert_eq!((event.principal.platform, &*event.principal.id, event.principal.evidence), ("ecs", "svc-report", E::MACHINE_NAME));
        assert_eq!((event.class, event.outcome, event.error.as_deref()), (C::Export, Outcome::Denied, Some("E17")));
    });
    read(ALERT, |event| {
        assert!(event.finding);
        assert_eq!((event.principal.platform, &*event.principal.id, event.class), ("entra", "3f5c", C::Logging));
        assert_eq!(event.tags.as_deref(), Some("finding:azure:high:Impossible travel"));
    });
}

/// Protects service principals: their documents name no `user`, and the provider's own field is the identity.
#[test]
fn the_providers_own_names_count_first() {
    for (own, expected) in [
        (
            json!({"azure": {"signinlogs": {"properties": {"service_principal_id": "b029", "service_principal_name": "deploy-app"}}}}),
            ("entra", "b029", E::SERVICE_ACCOUNT.with(E::MACHINE_NAME)),
        ),
        (
            json!({"azure": {"signinlogs": {"properties": {"service_principal_id": "", "user_id": "2ce8"}}}, "user": {"id": "2ce8", "name": "jane"}}),
            ("entra", "2ce8", E::NONE),
        ),
        (
            json!({"azure.auditlogs.properties.initiated_by.app.servicePrincipalId": "b981", "azure.auditlogs.properties.initiated_by.app.displayName": "Graph"}),
            ("entra", "b981", E::SERVICE_ACCOUNT),
        ),
        (
            json!({"azure": {"provisioning": {"properties": {"initiated_by": {"id": "", "name": "Provisioning Service", "type": "system"}}}}}),
            ("entra", "Provisioning Service", E::PROVIDER_SERVICE.with(E::MACHINE_NAME)),
        ),
        (
            json!({"gcp": {"audit": {"authentication_info": {"principal_email": "etl@p1.iam.gserviceaccount.com"}}}}),
            ("gcp", "etl@p1.iam.gserviceaccount.com", E::SERVICE_ACCOUNT.with(E::MACHINE_NAME)),
        ),
        (
            json!({"gcp": {"audit": {"authentication_info": {"principal_email": "system:serviceaccount:shop:cart"}}}}),
            ("kubernetes", "system:serviceaccount:shop:cart", E::SERVICE_ACCOUNT.with(E::MACHINE_NAME)),
        ),
        (
            json!({"okta": {"actor": {"id": "0oa1", "alternate_id": "Sync", "type": "PublicClientApp"}}}),
            ("okta", "0oa1", E::OAUTH_APP.with(E::MACHINE_NAME)),
        ),
        (json!({"github": {"repo": "a/b"}, "user": {"name": "ci[bot]", "id": "7"}}), ("github", "ci[bot]", E::BOT.with(E::MACHINE_NAME))),
        (json!({"related": {"user": ["jane"]}, "slack": {"audit": {"a": 1}}}), ("slack", "jane", E::NONE)),
        (json!({"user": {"email": ["Jane@example.com"]}}), ("ecs", "jane@example.com", E::NONE)),
    ] {
        let mut value = json!({"@timestamp": "2026-11-19T10:00:00Z", "ecs": {"version": "8"}, "event": {"kind": "event", "action": "x"}});
        value.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        read(&value.to_string(), |event| {
            assert_eq!((event.principal.platform, &*event.principal.id, event.principal.evidence), expected, "{value}");
        });
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    let document = |event: Value, more: Value| {
        let mut value = json!({"@timestamp": "2026-11-19T10:00:00Z", "ecs": {"version": "8"}, "event": event});
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        value.to_string()
    };
    for (record, part) in [
        (document(json!({"kind": "metric"}), json!({})), "a measurement"),
        (document(json!({"kind": "pipeline_error"}), json!({})), "could not be read"),
        (document(json!({"kind": "alert", "action": "x"}), json!({})), "names no identity"),
        (document(json!({"kind": "event", "action": "x"}), json!({})), "no user"),
        (document(json!({"kind": "event", "action": "x"}), json!({"related": {"user": ["a", "b"]}})), "no user"),
        (document(json!({"kind": "event"}), json!({"user": {"name": "jane"}})), "no event.action"),
        (document(json!({"kind": "event", "action": "x"}), json!({"@timestamp": "soon"})), "@timestamp is “soon”"),
        ("[]".to_owned(), "one JSON object"),
    ] {
        let reason = Ecs.read(&record, &mut |_| {}).unwrap_err().to_string();
        assert!(reason.contains(part) && !reason.contains('\n'), "{record}: {reason}");
    }
}

proptest! {
    /// Any value in any place is taken or refused, never a crash.
    #[test]
    fn odd_values_never_panic(sample in prop::sample::select(SAMPLES.to_vec()), at in any::<prop::sample::Index>(), odd in prop::sample::select(vec![
        json!(null), json!(-1), json!(1.5e300), json!(""), json!([]), json!({}), json!([[1]]), json!({"a": 1}), json!("{\"eventName\":1}"),
        json!("arn:"), json!("é".repeat(9)), json!({"a.b": {"c.d": 1}}), json!("{\"_source\":{}}"),
    ])) {
        let mut value: Value = serde_json::from_str(sample).unwrap();
        let mut paths = Vec::new();
        paths_of(&value, String::new(), &mut paths);
        if let Some(place) = value.pointer_mut(&paths[at.index(paths.len())]) {
            *place = odd;
        }
        let text = value.to_string();
        let _ = recognise(&text);
        if let Err(refusal) = Ecs.read(&text, &mut |_| {}) {
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
