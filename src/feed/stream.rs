//! Bytes that come once and cannot be read again: what is piped in while it is being written, and the body of a request.
//! Gzip is known by its first bytes. The rule: as with files, every byte ends in a frame, in a reject or in a separator.
//! It must not know who sends them.

use super::block::Block;
use super::framer::{Framer, Step};
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufReader, Cursor, ErrorKind, Read};

/// Bytes asked for at a time.
const READ: usize = 64 << 10;

/// How far a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Reading,
    Ended,
    Finished,
}

/// Frames what a reader gives.
pub struct Stream<R: Read> {
    feed: String,
    bytes: Bytes<R>,
    framer: Framer,
    buffer: Vec<u8>,
    /// Hand on what is complete after each read instead of gathering whole blocks.
    eager: bool,
    /// Decoded bytes beyond which the rest is refused.
    most: u64,
    stage: Stage,
}

/// What was looked at to know gzip, and the rest.
type Joined<R> = io::Chain<Cursor<Vec<u8>>, R>;

enum Bytes<R: Read> {
    Plain(Joined<R>),
    Gzip(Box<MultiGzDecoder<BufReader<Joined<R>>>>),
}

impl<R: Read> Stream<R> {
    /// A stream that is read while it is written: each read gives what it completed. Waits for the first two bytes.
    pub fn live(feed: &str, reader: R) -> io::Result<Self> {
        Self::of(feed, reader, true, u64::MAX)
    }

    /// A body that is there as a whole; more than `most` decoded bytes are an error.
    pub fn whole(feed: &str, reader: R, most: u64) -> io::Result<Self> {
        Self::of(feed, reader, false, most)
    }

    fn of(feed: &str, mut reader: R, eager: bool, most: u64) -> io::Result<Self> {
        let mut magic = Vec::with_capacity(2);
        while magic.len() < 2 && magic.first().is_none_or(|first| *first == 0x1f) {
            let mut byte = [0];
            match read(&mut reader, &mut byte)? {
                0 => break,
                _ => magic.extend_from_slice(&byte),
            }
        }
        let gzip = magic == [0x1f, 0x8b];
        let joined = Cursor::new(magic).chain(reader);
        let bytes =
            if gzip { Bytes::Gzip(Box::new(MultiGzDecoder::new(BufReader::with_capacity(READ, joined)))) } else { Bytes::Plain(joined) };
        let (feed, framer, buffer) = (feed.to_owned(), Framer::new(), vec![0; READ]);
        Ok(Self { feed, bytes, framer, buffer, eager, most, stage: Stage::Reading })
    }

    /// The next block with something in it; `None` at the end. An error means that no more can be read, and nothing of what
    /// was read but not given is lost: [`Stream::break_off`] gives it.
    pub fn next_block(&mut self) -> io::Result<Option<Block>> {
        while self.stage != Stage::Finished {
            let step = self.framer.scan();
            if (step == Step::Full || self.eager)
                && let Some(block) = self.framer.take(&self.feed)
            {
                return Ok(Some(block));
            }
            match (step, self.stage) {
                (Step::Full, _) => {}
                (Step::More, Stage::Reading) => self.fill()?,
                (Step::More, _) => return Ok(self.finish(None)),
            }
        }
        Ok(None)
    }

    /// What is left when the stream broke, with one reject that says why.
    pub fn break_off(&mut self, reason: &str) -> Option<Block> {
        if self.stage == Stage::Finished {
            return None;
        }
        self.framer.end();
        // What was complete has been given or is in hand: one more scan sees the end.
        self.framer.scan();
        self.finish(Some(reason))
    }

    fn finish(&mut self, broken: Option<&str>) -> Option<Block> {
        self.stage = Stage::Finished;
        self.framer.finish(broken);
        self.framer.take(&self.feed)
    }

