//! The id under which a principal is kept: what differs from one session, run, pod or node of it to the next is left out of
//! the name a record carries and becomes the session, and a name that means something only inside a directory says which. The
//! rule: the form of the name decides, whatever format it came in by, so that every log calls an identity the same. It must
//! not know records.

use super::spiffe::SpiffeId;
use super::workload;
use crate::model::KindEvidence as E;

/// A principal's name taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The id it is kept under.
    pub id: String,
    /// The session, run or instance that was named.
    pub session: Option<String>,
    /// The trust domain that vouches for it.
    pub realm: Option<String>,
    /// What the form tells about the kind.
    pub evidence: E,
}

/// What a name is kept under; `None` where it stays as it is. `tenant` is the organisation of the record.
pub fn settle(platform: &str, id: &str, tenant: Option<&str>) -> Option<Settled> {
    if platform == "entra" {
        return id.starts_with("app:").then(|| application(id, tenant)).flatten();
    }
    // Nearly every name: without a sign that parts it there is nothing to leave out, and the ARN of a role or user is final.
    let resource = id.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(':')).map(|(_, resource)| resource);
    if memchr::memchr2(b':', b'/', id.as_bytes()).is_none()
        || resource.is_some_and(|resource| resource.starts_with("role/") || resource.starts_with("user/"))
    {
        return None;
    }
    if let Some(node) = id.strip_prefix("system:node:") {
        let pool = workload::of_node(node);
        let whole = Settled { id: format!("system:node:{pool}"), session: Some(node.to_owned()), ..Settled::default() };
        return (pool.len() < node.len()).then_some(whole);
    }
    if id.contains(":assumed-role/") {
        return role(id);
    }
    if id.get(..9).is_some_and(|head| head.eq_ignore_ascii_case("spiffe://")) {
        let id = SpiffeId::parse(id)?;
        return Some(Settled { id: id.to_string(), session: None, realm: Some(id.trust_domain), evidence: E::WORKLOAD_ID });
    }
    let of_run = run(id)?;
    (of_run.len() < id.len()).then(|| Settled { id: of_run.to_owned(), session: Some(id.to_owned()), realm: None, evidence: E::CI_SESSION })
}

