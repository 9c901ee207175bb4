//! What can go wrong with a feed as a whole, each in one line that names the place and the way out. A bad record is no
//! error: it is a reject.

use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// A feed that could not be found, listed, opened or read.
#[derive(Debug, Error)]
pub enum FeedError {
    /// A path that was named does not exist.
    #[error("{}: no such file or folder; check the path", .path.display())]
    Missing {
        /// As it was named.
        path: PathBuf,
    },
    /// A pattern that matches nothing.
    #[error("{}: the pattern matches no file; check it", .pattern.display())]
    NoMatch {
        /// As it was named.
        pattern: PathBuf,
    },
    /// A folder that cannot be listed.
    #[error("{}: the folder cannot be listed ({source}); check its permissions", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder inside a followed one that cannot be listed.
    #[error("{problem}")]
    Inside {
        /// What there is to say about it.
        problem: String,
    },
    /// A file that cannot be opened.
    #[error("{}: the file cannot be opened ({source}); check its permissions", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file that cannot be read on.
    #[error("{}: reading stopped at byte {offset} ({source}); load it again to go on from there", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Decoded offset.
        offset: u64,
        /// What the system says.
        source: io::Error,
    },
}
