//! Each detector's row: what only it can tell.

use crate::row::{Case, Row, Switch, alerted, alerts, shows};
use crate::trace::{Caller, Trace, agent, at, history, home, source};
use driftline::detect::evidence::Detector;
use driftline::model::identity::Kind;
use driftline::model::observation::AgentSort;
use driftline::model::time::{MINUTE, SECOND};
use driftline::model::{ActionClass, Network};

/// Days of history before the odd one.
pub const BEFORE: i32 = 40;

/// Home with a client never used.
pub fn stranger() -> Caller {
    (home().0, agent("etl/3", AgentSort::Other))
}

/// Another network of the usual cloud.
pub fn elsewhere() -> Caller {
    (source("3.80.4.9", 14_618, "Amazon", Network::Cloud, "aws"), home().1)
}

/// A moment in the middle of a usual run of the odd day.
pub fn odd() -> i64 {
    at(BEFORE, 8, 6)
}

/// The usual days and the odd one as it usually goes on.
pub fn usual() -> Trace {
    history(BEFORE + 1)
}

/// Usual days on which every call carries something more.
pub fn with(days: i32, more: impl Fn(&mut Trace, usize)) -> Trace {
    let mut trace = history(days);
    for i in 0..trace.events.len() {
        more(&mut trace, i);
    }
    trace
}

/// A table of what only each detector can tell.
pub fn rows() -> Vec<Row> {
    let row = |detector, protects, case, holds| Row { switch: Switch::Detector(detector), protects, case, decides: true, holds };
    vec![
        row(Detector::NewSource, "a key used from another network of the same cloud", new_source, |f| {
            alerted(f) && shows(f, "new-source", "network Amazon AS14618")
        }),
        row(Detector::NetworkClass, "a runner whose networks change daily, used from a rented server for once", network_class, |f| {
            alerted(f) && shows(f, "network-class", "class of network DigitalOcean")
        }),
        row(Detector::ConcurrentUse, "the credential used by two callers in turn", concurrent_use, |f| {
            alerted(f) && alerts(f).any(|a| a.sentence.contains("took turns with another caller on one credential"))
        }),
        row(Detector::OffHome, "whence a workload's credential was used while the workload used it too", off_home, |f| {
            shows(f, "off-home", "Office AS6830")
        }),
        row(Detector::NewClient, "another program with the same credential from the same place", new_client, |f| {
            alerted(f) && shows(f, "new-client", "etl/3")
        }),
        row(Detector::AuthMethod, "a password where a certificate was usual", auth_method, |f| {
            alerted(f) && shows(f, "auth-method", "password")
        }),
        row(Detector::TokenReuse, "one credential in a dozen hands within minutes", token_reuse, |f| {
            alerted(f) && shows(f, "token-reuse", "12 callers in 15 minutes")
        }),
        row(Detector::ScopeChange, "a token that may do more than any before", scope_change, |f| {
            alerted(f) && shows(f, "scope-change", "full refresh_token")
        }),
        row(Detector::NewOperation, "operations it never called", new_operation, |f| alerted(f) && shows(f, "new-operation", "limits")),
        row(Detector::ApiMix, "the same calls in quite other proportions", api_mix, |f| alerted(f) && shows(f, "api-mix", "read 20 % →")),
        row(Detector::NewTransition, "known calls in an order never seen", new_transition, |f| {
            alerted(f) && shows(f, "new-transition", "query → secret")
        }),
        row(Detector::NewObject, "data it never touched", new_object, |f| alerted(f) && shows(f, "new-object", "Payroll")),
        row(Detector::Enumeration, "a walk through everything there is, no faster than usual", enumeration, |f| {
            alerted(f) && shows(f, "enumeration", "distinct resources today")
        }),
        row(Detector::Volume, "many times the usual rows by the usual calls", volume, |f| alerted(f) && shows(f, "volume", "rows")),
        row(Detector::BulkJob, "the first bulk job ever", bulk_job, |f| alerted(f) && shows(f, "bulk-job", "1 job, Account")),
        row(Detector::OffHours, "work at an hour it never works", off_hours, |f| alerted(f) && shows(f, "off-hours", "03:00 UTC")),
        row(Detector::Interactive, "hands on a keyboard with a job's credential", interactive, |f| {
            alerted(f) && shows(f, "interactive", "hands on a keyboard")
        }),
        row(Detector::PrivilegedAction, "permissions given by a program that never gave any", privileged_action, |f| {
            alerted(f) && shows(f, "privileged-action", "privileged operation")
        }),
        row(Detector::Failures, "probing: operations refused one after the other", failures, |f| {
            alerted(f) && shows(f, "failures", "ListSecrets")
        }),
        row(Detector::MintedCredential, "a key made by an administrator that never made any", minted_credential, |f| {
            alerted(f) && shows(f, "minted-credential", "CreateAccessKey")
        }),
    ]
}

