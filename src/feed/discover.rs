//! Which files a list of paths names: files, folders with all they hold, simple patterns, `-` for standard input. The
//! rule: the same paths give the same files in the same order, the byte order of their paths. It must not open them.

use super::error::FeedError;
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

/// One file to be read, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFeed {
    /// The feed's name: the absolute path, or `-`.
    pub name: String,
    /// Where it is; `-` for standard input.
    pub path: PathBuf,
    /// Bytes on disk when it was found; 0 for standard input.
    pub size: u64,
    /// Modification time in milliseconds; 0 where unknown.
    pub modified: i64,
    /// Why it cannot be read, when that was seen already: a folder inside a folder that cannot be listed.
    pub problem: Option<String>,
}

impl FileFeed {
    /// Whether it is standard input.
    pub fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }
}

/// Endings of files that are obviously no logs. A file that was named itself is read whatever its ending.
const FOREIGN: &[&str] = &[
    "7z", "avi", "bmp", "bz2", "c", "cfg", "conf", "cpp", "css", "db", "db-shm", "db-wal", "dll", "doc", "docx", "exe", "gif", "go", "h",
    "htm", "html", "ico", "ini", "jar", "java", "jpeg", "jpg", "js", "key", "labels", "lock", "md", "mmdb", "mov", "mp3", "mp4", "o",
    "parquet", "pdf", "pem", "php", "png", "ppt", "pptx", "ps1", "py", "rb", "rs", "rst", "rtf", "scss", "sh", "so", "sql", "sqlite",
    "sqlite3", "svg", "tar", "tgz", "tif", "tiff", "toml", "ts", "ttf", "wasm", "webp", "woff", "woff2", "xls", "xlsx", "xml", "xz",
    "yaml", "yml", "zip", "zst",
];

/// The files that `paths` name, each once, in byte order of their absolute paths; standard input comes last. Hidden files
/// and those with a foreign ending are left out unless they are named themselves.
pub fn discover(paths: &[PathBuf]) -> Result<Vec<FileFeed>, FeedError> {
    let mut found = BTreeMap::new();
    let mut stdin = false;
    for path in paths {
        if path.as_os_str() == "-" {
            stdin = true;
            continue;
        }
        match fs::metadata(path) {
            Ok(meta) => named(path, &meta, &mut found)?,
            Err(_) if is_pattern(path) => {
                let matches = expand(path);
                if matches.is_empty() {
                    return Err(FeedError::NoMatch { pattern: path.clone() });
                }
                for path in matches {
                    if let Ok(meta) = fs::metadata(&path) {
                        named(&path, &meta, &mut found)?;
                    }
                }
            }
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Err(FeedError::Missing { path: path.clone() }),
            Err(source) => return Err(FeedError::Open { path: path.clone(), source }),
        }
    }
    let mut feeds: Vec<FileFeed> = found.into_values().collect();
    if stdin {
        feeds.push(FileFeed { name: "-".to_owned(), path: PathBuf::from("-"), size: 0, modified: 0, problem: None });
    }
    Ok(feeds)
}

type Found = BTreeMap<Vec<u8>, FileFeed>;

fn named(path: &Path, meta: &Metadata, found: &mut Found) -> Result<(), FeedError> {
    if !meta.is_dir() {
        add(path, meta, None, found);
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(|source| FeedError::Folder { path: path.to_owned(), source })?;
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // A link to a folder is not followed (it may lead back here), one to a file is.
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            if let (Err(error), Ok(meta)) = (named_inside(&path, found), entry.metadata()) {
                add(&path, &meta, Some(error.to_string()), found);
            }
        } else if !foreign(&path)
            && let Ok(meta) = fs::metadata(&path)
            && meta.is_file()
        {
            add(&path, &meta, None, found);
        }
    }
    Ok(())
}

fn named_inside(path: &Path, found: &mut Found) -> Result<(), FeedError> {
    let meta = fs::metadata(path).map_err(|source| FeedError::Folder { path: path.to_owned(), source })?;
    named(path, &meta, found)
}

fn add(path: &Path, meta: &Metadata, problem: Option<String>, found: &mut Found) {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let feed = FileFeed {
        name: path.to_string_lossy().into_owned(),
        size: if meta.is_file() { meta.len() } else { 0 },
        modified: modified(meta),
        problem,
        path,
    };
    found.insert(feed.path.as_os_str().as_encoded_bytes().to_vec(), feed);
}

