//! Intelligence: what others know of addresses, clients and credentials, read from the files they publish it in. A file is
//! recognised by what stands in it. The rule: what cannot be used is counted, a damaged file is an error and never a
//! crash, and no secret of a report stays: only its hash does. It must not know files, stores or the time of day.

pub mod addresses;
mod cloud;
pub mod hits;
pub mod indicator;
mod json;
mod list;
mod mmdb;
#[cfg(test)]
mod mmdb_tests;
mod reports;
mod stix;
mod table;

pub use addresses::{AddressSet, Fact};
pub use hits::{Hit, Intel};
pub use indicator::{Indicator, IndicatorSort};

use crate::model::{Network, Timestamp, sym};
use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use std::io::Read;

/// Largest file that is read, in bytes.
pub const LARGEST: usize = 256 << 20;
/// Largest text a packed file may hold, in bytes.
const LARGEST_UNPACKED: usize = 512 << 20;
/// Stands before a kept body: another layout has another number.
const LAYOUT: u8 = 1;

/// Why a file is no intelligence. The caller says which file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntelError {
    /// Nothing in it is known.
    #[error(
        "not recognised; driftline reads MMDB, iptoasn TSV, CSV ranges, AWS/GCP/Azure range JSON, address lists, indicators (CSV, txt, MISP, STIX 2.1), gitleaks and trufflehog reports"
    )]
    Foreign,
    /// Addresses without a meaning.
    #[error("a list of addresses that does not say what they are; add --as tor, vpn, hosting, cloud:NAME, corp or indicators")]
    Meaning,
    /// It ends early or contradicts itself.
    #[error("damaged: {0}; fetch it again")]
    Damaged(String),
    /// It is larger than anything honest.
    #[error("{0}")]
    TooLarge(String),
    /// It was read, and nothing in it can be used.
    #[error("nothing in it can be used ({0} entries were left out)")]
    Empty(u64),
}

/// What the addresses of a plain list are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A class of network, with a label (`aws`, `tor`).
    Network(Network, String),
    /// Addresses of attackers.
    Indicators,
}

impl Meaning {
    /// Reads `tor`, `vpn`, `hosting`, `cloud:NAME`, `corp`, `isp`, `residential` or `indicators`.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, label) = text.split_once(':').unwrap_or((text, ""));
        if word == "indicators" {
            return label.is_empty().then_some(Self::Indicators);
        }
        let network = Network::from_word(word)?;
        let label = match network {
            Network::Cloud => super::network::cloud(label).ok()?,
            Network::Tor | Network::Vpn if label.is_empty() => word.to_owned(),
            Network::Tor | Network::Vpn | Network::Hosting | Network::Corp | Network::Isp | Network::Residential => label.to_owned(),
            Network::Private | Network::Provider | Network::Unknown => return None,
        };
        Some(Self::Network(network, label))
    }

    /// What a file's name says its addresses are: `tor-exit.lst`, `x4b-vpn-ipv4.txt`, `amazon-v4.txt`.
    pub fn of_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
        let cloud = |label: &str| Some(Self::Network(Network::Cloud, label.to_owned()));
        let of = |network: Network, label: &str| Some(Self::Network(network, label.to_owned()));
        if has(&["ioc", "iocs", "indicator", "indicators", "blocklist", "blacklist", "malicious"]) {
            return Some(Self::Indicators);
        }
        if has(&["tor", "torexit"]) {
            return of(Network::Tor, "tor");
        }
        for (names, label) in [
            (&["amazon", "aws"][..], "aws"),
            (&["google", "gcp"], "gcp"),
            (&["microsoft", "azure"], "azure"),
            (&["oracle", "oci"], "oracle"),
            (&["cloudflare"], "cloudflare"),
            (&["github"], "github"),
        ] {
            if has(names) {
                return cloud(label);
            }
        }
        for label in ["digitalocean", "linode", "vultr", "hetzner", "ovh", "scaleway"] {
            if has(&[label]) {
                return of(Network::Hosting, label);
            }
        }
        if has(&["vpn", "vpns", "proxy", "proxies", "protonvpn", "nordvpn", "mullvad"]) {
            return of(Network::Vpn, "vpn");
        }
        if has(&["datacenter", "datacentre", "hosting"]) {
            return of(Network::Hosting, "");
        }
        has(&["corp", "office", "offices"]).then(|| Self::Network(Network::Corp, "corp".to_owned()))
    }
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Content {
    /// What is known of addresses.
    Addresses(AddressSet),
    /// Marks of attackers, and credentials that leaked.
    Indicators(Vec<Indicator>),
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// What it is, and its name among the imports: one of the same name takes its place.
    pub slot: String,
    /// Day of the data, `YYYY-MM-DD`; empty where the file does not tell.
    pub dated: String,
    /// Ranges or entries read.
    pub rows: u64,
    /// Entries that cannot be used.
    pub skipped: u64,
    /// What it says.
    pub content: Content,
}

