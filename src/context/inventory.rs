//! The inventory: who owns an identity, what it is for, what it may do, how long it lives. It overrides what was inferred
//! and is shown beside what was observed. It must not know what was observed, nor where the file lies.

mod entry;

pub use entry::{Approved, Entry, Lifecycle, OtherId, Tier};

use super::content_hash;
use super::document::{Document, Problems, Section, cut, known};
use super::network::NetworkPattern;
use super::schedule::{Schedule, parse_span};
use crate::model::{ActionClass, Class, Kind};
use entry::class_of;
use std::collections::BTreeMap;

/// Systems whose identities driftline reads.
pub const PLATFORMS: &[&str] = &[
    "anthropic",
    "atlassian",
    "auth0",
    "aws",
    "azure",
    "bedrock",
    "box",
    "cloudflare",
    "copilot",
    "databricks",
    "entra",
    "gcp",
    "generic",
    "github",
    "gitlab",
    "google_workspace",
    "jumpcloud",
    "kubernetes",
    "m365",
    "mcp",
    "ocsf",
    "okta",
    "onepassword",
    "openai",
    "salesforce",
    "slack",
    "snowflake",
    "teleport",
    "vault",
    "wiz",
];

/// One version of the inventory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    entries: Vec<Entry>,
    by_id: BTreeMap<String, Vec<(usize, Option<String>)>>,
    by_name: BTreeMap<String, Vec<usize>>,
}

impl Inventory {
    /// Reads `inventory.toml`. `file` names it in problems; `platforms` are systems known beside [`PLATFORMS`].
    pub fn parse(file: &str, text: &str, platforms: &[String]) -> Result<Self, Problems> {
        let (mut doc, mut top) = Document::open(text, file)?;
        let mut entries = Vec::new();
        let mut lines = Vec::new();
        for section in top.sections(&mut doc, "identity") {
            lines.push(section.line);
            entries.push(entry(&mut doc, section, platforms));
        }
        top.close(&mut doc);
        for (later, first) in doubles(&entries) {
            doc.problem(lines[later], format!("this identity is listed already in line {}; keep one", lines[first]));
        }
        doc.finish(file)?;
        Ok(Self::of(entries))
    }

    /// An inventory of entries.
    pub fn of(entries: Vec<Entry>) -> Self {
        let mut inventory = Self::default();
        for (at, entry) in entries.iter().enumerate() {
            for (platform, id) in entry.one_of() {
                inventory.by_id.entry(id.to_owned()).or_default().push((at, platform.map(str::to_owned)));
            }
            if let Some(name) = &entry.name {
                inventory.by_name.entry(name.clone()).or_default().push(at);
            }
        }
        inventory.entries = entries;
        inventory
    }

    /// The entry of an identity: the one with its id, else the one with its name; one that names the platform comes first.
    pub fn find(&self, platform: &str, id: &str, name: &str) -> Option<&Entry> {
        self.with_id(platform, id).or_else(|| self.with_name(platform, name))
    }

    /// The entry that lists an id of a system.
    pub fn with_id(&self, platform: &str, id: &str) -> Option<&Entry> {
        let mut fits = self.by_id.get(id)?.iter().filter(|(_, of)| of.as_deref().is_none_or(|of| of == platform));
        let first = fits.clone().find(|(_, of)| of.is_some()).or_else(|| fits.next());
        first.and_then(|(at, _)| self.entries.get(*at))
    }

    /// The entry with a name.
    pub fn with_name(&self, platform: &str, name: &str) -> Option<&Entry> {
        let mut fits = self.by_name.get(name)?.iter().filter_map(|at| self.entries.get(*at)).filter(|entry| entry.is_of(platform));
        let first = fits.clone().find(|entry| entry.platform.is_some());
        first.or_else(|| fits.next())
    }

    /// All entries, in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Content hash of this version, sixteen hexadecimal digits.
    pub fn hash(&self) -> String {
        content_hash(&self.entries)
    }

    /// The form in which a version is kept.
    pub fn to_json(&self) -> String {
        // Plain data with text keys always serialise.
        serde_json::to_string(&self.entries).unwrap_or_default()
    }

    /// Reads that form; `None` where another version of driftline wrote it in a way this one does not know.
    pub fn from_json(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self::of)
    }
}

