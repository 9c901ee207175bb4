//! The stage on which a day is played: files that grow line by line, as a provider's delivery would make them. It must not
//! know the time.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The files a company's records are appended to when they are played live.
pub struct Stage {
    dir: PathBuf,
    begun: HashSet<String>,
    open: HashMap<String, File>,
}

impl Stage {
    /// Files below `dir`.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), begun: HashSet::new(), open: HashMap::new() }
    }

    /// Appends a line to a file, its header first where the file is new.
    pub fn append(&mut self, file: &str, header: Option<&str>, text: &str) -> std::io::Result<()> {
        let path = self.dir.join(file);
        let out = match self.open.entry(file.to_owned()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent)?;
                }
                entry.insert(OpenOptions::new().create(true).append(true).open(&path)?)
            }
        };
        let mut line = String::new();
        if self.begun.insert(file.to_owned())
            && let Some(header) = header
        {
            line.push_str(header);
            line.push('\n');
        }
        line.push_str(text);
        line.push('\n');
        out.write_all(line.as_bytes())
    }
}
