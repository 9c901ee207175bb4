//! Read models: what a screen or a list shows, one struct a row, already named and bounded. The store fills them, the
//! console and the command line print them; neither adds knowledge. Pages, never whole tables.

use super::alert::AlertId;
use super::alert::{Severity, Status};
use super::event::{ActionClass, JobStep, Outcome, Probe, words};
use super::identity::IdentityRef;
use super::source::Network;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One identity in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdentityRow {
    /// Who.
    #[serde(flatten)]
    pub identity: IdentityRef,
    /// Operated by a vendor.
    pub third_party: Option<bool>,
    /// Why its kind is what it is.
    pub reason: String,
    /// First event.
    pub first_seen: Timestamp,
    /// Last event.
    pub last_seen: Timestamp,
    /// UTC days with at least one event.
    pub active_days: u32,
    /// Events in all.
    pub events: u64,
    /// Distinct credentials.
    pub credentials: u64,
    /// Highest risk of its open alerts and findings, 0 without.
    pub risk: u8,
    /// Open alerts.
    pub open_alerts: u32,
    /// Severity of the gravest open alert, if any (console only).
    #[serde(skip)]
    pub worst: Option<Severity>,
    /// Events in each of the 24 hours up to now, oldest first (console only).
    #[serde(skip)]
    pub activity: Vec<u32>,
    /// Usual events in 24 hours, 0 while unknown (console only).
    #[serde(skip)]
    pub usual_day: f64,
}

/// One alert in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertRow {
    /// Its id.
    pub id: AlertId,
    /// Id of the identity.
    pub identity: String,
    /// Name of the identity.
    pub name: String,
    /// How grave.
    pub severity: Severity,
    /// 0–100.
    pub risk: u8,
    /// Where it stands.
    pub status: Status,
    /// Who holds it.
    pub assigned: Option<String>,
    /// First event of the episode.
    pub onset: Timestamp,
    /// When it was raised.
    pub raised: Timestamp,
    /// Newest event that changed it.
    pub updated: Timestamp,
    /// Detector that carries most points.
    pub detector: String,
    /// What that detector observed.
    pub headline: String,
    /// The whole sentence.
    pub sentence: String,
    /// Where most of it came from, as text.
    pub from: String,
}

/// One stored event, resolved to texts: the object of `events --json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventRow {
    /// Event time.
    pub time: Timestamp,
    /// When it was stored.
    pub ingested: Timestamp,
    /// Format.
    pub format: String,
    /// Feed.
    pub feed: String,
    /// Our id, sixteen hexadecimal digits.
    pub uid: String,
    /// Provider's id.
    pub event_id: Option<String>,
    /// Organisation or account.
    pub tenant: Option<String>,
    /// Caller's account.
    pub cloud_account: Option<String>,
    /// Principal id as recorded.
    pub principal: String,
    /// Whom it belongs to.
    pub identity: EventIdentity,
    /// Credential used.
    pub credential: Option<CredentialRow>,
    /// Session.
    pub session: Option<SessionRow>,
    /// Delegation.
    pub on_behalf_of: Option<String>,
    /// Address or service name as stored.
    pub ip: Option<String>,
    /// Autonomous system.
    pub asn: Option<u32>,
    /// Its organisation.
    pub as_org: Option<String>,
    /// Class of network.
    pub network: Network,
    /// Cloud.
    pub cloud: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Client as sent.
    pub user_agent: Option<String>,
    /// `family/major`.
    pub agent: Option<String>,
    /// How the caller authenticated.
    pub auth_method: Option<String>,
    /// Operation.
    pub action: String,
    /// Service.
    pub service: Option<String>,
    /// What it does.
    pub class: ActionClass,
    /// Thing acted on.
    pub resource: Option<String>,
    /// Family of data.
    pub data_domain: Option<String>,
    /// Identity acted on.
    pub target_identity: Option<String>,
    /// What the credential may do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Tool of an agent.
    pub tool: Option<String>,
    /// Normalised query.
    pub query_shape: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Error.
    pub error: Option<String>,
    /// Records.
    pub rows: Option<u64>,
    /// Bytes.
    pub bytes: Option<u64>,
    /// Job.
    pub job: Option<String>,
    /// Where in its life the job is.
    pub job_step: Option<JobStep>,
    /// Reconnaissance it amounts to.
    pub probe: Option<Probe>,
    /// The provider made the call for the identity.
    pub via_provider: bool,
    /// Rules that hit.
    pub tags: Vec<String>,
    /// Where the record lies.
    pub origin: Origin,
}

