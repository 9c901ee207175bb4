//! Tests of what lists and panes read, of snapshots and the lease.

use super::sample::{MONDAY, Sample, chunk, reader, store_of, twenty, with_position};
use super::*;
use crate::model::page::{ProfileView, Range, UsualValue};
use crate::model::time::{DAY, HOUR};
use crate::model::{Class, Day, Timestamp};
use std::collections::BTreeSet;

/// Protects the numbers of lists and headers, which come from roll-ups.
#[test]
fn lists_and_totals_count_what_is_stored() {
    let mut samples = twenty();
    samples.push(Sample::new("role/c", 0, 500).flagged());
    let store = Store::temporary().unwrap();
    store.writer().unwrap().commit(vec![with_position(chunk("a.json", &samples, 256), 5000)]).unwrap();
    let reader = reader(&store);
    let now = Timestamp(MONDAY + 3 * DAY + 5 * HOUR);
    let totals = reader.totals(now).unwrap();
    assert_eq!((totals.events, totals.identities, totals.machines, totals.rejects, totals.feeds), (21, 2, 2, 1, 1));
    assert_eq!((totals.first, totals.last), (Some(Timestamp(MONDAY)), Some(Timestamp(MONDAY + 76 * HOUR))));
    assert_eq!(totals.youngest_days, 4);
    let rows = reader.identities(now, &IdentityFilter { order: IdentityOrder::Events, ..IdentityFilter::default() }).unwrap();
    assert_eq!(rows.iter().map(|row| (row.identity.id.as_str(), row.events)).collect::<Vec<_>>(), [("role/b", 13), ("role/a", 7)]);
    assert_eq!((rows[0].active_days, rows[0].credentials, rows[0].reason.as_str()), (4, 1, "said of b"));
    // Of role/b in the 24 hours up to 05:59 of the fourth day: at 56, 64, 68 and 76 hours after Monday 00:00.
    assert_eq!(rows[0].activity.len(), 24);
    let at: Vec<usize> = rows[0].activity.iter().enumerate().filter(|(_, n)| **n > 0).map(|(at, _)| 54 + at).collect();
    assert_eq!(at, [56, 64, 68, 76]);
    let one = IdentityFilter { text: Some("ROLE/A".to_owned()), ..IdentityFilter::default() };
    assert_eq!(reader.identities(now, &one).unwrap().len(), 1);
    assert_eq!(reader.identities(now, &IdentityFilter { limit: 1, offset: 1, ..IdentityFilter::default() }).unwrap().len(), 1);
    assert_eq!(reader.identities(now, &IdentityFilter { class: Some(Class::Human), ..IdentityFilter::default() }).unwrap().len(), 0);
    // The list is remembered only until the store changes.
    store.writer().unwrap().commit(vec![chunk("b.json", &[Sample::new("role/new", MONDAY, 900)], 1)]).unwrap();
    assert_eq!(reader.identities(now, &IdentityFilter::default()).unwrap().len(), 3);
    let feed = reader.position("a.json").unwrap().unwrap();
    assert_eq!((feed.offset, reader.feeds().unwrap()), (5000, vec![feed]));
    assert_eq!(reader.rejects(5).unwrap()[0].reason, "not JSON");
    assert_eq!(reader.rejects(0).unwrap(), vec![]);
}

