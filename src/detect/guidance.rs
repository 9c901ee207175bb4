//! What an analyst is told beside the numbers: checks, harmless explanations, containment and framework tags, per
//! detector, from `assets/guidance.toml`. Text only; it must not know scores.

use crate::model::alert::{Framework, Guidance};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    check: Vec<String>,
    benign: Vec<String>,
    contain: Vec<String>,
    frameworks: Vec<String>,
}

static ENTRIES: LazyLock<BTreeMap<String, Entry>> = LazyLock::new(|| {
    // The file is compiled in and its parse is tested; an empty table is what a broken build would show.
    toml::from_str(include_str!("../../assets/guidance.toml")).unwrap_or_default()
});

/// Guidance for an alert with these detectors, the weightiest first: at most five lines of a kind, none twice.
pub fn for_detectors<'a>(detectors: impl Iterator<Item = &'a str>) -> (Guidance, Vec<Framework>) {
    let mut guidance = Guidance::default();
    let mut frameworks: Vec<Framework> = Vec::new();
    for entry in detectors.filter_map(|d| ENTRIES.get(d)) {
        extend(&mut guidance.check, &entry.check);
        extend(&mut guidance.benign, &entry.benign);
        extend(&mut guidance.contain, &entry.contain);
        for tag in &entry.frameworks {
            let mut parts = tag.splitn(3, ':');
            if let (Some(framework), Some(version), Some(id)) = (parts.next(), parts.next(), parts.next()) {
                let tag = Framework { framework: framework.to_owned(), version: version.to_owned(), id: id.to_owned() };
                if !frameworks.contains(&tag) {
                    frameworks.push(tag);
                }
            }
        }
    }
    (guidance, frameworks)
}

/// Everything there is guidance for, by name.
#[cfg(test)]
pub fn names() -> impl Iterator<Item = &'static str> {
    ENTRIES.keys().map(String::as_str)
}

fn extend(have: &mut Vec<String>, more: &[String]) {
    for line in more {
        if have.len() < 5 && !have.contains(line) {
            have.push(line.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::evidence::Detector;

    #[test]
    fn every_detector_sequence_and_threat_term_has_guidance() {
        let mut names: Vec<&str> = Detector::ALL.iter().map(|d| d.as_str()).collect();
        names.extend([
            "S02",
            "S05",
            "S06",
            "S09",
            "S21",
            "zombie",
            "logging-impaired",
            "outside-purpose",
            "dormant",
            "admin-capable",
            "third-party",
            "crown-jewel",
            "sandbox",
            "owner-unknown",
            "no-ticket",
            "tor-exit",
            "anonymiser",
            "hosting",
            "access-network",
            "attack-tool",
            "script-client",
            "upstream-finding",
            "indicator",
            "known-client",
            "leaked-credential",
        ]);
        for name in names {
            let (guidance, frameworks) = for_detectors([name].into_iter());
            assert!(!guidance.check.is_empty() && !guidance.benign.is_empty() && !guidance.contain.is_empty(), "{name}");
            assert!(!frameworks.is_empty(), "{name}");
        }
    }
}
