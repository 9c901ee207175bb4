//! Cutting a stream of decoded bytes into records and blocks. The rule: what comes out depends on the bytes alone, never
//! on how many arrived at a time, and no more is held than one block and one record. Each kind of container has a file
//! of its own; this one owns the bytes, the counting and the position.

use super::block::{BLOCK_BYTES, BLOCK_RECORDS, Block, Frame, RECORD_BYTES, Refused, SEEN_BYTES};
use super::fingerprint::{Prefix, hash};
use super::json::Json;
use super::lines::Lines;
use super::rows::Rows;
use super::scan;
use super::text::{self, Text};
use crate::model::Position;

/// Room in a block beyond its bytes for what is read past its end.
const ROOM: usize = 512 << 10;

/// Why scanning paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A block is complete: take it, then scan on.
    Full,
    /// More bytes are needed.
    More,
}

/// A record or junk larger than a record may be: its bytes are let go as they pass.
#[derive(Debug)]
struct Run {
    offset: u64,
    reason: &'static str,
    sample: Vec<u8>,
}

/// The bytes being framed and what was found in them.
#[derive(Debug, Default)]
pub(super) struct Core {
    /// Decoded bytes not handed over yet.
    pub(super) bytes: Vec<u8>,
    /// Everything before this index is a frame, a reject or a separator.
    pub(super) done: usize,
    /// No more bytes will come.
    pub(super) ended: bool,
    /// Text of records made from rows: what frames point into instead of `bytes`.
    pub(super) made: Vec<u8>,
    prefix: Prefix,
    frames: Vec<Frame>,
    rejects: Vec<Refused>,
    run: Option<Run>,
    /// The block in hand is complete: what comes next is framed in another way.
    sealed: bool,
}

impl Core {
    /// Decoded offset of an index.
    pub(super) fn offset(&self, index: usize) -> u64 {
        self.prefix.length + index as u64
    }

    /// A record lies here.
    pub(super) fn frame(&mut self, start: usize, end: usize) {
        self.frames.push(Frame { start: start as u32, end: end as u32, offset: self.offset(start) });
        self.done = end;
    }

    /// The bytes since `from` of [`Core::made`] are a record that was read at `start..end`.
    pub(super) fn frame_made(&mut self, from: usize, start: usize, end: usize) {
        self.frames.push(Frame { start: from as u32, end: self.made.len() as u32, offset: self.offset(start) });
        self.done = end;
    }

    /// A record lies here; with a head the members of that come before its own.
    pub(super) fn frame_with(&mut self, head: &[u8], start: usize, end: usize) {
        if head.is_empty() {
            self.frame(start, end);
            return;
        }
        let from = self.made.len();
        let inside = scan::blank_end(&self.bytes, start + 1);
        let own = &self.bytes[inside..end];
        let head = if own == b"}" { head.strip_suffix(b",").unwrap_or(head) } else { head };
        self.made.extend_from_slice(head);
        self.made.extend_from_slice(own);
        self.frame_made(from, start, end);
    }

    /// What comes next belongs to another block, if there is anything in this one.
    pub(super) fn seal(&mut self) {
        self.sealed = self.pending();
    }

    /// Whether an oversized stretch is open.
    pub(super) fn in_run(&self) -> bool {
        self.run.is_some()
    }

    /// No record lies here.
    pub(super) fn reject(&mut self, start: usize, end: usize, reason: impl Into<String>) {
        let refused = Refused::of(&self.bytes[start..end], self.offset(start), reason.into());
        self.refuse(end, refused);
    }

    /// The same, with the bytes taken by the caller.
    pub(super) fn refuse(&mut self, end: usize, refused: Refused) {
        self.rejects.push(refused);
        self.done = end;
    }

    /// Whether the stretch from `start` to `at` is larger than a record may be. Before its bytes are let go the block in
    /// hand must be cut, so the answer may be that.
    pub(super) fn oversize(&mut self, start: usize, at: usize, reason: &'static str) -> Oversize {
        if self.run.is_some() {
            self.done = at;
            return Oversize::Run;
        }
        if at - start <= RECORD_BYTES {
            return Oversize::No;
        }
        if self.pending() {
            self.done = start;
            return Oversize::Cut;
        }
        let sample = self.bytes[start..start + SEEN_BYTES].to_vec();
        self.run = Some(Run { offset: self.offset(start), reason, sample });
        self.done = at;
        Oversize::Run
    }

    /// Ends an oversized stretch, if one is open, as a reject.
    pub(super) fn close_run(&mut self, end: usize) -> bool {
        let Some(run) = self.run.take() else { return false };
        self.rejects.push(Refused { offset: run.offset, reason: run.reason.to_owned(), sample: run.sample, whole: false });
        self.done = end;
        true
    }

