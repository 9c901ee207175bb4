//! The fields a filter can name: one table with each field's name, its other names, what its values are and which rows
//! have it. The names are the keys of the JSON lines, flattened, and the names of the Elastic Common Schema.

use crate::model::{ActionClass, Class, JobStep, Kind, Network, Outcome, Probe, Severity, Status, Verdict};

/// What a field's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A short text: `:` means the whole of it.
    Word,
    /// A long text: `:` means a part of it.
    Prose,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A number.
    Number,
    /// An instant.
    Time,
    /// `info low medium high critical`, in that order.
    Severity,
    /// An address or the name of a service.
    Address,
}

/// The rows a filter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Stored events.
    Events,
    /// Alerts and findings.
    Alerts,
    /// Identities.
    Identities,
}

impl Scope {
    /// The rows' name in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Alerts => "alerts",
            Self::Identities => "identities",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Events => E,
            Self::Alerts => A,
            Self::Identities => I,
        }
    }
}

const E: u8 = 1;
const A: u8 = 2;
const I: u8 = 4;

macro_rules! choices {
    ($name:ident, $of:ty) => {
        const $name: &[&str] = &{
            let mut out = [""; <$of>::ALL.len()];
            let mut at = 0;
            while at < out.len() {
                out[at] = <$of>::ALL[at].as_str();
                at += 1;
            }
            out
        };
    };
}
choices!(KINDS, Kind);
choices!(CLASSES, Class);
choices!(ACTION_CLASSES, ActionClass);
choices!(NETWORKS, Network);
choices!(STATUSES, Status);
choices!(VERDICTS, Verdict);
choices!(JOB_STEPS, JobStep);
choices!(PROBES, Probe);
choices!(SEVERITIES, Severity);
/// `failure` is what tools with two outcomes call `denied` and `error`.
const OUTCOMES: &[&str] =
    &[Outcome::Success.as_str(), Outcome::Denied.as_str(), Outcome::Error.as_str(), Outcome::Unknown.as_str(), "failure"];
const YES_NO: &[&str] = &["true", "false"];
/// `class` of an event is what its action does, of an identity what it is.
const EITHER_CLASS: &[&str] = &{
    let mut out = [""; ACTION_CLASSES.len() + CLASSES.len()];
    let mut at = 0;
    while at < out.len() {
        out[at] = if at < ACTION_CLASSES.len() { ACTION_CLASSES[at] } else { CLASSES[at - ACTION_CLASSES.len()] };
        at += 1;
    }
    out
};

macro_rules! fields {
    ($($variant:ident $name:literal $shape:expr, $scopes:expr, [$($alias:literal),*];)+) => {
        /// A field of a row. Its name is the key in the JSON lines, nested keys joined by dots.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field { $(#[doc = concat!("`", $name, "`")] $variant),+ }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name it is printed with.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Other names it answers to.
            pub const fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($alias),*]),+ }
            }

            /// What its values are.
            pub const fn shape(self) -> Shape {
                match self { $(Self::$variant => $shape),+ }
            }

            const fn scopes(self) -> u8 {
                match self { $(Self::$variant => $scopes),+ }
            }
        }
    };
}

use Shape::{Address, Choice, Number, Prose, Time, Word};

