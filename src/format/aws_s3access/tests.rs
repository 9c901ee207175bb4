//! Lines as S3 writes them and objects as others do, and the same caller as in CloudTrail.

use super::super::{by_name, mangle, recognise};
use super::*;
use crate::model::event::ActionClass as C;
use crate::model::{KindEvidence as E, Outcome, Probe};
use serde_json::json;

const GET: &str = r#"79a5 payroll [19/Nov/2026:10:00:00 +0000] 198.51.100.7 arn:aws:sts::111122223333:assumed-role/app/i-0abc1234def567890 3E57427F3 REST.GET.OBJECT 2026/11.csv "GET /payroll/2026/11.csv?x=1 HTTP/1.1" 200 - 1048576 1048576 17 16 "-" "aws-sdk-go/1.5 "quoted" (linux; x, y)" - hostid= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader payroll.s3.eu-west-1.amazonaws.com TLSv1.2 arn:aws:s3:eu-west-1:111122223333:accesspoint/ap Yes eu-west-1"#;

/// One record of every shape, written for these tests.
pub const SAMPLES: &[&str] = &[
    r#"{"line":"79a5 payroll [19/Nov/2026:10:00:00 +0000] - svc:delivery.logs.amazonaws.com R1 REST.PUT.OBJECT a/b.gz \"PUT /a/b.gz HTTP/1.1\" 200 - - 773 103 13 \"-\" \"-\" - h= SigV4 C AuthHeader payroll.s3.us-gov-west-1.amazonaws.com TLSv1.2 -"}"#,
    r#"{"bucketowner":"79a5","bucket":"payroll","time":"2026-11-19 10:00:00.000000000","remoteip":"198.51.100.7","requester":"arn:aws:iam::111122223333:user/svc-backup","requestid":"R2","operation":"REST.GET.OBJECT","key":"a","httpstatus":403,"errorcode":"AccessDenied","bytessent":243,"useragent":"curl/8"}"#,
    r#"{"schema_version_id":"V_1_0","bucket_arn":"arn:aws:s3:::payroll","bucket_name":"payroll","request_time":"2026-11-19T10:00:00.000Z","remote_ip":"198.51.100.7","requester":null,"request_id":"R3","operation":"REST.GET.BUCKET","http_status":"200","bytes_sent":"265","authentication_type":"QueryString"}"#,
];

fn line(text: &str) -> String {
    json!({ "line": text }).to_string()
}

fn with(text: &str, check: impl Fn(&Event<'_>)) {
    assert_eq!(recognise(text).map(Format::name), Some(NAME), "{text}");
    let mut count = 0;
    AwsS3Access
        .read(text, &mut |event| {
            check(&event);
            count += 1;
        })
        .unwrap();
    assert_eq!(count, 1, "{text}");
}

#[test]
fn a_line_gives_every_field() {
    for text in [line(GET), json!({"message": GET, "@timestamp": "2026-11-19T10:09:00Z"}).to_string()] {
        with(&text, |event| {
            assert_eq!(event.time.to_string(), "2026-11-19T10:00:00Z");
            assert_eq!(
                (event.principal.platform, &*event.principal.id, event.principal.name.as_deref()),
                ("aws", "arn:aws:iam::111122223333:role/app", Some("app"))
            );
            assert_eq!(
                event.principal.evidence.0 & E::WORKLOAD_SESSION.with(E::ROLE_SESSION).0,
                E::WORKLOAD_SESSION.with(E::ROLE_SESSION).0
            );
            assert_eq!((event.session.as_deref(), event.cloud_account.as_deref()), (Some("i-0abc1234def567890"), Some("111122223333")));
            assert_eq!(
                (event.source.as_deref(), event.agent.as_deref()),
                (Some("198.51.100.7"), Some("aws-sdk-go/1.5 \"quoted\" (linux; x, y)"))
            );
            assert_eq!(
                (&*event.action, event.class, event.outcome, event.bytes),
                ("REST.GET.OBJECT", C::Read, Outcome::Success, Some(1_048_576))
            );
            assert_eq!((event.domain.as_deref(), event.resource.as_deref()), (Some("payroll"), Some("payroll/2026/11.csv")));
            assert_eq!(
                (event.provider_id.as_deref(), event.auth_method.as_deref(), event.region.as_deref()),
                (Some("3E57427F3"), Some("authheader"), Some("eu-west-1"))
            );
            assert_eq!(event.error, None);
        });
    }
}

#[test]
fn services_objects_and_strangers() {
    with(SAMPLES[0], |event| {
        assert_eq!((&*event.principal.id, event.principal.evidence), ("delivery.logs.amazonaws.com", E::PROVIDER_SERVICE));
        assert_eq!((event.source.as_deref(), event.agent.as_deref(), event.bytes), (None, None, Some(773)));
        assert_eq!(event.region.as_deref(), Some("us-gov-west-1"));
    });
    with(SAMPLES[1], |event| {
        assert_eq!(
            (&*event.principal.id, event.principal.name.as_deref()),
            ("arn:aws:iam::111122223333:user/svc-backup", Some("svc-backup"))
        );
        assert_eq!((event.outcome, event.error.as_deref()), (Outcome::Denied, Some("AccessDenied")));
    });
    with(SAMPLES[2], |event| {
        assert_eq!((&*event.principal.id, event.class, event.probe), ("ANONYMOUS_PRINCIPAL", C::List, Some(Probe::ListAll)));
        assert_eq!((event.auth_method.as_deref(), event.bytes), (Some("querystring"), Some(265)));
    });
    let lifecycle =
        r#"79a5 payroll [19/Nov/2026:10:00:00 +0000] - AmazonS3 R4 S3.EXPIRE.OBJECT old.csv "-" - - - 5 - - "-" "-" - - - - - - -"#;
    with(&line(lifecycle), |event| {
        assert_eq!((&*event.principal.id, event.class, event.outcome), ("s3.amazonaws.com", C::Delete, Outcome::Unknown));
        assert_eq!(event.provider_id.as_deref(), Some("R4/old.csv"));
    });
    let canonical = GET.replace("arn:aws:sts::111122223333:assumed-role/app/i-0abc1234def567890", "36c1f05b");
    with(&line(&canonical), |event| assert_eq!((&*event.principal.id, event.principal.evidence), ("36c1f05b", E::NONE)));
}

/// Protects joining: an identity is the same in the trail and in the bucket's log.
#[test]
fn a_caller_is_the_one_cloudtrail_names() {
    let account = "111122223333";
    for (requester, identity) in [
        (
            "arn:aws:iam::111122223333:user/svc-backup",
            json!({"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/svc-backup", "accountId": account, "userName": "svc-backup"}),
        ),
        (
            "arn:aws:sts::111122223333:assumed-role/app/GitHubActions",
            json!({"type": "AssumedRole", "principalId": "AROAX:GitHubActions", "arn": "arn:aws:sts::111122223333:assumed-role/app/GitHubActions", "accountId": account,
                "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/app", "userName": "app"}}}),
        ),
        ("arn:aws:iam::111122223333:root", json!({"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": account})),
        ("svc:cloudtrail.amazonaws.com", json!({"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"})),
        ("-", json!({"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"})),
    ] {
        let trail = json!({"eventName": "GetObject", "eventSource": "s3.amazonaws.com", "eventTime": "2026-11-19T10:00:00Z", "userIdentity": identity}).to_string();
        let mut told = None;
        by_name("aws_cloudtrail")
            .unwrap()
            .read(&trail, &mut |e| told = Some((e.principal.id.to_string(), e.session.map(|s| s.to_string()), e.principal.evidence)))
            .unwrap();
        let logged = GET.replace("arn:aws:sts::111122223333:assumed-role/app/i-0abc1234def567890", requester);
        with(&line(&logged), |e| {
            assert_eq!(
                Some((e.principal.id.to_string(), e.session.as_ref().map(ToString::to_string), e.principal.evidence)),
                told,
                "{requester}"
            );
        });
    }
}

