//! Whom an alert is about: the users, applications and service principals among its evidence, in the words of each of
//! Microsoft's products. It must not know alerts.

use super::super::entra_id::directory::{self, said};
use super::super::tree::Node;
use crate::model::event::Text;
use crate::model::{KindEvidence, Principal};
use std::borrow::Cow;

/// An alert about more identities than this is about none of them.
const MOST: usize = 32;

/// The identities of a list of evidence, software first: each once.
pub fn of<'a>(lists: &[Node<'a>]) -> Vec<Principal<'a>> {
    let mut software: Vec<Principal<'a>> = Vec::new();
    let mut people: Vec<Principal<'a>> = Vec::new();
    for item in lists.iter().flat_map(|list| list.items()).take(512) {
        let (found, into) = match application(item) {
            Some(found) => (Some(found), &mut software),
            None => (user(item), &mut people),
        };
        if let Some(found) =
            found.filter(|one| !into.iter().any(|known| known.id == one.id || (one.name.is_some() && known.name == one.name)))
        {
            into.push(found);
        }
    }
    software.extend(people);
    software.truncate(MOST);
    software
}

/// What kind of evidence an item is, without its name space: `userEvidence`, `account`, `oauthApplicationEvidence`.
fn kind(item: Node<'_>) -> String {
    let named = said(item, &["@odata.type", "entityType", "Type", "$type"]).unwrap_or_default();
    named.rsplit(['.', '#']).next().unwrap_or_default().to_ascii_lowercase()
}

fn application(item: Node<'_>) -> Option<Principal<'_>> {
    let kind = kind(item);
    let is = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    let evidence = if is(&["oauth"]) { KindEvidence::OAUTH_APP } else { KindEvidence::SERVICE_ACCOUNT };
    let object = said(item, &["servicePrincipalObjectId", "servicePrincipalId"]).or_else(|| {
        said(item, &["objectId", "AccountObjectId", "ObjectGuid"]).filter(|_| is(&["oauth", "serviceprincipal", "service-principal"]))
    });
    let app = said(item, &["appId", "OAuthAppId", "OAuthApplicationId", "ApplicationId", "oAuthAppId"]).filter(|id| id.as_ref() != "0");
    let name = said(item, &["servicePrincipalName", "appDisplayName", "displayName", "Name", "Application", "AppName"]);
    if is(&["oauth", "serviceprincipal", "service-principal", "application"]) {
        // Cloud applications are numbered by the product, not by the directory; only what the directory names is one of its identities.
        let app = app.filter(|id| is(&["oauth", "serviceprincipal", "service-principal"]) || directory::guid(id).is_some());
        let known = object.is_some() || app.is_some();
        return known.then(|| directory::software(object, app.as_ref(), name, evidence)).flatten();
    }
    // Flat rows say it in a member of its own.
    let flat = said(item, &["servicePrincipalId", "OAuthApplicationId", "OAuthAppId"])?;
    match object {
        Some(object) => directory::software(Some(object), Some(&flat), name, evidence),
        None => directory::software(None, Some(&flat), name, KindEvidence::OAUTH_APP),
    }
}

fn user(item: Node<'_>) -> Option<Principal<'_>> {
    let account = ["userAccount", "primaryUser", "account.userAccount", "account", "loggedOnUsers.0"]
        .iter()
        .map(|path| item.at(path))
        .find(|place| place.is_nested())
        .unwrap_or(item);
    let kind = kind(item);
    // Hosts carry accounts too, but those are the machine's own.
    if ["host", "machine", "device", "process", "file", "registry"].iter().any(|word| kind.contains(word)) {
        return None;
    }
    let object = said(account, &["azureAdUserId", "aadUserId", "AadUserId", "AccountObjectId", "userId", "ObjectGuid"])
        .filter(|id| directory::guid(id).is_some());
    let name = said(account, &["userPrincipalName", "AccountUpn", "Upn", "UserPrincipalName"])
        .or_else(|| joined(account))
        .filter(|name| name.contains('@'));
    let display = said(account, &["displayName", "DisplayName", "accountName", "AccountName"]).filter(|_| object.is_some());
    directory::user(object, name, display, KindEvidence::NONE)
}

/// `Name` and `UPNSuffix` of Sentinel's accounts, `accountName` and `domainName` of others.
fn joined(account: Node<'_>) -> Option<Text<'_>> {
    let name = said(account, &["Name", "accountName", "AccountName"])?;
    let domain = said(account, &["UPNSuffix"]).or_else(|| said(account, &["domainName"]).filter(|domain| domain.contains('.')))?;
    if name.contains('@') { Some(name) } else { Some(Cow::Owned(format!("{name}@{domain}"))) }
}

/// The first address among evidence.
pub fn address<'a>(lists: &[Node<'a>]) -> Option<Text<'a>> {
    lists.iter().flat_map(|list| list.items()).take(512).find_map(|item| {
        directory::address(item, &["ipAddress", "Address", "logonIp", "RemoteIP", "ipAddress.ipAddress"])
            .filter(|text| directory::is_address(text))
    })
}
