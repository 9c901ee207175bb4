//! What the Salesforce kinds do on a day: a connector (K01), a nightly bulk export (K02), a connector shared by a sync and
//! by analysts (K06). It must not know what is injected into them.

use super::member::Member;
use super::noise::fixed;
use super::place::Place;
use super::record::{Call, Grant, What, get, query};
use super::zipf::Zipf;
use super::{KindId, draw};
use crate::model::Timestamp;
use crate::model::time::{HOUR, MINUTE, SECOND};
use crate::world::chance::Chance;
use std::net::Ipv4Addr;
use std::sync::LazyLock;

/// What the connector copies.
pub(super) const COPIED: [&str; 4] = ["Account", "Contact", "Opportunity", "Case"];
/// What analysts look at.
pub(super) const ANALYSED: [&str; 20] = [
    "Lead",
    "Quote",
    "Contract",
    "Order",
    "Asset",
    "Campaign",
    "CampaignMember",
    "Product2",
    "PricebookEntry",
    "Task",
    "Event",
    "Solution",
    "Entitlement",
    "ServiceContract",
    "WorkOrder",
    "Territory2",
    "Invoice__c",
    "Payment__c",
    "Subscription__c",
    "Renewal__c",
];
static TWENTY: LazyLock<Zipf> = LazyLock::new(|| Zipf::new(20, 1.2));

/// Who calls for a while: from where, with which client and credential.
pub(super) struct Caller {
    pub(super) from: Ipv4Addr,
    pub(super) agent: &'static str,
    pub(super) grant: Grant,
}

impl Caller {
    /// A call of it.
    pub(super) fn call(&self, at: Timestamp, what: What) -> Call {
        Call { at, from: self.from, agent: fixed(self.agent), grant: self.grant.clone(), what, failure: None, step: None, serial: 0 }
    }
}

/// The calls of a day.
pub(super) fn work(member: &Member, day: i32) -> Vec<Call> {
    let mut chance = member.chance(draw::DAY, day);
    let mut out = Vec::new();
    match member.kind {
        KindId::K01 => (0..12).for_each(|slot| connector_run(member, day, slot * 2, "conn/1", &COPIED, &mut chance, &mut out)),
        KindId::K02 => nightly(member, day, &mut chance, &mut out),
        _ => {
            (0..8).for_each(|slot| connector_run(member, day, slot * 3, "sync/2", &COPIED[..2], &mut chance, &mut out));
            if !weekend(day) {
                for _ in 0..chance.between(1, 4) {
                    let at = chance.normal(13.0, 2.5);
                    analyst(member, day, at, &mut chance, &mut out);
                }
            }
        }
    }
    out
}

/// Whether a day of the world is a Saturday or Sunday: D0 is a Monday.
pub(super) const fn weekend(day: i32) -> bool {
    day.rem_euclid(7) >= 5
}

/// The connector in everyday use, as of a run.
pub(super) fn connector(member: &Member, agent: &'static str, day: i32, chance: &mut Chance) -> Caller {
    let block = chance.below(2) as u32;
    let from = Place::Virginia.address(member.block(Place::Virginia, block) % 1_000, 20 + chance.below(4) as u32);
    Caller { from, agent, grant: member.grant(format!("s{day}x{}", chance.below(1_000_000))) }
}

/// Every two or three hours: a token, then queries over its objects; two runs in a hundred ask how an object is built.
fn connector_run(
    member: &Member,
    day: i32,
    hour: i64,
    agent: &'static str,
    objects: &[&'static str],
    chance: &mut Chance,
    out: &mut Vec<Call>,
) {
    let line = connector(member, agent, day, chance);
    let mut at = member.midnight(day).plus(hour * HOUR + member.offset * MINUTE + chance.between(0, 20_000) as i64);
    out.push(line.call(at, What::Token));
    let mut wanted: Vec<&'static str> = objects.iter().copied().filter(|_| chance.happens(0.9)).collect();
    if wanted.is_empty() {
        wanted.push(objects[0]);
    }
    if chance.happens(0.02) {
        at = at.plus(chance.between(400, 2_000) as i64);
        out.push(line.call(at, get(&format!("/sobjects/{}/describe", wanted[0]), wanted[0])));
    }
    let calls = chance.between(8, 16);
    let rows = chance.lognormal(6.0, 0.5) * member.scale;
    for n in 0..calls {
        at = at.plus(chance.between(500, 4_000) as i64);
        let object = wanted[(n as usize) % wanted.len()];
        out.push(line.call(at, query(object, "+WHERE+SystemModstamp+>+2026-01-01T00:00:00Z", (rows / calls as f64) as u64)));
    }
}

/// Night after night: one bulk job, its state asked for until it is done.
fn nightly(member: &Member, day: i32, chance: &mut Chance, out: &mut Vec<Call>) {
    let line = night_line(member, day);
    let mut at = member.midnight(day).plus(2 * HOUR + chance.between(0, 240) as i64 * SECOND);
    out.push(line.call(at, What::Token));
    let job = job_id(chance);
    at = at.plus(chance.between(800, 3_000) as i64);
    out.push(line.call(at, What::Bulk { job: job.clone(), entity: fixed("Order"), status: "Open", rows: None }));
    for _ in 0..chance.between(10, 20) {
        at = at.plus(chance.between(8_000, 20_000) as i64);
        out.push(line.call(at, get(&format!("/jobs/query/{job}"), "Order")));
    }
    at = at.plus(chance.between(2_000, 9_000) as i64);
    let rows = (50_000.0 * member.scale * chance.normal(1.0, 0.04)).max(1.0) as u64;
    out.push(line.call(at, What::Bulk { job, entity: fixed("Order"), status: "JobComplete", rows: Some(rows) }));
}

/// The nightly job's caller.
pub(super) fn night_line(member: &Member, day: i32) -> Caller {
    Caller { from: member.home(Place::Frankfurt, 0), agent: "etl-runner/4.2", grant: member.grant(format!("n{day}")) }
}

/// Id of a bulk job.
pub(super) fn job_id(chance: &mut Chance) -> String {
    format!("7505e{:010}", chance.below(10_000_000_000))
}

/// An analyst's session of half an hour: three of twenty objects, by a spreadsheet.
pub(super) fn analyst(member: &Member, day: i32, hour: f64, chance: &mut Chance, out: &mut Vec<Call>) {
    let line = analyst_line(member, day, chance);
    let mut at = member.midnight(day).plus((hour.clamp(0.0, 23.0) * HOUR as f64) as i64);
    out.push(line.call(at, What::Token));
    let objects = TWENTY.distinct(chance, 3);
    let rows = chance.lognormal(7.5, 1.0) * member.scale;
    let calls = chance.between(3, 9);
    for n in 0..calls {
        at = at.plus(chance.between(5_000, 240_000) as i64);
        let object = ANALYSED[objects[n as usize % 3]];
        out.push(line.call(at, query(object, "+ORDER+BY+Name", (rows / calls as f64) as u64)));
    }
}

/// The spreadsheet's caller: no connected application, the office's network.
pub(super) fn analyst_line(member: &Member, day: i32, chance: &mut Chance) -> Caller {
    let from = Place::Office.address(member.block(Place::Office, 0), 30 + chance.below(6) as u32);
    let grant = Grant { credential: fixed(""), session: format!("a{day}x{}", chance.below(1_000_000)).into(), behalf: None, tenant: None };
    Caller { from, agent: "excel/16", grant }
}
