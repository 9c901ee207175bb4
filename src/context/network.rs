//! Networks as people declare them: a cloud, an autonomous system, a country, an address block. It must not know who
//! announces an address.

use crate::model::Source;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// A block of addresses; a single address is a block of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Block(IpNet);

impl Block {
    /// Reads `192.0.2.0/24`, `2001:db8::/32` or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(net) = text.parse::<IpNet>() {
            return Some(Self(net.trunc()));
        }
        text.parse::<IpAddr>().ok().map(|ip| Self(IpNet::from(ip)))
    }

    /// Whether an address (its canonical text) lies inside.
    pub fn holds(&self, ip: &str) -> bool {
        ip.parse::<IpAddr>().is_ok_and(|ip| self.0.contains(&ip))
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

impl TryFrom<String> for Block {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or(text)
    }
}

impl From<Block> for String {
    fn from(block: Block) -> Self {
        block.to_string()
    }
}

/// A declared network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum NetworkPattern {
    /// `cloud:aws`: a cloud or hosting company, by the label its addresses carry.
    Cloud(String),
    /// `asn:14618`: an autonomous system.
    Asn(u32),
    /// `country:US`: where an address is registered; weak evidence for clouds.
    Country(String),
    /// `192.0.2.0/24`: a block of addresses, or one address.
    Block(Block),
}

impl NetworkPattern {
    /// Reads one; the error says what is wrong with it and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shown = super::document::cut(text);
        let Some((sort, value)) =
            text.split_once(':').filter(|(sort, _)| !sort.is_empty() && sort.bytes().all(|b| b.is_ascii_alphabetic()))
        else {
            return Block::parse(text)
                .map(Self::Block)
                .ok_or_else(|| format!("\"{shown}\" is no network; write cloud:aws, asn:14618, country:US, 192.0.2.0/24 or 192.0.2.7"));
        };
        match sort {
            "cloud" => cloud(value).map(Self::Cloud),
            "asn" => value
                .trim_start_matches("AS")
                .parse()
                .ok()
                .filter(|asn| *asn > 0)
                .map(Self::Asn)
                .ok_or_else(|| format!("\"{shown}\" names no autonomous system; write a number like asn:14618")),
            "country" => country(value).map(Self::Country),
            // `fe::1` begins like a word, too.
            _ => Block::parse(text).map(Self::Block).ok_or_else(|| {
                let meant = crate::text::nearest(sort, ["cloud", "asn", "country"]).unwrap_or_default();
                format!("\"{shown}\" is no network: no sort \"{}\"; nearest is \"{meant}\"", super::document::cut(sort))
            }),
        }
    }

    /// Whether a source lies in it.
    pub fn holds(&self, source: &Source) -> bool {
        match self {
            Self::Cloud(label) => source.label.eq_ignore_ascii_case(label),
            Self::Asn(asn) => source.asn == *asn,
            Self::Country(country) => source.country == *country,
            Self::Block(block) => block.holds(&source.text),
        }
    }
}

/// A cloud's label, lower case.
pub(super) fn cloud(value: &str) -> Result<String, String> {
    let fits = !value.is_empty() && value.len() <= 40 && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if fits {
        Ok(value.to_ascii_lowercase())
    } else {
        Err(format!("\"{}\" names no cloud; write a word like aws, gcp or azure", super::document::cut(value)))
    }
}

/// A country of two letters.
pub(super) fn country(value: &str) -> Result<String, String> {
    if value.len() == 2 && value.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(value.to_owned())
    } else {
        Err(format!("\"{}\" is no country; write two capital letters (ISO 3166) like US", super::document::cut(value)))
    }
}

impl fmt::Display for NetworkPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cloud(label) => write!(f, "cloud:{label}"),
            Self::Asn(asn) => write!(f, "asn:{asn}"),
            Self::Country(country) => write!(f, "country:{country}"),
            Self::Block(block) => block.fmt(f),
        }
    }
}

impl TryFrom<String> for NetworkPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<NetworkPattern> for String {
    fn from(pattern: NetworkPattern) -> Self {
        pattern.to_string()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{Network, Sym};

    /// A source with what a table would know of it.
    pub(in crate::context) fn source(ip: &str, asn: u32, country: &str, label: &str) -> Source {
        Source {
            text: ip.to_owned(),
            ip: Sym::of(ip),
            block: Sym::NONE,
            block_text: String::new(),
            asn,
            org: String::new(),
            country: country.to_owned(),
            network: Network::Cloud,
            label: label.to_owned(),
        }
    }

    #[test]
    fn declared_networks_hold_what_lies_in_them() {
        let aws = source("52.94.236.248", 16509, "US", "aws");
        for (text, printed, holds) in [
            ("cloud:aws", "cloud:aws", true),
            ("cloud:AWS", "cloud:aws", true),
            ("cloud:gcp", "cloud:gcp", false),
            ("asn:16509", "asn:16509", true),
            ("asn:AS16509", "asn:16509", true),
            ("asn:1", "asn:1", false),
            ("country:US", "country:US", true),
            ("52.94.0.0/16", "52.94.0.0/16", true),
            ("52.94.7.7/16", "52.94.0.0/16", true),
            ("52.94.236.248", "52.94.236.248", true),
            ("2001:db8::/32", "2001:db8::/32", false),
            ("fe80::1", "fe80::1", false),
        ] {
            let pattern = NetworkPattern::parse(text).unwrap();
            assert_eq!((pattern.to_string().as_str(), pattern.holds(&aws)), (printed, holds), "{text}");
            assert_eq!(NetworkPattern::parse(&pattern.to_string()).unwrap(), pattern);
        }
    }

    #[test]
    fn what_is_no_network_is_told_with_the_way_out() {
        for (text, hint) in [
            ("cluod:aws", "nearest is \"cloud\""),
            ("300.1.1.1/8", "192.0.2.0/24"),
            ("192.0.2.0/33", "192.0.2.0/24"),
            ("asn:amazon", "asn:14618"),
            ("asn:0", "asn:14618"),
            ("country:usa", "two capital letters"),
            ("cloud:", "names no cloud"),
            ("", "is no network"),
        ] {
            let error = NetworkPattern::parse(text).unwrap_err();
            assert!(error.contains(hint) && !error.contains('\n'), "{text}: {error}");
        }
    }
}
