//! Who acts in a record of the unified audit log: an application in its own right, a person or account, Microsoft's own
//! service. It must not know operations.

use super::super::Refusal;
use super::super::entra_id::directory::{self, said};
use super::super::tree::Node;
use crate::model::event::{Credential, Text};
use crate::model::{KindEvidence, Principal};
use std::borrow::Cow;

/// The principal of a record with what it is known by beside.
pub struct Who<'a> {
    pub principal: Principal<'a>,
    /// Another id of it.
    pub also: Option<Text<'a>>,
    /// The application that holds a user's token.
    pub credential: Option<Credential<'a>>,
    /// Microsoft's own server made the call for the user.
    pub via_provider: bool,
}

/// Texts in place of a user's name that say that nobody is known.
const NOBODY: &[&str] = &["not-found", "not available", "unknown", "anonymous", "certificate", "n/a"];
/// Members that name the application that called; the first that is there counts.
const CALLER: &[&str] = &["AppAccessContext.ClientAppId", "ClientAppId", "OAuthAppId", "ApplicationId", "ClientApplicationId"];
/// Servers of Microsoft that call for a user: rendering, thumbnails, caches, search. From the client names in the log.
const SERVERS: &[&str] =
    &["mswac", "onedrivempc-transform", "odmtadoccache", "sharepointpnp", "ms search", "oneshell", "spworker", "microsoft sharepoint"];
/// What Microsoft's own programs on people's desks and in their pockets call themselves.
const OWN_CLIENTS: &[&str] = &[
    "Client=OWA",
    "Client=Outlook",
    "Client=MSExchangeRPC",
    "Client=MAPI",
    "Client=ActiveSync",
    "Client=Monarch",
    "Microsoft Office",
    "Microsoft Outlook",
    "Outlook-",
    "OneDrive",
    "Microsoft SkyDriveSync",
    "Teams",
    "SharePoint",
];

fn is_own_client(agent: &str) -> bool {
    OWN_CLIENTS.iter().any(|name| agent.starts_with(name))
}

/// The applications people use at a screen: Office, Outlook, Teams, the portals, the browser parts of `SharePoint`. Their
/// use says nothing about a connector. From Microsoft's list of its first-party applications.
const SCREENS: &[&str] = &[
    "00000002-0000-0ff1-ce00-000000000000",
    "00000003-0000-0ff1-ce00-000000000000",
    "00000006-0000-0ff1-ce00-000000000000",
    "00b41c95-dab0-4487-9791-b9d2c32c80f2",
    "08e18876-6177-487e-b8b5-cf950c1e598c",
    "0ec893e0-5785-4de6-99da-4ed124e5296c",
    "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
    "26a7ee05-5602-4d76-a7ba-eae8b7b67941",
    "27922004-5251-4030-b22d-91ecd9a37ea4",
    "29d9ed98-a469-4536-ade2-f981bc1d605e",
    "2d4d3d8e-2be3-4bef-9f87-7875a61c29de",
    "4345a7b9-9a63-4910-a426-35363201d503",
    "4765445b-32c6-49b0-83e6-1d93765276ca",
    "4813382a-8fa7-425e-ab75-3b753aab3abb",
    "57fb890c-0dab-4253-a5e0-7188c88b2bb4",
    "5d661950-3475-41cd-a2c3-d671a3162bc1",
    "5e3ce6c0-2b1f-4285-8d4b-75ee78787346",
    "60c8bde5-3167-4f92-8fdb-059f6176dc0f",
    "89bee1f7-5e6e-4d8a-9f3d-ecd601259da7",
    "9199bf20-a13f-4107-85dc-02114787ef48",
    "ab9b8c07-8f02-4f72-87fa-80105867a763",
    "af124e86-4e96-495a-b70a-90f90ab96707",
    "b26aadf8-566f-4478-926f-589f601d9c74",
    "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
    "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",
    "d3590ed6-52b3-4102-aeff-aad2292ab01c",
    "ecd6b820-32c2-49b6-98a6-444530e5a77a",
];

/// The kinds of user the log knows, by code or word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum UserType {
    Account,
    Provider,
    Application,
}

fn user_type(record: Node<'_>) -> Option<UserType> {
    let word = record.get("UserType").or_else(|| record.get("AccountType"))?;
    Some(match word.to_ascii_lowercase().as_str() {
        // Data-centre administrators and operators, system, policies of the system.
        "3" | "dcadmin" | "4" | "system" | "8" | "systempolicy" => UserType::Provider,
        "5" | "application" | "6" | "serviceprincipal" => UserType::Application,
        _ => UserType::Account,
    })
}

