//! Quotes at any depth of JSON in strings. At depth *n* (0, 1, 3, 7 …: the backslashes each level of escaping puts there)
//! a string begins and ends with *n* backslashes and a quote; more of them are part of the string, fewer end a string
//! further out.

/// The quote that stands at a place, with the backslashes before it: depth, and the place behind it.
pub fn closing(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let depth = bytes.get(at..)?.iter().take_while(|b| **b == b'\\').count();
    (bytes.get(at + depth) == Some(&b'"') && (depth + 1).is_power_of_two()).then_some((depth, at + depth + 1))
}

/// Where a string of that depth that opens at a place has its first character.
pub fn opening(bytes: &[u8], at: usize, depth: usize) -> Option<usize> {
    closing(bytes, at).filter(|(found, _)| *found == depth).map(|(_, after)| after)
}

/// The place behind blanks, also those written as escapes where the JSON itself is a string (`\n`, `\t`, `\r`).
pub fn skip_blanks(bytes: &[u8], from: usize, depth: usize) -> usize {
    let mut at = from;
    loop {
        at += bytes.get(at..).map_or(0, |rest| rest.iter().take_while(|b| b.is_ascii_whitespace()).count());
        let run = bytes.get(at..).map_or(0, |rest| rest.iter().take_while(|b| **b == b'\\').count());
        if depth == 0 || run == 0 || run > depth || !matches!(bytes.get(at + run), Some(b'n' | b't' | b'r')) {
            return at;
        }
        at += run + 1;
    }
}

/// Where a string of that depth ends whose first character stands at `from`: at its closing quote's first backslash, or
/// before the quote of a string further out that ends sooner, or with the text.
pub fn string_end(bytes: &[u8], from: usize, depth: usize) -> usize {
    let step = depth + 1;
    let mut at = from;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(b'"', rest)) {
        let quote = at + found;
        let run = bytes[from..quote].iter().rev().take_while(|b| **b == b'\\').count();
        if (run + 1) % step != 0 {
            return quote - run;
        }
        if ((run + 1) / step) % 2 == 1 {
            return quote - depth;
        }
        at = quote + 1;
    }
    bytes.len()
}

/// Where an object or array of that depth ends that opens at `from`. One that is cut off ends with the string it stands
/// in, or with the text.
pub fn nested_end(bytes: &[u8], from: usize, depth: usize) -> usize {
    let mut open = 0_usize;
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => open += 1,
            b'}' | b']' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return at + 1;
                }
            }
            b'"' | b'\\' => {
                let run = bytes[at..].iter().take_while(|b| **b == b'\\').count();
                if bytes.get(at + run) == Some(&b'"') {
                    // Another depth here means that the string around it ends.
                    if run != depth {
                        return at;
                    }
                    let end = string_end(bytes, at + run + 1, depth);
                    match opening(bytes, end, depth) {
                        Some(after) => at = after,
                        None => return end,
                    }
                } else {
                    at += run + 1;
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects validity: the end of a string is found whatever backslashes stand before its quote.
    #[test]
    fn strings_end_where_their_depth_says() {
        for (text, depth, end) in [
            (r#"abc","x""#, 0, 3),
            (r#"a\"b","x""#, 0, 4),
            (r#"a\\","x""#, 0, 3),
            (r#"abc\",\"x"#, 1, 3),
            (r#"a\\\"b\","#, 1, 6),
            (r#"a\\\\\","#, 1, 5),
            (r#"abc","#, 1, 3),
            ("abc", 0, 3),
        ] {
            assert_eq!(string_end(text.as_bytes(), 0, depth), end, "{text}");
        }
    }
}
