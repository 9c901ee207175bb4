//! Which operations change who may do what: credentials and identities made, permissions granted, watching switched off.
//! Read from the class of an operation and the words of its name, so that a provider nobody thought of is covered too. It
//! must not know habit or score.

use crate::model::ActionClass;
use crate::model::event::words;
use serde::{Deserialize, Serialize};

words! {
    /// What a privileged operation does.
    Privilege {
        /// Makes a credential or an identity.
        Mint = "mint",
        /// Gives permissions, roles, membership or trust.
        Grant = "grant",
        /// Takes logging, auditing or detection away.
        Silence = "silence",
        /// Changes identities and access in another way.
        Change = "change",
    }
}

const READING: &[&str] = &["get", "list", "describe", "lookup", "view", "read", "search", "batchget", "check", "simulate", "test", "query"];
const MAKING: &[&str] =
    &["create", "add", "generate", "issue", "mint", "upload", "import", "regenerate", "rotate", "new", "invite", "provision"];
const CREDENTIALS: &[&str] = &[
    "accesskey",
    "apikey",
    "key",
    "credential",
    "password",
    "secret",
    "token",
    "certificate",
    "cert",
    "loginprofile",
    "serviceaccount",
    "user",
    "serviceprincipal",
    "application",
    "app",
    "integration",
    "deploykey",
    "invitation",
    "client",
    "robot",
    "bot",
    "identity",
];
const GIVING: &[&str] =
    &["attach", "put", "add", "grant", "assign", "set", "update", "bind", "consent", "elevate", "create", "change", "edit"];
const PERMISSIONS: &[&str] = &[
    "policy",
    "role",
    "permission",
    "permset",
    "member",
    "group",
    "scope",
    "grant",
    "binding",
    "trust",
    "owner",
    "collaborator",
    "privilege",
    "admin",
    "iam",
    "consent",
    "acl",
    "entitlement",
];
const REMOVING: &[&str] = &["stop", "delete", "disable", "remove", "suspend", "deactivate", "purge", "clear", "detach", "destroy"];
/// A change of one of these may take watching away; a change of how long logs are kept or what they are called does not.
const CHANGING: &[&str] = &["update", "put", "modify", "set"];
const WATCHING: &[&str] = &["eventselector", "trail", "sink", "detector", "diagnosticsetting", "publishing", "recorder", "auditconfig"];
const RESTORING: &[&str] = &["start", "enable", "create", "resume", "activate"];

/// Whether an operation of a class can be privileged at all.
pub fn can_be(class: ActionClass) -> bool {
    matches!(class, ActionClass::Iam | ActionClass::Logging | ActionClass::Token | ActionClass::Secret)
}

/// What a privileged operation of a class does, by its name; `None` for one that is not privileged.
pub fn of(class: ActionClass, operation: &str) -> Option<Privilege> {
    if !can_be(class) {
        return None;
    }
    let name: String = operation.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let begins = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    let holds = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match class {
        ActionClass::Logging if begins(READING) || begins(RESTORING) => None,
        ActionClass::Logging => (holds(REMOVING) || (holds(CHANGING) && holds(WATCHING))).then_some(Privilege::Silence),
        _ if begins(READING) => None,
        // A token that is fetched is everyday work; one that is made to last is not.
        ActionClass::Token => (holds(MAKING) && holds(&["personalaccess", "apikey", "apitoken", "longlived"])).then_some(Privilege::Mint),
        // A secret's value belongs to whatever it opens; only keys of identities are credentials.
        ActionClass::Secret => {
            (holds(MAKING) && holds(&["accesskey", "serviceaccountkey", "apikey", "appcredential"])).then_some(Privilege::Mint)
        }
        _ if holds(&["password", "credential", "secret", "key"]) && (holds(MAKING) || holds(&["update", "reset", "change"])) => {
            Some(Privilege::Mint)
        }
        _ if holds(PERMISSIONS) && holds(GIVING) && !holds(&["delete", "remove", "detach", "revoke", "unassign"]) => Some(Privilege::Grant),
        _ if holds(MAKING) && holds(CREDENTIALS) => Some(Privilege::Mint),
        _ => Some(Privilege::Change),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_providers_tell_what_they_do() {
        use ActionClass as C;
        use Privilege as P;
        for (class, name, what) in [
            (C::Iam, "CreateAccessKey", Some(P::Mint)),
            (C::Iam, "CreateUser", Some(P::Mint)),
            (C::Iam, "CreateLoginProfile", Some(P::Mint)),
            (C::Iam, "google.iam.admin.v1.CreateServiceAccountKey", Some(P::Mint)),
            (C::Iam, "Add service principal credentials", Some(P::Mint)),
            (C::Iam, "Update application – Certificates and secrets management", Some(P::Mint)),
            (C::Iam, "AttachUserPolicy", Some(P::Grant)),
            (C::Iam, "PutRolePolicy", Some(P::Grant)),
            (C::Iam, "UpdateAssumeRolePolicy", Some(P::Grant)),
            (C::Iam, "Add app role assignment to service principal", Some(P::Grant)),
            (C::Iam, "Consent to application", Some(P::Grant)),
            (C::Iam, "SetIamPolicy", Some(P::Grant)),
            (C::Iam, "PermSetAssign", Some(P::Grant)),
            (C::Iam, "user.account.privilege.grant", Some(P::Grant)),
            (C::Iam, "org.add_member", Some(P::Grant)),
            (C::Iam, "DeleteUser", Some(P::Change)),
            (C::Iam, "DetachUserPolicy", Some(P::Change)),
            (C::Iam, "ListUsers", None),
            (C::Iam, "GetRolePolicy", None),
            (C::Token, "GetSessionToken", None),
            (C::Token, "personal_access_token.create", Some(P::Mint)),
            (C::Secret, "GetSecretValue", None),
            (C::Secret, "CreateSecret", None),
            (C::Logging, "StopLogging", Some(P::Silence)),
            (C::Logging, "DeleteTrail", Some(P::Silence)),
            (C::Logging, "PutEventSelectors", Some(P::Silence)),
            (C::Logging, "PutRetentionPolicy", None),
            (C::Logging, "StartLogging", None),
            (C::Logging, "DescribeTrails", None),
            (C::Read, "CreateAccessKey", None),
        ] {
            assert_eq!(of(class, name), what, "{name}");
        }
    }
}
