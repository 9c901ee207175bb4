//! The path of a Graph call as a template: host, version and query gone, every id `{id}`. It must not know who calls.

/// A called path.
pub struct Path {
    /// `/users/{id}/messages`.
    pub template: String,
    /// The path without host, version and query, ids in place.
    pub full: String,
    /// The first segment: the family of data.
    pub first: String,
    /// The segments of the template in lower case.
    pub words: Vec<String>,
    /// The id after the first segment where that is a collection of identities.
    pub subject: Option<String>,
}

/// The longest path that is taken apart; the rest of a longer one is left out.
const LONGEST: usize = 2_048;
/// The most segments of a path that are kept.
const SEGMENTS: usize = 24;

impl Path {
    /// Takes a request URI apart.
    pub fn of(uri: &str) -> Self {
        let uri = clip(uri.trim(), LONGEST);
        let bare = uri.split(['?', '#']).next().unwrap_or_default();
        let bare = bare.split_once("://").map_or(bare, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
        let mut full: Vec<String> = Vec::new();
        let mut parts: Vec<String> = Vec::new();
        let mut file = false;
        for (at, segment) in bare.split('/').filter(|part| !part.is_empty()).enumerate() {
            if at == 0 && is_version(segment) {
                continue;
            }
            if full.len() >= SEGMENTS {
                break;
            }
            full.push(segment.to_owned());
            // `root:/folder/file.docx:/content`: one path of a file, however deep.
            if file {
                if segment.ends_with(':') {
                    file = false;
                    parts.push("{path}:".to_owned());
                }
                continue;
            }
            if segment.ends_with(':') {
                file = true;
                parts.push(segment.to_owned());
                continue;
            }
            call_or_key(segment, &mut parts);
        }
        if file {
            parts.push("{path}".to_owned());
        }
        let words: Vec<String> = parts.iter().map(|part| part.to_ascii_lowercase()).collect();
        let subject = match words.as_slice() {
            [first, id, ..] if id == "{id}" && matches!(first.as_str(), "users" | "serviceprincipals" | "groups" | "directoryobjects") => {
                subject(&full)
            }
            _ => None,
        };
        Self {
            template: format!("/{}", parts.join("/")),
            full: format!("/{}", full.join("/")),
            first: parts.first().cloned().unwrap_or_default(),
            words,
            subject,
        }
    }
}

/// `users/ID` or `users('ID')`.
fn subject(full: &[String]) -> Option<String> {
    let first = full.first()?;
    let keyed = first.split_once('(').and_then(|(_, key)| key.strip_suffix(')')).map(|key| key.trim_matches(['\'', '"']).to_owned());
    keyed.or_else(|| full.get(1).cloned()).map(|id| id.replace("%40", "@"))
}

fn is_version(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase();
    plain == "beta"
        || plain
            .strip_prefix('v')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

/// One segment: an id, a name, a collection with a key (`users('x')`), a function with arguments (`delta(token='x')`).
fn call_or_key(segment: &str, parts: &mut Vec<String>) {
    let Some((name, arguments)) =
        segment.split_once('(').and_then(|(name, rest)| rest.strip_suffix(')').map(|arguments| (name, arguments)))
    else {
        parts.push(if is_id(segment) { "{id}".to_owned() } else { segment.to_owned() });
        return;
    };
    let names: Vec<&str> = arguments.split(',').filter_map(|argument| argument.split_once('=').map(|(name, _)| name.trim())).collect();
    if arguments.is_empty() {
        parts.push(name.to_owned());
    } else if names.is_empty() {
        parts.push(name.to_owned());
        parts.push("{id}".to_owned());
    } else {
        parts.push(format!("{name}({})", names.iter().map(|name| format!("{name}={{id}}")).collect::<Vec<_>>().join(",")));
    }
}

/// Whether a segment is an id and no word: a GUID, an address, a number, an item's opaque id.
fn is_id(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let odd = segment.bytes().any(|b| matches!(b, b'@' | b'!' | b'=' | b':' | b',' | b'%' | b'|' | b';' | b'~'));
    if odd || super::directory::guid(segment).is_some() {
        return true;
    }
    if segment.starts_with('$') || segment.starts_with("microsoft.") {
        return false;
    }
    // Opaque ids are long and mixed. The names in the interface have at most two digits (`windows10…`, `oauth2…`) and a
    // capital only where a word begins.
    let upper = segment.bytes().filter(u8::is_ascii_uppercase).count();
    let mixed = segment.len() >= 20 && upper * 3 > segment.len();
    digits == segment.len() || digits >= 4 || (digits >= 3 && segment.len() >= 12) || mixed || segment.len() > 64
}

/// The question a call asks, literals removed: the options that select, filter, search and expand. `None` where it asks
/// for the thing as it is.
pub fn query_shape(template: &str, uri: &str) -> Option<String> {
    let query = clip(uri.split_once('?')?.1, LONGEST);
    let mut options: Vec<String> = Vec::new();
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let name = name.replace("%24", "$").to_ascii_lowercase();
        let shown = match name.as_str() {
            "$select" | "$expand" | "$orderby" | "$count" => decode(value),
            "$filter" | "$search" => blank(&decode(value)),
            "$top" | "$skip" => "?".to_owned(),
            // Where reading went on, and what no table knows: not the question.
            _ => continue,
        };
        options.push(format!("{name}={shown}"));
    }
    options.sort();
    (!options.is_empty()).then(|| format!("{template}?{}", options.join("&")))
}

/// Percent signs and pluses undone, where they make text.
fn decode(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = match (first, tail) {
            (b'%', [high, low, ..]) => std::str::from_utf8(&[*high, *low]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok()),
            _ => None,
        };
        match (hex, first) {
            (Some(byte), _) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
                continue;
            }
            (None, b'+') => bytes.push(b' '),
            (None, other) => bytes.push(*other),
        }
        rest = tail;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Texts between quotes, numbers, ids and times become `?`.
fn blank(text: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if let Some(open) = quote {
            if c == open {
                quote = None;
            }
            continue;
        }
        if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/' | '@') {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            let literal = word.starts_with(|first: char| first.is_ascii_digit()) || super::directory::guid(&word).is_some();
            out.push_str(if literal { "?" } else { &word });
            word.clear();
        }
        if matches!(c, '\'' | '"') {
            quote = Some(c);
            out.push('?');
        } else {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn clip(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ActionClass, Probe};

    /// Protects the event mix of Graph callers: an id that stays in the template makes every mailbox a new action.
    #[test]
    fn paths_become_templates() {
        for (uri, template) in [
            ("https://graph.microsoft.com/v1.0/users/9b117c67-170e-4aed-9702-658b3fddc889/messages?$top=10", "/users/{id}/messages"),
            (
                "https://graph.microsoft.com/beta/users/ana@example.com/mailFolders/inbox/messages/AAMkAGI2THVSAAA=",
                "/users/{id}/mailFolders/inbox/messages/{id}",
            ),
            ("https://graph.microsoft.com/v1.0/users('9b117c67-170e-4aed-9702-658b3fddc889')/calendar", "/users/{id}/calendar"),
            (
                "https://graph.microsoft.com/v1.0/servicePrincipals(appId='9b117c67-170e-4aed-9702-658b3fddc889')",
                "/servicePrincipals(appId={id})",
            ),
            ("https://graph.microsoft.com/v1.0/users/delta()?$skiptoken=abc", "/users/delta"),
            ("https://graph.microsoft.com/v1.0/drives/b!AbC-12/root:/Finance/Q1 2026.xlsx:/content", "/drives/{id}/root:/{path}:/content"),
            (
                "https://graph.microsoft.com/v1.0/sites/contoso.sharepoint.com,9b117c67-170e-4aed-9702-658b3fddc889,1b117c67-170e-4aed-9702-658b3fddc889/lists",
                "/sites/{id}/lists",
            ),
            (
                "https://graph.microsoft.com/v1.0/teams/9b117c67-170e-4aed-9702-658b3fddc889/channels/19:abc@thread.tacv2/messages",
                "/teams/{id}/channels/{id}/messages",
            ),
            ("https://graph.microsoft.com/v1.0/me", "/me"),
            ("/v1.0/users/$count", "/users/$count"),
            (
                "https://graph.microsoft.com/v1.0/deviceManagement/deviceCompliancePolicySettingStateSummaries",
                "/deviceManagement/deviceCompliancePolicySettingStateSummaries",
            ),
            ("https://graph.microsoft.com/v1.0/security/alerts_v2", "/security/alerts_v2"),
            ("https://graph.microsoft.com/v1.0/directoryObjects/microsoft.graph.getByIds", "/directoryObjects/microsoft.graph.getByIds"),
            ("https://graph.microsoft.com", "/"),
            ("", "/"),
        ] {
            assert_eq!(Path::of(uri).template, template, "{uri}");
        }
    }

    #[test]
    fn calls_have_classes_and_probes() {
        use ActionClass::{Delete, Describe, Export, Iam, List, Query, Read, Secret, Token, Write};
        for (method, uri, class, probe) in [
            ("GET", "/v1.0/users", List, Some(Probe::ListAll)),
            ("GET", "/v1.0/users/9b117c67-170e-4aed-9702-658b3fddc889", Read, None),
            ("GET", "/v1.0/me", Describe, Some(Probe::WhoAmI)),
            ("GET", "/v1.0/organization", Describe, Some(Probe::Describe)),
            ("GET", "/v1.0/users/$count", List, Some(Probe::Count)),
            ("GET", "/v1.0/users/a@b.c/messages", List, None),
            ("GET", "/v1.0/users/a@b.c/messages/AAMk12345678=/$value", Export, None),
            ("GET", "/v1.0/roleManagement/directory/roleAssignments", List, Some(Probe::ListAll)),
            ("GET", "/v1.0/users/a@b.c/photo/$value", Read, None),
            ("POST", "/v1.0/users/a@b.c/sendMail", Write, None),
            ("POST", "/v1.0/search/query", Query, None),
            ("POST", "/v1.0/applications/9b117c67-170e-4aed-9702-658b3fddc889/addPassword", Secret, None),
            ("POST", "/v1.0/oauth2PermissionGrants", Token, None),
            ("POST", "/v1.0/servicePrincipals/9b117c67-170e-4aed-9702-658b3fddc889/appRoleAssignedTo", Iam, None),
            ("PATCH", "/v1.0/users/a@b.c", Iam, None),
            ("DELETE", "/v1.0/users/a@b.c/messages/AAMk12345678=", Delete, None),
            ("DELETE", "/v1.0/drives/b!x/items/01ABC", Delete, None),
            ("POST", "/v1.0/$batch", Read, None),
        ] {
            let path = Path::of(uri);

            assert_eq!((path.class(method), path.probe(method)), (class, probe), "{method} {uri}");
        }
    }

    #[test]
    fn questions_have_shapes_without_literals() {
        for (uri, shape) in [
            (
                "/v1.0/users?$select=id,mail&$filter=startswith(mail,'ana')%20and%20age%20gt%2012&$top=999",
                Some("/users?$filter=startswith(mail,?) and age gt ?&$select=id,mail&$top=?"),
            ),
            ("/v1.0/users?%24filter=id eq 9b117c67-170e-4aed-9702-658b3fddc889", Some("/users?$filter=id eq ?")),
            ("/v1.0/users?$skiptoken=abc", None),
            ("/v1.0/users", None),
        ] {
            assert_eq!(query_shape("/users", uri).as_deref(), shape, "{uri}");
        }
    }

    #[test]
    fn the_subject_of_a_call_is_an_identity() {
        for (uri, subject) in [
            ("/v1.0/users/ana%40example.com/messages", Some("ana@example.com")),
            ("/v1.0/users('9b117c67-170e-4aed-9702-658b3fddc889')/messages", Some("9b117c67-170e-4aed-9702-658b3fddc889")),
            ("/v1.0/drives/b!x/items", None),
            ("/v1.0/users", None),
        ] {
            assert_eq!(Path::of(uri).subject.as_deref(), subject, "{uri}");
        }
    }
}
