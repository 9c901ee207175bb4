//! Which principals are one identity. Records that give two ids of whoever acted join them (`alias`); what is joined stays
//! joined, and the map is the same whatever order the records came in: the least id of a component stands for it. The rule:
//! rows never move; a join makes both sides stale, so that the fold runs over them together, and what people decided about
//! either goes over to the identity. It must not know which records join, nor how folding works.

use super::error::StoreError;
use super::reader::{PrincipalRow, Reader};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet};

/// Notes that `principal` goes by `alias` too, on its platform, and joins whoever that makes one.
pub fn note(conn: &Connection, principal: u32, platform: &str, alias: &str) -> Result<(), StoreError> {
    let new = conn
        .prepare_cached("INSERT OR IGNORE INTO alias (platform, id, principal) VALUES (?1, ?2, ?3)")?
        .execute(params![platform, alias, principal])?;
    if new == 0 {
        return Ok(());
    }
    let named: Option<u32> = conn
        .prepare_cached("SELECT id FROM principal WHERE pid = ?2 AND platform = ?1")?
        .query_row([platform, alias], |row| row.get(0))
        .optional()?;
    let mut same: Vec<u32> = named.into_iter().collect();
    same.extend(holders(conn, platform, alias)?);
    for other in same {
        join(conn, principal, other)?;
    }
    Ok(())
}

/// Joins a principal that was just added to those who are known by its id already.
pub fn added(conn: &Connection, principal: u32, platform: &str, id: &str) -> Result<(), StoreError> {
    for other in holders(conn, platform, id)? {
        join(conn, principal, other)?;
    }
    Ok(())
}

