//! Stepping warm states over what a live feed brings. The end is the same as folding everything again; only the work is
//! less.

use super::super::context::Declarations;
use super::share::Outcome;
use super::{FoldReport, Folding, Touched, fleet, fold_reader, identity_of, is_judged, judged, with_provider_ids};
use crate::detect::{IdentityFold, view};
use crate::model::{Day, EventId, Observation, Timestamp};
use crate::store::{PrincipalRow, Reader, Store, StoreError, Writer};
use std::collections::{BTreeMap, BTreeSet};

/// Events of the principals of an identity on a day after a key, in order.
fn observed(reading: &mut Reader, members: &[u32], day: Day, after: Option<(Timestamp, EventId)>) -> Result<Vec<Observation>, StoreError> {
    let mut events = Vec::new();
    for member in members {
        reading.observe_after(*member, day, after, &mut |o| events.push(o))?;
    }
    if members.len() > 1 {
        events.sort_by_key(Observation::key);
    }
    Ok(events)
}

impl Folding {
    /// Steps warm states over what a commit added: the live path. An event out of order inside the open day folds that
    /// day again; one of a closed day folds the identity again from there.
    pub fn advance(&mut self, store: &Store, writer: &mut Writer, touched: &Touched) -> Result<FoldReport, StoreError> {
        let (mut reading, names) = match self.readers.take() {
            Some(readers) => readers,
            None => (fold_reader(store)?, fold_reader(store)?),
        };
        let result = self.advance_with(store, writer, touched, &mut reading, &names);
        self.readers = Some((reading, names));
        result
    }

    fn advance_with(
        &mut self,
        store: &Store,
        writer: &mut Writer,
        touched: &Touched,
        reading: &mut Reader,
        names: &Reader,
    ) -> Result<FoldReport, StoreError> {
        let mut days_of: BTreeMap<u32, BTreeSet<Day>> = BTreeMap::new();
        for (day, principals) in touched {
            for p in principals {
                days_of.entry(*p).or_default().insert(*day);
            }
        }
        // Principals that are one identity are stepped as one.
        let mut whole: BTreeMap<u32, (PrincipalRow, BTreeSet<Day>)> = BTreeMap::new();
        for (principal, days) in days_of {
            let Some(row) = names.principal(principal)? else { continue };
            whole.entry(row.id).or_insert_with(|| (row, BTreeSet::new())).1.extend(days);
        }
        let mut stale = BTreeMap::new();
        if self.fleet_is_behind(touched) {
            stale = self.renew_fleet(writer, names)?;
        }
        self.ground.declarations = Declarations::read(names, &self.ground.declarations)?;
        let decisions = names.decisions_by_identity()?;
        let mut outcomes = Vec::new();
        for (principal, (row, days)) in &whole {
            let Some(from) = days.first().copied().filter(|_| !stale.contains_key(&row.id)) else { continue };
            let members: Vec<u32> = row.members().collect();
            for member in members.iter().filter(|member| *member != principal) {
                // It was an identity of its own until it was joined.
                self.states.remove(member);
            }
            if let Some(day) = row.stale.filter(|day| row.is_joined() && *day < from) {
                // It was joined just now: both sides are folded together from where they begin.
                self.states.remove(principal);
                stale.insert(row.id, day);
                continue;
            }
            let identity = identity_of(names, row)?;
            let warm = |state: &IdentityFold| is_judged(identity.class) && state.day().is_some_and(|open| open <= from);
            let Some(mut state) = self.states.remove(principal).filter(warm) else {
                stale.insert(*principal, from);
                continue;
            };
            let declared = self.ground.declarations.of(&identity);
            let mut events = 0;
            for day in days {
                let decisions = decisions.get(&identity.id).map_or(&[][..], Vec::as_slice);
                let ctx = self.ground.context(names, (&identity, &declared), decisions, fleet::before(&self.ground.fleet, *day));
                let open = state.day() == Some(*day);
                let after = if open { state.newest() } else { None };
                let mut fresh = observed(reading, &members, *day, after)?;
                let stored = members.iter().map(|member| names.day_events(*member, *day)).sum::<Result<u64, StoreError>>()?;
                if open && state.calls() + fresh.len() as u64 != stored {
                    // Something came out of order: the day is folded again, whole.
                    state.restart_day();
                    fresh = observed(reading, &members, *day, None)?;
                }
                for o in &fresh {
                    state.step(o, &ctx);
                }
                events += fresh.len() as u64;
            }
            let ctx =
                self.ground.context(names, (&identity, &declared), &[], fleet::before(&self.ground.fleet, state.day().unwrap_or_default()));
            let (from, alerts) = state.take(&ctx).unwrap_or((Timestamp(i64::MAX), Vec::new()));
            let view = view::of(state.profile(), names);
            outcomes.push(Outcome {
                principal: *principal,
                seen: row.events,
                identity: identity.id.clone(),
                from,
                alerts: with_provider_ids(alerts, names)?,
                state,
                view,
                events,
                folded: true,
            });
        }
        let mut report = FoldReport::default();
        self.hand_over(writer, outcomes, &mut report)?;
        if !stale.is_empty() {
            let rows: BTreeMap<u32, PrincipalRow> = names.principals()?.into_iter().map(|r| (r.id, r)).collect();
            let more = self.fold(store, writer, &rows, &stale, &names.days()?, &|_, _| {})?;
            report.identities += more.identities;
            report.events += more.events;
            report.alerts += more.alerts;
        }
        Ok(report)
    }

    /// Whether F has to be reduced again: a new day has begun, or a closed one has changed.
    fn fleet_is_behind(&self, touched: &Touched) -> bool {
        let newest = self.ground.fleet.keys().next_back();
        touched.keys().any(|day| newest.is_none_or(|newest| day != newest))
    }

    /// Reduces F again; the identities whose folds it concerns, with the day from which it does.
    fn renew_fleet(&mut self, writer: &mut Writer, names: &Reader) -> Result<BTreeMap<u32, Day>, StoreError> {
        let judged = judged(names, &names.principals()?)?;
        let fleet = fleet::by_day(names, &names.days()?, &judged)?;
        // The newest day is still open: nobody has been judged against it.
        let newest = fleet.keys().next_back().copied();
        let changed = Self::changed_fleet(names, &fleet)?.filter(|day| newest.is_some_and(|newest| *day <= newest));
        self.ground.fleet = fleet;
        let behind = changed.map(|day| judged.iter().map(|id| (*id, day)).collect()).unwrap_or_default();
        writer.put_fleet(&self.fleet_days(), &behind)?;
        Ok(behind)
    }
}
