//! When, and at what pace: hours it never works in and runs off its schedule (D17), a person's pace where there is
//! software (D18).

use super::{ANNOUNCED, Bench, CAUGHT_UP};
use crate::baseline::pace::Signs;
use crate::context::changes::Dimension;
use crate::detect::evidence::{Detector, Evidence, Family};
use crate::detect::profile::Metric;
use crate::detect::settings::Gate;
use crate::detect::strand::Strand;
use crate::model::observation::AgentSort;
use crate::model::time::MINUTE;
use crate::model::{Observation, Timestamp};

/// Less than this off its schedule is no distance at all.
const SLACK: i64 = 10 * MINUTE;
/// Calls from which a pace is looked at, and at every doubling.
const PACE_CALLS: u32 = 8;

impl Bench<'_> {
    pub(super) fn timing(&self, strand: &mut Strand, o: &Observation) -> bool {
        let mut changed = false;
        let hour = 1u32 << o.time.hour();
        if strand.hours & hour == 0 {
            strand.hours |= hour;
            changed |= self.hour(strand, o.time);
        }
        if self.run.begins {
            changed |= self.schedule(strand, o.time);
        }
        changed | self.pace(strand)
    }

    /// What is left of evidence of time: less where a change covers it or a missed run is caught up on.
    fn late(&self, strand: &mut Strand, at: Timestamp) -> f64 {
        if self.announced(strand, at, Dimension::Timing, "the hour", |_| true) {
            return ANNOUNCED;
        }
        if self.run.backlog > 1.0 && self.settings.gated(Gate::CatchUp) {
            strand.explain("it catches up on a missed run: time counts in part".to_owned());
            return CAUGHT_UP;
        }
        1.0
    }

    fn hour(&self, strand: &mut Strand, at: Timestamp) -> bool {
        let hours = self.hours.get_or_init(|| self.profile.hours.p_of_day(at.day().weekday()));
        let Some(p) = hours.and_then(|hours| hours.get(usize::from(at.hour())).copied()) else { return false };
        strand.ledger.set_applicable(Family::Timing, 1);
        if !self.matters(strand, Detector::OffHours, p) {
            return false;
        }
        let share = self.late(strand, at);
        let evidence = Evidence {
            p,
            share,
            observed: format!("active at {:02}:00 UTC on a {}", at.hour(), weekday(at)),
            baseline: format!("{:.1} % of its activity in hours as rare, {}", p * 100.0, self.days()),
            clause: format!("worked at {:02}:00 UTC on a {}, outside its hours", at.hour(), weekday(at)),
        };
        self.enter(strand, Detector::OffHours, evidence)
    }

    fn schedule(&self, strand: &mut Strand, at: Timestamp) -> bool {
        let Some(off) = self.profile.cadence.off(at).filter(|off| off.distance_ms > SLACK) else { return false };
        // A distance from a phase has an end, so its past has no tail to go by: so many days tell nothing rarer than this.
        // The hour was looked at too.
        let rarest = 0.5 / (f64::from(self.profile.days.min(90)) + 1.0);
        let p = (2.0 * off.p.max(rarest)).min(1.0);
        if !self.matters(strand, Detector::OffHours, p) {
            return false;
        }
        let share = self.late(strand, at);
        let minutes = off.distance_ms / MINUTE;
        let usual = self.profile.cadence.tolerance_ms().unwrap_or(0) / MINUTE;
        let evidence = Evidence {
            p,
            share,
            observed: format!("a run {minutes} minutes off its schedule"),
            baseline: format!("{}, within {usual} minutes on most of {}", off.period.text(), self.days()),
            clause: format!("ran {minutes} minutes off its schedule ({})", off.period.text()),
        };
        self.enter(strand, Detector::OffHours, evidence)
    }

    fn pace(&self, strand: &mut Strand) -> bool {
        let calls = strand.pace.calls();
        if calls < PACE_CALLS || !calls.is_power_of_two() {
            return false;
        }
        let Some(index) = self.by_hand(strand) else { return false };
        // What is looked at is what is learned.
        strand.by_hand = strand.by_hand.max(index);
        let sizes = self.profile.sizes(Metric::ByHand);
        strand.ledger.set_applicable(Family::Timing, 2);
        if index < self.gate(Metric::ByHand) || sizes.active_days() < self.settings.mix_days {
            return false;
        }
        let p = self.tail(sizes, index);
        if !self.matters(strand, Detector::Interactive, p) {
            return false;
        }
        let evidence = Evidence {
            p,
            share: 1.0,
            observed: format!("works like hands on a keyboard: {index} of 100 over {calls} calls"),
            baseline: format!("95 % of {} at most {:.0}", self.days(), sizes.quantile(0.95)),
            clause: "worked at the pace of hands on a keyboard".to_owned(),
        };
        self.enter(strand, Detector::Interactive, evidence)
    }

    /// How much like a person a strand works, 0–100; `None` before it did enough.
    pub fn by_hand(&self, strand: &Strand) -> Option<u64> {
        let client = strand.agent.as_deref().map(|a| matches!(a.sort, AgentSort::Browser | AgentSort::Cli));
        strand.pace.interactivity(Signs { interactive_client: client, console: None, office_hour: None })
    }
}

fn weekday(at: Timestamp) -> &'static str {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    DAYS.get(usize::from(at.day().weekday())).copied().unwrap_or("day")
}
