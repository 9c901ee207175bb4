//! Which names have a secret for a value. A name is judged without case and punctuation, by its end:
//! `masterUserPassword` is a password, `passwordResetRequired` is not.

/// What is known of a secret by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// Kind in the tag.
    pub kind: &'static str,
    /// Objects under this name hold more than the secret (`"authorization": {"action": …}`): only a scalar is taken.
    pub scalar: bool,
    /// Only an assignment in a text (`Signature=…`) is a secret, not a JSON key of this name.
    pub text_only: bool,
}

const fn named(kind: &'static str) -> Named {
    Named { kind, scalar: false, text_only: false }
}

/// Longer names are judged by their end.
const LONGEST: usize = 64;

/// Ends of names, without case and punctuation. Longer ends stand before their own ends.
const ENDS: &[(&str, Named)] = &[
    ("secretaccesskey", named("aws-secret")),
    ("sessiontoken", named("aws-session-token")),
    ("securitytoken", named("aws-session-token")),
    ("password", named("password")),
    ("passwords", named("password")),
    ("passwd", named("password")),
    ("passphrase", named("password")),
    ("clientsecret", named("secret")),
    ("secretkey", named("secret")),
    ("secretstring", named("secret")),
    ("secretbinary", named("secret")),
    ("secretvalue", named("secret")),
    ("secrettext", named("secret")),
    ("secret", named("secret")),
    ("privatekey", named("private-key")),
    ("privatekeypem", named("private-key")),
    ("accountkey", named("secret")),
    ("apikey", Named { kind: "api-key", scalar: true, text_only: false }),
    ("accesstoken", named("token")),
    ("refreshtoken", named("token")),
    ("identitytoken", named("token")),
    ("idtoken", named("token")),
    ("authtoken", named("token")),
    ("bearertoken", named("token")),
    ("apitoken", named("token")),
    ("oauthtoken", named("token")),
    ("usertoken", named("token")),
    ("privatetoken", named("token")),
    ("jobtoken", named("token")),
    ("deploytoken", named("token")),
    ("registrationtoken", named("token")),
    ("csrftoken", named("token")),
    ("signintoken", named("token")),
    ("vaulttoken", named("token")),
    ("logintoken", named("token")),
    ("bottoken", named("token")),
    ("personalaccesstoken", named("token")),
    ("authorizationtoken", named("token")),
    ("githubtoken", named("token")),
    ("gitlabtoken", named("token")),
    ("slacktoken", named("token")),
    ("npmtoken", named("token")),
    ("samlassertion", named("saml-assertion")),
    ("samlresponse", named("saml-assertion")),
    ("userdata", named("user-data")),
    ("xamzsignature", named("signature")),
    ("setcookie", Named { kind: "cookie", scalar: true, text_only: false }),
];

/// Names that are secrets only when they are the whole name.
const WHOLE: &[(&str, Named)] = &[
    ("token", Named { kind: "token", scalar: true, text_only: false }),
    ("xauthtoken", named("token")),
    ("authorization", Named { kind: "authorization", scalar: true, text_only: false }),
    ("proxyauthorization", Named { kind: "authorization", scalar: true, text_only: false }),
    ("xamzauthorization", Named { kind: "authorization", scalar: true, text_only: false }),
    ("httpauthorization", Named { kind: "authorization", scalar: true, text_only: false }),
    ("cookie", Named { kind: "cookie", scalar: true, text_only: false }),
    ("cookies", Named { kind: "cookie", scalar: false, text_only: false }),
    ("signature", Named { kind: "signature", scalar: true, text_only: true }),
    ("sig", Named { kind: "signature", scalar: true, text_only: true }),
];

/// What a name promises of its value; `None` for a name like any other.
pub fn named_secret(name: &str) -> Option<Named> {
    let mut folded = [0_u8; LONGEST];
    let mut at = LONGEST;
    for byte in name.bytes().rev().filter(u8::is_ascii_alphanumeric) {
        if at == 0 {
            break;
        }
        at -= 1;
        folded[at] = byte.to_ascii_lowercase();
    }
    let name = &folded[at..];
    let whole = WHOLE.iter().find(|(word, _)| word.as_bytes() == name);
    whole.or_else(|| ENDS.iter().find(|(end, _)| name.ends_with(end.as_bytes()))).map(|(_, named)| *named)
}

#[cfg(test)]
mod tests {
    use super::named_secret;

    #[test]
    fn names_are_judged_by_their_end() {
        for (name, kind) in [
            ("password", Some("password")),
            ("masterUserPassword", Some("password")),
            ("DB_PASSWORD", Some("password")),
            ("secretAccessKey", Some("aws-secret")),
            ("aws_secret_access_key", Some("aws-secret")),
            ("AWS_SESSION_TOKEN", Some("aws-session-token")),
            ("X-Amz-Security-Token", Some("aws-session-token")),
            ("client_secret", Some("secret")),
            ("refreshToken", Some("token")),
            ("Authorization", Some("authorization")),
            ("userData", Some("user-data")),
            ("SAMLAssertion", Some("saml-assertion")),
            ("passwordResetRequired", None),
            ("MinimumPasswordLength", None),
            ("secretId", None),
            ("nextToken", None),
            ("clientToken", None),
            ("continuation-token", None),
            ("GetAuthorizationToken", Some("token")),
            ("accessKeyId", None),
            ("SESSION_KEY", None),
            ("LOGIN_KEY", None),
            ("SignatureVersion", None),
            ("tokenId", None),
        ] {
            assert_eq!(named_secret(name).map(|n| n.kind), kind, "{name}");
        }
    }
}
