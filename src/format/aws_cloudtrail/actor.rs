//! Who acted: the principal of a `userIdentity`, by its type, with what the record tells about its kind. A role's
//! sessions are one principal, the role: a session's name is chosen by its caller.

use super::super::{Refusal, cell::Cell, cell::part, machine};
use super::record::{Actor, Session};
use crate::model::event::Text;
use crate::model::{KindEvidence, Principal};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::borrow::Cow;
use std::sync::LazyLock;

/// The principal of a record with what else its `userIdentity` says.
pub struct Who<'a> {
    pub principal: Principal<'a>,
    /// Session name, where the principal is a role or a federated user.
    pub session: Option<Text<'a>>,
    /// The provider's service made the call for the principal.
    pub via_provider: bool,
    /// `saml`, `web_identity`, `service`, where the type says so.
    pub auth_method: Option<&'static str>,
    /// Who is behind the session, as whoever let them in told AWS (`sourceIdentity`).
    pub behind: Option<Text<'a>>,
}

/// Reads `userIdentity`; `recipient` is the account the record was delivered to.
///
/// # Errors
/// When it names nobody at all.
pub fn who<'a>(actor: &mut Actor<'a>, recipient: &Cell<'a>) -> Result<Who<'a>, Refusal> {
    let kind = actor.kind.take().unwrap_or_default();
    let mut session_context = actor.session.take();
    let mut evidence = key_evidence(&actor.key);
    let invoked_by = actor.invoked_by.take();
    let mut auth_method = None;
    let mut session = None;
    let mut via_provider = invoked_by.is_some();
    let (id, name) = match &*kind {
        "AssumedRole" | "Role" => {
            evidence = evidence.with(KindEvidence::ROLE_SESSION);
            session = session_name(actor);
            let (arn, name) = issuer(session_context.as_mut());
            let arn = arn.or_else(|| actor.arn.take().map(role_of));
            let name = name.or_else(|| arn.as_ref().map(|arn| part(arn.clone(), last)));
            (arn.or_else(|| unique_part(&mut actor.principal)).or_else(|| actor.name.take()), name)
        }
        "FederatedUser" => {
            evidence = evidence.with(KindEvidence::ROLE_SESSION);
            session = session_name(actor).map(|name| part(name, last));
            let (arn, name) = issuer(session_context.as_mut());
            let own = actor.arn.take();
            let name = name.or_else(|| own.as_ref().map(|arn| part(arn.clone(), last)));
            (arn.or(own), name)
        }
        "Root" => {
            evidence = evidence.with(KindEvidence::ROOT);
            (actor.arn.take().or_else(|| actor.account.take()), actor.name.take().or(Some(Cow::Borrowed("root"))))
        }
        "AWSService" => {
            evidence = evidence.with(KindEvidence::PROVIDER_SERVICE);
            via_provider = false;
            auth_method = Some("service");
            (invoked_by.clone().or_else(|| actor.principal.take()), None)
        }
        "AWSAccount" => (actor.account.take().or_else(|| actor.principal.take()), None),
        "IdentityCenterUser" => {
            evidence = evidence.with(KindEvidence::PERSON);
            let user = actor.on_behalf_of.as_mut().and_then(|o| o.user.take());
            let name = actor.name.take();
            (user.or_else(|| name.clone()).or_else(|| actor.principal.take()).or_else(|| actor.credential.take()), name)
        }
        "SAMLUser" => {
            auth_method = Some("saml");
            let name = actor.name.take();
            if name.as_deref().is_some_and(is_person) {
                evidence = evidence.with(KindEvidence::PERSON_SESSION);
            }
            (actor.principal.take().or_else(|| name.clone()), name)
        }
        "WebIdentityUser" => {
            auth_method = Some("web_identity");
            let provider = actor.provider.text().or(actor.principal.text()).unwrap_or_default();
            evidence = evidence.with(if is_build_provider(provider) {
                KindEvidence::CI_SESSION.with(KindEvidence::WORKLOAD_SESSION)
            } else {
                KindEvidence::WORKLOAD_SESSION
            });
            let name = actor.name.take().map(|name| part(name, subject));
            session = actor.principal.clone().take().filter(|whole| subject(whole).len() < whole.len());
            (actor.principal.take().map(|id| part(id, subject)).or_else(|| name.clone()), name)
        }
        _ => {
            // IAMUser, Unknown, Directory, and records without a type.
            let name = actor.name.take();
            let id = actor.arn.take();
            if name.is_some() && actor.principal.text() == actor.account.text() {
                // Signing in through a directory: AWS knows the account and a name.
                actor.principal = Cell::default();
            }
            if id.is_none() && name.is_none() && invoked_by.is_some() {
                evidence = evidence.with(KindEvidence::PROVIDER_SERVICE);
                via_provider = false;
                auth_method = Some("service");
                (invoked_by.clone(), None)
            } else if id.is_none() && name.is_none() && kind.is_empty() && !actor.principal.is_some() {
                // Only an account: AWS's own work in it.
                evidence = evidence.with(KindEvidence::PROVIDER_SERVICE);
                (actor.account.take(), None)
            } else {
                (id.or_else(|| unique_part(&mut actor.principal)).or_else(|| name.clone()).or_else(|| actor.account.take()), name)
            }
        }
    };
    if let Some(context) = session_context.as_mut() {
        if context.instance.is_some() {
            evidence = evidence.with(KindEvidence::WORKLOAD_SESSION);
        }
        if let Some(provider) = context.federation.as_ref().and_then(|f| f.provider.text()) {
            auth_method = auth_method.or(Some("web_identity"));
            if is_build_provider(provider) {
                evidence = evidence.with(KindEvidence::CI_SESSION);
            } else if provider.contains("oidc.eks.") {
                // A pod with a service account.
                evidence = evidence.with(KindEvidence::WORKLOAD_SESSION);
            }
        }
    }
    let behind = session_context.as_mut().and_then(|context| context.source_identity.take());
    if behind.as_deref().is_some_and(is_person) {
        evidence = evidence.with(KindEvidence::PERSON_SESSION);
    }
    if let Some(session) = &session {
        evidence = evidence.with(session_evidence(session));
    }
    if let Some(name) = &name {
        evidence = evidence.with(name_evidence(name));
    }
    actor.session = session_context;
    let id = id
        .or_else(|| recipient.text().map(|account| Cow::Owned(account.to_owned())))
        .ok_or(Refusal::Missing { field: "name in userIdentity", expected: "an arn, a principalId, an accountId or invokedBy" })?;
    Ok(Who { principal: Principal { platform: "aws", id, name, evidence }, session, via_provider, auth_method, behind })
}

