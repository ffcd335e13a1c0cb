//! One holder at a time for each worktree. Other processes are kept away by the host's own lock on the workspace.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

/// The worktrees that are being worked on.
#[derive(Debug, Default)]
pub(super) struct Locks {
    held: Mutex<BTreeSet<PathBuf>>,
    freed: Condvar,
}

/// Holds a worktree until it is dropped.
pub(super) struct Held<'a> {
    locks: &'a Locks,
    path: PathBuf,
}

impl Locks {
    /// Waits until nobody holds `path`. Not to be called twice by one holder.
    pub(super) fn hold(&self, path: &Path) -> Held<'_> {
        // A holder that panicked has released its path on unwinding, so the set is sound even then.
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        while !held.insert(path.to_owned()) {
            held = self
                .freed
                .wait(held)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Held {
            locks: self,
            path: path.to_owned(),
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut held = self
            .locks
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        held.remove(&self.path);
        self.locks.freed.notify_all();
    }
}
