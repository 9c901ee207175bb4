//! Every shape a log event comes in gives the same event, and every quirk costs nothing but itself.

use super::super::{Refusal, by_name, mangle, recognise};
use super::*;
use crate::model::event::ActionClass as C;
use crate::model::{JobStep, KindEvidence as E, Outcome};
use serde_json::json;

/// One record of every shape, written for these tests.
pub const SAMPLES: &[&str] = &[
    r#"{"actor":{"id":"00uaaaaaaaaaaaaaaaaa","type":"User","alternateId":"svc-hr@example.com","displayName":"HR Sync"},"client":{"userAgent":{"rawUserAgent":"python-requests/2.31","os":"Unknown","browser":"UNKNOWN"},"zone":"null","ipAddress":"198.51.100.7"},"authenticationContext":{"externalSessionId":"trs1"},"displayMessage":"Add user to group membership","eventType":"group.user_membership.add","outcome":{"result":"SUCCESS"},"published":"2026-11-19T10:00:00.123Z","debugContext":{"debugData":{"requestUri":"/api/v1/groups/00g1/users/00u2"}},"transaction":{"type":"WEB","id":"t1","detail":{"requestApiTokenId":"00Taaaaaaaaaaaaaaaa"}},"uuid":"6f1e","target":[{"id":"00u2","type":"User","alternateId":"jane@example.com","displayName":"Jane"},{"id":"00g1","type":"UserGroup","alternateId":"unknown","displayName":"Admins"}]}"#,
    r#"{"eventType":"com.okta.event_hook","eventTypeVersion":"1.0","cloudEventsVersion":"0.1","source":"https://acme.okta.com/api/v1/eventHooks/who1","eventId":"e1","data":{"events":[{"uuid":"6f1e","published":"2026-11-19T10:00:00.123Z","eventType":"user.session.start","outcome":{"result":"SUCCESS"},"actor":{"id":"00u1","type":"User","alternateId":"jane@example.com"}}]}}"#,
    r#"{"version":"0","id":"1","detail-type":"SystemLog","source":"aws.partner/okta.com/acme/siem","account":"111122223333","time":"2026-11-19T10:00:01Z","detail":{"uuid":"6f1e","published":"2026-11-19T10:00:00.123Z","eventType":"app.oauth2.token.grant.access_token","outcome":{"result":"SUCCESS"},"actor":{"id":"0oa1","type":"PublicClientAppEntity","alternateId":"0oa1","displayName":"Backup app"},"client":{"id":"0oa1","ipAddress":"198.51.100.9"},"debugContext":{"debugData":{"grantType":"client_credentials","grantedScopes":"okta.users.read, okta.groups.manage"}}}}"#,
    r#"{"TimeGenerated":"2026-11-19T10:05:00Z","actor_id_s":"spr1","actor_type_s":"SystemPrincipal","actor_alternateId_s":"system@okta.com","actor_displayName_s":"Okta System","eventType_s":"system.import.start","outcome_result_s":"SUCCESS","published_t":"2026-11-19T10:00:00.123Z","uuid_g":"6f1e","client_ipAddress_s":"","client_zone_s":"null","debugContext_debugData_jobId_s":"ij1","request_ipChain_s":"[]","target_s":"[\r\n {\"id\":\"0oa2\",\"type\":\"AppInstance\",\"alternateId\":\"AD\",\"displayName\":\"active_directory\"}]","transaction_type_s":"JOB","Type":"Okta_CL"}"#,
    r#"{"TimeGenerated":"2026-11-19T10:00:00.123Z","EventVendor":"Okta","EventProduct":"Okta","EventOriginalType":"user.session.start","EventOriginalUid":"6f1e","OriginalUserId":"00u1","OriginalUserType":"User","OriginalActorAlternateId":"jane@example.com","ActorDisplayName":"Jane","SrcIpAddr":"198.51.100.8","HttpUserAgent":"Mozilla/5.0 (X11)","OriginalOutcomeResult":"FAILURE","EventOriginalResultDetails":"INVALID_CREDENTIALS","ActorSessionId":"102x","TransactionDetail":"{}","DebugData":"{\"origin\":\"https://acme.okta.com\"}"}"#,
];

