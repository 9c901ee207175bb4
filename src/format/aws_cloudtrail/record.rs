//! The fields of a CloudTrail record that an event is made of, borrowed from its text. Only names and nesting live here;
//! what they mean is said elsewhere. Nested objects may be null or absent, never of another type: that is what `repair`
//! is for.

use super::parameters::{Additional, Parameters, Resources, Response};
use crate::format::cell::Cell;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// One record.
#[cfg_attr(test, derive(Debug))]
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Record<'a> {
    #[serde(borrow, rename = "eventTime")]
    pub time: Cell<'a>,
    #[serde(borrow, rename = "@timestamp")]
    pub shipped: Cell<'a>,
    #[serde(borrow, rename = "eventID")]
    pub id: Cell<'a>,
    #[serde(borrow, rename = "eventName")]
    pub action: Cell<'a>,
    #[serde(borrow, rename = "eventSource")]
    pub service: Cell<'a>,
    #[serde(borrow, rename = "eventType")]
    pub kind: Cell<'a>,
    #[serde(borrow, rename = "eventCategory")]
    pub category: Cell<'a>,
    #[serde(borrow, rename = "awsRegion")]
    pub region: Cell<'a>,
    #[serde(borrow, rename = "sourceIPAddress")]
    pub source: Cell<'a>,
    #[serde(borrow, rename = "userAgent")]
    pub agent: Cell<'a>,
    #[serde(borrow, rename = "errorCode")]
    pub error: Cell<'a>,
    #[serde(borrow, rename = "errorMessage")]
    pub error_message: Cell<'a>,
    #[serde(borrow, rename = "recipientAccountId")]
    pub recipient: Cell<'a>,
    #[serde(borrow, rename = "readOnly")]
    pub read_only: Cell<'a>,
    #[serde(borrow, rename = "sessionCredentialFromConsole")]
    pub from_console: Cell<'a>,
    #[serde(borrow, rename = "userIdentity")]
    pub actor: Option<Actor<'a>>,
    #[serde(borrow, rename = "requestParameters")]
    pub request: Option<Parameters<'a>>,
    #[serde(borrow, rename = "responseElements")]
    pub response: Option<Box<Response<'a>>>,
    #[serde(borrow, rename = "additionalEventData")]
    pub additional: Option<Additional<'a>>,
    #[serde(borrow)]
    pub resources: Option<Resources<'a>>,

    // Envelopes, and records that are none of ours.
    #[serde(borrow)]
    pub detail: Option<&'a RawValue>,
    #[serde(borrow, rename = "Message")]
    pub message: Cell<'a>,
    #[serde(borrow, rename = "CloudTrailEvent")]
    pub cloudtrail_event: Cell<'a>,
    #[serde(borrow, alias = "Body")]
    pub body: Cell<'a>,
    #[serde(rename = "insightDetails")]
    pub insight: Option<IgnoredAny>,
}

impl Record<'_> {
    /// Whether any of the two clocks a record may carry is there.
    pub fn has_time(&self) -> bool {
        self.time.is_some() || self.shipped.is_some()
    }
}

/// `userIdentity`.
#[cfg_attr(test, derive(Debug))]
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Actor<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Cell<'a>,
    #[serde(borrow, rename = "principalId")]
    pub principal: Cell<'a>,
    #[serde(borrow)]
    pub arn: Cell<'a>,
    #[serde(borrow, rename = "accountId")]
    pub account: Cell<'a>,
    #[serde(borrow, rename = "accessKeyId", alias = "accesKeyId")]
    pub key: Cell<'a>,
    #[serde(borrow, rename = "userName")]
    pub name: Cell<'a>,
    #[serde(borrow, rename = "invokedBy")]
    pub invoked_by: Cell<'a>,
    #[serde(borrow, rename = "identityProvider")]
    pub provider: Cell<'a>,
    #[serde(borrow, rename = "credentialId")]
    pub credential: Cell<'a>,
    #[serde(borrow, rename = "onBehalfOf")]
    pub on_behalf_of: Option<OnBehalfOf<'a>>,
    #[serde(borrow, rename = "sessionContext")]
    pub session: Option<Session<'a>>,
}

/// `userIdentity.onBehalfOf`.
#[cfg_attr(test, derive(Debug))]
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OnBehalfOf<'a> {
    #[serde(borrow, rename = "userId")]
    pub user: Cell<'a>,
}

/// `userIdentity.sessionContext`.
#[cfg_attr(test, derive(Debug))]
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Session<'a> {
    #[serde(borrow)]
    pub attributes: Option<Attributes<'a>>,
    #[serde(borrow, rename = "sessionIssuer")]
    pub issuer: Option<Issuer<'a>>,
    #[serde(borrow, rename = "webIdFederationData")]
    pub federation: Option<Federation<'a>>,
    #[serde(borrow, rename = "ec2RoleDelivery")]
    pub instance: Cell<'a>,
    #[serde(borrow, rename = "sourceIdentity")]
    pub source_identity: Cell<'a>,
}

/// `sessionContext.attributes`.
#[cfg_attr(test, derive(Debug))]
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Attributes<'a> {
    #[serde(borrow, rename = "mfaAuthenticated")]
    pub mfa: Cell<'a>,
    #[serde(borrow, rename = "creationDate")]
    pub issued: Cell<'a>,
}

/// `sessionContext.sessionIssuer`.
#[cfg_attr(test, derive(Debug))]
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Issuer<'a> {
    #[serde(borrow)]
    pub arn: Cell<'a>,
    #[serde(borrow, rename = "userName")]
    pub name: Cell<'a>,
}

/// `sessionContext.webIdFederationData`.
#[cfg_attr(test, derive(Debug))]
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Federation<'a> {
    #[serde(borrow, rename = "federatedProvider")]
    pub provider: Cell<'a>,
}
