//! An inventory drafted from what was seen, for a person to fill in and correct: what is written is what parses, and log
//! text stands in quotes only. It must not know where events are kept.

use super::inventory::Inventory;
use super::network::NetworkPattern;
use super::observed::Observed;
use crate::model::identity::IdentityRef;
use crate::model::{Network, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Values of one list that are drafted; beyond it the list is left to a person.
const MOST: usize = 24;

const HEAD: &str = "# Drafted by driftline from what was seen. Fill in owner and purpose, remove what should not be, then put the file\n\
                    # into the folder you load or name it with --inventory; `driftline inventory check FILE` validates it.\n";

/// The draft: identities with what they were seen doing, and their texts by symbol. Those that `known` already lists are
/// left out; at those that an alert is open about (`suspect`, platform and id) a comment warns, because what was seen may be an attacker's.
pub fn write(
    identities: &[(IdentityRef, Observed)],
    names: &dyn crate::model::observation::Names,
    known: &Inventory,
    suspect: &BTreeSet<(String, String)>,
) -> String {
    let mut out = HEAD.to_owned();
    for (identity, seen) in identities {
        if known.find(&identity.platform, &identity.id, &identity.name).is_none() {
            section(&mut out, identity, seen, names);
            if suspect.contains(&(identity.platform.clone(), identity.id.clone())) {
                out.push_str("# An alert is open about this identity: some of what was seen may be an attacker's doing.\n");
            }
        }
    }
    out
}

// Writing to a String cannot fail; the results are dropped for that reason throughout.
fn section(out: &mut String, identity: &IdentityRef, seen: &Observed, names: &dyn crate::model::observation::Names) {
    let _ = writeln!(out, "\n[[identity]]\nid = {}", quoted(&identity.id));
    if identity.name != identity.id {
        let _ = writeln!(out, "name = {}", quoted(&identity.name));
    }
    let _ = writeln!(out, "platform = {}", quoted(&identity.platform));
    let _ = writeln!(out, "# owner = \"\"        # to be filled in: who answers for it");
    let _ = writeln!(out, "# purpose = \"\"      # to be filled in: what it is for");
    let _ = writeln!(out, "# vendor = \"\"       # if somebody else operates it");
    let _ = writeln!(out, "# tier = \"production\"\nlifecycle = \"active\"");
    let _ = writeln!(out, "[identity.approved]   # as seen in calls that succeeded, to be confirmed by a person");
    let texts = |symbols: &BTreeSet<crate::model::Sym>| symbols.iter().filter_map(|sym| names.text(*sym)).map(|t| t.to_string()).collect();
    list(out, "networks", &networks(seen.sources.values().map(AsRef::as_ref)));
    list(out, "auth_methods", &texts(&seen.auth_methods));
    list(out, "classes", &seen.classes.iter().map(|class| class.as_str().to_owned()).collect());
    list(out, "domains", &texts(&seen.domains));
    if let Some(rows) = seen.most_rows() {
        let _ = writeln!(out, "max_rows_per_day = {}", roomy(rows));
    }
    if let Some(schedule) = seen.schedule() {
        let _ = writeln!(out, "schedule = \"{schedule}\"");
    }
}

/// The networks of sources: the cloud where there is one, else the autonomous system, else the block. Few countries are
/// worth declaring for others than clouds, so they stand beside in a comment's place: as patterns only where all agree.
fn networks<'s>(sources: impl Iterator<Item = &'s Source>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut countries: BTreeMap<&str, usize> = BTreeMap::new();
    for source in sources {
        match source.network {
            // The provider's own services come from no network that could be declared.
            Network::Provider => continue,
            Network::Cloud if !source.label.is_empty() => drop(out.insert(NetworkPattern::Cloud(source.label.clone()).to_string())),
            _ if source.asn != 0 => drop(out.insert(NetworkPattern::Asn(source.asn).to_string())),
            _ if !source.block_text.is_empty() => drop(out.insert(source.block_text.clone())),
            _ => continue,
        }
        if source.asn != 0 && source.network != Network::Cloud && !source.country.is_empty() {
            *countries.entry(&source.country).or_default() += 1;
        }
    }
    // Many systems of one country are a country's households and offices, and better said so.
    if out.len() > MOST && countries.len() <= 3 {
        out.retain(|pattern| !pattern.starts_with("asn:"));
        out.extend(countries.keys().map(|country| format!("country:{country}")));
    }
    out
}

