//! Each sequence's, hard rule's and term's row: what the score would not say without it.

use crate::detectors::{BEFORE, administrator, elsewhere, odd, stranger, turns, usual, workload};
use crate::row::{Case, Row, Switch, alerts, shows, worst};
use crate::trace::{Caller, Trace, agent, at, home, source, thief};
use driftline::context::inventory::{Approved, Entry, Tier};
use driftline::detect::Folded;
use driftline::model::identity::Kind;
use driftline::model::observation::{AgentSort, flag};
use driftline::model::time::{HOUR, MINUTE, SECOND};
use driftline::model::{ActionClass, Day, JobStep, Network, Probe};

/// Every sequence, hard rule and term of context there is.
pub const NAMES: &[&str] = &[
    "S02",
    "S05",
    "S06",
    "S09",
    "S21",
    "zombie",
    "logging-impaired",
    "outside-purpose",
    "dormant",
    "admin-capable",
    "third-party",
    "crown-jewel",
    "sandbox",
    "owner-unknown",
    "no-ticket",
    "tor-exit",
    "anonymiser",
    "hosting",
    "access-network",
    "attack-tool",
    "script-client",
    "upstream-finding",
    "indicator",
    "known-client",
    "leaked-credential",
];

/// Whether an alert has the sequence whole, with a risk of at least so much.
fn whole(folded: &[Folded], id: &str, risk: u8) -> bool {
    alerts(folded).any(|a| a.risk >= risk && a.sequences.iter().any(|s| s.id == id && s.missing.is_empty()))
}

/// A table of what only each rule and term can tell.
pub fn rows() -> Vec<Row> {
    let row = |rule, protects, case, holds| Row { switch: Switch::Rule(rule), protects, case, decides: true, holds };
    vec![
        row("S02", "a token renewed while two take turns on it is grave by itself", renewed, |f| whole(f, "S02", 75)),
        row("S05", "an export days after somebody looked around is grave", looked_around, |f| whole(f, "S05", 75)),
        row("S06", "a job that is made, run and deleted at once goes to the queue", job_deleted, |f| whole(f, "S06", 50)),
        row("S09", "a workload's credential away from home is grave by itself", away, |f| whole(f, "S09", 75)),
        row("S21", "the first credential ever made goes to the queue", first_credential, |f| whole(f, "S21", 50)),
        row("zombie", "who was removed and acts as ever is grave", removed, |f| whole(f, "zombie", 75)),
        row("logging-impaired", "watching taken away goes to the queue", logging_stopped, |f| whole(f, "logging-impaired", 50)),
        row("outside-purpose", "data outside the declared purpose tips the scale", outside_purpose, |f| {
            shows(f, "outside-purpose", "Payroll")
        }),
        row("dormant", "waking after three weeks tips the scale", woken, |f| shows(f, "dormant", "silent for 2")),
        row("admin-capable", "what may change access tips the scale", admin, |f| shows(f, "admin-capable", "1 privileged operation")),
        row("third-party", "a vendor's hand tips the scale", third_party, |f| shows(f, "third-party", "Acme")),
        row("crown-jewel", "what must never leak tips the scale", crown_jewel, |f| shows(f, "crown-jewel", "crown-jewel")),
        row("sandbox", "a sandbox stays out of the queue", sandbox, |f| (25..50).contains(&worst(f))),
        row("owner-unknown", "what nobody answers for tips the scale", owner_unknown, |f| shows(f, "owner-unknown", "no owner")),
        row("no-ticket", "access changed without an announcement tips the scale", no_ticket, |f| shows(f, "no-ticket", "TagUser")),
        row("tor-exit", "one usual call through Tor goes to the queue", tor, |f| shows(f, "tor-exit", "Tor")),
        row("anonymiser", "one call through an anonymising VPN tips the scale", vpn, |f| shows(f, "anonymiser", "Veil")),
        row("hosting", "a rented server tips the scale", hosting, |f| shows(f, "hosting", "DigitalOcean")),
        row("access-network", "a household tips the scale for what lives in clouds", household, |f| shows(f, "access-network", "Cable")),
        row("attack-tool", "a tool made for theft goes to the queue", attack_tool, |f| shows(f, "attack-tool", "TruffleHog")),
        row("script-client", "a script from elsewhere tips the scale", script, |f| shows(f, "script-client", "python-requests")),
        row("upstream-finding", "another product's finding tips the scale", told, |f| shows(f, "upstream-finding", "aws_guardduty")),
        row("indicator", "a published indicator tips the scale", indicator, |f| shows(f, "indicator", "198.51.100.7")),
        row("known-client", "a client published as a thief's tips the scale", known_client, |f| shows(f, "known-client", "conn/1")),
        row("leaked-credential", "a leaked credential tips the scale", leaked, |f| shows(f, "leaked-credential", "AKIA")),
    ]
}

/// What is nearly an alert by itself: another program reads new data.
fn nearly(trace: &mut Trace, caller: &Caller, now: i64, kinds: i64) {
    for n in 0..kinds {
        // Not so many in an hour that their number is news too.
        trace.call(now - n / 6 * 2 * HOUR + n % 6 * SECOND, caller, "query", ActionClass::Query).domain(&format!("Contract{n}"));
    }
}

/// The same on usual days.
fn nearly_an_alert(kinds: i64) -> Trace {
    let mut trace = usual();
    nearly(&mut trace, &stranger(), odd(), kinds);
    trace
}

fn renewed() -> Case {
    let mut trace = turns();
    trace.call(at(BEFORE, 8, 9), &home(), "token", ActionClass::Token).credential("key-1");
    Case::of(trace)
}

