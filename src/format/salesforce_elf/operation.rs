//! What a row's type and operation do: the class, the probe, the step of a bulk job. Types and operations are
//! Salesforce's own words. Nothing here looks at who did it.

use super::uri::Path;
use crate::model::{ActionClass, JobStep, Probe};

/// The ways a type of row came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// A program called.
    Api,
    /// A person clicked.
    Ui,
    /// Either, or the platform itself.
    Other,
}

/// The interface a type belongs to.
pub fn interface(kind: &str) -> Interface {
    match kind {
        "API"
        | "RestApi"
        | "ApiTotalUsage"
        | "BulkApi"
        | "BulkApi2"
        | "BulkApiRequest"
        | "BulkApiResult"
        | "ApexRestApi"
        | "ApexSoap"
        | "MetadataApiOperation"
        | "CompositeApi"
        | "CompositeRestApi"
        | "ConnectedAppUsageEventStore"
        | "ApiConnectedApp"
        | "ApiAnomalyEventStore" => Interface::Api,
        "URI" | "VisualforceRequest" | "Console" | "Dashboard" | "Report" | "ReportExport" | "Search" | "SearchClick" | "Logout"
        | "UITracking" => Interface::Ui,
        _ if kind.starts_with("Lightning") || kind.starts_with("Aura") || kind.starts_with("Wave") => Interface::Ui,
        _ => Interface::Other,
    }
}

/// What a row is about, as far as class and probe need it.
pub struct Call<'c> {
    /// `EVENT_TYPE`.
    pub kind: &'c str,
    /// HTTP method, upper case or as sent.
    pub method: &'c str,
    /// SOAP method, bulk operation, action: the type's own word.
    pub word: &'c str,
    /// The path, for REST calls.
    pub path: Option<&'c Path>,
    /// A query that only counts.
    pub counts: bool,
    /// The object asked of.
    pub object: &'c str,
}

/// The class of a call.
pub fn classify(call: &Call<'_>) -> ActionClass {
    if let Some(path) = call.path {
        return by_path(path.stable.as_str(), call.method);
    }
    match call.kind {
        "Login" | "Logout" | "LoginAs" | "SamlSso" => ActionClass::Auth,
        "UniqueQuery" | "Search" | "Report" | "AsyncReportRun" | "Dashboard" | "MultiBlockReport" => ActionClass::Query,
        "ReportExport"
        | "BulkApiResult"
        | "BulkApiResultEvent"
        | "DataExport"
        | "ContentTransfer"
        | "DocumentAttachmentDownloads"
        | "WaveDownload" => {
            if call.kind == "ContentTransfer" && call.word.to_ascii_lowercase().contains("upload") {
                ActionClass::Write
            } else {
                ActionClass::Export
            }
        }
        "BulkApi" | "BulkApi2" | "BulkApiRequest" => bulk(call.word),
        "API" | "ApiTotalUsage" => soap(call.word),
        "MetadataApiOperation" => metadata(call.word),
        "ApexRestApi"
        | "ApexSoap"
        | "ApexExecution"
        | "ApexTrigger"
        | "ApexCallout"
        | "FlowExecution"
        | "QueuedExecution"
        | "TimeBasedWorkflow"
        | "ApexUnexpectedException"
        | "ContinuationCalloutSummary"
        | "ExternalCrossOrgCallout"
        | "ExternalCustomApexCallout"
        | "ExternalDataSourceCallout"
        | "ExternalODataCallout"
        | "ConcurrentLongRunningApexLimit" => ActionClass::Invoke,
        "SetupAuditTrail" | "PermissionSetEvent" | "PermissionUpdate" | "GroupMembership" => ActionClass::Iam,
        "NamedCredential" | "PlatformEncryption" => ActionClass::Secret,
        "DatabaseSave" => ActionClass::Write,
        "ContentDocumentLink" | "Sandbox" | "PackageInstall" | "ChangeSetOperation" | "InsecureExternalAssets" => ActionClass::Admin,
        kind if kind.starts_with("OAuthToken") || kind.contains("Token") => ActionClass::Token,
        _ => ActionClass::Read,
    }
}

fn by_path(path: &str, method: &str) -> ActionClass {
    let (get, delete) = (method.eq_ignore_ascii_case("GET") || method.eq_ignore_ascii_case("HEAD"), method.eq_ignore_ascii_case("DELETE"));
    let under = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if under("/jobs/query") || path.contains("/job/") || path.ends_with("/job") {
        return if delete { ActionClass::Delete } else { ActionClass::Export };
    }
    if delete {
        return ActionClass::Delete;
    }
    if path.ends_with("/describe") || under("/limits") || under("/userinfo") || path.ends_with("/layouts") || path.contains("/describe/") {
        return ActionClass::Describe;
    }
    if under("/query") || under("/queryAll") || under("/search") || under("/parameterizedSearch") || under("/tooling/query") {
        return ActionClass::Query;
    }
    if under("/analytics/reports") {
        return ActionClass::Query;
    }
    if path == "/" || path == "/sobjects" || path == "/jobs/ingest" && get || path.ends_with("/listviews") {
        return if get { ActionClass::List } else { ActionClass::Write };
    }
    if under("/metadata") || under("/tooling") {
        return if get { ActionClass::Describe } else { ActionClass::Admin };
    }
    if get { ActionClass::Read } else { ActionClass::Write }
}

