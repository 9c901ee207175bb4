//! The shipped table of address ranges: who announces an address and in which country it is registered. It owns the
//! file's layout, both ways. It must not know what a network means to us, nor where the file lies.
//!
//! Layout of the gzip stream (all numbers LEB128): the magic line; the length of a JSON header and the header; the
//! autonomous systems (count, number deltas, name lengths, names); the countries (count, two bytes each); then four
//! sections, IPv4 to system, IPv6 to system, IPv4 to country, IPv6 to country. A section is a count, the distances from
//! each start to the one before, then one value per start. A value holds from its start up to the next start; 0 means
//! "nothing known", `n` the n-th entry of the system or country table. IPv6 keys are the upper 64 bits.

mod build;
mod section;

pub use build::encode;

use flate2::read::GzDecoder;
use section::{Key, Section};
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Read};
use std::net::IpAddr;

const MAGIC: &[u8; 16] = b"driftline-ip v1\n";
/// No section, name table or header of an honest file comes near this; it keeps a damaged one from taking the memory.
const MOST: u64 = 8_000_000;
/// Stands before a distance too long for the short form.
const ESCAPE: u64 = 15;

/// Why a table could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RangesError {
    /// The bytes end early or do not inflate.
    #[error("address table is damaged ({0}); build it again with examples/build_ip.rs")]
    Io(#[from] io::Error),
    /// The bytes inflate and are something else.
    #[error("address table is damaged ({0}); build it again with examples/build_ip.rs")]
    Layout(&'static str),
}

/// One set of data a table was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What it tells.
    pub name: String,
    /// Where it came from, with its version.
    pub origin: String,
    /// Its licence and whom to name.
    pub licence: String,
    /// Day of the data, `YYYY-MM-DD`.
    pub date: String,
    /// Ranges read.
    pub rows: u64,
}

/// A range as the sources list it, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range<V> {
    /// First address.
    pub first: u128,
    /// Last address.
    pub last: u128,
    /// What is said about it.
    pub value: V,
}

/// What a table is built from; see [`encode`].
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Where the data came from.
    pub origins: Vec<Origin>,
    /// Number and name of every autonomous system, any order.
    pub systems: Vec<(u32, String)>,
    /// IPv4 ranges with the number of their system.
    pub v4_systems: Vec<Range<u32>>,
    /// IPv6 ranges with the number of their system.
    pub v6_systems: Vec<Range<u32>>,
    /// IPv4 ranges with their country, two ASCII letters.
    pub v4_countries: Vec<Range<[u8; 2]>>,
    /// IPv6 ranges with their country.
    pub v6_countries: Vec<Range<[u8; 2]>>,
}

/// What a table knows about one address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found<'a> {
    /// Autonomous system number, 0 where unknown.
    pub asn: u32,
    /// Its organisation, empty where unknown.
    pub org: &'a str,
    /// ISO 3166 country, empty where unknown.
    pub country: &'a str,
}

/// The table in memory, about 14 MB for the shipped file.
#[derive(Debug, Default)]
pub struct Ranges {
    origins: Vec<Origin>,
    asns: Box<[u32]>,
    name_starts: Box<[u32]>,
    names: Box<str>,
    countries: Box<str>,
    v4_systems: Section<u32, u32>,
    v6_systems: Section<u64, u32>,
    v4_countries: Section<u32, u8>,
    v6_countries: Section<u64, u8>,
}

impl Ranges {
    /// Reads a table, inflating as it goes so that only the table itself takes memory.
    pub fn read(gz: &[u8]) -> Result<Self, RangesError> {
        let mut from = Reader(BufReader::with_capacity(1 << 16, GzDecoder::new(gz)));
        let mut magic = [0; MAGIC.len()];
        from.0.read_exact(&mut magic)?;
        if &magic != MAGIC {
            return Err(RangesError::Layout("wrong first line"));
        }
        let header = from.text()?;
        let origins = serde_json::from_str(&header).map_err(|_| RangesError::Layout("header"))?;
        let count = from.count()?;
        let asns = from.running(count, |sum| u32::try_from(sum).ok())?;
        let name_starts: Box<[u32]> = from.running(count + 1, |sum| u32::try_from(sum).ok())?;
        let names = from.text()?;
        let bounds_fit = name_starts.iter().all(|at| names.is_char_boundary(*at as usize));
        if !bounds_fit || name_starts.last().map(|end| *end as usize) != Some(names.len()) {
            return Err(RangesError::Layout("names"));
        }
        let countries = from.text()?;
        if countries.len() % 2 != 0 || !countries.is_ascii() || countries.len() / 2 > usize::from(u8::MAX) {
            return Err(RangesError::Layout("countries"));
        }
        let (systems, codes) = (count as u64, countries.len() as u64 / 2);
        let table = Self {
            origins,
            asns,
            name_starts,
            names: names.into(),
            countries: countries.into(),
            v4_systems: from.section(|sum| u32::try_from(sum).ok(), |n| (n <= systems).then_some(n as u32))?,
            v6_systems: from.section(Some, |n| (n <= systems).then_some(n as u32))?,
            v4_countries: from.section(|sum| u32::try_from(sum).ok(), |n| (n <= codes).then_some(n as u8))?,
            v6_countries: from.section(Some, |n| (n <= codes).then_some(n as u8))?,
        };
        // Reading up to the end also has the checksum compared.
        if from.0.read(&mut [0])? > 0 { Err(RangesError::Layout("bytes left over")) } else { Ok(table) }
    }

