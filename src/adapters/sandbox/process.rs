//! One child process with its output, its time and its end; both sandboxes start their commands through it. What the child is walled in
//! by is not known here.
//!
//! Every job carries a mark in its environment. A process that left the group by a session of its own is found by it and killed. That is
//! tidiness, not a wall: who clears its environment is not found, and only a namespace holds those.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::process::Command;

use crate::engine::ports::sandbox::{Exit, JobResult, SandboxFailure};

/// How much of the beginning of a long output is kept.
const HEAD_BYTES: usize = 256 << 10;
/// How much of its end.
const TAIL_BYTES: usize = 768 << 10;
/// How long the last output of a finished command is waited for. The pipe closes by itself unless something outlived the command.
const DRAIN: Duration = Duration::from_millis(500);

/// When a child is killed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) timeout: Duration,
    pub(super) output_bytes: u64,
}

/// Runs `command` to its end. It must lead a process group; the group, and all that carry the job's mark, are killed when it ends,
/// goes past a limit, or the future is dropped.
pub(super) async fn run(
    mut command: Command,
    limits: Limits,
    progress: &(dyn Fn(&[u8]) + Send + Sync),
) -> Result<JobResult, SandboxFailure> {
    let started = Instant::now();
    let (mut reader, writer) = pipe_pair().map_err(|error| lost(&error))?;
    let second = writer.try_clone().map_err(|error| lost(&error))?;
    let mark = mark();
    command
        .env(MARK, &mark)
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(second)
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| start(&error))?;
    // The command holds the writing ends; while it lives here too, the pipe would never close.
    drop(command);
    let leader = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let mut family = Family { leader, mark };
    let mut kept = Kept::default();
    let deadline = tokio::time::sleep(limits.timeout);
    tokio::pin!(deadline);
    let mut buffer = vec![0_u8; 64 << 10];
    let exit = loop {
        tokio::select! {
            biased;
            () = &mut deadline => break Exit::TimedOut,
            status = child.wait() => {
                let status = status.map_err(|error| lost(&error))?;
                family.kill();
                drain(&mut reader, &mut kept, limits.output_bytes, progress).await;
                break ended(status);
            }
            read = reader.read(&mut buffer) => {
                let read = read.map_err(|error| lost(&error))?;
                if read == 0 {
                    // Both streams are closed, the process goes on: only its end and the time are left to wait for.
                    break match tokio::time::timeout_at(deadline.deadline(), child.wait()).await {
                        Ok(status) => ended(status.map_err(|error| lost(&error))?),
                        Err(_) => Exit::TimedOut,
                    };
                }
                let piece = buffer.get(..read).unwrap_or_default();
                progress(piece);
                kept.push(piece);
                if kept.total > limits.output_bytes {
                    break Exit::OutputLimit;
                }
            }
        }
    };
    // Reaped, so that it is gone when the caller hears of the end. Does nothing to a child that has ended.
    let _ = child.kill().await;
    family.kill();
    family.wait().await;
    Ok(JobResult {
        exit,
        total_bytes: kept.total,
        output: kept.finish(),
        wall_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

/// Takes what is still in the pipe after the command has ended.
async fn drain(
    reader: &mut pipe::Receiver,
    kept: &mut Kept,
    output_bytes: u64,
    progress: &(dyn Fn(&[u8]) + Send + Sync),
) {
    let mut buffer = vec![0_u8; 64 << 10];
    let all = async {
        while let Ok(read) = reader.read(&mut buffer).await {
            let piece = buffer.get(..read).unwrap_or_default();
            if piece.is_empty() || kept.total > output_bytes {
                break;
            }
            progress(piece);
            kept.push(piece);
        }
    };
    let _ = tokio::time::timeout(DRAIN, all).await;
}

fn pipe_pair() -> std::io::Result<(pipe::Receiver, OwnedFd)> {
    let (reader, writer) = std::io::pipe()?;
    let reader = pipe::Receiver::from_owned_fd(OwnedFd::from(reader))?;
    Ok((reader, OwnedFd::from(writer)))
}

fn ended(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Code(-1),
    }
}

fn lost(error: &std::io::Error) -> SandboxFailure {
    SandboxFailure::Lost(error.to_string())
}

fn start(error: &std::io::Error) -> SandboxFailure {
    SandboxFailure::Start(error.to_string())
}

/// The variable that marks the processes of a job.
const MARK: &str = "AIOS_JOB";
/// How often is looked whether all are gone, and the pause between.
const ROUNDS: usize = 100;
const PAUSE: Duration = Duration::from_millis(5);

fn mark() -> String {
    use std::hash::{BuildHasher as _, Hasher as _};
    let random = std::collections::hash_map::RandomState::new();
    format!("{:016x}", random.build_hasher().finish())
}

/// All processes of a job, killed when dropped.
struct Family {
    /// Leads the process group; none once the group was killed, because its number may then be given to others.
    leader: Option<Pid>,
    mark: String,
}

impl Family {
    fn kill(&mut self) {
        if let Some(pid) = self.leader.take() {
            // An error means that nobody is left, which is what is wanted.
            let _ = rustix::process::kill_process_group(pid, Signal::KILL);
        }
    }

    /// Kills who carries the mark until nobody does. A killed process takes a moment to disappear.
    async fn wait(&mut self) {
        for _ in 0..ROUNDS {
            if self.sweep() == 0 {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.mark.clear();
    }

    /// Kills who carries the mark; returns how many there were.
    fn sweep(&self) -> usize {
        let Ok(processes) = std::fs::read_dir("/proc") else {
            return 0;
        };
        let pids = processes
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter_map(Pid::from_raw);
        pids.filter(|pid| kill_marked(*pid, &self.mark)).count()
    }
}

/// Kills the process if it carries the mark. Its handle is taken before the look, so that no other process can slip under its number.
fn kill_marked(pid: Pid, mark: &str) -> bool {
    let handle = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty());
    let Ok(handle) = handle else { return false };
    let Ok(environment) = std::fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero())) else {
        return false;
    };
    let wanted = format!("{MARK}={mark}");
    let is_marked = environment
        .split(|byte| *byte == 0)
        .any(|variable| variable == wanted.as_bytes());
    if is_marked {
        let _ = rustix::process::pidfd_send_signal(&handle, Signal::KILL);
    }
    is_marked
}

