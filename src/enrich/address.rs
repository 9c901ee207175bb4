//! What a log writes where an address belongs: the forms an address really takes, the blocks that are nobody's, and the
//! names of provider services. It must not know who announces an address.

use crate::model::Network;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longer than any form of an address; a longer text is none.
const LONGEST: usize = 96;

/// Reads an address in any form logs use: with blanks, a port, brackets, a zone, leading zeros in octets (read as decimal:
/// that is what the writers mean), or IPv4 mapped into IPv6, which becomes IPv4. `None` for anything else.
pub fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let host = if let Some(rest) = text.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        let port = port.strip_prefix(':').unwrap_or(port);
        if !port.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        host
    } else {
        match text.split_once(':') {
            Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && host.contains('.') => host,
            _ => text,
        }
    };
    let host = host.split_once('%').map_or(host, |(address, _zone)| address);
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => Some(v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4)),
        Ok(v4) => Some(v4),
        Err(_) => padded(host).map(IpAddr::V4),
    }
}

/// `035.249.253.232`.
fn padded(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.is_empty() || part.len() > 3 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *octet = part.parse().ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// The /24 (IPv4) or /48 (IPv6) an address lies in, as text.
pub fn block(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => format!("{}/24", Ipv4Addr::from_bits(v4.to_bits() & !0xff)),
        IpAddr::V6(v6) => format!("{}/48", Ipv6Addr::from_bits(v6.to_bits() >> 80 << 80)),
    }
}

/// IPv4 blocks of RFC 6890 and the registry it opened, narrower ones first. Blocks that lead to the public internet
/// (6to4, Teredo) are left out.
const V4: &[(u32, u32, &str)] = &[
    (0xffff_ffff, 32, "limited-broadcast"),
    (0x0000_0000, 8, "this-network"),
    (0x0a00_0000, 8, "private-use"),
    (0x6440_0000, 10, "shared-address-space"),
    (0x7f00_0000, 8, "loopback"),
    (0xa9fe_0000, 16, "link-local"),
    (0xac10_0000, 12, "private-use"),
    (0xc000_0000, 24, "ietf-protocol-assignments"),
    (0xc000_0200, 24, "documentation"),
    (0xc0a8_0000, 16, "private-use"),
    (0xc612_0000, 15, "benchmarking"),
    (0xc633_6400, 24, "documentation"),
    (0xcb00_7100, 24, "documentation"),
    (0xe000_0000, 4, "multicast"),
    (0xf000_0000, 4, "reserved"),
];

/// IPv6 blocks of the same registry.
const V6: &[(u128, u32, &str)] = &[
    (1, 128, "loopback"),
    (0, 128, "unspecified"),
    (0x0100 << 112, 64, "discard-only"),
    (0x2001_0002 << 96, 48, "benchmarking"),
    (0x2001_0db8 << 96, 32, "documentation"),
    (0x3fff << 112, 20, "documentation"),
    (0xfc00 << 112, 7, "unique-local"),
    (0xfe80 << 112, 10, "link-local"),
    (0xff00 << 112, 8, "multicast"),
];

/// The special block an address lies in: its class and its name. Documentation and multicast addresses are no place on
/// earth, the rest is private to whoever wrote the log.
pub fn special(ip: IpAddr) -> Option<(Network, &'static str)> {
    let name = match ip {
        IpAddr::V4(v4) => {
            let bits = v4.to_bits();
            V4.iter().find(|(net, len, _)| (bits ^ net).leading_zeros() >= *len).map(|(_, _, name)| *name)
        }
        IpAddr::V6(v6) => {
            let bits = v6.to_bits();
            V6.iter().find(|(net, len, _)| (bits ^ net).leading_zeros() >= *len).map(|(_, _, name)| *name)
        }
    }?;
    let network = match name {
        "documentation" | "multicast" | "reserved" | "limited-broadcast" => Network::Unknown,
        _ => Network::Private,
    };
    Some((network, name))
}

/// Whole texts that stand for a provider's own service, lower case.
const NAMES: &[(&str, &str)] = &[
    ("aws internal", "aws"),
    ("aws-internal", "aws"),
    ("gce-internal-ip", "gcp"),
    ("private", "gcp"),
    ("salesforce.com ip", "salesforce"),
    ("salesforce.com", "salesforce"),
    ("internal", "provider"),
];

/// Ends of host names of provider services.
const SUFFIXES: &[(&str, &str)] = &[
    (".amazonaws.com", "aws"),
    (".amazonaws.com.cn", "aws"),
    (".amazon.com", "aws"),
    (".aws.internal", "aws"),
    (".googleapis.com", "gcp"),
    (".google.com", "gcp"),
    (".azure.com", "azure"),
    (".azure.net", "azure"),
    (".windows.net", "azure"),
    (".windowsazure.com", "azure"),
    (".microsoft.com", "microsoft"),
    (".microsoftonline.com", "microsoft"),
    (".office.com", "microsoft"),
    (".salesforce.com", "salesforce"),
    (".force.com", "salesforce"),
    (".okta.com", "okta"),
    (".github.com", "github"),
];

