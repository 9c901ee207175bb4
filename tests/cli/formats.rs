//! Formats of the user: a mapping file named by `--format`, and those in the configuration folder.

use crate::driver::{Desk, run};

const MAPPING: &str = r#"
name = "acme_audit"
title = "Acme audit log"
platform = "acme"
recognise = ["acme_version", "what", "who.key"]
card = { shapes = ["one record a line"], unobservable = ["the client"], export = "acme audit export" }
event = { time = "at", action = "what", provider_id = "n", source = "from" }
principal = [{ id = "who.key", name = "who.label", evidence = "service_account", because = "keys belong to services" }]
"#;

const RECORDS: &str = r#"{"acme_version":1,"n":"1","at":"2026-11-19T10:00:00Z","what":"report.read","who":{"key":"k-1","label":"nightly"},"from":"198.51.100.7"}
{"acme_version":1,"n":"2","at":"2026-11-19T10:01:00Z","what":"report.read","who":{"key":"k-1","label":"nightly"},"from":"198.51.100.7"}
"#;

/// Protects the promise that a format needs no building: the file is enough, and its events stay readable.
#[test]
fn a_mapping_file_named_on_the_command_line_reads_its_records() {
    let desk = Desk::new();
    let (mapping, log) = (desk.file("acme.toml", MAPPING), desk.file("logs/acme.log", RECORDS));
    let loaded = desk.run(&["load", "--format", &mapping, &log, "--json"]);
    assert_eq!((loaded.code, loaded.err.as_str()), (0, ""), "{loaded:?}");
    let events = desk.objects(&["events", "--format", &mapping]);
    assert_eq!(events.len(), 2);
    let told = |key: &str| events[0][key].as_str().map(str::to_owned);
    assert_eq!(told("format").as_deref(), Some("acme_audit"));
    assert_eq!(told("action").as_deref(), Some("report.read"));
    assert_eq!(events[0]["identity"]["name"], "nightly");
}

/// Protects recognition: a mapping in the configuration folder needs no `--format`.
#[test]
fn mappings_in_the_configuration_folder_are_formats() {
    let desk = Desk::new();
    desk.file("config/driftline/formats/acme.toml", MAPPING);
    let log = desk.file("logs/acme.log", RECORDS);
    let mut command = desk.command(&["load", &log, "--json"]);
    let loaded = run(command.env("XDG_CONFIG_HOME", desk.path("config")));
    assert_eq!((loaded.code, loaded.err.as_str()), (0, ""), "{loaded:?}");
    assert!(loaded.out.contains("\"stored\":2"), "{}", loaded.out);
}

/// Protects whoever writes a mapping: the line and the key are named, and nothing is read.
#[test]
fn a_mapping_that_is_off_is_named_with_its_line() {
    let desk = Desk::new();
    let log = desk.file("logs/acme.log", RECORDS);
    let mapping = desk.file("acme.toml", &MAPPING.replace("principal = [{ id", "principal = [{ di"));
    let ran = desk.run(&["load", "--format", &mapping, &log]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("acme.toml:8: principal[0].di") && ran.err.contains("nearest is `id`"), "{}", ran.err);
    let taken = desk.file("taken.toml", &MAPPING.replace("acme_audit", "aws_cloudtrail"));
    let ran = desk.run(&["load", "--format", &taken, &log]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("aws_cloudtrail"), "{}", ran.err);
}
