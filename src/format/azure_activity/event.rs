//! Puts the event together: time, outcome, what was acted on, whom it touches, how much moved. It must not know who acts
//! or what operations do.

use super::super::entra_id::directory::{self, said};
use super::super::entra_id::record::View;
use super::super::tree::Node;
use super::super::{Refusal, moment, status};
use super::{NAME, actor, operation};
use crate::model::event::Text;
use crate::model::{Event, Outcome};
use std::borrow::Cow;

/// A record with its payload, out of the bus it came through.
pub struct Body<'a> {
    pub root: Node<'a>,
    pub payload: Node<'a>,
    envelope: Node<'a>,
}

impl<'a> Body<'a> {
    pub fn of(view: View<'a>) -> Self {
        let data = view.root.member("data");
        let carried = data.member("operationName").is_some() && data.is_nested();
        let root = if carried { data } else { view.root };
        let payload = if carried { data.member("properties") } else { view.payload };
        Self { root, payload: if payload.is_nested() { payload } else { root }, envelope: view.root }
    }

    /// The operation's name, by whichever member a shape gives it.
    pub fn operation(&self) -> Option<Text<'a>> {
        said(self.root, &["OperationNameValue", "operationName.value", "operationName", "EventName", "eventName.value"])
    }

    /// What the operation is called by the access check: `Microsoft.X/y/write` where the name is a sentence.
    fn checked(&self) -> Option<Text<'a>> {
        said(self.root, &["authorization.action", "identity.authorization.action", "Authorization_d.action"])
    }

    pub fn category(&self) -> Option<Text<'a>> {
        said(self.root, &["CategoryValue", "category.value", "category"])
    }

    /// The path of the resource in lower case: its case changes from record to record.
    pub fn path(&self) -> Option<String> {
        said(self.root, &["resourceId", "_ResourceId", "resourceUri", "ResourceUri", "authorization.scope", "Authorization_d.scope"])
            .or_else(|| said(self.payload, &["entity", "resourceId"]))
            .map(|path| path.to_lowercase())
    }

    /// The subscription, from its own field or the resource's path.
    pub fn subscription(&self) -> Option<String> {
        let own = said(self.root, &["subscriptionId", "AzureSubscriptionId"]).map(|id| id.to_lowercase());
        own.or_else(|| {
            self.path().and_then(|path| path.strip_prefix("/subscriptions/").and_then(|rest| rest.split('/').next().map(str::to_owned)))
        })
    }

    /// `microsoft.keyvault`: who provides the resource.
    pub fn namespace(&self) -> Option<String> {
        let told =
            said(self.root, &["ResourceProviderValue", "resourceProviderName.value", "ResourceProvider"]).map(|name| name.to_lowercase());
        let op = self.operation().or_else(|| self.checked()).map(|op| op.to_lowercase());
        let of_op = op.and_then(|op| op.split_once('/').map(|(name, _)| name.to_owned())).filter(|name| name.starts_with("microsoft."));
        let of_path =
            || self.path().and_then(|path| path.rsplit_once("/providers/").and_then(|(_, rest)| rest.split('/').next().map(str::to_owned)));
        let of_category =
            || self.category().filter(|name| name.starts_with("Storage") && name.len() < 16).map(|_| "microsoft.storage".to_owned());
        let listed = || {
            said(self.root, &["resourceTypeName"])
                .and_then(|kind| kind.split('/').next().map(str::to_lowercase))
                .filter(|name| name.contains('.'))
        };
        told.filter(|name| name.contains('.')).or_else(listed).or(of_op).or_else(of_path).or_else(of_category)
    }

    /// The account or vault that a path names: what stands behind the resource's type.
    pub fn account(&self) -> Option<String> {
        let path = self.path()?;
        let (_, rest) = path.split_once("/providers/")?;
        rest.split('/').nth(2).map(str::to_owned)
    }
}

