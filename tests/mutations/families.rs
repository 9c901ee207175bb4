//! Each family's row: two of its detectors speak at once, so that none of them alone is missed, only the family.

use crate::detectors::{BEFORE, elsewhere, odd, stranger, usual, with};
use crate::row::{Case, Row, Switch, alerted};
use crate::trace::{Trace, agent, at, home, thief};
use driftline::detect::evidence::Family;
use driftline::model::observation::AgentSort;
use driftline::model::time::SECOND;
use driftline::model::{ActionClass, JobStep};

/// A table of what only each family can tell: the queue gets an alert with it, and none without.
pub fn rows() -> Vec<Row> {
    let row = |family, protects, case| Row { switch: Switch::Family(family), protects, case, decides: true, holds: alerted };
    vec![
        row(Family::Source, "theft by somebody who does all the usual", source),
        row(Family::Client, "another program that signs in another way", client),
        row(Family::Action, "a program that does something else", action),
        row(Family::Breadth, "a walk through data it never touched", breadth),
        row(Family::Volume, "far more rows than ever, and a job for them", volume),
        row(Family::Timing, "somebody at night with a day's credential", timing),
        row(Family::Privilege, "probing of what is permitted", privilege),
    ]
}

/// The usual question from a rented server, and from another network of the cloud, over data that is a little unusual.
fn source() -> Case {
    let mut trace = usual();
    trace.call(odd(), &(thief().0, home().1), "query", ActionClass::Query).domain("Payroll");
    trace.call(odd() + SECOND, &elsewhere(), "query", ActionClass::Query).domain("Payroll");
    Case::of(trace)
}

fn client() -> Case {
    let mut trace = with(BEFORE + 1, |t, i| {
        let method = t.sym("certificate");
        t.events[i].auth_method = method;
    });
    for n in 0..8 {
        trace.call(odd() + n * SECOND, &stranger(), "report", ActionClass::Query).auth("password").domain(&format!("Payroll{n}"));
    }
    Case::of(trace)
}

fn action() -> Case {
    let mut trace = usual();
    for n in 0..12 {
        trace.call(odd() + n * SECOND, &stranger(), &format!("tool{n}"), ActionClass::Query).domain("Account");
    }
    Case::of(trace)
}

fn breadth() -> Case {
    Case::of(with(BEFORE + 1, |t, i| {
        let odd = t.events[i].time.day().0 == BEFORE && t.events[i].domain.is_some();
        let thing = t.sym(&if odd { format!("record-{i}") } else { format!("record-{}", i % 4) });
        let domain = t.sym("Payroll");
        t.events[i].resource = thing;
        if odd {
            t.events[i].domain = domain;
        }
    }))
}

fn volume() -> Case {
    let mut trace = usual();
    trace.call(odd(), &home(), "query", ActionClass::Query).domain("Account").rows(4_000_000).job("750A", JobStep::Create);
    trace.call(odd() + SECOND, &home(), "query", ActionClass::Query).domain("Account").rows(4_000_000);
    Case::of(trace)
}

/// Work by day; at night somebody types.
fn timing() -> Case {
    let mut trace = Trace::default();
    let batch = (home().0, agent("batch/1", AgentSort::Other));
    for day in 0..=BEFORE {
        for n in 0..120 {
            let n = (n - 60i64).max(0);
            let (operation, class) = if n < 40 { ("query", ActionClass::Query) } else { ("describe", ActionClass::Describe) };
            trace.call(at(day, 9, 5) + n * 240 * SECOND, &batch, &format!("{operation}{}", n % 40), class).domain("Account");
        }
    }
    let mut now = at(BEFORE, 3, 11);
    for n in 0..20 {
        now += [3, 41, 8, 97, 2, 17][n % 6] * SECOND;
        let (operation, class) = if n % 2 == 0 { ("describe", ActionClass::Describe) } else { ("query", ActionClass::Query) };
        trace.call(now, &batch, &format!("{operation}{}", n / 2), class).domain("Account");
    }
    Case::of(trace)
}

fn privilege() -> Case {
    let mut trace = usual();
    let names = ["ListSecrets", "ListUsers", "ListRoles", "ListKeys", "ListBuckets", "GetPolicy", "ListGroups", "ListTrails"];
    for (n, operation) in names.iter().enumerate() {
        for again in 0..3 {
            trace.call(odd() + n as i64 * 9 * SECOND + again * SECOND, &home(), operation, ActionClass::List).denied();
        }
    }
    Case::of(trace)
}
