//! Tests of the days of feeds: exact under copies, replacements, any order and any chunks, and what is said of them.

use super::sample::{MONDAY, Sample, chunk, reader, store_of, twenty};
use super::*;
use crate::model::chunk::Chunk;
use crate::model::page::{FeedHealth, MissingShares, RejectReason};
use crate::model::time::{DAY, HOUR, MINUTE};
use crate::model::{Outcome, Position, Reject, Timestamp};
use proptest::prelude::*;

/// One row of `feed_day` without what depends on the time of reading: feed, day, events, first, last, slots, missing fields.
type FeedDay = (String, [i64; 9]);

const KEPT: &str = "SELECT name, day, events, first, last, slots, no_source, no_agent, no_credential, no_outcome
    FROM feed_day JOIN feed ON feed.id = feed ORDER BY name, day";
/// The same counted from the events, without what was delivered and not kept (`first`, `last`, `slots`).
const COUNTED: &str =
    "SELECT f.name, e.day, count(*), 0, 0, 0, sum(e.ip IS NULL), sum(e.agent IS NULL), sum(e.credential IS NULL), sum(e.outcome = 3)
    FROM ev e JOIN raw_block b ON b.id = e.raw >> 8 JOIN feed f ON f.id = b.feed WHERE e.flags & 2 = 0 GROUP BY 1, 2 ORDER BY 1, 2";