    /// What is known about an address.
    pub fn find(&self, ip: IpAddr) -> Found<'_> {
        let (system, country) = match ip {
            IpAddr::V4(v4) => (self.v4_systems.find(v4.to_bits()), self.v4_countries.find(v4.to_bits())),
            IpAddr::V6(v6) => {
                let key = (v6.to_bits() >> 64) as u64;
                (self.v6_systems.find(key), self.v6_countries.find(key))
            }
        };
        let mut found = Found::default();
        if let Some(at) = (system as usize).checked_sub(1) {
            found.asn = self.asns.get(at).copied().unwrap_or_default();
            found.org = self.name(at);
        }
        if let Some(at) = usize::from(country).checked_sub(1) {
            found.country = self.countries.get(at * 2..at * 2 + 2).unwrap_or_default();
        }
        found
    }

    /// The organisation of an autonomous system; `None` where the table does not list it.
    pub fn org(&self, asn: u32) -> Option<&str> {
        self.asns.binary_search(&asn).ok().map(|at| self.name(at))
    }

    /// Where the data came from.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Bytes the table takes in memory.
    pub fn memory(&self) -> usize {
        (self.asns.len() + self.name_starts.len()) * 4
            + self.names.len()
            + self.v4_systems.memory()
            + self.v6_systems.memory()
            + self.v4_countries.memory()
            + self.v6_countries.memory()
    }

    fn name(&self, at: usize) -> &str {
        let (Some(from), Some(to)) = (self.name_starts.get(at), self.name_starts.get(at + 1)) else { return "" };
        self.names.get(*from as usize..*to as usize).unwrap_or_default()
    }
}

/// Reads the layout's primitives.
struct Reader<R>(R);

impl<R: BufRead> Reader<R> {
    fn number(&mut self) -> Result<u64, RangesError> {
        // A million numbers pass here: read them off the buffer, and byte by byte only at its end.
        let buffered = self.0.fill_buf()?;
        if buffered.len() >= 10 {
            let (out, len) = number(buffered.iter().copied().map(Ok))?;
            self.0.consume(len);
            return Ok(out);
        }
        let from = &mut self.0;
        let bytes = std::iter::from_fn(|| {
            let mut byte = [0];
            Some(from.read_exact(&mut byte).map(|()| byte[0]))
        });
        number(bytes).map(|(out, _)| out)
    }

    fn count(&mut self) -> Result<usize, RangesError> {
        let count = self.number()?;
        if count > MOST { Err(RangesError::Layout("count too large")) } else { Ok(count as usize) }
    }

    fn text(&mut self) -> Result<String, RangesError> {
        let len = self.count()?;
        let mut out = String::new();
        (&mut self.0).take(len as u64).read_to_string(&mut out)?;
        if out.len() == len { Ok(out) } else { Err(RangesError::Layout("text cut short")) }
    }

    /// `count` increasing numbers, stored as distances.
    fn running<K>(&mut self, count: usize, key: impl Fn(u64) -> Option<K>) -> Result<Box<[K]>, RangesError> {
        // The capacity is a hint only: a lying count must not allocate before its bytes have come.
        let mut out = Vec::with_capacity(count.min(1 << 20));
        let mut sum = 0u64;
        for _ in 0..count {
            let step = self.number()?;
            // Distances are mostly whole networks: the low four bits say how many zero nibbles were cut off.
            let step = if step == ESCAPE { self.number()? } else { (step >> 4) << ((step & 15) * 4) };
            sum = sum.checked_add(step).ok_or(RangesError::Layout("distance"))?;
            out.push(key(sum).ok_or(RangesError::Layout("distance"))?);
        }
        Ok(out.into())
    }

