//! Context from the outside: an inventory beside the logs, one with mistakes, a draft that goes in again, intelligence that
//! is imported, and what each shows. Run with the real program.
#![expect(clippy::unwrap_used, reason = "a test that cannot run the program must stop")]

#[path = "cli/driver.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod driver;

use driver::{Desk, record};
use serde_json::{Value, json};

const ARN: &str = "arn:aws:iam::111122223333:user/ci";

/// A folder with a day's log of two users: `ci` with a program, `anna` at the console.
fn logs(desk: &Desk) -> String {
    let arn = "arn:aws:iam::111122223333:user/anna";
    let human = json!({
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAANNA", "accountId": "111122223333", "arn": arn, "userName": "anna"},
        "userAgent": "Mozilla/5.0", "eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com", "sourceIPAddress": "198.51.100.9",
        "eventType": "AwsConsoleSignIn", "responseElements": {"ConsoleLogin": "Success"}
    });
    let lines: Vec<String> =
        (0..40).map(|n| record("ci", n * 30, json!({}))).chain((40..50).map(|n| record("anna", n * 30, human.clone()))).collect();
    let file = desk.file("logs/trail.json", &lines.join("\n"));
    file.strip_suffix("/trail.json").unwrap().to_owned()
}

fn identity(desk: &Desk, name: &str) -> Value {
    desk.objects(&["identities"]).into_iter().find(|row| row["name"] == name).unwrap()
}

#[test]
fn an_inventory_in_a_loaded_folder_is_used_and_is_no_log() {
    let desk = Desk::new();
    let folder = logs(&desk);
    desk.file(
        "logs/inventory.toml",
        &format!("[[identity]]\nid = \"{ARN}\"\nowner = \"dana@example.com\"\nvendor = \"Acme\"\npurpose = \"builds\"\n[identity.approved]\nnetworks = [\"cloud:aws\"]\n"),
    );
    desk.file(
        "logs/changes.toml",
        &format!("[[change]]\nidentity = \"{ARN}\"\nfrom = 2026-11-01\nto = 2026-12-01\nticket = \"CHG-1\"\ndimensions = [\"timing\"]\n"),
    );
    let loaded = desk.objects(&["load", "-q", &folder]).remove(0);
    assert_eq!((loaded["files"].as_u64(), loaded["rejected"].as_u64()), (Some(1), Some(0)));
    let row = identity(&desk, "ci");
    assert_eq!((row["owner"].as_str(), row["third_party"].as_bool()), (Some("dana@example.com"), Some(true)));
    let shown = desk.objects(&["show", "ci"]).remove(0);
    assert_eq!(shown["declared"]["inventory"]["purpose"], "builds");
    assert_eq!(shown["declared"]["changes"][0]["ticket"], "CHG-1");
    let text = desk.run(&["show", "ci"]).out;
    for part in ["owner dana@example.com", "purpose            builds", "Outside what is declared", "198.51.100.0/24", "ticket CHG-1"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let review = desk.run(&["review", "ci"]).out;
    assert!(review.contains("owner: dana@example.com") && review.contains("| purpose | builds |") && review.contains("CHG-1"), "{review}");
    assert_eq!(desk.objects(&["identities", "--filter", "owner:dana@example.com"]).len(), 1);
    let doctor = desk.run(&["doctor", "--json"]);
    let doctor: Value = serde_json::from_str(&doctor.out).unwrap();
    assert_eq!(doctor["declared"].as_array().unwrap().len(), 2);
    assert!(doctor["declared"][0]["watermark"].is_null(), "given before the first event");
    // The same folder again is the same version.
    assert!(!desk.run(&["load", &folder]).err.contains("in force"));
}

#[test]
fn a_file_with_mistakes_is_told_line_by_line_and_nothing_is_loaded() {
    let desk = Desk::new();
    let folder = logs(&desk);
    desk.file("logs/inventory.toml", "[[identity]]\nid = \"x\"\nownr = \"a\"\nplatform = \"salesfroce\"\ncreated = \"never\"\n");
    let ran = desk.run(&["load", &folder]);
    assert_eq!(ran.code, 2);
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ran.err);
    assert!(lines[0].contains("inventory.toml:3: unknown key \"ownr\" in identity; nearest is \"owner\""), "{}", ran.err);
    assert!(lines[1].contains(":4: platform is never \"salesfroce\"; nearest is \"salesforce\""));
    assert!(lines[2].contains(":5: created is no time: \"never\""));
    // Told otherwise, the file in the folder is left alone.
    let good = desk.file("good.toml", "[[identity]]\nname = \"ci\"\nowner = \"o\"\n");
    assert_eq!(desk.run(&["load", &folder, "--inventory", &good]).code, 0);
    assert_eq!(identity(&desk, "ci")["owner"], "o");
    let check = desk.run(&["inventory", "check", &format!("{folder}/inventory.toml")]);
    assert_eq!((check.code, check.err.lines().count()), (2, 3));
    assert_eq!(desk.run(&["inventory", "check", &good]).code, 0);
    let changes =
        desk.file("changes.toml", "[[change]]\nidentity = \"ci\"\nfrom = 2026-01-02\nto = 2026-01-01\ndimensions = [\"timming\"]\n");
    assert_eq!(desk.run(&["inventory", "check", &changes]).err.lines().count(), 2);
    assert_eq!(desk.run(&["identities", "--inventory", "/nowhere.toml"]).code, 1);
}

