//! What a client calls itself, parsed: the product list of RFC 9110 (`name/version (comment) …`) read against a table of
//! SDKs, tools and browsers. The family decides novelty, so it must not change with build hashes, versions or hosts. It
//! must not know what is usual for whom.

mod clients;
mod products;

use crate::model::observation::AgentSort;
use crate::model::{Agent, Sym};
use clients::{CLIENTS, KALI, OFFENSIVE};
use products::{Product, products, stem};

/// Only this much of a client's text is looked at; what follows never names the client.
const LOOKED_AT: usize = 1024;
/// Longest family, in bytes.
const LONGEST: usize = 64;

/// Parses a client string. The text and its symbol are kept as sent.
pub fn parse(text: &str) -> Agent {
    let (family, major, sort) = classify(text);
    Agent { text: text.to_owned(), sym: Sym::of(text), family_sym: Sym::of(&family), family, major, sort }
}

fn classify(text: &str) -> (String, u32, AgentSort) {
    let mut seen = cut(text, LOOKED_AT).trim();
    // S3 access through CloudTrail wraps the client in one pair of brackets.
    if let Some(inner) = seen.strip_prefix('[') {
        seen = inner.strip_suffix(']').unwrap_or(inner).trim();
    }
    if seen.is_empty() {
        return (String::new(), 0, AgentSort::Other);
    }
    let lower = seen.to_lowercase();
    if let Some((_, family)) = OFFENSIVE.iter().find(|(word, _)| has_word(&lower, word)) {
        let major = products(seen).iter().find(|p| has_word(&p.name.to_lowercase(), family)).map_or(0, Product::major);
        return ((*family).to_owned(), major, AgentSort::Offensive);
    }
    if super::address::service(seen).is_some() {
        return (lower.replace(' ', "-"), 0, AgentSort::Service);
    }
    let list = products(seen);
    let (family, major, sort) = known(&list).or_else(|| browser(&lower, &list)).unwrap_or_else(|| unknown(seen, &lower, &list));
    // A known client on a system made for attacks is that client, and still an attack tool.
    let sort = if KALI.iter().any(|word| has_word(&lower, word)) { AgentSort::Offensive } else { sort };
    (family, major, sort)
}

