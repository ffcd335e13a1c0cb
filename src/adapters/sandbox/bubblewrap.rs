//! Commands in namespaces of their own, made by the `bwrap` program: the root read-only, only the worktree writable, no network, no
//! home, no other process in sight. Which files are seen is said in `mounts`.
//!
//! That `bwrap` is there proves nothing, so [`Bubblewrap::probe`] tries to get out before the sandbox is believed in.

use std::ffi::OsString;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::process::Command;

use super::mounts;
pub use super::mounts::Places;
use super::process::{self, Limits};
use crate::engine::ports::sandbox::{Exit, Job, JobResult, Sandbox, SandboxFailure, SandboxTier};

/// Where `bwrap` may lie. Never looked for by `PATH`, which an agent's project can influence.
const PROGRAM: [&str; 2] = ["/usr/bin/bwrap", "/usr/local/bin/bwrap"];

/// Processes that a job may have at once, counted within its own user namespace. No hold on a host that runs as root.
const PROCESSES: u32 = 4096;

/// The longest command line that the kernel takes as one argument, with room for what is put before it.
const COMMAND_BYTES: usize = 120 << 10;

/// Sets the job's limits and becomes the command. Shells differ in the letter for processes.
const LAUNCHER: &str = "ulimit -c 0; ulimit -u \"$1\" 2>/dev/null || ulimit -p \"$1\" 2>/dev/null; exec /bin/sh -c \"$2\"";

/// Runs commands by bubblewrap.
#[derive(Clone, Debug)]
pub struct Bubblewrap {
    program: PathBuf,
    places: Places,
    /// Whether namespaces within the sandbox can be forbidden; older versions cannot.
    forbids_nesting: bool,
}

impl Bubblewrap {
    /// Finds bubblewrap at one of its fixed places and tries it.
    ///
    /// # Errors
    /// It is missing, not root's, or does not hold; the text says which and is meant for people.
    pub async fn find(places: Places) -> Result<Self, String> {
        let program = PROGRAM
            .iter()
            .map(PathBuf::from)
            .find(|path| path.exists())
            .ok_or_else(|| format!("bubblewrap is not installed: no {}", PROGRAM.join(" or ")))?;
        let found = program.metadata().map_err(|error| error.to_string())?;
        if found.uid() != 0 || found.mode() & 0o022 != 0 {
            let path = program.display();
            return Err(format!("{path} is not owned by root alone; it is not used"));
        }
        let mut sandbox = Self {
            program,
            places,
            forbids_nesting: true,
        };
        let first = sandbox.probe().await;
        if first.is_err() {
            sandbox.forbids_nesting = false;
            // The first text is kept: it speaks of the version in full strength.
            sandbox
                .probe()
                .await
                .map_err(|_| first.err().unwrap_or_default())?;
        }
        Ok(sandbox)
    }

    /// Tries to write, to read and to connect to the outside for real, from a worktree made for that.
    ///
    /// # Errors
    /// Something got through, or a command could not even do its work; the text says what.
    pub async fn probe(&self) -> Result<(), String> {
        let yard = Yard::new()?;
        let port = yard.listener.local_addr().map_err(text)?.port();
        let script = format!(
            "echo inside > '{inside}/written' || echo NO-WRITE\n\
             echo outside > '{outside}/escaped'\n\
             cat '{outside}/secret'\n\
             (exec 3<>/dev/tcp/127.0.0.1/{port}) && echo NETWORK\n\
             bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}' && echo NETWORK\n\
             echo DEVICES; cat /proc/net/dev\ntrue\n",
            inside = yard.inside.display(),
            outside = yard.root.display(),
        );
        let job = Job {
            command: script,
            cwd: yard.inside.clone(),
            worktree: yard.inside.clone(),
            read_only: Vec::new(),
            environment: vec![
                ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
                ("HOME".to_owned(), "/tmp/home".to_owned()),
            ],
            timeout_ms: 10_000,
            output_limit: 1 << 20,
        };
        let result = self
            .run(job, &|_| {})
            .await
            .map_err(|error| error.to_string())?;
        yard.judge(&result)
    }

    fn command(&self, job: &Job) -> Command {
        let as_root = rustix::process::getuid().is_root();
        let mut arguments: Vec<OsString> = mounts::arguments(&self.places, job, as_root);
        let walls = [
            "--unshare-all",
            "--unshare-user",
            "--new-session",
            "--die-with-parent",
        ];
        arguments.extend(walls.map(OsString::from));
        if self.forbids_nesting {
            arguments.push("--disable-userns".into());
        }
        arguments.extend(["--cap-drop", "ALL", "--hostname", "aios", "--"].map(OsString::from));
        arguments.extend(["/bin/sh", "-c", LAUNCHER, "aios"].map(OsString::from));
        arguments.push(PROCESSES.to_string().into());
        arguments.push(job.command.clone().into());
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir("/")
            .env_clear()
            .envs(job.environment.iter().map(|(name, value)| (name, value)))
            .process_group(0);
        command
    }
}

impl Sandbox for Bubblewrap {
    fn tier(&self) -> SandboxTier {
        SandboxTier::Bubblewrap
    }

