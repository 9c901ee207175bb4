//! Finding the structure of JSON text without reading its values: ends of strings, brackets, depth. Eight bytes at a
//! time in safe Rust, because every byte of a container passes here. It must not know what a container is.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Deepest nesting of a record.
pub(super) const DEPTH: u32 = 128;

/// High bit set in the lowest byte that is zero (bytes above it may be marked wrongly: only the first mark counts).
const fn zero(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGH
}

const fn all(byte: u8) -> u64 {
    ONES * byte as u64
}

/// How a string ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StringEnd {
    /// Index after the closing quote.
    Closed(usize),
    /// Index of a raw line end, which no JSON string may hold.
    Newline(usize),
    /// Not in these bytes; go on from this index when there are more.
    More(usize),
}

/// The end of the string whose inside begins at `at`.
pub(super) fn string_end(bytes: &[u8], mut at: usize) -> StringEnd {
    loop {
        while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let word = u64::from_le_bytes(*chunk);
            let hit = zero(word ^ all(b'"')) | zero(word ^ all(b'\\')) | zero(word ^ all(b'\n'));
            if hit != 0 {
                at += hit.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
        match bytes.get(at) {
            None => return StringEnd::More(at),
            Some(b'"') => return StringEnd::Closed(at + 1),
            Some(b'\n') => return StringEnd::Newline(at),
            Some(b'\\') => match bytes.get(at + 1) {
                None => return StringEnd::More(at),
                Some(b'\n') => return StringEnd::Newline(at + 1),
                Some(_) => at += 2,
            },
            Some(_) => at += 1,
        }
    }
}

/// Index of the next quote or bracket at or after `at`, or the length.
pub(super) fn structural(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        // '[' and ']' differ from '{' and '}' only in bit 5.
        let folded = word | all(0x20);
        let hit = zero(word ^ all(b'"')) | zero(folded ^ all(b'{')) | zero(folded ^ all(b'}'));
        if hit != 0 {
            return at + hit.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b'"' | b'{' | b'}' | b'[' | b']') {
            return at;
        }
        at += 1;
    }
    at
}

/// Index of the first byte at or after `at` that is no blank, or the length.
pub(super) fn blank_end(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

/// The brackets that are open, innermost in the lowest bit (1 = object).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Nest {
    kinds: u128,
    depth: u32,
}

impl Nest {
    /// How many are open.
    pub(super) const fn depth(self) -> u32 {
        self.depth
    }

    /// One more is open.
    pub(super) fn open(&mut self, object: bool) {
        // Beyond the cap brackets are only counted: the kinds of the outer ones must not be shifted out.
        if self.depth < DEPTH {
            self.kinds = self.kinds << 1 | u128::from(object);
        }
        self.depth += 1;
    }

    /// Whether the innermost one is a list and all around it are objects, at least one.
    pub(super) const fn is_list_in_objects(self) -> bool {
        self.depth > 1 && self.depth < DEPTH && self.kinds | 1 == u128::MAX >> (DEPTH - self.depth) && self.kinds & 1 == 0
    }

    /// These around those; `None` when they are too many.
    pub(super) fn within(self, inside: Self) -> Option<Self> {
        let depth = self.depth + inside.depth;
        let kinds = self.kinds.checked_shl(inside.depth).unwrap_or(0) | inside.kinds;
        (depth <= DEPTH).then_some(Self { kinds, depth })
    }

    /// Takes the innermost objects off, up to the innermost list.
    pub(super) fn take_objects(&mut self) -> Self {
        let depth = self.kinds.trailing_ones().min(self.depth);
        self.kinds = self.kinds.checked_shr(depth).unwrap_or(0);
        self.depth -= depth;
        Self { kinds: u128::MAX.checked_shr(DEPTH - depth).unwrap_or(0), depth }
    }

    /// As they were opened: `{[`.
    pub(super) fn brackets(self) -> String {
        (0..self.depth.min(DEPTH)).rev().map(|bit| if self.kinds >> bit & 1 == 1 { '{' } else { '[' }).collect()
    }

