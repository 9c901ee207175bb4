//! The product list of a client string, RFC 9110 section 10.1.5: `name/version` separated by blanks, with comments in
//! parentheses. Read forgivingly: real clients put commas, `#` and blanks where they like. It must not know any client.

/// One product of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product<'a> {
    /// Before the slash.
    pub name: &'a str,
    /// After it, empty where there is none.
    pub version: &'a str,
}

impl Product<'_> {
    /// The first number of the version (`v1.27.3` has 1), 0 where it does not begin with one.
    pub fn major(&self) -> u32 {
        let digits = self.version.trim_start_matches(['v', 'V']);
        let end = digits.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
        digits.get(..end.min(9)).and_then(|d| d.parse().ok()).unwrap_or(0)
    }

    /// Whether what follows the slash is a version, and not a part of the name.
    pub fn has_version(&self) -> bool {
        self.version.trim_start_matches(['v', 'V']).starts_with(|c: char| c.is_ascii_digit())
    }

    /// Name and version as they were written.
    pub fn whole(&self) -> String {
        if self.version.is_empty() { self.name.to_owned() } else { format!("{}/{}", self.name, self.version) }
    }
}

/// The products of a text, comments left out, at most 64.
pub fn products(text: &str) -> Vec<Product<'_>> {
    let mut out = Vec::new();
    let (mut depth, mut start) = (0u32, None);
    let mut push = |from: usize, to: usize| {
        let token = text.get(from..to).unwrap_or_default().trim_matches([',', ';']);
        if token.is_empty() || out.len() == 64 {
            return;
        }
        let (name, version) = token.split_once('/').or_else(|| token.split_once('#')).unwrap_or((token, ""));
        if !name.is_empty() {
            out.push(Product { name, version });
        }
    };
    for (at, c) in text.char_indices() {
        let ends = c.is_whitespace() || c == '(' || c == ')';
        if ends && let Some(from) = start.take() {
            push(from, at);
        }
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if !ends && depth == 0 && start.is_none() => start = Some(at),
            _ => {}
        }
    }
    if let Some(from) = start {
        push(from, text.len());
    }
    out
}

/// A lower-case name without the ids and versions at its end: `acme-sync-1.2.3` and `acme-sync-7f9c6b5d4e` are
/// `acme-sync`. A name that is nothing else stays.
pub fn stem(name: &str) -> String {
    let mut rest = name.trim();
    while let Some(at) = rest.rfind(['-', '_', ' ', '.', '@', ':']) {
        let (head, tail) = (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default());
        if head.is_empty() || !is_id(tail) {
            break;
        }
        rest = head.trim_end_matches(['-', '_', ' ', '.', '@', ':']);
    }
    if rest.is_empty() { name.trim().to_owned() } else { rest.to_owned() }
}

/// A version number, a counter, or a hash: digits (after a `v`), or at least four hexadecimal digits with a digit among
/// them, or a random tail of at least eight letters and digits with three digits or more.
fn is_id(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let plain = part.strip_prefix('v').unwrap_or(part);
    let number = plain.bytes().all(|b| b.is_ascii_digit());
    let hex = part.len() >= 4 && digits > 0 && part.bytes().all(|b| b.is_ascii_hexdigit());
    // Four hexadecimal letters can be a word (`cafe`), yet also a group of a UUID (`afde`): at four they count as an id.
    let group = part.len() == 4 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let random = part.len() >= 8 && digits >= 3 && part.bytes().all(|b| b.is_ascii_alphanumeric());
    part.is_empty() || (number && !plain.is_empty()) || hex || group || random
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_read_without_their_comments() {
        let names = |text| products(text).iter().map(|p| format!("{}={}", p.name, p.version)).collect::<Vec<_>>().join(" ");
        assert_eq!(names("a/1 (b/2 (c/3) d) e/4"), "a=1 e=4");
        assert_eq!(names("a/1(b)c/2"), "a=1 c=2");
        assert_eq!(names("S3Console/0.4, aws-internal/3"), "S3Console=0.4 aws-internal=3");
        assert_eq!(names("unclosed/1 (rest is gone"), "unclosed=1");
        assert_eq!(names(") stray/1"), "stray=1");
        assert_eq!(names("/x"), "");
        assert_eq!(products(&"a ".repeat(500)).len(), 64);
    }

    #[test]
    fn a_major_version_is_the_first_number() {
        for (version, major) in [("1.2", 1), ("v12", 12), ("", 0), ("x1", 0), ("99999999999", 999_999_999)] {
            assert_eq!(Product { name: "", version }.major(), major, "{version}");
        }
    }

    #[test]
    fn stems_lose_ids_and_keep_words() {
        for (name, expected) in [
            ("acme-sync", "acme-sync"),
            ("acme-sync-1.2.3", "acme-sync"),
            ("acme-sync-v2", "acme-sync"),
            ("stratus-red-team_83b3e7b3-0c7b-4d0f-afde-1f0c6c7a9b11", "stratus-red-team"),
            ("pod-7f9c6b5d4e-x2x4k9q1z", "pod"),
            ("web-facade", "web-facade"),
            ("http2-client", "http2-client"),
            ("2024", "2024"),
            ("-1", "-1"),
        ] {
            assert_eq!(stem(name), expected, "{name}");
        }
    }
}
