//! Builds `assets/ip/ranges.bin.gz` from two unpacked registry packages. Run
//! `npm pack @ip-location-db/asn @ip-location-db/geo-whois-asn-country`, unpack both, then
//! `cargo run --release --example build_ip -- ASN_FOLDER COUNTRY_FOLDER assets/ip/ranges.bin.gz`.
//! It must not be needed at run time: the result is committed.

use anyhow::{Context, Result, bail};
use driftline::enrich::ranges::{Origin, Range, Ranges, Sources, encode};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::IpAddr;
use std::path::Path;

/// Day of the data, as the packages' version names it.
const DATE: &str = "2026-06-17";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [asn, country, out] = args.as_slice() else { bail!("usage: build_ip ASN_FOLDER COUNTRY_FOLDER OUT") };
    let (asn, country) = (Path::new(asn), Path::new(country));
    let mut sources = Sources::default();
    let mut names = BTreeMap::new();
    for (file, into) in [("asn-ipv4.csv", &mut sources.v4_systems), ("asn-ipv6.csv", &mut sources.v6_systems)] {
        each(&asn.join(file), |first, last, fields| {
            let number: u32 = fields.get(2).context("no number")?.parse()?;
            let name = fields.get(3).unwrap_or_default().trim();
            if !name.is_empty() {
                names.entry(number).or_insert_with(|| name.to_owned());
            }
            into.push(Range { first, last, value: number });
            Ok(())
        })?;
    }
    for range in sources.v4_systems.iter().chain(&sources.v6_systems) {
        names.entry(range.value).or_default();
    }
    sources.systems = names.into_iter().collect();
    let files =
        [("geo-whois-asn-country-ipv4.csv", &mut sources.v4_countries), ("geo-whois-asn-country-ipv6.csv", &mut sources.v6_countries)];
    for (file, into) in files {
        each(&country.join(file), |first, last, fields| {
            let code = fields.get(2).context("no country")?.as_bytes();
            let [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] = code else { bail!("not a country: {code:?}") };
            into.push(Range { first, last, value: [*a, *b] });
            Ok(())
        })?;
    }
    sources.origins = vec![
        Origin {
            name: "autonomous systems".to_owned(),
            origin: "npm @ip-location-db/asn 2.3.2026061719 (RouteViews, DB-IP, NRO)".to_owned(),
            licence: "CC BY 4.0; RouteViews (routeviews.org), DB-IP (https://db-ip.com), NRO (nro.net)".to_owned(),
            date: DATE.to_owned(),
            rows: (sources.v4_systems.len() + sources.v6_systems.len()) as u64,
        },
        Origin {
            name: "countries".to_owned(),
            origin: "npm @ip-location-db/geo-whois-asn-country 2.3.2026061719 (NRO)".to_owned(),
            licence: "CC BY 4.0; NRO (nro.net)".to_owned(),
            date: DATE.to_owned(),
            rows: (sources.v4_countries.len() + sources.v6_countries.len()) as u64,
        },
    ];
    let bytes = encode(&sources)?;
    let table = Ranges::read(&bytes)?;
    check(&sources, &table)?;
    std::fs::write(out, &bytes).with_context(|| format!("write {out}"))?;
    writeln!(std::io::stdout(), "{} systems, {} bytes, {} bytes in memory", sources.systems.len(), bytes.len(), table.memory())?;
    Ok(())
}

/// Calls `row` with first address, last address and the fields of every line.
fn each(path: &Path, mut row: impl FnMut(u128, u128, &csv::StringRecord) -> Result<()>) -> Result<()> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).with_context(|| path.display().to_string())?;
    for record in reader.records() {
        let record = record?;
        let end = |at: usize| -> Result<u128> {
            Ok(match record.get(at).context("short line")?.parse()? {
                IpAddr::V4(v4) => u128::from(v4.to_bits()),
                IpAddr::V6(v6) => v6.to_bits(),
            })
        };
        let (first, last) = (end(0)?, end(1)?);
        if last < first {
            bail!("{}: a range ends before it starts: {record:?}", path.display());
        }
        row(first, last, &record).with_context(|| format!("{}: {record:?}", path.display()))?;
    }
    Ok(())
}

/// Looks the first address of every IPv4 range up again: what was written must be what was read. The
/// sources overlap here and there and the inner range answers, so one difference in a thousand is borne and counted.
fn check(sources: &Sources, table: &Ranges) -> Result<()> {
    let mut off = 0;
    for range in &sources.v4_systems {
        let ip = IpAddr::from(std::net::Ipv4Addr::from_bits(range.first as u32));
        off += usize::from(table.find(ip).asn != range.value);
    }
    for range in &sources.v4_countries {
        let ip = IpAddr::from(std::net::Ipv4Addr::from_bits(range.first as u32));
        off += usize::from(table.find(ip).country.as_bytes() != range.value);
    }
    if off * 1_000 > sources.v4_systems.len() + sources.v4_countries.len() {
        bail!("{off} ranges read back differently");
    }
    writeln!(std::io::stdout(), "{off} overlapping starts")?;
    Ok(())
}
