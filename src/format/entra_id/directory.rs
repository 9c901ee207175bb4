//! Names of the one directory that Entra, Azure, Microsoft 365 and Defender share, so that an identity is the same
//! principal in every one of their logs: a service principal or user by its object id; a user whose object id a record
//! does not carry by its principal name in lower case; software of which only the application id is known as
//! `app:<application id>`. It must not know any log.

use super::super::tree::Node;
use crate::model::event::Text;
use crate::model::{KindEvidence, Principal};
use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

/// The platform of every principal of the directory.
pub const PLATFORM: &str = "entra";

/// The directories in which Microsoft keeps its own applications.
const MICROSOFT: &[&str] = &["f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"];

/// What these logs write where nothing is known.
const NOTHING: &[&str] =
    &["-", "<null>", "null", "none", "n/a", "not available", "not-available", "undefined", "00000000-0000-0000-0000-000000000000"];

/// Whether a text only says that there is nothing.
pub fn is_nothing(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || NOTHING.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The first text among several paths that says something.
pub fn said<'a>(place: Node<'a>, paths: &[&str]) -> Option<Text<'a>> {
    paths.iter().find_map(|path| place.get(path).filter(|text| !is_nothing(text)))
}

/// Lower case, still borrowed where it is that already.
pub fn lower(text: Text<'_>) -> Text<'_> {
    if text.chars().any(char::is_uppercase) { Cow::Owned(text.to_lowercase()) } else { text }
}

/// A GUID in lower case with its dashes, from any of the forms in which it is written; `None` for other texts and for
/// the one of zeros.
pub fn guid(text: &str) -> Option<String> {
    let bare: String = text.trim().trim_matches(['{', '}']).chars().filter(|c| *c != '-').collect();
    let dashes = text.bytes().filter(|b| *b == b'-').count();
    if bare.len() != 32 || !matches!(dashes, 0 | 4) || !bare.bytes().all(|b| b.is_ascii_hexdigit()) || bare.bytes().all(|b| b == b'0') {
        return None;
    }
    let bare = bare.to_ascii_lowercase();
    let parts = [bare.get(..8)?, bare.get(8..12)?, bare.get(12..16)?, bare.get(16..20)?, bare.get(20..)?];
    Some(parts.join("-"))
}

/// An id as it is compared: GUIDs in one form, names with an `@` in lower case, anything else as it stands.
pub fn id(text: Text<'_>) -> Text<'_> {
    if let Some(guid) = guid(&text) {
        return if *text == guid { text } else { Cow::Owned(guid) };
    }
    if text.contains('@') { lower(text) } else { text }
}

/// The principal id of software of which only the application id is known.
pub fn app_id(application: &str) -> String {
    format!("app:{}", guid(application).unwrap_or_else(|| application.to_owned()))
}

/// The other id a record gives a principal that it names by its object id: software's application id, given as
/// `application`, or a user's principal name. Logs that know only that one are joined by it.
pub fn also<'a>(principal: &Principal<'a>, application: Option<&Text<'_>>) -> Option<Text<'a>> {
    guid(&principal.id)?;
    match application {
        Some(application) => guid(application).map(|_| Cow::Owned(app_id(application))),
        None => principal.name.clone().filter(|name| name.contains('@')).map(id),
    }
}

/// Software: by object id, else by application id, else by its name; `None` when nothing names it.
pub fn software<'a>(
    object: Option<Text<'a>>,
    application: Option<&Text<'a>>,
    name: Option<Text<'a>>,
    evidence: KindEvidence,
) -> Option<Principal<'a>> {
    let known = object.map(id).or_else(|| application.map(|text| Cow::Owned(app_id(text)))).or_else(|| name.clone())?;
    Some(Principal { platform: PLATFORM, id: known, name, evidence })
}

/// A user: by object id, else by principal name. Its name is the principal name where the record has one: that is what
/// joins it to logs that carry no object id.
pub fn user<'a>(
    object: Option<Text<'a>>,
    principal_name: Option<Text<'a>>,
    display: Option<Text<'a>>,
    evidence: KindEvidence,
) -> Option<Principal<'a>> {
    let principal_name = principal_name.map(id);
    let name = principal_name.clone().or_else(|| display.clone());
    let known = object.map(id).or(principal_name).or(display)?;
    Some(Principal { platform: PLATFORM, id: known, name, evidence })
}

/// What the tenant that owns an application tells: Microsoft's own are the provider's, those of another tenant were
/// consented to, one's own are service accounts.
pub fn owner_evidence(owner: Option<&str>, home: Option<&str>) -> KindEvidence {
    match (owner.and_then(guid), home.and_then(guid)) {
        (Some(owner), _) if MICROSOFT.contains(&owner.as_str()) => KindEvidence::PROVIDER_SERVICE,
        (Some(owner), Some(home)) if owner != home => KindEvidence::OAUTH_APP,
        _ => KindEvidence::SERVICE_ACCOUNT,
    }
}

