//! Which format a file's records are of, and which formats are finished. One row per place in the corpus, the first that
//! fits counts.

/// Formats that are finished: for them the test fails where it only prints for the others. A builder adds a name here when
/// the format agrees.
pub const REQUIRED: &[&str] = &[
    "anthropic_compliance",
    "asana_audit",
    "atlassian_data_center",
    "atlassian_org",
    "auth0",
    "aws_cloudtrail",
    "aws_s3access",
    "azure_activity",
    "bedrock_invocation",
    "box",
    "cloudflare",
    "confluence_cloud",
    "databricks",
    "ecs",
    "entra_id",
    "gcp_audit",
    "github_audit",
    "gitlab_audit",
    "google_workspace",
    "hashicorp_vault",
    "jira_cloud",
    "kubernetes_audit",
    "m365_ual",
    "msft_alerts",
    "notion_audit",
    "ocsf",
    "kubernetes_audit",
    "okta",
    "onepassword",
    "openai_audit",
    "salesforce_elf",
    "salesforce_event",
    "salesforce_setup",
    "slack_access",
    "slack_audit",
    "snowflake_login",
    "snowflake_query",
    "teleport",
    "wiz",
    "wiz_finding",
    "zendesk_audit",
];

/// Folder, part of the path below it, formats (any may recognise it, the first is the main one), whether reading is optional.
type Place = (&'static str, &'static str, &'static [&'static str], bool);

const PLACES: &[Place] = &[
    // Notices that objects were written, a catalogue of operations: no trail.
    ("aws_cloudtrail", "boogy_cloudtrail-rs/", &["aws_cloudtrail"], true),
    ("aws_cloudtrail", "adanalvarez_TrailDiscover/", &[], true),
    ("aws_cloudtrail", "", &["aws_cloudtrail"], false),
    ("aws_s3access", "", &["aws_s3access"], false),
    ("aws_guardduty", "", &["aws_guardduty"], false),
    // Broken on purpose.
    ("azure_activity", "-invalid", &["azure_activity"], true),
    // What the platform says about resources: Kubernetes in AKS, gateways' traffic, device state.
    ("azure_activity", "platformlogs/", &["azure_activity", "kubernetes_audit"], true),
    ("azure_activity", "activitylogs-identity", &["entra_id", "azure_activity"], false),
    ("azure_activity", "", &["azure_activity", "entra_id"], false),
    // A directory of users.
    ("entra_id", "AADUSerInfo", &["entra_id"], true),
    ("entra_id", "", &["entra_id", "m365_ual", "msft_alerts"], false),
    ("m365_ual", "", &["m365_ual", "msft_alerts"], false),
    ("salesforce", "login_stream", &["salesforce_event"], false),
    ("salesforce", "logout_stream", &["salesforce_event"], false),
    ("salesforce", "setupaudittrail", &["salesforce_setup"], false),
    ("salesforce", "sample_limits", &["salesforce_elf"], true),
    ("salesforce", "newrelic", &["salesforce_elf", "salesforce_event"], true),
    ("salesforce", "", &["salesforce_elf", "salesforce_event", "salesforce_setup"], false),
    ("okta", "", &["okta"], false),
    // Alerts of code scanning, as webhooks.
    ("github_audit", "githubscanaudit", &["github_audit"], true),
    ("github_audit", "", &["github_audit"], false),
    // Traffic, name lookups and measurements, not the audit log.
    ("gcp_audit", "loadbalancing", &["gcp_audit"], true),
    ("gcp_audit", "vpc_flows", &["gcp_audit"], true),
    ("gcp_audit", "GCP_DNS", &["gcp_audit"], true),
    ("gcp_audit", "GCP_MONITORING", &["gcp_audit"], true),
    ("gcp_audit", "", &["gcp_audit"], false),
    ("google_workspace", "", &["google_workspace"], false),
    // Another product's summaries of the audit log.
    ("kubernetes_audit", "alcide", &["kubernetes_audit"], true),
    ("kubernetes_audit", "", &["kubernetes_audit", "gcp_audit"], false),
    ("ocsf", "CloudTrail", &["aws_cloudtrail"], false),
    ("ocsf", "eks", &["kubernetes_audit"], false),
    ("ocsf", "EKS", &["kubernetes_audit"], false),
    ("ocsf", "GitHub", &["github_audit"], false),
    ("ocsf", "Okta", &["okta"], false),
    ("ocsf", "okta", &["okta"], false),
    ("ocsf", "", &[], true),
    ("slack_audit", "", &["slack_audit"], false),
    ("auth0", "", &["auth0"], false),
    ("hashicorp_vault", "", &["hashicorp_vault"], false),
    ("box", "", &["box"], false),
    ("cloudflare", "", &["cloudflare"], false),
    ("gitlab_audit", "", &["gitlab_audit"], false),
    ("atlassian", "audit-files", &["atlassian_data_center"], false),
    ("atlassian", "onfluence", &["confluence_cloud"], false),
    ("atlassian", "ira", &["jira_cloud"], false),
    ("atlassian", "", &["atlassian_org"], false),
    ("onepassword", "", &["onepassword"], false),
    ("teleport", "", &["teleport"], false),
    ("jumpcloud", "", &["jumpcloud"], false),
    ("wiz", "", &["wiz"], false),
    ("snowflake", "", &["snowflake_login", "snowflake_query"], true),
    ("databricks", "", &["databricks"], false),
    ("cross_source", "", &[], true),
    ("ai_agents", "", &[], true),
];