/// Known data read by a new program.
pub fn new_client() -> Case {
    let mut trace = usual();
    for (i, domain) in ["Payroll", "Contract", "Invoice", "Bonus"].iter().enumerate() {
        trace.call(odd() + i as i64 * SECOND, &stranger(), "report", ActionClass::Query).domain(domain);
    }
    Case::of(trace)
}

/// Two kinds of data read from another network.
pub fn new_source() -> Case {
    let mut trace = usual();
    for (i, domain) in ["Payroll", "Contract", "Invoice", "Bonus"].iter().enumerate() {
        trace.call(odd() + i as i64 * SECOND, &elsewhere(), "report", ActionClass::Query).domain(domain);
    }
    Case::of(trace)
}

fn network_class() -> Case {
    let mut trace = Trace::default();
    for day in 0..=BEFORE {
        let before = trace.events.len();
        trace.connector_day(day);
        let number = day as u32 + 100;
        let runner = source(&format!("20.{number}.1.1"), number, "Runner", Network::Cloud, "azure");
        for o in &mut trace.events[before..] {
            o.source = Some(runner.clone());
        }
    }
    let rented = (crate::trace::thief().0, home().1);
    for domain in ["Payroll", "Contract"] {
        trace.call(odd(), &rented, "query", ActionClass::Query).domain(domain);
    }
    Case::of(trace)
}

/// Two programs that share a credential on different days, and take turns on it on the last.
pub fn turns() -> Trace {
    let office = (source("194.12.3.4", 6_830, "Office", Network::Corp, ""), agent("report/2", AgentSort::Other));
    let mut trace = with(BEFORE + 1, |t, i| {
        let key = t.sym("key-1");
        t.events[i].credential = key;
    });
    for day in 0..BEFORE {
        let before = trace.events.len();
        if day % 2 == 0 {
            trace.call(at(day, 13, 30), &office, "query", ActionClass::Query).domain("Account").credential("key-2");
        }
        assert!(trace.events.len() - before <= 1);
    }
    for n in 0..3 {
        trace.call(at(BEFORE, 8, 5) + (10 + n * 20) * SECOND, &office, "query", ActionClass::Query).domain("Account").credential("key-1");
    }
    trace
}

/// Taking turns, and new data.
fn concurrent_use() -> Case {
    let mut trace = turns();
    let office = (source("194.12.3.4", 6_830, "Office", Network::Corp, ""), agent("report/2", AgentSort::Other));
    for n in 0..2 {
        trace.call(at(BEFORE, 8, 7) + n * SECOND, &office, "query", ActionClass::Query).domain(&format!("Payroll{n}")).credential("key-1");
    }
    Case::of(trace)
}

/// A role at home in a cloud, and the office where its credential does not belong.
pub fn workload() -> (Trace, Caller) {
    let trace = with(BEFORE + 1, |t, i| {
        let key = t.sym("session-1");
        t.events[i].credential = key;
    });
    (trace, (source("194.12.3.4", 6_830, "Office", Network::Corp, ""), home().1))
}