/// Pairs of entries (later, first) that claim the same identity.
fn doubles(entries: &[Entry]) -> Vec<(usize, usize)> {
    let mut seen = BTreeMap::new();
    let mut out = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let name = entry.name.as_deref().filter(|_| entry.one_of().next().is_none());
        let name = name.map(|name| (("name", name), entry.platform.as_deref()));
        let ids = entry.one_of().map(|(platform, id)| (("id", id), platform));
        for key in ids.chain(name) {
            if let Some(first) = seen.insert(key, at).filter(|first| *first != at) {
                out.push((at, first));
            }
        }
    }
    out
}

fn entry(doc: &mut Document, mut from: Section<'_>, platforms: &[String]) -> Entry {
    let line = from.line;
    let named = from.has("id") || from.has("name") || from.has("ids");
    let mut entry = Entry {
        id: from.text(doc, "id"),
        name: from.text(doc, "name"),
        platform: platform(doc, &mut from, platforms),
        ids: from.texts(doc, "ids").into_iter().map(|(_, text)| other_id(text, platforms)).collect(),
        owner: from.text(doc, "owner"),
        escalation: from.text(doc, "escalation"),
        purpose: from.text(doc, "purpose"),
        vendor: from.text(doc, "vendor"),
        third_party: from.flag(doc, "third_party"),
        tier: from.word(doc, "tier", Tier::ALL, Tier::as_str),
        lifecycle: from.word(doc, "lifecycle", Lifecycle::ALL, Lifecycle::as_str),
        created: from.time(doc, "created"),
        expires: from.time(doc, "expires"),
        offboarded: from.time(doc, "offboarded"),
        rotate_every: None,
        granted: from.texts(doc, "granted").into_iter().map(|(_, text)| text).collect(),
        kind: from.word(doc, "kind", Kind::ALL, Kind::as_str),
        class: from.word(doc, "class", Class::ALL, Class::as_str),
        approved: Approved::default(),
    };
    if let Some((line, text)) = from.text_at(doc, "rotate_every") {
        entry.rotate_every = parse_span(&text);
        if entry.rotate_every.is_none() {
            doc.problem(line, format!("rotate_every is no span: \"{}\"; write one like 90d or 12w", cut(&text)));
        }
    }
    if let Some(section) = from.section(doc, "approved") {
        entry.approved = approved(doc, section);
    }
    if !named {
        doc.problem(line, "an identity without id or name; say which one is meant");
    }
    if let (Some(kind), Some(class)) = (entry.kind, entry.class)
        && class_of(kind) != class
    {
        doc.problem(line, format!("kind {kind} is never of class {class}; leave class out or make it {}", class_of(kind)));
    }
    for (what, end) in [("expires", entry.expires), ("offboarded", entry.offboarded)] {
        if let (Some(created), Some(end)) = (entry.created, end)
            && end < created
        {
            doc.problem(line, format!("{what} ({end}) lies before created ({created})"));
        }
    }
    from.close(doc);
    entry
}

/// `github:acme-deploy` is an id of one system; what does not begin with the name of a system is an id wherever it stands.
fn other_id(text: String, platforms: &[String]) -> OtherId {
    match text.split_once(':').filter(|(head, id)| !id.is_empty() && (PLATFORMS.contains(head) || platforms.iter().any(|own| own == head)))
    {
        Some((platform, id)) => OtherId { platform: Some(platform.to_owned()), id: id.to_owned() },
        None => OtherId { platform: None, id: text },
    }
}

/// The system an entry or a change is about.
pub(super) fn platform(doc: &mut Document, from: &mut Section<'_>, also: &[String]) -> Option<String> {
    let (line, text) = from.text_at(doc, "platform")?;
    if also.contains(&text) {
        return Some(text);
    }
    let found = known(doc, line, "platform", &text, PLATFORMS, |name| name)?;
    Some(found.to_owned())
}

fn approved(doc: &mut Document, mut from: Section<'_>) -> Approved {
    let plain = |texts: Vec<(usize, String)>| texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    let mut out = Approved {
        networks: Vec::new(),
        auth_methods: plain(from.texts(doc, "auth_methods")),
        classes: from.words(doc, "classes", ActionClass::ALL, ActionClass::as_str),
        domains: plain(from.texts(doc, "domains")),
        tools: plain(from.texts(doc, "tools")),
        max_rows_per_day: from.number(doc, "max_rows_per_day"),
        schedule: None,
        interactive: from.flag(doc, "interactive"),
        enforce: from.flag(doc, "enforce").unwrap_or_default(),
    };
    for (line, text) in from.texts(doc, "networks") {
        match NetworkPattern::parse(&text) {
            Ok(pattern) => out.networks.push(pattern),
            Err(problem) => doc.problem(line, problem),
        }
    }
    if let Some((line, text)) = from.text_at(doc, "schedule") {
        out.schedule = Schedule::parse(&text);
        if out.schedule.is_none() {
            doc.problem(line, format!("no schedule: \"{}\"; write every 15m, every 2h, hourly or daily at 02:30 (UTC)", cut(&text)));
        }
    }
    from.close(doc);
    out
}

