//! JSON containers: objects one after the other (printed on many lines or not), a bare list of objects, and a document
//! that holds lists of records, which is streamed and never held. The rule: damage costs the record it is in, and an object
//! too large for a record is the envelope of the lists in it. It must not know any format.

use super::block::RECORD_BYTES;
use super::framer::{Core, NO_JSON, Oversize, Step, TORN, Turn};
use super::lists::{self, Peek, peek};
use super::place::Place;
use super::scan::{DEPTH, Nest, StringEnd, blank_end, string_end, structural};
use memchr::memchr;

const TOO_LARGE: &str = "the record is larger than 1 MiB";
const TOO_DEEP: &str = "the record is nested deeper than 128 levels";
const NEWLINE: &str = "a text in the record is not closed on its line";
const OPEN_LIST: &str = "the list of records is cut off at the end of the file";
const TORN_LIST: &str = "the list ends inside this record";
/// Lists in lists that are followed.
const LISTS_DEEP: u32 = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between two values.
    Seek,
    /// In bytes that are no value, until a line (or an element) starts anew.
    Junk,
    /// In a value.
    Value,
    /// In the object around a list, before or after it.
    Envelope,
}

/// Whether the bytes may turn out to be one record a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begun {
    /// No record has been framed yet.
    Nothing,
    /// The first record was on one line: if it is alone there, so are the others.
    OneLine,
    /// They are not.
    Decided,
}

/// What a look at a value that is too large for a record gave.
enum Verdict {
    /// Nothing new.
    Unchanged,
    /// It is the envelope of a list of records, and that was entered.
    Envelope,
    /// It is one line of a file of lines, and too large.
    Line,
}

/// Frames JSON containers.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one value that is being read")]
#[derive(Debug)]
pub(super) struct Json {
    /// What encloses the records.
    place: Place,
    state: State,
    nest: Nest,
    /// Next byte to look at.
    at: usize,
    /// Start of the value or junk.
    start: usize,
    in_string: bool,
    /// The value is an object: a record, unless it is too deep.
    wanted: bool,
    deepest: u32,
    /// The top object has had a member that makes it a record, or one that is not scalar.
    marked: bool,
    /// The value is larger than a record may be, and no list of records was found in what of it may be held.
    judged: bool,
    /// One value of a file of lines: should it be nothing but too large, its line is given up.
    of_lines: bool,
    begun: Begun,
    reason: &'static str,
}

impl Json {
    /// Outside of any container, at an index.
    pub(super) fn top(at: usize) -> Self {
        Self {
            place: Place::default(),
            state: State::Seek,
            nest: Nest::default(),
            at,
            start: at,
            in_string: false,
            wanted: false,
            deepest: 0,
            marked: false,
            judged: false,
            of_lines: false,
            begun: Begun::Nothing,
            reason: NO_JSON,
        }
    }

    /// At a line that is too large to be one record.
    pub(super) fn line(at: usize) -> Self {
        Self { of_lines: true, begun: Begun::Decided, ..Self::top(at) }
    }

    /// What [`Json::header`] gave; `None` when it is none of these.
    pub(super) fn resume(header: &str) -> Option<Self> {
        let (place, nest) = Place::resume(header)?;
        let state = if nest.depth() > 0 { State::Envelope } else { State::Seek };
        Some(Self { place, nest, state, begun: Begun::Decided, ..Self::top(0) })
    }

    /// The container, for going on inside it.
    pub(super) fn header(&self) -> String {
        self.place.header(if self.state == State::Envelope { self.nest } else { Nest::default() })
    }

    /// Whether a list encloses the records here, or did.
    pub(super) fn in_list(&self) -> bool {
        !self.is_top() || self.state == State::Envelope
    }

    fn is_top(&self) -> bool {
        self.place.outer.depth() == 0
    }

    pub(super) fn moved(&mut self, gone: usize) {
        self.at = self.at.saturating_sub(gone);
        self.start = self.start.saturating_sub(gone);
    }

