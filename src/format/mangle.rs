//! Records that went wrong on their way, for the tests of formats: texts with pieces cut out and put in, members with
//! values nobody expects. Whatever comes, a reader reads it or refuses it in one line.

use super::{Format, recognise};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Samples with pieces cut out and others put in, and samples with an odd value at one place.
pub fn mangled(samples: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = "\\PC{0,4}|[{}\\[\\]\",:\\\\0-9]{1,3}|arn:|null|\\[bot\\]|\\.";
    let cuts = proptest::collection::vec((any::<prop::sample::Index>(), 0..40_usize, piece), 1..6);
    let cut = (prop::sample::select(samples.to_vec()), cuts).prop_map(|(sample, cuts)| {
        let mut text: Vec<char> = sample.chars().collect();
        for (at, length, piece) in cuts {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, piece.chars());
        }
        text.into_iter().collect()
    });
    let odd = (prop::sample::select(samples.to_vec()), any::<prop::sample::Index>(), prop::sample::select(odd())).prop_map(
        |(sample, at, odd)| {
            let mut value: Value = serde_json::from_str(sample).unwrap();
            let mut places = 0;
            each(&mut value, &mut |_| places += 1);
            let (wanted, mut place) = (at.index(places), 0);
            each(&mut value, &mut |inner| {
                if place == wanted {
                    *inner = odd.clone();
                }
                place += 1;
            });
            value.to_string()
        },
    );
    prop_oneof![cut, odd]
}

fn odd() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5e300),
        json!(u64::MAX),
        json!(""),
        json!("null"),
        json!("é".repeat(200)),
        json!([]),
        json!({}),
        json!([1, [2], null, {"a": []}]),
        json!({"a": {"b": 1}}),
        json!("{\"a\":1}"),
        json!("[{\"type\":\"User\"}]"),
        json!("[x"),
        json!("arn:"),
        json!("arn:aws:sts::1:assumed-role/"),
        json!("arn:aws:iam:::user/"),
        json!(":"),
        json!("::::::"),
        json!("[bot]"),
        json!("https://"),
        json!("\" \""),
        json!("a b [c] d"),
    ]
}

fn each(value: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|inner| each(inner, visit)),
        Value::Array(items) => items.iter_mut().for_each(|inner| each(inner, visit)),
        _ => {}
    }
    visit(value);
}

/// Reads a record by `format` and as the program would; a refusal must be one line.
pub fn survives(format: &dyn Format, record: &str) {
    let formats = [Some(format), recognise(record)];
    for format in formats.into_iter().flatten() {
        if let Err(refusal) = format.read(record, &mut |event| drop(format!("{event:?}"))) {
            let line = refusal.to_string();
            assert!(!line.is_empty() && !line.contains('\n'), "{line}");
        }
    }
}
