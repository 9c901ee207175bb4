//! Tables: each row becomes the JSON object of its filled columns, all of them texts, in the order of the header. It
//! must not know what a column means.

use super::block::{RECORD_BYTES, SEEN_BYTES};
use super::framer::{Core, Oversize, Step, TORN};
use csv::{ByteRecord, ReaderBuilder};
use memchr::memchr_iter;

const TOO_LARGE: &str = "the row is larger than 1 MiB (a quote that is never closed?)";

/// Frames the rows of a table.
#[derive(Debug)]
pub(super) struct Rows {
    delimiter: u8,
    columns: Vec<String>,
    /// Skip to the next line end: the rest of a row that was too large.
    skipping: bool,
}

impl Rows {
    /// Reads a header line; `None` when it is none (one column, names with control characters, not UTF-8).
    pub(super) fn from_header(line: &[u8]) -> Option<Self> {
        let delimiter = [b',', b'\t', b';'].into_iter().max_by_key(|d| (memchr_iter(*d, line).count(), *d == b','))?;
        let mut record = ByteRecord::new();
        let mut reader = ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(line);
        reader.read_byte_record(&mut record).ok().filter(|some| *some)?;
        let columns = names(&record)?;
        (columns.len() > 1).then_some(Self { delimiter, columns, skipping: false })
    }

    /// What [`Rows::header`] gave.
    pub(super) fn resume(header: &str) -> Option<Self> {
        let rest = header.strip_prefix("csv")?;
        let delimiter = *rest.as_bytes().first()?;
        let columns = serde_json::from_str(rest.get(1..)?).ok()?;
        Some(Self { delimiter, columns, skipping: false })
    }

    /// `csv`, the delimiter and the column names as a JSON list.
    pub(super) fn header(&self) -> String {
        let mut out = String::from("csv");
        out.push(char::from(self.delimiter));
        out.push_str(&serde_json::Value::from(self.columns.clone()).to_string());
        out
    }

    pub(super) fn scan(&mut self, core: &mut Core) -> Step {
        self.rows(core, false)
    }

    pub(super) fn finish(&mut self, core: &mut Core) {
        self.rows(core, true);
    }

    fn rows(&mut self, core: &mut Core, last: bool) -> Step {
        if self.skipping {
            let Some(end) = memchr::memchr(b'\n', &core.bytes[core.done..]) else {
                core.done = core.bytes.len();
                return Step::More;
            };
            core.done += end + 1;
            self.skipping = false;
        }
        if core.full() {
            return Step::Full;
        }
        let begin = core.done;
        // The reader needs the bytes while rows are noted in the rest of the core.
        let bytes = std::mem::take(&mut core.bytes);
        let step = self.read(core, &bytes, begin, last);
        core.bytes = bytes;
        match step {
            Some(step) => step,
            None => self.unfinished(core, last),
        }
    }

    /// Notes the complete rows from `begin` on; `None` when only an incomplete one is left.
    fn read(&mut self, core: &mut Core, bytes: &[u8], begin: usize, last: bool) -> Option<Step> {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .buffer_capacity(64 << 10)
            .from_reader(&bytes[begin..]);
        let mut record = ByteRecord::new();
        loop {
            let from = begin + reader.position().byte() as usize;
            // Reading from memory cannot fail, and rows of any width are allowed here.
            if !reader.read_byte_record(&mut record).unwrap_or(false) {
                core.done = bytes.len();
                return Some(Step::More);
            }
            let end = begin + reader.position().byte() as usize;
            if end >= bytes.len() && !last && !closed(&bytes[from..], self.delimiter) {
                return None;
            }
            let start = record.position().map_or(from, |p| begin + p.byte() as usize);
            let start = start + bytes[start..end].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            self.row(core, bytes, &record, (start, end), last && end >= bytes.len());
            core.done = end.max(core.done);
            if core.full() {
                return Some(Step::Full);
            }
        }
    }

    fn row(&mut self, core: &mut Core, bytes: &[u8], record: &ByteRecord, (start, end): (usize, usize), at_end: bool) {
        let first = record.get(0).unwrap_or_default();
        if record.len() == 1 && first.is_empty() {
            return;
        }
        let heads = self.columns.first().is_some_and(|name| !name.is_empty() && name.as_bytes().eq_ignore_ascii_case(first));
        if heads && let Some(columns) = names(record) {
            // Tables put one behind the other repeat their header, or bring another one.
            self.columns = columns;
            return;
        }
        let torn = at_end
            && !closed(&bytes[start..end], self.delimiter)
            && (record.len() < self.columns.len() || !closed(&[&bytes[start..end], b"\n"].concat(), self.delimiter));
        let reason = if torn {
            TORN.to_owned()
        } else if end - start > RECORD_BYTES {
            TOO_LARGE.to_owned()
        } else if record.len() == self.columns.len() {
            let from = core.made.len();
            self.write(&mut core.made, record);
            core.frame_made(from, start, end);
            return;
        } else {
            format!("the row has {} columns where the header names {}", record.len(), self.columns.len())
        };
        core.reject_sample(start, end, reason, bytes[start..end.min(start + SEEN_BYTES)].to_vec());
        if torn {
            core.done = start;
        }
    }

    fn write(&self, out: &mut Vec<u8>, record: &ByteRecord) {
        out.push(b'{');
        let begin = out.len();
        for (name, value) in self.columns.iter().zip(record) {
            if value.is_empty() || name.is_empty() {
                continue;
            }
            if out.len() > begin {
                out.push(b',');
            }
            text(out, name.as_bytes());
            out.push(b':');
            text(out, value);
        }
        out.push(b'}');
    }

    /// A row that goes on beyond the bytes: too large, torn, or to be waited for.
    fn unfinished(&mut self, core: &mut Core, last: bool) -> Step {
        let start = core.done;
        let length = core.bytes.len();
        match core.oversize(start, length, TOO_LARGE) {
            Oversize::Cut => Step::Full,
            Oversize::No => Step::More,
            Oversize::Run => {
                // Only the line on which the row began is given up: the quote that was never closed may be its own.
                let end = memchr::memchr(b'\n', &core.bytes[start..]).map(|at| start + at + 1);
                self.skipping = end.is_none();
                core.close_run(end.unwrap_or(length));
                if core.full() || end.is_some() { self.rows(core, last) } else { Step::More }
            }
        }
    }
}

/// Whether a row that is all of `row` ends in it: what follows would be another row. Counting quotes would not do, because
/// a quote inside an unquoted field is just a byte.
fn closed(row: &[u8], delimiter: u8) -> bool {
    let mut probe = row.to_vec();
    probe.push(b'x');
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(probe.as_slice());
    let mut record = ByteRecord::new();
    reader.read_byte_record(&mut record).unwrap_or(false) && reader.position().byte() as usize <= row.len()
}

fn names(record: &ByteRecord) -> Option<Vec<String>> {
    record
        .iter()
        .map(|name| std::str::from_utf8(name).ok().map(|n| n.trim().to_owned()).filter(|n| !n.chars().any(char::is_control)))
        .collect()
}

/// Writes a JSON text. Bytes that are not UTF-8 stay as they are: the record is refused for them later, with its bytes.
pub(super) fn text(out: &mut Vec<u8>, value: &[u8]) {
    out.push(b'"');
    let mut clean = 0;
    for (at, byte) in value.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&value[clean..at]);
        clean = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            // A NUL stays bare, so that the record is refused as one of any other container is.
            0 => out.push(0),
            other => out.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&value[clean..]);
    out.push(b'"');
}
