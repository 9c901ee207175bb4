//! Who acts. A [`Principal`] is the name a record carries; what it resolves to is an identity, with a [`Kind`] and a
//! [`Class`]. What a single record tells about the kind is a bit of [`KindEvidence`]; evidence only ever adds up, so the
//! kind is the same whatever order the records came in. How evidence becomes a kind is `resolve`'s business, not ours.

use super::event::{Text, words};
use serde::{Deserialize, Serialize};

words! {
    /// What sort of identity it is.
    Kind {
        /// An account made for software.
        ServiceAccount = "service_account",
        /// A long-lived key used by software.
        ApiKey = "api_key",
        /// A connected application holding OAuth tokens.
        OauthConnector = "oauth_connector",
        /// A token of a build or deployment run.
        CiToken = "ci_token",
        /// A role that workloads assume.
        WorkloadRole = "workload_role",
        /// An AI agent.
        AiAgent = "ai_agent",
        /// A chat or repository bot.
        Bot = "bot",
        /// The provider's own service.
        Provider = "provider",
        /// A person.
        Human = "human",
        /// Nothing says.
        Unknown = "unknown",
    }
}

words! {
    /// Machine, person or the provider itself.
    Class {
        /// Software.
        Machine = "machine",
        /// A person.
        Human = "human",
        /// The provider's own service.
        Provider = "provider",
        /// Nothing says.
        Unknown = "unknown",
    }
}

/// What records tell about an identity's kind, as a set of bits; two sets merge by OR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KindEvidence(pub u32);

impl KindEvidence {
    /// Nothing known.
    pub const NONE: Self = Self(0);
    /// A long-lived access key was used.
    pub const STATIC_KEY: Self = Self(1);
    /// A browser session on the provider's console.
    pub const CONSOLE: Self = Self(1 << 1);
    /// A role's session.
    pub const ROLE_SESSION: Self = Self(1 << 2);
    /// A session named after an instance, a function, a build or an SDK.
    pub const WORKLOAD_SESSION: Self = Self(1 << 3);
    /// A session named after a person (an e-mail address, a single-sign-on role).
    pub const PERSON_SESSION: Self = Self(1 << 4);
    /// A session of a build or deployment run.
    pub const CI_SESSION: Self = Self(1 << 5);
    /// The provider's own service acted.
    pub const PROVIDER_SERVICE: Self = Self(1 << 6);
    /// Tokens of a connected application were used.
    pub const OAUTH_APP: Self = Self(1 << 7);
    /// The programming interface was used with a client that is a program.
    pub const API_CLIENT: Self = Self(1 << 8);
    /// The interface made for people was used.
    pub const UI: Self = Self(1 << 9);
    /// The name says it is an integration, a service or a bot.
    pub const MACHINE_NAME: Self = Self(1 << 10);
    /// The record says it is an AI agent.
    pub const AGENT: Self = Self(1 << 11);
    /// The record says it is a bot.
    pub const BOT: Self = Self(1 << 12);
    /// The record says it is a service account.
    pub const SERVICE_ACCOUNT: Self = Self(1 << 13);
    /// The record says it is a person.
    pub const PERSON: Self = Self(1 << 14);
    /// The root or owner account.
    pub const ROOT: Self = Self(1 << 15);
    /// The id is of a sort that only workloads have (SPIFFE).
    pub const WORKLOAD_ID: Self = Self(1 << 16);

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any bit of `other` is in this set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The name a record carries for who acted, before any resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal<'a> {
    /// The system the name belongs to (`aws`, `salesforce`, …).
    pub platform: &'static str,
    /// The provider's stable id: ARN of the user or role, user id, connected-app id.
    pub id: Text<'a>,
    /// The display name, where the record has one.
    pub name: Option<Text<'a>>,
    /// What this record tells about the kind.
    pub evidence: KindEvidence,
}

/// An identity as every list and alert names it: the JSON object of `cli.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityRef {
    /// The least principal id of its component.
    pub id: String,
    /// Display name; the last part of the id where records carry none.
    pub name: String,
    /// What sort of identity it is.
    pub kind: Kind,
    /// Machine, person or provider.
    pub class: Class,
    /// The system it lives in.
    pub platform: String,
    /// Organisation, account or directory.
    pub tenant: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
}
