//! Logs of plain text, one request a line: each line becomes the record `{"line": "…"}`. The rule: only a file whose first
//! line has a known form is read so; any other text stays what it is, one reject and no record. It must not know what
//! stands in a line beyond that form.

use super::framer::{Core, Oversize, Step};
use super::rows::text;
use memchr::memchr;

/// What a position inside such a file says.
pub(super) const HEADER: &str = "text";

const TOO_LARGE: &str = "the line is larger than 1 MiB";
const OTHER_FORM: &str = "the line is not of the form of the others: OWNER BUCKET [TIME] …";
/// Bytes in which the words up to the time must lie.
const WINDOW: usize = 512;

/// The form of a time in brackets: `0` is a digit, `A` a letter.
const TIME: &[u8] = b"[00/AAA/0000:00:00:00 +0000] ";

/// Whether a line has the form `OWNER BUCKET [06/Feb/2019:00:00:38 +0000] …`: two words, then a time in brackets. Web
/// servers write another number of words before the time.
pub(super) fn fits(line: &[u8]) -> bool {
    let line = line.get(..WINDOW).unwrap_or(line);
    let mut at = 0;
    for _ in 0..2 {
        let Some(length) = memchr(b' ', &line[at..]) else { return false };
        let word = &line[at..at + length];
        if word.is_empty() || !word.iter().all(u8::is_ascii_graphic) || word.iter().any(|b| matches!(b, b'"' | b'[' | b',' | b';' | b'{')) {
            return false;
        }
        at += length + 1;
    }
    let Some(time) = line.get(at..at + TIME.len()) else { return false };
    time.iter().zip(TIME).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_alphabetic(),
        b'+' => matches!(byte, b'+' | b'-'),
        other => byte == other,
    })
}

/// Frames lines of text.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// Start of the line being read.
    line: usize,
    /// No line end lies before this index.
    searched: usize,
}

impl Text {
    /// From an index on, where a line begins.
    pub(super) fn at(index: usize) -> Self {
        Self { line: index, searched: index }
    }

    pub(super) fn moved(&mut self, gone: usize) {
        self.line = self.line.saturating_sub(gone);
        self.searched = self.searched.saturating_sub(gone);
    }

    pub(super) fn scan(&mut self, core: &mut Core) -> Step {
        loop {
            if core.full() {
                return Step::Full;
            }
            let found = memchr(b'\n', &core.bytes[self.searched..]);
            let end = found.map_or(core.bytes.len(), |found| self.searched + found);
            match core.oversize(self.line, end, TOO_LARGE) {
                Oversize::Cut => {
                    self.searched = self.line;
                    return Step::Full;
                }
                Oversize::Run if found.is_some() => {
                    core.close_run(end + 1);
                }
                Oversize::Run => self.line = end,
                Oversize::No if found.is_some() => line(core, self.line, end),
                Oversize::No => {}
            }
            self.searched = end;
            if found.is_none() {
                return Step::More;
            }
            core.done = end + 1;
            self.line = end + 1;
            self.searched = end + 1;
        }
    }

    /// A last line without an end is a record too: such files are delivered whole.
    pub(super) fn finish(&mut self, core: &mut Core) {
        let length = core.bytes.len();
        line(core, self.line, length);
        core.done = length;
    }
}

fn line(core: &mut Core, start: usize, end: usize) {
    let trimmed = core.bytes[start..end].trim_ascii();
    if trimmed.is_empty() {
        return;
    }
    if !fits(trimmed) {
        core.reject(start, end, OTHER_FORM);
        return;
    }
    let from = core.made.len();
    // The bytes are needed while the record is made beside them.
    let bytes = std::mem::take(&mut core.bytes);
    core.made.extend_from_slice(b"{\"line\":");
    text(&mut core.made, bytes[start..end].trim_ascii());
    core.made.push(b'}');
    core.bytes = bytes;
    core.frame_made(from, start, end);
}

#[cfg(test)]
mod tests {
    use super::super::framer::{Framer, Step};
    use super::*;
    use crate::feed::block::{Block, RECORD_BYTES};
    use crate::feed::{Reader, discover};
    use std::path::PathBuf;

    const LINE: &str = r#"79a5 logs.example [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - 3E57 REST.GET.OBJECT a,b;"c" "GET /a HTTP/1.1" 200 - "-" "S3, x \"y\"""#;

    fn blocks(bytes: &[u8], size: usize) -> Vec<Block> {
        let mut framer = Framer::new();
        let mut out = Vec::new();
        for piece in bytes.chunks(size) {
            framer.bytes().extend_from_slice(piece);
            while framer.scan() == Step::Full {
                out.extend(framer.take("f"));
            }
        }
        framer.end();
        while framer.scan() == Step::Full {
            out.extend(framer.take("f"));
        }
        framer.finish(None);
        out.push(framer.cut("f"));
        out
    }

    /// Texts of the records, and the reasons of the rejects.
    fn read(text: &[u8], size: usize) -> (Vec<String>, Vec<String>) {
        let blocks = blocks(text, size);
        let records = blocks.iter().flat_map(|b| b.frames.iter().map(|f| String::from_utf8_lossy(b.bytes_of(f)).into_owned())).collect();
        (records, blocks.iter().flat_map(|b| b.rejects.iter().map(|r| r.reason.clone())).collect())
    }

