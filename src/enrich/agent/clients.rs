//! The clients known by name. It is a table and nothing else: a client is added here, never in code.

use crate::model::observation::AgentSort;

/// A client that says its name.
pub struct Client {
    /// Product name in lower case.
    pub name: &'static str,
    /// Names that only begin so are meant too.
    pub prefix: bool,
    /// Family it is counted under.
    pub family: &'static str,
    /// What it is.
    pub sort: AgentSort,
    /// Of several products in one text the lowest rank names the client: applications before tools, tools before the SDKs
    /// they are built on, SDKs before the library or language below.
    pub rank: u8,
}

/// Rank of an application or service.
const APP: u8 = 0;
/// Rank of clients whose name may stand before the product that has the version.
pub const WRAPPED: u8 = 1;
/// Rank of a command-line tool.
const TOOL: u8 = 2;
/// Rank of an SDK.
const KIT: u8 = 3;
/// Rank of the SDK's own core.
const CORE: u8 = 4;
/// Rank of an HTTP library.
pub const LIB: u8 = 5;
/// Rank of a bare language.
const LANG: u8 = 6;

const fn client(name: &'static str, family: &'static str, sort: AgentSort, rank: u8) -> Client {
    Client { name, prefix: false, family, sort, rank }
}

const fn prefix(name: &'static str, family: &'static str, sort: AgentSort, rank: u8) -> Client {
    Client { name, prefix: true, family, sort, rank }
}

use AgentSort::{Browser, Cli, Other, Script, Sdk, Service};

/// Clients by product name; the first entry that fits counts.
pub const CLIENTS: &[Client] = &[
    // Services and consoles.
    client("s3console", "s3console", Service, APP),
    client("aws-internal", "aws-internal", Service, WRAPPED),
    client("aws-support-trustedadvisor", "aws-trusted-advisor", Service, APP),
    client("amazon-ssm-agent", "amazon-ssm-agent", Service, APP),
    client("elb-healthchecker", "elb-healthchecker", Service, APP),
    client("oktaverify", "okta-verify", Other, APP),
    client("oktadevicesdk", "okta-verify", Other, APP),
    client("kube-probe", "kube-probe", Service, APP),
    client("kubelet", "kubelet", Service, APP),
    client("kube-controller-manager", "kube-controller-manager", Service, APP),
    client("kube-scheduler", "kube-scheduler", Service, APP),
    client("kube-apiserver", "kube-apiserver", Service, APP),
    client("sfdcinternalapi", "salesforce-internal", Service, APP),
    // Tools that carry an SDK inside.
    client("terraform", "terraform", Cli, WRAPPED),
    client("terraform-provider-aws", "terraform", Cli, TOOL),
    client("opentofu", "opentofu", Cli, WRAPPED),
    client("pulumi", "pulumi", Cli, WRAPPED),
    client("ansible", "ansible", Cli, WRAPPED),
    client("aws-cli", "aws-cli", Cli, TOOL),
    client("aws-sam-cli", "aws-sam-cli", Cli, TOOL),
    client("aws-cdk", "aws-cdk", Cli, TOOL),
    client("eksctl", "eksctl", Cli, TOOL),
    client("kubectl", "kubectl", Cli, TOOL),
    client("helm", "helm", Cli, TOOL),
    client("gcloud", "gcloud", Cli, TOOL),
    client("gsutil", "gsutil", Cli, TOOL),
    client("azurecli", "azure-cli", Cli, TOOL),
    client("az-cli", "azure-cli", Cli, TOOL),
    client("azurepowershell", "azure-powershell", Cli, TOOL),
    client("gh", "github-cli", Cli, TOOL),
    client("github-cli", "github-cli", Cli, TOOL),
    client("git", "git", Cli, TOOL),
    client("aliyuncli", "aliyun-cli", Cli, TOOL),
    client("rclone", "rclone", Cli, TOOL),
    client("s5cmd", "s5cmd", Cli, TOOL),
    client("s3browser", "s3-browser", Cli, TOOL),
    client("cyberduck", "cyberduck", Cli, TOOL),
    client("awspowershell", "aws-powershell", Cli, TOOL),
    prefix("awspowershell.", "aws-powershell", Cli, TOOL),
    client("salesforcecli", "salesforce-cli", Cli, TOOL),
    client("salesforce-cli", "salesforce-cli", Cli, TOOL),
    client("sfdx", "salesforce-cli", Cli, TOOL),
    prefix("sfdx-", "salesforce-cli", Cli, TOOL),
    prefix("dataloader", "salesforce-data-loader", Cli, TOOL),
    prefix("data-loader", "salesforce-data-loader", Cli, TOOL),
    client("jsforce", "jsforce", Sdk, KIT),
    client("simple-salesforce", "simple-salesforce", Sdk, KIT),
    client("simple_salesforce", "simple-salesforce", Sdk, KIT),
    // SDKs.
    client("boto3", "boto3", Sdk, KIT),
    client("aiobotocore", "aiobotocore", Sdk, KIT),
    client("botocore", "botocore", Sdk, CORE),
    client("boto", "boto", Sdk, KIT),
    client("aws-sdk-go-v2", "aws-sdk-go-v2", Sdk, KIT),
    client("aws-sdk-go", "aws-sdk-go", Sdk, KIT),
    client("aws-sdk-java", "aws-sdk-java", Sdk, KIT),
    client("aws-sdk-js", "aws-sdk-js", Sdk, KIT),
    client("aws-sdk-nodejs", "aws-sdk-js", Sdk, KIT),
    client("aws-sdk-ruby3", "aws-sdk-ruby", Sdk, KIT),
    prefix("aws-sdk-ruby", "aws-sdk-ruby", Sdk, KIT),
    client("aws-sdk-php", "aws-sdk-php", Sdk, KIT),
    prefix("aws-sdk-dotnet", "aws-sdk-dotnet", Sdk, KIT),
    client("aws-sdk-rust", "aws-sdk-rust", Sdk, KIT),
    client("aws-sdk-kotlin", "aws-sdk-kotlin", Sdk, KIT),
    client("aws-sdk-swift", "aws-sdk-swift", Sdk, KIT),
    prefix("aws-sdk-", "aws-sdk", Sdk, KIT),
    client("gl-python", "google-api-python", Sdk, KIT),
    prefix("google-api-", "google-api-client", Sdk, KIT),
    prefix("google-cloud-sdk", "gcloud", Cli, KIT),
    prefix("azsdk-", "azure-sdk", Sdk, KIT),
    prefix("azure-sdk-", "azure-sdk", Sdk, KIT),
    client("client-go", "client-go", Sdk, KIT),
    client("octokit", "octokit", Sdk, KIT),
    prefix("octokit-", "octokit", Sdk, KIT),
    client("pygithub", "pygithub", Sdk, KIT),
    // HTTP libraries and scripting clients.
    client("python-requests", "python-requests", Script, LIB),
    client("aiohttp", "aiohttp", Script, LIB),
    client("python-httpx", "httpx", Script, LIB),
    client("python-urllib3", "urllib3", Script, LIB),
    client("urllib3", "urllib3", Script, LIB),
    client("python-urllib", "python-urllib", Script, LIB),
    client("python-httplib2", "python-httplib2", Script, LIB),
    client("curl", "curl", Script, LIB),
    client("libcurl", "curl", Script, LIB),
    client("wget", "wget", Script, LIB),
    client("go-http-client", "go-http-client", Script, LIB),
    client("okhttp", "okhttp", Script, LIB),
    client("apache-httpclient", "apache-httpclient", Script, LIB),
    client("axios", "axios", Script, LIB),
    client("node-fetch", "node-fetch", Script, LIB),
    client("undici", "undici", Script, LIB),
    client("got", "got", Script, LIB),
    client("reqwest", "reqwest", Script, LIB),
    client("guzzlehttp", "guzzle", Script, LIB),
    client("faraday", "faraday", Script, LIB),
    client("rest-client", "ruby-rest-client", Script, LIB),
    client("libwww-perl", "libwww-perl", Script, LIB),
    client("postmanruntime", "postman", Script, LIB),
    client("insomnia", "insomnia", Script, LIB),
    client("httpie", "httpie", Script, LIB),
    client("powershell", "powershell", Script, LIB),
    client("windowspowershell", "powershell", Script, LIB),
    client("python", "python", Script, LANG),
    client("java", "java", Script, LANG),
    client("node", "node", Script, LANG),
    client("node.js", "node", Script, LANG),
    client("ruby", "ruby", Script, LANG),
    client("perl", "perl", Script, LANG),
    client("php", "php", Script, LANG),
    client("deno", "deno", Script, LANG),
    client("bun", "bun", Script, LANG),
];

