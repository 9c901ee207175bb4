//! The reader: a read-only connection with its dictionaries. Its queries stand beside what they answer (`observe`,
//! `events`, `identities`, `identity_page`, `alert_list`, `totals`). The rule: pages, never whole tables; what parses or names things comes from
//! outside as function pointers. It must not know how things are judged.

use super::error::StoreError;
use super::home::Home;
use super::joins::Member;
use super::lexicon::{AgentParser, Lexicon, Texts, unparsed};
use super::settings;
use crate::context::inventory::Entry;
use crate::model::observation::Names;
use crate::model::{Class, Day, Kind, KindEvidence, Sym, Timestamp};
use rusqlite::{Connection, InterruptHandle};
use std::cell::RefCell;
use std::sync::Arc;

/// What an identity is, from the evidence of its records, its platform, its name and what the inventory says of it, with the
/// reason (`resolve`).
pub type KindResolver = fn(KindEvidence, &str, &str, Option<&Entry>) -> (Kind, Class, String);
/// The provider's own id in a raw record of a format (`format`); `None` where it has none.
pub type ProviderIdFinder = fn(&str, &str) -> Option<String>;

/// A read-only connection.
pub struct Reader {
    pub(super) conn: Connection,
    pub(super) lexicon: RefCell<Arc<Lexicon>>,
    texts: RefCell<Texts>,
    pub(super) kind: KindResolver,
    pub(super) provider_id: Option<ProviderIdFinder>,
    /// The last raw blocks opened: block number, starts, decompressed bytes.
    pub(super) blocks: RefCell<Vec<super::raw::OpenBlock>>,
    /// Principals with their kinds, as last listed.
    pub(super) remembered: RefCell<super::directory::Remembered>,
    /// The inventory in force, as last read.
    pub(super) inventory: RefCell<super::declared::Held>,
    _home: Arc<Home>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

/// What a reader has read of the dictionaries, to be handed to others.
#[derive(Clone)]
pub struct Dictionaries(Arc<Lexicon>);

impl std::fmt::Debug for Dictionaries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dictionaries")
    }
}

/// A principal as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalRow {
    /// The store's number: only for finding it again.
    pub id: u32,
    /// Symbol of (platform, provider's id).
    pub sym: Sym,
    /// System.
    pub platform: String,
    /// Provider's stable id.
    pub pid: String,
    /// Display name, empty where none is known.
    pub name: String,
    /// Organisation, empty where unknown.
    pub tenant: String,
    /// All that its records tell about its kind.
    pub evidence: KindEvidence,
    /// First event whose clock is possible.
    pub first: Option<Timestamp>,
    /// Last such event.
    pub last: Option<Timestamp>,
    /// Events stored.
    pub events: u64,
    /// Of these, events with an impossible clock.
    pub flagged: u64,
    /// UTC days with an event whose clock is possible.
    pub active_days: u32,
    /// Distinct credentials.
    pub credentials: u64,
    /// The principal that stands for its identity.
    pub identity: u32,
    /// All principals of the identity, where there are several.
    pub joined: Vec<Member>,
    /// Earliest day with events its fold has not seen.
    pub stale: Option<Day>,
}

impl PrincipalRow {
    /// Columns in the order [`Self::read`] expects.
    pub(super) const COLUMNS: &'static str =
        "id, sym, platform, pid, name, tenant, evidence, first, last, events, flagged, active_days, credentials, identity, stale";

    pub(super) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            sym: Sym(row.get::<_, i64>(1)? as u64),
            platform: row.get(2)?,
            pid: row.get(3)?,
            name: row.get(4)?,
            tenant: row.get(5)?,
            evidence: KindEvidence(row.get(6)?),
            first: row.get::<_, Option<i64>>(7)?.map(Timestamp),
            last: row.get::<_, Option<i64>>(8)?.map(Timestamp),
            events: row.get::<_, i64>(9)? as u64,
            flagged: row.get::<_, i64>(10)? as u64,
            active_days: row.get(11)?,
            credentials: row.get::<_, i64>(12)? as u64,
            identity: row.get(13)?,
            joined: Vec::new(),
            stale: row.get::<_, Option<i32>>(14)?.map(Day),
        })
    }
}

