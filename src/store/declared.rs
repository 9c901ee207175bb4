//! What people declared, as the store keeps it: the inventory in force, remembered until another takes its place, and the
//! announced changes. It must not know how either is checked.

use super::ContextVersion;
use super::context::{ContextSort, NewContext};
use super::error::StoreError;
use super::joins;
use super::reader::{PrincipalRow, Reader};
use super::writer::Writer;
use crate::context::changes::Change;
use crate::context::inventory::Entry;
use crate::context::{Changes, Inventory};
use crate::model::identity::IdentityRef;
use crate::model::{Class, Kind, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The change of the store at which it was looked for, the version it is, and the inventory.
#[derive(Clone, Debug, Default)]
pub struct Held {
    looked: Option<i64>,
    version: i64,
    inventory: Arc<Inventory>,
}

impl Writer {
    /// Puts an inventory in force, with the joins it declares; `behind` are the principals whose kind it changes. `None` where it is in force already.
    pub fn put_inventory(
        &mut self,
        inventory: &Inventory,
        origin: &str,
        behind: &BTreeSet<u32>,
        now: Timestamp,
    ) -> Result<Option<ContextVersion>, StoreError> {
        let (hash, body) = (inventory.hash(), inventory.to_json());
        let rows = inventory.entries().len() as u64;
        let body = body.as_bytes();
        self.put_context_and(
            NewContext { sort: ContextSort::Inventory, slot: "", hash: &hash, origin, dated: "", expires: None, rows, body },
            behind,
            now,
            |tx| joins::declare(tx, inventory),
        )
    }

    /// Puts announced changes in force; `None` where they are already.
    pub fn put_changes(&mut self, changes: &Changes, origin: &str, now: Timestamp) -> Result<Option<ContextVersion>, StoreError> {
        let (hash, body) = (changes.hash(), changes.to_json());
        let rows = changes.list().len() as u64;
        let body = body.as_bytes();
        let new = NewContext { sort: ContextSort::Changes, slot: "", hash: &hash, origin, dated: "", expires: None, rows, body };
        self.put_context(new, &BTreeSet::new(), now)
    }
}

impl Reader {
    /// The inventory in force; an empty one where none was given.
    pub fn inventory(&self) -> Result<Arc<Inventory>, StoreError> {
        // Changes when another connection commits; this one never does.
        let looked = super::integer(&self.conn, "PRAGMA data_version")?;
        let mut held = self.inventory.borrow_mut();
        if held.looked == Some(looked) {
            return Ok(Arc::clone(&held.inventory));
        }
        if let Some(version) = self.context(ContextSort::Inventory, "")?.filter(|version| version.id != held.version) {
            let json = self.text_of(version.id)?;
            let inventory = Inventory::from_json(&json).ok_or_else(|| unreadable("inventory"))?;
            (held.version, held.inventory) = (version.id, Arc::new(inventory));
        }
        held.looked = Some(looked);
        Ok(Arc::clone(&held.inventory))
    }

    /// The announced changes in force; none where none were given.
    pub fn changes(&self) -> Result<Changes, StoreError> {
        let Some(version) = self.context(ContextSort::Changes, "")? else { return Ok(Changes::default()) };
        Changes::from_json(&self.text_of(version.id)?).ok_or_else(|| unreadable("changes"))
    }

    fn text_of(&self, id: i64) -> Result<String, StoreError> {
        let body = self.context_body(id)?.unwrap_or_default();
        String::from_utf8(body).map_err(|_| StoreError::damaged(format!("context {id} is no text")))
    }

    /// What an inventory would make of every principal's kind: the numbers of those that are of another kind or class now.
    pub fn kinds_changed_by(&self, inventory: &Inventory) -> Result<BTreeSet<u32>, StoreError> {
        let now = self.directory()?;
        let changed = now.iter().filter(|listed| {
            let then = self.told(listed.row.clone(), inventory);
            (then.kind.0, then.kind.1) != (listed.kind.0, listed.kind.1)
        });
        Ok(changed.map(|listed| listed.row.id).collect())
    }

    /// Kind and class of a principal with the reason: the inventory's word, else what its records tell.
    pub fn kind_of(&self, row: &PrincipalRow) -> Result<(Kind, Class, String), StoreError> {
        let (name, inventory) = (row.shown_name(), self.inventory()?);
        Ok((self.kind)(row.evidence, &row.platform, &name, super::directory::declared_of(row, &name, &inventory)))
    }

    /// What was declared of an identity, and the changes announced for it.
    pub fn declared(&self, identity: &IdentityRef) -> Result<(Option<Entry>, Vec<Change>), StoreError> {
        let inventory = self.inventory()?;
        let entry = inventory.find(&identity.platform, &identity.id, &identity.name);
        let changes = self.changes()?;
        let about = changes.about(identity, entry).into_iter().cloned().collect();
        Ok((entry.cloned(), about))
    }

    /// Systems with identities in the store, in order.
    pub fn platforms(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT DISTINCT platform FROM principal ORDER BY platform")?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}

fn unreadable(what: &str) -> StoreError {
    StoreError::damaged(format!("the {what} was kept by another version of driftline; give the file again with --{what}"))
}
