//! What the events of Workspace's applications mean: class, outcome, the identity acted on, and whether the event is
//! Google's own finding. One table per application that matters; names that no table knows go by their words.

use super::super::tree::Node;
use super::super::{cell::part, gcp_audit::principal, verb};
use super::activity::Parameters;
use crate::model::ActionClass::{self, Admin, Auth, Delete, Export, Iam, Invoke, List, Logging, Query, Read, Secret, Token, Write};
use crate::model::event::Text;
use crate::model::{Outcome, Probe};

/// What an event tells beside who and when.
pub struct Told<'a> {
    pub class: ActionClass,
    pub probe: Option<Probe>,
    pub outcome: Outcome,
    pub error: Option<Text<'a>>,
    pub target: Option<Text<'a>>,
    pub mfa: Option<bool>,
    /// A word about risk, as a tag.
    pub tag: Option<String>,
    /// The event is a finding about the actor, no doing of it.
    pub finding: bool,
}

/// Reads an event of an application: its type, its name, its parameters.
pub fn told<'a>(application: &str, kind: &str, name: &str, parameters: Parameters<'a>) -> Told<'a> {
    let application = application.to_ascii_lowercase();
    let upper = name.to_ascii_uppercase();
    let finding = is_finding(&application, kind, &upper);
    let (outcome, error) = if finding { (Outcome::Unknown, None) } else { outcome(&upper, parameters) };
    let class = if finding { Logging } else { class(&application, &kind.to_ascii_uppercase(), &upper, parameters) };
    let suspicious = parameters.value("is_suspicious").flag() == Some(true);
    let tag = if finding {
        let severity = parameters.text("severity").map_or_else(|| severity(&upper).to_owned(), |word| word.to_ascii_lowercase());
        let title = parameters.first(&["rule_name", "name"]).unwrap_or(std::borrow::Cow::Borrowed(""));
        let title = if title.is_empty() { name.to_owned() } else { one_line(&title) };
        Some(format!("finding:google_workspace:{severity}:{title}"))
    } else {
        suspicious.then(|| "finding:google_workspace:medium:suspicious login".to_owned())
    };
    Told {
        class,
        probe: (class == List && !upper.contains("NOTIFICATION")).then_some(Probe::ListAll),
        outcome,
        error,
        target: target(&application, parameters),
        mfa: mfa(&upper, parameters),
        tag,
        finding,
    }
}

/// An event as Google Cloud's audit log holds it: `{eventType, eventName, parameter: [{name, value}]}` of a service such as
/// `login.googleapis.com`.
pub fn mirrored<'a>(service: &str, event: Node<'a>) -> Told<'a> {
    let name = event.get("eventName").unwrap_or_default();
    let kind = event.get("eventType").unwrap_or_default();
    let application = match service.strip_suffix(".googleapis.com").unwrap_or(service) {
        "cloudidentity" => "groups_enterprise",
        "oauth2" => "token",
        other => other,
    };
    let mut told = told(application, &kind, &name, Parameters::of(event.first(&["parameter", "parameters"])));
    if let (Some(well), Outcome::Success | Outcome::Unknown) = (event.at("status.success").flag(), told.outcome) {
        told.outcome = if well { Outcome::Success } else { Outcome::Error };
    }
    told
}

/// Text without what would break a line of tags.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

/// Warnings of Google about accounts and devices, and rules of the customer that matched.
fn is_finding(application: &str, kind: &str, name: &str) -> bool {
    match application {
        "rules" | "data_loss_prevention" | "data_protection" => true,
        "login" => {
            let warning = kind.eq_ignore_ascii_case("account_warning") || kind.eq_ignore_ascii_case("attack_warning");
            let named = ["SUSPICIOUS_", "ACCOUNT_DISABLED_", "GOV_ATTACK_"].iter().any(|head| name.starts_with(head));
            named || (warning && !name.starts_with("LOGIN_") && name != "LOGOUT")
        }
        "mobile" => matches!(name, "SUSPICIOUS_ACTIVITY_EVENT" | "DEVICE_COMPROMISED_EVENT" | "FAILED_PASSWORD_ATTEMPTS_EVENT"),
        "chrome" => {
            matches!(name, "MALWARE_TRANSFER" | "PASSWORD_BREACH" | "PASSWORD_REUSE" | "UNSAFE_SITE_VISIT" | "SENSITIVE_DATA_TRANSFER")
        }
        _ => false,
    }
}

/// How bad a finding is where it does not say itself.
fn severity(name: &str) -> &'static str {
    if name.starts_with("GOV_ATTACK") || name.starts_with("ACCOUNT_DISABLED") || name.contains("COMPROMISED") || name.contains("MALWARE") {
        "high"
    } else {
        "medium"
    }
}

