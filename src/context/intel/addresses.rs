//! What a file says of address ranges, as a staircase: each step holds up to the next. Where ranges overlap the narrower
//! one wins. It must not know which formats there are.

use super::IntelError;
use crate::model::Network;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::IpAddr;

/// Ranges of one file that are taken.
pub const MOST: usize = 8_000_000;
/// Longest name of an organisation or label, in bytes.
const LONGEST: usize = 128;

/// What is said of a range; what is empty is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fact {
    /// Autonomous system number, 0 where unknown.
    pub asn: u32,
    /// Its organisation.
    pub org: String,
    /// ISO 3166 country, two capital letters.
    pub country: String,
    /// Class of network.
    pub network: Option<Network>,
    /// Cloud or provider.
    pub label: String,
}

impl Fact {
    /// A fact with every text cut to what fits a screen; a country that is none is left out.
    #[must_use]
    pub fn tidy(mut self) -> Self {
        for text in [&mut self.org, &mut self.label] {
            let trimmed = text.trim();
            let end = trimmed.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= LONGEST).last().unwrap_or(0);
            *text = trimmed[..end].to_owned();
        }
        self.country.make_ascii_uppercase();
        // ZZ and the likes stand for nothing.
        if self.country.len() != 2 || !self.country.bytes().all(|b| b.is_ascii_uppercase()) || matches!(self.country.as_str(), "ZZ" | "XX")
        {
            self.country.clear();
        }
        self
    }

    /// Whether anything is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Steps in increasing order: (first address, place of the fact + 1; 0 for nothing).
type Steps<K> = Vec<(K, u32)>;

/// What a file says of addresses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AddressSet {
    facts: Vec<Fact>,
    v4: Steps<u32>,
    v6: Steps<u128>,
    /// Autonomous systems the file names by number alone, in order, with the place of the fact.
    systems: Vec<(u32, u32)>,
}

impl AddressSet {
    /// What is said of an address.
    pub fn find(&self, ip: IpAddr) -> Option<&Fact> {
        let place = match ip {
            IpAddr::V4(v4) => step(&self.v4, v4.to_bits()),
            IpAddr::V6(v6) => step(&self.v6, v6.to_bits()),
        };
        self.facts.get((place as usize).checked_sub(1)?)
    }

    /// What is said of an autonomous system by its number.
    pub fn system(&self, asn: u32) -> Option<&Fact> {
        let at = self.systems.binary_search_by_key(&asn, |(number, _)| *number).ok()?;
        self.facts.get(self.systems.get(at)?.1 as usize)
    }

    /// Whether it tells a class of network, and whether it tells systems or countries: what it is for.
    pub fn tells(&self) -> (bool, bool) {
        (self.facts.iter().any(|f| f.network.is_some()), self.facts.iter().any(|f| f.asn != 0 || !f.country.is_empty()))
    }

    /// Whether a set that was kept can be searched.
    pub(super) fn is_sound(&self) -> bool {
        let facts = self.facts.len() as u32;
        self.v4.is_sorted_by_key(|(start, _)| *start)
            && self.v6.is_sorted_by_key(|(start, _)| *start)
            && self.systems.is_sorted_by_key(|(asn, _)| *asn)
            && self.v4.iter().all(|(_, place)| *place <= facts)
            && self.v6.iter().all(|(_, place)| *place <= facts)
    }
}

fn step<K: Copy + Ord>(steps: &[(K, u32)], key: K) -> u32 {
    let after = steps.partition_point(|(start, _)| *start <= key);
    after.checked_sub(1).and_then(|at| steps.get(at)).map_or(0, |(_, place)| *place)
}

/// Gathers ranges in any order.
#[derive(Debug, Default)]
pub struct Builder {
    facts: Vec<Fact>,
    places: HashMap<Fact, u32>,
    v4: Vec<(u32, u32, u32)>,
    v6: Vec<(u128, u128, u32)>,
    systems: Vec<(u32, u32)>,
    /// Ranges given.
    pub rows: u64,
}

impl Builder {
    fn place(&mut self, fact: &Fact) -> u32 {
        if let Some(place) = self.places.get(fact) {
            return *place;
        }
        self.facts.push(fact.clone());
        let place = self.facts.len() as u32;
        self.places.insert(fact.clone(), place);
        place
    }

    /// A range, both ends included. Ends of two families or in the wrong order are no range: `false`.
    pub fn range(&mut self, first: IpAddr, last: IpAddr, fact: &Fact) -> Result<bool, IntelError> {
        if self.v4.len() + self.v6.len() >= MOST {
            return Err(IntelError::TooLarge(format!("more than {MOST} ranges; take a smaller extract")));
        }
        let fits = match (first, last) {
            (IpAddr::V4(a), IpAddr::V4(b)) if a <= b => {
                let place = self.place(fact);
                join(&mut self.v4, a.to_bits(), b.to_bits(), place, |k| k.checked_add(1));
                true
            }
            (IpAddr::V6(a), IpAddr::V6(b)) if a <= b => {
                let place = self.place(fact);
                join(&mut self.v6, a.to_bits(), b.to_bits(), place, |k| k.checked_add(1));
                true
            }
            _ => false,
        };
        self.rows += u64::from(fits);
        Ok(fits)
    }

    /// A block.
    pub fn block(&mut self, net: IpNet, fact: &Fact) -> Result<bool, IntelError> {
        self.range(net.network(), net.broadcast(), fact)
    }

