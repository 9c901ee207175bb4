//! What scripts hold on to: the JSON of each list key by key, the counts that add up, the words of the help. A change here
//! is a change of the contract.

use crate::driver::{Desk, keys, sample, words};
use serde_json::Value;

const ALERT: &str = "id aliases identity severity risk status verdict assigned snoozed_until duplicate_of onset raised updated sentence signals \
    sequences mitigations counterfactuals not_observable blast_radius events frameworks guidance score provenance";
const IDENTITY: &str =
    "id name kind class platform tenant owner third_party reason first_seen last_seen active_days events credentials risk open_alerts";
const EVENT: &str = "time ingested format feed uid event_id tenant cloud_account principal identity credential session on_behalf_of ip asn as_org \
    network cloud region country user_agent agent auth_method action service class resource data_domain target_identity tool query_shape outcome \
    error rows bytes job job_step probe via_provider tags origin";

#[test]
fn a_load_counts_every_record_once_and_a_second_load_stores_nothing() {
    let desk = Desk::new();
    let first = desk.objects(&["load", &sample()]).remove(0);
    assert_eq!(keys(&first), words("files bytes read stored duplicate rejected identities alerts first last seconds"));
    let n = |of: &Value, key: &str| of[key].as_u64().unwrap();
    assert_eq!(n(&first, "read"), n(&first, "stored") + n(&first, "duplicate") + n(&first, "rejected"));
    assert_eq!((n(&first, "read"), n(&first, "rejected")), (22_335, 0), "the labels beside the logs are no logs");
    assert!(n(&first, "alerts") > 0 && n(&first, "identities") > 0);
    let alerts = desk.run(&["alerts", "--json"]).out;
    let second = desk.objects(&["load", &sample()]).remove(0);
    assert_eq!((n(&second, "stored"), n(&second, "duplicate")), (0, n(&first, "read")));
    for key in ["files", "bytes", "read", "identities", "alerts", "first", "last"] {
        assert_eq!(first[key], second[key], "{key}");
    }
    assert_eq!(alerts, desk.run(&["alerts", "--json"]).out);
}

#[test]
fn alerts_are_the_object_of_the_contract() {
    let desk = Desk::loaded();
    let alerts = desk.objects(&["alerts"]);
    assert!(!alerts.is_empty(), "the theft of the sample data");
    let findings = desk.objects(&["findings"]);
    assert!(findings.len() > 2);
    for alert in alerts.iter().chain(&findings) {
        assert_eq!(keys(alert), words(ALERT));
        assert_eq!(keys(&alert["identity"]), words("id name kind class platform tenant owner"));
        assert_eq!(keys(&alert["blast_radius"]), words("rows bytes objects credentials identities tenants"));
        assert_eq!(keys(&alert["events"]), words("count sample"));
        assert_eq!(keys(&alert["guidance"]), words("check benign contain"));
        let points: i64 = alert["signals"].as_array().unwrap().iter().map(|s| s["points"].as_i64().unwrap()).sum();
        assert_eq!(points, alert["risk"].as_i64().unwrap(), "points add up to the risk: {alert}");
        for signal in alert["signals"].as_array().unwrap() {
            assert_eq!(keys(signal), words("detector family observed baseline p bans points"));
        }
    }
    let raised: Vec<&str> = alerts.iter().map(|a| a["raised"].as_str().unwrap()).collect();
    assert!(raised.is_sorted_by(|a, b| a >= b), "newest first: {raised:?}");
    let high = desk.objects(&["alerts", "--filter", "severity>=high"]);
    let severe = |a: &&Value| ["high", "critical"].contains(&a["severity"].as_str().unwrap());
    assert!(!high.is_empty() && high.len() <= alerts.len());
    assert_eq!(high.iter().collect::<Vec<_>>(), alerts.iter().filter(severe).collect::<Vec<_>>());
    assert_eq!(desk.objects(&["findings", "--limit", "2"]), findings[..2]);
    let late = desk.objects(&["alerts", "--since", "2026-11-12", "--until", "2026-11-16"]);
    let inside = |a: &&Value| ("2026-11-12".."2026-11-16").contains(&a["raised"].as_str().unwrap());
    assert_eq!(late.iter().collect::<Vec<_>>(), alerts.iter().filter(inside).collect::<Vec<_>>());
    // An age counts back from the newest event of an old store.
    assert!(!desk.objects(&["alerts", "--since", "30d"]).is_empty());
    // Fields that only a whole alert has.
    let stolen = desk.objects(&["alerts", "--filter", "detector:bulk-job platform:salesforce blast_radius.rows>1M"]);
    assert_eq!(stolen.len(), 1);
    for finding in desk.objects(&["findings"]) {
        assert_eq!(keys(&finding), words(ALERT));
        assert!(finding["risk"].as_i64().unwrap() < 50);
    }
    // One of them in full, by the beginning of its id; looking does not change it.
    let shown = desk.objects(&["show", &stolen[0]["id"].as_str().unwrap()[..6]]).remove(0);
    assert_eq!(shown["sentence"], stolen[0]["sentence"]);
    assert!(words(ALERT).is_subset(&keys(&shown)) && shown["history"].as_array().unwrap().is_empty());
    assert_eq!(desk.objects(&["alerts"]), alerts);
}