/// Failures are events of their own; the outcome of a challenge is a parameter.
fn outcome<'a>(name: &str, parameters: Parameters<'a>) -> (Outcome, Option<Text<'a>>) {
    let status = parameters.text("login_challenge_status");
    if let Some(status) = status.filter(|_| name.starts_with("LOGIN_CHALLENGE") || name.starts_with("LOGIN_VERIFICATION")) {
        let lower = status.to_ascii_lowercase();
        let passed = lower.contains("pass") || lower.contains("success");
        return if passed { (Outcome::Success, None) } else { (Outcome::Denied, Some(status)) };
    }
    let refused = name.contains("LOGIN_FAILURE")
        || name.ends_with("_DENIED")
        || name.ends_with("_BLOCKED")
        || name.contains("ACCESS_DENY")
        || name == "DENY";
    let cause = || parameters.first(&["login_failure_type", "failure_type", "saml_second_level_status_code"]);
    if refused {
        (Outcome::Denied, cause())
    } else if name.ends_with("_FAILED") || name.ends_with("_FAILURE") || name.ends_with("_ERROR") {
        (Outcome::Error, cause())
    } else if parameters.value("event_info").at("success").flag() == Some(false) {
        (Outcome::Error, None)
    } else {
        (Outcome::Success, None)
    }
}

/// Whether a second factor was asked for and given. A password alone is none.
fn mfa(name: &str, parameters: Parameters<'_>) -> Option<bool> {
    if name.starts_with("LOGIN_VERIFICATION") || name.starts_with("LOGIN_CHALLENGE") {
        return parameters.value("is_second_factor").flag();
    }
    if name != "LOGIN_SUCCESS" {
        return None;
    }
    if let Some(second) = parameters.value("is_second_factor").flag() {
        return Some(second);
    }
    let methods = parameters.all("login_challenge_method")?;
    Some(methods.split(' ').any(|method| !matches!(method, "password" | "none" | "other" | "saml")))
}

/// Parameters that name the identity acted on, the surest first.
const TARGETS: &[&str] = &[
    "USER_EMAIL",
    "target_user",
    "new_owner",
    "grantee_email",
    "affected_email_address",
    "API_CLIENT_NAME",
    "OAUTH2_APP_ID",
    "member_id",
    "member_email",
    "resource_owner_email",
    "email_forwarding_destination_address",
    "GROUP_EMAIL",
    "group_email",
];

fn target<'a>(application: &str, parameters: Parameters<'a>) -> Option<Text<'a>> {
    if application == "token" {
        return parameters.text("client_id");
    }
    let name = parameters.first(TARGETS)?;
    Some(part(principal::account(name).id, |name| name))
}

fn class(application: &str, kind: &str, name: &str, parameters: Parameters<'_>) -> ActionClass {
    match application {
        _ if kind == "CLOUD_OSLOGIN" => Secret,
        "token" | "oauth" => {
            let method = parameters.first(&["method_name", "api_name"]).filter(|_| name == "ACTIVITY");
            method.map_or(Token, |method| of_method(&method))
        }
        "login" | "user_accounts" => account(name),
        "saml" | "ldap" | "context_aware_access" | "gcp" => Auth,
        "drive" => drive(name),
        "groups" | "groups_enterprise" => {
            if ["VIEW", "SEARCH", "LIST", "READ"].iter().any(|word| name.starts_with(word)) {
                List
            } else {
                Iam
            }
        }
        "admin" => admin(kind, name),
        "calendar" => {
            if name.contains("ACL") {
                Iam
            } else if name.contains("EXPORT") || name.contains("PRINT") {
                Export
            } else if name.starts_with("NOTIFICATION") {
                Read
            } else {
                verb::classify(name)
            }
        }
        "takeout" => Export,
        "vault" if name.contains("SEARCH") || name.contains("QUERY") => Query,
        "vault" | "data_studio" | "looker_studio" if name.contains("EXPORT") || name.contains("DOWNLOAD") => Export,
        "access_transparency" => Read,
        "chat" if name.contains("DOWNLOAD") => Export,
        "gmail" if name.contains("DELIVERY") || name.contains("SEND") => Write,
        _ if application.starts_with("gemini") => Invoke,
        _ => verb::classify(name),
    }
}

/// A method of an API that an application called: `gmail.users.messages.get`, `drive.files.export`.
fn of_method(method: &str) -> ActionClass {
    let name = method.rsplit('.').next().unwrap_or(method).to_ascii_lowercase();
    match name.as_str() {
        "get" | "batchget" | "read" | "fetch" => Read,
        "list" | "search" | "watch" => List,
        "export" | "download" => Export,
        "delete" | "batchdelete" | "trash" | "remove" => Delete,
        "insert" | "create" | "update" | "patch" | "copy" | "import" | "send" | "modify" | "batchmodify" | "batchupdate" | "append" => {
            Write
        }
        _ => verb::classify(method),
    }
}

