//! One record of every shape and quirk, and what must come out of it.

use super::*;
use crate::model::{ActionClass, KindEvidence, Outcome, Timestamp};
use serde_json::{Value, json};

/// One record of each shape, for the tests of all formats.
pub const SAMPLES: &[&str] = &[
    r#"{"kind":"admin#reports#activity","id":{"time":"2026-11-19T10:00:00.123Z","uniqueQualifier":"-17","applicationName":"token","customerId":"C0"},"actor":{"callerType":"USER","email":"ann@example.com","profileId":"105"},"ipAddress":"198.51.100.7","events":[{"type":"auth","name":"activity","parameters":[{"name":"client_id","value":"1-a.apps.googleusercontent.com"},{"name":"app_name","value":"Drift"},{"name":"method_name","value":"gmail.users.messages.get"},{"name":"num_response_bytes","intValue":"2048"},{"name":"scope_data","multiMessageValue":[{"parameter":[{"name":"scope_name","value":"openid"}]}]}]}]}"#,
    r#"{"kind":"admin#reports#activity","id":{"time":"2026-11-19T10:00:00.123Z","uniqueQualifier":"-17","applicationName":"login","customerId":"C0"},"actor":{"email":"ann@example.com"},"event_name":"login_success","event_type":"login","login_challenge_method":["password","google_prompt"],"is_suspicious":true}"#,
    r#"{"id":{"applicationName":"drive","time":"2026-11-19 10:00:00.123"},"actor":{"email":"ann@example.com"},"type":"access","name":"download","parameters":{"doc_id":"d1"}}"#,
    r#"{"alertId":"a1","customerId":"C0","createTime":"2026-11-19T10:00:00Z","type":"Leaked password","source":"Google identity","data":{"email":"ann@example.com"},"metadata":{"severity":"HIGH"}}"#,
    r#"{"time_usec":"1795082400123000","email":"ann@example.com","event_type":"access","event_name":"view","record_type":"drive","unique_identifier":"-17","drive":{"doc_id":"d1"}}"#,
    r#"{"id_time_t [UTC]":"11/19/2026, 10:00:00.123 AM","id_uniqueQualifier_s":"-17","id_applicationName_s":"admin","actor_email_s":"ann@example.com","event_name_s":"CREATE_USER","event_type_s":"USER_SETTINGS","USER_EMAIL_s":"bob@example.com"}"#,
];

