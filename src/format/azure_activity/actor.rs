//! Who acts in Azure: the claims of the token that a management call came with, the requester of a storage call, the key
//! that stood in for a requester, or the platform itself. It must not know operations.

use super::super::Refusal;
use super::super::entra_id::directory::{self, said};
use super::super::moment;
use super::super::tree::Node;
use super::event::Body;
use crate::model::event::{Credential, Text};
use crate::model::{KindEvidence, Principal, Timestamp};
use std::borrow::Cow;

/// The principal of a record with what else its token says.
pub struct Who<'a> {
    pub principal: Principal<'a>,
    pub also: Option<Text<'a>>,
    pub credential: Option<Credential<'a>>,
    pub session: Option<Text<'a>>,
    pub issued: Option<Timestamp>,
    pub mfa: Option<bool>,
    pub auth_method: Option<Text<'a>>,
    pub tenant: Option<Text<'a>>,
}

const OBJECT: &[&str] = &[
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
    "oid",
    "http_schemas_microsoft_com_identity_claims_objectidentifier",
];
const TENANT: &[&str] = &["http://schemas.microsoft.com/identity/claims/tenantid", "tid"];
const NAME: &[&str] = &[
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
    "upn",
    "unique_name",
    "preferred_username",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
    "http_schemas_xmlsoap_org_ws_2005_05_identity_claims_upn",
];
const SCOPE: &[&str] = &["http://schemas.microsoft.com/identity/claims/scope", "scp"];
const METHODS: &[&str] = &["http://schemas.microsoft.com/claims/authnmethodsreferences", "amr"];

/// The application of Azure's portal: a person at a browser.
const PORTAL: &str = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";

/// Categories in which the platform speaks, not a caller.
const PLATFORM_CATEGORIES: &[&str] = &["resourcehealth", "servicehealth", "autoscale", "alert", "recommendation", "security"];

/// Reads who acted.
///
/// # Errors
/// When the record names nobody and no subscription.
pub fn who<'a>(body: &Body<'a>) -> Result<Who<'a>, Refusal> {
    if let Some(who) = by_token(body).or_else(|| by_requester(body)).or_else(|| by_key(body)) {
        return Ok(who);
    }
    let text = said(body.root, &["caller", "Identity", "user"]).or_else(|| said(body.payload, &["caller", "user", "principalId"]));
    if let Some(principal) = text.and_then(named) {
        return Ok(Who::of(principal));
    }
    let category = body.category().unwrap_or_default().to_ascii_lowercase();
    if PLATFORM_CATEGORIES.contains(&category.as_str()) {
        let service = body.namespace().map(Cow::Owned);
        if let Some(principal) = directory::software(None, None, service, KindEvidence::PROVIDER_SERVICE) {
            return Ok(Who::of(principal));
        }
    }
    // Nobody is named: the unnamed callers of a subscription stay together instead of being lost.
    let account = || said(body.payload, &["accountName"]).map(|account| format!("storage:{account}"));
    let tenant = || said(body.root, &["tenantId"]).map(|id| format!("/tenants/{id}"));
    let id = body.subscription().map(|id| format!("/subscriptions/{id}")).or_else(account).or_else(tenant);
    let id = id.ok_or(Refusal::Missing { field: "identity", expected: "claims of a token, a caller, or a subscription" })?;
    Ok(Who::of(Principal {
        platform: directory::PLATFORM,
        id: Cow::Owned(id),
        name: Some(Cow::Borrowed("unnamed callers")),
        evidence: KindEvidence::NONE,
    }))
}

impl<'a> Who<'a> {
    fn of(principal: Principal<'a>) -> Self {
        Self { principal, also: None, credential: None, session: None, issued: None, mfa: None, auth_method: None, tenant: None }
    }
}

/// A caller that is one text: a principal name, a GUID (then software: people are written by name), a service of Azure.
fn named(text: Text<'_>) -> Option<Principal<'_>> {
    if directory::guid(&text).is_some() {
        return directory::software(Some(text), None, None, KindEvidence::SERVICE_ACCOUNT);
    }
    if is_service(&text) {
        return directory::software(None, None, Some(text), KindEvidence::PROVIDER_SERVICE);
    }
    directory::user(None, Some(text), None, KindEvidence::NONE)
}

/// `Microsoft.Advisor`, `Microsoft.RecoveryServices`: a resource provider acts.
fn is_service(text: &str) -> bool {
    text.get(..10).is_some_and(|head| head.eq_ignore_ascii_case("microsoft.")) && !text.contains('@') && !text.contains(' ')
}

fn claim<'a>(claims: Node<'a>, names: &[&str]) -> Option<Text<'a>> {
    names.iter().find_map(|name| claims.member(name).text().filter(|text| !directory::is_nothing(text)))
}

