//! S3 server access logs: one request, as the line S3 writes, or the same as an object with named members (`CloudWatch`
//! Logs, Athena, SIEM tables). It owns which shapes are understood; `line` takes a line apart, `event` reads both. It must
//! not know files.

mod event;
mod line;
mod operation;
#[cfg(test)]
mod tests;

use super::fields::Fields;
use super::tree::{self, Node};
use super::{Card, Format, Refusal, Shape};
use crate::model::Event;

/// The format's name.
const NAME: &str = "aws_s3access";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "S3 server access logs",
    shapes: &[
        "the lines S3 delivers (`OWNER BUCKET [06/Feb/2019:00:00:38 +0000] …`), plain or gzip; lines as text in `line` or `message`",
        "CloudWatch Logs (`request_time`, `bucket_name`, `http_status`)",
        "Athena and SIEM tables: the same names in any spelling (`bucketowner`, `RequestUri`, `httpstatus`)",
    ],
    reads: &[
        ("time", "the time in brackets"),
        ("event id", "the request id, with the key where one request touches several"),
        (
            "identity",
            "the requester: the IAM user, or the role behind a session, as in CloudTrail; an AWS service (`svc:…`); a canonical id",
        ),
        ("source, client", "remote IP, user agent"),
        ("action", "the operation: `REST.GET.OBJECT`"),
        ("resource, data", "bucket and key; bucket"),
        ("outcome", "HTTP status, error code"),
        ("bytes", "bytes sent, else the object's size where it was written"),
        ("auth method", "`authheader`, or `querystring` for presigned URLs"),
    ],
    unobservable: &["rows", "the access key", "the session's age and second factor", "requests S3 did not log: delivery is best effort"],
    export: "aws s3 sync s3://LOG-BUCKET/PREFIX/ s3access/",
};

/// Reads S3 server access logs.
pub struct AwsS3Access;

impl Format for AwsS3Access {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        TEXTS.iter().any(|key| shape.get(key).is_some_and(line::is_line)) || is_object(shape)
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let value = tree::parse(record)?;
        let root = Node::of(&value);
        if let Some(text) = TEXTS.iter().find_map(|key| root.get(key).filter(|text| line::is_line(text))) {
            let request = line::parse(&text).ok_or_else(|| Refusal::malformed("the line", &text, "OWNER BUCKET [TIME] IP REQUESTER …"))?;
            return event::emit(&request, sink);
        }
        event::emit(&event::Request::of(&Fields::of(&value, &[])), sink)
    }
}

/// Members in which a line may stand.
const TEXTS: &[&str] = &["line", "message", "_raw", "log", "raw"];

/// An operation of S3 beside a bucket is nobody else's.
fn is_object(shape: &Shape<'_>) -> bool {
    let bucket = ["bucket", "bucket_name", "bucketname", "bucketowner", "bucket_owner", "bucket_arn"].iter().any(|key| shape.has(key));
    let request =
        ["requester", "remoteip", "remote_ip", "requestid", "request_id", "requesturi", "request_uri"].iter().any(|key| shape.has(key));
    bucket && request && shape.get("operation").is_some_and(operation::is_operation)
}
