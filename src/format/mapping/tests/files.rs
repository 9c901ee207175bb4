//! Mapping files that are off: each mistake is named with its line and key, and the way out.

use super::*;

/// How to write a mapping.
const PAGE: &str = include_str!("../../../../docs/mapping.md");

const SOUND: &str = r#"name = "acme"
title = "Acme"
platform = "acme"
recognise = ["acme_version", "what"]

[card]
shapes = ["one record a line"]
unobservable = ["the client"]
export = "acme export"

[event]
time = "at"
action = "what"

[[principal]]
id = "who"
"#;

#[test]
fn a_sound_file_reads() {
    let mapping = Mapping::parse("acme.toml", SOUND).unwrap();
    let mut seen = Vec::new();
    mapping.read(r#"{"acme_version":1,"at":"2026-11-19T10:00:00Z","what":"x","who":"y"}"#, &mut |event| seen.push(told(&event))).unwrap();
    assert_eq!(seen[0]["principal"], "acme:y");
    assert_eq!(Mapping::parse("acme.toml", &format!("\u{feff}{SOUND}")).unwrap().name(), "acme");
}

/// Protects whoever writes a mapping: no mistake passes in silence, and each is told in one line.
#[test]
fn mistakes_are_named_with_line_key_and_way_out() {
    for (from, to, line, told) in [
        ("title =", "titel =", 2, "titel: there is no such key; nearest is `title`"),
        ("time = \"at\"", "times = \"at\"", 12, "event.times: there is no such key; nearest is `time`"),
        ("title = \"Acme\"\n", "", 1, "title: missing; expected what people call it"),
        ("name = \"acme\"", "name = \"Acme Audit\"", 1, "name: “Acme Audit” is no name; expected lower-case letters, digits and `_`"),
        ("[\"acme_version\", \"what\"]", "[\"what\"]", 4, "recognise: too little to know a record by"),
        ("[\"acme_version\", \"what\"]", "[\"a\", \"b=c\"]", 4, "recognise[1]: “b=c” is no condition; put blanks around `=` and `~`"),
        ("id = \"who\"", "id = \"{who\"", 16, "principal[0].id: “{who” has a brace without its partner"),
        ("id = \"who\"", "id = \"$who\"", 16, "principal[0].id: `$who` is not known here; known are $action"),
        ("id = \"who\"", "id = 5", 16, "principal[0].id: this is a integer; expected a text"),
        ("id = \"who\"", "id = \"who\"\nevidence = \"robot\"", 17, "principal[0].evidence: “robot” is none of static_key"),
        ("id = \"who\"", "id = \"who\"\nevidence = \"bot\"", 15, "principal[0].because: missing; expected the reason in a few words"),
        ("[[principal]]", "[[class]]\nis = \"auht\"\naction = \"x\"\n[[principal]]", 16, "class[0].is: “auht” is none of auth"),
        ("[[principal]]", "[[class]]\nis = \"auth\"\n[[principal]]", 15, "class[0]: this holds of everything"),
        ("[[principal]]", "[[outcome]]\nwhen = \"x\"\n[[principal]]", 15, "outcome[0]: expected either `is` or `from`"),
        (
            "[[principal]]",
            "[[credential]]\nid = \"k\"\nkind = \"key\"\n[[principal]]",
            17,
            "credential[0].kind: “key” is none of static_key",
        ),
        ("[[principal]]", "[let]\naction = \"x\"\n[[principal]]", 16, "let.action: `$action` is found in every record already"),
        ("time = \"at\"", "time = { from = \"at\", as = \"uper\" }", 12, "event.time.as: “uper” is none of lower, upper"),
        ("time = \"at\"", "time = \"at", 12, "the file: "),
        ("export = \"acme export\"", "", 6, "card.export: missing; expected one command"),
    ] {
        let text = SOUND.replacen(from, to, 1);
        let error = Mapping::parse("mine.toml", &text).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.starts_with(&format!("mine.toml:{line}: {told}")), "{to}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

/// Protects the names of formats: each means one format in the whole process.
#[test]
fn a_name_that_is_taken_is_refused() {
    let taken = Mapping::parse("mine.toml", &SOUND.replace("\"acme\"", "\"okta\"")).unwrap();
    let error = super::super::super::install(vec![taken]).unwrap_err().to_string();
    assert_eq!(error, "there is a format called okta already; give the mapping another name");
}

/// Protects the rules whose order decides: the first that holds answers.
#[test]
fn rules_answer_in_their_order() {
    let text = SOUND.replace(
        "id = \"who\"",
        "when = \"kind = robot\"\nid = \"who\"\nevidence = \"bot\"\nbecause = \"it says so\"\n\n[[principal]]\nid = \"who\"",
    ) + "\n[[class]]\nis = \"secret\"\naction = [\"get_*\"]\nwhen = \"place ~ vault*\"\n\n[[class]]\nis = \"read\"\naction = \"get_*\"\n\n[[outcome]]\nfrom = \"code\"\nmap = { \"9??\" = \"denied\" }\n\n[[outcome]]\nwhen = \"$action ~ get_*\"\nis = \"success\"\n";
    let mapping = Mapping::parse("mine.toml", &text).unwrap();
    for (record, class, outcome, evidence) in [
        (
            r#"{"acme_version":1,"at":1763546400,"what":"get_x","who":"a","kind":"robot","place":"vault/1","code":"901"}"#,
            "secret",
            "denied",
            "bot",
        ),
        (r#"{"acme_version":1,"at":1763546400,"what":"get_x","who":"a","place":"disk","code":"perhaps"}"#, "read", "success", ""),
        (r#"{"acme_version":1,"at":1763546400,"what":"drop_x","who":"a","code":403}"#, "delete", "denied", ""),
        (r#"{"acme_version":1,"at":1763546400,"what":"drop_x","who":"a"}"#, "delete", "unknown", ""),
    ] {
        let mut seen = Vec::new();
        mapping.read(record, &mut |event| seen.push(told(&event))).unwrap();
        let found = [&seen[0]["class"], &seen[0]["outcome"], &seen[0]["evidence"]];
        assert_eq!(found, [class, outcome, evidence], "{record}");
    }
}

/// Protects the worked example of `docs/mapping.md`: the page's file loads and reads the page's record as the page says.
#[test]
fn the_worked_example_of_the_page_works() {
    let block = |after: &str, kind: &str| {
        let (_, rest) = PAGE.split_once(after).unwrap();
        let (_, rest) = rest.split_once(&format!("```{kind}\n")).unwrap();
        rest.split_once("\n```").unwrap().0.to_owned()
    };
    let mapping = Mapping::parse("docs/mapping.md", &block("<!-- example: mapping -->", "toml")).unwrap_or_else(|error| panic!("{error}"));
    let record = block("<!-- example: record -->", "json");
    assert!(mapping.recognises(&Shape::of(&record).unwrap()));
    let mut seen = Vec::new();
    mapping.read(&record, &mut |event| seen.push(told(&event))).unwrap();
    for line in block("<!-- example: event -->", "text").lines() {
        let (field, value) = line.split_once(char::is_whitespace).unwrap();
        assert_eq!(seen[0].get(field).map(String::as_str), Some(value.trim()), "{field}");
    }
    for key in compile::KEYS.iter().chain(compile::EVENT) {
        assert!(PAGE.contains(&format!("`{key}`")), "the page does not tell of `{key}`");
    }
    for (name, _) in transform::ALL {
        assert!(PAGE.contains(&format!("`{name}`")), "the page does not tell of `{name}`");
    }
}