fn by_token<'a>(body: &Body<'a>) -> Option<Who<'a>> {
    let places = ["identity.claims", "identity.claim", "claims", "Claims_d"];
    let claims = places.iter().map(|path| body.root.at(path)).find(|place| place.is_nested());
    let flat = body.root.members().any(|(key, _)| key.to_ascii_lowercase().starts_with("identity_claim_"));
    let evidence = ["identity.authorization.evidence", "authorization.evidence", "Authorization_d.evidence"]
        .iter()
        .map(|path| body.root.at(path))
        .find(|place| place.is_nested());
    if claims.is_none() && evidence.is_none() && !flat {
        return None;
    }
    let claim = |names: &[&'static str]| match claims {
        Some(claims) => claim(claims, names),
        None => names.iter().find_map(|name| said(body.root, &[format!("identity_claim_{name}").as_str()])),
    };
    let kind = evidence.and_then(|place| said(place, &["principalType"])).unwrap_or_default();
    // A role may have been given to a group: its id names nobody who acts.
    let shown = evidence
        .filter(|_| matches!(kind.to_ascii_lowercase().as_str(), "serviceprincipal" | "user"))
        .and_then(|place| said(place, &["principalId"]));
    let caller = said(body.root, &["caller"]);
    let object = claim(OBJECT).or(shown).or_else(|| caller.clone().filter(|text| directory::guid(text).is_some()));
    let application = claim(&["appid", "azp"]);
    let name = claim(NAME).or_else(|| caller.filter(|text| text.contains('@')));
    let service = name.as_deref().is_some_and(is_service);
    let software = kind.eq_ignore_ascii_case("ServicePrincipal")
        || claim(&["idtyp"]).as_deref() == Some("app")
        || (name.is_none() && claim(SCOPE).is_none() && claim(&["name"]).is_none() && application.is_some());
    let principal = if service {
        directory::software(None, None, name, KindEvidence::PROVIDER_SERVICE)
    } else if software {
        let managed = claim(&["xms_mirid"]).and_then(|path| path.rsplit('/').next().map(|last| Cow::Owned(last.to_owned())));
        directory::software(object, application.as_ref(), claim(&["app_displayname"]).or(managed), KindEvidence::SERVICE_ACCOUNT)
    } else {
        let portal = application.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(PORTAL));
        directory::user(object, name, claim(&["name"]), if portal { KindEvidence::CONSOLE } else { KindEvidence::NONE })
    };
    let mut who = Who::of(principal?);
    who.also = directory::also(&who.principal, application.as_ref().filter(|_| software));
    who.tenant = claim(TENANT);
    who.session = claim(&["uti"]);
    who.issued = claim(&["iat"]).as_deref().and_then(moment::parse);
    if software {
        who.auth_method = match claim(&["appidacr", "azpacr"]).as_deref() {
            Some("0") => Some(Cow::Borrowed("public_client")),
            Some("1") => Some(Cow::Borrowed("client_secret")),
            Some("2") => Some(Cow::Borrowed("client_certificate")),
            _ => None,
        };
    } else if !service {
        let methods = claim(METHODS).or_else(|| claims.and_then(|claims| METHODS.iter().find_map(|name| claims.member(name).joined())));
        who.mfa = methods.as_deref().map(|methods| methods.to_ascii_lowercase().contains("mfa"));
        who.auth_method = methods.map(directory::lower);
        who.credential = application.map(|id| Credential { id: directory::id(id), kind: "oauth_access" });
    }
    Some(who)
}

/// Who called storage with a token of the directory.
fn by_requester<'a>(body: &Body<'a>) -> Option<Who<'a>> {
    let requester = body.root.at("identity.requester");
    let object = said(requester, &["objectId"]).or_else(|| said(body.root, &["RequesterObjectId"]));
    let application = said(requester, &["appId"]).or_else(|| said(body.root, &["RequesterAppId"]));
    let name = said(requester, &["upn"]).or_else(|| said(body.root, &["RequesterUpn"]));
    let principal = if name.is_some() {
        directory::user(object, name, None, KindEvidence::NONE)
    } else {
        let granted = body
            .root
            .at("identity.authorization")
            .items()
            .find_map(|grant| grant.at("principals").items().find_map(|one| said(one, &["type"])));
        let person = granted.is_some_and(|kind| kind.eq_ignore_ascii_case("User"));
        let evidence = if person { KindEvidence::NONE } else { KindEvidence::SERVICE_ACCOUNT };
        directory::software(object, application.as_ref(), None, evidence)
    };
    let mut who = Who::of(principal?);
    if who.principal.name.is_some() {
        who.credential = application.map(|id| Credential { id: directory::id(id), kind: "oauth_access" });
    }
    who.tenant = said(requester, &["tenantId"]).or_else(|| said(body.root, &["RequesterTenantId"]));
    who.auth_method = Some(Cow::Borrowed("oauth"));
    Some(who)
}

/// A storage call with the account's key or a signature made with it: the key is all that acts, and what is watched.
fn by_key<'a>(body: &Body<'a>) -> Option<Who<'a>> {
    let signed = || said(body.root, &["uri"]).filter(|uri| uri.contains("sig=")).map(|_| Cow::Borrowed("SAS"));
    let method = said(body.root, &["identity.type", "AuthenticationType"]).or_else(signed)?;
    let account =
        said(body.payload, &["accountName"]).or_else(|| said(body.root, &["AccountName"])).or_else(|| body.account().map(Cow::Owned))?;
    let plain = method.to_ascii_lowercase();
    let (evidence, kind, what) = match plain.as_str() {
        "accountkey" | "sharedkey" => (KindEvidence::STATIC_KEY, "static_key", "account key"),
        "sas" | "sharedaccesssignature" | "delegationsas" | "serviceaccountsas" => {
            (KindEvidence::STATIC_KEY, "session", "shared access signature")
        }
        "anonymous" => (KindEvidence::NONE, "session", "anonymous access"),
        _ => return None,
    };
    let mut who = Who::of(Principal {
        platform: directory::PLATFORM,
        id: Cow::Owned(format!("storage:{account}:{plain}")),
        name: Some(Cow::Owned(format!("{what} of {account}"))),
        evidence,
    });
    let hash = said(body.root, &["identity.tokenHash", "AuthenticationHash"]);
    who.credential = hash.map(|id| Credential { id, kind });
    who.auth_method = Some(Cow::Owned(plain));
    Some(who)
}
