//! Tables: address ranges as TSV (iptoasn) and CSV, indicators and leaked credentials as CSV with a header. Columns are
//! told by their names, or, without a header, by what stands in them.

use super::addresses::{Builder, Fact};
use super::indicator::{Indicator, IndicatorSort};
use super::stix::Taken;
use super::{Content, Imported, IntelError, stem};
use crate::model::{Network, Timestamp};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    First,
    Last,
    Block,
    Asn,
    Org,
    Country,
    Network,
    Label,
    Kind,
    Value,
    Note,
    Platform,
    Confidence,
    From,
    Until,
    KeyId,
    Digest,
    Other,
}

fn column(name: &str) -> Column {
    let name: String = name.trim().to_ascii_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    match name.as_str() {
        "start" | "start_ip" | "range_start" | "first" | "first_ip" | "ip_start" | "ip_from" => Column::First,
        "end" | "end_ip" | "range_end" | "last" | "last_ip" | "ip_end" | "ip_to" => Column::Last,
        "network" | "cidr" | "prefix" | "ip_prefix" | "range" | "block" => Column::Block,
        "asn" | "as_number" | "autonomous_system_number" => Column::Asn,
        "org" | "as_name" | "as_org" | "as_description" | "organization" | "organisation" | "autonomous_system_organization" => Column::Org,
        "country" | "country_code" | "cc" | "country_iso_code" => Column::Country,
        "class" | "network_class" | "usage" => Column::Network,
        "label" | "provider" | "cloud" => Column::Label,
        "type" | "indicator_type" | "sort" | "kind" => Column::Kind,
        "value" | "indicator" | "ioc" | "ip" | "address" | "user_agent" | "domain" => Column::Value,
        "note" | "description" | "comment" | "threat" | "campaign" => Column::Note,
        "platform" | "system" => Column::Platform,
        "confidence" => Column::Confidence,
        "from" | "valid_from" | "first_seen" => Column::From,
        "until" | "valid_until" | "expires" | "expiration" => Column::Until,
        "key_id" | "access_key_id" | "credential" | "credential_id" | "token_id" => Column::KeyId,
        "sha256" | "sha_256" | "hash" | "hashed_token" => Column::Digest,
        _ => Column::Other,
    }
}

/// Reads a table; `None` where the text is none.
pub fn read(name: &str, text: &str) -> Result<Option<Imported>, IntelError> {
    let Some(line) = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')) else { return Ok(None) };
    let delimiter = if line.contains('\t') {
        b'\t'
    } else if line.contains(',') {
        b','
    } else if line.contains(';') {
        b';'
    } else if known_alone(line) {
        b','
    } else {
        return Ok(None);
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .delimiter(delimiter)
        // In iptoasn's files quotes are part of names.
        .quoting(delimiter != b'\t')
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    if !reader.read_record(&mut record).map_err(|e| damaged(&e))? {
        return Ok(None);
    }
    let headed: Vec<Column> = record.iter().map(column).collect();
    let has = |columns: &[Column], wanted: &[Column]| wanted.iter().any(|w| columns.contains(w));
    let ranges = |columns: &[Column]| {
        let ends = columns.contains(&Column::First) && columns.contains(&Column::Last) || columns.contains(&Column::Block);
        ends && has(columns, &[Column::Asn, Column::Org, Column::Country, Column::Network, Column::Label])
    };
    if ranges(&headed) {
        return read_ranges(name, &mut reader, &headed, None).map(Some);
    }
    if has(&headed, &[Column::Value, Column::KeyId, Column::Digest]) {
        return read_indicators(name, &mut reader, &headed).map(Some);
    }
    let told = by_content(&record);
    if ranges(&told) {
        return read_ranges(name, &mut reader, &told, Some(record)).map(Some);
    }
    Ok(None)
}

/// A header of a single column.
fn known_alone(line: &str) -> bool {
    matches!(column(line.trim_matches('"')), Column::KeyId | Column::Digest | Column::Value) && !line.contains(['.', ':', '/', ' '])
}

fn damaged(error: &csv::Error) -> IntelError {
    IntelError::Damaged(error.to_string().replace('\n', " "))
}

/// What the columns of a first row without a header hold: `start, end, number, country, name` in their usual orders.
fn by_content(record: &csv::StringRecord) -> Vec<Column> {
    let mut out = Vec::new();
    for field in record {
        let at_end = out.len() == 1 && out.first() == Some(&Column::First);
        let column = if out.is_empty() && field.parse::<IpNet>().is_ok() {
            Column::Block
        } else if out.is_empty() && end(field).is_some() {
            Column::First
        } else if at_end && end(field).is_some() {
            Column::Last
        } else if number(field).is_some() && !out.contains(&Column::Asn) {
            Column::Asn
        } else if (field.len() == 2 && field.bytes().all(|b| b.is_ascii_uppercase()) || field == "None") && !out.contains(&Column::Country)
        {
            Column::Country
        } else if Network::from_word(field).is_some() && !out.contains(&Column::Network) {
            Column::Network
        } else if !out.contains(&Column::Org) && out.contains(&Column::Asn) {
            Column::Org
        } else {
            Column::Other
        };
        out.push(column);
    }
    out
}

/// An end of a range: an address, or an IPv4 address as a number.
fn end(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().or_else(|| {
        // Numbers below 2²⁴ are systems and counts, not addresses.
        text.parse::<u32>().ok().filter(|n| *n >= 1 << 24).map(|n| Ipv4Addr::from_bits(n).into())
    })
}

fn number(text: &str) -> Option<u32> {
    text.strip_prefix("AS").unwrap_or(text).parse().ok()
}

fn read_ranges(
    name: &str,
    reader: &mut csv::Reader<&[u8]>,
    columns: &[Column],
    first: Option<csv::StringRecord>,
) -> Result<Imported, IntelError> {
    let mut builder = Builder::default();
    let mut skipped = 0;
    let mut row = |record: &csv::StringRecord| -> Result<(), IntelError> {
        let field = |wanted: Column| columns.iter().position(|c| *c == wanted).and_then(|at| record.get(at)).unwrap_or_default();
        let fact = Fact {
            asn: number(field(Column::Asn)).unwrap_or(0),
            org: field(Column::Org).to_owned(),
            country: field(Column::Country).to_owned(),
            network: Network::from_word(field(Column::Network)),
            label: field(Column::Label).to_owned(),
        };
        // iptoasn writes what nobody announces as AS 0.
        let fact = if fact.asn == 0 { Fact { org: String::new(), ..fact }.tidy() } else { fact.tidy() };
        let fact = match fact.network {
            None if !fact.label.is_empty() => Fact { network: Some(Network::Cloud), ..fact },
            _ => fact,
        };
        let ends = if let Ok(net) = field(Column::Block).parse::<IpNet>() {
            Some((net.network(), net.broadcast()))
        } else {
            end(field(Column::First)).zip(end(field(Column::Last)))
        };
        let taken = match ends {
            _ if fact.is_empty() => return Ok(()),
            Some((first, last)) => builder.range(first, last, &fact)?,
            None => false,
        };
        skipped += u64::from(!taken);
        Ok(())
    };
    if let Some(first) = first {
        row(&first)?;
    }
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|e| damaged(&e))? {
        row(&record)?;
    }
    if skipped > builder.rows {
        return Err(IntelError::Foreign);
    }
    let slot = format!("ranges {}", stem(name));
    Ok(Imported { slot, dated: String::new(), rows: builder.rows, skipped, content: Content::Addresses(builder.finish()) })
}

