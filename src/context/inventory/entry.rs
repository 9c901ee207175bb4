//! What people know about one identity: the types of an entry, and how a declaration is compared with what was seen. It
//! must not know how a file is read.

use crate::context::network::NetworkPattern;
use crate::context::schedule::Schedule;
use crate::model::event::words;
use crate::model::{ActionClass, Class, Kind, Source, Timestamp};
use serde::{Deserialize, Serialize};

words! {
    /// How much depends on an identity.
    Tier {
        /// What it reaches must never leak.
        CrownJewel = "crown-jewel",
        /// Production.
        Production = "production",
        /// Nothing depends on it.
        Sandbox = "sandbox",
    }
}

words! {
    /// Where in its life an identity is.
    Lifecycle {
        /// Not used yet.
        Planned = "planned",
        /// In use.
        Active = "active",
        /// No longer used, not yet removed.
        Retired = "retired",
        /// Removed: it must not act.
        Offboarded = "offboarded",
    }
}

/// What an identity may do, as its owner declared. An empty list declares nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Approved {
    /// Where it may come from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<NetworkPattern>,
    /// How it may authenticate, in the provider's words, lower case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub auth_methods: Vec<String>,
    /// What its calls may do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ActionClass>,
    /// Families of data it may touch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Tools an agent may call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// Most rows a UTC day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_rows_per_day: Option<u64>,
    /// When it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Whether a person may use it by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interactive: Option<bool>,
    /// Leaving the declared purpose counts double.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enforce: bool,
}

impl Approved {
    /// Whether anything is declared.
    pub fn is_empty(&self) -> bool {
        *self == Self { enforce: self.enforce, ..Self::default() }
    }

    /// Whether a source is declared; `None` where no networks are. The provider's own calls have no network.
    pub fn network(&self, source: &Source) -> Option<bool> {
        (!self.networks.is_empty()).then(|| self.networks.iter().any(|pattern| pattern.holds(source)))
    }

    /// Whether a way to authenticate is declared; `None` where none are.
    pub fn auth_method(&self, method: &str) -> Option<bool> {
        listed(&self.auth_methods, method)
    }

    /// Whether a class of calls is declared; `None` where none are.
    pub fn class(&self, class: ActionClass) -> Option<bool> {
        (!self.classes.is_empty()).then(|| self.classes.contains(&class))
    }

    /// Whether a family of data is declared; `None` where none are.
    pub fn domain(&self, domain: &str) -> Option<bool> {
        listed(&self.domains, domain)
    }

    /// Whether a tool is declared; `None` where none are.
    pub fn tool(&self, tool: &str) -> Option<bool> {
        listed(&self.tools, tool)
    }

    /// Whether a day's rows are declared; `None` where no maximum is.
    pub fn rows(&self, rows: u64) -> Option<bool> {
        self.max_rows_per_day.map(|most| rows <= most)
    }
}

fn listed(values: &[String], value: &str) -> Option<bool> {
    (!values.is_empty()).then(|| values.iter().any(|known| known.eq_ignore_ascii_case(value)))
}

/// Another id of an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherId {
    /// The system it belongs to; any where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// As that system writes it.
    pub id: String,
}

/// What people know about one identity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Principal or identity id as the provider writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Only of this system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Other ids of the same identity, on this system or on others: they make one identity of all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<OtherId>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Whom to call when the owner does not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalation: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Who operates it, if not the company itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Operated by somebody else; see [`Self::is_third_party`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub third_party: Option<bool>,
    /// How much depends on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// Where in its life it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
    /// Made at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// No longer needed from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Removed at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offboarded: Option<Timestamp>,
    /// Its credentials are to be replaced so often, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate_every: Option<i64>,
    /// Permissions and scopes it was given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<String>,
    /// What sort of identity it is, whatever its records tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Machine or person, whatever its records tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// Its declared purpose.
    #[serde(skip_serializing_if = "Approved::is_empty")]
    pub approved: Approved,
}

impl Entry {
    /// Operated by somebody else: as said, else it follows from a vendor being named; `None` where neither is.
    pub fn is_third_party(&self) -> Option<bool> {
        self.third_party.or(self.vendor.is_some().then_some(true))
    }

    /// Its kind and class where either is declared; a kind has its class.
    pub fn declared_kind(&self) -> (Option<Kind>, Option<Class>) {
        (self.kind, self.class.or(self.kind.map(class_of)))
    }

    /// Ids that are said to be one identity: (system, id) each, the system where one is named. Fewer than two say nothing.
    pub fn one_of(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        let own = self.id.as_deref().map(|id| (self.platform.as_deref(), id));
        own.into_iter().chain(self.ids.iter().map(|other| (other.platform.as_deref(), other.id.as_str())))
    }

    pub(super) fn is_of(&self, platform: &str) -> bool {
        self.platform.as_deref().is_none_or(|own| own == platform)
    }
}

/// The class every identity of a kind has.
pub(super) fn class_of(kind: Kind) -> Class {
    match kind {
        Kind::Human => Class::Human,
        Kind::Provider => Class::Provider,
        Kind::Unknown => Class::Unknown,
        _ => Class::Machine,
    }
}
