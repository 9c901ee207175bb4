//! Announced changes: whose behaviour may differ, when, in which dimensions and up to what. A change discounts only what it
//! names and only inside its window; everything else counts as before. How much is discounted is the detector's
//! business, not ours.

use super::content_hash;
use super::document::{Document, Problems, Section, cut};
use super::inventory::{Entry, check_group, in_group, platform};
use super::network::{Block, cloud, country};
use crate::model::event::words;
use crate::model::identity::IdentityRef;
use crate::model::{Agent, Source, Timestamp};
use serde::{Deserialize, Serialize};

words! {
    /// What of an identity's behaviour may differ.
    Dimension {
        /// Where it comes from.
        Source = "source",
        /// With what it comes.
        Client = "client",
        /// What it does.
        Action = "action",
        /// What it touches.
        Breadth = "breadth",
        /// How much it moves.
        Volume = "volume",
        /// When it acts.
        Timing = "timing",
        /// With which credential.
        Credential = "credential",
        /// Which permissions it uses or changes.
        Privilege = "privilege",
    }
}

words! {
    /// What identities of a group have in common.
    Group {
        /// Operated by one vendor.
        Vendor = "vendor",
        /// Answered for by one owner.
        Owner = "owner",
        /// Of one tier.
        Tier = "tier",
        /// On one system.
        Platform = "platform",
    }
}

/// Whom a change is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// One identity, by id or name.
    #[serde(rename = "identity")]
    Identity(String),
    /// All of a group, as the inventory has them.
    #[serde(rename = "group")]
    Group(Group, String),
}

/// The only values that are discounted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Allow {
    /// Clouds, by label.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cloud: Vec<String>,
    /// Autonomous systems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asn: Vec<u32>,
    /// Addresses and blocks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ip: Vec<Block>,
    /// Countries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub country: Vec<String>,
    /// Clients, by family or as sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agent: Vec<String>,
    /// Operations, `service:operation` or the operation alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub action: Vec<String>,
    /// Families of data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domain: Vec<String>,
    /// Most rows a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_rows: Option<u64>,
    /// Most times the usual volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_factor: Option<f64>,
}

/// One announced change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Whom it is about.
    pub subject: Subject,
    /// Only on this system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
    /// Number in the change system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Who approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What may differ.
    pub dimensions: Vec<Dimension>,
    /// Up to what.
    #[serde(default)]
    pub allow: Allow,
}

impl Change {
    /// Whether something of a dimension at this instant is inside the window.
    pub fn covers(&self, at: Timestamp, dimension: Dimension) -> bool {
        self.from <= at && at < self.to && self.dimensions.contains(&dimension)
    }

    /// Whether it is about an identity; `entry` is what the inventory says of it.
    pub fn is_about(&self, identity: &IdentityRef, entry: Option<&Entry>) -> bool {
        self.platform.as_deref().is_none_or(|own| own == identity.platform)
            && match &self.subject {
                Subject::Identity(what) => *what == identity.id || *what == identity.name,
                Subject::Group(Group::Platform, value) => *value == identity.platform,
                Subject::Group(group, value) => entry.is_some_and(|entry| in_group(entry, *group, value)),
            }
    }

    /// Whether a source is among the allowed ones.
    pub fn allows_source(&self, source: &Source) -> bool {
        let allow = &self.allow;
        (source.asn != 0 && allow.asn.contains(&source.asn))
            || allow.cloud.iter().any(|label| label.eq_ignore_ascii_case(&source.label))
            || allow.country.contains(&source.country)
            || allow.ip.iter().any(|block| block.holds(&source.text))
    }

    /// Whether a client is among the allowed ones.
    pub fn allows_agent(&self, agent: &Agent) -> bool {
        self.allow.agent.iter().any(|own| own.eq_ignore_ascii_case(&agent.family) || *own == agent.text)
    }

    /// Whether an operation is among the allowed ones.
    pub fn allows_action(&self, service: &str, operation: &str) -> bool {
        let own = |own: &String| match own.split_once(':') {
            Some((of, what)) => of.eq_ignore_ascii_case(service) && what.eq_ignore_ascii_case(operation),
            None => own.eq_ignore_ascii_case(operation),
        };
        self.allow.action.iter().any(own)
    }