/// Makes the event of a record.
///
/// # Errors
/// When it has no time, no operation or names nobody.
pub fn event(view: View<'_>) -> Result<Event<'_>, Refusal> {
    let body = Body::of(view);
    let times =
        ["time", "eventTimestamp", "TimeGenerated", "eventTime", "EventTimeString", "EventSubmissionTimestamp", "submissionTimestamp"];
    let time = moment::read(body.root, &times).or_else(|refusal| moment::read(body.envelope, &times).map_err(|_| refusal))?;
    let action = body.operation().ok_or(Refusal::Missing { field: "operationName", expected: "the operation" })?;
    let who = actor::who(&body)?;
    let plain = if action.contains('/') {
        action.to_lowercase()
    } else {
        body.checked().map_or_else(|| action.to_lowercase(), |op| op.to_lowercase())
    };
    let category = body.category().unwrap_or_default().to_ascii_lowercase();

    let mut event = Event::new(NAME, time, who.principal, action, operation::classify(&plain, &category));
    event.probe = operation::probe(&plain);
    event.also = who.also;
    event.credential = who.credential;
    event.session = who.session;
    event.session_issued = who.issued;
    event.mfa = who.mfa;
    event.auth_method = who.auth_method;
    event.provider_id = said(body.root, &["eventDataId"])
        .or_else(|| said(body.payload, &["eventDataId"]))
        .or_else(|| said(body.envelope, &["id"]).filter(|id| id.contains('/') || directory::guid(id).is_some()));
    event.tenant = who
        .tenant
        .or_else(|| view.tenant())
        .or_else(|| said(body.root, &["tenantId"]).filter(|_| body.envelope.member("TimeGenerated").value().is_none()))
        .or_else(|| body.subscription().map(Cow::Owned));
    event.region = said(body.root, &["location", "Region", "resourceLocation"]);
    event.source = directory::address(body.root, &["callerIpAddress", "httpRequest.clientIpAddress"])
        .or_else(|| directory::address(body.payload, &["callerIpAddress", "clientIp", "clientIpAddress"]))
        .or_else(|| said(body.root, &["identity.claims.ipaddr", "claims.ipaddr", "Claims_d.ipaddr"]));
    event.agent = said(body.payload, &["userAgentHeader", "clientInfo", "userAgent", "UserAgent"])
        .or_else(|| said(body.root, &["UserAgentHeader", "clientInfo"]));
    (event.outcome, event.error) = ending(&body);
    let namespace = body.namespace();
    (event.resource, event.domain) = acted_on(&body, namespace.as_deref(), &plain);
    event.target = target(&body, &plain);
    event.service = namespace.map(Cow::Owned);
    event.scopes =
        said(body.root, &["identity.authorization.evidence.role", "authorization.evidence.role", "Authorization_d.evidence.role"])
            // Roles have blanks in their names, and blanks separate scopes.
            .map(|role| Cow::Owned(role.replace(' ', "_")));
    event.bytes = bytes(&body);
    event.job = if plain.ends_with("/jobs/write") { body.path().map(Cow::Owned) } else { None };
    Ok(event)
}

/// How it ended. A vault writes `Success` for an answer it gave, even where that was "forbidden": a code that tells of a
/// failure counts more than the word.
fn ending<'a>(body: &Body<'a>) -> (Outcome, Option<Text<'a>>) {
    let word = said(body.root, &["ActivityStatusValue", "status.value", "ActivityStatus", "resultType", "Status", "statusText"])
        .or_else(|| said(body.payload, &["metricResponseType", "status", "statusText"]));
    let signature = said(
        body.root,
        &["statusCode", "httpStatusCode", "resultSignature", "ActivitySubstatusValue", "subStatus.value", "ActivitySubstatus"],
    );
    let answer = said(body.payload, &["httpStatusCode", "httpStatus", "statusCode", "StatusCode"]);
    let codes = [signature, answer];
    let read = |text: &Text<'_>| if is_refusal(text) { Some(Outcome::Denied) } else { status::any(text.trim_end_matches('.')) };
    let worst = codes.iter().flatten().filter_map(read).max();
    let by_word = word.as_ref().and_then(|word| match word.trim_end_matches('.').to_ascii_lowercase().as_str() {
        "start" | "started" | "inprogress" | "pending" | "running" => Some(Outcome::Unknown),
        "accept" | "sassuccess" | "anonymoussuccess" | "networksuccess" => Some(Outcome::Success),
        other if is_refusal(other) => Some(Outcome::Denied),
        // Words of storage that no table knows, `ClientOtherError`.
        other if other.ends_with("error") => Some(Outcome::Error),
        other => status::any(other),
    });
    let outcome = match (by_word, worst) {
        (Some(Outcome::Unknown), _) | (None, None) => Outcome::Unknown,
        (Some(Outcome::Denied), _) | (_, Some(Outcome::Denied)) => Outcome::Denied,
        (Some(Outcome::Error), _) | (_, Some(Outcome::Error)) => Outcome::Error,
        (Some(outcome), _) | (None, Some(outcome)) => outcome,
    };
    if matches!(outcome, Outcome::Success | Outcome::Unknown) {
        return (outcome, None);
    }
    let telling =
        codes.into_iter().flatten().find(|code| read(code).is_none_or(|of| of != Outcome::Success) && !code.eq_ignore_ascii_case("OK"));
    (outcome, telling.or(word))
}