/// Protects the panes: the last 24 hours by the definitions of the profile, new values marked, jobs summed.
#[test]
fn a_page_measures_the_last_day_as_the_profile_does() {
    let mut samples = twenty();
    let last = MONDAY + 80 * HOUR;
    let job = |id: u64, rows| Sample {
        job: "750x1",
        rows: Some(rows),
        domain: "Case",
        action: "Bulk",
        ip: "198.51.100.9",
        ..Sample::new("role/a", last, id)
    };
    samples.extend([job(100, 400), job(101, 50)]);
    let store = store_of(&samples);
    let reader = reader(&store);
    let now = Timestamp(last);
    let principal = reader.principals().unwrap().into_iter().find(|p| p.pid == "role/a").unwrap();
    let value = |text: &str, detail: &str, share| UsualValue {
        text: text.to_owned(),
        detail: detail.to_owned(),
        share,
        days: 3,
        first: Day(20_773),
        last: Day(20_775),
    };
    let mut hours = vec![0.0; 168];
    hours[24 * 3] = 1.0;
    let profile = ProfileView {
        days: 3,
        day: Day(20_775),
        events: Range { p50: 2.0, ..Range::default() },
        hours,
        usual_actions: vec![value("GetObject", "s3", 1.0)],
        usual_domains: vec![value("bucket-a", "", 1.0)],
        ..ProfileView::default()
    };
    store.writer().unwrap().put_profiles(&[(principal.id, profile.clone())]).unwrap();
    let page = reader.identity_page("role/a", now).unwrap().unwrap();
    assert_eq!(page.usual, profile);
    // Of role/a after hour 56 of the week: events at 60 and 72, and the two of the job.
    assert_eq!((page.now.events, page.now.sources, page.now.breadth, page.now.jobs), (4, 1.0, 2.0, 1.0));
    assert_eq!((page.now.rows, page.now.job_rows, page.now.in_hours), (15.0 + 18.0 + 450.0, 450.0, 0.25));
    assert!((page.now.mix - 0.311_278).abs() < 1e-6, "{}", page.now.mix);
    assert_eq!(
        page.domains.iter().map(|v| (v.text.as_str(), v.new, v.now)).collect::<Vec<_>>(),
        [("Case", true, 0.5), ("bucket-a", false, 0.5)]
    );
    assert_eq!((page.jobs.len(), page.jobs[0].rows, page.jobs[0].domain.as_str(), page.jobs[0].job.as_str()), (1, 450, "Case", "750x1"));
    assert_eq!((page.events.len(), page.events[0].time), (9, now));
    assert!(page.events.is_sorted_by_key(|event| std::cmp::Reverse(event.time)));
    let row = page.row.unwrap();
    assert_eq!((row.events, row.usual_day), (9, 2.0));
    assert_eq!(reader.identity_page("nobody", now).unwrap(), None);
    assert_eq!(reader.jobs("role/a", Timestamp(0), now, 9).unwrap().len(), 1);
    assert_eq!(reader.jobs("role/a", Timestamp(0), now.plus(-1), 9).unwrap().len(), 0);
}

/// Protects the event list: bounds, order, identity, and time without end.
#[test]
fn events_are_found_by_identity_and_time() {
    let mut samples = twenty();
    samples.push(Sample::new("role/a", -5 * DAY, 300).flagged());
    let store = store_of(&samples);
    let reader = reader(&store).with_provider_ids(|format, raw| Some(format!("{format} {}", raw.len())));
    let list = |filter: EventFilter| {
        let mut times = Vec::new();
        reader.events(&filter, &mut |event| times.push((event.time.0 - MONDAY) / HOUR)).unwrap();
        times
    };
    let all = EventFilter::default;
    assert_eq!(list(all()).len(), 21);
    assert_eq!(list(EventFilter { limit: 3, ..all() }), [76, 72, 68]);
    assert_eq!(list(EventFilter { limit: 2, newest_first: false, since: Some(Timestamp(MONDAY)), ..all() }), [0, 4]);
    assert_eq!(list(EventFilter { identity: Some("role/a".to_owned()), limit: 3, ..all() }), [72, 60, 48]);
    let window = EventFilter { since: Some(Timestamp(MONDAY + 20 * HOUR)), until: Some(Timestamp(MONDAY + 28 * HOUR)), ..all() };
    assert_eq!(list(window), [24, 20]);
    assert_eq!(list(EventFilter { identity: Some("nobody".to_owned()), ..all() }), Vec::<i64>::new());
    assert_eq!(list(EventFilter { limit: 0, ..all() }), Vec::<i64>::new());
    let mut searched = Vec::new();
    let accept = &mut |event: crate::model::page::EventRow| {
        let wanted = event.rows.is_some_and(|rows| rows % 5 == 0);
        searched.extend(event.rows.filter(|_| wanted));
        wanted
    };
    reader.search_events(&EventFilter { limit: 3, ..all() }, accept).unwrap();
    assert_eq!(searched, [15, 10, 5]);
    let mut ids = Vec::new();
    reader.events(&EventFilter { limit: 1, ..all() }, &mut |event| ids.push((event.event_id, event.origin.offset, event.tags))).unwrap();
    assert!(ids[0].0.as_deref().unwrap().starts_with("aws_cloudtrail "));
    assert_eq!((ids[0].1, ids[0].2.len()), (1900, 0));
}