/// Modification time in milliseconds, 0 where the system has none.
pub(super) fn modified(meta: &Metadata) -> i64 {
    meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).map_or(0, |age| age.as_millis() as i64)
}

fn foreign(path: &Path) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| FOREIGN.contains(&ending.as_str()))
}

fn is_pattern(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().iter().any(|b| matches!(b, b'*' | b'?'))
}

/// The paths a pattern names: `*` and `?` within one part of the path, `**` for any number of folders.
fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut at = vec![PathBuf::new()];
    for part in pattern.components() {
        let mut next = Vec::new();
        for base in &at {
            match part {
                Component::Normal(name) if name == "**" => folders(base, &mut next),
                Component::Normal(name) if is_pattern(Path::new(name)) => {
                    for (path, entry) in entries(base) {
                        let hidden = entry.starts_with(b".") && !name.as_encoded_bytes().starts_with(b".");
                        if !hidden && wild(name.as_encoded_bytes(), &entry) {
                            next.push(path);
                        }
                    }
                }
                other => {
                    let path = base.join(other);
                    if path.exists() {
                        next.push(path);
                    }
                }
            }
        }
        at = next;
    }
    at
}

fn entries(base: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = if base.as_os_str().is_empty() { Path::new(".") } else { base };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|e| (base.join(e.file_name()), e.file_name().as_encoded_bytes().to_vec())).collect()
}

fn folders(base: &Path, out: &mut Vec<PathBuf>) {
    out.push(base.to_owned());
    for (path, name) in entries(base) {
        if !name.starts_with(b".") && fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) {
            folders(&path, out);
        }
    }
}

/// Whether a name fits a pattern of `*` and `?` (one byte). Going back only to the last `*` keeps it linear per star.
fn wild(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((back, from)) = star else { return false };
                p = back + 1;
                n = from + 1;
                star = Some((back, n));
            }
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};

    fn names(root: &Path, paths: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|p| if *p == "-" { PathBuf::from(p) } else { root.join(p) }).collect();
        let feeds = discover(&paths).unwrap();
        feeds.iter().map(|f| f.path.strip_prefix(root).map_or("-".into(), |p| p.to_string_lossy().into_owned())).collect()
    }

    #[test]
    fn files_folders_patterns_and_stdin() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        create_dir_all(root.join("b/c")).unwrap();
        create_dir_all(root.join(".hidden")).unwrap();
        for file in [
            "b/2.json",
            "b/10.json",
            "b/c/x y.log",
            "a.csv",
            ".secret",
            ".hidden/z.json",
            "b/logo.PNG",
            "b/notes.md",
            "b/state.db",
            "b/truth.labels",
        ] {
            write(root.join(file), "{}").unwrap();
        }
        assert_eq!(names(root, &["", "-"]), ["a.csv", "b/10.json", "b/2.json", "b/c/x y.log", "-"]);
        assert_eq!(names(root, &["b", "b/2.json", "a.csv"]), ["a.csv", "b/10.json", "b/2.json", "b/c/x y.log"]);
        assert_eq!(names(root, &["b/notes.md", ".secret"]), [".secret", "b/notes.md"]);
        assert_eq!(names(root, &["b/*.json"]), ["b/10.json", "b/2.json"]);
        assert_eq!(names(root, &["b/?.json"]), ["b/2.json"]);
        assert_eq!(names(root, &["**/*.log"]), ["b/c/x y.log"]);
        assert_eq!(names(root, &["*/c"]), ["b/c/x y.log"]);
    }

    #[test]
    fn what_is_not_there_is_said_in_one_line() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["gone.json", "*.gone"] {
            let error = discover(&[dir.path().join(name)]).unwrap_err().to_string();
            assert!(error.contains(name) && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn stars_match_as_people_expect() {
        for (pattern, name, fits) in [
            ("*", "", true),
            ("*.gz", "a.json.gz", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("?", "ab", false),
            ("ab", "ab", true),
        ] {
            assert_eq!(wild(pattern.as_bytes(), name.as_bytes()), fits, "{pattern} {name}");
        }
    }
}
