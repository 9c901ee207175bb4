//! Tests of every kind of file: small ones written here, hostile ones, and real ones where the folder of real data is there.

use super::*;
use proptest::prelude::*;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

fn addresses(imported: &Imported) -> &AddressSet {
    match &imported.content {
        Content::Addresses(set) => set,
        Content::Indicators(list) => panic!("{} indicators", list.len()),
    }
}

fn indicators(imported: &Imported) -> Vec<(IndicatorSort, &str)> {
    match &imported.content {
        Content::Indicators(list) => list.iter().map(|i| (i.sort, i.value.as_str())).collect(),
        Content::Addresses(_) => panic!("addresses"),
    }
}

fn find(imported: &Imported, ip: &str) -> Fact {
    addresses(imported).find(ip.parse::<IpAddr>().unwrap()).cloned().unwrap_or_default()
}

#[test]
fn ranges_of_clouds() {
    let aws = r#"{"createDate":"2026-08-22-15-17-05","prefixes":[{"ip_prefix":"3.4.12.0/24","region":"eu-west-1"}],"ipv6_prefixes":[{"ipv6_prefix":"2600:1f18::/32"},{"ipv6_prefix":"::/0"}]}"#;
    let got = read("ip-ranges.json", aws.as_bytes(), None).unwrap();
    assert_eq!((got.slot.as_str(), got.dated.as_str(), got.rows, got.skipped), ("published aws ranges", "2026-08-22", 2, 1));
    assert_eq!((find(&got, "3.4.12.9").label.as_str(), find(&got, "2600:1f18::1").network), ("aws", Some(Network::Cloud)));
    let gcp =
        r#"{"creationTime":"2025-07-24T19:16:28.780563","prefixes":[{"ipv4Prefix":"34.1.208.0/20"},{"ipv6Prefix":"2600:1900::/28"}]}"#;
    let got = read("cloud.json", gcp.as_bytes(), None).unwrap();
    assert_eq!((got.dated.as_str(), find(&got, "34.1.208.1").label.as_str()), ("2025-07-24", "gcp"));
    let azure = r#"{"values":[{"name":"x","properties":{"addressPrefixes":["20.42.0.0/16","nonsense"]}}]}"#;
    let got = read("ServiceTags.json", azure.as_bytes(), None).unwrap();
    assert_eq!((got.rows, got.skipped, find(&got, "20.42.0.1").label.as_str()), (1, 1, "azure"));
}

#[test]
fn tables_of_ranges() {
    for (name, text, ip, asn, country) in [
        (
            "ip2asn-v4.tsv",
            "1.0.0.0\t1.0.0.255\t13335\tUS\tCLOUDFLARENET \"x\"\n1.0.1.0\t1.0.3.255\t0\tNone\tNot routed\n",
            "1.0.0.1",
            13335,
            "US",
        ),
        ("asn.csv", "1.0.0.0,1.0.0.255,13335,\"Cloudflare, Inc.\"\n", "1.0.0.1", 13335, ""),
        ("country.csv", "2001:db8::,2001:db8::ffff,DE\n", "2001:db8::7", 0, "DE"),
        ("num.csv", "16777216,16777471,US\n", "1.0.0.1", 0, "US"),
        (
            "blocks.csv",
            "network,autonomous_system_number,autonomous_system_organization\n1.0.0.0/24,13335,Cloudflare\n",
            "1.0.0.1",
            13335,
            "",
        ),
        ("semicolon.csv", "start_ip;end_ip;country_code\n1.0.0.0;1.0.0.255;us\n", "1.0.0.1", 0, "US"),
    ] {
        let got = read(name, text.as_bytes(), None).unwrap_or_else(|e| panic!("{name}: {e}"));
        let fact = find(&got, ip);
        assert_eq!((fact.asn, fact.country.as_str()), (asn, country), "{name}");
        assert_eq!(got.slot, format!("ranges {}", stem(name)));
    }
    let corp = "cidr,class,label\n203.0.114.0/24,corp,headquarters\n";
    let fact = find(&read("own.csv", corp.as_bytes(), None).unwrap(), "203.0.114.9");
    assert_eq!((fact.network, fact.label.as_str()), (Some(Network::Corp), "headquarters"));
}

