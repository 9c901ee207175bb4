//! Feeds as the store knows them: how far each was read. It must not know how feeds work.

use super::error::StoreError;
use super::reader::Reader;
use crate::model::Position;
use rusqlite::Row;

const POSITION: &str =
    "SELECT name, place, head, tail, size, modified, complete, records, format, header FROM position JOIN feed ON feed.id = feed";

fn position(row: &Row<'_>) -> rusqlite::Result<Position> {
    Ok(Position {
        feed: row.get(0)?,
        offset: row.get::<_, i64>(1)? as u64,
        head: row.get(2)?,
        tail: row.get(3)?,
        size: row.get::<_, i64>(4)? as u64,
        modified: row.get(5)?,
        complete: row.get(6)?,
        records: row.get::<_, i64>(7)? as u64,
        format: row.get(8)?,
        header: row.get(9)?,
    })
}

impl Reader {
    /// How far every feed was read, by name.
    pub fn feeds(&self) -> Result<Vec<Position>, StoreError> {
        let mut statement = self.conn.prepare_cached(&[POSITION, " ORDER BY name"].concat())?;
        Ok(statement.query_map([], position)?.collect::<Result<_, _>>()?)
    }

    /// How far one feed was read; `None` for one never read.
    pub fn position(&self, feed: &str) -> Result<Option<Position>, StoreError> {
        let mut statement = self.conn.prepare_cached(&[POSITION, " WHERE name = ?1"].concat())?;
        Ok(statement.query_map([feed], position)?.next().transpose()?)
    }
}