fn feed_days(store: &Store, sql: &str) -> Vec<FeedDay> {
    let conn = settings::open_reader(store.path()).unwrap();
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        let mut numbers = [0; 9];
        for (at, number) in numbers.iter_mut().enumerate() {
            *number = row.get(at + 1)?;
        }
        Ok((row.get(0)?, numbers))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// What is kept of days, comparable with [`COUNTED`].
fn without_times(days: Vec<FeedDay>) -> Vec<FeedDay> {
    let days = days.into_iter().map(|(feed, n)| (feed, [n[0], n[1], 0, 0, 0, n[5], n[6], n[7], n[8]]));
    days.filter(|(_, n)| n[1] > 0).collect()
}

/// Few keys, so that copies and records under the same key are common; the content follows from (who, day, id, canonical).
fn arbitrary_delivery() -> impl Strategy<Value = (&'static str, Sample)> {
    (0..2usize, 0..2usize, 0..3i64, 0..6u64, 0..3u64).prop_map(|(feed, who, day, id, canonical)| {
        let pick = |texts: [&'static str; 2], n: u64| texts[(n % 2) as usize];
        let sample = Sample {
            canonical,
            ip: pick(["", "192.0.2.7"], canonical),
            agent: pick(["boto3/1.2", ""], canonical + id),
            credential: pick(["", "AKIA1"], id),
            outcome: if canonical == 2 { Outcome::Unknown } else { Outcome::Success },
            offset: id * 100 + canonical,
            ..Sample::new(["role/a", "role/b"][who], MONDAY + day * DAY + id as i64 * 3 * HOUR, id)
        };
        (["a.json", "b.json"][feed], if id == 5 { sample.flagged() } else { sample })
    })
}

fn chunks(deliveries: &[(&'static str, Sample)]) -> Vec<Chunk> {
    let of = |feed| deliveries.iter().filter(|(name, _)| *name == feed).map(|(_, sample)| sample.clone()).collect::<Vec<_>>();
    ["b.json", "a.json"].into_iter().map(|feed| chunk(feed, &of(feed), 3)).filter(|chunk| !chunk.rows.is_empty()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Protects the counts: they are those of the events kept, whatever came twice, in which order and in which chunks.
    #[test]
    fn days_of_feeds_are_exact_in_any_order(
        deliveries in prop::collection::vec(arbitrary_delivery(), 1..40),
        shuffled_by in any::<u64>(),
        piece in 1..9usize,
        batch in 1..4usize,
    ) {
        let once = Store::temporary().unwrap();
        once.writer().unwrap().commit(chunks(&deliveries)).unwrap();
        prop_assert_eq!(without_times(feed_days(&once, KEPT)), feed_days(&once, COUNTED));

        let mut other = deliveries.clone();
        other.sort_by_key(|(_, sample)| (sample.id ^ shuffled_by).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ sample.at as u64 ^ sample.canonical));
        other.extend_from_within(..other.len() / 2);
        let twice = Store::temporary().unwrap();
        let mut writer = twice.writer().unwrap();
        let pieces: Vec<Chunk> = other.chunks(piece).flat_map(chunks).collect();
        for chunks in pieces.chunks(batch) {
            writer.commit(chunks.to_vec()).unwrap();
        }
        prop_assert_eq!(without_times(feed_days(&twice, KEPT)), feed_days(&twice, COUNTED));
        prop_assert_eq!(feed_days(&once, KEPT), feed_days(&twice, KEPT));
    }
}

/// Protects the upgrade: what a store of before holds is counted as if it had been counted when it came.
#[test]
fn an_older_store_is_counted_once() {
    let mut samples = twenty();
    samples.push(Sample { ip: "", outcome: Outcome::Unknown, ..Sample::new("role/c", MONDAY + 23 * HOUR + 59 * MINUTE, 70) });
    samples.push(Sample::new("role/c", MONDAY, 71).flagged());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let store = Store::open(&path).unwrap();
    store.writer().unwrap().commit(vec![chunk("a.json", &samples, 5)]).unwrap();
    let counted = feed_days(&store, KEPT);
    assert_eq!(counted.len(), 4);
    assert_eq!(
        counted[0].1[1..],
        [7, MONDAY, MONDAY + 23 * HOUR + 59 * MINUTE, 1 | 1 << 8 | 1 << 16 | 1 << 24 | 1 << 32 | 1 << 40 | 1 << 47, 1, 0, 0, 1]
    );
    drop(store);
    let conn = settings::open_writer(&path).unwrap();
    conn.execute_batch(&format!("DROP TABLE feed_day; PRAGMA user_version = {}", schema::BEFORE_FEED_DAYS)).unwrap();
    drop(conn);
    assert_eq!(feed_days(&Store::open(&path).unwrap(), KEPT), counted);
}

/// Protects `doctor`: what it says of a feed, at an event time.
#[test]
fn a_feed_is_told_by_its_days() {
    let store = Store::temporary().unwrap();
    let mut writer = store.writer().unwrap();
    // Three days of 24, 48 and 24 events, then half a day; of the last none has a client.
    let hourly = |day: i64, hours: i64, step: i64| {
        (0..hours * 60 / step).map(move |n| {
            let at = MONDAY + day * DAY + n * step * MINUTE;
            Sample { agent: if day == 3 { "" } else { "boto3/1.2" }, ..Sample::new("role/a", at, at as u64) }
        })
    };
    let before: Vec<_> = hourly(0, 24, 60).chain(hourly(1, 24, 30)).chain(hourly(2, 24, 60)).collect();
    writer.commit(vec![chunk("/logs/a.json", &before, 256)]).unwrap();
    writer.set_sync(true).unwrap();
    let today: Vec<_> = hourly(3, 12, 60).collect();
    let mut live = chunk("/logs/a.json", &today, 256);
    live.ingested = Timestamp(today[11].at + 10 * MINUTE);
    live.position =
        Some(Position { feed: "/logs/a.json".into(), offset: 9, records: 111, format: "aws_cloudtrail".into(), ..Position::default() });
    for (offset, reason) in [(1, "bad number at 7"), (2, "bad number at 8"), (3, "a"), (4, "b"), (5, "c"), (6, "c")] {
        live.rejects.push(Reject { feed: "/logs/a.json".into(), offset, reason: reason.into(), hash: offset, ..Reject::default() });
    }
    writer.commit(vec![live.clone()]).unwrap();
    // The same once more, a day later: nothing but the position moves.
    live.ingested = live.ingested.plus(DAY);
    writer.commit(vec![live]).unwrap();

    let now = Timestamp(today[11].at + 50 * MINUTE);
    let told = FeedHealth {
        name: "/logs/a.json".into(),
        feeds: 1,
        format: "aws_cloudtrail".into(),
        records: 111,
        offset: Some(9),
        complete: false,
        events: 108,
        last: Some(Timestamp(today[11].at)),
        // Today's twelve, and those after 11:50 yesterday.
        events_24h: 24,
        usual_day: Some(24.0),
        lag_mean_ms: Some((5 * HOUR + 30 * MINUTE + 10 * MINUTE) as u64),
        lag_max_ms: Some((11 * HOUR + 10 * MINUTE) as u64),
        rejects: 6,
        reasons: [("bad number at #", 2), ("c", 2), ("a", 1)].map(|(reason, count)| RejectReason { reason: reason.into(), count }).into(),
        missing: Some(MissingShares { client: 12.0 / 108.0, ..MissingShares::default() }),
        silent_since: None,
    };
    assert_eq!(reader(&store).feed_health(now).unwrap(), [told]);
    let later = reader(&store).feed_health(now.plus(2 * HOUR)).unwrap().remove(0);
    assert_eq!((later.silent_since, later.events_24h), (Some(Timestamp(today[11].at)), 22));
    // As of the first day nothing of the later ones is told.
    let early = reader(&store).feed_health(Timestamp(MONDAY + 23 * HOUR)).unwrap().remove(0);
    assert_eq!((early.events, early.usual_day, early.lag_mean_ms), (24, None, None));
}

/// Protects long lists: many files of a folder are one feed, and a trail that goes on in its next file is not silent.
#[test]
fn a_rotated_trail_is_one_feed() {
    let file = |n: i64| {
        let samples: Vec<_> =
            (0..48).map(|half| Sample::new("role/a", MONDAY + n * DAY + half * 30 * MINUTE, (1_000 + n * 100 + half) as u64)).collect();
        chunk(&format!("/logs/2026/{n:02}/x.json"), &samples, 256)
    };
    let store = Store::temporary().unwrap();
    let mut writer = store.writer().unwrap();
    writer.commit((0..20).map(file).collect()).unwrap();
    let last = Timestamp(MONDAY + 20 * DAY - 30 * MINUTE);
    let apart = reader(&store).feed_health(last).unwrap();
    assert_eq!((apart.len(), apart.iter().filter(|feed| feed.silent_since.is_some()).count()), (20, 0));
    let apart = reader(&store).feed_health(last.plus(3 * HOUR)).unwrap();
    let silent: Vec<_> =
        apart.iter().filter(|feed| feed.silent_since.is_some()).map(|feed| (feed.name.as_str(), feed.silent_since)).collect();
    assert_eq!(silent, [("/logs/2026/19/x.json", Some(last))]);
    writer.commit(vec![file(20), chunk("http:prod", &twenty(), 256)]).unwrap();
    let told = reader(&store).feed_health(last.plus(DAY)).unwrap();
    let told: Vec<_> = told.iter().map(|feed| (feed.name.as_str(), feed.feeds, feed.offset, feed.events, feed.usual_day)).collect();
    assert_eq!(told, [("/logs/", 21, None, 21 * 48, Some(48.0)), ("http:prod", 1, Some(0), 20, Some(6.0))]);
}

/// Protects against calling normal what cannot be seen: what no record of an identity says is named.
#[test]
fn what_records_never_say_is_named() {
    let mut samples = twenty();
    samples.iter_mut().filter(|sample| sample.who == "role/b").for_each(|sample| (sample.ip, sample.agent) = ("", ""));
    let store = store_of(&samples);
    let reader = reader(&store);
    let named = |id: &str, at: i64| {
        let page = reader.identity_page(id, Timestamp(at)).unwrap().unwrap();
        page.not_observable.iter().map(|line| line.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let end = MONDAY + 9 * DAY;
    assert_eq!(named("role/a", end), ["authentication", "bytes"]);
    assert_eq!(named("role/b", end), ["source", "client", "authentication", "bytes"]);
    // At that time it had one event, of no rows.
    assert_eq!(named("role/a", MONDAY), ["authentication", "rows", "bytes"]);
    assert_eq!(named("role/a", MONDAY - 1), [""; 0]);
}
