//! Which principals are one identity. Records that give two ids of whoever acted join them (`alias`), so do the keys of
//! `resolve` across systems, and what the inventory in force says (`declared_id`). The map is the same whatever order the
//! records came in: the least id of a component stands for it. The rule: rows never move; a join makes both sides stale, so
//! that the fold runs over them together, and what people decided about either goes over to the identity. It must not know
//! which records join, nor how folding works.

use super::error::StoreError;
use super::reader::{PrincipalRow, Reader};
use super::settings;
use crate::context::Inventory;
use crate::resolve;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet};

/// The system under which the keys of `resolve` stand among the aliases: they are the same on every system.
const KEYS: &str = "=";
/// The setting that says which rules the aliases were made by.
const RULES: &str = "joins.rules";

/// Notes that `principal` goes by `alias` too, on its platform, and joins whoever that makes one.
pub fn note(conn: &Connection, principal: u32, platform: &str, alias: &str) -> Result<(), StoreError> {
    hold(conn, principal, platform, alias)?;
    if let Some(key) = resolve::join_key(alias) {
        hold(conn, principal, KEYS, &key)?;
    }
    Ok(())
}

/// Joins a principal that was just added to those who are known by its id already, to those who go by the same key on other
/// systems, and to those the inventory says it is.
pub fn added(conn: &Connection, principal: u32, platform: &str, id: &str) -> Result<(), StoreError> {
    for other in holders(conn, platform, id)? {
        join(conn, principal, other)?;
    }
    join_declared(conn, principal, platform, id)?;
    if let Some(key) = resolve::join_key(id) {
        hold(conn, principal, KEYS, &key)?;
    }
    Ok(())
}

/// Notes a name of a principal and joins it to whoever goes by that name.
fn hold(conn: &Connection, principal: u32, platform: &str, alias: &str) -> Result<(), StoreError> {
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
    join_declared(conn, principal, platform, alias)
}

