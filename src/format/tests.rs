//! The face of the floor: names, recognition, and that no record, however mangled, brings a reader down.

use super::*;
use proptest::prelude::*;

/// One record of every shape, written for these tests.
pub const SAMPLES: &[&str] = &[
    r#"{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE","arn":"arn:aws:iam::111122223333:user/svc-backup","accountId":"111122223333","accessKeyId":"AKIAIOSFODNN7EXAMPLE","userName":"svc-backup"},"eventTime":"2026-11-19T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.7","userAgent":"[aws-cli/2.0]","requestParameters":{"bucketName":"payroll","key":"2026/11.csv"},"responseElements":null,"additionalEventData":{"bytesTransferredIn":0.0,"bytesTransferredOut":1048576.0},"eventID":"1f2e","recipientAccountId":"111122223333","resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::payroll/2026/11.csv"}]}"#,
    r#"{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.sts","detail":{"eventName":"GetCallerIdentity","eventSource":"sts.amazonaws.com","eventTime":"2026-11-19T10:00:00Z","userIdentity":{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}}}"#,
    r#"{"EVENT_TYPE":"Login","TIMESTAMP":"20261119100000.123","TIMESTAMP_DERIVED":"2026-11-19T10:00:00.123Z","ORGANIZATION_ID":"00D000000000001","USER_ID":"005000000000001","USER_NAME":"integration@example.com","LOGIN_TYPE":"i","LOGIN_STATUS":"LOGIN_NO_ERROR","SOURCE_IP":"198.51.100.7","BROWSER_TYPE":"Java (Salesforce.com)"}"#,
    r#"{"event_type":"RestApi","timestamp":"20261119100000.5","user_id":"005000000000001","uri":"/services/data/v58.0/jobs/query/7503X00000as1szQAA","method":"DELETE","status_code":"204","rows_processed":"12"}"#,
    r#"{"EVENT_TYPE":"UniqueQuery","TIMESTAMP_DERIVED":"2026-11-19T10:00:00.123Z","USER_ID":"005000000000001","QUERY_IDENTIFIER":"SELECT COUNT() FROM Case"}"#,
    r#"{"time":"2026-11-19T10:00:00.1Z","resourceId":"/tenants/t/providers/Microsoft.aadiam","operationName":"Sign-in activity","category":"ServicePrincipalSignInLogs","tenantId":"t","resultType":"0","callerIpAddress":"198.51.100.7","properties":{"id":"1","appId":"a","servicePrincipalId":"0b1c2d3e-1111-4222-8333-444455556666","servicePrincipalName":"n","status":{"errorCode":0},"clientCredentialType":"clientSecret","servicePrincipalCredentialKeyId":"k"}}"#,
    r#"{"TimeGenerated [UTC]":"11/19/2026, 10:00:00.000 AM","Type":"AuditLogs","OperationName":"Consent to application","Result":"success","InitiatedBy":"{\"user\":{\"id\":\"1\"}}","TargetResources":"[{\"id\":\"2\",\"type\":\"ServicePrincipal\",\"modifiedProperties\":[{\"displayName\":\"ConsentAction.Permissions\",\"newValue\":\"[] => [[Scope: Mail.Read, x]]\"}]}]"}"#,
    r#"{"time":"2026-11-19T10:00:00Z","category":"MicrosoftGraphActivityLogs","properties":{"requestUri":"https://graph.microsoft.com/v1.0/users('é')/root:/a b:/x?$filter=a eq 'b'&$select=%E9","requestMethod":"GET","servicePrincipalId":"s","responseStatusCode":200}}"#,
    r#"{"time":"2026-11-19T10:00:00Z","category":"StorageRead","operationName":"GetBlob","resourceId":"/subscriptions/s/providers/Microsoft.Storage/storageAccounts/a","identity":{"type":"SAS"},"statusCode":200,"uri":"https://a/b?sig=x","properties":{"accountName":"a","objectKey":"/a/b/c"}}"#,
    r#"{"CreationTime":"2026-11-19T10:00:00","Operation":"MailItemsAccessed","RecordType":50,"UserType":5,"UserId":"ServicePrincipal_0b1c2d3e-1111-4222-8333-444455556666","Workload":"Exchange","ClientIPAddress":"[::1]:1","Folders":[{"FolderItems":[{"SizeInBytes":1}]}]}"#,
    r#"{"id":"1","evidence":[{"@odata.type":"x.oauthApplicationEvidence","appId":"a","objectId":"o"}],"severity":"high","title":"t","serviceSource":"s","createdDateTime":"2026-11-19T10:00:00Z"}"#,
];

/// The records of every format's own tests with those above.
fn samples() -> Vec<&'static str> {
    [
        SAMPLES,
        gcp_audit::tests::SAMPLES,
        google_workspace::tests::SAMPLES,
        kubernetes_audit::tests::SAMPLES,
        ecs::tests::SAMPLES,
        ocsf::tests::SAMPLES,
    ]
    .concat()
}

