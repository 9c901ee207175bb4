//! What an operation in an access log does: `REST.GET.OBJECT`, `BATCH.DELETE.OBJECT`, `S3.EXPIRE.OBJECT`. The classes are
//! those of the same calls in CloudTrail. Nothing here looks at a request.

use crate::model::ActionClass::{self, Admin, Delete, Describe, Iam, List, Logging, Query, Read, Token, Write};
use crate::model::Probe;

/// Whether a text is an operation: `WHO.VERB.WHAT`.
pub fn is_operation(text: &str) -> bool {
    ["REST.", "BATCH.", "S3.", "WEBSITE.", "SOAP."].iter().any(|begin| text.starts_with(begin))
        && text.len() <= 80
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
}

/// Verb and thing: `REST.GET.OBJECT` is `GET` of `OBJECT`.
fn parts(operation: &str) -> (&str, &str) {
    let mut parts = operation.splitn(3, '.');
    let _by = parts.next();
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// Who may do what to a bucket or object.
const ACCESS: &[&str] = &[
    "ACL",
    "BUCKETPOLICY",
    "POLICY",
    "POLICY_STATUS",
    "PUBLIC_ACCESS_BLOCK",
    "OWNERSHIP_CONTROLS",
    "OBJECT_ACL",
    "ACCESS_GRANTS",
    "BUCKET_OWNERSHIP",
];
/// Parts of a written object.
const PARTS: &[&str] = &["PART", "UPLOADS", "UPLOAD", "PART_COPY"];

/// The class of an operation.
pub fn classify(operation: &str) -> ActionClass {
    let (verb, what) = parts(operation);
    match (verb, what) {
        ("GET", "OBJECT" | "OBJECT_TORRENT" | "OBJECTLAMBDA") | ("HEAD", "OBJECT") | ("COPY", "OBJECT_GET" | "PART_GET") => Read,
        ("GET", "BUCKET" | "BUCKETVERSIONS" | "UPLOADS" | "UPLOAD" | "SERVICE") => List,
        ("GET" | "HEAD" | "OPTIONS", _) => Describe,
        ("SELECT", _) | ("POST", "OBJECT_SELECT" | "SELECT") => Query,
        ("POST", "MULTI_OBJECT_DELETE") | ("DELETE", "OBJECT" | "BUCKET" | "UPLOAD") | ("EXPIRE", _) | ("CREATE", "DELETEMARKER") => Delete,
        ("PUT" | "POST" | "DELETE", "LOGGING_STATUS" | "LOGGING") => Logging,
        ("PUT" | "POST" | "DELETE", what) if ACCESS.contains(&what) => Iam,
        ("PUT" | "POST" | "COPY", "OBJECT" | "BUCKET" | "OBJECT_TAGGING" | "RESTORE") => Write,
        ("PUT" | "POST" | "COPY", what) if PARTS.contains(&what) => Write,
        ("CREATE", "SESSION") | (_, "CREATE_SESSION") => Token,
        ("DELETE", "OBJECT_TAGGING") | ("RESTORE", _) => Write,
        ("LISTBUCKETS", _) => List,
        _ => Admin,
    }
}

/// The reconnaissance an operation amounts to, as the same call does in CloudTrail.
pub fn probe(operation: &str) -> Option<Probe> {
    match parts(operation) {
        ("GET", "BUCKET" | "BUCKETVERSIONS" | "UPLOADS" | "SERVICE") => Some(Probe::ListAll),
        ("HEAD", "BUCKET") | ("GET", "LOCATION") => Some(Probe::Count),
        ("GET", what) if !matches!(what, "OBJECT" | "OBJECT_TORRENT" | "OBJECTLAMBDA" | "OBJECT_TAGGING" | "UPLOAD" | "PREFLIGHT") => {
            Some(Probe::Describe)
        }
        _ => None,
    }
}

/// Whether one request may be logged several times, once for each object it touches.
pub fn is_many(operation: &str) -> bool {
    operation.starts_with("BATCH.") || operation.starts_with("S3.")
}
