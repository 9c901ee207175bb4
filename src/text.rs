//! The only text that is drawn or printed: [`Shown`], a value from a log made visible. Log text is written by whoever
//! holds the stolen token, so it is escaped, never stripped and never parsed. Beside it [`nearest()`], the way out of a mistyped word. It must
//! not know screens or terminals.

pub mod class;
pub mod nearest;
pub mod shown;

pub use nearest::nearest;
pub use shown::{Segment, Shown};
