//! What looks odd and is harmless: days on which an identity comes from a new address of its own cloud, runs late, gets a
//! new key, a new client version or a throttling burst. Each is a row of data, and each is labelled benign.

use super::label::{Mark, Nature};
use crate::model::time::{HOUR, MINUTE};

/// One harmless oddity.
#[derive(Clone, Copy, Debug)]
struct Oddity {
    who: &'static str,
    /// Day on which it begins.
    from: i32,
    /// Last day on which it is labelled.
    until: i32,
    /// Not before this minute of the first day.
    minute: i64,
    what: What,
    scenario: &'static str,
    step: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// The static key changes, for good.
    NewKey,
    /// Every second run leaves from this address, for good.
    Egress(&'static str),
    /// Runs come this many minutes late, on the labelled days.
    Late(i64),
    /// Another client, for good.
    Agent(&'static str),
    /// Retries until the provider gives way, once.
    Throttled,
    /// All addresses and instances are new, for good.
    Fleet,
    /// Nothing changes but the day is special.
    MonthEnd,
}

const ODDITIES: &[Oddity] = &[
    Oddity {
        who: "svc-legacy-etl",
        from: 17,
        until: 18,
        minute: 600,
        what: What::NewKey,
        scenario: "key-rotation",
        step: "the new key is used",
    },
    Oddity {
        who: "svc-monitoring",
        from: 31,
        until: 31,
        minute: 600,
        what: What::NewKey,
        scenario: "key-rotation",
        step: "the new key is used",
    },
    Oddity {
        who: "data-platform",
        from: 38,
        until: 39,
        minute: 0,
        what: What::Egress("3.72.41.186"),
        scenario: "new-egress",
        step: "a new gateway of the same cloud",
    },
    Oddity {
        who: "finance-month-end",
        from: 40,
        until: 40,
        minute: 0,
        what: What::MonthEnd,
        scenario: "month-end",
        step: "the closing of October",
    },
    Oddity {
        who: "search-indexer",
        from: 44,
        until: 45,
        minute: 0,
        what: What::Agent("Boto3/1.35.12 md/Botocore#1.35.12 ua/2.0 os/linux#6.1 md/arch#aarch64 lang/python#3.12.5"),
        scenario: "sdk-upgrade",
        step: "a minor version",
    },
    Oddity {
        who: "svc-backup",
        from: 45,
        until: 46,
        minute: 600,
        what: What::NewKey,
        scenario: "key-rotation",
        step: "the new key is used",
    },
    Oddity {
        who: "eks-node-group",
        from: 47,
        until: 48,
        minute: 0,
        what: What::Fleet,
        scenario: "new-fleet",
        step: "fresh instances in the same networks",
    },
    Oddity { who: "svc-legacy-etl", from: 50, until: 50, minute: 0, what: What::Late(183), scenario: "late-job", step: "three hours late" },
    Oddity { who: "svc-monitoring", from: 51, until: 51, minute: 560, what: What::Throttled, scenario: "throttling", step: "retries" },
    Oddity { who: "svc-legacy-etl", from: 56, until: 56, minute: 0, what: What::Late(187), scenario: "late-job", step: "three hours late" },
    Oddity {
        who: "payments-gateway",
        from: 56,
        until: 56,
        minute: 480,
        what: What::Egress("18.156.92.14"),
        scenario: "new-egress",
        step: "a new gateway of the same cloud",
    },
    Oddity {
        who: "svc-logship",
        from: 56,
        until: 56,
        minute: 600,
        what: What::NewKey,
        scenario: "key-rotation",
        step: "the new key is used",
    },
    Oddity { who: "svc-monitoring", from: 56, until: 56, minute: 860, what: What::Throttled, scenario: "throttling", step: "retries" },
];

/// A key that the habitual deployer makes: (user, day, minute of the day).
pub(super) fn rotations() -> impl Iterator<Item = (&'static str, i32, i64)> {
    ODDITIES.iter().filter(|odd| matches!(odd.what, What::NewKey)).map(|odd| (odd.who, odd.from, odd.minute))
}

fn of(who: &str) -> impl Iterator<Item = &'static Oddity> + '_ {
    ODDITIES.iter().filter(move |odd| odd.who == who)
}

impl Oddity {
    /// Whether it has begun at this moment.
    fn since(&self, day: i32, at: i64) -> bool {
        day > self.from || (day == self.from && at >= self.minute * MINUTE)
    }
}

/// How late the runs of `who` are on a day, in milliseconds.
pub(super) fn delay(who: &str, day: i32) -> i64 {
    of(who)
        .find_map(|odd| if let What::Late(minutes) = odd.what { (odd.from == day).then_some(minutes * MINUTE) } else { None })
        .unwrap_or(0)
}

/// The address a run leaves from, where it is not the usual one.
pub(super) fn address(who: &str, day: i32, at: i64, turn: u64) -> Option<&'static str> {
    of(who).find_map(|odd| {
        if let What::Egress(address) = odd.what { (turn.is_multiple_of(2) && odd.since(day, at)).then_some(address) } else { None }
    })
}

/// The client of `who` where it is not the usual one.
pub(super) fn agent(who: &str, day: i32) -> Option<&'static str> {
    of(who).find_map(|odd| if let What::Agent(agent) = odd.what { odd.since(day, 0).then_some(agent) } else { None })
}

/// Which of its keys a user uses: the new one from half an hour after it was made.
pub(super) fn key_generation(who: &str, day: i32, at: i64) -> u64 {
    of(who).filter(|odd| matches!(odd.what, What::NewKey) && odd.since(day, at - HOUR / 2)).count() as u64
}

/// A number that stands for another set of instances, 0 for the first.
pub(super) fn fresh_fleet(who: &str, day: i32) -> u64 {
    of(who).filter(|odd| matches!(odd.what, What::Fleet) && odd.since(day, 0)).count() as u64
}

/// Whether the run at `at` meets a wall of retries: the first run of the hour that begins then.
pub(super) fn throttled(who: &str, day: i32, at: i64) -> bool {
    of(who).any(|odd| matches!(odd.what, What::Throttled) && odd.from == day && odd.since(day, at) && at < odd.minute * MINUTE + HOUR)
}

/// The label of a run, if it is part of an oddity.
pub(super) fn mark(who: &str, day: i32, at: i64) -> Option<Mark> {
    of(who)
        .find(|odd| {
            (odd.from..=odd.until).contains(&day)
                && odd.since(day, at)
                && match odd.what {
                    What::NewKey => odd.since(day, at - HOUR / 2),
                    What::Throttled => at < odd.minute * MINUTE + HOUR,
                    What::Late(_) | What::Egress(_) | What::Agent(_) | What::Fleet | What::MonthEnd => true,
                }
        })
        .map(|odd| Mark { nature: Nature::Benign, scenario: odd.scenario, step: odd.step })
}
