//! What a client's own name tells about who sits before it: a browser is the interface made for people, a library or
//! command-line tool a program. A client on neither list tells nothing. It must not know any provider.

use crate::model::KindEvidence;

/// How browsers begin.
const BROWSERS: &[&str] = &["mozilla/", "opera/"];

/// Words that only programs have in their names; lower case.
const PROGRAMS: &[&str] = &[
    "python",
    "urllib",
    "aiohttp",
    "httpx",
    "curl/",
    "wget/",
    "go-http-client",
    "okhttp",
    "java/",
    "jersey",
    "apache-httpclient",
    "axios",
    "node-fetch",
    "node.js",
    "undici",
    "got (",
    "ruby",
    "faraday",
    "perl",
    "libwww",
    "php",
    "guzzle",
    "powershell",
    "postman",
    "insomnia",
    "terraform",
    "pulumi",
    "ansible",
    "aws-cli",
    "aws-sdk",
    "boto",
    "google-api",
    "azure-sdk",
    "jdbc",
    "odbc",
    "driver",
    "sdk/",
    "-cli/",
    "rclone",
    "rust",
    "reqwest",
    "dart",
    "httpie",
    "restsharp",
    "workato",
    "zapier",
    "airflow",
    "dbt",
    "fivetran",
    "spark",
];

/// What a client's name tells.
pub(super) fn evidence(agent: &str) -> KindEvidence {
    let lower = agent.to_ascii_lowercase();
    if BROWSERS.iter().any(|browser| lower.starts_with(browser)) {
        // A program that calls itself a browser and then says what it is.
        let program = ["powershell", "python", "headless", "bot"].iter().any(|word| lower.contains(word));
        return if program { KindEvidence::API_CLIENT } else { KindEvidence::UI };
    }
    if PROGRAMS.iter().any(|word| lower.contains(word)) { KindEvidence::API_CLIENT } else { KindEvidence::NONE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_and_programs_are_told_apart() {
        for (agent, expected) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36", KindEvidence::UI),
            ("Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1", KindEvidence::API_CLIENT),
            ("python-requests/2.31.0", KindEvidence::API_CLIENT),
            ("PYTHON_DRIVER 3.0.1", KindEvidence::API_CLIENT),
            ("curl/8.1", KindEvidence::API_CLIENT),
            ("1Password for Mac", KindEvidence::NONE),
            ("", KindEvidence::NONE),
        ] {
            assert_eq!(evidence(agent), expected, "{agent}");
        }
    }
}