fn all_of(text: &str) -> Result<Vec<String>, Refusal> {
    let mut out = Vec::new();
    Okta.read(text, &mut |event| out.push(format!("{event:?}"))).map(|()| out)
}

fn with(text: &str, check: impl Fn(&Event<'_>)) {
    let mut count = 0;
    Okta.read(text, &mut |event| {
        check(&event);
        count += 1;
    })
    .unwrap();
    assert_eq!(count, 1, "{text}");
}

/// A log event with some of its members changed.
fn record(change: &Value) -> String {
    let mut value: Value = serde_json::from_str(SAMPLES[0]).unwrap();
    for (key, new) in change.as_object().unwrap() {
        value[key] = new.clone();
    }
    value.to_string()
}

#[test]
fn every_shape_is_recognised_and_read() {
    for sample in SAMPLES {
        assert_eq!(recognise(sample).map(Format::name), Some(NAME), "{sample}");
        assert_eq!(all_of(sample).unwrap().len(), 1, "{sample}");
    }
    assert!(by_name(NAME).is_some());
    for other in [
        r#"{"eventType":"AwsApiCall","eventName":"x","actor":{},"uuid":"1","published":"x"}"#,
        r#"{"eventType":"user.session.start"}"#,
        r#"{"event_type":"user_login","actor":{},"uuid":"1","outcome":{},"client":{}}"#,
        r#"{"eventType":"a b.c","actor":{},"uuid":"1","published":"x","outcome":{}}"#,
        r#"{"EventOriginalType":"user.session.start"}"#,
        r#"{"message":"eventType published actor outcome"}"#,
    ] {
        assert_ne!(recognise(other).map(Format::name), Some(NAME), "{other}");
    }
}

/// Protects joining: whatever collector brought it, the same person, time and id.
#[test]
fn an_api_call_with_a_token_is_the_users_and_names_the_token() {
    with(SAMPLES[0], |event| {
        assert_eq!(
            (event.principal.platform, &*event.principal.id, event.principal.name.as_deref()),
            ("okta", "00uaaaaaaaaaaaaaaaaa", Some("svc-hr@example.com"))
        );
        assert_eq!(event.principal.evidence, E::API_CLIENT.with(E::MACHINE_NAME));
        assert_eq!(event.credential.as_ref().map(|c| (&*c.id, c.kind)), Some(("00Taaaaaaaaaaaaaaaa", "pat")));
        assert_eq!((event.provider_id.as_deref(), event.time.0 % 1000), (Some("6f1e"), 123));
        assert_eq!((event.source.as_deref(), event.agent.as_deref()), (Some("198.51.100.7"), Some("python-requests/2.31")));
        assert_eq!((event.target.as_deref(), event.class, event.outcome), (Some("00u2"), C::Iam, Outcome::Success));
        assert_eq!((event.auth_method.as_deref(), event.session.as_deref()), (Some("api_token"), Some("trs1")));
        assert_eq!(event.tenant, None);
    });
}

#[test]
fn envelopes_name_the_organisation_where_they_do() {
    with(SAMPLES[1], |event| {
        assert_eq!((event.tenant.as_deref(), &*event.principal.id, event.class), (Some("acme.okta.com"), "00u1", C::Auth));
    });
    with(SAMPLES[2], |event| {
        assert_eq!(event.tenant, None);
        assert_eq!((event.principal.name.as_deref(), event.principal.evidence), (Some("Backup app"), E::OAUTH_APP.with(E::API_CLIENT)));
        assert_eq!(event.credential.as_ref().map(|c| (&*c.id, c.kind)), Some(("0oa1", "oauth_access")));
        assert_eq!((event.scopes.as_deref(), event.class), (Some("okta.users.read okta.groups.manage"), C::Token));
        assert_eq!(event.auth_method.as_deref(), Some("client_credentials"));
    });
    let two = SAMPLES[1].replace(
        "[{",
        "[{\"uuid\":\"0\",\"published\":\"2026-11-19T10:00:00Z\",\"eventType\":\"user.session.end\",\"actor\":{\"id\":\"00u1\"}},{",
    );
    assert_eq!(all_of(&two).unwrap().len(), 2);
}

#[test]
fn columns_of_log_analytics_become_the_record_again() {
    with(SAMPLES[3], |event| {
        assert_eq!((event.principal.name.as_deref(), event.principal.evidence), (Some("Okta System"), E::PROVIDER_SERVICE));
        assert_eq!((event.source.as_deref(), event.agent.as_deref(), event.tenant.as_deref()), (None, None, None));
        assert_eq!((event.job.as_deref(), event.job_step), (Some("ij1"), Some(JobStep::Create)));
        assert_eq!(
            (event.domain.as_deref(), event.resource.as_deref(), event.class),
            (Some("active_directory"), Some("active_directory"), C::Export)
        );
        assert_eq!((event.provider_id.as_deref(), event.time.0 % 1000), (Some("6f1e"), 123));
    });
    with(SAMPLES[4], |event| {
        assert_eq!((&*event.principal.id, event.principal.name.as_deref()), ("00u1", Some("jane@example.com")));
        assert_eq!((event.outcome, event.error.as_deref()), (Outcome::Denied, Some("INVALID_CREDENTIALS")));
        assert_eq!((event.tenant.as_deref(), event.source.as_deref()), (Some("acme.okta.com"), Some("198.51.100.8")));
        assert_eq!((event.session.as_deref(), event.principal.evidence), (Some("102x"), E::NONE));
    });
}

#[test]
fn re_cased_flattened_and_packed_copies_are_the_same() {
    let lower = r#"{"eventtype":"user.session.start","displaymessage":"x","published":"2026-11-19 10:00:00.123","uuid":"6f1e","outcome":{"result":"SUCCESS"},"actor":{"id":"00u1","type":"User","alternateId":"Jane@example.com"},"p_log_type":"Okta.SystemLog"}"#;
    let dotted = r#"{"eventType":"user.session.start","published":"2026-11-19T10:00:00.123Z","uuid":"6f1e","outcome.result":"SUCCESS","actor.id":"00u1","actor.type":"User","actor.alternateId":"Jane@example.com","client.ipAddress":"198.51.100.8"}"#;
    let inner = json!({"eventType": "user.session.start", "published": "2026-11-19T10:00:00.123Z", "uuid": "6f1e", "outcome": {"result": "SUCCESS"},
        "actor": "{\"id\":\"00u1\",\"type\":\"User\",\"alternateId\":\"Jane@example.com\"}"});
    let packed = json!({"@timestamp": "2026-11-19T11:00:00Z", "message": inner.to_string()}).to_string();
    for text in [lower, dotted, &inner.to_string(), &packed] {
        assert_eq!(recognise(text).map(Format::name), Some(NAME), "{text}");
        with(text, |event| {
            assert_eq!((&*event.principal.id, event.principal.name.as_deref()), ("00u1", Some("Jane@example.com")), "{text}");
            assert_eq!((event.time.0 % 1000, event.outcome, event.provider_id.as_deref()), (123, Outcome::Success, Some("6f1e")), "{text}");
        });
    }
}

/// Protects the failure detectors: a question for a second factor is no refusal, a wrong password is one.
#[test]
fn outcomes() {
    for (event, result, reason, outcome) in [
        ("user.session.start", "SUCCESS", None, Outcome::Success),
        ("policy.evaluate_sign_on", "ALLOW", None, Outcome::Success),
        ("policy.evaluate_sign_on", "DENY", None, Outcome::Denied),
        ("policy.evaluate_sign_on", "CHALLENGE", None, Outcome::Unknown),
        ("user.session.start", "FAILURE", Some("LOCKED_OUT"), Outcome::Denied),
        ("app.oauth2.as.token.grant", "FAILURE", Some("no_matching_scope"), Outcome::Denied),
        ("app.generic.unauth_app_access_attempt", "FAILURE", None, Outcome::Denied),
        ("group.user_membership.add", "FAILURE", Some("Access denied"), Outcome::Denied),
        ("user.account.lock", "FAILURE", Some("LOCKED_OUT"), Outcome::Denied),
        ("user.lifecycle.create", "FAILURE", Some("exists"), Outcome::Error),
        ("user.lifecycle.create", "SKIPPED", None, Outcome::Unknown),
        ("user.lifecycle.create", "", None, Outcome::Unknown),
        ("user.lifecycle.create", "WHATEVER", None, Outcome::Unknown),
    ] {
        with(&record(&json!({"eventType": event, "outcome": {"result": result, "reason": reason}})), |e| {
            assert_eq!(e.outcome, outcome, "{event} {result}");
            assert_eq!(e.error.as_deref(), reason.filter(|_| outcome != Outcome::Success), "{event} {result}");
        });
    }
}

#[test]
fn actors_credentials_and_what_they_tell() {
    type Holds = fn(&Event<'_>) -> bool;
    let cases: &[(Value, Holds)] = &[
        (json!({"client": {"ipAddress": "null", "userAgent": null}, "request": {"ipChain": [{"ip": "203.0.113.4"}]}}), |e| {
            e.source.as_deref() == Some("203.0.113.4") && e.agent.is_none()
        }),
        (json!({"client": {"ipAddress": "unknown", "userAgent": {"rawUserAgent": "unknown"}}}), |e| {
            e.source.is_none() && e.agent.is_none()
        }),
        (json!({}), |e| {
            e.target.as_deref() == Some("00u2") && e.resource.as_deref() == Some("Admins") && e.domain.as_deref() == Some("UserGroup")
        }),
        (
            json!({"eventType": "user.account.privilege.grant", "debugContext": {"debugData": {"privilegeGranted": "Super administrator"}}}),
            |e| e.resource.as_deref() == Some("Super administrator") && e.target.as_deref() == Some("00u2"),
        ),
        (
            json!({"eventType": "user.authentication.sso", "target": [{"id": "0ua1", "type": "AppUser"}, {"id": "0oa1", "type": "AppInstance", "displayName": "Payroll"}, {"id": "00u3", "type": "User"}]}),
            |e| e.resource.as_deref() == Some("Payroll") && e.target.as_deref() == Some("00u3"),
        ),
        (json!({"target": null}), |e| e.target.is_none() && e.resource.is_none()),
        (json!({"target": {"id": "0oa9", "type": "AppInstance", "displayName": "Payroll", "alternateId": "unknown"}}), |e| {
            e.target.is_none() && e.resource.as_deref() == Some("Payroll") && e.domain.as_deref() == Some("Payroll")
        }),
        (json!({"transaction": {"detail": {"requestApiTokenId": "AT.x1", "requestApiTokenClientId": "0oa5"}}}), |e| {
            e.credential.as_ref().is_some_and(|c| c.id == "AT.x1" && c.kind == "oauth_access")
        }),
        (
            json!({"transaction": {"detail": {}}, "client": {"id": "0oa7"}, "debugContext": {"debugData": {"grantType": "refresh_token"}}}),
            |e| {
                e.credential.as_ref().is_some_and(|c| c.id == "0oa7" && c.kind == "oauth_refresh")
                    && e.auth_method.as_deref() == Some("refresh_token")
            },
        ),
        (
            json!({"transaction": {"detail": {}}, "actor": {"id": "10.0.0.1", "type": "IP address", "alternateId": "unknown", "displayName": "10.0.0.1"}}),
            |e| e.principal.evidence == E::NONE && e.principal.id == "10.0.0.1",
        ),
        (json!({"transaction": {"detail": {}}, "actor": {"type": "User", "alternateId": "Jane@Example.com"}}), |e| {
            e.principal.id == "jane@example.com"
        }),
        (
            json!({"actor": {"id": "0oa1", "type": "PublicClientApp", "displayName": "Sync"}, "eventType": "app.oauth2.token.grant.refresh_token"}),
            |e| e.on_behalf_of.as_deref() == Some("00u2") && e.principal.evidence.has(E::OAUTH_APP),
        ),
        (json!({"actor": {"id": "wlp1", "type": "AIAgent", "displayName": "Helper"}}), |e| e.principal.evidence.has(E::AGENT)),
        (
            json!({"debugContext": {"debugData": {"origin": "https://shop.example.com", "issuer": "https://acme.okta.com/oauth2/default"}}}),
            |e| e.tenant.as_deref() == Some("acme.okta.com"),
        ),
        (json!({"debugContext": {"debugData": {"origin": "https://acme.okta.com.example.net"}}}), |e| e.tenant.is_none()),
        (json!({"eventType": "user.authentication.auth_via_mfa"}), |e| e.mfa == Some(true)),
        (json!({"debugContext": {"debugData": {"grantedScopes": ["openid", "profile"]}}}), |e| {
            e.scopes.as_deref() == Some("openid profile")
        }),
    ];
    for (change, holds) in cases {
        with(&record(change), |event| assert!(holds(event), "{change}: {event:?}"));
    }
}

/// Protects the identity a detection is about: the user in the target, not the system that noticed.
#[test]
fn detections_are_findings_about_the_user() {
    let change = json!({"eventType": "user.risk.detect", "severity": "WARN", "displayMessage": "User risk detected", "actor": {"id": "spr1", "type": "SystemPrincipal"},
        "debugContext": {"debugData": {"risk": "{reasons=Anomalous Location, level=HIGH}"}}});
    with(&record(&change), |event| {
        assert!(event.finding);
        assert_eq!((&*event.principal.id, event.class), ("00u2", C::Logging));
        assert_eq!(event.tags.as_deref(), Some("finding:okta:high:User risk detected"));
    });
}

#[test]
fn classes_of_event_types() {
    for (event, class) in [
        ("user.session.start", C::Auth),
        ("user.session.impersonation.grant", C::Iam),
        ("user.authentication.sso", C::Auth),
        ("policy.evaluate_sign_on", C::Auth),
        ("policy.rule.update", C::Iam),
        ("policy.lifecycle.deactivate", C::Iam),
        ("zone.update", C::Iam),
        ("network_zone.rule.disabled", C::Iam),
        ("iam.role.create", C::Iam),
        ("iam.resourceset.bindings.add", C::Iam),
        ("user.account.privilege.grant", C::Iam),
        ("user.account.update_password", C::Secret),
        ("user.mfa.factor.deactivate", C::Iam),
        ("group.user_membership.add", C::Iam),
        ("system.api_token.create", C::Secret),
        ("system.api_token.revoke", C::Secret),
        ("app.oauth2.token.grant.access_token", C::Token),
        ("app.oauth2.as.token.grant.access_token", C::Token),
        ("app.oauth2.token.detect_reuse", C::Token),
        ("app.oauth2.as.key.rollover", C::Secret),
        ("app.oauth2.client.lifecycle.create", C::Iam),
        ("system.log_stream.lifecycle.deactivate", C::Logging),
        ("event_hook.deactivated", C::Logging),
        ("application.lifecycle.create", C::Admin),
        ("application.user_membership.add", C::Iam),
        ("system.import.start", C::Export),
        ("security.threat.detected", C::Logging),
        ("analytics.reports.export.download", C::Export),
        ("made.up.thing_created", C::Write),
    ] {
        assert_eq!(operation::classify(event), class, "{event}");
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    for (text, part) in [
        ("[]".to_owned(), "one JSON object"),
        ("{}".to_owned(), "no eventType"),
        (record(&json!({"published": null})), "no published"),
        (record(&json!({"published": "soon"})), "published is “soon”"),
        (record(&json!({"actor": null})), "no actor.id"),
        (r#"{"eventType":"com.okta.event_hook","data":{}}"#.to_owned(), "no data.events"),
    ] {
        let reason = all_of(&text).unwrap_err().to_string();
        assert!(reason.contains(part) && !reason.contains('\n'), "{text}: {reason}");
    }
    let deep =
        (0..6).fold(record(&json!({})), |inner, _| format!(r#"{{"eventType":"com.okta.event_hook","data":{{"events":[{inner}]}}}}"#));
    assert!(all_of(&deep).unwrap_err().to_string().contains("nested deeper"));
}

proptest::proptest! {
    /// No mangled record brings the reader down.
    #[test]
    fn mangled_records_are_read_or_refused(record in mangle::mangled(SAMPLES)) {
        mangle::survives(&Okta, &record);
    }
}
