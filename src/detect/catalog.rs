//! What each detector, rule and term of context measures, in words, from `assets/detectors.toml`: what `explain` tells.
//! Text only; it decides nothing.

use super::evidence::Detector;
use super::settings::Settings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What something that can stand in an alert measures.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its place in the model's description.
    pub design: String,
    /// What it measures.
    pub measures: String,
    /// How that becomes evidence.
    pub statistic: String,
    /// Over what it is measured.
    pub window: String,
    /// Keys of the settings it depends on.
    pub settings: Vec<String>,
}

static ENTRIES: LazyLock<BTreeMap<String, Entry>> = LazyLock::new(|| {
    // The file is compiled in and its parse is tested; an empty table is what a broken build would show.
    toml::from_str(include_str!("../../assets/detectors.toml")).unwrap_or_default()
});

/// Every name with what it measures, by name.
pub fn all() -> impl Iterator<Item = (&'static str, &'static Entry)> {
    ENTRIES.iter().map(|(name, entry)| (name.as_str(), entry))
}

/// What a name measures; `None` for one that does not exist.
pub fn of(name: &str) -> Option<&'static Entry> {
    ENTRIES.get(name)
}

/// Where evidence of a name counts: a family, or `sequence`, `threat`, `context`.
pub fn family(name: &str) -> &'static str {
    match name {
        _ if Detector::from_word(name).is_some() => Detector::from_word(name).map_or("", |d| d.family().as_str()),
        "S02" | "S05" | "S06" | "S09" | "S21" | "zombie" | "logging-impaired" => "sequence",
        "outside-purpose" => "the family it is outside of",
        "dormant" | "admin-capable" | "third-party" | "crown-jewel" | "sandbox" | "owner-unknown" | "no-ticket" => "context",
        _ => "threat",
    }
}

/// The settings of an entry with their values, as text.
pub fn settings(entry: &Entry, settings: &Settings) -> Vec<(String, String)> {
    let all = serde_json::to_value(settings).unwrap_or_default();
    entry.settings.iter().map(|key| (key.clone(), all.get(key).map_or_else(String::new, ToString::to_string))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::guidance;

    /// Protects `explain`: what can stand in an alert can be asked about, and every setting it names exists.
    #[test]
    fn whatever_has_guidance_is_explained_and_the_reverse() {
        let explained: Vec<&str> = all().map(|(name, _)| name).collect();
        let guided: Vec<&str> = guidance::names().collect();
        assert_eq!(explained, guided);
        for detector in Detector::ALL {
            assert!(of(detector.as_str()).is_some(), "{detector}");
        }
        for (name, entry) in all() {
            assert!(settings(entry, &Settings::default()).iter().all(|(_, value)| !value.is_empty()), "{name}: {:?}", entry.settings);
        }
    }
}
