//! How connections are set up: the pragmas of the writer and of the readers, the store's key and its small settings
//! (`meta`). It must not know what the tables mean.

use super::error::StoreError;
use super::home::random;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::path::Path;
use std::time::Duration;

/// A connection that writes. Page size only takes effect in a new file.
pub fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    if rusqlite::version_number() < 3_051_003 {
        return Err(StoreError::OldSqlite { found: rusqlite::version() });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let conn = connect(path, flags)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.execute_batch(
        "PRAGMA page_size = 8192; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;
         PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864;",
    )?;
    conn.set_prepared_statement_cache_capacity(96);
    Ok(conn)
}

/// A connection that cannot write.
pub fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let conn = connect(path, flags)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.execute_batch(
        "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;
         PRAGMA mmap_size = 1073741824;",
    )?;
    conn.set_prepared_statement_cache_capacity(96);
    Ok(conn)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    Connection::open_with_flags(real(path)?, flags).map_err(|e| StoreError::io(path, std::io::Error::other(e.to_string())))
}

/// The path with its links resolved once: SQLite then refuses to follow one that appears later.
fn real(path: &Path) -> Result<std::path::PathBuf, StoreError> {
    path.canonicalize().map_err(|e| StoreError::io(path, e))
}

/// The store's random key, made once.
pub fn redaction_key(conn: &Connection) -> Result<[u8; 32], StoreError> {
    if value(conn, "redaction_key")?.is_none() {
        conn.execute("INSERT OR IGNORE INTO meta (name, value) VALUES ('redaction_key', ?1)", params![random(32)?])?;
    }
    let bytes = value(conn, "redaction_key")?.unwrap_or_default();
    bytes.try_into().map_err(|_| StoreError::damaged("the redaction key has not 32 bytes"))
}

/// A small setting, as bytes.
pub fn value(conn: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(conn.prepare_cached("SELECT value FROM meta WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?)
}

/// Sets a small setting.
pub fn set_value(conn: &Connection, name: &str, value: &[u8]) -> Result<(), StoreError> {
    conn.prepare_cached("INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")?
        .execute(params![name, value])?;
    Ok(())
}

/// A counter or instant kept among the settings; `None` until it is first set.
pub fn number(conn: &Connection, name: &str) -> Result<Option<i64>, StoreError> {
    let Some(bytes) = value(conn, name)? else { return Ok(None) };
    let bytes = bytes.try_into().map_err(|_| StoreError::damaged(format!("setting {name} is no number")))?;
    Ok(Some(i64::from_le_bytes(bytes)))
}

/// Sets a counter or instant.
pub fn set_number(conn: &Connection, name: &str, number: i64) -> Result<(), StoreError> {
    set_value(conn, name, &number.to_le_bytes())
}
