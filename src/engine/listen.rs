//! The HTTP receiver: requests with records, on a tokio thread of its own. The rule: 2xx only after the records are
//! committed; whoever cannot be served at once is told to come again; nobody else than this machine is listened to without
//! a key. It must not know what a record means nor how it is stored.

mod keys;
mod server;

pub use keys::{KEY_BYTES, Keys};

use super::inlet::Arrival;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::SyncSender;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::oneshot;

/// Bytes of the largest body, as it is sent.
pub const BODY: usize = 16 << 20;
/// Bytes of bodies that are held at a time, being received or waiting to be committed.
const ROOM: usize = 64 << 20;
/// Connections at a time; more wait in the system's queue.
const CONNECTIONS: usize = 128;
/// Bytes of a feed's name.
const NAME: usize = 128;
/// Different feeds a process takes from senders: names are theirs to choose and are kept for ever.
const NAMES: usize = 1_024;

/// How long a sender may take. Each is generous for a slow line and short for one that only holds a place.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request, an idle connection included.
    pub head: Duration,
    /// For the body.
    pub body: Duration,
    /// For the commit, before the sender is told to come again.
    pub commit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(15), body: Duration::from_secs(30), commit: Duration::from_mins(1) }
    }
}

/// Why nobody is listened to.
#[derive(Debug, Error)]
pub enum ListenError {
    /// An address others can reach, and no key.
    #[error("{0} can be reached by others: name a key with --token-file or --hmac-key-file, or listen on 127.0.0.1")]
    Open(SocketAddr),
    /// The system refuses the address.
    #[error("{address}: cannot listen there ({source}); choose another address or end the program that uses it")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// No thread or runtime.
    #[error("listening could not start: {0}; close other programs and try again")]
    Start(#[from] io::Error),
}

/// A receiver; it ends when this is dropped.
#[derive(Debug)]
pub struct Listener {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens on `address` and hands requests to `sender`.
    pub fn open(address: SocketAddr, keys: Keys, patience: Patience, sender: SyncSender<Arrival>) -> Result<Self, ListenError> {
        if !address.ip().is_loopback() && keys.is_empty() {
            return Err(ListenError::Open(address));
        }
        let bound = |source| ListenError::Bind { address, source };
        // Bound here, so that whoever starts the program hears of it at once.
        let socket = TcpListener::bind(address).map_err(bound)?;
        socket.set_nonblocking(true).map_err(bound)?;
        let address = socket.local_addr().map_err(bound)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let (stop, stopped) = oneshot::channel();
        let work = move || runtime.block_on(server::serve(socket, server::Desk::new(keys, patience, sender), stopped));
        let thread = thread::Builder::new().name("listen".to_owned()).spawn(work)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens, with the port the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        // Requests in hand end without an answer that says they are stored.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The feed a request is of: what the sender calls it, else the path it was sent to; `None` when that is no name.
fn feed(path: &str, header: Option<&[u8]>) -> Option<String> {
    let name = match header {
        Some(name) => std::str::from_utf8(name).ok()?.trim(),
        None => path,
    };
    let sound = !name.is_empty() && name.len() <= NAME && !name.chars().any(char::is_control);
    // The prefix keeps a sender from writing under the name of a file.
    sound.then(|| format!("http:{name}"))
}

#[cfg(test)]
mod tests;
