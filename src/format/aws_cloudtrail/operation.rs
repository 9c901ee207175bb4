//! What an AWS operation does: its class, by service and by the verb it starts with. The verbs are the rule, the
//! services the exceptions. Nothing here looks at a record.

use crate::model::ActionClass;
use crate::model::ActionClass::{Admin, Auth, Delete, Describe, Export, Iam, Invoke, List, Logging, Query, Read, Secret, Token, Write};
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// An operation without the version some services append: `ListFunctions20150331` and `UpdateFunctionCode20150331v2`
/// lose it, `CreateDistribution2020_05_31` too; `ListObjectsV2` keeps its own.
pub fn stem(action: &str) -> &str {
    if !action.ends_with(|c: char| c.is_ascii_digit()) {
        return action;
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unversioned = match action.rsplit_once('v') {
        Some((head, tail)) if digits(tail) && head.ends_with(|c: char| c.is_ascii_digit()) => head,
        _ => action,
    };
    let cut = |length: usize| unversioned.len().checked_sub(length).filter(|at| *at > 0).and_then(|at| unversioned.split_at_checked(at));
    if let Some((head, date)) = cut(8)
        && digits(date)
        && !head.ends_with(|c: char| c.is_ascii_digit())
    {
        return head;
    }
    if let Some((head, date)) = cut(10)
        && date.split('_').map(str::len).eq([4, 2, 2])
        && date.split('_').all(digits)
    {
        return head;
    }
    action
}

/// The class of `op` (without version) of `service` (without `.amazonaws.com`); `read_only` is what the record says.
pub fn classify(service: &str, op: &str, read_only: Option<bool>) -> ActionClass {
    exception(service, op).unwrap_or_else(|| by_verb(op, read_only))
}

fn is_change(op: &str) -> bool {
    !matches!(by_verb(op, None), Read | List | Describe | Query)
}

fn exception(service: &str, op: &str) -> Option<ActionClass> {
    let class = match service {
        "sts" => match op {
            "GetCallerIdentity" | "GetAccessKeyInfo" | "DecodeAuthorizationMessage" => Describe,
            _ => Token,
        },
        "signin" => match op {
            "GetSigninToken" => Token,
            _ => Auth,
        },
        "sso" | "sso-oauth" | "identitystore" | "sso-directory" => match op {
            "Authenticate" | "Federate" | "UserAuthentication" | "CredentialChallenge" | "CredentialVerification" => Auth,
            "CreateToken" | "GetRoleCredentials" | "CreateTokenWithIAM" | "StartDeviceAuthorization" | "RegisterClient" => Token,
            _ if is_change(op) => Iam,
            _ => return None,
        },
        "iam" | "organizations" | "ram" | "rolesanywhere" => match op {
            "GenerateCredentialReport" | "GetCredentialReport" | "GetAccountAuthorizationDetails" => List,
            "CreateSession" => Token,
            _ if op.starts_with("Simulate") || op.starts_with("Get") || op.starts_with("Generate") => Describe,
            _ if is_change(op) => Iam,
            _ => return None,
        },
        "secretsmanager" => match op {
            "GetSecretValue" | "BatchGetSecretValue" => Secret,
            "DescribeSecret" | "GetResourcePolicy" => Describe,
            "PutResourcePolicy" | "DeleteResourcePolicy" => Iam,
            _ if is_change(op) => Secret,
            _ => return None,
        },
        "kms" => match op {
            "CreateGrant" | "RetireGrant" | "RevokeGrant" | "PutKeyPolicy" => Iam,
            _ if op.starts_with("Get") || op.starts_with("Describe") => Describe,
            _ if op.starts_with("List") => return None,
            _ => Secret,
        },
        "ssm" => match op {
            "GetParameter" | "GetParameters" | "GetParametersByPath" | "GetParameterHistory" | "PutParameter" => Secret,
            "SendCommand" | "StartSession" | "ResumeSession" | "StartAutomationExecution" => Invoke,
            _ => return None,
        },
        "cloudtrail" | "config" | "guardduty" | "securityhub" | "macie2" | "access-analyzer" | "detective" | "inspector2" => match op {
            "LookupEvents" | "StartQuery" | "GetQueryResults" | "SelectResourceConfig" => Query,
            _ if is_change(op) => Logging,
            _ => return None,
        },
        "logs" => match op {
            "CreateExportTask" => Export,
            "StartQuery" | "GetQueryResults" | "FilterLogEvents" | "StartLiveTail" => Query,
            "CreateLogStream" | "PutLogEvents" => Write,
            _ if is_change(op) => Logging,
            _ => return None,
        },
        "ec2" => match op {
            "CreateFlowLogs" | "DeleteFlowLogs" => Logging,
            "CreateImage" | "CopyImage" | "CopySnapshot" | "CreateStoreImageTask" | "ModifyImageAttribute" => Export,
            _ if op.starts_with("CreateSnapshot") || op == "ModifySnapshotAttribute" => Export,
            "GetPasswordData" | "CreateKeyPair" | "ImportKeyPair" => Secret,
            "AssociateIamInstanceProfile" | "ReplaceIamInstanceProfileAssociation" => Iam,
            _ => return None,
        },
        "ec2-instance-connect" => Auth,
        "rds" | "redshift" | "redshift-serverless" => match op {
            "GetClusterCredentials" | "GetClusterCredentialsWithIAM" | "GetCredentials" => Token,
            "StopActivityStream" | "DisableLogging" | "EnableLogging" => Logging,
            "AuthorizeSnapshotAccess" => Export,
            _ if op.contains("Snapshot") && (op.starts_with("Create") || op.starts_with("Copy") || op.starts_with("Modify")) => Export,
            _ => return None,
        },
        "s3" | "s3express" => match op {
            "HeadBucket" | "GetBucketLocation" | "GetObjectAcl" | "GetObjectAttributes" | "GetObjectTagging" => Describe,
            "PutBucketLogging" => Logging,
            "PutBucketPolicy"
            | "DeleteBucketPolicy"
            | "PutBucketAcl"
            | "PutObjectAcl"
            | "PutBucketPublicAccessBlock"
            | "DeleteBucketPublicAccessBlock"
            | "PutAccountPublicAccessBlock" => Iam,
            "SelectObjectContent" => Query,
            "CreateSession" => Token,
            _ if op.starts_with("PutBucket") => Admin,
            "UploadPart" | "UploadPartCopy" | "CompleteMultipartUpload" => Write,
            "AbortMultipartUpload" => Delete,
            _ => return None,
        },
        "athena" | "redshift-data" | "timestream" => match op {
            "StartQueryExecution" | "GetQueryResults" | "ExecuteStatement" | "BatchExecuteStatement" | "GetStatementResult" => Query,
            _ => return None,
        },
        "dynamodb" => match op {
            "Scan" | "ExecuteStatement" | "BatchExecuteStatement" => Query,
            "GetItem" | "BatchGetItem" | "TransactGetItems" | "GetRecords" => Read,
            "BatchWriteItem" | "TransactWriteItems" | "UpdateItem" => Write,
            _ => return None,
        },
        "lambda" => match op {
            "AddPermission" | "RemovePermission" | "AddLayerVersionPermission" => Iam,
            "GetFunction" => Describe,
            _ => return None,
        },
        "ecr" | "ecr-public" | "codeartifact" => match op {
            "GetAuthorizationToken" => Token,
            "SetRepositoryPolicy" | "DeleteRepositoryPolicy" => Iam,
            "BatchGetImage" | "GetDownloadUrlForLayer" | "BatchCheckLayerAvailability" => Read,
            _ => return None,
        },
        "cognito-idp" => match op {
            "InitiateAuth" | "AdminInitiateAuth" | "RespondToAuthChallenge" | "Token_POST" | "Login_GET" => Auth,
            _ => return None,
        },
        "cognito-identity" => match op {
            "GetId" | "GetCredentialsForIdentity" | "GetOpenIdToken" | "GetOpenIdTokenForDeveloperIdentity" => Token,
            _ => return None,
        },
        "sqs" | "sns" | "kinesis" | "firehose" | "events" => match op {
            "AddPermission" | "RemovePermission" => Iam,
            "ReceiveMessage" | "GetRecords" => Read,
            "DeleteMessage" | "DeleteMessageBatch" | "ChangeMessageVisibility" => Write,
            _ => return None,
        },
        "states" => match op {
            "StartExecution" | "StartSyncExecution" => Invoke,
            _ => return None,
        },
        "bedrock" | "bedrock-runtime" | "bedrock-agent-runtime" | "bedrock-agentcore" => match op {
            _ if op.starts_with("Converse") || op.starts_with("Retrieve") => Invoke,
            _ if op.contains("ModelInvocationLogging") && is_change(op) => Logging,
            _ => return None,
        },
        _ => return None,
    };
    Some(class)
}

/// What each first word of an operation means where no service says otherwise. Longer words stand before their beginnings.
const VERBS: &[(&str, ActionClass)] = &[
    ("List", List),
    ("Search", List),
    ("Lookup", List),
    ("Describe", Describe),
    ("Head", Read),
    ("BatchGet", Read),
    ("View", Read),
    ("Download", Read),
    ("Select", Query),
    ("Query", Query),
    ("StartQuery", Query),
    ("ExecuteStatement", Query),
    ("Invoke", Invoke),
    ("Execute", Invoke),
    ("Delete", Delete),
    ("BatchDelete", Delete),
    ("Terminate", Delete),
    ("Remove", Delete),
    ("Deregister", Delete),
    ("Purge", Delete),
    ("Cancel", Delete),
    ("Assume", Token),
    ("GetSessionToken", Token),
    ("GetFederationToken", Token),
    ("Modify", Admin),
    ("Update", Admin),
    ("Attach", Admin),
    ("Detach", Admin),
    ("Associate", Admin),
    ("Disassociate", Admin),
    ("Authorize", Admin),
    ("Revoke", Admin),
    ("Enable", Admin),
    ("Disable", Admin),
    ("Register", Admin),
    ("Set", Admin),
    ("Reset", Admin),
    ("Replace", Admin),
    ("Create", Write),
    ("Put", Write),
    ("Run", Write),
    ("Start", Write),
    ("Stop", Write),
    ("Reboot", Write),
    ("Copy", Write),
    ("Import", Write),
    ("Tag", Write),
    ("Untag", Write),
    ("Add", Write),
    ("Send", Write),
    ("Publish", Write),
    ("Upload", Write),
    ("Restore", Write),
    ("Accept", Admin),
    ("Activate", Admin),
    ("Deactivate", Admin),
    ("Change", Admin),
    ("Grant", Admin),
    ("Resync", Admin),
    ("Rotate", Admin),
    ("Share", Admin),
    ("Upgrade", Admin),
    ("Apply", Admin),
    ("Check", Describe),
    ("Validate", Describe),
    ("Estimate", Describe),
    ("Preview", Describe),
];

/// Endings and beginnings of what `Get…` asks for that make it a question about configuration, not a reading of data.
const SETTINGS: &[&str] =
    &["Policy", "Configuration", "Config", "Settings", "Status", "Acl", "Attributes", "Limits", "Summary", "Block", "Quota"];

/// Exports are named in the middle of an operation as often as at its beginning.
static EXPORT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("Export"));