#[test]
fn classes_of_operations() {
    for (operation, class) in [
        ("REST.GET.OBJECT", C::Read),
        ("REST.HEAD.OBJECT", C::Read),
        ("WEBSITE.GET.OBJECT", C::Read),
        ("REST.COPY.OBJECT_GET", C::Read),
        ("REST.COPY.OBJECT", C::Write),
        ("REST.PUT.OBJECT", C::Write),
        ("REST.PUT.PART", C::Write),
        ("REST.POST.UPLOADS", C::Write),
        ("REST.GET.BUCKET", C::List),
        ("REST.GET.BUCKETPOLICY", C::Describe),
        ("REST.GET.LOCATION", C::Describe),
        ("REST.HEAD.BUCKET", C::Describe),
        ("REST.PUT.BUCKETPOLICY", C::Iam),
        ("REST.PUT.ACL", C::Iam),
        ("REST.DELETE.BUCKETPOLICY", C::Iam),
        ("REST.PUT.LOGGING_STATUS", C::Logging),
        ("REST.PUT.VERSIONING", C::Admin),
        ("REST.DELETE.OBJECT", C::Delete),
        ("BATCH.DELETE.OBJECT", C::Delete),
        ("REST.POST.MULTI_OBJECT_DELETE", C::Delete),
        ("S3.CREATE.DELETEMARKER", C::Delete),
        ("S3.TRANSITION.OBJECT", C::Admin),
    ] {
        assert_eq!(operation::classify(operation), class, "{operation}");
    }
}

#[test]
fn other_texts_are_not_ours_and_short_ones_are_refused() {
    for text in [
        r#"{"line":"198.51.100.7 - - [19/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5"}"#,
        r#"{"line":""}"#,
        r#"{"operation":"REST.GET.OBJECT"}"#,
        r#"{"operation":"get","bucket":"b","requester":"x"}"#,
    ] {
        assert!(recognise(text).is_none(), "{text}");
    }
    for (text, part) in [
        (line("79a5 payroll [19/Nov/2026:10:00:00 +0000] - - R REST.GET.OBJECT"), "the line is"),
        (line(&GET.replace("19/Nov", "99/Nov")), "time is “99/Nov"),
        (r#"{"bucket":"b","operation":"REST.GET.OBJECT","requester":"x"}"#.to_owned(), "no time"),
        (r#"{"bucket":"b"}"#.to_owned(), "no operation"),
    ] {
        let reason = AwsS3Access.read(&text, &mut |_| ()).unwrap_err().to_string();
        assert!(reason.contains(part) && !reason.contains('\n'), "{text}: {reason}");
    }
}

proptest::proptest! {
    /// No mangled record brings the reader down.
    #[test]
    fn mangled_records_are_read_or_refused(record in mangle::mangled(SAMPLES)) {
        mangle::survives(&AwsS3Access, &record);
    }
}