#[test]
fn lists_say_what_they_are_or_are_refused() {
    let plain = b"# made 2026-02-03\n192.0.2.0/24 # a\n198.51.100.7\n\n2001:db8::/32\n";
    for (name, said, slot, network, label) in [
        ("tor-exit.lst", None, "tor tor-exit", Network::Tor, "tor"),
        ("la-amazon-v4.txt", None, "cloud la-amazon-v4", Network::Cloud, "aws"),
        ("la-protonvpn-v4.txt", None, "vpn la-protonvpn-v4", Network::Vpn, "vpn"),
        ("x.txt", Some("cloud:acme"), "cloud x", Network::Cloud, "acme"),
        ("x.txt", Some("corp"), "corp x", Network::Corp, ""),
    ] {
        let meaning = said.map(|said| Meaning::parse(said).unwrap());
        let got = read(name, plain, meaning.as_ref()).unwrap();
        assert_eq!((got.slot.as_str(), got.dated.as_str(), got.rows), (slot, "2026-02-03", 3), "{name}");
        let fact = find(&got, "198.51.100.7");
        assert_eq!((fact.network, fact.label.as_str()), (Some(network), label));
    }
    assert_eq!(read("x.txt", plain, None), Err(IntelError::Meaning));
    let exits =
        b"ExitNode 0011\nPublished 2026-01-01 00:00:00\nLastStatus 2026-01-01 00:00:00\nExitAddress 192.0.2.7 2026-01-01 00:00:00\n";
    assert_eq!(find(&read("list", exits, None).unwrap(), "192.0.2.7").network, Some(Network::Tor));
    let systems = read("datacenter-asn.txt", b"AS45090 # Tencent\nAS3223\n", None).unwrap();
    assert_eq!(addresses(&systems).system(3223).and_then(|f| f.network), Some(Network::Hosting));
    for word in ["cloud", "cloud:", "tor exit", "provider", "indicators:x", ""] {
        assert_eq!(Meaning::parse(word), None, "{word}");
    }
}

#[test]
fn indicators_of_every_kind() {
    use IndicatorSort as S;
    let stix = r#"{"type":"bundle","objects":[
        {"type":"identity","name":"x"},
        {"type":"indicator","pattern_type":"stix","pattern":"[ipv4-addr:value = '208.68.36.90'] OR [domain-name:value = 'evil.example']","valid_from":"2025-08-26T00:00:00Z","valid_until":"2026-08-26T00:00:00Z","confidence":80,"modified":"2025-08-27T00:00:00.000Z","name":"drift"},
        {"type":"indicator","pattern_type":"yara","pattern":"rule x {}"},
        {"type":"indicator","pattern_type":"stix","pattern":"[file:hashes.MD5 = 'x']"},
        {"type":"indicator","pattern_type":"stix","revoked":true,"pattern":"[ipv4-addr:value = '1.2.3.4']"}]}"#;
    let got = read("drift.json", stix.as_bytes(), None).unwrap();
    assert_eq!((got.slot.as_str(), got.dated.as_str(), got.skipped), ("indicators drift", "2025-08-27", 3));
    assert_eq!(indicators(&got), [(S::Address, "208.68.36.90"), (S::Domain, "evil.example")]);
    let Content::Indicators(list) = &got.content else { panic!() };
    assert_eq!((list[0].confidence, list[0].until, list[0].note.as_str()), (Some(80), Timestamp::parse("2026-08-26"), "drift"));

    let misp = r#"{"Event":{"info":"drift","date":"2025-08-26","Attribute":[
        {"type":"ip-dst","value":"208.68.36.90","to_ids":true},{"type":"user-agent","value":"Bad/1.0"},{"type":"md5","value":"x"},
        {"type":"ip-src","value":"1.1.1.1","to_ids":false},{"type":"domain|ip","value":"evil.example|192.0.2.1"}],
        "Object":[{"Attribute":[{"type":"filename","value":"loader.exe"}]}]}}"#;
    let got = read("event.json", misp.as_bytes(), None).unwrap();
    assert_eq!(got.skipped, 2);
    assert_eq!(
        indicators(&got),
        [
            (S::Address, "192.0.2.1"),
            (S::Address, "208.68.36.90"),
            (S::Agent, "Bad/1.0"),
            (S::Domain, "evil.example"),
            (S::File, "loader.exe")
        ]
    );

    let csv = "type,value,description,valid_until,platform\nip,208.68.36[.]90,exfiltration,2026-01-01,\nuser-agent,curl/8,x,,salesforce\nmd5,abc,,,\n";
    let got = read("iocs.csv", csv.as_bytes(), None).unwrap();
    assert_eq!((indicators(&got), got.skipped), (vec![(S::Address, "208.68.36.90"), (S::Agent, "curl/8")], 1));

    let txt = "# seen 2025-08-26\n208.68.36.90 # exfiltration\nevil[.]example\nBad/1.0 (x)\nAKIAIOSFODNN7EXAMPLE\n";
    let got = read("seen.txt", txt.as_bytes(), None).unwrap();
    assert_eq!((got.rows, got.dated.as_str()), (4, "2025-08-26"));
    assert_eq!(read("attackers-iocs.txt", b"208.68.36.90\n", None).unwrap().slot, "indicators attackers-iocs");
    assert_eq!(
        read("README", b"This is a text.\nIt says things, and names example.com and others.\nNo list.\n", None),
        Err(IntelError::Foreign)
    );
}

