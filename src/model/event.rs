//! A normalised audit record. An [`Event`] borrows from the record it was read from, lives until it is stored, and holds
//! what the record says: an absent path stays `None`, never a guess. It must not know any provider.

use super::identity::Principal;
use super::sym;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// Text of a record: borrowed where the record holds it verbatim.
pub type Text<'a> = Cow<'a, str>;

/// Names an event in every store: first eight bytes of SHA-256(format ‖ 0xff ‖ provider's id, or the canonical record
/// where there is none).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub u64);

impl EventId {
    /// The id of a record of `format` that its provider (or, without one, its canonical bytes) calls `key`.
    pub fn of(format: &str, key: &[u8]) -> Self {
        Self(sym::prefix(&[format.as_bytes(), &[0xff], key]))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the order of its stored code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in every output and in the filter language.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value a word names; `None` for an unknown word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// The value a stored code stands for; `None` for a code this version does not know.
            pub fn from_code(code: u8) -> Option<Self> {
                Self::ALL.get(usize::from(code)).copied()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What an action does, in the words of `events --json`.
    ActionClass {
        /// Signing in.
        Auth = "auth",
        /// Token or session issuance and refresh.
        Token = "token",
        /// Reading one known thing.
        Read = "read",
        /// A query over data.
        Query = "query",
        /// Listing what exists.
        List = "list",
        /// Asking how something is built or configured.
        Describe = "describe",
        /// A bulk job or export of data.
        Export = "export",
        /// Changing data.
        Write = "write",
        /// Removing data or resources.
        Delete = "delete",
        /// Configuration of the platform.
        Admin = "admin",
        /// Identities, credentials, policies, roles.
        Iam = "iam",
        /// Reading or changing secrets and keys.
        Secret = "secret",
        /// Logging, audit and detection settings.
        Logging = "logging",
        /// Running code, a model or a tool.
        Invoke = "invoke",
    }
}

words! {
    /// How a call ended.
    Outcome {
        /// It worked.
        Success = "success",
        /// It was refused for lack of permission or by policy.
        Denied = "denied",
        /// It failed for another reason.
        Error = "error",
        /// The record does not say.
        Unknown = "unknown",
    }
}

words! {
    /// A kind of reconnaissance a single call amounts to (steps of the predicate RC of sequence S05).
    Probe {
        /// Lists everything of a kind.
        ListAll = "list-all",
        /// Asks how an object is built.
        Describe = "describe",
        /// Asks how many or how large.
        Count = "count",
        /// Asks for limits or quotas.
        Limits = "limits",
        /// Asks who the caller is.
        WhoAmI = "whoami",
    }
}

words! {
    /// Where in its life a bulk job is.
    JobStep {
        /// The job was created.
        Create = "create",
        /// The job ran: a batch, a status poll, a result page.
        Progress = "progress",
        /// The job finished.
        Complete = "complete",
        /// The job was deleted.
        Delete = "delete",
    }
}

/// A credential a record names: its id (never its secret) and its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential<'a> {
    /// Access key id, token id, connected-app id, certificate thumbprint.
    pub id: Text<'a>,
    /// `static_key`, `sts_session`, `oauth_access`, `oauth_refresh`, `session`, `password`, `pat`, `cert`, `oidc`, `svid`.
    pub kind: &'static str,
}

/// One audit record in our words. Field by field it is the contract of `events --json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<'a> {
    /// When it happened, by the provider's clock.
    pub time: Timestamp,
    /// Name of the format that read it (`aws_cloudtrail`, `salesforce_elf`, …).
    pub format: &'static str,
    /// The provider's own id of the record, its key for deduplication.
    pub provider_id: Option<Text<'a>>,
    /// Whom the record names.
    pub principal: Principal<'a>,
    /// Another id of the same principal on its platform, where the record gives two: what joins the logs of one identity.
    pub also: Option<Text<'a>>,
    /// The credential used.
    pub credential: Option<Credential<'a>>,
    /// The provider's session id or name.
    pub session: Option<Text<'a>>,
    /// Whether the session was opened with a second factor.
    pub mfa: Option<bool>,
    /// When the session was issued.
    pub session_issued: Option<Timestamp>,
    /// The principal this call was made for (delegation), as the provider names it.
    pub on_behalf_of: Option<Text<'a>>,
    /// Organisation, account or directory the record belongs to.
    pub tenant: Option<Text<'a>>,
    /// Cloud account of the caller where it differs from the tenant's.
    pub cloud_account: Option<Text<'a>>,
    /// The provider's region.
    pub region: Option<Text<'a>>,
    /// The caller's address as sent: an address, or the name of a provider's service.
    pub source: Option<Text<'a>>,
    /// The provider itself made the call for the identity: it counts for the identity and stays out of its source and
    /// agent baselines.
    pub via_provider: bool,
    /// The client as it calls itself.
    pub agent: Option<Text<'a>>,
    /// How the caller authenticated, in the provider's words, lower case (`oauth`, `password`, `static_key`, …).
    pub auth_method: Option<Text<'a>>,
    /// The operation as the provider names it.
    pub action: Text<'a>,
    /// The service the operation belongs to.
    pub service: Option<Text<'a>>,
    /// What the operation does.
    pub class: ActionClass,
    /// The reconnaissance it amounts to, if any.
    pub probe: Option<Probe>,
    /// The thing acted on: ARN, object name with key, URI.
    pub resource: Option<Text<'a>>,
    /// The family of data acted on: bucket, table, object type.
    pub domain: Option<Text<'a>>,
    /// Another identity the call acts on (the role assumed, the user whose key is made).
    pub target: Option<Text<'a>>,
    /// Normalised text of a query: literals removed, so that the same question has the same shape.
    pub query_shape: Option<Text<'a>>,
    /// The bulk job it belongs to.
    pub job: Option<Text<'a>>,
    /// Where in its life that job is.
    pub job_step: Option<JobStep>,
    /// How it ended.
    pub outcome: Outcome,
    /// The provider's error code or status.
    pub error: Option<Text<'a>>,
    /// Records read or written.
    pub rows: Option<u64>,
    /// Bytes moved.
    pub bytes: Option<u64>,
    /// What the credential may do, as the provider writes it: OAuth scopes, roles, policies; several separated by blanks.
    pub scopes: Option<Text<'a>>,
    /// The tool an AI agent called.
    pub tool: Option<Text<'a>>,
    /// What is said about the event beside what happened, several separated by newlines: `finding:aws_guardduty:high:…`.
    pub tags: Option<Text<'a>>,
    /// The record is another product's finding about the principal, not an activity of it: it is attached to the identity
    /// and never learned from.
    pub finding: bool,
}

