//! The tables, as forward-only migrations: each one transaction, counted in `user_version`. The rule: a released step is
//! never changed, only followed by another. It must not know what reads the tables.

use super::error::StoreError;
use super::home::APPLICATION_ID;
use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The schema this version knows: the number of steps.
pub const VERSION: i64 = STEPS.len() as i64;

const STEPS: &[M<'_>] = &[
    M::up(FIRST),
    M::up(SCOPES_AND_TAGS),
    M::up(CONTEXT),
    M::up(REJECTS_WHOLE),
    M::up(JOINS),
    M::up(FEED_DAYS),
    M::up(DECLARED_IDS),
    M::up(TIES),
];

/// The version before `feed_day`, for its test.
#[cfg(test)]
pub const BEFORE_FEED_DAYS: i64 = 5;

/// `ev` is clustered by (day, principal, time, event id): loading appends, a fold reads a range, old days go as one range, and
/// the key itself finds duplicates. The columns a fold reads come first, so that the rest of a row is never decoded.
/// `eid` is the event id with its top bit flipped, so that SQLite's signed order is the id's own.
const FIRST: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE ev (
  day INTEGER NOT NULL, principal INTEGER NOT NULL, ts INTEGER NOT NULL, eid INTEGER NOT NULL,
  action INTEGER, class INTEGER NOT NULL, outcome INTEGER NOT NULL, flags INTEGER NOT NULL,
  ip INTEGER, agent INTEGER, auth INTEGER, credential INTEGER, resource INTEGER, domain INTEGER, region INTEGER,
  rows INTEGER, bytes INTEGER, probe INTEGER, shape INTEGER, job INTEGER, job_step INTEGER,
  format INTEGER, session INTEGER, issued INTEGER, target INTEGER, tenant INTEGER, account INTEGER, on_behalf INTEGER,
  error INTEGER, canonical INTEGER NOT NULL, raw INTEGER,
  PRIMARY KEY (day, principal, ts, eid)
) WITHOUT ROWID;

CREATE TABLE term (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, sym INTEGER NOT NULL, text TEXT NOT NULL, detail TEXT NOT NULL);
CREATE UNIQUE INDEX term_sym ON term (sym, kind);
CREATE TABLE source (
  term INTEGER PRIMARY KEY, asn INTEGER NOT NULL, org TEXT NOT NULL, country TEXT NOT NULL, network INTEGER NOT NULL,
  block TEXT NOT NULL, label TEXT NOT NULL, context TEXT NOT NULL
);
CREATE TABLE principal (
  id INTEGER PRIMARY KEY, sym INTEGER NOT NULL UNIQUE, platform TEXT NOT NULL, pid TEXT NOT NULL, name TEXT NOT NULL,
  tenant TEXT NOT NULL, evidence INTEGER NOT NULL, first INTEGER, last INTEGER, events INTEGER NOT NULL DEFAULT 0,
  flagged INTEGER NOT NULL DEFAULT 0, active_days INTEGER NOT NULL DEFAULT 0, credentials INTEGER NOT NULL DEFAULT 0,
  identity INTEGER NOT NULL, stale INTEGER
);
CREATE INDEX principal_pid ON principal (pid, platform);
CREATE TABLE credential_use (credential INTEGER NOT NULL, principal INTEGER NOT NULL, PRIMARY KEY (credential, principal)) WITHOUT ROWID;
CREATE TABLE rday (
  day INTEGER NOT NULL, principal INTEGER NOT NULL, events INTEGER NOT NULL, failures INTEGER NOT NULL, rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL, hours BLOB NOT NULL, PRIMARY KEY (day, principal)
) WITHOUT ROWID;

