//! What the AWS kinds do on a day: a service that scales (K04), monitoring (K05), an AI agent and its tools (K08), a key
//! that is hardly used (K09), a deployer (K10), a log shipper (K12). It must not know what is injected into them.

use super::member::Member;
use super::noise::fixed;
use super::place::Place;
use super::record::{Call, Failure, Grant, What, aws, object};
use super::salesforce::{Caller, weekend};
use super::zipf::Zipf;
use super::{KindId, draw};
use crate::model::Timestamp;
use crate::model::time::{HOUR, MINUTE, SECOND};
use crate::world::chance::Chance;
use std::sync::LazyLock;

static FORTY: LazyLock<Zipf> = LazyLock::new(|| Zipf::new(40, 1.3));
static WRITES: LazyLock<Zipf> = LazyLock::new(|| Zipf::new(40, 1.2));
static TOOLS: LazyLock<Zipf> = LazyLock::new(|| Zipf::new(20, 1.2));
/// Bytes of one row of a service's data.
const ROW: f64 = 400.0;

/// Forty operations of a service, frequent ones first: name of the service, operation, what it names.
const SERVICE: [(&str, &str, &str); 40] = [
    ("s3", "GetObject", ""),
    ("dynamodb", "GetItem", r#""tableName":"orders""#),
    ("dynamodb", "PutItem", r#""tableName":"orders""#),
    ("sqs", "ReceiveMessage", r#""queueUrl":"https://sqs.us-east-1.amazonaws.com/111122223333/orders""#),
    ("sqs", "DeleteMessage", r#""queueUrl":"https://sqs.us-east-1.amazonaws.com/111122223333/orders""#),
    ("dynamodb", "Query", r#""tableName":"customers""#),
    ("dynamodb", "UpdateItem", r#""tableName":"customers""#),
    ("kms", "Decrypt", r#""keyId":"alias/orders""#),
    ("s3", "PutObject", ""),
    ("sqs", "SendMessage", r#""queueUrl":"https://sqs.us-east-1.amazonaws.com/111122223333/billing""#),
    ("sns", "Publish", r#""topicArn":"arn:aws:sns:us-east-1:111122223333:orders""#),
    ("dynamodb", "BatchGetItem", r#""tableName":"products""#),
    ("secretsmanager", "GetSecretValue", r#""secretId":"orders/database""#),
    ("kms", "GenerateDataKey", r#""keyId":"alias/orders""#),
    ("dynamodb", "Scan", r#""tableName":"rates""#),
    ("events", "PutEvents", ""),
    ("states", "StartExecution", r#""name":"refund""#),
    ("ssm", "GetParameter", r#""name":"/orders/flags""#),
    ("s3", "HeadBucket", r#""bucketName":"halden-orders""#),
    ("s3", "ListObjects", r#""bucketName":"halden-orders""#),
    ("lambda", "Invoke", r#""functionName":"price""#),
    ("dynamodb", "DescribeTable", r#""tableName":"orders""#),
    ("monitoring", "PutMetricData", ""),
    ("kinesis", "PutRecord", r#""streamName":"orders""#),
    ("s3", "DeleteObject", r#""bucketName":"halden-orders","key":"tmp/part""#),
    ("sqs", "GetQueueAttributes", r#""queueUrl":"https://sqs.us-east-1.amazonaws.com/111122223333/orders""#),
    ("dynamodb", "DeleteItem", r#""tableName":"sessions""#),
    ("ssm", "GetParametersByPath", r#""name":"/orders""#),
    ("states", "DescribeExecution", r#""name":"refund""#),
    ("ses", "SendEmail", ""),
    ("s3", "GetObjectTagging", r#""bucketName":"halden-orders","key":"invoice""#),
    ("kinesis", "DescribeStream", r#""streamName":"orders""#),
    ("dynamodb", "TransactWriteItems", r#""tableName":"orders""#),
    ("sns", "GetTopicAttributes", r#""topicArn":"arn:aws:sns:us-east-1:111122223333:orders""#),
    ("xray", "PutTraceSegments", ""),
    ("s3", "GetBucketLocation", r#""bucketName":"halden-orders""#),
    ("elasticache", "DescribeCacheClusters", ""),
    ("rds", "DescribeDBInstances", ""),
    ("logs", "DescribeLogGroups", ""),
    ("ec2", "DescribeInstances", ""),
];

/// Forty writes of a deployer.
const DEPLOY: [(&str, &str); 40] = [
    ("ec2", "CreateTags"),
    ("lambda", "UpdateFunctionCode20150331v2"),
    ("ec2", "AuthorizeSecurityGroupIngress"),
    ("autoscaling", "UpdateAutoScalingGroup"),
    ("cloudformation", "CreateChangeSet"),
    ("cloudformation", "ExecuteChangeSet"),
    ("ecs", "RegisterTaskDefinition"),
    ("ecs", "UpdateService"),
    ("route53", "ChangeResourceRecordSets"),
    ("s3", "PutBucketTagging"),
    ("elasticloadbalancing", "ModifyListener"),
    ("elasticloadbalancing", "CreateTargetGroup"),
    ("rds", "ModifyDBInstance"),
    ("sqs", "SetQueueAttributes"),
    ("sns", "SetTopicAttributes"),
    ("monitoring", "PutMetricAlarm"),
    ("logs", "PutRetentionPolicy"),
    ("events", "PutRule"),
    ("events", "PutTargets"),
    ("dynamodb", "UpdateTable"),
    ("ec2", "CreateLaunchTemplateVersion"),
    ("ec2", "ModifyLaunchTemplate"),
    ("lambda", "UpdateFunctionConfiguration20150331v2"),
    ("lambda", "PublishVersion20150331"),
    ("lambda", "UpdateAlias20150331"),
    ("apigateway", "CreateDeployment"),
    ("apigateway", "UpdateStage"),
    ("ec2", "RevokeSecurityGroupIngress"),
    ("ec2", "CreateSecurityGroup"),
    ("ec2", "DeleteSecurityGroup"),
    ("ecr", "PutLifecyclePolicy"),
    ("elasticache", "ModifyCacheCluster"),
    ("cloudfront", "UpdateDistribution2020_05_31"),
    ("wafv2", "UpdateWebACL"),
    ("ssm", "PutParameter"),
    ("kms", "TagResource"),
    ("autoscaling", "PutScalingPolicy"),
    ("ec2", "CreateRoute"),
    ("ec2", "ModifySubnetAttribute"),
    ("cloudformation", "DeleteStack"),
];

/// What monitoring asks for: twelve lists, twenty-four descriptions.
const LISTS: [(&str, &str); 12] = [
    ("s3", "ListBuckets"),
    ("lambda", "ListFunctions20150331"),
    ("sqs", "ListQueues"),
    ("sns", "ListTopics"),
    ("dynamodb", "ListTables"),
    ("kinesis", "ListStreams"),
    ("ecs", "ListClusters"),
    ("ecs", "ListServices"),
    ("eks", "ListClusters"),
    ("states", "ListStateMachines"),
    ("route53", "ListHostedZones"),
    ("monitoring", "ListMetrics"),
];
const DESCRIPTIONS: [(&str, &str); 24] = [
    ("ec2", "DescribeInstances"),
    ("ec2", "DescribeInstanceStatus"),
    ("ec2", "DescribeVolumes"),
    ("ec2", "DescribeVolumeStatus"),
    ("ec2", "DescribeNatGateways"),
    ("ec2", "DescribeVpnConnections"),
    ("rds", "DescribeDBInstances"),
    ("rds", "DescribeDBClusters"),
    ("rds", "DescribeEvents"),
    ("elasticloadbalancing", "DescribeLoadBalancers"),
    ("elasticloadbalancing", "DescribeTargetGroups"),
    ("elasticloadbalancing", "DescribeTargetHealth"),
    ("autoscaling", "DescribeAutoScalingGroups"),
    ("autoscaling", "DescribeScalingActivities"),
    ("elasticache", "DescribeCacheClusters"),
    ("ecs", "DescribeClusters"),
    ("ecs", "DescribeServices"),
    ("eks", "DescribeCluster"),
    ("dynamodb", "DescribeTable"),
    ("kinesis", "DescribeStreamSummary"),
    ("monitoring", "DescribeAlarms"),
    ("health", "DescribeEvents"),
    ("cloudformation", "DescribeStacks"),
    ("efs", "DescribeFileSystems"),
];

/// The calls of a day.
pub(super) fn work(member: &Member, day: i32) -> Vec<Call> {
    let mut chance = member.chance(draw::DAY, day);
    let mut out = Vec::new();
    match member.kind {
        KindId::K04 => (0..8).for_each(|run| service_run(member, day, run, &mut chance, &mut out)),
        KindId::K05 => (0..24).for_each(|hour| watch(member, day, hour, &mut chance, &mut out)),
        KindId::K08 => agent_day(member, day, &mut chance, &mut out),
        KindId::K09 => pickup(member, day, &mut chance, &mut out),
        KindId::K10 => deployer(member, day, &mut chance, &mut out),
        _ => shipper(member, day, &mut chance, &mut out),
    }
    out
}

/// Run `run` of the service: a pod of its own in one of 2,000 blocks of two networks.
pub(super) fn pod(member: &Member, day: i32, run: u64) -> Caller {
    let mut chance = member.chance(draw::SESSION + 500 + run, day);
    let place = if chance.happens(0.5) { Place::Virginia } else { Place::Frankfurt };
    let from = place.address(chance.below(1_000) as u32, chance.below(250) as u32);
    Caller { from, agent: "aws-sdk-java/2.25 Linux/6.1 Java/21", grant: member.role_session(day, run) }
}

/// An operation of the service by its rank.
pub(super) fn operation(rank: usize, number: u64, bytes: u64) -> What {
    let (service, name, params) = SERVICE[rank];
    match (service, name) {
        ("s3", "GetObject" | "PutObject") => object(name, "halden-orders", &format!("orders/part-{:03}", number % 200), bytes),
        _ => aws(service, name, params),
    }
}

fn service_run(member: &Member, day: i32, run: u64, chance: &mut Chance, out: &mut Vec<Call>) {
    let line = pod(member, day, run);
    let mut at = member.midnight(day).plus(run as i64 * 3 * HOUR + member.offset * MINUTE + chance.between(0, 30_000) as i64);
    let rows = chance.lognormal(5.0, 1.0) * member.scale;
    let ranks: Vec<usize> = (0..chance.between(20, 60)).map(|_| FORTY.draw(chance)).collect();
    let moving = ranks.iter().filter(|rank| matches!(rank, 0 | 8)).count().max(1);
    for rank in ranks {
        out.push(line.call(at, operation(rank, chance.below(200), (rows * ROW / moving as f64) as u64)));
        at = at.plus(chance.between(20_000, 90_000) as i64);
    }
}

/// The monitoring's caller.
pub(super) fn watcher(member: &Member) -> Caller {
    Caller { from: member.home(Place::Google, 0), agent: "Datadog/7 Boto3/1.34 Python/3.12", grant: member.grant(fixed("")) }
}

fn watch(member: &Member, day: i32, hour: i64, chance: &mut Chance, out: &mut Vec<Call>) {
    let line = watcher(member);
    let mut at = member.midnight(day).plus(hour * HOUR + member.offset * MINUTE + chance.between(0, 5_000) as i64);
    for (service, name) in LISTS.into_iter().chain(DESCRIPTIONS) {
        out.push(line.call(at, aws(service, name, "")));
        at = at.plus(chance.between(200, 1_500) as i64);
    }
    for _ in 0..chance.between(10, 14) {
        out.push(line.call(at, aws("monitoring", "GetMetricData", "")));
        at = at.plus(chance.between(200, 1_500) as i64);
    }
}

/// The agent's caller for a run: a federated session on behalf of one of six people.
pub(super) fn agent_line(member: &Member, day: i32, run: u64, user: u64) -> Caller {
    let session = member.role_session(day, run);
    let behalf = Some(format!("94e8-user-{user}").into());
    let grant = Grant { session: format!("agent-run-{run}").into(), behalf, ..session };
    Caller { from: member.home(Place::Virginia, 3), agent: "agent-runtime/1.8", grant }
}

/// A tool is a function; the first twelve follow one another in a fixed grammar of three steps.
pub(super) fn tool(number: usize) -> What {
    aws("lambda", "Invoke", format!(r#""functionName":"tool-{number:02}""#))
}

fn agent_day(member: &Member, day: i32, chance: &mut Chance, out: &mut Vec<Call>) {
    if weekend(day) {
        return;
    }
    for run in 0..chance.between(2, 8) {
        let line = agent_line(member, day, run, chance.below(6));
        let mut at = member.midnight(day).plus((chance.normal(14.0, 3.0).clamp(0.0, 23.0) * HOUR as f64) as i64);
        let mut last = TOOLS.draw(chance);
        for _ in 0..chance.between(5, 40) {
            out.push(line.call(at, tool(last)));
            at = at.plus(chance.between(800, 25_000) as i64);
            last = if chance.happens(0.8) { last / 3 * 3 + (last + 1) % 3 } else { TOOLS.draw(chance) };
        }
    }
}

/// The partner's caller.
pub(super) fn partner(member: &Member) -> Caller {
    Caller { from: member.home(Place::Frankfurt, 1), agent: "Boto3/1.28 Python/3.9", grant: member.grant(fixed("")) }
}

fn pickup(member: &Member, day: i32, chance: &mut Chance, out: &mut Vec<Call>) {
    if !matches!(day.rem_euclid(7), 1 | 4) {
        return;
    }
    let line = partner(member);
    let mut at = member.midnight(day).plus(10 * HOUR + member.offset * MINUTE + chance.between(0, 60_000) as i64);
    for _ in 0..chance.between(1, 5) {
        let bytes = chance.between(1, 20) * ROW as u64;
        out.push(line.call(at, object("GetObject", "halden-partner", &format!("outbox/file-{}", chance.below(6)), bytes)));
        at = at.plus(chance.between(500, 5_000) as i64);
    }
}

/// The deployer's caller.
pub(super) fn deploy_line(member: &Member, day: i32, run: u64) -> Caller {
    let grant = Grant { session: format!("terraform-{run}").into(), ..member.role_session(day, run) };
    Caller { from: member.home(Place::Azure, 2), agent: "APN/1.0 HashiCorp/1.0 Terraform/1.9", grant }
}

/// A deployment beginning at `at`, with so many privileged operations.
pub(super) fn deployment(line: &Caller, at: Timestamp, privileged: u64, chance: &mut Chance) -> Vec<Call> {
    let mut out = Vec::new();
    let mut at = at;
    // Twelve of the forty resources are what it is about this time.
    let about: Vec<u64> = (0..12).map(|_| chance.below(40)).collect();
    for _ in 0..chance.between(10, 120) {
        let (service, name) = DEPLOY[WRITES.draw(chance)];
        let params = format!(r#""name":"halden-{service}-{}""#, about[chance.below(12) as usize]);
        out.push(line.call(at, aws(service, name, params)));
        at = at.plus(chance.between(500, 12_000) as i64);
    }
    for _ in 0..privileged {
        let params = format!(r#""roleName":"halden-app-{}","policyArn":"arn:aws:iam::111122223333:policy/app""#, chance.below(8));
        out.push(line.call(at, aws("iam", "AttachRolePolicy", params)));
        at = at.plus(chance.between(500, 4_000) as i64);
    }
    if chance.happens(0.1) {
        for name in ["PutRolePolicy", "CreateRole", "PassRole"] {
            let mut call = line.call(at, aws("iam", name, r#""roleName":"halden-network""#));
            call.failure = Some(Failure::Denied);
            out.push(call);
            at = at.plus(chance.between(500, 4_000) as i64);
        }
    }
    out
}

fn deployer(member: &Member, day: i32, chance: &mut Chance, out: &mut Vec<Call>) {
    if weekend(day) || !chance.happens(0.4) {
        return;
    }
    let at = member.midnight(day).plus((chance.normal(15.0, 2.0).clamp(0.0, 23.0) * HOUR as f64) as i64);
    let privileged = *chance.pick(&[0, 0, 0, 1, 2]);
    out.append(&mut deployment(&deploy_line(member, day, 0), at, privileged, chance));
}

/// The shipper's caller.
pub(super) fn ship_line(member: &Member, day: i32) -> Caller {
    Caller { from: member.home(Place::Frankfurt, 4), agent: "fluent-bit/3.1", grant: member.role_session(day, 0) }
}

/// One batch of logs.
pub(super) fn batch(chance: &mut Chance, hour: i64) -> What {
    object("PutObject", "halden-logs", &format!("ship/{hour:02}"), chance.lognormal(12.0, 0.3) as u64)
}

/// Every five minutes a batch; one day in a hundred some hours of silence, and all of it at once when they end.
fn shipper(member: &Member, day: i32, chance: &mut Chance, out: &mut Vec<Call>) {
    let line = ship_line(member, day);
    let outage = chance.happens(0.01).then(|| {
        let from = chance.between(1, 14) as i64;
        (from, from + chance.between(2, 6) as i64)
    });
    for slot in 0..288 {
        let hour = slot / 12;
        let planned = member.midnight(day).plus(slot * 5 * MINUTE + member.offset * SECOND + chance.between(0, 4_000) as i64);
        let at = match outage {
            Some((from, to)) if (from..to).contains(&hour) => {
                member.midnight(day).plus(to * HOUR + chance.between(0, HOUR as u64 - 1) as i64)
            }
            _ => planned,
        };
        out.push(line.call(at, batch(chance, hour)));
    }
}
