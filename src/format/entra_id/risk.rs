//! What Identity Protection finds about a user or a workload identity: a finding, attached to the identity and never
//! learned from. It must not know containers.

use super::super::{Refusal, moment};
use super::NAME;
use super::directory;
use super::record::View;
use crate::model::event::Text;
use crate::model::{ActionClass, Event, KindEvidence};
use std::borrow::Cow;

/// Makes the event of a risk detection or of a changed risk state; `software` where it is about a workload identity.
///
/// # Errors
/// When it has no time or names nobody.
pub fn event(view: View<'_>, software: bool) -> Result<Event<'_>, Refusal> {
    let times = [
        "time",
        "detectedDateTime",
        "TimeGenerated",
        "riskLastUpdatedDateTime",
        "activityDateTime",
        "lastUpdatedDateTime",
        "properties.detectedDateTime",
        "properties.riskLastUpdatedDateTime",
    ];
    let time = moment::read(view.root, &times)?;
    // A risk detection names the user beside its own id; a risky user's own id is the user's.
    let own = view.inner(&["riskEventType", "riskType"]).is_none().then(|| view.inner(&["id"])).flatten();
    let principal = if software {
        let application = view.inner(&["appId"]);
        let name = view.inner(&["servicePrincipalDisplayName", "displayName", "appDisplayName"]);
        directory::software(
            view.inner(&["servicePrincipalId"]).or_else(|| own.clone()),
            application.as_ref(),
            name,
            KindEvidence::SERVICE_ACCOUNT,
        )
    } else {
        let display = view.inner(&["userDisplayName"]);
        directory::user(view.inner(&["userId"]).or_else(|| own.clone()), view.inner(&["userPrincipalName"]), display, KindEvidence::NONE)
    };
    let principal = principal.ok_or(Refusal::Missing { field: "userId or servicePrincipalId", expected: "whom the risk is about" })?;
    let kind = view.inner(&["riskEventType", "riskType"]);
    let named = view.any(&["operationName"]);
    let what =
        kind.clone().or_else(|| named.clone()).unwrap_or(Cow::Borrowed(if software { "Risky service principal" } else { "Risky user" }));
    let level = view.inner(&["riskLevel"]).map_or(Cow::Borrowed("unknown"), directory::lower);
    let state = view.inner(&["riskState", "riskDetail"]).unwrap_or_default();
    let title: Text<'_> = if kind.is_some() { what.clone() } else { Cow::Owned(format!("{what} {state}").trim().to_owned()) };

    let mut event = Event::new(NAME, time, principal, what, ActionClass::Logging);
    event.finding = true;
    event.tags = Some(Cow::Owned(format!("finding:entra_id_protection:{level}:{title}")));
    // A risky user's id is the same each time its state changes: it is no key of the record.
    event.provider_id = if own.is_some() { None } else { view.inner(&["id"]) };
    event.tenant = view.tenant();
    event.service = view.inner(&["source"]).or(Some(Cow::Borrowed("IdentityProtection")));
    event.source = directory::address(view.payload, &["ipAddress"]).or_else(|| directory::address(view.root, &["callerIpAddress"]));
    let extra = view.payload.at("additionalInfo");
    event.agent = extra.keyed("Key", "userAgent", "Value").text();
    Ok(event)
}
