//! Findings of other products (category 2) that name an identity: they are attached to it. A finding about a machine, a
//! package or a setting alone is none of ours. It must not know how findings weigh.

use super::super::tree::Node;
use super::super::{Refusal, moment};
use super::NAME;
use super::event::{TIMES, principal};
use super::product::Product;
use crate::model::event::Text;
use crate::model::{ActionClass, Event, KindEvidence, Outcome, Principal};
use std::borrow::Cow;

/// The event of a finding.
///
/// # Errors
/// When no identity is named, or no time.
pub fn of<'a>(root: Node<'a>, product: &Product) -> Result<Event<'a>, Refusal> {
    let time = moment::read(root, TIMES)?;
    let principal = about(root, product).ok_or(Refusal::NotActivity { what: "a finding that names no identity" })?;
    let info = if root.at("finding_info").is_nested() { root.at("finding_info") } else { root.at("finding") };
    let title = info.get_first(&["title", "types.0", "desc"]).or_else(|| root.get_first(&["message", "type_name"]));
    let title = title.unwrap_or(Cow::Borrowed("finding"));
    let kind = info.get("types.0").or_else(|| root.get("metadata.event_code")).unwrap_or_else(|| title.clone());
    let mut event = Event::new(NAME, time, principal, kind, ActionClass::Logging);
    event.finding = true;
    event.tags = Some(Cow::Owned(format!("finding:{}:{}:{}", product.name, severity(root), one_line(&title))));
    event.provider_id = root.get("metadata.uid").or_else(|| info.get("uid"));
    event.service = root.get("metadata.product.name");
    event.region = root.get("cloud.region");
    event.tenant = root.get_first(&["cloud.account.uid", "cloud.account_uid", "metadata.tenant_uid"]);
    event.outcome = match root.first(&["action_id", "disposition_id"]).count() {
        Some(1) => Outcome::Success,
        Some(2) => Outcome::Denied,
        _ => Outcome::Unknown,
    };
    let evidence = root.at("evidences.0");
    event.source = root.get("src_endpoint.ip").or_else(|| evidence.get("src_endpoint.ip"));
    event.agent = root.get("http_request.user_agent").or_else(|| evidence.get("http_request.user_agent"));
    event.resource = root.get_first(&["resources.0.uid", "resources.0.name", "resource.uid", "resource.name"]);
    Ok(event)
}

/// The identity a finding is about: the actor, the user, those of the evidence, an account or role among the resources, the
/// actor left over from the original.
fn about<'a>(root: Node<'a>, product: &Product) -> Option<Principal<'a>> {
    let evidence = root.at("evidences.0");
    let places = [root.at("actor"), evidence.at("actor")];
    for actor in places {
        // A role's sessions are one identity, the role.
        if let Some(issuer) = actor.get("session.issuer").filter(|issuer| issuer.starts_with("arn:")) {
            let name = issuer.rsplit('/').next().map(|name| Cow::Owned(name.to_owned()));
            return Some(Principal { platform: product.platform, id: issuer, name, evidence: KindEvidence::ROLE_SESSION });
        }
    }
    let users = [root.at("actor.user"), root.at("user"), evidence.at("actor.user"), evidence.at("user")];
    if let Some(found) = users.into_iter().find_map(|user| named(user, product)) {
        return Some(found);
    }
    let resources = root.at("resources").items().chain(root.at("resource").items());
    for resource in resources {
        if let Some(found) = named(resource.at("owner"), product).filter(|_| is_identity(resource)) {
            return Some(found);
        }
        if let Some(id) = resource.get("uid").filter(|_| is_identity(resource)) {
            return Some(Principal { platform: product.platform, id, name: resource.get("name"), evidence: KindEvidence::NONE });
        }
    }
    let left = root.at("unmapped.actor");
    let id = left.get_first(&["id", "uid", "alternateId"]).filter(|id| !id.eq_ignore_ascii_case("unknown"))?;
    Some(Principal {
        platform: product.platform,
        id,
        name: left.get_first(&["alternateId", "displayName", "name"]),
        evidence: KindEvidence::NONE,
    })
}

/// A user by its ARN where it has one.
fn named<'a>(user: Node<'a>, product: &Product) -> Option<Principal<'a>> {
    let mut found = principal(user, product)?;
    if let Some(arn) = ["uid", "uid_alt", "uuid"].iter().filter_map(|name| user.get(name)).find(|id| id.starts_with("arn:")) {
        found.id = role(arn);
    }
    Some(found)
}

/// The role behind the ARN of one of its sessions.
fn role(arn: Text<'_>) -> Text<'_> {
    let Some((head, tail)) = arn.split_once(":assumed-role/") else { return arn };
    let role = tail.split('/').next().unwrap_or(tail);
    Cow::Owned(format!("{}:role/{role}", head.replacen(":sts:", ":iam:", 1)))
}

fn is_identity(resource: Node<'_>) -> bool {
    let kind = resource.get("type").unwrap_or_default().to_ascii_lowercase();
    let arn = resource.get("uid").is_some_and(|id| id.starts_with("arn:") && (id.contains(":user/") || id.contains(":role/")));
    arn || ["iamuser", "iam::user", "iamrole", "iam::role", "accesskey", "serviceaccount", "service account", "service_principal", "user"]
        .iter()
        .any(|word| kind.ends_with(word))
}

/// OCSF's own names of `severity_id`, in lower case.
pub fn severity(root: Node<'_>) -> &'static str {
    const NAMES: [&str; 7] = ["unknown", "informational", "low", "medium", "high", "critical", "critical"];
    let by_id = root.at("severity_id").count().and_then(|id| NAMES.get(usize::try_from(id).ok()?).copied());
    let by_name = || {
        let word = root.get("severity")?.to_ascii_lowercase();
        NAMES.iter().find(|name| **name == word).copied()
    };
    by_id.or_else(by_name).unwrap_or("unknown")
}

/// A title as one part of a tag: one line, not longer than a title is.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}
