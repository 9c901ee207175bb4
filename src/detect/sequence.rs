//! Sequences with a long memory (`detection.md` 2.18): S02, one credential in two hands whose token is then renewed; S05,
//! reconnaissance followed by an export within 24 hours or 14 days; S06, a bulk job created, run and deleted at once; and
//! the hard rules of single events. Each is worth less where it is routine for the identity. It must not know the
//! score it adds to.

mod single;

use super::evidence::{Detector, Family};
use super::judge::Bench;
use super::profile::Dim;
use super::settings::Gate;
use super::strand::{Caller, Hands, Strand};
use crate::baseline::bans;
use crate::model::alert::EventRef;
use crate::model::time::{DAY, HOUR, MINUTE};
use crate::model::{ActionClass, JobStep, Observation, Outcome, Sym, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Symbol of "three unusual kinds of reconnaissance in an hour" among rules.
pub const RECON: Sym = Sym(0x52 << 56 | 1);
/// Symbol of S02 among rules.
const S02: Sym = Sym(0x52 << 56 | 2);
/// Symbol of S05 among rules.
pub const S05: Sym = Sym(0x52 << 56 | 5);
/// Symbol of S06 among rules.
pub const S06: Sym = Sym(0x52 << 56 | 6);

/// A named step of a sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What the step is.
    pub name: String,
    /// When.
    pub time: Timestamp,
    /// The event that shows it.
    pub event: EventRef,
}

/// A sequence matched in part or whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// `S05`, `S06`.
    pub id: String,
    /// Its worth in bans, after what is routine was taken off.
    pub bans: f64,
    /// Risk the alert has at least once the sequence is complete and not routine; 0 otherwise.
    pub floor: u8,
    /// Steps seen.
    pub steps: Vec<Step>,
    /// Steps not seen yet.
    pub missing: Vec<String>,
    /// What it means, in half a sentence after the identity's name.
    pub clause: String,
    /// A partial match is waited for until then.
    pub hold: Option<Timestamp>,
}

/// Reconnaissance that an export may follow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Recon {
    at: Timestamp,
    caller: Caller,
    steps: Vec<Step>,
    weight: f64,
}

/// A bulk job seen being created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OpenJob {
    created: Timestamp,
    create: EventRef,
    last: Timestamp,
    finish: EventRef,
}

/// What one identity's sequences remember beyond a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    recon: Option<Recon>,
    jobs: BTreeMap<Sym, OpenJob>,
    /// Credentials two callers took turns on, with when and where it showed.
    shared: BTreeMap<Sym, (Timestamp, EventRef)>,
}

/// Share of a rule's worth that is left: all of it once the rule is as rare as one in thirty active days.
fn weight(bench: &Bench<'_>, rule: Sym) -> f64 {
    if !bench.settings.gated(Gate::Routine) {
        return 1.0;
    }
    let rules = bench.profile.values(Dim::Rule);
    let p = if rules.knows(rule) { rules.p_rare(rule, bench.settings.prior()) } else { rules.p_new(1, bench.settings.prior()) };
    (bans(p) / 1.5).min(1.0)
}

impl Memory {
    /// Moves the sequences on by one event of a strand. Returns what was matched and the rules that fired.
    pub fn step(&mut self, bench: &Bench<'_>, strand: &mut Strand, o: &Observation, caller: Caller, at: EventRef) -> Vec<(Sym, Hit)> {
        let mut hits = single::step(bench, strand, o, at);
        self.renewal(bench, strand, o, at, &mut hits);
        self.recon(bench, strand, o, caller, &mut hits);
        if matches!(o.outcome, Outcome::Success | Outcome::Unknown) {
            self.export(bench, strand, o, caller, at, &mut hits);
            self.job(bench, o, at, &mut hits);
        }
        hits.retain(|(_, hit)| bench.settings.counts(&hit.id));
        hits
    }

    /// S02: two callers take turns on a credential as never before, and its token is renewed within the hour.
    fn renewal(&mut self, bench: &Bench<'_>, strand: &Strand, o: &Observation, at: EventRef, hits: &mut Vec<(Sym, Hit)>) {
        if let Hands { turns: Some(_), same_cloud: false, announced: false, .. } = strand.hands
            && strand.ledger.get(Detector::ConcurrentUse).is_some()
            && (self.shared.contains_key(&o.credential) || self.shared.len() < 16)
        {
            self.shared.entry(o.credential).or_insert((o.time, at));
        }
        if !matches!(o.class, ActionClass::Token | ActionClass::Auth) || o.failed() {
            return;
        }
        let Some((since, first)) = self.shared.get(&o.credential).copied() else { return };
        if o.time.since(since) > 2 * HOUR || at.id == first.id {
            return;
        }
        self.shared.remove(&o.credential);
        let weight = weight(bench, S02);
        let steps = vec![
            Step { name: "two callers took turns".to_owned(), time: since, event: first },
            Step { name: "token renewed".to_owned(), time: o.time, event: at },
        ];
        hits.push((
            S02,
            Hit {
                id: "S02".to_owned(),
                bans: 2.5 * weight,
                floor: if weight >= 0.99 { 75 } else { 0 },
                steps,
                missing: Vec::new(),
                clause: "had its token renewed while two callers took turns on it".to_owned(),
                hold: None,
            },
        ));
    }