/// Names of groups that changes may mean, with what of an entry they compare.
pub(super) fn in_group(entry: &Entry, group: super::changes::Group, value: &str) -> bool {
    use super::changes::Group;
    let of = match group {
        Group::Vendor => entry.vendor.as_deref(),
        Group::Owner => entry.owner.as_deref(),
        Group::Tier => entry.tier.map(Tier::as_str),
        Group::Platform => None,
    };
    of.is_some_and(|of| of.eq_ignore_ascii_case(value))
}

/// Checks the value of a group whose values are words.
pub(super) fn check_group(doc: &mut Document, line: usize, group: super::changes::Group, value: &str, platforms: &[String]) {
    use super::changes::Group;
    match group {
        Group::Tier => drop(known(doc, line, "group tier", value, Tier::ALL, Tier::as_str)),
        Group::Platform if !platforms.iter().any(|own| own == value) => {
            let _ = known(doc, line, "group platform", value, PLATFORMS, |name| name);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"
[[identity]]
id = "0H4xx0000004CLA"
platform = "salesforce"
owner = "revops@example.com"
escalation = "soc-lead@example.com"
purpose = "syncs opportunities to the data warehouse"
vendor = "Acme"
tier = "crown-jewel"
lifecycle = "active"
created = 2024-05-01
expires = 2027-05-01T00:00:00Z
rotate_every = "90d"
granted = ["api", "refresh_token"]
[identity.approved]
networks = ["cloud:aws", "asn:14618", "country:US", "192.0.2.0/24"]
auth_methods = ["oauth_refresh"]
classes = ["query", "read"]
domains = ["Opportunity", "Account"]
tools = []
max_rows_per_day = 50000
schedule = "every 2h"
interactive = false
enforce = false

[[identity]]
name = "ci-deploy"
kind = "ci_token"
third_party = false
"#;

    #[test]
    fn everything_the_contract_names_is_read() {
        let inventory = Inventory::parse("inventory.toml", FULL, &[]).unwrap();
        let entry = inventory.find("salesforce", "0H4xx0000004CLA", "").unwrap();
        assert_eq!(entry.owner.as_deref(), Some("revops@example.com"));
        assert_eq!((entry.is_third_party(), entry.tier, entry.lifecycle), (Some(true), Some(Tier::CrownJewel), Some(Lifecycle::Active)));
        assert_eq!(entry.created.map(|t| t.to_string()).as_deref(), Some("2024-05-01T00:00:00Z"));
        assert_eq!(entry.rotate_every, Some(90 * crate::model::time::DAY));
        assert_eq!(entry.approved.networks.len(), 4);
        assert_eq!(entry.approved.rows(50_001), Some(false));
        assert_eq!((entry.approved.class(ActionClass::Export), entry.approved.tool("x")), (Some(false), None));
        assert_eq!((entry.approved.auth_method("OAUTH_REFRESH"), entry.approved.domain("Case")), (Some(true), Some(false)));
        let ci = inventory.find("github", "whatever", "ci-deploy").unwrap();
        assert_eq!((ci.declared_kind(), ci.is_third_party()), ((Some(Kind::CiToken), Some(Class::Machine)), Some(false)));
        assert!(ci.approved.is_empty());
        assert!(inventory.find("aws", "0H4xx0000004CLA", "").is_none(), "the platform narrows");
        assert_eq!(Inventory::from_json(&inventory.to_json()).unwrap(), inventory);
    }

    #[test]
    fn the_id_wins_over_the_name_and_the_platform_over_neither() {
        let text = "[[identity]]\nname = \"bot\"\nowner = \"a\"\n[[identity]]\nname = \"bot\"\nplatform = \"github\"\nowner = \"b\"\n\
                    [[identity]]\nid = \"7\"\nowner = \"c\"\n";
        let inventory = Inventory::parse("f", text, &[]).unwrap();
        let owner = |platform, id| inventory.find(platform, id, "bot").and_then(|e| e.owner.as_deref());
        assert_eq!((owner("aws", "1"), owner("github", "1"), owner("github", "7")), (Some("a"), Some("b"), Some("c")));
    }

    /// Protects the joins people declare: any of the ids finds the entry, on its own system.
    #[test]
    fn an_identity_has_ids_on_several_systems() {
        let text = "[[identity]]\nid = \"deploy\"\nplatform = \"aws\"\nids = [\"github:acme-deploy[bot]\", \"arn:aws:iam::1:role/deploy\", \"acme_hr:7\"]\nowner = \"a\"\n";
        let inventory = Inventory::parse("f", text, &["acme_hr".to_owned()]).unwrap();
        let owner = |platform, id| inventory.find(platform, id, "x").and_then(|e| e.owner.as_deref());
        for (platform, id, found) in [
            ("aws", "deploy", true),
            ("github", "deploy", false),
            ("github", "acme-deploy[bot]", true),
            ("gitlab", "acme-deploy[bot]", false),
            ("aws", "arn:aws:iam::1:role/deploy", true),
            ("kubernetes", "arn:aws:iam::1:role/deploy", true),
            ("acme_hr", "7", true),
            ("aws", "7", false),
        ] {
            assert_eq!(owner(platform, id).is_some(), found, "{platform} {id}");
        }
        assert_eq!(Inventory::from_json(&inventory.to_json()).unwrap(), inventory);
        assert_eq!(inventory.entries()[0].one_of().count(), 4);
        let twice = "[[identity]]\nid = \"a\"\nids = [\"b\", \"b\"]\n[[identity]]\nid = \"b\"\n";
        let problems = Inventory::parse("f", twice, &[]).unwrap_err();
        assert_eq!(problems.lines().len(), 1, "{problems}");
    }

    #[test]
    fn every_problem_is_one_line_with_the_way_out() {
        let text = r#"
[[identity]]
id = "x"
ownr = "a"
platform = "salesfroce"
tier = "crown"
created = "yesterday"
rotate_every = "often"
[identity.approved]
networks = ["cluod:aws", "10.0.0.0/40"]
classes = ["reed"]
schedule = "sometimes"
max_row_per_day = 5
[[identity]]
owner = "nobody"
[[identity]]
id = "x"
platform = "aws"
kind = "human"
class = "machine"
created = 2026-01-01
expires = 2025-01-01
[[identity]]
id = "x"
platform = "aws"
[[identitiy]]
"#;
        let problems = Inventory::parse("inventory.toml", text, &[]).unwrap_err();
        let expected = [
            "inventory.toml:4: unknown key \"ownr\" in identity; nearest is \"owner\"",
            "inventory.toml:5: platform is never \"salesfroce\"; nearest is \"salesforce\"",
            "inventory.toml:6: tier is never \"crown\"; nearest is",
            "inventory.toml:7: created is no time: \"yesterday\"",
            "inventory.toml:8: rotate_every is no span",
            "inventory.toml:10: \"10.0.0.0/40\" is no network",
            "inventory.toml:10: \"cluod:aws\" is no network: no sort \"cluod\"; nearest is \"cloud\"",
            "inventory.toml:11: classes is never \"reed\"; nearest is \"read\"",
            "inventory.toml:12: no schedule",
            "inventory.toml:13: unknown key \"max_row_per_day\" in approved; nearest is \"max_rows_per_day\"",
            "inventory.toml:14: an identity without id or name",
            "inventory.toml:16: expires (2025-01-01T00:00:00Z) lies before created",
            "inventory.toml:16: kind human is never of class machine",
            "inventory.toml:23: this identity is listed already in line 16",
            "inventory.toml:26: unknown key \"identitiy\" in the file; nearest is \"identity\"",
        ];
        let lines = problems.lines();
        assert_eq!(lines.len(), expected.len(), "{problems}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.starts_with(expected) && !line.contains('\n'), "{line}\n{expected}");
        }
    }

    #[test]
    fn a_hash_is_of_what_is_said_and_not_of_how() {
        let one = Inventory::parse("f", "[[identity]]\nid = \"x\"\nowner = \"a\"", &[]).unwrap().hash();
        let same = Inventory::parse("f", "# note\n[[identity]]\nowner = 'a'\n\nid = \"x\"\n", &[]).unwrap().hash();
        let other = Inventory::parse("f", "[[identity]]\nid = \"x\"\nowner = \"b\"", &[]).unwrap().hash();
        assert_eq!(one, same);
        assert_ne!(one, other);
    }

    #[test]
    fn a_platform_the_store_has_seen_is_known() {
        let text = "[[identity]]\nid = \"x\"\nplatform = \"acme_hr\"";
        assert!(Inventory::parse("f", text, &[]).is_err());
        assert!(Inventory::parse("f", text, &["acme_hr".to_owned()]).is_ok());
    }
}
