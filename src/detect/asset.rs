//! What is known of the identity itself: how much depends on it, who answers for it, how long it slept (`detection.md`
//! 2.15.3). It weighs beside evidence and never makes an alert alone. It must not know the score.

use super::declared::Version;
use super::episode::Threat;
use super::judge::Bench;
use super::privilege::Privilege;
use super::profile::Dim;
use crate::context::changes::Dimension;
use crate::context::inventory::Tier;
use crate::model::Observation;

/// Most and least that context adds, in bans.
pub const BOUNDS: (f64, f64) = (-0.5, 2.0);

fn term(name: &str, bans: f64, observed: String, baseline: &str) -> Threat {
    Threat { name: name.to_owned(), bans, observed, baseline: baseline.to_owned(), always: true }
}

/// Terms of context at an event; `dormant` = days it slept before this day and how improbable that was.
pub fn terms(bench: &Bench<'_>, o: &Observation, dormant: Option<(u32, f64)>) -> Vec<Threat> {
    let Version { inventory, entry, .. } = bench.declared;
    let mut out = Vec::new();
    if let Some((days, p)) = dormant {
        out.push(term("dormant", 0.5, format!("silent for {days} days before"), &format!("so long a rest has p = {p:.3}")));
    }
    let privileged = bench.profile.values(Dim::Privileged);
    if !privileged.is_empty() {
        out.push(term("admin-capable", 0.5, format!("{} privileged operations known", privileged.len()), "it can change who may do what"));
    }
    if let Some(entry) = entry {
        if entry.is_third_party() == Some(true) {
            let who = entry.vendor.clone().unwrap_or_else(|| "a third party".to_owned());
            out.push(term("third-party", 0.3, who, "operated by somebody else"));
        }
        match entry.tier {
            Some(Tier::CrownJewel) => out.push(term("crown-jewel", 0.3, "tier crown-jewel".to_owned(), "what it reaches must never leak")),
            Some(Tier::Sandbox) => out.push(term("sandbox", -0.5, "tier sandbox".to_owned(), "nothing depends on it")),
            _ => {}
        }
    }
    if *inventory && entry.as_ref().is_none_or(|entry| entry.owner.is_none()) {
        out.push(term("owner-unknown", 0.2, "the inventory names no owner".to_owned(), "nobody answers for it"));
    }
    let changes_access = bench.privilege.is_some_and(|p| p != Privilege::Silence) && !o.failed();
    if *inventory && changes_access && bench.declared.announced(o.time, Dimension::Privilege).next().is_none() {
        out.push(term("no-ticket", 0.5, bench.names.show(o.action), "access changed and no announced change covers it"));
    }
    out.retain(|t| bench.settings.counts(&t.name));
    out
}

/// C: the sum of the terms within its bounds.
pub fn total(terms: &[Threat]) -> f64 {
    terms.iter().map(|t| t.bans).sum::<f64>().clamp(BOUNDS.0, BOUNDS.1)
}
