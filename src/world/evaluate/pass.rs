//! The clean pass: every identity, every day, in order, against the fleet of the day before; and the states kept for the
//! injections. Identities run in parallel inside a day. It must not know what is injected.

use super::observe::{Layered, Lexicon, Observer};
use super::result::{Flag, IdentityResult, RunResult, SeedResult};
use super::{Options, Planned};
use crate::detect::{Context, Declared, Fleet, Folded, IdentityFold, Settings};
use crate::engine::parser::Parser;
use crate::model::decision::Decision;
use crate::model::identity::{Class, IdentityRef};
use crate::model::observation::Names;
use crate::model::time::HOUR;
use crate::model::{Alert, AlertId};
use crate::world::w1::{Line, Member, TEST_FROM, World};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Nobody declared anything in the plain world.
static NOTHING: Declared = Declared::nothing();

/// Days an identity counts as active after its last event, as for the fleet of a load.
const ACTIVE: i32 = 30;

/// One identity on its way through the world.
pub(super) struct Subject {
    pub(super) member: Member,
    pub(super) identity: IdentityRef,
    pub(super) names: Lexicon,
    /// States at the close of the days that injections start after.
    pub(super) states: BTreeMap<i32, Vec<u8>>,
    /// Alerts and findings as they ended.
    pub(super) alerts: BTreeMap<AlertId, Folded>,
    wanted: BTreeSet<i32>,
    fold: IdentityFold,
    last: Option<i32>,
    events: u64,
}

/// A world without any scenario.
pub(super) struct Clean<'a> {
    pub(super) world: World,
    pub(super) settings: &'a Settings,
    pub(super) parser: &'a Parser,
    pub(super) subjects: Vec<Subject>,
    /// F of the day before, for each day.
    pub(super) fleet: Vec<Fleet>,
    hash: String,
}

impl Subject {
    fn new(member: Member, wanted: BTreeSet<i32>) -> Self {
        let identity = IdentityRef {
            id: member.id.clone(),
            name: member.name.clone(),
            kind: member.kind.declared(),
            class: Class::Machine,
            platform: member.platform().to_owned(),
            tenant: None,
            owner: None,
        };
        Self {
            member,
            identity,
            names: Lexicon::default(),
            states: BTreeMap::new(),
            alerts: BTreeMap::new(),
            wanted,
            fold: IdentityFold::default(),
            last: None,
            events: 0,
        }
    }

    /// The gravest alert or finding of the clean pass within six hours of another one, or with its id: there was one anyway.
    pub(super) fn like(&self, other: &Folded) -> Option<&Alert> {
        let (from, to) = (other.alert.onset.plus(-6 * HOUR), other.alert.updated.plus(6 * HOUR));
        let near = |mine: &&Folded| mine.alert.id == other.alert.id || (mine.alert.onset <= to && from <= mine.alert.updated);
        self.alerts.values().filter(near).map(|folded| &folded.alert).max_by_key(|alert| (alert.risk, alert.id))
    }

    /// Folds a day and closes it.
    fn live(&mut self, day: i32, observer: &mut Observer<'_>, settings: &Settings, fleet: Fleet, hash: &str) -> io::Result<()> {
        let lines = self.member.day(day);
        let read = observer.read(lines.iter().map(|line| line.text.as_str()), &mut self.names)?;
        let ctx = Context {
            settings,
            names: &self.names,
            identity: &self.identity,
            declared: &NOTHING,
            decisions: &[],
            fleet,
            hashes: (hash, ""),
        };
        for observation in &read.observations {
            self.fold.step(observation, &ctx);
        }
        if !read.observations.is_empty() {
            self.last = Some(day);
            self.events += read.observations.len() as u64;
            self.fold.close(&ctx);
        }
        if let Some((_, folded)) = self.fold.take(&ctx) {
            self.alerts.extend(folded.into_iter().map(|folded| (folded.alert.id, folded)));
        }
        if self.wanted.contains(&day)
            && let Some(state) = self.fold.snapshot()
        {
            self.states.insert(day, state);
        }
        Ok(())
    }
}

