//! The fold without store or screen: days of invented events in, alerts out. What is protected here: silence on habit,
//! loudness on theft, the words of the evidence, and that a snapshot or a restart of the day changes nothing.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

#[expect(dead_code, reason = "other tests tell more of a call")]
#[path = "mutations/trace.rs"]
mod trace;

use driftline::detect::{Context, Declared, Fleet, Folded, IdentityFold, Settings};
use driftline::model::observation::AgentSort;
use driftline::model::time::{HOUR, MINUTE, SECOND};
use driftline::model::{ActionClass, Day, Network, Outcome, Timestamp};
use trace::{Trace, agent, failing, history, home, identity, source, theft, thief};

/// Nobody declared anything.
static NOTHING: Declared = Declared::nothing();

fn run(trace: &Trace, restart_every: usize) -> Vec<Folded> {
    let (settings, identity) = (Settings::default(), identity());
    let ctx = Context {
        settings: &settings,
        names: &trace.texts,
        identity: &identity,
        decisions: &[],
        declared: &NOTHING,
        fleet: Fleet::of(40),
        hashes: ("m", "c"),
    };
    let mut fold = IdentityFold::default();
    let mut day_start = 0;
    for (i, o) in trace.events.iter().enumerate() {
        if fold.day() != Some(o.time.day()) {
            day_start = i;
            if restart_every > 0 {
                // What a kill leaves: the snapshot at the close of the day before.
                fold.close(&ctx);
                fold = IdentityFold::restore(&fold.snapshot().unwrap()).unwrap();
            }
        }
        if restart_every > 0 && i % restart_every == 0 && i > day_start {
            fold.restart_day();
            for again in &trace.events[day_start..i] {
                fold.step(again, &ctx);
            }
        }
        fold.step(o, &ctx);
    }
    fold.since(Timestamp(i64::MIN), &ctx).1
}

fn worst(folded: &[Folded]) -> u8 {
    folded.iter().map(|f| f.alert.risk).max().unwrap_or(0)
}

#[test]
fn a_steady_connector_is_silent() {
    let folded = run(&history(56), 0);
    assert!(folded.is_empty(), "{:#?}", folded.iter().map(|f| &f.alert.sentence).collect::<Vec<_>>());
}

#[test]
fn a_theft_is_one_alert_raised_before_its_bulk_job_with_its_numbers() {
    let folded = run(&theft(56), 0);
    assert_eq!(folded.len(), 1, "{:#?}", folded.iter().map(|f| &f.alert.sentence).collect::<Vec<_>>());
    let alert = &folded[0].alert;
    assert_eq!(alert.severity.as_str(), "critical", "{alert:#?}");
    assert!(alert.raised < Day(55).start(), "raised {} only", alert.raised);
    assert_eq!(alert.signals.iter().map(|s| s.points).sum::<i32>(), i32::from(alert.risk));
    let row = |name: &str| alert.signals.iter().find(|s| s.detector == name).unwrap_or_else(|| panic!("no {name}: {alert:#?}"));
    assert!(row("network-class").observed.contains("DigitalOcean AS14061"));
    assert!(row("network-class").baseline.contains("Amazon AS16509"), "{}", row("network-class").baseline);
    assert!(row("bulk-job").observed.contains("2,100,004 rows, Case"), "{}", row("bulk-job").observed);
    assert!(row("bulk-job").baseline.contains("0 bulk jobs in"), "{}", row("bulk-job").baseline);
    let s05 = alert.sequences.iter().find(|s| s.id == "S05").unwrap();
    assert!(s05.missing.is_empty() && s05.steps.len() >= 4, "{s05:?}");
    assert!(alert.sequences.iter().any(|s| s.id == "S06"));
    assert_eq!(alert.blast_radius.rows, 2_100_004);
}

#[test]
fn restarts_of_the_day_and_snapshots_change_nothing() {
    let trace = theft(40);
    let plain = run(&trace, 0);
    assert_eq!(plain, run(&trace, 1_000));
    assert_eq!(plain, run(&trace, 7));
}

#[test]
fn harmless_oddities_raise_no_alert() {
    // A new address of the same cloud and network, and one nightly run three hours late.
    let mut trace = history(40);
    let other = (source("54.200.1.9", 16_509, "Amazon", Network::Cloud, "aws"), agent("conn/1", AgentSort::Other));
    for q in 0..10 {
        let domain = trace.sym("Account");
        let o = trace.push(Day(38).start().0 + 3 * HOUR + q * SECOND, &other, "query", ActionClass::Query);
        (o.domain, o.rows) = (domain, Some(350));
    }
    trace.sort();
    let worst = worst(&run(&trace, 0));
    assert!(worst < 50, "risk {worst}");
}

#[test]
fn a_connector_that_moved_is_one_alert_not_one_a_day() {
    let mut trace = history(40);
    // From day 40 on every call comes from another company's hosting, with another client.
    for day in 40..46 {
        let before = trace.events.len();
        trace.connector_day(day);
        for o in &mut trace.events[before..] {
            (o.source, o.agent) = (Some(thief().0), Some(thief().1));
        }
    }
    let alerts: Vec<_> = run(&trace, 0).into_iter().filter(|f| f.alert.risk >= 50).collect();
    assert_eq!(alerts.len(), 1, "{:#?}", alerts.iter().map(|f| (&f.alert.onset, &f.alert.sentence)).collect::<Vec<_>>());
    assert!(alerts[0].alert.updated >= Day(45).start());
}

