//! The driver of the fold: which identities have to be folded from which day, their states, and what comes out of them
//! into the store. It decides when work is done, never what the result is: a load folds once over everything it touched,
//! a live feed steps warm states event by event, and both end in the same alerts. Identities run in parallel, days in
//! order. It must not know files or screens.

use super::fleet;
use crate::detect::{Context, Fleet, Folded, IdentityFold, Settings, view};
use crate::enrich;
use crate::model::identity::{Class, IdentityRef};
use crate::model::page::ProfileView;
use crate::model::{Day, Observation, Timestamp};
use crate::resolve;
use crate::store::{FoldedAlert, PrincipalRow, Reader, Store, StoreError, Writer};
use std::collections::{BTreeMap, BTreeSet};

/// Days that gained events, with the principals whose they are: what a commit reports.
pub type Touched = BTreeMap<Day, BTreeSet<u32>>;

/// What a fold changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoldReport {
    /// Identities folded.
    pub identities: u64,
    /// Events folded.
    pub events: u64,
    /// Alerts and findings handed to the store.
    pub alerts: u64,
}

/// Warm states and what is needed to step them.
pub struct Folding {
    settings: Settings,
    hashes: (String, String),
    shards: usize,
    /// Warm states; an identity that is not here is folded from its snapshot when it is next touched.
    states: BTreeMap<u32, IdentityFold>,
    fleet: BTreeMap<Day, Fleet>,
    keep: bool,
    /// Alerts and findings that changed since somebody last took this list.
    pub changed: Vec<crate::model::AlertId>,
}

/// What one identity's fold hands over.
struct Outcome {
    principal: u32,
    identity: String,
    from: Timestamp,
    alerts: Vec<Folded>,
    state: IdentityFold,
    view: ProfileView,
    events: u64,
    folded: bool,
}

/// Opens a reader with everything the fold needs to read observations.
pub fn reader(store: &Store) -> Result<Reader, StoreError> {
    Ok(store
        .reader()?
        .with_agent_parser(enrich::agent::parse)
        .with_kind_resolver(resolve::infer)
        .with_provider_ids(crate::format::provider_id))
}

/// The identity a principal resolves to: itself, until several are joined.
pub fn identity_of(row: &PrincipalRow) -> IdentityRef {
    let name = if row.name.is_empty() { resolve::display_name(&row.platform, &row.pid, "") } else { row.name.clone() };
    let (kind, class, _) = resolve::infer(row.evidence, &row.platform, &name);
    IdentityRef {
        id: row.pid.clone(),
        name,
        kind,
        class,
        platform: row.platform.clone(),
        tenant: (!row.tenant.is_empty()).then(|| row.tenant.clone()),
        owner: None,
    }
}

/// Whether an identity's behaviour is judged: people and the provider's own services are kept for lineage only.
pub fn is_judged(class: Class) -> bool {
    matches!(class, Class::Machine | Class::Unknown)
}

impl Folding {
    /// A driver over `shards` parallel shards. With `keep`, states stay warm for live feeds.
    pub fn new(settings: Settings, context: &str, shards: usize, keep: bool) -> Self {
        let hashes = (settings.hash(), context.to_owned());
        Self { settings, hashes, shards: shards.max(1), states: BTreeMap::new(), fleet: BTreeMap::new(), keep, changed: Vec::new() }
    }