impl<'a> Clean<'a> {
    /// Runs the pass.
    pub(super) fn pass(
        world: &World,
        settings: &'a Settings,
        parser: &'a Parser,
        planned: &[Planned],
        threads: usize,
        progress: &(dyn Fn(&str, usize, usize) + Sync),
    ) -> io::Result<Self> {
        let mut wanted: BTreeMap<usize, BTreeSet<i32>> = BTreeMap::new();
        for plan in planned.iter().filter(|plan| plan.scenario.newborn.is_none()) {
            wanted.entry(plan.member).or_default().insert(plan.start - plan.scenario.lead - 1);
        }
        let members = world.members().into_iter().enumerate();
        let mut subjects: Vec<Subject> = members.map(|(at, member)| Subject::new(member, wanted.remove(&at).unwrap_or_default())).collect();
        let threads = threads.clamp(1, subjects.len().max(1));
        let mut observers: Vec<Observer<'a>> = (0..threads).map(|_| Observer::new(parser)).collect::<io::Result<_>>()?;
        let hash = settings.hash();
        let mut fleet: Vec<Fleet> = Vec::with_capacity(world.days as usize);
        let share = subjects.len().div_ceil(threads).max(1);
        // Identities lie kind by kind; dealt out in turn, every thread has some of each.
        let mut dealt: Vec<usize> = (0..subjects.len()).collect();
        dealt.sort_by_key(|at| at % threads);
        let place: Vec<usize> = {
            let mut place = vec![0; dealt.len()];
            dealt.iter().enumerate().for_each(|(to, from)| place[*from] = to);
            place
        };
        let mut ordered: Vec<Option<Subject>> = subjects.drain(..).map(Some).collect();
        let mut dealt: Vec<Subject> = dealt.iter().filter_map(|at| ordered[*at].take()).collect();
        for day in 0..world.days {
            let before = fleet_before(&dealt, day);
            fleet.push(before);
            let hash = &hash;
            let done: Vec<io::Result<()>> = std::thread::scope(|scope| {
                let shares = dealt.chunks_mut(share).zip(observers.iter_mut());
                let handles: Vec<_> = shares
                    .map(|(share, observer)| {
                        scope.spawn(move || share.iter_mut().try_for_each(|subject| subject.live(day, observer, settings, before, hash)))
                    })
                    .collect();
                handles
                    .into_iter()
                    .map(|handle| handle.join().unwrap_or_else(|_| Err(io::Error::other("a thread of the pass died"))))
                    .collect()
            });
            done.into_iter().collect::<io::Result<()>>()?;
            progress("day", day as usize + 1, world.days as usize);
        }
        let mut back: Vec<Option<Subject>> = dealt.into_iter().map(Some).collect();
        let subjects = place.iter().filter_map(|at| back[*at].take()).collect();
        Ok(Self { world: *world, settings, parser, subjects, fleet, hash })
    }

    /// What a fold of an identity is given on a day.
    pub(super) fn context<'c>(
        &'c self,
        subject: &'c Subject,
        names: &'c dyn Names,
        (declared, decisions): (&'c Declared, &'c [Decision]),
        day: i32,
    ) -> Context<'c> {
        let fleet = self.fleet.get(day as usize).copied().unwrap_or_default();
        Context { settings: self.settings, names, identity: &subject.identity, declared, decisions, fleet, hashes: (&self.hash, "") }
    }

    /// Reads the records of a replay.
    pub(super) fn names<'n>(over: &'n Lexicon, subject: &'n Subject) -> Layered<'n> {
        Layered { over, under: &subject.names }
    }

    /// Everything of the seed, with the injections.
    pub(super) fn result(self, options: &Options, runs: Vec<RunResult>) -> SeedResult {
        let from = TEST_FROM.min(self.world.days / 2);
        let identities = self.subjects.iter().map(|subject| {
            let first = subject.member.start.0;
            let flags = subject.alerts.values().map(|folded| flag(&folded.alert, first)).filter(|flag| flag.day >= from);
            let mut flags: Vec<Flag> = flags.collect();
            flags.sort_by(|a, b| (a.day, b.risk).cmp(&(b.day, a.risk)).then(b.total.total_cmp(&a.total)));
            let bytes = subject.fold.snapshot().map_or(0, |bytes| bytes.len());
            IdentityResult { number: subject.member.number, kind: subject.member.kind, bytes, flags }
        });
        SeedResult {
            key: options.key(),
            seed: self.world.seed,
            per_kind: self.world.per_kind,
            judged: self.world.days - from,
            events: self.subjects.iter().map(|subject| subject.events).sum(),
            identities: identities.collect(),
            runs,
        }
    }
}

/// F of the day before: identities active within thirty days. The only place that knows what F is made of.
fn fleet_before(subjects: &[Subject], day: i32) -> Fleet {
    let active = subjects.iter().filter(|subject| subject.last.is_some_and(|last| day - 1 - last < ACTIVE)).count();
    Fleet::of((active as u32).max(1))
}

/// An alert in short.
pub(super) fn flag(alert: &Alert, first: i32) -> Flag {
    Flag {
        day: alert.raised.day().0 - first,
        risk: alert.risk,
        total: rounded(alert.score.total),
        threshold: rounded(alert.score.threshold),
        leading: leading(alert),
    }
}

/// The two largest terms of an alert.
pub(super) fn leading(alert: &Alert) -> String {
    let mut signals: Vec<_> = alert.signals.iter().filter(|signal| signal.points > 0).collect();
    signals.sort_by_key(|signal| (-signal.points, signal.detector.clone()));
    signals.iter().take(2).map(|signal| format!("{}:{}", signal.family, signal.detector)).collect::<Vec<_>>().join(" ")
}

/// A ten-thousandth is the smallest that counts: short texts read back as the number they were.
pub(super) fn rounded(bans: f64) -> f64 {
    libm::round(bans * 10_000.0) / 10_000.0
}

/// Texts of lines.
pub(super) fn texts(lines: &[Line]) -> impl Iterator<Item = &str> {
    lines.iter().map(|line| line.text.as_str())
}