#[test]
fn the_inventory_decides_what_somebody_is() {
    let desk = Desk::new();
    let folder = logs(&desk);
    assert_eq!(desk.run(&["load", &folder]).code, 0);
    assert_eq!((identity(&desk, "anna")["class"].as_str(), identity(&desk, "ci")["class"].as_str()), (Some("human"), Some("machine")));
    let file = desk.file("kinds.toml", "[[identity]]\nname = \"anna\"\nkind = \"bot\"\n[[identity]]\nname = \"ci\"\nclass = \"human\"\n");
    let ran = desk.run(&["load", &folder, "--inventory", &file]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let (anna, ci) = (identity(&desk, "anna"), identity(&desk, "ci"));
    assert_eq!((anna["kind"].as_str(), anna["reason"].as_str()), (Some("bot"), Some("the inventory says so")));
    assert_eq!(ci["class"], "human");
    // Both were judged again: the one from its first day on, the other no more.
    let doctor: Value = serde_json::from_str(&desk.run(&["doctor", "--json"]).out).unwrap();
    assert_eq!(doctor["state"]["unfolded"], 0);
    assert!(doctor["declared"][0]["watermark"].is_string(), "given after the first event");
    // Another store that had the inventory from the start says the same.
    let other = Desk::new();
    let (folder, file) = (logs(&other), other.file("kinds.toml", &std::fs::read_to_string(&file).unwrap()));
    assert_eq!(other.run(&["load", &folder, "--inventory", &file]).code, 0);
    for list in ["alerts", "findings"] {
        assert_eq!(desk.run(&[list, "--json"]).out, other.run(&[list, "--json"]).out, "{list}");
    }
}

#[test]
fn a_draft_goes_in_again() {
    let desk = Desk::new();
    let folder = logs(&desk);
    assert_eq!(desk.run(&["load", &folder]).code, 0);
    let text = desk.run(&["inventory", "draft"]);
    assert!(text.out.contains(ARN) && !text.out.contains("user/anna"), "machines only: {}", text.out);
    let path = desk.path("drafted.toml").to_string_lossy().into_owned();
    assert_eq!(desk.run(&["inventory", "draft", &path]).code, 0);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text.out);
    assert_eq!(desk.run(&["inventory", "draft", &path]).code, 2, "an existing file is not overwritten");
    let check = desk.run(&["inventory", "check", &path]);
    assert_eq!((check.code, check.err.as_str()), (0, ""), "{check:?}");
    assert_eq!(desk.run(&["load", &folder, "--inventory", &path]).code, 0);
    let shown = desk.objects(&["show", "ci"]).remove(0);
    assert_eq!(shown["declared"]["outside"], json!([]), "what was seen lies inside what was drafted from it");
    assert_eq!(desk.run(&["inventory", "draft"]).code, 1, "nothing is left to draft");
}

#[test]
fn imported_intelligence_is_used_listed_and_refused_when_damaged() {
    let desk = Desk::new();
    let folder = logs(&desk);
    let tor = desk.file("tor-exit.lst", "198.51.100.7\n5.6.7.8\n");
    let aws = desk.file("ip-ranges.json", r#"{"createDate":"2026-08-22-15-17-05","prefixes":[{"ip_prefix":"5.6.0.0/16"}]}"#);
    let marks = desk.file("iocs.csv", "type,value,description\nip,208.68.36[.]90,drift\n");
    let bad = desk.file("bad.json", "{\"prefixes\": [");
    let plain = desk.file("some.txt", "192.0.2.0/24\n");
    let ran = desk.run(&["intel", "import", &tor, &aws, &marks, &bad, &plain]);
    assert_eq!(ran.code, 1, "the others went in: {ran:?}");
    assert_eq!((ran.out.lines().count(), ran.err.lines().count()), (3, 2));
    assert!(ran.err.contains("bad.json: damaged") && ran.err.contains("add --as"), "{}", ran.err);
    assert_eq!(desk.run(&["intel", "import", "--as", "corp", "--name", "ours", &plain]).code, 0);
    assert_eq!(desk.run(&["intel", "import", "--as", "crop", &plain]).code, 2);
    let again = desk.run(&["intel", "import", &tor]);
    assert!(again.out.contains("in force already"), "{again:?}");
    let listed = desk.objects(&["intel", "list"]);
    let imported: Vec<&str> = listed.iter().filter(|row| row["imported"].is_string()).map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(imported, ["ours", "published aws ranges", "tor tor-exit", "indicators iocs"], "addresses first, each by name");
    assert!(listed.iter().any(|row| row["name"] == "shipped clients" && row["date"] == "2025-09-02"));
    let doctor: Value = serde_json::from_str(&desk.run(&["doctor", "--json"]).out).unwrap();
    assert!(doctor["data"].as_array().unwrap().iter().any(|row| row["name"] == "published aws ranges" && row["date"] == "2026-08-22"));
    assert_eq!(desk.run(&["load", &folder]).code, 0);
    // A special block stays one; what is public is told by what was imported.
    let lines: Vec<String> = (60..70).map(|n| record("ci", n * 30, json!({"sourceIPAddress": "5.6.7.8"}))).collect();
    let more = desk.file("more/trail.json", &lines.join("\n"));
    assert_eq!(desk.run(&["load", &more]).code, 0);
    let event = desk.objects(&["events", "--filter", "ip:5.6.7.8", "--limit", "1"]).remove(0);
    assert_eq!(event["network"], "tor");
}
