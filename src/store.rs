//! The store: one SQLite file that holds events, what was said about them, and what people decided. [`Store`] opens it,
//! [`Writer`] is the only way to change it, [`Reader`] the way to look. The rule: what is read back depends on the
//! records given, never on their order, their chunks or how often they came. It must not know how anything is judged
//! (`detect`), nor an async runtime.

mod alert_list;
mod alert_save;
#[cfg(test)]
mod alert_tests;
mod audit;
mod blob;
mod commit;
#[cfg(test)]
mod commit_tests;
mod context;
#[cfg(test)]
mod context_tests;
mod declared;
mod dictionary;
mod directory;
mod error;
mod event_columns;
mod events;
mod feed_day;
mod feed_health;
#[cfg(test)]
mod feed_tests;
mod feeds;
mod folding;
mod home;
mod identities;
mod identity_page;
mod joins;
mod lease;
mod lexicon;
mod observable;
mod observe;
mod origin;
#[cfg(test)]
mod page_tests;
mod raw;
mod reader;
mod rejects;
mod rollup;
#[cfg(test)]
mod sample;
mod schema;
mod settings;
mod silence;
mod snapshots;
mod ties;
mod totals;
mod triage;
pub mod usual;
mod writer;

pub use alert_list::AlertFilter;
pub use alert_save::{FoldedAlert, Saved};
pub use audit::AuditCheck;
pub use commit::{Committed, Tally};
pub use context::{ContextSort, ContextVersion, NewContext};
pub use error::StoreError;
pub use events::EventFilter;
pub use identities::{IdentityFilter, IdentityOrder};
pub use joins::Member;
pub use lease::Lease;
pub use lexicon::AgentParser;
pub use reader::{Dictionaries, KindResolver, PrincipalRow, ProviderIdFinder, Reader};
pub use rejects::Kept;
pub use writer::Writer;

/// Version of the schema this program writes.
pub const SCHEMA: i64 = schema::VERSION;

use home::Home;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;

/// A driftline database, checked and up to date. Cheap to clone; a temporary one is removed when the last clone, writer
/// and reader are gone.
#[derive(Clone, Debug)]
pub struct Store {
    home: Arc<Home>,
    key: [u8; 32],
}

impl Store {
    /// Opens the database at `path`, makes it (file 0600, new folders 0700) where there is none, and brings its schema up
    /// to date. A foreign file, one of a newer version and one that is no database are refused and never written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::at(Home::at(path)?)
    }

    /// A private database in a folder of its own that is removed when everything that uses it is gone: what `:memory:` means.
    pub fn temporary() -> Result<Self, StoreError> {
        Self::at(Home::temporary()?)
    }

    fn at(home: Home) -> Result<Self, StoreError> {
        let mut conn = settings::open_writer(home.path())?;
        schema::prepare(&mut conn, home.path())?;
        let key = settings::redaction_key(&conn)?;
        Ok(Self { home: Arc::new(home), key })
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        self.home.path()
    }

    /// Whether it is removed when everything that uses it is gone.
    pub fn is_temporary(&self) -> bool {
        self.home.is_temporary()
    }

    /// The store's own random key: the same secret is redacted to the same tag inside one store, and to another elsewhere.
    pub fn redaction_key(&self) -> [u8; 32] {
        self.key
    }

    /// A line to show when others may read the file, `None` when it is private.
    pub fn exposure(&self) -> Option<String> {
        self.home.exposure()
    }

    /// A connection that writes. One at a time does the bulk; short decisions from another wait at most five seconds.
    pub fn writer(&self) -> Result<Writer, StoreError> {
        Ok(Writer::on(settings::open_writer(self.home.path())?, Arc::clone(&self.home)))
    }

    /// A read-only connection of its own.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Ok(Reader::on(settings::open_reader(self.home.path())?, Arc::clone(&self.home)))
    }

    /// SQLite's own check of the whole file: the lines it complains with, none when all is well. Reads everything.
    pub fn check(&self) -> Result<Vec<String>, StoreError> {
        let conn = settings::open_reader(self.home.path())?;
        let mut statement = conn.prepare("PRAGMA integrity_check(20)")?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }
}

/// Runs a statement that returns one integer.
fn integer(conn: &Connection, sql: &str) -> Result<i64, StoreError> {
    Ok(conn.prepare_cached(sql)?.query_row([], |row| row.get::<_, Option<i64>>(0))?.unwrap_or(0))
}
