//! How fast records are read and redacted, one core: run by hand with `--ignored --nocapture` in an optimised build.

use super::*;
use crate::redact::Redactor;
use std::time::Instant;

/// Records like those of a real trail, about 1.4 kB each.
fn trail(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| {
            let (op, service) = [("GetObject", "s3"), ("DescribeInstances", "ec2"), ("Decrypt", "kms"), ("AssumeRole", "sts"), ("PutObject", "s3")][n % 5];
            format!(
                r#"{{"eventVersion":"1.09","userIdentity":{{"type":"AssumedRole","principalId":"AROAEXAMPLEEXAMPLE{n:03}:i-0abc1234def56{n:04}","arn":"arn:aws:sts::111122223333:assumed-role/app-{n}/i-0abc1234def56{n:04}","accountId":"111122223333","accessKeyId":"ASIAIOSFODNN7EX{n:05}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROAEXAMPLEEXAMPLE{n:03}","arn":"arn:aws:iam::111122223333:role/app-{n}","accountId":"111122223333","userName":"app-{n}"}},"attributes":{{"creationDate":"2026-11-19T09:00:00Z","mfaAuthenticated":"false"}},"ec2RoleDelivery":"2.0"}}}},"eventTime":"2026-11-19T10:00:00Z","eventSource":"{service}.amazonaws.com","eventName":"{op}","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.{}","userAgent":"[Boto3/1.34.0 md/Botocore#1.34.0 ua/2.0 os/linux#6.1 md/arch#x86_64 lang/python#3.12 md/pyimpl#CPython cfg/retry-mode#standard Botocore/1.34.0]","requestParameters":{{"bucketName":"payroll-{n}","Host":"payroll.s3.eu-west-1.amazonaws.com","key":"2026/11/part-{n}.csv","x-id":"{op}"}},"responseElements":null,"additionalEventData":{{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0.0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOp","bytesTransferredOut":{n}.0}},"requestID":"ABCDEF0123456789","eventID":"1f2e3d4c-0000-4000-8000-{n:012}","readOnly":true,"resources":[{{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::payroll-{n}/2026/11/part-{n}.csv"}},{{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::payroll-{n}"}}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","sharedEventID":"1f2e","eventCategory":"Data","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"payroll.s3.eu-west-1.amazonaws.com"}}}}"#,
                n % 250
            )
        })
        .collect()
}

fn rows(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| {
            format!(
                r#"{{"EVENT_TYPE":"RestApi","TIMESTAMP":"20261119100000.123","REQUEST_ID":"TID:{n}","ORGANIZATION_ID":"00D000000000001","USER_ID":"0050000000{n:05}","RUN_TIME":"12","CPU_TIME":"3","URI":"/services/data/v58.0/sobjects/Account/0013X00002{n:05}","SESSION_KEY":"d7DEqANa7nNZZVD","LOGIN_KEY":"QfNecrLXSII6fsBq","REQUEST_STATUS":"S","DB_TOTAL_TIME":"100","METHOD":"GET","MEDIA_TYPE":"application/json","STATUS_CODE":"200","USER_AGENT":"9999","ROWS_PROCESSED":"{n}","RESPONSE_SIZE":"1024","TIMESTAMP_DERIVED":"2026-11-19T10:00:00.123Z","USER_ID_DERIVED":"0050000000{n:05}AAA","CLIENT_IP":"198.51.100.7"}}"#
            )
        })
        .collect()
}

#[test]
#[ignore = "a measurement, not a test"]
fn measure() {
    for (name, records) in [("aws_cloudtrail", trail(20_000)), ("salesforce_elf", rows(20_000))] {
        let format = by_name(name).unwrap();
        let bytes: usize = records.iter().map(String::len).sum();
        let redactor = Redactor::new([7; 32]);
        let best = |work: &mut dyn FnMut()| {
            (0..40)
                .map(|_| {
                    let start = Instant::now();
                    work();
                    start.elapsed().as_secs_f64()
                })
                .fold(f64::MAX, f64::min)
        };
        let mut rows = 0_u64;
        let read = best(&mut || records.iter().for_each(|r| format.read(r, &mut |e| rows += u64::from(e.rows.is_some()) + 1).unwrap()));
        let clean = best(&mut || records.iter().for_each(|r| assert!(matches!(redactor.redact(r), Cow::Borrowed(_)))));
        let skipped = best(&mut || records.iter().for_each(|r| assert!(serde_json::from_str::<serde::de::IgnoredAny>(r).is_ok())));
        println!("{name}: {:.2} µs to skip a record, the floor of any reader on this parser", skipped / 20e-3);
        let (n, mb) = (records.len() as f64, bytes as f64 / 1e6);
        println!(
            "{name}: {:.0} B a record; read {:.0}k/s = {:.0} MB/s; redact {:.0} MB/s ({rows})",
            bytes as f64 / n,
            n / read / 1e3,
            mb / read,
            mb / clean
        );
    }
}