/// Browsers by product name, the most specific claim first.
pub const BROWSERS: &[(&[&str], &str, AgentSort)] = &[
    (&["headlesschrome"], "headless-chrome", Script),
    (&["slackbot", "slackbot-linkexpanding"], "slackbot", Other),
    (&["edg", "edge", "edga", "edgios"], "edge", Browser),
    (&["opr", "opera"], "opera", Browser),
    (&["vivaldi"], "vivaldi", Browser),
    (&["samsungbrowser"], "samsung-browser", Browser),
    (&["electron"], "electron", Browser),
    (&["firefox", "fxios"], "firefox", Browser),
    (&["chrome", "crios", "chromium"], "chrome", Browser),
];

/// Words that name a tool made to find or abuse credentials, with its family. Lower case; matched as whole words.
pub const OFFENSIVE: &[(&str, &str)] = &[
    ("trufflehog", "trufflehog"),
    ("gitleaks", "gitleaks"),
    ("pacu", "pacu"),
    ("roadtools", "roadtools"),
    ("roadrecon", "roadtools"),
    ("aadinternals", "aadinternals"),
    ("azurehound", "azurehound"),
    ("bloodhound", "bloodhound"),
    ("sharphound", "bloodhound"),
    ("graphrunner", "graphrunner"),
    ("teamfiltration", "teamfiltration"),
    ("tokentactics", "tokentactics"),
    ("microburst", "microburst"),
    ("scoutsuite", "scoutsuite"),
    ("scout suite", "scoutsuite"),
    ("cloudfox", "cloudfox"),
    ("cloudmapper", "cloudmapper"),
    ("enumerate-iam", "enumerate-iam"),
    ("weirdaal", "weirdaal"),
    ("peirates", "peirates"),
    ("kube-hunter", "kube-hunter"),
    ("kubeletctl", "kubeletctl"),
    ("stratus-red-team", "stratus-red-team"),
    ("grimoire", "grimoire"),
    ("nuclei", "nuclei"),
    ("sqlmap", "sqlmap"),
    ("nikto", "nikto"),
    ("nmap", "nmap"),
    ("ffuf", "ffuf"),
    ("fuzz faster u fool", "ffuf"),
    ("s3scanner", "s3scanner"),
    ("bucket-stream", "bucket-stream"),
    ("salesforce-multi-org-fetcher", "salesforce-multi-org-fetcher"),
    ("evilginx", "evilginx"),
];

/// Words of an operating system made for attacks, which SDKs put into their client string.
pub const KALI: &[&str] = &["kali", "parrot", "pentoo"];