fn looked_around() -> Case {
    let mut trace = usual();
    let caller = home();
    let first = at(BEFORE - 4, 8, 6);
    for (n, (operation, probe)) in
        [("sobjects", Probe::ListAll), ("describe", Probe::Describe), ("limits", Probe::Limits), ("count", Probe::Count)].iter().enumerate()
    {
        trace.call(first + n as i64 * SECOND, &caller, operation, ActionClass::Describe).probe(*probe);
    }
    trace.call(odd(), &caller, "query", ActionClass::Export).domain("Account").job("750A", JobStep::Create);
    Case::of(trace)
}

fn job_deleted() -> Case {
    let mut trace = usual();
    for (minute, step) in [JobStep::Create, JobStep::Progress, JobStep::Complete, JobStep::Delete].into_iter().enumerate() {
        trace.call(odd() + minute as i64 * MINUTE, &home(), "query", ActionClass::Export).domain("Account").job("750A", step);
    }
    Case::of(trace)
}

fn away() -> Case {
    let (mut trace, office) = workload();
    trace.call(odd(), &office, "query", ActionClass::Query).domain("Account").credential("session-1");
    Case::of(trace).kind(Kind::WorkloadRole)
}

fn first_credential() -> Case {
    let mut trace = usual();
    trace.call(odd(), &home(), "CreateAccessKey", ActionClass::Iam);
    Case::of(trace)
}

fn removed() -> Case {
    Case::of(usual()).entry(Entry { offboarded: Some(Day(BEFORE).start()), ..owned() })
}

fn logging_stopped() -> Case {
    let mut trace = administrator(BEFORE + 1);
    trace.call(odd(), &home(), "StopLogging", ActionClass::Logging);
    Case::of(trace)
}

/// Somebody answers for it.
fn owned() -> Entry {
    Entry { owner: Some("crm-team".to_owned()), ..Entry::default() }
}

fn outside_purpose() -> Case {
    let mut trace = usual();
    trace.call(odd(), &stranger(), "query", ActionClass::Query).domain("Payroll");
    let domains = ["Account", "Contact", "Lead", "Opportunity"].map(str::to_owned).to_vec();
    let approved = Approved { domains, enforce: true, ..Approved::default() };
    Case::of(trace).entry(Entry { approved, ..owned() })
}

fn woken() -> Case {
    let mut trace = crate::trace::history(BEFORE);
    let now = BEFORE + 20;
    trace.connector_day(now);
    nearly(&mut trace, &stranger(), at(now, 8, 6), 2);
    Case::of(trace)
}

fn admin() -> Case {
    let mut trace = administrator(BEFORE + 1);
    nearly(&mut trace, &stranger(), odd(), 2);
    Case::of(trace)
}

fn third_party() -> Case {
    Case::of(nearly_an_alert(2)).entry(Entry { vendor: Some("Acme".to_owned()), ..owned() })
}

fn crown_jewel() -> Case {
    Case::of(nearly_an_alert(2)).entry(Entry { tier: Some(Tier::CrownJewel), ..owned() })
}

fn sandbox() -> Case {
    Case::of(nearly_an_alert(16)).entry(Entry { tier: Some(Tier::Sandbox), ..owned() })
}

fn owner_unknown() -> Case {
    Case::of(nearly_an_alert(4)).declare(None, Vec::new())
}

fn no_ticket() -> Case {
    let mut trace = administrator(BEFORE + 1);
    nearly(&mut trace, &home(), odd(), 16);
    trace.call(odd() + MINUTE, &home(), "iam:TagUser", ActionClass::Iam);
    Case::of(trace).entry(owned())
}

fn tor() -> Case {
    let mut trace = usual();
    let exit = source("185.220.101.4", 60_729, "Tor exits", Network::Tor, "");
    trace.call(odd(), &(exit, home().1), "query", ActionClass::Query).domain("Account");
    Case::of(trace)
}

fn from(network: Network, org: &str) -> Case {
    let mut trace = usual();
    let there = source("92.4.5.6", 9_009, org, network, "");
    nearly(&mut trace, &(there, home().1), odd(), 1);
    Case::of(trace)
}

fn vpn() -> Case {
    from(Network::Vpn, "Veil")
}

fn hosting() -> Case {
    let mut trace = usual();
    nearly(&mut trace, &(thief().0, home().1), odd(), 1);
    Case::of(trace)
}

fn household() -> Case {
    from(Network::Residential, "Cable")
}

fn attack_tool() -> Case {
    let mut trace = usual();
    nearly(&mut trace, &(home().0, agent("TruffleHog/3", AgentSort::Offensive)), odd(), 1);
    Case::of(trace)
}

fn script() -> Case {
    let mut trace = usual();
    trace.call(odd(), &(elsewhere().0, thief().1), "query", ActionClass::Query).domain("Account");
    Case::of(trace)
}

fn told() -> Case {
    let mut trace = nearly_an_alert(2);
    let now = at(BEFORE, 9, 0);
    trace.call(now, &home(), "finding", ActionClass::Logging).tags("finding:aws_guardduty:medium:UnauthorizedAccess");
    let o = trace.events.last_mut().unwrap();
    (o.source, o.agent, o.flags) = (None, None, flag::FINDING);
    Case::of(trace)
}

/// What is nearly an alert, with something said about one of its events.
fn tagged(caller: &Caller, tags: &str) -> Case {
    let mut trace = usual();
    nearly(&mut trace, caller, odd(), 1);
    trace.call(odd() + MINUTE, caller, "query", ActionClass::Query).domain("Account").tags(tags);
    Case::of(trace)
}

fn indicator() -> Case {
    tagged(&stranger(), "intel:address:198.51.100.7")
}

fn known_client() -> Case {
    tagged(&elsewhere(), "intel:agent:conn/1")
}

fn leaked() -> Case {
    tagged(&stranger(), "intel:credential:AKIAEXAMPLE")
}
