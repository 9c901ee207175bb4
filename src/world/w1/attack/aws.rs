//! Attacks on keys, roles and tokens of AWS and GitHub. It must not know how they are found.

use super::{Begin, PLAIN, Scenario, Script, Verdict};
use crate::model::Severity::{Critical, High, Medium};
use crate::model::Timestamp;
use crate::model::time::{HOUR, MINUTE};
use crate::world::w1::Alteration;
use crate::world::w1::KindId::{K01, K02, K03, K04, K05, K08, K09, K10};
use crate::world::w1::aws::{agent_line, deploy_line, operation, partner, pod, tool, watcher};
use crate::world::w1::github::runner;
use crate::world::w1::place::Place;
use crate::world::w1::record::{Call, Failure, OTHER_ACCOUNT, What, aws, object};
use crate::world::w1::salesforce::Caller;

pub(super) const ALL: &[Scenario] = &[
    Scenario {
        id: "A04",
        title: "one run copied, through Tor",
        kinds: &[K01, K02, K03, K04, K05],
        verdict: Verdict::Alert(High),
        bar: Some(1),
        families: &["threat", "source"],
        span: 4,
        script: tor,
        ..PLAIN
    },
    Scenario {
        id: "A05",
        title: "stolen static key used from a rented server",
        kinds: &[K05, K09],
        verdict: Verdict::Alert(Medium),
        bar: Some(5),
        families: &["source", "client", "threat", "timing"],
        script: stolen_key,
        ..PLAIN
    },
    Scenario {
        id: "A06",
        title: "an instance's credential elsewhere while the instance goes on",
        kinds: &[K04],
        verdict: Verdict::Alert(High),
        bar: Some(1),
        families: &["source", "client", "threat", "sequence"],
        script: off_home,
        ..PLAIN
    },
    Scenario {
        id: "A07",
        title: "privileges raised from the usual place",
        kinds: &[K10, K04],
        verdict: Verdict::Alert(High),
        bar: Some(2),
        families: &["privilege", "action", "sequence", "breadth"],
        begin: Begin::Workday,
        script: escalation,
        ..PLAIN
    },
    Scenario {
        id: "A11",
        title: "a dormant key wakes and reads secrets",
        kinds: &[K09],
        verdict: Verdict::Alert(High),
        bar: Some(3),
        families: &["source", "action", "sequence", "threat", "breadth"],
        lead: 45,
        begin: Begin::Sunday,
        script: dormant,
        alter: |t| Alteration { silent: t < 0, ..Alteration::default() },
        ..PLAIN
    },
    Scenario {
        id: "A12",
        title: "a CI token clones what it never saw",
        kinds: &[K03],
        verdict: Verdict::Alert(High),
        bar: Some(12),
        families: &["breadth", "sequence", "volume", "action"],
        script: clones,
        ..PLAIN
    },
    Scenario {
        id: "A18",
        title: "a key somebody else made for it, first used from a rented server",
        kinds: &[K05],
        verdict: Verdict::Alert(High),
        bar: Some(2),
        families: &["source", "client", "threat", "sequence"],
        script: backdoor,
        ..PLAIN
    },
    Scenario {
        id: "A20",
        title: "permissions probed until one works",
        kinds: &[K04],
        verdict: Verdict::Alert(Medium),
        bar: Some(12),
        families: &["privilege", "action", "sequence"],
        script: probing,
        ..PLAIN
    },
    Scenario {
        id: "A21",
        title: "logging stopped, then a restricted bucket read",
        kinds: &[K10],
        verdict: Verdict::Alert(Critical),
        bar: Some(2),
        families: &["sequence", "action", "breadth", "privilege", "context", "threat"],
        begin: Begin::Workday,
        script: blinded,
        ..PLAIN
    },
    Scenario {
        id: "A22",
        title: "an agent's new tools, for somebody it never worked for",
        kinds: &[K08],
        verdict: Verdict::Alert(High),
        bar: Some(5),
        families: &["action", "breadth", "sequence", "client"],
        begin: Begin::Workday,
        script: tools,
        ..PLAIN
    },
    Scenario {
        id: "A23",
        title: "an agent's credential in another runtime",
        kinds: &[K08],
        verdict: Verdict::Alert(High),
        bar: Some(3),
        families: &["source", "client", "threat", "action", "sequence"],
        begin: Begin::Workday,
        script: other_runtime,
        ..PLAIN
    },
    Scenario {
        id: "A24",
        title: "sixty secrets in ten minutes, from the usual place",
        kinds: &[K04],
        verdict: Verdict::Alert(High),
        bar: Some(15),
        families: &["action", "breadth", "volume", "sequence"],
        script: sweep,
        ..PLAIN
    },
    Scenario {
        id: "A29",
        title: "machines started in a region never used",
        kinds: &[K04],
        verdict: Verdict::Alert(Medium),
        bar: Some(3),
        families: &["action", "breadth", "source"],
        script: region,
        ..PLAIN
    },
    Scenario {
        id: "A30",
        title: "a thief there since the fifth day and taken for harmless, then everything at once",
        kinds: &[K05],
        verdict: Verdict::Alert(Medium),
        bar: Some(400),
        families: &["volume", "action", "breadth", "source", "threat"],
        lead: 65,
        begin: Begin::Seventy,
        script: poisoned,
        ..PLAIN
    },
];

