//! A call of the Microsoft Graph interface, by an application in its own right or for a user. The action is the method
//! with the path as a template, so that the same question about another mailbox is the same action. It must not know
//! containers.

use super::super::{Refusal, moment, status};
use super::NAME;
use super::directory::{self, said};
use super::path::{self, Path};
use super::record::View;
use crate::model::event::{Credential, Text};
use crate::model::{ActionClass, Event, KindEvidence, Outcome, Timestamp};
use std::borrow::Cow;

/// Makes the event of a call.
///
/// # Errors
/// When it has no time or path, or names nobody.
pub fn event(view: View<'_>) -> Result<Event<'_>, Refusal> {
    let time = moment::read(view.root, &["time", "TimeGenerated", "properties.timeGenerated"])?;
    let uri = view.any(&["requestUri"]).ok_or(Refusal::Missing { field: "requestUri", expected: "the path that was called" })?;
    let method = view.any(&["requestMethod"]).map_or(Cow::Borrowed("GET"), |word| Cow::Owned(word.to_uppercase()));
    let called = Path::of(&uri);

    let application = view.inner(&["appId"]);
    let agent = view.inner(&["userAgent"]);
    let object = view.inner(&["servicePrincipalId"]);
    let delegated = object.is_none() && view.inner(&["userId"]).is_some();
    let client = directory::agent_evidence(agent.as_deref());
    let principal = if delegated {
        directory::user(view.inner(&["userId"]), view.inner(&["userPrincipalName"]), None, client)
    } else {
        directory::software(
            object,
            application.as_ref(),
            view.inner(&["servicePrincipalName", "appDisplayName"]),
            KindEvidence::SERVICE_ACCOUNT,
        )
    };
    let principal = principal.ok_or(Refusal::Missing { field: "servicePrincipalId or userId", expected: "who called" })?;
    let also = directory::also(&principal, application.as_ref().filter(|_| !delegated));

    let mut event = Event::new(NAME, time, principal, Cow::Owned(format!("{method} {}", called.template)), called.class(&method));
    event.also = also;
    event.probe = called.probe(&method);
    event.provider_id = view.inner(&["requestId", "operationId"]);
    event.tenant = view.inner(&["tenantId"]).filter(|_| view.root.member("TimeGenerated").value().is_none()).or_else(|| view.tenant());
    event.session = view.inner(&["signInActivityId", "uniqueTokenIdentifier", "uniqueTokenId"]);
    event.session_issued = view.inner(&["tokenIssuedAt"]).as_deref().and_then(moment::parse).filter(|at| *at > Timestamp::default());
    event.source =
        directory::address(view.payload, &["ipAddress"]).or_else(|| directory::address(view.root, &["callerIpAddress", "ipAddress"]));
    event.region = said(view.root, &["location"]).or_else(|| view.inner(&["location"]));
    event.auth_method = match view.inner(&["clientAuthMethod"]).as_deref() {
        Some("0") => Some("public_client"),
        Some("1") => Some("client_secret"),
        Some("2") => Some("client_certificate"),
        _ => None,
    }
    .map(Cow::Borrowed);
    if delegated {
        event.credential = application.map(|id| Credential { id: directory::id(id), kind: "oauth_access" });
    }
    event.service = Some(Cow::Borrowed("Microsoft Graph"));
    event.query_shape = path::query_shape(&called.template, &uri).map(Cow::Owned);
    event.domain = (!called.first.is_empty()).then(|| Cow::Owned(called.first.clone()));
    event.resource = Some(Cow::Owned(called.full.clone()));
    event.target = called.subject.clone().map(|id| directory::id(Cow::Owned(id))).filter(|id| *id != event.principal.id);
    let code = view.inner(&["responseStatusCode"]).or_else(|| view.any(&["resultSignature"]));
    event.outcome = code.as_deref().and_then(status::any).unwrap_or(Outcome::Unknown);
    if !matches!(event.outcome, Outcome::Success | Outcome::Unknown) {
        event.error = code;
    }
    event.bytes = view.payload.at("responseSizeBytes").count();
    event.scopes = rights(view);
    event.agent = agent;
    Ok(event)
}

/// Application roles, else delegated scopes: as the log writes them, separated by blanks.
fn rights(view: View<'_>) -> Option<Text<'_>> {
    ["roles", "scopes"].iter().find_map(|path| {
        let place = view.payload.at(path);
        place.text().filter(|text| !directory::is_nothing(text)).or_else(|| place.joined())
    })
}

impl Path {
    /// What a call does, by its method and what it is about.
    pub fn class(&self, method: &str) -> ActionClass {
        let about = |words: &[&str]| self.words.iter().any(|word| words.contains(&word.as_str()));
        let last = self.words.last().map_or("", String::as_str);
        if about(&[
            "addpassword",
            "removepassword",
            "addkey",
            "removekey",
            "federatedidentitycredentials",
            "addtokensigningcertificate",
            "passwordmethods",
            "bitlocker",
            "recoverykeys",
            "temporaryaccesspassmethods",
        ]) {
            return ActionClass::Secret;
        }
        match method {
            "GET" | "HEAD" => {
                // Clients fetch the faces of everybody all day.
                let face = about(&["photo", "photos"]);
                if (matches!(last, "$value" | "content" | "contentstream") && !face) || about(&["getbyids", "export", "exportjobs"]) {
                    ActionClass::Export
                } else if self.words.iter().any(|word| word.starts_with("search") || word.starts_with("filter")) {
                    ActionClass::Query
                } else if matches!(last, "me" | "organization" | "subscribedskus" | "$metadata" | "schemaextensions" | "mailboxsettings") {
                    ActionClass::Describe
                } else if face || last == "{id}" || last.ends_with("{id}:") || last == "{path}:" {
                    ActionClass::Read
                } else {
                    ActionClass::List
                }
            }
            "DELETE" => {
                if about(IDENTITIES) && !about(MAIL_AND_FILES) {
                    ActionClass::Iam
                } else {
                    ActionClass::Delete
                }
            }
            _ if about(&["query", "runhuntingquery", "search"]) => ActionClass::Query,
            _ if about(&[
                "$batch",
                "getbyids",
                "getmemberobjects",
                "getmembergroups",
                "checkmembergroups",
                "checkmemberobjects",
                "getschedule",
                "delta",
                "validateproperties",
            ]) =>
            {
                ActionClass::Read
            }
            _ if about(&["oauth2permissiongrants", "revokesigninsessions", "invalidateallrefreshtokens"]) => ActionClass::Token,
            _ if about(&["exportjobs", "export", "exportdevicesandappmanagementdata", "ediscovery"]) => ActionClass::Export,
            _ if about(&["diagnosticsettings", "auditlogs", "alerts", "alerts_v2", "detectionrules"]) => ActionClass::Logging,
            _ if about(MAIL_AND_FILES) => ActionClass::Write,
            _ if about(IDENTITIES) => ActionClass::Iam,
            _ if about(&["devicemanagement", "deviceappmanagement", "organization", "domains", "policies", "subscriptions"]) => {
                ActionClass::Admin
            }
            _ => ActionClass::Write,
        }
    }

    /// Reconnaissance: a whole collection of the directory, its size, or the caller itself.
    pub fn probe(&self, method: &str) -> Option<crate::model::Probe> {
        use crate::model::Probe;
        if method != "GET" {
            return None;
        }
        match self.words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["me"] => Some(Probe::WhoAmI),
            [.., "$count"] => Some(Probe::Count),
            ["organization" | "subscribedskus" | "$metadata" | "schemaextensions"] => Some(Probe::Describe),
            [only] if *only != "{id}" => Some(Probe::ListAll),
            ["rolemanagement" | "identity" | "policies" | "auditlogs" | "directory", .., last] if *last != "{id}" => Some(Probe::ListAll),
            _ => None,
        }
    }
}

/// Collections whose entries are identities or decide what identities may do.
const IDENTITIES: &[&str] = &[
    "users",
    "groups",
    "members",
    "owners",
    "applications",
    "serviceprincipals",
    "approleassignments",
    "approleassignedto",
    "directoryroles",
    "directoryroletemplates",
    "rolemanagement",
    "roleassignments",
    "roledefinitions",
    "identity",
    "conditionalaccess",
    "invitations",
    "administrativeunits",
    "authentication",
    "authenticationmethodspolicy",
    "oauth2permissiongrants",
    "permissions",
    "identitygovernance",
    "directoryobjects",
    "directory",
];

/// Parts of a path that make a call one about data even where it begins with a user or a group.
const MAIL_AND_FILES: &[&str] = &[
    "messages",
    "sendmail",
    "mailfolders",
    "events",
    "calendar",
    "calendars",
    "contacts",
    "drive",
    "drives",
    "items",
    "chats",
    "channels",
    "onenote",
    "todo",
    "planner",
    "presence",
    "photo",
    "mailboxsettings",
    "messagerules",
    "inferenceclassification",
    "extensions",
    "sites",
    "lists",
];