fn holders(conn: &Connection, platform: &str, alias: &str) -> Result<Vec<u32>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT principal FROM alias WHERE platform = ?1 AND id = ?2 ORDER BY principal")?;
    Ok(statement.query_map([platform, alias], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

fn join(conn: &Connection, one: u32, other: u32) -> Result<(), StoreError> {
    let whose = |principal: u32| -> rusqlite::Result<u32> {
        conn.prepare_cached("SELECT identity FROM principal WHERE id = ?1")?.query_row([principal], |row| row.get(0))
    };
    let both = [whose(one)?, whose(other)?];
    if both[0] == both[1] {
        return Ok(());
    }
    let (least, pid): (u32, String) = conn
        .prepare_cached("SELECT id, pid FROM principal WHERE identity IN (?1, ?2) ORDER BY platform, pid LIMIT 1")?
        .query_row(both, |row| Ok((row.get(0)?, row.get(1)?)))?;
    // What was written down about either has lost its ground.
    conn.prepare_cached(
        "UPDATE alert SET identity = ?3 WHERE identity IN (SELECT pid FROM principal WHERE id IN (?1, ?2)) AND identity <> ?3",
    )?
    .execute(params![both[0], both[1], pid])?;
    for identity in both {
        conn.prepare_cached("DELETE FROM profile WHERE identity = ?1")?.execute([identity])?;
        conn.prepare_cached("DELETE FROM snapshot WHERE id >= ?1 AND id < ?2")?
            .execute([i64::from(identity) << 20, (i64::from(identity) + 1) << 20])?;
    }
    conn.prepare_cached("UPDATE principal SET identity = ?3 WHERE identity IN (?1, ?2)")?.execute(params![both[0], both[1], least])?;
    // A day is 86,400,000 ms; the division rounds down after 1970, and earlier clocks are impossible ones.
    conn.prepare_cached(
        "UPDATE principal SET stale = min(ifnull(stale, first / 86400000), first / 86400000) WHERE identity = ?1 AND first IS NOT NULL",
    )?
    .execute([least])?;
    Ok(())
}

impl PrincipalRow {
    /// Numbers of the principals the identity consists of.
    pub fn members(&self) -> impl Iterator<Item = u32> + '_ {
        let alone = self.joined.is_empty().then_some(self.id);
        alone.into_iter().chain(self.joined.iter().map(|(id, _)| *id))
    }

    /// Whether the identity consists of several principals.
    pub fn is_joined(&self) -> bool {
        !self.joined.is_empty()
    }
}

impl Reader {
    /// Principals as identities: those that are joined are one row, that of the least id, by the store's number.
    pub(super) fn gathered(&self, rows: Vec<PrincipalRow>) -> Result<Vec<PrincipalRow>, StoreError> {
        let several: BTreeSet<u32> = rows.iter().filter(|row| row.identity != row.id).map(|row| row.identity).collect();
        if several.is_empty() {
            return Ok(rows);
        }
        let mut out = Vec::with_capacity(rows.len());
        let mut groups: BTreeMap<u32, Vec<PrincipalRow>> = BTreeMap::new();
        for row in rows {
            if several.contains(&row.identity) { groups.entry(row.identity).or_default().push(row) } else { out.push(row) }
        }
        for (identity, members) in groups {
            out.extend(self.merged(identity, members)?);
        }
        out.sort_unstable_by_key(|row| row.id);
        Ok(out)
    }

    /// The identity a principal belongs to, all its members together.
    pub(super) fn whole(&self, row: PrincipalRow) -> Result<PrincipalRow, StoreError> {
        let sql = ["SELECT ", PrincipalRow::COLUMNS, " FROM principal WHERE identity = ?1 ORDER BY id"].concat();
        let mut statement = self.conn.prepare_cached(&sql)?;
        let members: Vec<PrincipalRow> = statement.query_map([row.identity], PrincipalRow::read)?.collect::<Result<_, _>>()?;
        if members.len() < 2 {
            return Ok(row);
        }
        Ok(self.merged(row.identity, members)?.unwrap_or(row))
    }

    fn merged(&self, identity: u32, members: Vec<PrincipalRow>) -> Result<Option<PrincipalRow>, StoreError> {
        let Some(mut out) = members.iter().find(|row| row.id == identity).cloned() else { return Ok(None) };
        let least = |have: &mut String, other: &str| {
            if !other.is_empty() && (have.is_empty() || other < have.as_str()) {
                other.clone_into(have);
            }
        };
        for row in members.iter().filter(|row| row.id != identity) {
            least(&mut out.name, &row.name);
            least(&mut out.tenant, &row.tenant);
            out.evidence = out.evidence.with(row.evidence);
            out.first = [out.first, row.first].into_iter().flatten().min();
            out.last = out.last.max(row.last);
            out.events += row.events;
            out.flagged += row.flagged;
            out.stale = [out.stale, row.stale].into_iter().flatten().min();
        }
        let count = |sql: &str| -> rusqlite::Result<i64> { self.conn.prepare_cached(sql)?.query_row([identity], |row| row.get(0)) };
        out.credentials = count(
            "SELECT count(DISTINCT credential) FROM credential_use WHERE principal IN (SELECT id FROM principal WHERE identity = ?1)",
        )? as u64;
        out.active_days =
            count("SELECT count(DISTINCT day) FROM rday WHERE events > 0 AND principal IN (SELECT id FROM principal WHERE identity = ?1)")?
                as u32;
        out.joined = members.into_iter().map(|row| (row.id, row.pid)).collect();
        Ok(Some(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    /// A store with principals of these ids, one event-less row each.
    fn store(ids: &[&str]) -> (tempfile::TempDir, Connection) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        drop(Store::open(&path).unwrap());
        let conn = super::super::settings::open_writer(&path).unwrap();
        for (at, id) in ids.iter().enumerate() {
            add(&conn, at as u32 + 1, id);
        }
        (dir, conn)
    }

    fn add(conn: &Connection, number: u32, id: &str) {
        conn.execute(
            "INSERT INTO principal (id, sym, platform, pid, name, tenant, evidence, first, identity) VALUES (?1, ?1, 'entra', ?2, '', '', 0, 86400000, ?1)",
            params![number, id],
        )
        .unwrap();
        added(conn, number, "entra", id).unwrap();
    }

    fn map(conn: &Connection) -> Vec<(String, String)> {
        let sql = "SELECT p.pid, i.pid FROM principal p JOIN principal i ON i.id = p.identity ORDER BY p.pid";
        let mut statement = conn.prepare(sql).unwrap();
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    }

    /// Protects "the same map whatever order the records came in".
    #[test]
    fn joins_are_the_same_in_any_order() {
        let expected = vec![
            ("app:1".into(), "app:1".into()),
            ("sp-a".into(), "app:1".into()),
            ("sp-b".into(), "app:1".into()),
            ("sp-c".into(), "sp-c".into()),
        ];
        let (_dir, conn) = store(&["sp-a", "sp-b", "sp-c", "app:1"]);
        note(&conn, 1, "entra", "app:1").unwrap();
        note(&conn, 2, "entra", "app:1").unwrap();
        note(&conn, 2, "entra", "app:1").unwrap();
        assert_eq!(map(&conn), expected);
        // The alias is known before the principal it names is.
        let (_dir, conn) = store(&["sp-b", "sp-a"]);
        note(&conn, 1, "entra", "app:1").unwrap();
        note(&conn, 2, "entra", "app:1").unwrap();
        add(&conn, 3, "app:1");
        add(&conn, 4, "sp-c");
        assert_eq!(map(&conn), expected);
        let stale: i64 = conn.query_row("SELECT count(*) FROM principal WHERE stale = 1", [], |row| row.get(0)).unwrap();
        assert_eq!(stale, 3, "both sides of a join are folded again");
    }
}
