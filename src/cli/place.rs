//! Where the store lies: `--db`, `DRIFTLINE_DB`, else the user's data folder. Commands that only look never make one. It
//! must not know what is in it.

use super::args::Global;
use crate::store::Store;
use etcetera::BaseStrategy;
use std::path::{Path, PathBuf};

/// A store's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A private temporary file, removed at exit: `:memory:`.
    Temporary,
    /// A file.
    File(PathBuf),
}

/// Nothing was ever loaded there.
#[derive(Debug, thiserror::Error)]
#[error("{place} holds nothing yet; start with `driftline demo`, `driftline load PATH` or `driftline watch PATH`")]
pub struct NoStore {
    place: String,
}

impl Place {
    /// The place the arguments, the environment or the default name.
    pub fn of(global: &Global) -> anyhow::Result<Self> {
        match &global.db {
            Some(path) if path.as_os_str() == ":memory:" => Ok(Self::Temporary),
            Some(path) if path.as_os_str().is_empty() => super::Usage::error("--db names no file"),
            Some(path) => Ok(Self::File(path.clone())),
            None => {
                let base = etcetera::choose_base_strategy()
                    .map_err(|e| anyhow::anyhow!("no home folder for the store ({e}); name a file with --db"))?;
                Ok(Self::File(base.data_dir().join("driftline").join("driftline.db")))
            }
        }
    }

    /// The file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Temporary => None,
            Self::File(path) => Some(path),
        }
    }

    /// Opens the store, makes it where there is none.
    pub fn make(&self) -> anyhow::Result<Store> {
        Ok(match self {
            Self::Temporary => Store::temporary()?,
            Self::File(path) => Store::open(path)?,
        })
    }

    /// Opens a store that exists; never makes one.
    pub fn look(&self) -> anyhow::Result<Store> {
        match self {
            Self::File(path) if path.exists() => Ok(Store::open(path)?),
            Self::File(path) => Err(NoStore { place: path.display().to_string() }.into()),
            Self::Temporary => Err(NoStore { place: ":memory:".to_owned() }.into()),
        }
    }
}

/// The store the arguments name, which has to be there, with the context they give.
pub fn look(global: &Global) -> anyhow::Result<Store> {
    let store = Place::of(global)?.look()?;
    super::context::give(&store, &[], global)?;
    Ok(store)
}
