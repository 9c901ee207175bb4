//! Who acted on Google Cloud: a Google account by its address, a federated identity by its `principal://` name, a
//! Kubernetes account by the name its cluster knows it by. The name is the same in every log Google writes, Workspace's
//! too, so that one identity is one principal. It must not know methods.

use super::super::tree::Node;
use super::super::{Refusal, cell::part, kubernetes_audit, machine};
use crate::model::event::{Credential, Text};
use crate::model::{KindEvidence, Principal};
use std::borrow::Cow;

/// The system all Google accounts belong to: Workspace and Cloud share one directory of users, service accounts and OAuth
/// clients.
pub const PLATFORM: &str = "gcp";

/// The principal of an entry with what else its `authenticationInfo` says.
pub struct Who<'a> {
    pub principal: Principal<'a>,
    pub credential: Option<Credential<'a>>,
    /// The identity that borrowed the principal.
    pub on_behalf_of: Option<Text<'a>>,
    pub auth_method: Option<&'static str>,
}

/// Reads `authenticationInfo`, and what a token exchange says of the identity it made; `about` is whom a warning is
/// about, who counts where nobody else is named.
///
/// # Errors
/// When nobody is named.
pub fn who<'a>(payload: Node<'a>, system_event: bool, about: Option<Text<'a>>) -> Result<Who<'a>, Refusal> {
    let info = payload.at("authenticationInfo");
    let subject = info.get("principalSubject");
    // A token exchange names the caller by its own provider's name; what it will be called from then on is in the metadata.
    let mapped = payload.get_first(&["metadata.mapped_principal", "metadata.mappedPrincipal"]);
    let exchanged = mapped.is_some() || payload.get("serviceName").is_some_and(|name| name == "sts.googleapis.com");
    let email = info.get("principalEmail").filter(|email| !email.starts_with('<'));
    let mut principal = match email.or(mapped).or_else(|| subject.clone()).or(about) {
        Some(name) => account(name),
        None => match third_party(info.at("thirdPartyPrincipal.thirdPartyClaims")) {
            Some(name) => federated(name),
            None if system_event => system(payload)?,
            None => return Err(Refusal::NotActivity { what: "a call by someone the log does not name" }),
        },
    };
    if exchanged && principal.evidence == KindEvidence::NONE {
        principal.evidence = KindEvidence::WORKLOAD_SESSION;
    }
    let key = info.get("serviceAccountKeyName");
    // Only service accounts have keys, and the subject says so too: whatever the address looks like.
    if key.is_some() || subject.as_deref().is_some_and(|subject| subject.starts_with("serviceAccount:")) {
        let told = KindEvidence(principal.evidence.0 & !KindEvidence::PERSON_SESSION.0);
        let agent = told.has(KindEvidence::PROVIDER_SERVICE);
        principal.evidence = if agent { told } else { told.with(KindEvidence::SERVICE_ACCOUNT) };
    }
    if key.is_some() {
        principal.evidence = principal.evidence.with(KindEvidence::STATIC_KEY);
    }
    let on_behalf_of = delegator(info.at("serviceAccountDelegationInfo"), &principal.id);
    let client = info.get_first(&["oauthInfo.oauthClientId", "oauth_info.oauth_client_id"]);
    let auth_method = if key.is_some() {
        Some("static_key")
    } else if on_behalf_of.is_some() {
        Some("impersonation")
    } else if principal.id.contains("/workforcePools/") {
        Some("workforce_identity")
    } else if principal.id.starts_with("principal://") {
        Some("workload_identity")
    } else {
        client.is_some().then_some("oauth")
    };
    let credential = match key {
        Some(key) => Some(Credential { id: part(key, last), kind: "static_key" }),
        None => client.map(|id| Credential { id, kind: "oauth_access" }),
    };
    Ok(Who { principal, credential, on_behalf_of, auth_method })
}

