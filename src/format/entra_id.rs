//! Microsoft Entra ID: sign-ins, directory changes, provisioning, risk findings and calls of Microsoft Graph, in the
//! shapes of diagnostic settings (payload in `properties`), of the Graph API (payload at the top) and of Log Analytics
//! (columns, JSON in texts). It owns how they are told apart.
//!
//! Which ids occur where: service-principal and managed-identity sign-ins carry the service principal's object id *and*
//! its application id, so they are what joins the logs; directory changes and risk findings carry object ids; Graph calls
//! carry the object id of a service principal or user and the application id. The principal is always the object id.
//! A call made *for a user* (a delegated token) belongs to the user, with the application as its credential: the token is
//! the user's, ends with the user, and may do no more than the user; the application stays visible as what held the token.

mod audit;
pub(super) mod directory;
mod graph;
mod path;
mod portal;
mod provisioning;
pub(super) mod record;
mod risk;
mod signin;
#[cfg(test)]
mod tests;

use super::{Card, Format, Refusal, Shape};
use crate::model::Event;
use record::View;
use signin::Flavour;

/// The format's name.
pub const NAME: &str = "entra_id";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Microsoft Entra ID",
    shapes: &[
        "diagnostic settings: one record a line, or Event Hub `{\"records\":[…]}`",
        "Graph API: `auditLogs/signIns`, `directoryAudits`, `provisioning`, `identityProtection/riskDetections`, `riskyUsers` and their workload twins",
        "Log Analytics and Sentinel, CSV or JSON: `SigninLogs`, `AADNonInteractiveUserSignInLogs`, `AADServicePrincipalSignInLogs`, `AADManagedIdentitySignInLogs`, `AuditLogs`, `AADProvisioningLogs`, `AADRiskyUsers`, `AADUserRiskEvents`, `MicrosoftGraphActivityLogs`",
        "the sign-in and audit lists downloaded as CSV from the administration pages (`Date (UTC)`)",
        "Intune audit records, which are logged alike",
    ],
    reads: &[
        ("time", "`time`, else `createdDateTime`, `activityDateTime`, `TimeGenerated`"),
        ("event id", "`id`; `requestId` of Graph calls"),
        (
            "identity",
            "`servicePrincipalId`, else `userId`; `initiatedBy.app` or `.user` of changes; `app:<appId>` where only that is known",
        ),
        ("credential", "`servicePrincipalCredentialKeyId` by `clientCredentialType`; of a user's token the application that holds it"),
        ("session", "`uniqueTokenIdentifier`; the same value as `signInActivityId` of Graph calls"),
        ("source, client", "`ipAddress`, `callerIpAddress`; `userAgent`"),
        ("action", "`operationName`, `activityDisplayName`; method and path template of Graph calls"),
        ("data", "the resource signed in to; the first part of the path"),
        ("outcome", "`status.errorCode`, `resultType`, `result`, `responseStatusCode`"),
        ("bytes, permissions", "`responseSizeBytes`; `roles`, `scopes`, what a consent granted"),
        ("new keys", "the key a change added (`KeyDescription`), as the resource: the next sign-in with it names it as its credential"),
    ],
    unobservable: &["the address of managed identities", "rows of Graph calls", "the key behind a Graph call"],
    export: "az monitor diagnostic-settings create --resource /tenants/TENANT/providers/Microsoft.aadiam --name siem --logs @categories.json --event-hub HUB",
};

/// Reads Entra ID records.
pub struct EntraId;

/// What a record tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    SignIn(Flavour),
    Audit,
    Intune,
    Device,
    Provisioning,
    RiskOfUser,
    RiskOfSoftware,
    Graph,
}

impl Format for EntraId {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        record::wrapped(shape).as_ref().map_or_else(|| recognises(shape), recognises)
    }

    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let value = record::open(record)?;
        let view = View::of(&value);
        let event = match log(view) {
            Some(Log::SignIn(flavour)) => signin::event(view, flavour)?,
            Some(Log::Audit) => audit::event(view)?,
            Some(Log::Intune) => audit::intune(view)?,
            Some(Log::Provisioning) => provisioning::event(view)?,
            Some(Log::RiskOfUser) => risk::event(view, false)?,
            Some(Log::RiskOfSoftware) => risk::event(view, true)?,
            Some(Log::Graph) => graph::event(view)?,
            Some(Log::Device) => return Err(Refusal::NotActivity { what: "the state of a managed device" }),
            None => {
                return Err(Refusal::Missing {
                    field: "category",
                    expected: "a sign-in, directory change, provisioning, risk or Graph record",
                });
            }
        };
        sink(event);
        Ok(())
    }
}

