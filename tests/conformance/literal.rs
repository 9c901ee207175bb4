//! Records printed as literals of a pipeline language: JSON with bare names, addresses and times, and a comma after the
//! last member; several one after the other, with lines of warnings behind them. They become JSON here.

use serde_json::Value;

/// The records of a text, as far as they can be read.
pub fn records(text: &str) -> Vec<Value> {
    let mut out = Vec::new();
    let mut json = String::new();
    let mut depth = 0_i32;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        // Between records stand warnings; the next record begins with a line of its own.
        let begins = first == '{' && (rest.len() == text.len() || text[..text.len() - rest.len()].ends_with('\n'));
        if depth == 0 && !begins {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        match first {
            '"' => {
                let end = string_end(rest);
                json.push_str(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth -= 1;
                // The comma after the last member.
                let kept = json.trim_end().trim_end_matches(',').len();
                json.truncate(kept);
            }
            _ => {}
        }
        if depth > 0 && !matches!(first, '{' | '[' | '}' | ']' | ',' | ':') && !first.is_whitespace() {
            let end = rest.find(['\n', ',', '"']).unwrap_or(rest.len());
            let end = match rest[..end].find(": ") {
                Some(colon) => colon,
                None => end,
            };
            let word = rest[..end].trim_end();
            let plain = matches!(word, "null" | "true" | "false") || word.parse::<f64>().is_ok();
            if plain {
                json.push_str(word);
            } else {
                json.push_str(&Value::from(word).to_string());
            }
            rest = &rest[end..];
            continue;
        }
        json.push(first);
        rest = &rest[first.len_utf8()..];
        if depth == 0 {
            out.extend(serde_json::from_str::<Value>(json.trim()));
            json.clear();
        }
    }
    out
}

fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Protects the only samples of a later version: names, addresses, times and commas are taken as they are printed.
#[test]
fn literals_become_json() {
    let text = "{\n  activity_id: 1,\n  actor: {\n    user: {\n      uid: \"u, 1\",\n      groups: [\n        \"a\",\n      ],\n    },\n  },\n  src_endpoint: {\n    ip: 198.51.100.7,\n  },\n  score: 0.5,\n  none: null,\n  time: 2026-11-19T10:00:00.008Z,\n}\nwarning: {odd} value\n  = note: got \"x\"\n\n{\n  class_uid: 6003,\n}\n";
    let expected = serde_json::json!([
        {"activity_id": 1, "actor": {"user": {"uid": "u, 1", "groups": ["a"]}}, "src_endpoint": {"ip": "198.51.100.7"}, "score": 0.5, "none": null, "time": "2026-11-19T10:00:00.008Z"},
        {"class_uid": 6003}
    ]);
    assert_eq!(Value::from(records(text)), expected);
}
