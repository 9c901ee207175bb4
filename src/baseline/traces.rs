//! Traces of values that had to go for lack of room (`detection.md` 2.3): enough to tell a value that comes back from one
//! never seen, in at most two kilobytes. A value never seen is taken for one that came back about once in 16,000.

use crate::model::Sym;
use serde::{Deserialize, Serialize};

/// Buckets, chosen by eight bits of the symbol.
const BUCKETS: usize = 256;
/// Fingerprints of sixteen bits in a bucket, the latest first.
const SLOTS: usize = 4;

/// Fingerprints of the values evicted last: at most 1,024, about four per bucket. Nothing is kept before the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traces {
    slots: Vec<u16>,
}

impl Traces {
    /// Leaves a trace of a value; the oldest of its bucket is forgotten.
    pub fn leave(&mut self, value: Sym) {
        if self.slots.is_empty() {
            self.slots = vec![0; BUCKETS * SLOTS];
        }
        let (from, print) = place(value);
        let Some(bucket) = self.slots.get_mut(from..from + SLOTS) else { return };
        // One seen already moves to the front, any other pushes the last one out.
        let at = bucket.iter().position(|p| *p == print).unwrap_or(SLOTS - 1);
        bucket.copy_within(..at, 1);
        bucket[0] = print;
    }

    /// Whether a value left a trace that is still there.
    pub fn has(&self, value: Sym) -> bool {
        let (from, print) = place(value);
        self.slots.get(from..from + SLOTS).is_some_and(|bucket| bucket.contains(&print))
    }
}

/// Where the bucket of a value begins, and its fingerprint. Symbols are hashes, so their bits are as good as any; small
/// numbers are spread first, for the few symbols that are none.
fn place(value: Sym) -> (usize, u16) {
    let mixed = value.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 56) as usize * SLOTS, ((mixed >> 40) as u16).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_is_recognised_and_what_never_came_is_not() {
        let mut traces = Traces::default();
        assert!(!traces.has(Sym(1)));
        for i in 0..300 {
            traces.leave(Sym::of(&format!("gone {i}")));
        }
        let kept = (0..300).filter(|i| traces.has(Sym::of(&format!("gone {i}")))).count();
        assert!(kept >= 295, "{kept}");
        for _ in 0..20 {
            for i in 300..3_000 {
                traces.leave(Sym::of(&format!("gone {i}")));
            }
        }
        let wrong = (0..100_000).filter(|i| traces.has(Sym::of(&format!("never {i}")))).count();
        assert!(wrong <= 20, "about six of 100,000 expected: {wrong}");
        assert!(traces.slots.len() * 2 <= 2_048, "two kilobytes, however many go");
    }

    #[test]
    fn the_latest_stay_and_a_repeat_takes_no_room() {
        // Five values of one bucket, found by trying.
        let bucket = place(Sym(1)).0;
        let same: Vec<Sym> = (1..).map(Sym).filter(|s| place(*s).0 == bucket).take(5).collect();
        let mut traces = Traces::default();
        for s in &same[..4] {
            traces.leave(*s);
        }
        traces.leave(same[0]);
        traces.leave(same[4]);
        assert!(!traces.has(same[1]), "the oldest went");
        assert!([0, 2, 3, 4].iter().all(|i| traces.has(same[*i])));
    }
}
