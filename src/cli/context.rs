//! Context that is given with a command: files named by options, and those lying in a loaded folder. They are read, checked
//! and put in force before anything else is done. The rule: a file with a mistake is not used at all, and the command ends
//! with every mistake told. It must not know what the files mean.

use super::args::Global;
use super::{clock, intel};
use crate::context::{Changes, Inventory, LARGEST, Problems};
use crate::engine::context as kept;
use crate::store::{ContextVersion, Store};
use anyhow::{Context as _, bail};
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The names under which files in a loaded folder are taken.
const INVENTORY: &str = "inventory.toml";
const CHANGES: &str = "changes.toml";

/// Files with mistakes: the process ends with 2.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Refused(pub Vec<Problems>);

/// Puts in force what the options name, or what lies in one of the `paths`; what there is to say about it, a line each.
pub fn give(store: &Store, paths: &[PathBuf], global: &Global) -> anyhow::Result<Vec<String>> {
    let inventory = chosen(global.inventory.as_ref(), paths, INVENTORY, "--inventory")?;
    let changes = chosen(global.changes.as_ref(), paths, CHANGES, "--changes")?;
    let mut notes = Vec::new();
    if inventory.is_some() || changes.is_some() {
        let platforms = store.reader()?.platforms()?;
        let mut refused = Vec::new();
        let mut parsed = (None, None);
        if let Some(path) = &inventory {
            match Inventory::parse(&path.display().to_string(), &text(path)?, &platforms) {
                Ok(inventory) => parsed.0 = Some((path, inventory)),
                Err(problems) => refused.push(problems),
            }
        }
        if let Some(path) = &changes {
            match Changes::parse(&path.display().to_string(), &text(path)?, &platforms) {
                Ok(changes) => parsed.1 = Some((path, changes)),
                Err(problems) => refused.push(problems),
            }
        }
        if !refused.is_empty() {
            return Err(Refused(refused).into());
        }
        if let (Some((path, inventory)), _) = &parsed {
            let version = kept::give_inventory(store, inventory, &origin(path), clock::wall())?;
            notes.extend(version.map(|version| said(path, &version, "identities")));
        }
        if let (_, Some((path, changes))) = &parsed {
            let version = store.writer()?.put_changes(changes, &origin(path), clock::wall())?;
            notes.extend(version.map(|version| said(path, &version, "changes")));
        }
    }
    if !global.intel.is_empty() {
        notes.extend(intel::give(store, &global.intel)?);
    }
    Ok(notes)
}

/// The paths that are feeds: context files that were named among them are none.
pub fn feeds(paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().filter(|path| !is_called(path, INVENTORY) && !is_called(path, CHANGES)).cloned().collect()
}

fn is_called(path: &Path, name: &str) -> bool {
    path.file_name() == Some(OsStr::new(name))
}

/// The file an option names, else the one lying in a path; two of them are one too many.
fn chosen(named: Option<&PathBuf>, paths: &[PathBuf], name: &str, option: &str) -> anyhow::Result<Option<PathBuf>> {
    if let Some(path) = named {
        return Ok(Some(path.clone()));
    }
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        let file = if is_called(path, name) { path.clone() } else { path.join(name) };
        if file.is_file() && !found.iter().any(|known| same(known, &file)) {
            found.push(file);
        }
    }
    match found.as_slice() {
        [first, second, ..] => {
            super::Usage::error(format!("{} and {} both lie there; name one with {option}", first.display(), second.display()))
        }
        _ => Ok(found.pop()),
    }
}

fn same(a: &Path, b: &Path) -> bool {
    a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b)
}

/// Where a file lies, for whoever asks later.
pub fn origin(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

fn said(path: &Path, version: &ContextVersion, what: &str) -> String {
    let from = version.watermark.map_or_else(|| "from the beginning".to_owned(), |watermark| format!("for events after {watermark}"));
    format!("{}: {} {what}, in force {from}", path.display(), version.rows)
}

/// The text of a context file; `-` is standard input.
pub fn text(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    let mut bytes = Vec::new();
    // One byte more than is allowed tells that there is more.
    let most = LARGEST as u64 + 1;
    if path.as_os_str() == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes).with_context(|| "standard input cannot be read".to_owned())?;
    } else {
        let file = std::fs::File::open(path).with_context(|| format!("{name} cannot be read; name another file"))?;
        if file.metadata().is_ok_and(|meta| meta.is_dir()) {
            bail!("{name} is a folder; name the file in it");
        }
        file.take(most).read_to_end(&mut bytes).with_context(|| format!("{name} cannot be read"))?;
    }
    if bytes.len() > LARGEST {
        bail!("{name} has more than {LARGEST} bytes; split it");
    }
    String::from_utf8(bytes)
        .map_err(|e| anyhow::anyhow!("{name} is no UTF-8 text (byte {}); save it as UTF-8", e.utf8_error().valid_up_to()))
}
