//! Blobs in memory, for tests and simulation. Clones share what they hold.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::id::Digest;
use crate::engine::ports::blobs::{BlobFailure, Blobs, MAX_BLOB};

/// The adapter.
#[derive(Clone, Debug, Default)]
pub struct MemoryBlobs(Arc<Mutex<HashMap<Digest, Vec<u8>>>>);

impl Blobs for MemoryBlobs {
    fn put(&self, bytes: &[u8]) -> Result<Digest, BlobFailure> {
        if bytes.len() > MAX_BLOB {
            return Err(BlobFailure::TooLarge { bytes: bytes.len() });
        }
        let digest = Digest::of(bytes);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(digest).or_insert_with(|| bytes.to_vec());
        Ok(digest)
    }

    fn get(&self, digest: &Digest) -> Result<Vec<u8>, BlobFailure> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(digest)
            .cloned()
            .ok_or(BlobFailure::Missing { digest: *digest })
    }
}
