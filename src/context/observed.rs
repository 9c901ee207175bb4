//! What an identity was seen doing, gathered event by event for a draft and for comparing with what was declared. Failed
//! calls count for nothing: what was refused is no purpose. Bounded for each identity. It must not judge.

use super::schedule::Schedule;
use crate::model::time::{DAY, HOUR, MINUTE};
use crate::model::{ActionClass, Observation, Source, Sym, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Values of one dimension that are remembered.
const VALUES: usize = 2_000;
/// A pause this long ends a run.
const PAUSE: i64 = 10 * MINUTE;
/// Runs that are remembered, the newest.
const RUNS: usize = 500;
/// Runs below which nothing is said about a schedule.
const ENOUGH: usize = 14;

/// What one identity was seen doing.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Sources by symbol, without those of the provider's own calls.
    pub sources: BTreeMap<Sym, Arc<Source>>,
    /// How it authenticated.
    pub auth_methods: BTreeSet<Sym>,
    /// What its calls did.
    pub classes: BTreeSet<ActionClass>,
    /// Families of data it touched.
    pub domains: BTreeSet<Sym>,
    /// Rows of each day.
    rows: BTreeMap<i32, u64>,
    /// Beginning of each run.
    runs: Vec<Timestamp>,
    last: Option<Timestamp>,
}

impl Observed {
    /// Takes in an event; those of one identity come in the order of time.
    pub fn add(&mut self, o: &Observation) {
        if o.failed() {
            return;
        }
        if let Some(source) = &o.source
            && !o.via_provider()
            && self.sources.len() < VALUES
        {
            self.sources.entry(source.ip).or_insert_with(|| Arc::clone(source));
        }
        for (into, value) in [(&mut self.auth_methods, o.auth_method), (&mut self.domains, o.domain)] {
            if value.is_some() && into.len() < VALUES {
                into.insert(value);
            }
        }
        self.classes.insert(o.class);
        if let Some(rows) = o.rows {
            *self.rows.entry(o.time.day().0).or_insert(0) += rows;
        }
        if self.last.is_none_or(|last| o.time.since(last) > PAUSE) {
            if self.runs.len() == RUNS {
                self.runs.remove(0);
            }
            self.runs.push(o.time);
        }
        self.last = Some(o.time);
    }

    /// Most rows of a UTC day; `None` where no record told any.
    pub fn most_rows(&self) -> Option<u64> {
        self.rows.values().copied().max()
    }

    /// A schedule, where at least fourteen runs keep to it: nine of ten intervals within a tenth of their median, and that
    /// a span people set timers to.
    pub fn schedule(&self) -> Option<Schedule> {
        if self.runs.len() < ENOUGH {
            return None;
        }
        let mut gaps: Vec<i64> = self.runs.windows(2).map(|pair| pair[1].since(pair[0])).collect();
        gaps.sort_unstable();
        let median = *gaps.get(gaps.len() / 2)?;
        let near = |gap: &&i64| (**gap - median).abs() * 10 <= median;
        if gaps.iter().filter(near).count() * 10 < gaps.len() * 9 {
            return None;
        }
        let timers =
            [15 * MINUTE, 20 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 7 * DAY];
        let every = timers.into_iter().find(|timer| (median - timer).abs() * 20 <= *timer)?;
        if every != DAY {
            return Some(Schedule::Every(every));
        }
        // Every day at one time of it, if all runs begin within half an hour of each other.
        let mut minutes: Vec<i64> = self.runs.iter().map(|run| run.0.rem_euclid(DAY) / MINUTE).collect();
        minutes.sort_unstable();
        match (minutes.first(), minutes.last()) {
            (Some(first), Some(last)) if last - first <= 30 => Some(Schedule::Daily(*minutes.get(minutes.len() / 2)? as u16)),
            _ => Some(Schedule::Every(DAY)),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{EventId, Outcome};

    pub(in crate::context) fn observation(time: i64) -> Observation {
        Observation {
            time: Timestamp(time),
            id: EventId(time as u64),
            principal: 1,
            source: None,
            agent: None,
            action: Sym::of("a"),
            class: ActionClass::Query,
            probe: None,
            auth_method: Sym::of("oauth"),
            credential: Sym::NONE,
            resource: Sym::NONE,
            domain: Sym::of("Account"),
            region: Sym::NONE,
            query_shape: Sym::NONE,
            job: Sym::NONE,
            job_step: None,
            outcome: Outcome::Success,
            rows: Some(10),
            bytes: None,
            scopes: Sym::NONE,
            tool: Sym::NONE,
            target: Sym::NONE,
            tags: Sym::NONE,
            flags: 0,
        }
    }

    #[test]
    fn a_schedule_is_said_only_where_the_runs_keep_to_it() {
        let runs = |times: &mut dyn Iterator<Item = i64>| {
            let mut seen = Observed::default();
            // Three calls a run, a minute apart.
            times.for_each(|at| (0..3).for_each(|n| seen.add(&observation(at + n * MINUTE))));
            seen.schedule().map(|schedule| schedule.to_string())
        };
        assert_eq!(runs(&mut (0..30).map(|n| n * 2 * HOUR + n % 5 * MINUTE)).as_deref(), Some("every 2h"));
        assert_eq!(runs(&mut (0..30).map(|n| n * DAY + 150 * MINUTE + n % 7 * MINUTE)).as_deref(), Some("daily at 02:33"));
        assert_eq!(runs(&mut (0..13).map(|n| n * 2 * HOUR)), None, "too few runs");
        assert_eq!(runs(&mut (0..30).map(|n| n * n * 20 * MINUTE)), None, "no rhythm");
        assert_eq!(runs(&mut (0..30).map(|n| n * 101 * MINUTE)), None, "nobody sets a timer to 101 minutes");
    }

    #[test]
    fn what_was_refused_is_no_purpose() {
        let mut seen = Observed::default();
        let mut refused = observation(0);
        refused.outcome = Outcome::Denied;
        refused.class = ActionClass::Delete;
        seen.add(&refused);
        seen.add(&observation(1));
        seen.add(&observation(2));
        assert_eq!((seen.classes.len(), seen.most_rows()), (1, Some(20)));
    }
}
