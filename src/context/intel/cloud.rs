//! The ranges that clouds publish of themselves: AWS, Google, Azure.

use super::addresses::{Builder, Fact};
use super::{Content, Imported, IntelError, day};
use crate::model::{Network, Timestamp};
use ipnet::IpNet;
use serde_json::Value;

/// Reads the published ranges of a cloud; `None` for any other JSON.
pub fn read(json: &Value) -> Option<Result<Imported, IntelError>> {
    if let Some(prefixes) = json.get("prefixes").and_then(Value::as_array) {
        let first = prefixes.first().or_else(|| json.get("ipv6_prefixes")?.as_array()?.first())?;
        if first.get("ip_prefix").or_else(|| first.get("ipv6_prefix")).is_some() {
            let more = json.get("ipv6_prefixes").and_then(Value::as_array);
            let texts = prefixes.iter().chain(more.into_iter().flatten()).map(|p| text(p, &["ip_prefix", "ipv6_prefix"]));
            // `2026-08-22-15-17-05`
            let date = json.get("createDate").and_then(Value::as_str).and_then(|date| date.get(..10));
            return Some(ranges("aws", "published aws ranges", date.and_then(Timestamp::parse), texts));
        }
        if first.get("ipv4Prefix").or_else(|| first.get("ipv6Prefix")).is_some() {
            let texts = prefixes.iter().map(|p| text(p, &["ipv4Prefix", "ipv6Prefix"]));
            let date = json.get("creationTime").and_then(Value::as_str).and_then(Timestamp::parse);
            return Some(ranges("gcp", "published gcp ranges", date, texts));
        }
        return None;
    }
    let values = json.get("values")?.as_array()?;
    let lists = || values.iter().filter_map(|tag| tag.get("properties")?.get("addressPrefixes")?.as_array());
    lists().next()?;
    Some(ranges("azure", "published azure ranges", None, lists().flatten().map(Value::as_str)))
}

fn text<'v>(prefix: &'v Value, keys: &[&str]) -> Option<&'v str> {
    keys.iter().find_map(|key| prefix.get(key)?.as_str())
}

fn ranges<'v>(
    label: &str,
    slot: &str,
    date: Option<Timestamp>,
    texts: impl Iterator<Item = Option<&'v str>>,
) -> Result<Imported, IntelError> {
    let fact = Fact { network: Some(Network::Cloud), label: label.to_owned(), ..Fact::default() };
    let mut builder = Builder::default();
    let mut skipped = 0;
    for text in texts {
        match text.and_then(|text| text.parse::<IpNet>().ok()) {
            // A block of everything would make everybody a cloud.
            Some(net) if net.prefix_len() > 0 => drop(builder.block(net, &fact)?),
            _ => skipped += 1,
        }
    }
    Ok(Imported { slot: slot.to_owned(), dated: day(date), rows: builder.rows, skipped, content: Content::Addresses(builder.finish()) })
}
