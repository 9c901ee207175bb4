//! Comparing an event with all indicators at once. Pure and ordered: the same event has the same hits in the same order.
//! Whether a hit was in force at the event's time, and on its system, is for the caller to ask of the hit.

use super::indicator::{Indicator, IndicatorSort, digest, is_digest};
use crate::model::Timestamp;
use aho_corasick::AhoCorasick;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::net::IpAddr;

/// The published clients of connector thefts, kept by hand with the program.
const SHIPPED: &str = include_str!("../../../assets/intel/agents.toml");
/// Longest client or source that is compared, in bytes.
const LONGEST: usize = 4096;

/// An indicator that an event matches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hit {
    /// What of the event it is.
    pub sort: IndicatorSort,
    /// The indicator's value.
    pub value: String,
    /// What it is a mark of.
    pub note: String,
    /// The import it comes from.
    pub set: String,
    /// Only on this system, where it is common elsewhere; `None` for any.
    pub platform: Option<String>,
    /// How sure its author is, 0–100.
    pub confidence: Option<u8>,
    /// First instant it holds.
    pub from: Option<Timestamp>,
    /// First instant it no longer holds.
    pub until: Option<Timestamp>,
}

impl Hit {
    /// Whether it holds for an event of this time on this system. What was seen before an indicator was published counts
    /// as well: `from` is when its author began to vouch for it, not when attackers began, so only the end is held to.
    pub fn holds(&self, at: Timestamp, platform: &str) -> bool {
        self.until.is_none_or(|until| at < until) && self.platform.as_deref().is_none_or(|own| own == platform)
    }

    /// The tag of an event it is found on: `intel:agent:salesforce-multi-org-fetcher/1.0`.
    pub fn tag(&self) -> String {
        let value: String =
            self.value.to_lowercase().chars().map(|c| if c.is_whitespace() || c == ',' { '_' } else { c }).take(80).collect();
        format!("intel:{}:{value}", self.sort)
    }
}

/// Every indicator, arranged for comparing.
#[derive(Clone, Debug, Default)]
pub struct Intel {
    hits: Vec<Hit>,
    /// By length of prefix and family: network to places in `hits`.
    addresses: BTreeMap<(u8, bool), HashMap<IpAddr, Vec<u32>>>,
    domains: HashMap<String, Vec<u32>>,
    credentials: HashMap<String, Vec<u32>>,
    agents: Option<AhoCorasick>,
    /// Places in `hits` by the number of the pattern.
    agent_hits: Vec<Vec<u32>>,
}

impl Intel {
    /// Arranges indicators, each list under the name of its import.
    pub fn of(sets: &[(String, Vec<Indicator>)]) -> Self {
        let mut intel = Self::default();
        let mut agents: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (set, indicator) in sets.iter().flat_map(|(set, list)| list.iter().map(move |indicator| (set, indicator))) {
            let place = intel.hits.len() as u32;
            match indicator.sort {
                IndicatorSort::Address => {
                    let net = indicator.value.parse::<IpNet>().or_else(|_| indicator.value.parse::<IpAddr>().map(IpNet::from));
                    let Ok(net) = net else { continue };
                    let by_network = intel.addresses.entry((net.prefix_len(), net.addr().is_ipv6())).or_default();
                    by_network.entry(net.network()).or_default().push(place);
                }
                IndicatorSort::Agent => agents.entry(indicator.value.to_ascii_lowercase()).or_default().push(place),
                IndicatorSort::Domain => intel.domains.entry(indicator.value.clone()).or_default().push(place),
                IndicatorSort::Credential => intel.credentials.entry(indicator.value.clone()).or_default().push(place),
                // No event names files by itself; kept for what reads resources.
                IndicatorSort::File => {}
            }
            intel.hits.push(Hit {
                sort: indicator.sort,
                value: indicator.value.clone(),
                note: indicator.note.clone(),
                set: set.clone(),
                platform: indicator.platform.clone(),
                confidence: indicator.confidence,
                from: indicator.from,
                until: indicator.until,
            });
        }
        // A list that cannot be compiled is too large for any machine; without it the rest still compares.
        intel.agents = AhoCorasick::builder().ascii_case_insensitive(true).build(agents.keys()).ok().filter(|_| !agents.is_empty());
        intel.agent_hits = agents.into_values().collect();
        intel
    }

