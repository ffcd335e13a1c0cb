//! How a file is written: under a name of its own first, then renamed, so that a reader and a crash see the old file or the new one.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::Write as _;
use std::os::fd::{AsFd as _, OwnedFd};

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::{TRIES, Trouble, rename_to_free};
use crate::base::path::RepoPath;

/// A new file under a name of its own, which disappears if it is not landed.
pub(super) struct Draft<'a> {
    folder: &'a OwnedFd,
    name: String,
    file: std::fs::File,
}

impl<'a> Draft<'a> {
    /// Makes an empty draft in `folder`, with the mode of the old file if there is one.
    pub(super) fn make(
        folder: &'a OwnedFd,
        old: Option<u32>,
        executable: Option<bool>,
    ) -> Result<Self, Trouble> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let plain = if executable == Some(true) {
            0o777
        } else {
            0o666
        };
        for _ in 0..TRIES {
            // Seeded by the system for every draft, so that parallel writes do not meet.
            let number = RandomState::new().build_hasher().finish();
            let name = format!(".aios-write-{number:016x}");
            match rustix::fs::openat(folder, &name, flags, Mode::from_raw_mode(plain)) {
                Err(Errno::EXIST) => {}
                opened => {
                    let file = std::fs::File::from(opened?);
                    let draft = Self { folder, name, file };
                    if let Some(mode) = old {
                        let mode = Mode::from_raw_mode(with_executable(mode, executable));
                        rustix::fs::fchmod(&draft.file, mode)?;
                    }
                    return Ok(draft);
                }
            }
        }
        Err(Trouble::Exists)
    }

    /// Writes all of the content and waits until it is on the disk.
    pub(super) fn fill(&self, bytes: &[u8]) -> Result<(), Trouble> {
        let mut file = &self.file;
        file.write_all(bytes)?;
        // The journal will say that the file has this content; a crash must not leave an empty one.
        Ok(rustix::fs::fdatasync(self.file.as_fd())?)
    }

    /// Gives it its name, over an old file or where nothing is.
    pub(super) fn land(self, path: &RepoPath, over: bool) -> Result<(), Trouble> {
        let name = self.name.as_bytes();
        if over {
            rustix::fs::renameat(self.folder, name, self.folder, path.file_name())?;
            return Ok(());
        }
        rename_to_free(self.folder, name, self.folder, path.file_name())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // Gone already once it has landed.
        let _ = rustix::fs::unlinkat(self.folder, self.name.as_bytes(), AtFlags::empty());
    }
}

/// Who may read may start, or nobody.
const fn with_executable(mode: u32, executable: Option<bool>) -> u32 {
    match executable {
        None => mode,
        Some(true) => mode | ((mode & 0o444) >> 2),
        Some(false) => mode & !0o111,
    }
}
