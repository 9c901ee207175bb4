//! One row of every type that matters, and what must come out of it.

use super::*;
use crate::model::{ActionClass, JobStep, KindEvidence, Outcome, Probe, Timestamp};
use serde_json::{Value, json};

/// A row of a type with the common columns and these.
fn row(kind: &str, more: &Value) -> Value {
    let mut row = json!({
        "EVENT_TYPE": kind, "TIMESTAMP": "20261119100000.123", "REQUEST_ID": "TID:1", "ORGANIZATION_ID": "00D000000000001",
        "USER_ID": "0053X00000BoLQR", "USER_ID_DERIVED": "0053X00000BoLQRQA3", "TIMESTAMP_DERIVED": "2026-11-19T10:00:00.123Z",
        "CLIENT_IP": "198.51.100.7", "SESSION_KEY": "d7DEqANa7nNZZVD", "LOGIN_KEY": "QfNecrLXSII6fsBq"
    });
    for (key, value) in more.as_object().unwrap() {
        row[key] = value.clone();
    }
    row
}

/// What must hold of an event.
type Holds = fn(&Event<'_>) -> bool;

fn with(record: &str, look: impl FnOnce(&Event<'_>)) {
    let mut look = Some(look);
    SalesforceElf
        .read(record, &mut |event| {
            if let Some(look) = look.take() {
                look(&event);
            }
        })
        .unwrap_or_else(|refusal| panic!("{refusal}: {record}"));
    assert!(look.is_none());
}

fn check(cases: Vec<(&str, Value, Holds)>) {
    for (kind, more, holds) in cases {
        let record = row(kind, &more);
        with(&record.to_string(), |event| {
            assert!(holds(event), "{record}: {event:?}");
            // One user is one principal, whatever the type.
            assert_eq!((event.principal.platform, &*event.principal.id), ("salesforce", "0053X00000BoLQR"));
            assert_eq!((event.time.0, event.tenant.as_deref()), (1_795_082_400_123, Some("00D000000000001")));
        });
    }
}

#[test]
fn logins() {
    check(vec![
        (
            "Login",
            json!({"USER_NAME": "crm.integration@example.com", "LOGIN_TYPE": "i", "LOGIN_SUB_TYPE": "OAuthRefreshToken", "LOGIN_STATUS": "LOGIN_NO_ERROR", "SOURCE_IP": "203.0.113.9", "BROWSER_TYPE": "Java (Salesforce.com)", "SESSION_KEY": ""}),
            |e| {
                e.class == ActionClass::Auth
                    && (e.source.as_deref(), e.agent.as_deref()) == (Some("203.0.113.9"), Some("Java (Salesforce.com)"))
                    && (e.auth_method.as_deref(), e.outcome) == (Some("oauth"), Outcome::Success)
                    && e.principal.name.as_deref() == Some("crm.integration@example.com")
                    && e.principal.evidence == KindEvidence::OAUTH_APP.with(KindEvidence::MACHINE_NAME)
                    && e.session.as_deref() == Some("QfNecrLXSII6fsBq")
                    && &*e.action == "Login"
            },
        ),
        (
            "Login",
            json!({"USER_NAME": "jane@example.com", "LOGIN_TYPE": "A", "BROWSER_TYPE": "Mozilla/5.0", "LOGIN_STATUS": "LOGIN_ERROR_INVALID_PASSWORD"}),
            |e| {
                (e.outcome, e.error.as_deref()) == (Outcome::Denied, Some("LOGIN_ERROR_INVALID_PASSWORD"))
                    && e.principal.evidence == KindEvidence::UI
                    && e.auth_method.as_deref() == Some("password")
            },
        ),
        ("Login", json!({"CLIENT_IP": "Salesforce.com IP"}), |e| e.source.as_deref() == Some("Salesforce.com IP") && !e.via_provider),
    ]);
}

#[test]
fn calls() {
    check(vec![
        (
            "RestApi",
            json!({"METHOD": "GET", "URI": "/services/data/v58.0/sobjects/Account/describe", "STATUS_CODE": "200", "USER_AGENT": "9999", "RESPONSE_SIZE": "2048"}),
            |e| {
                &*e.action == "RestApi GET /sobjects/{object}/describe"
                    && (e.class, e.probe) == (ActionClass::Describe, Some(Probe::Describe))
                    && (e.domain.as_deref(), e.agent.as_deref(), e.bytes) == (Some("Account"), None, Some(2048))
                    && (e.outcome, e.auth_method.as_deref()) == (Outcome::Success, Some("session"))
                    && e.principal.evidence == KindEvidence::API_CLIENT
            },
        ),
        ("RestApi", json!({"METHOD": "GET", "URI": "/services/data/v58.0/sobjects", "STATUS_CODE": "403"}), |e| {
            (e.class, e.probe, e.outcome, e.error.as_deref()) == (ActionClass::List, Some(Probe::ListAll), Outcome::Denied, Some("403"))
        }),
        ("RestApi", json!({"METHOD": "GET", "URI": "/services/data/v58.0/limits"}), |e| {
            e.probe == Some(Probe::Limits) && e.outcome == Outcome::Unknown
        }),
        ("RestApi", json!({"METHOD": "GET", "URI": "/services/data/v58.0/chatter/users/me"}), |e| e.probe == Some(Probe::WhoAmI)),
        ("RestApi", json!({"METHOD": "GET", "URI": "/services/data/v58.0/query?q=SELECT+COUNT()+FROM+Case", "STATUS_CODE": "500"}), |e| {
            (e.class, e.probe, e.domain.as_deref(), e.outcome) == (ActionClass::Query, Some(Probe::Count), Some("Case"), Outcome::Error)
                && e.query_shape.as_deref() == Some("SELECT COUNT() FROM Case")
                && e.resource.as_deref() == Some("/services/data/v58.0/query")
        }),
        (
            "ApiTotalUsage",
            json!({"CONNECTED_APP_ID": "0H4000000000001CAA", "CLIENT_NAME": "acme/sync", "API_FAMILY": "REST", "API_RESOURCE": "/v58.0/sobjects/Contact/0033X00002abcDEQAY", "HTTP_METHOD": "PATCH", "STATUS_CODE": "204", "ENTITY_NAME": "Contact"}),
            |e| {
                &*e.action == "ApiTotalUsage PATCH /sobjects/{object}/{id}"
                    && e.class == ActionClass::Write
                    && e.credential.as_ref().is_some_and(|c| (&*c.id, c.kind) == ("0H4000000000001", "oauth_access"))
                    && e.principal.evidence.has(KindEvidence::OAUTH_APP)
                    && e.principal.evidence.has(KindEvidence::MACHINE_NAME)
                    && (e.principal.name.as_deref(), e.agent.as_deref()) == (Some("acme/sync"), Some("acme/sync"))
                    && e.auth_method.as_deref() == Some("oauth")
            },
        ),
        (
            "API",
            json!({"CLIENT_NAME": "vendor/integration_app", "METHOD_NAME": "queryMore", "ENTITY_NAME": "Lead", "ROWS_PROCESSED": "2000"}),
            |e| &*e.action == "API queryMore" && (e.class, e.rows, e.domain.as_deref()) == (ActionClass::Query, Some(2000), Some("Lead")),
        ),
        ("API", json!({"METHOD_NAME": "describeGlobal"}), |e| e.probe == Some(Probe::ListAll)),
        ("UniqueQuery", json!({"QUERY_IDENTIFIER": "select id from Account where name = 'x'", "SQL_ID": "s"}), |e| {
            (&*e.action, e.class, e.domain.as_deref()) == ("UniqueQuery", ActionClass::Query, Some("Account"))
                && e.query_shape.as_deref() == Some("SELECT id FROM Account WHERE name = ?")
        }),
        (
            "ReportExport",
            json!({"URI": "/00O3X00000C8f8VUAR?x=1", "CLIENT_INFO": "Mozilla/5.0", "ROW_COUNT": "10", "AVERAGE_ROW_SIZE": "100"}),
            |e| {
                (e.class, e.rows, e.bytes, e.agent.as_deref()) == (ActionClass::Export, Some(10), Some(1000), Some("Mozilla/5.0"))
                    && e.principal.evidence == KindEvidence::UI
            },
        ),
        ("LoginAs", json!({"DELEGATED_USER_ID": "0050O000003RBWVQA4"}), |e| {
            e.target.as_deref() == Some("0050O000003RBWV") && e.class == ActionClass::Auth
        }),
        ("SomethingNew", json!({}), |e| &*e.action == "SomethingNew" && e.class == ActionClass::Read),
    ]);
}

/// Protects the sequence create → run → delete: all rows of one job carry one id.
#[test]
fn bulk_jobs() {
    let job = "7503X00000as1sz";
    let steps = [
        ("RestApi", json!({"METHOD": "POST", "URI": "/services/data/v58.0/jobs/query"}), None, JobStep::Create, ActionClass::Export),
        (
            "RestApi",
            json!({"METHOD": "GET", "URI": "/services/data/v58.0/jobs/query/7503X00000as1szQAA"}),
            Some(job),
            JobStep::Progress,
            ActionClass::Export,
        ),
        (
            "RestApi",
            json!({"METHOD": "GET", "URI": "/services/data/v58.0/jobs/query/7503X00000as1sz/results"}),
            Some(job),
            JobStep::Progress,
            ActionClass::Export,
        ),
        (
            "RestApi",
            json!({"METHOD": "DELETE", "URI": "/services/data/v58.0/jobs/query/7503X00000as1sz"}),
            Some(job),
            JobStep::Delete,
            ActionClass::Delete,
        ),
        (
            "BulkApi2",
            json!({"JOB_ID": "7503X00000as1szQAA", "OPERATION_TYPE": "query", "STATE": "JobComplete", "ROWS_PROCESSED": "5"}),
            Some(job),
            JobStep::Complete,
            ActionClass::Export,
        ),
        ("BulkApi", json!({"JOB_ID": job, "OPERATION_TYPE": "insert"}), Some(job), JobStep::Progress, ActionClass::Write),
        ("BulkApi", json!({"JOB_ID": job, "BATCH_ID": "7513X00000jx500"}), Some(job), JobStep::Progress, ActionClass::Export),
    ];
    for (kind, more, id, step, class) in steps {
        with(&row(kind, &more).to_string(), |event| {
            assert_eq!((event.job.as_deref(), event.job_step, event.class), (id, Some(step), class), "{more}");
        });
    }
}

#[test]
fn spellings_of_a_row() {
    // Lower case, a renamed column, blanks, other forms of time.
    for (record, ms) in [
        (r#"{"event_type":"Login","timestamp":"20261119100000.5","user_id":"005000000000001","type_":"x"}"#, 500),
        (r#"{"EVENT_TYPE":"Login","TIMESTAMP":"20261119100000","USER_ID_DERIVED":"005000000000001AAA"}"#, 0),
        (r#"{"EVENT_TYPE":"Login","TIMESTAMP":"2026-11-19 10:00:00.123","USER_ID":"005000000000001"}"#, 123),
        (
            r#"{"EVENT_TYPE":"Login","LOGIN_STATUS":"A","LOGIN_STATUS":"LOGIN_NO_ERROR","TIMESTAMP":"20261119100000.13","USER_ID":"005000000000001"}"#,
            130,
        ),
    ] {
        with(record, |event| {
            assert_eq!((event.time, &*event.principal.id), (Timestamp(1_795_082_400_000 + ms), "005000000000001"), "{record}");
        });
    }
    // Nobody named: the organisation's own work.
    with(
        r#"{"EVENT_TYPE":"ApexUnexpectedException","TIMESTAMP":"20261119100000.5","ORGANIZATION_ID":"00D000000000001","EXCEPTION_TYPE":"X"}"#,
        |event| {
            assert_eq!((&*event.principal.id, event.outcome), ("00D000000000001", Outcome::Error));
            assert!(event.principal.evidence.has(KindEvidence::PROVIDER_SERVICE));
        },
    );
}

#[test]
fn refusals_say_what_is_wrong() {
    for (record, part) in [
        (r#"{"EVENT_TYPE":"EVENT_TYPE","TIMESTAMP":"TIMESTAMP","USER_ID":"USER_ID"}"#, "repeated header"),
        (r#"{"event_type":"event_type","timestamp":"timestamp"}"#, "repeated header"),
        (r#"{"TIMESTAMP":"20261119100000.5"}"#, "no EVENT_TYPE"),
        (r#"{"EVENT_TYPE":"Login"}"#, "no TIMESTAMP"),
        (r#"{"EVENT_TYPE":"Login","TIMESTAMP":"20261399100000.5"}"#, "TIMESTAMP is “20261399100000.5”"),
        ("[]", "not valid JSON"),
        ("EVENT_TYPE,TIMESTAMP", "not valid JSON"),
    ] {
        let reason = SalesforceElf.read(record, &mut |event| panic!("read as {event:?}")).unwrap_err().to_string();
        assert!(reason.contains(part) && !reason.contains('\n'), "{record}: {reason}");
    }
}
