//! The fold of one identity: events in, alerts out, a day at a time, each day judged against the baseline frozen at the
//! close of the day before. Same events, same alerts: no clock, no arrival order, no numbering of a store has a say.
//! Inside a day events must come in the order of [`Observation::key`]; an event out of order restarts the day
//! ([`IdentityFold::restart_day`]), an event of a closed day restarts from that day. It must not know threads or files.

use super::account;
use super::asset;
use super::context::Context;
use super::episode::{Episode, Reach};
use super::evidence::Family;
use super::judge::{Bench, Run};
use super::privilege::{self, Privilege};
use super::profile::{Dim, METRICS, Metric, Profile, Summary};
use super::sequence::{self, Memory};
use super::settings::Gate;
use super::strand::{Caller, Strand};
use super::today::{Hand, RUN_GAP, Today, network_sym};
use super::upstream::{self, Upstream};
use crate::baseline::Fixed;
use crate::context::changes::Dimension;
use crate::model::alert::EventRef;
use crate::model::time::{DAY, HOUR};
use crate::model::{ActionClass, Alert, AlertId, Day, Network, Observation, Severity, Timestamp, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::OnceLock;

/// An alert with the events it stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct Folded {
    /// The alert, as nobody has touched it.
    pub alert: Alert,
    /// Its events, at most fifty.
    pub support: Vec<EventRef>,
}

/// A day kept aside because an alert stands on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Quarantined {
    summary: Summary,
    /// First events of the alerts that stand on it.
    episodes: Vec<EventRef>,
}

/// What outlives a day beside the profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Carry {
    episodes: Vec<Episode>,
    memory: Memory,
    upstream: Upstream,
    quarantine: Vec<Quarantined>,
    next: u32,
    /// The newest event of any day.
    last: Option<Timestamp>,
    /// How much missed work the present run may have to catch up on, and until when.
    backlog: Option<(Timestamp, f64)>,
}

/// The fold of one identity.
#[derive(Clone, Debug, Default)]
pub struct IdentityFold {
    profile: Arc<Profile>,
    carry: Carry,
    /// `carry` as it was when the open day began.
    morning: Carry,
    today: Option<Today>,
    strands: BTreeMap<Caller, Strand>,
    /// Smallest value of each metric that can be evidence on the open day.
    gates: [u64; METRICS],
    /// How unusual each hour of the open day is, once somebody asked.
    hours: OnceLock<Option<[f64; 24]>>,
    /// Days it slept before the open day, with how improbable that was, where it was dormant.
    dormant: Option<(u32, f64)>,
    /// Key of the newest event folded.
    newest: Option<(Timestamp, crate::model::EventId)>,
    /// Onset of the oldest episode touched since alerts were last taken.
    touched: Option<Timestamp>,
    /// Alerts of episodes that ended so long ago that nothing can reach them any more; drained by [`Self::take`].
    archive: Vec<Folded>,
}

/// What comes with a strand's evidence into its episode.
struct Beside {
    not_observable: Vec<String>,
    asset: Vec<super::episode::Threat>,
    /// G is at most this, where what is unusual together was so before.
    cap: Option<f64>,
}

/// A run after missed work may take so long to catch up.
const CATCHING_UP: i64 = 3 * HOUR;

impl Carry {
    /// Moves on to an event: the run it belongs to.
    fn run(&mut self, now: Timestamp, profile: &Profile) -> Run {
        let before = self.last.replace(self.last.map_or(now, |last| last.max(now)));
        let begins = before.is_none_or(|before| now.since(before) >= RUN_GAP);
        if let Some(before) = before.filter(|_| begins) {
            let gap = now.since(before);
            // What runs around the clock owes the work of every hour it was silent; what runs on a schedule, missed runs.
            let owed = if profile.cadence.missed(before, now) {
                profile.cadence.schedule().map_or(1.0, |period| libm::ceil(gap as f64 / period.ms() as f64))
            } else if profile.hours.per_day() >= AROUND_THE_CLOCK && gap >= HOUR {
                1.0 + libm::ceil(gap as f64 / HOUR as f64)
            } else {
                1.0
            };
            self.backlog = (owed > 1.0).then(|| (now.plus(CATCHING_UP), owed));
        }
        let backlog = self.backlog.filter(|(until, _)| now < *until).map_or(1.0, |(_, owed)| owed);
        Run { begins, before, backlog }
    }
}

/// Active hours of a usual day from which an identity runs around the clock.
const AROUND_THE_CLOCK: f64 = 18.0;

