//! Two callers at once on one credential: how often they take turns inside a day (`detection.md` 2.8). A signature is
//! whatever tells callers apart; this file must not know what is in it, nor whether two callers are allowed.

use crate::model::sym::prefix;
use crate::model::time::MINUTE;
use crate::model::{Sym, Timestamp};
use serde::{Deserialize, Serialize};

/// A turn back within this time is an alternation.
const WINDOW: i64 = 15 * MINUTE;
/// Alternations between two signatures from which they interleave.
pub const ENOUGH: u32 = 2;
/// Signatures kept per credential and day; the one unseen for longest makes room.
const SIGNATURES: usize = 16;
/// Pairs whose turns are counted; the one with fewest, then the earliest, makes room.
const PAIRS: usize = 32;

/// The symbol of an unordered pair, so that [`super::Values`] can learn pairs.
pub fn pair(a: Sym, b: Sym) -> Sym {
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    Sym(prefix(&[b"pair", &low.0.to_be_bytes(), &high.0.to_be_bytes()]).max(1))
}

/// Two signatures that took turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turns {
    /// The one that came back.
    pub back: Sym,
    /// The one in between.
    pub between: Sym,
    /// Times one came back to the other within fifteen minutes, today.
    pub alternations: u32,
    /// Latest of them.
    pub at: Timestamp,
}

impl Turns {
    /// The pair, unordered.
    pub fn pair(&self) -> Sym {
        pair(self.back, self.between)
    }
}

/// The callers of one credential on one day; fed in time order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interleaving {
    /// Signatures with when they were last seen, in the order of their first sight.
    seen: Vec<(Sym, Timestamp)>,
    current: Sym,
    turns: Vec<Turns>,
}

impl Interleaving {
    /// Takes a call in. Answers the two signatures that take turns when this call is an alternation A → B → A within 15
    /// minutes and at least the second between them; absent signatures are nobody.
    pub fn add(&mut self, time: Timestamp, signature: Sym) -> Option<Turns> {
        if signature.is_none() {
            return None;
        }
        let before = self.seen.iter().find(|(s, _)| *s == signature).map(|(_, t)| *t);
        let from = std::mem::replace(&mut self.current, signature);
        match self.seen.iter_mut().find(|(s, _)| *s == signature) {
            Some((_, last)) => *last = time.max(*last),
            None => self.meet(time, signature),
        }
        let alternates = from.is_some() && from != signature && before.is_some_and(|t| (0..=WINDOW).contains(&time.since(t)));
        if !alternates {
            return None;
        }
        let turns = self.count(time, signature, from);
        (turns.alternations >= ENOUGH).then_some(turns)
    }

    fn meet(&mut self, time: Timestamp, signature: Sym) {
        if self.seen.len() >= SIGNATURES
            && let Some(oldest) = self.seen.iter().enumerate().min_by_key(|(_, (s, t))| (*t, *s)).map(|(i, _)| i)
        {
            self.seen.remove(oldest);
        }
        self.seen.push((signature, time));
    }

    fn count(&mut self, time: Timestamp, back: Sym, between: Sym) -> Turns {
        let known = self.turns.iter_mut().find(|t| (t.back == back && t.between == between) || (t.back == between && t.between == back));
        if let Some(turns) = known {
            turns.alternations += 1;
            (turns.back, turns.between, turns.at) = (back, between, time);
            return *turns;
        }
        if self.turns.len() >= PAIRS
            && let Some(least) = self.turns.iter().enumerate().min_by_key(|(_, t)| (t.alternations, t.at)).map(|(i, _)| i)
        {
            self.turns.remove(least);
        }
        let turns = Turns { back, between, alternations: 1, at: time };
        self.turns.push(turns);
        turns
    }

    /// Pairs that took turns at least twice today, in the order in which they first did.
    pub fn interleaved(&self) -> impl Iterator<Item = &Turns> {
        self.turns.iter().filter(|t| t.alternations >= ENOUGH)
    }

    /// Signatures seen today, by symbol (at most sixteen, the latest).
    pub fn signatures(&self) -> Vec<Sym> {
        let mut out: Vec<Sym> = self.seen.iter().map(|(s, _)| *s).collect();
        out.sort_unstable();
        out
    }

