//! Segments by name, the trailer that seals one, and the file `head` that remembers the last seal. What lies between is
//! walked elsewhere.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::disk::{self, failure};
use super::record::{self, Marks};
use crate::base::id::Digest;
use crate::engine::ports::journal::{Head, JournalFailure};

/// A trailer's line is filled up with spaces to this width, so that it can be found from the end of the file.
const TRAILER_LINE: usize = 256;

/// The whole trailer record.
const TRAILER: usize = TRAILER_LINE + 9;

const HEAD: &str = "head";

/// What is known of a sealed segment: the last record of its file, and the content of `head`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trailer {
    /// Which segment.
    pub(super) segment: u32,
    /// Number of its first line (0: the genesis line).
    pub(super) first: u64,
    /// Number of its last line.
    pub(super) last: u64,
    /// How many lines it has.
    pub(super) count: u64,
    /// The hash of its last line.
    pub(super) hash: Digest,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    sealed: Trailer,
}

impl Trailer {
    /// Where the log ends after this segment.
    pub(super) const fn head(&self) -> Head {
        Head {
            seq: self.last,
            hash: self.hash,
        }
    }

    /// Reads a trailer's line.
    pub(super) fn read(line: &str) -> Option<Self> {
        let sealed: Sealed = serde_json::from_str(line).ok()?;
        Some(sealed.sealed)
    }

    /// The record that ends the segment.
    pub(super) fn record(&self) -> Result<Vec<u8>, JournalFailure> {
        let sealed = Sealed {
            sealed: self.clone(),
        };
        let line = serde_json::to_string(&sealed).map_err(|error| JournalFailure::Io {
            what: format!("could not put a trailer into words: {error}"),
        })?;
        let mut bytes = Vec::with_capacity(TRAILER);
        record::encode(
            &mut bytes,
            &format!("{line:<TRAILER_LINE$}"),
            Marks::TRAILER,
        );
        Ok(bytes)
    }
}

/// The name of segment `index`.
pub(super) fn name(index: u32) -> String {
    format!("{index:08}.seg")
}

/// The file of segment `index` in `dir`.
pub(super) fn path(dir: &Path, index: u32) -> PathBuf {
    dir.join(name(index))
}

/// The segments in `dir`, in order. Other files are passed over.
pub(super) fn list(dir: &Path) -> Result<Vec<u32>, JournalFailure> {
    let read = || -> io::Result<Vec<u32>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let name = entry?.file_name();
            let index = name.to_str().and_then(|name| name.strip_suffix(".seg"));
            found.extend(index.and_then(|index| index.parse::<u32>().ok()));
        }
        found.sort_unstable();
        Ok(found)
    };
    read().map_err(|error| failure("read", dir, &error))
}

/// The trailer at the end of segment `index`; none if it is not sealed or its trailer is damaged. Reads only the end.
pub(super) fn trailer(dir: &Path, index: u32) -> Result<Option<Trailer>, JournalFailure> {
    let path = path(dir, index);
    let read = || -> io::Result<Option<Vec<u8>>> {
        let file = File::open(&path)?;
        let Some(start) = file.metadata()?.len().checked_sub(TRAILER as u64) else {
            return Ok(None);
        };
        let mut bytes = vec![0; TRAILER];
        file.read_exact_at(&mut bytes, start)?;
        Ok(Some(bytes))
    };
    let bytes = read().map_err(|error| failure("read", &path, &error))?;
    Ok(bytes.as_deref().and_then(sealed))
}

/// The last seal as `head` remembers it; none before the first seal or if the file is damaged, since it only guards against
/// files that went missing.
pub(super) fn read_head(dir: &Path) -> Option<Trailer> {
    let bytes = std::fs::read(dir.join(HEAD)).ok()?;
    sealed(&bytes)
}

/// Writes `head`.
pub(super) fn write_head(dir: &Path, last: &Trailer) -> Result<(), JournalFailure> {
    disk::replace(dir, HEAD, &last.record()?)
}

fn sealed(bytes: &[u8]) -> Option<Trailer> {
    let record = record::decode(bytes).ok()?;
    record.marks.seals().then(|| Trailer::read(record.line))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_have_one_width_and_read_back() {
        let trailer = Trailer {
            segment: u32::MAX,
            first: u64::MAX,
            last: u64::MAX,
            count: u64::MAX,
            hash: Digest([255; 32]),
        };
        let bytes = trailer.record().unwrap();
        assert_eq!(bytes.len(), TRAILER);
        assert_eq!(sealed(&bytes), Some(trailer));
    }
}
