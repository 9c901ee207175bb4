//! What the engine tells the console and what the console tells the engine. It must not know how either travels.

use super::App;
use super::says::Level;
use crate::model::Timestamp;
use crate::model::time::{MINUTE, SECOND};
use std::collections::VecDeque;

/// The engine tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// Events and what follows from them were committed.
    Committed {
        /// New events.
        events: u64,
    },
    /// Loading goes on.
    Progress(Progress),
    /// Loading has ended; one line says with what result.
    Loaded(String),
    /// The play clock of a demo stands here.
    Clock(Timestamp),
    /// Something failed, on one line.
    Error(String),
}

/// How far loading is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Files done.
    pub files_done: u64,
    /// Files in all.
    pub files: u64,
    /// Bytes done.
    pub bytes_done: u64,
    /// Bytes in all, 0 while unknown.
    pub bytes_total: u64,
    /// Bytes a second.
    pub rate: f64,
}

impl Progress {
    /// Share done, 0–1.
    pub fn share(&self) -> f64 {
        let (done, all) = if self.bytes_total > 0 { (self.bytes_done, self.bytes_total) } else { (self.files_done, self.files) };
        if all == 0 { 0.0 } else { (done as f64 / all as f64).min(1.0) }
    }

    /// Milliseconds left at this rate; `None` while nothing can be said.
    pub fn left(&self) -> Option<i64> {
        let bytes = self.bytes_total.saturating_sub(self.bytes_done);
        (self.rate > 0.0 && self.bytes_total > 0).then(|| (bytes as f64 / self.rate * 1000.0) as i64)
    }
}

/// The console tells the engine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Play the demo at this speed: event seconds a second.
    Speed(f64),
    /// Stop loading.
    Cancel,
}

/// Speeds of the play clock.
pub const SPEEDS: [f64; 8] = [0.0, 1.0, 60.0, 180.0, 360.0, 720.0, 1440.0, 3600.0];

/// What the console knows of the engine.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Something is being loaded.
    pub progress: Option<Progress>,
    /// Time in the demo.
    pub clock: Option<Timestamp>,
    /// Its speed.
    pub speed: f64,
    arrivals: VecDeque<(Timestamp, u64)>,
}

impl Default for Engine {
    fn default() -> Self {
        // 24 hours in four minutes.
        Self { progress: None, clock: None, speed: 360.0, arrivals: VecDeque::new() }
    }
}

impl Engine {
    /// Events committed in the minute up to `now`.
    pub fn rate(&self, now: Timestamp) -> u64 {
        self.arrivals.iter().filter(|(at, _)| now.since(*at) < MINUTE).map(|(_, events)| events).sum()
    }

    fn arrived(&mut self, events: u64, now: Timestamp) {
        while self.arrivals.front().is_some_and(|(at, _)| now.since(*at) >= MINUTE) {
            self.arrivals.pop_front();
        }
        match self.arrivals.back_mut() {
            // One entry a second is enough and bounds the queue.
            Some((at, sum)) if now.since(*at) < 1000 => *sum += events,
            _ => self.arrivals.push_back((now, events)),
        }
    }
}

impl App {
    pub(super) fn noticed(&mut self, notice: Notice, now: Timestamp) {
        match notice {
            Notice::Committed { events } => {
                self.engine.arrived(events, now);
                self.refresh();
            }
            Notice::Progress(progress) => {
                self.engine.progress = Some(progress);
                // What is committed while loading is there to be used: read it again now and then.
                if now.since(self.refreshed) >= 2 * SECOND {
                    self.refreshed = now;
                    self.refresh();
                }
            }
            Notice::Loaded(text) => {
                self.engine.progress = None;
                self.refresh();
                self.says.say(Level::Done, text, now);
            }
            Notice::Clock(at) => self.engine.clock = Some(at),
            Notice::Error(text) => self.says.say(Level::Error, text, now),
        }
    }
}