    /// Whether a family of data is among the allowed ones.
    pub fn allows_domain(&self, domain: &str) -> bool {
        self.allow.domain.iter().any(|own| own.eq_ignore_ascii_case(domain))
    }

    /// Whether a day's rows lie within the maxima; `usual` is what is usual a day. Without a maximum nothing does.
    pub fn allows_rows(&self, rows: u64, usual: f64) -> bool {
        let maxima = [self.allow.max_rows.map(|most| most as f64), self.allow.volume_factor.map(|factor| factor * usual)];
        let mut said = maxima.into_iter().flatten().peekable();
        said.peek().is_some() && said.all(|most| rows as f64 <= most)
    }
}

/// One version of the announced changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changes {
    list: Vec<Change>,
}

impl Changes {
    /// Reads `changes.toml`. `file` names it in problems; `platforms` are systems known beside
    /// [`super::inventory::PLATFORMS`].
    pub fn parse(file: &str, text: &str, platforms: &[String]) -> Result<Self, Problems> {
        let (mut doc, mut top) = Document::open(text, file)?;
        let list = top.sections(&mut doc, "change").into_iter().filter_map(|section| change(&mut doc, section, platforms)).collect();
        top.close(&mut doc);
        doc.finish(file)?;
        Ok(Self { list })
    }

    /// The changes about an identity, in the order of the file; `entry` is what the inventory says of it.
    pub fn about<'c>(&'c self, identity: &IdentityRef, entry: Option<&Entry>) -> Vec<&'c Change> {
        self.list.iter().filter(|change| change.is_about(identity, entry)).collect()
    }

    /// All changes, in the order of the file.
    pub fn list(&self) -> &[Change] {
        &self.list
    }

    /// Content hash of this version, sixteen hexadecimal digits.
    pub fn hash(&self) -> String {
        content_hash(&self.list)
    }

    /// The form in which a version is kept.
    pub fn to_json(&self) -> String {
        // Plain data with text keys always serialise.
        serde_json::to_string(&self.list).unwrap_or_default()
    }

    /// Reads that form; `None` where another version of driftline wrote it in a way this one does not know.
    pub fn from_json(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

fn change(doc: &mut Document, mut from: Section<'_>, platforms: &[String]) -> Option<Change> {
    let line = from.line;
    let subject = subject(doc, &mut from, platforms);
    let platform = platform(doc, &mut from, platforms);
    let mut required = |doc: &mut Document, key: &'static str| {
        let missing = !from.has(key);
        let time = from.time(doc, key);
        if missing {
            doc.problem(line, format!("a change without \"{key}\"; write a time like 2026-11-19T08:00:00Z"));
        }
        time
    };
    let (begin, end) = (required(doc, "from"), required(doc, "to"));
    let said = from.has("dimensions");
    let dimensions = from.words(doc, "dimensions", Dimension::ALL, Dimension::as_str);
    let (ticket, approver, note) = (from.text(doc, "ticket"), from.text(doc, "approver"), from.text(doc, "note"));
    let allow = from.section(doc, "allow").map(|section| allow(doc, section)).unwrap_or_default();
    from.close(doc);
    if let (Some(begin), Some(end)) = (begin, end)
        && end <= begin
    {
        doc.problem(line, format!("to ({end}) does not lie after from ({begin})"));
    }
    if !said {
        let all: Vec<&str> = Dimension::ALL.iter().map(|d| d.as_str()).collect();
        doc.problem(line, format!("a change without \"dimensions\"; name some of {}", all.join(", ")));
    }
    for dimension in &dimensions {
        if let Some(keys) = lacks(*dimension, &allow) {
            doc.problem(line, format!("dimension {dimension} allows nothing; name {keys} under [change.allow]"));
        }
    }
    Some(Change { subject: subject?, platform, from: begin?, to: end?, ticket, approver, note, dimensions, allow })
}