impl Imported {
    /// The form in which it is kept.
    pub fn body(&self) -> Vec<u8> {
        let mut body = vec![LAYOUT];
        // Writing to memory cannot fail; an empty body would be refused when it is read back.
        body.extend(postcard::to_stdvec(&self.content).unwrap_or_default());
        body
    }
}

/// Content hash of a kept form, sixteen hexadecimal digits.
pub fn hash(body: &[u8]) -> String {
    format!("{:016x}", sym::prefix(&[body]))
}

/// Reads the kept form; `None` where another version of driftline wrote it.
pub fn from_body(body: &[u8]) -> Option<Content> {
    let (layout, rest) = body.split_first()?;
    if *layout != LAYOUT {
        return None;
    }
    let content: Content = postcard::from_bytes(rest).ok()?;
    let sound = match &content {
        Content::Addresses(set) => set.is_sound(),
        Content::Indicators(_) => true,
    };
    sound.then_some(content)
}

/// Reads a file, whatever of the known ones it is. `name` is its name without folders, `meaning` what the user said its
/// addresses are.
pub fn read(name: &str, bytes: &[u8], meaning: Option<&Meaning>) -> Result<Imported, IntelError> {
    if bytes.len() > LARGEST {
        return Err(IntelError::TooLarge(format!("{} bytes, more than {LARGEST}; take a smaller extract", bytes.len())));
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        let unpacked = MultiGzDecoder::new(bytes).take(LARGEST_UNPACKED as u64 + 1).read_to_end(&mut plain);
        unpacked.map_err(|e| IntelError::Damaged(e.to_string()))?;
        if plain.len() > LARGEST_UNPACKED {
            return Err(IntelError::TooLarge(format!("unpacks to more than {LARGEST_UNPACKED} bytes; take a smaller extract")));
        }
        if plain.starts_with(&[0x1f, 0x8b]) {
            return Err(IntelError::Foreign);
        }
        return plainly(name.strip_suffix(".gz").unwrap_or(name), &plain, meaning);
    }
    plainly(name, bytes, meaning)
}

fn plainly(name: &str, bytes: &[u8], meaning: Option<&Meaning>) -> Result<Imported, IntelError> {
    if mmdb::is_mmdb(bytes) {
        return mmdb::read(bytes);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| IntelError::Foreign)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let imported = match text.trim_start().as_bytes().first() {
        None => return Err(IntelError::Empty(0)),
        Some(b'{' | b'[') => json::read(name, text)?,
        _ => match table::read(name, text)? {
            Some(imported) => imported,
            None => list::read(name, text, meaning)?,
        },
    };
    if imported.rows == 0 { Err(IntelError::Empty(imported.skipped)) } else { Ok(imported) }
}

/// A file's name without its ending, for a slot.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.len() <= 5 => stem,
        _ => name,
    }
}

/// The day of a time, as data are dated.
fn day(time: Option<Timestamp>) -> String {
    time.map(|time| time.day().to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
