//! Alerts of Microsoft's security products, as findings about the identities they name: Graph security alerts (v1 and
//! v2), Defender XDR's interface and its streamed `AlertEvidence`, Sentinel's `SecurityAlert`, Defender for Cloud. One
//! event for each identity of an alert, because each must find it at its own door. Risk detections of Entra are read by
//! `entra_id`, whose envelope they come in.
//!
//! Ids: users by object id (`azureAdUserId`, `aadUserId`), else principal name; applications by object id, else
//! `app:<application id>`: the same as in the activity of the same directory.

mod people;
#[cfg(test)]
mod tests;

use super::entra_id::directory::{self, said};
use super::entra_id::record::{self, View};
use super::tree::Node;
use super::{Card, Format, Refusal, Shape, moment};
use crate::model::event::Text;
use crate::model::{ActionClass, Event, Principal};
use serde_json::Value;
use std::borrow::Cow;

/// The format's name.
pub const NAME: &str = "msft_alerts";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Microsoft security alerts",
    shapes: &[
        "Graph `/security/alerts_v2` and `/security/alerts`: JSON, one alert or a list; `/security/incidents` with their alerts",
        "Defender XDR interface, and streamed `AdvancedHunting-AlertEvidence` rows",
        "Sentinel `SecurityAlert` rows, CSV or JSON with `Entities` as text",
        "Defender for Cloud alerts (`properties.alertDisplayName`)",
    ],
    reads: &[
        ("time", "`createdDateTime`, `eventDateTime`, `TimeGenerated`, `Timestamp`"),
        ("event id", "`id`, `alertId`, `SystemAlertId`; with the identity where an alert names several"),
        ("identity", "accounts and applications of the evidence: `evidence[]`, `userStates[]`, `entities[]`, `Entities`"),
        ("action", "the alert's title"),
        ("tag", "`finding:PRODUCT:SEVERITY:TITLE`"),
        ("source", "the first address of the evidence"),
    ],
    unobservable: &["activity: an alert is a judgement, never learned from"],
    export: "az rest --method get --url https://graph.microsoft.com/v1.0/security/alerts_v2 > alerts.json",
};

/// Reads alerts.
pub struct MsftAlerts;

impl Format for MsftAlerts {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        record::wrapped(shape).as_ref().map_or_else(|| recognises(shape), recognises)
    }

    fn read(&self, text: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let mut value = record::open(text)?;
        open_additional(&mut value);
        read(View::of(&value), sink)
    }
}

/// Streamed rows hold more of an entity as JSON in `AdditionalFields`, which is opened with the payload; here its members
/// that are entities move up beside the row's own.
fn open_additional(value: &mut Value) {
    super::tree::open_texts(value, &["AdditionalFields", "ExtendedProperties", "Entities"]);
}

fn recognises(shape: &Shape<'_>) -> bool {
    let all = |keys: &[&str]| keys.iter().all(|key| shape.has(key));
    let any = |keys: &[&str]| keys.iter().any(|key| shape.has(key));
    let table = ["Type", "$table", "TableName", "category"].iter().find_map(|key| shape.get(key)).unwrap_or_default().to_ascii_lowercase();
    if matches!(
        table.as_str(),
        "securityalert" | "alertevidence" | "alertinfo" | "advancedhunting-alertevidence" | "advancedhunting-alertinfo"
    ) {
        return any(&["properties", "AlertName", "SystemAlertId", "AlertId", "Title", "AlertSeverity"]);
    }
    let second = all(&["evidence", "severity", "title"]) && any(&["serviceSource", "detectionSource", "providerAlertId"]);
    let first = all(&["vendorInformation", "severity"]) && any(&["userStates", "azureTenantId", "eventDateTime", "networkConnections"]);
    let xdr = all(&["alertId", "severity"])
        && any(&["entities", "serviceSource", "detectionSource", "relatedUser"])
        && any(&["title", "incidentId"]);
    let rows = all(&["SystemAlertId"]) && any(&["Entities", "AlertSeverity", "AlertName", "AlertDisplayName"]);
    let incident = all(&["alerts", "incidentId"]) && any(&["incidentName", "severity", "redirectIncidentId"])
        || all(&["alerts", "severity", "displayName", "determination"]) && any(&["incidentWebUrl", "redirectIncidentId"]);
    let cloud = all(&["properties", "type"])
        && shape
            .get("type")
            .is_some_and(|kind| kind.to_ascii_lowercase().contains("microsoft.security/") && kind.to_ascii_lowercase().ends_with("alerts"));
    second || first || xdr || rows || incident || cloud
}