#[test]
fn reports_of_leaks_leave_no_secret() {
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let gitleaks = format!(
        r#"[{{"RuleID":"github-pat","Secret":"{secret}","Match":"token={secret}","File":"a.env","Date":"2026-03-04T00:00:00Z"}},
            {{"RuleID":"aws","Secret":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","Match":"AKIAIOSFODNN7EXAMPLE:wJalr","File":"b"}},
            {{"RuleID":"hidden","Secret":"REDACTED","Match":"REDACTED","File":"c"}}]"#
    );
    let trufflehog = format!(
        "{{\"DetectorName\":\"AWS\",\"Raw\":\"AKIAIOSFODNN7EXAMPLE\",\"RawV2\":\"AKIAIOSFODNN7EXAMPLE:secretsecret\",\"Verified\":true,\"SourceMetadata\":{{\"Data\":{{\"Git\":{{\"file\":\"a\",\"timestamp\":\"2026-03-04 10:00:00 +0000\"}}}}}}}}\n{{\"DetectorName\":\"Github\",\"Raw\":\"{secret}\",\"Verified\":false}}\n"
    );
    for (name, text, rows, skipped) in [("gitleaks.json", gitleaks, 2, 1), ("trufflehog.json", trufflehog, 2, 0)] {
        let got = read(name, text.as_bytes(), None).unwrap();
        assert_eq!((got.rows, got.skipped), (rows, skipped), "{name}");
        let Content::Indicators(list) = &got.content else { panic!() };
        let intel = Intel::of(&[("leaks".to_owned(), list.clone())]);
        for credential in ["AKIAIOSFODNN7EXAMPLE", secret] {
            assert_eq!(intel.hits(None, None, Some(credential)).len(), 1, "{name} {credential}");
        }
        let body = String::from_utf8_lossy(&got.body()).into_owned();
        assert!(!body.contains("ghp_") && !body.contains("wJalr") && !body.contains("secretsecret") && !body.contains("AKIA"), "{name}");
    }
    let list = read("keys.csv", b"key_id\nAKIAIOSFODNN7EXAMPLE\n", None).unwrap();
    assert_eq!(list.rows, 1);
}

#[test]
fn what_is_kept_is_what_was_read() {
    let got = read("tor.txt", b"192.0.2.7\n2001:db8::1\n", None).unwrap();
    assert_eq!(from_body(&got.body()).unwrap(), got.content);
    assert_eq!(hash(&got.body()), hash(&read("tor.txt", b"# x\n192.0.2.7\n2001:db8::1\n", None).unwrap().body()));
    let mut body = got.body();
    body[0] = 99;
    assert_eq!(from_body(&body), None);
    assert_eq!(from_body(&[]), None);
}

/// A small database: one record for 1.0.0.0/8.
fn small_mmdb() -> Vec<u8> {
    let record = mmdb_tests::record(13335, "Cloudflare", "AU");
    mmdb_tests::build(4, 24, &[("1.0.0.0/8".parse().unwrap(), record)])
}

#[test]
fn an_mmdb_is_read() {
    let got = read("x.mmdb", &small_mmdb(), None).unwrap();
    assert_eq!((got.slot.as_str(), got.dated.as_str(), got.rows), ("mmdb Test-ASN", "2026-01-01", 1));
    let fact = find(&got, "1.255.0.7");
    assert_eq!((fact.asn, fact.org.as_str(), fact.country.as_str()), (13335, "Cloudflare", "AU"));
    assert!(find(&got, "2.0.0.0").is_empty() && find(&got, "0.255.255.255").is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// A cut or changed database is an error or another answer, never a crash and never endless.
    #[test]
    fn a_damaged_mmdb_does_not_crash(cut in 0usize..400, changes in proptest::collection::vec((0usize..400, any::<u8>()), 0..6)) {
        let mut bytes = small_mmdb();
        for (at, byte) in changes {
            let len = bytes.len();
            bytes[at % len] = byte;
        }
        bytes.truncate(bytes.len() - cut.min(bytes.len()) / 3);
        let _ = read("x.mmdb", &bytes, None);
    }

    /// Noise, and noise behind the beginning of every format.
    #[test]
    fn noise_does_not_crash(start in 0usize..9, noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        let starts: [&[u8]; 9] = [
            b"", b"\x1f\x8b\x08\0\0\0\0\0", b"{\"prefixes\":[{\"ip_prefix\":\"", b"[{\"RuleID\":\"x\",\"Secret\":\"",
            b"1.0.0.0\t1.0.0.255\t13335\tUS\t", b"type,value\nip,", b"\xab\xcd\xefMaxMind.com", b"{\"type\":\"bundle\",\"objects\":[",
            b"network,asn\n1.0.0.0/8,1\n",
        ];
        let bytes = [starts[start], &noise].concat();
        let _ = read("tor.txt", &bytes, None);
        let _ = from_body(&bytes);
    }

    /// Texts of the signs that formats are made of.
    #[test]
    fn words_do_not_crash(text in "([0-9]{1,3}|[.:,;#\\t\\n\"{}\\[\\]/ -]|AS|US|type|value|network|asn|Event|pattern){0,60}") {
        let _ = read("list.txt", text.as_bytes(), Some(&Meaning::Indicators));
        let _ = read("list.txt", text.as_bytes(), None);
    }
}

#[test]
fn a_bomb_is_refused() {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    let block = vec![b'\n'; 1 << 20];
    for _ in 0..=LARGEST_UNPACKED >> 20 {
        gz.write_all(&block).unwrap();
    }
    assert!(matches!(read("x.gz", &gz.finish().unwrap(), None), Err(IntelError::TooLarge(_))));
}

fn real() -> Option<PathBuf> {
    let root =
        std::env::var_os("DRIFTLINE_CORPUS").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let folder = root.join("ip");
    if !folder.is_dir() {
        println!("skipped: no folder {}", folder.display());
        return None;
    }
    Some(folder)
}

/// Real files: every one is read, or refused because it is empty.
#[test]
fn published_files_are_read() {
    let Some(folder) = real() else { return };
    let mut read_ones = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        match read(&name, &bytes, None) {
            Ok(got) => {
                read_ones += 1;
                assert!(got.rows > 0 && got.skipped == 0, "{name}: {} {}", got.rows, got.skipped);
                assert!(from_body(&got.body()).is_some());
            }
            Err(IntelError::Empty(_)) => assert!(bytes.is_empty(), "{name}"),
            Err(IntelError::Meaning) => {
                assert!(["openai", "perplexity", "apple"].iter().any(|own| name.contains(own)) || name.contains("proxy"), "{name}");
            }
            Err(error) => panic!("{name}: {error}"),
        }
    }
    assert!(read_ones > 20, "{read_ones}");
}