fn holders(conn: &Connection, platform: &str, alias: &str) -> Result<Vec<u32>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT principal FROM alias WHERE platform = ?1 AND id = ?2 ORDER BY principal")?;
    Ok(statement.query_map([platform, alias], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Joins a principal to those the inventory says are one with whoever goes by this name.
fn join_declared(conn: &Connection, principal: u32, platform: &str, id: &str) -> Result<(), StoreError> {
    let any = if platform == KEYS { KEYS } else { "" };
    let mut statement = conn.prepare_cached("SELECT DISTINCT entry FROM declared_id WHERE id = ?1 AND platform IN (?2, ?3)")?;
    let entries: Vec<i64> = statement.query_map([id, platform, any], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for entry in entries {
        for other in declared_by(conn, entry)? {
            join(conn, principal, other)?;
        }
    }
    Ok(())
}

/// Principals that go by any of the names of an entry.
fn declared_by(conn: &Connection, entry: i64) -> Result<BTreeSet<u32>, StoreError> {
    let mut out = BTreeSet::new();
    for sql in [
        "SELECT p.id FROM declared_id d JOIN principal p ON p.pid = d.id AND (d.platform = '' OR p.platform = d.platform) WHERE d.entry = ?1",
        "SELECT a.principal FROM declared_id d JOIN alias a ON a.id = d.id AND (a.platform = d.platform OR d.platform = '' AND a.platform <> '=')
         WHERE d.entry = ?1",
    ] {
        let mut statement = conn.prepare_cached(sql)?;
        for id in statement.query_map([entry], |row| row.get(0))? {
            out.insert(id?);
        }
    }
    Ok(out)
}

/// Takes what an inventory says is one identity in place of what the one before said: what it no longer says comes apart
/// again. Call it inside the transaction that puts the inventory in force.
pub fn declare(conn: &Connection, inventory: &Inventory) -> Result<(), StoreError> {
    conn.execute("DELETE FROM declared_id", [])?;
    let mut statement = conn.prepare_cached("INSERT OR IGNORE INTO declared_id (id, platform, entry) VALUES (?1, ?2, ?3)")?;
    for (number, entry) in (0_i64..).zip(inventory.entries()) {
        let ids: Vec<_> = entry.one_of().collect();
        if ids.len() < 2 {
            continue;
        }
        for (platform, id) in ids {
            statement.execute(params![id, platform.unwrap_or_default(), number])?;
            if let Some(key) = resolve::join_key(id) {
                statement.execute(params![key, KEYS, number])?;
            }
        }
    }
    rebuild(conn)
}

/// Joins anew what was joined by older rules than these; once per store and version of the rules.
pub fn keep_up(conn: &Connection) -> Result<(), StoreError> {
    if settings::number(conn, RULES)? == Some(resolve::RULES) {
        return Ok(());
    }
    conn.execute("DELETE FROM alias WHERE platform = ?1", [KEYS])?;
    let mut names = conn.prepare("SELECT id, pid FROM principal UNION ALL SELECT principal, id FROM alias")?;
    let names: Vec<(u32, String)> = names
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?
        .filter_map(|row| row.map(|(id, name)| resolve::join_key(&name).map(|key| (id, key))).transpose())
        .collect::<Result<_, _>>()?;
    for (principal, key) in names {
        conn.prepare_cached("INSERT OR IGNORE INTO alias (platform, id, principal) VALUES (?1, ?2, ?3)")?
            .execute(params![KEYS, key, principal])?;
    }
    rebuild(conn)?;
    settings::set_number(conn, RULES, resolve::RULES)
}

/// The map from everything that is known: who was joined stays so only if something still says it. Identities that gain or
/// lose a member are folded again from their first day.
fn rebuild(conn: &Connection) -> Result<(), StoreError> {
    let mut parts = Parts::default();
    let mut statement = conn.prepare_cached("SELECT platform, id, principal FROM alias ORDER BY platform, id, principal")?;
    let mut rows = statement.query([])?;
    let mut last: Option<(String, String, u32)> = None;
    while let Some(row) = rows.next()? {
        let (platform, id, principal): (String, String, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if let Some((_, _, other)) = last.as_ref().filter(|(p, i, _)| (p, i) == (&platform, &id)) {
            parts.join(*other, principal);
        }
        last = Some((platform, id, principal));
    }
    let mut statement =
        conn.prepare_cached("SELECT a.principal, p.id FROM alias a JOIN principal p ON p.pid = a.id AND p.platform = a.platform")?;
    for pair in statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
        let (one, other) = pair?;
        parts.join(one, other);
    }
    let mut statement = conn.prepare_cached("SELECT DISTINCT entry FROM declared_id")?;
    let entries: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for entry in entries {
        let one = declared_by(conn, entry)?;
        for pair in one.iter().zip(one.iter().skip(1)) {
            parts.join(*pair.0, *pair.1);
        }
    }
    // The first of a component in this order stands for it.
    let mut statement = conn.prepare_cached("SELECT id, identity FROM principal ORDER BY platform, pid")?;
    let mut stands: BTreeMap<u32, u32> = BTreeMap::new();
    let mut moved = Vec::new();
    for pair in statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
        let (principal, before): (u32, u32) = pair?;
        let now = *stands.entry(parts.root(principal)).or_insert(principal);
        if now != before {
            moved.push((principal, before, now));
        }
    }
    let touched: BTreeSet<u32> = moved.iter().flat_map(|(_, before, now)| [*before, *now]).collect();
    for (principal, _, now) in &moved {
        conn.prepare_cached("UPDATE principal SET identity = ?2 WHERE id = ?1")?.execute([principal, now])?;
        // Whoever stood for an identity and does no longer: what was raised about it goes over.
        conn.prepare_cached(
            "UPDATE alert SET identity = (SELECT pid FROM principal WHERE id = ?2) WHERE identity = (SELECT pid FROM principal WHERE id = ?1)",
        )?
        .execute([principal, now])?;
    }
    for identity in touched {
        forget(conn, identity)?;
        begin_again(conn, identity)?;
    }
    Ok(())
}

/// Components of what is joined: principals that nothing joins are not in it.
#[derive(Default)]
struct Parts(BTreeMap<u32, u32>);

impl Parts {
    fn root(&mut self, mut of: u32) -> u32 {
        while let Some(up) = self.0.get(&of).copied().filter(|up| *up != of) {
            // Each look shortens the way for the next.
            let above = self.0.get(&up).copied().unwrap_or(up);
            self.0.insert(of, above);
            of = above;
        }
        of
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        self.0.insert(one.max(other), one.min(other));
    }
}

/// What was written down about an identity has lost its ground.
fn forget(conn: &Connection, identity: u32) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM profile WHERE identity = ?1")?.execute([identity])?;
    conn.prepare_cached("DELETE FROM snapshot WHERE id >= ?1 AND id < ?2")?
        .execute([i64::from(identity) << 20, (i64::from(identity) + 1) << 20])?;
    Ok(())
}

/// An identity is folded again from its first day.
fn begin_again(conn: &Connection, identity: u32) -> Result<(), StoreError> {
    // A day is 86,400,000 ms; the division rounds down after 1970, and earlier clocks are impossible ones.
    conn.prepare_cached(
        "UPDATE principal SET stale = min(ifnull(stale, first / 86400000), first / 86400000) WHERE identity = ?1 AND first IS NOT NULL",
    )?
    .execute([identity])?;
    Ok(())
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
        forget(conn, identity)?;
    }
    conn.prepare_cached("UPDATE principal SET identity = ?3 WHERE identity IN (?1, ?2)")?.execute(params![both[0], both[1], least])?;
    begin_again(conn, least)
}