    fn inside(record: &str) -> String {
        serde_json::from_str::<serde_json::Value>(record).unwrap()["line"].as_str().unwrap().to_owned()
    }

    /// Protects access logs with commas in their clients, which look like tables.
    #[test]
    fn lines_become_records_whatever_the_read_size() {
        for text in [format!("{LINE}\n{LINE}\n"), format!("{LINE}\r\n\r\n {LINE}"), format!("\n\u{20}{LINE}\n{LINE}\n\n")] {
            for size in [1, 3, 64, 100_000] {
                let (records, bad) = read(text.as_bytes(), size);
                assert_eq!(records.iter().map(|r| inside(r)).collect::<Vec<_>>(), [LINE, LINE], "{size}");
                assert!(bad.is_empty(), "{bad:?}");
            }
        }
    }

    /// Protects against thousands of silent things: text of no known form is one reject, as it was.
    #[test]
    fn other_text_is_one_reject() {
        let web = "192.0.2.3 - - [06/Feb/2019:00:00:38 +0000] \"GET / HTTP/1.1\" 200 5\n".repeat(500);
        for text in [web.as_str(), "some notes\nabout nothing\n", "a b [c] d\ne\n", "x [06/Feb/2019:00:00:38 +0000] y\n"] {
            let (records, bad) = read(text.as_bytes(), 64);
            assert_eq!((records.len(), bad.len()), (0, 1), "{text:.40}");
        }
    }

    #[test]
    fn a_line_of_another_form_costs_itself() {
        let (records, bad) = read(format!("{LINE}\nnot like it\n{LINE}\n{{\"a\":1}}\n{LINE}\n").as_bytes(), 50);
        assert_eq!(records.len(), 3);
        assert_eq!(bad, [OTHER_FORM, OTHER_FORM]);
        let huge = format!("{LINE}\n{LINE} {}\n{LINE}\n", "x".repeat(RECORD_BYTES));
        for size in [1_000, 65_536, 4 << 20] {
            let (records, bad) = read(huge.as_bytes(), size);
            assert_eq!((records.len(), bad.as_slice()), (2, [TOO_LARGE.to_owned()].as_slice()));
        }
    }

    #[test]
    fn bad_bytes_cost_their_own_line() {
        let bytes = [LINE.as_bytes(), b" \xff\n", LINE.as_bytes(), b" \0\n", LINE.as_bytes(), b"\n"].concat();
        let block = &blocks(&bytes, 9)[0];
        let found: Vec<_> = block.frames.iter().map(|f| block.record(f).is_ok()).collect();
        assert_eq!(found, [false, false, true]);
    }

    /// Protects resuming: from the position after any block the rest of the lines comes, once.
    #[test]
    fn reading_goes_on_from_any_block() {
        let text = (0..20_000).map(|n| format!("{LINE} {n}\n")).collect::<Vec<_>>().concat();
        let whole = blocks(text.as_bytes(), 65_536);
        assert!(whole.len() > 2);
        let mut seen = 0;
        for block in &whole {
            seen += block.frames.len();
            let at = block.position.offset as usize;
            assert_eq!(block.position.header, HEADER);
            let mut prefix = crate::feed::fingerprint::Prefix::default();
            prefix.extend(&text.as_bytes()[..at]);
            let mut framer = Framer::resume(prefix, &block.position.header);
            framer.bytes().extend_from_slice(&text.as_bytes()[at..]);
            framer.end();
            let mut rest = 0;
            while framer.scan() == Step::Full {
                rest += framer.take("f").map_or(0, |block| block.frames.len());
            }
            framer.finish(None);
            rest += framer.cut("f").frames.len();
            assert_eq!(seen + rest, 20_000);
        }
    }

    #[test]
    fn only_the_whole_form_fits() {
        assert!(fits(LINE.as_bytes()));
        for line in [
            "",
            "a b",
            "a b [06/Feb/2019:00:00:38 +0000]",
            "a b [06/02/2019:00:00:38 +0000] c",
            "a  [06/Feb/2019:00:00:38 +0000] c",
            "\"a\" b [06/Feb/2019:00:00:38 +0000] c",
            "a,b c [06/Feb/2019:00:00:38 +0000] c",
            "é b [06/Feb/2019:00:00:38 +0000] c",
        ] {
            assert!(!fits(line.as_bytes()), "{line}");
        }
    }

    /// A real log, exactly as it was delivered.
    #[test]
    fn a_real_log_has_all_its_lines() {
        let root = std::env::var_os("DRIFTLINE_CORPUS").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from).join("aws_s3access");
        if !root.is_dir() {
            println!("skipped: no corpus at {}", root.display());
            return;
        }
        let (mut found, mut bad) = (0, 0);
        for feed in discover(&[root]).unwrap().iter().filter(|feed| feed.name.ends_with("s3-server-access.log")) {
            let mut reader = Reader::open(feed, None).unwrap();
            while let Some(block) = reader.next_block().unwrap() {
                found += block.frames.len();
                bad += block.rejects.len();
            }
        }
        assert_eq!((found, bad), (7, 0));
    }
}