    /// Indicators arranged.
    pub fn count(&self) -> usize {
        self.hits.len()
    }

    /// The indicators an event matches: by where it came from (an address in canonical form, or a name), its client as
    /// sent, the id of its credential (or a hash of it, as some logs write). Sorted; each once.
    pub fn hits(&self, source: Option<&str>, agent: Option<&str>, credential: Option<&str>) -> Vec<Hit> {
        if self.hits.is_empty() {
            return Vec::new();
        }
        let mut found = BTreeSet::new();
        if let Some(source) = source.filter(|source| source.len() <= LONGEST) {
            match source.parse::<IpAddr>() {
                Ok(ip) => self.at_address(ip.to_canonical(), &mut found),
                Err(_) => self.at_domain(source, &mut found),
            }
        }
        if let Some(agent) = agent.filter(|agent| agent.len() <= LONGEST) {
            self.in_agent(agent, &mut found);
        }
        if let (Some(credential), false) = (credential.filter(|c| c.len() <= LONGEST), self.credentials.is_empty()) {
            let written = if is_digest(credential) { Some(credential.to_ascii_lowercase()) } else { base64_digest(credential) };
            for hash in written.into_iter().chain([digest(credential)]) {
                found.extend(self.credentials.get(&hash).into_iter().flatten());
            }
        }
        let found: BTreeSet<&Hit> = found.into_iter().filter_map(|place| self.hits.get(place as usize)).collect();
        found.into_iter().cloned().collect()
    }

    fn at_address(&self, ip: IpAddr, found: &mut BTreeSet<u32>) {
        for ((length, v6), networks) in &self.addresses {
            if *v6 == ip.is_ipv6()
                && let Ok(net) = IpNet::new(ip, *length)
            {
                found.extend(networks.get(&net.network()).into_iter().flatten());
            }
        }
    }

    fn at_domain(&self, name: &str, found: &mut BTreeSet<u32>) {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let mut rest = name.as_str();
        loop {
            found.extend(self.domains.get(rest).into_iter().flatten());
            match rest.split_once('.') {
                Some((_, parent)) => rest = parent,
                None => return,
            }
        }
    }

    /// Whole products only: `python-requests/2.32.4` is not in `python-requests/2.32.41`.
    fn in_agent(&self, agent: &str, found: &mut BTreeSet<u32>) {
        let Some(search) = &self.agents else { return };
        let part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'));
        let bytes = agent.as_bytes();
        for hit in search.find_overlapping_iter(agent) {
            let before = hit.start().checked_sub(1).and_then(|at| bytes.get(at));
            if !part(before) && !part(bytes.get(hit.end())) {
                found.extend(self.agent_hits.get(hit.pattern().as_usize()).into_iter().flatten());
            }
        }
    }
}