/// `app:APPLICATION` of a directory: the application is in many directories, each of which has a service principal of its
/// own for it. `None` where the record does not say which directory, or the name says it already.
fn application(id: &str, tenant: Option<&str>) -> Option<Settled> {
    let tenant = tenant.filter(|tenant| is_guid(tenant) && !id.contains('@'))?;
    Some(Settled { id: format!("{id}@{}", tenant.to_ascii_lowercase()), ..Settled::default() })
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| if matches!(at, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}

/// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` is the role: a session's name is chosen by its caller.
fn role(id: &str) -> Option<Settled> {
    let (head, tail) = id.split_once(":assumed-role/").filter(|(head, _)| head.starts_with("arn:aws"))?;
    let (role, session) = tail.split_once('/').map_or((tail, None), |(role, session)| (role, Some(session)));
    (!role.is_empty()).then(|| Settled {
        id: format!("{}:role/{role}", head.replacen(":sts:", ":iam:", 1)),
        session: session.filter(|session| !session.is_empty()).map(str::to_owned),
        realm: None,
        evidence: E::ROLE_SESSION,
    })
}

/// The subject of a build's token without what changes from run to run (branch, tag, environment, commit, step): of GitHub
/// and Forgejo up to the repository, of GitLab up to the project, of Terraform Cloud up to the workspace, of Buildkite up to
/// the pipeline, of Circle CI up to the project. `None` for any other name.
fn run(id: &str) -> Option<&str> {
    let subject = |word: &str| {
        let at = id.find(word)?;
        (at == 0 || matches!(id.as_bytes().get(at - 1), Some(b':' | b'/'))).then_some(at + word.len())
    };
    for word in ["repo:", "project_path:"] {
        if let Some(at) = subject(word) {
            let rest = id.get(at..)?;
            let name = rest.split(':').next().filter(|name| name.contains('/'))?;
            return id.get(..at + name.len());
        }
    }
    if let Some(at) = subject("organization:") {
        let rest = id.get(at..)?;
        let end = [":run_phase:", ":ref:"].iter().find_map(|end| rest.find(end))?;
        return id.get(..at + end);
    }
    let at = subject("org/")?;
    let project = id.get(at..)?.find("/project/")?;
    let end = id.get(at + project..)?.find("/user/")?;
    id.get(..at + project + end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TENANT: &str = "cccccccc-0000-4000-8000-000000000003";

    /// Protects the rule of the file: sessions, runs and nodes are one identity, and other names stay as they are.
    #[test]
    fn names_are_settled() {
        let pool = "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/subject/";
        for (platform, id, kept, session) in [
            ("aws", "arn:aws:sts::111122223333:assumed-role/deploy/run-7", "arn:aws:iam::111122223333:role/deploy", Some("run-7")),
            ("ocsf", "arn:aws-cn:sts::1:assumed-role/app/i-0abc", "arn:aws-cn:iam::1:role/app", Some("i-0abc")),
            ("aws", "arn:aws:sts::1:assumed-role/app", "arn:aws:iam::1:role/app", None),
            ("kubernetes", "system:node:gke-prod-pool-1f2e3d4c-x2k4", "system:node:gke-prod-pool", Some("gke-prod-pool-1f2e3d4c-x2k4")),
            ("gcp", &format!("{pool}repo:acme/app:ref:refs/heads/main"), &format!("{pool}repo:acme/app"), Some("*")),
            (
                "aws",
                "arn:aws:iam::1:oidc-provider/gitlab.com:https://x:project_path:acme/app:ref_type:branch:ref:main",
                "arn:aws:iam::1:oidc-provider/gitlab.com:https://x:project_path:acme/app",
                Some("*"),
            ),
            (
                "gcp",
                &format!("{pool}organization:acme:project:p:workspace:w:run_phase:apply"),
                &format!("{pool}organization:acme:project:p:workspace:w"),
                Some("*"),
            ),
            (
                "gcp",
                &format!("{pool}organization:acme:pipeline:p:ref:refs/heads/x:commit:1:step:2"),
                &format!("{pool}organization:acme:pipeline:p"),
                Some("*"),
            ),
            ("gcp", &format!("{pool}org/1f/project/2e/user/3d"), &format!("{pool}org/1f/project/2e"), Some("*")),
            ("generic", "SPIFFE://Acme.example/ns/shop/sa/cart", "spiffe://acme.example/ns/shop/sa/cart", None),
        ] {
            let settled = settle(platform, id, None).unwrap_or_else(|| panic!("{id}"));
            assert_eq!(settled.id, kept, "{id}");
            assert_eq!(settled.session.as_deref(), session.map(|session| if session == "*" { id } else { session }), "{id}");
        }
        for (platform, id) in [
            ("aws", "arn:aws:iam::1:role/app"),
            ("kubernetes", "system:node:ip-10-0-0-1"),
            ("github", "acme/repo"),
            ("gcp", &format!("{pool}repo:acme/app")),
            ("x", "a:assumed-role/b"),
            ("x", "spiffe://"),
            ("x", "organization:acme"),
            ("x", ""),
        ] {
            assert_eq!(settle(platform, id, Some(TENANT)), None, "{id}");
        }
    }

    /// Protects a store of several directories: an application is another principal in each.
    #[test]
    fn an_application_is_of_its_directory() {
        let app = "app:bbbbbbbb-0000-4000-8000-000000000002";
        let kept = |platform, tenant: Option<&str>| settle(platform, app, tenant).map(|settled| settled.id);
        assert_eq!(kept("entra", Some(TENANT)), Some(format!("{app}@{TENANT}")));
        assert_eq!(kept("entra", Some(&TENANT.to_uppercase())), Some(format!("{app}@{TENANT}")));
        assert_eq!((kept("entra", None), kept("entra", Some("acme")), kept("slack", Some(TENANT))), (None, None, None));
        assert_eq!(settle("entra", &format!("{app}@{TENANT}"), Some(TENANT)), None);
    }

    proptest! {
        /// Names are hostile: nothing panics, and what is kept stays.
        #[test]
        fn what_is_kept_stays(id in "(repo:|org/|arn:aws:sts::1:assumed-role/|system:node:gke-|spiffe://)?[a-z0-9:/@.ä-]{0,40}") {
            if let Some(settled) = settle("gcp", &id, None) {
                prop_assert_eq!(settle("gcp", &settled.id, None).map(|again| again.id).unwrap_or(settled.id.clone()), settled.id);
            }
        }
    }
}
