//! What can go wrong with the store, one line each: the thing, the place, the way out. It must not know who shows it.

use crate::govern::triage::Refusal;
use crate::model::AlertId;
use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// An error of the store.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is; the fields are what the message names")]
pub enum StoreError {
    #[error("{path}: not a database; name another file with --db")]
    NotADatabase { path: PathBuf },
    #[error("{path}: a database of another program; name another file with --db")]
    Foreign { path: PathBuf },
    #[error(
        "{path}: written by a newer driftline (schema {found}, this one knows {known}); update driftline or name another file with --db"
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error(
        "{path}: lies on a network file system ({kind}), where two programs can damage a database; name a file on a local disk with --db"
    )]
    Network { path: PathBuf, kind: String },
    #[error("{path}: {source}; check the folder's rights or name another file with --db")]
    Io { path: PathBuf, source: std::io::Error },
    #[error(
        "{path}: the schema could not be brought up to date ({reason}); the file is as it was, restore a copy or name another file with --db"
    )]
    Migration { path: PathBuf, reason: String },
    #[error("this build carries SQLite {found}, which is older than 3.51.3; build driftline with its bundled SQLite")]
    OldSqlite { found: &'static str },
    #[error("the database is busy with another program; try again when its load has finished")]
    Busy,
    #[error("the disk that holds the database is full; free some space, nothing stored so far is lost")]
    Full,
    #[error("the database is damaged ({reason}); run `driftline doctor`, then load the logs into a new file")]
    Damaged { reason: String },
    #[error("the database cannot be written; check the rights of the file, its -wal and its folder")]
    ReadOnly,
    #[error("interrupted")]
    Interrupted,
    #[error("the database refused: {0}")]
    Sql(rusqlite::Error),
    #[error("no alert {0}; `driftline alerts` lists them")]
    NoAlert(AlertId),
    #[error("alert {alert}: {refusal}")]
    Refused { alert: AlertId, refusal: Refusal },
    #[error("alert {alert}: {who} was first ({what}); look again before deciding")]
    Lost { alert: AlertId, who: String, what: String },
    #[error("alert {0}: there is no decision to undo")]
    NothingToUndo(AlertId),
}

impl StoreError {
    /// A value in the file that this version did not write.
    pub(crate) fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged { reason: reason.into() }
    }

    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { reason: error.to_string() },
            Some(ErrorCode::OperationInterrupted) => Self::Interrupted,
            _ => Self::Sql(error),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::damaged(format!("a stored value cannot be read: {error}"))
    }
}
