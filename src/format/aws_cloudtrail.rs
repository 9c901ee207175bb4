//! AWS CloudTrail: one record, in whatever envelope it was delivered. It owns which shapes are understood and in what
//! order they are tried; who acted, what it did and to what are its modules' business. Keys are read as AWS writes them;
//! a record that does not fit is set right once (`repair`) and read again by the same code.

mod actor;
mod columns;
mod event;
mod operation;
mod outline;
mod parameters;
mod probe;
mod record;
mod repair;
#[cfg(test)]
mod tests;

use super::{Card, Format, Refusal, Shape};
use crate::model::Event;
use record::Record;

pub use actor::of_arn;
pub use operation::stem;

/// The format's name.
pub const NAME: &str = "aws_cloudtrail";

/// Envelopes followed before giving up: queue → topic → bus → record is three.
const ENVELOPES: usize = 5;

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "AWS CloudTrail",
    shapes: &[
        "`{\"Records\":[…]}` as the trail delivers it, plain or gzip",
        "one record a line, a list of records, a single record",
        "`lookup-events` (`{\"Events\":[{\"CloudTrailEvent\":\"…\"}]}`)",
        "EventBridge (`detail`), SNS (`Message`), SQS (`body`) and CloudWatch Logs (`logEvents`) envelopes, Logstash (`@timestamp`)",
        "Sentinel's `AWSCloudTrail` (`UserIdentityArn`, `SessionIssuerArn`) and joined names (`userIdentity.arn`)",
    ],
    reads: &[
        ("time", "`eventTime`, else `@timestamp`"),
        ("event id", "`eventID`"),
        ("identity", "`userIdentity`: the user, or the role behind a session (`sessionContext.sessionIssuer`)"),
        ("credential", "`accessKeyId`: `AKIA…` is long-lived, `ASIA…` a session"),
        ("source, client", "`sourceIPAddress`, `userAgent`; calls by AWS services for the identity (`invokedBy`) are kept apart"),
        ("action, service", "`eventName` without its version, `eventSource`"),
        ("resource, data", "`resources[].ARN`, else what `requestParameters` names; bucket, table, secret"),
        ("outcome", "`errorCode`, `responseElements.ConsoleLogin`"),
        ("bytes", "`additionalEventData.bytesTransferredIn/Out` of S3 data events"),
    ],
    unobservable: &["rows", "reads of data where data events are not switched on", "what a presigned URL was used for after it was made"],
    export: "aws s3 sync s3://BUCKET/AWSLogs/ trail/",
};

/// Reads CloudTrail records.
pub struct AwsCloudtrail;

impl Format for AwsCloudtrail {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        recognises(shape)
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        read(record.trim_start_matches('\u{feff}'), sink, ENVELOPES)
    }
}

/// Whether a record looks like one of ours, in an envelope or bare.
fn recognises(shape: &Shape<'_>) -> bool {
    let inside = |key| shape.get(key).is_some_and(|text| text.contains("eventSource") || text.contains("eventName"));
    // Catalogues of operations have names and services too; a record also says when or who.
    let happened = ["userIdentity", "eventTime", "eventID", "@timestamp"].iter().any(|key| shape.has(key));
    let named = happened && shape.has("eventName") && (shape.has("eventSource") || shape.has("awsRegion") || shape.has("eventVersion"));
    // Another cloud's trail, built after this one.
    if shape.has("acsRegion") || shape.has("acsResource") {
        return false;
    }
    // Flat copies: the actor's columns beside an operation.
    let flat = shape.has("EventSource")
        && ["UserIdentityType", "UserIdentityArn", "UserIdentityPrincipalid", "userIdentity.type"].iter().any(|key| shape.has(key));
    let flat = flat || (shape.has("eventSource_s") && shape.has("userIdentity_type_s"));
    let logged = || shape.record().contains("eventSource") && shape.record().contains("userIdentity");
    named
        || (flat && (shape.has("eventName") || shape.has("eventName_s")))
        || (shape.has("logEvents") && shape.has("messageType") && logged())
        || (shape.has("userIdentity") && shape.has("eventTime") && !shape.has("s3"))
        || shape.has("CloudTrailEvent")
        || (shape.has("detail") && shape.get("detail-type").is_some_and(|kind| kind.contains("CloudTrail")))
        || (shape.has("digestStartTime") && shape.has("awsAccountId"))
        || shape.has("insightDetails")
        || inside("Message")
        || inside("body")
}

fn read(text: &str, sink: &mut dyn FnMut(Event<'_>), envelopes: usize) -> Result<(), Refusal> {
    if envelopes == 0 {
        return Err(Refusal::TooDeep { limit: ENVELOPES });
    }
    // The fast paths: keys and types as AWS writes them. Anything else is a surprise and goes the slow way.
    let mut record = Record::default();
    if !outline::record(text, &mut record) {
        // One that cannot be read at all is empty, and falls through.
        record = serde_json::from_str(text).unwrap_or_default();
    }
    if record.action.is_some() && record.actor.is_some() && record.has_time() {
        return event::emit(&mut record, sink);
    }
    if let Some(detail) = record.detail {
        return read(detail.get(), sink, envelopes - 1);
    }
    for inner in [&record.message, &record.cloudtrail_event, &record.body] {
        if let Some(inner) = inner.text().filter(|inner| inner.starts_with('{')) {
            return read(inner, sink, envelopes - 1);
        }
    }
    for inner in repair::unwrap(text)? {
        match inner {
            repair::Found::Record(text) => match serde_json::from_str::<Record<'_>>(&text) {
                Ok(mut record) => event::emit(&mut record, sink)?,
                Err(error) => return Err(Refusal::not_json(&error)),
            },
            repair::Found::Envelope(text) => read(&text, sink, envelopes - 1)?,
        }
    }
    Ok(())
}
