//! W1, the world that detection is measured on: twelve kinds of machine identities, 120 days of everyday work with its
//! noise, and scenarios that can be injected into it. Everything is raw provider records that our own formats read.
//! Everything follows from (seed, identity, day): any day of any identity can be made alone, so that the whole world is
//! never in memory. It must not know how anything is detected.

pub mod archive;
pub mod attack;
mod aws;
mod entra;
mod github;
pub mod kind;
pub mod member;
mod noise;
pub mod place;
mod record;
mod salesforce;
mod zipf;

pub use attack::{Injection, Scenario, Verdict};
pub use kind::KindId;
pub use member::Member;

use crate::model::time::{HOUR, MINUTE};
use crate::model::{Day, Timestamp};
use crate::world::chance::Chance;
use place::Place;
use record::Call;

/// Days of a world.
pub const DAYS: i32 = 120;
/// First day that is judged; before it everything is learned only.
pub const TEST_FROM: i32 = 60;
/// Identities of a kind in the whole world.
pub const WHOLE: u32 = 50;
/// Identities of a kind in the small one.
pub const MINI: u32 = 5;
/// Monday 2026-01-05, D0.
pub const FIRST_DAY: Day = Day(20_458);

/// Numbers of draws: one for each purpose, so that none disturbs another.
mod draw {
    pub(super) const MEMBER: u64 = 0x5731_0001;
    pub(super) const BLOCK: u64 = 0x5731_0002;
    pub(super) const DAY: u64 = 0x5731_0003;
    pub(super) const NOISE: u64 = 0x5731_0004;
    pub(super) const RENDER: u64 = 0x5731_0005;
    pub(super) const ATTACK: u64 = 0x5731_0006;
    pub(super) const RENDER_ATTACK: u64 = 0x5731_0007;
    pub(super) const SESSION: u64 = 0x5732_0000;
}

/// A raw record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it happened.
    pub time: Timestamp,
    /// When it reaches whoever collects it.
    pub arrives: Timestamp,
    /// The record, one line of JSON.
    pub text: String,
    /// The step of a scenario it is; `None` for everyday work.
    pub step: Option<&'static str>,
}

/// A world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct World {
    /// Its seed.
    pub seed: u64,
    /// Identities of each kind.
    pub per_kind: u32,
    /// Days it lasts.
    pub days: i32,
}

impl World {
    /// Its identities, kind by kind.
    pub fn members(&self) -> Vec<Member> {
        let kinds = KindId::ALL.into_iter().flat_map(|kind| (0..self.per_kind).map(move |_| kind));
        kinds.zip(0u32..).map(|(kind, number)| Member::new(self.seed, number, kind, FIRST_DAY)).collect()
    }
}

impl Member {
    /// Its records of one day (0 is the first), in the order in which they reach whoever collects them. Duplicates are
    /// there twice.
    pub fn day(&self, day: i32) -> Vec<Line> {
        self.day_altered(day, &Alteration::default())
    }

    /// Its records of one day with something about its work altered, as a scenario has it.
    pub fn day_altered(&self, day: i32, alteration: &Alteration) -> Vec<Line> {
        if alteration.silent {
            return Vec::new();
        }
        let mut calls = self.work(day);
        alteration.apply(self, day, &mut calls);
        noise::add(self, day, &mut calls);
        self.lines(draw::RENDER, day, &calls)
    }

    /// Everyday calls of a day.
    fn work(&self, day: i32) -> Vec<Call> {
        let mut calls = match self.kind.provider() {
            "aws" => aws::work(self, day),
            "salesforce" => salesforce::work(self, day),
            "github" => github::work(self, day),
            _ => entra::work(self, day),
        };
        let (from, to) = (self.midnight(day), self.midnight(day + 1));
        calls.retain(|call| (from..to).contains(&call.at));
        calls
    }

    /// The records of calls, in the order in which they arrive.
    fn lines(&self, purpose: u64, day: i32, calls: &[Call]) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::with_capacity(calls.len() + 4);
        for call in calls {
            // A record follows from its call alone, so that what is injected beside it leaves it as it is.
            let mut chance = Chance::of(self.seed, purpose, u64::from(self.number), (day as u64) << 32 | u64::from(call.serial));
            let line = noise::deliver(call, call.render(self, &mut chance), &mut chance);
            if chance.happens(0.002) {
                lines.push(Line { arrives: line.arrives.plus(chance.between(1_000, 600_000) as i64), ..line.clone() });
            }
            lines.push(line);
        }
        lines.sort_by_key(|line| line.arrives);
        lines
    }
}

/// What a scenario changes about everyday work, beside the calls it adds.
#[derive(Clone, Debug, PartialEq)]
pub struct Alteration {
    /// Nothing happens at all.
    pub silent: bool,
    /// Rows and bytes are so many times as many.
    pub size: f64,
    /// Everything happens so many minutes later.
    pub shift: i64,
    /// The work is done from another network.
    pub moved: Option<Place>,
    /// Blocks of the same networks that were never used before.
    pub fresh: bool,
    /// The client calls itself this.
    pub agent: Option<&'static str>,
    /// The step that altered records are.
    pub step: Option<&'static str>,
    /// Only what happens in these hours of the day, from and up to.
    pub hours: Option<(i64, i64)>,
    /// What happens in those hours happens in the hour after them, all at once.
    pub gather: bool,
}

impl Default for Alteration {
    fn default() -> Self {
        Self { silent: false, size: 1.0, shift: 0, moved: None, fresh: false, agent: None, step: None, hours: None, gather: false }
    }
}

impl Alteration {
    /// Alters the calls of a day.
    fn apply(&self, member: &Member, day: i32, calls: &mut [Call]) {
        if *self == Self::default() {
            return;
        }
        let mut chance = member.chance(draw::ATTACK, day);
        for call in calls {
            if let Some((from, to)) = self.hours {
                let hour = i64::from(call.at.hour());
                if !(from..to).contains(&hour) {
                    continue;
                }
                if self.gather {
                    call.at = member.midnight(day).plus(to * HOUR + chance.below(HOUR as u64) as i64);
                }
            }
            call.at = call.at.plus(self.shift * MINUTE);
            call.step = self.step;
            if self.size != 1.0 {
                call.what.scale(self.size);
            }
            if let Some(place) = self.moved {
                call.from = member.home(place, 40);
            }
            if self.fresh {
                let place = if chance.happens(0.5) { Place::Virginia } else { Place::Frankfurt };
                call.from = place.address(FRESH + chance.below(u64::from(place.size() - FRESH)) as u32, chance.below(200) as u32);
            }
            if let Some(agent) = self.agent {
                call.agent = noise::fixed(agent);
            }
        }
    }
}

/// Blocks of AWS from this number on are used by nobody until they are called fresh.
const FRESH: u32 = 1_060;

#[cfg(test)]
mod tests;