#[test]
fn identities_and_events_are_the_objects_of_the_contract() {
    let desk = Desk::loaded();
    let identities = desk.objects(&["identities"]);
    assert!(identities.len() > 5);
    for row in &identities {
        assert_eq!(keys(row), words(IDENTITY));
    }
    let risks: Vec<i64> = identities.iter().map(|row| row["risk"].as_i64().unwrap()).collect();
    assert!(risks.is_sorted_by(|a, b| a >= b), "riskiest first: {risks:?}");
    let full = desk.objects(&["identities", "--full", "--limit", "1"]).remove(0);
    assert_eq!(keys(&full), words(&format!("{IDENTITY} baseline")));
    assert!(full["baseline"]["days"].as_u64().unwrap() > 5 && !full["baseline"]["usual_sources"].as_array().unwrap().is_empty());

    let events = desk.objects(&["events", "--limit", "50"]);
    assert_eq!(events.len(), 50);
    for event in &events {
        assert_eq!(keys(event), words(EVENT));
        assert_eq!(keys(&event["identity"]), words("id name kind class reason"));
        assert_eq!(keys(&event["origin"]), words("file offset"));
    }
    let filter = ["events", "--filter", "identity:svc-monitoring outcome:failure", "--limit", "5"];
    let failed = desk.objects(&filter);
    assert_eq!(failed.len(), 5);
    assert!(failed.iter().all(|e| e["identity"]["name"] == "svc-monitoring" && e["outcome"] != "success"));
    let raw = desk.objects(&[&filter[..], &["--raw"]].concat());
    for (event, with_raw) in failed.iter().zip(&raw) {
        assert_eq!(keys(with_raw), words(&format!("{EVENT} raw")));
        let record: Value = serde_json::from_str(with_raw["raw"].as_str().unwrap()).unwrap();
        assert_eq!(record["eventID"], event["event_id"], "the raw record is that of the event");
    }
    let page = desk.objects(&["show", "crm-warehouse-sync"]).remove(0);
    assert!(words(IDENTITY).is_subset(&keys(&page)) && page["alerts"].as_array().unwrap().len() > 1);
    assert!(page["not_observable"].is_array());
    let blind = desk.run(&["review", "svc-monitoring"]).out;
    assert!(blind.contains("\nNot observable: data: its records name no kind of data;"), "{blind}");
    let markdown = desk.run(&["review", "crm-warehouse-sync"]).out;
    assert!(markdown.starts_with("# crm-warehouse-sync") && markdown.contains("## Usual and now"), "{markdown}");
}

#[test]
fn the_doctor_says_where_things_are_and_that_all_is_sound() {
    let desk = Desk::loaded();
    let report = desk.objects(&["doctor"]).remove(0);
    assert_eq!(keys(&report), words("version sqlite schema model context formats store state data declared problems"));
    assert_eq!(report["store"], desk.db().to_string_lossy().as_ref());
    let state = &report["state"];
    assert_eq!((state["unfolded"].as_u64(), state["audit_rows"].as_u64()), (Some(0), Some(0)));
    let feeds = state["feeds"].as_array().unwrap();
    assert!(feeds.iter().all(|feed| feed["complete"] == true && feed["events_24h"].as_u64() > Some(0) && feed["silent_since"].is_null()));
    assert_eq!(feeds.iter().map(|feed| feed["events"].as_u64().unwrap()).sum::<u64>(), state["events"].as_u64().unwrap());
    assert!(feeds.iter().any(|feed| feed["missing"]["credential"].as_f64() > Some(0.0)), "Salesforce names no credential at times");
    assert!(!report["data"].as_array().unwrap().is_empty());
}

#[test]
fn the_help_says_what_there_is() {
    let desk = Desk::new();
    insta::assert_snapshot!("help", desk.run(&["--help"]).out);
    insta::assert_snapshot!("help_triage", desk.run(&["triage", "--help"]).out);
    let man = desk.run(&["man"]).out;
    assert!(man.contains("driftline\\-triage") && man.contains("Print results only"));
    assert!(desk.run(&["completions", "bash"]).out.contains("identities"));
    assert!(!desk.db().exists());
}
