//! Databases made for tests from the format's description (version 2.0): a tree of nodes with two records each, sixteen
//! zero bytes, the data, a marker, the metadata. And the reader held against them, whatever the size of a record.

use super::{Content, read};
use ipnet::IpNet;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

fn text(t: &str) -> Vec<u8> {
    let size = if t.len() < 29 { vec![0x40 | t.len() as u8] } else { vec![0x5d, t.len() as u8 - 29] };
    [&size[..], t.as_bytes()].concat()
}

fn number(n: u32) -> Vec<u8> {
    [&[0xc4][..], &n.to_be_bytes()].concat()
}

fn short(n: u16) -> Vec<u8> {
    [&[0xa2][..], &n.to_be_bytes()].concat()
}

fn table(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = vec![0xe0 | pairs.len() as u8];
    for (key, value) in pairs {
        out.extend([text(key), value.clone()].concat());
    }
    out
}

/// A record as a database of systems and countries has them.
pub fn record(asn: u32, org: &str, country: &str) -> Vec<u8> {
    table(&[
        ("autonomous_system_number", number(asn)),
        ("autonomous_system_organization", text(org)),
        ("country", table(&[("iso_code", text(country))])),
    ])
}

/// What a record of the tree points to.
#[derive(Clone, Copy, PartialEq)]
enum To {
    Nothing,
    Node(u32),
    Data(u32),
}

/// A database of networks with their records; the wider networks first. `version` 6 holds IPv4 below `::/96`.
pub fn build(version: u16, size: u16, networks: &[(IpNet, Vec<u8>)]) -> Vec<u8> {
    let mut nodes = vec![[To::Nothing; 2]];
    let mut data = Vec::new();
    for (net, record) in networks {
        let at = data.len() as u32;
        data.extend(record);
        let (bits, length) = match net.network() {
            IpAddr::V4(v4) if version == 4 => (u128::from(v4.to_bits()) << 96, net.prefix_len()),
            IpAddr::V4(v4) => (u128::from(v4.to_bits()), net.prefix_len() + 96),
            IpAddr::V6(v6) => (v6.to_bits(), net.prefix_len()),
        };
        let mut node = 0usize;
        for depth in 0..length {
            let side = (bits >> (127 - depth) & 1) as usize;
            if depth + 1 == length {
                nodes[node][side] = To::Data(at);
            } else if let To::Node(next) = nodes[node][side] {
                node = next as usize;
            } else {
                // What held for the whole holds for both halves.
                let held = nodes[node][side];
                nodes.push([held; 2]);
                let next = nodes.len() as u32 - 1;
                nodes[node][side] = To::Node(next);
                node = next as usize;
            }
        }
    }
    let count = nodes.len() as u32;
    let mut out = Vec::new();
    for node in &nodes {
        let [left, right] = node.map(|to| match to {
            To::Nothing => count,
            To::Node(next) => next,
            To::Data(at) => count + 16 + at,
        });
        match size {
            24 => [left, right].iter().for_each(|record| out.extend(&record.to_be_bytes()[1..])),
            28 => {
                out.extend(&left.to_be_bytes()[1..]);
                out.push((left >> 24 << 4) as u8 | (right >> 24) as u8);
                out.extend(&right.to_be_bytes()[1..]);
            }
            _ => [left, right].iter().for_each(|record| out.extend(record.to_be_bytes())),
        }
    }
    let epoch = [&[0x08, 0x02][..], &1_767_225_600u64.to_be_bytes()].concat();
    let metadata = table(&[
        ("binary_format_major_version", short(2)),
        ("binary_format_minor_version", short(0)),
        ("build_epoch", epoch),
        ("database_type", text("Test-ASN")),
        ("description", table(&[("en", text("x"))])),
        ("ip_version", short(version)),
        ("languages", vec![0x00, 0x04]),
        ("node_count", number(count)),
        ("record_size", short(size)),
    ]);
    [&out[..], &[0; 16], &data, b"\xab\xcd\xefMaxMind.com", &metadata].concat()
}

fn find(database: &[u8], ip: IpAddr) -> u32 {
    let Content::Addresses(set) = read("x.mmdb", database, None).unwrap().content else { panic!() };
    set.find(ip).map_or(0, |fact| fact.asn)
}

#[test]
fn both_families_of_one_database() {
    let list = [("1.0.0.0/8", 7), ("2600:1f18::/32", 8), ("2a01:4f8::/32", 9), ("255.255.255.255/32", 10)];
    let networks: Vec<(IpNet, Vec<u8>)> = list.iter().map(|(net, asn)| (net.parse().unwrap(), record(*asn, "x", "DE"))).collect();
    let database = build(6, 28, &networks);
    for (ip, asn) in
        [("1.2.3.4", 7), ("2.0.0.0", 0), ("2600:1f18::1", 8), ("2600:1f19::1", 0), ("2a01:4f8:ffff::", 9), ("255.255.255.255", 10)]
    {
        assert_eq!(find(&database, ip.parse().unwrap()), asn, "{ip}");
    }
}

/// A tree whose branches lead back to its root is read in bounded time.
#[test]
fn a_tree_that_leads_in_circles_ends() {
    let mut database =
        build(4, 32, &[("0.0.0.0/1".parse().unwrap(), record(1, "x", "DE")), ("128.0.0.0/2".parse().unwrap(), record(2, "y", "DE"))]);
    // The right branch of the second node leads back to the first.
    database[12..16].copy_from_slice(&0u32.to_be_bytes());
    let _ = read("x.mmdb", &database, None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// What stands in the tree is what is found, for every size of a record.
    #[test]
    fn every_network_is_found(
        nets in proptest::collection::btree_map(any::<u32>(), 4u8..=32, 1..20),
        size in proptest::sample::select(vec![24u16, 28, 32]),
        version in proptest::sample::select(vec![4u16, 6]),
        at in any::<u32>(),
    ) {
        let mut nets: Vec<ipnet::Ipv4Net> = nets.into_iter().map(|(bits, length)| ipnet::Ipv4Net::new(Ipv4Addr::from_bits(bits), length).unwrap().trunc()).collect();
        nets.sort_by_key(|net| (net.prefix_len(), net.network()));
        nets.dedup();
        let listed: Vec<(IpNet, Vec<u8>)> = nets.iter().enumerate().map(|(n, net)| (IpNet::V4(*net), record(n as u32 + 1, "x", "DE"))).collect();
        let database = build(version, size, &listed);
        let Content::Addresses(set) = read("x.mmdb", &database, None).unwrap().content else { panic!() };
        for ip in nets.iter().flat_map(|net| [net.network(), net.broadcast()]).chain([Ipv4Addr::from_bits(at)]) {
            let meant = nets.iter().rposition(|net| net.contains(&ip)).map_or(0, |n| n as u32 + 1);
            prop_assert_eq!(set.find(ip.into()).map_or(0, |fact| fact.asn), meant, "{}", ip);
        }
    }
}
