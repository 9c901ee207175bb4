//! Mapping files of the user: `formats/*.toml` in the configuration folder, in the order of their names, and the one that
//! `--format FILE.toml` names. They become formats before anything is read; a file that is off ends the program with its
//! line. It must not know what stands in them.

use super::Usage;
use super::open::config_dir;
use crate::format::{self, Format, Mapping};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The file `--format` named and the format it became: set once, with the formats themselves.
static NAMED: OnceLock<(String, &'static str)> = OnceLock::new();

/// Adds the user's mappings to the formats; `wanted` is what `--format` says.
///
/// # Errors
/// A file that cannot be read, is no mapping, or bears a name that is taken.
pub fn install(wanted: &str) -> anyhow::Result<()> {
    let mut files = match config_dir() {
        Some(dir) => in_folder(&dir.join("formats"))?,
        None => Vec::new(),
    };
    let named = is_file(wanted).then(|| PathBuf::from(wanted));
    if let Some(named) = &named
        && !files.iter().any(|file| same(file, named))
    {
        files.push(named.clone());
    }
    let mut mappings = Vec::with_capacity(files.len());
    for file in &files {
        let text = fs::read_to_string(file).or_else(|error| Usage::error(format!("{}: {error}", file.display())))?;
        let mapping = Mapping::parse(&file.display().to_string(), &text).or_else(|error| Usage::error(error.to_string()))?;
        if named.as_ref().is_some_and(|named| same(file, named)) {
            // Nothing else sets it, and the program comes here once.
            let _ = NAMED.set((wanted.to_owned(), mapping.name()));
        }
        mappings.push(mapping);
    }
    if mappings.is_empty() {
        return Ok(());
    }
    format::install(mappings).or_else(|error| Usage::error(error.to_string()))
}

/// The name of the format in the mapping file that `--format` named.
pub fn name_in(wanted: &str) -> Option<&'static str> {
    NAMED.get().filter(|(file, _)| file == wanted).map(|(_, name)| *name)
}

/// Whether what `--format` says is a file: no format's name has a dot.
fn is_file(wanted: &str) -> bool {
    Path::new(wanted).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

fn in_folder(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).or_else(|error| Usage::error(format!("{}: {error}", folder.display())))?;
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_file(&path.to_string_lossy()) && path.is_file()).collect();
    files.sort();
    Ok(files)
}

fn same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}