/// The best-ranked product the table knows; of equals the first.
fn known(list: &[Product<'_>]) -> Option<(String, u32, AgentSort)> {
    let mut best: Option<(u8, String, u32, AgentSort)> = None;
    for product in list {
        let name = product.name.to_lowercase();
        let found = CLIENTS.iter().find(|c| c.name == name || (c.prefix && name.starts_with(c.name)));
        // `Kubernetes Java Client` is not Java: a library or language counts with its version, or alone.
        let said = |rank: u8| rank < clients::LIB || product.has_version() || list.len() == 1;
        if let Some(client) = found
            && said(client.rank)
            && best.as_ref().is_none_or(|(rank, ..)| client.rank < *rank)
        {
            let major = if client.rank == clients::WRAPPED { product.major().max(inner_major(list, client.name)) } else { product.major() };
            best = Some((client.rank, client.family.to_owned(), major, client.sort));
        }
    }
    best.map(|(_, family, major, sort)| (family, major, sort))
}

/// Version of a client that names itself twice, the first time without one.
fn inner_major(list: &[Product<'_>], name: &str) -> u32 {
    list.iter().filter(|p| p.name.eq_ignore_ascii_case(name)).map(Product::major).max().unwrap_or(0)
}

/// Browsers all claim to be each other; the most specific claim is the true one.
fn browser(lower: &str, list: &[Product<'_>]) -> Option<(String, u32, AgentSort)> {
    if !lower.contains("mozilla/") && !lower.contains("mozilla ") && lower != "mozilla" {
        return None;
    }
    let find = |wanted: &[&str]| list.iter().find(|p| wanted.iter().any(|w| p.name.eq_ignore_ascii_case(w)));
    for (wanted, family, sort) in clients::BROWSERS {
        if let Some(product) = find(wanted) {
            return Some(((*family).to_owned(), product.major(), *sort));
        }
    }
    if find(&["safari"]).is_some() || find(&["applewebkit"]).is_some() {
        return Some(("safari".to_owned(), find(&["version"]).map_or(0, Product::major), AgentSort::Browser));
    }
    if lower.contains("trident/") || lower.contains("msie ") {
        return Some(("internet-explorer".to_owned(), 0, AgentSort::Browser));
    }
    // `Mozilla/5.0 (compatible; SomeBot/2.1; +https://…)`: the robot's name is in the comment.
    if let Some(rest) = lower.split_once("(compatible;").map(|(_, rest)| rest) {
        let name = rest.split([';', ')']).next().unwrap_or_default().trim();
        let (name, version) = name.split_once('/').unwrap_or((name, ""));
        let name = stem(name);
        if !name.is_empty() && !name.contains(' ') && !name.starts_with("msie") {
            return Some((cut(&name, LONGEST).to_owned(), Product { name: "", version }.major(), AgentSort::Other));
        }
    }
    Some(("mozilla".to_owned(), 0, AgentSort::Browser))
}

/// A client the table does not know: its first product, or the whole text where it is no product list.
fn unknown(seen: &str, lower: &str, list: &[Product<'_>]) -> (String, u32, AgentSort) {
    let sort = if lower.ends_with("bot") { AgentSort::Script } else { AgentSort::Other };
    if lower.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return (cut(lower, LONGEST).to_owned(), 0, sort);
    }
    let versioned = list.iter().position(Product::has_version);
    let (name, major) = match versioned {
        // `Kubernetes Java Client/17.0`, `Microsoft Office/16.0`: the words before the first version are the name.
        Some(at) => {
            let words: Vec<&str> = list.iter().take(at + 1).map(|p| p.name).collect();
            (words.join(" "), list.get(at).map_or(0, Product::major))
        }
        None if list.is_empty() => (seen.to_owned(), 0),
        // No version anywhere: `vendor/integration_app`, `My Integration`.
        None => (list.iter().map(Product::whole).collect::<Vec<_>>().join(" "), 0),
    };
    let mut family = stem(&name.to_lowercase()).split_whitespace().collect::<Vec<_>>().join("-");
    if family.is_empty() {
        lower.clone_into(&mut family);
    }
    (cut(&family, LONGEST).to_owned(), major, sort)
}

/// Whether `word` stands in `text` with no letter or digit before it and no letter behind it (`kali5` is a release of
/// Kali). Both are lower case.
fn has_word(text: &str, word: &str) -> bool {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(word)) {
        let (start, end) = (from + at, from + at + word.len());
        let before = text.get(..start).and_then(|s| s.chars().next_back());
        let after = text.get(end..).and_then(|s| s.chars().next());
        if !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphabetic) {
            return true;
        }
        from = end;
    }
    false
}

/// At most `len` bytes, at a character's edge.
fn cut(text: &str, len: usize) -> &str {
    text.get(..text.floor_char_boundary(len)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn clients_as_logs_name_them() {
        use AgentSort::{Browser, Cli, Offensive, Other, Script, Sdk, Service};
        for (text, family, major, sort) in [
            ("aws-sdk-go/1.44.1 (go1.19; linux; amd64)", "aws-sdk-go", 1, Sdk),
            ("aws-sdk-go-v2/1.24.0 os/linux lang/go#1.21 md/GOOS#linux api/sts#1.26", "aws-sdk-go-v2", 1, Sdk),
            ("Boto3/1.26.90 md/Botocore#1.29.90 ua/2.0 os/linux#5.10 md/arch#x86_64 lang/python#3.9", "boto3", 1, Sdk),
            ("Boto3/1.9.201 Python/3.7.3 Linux/4.14 Botocore/1.12.201", "boto3", 1, Sdk),
            ("Botocore/1.12.201 Python/3.7", "botocore", 1, Sdk),
            ("[Boto3/1.9.201 Python/3.7.3 Botocore/1.12.201]", "boto3", 1, Sdk),
            (
                "aws-cli/2.7.24 Python/3.9.11 Linux/4.14 exec-env/CloudShell exe/x86_64.amzn.2 prompt/off command/ec2.describe",
                "aws-cli",
                2,
                Cli,
            ),
            ("aws-cli/1.18.69 Python/3.6.9 Linux/4.15 botocore/1.16.19", "aws-cli", 1, Cli),
            ("aws-sdk-java/1.12.1 Linux/5.10 OpenJDK_64-Bit_Server_VM/25 java/1.8.0", "aws-sdk-java", 1, Sdk),
            ("aws-internal/3 aws-sdk-java/1.12.150 Linux/5.4", "aws-internal", 3, Service),
            ("[S3Console/0.4, aws-internal/3 aws-sdk-java/1.11.1030 Linux/5.4 cfg/retry-mode/legacy]", "s3console", 0, Service),
            (
                "APN/1.0 HashiCorp/1.0 Terraform/1.5.7 (+https://www.terraform.io) terraform-provider-aws/5.31.0 aws-sdk-go/1.49",
                "terraform",
                1,
                Cli,
            ),
            ("kubectl/v1.27.3 (linux/amd64) kubernetes/25b4e43", "kubectl", 1, Cli),
            ("google-cloud-sdk gcloud/405.0.1 command/gcloud.iam.list", "gcloud", 405, Cli),
            ("python-requests/2.32.5", "python-requests", 2, Script),
            ("Python/3.11 aiohttp/3.12.15", "aiohttp", 3, Script),
            ("python-urllib3/1.26.5", "urllib3", 1, Script),
            ("Python-urllib/3.9", "python-urllib", 3, Script),
            ("Python-httplib2/0.8 (gzip)", "python-httplib2", 0, Script),
            ("curl/7.68.0", "curl", 7, Script),
            ("Go-http-client/1.1", "go-http-client", 1, Script),
            ("okhttp/4.9.3", "okhttp", 4, Script),
            ("axios/1.6.2", "axios", 1, Script),
            ("PostmanRuntime/7.32.3", "postman", 7, Script),
            ("SalesforceCLI", "salesforce-cli", 0, Cli),
            ("DataLoaderPartnerUI/64.0.0", "salesforce-data-loader", 64, Cli),
            ("Salesforce DataLoader", "salesforce-data-loader", 0, Cli),
            ("Salesforce-Multi-Org-Fetcher/1.0", "salesforce-multi-org-fetcher", 1, Offensive),
            ("TruffleHog", "trufflehog", 0, Offensive),
            ("Mozilla/5.0 TruffleHog v3/3.63", "trufflehog", 0, Offensive),
            ("Pacu/1.5", "pacu", 1, Offensive),
            ("Boto3/1.26 Python/3.11 Linux/6.1.0-kali5-amd64 Botocore/1.29", "boto3", 1, Offensive),
            ("stratus-red-team_83b3e7b3-0c7b-4d0f-8a36-1f0c6c7a9b11", "stratus-red-team", 0, Offensive),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
                "chrome",
                120,
                Browser,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0.2210",
                "edge",
                120,
                Browser,
            ),
            ("Mozilla/5.0 (X11; Ubuntu; rv:109.0) Gecko/20100101 Firefox/119.0", "firefox", 119, Browser),
            ("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15", "safari", 17, Browser),
            ("Mozilla/5.0 (X11) AppleWebKit/537.36 HeadlessChrome/119.0 Safari/537.36", "headless-chrome", 119, Script),
            ("Mozilla/5.0 (Windows NT; en-US) WindowsPowerShell/5.1.19041", "powershell", 5, Script),
            ("Mozilla/5.0 (compatible; SomeBot/2.1; +https://bot.example)", "somebot", 2, Other),
            ("Mozilla/5.0 (Windows NT 10.0)", "mozilla", 0, Browser),
            ("AWS Internal", "aws-internal", 0, Service),
            ("cloudformation.amazonaws.com", "cloudformation.amazonaws.com", 0, Service),
            ("Kubernetes Java Client/17.0.0-SNAPSHOT", "kubernetes-java-client", 17, Other),
            ("acme-sync/2.4.1", "acme-sync", 2, Other),
            ("acme-sync-2.4.1", "acme-sync", 0, Other),
            ("acme_sync_7f9c6b5d4e/3", "acme_sync", 3, Other),
            ("vendor/integration_app", "vendor/integration_app", 0, Other),
            ("My Nightly Export", "my-nightly-export", 0, Other),
            ("9999", "9999", 0, Other),
            ("", "", 0, Other),
            ("[]", "", 0, Other),
            ("...", "...", 0, Other),
        ] {
            let agent = parse(text);
            assert_eq!((agent.family.as_str(), agent.major, agent.sort), (family, major, sort), "{text}");
            assert_eq!((agent.text.as_str(), agent.sym, agent.family_sym), (text, Sym::of(text), Sym::of(family)), "{text}");
        }
    }

    #[test]
    fn a_word_inside_another_is_not_that_tool() {
        for text in ["pacuzzi/1.0", "hydration-service/2.0", "Nucleic/1.0", "kalimba/1.0"] {
            assert_ne!(parse(text).sort, AgentSort::Offensive, "{text}");
        }
    }

    #[test]
    fn ids_and_versions_in_a_name_make_no_new_family() {
        for (one, other) in [
            ("acme-sync-1.2.3", "acme-sync-1.2.4"),
            ("runner-0123456789abcdef0", "runner-fedcba98765432100"),
            ("job_83b3e7b3-0c7b-4d0f-8a36-1f0c6c7a9b11/1.0", "job_11111111-2222-3333-4444-555555555555/1.9"),
            ("aws-sdk-go/1.44.1 (go1.19; linux; amd64)", "aws-sdk-go/1.50.9 (go1.21; darwin; arm64)"),
        ] {
            assert_eq!(parse(one).family, parse(other).family);
        }
    }

    proptest! {
        /// Client strings are hostile: no text panics, and a family stays short, lower case and without control characters.
        #[test]
        fn any_text_gives_a_bounded_family(text in "\\PC{0,200}|[A-Za-z0-9/ ().;_\\[\\]-]{0,300}") {
            let agent = parse(&text);
            prop_assert!(agent.family.len() <= LONGEST.max(text.to_lowercase().len().min(LOOKED_AT)));
            prop_assert_eq!(agent.family.to_lowercase(), agent.family.clone());
            prop_assert_eq!(parse(&text), agent);
        }
    }
}
