//! What is known about where a call came from and with what: an address becomes a [`Source`], a client string an
//! [`Agent`](crate::model::Agent) (see [`agent`]). Knowledge is shipped with the program and dated; the same version
//! gives the same answer on every machine; what was imported goes first. It must not know identities, baselines or files.

pub mod address;
pub mod agent;
mod imported;
mod networks;
pub mod ranges;

pub use imported::Import;

use crate::model::{Network, Source, Sym, sym};
use networks::Networks;
use ranges::{Ranges, RangesError};
use std::sync::{Arc, LazyLock};

/// The shipped table: who announces an address, where it is registered.
const RANGES: &[u8] = include_bytes!("../assets/ip/ranges.bin.gz");
/// Changes whenever the code here would give another answer for the same data: it is part of the version.
const REVISION: &str = "enrich 1";

/// One set of data behind the answers, for `doctor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// What it tells.
    pub name: String,
    /// Where it came from, with its licence; why it is missing where it could not be read.
    pub origin: String,
    /// Day of the data, `YYYY-MM-DD`; empty where it has none.
    pub date: String,
    /// Ranges or entries.
    pub rows: u64,
}

/// Knows addresses. Clones share the tables, which are read on first use.
#[derive(Clone, Debug)]
pub struct Enricher {
    tables: Arc<Tables>,
    /// In the order in which they came.
    imports: Arc<[Import]>,
}

#[derive(Debug)]
struct Tables {
    ranges: LazyLock<Result<Ranges, RangesError>>,
    networks: LazyLock<Networks>,
    version: LazyLock<String>,
}

/// One set of tables for the whole process: they cost 14 MB and a tenth of a second once.
static BUILTIN: LazyLock<Arc<Tables>> = LazyLock::new(|| {
    Arc::new(Tables {
        ranges: LazyLock::new(|| Ranges::read(RANGES)),
        networks: LazyLock::new(Networks::builtin),
        version: LazyLock::new(|| {
            let hash = sym::prefix(&[REVISION.as_bytes(), &[0xff], RANGES, &[0xff], networks::text().as_bytes()]);
            format!("{hash:016x}")
        }),
    })
});

impl Enricher {
    /// The knowledge shipped with the program.
    pub fn builtin() -> Self {
        Self { tables: Arc::clone(&BUILTIN), imports: Arc::default() }
    }

    /// The same with data that were imported, in the order in which they came: they take precedence.
    #[must_use]
    pub fn with_imports(mut self, imports: Vec<Import>) -> Self {
        self.imports = imports.into();
        self
    }

    /// What is known about a source as a log writes it: an address in any form ([`address::parse`]), the name of a
    /// provider's service, or any other text, of which nothing is known. Special blocks carry their RFC 6890 name in
    /// `label`.
    pub fn source(&self, text: &str) -> Source {
        let Some(ip) = address::parse(text) else { return named(text.trim()) };
        let text = ip.to_string();
        let block_text = address::block(ip);
        let mut source = Source {
            ip: Sym::of(&text),
            text,
            block: Sym::of(&block_text),
            block_text,
            asn: 0,
            org: String::new(),
            country: String::new(),
            network: Network::Unknown,
            label: String::new(),
        };
        if let Some((network, label)) = address::special(ip) {
            source.network = network;
            label.clone_into(&mut source.label);
        } else {
            let ranges = self.tables.ranges.as_ref().ok();
            let found = ranges.map(|ranges| ranges.find(ip)).unwrap_or_default();
            let (asn, org) = match imported::system(&self.imports, ip) {
                // A file of numbers alone leaves the names to the shipped table.
                Some((asn, "")) => (asn, ranges.and_then(|ranges| ranges.org(asn)).unwrap_or_default()),
                Some(told) => told,
                None => (found.asn, found.org),
            };
            let shipped = self.tables.networks.find(asn);
            let (network, label) = imported::network(&self.imports, ip, asn, shipped);
            source.asn = asn;
            org.clone_into(&mut source.org);
            imported::country(&self.imports, ip).unwrap_or(found.country).clone_into(&mut source.country);
            source.network = network;
            label.clone_into(&mut source.label);
        }
        source
    }

    /// Content hash of everything an answer depends on, sixteen hexadecimal digits.
    pub fn version(&self) -> String {
        if self.imports.is_empty() {
            return self.tables.version.clone();
        }
        let mut parts = vec![self.tables.version.as_bytes()];
        for import in &*self.imports {
            parts.extend([&[0xff][..], import.hash.as_bytes()]);
        }
        format!("{:016x}", sym::prefix(&parts))
    }

