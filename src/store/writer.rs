//! The writer: the one way to change a store. Its methods stand beside what they change (`commit`, `alert_save`,
//! `triage`, `snapshots`, `lease`); here are its connection and the small settings. It must not know what is judged.

use super::dictionary::Dictionary;
use super::error::StoreError;
use super::home::Home;
use super::settings;
use rusqlite::Connection;
use std::sync::Arc;

/// A connection that writes.
pub struct Writer {
    pub(super) conn: Connection,
    /// Loaded at the first commit, so that one who only decides starts at once.
    pub(super) dictionary: Option<Dictionary>,
    /// Hash of the knowledge that addresses are enriched with.
    pub(super) context: String,
    /// Whether what comes is committed as it arises: only then does its delay tell about its feed.
    pub(super) live: bool,
    _home: Arc<Home>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("context", &self.context).finish_non_exhaustive()
    }
}

impl Writer {
    pub(super) fn on(conn: Connection, home: Arc<Home>) -> Self {
        Self { conn, dictionary: None, context: String::new(), live: false, _home: home }
    }

    /// Names the knowledge (a content hash) with which the addresses of the next chunks were enriched.
    pub fn set_context(&mut self, hash: &str) {
        hash.clone_into(&mut self.context);
    }

    /// Whether a commit waits until it is on disk: `true` for live feeds and decisions, `false` for bulk, where a power cut
    /// may take back the last commits, positions included, and a second load restores them. Only of what waits is the delay
    /// between event and reading kept: that of an old log says nothing about its feed.
    pub fn set_sync(&mut self, full: bool) -> Result<(), StoreError> {
        self.conn.pragma_update(None, "synchronous", if full { "FULL" } else { "NORMAL" })?;
        self.live = full;
        Ok(())
    }

    /// Moves the write-ahead log into the file and empties it, as far as readers let go of it.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        Ok(self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// Sets a small setting.
    pub fn set_meta(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        settings::set_value(&self.conn, &format!("user.{name}"), value.as_bytes())
    }
}
