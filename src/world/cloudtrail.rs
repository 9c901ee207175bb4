//! One CloudTrail record, rendered as the provider writes it (event version 1.11). It must not know why a call is made.

use super::chance::Chance;
use super::ledger::{Family, Ledger, write_seconds};
use super::operation::{Operation, Target};

/// Account that runs the company.
pub(super) const PRODUCTION: &str = "111122223333";
/// Account that holds the data platform.
pub(super) const DATA: &str = "444455556666";

/// Account and region of a family of CloudTrail files.
pub(super) fn place(family: Family) -> (&'static str, &'static str) {
    match family {
        Family::ProductionUs => (PRODUCTION, "us-east-1"),
        Family::DataEu => (DATA, "eu-central-1"),
        _ => (PRODUCTION, "eu-central-1"),
    }
}

/// Who calls, from where and with what, for a while.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// The `userIdentity` object.
    pub(super) identity: String,
    /// The caller's ARN, for messages.
    pub(super) arn: String,
    /// `sourceIPAddress`.
    pub(super) address: String,
    /// `userAgent`.
    pub(super) agent: String,
    /// Whether a person opened it in the console.
    pub(super) console: bool,
    /// Whose session it is.
    pub(super) owner: &'static str,
    /// Where its records go.
    pub(super) family: Family,
}

/// Why a call did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No permission.
    Denied,
    /// Too many calls.
    Throttled,
    /// The service broke, or the thing is not there.
    Failed,
}

/// One call.
pub(super) struct Call<'a> {
    /// Who.
    pub(super) session: &'a Session,
    /// What.
    pub(super) operation: &'a Operation,
    /// Milliseconds into the day.
    pub(super) at: i64,
    /// What it acts on, in short (`orders`).
    pub(super) thing: &'a str,
    /// Which of those.
    pub(super) number: u64,
    /// Bytes moved, for objects.
    pub(super) bytes: u64,
    /// How it failed.
    pub(super) refusal: Option<Refusal>,
    /// Key that a call makes or retires.
    pub(super) key: &'a str,
}

