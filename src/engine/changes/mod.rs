//! What happens to a repository: the sprint's branch, worktrees, commits, merges, landing. Every function may be called again after a
//! crash: it looks for what it has done before it does it.
//!
//! All calls block. What is decided with the results is the domain's business; the port's contract is in `ports::vcs`.

mod clash;
mod land;
mod merge;
mod message;
mod part;
mod witness;
mod worktree;

pub use merge::Merging;
pub use witness::VcsWitness;

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::body::Body;
use crate::base::id::{Oid, SprintId, TaskId};
use crate::domain::change::{self, FileSummary};
use crate::engine::ports::blobs::{BlobFailure, Blobs};
use crate::engine::ports::clock::Clock;
use crate::engine::ports::vcs::{Vcs, VcsFailure};

/// Lines of context around a hunk.
const CONTEXT_LINES: u32 = 3;

/// Why a change could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeFailure {
    /// Version control said no.
    #[error(transparent)]
    Vcs(#[from] VcsFailure),
    /// A text could not be kept or read.
    #[error(transparent)]
    Blob(#[from] BlobFailure),
    /// git's diff could not be read.
    #[error("could not read the diff: {0}")]
    Diff(#[from] change::BadDiff),
    /// A set-up step failed.
    #[error("could not prepare the worktree: {0}")]
    Setup(String),
    /// The accepted hunks do not fit together.
    #[error("could not take the accepted hunks alone: {0}")]
    Part(#[from] change::Conflict),
    /// What a person chose is about another conflict.
    #[error("the conflict of {0} is another than the one that was solved: try again")]
    OtherConflict(TaskId),
    /// A task has no base: it was never prepared.
    #[error("{0} has no base")]
    NoBase(TaskId),
}

/// The hands of the engine in one repository.
#[derive(Clone)]
pub struct Changes {
    /// The repository.
    pub vcs: Arc<dyn Vcs>,
    /// Where diffs are kept.
    pub blobs: Arc<dyn Blobs>,
    /// The folder of all worktrees.
    pub worktrees: PathBuf,
    /// What time commits carry.
    pub clock: Arc<dyn Clock>,
}

/// A diff, kept and summed up.
pub(super) struct Kept {
    pub(super) diff: Body,
    pub(super) files: Vec<FileSummary>,
}

impl Changes {
    /// Where a task's worktree is.
    #[must_use]
    pub fn worktree(&self, task: TaskId) -> PathBuf {
        self.worktrees.join(task.to_string())
    }

    /// Where what a person chose for a task's conflict is tested.
    #[must_use]
    pub fn trial_worktree(&self, task: TaskId, number: u32) -> PathBuf {
        self.worktrees.join(format!("{task}.trial{number}"))
    }

    /// Where a sprint's base is checked out for reading and for the baseline.
    #[must_use]
    pub fn base_worktree(&self, sprint: SprintId) -> PathBuf {
        self.worktrees.join(format!("{sprint}.base"))
    }

    /// Makes the diff between two commits, keeps it and sums it up.
    pub(super) fn keep_diff(&self, base: &Oid, head: &Oid) -> Result<Kept, ChangeFailure> {
        let bytes = self.vcs.diff(base, head, CONTEXT_LINES)?;
        let files = change::parse(bytes.clone())?.summary();
        Ok(Kept {
            diff: self.keep_bytes(&bytes)?,
            files,
        })
    }

    /// Keeps bytes that may not be text: always as a blob, so that they come back exactly.
    fn keep_bytes(&self, bytes: &[u8]) -> Result<Body, ChangeFailure> {
        match std::str::from_utf8(bytes) {
            Ok(text) if Body::of(text).digest().is_none() => Ok(Body::of(text)),
            _ => {
                let digest = self.blobs.put(bytes)?;
                let first_line = String::from_utf8_lossy(bytes.get(..120).unwrap_or(bytes))
                    .lines()
                    .next()
                    .unwrap_or("")
                    .to_owned();
                Ok(Body::Blob {
                    digest,
                    bytes: bytes.len() as u64,
                    first_line,
                })
            }
        }
    }

    /// The bytes of a body.
    ///
    /// # Errors
    /// The blob is missing or damaged.
    pub fn bytes(&self, body: &Body) -> Result<Vec<u8>, BlobFailure> {
        match body {
            Body::Inline(text) => Ok(text.clone().into_bytes()),
            Body::Blob { digest, .. } => self.blobs.get(digest),
        }
    }
}
