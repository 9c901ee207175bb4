//! Findings in every shape, about the same principals that CloudTrail names.

use super::super::{by_name, mangle, recognise};
use super::*;
use crate::model::{ActionClass, KindEvidence as E};
use serde_json::{Value, json};

/// One record of every shape, written for these tests.
pub const SAMPLES: &[&str] = &[
    r#"{"schemaVersion":"2.0","accountId":"111122223333","region":"eu-west-1","partition":"aws","id":"f1","arn":"arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f1","type":"UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS","resource":{"resourceType":"AccessKey","accessKeyDetails":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","principalId":"AROAEXAMPLE:i-0abc1234def567890","userType":"AssumedRole","userName":"app"}},"service":{"serviceName":"guardduty","action":{"actionType":"AWS_API_CALL","awsApiCallAction":{"api":"ListBuckets","serviceName":"s3.amazonaws.com","remoteIpDetails":{"ipAddressV4":"198.51.100.7"}}},"eventFirstSeen":"2026-11-19T09:00:00.000Z","eventLastSeen":"2026-11-19T10:00:00.000Z","count":3},"severity":8,"createdAt":"2026-11-19T10:05:00.000Z","updatedAt":"2026-11-19T10:06:00.000Z","title":"Credentials used from outside","description":"x"}"#,
    r#"{"version":"0","id":"e","detail-type":"GuardDuty Finding","source":"aws.guardduty","account":"111122223333","time":"2026-11-19T10:10:00Z","region":"eu-west-1","resources":[],"detail":{"AccountId":"111122223333","Region":"eu-west-1","Id":"f2","Arn":"arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f2","Type":"Discovery:S3/AnomalousBehavior","Severity":5.0,"Title":"Unusual calls","UpdatedAt":"2026-11-19T10:00:00Z","Resource":{"ResourceType":"S3Bucket","AccessKeyDetails":{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","UserName":"svc-backup","UserType":"IAMUser","PrincipalId":"AIDAEXAMPLE"},"S3BucketDetails":[{"Arn":"arn:aws:s3:::payroll","Name":"payroll"}]}}}"#,
    r#"{"SchemaVersion":"2018-10-08","Id":"arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f1","ProductArn":"arn:aws:securityhub:eu-west-1::product/aws/guardduty","ProductName":"GuardDuty","AwsAccountId":"111122223333","Region":"eu-west-1","Types":["TTPs/UnauthorizedAccess:IAMUser-InstanceCredentialExfiltration"],"CreatedAt":"2026-11-19T10:05:00Z","UpdatedAt":"2026-11-19T10:06:00Z","LastObservedAt":"2026-11-19T10:00:00Z","Severity":{"Product":8,"Label":"HIGH"},"Title":"Credentials used from outside","ProductFields":{"aws/guardduty/service/action/awsApiCallAction/remoteIpDetails/ipAddressV4":"198.51.100.7"},"Resources":[{"Type":"AwsIamAccessKey","Id":"AWS::IAM::AccessKey:ASIAIOSFODNN7EXAMPLE","Partition":"aws","Details":{"AwsIamAccessKey":{"PrincipalId":"AROAEXAMPLE:i-0abc1234def567890","PrincipalType":"AssumedRole","PrincipalName":"app"}}}]}"#,
    r#"{"TimeGenerated":"2026-11-19T10:05:00Z","AccountId":"111122223333","ActivityType":"Recon:IAMUser/UserPermissions","Arn":"arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f3","Id":"f3","Severity":"2","Title":"Asking","TimeCreated":"2026-11-19T10:00:00Z","ResourceDetails":"{\"accessKeyDetails\":{\"userType\":\"Root\",\"userName\":\"Root\",\"principalId\":\"111122223333\"}}","ServiceDetails":"{}"}"#,
];

