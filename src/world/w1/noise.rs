//! What is wrong with every log: calls that fail, throttling with its retries, one-off calls, records that come late or
//! out of order. It must not know whose calls they are.

use super::record::{self, Call, Failure, What};
use super::{Line, Member, draw};
use crate::world::chance::Chance;
use std::borrow::Cow;

/// Adds the noise of a day to its calls.
pub(super) fn add(member: &Member, day: i32, calls: &mut Vec<Call>) {
    let mut chance = member.chance(draw::NOISE, day);
    let mut more = Vec::new();
    for call in calls.iter_mut() {
        if call.failure.is_none() && chance.happens(0.003) {
            call.failure = Some(Failure::Broken);
        }
        if chance.happens(0.001) {
            let mut at = call.at;
            for _ in 0..chance.between(20, 60) {
                at = at.plus(chance.between(200, 2_500) as i64);
                more.push(call.again(at, Some(Failure::Throttled)));
            }
        }
    }
    if chance.happens(0.005) && !calls.is_empty() {
        let call = chance.pick(calls).clone();
        let at = call.at.plus(chance.between(500, 4_000) as i64);
        more.push(Call { what: oddity(&call.what, chance.below(3)), failure: None, ..call.again(at, None) });
    }
    calls.append(&mut more);
    number(calls);
    let (from, to) = (member.midnight(day), member.midnight(day + 1));
    calls.retain(|call| (from..to).contains(&call.at));
    // What happens at one moment keeps the order in which it was told.
    calls.sort_by_key(|call| call.at);
}

/// Numbers calls as they come.
pub(super) fn number(calls: &mut [Call]) {
    for (serial, call) in (0..).zip(calls) {
        call.serial = serial;
    }
}

/// A harmless call somebody makes once: tags, version, who am I.
fn oddity(like: &What, which: u64) -> What {
    match (like, which) {
        (What::Aws { .. }, 0) => record::aws("tagging", "GetTagKeys", ""),
        (What::Aws { .. }, 1) => record::aws("ssm", "DescribeInstanceInformation", ""),
        (What::Aws { .. }, _) => record::aws("sts", "GetCallerIdentity", ""),
        (What::Token | What::Rest { .. } | What::Bulk { .. }, 0) => record::get("/sobjects/Topic/describe", "Topic"),
        (What::Token | What::Rest { .. } | What::Bulk { .. }, 1) => record::get("/", ""),
        (What::Token | What::Rest { .. } | What::Bulk { .. }, _) => record::get("/chatter/users/me", ""),
        (What::Git { repo, .. }, 0) => What::Git { action: "api.request", repo: repo.clone(), path: format!("/repos/halden/{repo}/tags") },
        (What::Git { repo, .. }, 1) => What::Git { action: "api.request", repo: repo.clone(), path: "/versions".to_owned() },
        (What::Git { repo, .. }, _) => What::Git { action: "api.request", repo: repo.clone(), path: "/app".to_owned() },
        (_, 0) => What::Graph { method: "GET", path: "/directory/subscriptions".to_owned(), bytes: 900 },
        (_, 1) => What::Graph { method: "GET", path: "/$metadata".to_owned(), bytes: 900 },
        (_, _) => What::Graph { method: "GET", path: "/organization".to_owned(), bytes: 900 },
    }
}

/// The record on its way: late by some minutes, one in a thousand by more than ten.
pub(super) fn deliver(call: &Call, text: String, chance: &mut Chance) -> Line {
    let minutes = if chance.happens(0.001) { 10.0 + chance.wait(20.0) } else { chance.wait(4.0) };
    Line { time: call.at, arrives: call.at.plus((minutes * 60_000.0) as i64), text, step: call.step }
}

/// An owned text that does not change.
pub(super) const fn fixed(text: &'static str) -> Cow<'static, str> {
    Cow::Borrowed(text)
}
