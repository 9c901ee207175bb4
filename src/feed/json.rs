//! JSON containers: objects one after the other (printed on many lines or not), a bare list of objects, and a document
//! whose member is the list of records, which is streamed and never held. The rule: damage costs the record it is in. It
//! must not know any format, only the names that providers give their lists.

use super::framer::{Core, NO_JSON, Oversize, Step, TORN, Turn};
use super::scan::{DEPTH, Nest, StringEnd, blank_end, string_end, structural};
use memchr::memchr;

const TOO_LARGE: &str = "the record is larger than 1 MiB";
const TOO_DEEP: &str = "the record is nested deeper than 128 levels";
const NEWLINE: &str = "a text in the record is not closed on its line";
const OPEN_LIST: &str = "the list of records is cut off at the end of the file";

/// Members that hold the list of records whatever stands before them.
const LISTS: &[&[u8]] = &[b"Records"];
/// Members that hold the list of records when nothing before them says that the object itself is a record.
const LIKELY_LISTS: &[&[u8]] = &[
    b"records",
    b"Messages",
    b"Events",
    b"events",
    b"value",
    b"values",
    b"logs",
    b"data",
    b"entries",
    b"items",
    b"result",
    b"results",
    b"logEvents",
    b"auditEvents",
    b"activities",
];
/// Members by which an object is a record of its own, even if it has a list.
const MARKS: &[&[u8]] = &[
    b"id",
    b"uuid",
    b"time",
    b"timestamp",
    b"@timestamp",
    b"eventTime",
    b"eventID",
    b"eventName",
    b"action",
    b"actor",
    b"operation",
    b"published",
    b"created_at",
    b"insertId",
    b"auditID",
];
/// Bytes in which a member's name, colon and first value byte must lie to be looked at.
const WINDOW: usize = 512;

/// What encloses the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// Nothing.
    Top,
    /// A bare list.
    List,
    /// A list that is a member of an object.
    Member,
}

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

/// Frames JSON containers.
#[derive(Debug)]
pub(super) struct Json {
    level: Level,
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
    begun: Begun,
    reason: &'static str,
}

impl Json {
    /// Outside of any container, at an index.
    pub(super) fn top(at: usize) -> Self {
        Self {
            level: Level::Top,
            state: State::Seek,
            nest: Nest::default(),
            at,
            start: at,
            in_string: false,
            wanted: false,
            deepest: 0,
            marked: false,
            begun: Begun::Nothing,
            reason: NO_JSON,
        }
    }

    /// What [`Json::header`] gave; `None` when it is none of these.
    pub(super) fn resume(header: &str) -> Option<Self> {
        let json = Self { begun: Begun::Decided, ..Self::top(0) };
        match header {
            "json" => Some(json),
            "list" => Some(Self { level: Level::List, ..json }),
            "member" => Some(Self { level: Level::Member, ..json }),
            "envelope" => Some(Self { state: State::Envelope, nest: Nest::OBJECT, ..json }),
            _ => None,
        }
    }

