//! Harmless oddities. Those that somebody announced say what; until the fold takes announcements they are not judged. It
//! must not know how anything is detected.

use super::salesforce::weekend_analyst;
use super::{Announced, Begin, PLAIN, PLAIN_DAY, Scenario, Script, Verdict};
use crate::model::Severity::Info;
use crate::model::time::{HOUR, MINUTE};
use crate::world::w1::Alteration;
use crate::world::w1::KindId::{K01, K02, K03, K04, K05, K06, K07, K10, K12};
use crate::world::w1::aws::{deploy_line, deployment, watcher};
use crate::world::w1::github::runner;
use crate::world::w1::place::Place;
use crate::world::w1::record::{Failure, What, aws, get, query};
use crate::world::w1::salesforce::connector;

/// Everyday work that is marked.
const ODD: Alteration = Alteration { step: Some("altered"), ..PLAIN_DAY };

pub(super) const ALL: &[Scenario] = &[
    Scenario {
        id: "B01",
        title: "the service's pool moves to fresh blocks of the same networks",
        kinds: &[K04],
        verdict: Verdict::AtMost(Info),
        span: 7,
        alter: |_| Alteration { fresh: true, ..ODD },
        ..PLAIN
    },
    Scenario {
        id: "B03",
        title: "a new major version of the connector's client",
        kinds: &[K01],
        span: 7,
        alter: |_| Alteration { agent: Some("conn/2"), ..ODD },
        ..PLAIN
    },
    Scenario {
        id: "B04",
        title: "the nightly job three hours late after an outage",
        kinds: &[K02],
        verdict: Verdict::AtMost(Info),
        alter: |_| Alteration { shift: 180, ..ODD },
        ..PLAIN
    },
    Scenario {
        id: "B05",
        title: "the log shipper's backlog after five hours, all at once",
        kinds: &[K12],
        verdict: Verdict::AtMost(Info),
        alter: |_| Alteration { hours: Some((6, 11)), gather: true, ..ODD },
        ..PLAIN
    },
    Scenario {
        id: "B06",
        title: "the connector fails over to another region for six hours",
        kinds: &[K01],
        alter: |_| Alteration { hours: Some((8, 14)), moved: Some(Place::Frankfurt), ..ODD },
        ..PLAIN
    },
    Scenario {
        id: "B07",
        title: "announced migration of a connector to another cloud",
        kinds: &[K01],
        verdict: Verdict::AtMost(Info),
        span: 7,
        announced: &[Announced { ticket: "CHG-1007", dimensions: &["source"], allow: "cloud = [\"gcp\"]" }],
        alter: |_| Alteration { moved: Some(Place::Google), ..ODD },
        ..PLAIN
    },
    Scenario {
        id: "B08",
        title: "migration nobody announced, with a new client",
        kinds: &[K01],
        verdict: Verdict::OneMedium,
        span: 10,
        alter: |_| Alteration { moved: Some(Place::Google), agent: Some("conn-cloud/1"), ..ODD },
        ..PLAIN
    },
    Scenario {
        id: "B09",
        title: "announced backfill, twelve times the rows",
        kinds: &[K02],
        verdict: Verdict::AtMost(Info),
        announced: &[Announced { ticket: "CHG-1009", dimensions: &["volume"], allow: "volume_factor = 15" }],
        alter: |_| Alteration { size: 12.0, ..ODD },
        ..PLAIN
    },
    Scenario {
        id: "B10",
        title: "backfill nobody announced, four times the rows",
        kinds: &[K02],
        alter: |_| Alteration { size: 4.0, ..ODD },
        ..PLAIN
    },
    Scenario {
        id: "B11",
        title: "the quarter's end, three times a month's",
        kinds: &[K07],
        begin: Begin::MonthEnd,
        alter: |_| Alteration { size: 3.0, ..ODD },
        ..PLAIN
    },
    Scenario {
        id: "B12",
        title: "a colleague's weekend session",
        kinds: &[K06],
        verdict: Verdict::AtMost(Info),
        begin: Begin::Sunday,
        script: weekend_analyst,
        ..PLAIN
    },
    Scenario {
        id: "B13",
        title: "announced sprint: five deployments in a day",
        kinds: &[K10],
        verdict: Verdict::AtMost(Info),
        begin: Begin::Workday,
        announced: &[Announced { ticket: "CHG-1013", dimensions: &["volume", "privilege", "timing"], allow: "volume_factor = 10" }],
        script: sprint,
        ..PLAIN
    },
    Scenario { id: "B14", title: "one new operation and one new object after a change of schema", kinds: &[K01], script: schema, ..PLAIN },
    Scenario {
        id: "B15",
        title: "announced exercise of a red team",
        kinds: &[K05],
        announced: &[Announced { ticket: "CHG-1015", dimensions: &["source", "client"], allow: "asn = [14061]\nagent = [\"aws-cli\"]" }],
        script: exercise,
        ..PLAIN
    },
    Scenario {
        id: "B18",
        title: "a brand-new connector's first two weeks",
        kinds: &[K01],
        span: 14,
        newborn: Some(0),
        alter: |_| ODD,
        ..PLAIN
    },
    Scenario {
        id: "B20",
        title: "clocks go forward: everything an hour later from now on",
        kinds: &[K02, K05, K07],
        verdict: Verdict::AtMost(Info),
        span: 14,
        alter: |_| Alteration { shift: 60, ..ODD },
        ..PLAIN
    },
    Scenario {
        id: "B21",
        title: "a repository is split in fifteen over three days",
        kinds: &[K03],
        span: 3,
        begin: Begin::Workday,
        script: split,
        ..PLAIN
    },
    Scenario {
        id: "B22",
        title: "five thousand retries of one usual call",
        kinds: &[K05],
        verdict: Verdict::AtMost(Info),
        script: retries,
        ..PLAIN
    },
];

