//! A heap of CloudTrail records for measuring: many identities, many keys, sixty days, streamed. It must not know the
//! company's story.

use super::chance::Chance;
use super::cloudtrail::{Call, Refusal, Session};
use super::ledger::Family;
use super::operation as calls;
use super::operation::Operation;
use crate::model::time::DAY;
use crate::model::{Day, Timestamp};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Identities of the heap.
pub const IDENTITIES: u64 = 435;
/// Days of the heap.
pub const DAYS: u64 = 60;
/// First day, 2026-03-02.
const FIRST: Day = Day(20_514);

const LISTS: &[&[Operation]] =
    &[calls::SERVICE, calls::TRANSFORM, calls::CONSUMER, calls::DEPLOY, calls::MONITOR, calls::PLATFORM, calls::SCAN, calls::NODE];
const AGENTS: &[&str] = &[
    "Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#6.1 md/arch#x86_64 lang/python#3.11.9 md/pyimpl#CPython cfg/retry-mode#legacy exec-env/AWS_ECS_FARGATE app/halden-platform-service/2026.03.2 Botocore/1.34.131",
    "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64 api/s3#1.58.0 ft/s3-transfer md/internal cfg/retry-mode#adaptive app/halden-platform-service/2026.03.2 exec-env/AWS_ECS_EC2",
    "aws-sdk-java/2.26.12 Linux/6.1.94 OpenJDK_64-Bit_Server_VM/21.0.4+7-LTS Java/21.0.4 vendor/Amazon.com_Inc. io/sync http/Apache cfg/retry-mode/standard exec-env/AWS_ECS_EC2 app/halden-platform-service/2026.03.2",
    "aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/linux#6.8.0-1009-aws md/arch#x86_64 lang/python#3.11.9 md/command#s3.sync exec-env/CloudShell app/halden-platform-service/2026.03.2 cfg/retry-mode#standard",
];
/// Sessions kept ready for each identity and half day.
const KEPT: usize = 3;

/// Writes `count` CloudTrail records to `path`, one a line and in the order of time, the same for the same seed. A
/// quarter of the identities makes half of the calls; one key serves an identity's session for twelve hours.
pub fn write_cloudtrail(path: &Path, count: u64, seed: u64) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut chance = Chance::of(seed, 30, 0, 0);
    let mut line = Vec::with_capacity(4_096);
    let span = DAYS * DAY as u64;
    let mut sessions: Vec<Session> = Vec::new();
    let mut half_day = u64::MAX;
    let mut date = String::new();
    for place in 0..count {
        let now = (u128::from(span) * u128::from(place) / u128::from(count)) as u64;
        let day = now / DAY as u64;
        if now / (DAY as u64 / 2) != half_day {
            half_day = now / (DAY as u64 / 2);
            date = Day(FIRST.0 + day as i32).to_string();
            sessions = (0..IDENTITIES).flat_map(|who| (0..KEPT as u64).map(move |slot| session(seed, who, slot, half_day))).collect();
        }
        let who = chance.rank(IDENTITIES);
        let session = &sessions[who as usize * KEPT + chance.below(KEPT as u64) as usize];
        let list = LISTS[(who % LISTS.len() as u64) as usize];
        let operation = &list[chance.rank(list.len() as u64) as usize];
        let refusal = match chance.below(200) {
            0 => Some(Refusal::Denied),
            1 => Some(Refusal::Throttled),
            2 => Some(Refusal::Failed),
            _ => None,
        };
        let at = (now % DAY as u64) as i64;
        let call =
            Call { session, operation, at, thing: session.owner, number: chance.rank(900), bytes: chance.below(1 << 22), refusal, key: "" };
        let (id, request) = (chance.uuid(), chance.uuid());
        line.clear();
        call.write(&mut line, session.family, &date, id.as_str(), request.as_str());
        whole_counts(&mut line);
        line.push(b'\n');
        out.write_all(&line)?;
    }
    out.flush()
}

