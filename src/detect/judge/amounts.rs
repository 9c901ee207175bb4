//! How much: failures, calls, records, bytes, resources, bulk jobs. A size is judged against the daily maxima of the past,
//! and only for a caller that has a real part in it.

use super::{ANNOUNCED, Bench, CAUGHT_UP, LISTED, plural};
use crate::context::changes::Dimension;
use crate::detect::evidence::{Detector, Evidence, Family, grouped, listed};
use crate::detect::profile::{Dim, Metric};
use crate::detect::settings::Gate;
use crate::detect::strand::Strand;
use crate::model::{ActionClass, Observation};

/// A burst of failures of operations that always failed now and then is a broken job, not probing: it is worth at most
/// this probability unless at least three operations fail for the first time.
const BROKEN_JOB: f64 = 0.03;

impl Bench<'_> {
    pub(super) fn failures(&self, strand: &mut Strand, o: &Observation) -> bool {
        if !o.failed() {
            return false;
        }
        strand.ledger.set_applicable(Family::Privilege, 1 + u8::from(!self.profile.values(Dim::Privileged).is_empty()));
        let known = self.profile.values(Dim::Failure);
        let mut changed = false;
        if Self::first_sight(strand, Dim::Failure, o.action) && !known.knows(o.action) && self.profile.days > 0 {
            strand.new_failures.push(o.action);
            let p = (2.0 * self.p_new(Dim::Failure, strand.new_failures.len())).min(1.0);
            let (texts, all) = (self.first_texts(&strand.new_failures), strand.new_failures.len());
            let evidence = Evidence {
                p,
                share: 1.0,
                observed: format!("{all} operation{} refused or failing for the first time: {}", plural(all), listed(&texts, all, LISTED)),
                baseline: format!("0 of {}; {} operations known to fail", self.days(), known.len()),
                clause: format!("was refused {all} operation{} it never failed at ({})", plural(all), listed(&texts, all, 3)),
            };
            changed |= self.enter(strand, Detector::Failures, evidence);
        }
        let hour = self.today.size(Metric::FailuresHour, o.time.hour());
        if hour >= self.gate(Metric::FailuresHour) && self.profile.days > 0 && self.carries(strand, Metric::FailuresHour) {
            let sizes = self.profile.sizes(Metric::FailuresHour);
            let size = if sizes.ever() { self.tail(sizes, hour) } else { self.p_first_ever() };
            // Both the count and the rate must be unusual: the larger probability stands.
            let both = (2.0 * size.max(self.profile.failures.p_tail(self.today.failed, self.today.calls))).min(1.0);
            let known = strand.new_failures.len() < 3 && self.settings.gated(Gate::BrokenJob);
            let p = if known { both.max(BROKEN_JOB) } else { both };
            if self.matters(strand, Detector::Failures, p) {
                let rate = self.profile.failures.rate().unwrap_or(0.0);
                let now = self.today.failed as f64 / self.today.calls.max(1) as f64;
                let evidence = Evidence {
                    p,
                    share: 1.0,
                    observed: format!("{} failures in an hour; {:.0} % of today's calls fail", grouped(hour), now * 100.0),
                    baseline: format!("at most {} an hour in {}; {:.1} % usually fail", grouped(sizes.max()), self.days(), rate * 100.0),
                    clause: format!("failed {} times in an hour", grouped(hour)),
                };
                changed |= self.enter(strand, Detector::Failures, evidence);
            }
        }
        changed
    }

    /// Something counted that was never counted before: as surprising as any first after so many days.
    pub(super) fn p_first_ever(&self) -> f64 {
        if self.profile.days < 10 { 1.0 } else { self.p_new(Dim::JobDomain, 1) }
    }

    pub(super) fn sizes(&self, strand: &mut Strand, o: &Observation) -> bool {
        if self.profile.days == 0 || o.failed() {
            return false;
        }
        let hour = o.time.hour();
        let jobs = o.job.is_some() || self.profile.sizes(Metric::JobsDay).ever();
        strand.ledger.set_applicable(Family::Volume, 1 + u8::from(jobs));
        let mut changed = false;
        changed |=
            self.size(strand, o, Detector::Volume, &[(Metric::CallsHour, "calls in an hour"), (Metric::CallsDay, "calls today")], hour);
        if o.rows.is_some() {
            changed |=
                self.size(strand, o, Detector::Volume, &[(Metric::RowsHour, "rows in an hour"), (Metric::RowsDay, "rows today")], hour);
        }
        if o.bytes.is_some() {
            changed |= self.size(strand, o, Detector::Volume, &[(Metric::BytesDay, "bytes today")], hour);
        }
        if o.probe.is_some() {
            changed |= self.size(strand, o, Detector::Enumeration, &[(Metric::ProbesHour, "reconnaissance calls in an hour")], hour);
        }
        if o.class == ActionClass::Secret {
            changed |= self.size(strand, o, Detector::Enumeration, &[(Metric::SecretsHour, "secrets in an hour")], hour);
        }
        if o.query_shape.is_some() {
            changed |= self.size(strand, o, Detector::Enumeration, &[(Metric::PageChain, "pages of one question in a row")], hour);
        }
        if o.resource.is_some() {
            changed |= self.size(strand, o, Detector::Enumeration, &[(Metric::ObjectsDay, "distinct resources today")], hour);
        }
        if o.job.is_some() {
            changed |= self.bulk(strand, o);
        }
        changed
    }

    fn size(&self, strand: &mut Strand, o: &Observation, detector: Detector, metrics: &[(Metric, &str)], hour: u8) -> bool {
        let looks = if detector == Detector::Volume { 5.0 } else { 4.0 };
        let mut changed = false;
        for (metric, what) in metrics {
            let value = if *metric == Metric::PageChain { strand.chain } else { self.today.size(*metric, hour) };
            if value < self.gate(*metric) || !self.carries(strand, *metric) {
                continue;
            }
            let sizes = self.profile.sizes(*metric);
            let p = (looks * if sizes.ever() { self.tail(sizes, value) } else { self.p_first_ever() }).min(1.0);
            if !self.matters(strand, detector, p) {
                continue;
            }
            let share = self.explained(strand, o, *metric, value, what);
            let evidence = Evidence {
                p,
                share,
                observed: format!("{} {what}", grouped(value)),
                baseline: format!(
                    "usual {} ({}–{}), at most {} in {}",
                    grouped(sizes.quantile(0.5) as u64),
                    grouped(sizes.quantile(0.05) as u64),
                    grouped(sizes.quantile(0.95) as u64),
                    grouped(sizes.max()),
                    self.days()
                ),
                clause: format!("reached {} {what}", grouped(value)),
            };
            changed |= self.enter(strand, detector, evidence);
        }
        changed
    }

    /// What is left of evidence of a size: less where a change covers so much, or where missed work is caught up on.
    fn explained(&self, strand: &mut Strand, o: &Observation, metric: Metric, value: u64, what: &str) -> f64 {
        let sizes = self.profile.sizes(metric);
        let usual = sizes.quantile(0.5).max(1.0);
        let rows = matches!(metric, Metric::RowsDay | Metric::RowsHour | Metric::RowsJob);
        let said = format!("{} {what}", grouped(value));
        let covered = self.announced(strand, o.time, Dimension::Volume, &said, |change| {
            if rows {
                change.allows_rows(value, usual)
            } else {
                change.allow.volume_factor.is_some_and(|most| value as f64 <= most * usual)
            }
        });
        if covered {
            return ANNOUNCED;
        }
        if self.run.backlog > 1.0 && value as f64 <= sizes.max() as f64 * self.run.backlog && self.settings.gated(Gate::CatchUp) {
            strand.explain(format!("it catches up on missed work: {said} counts in part"));
            return CAUGHT_UP;
        }
        1.0
    }

    /// Whether a strand has a real part in a size of the whole identity: at least half of what the busiest caller did.
    /// Otherwise the rightful workload would be blamed for every large thing that happened before it on the same day.
    fn carries(&self, strand: &Strand, metric: Metric) -> bool {
        if !self.settings.gated(Gate::Busiest) || metric == Metric::PageChain {
            return true;
        }
        let (own, most) = (strand.share, self.today.largest);
        let (own, most) = match metric {
            Metric::RowsDay | Metric::RowsHour | Metric::RowsJob => (own.rows, most.rows),
            Metric::BytesDay => (own.bytes, most.bytes),
            Metric::FailuresHour => (own.failed, most.failed),
            Metric::ProbesHour => (own.probes, most.probes),
            Metric::ObjectsDay => (own.objects, most.objects),
            _ => (own.calls, most.calls),
        };
        own * 2 >= most
    }

    /// Bulk jobs: the first ever is a novelty, a known habit is judged by its size and its number.
    fn bulk(&self, strand: &mut Strand, o: &Observation) -> bool {
        let (rows, count) = (self.profile.sizes(Metric::RowsJob), self.profile.sizes(Metric::JobsDay));
        let Some(job) = self.today.job(o.job) else { return false };
        let moved = job.rows();
        let domain = if job.domain.is_some() { self.names.show(job.domain) } else { "unknown data".to_owned() };
        let known = self.profile.values(Dim::JobDomain);
        let what = if moved > 0 { format!("1 job, {} rows, {domain}", grouped(moved)) } else { format!("1 job, {domain}") };
        let mut p = 1.0_f64;
        if count.ever() {
            if moved >= self.gate(Metric::RowsJob) && rows.ever() {
                p = p.min(3.0 * self.tail(rows, moved));
            }
            let jobs = self.today.size(Metric::JobsDay, 0);
            if jobs >= self.gate(Metric::JobsDay) {
                p = p.min(3.0 * self.tail(count, jobs));
            }
            if job.domain.is_some() && !known.knows(job.domain) {
                p = p.min(3.0 * self.p_new(Dim::JobDomain, 1));
            }
        } else {
            p = self.p_first_ever();
            // Once its size is known, the first job is measured against all the rows of a day.
            let day = self.profile.sizes(Metric::RowsDay);
            if moved >= Metric::RowsJob.floor() && day.ever() && moved >= self.gate(Metric::RowsDay) {
                p = p.min(2.0 * self.tail(day, moved));
            }
        }
        let p = p.min(1.0);
        let known_size = count.ever() && moved > 0;
        let share = if known_size { self.explained(strand, o, Metric::RowsJob, moved, "rows of a job") } else { 1.0 };
        let evidence = Evidence {
            p,
            share,
            observed: what.clone(),
            baseline: if count.ever() {
                format!("usual {} jobs a day, at most {} rows a job in {}", count.quantile(0.5) as u64, grouped(rows.max()), self.days())
            } else {
                format!("0 bulk jobs in {}; at most {} rows in a day", self.days(), grouped(self.profile.sizes(Metric::RowsDay).max()))
            },
            clause: format!("ran a bulk job ({what})"),
        };
        self.enter(strand, Detector::BulkJob, evidence)
    }
}
