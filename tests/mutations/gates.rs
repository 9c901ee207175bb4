//! Each gate's row: the harmless thing it keeps out of the queue, or the size it keeps a finding at.

use crate::detectors::{BEFORE, odd, stranger, usual, with};
use crate::row::{Case, Row, Switch, alerts, quiet, worst};
use crate::trace::{Caller, Trace, agent, at, history, home, source, thief};
use driftline::context::changes::{Allow, Change, Dimension, Subject};
use driftline::context::inventory::{Entry, Tier};
use driftline::detect::Gate;
use driftline::model::observation::AgentSort;
use driftline::model::time::{DAY, MINUTE, SECOND};
use driftline::model::{ActionClass, Day, JobStep, Network};

/// A table of what each gate keeps out of the queue.
pub fn rows() -> Vec<Row> {
    let row = |gate, protects, case| Row { switch: Switch::Gate(gate), protects, case, decides: true, holds: quiet };
    let level = |gate, protects, case, holds| Row { switch: Switch::Gate(gate), protects, case, decides: false, holds };
    vec![
        row(Gate::SizeRatio, "a release that moves half as much again stays out of the queue", half_more),
        row(Gate::SizeFloor, "thirty times very little stays out of the queue", thirty_times_little),
        level(Gate::Busiest, "who reads one row is not blamed for the large run before", one_row_after_a_large_run, |f| {
            alerts(f).count() == 1 && alerts(f).all(|a| a.signals.iter().any(|s| s.detector == "volume"))
        }),
        row(Gate::SizeMultiple, "a backfill of five times the rows stays out of the queue", backfill),
        row(Gate::BrokenJob, "a job that fails all night as it does now and then stays out of the queue", broken_job),
        row(Gate::SameSize, "one larger run counts once, not as rows and as records", larger_run),
        row(Gate::ThreatSource, "a developer's script at home stays out of the queue", script_at_home),
        row(Gate::AssetEvidence, "what an identity is never makes an alert of what it does", only_context),
        level(Gate::Impact, "what changes and moves nothing is never critical", harmless_theft, |f| worst(f) == 89),
        row(Gate::Young, "what is new after ten days stays out of the queue", young),
        row(Gate::Routine, "a backup that deletes its export every night stays out of the queue", nightly_export),
        row(Gate::Pattern, "a release train that came before stays out of the queue", releases),
        row(Gate::CatchUp, "the large run after an outage stays out of the queue", after_an_outage),
        row(Gate::Announced, "an announced migration stays out of the queue", migration),
    ]
}

/// A past of one number, and half as much again by a release that signs in another way.
fn half_more() -> Case {
    let mut trace = with(26, |t, i| {
        let method = t.sym("certificate");
        let o = &mut t.events[i];
        let more = o.time.day().0 == 25;
        o.auth_method = method;
        o.rows = o.rows.map(|_| if more { 520 } else { 310 });
    });
    for n in 0..10 {
        let call = trace.call(at(25, 8 + n / 5 * 2, 6) + n % 5 * SECOND, &home(), "query", ActionClass::Query);
        call.auth("password").domain(&format!("Contract{n}"));
    }
    Case::of(trace)
}

/// Usual calls, five times the rows.
fn backfill() -> Case {
    Case::of(with(BEFORE + 1, |t, i| {
        let o = &mut t.events[i];
        if o.time.day().0 == BEFORE {
            o.rows = o.rows.map(|rows| rows * 5);
        }
    }))
}

/// Twelve rows a day, and once four hundred.
fn thirty_times_little() -> Case {
    Case::of(with(BEFORE + 1, |t, i| {
        let o = &mut t.events[i];
        let more = o.time == Day(BEFORE).start().plus(8 * 3_600_000 + 5 * MINUTE + 20 * SECOND);
        o.rows = (o.time.hour() == 8 && o.rows.is_some()).then_some(if more { 400 } else { 1 });
    }))
}

/// A run at one in the morning, once a thousand times as large; at night another network reads a row.
fn one_row_after_a_large_run() -> Case {
    let mut trace = Trace::default();
    for day in 0..=BEFORE {
        for n in 0..30 {
            let rows = if day == BEFORE { 300_000 } else { 300 };
            trace.call(at(day, 1, 5) + n * 20 * SECOND, &home(), "query", ActionClass::Query).domain("Account").rows(rows);
        }
        let office: Caller = (source("194.12.3.4", 6_830, "Office", Network::Corp, ""), agent("report/2", AgentSort::Other));
        trace.call(at(day, 20, 5), &office, "query", ActionClass::Query).domain("Account").rows(1);
    }
    Case::of(trace)
}

/// Three operations fail now and then; one night they fail all the time.
fn broken_job() -> Case {
    let mut trace = usual();
    let fail = |trace: &mut Trace, now: i64, n: i64| {
        trace.call(now, &home(), &format!("sync{}", n % 3), ActionClass::Query).denied();
    };
    for day in 0..BEFORE {
        for n in 0..3 {
            fail(&mut trace, at(day, 4, 6) + n * SECOND, n);
        }
    }
    for n in 0..300 {
        fail(&mut trace, at(BEFORE, 4, 6) + n * SECOND, n);
    }
    Case::of(trace)
}

