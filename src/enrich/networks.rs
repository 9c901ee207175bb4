//! What kind of network an autonomous system is, from the hand-kept table `assets/ip/networks.csv`. It must not know
//! addresses: only numbers of systems.

use crate::model::Network;

const TABLE: &str = include_str!("../../assets/ip/networks.csv");

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    first: u32,
    last: u32,
    network: Network,
    label: &'static str,
}

/// The table, sorted by number.
#[derive(Debug)]
pub struct Networks {
    entries: Vec<Entry>,
}

impl Networks {
    /// Reads the shipped table. A line that does not read is left out; a test holds that none is.
    pub fn builtin() -> Self {
        let mut entries: Vec<Entry> = lines().filter_map(entry).collect();
        entries.sort_by_key(|e| e.first);
        Self { entries }
    }

    /// Class and label of a system; unknown and empty where the table does not list it.
    pub fn find(&self, asn: u32) -> (Network, &'static str) {
        let after = self.entries.partition_point(|e| e.first <= asn);
        match after.checked_sub(1).and_then(|at| self.entries.get(at)) {
            Some(e) if asn <= e.last => (e.network, e.label),
            _ => (Network::Unknown, ""),
        }
    }

    /// Number of entries.
    pub fn count(&self) -> usize {
        self.entries.len()
    }
}

/// The bytes of the table, for the version of the data.
pub fn text() -> &'static str {
    TABLE
}

fn lines() -> impl Iterator<Item = &'static str> {
    TABLE.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn entry(line: &'static str) -> Option<Entry> {
    let mut parts = line.splitn(4, ',');
    let number = parts.next()?;
    let (first, last) = number.split_once('-').unwrap_or((number, number));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    let network = Network::from_word(parts.next()?)?;
    let label = parts.next()?;
    parts.next()?;
    (first <= last && first > 0).then_some(Entry { first, last, network, label })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::ranges::Ranges;

    #[test]
    fn every_line_reads_and_no_two_claim_a_number() {
        for line in lines() {
            assert!(entry(line).is_some(), "{line}");
        }
        let table = Networks::builtin();
        assert!(table.count() > 120);
        for pair in table.entries.windows(2) {
            assert!(pair[0].last < pair[1].first, "{pair:?}");
        }
    }

    #[test]
    fn every_number_is_announced_somewhere() {
        let ranges = Ranges::read(crate::enrich::RANGES).unwrap();
        for entry in &Networks::builtin().entries {
            // Ranges of numbers are reserved ones, which nobody should announce.
            assert!(entry.first < entry.last || ranges.org(entry.first).is_some(), "{entry:?}");
        }
    }

    #[test]
    fn numbers_find_their_class() {
        let table = Networks::builtin();
        assert_eq!(table.find(16509), (Network::Cloud, "aws"));
        assert_eq!(table.find(60729), (Network::Tor, "tor"));
        assert_eq!(table.find(64500), (Network::Unknown, "documentation"));
        assert_eq!(table.find(65551), (Network::Unknown, "documentation"));
        assert_eq!(table.find(65552), (Network::Unknown, ""));
        assert_eq!(table.find(0), (Network::Unknown, ""));
    }
}
