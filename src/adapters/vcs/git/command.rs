//! The one place that runs `git`: argument vectors, a cleared environment, fixed settings, an own process group, a time limit and
//! a limit of output. Nothing here knows what git is asked for.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::settings;
use crate::base::text::{self, SafeText};
use crate::engine::ports::vcs::VcsFailure;

/// For questions and single objects.
const USUAL_TIMEOUT: Duration = Duration::from_secs(60);
/// For calls that read or write a whole worktree.
const LONG_TIMEOUT: Duration = Duration::from_secs(600);
/// More output than this ends a call.
const OUTPUT_LIMIT: u64 = 256 << 20;
/// As much of a complaint as is kept.
const COMPLAINT_LIMIT: usize = 64 << 10;

/// One run of git, being put together.
pub(super) struct Call {
    command: Command,
    during: &'static str,
    stdin: Option<Vec<u8>>,
    timeout: Duration,
    config: Vec<(OsString, OsString)>,
}

/// What a run gave.
#[derive(Debug)]
pub(super) struct Output {
    /// The exit code; 128 + n for a signal.
    pub(super) code: i32,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    during: &'static str,
}

impl Call {
    pub(super) fn new(file: &Path, search: &OsStr, during: &'static str, folder: &Path) -> Self {
        let mut command = Command::new(file);
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", search)
            .process_group(0);
        command.envs(settings::ENVIRONMENT.iter().copied());
        let config = settings::CONFIG
            .iter()
            .map(|(key, value)| ((*key).into(), (*value).into()))
            .collect();
        Self {
            command,
            during,
            stdin: None,
            timeout: USUAL_TIMEOUT,
            config,
        }
    }

    pub(super) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(super) fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, args: I) -> Self {
        self.command.args(args);
        self
    }

    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Overrides one setting for this run. Later ones win.
    pub(super) fn config(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.config.push((key.into(), value.into()));
        self
    }

    pub(super) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Gives the run the time that a whole worktree may take.
    pub(super) fn long(mut self) -> Self {
        self.timeout = LONG_TIMEOUT;
        self
    }

    /// Runs; any exit code is an answer.
    pub(super) fn run(mut self) -> Result<Output, VcsFailure> {
        // Settings travel in the environment: unlike `-c key=value`, a key may hold any character there.
        let count = self.config.len().to_string();
        self.command.env("GIT_CONFIG_COUNT", count);
        for (place, (key, value)) in self.config.iter().enumerate() {
            self.command.env(format!("GIT_CONFIG_KEY_{place}"), key);
            self.command.env(format!("GIT_CONFIG_VALUE_{place}"), value);
        }
        self.command
            .stdin(
                self.stdin
                    .as_ref()
                    .map_or_else(Stdio::null, |_| Stdio::piped()),
            )
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let during = self.during;
        let child = self
            .command
            .spawn()
            .map_err(|error| self.not_started(&error))?;
        let ended = attend(child, self.stdin.as_deref(), self.timeout)
            .map_err(|error| broken(during, &error))?;
        match ended {
            Ended::Exit(status, stdout, stderr) => Ok(Output {
                code: status
                    .code()
                    .unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
                stdout,
                stderr,
                during,
            }),
            Ended::TimedOut => Err(VcsFailure::TimedOut {
                during,
                seconds: self.timeout.as_secs(),
            }),
            Ended::Flooded => Err(VcsFailure::TooLarge {
                what: format!("what git gives to {during}"),
                limit: OUTPUT_LIMIT,
            }),
        }
    }

    /// Runs; an exit code other than 0 is a failure.
    pub(super) fn output(self) -> Result<Vec<u8>, VcsFailure> {
        let output = self.run()?;
        match output.code {
            0 => Ok(output.stdout),
            _ => Err(output.failure()),
        }
    }

    /// Like [`Call::output`], without the line's end.
    pub(super) fn line(self) -> Result<Vec<u8>, VcsFailure> {
        let mut bytes = self.output()?;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        Ok(bytes)
    }

    /// Like [`Call::line`], for answers that are plain text.
    pub(super) fn text(self) -> Result<String, VcsFailure> {
        self.line()
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn not_started(&self, error: &std::io::Error) -> VcsFailure {
        let folder = self.command.get_current_dir().unwrap_or(Path::new("/"));
        match error.kind() {
            std::io::ErrorKind::NotFound if !folder.is_dir() => VcsFailure::NotFound {
                what: format!("folder {}", folder.display()),
            },
            std::io::ErrorKind::NotFound => VcsFailure::Missing,
            _ => broken(self.during, error),
        }
    }
}

