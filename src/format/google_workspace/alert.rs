//! Alerts of the alert centre: Google's own findings about an identity, with the same name the identity has in its
//! activities. An alert about no identity (an outage, a rule of a certificate) is refused as that.

use super::super::tree::Node;
use super::super::{Refusal, gcp_audit::principal, moment};
use super::NAME;
use super::operation::one_line;
use crate::model::event::Text;
use crate::model::{ActionClass, Event, Outcome};
use std::borrow::Cow;

/// Where alerts name whom they are about; each type of alert has its own words.
const ABOUT: &[&str] = &[
    "data.email",
    "data.actorEmail",
    "data.triggeringUserEmail",
    "data.ruleViolationInfo.triggeringUserEmail",
    "data.user.emailAddress",
    "data.user.email",
    "data.affectedUserEmails.0",
    "data.requestInfo.0.appDeveloperEmail.0",
    "data.primaryAdminChangedEvent.updatedAdminEmail",
    "data.messages.0.recipient",
];

/// Makes the event of an alert and hands it to `sink`.
///
/// # Errors
/// Alerts without time or type, and alerts about no identity.
pub fn emit(alert: Node<'_>, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
    let time = moment::read(alert, &["createTime", "startTime", "updateTime"])?;
    let kind = alert.get("type").ok_or(Refusal::Missing { field: "type", expected: "the type of the alert" })?;
    let inside = alert.at("data.maliciousEntity.entity").get("emailAddress").filter(|_| alert.at("data.isInternal").flag() == Some(true));
    let about = ABOUT.iter().find_map(|path| alert.get(path).filter(|name| name.contains('@'))).or(inside);
    let about = about.ok_or(Refusal::NotActivity { what: "an alert that names no identity" })?;

    let mut event = Event::new(NAME, time, principal::account(about), kind.clone(), ActionClass::Logging);
    event.provider_id = alert.get("alertId");
    event.tenant = alert.get("customerId");
    event.service = alert.get("source");
    event.source = alert.get_first(&["data.loginDetails.ipAddress", "data.sourceIp"]);
    event.resource = alert.get_first(&["data.ruleViolationInfo.resourceInfo.resourceTitle", "data.displayName", "data.name"]);
    event.outcome = Outcome::Unknown;
    let severity = alert.get("metadata.severity").map_or(Cow::Borrowed("medium"), lower);
    event.tags = Some(Cow::Owned(format!("finding:google_workspace:{severity}:{}", one_line(&kind))));
    event.finding = true;
    sink(event);
    Ok(())
}

fn lower(word: Text<'_>) -> Text<'_> {
    principal::lower(word)
}
