//! An identity of the world: its kind, its names in the logs, its scale, the networks it lives in. All of it follows from
//! the seed and its number. It must not know what it does on a day.

use super::draw;
use super::kind::KindId;
use super::place::Place;
use super::record::{ACCOUNT, Grant, Text};
use crate::model::{Day, Timestamp};
use crate::world::chance::Chance;
use std::borrow::Cow;
use std::net::Ipv4Addr;

/// An identity of the world.
#[derive(Clone, Debug)]
pub struct Member {
    /// Seed of its world.
    pub seed: u64,
    /// Its number among all.
    pub number: u32,
    /// Its kind.
    pub kind: KindId,
    /// First day of the world.
    pub start: Day,
    /// Id its provider writes.
    pub id: String,
    /// Name its provider writes.
    pub name: String,
    /// Size of what it does, around 1.
    pub scale: f64,
    /// Minutes its schedule is moved by.
    pub offset: i64,
    /// Id of its long-lived credential.
    credential: String,
}

impl Member {
    /// Number `number` of the world of `seed`, of kind `kind`.
    pub fn new(seed: u64, number: u32, kind: KindId, start: Day) -> Self {
        let mut chance = Chance::of(seed, draw::MEMBER, u64::from(number), 0);
        let scale = chance.lognormal(0.0, 0.5);
        let offset = chance.between(0, 29) as i64;
        let base = format!("{}-{number:03}", kind.stem());
        let (id, name) = match kind.provider() {
            "aws" if kind.is_role() => (format!("arn:aws:iam::{ACCOUNT}:role/{base}"), base),
            "aws" => (format!("arn:aws:iam::{ACCOUNT}:user/{base}"), base),
            "salesforce" => (format!("0055e{number:05}HLDNA"), format!("{base}@halden.example")),
            "github" => (format!("{base}[bot]"), format!("{base}[bot]")),
            _ => (format!("{number:08x}-51ce-4a7e-8d1b-0f6f1c2b7e01"), base),
        };
        let credential = match kind.provider() {
            "aws" => format!("AKIA{}", chance.upper::<16>()),
            "salesforce" => format!("0H45e{number:05}CXAPP"),
            "github" => chance.hex::<40>().to_string(),
            _ => chance.uuid().to_string(),
        };
        Self { seed, number, kind, start, id, name, scale, offset, credential }
    }

    /// The system it lives in.
    pub fn platform(&self) -> &'static str {
        self.kind.provider()
    }

    /// The application behind a service principal.
    pub(super) fn application(&self) -> String {
        format!("{:08x}-a99a-4a7e-8d1b-0f6f1c2b7e02", self.number)
    }

    /// Draws for one purpose on one day.
    pub(super) fn chance(&self, what: u64, day: i32) -> Chance {
        Chance::of(self.seed, what, u64::from(self.number), day as u64)
    }

    /// Midnight of a day of the world.
    pub(crate) fn midnight(&self, day: i32) -> Timestamp {
        Day(self.start.0 + day).start()
    }

    /// Its own /24 number `which` of a place, always the same.
    pub(super) fn block(&self, place: Place, which: u32) -> u32 {
        Chance::of(self.seed, draw::BLOCK, u64::from(self.number), u64::from(which) << 8 | place as u64).below(u64::from(place.size()))
            as u32
    }

    /// Its own fixed address in a place.
    pub(super) fn home(&self, place: Place, which: u32) -> Ipv4Addr {
        place.address(self.block(place, which), 17 + which)
    }

    /// Its long-lived credential, in a session named `session`.
    pub(super) fn grant(&self, session: impl Into<Text>) -> Grant {
        Grant { credential: Cow::Owned(self.credential.clone()), session: session.into(), behalf: None, tenant: None }
    }

    /// A session of its role: the key and the instance differ for every `run` of a day.
    pub(super) fn role_session(&self, day: i32, run: u64) -> Grant {
        let mut chance = self.chance(draw::SESSION + run, day);
        let key = format!("ASIA{}", chance.upper::<16>());
        Grant { credential: Cow::Owned(key), session: Cow::Owned(format!("i-0{}", chance.hex::<16>())), behalf: None, tenant: None }
    }
}