impl Output {
    /// This run as a failure, with the first line of git's complaint.
    pub(super) fn failure(&self) -> VcsFailure {
        let complaint = String::from_utf8_lossy(&self.stderr);
        // Hints and warnings come first at times; the line that ended the run says more.
        let line = complaint
            .lines()
            .find(|line| line.starts_with("fatal: "))
            .or_else(|| complaint.lines().find(|line| line.starts_with("error: ")))
            .or_else(|| complaint.lines().find(|line| !line.trim().is_empty()));
        let message = line.map_or_else(
            || format!("git gave exit code {} and no reason", self.code),
            |line| {
                let line = line
                    .trim_start_matches("fatal: ")
                    .trim_start_matches("error: ");
                text::clip(SafeText::line(line).as_str(), 300)
            },
        );
        VcsFailure::Other {
            during: self.during,
            message,
        }
    }

    /// Whether git complained with these words. It speaks the language of `LC_ALL=C`.
    pub(super) fn complains(&self, words: &str) -> bool {
        String::from_utf8_lossy(&self.stderr).contains(words)
    }
}

/// An error of the system's as a failure.
pub(super) fn broken(during: &'static str, error: &std::io::Error) -> VcsFailure {
    VcsFailure::Other {
        during,
        message: error.to_string(),
    }
}

enum Ended {
    Exit(ExitStatus, Vec<u8>, Vec<u8>),
    TimedOut,
    Flooded,
}

/// Feeds and drains a child until it ends or its time is over, then kills what is left of its process group.
fn attend(mut child: Child, stdin: Option<&[u8]>, timeout: Duration) -> std::io::Result<Ended> {
    let pid = Pid::from_child(&child);
    let (input, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (tell, told) = sync_channel(1);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if let (Some(mut pipe), Some(bytes)) = (input, stdin) {
                // A child that ends early does not want the rest; its exit code says why.
                drop(pipe.write_all(bytes));
            }
        });
        let out = scope.spawn(move || drain(out, OUTPUT_LIMIT));
        let err = scope.spawn(move || drain(err, u64::MAX));
        scope.spawn(move || {
            // The child is only seen to have ended, not reaped, so that its id cannot become another's before the kill below.
            let seen = waitid(
                WaitId::Pid(pid),
                WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
            );
            tell.send(seen.is_ok()).ok();
        });
        let is_over = told.recv_timeout(timeout).is_ok();
        kill_process_group(pid, Signal::KILL).ok();
        let status = child.wait()?;
        let died = || std::io::Error::other("a reader of git's output died");
        let (out, err) = (out.join(), err.join());
        let (stdout, is_flooded) = out.map_err(|_| died())??;
        let (mut stderr, _) = err.map_err(|_| died())??;
        stderr.truncate(COMPLAINT_LIMIT);
        Ok(match (is_over, is_flooded) {
            (_, true) => Ended::Flooded,
            (false, false) => Ended::TimedOut,
            (true, false) => Ended::Exit(status, stdout, stderr),
        })
    })
}

/// Reads to the end or past `limit`; says whether there was more.
fn drain(pipe: Option<impl Read>, limit: u64) -> std::io::Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(limit).read_to_end(&mut bytes)?;
    }
    let is_flooded = bytes.len() as u64 == limit;
    Ok((bytes, is_flooded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Call {
        Call::new(
            Path::new("/bin/sh"),
            OsStr::new("/usr/bin:/bin"),
            "try",
            Path::new("/"),
        )
        .args(["-c", script])
    }

    #[test]
    fn a_call_sees_its_own_environment_only() {
        let seen = shell("env | cut -d= -f1").text().unwrap();
        let strange: Vec<_> = seen
            .lines()
            .filter(|name| !name.starts_with("GIT_"))
            .filter(|name| !matches!(*name, "PATH" | "LC_ALL" | "PWD" | "_" | "SHLVL" | "OLDPWD"))
            .collect();
        assert!(strange.is_empty(), "{strange:?}");
    }

    #[test]
    fn large_input_and_output_do_not_block_one_another() {
        let bytes = vec![b'x'; 4 << 20];
        let back = shell("cat").stdin(bytes.clone()).output().unwrap();
        assert_eq!(back, bytes);
        let nothing = shell("exit 0").stdin(bytes).output().unwrap();
        assert_eq!(nothing, b"");
    }

    #[test]
    fn time_over_ends_the_whole_group() {
        let mut call = shell("sleep 600 & sleep 600");
        call.timeout = Duration::from_millis(50);
        let failure = call.run().map(|_| ()).unwrap_err();
        assert!(matches!(
            failure,
            VcsFailure::TimedOut { during: "try", .. }
        ));
    }

    #[test]
    fn complaints_are_one_plain_line() {
        for (script, message) in [
            (
                "echo 'hint: x' >&2; echo 'fatal: no \u{1b}[2Jsuch' >&2; exit 3",
                "no such",
            ),
            ("echo; exit 7", "git gave exit code 7 and no reason"),
            ("kill -9 $$", "git gave exit code 137 and no reason"),
        ] {
            let failure = shell(script).output().unwrap_err();
            assert_eq!(failure.to_string(), format!("could not try: {message}"));
        }
    }
}
