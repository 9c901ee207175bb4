//! What comes by itself: piped bytes and requests, through one bounded channel to the thread that commits. The rule: a
//! sender learns what became of its records only after they are committed; one that learns nothing sends again. It must
//! not know how requests are received or chunks made.

use crate::feed::{Block, Stream};
use serde::Serialize;
use std::collections::VecDeque;
use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// What may wait to be committed: requests and piped blocks.
pub const WAITING: usize = 32;

/// What became of the records of one request: `read = stored + duplicate + rejected`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Records in it.
    pub read: u64,
    /// Events that were new.
    pub stored: u64,
    /// Events that were there already.
    pub duplicate: u64,
    /// Records that could not be read; they are kept as rejects.
    pub rejected: u64,
}

/// A request on its way to the store.
#[derive(Debug)]
pub struct Delivery {
    /// The feed's name.
    pub feed: String,
    /// The body as it was sent.
    pub body: Vec<u8>,
    reply: oneshot::Sender<Result<Receipt, String>>,
    /// The memory the body takes; free again when the delivery is done with.
    _room: OwnedSemaphorePermit,
}

impl Delivery {
    /// A delivery, and where its answer will be: a receipt, or what is wrong with the body. No answer means that nothing
    /// was committed.
    pub fn new(feed: String, body: Vec<u8>, room: OwnedSemaphorePermit) -> (Self, oneshot::Receiver<Result<Receipt, String>>) {
        let (reply, answer) = oneshot::channel();
        (Self { feed, body, reply, _room: room }, answer)
    }

    /// Answers. A sender that has gone does not learn it, and sends again.
    pub fn answer(self, answer: Result<Receipt, String>) {
        let _ = self.reply.send(answer);
    }
}

/// Something that came.
#[derive(Debug)]
pub enum Arrival {
    /// A request.
    Delivered(Delivery),
    /// What a pipe brought.
    Piped(Block),
    /// The pipe ended; why, if it broke.
    PipeEnded(Option<String>),
}

/// Where arrivals wait.
#[derive(Debug)]
pub struct Inlet {
    sender: SyncSender<Arrival>,
    receiver: Receiver<Arrival>,
    /// What waiting for the first one brought.
    first: VecDeque<Arrival>,
    piping: bool,
}

impl Default for Inlet {
    fn default() -> Self {
        let (sender, receiver) = sync_channel(WAITING);
        Self { sender, receiver, first: VecDeque::new(), piping: false }
    }
}

impl Inlet {
    /// The other end of the channel.
    pub fn sender(&self) -> SyncSender<Arrival> {
        self.sender.clone()
    }

    /// Reads a pipe on a thread of its own, as the feed of that name. Back-pressure is the pipe's own: nothing is read from
    /// it while the channel is full.
    pub fn pipe(&mut self, feed: &'static str, reader: impl Read + Send + 'static) -> std::io::Result<()> {
        let sender = self.sender.clone();
        thread::Builder::new().name("pipe".to_owned()).spawn(move || read(feed, reader, &sender))?;
        self.piping = true;
        Ok(())
    }

    /// Whether a pipe is still open, or has brought what was not taken yet.
    pub fn piping(&self) -> bool {
        self.piping
    }

    /// Waits for something to come.
    pub fn wait(&mut self, most: Duration) {
        if self.first.is_empty() {
            match self.receiver.recv_timeout(most) {
                Ok(arrival) => self.first.push_back(arrival),
                // This end keeps a sender of its own.
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        }
    }

    /// The next arrival, if there is one.
    pub fn take(&mut self) -> Option<Arrival> {
        let arrival = match self.first.pop_front() {
            Some(first) => first,
            None => match self.receiver.try_recv() {
                Ok(arrival) => arrival,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return None,
            },
        };
        if matches!(arrival, Arrival::PipeEnded(_)) {
            self.piping = false;
        }
        Some(arrival)
    }
}

/// Hands on what a pipe brings. Whoever listened has gone when a send fails, and then there is nothing left to do.
fn read(feed: &str, reader: impl Read, sender: &SyncSender<Arrival>) {
    let mut stream = match Stream::live(feed, reader) {
        Ok(stream) => stream,
        Err(error) => {
            let _ = sender.send(Arrival::PipeEnded(Some(error.to_string())));
            return;
        }
    };
    let ended = loop {
        match stream.next_block() {
            Ok(Some(block)) => {
                if sender.send(Arrival::Piped(block)).is_err() {
                    return;
                }
            }
            Ok(None) => break None,
            Err(error) => {
                let reason = format!("the input broke ({error})");
                if let Some(block) = stream.break_off(&reason)
                    && sender.send(Arrival::Piped(block)).is_err()
                {
                    return;
                }
                break Some(reason);
            }
        }
    };
    let _ = sender.send(Arrival::PipeEnded(ended));
}
