//! The resource path of a REST call as a stable operation: version, record ids and names of objects give way to
//! placeholders, what they were is kept aside. It must not know columns.

/// A path taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// The path with placeholders: `/sobjects/{object}/describe`.
    pub stable: String,
    /// The object type it names.
    pub object: Option<String>,
    /// The bulk job it names, first 15 characters of the id.
    pub job: Option<String>,
    /// The SOQL in its query string, decoded.
    pub query: Option<String>,
}

/// Takes a URI (`/services/data/v58.0/sobjects/Account/001…?fields=Name`) apart. Paths outside the REST interface keep
/// their words and lose their ids.
pub fn path(uri: &str) -> Path {
    let uri = uri.split_once("://").map_or(uri, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let (bare, question) = uri.split_once('?').unwrap_or((uri, ""));
    let query = question.split('&').find_map(|pair| pair.strip_prefix("q=")).map(decode);
    let mut rest = bare;
    let data = ["/services/data", "services/data"].iter().find_map(|prefix| bare.strip_prefix(prefix));
    if let Some(after) = data {
        rest = after;
    }
    let mut segments = rest.split('/').filter(|segment| !segment.is_empty()).peekable();
    if segments.peek().is_some_and(|segment| is_version(segment)) {
        segments.next();
    }
    let mut out = Path { query, ..Path::default() };
    let mut before: [&str; 2] = ["", ""];
    for (depth, segment) in segments.enumerate().take(12) {
        let word = match before {
            [_, parent] if is_object_parent(parent) && !is_fixed(segment) => {
                out.object = Some(segment.to_owned());
                "{object}"
            }
            ["jobs", "query" | "ingest"] => {
                out.job = Some(short_id(segment).to_owned());
                "{id}"
            }
            [_, "job"] if is_id(segment) => {
                out.job = Some(short_id(segment).to_owned());
                "{id}"
            }
            // The third part of a record's path is its id or an external key's name and value.
            [parent, _] if is_object_parent(parent) && !is_fixed(segment) => "{id}",
            _ if is_id(segment) => "{id}",
            _ if depth > 0 && segment.len() > 48 => "{value}",
            _ => segment,
        };
        out.stable.push('/');
        out.stable.push_str(word);
        before = [before[1], segment];
    }
    if out.stable.is_empty() {
        out.stable.push('/');
    }
    out
}

/// Words below an object that are operations, not ids.
const FIXED: &[&str] = &[
    "describe",
    "layouts",
    "updated",
    "deleted",
    "listviews",
    "quickActions",
    "approvalLayouts",
    "compactLayouts",
    "namedLayouts",
    "rowTemplate",
    "defaultValues",
    "eventSchema",
    "platformAction",
    "me",
];

fn is_fixed(segment: &str) -> bool {
    FIXED.contains(&segment)
}

fn is_object_parent(segment: &str) -> bool {
    matches!(segment, "sobjects" | "tree" | "object-info")
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').unwrap_or(segment).split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// Record ids (15 or 18 characters, letters and digits), numbers, UUIDs, long hexadecimal runs, cursors.
pub fn is_id(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let alphanumeric = segment.bytes().all(|b| b.is_ascii_alphanumeric());
    let record = matches!(segment.len(), 15 | 18) && alphanumeric && digits >= 3;
    let cursor = segment.get(..15).is_some_and(|head| head.starts_with('0') && head.bytes().all(|b| b.is_ascii_alphanumeric()))
        && segment[15..].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let uuid = segment.len() == 36 && segment.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') && segment.contains('-');
    let number = !segment.is_empty() && digits == segment.len();
    let hex = segment.len() >= 24 && segment.bytes().all(|b| b.is_ascii_hexdigit());
    record || (cursor && digits >= 3) || uuid || number || hex
}

/// The part of an id that is compared: 15 characters, the other three only repeat the case of these.
pub fn short_id(id: &str) -> &str {
    match id.split_at_checked(15) {
        Some((short, rest)) if rest.len() == 3 && id.bytes().all(|b| b.is_ascii_alphanumeric()) => short,
        _ => id,
    }
}

/// Percent and plus decoding; what is no escape stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], escape) {
            (_, Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', None) => out.push(b' '),
            (byte, None) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects the operation's stability: the same call on another record, version or job is the same operation.
    #[test]
    fn paths_lose_what_varies() {
        for (uri, stable, object, job) in [
            ("/services/data/v58.0/sobjects", "/sobjects", None, None),
            ("/services/data/v58.0/sobjects/Account/describe", "/sobjects/{object}/describe", Some("Account"), None),
            ("/services/data/v58.0/sobjects/Account/0013X00002abcDEQAY", "/sobjects/{object}/{id}", Some("Account"), None),
            ("/services/data/v58.0/sobjects/Account/Ext__c/K-77", "/sobjects/{object}/{id}/K-77", Some("Account"), None),
            ("/services/data/v58.0/query", "/query", None, None),
            ("/services/data/v58.0/query/01g3X00000abcde-2000", "/query/{id}", None, None),
            ("/services/data/v58.0/jobs/query", "/jobs/query", None, None),
            ("/services/data/v58.0/jobs/query/7503X00000as1szQAA/results", "/jobs/query/{id}/results", None, Some("7503X00000as1sz")),
            ("/services/data/v58.0/jobs/ingest/7503X00000as1sz", "/jobs/ingest/{id}", None, Some("7503X00000as1sz")),
            ("/services/async/58.0/job/7503X00000as1szQAA/batch", "/services/async/58.0/job/{id}/batch", None, Some("7503X00000as1sz")),
            ("https://x.example.com/services/data/v58.0/limits/", "/limits", None, None),
            ("/CaseCreation/*", "/CaseCreation/*", None, None),
            ("/support/sessions/9413e141-94cf-4780-9a66-538720145431", "/support/sessions/{id}", None, None),
            ("/services/data", "/", None, None),
            ("", "/", None, None),
        ] {
            let path = path(uri);
            assert_eq!((path.stable.as_str(), path.object.as_deref(), path.job.as_deref()), (stable, object, job), "{uri}");
        }
    }

    #[test]
    fn the_query_in_a_uri_is_decoded() {
        let path = path("/services/data/v58.0/query?q=SELECT+COUNT%28%29+FROM+Account%20WHERE+Name%3D%27%C3%A9%27&x=1");
        assert_eq!(path.query.as_deref(), Some("SELECT COUNT() FROM Account WHERE Name='é'"));
        assert_eq!(super::path("/query?q=50%&y").query.as_deref(), Some("50%"));
    }
}
