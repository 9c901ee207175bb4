//! A corpus of our own, one file of every shape, so that the runner is held to its word also where no corpus is: it finds
//! the cases of each shape, sees agreement, and does not miss a disagreement.

use super::corpus::each_case;
use super::seen;
use super::table::Table;
use serde_json::{Value, json};
use std::path::Path;

/// A record of a trail; `change` replaces members.
fn record(change: &Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.08", "eventTime": "2026-11-19T10:00:00Z", "eventName": "GetObject", "eventSource": "s3.amazonaws.com",
        "awsRegion": "eu-west-1", "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.0", "eventID": "e1",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/svc-backup", "userName": "svc-backup"}
    });
    record.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    record
}

/// What a right reading of [`record`] says in ECS; `outcome` as given.
fn document(outcome: &str) -> Value {
    json!({"@timestamp": "2026-11-19T10:00:00.000Z", "ecs": {"version": "8"}, "event": {"kind": "event", "action": "GetObject", "outcome": outcome},
        "source": {"ip": "198.51.100.7"}, "user": {"name": "svc-backup"}, "user_agent": {"original": "aws-cli/2.0"}, "aws": {"cloudtrail": {"user_identity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/svc-backup"}}}})
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn table(root: &Path) -> Table {
    let mut table = Table::default();
    each_case(root, &mut |case| table.add(&case, &seen::look(&case.record)));
    table
}

/// Protects the judge: every shape of expectation is found, and its fields are compared.
#[test]
fn every_shape_of_expectation_is_found_and_compared() {
    let raw = record(&json!({}));
    let ocsf = json!({"class_uid": 6003, "category_uid": 6, "activity_id": 2, "time": 1_795_082_400_000_i64, "status_id": 1,
        "metadata": {"uid": "e1", "version": "1.1.0", "product": {"name": "CloudTrail", "vendor_name": "AWS"}},
        "actor": {"user": {"type": "IAMUser", "name": "svc-backup", "uid": "arn:aws:iam::111122223333:user/svc-backup"}},
        "api": {"operation": "GetObject", "service": {"name": "s3.amazonaws.com"}}, "src_endpoint": {"ip": "198.51.100.7"}});
    let rule = "LogTypes:\n  - AWS.CloudTrail\nTests:\n  - Name: x\n    Log:\n      eventName: GetObject\n      eventSource: s3.amazonaws.com\n      eventTime: '2026-11-19 10:00:00.000000000'\n      sourceIPAddress: 198.51.100.7\n      userIdentity: {type: IAMUser, userName: jane}\n      p_event_time: '2026-11-19 10:00:00.000'\n      p_any_ip_addresses: [198.51.100.7]\n";
    let mapping = "mapping_defaults: {source: {attributes: {timestamp: eventTime, username: userIdentity.userName, ip_address: sourceIPAddress}}}\nmappings:\n  - attributes: {event_code_or_type: eventName}\n    examples: [{location: ./event_examples/x.json}]\n";
    for (name, text, records, pairs) in [
        ("a/test-x.log", raw.to_string(), 1, 6),
        ("b/one.json", json!({"input": {"message": raw.to_string()}, "expected": document("success")}).to_string(), 1, 6),
        ("c/rule.yml", rule.to_owned(), 1, 2),
        ("d/scene.yml", format!("LogType: AWS.CloudTrail\nLogs:\n  - {raw}\n"), 1, 0),
        ("e/list.json", json!([{"data": {"Records": [raw]}, "log": "cloudtrail:events", "trigger_rules": []}]).to_string(), 1, 0),
        ("f/event_sources/x.yml", mapping.to_owned(), 2, 4),
        ("g/plain.json", json!({"Records": [raw, raw]}).to_string(), 2, 0),
        ("h/rows.csv", "eventTime,eventName,eventSource,userIdentity\n2026-11-19T10:00:00Z,GetObject,s3.amazonaws.com,\"{\"\"userName\"\":\"\"jane\"\"}\"\n".to_owned(), 1, 0),
    ] {
        let root = tempfile::tempdir().unwrap();
        let place = format!("aws_cloudtrail/{name}");
        write(root.path(), &place, &text);
        write(root.path(), "aws_cloudtrail/f/event_examples/x.json", &raw.to_string());
        if name == "a/test-x.log" {
            write(root.path(), &format!("{place}-expected.json"), &json!({"expected": [document("success")]}).to_string());
        }
        let table = table(root.path());
        // The example of the mapping stands there as a plain record too.
        let found = table.sums("aws_cloudtrail");
        assert_eq!(found, (records + usize::from(!name.starts_with('f')), pairs, pairs), "{name}: {}", table.print(true));
        assert_eq!(table.failures(), Vec::<String>::new(), "{name}");
    }
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "ocsf/CloudTrail/x.raw", &raw.to_string());
    write(root.path(), "ocsf/CloudTrail/x.ocsf", &ocsf.to_string());
    let table = table(root.path());
    assert_eq!((table.sums("aws_cloudtrail"), table.sums("ocsf")), ((1, 5, 5), (1, 6, 6)), "{}", table.print(true));
}

/// Protects the judgement: one wrong value, one record lost, one taken for another's, and it fails.
#[test]
fn a_disagreement_or_a_lost_record_fails() {
    for (text, expected, part) in [
        (record(&json!({})), document("failure"), "values agree, fewer than 99"),
        (record(&json!({"sourceIPAddress": "198.51.100.8"})), document("success"), "values agree, fewer than 99"),
        (record(&json!({"eventName": null})), document("success"), "no eventName"),
        (json!({"when": "2026-11-19T10:00:00Z", "what": "GetObject"}), document("success"), "not recognised"),
        (document("success"), document("success"), "taken for ecs"),
    ] {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "aws_cloudtrail/test-x.log", &text.to_string());
        write(root.path(), "aws_cloudtrail/test-x.log-expected.json", &json!({"expected": [expected]}).to_string());
        let failures = table(root.path()).failures();
        assert!(failures.iter().any(|failure| failure.starts_with("aws_cloudtrail") && failure.contains(part)), "{part}: {failures:?}");
    }
}