    /// Folds whatever the store holds that was not folded yet: after a load, and after a kill.
    pub fn catch_up(&mut self, store: &Store, writer: &mut Writer, progress: &(dyn Fn(Day, u64) + Sync)) -> Result<FoldReport, StoreError> {
        let reader = reader(store)?;
        let rows = reader.principals()?;
        let days = reader.days()?;
        let mut stale: BTreeMap<u32, Day> = rows.iter().filter_map(|r| r.stale.map(|day| (r.id, day))).collect();
        let judged: BTreeSet<u32> = rows.iter().filter(|r| is_judged(identity_of(r).class)).map(|r| r.id).collect();
        if stale.is_empty() && !self.fleet.is_empty() {
            return Ok(FoldReport::default());
        }
        let fleet = fleet::by_day(&reader, &days, &judged)?;
        // A fleet day that changed concerns everyone from the day after.
        if let Some(changed) = self.changed_fleet(&reader, &fleet)? {
            for id in &judged {
                let from = stale.entry(*id).or_insert(changed);
                *from = (*from).min(changed);
            }
        }
        self.fleet = fleet;
        let rows: BTreeMap<u32, PrincipalRow> = rows.into_iter().map(|r| (r.id, r)).collect();
        let report = self.fold(store, writer, &rows, &stale, &days, progress)?;
        for (day, f) in &self.fleet {
            writer.put_fleet(*day, &f.active.to_be_bytes())?;
        }
        Ok(report)
    }

    /// First day after the earliest one whose F differs from the stored one; `None` where nothing stored differs.
    fn changed_fleet(&self, reader: &Reader, fleet: &BTreeMap<Day, Fleet>) -> Result<Option<Day>, StoreError> {
        for (day, f) in fleet {
            if let Some(bytes) = reader.fleet(*day)? {
                if bytes != f.active.to_be_bytes() {
                    return Ok(Some(day.next()));
                }
            }
        }
        Ok(None)
    }

    fn fold(
        &mut self,
        store: &Store,
        writer: &mut Writer,
        rows: &BTreeMap<u32, PrincipalRow>,
        stale: &BTreeMap<u32, Day>,
        days: &[Day],
        progress: &(dyn Fn(Day, u64) + Sync),
    ) -> Result<FoldReport, StoreError> {
        let mut shards: Vec<BTreeMap<u32, Day>> = vec![BTreeMap::new(); self.shards];
        for (id, from) in stale {
            self.states.remove(id);
            // By the principal's symbol, so that a shard's share does not depend on the order of storing.
            if let Some(row) = rows.get(id) {
                let shard = (row.sym.0 % self.shards as u64) as usize;
                shards[shard].insert(*id, *from);
            }
        }
        let this = &*self;
        let results: Vec<Result<Vec<Outcome>, StoreError>> = std::thread::scope(|scope| {
            let handles: Vec<_> =
                shards.iter().map(|share| scope.spawn(move || this.fold_shard(store, rows, share, days, progress))).collect();
            handles.into_iter().map(|h| h.join().unwrap_or_else(|_| Err(StoreError::damaged("a fold thread that died")))).collect()
        });
        let mut report = FoldReport::default();
        let mut outcomes = Vec::new();
        for result in results {
            outcomes.extend(result?);
        }
        outcomes.sort_by_key(|o| o.principal);
        self.hand_over(store, writer, outcomes, &mut report)?;
        Ok(report)
    }