/// A SHA-256 written in base64, as hexadecimal digits; `None` for anything else.
pub(super) fn base64_digest(text: &str) -> Option<String> {
    let digits = text.strip_suffix('=').filter(|digits| digits.len() == 43)?;
    let mut bytes = Vec::with_capacity(33);
    let (mut held, mut bits) = (0u32, 0);
    for c in digits.bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(six)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    Some(bytes.iter().take(32).fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

/// An entry of the shipped list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The client as it called itself.
    pub value: String,
    /// The only system on which it means anything.
    pub platform: String,
    /// How telling it is, 0–100: a common library says little by itself.
    pub confidence: u8,
    /// What it was seen in.
    pub note: String,
    /// Who published it.
    pub source: String,
    /// Where.
    pub url: String,
    /// When, `YYYY-MM-DD`.
    pub date: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    agent: Vec<Published>,
}

/// The shipped list; a test holds that it reads.
pub fn published() -> Vec<Published> {
    toml::from_str::<List>(SHIPPED).map(|list| list.agent).unwrap_or_default()
}

/// The shipped list as indicators.
pub fn shipped() -> Vec<Indicator> {
    let made = published().into_iter().filter_map(|published| {
        let made = Indicator::new(IndicatorSort::Agent, &published.value)?;
        let note = format!("{} ({}, {})", published.note, published.source, published.date);
        Some(Indicator { platform: Some(published.platform), confidence: Some(published.confidence), ..made.noted(&note) })
    });
    made.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intel() -> Intel {
        let list = ["208.68.36.90", "198.51.100.0/24", "2001:db8::/32", "evil.example", "Bad-Fetcher/1.0", "AKIAIOSFODNN7EXAMPLE"];
        let mut own: Vec<Indicator> = list.into_iter().map(|value| Indicator::guess(value).unwrap().noted("own")).collect();
        own.push(Indicator::new(IndicatorSort::Credential, "a secret token").unwrap());
        Intel::of(&[("shipped".to_owned(), shipped()), ("own".to_owned(), own)])
    }

    #[test]
    fn an_event_hits_what_it_matches_and_nothing_else() {
        let intel = intel();
        let values = |source, agent, credential| intel.hits(source, agent, credential).into_iter().map(|hit| hit.value).collect::<Vec<_>>();
        for (source, agent, credential, expected) in [
            (Some("208.68.36.90"), None, None, vec!["208.68.36.90"]),
            (Some("::ffff:208.68.36.90"), None, None, vec!["208.68.36.90"]),
            (Some("208.68.36.91"), None, None, vec![]),
            (Some("198.51.100.200"), None, None, vec!["198.51.100.0/24"]),
            (Some("2001:db8:7::1"), None, None, vec!["2001:db8::/32"]),
            (Some("a.b.EVIL.example."), None, None, vec!["evil.example"]),
            (Some("notevil.example"), None, None, vec![]),
            (None, Some("bad-fetcher/1.0 (linux)"), None, vec!["Bad-Fetcher/1.0"]),
            (None, Some("not-bad-fetcher/1.0"), None, vec![]),
            (None, Some("Bad-Fetcher/1.01"), None, vec![]),
            (None, Some("Salesforce-Multi-Org-Fetcher/1.0"), None, vec!["Salesforce-Multi-Org-Fetcher/1.0"]),
            (None, Some("Python/3.11 aiohttp/3.12.15"), None, vec!["Python/3.11 aiohttp/3.12.15"]),
            (None, Some("python-requests/2.32.41"), None, vec![]),
            (Some(""), Some(""), Some(""), vec![]),
            (None, None, None, vec![]),
        ] {
            assert_eq!(values(source, agent, credential), expected, "{source:?} {agent:?} {credential:?}");
        }
        for credential in ["AKIAIOSFODNN7EXAMPLE", "a secret token", &digest("a secret token"), &digest("a secret token").to_uppercase()] {
            assert_eq!(intel.hits(None, None, Some(credential)).len(), 1, "{credential}");
        }
        // The way GitHub's log writes the hash of a token: sha256("a secret token") in base64.
        assert_eq!(base64_digest("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=").as_deref(), Some(digest("abc").as_str()));
        assert_eq!(base64_digest("short="), None);
    }

    #[test]
    fn hits_are_sorted_tagged_and_end() {
        let hits = intel().hits(Some("208.68.36.90"), Some("Salesforce-Multi-Org-Fetcher/1.0 Bad-Fetcher/1.0"), None);
        let mut sorted = hits.clone();
        sorted.sort();
        assert_eq!(hits, sorted);
        assert_eq!(
            hits.iter().map(Hit::tag).collect::<Vec<_>>(),
            ["intel:address:208.68.36.90", "intel:agent:bad-fetcher/1.0", "intel:agent:salesforce-multi-org-fetcher/1.0"]
        );
        let published = &hits[2];
        assert!(published.holds(Timestamp(0), "salesforce") && !published.holds(Timestamp(0), "aws"));
        let ended = Hit { until: Some(Timestamp(10)), ..hits[0].clone() };
        assert!(ended.holds(Timestamp(9), "aws") && !ended.holds(Timestamp(10), "aws"));
    }

    #[test]
    fn the_shipped_list_reads_and_says_where_it_comes_from() {
        let list: List = toml::from_str(SHIPPED).unwrap();
        assert!(list.agent.len() >= 4 && shipped().len() == list.agent.len());
        for entry in list.agent {
            assert!(Timestamp::parse(&entry.date).is_some() && entry.url.starts_with("https://") && entry.confidence <= 100, "{entry:?}");
            assert!(!entry.source.is_empty() && !entry.note.is_empty());
        }
    }
}
