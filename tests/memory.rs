//! How much one identity's state weighs when it is written down, whatever its records say: a log that anybody may write into
//! must not make the program keep more than a bounded amount for it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

#[expect(dead_code, reason = "other tests tell of other things")]
#[path = "mutations/trace.rs"]
mod trace;

use driftline::detect::{Declared, Settings};
use driftline::model::observation::AgentSort;
use driftline::model::time::{MINUTE, SECOND};
use driftline::model::{ActionClass, JobStep, Network};
use trace::{Caller, Trace, agent, at, home, source};

/// One kibibyte.
const KIB: usize = 1_024;
/// Calls of a day of a flood; none of its values comes twice.
const CALLS: i64 = 1_000;

/// So many quiet days, then days on which every value of every dimension is another, whichever of them `in_dim` lets be.
fn flood(quiet: i32, until: i32, in_dim: impl Fn(usize) -> bool) -> Trace {
    let mut trace = trace::history(quiet);
    for day in quiet..until {
        for n in 0..CALLS {
            let x = i64::from(day) * CALLS + n;
            let of = |dim: usize| if in_dim(dim) { x } else { 0 };
            let ip = of(0);
            let caller: Caller = (
                source(
                    &format!("{}.{}.{}.7", ip % 200 + 1, ip / 200 % 250, ip / 50_000 % 250),
                    1_000 + ip as u32,
                    "Some Network of Some Country Ltd",
                    Network::Isp,
                    "",
                ),
                agent(&format!("agent{}/1", of(1)), AgentSort::Other),
            );
            let class = if n % 3 == 0 { ActionClass::Iam } else { ActionClass::Query };
            let call = trace.call(at(day, 0, 0) + n * 80 * SECOND, &caller, &format!("Create{}User", of(2)), class);
            let call = call.domain(&format!("domain{}", of(3))).region(&format!("region{}", of(4))).shape(&format!("select {}", of(5)));
            let call = call.scopes(&format!("scope{}", of(6))).auth(&format!("auth{}", of(7))).resource(&format!("thing{}", of(8)));
            let call = call.credential(&format!("key{}", of(9) / 3)).target(&format!("role{}", of(9)));
            let call = if n % 11 == 0 { call.job(&format!("job{x}"), JobStep::Create) } else { call };
            if n % 7 == 0 {
                call.denied();
            }
        }
    }
    trace.sort();
    trace
}

/// Bytes of the profile, and of the whole snapshot.
fn weigh(trace: &Trace) -> (usize, usize) {
    let (_, fold) = trace::fold(trace, &trace::identity(), &Declared::nothing(), &Settings::default());
    (postcard::to_stdvec(&**fold.profile()).unwrap().len(), fold.snapshot().unwrap().len())
}

#[test]
fn a_flood_of_values_in_every_dimension_stays_bounded() {
    let (profile, whole) = weigh(&flood(0, 120, |_| true));
    assert!(profile <= 64 * KIB && whole <= 64 * KIB, "profile {profile}, snapshot {whole} bytes");
}

/// Days that wait for a verdict are kept beside the profile: at most a fortnight of them, each bounded.
#[test]
fn a_flood_that_is_an_alert_stays_bounded_too() {
    let (profile, whole) = weigh(&flood(30, 80, |_| true));
    assert!(profile <= 64 * KIB && whole <= 128 * KIB, "profile {profile}, snapshot {whole} bytes");
}

/// Each of a few dimensions is full and remembers what it forgot.
#[test]
fn a_flood_of_a_few_dimensions_stays_bounded() {
    for few in [vec![1, 3, 5], vec![0, 2], vec![3, 4, 5, 6, 7]] {
        let (profile, whole) = weigh(&flood(0, 40, |dim| few.contains(&dim)));
        assert!(profile <= 64 * KIB && whole <= 64 * KIB, "{few:?}: profile {profile}, snapshot {whole} bytes");
    }
}

/// A busy identity: sixty operations over forty kinds of data, thirty questions, rotating addresses, daily keys, some failures.
#[test]
fn a_busy_ordinary_identity_weighs_little() {
    let mut trace = Trace::default();
    for day in 0..120 {
        for n in 0..400i64 {
            let x = i64::from(day) * 31 + n;
            let caller: Caller = (
                source(&format!("52.10.{}.{}", x % 12, (x * 7 + i64::from(day)) % 250), 16_509, "Amazon", Network::Cloud, "aws"),
                agent(&format!("part{}/1", x % 4), AgentSort::Sdk),
            );
            let call = trace.call(at(day, n / 17, 0) + n % 17 * MINUTE, &caller, &format!("operation{}", x % 60), ActionClass::Read);
            let call = call.domain(&format!("bucket{}", x % 40)).shape(&format!("select {}", x % 30)).region(&format!("region{}", x % 3));
            let call = call.credential(&format!("key-{day}-{}", n % 5)).resource(&format!("thing{}", x * 17 % 3_000)).rows(x as u64 % 700);
            if n % 50 == 0 {
                call.denied();
            }
        }
        trace.call(at(day, 2, 30), &home(), "GetSecretValue", ActionClass::Secret);
    }
    trace.sort();
    let (profile, whole) = weigh(&trace);
    assert!(profile <= 32 * KIB && whole <= 32 * KIB, "profile {profile}, snapshot {whole} bytes");
}
