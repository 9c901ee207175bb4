//! How many blocks may be under way, and whose turn it is. The rule: who is next in order never waits for those behind.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
struct State {
    free: usize,
    next: u64,
    closed: bool,
}

/// Permits for jobs, given back in order.
#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

impl Gate {
    /// A gate for so many jobs at once.
    pub(super) fn new(permits: usize) -> Self {
        Self { state: Mutex::new(State { free: permits, next: 0, closed: false }), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is three numbers: whoever broke down while holding it left it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, until: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.lock();
        self.changed.wait_while(state, |state| !state.closed && !until(state)).unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a permit; `false` when the gate is closed.
    pub(super) fn enter(&self) -> bool {
        let mut state = self.wait(|state| state.free > 0);
        if state.closed {
            return false;
        }
        state.free -= 1;
        true
    }

    /// Waits until a job is the next in order; `false` when the gate is closed.
    pub(super) fn wait_turn(&self, job: u64) -> bool {
        !self.wait(|state| state.next >= job).closed
    }

    /// All jobs before `next` are done; one of them gives its permit back.
    pub(super) fn advance(&self, next: u64) {
        let mut state = self.lock();
        state.free += 1;
        state.next = next;
        drop(state);
        self.changed.notify_all();
    }

    /// Nobody waits any more.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}

/// Closes the gate when the thread that holds this breaks down, so that the others do not wait for it for ever.
pub(super) struct Alarm<'a>(pub(super) &'a Gate);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.close();
        }
    }
}
