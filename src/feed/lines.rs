//! One record a line, the commonest container and the fastest to frame. The rule: a bad line costs itself and nothing
//! else.

use super::block::RECORD_BYTES;
use super::framer::{Core, NO_JSON, Oversize, Step, TORN, Turn};
use super::scan;
use memchr::{memchr, memmem};

const TOO_LARGE: &str = "the line is larger than 1 MiB";

/// Frames lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Start of the line being read.
    line: usize,
    /// No line end lies before this index.
    searched: usize,
    /// The line is too large, and no document either.
    given_up: bool,
}

impl Lines {
    /// From an index on, where a line (or the end of one) begins.
    pub(super) fn at(index: usize) -> Self {
        Self { line: index, searched: index, given_up: false }
    }

    /// From an index on, where a line begins that is too large.
    pub(super) fn given_up(index: usize) -> Self {
        Self { given_up: true, ..Self::at(index) }
    }

    pub(super) fn moved(&mut self, gone: usize) {
        self.line = self.line.saturating_sub(gone);
        self.searched = self.searched.saturating_sub(gone);
    }

    pub(super) fn scan(&mut self, core: &mut Core) -> Turn {
        loop {
            if core.full() {
                return Turn::Step(Step::Full);
            }
            let found = memchr(b'\n', &core.bytes[self.searched..]);
            let end = found.map_or(core.bytes.len(), |found| self.searched + found);
            self.searched = end;
            if end - self.line > RECORD_BYTES && self.is_document(core) {
                core.done = self.line;
                return Turn::ToJson;
            }
            match core.oversize(self.line, end, TOO_LARGE) {
                Oversize::Cut => {
                    self.searched = self.line;
                    return Turn::Step(Step::Full);
                }
                Oversize::Run if found.is_some() => {
                    core.close_run(end + 1);
                }
                Oversize::Run => self.line = end,
                Oversize::No if found.is_some() => line(core, self.line, end),
                Oversize::No => {}
            }
            if found.is_none() {
                return Turn::Step(Step::More);
            }
            core.done = end + 1;
            *self = Self::at(end + 1);
        }
    }

    /// Whether a line that is too large may be a document with a list of records.
    fn is_document(&self, core: &Core) -> bool {
        !self.given_up && !core.in_run() && core.bytes.get(scan::blank_end(&core.bytes, self.line)) == Some(&b'{')
    }

    /// A last line without an end is a record if it is complete; else it is torn, and the position stays before it so
    /// that it is read again should the file grow.
    pub(super) fn finish(&mut self, core: &mut Core) {
        let (start, end) = trimmed(&core.bytes, self.line, core.bytes.len());
        if start == end {
            core.done = core.bytes.len();
        } else if scan::objects(&core.bytes[start..end]).is_some() {
            line(core, start, end);
            core.done = core.bytes.len();
        } else if core.bytes[start] == b'{' {
            core.reject(start, end, TORN);
            core.done = start;
        } else {
            core.reject(start, end, NO_JSON);
        }
    }
}

fn trimmed(bytes: &[u8], mut start: usize, mut end: usize) -> (usize, usize) {
    while start < end && bytes[start].is_ascii_whitespace() {
        start += 1;
    }
    while end > start && bytes[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    (start, end)
}

fn line(core: &mut Core, start: usize, end: usize) {
    let (start, end) = trimmed(&core.bytes, start, end);
    let text = &core.bytes[start..end];
    match (text.first(), text.last()) {
        (None, _) => {}
        (Some(b'{'), Some(b'}')) => {
            // Two records on one line are rare; the search for them is cheap, the split is exact.
            let several = memmem::find(text, b"}{").is_some() || memmem::find(text, b"} {").is_some();
            match several.then(|| scan::objects(text)).flatten() {
                Some(ranges) => ranges.into_iter().for_each(|(from, to)| core.frame(start + from, start + to)),
                None => core.frame(start, end),
            }
        }
        (Some(b'{'), _) => core.reject(start, end, "the line ends inside its record: no closing `}`"),
        _ => core.reject(start, end, NO_JSON),
    }
}