impl Drop for Family {
    fn drop(&mut self) {
        self.kill();
        if !self.mark.is_empty() {
            // Nobody can wait here; two rounds catch a process that was just being made.
            self.sweep();
            self.sweep();
        }
    }
}

/// Output as it is kept: the beginning, and a window that slides over the rest.
#[derive(Default)]
struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
}

impl Kept {
    fn push(&mut self, piece: &[u8]) {
        self.total += piece.len() as u64;
        let room = HEAD_BYTES.saturating_sub(self.head.len());
        let (first, rest) = piece.split_at(room.min(piece.len()));
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(TAIL_BYTES);
        self.tail.drain(..over);
    }

    fn finish(self) -> Vec<u8> {
        let Self {
            mut head,
            tail,
            total,
        } = self;
        let left_out = total - (head.len() + tail.len()) as u64;
        if left_out > 0 {
            head.extend_from_slice(format!("\n… {left_out} bytes left out …\n").as_bytes());
        }
        head.extend(tail);
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_output_keeps_both_ends() {
        let mut kept = Kept::default();
        for number in 0..400_000_u32 {
            kept.push(format!("{number:07}\n").as_bytes());
        }
        assert_eq!(kept.total, 3_200_000);
        let output = kept.finish();
        let text = String::from_utf8(output).unwrap();
        assert!(text.starts_with("0000000\n0000001\n"));
        assert!(text.ends_with("0399998\n0399999\n"));
        let left_out = 3_200_000 - (1 << 20);
        assert!(text.contains(&format!("\n… {left_out} bytes left out …\n")));
    }

    #[test]
    fn short_output_is_kept_whole() {
        let mut kept = Kept::default();
        kept.push(b"one\n");
        kept.push(&vec![b'x'; 1_000_000]);
        assert_eq!(kept.finish().len(), 1_000_004);
    }
}