    fn fill(&mut self) -> io::Result<()> {
        let n = match &mut self.bytes {
            Bytes::Plain(from) => read(from, &mut self.buffer)?,
            Bytes::Gzip(from) => read(from, &mut self.buffer)?,
        };
        self.framer.bytes().extend_from_slice(&self.buffer[..n]);
        if self.framer.taken_in() > self.most {
            return Err(io::Error::other(format!("it decodes to more than {} MiB", self.most >> 20)));
        }
        if n == 0 {
            self.framer.end();
            self.stage = Stage::Ended;
        }
        Ok(())
    }
}

/// One read, whatever signals come.
fn read(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::collections::VecDeque;
    use std::io::Write;

    /// Gives one piece a read, then an end or an error.
    struct Pieces(VecDeque<&'static [u8]>, bool);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(piece) = self.0.front_mut() else {
                return if self.1 { Err(io::Error::other("the wire was cut")) } else { Ok(0) };
            };
            let n = piece.len().min(buffer.len());
            buffer[..n].copy_from_slice(&piece[..n]);
            *piece = &piece[n..];
            if piece.is_empty() {
                self.0.pop_front();
            }
            Ok(n)
        }
    }

    fn texts(block: &Block) -> Vec<String> {
        block.frames.iter().map(|f| String::from_utf8_lossy(block.bytes_of(f)).into_owned()).collect()
    }

    /// Protects a pipe that stays open: a record is there when its line is, not when 64 KiB are.
    #[test]
    fn a_live_stream_gives_what_each_read_completes() {
        let pieces = Pieces([&b"{\"a\":1}\n{\"a\""[..], b":2}\nbad\n", b"{\"a\":3}"].into(), false);
        let mut stream = Stream::live("-", pieces).unwrap();
        let mut blocks = Vec::new();
        while let Some(block) = stream.next_block().unwrap() {
            blocks.push((texts(&block), block.rejects.len()));
        }
        let expected = [(vec!["{\"a\":1}"], 0), (vec!["{\"a\":2}"], 1), (vec!["{\"a\":3}"], 0)];
        assert_eq!(blocks, expected.map(|(texts, rejects)| (texts.into_iter().map(str::to_owned).collect(), rejects)));
    }

    #[test]
    fn a_stream_that_breaks_gives_what_it_had_and_says_why() {
        let mut stream = Stream::live("-", Pieces([&b"{\"a\":1}\n{\"a\""[..]].into(), true)).unwrap();
        assert_eq!(texts(&stream.next_block().unwrap().unwrap()), ["{\"a\":1}"]);
        let error = stream.next_block().unwrap_err();
        let last = stream.break_off(&error.to_string()).unwrap();
        assert_eq!((last.frames.len(), last.rejects.len()), (0, 1));
        assert!(last.rejects[0].reason.starts_with("the wire was cut"), "{}", last.rejects[0].reason);
        assert_eq!(stream.next_block().unwrap(), None);
    }

    /// Protects memory: what decodes to more than is allowed is an error, however small it came.
    #[test]
    fn gzip_is_decoded_up_to_the_limit() {
        let text = "{\"Records\":[{\"a\":1},{\"a\":2}]}".to_owned() + &" ".repeat(1 << 20);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        let body = encoder.finish().unwrap();
        let mut stream = Stream::whole("http:/x", body.as_slice(), 2 << 20).unwrap();
        assert_eq!(texts(&stream.next_block().unwrap().unwrap()).len(), 2);
        assert_eq!(stream.next_block().unwrap(), None);
        let mut stream = Stream::whole("http:/x", body.as_slice(), 1 << 20).unwrap();
        assert!(stream.next_block().unwrap_err().to_string().contains("more than 1 MiB"));
        let mut stream = Stream::whole("http:/x", &body[..body.len() / 2], 2 << 20).unwrap();
        assert!(stream.next_block().is_err());
        assert_eq!(Stream::whole("http:/x", &b""[..], 1).unwrap().next_block().unwrap(), None);
    }
}
