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

/// What the inventory says of an identity, by the id of any of its principals, each on its own system, else by its name. An
/// application of a directory is found by its id alone too.
pub(super) fn declared_of<'i>(row: &PrincipalRow, name: &str, inventory: &'i Inventory) -> Option<&'i Entry> {
    let others = row.joined.iter().map(|member| (member.platform.as_str(), member.pid.as_str()));
    let others = others.filter(|other| *other != (row.platform.as_str(), row.pid.as_str()));
    let mut ids = std::iter::once((row.platform.as_str(), row.pid.as_str())).chain(others);
    let found = ids.find_map(|(platform, id)| {
        let bare = id.split_once('@').map(|(bare, _)| bare).filter(|bare| platform == "entra" && bare.starts_with("app:"));
        inventory.with_id(platform, id).or_else(|| inventory.with_id(platform, bare?))
    });
    found.or_else(|| inventory.with_name(&row.platform, name))
}