/// Version of the form snapshots are written in, far from what the first form began with; it changes with the fold.
const CODEC: u32 = 0x0f01_d003;

/// Days an ended episode is remembered, so that the list of alerts handed over is complete for its span.
const REMEMBER: i64 = 18 * 24 * HOUR;

impl IdentityFold {
    /// The frozen baseline.
    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// The open day.
    pub fn day(&self) -> Option<Day> {
        self.today.as_ref().map(|t| t.day)
    }

    /// Key of the newest event folded.
    pub fn newest(&self) -> Option<(Timestamp, crate::model::EventId)> {
        self.newest
    }

    /// The state at the close of its last day, for a snapshot; the open day is not part of it.
    pub fn snapshot(&self) -> Option<Vec<u8>> {
        let carry = if self.today.is_some() { &self.morning } else { &self.carry };
        postcard::to_stdvec(&(CODEC, &*self.profile, carry)).ok()
    }

    /// The state written by [`Self::snapshot`]; `None` when the bytes are of another codec.
    pub fn restore(bytes: &[u8]) -> Option<Self> {
        // The codec stands first and is looked at first: bytes of another one may parse as something they are not.
        let (codec, rest): (u32, &[u8]) = postcard::take_from_bytes(bytes).ok()?;
        if codec != CODEC {
            return None;
        }
        let (profile, carry): (Profile, Carry) = postcard::from_bytes(rest).ok()?;
        Some(Self { profile: Arc::new(profile), morning: carry.clone(), carry, ..Self::default() })
    }

    /// Forgets the open day, so that its events can be folded again in order.
    pub fn restart_day(&mut self) {
        if let Some(today) = self.today.take() {
            self.touched = Some(self.touched.map_or(today.day.start(), |t| t.min(today.day.start())));
            for e in &self.carry.episodes {
                self.touched = self.touched.map(|t| if e.updated >= today.day.start() { t.min(e.first.time) } else { t });
            }
        }
        self.carry = self.morning.clone();
        self.strands.clear();
        self.newest = None;
    }

    /// Opens a day. The day before must be closed.
    fn open(&mut self, day: Day, ctx: &Context<'_>) {
        let now = day.start();
        self.release(day, ctx);
        self.carry.memory.forget(now, ctx.settings.recon_days);
        self.carry.upstream.forget(now);
        let gone = |e: &Episode| now.since(e.updated) > REMEMBER && e.hold.is_none_or(|until| until < now);
        for episode in self.carry.episodes.extract_if(.., |e| gone(e)) {
            let alert = account::write(&episode, episode.closed, ctx);
            self.archive.push(Folded { alert, support: episode.support });
        }
        self.morning = self.carry.clone();
        self.strands.clear();
        self.gates = self.profile.gates(ctx.settings);
        self.hours = OnceLock::new();
        self.dormant = self.profile.gaps.gap(day, 0).and_then(|days| Some((days, self.profile.gaps.dormant(days)?)));
        self.today = Some(Today::new(day));
    }

