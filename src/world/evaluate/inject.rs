//! Counterfactual injections: the state of the day before is forked, the touched identity is folded again with the
//! scenario in its records, and only what is not there without it counts. It must not know what the detectors are.

use super::Planned;
use super::observe::{Lexicon, Observer};
use super::pass::{Clean, Subject, leading, rounded, texts};
use super::result::RunResult;
use crate::detect::{Folded, IdentityFold};
use crate::model::decision::Decision;
use crate::model::{Alert, AlertId, EventId, Severity, Timestamp, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Makes all injections; the result does not depend on the threads.
pub(super) fn all(
    clean: &Clean<'_>,
    planned: &[Planned],
    threads: usize,
    progress: &(dyn Fn(&str, usize, usize) + Sync),
) -> io::Result<Vec<RunResult>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, RunResult)>> = Mutex::new(Vec::with_capacity(planned.len()));
    let work = || -> io::Result<()> {
        let mut observer = Observer::new(clean.parser)?;
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(plan) = planned.get(at) else { return Ok(()) };
            let result = one(clean, plan, &mut observer)?;
            let mut list = done.lock().map_err(|_| io::Error::other("a thread of the injections died"))?;
            list.push((at, result));
            progress("injection", list.len(), planned.len());
        }
    };
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        handles
            .into_iter()
            .try_for_each(|handle| handle.join().unwrap_or_else(|_| Err(io::Error::other("a thread of the injections died"))))
    })?;
    let mut list = done.into_inner().map_err(|_| io::Error::other("a thread of the injections died"))?;
    list.sort_by_key(|(at, _)| *at);
    Ok(list.into_iter().map(|(_, result)| result).collect())
}

/// What is watched for during a replay.
struct Watch<'a> {
    subject: &'a Subject,
    injected: BTreeSet<EventId>,
    first: Option<Timestamp>,
    best: Option<Alert>,
    /// Margin of what comes nearest to it in the clean pass.
    without: Option<f64>,
    alerts: BTreeMap<AlertId, Severity>,
    /// Alerts of the time before the start day, which somebody closed as harmless, with what they were then: they are told of
    /// again only when they get worse.
    closed: BTreeMap<AlertId, Severity>,
    events: u32,
    rows: u64,
    medium: Option<(u32, Timestamp, u64)>,
    high: Option<u32>,
}

impl<'a> Watch<'a> {
    fn new(subject: &'a Subject) -> Self {
        Self {
            subject,
            injected: BTreeSet::new(),
            first: None,
            best: None,
            without: None,
            alerts: BTreeMap::new(),
            closed: BTreeMap::new(),
            events: 0,
            rows: 0,
            medium: None,
            high: None,
        }
    }

    /// Whether something counts: it stands on an injected event, was no alert anyway, and weighs more than without.
    fn counts(&self, folded: &Folded) -> bool {
        let touched = folded.support.iter().any(|event| self.injected.contains(&event.id));
        let later = self.first.is_some_and(|first| folded.alert.onset >= first);
        let before = self.subject.like(folded);
        (touched || later)
            && self.closed.get(&folded.alert.id).is_none_or(|closed| Severity::of(folded.alert.risk) > *closed)
            && before.is_none_or(|before| before.risk < 50 && before.score.total + 1e-9 < folded.alert.score.total)
    }

    /// Takes what the fold says now.
    fn look(&mut self, folded: Vec<Folded>, at: Timestamp) {
        for one in folded {
            if !self.counts(&one) {
                continue;
            }
            let without = self.subject.like(&one).map(margin);
            let alert = one.alert;
            if alert.risk >= 50 {
                let worst = self.alerts.entry(alert.id).or_insert(Severity::Medium);
                *worst = (*worst).max(Severity::of(alert.risk));
                self.medium.get_or_insert((self.events, at, self.rows));
            }
            if Severity::of(alert.risk) >= Severity::High {
                self.high.get_or_insert(self.events);
            }
            if self.best.as_ref().is_none_or(|best| (alert.risk, margin(&alert)) >= (best.risk, margin(best))) {
                (self.best, self.without) = (Some(alert), without);
            }
        }
    }
}

