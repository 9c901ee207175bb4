//! What a call does to another identity's credentials: makes one (minted), or takes on the identity itself (assumed). Told
//! by the operation's name, in the words the providers use. The rule: what merely changes, lists or removes is no deed. It
//! must not know records.

use crate::model::event::words;
use serde::{Deserialize, Serialize};

words! {
    /// What ties one identity to another. The code is stored: values are only ever added at the end.
    Deed {
        /// Made a credential of it.
        Minted = "minted",
        /// Took on its identity.
        Assumed = "assumed",
        /// Acted on its behalf.
        ActedFor = "acted_for",
    }
}

/// Operations that take on another identity, without blanks and signs, lower case.
const ASSUMES: &[&str] = &[
    "assumerole",
    "assumeroot",
    "getfederationtoken",
    "generateaccesstoken",
    "generateidtoken",
    "signjwt",
    "signblob",
    "impersonat",
    "loginas",
    "suorgadminlogin",
    "exchangetoken",
    "serviceaccountstoken",
];

/// Words for making.
const MAKES: &[&str] = &["create", "add", "generate", "issue", "reset", "rotate", "upload", "regenerate", "grant", "new", "enroll"];
/// Words for what is made.
const CREDENTIALS: &[&str] = &[
    "accesskey",
    "serviceaccountkey",
    "apikey",
    "apitoken",
    "accesstoken",
    "token",
    "password",
    "secret",
    "credential",
    "certificate",
    "keycredential",
    "loginprofile",
    "personalaccess",
    "sshpublickey",
    "deploykey",
    "publickey",
    "signingcertificate",
];
/// Making something whose name has a credential's word in it: a secret kept for others, a rule about passwords, a way to sign
/// in, a certificate of a server.
const NOT: &[&str] = &[
    "policy",
    "secretversion",
    "createsecret",
    "tokenpolicy",
    "servercertificate",
    "requestcertificate",
    "acm",
    "keyring",
    "cryptokey",
    "secretscanning",
    "resetpasswordbyuser",
    "delete",
    "remove",
    "revoke",
    "list",
    "describe",
];

/// The deed an operation is; `None` for what ties nobody.
pub fn deed(action: &str) -> Option<Deed> {
    let plain: String = action.chars().filter(char::is_ascii_alphanumeric).take(128).map(|c| c.to_ascii_lowercase()).collect();
    if ASSUMES.iter().any(|word| plain.contains(word)) {
        return Some(Deed::Assumed);
    }
    // Entra's words for credentials that were added to an application.
    if plain.contains("certificatesandsecretsmanagement") {
        return Some(Deed::Minted);
    }
    let about = CREDENTIALS.iter().any(|word| plain.contains(word)) && !NOT.iter().any(|word| plain.contains(word));
    (about && MAKES.iter().any(|word| plain.contains(word))).then_some(Deed::Minted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects what lineage shows: each provider's ways to make a credential and to become somebody else.
    #[test]
    fn operations_are_deeds() {
        for action in [
            "AssumeRole",
            "AssumeRoleWithWebIdentity",
            "AssumeRoleWithSAML",
            "AssumeRoot",
            "GetFederationToken",
            "GenerateAccessToken",
            "google.iam.credentials.v1.IAMCredentials.SignJwt",
            "LoginAs",
            "SUOrgAdminLogin",
            "user.session.impersonation.initiate",
        ] {
            assert_eq!(deed(action), Some(Deed::Assumed), "{action}");
        }
        for action in [
            "CreateAccessKey",
            "CreateLoginProfile",
            "CreateServiceSpecificCredential",
            "google.iam.admin.v1.CreateServiceAccountKey",
            "google.iam.admin.v1.UploadServiceAccountKey",
            "Add service principal credentials",
            "Update application – Certificates and secrets management ",
            "system.api_token.create",
            "personal_access_token.create",
            "personal_access_token_created",
            "Reset user password",
            "user.account.reset_password",
            "public_key.create",
            "create_deploy_key",
        ] {
            assert_eq!(deed(action), Some(Deed::Minted), "{action}");
        }
        for action in [
            "DeleteAccessKey",
            "ListAccessKeys",
            "GetObject",
            "CreateSecret",
            "CreatePolicy",
            "UpdateAccountPasswordPolicy",
            "AttachUserPolicy",
            "Add member to role",
            "",
        ] {
            assert_eq!(deed(action), None, "{action}");
        }
    }
}
