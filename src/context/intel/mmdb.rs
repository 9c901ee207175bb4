//! MMDB files, read from memory and never mapped: a file that changes under a map is a crash. Every network is asked for
//! once, by stepping from the end of one to the next, so that a tree that leads in circles is an end like any other.

use super::addresses::{Builder, Fact};
use super::{Content, Imported, IntelError, day};
use crate::model::{Network, Timestamp};
use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Stands before the description of a database, near its end.
const MARK: &[u8] = b"\xab\xcd\xefMaxMind.com";
/// How far from the end that may be.
const TAIL: usize = 128 << 10;
/// Networks that are asked for, empty ones included.
const MOST: usize = 8_000_000;

/// Whether bytes look like such a file.
pub fn is_mmdb(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    memchr::memmem::rfind(tail, MARK).is_some()
}

/// What is read of a record, in the words of the databases people have.
#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    autonomous_system_number: Option<u32>,
    #[serde(default)]
    autonomous_system_organization: Option<String>,
    #[serde(default)]
    asn: Option<Number>,
    #[serde(default)]
    as_name: Option<String>,
    #[serde(default)]
    country: Option<Country>,
    #[serde(default)]
    country_code: Option<String>,
    #[serde(default)]
    is_tor_exit_node: Option<bool>,
    #[serde(default)]
    is_anonymous_vpn: Option<bool>,
    #[serde(default)]
    is_public_proxy: Option<bool>,
    #[serde(default)]
    is_hosting_provider: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Plain(u32),
    Text(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Country {
    Code(String),
    Table {
        #[serde(default)]
        iso_code: Option<String>,
    },
}

impl Record {
    fn fact(self) -> Fact {
        let asn = match self.asn {
            Some(Number::Plain(asn)) => Some(asn),
            Some(Number::Text(text)) => text.trim_start_matches("AS").parse().ok(),
            None => None,
        };
        let country = match self.country {
            Some(Country::Code(code)) if code.len() == 2 => Some(code),
            Some(Country::Table { iso_code }) => iso_code,
            _ => None,
        };
        let said = |flag: Option<bool>| flag == Some(true);
        let (network, label) = if said(self.is_tor_exit_node) {
            (Some(Network::Tor), "tor")
        } else if said(self.is_anonymous_vpn) || said(self.is_public_proxy) {
            (Some(Network::Vpn), "vpn")
        } else if said(self.is_hosting_provider) {
            (Some(Network::Hosting), "")
        } else {
            (None, "")
        };
        let fact = Fact {
            asn: self.autonomous_system_number.or(asn).unwrap_or(0),
            org: self.autonomous_system_organization.or(self.as_name).unwrap_or_default(),
            country: country.or(self.country_code).unwrap_or_default(),
            network,
            label: label.to_owned(),
        };
        fact.tidy()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn damaged(error: MaxMindDbError) -> IntelError {
    IntelError::Damaged(error.to_string().replace('\n', " "))
}

/// Reads a database.
pub fn read(bytes: &[u8]) -> Result<Imported, IntelError> {
    let reader = Reader::from_source(bytes).map_err(damaged)?;
    let mut walk = Walk { reader: &reader, builder: Builder::default(), facts: HashMap::new(), asked: 0, skipped: 0 };
    walk.v4()?;
    if reader.metadata().ip_version == 6 {
        // Global addresses, without the blocks that lead back to IPv4 (Teredo, 6to4).
        for (first, last) in [(0x2001_0001, 0x2001_ffff), (0x2003_0000, 0x3fff_ffff)] {
            walk.v6(u128::from(first as u32) << 96, u128::from(last as u32) << 96 | u128::MAX >> 32)?;
        }
    }
    let metadata = reader.metadata();
    let slot: String = metadata.database_type.chars().filter(|c| !c.is_control()).take(60).collect();
    let built = i64::try_from(metadata.build_epoch).ok().and_then(|s| s.checked_mul(1000)).map(Timestamp);
    let (rows, skipped) = (walk.builder.rows, walk.skipped);
    if rows == 0 {
        return Err(IntelError::Empty(skipped));
    }
    Ok(Imported {
        slot: format!("mmdb {slot}"),
        dated: day(built.filter(|t| t.to_chrono().is_some())),
        rows,
        skipped,
        content: Content::Addresses(walk.builder.finish()),
    })
}

struct Walk<'r, 'b> {
    reader: &'r Reader<&'b [u8]>,
    builder: Builder,
    /// Facts by the place of their record: a few hundred thousand networks share some.
    facts: HashMap<usize, Option<Fact>>,
    asked: usize,
    skipped: u64,
}

impl Walk<'_, '_> {
    fn v4(&mut self) -> Result<(), IntelError> {
        let mut at = 0u32;
        loop {
            let ip = IpAddr::V4(Ipv4Addr::from_bits(at));
            let (fact, prefix) = self.ask(ip)?;
            // A database of IPv6 addresses may answer for a wider block than all of IPv4.
            let last = at | u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
            if let Some(fact) = fact {
                self.builder.range(ip, Ipv4Addr::from_bits(last).into(), &fact)?;
            }
            let Some(next) = last.checked_add(1) else { return Ok(()) };
            at = next;
        }
    }

    fn v6(&mut self, first: u128, end: u128) -> Result<(), IntelError> {
        let mut at = first;
        loop {
            let ip = IpAddr::V6(Ipv6Addr::from_bits(at));
            let (fact, prefix) = self.ask(ip)?;
            let last = (at | u128::MAX.checked_shr(prefix.into()).unwrap_or(0)).min(end);
            if let Some(fact) = fact {
                self.builder.range(ip, Ipv6Addr::from_bits(last).into(), &fact)?;
            }
            match last.checked_add(1) {
                Some(next) if next <= end => at = next,
                _ => return Ok(()),
            }
        }
    }

    /// What is said of an address, and the length of the network's prefix within the address's own family.
    fn ask(&mut self, ip: IpAddr) -> Result<(Option<Fact>, u8), IntelError> {
        self.asked += 1;
        if self.asked > MOST {
            return Err(IntelError::TooLarge(format!("more than {MOST} networks; take a smaller database")));
        }
        let found = self.reader.lookup(ip).map_err(damaged)?;
        let network = found.network().map_err(damaged)?;
        let prefix = match (ip, network.is_ipv4()) {
            (IpAddr::V4(_), false) => network.prefix().saturating_sub(96),
            _ => network.prefix(),
        };
        let Some(place) = found.offset() else { return Ok((None, prefix)) };
        if !self.facts.contains_key(&place) {
            let record: Option<Record> = found.decode().map_err(damaged)?;
            let fact = record.map(Record::fact).filter(|fact| !fact.is_empty());
            self.skipped += u64::from(fact.is_none());
            self.facts.insert(place, fact);
        }
        Ok((self.facts.get(&place).cloned().flatten(), prefix))
    }
}