/// Sign-ins, and what people change about their own accounts.
fn account(name: &str) -> ActionClass {
    if name.contains("PASSWORD") && !name.starts_with("LOGIN") {
        Secret
    } else if name.starts_with("EMAIL_FORWARDING") {
        // Mail that goes elsewhere by itself has left.
        Export
    } else if ["2SV", "TITANIUM", "RECOVERY", "PASSKEY", "BACKUP_CODE"].iter().any(|word| name.starts_with(word)) {
        Iam
    } else if ["LOGIN", "LOGOUT", "RISKY", "REAUTH", "ACCOUNT"].iter().any(|word| name.starts_with(word)) {
        Auth
    } else {
        Admin
    }
}

fn drive(name: &str) -> ActionClass {
    match name {
        "VIEW" | "PREVIEW" | "ACCESS_URL" | "ACCESS_ITEM_CONTENT" | "PREFETCH" => Read,
        "DOWNLOAD" | "PRINT" | "EMAIL_AS_ATTACHMENT" | "SHEETS_IMPORT_RANGE" | "SOURCE_COPY" | "EXPORT" | "SHEETS_IMPORT_URL" => Export,
        "CONNECTED_SHEETS_QUERY" => Query,
        "DELETE" | "TRASH" | "REMOVE" => Delete,
        "UNTRASH" | "COPY" | "MOVE" | "RENAME" | "EDIT" | "CREATE" | "UPLOAD" | "ADD_TO_FOLDER" | "REMOVE_FROM_FOLDER" => Write,
        _ if name.starts_with("CHANGE_") || name.contains("MEMBERSHIP") || name.contains("ACL") => Iam,
        _ if name.starts_with("SHARED_DRIVE") || name.starts_with("TEAM_DRIVE") || name.contains("ACCESS_REQUEST") => Iam,
        _ => verb::classify(name),
    }
}

/// The Admin console, by the kind of setting and by what its names have in common.
fn admin(kind: &str, name: &str) -> ActionClass {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let access = ["USER_SETTINGS", "GROUP_SETTINGS", "DELEGATED_ADMIN_SETTINGS", "SECURITY_SETTINGS"].contains(&kind);
    if name.starts_with("VIEW") || name.starts_with("GET_") || name.ends_with("CONTENT_ACCESS") {
        Read
    } else if name.starts_with("LIST_") {
        List
    } else if has(&["EMAIL_LOG_SEARCH", "INVESTIGATION_QUERY", "_QUERY"]) {
        Query
    } else if has(&["TAKEOUT", "DOWNLOAD", "MAILBOX_DUMP", "ACCOUNT_INFO", "_EXPORT", "EXPORT_", "EMAIL_MONITOR"])
        && !has(&["BIGQUERY", "DELETE", "TOGGLE"])
    {
        Export
    } else if has(&["ALERT", "AUDIT", "_LOGGING", "BIGQUERY_EXPORT", "ACTIVITY_TRACE"])
        || name.starts_with("RULE_")
        || name.ends_with("_RULE")
        || name.ends_with("RULE_CRITERIA")
    {
        Logging
    } else if has(&["BACKUP_CODE", "SCRATCH_CODE", "_TOKEN", "CERTIFICATE", "SECURITY_KEY", "_ASP", "SIGNING_KEY", "_SECRET"])
        || (name.contains("PASSWORD") && kind == "USER_SETTINGS")
    {
        Secret
    } else if access || has(IDENTITIES) {
        Iam
    } else {
        Admin
    }
}