    /// Forgets an oversized stretch: it turned out to be no record at all.
    pub(super) fn drop_run(&mut self) {
        self.run = None;
    }

    /// Whether the block in hand is large enough.
    pub(super) fn full(&self) -> bool {
        self.sealed || self.done >= BLOCK_BYTES || self.made.len() >= BLOCK_BYTES || self.frames.len() + self.rejects.len() >= BLOCK_RECORDS
    }

    /// Whether there is anything in the block in hand.
    pub(super) fn pending(&self) -> bool {
        !self.frames.is_empty() || !self.rejects.is_empty()
    }

    /// Forgets finished bytes that belong to no block; gives how many.
    fn release(&mut self) -> usize {
        if self.pending() || self.done == 0 {
            return 0;
        }
        let gone = self.done;
        self.prefix.extend(&self.bytes[..gone]);
        self.bytes.drain(..gone);
        self.done = 0;
        gone
    }
}

/// Answer of [`Core::oversize`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Oversize {
    /// It is not too large (yet).
    No,
    /// Hand the block over first, then look at it again.
    Cut,
    /// It is; its bytes are let go.
    Run,
}

/// What the bytes turned out to be.
#[derive(Debug)]
enum Mode {
    Unknown,
    Json(Json),
    Lines(Lines),
    Rows(Rows),
    Text(Text),
}

/// What a mode says when it pauses.
pub(super) enum Turn {
    /// Pause.
    Step(Step),
    /// The container turned out to be one record a line.
    ToLines,
    /// So it is, and the line that begins here is too large.
    GiveUpLine,
    /// The line that begins here is too large for a record, but may be a document.
    ToJson,
    /// Scan on.
    Again,
}

/// Frames one feed.
#[derive(Debug)]
pub(super) struct Framer {
    pub(super) core: Core,
    mode: Mode,
}

/// Longest header line of a table.
const HEADER_BYTES: usize = 64 << 10;
/// Why bytes are no record.
pub(super) const NO_JSON: &str = "not a JSON object: a record starts with `{`";
/// Why a record was cut.
pub(super) const TORN: &str = "the record is cut off at the end of the file";

impl Framer {
    /// From the beginning.
    pub(super) fn new() -> Self {
        Self { core: Core::default(), mode: Mode::Unknown }
    }

    /// From a position, given the verified prefix of the feed there.
    pub(super) fn resume(prefix: Prefix, header: &str) -> Self {
        let mode = if prefix.length == 0 {
            Mode::Unknown
        } else if let Some(rows) = Rows::resume(header) {
            Mode::Rows(rows)
        } else if header == text::HEADER {
            Mode::Text(Text::default())
        } else {
            Json::resume(header).map_or_else(|| Mode::Lines(Lines::default()), Mode::Json)
        };
        Self { core: Core { prefix, ..Core::default() }, mode }
    }

