//! What the Entra kinds do on a day: the finance job that exports at the month's end (K07), the directory sync (K11). It
//! must not know what is injected into them.

use super::member::Member;
use super::noise::fixed;
use super::place::Place;
use super::record::{Call, Grant, What};
use super::salesforce::Caller;
use super::{KindId, draw};
use crate::model::time::{HOUR, MINUTE};
use crate::world::chance::Chance;

/// Days after which the sync's certificate is exchanged.
pub(super) const ROTATION: i32 = 45;
/// Bytes of one exported row.
const ROW: f64 = 240.0;

/// The calls of a day.
pub(super) fn work(member: &Member, day: i32) -> Vec<Call> {
    let mut chance = member.chance(draw::DAY, day);
    let mut out = Vec::new();
    if member.kind == KindId::K07 {
        finance(member, day, &mut chance, &mut out);
    } else {
        for slot in 0..48 {
            sync_run(member, day, slot, &mut chance, &mut out);
        }
    }
    out
}

/// The caller, with the certificate of the day.
pub(super) fn line(member: &Member, day: i32, session: u64) -> Caller {
    let (place, agent) = if member.kind == KindId::K07 { (Place::Azure, "finance-close/3.1") } else { (Place::Azure, "DirectorySync/2.4") };
    let generation = if member.kind == KindId::K07 { 0 } else { (day + member.offset as i32) / ROTATION };
    Caller { from: member.home(place, 0), agent, grant: certificate(member, generation, format!("t{day}x{session}")) }
}

/// The certificate of a generation, in a session.
pub(super) fn certificate(member: &Member, generation: i32, session: String) -> Grant {
    let mut chance = member.chance(draw::MEMBER, 1_000 + generation);
    Grant { credential: chance.uuid().to_string().into(), session: session.into(), behalf: None, tenant: None }
}

fn graph(path: impl Into<String>, bytes: u64) -> What {
    What::Graph { method: "GET", path: path.into(), bytes }
}

/// Every morning a small question; on the third day of every thirty the export of six ledgers.
fn finance(member: &Member, day: i32, chance: &mut Chance, out: &mut Vec<Call>) {
    let here = line(member, day, 0);
    let mut at = member.midnight(day).plus(6 * HOUR + member.offset * MINUTE + chance.between(0, 30_000) as i64);
    out.push(here.call(at, What::SignIn));
    for _ in 0..chance.between(2, 4) {
        at = at.plus(chance.between(500, 4_000) as i64);
        out.push(here.call(at, graph("/sites/halden-finance/lists/journal/items", chance.between(4_000, 12_000))));
    }
    if day.rem_euclid(30) == 3 {
        let rows = 80_000.0 * chance.normal(1.0, 0.1).max(0.5);
        at = member.midnight(day).plus(7 * HOUR + member.offset * MINUTE);
        out.push(here.call(at, What::SignIn));
        for ledger in 0..6 {
            at = at.plus(chance.between(4_000, 30_000) as i64);
            out.push(here.call(at, ledger_export(ledger, (rows * ROW / 6.0) as u64)));
        }
    }
}

/// The export of a ledger.
pub(super) fn ledger_export(ledger: u32, bytes: u64) -> What {
    graph(format!("/drives/b!finance/items/01LEDGER{ledger:04}/content"), bytes)
}

/// Every half hour a sign-in and three reads.
fn sync_run(member: &Member, day: i32, slot: i64, chance: &mut Chance, out: &mut Vec<Call>) {
    let here = line(member, day, slot as u64);
    let mut at = member.midnight(day).plus(slot * 30 * MINUTE + member.offset * MINUTE + chance.between(0, 8_000) as i64);
    out.push(here.call(at, What::SignIn));
    for path in ["/users/delta", "/groups/delta", "/devices"] {
        at = at.plus(chance.between(300, 2_500) as i64);
        let bytes = (chance.lognormal(9.0, 0.4) * member.scale) as u64;
        out.push(here.call(at, graph(path, bytes)));
    }
}

/// A client nobody told the directory about.
pub(super) fn stranger(member: &Member, day: i32, place: Place, agent: &'static str, chance: &mut Chance) -> Caller {
    let mine = line(member, day, 900);
    let from = place.address(chance.below(u64::from(place.size())) as u32, chance.below(250) as u32);
    let grant = Grant { session: fixed("t-stranger"), ..mine.grant };
    Caller { from, agent, grant }
}