/// A principal of an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The store's number: only for finding it again.
    pub id: u32,
    /// System.
    pub platform: String,
    /// Provider's stable id.
    pub pid: String,
}

impl PrincipalRow {
    /// Numbers of the principals the identity consists of.
    pub fn members(&self) -> impl Iterator<Item = u32> + '_ {
        let alone = self.joined.is_empty().then_some(self.id);
        alone.into_iter().chain(self.joined.iter().map(|member| member.id))
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
        out.joined = members.into_iter().map(|row| Member { id: row.id, platform: row.platform, pid: row.pid }).collect();
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
        let conn = settings::open_writer(&path).unwrap();
        for (at, id) in ids.iter().enumerate() {
            add(&conn, at as u32 + 1, id);
        }
        (dir, conn)
    }

    /// Adds a principal of the directory, or of the system that stands before a blank.
    fn add(conn: &Connection, number: u32, id: &str) {
        let (platform, id) = id.split_once(' ').unwrap_or(("entra", id));
        conn.execute(
            "INSERT INTO principal (id, sym, platform, pid, name, tenant, evidence, first, identity) VALUES (?1, ?1, ?3, ?2, '', '', 0, 86400000, ?1)",
            params![number, id, platform],
        )
        .unwrap();
        added(conn, number, platform, id).unwrap();
    }

    fn map(conn: &Connection) -> Vec<(String, String)> {
        let sql = "SELECT p.platform || ' ' || p.pid, i.platform || ' ' || i.pid FROM principal p JOIN principal i ON i.id = p.identity ORDER BY 1";
        let mut statement = conn.prepare(sql).unwrap();
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    }

    fn stale(conn: &Connection) -> i64 {
        conn.query_row("SELECT count(*) FROM principal WHERE stale = 1", [], |row| row.get(0)).unwrap()
    }

    fn inventory(text: &str) -> Inventory {
        Inventory::parse("inventory.toml", text, &[]).unwrap()
    }

    /// Protects "the same map whatever order the records came in".
    #[test]
    fn joins_are_the_same_in_any_order() {
        let expected: Vec<(String, String)> = [("app:1", "app:1"), ("sp-a", "app:1"), ("sp-b", "app:1"), ("sp-c", "sp-c")]
            .map(|(a, b)| (format!("entra {a}"), format!("entra {b}")))
            .into();
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
        assert_eq!(stale(&conn), 3, "both sides of a join are folded again");
    }

    /// Protects the joins across systems: machine accounts by their address, roles whatever their path; people never.
    #[test]
    fn a_name_that_only_one_thing_can_have_joins_systems() {
        let ids = [
            "kubernetes robot@p.iam.gserviceaccount.com",
            "gcp robot@p.iam.gserviceaccount.com",
            "gcp other@p.iam.gserviceaccount.com",
            "aws arn:aws:iam::1:role/ci/deploy",
            "ocsf arn:aws:iam::1:role/deploy",
            "aws arn:aws:iam::2:role/deploy",
            "gcp ana@example.com",
            "okta ana@example.com",
        ];
        let (_dir, conn) = store(&ids);
        let joined: Vec<_> = map(&conn).into_iter().filter(|(one, by)| one != by).collect();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(joined, [pair(ids[0], ids[1]), pair(ids[4], ids[3])]);
        // An alias has a key too.
        note(&conn, 8, "okta", "other@p.iam.gserviceaccount.com").unwrap();
        assert!(map(&conn).contains(&pair(ids[7], ids[2])));
    }

    /// Protects what people declare: it joins who is there and who comes, by principal or alias, and comes apart again with
    /// the next inventory, while what records joined stays.
    #[test]
    fn an_inventory_joins_and_parts() {
        let (_dir, conn) = store(&["github deploy[bot]", "aws arn:aws:iam::1:role/ci/deploy", "sp-a", "slack U1"]);
        let before = map(&conn);
        let text = "[[identity]]\nid = \"deploy[bot]\"\nplatform = \"github\"\nids = [\"arn:aws:iam::1:role/deploy\", \"entra:app:1\", \"okta:0oa1\"]";
        declare(&conn, &inventory(text)).unwrap();
        note(&conn, 3, "entra", "app:1").unwrap();
        add(&conn, 5, "okta 0oa1");
        add(&conn, 6, "slack 0oa1");
        let joined = map(&conn);
        let of_role: Vec<_> =
            joined.iter().filter(|(_, by)| by == "aws arn:aws:iam::1:role/ci/deploy").map(|(one, _)| one.as_str()).collect();
        assert_eq!(of_role, ["aws arn:aws:iam::1:role/ci/deploy", "entra sp-a", "github deploy[bot]", "okta 0oa1"]);
        rebuild(&conn).unwrap();
        assert_eq!(map(&conn), joined, "as if everything had been there from the beginning");
        conn.execute("UPDATE principal SET stale = NULL", []).unwrap();
        declare(&conn, &Inventory::default()).unwrap();
        let parted: Vec<_> = map(&conn).into_iter().filter(|(one, _)| !one.ends_with("0oa1")).collect();
        assert_eq!((parted, stale(&conn)), (before, 4), "whoever lost a member is folded again");
    }

    /// Protects stores that were written before there were keys.
    #[test]
    fn older_stores_are_joined_once() {
        let (_dir, conn) = store(&["gcp robot@p.iam.gserviceaccount.com", "kubernetes robot@p.iam.gserviceaccount.com"]);
        let joined = map(&conn);
        conn.execute_batch("DELETE FROM alias; UPDATE principal SET identity = id, stale = NULL").unwrap();
        keep_up(&conn).unwrap();
        assert_eq!((map(&conn), stale(&conn)), (joined, 2));
        conn.execute_batch("DELETE FROM alias").unwrap();
        keep_up(&conn).unwrap();
        assert_eq!(super::super::integer(&conn, "SELECT count(*) FROM alias").unwrap(), 0, "once");
    }

    /// Protects the map against the order of everything that makes it.
    #[test]
    fn the_map_is_what_rebuilding_gives() {
        let ids = ["a", "b", "gcp x@p.iam.gserviceaccount.com", "okta y", "c", "ocsf x@p.iam.gserviceaccount.com"];
        let notes = [("a", "k"), ("b", "k"), ("c", "b"), ("okta y", "x@p.iam.gserviceaccount.com")];
        let said = inventory("[[identity]]\nids = [\"entra:a\", \"okta:y\"]");
        let mut maps = BTreeSet::new();
        for turn in 0..12_usize {
            let (_dir, conn) = store(&[]);
            let mut numbers = BTreeMap::new();
            if turn % 3 == 0 {
                declare(&conn, &said).unwrap();
            }
            for at in 0..ids.len() {
                let id = ids[(at * (1 + turn % 2 * 4) + turn) % ids.len()];
                numbers.insert(id, at as u32 + 1);
                add(&conn, at as u32 + 1, id);
                for (of, alias) in notes.iter().filter(|(of, _)| *of == id) {
                    note(&conn, numbers[of], id.split_once(' ').map_or("entra", |(platform, _)| platform), alias).unwrap();
                }
            }
            if turn % 3 != 0 {
                declare(&conn, &said).unwrap();
            }
            let made = map(&conn);
            rebuild(&conn).unwrap();
            assert_eq!(map(&conn), made);
            maps.insert(made);
        }
        assert_eq!(maps.len(), 1, "{maps:#?}");
    }
}
