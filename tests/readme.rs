//! The documents tell the truth: the README's keys are the program's, its commands are ones the program takes, the tests
//! it names exist, and its links lead somewhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use clap::Parser;
use driftline::cli::args::Cli;
use driftline::console::keymap::Keymap;
use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENTS: &[&str] = &["README.md", "docs/detection.md", "docs/formats.md", "docs/mapping.md", "docs/store.md"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

#[test]
fn the_keys_are_those_of_the_program() {
    let readme = text("README.md");
    let (_, rest) = readme.split_once("<!-- keys: begin, made by Keymap::markdown -->\n").unwrap();
    let (keys, _) = rest.split_once("<!-- keys: end -->").unwrap();
    assert_eq!(keys, Keymap::embedded().unwrap().markdown(), "put this between the README's comments");
}

/// Words of a shell line as far as the documents need it: quotes, and an end at a comment, a pipe or a redirection.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, '#' | '|' | '>' | ';') if word.is_none() => break,
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Commands in a document: lines of code blocks, and code in sentences that names a subcommand.
fn commands(text: &str) -> Vec<String> {
    let (mut found, mut block) = (Vec::new(), false);
    for line in text.lines() {
        if line.starts_with("```") {
            block = !block;
        } else if block {
            let line = line.strip_prefix("$ ").unwrap_or(line);
            found.extend(line.starts_with("driftline ").then(|| line.to_owned()));
        } else {
            found.extend(line.split('`').skip(1).step_by(2).filter(|code| code.starts_with("driftline ")).map(str::to_owned));
        }
    }
    found
}

#[test]
fn every_command_is_one_the_program_takes() {
    let mut count = 0;
    for file in DOCUMENTS {
        for command in commands(&text(file)) {
            // `driftline load` in a sentence stands for the subcommand, whatever it needs.
            let parsed = Cli::try_parse_from(words(&command));
            let bare = command.split_whitespace().count() == 2;
            let good = match &parsed {
                // A single word that is no subcommand would be taken for a path.
                Ok(cli) => cli.command.is_some() || cli.paths.iter().all(|path| path.exists() || path.as_os_str() == "PATH"),
                Err(error) => bare && error.kind() == clap::error::ErrorKind::MissingRequiredArgument,
            };
            assert!(good, "{file}: `{command}` is not a command: {parsed:?}");
            count += 1;
        }
    }
    assert!(count > 20, "only {count} commands were found");
}

fn sources(dir: &Path, out: &mut String) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_promise_names_a_test_that_exists() {
    let readme = text("README.md");
    let (_, promises) = readme.split_once("## Promises").unwrap();
    let (promises, _) = promises.split_once("\n## ").unwrap();
    let mut code = String::new();
    sources(&root().join("src"), &mut code);
    sources(&root().join("tests"), &mut code);
    let named: Vec<&str> = promises.split('`').skip(1).step_by(2).filter(|name| name.contains('_')).collect();
    assert!(named.len() > 5, "{named:?}");
    for name in named {
        assert!(code.contains(&format!("fn {name}(")), "no test is called {name}");
    }
}

/// `src/x.rs`: `f` in a document names a function of that file.
#[test]
fn every_function_that_is_named_stands_where_it_is_said_to() {
    let text = text("docs/detection.md");
    let codes: Vec<&str> = text.split('`').collect();
    let mut count = 0;
    for (place, file) in codes.iter().enumerate().filter(|(place, code)| place % 2 == 1 && code.starts_with("src/")) {
        let mut next = place;
        // A colon binds the first name, commas bind more.
        while let [between, name] = codes.get(next + 1..next + 3).unwrap_or_default()
            && *between == (if next == place { ": " } else { ", " })
        {
            let source = fs::read_to_string(root().join(file)).unwrap();
            assert!(source.contains(&format!("fn {name}(")), "{file} has no {name}");
            (next, count) = (next + 2, count + 1);
        }
    }
    assert!(count > 10, "only {count} functions were found");
}

#[test]
fn every_link_leads_to_a_file() {
    for file in DOCUMENTS {
        let folder = root().join(file).parent().unwrap().to_owned();
        let text = text(file);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap();
            // A packaged crate leaves the pictures and the sample out.
            let left_out = path.contains("pictures/") || path.contains("sample-data/");
            let packaged = !root().join("sample-data").exists();
            if !(path.is_empty() || path.starts_with("https://") || packaged && left_out) {
                assert!(folder.join(path).exists(), "{file} links to {target}");
            }
        }
    }
}
