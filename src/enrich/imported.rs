//! Address data that were imported, over the shipped ones: of what several files say the newest counts, of the class of
//! network the most telling. It must not know how the files were read.

use crate::context::intel::{AddressSet, Fact};
use crate::model::Network;
use std::net::IpAddr;

/// One file's data.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// Its name among the imports.
    pub name: String,
    /// The file, and whose it is.
    pub origin: String,
    /// Day of the data, `YYYY-MM-DD`; empty where it has none.
    pub date: String,
    /// Ranges.
    pub rows: u64,
    /// Content hash.
    pub hash: String,
    /// What it says.
    pub set: AddressSet,
}

/// How telling a class of network is, the most telling first. A company's own network is its own whatever lists say.
fn rank(network: Network) -> u8 {
    match network {
        Network::Corp => 0,
        Network::Tor => 1,
        Network::Vpn => 2,
        Network::Cloud => 3,
        Network::Hosting => 4,
        Network::Residential => 5,
        Network::Isp => 6,
        Network::Private | Network::Provider => 7,
        Network::Unknown => 8,
    }
}

/// The newest system an import knows for an address, with its organisation.
pub fn system(imports: &[Import], ip: IpAddr) -> Option<(u32, &str)> {
    newest(imports, ip).find(|fact| fact.asn != 0).map(|fact| (fact.asn, fact.org.as_str()))
}

/// The newest country an import knows for an address.
pub fn country(imports: &[Import], ip: IpAddr) -> Option<&str> {
    newest(imports, ip).map(|fact| fact.country.as_str()).find(|country| !country.is_empty())
}

/// The most telling class of network the imports know for an address or its system, with its label; `shipped` is what the
/// program knows. A list of hosting companies says no more of a cloud than is known.
pub fn network<'i>(imports: &'i [Import], ip: IpAddr, asn: u32, shipped: (Network, &'i str)) -> (Network, &'i str) {
    let by_number = imports.iter().rev().filter_map(|import| import.set.system(asn)).filter(|_| asn != 0);
    let told = newest(imports, ip).chain(by_number).filter_map(|fact| Some((fact.network?, fact.label.as_str())));
    match told.min_by_key(|(network, _)| rank(*network)) {
        Some((Network::Hosting, "")) if shipped.0 == Network::Cloud || shipped.0 == Network::Hosting => shipped,
        Some(told) => told,
        None => shipped,
    }
}

fn newest(imports: &[Import], ip: IpAddr) -> impl Iterator<Item = &Fact> {
    imports.iter().rev().filter_map(move |import| import.set.find(ip))
}

#[cfg(test)]
mod tests {
    use crate::context::intel::{self, Content};
    use crate::enrich::{Enricher, imported::Import};
    use crate::model::Network;

    pub fn import(name: &str, text: &str) -> Import {
        let read = intel::read(name, text.as_bytes(), None).unwrap();
        let hash = intel::hash(&read.body());
        let Content::Addresses(set) = read.content else { panic!("{name}") };
        Import { name: read.slot, origin: name.to_owned(), date: read.dated, rows: read.rows, hash, set }
    }

    #[test]
    fn imported_data_take_precedence_and_change_the_version() {
        let shipped = Enricher::builtin();
        assert_eq!(shipped.clone().with_imports(Vec::new()).version(), shipped.version());
        let imports = vec![
            import("old.csv", "start,end,asn,org,country\n8.8.8.0,8.8.8.255,14061,Old,DE\n"),
            import("new.csv", "start,end,asn,org\n8.8.8.0,8.8.8.127,64513,New\n"),
            import("x4b-vpn.txt", "8.8.8.8\n45.90.0.0/16\n"),
            import("tor.txt", "8.8.8.8\n"),
            import("datacenter-asn.txt", "AS15169\nAS8881\n"),
        ];
        let enricher = shipped.clone().with_imports(imports.clone());
        let got = |text: &str| {
            let source = enricher.source(text);
            (source.asn, source.org, source.country, source.network, source.label)
        };
        let is = |asn, org: &str, country: &str, network, label: &str| (asn, org.to_owned(), country.to_owned(), network, label.to_owned());
        assert_eq!(got("8.8.8.8"), is(64513, "New", "DE", Network::Tor, "tor"));
        assert_eq!(got("8.8.8.200"), is(14061, "Old", "DE", Network::Hosting, "digitalocean"), "the shipped word on the imported number");
        // Google's own number is on a list of hosting companies: it is still a cloud.
        assert_eq!((got("8.8.4.4").3, got("8.8.4.4").4.as_str()), (Network::Cloud, "gcp"));
        assert_eq!(got("45.90.1.1").3, Network::Vpn);
        // Special blocks are nobody's, whatever a list says.
        assert_eq!(got("10.0.0.1").3, Network::Private);
        assert_ne!(enricher.version(), shipped.version());
        assert_ne!(shipped.clone().with_imports(imports[1..].to_vec()).version(), enricher.version());
        assert_eq!(enricher.datasets().len(), shipped.datasets().len() + imports.len());
    }
}
