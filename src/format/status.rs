//! How things end, in the words, HTTP codes and RPC codes providers use. What no table knows is unknown, never success.
//! It must not know any provider.

use crate::model::Outcome;

const SUCCESS: &[&str] = &[
    "success",
    "succeeded",
    "successful",
    "succeed",
    "ok",
    "true",
    "yes",
    "allow",
    "allowed",
    "granted",
    "pass",
    "passed",
    "complete",
    "completed",
    "0",
    "accepted",
    "approved",
    "partialsuccess",
    "partiallysucceeded",
    "permit",
    "permitted",
    "authenticated",
];
const DENIED: &[&str] = &[
    "deny",
    "denied",
    "forbidden",
    "unauthorized",
    "unauthorised",
    "accessdenied",
    "block",
    "blocked",
    "rejected",
    "permissiondenied",
    "notauthorized",
    "unauthenticated",
    "refused",
    "challenge",
];
const ERROR: &[&str] = &[
    "failure",
    "failed",
    "fail",
    "error",
    "false",
    "no",
    "invalid",
    "timeout",
    "interrupted",
    "throttled",
    "aborted",
    "cancelled",
    "canceled",
];

/// The outcome a single word stands for, in any case, blanks and punctuation aside; `None` for a word no table knows.
pub fn word(text: &str) -> Option<Outcome> {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let is = |words: &[&str]| words.contains(&plain.as_str());
    if is(SUCCESS) {
        Some(Outcome::Success)
    } else if is(DENIED) {
        Some(Outcome::Denied)
    } else if is(ERROR) {
        Some(Outcome::Error)
    } else {
        None
    }
}

/// The outcome of an HTTP status code; `None` for what is none.
pub fn http(code: u64) -> Option<Outcome> {
    match code {
        100..=399 => Some(Outcome::Success),
        401 | 403 | 407 | 451 => Some(Outcome::Denied),
        400..=599 => Some(Outcome::Error),
        _ => None,
    }
}

/// The outcome of an RPC status code (`google.rpc.Code`).
pub const fn rpc(code: u64) -> Outcome {
    match code {
        0 => Outcome::Success,
        7 | 16 => Outcome::Denied,
        _ => Outcome::Error,
    }
}

/// A word or a code, whatever a field holds.
pub fn any(text: &str) -> Option<Outcome> {
    match text.trim().parse::<u64>() {
        Ok(code) if code >= 100 => http(code),
        _ => word(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects the failure detectors: a refusal read as a success is a blind eye.
    #[test]
    fn words_and_codes_become_outcomes() {
        for (text, outcome) in [
            ("SUCCESS", Some(Outcome::Success)),
            ("Succeeded.", Some(Outcome::Success)),
            ("ALLOW", Some(Outcome::Success)),
            ("204", Some(Outcome::Success)),
            ("0", Some(Outcome::Success)),
            ("Access Denied", Some(Outcome::Denied)),
            ("DENY", Some(Outcome::Denied)),
            ("403", Some(Outcome::Denied)),
            ("FAILURE", Some(Outcome::Error)),
            ("500", Some(Outcome::Error)),
            ("404", Some(Outcome::Error)),
            ("perhaps", None),
            ("", None),
            ("700", None),
        ] {
            assert_eq!(any(text), outcome, "{text}");
        }
        assert_eq!((rpc(0), rpc(7), rpc(16), rpc(5)), (Outcome::Success, Outcome::Denied, Outcome::Denied, Outcome::Error));
    }
}