/// The log a category or a table names.
fn named(word: &str) -> Option<Log> {
    let word = word.to_ascii_lowercase();
    let word = word.strip_suffix("_cl").unwrap_or(&word);
    Some(match word.strip_prefix("aad").unwrap_or(word) {
        "signinlogs" | "interactiveusersigninlogs" | "usersigninlogs" | "adfssigninlogs" | "fssigninlogs" => Log::SignIn(Flavour::User),
        "noninteractiveusersigninlogs" => Log::SignIn(Flavour::NonInteractive),
        "serviceprincipalsigninlogs" => Log::SignIn(Flavour::ServicePrincipal),
        "managedidentitysigninlogs" => Log::SignIn(Flavour::ManagedIdentity),
        "microsoftserviceprincipalsigninlogs" | "microsoftmanagedidentitysigninlogs" | "firstpartytofirstpartysigninlogs" => {
            Log::SignIn(Flavour::Provider)
        }
        "auditlogs" | "customsecurityattributeauditlogs" => Log::Audit,
        "intuneauditlogs" => Log::Intune,
        "provisioninglogs" => Log::Provisioning,
        "riskyusers" | "userriskevents" => Log::RiskOfUser,
        "riskyserviceprincipals" | "serviceprincipalriskevents" => Log::RiskOfSoftware,
        "microsoftgraphactivitylogs" => Log::Graph,
        _ => return None,
    })
}

/// Members under which a record names its log.
const NAMES: &[&str] = &["Type", "$table", "TableName", "category"];

fn recognises(shape: &Shape<'_>) -> bool {
    let all = |keys: &[&str]| keys.iter().all(|key| shape.has(key));
    let any = |keys: &[&str]| keys.iter().any(|key| shape.has(key));
    let log = NAMES.iter().find_map(|key| shape.get(key).and_then(named));
    let column = |name: &str| shape.has(name) || shape.has(&format!("{name} [UTC]"));
    if log.is_some() {
        // A word such as AuditLogs is not theirs alone.
        return any(&[
            "operationName",
            "properties",
            "InitiatedBy",
            "requestUri",
            "riskLevel",
            "IPAddress",
            "UserPrincipalName",
            "ServicePrincipalId",
        ]);
    }
    if all(&["properties", "operationName"])
        && shape.get("resourceId").is_some_and(|id| id.to_ascii_lowercase().contains("/microsoft.aadiam"))
    {
        return true;
    }
    let device = shape.get("category").is_some_and(|c| c.eq_ignore_ascii_case("OperationalLogs")) && all(&["properties", "tenantId"]);
    if device && !shape.has("resourceId") && shape.get("operationName").is_some_and(|name| matches!(name, "Compliance" | "Enrollment")) {
        return true;
    }
    if shape.has("Date (UTC)") {
        let signed = shape.has("Request ID")
            && any(&["Username", "User ID", "Service principal ID", "Service principal name", "Application ID", "Application ID "]);
        return signed
            || (all(&["Activity", "Category"]) && any(&["ActorType", "ActorDisplayName", "ActorUserPrincipalName", "ActorObjectId"]));
    }
    let change = column("activityDateTime") || column("TimeGenerated") || shape.has("operationName");
    let audit = all(&["initiatedBy", "targetResources", "activityDisplayName"]) && change;
    let provisioning = all(&["servicePrincipal", "provisioningSteps"]) || all(&["servicePrincipal", "provisioningAction"]);
    let risk = all(&["riskState", "riskLevel"])
        && any(&["riskEventType", "riskLastUpdatedDateTime", "riskLastUpdatedDateTime [UTC]", "detectedDateTime"]);
    let graph = all(&["requestMethod", "requestUri", "responseStatusCode"])
        && any(&["signInActivityId", "wids", "roles", "scopes", "clientAuthMethod"]);
    let who = any(&["userPrincipalName", "servicePrincipalId"]) && any(&["appId", "appDisplayName"]);
    let sign_in = who
        && column("createdDateTime")
        && any(&["conditionalAccessStatus", "isInteractive", "signInEventTypes", "resourceDisplayName"])
        && any(&["status", "ipAddress", "resultType", "Status_dynamic"]);
    audit || provisioning || risk || graph || sign_in
}

fn log(view: View<'_>) -> Option<Log> {
    let inside = |paths: &[&str]| paths.iter().all(|path| view.payload.at(path).is_some());
    let named = NAMES.iter().find_map(|key| view.root.get(key).and_then(|word| named(&word)));
    match named {
        Some(Log::Audit) if view.payload.at("Actor").is_nested() && inside(&["ActivityType"]) => return Some(Log::Intune),
        Some(log) => return Some(log),
        None => {}
    }
    if inside(&["requestUri", "requestMethod"]) {
        Some(Log::Graph)
    } else if inside(&["servicePrincipal", "provisioningSteps"]) || inside(&["servicePrincipal", "provisioningAction"]) {
        Some(Log::Provisioning)
    } else if inside(&["riskState", "riskLevel"]) && !inside(&["appDisplayName", "createdDateTime"]) {
        let software = ["servicePrincipalId", "servicePrincipalDisplayName", "servicePrincipalType"]
            .iter()
            .any(|path| view.payload.at(path).is_some());
        Some(if software || inside(&["displayName", "appId"]) { Log::RiskOfSoftware } else { Log::RiskOfUser })
    } else if inside(&["targetResources"]) || inside(&["initiatedBy"]) || inside(&["activityDisplayName"]) {
        Some(Log::Audit)
    } else if inside(&["OperationalLogCategory"]) {
        Some(Log::Device)
    } else if inside(&["appId"]) || inside(&["userPrincipalName"]) || inside(&["servicePrincipalId"]) {
        Some(Log::SignIn(Flavour::Unsaid))
    } else {
        None
    }
}
