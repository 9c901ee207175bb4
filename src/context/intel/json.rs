//! Which JSON it is: published ranges, a STIX bundle, a MISP event, a report of leaked secrets. One value a file, or one a
//! line.

use super::{Imported, IntelError, cloud, reports, stix};
use serde_json::Value;

/// Reads a JSON file.
pub fn read(name: &str, text: &str) -> Result<Imported, IntelError> {
    let json: Value = match serde_json::from_str(text) {
        Ok(json) => json,
        Err(error) => match lines(text) {
            Some(values) => Value::Array(values),
            None => return Err(IntelError::Damaged(format!("no JSON: {error}"))),
        },
    };
    if let Some(ranges) = cloud::read(&json) {
        return ranges;
    }
    let found = stix::bundle(name, &json).or_else(|| stix::misp(name, &json)).or_else(|| reports::read(name, &json));
    found.unwrap_or(Err(IntelError::Foreign))
}

/// One value a line; `None` where the first line is none, or most are none.
fn lines(text: &str) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    let mut bad = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(value) => values.push(value),
            Err(_) if values.is_empty() => return None,
            Err(_) => {
                bad += 1;
                values.push(Value::Null);
            }
        }
    }
    (values.len() > 1 && bad * 2 < values.len()).then_some(values)
}
