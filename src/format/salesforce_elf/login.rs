//! How a Salesforce user came in: what the codes of `LOGIN_TYPE` mean. The letters are Salesforce's own.

use crate::model::KindEvidence;

/// How a login was made, and what that tells about who made it.
pub fn method(login_type: Option<&str>, sub_type: Option<&str>) -> (Option<&'static str>, KindEvidence) {
    let oauth = (Some("oauth"), KindEvidence::OAUTH_APP);
    if sub_type.is_some_and(|sub| sub.to_ascii_lowercase().contains("oauth")) {
        return oauth;
    }
    let Some(code) = login_type else { return (None, KindEvidence::NONE) };
    match code {
        "i" | "6" => oauth,
        "A" | "3" | "9" | "k" | "l" | "r" | "E" => (Some("password"), KindEvidence::NONE),
        "5" | "8" | "b" | "c" | "h" | "m" => (Some("saml"), KindEvidence::NONE),
        "j" | "n" | "q" => (Some("sso"), KindEvidence::NONE),
        "s" => (Some("cert"), KindEvidence::NONE),
        "w" | "z" => (Some("passwordless"), KindEvidence::NONE),
        word => {
            let word = word.to_ascii_lowercase();
            if word.contains("oauth") || word.starts_with("remote access") {
                oauth
            } else if word.contains("saml") {
                (Some("saml"), KindEvidence::NONE)
            } else if word.contains("application") || word.contains("password") {
                (Some("password"), KindEvidence::NONE)
            } else {
                (None, KindEvidence::NONE)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_types() {
        for (code, method_word) in [
            ("i", Some("oauth")),
            ("6", Some("oauth")),
            ("Remote Access 2.0", Some("oauth")),
            ("A", Some("password")),
            ("8", Some("saml")),
            ("?", None),
        ] {
            assert_eq!(method(Some(code), None).0, method_word, "{code}");
        }
        assert_eq!(method(Some("A"), Some("OAuthRefreshToken")).0, Some("oauth"));
        assert_eq!(method(None, None), (None, KindEvidence::NONE));
    }
}
