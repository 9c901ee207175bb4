//! An event as the fold reads it: small numbers and symbols only, so that a day of a heavy identity fits a cache.
//! It must not know the store's numeric ids: nothing here depends on the order in which records were stored.

use super::event::{ActionClass, EventId, JobStep, Outcome, Probe};
use super::source::Source;
use super::sym::Sym;
use super::time::Timestamp;
use std::sync::Arc;

/// A client, parsed: family and major version decide novelty, the rest is for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// The client as sent.
    pub text: String,
    /// Symbol of `text`.
    pub sym: Sym,
    /// Family in lower case (`boto3`, `aws-cli`, `python-requests`, `salesforce-data-loader`).
    pub family: String,
    /// Symbol of the family.
    pub family_sym: Sym,
    /// Major version, 0 where there is none.
    pub major: u32,
    /// What the client is.
    pub sort: AgentSort,
}

/// What a client is, as far as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AgentSort {
    /// A vendor's SDK.
    Sdk,
    /// A command-line tool of a vendor.
    Cli,
    /// A browser.
    Browser,
    /// A general HTTP library or scripting client.
    Script,
    /// A tool made to find or abuse credentials.
    Offensive,
    /// A service of the provider.
    Service,
    /// Anything else.
    Other,
}

/// Flags of an observation.
pub mod flag {
    /// The provider made the call for the identity.
    pub const VIA_PROVIDER: u16 = 1;
    /// The event's own clock is impossible: stored, shown, never folded.
    pub const CLOCK: u16 = 1 << 1;
    /// The session had a second factor.
    pub const MFA: u16 = 1 << 2;
    /// The session is known to have had none.
    pub const NO_MFA: u16 = 1 << 3;
    /// The event came for a day already beyond retention.
    pub const TOO_LATE: u16 = 1 << 4;
    /// Another product's finding about the identity, not an activity of it.
    pub const FINDING: u16 = 1 << 5;
}

/// One event of one identity.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Event time.
    pub time: Timestamp,
    /// Ties in time break by this.
    pub id: EventId,
    /// The principal it belongs to, as the store knows it: only for finding the event again, never for order.
    pub principal: u32,
    /// Where it came from; `None` where the record does not say.
    pub source: Option<Arc<Source>>,
    /// The client; `None` where the record does not say.
    pub agent: Option<Arc<Agent>>,
    /// Symbol of `service:operation`, version suffix removed.
    pub action: Sym,
    /// What the action does.
    pub class: ActionClass,
    /// Reconnaissance it amounts to.
    pub probe: Option<Probe>,
    /// Symbol of how the caller authenticated.
    pub auth_method: Sym,
    /// Symbol of the credential.
    pub credential: Sym,
    /// Symbol of the thing acted on.
    pub resource: Sym,
    /// Symbol of the family of data.
    pub domain: Sym,
    /// Symbol of the region.
    pub region: Sym,
    /// Symbol of the normalised query.
    pub query_shape: Sym,
    /// Symbol of the bulk job.
    pub job: Sym,
    /// Where in its life the job is.
    pub job_step: Option<JobStep>,
    /// How it ended.
    pub outcome: Outcome,
    /// Records moved.
    pub rows: Option<u64>,
    /// Bytes moved.
    pub bytes: Option<u64>,
    /// Symbol of what the credential may do.
    pub scopes: Sym,
    /// Symbol of the tool an agent called.
    pub tool: Sym,
    /// Symbol of the other identity it acts on.
    pub target: Sym,
    /// Symbol of what is said about it beside what happened.
    pub tags: Sym,
    /// Bits of [`flag`].
    pub flags: u16,
}

impl Observation {
    /// The order of the fold: by time, ties by event id.
    pub fn key(&self) -> (Timestamp, EventId) {
        (self.time, self.id)
    }

    /// Whether the provider made the call for the identity.
    pub fn via_provider(&self) -> bool {
        self.flags & flag::VIA_PROVIDER != 0
    }

    /// Whether it is another product's finding and no activity.
    pub fn is_finding(&self) -> bool {
        self.flags & flag::FINDING != 0
    }

    /// Whether it failed.
    pub fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Denied | Outcome::Error)
    }
}

/// Texts behind symbols, for sentences and evidence.
pub trait Names {
    /// The text a symbol stands for; `None` when it was never seen here.
    fn text(&self, sym: Sym) -> Option<Arc<str>>;

    /// The second text of a symbol: the service of an operation; empty where there is none.
    fn detail(&self, _sym: Sym) -> String {
        String::new()
    }

    /// The text, or the symbol in hexadecimal where it is unknown.
    fn show(&self, sym: Sym) -> String {
        self.text(sym).map_or_else(|| format!("#{:016x}", sym.0), |t| t.to_string())
    }
}