/// The identity of an event, with the reason of its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventIdentity {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: super::identity::Kind,
    /// Class.
    pub class: super::identity::Class,
    /// Why.
    pub reason: String,
}

/// A credential of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRow {
    /// Id.
    pub id: String,
    /// Kind.
    pub kind: String,
}

/// A session of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Id or name.
    pub id: Option<String>,
    /// Second factor.
    pub mfa: Option<bool>,
    /// Issued at.
    pub issued_at: Option<Timestamp>,
    /// Length in seconds.
    pub length_s: Option<u64>,
}

/// Where a record lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Feed or file.
    pub file: String,
    /// Decoded byte offset.
    pub offset: u64,
}

/// A number with its habit, as the range strip draws it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// 5th percentile of past active days.
    pub p5: f64,
    /// 25th percentile.
    pub p25: f64,
    /// Median.
    pub p50: f64,
    /// 75th percentile.
    pub p75: f64,
    /// 95th percentile.
    pub p95: f64,
    /// Largest seen.
    pub max: f64,
    /// Active days behind it.
    pub days: u32,
}

/// One value of a dimension: usual against now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UsualNow {
    /// The value.
    pub text: String,
    /// A second text: network, service.
    pub detail: String,
    /// Share of active days (sources, objects) or of calls (event mix) in the past, 0–1.
    pub usual: f64,
    /// The same share in the last 24 hours.
    pub now: f64,
    /// First seen.
    pub first: Option<Timestamp>,
    /// Never seen before the last 24 hours.
    pub new: bool,
}

/// What is usual for an identity, frozen at the close of a day: the stored profile view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProfileView {
    /// Active days the baseline rests on.
    pub days: u32,
    /// The closed day it stands at.
    pub day: super::time::Day,
    /// Distinct networks a day.
    pub sources: Range,
    /// Distance of a day's event mix from the usual mix, in bits.
    pub mix: Range,
    /// Distinct objects a day.
    pub breadth: Range,
    /// Bulk jobs a day.
    pub jobs: Range,
    /// Rows a day.
    pub rows: Range,
    /// Largest bulk job of a day, in rows.
    pub job_rows: Range,
    /// Events a day.
    pub events: Range,
    /// Share of past events in each hour of the week (168), adding up to 1.
    pub hours: Vec<f64>,
    /// Usual sources, most days first, at most 24.
    pub usual_sources: Vec<UsualValue>,
    /// Usual clients.
    pub usual_agents: Vec<UsualValue>,
    /// Usual operations, with their share of calls.
    pub usual_actions: Vec<UsualValue>,
    /// Usual families of data.
    pub usual_domains: Vec<UsualValue>,
}

/// One usual value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UsualValue {
    /// The value.
    pub text: String,
    /// A second text.
    pub detail: String,
    /// Share of active days, or of calls for operations.
    pub share: f64,
    /// Active days it was seen on.
    pub days: u32,
    /// First day.
    pub first: super::time::Day,
    /// Last day.
    pub last: super::time::Day,
}

/// A bulk job as the panes show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    /// Its id.
    pub job: String,
    /// First event of it.
    pub time: Timestamp,
    /// What it moved.
    pub domain: String,
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// It was deleted.
    pub deleted: bool,
}

/// The last 24 hours of an identity, measured the same way as its [`ProfileView`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NowView {
    /// Events.
    pub events: u64,
    /// Distinct networks.
    pub sources: f64,
    /// Distance of the mix from the usual one, in bits.
    pub mix: f64,
    /// Distinct objects.
    pub breadth: f64,
    /// Bulk jobs.
    pub jobs: f64,
    /// Rows.
    pub rows: f64,
    /// Largest job in rows.
    pub job_rows: f64,
    /// Share of events in hours that are usual.
    pub in_hours: f64,
    /// Events in each hour of the week touched, (hour of week, count).
    pub hours: Vec<(u8, u32)>,
}

