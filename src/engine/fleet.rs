//! The fleet context F: what spans identities, one value per closed day. For now it is the number of judged identities
//! active in the thirty days up to it, which the roll-ups already know.

use crate::detect::Fleet;
use crate::model::Day;
use crate::store::{Reader, StoreError};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Days an identity counts as active after its last event.
const WINDOW: i32 = 30;

/// F of every day with events.
pub fn by_day(reader: &Reader, days: &[Day], judged: &BTreeSet<u32>) -> Result<BTreeMap<Day, Fleet>, StoreError> {
    let mut out = BTreeMap::new();
    let mut window: VecDeque<(Day, Vec<u32>)> = VecDeque::new();
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    for day in days {
        let active: Vec<u32> = reader.active(*day)?.into_iter().filter(|p| judged.contains(p)).collect();
        for p in &active {
            *counts.entry(*p).or_insert(0) += 1;
        }
        window.push_back((*day, active));
        while window.front().is_some_and(|(old, _)| day.0 - old.0 >= WINDOW) {
            for p in window.pop_front().map(|(_, gone)| gone).unwrap_or_default() {
                if let Some(n) = counts.get_mut(&p) {
                    *n -= 1;
                    if *n == 0 {
                        counts.remove(&p);
                    }
                }
            }
        }
        out.insert(*day, Fleet::of(counts.len() as u32));
    }
    Ok(out)
}

/// F(d − 1): that of the newest day before; before the first, the prior of one active identity.
pub fn before(fleet: &BTreeMap<Day, Fleet>, day: Day) -> Fleet {
    fleet.range(..day).next_back().map_or(Fleet::of(1), |(_, f)| *f)
}