CREATE TABLE feed (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE position (
  feed INTEGER PRIMARY KEY, place INTEGER NOT NULL, head TEXT NOT NULL, tail TEXT NOT NULL, size INTEGER NOT NULL,
  modified INTEGER NOT NULL, complete INTEGER NOT NULL, records INTEGER NOT NULL, format TEXT NOT NULL, header TEXT NOT NULL
);
CREATE TABLE reject (
  id INTEGER PRIMARY KEY, feed INTEGER NOT NULL, place INTEGER NOT NULL, reason TEXT NOT NULL, sample BLOB NOT NULL,
  UNIQUE (feed, place)
);
CREATE TABLE raw_block (
  id INTEGER PRIMARY KEY, feed INTEGER NOT NULL, ingested INTEGER NOT NULL, starts BLOB NOT NULL, offsets BLOB NOT NULL,
  bytes BLOB NOT NULL
);

CREATE TABLE alert (
  id INTEGER PRIMARY KEY, identity TEXT NOT NULL, onset INTEGER NOT NULL, raised INTEGER NOT NULL, updated INTEGER NOT NULL,
  risk INTEGER NOT NULL, severity INTEGER NOT NULL, model TEXT NOT NULL, body TEXT NOT NULL, support BLOB NOT NULL,
  published TEXT, superseded TEXT, status INTEGER NOT NULL DEFAULT 0, standing TEXT, snoozed INTEGER,
  version INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX alert_identity ON alert (identity, updated, risk, severity, status, superseded, snoozed);
CREATE INDEX alert_raised ON alert (raised);
CREATE INDEX alert_waiting ON alert (status, onset, severity, superseded, snoozed);
CREATE TABLE alert_alias (alias INTEGER PRIMARY KEY, alert INTEGER NOT NULL);
CREATE INDEX alert_alias_alert ON alert_alias (alert);
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, watermark INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
  object TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, note TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE INDEX audit_object ON audit (object);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE (ABORT, 'the audit chain is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE (ABORT, 'the audit chain is append-only'); END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq >= NEW.seq)
  BEGIN SELECT RAISE (ABORT, 'the audit chain is append-only'); END;

CREATE TABLE snapshot (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE profile (
  identity INTEGER PRIMARY KEY, day INTEGER NOT NULL, active INTEGER NOT NULL, usual_events REAL NOT NULL, json TEXT NOT NULL
);
CREATE TABLE fleet (day INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE lease (name TEXT PRIMARY KEY, pid INTEGER NOT NULL, beat INTEGER NOT NULL) WITHOUT ROWID;
";

/// What a credential may do, the tool of an AI agent, and what others say about an event.
const SCOPES_AND_TAGS: &str = "
ALTER TABLE ev ADD COLUMN scopes INTEGER;
ALTER TABLE ev ADD COLUMN tool INTEGER;
ALTER TABLE ev ADD COLUMN tags INTEGER;
";

/// Versions of what people know (`store::context`): the newest of a sort and slot is in force. `watermark` is the newest
/// event time stored when it came, absent where it came before the first event. A body of address data goes when another
/// takes its place; all else stays, for looking back.
const CONTEXT: &str = "
CREATE TABLE context (
  id INTEGER PRIMARY KEY, sort INTEGER NOT NULL, slot TEXT NOT NULL, hash TEXT NOT NULL, origin TEXT NOT NULL, dated TEXT NOT NULL,
  imported INTEGER NOT NULL, watermark INTEGER, expires INTEGER, rows INTEGER NOT NULL, body BLOB
);
CREATE INDEX context_slot ON context (sort, slot, id);
";

/// Rejects are kept whole, so that they can be read again when more formats are known; and two of them may stand at one
/// place: of a file that was written anew, of two requests to one feed. Of the rejects of the first schema the first 4 KiB
/// are there, and a hash of 0 says that theirs is not known.
const REJECTS_WHOLE: &str = "
CREATE TABLE refused (
  id INTEGER PRIMARY KEY, feed INTEGER NOT NULL, place INTEGER NOT NULL, hash INTEGER NOT NULL, reason TEXT NOT NULL,
  sample BLOB NOT NULL, whole INTEGER NOT NULL, cut INTEGER NOT NULL, body BLOB NOT NULL,
  UNIQUE (feed, place, hash)
);
INSERT INTO refused (id, feed, place, hash, reason, sample, whole, cut, body)
  SELECT id, feed, place, 0, reason, sample, length (sample) < 4096, instr (sample, CAST ('redacted:' AS BLOB)) > 0, x'' FROM reject;
DROP TABLE reject;
ALTER TABLE refused RENAME TO reject;
";

/// Other ids of principals, on their platforms: what joins several into one identity (`store::joins`).
const JOINS: &str = "
CREATE TABLE alias (platform TEXT NOT NULL, id TEXT NOT NULL, principal INTEGER NOT NULL, PRIMARY KEY (platform, id, principal)) WITHOUT ROWID;
CREATE INDEX principal_identity ON principal (identity);
";

/// What each feed brought of each day (`store::feed_day`), counted once from what is there: row by row, so that memory stays
/// bounded. How late it came is not known of what was stored before. 2 is the flag of an impossible clock, 3 the code of an
/// unknown outcome; a slot is half an hour.
const FEED_DAYS: &str = "
CREATE TABLE feed_day (
  feed INTEGER NOT NULL, day INTEGER NOT NULL, events INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  slots INTEGER NOT NULL, no_source INTEGER NOT NULL, no_agent INTEGER NOT NULL, no_credential INTEGER NOT NULL,
  no_outcome INTEGER NOT NULL, lagged INTEGER NOT NULL, lag_sum INTEGER NOT NULL, lag_max INTEGER NOT NULL,
  PRIMARY KEY (feed, day)
) WITHOUT ROWID;
INSERT INTO feed_day
  SELECT b.feed, e.day, 1, e.ts, e.ts, 1 << ((e.ts - e.day * 86400000) / 1800000), e.ip IS NULL, e.agent IS NULL,
    e.credential IS NULL, e.outcome = 3, 0, 0, 0
  FROM ev e CROSS JOIN raw_block b ON b.id = e.raw >> 8 WHERE e.flags & 2 = 0
  ON CONFLICT (feed, day) DO UPDATE SET events = events + 1, first = min(first, excluded.first), last = max(last, excluded.last),
    slots = slots | excluded.slots, no_source = no_source + excluded.no_source, no_agent = no_agent + excluded.no_agent,
    no_credential = no_credential + excluded.no_credential, no_outcome = no_outcome + excluded.no_outcome;
";

/// Ids that the inventory in force says are one identity (`store::joins`); an empty system means any.
const DECLARED_IDS: &str = "
CREATE TABLE IF NOT EXISTS declared_id (id TEXT NOT NULL, platform TEXT NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (id, platform, entry)) WITHOUT ROWID;
";

/// Who did what to whose credentials (`store::ties`); the other side by its key (system `=`) or its name on the principal's system.
const TIES: &str = "
CREATE TABLE IF NOT EXISTS tie (
  platform TEXT NOT NULL, other TEXT NOT NULL, deed INTEGER NOT NULL, principal INTEGER NOT NULL, events INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (platform, other, deed, principal)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tie_principal ON tie (principal, last);
";

/// Marks a new file as ours, switches it to WAL and brings the schema up to date.
pub fn prepare(conn: &mut Connection, path: &Path) -> Result<(), StoreError> {
    if super::integer(conn, "SELECT count(*) FROM sqlite_schema")? == 0 {
        // Still in rollback mode here: the mark stands in the file itself, so that a kill at any moment leaves either an
        // empty file or one that is known to be ours.
        conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    } else if super::integer(conn, "PRAGMA application_id")? != i64::from(APPLICATION_ID) {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    let found = super::integer(conn, "PRAGMA user_version")?;
    if found > VERSION {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::Migration { path: path.to_owned(), reason: format!("journal mode {mode} instead of wal") });
    }
    upgrade(conn, path, found, STEPS)
}

/// Runs the steps that are missing. A file of an older version is copied beside itself first; the copy stays until the
/// next start on an up-to-date file.
fn upgrade(conn: &mut Connection, path: &Path, found: i64, steps: &[M<'_>]) -> Result<(), StoreError> {
    let failed = |reason: String| StoreError::Migration { path: path.to_owned(), reason };
    let copy = path.with_added_extension("before-upgrade");
    if (1..steps.len() as i64).contains(&found) {
        // Made private before SQLite fills it; an older copy is of no more use.
        let made = match std::fs::remove_file(&copy) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
            _ => OpenOptions::new().write(true).create_new(true).mode(0o600).open(&copy),
        };
        made.map_err(|e| StoreError::io(&copy, e))?;
        let copied = conn.execute("VACUUM INTO ?1", [copy.to_string_lossy()]);
        copied.map_err(|e| failed(format!("no copy could be made first: {e}")))?;
    } else if copy.exists() {
        std::fs::remove_file(&copy).map_err(|e| StoreError::io(&copy, e))?;
    }
    let steps = Migrations::from_slice(steps);
    // Two programs that meet at a new file both try; the one that comes second finds the work done.
    steps.to_latest(conn).or_else(|_| steps.to_latest(conn)).map_err(|e| failed(e.to_string().replace('\n', " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects every upgrade: the steps must run one after the other on an empty file.
    #[test]
    fn the_migrations_are_sound() {
        Migrations::from_slice(STEPS).validate().unwrap();
    }

    /// Protects old databases: an upgrade leaves a private copy that the next start removes, and one that fails leaves the
    /// file as it was.
    #[test]
    fn an_upgrade_copies_first_and_fails_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let copy = folder.path().join("x.db.before-upgrade");
        drop(crate::store::Store::open(&path).unwrap());
        let mut conn = super::super::settings::open_writer(&path).unwrap();
        conn.execute("INSERT INTO feed (name) VALUES ('kept')", []).unwrap();
        let with = |more: &'static str| STEPS.iter().cloned().chain([M::up(more)]).collect::<Vec<_>>();
        let broken = with("CREATE TABLE more (x); INSERT INTO nowhere VALUES (1)");
        assert!(matches!(upgrade(&mut conn, &path, VERSION, &broken), Err(StoreError::Migration { .. })));
        let version = |conn: &Connection| super::super::integer(conn, "PRAGMA user_version").unwrap();
        assert_eq!(
            (version(&conn), super::super::integer(&conn, "SELECT count(*) FROM sqlite_schema WHERE name = 'more'").unwrap()),
            (VERSION, 0)
        );
        let sound = with("CREATE TABLE more (x)");
        upgrade(&mut conn, &path, VERSION, &sound).unwrap();
        assert_eq!(version(&conn), VERSION + 1);
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&copy).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        let old = Connection::open(&copy).unwrap();
        assert_eq!((version(&old), super::super::integer(&old, "SELECT count(*) FROM feed WHERE name = 'kept'").unwrap()), (VERSION, 1));
        upgrade(&mut conn, &path, VERSION + 1, &sound).unwrap();
        assert!(!copy.exists());
    }

    /// Protects what the first version rejected: it is still listed, and what was kept of it in full can be tried again.
    #[test]
    fn rejects_of_the_first_schema_stay() {
        let mut conn = Connection::open_in_memory().unwrap();
        Migrations::from_slice(&STEPS[..1]).to_latest(&mut conn).unwrap();
        let add = "INSERT INTO reject (feed, place, reason, sample) VALUES (1, ?1, 'r', ?2)";
        conn.execute(add, rusqlite::params![5, b"{\"k\":\"\xe2\x80\xb9redacted:key:01234567\xe2\x80\xba\"}"]).unwrap();
        conn.execute(add, rusqlite::params![9, vec![b'x'; 4_096]]).unwrap();
        Migrations::from_slice(STEPS).to_latest(&mut conn).unwrap();
        let mut statement = conn.prepare("SELECT place, hash, whole, cut, length (sample) > 9 FROM reject ORDER BY id").unwrap();
        let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))).unwrap();
        let rows: Vec<(i64, i64, bool, bool, bool)> = rows.map(Result::unwrap).collect();
        assert_eq!(rows, [(5, 0, true, true, true), (9, 0, false, false, true)]);
    }
}