/// Words for a refusal inside of longer ones: `AuthorizationFailed`, `SASAuthorizationError`, `Forbidden`.
fn is_refusal(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [
        "forbidden",
        "unauthorized",
        "authorizationfail",
        "authorizationerror",
        "authenticationfail",
        "denied",
        "authenticationerror",
        "disallowed",
    ]
    .iter()
    .any(|part| text.contains(part))
}

/// The thing acted on and the family of data it is of: a vault's secret, a container's object, a type of resource.
fn acted_on<'a>(body: &Body<'a>, namespace: Option<&str>, op: &str) -> (Option<Text<'a>>, Option<Text<'a>>) {
    let path = body.path();
    let uri = said(body.payload, &["id", "requestUri", "requestUrl", "uri"])
        .or_else(|| said(body.root, &["uri", "requestUri", "id"]).filter(|text| text.starts_with("http")));
    let bare = uri.as_deref().map(|uri| uri.split('?').next().unwrap_or(uri).to_owned());
    match namespace {
        Some("microsoft.storage") => {
            let key = said(body.payload, &["objectKey"]).or_else(|| said(body.root, &["objectKey"]));
            if let Some(key) = key {
                let mut parts = key.trim_matches(['/', '"']).split('/').filter(|part| !part.is_empty());
                let domain = match (parts.next(), parts.next()) {
                    (Some(account), Some(container)) => Some(format!("{account}/{container}")),
                    (Some(account), None) => Some(account.to_owned()),
                    _ => None,
                };
                return (Some(key), domain.map(Cow::Owned));
            }
            let account = body.account().map(Cow::Owned);
            (bare.filter(|uri| uri.starts_with("http")).or(path).map(Cow::Owned), account)
        }
        Some("microsoft.keyvault") if !op.contains('/') => (bare.or(path).map(Cow::Owned), body.account().map(Cow::Owned)),
        _ => {
            let family = op
                .rsplit_once('/')
                .map(|(kind, last)| if last == "action" { kind.rsplit_once('/').map_or(kind, |(kind, _)| kind) } else { kind });
            let family = family.filter(|kind| kind.contains('/')).map(str::to_owned);
            (path.map(Cow::Owned), family.or_else(|| namespace.map(str::to_owned)).map(Cow::Owned))
        }
    }
}

/// Whom a role, a key or a policy is given to.
fn target<'a>(body: &Body<'a>, op: &str) -> Option<Text<'a>> {
    if !op.contains("roleassignment") && !op.contains("accesspolicies") && !op.contains("federatedidentitycredentials") {
        return None;
    }
    let paths = [
        "requestbody.properties.principalId",
        "requestbody.principalId",
        "responseBody.properties.principalId",
        "requestbody.properties.objectId",
        "message.principalId",
    ];
    said(body.payload, &paths).map(directory::id)
}

fn bytes(body: &Body<'_>) -> Option<u64> {
    let sizes = ["responseBodySize", "requestBodySize", "sentBytes", "receivedBytes", "responseSize", "requestSize"];
    let found: Vec<u64> = sizes.iter().filter_map(|name| body.payload.at(name).count().or_else(|| body.root.at(name).count())).collect();
    (!found.is_empty()).then(|| found.into_iter().fold(0, u64::saturating_add))
}
