//! Every principal with its kind, remembered until the store changes: lists of many thousand identities are sorted and
//! filtered without reading them anew. It must not know what the lists look like.

use super::error::StoreError;
use super::reader::{PrincipalRow, Reader};
use crate::context::Inventory;
use crate::context::inventory::Entry;
use crate::model::{Class, Kind};
use std::sync::Arc;

/// A principal with what is told of it.
#[derive(Debug)]
pub struct Listed {
    /// As stored.
    pub row: PrincipalRow,
    /// Display name.
    pub name: String,
    /// Kind, class, and why.
    pub kind: (Kind, Class, String),
    /// Who answers for it, if anybody said so.
    pub owner: Option<String>,
    /// Operated by somebody else, if anybody said so.
    pub third_party: Option<bool>,
}

/// The list, and the change of the store it was read at.
pub type Remembered = Option<(i64, Arc<Vec<Listed>>)>;

impl Reader {
    /// The list as it stands. Call it inside a moment.
    pub(super) fn directory(&self) -> Result<Arc<Vec<Listed>>, StoreError> {
        // Changes when another connection commits; this one never does.
        let version = super::integer(&self.conn, "PRAGMA data_version")?;
        if let Some((read_at, list)) = &*self.remembered.borrow()
            && *read_at == version
        {
            return Ok(Arc::clone(list));
        }
        let inventory = self.inventory()?;
        let list = Arc::new(self.principals()?.into_iter().map(|row| self.told(row, &inventory)).collect::<Vec<Listed>>());
        *self.remembered.borrow_mut() = Some((version, Arc::clone(&list)));
        Ok(list)
    }

    /// A principal with what is told of it.
    pub(super) fn listed(&self, row: PrincipalRow) -> Result<Listed, StoreError> {
        Ok(self.told(row, &*self.inventory()?))
    }

    pub(super) fn told(&self, row: PrincipalRow, inventory: &Inventory) -> Listed {
        let name = row.shown_name();
        let entry = declared_of(&row, &name, inventory);
        let kind = (self.kind)(row.evidence, &row.platform, &name, entry);
        let (owner, third_party) = (entry.and_then(|e| e.owner.clone()), entry.and_then(Entry::is_third_party));
        Listed { row, name, kind, owner, third_party }
    }
}

/// What the inventory says of an identity, by the id of any of its principals or by its name.
pub(super) fn declared_of<'i>(row: &PrincipalRow, name: &str, inventory: &'i Inventory) -> Option<&'i Entry> {
    let others = row.joined.iter().map(|(_, id)| id.as_str()).filter(|id| **id != *row.pid);
    std::iter::once(row.pid.as_str()).chain(others).find_map(|id| inventory.find(&row.platform, id, name))
}