    /// Closes the innermost one of its kind and what is open inside that; `false` when none is open. A record with a
    /// bracket missing thus ends where its own brace ends, and the next one is read in good order.
    pub(super) fn close(&mut self, object: bool) -> bool {
        if self.depth > DEPTH {
            self.depth -= 1;
            return true;
        }
        let inside = if object { self.kinds.trailing_zeros() } else { self.kinds.trailing_ones() };
        if inside >= self.depth {
            return false;
        }
        self.kinds = self.kinds.checked_shr(inside + 1).unwrap_or(0);
        self.depth -= inside + 1;
        true
    }
}

/// The objects a text consists of, as ranges, with nothing but blanks and commas between them; `None` when it is
/// anything else, or when an object in it is not complete.
pub(super) fn objects(text: &[u8]) -> Option<Vec<(usize, usize)>> {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        while matches!(text.get(at), Some(b' ' | b'\t' | b'\r' | b'\n' | b',')) {
            at += 1;
        }
        match text.get(at) {
            None => return (!found.is_empty()).then_some(found),
            Some(b'{') => {
                let start = at;
                let mut nest = Nest::default();
                loop {
                    at = structural(text, at);
                    match text.get(at)? {
                        b'"' => match string_end(text, at + 1) {
                            StringEnd::Closed(end) => at = end,
                            StringEnd::Newline(_) | StringEnd::More(_) => return None,
                        },
                        open @ (b'{' | b'[') => {
                            nest.open(*open == b'{');
                            at += 1;
                        }
                        close => {
                            nest.close(*close == b'}');
                            at += 1;
                            if nest.depth() == 0 {
                                break;
                            }
                        }
                    }
                }
                found.push((start, at));
            }
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ends_of_strings() {
        for (text, end) in [
            ("abc\"x", StringEnd::Closed(4)),
            ("\"", StringEnd::Closed(1)),
            ("a\\\"b\"", StringEnd::Closed(5)),
            ("a\\\\\"b", StringEnd::Closed(4)),
            ("0123456789abcdef\\\"0123456789\"", StringEnd::Closed(29)),
            ("abc", StringEnd::More(3)),
            ("abc\\", StringEnd::More(3)),
            ("abcdefghij\nk\"", StringEnd::Newline(10)),
            ("", StringEnd::More(0)),
        ] {
            assert_eq!(string_end(text.as_bytes(), 0), end, "{text:?}");
        }
    }

    #[test]
    fn a_missing_bracket_ends_with_its_object() {
        let mut nest = Nest::default();
        nest.open(true);
        nest.open(false);
        nest.open(false);
        assert!(nest.close(true));
        assert_eq!(nest.depth(), 0);
        assert!(!nest.close(false));
        for _ in 0..300 {
            nest.open(false);
        }
        for _ in 0..300 {
            assert!(nest.close(false));
        }
        assert_eq!(nest.depth(), 0);
    }

    #[test]
    fn objects_on_one_line() {
        assert_eq!(objects(br#"{"a":"}{"}"#), Some(vec![(0, 10)]));
        assert_eq!(objects(br#"{"a":1}{"b":[{}]} {}"#), Some(vec![(0, 7), (7, 17), (18, 20)]));
        assert_eq!(objects(br#"{"a":{}"#), None);
        assert_eq!(objects(br"{} x"), None);
        assert_eq!(objects(b""), None);
    }

    proptest! {
        /// Protects the eight-byte steps: they find what a byte by byte search finds, at any place.
        #[test]
        fn eight_at_a_time_finds_the_same(text in proptest::collection::vec(prop_oneof![
            Just(b'"'), Just(b'\\'), Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b'\n'), any::<u8>(), Just(b'a'), Just(b'a'), Just(b'a')], 0..80), at in 0usize..8) {
            let at = at.min(text.len());
            let slow = (at..text.len()).find(|i| matches!(text[*i], b'"' | b'{' | b'}' | b'[' | b']')).unwrap_or(text.len());
            prop_assert_eq!(structural(&text, at), slow);
            let mut i = at;
            let slow = loop {
                match text.get(i) {
                    None => break StringEnd::More(i),
                    Some(b'"') => break StringEnd::Closed(i + 1),
                    Some(b'\n') => break StringEnd::Newline(i),
                    Some(b'\\') if i + 1 == text.len() => break StringEnd::More(i),
                    Some(b'\\') if text[i + 1] == b'\n' => break StringEnd::Newline(i + 1),
                    Some(b'\\') => i += 2,
                    Some(_) => i += 1,
                }
            };
            prop_assert_eq!(string_end(&text, at), slow);
        }
    }
}
