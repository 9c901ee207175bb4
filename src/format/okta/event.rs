//! Puts the event together: who, with which credential, from where, acting on what, how it ended. Okta writes `unknown`
//! where it has nothing; that is absent here.

use super::super::tree::Node;
use super::super::{Refusal, machine, moment, status};
use super::{NAME, native, operation};
use crate::model::event::{ActionClass, Credential, Text};
use crate::model::{Event, JobStep, KindEvidence, Outcome, Principal};
use serde_json::Value;
use std::borrow::Cow;

/// Makes the event of a log event and hands it to `sink`; `host` is the organisation's, where an envelope named it.
///
/// # Errors
/// Log events without time, type or actor.
pub fn emit(value: &Value, host: Option<&str>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    let root = Node::of(value);
    let action = root.get("eventType").ok_or(Refusal::Missing { field: "eventType", expected: "a type such as user.session.start" })?;
    let time = moment::read(root, &["published", "p_event_time", "@timestamp"])?;
    let debug = root.at("debugContext.debugData");
    let class = operation::classify(&action);
    let targets: Vec<Node<'_>> = root.at("target").items().collect();
    let finding = operation::is_finding(&action);
    let outcome = outcome(root, &action, class);
    let actor = Actor::of(root)?;
    let token = token(root);
    let about = targets.iter().copied().find(|target| kind(*target).is_some_and(|kind| kind == "user"));
    let principal = match about.and_then(known_id) {
        Some(id) if finding && actor.evidence.has(KindEvidence::PROVIDER_SERVICE) => {
            let name = about.and_then(|user| known(user, "alternateId").or_else(|| known(user, "displayName")));
            Principal { platform: NAME, id, name, evidence: KindEvidence::NONE }
        }
        // Whoever was turned away tells nothing about who the name belongs to.
        _ => actor.principal((outcome != Outcome::Denied).then_some(root), token.is_some()),
    };

    let mut event = Event::new(NAME, time, principal, action.clone(), if finding { ActionClass::Logging } else { class });
    event.provider_id = root.get("uuid");
    event.service = Some(Cow::Borrowed(NAME));
    event.credential = token.or_else(|| client(root, debug, &action));
    event.session = known(root.at("authenticationContext"), "externalSessionId");
    event.mfa = mfa(debug, &action, outcome);
    event.tenant = tenant(root, debug, host);
    event.source = known(root.at("client"), "ipAddress")
        .or_else(|| root.at("request.ipChain").items().find_map(|hop| known(hop, "ip")))
        .or_else(|| known(root, "client.ipAddress"));
    event.agent = known(root.at("client.userAgent"), "rawUserAgent").or_else(|| known(root, "client.userAgent.rawUserAgent"));
    event.auth_method = auth_method(root, debug);
    event.outcome = outcome;
    if outcome != Outcome::Success {
        event.error = root.get("outcome.reason").or_else(|| known(debug, "loginResult"));
    }
    event.scopes = scopes(debug);
    (event.job, event.job_step) = job(root, debug, &action);

    let others = || targets.iter().copied().filter(|target| known_id(*target).as_ref() != Some(&event.principal.id));
    // The user rather than the account in an application, that rather than the group.
    let target = IDENTITIES.iter().find_map(|wanted| others().find(|target| kind(*target).is_some_and(|kind| kind.starts_with(wanted))));
    let of_kind = |wanted: &str| targets.iter().copied().find(|target| kind(*target).is_some_and(|kind| kind == wanted));
    let app = of_kind("appinstance");
    let thing = app.filter(|_| class == ActionClass::Auth);
    let thing = thing.or_else(|| targets.iter().copied().find(|target| !is_person(*target))).or(target).or(targets.first().copied());
    let (resource, domain) =
        (known(debug, "privilegeGranted").or_else(|| thing.and_then(label)), thing.and_then(|thing| known(thing, "type")));
    event.target = target.and_then(known_id);
    event.resource = resource;
    event.domain = app.and_then(label).or(domain);
    if is_grant(&action) && actor.is_app {
        // Tokens issued to a client for a user.
        event.on_behalf_of = about.and_then(known_id).filter(|user| *user != event.principal.id);
    }
    if finding {
        event.finding = true;
        event.tags = Some(Cow::Owned(tag(root, debug, &action)));
    }
    sink(event);
    Ok(())
}

/// A member that says something: not `unknown`.
fn known<'a>(node: Node<'a>, name: &str) -> Option<Text<'a>> {
    node.get(name).filter(|text| !text.eq_ignore_ascii_case("unknown") && text != "-")
}

/// The actor as the record has it.
struct Actor<'a> {
    id: Text<'a>,
    name: Option<Text<'a>>,
    evidence: KindEvidence,
    is_user: bool,
    is_app: bool,
}

