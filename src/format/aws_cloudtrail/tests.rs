//! One record of every shape and quirk, and what must come out of it.

use super::*;
use crate::model::{ActionClass, JobStep, KindEvidence, Outcome, Probe, Timestamp};
use serde_json::{Value, json};
use std::borrow::Cow;

/// What must hold of an event.
type Holds = fn(&Event<'_>) -> bool;

/// Reads one record that holds one event and looks at it.
fn with(record: &str, look: impl FnOnce(&Event<'_>)) {
    let mut look = Some(look);
    let mut seen = 0;
    AwsCloudtrail
        .read(record, &mut |event| {
            seen += 1;
            if let Some(look) = look.take() {
                look(&event);
            }
        })
        .unwrap_or_else(|refusal| panic!("{refusal}: {record}"));
    assert_eq!(seen, 1, "{record}");
}

fn refused(record: &str) -> String {
    AwsCloudtrail.read(record, &mut |event| panic!("read as {event:?}")).unwrap_err().to_string()
}

/// A sound record with some fields of `change` in place of its own; null takes a field away.
fn record(change: &Value) -> Value {
    let mut base = json!({
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole", "principalId": "AROAEXAMPLE:i-0abc1234def567890",
            "arn": "arn:aws:sts::111122223333:assumed-role/app/i-0abc1234def567890", "accountId": "111122223333",
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLE", "arn": "arn:aws:iam::111122223333:role/service/app", "accountId": "111122223333", "userName": "app"},
                "webIdFederationData": {},
                "attributes": {"creationDate": "2026-11-19T09:00:00Z", "mfaAuthenticated": "false"},
                "ec2RoleDelivery": "2.0"
            }
        },
        "eventTime": "2026-11-19T10:00:00Z", "eventSource": "s3.amazonaws.com", "eventName": "GetObject", "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "[Boto3/1.34 md/Botocore#1.34]",
        "requestParameters": {"bucketName": "payroll", "key": "2026/11.csv", "Host": "payroll.s3.amazonaws.com"},
        "responseElements": null,
        "additionalEventData": {"bytesTransferredIn": 0.0, "bytesTransferredOut": 1_048_576.0, "SignatureVersion": "SigV4"},
        "requestID": "R", "eventID": "1f2e3d4c", "readOnly": true,
        "resources": [{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::payroll/2026/11.csv"}, {"accountId": "111122223333", "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::payroll"}],
        "eventType": "AwsApiCall", "managementEvent": false, "recipientAccountId": "111122223333", "eventCategory": "Data"
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
fn every_field_of_a_plain_record() {
    let text = record(&json!({})).to_string();
    with(&text, |event| {
        assert_eq!(event.time, Timestamp::parse("2026-11-19T10:00:00Z").unwrap());
        assert_eq!((event.format, event.provider_id.as_deref()), ("aws_cloudtrail", Some("1f2e3d4c")));
        assert_eq!((event.principal.platform, &*event.principal.id), ("aws", "arn:aws:iam::111122223333:role/service/app"));
        assert_eq!(event.principal.name.as_deref(), Some("app"));
        assert!(event.principal.evidence.has(KindEvidence::ROLE_SESSION) && event.principal.evidence.has(KindEvidence::WORKLOAD_SESSION));
        let credential = event.credential.as_ref().unwrap();
        assert_eq!((&*credential.id, credential.kind), ("ASIAIOSFODNN7EXAMPLE", "sts_session"));
        assert_eq!(event.session.as_deref(), Some("i-0abc1234def567890"));
        assert_eq!((event.mfa, event.session_issued), (Some(false), Timestamp::parse("2026-11-19T09:00:00Z")));
        assert_eq!((event.tenant.as_deref(), event.cloud_account.as_deref()), (Some("111122223333"), None));
        assert_eq!((event.region.as_deref(), event.source.as_deref()), (Some("eu-west-1"), Some("198.51.100.7")));
        assert_eq!((event.agent.as_deref(), event.via_provider), (Some("Boto3/1.34 md/Botocore#1.34"), false));
        assert_eq!((event.auth_method.as_deref(), &*event.action), (Some("sts_session"), "GetObject"));
        assert_eq!((event.service.as_deref(), event.class, event.probe), (Some("s3.amazonaws.com"), ActionClass::Read, None));
        assert_eq!((event.resource.as_deref(), event.domain.as_deref()), (Some("arn:aws:s3:::payroll/2026/11.csv"), Some("payroll")));
        assert_eq!((event.outcome, event.error.as_deref(), event.bytes, event.rows), (Outcome::Success, None, Some(1_048_576), None));
        // Nothing is copied that need not be.
        assert!(
            matches!(event.principal.id, Cow::Borrowed(_))
                && matches!(event.action, Cow::Borrowed(_))
                && matches!(event.agent, Some(Cow::Borrowed(_)))
        );
    });
}

/// Protects the envelopes: the same record in each of them is the same event.
#[test]
fn envelopes_change_nothing() {
    let plain = record(&json!({}));
    let mut logstash = record(&json!({"eventTime": null}));
    logstash["@timestamp"] = json!("2026-11-19T10:00:00.000Z");
    let topic = json!({"Type": "Notification", "MessageId": "m", "Message": plain.to_string(), "Signature": "s"});
    let shapes = [
        plain.to_string(),
        logstash.to_string(),
        json!({"version": "0", "id": "e", "detail-type": "AWS API Call via CloudTrail", "source": "aws.s3", "detail": plain}).to_string(),
        topic.to_string(),
        json!({"messageId": "q", "receiptHandle": "h", "body": topic.to_string()}).to_string(),
        json!({"MessageId": "q", "Body": topic.to_string()}).to_string(),
        json!({"EventId": "1f2e3d4c", "EventName": "GetObject", "ReadOnly": "true", "CloudTrailEvent": plain.to_string(), "Username": "u"})
            .to_string(),
        json!({"Records": [plain]}).to_string(),
        format!("\u{feff}{plain}"),
        serde_json::to_string_pretty(&plain).unwrap(),
        plain.to_string().replace("eventName", "eventname").replace("userIdentity", "useridentity").replace("principalId", "principalid"),
    ];
    for shape in shapes {
        with(&shape, |event| {
            assert_eq!(
                (&*event.action, event.provider_id.as_deref(), event.time.0),
                ("GetObject", Some("1f2e3d4c"), 1_795_082_400_000),
                "{shape}"
            );
            assert_eq!(&*event.principal.id, "arn:aws:iam::111122223333:role/service/app", "{shape}");
            assert_eq!((event.session.as_deref(), event.bytes), (Some("i-0abc1234def567890"), Some(1_048_576)), "{shape}");
        });
        assert!(crate::format::recognise(&shape).is_some() || shape.contains("Records"), "{shape}");
    }
}

#[test]
fn who_acted_by_type() {
    let role = "arn:aws:iam::111122223333:role/gate";
    let role_session = |name: &str| json!({"type": "AssumedRole", "principalId": format!("AROAEXAMPLE:{name}"), "arn": format!("arn:aws:sts::111122223333:assumed-role/gate/{name}"), "accountId": "111122223333", "accessKeyId": "ASIAEXAMPLE"});
    let (key, role_bit, work, person) =
        (KindEvidence::STATIC_KEY, KindEvidence::ROLE_SESSION, KindEvidence::WORKLOAD_SESSION, KindEvidence::PERSON_SESSION);
    for (identity, id, evidence, via) in [
        (
            json!({"type": "IAMUser", "arn": "arn:aws:iam::1:user/jane", "userName": "jane", "accessKeyId": "AKIAEXAMPLE"}),
            "arn:aws:iam::1:user/jane",
            key,
            false,
        ),
        (
            json!({"type": "IAMUser", "arn": "arn:aws:iam::1:user/svc-etl", "userName": "svc-etl", "accesKeyId": "AKIAEXAMPLE", "invokedBy": "AWS Internal"}),
            "arn:aws:iam::1:user/svc-etl",
            key.with(KindEvidence::MACHINE_NAME),
            true,
        ),
        (role_session("GitHubActions"), role, role_bit.with(work).with(KindEvidence::CI_SESSION), false),
        (role_session("jane.doe@example.com"), role, role_bit.with(person), false),
        (role_session("aws-go-sdk-1700000000"), role, role_bit.with(work), false),
        (
            json!({"type": "AssumedRole", "principalId": "AROA:j", "arn": "arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_0123/j"}),
            "arn:aws:iam::1:role/AWSReservedSSO_Admin_0123",
            role_bit.with(person),
            false,
        ),
        (json!({"type": "Root", "arn": "arn:aws:iam::1:root", "accountId": "1"}), "arn:aws:iam::1:root", KindEvidence::ROOT, false),
        (json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}), "ec2.amazonaws.com", KindEvidence::PROVIDER_SERVICE, false),
        (
            json!({"accountId": "1", "invokedBy": "delivery.logs.amazonaws.com"}),
            "delivery.logs.amazonaws.com",
            KindEvidence::PROVIDER_SERVICE,
            false,
        ),
        (json!({"accountId": "999988887777"}), "999988887777", KindEvidence::PROVIDER_SERVICE, false),
        (json!({"type": "AWSAccount", "principalId": "AIDA:x", "accountId": "999988887777"}), "999988887777", KindEvidence::NONE, false),
        (
            json!({"type": "FederatedUser", "principalId": "1:temp", "arn": "arn:aws:sts::1:federated-user/temp", "accessKeyId": "ASIA1", "sessionContext": {"sessionIssuer": {"type": "IAMUser", "arn": "arn:aws:iam::1:user/ops", "userName": "ops"}}}),
            "arn:aws:iam::1:user/ops",
            role_bit,
            false,
        ),
        (
            json!({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1", "identityStoreArn": "a"}, "credentialId": "c"}),
            "u-1",
            KindEvidence::PERSON,
            false,
        ),
        (
            json!({"type": "WebIdentityUser", "principalId": "p:sub", "userName": "repo:o/r:ref:refs/heads/main", "identityProvider": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"}),
            "p:sub",
            work.with(KindEvidence::CI_SESSION),
            false,
        ),
        (
            json!({"type": "WebIdentityUser", "principalId": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:repo:o/r:ref:refs/heads/main", "userName": "repo:o/r:ref:refs/heads/main", "identityProvider": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"}),
            "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:repo:o/r",
            work.with(KindEvidence::CI_SESSION),
            false,
        ),
        (json!({"type": "Unknown", "principalId": "X", "accountId": "1"}), "X", KindEvidence::NONE, false),
        (json!({"type": "Unknown", "principalId": "1", "accountId": "1", "userName": "jane"}), "jane", KindEvidence::NONE, false),
    ] {
        with(&record(&json!({"userIdentity": identity})).to_string(), |event| {
            assert_eq!((&*event.principal.id, event.principal.evidence, event.via_provider), (id, evidence, via), "{identity}");
        });
    }
}

/// Protects the kinds of roles that federation hands out, and the trace of who took them.
#[test]
fn federated_sessions_tell_where_they_come_from() {
    let session = |more: Value| {
        let mut context = json!({"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::1:role/gate", "userName": "gate"}});
        context.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record(&json!({"userIdentity": {"type": "AssumedRole", "principalId": "AROA:s", "arn": "arn:aws:sts::1:assumed-role/gate/s", "accountId": "1", "sessionContext": context}})).to_string()
    };
    let provider = |name: &str| {
        session(json!({"webIdFederationData": {"federatedProvider": format!("arn:aws:iam::1:oidc-provider/{name}"), "attributes": {}}}))
    };
    with(&provider("token.actions.githubusercontent.com"), |event| {
        assert!(event.principal.evidence.has(KindEvidence::CI_SESSION));
        assert_eq!(event.auth_method.as_deref(), Some("web_identity"));
    });
    with(&provider("oidc.eks.eu-west-1.amazonaws.com/id/5C7A"), |event| {
        assert!(event.principal.evidence.has(KindEvidence::WORKLOAD_SESSION));
    });
    with(&provider("accounts.example.com"), |event| assert_eq!(event.principal.evidence, KindEvidence::ROLE_SESSION));
    with(&session(json!({"sourceIdentity": "jane.doe@example.com"})), |event| {
        assert_eq!((event.on_behalf_of.as_deref(), event.session.as_deref()), (Some("jane.doe@example.com"), Some("s")));
        assert!(event.principal.evidence.has(KindEvidence::PERSON_SESSION));
    });
    with(&session(json!({"sourceIdentity": "deployer"})), |event| {
        assert_eq!((event.on_behalf_of.as_deref(), event.principal.evidence), (Some("deployer"), KindEvidence::ROLE_SESSION));
    });
    let propagated = record(
        &json!({"userIdentity": {"type": "AssumedRole", "principalId": "AROA:s", "arn": "arn:aws:sts::1:assumed-role/gate/s", "accountId": "1",
        "onBehalfOf": {"userId": "u-1", "identityStoreArn": "a"}}}),
    );
    with(&propagated.to_string(), |event| assert_eq!(event.on_behalf_of.as_deref(), Some("u-1")));
}

/// Protects flat copies: the columns of a SIEM are the record again.
#[test]
fn columns_become_the_record_again() {
    let sentinel = json!({"TimeGenerated": "2026-11-19T10:00:00Z", "AwsEventId": "1f2e3d4c", "EventName": "GetObject", "EventSource": "s3.amazonaws.com", "EventVersion": "1.09",
        "UserIdentityType": "AssumedRole", "UserIdentityPrincipalid": "AROAEXAMPLE:i-0abc1234def567890", "UserIdentityArn": "arn:aws:sts::111122223333:assumed-role/app/i-0abc1234def567890",
        "UserIdentityAccountId": "111122223333", "UserIdentityAccessKeyId": "ASIAIOSFODNN7EXAMPLE", "UserIdentityUserName": "", "SessionMfaAuthenticated": "false",
        "SessionIssuerArn": "arn:aws:iam::111122223333:role/service/app", "SessionIssuerUserName": "app", "SourceIpAddress": "198.51.100.7", "UserAgent": "[Boto3/1.34]",
        "AWSRegion": "eu-west-1", "RecipientAccountId": "111122223333", "RequestParameters": "{\"bucketName\":\"payroll\",\"key\":\"2026/11.csv\"}",
        "AdditionalEventData": "{\"bytesTransferredOut\":1048576.0}", "ErrorCode": "", "Type": "AWSCloudTrail"});
    let mut dotted = record(&json!({"userIdentity": null}));
    for (name, value) in [
        ("type", "AssumedRole"),
        ("principalId", "AROAEXAMPLE:i-0abc1234def567890"),
        ("accessKeyId", "ASIAIOSFODNN7EXAMPLE"),
        ("accountId", "111122223333"),
        ("sessionContext.sessionIssuer.arn", "arn:aws:iam::111122223333:role/service/app"),
        ("sessionContext.attributes.mfaAuthenticated", "false"),
    ] {
        dotted[format!("userIdentity.{name}")] = json!(value);
    }
    let wrapped = json!({"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "logEvents": [{"id": "1", "timestamp": 1, "message": record(&json!({})).to_string()}]});
    for shape in [sentinel.to_string(), dotted.to_string(), wrapped.to_string()] {
        assert_eq!(crate::format::recognise(&shape).map(Format::name), Some(NAME), "{shape}");
        with(&shape, |event| {
            assert_eq!(
                (&*event.principal.id, event.session.as_deref()),
                ("arn:aws:iam::111122223333:role/service/app", Some("i-0abc1234def567890")),
                "{shape}"
            );
            assert_eq!(
                (event.provider_id.as_deref(), event.time.0, event.mfa),
                (Some("1f2e3d4c"), 1_795_082_400_000, Some(false)),
                "{shape}"
            );
            assert_eq!(
                (event.domain.as_deref(), event.bytes, event.source.as_deref()),
                (Some("payroll"), Some(1_048_576), Some("198.51.100.7")),
                "{shape}"
            );
            assert_eq!((event.outcome, event.region.as_deref()), (Outcome::Success, Some("eu-west-1")), "{shape}");
        });
    }
}

#[test]
fn quirks_of_single_fields() {
    let cases: Vec<(Value, Holds)> = vec![
        (json!({"errorCode": "AccessDenied"}), |e| e.outcome == Outcome::Denied && e.error.as_deref() == Some("AccessDenied")),
        (json!({"errorCode": "Client.UnauthorizedOperation"}), |e| e.outcome == Outcome::Denied),
        (json!({"errorCode": "NoSuchBucket"}), |e| e.outcome == Outcome::Error),
        (json!({"errorCode": "Client.RequestLimitExceeded"}), |e| e.outcome == Outcome::Error),
        (json!({"errorCode": ""}), |e| e.outcome == Outcome::Success && e.error.is_none()),
        (json!({"sourceIPAddress": " 035.249.253.232 "}), |e| e.source.as_deref() == Some("035.249.253.232")),
        (json!({"sourceIPAddress": "AWS Internal"}), |e| e.source.as_deref() == Some("AWS Internal")),
        (json!({"sourceIPAddress": ""}), |e| e.source.is_none()),
        (json!({"userAgent": "[S3Console/0.4, aws-internal/3 [x]]"}), |e| e.agent.as_deref() == Some("S3Console/0.4, aws-internal/3 [x]")),
        (json!({"userAgent": "aws-sdk exec-env/AWS_Lambda_python3.12"}), |e| e.principal.evidence.has(KindEvidence::WORKLOAD_SESSION)),
        (json!({"recipientAccountId": "444455556666"}), |e| {
            (e.tenant.as_deref(), e.cloud_account.as_deref()) == (Some("444455556666"), Some("111122223333"))
        }),
        (json!({"requestParameters": "null", "resources": null}), |e| e.resource.is_none() && e.domain.is_none()),
        (json!({"resources": null}), |e| e.resource.as_deref() == Some("payroll/2026/11.csv")),
        (json!({"additionalEventData": "null"}), |e| e.bytes.is_none()),
        (json!({"additionalEventData": "{\"bytesTransferredOut\":7.0}"}), |e| e.bytes == Some(7)),
        (json!({"resources": ["odd", {"ARN": "arn:aws:s3:::b/k"}]}), |e| e.resource.as_deref() == Some("arn:aws:s3:::b/k")),
        (json!({"eventName": "ListFunctions20150331", "eventSource": "lambda.amazonaws.com"}), |e| {
            &*e.action == "ListFunctions20150331" && e.class == ActionClass::List && e.probe == Some(Probe::ListAll)
        }),
        (json!({"userAgent": "caf\u{e9} \"x\" \\ \u{1F600}"}), |e| e.agent.as_deref() == Some("café \"x\" \\ 😀")),
    ];
    for (change, holds) in cases {
        with(&record(&change).to_string(), |event| assert!(holds(event), "{change}: {event:?}"));
    }
}

#[test]
fn what_calls_act_on() {
    let cases: Vec<(Value, Holds)> = vec![
        (
            json!({"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Failure"}, "errorMessage": "Failed authentication", "additionalEventData": {"MFAUsed": "Yes"}}),
            |e| {
                e.outcome == Outcome::Denied
                    && e.error.as_deref() == Some("Failed authentication")
                    && e.mfa == Some(true)
                    && e.class == ActionClass::Auth
                    && e.auth_method.as_deref() == Some("console")
                    && e.principal.evidence.has(KindEvidence::CONSOLE)
            },
        ),
        (
            json!({"eventSource": "iam.amazonaws.com", "eventName": "CreateAccessKey", "requestParameters": {}, "resources": null, "responseElements": {"accessKey": {"userName": "victim", "accessKeyId": "AKIANEW", "status": "Active"}}}),
            |e| {
                e.target.as_deref() == Some("arn:aws:iam::111122223333:user/victim")
                    && e.resource.as_deref() == Some("AKIANEW")
                    && e.class == ActionClass::Iam
            },
        ),
        (
            json!({"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "resources": null, "requestParameters": {"roleArn": "arn:aws:iam::2:role/team/x", "roleSessionName": "s"}, "responseElements": {"credentials": {"accessKeyId": "ASIANEW"}}}),
            |e| {
                e.target.as_deref() == Some("arn:aws:iam::2:role/team/x")
                    && e.domain.as_deref() == Some("x")
                    && e.class == ActionClass::Token
            },
        ),
        (
            json!({"eventSource": "secretsmanager.amazonaws.com", "eventName": "GetSecretValue", "resources": null, "requestParameters": {"secretId": "arn:aws:secretsmanager:us-east-1:1:secret:prod/db-AbCdEf"}}),
            |e| e.domain.as_deref() == Some("prod/db") && e.class == ActionClass::Secret,
        ),
        (
            json!({"eventSource": "athena.amazonaws.com", "eventName": "StartQueryExecution", "resources": null, "requestParameters": {"workGroup": "wg"}, "responseElements": {"queryExecutionId": "q-1"}}),
            |e| (e.job.as_deref(), e.job_step, e.class) == (Some("q-1"), Some(JobStep::Create), ActionClass::Query),
        ),
        (
            json!({"eventSource": "ec2.amazonaws.com", "eventName": "DeleteSnapshot", "resources": null, "requestParameters": {"snapshotId": "snap-1"}}),
            |e| (e.job.as_deref(), e.job_step, e.resource.as_deref()) == (Some("snap-1"), Some(JobStep::Delete), Some("snap-1")),
        ),
        (
            json!({"eventSource": "ec2.amazonaws.com", "eventName": "TerminateInstances", "resources": null, "requestParameters": {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}}),
            |e| e.resource.as_deref() == Some("i-1") && e.class == ActionClass::Delete,
        ),
        (
            json!({"eventSource": "rds.amazonaws.com", "eventName": "StartExportTask", "resources": null, "requestParameters": {"exportTaskIdentifier": "x-1", "sourceArn": "arn:aws:rds:eu-west-1:1:snapshot:s", "s3BucketName": "out"}}),
            |e| {
                (e.job.as_deref(), e.job_step, e.domain.as_deref(), e.class)
                    == (Some("x-1"), Some(JobStep::Create), Some("out"), ActionClass::Export)
            },
        ),
    ];
    for (change, holds) in cases {
        with(&record(&change).to_string(), |event| assert!(holds(event), "{change}: {event:?}"));
    }
}

/// Protects the count of what was read: what is no activity says so, in one line that names it.
#[test]
fn refusals_say_what_is_wrong() {
    for (text, part) in [
        ("not json".to_owned(), "not valid JSON"),
        ("[]".to_owned(), "one JSON object"),
        (String::new(), "not valid JSON"),
        (r#"{eventName: "x"}"#.to_owned(), "not valid JSON"),
        (r#"{"awsAccountId":"1","digestStartTime":"2026-11-19T10:00:00Z","digestS3Bucket":"b"}"#.to_owned(), "digest"),
        (record(&json!({"eventType": "AwsCloudTrailInsight"})).to_string(), "Insight"),
        (record(&json!({"insightDetails": {"state": "Start"}})).to_string(), "Insight"),
        (record(&json!({"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"})).to_string(), "object was written"),
        (r#"{"s3Bucket":"b","s3ObjectKey":["k"]}"#.to_owned(), "log file was delivered"),
        (record(&json!({"eventTime": null})).to_string(), "no eventTime"),
        (record(&json!({"eventTime": "soon"})).to_string(), "eventTime is “soon”"),
        (record(&json!({"userIdentity": null})).to_string(), "no userIdentity"),
        (record(&json!({"eventName": null})).to_string(), "no eventName"),
        (r#"{"a":1}"#.to_owned(), "no eventName"),
    ] {
        let reason = refused(&text);
        assert!(reason.contains(part) && !reason.contains('\n'), "{text}: {reason}");
    }
    let deep = (0..9).fold(record(&json!({})), |inner, _| json!({ "Message": inner.to_string() }));
    assert!(refused(&deep.to_string()).contains("nested deeper"));
}

/// serde stops at a key that comes twice; providers send them all the same, and the last one holds.
#[test]
fn a_key_that_comes_twice_is_read() {
    let text = record(&json!({})).to_string().replacen("\"eventID\"", "\"eventID\":\"old\",\"eventID\"", 1);
    with(&text, |event| assert_eq!(event.provider_id.as_deref(), Some("1f2e3d4c")));
}
