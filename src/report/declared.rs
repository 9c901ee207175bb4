//! What people declared of an identity beside what it did: owner, purpose, limits and what lies outside them, announced
//! changes. It judges nothing: outside a declaration is a fact, not a finding.

use super::shown;
use crate::context::changes::{Allow, Change};
use crate::context::inventory::Entry;
use crate::context::observed::Observed;
use crate::context::schedule::span;
use crate::model::Timestamp;
use crate::model::observation::Names;
use serde::Serialize;

/// Values outside a declaration that are named.
const NAMED: usize = 8;

/// The declared side of an identity.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Declared {
    /// What the inventory says; `null` where it does not list the identity.
    pub inventory: Option<Entry>,
    /// Announced changes about it, in the order of the file.
    pub changes: Vec<Change>,
    /// What it did in the last 24 hours that was not declared.
    pub outside: Vec<String>,
}

impl Declared {
    /// The declared side, with what of `seen` lies outside.
    pub fn new(inventory: Option<Entry>, changes: Vec<Change>, seen: &Observed, names: &dyn Names) -> Self {
        let outside = inventory.as_ref().map(|entry| outside(entry, seen, names)).unwrap_or_default();
        Self { inventory, changes, outside }
    }

    /// Facts with their titles, plain text of people: escape before drawing.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        let Some(entry) = &self.inventory else { return out };
        let mut add = |title, text: Option<String>| out.extend(text.map(|text| (title, text)));
        let list = |values: &[String]| (!values.is_empty()).then(|| values.join(", "));
        add("purpose", entry.purpose.clone());
        add("escalation", entry.escalation.clone());
        let foreign = entry.is_third_party() == Some(true);
        add("operated by", entry.vendor.clone().or_else(|| foreign.then(|| "a third party".to_owned())));
        add("tier", entry.tier.map(|tier| tier.as_str().to_owned()));
        let dates = [("made", entry.created), ("expires", entry.expires), ("offboarded", entry.offboarded)];
        let dates = dates.into_iter().filter_map(|(what, time)| Some(format!("{what} {}", time?)));
        let life: Vec<String> = entry.lifecycle.map(|l| l.as_str().to_owned()).into_iter().chain(dates).collect();
        add("lifecycle", list(&life));
        add("rotate every", entry.rotate_every.map(span));
        add("granted", list(&entry.granted));
        let approved = &entry.approved;
        let patterns: Vec<String> = approved.networks.iter().map(ToString::to_string).collect();
        add("from", list(&patterns));
        add("authenticates by", list(&approved.auth_methods));
        let classes: Vec<String> = approved.classes.iter().map(|class| class.as_str().to_owned()).collect();
        add("calls", list(&classes));
        add("data", list(&approved.domains));
        add("tools", list(&approved.tools));
        add("most rows a day", approved.max_rows_per_day.map(|rows| rows.to_string()));
        add("schedule", approved.schedule.map(|schedule| schedule.to_string()));
        add("by hand", approved.interactive.map(|by_hand| if by_hand { "yes" } else { "never" }.to_owned()));
        out
    }

    /// Announced changes in a line each: whether it runs at `now`, its ticket, its dimensions, its limits.
    pub fn announced(&self, now: Timestamp) -> Vec<String> {
        self.changes.iter().map(|change| announced(change, now)).collect()
    }

    /// For a ticket or a terminal; empty where nothing was declared.
    pub fn text(&self, now: Timestamp) -> String {
        let mut out = String::new();
        let mut section = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                out.extend(["\n", title, "\n"]);
                for line in &lines {
                    out.extend(["  ", &shown(line), "\n"]);
                }
            }
        };
        section("Declared", self.facts().into_iter().map(|(title, text)| format!("{title:<18} {text}")).collect());
        section("Outside what is declared, last 24 hours", self.outside.clone());
        section("Announced changes", self.announced(now));
        out
    }
}

fn announced(change: &Change, now: Timestamp) -> String {
    let when = match now {
        now if now < change.from => "from then on",
        now if now < change.to => "runs now",
        _ => "over",
    };
    let dimensions: Vec<&str> = change.dimensions.iter().map(|d| d.as_str()).collect();
    let mut out = format!("{} to {} ({when}): {}", change.from, change.to, dimensions.join(", "));
    let limits = limits(&change.allow);
    if !limits.is_empty() {
        out = format!("{out}; only {limits}");
    }
    let said = [("ticket", &change.ticket), ("approved by", &change.approver), ("note:", &change.note)];
    said.iter().filter_map(|(what, text)| Some(format!("; {what} {}", text.as_ref()?))).for_each(|part| out.push_str(&part));
    out
}