/// The provider whose service a text names; `None` where it names none.
pub fn service(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.len() > 253 {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    if let Some((_, label)) = NAMES.iter().find(|(name, _)| *name == lower) {
        return Some(label);
    }
    let host = lower.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    SUFFIXES.iter().find(|(end, _)| host && lower.len() > end.len() && lower.ends_with(end)).map(|(_, label)| *label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_an_address_really_takes() {
        for (text, address) in [
            ("198.51.100.7", Some("198.51.100.7")),
            (" 198.51.100.7\t", Some("198.51.100.7")),
            ("035.249.253.232", Some("35.249.253.232")),
            ("12.000.22.33", Some("12.0.22.33")),
            ("1.2.3.4:56", Some("1.2.3.4")),
            ("001.2.3.4:56", Some("1.2.3.4")),
            ("[2603:10b6:5:1f4:CAFE::28]:443", Some("2603:10b6:5:1f4:cafe::28")),
            ("[::1]", Some("::1")),
            ("[10.0.0.1]:80", Some("10.0.0.1")),
            ("::ffff:1.2.3.4", Some("1.2.3.4")),
            ("::FFFF:102:304", Some("1.2.3.4")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("2001:DB8:0:0:0:0:0:1", Some("2001:db8::1")),
            ("256.1.1.1", None),
            ("1.2.3", None),
            ("1.2.3.4.5", None),
            ("1.2.3.0004", None),
            ("1.2.3.4:", None),
            ("1.2.3.4:port", None),
            ("[::1", None),
            ("[::1]x", None),
            ("127.0.0.0/8", None),
            ("XX:2a02:cf40:add:4002:91f2:a9b2:e09a:6fc6", None),
            ("١.2.3.4", None),
            ("redacted", None),
            ("...", None),
            ("", None),
        ] {
            assert_eq!(parse(text).map(|ip| ip.to_string()).as_deref(), address, "{text:?}");
        }
    }

    #[test]
    fn special_blocks_have_their_names_and_edges() {
        for (text, expected) in [
            ("10.0.0.1", Some((Network::Private, "private-use"))),
            ("172.15.255.255", None),
            ("172.16.0.0", Some((Network::Private, "private-use"))),
            ("172.31.255.255", Some((Network::Private, "private-use"))),
            ("172.32.0.0", None),
            ("192.168.3.4", Some((Network::Private, "private-use"))),
            ("100.63.255.255", None),
            ("100.64.0.1", Some((Network::Private, "shared-address-space"))),
            ("127.9.9.9", Some((Network::Private, "loopback"))),
            ("169.254.169.254", Some((Network::Private, "link-local"))),
            ("192.0.2.1", Some((Network::Unknown, "documentation"))),
            ("198.51.100.7", Some((Network::Unknown, "documentation"))),
            ("203.0.113.255", Some((Network::Unknown, "documentation"))),
            ("203.0.114.0", None),
            ("198.19.255.255", Some((Network::Private, "benchmarking"))),
            ("224.0.0.1", Some((Network::Unknown, "multicast"))),
            ("255.255.255.255", Some((Network::Unknown, "limited-broadcast"))),
            ("0.0.0.0", Some((Network::Private, "this-network"))),
            ("8.8.8.8", None),
            ("::1", Some((Network::Private, "loopback"))),
            ("::", Some((Network::Private, "unspecified"))),
            ("::2", None),
            ("2001:db8:ffff::1", Some((Network::Unknown, "documentation"))),
            ("2001:db9::1", None),
            ("3fff:fff::1", Some((Network::Unknown, "documentation"))),
            ("fdfd::555", Some((Network::Private, "unique-local"))),
            ("fe80::1", Some((Network::Private, "link-local"))),
            ("fec0::1", None),
            ("2600:1f18::1", None),
        ] {
            assert_eq!(special(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn services_are_told_from_any_other_text() {
        for (text, label) in [
            ("cloudformation.amazonaws.com", Some("aws")),
            ("AWS Internal", Some("aws")),
            ("gce-internal-ip", Some("gcp")),
            ("private", Some("gcp")),
            ("Salesforce.com IP", Some("salesforce")),
            (".amazonaws.com", None),
            ("evil.example/amazonaws.com", None),
            ("amazonaws.com.evil.example", None),
            ("notamazonaws.com", None),
            ("redacted", None),
            ("<null>", None),
            ("", None),
        ] {
            assert_eq!(service(text), label, "{text:?}");
        }
    }

    #[test]
    fn blocks_are_cut_at_24_and_48_bits() {
        assert_eq!(block("198.51.100.255".parse().unwrap()), "198.51.100.0/24");
        assert_eq!(block("2600:1f18:abcd:1234::1".parse().unwrap()), "2600:1f18:abcd::/48");
    }

    proptest! {
        /// Whatever is written, the canonical form reads as itself: a source has one text.
        #[test]
        fn the_canonical_form_is_stable(text in "[0-9a-f:.\\[\\]% ]{0,40}") {
            if let Some(ip) = parse(&text) {
                prop_assert_eq!(parse(&ip.to_string()), Some(ip));
            }
        }

        /// Hostile text must not bring the parser down.
        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = (parse(&text), service(&text));
        }
    }
}
