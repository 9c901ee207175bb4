//! Records of the unified audit log that are findings: alerts of the compliance centre, matches of data-loss rules, mail
//! and links judged malicious. They are about an identity, not an activity of the agent that wrote them. It must not
//! know ordinary records.

use super::super::entra_id::directory::{self, said};
use super::super::tree::Node;
use crate::model::event::Text;
use crate::model::{KindEvidence, Principal};
use serde_json::Value;
use std::borrow::Cow;

/// A finding: whom it is about, where the record says, and how it is tagged.
pub struct Finding<'a> {
    pub about: Option<Principal<'a>>,
    pub tags: Text<'a>,
}

/// The finding a record is; `None` for an activity.
pub fn of<'a>(record: Node<'a>, operation: &str) -> Option<Finding<'a>> {
    let kind = said(record, &["RecordType"]).unwrap_or_default().to_ascii_lowercase();
    match (kind.as_str(), operation.to_ascii_lowercase().as_str()) {
        ("40" | "securitycompliancealerts", _) | (_, "alerttriggered" | "alertentitygenerated" | "alertupdated") => Some(alert(record)),
        ("98" | "mcasalerts", _) => Some(cloud_apps(record)),
        (_, name) if name.starts_with("mcas_alert") => Some(cloud_apps(record)),
        (
            "11"
            | "13"
            | "33"
            | "63"
            | "compliancedlpsharepoint"
            | "compliancedlpexchange"
            | "compliancedlpsharepointclassification"
            | "dlpendpoint",
            _,
        )
        | (_, "dlprulematch" | "dlpruleundo") => Some(leak(record)),
        ("28" | "41" | "47" | "threatintelligence" | "threatintelligenceurl" | "threatintelligenceatpcontent", _) => Some(threat(record)),
        _ => None,
    }
}

fn person(name: Option<Text<'_>>) -> Option<Principal<'_>> {
    let name = name.filter(|name| name.contains('@'));
    directory::user(None, name, None, KindEvidence::NONE)
}

fn tag(product: &str, severity: Option<Text<'_>>, title: Option<Text<'_>>) -> Text<'static> {
    let severity = severity.map_or(Cow::Borrowed("unknown"), |word| Cow::Owned(word.to_lowercase()));
    Cow::Owned(format!("finding:{product}:{severity}:{}", title.unwrap_or_default().replace('\n', " ")))
}

/// An alert of the compliance centre; its data are JSON in a text (`f3u`: the users it is about).
fn alert(record: Node<'_>) -> Finding<'_> {
    let entity = said(record, &["AlertEntityId", "ObjectId"]);
    let data = record.get("Data").and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let data = data.as_ref().map_or(record.at("Data"), Node::of);
    let listed = ["f3u", "suid", "tsd", "uid"].iter().find_map(|key| said(data, &[key]));
    let listed = listed
        .and_then(|text| text.split([',', ';']).map(str::trim).find(|name| name.contains('@')).map(|name| Cow::Owned(name.to_owned())));
    Finding {
        about: person(listed).or_else(|| person(entity)),
        tags: tag("purview_alert", said(record, &["Severity"]), said(record, &["Name"])),
    }
}

/// An alert of Defender for Cloud Apps: its user is whom it is about.
fn cloud_apps(record: Node<'_>) -> Finding<'_> {
    let title = said(record, &["AlertDisplayName", "AlertCategory", "Operation"]);
    Finding {
        about: person(said(record, &["UserId"])),
        tags: tag("defender_cloud_apps", said(record, &["AlertSeverity", "Severity"]), title),
    }
}

/// A match of a data-loss rule: about whose file or mail it is.
fn leak(record: Node<'_>) -> Finding<'_> {
    let sender = said(record, &["ExchangeMetaData.From", "SharePointMetaData.From", "EndpointMetaData.User"]);
    let rule = record.at("PolicyDetails").items().flat_map(|policy| policy.at("Rules").items()).next();
    let policy = record.at("PolicyDetails").items().find_map(|policy| said(policy, &["PolicyName"]));
    let title = rule.and_then(|rule| said(rule, &["RuleName"])).or(policy);
    Finding { about: person(sender), tags: tag("purview_dlp", rule.and_then(|rule| said(rule, &["Severity"])), title) }
}

fn threat(record: Node<'_>) -> Finding<'_> {
    // The sender is the attacker; the identity in danger is who got it, or clicked.
    let about = record.at("Recipients").items().find_map(Node::text).or_else(|| said(record, &["UserId"]));
    Finding {
        about: person(about),
        tags: tag("defender_office", said(record, &["Severity"]), said(record, &["Verdict", "DetectionMethod", "Operation"])),
    }
}

/// Whether a data-loss rule stopped what it matched; not where the sender gave a reason or called it a mistake.
pub fn blocks(record: Node<'_>) -> bool {
    let undone = said(record, &["Operation"]).is_some_and(|name| name.eq_ignore_ascii_case("DlpRuleUndo"));
    if undone || record.at("ExceptionInfo").is_some() {
        return false;
    }
    let rules = record.at("PolicyDetails").items().flat_map(|policy| policy.at("Rules").items());
    rules
        .flat_map(|rule| rule.at("Actions").items())
        .filter_map(Node::text)
        .any(|action| action.to_ascii_lowercase().contains("blockaccess"))
}