fn limits(allow: &Allow) -> String {
    let mut parts = Vec::new();
    let mut list = |what: &str, values: Vec<String>| {
        if !values.is_empty() {
            parts.push(format!("{what} {}", values.join(", ")));
        }
    };
    list("cloud", allow.cloud.clone());
    list("AS", allow.asn.iter().map(ToString::to_string).collect());
    list("address", allow.ip.iter().map(ToString::to_string).collect());
    list("country", allow.country.clone());
    list("client", allow.agent.clone());
    list("operation", allow.action.clone());
    list("data", allow.domain.clone());
    list("up to", allow.max_rows.map(|rows| format!("{rows} rows a day")).into_iter().collect());
    list("up to", allow.volume_factor.map(|factor| format!("{factor} times the usual volume")).into_iter().collect());
    parts.join(", ")
}

/// What was seen and not declared, a line each dimension.
fn outside(entry: &Entry, seen: &Observed, names: &dyn Names) -> Vec<String> {
    let approved = &entry.approved;
    let mut out = Vec::new();
    let mut list = |what: &str, mut values: Vec<String>| {
        values.sort();
        values.dedup();
        let more = values.len().saturating_sub(NAMED);
        values.truncate(NAMED);
        if more > 0 {
            values.push(format!("{more} more"));
        }
        if !values.is_empty() {
            out.push(format!("{what}: {}", values.join(", ")));
        }
    };
    let other = |told: Option<bool>| told == Some(false);
    list("networks", seen.sources.values().filter(|s| other(approved.network(s))).map(|s| s.network_name()).collect());
    let texts = |symbols: &std::collections::BTreeSet<_>, told: &dyn Fn(&str) -> Option<bool>| {
        symbols.iter().filter_map(|sym| names.text(*sym)).filter(|text| other(told(text))).map(|text| text.to_string()).collect()
    };
    list("authentication", texts(&seen.auth_methods, &|text| approved.auth_method(text)));
    list("calls", seen.classes.iter().filter(|class| other(approved.class(**class))).map(|class| class.as_str().to_owned()).collect());
    list("data", texts(&seen.domains, &|text| approved.domain(text)));
    if let (Some(rows), Some(most)) = (seen.most_rows(), approved.max_rows_per_day)
        && rows > most
    {
        list("rows", vec![format!("{rows}, more than the declared {most}")]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{Changes, Inventory};
    use crate::model::Sym;
    use std::sync::Arc;

    struct None;

    impl Names for None {
        fn text(&self, _: Sym) -> Option<Arc<str>> {
            Option::None
        }
    }

    #[test]
    fn what_was_declared_is_told_in_lines() {
        let inventory = "[[identity]]\nid = \"x\"\npurpose = \"sync\\u001b[31m\"\nvendor = \"Acme\"\nlifecycle = \"active\"\nexpires = 2027-01-01\n\
                         rotate_every = \"90d\"\n[identity.approved]\nnetworks = [\"cloud:aws\"]\nschedule = \"every 2h\"\ninteractive = false\n";
        let changes = "[[change]]\nidentity = \"x\"\nfrom = 2026-11-19\nto = 2026-11-26\nticket = \"CHG-1\"\ndimensions = [\"source\", \"volume\"]\n\
                       [change.allow]\ncloud = [\"gcp\"]\nvolume_factor = 15\n";
        let entry = Inventory::parse("i", inventory, &[]).unwrap().entries()[0].clone();
        let changes = Changes::parse("c", changes, &[]).unwrap().list().to_vec();
        let declared = Declared::new(Some(entry), changes, &Observed::default(), &None);
        let text = declared.text(Timestamp::parse("2026-11-20").unwrap());
        for part in [
            "purpose            sync",
            "operated by        Acme",
            "active, expires 2027-01-01T00:00:00Z",
            "rotate every       90d",
            "every 2h",
            "by hand            never",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(text.contains("(runs now): source, volume; only cloud gcp, up to 15 times the usual volume; ticket CHG-1"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains("Outside"));
        assert_eq!(Declared::default().text(Timestamp(0)), "");
    }
}