/// Words of settings that decide who gets in, and which applications do.
const IDENTITIES: &[&str] = &[
    "API_CLIENT_ACCESS",
    "TRUSTED_DOMAIN",
    "OAUTH",
    "API_ACCESS",
    "SSO",
    "SAML",
    "ROLE",
    "PRIVILEGE",
    "2SV",
    "TWO_STEP",
    "PASSWORD",
    "WHITELIST",
    "ADD_APPLICATION",
    "REMOVE_APPLICATION",
    "OPEN_ID",
    "DOCUMENT_OWNERSHIP",
    "PRIMARY_ADMIN",
    "RESELLER_ACCESS",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Protects the classes of what matters in each application.
    #[test]
    fn events_have_classes() {
        for (application, kind, name, expected) in [
            ("token", "auth", "authorize", Token),
            ("token", "auth", "revoke", Token),
            ("login", "login", "login_success", Auth),
            ("login", "account_warning", "suspicious_login", Logging),
            ("login", "password_change", "password_edit", Secret),
            ("login", "2sv_change", "2sv_disable", Iam),
            ("user_accounts", "email_forwarding_change", "email_forwarding_out_of_domain", Export),
            ("login", "blocked_sender_change", "blocked_sender", Admin),
            ("admin", "SECURITY_INVESTIGATION", "SECURITY_INVESTIGATION_CONTENT_ACCESS", Read),
            ("saml", "login", "login_failure", Auth),
            ("drive", "access", "view", Read),
            ("drive", "access", "download", Export),
            ("drive", "access", "trash", Delete),
            ("drive", "access", "edit", Write),
            ("drive", "acl_change", "change_document_visibility", Iam),
            ("drive", "acl_change", "change_user_access", Iam),
            ("groups", "acl_change", "change_basic_setting", Iam),
            ("groups_enterprise", "moderator_action", "add_member", Iam),
            ("calendar", "calendar_change", "change_calendar_acls", Iam),
            ("admin", "USER_SETTINGS", "CREATE_USER", Iam),
            ("admin", "USER_SETTINGS", "CHANGE_PASSWORD", Secret),
            ("admin", "USER_SETTINGS", "DOWNLOAD_USERLIST_CSV", Export),
            ("admin", "DOMAIN_SETTINGS", "AUTHORIZE_API_CLIENT_ACCESS", Iam),
            ("admin", "DOMAIN_SETTINGS", "ADD_TRUSTED_DOMAINS", Iam),
            ("admin", "DOMAIN_SETTINGS", "CHANGE_ACCOUNT_AUTO_RENEWAL", Admin),
            ("admin", "EMAIL_SETTINGS", "EMAIL_LOG_SEARCH", Query),
            ("admin", "DOMAIN_SETTINGS", "ALERT_CENTER_DELETE_ALERT", Logging),
            ("admin", "SECURITY_SETTINGS", "CHANGE_PASSWORD_MIN_LENGTH", Iam),
            ("admin", "DOMAIN_SETTINGS", "ADD_APPLICATION_TO_WHITELIST", Iam),
            ("admin", "EMAIL_SETTINGS", "REJECT_FROM_QUARANTINE", Admin),
            ("admin", "DOMAIN_SETTINGS", "CHANGE_RULE_CRITERIA", Logging),
            ("admin", "SITES_SETTINGS", "VIEW_SITE_DETAILS", Read),
            ("admin", "DELEGATED_ADMIN_SETTINGS", "ASSIGN_ROLE", Iam),
            ("rules", "rule_match_type", "rule_match", Logging),
            ("gcp", "CLOUD_OSLOGIN", "IMPORT_SSH_PUBLIC_KEY", Secret),
            ("takeout", "x", "user_takeout", Export),
            ("gemini_in_workspace_apps", "feature_utilization", "feature_utilization", Invoke),
        ] {
            let nothing = json!([]);
            assert_eq!(told(application, kind, name, Parameters::of(Node::of(&nothing))).class, expected, "{application} {name}");
        }
        for (method, expected) in [
            ("gmail.users.messages.get", Read),
            ("gmail.users.messages.list", List),
            ("drive.files.export", Export),
            ("directory.users.insert", Write),
        ] {
            let parameters = json!([{"name": "method_name", "value": method}]);
            assert_eq!(told("token", "auth", "activity", Parameters::of(Node::of(&parameters))).class, expected, "{method}");
        }
    }

    /// Protects sign-ins: what failed, and with which factor.
    #[test]
    fn sign_ins_end_well_or_badly() {
        for (name, parameters, outcome, mfa) in [
            (
                "login_success",
                json!([{"name": "login_challenge_method", "multiValue": ["password", "google_prompt"]}]),
                Outcome::Success,
                Some(true),
            ),
            ("login_success", json!([{"name": "login_challenge_method", "multiValue": ["password"]}]), Outcome::Success, Some(false)),
            ("login_success", json!([]), Outcome::Success, None),
            ("login_failure", json!({"login_failure_type": "login_failure_invalid_password"}), Outcome::Denied, None),
            ("login_challenge", json!({"login_challenge_status": "Challenge Failed"}), Outcome::Denied, None),
            ("login_verification", json!({"login_challenge_status": "passed", "is_second_factor": true}), Outcome::Success, Some(true)),
            ("2sv_enroll", json!([]), Outcome::Success, None),
            ("account_disabled_hijacked", json!([]), Outcome::Unknown, None),
            ("reject_from_quarantine", json!([]), Outcome::Success, None),
        ] {
            let told = told("login", "login", name, Parameters::of(Node::of(&parameters)));
            assert_eq!((told.outcome, told.mfa), (outcome, mfa), "{name} {parameters}");
        }
    }
}