fn somewhere(s: &mut Script<'_>, place: Place) -> std::net::Ipv4Addr {
    place.address(s.chance.below(u64::from(place.size())) as u32, s.chance.below(250) as u32)
}

fn moment(s: &mut Script<'_>, from: u64, to: u64) -> Timestamp {
    s.member.midnight(s.start).plus(s.chance.between(from, to) as i64 * HOUR + s.chance.below(50) as i64 * MINUTE)
}

/// A run of the start day, or of the first day after it that has one.
fn one_run(s: &mut Script<'_>) -> Vec<Call> {
    let work = (0..4).map(|n| s.member.work(s.start + n)).find(|calls| !calls.is_empty()).unwrap_or_default();
    let mut runs: Vec<Vec<Call>> = Vec::new();
    let mut sorted = work;
    sorted.sort_by_key(|call| call.at);
    for call in sorted {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| call.at.since(last.at) < 15 * MINUTE) => run.push(call),
            _ => runs.push(vec![call]),
        }
    }
    let runs: Vec<Vec<Call>> = runs.into_iter().filter(|run| run.last().is_some_and(|call| call.at.hour() < 22)).collect();
    if runs.is_empty() { Vec::new() } else { s.chance.pick(&runs).clone() }
}

fn tor(s: &mut Script<'_>) {
    let from = somewhere(s, Place::Tor);
    let run = one_run(s);
    for mut call in run {
        call.at = call.at.plus(23 * MINUTE);
        call.from = from;
        // A copied bulk job is another job.
        if let What::Bulk { job, .. } = &mut call.what {
            job.replace_range(5..6, "9");
        }
        s.add("copied run", call);
    }
}

fn stolen_key(s: &mut Script<'_>) {
    let from = somewhere(s, Place::Hetzner);
    let own = if s.member.kind == K05 { watcher(s.member) } else { partner(s.member) };
    let line = Caller { from, agent: "aws-cli/2.15.30 Python/3.11.8 Linux/6.5", ..own };
    // Seven hours from the habit of the key that has one.
    let mut at = s.member.midnight(s.start).plus(17 * HOUR + s.chance.below(50) as i64 * MINUTE);
    s.add("who am I", line.call(at, aws("sts", "GetCallerIdentity", "")));
    for n in 0..s.chance.between(10, 40) {
        at = at.plus(s.chance.between(2_000, 20_000) as i64);
        let what = if s.member.kind == K05 {
            aws("ec2", if n % 2 == 0 { "DescribeInstances" } else { "DescribeVolumes" }, "")
        } else {
            object("GetObject", "halden-partner", &format!("outbox/file-{}", n % 6), 4_000)
        };
        s.add("replay", line.call(at, what));
    }
}

fn off_home(s: &mut Script<'_>) {
    let run = s.chance.below(7);
    let home = pod(s.member, s.start, run);
    let line = Caller { from: somewhere(s, Place::DigitalOcean), ..home };
    let work = s.member.work(s.start);
    let begin = work.iter().find(|call| call.grant.credential == line.grant.credential).map_or(s.member.midnight(s.start), |call| call.at);
    let mut at = begin.plus(3 * MINUTE + 5_000);
    for n in 0..12 {
        s.add("elsewhere", line.call(at, operation([0, 1, 5, 0][n % 4], n as u64, 40_000)));
        at = at.plus(s.chance.between(60_000, 120_000) as i64);
    }
}