/// Its credential is tried elsewhere within the hour.
fn off_home() -> Case {
    let (mut trace, office) = workload();
    trace.call(odd(), &office, "query", ActionClass::Query).domain("Account").credential("session-1").denied();
    Case::of(trace).kind(Kind::WorkloadRole)
}

fn auth_method() -> Case {
    let mut trace = with(BEFORE + 1, |t, i| {
        let method = t.sym("certificate");
        t.events[i].auth_method = method;
    });
    for n in 0..2 {
        trace.call(odd() + n * SECOND, &home(), &format!("report{n}"), ActionClass::Query).auth("password").domain(&format!("Payroll{n}"));
    }
    Case::of(trace)
}

fn scope_change() -> Case {
    let mut trace = with(BEFORE + 1, |t, i| {
        let scopes = t.sym("api");
        t.events[i].scopes = scopes;
    });
    for n in 0..2 {
        trace
            .call(odd() + n * SECOND, &home(), &format!("report{n}"), ActionClass::Query)
            .scopes("api full refresh_token")
            .domain(&format!("Payroll{n}"));
    }
    Case::of(trace)
}

fn token_reuse() -> Case {
    let hand = |n: i32| (home().0, agent(&format!("part{n}/1"), AgentSort::Other));
    let mut trace = usual();
    for day in 0..BEFORE {
        trace.call(at(day, 12, 6), &hand(day % 12), "query", ActionClass::Query).domain("Account").credential("key-1");
    }
    for n in 0..12 {
        trace.call(at(BEFORE, 12, 6) + i64::from(n) * SECOND, &hand(n), "query", ActionClass::Query).domain("Account").credential("key-1");
    }
    Case::of(trace)
}

fn new_operation() -> Case {
    let mut trace = usual();
    for (n, operation) in ["limits", "getUpdated", "describeLayouts", "recent", "search", "tabs", "theme", "actions"].iter().enumerate() {
        trace.call(odd() + n as i64 * SECOND, &stranger(), operation, ActionClass::Query).domain("Payroll");
    }
    Case::of(trace)
}

/// A run of reads and queries, eight of one and two of the other.
fn mixed(reads: i64) -> impl Fn(&mut Trace, i32) {
    move |trace, day| {
        for run in 0..8i64 {
            for n in 0..10i64 {
                let (action, class) = if n < reads { ("read", ActionClass::Query) } else { ("query", ActionClass::Query) };
                trace.call(at(day, run * 3, 5) + n * 20 * SECOND, &home(), action, class).domain("Account").rows(300);
            }
        }
    }
}

fn api_mix() -> Case {
    let mut trace = Trace::default();
    for day in 0..BEFORE {
        mixed(2)(&mut trace, day);
    }
    mixed(8)(&mut trace, BEFORE);
    Case::of(trace)
}

fn new_transition() -> Case {
    let mut trace = usual();
    for day in 0..=BEFORE {
        trace.call(at(day, 0, 1), &home(), "GetSecretValue", ActionClass::Secret);
    }
    trace.call(at(BEFORE, 12, 6), &stranger(), "query", ActionClass::Query).domain("Payroll");
    trace.call(at(BEFORE, 12, 6) + SECOND, &stranger(), "GetSecretValue", ActionClass::Secret);
    Case::of(trace)
}

fn new_object() -> Case {
    let mut trace = usual();
    for n in 0..3 {
        trace.call(odd() + n * SECOND, &stranger(), &format!("report{n}"), ActionClass::Query).domain("Payroll");
    }
    Case::of(trace)
}

/// Usual days over four things; on the odd day every call is about another.
pub fn enumeration() -> Case {
    Case::of(with(BEFORE + 1, |t, i| {
        let odd = t.events[i].time.day().0 == BEFORE;
        let thing = t.sym(&if odd { format!("record-{i}") } else { format!("record-{}", i % 4) });
        t.events[i].resource = thing;
    }))
}

/// Usual calls, a hundred times the rows.
pub fn volume() -> Case {
    Case::of(with(BEFORE + 1, |t, i| {
        let o = &mut t.events[i];
        if o.time.day().0 == BEFORE {
            o.rows = o.rows.map(|rows| rows * 100);
        }
    }))
}

