//! Following feeds: what has grown, was piped in or was sent is read, committed with its position, and folded at once, so
//! that an alert is there in the same turn as the event that raised it. The rule: position and events go in one
//! transaction; whatever a kill interrupts is read or sent again and found to be there. It must not know what is done with
//! the alerts.

use super::folding::{FoldReport, Folding, Touched};
use super::follow::Follower;
use super::inlet::{Arrival, Delivery, Inlet, Receipt};
use super::lease;
use super::load::{self, BATCH_ROWS};
use super::parser::Parser;
use crate::feed::Stream;
use crate::feed::tail::Tails;
use crate::model::chunk::Chunk;
use crate::model::{AlertId, Timestamp};
use crate::store::{Committed, Lease, Store, StoreError, Tally, Writer};
use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use thiserror::Error;

/// Decoded bytes of a request beyond which it is refused: what one commit can hold in memory.
const DECODED: u64 = 256 << 20;

/// Why following cannot go on.
#[derive(Debug, Error)]
pub enum LiveError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The compressor could not start.
    #[error("following could not start: {0}; close other programs and try again")]
    Start(#[from] io::Error),
}

/// What a turn brought.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    /// Events stored.
    pub stored: u64,
    /// Events that were there already.
    pub duplicate: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// Alerts and findings that are new or say something else now.
    pub changed: Vec<AlertId>,
    /// What was folded.
    pub fold: FoldReport,
    /// Feeds that could not be read this time, one line each.
    pub problems: Vec<String>,
    /// The store is busy or full: what was read is held until it can be stored, and nothing more is read.
    pub held: bool,
}

impl Turn {
    /// Whether anything came.
    pub fn is_idle(&self) -> bool {
        self.stored + self.duplicate + self.rejected == 0 && self.problems.is_empty() && self.changed.is_empty() && !self.held
    }
}

/// How often the fold lease is kept, and what others stored is looked for.
const BEAT: Duration = Duration::from_secs(2);

/// How long to wait for a store that is busy or full, beside its own patience.
const HOLD: Duration = Duration::from_millis(250);

/// Follows feeds into a store.
pub struct Live<'p> {
    store: Store,
    writer: Writer,
    folding: Folding,
    follower: Follower<'p, Parser>,
    inlet: Inlet,
    /// Whether this process folds, and when the lease was last kept.
    lease: Option<(bool, Instant)>,
    /// What was read and could not be stored yet.
    held: Option<(Vec<Chunk>, Deliveries)>,
    /// That the store is busy or full has been said.
    said: bool,
}

/// Requests of one commit, each with its chunks among all.
type Deliveries = Vec<(Delivery, Range<usize>)>;

impl<'p> Live<'p> {
    /// Follows `paths` from where the store's positions stand. `folding` should keep its states.
    pub fn new(
        store: &Store,
        mut writer: Writer,
        folding: Folding,
        parser: &'p load::Parser<'p, Parser>,
        paths: &[PathBuf],
    ) -> Result<Self, LiveError> {
        writer.set_sync(true)?;
        let positions: HashMap<_, _> = store.reader()?.feeds()?.into_iter().map(|p| (p.feed.clone(), p)).collect();
        let follower = Follower::new(Tails::new(paths, positions.clone()), parser, positions)?;
        Ok(Self { store: store.clone(), writer, folding, follower, inlet: Inlet::default(), lease: None, held: None, said: false })
    }

    /// Where piped bytes and requests come in.
    pub fn inlet(&mut self) -> &mut Inlet {
        &mut self.inlet
    }

    /// Reads what is new, stores and folds it. `now` is the time of reading, by the clock of whoever runs this.
    /// A store that is busy or full is tried again in the next turn, with what was read already.
    pub fn turn(&mut self, now: Timestamp) -> Result<Turn, LiveError> {
        let mut turn = Turn::default();
        let folds = match self.beat(&mut turn) {
            Ok(folds) => folds,
            Err(error) => return self.hold(turn, error),
        };
        let (chunks, deliveries) = match self.held.take() {
            Some(held) => held,
            None => self.read_on(&mut turn, now)?,
        };
        if chunks.is_empty() && deliveries.is_empty() {
            return Ok(turn);
        }
        // The store resolves the chunks it is given; what it could not keep is given again as it was.
        // Requests that are dropped without an answer are told that nothing was stored.
        let committed: Committed = match self.writer.commit(chunks.clone()) {
            Ok(committed) => committed,
            Err(error) => {
                self.held = Some((chunks, deliveries));
                return self.hold(turn, error);
            }
        };
        self.said = false;
        drop(chunks);
        for (delivery, chunks) in deliveries {
            delivery.answer(Ok(receipt(&committed.chunks[chunks])));
        }
        (turn.stored, turn.duplicate, turn.rejected) = (committed.stored, committed.duplicate, committed.rejected);
        if folds {
            self.fold(&committed.days, &mut turn)?;
        }
        Ok(turn)
    }

