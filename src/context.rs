//! What people know about identities and addresses, parsed and checked: the [`inventory`] (owner, purpose, lifecycle),
//! the [`changes`] that were announced, [`intel`]ligence that was imported. Each version has a content hash, so that what
//! was judged with it can say so. The rule: a file is taken whole or not at all, and every mistake in it is named with its
//! line and the way out. It must not know files, stores or the time of day.

pub mod changes;
mod document;
pub mod draft;
pub mod intel;
pub mod inventory;
pub mod network;
pub mod observed;
pub mod schedule;

pub use changes::Changes;
pub use document::{Problem, Problems};
pub use inventory::Inventory;

use crate::model::sym;
use serde::Serialize;

/// Largest context file that is read, in bytes.
pub const LARGEST: usize = 16 << 20;

/// Content hash of what a file says, sixteen hexadecimal digits: comments, blanks and the order of keys do not matter.
fn content_hash(value: &impl Serialize) -> String {
    // Plain data with text keys always serialise; an empty text would still be a stable answer.
    let canonical = serde_json::to_vec(value).unwrap_or_default();
    format!("{:016x}", sym::prefix(&[&canonical]))
}