fn bulk_job() -> Case {
    let mut trace = usual();
    for day in 0..BEFORE {
        trace.call(at(day, 16, 6), &home(), "jobs", ActionClass::Query).domain("Account");
    }
    trace.call(odd(), &stranger(), "jobs", ActionClass::Query).domain("Account").job("750A", driftline::model::JobStep::Create);
    trace.call(odd() + SECOND, &stranger(), "query", ActionClass::Query).domain("Payroll");
    Case::of(trace)
}

/// Work from nine to five.
fn office_days(trace: &mut Trace, days: i32) {
    for day in 0..days {
        for hour in 9..17 {
            for minute in [3, 11, 24, 37, 48] {
                trace.call(at(day, hour, minute), &home(), "query", ActionClass::Query).domain("Account").rows(300);
            }
        }
    }
}

fn off_hours() -> Case {
    let mut trace = Trace::default();
    office_days(&mut trace, BEFORE + 1);
    trace.call(at(BEFORE, 3, 11), &stranger(), "query", ActionClass::Query).domain("Payroll");
    Case::of(trace)
}

/// Two places that take turns by the day; on the odd day somebody types in the other one.
pub fn interactive() -> Case {
    let mut trace = usual();
    for day in 0..=BEFORE {
        let caller = if day < BEFORE { elsewhere() } else { home() };
        for n in 0..60 {
            // Nine of one question, then everything else, what describes last.
            let n = (n - 8i64).max(0);
            let (operation, class) = if n < 26 { ("query", ActionClass::Query) } else { ("describe", ActionClass::Describe) };
            trace.call(at(day, 10, 6) + n * SECOND, &caller, &format!("{operation}{}", n % 26), class).domain("Account");
        }
    }
    let mut now = odd();
    for n in 0..20 {
        now += [3, 41, 8, 97, 2, 17][n % 6] * SECOND;
        let (operation, class) = if n % 2 == 0 { ("describe", ActionClass::Describe) } else { ("query", ActionClass::Query) };
        trace.call(now, &elsewhere(), &format!("{operation}{n}"), class).domain("Account");
    }
    Case::of(trace)
}

/// Usual days of an identity that changes tags, which is a privileged operation.
pub fn administrator(days: i32) -> Trace {
    let mut trace = history(days);
    for day in 0..days {
        trace.call(at(day, 6, 6), &home(), "iam:TagUser", ActionClass::Iam);
    }
    trace
}

fn privileged_action() -> Case {
    let mut trace = administrator(BEFORE + 1);
    for (n, operation) in ["AttachRolePolicy", "PutUserPolicy", "AddUserToGroup", "UpdateAssumeRolePolicy"].iter().enumerate() {
        trace.call(odd() + n as i64 * SECOND, &home(), operation, ActionClass::Iam);
    }
    Case::of(trace)
}

/// Eight operations it never failed at, refused three times each.
pub fn failures() -> Case {
    let mut trace = usual();
    for (n, operation) in
        ["ListSecrets", "ListUsers", "ListRoles", "ListKeys", "ListBuckets", "GetPolicy", "ListGroups", "ListTrails"].iter().enumerate()
    {
        for again in 0..3 {
            trace.call(odd() + n as i64 * 9 * SECOND + again * SECOND, &home(), operation, ActionClass::List).denied();
        }
    }
    Case::of(trace)
}

fn minted_credential() -> Case {
    let mut trace = usual();
    for day in 0..=BEFORE {
        // Every day other changes of access, never a credential.
        for n in 0..2 + day % 4 {
            trace.call(at(day, 6, 6) + i64::from(n) * SECOND, &home(), &format!("UpdateSetting{day}-{n}"), ActionClass::Iam);
        }
    }
    for (n, operation) in ["CreateAccessKey", "CreateLoginProfile", "CreateUser"].iter().enumerate() {
        trace.call(odd() + n as i64 * MINUTE, &stranger(), operation, ActionClass::Iam);
    }
    Case::of(trace)
}