    /// Where to append bytes.
    pub(super) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.core.bytes
    }

    /// Decoded bytes taken in so far.
    pub(super) fn taken_in(&self) -> u64 {
        self.core.offset(self.core.bytes.len())
    }

    /// Whether the bytes are one document: a list that ends, not a file that grows.
    pub(super) fn is_document(&self) -> bool {
        matches!(&self.mode, Mode::Json(json) if json.in_list())
    }

    /// Frames what there is.
    pub(super) fn scan(&mut self) -> Step {
        loop {
            let turn = match &mut self.mode {
                Mode::Unknown => match sniff(&mut self.core) {
                    Some(mode) => {
                        self.mode = mode;
                        continue;
                    }
                    None => Turn::Step(Step::More),
                },
                Mode::Json(json) => json.scan(&mut self.core),
                Mode::Lines(lines) => lines.scan(&mut self.core),
                Mode::Rows(rows) => Turn::Step(rows.scan(&mut self.core)),
                Mode::Text(text) => Turn::Step(text.scan(&mut self.core)),
            };
            match turn {
                Turn::Again => {}
                Turn::ToLines => self.mode = Mode::Lines(Lines::at(self.core.done)),
                Turn::GiveUpLine => self.mode = Mode::Lines(Lines::given_up(self.core.done)),
                Turn::ToJson => self.mode = Mode::Json(Json::line(self.core.done)),
                Turn::Step(step) => {
                    let gone = self.core.release();
                    self.moved(gone);
                    if step == Step::More || self.core.pending() {
                        return step;
                    }
                }
            }
        }
    }

    /// No more bytes will come; scan until [`Step::More`], then [`Framer::finish`].
    pub(super) fn end(&mut self) {
        self.core.ended = true;
    }

    /// What is left is torn, or it is a last record without a line end. `broken` says why the
    /// stream ended early; it gives exactly one reject, joined with that of a torn record.
    pub(super) fn finish(&mut self, broken: Option<&str>) {
        let before = self.core.rejects.len();
        let length = self.core.bytes.len();
        if !self.core.close_run(length) {
            match &mut self.mode {
                Mode::Unknown => {}
                Mode::Json(json) => json.finish(&mut self.core),
                Mode::Lines(lines) => lines.finish(&mut self.core),
                Mode::Rows(rows) => rows.finish(&mut self.core),
                Mode::Text(text) => text.finish(&mut self.core),
            }
        }
        if let Some(reason) = broken {
            if self.core.rejects.len() > before
                && let Some(last) = self.core.rejects.last_mut()
            {
                last.reason = format!("{reason}; {}", last.reason);
            } else {
                let offset = self.core.offset(length);
                self.core.rejects.push(Refused { offset, reason: reason.to_owned(), sample: Vec::new(), whole: false });
            }
        }
    }

    /// The block in hand, or nothing when nothing was found since the last one.
    pub(super) fn take(&mut self, feed: &str) -> Option<Block> {
        self.core.pending().then(|| self.cut(feed))
    }

    /// The block in hand even when it holds no record: its position still counts.
    pub(super) fn cut(&mut self, feed: &str) -> Block {
        let core = &mut self.core;
        // After a full block the next one is given its room at once: growing it by doubling would copy it several times over
        // and keep twice the memory.
        let left = core.bytes.len() - core.done;
        let mut rest = Vec::with_capacity(if core.ended || core.done < BLOCK_BYTES { left } else { left.max(BLOCK_BYTES + ROOM) });
        rest.extend_from_slice(&core.bytes[core.done..]);
        core.bytes.truncate(core.done);
        let bytes = std::mem::replace(&mut core.bytes, rest);
        let gone = std::mem::take(&mut core.done);
        core.prefix.extend(&bytes);
        core.sealed = false;
        let made = matches!(self.mode, Mode::Rows(_) | Mode::Text(_)) || !core.made.is_empty();
        let bytes = if made { std::mem::take(&mut core.made) } else { bytes };
        let block = Block {
            feed: feed.to_owned(),
            bytes,
            frames: std::mem::take(&mut core.frames),
            rejects: std::mem::take(&mut core.rejects),
            position: Position::default(),
            first: false,
            disk: 0,
        };
        self.moved(gone);
        Block { position: self.position(feed), ..block }
    }

    /// Where reading stands: before the bytes not handed over yet.
    fn position(&self, feed: &str) -> Position {
        let prefix = &self.core.prefix;
        Position {
            feed: feed.to_owned(),
            offset: prefix.length,
            head: hash(&prefix.head),
            tail: hash(&prefix.tail),
            header: match &self.mode {
                Mode::Unknown | Mode::Lines(_) => String::new(),
                Mode::Json(json) => json.header(),
                Mode::Rows(rows) => rows.header(),
                Mode::Text(_) => text::HEADER.to_owned(),
            },
            ..Position::default()
        }
    }

    fn moved(&mut self, gone: usize) {
        match &mut self.mode {
            Mode::Unknown | Mode::Rows(_) => {}
            Mode::Json(json) => json.moved(gone),
            Mode::Lines(lines) => lines.moved(gone),
            Mode::Text(text) => text.moved(gone),
        }
    }
}

/// Tells a table from JSON by the first bytes; `None` while there are too few.
fn sniff(core: &mut Core) -> Option<Mode> {
    const BOM: &[u8] = b"\xef\xbb\xbf";
    if core.bytes.len() < BOM.len() && BOM.starts_with(&core.bytes) && !core.ended {
        return None;
    }
    let after_bom = if core.offset(0) == 0 && core.bytes.starts_with(BOM) { BOM.len() } else { 0 };
    let start = scan::blank_end(&core.bytes, after_bom);
    core.done = start;
    match core.bytes.get(start)? {
        b'{' | b'[' => Some(Mode::Json(Json::top(start))),
        _ => {
            let line = &core.bytes[start..];
            let end = match memchr::memchr(b'\n', line) {
                Some(end) => end,
                None if core.ended || line.len() > HEADER_BYTES => line.len(),
                None => return None,
            };
            if text::fits(&line[..end]) {
                return Some(Mode::Text(Text::at(start)));
            }
            let rows = if end <= HEADER_BYTES { Rows::from_header(&line[..end]) } else { None };
            Some(if let Some(rows) = rows {
                core.done = (start + end + 1).min(core.bytes.len());
                Mode::Rows(rows)
            } else {
                Mode::Json(Json::top(start))
            })
        }
    }
}
