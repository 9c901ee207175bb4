//! What one day brought forth: rendered records with their times, per file family, and the labels that go with them.
//! Records are written once into one buffer per family and only an index is sorted. It must not know what a record says.

use super::chance::Chance;
use super::label::{Label, Mark};
use crate::model::Day;
use crate::model::time::DAY;

/// Files per family and day: eight hours each.
pub(super) const SLOTS: u8 = 3;
/// Share of records that a provider delivers twice.
const TWICE: f64 = 0.002;
/// Share of records that arrive with the next file instead of their own.
const LATE: f64 = 0.001;

/// The families of files, by their place in [`Ledger::sheets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Family {
    /// CloudTrail of the production account, eu-central-1.
    ProductionEu,
    /// CloudTrail of the production account, us-east-1.
    ProductionUs,
    /// CloudTrail of the data account, eu-central-1.
    DataEu,
    /// Salesforce `Login`.
    Login,
    /// Salesforce `ApiTotalUsage`.
    ApiTotalUsage,
    /// Salesforce `RestApi`.
    RestApi,
    /// Salesforce `UniqueQuery`.
    UniqueQuery,
    /// Salesforce `BulkApi2`.
    BulkApi2,
}

impl Family {
    /// Every family, in the order of its place.
    pub(super) const ALL: [Self; 8] = [
        Self::ProductionEu,
        Self::ProductionUs,
        Self::DataEu,
        Self::Login,
        Self::ApiTotalUsage,
        Self::RestApi,
        Self::UniqueQuery,
        Self::BulkApi2,
    ];

    /// Whether its records are CloudTrail's.
    pub(super) fn is_cloudtrail(self) -> bool {
        self <= Self::DataEu
    }
}

/// Where a record lies in its sheet.
#[derive(Clone, Copy)]
struct Entry {
    time: i64,
    from: u32,
    to: u32,
    slot: u8,
}

/// The records of one family on one day.
#[derive(Default)]
pub(super) struct Sheet {
    bytes: Vec<u8>,
    index: Vec<Entry>,
}

impl Sheet {
    /// Records by (file, time, order of writing); their times are milliseconds since the epoch.
    pub(super) fn records(&self) -> impl Iterator<Item = (u8, i64, &[u8])> {
        self.index.iter().map(|entry| (entry.slot, entry.time, &self.bytes[entry.from as usize..entry.to as usize]))
    }

    /// How many records there are, those delivered twice included.
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }
}

/// Everything that happened on one day.
pub(super) struct Ledger {
    /// The day.
    pub(super) day: Day,
    /// Its date, `2026-11-16`.
    pub(super) date: String,
    sheets: [Sheet; 8],
    labels: Vec<Label>,
    mark: Option<Mark>,
    delivery: Chance,
    twice: usize,
}

impl Ledger {
    /// An empty day; `delivery` decides what comes twice or late.
    pub(super) fn new(day: Day, delivery: Chance) -> Self {
        Self { day, date: day.to_string(), sheets: Default::default(), labels: Vec::new(), mark: None, delivery, twice: 0 }
    }

    /// What follows is labelled so, until told otherwise.
    pub(super) fn mark(&mut self, mark: Option<Mark>) {
        self.mark = mark;
    }

    /// Adds the record that `write` renders. `at` is milliseconds into the day; anything outside the day is left out, for
    /// a file holds one day only. `id` is the provider's id of the record, `identity` whose it is.
    pub(super) fn add(&mut self, family: Family, at: i64, id: &str, identity: &str, write: impl FnOnce(&mut Vec<u8>)) {
        if !(0..DAY).contains(&at) {
            return;
        }
        let time = self.day.start().plus(at);
        let sheet = &mut self.sheets[family as usize];
        let from = sheet.bytes.len() as u32;
        write(&mut sheet.bytes);
        let to = sheet.bytes.len() as u32;
        let own = (at / (DAY / i64::from(SLOTS))) as u8;
        let next = (own + 1).min(SLOTS - 1);
        let luck = self.delivery.unit();
        let slot = if luck < LATE { next } else { own };
        sheet.index.push(Entry { time: time.0, from, to, slot });
        if luck > 1.0 - TWICE {
            sheet.index.push(Entry { time: time.0, from, to, slot: next });
            self.twice += 1;
        }
        if let Some(mark) = self.mark {
            self.labels.push(Label::new(time, mark, family, id, identity));
        }
    }

    /// Sorts the day and gives it out.
    pub(super) fn close(mut self) -> Closed {
        for sheet in &mut self.sheets {
            sheet.index.sort_unstable_by_key(|entry| (entry.slot, entry.time, entry.from));
        }
        self.labels.sort_by(|a, b| (a.time, &a.event).cmp(&(b.time, &b.event)));
        Closed { day: self.day, date: self.date, sheets: self.sheets, labels: self.labels, twice: self.twice }
    }
}

/// A day that is over: sorted, ready to be written.
pub(super) struct Closed {
    /// The day.
    pub(super) day: Day,
    /// Its date.
    pub(super) date: String,
    /// Records by family.
    pub(super) sheets: [Sheet; 8],
    /// Labels by time.
    pub(super) labels: Vec<Label>,
    /// Records that are there twice.
    pub(super) twice: usize,
}

/// Appends `YYYY-MM-DDTHH:MM:SS` for a moment of the day whose date is `date`; `at` is milliseconds into it.
pub(super) fn write_seconds(out: &mut Vec<u8>, date: &str, at: i64) {
    out.extend_from_slice(date.as_bytes());
    out.push(b'T');
    write_clock(out, at, Some(b':'));
}

/// Appends `HH:MM:SS`, with `between` in place of the colon.
pub(super) fn write_clock(out: &mut Vec<u8>, at: i64, between: Option<u8>) {
    let seconds = at / 1_000;
    for (place, part) in [seconds / 3_600, seconds / 60 % 60, seconds % 60].into_iter().enumerate() {
        if place > 0 {
            out.extend(between);
        }
        out.extend_from_slice(&[b'0' + (part / 10) as u8, b'0' + (part % 10) as u8]);
    }
}

/// Appends the milliseconds as `.mmm`.
pub(super) fn write_millis(out: &mut Vec<u8>, at: i64) {
    let ms = at % 1_000;
    out.extend_from_slice(&[b'.', b'0' + (ms / 100) as u8, b'0' + (ms / 10 % 10) as u8, b'0' + (ms % 10) as u8]);
}