fn read_indicators(name: &str, reader: &mut csv::Reader<&[u8]>, columns: &[Column]) -> Result<Imported, IntelError> {
    let mut taken = Taken::default();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|e| damaged(&e))? {
        let field = |wanted: Column| columns.iter().position(|c| *c == wanted).and_then(|at| record.get(at)).unwrap_or_default();
        let made = if !field(Column::KeyId).is_empty() {
            Indicator::new(IndicatorSort::Credential, field(Column::KeyId))
        } else if !field(Column::Digest).is_empty() {
            digest(field(Column::Digest))
        } else {
            match sort(field(Column::Kind)) {
                Some(sort) => Indicator::new(sort, field(Column::Value)),
                None => Indicator::guess(field(Column::Value)),
            }
        };
        taken.add(made.map(|made| {
            let text = |column| Some(field(column).to_owned()).filter(|text| !text.is_empty());
            Indicator {
                platform: text(Column::Platform),
                confidence: field(Column::Confidence).parse().ok().filter(|c| *c <= 100),
                from: Timestamp::parse(field(Column::From)),
                until: Timestamp::parse(field(Column::Until)),
                ..made.noted(field(Column::Note))
            }
        }));
        taken.date(Timestamp::parse(field(Column::From)));
    }
    taken.finish(name)
}

/// A SHA-256 in hexadecimal, or as base64 the way GitHub's log writes it.
fn digest(text: &str) -> Option<Indicator> {
    let hex = if super::indicator::is_digest(text) { text.to_owned() } else { super::hits::base64_digest(text)? };
    Indicator::new(IndicatorSort::Credential, &hex)
}

/// What other programs call the sorts of indicators.
fn sort(word: &str) -> Option<IndicatorSort> {
    Some(match word.to_ascii_lowercase().as_str() {
        "address" | "ip" | "ipv4" | "ipv6" | "ipv4-addr" | "ipv6-addr" | "ip-src" | "ip-dst" | "cidr" => IndicatorSort::Address,
        "agent" | "user-agent" | "user_agent" | "useragent" | "ua" => IndicatorSort::Agent,
        "domain" | "domain-name" | "hostname" | "fqdn" => IndicatorSort::Domain,
        "file" | "filename" | "file-name" => IndicatorSort::File,
        "credential" | "key_id" | "key" | "token" => IndicatorSort::Credential,
        _ => return None,
    })
}
