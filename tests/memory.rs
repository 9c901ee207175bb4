//! How much one identity's state may weigh.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

#[expect(dead_code, reason = "other tests tell of other things")]
#[path = "mutations/trace.rs"]
mod trace;

use driftline::detect::{Declared, Settings};
use driftline::model::observation::AgentSort;
use driftline::model::time::SECOND;
use driftline::model::{ActionClass, Network};
use trace::{Caller, Trace, agent, at, source};

fn flood(quiet: i32, days: i32, calls: i64) -> Trace {
    let mut trace = trace::history(quiet);
    for day in quiet..days {
        for n in 0..calls {
            let x = i64::from(day) * calls + n;
            let caller: Caller = (
                source(&format!("{}.{}.{}.{}", x % 200 + 1, x / 200 % 250, x / 50_000 % 250, x % 251), 1_000 + x as u32, "Some Network Ltd", Network::Isp, ""),
                agent(&format!("agent{x}/1"), AgentSort::Other),
            );
            let class = if n % 3 == 0 { ActionClass::Iam } else { ActionClass::Query };
            let mut call = trace.call(at(day, 0, 0) + n * 40 * SECOND, &caller, &format!("Create{x}User"), class);
            call = call.domain(&format!("domain{x}")).resource(&format!("thing{x}")).scopes(&format!("scope{x}")).shape(&format!("select {x}"));
            call = call.region(&format!("region{x}")).auth(&format!("auth{x}")).credential(&format!("key{}", x / 3)).target(&format!("target{x}"));
            if n % 7 == 0 {
                call.denied();
            }
        }
    }
    trace.sort();
    trace
}

#[test]
fn a_flood() {
    let trace = flood(0, 120, 2_000);
    let (found, fold) = trace::fold(&trace, &trace::identity(), &Declared::nothing(), &Settings::default());
    let profile = postcard::to_stdvec(&**fold.profile()).unwrap().len();
    let all = fold.snapshot().unwrap().len();
    panic!("profile {profile} all {all} found {}", found.len());
}

#[test]
fn b_usual() {
    let mut trace = Trace::default();
    for day in 0..120 { trace.connector_day(day); }
    let (found, fold) = trace::fold(&trace, &trace::identity(), &Declared::nothing(), &Settings::default());
    let profile = postcard::to_stdvec(&**fold.profile()).unwrap().len();
    let all = fold.snapshot().unwrap().len();
    panic!("profile {profile} all {all} found {}", found.len());
}

#[test]
fn c_late_flood() {
    let trace = flood(30, 120, 2_000);
    let (found, fold) = trace::fold(&trace, &trace::identity(), &Declared::nothing(), &Settings::default());
    let profile = postcard::to_stdvec(&**fold.profile()).unwrap().len();
    let all = fold.snapshot().unwrap().len();
    panic!("profile {profile} all {all} found {}", found.len());
}