fn sprint(s: &mut Script<'_>) {
    for run in 0..5 {
        let line = deploy_line(s.member, s.start, 20 + run);
        let at = s.member.midnight(s.start).plus((9 + 2 * run as i64) * HOUR);
        for call in deployment(&line, at, 2, &mut s.chance) {
            s.add("deployment", call);
        }
    }
}

fn schema(s: &mut Script<'_>) {
    let line = connector(s.member, "conn/1", s.start, &mut s.chance);
    let at = s.member.midnight(s.start).plus(10 * HOUR + s.member.offset * MINUTE + 30_000);
    s.add("new object", line.call(at, get("/sobjects/Loyalty__c/describe", "Loyalty__c")));
    s.add("new object", line.call(at.plus(900), query("Loyalty__c", "", 30)));
}

fn exercise(s: &mut Script<'_>) {
    let mut line = watcher(s.member);
    line.from = Place::DigitalOcean.address(5, 5);
    line.agent = "aws-cli/2.15.30 Python/3.11.8";
    let mut at = s.member.midnight(s.start).plus(13 * HOUR);
    for name in ["ListUsers", "ListRoles", "GetAccountSummary"] {
        s.add("exercise", line.call(at, aws("iam", name, "")));
        at = at.plus(9_000);
    }
}

fn split(s: &mut Script<'_>) {
    for n in 0..15 {
        let line = runner(s.member, &mut s.chance);
        let at = s.member.midnight(s.start + n / 5).plus(13 * HOUR + i64::from(n % 5) * 20 * MINUTE);
        s.add("new repository", line.call(at, What::Git { action: "git.clone", repo: format!("part-{n:02}"), path: String::new() }));
    }
}

fn retries(s: &mut Script<'_>) {
    let line = watcher(s.member);
    let mut at = s.member.midnight(s.start).plus(s.chance.between(1, 20) as i64 * HOUR);
    for _ in 0..5_000 {
        let mut call = line.call(at, aws("monitoring", "GetMetricData", ""));
        call.failure = Some(Failure::Throttled);
        s.add("retry", call);
        at = at.plus(s.chance.between(100, 1_200) as i64);
    }
}
