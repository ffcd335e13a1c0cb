//! No wall at all: commands run as the user, with the user's rights, files and network. Only their environment, time and output are held.
//! Whether a command may run like this is asked of a person before; nothing here asks.

use std::path::Path;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::process::Command;

use super::process::{self, Limits};
use crate::engine::ports::sandbox::{Job, JobResult, Sandbox, SandboxFailure, SandboxTier};

/// Gives a command a session without a terminal, where it is installed.
const SETSID: &str = "/usr/bin/setsid";

/// Runs commands bare.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bare;

impl Sandbox for Bare {
    fn tier(&self) -> SandboxTier {
        SandboxTier::None
    }

    fn run<'a>(
        &'a self,
        job: Job,
        progress: &'a (dyn Fn(&[u8]) + Send + Sync),
    ) -> BoxFuture<'a, Result<JobResult, SandboxFailure>> {
        Box::pin(async move {
            let limits = Limits {
                timeout: Duration::from_millis(job.timeout_ms),
                output_bytes: job.output_limit,
            };
            process::run(command(&job), limits, progress).await
        })
    }
}

fn command(job: &Job) -> Command {
    let mut command = if Path::new(SETSID).exists() {
        // Not made a group leader first: setsid would have to fork, and its number would no longer be the command's.
        let mut command = Command::new(SETSID);
        command.arg("/bin/sh");
        command
    } else {
        let mut command = Command::new("/bin/sh");
        command.process_group(0);
        command
    };
    command
        .args(["-c", &job.command])
        .current_dir(&job.cwd)
        .env_clear()
        .envs(job.environment.iter().map(|(name, value)| (name, value)));
    command
}