fn put(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

impl Call<'_> {
    /// Enters the record into the day.
    pub(super) fn enter(&self, ledger: &mut Ledger, chance: &mut Chance) {
        let session = self.session;
        // IAM is one service for all regions, and its records are those of us-east-1.
        let global = self.operation.service == "iam" && session.family == Family::ProductionEu;
        let family = if global { Family::ProductionUs } else { session.family };
        let id = chance.uuid();
        let request = chance.uuid();
        let date = ledger.date.clone();
        ledger.add(family, self.at, id.as_str(), session.owner, |out| self.write(out, family, &date, id.as_str(), request.as_str()));
    }

    /// Renders the record.
    pub(super) fn write(&self, out: &mut Vec<u8>, family: Family, date: &str, id: &str, request: &str) {
        let (account, region) = place(family);
        let Operation { service, name, reads, target, .. } = *self.operation;
        let session = self.session;
        put(out, &[r#"{"eventVersion":"1.11","userIdentity":"#, &session.identity, r#","eventTime":""#]);
        write_seconds(out, date, self.at);
        put(out, &[r#"Z","eventSource":""#, service, r#".amazonaws.com","eventName":""#, name, r#"","awsRegion":""#, region]);
        put(out, &[r#"","sourceIPAddress":""#, &session.address, r#"","userAgent":""#]);
        // S3 puts the client in brackets.
        let (open, shut) = if service == "s3" { ("[", "]") } else { ("", "") };
        put(out, &[open, &session.agent, shut, r#"","#]);
        if let Some(refusal) = self.refusal {
            self.write_error(out, refusal);
        }
        let number = self.number.to_string();
        let written = self.write_request(out, account, region, date, &number);
        self.write_response(out, account, date, &number);
        if target == Target::Object {
            let (inward, outward) = if reads { (0, self.bytes) } else { (self.bytes, 0) };
            put(
                out,
                &[r#""additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":"#],
            );
            put(
                out,
                &[&inward.to_string(), r#".0,"AuthenticationMethod":"AuthHeader","bytesTransferredOut":"#, &outward.to_string(), ".0},"],
            );
        }
        put(out, &[r#""requestID":""#, request, r#"","eventID":""#, id, r#"","readOnly":"#, if reads { "true" } else { "false" }]);
        if target == Target::Object {
            put(out, &[r#","resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::"#, &written, r#""},{"accountId":""#, account]);
            let bucket = written.split('/').next().unwrap_or_default();
            put(out, &[r#"","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::"#, bucket, r#""}]"#]);
        } else if target == Target::Key {
            put(out, &[r#","resources":[{"accountId":""#, account, r#"","type":"AWS::KMS::Key","ARN":""#, &written, r#""}]"#]);
        }
        let data = target == Target::Object
            || matches!(name, "ListObjects" | "ReceiveMessage" | "DeleteMessage" | "PutMetricData" | "GetMetricData");
        let (management, category) = if data { ("false", "Data") } else { ("true", "Management") };
        put(out, &[r#","eventType":"AwsApiCall","managementEvent":"#, management, r#","recipientAccountId":""#, account]);
        put(out, &[r#"","eventCategory":""#, category, r#"","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256""#]);
        put(out, &[r#","clientProvidedHostHeader":""#, service, ".", region, r#".amazonaws.com"}"#]);
        put(out, &[if session.console { r#","sessionCredentialFromConsole":"true"}"# } else { "}" }]);
    }

    fn write_error(&self, out: &mut Vec<u8>, refusal: Refusal) {
        let Operation { service, name, .. } = *self.operation;
        let operation = name.split("20").next().unwrap_or(name);
        match (refusal, service) {
            (Refusal::Denied, "ec2") => put(
                out,
                &[
                    r#""errorCode":"Client.UnauthorizedOperation","errorMessage":"You are not authorized to perform this operation. User: "#,
                    &self.session.arn,
                    r#"","#,
                ],
            ),
            (Refusal::Denied, _) => {
                put(out, &[r#""errorCode":"AccessDenied","errorMessage":"User: "#, &self.session.arn]);
                put(
                    out,
                    &[
                        " is not authorized to perform: ",
                        service,
                        ":",
                        operation,
                        r#" because no identity-based policy allows the action","#,
                    ],
                );
            }
            (Refusal::Throttled, "ec2") => {
                put(out, &[r#""errorCode":"Client.RequestLimitExceeded","errorMessage":"Request limit exceeded.","#]);
            }
            (Refusal::Throttled, _) => put(out, &[r#""errorCode":"ThrottlingException","errorMessage":"Rate exceeded","#]),
            (Refusal::Failed, "s3") => put(out, &[r#""errorCode":"NoSuchKey","errorMessage":"The specified key does not exist.","#]),
            (Refusal::Failed, _) => put(
                out,
                &[r#""errorCode":"InternalFailure","errorMessage":"The request processing has failed because of an unknown error.","#],
            ),
        }
    }

    /// Writes `requestParameters` and gives back what the call acts on, where `resources` name it too.
    fn write_request(&self, out: &mut Vec<u8>, account: &str, region: &str, date: &str, number: &str) -> String {
        let thing = self.thing;
        put(out, &[r#""requestParameters":"#]);
        match self.operation.target {
            Target::Nothing => put(out, &["null,"]),
            Target::Page => put(out, &[r#"{"maxResults":100},"#]),
            Target::Object => {
                let bucket = format!("halden-{thing}-{}", self.number % 3);
                let key = format!("{thing}/{}/part-{number:0>4}.parquet", date.replace('-', "/"));
                put(
                    out,
                    &[
                        r#"{"bucketName":""#,
                        &bucket,
                        r#"","Host":""#,
                        &bucket,
                        ".s3.",
                        region,
                        r#".amazonaws.com","key":""#,
                        &key,
                        r#""},"#,
                    ],
                );
                return format!("{bucket}/{key}");
            }
            Target::Bucket => {
                let bucket = format!("halden-{thing}-{}", self.number % 3);
                put(out, &[r#"{"bucketName":""#, &bucket, r#"","Host":""#, &bucket, ".s3.", region, r#".amazonaws.com"},"#]);
            }
            Target::Key => {
                let key =
                    format!("arn:aws:kms:{region}:{account}:key/6f1c2b7e-{:04x}-4c1d-9a55-3be2a07c{:04x}", self.number % 5, thing.len());
                put(out, &[r#"{"encryptionContext":{"service":""#, thing, r#""},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"},"#]);
                return key;
            }
            Target::Named("queueUrl") => {
                put(out, &[r#"{"queueUrl":"https://sqs."#, region, ".amazonaws.com/", account, "/", thing, "-", number, r#""},"#]);
            }
            Target::Named("namespace") => put(out, &[r#"{"namespace":"Halden/"#, thing, r#""},"#]),
            Target::Named("secretId") => put(out, &[r#"{"secretId":"halden/"#, thing, "/", number, r#""},"#]),
            Target::Named(parameter) => put(out, &[r#"{""#, parameter, r#"":""#, thing, "-", number, r#""},"#]),
            Target::Role => {
                put(
                    out,
                    &[
                        r#"{"roleArn":"arn:aws:iam::"#,
                        account,
                        ":role/",
                        thing,
                        r#"-data","roleSessionName":""#,
                        thing,
                        r#"","durationSeconds":3600},"#,
                    ],
                );
            }
            Target::User if self.operation.name == "CreateAccessKey" => put(out, &[r#"{"userName":""#, thing, r#""},"#]),
            Target::User => {
                let status = if self.operation.name == "UpdateAccessKey" { r#","status":"Inactive""# } else { "" };
                put(out, &[r#"{"userName":""#, thing, r#"","accessKeyId":""#, self.key, r#"""#, status, "},"]);
            }
        }
        String::new()
    }

    fn write_response(&self, out: &mut Vec<u8>, account: &str, date: &str, number: &str) {
        let worked = self.refusal.is_none();
        put(out, &[r#""responseElements":"#]);
        match self.operation.target {
            Target::Role if worked => {
                put(
                    out,
                    &[
                        r#"{"credentials":{"accessKeyId":"ASIA"#,
                        &number.repeat(16)[..16],
                        r#"","expiration":""#,
                        date,
                        r#"T23:59:59Z","sessionToken":"IQoJb3JpZ2luX2VjEXAMPLE"},"assumedRoleUser":{"arn":"arn:aws:sts::"#,
                    ],
                );
                put(out, &[account, ":assumed-role/", self.thing, "-data/", self.thing, r#""}},"#]);
            }
            Target::User if worked && self.operation.name == "CreateAccessKey" => {
                put(
                    out,
                    &[
                        r#"{"accessKey":{"userName":""#,
                        self.thing,
                        r#"","accessKeyId":""#,
                        self.key,
                        r#"","status":"Active","createDate":""#,
                    ],
                );
                put(out, &[date, r#"T00:00:00Z"}},"#]);
            }
            _ => put(out, &["null,"]),
        }
    }
}
