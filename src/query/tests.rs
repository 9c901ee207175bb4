//! What a filter means, held against rows: tables for meaning and errors, properties for the rest.

use super::*;
use crate::model::page::{AlertRow, EventRow, IdentityRow};
use crate::model::{AlertId, Severity, Status};
use proptest::prelude::*;
use serde_json::json;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T12:00:00Z").unwrap()
}

fn filter(text: &str) -> Filter {
    Filter::parse(text, now()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn event() -> EventRow {
    serde_json::from_value(json!({
        "time": "2026-11-20T10:30:15Z", "ingested": "2026-11-20T10:31:00Z", "format": "aws_cloudtrail", "feed": "/logs/a b.json", "uid": "00000000000000ff",
        "event_id": "e-1", "principal": "arn:aws:iam::123456789012:role/app/deploy",
        "identity": {"id": "arn:aws:iam::123456789012:role/app/deploy", "name": "svc-Deploy", "kind": "workload_role", "class": "machine", "reason": "sessions named after a function"},
        "credential": {"id": "ASIAEXAMPLE", "kind": "sts_session"}, "session": {"id": "i-0abc", "mfa": false, "issued_at": "2026-11-20T10:00:00Z", "length_s": null},
        "ip": "10.20.30.40", "asn": 16509, "as_org": "Amazon.com, Inc.", "network": "cloud", "cloud": "aws", "region": "eu-west-1", "country": "IE",
        "user_agent": "Boto3/1.26 md/Botocore#1.29 (Größe)", "agent": "boto3/1", "action": "GetObject", "service": "s3.amazonaws.com", "class": "read",
        "resource": "arn:aws:s3:::billing/2026/export.csv", "data_domain": "billing", "outcome": "denied", "error": "AccessDenied",
        "rows": 12000, "bytes": 3_500_000, "via_provider": false, "tags": ["rule:loud", "intel:tor"], "origin": {"file": "/logs/a b.json", "offset": 77}
    }))
    .unwrap()
}

fn alert() -> AlertRow {
    AlertRow {
        id: AlertId(0xa1b2),
        identity: "0H4xx0000004CLA".to_owned(),
        name: "Acme Sync".to_owned(),
        severity: Severity::High,
        risk: 82,
        status: Status::InProgress,
        assigned: None,
        onset: now().plus(-7_200_000),
        raised: now().plus(-3_600_000),
        updated: now(),
        detector: "new-source".to_owned(),
        headline: "185.220.101.1 never seen before".to_owned(),
        sentence: "Acme Sync exported 2,000,000 rows from a Tor exit".to_owned(),
        from: "Tor exit (DE)".to_owned(),
    }
}

fn identity() -> IdentityRow {
    serde_json::from_value(json!({
        "id": "arn:aws:iam::1:user/ci", "name": "ci", "kind": "api_key", "class": "machine", "platform": "aws", "tenant": "1", "owner": null,
        "third_party": true, "reason": "long-lived access key used by software", "first_seen": "2026-01-01T00:00:00Z", "last_seen": "2026-11-19T00:00:00Z",
        "active_days": 200, "events": 12345, "credentials": 2, "risk": 40, "open_alerts": 0
    }))
    .unwrap()
}

#[test]
fn what_a_filter_says_of_an_event() {
    let row = event();
    for (text, expected) in [
        ("", true),
        ("deploy", true),
        ("DEPLOY getobject", true),
        ("größe", true),
        ("deploy nothing", false),
        ("nothing OR deploy", true),
        ("nothing or (deploy and s3)", true),
        ("\"a b.json\"", true),
        ("\"a  b.json\"", false),
        ("billing/*.csv", true),
        ("/get(object|item)/", true),
        ("/^object/", false),
        ("/(?-i)getobject/", false),
        ("action:GetObject", true),
        ("action:getobject", true),
        ("action:Get", false),
        ("action:Get*", true),
        ("action:*Object", true),
        ("action:Get?bject", true),
        ("action:\"Get*\"", false),
        ("action:/^get/", true),
        ("action!=GetObject", false),
        ("action != PutObject", true),
        ("action:(PutObject or GetObject)", true),
        ("action!=(PutObject or GetObject)", false),
        ("event.action: GetObject", true),
        ("user_agent:botocore", true),
        ("user_agent=botocore", false),
        ("agent:boto3", true),
        ("agent=boto3/1", true),
        ("service:s3", true),
        ("service:s3.amazonaws.com", true),
        ("identity:svc-*", true),
        ("identity:deploy", true),
        ("identity:arn:aws:iam::123456789012:role/app/deploy", true),
        ("arn:aws:iam::123456789012:role/app/deploy", true),
        ("identity.name:svc-deploy", true),
        ("resource:billing", true),
        ("class:read", true),
        ("class:machine", true),
        ("kind:workload_role", true),
        ("ip:10.0.0.0/8", true),
        ("ip:10.20.30.40", true),
        ("ip:10.20.30.4", false),
        ("ip:10.20.*", true),
        ("ip:::ffff:10.20.30.40", true),
        ("ip!=10.0.0.0/8", false),
        ("source.ip:192.168.0.0/16", false),
        ("10.0.0.0/8", true),
        ("11.0.0.0/8", false),
        ("ip:*", true),
        ("job:*", false),
        ("NOT job:*", true),
        ("asn:16509", true),
        ("asn:AS16509", true),
        ("rows>10k", true),
        ("rows > 1e6", false),
        ("rows:>=12000", true),
        ("rows<2M bytes>3M", true),
        ("bytes>=3.5MB", true),
        ("rows:12k", true),
        ("rows!=12k", false),
        ("outcome:failure", true),
        ("outcome!=success", true),
        ("network:cloud", true),
        ("session.mfa:no", true),
        ("mfa:true", false),
        ("tags:rule:loud", true),
        ("tags:intel:*", true),
        ("since:24h", true),
        ("since:1h", false),
        ("until:1h", true),
        ("since:24h until:2026-11-20T10:30Z", false),
        ("since:2026-11-20 until:2026-11-20T10:31Z", true),
        ("time:2026-11-20", true),
        ("time:2026-11-20T10:30Z", true),
        ("time>2026-11-20T10:30Z", false),
        ("time>=2026-11-20T10:30Z", true),
        ("time<=2026-11-20", true),
        ("@timestamp:3h", true),
        ("!deploy", false),
        ("-deploy", false),
        ("not deploy", false),
        ("!(deploy nothing)", true),
        ("deploy -nothing", true),
        ("nothing deploy OR deploy", true),
        ("deploy AND NOT (nothing OR s3)", false),
        ("e-1", true),
        ("on_behalf_of:*", false),
        ("verdict:true_positive", false),
    ] {
        assert_eq!(filter(text).matches(&row), expected, "{text}");
    }
}

#[test]
fn what_a_filter_says_of_alerts_and_identities() {
    for (text, expected) in [
        ("severity >= high", true),
        ("severity>high", false),
        ("severity:high", true),
        ("severity!=low", true),
        ("severity<=medium", false),
        ("severity:(high or critical)", true),
        ("status:in_progress", true),
        ("risk>80", true),
        ("detector:new-source", true),
        ("tor", true),
        ("id:000000000000a1b2", true),
        ("identity:\"Acme Sync\"", true),
        ("identity:0H4*", true),
        ("assigned:*", false),
        ("onset:2026-11-20 raised>=1h", true),
        ("since:30m", false),
    ] {
        assert_eq!(filter(text).matches(&alert()), expected, "{text}");
    }
    for (text, expected) in [
        ("kind:api_key class:machine", true),
        ("platform:aws events>10k", true),
        ("owner:*", false),
        ("third_party:yes", true),
        ("last_seen:24h", false),
        ("since:2d", true),
        ("since:1h", false),
        ("last_seen<1d", true),
        ("active_days>=200", true),
        ("severity:*", false),
        ("identity:ci", true),
    ] {
        assert_eq!(filter(text).matches(&identity()), expected, "{text}");
    }
}

#[test]
fn errors_name_the_place_and_the_way_out() {
    for (text, column, part) in [
        ("acton:GetObject", 1, "nearest is \"action\""),
        ("deploy sevrity:high", 8, "nearest is \"severity\""),
        ("größe acton:x", 7, "no field \"acton\""),
        ("severity:hihg", 1, "nearest is \"high\""),
        ("status:opened", 1, "never \"opened\""),
        ("rows>many", 1, "takes a number"),
        ("rows:10*", 1, "takes a number"),
        ("rows:/1/", 1, "plain value"),
        ("ip:10.0.0.0/33", 1, "is no address"),
        ("ip:10.0.0", 1, "is no address"),
        ("ip:300.1.1.1", 1, "is no address"),
        ("since:yesterday", 1, "24h"),
        ("action:/(/", 1, "unclosed group"),
        ("/[/", 1, "regular expression"),
        ("/\\w{999}{999}/", 1, "too large"),
        ("action>3", 1, "no order"),
        ("action:", 8, "value is missing"),
        ("action: )", 9, "value is missing"),
        ("a (b", 3, "not closed"),
        ("a )", 3, "does not belong"),
        ("\"open", 1, "not closed"),
        ("/usr/bin", 6, "quotes"),
        ("/usr", 1, "not closed"),
        ("OR a", 1, "does not belong"),
        ("a AND", 6, "the end"),
        ("()", 2, "does not belong"),
        ("a = ", 1, "nearest"),
        ("> 5", 1, "does not belong"),
    ] {
        let error = Filter::parse(text, now()).unwrap_err();
        let line = error.to_string();
        assert!(line.contains(part) && !line.contains('\n'), "{text}: {line}");
        assert_eq!(error.column(), column, "{text}: {line}");
    }
    assert!(matches!(Filter::parse(&"(".repeat(500), now()), Err(QueryError::TooDeep { .. })));
    assert!(matches!(Filter::parse(&"!".repeat(500), now()), Err(QueryError::TooDeep { .. })));
    assert!(matches!(Filter::parse(&"a ".repeat(500), now()), Err(QueryError::TooMany { .. })));
    assert!(matches!(Filter::parse(&"a".repeat(5000), now()), Err(QueryError::TooLong { .. })));
}

#[test]
fn a_field_of_other_rows_is_an_error_where_asked_for() {
    let error = filter("deploy rows>10").within(Scope::Identities).unwrap_err();
    assert_eq!(error.to_string(), "column 8: identities have no field \"rows\"");
    assert!(filter("rows>10 kind:bot").within(Scope::Events).is_ok());
}

#[test]
fn a_filter_prints_in_one_form() {
    for (text, printed) in [
        ("a   b", "a AND b"),
        ("a or b and c", "a OR b AND c"),
        ("(a or b) c", "(a OR b) AND c"),
        ("((a b)) c", "a AND b AND c"),
        ("!a -b not c", "NOT a AND NOT b AND NOT c"),
        ("!(a b)", "NOT (a AND b)"),
        ("user.name : x", "identity:x"),
        ("since:24h", "since:24h"),
        ("rows:>1e6", "rows>1e6"),
        ("action:(a or \"b c\")", "action:a OR action:\"b c\""),
        ("/a\\/b/", "/a\\/b/"),
        ("identity= =x", "identity= =x"),
        ("", ""),
    ] {
        assert_eq!(filter(text).to_string(), printed, "{text}");
    }
}

#[test]
fn spans_bound_a_scan() {
    let at = |text: &str| Timestamp::parse(text).unwrap();
    for (text, from, to) in [
        ("", None, None),
        ("since:24h", Some(now().plus(-86_400_000)), None),
        ("since:24h since:1h", Some(now().plus(-3_600_000)), None),
        ("since:24h OR since:1h", Some(now().plus(-86_400_000)), None),
        ("since:24h OR deploy", None, None),
        ("NOT since:24h", None, None),
        ("until:2026-11-19 deploy", None, Some(at("2026-11-19"))),
        ("time:2026-11-19", Some(at("2026-11-19")), Some(at("2026-11-20"))),
        ("since:2026-11-18 until:2026-11-19T10:00Z", Some(at("2026-11-18")), Some(at("2026-11-19T10:00Z"))),
        ("ingested:2026-11-19", None, None),
    ] {
        assert_eq!(filter(text).span(), (from, to), "{text}");
    }
}

#[test]
fn words_go_to_the_fuzzy_list_and_the_rest_stays() {
    for (text, words, rest) in [
        ("dep prod kind:bot", "dep prod", "identity.kind:bot"),
        ("dep", "dep", ""),
        ("dep*", "", "dep*"),
        ("!dep x", "x", "NOT dep"),
        ("a OR b", "", "a OR b"),
        ("\"a b\" c", "a b c", ""),
    ] {
        let filter = filter(text);
        assert_eq!((filter.fuzzy().as_str(), filter.without_words().to_string().as_str()), (words, rest), "{text}");
    }
    assert_eq!(filter("rows>1 ip:* rows<9").fields_used(), [Field::Ip, Field::Rows]);
}

#[test]
fn every_key_of_the_json_lines_is_a_field() {
    let check = |value: serde_json::Value, skip: &[&str]| {
        let mut names = Vec::new();
        for (key, value) in value.as_object().unwrap() {
            match value.as_object() {
                Some(inner) => names.extend(inner.keys().map(|k| format!("{key}.{k}"))),
                None => names.push(key.clone()),
            }
        }
        for name in names {
            assert!(skip.contains(&name.as_str()) || Field::named(&name).is_some(), "{name}");
        }
    };
    check(serde_json::to_value(event()).unwrap(), &[]);
    check(serde_json::to_value(identity()).unwrap(), &[]);
}

/// A filter as people and machines might put it together.
fn some_filter() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z]{1,6}",
        "\"[a-z \\\\\"]{0,5}\"".prop_map(|t| t.replace("\\\"", "\"")),
        "(action|identity|resource|ip|tags|user_agent|outcome|country)(:|=|!=| : )([a-zA-Z*?]{1,5}|\"[a-z* ]{0,4}\"|/[a-z.|]{0,4}/)",
        "(rows|bytes|asn|risk)(>|<|>=|<=|:|=|!=)[0-9]{1,4}(k|M|)",
        "(since|until|time|ingested):([0-9]{1,2}(h|d|m)|2026-11-(19|20))",
        "(time|ingested)(<|>|<=|>=)2026-11-(19|20)(T10:30Z|)",
        "::1|-|10\\.0\\.0\\.0/8|e-1|arn:aws:x|identity= =a|action:\\(a or b\\)",
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) AND {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OR {b})")),
            inner.clone().prop_map(|a| format!("NOT ({a})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

fn some_event() -> impl Strategy<Value = EventRow> {
    (0i64..172_800_000, "[a-z]{1,4}", proptest::option::of(0u64..5000), proptest::option::of("(10|11)\\.0\\.0\\.[0-9]|::1"), "[a-z ]{0,6}")
        .prop_map(|(back, action, rows, ip, agent)| EventRow {
            time: now().plus(-back),
            action,
            rows,
            ip,
            user_agent: Some(agent),
            ..event()
        })
}

proptest! {
    /// A filter is typed by anyone and handed on in files: no text may bring the parser down, and what parses prints.
    #[test]
    fn no_text_panics(text in "\\PC{0,120}|[a-z:=<>!()\"/\\\\* .0-9-]{0,60}|(rows|ip|since|action|severity)[:=<>!]{1,2}\\PC{0,20}") {
        if let Ok(filter) = Filter::parse(&text, now()) {
            let printed = filter.to_string();
            let again = Filter::parse(&printed, now());
            prop_assert!(again.is_ok(), "{text:?} printed as {printed:?}: {again:?}");
            prop_assert_eq!(again.unwrap().to_string(), printed);
            let _ = filter.matches(&event());
        }
    }

    /// Saved views are stored as printed: reading them back must give the same filter, and the same rows.
    #[test]
    fn printing_and_parsing_agree(text in some_filter(), row in some_event()) {
        if let Ok(filter) = Filter::parse(&text, now()) {
            let again = Filter::parse(&filter.to_string(), now()).unwrap();
            prop_assert_eq!(again.to_string(), filter.to_string());
            prop_assert_eq!(again.matches(&row), filter.matches(&row));
        }
    }

    /// Logic is two-valued: an absent field makes a condition false, and its negation true.
    #[test]
    fn negation_is_its_own_inverse(text in some_filter(), row in some_event()) {
        if let Ok(filter) = Filter::parse(&text, now()) {
            let once = Filter::parse(&format!("NOT ({text})"), now()).unwrap();
            let twice = Filter::parse(&format!("NOT NOT ({text})"), now()).unwrap();
            prop_assert_eq!(once.matches(&row), !filter.matches(&row));
            prop_assert_eq!(twice.matches(&row), filter.matches(&row));
        }
    }

    /// A scan bounded by the span loses no match.
    #[test]
    fn no_match_lies_outside_the_span(text in some_filter(), row in some_event()) {
        if let Ok(filter) = Filter::parse(&text, now())
            && filter.matches(&row)
        {
            let (from, to) = filter.span();
            prop_assert!(from.is_none_or(|from| row.time >= from) && to.is_none_or(|to| row.time < to));
        }
    }

    /// Words and the rest together are the filter.
    #[test]
    fn words_and_rest_are_the_whole(text in some_filter(), row in some_event()) {
        if let Ok(filter) = Filter::parse(&text, now()) {
            let words = filter.root.words().iter().all(|word| {
                Filter::parse(&format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")), now()).unwrap().matches(&row)
            });
            prop_assert_eq!(words && filter.without_words().matches(&row), filter.matches(&row));
        }
    }
}