/// Everything the panes of one identity show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IdentityPage {
    /// Who, with totals.
    pub row: Option<IdentityRow>,
    /// What is usual.
    pub usual: ProfileView,
    /// What is now.
    pub now: NowView,
    /// Sources, new ones first.
    pub sources: Vec<UsualNow>,
    /// Clients, new ones first.
    pub agents: Vec<UsualNow>,
    /// Operations by change.
    pub actions: Vec<UsualNow>,
    /// Families of data, new ones first.
    pub domains: Vec<UsualNow>,
    /// Bulk jobs, newest first.
    pub jobs: Vec<JobRow>,
    /// Last events, newest first.
    pub events: Vec<EventRow>,
    /// Its alerts and findings, newest first.
    pub alerts: Vec<AlertRow>,
    /// What its records never say, so that it cannot be judged; one line each.
    pub not_observable: Vec<String>,
    /// Who made its credentials and took it on, and what it did so to others; at most fifty, by tie, last first.
    pub lineage: Vec<TieRow>,
}

words! {
    /// How another identity is tied to this one.
    Tie {
        /// The other made credentials of this one.
        MintedBy = "minted_by",
        /// The other took on this one.
        AssumedBy = "assumed_by",
        /// This one acted on the other's behalf.
        ActsFor = "acts_for",
        /// The other acted on behalf of this one.
        ActsThrough = "acts_through",
        /// This one made credentials of the other.
        Minted = "minted",
        /// This one took on the other.
        Assumed = "assumed",
    }
}

/// A tie of lineage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TieRow {
    /// How.
    pub tie: Tie,
    /// The other identity's id; where it was never seen acting, the name the records give it.
    pub id: String,
    /// Its display name, or the same.
    pub name: String,
    /// First time.
    pub first: Timestamp,
    /// Last time.
    pub last: Timestamp,
    /// Events that say so.
    pub events: u64,
}

/// What the header shows of the whole store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Events stored.
    pub events: u64,
    /// Identities known.
    pub identities: u64,
    /// Machine identities known.
    pub machines: u64,
    /// First event.
    pub first: Option<Timestamp>,
    /// Newest event whose clock is possible.
    pub last: Option<Timestamp>,
    /// Open alerts by severity, indexed by [`Severity`].
    pub open: [u32; 5],
    /// Rejected records.
    pub rejects: u64,
    /// Active days of the youngest machine baseline.
    pub youngest_days: u32,
    /// Onset of the oldest open unacknowledged alert.
    pub oldest_new: Option<Timestamp>,
    /// Feeds known.
    pub feeds: u64,
}

/// How a feed is doing, at an event time: one feed, or many files of one folder and format, which to a person are one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeedHealth {
    /// Its name; the folder where it stands for several files.
    #[serde(rename = "feed")]
    pub name: String,
    /// Feeds it stands for.
    pub feeds: u64,
    /// The format it was recognised as, empty where it was not.
    pub format: String,
    /// Records read (stored, duplicate or rejected); events where the feed counts none.
    pub records: u64,
    /// Decoded bytes read; `None` where it stands for several.
    pub offset: Option<u64>,
    /// Whether all of it was read to its end.
    pub complete: bool,
    /// Events kept from it; a record that several feeds delivered counts for one of them.
    pub events: u64,
    /// Newest event delivered.
    pub last: Option<Timestamp>,
    /// Events kept of the last 24 hours.
    pub events_24h: u64,
    /// Median of the events kept of a day, over at most 30 active days before today; `None` without any.
    pub usual_day: Option<f64>,
    /// Mean delay between event and reading on the newest day with live events, in ms; `None` where it was never live.
    pub lag_mean_ms: Option<u64>,
    /// Longest delay on that day, in ms.
    pub lag_max_ms: Option<u64>,
    /// Records that could not be read.
    pub rejects: u64,
    /// The commonest reasons, at most three; numbers in them stand as `#`.
    pub reasons: Vec<RejectReason>,
    /// What its records leave out, over its last 30 active days; `None` without events.
    pub missing: Option<MissingShares>,
    /// Its last event, when it has been silent since for longer than it ever was: a notice, never an alert.
    pub silent_since: Option<Timestamp>,
}

/// A reason for rejects, and how often it was one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectReason {
    /// The reason.
    pub reason: String,
    /// Rejects.
    pub count: u64,
}

/// Shares of events, 0–1, that lack a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MissingShares {
    /// Without an address or service it came from.
    pub source: f64,
    /// Without a client.
    pub client: f64,
    /// Without a credential.
    pub credential: f64,
    /// Without an outcome.
    pub outcome: f64,
}
