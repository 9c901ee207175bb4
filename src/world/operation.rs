//! The calls a workload makes, as data: service, operation, what it acts on and how often. It must not know who calls.

/// What a call acts on, which decides its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Nothing: the request has no parameters.
    Nothing,
    /// An object in a bucket; a data event with bytes.
    Object,
    /// A bucket.
    Bucket,
    /// A key that encrypts.
    Key,
    /// A parameter with this name in the request, its value drawn from the things of the workload.
    Named(&'static str),
    /// A list with paging.
    Page,
    /// A role to take over; the answer holds a credential.
    Role,
    /// A user of the account.
    User,
}

/// One kind of call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    /// First part of the event source (`s3`).
    pub(super) service: &'static str,
    /// The event name.
    pub(super) name: &'static str,
    /// Whether it only reads.
    pub(super) reads: bool,
    /// What it acts on.
    pub(super) target: Target,
    /// How often, against the others of its list.
    pub(super) weight: u16,
}

const fn read(service: &'static str, name: &'static str, target: Target, weight: u16) -> Operation {
    Operation { service, name, reads: true, target, weight }
}

const fn write(service: &'static str, name: &'static str, target: Target, weight: u16) -> Operation {
    Operation { service, name, reads: false, target, weight }
}

use Target::{Bucket, Key, Named, Nothing, Object, Page, Role, User};

/// An order service.
pub(super) const SERVICE: &[Operation] = &[
    read("s3", "GetObject", Object, 30),
    write("s3", "PutObject", Object, 14),
    read("secretsmanager", "GetSecretValue", Named("secretId"), 8),
    read("kms", "Decrypt", Key, 14),
    read("dynamodb", "DescribeTable", Named("tableName"), 6),
    read("ssm", "GetParameter", Named("name"), 9),
    write("sts", "AssumeRole", Role, 2),
    read("elasticloadbalancing", "DescribeTargetHealth", Named("targetGroupArn"), 3),
];
/// A function that turns objects into objects.
pub(super) const TRANSFORM: &[Operation] = &[
    read("s3", "GetObject", Object, 46),
    write("s3", "PutObject", Object, 40),
    read("kms", "Decrypt", Key, 8),
    write("logs", "CreateLogStream", Named("logGroupName"), 6),
];
/// A consumer of queues.
pub(super) const CONSUMER: &[Operation] = &[
    read("sqs", "GetQueueAttributes", Named("queueUrl"), 12),
    write("sqs", "DeleteMessage", Named("queueUrl"), 40),
    read("sqs", "ReceiveMessage", Named("queueUrl"), 40),
    read("kms", "Decrypt", Key, 6),
    read("ssm", "GetParameter", Named("name"), 2),
];
/// A build that deploys.
pub(super) const DEPLOY: &[Operation] = &[
    read("ecr", "GetAuthorizationToken", Nothing, 6),
    write("ecr", "PutImage", Named("repositoryName"), 8),
    read("ecr", "BatchCheckLayerAvailability", Named("repositoryName"), 18),
    write("lambda", "UpdateFunctionCode20150331v2", Named("functionName"), 10),
    read("lambda", "GetFunction20150331v2", Named("functionName"), 12),
    write("ecs", "RegisterTaskDefinition", Named("family"), 6),
    write("ecs", "UpdateService", Named("service"), 6),
    read("ecs", "DescribeServices", Named("service"), 20),
    write("s3", "PutObject", Object, 14),
];
/// A build that tests.
pub(super) const TEST: &[Operation] = &[
    read("ecr", "GetAuthorizationToken", Nothing, 10),
    read("ecr", "BatchGetImage", Named("repositoryName"), 30),
    read("ssm", "GetParametersByPath", Named("path"), 14),
    read("s3", "GetObject", Object, 30),
    write("s3", "PutObject", Object, 16),
];
/// A backup of volumes and buckets.
pub(super) const BACKUP: &[Operation] = &[
    read("ec2", "DescribeVolumes", Page, 4),
    write("ec2", "CreateSnapshot", Named("volumeId"), 20),
    read("ec2", "DescribeSnapshots", Page, 6),
    read("s3", "ListObjects", Bucket, 8),
    write("s3", "PutObject", Object, 62),
];
/// Monitoring from outside.
pub(super) const MONITOR: &[Operation] = &[
    read("monitoring", "ListMetrics", Page, 12),
    read("monitoring", "GetMetricData", Named("namespace"), 26),
    read("ec2", "DescribeInstances", Page, 24),
    read("rds", "DescribeDBInstances", Page, 14),
    read("elasticloadbalancing", "DescribeLoadBalancers", Page, 12),
    read("ecs", "ListClusters", Page, 12),
];
/// A log shipper.
pub(super) const SHIP: &[Operation] = &[write("s3", "PutObject", Object, 1)];
/// An old export job.
pub(super) const LEGACY: &[Operation] =
    &[read("s3", "ListObjects", Bucket, 10), read("s3", "GetObject", Object, 60), write("s3", "PutObject", Object, 30)];
