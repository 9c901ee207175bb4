//! Redaction as a whole: planted secrets in many shapes, ids that must stay, validity, idempotence.

use super::*;
use proptest::prelude::*;

fn redactor() -> Redactor {
    Redactor::new([7; 32])
}

const CANARY: &str = "CaNaRy0123456789abcdefCaNaRy0123456789abcdef";

/// Texts that hold the canary, as they come in logs, before they are put into JSON.
fn texts() -> Vec<String> {
    let c = CANARY;
    [
        "https://b.s3.example.com/k?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261119&X-Amz-Signature=@&x=1",
        "https://b.s3.example.com/k?X-Amz-Security-Token=@",
        "https://x.blob.example.net/c?sv=1&sig=@&se=2",
        "https://x.example.com/cb?access_token=@&state=1",
        "https://x.example.com/r?u=https%3A%2F%2Fy%2F%3Fsig%3D@%26z%3D1",
        "GET / HTTP/1.1\r\nAuthorization: Bearer @\r\nHost: x",
        "Authorization: Basic @",
        "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261119/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=@",
        "Authorization=Bearer @,Referer=https://x",
        "Cookie: sid=@; a=b",
        "x-api-key: @",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE@\nabc\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMIIE@\n",
        "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.@ end",
        "ghp_@",
        "use github_pat_@ now",
        "glpat-@",
        "xoxb-12345-@",
        "sk_live_@",
        "IQoJb3JpZ2luX2VjE@",
        "curl --password @ https://x",
        "mysql password='@' host=x",
        "export AWS_SECRET_ACCESS_KEY=@\nnext",
        "aws_session_token = @",
        "client_secret=@&grant_type=refresh_token&refresh_token=@",
        "<SAMLAssertion=@>",
        "{'password': '@'}",
        "line\npassword=@",
        "line\ntoken=@",
    ]
    .iter()
    .map(|text| text.replace('@', c))
    .collect()
}

/// JSON objects that hold the canary under a name.
fn objects() -> Vec<serde_json::Value> {
    let mut out = Vec::new();
    for key in [
        "sessionToken",
        "secretAccessKey",
        "SecretAccessKey",
        "password",
        "masterUserPassword",
        "newPassword",
        "clientSecret",
        "client_secret",
        "refresh_token",
        "access_token",
        "Authorization",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "SAMLAssertion",
        "sAMLAssertion",
        "userData",
        "secretString",
        "privateKey",
        "PASSWORD",
        "token",
        "Set-Cookie",
        "api_key",
    ] {
        out.push(serde_json::json!({ "a": 1, key: CANARY, "z": [1] }));
        out.push(serde_json::json!({ key: format!("with \"quotes\" and \\ {CANARY} \\\\") }));
        out.push(serde_json::json!({ "Name": key, "Value": CANARY }));
    }
    out.push(serde_json::json!({"userData": {"value": CANARY}, "n": 1}));
    out.push(serde_json::json!({"password": [CANARY, {"x": CANARY}]}));
    out.push(serde_json::json!({"args": ["--password", CANARY]}));
    out
}

fn nest(mut text: String, depth: usize) -> String {
    for level in 0..depth {
        text = serde_json::json!({ "level": level, "inner": text, "after": "x" }).to_string();
    }
    text
}

/// The bar itself: no planted secret survives in any shape, and what was JSON stays JSON.
#[test]
fn planted_secrets_never_survive() {
    let redactor = redactor();
    let plain = texts().into_iter().map(|text| serde_json::json!({ "before": "b", "message": text, "after": {"k": 1} }).to_string());
    let named = objects().into_iter().map(|object| object.to_string());
    for record in plain.chain(named) {
        for depth in 0..4 {
            let record = nest(record.clone(), depth);
            let clean = redactor.redact(&record);
            assert!(!clean.contains("CaNaRy"), "depth {depth}: {record}\n→ {clean}");
            let value: serde_json::Value = serde_json::from_str(&clean).unwrap_or_else(|e| panic!("{e}: {record}\n→ {clean}"));
            assert!(value.is_object());
            assert_eq!(redactor.redact(&clean), clean, "not idempotent: {record}");
            // Nested JSON stays JSON too.
            let mut inner = value;
            while let Some(text) = inner.get("inner").and_then(|v| v.as_str()) {
                inner = serde_json::from_str(text).unwrap_or_else(|e| panic!("nested: {e}: {clean}"));
            }
        }
    }
}

