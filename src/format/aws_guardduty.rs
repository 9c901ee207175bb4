//! Amazon `GuardDuty`: findings about the principals that CloudTrail names, as `GuardDuty` exports them, in events, and as
//! Security Hub hands them on (with those of other AWS products about IAM principals). A finding is no activity: it is
//! attached to the identity it is about. It must not know files.

mod finding;
mod hub;
#[cfg(test)]
mod tests;

use super::tree::{self, Node};
use super::{Card, Format, Refusal, Shape};
use crate::model::Event;

/// The format's name.
const NAME: &str = "aws_guardduty";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Amazon GuardDuty findings",
    shapes: &[
        "exports to S3, one finding a line; `get-findings` (`{\"Findings\":[…]}`), in either case of names",
        "EventBridge (`\"detail-type\": \"GuardDuty Finding\"`), also as text in `message`, from a log group",
        "Security Hub findings (ASFF), alone, as `Findings` or `detail.findings`",
        "Sentinel `AWSGuardDuty` (`ActivityType`, `ResourceDetails`, `ServiceDetails`)",
    ],
    reads: &[
        ("time", "`service.eventLastSeen`, else `updatedAt`, `createdAt`"),
        ("event id", "`id`"),
        (
            "identity",
            "`resource.accessKeyDetails`: the user, or the role behind a session, as CloudTrail names them; a Lambda function's role; a Kubernetes user; the first actor of an attack sequence that has a name",
        ),
        ("credential", "`accessKeyId`"),
        ("source", "the remote address of the action"),
        ("action", "`type`"),
        ("finding", "product, severity and title"),
    ],
    unobservable: &[
        "activity: a finding tells what GuardDuty concluded",
        "findings about instances, networks and images, which are about no identity",
    ],
    export: "aws guardduty get-findings --detector-id ID --finding-ids $(aws guardduty list-findings --detector-id ID --query FindingIds --output text)",
};

/// Reads `GuardDuty`'s findings.
pub struct AwsGuardduty;

impl Format for AwsGuardduty {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        is_one(shape) || logged(shape).and_then(Shape::of).as_ref().is_some_and(is_one)
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let mut value = tree::parse(record)?;
        if let Some(inner) = Node::of(&value).get(MESSAGE).filter(|text| text.starts_with('{')) {
            value = tree::parse(&inner)?;
        }
        tree::open_texts(&mut value, &["resource", "service", "ResourceDetails", "ServiceDetails", "detail"]);
        open(Node::of(&value), sink, ENVELOPES)
    }
}

/// Envelopes followed before giving up.
const ENVELOPES: usize = 4;

/// What an event stands in as text where a log group collects events.
const MESSAGE: &str = "message";

/// The text of an event in a log, when it is one of ours by its words.
fn logged<'a>(shape: &'a Shape<'_>) -> Option<&'a str> {
    let ours = |text: &&str| text.starts_with('{') && (text.contains("guardduty") || text.contains("securityhub"));
    shape.get(MESSAGE).filter(ours)
}

fn is_one(shape: &Shape<'_>) -> bool {
    is_native(shape) || is_hub(shape) || is_event(shape) || is_list(shape)
}

fn is_native(shape: &Shape<'_>) -> bool {
    let ours = shape.get("arn").is_some_and(|arn| arn.contains(":guardduty:"));
    let told = shape.get("type").or_else(|| shape.get("ActivityType")).is_some_and(is_type);
    let placed = shape.has("accountId") && (shape.has("resource") || shape.has("ResourceDetails"));
    told && placed && (ours || (shape.has("service") && shape.has("schemaVersion") && shape.has("severity")))
}

/// `ThreatPurpose:ResourceTypeAffected/ThreatFamilyName…`.
fn is_type(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(purpose, rest)| rest.contains('/') && purpose.bytes().all(|b| b.is_ascii_alphabetic()) && !rest.contains(' '))
}

fn is_hub(shape: &Shape<'_>) -> bool {
    shape.get("ProductArn").is_some_and(|arn| arn.contains(":securityhub:")) && shape.has("Resources") && shape.has("AwsAccountId")
}

fn is_event(shape: &Shape<'_>) -> bool {
    shape.has("detail")
        && shape.get("detail-type").is_some_and(|kind| kind == "GuardDuty Finding" || kind.starts_with("Security Hub Findings"))
}

fn is_list(shape: &Shape<'_>) -> bool {
    let has = |text: &str| shape.record().contains(text);
    let account =
        || has("\"AwsAccountId\"") && has("\"ProductArn\"") || has(":guardduty:") && (has("\"AccountId\"") || has("\"accountId\""));
    shape.has("Findings") && shape.get("Findings").is_none() && account()
}

fn open(node: Node<'_>, sink: &mut dyn FnMut(Event<'_>), envelopes: usize) -> Result<(), Refusal> {
    if envelopes == 0 {
        return Err(Refusal::TooDeep { limit: ENVELOPES });
    }
    if node.at("detail").is_nested() && node.get("detail-type").is_some() {
        return open(node.at("detail"), sink, envelopes - 1);
    }
    let list = node.at("Findings");
    if list.is_nested() {
        // Of several findings those about nobody cost nothing but themselves; if all are, that is said.
        let (mut read, mut refused) = (false, None);
        for finding in list.items() {
            match open(finding, sink, envelopes - 1) {
                Ok(()) => read = true,
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        return refused.filter(|_| !read).map_or(Ok(()), Err);
    }
    if node.get("ProductArn").is_some() { hub::emit(node, sink) } else { finding::emit(node, sink) }
}
