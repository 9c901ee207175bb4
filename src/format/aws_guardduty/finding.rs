//! A finding as `GuardDuty` writes it, and who it is about.

use super::super::aws_cloudtrail;
use super::super::tree::Node;
use super::super::{Refusal, moment};
use super::NAME;
use crate::model::event::{Credential, Text};
use crate::model::{ActionClass, Event, KindEvidence, Principal};
use std::borrow::Cow;

/// What is said of findings that are about an instance, a network, an image.
pub const NOBODY: Refusal = Refusal::NotActivity { what: "a finding about no identity" };

/// Makes the event of a finding and hands it to `sink`.
///
/// # Errors
/// Findings without type or time, and those about nobody.
pub fn emit(finding: Node<'_>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    let kind = finding.get_first(&["type", "ActivityType"]);
    let kind = kind.ok_or(Refusal::Missing { field: "type", expected: "a type such as Recon:IAMUser/MaliciousIPCaller" })?;
    let (resource, service) = (finding.first(&["resource", "ResourceDetails"]), finding.first(&["service", "ServiceDetails"]));
    let time = match moment::read(service, &["eventLastSeen", "eventFirstSeen"]) {
        Ok(time) => time,
        Err(_) => moment::read(finding, &["updatedAt", "createdAt", "TimeCreated", "TimeGenerated"])?,
    };
    let account = finding.get("accountId");
    let about = who(resource, service, account.as_deref()).ok_or(NOBODY)?;

    let mut event = Event::new(NAME, time, about.principal, kind.clone(), ActionClass::Logging);
    event.finding = true;
    let severity = finding.at("severity").text().map_or("unknown", |text| severity(&text));
    event.tags = Some(Cow::Owned(tag(NAME, severity, &finding.get("title").unwrap_or(kind))));
    event.provider_id = finding.get("id");
    event.tenant = account;
    event.region = finding.get("region");
    event.session = about.session;
    event.credential = about.credential;
    event.service = Some(Cow::Borrowed("guardduty.amazonaws.com"));
    let action = service.at("action");
    let remote = action.members().find_map(|(_, inner)| address(inner));
    event.source = remote
        .or_else(|| action.at("portProbeAction.portProbeDetails").items().find_map(address))
        .or_else(|| service.at("detection.sequence.endpoints").items().find_map(|endpoint| endpoint.get("ip")));
    event.agent = service.get_first(&["additionalInfo.userAgent.fullUserAgent", "action.awsApiCallAction.userAgent"]);
    event.resource = thing(resource);
    event.domain = resource.at("s3BucketDetails").items().find_map(|bucket| bucket.get("name"));
    sink(event);
    Ok(())
}

fn address(action: Node<'_>) -> Option<Text<'_>> {
    action.get_first(&["remoteIpDetails.ipAddressV4", "remoteIpDetails.ipAddressV6"])
}

/// `GuardDuty`'s own words for its numbers.
pub fn severity(text: &str) -> &'static str {
    match text.parse::<f64>() {
        Ok(n) if n >= 9.0 => "critical",
        Ok(n) if n >= 7.0 => "high",
        Ok(n) if n >= 4.0 => "medium",
        Ok(n) if n > 0.0 => "low",
        _ => "unknown",
    }
}

/// `finding:PRODUCT:SEVERITY:TITLE` in one line.
pub fn tag(product: &str, severity: &str, title: &str) -> String {
    let title: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    format!("finding:{product}:{severity}:{title}")
}

/// Whom a finding is about, with the credential and session it names.
pub struct About<'a> {
    pub principal: Principal<'a>,
    pub session: Option<Text<'a>>,
    pub credential: Option<Credential<'a>>,
}

fn who<'a>(resource: Node<'a>, service: Node<'a>, account: Option<&str>) -> Option<About<'a>> {
    let key = resource.at("accessKeyDetails");
    // A caller of another account is that account's.
    let caller = service.get("action.awsApiCallAction.remoteAccountDetails.accountId");
    let account = caller.as_deref().or(account);
    let region = service.get("action.awsApiCallAction.awsRegion").unwrap_or_default();
    of_key(key, account, partition(&region))
        .or_else(|| of_sequence(service.at("detection.sequence"), account, partition(&region)))
        .or_else(|| {
            let role = resource.get("lambdaDetails.role").filter(|arn| arn.starts_with("arn:"))?;
            let (principal, session) = aws_cloudtrail::of_arn(role);
            Some(About { principal, session, credential: None })
        })
        .or_else(|| {
            let user = resource.get("kubernetesDetails.kubernetesUserDetails.username")?;
            let service = user.starts_with("system:serviceaccount:");
            let evidence = if service { KindEvidence::SERVICE_ACCOUNT } else { KindEvidence::NONE };
            Some(About {
                principal: Principal { platform: "kubernetes", id: user.clone(), name: Some(user), evidence },
                session: None,
                credential: None,
            })
        })
}