/// Protects resuming: the newest snapshot at or before a day, dropped when its ground changes, thinned out with age.
#[test]
fn snapshots_are_found_dropped_and_thinned() {
    let store = Store::temporary().unwrap();
    let mut writer = store.writer().unwrap();
    let day = |n: i32| Day(20_000 - n);
    let all: Vec<_> = [1u32, 2].iter().flat_map(|who| (0..30).map(move |age| (*who, day(age), vec![*who as u8, age as u8]))).collect();
    writer.put_snapshots(&all).unwrap();
    let reader = reader(&store);
    assert_eq!(reader.snapshot(1, day(-9)).unwrap(), Some((day(0), vec![1, 0])));
    assert_eq!(reader.snapshot(2, day(5)).unwrap(), Some((day(5), vec![2, 5])));
    assert_eq!(reader.snapshot(2, day(30)).unwrap(), None);
    assert_eq!(reader.snapshot(3, day(0)).unwrap(), None);
    writer.prune_snapshots(&BTreeSet::from([2]), day(0)).unwrap();
    let left: Vec<i32> =
        (0..30).filter(|age| reader.snapshot(2, day(*age)).unwrap().is_some_and(|(found, _)| found == day(*age))).collect();
    assert_eq!(left, [0, 1, 3, 7, 15, 29]);
    writer.drop_snapshots(&BTreeSet::from([2]), day(7)).unwrap();
    assert_eq!(reader.snapshot(2, day(0)).unwrap().unwrap().0, day(15));
    assert_eq!(reader.snapshot(1, day(0)).unwrap().unwrap().0, day(0));
    writer.put_fleet(&[(day(3), *b"four")], &std::collections::BTreeMap::new()).unwrap();
    assert_eq!((reader.fleet(day(3)).unwrap(), reader.fleet(day(2)).unwrap()), (Some(b"four".to_vec()), None));
    writer.drop_fleet(day(3)).unwrap();
    assert_eq!(reader.fleet(day(3)).unwrap(), None);
    assert_eq!(reader.profile(1).unwrap(), ProfileView::default());
}

/// Protects the fold from running twice: one holds it, a silent one loses it.
#[test]
fn one_process_folds() {
    let store = Store::temporary().unwrap();
    let (mut one, mut two) = (store.writer().unwrap(), store.writer().unwrap());
    let held = |taken_over| Lease::Held { taken_over };
    assert_eq!(one.take_lease(1, 1_000).unwrap(), held(false));
    assert_eq!(two.take_lease(2, 2_000).unwrap(), Lease::HeldBy { pid: 1 });
    assert_eq!(one.take_lease(1, 9_000).unwrap(), held(false));
    assert_eq!(two.take_lease(2, 18_999).unwrap(), Lease::HeldBy { pid: 1 });
    assert_eq!(two.take_lease(2, 19_000).unwrap(), held(true));
    assert_eq!(one.take_lease(1, 19_500).unwrap(), Lease::HeldBy { pid: 2 });
    two.release_lease(2).unwrap();
    assert_eq!(one.take_lease(1, 19_600).unwrap(), held(false));
}