    /// Everything that is new.
    fn read_on(&mut self, turn: &mut Turn, now: Timestamp) -> Result<(Vec<Chunk>, Deliveries), LiveError> {
        let (mut chunks, problems) = self.follower.poll(now)?;
        turn.problems.extend(problems);
        let deliveries = self.arrived(&mut chunks, turn, now)?;
        Ok((chunks, deliveries))
    }

    /// Ends a turn that the store refused: an error only where waiting would not help.
    fn hold(&mut self, mut turn: Turn, error: StoreError) -> Result<Turn, LiveError> {
        if !matches!(error, StoreError::Busy | StoreError::Full) {
            return Err(error.into());
        }
        if !std::mem::replace(&mut self.said, true) {
            turn.problems.push(format!("{error}; what was read is held and tried again"));
        }
        turn.held = true;
        std::thread::sleep(HOLD);
        Ok(turn)
    }

    /// Adds the chunks of what came by itself since the last turn, up to what one commit should hold.
    fn arrived(&mut self, chunks: &mut Vec<Chunk>, turn: &mut Turn, now: Timestamp) -> Result<Deliveries, LiveError> {
        let mut deliveries = Vec::new();
        let mut rows: usize = chunks.iter().map(|chunk| chunk.rows.len()).sum();
        while rows < BATCH_ROWS
            && let Some(arrival) = self.inlet.take()
        {
            let first = chunks.len();
            match arrival {
                Arrival::Piped(block) => chunks.push(self.follower.piped(&block, now)?),
                Arrival::PipeEnded(reason) => turn.problems.extend(reason.map(|reason| format!("-: {reason}; send the rest again"))),
                Arrival::Delivered(delivery) => match self.read(&delivery, now)? {
                    Ok(read) => {
                        chunks.extend(read);
                        deliveries.push((delivery, first..chunks.len()));
                    }
                    Err(reason) => delivery.answer(Err(reason)),
                },
            }
            rows += chunks[first..].iter().map(|chunk| chunk.rows.len()).sum::<usize>();
        }
        Ok(deliveries)
    }

    /// The chunks of a request, or what is wrong with its body: then nothing of it is stored.
    fn read(&mut self, delivery: &Delivery, now: Timestamp) -> io::Result<Result<Vec<Chunk>, String>> {
        let bad = |error: io::Error| format!("the body cannot be read: {error}");
        let mut stream = match Stream::whole(&delivery.feed, delivery.body.as_slice(), DECODED) {
            Ok(stream) => stream,
            Err(error) => return Ok(Err(bad(error))),
        };
        let mut chunks = Vec::new();
        loop {
            match stream.next_block() {
                Ok(Some(block)) => chunks.push(self.follower.delivered(&block, now)?),
                Ok(None) => return Ok(Ok(chunks)),
                Err(error) => return Ok(Err(bad(error))),
            }
        }
    }

    /// Folds what an earlier process stored but did not fold, when this process is the one that folds.
    pub fn catch_up(&mut self) -> Result<Turn, LiveError> {
        let mut turn = Turn::default();
        self.beat(&mut turn)?;
        Ok(turn)
    }

    /// Of all processes on a store one folds. Keeps the lease every two seconds and then folds what others stored, or what
    /// a process that died left behind.
    fn beat(&mut self, turn: &mut Turn) -> Result<bool, StoreError> {
        if let Some((holds, at)) = self.lease
            && at.elapsed() < BEAT
        {
            return Ok(holds);
        }
        let wall = Timestamp(chrono::Utc::now().timestamp_millis());
        let holds = matches!(lease::take(&mut self.writer, wall)?, Lease::Held { .. });
        self.lease = Some((holds, Instant::now()));
        if holds && self.folding.is_behind(&self.store)? {
            turn.fold = self.folding.catch_up(&self.store, &mut self.writer, &|_, _| {})?;
            turn.changed = std::mem::take(&mut self.folding.changed);
        }
        Ok(holds)
    }

    fn fold(&mut self, touched: &Touched, turn: &mut Turn) -> Result<(), StoreError> {
        if touched.is_empty() {
            return Ok(());
        }
        let report = self.folding.advance(&self.store, &mut self.writer, touched)?;
        turn.fold.identities += report.identities;
        turn.fold.events += report.events;
        turn.fold.alerts += report.alerts;
        turn.changed.append(&mut self.folding.changed);
        Ok(())
    }

    /// The writer, for whoever publishes what was sent.
    pub fn writer(&mut self) -> &mut Writer {
        &mut self.writer
    }
}

impl Drop for Live<'_> {
    fn drop(&mut self) {
        // A lease that stays is taken over after ten seconds.
        let _ = self.writer.release_lease(std::process::id());
    }
}

fn receipt(tallies: &[Tally]) -> Receipt {
    let mut receipt = Receipt::default();
    for tally in tallies {
        receipt.stored += tally.stored;
        receipt.duplicate += tally.duplicate;
        receipt.rejected += tally.rejected;
    }
    receipt.read = receipt.stored + receipt.duplicate + receipt.rejected;
    receipt
}

#[cfg(test)]
mod tests;