#[test]
fn a_failing_rhythm_is_silent_once_usual() {
    let mut trace = failing(12);
    trace.sort();
    let folded = run(&trace, 0);
    assert!(folded.iter().all(|f| f.alert.risk < 50), "{folded:#?}");
    let late: Vec<_> = folded.iter().filter(|f| f.alert.onset >= Day(3).start()).collect();
    assert!(late.is_empty(), "{late:#?}");
}

#[test]
fn another_pattern_of_denials_is_a_finding_that_names_the_new_operations() {
    let mut trace = failing(12);
    for (i, action) in
        ["iam:CreateUser", "iam:AttachUserPolicy", "secretsmanager:ListSecrets", "s3:ListBuckets", "kms:Decrypt"].iter().enumerate()
    {
        for n in 0..5 {
            let o = trace.push(Day(11).start().0 + 13 * HOUR + i as i64 * MINUTE + n * SECOND, &home(), action, ActionClass::Iam);
            o.outcome = Outcome::Denied;
        }
    }
    trace.sort();
    let folded = run(&trace, 0);
    let found = folded.iter().find(|f| f.alert.onset >= Day(11).start()).expect("a finding");
    let failures = found.alert.signals.iter().find(|s| s.detector == "failures").expect("evidence of failures");
    assert!(failures.observed.contains("iam:CreateUser") && failures.observed.contains("kms:Decrypt"), "{}", failures.observed);
}

/// A finding of another product at `at`.
fn said(trace: &mut Trace, at: i64, tags: &str) {
    let tags = trace.sym(tags);
    let o = trace.push(at, &home(), "finding", ActionClass::Logging);
    (o.source, o.agent, o.tags, o.flags) = (None, None, tags, driftline::model::observation::flag::FINDING);
}

/// Protects the queue from other products' noise: their findings weigh in an alert of ours and never make one, nor do they
/// count as activity.
#[test]
fn another_products_finding_never_alerts_alone_and_weighs_in_an_alert_of_ours() {
    let mut alone = history(40);
    for day in 30..40 {
        said(&mut alone, Day(day).start().0 + 13 * HOUR, "finding:aws_guardduty:high:UnauthorizedAccess:IAMUser/TorIPCaller");
    }
    alone.sort();
    assert_eq!(run(&alone, 0), run(&history(40), 0));

    let odd = |told: Option<i64>| {
        let mut trace = history(40);
        trace.push(Day(38).start().0 + 8 * HOUR + 5 * MINUTE + 30 * SECOND, &(home().0, thief().1), "query", ActionClass::Query);
        if let Some(at) = told {
            said(&mut trace, Day(38).start().0 + at * HOUR, "finding:aws_guardduty:high:UnauthorizedAccess");
        }
        trace.sort();
        trace
    };
    let (without, before, after, far) = (run(&odd(None), 0), run(&odd(Some(2)), 0), run(&odd(Some(20)), 0), run(&odd(Some(-30)), 0));
    let risk = worst(&without);
    assert!(worst(&before) > risk && worst(&after) == worst(&before), "{risk} {} {}", worst(&before), worst(&after));
    assert_eq!(worst(&far), risk, "thirty hours are too far");
    let row = before[0].alert.signals.iter().find(|s| s.detector == "upstream-finding").expect("its row");
    assert!(row.points > 0 && row.observed.contains("aws_guardduty"), "{row:?}");
    assert_eq!(run(&odd(Some(20)), 7), after, "restarts change nothing");
}

/// Protects the use of intelligence: an indicator or a leaked credential on an event counts by itself.
#[test]
fn an_indicator_on_an_event_weighs_by_itself() {
    let mut trace = history(40);
    let tags = trace.sym("intel:address:198.51.100.7");
    trace.push(Day(38).start().0 + 8 * HOUR + 5 * MINUTE + 30 * SECOND, &home(), "query", ActionClass::Query).tags = tags;
    trace.sort();
    let folded = run(&trace, 0);
    let alert = &folded.first().expect("a finding").alert;
    assert_eq!(
        alert.signals.iter().map(|s| (s.detector.as_str(), i32::from(alert.risk))).next(),
        Some(("indicator", alert.signals[0].points))
    );
}

/// Protects against one fact counted twice: an attack tool that is on a list of published clients too.
#[test]
fn a_published_attack_tool_weighs_once() {
    let with = |tagged: bool| {
        let mut trace = history(40);
        let tags = trace.sym("intel:agent:trufflehog");
        let caller = (thief().0, agent("TruffleHog/3", AgentSort::Offensive));
        let o = trace.push(Day(38).start().0 + 9 * HOUR, &caller, "query", ActionClass::Query);
        if tagged {
            o.tags = tags;
        }
        trace.sort();
        run(&trace, 0)
    };
    let (plain, tagged) = (with(false), with(true));
    assert!(plain[0].alert.signals.iter().any(|s| s.detector == "attack-tool"), "{:#?}", plain[0].alert.signals);
    assert_eq!(plain, tagged);
}