    /// The container, for going on inside it.
    pub(super) fn header(&self) -> &'static str {
        match (self.level, self.state) {
            (Level::Top, State::Envelope) => "envelope",
            (Level::Top, _) => "json",
            (Level::List, _) => "list",
            (Level::Member, _) => "member",
        }
    }

    /// Whether a list encloses the records here, or did.
    pub(super) fn in_list(&self) -> bool {
        self.level != Level::Top || self.state == State::Envelope
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
            b'[' if self.level == Level::Top => {
                self.level = Level::List;
                self.begun = Begun::Decided;
                self.at += 1;
                core.done = self.at;
            }
            b'[' => self.begin(false),
            b']' if self.level != Level::Top => self.leave(core),
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
    }

    /// The list ends.
    fn leave(&mut self, core: &mut Core) {
        self.at += 1;
        core.done = self.at;
        if self.level == Level::Member {
            self.state = State::Envelope;
            self.nest = Nest::OBJECT;
            self.in_string = false;
            self.marked = false;
        } else {
            self.state = State::Seek;
        }
        self.level = Level::Top;
    }

    /// Junk outside of a list ends where a line starts with a bracket; inside one also at the next bracket that
    /// is in no text. One stretch of it is one reject.
    fn junk(&mut self, core: &mut Core) -> Option<Turn> {
        loop {
            let torn = self.level == Level::Top || self.reason == NEWLINE;
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
                        Some(b'[') if self.level == Level::Top => return self.end_junk(core, next),
                        Some(b']') if self.level != Level::Top => return self.end_junk(core, next),
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
                    StringEnd::Newline(end) => return self.torn_line(end),
                    StringEnd::More(end) => {
                        self.at = end;
                        return Some(self.pause(core));
                    }
                }
            }
            self.at = structural(&core.bytes, self.at);
            match core.bytes.get(self.at) {
                None => return Some(self.pause(core)),
                Some(b'"') => {
                    if self.level == Level::Top && self.nest.depth() == 1 {
                        match peek(&core.bytes[self.at..]) {
                            Peek::Short if !core.ended => return Some(self.pause(core)),
                            Peek::Short | Peek::Other => {}
                            Peek::Member { name, list } => {
                                let known = LISTS.contains(&name) || (!self.marked && LIKELY_LISTS.contains(&name));
                                self.marked |= MARKS.contains(&name);
                                if let Some(open) = list.filter(|_| known) {
                                    return self.enter(core, open);
                                }
                            }
                        }
                    }
                    self.at += 1;
                    self.in_string = true;
                }
                Some(open @ (b'{' | b'[')) => {
                    self.marked |= self.nest.depth() == 1;
                    self.nest.open(*open == b'{');
                    self.deepest = self.deepest.max(self.nest.depth());
                    self.at += 1;
                }
                Some(close) => {
                    if self.nest.close(*close == b'}') {
                        self.at += 1;
                        if self.nest.depth() == 0 {
                            return self.end_value(core);
                        }
                    } else if self.level == Level::Top {
                        self.at += 1;
                    } else {
                        // The list closes inside a record: the record is torn.
                        let end = self.at;
                        if let Some(turn) = self.large(core) {
                            return Some(turn);
                        }
                        if !core.close_run(end) {
                            core.reject(self.start, end, "the list ends inside this record");
                        }
                        self.state = State::Seek;
                        return None;
                    }
                }
            }
        }
    }

    /// The list of records begins `open` bytes on. What came before it is envelope, even when it was too large for a
    /// record.
    fn enter(&mut self, core: &mut Core, open: usize) -> Option<Turn> {
        if self.state == State::Value
            && let Some(turn) = self.large(core)
        {
            return Some(turn);
        }
        core.drop_run();
        self.at += open;
        core.done = self.at;
        self.level = Level::Member;
        self.state = State::Seek;
        self.begun = Begun::Decided;
        None
    }

    fn torn_line(&mut self, end: usize) -> Option<Turn> {
        self.at = end;
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
            core.frame(self.start, self.at);
            if self.begun == Begun::Nothing && self.level == Level::Top {
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
        self.large(core).unwrap_or(Turn::Step(Step::More))
    }
}

/// What a text in an object outside of any list turns out to be.
enum Peek<'a> {
    /// The bytes end before that is clear.
    Short,
    /// No name of a member, or one too long to be of interest.
    Other,
    /// A member; `list` is the index after the bracket when its value is a list of objects (or an empty one).
    Member { name: &'a [u8], list: Option<usize> },
}

/// Looks at the text that begins here and at what follows it, at most [`WINDOW`] bytes.
fn peek(bytes: &[u8]) -> Peek<'_> {
    let window = bytes.get(..WINDOW).unwrap_or(bytes);
    let short = || if window.len() < WINDOW { Peek::Short } else { Peek::Other };
    let Some(end) = window.get(1..).and_then(|rest| memchr(b'"', rest)).map(|end| end + 1) else { return short() };
    let colon = blank_end(window, end + 1);
    match window.get(colon) {
        None => return short(),
        Some(b':') => {}
        Some(_) => return Peek::Other,
    }
    let name = &window[1..end];
    let value = blank_end(window, colon + 1);
    match window.get(value) {
        None => short(),
        Some(b'[') => match window.get(blank_end(window, value + 1)) {
            None => short(),
            Some(b'{' | b']') => Peek::Member { name, list: Some(value + 1) },
            Some(_) => Peek::Member { name, list: None },
        },
        Some(_) => Peek::Member { name, list: None },
    }
}