/// Protects the join over credentials: ids of keys and hashed session keys are not secrets.
#[test]
fn ids_and_harmless_names_stay() {
    let redactor = redactor();
    for record in [
        r#"{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","x":"ASIAIOSFODNN7EXAMPLE"}"#,
        r#"{"SESSION_KEY":"d7DEqANa7nNZZVD","LOGIN_KEY":"QfNecrLXSII6fsBq"}"#,
        r#"{"url":"/?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261119%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=1"}"#,
        r#"{"eventName":"GetPasswordData","eventSource":"secretsmanager.amazonaws.com"}"#,
        r#"{"eventName":"ChangePassword","requestParameters":null}"#,
        r#"{"passwordResetRequired":true,"password":null,"secretId":"prod/db","nextToken":"abc","clientToken":"0f"}"#,
        r#"{"errorMessage":"not authorized on resource: arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbCdEf"}"#,
        r#"{"additionalEventData":{"SignatureVersion":"SigV4","AuthenticationMethod":"AuthHeader"}}"#,
        r#"{"authorization":{"action":"read","scope":"/subscriptions/1"},"token":{}}"#,
        r#"{"url":"https://x?password=","next":"public"}"#,
        r#"{"m":"{\"url\":\"https://x?password=\",\"next\":\"public\"}"}"#,
        r#"{"password":"","token":[]}"#,
        "{}",
        "",
    ] {
        assert!(matches!(redactor.redact(record), Cow::Borrowed(_)), "{record} → {}", redactor.redact(record));
    }
}

#[test]
fn one_secret_has_one_tag_inside_a_store_and_another_elsewhere() {
    let record = r#"{"a":{"password":"hunter2"},"b":{"password":"hunter2"},"c":{"password":42}}"#;
    let clean = redactor().redact(record).into_owned();
    let tags: Vec<&str> = clean.match_indices("‹redacted:password:").map(|(i, t)| &clean[i + t.len()..i + t.len() + 8]).collect();
    assert_eq!((tags.len(), tags[0]), (3, tags[1]));
    assert_ne!(tags[1], tags[2]);
    assert!(!Redactor::new([8; 32]).redact(record).contains(tags[0]));
    assert_eq!(strip_tags(&clean).matches("‹redacted:password›").count(), 3);
}

/// The vector search must really be built on the machines we ship for: the automaton is five times slower.
#[test]
#[cfg(target_arch = "x86_64")]
fn the_search_is_vectorised() {
    assert!(redactor().searcher.is_vectorised() || !std::arch::is_x86_feature_detected!("avx2"));
}

proptest! {
    /// Whatever the text: no panic, idempotent, and JSON stays JSON.
    #[test]
    fn any_text_survives(pieces in proptest::collection::vec(piece(), 0..12)) {
        let text: String = pieces.concat();
        let redactor = redactor();
        let once = redactor.redact(&text).into_owned();
        prop_assert_eq!(redactor.redact(&once).into_owned(), once.clone());
        let json = serde_json::json!({ "k": text, &text: 1, "n": { "token": text.clone() } }).to_string();
        let clean = redactor.redact(&json).into_owned();
        prop_assert!(serde_json::from_str::<serde_json::Value>(&clean).is_ok(), "{} → {}", json, clean);
        prop_assert_eq!(redactor.redact(&clean).into_owned(), clean.clone());
    }

    /// A secret-named key loses its value whatever the value looks like.
    #[test]
    fn a_named_value_never_survives(value in "\\PC{1,40}", key in prop::sample::select(vec!["password", "secretAccessKey", "sessionToken", "client_secret"]), depth in 0_usize..3) {
        let marked = format!("{value}QqQ{value}");
        let record = nest(serde_json::json!({ key: marked, "after": [1, "x"] }).to_string(), depth);
        let clean = redactor().redact(&record).into_owned();
        prop_assert!(!clean.contains("QqQ"), "{} → {}", record, clean);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&clean).is_ok(), "{} → {}", record, clean);
    }
}

fn piece() -> impl Strategy<Value = String> {
    let words = vec![
        "password",
        "secret",
        "token",
        "=",
        ":",
        ": ",
        "\"",
        "\\\"",
        "\\",
        "\\\\",
        "'",
        "{",
        "}",
        "[",
        "]",
        ",",
        " ",
        "\n",
        "Authorization",
        "Bearer ",
        "sig=",
        "X-Amz-Signature",
        "&",
        "%3D",
        "%26",
        "eyJhbGciOiJIUzI1NiJ9",
        ".",
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "ghp_abcdefghijklmnopqrstuvwxyz",
        "‹redacted:password:0123abcd›",
        "‹redacted:",
        "›",
        "Cookie: ",
        "é",
        "AKIAIOSFODNN7EXAMPLE",
        "--",
        "value",
        "name",
        "\"password\":",
        "\"value\":\"",
        "Digest ",
        "12",
        "\u{0}",
        "00D000000000001!AQEAQ",
    ];
    prop_oneof![4 => prop::sample::select(words).prop_map(str::to_owned), 1 => "[a-z0-9]{1,6}", 1 => "\\PC{0,3}"]
}