fn by_verb(op: &str, read_only: Option<bool>) -> ActionClass {
    if let Some(what) = op.strip_prefix("Get") {
        if let Some((_, class)) = VERBS.iter().find(|(verb, class)| *class == Token && op.starts_with(verb)) {
            return *class;
        }
        let settings = what.starts_with("Bucket") || what.starts_with("Account") || SETTINGS.iter().any(|end| what.ends_with(end));
        return if settings { Describe } else { Read };
    }
    if EXPORT.find(op.as_bytes()).is_some_and(|at| at == 0 || op.contains("ExportTask") || matches!(op.get(..at), Some("Start" | "Create")))
    {
        return if op.starts_with("Describe") || op.starts_with("List") {
            Describe
        } else if op.starts_with("Cancel") || op.starts_with("Delete") {
            Delete
        } else {
            Export
        };
    }
    match VERBS.iter().find(|(verb, _)| op.starts_with(verb)) {
        Some((_, class)) => *class,
        None if read_only == Some(false) => Write,
        None => Read,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_suffixes_go_and_names_stay() {
        for (action, bare) in [
            ("ListFunctions20150331", "ListFunctions"),
            ("UpdateFunctionCode20150331v2", "UpdateFunctionCode"),
            ("CreateDistribution2020_05_31", "CreateDistribution"),
            ("ListObjectsV2", "ListObjectsV2"),
            ("GetObject", "GetObject"),
            ("20150331", "20150331"),
            ("v2", "v2"),
            ("", ""),
            ("Überall20150331", "Überall"),
        ] {
            assert_eq!(stem(action), bare, "{action}");
        }
    }

    /// Protects what detection rests on: the class of the operations that matter.
    #[test]
    fn classes_of_operations() {
        for (service, op, class) in [
            ("sts", "AssumeRole", Token),
            ("sts", "GetCallerIdentity", Describe),
            ("sts", "GetFederationToken", Token),
            ("signin", "ConsoleLogin", Auth),
            ("iam", "CreateAccessKey", Iam),
            ("iam", "DeleteUser", Iam),
            ("iam", "ChangePassword", Iam),
            ("iam", "DeactivateMFADevice", Iam),
            ("iam", "ListUsers", List),
            ("iam", "GetUser", Describe),
            ("secretsmanager", "GetSecretValue", Secret),
            ("secretsmanager", "ListSecrets", List),
            ("kms", "Decrypt", Secret),
            ("kms", "ListKeys", List),
            ("ssm", "GetParameters", Secret),
            ("cloudtrail", "StopLogging", Logging),
            ("cloudtrail", "DeleteTrail", Logging),
            ("cloudtrail", "DescribeTrails", Describe),
            ("guardduty", "DeleteDetector", Logging),
            ("logs", "DeleteLogGroup", Logging),
            ("s3", "GetObject", Read),
            ("s3", "PutObject", Write),
            ("s3", "DeleteObject", Delete),
            ("s3", "ListBuckets", List),
            ("s3", "GetBucketAcl", Describe),
            ("s3", "PutBucketPolicy", Iam),
            ("athena", "StartQueryExecution", Query),
            ("ec2", "CreateSnapshot", Export),
            ("ec2", "ModifySnapshotAttribute", Export),
            ("ec2", "DeleteSnapshot", Delete),
            ("ec2", "DescribeInstances", Describe),
            ("ec2", "AuthorizeSecurityGroupIngress", Admin),
            ("ec2", "RunInstances", Write),
            ("rds", "StartExportTask", Export),
            ("rds", "CancelExportTask", Delete),
            ("rds", "DescribeExportTasks", Describe),
            ("dynamodb", "ExportTableToPointInTime", Export),
            ("lambda", "Invoke", Invoke),
            ("bedrock", "InvokeModel", Invoke),
            ("bedrock", "ConverseStream", Invoke),
            ("made-up", "Frobnicate", Read),
        ] {
            assert_eq!(classify(service, op, None), class, "{service}:{op}");
        }
        assert_eq!(classify("made-up", "Frobnicate", Some(false)), Write);
    }
}
