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
    name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        by_letter(word).iter().any(|w| w.eq_ignore_ascii_case(word)) || (word.len() > 5 && ENDINGS.iter().any(|end| ends_with(word, end)))
    })
}

/// The words that begin with the letter a word begins with: names are looked at with every event, and [`WORDS`] is sorted.
fn by_letter(word: &str) -> &'static [&'static str] {
    let Some(letter) = word.bytes().next().map(|b| b.to_ascii_lowercase()) else { return &[] };
    let first = |w: &&str| w.as_bytes().first().copied().unwrap_or(0);
    let begin = WORDS.partition_point(|w| first(w) < letter);
    let length = WORDS.get(begin..).map_or(0, |rest| rest.iter().take_while(|w| first(w) == letter).count());
    WORDS.get(begin..begin + length).unwrap_or_default()
}

fn ends_with(word: &str, end: &str) -> bool {
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