/// The formats of a file's records, and whether nobody promises to read them.
pub fn of_file(folder: &str, path: &str) -> (Vec<&'static str>, bool) {
    let place = PLACES.iter().find(|(f, part, ..)| *f == folder && path.contains(part));
    place.map_or((Vec::new(), true), |(_, _, formats, optional)| (formats.to_vec(), *optional))
}

/// The formats of a labelled record by the name its label gives the log, and whether reading is optional.
const LOGS: &[(&str, &[&str], bool)] = &[
    ("AWS.CloudTrail", &["aws_cloudtrail"], false),
    ("cloudtrail:events", &["aws_cloudtrail"], false),
    ("cloudwatch:events", &["aws_cloudtrail"], true),
    ("cloudwatch:cloudtrail", &["aws_cloudtrail"], true),
    ("AWS.S3ServerAccess", &["aws_s3access"], false),
    ("AWS.GuardDuty", &["aws_guardduty"], false),
    ("AWS.BedrockModelInvocation", &["bedrock_invocation"], false),
    ("Anthropic.Activity", &["anthropic_compliance"], false),
    ("OpenAI.Audit", &["openai_audit"], false),
    ("Atlassian.Audit", &["atlassian_org"], false),
    ("Auth0.Events", &["auth0"], false),
    ("Azure.Audit", &["entra_id"], false),
    ("Azure.MonitorActivity", &["azure_activity", "kubernetes_audit"], false),
    ("MicrosoftIntune.", &["entra_id", "azure_activity"], true),
    ("Box.Event", &["box"], false),
    ("Cloudflare.Audit", &["cloudflare"], false),
    // Traffic of visitors, no activity of identities.
    ("Cloudflare.", &[], true),
    ("Databricks.Audit", &["databricks"], false),
    ("GCP.AuditLog", &["gcp_audit", "kubernetes_audit"], false),
    ("GitHub.Audit", &["github_audit"], false),
    ("ghe:", &["github_audit"], true),
    ("GitHub.Webhook", &["github_audit"], true),
    ("GitLab.Audit", &["gitlab_audit"], false),
    ("GitLab.", &["gitlab_audit"], true),
    ("GSuite.ActivityEvent", &["google_workspace"], false),
    ("gsuite:", &["google_workspace"], true),
    ("Amazon.EKS.Audit", &["kubernetes_audit"], false),
    ("Microsoft365.Audit.", &["m365_ual"], false),
    ("MicrosoftDefenderXDR.", &["msft_alerts"], true),
    ("Okta.SystemLog", &["okta"], false),
    ("okta:", &["okta"], false),
    ("OnePassword.", &["onepassword"], false),
    ("Asana.Audit", &["asana_audit"], false),
    ("Notion.AuditLogs", &["notion_audit"], false),
    ("Zendesk.Audit", &["zendesk_audit"], false),
    ("slack:", &["slack_access"], true),
    ("Salesforce.RealtimeEvent", &["salesforce_event", "salesforce_elf"], false),
    ("Slack.AuditLogs", &["slack_audit"], false),
    ("Snowflake.LoginHistory", &["snowflake_login"], false),
    ("Snowflake.QueryHistory", &["snowflake_query"], false),
    // A table of what is, not of what happened.
    ("Snowflake.GrantsToUsers", &["snowflake_query"], true),
    ("Gravitational.TeleportAudit", &["teleport"], false),
    ("Wiz.Audit", &["wiz"], false),
    ("Wiz.", &["wiz_finding"], true),
];

/// The formats of a log by the name a label gives it; the folder's where the label says nothing we know.
pub fn of_log(log: &str) -> Option<(Vec<&'static str>, bool)> {
    LOGS.iter().find(|(name, ..)| log.starts_with(name)).map(|(_, formats, optional)| (formats.to_vec(), *optional))
}
