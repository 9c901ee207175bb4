//! What an operation of Azure does: `microsoft.compute/virtualmachines/write` by its last part and by the words that
//! matter more than it, operations of storage and vaults by their names. It must not know records.

use super::super::verb;
use crate::model::Probe;
use crate::model::event::ActionClass::{
    self, Admin, Auth, Delete, Describe, Export, Iam, Invoke, List, Logging, Query, Read, Secret, Write,
};

/// Parts of an operation's name that settle its class, in the order in which they are asked for.
const PARTS: &[(ActionClass, &[&str])] = &[
    (
        Secret,
        &[
            "listkeys",
            "regeneratekey",
            "listaccountsas",
            "listservicesas",
            "listsecrets",
            "listcredential",
            "listclusteradmincredential",
            "listclusterusercredential",
            "listclustermonitoringusercredential",
            "listadminkeys",
            "listquerykeys",
            "listconnectionstrings",
            "listauthkeys",
            "publishxml",
            "publishingcredentials",
            "config/list/action",
            "listcallbackurl",
            "getuserdelegationkey",
            "generateuserdelegationkey",
            "vaults/secrets",
            "vaults/keys",
            "vaults/certificates",
            "getappsettings",
            "listsynckeys",
        ],
    ),
    (
        Iam,
        &[
            "microsoft.authorization/role",
            "microsoft.authorization/elevateaccess",
            "microsoft.authorization/policy",
            "microsoft.authorization/locks",
            "elevateaccess",
            "userassignedidentities",
            "federatedidentitycredentials",
            "accesspolicies",
            "microsoft.authorization/",
            "microsoft.managedservices/",
        ],
    ),
    (
        Logging,
        &[
            "diagnosticsettings",
            "microsoft.insights/",
            "flowlogs",
            "alertssuppressionrules",
            "microsoft.security/",
            "workspaces/delete",
            "workspaces/tables",
            "securityinsights/alertrules",
            "securityinsights/dataconnectors/",
            "securityinsights/onboardingstates",
            "automationrules",
            "autoprovisioningsettings",
        ],
    ),
    (Export, &["begingetaccess", "exporttemplate", "snapshots/write", "/export/action", "restorepoints/retrievesasuris", "capture/action"]),
    (
        Invoke,
        &[
            "runcommand",
            "hostruntime",
            "automationaccounts/jobs",
            "automationaccounts/webhooks",
            "triggers/run",
            "workflows/run",
            "virtualmachines/extensions",
            "containergroups/containers/exec",
            "deploymentscripts",
            "start/action",
            "restart/action",
            "invoke",
        ],
    ),
];

/// The class of an operation; its name in lower case.
pub fn classify(op: &str, category: &str) -> ActionClass {
    if let Some((class, _)) = PARTS.iter().find(|(_, parts)| parts.iter().any(|part| op.contains(part))) {
        return *class;
    }
    if let Some((rest, last)) = op.rsplit_once('/') {
        return match last {
            "delete" => Delete,
            "read" => Read,
            "write" => Write,
            "action" => by_name(rest.rsplit('/').next().unwrap_or(rest)),
            _ => by_name(last),
        };
    }
    match category {
        "auditevent" | "azkvauditlogs" => vault(op),
        "storageread" | "storagewrite" | "storagedelete" => storage(op),
        _ if PREFIXES.iter().any(|prefix| op.starts_with(prefix)) => vault(op),
        _ if ["blob", "container", "file", "share", "queue", "entit", "table"].iter().any(|part| op.contains(part)) => storage(op),
        _ => by_name(op),
    }
}

/// Beginnings of the names of a vault's operations.
const PREFIXES: &[&str] = &["secret", "key", "certificate", "vault", "storageaccount", "managedhsm"];

fn by_name(name: &str) -> ActionClass {
    for (start, class) in [
        ("list", List),
        ("get", Read),
        ("check", Describe),
        ("validate", Describe),
        ("query", Query),
        ("search", Query),
        ("delete", Delete),
        ("update", Admin),
        ("create", Write),
    ] {
        if name.starts_with(start) {
            return class;
        }
    }
    verb::classify(name)
}

fn vault(op: &str) -> ActionClass {
    if op == "authentication" {
        Auth
    } else if op.starts_with("vault") || op.starts_with("managedhsm") {
        if op.ends_with("get") || op.ends_with("list") { Describe } else { Admin }
    } else {
        Secret
    }
}

fn storage(op: &str) -> ActionClass {
    if op.starts_with("list") {
        List
    } else if op.starts_with("query") {
        Query
    } else if op.starts_with("delete") || op.starts_with("clear") || op.contains("delete") {
        Delete
    } else if op.contains("properties") || op.contains("metadata") || op.contains("acl") || op.contains("preflight") || op.contains("stats")
    {
        if op.starts_with("set") { Admin } else { Describe }
    } else if op.starts_with("get") || op.starts_with("peek") || op.starts_with("read") || op.starts_with("file") {
        Read
    } else {
        Write
    }
}

/// Reconnaissance: everything of a kind is listed.
pub fn probe(op: &str) -> Option<Probe> {
    let lists = [
        "secretlist",
        "keylist",
        "certificatelist",
        "vaultlist",
        "listcontainers",
        "listblobs",
        "listshares",
        "listfilesystems",
        "querytables",
        "listqueues",
    ];
    lists.contains(&op).then_some(Probe::ListAll)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects the event mix and what the sequences rest on.
    #[test]
    fn operations_have_classes() {
        for (op, category, class) in [
            ("microsoft.eventhub/namespaces/authorizationrules/listkeys/action", "action", Secret),
            ("microsoft.storage/storageaccounts/regeneratekey/action", "administrative", Secret),
            ("microsoft.authorization/roleassignments/write", "administrative", Iam),
            ("microsoft.authorization/elevateaccess/action", "administrative", Iam),
            ("microsoft.insights/diagnosticsettings/delete", "administrative", Logging),
            ("microsoft.security/alertssuppressionrules/write", "administrative", Logging),
            ("microsoft.compute/disks/begingetaccess/action", "administrative", Export),
            ("microsoft.compute/virtualmachines/runcommand/action", "administrative", Invoke),
            ("microsoft.compute/virtualmachines/delete", "administrative", Delete),
            ("microsoft.compute/virtualmachines/write", "administrative", Write),
            ("microsoft.web/sites/read", "administrative", Read),
            ("secretget", "auditevent", Secret),
            ("vaultget", "auditevent", Describe),
            ("authentication", "auditevent", Auth),
            ("getblob", "storageread", Read),
            ("listblobs", "storageread", List),
            ("putblob", "", Write),
            ("deleteblob", "storagedelete", Delete),
            ("getblobproperties", "storageread", Describe),
            ("queryentities", "storageread", Query),
        ] {
            assert_eq!(classify(op, category), class, "{op}");
        }
        assert_eq!(probe("secretlist"), Some(Probe::ListAll));
        assert_eq!(probe("secretget"), None);
    }
}
