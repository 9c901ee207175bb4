//! Marks of attackers, one by one: an address, a client, a domain, a file, a credential that leaked (its hash only). What
//! is written defanged (`208.68.36[.]90`) is what it means. It must not know which formats there are.

use crate::context::network::Block;
use crate::model::Timestamp;
use crate::model::event::words;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Indicators of one file that are taken.
pub const MOST: usize = 2_000_000;
/// Longest value, in bytes.
const LONGEST: usize = 1024;
/// Longest note, in characters.
const NOTE: usize = 200;

words! {
    /// What an indicator is compared with.
    IndicatorSort {
        /// Where a call came from: an address or a block.
        Address = "address",
        /// What a client calls itself.
        Agent = "agent",
        /// Where a call came from, by name; subdomains count.
        Domain = "domain",
        /// Name of a file.
        File = "file",
        /// SHA-256 of a credential's id, or of the credential itself.
        Credential = "credential",
    }
}

/// One mark.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Indicator {
    /// What it is compared with.
    pub sort: IndicatorSort,
    /// The value: a block, a client, a name in lower case, 64 hexadecimal digits.
    pub value: String,
    /// What it is a mark of, in a few words.
    pub note: String,
    /// Only on this system, where it is common elsewhere.
    pub platform: Option<String>,
    /// How sure its author is, 0–100.
    pub confidence: Option<u8>,
    /// First instant it holds.
    pub from: Option<Timestamp>,
    /// First instant it no longer holds.
    pub until: Option<Timestamp>,
}

impl Indicator {
    /// An indicator of a value as a file writes it; `None` where the value is none of that sort.
    pub fn new(sort: IndicatorSort, value: &str) -> Option<Self> {
        let value = value.trim();
        if value.is_empty() || value.len() > LONGEST || value.chars().any(char::is_control) {
            return None;
        }
        let value = match sort {
            IndicatorSort::Address => address(&refang(value))?,
            IndicatorSort::Agent => value.to_owned(),
            IndicatorSort::Domain => domain(&refang(value))?,
            IndicatorSort::File => value.rsplit(['/', '\\']).next().filter(|name| !name.is_empty())?.to_owned(),
            IndicatorSort::Credential => credential(value),
        };
        Some(Self { sort, value, note: String::new(), platform: None, confidence: None, from: None, until: None })
    }

    /// An indicator of a value that does not say what it is: an address, a key, a domain, else a client.
    pub fn guess(value: &str) -> Option<Self> {
        let value = value.trim();
        let plain = refang(value);
        let sort = if Block::parse(&plain).is_some() {
            IndicatorSort::Address
        } else if is_digest(value) || is_key_id(value) {
            IndicatorSort::Credential
        } else if !value.contains(['/', ' ']) && domain(&plain).is_some() {
            IndicatorSort::Domain
        } else if value.split_whitespace().any(is_product) {
            IndicatorSort::Agent
        } else {
            return None;
        };
        Self::new(sort, value)
    }

    /// With what it is a mark of, cut to a line.
    #[must_use]
    pub fn noted(mut self, note: &str) -> Self {
        self.note = note.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(NOTE).collect();
        self
    }
}

/// `name/1.0`: what makes a text a client.
fn is_product(word: &str) -> bool {
    word.split_once('/').is_some_and(|(name, version)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':') && version.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// A block of addresses. Everybody is no indicator: blocks wider than /8 (IPv4) or /16 (IPv6) are none.
fn address(text: &str) -> Option<String> {
    let block = Block::parse(text)?;
    let text = block.to_string();
    let least = if text.contains(':') { 16 } else { 8 };
    let narrow = text.split_once('/').is_none_or(|(_, len)| len.parse::<u8>().is_ok_and(|len| len >= least));
    narrow.then_some(text)
}

fn domain(text: &str) -> Option<String> {
    let text = text.trim_start_matches("*.").trim_end_matches('.').to_ascii_lowercase();
    let labels = text.split('.').collect::<Vec<_>>();
    let is_label = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with('-')
    };
    let top = labels.last()?;
    let is_name = labels.len() >= 2 && labels.iter().all(is_label) && top.len() >= 2 && top.bytes().any(|b| b.is_ascii_alphabetic());
    (is_name && text.len() <= 253).then_some(text)
}

/// The value without what keeps people from clicking on it.
fn refang(text: &str) -> String {
    text.replace("[.]", ".").replace("(.)", ".").replace("[:]", ":")
}

/// What is kept of a credential: a SHA-256 as it is, of anything else its SHA-256.
pub fn credential(text: &str) -> String {
    if is_digest(text) { text.to_ascii_lowercase() } else { digest(text) }
}

/// SHA-256 of a text, 64 hexadecimal digits.
pub fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether a text is a SHA-256 in hexadecimal.
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a text is the id of an AWS key: the one credential whose id leaks with it.
pub fn is_key_id(text: &str) -> bool {
    text.len() == 20
        && ["AKIA", "ASIA"].iter().any(|start| text.starts_with(start))
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_they_look_like() {
        use IndicatorSort as S;
        for (value, expected) in [
            ("208.68.36[.]90", Some((S::Address, "208.68.36.90"))),
            ("198.51.100.0/24", Some((S::Address, "198.51.100.0/24"))),
            ("2001:db8::1", Some((S::Address, "2001:db8::1"))),
            ("0.0.0.0/0", None),
            ("evil[.]Example.com", Some((S::Domain, "evil.example.com"))),
            ("*.evil.example", Some((S::Domain, "evil.example"))),
            ("Salesforce-Multi-Org-Fetcher/1.0", Some((S::Agent, "Salesforce-Multi-Org-Fetcher/1.0"))),
            ("AKIAIOSFODNN7EXAMPLE", Some((S::Credential, "1a5d44a2dca19669d72edf4c4f1c27c4c1ca4b4408fbb17f6ce4ad452d78ddb3"))),
            ("nonsense", None),
            ("a text of some words and/or others", None),
            ("http://example.com/x", None),
            ("", None),
        ] {
            let got = Indicator::guess(value);
            assert_eq!(got.as_ref().map(|i| i.sort), expected.map(|e| e.0), "{value}");
            if let (Some(got), Some((sort, text))) = (got, expected)
                && sort != S::Credential
            {
                assert_eq!(got.value, text);
            }
        }
    }

    #[test]
    fn no_secret_stays() {
        let made = Indicator::new(IndicatorSort::Credential, "abc").unwrap();
        assert_eq!(made.value, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Indicator::new(IndicatorSort::Credential, &made.value.to_uppercase()).unwrap().value, made.value);
    }
}
