//! Every principal with its kind, remembered until the store changes: lists of many thousand identities are sorted and
//! filtered without reading them anew. It must not know what the lists look like.

use super::error::StoreError;
use super::reader::{PrincipalRow, Reader};
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
        let list: Vec<Listed> = self
            .principals()?
            .into_iter()
            .map(|row| {
                let name = row.shown_name();
                let kind = (self.kind)(row.evidence, &row.platform, &name);
                Listed { row, name, kind }
            })
            .collect();
        let list = Arc::new(list);
        *self.remembered.borrow_mut() = Some((version, Arc::clone(&list)));
        Ok(list)
    }
}
