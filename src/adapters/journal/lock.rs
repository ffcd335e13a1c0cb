//! One writer a journal: an exclusive lock on the file `lock`, which holds the writer's process id for those who come second.
//! The system drops the lock when the process ends, however it ends, so there is no stale lock to clear.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::disk::failure;
use crate::engine::ports::journal::JournalFailure;

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the journal in `dir`, or says who has it. Never waits.
    pub(super) fn take(dir: &Path) -> Result<Self, JournalFailure> {
        let path = dir.join("lock");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|error| failure("open", &path, &error))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {
                // In place and of fixed width, so that it needs no new room on a full disk. The id only helps the second
                // opener's message; the lock itself does not depend on it.
                let pid = format!("{:<20}\n", std::process::id());
                let _ = file.write_all_at(pid.as_bytes(), 0);
                Ok(Self { _file: file })
            }
            Err(rustix::io::Errno::WOULDBLOCK) => {
                Err(JournalFailure::Locked { pid: holder(&path) })
            }
            Err(errno) => Err(failure("lock", &path, &errno.into())),
        }
    }
}

fn holder(path: &Path) -> Option<u32> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}