impl Reader {
    pub(super) fn on(conn: Connection, home: Arc<Home>) -> Self {
        Self {
            conn,
            lexicon: RefCell::new(Arc::new(Lexicon::new(unparsed))),
            texts: RefCell::default(),
            kind: |_, _, _, _| (Kind::Unknown, Class::Unknown, String::new()),
            provider_id: None,
            blocks: RefCell::default(),
            remembered: RefCell::default(),
            inventory: RefCell::default(),
            _home: home,
        }
    }

    /// Without a map of the file: what is mapped counts as memory of ours, and one who reads all of it would hold it all.
    pub fn without_map(self) -> Result<Self, StoreError> {
        self.conn.pragma_update(None, "mmap_size", 0)?;
        Ok(self)
    }

    /// Clients are read by `parse`; without it a client's family is the first word of its text.
    #[must_use]
    pub fn with_agent_parser(mut self, parse: AgentParser) -> Self {
        self.lexicon = RefCell::new(Arc::new(Lexicon::new(parse)));
        self
    }

    /// Dictionaries start as another reader's of the same store and agent parser stand, instead of being read anew: they grow
    /// with the store.
    #[must_use]
    pub fn with_dictionaries(self, like: &Dictionaries) -> Self {
        self.lexicon.replace(Arc::clone(&like.0));
        self
    }

    /// The dictionaries as they stand now, for other readers of the same store.
    pub fn dictionaries(&self) -> Result<Dictionaries, StoreError> {
        Lexicon::follow(&mut self.lexicon.borrow_mut(), &self.conn)?;
        Ok(Dictionaries(Arc::clone(&self.lexicon.borrow())))
    }

    /// Kinds are told by `resolve`; without it every kind is `unknown`.
    #[must_use]
    pub fn with_kind_resolver(mut self, resolve: KindResolver) -> Self {
        self.kind = resolve;
        self.remembered = RefCell::default();
        self
    }

    /// Provider ids are found in raw records by `find`; without it events have none.
    #[must_use]
    pub fn with_provider_ids(mut self, find: ProviderIdFinder) -> Self {
        self.provider_id = Some(find);
        self
    }

    /// Stops a query of this reader from another thread: it then ends with [`StoreError::Interrupted`].
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.conn.get_interrupt_handle()
    }

    /// Every identity: principals that are joined are one row. By the store's number.
    pub fn principals(&self) -> Result<Vec<PrincipalRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(&["SELECT ", PrincipalRow::COLUMNS, " FROM principal ORDER BY id"].concat())?;
        self.gathered(statement.query_map([], PrincipalRow::read)?.collect::<Result<_, _>>()?)
    }

    /// Newest event time committed whose clock is possible: the watermark a decision made now would have.
    pub fn newest(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(settings::number(&self.conn, "newest")?.map(Timestamp))
    }

    /// A small setting; `None` while it was never set.
    pub fn meta(&self, name: &str) -> Result<Option<String>, StoreError> {
        let Some(bytes) = settings::value(&self.conn, &format!("user.{name}"))? else { return Ok(None) };
        String::from_utf8(bytes).map(Some).map_err(|_| StoreError::damaged(format!("setting {name} is no text")))
    }
}

/// A moment of the store: what is read through it belongs together. Inside another moment it is the same one.
pub(super) struct Moment<'c> {
    conn: &'c Connection,
    outermost: bool,
}

impl std::ops::Deref for Moment<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

impl Drop for Moment<'_> {
    fn drop(&mut self) {
        if self.outermost {
            // Nothing was written; a failure leaves the connection in a moment that the next query sees, not wrong data.
            let _ = self.conn.execute_batch("COMMIT");
        }
    }
}

impl Reader {
    /// Fixes the moment until the result is dropped.
    pub(super) fn moment(&self) -> Result<Moment<'_>, StoreError> {
        let outermost = self.conn.is_autocommit();
        if outermost {
            self.conn.execute_batch("BEGIN")?;
        }
        Ok(Moment { conn: &self.conn, outermost })
    }
}

impl Names for Reader {
    fn detail(&self, sym: Sym) -> String {
        self.service_of(sym)
    }

    fn text(&self, sym: Sym) -> Option<Arc<str>> {
        // A name is only for show: where it cannot be read the symbol stands in its place.
        if let Some(text) = self.texts.borrow_mut().get(&self.conn, sym).ok().flatten() {
            return Some(text);
        }
        let known = self.lexicon.borrow().derived(sym);
        known.or_else(|| {
            Lexicon::follow(&mut self.lexicon.borrow_mut(), &self.conn).ok()?;
            self.lexicon.borrow().derived(sym)
        })
    }
}