/// Reads who acted.
///
/// # Errors
/// When the record names nobody.
pub fn who<'a>(record: Node<'a>, agent: Option<&str>) -> Result<Who<'a>, Refusal> {
    let named = said(record, &["UserId", "UserIds", "ActorUserId", "AccountId", "AccountObjectId"])
        .filter(|name| !NOBODY.contains(&name.to_ascii_lowercase().as_str()));
    let key = said(record, &["UserKey"]);
    let kind = user_type(record);
    // Defender numbers cloud applications by itself; only the directory's ids are one's own.
    let caller = CALLER.iter().find_map(|path| said(record, &[path]).filter(|id| !id.bytes().all(|b| b.is_ascii_digit())));
    let app_name = said(record, &["AppAccessContext.ClientAppName", "ApplicationDisplayName", "Application", "AppName"]);
    let object =
        [named.as_ref(), key.as_ref()].into_iter().flatten().find_map(|text| service_principal(text)).or_else(|| in_actors(record));

    if object.is_some() || kind == Some(UserType::Application) {
        // `app@sharepoint` and the like name the interface, not the application.
        let token = said(record, &["TokenObjectId"]).and_then(|id| directory::guid(&id));
        let own = object.or(token).or_else(|| named.as_ref().and_then(|name| software_id(name, caller.as_deref())));
        let name = display(record)
            .or(app_name)
            .or_else(|| named.clone().filter(|name| directory::guid(name).is_none() && service_principal(name).is_none()));
        let fallback = name.clone().or_else(|| key.clone());
        let principal = directory::software(
            own.map(Cow::Owned),
            caller.as_ref(),
            name.clone(),
            KindEvidence::SERVICE_ACCOUNT.with(KindEvidence::OAUTH_APP),
        )
        .or_else(|| directory::software(fallback, None, None, KindEvidence::SERVICE_ACCOUNT));
        let principal = principal.ok_or(MISSING)?;
        let also = caller.as_ref().and_then(|caller| directory::also(&principal, Some(caller)));
        return Ok(Who { principal, also, credential: None, via_provider: false });
    }
    let system = named.as_deref().is_some_and(is_system);
    if kind == Some(UserType::Provider) || system {
        let principal = directory::software(None, None, named.or(key), KindEvidence::PROVIDER_SERVICE).ok_or(MISSING)?;
        return Ok(Who { principal, also: None, credential: None, via_provider: false });
    }
    let server = agent.is_some_and(|agent| {
        let plain = agent.to_ascii_lowercase();
        SERVERS.iter().any(|name| plain.starts_with(name))
    });
    let third_party = caller.as_deref().and_then(directory::guid).filter(|id| !SCREENS.contains(&id.as_str()));
    let mut evidence = if server { KindEvidence::NONE } else { directory::agent_evidence(agent) };
    let own_client = agent.is_some_and(is_own_client);
    if own_client && agent.is_some_and(|agent| agent.contains("Client=OWA")) {
        evidence = evidence.with(KindEvidence::UI);
    }
    if third_party.is_some() && !own_client && !evidence.has(KindEvidence::UI) {
        evidence = evidence.with(KindEvidence::OAUTH_APP);
    }
    let known = named.or_else(|| upn_of_actor(record)).or(key);
    let principal = directory::user(None, known, None, evidence).ok_or(MISSING)?;
    let credential = caller.map(|id| Credential { id: directory::id(id), kind: "oauth_access" });
    Ok(Who { principal, also: None, credential, via_provider: server })
}

const MISSING: Refusal = Refusal::Missing { field: "UserId", expected: "who acted" };

/// The object id in `ServicePrincipal_<id>`.
fn service_principal(text: &str) -> Option<String> {
    let (head, rest) = text.split_once('_')?;
    if head.eq_ignore_ascii_case("ServicePrincipal") { directory::guid(rest) } else { None }
}

/// The object id in a name that an application goes by: a GUID, or one with its directory (`<id>@<tenant>`); not where
/// that is the application's id.
fn software_id(name: &str, caller: Option<&str>) -> Option<String> {
    let id = directory::guid(name.split('@').next().unwrap_or(name))?;
    (caller.and_then(directory::guid).as_deref() != Some(id.as_str())).then_some(id)
}

/// Of the actors of a directory change the service principal: `ServicePrincipal_<id>`, or the id right before the word.
fn in_actors(record: Node<'_>) -> Option<String> {
    let ids: Vec<Text<'_>> = record.at("Actor").items().filter_map(|actor| actor.get("ID")).take(32).collect();
    if let Some(found) = ids.iter().find_map(|id| service_principal(id)) {
        return Some(found);
    }
    let marked = ids.iter().position(|id| id.eq_ignore_ascii_case("ServicePrincipal"))?;
    ids.get(..marked)?.iter().rev().find_map(|id| directory::guid(id))
}

/// The display name of an actor (type 1), where a service principal is named.
fn display(record: Node<'_>) -> Option<Text<'_>> {
    let actors = record.at("Actor");
    actors.items().find(|actor| actor.get("Type").as_deref() == Some("1")).and_then(|actor| said(actor, &["ID"]))
}

fn upn_of_actor(record: Node<'_>) -> Option<Text<'_>> {
    record.at("Actor").items().filter_map(|actor| said(actor, &["ID"])).find(|id| id.contains('@'))
}

fn is_system(name: &str) -> bool {
    let plain = name.to_ascii_lowercase();
    plain.starts_with("nt authority\\") || plain == "s-1-5-18" || plain == "sharepoint\\system" || plain == "nt service"
}