/// Reads one record that holds one event and looks at it.
fn with(record: &Value, look: impl FnOnce(&Event<'_>)) {
    let text = record.to_string();
    assert!(recognises(&Shape::of(&text).unwrap()), "{text}");
    let mut look = Some(look);
    let mut seen = 0;
    GoogleWorkspace
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
    GoogleWorkspace.read(&record.to_string(), &mut |event| panic!("read as {event:?}")).unwrap_err().to_string()
}

fn activity(application: &str, kind: &str, name: &str, parameters: Value) -> Value {
    let mut record = json!({
        "kind": "admin#reports#activity", "etag": "\"x\"",
        "id": {"time": "2026-11-19T10:00:00.123Z", "uniqueQualifier": "-4477", "applicationName": application, "customerId": "C0abc"},
        "actor": {"callerType": "USER", "email": "Ann@Example.com", "profileId": "105250506097979753968"},
        "ipAddress": "198.51.100.7", "ownerDomain": "example.com",
        "events": [{"type": kind, "name": name, "parameters": []}]
    });
    record["events"][0]["parameters"] = parameters;
    record
}

/// Protects every way an activity is exported: the same event must come out of each.
#[test]
fn every_shape_gives_the_same_event() {
    let listed = json!([{"name": "doc_id", "value": "1Abc"}, {"name": "doc_type", "value": "spreadsheet"}, {"name": "target_user", "value": "Bob@example.org"}, {"name": "billable", "boolValue": true}]);
    let native = activity("drive", "acl_change", "change_user_access", listed.clone());
    let mut single = native.clone();
    single["events"] = native["events"][0].clone();
    let mut lifted = native.clone();
    lifted.as_object_mut().unwrap().remove("events");
    let mut panther = lifted.clone();
    panther["name"] = json!("change_user_access");
    panther["type"] = json!("acl_change");
    panther["parameters"] = json!({"doc_id": "1Abc", "doc_type": "spreadsheet", "target_user": "Bob@example.org", "billable": true});
    panther["id"]["time"] = json!("2026-11-19 10:00:00.123000000");
    let mut unkind = panther.clone();
    unkind.as_object_mut().unwrap().remove("kind");
    let mut sentinel = lifted.clone();
    for (key, value) in [
        ("event_name", "change_user_access"),
        ("event_type", "acl_change"),
        ("doc_id", "1Abc"),
        ("doc_type", "spreadsheet"),
        ("target_user", "Bob@example.org"),
    ] {
        sentinel[key] = json!(value);
    }
    let columns = json!({
        "TimeGenerated [UTC]": "11/19/2026, 10:09:00.000 AM", "id_time_t [UTC]": "11/19/2026, 10:00:00.123 AM", "id_uniqueQualifier_s": "-4477",
        "id_applicationName_s": "drive", "id_customerId_s": "C0abc", "actor_email_s": "Ann@Example.com", "actor_callerType_s": "USER",
        "IPAddress": "198.51.100.7", "event_name_s": "change_user_access", "event_type_s": "acl_change", "doc_id_s": "1Abc", "doc_type_s": "spreadsheet",
        "target_user_s": "Bob@example.org", "old_value_s": ""
    });
    let named = json!({
        "IdTime": "2026-11-19T10:00:00.123Z", "IdUniqueQualifier": "-4477", "IdApplicationName": "drive", "IdCustomerId": "C0abc", "ActorEmail": "Ann@Example.com",
        "IPAddress": "198.51.100.7", "EventName": "change_user_access", "EventType": "acl_change", "Identity": "kept", "EventParameters": listed.to_string()
    });
    let gam = json!({
        "name": "change_user_access", "type": "acl_change", "actor.callerType": "USER", "actor.email": "Ann@Example.com", "actor.profileId": "105",
        "id.applicationName": "drive", "id.customerId": "C0abc", "id.time": "2026-11-19T10:00:00.123Z", "id.uniqueQualifier": "-4477",
        "ipAddress": "198.51.100.7", "doc_id": "1Abc", "doc_type": "spreadsheet", "target_user": "Bob@example.org", "billable": "True"
    });
    let row = json!({
        "time_usec": 1_795_082_400_123_000_i64, "email": "Ann@Example.com", "event_type": "acl_change", "event_name": "change_user_access", "record_type": "drive",
        "unique_identifier": "-4477", "customer_id": "C0abc", "ip_address": "198.51.100.7", "token": null,
        "drive": {"doc_id": "1Abc", "doc_type": "spreadsheet", "target_user": "Bob@example.org"}
    });
    let shipped = json!({"@timestamp": "2026-11-19T10:01:00Z", "message": native.to_string()});
    let original = json!({"@timestamp": "2026-11-19T10:01:00Z", "event": {"original": native.to_string()}});
    let page = json!({"kind": "admin#reports#activities", "items": [native.clone()]});
    for record in [&native, &single, &panther, &unkind, &sentinel, &columns, &named, &gam, &row, &shipped, &original, &page] {
        with(record, |event| {
            assert_eq!(event.time, Timestamp::parse("2026-11-19T10:00:00.123Z").unwrap(), "{record}");
            assert_eq!((event.principal.platform, &*event.principal.id), ("gcp", "ann@example.com"), "{record}");
            assert_eq!((&*event.action, event.class), ("change_user_access", ActionClass::Iam), "{record}");
            assert_eq!(event.service.as_deref(), Some("drive"), "{record}");
            assert_eq!(event.source.as_deref(), Some("198.51.100.7"), "{record}");
            assert_eq!(event.tenant.as_deref(), Some("C0abc"), "{record}");
            assert_eq!(event.resource.as_deref(), Some("1Abc"), "{record}");
            assert_eq!(event.domain.as_deref(), Some("spreadsheet"), "{record}");
            assert_eq!(event.target.as_deref(), Some("bob@example.org"), "{record}");
            assert_eq!(event.outcome, Outcome::Success, "{record}");
            assert!(event.provider_id.as_deref().is_some_and(|id| id.starts_with("-4477 ")), "{record}");
        });
    }
}

/// Protects who acts: the application where Google says that it called, the user where the user agreed.
#[test]
fn applications_act_for_users() {
    let parameters = json!([
        {"name": "client_id", "value": "77-x.apps.googleusercontent.com"}, {"name": "app_name", "value": "Drift"}, {"name": "client_type", "value": "WEB"},
        {"name": "api_name", "value": "gmail"}, {"name": "method_name", "value": "gmail.users.messages.get"}, {"name": "num_response_bytes", "intValue": "20480"}
    ]);
    with(&activity("token", "auth", "activity", parameters), |event| {
        assert_eq!((event.principal.platform, &*event.principal.id), ("gcp", "77-x.apps.googleusercontent.com"));
        assert_eq!((event.principal.name.as_deref(), event.principal.evidence), (Some("Drift"), KindEvidence::OAUTH_APP));
        assert_eq!(event.on_behalf_of.as_deref(), Some("ann@example.com"));
        assert_eq!((&*event.action, event.class, event.bytes), ("gmail.users.messages.get", ActionClass::Read, Some(20_480)));
        assert_eq!((event.domain.as_deref(), event.auth_method.as_deref()), (Some("gmail"), Some("oauth")));
        assert_eq!(event.credential.as_ref().map(|c| (&*c.id, c.kind)), Some(("77-x.apps.googleusercontent.com", "oauth_access")));
    });
    let grant = json!([
        {"name": "client_id", "value": "77-x.apps.googleusercontent.com"}, {"name": "app_name", "value": "Drift"},
        {"name": "scope", "multiValue": ["https://mail.google.com/", "openid"]}
    ]);
    with(&activity("token", "auth", "authorize", grant), |event| {
        assert_eq!((&*event.principal.id, event.class), ("ann@example.com", ActionClass::Token));
        assert_eq!(event.target.as_deref(), Some("77-x.apps.googleusercontent.com"));
        assert_eq!(event.scopes.as_deref(), Some("https://mail.google.com/ openid"));
        assert!(event.on_behalf_of.is_none());
    });
    let nested = json!([{"name": "client_id", "value": "1"}, {"name": "scope_data", "multiMessageValue": [{"parameter": [{"name": "scope_name", "value": "openid"}, {"name": "product_bucket", "multiValue": ["IDENTITY"]}]}]}]);
    with(&activity("token", "auth", "revoke", nested), |event| assert_eq!(event.scopes.as_deref(), Some("openid")));
}

/// Protects service accounts with the rights of a domain, and Google itself.
#[test]
fn actors_of_every_kind() {
    let with_actor = |actor: Value| {
        let mut record = activity("admin", "USER_SETTINGS", "CREATE_USER", json!([{"name": "USER_EMAIL", "value": "bob@example.com"}]));
        record["actor"] = actor;
        record
    };
    for (actor, id, evidence, on_behalf_of) in [
        (json!({"callerType": "KEY", "key": "1234.example"}), "1234.example", KindEvidence::SERVICE_ACCOUNT, None),
        (
            json!({"callerType": "KEY", "key": "sync@p.iam.gserviceaccount.com", "email": "admin@example.com"}),
            "sync@p.iam.gserviceaccount.com",
            KindEvidence::SERVICE_ACCOUNT,
            Some("admin@example.com"),
        ),
        (json!({"key": "SYSTEM"}), "SYSTEM", KindEvidence::PROVIDER_SERVICE, None),
        (
            json!({"email": "admin@example.com", "applicationInfo": {"oauthClientId": "117000000000000000000", "applicationName": "sync", "impersonation": true}}),
            "117000000000000000000",
            KindEvidence::OAUTH_APP.with(KindEvidence::SERVICE_ACCOUNT),
            Some("admin@example.com"),
        ),
        (json!({"email": "sync@p.iam.gserviceaccount.com"}), "sync@p.iam.gserviceaccount.com", KindEvidence::SERVICE_ACCOUNT, None),
        (json!({"profileId": "105"}), "105", KindEvidence::NONE, None),
        (json!({"email": "", "profileId": "105"}), "105", KindEvidence::NONE, None),
        (json!({"email": "svc-hr@example.com"}), "svc-hr@example.com", KindEvidence::MACHINE_NAME, None),
    ] {
        with(&with_actor(actor.clone()), |event| {
            assert_eq!((&*event.principal.id, event.principal.evidence), (id, evidence), "{actor}");
            assert_eq!(event.on_behalf_of.as_deref(), on_behalf_of, "{actor}");
            assert_eq!(event.target.as_deref(), Some("bob@example.com"));
        });
    }
    assert!(refused(&with_actor(json!({}))).contains("does not name"));
    assert!(refused(&with_actor(json!({"callerType": "KEY", "key": "HANGOUTS_EXTERNAL_OR_ANONYMOUS"}))).contains("guest"));
    let mut device = activity(
        "chrome",
        "CHROME_OS_LOGIN_LOGOUT_TYPE",
        "CHROME_OS_LOGIN_FAILURE_EVENT",
        json!([{"name": "DEVICE_USER", "value": "bob@example.com"}]),
    );
    device["actor"] = json!({"callerType": "USER", "profileId": "105250506097979753968"});
    with(&device, |event| assert_eq!((&*event.principal.id, event.outcome), ("bob@example.com", Outcome::Denied)));
}

/// Protects that several events of one activity are several, each with an id of its own, the same every time.
#[test]
fn an_activity_of_several_events() {
    let mut record = activity("admin", "GROUP_SETTINGS", "ADD_GROUP_MEMBER", json!([{"name": "USER_EMAIL", "value": "a@example.com"}]));
    let mut second = record["events"][0].clone();
    second["parameters"][0]["value"] = json!("b@example.com");
    record["events"].as_array_mut().unwrap().push(second);
    let ids = || {
        let mut ids = Vec::new();
        GoogleWorkspace.read(&record.to_string(), &mut |event| ids.push(event.provider_id.unwrap().into_owned())).unwrap();
        ids
    };
    let found = ids();
    assert_eq!((found.len(), &found), (2, &ids()));
    assert_ne!(found[0], found[1]);
}

/// Protects findings: whom they are about, how bad, and that nothing is learned from them.
#[test]
fn findings_are_about_somebody() {
    let alert = |kind: &str, data: Value| {
        json!({"alertId": "a-1", "customerId": "C0", "createTime": "2026-11-19T10:00:00Z", "startTime": "2026-11-19T09:00:00Z", "type": kind,
            "source": "Google identity", "data": data, "metadata": {"severity": "HIGH", "assignee": "soc@example.com"}})
    };
    for data in [
        json!({"email": "Ann@example.com", "loginDetails": {"ipAddress": "198.51.100.9"}}),
        json!({"actorEmail": "ann@example.com"}),
        json!({"ruleViolationInfo": {"triggeringUserEmail": "ann@example.com"}}),
        json!({"affectedUserEmails": ["ann@example.com", "bob@example.com"]}),
        json!({"maliciousEntity": {"entity": {"emailAddress": "evil@example.org"}}, "messages": [{"recipient": "ann@example.com"}]}),
    ] {
        with(&alert("Leaked password", data.clone()), |event| {
            assert_eq!(
                (&*event.principal.id, &*event.action, event.class),
                ("ann@example.com", "Leaked password", ActionClass::Logging),
                "{data}"
            );
            assert!(event.finding);
            assert_eq!(event.tags.as_deref(), Some("finding:google_workspace:high:Leaked password"));
            assert_eq!(event.provider_id.as_deref(), Some("a-1"));
        });
    }
    assert!(refused(&alert("Apps outage", json!({"products": ["Gmail"]}))).contains("names no identity"));

    let mut warning =
        activity("login", "account_warning", "suspicious_login", json!([{"name": "affected_email_address", "value": "ann@example.com"}]));
    warning["actor"] = json!({});
    with(&warning, |event| {
        assert!(event.finding && event.class == ActionClass::Logging && event.outcome == Outcome::Unknown);
        assert_eq!(&*event.principal.id, "ann@example.com");
        assert_eq!(event.tags.as_deref(), Some("finding:google_workspace:medium:suspicious_login"));
    });
    let rule = activity(
        "rules",
        "rule_match_type",
        "rule_match",
        json!([{"name": "severity", "value": "HIGH"}, {"name": "rule_name", "value": "card\nnumbers"}]),
    );
    with(&rule, |event| assert_eq!(event.tags.as_deref(), Some("finding:google_workspace:high:card numbers")));
    let odd = activity("login", "login", "login_success", json!([{"name": "is_suspicious", "boolValue": true}]));
    with(&odd, |event| assert!(!event.finding && event.tags.as_deref() == Some("finding:google_workspace:medium:suspicious login")));
}

#[test]
fn what_is_no_activity_is_refused_by_name() {
    let mut timeless = activity("drive", "access", "view", json!([]));
    timeless["id"].as_object_mut().unwrap().remove("time");
    let mut odd = activity("drive", "access", "view", json!([]));
    odd["id"]["time"] = json!("soon");
    for (record, part) in [
        (timeless, "no id.time"),
        (odd, "id.time is “soon”"),
        (json!({"kind": "admin#reports#activity", "a": 1}), "no id.applicationName"),
        (activity("drive", "access", "", json!([])), "no events[].name"),
    ] {
        let reason = refused(&record);
        assert!(reason.contains(part) && !reason.contains('\n'), "{record}: {reason}");
    }
}

#[test]
fn records_of_others_are_not_recognised() {
    for record in [
        json!({"id": {"a": 1}, "actor": {"email": "x"}, "events": []}),
        json!({"id": "1", "actor": {"email": "x"}, "name": "applicationName"}),
        json!({"protoPayload": {"metadata": {"x": "#reports#activity\""}}, "event": {}}),
        json!({"alertId": "1", "severity": "high"}),
        json!({"message": "an activity of the Reports API"}),
    ] {
        let text = record.to_string();
        assert!(!recognises(&Shape::of(&text).unwrap()), "{text}");
    }
}
