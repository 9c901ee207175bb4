//! The few dozen literals without one of which no secret can be recognised, and the search for all of them at once. A hit
//! is only a place to look at.

use aho_corasick::packed::{self, MatchKind};
use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

/// What a literal promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal {
    /// Part of a name whose value is a secret (`…assword`).
    Name,
    /// The beginning of a token that is known by its looks.
    Token(Token),
    /// `-----BEGIN`.
    Pem,
    /// A web token's first letters.
    Jwt,
}

/// A token known by how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Kind in the tag.
    pub kind: &'static str,
    /// Fewest characters after the literal that make it a token.
    pub least: usize,
    /// Whether the literal may stand inside a word.
    pub inside: bool,
}

const fn token(kind: &'static str, least: usize) -> Literal {
    Literal::Token(Token { kind, least, inside: false })
}

const LITERALS: &[(&str, Literal)] = &[
    ("assw", Literal::Name),
    ("ASSW", Literal::Name),
    ("assphrase", Literal::Name),
    ("ecret", Literal::Name),
    ("ECRET", Literal::Name),
    ("oken", Literal::Name),
    ("OKEN", Literal::Name),
    ("rivateKey", Literal::Name),
    ("rivate_key", Literal::Name),
    ("RIVATE_KEY", Literal::Name),
    ("piKey", Literal::Name),
    ("pi_key", Literal::Name),
    ("PI_KEY", Literal::Name),
    ("pi-key", Literal::Name),
    ("pi-Key", Literal::Name),
    ("uthorization", Literal::Name),
    ("UTHORIZATION", Literal::Name),
    ("AMLAssertion", Literal::Name),
    ("amlAssertion", Literal::Name),
    ("aml_assertion", Literal::Name),
    ("AMLResponse", Literal::Name),
    ("serData", Literal::Name),
    ("ser_data", Literal::Name),
    ("SER_DATA", Literal::Name),
    ("ookie", Literal::Name),
    ("ignature", Literal::Name),
    ("sig=", Literal::Name),
    ("sig%3", Literal::Name),
    ("AccountKey", Literal::Name),
    ("-----BEGIN", Literal::Pem),
    ("eyJ", Literal::Jwt),
    ("IQoJb3JpZ2lu", token("aws-session-token", 40)),
    ("FwoGZXIvYXdz", token("aws-session-token", 40)),
    ("FQoGZXIvYXdz", token("aws-session-token", 40)),
    ("ghp_", token("github-token", 20)),
    ("gho_", token("github-token", 20)),
    ("ghu_", token("github-token", 20)),
    ("ghs_", token("github-token", 20)),
    ("ghr_", token("github-token", 20)),
    ("github_pat_", token("github-token", 20)),
    ("glpat-", token("gitlab-token", 16)),
    ("gldt-", token("gitlab-token", 16)),
    ("glrt-", token("gitlab-token", 16)),
    ("glptt-", token("gitlab-token", 16)),
    ("glcbt-", token("gitlab-token", 16)),
    ("gloas-", token("gitlab-token", 16)),
    ("xox", token("slack-token", 10)),
    ("xapp-", token("slack-token", 10)),
    ("hooks.slack.com/", token("slack-webhook", 20)),
    ("sk_live_", token("stripe-key", 10)),
    ("rk_live_", token("stripe-key", 10)),
    ("sk_test_", token("stripe-key", 10)),
    ("rk_test_", token("stripe-key", 10)),
    ("whsec_", token("stripe-key", 16)),
    ("GOCSPX-", token("google-secret", 16)),
    ("ya29.", token("google-token", 20)),
    ("AIza", token("google-key", 30)),
    ("hvs.", token("vault-token", 20)),
    ("npm_", token("npm-token", 30)),
    ("sk-ant-", token("ai-key", 20)),
    ("sk-proj-", token("ai-key", 20)),
    ("!AQ", Literal::Token(Token { kind: "salesforce-session", least: 20, inside: true })),
];

/// Finds every literal in a text.
#[derive(Debug)]
pub struct Searcher {
    fast: Option<packed::Searcher>,
    slow: Option<AhoCorasick>,
}

impl Searcher {
    /// Builds the search: by vector instructions where the processor has them, else by automaton.
    pub fn new() -> Self {
        let words = LITERALS.iter().map(|(word, _)| *word);
        let fast = packed::Config::new().match_kind(MatchKind::LeftmostLongest).builder().extend(words.clone()).build();
        let slow = if fast.is_none() {
            AhoCorasickBuilder::new().match_kind(aho_corasick::MatchKind::LeftmostLongest).build(words).ok()
        } else {
            None
        };
        Self { fast, slow }
    }

    /// Calls `look` for each literal with the byte offset it starts at, in order; `look` answers how far the text is done
    /// with, and the search goes on from there.
    pub fn each(&self, text: &str, mut look: impl FnMut(Literal, usize) -> usize) {
        let mut from = 0;
        while from < text.len() {
            let Some((pattern, start, end)) = self.next(text, from) else { return };
            let done = LITERALS.get(pattern).map_or(0, |(_, literal)| look(*literal, start));
            from = end.max(done);
        }
    }

    fn next(&self, text: &str, from: usize) -> Option<(usize, usize, usize)> {
        if let Some(fast) = &self.fast {
            let found = fast.find_in(text.as_bytes(), aho_corasick::Span { start: from, end: text.len() })?;
            return Some((found.pattern().as_usize(), found.start(), found.end()));
        }
        let found = self.slow.as_ref()?.find(aho_corasick::Input::new(text).range(from..))?;
        Some((found.pattern().as_usize(), found.start(), found.end()))
    }

    /// The longest literal found at a place, for tests.
    #[cfg(test)]
    pub fn is_vectorised(&self) -> bool {
        self.fast.is_some()
    }
}
