//! The walk through the corpus: which file holds which shape of expectation. A file that has none is framed as the feed
//! would and only has to be read.

use super::case::{Case, Expected};
use super::{ecs_pairs, labelled, mapped, ocsf_pairs, sets};
use flate2::read::MultiGzDecoder;
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The corpus, where it is.
pub fn root() -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var("DRIFTLINE_CORPUS").unwrap_or_else(|_| "../shared/data".to_owned()));
    path.is_dir().then_some(path)
}

/// A file of the corpus.
pub struct Source<'a> {
    pub folder: &'a str,
    /// Path below the folder.
    pub name: String,
    pub path: &'a Path,
}

impl Source<'_> {
    /// A case of this file at a place in it, of the formats its place in the corpus says.
    pub fn case(&self, at: impl std::fmt::Display, record: String, expected: Expected) -> Case {
        let (formats, optional) = sets::of_file(self.folder, &self.name);
        Case {
            folder: self.folder.to_owned(),
            place: format!("{}/{}#{at}", self.folder, self.name),
            formats,
            optional,
            scrap: false,
            record,
            expected,
        }
    }
}

/// Hands every record of the corpus to `sink`.
pub fn each_case(root: &Path, sink: &mut dyn FnMut(Case)) {
    for folder in entries(root).into_iter().filter(|path| path.is_dir()) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        // Lists of networks, no records.
        if name == "ip" {
            continue;
        }
        let mut paths = Vec::new();
        files(&folder, &mut paths);
        for path in &paths {
            let below = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
            file(&Source { folder: &name, name: below, path }, sink);
        }
    }
}

fn file(source: &Source<'_>, sink: &mut dyn FnMut(Case)) {
    let ending = source.path.extension().unwrap_or_default().to_string_lossy().into_owned();
    let full = source.path.to_string_lossy();
    if full.ends_with("-expected.json") || full.ends_with("-config.yml") || full.contains("/_meta/") {
        return;
    }
    if Path::new(&format!("{full}-expected.json")).is_file() {
        return ecs_pairs::expected_beside(source, sink);
    }
    match ending.as_str() {
        "yml" | "yaml" => {
            labelled::tests(source, sink);
            mapped::mapping(source, sink);
        }
        "raw" | "ocsf" => ocsf_pairs::sample(source, sink),
        "json" if source.folder == "ocsf" => ocsf_pairs::sample(source, sink),
        "txt" if source.folder == "ocsf" => ocsf_pairs::printed(source, sink),
        "csv" => rows(source, sink),
        "json" | "log" | "ndjson" | "jsonl" | "gz" => documents(source, sink),
        _ => {}
    }
}

/// The text of a file, unpacked, without its mark of byte order.
pub fn text(path: &Path) -> String {
    let mut bytes = std::fs::read(path).unwrap();
    if path.extension().is_some_and(|ending| ending == "gz") {
        let mut plain = Vec::new();
        MultiGzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap();
        bytes = plain;
    }
    String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned()
}

fn rows(source: &Source<'_>, sink: &mut dyn FnMut(Case)) {
    let text = text(source.path);
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let Ok(header) = rows.headers().cloned() else { return };
    for (at, row) in rows.records().flatten().enumerate() {
        let filled = header.iter().zip(row.iter()).filter(|(_, value)| !value.is_empty());
        let object: Value = filled.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        sink(source.case(at, object.to_string(), Expected::default()));
    }
}

fn documents(source: &Source<'_>, sink: &mut dyn FnMut(Case)) {
    let text = text(source.path);
    let mut at = 0;
    let mut each = |value: Value| {
        if ecs_pairs::input_and_expected(source, &value, sink) || labelled::trigger(source, &value, sink) {
            return;
        }
        unframe(value, &mut |record| {
            sink(source.case(at, record.to_string(), Expected::default()));
            at += 1;
        });
    };
    match serde_json::from_str::<Value>(&text) {
        Ok(Value::Array(items)) => items.into_iter().for_each(each),
        Ok(whole) => each(whole),
        Err(_) => text.lines().filter_map(|line| serde_json::from_str(line).ok()).for_each(each),
    }
}

/// Lists are opened, as are the members in which providers deliver lists.
pub fn unframe(value: Value, sink: &mut dyn FnMut(Value)) {
    match value {
        Value::Array(items) => items.into_iter().for_each(|item| unframe(item, sink)),
        Value::Object(mut fields) => {
            for key in ["Records", "Events", "records", "value"] {
                if let Some(Value::Array(items)) = fields.get_mut(key).map(Value::take) {
                    return items.into_iter().for_each(|item| unframe(item, sink));
                }
            }
            sink(Value::Object(fields));
        }
        _ => {}
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

/// Every file below a folder, in order.
pub fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}