/// The principal a name stands for: an address, a policy member (`serviceAccount:…`), a `principal://` name, a Kubernetes
/// user.
pub fn account(name: Text<'_>) -> Principal<'_> {
    let name = part(name, bare);
    if name.starts_with("principal://") || name.starts_with("principalSet://") {
        return federated(name);
    }
    if let Some(id) = kubernetes(&name) {
        return kubernetes_audit::account(Cow::Owned(id));
    }
    if name.starts_with("system:") {
        return kubernetes_audit::account(name);
    }
    let Some((local, domain)) = name.split_once('@') else {
        return Principal { platform: PLATFORM, id: name.clone(), name: None, evidence: KindEvidence::NONE };
    };
    let evidence = address(&local.to_ascii_lowercase(), &domain.to_ascii_lowercase());
    let id = lower(name);
    Principal { platform: PLATFORM, name: Some(id.clone()), id, evidence }
}

/// What an address says of its owner. A service agent is Google's own: customers cannot use it. A service account's domain
/// is reserved; any other address is an account made for a person, unless its name says that it is software.
fn address(local: &str, domain: &str) -> KindEvidence {
    if domain == "gserviceaccount.com" || domain.ends_with(".gserviceaccount.com") {
        if is_agent(local, domain) {
            return KindEvidence::PROVIDER_SERVICE;
        }
        let build = domain.starts_with("cloudbuild.");
        return if build { KindEvidence::SERVICE_ACCOUNT.with(KindEvidence::CI_SESSION) } else { KindEvidence::SERVICE_ACCOUNT };
    }
    if local == "system" && domain == "google.com" {
        return KindEvidence::PROVIDER_SERVICE;
    }
    if machine::named(local) { KindEvidence::MACHINE_NAME } else { KindEvidence::PERSON_SESSION }
}

/// Service agents are called `service-NUMBER@…` or live in domains of services.
fn is_agent(local: &str, domain: &str) -> bool {
    let number = local.strip_prefix("service-").map(|rest| rest.trim_start_matches("org-").trim_start_matches("folder-"));
    let numbered = number.is_some_and(|rest| rest.len() > 3 && rest.bytes().all(|b| b.is_ascii_digit()));
    numbered || domain.starts_with("cloudservices.") || domain.starts_with("system.") || domain.starts_with("gcp-sa-")
}

/// Whether an id is a service agent of Google.
fn is_agent_id(id: &str) -> bool {
    id.split_once('@').is_some_and(|(local, domain)| address(local, domain).has(KindEvidence::PROVIDER_SERVICE))
}

/// `principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/POOL/subject/SUBJECT`.
fn federated(name: Text<'_>) -> Principal<'_> {
    let subject = name.split_once("/subject/").map_or("", |(_, subject)| subject).to_owned();
    if let Some(id) = cluster_subject(&name, &subject) {
        return kubernetes_audit::account(Cow::Owned(id));
    }
    let mut evidence = if name.contains("/workforcePools/") { KindEvidence::PERSON_SESSION } else { KindEvidence::WORKLOAD_SESSION };
    if name.starts_with("principal://agents.") || name.contains("/reasoningEngines/") {
        evidence = evidence.with(KindEvidence::AGENT);
    }
    // What GitHub, GitLab, Terraform Cloud and Bitbucket call the subject of a run.
    let run = ["repo:", "project_path:", "organization:"].iter().any(|head| subject.starts_with(head)) || subject.contains(":ref_type:");
    if run {
        evidence = evidence.with(KindEvidence::CI_SESSION);
    }
    let shown = if subject.is_empty() { None } else { Some(Cow::Owned(subject)) };
    Principal { platform: PLATFORM, id: name, name: shown, evidence }
}

/// A cluster's pool: `…/workloadIdentityPools/PROJECT.svc.id.goog/subject/ns/NAMESPACE/sa/NAME`.
fn cluster_subject(name: &str, subject: &str) -> Option<String> {
    if !name.contains(".svc.id.goog/") {
        return None;
    }
    let (namespace, account) = subject.strip_prefix("ns/")?.split_once("/sa/")?;
    Some(format!("system:serviceaccount:{namespace}:{account}"))
}

/// A Kubernetes account in the older form: `PROJECT.svc.id.goog[namespace/name]`.
fn kubernetes(name: &str) -> Option<String> {
    let (_, rest) = name.split_once(".svc.id.goog[")?;
    let (namespace, account) = rest.strip_suffix(']')?.split_once('/')?;
    Some(format!("system:serviceaccount:{namespace}:{account}"))
}

/// Events of Google's own systems name the service where they name nobody.
fn system(payload: Node<'_>) -> Result<Principal<'_>, Refusal> {
    let service = payload.get("serviceName");
    let id = service.ok_or(Refusal::Missing { field: "protoPayload.serviceName", expected: "the service that acted by itself" })?;
    Ok(Principal { platform: PLATFORM, id, name: None, evidence: KindEvidence::PROVIDER_SERVICE })
}

fn third_party(claims: Node<'_>) -> Option<Text<'_>> {
    claims.get_first(&["sub", "subject", "principalSubject", "email"])
}

/// Who borrowed the account: entries stand in the order of delegation, so the first is the real one. Service agents that
/// hand a machine its own account's token are no borrowers.
fn delegator<'a>(chain: Node<'a>, principal: &str) -> Option<Text<'a>> {
    chain.items().find_map(|link| {
        let name = link
            .get_first(&["principalSubject", "firstPartyPrincipal.principalEmail"])
            .or_else(|| third_party(link.at("thirdPartyPrincipal.thirdPartyClaims")))?;
        let id = account(name).id;
        (id != principal && !is_agent_id(&id)).then_some(id)
    })
}

/// A name without what marks it as a policy member, and without the number of a deleted account.
fn bare(name: &str) -> &str {
    let name = name.trim();
    let name = name.strip_prefix("deleted:").unwrap_or(name);
    let name = ["serviceAccount:", "user:", "group:", "domain:"].iter().find_map(|head| name.strip_prefix(head)).unwrap_or(name);
    name.split("?uid=").next().unwrap_or(name)
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(path)
}

/// The same in lower case; addresses differ in nothing else.
pub fn lower(text: Text<'_>) -> Text<'_> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects who is who: one identity must be one principal in every log of Google.
    #[test]
    fn names_become_principals() {
        const POOL: &str = "principal://iam.googleapis.com/projects/12/locations/global/workloadIdentityPools";
        let federated = |rest: &str| format!("{POOL}/{rest}");
        for (name, platform, id, evidence) in [
            ("Ann@Example.com", "gcp", "ann@example.com", KindEvidence::PERSON_SESSION),
            ("user:ann@example.com", "gcp", "ann@example.com", KindEvidence::PERSON_SESSION),
            ("svc-backup@example.com", "gcp", "svc-backup@example.com", KindEvidence::MACHINE_NAME),
            ("serviceAccount:app@p.iam.gserviceaccount.com", "gcp", "app@p.iam.gserviceaccount.com", KindEvidence::SERVICE_ACCOUNT),
            (
                "deleted:serviceAccount:app@p.iam.gserviceaccount.com?uid=123",
                "gcp",
                "app@p.iam.gserviceaccount.com",
                KindEvidence::SERVICE_ACCOUNT,
            ),
            ("1-compute@developer.gserviceaccount.com", "gcp", "1-compute@developer.gserviceaccount.com", KindEvidence::SERVICE_ACCOUNT),
            (
                "12345@cloudbuild.gserviceaccount.com",
                "gcp",
                "12345@cloudbuild.gserviceaccount.com",
                KindEvidence::SERVICE_ACCOUNT.with(KindEvidence::CI_SESSION),
            ),
            (
                "service-12345@container-engine-robot.iam.gserviceaccount.com",
                "gcp",
                "service-12345@container-engine-robot.iam.gserviceaccount.com",
                KindEvidence::PROVIDER_SERVICE,
            ),
            ("12345@cloudservices.gserviceaccount.com", "gcp", "12345@cloudservices.gserviceaccount.com", KindEvidence::PROVIDER_SERVICE),
            ("system@google.com", "gcp", "system@google.com", KindEvidence::PROVIDER_SERVICE),
            ("system:serviceaccount:shop:cart", "kubernetes", "system:serviceaccount:shop:cart", KindEvidence::SERVICE_ACCOUNT),
            ("serviceAccount:p.svc.id.goog[shop/cart]", "kubernetes", "system:serviceaccount:shop:cart", KindEvidence::SERVICE_ACCOUNT),
            (
                &federated("p.svc.id.goog/subject/ns/shop/sa/cart"),
                "kubernetes",
                "system:serviceaccount:shop:cart",
                KindEvidence::SERVICE_ACCOUNT,
            ),
            (
                &federated("aws/subject/arn:aws:sts::1:assumed-role/x"),
                "gcp",
                &federated("aws/subject/arn:aws:sts::1:assumed-role/x"),
                KindEvidence::WORKLOAD_SESSION,
            ),
            (
                &federated("gh/subject/repo:acme/app:ref:refs/heads/main"),
                "gcp",
                &federated("gh/subject/repo:acme/app:ref:refs/heads/main"),
                KindEvidence::WORKLOAD_SESSION.with(KindEvidence::CI_SESSION),
            ),
            (
                "principal://iam.googleapis.com/locations/global/workforcePools/staff/subject/ann@example.com",
                "gcp",
                "principal://iam.googleapis.com/locations/global/workforcePools/staff/subject/ann@example.com",
                KindEvidence::PERSON_SESSION,
            ),
            (
                "principal://agents.global.org-1.system.id.goog/resources/aiplatform/projects/1/locations/x/reasoningEngines/7",
                "gcp",
                "principal://agents.global.org-1.system.id.goog/resources/aiplatform/projects/1/locations/x/reasoningEngines/7",
                KindEvidence::WORKLOAD_SESSION.with(KindEvidence::AGENT),
            ),
        ] {
            let principal = account(Cow::Borrowed(name));
            assert_eq!((principal.platform, &*principal.id, principal.evidence), (platform, id, evidence), "{name}");
        }
    }
}
