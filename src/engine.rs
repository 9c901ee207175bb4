//! Threads and channels between the feeds, the store and the folds. It must not know how anything is drawn.

pub mod chunk;
pub mod context;
pub mod fleet;
pub mod folding;
pub mod follow;
pub mod history;
pub mod inlet;
pub mod lease;
pub mod listen;
pub mod live;
pub mod load;
pub mod parser;
pub mod retry;
