//! The receiver against raw connections: what is taken, what is refused and with which words, and who waits how long.

use super::*;
use crate::engine::inlet::{Delivery, Receipt};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, sync_channel};

#[test]
fn a_feed_is_named_by_its_sender_or_its_path_within_bounds() {
    let long = "x".repeat(NAME + 1);
    for (path, header, expected) in [
        ("/okta", None, Some("http:/okta")),
        ("/", None, Some("http:/")),
        ("/okta", Some(" okta prod "), Some("http:okta prod")),
        ("/okta", Some("/var/log/a.log"), Some("http:/var/log/a.log")),
        ("/okta", Some("-"), Some("http:-")),
        ("/okta", Some(""), None),
        ("/okta", Some("a\u{1b}[31m"), None),
        ("/okta", Some(&long), None),
        (&long, None, None),
    ] {
        assert_eq!(feed(path, header.map(str::as_bytes)).as_deref(), expected, "{path} {header:?}");
    }
    assert_eq!(feed("/", Some(b"\xff")), None);
}

/// Protects a laptop on a conference network.
#[test]
fn nobody_else_is_listened_to_without_a_key() {
    let (sender, _receiver) = sync_channel(1);
    for open in ["0.0.0.0:0", "[::]:0"] {
        let error = Listener::open(open.parse().unwrap(), Keys::default(), Patience::default(), sender.clone()).unwrap_err();
        assert!(matches!(error, ListenError::Open(_)) && error.to_string().contains("--token-file"), "{error}");
    }
    let listener = Listener::open("127.0.0.1:0".parse().unwrap(), Keys::default(), Patience::default(), sender.clone()).unwrap();
    assert_ne!(listener.address().port(), 0);
    let again = Listener::open(listener.address(), Keys::default(), Patience::default(), sender).unwrap_err();
    assert!(again.to_string().contains("cannot listen there"), "{again}");
}

struct Sender {
    stream: TcpStream,
}

impl Sender {
    fn post(to: &Listener, path: &str, headers: &str, body: &[u8]) -> Self {
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
        Self::send(to, &[head.as_bytes(), body].concat())
    }

