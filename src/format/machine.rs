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
        WORDS.iter().any(|w| is(word, w)) || (word.len() > 5 && ENDINGS.iter().any(|end| ends_with(word, end)))
    })
}

/// Whether a word is one of ours in any case; nearly none is, and nearly always length or first letter say so.
fn is(word: &str, known: &str) -> bool {
    word.len() == known.len()
        && word.as_bytes().first().map(u8::to_ascii_lowercase) == known.as_bytes().first().copied()
        && known.eq_ignore_ascii_case(word)
}

fn ends_with(word: &str, end: &str) -> bool {
    word.len().checked_sub(end.len()).and_then(|at| word.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::named;

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
