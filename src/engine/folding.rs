//! The driver of the fold: which identities have to be folded from which day, their states, and what comes out of them
//! into the store. It decides when work is done, never what the result is: a load folds once over everything it touched,
//! a live feed steps warm states event by event, and both end in the same alerts. Identities run in parallel, days in
//! order. It must not know files or screens.

mod live;
mod share;

use super::context::Declarations;
use super::fleet;
use crate::detect::{Fleet, Folded, IdentityFold, Settings};
use crate::enrich;
use crate::model::identity::{Class, IdentityRef};
use crate::model::{AlertId, Day};
use crate::resolve;
use crate::store::{FoldedAlert, PrincipalRow, Reader, Store, StoreError, Writer};
use share::{Ground, Outcome};
use std::collections::{BTreeMap, BTreeSet};

/// Events after which a snapshot is worth its room: it takes that of about 160 events and loads as fast as 40 are read.
const SNAPSHOT_EVENTS: u64 = 1_000;

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
    ground: Ground,
    shards: usize,
    /// Warm states; an identity that is not here is folded from its snapshot when it is next touched.
    states: BTreeMap<u32, IdentityFold>,
    keep: bool,
    /// Events folded since an identity's last snapshot.
    since_snapshot: BTreeMap<u32, u64>,
    /// Readers of the live path, kept so that their dictionaries are read once.
    readers: Option<(Reader, Reader)>,
    /// Alerts and findings that changed since somebody last took this list.
    pub changed: Vec<AlertId>,
}

/// Opens a reader with everything the fold needs to read observations.
pub fn reader(store: &Store) -> Result<Reader, StoreError> {
    Ok(store
        .reader()?
        .with_agent_parser(enrich::agent::parse)
        .with_kind_resolver(resolve::decide)
        .with_provider_ids(crate::format::provider_id))
}

/// The same for a fold, which reads the whole file and must not hold it in memory.
fn fold_reader(store: &Store) -> Result<Reader, StoreError> {
    reader(store)?.without_map()
}

/// The identity a principal resolves to: itself, until several are joined. Its owner is left out: who answers for it today
/// is told where an alert is read, so that a new owner changes no alert.
pub fn identity_of(reader: &Reader, row: &PrincipalRow) -> Result<IdentityRef, StoreError> {
    let name = if row.name.is_empty() { resolve::display_name(&row.platform, &row.pid, "") } else { row.name.clone() };
    let (kind, class, _) = reader.kind_of(row)?;
    Ok(IdentityRef {
        id: row.pid.clone(),
        name,
        kind,
        class,
        platform: row.platform.clone(),
        tenant: (!row.tenant.is_empty()).then(|| row.tenant.clone()),
        owner: None,
    })
}

/// The judged principals among `rows`.
fn judged(reader: &Reader, rows: &[PrincipalRow]) -> Result<BTreeSet<u32>, StoreError> {
    let mut out = BTreeSet::new();
    for row in rows {
        if is_judged(reader.kind_of(row)?.1) {
            out.insert(row.id);
        }
    }
    Ok(out)
}

/// Whether an identity's behaviour is judged: people and the provider's own services are kept for lineage only.
pub fn is_judged(class: Class) -> bool {
    matches!(class, Class::Machine | Class::Unknown)
}

impl Folding {
    /// A driver over `shards` parallel shards. With `keep`, states stay warm for live feeds.
    pub fn new(settings: Settings, context: &str, shards: usize, keep: bool) -> Self {
        let hashes = (settings.hash(), context.to_owned());
        let declarations = Declarations::default();
        let ground = Ground { settings, hashes, fleet: BTreeMap::new(), declarations, dictionaries: None };
        Self {
            ground,
            shards: shards.max(1),
            states: BTreeMap::new(),
            keep,
            since_snapshot: BTreeMap::new(),
            readers: None,
            changed: Vec::new(),
        }
    }

    /// Folds whatever the store holds that was not folded yet: after a load, and after a kill.
    pub fn catch_up(&mut self, store: &Store, writer: &mut Writer, progress: &(dyn Fn(Day, u64) + Sync)) -> Result<FoldReport, StoreError> {
        let reader = fold_reader(store)?;
        let rows = reader.principals()?;
        let days = reader.days()?;
        let mut stale: BTreeMap<u32, Day> = rows.iter().filter_map(|r| r.stale.map(|day| (r.id, day))).collect();
        let judged = judged(&reader, &rows)?;
        if stale.is_empty() && !self.ground.fleet.is_empty() {
            return Ok(FoldReport::default());
        }
        let fleet = fleet::by_day(&reader, &days, &judged)?;
        // A fleet day that changed concerns everyone from the day after.
        if let Some(changed) = Self::changed_fleet(&reader, &fleet)? {
            for id in &judged {
                let from = stale.entry(*id).or_insert(changed);
                *from = (*from).min(changed);
            }
        }
        self.ground.fleet = fleet;
        self.ground.declarations = Declarations::read(&reader, &self.ground.declarations)?;
        writer.put_fleet(&self.fleet_days(), &stale)?;
        let rows: BTreeMap<u32, PrincipalRow> = rows.into_iter().map(|r| (r.id, r)).collect();
        self.ground.dictionaries = Some(reader.dictionaries()?);
        let report = self.fold(store, writer, &rows, &stale, &days, progress);
        self.ground.dictionaries = None;
        report
    }