/// Byte counts as whole numbers: the provider writes them either way, and a plain scanner to compare with knows only these.
fn whole_counts(line: &mut Vec<u8>) {
    for mark in [&br#"bytesTransferredIn":"#[..], &br#"bytesTransferredOut":"#[..]] {
        let Some(begin) = memchr::memmem::find(line, mark).map(|at| at + mark.len()) else { return };
        let end = begin + line[begin..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if line[end..].starts_with(b".0") {
            line.drain(end..end + 2);
        }
    }
}

const THINGS: &[&str] = &["orders", "billing", "search", "media", "events", "ledger", "profiles", "catalog"];

fn session(seed: u64, who: u64, slot: u64, half_day: u64) -> Session {
    let mut own = Chance::of(seed, 31, who, slot);
    let family = match who % 5 {
        0 => Family::ProductionUs,
        1 => Family::DataEu,
        _ => Family::ProductionEu,
    };
    let (account, _) = super::cloudtrail::place(family);
    let network = super::network::Network::TwoRegions(2_500);
    let address = network.address(seed, who % 40, who * 7 + slot, 0);
    let agent = AGENTS[(who % AGENTS.len() as u64) as usize].to_owned();
    let thing = THINGS[(who % THINGS.len() as u64) as usize];
    let principal = Chance::of(seed, 32, who, 0).upper::<17>();
    if who % 4 == 3 {
        let user = format!("svc-{thing}-{who:03}");
        let arn = format!("arn:aws:iam::{account}:user/service/{user}");
        let key = Chance::of(seed, 33, who, slot).upper::<16>();
        let identity = format!(
            r#"{{"type":"IAMUser","principalId":"AIDA{principal}","arn":"{arn}","accountId":"{account}","accessKeyId":"AKIA{key}","userName":"{user}"}}"#
        );
        return Session { identity, arn, address, agent, console: false, owner: thing, family };
    }
    let role = format!("{thing}-workload-{who:03}");
    let name = format!("i-0{}", own.hex::<16>());
    let key = Chance::of(seed, 34, who << 8 | slot, half_day).upper::<16>();
    let issued = Timestamp(FIRST.start().0 + half_day as i64 * DAY / 2);
    let arn = format!("arn:aws:sts::{account}:assumed-role/{role}/{name}");
    let identity = format!(
        r#"{{"type":"AssumedRole","principalId":"AROA{principal}:{name}","arn":"{arn}","accountId":"{account}","accessKeyId":"ASIA{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROA{principal}","arn":"arn:aws:iam::{account}:role/{role}","accountId":"{account}","userName":"{role}"}},"webIdFederationData":{{}},"attributes":{{"creationDate":"{issued}","mfaAuthenticated":"false"}},"ec2RoleDelivery":"2.0"}}}}"#
    );
    Session { identity, arn, address, agent, console: false, owner: thing, family }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sym;

    #[test]
    fn the_heap_is_json_in_order_of_time_and_follows_its_seed() {
        let dir = tempfile::tempdir().unwrap();
        let write = |seed| {
            let path = dir.path().join(format!("{seed}.ndjson"));
            write_cloudtrail(&path, 3_000, seed).unwrap();
            std::fs::read_to_string(path).unwrap()
        };
        let text = write(1);
        let mut last = String::new();
        let mut keys = std::collections::BTreeSet::new();
        for line in text.lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            let time = record["eventTime"].as_str().unwrap().to_owned();
            assert!(time >= last);
            last = time;
            keys.insert(record["userIdentity"]["accessKeyId"].as_str().unwrap().to_owned());
        }
        assert!(keys.len() > 400, "{}", keys.len());
        let mean = text.len() / 3_000;
        assert!((1_250..1_700).contains(&mean), "{mean} bytes a record");
        assert_eq!(Sym::of(&text), Sym::of(&write(1)));
        assert_ne!(Sym::of(&text), Sym::of(&write(2)));
    }
}