/// The principal of a caller known by ARN alone, the same that its `userIdentity` gives, with its session's name. A
/// session's ARN does not tell the path of a role: one with a path is another principal here.
pub fn of_arn(arn: Text<'_>) -> (Principal<'_>, Option<Text<'_>>) {
    let platform = "aws";
    if arn.contains(":assumed-role/") {
        let named = arn.split_once(":assumed-role/").is_some_and(|(_, rest)| rest.contains('/'));
        let session = named.then(|| part(arn.clone(), last));
        let id = role_of(arn);
        let name = part(id.clone(), last);
        let evidence = session.as_deref().map_or(KindEvidence::NONE, session_evidence);
        let evidence = KindEvidence::ROLE_SESSION.with(evidence).with(name_evidence(&name));
        return (Principal { platform, id, name: Some(name), evidence }, session);
    }
    if arn.contains(":federated-user/") {
        let name = part(arn.clone(), last);
        let evidence = KindEvidence::ROLE_SESSION.with(session_evidence(&name)).with(name_evidence(&name));
        return (Principal { platform, id: arn, name: Some(name.clone()), evidence }, Some(name));
    }
    if arn.ends_with(":root") {
        return (Principal { platform, id: arn, name: Some(Cow::Borrowed("root")), evidence: KindEvidence::ROOT }, None);
    }
    let name = part(arn.clone(), last);
    let role = if arn.contains(":role/") { KindEvidence::ROLE_SESSION } else { KindEvidence::NONE };
    let evidence = role.with(name_evidence(&name));
    (Principal { platform, id: arn, name: Some(name), evidence }, None)
}

fn key_evidence(key: &Cell<'_>) -> KindEvidence {
    match key.text() {
        Some(key) if key.starts_with("AKIA") => KindEvidence::STATIC_KEY,
        _ => KindEvidence::NONE,
    }
}

fn issuer<'a>(context: Option<&mut Session<'a>>) -> (Option<Text<'a>>, Option<Text<'a>>) {
    match context.and_then(|c| c.issuer.as_mut()) {
        Some(issuer) => (issuer.arn.take(), issuer.name.take()),
        None => (None, None),
    }
}

/// `AROA…:session` and `123456789012:name` keep the session after the colon; else the last part of the ARN is it.
fn session_name<'a>(actor: &Actor<'a>) -> Option<Text<'a>> {
    let mut principal = actor.principal.clone();
    if let Some(text) = principal.take().filter(|text| text.contains(':')) {
        return Some(part(text, |t| t.split_once(':').map_or(t, |(_, name)| name))).filter(|name| !name.is_empty());
    }
    let arn = actor.arn.clone().take().filter(|arn| arn.contains(":assumed-role/") || arn.contains(":federated-user/"))?;
    Some(part(arn, last))
}

/// The role behind `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`: `arn:aws:iam::ACCOUNT:role/ROLE`.
fn role_of(arn: Text<'_>) -> Text<'_> {
    let Some((head, tail)) = arn.split_once(":assumed-role/") else { return arn };
    let role = tail.rsplit_once('/').map_or(tail, |(role, _)| role);
    Cow::Owned(format!("{}:role/{role}", head.replacen(":sts:", ":iam:", 1)))
}

/// `AROAEXAMPLE:session` without the session.
fn unique_part<'a>(principal: &mut Cell<'a>) -> Option<Text<'a>> {
    principal.take().map(|text| part(text, |t| t.split_once(':').map_or(t, |(unique, _)| unique))).filter(|text| !text.is_empty())
}

