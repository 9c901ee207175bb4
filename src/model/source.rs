//! Where a call came from, as far as it is known: an address with its network, or the name of a provider's service.
//! It must not know where that knowledge came from.

use super::event::words;
use super::sym::Sym;
use serde::{Deserialize, Serialize};

words! {
    /// The class of network an address lies in.
    Network {
        /// A public cloud.
        Cloud = "cloud",
        /// A hosting company or VPS.
        Hosting = "hosting",
        /// A Tor exit.
        Tor = "tor",
        /// An anonymising VPN or proxy.
        Vpn = "vpn",
        /// A company's own network.
        Corp = "corp",
        /// An access provider.
        Isp = "isp",
        /// A household.
        Residential = "residential",
        /// A private, shared or loopback block.
        Private = "private",
        /// The provider's own service.
        Provider = "provider",
        /// Not known.
        Unknown = "unknown",
    }
}

/// An enriched source, interned once per distinct address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The address (canonical form) or service name.
    pub text: String,
    /// Symbol of `text`.
    pub ip: Sym,
    /// Symbol of the /24 (IPv4) or /48 (IPv6) block; [`Sym::NONE`] for a service name.
    pub block: Sym,
    /// That block as text, `198.51.100.0/24`.
    pub block_text: String,
    /// Autonomous system number, 0 where unknown.
    pub asn: u32,
    /// Its organisation.
    pub org: String,
    /// ISO 3166 country, two letters, empty where unknown.
    pub country: String,
    /// Class of network.
    pub network: Network,
    /// Cloud or provider (`aws`, `gcp`, …), or the name of a special block (`documentation`, `private-use`).
    pub label: String,
}

impl Source {
    /// What tells networks apart: the autonomous system, else the block, else the name of a provider's service.
    pub fn network_key(&self) -> Sym {
        if self.asn != 0 {
            // Numbers of autonomous systems are no texts; the prefix keeps them out of the way of hashes of texts.
            Sym(0x4153 << 48 | u64::from(self.asn))
        } else if self.block.is_some() {
            self.block
        } else {
            self.ip
        }
    }

    /// Name of that network: `DigitalOcean AS14061`, `10.0.3.0/24`, `cloudformation.amazonaws.com`. The country is left out:
    /// one network spans many, and country is weak evidence.
    pub fn network_name(&self) -> String {
        if self.asn != 0 {
            format!("{} AS{}", self.org, self.asn)
        } else if self.block.is_some() {
            self.block_text.clone()
        } else {
            self.text.clone()
        }
    }

    /// `DigitalOcean AS14061 (US)`, or what little is known.
    pub fn describe(&self) -> String {
        let mut out = if self.asn == 0 { self.network.as_str().to_owned() } else { format!("{} AS{}", self.org, self.asn) };
        if self.asn == 0 && !self.label.is_empty() {
            out = format!("{out} ({})", self.label);
        } else if !self.country.is_empty() {
            out = format!("{out} ({})", self.country);
        }
        out
    }
}
