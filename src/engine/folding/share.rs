//! Folding a share of the identities, day by day, on a thread of its own. What the threads have in common does not change
//! while they run.

use super::super::context::Declarations;
use super::{fleet, fold_reader, identity_of, is_judged, with_provider_ids};
use crate::detect::{Context, Declared, Fleet, IdentityFold, Settings, view};
use crate::model::decision::Decision;
use crate::model::identity::IdentityRef;
use crate::model::page::ProfileView;
use crate::model::{Day, Observation, Timestamp};
use crate::store::{Dictionaries, FoldedAlert, PrincipalRow, Reader, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// What every fold stands on.
pub(super) struct Ground {
    /// The model.
    pub settings: Settings,
    /// Hashes of model and context.
    pub hashes: (String, String),
    /// F of each day.
    pub fleet: BTreeMap<Day, Fleet>,
    /// What people declared.
    pub declarations: Declarations,
    /// The store's dictionaries, read once for all threads of a fold.
    pub dictionaries: Option<Dictionaries>,
}

/// What one identity's fold hands over.
pub(super) struct Outcome {
    pub principal: u32,
    /// Events stored of it when the fold began.
    pub seen: u64,
    pub identity: String,
    pub from: Timestamp,
    pub alerts: Vec<FoldedAlert>,
    pub state: IdentityFold,
    pub view: ProfileView,
    pub events: u64,
    pub folded: bool,
}

impl Ground {
    /// Folds a share of the identities, each from its snapshot before the day it is stale from.
    pub(super) fn fold_share(
        &self,
        store: &Store,
        rows: &BTreeMap<u32, PrincipalRow>,
        share: &BTreeMap<u32, Day>,
        days: &[Day],
        progress: &(dyn Fn(Day, u64) + Sync),
    ) -> Result<Vec<Outcome>, StoreError> {
        let open = || -> Result<Reader, StoreError> {
            let reader = fold_reader(store)?;
            Ok(if let Some(like) = &self.dictionaries { reader.with_dictionaries(like) } else { reader })
        };
        let (names, mut reading) = (open()?, open()?);
        let mut states: BTreeMap<u32, (IdentityFold, Day, u64)> = BTreeMap::new();
        let mut identities: BTreeMap<u32, (IdentityRef, Declared)> = BTreeMap::new();
        let mut out = Vec::new();
        for (id, from) in share {
            let Some(row) = rows.get(id) else { continue };
            let identity = identity_of(&names, row)?;
            if is_judged(identity.class) {
                let start = names
                    .snapshot(*id, Day(from.0.saturating_sub(1)))?
                    .and_then(|(day, bytes)| Some((IdentityFold::restore(&bytes)?, day)));
                let (state, begin) = start.map_or_else(|| (IdentityFold::default(), Day(i32::MIN)), |(s, day)| (s, day.next()));
                states.insert(*id, (state, begin, 0));
                let declared = self.declarations.of(&identity);
                identities.insert(*id, (identity, declared));
            } else {
                // It may have been judged before its records told what it is.
                out.push(Outcome {
                    principal: *id,
                    seen: row.events,
                    identity: identity.id,
                    from: Timestamp(i64::MIN),
                    alerts: Vec::new(),
                    state: IdentityFold::default(),
                    view: ProfileView::default(),
                    events: 0,
                    folded: false,
                });
            }
        }
        // Principals that are one identity are folded as one, in the order of their events.
        let whose: BTreeMap<u32, u32> = states
            .keys()
            .filter_map(|id| rows.get(id).filter(|row| row.is_joined()))
            .flat_map(|row| row.members().map(|member| (member, row.id)))
            .collect();
        let decisions = names.decisions_by_identity()?;
        let begin = states.values().map(|(_, begin, _)| *begin).min().unwrap_or_default();
        let mut held: Vec<Observation> = Vec::new();
        for day in days.iter().filter(|d| **d >= begin) {
            let due: BTreeSet<u32> = states.iter().filter(|(_, (_, from, _))| from <= day).map(|(id, _)| *id).collect();
            if due.is_empty() {
                continue;
            }
            let members: BTreeSet<u32> = due.iter().filter_map(|id| rows.get(id)).flat_map(PrincipalRow::members).collect();
            let mut gathered: BTreeMap<u32, Vec<Observation>> = BTreeMap::new();
            let fleet = fleet::before(&self.fleet, *day);
            let mut current = None;
            let mut step = |principal: u32, held: &mut Vec<Observation>| {
                if let (Some((state, _, events)), Some((identity, declared))) = (states.get_mut(&principal), identities.get(&principal)) {
                    let decisions = decisions.get(&identity.id).map_or(&[][..], Vec::as_slice);
                    let ctx = self.context(&names, (identity, declared), decisions, fleet);
                    for o in held.iter() {
                        state.step(o, &ctx);
                    }
                    *events += held.len() as u64;
                }
                held.clear();
            };
            reading.observe(*day, Some(&members), &mut |principal, o| {
                if let Some(identity) = whose.get(&principal) {
                    return gathered.entry(*identity).or_default().push(o);
                }
                if current != Some(principal)
                    && let Some(before) = current.replace(principal)
                {
                    step(before, &mut held);
                }
                held.push(o);
            })?;
            if let Some(last) = current {
                step(last, &mut held);
            }
            for (identity, mut events) in gathered {
                events.sort_by_key(Observation::key);
                step(identity, &mut events);
            }
            progress(*day, due.len() as u64);
        }
        for (principal, (state, begin, events)) in states {
            let Some((identity, declared)) = identities.remove(&principal) else { continue };
            let from = if begin == Day(i32::MIN) { Timestamp(i64::MIN) } else { begin.start() };
            let last = state.day().unwrap_or_default();
            let ctx = self.context(&names, (&identity, &declared), &[], fleet::before(&self.fleet, last));
            let (from, alerts) = state.since(from, &ctx);
            let alerts = with_provider_ids(alerts, &names)?;
            let view = view::of(state.profile(), &names);
            let seen = rows.get(&principal).map_or(0, |row| row.events);
            out.push(Outcome { principal, seen, identity: identity.id.clone(), from, alerts, state, view, events, folded: true });
        }
        Ok(out)
    }

    pub(super) fn context<'a>(
        &'a self,
        names: &'a Reader,
        (identity, declared): (&'a IdentityRef, &'a Declared),
        decisions: &'a [Decision],
        fleet: Fleet,
    ) -> Context<'a> {
        Context { settings: &self.settings, names, identity, declared, decisions, fleet, hashes: (&self.hashes.0, &self.hashes.1) }
    }
}
