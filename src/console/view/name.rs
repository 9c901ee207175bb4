//! Names in little room: what tells two of them apart stays in sight. A network keeps its number, an operation its end, an
//! address of a person or an application its beginning. It must not know colours.

use crate::text::Shown;

/// Words behind a company's name that tell nothing.
const FORMS: [&str; 16] =
    ["Inc.", "Inc", "LLC", "L.L.C.", "Ltd", "Ltd.", "Limited", "GmbH", "Corporation", "Corp.", "Corp", "Co.", "AG", "B.V.", "S.A.", "SE"];

/// What an alert says before a network.
const LEADS: [&str; 5] = ["class of network ", "address block ", "network ", "address ", "rare "];

/// A name in `width` columns, `…` in its middle.
pub fn name(text: &str, width: u16) -> Shown {
    Shown::new(text).middle(usize::from(width))
}

/// A network in `width` columns: `DigitalOcean, LLC AS14061` as `DigitalOcean AS14061`, then `Digital… AS14061`, then `AS14061`.
/// What stands before it in an alert's words (`class of network`) and behind it (country, address) goes first.
pub fn network(text: &str, width: u16) -> Shown {
    let text = LEADS.iter().find_map(|lead| text.strip_prefix(lead)).unwrap_or(text);
    let width = usize::from(width);
    let Some((org, number, rest)) = split(text) else { return Shown::new(text).middle(width) };
    let org = plain(org);
    let whole = Shown::new(&format!("{org} {number}{rest}"));
    if whole.width() <= width {
        return whole;
    }
    let short = Shown::new(&format!("{org} {number}"));
    if short.width() <= width {
        return short;
    }
    match width.checked_sub(number.len() + 1) {
        Some(room) if room >= 4 => Shown::new(&format!("{} {number}", unescaped(&org, room))),
        _ => Shown::new(number).cut(width),
    }
}

/// A sentence about a network in `width` columns, the organisation without its legal form: the address at the end stays.
pub fn observed(text: &str, width: u16) -> Shown {
    let lead = LEADS.iter().find(|lead| text.starts_with(**lead)).copied().unwrap_or_default();
    match split(&text[lead.len()..]) {
        Some((org, number, rest)) if !lead.is_empty() || !org.contains(' ') || org.contains(',') && org.len() < 40 => {
            let (org, address) = (plain(org), rest.rsplit(", ").next().filter(|_| rest.contains(", ")).unwrap_or_default());
            let whole = Shown::new(&format!("{lead}{org} {number}{rest}"));
            // The address tells most, of a class of network whose it is: number and country go before they do.
            let last = if lead == LEADS[0] { &org } else { address };
            let shorter = [format!("{lead}{org}, {address}"), format!("{lead}{last}")];
            let fits = |text: &Shown| text.width() <= usize::from(width);
            let shorter = shorter.iter().filter(|_| !address.is_empty()).map(|text| Shown::new(text));
            std::iter::once(whole.clone()).chain(shorter).find(fits).unwrap_or_else(|| whole.middle(usize::from(width)))
        }
        _ => name(text, width),
    }
}

/// `Amazon.com, Inc. AS16509 (DE), 52.57.118.41` as organisation, `AS16509`, and the rest.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let at = text.match_indices(" AS").map(|(at, _)| at).find(|at| text[at + 3..].starts_with(|c: char| c.is_ascii_digit()))?;
    let number = &text[at + 1..];
    let end = number[2..].find(|c: char| !c.is_ascii_digit()).map_or(number.len(), |end| end + 2);
    Some((&text[..at], &number[..end], &number[end..]))
}

/// An organisation without its legal form and its domain's ending.
fn plain(org: &str) -> String {
    let mut words: Vec<&str> = org.split(' ').collect();
    while words.len() > 1 && words.last().is_some_and(|word| FORMS.contains(word)) {
        words.pop();
    }
    let joined = words.join(" ");
    let short = joined.trim_end_matches(',');
    short.strip_suffix(".com").filter(|short| !short.is_empty()).unwrap_or(short).to_owned()
}

/// The beginning of a text in `room` columns, as text: it is escaped with what it becomes part of.
fn unescaped(text: &str, room: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if Shown::new(&out).width() + 1 > room {
            out.pop();
            break;
        }
    }
    format!("{}…", out.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{network, observed};

    #[test]
    fn an_observation_keeps_its_address() {
        let text = "address block Amazon.com, Inc. AS16509 (DE), 18.156.92.14";
        for (width, drawn) in [
            (60, "address block Amazon AS16509 (DE), 18.156.92.14"),
            (40, "address block Amazon, 18.156.92.14"),
            (28, "address block 18.156.92.14"),
            (20, "address block….92.14"),
        ] {
            assert_eq!(observed(text, width).to_string(), drawn, "{width}");
        }
        let class = "class of network DigitalOcean, LLC AS14061 (GB), 157.245.38.14";
        assert_eq!(observed(class, 38).to_string(), "class of network DigitalOcean");
        assert_eq!(observed("2.1M rows of Account in one job", 60).to_string(), "2.1M rows of Account in one job");
    }

    #[test]
    fn a_network_keeps_its_number() {
        for (text, width, drawn) in [
            ("DigitalOcean, LLC AS14061", 40, "DigitalOcean AS14061"),
            ("Amazon.com, Inc. AS16509", 20, "Amazon AS16509"),
            ("class of network DigitalOcean, LLC AS14061 (GB), 157.245.38.14", 26, "DigitalOcean AS14061"),
            ("class of network DigitalOcean, LLC AS14061 (GB), 157.245.38.14", 45, "DigitalOcean AS14061 (GB), 157.245.38.14"),
            ("DigitalOcean, LLC AS14061", 16, "Digital… AS14061"),
            ("DigitalOcean, LLC AS14061", 9, "AS14061"),
            ("DigitalOcean, LLC AS14061", 5, "AS14…"),
            ("198.51.100.0/24", 20, "198.51.100.0/24"),
            ("203.0.113.10 AWS", 20, "203.0.113.10 AWS"),
            ("", 20, ""),
            ("LLC AS1", 20, "LLC AS1"),
        ] {
            assert_eq!(network(text, width).to_string(), drawn, "{text} in {width}");
        }
    }
}
