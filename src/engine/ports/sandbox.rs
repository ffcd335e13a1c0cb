//! Where commands of agents run. The contract that every sandbox keeps:
//!
//! - A job reads from /dev/null, has no terminal and only the environment that it was given.
//! - When `run` returns, and when its future is dropped, no process of the job is left.
//! - Time and output are bounded by the job; who goes past them is killed.
//! - A command that ends by itself is never an error, whatever its exit code.
//!
//! How strong the wall is, is the [`SandboxTier`]; it is shown to people and never assumed. Whether a command may run at all is not
//! decided here.

use std::path::PathBuf;

use futures_util::future::BoxFuture;

/// How commands are walled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SandboxTier {
    /// In namespaces of their own by bubblewrap: the root read-only, the worktree writable, no network, no home.
    Bubblewrap,
    /// Not at all: commands can do whatever the user can.
    None,
}

impl std::fmt::Display for SandboxTier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Bubblewrap => "bubblewrap",
            Self::None => "no sandbox",
        })
    }
}

/// One command to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Run by `/bin/sh -c`.
    pub command: String,
    /// Where it starts; within the worktree.
    pub cwd: PathBuf,
    /// The only place that it may write to, besides its own temporary files.
    pub worktree: PathBuf,
    /// What it must be able to read although it lies in a hidden place, such as git's common folder.
    pub read_only: Vec<PathBuf>,
    /// All of its environment. `HOME` names a folder that is made for the job where there is a wall.
    pub environment: Vec<(String, String)>,
    /// Milliseconds until it is killed.
    pub timeout_ms: u64,
    /// Bytes of output until it is killed.
    pub output_limit: u64,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// Killed when its time ran out.
    TimedOut,
    /// Killed when it had printed too much.
    OutputLimit,
    /// Killed because nobody wants it any more.
    Cancelled,
}

impl Exit {
    /// As shells count: 128 + n for a signal, 124 when time ran out, 137 when killed for its output, 130 when cancelled.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => 128 + signal,
            Self::TimedOut => 124,
            Self::OutputLimit => 137,
            Self::Cancelled => 130,
        }
    }
}

/// What a job gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobResult {
    /// How it ended.
    pub exit: Exit,
    /// What it printed, both streams in the order of arrival; over 1 MiB the first 256 KiB and the last 768 KiB, with a line between
    /// that says how much is missing.
    pub output: Vec<u8>,
    /// How much it printed in all.
    pub total_bytes: u64,
    /// How long it took.
    pub wall_ms: u64,
}

/// A job that could not be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SandboxFailure {
    /// The wall could not be built; nothing ran.
    #[error("could not set up the sandbox: {0}")]
    Setup(String),
    /// The program could not be started; nothing ran.
    #[error("could not start the command: {0}")]
    Start(String),
    /// Watching it failed; it was killed.
    #[error("could not follow the command: {0}")]
    Lost(String),
}

/// Runs commands of agents.
pub trait Sandbox: Send + Sync {
    /// How strong the wall is.
    fn tier(&self) -> SandboxTier;

    /// Runs a job to its end. `progress` hears every piece of output as it comes; it must not block. Dropping the future kills all
    /// processes of the job.
    fn run<'a>(
        &'a self,
        job: Job,
        progress: &'a (dyn Fn(&[u8]) + Send + Sync),
    ) -> BoxFuture<'a, Result<JobResult, SandboxFailure>>;
}
