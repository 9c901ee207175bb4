//! Which product a record came from: the system its identities belong to, and the format that reads its own log. It must
//! not know identities.

use super::super::tree::Node;

/// A product as it matters to us.
pub struct Product {
    /// The system identities belong to.
    pub platform: &'static str,
    /// The format of its own log, where a record can be turned back into it.
    pub native: Option<Native>,
    /// Its name in lower case with `_` for blanks: `amazon_guardduty`.
    pub name: String,
}

/// Logs a record can be turned back into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Native {
    CloudTrail,
    Okta,
    GitHub,
    Kubernetes,
    /// Findings of Amazon's products, as Security Hub passes them on.
    SecurityHub,
}

/// Words in the names of product and vendor, and the system they stand for; the first that is found counts.
const PLATFORMS: &[(&str, &str)] = &[
    ("eks", "kubernetes"),
    ("kubernetes", "kubernetes"),
    ("cloudtrail", "aws"),
    ("okta", "okta"),
    ("auth0", "auth0"),
    ("github", "github"),
    ("gitlab", "gitlab"),
    ("entra", "entra"),
    ("azure", "entra"),
    ("active directory", "entra"),
    ("microsoft 365", "entra"),
    ("office", "entra"),
    ("o365", "entra"),
    ("microsoft", "entra"),
    ("workspace", "gcp"),
    ("g suite", "gcp"),
    ("gcp", "gcp"),
    ("google", "gcp"),
    ("salesforce", "salesforce"),
    ("snowflake", "snowflake"),
    ("databricks", "databricks"),
    ("slack", "slack"),
    ("box", "box"),
    ("cloudflare", "cloudflare"),
    ("atlassian", "atlassian"),
    ("jira", "atlassian"),
    ("confluence", "atlassian"),
    ("1password", "onepassword"),
    ("hashicorp", "hashicorp_vault"),
    ("teleport", "teleport"),
    ("jumpcloud", "jumpcloud"),
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("mongodb", "mongodb"),
    ("amazon", "aws"),
    ("aws", "aws"),
];

/// The product of a record.
pub fn of(root: Node<'_>) -> Product {
    let product = root.at("metadata.product");
    let name = product.get("name").unwrap_or_default();
    let vendor = product.get_first(&["vendor_name", "vendor"]).unwrap_or_default();
    let cloud = root.get("cloud.provider").unwrap_or_default();
    // The product's own name says more than who sells it, the cloud it ran in least.
    let known = [&name, &vendor, &cloud].into_iter().find_map(|text| {
        let text = text.to_ascii_lowercase();
        PLATFORMS.iter().find(|(word, _)| has_word(&text, word)).map(|(_, platform)| *platform)
    });
    let lower = name.to_ascii_lowercase();
    let feature = product.get("feature.name").unwrap_or_default().to_ascii_lowercase();
    let native = match known {
        Some("kubernetes") => Some(Native::Kubernetes),
        Some("aws") if lower.contains("cloudtrail") => Some(Native::CloudTrail),
        Some("aws") if root.at("finding_info").is_nested() || root.at("finding").is_nested() => Some(Native::SecurityHub),
        Some("okta") => Some(Native::Okta),
        Some("github") if lower.contains("audit") || feature.contains("audit") || lower == "github" => Some(Native::GitHub),
        _ => None,
    };
    let told = if name.is_empty() { vendor } else { name };
    let name = told.trim().chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).take(48).collect();
    Product { platform: known.unwrap_or("ocsf"), native, name }
}

/// Whether a word stands in a text, not as a part of another word at its beginning (`box` is not in `mailbox`).
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| !text.get(..at).unwrap_or_default().ends_with(|c: char| c.is_alphanumeric()))
}
