//! Blobs: large texts (transcripts, tool output, diffs) kept beside the journal under the hash of their bytes. A blob is
//! written before the event that names it. What a blob means, and when one may be dropped, is not known here.

use crate::base::id::Digest;

/// The largest blob, in bytes before compression.
pub const MAX_BLOB: usize = 64 << 20;

/// Why a blob could not be kept or given. The texts are meant for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobFailure {
    /// More than [`MAX_BLOB`] bytes.
    #[error("a text of {bytes} bytes is over the limit of {MAX_BLOB}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// There is none under this digest; old ones are dropped once their time is over.
    #[error("text {} is no longer kept", digest.short())]
    Missing {
        /// The digest that was asked for.
        digest: Digest,
    },
    /// The stored bytes are not those that the digest names.
    #[error("text {} is damaged: {file}", digest.short())]
    Damaged {
        /// The digest that was asked for.
        digest: Digest,
        /// Where it is stored.
        file: String,
    },
    /// No room: the disk, a quota or a limit on the size of files.
    #[error("no room left to write {file}: free some space on its disk")]
    Full {
        /// The file that could not be written.
        file: String,
    },
    /// The system refused.
    #[error("{what}")]
    Io {
        /// What was tried, where, and the system's answer.
        what: String,
    },
}

/// A store of bytes by their SHA-256. Calls block until they are done and may come from many threads.
pub trait Blobs: Send + Sync {
    /// Keeps `bytes`; they survive a crash and a loss of power when this returns. Keeping what is already there is cheap,
    /// and mends it if it was damaged.
    ///
    /// # Errors
    /// The bytes are not kept.
    fn put(&self, bytes: &[u8]) -> Result<Digest, BlobFailure>;

    /// The bytes under `digest`, whose hash has been verified.
    ///
    /// # Errors
    /// There are none, or they are damaged or unreadable.
    fn get(&self, digest: &Digest) -> Result<Vec<u8>, BlobFailure>;
}