    fn run<'a>(
        &'a self,
        job: Job,
        progress: &'a (dyn Fn(&[u8]) + Send + Sync),
    ) -> BoxFuture<'a, Result<JobResult, SandboxFailure>> {
        Box::pin(async move {
            if job.command.len() > COMMAND_BYTES {
                return Err(SandboxFailure::Start(
                    "the command line is over 120 KiB".to_owned(),
                ));
            }
            let limits = Limits {
                timeout: Duration::from_millis(job.timeout_ms),
                output_bytes: job.output_limit,
            };
            let result = process::run(self.command(&job), limits, progress).await?;
            setup_failure(&result).map_or(Ok(result), Err)
        })
    }
}

/// bubblewrap has no exit code of its own for a wall that it could not build; it says so in its first and only line.
fn setup_failure(result: &JobResult) -> Option<SandboxFailure> {
    let text = std::str::from_utf8(&result.output).ok()?.trim_end();
    let is_own = result.exit == Exit::Code(1) && text.starts_with("bwrap: ");
    (is_own && !text.contains('\n')).then(|| SandboxFailure::Setup(text.to_owned()))
}

/// A place for the probe: a worktree, a secret beside it, and a port that listens. Removed when dropped.
struct Yard {
    root: PathBuf,
    inside: PathBuf,
    listener: TcpListener,
}

impl Yard {
    fn new() -> Result<Self, String> {
        use std::hash::{BuildHasher as _, Hasher as _};
        let random = std::collections::hash_map::RandomState::new();
        let name = format!("aios-probe-{:016x}", random.build_hasher().finish());
        // In a place that is hidden from commands.
        let root = Path::new("/tmp").join(name);
        // Fails if somebody was there before, so that no planted folder is used.
        std::fs::create_dir(&root).map_err(text)?;
        let inside = root.join("worktree");
        let listener = TcpListener::bind("127.0.0.1:0").map_err(text)?;
        let yard = Self {
            root,
            inside,
            listener,
        };
        std::fs::create_dir(&yard.inside).map_err(text)?;
        std::fs::write(yard.root.join("secret"), "CANARY").map_err(text)?;
        yard.listener.set_nonblocking(true).map_err(text)?;
        Ok(yard)
    }

    fn judge(&self, result: &JobResult) -> Result<(), String> {
        let output = String::from_utf8_lossy(&result.output);
        let (_, devices) = output.split_once("DEVICES\n").unwrap_or_default();
        // Two lines of titles, then one line a device.
        let mut names = devices
            .lines()
            .skip(2)
            .filter_map(|line| line.split_once(':'));
        let has_devices = names.any(|(name, _)| name.trim() != "lo");
        let was_connected = self.listener.accept().is_ok();
        let faults = [
            (result.exit != Exit::Code(0), "a plain command fails"),
            (
                !self.has("worktree/written"),
                "the worktree is not writable",
            ),
            (
                self.has("escaped"),
                "a command wrote outside of its worktree",
            ),
            (output.contains("CANARY"), "a command read a hidden file"),
            (
                was_connected || output.contains("NETWORK"),
                "a command reached the network",
            ),
            (has_devices, "a command sees network devices"),
        ];
        let found = faults.iter().find(|(is_fault, _)| *is_fault);
        let first_line = output.lines().next().unwrap_or_default();
        found.map_or(Ok(()), |(_, what)| {
            Err(format!("the sandbox does not hold: {what} ({first_line})"))
        })
    }

    fn has(&self, name: &str) -> bool {
        Path::exists(&self.root.join(name))
    }
}

impl Drop for Yard {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "its shape is that of map_err"
)]
fn text(error: std::io::Error) -> String {
    format!("could not try the sandbox: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(output: &str) -> JobResult {
        JobResult {
            exit: Exit::Code(0),
            output: output.as_bytes().to_vec(),
            total_bytes: 0,
            wall_ms: 1,
        }
    }

    const CLOSED: &str = "DEVICES\nInter-| x\n face |x\n    lo: 0 0\n";

    #[test]
    fn the_probe_sees_every_hole() {
        let yard = Yard::new().unwrap();
        assert!(
            yard.judge(&result(CLOSED))
                .unwrap_err()
                .contains("not writable")
        );
        std::fs::write(yard.inside.join("written"), "").unwrap();
        assert_eq!(yard.judge(&result(CLOSED)), Ok(()));
        let read = yard.judge(&result(&format!("CANARY\n{CLOSED}")));
        assert!(read.unwrap_err().contains("read a hidden file"));
        let devices = yard.judge(&result(&format!("{CLOSED}  eth0: 1 1\n")));
        assert!(devices.unwrap_err().contains("network devices"));
        let port = yard.listener.local_addr().unwrap();
        let connection = std::net::TcpStream::connect(port).unwrap();
        let connected = yard.judge(&result(CLOSED));
        assert!(connected.unwrap_err().contains("reached the network"));
        drop(connection);
        std::fs::write(yard.root.join("escaped"), "").unwrap();
        assert!(
            yard.judge(&result(CLOSED))
                .unwrap_err()
                .contains("wrote outside")
        );
    }

    #[test]
    fn a_wall_that_cannot_be_built_is_told_from_a_failed_command() {
        let mut ended = result("bwrap: setting up uid map: Permission denied\n");
        ended.exit = Exit::Code(1);
        assert!(matches!(
            setup_failure(&ended),
            Some(SandboxFailure::Setup(_))
        ));
        ended.output = b"bwrap: x\nbut more\n".to_vec();
        assert_eq!(setup_failure(&ended), None);
    }
}
