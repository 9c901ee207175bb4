//! Who may send: a bearer token, an HMAC-SHA256 signature of the body, or both. The rule: comparing takes the same time
//! whatever was sent. It must not know where keys come from, and never prints them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes a key must have: a shorter one can be guessed.
pub const KEY_BYTES: usize = 16;

/// The keys of a receiver; a request that satisfies one of them is taken.
#[derive(Clone, Default)]
pub struct Keys {
    /// The token's digest, so that comparing takes the same time for every length.
    token: Option<Vec<u8>>,
    hmac: Option<Vec<u8>>,
}

impl std::fmt::Debug for Keys {
    /// Never the keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("token", &self.token.is_some()).field("hmac", &self.hmac.is_some()).finish()
    }
}

fn mac(key: &[u8], bytes: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(bytes);
    Some(mac)
}

/// Under which a token's digest is made; it only has to be the same on both sides.
const DIGEST: &[u8] = b"driftline bearer token";

impl Keys {
    /// Keys from what a file or the environment holds, without blanks around it; the error names the one that is too short.
    pub fn new(token: Option<&str>, hmac: Option<&str>) -> Result<Self, &'static str> {
        let (token, hmac) = (token.map(str::trim), hmac.map(str::trim));
        for (name, key) in [("token", token), ("HMAC key", hmac)] {
            if key.is_some_and(|key| key.len() < KEY_BYTES) {
                return Err(name);
            }
        }
        let token = token.and_then(|token| mac(DIGEST, token.as_bytes())).map(|mac| mac.finalize().into_bytes().to_vec());
        Ok(Self { token, hmac: hmac.map(|key| key.as_bytes().to_vec()) })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.token.is_none() && self.hmac.is_none()
    }

    /// Whether bodies can be signed.
    pub(super) fn signs(&self) -> bool {
        self.hmac.is_some()
    }

    /// Whether an `Authorization` header brings the token.
    pub(super) fn token(&self, header: Option<&[u8]>) -> bool {
        let (Some(expected), Some(header)) = (&self.token, header) else { return false };
        let (scheme, given) = header.split_at_checked(7).unwrap_or_default();
        let Some(mac) = mac(DIGEST, given.trim_ascii()) else { return false };
        // Not short-circuited: what is compared does not depend on what was sent.
        mac.verify_slice(expected).is_ok() & scheme.eq_ignore_ascii_case(b"bearer ")
    }

    /// Whether a signature header (`sha256=` and hexadecimal digits) is that of the body.
    pub(super) fn signature(&self, header: Option<&[u8]>, body: &[u8]) -> bool {
        let (Some(key), Some(header)) = (&self.hmac, header) else { return false };
        let Some(given) = header.strip_prefix(b"sha256=").and_then(bytes) else { return false };
        mac(key, body).is_some_and(|mac| mac.verify_slice(&given).is_ok())
    }
}

fn bytes(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_chunks::<2>();
    let digit = |c: u8| char::from(c).to_digit(16).map(|d| d as u8);
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_key_opens() {
        let keys = Keys::new(Some("0123456789abcdef\n"), Some("key-key-key-key-key")).unwrap();
        for (header, right) in [
            (Some("Bearer 0123456789abcdef"), true),
            (Some("bearer  0123456789abcdef "), true),
            (Some("Bearer 0123456789abcdeg"), false),
            (Some("Bearer 0123456789abcde"), false),
            (Some("Basic 0123456789abcdef"), false),
            (Some("Bearer"), false),
            (Some(""), false),
            (None, false),
        ] {
            assert_eq!(keys.token(header.map(str::as_bytes)), right, "{header:?}");
        }
        // printf body | openssl dgst -sha256 -hmac key-key-key-key-key
        let signature = b"sha256=2b56f42edcfe4b653b2d8be4a30724f745bb6372be9c2feb37dad7af2caedbd1";
        assert!(keys.signature(Some(signature), b"body") && !keys.signature(Some(signature), b"other"));
        assert!(
            !keys.signature(Some(b"sha256=zz"), b"body") && !keys.signature(Some(b"sha256=6"), b"body") && !keys.signature(None, b"body")
        );
        let none = Keys::new(None, None).unwrap();
        assert!(none.is_empty() && !none.token(Some(b"Bearer ")) && !none.signature(Some(b"sha256="), b""));
        assert_eq!(Keys::new(Some("short"), None).unwrap_err(), "token");
        assert_eq!(Keys::new(None, Some(" ")).unwrap_err(), "HMAC key");
        assert!(!format!("{keys:?}").contains("key-key"));
    }

    /// The worked example of RFC 4231, case 2; its key is shorter than ours may be.
    #[test]
    fn a_signature_is_hmac_sha256() {
        let keys = Keys { token: None, hmac: Some(b"Jefe".to_vec()) };
        let signature = b"sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(keys.signature(Some(signature), b"what do ya want for nothing?"));
        assert!(!keys.signature(Some(signature), b"what do ya want for nothing"));
    }
}