fn with(text: &str, check: impl Fn(&Event<'_>)) {
    let mut count = 0;
    AwsGuardduty
        .read(text, &mut |event| {
            check(&event);
            count += 1;
        })
        .unwrap();
    assert_eq!(count, 1, "{text}");
}

fn record(change: &Value) -> String {
    let mut value: Value = serde_json::from_str(SAMPLES[0]).unwrap();
    for (key, new) in change.as_object().unwrap() {
        value[key] = new.clone();
    }
    value.to_string()
}

/// Protects the attachment: a finding about a role's session lands on the role CloudTrail names.
#[test]
fn a_finding_is_about_the_principal_of_the_trail() {
    let trail = json!({"eventName": "ListBuckets", "eventSource": "s3.amazonaws.com", "eventTime": "2026-11-19T10:00:00Z", "userIdentity": {
        "type": "AssumedRole", "principalId": "AROAEXAMPLE:i-0abc1234def567890", "arn": "arn:aws:sts::111122223333:assumed-role/app/i-0abc1234def567890",
        "accountId": "111122223333", "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/app", "userName": "app"}}}})
    .to_string();
    let mut told = None;
    by_name("aws_cloudtrail")
        .unwrap()
        .read(&trail, &mut |e| told = Some((e.principal.id.to_string(), e.session.map(|s| s.to_string()), e.principal.evidence)))
        .unwrap();
    for sample in [SAMPLES[0], SAMPLES[2]] {
        with(sample, |event| {
            assert!(event.finding && event.class == ActionClass::Logging);
            assert_eq!(
                Some((event.principal.id.to_string(), event.session.as_ref().map(ToString::to_string), event.principal.evidence)),
                told
            );
            assert_eq!(event.tags.as_deref(), Some("finding:aws_guardduty:high:Credentials used from outside"));
            assert_eq!((event.provider_id.as_deref(), event.source.as_deref()), (Some("f1"), Some("198.51.100.7")));
            assert_eq!((event.time.to_string().as_str(), event.tenant.as_deref()), ("2026-11-19T10:00:00Z", Some("111122223333")));
        });
    }
    with(SAMPLES[0], |event| {
        assert_eq!(event.action, "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS");
        assert_eq!(event.credential.as_ref().map(|c| (&*c.id, c.kind)), Some(("ASIAIOSFODNN7EXAMPLE", "sts_session")));
    });
}

