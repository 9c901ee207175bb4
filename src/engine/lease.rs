//! Taking the fold lease for this process. A holder that was killed is not waited for where the system tells that it is
//! gone. It must not know what is folded.

use crate::model::Timestamp;
use crate::store::{Lease, StoreError, Writer};
use std::path::Path;

/// Takes or keeps the lease at wall-clock time `now`; that of a process that was killed is free at once.
pub fn take(writer: &mut Writer, now: Timestamp) -> Result<Lease, StoreError> {
    let pid = std::process::id();
    match writer.take_lease(pid, now.0)? {
        Lease::HeldBy { pid: holder } if is_gone(holder) => {
            writer.release_lease(holder)?;
            writer.take_lease(pid, now.0)
        }
        lease => Ok(lease),
    }
}

/// Whether no process has this id, where the system tells (Linux); elsewhere a lease lasts until it has been silent for
/// ten seconds.
fn is_gone(pid: u32) -> bool {
    Path::new("/proc/self").exists() && !Path::new("/proc").join(pid.to_string()).exists()
}