fn soap(word: &str) -> ActionClass {
    match word.to_ascii_lowercase().as_str() {
        "query" | "querymore" | "queryall" | "search" => ActionClass::Query,
        "describeglobal" => ActionClass::List,
        word if word.starts_with("describe") || word == "getuserinfo" => ActionClass::Describe,
        "insert" | "update" | "upsert" | "create" | "merge" | "undelete" | "convertlead" | "process" => ActionClass::Write,
        "delete" | "emptyrecyclebin" => ActionClass::Delete,
        "login" | "logout" => ActionClass::Auth,
        "setpassword" | "resetpassword" | "changeownpassword" => ActionClass::Secret,
        _ => ActionClass::Read,
    }
}

fn bulk(word: &str) -> ActionClass {
    match word.to_ascii_lowercase().as_str() {
        "insert" | "update" | "upsert" => ActionClass::Write,
        "delete" | "harddelete" | "hard_delete" => ActionClass::Delete,
        _ => ActionClass::Export,
    }
}

fn metadata(word: &str) -> ActionClass {
    let word = word.to_ascii_lowercase();
    if word.contains("describe") || word.contains("list") || word.contains("retrieve") || word.contains("read") {
        ActionClass::Describe
    } else if word.contains("delete") {
        ActionClass::Delete
    } else {
        ActionClass::Admin
    }
}

/// The reconnaissance a call amounts to.
pub fn probe(call: &Call<'_>) -> Option<Probe> {
    if call.counts {
        return Some(Probe::Count);
    }
    if let Some(path) = call.path {
        let path = path.stable.as_str();
        return match path {
            "/sobjects" if call.method.eq_ignore_ascii_case("GET") => Some(Probe::ListAll),
            "/limits/recordCount" => Some(Probe::Count),
            "/userinfo" | "/chatter/users/me" | "/connect/user/me" | "/services/oauth2/userinfo" => Some(Probe::WhoAmI),
            _ if path.starts_with("/limits") => Some(Probe::Limits),
            _ if path.ends_with("/describe") || path.contains("/describe/") || path.ends_with("/compactLayouts") => Some(Probe::Describe),
            _ => of_object(call.object),
        };
    }
    match call.word.to_ascii_lowercase().as_str() {
        "describeglobal" => Some(Probe::ListAll),
        "getuserinfo" => Some(Probe::WhoAmI),
        word if word.starts_with("describe") || word.contains("_describe") => Some(Probe::Describe),
        "listmetadata" | "meta_list" => Some(Probe::ListAll),
        _ => of_object(call.object),
    }
}

/// Asking the platform's own catalogue is asking what exists and how it is built.
fn of_object(object: &str) -> Option<Probe> {
    match object {
        "EntityDefinition" | "ApexClass" | "Profile" | "PermissionSet" => Some(Probe::ListAll),
        "FieldDefinition" | "EntityParticle" | "RelationshipInfo" => Some(Probe::Describe),
        "Organization" => Some(Probe::WhoAmI),
        _ => None,
    }
}

/// The step in a bulk job's life a REST call is.
pub fn path_step(path: &Path, method: &str) -> Option<JobStep> {
    let bulk = path.stable.contains("/jobs/") || path.stable.contains("/job/") || path.stable.ends_with("/job");
    if !bulk {
        return None;
    }
    let is = |word| method.eq_ignore_ascii_case(word);
    let whole = path.job.is_none() || path.stable.ends_with("{id}");
    Some(if is("DELETE") {
        JobStep::Delete
    } else if is("POST") && path.job.is_none() {
        JobStep::Create
    } else if is("PATCH") && whole {
        // The only thing to patch is the state: upload complete, or abort.
        JobStep::Progress
    } else {
        JobStep::Progress
    })
}

/// The step a row of the bulk types is, by the state it names.
pub fn bulk_step(state: Option<&str>) -> JobStep {
    let Some(state) = state else { return JobStep::Progress };
    match state.to_ascii_lowercase().as_str() {
        "jobcomplete" | "completed" | "complete" | "closed" | "failed" | "aborted" => JobStep::Complete,
        "open" | "created" => JobStep::Create,
        "deleted" => JobStep::Delete,
        _ => JobStep::Progress,
    }
}