/// The keys of which at least one has to be there for a dimension to discount anything; `None` where one is, or where the
/// dimension needs none.
fn lacks(dimension: Dimension, allow: &Allow) -> Option<&'static str> {
    let (there, keys) = match dimension {
        Dimension::Source => {
            let there = !(allow.cloud.is_empty() && allow.asn.is_empty() && allow.ip.is_empty() && allow.country.is_empty());
            (there, "cloud, asn, ip or country")
        }
        Dimension::Client => (!allow.agent.is_empty(), "agent"),
        Dimension::Action => (!allow.action.is_empty(), "action"),
        Dimension::Breadth => (!allow.domain.is_empty(), "domain"),
        Dimension::Volume => (allow.max_rows.is_some() || allow.volume_factor.is_some(), "max_rows or volume_factor"),
        Dimension::Timing | Dimension::Credential | Dimension::Privilege => (true, ""),
    };
    (!there).then_some(keys)
}

fn subject(doc: &mut Document, from: &mut Section<'_>, platforms: &[String]) -> Option<Subject> {
    let line = from.line;
    let both = (from.has("identity"), from.has("group"));
    let identity = from.text(doc, "identity");
    let group = from.text_at(doc, "group");
    match both {
        (true, true) => doc.problem(line, "a change with identity and group; split it in two"),
        (false, false) => doc.problem(line, "a change without identity or group; say whom it is about"),
        _ => {}
    }
    if let Some(identity) = identity {
        return Some(Subject::Identity(identity));
    }
    let (line, text) = group?;
    let Some((sort, value)) = text.split_once(':').filter(|(_, value)| !value.trim().is_empty()) else {
        doc.problem(line, format!("no group: \"{}\"; write one like vendor:Acme or tier:sandbox", cut(&text)));
        return None;
    };
    let group = super::document::known(doc, line, "group", sort, Group::ALL, Group::as_str)?;
    check_group(doc, line, group, value.trim(), platforms);
    Some(Subject::Group(group, value.trim().to_owned()))
}

