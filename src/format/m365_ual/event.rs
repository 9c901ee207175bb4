//! Puts the event together: time, outcome, what was acted on, whom it touches, how much. It must not know who acts or
//! what operations do.

use super::super::entra_id::directory::{self, said};
use super::super::tree::Node;
use super::super::{Refusal, moment, status};
use super::{NAME, actor, amounts, finding, operation};
use crate::model::event::Text;
use crate::model::{ActionClass, Event, Outcome, Timestamp};
use std::borrow::Cow;

/// The times a record may carry. The columns of an exported table are mixed up now and then; its start is a time too.
const TIMES: &[&str] = &["CreationTime", "TimeGenerated", "CreationDate", "createdDateTime", "Start_Time", "ElevationTime", "Timestamp"];
/// Before this a token was not issued: the log writes the first year of its calendar for "never".
const YEAR_2000: Timestamp = Timestamp(946_684_800_000);

/// Makes the event of a record.
///
/// # Errors
/// When it has no time, no operation or names nobody.
pub fn event(record: Node<'_>) -> Result<Event<'_>, Refusal> {
    let time = moment::read(record, TIMES)?;
    let action = said(record, &["Operation", "Operations", "ActionType"])
        .ok_or(Refusal::Missing { field: "Operation", expected: "what was done" })?;
    let workload = said(record, &["Workload", "OfficeWorkload"])
        .or_else(|| said(record, &["Application"]).filter(|_| record.at("ActionType").is_some()));
    let agent = agent(record);
    let who = actor::who(record, agent.as_deref())?;
    let found = finding::of(record, &action);

    let class = operation::classify(&action, workload.as_deref().unwrap_or_default());
    let mut event = Event::new(NAME, time, who.principal, action, class);
    event.probe = operation::probe(&event.action);
    event.also = who.also;
    event.credential = who.credential;
    event.via_provider = who.via_provider;
    if let Some(found) = found {
        event.finding = true;
        event.class = ActionClass::Logging;
        event.tags = Some(found.tags);
        event.principal = found.about.unwrap_or(event.principal);
        event.credential = None;
    }
    // Bound to single mails, or a whole folder taken at once, of which no count is kept.
    let access = record.at("OperationProperties").keyed("Name", "MailAccessType", "Value").text();
    if access.is_some_and(|kind| kind.eq_ignore_ascii_case("Sync")) {
        event.class = ActionClass::Export;
    }
    event.provider_id = said(record, &["Id", "OfficeId", "SourceRecordId", "ReportId"]);
    event.tenant = said(record, &["OrganizationId", "OfficeTenantId"]).filter(|id| !id.starts_with('$'));
    event.session =
        said(record, &["AppAccessContext.UniqueTokenId", "AppAccessContext.AADSessionId", "SessionId", "DeviceProperties.SessionId"])
            .or_else(|| record.at("DeviceProperties").keyed("Name", "SessionId", "Value").text());
    event.session_issued = said(record, &["AppAccessContext.IssuedAtTime", "TokenIssuedAtTime"])
        .as_deref()
        .and_then(moment::parse)
        .filter(|at| *at > YEAR_2000);
    event.source = directory::address(
        record,
        &["ClientIPAddress", "Client_IPAddress", "ClientIP", "ActorIpAddress", "ClientIp", "IPAddress", "ClientIPs.0"],
    );
    event.auth_method = said(record, &["AuthenticationType", "AuthType", "LoginType"]).map(directory::lower);
    (event.outcome, event.error) = ending(record, event.finding);
    (event.resource, event.domain) = acted_on(record, workload.as_deref());
    event.target = target(record, &event.principal.id);
    event.scopes = granted(record);
    event.rows = amounts::rows(record);
    event.bytes = amounts::bytes(record);
    event.tool = said(record, &["CopilotEventData.AppHost", "AgentName"]);
    event.service = workload;
    event.agent = agent;
    Ok(event)
}

/// The client as it calls itself, by whichever member the workload writes it.
fn agent(record: Node<'_>) -> Option<Text<'_>> {
    said(record, &["UserAgent"])
        .or_else(|| record.at("ExtendedProperties").keyed("Name", "UserAgent", "Value").text())
        .or_else(|| record.at("ExtendedProperties").keyed("Name", "additionalDetails", "Value").text().and_then(|text| in_details(&text)))
        .or_else(|| record.at("DeviceProperties").keyed("Name", "BrowserType", "Value").text())
        .or_else(|| said(record, &["ClientInfoString"]))
        .filter(|text| !directory::is_nothing(text))
}

/// `{"User-Agent":"…"}` in a text.
fn in_details(text: &str) -> Option<Text<'static>> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    value.get("User-Agent")?.as_str().map(|agent| Cow::Owned(agent.to_owned()))
}

/// How it ended. Only some workloads say; the others write a record of what was done, so that its being there is the
/// success.
fn ending(record: Node<'_>, finding: bool) -> (Outcome, Option<Text<'_>>) {
    let operation = said(record, &["Operation", "Operations"]).unwrap_or_default().to_ascii_lowercase();
    if finding {
        return (if finding::blocks(record) { Outcome::Denied } else { Outcome::Success }, None);
    }
    let number = said(record, &["ErrorNumber"]).filter(|number| number != "0");
    let reason = said(record, &["LogonError", "FailureReason", "ErrorCode"]).or(number);
    let status = said(record, &["ResultStatus", "LoginStatus"]);
    let denied =
        operation == "userloginfailed" && reason.as_deref().is_some_and(|reason| !reason.to_ascii_lowercase().contains("interrupt"));
    // A sign-in that was cut short says Success and gives the error beside it.
    if operation == "userloginfailed" || (operation == "userloggedin" && reason.is_some()) {
        return (if denied { Outcome::Denied } else { Outcome::Error }, reason.or(status));
    }
    let Some(word) = status else { return (Outcome::Success, None) };
    match status::any(&word) {
        None if word.to_ascii_lowercase().starts_with("partial") => (Outcome::Success, None),
        None | Some(Outcome::Unknown) => (Outcome::Unknown, reason),
        Some(Outcome::Success) => (Outcome::Success, None),
        Some(outcome) => (outcome, reason.or(Some(word))),
    }
}

/// The thing acted on, and the family of data: a site, a mailbox, a team, a kind of directory object.
fn acted_on<'a>(record: Node<'a>, workload: Option<&str>) -> (Option<Text<'a>>, Option<Text<'a>>) {
    let object = said(record, &["ObjectId", "OfficeObjectId", "ObjectName", "Item.ParentFolder.Path", "ItemName", "TeamName", "ChatName"]);
    let site = said(record, &["SiteUrl", "Site_Url", "Site_", "Site"]);
    let mailbox = said(record, &["MailboxOwnerUPN", "DestMailboxOwnerUPN"]).map(directory::lower);
    let folder = said(record, &["Item.ParentFolder.Path", "Folder.Path"])
        .or_else(|| record.at("Folders").items().find_map(|folder| said(folder, &["Path"])));
    let team = said(record, &["TeamName", "TeamGuid", "AADGroupId"]);
    match workload.unwrap_or_default().to_ascii_lowercase().as_str() {
        "exchange" => {
            let domain = mailbox.or_else(|| object.clone());
            (object.or(folder), domain)
        }
        "azureactivedirectory" => {
            let kind = record
                .at("Target")
                .items()
                .filter_map(|target| said(target, &["ID"]))
                .find(|id| id.chars().all(|c| c.is_ascii_alphabetic()) && id.len() < 24);
            (object, kind)
        }
        "microsoftteams" => (object.or_else(|| team.clone()), team),
        _ => {
            let domain = site.or(mailbox).or_else(|| said(record, &["ItemType"]));
            (object, domain)
        }
    }
}