impl<'a> Actor<'a> {
    fn of(root: Node<'a>) -> Result<Self, Refusal> {
        let text = |name: &str| root.at("actor").get(name).or_else(|| root.get(&format!("actor.{name}")));
        let seen = |name: &str| text(name).filter(|text| !text.eq_ignore_ascii_case("unknown"));
        let kind = plain(&text("type").unwrap_or_default());
        let login = seen("alternateId");
        let id = text("id").or_else(|| login.as_ref().map(|login| Cow::Owned(login.to_lowercase())));
        let id = id.ok_or(Refusal::Missing { field: "actor.id", expected: "who acted" })?;
        let is_user = matches!(&*kind, "user" | "appuser" | "newuser" | "foreignuser" | "");
        let is_app =
            kind.starts_with("publicclientapp") || matches!(&*kind, "client" | "oauthclient" | "serviceclient" | "confidentialclientapp");
        let evidence = match &*kind {
            "systemprincipal" => KindEvidence::PROVIDER_SERVICE,
            "appinstance" => KindEvidence::API_CLIENT,
            "aiagent" => KindEvidence::AGENT,
            "workloadprincipal" | "serviceaccount" => KindEvidence::SERVICE_ACCOUNT,
            _ if is_app => KindEvidence::OAUTH_APP.with(KindEvidence::API_CLIENT),
            _ if kind.ends_with("agent") || kind == "agentinstance" => KindEvidence::SERVICE_ACCOUNT,
            _ => KindEvidence::NONE,
        };
        // A user is called by the name used to sign in, everything else as people call it.
        let name = if is_user { login.or_else(|| seen("displayName")) } else { seen("displayName").or(login) };
        Ok(Self { id, name, evidence, is_user, is_app })
    }

