//! Symbols: a text's stable 64-bit name. The same text has the same symbol in every store and on every machine, so the
//! fold may key and order by it. It is a SHA-256 prefix because log text is hostile: nobody can aim a collision at a
//! value that is already there.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// First eight bytes of SHA-256 of a text, big endian; [`Sym::NONE`] stands for "absent".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sym(pub u64);

impl Sym {
    /// No value. No text hashes to it: a text that would is given 1.
    pub const NONE: Self = Self(0);

    /// The symbol of a text.
    pub fn of(text: &str) -> Self {
        Self(prefix(&[text.as_bytes()]).max(1))
    }

    /// The symbol of several parts, kept apart by a byte no UTF-8 text contains.
    pub fn of_parts(parts: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part.as_bytes());
            hasher.update([0xff]);
        }
        Self(first_eight(&hasher.finalize()).max(1))
    }

    /// Whether there is a value.
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }

    /// Whether the value is absent.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// First eight bytes of SHA-256 over the concatenated parts.
pub fn prefix(parts: &[&[u8]]) -> u64 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    first_eight(&hasher.finalize())
}

fn first_eight(digest: &[u8]) -> u64 {
    digest.iter().take(8).fold(0, |n, byte| n << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_the_sha256_prefix_and_parts_are_kept_apart() {
        // sha256("abc") = ba7816bf 8f01cfea …
        assert_eq!(Sym::of("abc").0, 0xba78_16bf_8f01_cfea);
        assert_ne!(Sym::of_parts(&["ab", "c"]), Sym::of_parts(&["a", "bc"]));
        assert!(Sym::NONE.is_none() && Sym::of("").is_some());
    }
}