    fn section<K: Key, V: Copy + Default>(
        &mut self,
        key: impl Fn(u64) -> Option<K>,
        value: impl Fn(u64) -> Option<V>,
    ) -> Result<Section<K, V>, RangesError> {
        let count = self.count()?;
        let starts = self.running(count, key)?;
        let mut values = Vec::with_capacity(count.min(1 << 20));
        for _ in 0..count {
            values.push(value(self.number()?).ok_or(RangesError::Layout("value out of its table"))?);
        }
        Ok(Section::new(starts, values.into()))
    }
}

/// A LEB128 number and its length.
fn number(bytes: impl Iterator<Item = io::Result<u8>>) -> Result<(u64, usize), RangesError> {
    let (mut out, mut shift) = (0u64, 0);
    for (at, byte) in bytes.enumerate() {
        let byte = byte?;
        let low = u64::from(byte & 0x7f);
        if shift > 63 || (low << shift) >> shift != low {
            break;
        }
        out |= low << shift;
        if byte < 0x80 {
            return Ok((out, at + 1));
        }
        shift += 7;
    }
    Err(RangesError::Layout("number too large"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use std::io::Write;
    use std::net::{Ipv4Addr, Ipv6Addr};

    fn v4(bits: u32) -> IpAddr {
        Ipv4Addr::from_bits(bits).into()
    }

    #[test]
    fn the_shipped_table_reads_and_stays_small() {
        let table = Ranges::read(crate::enrich::RANGES).unwrap();
        assert!(crate::enrich::RANGES.len() < 3_000_000);
        assert!(table.memory() < 20_000_000, "{}", table.memory());
        assert_eq!(table.find("8.8.8.8".parse().unwrap()), Found { asn: 15169, org: "Google LLC", country: "US" });
        assert_eq!(table.find("0.0.0.1".parse().unwrap()), Found::default());
        assert_eq!(table.find("ffff::".parse().unwrap()), Found::default());
    }

    #[test]
    fn an_inner_range_wins_and_the_outer_goes_on_after_it() {
        let range = |first, last, value| Range { first, last, value };
        let sources = Sources {
            systems: [1, 2, 3].map(|n| (n, format!("AS{n}"))).to_vec(),
            v4_systems: vec![
                range(10, 100, 1),
                range(20, 30, 2),
                range(25, 26, 3),
                range(90, 120, 2),
                range(u128::from(u32::MAX), u128::from(u32::MAX), 3),
            ],
            ..Sources::default()
        };
        let table = Ranges::read(&encode(&sources).unwrap()).unwrap();
        for (at, asn) in
            [(9, 0), (10, 1), (19, 1), (20, 2), (25, 3), (26, 3), (27, 2), (30, 2), (31, 1), (90, 2), (120, 2), (121, 0), (u32::MAX, 3)]
        {
            assert_eq!(table.find(v4(at)).asn, asn, "{at}");
        }
        assert_eq!(table.find(v4(25)).org, "AS3");
    }

    #[test]
    fn damage_is_an_error_and_not_a_crash() {
        let good = encode(&Sources { systems: vec![(7, "x".to_owned())], ..Sources::default() }).unwrap();
        assert!(Ranges::read(&good).is_ok());
        for cut in 0..good.len() {
            assert!(Ranges::read(&good[..cut]).is_err(), "{cut}");
        }
        assert!(Ranges::read(b"not gzip").is_err());
    }

    proptest! {
        /// What is written is what is found, for ranges that do not overlap.
        #[test]
        fn every_key_finds_its_range(mut cuts in proptest::collection::btree_set(any::<u64>(), 2..40)) {
            let cuts: Vec<u64> = std::mem::take(&mut cuts).into_iter().collect();
            let ranges: Vec<Range<u32>> = cuts
                .chunks_exact(2)
                .enumerate()
                .map(|(n, pair)| Range { first: u128::from(pair[0]) << 64, last: (u128::from(pair[1]) << 64) - 1, value: n as u32 + 1 })
                .collect();
            let systems = ranges.iter().map(|r| (r.value, format!("n{}", r.value))).collect();
            let table = Ranges::read(&encode(&Sources { systems, v6_systems: ranges.clone(), ..Sources::default() }).unwrap()).unwrap();
            for (n, range) in ranges.iter().enumerate() {
                let at = |bits: u128| table.find(Ipv6Addr::from_bits(bits).into()).asn;
                prop_assert_eq!(at(range.first), range.value);
                prop_assert_eq!(at(range.last), range.value);
                let next = ranges.get(n + 1).map_or(0, |next| if next.first == range.last + 1 { next.value } else { 0 });
                prop_assert_eq!(at(range.last + 1), next);
            }
        }

        /// Random bytes behind a right gzip wrapper must not bring the reader down.
        #[test]
        fn noise_is_an_error(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
            gz.write_all(MAGIC).unwrap();
            gz.write_all(&noise).unwrap();
            let _ = Ranges::read(&gz.finish().unwrap());
        }
    }
}