/// Whom an attack sequence is about: the first of its actors that is known by name, else the owner of a key in it. Security
/// Hub tells it in the same words.
pub fn of_sequence<'a>(sequence: Node<'a>, account: Option<&str>, partition: &str) -> Option<About<'a>> {
    let actors = sequence.at("actors").items().map(|actor| actor.at("user"));
    let of_actor = actors.filter(|user| user.is_nested()).find_map(|user| {
        let own = user.get_first(&["account.uid", "account"]);
        let account = own.as_deref().or(account);
        let mut about = match user.get("uid").filter(|uid| uid.starts_with("arn:")) {
            Some(arn) => {
                let (principal, session) = aws_cloudtrail::of_arn(arn);
                About { principal, session, credential: None }
            }
            None => of_words(user.get("uid"), user.get("name"), &user.get("type").unwrap_or_default(), account, partition)?,
        };
        about.with_key(user.get("credentialUid"));
        Some(about)
    });
    of_actor.or_else(|| {
        sequence.at("resources").items().find_map(|resource| {
            let mut about = of_key(resource.at("data.accessKey"), account, partition)?;
            if about.credential.is_none() {
                about.with_key(resource.get("uid").filter(|uid| uid.starts_with("AKIA") || uid.starts_with("ASIA")));
            }
            Some(about)
        })
    })
}

fn partition(region: &str) -> &'static str {
    if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else if region.starts_with("cn-") {
        "aws-cn"
    } else {
        "aws"
    }
}

/// The principal behind `accessKeyDetails` (or what ASFF calls the same), by the ARN CloudTrail would give.
pub fn of_key<'a>(key: Node<'a>, account: Option<&str>, partition: &str) -> Option<About<'a>> {
    let unique = key.get("principalId");
    let name = key.get_first(&["userName", "principalName"]);
    let kind = key.get_first(&["userType", "principalType"]).unwrap_or_default();
    let mut about = of_words(unique, name, &kind, account, partition)?;
    about.with_key(key.get("accessKeyId"));
    Some(about)
}

/// The principal that is called so, by the ARN CloudTrail would give.
fn of_words<'a>(unique: Option<Text<'a>>, name: Option<Text<'a>>, kind: &str, account: Option<&str>, partition: &str) -> Option<About<'a>> {
    let session =
        unique.as_deref().and_then(|unique| unique.split_once(':')).map(|(_, session)| session.to_owned()).filter(|s| !s.is_empty());
    let arn = |place: &str, name: &str| account.map(|account| format!("arn:{partition}:{place}::{account}:{name}"));
    let (principal, session) = match (kind, name) {
        ("Root", _) => aws_cloudtrail::of_arn(Cow::Owned(arn("iam", "root")?)),
        ("AssumedRole" | "Role", Some(name)) => {
            let path = session.map_or_else(|| format!("assumed-role/{name}"), |session| format!("assumed-role/{name}/{session}"));
            aws_cloudtrail::of_arn(Cow::Owned(arn("sts", &path)?))
        }
        ("FederatedUser", Some(name)) => aws_cloudtrail::of_arn(Cow::Owned(arn("sts", &format!("federated-user/{name}"))?)),
        ("AWSService", name) => {
            let id = name.or(unique)?;
            (Principal { platform: "aws", id, name: None, evidence: KindEvidence::PROVIDER_SERVICE }, None)
        }
        ("AWSAccount", _) => {
            let id = account.map(|account| Cow::Owned(account.to_owned())).or(unique)?;
            (Principal { platform: "aws", id, name: None, evidence: KindEvidence::NONE }, None)
        }
        (_, Some(name)) => aws_cloudtrail::of_arn(Cow::Owned(arn("iam", &format!("user/{name}"))?)),
        (_, None) => {
            let id = unique
                .map(|unique| Cow::Owned(unique.split(':').next().unwrap_or_default().to_owned()))
                .filter(|id: &Text<'_>| !id.is_empty())?;
            (Principal { platform: "aws", id, name: None, evidence: KindEvidence::NONE }, None)
        }
    };
    Some(About { principal, session, credential: None })
}

impl<'a> About<'a> {
    /// With the access key that was used.
    fn with_key(&mut self, id: Option<Text<'a>>) {
        let Some(id) = id else { return };
        let kind = if id.starts_with("AKIA") {
            "static_key"
        } else if id.starts_with("ASIA") {
            "sts_session"
        } else {
            "session"
        };
        if kind == "static_key" {
            self.principal.evidence = self.principal.evidence.with(KindEvidence::STATIC_KEY);
        }
        self.credential = Some(Credential { id, kind });
    }
}

/// What was touched, where the finding names it.
fn thing(resource: Node<'_>) -> Option<Text<'_>> {
    let bucket = resource.at("s3BucketDetails").items().find_map(|bucket| bucket.get_first(&["arn", "name"]));
    bucket.or_else(|| {
        resource.get_first(&[
            "lambdaDetails.functionArn",
            "eksClusterDetails.arn",
            "instanceDetails.instanceId",
            "rdsDbInstanceDetails.dbInstanceArn",
            "ecsClusterDetails.arn",
            "resourceType",
        ])
    })
}
