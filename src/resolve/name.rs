//! Names of identities: the short one for a list, and whether a name says that no person stands behind it. It must not
//! know evidence.

/// Words that say so, as whole words of a name in lower case. No surnames and no products named like people.
const MACHINE_WORDS: &[&str] = &[
    "api",
    "automation",
    "backup",
    "batch",
    "bot",
    "cicd",
    "connector",
    "cron",
    "daemon",
    "deployer",
    "etl",
    "integration",
    "integrations",
    "integrationuser",
    "noreply",
    "pipeline",
    "robot",
    "scanner",
    "serviceaccount",
    "serviceuser",
    "svc",
    "sync",
    "terraform",
    "webhook",
];

/// Whether a name says it is an integration, a service or a bot: one of its words does (`svc-backup`, `Integration User`,
/// `dependabot[bot]`), where a word ends at any sign or at a capital after a small letter. Of an address only what stands
/// before the `@` counts, of a path or ARN only the last part.
pub fn is_machine_name(name: &str) -> bool {
    let name = last_part(name.trim());
    let local = name.split_once('@').map_or(name, |(local, _)| local);
    let mut word = String::new();
    let mut small_before = false;
    for c in local.chars().take(256).chain([' ']) {
        let new_word = c.is_uppercase() && small_before;
        if (new_word || !c.is_alphanumeric()) && !word.is_empty() {
            if says_so(&word) {
                return true;
            }
            word.clear();
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        small_before = c.is_lowercase();
    }
    false
}

fn says_so(word: &str) -> bool {
    MACHINE_WORDS.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// What lists call an identity: its display name, or the last telling part of its id where records carry no name
/// (`role/app/deploy` of an ARN is `deploy`, a root account `root of 123456789012`, a Kubernetes account
/// `namespace/name`). Never empty unless both are.
pub fn display_name(platform: &str, id: &str, name: &str) -> String {
    let (id, name) = (id.trim(), name.trim());
    if !name.is_empty() && !matches!(name, "null" | "<null>" | "-") {
        return name.to_owned();
    }
    if platform == "aws" || id.starts_with("arn:") {
        let parts: Vec<&str> = id.splitn(6, ':').collect();
        if let ["arn", _, _, _, account, resource] = parts.as_slice() {
            return match resource.split_once('/') {
                None if *resource == "root" => format!("root of {account}"),
                // The session's name is not the role's.
                Some(("assumed-role", rest)) => rest.split('/').next().unwrap_or(rest).to_owned(),
                _ => last_part(resource).to_owned(),
            };
        }
    }
    if let Some(account) = id.strip_prefix("system:serviceaccount:") {
        return account.replacen(':', "/", 1);
    }
    last_part(id).to_owned()
}

/// What stands behind the last `/`, and in an ARN behind its fifth colon; the whole text where that is nothing.
fn last_part(id: &str) -> &str {
    let resource = if id.starts_with("arn:") { id.splitn(6, ':').last().unwrap_or(id) } else { id };
    resource.rsplit('/').find(|part| !part.is_empty()).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_say_so_and_names_that_do_not() {
        for name in [
            "svc-backup",
            "svc_backup@example.com",
            "Integration User",
            "IntegrationUser",
            "dependabot[bot]",
            "acmeSync",
            "ETL nightly",
            "api2",
            "arn:aws:iam::1:user/ci/terraform",
        ] {
            assert!(is_machine_name(name), "{name}");
        }
        for name in
            ["alice", "Alice Abbot", "bob@api.example.com", "Synclair", "talbot", "Customer Service", "arn:aws:iam::1:user/svc/alice", ""]
        {
            assert!(!is_machine_name(name), "{name}");
        }
    }

    #[test]
    fn ids_become_short_names() {
        for (platform, id, name, expected) in [
            ("aws", "arn:aws:iam::123456789012:role/app/deploy", "", "deploy"),
            ("aws", "arn:aws:iam::123456789012:user/alice", "Alice", "Alice"),
            ("aws", "arn:aws:iam::123456789012:root", "", "root of 123456789012"),
            ("aws", "arn:aws:sts::123456789012:assumed-role/Deploy/i-0abc", "", "Deploy"),
            ("aws", "AIDAEXAMPLE", " ", "AIDAEXAMPLE"),
            ("aws", "config.amazonaws.com", "", "config.amazonaws.com"),
            ("salesforce", "0H4xx0000004CLA", "null", "0H4xx0000004CLA"),
            ("kubernetes", "system:serviceaccount:prod:api", "", "prod/api"),
            ("gcp", "robot@proj.iam.gserviceaccount.com", "", "robot@proj.iam.gserviceaccount.com"),
            ("spiffe", "spiffe://example.org/ns/prod/sa/api", "", "api"),
            ("x", "trailing/", "", "trailing"),
            ("x", "/", "", "/"),
            ("x", "", "", ""),
        ] {
            assert_eq!(display_name(platform, id, name), expected, "{id}");
        }
    }

    proptest! {
        /// Names are hostile: nothing panics, and what has an id has a name.
        #[test]
        fn every_id_has_a_name(id in "\\PC{1,60}", name in "\\PC{0,20}") {
            let _ = is_machine_name(&name);
            prop_assert_eq!(display_name("aws", &id, &name).is_empty(), id.trim().is_empty() && name.trim().is_empty());
        }
    }
}