/// Protects the pace of the fold, on an idle machine: `cargo test --release --lib store::page_tests::pace -- --ignored --nocapture`.
#[test]
#[ignore = "measures: only an optimised build on an idle machine can hold the bar"]
fn pace() {
    let samples: Vec<Sample> = (0..400_000u64)
        .map(|n| Sample {
            rows: Some(n % 100),
            ..Sample::new(["role/a", "role/b", "role/c", "role/d"][(n % 4) as usize], MONDAY + n as i64 * 1000, n)
        })
        .collect();
    let mut chunks: Vec<_> = samples.chunks(50_000).map(|samples| chunk("a.json", samples, 256)).collect();
    for row in chunks.iter_mut().flat_map(|chunk| &mut chunk.rows) {
        // As full as a record of a real trail.
        (row.auth, row.resource, row.region, row.tenant, row.session) = (row.domain, row.domain, row.domain, row.domain, row.domain);
        row.bytes = Some(row.id.0);
    }
    // Time on a core, not on the clock: other work on the machine does not count.
    let on_core = || -> f64 {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        stat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
    };
    let store = Store::temporary().unwrap();
    let mut writer = store.writer().unwrap();
    for what in ["commit", "commit again"] {
        let (started, batches) = (on_core(), chunks.clone());
        let cloned = on_core() - started;
        for batch in batches {
            writer.commit(vec![batch]).unwrap();
        }
        println!("{what} {:.0} rows/s", 400_000.0 / (on_core() - started - cloned));
    }
    let mut reader = reader(&store);
    let mut best = 0.0f64;
    for _ in 0..3 {
        let started = on_core();
        let mut count = 0;
        for day in reader.days().unwrap() {
            reader.observe(day, None, &mut |_, event| count += u64::from(event.flags == 0)).unwrap();
        }
        assert_eq!(count, 400_000);
        best = best.max(400_000.0 / (on_core() - started));
    }
    println!("observe {best:.0} rows/s");
    assert!(best >= 2e6, "a day is read at {best:.0} rows a second");
    let started = std::time::Instant::now();
    reader.events(&EventFilter::default(), &mut |_| {}).unwrap();
    println!("newest 200 of all {:?}", started.elapsed());
}

/// Protects the threads of the engine: writers and readers move to threads of their own, a store is shared.
#[test]
fn connections_move_between_threads() {
    fn moves<T: Send>() {}
    fn shared<T: Send + Sync>() {}
    moves::<Writer>();
    moves::<Reader>();
    shared::<Store>();
}

/// Protects events that another process stores while a fold is at work, and folds that a kill cuts off: what is behind
/// stays so until its fold has seen everything.
#[test]
fn a_fold_that_has_not_seen_everything_stays_behind() {
    let store = store_of(&twenty());
    let mut writer = store.writer().unwrap();
    let row = || store.reader().unwrap().principals().unwrap().remove(0);
    let (id, events) = (row().id, row().events);
    assert!(row().stale.is_some());
    writer.set_folded(&[(id, events - 1)]).unwrap();
    assert!(row().stale.is_some());
    writer.set_folded(&[(id, events)]).unwrap();
    assert_eq!(row().stale, None);
    let from = Timestamp(MONDAY).day();
    writer.put_fleet(&[(from, [0; 4])], &std::collections::BTreeMap::from([(id, from.next())])).unwrap();
    assert_eq!(row().stale, Some(from.next()));
    writer.put_fleet(&[], &std::collections::BTreeMap::from([(id, from)])).unwrap();
    assert_eq!(row().stale, Some(from));
    writer.put_fleet(&[], &std::collections::BTreeMap::from([(id, from.next())])).unwrap();
    assert_eq!(row().stale, Some(from));
}
