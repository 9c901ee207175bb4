//! Attacks on what lives in Salesforce. The first one keeps the published times of the theft through a connector in 2025.

use super::{Begin, PLAIN, PLAIN_DAY, Scenario, Script, Verdict};
use crate::model::Severity::{Critical, High, Medium};
use crate::model::Timestamp;
use crate::model::time::{DAY, HOUR, MINUTE, SECOND};
use crate::world::w1::KindId::{K01, K02, K06};
use crate::world::w1::place::Place;
use crate::world::w1::record::{What, get, query};
use crate::world::w1::salesforce::{ANALYSED, COPIED, Caller, analyst_line, connector, job_id, night_line};
use crate::world::w1::{Alteration, noise::fixed};

pub(super) const ALL: &[Scenario] = &[
    Scenario {
        id: "A01",
        title: "stolen connector token: reconnaissance, five days later one bulk job",
        kinds: &[K01],
        verdict: Verdict::Alert(Critical),
        bar: Some(8),
        families: &["source", "client", "threat", "sequence", "action", "breadth"],
        span: 6,
        script: theft,
        ..PLAIN
    },
    Scenario {
        id: "A02",
        title: "the same bulk job without the reconnaissance",
        kinds: &[K01],
        verdict: Verdict::Alert(High),
        bar: Some(3),
        families: &["source", "client", "threat", "volume", "sequence", "action"],
        script: |s| bulk_theft(s, 0),
        ..PLAIN
    },
    Scenario {
        id: "A03",
        title: "thief in the same cloud with the same client, ten times the rows",
        kinds: &[K01],
        verdict: Verdict::Alert(Medium),
        bar: Some(26),
        families: &["volume", "source"],
        script: same_cloud,
        ..PLAIN
    },
    Scenario {
        id: "A09",
        title: "one token from two networks in turn, then refreshed",
        kinds: &[K06],
        verdict: Verdict::Alert(High),
        bar: Some(17),
        families: &["client", "source", "sequence", "threat"],
        script: two_places,
        ..PLAIN
    },
    Scenario {
        id: "A10",
        title: "the sync's context reads what only analysts read",
        kinds: &[K06],
        verdict: Verdict::Alert(Medium),
        bar: Some(10),
        families: &["breadth", "action", "volume"],
        script: cross_use,
        ..PLAIN
    },
    Scenario {
        id: "A13",
        title: "one tenant's token used on thirty-five",
        kinds: &[K01],
        verdict: Verdict::Alert(Medium),
        bar: Some(20),
        families: &["breadth", "sequence", "volume"],
        script: tenants,
        ..PLAIN
    },
    Scenario {
        id: "A14",
        title: "hands on a keyboard with the nightly job's credential",
        kinds: &[K02],
        verdict: Verdict::Alert(High),
        bar: Some(10),
        families: &["source", "client", "breadth", "timing", "action"],
        begin: Begin::Sunday,
        script: keyboard,
        ..PLAIN
    },
    Scenario {
        id: "A15",
        title: "boiling frog: rows grow by three percent a day",
        kinds: &[K02],
        verdict: Verdict::Drift,
        families: &["volume"],
        span: 58,
        alter: |t| Alteration { size: libm::pow(1.03, f64::from(t)), step: Some("more rows"), ..Alteration::default() },
        ..PLAIN
    },
    Scenario {
        id: "A16",
        title: "slow exfiltration: forty percent more rows in every run",
        kinds: &[K01],
        verdict: Verdict::Drift,
        families: &["volume"],
        span: 20,
        alter: |_| Alteration { size: 1.4, step: Some("more rows"), ..Alteration::default() },
        ..PLAIN
    },
    Scenario {
        id: "A19",
        title: "the bulk theft in the first week of a connector",
        kinds: &[K01],
        verdict: Verdict::Alert(High),
        bar: Some(3),
        families: &["source", "client", "threat", "volume", "sequence", "action"],
        newborn: Some(4),
        script: |s| bulk_theft(s, 0),
        ..PLAIN
    },
    Scenario {
        id: "A25",
        title: "a new application, consented to, reads 200,000 contacts within twenty minutes",
        kinds: &[K01],
        verdict: Verdict::Alert(High),
        bar: Some(11),
        families: &["volume", "source", "client", "breadth", "sequence", "threat"],
        newborn: Some(0),
        script: consent,
        alter: |_| Alteration { silent: true, ..PLAIN_DAY },
        ..PLAIN
    },
    Scenario {
        id: "A26",
        title: "a vendor's tokens from one rented block, as one of its connectors sees it",
        kinds: &[K01],
        verdict: Verdict::Alert(Medium),
        bar: Some(3),
        families: &["source", "threat", "client"],
        script: vendor,
        ..PLAIN
    },
    Scenario {
        id: "A27",
        title: "scraping by pages from the usual place",
        kinds: &[K01],
        verdict: Verdict::Alert(Medium),
        bar: Some(60),
        families: &["breadth", "volume", "action"],
        script: pages,
        ..PLAIN
    },
    Scenario {
        id: "A28",
        title: "a job that never deletes deletes its evidence",
        kinds: &[K02],
        verdict: Verdict::Alert(Medium),
        bar: Some(3),
        families: &["sequence", "action"],
        script: evidence,
        ..PLAIN
    },
];

