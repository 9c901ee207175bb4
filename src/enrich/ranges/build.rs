//! Writing a table in the layout that [`super`] describes. It must not know where the ranges were listed.

use super::{ESCAPE, MAGIC, Range, RangesError, Sources};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// Writes a table. Overlaps go to the range that starts later (the narrower one where starts are equal); neighbours that
/// say the same become one.
pub fn encode(sources: &Sources) -> Result<Vec<u8>, RangesError> {
    let mut systems = sources.systems.clone();
    systems.sort();
    systems.dedup_by_key(|(asn, _)| *asn);
    let mut countries: Vec<[u8; 2]> = sources.v4_countries.iter().chain(&sources.v6_countries).map(|r| r.value).collect();
    countries.sort_unstable();
    countries.dedup();
    let mut out = Writer(MAGIC.to_vec());
    out.text(&serde_json::to_string(&sources.origins).map_err(|_| RangesError::Layout("header"))?);
    out.number(systems.len() as u64);
    out.running(systems.iter().map(|(asn, _)| u64::from(*asn)));
    let ends = systems.iter().scan(0, |sum, (_, name)| {
        *sum += name.len() as u64;
        Some(*sum)
    });
    out.running(std::iter::once(0).chain(ends));
    out.text(&systems.iter().map(|(_, name)| name.as_str()).collect::<String>());
    out.text(&countries.iter().flatten().map(|byte| char::from(*byte)).collect::<String>());
    let system = |asn: u32| systems.binary_search_by_key(&asn, |(n, _)| *n).map_or(0, |at| at as u64 + 1);
    let country = |code: [u8; 2]| countries.binary_search(&code).map_or(0, |at| at as u64 + 1);
    out.section(&steps(&sources.v4_systems, 0, u32::MAX.into(), system));
    out.section(&steps(&sources.v6_systems, 64, u64::MAX, system));
    out.section(&steps(&sources.v4_countries, 0, u32::MAX.into(), country));
    out.section(&steps(&sources.v6_countries, 64, u64::MAX, country));
    let mut gz = GzEncoder::new(Vec::new(), Compression::best());
    gz.write_all(&out.0)?;
    Ok(gz.finish()?)
}

/// Ranges as a staircase of (start, value), keys shortened by `shift` bits and at most `top`.
fn steps<V: Copy>(ranges: &[Range<V>], shift: u32, top: u64, code: impl Fn(V) -> u64) -> Vec<(u64, u64)> {
    let mut sorted: Vec<(u64, u64, u64)> =
        ranges.iter().map(|r| ((r.first >> shift) as u64, (r.last >> shift) as u64, code(r.value))).collect();
    sorted.sort_by_key(|(first, last, value)| (*first, std::cmp::Reverse(*last), *value));
    let mut out: Vec<(u64, u64)> = Vec::new();
    let mut put = |start: u64, value: u64| {
        match out.last_mut() {
            Some((last, held)) if *last == start => *held = value,
            _ => out.push((start, value)),
        }
        let len = out.len();
        let same = if len > 1 { out[len - 2].1 == value } else { value == 0 };
        if same {
            out.pop();
        }
    };
    // Ranges still open under the current one, the innermost last.
    let mut open: Vec<(u64, u64)> = Vec::new();
    for (first, last, value) in sorted {
        while let Some((end, _)) = open.last().copied().filter(|(end, _)| *end < first) {
            open.pop();
            open.retain(|(outer, _)| *outer > end);
            put(end + 1, open.last().map_or(0, |(_, value)| *value));
        }
        put(first, value);
        open.push((last, value));
    }
    while let Some((end, _)) = open.pop() {
        open.retain(|(outer, _)| *outer > end);
        if let Some(next) = end.checked_add(1).filter(|next| *next <= top) {
            put(next, open.last().map_or(0, |(_, value)| *value));
        }
    }
    out
}

/// Writes the layout's primitives.
struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn running(&mut self, keys: impl Iterator<Item = u64>) {
        let mut before = 0;
        for key in keys {
            let step = key - before;
            let zeros = if step == 0 { 0 } else { step.trailing_zeros() / 4 };
            let short = step >> (zeros * 4);
            if zeros == 15 || short >= 1 << 60 {
                self.number(ESCAPE);
                self.number(step);
            } else {
                self.number(short << 4 | u64::from(zeros));
            }
            before = key;
        }
    }

    fn section(&mut self, steps: &[(u64, u64)]) {
        self.number(steps.len() as u64);
        self.running(steps.iter().map(|(start, _)| *start));
        for (_, value) in steps {
            self.number(*value);
        }
    }
}
