//! A provisioning step: the connector of an application creates, changes or removes accounts elsewhere. The connector's
//! service principal is who acts. It must not know containers.

use super::super::{Refusal, moment, status};
use super::NAME;
use super::directory::{self, said};
use super::record::View;
use crate::model::{ActionClass, Event, KindEvidence, Outcome};
use std::borrow::Cow;

/// Makes the event of a provisioning step.
///
/// # Errors
/// When it has no time or names no connector.
pub fn event(view: View<'_>) -> Result<Event<'_>, Refusal> {
    let time = moment::read(view.root, &["time", "activityDateTime", "TimeGenerated", "properties.activityDateTime"])?;
    let connector = view.payload.at("servicePrincipal").items().next().unwrap_or(view.payload.at("servicePrincipal"));
    let by = view.payload.at("initiatedBy");
    let principal = directory::software(
        said(connector, &["id"]).or_else(|| view.inner(&["targetSystem.details.ServicePrincipalId"])),
        None,
        said(connector, &["displayName", "name"]).or_else(|| said(by, &["displayName", "name"])),
        KindEvidence::SERVICE_ACCOUNT,
    );
    let principal = principal.ok_or(Refusal::Missing { field: "servicePrincipal", expected: "the connector that provisions" })?;
    let action = said(view.root, &["operationName"]).unwrap_or(Cow::Borrowed("Provisioning activity"));
    let mut event = Event::new(NAME, time, principal, action, ActionClass::Iam);
    event.provider_id = view.inner(&["id"]);
    event.tenant = view.tenant();
    event.service = Some(Cow::Borrowed("Microsoft Entra ID"));
    let accounts = [
        "targetIdentity.id",
        "sourceIdentity.details.userPrincipalName",
        "sourceIdentity.id",
        "targetIdentity.displayName",
        "sourceIdentity.displayName",
    ];
    event.target = view.inner(&accounts).map(directory::id);
    event.domain = view.inner(&["targetSystem.displayName", "targetSystem.name"]);
    event.resource =
        view.inner(&["sourceIdentity.displayName", "sourceIdentity.name", "targetIdentity.displayName", "targetIdentity.name"]);
    event.job = view.inner(&["jobId"]);
    if !by.get("initiatingType").or_else(|| by.get("type")).is_some_and(|kind| kind.eq_ignore_ascii_case("system")) {
        event.on_behalf_of = said(by, &["id", "displayName", "name"]).map(directory::id);
    }
    let told = view
        .inner(&["provisioningStatusInfo.status", "statusInfo.status"])
        .filter(|word| status::word(word).is_some())
        .or_else(|| view.any(&["resultType"]));
    event.outcome = told.as_deref().and_then(status::word).unwrap_or(Outcome::Unknown);
    if event.outcome != Outcome::Success {
        event.error = view.inner(&["provisioningStatusInfo.errorInformation.errorCode", "statusInfo.errorCode"]);
    }
    Ok(event)
}