fields! {
    // Times that bound a scan: the event's, the alert's raising, an identity's first and last event.
    Since "since" Time, E | A | I, [];
    Until "until" Time, E | A | I, [];
    Time "time" Time, E | A | I, ["@timestamp", "event.created"];
    // Who.
    Identity "identity" Word, E | A | I, ["user", "user.name", "user.entity.name"];
    IdentityId "identity.id" Word, E | A | I, ["user.id", "user.entity.id"];
    Name "identity.name" Word, E | A | I, ["name"];
    Kind "identity.kind" Choice(KINDS), E | A | I, ["kind", "user.entity.type"];
    IdentityClass "identity.class" Choice(CLASSES), E | A | I, [];
    Class "class" Choice(EITHER_CLASS), E | A | I, [];
    Platform "platform" Word, A | I, ["identity.platform"];
    Tenant "tenant" Word, E | A | I, ["identity.tenant", "organization.id"];
    Owner "owner" Word, A | I, ["identity.owner"];
    ThirdParty "third_party" Choice(YES_NO), I, [];
    Reason "reason" Prose, E | I, ["identity.reason"];
    FirstSeen "first_seen" Time, I, [];
    LastSeen "last_seen" Time, I, [];
    ActiveDays "active_days" Number, I, [];
    Events "events" Number, A | I, ["events.count"];
    Credentials "credentials" Number, I, [];
    OpenAlerts "open_alerts" Number, I, [];
    // Alerts.
    Id "id" Word, A | I, ["alert"];
    Aliases "aliases" Word, A, [];
    Severity "severity" Shape::Severity, A | I, ["event.severity"];
    Risk "risk" Number, A | I, ["event.risk_score"];
    Status "status" Choice(STATUSES), A, [];
    Verdict "verdict" Choice(VERDICTS), A, [];
    Assigned "assigned" Word, A, [];
    SnoozedUntil "snoozed_until" Time, A, [];
    DuplicateOf "duplicate_of" Word, A, [];
    Onset "onset" Time, A, [];
    Raised "raised" Time, A, [];
    Updated "updated" Time, A, [];
    Sentence "sentence" Prose, A, ["message"];
    Detector "detector" Word, A, ["signals.detector", "rule.name"];
    Family "family" Word, A, ["signals.family"];
    Headline "headline" Prose, A, ["signals.observed"];
    From "from" Prose, A, [];
    Sequence "sequence" Word, A, ["sequences.id"];
    Mitigations "mitigations" Prose, A, [];
    Counterfactuals "counterfactuals" Prose, A, [];
    NotObservable "not_observable" Prose, A, [];
    BlastRows "blast_radius.rows" Number, A, [];
    BlastBytes "blast_radius.bytes" Number, A, [];
    BlastObjects "blast_radius.objects" Number, A, [];
    BlastCredentials "blast_radius.credentials" Number, A, [];
    BlastIdentities "blast_radius.identities" Number, A, [];
    BlastTenants "blast_radius.tenants" Number, A, [];
    Framework "framework" Word, A, ["frameworks.id", "threat.technique.id"];
    UseCase "use_case" Word, A, ["provenance.use_case"];
    BaselineDay "baseline_day" Word, A, ["provenance.baseline_day"];
    // Events.
    Ingested "ingested" Time, E, ["event.ingested"];
    Format "format" Word, E, ["source", "event.dataset", "event.module", "event.provider"];
    Feed "feed" Prose, E, [];
    Uid "uid" Word, E, [];
    EventId "event_id" Word, E, ["event.id"];
    CloudAccount "cloud_account" Word, E, ["account", "cloud.account.id"];
    Principal "principal" Word, E, [];
    Credential "credential.id" Word, E, ["credential"];
    CredentialKind "credential.kind" Word, E, [];
    Session "session.id" Word, E, ["session"];
    SessionMfa "session.mfa" Choice(YES_NO), E, ["mfa"];
    SessionIssued "session.issued_at" Time, E, [];
    SessionLength "session.length_s" Number, E, [];
    OnBehalfOf "on_behalf_of" Word, E, [];
    Ip "ip" Address, E, ["source.ip", "source.address"];
    Asn "asn" Number, E, ["source.as.number"];
    AsOrg "as_org" Prose, E, ["org", "source.as.organization.name"];
    Network "network" Choice(NETWORKS), E, [];
    Cloud "cloud" Word, E, ["cloud.provider"];
    Region "region" Word, E, ["cloud.region"];
    Country "country" Word, E, ["source.geo.country_iso_code"];
    UserAgent "user_agent" Prose, E, ["ua", "user_agent.original"];
    Agent "agent" Word, E, ["user_agent.name"];
    AuthMethod "auth_method" Word, E, [];
    Action "action" Word, E, ["event.action"];
    Service "service" Word, E, ["cloud.service.name"];
    Resource "resource" Prose, E, ["orchestrator.resource.name", "orchestrator.resource.id"];
    DataDomain "data_domain" Word, E, ["domain"];
    TargetIdentity "target_identity" Word, E, ["target", "user.target.id"];
    Scopes "scopes" Word, E, ["scope"];
    Tool "tool" Word, E, ["gen_ai.tool.name"];
    QueryShape "query_shape" Prose, E, [];
    Outcome "outcome" Choice(OUTCOMES), E, ["event.outcome"];
    Error "error" Prose, E, ["error.code"];
    Rows "rows" Number, E, [];
    Bytes "bytes" Number, E, [];
    Job "job" Word, E, [];
    JobStep "job_step" Choice(JOB_STEPS), E, [];
    Probe "probe" Choice(PROBES), E, [];
    ViaProvider "via_provider" Choice(YES_NO), E, [];
    Tags "tags" Word, E, ["tag"];
    File "origin.file" Prose, E, ["file", "log.file.path"];
    Offset "origin.offset" Number, E, ["log.offset"];
}

impl Field {
    /// The field a name or alias stands for, in any case.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        Self::ALL.iter().copied().find(|f| f.name() == name || f.aliases().contains(&name.as_str()))
    }

    /// Every name and alias.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().flat_map(|f| std::iter::once(f.name()).chain(f.aliases().iter().copied()))
    }

    /// Whether rows of `scope` have it.
    pub const fn is_in(self, scope: Scope) -> bool {
        self.scopes() & scope.bit() != 0
    }

    /// The names to offer while a filter for `scope` is typed, most of them keys of its JSON lines.
    pub fn offered(scope: Scope) -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().filter(move |f| f.is_in(scope)).map(|f| f.name())
    }

    /// Whether plain words are looked for in it.
    pub(super) const fn is_searched(self) -> bool {
        // `identity` answers for its parts.
        !matches!(self.shape(), Number | Time) && !matches!(self, Self::IdentityId | Self::Name)
    }
}

/// The severities in order, as words.
pub(super) const fn severities() -> &'static [&'static str] {
    SEVERITIES
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_name_means_one_field() {
        let mut seen = BTreeSet::new();
        for name in Field::names() {
            assert!(seen.insert(name), "{name} twice");
            assert_eq!(name, name.to_lowercase());
        }
    }

    #[test]
    fn names_of_the_common_schema_are_known() {
        for (alias, field) in [
            ("@timestamp", Field::Time),
            ("source.ip", Field::Ip),
            ("user.name", Field::Identity),
            ("Event.Action", Field::Action),
            ("source.as.number", Field::Asn),
            ("user_agent.original", Field::UserAgent),
            ("cloud.account.id", Field::CloudAccount),
            ("event.dataset", Field::Format),
        ] {
            assert_eq!(Field::named(alias), Some(field), "{alias}");
        }
    }
}
