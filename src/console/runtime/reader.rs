//! The reader's thread: it owns the desk, because every question may block. One question waits in each slot, the newest;
//! changes wait in order and none is dropped. It must not know state or drawing.

use crate::console::desk::{self, Answer, Change, Desk, Query, Reply, Slot};
use crate::model::decision::AuditRow;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// How long leaving waits for changes to be made.
const PATIENCE: Duration = Duration::from_secs(10);

/// Something was done.
#[derive(Debug)]
pub enum Done {
    /// A question was answered.
    Answer(u64, Reply),
    /// A change was made, or not.
    Change(Change, Option<Answer<AuditRow>>),
}

#[derive(Debug, Default)]
struct Waiting {
    queries: BTreeMap<Slot, (u64, Query)>,
    changes: VecDeque<Change>,
    changing: bool,
    closed: bool,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    bell: Condvar,
}

impl Shared {
    /// What waits is plain data: a thread that panicked while holding it left it whole.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that asks the desk.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

enum Work {
    Query(u64, Query),
    Change(Change),
}

impl Reader {
    /// Starts it; what is done goes to `to`.
    pub fn start(desk: Box<dyn Desk + Send>, to: Sender<Done>) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new().name("console-reader".to_owned()).spawn(move || serve(desk, &theirs, &to))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Puts a question; an older one in its slot that still waits is forgotten.
    pub fn ask(&self, ticket: u64, query: Query) {
        self.shared.lock().queries.insert(query.slot(), (ticket, query));
        self.shared.bell.notify_all();
    }

    /// Asks for a change.
    pub fn change(&self, change: Change) {
        self.shared.lock().changes.push_back(change);
        self.shared.bell.notify_all();
    }

    /// Waits until every change is made, then ends the thread; a question that still runs is left to itself.
    pub fn finish(&mut self) {
        let until = Instant::now() + PATIENCE;
        let mut waiting = self.shared.lock();
        waiting.closed = true;
        waiting.queries.clear();
        self.shared.bell.notify_all();
        let alive = || self.thread.as_ref().is_some_and(|thread| !thread.is_finished());
        while (waiting.changing || !waiting.changes.is_empty()) && alive() && Instant::now() < until {
            waiting = self.shared.bell.wait_timeout(waiting, Duration::from_millis(50)).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

fn next(shared: &Shared) -> Option<Work> {
    let mut waiting = shared.lock();
    waiting.changing = false;
    loop {
        // Changes first: what is read after them shows them.
        if let Some(change) = waiting.changes.pop_front() {
            waiting.changing = true;
            return Some(Work::Change(change));
        }
        if waiting.closed {
            shared.bell.notify_all();
            return None;
        }
        if let Some((_, (ticket, query))) = waiting.queries.pop_first() {
            return Some(Work::Query(ticket, query));
        }
        waiting = shared.bell.wait(waiting).unwrap_or_else(PoisonError::into_inner);
    }
}

fn serve(mut desk: Box<dyn Desk + Send>, shared: &Shared, to: &Sender<Done>) {
    while let Some(work) = next(shared) {
        let done = match work {
            Work::Query(ticket, query) => Done::Answer(ticket, desk::ask(desk.as_mut(), &query)),
            Work::Change(change) => {
                let result = desk::change(desk.as_mut(), &change);
                Done::Change(change, result)
            }
        };
        let closed = shared.lock().closed;
        // Nobody listens once the loop is over; changes that still wait are made all the same.
        if !closed && to.blocking_send(done).is_err() {
            shared.lock().closed = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::desk::AlertFilter;
    use crate::model::decision::Triage;
    use crate::model::page::{AlertRow, EventRow, IdentityPage, IdentityRow, Totals};
    use crate::model::{Alert, AlertId, Timestamp};

    /// A desk that writes down what it is asked, and waits at a gate before each answer.
    struct Slow {
        gate: std::sync::mpsc::Receiver<()>,
        asked: Arc<Mutex<Vec<String>>>,
    }

    impl Slow {
        fn note(&self, what: String) {
            let _ = self.gate.recv();
            self.asked.lock().unwrap().push(what);
        }
    }

    impl Desk for Slow {
        fn totals(&mut self, _: Timestamp) -> Answer<Totals> {
            self.note("totals".into());
            Ok(Totals::default())
        }
        fn identities(&mut self, filter: &str, _: Timestamp, _: usize) -> Answer<Vec<IdentityRow>> {
            self.note(filter.into());
            Ok(Vec::new())
        }
        fn identity(&mut self, _: &str, _: Timestamp) -> Answer<IdentityPage> {
            Err("unused".into())
        }
        fn alerts(&mut self, _: &AlertFilter) -> Answer<Vec<AlertRow>> {
            Ok(Vec::new())
        }
        fn alert(&mut self, _: AlertId) -> Answer<(Alert, Vec<AuditRow>)> {
            Err("unused".into())
        }
        fn alert_events(&mut self, _: AlertId) -> Answer<Vec<EventRow>> {
            Ok(Vec::new())
        }
        fn raw(&mut self, _: &EventRow) -> Answer<String> {
            Err("unused".into())
        }
        fn publish(&mut self, id: AlertId) -> Answer<()> {
            self.note(format!("publish {}", id.0));
            Ok(())
        }
        fn triage(&mut self, id: AlertId, _: Triage) -> Answer<AuditRow> {
            self.note(format!("triage {}", id.0));
            Err("closed by bob".into())
        }
        fn undo(&mut self, _: AlertId) -> Answer<AuditRow> {
            Err("unused".into())
        }
        fn summary_text(&mut self, _: AlertId) -> Answer<String> {
            Err("unused".into())
        }
    }

    #[test]
    fn the_newest_question_of_a_slot_is_answered_and_every_change_is_made_even_when_leaving() {
        let (open, gate) = std::sync::mpsc::channel();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (to, mut done) = tokio::sync::mpsc::channel(64);
        let mut reader = Reader::start(Box::new(Slow { gate, asked: Arc::clone(&asked) }), to).unwrap();
        let list = |filter: &str| Query::Identities { filter: filter.into(), now: Timestamp(0), limit: 1 };
        reader.ask(1, Query::Totals { now: Timestamp(0) });
        // Until the first is taken up it could still be overtaken.
        while reader.shared.lock().queries.len() == 1 {
            thread::yield_now();
        }
        for (ticket, filter) in [(2, "c"), (3, "cr"), (4, "crm")] {
            reader.ask(ticket, list(filter));
        }
        open.send(()).unwrap();
        open.send(()).unwrap();
        assert!(matches!(done.blocking_recv(), Some(Done::Answer(1, _))));
        assert!(matches!(done.blocking_recv(), Some(Done::Answer(4, _))));
        for n in 0..3 {
            reader.change(Change::Publish(AlertId(n)));
        }
        reader.change(Change::Triage(AlertId(9), Box::default()));
        (0..4).for_each(|_| open.send(()).unwrap());
        reader.finish();
        assert_eq!(*asked.lock().unwrap(), ["totals", "crm", "publish 0", "publish 1", "publish 2", "triage 9"]);
    }
}