fn list(out: &mut String, key: &str, values: &BTreeSet<String>) {
    if values.is_empty() {
        return;
    }
    if values.len() > MOST {
        let _ = writeln!(out, "# {key}: {} different ones were seen, too many for a purpose; list those that are meant", values.len());
        return;
    }
    let quoted: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    let _ = writeln!(out, "{key} = [{}]", quoted.join(", "));
}

/// The next round number above twice what was seen: a limit, not a record of the past.
fn roomy(rows: u64) -> u64 {
    let wanted = rows.saturating_mul(2).max(10);
    let mut step = 1u64;
    while step <= wanted / 10 {
        step *= 10;
    }
    [1, 2, 5, 10].into_iter().map(|n| step.saturating_mul(n)).find(|round| *round >= wanted).unwrap_or(wanted).min(i64::MAX as u64)
}

/// A TOML text of one line, with everything but plain characters escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_ascii_graphic() || c == ' ' || (c.is_alphanumeric() && !c.is_control()) => out.push(c),
            c => {
                let _ = write!(out, "\\U{:08X}", c as u32);
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::network::tests::source;
    use crate::context::observed::tests::observation;
    use crate::model::observation::Names;
    use crate::model::{Class, Kind, Sym};
    use proptest::prelude::*;
    use std::sync::Arc;

    struct Texts;

    impl Names for Texts {
        fn text(&self, sym: Sym) -> Option<Arc<str>> {
            ["oauth", "Account"].into_iter().find(|text| Sym::of(text) == sym).map(Into::into)
        }
    }

    fn identity(id: &str, name: &str) -> IdentityRef {
        IdentityRef {
            id: id.to_owned(),
            name: name.to_owned(),
            kind: Kind::ApiKey,
            class: Class::Machine,
            platform: "aws".to_owned(),
            tenant: None,
            owner: None,
        }
    }

    fn seen() -> Observed {
        let mut seen = Observed::default();
        for (n, source) in [source("52.94.236.248", 16509, "US", "aws"), source("192.0.2.1", 0, "", "")].into_iter().enumerate() {
            let mut o = observation(n as i64);
            o.source = Some(Arc::new(source));
            seen.add(&o);
        }
        seen
    }

    #[test]
    fn a_draft_parses_and_holds_what_was_seen() {
        let text = write(&[(identity("AKIA1", "deploy"), seen())], &Texts, &Inventory::default(), &BTreeSet::new());
        let inventory = Inventory::parse("draft", &text, &[]).unwrap();
        let entry = inventory.find("aws", "AKIA1", "").unwrap();
        assert_eq!(entry.approved.network(&source("52.94.0.1", 16509, "US", "aws")), Some(true), "{text}");
        assert_eq!((entry.approved.domain("Account"), entry.approved.auth_method("oauth")), (Some(true), Some(true)));
        assert_eq!((entry.approved.max_rows_per_day, entry.owner.as_deref()), (Some(50), None));
        assert!(text.contains("to be filled in"));
        let again = write(&[(identity("AKIA1", "deploy"), seen())], &Texts, &inventory, &BTreeSet::new());
        assert!(!again.contains("AKIA1"), "what is listed is not drafted");
        let suspect = BTreeSet::from([("aws".to_owned(), "AKIA1".to_owned())]);
        let warned = write(&[(identity("AKIA1", "deploy"), seen())], &Texts, &Inventory::default(), &suspect);
        assert!(warned.contains("An alert is open") && !text.contains("An alert is open"));
        assert!(Inventory::parse("draft", &warned, &[]).is_ok());
    }

    #[test]
    fn limits_are_round_and_roomy() {
        for (rows, limit) in [(0, 10), (5, 10), (20, 50), (25_000, 50_000), (26_000, 100_000), (u64::MAX, i64::MAX as u64)] {
            assert_eq!(roomy(rows), limit, "{rows}");
        }
    }

    proptest! {
        /// Names are written by whoever holds the token: none breaks out of its quotes.
        #[test]
        fn any_name_comes_back(id in "\\PC{1,30}|[\\x00-\\x7f]{1,30}", name in any::<String>()) {
            prop_assume!(id.trim() == id && !id.trim().is_empty() && name.trim() == name && !name.is_empty());
            let text = write(&[(identity(&id, &name), seen())], &Texts, &Inventory::default(), &BTreeSet::new());
            let inventory = Inventory::parse("draft", &text, &[]).unwrap();
            prop_assert_eq!(inventory.entries().len(), 1);
            prop_assert!(inventory.find("aws", &id, "").is_some());
        }
    }
}