    /// The data behind the answers, with their dates. A table that could not be read says so in `origin`.
    pub fn datasets(&self) -> Vec<Dataset> {
        let mut out: Vec<Dataset> = match &*self.tables.ranges {
            Ok(ranges) => ranges.origins().iter().map(dataset).collect(),
            Err(error) => vec![Dataset { name: "addresses".to_owned(), origin: error.to_string(), date: String::new(), rows: 0 }],
        };
        out.push(Dataset {
            name: "networks".to_owned(),
            origin: "kept by hand with the program".to_owned(),
            date: String::new(),
            rows: self.tables.networks.count() as u64,
        });
        out.extend(self.imports.iter().map(|import| Dataset {
            name: import.name.clone(),
            origin: format!("imported from {}", import.origin),
            date: import.date.clone(),
            rows: import.rows,
        }));
        out
    }
}

fn dataset(origin: &ranges::Origin) -> Dataset {
    Dataset {
        name: origin.name.clone(),
        origin: format!("{} ({})", origin.origin, origin.licence),
        date: origin.date.clone(),
        rows: origin.rows,
    }
}

/// A source that is no address.
fn named(text: &str) -> Source {
    let label = address::service(text);
    Source {
        text: text.to_owned(),
        ip: if text.is_empty() { Sym::NONE } else { Sym::of(text) },
        block: Sym::NONE,
        block_text: String::new(),
        asn: 0,
        org: String::new(),
        country: String::new(),
        network: if label.is_some() { Network::Provider } else { Network::Unknown },
        label: label.unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_known_by_number_country_and_kind() {
        let enricher = Enricher::builtin();
        for (text, asn, country, network, label) in [
            ("52.94.236.248", 16509, "US", Network::Cloud, "aws"),
            ("8.8.8.8", 15169, "US", Network::Cloud, "gcp"),
            ("185.220.101.1", 60729, "DE", Network::Tor, "tor"),
            ("140.82.112.3", 36459, "US", Network::Cloud, "github"),
            ("20.42.0.1", 8075, "US", Network::Cloud, "azure"),
            ("51.15.0.1", 12876, "FR", Network::Hosting, "scaleway"),
            ("167.99.0.1:443", 14061, "US", Network::Hosting, "digitalocean"),
            ("[2600:1f18::1]:443", 14618, "US", Network::Cloud, "aws"),
            ("2a01:4f8::1", 24940, "DE", Network::Hosting, "hetzner"),
            ("10.0.0.1", 0, "", Network::Private, "private-use"),
            ("192.0.2.1", 0, "", Network::Unknown, "documentation"),
            ("AWS Internal", 0, "", Network::Provider, "aws"),
            ("redacted", 0, "", Network::Unknown, ""),
        ] {
            let source = enricher.source(text);
            let got = (source.asn, source.country.as_str(), source.network, source.label.as_str());
            assert_eq!(got, (asn, country, network, label), "{text}");
            assert_eq!(source.org.is_empty(), asn == 0, "{text}");
        }
    }

    #[test]
    fn every_form_of_one_address_is_one_source() {
        let enricher = Enricher::builtin();
        let one = enricher.source("35.249.253.232");
        for text in [" 035.249.253.232", "35.249.253.232:443", "[::ffff:35.249.253.232]:1", "::ffff:23f9:fde8"] {
            assert_eq!(enricher.source(text), one, "{text}");
        }
        assert_eq!(one.ip, Sym::of("35.249.253.232"));
        assert_eq!((one.block_text.as_str(), one.block), ("35.249.253.0/24", Sym::of("35.249.253.0/24")));
    }

    #[test]
    fn a_service_has_no_block() {
        let source = Enricher::builtin().source(" cloudformation.amazonaws.com ");
        assert_eq!((source.block, source.block_text.as_str()), (Sym::NONE, ""));
        assert_eq!(source.ip, Sym::of("cloudformation.amazonaws.com"));
        assert!(Enricher::builtin().source("  ").ip.is_none());
    }

    #[test]
    fn the_data_are_dated_and_their_version_is_a_hash() {
        let enricher = Enricher::builtin();
        let sets = enricher.datasets();
        assert_eq!(sets.iter().map(|s| s.date.as_str()).collect::<Vec<_>>(), ["2026-06-17", "2026-06-17", ""]);
        assert!(sets.iter().all(|s| s.rows > 100), "{sets:?}");
        let version = enricher.version();
        assert!(version.len() == 16 && version.bytes().all(|b| b.is_ascii_hexdigit()), "{version}");
        assert_eq!(version, enricher.clone().version());
    }
}