    /// Folds one event. Events must come in order; the day before is closed by itself.
    pub fn step(&mut self, o: &Observation, ctx: &Context<'_>) {
        let day = o.time.day();
        if self.day() != Some(day) {
            self.close(ctx);
            self.open(day, ctx);
        }
        self.newest = Some(o.key());
        if o.is_finding() {
            return self.hear(o, ctx);
        }
        let Some(today) = self.today.as_mut() else { return };
        let run = self.carry.run(o.time, &self.profile);
        let privilege =
            (privilege::can_be(o.class)).then(|| ctx.names.text(o.action)).flatten().and_then(|text| privilege::of(o.class, &text));
        today.add(o, run.before, privilege, ctx.settings);
        let mut caller = Caller::of(o);
        if self.strands.len() >= ctx.settings.strand_cap && !self.strands.contains_key(&caller) {
            // A flood of callers shares one strand: bounded, and still judged.
            caller = Caller::default();
        }
        let strand = self.strands.entry(caller).or_default();
        strand.caller = caller.sym();
        let known = self.profile.values(Dim::Action).knows(o.action);
        strand.follow(o, known);
        today.chain = today.chain.max(strand.chain);
        if let Some(turn) = strand.turn {
            today.bump(Dim::Transition, turn.pair);
        }
        strand.hands = match o.source.as_deref().filter(|s| s.network != Network::Provider && !o.via_provider()) {
            Some(source) => {
                let network = network_sym(source);
                let home = self.profile.values(Dim::Network).knows(network);
                let cloud = source.network == Network::Cloud;
                let declared = ctx.declared.at(o.time);
                let announced = ctx.settings.gated(Gate::Announced)
                    && declared.announced(o.time, Dimension::Source).any(|change| change.allows_source(source));
                today.use_credential(o.credential, Hand { caller: strand.caller, last: o.time, home, network, cloud, announced })
            }
            None => super::strand::Hands::default(),
        };
        if o.resource.is_some() && strand.objects.len() < 512 {
            strand.objects.insert(o.resource);
        }
        strand.share.calls += 1;
        strand.share.rows += o.rows.unwrap_or(0);
        strand.share.bytes += o.bytes.unwrap_or(0);
        strand.share.failed += u64::from(o.failed());
        strand.share.probes += u64::from(o.probe.is_some());
        strand.share.objects = strand.objects.len() as u64;
        if !o.failed() {
            strand.minted += u64::from(privilege == Some(Privilege::Mint));
            if o.target.is_some() && strand.targets.len() < 512 {
                strand.targets.insert(o.target);
            }
        }
        today.largest = today.largest.max(strand.share);
        strand.impact = strand.impact.max(impact(o));
        let bench = Bench {
            profile: &self.profile,
            today,
            settings: ctx.settings,
            names: ctx.names,
            kind: ctx.identity.kind,
            gates: &self.gates,
            declared: ctx.declared.at(o.time),
            privilege,
            run,
            hours: &self.hours,
        };
        let at = EventRef { time: o.time, id: o.id, principal: o.principal };
        let mut changed = bench.judge(strand, o);
        if let Some(tags) = o.tags.is_some().then(|| ctx.names.text(o.tags)).flatten() {
            let mut said = upstream::terms(&tags);
            said.retain(|term| ctx.settings.counts(&term.name));
            changed |= strand.hear(said);
        }
        if let Some(probe) = o.probe {
            let unusual = strand.new_actions.contains(&o.action)
                || strand.rare_actions.contains(&o.action)
                || (o.domain.is_some() && strand.new_objects.first().is_some_and(|domains| domains.contains(&o.domain)));
            if unusual && let Some(slot) = strand.probes.get_mut(probe as usize) {
                *slot = Some((o.time, at));
            }
        }
        let fired = self.carry.memory.step(&bench, strand, o, caller, at);
        let (rules, hits): (Vec<_>, Vec<_>) = fired.into_iter().unzip();
        changed |= !hits.is_empty();
        let not_observable = if changed { bench.not_observable() } else { Vec::new() };
        let asset = if changed { asset::terms(&bench, o, self.dormant) } else { Vec::new() };
        let cap = strand.pattern().filter(|_| changed).and_then(|pattern| {
            let patterns = self.profile.values(Dim::Pattern);
            let often = patterns.get(pattern).is_some_and(|cell| cell.weight.to_f64() >= 1.2);
            often.then(|| 1.0 + crate::baseline::bans(patterns.p_rare(pattern, ctx.settings.prior())))
        });
        for rule in rules {
            today.bump(Dim::Rule, rule);
        }
        if changed {
            strand.note(at);
            self.attach(caller, &hits, at, &Beside { not_observable, asset, cap }, ctx);
        } else if let Some(episode) = strand.episode.and_then(|n| self.carry.episodes.iter_mut().find(|e| e.number == n)) {
            episode.goes_on(at.time);
            self.touched = Some(self.touched.map_or(episode.first.time, |x| x.min(episode.first.time)));
        }
    }

    /// Takes another product's finding: it weighs in what stands open within a day, and in what comes within a day.
    fn hear(&mut self, o: &Observation, ctx: &Context<'_>) {
        if let Some(today) = self.today.as_mut() {
            today.findings += 1;
        }
        let Some(tags) = ctx.names.text(o.tags) else { return };
        let mut said = upstream::terms(&tags);
        said.retain(|term| ctx.settings.counts(&term.name));
        self.carry.upstream.hear(EventRef { time: o.time, id: o.id, principal: o.principal }, &said);
        for episode in self.carry.episodes.iter_mut().filter(|e| o.time.since(e.last) <= DAY) {
            episode.told(&said, o.time, ctx.settings);
            self.touched = Some(self.touched.map_or(episode.first.time, |x| x.min(episode.first.time)));
        }
    }