/// Bans above the threshold.
fn margin(alert: &Alert) -> f64 {
    alert.score.total - alert.score.threshold
}

fn one(clean: &Clean<'_>, plan: &Planned, observer: &mut Observer<'_>) -> io::Result<RunResult> {
    let subject = &clean.subjects[plan.member];
    let injection = plan.scenario.inject(&subject.member, plan.start);
    let begin = injection.first();
    let mut fold = match plan.scenario.newborn {
        Some(_) => IdentityFold::default(),
        None => subject.states.get(&(begin - 1)).and_then(|state| IdentityFold::restore(state)).unwrap_or_default(),
    };
    let mut over = Lexicon::default();
    let mut watch = Watch::new(subject);
    let mut decisions: Vec<Decision> = Vec::new();
    let mut prelude = None;
    // One day more, so that what ripens over night is seen.
    for day in begin..=(injection.last() + 1).min(clean.world.days - 1) {
        if day == plan.start && plan.scenario.lead > 0 {
            prelude = watch.best.as_ref().map(|alert| alert.risk);
            let closed = std::mem::take(&mut watch.alerts);
            watch = Watch { closed, ..Watch::new(subject) };
        }
        let lines = injection.day(day);
        let read = observer.read(texts(&lines), &mut over)?;
        let names = Clean::names(&over, subject);
        let ctx = clean.context(subject, &names, &decisions, day);
        let mut newest = None;
        for (observation, line) in read.observations.iter().zip(&read.lines) {
            let injected = lines.get(*line).is_some_and(|line| line.step.is_some());
            if injected {
                watch.injected.insert(observation.id);
                watch.first.get_or_insert(observation.time);
            }
            fold.step(observation, &ctx);
            newest = Some(observation.time);
            if injected {
                watch.events += 1;
            }
            if injected
                && fold.is_touched()
                && let Some((_, folded)) = fold.take(&ctx)
            {
                watch.look(folded, observation.time);
            }
            if injected {
                // What this event moved is gone whatever comes of it.
                watch.rows += observation.rows.unwrap_or_else(|| observation.bytes.unwrap_or(0) / 400);
            }
        }
        if let Some(newest) = newest {
            fold.close(&ctx);
            // What the close changed counts too, whether anything was touched since the last look or not.
            let (_, folded) = fold.since(subject.member.midnight(day), &ctx);
            watch.look(folded, newest);
            fold.take(&ctx);
            if day < plan.start {
                // Whoever looks at an alert of the time before takes it for harmless: that is what poisons a baseline.
                for alert in watch.alerts.keys().filter(|alert| decisions.iter().all(|d| d.alert != **alert)).copied().collect::<Vec<_>>() {
                    let sequence = decisions.len() as u64 + 1;
                    decisions.push(Decision { alert, verdict: Some(Verdict::BenignTruePositive), watermark: newest, sequence });
                }
            }
        }
    }
    let best = watch.best.as_ref();
    let explained = best.map(|alert| {
        let leading = leading(alert);
        leading.split(' ').any(|term| plan.scenario.families.iter().any(|family| term.split(':').next() == Some(*family)))
    });
    Ok(RunResult {
        scenario: plan.scenario.id.to_owned(),
        kind: subject.member.kind,
        number: subject.member.number,
        start: plan.start,
        injected: watch.events,
        margin: best.map(|alert| rounded(margin(alert))),
        without: watch.without.map(rounded),
        total: best.map(|alert| rounded(alert.score.total)),
        risk: best.map_or(0, |alert| alert.risk),
        prelude,
        alerts: watch.alerts.len() as u32,
        events_to_medium: watch.medium.map(|(events, _, _)| events),
        seconds_to_medium: watch.medium.zip(watch.first).map(|((_, at, _), first)| at.since(first) / 1_000),
        events_to_high: watch.high,
        rows: watch.rows,
        rows_before: watch.medium.map_or(watch.rows, |(_, _, rows)| rows),
        explained,
        leading: best.map(leading).unwrap_or_default(),
    })
}
