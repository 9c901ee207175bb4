//! What a CI token does on a day (K03): builds that clone some repositories, a release now and then, from a runner that is
//! another machine every time. It must not know what is injected into it.

use super::draw;
use super::member::Member;
use super::noise::fixed;
use super::place::Place;
use super::record::{Call, What};
use super::salesforce::{Caller, weekend};
use super::zipf::Zipf;
use crate::model::time::HOUR;
use crate::world::chance::Chance;
use std::sync::LazyLock;

static REPOSITORIES: LazyLock<Zipf> = LazyLock::new(|| Zipf::new(25, 1.2));

/// A runner: any of 6,000 blocks of two clouds.
pub(super) fn runner(member: &Member, chance: &mut Chance) -> Caller {
    let (place, blocks) = if chance.happens(0.75) { (Place::Azure, 4_500) } else { (Place::Google, 1_500) };
    let from = place.address(chance.below(blocks) as u32, chance.below(250) as u32);
    Caller { from, agent: "git/2.45.2", grant: member.grant(fixed("")) }
}

/// The calls of a day.
pub(super) fn work(member: &Member, day: i32) -> Vec<Call> {
    let mut chance = member.chance(draw::DAY, day);
    let mut out = Vec::new();
    let runs = if weekend(day) { chance.between(0, 2) } else { chance.between(4, 14) };
    for _ in 0..runs {
        let line = runner(member, &mut chance);
        let hour = chance.normal(14.0, 3.0).clamp(0.0, 23.5);
        let mut at = member.midnight(day).plus((hour * HOUR as f64) as i64);
        let wanted = 1 + chance.below(3) as usize;
        for repo in REPOSITORIES.distinct(&mut chance, wanted) {
            out.push(line.call(at, git("git.clone", repo)));
            at = at.plus(chance.between(1_000, 20_000) as i64);
        }
        if chance.happens(0.1) {
            at = at.plus(chance.between(60_000, 600_000) as i64);
            let repo = REPOSITORIES.draw(&mut chance);
            out.push(line.call(at, git("release.publish", repo)));
        }
    }
    out
}

/// An action on one of the usual repositories.
pub(super) fn git(action: &'static str, repo: usize) -> What {
    What::Git { action, repo: format!("service-{repo:02}"), path: String::new() }
}
