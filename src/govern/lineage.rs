//! What becomes of alerts when a fold says something else: which vanish, which hand their triage over and to whom, which
//! are superseded. Pure over ids, onsets and events. The rule: what a person may have seen is never lost. It must not
//! know storage, nor what alerts say.

use crate::model::alert::EventRef;
use crate::model::{AlertId, EventId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// An alert as it stood before the fold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its id.
    pub id: AlertId,
    /// Whether somebody may have seen it.
    pub published: bool,
    /// First event of the episode.
    pub onset: Timestamp,
    /// Events it stands on.
    pub support: Vec<EventRef>,
}

/// An alert as the fold says it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// Its id.
    pub id: AlertId,
    /// First event of the episode.
    pub onset: Timestamp,
    /// Events it stands on.
    pub support: Vec<EventRef>,
}

/// What a folded alert takes over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inheritance {
    /// The stored alert that gives its triage.
    pub triage: AlertId,
    /// Stored alerts that become one with it and whose ids it keeps, in order.
    pub aliases: Vec<AlertId>,
}

/// What to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Never seen by anybody and no longer said: they go.
    pub vanish: Vec<AlertId>,
    /// Seen and without an heir: they stay, as superseded.
    pub supersede: Vec<AlertId>,
    /// Heirs.
    pub inherit: BTreeMap<AlertId, Inheritance>,
}

/// Compares what is stored in a span with what the fold now says of it.
///
/// A folded alert with a stored id is that alert. Any other published one goes to the folded alert that shares most
/// events with it (ties: earlier onset, then id). An heir keeps its own triage if it was published itself, else it takes
/// that of the parent with the earliest onset (ties: id).
pub fn reconcile(stored: &[Stored], folded: &[Folded]) -> Plan {
    let mut plan = Plan::default();
    let ids: BTreeSet<AlertId> = folded.iter().map(|new| new.id).collect();
    let supports: Vec<BTreeSet<(Timestamp, EventId)>> = folded.iter().map(|new| keys(&new.support)).collect();
    let mut parents: BTreeMap<AlertId, Vec<&Stored>> = BTreeMap::new();
    let own: BTreeSet<AlertId> = stored.iter().filter(|old| old.published && ids.contains(&old.id)).map(|old| old.id).collect();
    for old in stored.iter().filter(|old| !ids.contains(&old.id)) {
        if !old.published {
            plan.vanish.push(old.id);
            continue;
        }
        let events = keys(&old.support);
        let heir = folded
            .iter()
            .zip(&supports)
            .map(|(new, support)| (events.intersection(support).count(), new))
            .filter(|(shared, _)| *shared > 0)
            .min_by_key(|(shared, new)| (std::cmp::Reverse(*shared), new.onset, new.id));
        match heir {
            Some((_, new)) => parents.entry(new.id).or_default().push(old),
            None => plan.supersede.push(old.id),
        }
    }
    for (id, mut parents) in parents {
        parents.sort_by_key(|parent| (parent.onset, parent.id));
        let Some(first) = parents.first() else { continue };
        let triage = if own.contains(&id) { id } else { first.id };
        let mut aliases: Vec<AlertId> = parents.iter().map(|parent| parent.id).collect();
        aliases.sort_unstable();
        plan.inherit.insert(id, Inheritance { triage, aliases });
    }
    plan.vanish.sort_unstable();
    plan.supersede.sort_unstable();
    plan
}

/// Events by what names them everywhere: the store's numbers do not.
fn keys(support: &[EventRef]) -> BTreeSet<(Timestamp, EventId)> {
    support.iter().map(|event| (event.time, event.id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(ids: &[u64]) -> Vec<EventRef> {
        ids.iter().map(|id| EventRef { time: Timestamp(*id as i64), id: EventId(*id), principal: 1 }).collect()
    }

    fn old(id: u64, published: bool, onset: i64, support: &[u64]) -> Stored {
        Stored { id: AlertId(id), published, onset: Timestamp(onset), support: events(support) }
    }

    fn new(id: u64, onset: i64, support: &[u64]) -> Folded {
        Folded { id: AlertId(id), onset: Timestamp(onset), support: events(support) }
    }

    /// Protects what people have seen: every way an alert can change under them.
    #[test]
    fn what_becomes_of_alerts() {
        type Heirs<'a> = &'a [(u64, u64, &'a [u64])];
        type Case<'a> = (&'a str, Vec<Stored>, Vec<Folded>, &'a [u64], &'a [u64], Heirs<'a>);
        let cases: &[Case<'_>] = &[
            ("nothing stored", vec![], vec![new(1, 1, &[1])], &[], &[], &[]),
            ("the same id stays", vec![old(1, true, 1, &[1])], vec![new(1, 1, &[1, 2])], &[], &[], &[]),
            ("the same id stays without a shared event", vec![old(1, true, 1, &[1])], vec![new(1, 1, &[2])], &[], &[], &[]),
            ("unseen and unsaid: gone", vec![old(1, false, 1, &[1])], vec![], &[1], &[], &[]),
            ("unseen never hands over", vec![old(1, false, 1, &[1])], vec![new(2, 1, &[1])], &[1], &[], &[]),
            ("seen and unsaid: superseded", vec![old(1, true, 1, &[1])], vec![new(2, 5, &[5])], &[], &[1], &[]),
            ("an earlier event came late", vec![old(1, true, 2, &[2, 3])], vec![new(9, 1, &[1, 2, 3])], &[], &[], &[(9, 1, &[1])]),
            (
                "split: most shared events win",
                vec![old(1, true, 1, &[1, 2, 3])],
                vec![new(8, 1, &[1]), new(9, 2, &[2, 3])],
                &[],
                &[],
                &[(9, 1, &[1])],
            ),
            (
                "split, tie: earlier onset wins",
                vec![old(1, true, 1, &[1, 2])],
                vec![new(8, 2, &[2]), new(9, 1, &[1])],
                &[],
                &[],
                &[(9, 1, &[1])],
            ),
            (
                "merge: the earliest parent gives the triage",
                vec![old(1, true, 5, &[5]), old(2, true, 3, &[3]), old(3, false, 1, &[1])],
                vec![new(9, 1, &[1, 3, 5])],
                &[3],
                &[],
                &[(9, 2, &[1, 2])],
            ),
            (
                "merge into one that was seen itself: it keeps its own",
                vec![old(1, true, 1, &[1]), old(9, true, 3, &[3])],
                vec![new(9, 1, &[1, 3])],
                &[],
                &[],
                &[(9, 9, &[1])],
            ),
            (
                "merge into one nobody saw: the parent's triage counts",
                vec![old(1, true, 1, &[1]), old(9, false, 3, &[3])],
                vec![new(9, 1, &[1, 3])],
                &[],
                &[],
                &[(9, 1, &[1])],
            ),
        ];
        for (what, stored, folded, vanish, supersede, inherit) in cases {
            let ids = |ids: &[u64]| ids.iter().copied().map(AlertId).collect::<Vec<_>>();
            let inherit = inherit
                .iter()
                .map(|(to, triage, aliases)| (AlertId(*to), Inheritance { triage: AlertId(*triage), aliases: ids(aliases) }))
                .collect();
            let expected = Plan { vanish: ids(vanish), supersede: ids(supersede), inherit };
            assert_eq!(reconcile(stored, folded), expected, "{what}");
            let (mut backwards, mut fold) = (stored.clone(), folded.clone());
            backwards.reverse();
            fold.reverse();
            assert_eq!(reconcile(&backwards, &fold), expected, "{what}, in another order");
        }
    }
}