/// The members of each product that mean the same.
const TIMES: &[&str] = &[
    "createdDateTime",
    "eventDateTime",
    "TimeGenerated",
    "Timestamp",
    "alertCreationTime",
    "creationTime",
    "StartTime",
    "time",
    "properties.Timestamp",
    "properties.timeGeneratedUtc",
    "properties.startTimeUtc",
    "StartTimeUtc",
    "firstActivityDateTime",
    "lastUpdateDateTime",
];
const TITLES: &[&str] = &["title", "AlertDisplayName", "alertDisplayName", "AlertName", "DisplayName"];
const SEVERITIES: &[&str] = &["AlertSeverity", "severity"];
const PRODUCTS: &[&str] = &["serviceSource", "vendorInformation.provider", "ProductName", "ProviderName", "detectionSource", "productName"];
const IDS: &[&str] = &["SystemAlertId", "alertId", "id", "systemAlertId"];
const EVIDENCE: &[&str] =
    &["evidence", "entities", "userStates", "cloudAppStates", "networkConnections", "relatedUser", "AdditionalFields"];

fn read(view: View<'_>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    let alerts = view.root.at("alerts");
    if alerts.is_nested() {
        // An incident: its alerts are what is about somebody.
        let mut told = false;
        for alert in alerts.items().take(256) {
            told |= alert.value().is_some_and(|value| one(View::of(value), sink).is_ok());
        }
        return if told { Ok(()) } else { Err(NOBODY) };
    }
    one(view, sink)
}

const NOBODY: Refusal = Refusal::NotActivity { what: "an alert that names no identity of the directory" };

fn one(view: View<'_>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    let time = moment::read(view.root, TIMES)?;
    let title = view.any(TITLES).ok_or(Refusal::Missing { field: "title", expected: "what was found" })?;
    let mut lists: Vec<Node<'_>> =
        EVIDENCE.iter().flat_map(|path| [view.payload.at(path), view.root.at(path)]).filter(|place| place.is_nested()).collect();
    lists.push(view.payload);
    let mut about = people::of(&lists);
    if about.is_empty() {
        let named = view.any(&["CompromisedEntity", "compromisedEntity"]).filter(|name| name.contains('@'));
        about.extend(directory::user(None, named, None, crate::model::KindEvidence::NONE));
    }
    if about.is_empty() {
        return Err(NOBODY);
    }
    let facts = Facts {
        title: clean(&title),
        severity: view.any(SEVERITIES).map_or(Cow::Borrowed("unknown"), directory::lower),
        product: view.any(PRODUCTS).map_or_else(|| "microsoft".to_owned(), |name| product(&name)),
        id: view.any(IDS),
        source: people::address(&lists),
    };
    let several = about.len() > 1;
    for principal in about {
        let mut event = facts.event(time, principal);
        if several {
            event.provider_id = facts.id.as_ref().map(|id| Cow::Owned(format!("{id}#{}", event.principal.id)));
        }
        event.tenant =
            view.any(&["tenantId", "azureTenantId", "AadTenantId"]).filter(|_| view.root.member("SystemAlertId").value().is_none());
        event.service = said(view.root, &["detectionSource", "vendorInformation.provider", "ProviderName"])
            .or_else(|| view.inner(&["DetectionSource"]));
        event.resource = view.any(&["CompromisedEntity", "compromisedEntity", "ResourceId"]);
        sink(event);
    }
    Ok(())
}

/// What is the same for every identity of an alert.
struct Facts<'a> {
    title: String,
    severity: Text<'a>,
    product: String,
    id: Option<Text<'a>>,
    source: Option<Text<'a>>,
}

impl<'a> Facts<'a> {
    fn event(&self, time: crate::model::Timestamp, principal: Principal<'a>) -> Event<'a> {
        let mut event = Event::new(NAME, time, principal, Cow::Owned(self.title.clone()), ActionClass::Logging);
        event.finding = true;
        event.tags = Some(Cow::Owned(format!("finding:{}:{}:{}", self.product, self.severity, self.title)));
        event.provider_id.clone_from(&self.id);
        event.source.clone_from(&self.source);
        event
    }
}

/// `Microsoft Defender for Cloud Apps` as one word of a tag.
fn product(name: &str) -> String {
    let mut out = String::new();
    let mut small_before = false;
    for c in name.chars().take(64) {
        if c.is_alphanumeric() {
            if c.is_uppercase() && small_before {
                out.push('_');
            }
            out.extend(c.to_lowercase());
        } else if !out.ends_with('_') && !out.is_empty() {
            out.push('_');
        }
        small_before = c.is_lowercase();
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

/// One line.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(256).collect()
}
