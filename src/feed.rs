//! Where bytes come from: files, folders, gzip, standard input, growing files and bodies of requests, framed into records with the position
//! that covers them. The rule: one pass, bounded memory, and every byte ends in a frame, in a reject or in a separator.
//! It must not know what a record means.

mod block;
mod discover;
mod error;
mod fingerprint;
mod framer;
mod json;
mod lines;
mod lists;
mod place;
mod reader;
mod rows;
mod scan;
mod stream;
pub mod tail;
#[cfg(test)]
mod tests;
mod text;

pub use block::{BLOCK_BYTES, BLOCK_RECORDS, Block, Frame, RECORD_BYTES, Refused, SAMPLE_BYTES, SEEN_BYTES};
pub use discover::{FileFeed, discover};
pub use error::FeedError;
pub use reader::{Reader, unchanged};
pub use stream::Stream;