    fn send(to: &Listener, bytes: &[u8]) -> Self {
        let mut stream = TcpStream::connect(to.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(bytes).unwrap();
        Self { stream }
    }

    /// Status and the rest of the answer; 0 when the connection was closed without one.
    fn answer(mut self) -> (u16, String) {
        let mut text = Vec::new();
        // A connection that was reset has said what it had to say.
        let _ = self.stream.read_to_end(&mut text);
        let text = String::from_utf8(text).unwrap();
        (text.get(9..12).map_or(0, |status| status.parse().unwrap()), text)
    }
}

fn listener(keys: Keys, patience: Patience, waiting: usize) -> (Listener, Receiver<Arrival>) {
    let (sender, receiver) = sync_channel(waiting);
    (Listener::open("127.0.0.1:0".parse().unwrap(), keys, patience, sender).unwrap(), receiver)
}

fn delivery(receiver: &Receiver<Arrival>) -> Delivery {
    match receiver.recv_timeout(Duration::from_secs(20)).unwrap() {
        Arrival::Delivered(delivery) => delivery,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_is_answered_with_its_receipt() {
    let (listener, receiver) = listener(Keys::default(), Patience::default(), 1);
    let sender = Sender::post(&listener, "/okta?x=1", "", b"{}");
    let taken = delivery(&receiver);
    assert_eq!((taken.feed.as_str(), taken.body.as_slice()), ("http:/okta", &b"{}"[..]));
    taken.answer(Ok(Receipt { read: 3, stored: 1, duplicate: 1, rejected: 1 }));
    let (status, text) = sender.answer();
    assert_eq!(status, 200);
    assert!(text.ends_with("{\"read\":3,\"stored\":1,\"duplicate\":1,\"rejected\":1}\n"), "{text}");
    let sender = Sender::post(&listener, "/", "X-Driftline-Feed: prod\r\n", b"\x1f\x8b damaged");
    let taken = delivery(&receiver);
    assert_eq!(taken.feed, "http:prod");
    taken.answer(Err("the body cannot be read: \"x\"".to_owned()));
    let (status, text) = sender.answer();
    assert!(status == 400 && text.ends_with("{\"error\":\"the body cannot be read: \\\"x\\\"\"}\n"), "{text}");
    // A body without a length.
    let sender = Sender::send(
        &listener,
        b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    );
    let taken = delivery(&receiver);
    assert_eq!(taken.body, b"{}");
    // Not committed and never will be.
    drop(taken);
    let (status, text) = sender.answer();
    assert!(status == 503 && text.to_lowercase().contains("retry-after: 1"), "{text}");
}

#[test]
fn what_is_not_taken_is_refused_before_it_is_stored() {
    let (listener, receiver) = listener(Keys::new(Some("a-token-of-16-bytes"), Some("a-key-of-16-bytes")).unwrap(), Patience::default(), 9);
    let right = "Authorization: Bearer a-token-of-16-bytes\r\n";
    let long = format!("{right}X-Driftline-Feed: {}\r\n", "x".repeat(200));
    for (request, expected) in [
        (Sender::post(&listener, "/", "", b"{}"), 401),
        (Sender::post(&listener, "/", "Authorization: Bearer a-token-of-16-bytez\r\n", b"{}"), 401),
        (Sender::post(&listener, "/", "X-Driftline-Signature: sha256=00\r\n", b"{}"), 401),
        (Sender::post(&listener, "/", &format!("{right}Origin: https://example.com\r\n"), b"{}"), 403),
        (Sender::post(&listener, "/", &format!("{right}Content-Encoding: br\r\n"), b"{}"), 415),
        (Sender::post(&listener, "/", &format!("{right}Content-Encoding: gzip\r\n"), b"{}"), 400),
        (Sender::post(&listener, "/", &long, b"{}"), 400),
        (Sender::send(&listener, format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{right}\r\n").as_bytes()), 405),
        (Sender::send(&listener, format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{right}\r\n", BODY + 1).as_bytes()), 413),
        (Sender::send(&listener, b"nonsense\r\n\r\n"), 400),
    ] {
        let (status, text) = request.answer();
        assert_eq!(status, expected, "{text}");
    }
    assert!(receiver.try_recv().is_err(), "nothing came through");
    for headers in [right.to_owned(), {
        // printf {} | openssl dgst -sha256 -hmac a-key-of-16-bytes
        "X-Hub-Signature-256: sha256=1d954d29a571fd9d004c4bf623ccc4fbc82de0c169663f77a27307bd2007c0f8\r\n".to_owned()
    }] {
        let sender = Sender::post(&listener, "/", &headers, b"{}");
        delivery(&receiver).answer(Ok(Receipt::default()));
        assert_eq!(sender.answer().0, 200, "{headers}");
    }
}

/// Protects memory: nothing queues without bound, and nobody is told that what was not stored is.
#[test]
fn when_more_comes_than_can_be_stored_senders_are_told_to_wait() {
    let (listener, receiver) = listener(Keys::default(), Patience { commit: Duration::from_millis(300), ..Patience::default() }, 1);
    let first = Sender::post(&listener, "/", "", b"{}");
    // The first lies in the channel once the second is refused.
    let (status, text) = loop {
        let answer = Sender::post(&listener, "/", "", b"{}").answer();
        if answer.0 == 429 {
            break answer;
        }
        assert_eq!(answer.0, 503);
    };
    assert!(status == 429 && text.to_lowercase().contains("retry-after: 1"), "{text}");
    assert_eq!(first.answer().0, 503, "nobody commits");
    while let Ok(Arrival::Delivered(delivery)) = receiver.try_recv() {
        delivery.answer(Ok(Receipt::default()));
    }
    let after = Sender::post(&listener, "/", "", b"{}");
    delivery(&receiver).answer(Ok(Receipt::default()));
    assert_eq!(after.answer().0, 200);
    // Bodies being received take room as well: four of the largest fill it.
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {BODY}\r\n\r\n{{");
    let held: Vec<Sender> = (0..ROOM / BODY).map(|_| Sender::send(&listener, head.as_bytes())).collect();
    let mut status = 0;
    for _ in 0..200 {
        // Until all of them have been looked at, a small one may still find room.
        let sender = Sender::post(&listener, "/", "", b"{}");
        if let Ok(Arrival::Delivered(delivery)) = receiver.recv_timeout(Duration::from_millis(50)) {
            delivery.answer(Ok(Receipt::default()));
        }
        status = sender.answer().0;
        if status == 429 {
            break;
        }
    }
    assert_eq!((status, held.len()), (429, 4));
}

#[test]
fn slow_senders_do_not_hold_a_place() {
    let patience = Patience { head: Duration::from_millis(300), body: Duration::from_millis(300), commit: Duration::from_secs(5) };
    let (listener, _receiver) = listener(Keys::default(), patience, 1);
    let began = std::time::Instant::now();
    for (bytes, expected) in
        [(&b""[..], [0, 0]), (b"POST / HT", [0, 408]), (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", [408, 408])]
    {
        let (status, text) = Sender::send(&listener, bytes).answer();
        assert!(expected.contains(&status), "{text}");
    }
    assert!(began.elapsed() < Duration::from_secs(10));
}
