//! What an operation of Microsoft 365 does: the operations that matter by name, cmdlets by their verb, the rest by their
//! words. It must not know records.

use super::super::verb;
use crate::model::Probe;
use crate::model::event::ActionClass::{
    self, Admin, Auth, Delete, Describe, Export, Iam, Invoke, List, Logging, Query, Read, Secret, Token, Write,
};

/// Operations by name in lower case without dots and blanks around; sorted by what they do.
const NAMES: &[(ActionClass, &[&str])] = &[
    (
        Auth,
        &[
            "userloggedin",
            "userloginfailed",
            "userloggedoff",
            "mailboxlogin",
            "signinevent",
            "teamssessionstarted",
            "foreignrealmindexlogoninitialauthusingadfsfederatedtoken",
        ],
    ),
    (
        Read,
        &[
            "mailitemsaccessed",
            "fileaccessed",
            "fileaccessedextended",
            "filepreviewed",
            "pageviewed",
            "pageviewedextended",
            "messagebind",
            "folderbind",
            "viewreport",
            "viewdashboard",
            "messageread",
            "messagesread",
            "clientviewsignaled",
            "meetingparticipantdetail",
        ],
    ),
    (
        Export,
        &[
            "filedownloaded",
            "filesyncdownloadedfull",
            "filesyncdownloadedpartial",
            "exportreport",
            "exportartifact",
            "downloadreport",
            "exportflow",
            "searchexportdownloaded",
            "viewedsearchexported",
            "searchpreviewed",
            "exportactivityevents",
            "messagesexported",
            "exportform",
            "newcompliancesearchaction",
            "new-compliancesearchaction",
            "new-mailboxexportrequest",
            "recordingexported",
            "get-messagetracedetail",
        ],
    ),
    (
        Query,
        &[
            "searchqueryperformed",
            "searchqueryinitiatedsharepoint",
            "searchqueryinitiatedexchange",
            "searchstarted",
            "searchcreated",
            "searchupdated",
            "new-compliancesearch",
            "start-compliancesearch",
            "search-unifiedauditlog",
            "search-mailbox",
            "new-mailboxsearch",
            "searchdatainsightssubscription",
            "advancedhuntingquery",
            "runadvancedquery",
        ],
    ),
    (
        Logging,
        &[
            "set-adminauditlogconfig",
            "set-mailboxauditbypassassociation",
            "remove-unifiedauditlogretentionpolicy",
            "new-unifiedauditlogretentionpolicy",
            "set-unifiedauditlogretentionpolicy",
            "remove-activityalert",
            "disable-activityalert",
            "alerttriggered",
            "alertentitygenerated",
            "alertupdated",
            "dlprulematch",
            "dlpruleundo",
            "dlpinfo",
            "timaildata",
            "tiurlclickdata",
            "airinvestigationdata",
            "set-organizationconfig",
        ],
    ),
    (Secret, &["change user password", "reset user password", "set force change user password", "certificates and secrets management"]),
    (
        Token,
        &[
            "consent to application",
            "updatestsrefreshtokenvalidfromtimestamp",
            "addeddelegatedpermissiongrant",
            "add oauth2permissiongrant",
            "remove oauth2permissiongrant",
            "add delegated permission grant",
        ],
    ),
    (
        Iam,
        &[
            "add-mailboxpermission",
            "add-recipientpermission",
            "add-mailboxfolderpermission",
            "set-mailboxfolderpermission",
            "addfolderpermissions",
            "modifyfolderpermissions",
            "updatefolderpermissions",
            "removefolderpermissions",
            "new-managementroleassignment",
            "new-rolegroup",
            "add-rolegroupmember",
            "sharinginvitationcreated",
            "sharingset",
            "anonymouslinkcreated",
            "anonymouslinkupdated",
            "securelinkcreated",
            "addedtosecurelink",
            "companylinkcreated",
            "addedtogroup",
            "sitecollectionadminadded",
            "permissionleveladded",
            "updatecalendardelegation",
            "memberadded",
            "memberrolechanged",
            "appinstalled",
            "new-applicationaccesspolicy",
            "grantadminpermission",
            "set-user",
        ],
    ),
    (
        Delete,
        &[
            "harddelete",
            "softdelete",
            "movetodeleteditems",
            "filedeleted",
            "filerecycled",
            "folderrecycled",
            "filedeletedfirststagerecyclebin",
            "filedeletedsecondstagerecyclebin",
        ],
    ),
    (
        Write,
        &[
            "send",
            "sendas",
            "sendonbehalf",
            "create",
            "update",
            "move",
            "copy",
            "recorddelete",
            "fileuploaded",
            "filemodified",
            "filemodifiedextended",
            "filesyncuploadedfull",
            "messagesent",
            "messagecreatedhaslink",
            "filecopied",
            "filemoved",
            "filerenamed",
            "updateinboxrules",
        ],
    ),
    (
        Admin,
        &[
            "new-inboxrule",
            "set-inboxrule",
            "set-mailbox",
            "set-casmailbox",
            "new-transportrule",
            "set-transportrule",
            "enable-inboxrule",
            "new-mailboxrule",
            "set-federateddomain",
            "listcreated",
            "listupdated",
            "listcolumncreated",
            "listcontenttypecreated",
            "listitemcreated",
            "webrequestaccessmodified",
            "teamcreated",
            "channeladded",
            "tabadded",
            "connectoradded",
            "botaddedtoteam",
        ],
    ),
    (Invoke, &["copilotinteraction", "executedflow", "launchpowerapp", "runflow", "aiappinteraction", "connectedaiappinteraction"]),
];

