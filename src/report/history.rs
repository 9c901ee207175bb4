//! A row of the audit chain in words: what changed, not that something did. It must not know how rows are stored.

use crate::model::decision::AuditRow;
use serde_json::Value;

/// What a row says was done: `closed as expected (known source)`, `held by dana`, …; for a row that changed nothing of the
/// standing, its own word (`note` for a triage that only has a note).
pub fn tell(row: &AuditRow) -> String {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    let (before, after) = (read(&row.before), read(&row.after));
    let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).unwrap_or_default().replace('_', " ");
    let changed = |key: &str| before.get(key) != after.get(key);
    let mut said = Vec::new();
    if changed("status") || changed("verdict") {
        let status = text(&after, "status");
        match (text(&after, "verdict"), text(&after, "reason")) {
            (verdict, reason) if !verdict.is_empty() && !reason.is_empty() => said.push(format!("{status} as {verdict} ({reason})")),
            (verdict, _) if !verdict.is_empty() => said.push(format!("{status} as {verdict}")),
            _ if status == "new" => said.push("opened again".to_owned()),
            _ if !status.is_empty() => said.push(status),
            _ => {}
        }
    }
    if changed("assigned") {
        let holder = after.get("assigned").and_then(Value::as_str).unwrap_or_default();
        said.push(if holder.is_empty() { "held by nobody".to_owned() } else { format!("held by {holder}") });
    }
    if changed("snoozed_until") {
        let until = text(&after, "snoozed_until");
        said.push(if until.is_empty() { "awake".to_owned() } else { format!("snoozed until {until}") });
    }
    if changed("duplicate_of") && after.get("duplicate_of").is_some_and(Value::is_string) {
        said.push(format!("duplicate of {}", text(&after, "duplicate_of")));
    }
    match (row.what.as_str(), said.is_empty()) {
        ("triage", true) => "note".to_owned(),
        ("triage", false) => said.join(", "),
        (what, true) => what.to_owned(),
        (what, false) => format!("{what}: {}", said.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::tell;
    use crate::model::Timestamp;
    use crate::model::decision::AuditRow;

    #[test]
    fn a_row_says_what_changed() {
        for (what, before, after, said) in [
            (
                "triage",
                r#"{"status":"new","assigned":null}"#,
                r#"{"status":"acknowledged","assigned":"dana"}"#,
                "acknowledged, held by dana",
            ),
            (
                "triage",
                r#"{"status":"new","verdict":null}"#,
                r#"{"status":"closed","verdict":"expected","reason":"known_source"}"#,
                "closed as expected (known source)",
            ),
            ("undo", r#"{"status":"closed","verdict":"expected"}"#, r#"{"status":"new","verdict":null}"#, "undo: opened again"),
            ("triage", r#"{"status":"new"}"#, r#"{"status":"new"}"#, "note"),
            ("publish", "", "", "publish"),
            ("publish", "no json", "{", "publish"),
        ] {
            let row = AuditRow {
                sequence: 1,
                time: Timestamp(0),
                watermark: Timestamp(0),
                who: "dana".into(),
                what: what.into(),
                object: String::new(),
                before: before.into(),
                after: after.into(),
                note: String::new(),
                hash: String::new(),
            };
            assert_eq!(tell(&row), said, "{what} {before} {after}");
        }
    }
}