/// A run with two and a half times the rows over as many more records.
fn larger_run() -> Case {
    let mut trace = Trace::default();
    for day in 0..=BEFORE {
        let records = if day == BEFORE { 135 } else { 40 + i64::from(day * 7 % 9) };
        for n in 0..records {
            let call = trace.call(at(day, 2, 5) + n * 5 * SECOND, &home(), "query", ActionClass::Query).domain("Account").rows(40);
            call.resource(&format!("record-{n}"));
        }
    }
    Case::of(trace)
}

fn script_at_home() -> Case {
    let mut trace = usual();
    for n in 0..2 {
        trace.call(odd() + n * SECOND, &(home().0, thief().1), "query", ActionClass::Query).domain(&format!("Contract{n}"));
    }
    Case::of(trace)
}

/// An indicator on an everyday call of a vendor's identity that must never leak.
fn only_context() -> Case {
    let mut trace = usual();
    trace.call(odd(), &home(), "query", ActionClass::Query).domain("Account").tags("intel:address:198.51.100.7");
    let entry = Entry { vendor: Some("Acme".to_owned()), tier: Some(Tier::CrownJewel), ..Entry::default() };
    Case::of(trace).entry(entry)
}

/// Everything about it is new, and it reads a few rows.
fn harmless_theft() -> Case {
    let mut trace = usual();
    for n in 0..8 {
        trace.call(odd() + n * SECOND, &thief(), &format!("tool{n}"), ActionClass::Query).domain(&format!("Contract{n}")).rows(5);
    }
    Case::of(trace)
}

fn young() -> Case {
    let mut trace = history(11);
    for n in 0..4 {
        let now = at(10, 8, 6) + n * SECOND;
        trace.call(now, &stranger(), &format!("tool{n}"), ActionClass::Query).domain(&format!("Contract{n}"));
    }
    Case::of(trace)
}

/// Creates a job, runs it, deletes it.
fn export(trace: &mut Trace, day: i32) {
    let name = format!("750-{day}");
    for (minute, step) in [JobStep::Create, JobStep::Progress, JobStep::Complete, JobStep::Delete].into_iter().enumerate() {
        trace.call(at(day, 2, 6) + minute as i64 * MINUTE, &home(), "query", ActionClass::Export).domain("Account").job(&name, step);
    }
}

fn nightly_export() -> Case {
    let mut trace = usual();
    for day in 0..=BEFORE {
        export(&mut trace, day);
    }
    Case::of(trace)
}

/// A program that brings a new operation over new data every week and goes on with it, and once six.
fn releases() -> Case {
    let mut trace = usual();
    let train: Caller = (home().0, agent("release/4", AgentSort::Other));
    let mut known: Vec<String> = vec!["0".to_owned()];
    for day in 0..=BEFORE {
        known.extend(
            (0..match day {
                18 | 25 | 32 => 1,
                BEFORE => 6,
                _ => 0,
            })
                .map(|n| format!("{day}-{n}")),
        );
        for (n, name) in known.iter().enumerate() {
            let now = at(day, 11, 6) + n as i64 * SECOND;
            trace.call(now, &train, &format!("tool{name}"), ActionClass::Query).domain(&format!("Object{name}"));
        }
    }
    Case::of(trace)
}

/// Twenty hours without a run, then all of it at once.
fn after_an_outage() -> Case {
    let mut trace = with(BEFORE + 1, |t, i| {
        let o = &mut t.events[i];
        if o.time.day().0 == BEFORE && o.time.hour() == 22 {
            o.rows = o.rows.map(|rows| rows * 9);
        }
    });
    trace.events.retain(|o| o.time.day().0 != BEFORE || !(3..22).contains(&o.time.hour()));
    Case::of(trace)
}

/// From another cloud, with another client, a hundred times the rows, as announced.
fn migration() -> Case {
    let mut trace = usual();
    let there = (source("34.1.2.3", 15_169, "Google", Network::Cloud, "gcp"), agent("loader/1", AgentSort::Other));
    for n in 0..12 {
        trace.call(at(BEFORE, 12, 30) + n * 5 * SECOND, &there, "query", ActionClass::Query).domain("Account").rows(40_000);
    }
    let change = Change {
        subject: Subject::Identity("crm-sync".to_owned()),
        platform: None,
        from: Day(BEFORE).start(),
        to: Day(BEFORE).start().plus(DAY),
        ticket: Some("CHG-1042".to_owned()),
        approver: None,
        note: None,
        dimensions: vec![Dimension::Source, Dimension::Client, Dimension::Volume, Dimension::Timing],
        allow: Allow { cloud: vec!["gcp".to_owned()], agent: vec!["loader".to_owned()], max_rows: Some(2_000_000), ..Allow::default() },
    };
    Case::of(trace).change(change)
}
