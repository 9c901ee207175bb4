//! A finding in the format of Security Hub (ASFF): of `GuardDuty`, or of another product about an IAM principal.

use super::super::tree::Node;
use super::super::{Refusal, aws_cloudtrail, moment};
use super::NAME;
use super::finding::{About, NOBODY, of_key, of_sequence, severity, tag};
use crate::model::event::Text;
use crate::model::{ActionClass, Event};
use std::borrow::Cow;

/// Makes the event of a finding and hands it to `sink`.
///
/// # Errors
/// Findings without type or time, and those about nobody.
pub fn emit(finding: Node<'_>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    let kind = finding.at("Types").items().find_map(Node::text).or_else(|| finding.get("GeneratorId"));
    let kind = kind.ok_or(Refusal::Missing { field: "Types", expected: "a type such as TTPs/Discovery" })?;
    let time = moment::read(finding, &["LastObservedAt", "UpdatedAt", "FirstObservedAt", "CreatedAt"])?;
    let account = finding.get("AwsAccountId");
    let about = finding.at("Resources").items().find_map(|resource| who(resource, account.as_deref()));
    let about = about.or_else(|| of_sequence(finding.at("Detection.Sequence"), account.as_deref(), "aws")).ok_or(NOBODY)?;

    let product = product(finding);
    let mut event = Event::new(NAME, time, about.principal, kind.clone(), ActionClass::Logging);
    event.finding = true;
    let level = finding.get("Severity.Label").map(|label| label.to_lowercase());
    let level = level.unwrap_or_else(|| finding.get("Severity.Product").map_or("unknown", |text| severity(&text)).to_owned());
    event.tags = Some(Cow::Owned(tag(&product, &level, &finding.get("Title").unwrap_or(kind))));
    // GuardDuty's own id is the end of the ARN that is the id here: the same finding is the same from either side.
    event.provider_id = finding.get("Id").map(|id| match id.rsplit_once("/finding/") {
        Some((_, own)) if id.contains(":guardduty:") => Cow::Owned(own.to_owned()),
        _ => id,
    });
    event.tenant = account;
    event.region = finding.get("Region");
    event.session = about.session;
    event.credential = about.credential;
    event.service = Some(Cow::Borrowed("securityhub.amazonaws.com"));
    let field = |name: &str| finding.at("ProductFields").member(&format!("aws/guardduty/service/action/{name}")).text();
    event.source = finding
        .get_first(&[
            "Action.AwsApiCallAction.RemoteIpDetails.IpAddressV4",
            "Action.NetworkConnectionAction.RemoteIpDetails.IpAddressV4",
            "Network.SourceIpV4",
        ])
        .or_else(|| field("awsApiCallAction/remoteIpDetails/ipAddressV4"));
    event.resource =
        finding.at("Resources").items().find(|resource| who(*resource, None).is_none()).and_then(|resource| resource.get("Id"));
    sink(event);
    Ok(())
}

/// `aws_guardduty`, `aws_inspector`: the product as it names itself.
fn product(finding: Node<'_>) -> String {
    let arn = finding.get("ProductArn").unwrap_or_default();
    let name = arn.rsplit_once(":product/").map(|(_, name)| name.to_owned());
    let name = name.or_else(|| finding.get("ProductName").map(Text::into_owned)).unwrap_or_default();
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// The principal a resource is: an access key's, a user, a role.
fn who<'a>(resource: Node<'a>, account: Option<&str>) -> Option<About<'a>> {
    let kind = resource.get("Type")?;
    let of_arn = |arn: Text<'a>| {
        let (principal, session) = aws_cloudtrail::of_arn(arn);
        About { principal, session, credential: None }
    };
    match &*kind {
        "AwsIamAccessKey" => {
            let key = resource.at("Details.AwsIamAccessKey");
            let owner = key.get("AccountId");
            let partition = resource.get("Partition").unwrap_or(Cow::Borrowed("aws"));
            let mut about = of_key(key, owner.as_deref().or(account), &partition)?;
            if let Some(issuer) = key.get("SessionContext.SessionIssuer.Arn") {
                // The role itself, with its path.
                about.principal.id = issuer;
            }
            Some(about)
        }
        "AwsIamUser" | "AwsIamRole" => resource.get("Id").filter(|id| id.starts_with("arn:")).map(of_arn),
        _ => None,
    }
}
