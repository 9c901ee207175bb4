//! Scenarios: attacks that must be found and harmless oddities that must not. Each adds calls to an identity from a start
//! day on, or alters its everyday work; what it adds is marked with the step it is. It must not know how anything is
//! detected: what a scenario expects is what the design demands.

mod aws;
mod benign;
mod directory;
mod salesforce;

use super::record::Call;
use super::{Alteration, KindId, Line, Member, TEST_FROM, draw, noise};
use crate::model::Severity;
use crate::world::chance::Chance;
use std::collections::BTreeMap;

/// What the design demands of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An alert of at least this severity.
    Alert(Severity),
    /// A note of drift, which is a finding below medium.
    Drift,
    /// Nothing above this severity.
    AtMost(Severity),
    /// At most one alert, and none above medium.
    OneMedium,
}

/// A change somebody announced: what `changes.toml` says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Ticket.
    pub ticket: &'static str,
    /// Dimensions it covers.
    pub dimensions: &'static [&'static str],
    /// Lines of `[change.allow]`.
    pub allow: &'static str,
}

impl Announced {
    /// The entry of `changes.toml` for an identity, from the first to the last day of the world that it covers.
    pub fn entry(&self, member: &Member, first: i32, last: i32) -> String {
        let dimensions: Vec<String> = self.dimensions.iter().map(|word| format!("\"{word}\"")).collect();
        format!(
            "[[change]]\nidentity = \"{}\"\nfrom = {}\nto = {}\nticket = \"{}\"\ndimensions = [{}]\n[change.allow]\n{}\n\n",
            member.id,
            member.midnight(first),
            member.midnight(last + 1),
            self.ticket,
            dimensions.join(", "),
            self.allow,
        )
    }
}

/// When a scenario may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// Any day.
    Any,
    /// A Monday to Friday.
    Workday,
    /// A Sunday.
    Sunday,
    /// The third day of thirty.
    MonthEnd,
    /// The seventieth day.
    Seventy,
}

/// A scenario.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// `A01`, `B01`.
    pub id: &'static str,
    /// What happens, in few words.
    pub title: &'static str,
    /// Kinds it is injected into.
    pub kinds: &'static [KindId],
    /// What must come of it.
    pub verdict: Verdict,
    /// Injected events after which the alert must stand.
    pub bar: Option<u32>,
    /// Families of evidence of which one must be among the two largest terms.
    pub families: &'static [&'static str],
    /// Days it lasts, the start day included.
    pub span: i32,
    /// Days before the start day that it alters.
    pub lead: i32,
    /// The identity is so many days old when it starts, and nothing was known of it before.
    pub newborn: Option<i32>,
    /// What was announced beforehand.
    pub announced: &'static [Announced],
    pub(super) begin: Begin,
    pub(super) script: fn(&mut Script<'_>),
    pub(super) alter: fn(i32) -> Alteration,
}

impl std::fmt::Debug for Scenario {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

/// A day nothing is altered on.
const PLAIN_DAY: Alteration =
    Alteration { silent: false, size: 1.0, shift: 0, moved: None, fresh: false, agent: None, step: None, hours: None, gather: false };

/// What a scenario that leaves a field alone has there.
const PLAIN: Scenario = Scenario {
    id: "",
    title: "",
    kinds: &[],
    verdict: Verdict::AtMost(Severity::Low),
    bar: None,
    families: &[],
    span: 1,
    lead: 0,
    newborn: None,
    announced: &[],
    begin: Begin::Any,
    script: |_| {},
    alter: |_| PLAIN_DAY,
};

/// Where a scenario writes its calls.
pub(super) struct Script<'m> {
    pub(super) member: &'m Member,
    pub(super) start: i32,
    pub(super) chance: Chance,
    pub(super) calls: Vec<Call>,
}

impl Script<'_> {
    /// Adds a call as a step of the scenario.
    pub(super) fn add(&mut self, step: &'static str, call: Call) {
        self.calls.push(Call { step: Some(step), ..call });
    }
}

impl Scenario {
    /// Every scenario, attacks first.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = [salesforce::ALL, aws::ALL, directory::ALL, benign::ALL].concat();
        all.sort_by_key(|scenario| scenario.id);
        all
    }

    /// The scenario of an id.
    pub fn find(id: &str) -> Option<Self> {
        Self::all().into_iter().find(|scenario| scenario.id.eq_ignore_ascii_case(id))
    }

    /// Whether it is an attack.
    pub fn is_attack(&self) -> bool {
        self.id.starts_with('A')
    }

    /// Start days in a world of so many days: all that leave room for the whole of it within the days that are judged.
    pub fn starts(&self, days: i32) -> Vec<i32> {
        let before = if self.begin == Begin::Seventy { 0 } else { self.lead + self.newborn.unwrap_or(0) };
        let first = TEST_FROM.min(days / 2) + before;
        let fits = |day: &i32| match self.begin {
            Begin::Any => true,
            Begin::Workday => day.rem_euclid(7) < 5,
            Begin::Sunday => day.rem_euclid(7) == 6,
            Begin::Seventy => *day == 70,
            Begin::MonthEnd => day.rem_euclid(30) == 3,
        };
        // One day of room, so that what ripens over night is seen.
        (first..days - self.span).filter(fits).collect()
    }

    /// The scenario in an identity, starting on a day.
    pub fn inject<'m>(&self, member: &'m Member, start: i32) -> Injection<'m> {
        let number = self.id.bytes().fold(0, |n, byte| n << 8 | u64::from(byte));
        let chance = Chance::of(member.seed, draw::ATTACK, u64::from(member.number) << 32 | number, start as u64);
        let mut script = Script { member, start, chance, calls: Vec::new() };
        (self.script)(&mut script);
        let mut by_day: BTreeMap<i32, Vec<Call>> = BTreeMap::new();
        for call in script.calls {
            by_day.entry(call.at.day().0 - member.start.0).or_default().push(call);
        }
        for calls in by_day.values_mut() {
            calls.sort_by_key(|call| call.at);
            noise::number(calls);
        }
        Injection { scenario: *self, member, start, purpose: draw::RENDER_ATTACK ^ number << 32, by_day }
    }
}

/// A scenario in an identity.
pub struct Injection<'m> {
    /// Which.
    pub scenario: Scenario,
    /// In whom.
    pub member: &'m Member,
    /// From which day on.
    pub start: i32,
    purpose: u64,
    by_day: BTreeMap<i32, Vec<Call>>,
}

impl Injection<'_> {
    /// What was announced of it, as entries of `changes.toml`; empty where nothing was.
    pub fn announced(&self) -> String {
        self.scenario.announced.iter().map(|announced| announced.entry(self.member, self.first(), self.last())).collect()
    }

    /// First day on which anything differs from everyday work.
    pub fn first(&self) -> i32 {
        self.start - self.scenario.lead - self.scenario.newborn.unwrap_or(0)
    }

    /// Last day on which anything differs.
    pub fn last(&self) -> i32 {
        self.start + self.scenario.span - 1
    }

    /// The identity's records of a day with the scenario in them, in the order in which they arrive.
    pub fn day(&self, day: i32) -> Vec<Line> {
        let alteration =
            if (self.first()..=self.last()).contains(&day) { (self.scenario.alter)(day - self.start) } else { Alteration::default() };
        let mut lines = self.member.day_altered(day, &alteration);
        if let Some(calls) = self.by_day.get(&day) {
            lines.extend(self.member.lines(self.purpose, day, calls));
            lines.sort_by_key(|line| line.arrives);
        }
        lines
    }
}