    pub(super) fn scan(&mut self, core: &mut Core) -> Turn {
        loop {
            if core.full() {
                return Turn::Step(Step::Full);
            }
            let paused = match self.state {
                State::Seek => self.seek(core),
                State::Junk => self.junk(core),
                State::Value | State::Envelope => self.value(core),
            };
            if let Some(turn) = paused {
                return turn;
            }
        }
    }

    /// What is left at the end is torn. The position stays before a torn record, so that it is read again should the
    /// file grow.
    pub(super) fn finish(&mut self, core: &mut Core) {
        let length = core.bytes.len();
        match self.state {
            State::Value => {
                core.reject(self.start, length, TORN);
                core.done = self.start;
            }
            State::Junk => core.reject(self.start, length, self.reason),
            State::Envelope | State::Seek if self.in_list() => core.reject(length, length, OPEN_LIST),
            State::Envelope | State::Seek => core.done = length,
        }
    }

    fn seek(&mut self, core: &mut Core) -> Option<Turn> {
        if self.begun == Begun::OneLine {
            match core.bytes[self.at..].iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r')) {
                None if !core.ended => return Some(Turn::Step(Step::More)),
                Some(b'\n') => return Some(Turn::ToLines),
                _ => self.begun = Begun::Decided,
            }
        }
        while matches!(core.bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n' | b',')) {
            self.at += 1;
        }
        core.done = self.at;
        let Some(byte) = core.bytes.get(self.at) else { return Some(Turn::Step(Step::More)) };
        match byte {
            b'{' => self.begin(true),
            b'[' if self.place.outer.depth() < LISTS_DEEP => {
                self.place.outer.open(false);
                self.begun = Begun::Decided;
                self.at += 1;
                core.done = self.at;
            }
            b'[' => self.begin(false),
            b']' if !self.is_top() => self.leave(core),
            _ => {
                self.state = State::Junk;
                self.start = self.at;
                self.reason = NO_JSON;
            }
        }
        None
    }

    fn begin(&mut self, wanted: bool) {
        self.state = State::Value;
        self.start = self.at;
        self.nest = Nest::default();
        self.in_string = false;
        self.wanted = wanted;
        self.deepest = 0;
        self.marked = false;
        self.judged = false;
        if self.is_top() {
            self.place.every = false;
        }
    }

    /// The list ends.
    fn leave(&mut self, core: &mut Core) {
        self.at += 1;
        core.done = self.at;
        if !self.place.head.is_empty() {
            core.seal();
        }
        self.nest = self.place.leave();
        self.in_string = false;
        self.marked = false;
        self.state = if self.nest.depth() > 0 { State::Envelope } else { State::Seek };
    }

    /// Junk outside of a list ends where a line starts with a bracket; inside one also at the next bracket that
    /// is in no text. One stretch of it is one reject.
    fn junk(&mut self, core: &mut Core) -> Option<Turn> {
        loop {
            let torn = self.is_top() || self.reason == NEWLINE;
            let rest = &core.bytes[self.at..];
            let found = if torn { memchr(b'\n', rest) } else { rest.iter().position(|b| matches!(b, b'[' | b']' | b'{' | b'"' | b'\n')) };
            self.at = found.map_or(core.bytes.len(), |found| self.at + found);
            match core.bytes.get(self.at) {
                None => return Some(self.large(core).unwrap_or(Turn::Step(Step::More))),
                Some(b'"') => match string_end(&core.bytes, self.at + 1) {
                    StringEnd::Closed(end) | StringEnd::Newline(end) => self.at = end,
                    StringEnd::More(_) if core.ended => self.at = core.bytes.len(),
                    StringEnd::More(_) => return Some(self.large(core).unwrap_or(Turn::Step(Step::More))),
                },
                Some(b'\n') => {
                    let next = blank_end(&core.bytes, self.at);
                    match core.bytes.get(next) {
                        None => return Some(self.large(core).unwrap_or(Turn::Step(Step::More))),
                        Some(b'{') => return self.end_junk(core, next),
                        Some(b'[') if self.is_top() => return self.end_junk(core, next),
                        Some(b']') if !self.is_top() => return self.end_junk(core, next),
                        Some(_) => self.at = next,
                    }
                }
                Some(_) => return self.end_junk(core, self.at),
            }
        }
    }

    fn end_junk(&mut self, core: &mut Core, next: usize) -> Option<Turn> {
        self.at = next;
        if let Some(turn) = self.large(core) {
            return Some(turn);
        }
        if !core.close_run(next) {
            let end = core.bytes[..next].trim_ascii_end().len().max(self.start);
            core.reject(self.start, end, self.reason);
            core.done = next;
        }
        self.state = State::Seek;
        None
    }

    /// Lets go of what is too large, handing over first what came before it.
    fn large(&mut self, core: &mut Core) -> Option<Turn> {
        let reason = if self.state == State::Junk { self.reason } else { TOO_LARGE };
        match core.oversize(self.start, self.at, reason) {
            Oversize::Cut => {
                self.at = self.start;
                self.state = State::Seek;
                Some(Turn::Step(Step::Full))
            }
            Oversize::No | Oversize::Run => None,
        }
    }

    fn value(&mut self, core: &mut Core) -> Option<Turn> {
        loop {
            if self.in_string {
                match string_end(&core.bytes, self.at) {
                    StringEnd::Closed(end) => {
                        self.at = end;
                        self.in_string = false;
                    }
                    StringEnd::Newline(end) => return self.torn_line(core, end),
                    StringEnd::More(end) => {
                        self.at = end;
                        return Some(self.pause(core));
                    }
                }
            }
            self.at = structural(&core.bytes, self.at);
            if self.at - self.start >= RECORD_BYTES && self.at < core.bytes.len() {
                match self.judge(core) {
                    Verdict::Unchanged => {}
                    Verdict::Envelope => return None,
                    Verdict::Line => return Some(Turn::GiveUpLine),
                }
            }
            match core.bytes.get(self.at).copied() {
                None => return Some(self.pause(core)),
                Some(b'"') => {
                    if self.is_top() && self.nest.depth() == 1 {
                        match peek(&core.bytes[self.at..]) {
                            Peek::Short if !core.ended => return Some(self.pause(core)),
                            Peek::Short | Peek::Other => {}
                            Peek::Member { name, list } => {
                                let known = lists::is_list(name, self.marked);
                                self.marked |= lists::is_mark(name);
                                if let Some(open) = list.filter(|_| known) {
                                    let head = if self.state == State::Value && !self.judged {
                                        lists::head(&core.bytes[self.start..self.at], name)
                                    } else {
                                        Vec::new()
                                    };
                                    self.enter(core, open, head);
                                    return None;
                                }
                            }
                        }
                    }
                    self.at += 1;
                    self.in_string = true;
                }
                Some(open @ (b'{' | b'[')) => {
                    let every = if self.state == State::Envelope { self.place.every } else { self.judged && !self.marked };
                    if every && open == b'{' && self.nest.is_list_in_objects() && self.spread(core, self.at, self.nest) {
                        return None;
                    }
                    self.marked |= self.nest.depth() == 1 && !self.judged;
                    self.nest.open(open == b'{');
                    self.deepest = self.deepest.max(self.nest.depth());
                    self.at += 1;
                }
                Some(close) => {
                    if self.nest.close(close == b'}') {
                        self.at += 1;
                        if self.nest.depth() == 0 {
                            return self.end_value(core);
                        }
                    } else if self.is_top() {
                        self.at += 1;
                    } else {
                        // The list closes inside a record, or inside the object around its lists: that is torn.
                        let end = self.at;
                        if self.state == State::Envelope {
                            core.reject(end, end, TORN_LIST);
                        } else {
                            if let Some(turn) = self.large(core) {
                                return Some(turn);
                            }
                            if !core.close_run(end) {
                                core.reject(self.start, end, TORN_LIST);
                            }
                        }
                        self.state = State::Seek;
                        return None;
                    }
                }
            }
        }
    }

    /// Looks at a value that turned out too large for a record, once: it may be the envelope of records.
    fn judge(&mut self, core: &mut Core) -> Verdict {
        if self.state != State::Value || self.judged {
            return Verdict::Unchanged;
        }
        self.judged = true;
        let lists::Survey { marked, list } = lists::survey(&core.bytes[self.start..]);
        self.marked = marked;
        match list {
            Some((first, around)) if self.wanted && self.spread(core, self.start + first, around) => Verdict::Envelope,
            _ if self.of_lines && self.is_top() => Verdict::Line,
            _ => Verdict::Unchanged,
        }
    }

    /// The list of records begins at its first one, inside the brackets `around`.
    fn spread(&mut self, core: &mut Core, first: usize, around: Nest) -> bool {
        let Some(outer) = self.place.outer.within(around).filter(|outer| outer.depth() <= LISTS_DEEP) else { return false };
        core.drop_run();
        self.place.outer = outer;
        self.place.every |= !self.marked;
        self.at = first;
        core.done = first;
        self.state = State::Seek;
        self.begun = Begun::Decided;
        true
    }

    /// The list of records begins `open` bytes on. What came before it is envelope, even when it was too large for a
    /// record; what of it is needed stands before every record.
    fn enter(&mut self, core: &mut Core, open: usize, head: Vec<u8>) {
        core.drop_run();
        self.at += open;
        core.done = self.at;
        // The object that is open holds a list now.
        self.place.outer.open(true);
        self.place.outer.open(false);
        if !head.is_empty() {
            self.place.head = head;
            core.seal();
        }
        self.state = State::Seek;
        self.begun = Begun::Decided;
    }

    fn torn_line(&mut self, core: &mut Core, end: usize) -> Option<Turn> {
        self.at = end;
        if end - self.start >= RECORD_BYTES {
            match self.judge(core) {
                Verdict::Unchanged => {}
                Verdict::Envelope => return None,
                Verdict::Line => return Some(Turn::GiveUpLine),
            }
        }
        if self.state == State::Envelope {
            // Nothing of the envelope is kept, so nothing is lost by reading on.
            self.in_string = false;
            return None;
        }
        self.state = State::Junk;
        self.reason = NEWLINE;
        None
    }

    fn end_value(&mut self, core: &mut Core) -> Option<Turn> {
        if self.of_lines && self.is_top() {
            self.begun = Begun::OneLine;
        }
        if self.state == State::Envelope {
            core.done = self.at;
            self.state = State::Seek;
            return None;
        }
        if let Some(turn) = self.large(core) {
            return Some(turn);
        }
        self.state = State::Seek;
        if core.close_run(self.at) {
            return None;
        }
        if !self.wanted {
            core.reject(self.start, self.at, NO_JSON);
        } else if self.deepest > DEPTH {
            core.reject(self.start, self.at, TOO_DEEP);
        } else {
            core.frame_with(&self.place.head, self.start, self.at);
            if self.begun == Begun::Nothing && self.is_top() {
                let line = memchr(b'\n', &core.bytes[self.start..self.at]).is_none();
                self.begun = if line { Begun::OneLine } else { Begun::Decided };
            }
        }
        None
    }

    fn pause(&mut self, core: &mut Core) -> Turn {
        if self.state == State::Envelope {
            core.done = self.at;
            return Turn::Step(Step::More);
        }
        if self.at - self.start > RECORD_BYTES {
            match self.judge(core) {
                Verdict::Unchanged => {}
                // Nothing but to scan on from there.
                Verdict::Envelope => return Turn::Again,
                Verdict::Line => return Turn::GiveUpLine,
            }
        }
        self.large(core).unwrap_or(Turn::Step(Step::More))
    }
}