    /// Enters a strand that changed into the episode it belongs to, opening one where its evidence is worth a finding.
    fn attach(&mut self, caller: Caller, hits: &[sequence::Hit], at: EventRef, beside: &Beside, ctx: &Context<'_>) {
        let Some(strand) = self.strands.get_mut(&caller) else { return };
        let worth = strand.ledger.sum(ctx.settings.gated(Gate::SameSize)) >= ctx.settings.finding_floor
            || strand.threat.iter().any(|t| t.always)
            || strand.said.iter().any(|t| t.always)
            || !hits.is_empty();
        let t = at.time;
        // An unusual caller may be the next step of what a held episode waits for; the rightful workload is not.
        let stranger = strand.ledger.family(Family::Source).0 >= 1.0 || strand.ledger.family(Family::Client).0 >= 1.0;
        // What somebody closed is closed: what comes then is judged by itself.
        let closed = |e: &Episode| {
            if ctx.decisions.is_empty() {
                return false;
            }
            let id = AlertId::of(&ctx.identity.id, e.first.id);
            ctx.decisions.iter().rev().find(|d| d.alert == id && d.watermark < t).is_some_and(|d| d.verdict.is_some())
        };
        let takes = |e: &Episode| e.takes(t, caller, stranger, ctx.settings) && !closed(e);
        let mine = strand.episode.filter(|n| self.carry.episodes.iter().any(|e| e.number == *n && takes(e)));
        if mine.is_none() && !worth {
            return;
        }
        let found = mine.or_else(|| self.carry.episodes.iter().rev().find(|e| takes(e)).map(|e| e.number));
        let number = found.unwrap_or_else(|| {
            let number = self.carry.next;
            self.carry.next += 1;
            self.carry.episodes.push(Episode {
                number,
                first: strand.support.first().copied().unwrap_or(at),
                raised: None,
                risen: t,
                last: t,
                updated: t,
                callers: Vec::new(),
                ledger: super::evidence::Ledger::default(),
                threat: Vec::new(),
                asset: Vec::new(),
                explained: Vec::new(),
                places: Vec::new(),
                routine: None,
                novel: false,
                hits: Vec::new(),
                support: Vec::new(),
                closed: Reach::default(),
                impact: 0,
                days: self.profile.days,
                baseline_day: self.profile.last.map_or_else(String::new, |d| d.to_string()),
                not_observable: beside.not_observable.clone(),
                anchor: t,
                hold: None,
                risk: 0,
            });
            number
        });
        strand.episode = Some(number);
        if let Some(episode) = self.carry.episodes.iter_mut().find(|e| e.number == number) {
            let said: Vec<_> = self.carry.upstream.near(episode.first.time, t).cloned().collect();
            episode.know(&beside.asset);
            episode.compare(strand, beside.cap);
            episode.absorb(strand, caller, hits, t, ctx.settings);
            episode.told(&said, t, ctx.settings);
            self.touched = Some(self.touched.map_or(episode.first.time, |x| x.min(episode.first.time)));
        }
    }

    /// Closes the open day, if any: learns it, or keeps it aside when an alert stands on it.
    pub fn close(&mut self, ctx: &Context<'_>) {
        let Some(mut today) = self.today.take() else { return };
        if today.calls == 0 {
            // Only others spoke of it that day: there is nothing to learn.
            self.morning = self.carry.clone();
            return;
        }
        let bench = Bench {
            profile: &self.profile,
            today: &today,
            settings: ctx.settings,
            names: ctx.names,
            kind: ctx.identity.kind,
            gates: &self.gates,
            declared: ctx.declared.at(today.day.start()),
            privilege: None,
            run: Run::default(),
            hours: &self.hours,
        };
        let mix = self.strands.values().map(|s| s.mix_most.max(bench.mix_distance(s))).max().unwrap_or(0);
        let by_hand = self.strands.values().map(|s| s.by_hand.max(bench.by_hand(s).unwrap_or(0))).max().unwrap_or(0);
        let patterns: Vec<_> = self.strands.values().filter_map(Strand::pattern).collect();
        (today.mix, today.by_hand) = (mix, by_hand);
        for pattern in patterns {
            today.bump(Dim::Pattern, pattern);
        }
        let mut stands_on: Vec<EventRef> = Vec::new();
        for (caller, strand) in &self.strands {
            if let Some(episode) = strand.episode.and_then(|n| self.carry.episodes.iter_mut().find(|e| e.number == n)) {
                let last = episode.last;
                episode.absorb(strand, *caller, &[], last, ctx.settings);
                episode.closed = episode.closed.plus(Reach::of(strand));
                if Severity::of(episode.risk).is_alert() && !stands_on.contains(&episode.first) {
                    stands_on.push(episode.first);
                }
            }
        }
        let mut summary = today.summary();
        if stands_on.is_empty() {
            Arc::make_mut(&mut self.profile).learn(&summary, Fixed::ONE, ctx.settings);
        } else {
            summary.trim(ctx.settings.cell_cap / 4);
            self.carry.quarantine.push(Quarantined { summary, episodes: stands_on });
            // A bound on memory: a year of undecided days is enough.
            if self.carry.quarantine.len() > 64 {
                self.carry.quarantine.remove(0);
            }
        }
        self.strands.clear();
        self.morning = self.carry.clone();
    }

