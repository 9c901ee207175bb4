//! Who acts in a cluster. A service account is its namespace and name, never the pod that uses it; a node is itself; the
//! control plane is the provider. Names that belong to a cloud's directory become that directory's identity. It must not
//! know what was done.

use super::super::tree::Node;
use super::super::{cell::part, machine};
use crate::model::event::{Credential, Text};
use crate::model::{KindEvidence, Principal};
use std::borrow::Cow;

/// The system the names of a cluster belong to.
const PLATFORM: &str = "kubernetes";

/// Names under `system:` that are not the control plane's own: whoever is not signed in, and the administrators' own
/// certificates.
const NOT_OWN: &[&str] = &["system:anonymous", "system:unauthenticated", "system:admin", "system:unsecured"];

/// The user of a request with what it carries.
pub struct Who<'a> {
    pub principal: Principal<'a>,
    pub credential: Option<Credential<'a>>,
    pub session: Option<Text<'a>>,
    pub auth_method: Option<&'static str>,
    /// The cloud's identity behind a name the cluster mapped it to.
    pub behind: Option<Text<'a>>,
    /// The cloud account of the caller.
    pub account: Option<Text<'a>>,
}

/// The principal of a user name.
pub fn account(name: Text<'_>) -> Principal<'_> {
    let name = part(name, str::trim);
    let (shown, evidence) = if let Some(rest) = name.strip_prefix("system:serviceaccount:") {
        (Some(rest.replacen(':', "/", 1)), KindEvidence::SERVICE_ACCOUNT)
    } else if let Some(node) = name.strip_prefix("system:node:") {
        // A kubelet is named after its machine.
        (Some(node.to_owned()), KindEvidence::WORKLOAD_SESSION)
    } else if name.starts_with("system:bootstrap:") {
        (None, KindEvidence::SERVICE_ACCOUNT)
    } else if NOT_OWN.contains(&&*name) {
        (None, KindEvidence::NONE)
    } else if name.starts_with("system:")
        || name.starts_with("eks:")
        || name.starts_with("aks:")
        || matches!(&*name, "aksService" | "hcpService")
    {
        // The prefixes are reserved for the control plane and for the cloud that runs it.
        (None, KindEvidence::PROVIDER_SERVICE)
    } else if machine::named(&name) {
        (None, KindEvidence::MACHINE_NAME)
    } else if name.contains('@') {
        (None, KindEvidence::PERSON_SESSION)
    } else {
        (None, KindEvidence::NONE)
    };
    let shown = shown.map(Cow::Owned).or_else(|| Some(name.clone()));
    Principal { platform: PLATFORM, id: name, name: shown, evidence }
}

/// Reads `user`; `None` when it names nobody.
pub fn who(user: Node<'_>) -> Option<Who<'_>> {
    let name = user.get("username").or_else(|| user.get("name"))?;
    let extra = user.at("extra");
    let one = |key: &str| extra.member(key).items().find_map(Node::text);
    let key = one("accessKeyId");
    let session_name = one("sessionName");
    let arn = one("canonicalArn").or_else(|| one("arn").map(role_of));
    let directory = one("oid").map(|oid| part(oid, str::trim)).map(directory_id);

    let (principal, behind) = if name.starts_with("arn:aws") {
        (role(arn.clone().unwrap_or_else(|| role_of(name))), None)
    } else if let Some(id) = directory.filter(|_| !name.starts_with("system:")) {
        let evidence = if name.contains('@') && !machine::named(&name) { KindEvidence::PERSON_SESSION } else { KindEvidence::NONE };
        (Principal { platform: "entra", id, name: Some(name), evidence }, None)
    } else {
        // A mapping may end in the session's name, which its caller chooses: the identity is what stands before it.
        let suffix = session_name.as_deref().filter(|session| !name.starts_with("system:") && name.len() > session.len());
        let bare =
            suffix.and_then(|session| name.strip_suffix(session)).map(|bare| bare.trim_end_matches([':', '/', '-', '@'])).map(str::len);
        (
            account(bare.filter(|length| *length > 0).map_or(name.clone(), |length| part(name, |name| name.get(..length).unwrap_or(name)))),
            arn.clone(),
        )
    };
    let account = arn.as_deref().and_then(|arn| arn.split(':').nth(4)).filter(|id| !id.is_empty()).map(|id| Cow::Owned(id.to_owned()));
    let id = one("authentication.kubernetes.io/credential-id");
    let (credential, auth_method) = credential(key, id);
    let is_service = principal.evidence.has(KindEvidence::SERVICE_ACCOUNT);
    let auth_method = auth_method.or_else(|| is_service.then_some("service_account_token"));
    let session = one("authentication.kubernetes.io/pod-name").or(session_name);
    Some(Who { principal, credential, session, auth_method, behind, account })
}

/// The key of AWS, else what the API server calls the credential: `JTI=…` of a token, `X509SHA256=…` of a certificate.
fn credential<'a>(key: Option<Text<'a>>, id: Option<Text<'a>>) -> (Option<Credential<'a>>, Option<&'static str>) {
    if let Some(id) = key {
        let kind = if id.starts_with("AKIA") { "static_key" } else { "sts_session" };
        return (Some(Credential { id, kind }), Some("aws_iam"));
    }
    let Some(id) = id else { return (None, None) };
    let (kind, method) = if id.starts_with("X509SHA256=") { ("cert", "certificate") } else { ("oidc", "service_account_token") };
    (Some(Credential { id: part(id, |id| id.split_once('=').map_or(id, |(_, id)| id)), kind }), Some(method))
}

/// A role or user of AWS, as CloudTrail calls it.
fn role(arn: Text<'_>) -> Principal<'_> {
    let evidence = if arn.contains(":role/") { KindEvidence::ROLE_SESSION } else { KindEvidence::NONE };
    let name = part(arn.clone(), |arn| arn.rsplit('/').next().unwrap_or(arn));
    Principal { platform: "aws", id: arn, name: Some(name), evidence }
}

/// An object of Entra's directory, as its own logs write it: in lower case.
fn directory_id(id: Text<'_>) -> Text<'_> {
    if id.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(id.to_ascii_lowercase()) } else { id }
}

/// `arn:aws:sts::1:assumed-role/app/session` is `arn:aws:iam::1:role/app`; other names stay.
fn role_of(arn: Text<'_>) -> Text<'_> {
    let Some((head, rest)) = arn.split_once(":assumed-role/") else { return arn };
    let name = rest.split('/').next().unwrap_or(rest);
    Cow::Owned(format!("{}:role/{name}", head.replacen(":sts:", ":iam:", 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Protects who is who in a cluster, and what is only a session.
    #[test]
    fn users_become_principals() {
        for (user, platform, id, evidence) in [
            (
                json!({"username": "system:serviceaccount:shop:cart"}),
                "kubernetes",
                "system:serviceaccount:shop:cart",
                KindEvidence::SERVICE_ACCOUNT,
            ),
            (json!({"username": "system:node:ip-10-0-0-1"}), "kubernetes", "system:node:ip-10-0-0-1", KindEvidence::WORKLOAD_SESSION),
            (
                json!({"username": "system:kube-controller-manager"}),
                "kubernetes",
                "system:kube-controller-manager",
                KindEvidence::PROVIDER_SERVICE,
            ),
            (json!({"username": "eks:node-manager"}), "kubernetes", "eks:node-manager", KindEvidence::PROVIDER_SERVICE),
            (json!({"username": "system:anonymous"}), "kubernetes", "system:anonymous", KindEvidence::NONE),
            (json!({"username": "ann@example.com"}), "kubernetes", "ann@example.com", KindEvidence::PERSON_SESSION),
            (json!({"username": "ci-deployer"}), "kubernetes", "ci-deployer", KindEvidence::MACHINE_NAME),
            (
                json!({"username": "arn:aws:sts::111122223333:assumed-role/deploy/run-7"}),
                "aws",
                "arn:aws:iam::111122223333:role/deploy",
                KindEvidence::ROLE_SESSION,
            ),
            (
                json!({"username": "arn:aws:sts::111122223333:assumed-role/deploy/run-7", "extra": {"canonicalArn": ["arn:aws:iam::111122223333:role/ci/deploy"]}}),
                "aws",
                "arn:aws:iam::111122223333:role/ci/deploy",
                KindEvidence::ROLE_SESSION,
            ),
            (
                json!({"username": "deploy:run-7", "extra": {"sessionName": ["run-7"], "arn": ["arn:aws:sts::1:assumed-role/deploy/run-7"]}}),
                "kubernetes",
                "deploy",
                KindEvidence::MACHINE_NAME,
            ),
            (json!({"username": "ann@example.com", "extra": {"oid": ["0F0F"]}}), "entra", "0f0f", KindEvidence::PERSON_SESSION),
        ] {
            let who = who(Node::of(&user)).unwrap();
            assert_eq!((who.principal.platform, &*who.principal.id, who.principal.evidence), (platform, id, evidence), "{user}");
        }
        assert!(who(Node::of(&json!({"uid": "1"}))).is_none());
    }

    #[test]
    fn credentials_have_kinds() {
        for (extra, id, kind, method) in [
            (json!({"authentication.kubernetes.io/credential-id": ["JTI=7f"]}), "7f", "oidc", "service_account_token"),
            (json!({"authentication.kubernetes.io/credential-id": ["X509SHA256=aa"]}), "aa", "cert", "certificate"),
            (json!({"accessKeyId": ["AKIAIOSFODNN7EXAMPLE"]}), "AKIAIOSFODNN7EXAMPLE", "static_key", "aws_iam"),
            (json!({"accessKeyId": ["ASIAIOSFODNN7EXAMPLE"]}), "ASIAIOSFODNN7EXAMPLE", "sts_session", "aws_iam"),
        ] {
            let user = json!({"username": "x", "extra": extra});
            let who = who(Node::of(&user)).unwrap();
            let credential = who.credential.unwrap();
            assert_eq!((&*credential.id, credential.kind, who.auth_method), (id, kind, Some(method)));
        }
    }
}