/// The subject of a build's token without branch, tag or environment: `…repo:org/app:ref:refs/heads/main` is of
/// `…repo:org/app`, whatever it was that ran.
fn subject(text: &str) -> &str {
    let Some(at) = text.find("repo:") else { return text };
    let rest = text.get(at + 5..).unwrap_or_default();
    rest.find(':').and_then(|end| text.get(..at + 5 + end)).unwrap_or(text)
}

fn last(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// What a role's or user's name tells.
fn name_evidence(name: &str) -> KindEvidence {
    let mut evidence = KindEvidence::NONE;
    if name.starts_with("AWSReservedSSO_") {
        evidence = evidence.with(KindEvidence::PERSON_SESSION);
    } else if machine::named(name) {
        evidence = evidence.with(KindEvidence::MACHINE_NAME);
    }
    // Names AWS itself gives to the roles of its agent services.
    let bedrock = name.split_once("Bedrock").map(|(_, rest)| rest);
    if bedrock.is_some_and(|rest| rest.starts_with("ExecutionRoleForAgents") || rest.starts_with("AgentCore")) {
        evidence = evidence.with(KindEvidence::AGENT);
    }
    if name.starts_with("AWSServiceRoleFor") {
        evidence = evidence.with(KindEvidence::PROVIDER_SERVICE);
    }
    evidence
}

/// Session names that SDKs and services give.
const WORKLOAD: &[&str] = &[
    "aws-go-sdk-",
    "aws-sdk-",
    "botocore-session-",
    "awscli-session",
    "aws-cli-",
    "awslambda",
    "lambda-",
    "eks-",
    "ecs-",
    "emr-",
    "ec2-",
    "k8s",
    "kubernetes",
    "karpenter",
    "airflow",
    "databricks",
    "snowflake",
];

/// Session names that build systems give.
const BUILD: &[&str] = &[
    "githubactions",
    "github-actions",
    "gitlab",
    "awscodebuild",
    "codebuild",
    "codepipeline",
    "awscodedeploy",
    "circleci",
    "circle-ci",
    "jenkins",
    "terraform",
    "bitbucket",
    "buildkite",
    "spacelift",
    "atlantis",
    "argocd",
];

/// What a session's name tells. The name is the caller's choice: it is evidence of the kind, never of the identity.
fn session_evidence(session: &str) -> KindEvidence {
    if is_person(session) {
        return KindEvidence::PERSON_SESSION;
    }
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let instance = session.strip_prefix("i-").is_some_and(|id| (8..=17).contains(&id.len()) && hex(id));
    // ECS names sessions by task id: 32 hexadecimal digits.
    let task = session.len() == 32 && hex(session);
    let numbered = session.len() >= 10 && session.bytes().all(|b| b.is_ascii_digit());
    if instance || task || numbered {
        return KindEvidence::WORKLOAD_SESSION;
    }
    // Words that stand anywhere in a name are looked for all at once: sessions come with nearly every record.
    let mut function = false;
    if let Some(finder) = ANYWHERE.as_ref() {
        for found in finder.find_overlapping_iter(session) {
            if found.pattern().as_usize() < BUILD.len() {
                return KindEvidence::CI_SESSION.with(KindEvidence::WORKLOAD_SESSION);
            }
            function = true;
        }
    }
    let begins = |word: &&str| session.as_bytes().get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word.as_bytes()));
    if function || WORKLOAD.iter().any(begins) { KindEvidence::WORKLOAD_SESSION } else { KindEvidence::NONE }
}

/// Lambda names the session after the function.
const FUNCTION: &[&str] = &["lambda", "function", "handler", "-fn"];

/// [`BUILD`], then [`FUNCTION`], in any case; there is no reason why so few words should not become an automaton.
static ANYWHERE: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let kind = Some(AhoCorasickKind::DFA);
    AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(BUILD.iter().chain(FUNCTION)).ok()
});

fn is_person(name: &str) -> bool {
    name.contains('@')
        && name.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        && !name.ends_with(".gserviceaccount.com")
        && !machine::named(name)
}

fn is_build_provider(provider: &str) -> bool {
    ["githubusercontent", "gitlab", "bitbucket", "circleci", "buildkite", "spacelift", "terraform"].iter().any(|p| provider.contains(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_names_tell_workloads_builds_and_people_apart() {
        let (work, build, person) = (KindEvidence::WORKLOAD_SESSION, KindEvidence::CI_SESSION, KindEvidence::PERSON_SESSION);
        for (name, evidence) in [
            ("i-0abc1234def567890", work),
            ("aws-go-sdk-1700000000000000000", work),
            ("botocore-session-1700000000", work),
            ("resize-images-lambda", work),
            ("0123456789abcdef0123456789abcdef", work),
            ("GitHubActions", build.with(work)),
            ("AWSCodeBuild-1f2e", build.with(work)),
            ("jane.doe@example.com", person),
            ("svc-etl@example.com", KindEvidence::NONE),
            ("weekly", KindEvidence::NONE),
            ("i-am-jane", KindEvidence::NONE),
        ] {
            assert_eq!(session_evidence(name), evidence, "{name}");
        }
    }
}
