//! The floors of ARCHITECTURE.md, held: a module uses only what stands on lower floors. Every `use crate::…` and
//! `crate::…` path in `src` is read; an offence is named with file and line.
#![expect(clippy::unwrap_used, reason = "a test that cannot read the source tree must stop")]

use std::fs;
use std::path::{Path, PathBuf};

/// Floor of each module, lowest first.
const FLOORS: &[(&str, u8)] = &[
    ("model", 0),
    ("text", 0),
    ("baseline", 1),
    ("format", 1),
    ("resolve", 1),
    ("redact", 1),
    ("enrich", 1),
    ("context", 1),
    ("query", 1),
    ("feed", 1),
    ("detect", 2),
    ("rules", 2),
    ("store", 3),
    ("govern", 3),
    ("engine", 4),
    ("world", 4),
    ("console", 5),
    ("report", 5),
    ("respond", 5),
    ("cli", 6),
    ("main", 6),
];

/// Uses beside or against the floors that are allowed, each with its reason in ARCHITECTURE.md.
const ALLOWED: &[(&str, &str)] =
    &[("console", "report"), ("world", "engine"), ("format", "redact"), ("resolve", "context"), ("enrich", "context"), ("store", "govern")];

/// Modules that must never name these crates or paths.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("model", &["rusqlite", "ratatui", "tokio", "std::fs"]),
    ("text", &["ratatui", "rusqlite"]),
    ("baseline", &["std::fs", "std::time", "Utc::now", "rusqlite"]),
    ("detect", &["std::fs", "std::time", "std::thread", "Utc::now", "rusqlite"]),
    ("format", &["std::fs", "Utc::now"]),
    ("resolve", &["std::fs", "Utc::now"]),
    ("redact", &["std::fs", "Utc::now"]),
    ("context", &["std::fs", "Utc::now", "rusqlite"]),
    ("enrich", &["std::fs", "Utc::now"]),
    ("store", &["tokio", "crate::detect"]),
    ("govern", &["rusqlite", "tokio"]),
    ("engine", &["ratatui", "crossterm"]),
    ("console/app", &["rusqlite", "tokio", "std::fs", "Utc::now"]),
    ("console/view", &["rusqlite", "tokio", "std::fs", "Utc::now"]),
];

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Files that a file declares behind the tests' gate: they may use anything.
fn test_modules(path: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(path).unwrap();
    let folder = path.with_extension("");
    let gated = text.split("#[cfg(test)]\n").skip(1).filter_map(|part| {
        let line = part.lines().next()?.trim_start_matches("pub ").trim_start_matches("pub(crate) ");
        line.strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned)
    });
    gated.map(|name| folder.join(name + ".rs")).collect()
}

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(m, _)| *m == module).map(|(_, f)| *f)
}

#[test]
fn a_module_uses_only_lower_floors() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    files.sort();
    assert!(files.len() > 20, "found only {} sources below {}", files.len(), src.display());
    let mut offences = Vec::new();
    let tests: Vec<PathBuf> = files.iter().flat_map(|path| test_modules(path)).collect();
    for path in files.into_iter().filter(|path| !tests.contains(path)) {
        let relative = path.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        let module = relative.split(['/', '.']).next().unwrap().to_owned();
        if module == "lib" {
            continue;
        }
        let own = floor(&module).unwrap_or_else(|| panic!("{relative}: module {module} has no floor; give it one in tests/layering.rs"));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//!"), "{relative} does not open with //!");
        // What stands behind the tests' gate may use anything.
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        for (number, line) in code.lines().enumerate() {
            let line = line.split("//").next().unwrap();
            for part in line.split("crate::").skip(1) {
                let used: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let Some(below) = floor(&used) else { continue };
                let allowed = used == module || below < own || ALLOWED.contains(&(module.as_str(), used.as_str()));
                if !allowed {
                    offences.push(format!("src/{relative}:{}: {module} (floor {own}) uses {used} (floor {below})", number + 1));
                }
            }
            for (place, words) in FORBIDDEN {
                if relative.starts_with(place) {
                    for word in words.iter().filter(|w| line.contains(**w)) {
                        offences.push(format!("src/{relative}:{}: {place} must never know {word}", number + 1));
                    }
                }
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}