    fn principal(&self, root: Option<Node<'a>>, with_token: bool) -> Principal<'a> {
        let mut evidence = self.evidence;
        if self.is_user {
            if with_token {
                evidence = evidence.with(KindEvidence::API_CLIENT);
            } else if let Some(client) = root.and_then(client_evidence) {
                evidence = evidence.with(client);
            }
            if self.name.as_deref().is_some_and(machine::named) {
                evidence = evidence.with(KindEvidence::MACHINE_NAME);
            }
        }
        Principal { platform: NAME, id: self.id.clone(), name: self.name.clone(), evidence }
    }
}

/// What Okta's own reading of the client tells: a browser is the interface for people, a named program is not.
fn client_evidence(root: Node<'_>) -> Option<KindEvidence> {
    let agent = root.at("client.userAgent");
    let raw = known(agent, "rawUserAgent");
    let people = |raw: &str| raw.starts_with("Mozilla/") && !raw.contains("compatible;");
    if known(agent, "browser").is_some() {
        return raw.as_deref().is_none_or(people).then_some(KindEvidence::UI);
    }
    raw.map(|raw| if people(&raw) { KindEvidence::UI } else { KindEvidence::API_CLIENT })
}

/// Letters only, lower case: `PublicClientAppEntity`, `IP address`.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The token a request came with. Okta's own tokens (`00T…`) act as the user who made them, others are of OAuth clients.
fn token(root: Node<'_>) -> Option<Credential<'_>> {
    let detail = root.at("transaction.detail");
    let id = known(detail, "requestApiTokenId").or_else(|| known(detail, "rootApiTokenId"))?;
    let oauth = !id.starts_with("00T") && (id.contains('.') || detail.at("requestApiTokenClientId").is_some());
    Some(Credential { id, kind: if oauth { "oauth_access" } else { "pat" } })
}

/// The OAuth client a request came through, where nothing names the token.
fn client<'a>(root: Node<'a>, debug: Node<'a>, action: &str) -> Option<Credential<'a>> {
    let kind = if known(debug, "grantType").is_some_and(|grant| grant.eq_ignore_ascii_case("refresh_token")) {
        "oauth_refresh"
    } else {
        "oauth_access"
    };
    let token = known(debug, "tokenId").filter(|_| !action.starts_with("system.api_token."));
    let id = token
        .or_else(|| known(root.at("transaction.detail"), "requestApiTokenClientId"))
        .or_else(|| known(root.at("client"), "id"))
        .or_else(|| known(debug, "clientId"))?;
    Some(Credential { id, kind })
}

fn mfa(debug: Node<'_>, action: &str, outcome: Outcome) -> Option<bool> {
    let second = known(debug, "authMethodSecondType").is_some();
    let verified = action.eq_ignore_ascii_case("user.authentication.auth_via_mfa") && outcome == Outcome::Success;
    (second || verified).then_some(true)
}

fn tenant<'a>(root: Node<'a>, debug: Node<'a>, host: Option<&str>) -> Option<Text<'a>> {
    if let Some(host) = host {
        return Some(Cow::Owned(host.to_owned()));
    }
    let urls =
        [known(debug, "origin"), known(debug, "issuer"), known(debug, "url"), known(debug, "redirectUri"), known(root, "request.url")];
    urls.into_iter().flatten().find_map(|url| native::host(&url).map(|host| Cow::Owned(host.to_ascii_lowercase())))
}

fn auth_method<'a>(root: Node<'a>, debug: Node<'a>) -> Option<Text<'a>> {
    let told = known(debug, "grantType")
        .or_else(|| known(root.at("authenticationContext"), "credentialType"))
        .or_else(|| known(debug, "factor"))
        .or_else(|| known(debug, "signOnMode"))
        .or_else(|| known(root.at("transaction.detail"), "requestApiTokenId").map(|_| Cow::Borrowed("api_token")))?;
    Some(Cow::Owned(told.to_lowercase()))
}

/// `openid, okta.users.read` with blanks between.
fn scopes(debug: Node<'_>) -> Option<Text<'_>> {
    let scopes = debug.first(&["grantedScopes", "requestedScopes", "scopes"]).joined()?;
    let words: Vec<&str> = scopes.split([',', ' ', '[', ']', '"']).filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| Cow::Owned(words.join(" ")))
}

/// The import a log event belongs to.
fn job<'a>(root: Node<'a>, debug: Node<'a>, action: &str) -> (Option<Text<'a>>, Option<JobStep>) {
    if !action.starts_with("system.import.") && !action.starts_with("user.import.") {
        return (None, None);
    }
    let transaction = || root.get("transaction.id").filter(|id| id.starts_with("ij1") || id.starts_with("ijb"));
    let Some(id) = known(debug, "jobId").or_else(transaction) else { return (None, None) };
    let step = match action {
        "system.import.start" => JobStep::Create,
        "system.import.complete" | "system.import.complete_batch" | "system.import.clear" => JobStep::Complete,
        _ => JobStep::Progress,
    };
    (Some(id), Some(step))
}

fn outcome(root: Node<'_>, action: &str, class: ActionClass) -> Outcome {
    let Some(result) = root.get("outcome.result").or_else(|| root.get("result")) else { return Outcome::Unknown };
    let reason = root.get("outcome.reason").unwrap_or_default().to_ascii_lowercase();
    match &*result.to_ascii_uppercase() {
        // A question back (for a second factor) or a step left out is neither.
        "CHALLENGE" | "SKIPPED" | "UNKNOWN" | "ABANDONED" | "DEFERRED" | "SCHEDULED" | "NA" => Outcome::Unknown,
        "DENY" => Outcome::Denied,
        "RATE_LIMIT" => Outcome::Error,
        "FAILURE" | "FAILED" | "ERROR" => {
            let refused =
                ["denied", "not authorized", "unauthorized", "forbidden", "not_allowed", "no_matching", "not permitted", "locked"];
            let credentials = matches!(class, ActionClass::Auth | ActionClass::Token);
            if credentials || action.contains("unauth") || refused.iter().any(|word| reason.contains(word)) {
                Outcome::Denied
            } else {
                Outcome::Error
            }
        }
        other => status::word(other).unwrap_or(Outcome::Unknown),
    }
}

fn is_grant(action: &str) -> bool {
    action.contains(".token.grant") || action.contains(".authorize")
}

fn kind(target: Node<'_>) -> Option<String> {
    Some(plain(&target.get("type")?))
}

/// Targets that are identities, the ones an action is rather about first.
const IDENTITIES: &[&str] = &["user", "newuser", "publicclientapp", "appuser", "usergroup", "group", "appgroup"];

/// Whether a target is somebody, not something.
fn is_person(target: Node<'_>) -> bool {
    kind(target).is_some_and(|kind| matches!(&*kind, "user" | "appuser" | "newuser"))
}

fn known_id(target: Node<'_>) -> Option<Text<'_>> {
    known(target, "id").or_else(|| known(target, "alternateId"))
}

fn label(target: Node<'_>) -> Option<Text<'_>> {
    known(target, "displayName").or_else(|| known(target, "alternateId")).or_else(|| known(target, "id"))
}

/// `finding:okta:SEVERITY:TITLE`.
fn tag(root: Node<'_>, debug: Node<'_>, action: &str) -> String {
    let risk = known(debug, "risk").and_then(|risk| level(&risk));
    let severity = risk.or_else(|| root.get("severity").map(|text| text.to_lowercase())).unwrap_or_else(|| "unknown".to_owned());
    let title = root.get("displayMessage").unwrap_or_else(|| Cow::Owned(action.to_owned()));
    let title: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    format!("finding:{NAME}:{severity}:{title}")
}

/// The level in `{reasons=…, level=HIGH}` or `{"level":"HIGH"}`.
fn level(risk: &str) -> Option<String> {
    let rest = risk.split_once("level").map(|(_, rest)| rest)?;
    let word: String = rest.chars().skip_while(|c| !c.is_ascii_alphabetic()).take_while(char::is_ascii_alphabetic).collect();
    (!word.is_empty()).then(|| word.to_ascii_lowercase())
}
