//! Patterns with `*` and `?`, in any case. Matching takes no more than pattern × text steps and never calls itself. It
//! must not know what is matched.

/// One pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Box<[u8]>);

impl Glob {
    /// Every text is a pattern.
    pub(super) fn new(text: &str) -> Self {
        let mut pattern: Vec<u8> = text.bytes().map(|b| b.to_ascii_lowercase()).collect();
        pattern.dedup_by(|a, b| (*a, *b) == (b'*', b'*'));
        Self(pattern.into())
    }

    /// Whether a whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        let (pattern, text) = (&*self.0, text.as_bytes());
        let (mut p, mut t) = (0, 0);
        // After a star: where the pattern goes on, and how much of the text the star has taken.
        let mut star: Option<(usize, usize)> = None;
        loop {
            match (pattern.get(p), text.get(t)) {
                (None, None) => return true,
                (Some(b'*'), _) => {
                    p += 1;
                    star = Some((p, t));
                }
                (Some(b'?'), Some(_)) => (p, t) = (p + 1, t + 1),
                (Some(a), Some(b)) if *a == b.to_ascii_lowercase() => (p, t) = (p + 1, t + 1),
                _ => match &mut star {
                    Some((after, taken)) if *taken < text.len() => {
                        *taken += 1;
                        (p, t) = (*after, *taken);
                    }
                    _ => return false,
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, yes) in [
            ("user_*", "USER_login", true),
            ("*login", "user_login", true),
            ("*o*i*", "user_login", true),
            ("user_?ogin", "user_login", true),
            ("user_", "user_login", false),
            ("", "", true),
            ("*", "", true),
            ("**", "x", true),
            ("?", "", false),
            ("a*b", "ab", true),
            ("a*b", "abc", false),
            ("a*bc*d", "abbcxd", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(text), yes, "{pattern} {text}");
        }
    }

    proptest! {
        /// Protects the shortcut taken for stars: the answer is that of a regular expression.
        #[test]
        fn the_answer_is_that_of_a_regular_expression(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
            let expression = format!("^(?i){}$", pattern.replace('*', ".*").replace('?', "."));
            let expected = regex::Regex::new(&expression).unwrap().is_match(&text);
            prop_assert_eq!(Glob::new(&pattern).matches(&text), expected);
        }
    }
}
