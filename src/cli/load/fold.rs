//! Folding after a load: under the lease, so that one process folds; interruptible, because nothing is handed over before
//! its end. It must not know what a fold says.

use super::How;
use crate::cli::clock;
use crate::cli::output::Output;
use crate::detect::Settings;
use crate::engine::folding::{FoldReport, Folding};
use crate::engine::lease;
use crate::model::Day;
use crate::store::{Lease, Store, StoreError, Writer};
use indicatif::ProgressBar;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the lease is kept.
const BEAT: Duration = Duration::from_secs(2);

/// Folds what the store holds that was not folded yet, unless another process does.
pub fn run(store: &Store, writer: &mut Writer, context: &str, how: How<'_>, bar: &ProgressBar, out: &Output) -> Result<(), StoreError> {
    let pid = std::process::id();
    loop {
        if let Lease::HeldBy { pid } = lease::take(writer, clock::wall())? {
            out.note(&format!("process {pid} is at work on this store and judges what was loaded as well"));
            return Ok(());
        }
        let report = once(store, writer, context, how, bar)?;
        tracing::info!(identities = report.identities, events = report.events, alerts = report.alerts, "folded");
        writer.release_lease(pid)?;
        // Another load may have stored more and left it to this one, which held the lease.
        if report.identities == 0 || !store.reader()?.principals()?.iter().any(|row| row.stale.is_some()) {
            return Ok(());
        }
    }
}

fn once(store: &Store, writer: &mut Writer, context: &str, how: How<'_>, bar: &ProgressBar) -> Result<FoldReport, StoreError> {
    let pid = std::process::id();
    let shards = match how.shards {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        some => some,
    };
    let mut folding = Folding::new(Settings::default(), context, shards, false);
    let lease = Mutex::new((store.writer()?, Instant::now()));
    let progress = |day: Day, identities: u64| {
        if super::stopped(how.stop) {
            leave(store);
        }
        bar.set_message(format!("judging {identities} identities, {day}"));
        let mut lease = lease.lock().unwrap_or_else(PoisonError::into_inner);
        if lease.1.elapsed() >= BEAT {
            lease.1 = Instant::now();
            // A beat that fails is tried again in two seconds; the lease lasts ten.
            let _ = lease.0.take_lease(pid, clock::wall().0);
        }
    };
    folding.catch_up(store, writer, &progress)
}

/// Ends the process in the middle of a fold: nothing of it was handed over yet, the next load folds again.
fn leave(store: &Store) -> ! {
    if store.is_temporary()
        && let Some(folder) = store.path().parent()
    {
        // Nothing can be done about a folder that stays.
        let _ = std::fs::remove_dir_all(folder);
    }
    if let Ok(mut writer) = store.writer() {
        let _ = writer.release_lease(std::process::id());
    }
    std::process::exit(130)
}
