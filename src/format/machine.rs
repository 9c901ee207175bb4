//! Names that say "I am software": words people put into the names of integrations, service users and bots. It must not
//! know any provider.

/// Words that name software when they stand alone in a name (`svc-backup`, `crm.integration`), lower case.
const WORDS: &[&str] = &[
    "api",
    "app",
    "automation",
    "autosync",
    "backup",
    "batch",
    "bot",
    "cd",
    "ci",
    "cicd",
    "connector",
    "cron",
    "daemon",
    "datasync",
    "deploy",
    "deployer",
    "etl",
    "github",
    "gitlab",
    "integration",
    "integrations",
    "integrationuser",
    "job",
    "jenkins",
    "machine",
    "middleware",
    "mulesoft",
    "pipeline",
    "robot",
    "runner",
    "sa",
    "scheduler",
    "serviceaccount",
    "service",
    "svc",
    "sync",
    "system",
    "terraform",
    "workato",
    "worker",
    "zapier",
];

/// Words that name software wherever they end a name (`salesforceintegration`).
const ENDINGS: &[&str] = &["integration", "connector", "automation", "svc"];

/// Whether a name (of a user, a role, an application) says that it belongs to software. For an e-mail address only the
/// part before the `@` counts.
pub fn named(name: &str) -> bool {
    let name = name.split('@').next().unwrap_or(name);
    // All that is no ASCII separates words, so bytes do.
    name.as_bytes().split(|byte| !byte.is_ascii_alphanumeric()).any(|word| {
        let digits = word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let word = &word[..word.len() - digits];
        by_letter(word).iter().any(|w| w.as_bytes().eq_ignore_ascii_case(word))
            || (word.len() > 5 && ENDINGS.iter().any(|end| ends_with(word, end.as_bytes())))
    })
}

/// Where the words of each letter begin in [`WORDS`], which is sorted by it; the next entry is where they end.
const LETTERS: [usize; 27] = {
    let (mut begins, mut letter, mut at) = ([0; 27], 0, 0);
    while letter < 26 {
        begins[letter] = at;
        while at < WORDS.len() && WORDS[at].as_bytes()[0] as usize - b'a' as usize == letter {
            at += 1;
        }
        letter += 1;
    }
    begins[26] = at;
    begins
};

/// The words that begin with the letter a word begins with: names are looked at with every event.
fn by_letter(word: &[u8]) -> &'static [&'static str] {
    let letter = word.first().map(|byte| usize::from(byte.to_ascii_lowercase().wrapping_sub(b'a')));
    let span = letter.and_then(|letter| Some(*LETTERS.get(letter)?..*LETTERS.get(letter + 1)?));
    span.and_then(|span| WORDS.get(span)).unwrap_or_default()
}

fn ends_with(word: &[u8], end: &[u8]) -> bool {
    word.len().checked_sub(end.len()).and_then(|at| word.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::named;

    /// Protects the search by first letter.
    #[test]
    fn the_words_are_sorted_by_their_first_letter_and_all_found() {
        assert!(super::WORDS.is_sorted_by_key(|w| w.as_bytes().first()));
        assert!(super::WORDS.iter().all(|w| named(&w.to_uppercase())));
    }

    #[test]
    fn words_in_a_name_tell_software_from_people() {
        for name in ["svc-backup", "integration.user@example.com", "acme_bot", "DataSync", "CrmIntegration", "api1", "ci-deployer"] {
            assert!(named(name), "{name}");
        }
        for name in ["jane.doe@example.com", "apinya", "robert", "cindy", "abbot", "bob@svc.example.com", ""] {
            assert!(!named(name), "{name}");
        }
    }
}
