//! Which AWS operations are reconnaissance, and of what kind: asking who one is, what exists, how it is built, how large
//! it is, and what the limits are. Whether such a call is unusual is not decided here.

use crate::model::Probe;

/// The probe an operation (without version) of a service (without `.amazonaws.com`) amounts to.
pub fn probe(service: &str, op: &str) -> Option<Probe> {
    match (service, op) {
        ("sts", "GetCallerIdentity") => return Some(Probe::WhoAmI),
        ("s3", "HeadBucket" | "GetBucketLocation") | ("monitoring", "GetMetricStatistics" | "GetMetricData") => return Some(Probe::Count),
        ("iam", "GetAccountAuthorizationDetails" | "GenerateCredentialReport" | "GetCredentialReport") => return Some(Probe::ListAll),
        ("iam", "GetAccountSummary")
        | ("ses", "GetSendQuota" | "GetSendStatistics" | "GetAccount")
        | ("ec2" | "rds", "DescribeAccountAttributes")
        | ("lambda", "GetAccountSettings") => return Some(Probe::Limits),
        ("servicequotas" | "support", _) if op.starts_with("Get") || op.starts_with("List") || op.starts_with("Describe") => {
            return Some(Probe::Limits);
        }
        ("iam", "GetUser" | "GetRole" | "GetGroup" | "GetLoginProfile") => return Some(Probe::Describe),
        _ => {}
    }
    if op.ends_with("Limits") || op.ends_with("Quota") || op.ends_with("Quotas") {
        return op.starts_with("Get").then_some(Probe::Limits).or_else(|| op.starts_with("Describe").then_some(Probe::Limits));
    }
    if op.starts_with("List") {
        return Some(Probe::ListAll);
    }
    if let Some(what) = op.strip_prefix("Describe") {
        // A plural lists the things themselves (DescribeInstances); a singular asks about one.
        let things =
            what.ends_with('s') && !["ss", "Status", "Attributes", "Settings", "Permissions"].iter().any(|end| what.ends_with(end));
        return Some(if things { Probe::ListAll } else { Probe::Describe });
    }
    let what = op.strip_prefix("Get")?;
    let built = what.starts_with("Bucket") || what.ends_with("Policy") || what.ends_with("Acl") || what.ends_with("PolicyVersion");
    (built || what.ends_with("Configuration") || what.ends_with("PublicAccessBlock")).then_some(Probe::Describe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_of_operations() {
        for (service, op, expected) in [
            ("sts", "GetCallerIdentity", Some(Probe::WhoAmI)),
            ("s3", "ListBuckets", Some(Probe::ListAll)),
            ("ec2", "DescribeInstances", Some(Probe::ListAll)),
            ("ec2", "DescribeInstanceAttribute", Some(Probe::Describe)),
            ("ec2", "DescribeInstanceStatus", Some(Probe::Describe)),
            ("s3", "GetBucketAcl", Some(Probe::Describe)),
            ("s3", "GetBucketPolicy", Some(Probe::Describe)),
            ("iam", "GetPolicyVersion", Some(Probe::Describe)),
            ("s3", "HeadBucket", Some(Probe::Count)),
            ("s3", "GetBucketLocation", Some(Probe::Count)),
            ("monitoring", "GetMetricStatistics", Some(Probe::Count)),
            ("servicequotas", "ListServiceQuotas", Some(Probe::Limits)),
            ("iam", "GetAccountSummary", Some(Probe::Limits)),
            ("ses", "GetSendQuota", Some(Probe::Limits)),
            ("ec2", "DescribeAccountAttributes", Some(Probe::Limits)),
            ("dynamodb", "DescribeLimits", Some(Probe::Limits)),
            ("s3", "GetObject", None),
            ("s3", "PutObject", None),
            ("ec2", "RunInstances", None),
        ] {
            assert_eq!(probe(service, op), expected, "{service}:{op}");
        }
    }
}
