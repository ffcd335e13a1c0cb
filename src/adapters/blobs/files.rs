//! Blobs as zstd files under the hash of their plain bytes: `blobs/ab/cdef…`, readable by their owner only. A file appears
//! under its name whole or not at all: it is written beside it, synced, renamed, and the folder is synced.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::id::Digest;
use crate::engine::ports::blobs::{BlobFailure, Blobs, MAX_BLOB};

/// Where files are before they get their name.
const FRESH: &str = "fresh";

/// Compression: the library's own middle.
const LEVEL: i32 = 3;

/// The adapter.
#[derive(Debug)]
pub struct FileBlobs {
    dir: PathBuf,
    /// Makes names under [`FRESH`] unique within the process.
    counter: AtomicU64,
    /// Digests whose file may have its name without the folder being synced yet, with the number of puts at work. A second
    /// put of such a one must not return before the name is safe, so it syncs the folder itself.
    settling: Mutex<BTreeMap<Digest, u32>>,
}

impl FileBlobs {
    /// Opens the store in `dir`, which is made if it is missing.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(dir: &Path) -> Result<Self, BlobFailure> {
        make_dir(&dir.join(FRESH))?;
        Ok(Self {
            dir: dir.to_owned(),
            counter: AtomicU64::new(0),
            settling: Mutex::new(BTreeMap::new()),
        })
    }

    /// Removes what a killed process left half-written, and says how many files that were. Only the holder of the journal's
    /// lock may call it, before the first put.
    ///
    /// # Errors
    /// The folder cannot be read or a file cannot be removed.
    pub fn sweep(&self) -> Result<u32, BlobFailure> {
        let fresh = self.dir.join(FRESH);
        let sweep = || -> io::Result<u32> {
            let mut removed = 0;
            for entry in std::fs::read_dir(&fresh)? {
                std::fs::remove_file(entry?.path())?;
                removed += 1;
            }
            Ok(removed)
        };
        sweep().map_err(|error| failure("clear", &fresh, &error))
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        let name = digest.to_string();
        let (folder, file) = name.split_at_checked(2).unwrap_or(("", &name));
        self.dir.join(folder).join(file)
    }

    fn settling(&self) -> MutexGuard<'_, BTreeMap<Digest, u32>> {
        self.settling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, path: &Path, folder: &Path, bytes: &[u8]) -> Result<(), BlobFailure> {
        let packed =
            zstd::encode_all(bytes, LEVEL).map_err(|error| failure("compress", path, &error))?;
        if !folder.is_dir() {
            make_dir(folder)?;
            sync_dir(&self.dir)?;
        }
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let fresh = self
            .dir
            .join(FRESH)
            .join(format!("{}-{number}", std::process::id()));
        let placed = write(&fresh, &packed).and_then(|()| {
            std::fs::rename(&fresh, path).map_err(|error| failure("rename", &fresh, &error))
        });
        if placed.is_err() {
            // The next sweep removes it if this cannot.
            let _ = std::fs::remove_file(&fresh);
        }
        placed?;
        // A name that may not last is taken back, or the next put would believe it.
        sync_dir(folder).inspect_err(|_| drop(std::fs::remove_file(path)))
    }
}

impl Blobs for FileBlobs {
    fn put(&self, bytes: &[u8]) -> Result<Digest, BlobFailure> {
        if bytes.len() > MAX_BLOB {
            return Err(BlobFailure::TooLarge { bytes: bytes.len() });
        }
        let digest = Digest::of(bytes);
        let path = self.path(&digest);
        let folder = path.parent().unwrap_or(&self.dir);
        let is_settling = {
            let mut settling = self.settling();
            let at_work = settling.entry(digest).or_insert(0);
            *at_work += 1;
            *at_work > 1
        };
        let done = match self.get(&digest) {
            Ok(_) if is_settling => sync_dir(folder),
            Ok(_) => Ok(()),
            Err(_) => self.store(&path, folder, bytes),
        };
        let mut settling = self.settling();
        if let Some(at_work) = settling.get_mut(&digest) {
            *at_work -= 1;
            if *at_work == 0 {
                settling.remove(&digest);
            }
        }
        done.map(|()| digest)
    }

    fn get(&self, digest: &Digest) -> Result<Vec<u8>, BlobFailure> {
        let path = self.path(digest);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(BlobFailure::Missing { digest: *digest });
            }
            Err(error) => return Err(failure("read", &path, &error)),
        };
        let damaged = || BlobFailure::Damaged {
            digest: *digest,
            file: path.display().to_string(),
        };
        match unpack(file) {
            Ok(bytes) if Digest::of(&bytes) == *digest => Ok(bytes),
            Ok(_) | Err(_) => Err(damaged()),
        }
    }
}

/// Unpacks a file; one that unpacks to more than a blob may hold gives one byte too much and so another hash.
fn unpack(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    zstd::Decoder::new(file)?
        .take(MAX_BLOB as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn make_dir(dir: &Path) -> Result<(), BlobFailure> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| failure("make", dir, &error))
}

fn sync_dir(dir: &Path) -> Result<(), BlobFailure> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|error| failure("write out", dir, &error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), BlobFailure> {
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| failure("write", path, &error))
}

fn failure(doing: &str, path: &Path, error: &io::Error) -> BlobFailure {
    let full = matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    );
    let file = path.display().to_string();
    if full {
        return BlobFailure::Full { file };
    }
    BlobFailure::Io {
        what: format!("could not {doing} {file}: {error}"),
    }
}
