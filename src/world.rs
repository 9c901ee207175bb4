//! A simulated company in raw provider logs: forty machine identities on AWS and Salesforce, some people, eight weeks of
//! ordinary work, harmless oddities, and one theft. Everything follows from a seed: the same seed gives the same bytes on
//! every machine, however many threads write. It must not know how anything is detected, and nothing here reads a clock.

pub mod bench;
pub mod evaluate;
pub mod sample;
pub mod w1;

mod archive;
mod chance;
mod cloudtrail;
mod connector;
mod eventlog;
mod label;
mod ledger;
mod network;
mod oddity;
mod operation;
mod people;
mod replay;
mod rhythm;
mod roster;
mod stage;
mod theft;
mod workload;

pub use archive::{Selection, Written};
pub use label::{Label, Nature};
pub use replay::Line;
pub use stage::Stage;

use crate::model::Day;
use chance::Chance;
use connector::CONNECTORS;
use ledger::{Closed, Ledger};
use roster::WORKLOADS;
use std::io;
use std::path::Path;
use workload::Draw;

/// Days of history before the incident.
pub const HISTORY: i32 = 56;

/// The simulated company.
#[derive(Clone, Debug)]
pub struct Company {
    seed: u64,
    start: Day,
    /// Names of the identities that are played; `None` for all.
    only: Option<Vec<&'static str>>,
}

impl Company {
    /// The company of `seed`, whose first day is `start`. Weekdays count: [`Company::first_day`] is a Monday.
    pub const fn new(seed: u64, start: Day) -> Self {
        Self { seed, start, only: None }
    }

    /// The default first day, Monday 2026-09-21; the incident is then on 2026-11-16.
    pub const fn first_day() -> Day {
        // 20,717 days after 1970-01-01.
        Day(20_717)
    }

    /// The same company with the records of these identities alone; the others are as silent as if they were not there.
    #[must_use]
    pub fn with_only(mut self, names: &[&'static str]) -> Self {
        self.only = Some(names.to_vec());
        self
    }

    /// The day of the incident.
    pub const fn incident_day(&self) -> Day {
        Day(self.start.0 + HISTORY)
    }

    /// Names of the machine identities, those of AWS first.
    pub fn machines() -> Vec<&'static str> {
        let workloads = WORKLOADS.iter().filter(|workload| !workload.is_person()).map(|workload| workload.name);
        workloads.chain(CONNECTORS.iter().map(|connector| connector.name)).collect()
    }

    /// Writes the 56 days before the incident below `dir`: CloudTrail as gzipped files of `AWSLogs/…`, Salesforce as
    /// `salesforce/DATE/TYPE.csv`, and what is known to be true as `labels/truth.labels`. Two threads write.
    pub fn write_history(&self, dir: &Path) -> io::Result<Written> {
        archive::write(self, dir, Selection { first: 0, last: HISTORY - 1, level: 1 })
    }

    /// Writes some days below `dir`, laid out like [`Company::write_history`].
    pub fn write_days(&self, dir: &Path, days: Selection) -> io::Result<Written> {
        archive::write(self, dir, days)
    }

    /// The incident day, line by line in the order of time, for playing it live.
    pub fn incident(&self) -> impl Iterator<Item = Line> + use<> {
        replay::lines(&self.live(HISTORY)).into_iter()
    }

    /// What is known to be true of the records of one day (0 is the first, 56 that of the incident).
    pub fn labels(&self, day: i32) -> Vec<Label> {
        self.live(day).labels
    }

    fn plays(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|names| names.contains(&name))
    }

    /// The random part of a file's name.
    fn file_tail(&self, day: Day, family: ledger::Family, slot: u8) -> String {
        let mut chance = Chance::of(self.seed, 9, family as u64, (day.0 as u64) << 8 | u64::from(slot));
        chance.mixed::<16>().to_string()
    }

    /// Everything that happens on day `number`.
    fn live(&self, number: i32) -> Closed {
        let day = Day(self.start.0 + number);
        let mut ledger = Ledger::new(day, Chance::of(self.seed, 7, 0, number as u64));
        for (who, workload) in WORKLOADS.iter().enumerate() {
            if self.plays(workload.name) {
                workload.live(Draw { seed: self.seed, who: who as u64, number, day }, &mut ledger);
            }
        }
        if self.plays(roster::DEPLOYER) {
            roster::rotate_keys(self, number, day, &mut ledger);
        }
        for (who, connector) in CONNECTORS.iter().enumerate() {
            if self.plays(connector.name) {
                connector.live(Draw { seed: self.seed, who: 1_000 + who as u64, number, day }, &mut ledger);
            }
        }
        if self.plays(CONNECTORS[connector::VICTIM].name) {
            theft::live(self.seed, number, &mut ledger);
        }
        people::live(self, number, day, &mut ledger);
        ledger.close()
    }
}

/// Writes the whole story below `dir`, the incident day included, as files.
pub fn simulate(dir: &Path, seed: u64) -> io::Result<Written> {
    archive::write(&Company::new(seed, Company::first_day()), dir, Selection { first: 0, last: HISTORY, level: 1 })
}

#[cfg(test)]
mod tests;