    /// What the day leaves to learn: every unordered pair of signatures seen on it, each with its alternations (at least
    /// 1, as events), sorted by symbol. The order of calls changes the counts, never which pairs there are, as long as
    /// there are at most sixteen signatures.
    pub fn day_pairs(&self) -> Vec<(Sym, u64)> {
        let signatures = self.signatures();
        let mut out = Vec::new();
        for (i, a) in signatures.iter().enumerate() {
            for b in signatures.iter().skip(i + 1) {
                let sym = pair(*a, *b);
                let turns = self.turns.iter().find(|t| t.pair() == sym).map_or(0, |t| t.alternations);
                out.push((sym, u64::from(turns.max(1))));
            }
        }
        out.sort_unstable();
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fed(calls: &[(i64, u64)]) -> (Interleaving, Option<Turns>) {
        let mut day = Interleaving::default();
        let mut last = None;
        for (minute, signature) in calls {
            last = day.add(Timestamp(minute * MINUTE), Sym(*signature));
        }
        (day, last)
    }

    #[test]
    fn alternations_by_hand() {
        for (name, calls, interleaved) in [
            ("one caller", vec![(0, 1), (1, 1), (2, 1)], None),
            ("a hand-over", vec![(0, 1), (1, 1), (2, 2), (3, 2)], None),
            ("there and back once", vec![(0, 1), (1, 2), (2, 1)], None),
            ("twice", vec![(0, 1), (1, 2), (2, 1), (3, 2)], Some(2)),
            ("three times", vec![(0, 1), (1, 2), (2, 1), (3, 2), (4, 1)], Some(3)),
            ("too far apart", vec![(0, 1), (8, 2), (16, 1), (24, 2), (32, 1)], None),
            ("through a third", vec![(0, 1), (1, 2), (2, 3), (3, 1), (4, 2), (5, 3)], None),
            ("nobody in between", vec![(0, 1), (1, 0), (2, 1), (3, 0), (4, 1)], None),
            ("a burst of one inside", vec![(0, 1), (1, 2), (2, 2), (3, 2), (4, 1), (5, 2)], Some(2)),
        ] {
            let (day, last) = fed(&calls);
            assert_eq!(last.map(|t| t.alternations), interleaved, "{name}");
            assert_eq!(day.interleaved().map(|t| t.alternations).next(), interleaved, "{name}");
        }
    }

    #[test]
    fn exactly_fifteen_minutes_is_within() {
        let (_, last) = fed(&[(0, 1), (7, 2), (15, 1), (22, 2)]);
        assert_eq!(last.map(|t| (t.back, t.between, t.alternations)), Some((Sym(2), Sym(1), 2)));
    }

    #[test]
    fn a_pair_has_no_order_and_its_day_is_learned_once() {
        assert_eq!(pair(Sym(1), Sym(2)), pair(Sym(2), Sym(1)));
        assert_ne!(pair(Sym(1), Sym(2)), pair(Sym(1), Sym(3)));
        let (day, _) = fed(&[(0, 1), (1, 2), (2, 1), (3, 2), (600, 3)]);
        let mut want = vec![(pair(Sym(1), Sym(2)), 2), (pair(Sym(1), Sym(3)), 1), (pair(Sym(2), Sym(3)), 1)];
        want.sort_unstable();
        assert_eq!(day.day_pairs(), want);
    }

    #[test]
    fn a_flood_of_callers_stays_small() {
        let mut day = Interleaving::default();
        for i in 0..5_000i64 {
            day.add(Timestamp(i * 1_000), Sym(1 + i as u64 % 97));
        }
        assert!(day.seen.len() <= SIGNATURES && day.turns.len() <= PAIRS);
        assert!(day.day_pairs().len() <= SIGNATURES * (SIGNATURES - 1) / 2);
        // Two that take turns amid the flood are still found.
        let mut found = None;
        for i in 0..4i64 {
            found = day.add(Timestamp(6_000_000 + i * 1_000), Sym(500 + i as u64 % 2));
        }
        assert_eq!(found.map(|t| t.alternations), Some(2));
    }

    proptest! {
        #[test]
        fn which_pairs_a_day_leaves_does_not_depend_on_order(calls in proptest::collection::vec((0i64..1_440, 1u64..8), 1..40)) {
            let mut sorted = calls.clone();
            sorted.sort_unstable();
            let keys = |calls: &[(i64, u64)]| fed(calls).0.day_pairs().into_iter().map(|(s, _)| s).collect::<Vec<_>>();
            prop_assert_eq!(keys(&calls), keys(&sorted));
        }
    }
}