    /// Learns or drops quarantined days whose fate was known at the close of the day before `day`.
    fn release(&mut self, day: Day, ctx: &Context<'_>) {
        let kept = std::mem::take(&mut self.carry.quarantine);
        for q in kept {
            let verdict = |first: &EventRef| {
                let id = AlertId::of(&ctx.identity.id, first.id);
                ctx.decisions.iter().rev().find(|d| d.alert == id && d.watermark.day() < day).and_then(|d| d.verdict)
            };
            let verdicts: Vec<Option<Verdict>> = q.episodes.iter().map(verdict).collect();
            if verdicts.contains(&Some(Verdict::TruePositive)) {
                continue;
            }
            if verdicts.iter().all(Option::is_some) {
                Arc::make_mut(&mut self.profile).learn(&q.summary, Fixed::ONE, ctx.settings);
            } else if q.summary.day.0 + ctx.settings.quarantine_days < day.0 {
                Arc::make_mut(&mut self.profile).learn(&q.summary, Fixed::from_f64(ctx.settings.quarantine_weight), ctx.settings);
            } else {
                self.carry.quarantine.push(q);
            }
        }
    }

    /// Whether any alert or finding changed since [`Self::take`].
    pub fn is_touched(&self) -> bool {
        self.touched.is_some()
    }

    /// What changed since the last call: the complete list of alerts and findings whose last change is not before the
    /// returned time, which is at most the onset of anything that changed. `None` when nothing did.
    pub fn take(&mut self, ctx: &Context<'_>) -> Option<(Timestamp, Vec<Folded>)> {
        let from = self.touched.take();
        let out = from.map(|from| self.since(from, ctx));
        self.archive.clear();
        out
    }

    /// The complete list of alerts and findings whose last change is not before the returned time: `from`, moved back to
    /// the onset of whatever straddles it, so that the list can replace what was handed over before. By onset.
    pub fn since(&self, from: Timestamp, ctx: &Context<'_>) -> (Timestamp, Vec<Folded>) {
        let mut from = from;
        while let Some(onset) = self.carry.episodes.iter().filter(|e| e.updated >= from && e.first.time < from).map(|e| e.first.time).min()
        {
            from = onset;
        }
        let live = self.carry.episodes.iter().filter(|e| e.updated >= from).map(|episode| {
            let open = self.strands.values().filter(|s| s.episode == Some(episode.number)).map(Reach::of);
            let reach = open.fold(episode.closed, Reach::plus);
            Folded { alert: account::write(episode, reach, ctx), support: episode.support.clone() }
        });
        let mut out: Vec<Folded> = self.archive.iter().filter(|f| f.alert.updated >= from).cloned().chain(live).collect();
        out.sort_by_key(|f| (f.alert.onset, f.alert.id));
        (from, out)
    }

    /// Events folded of the open day.
    pub fn calls(&self) -> u64 {
        self.today.as_ref().map_or(0, |t| t.calls + t.findings)
    }

    /// Usual calls of an active day, for lists.
    pub fn usual_day(&self) -> f64 {
        self.profile.sizes(Metric::CallsDay).quantile(0.5)
    }
}

/// Impact class of an event: 0 none, 1 ordinary change, 2 data in bulk, credentials or privileges, 3 destruction or
/// impaired logging.
fn impact(o: &Observation) -> u8 {
    if o.failed() {
        return 0;
    }
    match o.class {
        ActionClass::Logging => 3,
        ActionClass::Export | ActionClass::Iam | ActionClass::Secret => 2,
        _ if o.job_step.is_some() || o.rows.unwrap_or(0) >= 10_000 => 2,
        ActionClass::Delete | ActionClass::Write | ActionClass::Admin => 1,
        _ => 0,
    }
}
