//! The last 24 hours of an identity, measured as its profile is: the definitions that a pane and a profile must share. Pure
//! over observations. It must not know where they were read.
//!
//! * A **network** is what [`Source::network_key`](crate::model::Source::network_key) tells apart; calls that the provider made for the
//!   identity have none. Its second text is the network class.
//! * A **client** is a family.
//! * An **object** is a family of data, or the thing acted on where a record names no family.
//! * The **mix** is the share of calls of each operation; its distance is the Jensen–Shannon divergence in bits, operations
//!   outside the usual ones taken together.
//! * An hour of the week is **usual** when any past event lies in it.

use crate::model::page::{JobRow, NowView, ProfileView, UsualNow, UsualValue};
use crate::model::{JobStep, Observation, Sym, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// A profile keeps at most so many values of a dimension: one that keeps fewer has forgotten none.
const KEPT: usize = 24;

/// Jensen–Shannon divergence of two distributions in bits, from 0 to 1: `½ Σ p log₂(p/m) + ½ Σ q log₂(q/m)`, `m = (p+q)/2`.
pub fn divergence(pairs: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    let term = |p: f64, m: f64| if p > 0.0 { p * libm::log2(p / m) } else { 0.0 };
    let sum: f64 = pairs.into_iter().map(|(p, q)| f64::midpoint(term(p, f64::midpoint(p, q)), term(q, f64::midpoint(p, q)))).sum();
    sum.clamp(0.0, 1.0)
}

/// One value as counted.
#[derive(Clone, Debug, Default)]
struct Count {
    text: String,
    detail: String,
    calls: u64,
    first: Timestamp,
}

/// Accumulates a window of one identity's observations, in order of time.
#[derive(Debug, Default)]
pub struct Window {
    events: u64,
    networks: BTreeMap<Sym, Count>,
    clients: BTreeMap<String, Count>,
    actions: BTreeMap<Sym, Count>,
    domains: BTreeMap<Sym, Count>,
    objects: BTreeSet<Sym>,
    jobs: BTreeMap<Sym, JobCount>,
    rows: u64,
    hours: BTreeMap<u8, u32>,
}

#[derive(Debug, Default)]
struct JobCount {
    first: Timestamp,
    domain: Sym,
    rows: u64,
    bytes: u64,
    deleted: bool,
}

/// The texts of operations (with service) and families of data.
pub trait Labels {
    /// Text and second text of an operation's symbol.
    fn action(&self, sym: Sym) -> (String, String);
    /// Text of any other symbol.
    fn plain(&self, sym: Sym) -> String;
}

impl Window {
    /// Takes an observation in.
    pub fn add(&mut self, event: &Observation) {
        self.events += 1;
        self.rows = self.rows.saturating_add(event.rows.unwrap_or(0));
        *self.hours.entry(event.time.hour_of_week()).or_default() += 1;
        let fresh = |count: &mut Count| {
            if count.calls == 0 {
                count.first = event.time;
            }
            count.calls += 1;
        };
        if !event.via_provider() {
            if let Some(source) = &event.source {
                let count = self.networks.entry(source.network_key()).or_default();
                if count.calls == 0 {
                    (count.text, count.detail) = (source.network_name(), source.network.as_str().to_owned());
                }
                fresh(count);
            }
            if let Some(agent) = &event.agent {
                let count = self.clients.entry(agent.family.clone()).or_default();
                fresh(count);
            }
        }
        fresh(self.actions.entry(event.action).or_default());
        let object = if event.domain.is_some() { event.domain } else { event.resource };
        if object.is_some() {
            self.objects.insert(object);
        }
        if event.domain.is_some() {
            fresh(self.domains.entry(event.domain).or_default());
        }
        if event.job.is_some() {
            let job = self.jobs.entry(event.job).or_insert_with(|| JobCount { first: event.time, ..JobCount::default() });
            job.rows = job.rows.saturating_add(event.rows.unwrap_or(0));
            job.bytes = job.bytes.saturating_add(event.bytes.unwrap_or(0));
            job.deleted |= event.job_step == Some(JobStep::Delete);
            if job.domain.is_none() {
                job.domain = event.domain;
            }
        }
    }

    /// Gives values their texts; call it once, after the last observation.
    pub fn name(&mut self, labels: &dyn Labels) {
        for (sym, count) in &mut self.actions {
            (count.text, count.detail) = labels.action(*sym);
        }
        for (sym, count) in &mut self.domains {
            count.text = labels.plain(*sym);
        }
        for (text, count) in &mut self.clients {
            count.text.clone_from(text);
        }
    }

    /// The numbers of the window.
    pub fn view(&self, usual: &ProfileView) -> NowView {
        let in_hours: u64 = self
            .hours
            .iter()
            .filter(|(hour, _)| usual.hours.get(usize::from(**hour)).is_some_and(|share| *share > 0.0))
            .map(|(_, count)| u64::from(*count))
            .sum();
        NowView {
            events: self.events,
            sources: self.networks.len() as f64,
            mix: self.mix(&usual.usual_actions),
            breadth: self.objects.len() as f64,
            jobs: self.jobs.len() as f64,
            rows: self.rows as f64,
            job_rows: self.jobs.values().map(|job| job.rows).max().unwrap_or(0) as f64,
            in_hours: if self.events == 0 { 0.0 } else { in_hours as f64 / self.events as f64 },
            hours: self.hours.iter().map(|(hour, count)| (*hour, *count)).collect(),
        }
    }

    fn mix(&self, usual: &[UsualValue]) -> f64 {
        if self.events == 0 || usual.is_empty() {
            return 0.0;
        }
        let mut now: BTreeMap<(&str, &str), f64> = BTreeMap::new();
        for count in self.actions.values() {
            *now.entry((&count.text, &count.detail)).or_default() += count.calls as f64 / self.events as f64;
        }
        let mut pairs: Vec<(f64, f64)> =
            usual.iter().map(|v| (v.share, now.remove(&(v.text.as_str(), v.detail.as_str())).unwrap_or(0.0))).collect();
        let rest = 1.0 - usual.iter().map(|value| value.share).sum::<f64>();
        pairs.push((rest.max(0.0), now.values().sum()));
        divergence(pairs)
    }

    /// Networks, new ones first.
    pub fn sources(&self, usual: &ProfileView, since: Timestamp) -> Vec<UsualNow> {
        compare(self.networks.values(), &usual.usual_sources, self.events, since, Order::NewFirst)
    }

    /// Clients, new ones first.
    pub fn agents(&self, usual: &ProfileView, since: Timestamp) -> Vec<UsualNow> {
        compare(self.clients.values(), &usual.usual_agents, self.events, since, Order::NewFirst)
    }

    /// Operations, the largest change of share first.
    pub fn actions(&self, usual: &ProfileView, since: Timestamp) -> Vec<UsualNow> {
        compare(self.actions.values(), &usual.usual_actions, self.events, since, Order::ByChange)
    }

    /// Families of data, new ones first.
    pub fn domains(&self, usual: &ProfileView, since: Timestamp) -> Vec<UsualNow> {
        compare(self.domains.values(), &usual.usual_domains, self.events, since, Order::NewFirst)
    }

    /// Bulk jobs, newest first.
    pub fn jobs(&self, labels: &dyn Labels, limit: usize) -> Vec<JobRow> {
        let mut jobs: Vec<(&Sym, &JobCount)> = self.jobs.iter().collect();
        jobs.sort_by_key(|(sym, job)| (std::cmp::Reverse(job.first), **sym));
        jobs.into_iter()
            .take(limit)
            .map(|(sym, job)| JobRow {
                job: labels.plain(*sym),
                time: job.first,
                domain: if job.domain.is_some() { labels.plain(job.domain) } else { String::new() },
                rows: job.rows,
                bytes: job.bytes,
                deleted: job.deleted,
            })
            .collect()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Order {
    NewFirst,
    ByChange,
}

/// Usual values beside those of now. `now` is always the share of calls in the window. A value is new when the profile
/// does not have it (and has forgotten none), or learned it only inside the window.
fn compare<'a>(now: impl Iterator<Item = &'a Count>, usual: &[UsualValue], events: u64, since: Timestamp, order: Order) -> Vec<UsualNow> {
    let mut rows: BTreeMap<(&str, &str), UsualNow> = usual
        .iter()
        .map(|value| {
            let row = UsualNow {
                text: value.text.clone(),
                detail: value.detail.clone(),
                usual: value.share,
                now: 0.0,
                first: Some(value.first.start()),
                new: value.first.start() >= since,
            };
            ((value.text.as_str(), value.detail.as_str()), row)
        })
        .collect();
    for count in now {
        let row = rows.entry((&count.text, &count.detail)).or_insert_with(|| UsualNow {
            text: count.text.clone(),
            detail: count.detail.clone(),
            usual: 0.0,
            now: 0.0,
            first: (usual.len() < KEPT).then_some(count.first),
            new: usual.len() < KEPT,
        });
        row.now += count.calls as f64 / events as f64;
    }
    let mut rows: Vec<UsualNow> = rows.into_values().collect();
    let change = |row: &UsualNow| (row.now - row.usual).abs();
    rows.sort_by(|a, b| match order {
        Order::NewFirst => {
            b.new.cmp(&a.new).then(b.now.total_cmp(&a.now)).then(b.usual.total_cmp(&a.usual)).then_with(|| a.text.cmp(&b.text))
        }
        Order::ByChange => change(b).total_cmp(&change(a)).then_with(|| a.text.cmp(&b.text)),
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects the number in the mix strip against its textbook values.
    #[test]
    fn divergence_in_bits() {
        assert!(divergence([(0.5, 0.5), (0.5, 0.5)]).abs() < 1e-12);
        assert!((divergence([(1.0, 0.0), (0.0, 1.0)]) - 1.0).abs() < 1e-12);
        // ½·(1·log₂(1/0.75)) + ½·(0.5·log₂(0.5/0.75) + 0.5·log₂(0.5/0.25))
        assert!((divergence([(1.0, 0.5), (0.0, 0.5)]) - 0.311_278).abs() < 1e-6);
    }
}