/// Protects recognition across formats that come in each other's envelopes: Kubernetes in Azure's, Workspace in Google
/// Cloud's.
#[test]
fn samples_are_of_their_own_format() {
    for (records, name) in [
        (gcp_audit::tests::SAMPLES, gcp_audit::NAME),
        (google_workspace::tests::SAMPLES, google_workspace::NAME),
        (kubernetes_audit::tests::SAMPLES, kubernetes_audit::NAME),
    ] {
        for record in records {
            assert_eq!(recognise(record).map(Format::name), Some(name), "{record}");
        }
    }
}

#[test]
fn formats_are_found_by_name_and_by_shape() {
    for format in all() {
        assert_eq!(by_name(format.name()).map(|found| found.card().title), Some(format.card().title));
    }
    assert!(by_name("nonsense").is_none());
    for (record, name) in SAMPLES.iter().zip(["aws_cloudtrail", "aws_cloudtrail", "salesforce_elf", "salesforce_elf", "salesforce_elf"]) {
        assert_eq!(recognise(record).map(Format::name), Some(name), "{record}");
    }
    for record in ["{}", "[]", "1", "", "{\"a\":1}", "{\"@timestamp\":\"2026-11-19T10:00:00Z\",\"action\":\"git.clone\"}", "not json"] {
        assert!(recognise(record).is_none(), "{record}");
    }
}

fn try_all(record: &str) {
    let _ = recognise(record);
    for format in all() {
        if let Err(refusal) = format.read(record, &mut |event| drop(format!("{event:?}"))) {
            let line = refusal.to_string();
            assert!(!line.is_empty() && !line.contains('\n'), "{line}");
        }
    }
}

proptest! {
    /// No mutation of a real shape panics, and every refusal is one line.
    #[test]
    fn mutations_never_panic(sample in prop::sample::select(samples()), cuts in proptest::collection::vec((0.0..1.0_f64, 0.0..1.0_f64, "\\PC{0,4}|[{}\\[\\]\",:\\\\0-9]{1,3}"), 1..6)) {
        let mut text = sample.to_owned();
        for (from, length, insert) in cuts {
            let at = |share: f64, text: &str| {
                let mut i = (share * text.len() as f64) as usize;
                while !text.is_char_boundary(i) { i -= 1; }
                i
            };
            let start = at(from, &text);
            let end = at((from + length * 0.05).min(1.0), &text);
            text.replace_range(start..end.max(start), &insert);
        }
        try_all(&text);
    }

    /// Any value under any key of a sample is taken or refused, never a crash.
    #[test]
    fn odd_values_never_panic(sample in prop::sample::select(samples()), which in any::<prop::sample::Index>(), odd in odd_value()) {
        let mut value: serde_json::Value = serde_json::from_str(sample).unwrap();
        let mut count = 0;
        count_leaves(&value, &mut count);
        replace_leaf(&mut value, &mut (which.index(count) as isize), &odd);
        try_all(&value.to_string());
    }
}

fn odd_value() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::json;
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5e300),
        json!(u64::MAX),
        json!(""),
        json!("null"),
        json!("é".repeat(20)),
        json!([]),
        json!({}),
        json!([1, [2]]),
        json!({"a": {"b": 1}}),
        json!("0053X00000BolQRQA3é"),
        json!("{\"type\":\"Root\"}"),
        json!("[x]"),
        json!("[]"),
        json!("arn:"),
        json!("arn:aws:s3:::"),
        json!("a:"),
        json!(":"),
        json!("v2"),
        json!("20261119100000"),
        json!("20261119é00000"),
        json!("/services/data"),
    ])
}

fn count_leaves(value: &serde_json::Value, count: &mut usize) {
    match value {
        serde_json::Value::Object(fields) => fields.values().for_each(|v| count_leaves(v, count)),
        serde_json::Value::Array(items) => items.iter().for_each(|v| count_leaves(v, count)),
        _ => {}
    }
    *count += 1;
}

fn replace_leaf(value: &mut serde_json::Value, left: &mut isize, odd: &serde_json::Value) {
    if *left == 0 {
        *value = odd.clone();
    }
    *left -= 1;
    match value {
        serde_json::Value::Object(fields) if *left >= 0 => fields.values_mut().for_each(|v| replace_leaf(v, left, odd)),
        serde_json::Value::Array(items) if *left >= 0 => items.iter_mut().for_each(|v| replace_leaf(v, left, odd)),
        _ => {}
    }
}

/// Protects the fuzz targets from falling behind: each format has one, by its name.
#[test]
fn every_format_has_a_fuzz_target() {
    let targets = include_str!("../../fuzz/Cargo.toml");
    for format in all() {
        assert!(targets.contains(&format!("\nname = \"{}\"\n", format.name())), "{} has no target in fuzz/Cargo.toml", format.name());
    }
}