#[test]
fn every_shape_is_recognised_and_read() {
    for sample in SAMPLES {
        assert_eq!(recognise(sample).map(Format::name), Some(NAME), "{sample}");
        with(sample, |_| ());
    }
    with(SAMPLES[1], |event| {
        assert_eq!(event.principal.id, "arn:aws:iam::111122223333:user/svc-backup");
        assert!(event.principal.evidence.has(E::STATIC_KEY));
        assert_eq!((event.domain.as_deref(), event.resource.as_deref()), (Some("payroll"), Some("arn:aws:s3:::payroll")));
        assert_eq!(event.tags.as_deref(), Some("finding:aws_guardduty:medium:Unusual calls"));
    });
    with(SAMPLES[3], |event| {
        assert_eq!((&*event.principal.id, event.principal.evidence), ("arn:aws:iam::111122223333:root", E::ROOT));
        assert_eq!(event.tags.as_deref(), Some("finding:aws_guardduty:low:Asking"));
    });
    let list = format!(r#"{{"Findings":[{}]}}"#, SAMPLES[0]);
    let hub = format!(
        r#"{{"detail-type":"Security Hub Findings - Imported","source":"aws.securityhub","detail":{{"findings":[{}]}}}}"#,
        SAMPLES[2]
    );
    for text in [list, hub] {
        assert_eq!(recognise(&text).map(Format::name), Some(NAME), "{text}");
        with(&text, |event| assert_eq!(event.provider_id.as_deref(), Some("f1")));
    }
    for other in [
        r#"{"type":"a:b/c","accountId":"1","resource":{}}"#,
        r#"{"Findings":[]}"#,
        r#"{"detail-type":"AWS API Call via CloudTrail","detail":{}}"#,
        r#"{"ProductArn":"x","Resources":[],"AwsAccountId":"1"}"#,
    ] {
        assert_ne!(recognise(other).map(Format::name), Some(NAME), "{other}");
    }
}

#[test]
fn principals_of_every_kind() {
    let key = |key: Value| json!({"resource": {"accessKeyDetails": key}});
    for (change, id) in [
        (
            key(json!({"userType": "FederatedUser", "userName": "bob", "principalId": "1:bob"})),
            "arn:aws:sts::111122223333:federated-user/bob",
        ),
        (key(json!({"userType": "Unknown", "principalId": "AIDAX"})), "AIDAX"),
        (key(json!({"userType": "AWSAccount", "principalId": "AIDAX"})), "111122223333"),
        (
            json!({"resource": {"lambdaDetails": {"functionArn": "arn:aws:lambda:f", "role": "arn:aws:iam::111122223333:role/fn"}}}),
            "arn:aws:iam::111122223333:role/fn",
        ),
        (
            json!({"resource": {"kubernetesDetails": {"kubernetesUserDetails": {"username": "system:serviceaccount:a:b"}}}}),
            "system:serviceaccount:a:b",
        ),
        (json!({"service": {"action": {"awsApiCallAction": {"remoteAccountDetails": {"accountId": "999"}}}}}), "arn:aws:iam::999:role/app"),
    ] {
        with(&record(&change), |event| assert_eq!(event.principal.id, id, "{change}"));
    }
    let hub = SAMPLES[2].replace("product/aws/guardduty", "product/aws/access-analyzer").replace(
        r#""Type":"AwsIamAccessKey","Id":"AWS::IAM::AccessKey:ASIAIOSFODNN7EXAMPLE""#,
        r#""Type":"AwsIamRole","Id":"arn:aws:iam::111122223333:role/path/app""#,
    );
    with(&hub, |event| {
        assert_eq!(event.principal.id, "arn:aws:iam::111122223333:role/path/app");
        assert!(event.tags.as_deref().is_some_and(|tags| tags.starts_with("finding:aws_access_analyzer:high:")));
    });
}

/// Protects findings of several steps, which name nobody where others do: the actor, or the owner of the key.
#[test]
fn an_attack_sequence_is_about_its_actor() {
    let user = |uid: &str, kind: &str| json!({"name": "ci", "uid": uid, "type": kind, "credentialUid": "AKIAIOSFODNN7EXAMPLE", "account": {"uid": "111122223333"}});
    let arn = "arn:aws:sts::111122223333:assumed-role/app/i-0abc1234def567890";
    let key = json!({"uid": "AKIAIOSFODNN7EXAMPLE", "resourceType": "ACCESS_KEY", "data": {"accessKey": {"principalId": "AIDAEXAMPLE", "userName": "ci", "userType": "IAMUser"}}});
    for (actors, resources, id) in [
        (json!([{"id": "h"}, {"id": "u", "user": user("AIDAEXAMPLE", "IAMUser")}]), json!([]), "arn:aws:iam::111122223333:user/ci"),
        (json!([{"id": "u", "user": user(arn, "AssumedRole")}]), json!([]), "arn:aws:iam::111122223333:role/app"),
        (
            json!([{"id": "h"}]),
            json!([{"uid": "b", "resourceType": "S3_BUCKET", "data": {"s3Bucket": {}}}, key]),
            "arn:aws:iam::111122223333:user/ci",
        ),
    ] {
        let text = record(
            &json!({"type": "AttackSequence:IAM/CompromisedCredentials", "severity": 9.0, "resource": {"resourceType": "AttackSequence"},
            "service": {"serviceName": "guardduty", "eventLastSeen": "2026-11-19T10:00:00.000Z",
                "detection": {"sequence": {"actors": actors, "resources": resources, "endpoints": [{"id": "e", "ip": "198.51.100.7"}]}}}}),
        );
        assert_eq!(recognise(&text).map(Format::name), Some(NAME));
        with(&text, |event| {
            assert_eq!((&*event.principal.id, event.source.as_deref()), (id, Some("198.51.100.7")));
            assert_eq!(event.credential.as_ref().map(|c| (&*c.id, c.kind)), Some(("AKIAIOSFODNN7EXAMPLE", "static_key")));
            assert!(event.principal.evidence.has(E::STATIC_KEY) && event.tags.as_deref().unwrap().contains(":critical:"));
        });
    }
    let hub = json!({"SchemaVersion": "2018-10-08", "Id": "arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f9", "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/guardduty",
        "AwsAccountId": "111122223333", "Types": ["TTPs/AttackSequence:IAM-CompromisedCredentials"], "UpdatedAt": "2026-11-19T10:06:00Z", "Title": "t", "Resources": [{"Type": "Other", "Id": "x"}],
        "Detection": {"Sequence": {"Actors": [{"Id": "u", "User": {"Name": "ci", "Uid": "AIDAEXAMPLE", "Type": "IAMUser", "CredentialUid": "AKIAIOSFODNN7EXAMPLE", "Account": {"Uid": "111122223333"}}}]}}});
    with(&hub.to_string(), |event| assert_eq!(event.principal.id, "arn:aws:iam::111122223333:user/ci"));
}

/// Protects findings collected in a log group.
#[test]
fn a_finding_may_be_text_in_a_log() {
    for inner in [SAMPLES[0], SAMPLES[1], SAMPLES[2]] {
        let text = json!({"owner": "111122223333", "logGroup": "g", "id": "1", "timestamp": 1, "message": inner}).to_string();
        assert_eq!(recognise(&text).map(Format::name), Some(NAME), "{text}");
        with(&text, |event| assert!(event.finding));
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    for (text, part) in [
        ("[]".to_owned(), "one JSON object"),
        (record(&json!({"resource": {"instanceDetails": {"instanceId": "i-1"}}})), "a finding about no identity"),
        (record(&json!({"type": null})), "no type"),
        (record(&json!({"service": {}, "updatedAt": null, "createdAt": null})), "no updatedAt"),
        (r#"{"Findings":[{"ProductArn":"x","Types":["t"],"UpdatedAt":"2026-11-19T10:00:00Z"}]}"#.to_owned(), "a finding about no identity"),
    ] {
        let reason = AwsGuardduty.read(&text, &mut |_| ()).unwrap_err().to_string();
        assert!(reason.contains(part) && !reason.contains('\n'), "{text}: {reason}");
    }
}

#[test]
fn severities_are_words() {
    for (text, word) in [("9.5", "critical"), ("8", "high"), ("4.0", "medium"), ("1", "low"), ("0", "unknown"), ("x", "unknown")] {
        assert_eq!(finding::severity(text), word, "{text}");
    }
}

proptest::proptest! {
    /// No mangled record brings the reader down.
    #[test]
    fn mangled_records_are_read_or_refused(record in mangle::mangled(SAMPLES)) {
        mangle::survives(&AwsGuardduty, &record);
    }
}
