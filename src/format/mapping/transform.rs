//! Named changes to a text: the little logic that mappings need. Each gives nothing where it does not apply. It must not
//! know which field it changes.

use super::sql;
use crate::model::event::Text;
use std::borrow::Cow;

/// A named change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transform {
    Lower,
    Upper,
    Last,
    Parent,
    First,
    LocalPart,
    Words,
    Route,
    Family,
    Nanos,
    Table,
    AwsPrincipal,
    AwsName,
    AwsSession,
}

/// Their names.
pub(super) const ALL: &[(&str, Transform)] = &[
    ("lower", Transform::Lower),
    ("upper", Transform::Upper),
    ("last", Transform::Last),
    ("parent", Transform::Parent),
    ("first", Transform::First),
    ("local_part", Transform::LocalPart),
    ("words", Transform::Words),
    ("route", Transform::Route),
    ("family", Transform::Family),
    ("nanos", Transform::Nanos),
    ("table", Transform::Table),
    ("aws_principal", Transform::AwsPrincipal),
    ("aws_name", Transform::AwsName),
    ("aws_session", Transform::AwsSession),
];

impl Transform {
    /// The changed text.
    pub(super) fn apply(self, text: Text<'_>) -> Option<Text<'_>> {
        match self {
            Self::Lower => Some(if text.chars().any(char::is_uppercase) { Cow::Owned(text.to_lowercase()) } else { text }),
            Self::Upper => Some(Cow::Owned(text.to_uppercase())),
            Self::Last => cut(text, |t| t.trim_end_matches('/').rsplit('/').next()),
            Self::Parent => cut(text, |t| t.trim_end_matches('/').rsplit_once('/').map(|(parent, _)| parent)),
            Self::First => cut(text, |t| t.trim_start_matches('/').split('/').next()),
            Self::LocalPart => cut(text, |t| t.split('@').next()),
            Self::Words => Some(Cow::Owned(words(&text))),
            Self::Route => Some(Cow::Owned(route(&text))),
            Self::Family => cut(text, |t| t.rsplit_once('.').map_or(Some(t), |(family, _)| Some(family))),
            Self::Nanos => text.parse::<u32>().ok().map(|nanos| Cow::Owned(format!("{nanos:09}"))),
            Self::Table => sql::shape(&text).and_then(|shape| shape.table).map(Cow::Owned),
            Self::AwsPrincipal => Some(aws_principal(text)),
            Self::AwsName => cut(aws_principal(text), |t| t.rsplit(['/', ':']).next()),
            Self::AwsSession => cut(text, |t| t.contains(":assumed-role/").then(|| t.rsplit('/').next()).flatten()),
        }
    }
}

fn cut(text: Text<'_>, part: impl for<'b> Fn(&'b str) -> Option<&'b str>) -> Option<Text<'_>> {
    let cut = match text {
        Cow::Borrowed(text) => Cow::Borrowed(part(text)?),
        Cow::Owned(text) => Cow::Owned(part(&text)?.to_owned()),
    };
    (!cut.is_empty()).then_some(cut)
}

/// `Space permission added` is `space_permission_added`.
fn words(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            joined.push(c);
        } else if !joined.ends_with('_') && !joined.is_empty() {
            joined.push('_');
        }
    }
    joined.truncate(joined.trim_end_matches('_').len());
    joined
}

/// `/api/v2/users/auth0|5f7c/roles?page=1` is `/api/v2/users/{id}/roles`: parts that name one thing are taken out.
fn route(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let is_id = |part: &str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        part.contains(['|', '@', '%', ':']) || digits == part.len() || (digits > 0 && part.len() >= 8) || part.len() > 40
    };
    let parts: Vec<&str> = path.split('/').map(|part| if !part.is_empty() && is_id(part) { "{id}" } else { part }).collect();
    parts.join("/")
}

/// The identity behind an ARN of a session, as trails of the account name it: the role behind
/// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` is `arn:aws:iam::ACCOUNT:role/ROLE`. Other ARNs are identities.
fn aws_principal(arn: Text<'_>) -> Text<'_> {
    let Some((head, tail)) = arn.split_once(":assumed-role/") else { return arn };
    let role = tail.rsplit_once('/').map_or(tail, |(role, _)| role);
    Cow::Owned(format!("{}:role/{role}", head.replacen(":sts:", ":iam:", 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_change_as_named() {
        let session = "arn:aws:sts::111122223333:assumed-role/app/i-0abc";
        for (name, text, expected) in [
            ("lower", "Ab@C", Some("ab@c")),
            ("last", "/secret/data/app/", Some("app")),
            ("parent", "secret/data/app", Some("secret/data")),
            ("parent", "secret", None),
            ("first", "secret/data", Some("secret")),
            ("local_part", "jane@example.com", Some("jane")),
            ("words", "Space permission  added.", Some("space_permission_added")),
            ("route", "/api/v2/users/auth0|5f7c/roles?page=1", Some("/api/v2/users/{id}/roles")),
            ("route", "/api/v2/log-streams/lst_0000000000001269", Some("/api/v2/log-streams/{id}")),
            ("family", "api_key.created", Some("api_key")),
            ("family", "login", Some("login")),
            ("nanos", "19000000", Some("019000000")),
            ("nanos", "x", None),
            ("table", "SELECT * FROM db.t WHERE a = 1", Some("db.t")),
            ("aws_principal", session, Some("arn:aws:iam::111122223333:role/app")),
            ("aws_principal", "arn:aws:iam::111122223333:user/ci", Some("arn:aws:iam::111122223333:user/ci")),
            ("aws_name", session, Some("app")),
            ("aws_name", "arn:aws:iam::111122223333:user/team/ci", Some("ci")),
            ("aws_session", session, Some("i-0abc")),
            ("aws_session", "arn:aws:iam::111122223333:user/ci", None),
        ] {
            let transform = ALL.iter().find(|(n, _)| *n == name).unwrap().1;
            assert_eq!(transform.apply(Cow::Borrowed(text)).as_deref(), expected, "{name} {text}");
        }
    }

    /// Protects one identity from being two: what a trail calls the role, an invocation log's ARN becomes.
    #[test]
    fn a_role_is_the_same_principal_as_in_the_trail() {
        let arn = "arn:aws:sts::111122223333:assumed-role/app/i-0abc1234def567890";
        let record = serde_json::json!({"eventVersion": "1.08", "eventTime": "2026-11-19T10:00:00Z", "eventSource": "s3.amazonaws.com",
            "eventName": "GetObject", "userIdentity": {"type": "AssumedRole", "arn": arn}});
        let mut ids = Vec::new();
        let read = super::super::super::by_name("aws_cloudtrail").unwrap().read(&record.to_string(), &mut |event| {
            ids.push(event.principal.id.into_owned());
        });
        assert!(read.is_ok());
        assert_eq!(ids, [aws_principal(Cow::Borrowed(arn))]);
    }
}