    /// F as it is stored.
    fn fleet_days(&self) -> Vec<(Day, [u8; 4])> {
        self.ground.fleet.iter().map(|(day, f)| (*day, f.active.to_be_bytes())).collect()
    }

    /// Whether somebody stored events that no fold has seen.
    pub fn is_behind(&mut self, store: &Store) -> Result<bool, StoreError> {
        let (reading, names) = match self.readers.take() {
            Some(readers) => readers,
            None => (reader(store)?, reader(store)?),
        };
        let behind = names.is_behind();
        self.readers = Some((reading, names));
        behind
    }

    /// First day after the earliest one whose F differs from the stored one; `None` where nothing stored differs.
    fn changed_fleet(reader: &Reader, fleet: &BTreeMap<Day, Fleet>) -> Result<Option<Day>, StoreError> {
        for (day, f) in fleet {
            if reader.fleet(*day)?.is_some_and(|bytes| bytes != f.active.to_be_bytes()) {
                return Ok(Some(day.next()));
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
        // What was written down about days that are folded again has lost its ground.
        let mut by_day: BTreeMap<Day, BTreeSet<u32>> = BTreeMap::new();
        for (id, from) in stale {
            by_day.entry(*from).or_default().insert(*id);
        }
        for (day, ids) in &by_day {
            writer.drop_snapshots(ids, *day)?;
        }
        for id in stale.keys() {
            self.states.remove(id);
        }
        let shares = shares(stale, rows, self.shards);
        let ground = &self.ground;
        let results: Vec<Result<Vec<Outcome>, StoreError>> = std::thread::scope(|scope| {
            let handles: Vec<_> =
                shares.iter().map(|share| scope.spawn(move || ground.fold_share(store, rows, share, days, progress))).collect();
            handles.into_iter().map(|h| h.join().unwrap_or_else(|_| Err(StoreError::damaged("a fold thread that died")))).collect()
        });
        let mut report = FoldReport::default();
        let mut outcomes = Vec::new();
        for result in results {
            outcomes.extend(result?);
        }
        outcomes.sort_by_key(|o| o.principal);
        self.hand_over(writer, outcomes, &mut report)?;
        Ok(report)
    }

    /// Writes what came out: alerts, views, snapshots, and how far each identity is folded.
    fn hand_over(&mut self, writer: &mut Writer, outcomes: Vec<Outcome>, report: &mut FoldReport) -> Result<(), StoreError> {
        let mut views = Vec::new();
        let mut snapshots = Vec::new();
        let mut folded = Vec::new();
        for outcome in outcomes {
            report.identities += u64::from(outcome.folded);
            report.events += outcome.events;
            report.alerts += outcome.alerts.len() as u64;
            let saved = writer.save_alerts(&outcome.identity, outcome.from, &outcome.alerts)?;
            self.changed.extend(saved.changed);
            folded.push((outcome.principal, outcome.seen));
            if outcome.folded {
                views.push((outcome.principal, outcome.view));
                let since = self.since_snapshot.entry(outcome.principal).or_insert(0);
                *since += outcome.events;
                // Small identities are cheaper to fold again than to keep snapshots of.
                if *since > SNAPSHOT_EVENTS {
                    *since = 0;
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
        if let Some(newest) = snapshots.iter().map(|(_, day, _)| *day).max() {
            writer.prune_snapshots(&snapshots.iter().map(|(id, _, _)| *id).collect(), newest)?;
        }
        writer.set_folded(&folded)?;
        Ok(())
    }
}

/// Shares of the identities with about as many events each. A share is a stretch of principals, because a day is stored by
/// principal: then no share reads what is another's. What comes out does not depend on who folds whom.
fn shares(stale: &BTreeMap<u32, Day>, rows: &BTreeMap<u32, PrincipalRow>, count: usize) -> Vec<BTreeMap<u32, Day>> {
    let events = |id: &u32| rows.get(id).map_or(0, |row| row.events);
    let all: u64 = stale.keys().map(events).sum();
    let mut shares = vec![BTreeMap::new(); count];
    let mut before = 0;
    for (id, from) in stale {
        let share = (before as usize).saturating_mul(count) / (all as usize).max(1);
        before += events(id);
        if let Some(share) = shares.get_mut(share.min(count - 1)) {
            share.insert(*id, *from);
        }
    }
    shares
}

/// Alerts with the provider's own ids of the events they stand on, as the contract wants them. Each may open a block of raw
/// records, so the threads of the fold do it, not the one that writes.
fn with_provider_ids(alerts: Vec<Folded>, reader: &Reader) -> Result<Vec<FoldedAlert>, StoreError> {
    let named = |Folded { mut alert, support }: Folded| -> Result<FoldedAlert, StoreError> {
        alert.events.sample = support
            .iter()
            .map(|event| Ok(reader.provider_id_of(*event)?.unwrap_or_else(|| event.id.to_string())))
            .collect::<Result<_, StoreError>>()?;
        Ok(FoldedAlert { alert, support })
    };
    alerts.into_iter().map(named).collect()
}
