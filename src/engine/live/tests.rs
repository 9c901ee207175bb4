//! What is sent and piped: stored, counted for its sender, and refused as a whole when its body is no body.

use super::*;
use crate::detect::Settings;
use crate::engine::inlet::WAITING;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;
use std::sync::Arc;
use tokio::sync::{Semaphore, oneshot};

fn record(number: u32) -> String {
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","principalId":"AIDA1","accountId":"111122223333","accessKeyId":"AKIA1","arn":"arn:aws:iam::111122223333:user/svc","userName":"svc"}},"eventTime":"2026-11-01T00:{:02}:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-central-1","sourceIPAddress":"198.51.100.7","userAgent":"Boto3/1.34","requestParameters":null,"responseElements":null,"eventID":"00000000-0000-0000-0000-{number:012}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"#,
        number % 60
    )
}

type Answer = oneshot::Receiver<Result<Receipt, String>>;

fn deliver(live: &mut Live<'_>, feed: &str, body: &[u8]) -> Answer {
    let room = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
    let (delivery, answer) = Delivery::new(feed.to_owned(), body.to_vec(), room);
    live.inlet().sender().try_send(Arrival::Delivered(delivery)).unwrap();
    answer
}

fn with_live(test: impl FnOnce(&mut Live<'_>, &Store)) {
    let store = Store::temporary().unwrap();
    let knowledge = Parser::new(store.redaction_key(), None);
    let parser = load::Parser { knowledge: &knowledge, format: None };
    let folding = Folding::new(Settings::default(), &knowledge.context(), 1, true);
    let mut live = Live::new(&store, store.writer().unwrap(), folding, &parser, &[]).unwrap();
    test(&mut live, &store);
}

const NOW: Timestamp = Timestamp(1_795_000_000_000);

#[test]
fn each_sender_gets_the_counts_of_its_own_records() {
    with_live(|live, store| {
        let mut gz = GzEncoder::new(Vec::new(), Compression::default());
        gz.write_all(format!("{{\"Records\":[{},{}]}}", record(2), record(3)).as_bytes()).unwrap();
        let bodies = [
            (format!("{}\n{}\nnot a record\n", record(0), record(1)).into_bytes(), (2, 1)),
            (gz.finish().unwrap(), (2, 0)),
            (format!("[{},\n{}]", record(4), record(5)).into_bytes(), (2, 0)),
            (record(6).into_bytes(), (1, 0)),
            (b"{\"foreign\":1}".to_vec(), (0, 1)),
            (Vec::new(), (0, 0)),
        ];
        let answers: Vec<_> = bodies.iter().map(|(body, counts)| (deliver(live, "http:/a", body), *counts)).collect();
        let turn = live.turn(NOW).unwrap();
        assert_eq!((turn.stored, turn.duplicate, turn.rejected), (7, 0, 2));
        for (mut answer, (stored, rejected)) in answers {
            let receipt = answer.try_recv().unwrap().unwrap();
            assert_eq!(receipt, Receipt { read: stored + rejected, stored, duplicate: 0, rejected });
        }
        // Sent again: known.
        let mut again = deliver(live, "http:/b", &bodies[0].0);
        live.turn(NOW).unwrap();
        assert_eq!(again.try_recv().unwrap().unwrap(), Receipt { read: 3, stored: 0, duplicate: 2, rejected: 1 });
        let feeds = store.reader().unwrap().feeds().unwrap();
        let feeds: Vec<_> = feeds.iter().map(|p| (p.feed.as_str(), p.records)).collect();
        assert_eq!(feeds, [("http:/a", 9), ("http:/b", 3)]);
        // Two requests to one feed may hold different rejects at one place; one that comes again is there once.
        let mut third = deliver(live, "http:/a", b"{\"foreign\":2}\n");
        let mut fourth = deliver(live, "http:/a", b"{\"foreign\":2}\n");
        live.turn(NOW).unwrap();
        assert!(third.try_recv().unwrap().is_ok() && fourth.try_recv().unwrap().is_ok());
        let rejects = store.reader().unwrap().rejects(9).unwrap();
        assert_eq!(rejects.iter().filter(|r| r.feed == "http:/a" && r.offset == 0).count(), 2);
    });
}

/// Protects the sender's records: what is no whole body is not half stored, and while the store is held by somebody else
/// nothing is lost, nothing answered and nothing more read.
#[test]
fn a_damaged_body_is_refused_whole_and_a_busy_store_is_waited_for() {
    with_live(|live, store| {
        let mut gz = GzEncoder::new(Vec::new(), Compression::default());
        let lines: Vec<String> = (0..500).map(|n| record(n) + "\n").collect();
        gz.write_all(lines.concat().as_bytes()).unwrap();
        let body = gz.finish().unwrap();
        live.turn(NOW).unwrap();
        let mut cut = deliver(live, "http:/a", &body[..body.len() - 20]);
        let mut waiting = deliver(live, "http:/a", &body);
        let other = rusqlite::Connection::open(store.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut later = None;
        for turn in 0..2 {
            let held = live.turn(NOW).unwrap();
            assert!(held.held && !held.is_idle() && held.stored == 0, "{held:?}");
            assert_eq!(held.problems.len(), usize::from(turn == 0), "it is said once: {held:?}");
            later.get_or_insert_with(|| deliver(live, "http:/a", record(500).as_bytes()));
        }
        assert_eq!(waiting.try_recv().unwrap_err(), oneshot::error::TryRecvError::Empty);
        other.execute_batch("ROLLBACK").unwrap();
        while live.turn(NOW).unwrap().held {}
        live.turn(NOW).unwrap();
        assert!(cut.try_recv().unwrap().unwrap_err().contains("cannot be read"));
        assert_eq!(waiting.try_recv().unwrap().unwrap(), Receipt { read: 500, stored: 500, duplicate: 0, rejected: 0 });
        assert_eq!(later.unwrap().try_recv().unwrap().unwrap().stored, 1);
        // Whoever is not answered was not stored.
        let mut dropped = deliver(live, "http:/a", &body);
        live.inlet().take();
        assert_eq!(dropped.try_recv().unwrap_err(), oneshot::error::TryRecvError::Closed);
    });
}

#[test]
fn a_pipe_is_stored_as_it_comes_and_its_end_is_known() {
    with_live(|live, store| {
        let text: String = (0..WAITING as u32 * 3).map(|n| record(n) + "\n").collect();
        live.inlet().pipe("-", io::Cursor::new(text + "{\"torn")).unwrap();
        let (mut stored, mut rejected) = (0, 0);
        while live.inlet().piping() {
            live.inlet().wait(Duration::from_secs(5));
            let turn = live.turn(NOW).unwrap();
            (stored, rejected) = (stored + turn.stored, rejected + turn.rejected);
        }
        assert_eq!((stored, rejected), (WAITING as u64 * 3, 1));
        assert_eq!(store.reader().unwrap().rejects(2).unwrap()[0].feed, "-");
    });
}