    fn recon(&mut self, bench: &Bench<'_>, strand: &Strand, o: &Observation, caller: Caller, hits: &mut Vec<(Sym, Hit)>) {
        if o.probe.is_none() {
            return;
        }
        let probing = strand.probing(o.time);
        if probing.len() < 3 {
            return;
        }
        let kinds: Vec<String> = probing.iter().map(|(kind, _, _)| kind.as_str().to_owned()).collect();
        if self.recon.as_ref().is_some_and(|r| r.caller == caller && o.time.since(r.at) < DAY && r.steps.len() >= probing.len()) {
            return;
        }
        let weight = weight(bench, RECON);
        let steps: Vec<Step> =
            probing.into_iter().map(|(kind, time, event)| Step { name: format!("reconnaissance: {kind}"), time, event }).collect();
        let hold = o.time.plus(bench.settings.recon_days * DAY);
        hits.push((
            RECON,
            Hit {
                id: "S05".to_owned(),
                bans: weight,
                floor: 0,
                steps: steps.clone(),
                missing: vec!["export or bulk job".to_owned()],
                clause: format!("looked around ({}) within an hour", kinds.join(", ")),
                hold: Some(hold),
            },
        ));
        self.recon = Some(Recon { at: o.time, caller, steps, weight });
    }

    fn export(&mut self, bench: &Bench<'_>, strand: &Strand, o: &Observation, caller: Caller, at: EventRef, hits: &mut Vec<(Sym, Hit)>) {
        let begins = o.job_step == Some(JobStep::Create) || (o.class == ActionClass::Export && o.job_step.is_none());
        let Some(recon) = &self.recon else { return };
        let age = o.time.since(recon.at);
        if age > bench.settings.recon_days * DAY {
            self.recon = None;
            return;
        }
        // An export counts as the next step only when something ties it to the reconnaissance or makes it unusual itself:
        // the nightly job of the same identity must not complete somebody else's sequence.
        let unusual = strand.ledger.family(Family::Source).0 >= 1.0
            || strand.ledger.family(Family::Client).0 >= 1.0
            || strand.ledger.get(Detector::BulkJob).is_some_and(|e| bans(e.p) >= 1.3)
            || caller == recon.caller;
        if !begins || !unusual || age < 0 {
            return;
        }
        let worth = if age <= DAY { 2.5 } else { 1.5 };
        let weight = recon.weight.max(weight(bench, S05));
        let mut steps = recon.steps.clone();
        steps.push(Step { name: "export or bulk job".to_owned(), time: o.time, event: at });
        let days = age as f64 / DAY as f64;
        hits.push((
            S05,
            Hit {
                id: "S05".to_owned(),
                bans: worth * weight,
                floor: if weight >= 0.99 { 75 } else { 0 },
                steps,
                missing: Vec::new(),
                clause: format!("began an export {days:.1} days after reconnaissance"),
                hold: None,
            },
        ));
    }

    fn job(&mut self, bench: &Bench<'_>, o: &Observation, at: EventRef, hits: &mut Vec<(Sym, Hit)>) {
        let Some(step) = o.job_step.filter(|_| o.job.is_some()) else { return };
        match step {
            JobStep::Create => {
                if self.jobs.len() >= 64 {
                    let oldest = self.jobs.iter().min_by_key(|(s, j)| (j.created, **s)).map(|(s, _)| *s);
                    if let Some(oldest) = oldest {
                        self.jobs.remove(&oldest);
                    }
                }
                self.jobs.insert(o.job, OpenJob { created: o.time, create: at, last: o.time, finish: at });
            }
            JobStep::Progress | JobStep::Complete => {
                if let Some(job) = self.jobs.get_mut(&o.job) {
                    (job.last, job.finish) = (o.time, at);
                }
            }
            JobStep::Delete => {
                let Some(job) = self.jobs.remove(&o.job) else { return };
                if o.time.since(job.last) > 10 * MINUTE || o.time.since(job.created) > DAY {
                    return;
                }
                let weight = weight(bench, S06);
                let mut steps = vec![Step { name: "bulk job created".to_owned(), time: job.created, event: job.create }];
                if job.finish != job.create {
                    steps.push(Step { name: "bulk job ran".to_owned(), time: job.last, event: job.finish });
                }
                steps.push(Step { name: "bulk job deleted".to_owned(), time: o.time, event: at });
                let minutes = o.time.since(job.created) as f64 / MINUTE as f64;
                hits.push((
                    S06,
                    Hit {
                        id: "S06".to_owned(),
                        bans: 2.0 * weight,
                        floor: if weight >= 0.99 { 50 } else { 0 },
                        steps,
                        missing: Vec::new(),
                        clause: format!("created, ran and deleted a bulk job within {minutes:.0} minutes"),
                        hold: None,
                    },
                ));
            }
        }
    }

    /// Forgets what is too old to matter at the start of a day.
    pub fn forget(&mut self, now: Timestamp, recon_days: i64) {
        if self.recon.as_ref().is_some_and(|r| now.since(r.at) > recon_days * DAY) {
            self.recon = None;
        }
        self.jobs.retain(|_, job| now.since(job.created) <= 2 * DAY);
        self.shared.retain(|_, (since, _)| now.since(*since) <= DAY);
    }
}

/// Q: the largest worth and half the second, at most four bans.
pub fn worth(hits: &[Hit]) -> f64 {
    let mut bans: Vec<f64> = hits.iter().map(|h| h.bans).collect();
    bans.sort_by(|a, b| b.total_cmp(a));
    (bans.first().copied().unwrap_or(0.0) + 0.5 * bans.get(1).copied().unwrap_or(0.0)).min(4.0)
}