fn allow(doc: &mut Document, mut from: Section<'_>) -> Allow {
    let plain = |texts: Vec<(usize, String)>| texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    let mut out = Allow {
        agent: plain(from.texts(doc, "agent")),
        action: plain(from.texts(doc, "action")),
        domain: plain(from.texts(doc, "domain")),
        max_rows: from.number(doc, "max_rows"),
        volume_factor: from.factor(doc, "volume_factor"),
        ..Allow::default()
    };
    for (line, text) in from.texts(doc, "cloud") {
        cloud(&text).map_or_else(|problem| doc.problem(line, problem), |label| out.cloud.push(label));
    }
    for (line, text) in from.texts(doc, "country") {
        country(&text).map_or_else(|problem| doc.problem(line, problem), |code| out.country.push(code));
    }
    for (line, text) in from.texts(doc, "ip") {
        match Block::parse(&text) {
            Some(block) => out.ip.push(block),
            None => doc.problem(line, format!("\"{}\" is no address; write 198.51.100.7 or 198.51.100.0/24", cut(&text))),
        }
    }
    for (line, number) in from.numbers(doc, "asn") {
        match u32::try_from(number).ok().filter(|asn| *asn > 0) {
            Some(asn) => out.asn.push(asn),
            None => doc.problem(line, format!("{number} is no autonomous system; write a number like 15169")),
        }
    }
    from.close(doc);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::network::tests::source;
    use crate::model::{Class, Kind};

    const FULL: &str = r#"
[[change]]
identity = "0H4xx0000004CLA"
from = 2026-11-19T08:00:00Z
to = 2026-11-26T08:00:00Z
ticket = "CHG-1042"
approver = "dana"
note = "platform migration"
dimensions = ["source", "client", "volume"]
[change.allow]
cloud = ["gcp"]
asn = [15169]
ip = ["198.51.100.7"]
country = ["US"]
agent = ["python-requests"]
action = ["s3:GetObject", "Query"]
domain = ["Account"]
max_rows = 200000
volume_factor = 15

[[change]]
group = "vendor:Acme"
platform = "salesforce"
from = "2026-11-19"
to = "2026-11-20"
dimensions = ["timing"]
"#;

    fn identity(id: &str, platform: &str) -> IdentityRef {
        IdentityRef {
            id: id.to_owned(),
            name: "n".to_owned(),
            kind: Kind::Unknown,
            class: Class::Unknown,
            platform: platform.to_owned(),
            tenant: None,
            owner: None,
        }
    }

    #[test]
    fn a_change_covers_what_it_names_and_nothing_else() {
        let changes = Changes::parse("changes.toml", FULL, &[]).unwrap();
        let acme = Entry { vendor: Some("acme".to_owned()), ..Entry::default() };
        let about = |id, platform, entry: Option<&Entry>| changes.about(&identity(id, platform), entry).len();
        assert_eq!(about("0H4xx0000004CLA", "salesforce", None), 1);
        assert_eq!((about("x", "salesforce", Some(&acme)), about("x", "aws", Some(&acme)), about("x", "salesforce", None)), (1, 0, 0));
        let change = &changes.list()[0];
        let at = |text: &str| Timestamp::parse(text).unwrap();
        for (time, dimension, covered) in [
            ("2026-11-19T08:00:00Z", Dimension::Source, true),
            ("2026-11-19T07:59:59Z", Dimension::Source, false),
            ("2026-11-26T08:00:00Z", Dimension::Source, false),
            ("2026-11-20T08:00:00Z", Dimension::Action, false),
        ] {
            assert_eq!(change.covers(at(time), dimension), covered, "{time} {dimension}");
        }
        assert!(change.allows_source(&source("8.8.8.8", 15169, "US", "gcp")));
        assert!(change.allows_source(&source("198.51.100.7", 0, "", "")));
        assert!(!change.allows_source(&source("52.94.236.248", 16509, "DE", "aws")));
        assert!(change.allows_action("S3", "getobject") && change.allows_action("any", "Query") && !change.allows_action("x", "GetObject"));
        assert!(change.allows_domain("account") && !change.allows_domain("Case"));
        assert!(change.allows_agent(&Agent {
            text: "python-requests/2.32.4".to_owned(),
            sym: crate::model::Sym::NONE,
            family: "python-requests".to_owned(),
            family_sym: crate::model::Sym::NONE,
            major: 2,
            sort: crate::model::observation::AgentSort::Script,
        }));
        assert!(change.allows_rows(150_000, 10_000.0) && !change.allows_rows(150_001, 10_000.0) && !change.allows_rows(200_001, 1e6));
        assert!(!changes.list()[1].allows_rows(0, 1.0), "without a maximum no volume is announced");
        assert_eq!(Changes::from_json(&changes.to_json()).unwrap(), changes);
    }

    #[test]
    fn every_problem_is_one_line_with_the_way_out() {
        let text = r#"
[[change]]
identity = "x"
group = "vendor:Acme"
from = 2026-11-26T08:00:00Z
to = 2026-11-19T08:00:00Z
dimensions = ["sorce", "volume"]
tickt = "1"
[change.allow]
ip = ["1.2.3"]
asn = [0]
country = ["usa"]
volume_factor = 0.5
[[change]]
group = "vendr:Acme"
from = "soon"
dimensions = ["source"]
[[change]]
group = "tier:sandbx"
"#;
        let problems = Changes::parse("changes.toml", text, &[]).unwrap_err();
        let expected = [
            "changes.toml:2: a change with identity and group",
            "changes.toml:2: dimension volume allows nothing; name max_rows or volume_factor",
            "changes.toml:2: to (2026-11-19T08:00:00Z) does not lie after from",
            "changes.toml:7: dimensions is never \"sorce\"; nearest is \"source\"",
            "changes.toml:8: unknown key \"tickt\" in change; nearest is \"ticket\"",
            "changes.toml:10: \"1.2.3\" is no address",
            "changes.toml:11: 0 is no autonomous system",
            "changes.toml:12: \"usa\" is no country",
            "changes.toml:13: volume_factor is the number 0.5; write a number of at least 1",
            "changes.toml:14: a change without \"to\"",
            "changes.toml:14: dimension source allows nothing; name cloud, asn, ip or country",
            "changes.toml:15: group is never \"vendr\"; nearest is \"vendor\"",
            "changes.toml:16: from is no time: \"soon\"",
            "changes.toml:18: a change without \"dimensions\"",
            "changes.toml:18: a change without \"from\"",
            "changes.toml:18: a change without \"to\"",
            "changes.toml:19: group tier is never \"sandbx\"; nearest is \"sandbox\"",
        ];
        let lines = problems.lines();
        assert_eq!(lines.len(), expected.len(), "{problems}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.starts_with(expected) && !line.contains('\n'), "{line}\n{expected}");
        }
    }
}