/// Clients published for the theft.
const CLIENTS: [&str; 4] =
    ["Salesforce-Multi-Org-Fetcher/1.0", "Salesforce-CLI/1.0", "python-requests/2.32.4", "Python/3.11 aiohttp/3.12.15"];

/// Rows a connector moves on an ordinary day.
fn daily_rows(s: &Script<'_>) -> u64 {
    (12.0 * libm::exp(6.125) * s.member.scale) as u64
}

/// A caller elsewhere with the connector's token.
fn elsewhere(s: &mut Script<'_>, place: Place, agent: &'static str) -> Caller {
    let from = place.address(s.chance.below(u64::from(place.size())) as u32, s.chance.below(250) as u32);
    Caller { from, agent, grant: s.member.grant(fixed("s-elsewhere")) }
}

/// Time of day.
const fn clock(hour: i64, minute: i64, second: i64) -> i64 {
    hour * HOUR + minute * MINUTE + second * SECOND
}

fn count(object: &'static str) -> What {
    let path = format!("/query?q=SELECT+COUNT()+FROM+{object}");
    What::Rest { method: "GET", path, entity: fixed(object), rows: Some(1) }
}

fn theft(s: &mut Script<'_>) {
    let agent = *s.chance.pick(&CLIENTS);
    let line = elsewhere(s, Place::Frankfurt, agent);
    let midnight = s.member.midnight(s.start);
    let day = |n: i64| midnight.plus(n * DAY);
    let limit = |object: &'static str, rows: u64| query(object, &format!("+LIMIT+{rows}"), rows);
    let steps: [(Timestamp, &'static str, What); 17] = [
        (day(0).plus(clock(22, 14, 8)), "login", What::Token),
        (day(0).plus(clock(22, 14, 9)), "reconnaissance", get("/sobjects", "")),
        (day(1).plus(clock(19, 33, 2)), "login", What::Token),
        (day(1).plus(clock(19, 33, 5)), "reconnaissance", get("/sobjects/Case/describe", "Case")),
        (day(1).plus(clock(19, 33, 7)), "reconnaissance", get("/sobjects/Case/describe", "Case")),
        (day(1).plus(clock(19, 33, 11)), "reading", query("Case", "", 2_000)),
        (day(2).plus(clock(0, 17, 40)), "reconnaissance", count("Account")),
        (day(2).plus(clock(0, 17, 51)), "reconnaissance", count("Contact")),
        (day(2).plus(clock(0, 18, 0)), "reconnaissance", count("User")),
        (day(2).plus(clock(4, 34, 0)), "reading", limit("SupportSession__c", 5_000)),
        (day(2).plus(clock(11, 9, 0)), "reconnaissance", limit("Organization", 1)),
        (day(2).plus(clock(11, 9, 3)), "reconnaissance", limit("User", 20)),
        (day(2).plus(clock(11, 9, 6)), "reconnaissance", get("/limits", "")),
        (day(4).plus(clock(19, 28, 0)), "reconnaissance", count("Case")),
        (day(4).plus(clock(19, 28, 30)), "reconnaissance", get("/limits/recordCount?sObjects=Case", "")),
        (day(5).plus(clock(11, 11, 23)), "login", What::Token),
        (day(5).plus(clock(11, 11, 55)), "reconnaissance", count("Case")),
    ];
    let other = elsewhere(s, Place::DigitalOcean, agent);
    for (at, step, what) in steps {
        let line = if at < day(5) { &line } else { &other };
        let call = line.call(at, what);
        s.add(step, call);
    }
    bulk(s, &other, 5);
}

/// Login, count, bulk job, its deletion: the last day alone.
fn bulk_theft(s: &mut Script<'_>, days: i64) {
    let agent = *s.chance.pick(&CLIENTS);
    let line = elsewhere(s, Place::DigitalOcean, agent);
    let midnight = s.member.midnight(s.start).plus(days * DAY);
    let login = line.call(midnight.plus(clock(11, 11, 23)), What::Token);
    s.add("login", login);
    let size = line.call(midnight.plus(clock(11, 11, 55)), count("Case"));
    s.add("reconnaissance", size);
    bulk(s, &line, days);
}

fn bulk(s: &mut Script<'_>, line: &Caller, days: i64) {
    let midnight = s.member.midnight(s.start).plus(days * DAY);
    let job = job_id(&mut s.chance);
    let open = What::Bulk { job: job.clone(), entity: fixed("Case"), status: "Open", rows: None };
    s.add("export begins", line.call(midnight.plus(clock(11, 11, 56)), open));
    for poll in 0..6 {
        s.add("export", line.call(midnight.plus(clock(11, 12, 20) + poll * 30 * SECOND), get(&format!("/jobs/query/{job}"), "Case")));
    }
    let rows = Some(400 * daily_rows(s));
    let done = What::Bulk { job: job.clone(), entity: fixed("Case"), status: "JobComplete", rows };
    s.add("export", line.call(midnight.plus(clock(11, 15, 18)), done));
    let path = format!("/jobs/query/{job}");
    let gone = What::Rest { method: "DELETE", path, entity: fixed("Case"), rows: None };
    s.add("evidence deleted", line.call(midnight.plus(clock(11, 15, 42)), gone));
}

fn same_cloud(s: &mut Script<'_>) {
    let mut line = elsewhere(s, Place::Virginia, "conn/1");
    line.from = Place::Virginia.address(1_100 + s.chance.below(400) as u32, 9);
    // The largest of some seven hundred runs lies three deviations up.
    let most = libm::exp(7.5) * s.member.scale;
    let at = s.member.midnight(s.start).plus(s.chance.between(0, 22) as i64 * HOUR + 13 * MINUTE);
    for run in 0..6 {
        let mut moment = at.plus(run * 5 * MINUTE);
        s.add("token", line.call(moment, What::Token));
        for n in 0..12 {
            moment = moment.plus(s.chance.between(500, 4_000) as i64);
            let what = query(COPIED[n % 4], "+WHERE+SystemModstamp+>+2026-01-01T00:00:00Z", (10.0 * most / 12.0) as u64);
            s.add("reading", line.call(moment, what));
        }
    }
}

fn two_places(s: &mut Script<'_>) {
    let home = connector(s.member, "sync/2", s.start, &mut s.chance);
    let mut away = elsewhere(s, Place::Comcast, "sync/2");
    away.grant = home.grant.clone();
    let mut at = s.member.midnight(s.start).plus((1 + 3 * s.chance.between(0, 6) as i64) * HOUR + 55 * MINUTE);
    for turn in 0..8 {
        let line = if turn % 2 == 0 { &home } else { &away };
        for object in &COPIED[..2] {
            s.add(if turn % 2 == 0 { "the rightful side" } else { "the thief's side" }, line.call(at, query(object, "+ORDER+BY+Id", 40)));
            at = at.plus(s.chance.between(20_000, 50_000) as i64);
        }
    }
    s.add("refresh", away.call(at, What::Token));
}

fn tenants(s: &mut Script<'_>) {
    let mut line = connector(s.member, "conn/1", s.start, &mut s.chance);
    let mut at = s.member.midnight(s.start).plus(s.chance.between(1, 22) as i64 * HOUR + 35 * MINUTE);
    for tenant in 0..35 {
        line.grant.tenant = Some(format!("00D5e0000T{tenant:05}").into());
        for n in 0..s.chance.between(1, 3) {
            s.add("another tenant", line.call(at, query(COPIED[n as usize], "+WHERE+SystemModstamp+>+2026-01-01T00:00:00Z", 30)));
            at = at.plus(s.chance.between(3_000, 24_000) as i64);
        }
    }
}

fn cross_use(s: &mut Script<'_>) {
    let line = connector(s.member, "sync/2", s.start, &mut s.chance);
    let mut at = s.member.midnight(s.start).plus(s.chance.between(1, 21) as i64 * HOUR + 40 * MINUTE);
    s.add("token", line.call(at, What::Token));
    for n in 0..12 {
        at = at.plus(s.chance.between(2_000, 20_000) as i64);
        s.add("reading", line.call(at, query(ANALYSED[n % 6], "", 8_000 / 12)));
    }
}

fn keyboard(s: &mut Script<'_>) {
    let from = Place::Office.address(3 + s.member.number % 20, 77);
    let grant = night_line(s.member, s.start).grant;
    let line = Caller { from, agent: "sfdx-cli/7.209", grant };
    let mut at = s.member.midnight(s.start).plus(3 * HOUR);
    s.add("login", line.call(at, What::Token));
    for n in 0..45 {
        at = at.plus(s.chance.between(3_000, 90_000) as i64);
        let object = ANALYSED[n % 20];
        let what = match n % 9 {
            0..5 => query(object, &format!("+LIMIT+{}", 20 + n), 20),
            5..7 => get(&format!("/sobjects/{object}/describe"), object),
            7 => get(&format!("/sobjects/Custom{n}__c/describe"), "Custom__c"),
            _ => count(object),
        };
        s.add("looking around", line.call(at, what));
    }
}

fn consent(s: &mut Script<'_>) {
    let line = elsewhere(s, Place::Hetzner, "MailMerge/1.0");
    let mut at = s.member.midnight(s.start).plus(s.chance.between(8, 17) as i64 * HOUR);
    s.add("token", line.call(at, What::Token));
    for page in 0..100 {
        at = at.plus(s.chance.between(4_000, 14_000) as i64);
        let path = if page == 0 {
            "/query?q=SELECT+FIELDS(ALL)+FROM+Contact".to_owned()
        } else {
            format!("/query/01g5e0000000777-{}", page * 2_000)
        };
        s.add("reading", line.call(at, What::Rest { method: "GET", path, entity: fixed("Contact"), rows: Some(2_000) }));
    }
}

fn vendor(s: &mut Script<'_>) {
    let mut line = elsewhere(s, Place::DigitalOcean, "conn/1");
    // All of a vendor's connectors see the same block on the same day.
    line.from = Place::DigitalOcean.address(s.start as u32 * 7, s.member.number);
    let mut at = s.member.midnight(s.start).plus(11 * HOUR + s.member.offset * MINUTE);
    s.add("token", line.call(at, What::Token));
    for object in ["Account", "Contact"] {
        at = at.plus(s.chance.between(700, 4_000) as i64);
        s.add("reading", line.call(at, query(object, "+WHERE+SystemModstamp+>+2026-01-01T00:00:00Z", 200)));
    }
}

fn pages(s: &mut Script<'_>) {
    let line = connector(s.member, "conn/1", s.start, &mut s.chance);
    let mut at = s.member.midnight(s.start).plus(s.chance.between(1, 18) as i64 * HOUR + 50 * MINUTE);
    s.add("token", line.call(at, What::Token));
    s.add("first page", line.call(at.plus(SECOND), query("Contact", "+WHERE+Email+!=+null+ORDER+BY+Id", 2_000)));
    let cursor = s.chance.below(1_000_000);
    for page in 1..900 {
        at = at.plus(s.chance.between(1_200, 3_500) as i64);
        let path = format!("/query/01g5e{cursor:010}-{}", page * 2_000);
        s.add("next page", line.call(at.plus(SECOND), What::Rest { method: "GET", path, entity: fixed("Contact"), rows: Some(2_000) }));
    }
}

fn evidence(s: &mut Script<'_>) {
    let line = night_line(s.member, s.start);
    let mut at = s.member.midnight(s.start).plus(2 * HOUR + 9 * MINUTE);
    let job = job_id(&mut s.chance);
    let rows = Some((50_000.0 * s.member.scale) as u64);
    s.add("job created", line.call(at, What::Bulk { job: job.clone(), entity: fixed("Order"), status: "Open", rows: None }));
    at = at.plus(s.chance.between(40_000, 70_000) as i64);
    s.add("job done", line.call(at, What::Bulk { job: job.clone(), entity: fixed("Order"), status: "JobComplete", rows }));
    at = at.plus(s.chance.between(10_000, 40_000) as i64);
    let gone = What::Rest { method: "DELETE", path: format!("/jobs/query/{job}"), entity: fixed("Order"), rows: None };
    s.add("job deleted", line.call(at, gone));
}

/// A colleague stands in for an analyst and works on a Saturday.
pub(super) fn weekend_analyst(s: &mut Script<'_>) {
    let line = analyst_line(s.member, s.start, &mut s.chance);
    let mut at = s.member.midnight(s.start).plus(11 * HOUR);
    s.add("session", line.call(at, What::Token));
    for n in 0..6 {
        at = at.plus(s.chance.between(9_000, 200_000) as i64);
        s.add("session", line.call(at, query(ANALYSED[n % 3], "+ORDER+BY+Name", 250)));
    }
}
