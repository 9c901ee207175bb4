//! Puts the event of a request together, however it was written.

use super::super::aws_cloudtrail;
use super::super::fields::Fields;
use super::super::{Refusal, moment, status};
use super::{NAME, operation};
use crate::model::event::Text;
use crate::model::{Event, KindEvidence, Outcome, Principal};
use std::borrow::Cow;

/// One request as it was logged; what is `-` is absent.
#[derive(Default)]
pub struct Request<'a> {
    pub bucket: Option<Text<'a>>,
    pub time: Option<Text<'a>>,
    pub source: Option<Text<'a>>,
    pub requester: Option<Text<'a>>,
    pub id: Option<Text<'a>>,
    pub operation: Option<Text<'a>>,
    pub key: Option<Text<'a>>,
    pub status: Option<Text<'a>>,
    pub error: Option<Text<'a>>,
    pub sent: Option<Text<'a>>,
    pub size: Option<Text<'a>>,
    pub agent: Option<Text<'a>>,
    pub auth: Option<Text<'a>>,
    pub host: Option<Text<'a>>,
    pub region: Option<Text<'a>>,
}

impl<'a> Request<'a> {
    /// The request an object with named members tells of.
    pub fn of(fields: &Fields<'a>) -> Self {
        let at = |names: &[&str]| fields.text(names).filter(|text| text != "-");
        Self {
            bucket: at(&["bucket", "bucketname"]).or_else(|| at(&["bucketarn"]).map(|arn| last(&arn))),
            time: at(&["time", "requesttime", "requestdatetime", "eventtime", "peventtime", "timegenerated", "timestamp"]),
            source: at(&["remoteip", "remoteipaddress"]),
            requester: at(&["requester", "requesterarn"]),
            id: at(&["requestid"]),
            operation: at(&["operation"]),
            key: at(&["key", "objectkey"]),
            status: at(&["httpstatus", "httpstatuscode", "status"]),
            error: at(&["errorcode"]),
            sent: at(&["bytessent"]),
            size: at(&["objectsize"]),
            agent: at(&["useragent"]),
            auth: at(&["authenticationtype", "authtype"]),
            host: at(&["hostheader", "endpoint"]),
            region: at(&["sourceregion", "awsregion"]),
        }
    }
}

/// `arn:aws:s3:::bucket` is `bucket`.
fn last(arn: &str) -> Text<'static> {
    Cow::Owned(arn.rsplit(':').next().unwrap_or(arn).to_owned())
}

/// Makes the event of a request and hands it to `sink`.
///
/// # Errors
/// Requests without time or operation.
pub fn emit(request: &Request<'_>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    const TIME: &str = "a time such as 06/Feb/2019:00:00:38 +0000";
    let action =
        request.operation.clone().ok_or(Refusal::Missing { field: "operation", expected: "an operation such as REST.GET.OBJECT" })?;
    let text = request.time.as_deref().ok_or(Refusal::Missing { field: "time", expected: TIME })?;
    let time = moment::parse(text).ok_or_else(|| Refusal::malformed("time", text, TIME))?;
    let (principal, session) = who(request.requester.clone());

    let mut event = Event::new(NAME, time, principal, action.clone(), operation::classify(&action));
    event.probe = operation::probe(&action);
    event.provider_id = request.id.clone().map(|id| match &request.key {
        Some(key) if operation::is_many(&action) => Cow::Owned(format!("{id}/{key}")),
        _ => id,
    });
    event.session = session;
    event.cloud_account = request.requester.as_deref().and_then(account).map(|account| Cow::Owned(account.to_owned()));
    event.region = request.region.clone().or_else(|| request.host.as_deref().and_then(region).map(|region| Cow::Owned(region.to_owned())));
    event.source.clone_from(&request.source);
    event.agent = request.agent.clone().map(|agent| match agent {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    });
    event.auth_method = request.auth.as_ref().map(|auth| Cow::Owned(auth.to_ascii_lowercase()));
    event.service = Some(Cow::Borrowed("s3.amazonaws.com"));
    event.domain.clone_from(&request.bucket);
    event.resource = match (&request.bucket, &request.key) {
        (Some(bucket), Some(key)) => Some(Cow::Owned(format!("{bucket}/{key}"))),
        (bucket, _) => bucket.clone(),
    };
    let code = request.status.as_deref().and_then(|status| status.parse().ok());
    event.outcome = code.and_then(status::http).unwrap_or(Outcome::Unknown);
    event.error.clone_from(&request.error);
    if event.outcome != Outcome::Success {
        event.error = event.error.or_else(|| request.status.clone());
    }
    let count = |text: &Option<Text<'_>>| text.as_deref().and_then(|text| text.parse::<u64>().ok());
    let written = matches!(event.class, crate::model::ActionClass::Write);
    event.bytes = if written { count(&request.size).or_else(|| count(&request.sent)) } else { count(&request.sent) };
    sink(event);
    Ok(())
}

/// Who asked, by the name CloudTrail has for the same caller, and the session's name.
fn who(requester: Option<Text<'_>>) -> (Principal<'_>, Option<Text<'_>>) {
    let aws = |id, name, evidence| (Principal { platform: "aws", id, name, evidence }, None);
    match requester {
        // CloudTrail's account of those who did not sign in.
        None => aws(Cow::Borrowed("ANONYMOUS_PRINCIPAL"), Some(Cow::Borrowed("anonymous")), KindEvidence::NONE),
        Some(arn) if arn.starts_with("arn:") => aws_cloudtrail::of_arn(arn),
        Some(service) if service.starts_with("svc:") => {
            aws(Cow::Owned(service.trim_start_matches("svc:").to_owned()), None, KindEvidence::PROVIDER_SERVICE)
        }
        // Lifecycle rules and the like.
        Some(name) if name == "AmazonS3" => aws(Cow::Borrowed("s3.amazonaws.com"), Some(name), KindEvidence::PROVIDER_SERVICE),
        Some(canonical) => aws(canonical, None, KindEvidence::NONE),
    }
}

/// The account in an ARN.
fn account(arn: &str) -> Option<&str> {
    let account = arn.strip_prefix("arn:")?.split(':').nth(3)?;
    (!account.is_empty() && account.bytes().all(|b| b.is_ascii_digit())).then_some(account)
}

/// The region in the host a request went to: `bucket.s3.eu-west-1.amazonaws.com`, `s3-eu-west-1.amazonaws.com`.
fn region(host: &str) -> Option<&str> {
    let head = host.split_once(".amazonaws.com")?.0;
    let region = head.rsplit('.').next()?;
    let region = region.strip_prefix("s3-").unwrap_or(region);
    let mut parts = region.split('-');
    let known = parts.next().is_some_and(|part| part.len() == 2) && region.ends_with(|c: char| c.is_ascii_digit()) && region.contains('-');
    known.then_some(region)
}
