//! A piece of a feed on its way into the store: rows that refer to a dictionary of their own, compressed raw records,
//! rejects, and the position that covers them. Workers build it, the one writer commits it in one transaction. Plain
//! data: it must not know how it was parsed or how it will be stored.

use super::event::{ActionClass, EventId, JobStep, Outcome, Probe};
use super::feed::{Position, Reject};
use super::identity::KindEvidence;
use super::source::Source;
use super::sym::Sym;
use super::time::Timestamp;
use std::borrow::Cow;
use std::sync::Arc;

/// Stands for "absent" in a row's references.
pub const NONE: u32 = u32::MAX;

/// The dictionaries of a store. The code is stored: values are only ever added at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum TermKind {
    /// Name of a format.
    Format,
    /// Id of a credential; `detail` is its kind.
    Credential,
    /// Session id or name.
    Session,
    /// Address or service name; `source` carries what is known about it.
    Ip,
    /// Client as sent.
    Agent,
    /// How the caller authenticated.
    Auth,
    /// Operation as named by the provider; `detail` is the service, `sym` that of `service:operation` without version.
    Action,
    /// Thing acted on.
    Resource,
    /// Family of data.
    Domain,
    /// Identity acted on.
    Target,
    /// Organisation or account.
    Tenant,
    /// Caller's account.
    Account,
    /// Region.
    Region,
    /// Delegation.
    OnBehalf,
    /// Normalised query.
    Shape,
    /// Bulk job.
    Job,
    /// Error.
    Error,
    /// What a credential may do.
    Scopes,
    /// Tool of an AI agent.
    Tool,
    /// What is said about an event beside what happened.
    Tags,
}

impl TermKind {
    /// Kinds there are.
    pub const COUNT: usize = Self::Tags as usize + 1;
}

/// One entry of a chunk's dictionary; `(kind, sym)` is unique in a store. The symbol of a term is `Sym::of(text)`, except
/// an action's, which is `Sym::of("service:operation")`.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Which dictionary.
    pub kind: TermKind,
    /// Its symbol.
    pub sym: Sym,
    /// Its text; shared, because most texts come back in the next chunk.
    pub text: Arc<str>,
    /// A second text: kind of a credential, service of an action.
    pub detail: Cow<'static, str>,
    /// What is known about an address; shared, because an address comes back in every chunk.
    pub source: Option<Arc<Source>>,
}

/// One principal of a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalTerm {
    /// Symbol of (platform, id).
    pub sym: Sym,
    /// System.
    pub platform: &'static str,
    /// Provider's stable id; shared, as are the others, because most principals come back in the next chunk.
    pub id: Arc<str>,
    /// Display name, empty where no record of the chunk had one.
    pub name: Arc<str>,
    /// Organisation, empty where unknown.
    pub tenant: Arc<str>,
    /// All that the chunk's records tell about its kind.
    pub evidence: KindEvidence,
    /// Other ids of it, in order.
    pub also: Vec<Box<str>>,
}

/// One event; `u32` fields are indices into [`Chunk::terms`] (`principal` into [`Chunk::principals`]) or [`NONE`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of model::event::Event, one for one")]
pub struct Row {
    pub time: Timestamp,
    pub id: EventId,
    /// Hash of the canonical record, taken before redaction: of two records with one id the smaller is kept.
    pub canonical: u64,
    pub principal: u32,
    pub format: u32,
    pub credential: u32,
    pub session: u32,
    pub session_issued: Option<Timestamp>,
    pub ip: u32,
    pub agent: u32,
    pub auth: u32,
    pub action: u32,
    pub class: ActionClass,
    pub probe: Option<Probe>,
    pub resource: u32,
    pub domain: u32,
    pub target: u32,
    pub tenant: u32,
    pub account: u32,
    pub region: u32,
    pub on_behalf: u32,
    pub shape: u32,
    pub job: u32,
    pub job_step: Option<JobStep>,
    pub outcome: Outcome,
    pub error: u32,
    pub rows: Option<u64>,
    pub bytes: Option<u64>,
    pub scopes: u32,
    pub tool: u32,
    pub tags: u32,
    /// Bits of `model::observation::flag`.
    pub flags: u16,
    /// Index into [`Chunk::raw`].
    pub raw_block: u32,
    /// Place inside that block.
    pub raw_index: u8,
}

/// At most 256 redacted raw records, compressed together (zstd level 1). Decompressed it is the records one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawBlock {
    /// Start of each record in the decompressed bytes, then the total length: one more entry than records.
    pub starts: Vec<u32>,
    /// Decoded byte offset of each record in its feed.
    pub offsets: Vec<u64>,
    /// Compressed records.
    pub bytes: Vec<u8>,
}

/// A piece of one feed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chunk {
    /// The feed's name.
    pub feed: String,
    /// Dictionary of the chunk.
    pub terms: Vec<Term>,
    /// Principals of the chunk.
    pub principals: Vec<PrincipalTerm>,
    /// Events.
    pub rows: Vec<Row>,
    /// Raw records.
    pub raw: Vec<RawBlock>,
    /// What could not be read.
    pub rejects: Vec<Reject>,
    /// Where reading stands after this chunk; `None` for feeds without a position (stdin).
    pub position: Option<Position>,
    /// Records read in it: rows + rejects.
    pub read: u64,
    /// Wall-clock time at which it was read.
    pub ingested: Timestamp,
}