    /// Folds a share of the identities, each from its snapshot before the day it is stale from.
    fn fold_shard(
        &self,
        store: &Store,
        rows: &BTreeMap<u32, PrincipalRow>,
        share: &BTreeMap<u32, Day>,
        days: &[Day],
        progress: &(dyn Fn(Day, u64) + Sync),
    ) -> Result<Vec<Outcome>, StoreError> {
        let names = reader(store)?;
        let mut reading = reader(store)?;
        let mut states: BTreeMap<u32, (IdentityFold, Day, u64)> = BTreeMap::new();
        let mut identities: BTreeMap<u32, IdentityRef> = BTreeMap::new();
        let mut out = Vec::new();
        for (id, from) in share {
            let Some(row) = rows.get(id) else { continue };
            let identity = identity_of(row);
            if is_judged(identity.class) {
                let start = names
                    .snapshot(*id, Day(from.0.saturating_sub(1)))?
                    .and_then(|(day, bytes)| Some((IdentityFold::restore(&bytes)?, day)));
                let (state, begin) = start.map_or_else(|| (IdentityFold::default(), Day(i32::MIN)), |(s, day)| (s, day.next()));
                states.insert(*id, (state, begin, 0));
                identities.insert(*id, identity);
            } else {
                // It may have been judged before its records told what it is.
                out.push(Outcome {
                    principal: *id,
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
        let decisions = names.decisions_by_identity()?;
        let begin = states.values().map(|(_, begin, _)| *begin).min().unwrap_or_default();
        let mut held: Vec<Observation> = Vec::new();
        for day in days.iter().filter(|d| **d >= begin) {
            let due: BTreeSet<u32> = states.iter().filter(|(_, (_, from, _))| from <= day).map(|(id, _)| *id).collect();
            if due.is_empty() {
                continue;
            }
            let fleet = fleet::before(&self.fleet, *day);
            let mut current = None;
            let mut step = |principal: u32, held: &mut Vec<Observation>| {
                if let (Some((state, _, events)), Some(identity)) = (states.get_mut(&principal), identities.get(&principal)) {
                    let ctx = self.context(&names, identity, decisions.get(&identity.id).map_or(&[][..], Vec::as_slice), fleet);
                    for o in held.iter() {
                        state.step(o, &ctx);
                    }
                    *events += held.len() as u64;
                }
                held.clear();
            };
            reading.observe(*day, Some(&due), &mut |principal, o| {
                if current != Some(principal) {
                    if let Some(before) = current.replace(principal) {
                        step(before, &mut held);
                    }
                }
                held.push(o);
            })?;
            if let Some(last) = current {
                step(last, &mut held);
            }
            progress(*day, due.len() as u64);
        }
        for (principal, (state, begin, events)) in states {
            let Some(identity) = identities.remove(&principal) else { continue };
            let from = if begin == Day(i32::MIN) { Timestamp(i64::MIN) } else { begin.start() };
            let last = state.day().unwrap_or_default();
            let ctx = self.context(&names, &identity, &[], fleet::before(&self.fleet, last));
            let (from, alerts) = state.since(from, &ctx);
            let view = view::of(state.profile(), &names);
            out.push(Outcome { principal, identity: identity.id.clone(), from, alerts, state, view, events, folded: true });
        }
        Ok(out)
    }

    fn context<'a>(
        &'a self,
        names: &'a Reader,
        identity: &'a IdentityRef,
        decisions: &'a [crate::model::decision::Decision],
        fleet: Fleet,
    ) -> Context<'a> {
        Context { settings: &self.settings, names, identity, decisions, fleet, hashes: (&self.hashes.0, &self.hashes.1) }
    }

    /// Writes what came out: alerts, views, snapshots, and how far each identity is folded.
    fn hand_over(&mut self, store: &Store, writer: &mut Writer, outcomes: Vec<Outcome>, report: &mut FoldReport) -> Result<(), StoreError> {
        let reader = reader(store)?;
        let mut views = Vec::new();
        let mut snapshots = Vec::new();
        let mut folded = Vec::new();
        for outcome in outcomes {
            report.identities += u64::from(outcome.folded);
            report.events += outcome.events;
            report.alerts += outcome.alerts.len() as u64;
            let alerts = outcome.alerts.into_iter().map(|f| with_provider_ids(f, &reader)).collect::<Result<Vec<_>, _>>()?;
            let saved = writer.save_alerts(&outcome.identity, outcome.from, &alerts)?;
            self.changed.extend(saved.changed);
            folded.push(outcome.principal);
            if outcome.folded {
                views.push((outcome.principal, outcome.view));
                // Small identities are cheaper to fold again than to keep snapshots of.
                if outcome.events > 1_000 {
                    if let (Some(day), Some(bytes)) = (outcome.state.profile().last, outcome.state.snapshot()) {
                        let closed = outcome.state.day().map_or(day, |open| Day(open.0 - 1));
                        snapshots.push((outcome.principal, closed, bytes));
                    }
                }
                if self.keep {
                    self.states.insert(outcome.principal, outcome.state);
                }
            }
        }
        writer.put_profiles(&views)?;
        writer.put_snapshots(&snapshots)?;
        writer.set_folded(&folded)?;
        Ok(())
    }

    /// Steps warm states over what a commit added: the live path. An event out of order inside the open day folds that
    /// day again; one of a closed day folds the identity again from there.
    pub fn advance(&mut self, store: &Store, writer: &mut Writer, touched: &Touched) -> Result<FoldReport, StoreError> {
        let mut reading = reader(store)?;
        let names = reader(store)?;
        let rows: BTreeMap<u32, PrincipalRow> = names.principals()?.into_iter().map(|r| (r.id, r)).collect();
        let days = names.days()?;
        let judged: BTreeSet<u32> = rows.values().filter(|r| is_judged(identity_of(r).class)).map(|r| r.id).collect();
        self.fleet = fleet::by_day(&names, &days, &judged)?;
        let decisions = names.decisions_by_identity()?;
        let mut first: BTreeMap<u32, Day> = BTreeMap::new();
        for (day, principals) in touched {
            for p in principals {
                let from = first.entry(*p).or_insert(*day);
                *from = (*from).min(*day);
            }
        }
        let mut stale = BTreeMap::new();
        let mut outcomes = Vec::new();
        for (principal, from) in first {
            let Some(row) = rows.get(&principal) else { continue };
            let identity = identity_of(row);
            let Some(mut state) =
                self.states.remove(&principal).filter(|s| is_judged(identity.class) && s.day().is_some_and(|d| d <= from))
            else {
                stale.insert(principal, from);
                continue;
            };
            let mut events = 0;
            let mut fits = true;
            for day in days.iter().filter(|d| **d >= from) {
                let ctx = self.context(
                    &names,
                    &identity,
                    decisions.get(&identity.id).map_or(&[][..], Vec::as_slice),
                    fleet::before(&self.fleet, *day),
                );
                let open = state.day() == Some(*day);
                let after = if open { state.newest() } else { None };
                let mut fresh = Vec::new();
                reading.observe_after(principal, *day, after, &mut |o| fresh.push(o))?;
                if open && state.calls() + fresh.len() as u64 != names.day_events(principal, *day)? {
                    // Something came out of order: the day is folded again, whole.
                    state.restart_day();
                    fresh.clear();
                    reading.observe_after(principal, *day, None, &mut |o| fresh.push(o))?;
                }
                if !open && state.day().is_some_and(|d| d > *day) {
                    fits = false;
                    break;
                }
                for o in &fresh {
                    state.step(o, &ctx);
                }
                events += fresh.len() as u64;
            }
            if !fits {
                stale.insert(principal, from);
                continue;
            }
            let day = state.day().unwrap_or_default();
            let ctx = self.context(&names, &identity, &[], fleet::before(&self.fleet, day));
            let (from, alerts) = state.take(&ctx).unwrap_or((Timestamp(i64::MAX), Vec::new()));
            let view = view::of(state.profile(), &names);
            outcomes.push(Outcome { principal, identity: identity.id.clone(), from, alerts, state, view, events, folded: true });
        }
        let mut report = FoldReport::default();
        self.hand_over(store, writer, outcomes, &mut report)?;
        if !stale.is_empty() {
            let more = self.fold(store, writer, &rows, &stale, &days, &|_, _| {})?;
            report.identities += more.identities;
            report.events += more.events;
            report.alerts += more.alerts;
        }
        Ok(report)
    }
}

/// The alert with the provider's own ids of the events it stands on, as the contract wants them.
fn with_provider_ids(folded: Folded, reader: &Reader) -> Result<FoldedAlert, StoreError> {
    let mut alert = folded.alert;
    alert.events.sample = folded
        .support
        .iter()
        .map(|event| Ok(reader.provider_id_of(*event)?.unwrap_or_else(|| event.id.to_string())))
        .collect::<Result<_, StoreError>>()?;
    Ok(FoldedAlert { alert, support: folded.support })
}