fn escalation(s: &mut Script<'_>) {
    let line = if s.member.kind == K10 { deploy_line(s.member, s.start, 0) } else { pod(s.member, s.start, 3) };
    let mut at = s.member.midnight(s.start).plus(9 * HOUR + 40 * MINUTE + s.chance.below(3_000_000) as i64);
    let mut mint = aws("iam", "CreateAccessKey", r#""userName":"svc-backup""#);
    if let What::Aws { response, .. } = &mut mint {
        *response = format!(r#""accessKey":{{"userName":"svc-backup","accessKeyId":"AKIA{}","status":"Active"}}"#, s.chance.upper::<16>());
    }
    s.add("key made for another", line.call(at, mint));
    at = at.plus(s.chance.between(5_000, 40_000) as i64);
    let params = r#""userName":"svc-backup","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess""#;
    s.add("administrator attached", line.call(at, aws("iam", "AttachUserPolicy", params)));
    at = at.plus(s.chance.between(5_000, 40_000) as i64);
    s.add("looking", line.call(at, aws("iam", "ListUsers", "")));
}

fn dormant(s: &mut Script<'_>) {
    let line = Caller { from: somewhere(s, Place::Hetzner), ..partner(s.member) };
    let mut at = s.member.midnight(s.start).plus(3 * HOUR);
    for n in 0..12 {
        s.add("secret read", line.call(at, aws("secretsmanager", "GetSecretValue", format!(r#""secretId":"prod/service-{n}""#))));
        at = at.plus(s.chance.between(2_000, 15_000) as i64);
    }
}

fn clones(s: &mut Script<'_>) {
    let mut chance = s.member.chance(77, s.start);
    let line = runner(s.member, &mut chance);
    let mut at = moment(s, 10, 18);
    for n in 0..40 {
        s.add("clone", line.call(at, What::Git { action: "git.clone", repo: format!("vault-{n:02}"), path: String::new() }));
        at = at.plus(s.chance.between(2_000, 12_000) as i64);
        if n % 10 == 9 {
            let path = format!("/repos/halden/vault-{n:02}/actions/artifacts/{}/zip", 1_000 + n);
            s.add("artifact", line.call(at, What::Git { action: "api.request", repo: format!("vault-{n:02}"), path }));
            at = at.plus(1_500);
        }
    }
}

fn backdoor(s: &mut Script<'_>) {
    let own = watcher(s.member);
    let mut grant = own.grant.clone();
    grant.credential = format!("AKIA{}", s.chance.upper::<16>()).into();
    let line = Caller { from: somewhere(s, Place::Hetzner), grant, ..own };
    let mut at = moment(s, 1, 22);
    for name in ["DescribeInstances", "DescribeVolumes", "DescribeStacks", "DescribeAlarms", "DescribeDBInstances"] {
        s.add("first use", line.call(at, aws("ec2", name, "")));
        at = at.plus(s.chance.between(2_000, 20_000) as i64);
    }
}

fn sweep(s: &mut Script<'_>) {
    let line = pod(s.member, s.start, 2);
    let mut at = s.member.midnight(s.start).plus(6 * HOUR + s.member.offset * MINUTE + 50_000);
    for n in 0..60 {
        s.add("secret read", line.call(at, aws("secretsmanager", "GetSecretValue", format!(r#""secretId":"prod/service-{n:02}""#))));
        at = at.plus(s.chance.between(4_000, 14_000) as i64);
    }
}

fn poisoned(s: &mut Script<'_>) {
    let line = Caller { from: somewhere(s, Place::Hetzner), agent: "aws-cli/2.15.30 Python/3.11.8 Linux/6.5", ..watcher(s.member) };
    for before in 1..=65 {
        let midnight = s.member.midnight(s.start - before);
        for n in 0..11 {
            let at = midnight.plus(s.chance.below(86_000_000) as i64);
            let name = ["DescribeInstances", "DescribeVolumes", "DescribeStacks"][n % 3];
            s.add("present", line.call(at, aws(if n % 3 == 2 { "cloudformation" } else { "ec2" }, name, "")));
        }
    }
    let mut at = moment(s, 1, 18);
    for n in 0..400 {
        s.add("everything", line.call(at, object("GetObject", "halden-backups", &format!("dump/part-{n:03}"), 2_000_000)));
        at = at.plus(s.chance.between(500, 4_000) as i64);
    }
}

fn probing(s: &mut Script<'_>) {
    const TRIED: [(&str, &str); 9] = [
        ("iam", "ListUsers"),
        ("iam", "ListRoles"),
        ("iam", "GetAccountAuthorizationDetails"),
        ("secretsmanager", "ListSecrets"),
        ("ssm", "DescribeParameters"),
        ("s3", "ListBuckets"),
        ("rds", "DescribeDBSnapshots"),
        ("organizations", "ListAccounts"),
        ("lambda", "ListFunctions20150331"),
    ];
    let line = pod(s.member, s.start, 4);
    let mut at = s.member.midnight(s.start).plus(12 * HOUR + s.member.offset * MINUTE + 40_000);
    for n in 0..24 {
        let (service, name) = TRIED[n % 9];
        let mut call = line.call(at, aws(service, name, ""));
        call.failure = Some(Failure::Denied);
        s.add("denied", call);
        at = at.plus(s.chance.between(8_000, 20_000) as i64);
    }
    s.add("it works", line.call(at, aws("secretsmanager", "ListSecrets", "")));
}

fn blinded(s: &mut Script<'_>) {
    let line = deploy_line(s.member, s.start, 0);
    let mut at = s.member.midnight(s.start).plus(14 * HOUR + s.chance.below(3_000_000) as i64);
    let trail = r#""name":"arn:aws:cloudtrail:us-east-1:111122223333:trail/halden""#;
    s.add("logging stopped", line.call(at, aws("cloudtrail", "StopLogging", trail)));
    for n in 0..300 {
        at = at.plus(s.chance.between(400, 3_000) as i64);
        s.add("reading", line.call(at, object("GetObject", "halden-restricted", &format!("hr/file-{n:03}"), 2_000_000)));
    }
}

fn tools(s: &mut Script<'_>) {
    let line = agent_line(s.member, s.start, 40, 66);
    let mut at = moment(s, 10, 18);
    for number in 0..3 {
        s.add("usual tool", line.call(at, tool(number)));
        at = at.plus(s.chance.between(2_000, 12_000) as i64);
    }
    s.add("export tool", line.call(at, aws("lambda", "Invoke", r#""functionName":"db_export""#)));
    at = at.plus(s.chance.between(2_000, 12_000) as i64);
    s.add("sent outside", line.call(at, aws("lambda", "Invoke", r#""functionName":"send_external""#)));
}

fn other_runtime(s: &mut Script<'_>) {
    let own = agent_line(s.member, s.start, 0, 2);
    let line = Caller { from: somewhere(s, Place::DigitalOcean), agent: "Boto3/1.34.100 Python/3.12", ..own };
    let mut at = moment(s, 1, 22);
    s.add("who am I", line.call(at, aws("sts", "GetCallerIdentity", "")));
    for name in ["DescribeInstances", "DescribeSecurityGroups", "DescribeSnapshots", "DescribeVpcs"] {
        at = at.plus(s.chance.between(1_000, 8_000) as i64);
        s.add("looking", line.call(at, aws("ec2", name, "")));
    }
    at = at.plus(4_000);
    let params = format!(r#""roleArn":"arn:aws:iam::{OTHER_ACCOUNT}:role/landing","roleSessionName":"x""#);
    s.add("moving on", line.call(at, aws("sts", "AssumeRole", params)));
}

fn region(s: &mut Script<'_>) {
    let line = pod(s.member, s.start, 5);
    let mut at = s.member.midnight(s.start).plus(15 * HOUR + s.member.offset * MINUTE + 60_000);
    for name in ["RunInstances", "CreateSecurityGroup", "RunInstances", "CreateKeyPair", "RunInstances"] {
        let mut what = aws("ec2", name, r#""instanceType":"p4d.24xlarge""#);
        if let What::Aws { region, .. } = &mut what {
            *region = "ap-southeast-2";
        }
        s.add("elsewhere", line.call(at, what));
        at = at.plus(s.chance.between(3_000, 20_000) as i64);
    }
}
