//! Days as files, laid out as the providers deliver them. Two threads take days in turn; what a file holds depends on
//! its day alone. It must not know what a record says.

use super::Company;
use super::cloudtrail;
use super::eventlog;
use super::label::Label;
use super::ledger::{Closed, Family, SLOTS, Sheet};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering};

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Log files (the labels are none).
    pub files: usize,
    /// Records, those delivered twice counted twice.
    pub events: usize,
    /// Records that are there twice.
    pub duplicates: usize,
}

/// Which days to write, counted from the company's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// First day.
    pub first: i32,
    /// Last day, included.
    pub last: i32,
    /// Level of compression, 1 (fast) to 9 (small).
    pub level: u32,
}

/// Writes the days of `selection` below `dir`.
pub(super) fn write(company: &Company, dir: &Path, selection: Selection) -> io::Result<Written> {
    let next = AtomicI32::new(selection.first);
    let labels: Mutex<Vec<Label>> = Mutex::new(Vec::new());
    let work = || {
        let mut sum = Written::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number > selection.last {
                return Ok::<_, io::Error>(sum);
            }
            let day = company.live(number);
            let written = write_day(company, dir, &day, selection.level)?;
            sum.files += written.files;
            sum.events += written.events;
            sum.duplicates += written.duplicates;
            labels.lock().map_err(|_| io::Error::other("a thread that wrote labels died"))?.extend(day.labels);
        }
    };
    let sums = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mine = work();
        let other = other.join().unwrap_or_else(|_| Err(io::Error::other("a thread that wrote days died")));
        [mine, other]
    });
    let mut total = Written::default();
    for sum in sums {
        let sum = sum?;
        total.files += sum.files;
        total.events += sum.events;
        total.duplicates += sum.duplicates;
    }
    let mut labels = labels.into_inner().map_err(|_| io::Error::other("a thread that wrote labels died"))?;
    // Threads finish days in any order; the file does not tell.
    labels.sort_by(|a, b| (a.time, &a.event, a.record).cmp(&(b.time, &b.event, b.record)));
    write_labels(dir, &labels)?;
    Ok(total)
}

fn write_labels(dir: &Path, labels: &[Label]) -> io::Result<()> {
    let folder = dir.join("labels");
    fs::create_dir_all(&folder)?;
    let mut out = Vec::new();
    for label in labels {
        serde_json::to_writer(&mut out, label)?;
        out.push(b'\n');
    }
    fs::write(folder.join("truth.labels"), out)
}

fn write_day(company: &Company, dir: &Path, day: &Closed, level: u32) -> io::Result<Written> {
    let mut written = Written { duplicates: day.twice, ..Written::default() };
    for family in Family::ALL {
        let sheet = &day.sheets[family as usize];
        written.events += sheet.len();
        if sheet.len() == 0 {
            continue;
        }
        if family.is_cloudtrail() {
            written.files += write_cloudtrail(company, dir, day, family, sheet, level)?;
        } else if let Some((kind, header)) = eventlog::header(family) {
            let folder = dir.join("salesforce").join(&day.date);
            fs::create_dir_all(&folder)?;
            let mut out = Vec::with_capacity(sheet.len() * 400);
            out.extend_from_slice(header.as_bytes());
            out.push(b'\n');
            // One file a day and type: the slots do not matter, but a row that came late stands where it came.
            for (_, _, row) in sheet.records() {
                out.extend_from_slice(row);
                out.push(b'\n');
            }
            fs::write(folder.join(format!("{kind}.csv")), out)?;
            written.files += 1;
        }
    }
    Ok(written)
}

fn write_cloudtrail(company: &Company, dir: &Path, day: &Closed, family: Family, sheet: &Sheet, level: u32) -> io::Result<usize> {
    let (account, region) = cloudtrail::place(family);
    let date = day.date.replace('-', "/");
    let folder = dir.join(format!("AWSLogs/{account}/CloudTrail/{region}/{date}"));
    fs::create_dir_all(&folder)?;
    let compact = day.date.replace('-', "");
    let mut files = 0;
    for slot in 0..SLOTS {
        let mut records = sheet.records().filter(|(of, _, _)| *of == slot).map(|(_, _, record)| record).peekable();
        if records.peek().is_none() {
            continue;
        }
        let mut plain = Vec::with_capacity(sheet.len() * 1_500 / usize::from(SLOTS));
        plain.extend_from_slice(br#"{"Records":["#);
        for (place, record) in records.enumerate() {
            if place > 0 {
                plain.push(b',');
            }
            plain.extend_from_slice(record);
        }
        plain.extend_from_slice(b"]}");
        let mut packed = GzEncoder::new(Vec::with_capacity(plain.len() / 6), Compression::new(level));
        packed.write_all(&plain)?;
        // The provider names a file after the moment it delivers it, and a random part.
        let hour = (slot + 1) * (24 / SLOTS) - 1;
        let tail = company.file_tail(day.day, family, slot);
        fs::write(folder.join(format!("{account}_CloudTrail_{region}_{compact}T{hour:02}55Z_{tail}.json.gz")), packed.finish()?)?;
        files += 1;
    }
    Ok(files)
}