/// Another identity that is acted on: the mailbox's owner, the target of a directory change, whom something is shared with.
fn target<'a>(record: Node<'a>, own: &str) -> Option<Text<'a>> {
    let targets = || record.at("Target").items().filter_map(|target| said(target, &["ID"]));
    let service = targets().find(|id| id.to_ascii_lowercase().starts_with("serviceprincipal_"));
    let service = service.and_then(|id| id.split_once('_').and_then(|(_, id)| directory::guid(id))).map(Cow::Owned);
    let user = || targets().find(|id| id.contains('@')).map(directory::id);
    let user_object = || targets().find_map(|id| id.strip_prefix("User_").and_then(directory::guid)).map(Cow::Owned);
    let any = || targets().find_map(|id| directory::guid(&id)).map(Cow::Owned);
    let named = || said(record, &["MailboxOwnerUPN", "TargetUserOrGroupName", "UserSharedWith", "TargetUserId"]).map(directory::id);
    service.or_else(user).or_else(user_object).or_else(any).or_else(named).filter(|id| !id.eq_ignore_ascii_case(own))
}

/// What a consent or a role gave, from the changed properties.
fn granted<'a>(record: Node<'a>) -> Option<Text<'a>> {
    let changed = |name: &str| record.at("ModifiedProperties").keyed("Name", name, "NewValue").text();
    let plain = |text: Text<'a>| Cow::Owned(text.trim_matches(['"', '[', ']', ' ', '\r', '\n']).trim_matches('"').to_owned());
    if let Some(value) = ["AppRole.Value", "DelegatedPermissionGrant.Scope"].iter().find_map(|name| changed(name)) {
        return Some(plain(value)).filter(|text: &Text<'_>| !text.is_empty());
    }
    if let Some(role) = changed("Role.DisplayName") {
        // Roles have blanks in their names, and blanks separate scopes.
        return Some(Cow::Owned(plain(role).replace(' ', "_"))).filter(|text: &Text<'_>| !text.is_empty());
    }
    let consent = changed("ConsentAction.Permissions")?;
    let given = consent.rsplit("=>").next().unwrap_or(&consent);
    let scopes: Vec<&str> = given
        .split("Scope:")
        .skip(1)
        .filter_map(|rest| rest.split([',', ']']).next())
        .map(str::trim)
        .filter(|scope| !scope.is_empty())
        .collect();
    (!scopes.is_empty()).then(|| Cow::Owned(scopes.join(" ")))
}
