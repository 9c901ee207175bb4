//! What an operation does, from the words of its name: `storage.buckets.setIamPolicy`, `user.session.start`,
//! `Add member to role`. The first word of a list below that stands in the name decides; lists go from what matters most
//! to what matters least. Formats that know better say so themselves. It must not know any provider.

use crate::model::event::ActionClass::{
    self, Admin, Auth, Delete, Describe, Export, Iam, Invoke, List, Logging, Query, Read, Secret, Token, Write,
};

/// Words that settle the class wherever they stand in the name, in the order they are asked for.
const NOUNS: &[(ActionClass, &[&str])] = &[
    (
        Logging,
        &[
            "auditlog",
            "auditlogs",
            "audit",
            "trail",
            "sink",
            "diagnosticsettings",
            "diagnosticsetting",
            "logstream",
            "siem",
            "detector",
            "logging",
        ],
    ),
    (
        Secret,
        &[
            "secret",
            "secrets",
            "kms",
            "keyvault",
            "vault",
            "decrypt",
            "encrypt",
            "cryptokey",
            "cryptokeys",
            "cryptokeyversions",
            "credential",
            "credentials",
            "apikey",
            "apikeys",
            "password",
            "passwords",
            "certificate",
            "certificates",
            "keyring",
            "serviceaccountkey",
        ],
    ),
    (
        Token,
        &[
            "token",
            "tokens",
            "accesstoken",
            "refreshtoken",
            "oauth2",
            "consent",
            "grant",
            "grants",
            "authorize",
            "authorization",
            "exchange",
        ],
    ),
    (
        Iam,
        &[
            "iam",
            "role",
            "roles",
            "rolebinding",
            "rolebindings",
            "clusterrole",
            "clusterroles",
            "clusterrolebinding",
            "clusterrolebindings",
            "policy",
            "policies",
            "permission",
            "permissions",
            "member",
            "members",
            "membership",
            "user",
            "users",
            "group",
            "groups",
            "serviceaccount",
            "serviceaccounts",
            "serviceprincipal",
            "principal",
            "principals",
            "owner",
            "owners",
            "privilege",
            "privileges",
            "access",
            "collaborator",
            "mfa",
            "factor",
            "identity",
            "federation",
            "sso",
            "saml",
            "domain",
            "invite",
            "invitation",
            "team",
            "account",
        ],
    ),
];

/// Words for signing in, asked before the nouns.
const SIGN_IN: &[&str] =
    &["login", "signin", "logon", "logout", "signout", "authenticate", "authentication", "session", "loggedin", "signed", "auth"];
const EXPORT: &[&str] = &["export", "exported", "download", "downloaded", "dump", "unload", "extract", "archive", "bulk"];
const LISTS: &[&str] = &["list", "lists", "listed", "search", "searched", "enumerate", "index", "scan", "watch"];
const DESCRIBES: &[&str] = &["describe", "head", "inspect", "metadata", "schema", "config"];
const READS: &[&str] = &[
    "get",
    "gets",
    "read",
    "view",
    "viewed",
    "access",
    "accessed",
    "accesses",
    "preview",
    "previewed",
    "fetch",
    "open",
    "opened",
    "show",
    "check",
    "download",
];
const QUERIES: &[&str] = &["query", "queries", "select", "sql", "soql", "insertjob", "jobcompleted"];
const DELETES: &[&str] =
    &["delete", "deleted", "deletes", "remove", "removed", "destroy", "destroyed", "purge", "purged", "drop", "trash", "erase", "hard"];
const WRITES: &[&str] = &[
    "create", "created", "add", "added", "update", "updated", "put", "post", "patch", "insert", "write", "upload", "uploaded", "modify",
    "modified", "edit", "edited", "change", "changed", "rename", "renamed", "move", "moved", "copy", "copied", "push", "merge", "merged",
    "restore", "restored", "send", "sent", "comment", "share", "shared",
];
const INVOKES: &[&str] = &[
    "invoke",
    "invoked",
    "run",
    "execute",
    "executed",
    "exec",
    "start",
    "started",
    "predict",
    "generatecontent",
    "trigger",
    "launch",
    "dispatch",
    "call",
    "completion",
];
const ADMINS: &[&str] = &[
    "set",
    "enable",
    "enabled",
    "disable",
    "disabled",
    "configure",
    "install",
    "installed",
    "uninstall",
    "activate",
    "deactivate",
    "approve",
    "register",
];

/// What an operation called `name` does. A name no list knows is administration: it is neither reading nor listing for all
/// that can be told.
pub fn classify(name: &str) -> ActionClass {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let reading = has(LISTS) || has(DESCRIBES) || has(READS);
    let changing = has(WRITES) || has(DELETES) || has(ADMINS);
    if has(SIGN_IN) && !changing {
        return Auth;
    }
    if let Some((class, _)) =
        NOUNS.iter().find(|(_, list)| has(list)).filter(|(class, _)| matches!(class, Secret | Token) || !reading || changing)
    {
        return *class;
    }
    [
        (Export, EXPORT),
        (Delete, DELETES),
        (Query, QUERIES),
        (List, LISTS),
        (Write, WRITES),
        (Describe, DESCRIBES),
        (Read, READS),
        (Invoke, INVOKES),
        (Admin, ADMINS),
    ]
    .into_iter()
    .find(|(_, list)| has(list))
    .map_or(Admin, |(class, _)| class)
}

/// The words of a name in lower case: split at punctuation and at capitals (`SetIamPolicy` is set, iam, policy), with
/// neighbours joined as well (`signin` from `Sign-in`).
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut lower = false;
    for c in name.chars().take(160) {
        if (!c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && lower)) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    let joined: Vec<String> = words.windows(2).chain(words.windows(3)).map(<[String]>::concat).collect();
    words.extend(joined);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects the event mix of every provider without a table of its own.
    #[test]
    fn names_become_classes() {
        for (name, class) in [
            ("user.session.start", Auth),
            ("Sign-in activity", Auth),
            ("UserLoggedIn", Auth),
            ("user_login", Auth),
            ("google.iam.admin.v1.CreateServiceAccountKey", Secret),
            ("storage.setIamPermissions", Iam),
            ("SetIamPolicy", Iam),
            ("Add member to role", Iam),
            ("org.add_member", Iam),
            ("storage.objects.get", Read),
            ("storage.objects.list", List),
            ("storage.buckets.delete", Delete),
            ("FileDownloaded", Export),
            ("FileAccessed", Read),
            ("SecretGet", Secret),
            ("google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion", Secret),
            ("api_key_created", Secret),
            ("app.oauth2.token.grant.access_token", Token),
            ("git.clone", Admin),
            ("jobservice.insertjob", Query),
            ("unheard_of", Admin),
            ("", Admin),
        ] {
            assert_eq!(classify(name), class, "{name}");
        }
    }
}
