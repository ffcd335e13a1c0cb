//! Files as the journal needs them: private, durable, with failures in words. What is in them is decided elsewhere.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::engine::ports::journal::JournalFailure;

/// Translates the system's refusal: `doing` reads `could not {doing} {path}`.
pub(super) fn failure(doing: &str, path: &Path, error: &io::Error) -> JournalFailure {
    let full = matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    );
    if full {
        return JournalFailure::Full {
            file: path.display().to_string(),
        };
    }
    JournalFailure::Io {
        what: format!("could not {doing} {}: {error}", path.display()),
    }
}

/// Makes `dir` and what leads to it, readable by its owner only.
pub(super) fn make_dir(dir: &Path) -> Result<(), JournalFailure> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| failure("make", dir, &error))
}

/// Makes the file `path`, which must not be there yet, open for appending.
pub(super) fn create(path: &Path) -> Result<File, JournalFailure> {
    OpenOptions::new()
        .create_new(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| failure("make", path, &error))
}

/// Waits until the names in `dir` are on the disk.
pub(super) fn sync_dir(dir: &Path) -> Result<(), JournalFailure> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|error| failure("write out", dir, &error))
}

/// Writes a new file of `bytes`, durable when this returns. The name must be free.
pub(super) fn write_new(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), JournalFailure> {
    let path = dir.join(name);
    let mut file = create(&path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // A half-written file would take the name from the next try.
        let _ = std::fs::remove_file(&path);
        return Err(failure("write", &path, &error));
    }
    sync_dir(dir)
}

/// Puts `bytes` in the place of the file `name`, so that a crash leaves the old or the new one.
pub(super) fn replace(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), JournalFailure> {
    let fresh = format!("{name}.new");
    let from = dir.join(&fresh);
    match std::fs::remove_file(&from) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(failure("remove", &from, &error));
        }
        Ok(()) | Err(_) => {}
    }
    write_new(dir, &fresh, bytes)?;
    std::fs::rename(&from, dir.join(name)).map_err(|error| failure("rename", &from, &error))?;
    sync_dir(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lack_of_room_is_told_from_other_refusals() {
        let path = Path::new("00000001.seg");
        for kind in [
            ErrorKind::StorageFull,
            ErrorKind::QuotaExceeded,
            ErrorKind::FileTooLarge,
        ] {
            let told = failure("write", path, &io::Error::from(kind));
            assert!(matches!(told, JournalFailure::Full { .. }), "{kind:?}");
        }
        let told = failure("write", path, &io::Error::from(ErrorKind::PermissionDenied));
        assert_eq!(
            told.to_string(),
            "could not write 00000001.seg: permission denied"
        );
    }
}
