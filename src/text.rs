//! The only text that is drawn or printed: [`Shown`], a value from a log made visible. Log text is written by whoever
//! holds the stolen token, so it is escaped, never stripped and never parsed. It must not know screens or terminals.

pub mod class;
pub mod shown;

pub use shown::{Segment, Shown};
