//! The mapping files that are part of the program. Each is checked by a test, so that none can fail to load. It must not
//! know what is in them.

use super::Mapping;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Name and text of every file, in the order in which the formats are tried.
        pub(super) const FILES: &[(&str, &str)] =
            &[$((concat!($name, ".toml"), include_str!(concat!("../../../assets/formats/", $name, ".toml")))),*];
    };
}

files![
    "snowflake_login",
    "snowflake_query",
    "databricks",
    "slack_audit",
    "slack_access",
    "auth0",
    "keycloak",
    "pingone",
    "hashicorp_vault",
    "box",
    "cloudflare",
    "cloudflare_access",
    "gitlab_audit",
    "jira_cloud",
    "confluence_cloud",
    "atlassian_data_center",
    "atlassian_org",
    "onepassword",
    "teleport",
    "jumpcloud",
    "wiz",
    "wiz_finding",
    "openai_audit",
    "anthropic_compliance",
    "bedrock_invocation",
    "asana_audit",
    "notion_audit",
    "zendesk_audit",
    "crowdstrike_detection",
    "crowdstrike_audit",
    "sap_joblog",
];

/// The formats of these files.
pub(in crate::format) fn embedded() -> impl Iterator<Item = Mapping> {
    FILES.iter().filter_map(|(file, text)| Mapping::parse(file, text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects every format that is data: a file that does not load is no format.
    #[test]
    fn every_file_is_sound_and_bears_its_own_name() {
        for (file, text) in FILES {
            let mapping = Mapping::parse(file, text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(format!("{}.toml", mapping.name), *file);
        }
        assert_eq!(embedded().count(), FILES.len());
    }
}