/// Words that settle the class of a directory activity, as Entra's own log calls it.
const DIRECTORY: &[(&str, ActionClass)] = &[
    ("credentials", Secret),
    ("certificates and secrets", Secret),
    ("password", Secret),
    ("consent", Token),
    ("permission grant", Token),
    ("oauth2", Token),
    ("refresh token", Token),
    ("device", Admin),
];

/// The class of an operation in a workload.
pub fn classify(operation: &str, workload: &str) -> ActionClass {
    let plain = operation.trim().trim_end_matches('.').to_lowercase();
    if let Some((class, _)) = NAMES.iter().find(|(_, names)| names.contains(&plain.as_str())) {
        return *class;
    }
    if workload.eq_ignore_ascii_case("AzureActiveDirectory") {
        return DIRECTORY.iter().find(|(word, _)| plain.contains(word)).map_or(Iam, |(_, class)| *class);
    }
    if let Some((verb, noun)) = plain.split_once('-').filter(|(verb, noun)| !verb.contains(' ') && !noun.contains(' ')) {
        return cmdlet(verb, noun);
    }
    verb::classify(operation)
}

fn cmdlet(verb: &str, noun: &str) -> ActionClass {
    let about = |words: &[&str]| words.iter().any(|word| noun.contains(word));
    match verb {
        "get" | "test" | "measure" => Describe,
        "search" => Query,
        "export" => Export,
        _ if about(&["audit", "alert"]) => Logging,
        _ if about(&["permission", "role", "member", "delegat", "accesspolicy", "serviceprincipal"]) => Iam,
        "remove" | "clear" => Delete,
        "start" | "invoke" => Invoke,
        "list" => List,
        _ => Admin,
    }
}

/// Reconnaissance among the cmdlets: everything of a kind is asked for.
pub fn probe(operation: &str) -> Option<Probe> {
    match operation.to_ascii_lowercase().as_str() {
        "get-mailbox" | "get-user" | "get-recipient" | "get-inboxrule" | "get-managementroleassignment" | "get-rolegroup" => {
            Some(Probe::ListAll)
        }
        "get-organizationconfig" | "get-transportrule" | "get-accepteddomain" => Some(Probe::Describe),
        "get-mailboxstatistics" | "get-mailboxfolderstatistics" => Some(Probe::Count),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_have_classes() {
        for (operation, workload, class) in [
            ("MailItemsAccessed", "Exchange", Read),
            ("FileDownloaded", "SharePoint", Export),
            ("UserLoggedIn", "AzureActiveDirectory", Auth),
            ("Add service principal credentials.", "AzureActiveDirectory", Secret),
            ("Update application – Certificates and secrets management ", "AzureActiveDirectory", Secret),
            ("Consent to application.", "AzureActiveDirectory", Token),
            ("Add user.", "AzureActiveDirectory", Iam),
            ("Set-AdminAuditLogConfig", "Exchange", Logging),
            ("New-InboxRule", "Exchange", Admin),
            ("Add-MailboxPermission", "Exchange", Iam),
            ("Get-Mailbox", "Exchange", Describe),
            ("HardDelete", "Exchange", Delete),
            ("SearchQueryPerformed", "SharePoint", Query),
            ("New-ComplianceSearchAction", "SecurityComplianceCenter", Export),
            ("CopilotInteraction", "Copilot", Invoke),
            ("Remove-TransportRule", "Exchange", Delete),
        ] {
            assert_eq!(classify(operation, workload), class, "{operation}");
        }
    }
}