impl<'a> Event<'a> {
    /// An event that says nothing but who, when and what; a format fills in the rest it finds.
    pub fn new(format: &'static str, time: Timestamp, principal: Principal<'a>, action: Text<'a>, class: ActionClass) -> Self {
        Self {
            time,
            format,
            provider_id: None,
            principal,
            also: None,
            credential: None,
            session: None,
            mfa: None,
            session_issued: None,
            on_behalf_of: None,
            tenant: None,
            cloud_account: None,
            region: None,
            source: None,
            via_provider: false,
            agent: None,
            auth_method: None,
            action,
            service: None,
            class,
            probe: None,
            resource: None,
            domain: None,
            target: None,
            query_shape: None,
            job: None,
            job_step: None,
            outcome: Outcome::Unknown,
            error: None,
            rows: None,
            bytes: None,
            scopes: None,
            tool: None,
            tags: None,
            finding: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_codes_go_both_ways() {
        for (code, class) in ActionClass::ALL.iter().enumerate() {
            assert_eq!(ActionClass::from_word(class.as_str()), Some(*class));
            assert_eq!(ActionClass::from_code(code as u8), Some(*class));
        }
        assert_eq!(ActionClass::from_word("nonsense"), None);
        assert_eq!(Outcome::from_code(99), None);
    }

    #[test]
    fn an_event_id_depends_on_the_format_too() {
        assert_ne!(EventId::of("aws_cloudtrail", b"1"), EventId::of("okta", b"1"));
        assert_eq!(EventId::of("okta", b"1"), EventId::of("okta", b"1"));
    }
}
