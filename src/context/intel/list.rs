//! Plain lists, one value a line: address blocks of a cloud, a VPN or Tor, numbers of autonomous systems, indicators.
//! Comments begin with `#` or `;`. What addresses are is said by the user or by the file's name, never guessed from them.

use super::addresses::{Builder, Fact};
use super::indicator::Indicator;
use super::stix::Taken;
use super::{Content, Imported, IntelError, Meaning, day, stem};
use crate::context::network::Block;
use crate::model::{Network, Timestamp};
use ipnet::IpNet;
use std::net::IpAddr;

/// One line, as far as it is understood.
enum Line<'t> {
    Net(IpNet),
    System(u32),
    Other(&'t str),
}

fn understood(line: &str) -> Line<'_> {
    // `ExitAddress 192.0.2.7 2026-01-01 10:00:00`, as Tor's own list writes it.
    let value = line.strip_prefix("ExitAddress ").map_or(line, |rest| rest.split_whitespace().next().unwrap_or(rest));
    if let Ok(net) = value.parse::<IpNet>() {
        return Line::Net(net);
    }
    if let Ok(ip) = value.parse::<IpAddr>() {
        return Line::Net(ip.into());
    }
    match value.strip_prefix("AS").and_then(|number| number.parse().ok()) {
        Some(asn) => Line::System(asn),
        None => Line::Other(value),
    }
}

/// Reads a list.
pub fn read(name: &str, text: &str, meaning: Option<&Meaning>) -> Result<Imported, IntelError> {
    let mut date = None;
    let mut lines = Vec::new();
    let (mut nets, mut others) = (0usize, 0usize);
    for line in text.lines() {
        let comment = line.split_once(['#', ';']);
        let (value, comment) = comment.map_or((line, ""), |(value, comment)| (value, comment));
        // Comments above the list tell when it was made.
        if lines.is_empty() && date.is_none() {
            date = dated(comment);
        }
        let value = value.trim();
        // Tor's own list says who answers at an address, and when it last did.
        if value.is_empty() || ["ExitNode ", "Published ", "LastStatus "].iter().any(|start| value.starts_with(start)) {
            continue;
        }
        let line = understood(value);
        match line {
            Line::Other(_) => others += 1,
            _ => nets += 1,
        }
        lines.push((line, comment.trim()));
    }
    if lines.is_empty() {
        return Err(IntelError::Empty(0));
    }
    let torlike = text.contains("ExitAddress ");
    let guessed = if torlike { Some(Meaning::Network(Network::Tor, "tor".to_owned())) } else { Meaning::of_name(name) };
    match meaning.cloned().or(guessed) {
        Some(Meaning::Network(network, label)) if nets > others => networks(name, &lines, network, &label, date),
        Some(Meaning::Network(..)) => Err(IntelError::Foreign),
        // Addresses alone could be a cloud's or an attacker's; with other marks among them they are indicators.
        None if others == 0 => Err(IntelError::Meaning),
        Some(Meaning::Indicators) | None => indicators(name, &lines, date),
    }
}

fn dated(comment: &str) -> Option<Timestamp> {
    let words = comment.split(|c: char| !(c.is_ascii_digit() || c == '-'));
    words.filter(|word| word.len() == 10).find_map(Timestamp::parse)
}

fn networks(
    name: &str,
    lines: &[(Line<'_>, &str)],
    network: Network,
    label: &str,
    date: Option<Timestamp>,
) -> Result<Imported, IntelError> {
    let fact = Fact { network: Some(network), label: label.to_owned(), ..Fact::default() }.tidy();
    let mut builder = Builder::default();
    let mut skipped = 0;
    for (line, _) in lines {
        match line {
            Line::Net(net) if net.prefix_len() > 0 => drop(builder.block(*net, &fact)?),
            Line::System(asn) if *asn > 0 => builder.system(*asn, &fact)?,
            _ => skipped += 1,
        }
    }
    let slot = format!("{network} {}", stem(name));
    Ok(Imported { slot, dated: day(date), rows: builder.rows, skipped, content: Content::Addresses(builder.finish()) })
}

fn indicators(name: &str, lines: &[(Line<'_>, &str)], date: Option<Timestamp>) -> Result<Imported, IntelError> {
    let mut taken = Taken::default();
    taken.date(date);
    let mut used = 0;
    for (line, note) in lines {
        let made = match line {
            Line::Net(net) => Block::parse(&net.to_string()).and_then(|block| Indicator::guess(&block.to_string())),
            Line::System(_) => None,
            Line::Other(text) => Indicator::guess(text),
        };
        used += usize::from(made.is_some());
        taken.add(made.map(|made| made.noted(note)));
    }
    // A text that is no list has a few words in it that look like domains.
    if used * 2 < lines.len() {
        return Err(IntelError::Foreign);
    }
    taken.finish(name)
}