    /// An autonomous system by number alone.
    pub fn system(&mut self, asn: u32, fact: &Fact) -> Result<(), IntelError> {
        if self.systems.len() >= MOST {
            return Err(IntelError::TooLarge(format!("more than {MOST} systems; take a smaller extract")));
        }
        let place = self.place(fact) - 1;
        self.systems.push((asn, place));
        self.rows += 1;
        Ok(())
    }

    /// The set.
    pub fn finish(mut self) -> AddressSet {
        self.systems.sort_unstable();
        self.systems.dedup_by_key(|(asn, _)| *asn);
        AddressSet {
            facts: self.facts,
            v4: stairs(self.v4, |k| k.checked_add(1)),
            v6: stairs(self.v6, |k| k.checked_add(1)),
            systems: self.systems,
        }
    }
}

/// Neighbours that say the same are one range: most files list them one after the other.
fn join<K: Copy + Ord>(ranges: &mut Vec<(K, K, u32)>, first: K, last: K, place: u32, next: fn(K) -> Option<K>) {
    match ranges.last_mut() {
        Some((_, end, held)) if *held == place && next(*end) == Some(first) => *end = last,
        _ => ranges.push((first, last, place)),
    }
}

/// Ranges as a staircase. Sorted by their first address, wider ones first, the newest range still open is the one that
/// holds; where it ends the one below it holds again.
fn stairs<K: Copy + Ord>(mut ranges: Vec<(K, K, u32)>, next: fn(K) -> Option<K>) -> Steps<K> {
    ranges.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut out: Steps<K> = Vec::with_capacity(ranges.len());
    let mut put = |start: K, place: u32| {
        while out.last().is_some_and(|(last, _)| *last >= start) {
            out.pop();
        }
        if out.last().map_or(0, |(_, held)| *held) != place {
            out.push((start, place));
        }
    };
    // Ranges still open, the innermost last; their ends do not increase from the outermost to the innermost.
    let mut open: Vec<(K, u32)> = Vec::new();
    let close = |open: &mut Vec<(K, u32)>, put: &mut dyn FnMut(K, u32), until: Option<K>| {
        while let Some((end, _)) = open.last().copied().filter(|(end, _)| until.is_none_or(|until| *end < until)) {
            open.pop();
            if let Some(after) = next(end) {
                put(after, open.last().map_or(0, |(_, place)| *place));
            }
        }
    };
    for (first, last, place) in ranges {
        close(&mut open, &mut put, Some(first));
        put(first, place);
        // A range that ends before this one is hidden by it to its end.
        while open.last().is_some_and(|(end, _)| *end <= last) {
            open.pop();
        }
        open.push((last, place));
    }
    close(&mut open, &mut put, None);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    fn fact(asn: u32) -> Fact {
        Fact { asn, ..Fact::default() }
    }

    fn v4(bits: u32) -> IpAddr {
        Ipv4Addr::from_bits(bits).into()
    }

    #[test]
    fn the_narrower_range_wins_and_the_wider_goes_on_after_it() {
        let mut builder = Builder::default();
        for (first, last, asn) in [(25, 26, 3), (10, 100, 1), (20, 30, 2), (90, 120, 4), (u32::MAX, u32::MAX, 5)] {
            assert!(builder.range(v4(first), v4(last), &fact(asn)).unwrap());
        }
        assert!(!builder.range(v4(5), v4(4), &fact(9)).unwrap());
        assert!(!builder.range(v4(5), "::1".parse().unwrap(), &fact(9)).unwrap());
        let set = builder.finish();
        for (at, asn) in [(9, 0), (10, 1), (19, 1), (20, 2), (25, 3), (26, 3), (27, 2), (31, 1), (90, 4), (120, 4), (121, 0), (u32::MAX, 5)]
        {
            assert_eq!(set.find(v4(at)).map_or(0, |f| f.asn), asn, "{at}");
        }
        assert!(set.is_sound());
    }

    #[test]
    fn names_are_cut_and_countries_are_countries() {
        let fact = Fact { org: "é".repeat(100), country: "us".to_owned(), label: " x ".to_owned(), ..Fact::default() }.tidy();
        assert_eq!((fact.org.len(), fact.country.as_str(), fact.label.as_str()), (128, "US", "x"));
        assert!(Fact { country: "ZZ".to_owned(), ..Fact::default() }.tidy().is_empty());
    }

    proptest! {
        /// Any ranges in any order: the staircase says what a search through all of them would.
        #[test]
        fn stairs_agree_with_a_search(ranges in proptest::collection::vec((0u32..40, 0u32..40, 1u32..5), 0..12), at in 0u32..45) {
            let mut builder = Builder::default();
            let mut nested: Vec<(u32, u32, u32)> = Vec::new();
            for (a, b, asn) in ranges {
                let (first, last) = (a.min(b), a.max(b));
                // Crossing ranges have no narrower one; published lists do not have them.
                let crosses = |(x, y, _): &(u32, u32, u32)| (*x < first && first <= *y && *y < last) || (first < *x && *x <= last && last < *y) || (*x, *y) == (first, last);
                if nested.iter().any(crosses) {
                    continue;
                }
                nested.push((first, last, asn));
                builder.range(v4(first), v4(last), &fact(asn)).unwrap();
            }
            let set = builder.finish();
            prop_assert!(set.is_sound());
            let meant = nested.iter().filter(|(x, y, _)| (*x..=*y).contains(&at)).min_by_key(|(x, y, _)| y - x).map_or(0, |r| r.2);
            prop_assert_eq!(set.find(v4(at)).map_or(0, |f| f.asn), meant);
        }
    }
}
