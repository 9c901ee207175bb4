//! Who acted, with which credential: users, apps, bots and agents by login (the one name every entry has), deploy keys and
//! lone tokens by themselves. A user who uses a token stays the user.

use super::super::Refusal;
use super::super::fields::Fields;
use super::super::tree::Node;
use super::PLATFORM;
use crate::model::event::{Credential, Text};
use crate::model::{KindEvidence, Principal};
use std::borrow::Cow;

/// The login under which workflow runs act.
const WORKFLOWS: &str = "github-actions";
/// GitHub's own login: what it found or did itself.
const ITSELF: &str = "github";

/// The principal of a login with what the login itself tells.
pub fn of_login(login: Text<'_>) -> Principal<'_> {
    let bare = login.strip_suffix("[bot]").unwrap_or(&login);
    let evidence = if bare.eq_ignore_ascii_case(WORKFLOWS) {
        // The token of a workflow run, not a bot of its own.
        KindEvidence::CI_SESSION
    } else if bare.len() < login.len() {
        KindEvidence::BOT
    } else if bare == ITSELF {
        KindEvidence::PROVIDER_SERVICE
    } else {
        KindEvidence::NONE
    };
    // Logins are the same in any case.
    let id = if login.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(login.to_ascii_lowercase()) } else { login.clone() };
    Principal { platform: PLATFORM, id, name: Some(login), evidence }
}

/// The principal of an entry.
///
/// # Errors
/// When it names nobody and nothing.
pub fn who<'a>(fields: &Fields<'a>, action: &str, token: Option<&Credential<'a>>) -> Result<Principal<'a>, Refusal> {
    let flag = |name: &str| fields.at(name).and_then(Node::flag) == Some(true);
    let kind = access(fields);
    let login = fields.text(&["actor", "actorlogin"]).filter(|login| !is_key(login));
    let mut principal = if let Some(login) = login {
        of_login(login)
    } else if action.starts_with("user.")
        && let Some(user) = fields.text(&["user", "userlogin"])
    {
        // Signing in, or failing to: there is no actor yet.
        of_login(user)
    } else if let Some(key) =
        fields.text(&["deploykeyfingerprint"]).or_else(|| token.filter(|_| kind == Access::Key).map(|token| token.id.clone()))
    {
        Principal { platform: PLATFORM, id: Cow::Owned(format!("deploy_key:{key}")), name: None, evidence: KindEvidence::STATIC_KEY }
    } else if let Some(app) = fields.text(&["integration", "applicationname"]).filter(|_| kind == Access::App) {
        Principal { platform: PLATFORM, id: Cow::Owned(app.to_lowercase()), name: Some(app), evidence: KindEvidence::BOT }
    } else if let Some(id) = fields.text(&["actorid"]).filter(|id| id != "0") {
        Principal { platform: PLATFORM, id, name: None, evidence: KindEvidence::NONE }
    } else if let Some(token) = token {
        Principal { platform: PLATFORM, id: Cow::Owned(format!("token:{}", token.id)), name: None, evidence: KindEvidence::NONE }
    } else {
        return Err(Refusal::Missing { field: "actor", expected: "who acted" });
    };
    if flag("actorisagent") {
        principal.evidence = principal.evidence.with(KindEvidence::AGENT);
    }
    if flag("actorisbot") && !principal.evidence.has(KindEvidence::CI_SESSION) {
        principal.evidence = principal.evidence.with(KindEvidence::BOT);
    }
    principal.evidence = principal.evidence.with(client(fields, action, kind));
    Ok(principal)
}

/// The name of the app whose bot acts, by which entries without its login know it: a bot's login is made of its app's name,
/// so only a name that makes this login is taken.
pub fn also<'a>(fields: &Fields<'a>, principal: &Principal<'a>) -> Option<Text<'a>> {
    let login = principal.id.strip_suffix("[bot]")?;
    let name = fields.text(&["integration", "applicationname"]).filter(|_| access(fields) == Access::App)?.to_lowercase();
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.eq(login.split('-').filter(|word| !word.is_empty())).then_some(Cow::Owned(name))
}

/// `deploy_key` in place of a login says what it is, not who.
fn is_key(login: &str) -> bool {
    login == "deploy_key" || login == "Deploy Key"
}

/// What the client tells: people use browsers; a token in a program's hands is a program's, except for Git, where it is
/// how people work too.
fn client(fields: &Fields<'_>, action: &str, kind: Access) -> KindEvidence {
    let agent = fields.text(&["useragent"]);
    let browser = agent.as_deref().is_some_and(|agent| agent.starts_with("Mozilla/") && !agent.contains("compatible;"));
    match kind {
        Access::None if browser => KindEvidence::UI,
        Access::None | Access::Key => KindEvidence::NONE,
        Access::App => KindEvidence::OAUTH_APP.with(KindEvidence::API_CLIENT),
        Access::Token | Access::Oauth if action.starts_with("git.") || browser || agent.is_none() => KindEvidence::NONE,
        Access::Token | Access::Oauth => KindEvidence::API_CLIENT,
    }
}

/// How the request was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// The entry names no token.
    None,
    /// A personal access token.
    Token,
    /// An OAuth application's, or an app's on behalf of a user.
    Oauth,
    /// An app's own.
    App,
    /// An SSH or deploy key.
    Key,
}

fn access(fields: &Fields<'_>) -> Access {
    let Some(kind) = fields.text(&["programmaticaccesstype"]) else {
        return if fields.text(&["oauthapplicationid"]).is_some_and(|id| id != "0") { Access::Oauth } else { Access::None };
    };
    let kind = kind.to_ascii_lowercase();
    if kind.contains("server-to-server") || kind.contains("installation") {
        Access::App
    } else if kind.contains("key") {
        Access::Key
    } else if kind.contains("oauth") || kind.contains("user-to-server") || kind.contains("github app") {
        Access::Oauth
    } else {
        Access::Token
    }
}

/// The credential an entry names: the hash of the token, else what else names it.
pub fn credential<'a>(fields: &Fields<'a>) -> Option<Credential<'a>> {
    let kind = match access(fields) {
        Access::Oauth | Access::App => "oauth_access",
        Access::Key => "static_key",
        Access::Token | Access::None => "pat",
    };
    let nonzero = |name: &str| fields.text(&[name]).filter(|id| id != "0");
    if let Some(id) = fields.text(&["hashedtoken"]).or_else(|| nonzero("tokenid")) {
        return Some(Credential { id, kind });
    }
    if let Some(id) = fields.text(&["deploykeyfingerprint"]) {
        return Some(Credential { id, kind: "static_key" });
    }
    if let Some(id) = nonzero("oauthapplicationid") {
        return Some(Credential { id, kind: "oauth_access" });
    }
    // Entries about tokens name the token they are about the same way; only those that say how they came in name their own.
    fields.text(&["programmaticaccesstype"])?;
    fields.text(&["userprogrammaticaccessname"]).map(|id| Credential { id, kind })
}

/// `OAuth access token`, `ssh`: how the request was authenticated, in GitHub's words.
pub fn auth_method<'a>(fields: &Fields<'a>, action: &str) -> Option<Text<'a>> {
    if action.ends_with(".sso_response") {
        return Some(Cow::Borrowed("saml"));
    }
    let told = fields.text(&["programmaticaccesstype"]);
    let told = told.or_else(|| fields.text(&["transportprotocolname"]).filter(|_| action.starts_with("git.")))?;
    Some(Cow::Owned(told.to_ascii_lowercase()))
}