/// Picking up what a partner left.
pub(super) const PICKUP: &[Operation] = &[read("s3", "GetObject", Object, 1)];
/// Month-end closing.
pub(super) const FINANCE: &[Operation] = &[
    write("athena", "StartQueryExecution", Named("workGroup"), 20),
    read("athena", "GetQueryExecution", Named("workGroup"), 30),
    read("athena", "GetQueryResults", Named("workGroup"), 20),
    read("glue", "GetTable", Named("databaseName"), 14),
    read("s3", "GetObject", Object, 16),
];
/// Infrastructure as code.
pub(super) const INFRASTRUCTURE: &[Operation] = &[
    read("ec2", "DescribeSecurityGroups", Page, 14),
    read("ec2", "DescribeSubnets", Page, 12),
    read("iam", "GetRole", Named("roleName"), 16),
    read("iam", "ListAttachedRolePolicies", Named("roleName"), 10),
    read("s3", "GetBucketPolicy", Bucket, 8),
    read("s3", "GetObject", Object, 8),
    write("s3", "PutObject", Object, 5),
    write("ec2", "AuthorizeSecurityGroupIngress", Named("groupId"), 3),
    write("ec2", "CreateTags", Named("resourceId"), 8),
    write("lambda", "UpdateFunctionConfiguration20150331v2", Named("functionName"), 6),
    write("iam", "AttachRolePolicy", Named("roleName"), 1),
    write("cloudformation", "UpdateStack", Named("stackName"), 5),
    read("cloudformation", "DescribeStacks", Named("stackName"), 12),
];
/// A data platform.
pub(super) const PLATFORM: &[Operation] = &[
    read("glue", "GetPartitions", Named("databaseName"), 18),
    read("glue", "GetTable", Named("databaseName"), 14),
    read("s3", "GetObject", Object, 34),
    write("s3", "PutObject", Object, 22),
    read("kms", "Decrypt", Key, 8),
    read("lakeformation", "GetDataAccess", Named("tableArn"), 6),
];
/// A catalogue crawler.
pub(super) const CRAWL: &[Operation] = &[
    read("s3", "ListObjects", Bucket, 40),
    read("glue", "GetTables", Named("databaseName"), 24),
    write("glue", "BatchCreatePartition", Named("databaseName"), 18),
    read("glue", "GetDatabase", Named("databaseName"), 18),
];
/// A posture scanner.
pub(super) const SCAN: &[Operation] = &[
    read("ec2", "DescribeInstances", Page, 14),
    read("ec2", "DescribeSecurityGroups", Page, 12),
    read("iam", "ListUsers", Page, 6),
    read("iam", "ListRoles", Page, 8),
    read("iam", "GetAccountSummary", Nothing, 4),
    read("s3", "ListBuckets", Nothing, 6),
    read("s3", "GetBucketPolicy", Bucket, 14),
    read("s3", "GetBucketEncryption", Bucket, 14),
    read("kms", "ListKeys", Page, 6),
    read("rds", "DescribeDBInstances", Page, 8),
    read("cloudtrail", "DescribeTrails", Nothing, 4),
    read("lambda", "ListFunctions20150331", Page, 8),
];
/// A node of a cluster.
pub(super) const NODE: &[Operation] = &[
    read("ecr", "GetAuthorizationToken", Nothing, 20),
    read("ecr", "BatchGetImage", Named("repositoryName"), 34),
    read("ecr", "GetDownloadUrlForLayer", Named("repositoryName"), 26),
    read("ec2", "DescribeInstances", Page, 14),
    read("eks", "DescribeCluster", Named("name"), 6),
];
/// A gateway for measurements.
pub(super) const MEASURE: &[Operation] = &[write("monitoring", "PutMetricData", Named("namespace"), 1)];
/// The provider's recorder of configuration.
pub(super) const RECORD: &[Operation] = &[
    read("ec2", "DescribeVpcs", Page, 20),
    read("ec2", "DescribeNetworkInterfaces", Page, 20),
    read("iam", "GetPolicyVersion", Named("policyArn"), 20),
    read("lambda", "ListTags20170331", Named("resource"), 20),
    read("s3", "GetBucketTagging", Bucket, 20),
];
/// A janitor of snapshots.
pub(super) const TIDY: &[Operation] = &[read("ec2", "DescribeSnapshots", Page, 2), write("ec2", "DeleteSnapshot", Named("snapshotId"), 14)];
/// A feature store.
pub(super) const FEATURES: &[Operation] = &[
    read("sagemaker", "DescribeFeatureGroup", Named("featureGroupName"), 20),
    read("s3", "GetObject", Object, 50),
    read("kms", "Decrypt", Key, 10),
    read("sagemaker", "ListTrainingJobs", Page, 10),
];
/// What people do.
pub(super) const PEOPLE: &[Operation] = &[
    read("ec2", "DescribeInstances", Page, 20),
    read("logs", "FilterLogEvents", Named("logGroupName"), 20),
    read("monitoring", "DescribeAlarms", Page, 14),
    read("s3", "ListBuckets", Nothing, 8),
    read("lambda", "GetFunction20150331v2", Named("functionName"), 10),
    read("iam", "ListRoles", Page, 4),
    read("ecs", "DescribeServices", Named("service"), 14),
];
/// Calls anybody makes once in a while.
pub(super) const ONCE: &[Operation] = &[
    read("resource-groups", "GetTags", Named("arn"), 1),
    read("health", "DescribeEvents", Page, 1),
    read("sts", "GetCallerIdentity", Nothing, 1),
];
/// Making a key for a user.
pub(super) const CREATE_KEY: Operation = write("iam", "CreateAccessKey", User, 1);
/// Switching the old key off.
pub(super) const RETIRE_KEY: Operation = write("iam", "UpdateAccessKey", User, 1);
/// Removing the old key.
pub(super) const DELETE_KEY: Operation = write("iam", "DeleteAccessKey", User, 1);