/// Clients that are programs; a browser says `Mozilla/`.
const PROGRAMS: &[&str] = &[
    "python",
    "curl",
    "go-http",
    "okhttp",
    "axios",
    "java",
    "apache-httpclient",
    "ruby",
    "node-fetch",
    "postman",
    "msrest",
    "azsdk",
    "azure-sdk",
    "aiohttp",
    "httpx",
    "wget",
    "libwww",
    "guzzle",
    "restsharp",
    "nodejs",
    "undici",
    "msgraph-sdk",
    "graph-sdk",
    "terraform",
    "hashicorp",
];

/// What a client tells about who drives it.
pub fn agent_evidence(agent: Option<&str>) -> KindEvidence {
    let Some(agent) = agent else { return KindEvidence::NONE };
    let plain = agent.to_ascii_lowercase();
    if PROGRAMS.iter().any(|word| plain.contains(word)) {
        KindEvidence::API_CLIENT
    } else if plain.starts_with("mozilla/") && !plain.contains("powershell") && !plain.contains("azurecli") {
        KindEvidence::UI
    } else {
        KindEvidence::NONE
    }
}

/// Whether a text is an address, with a port or without.
pub fn is_address(text: &str) -> bool {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse::<IpAddr>().is_ok() || text.parse::<SocketAddr>().is_ok()
}

/// The address in `SERVER (10.0.0.1)`.
fn bracketed(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('(')?;
    rest.split_once(')').map(|(inner, _)| inner.trim()).filter(|inner| is_address(inner))
}

/// The first address among several paths, else the first text that stands there: a masked address or a service's name
/// says more than nothing.
pub fn address<'a>(place: Node<'a>, paths: &[&str]) -> Option<Text<'a>> {
    let mut first = None;
    for path in paths {
        let Some(text) = place.get(path).filter(|text| !is_nothing(text)) else { continue };
        if is_address(&text) {
            return Some(text);
        }
        if let Some(inner) = bracketed(&text) {
            return Some(Cow::Owned(inner.to_owned()));
        }
        first = first.or(Some(text));
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Protects the join between the logs: one id, one form.
    #[test]
    fn ids_have_one_form() {
        for (text, same) in [
            ("9B117C67-170E-4AED-9702-658B3FDDC889", "9b117c67-170e-4aed-9702-658b3fddc889"),
            ("{9b117c67-170e-4aed-9702-658b3fddc889}", "9b117c67-170e-4aed-9702-658b3fddc889"),
            ("9b117c67170e4aed9702658b3fddc889", "9b117c67-170e-4aed-9702-658b3fddc889"),
            ("Ana@Example.com", "ana@example.com"),
            ("DlpAgent", "DlpAgent"),
        ] {
            assert_eq!(id(Cow::Borrowed(text)), same);
        }
        for text in [
            "",
            "00000000-0000-0000-0000-000000000000",
            "9b117c67",
            "zb117c67-170e-4aed-9702-658b3fddc889",
            "9-b117c67170e4aed9702658b3fddc889",
        ] {
            assert_eq!(guid(text), None, "{text}");
        }
        assert_eq!(app_id("9B117C67-170E-4AED-9702-658B3FDDC889"), "app:9b117c67-170e-4aed-9702-658b3fddc889");
    }

    #[test]
    fn words_for_nothing_are_nothing() {
        let value = json!({"g": "[SERVER (10.0.0.2)]", "a": "<null>", "b": "00000000-0000-0000-0000-000000000000", "c": " ", "d": "x", "e": "NOT AN IP (1.2)", "f": "10.0.0.1:80"});
        let place = Node::of(&value);
        assert_eq!(said(place, &["a", "b", "c", "d"]).as_deref(), Some("x"));
        assert_eq!(said(place, &["a", "b", "c"]), None);
        assert_eq!(address(place, &["a", "e", "f"]).as_deref(), Some("10.0.0.1:80"));
        assert_eq!(address(place, &["a", "g", "f"]).as_deref(), Some("10.0.0.2"));
        assert_eq!(address(place, &["e"]).as_deref(), Some("NOT AN IP (1.2)"));
        for text in ["1.2.3.4", "1.2.3.4:1234", "[2001:db8::1]:443", "[2001:db8::1]", "::1"] {
            assert!(is_address(text), "{text}");
        }
    }

    #[test]
    fn owners_and_clients_tell_what_software_is() {
        let home = Some("9b117c67-170e-4aed-9702-658b3fddc889");
        assert_eq!(owner_evidence(Some("f8cdef31-a31e-4b4a-93e4-5f571e91255a"), home), KindEvidence::PROVIDER_SERVICE);
        assert_eq!(owner_evidence(Some("1b117c67-170e-4aed-9702-658b3fddc889"), home), KindEvidence::OAUTH_APP);
        assert_eq!(owner_evidence(home, home), KindEvidence::SERVICE_ACCOUNT);
        assert_eq!(owner_evidence(None, home), KindEvidence::SERVICE_ACCOUNT);
        assert_eq!(agent_evidence(Some("python-requests/2.32")), KindEvidence::API_CLIENT);
        assert_eq!(agent_evidence(Some("Mozilla/5.0 (Windows NT 10.0)")), KindEvidence::UI);
        assert_eq!(agent_evidence(Some("Microsoft Office/16.0")), KindEvidence::NONE);
    }
}
