//! The real program in a real repository: a host that belongs to no terminal, and verbs with it and without it.

use std::path::Path;
use std::process::{Command, Output};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;

/// A repository with a commit, and a home of its own. A host that is left is ended.
struct Place {
    folder: TempDir,
    host: Option<Pid>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(pid) = self.host {
            kill_process(pid, Signal::KILL).ok();
        }
    }
}

impl Place {
    fn new() -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
            host: None,
        };
        std::fs::create_dir_all(place.repository()).unwrap();
        for arguments in [
            &["init", "-q", "-b", "main"][..],
            &[
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@b.invalid",
                "commit",
                "-q",
                "--allow-empty",
                "-m",
                "start",
            ],
        ] {
            let ran = place.command("git").args(arguments).output().unwrap();
            assert!(ran.status.success(), "{ran:?}");
        }
        place
    }

    fn repository(&self) -> std::path::PathBuf {
        self.folder.path().join("repository")
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .current_dir(self.repository())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    fn aios(&self, arguments: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_aios");
        self.command(program).args(arguments).output().unwrap()
    }

    /// Exit code, results and problems.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let ran = self.aios(arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            ran.status.code().unwrap(),
            text(&ran.stdout),
            text(&ran.stderr),
        )
    }
}

fn pid_in(json: &str) -> Pid {
    let object: serde_json::Value = serde_json::from_str(json).unwrap();
    Pid::from_raw(i32::try_from(object["pid"].as_i64().unwrap()).unwrap()).unwrap()
}

fn host(status: &str) -> bool {
    let object: serde_json::Value = serde_json::from_str(status).unwrap();
    object["host"].as_bool().unwrap()
}

#[test]
fn a_host_is_found_by_its_repository_and_ends_when_told() {
    let mut place = Place::new();
    let (code, text, _) = place.run(&["status", "--json"]);
    assert_eq!((code, host(&text)), (0, false), "{text}");
    let (code, text, problem) = place.run(&["serve", "--json"]);
    assert_eq!(code, 0, "{problem}");
    let pid = pid_in(&text);
    place.host = Some(pid);
    // It has a session of its own, so that no terminal ends it.
    assert_eq!(rustix::process::getsid(Some(pid)).unwrap(), pid);
    let (code, text, _) = place.run(&["status", "--json"]);
    assert_eq!((code, host(&text)), (0, true), "{text}");
    let (code, _, problem) = place.run(&["serve"]);
    assert_eq!(code, 7);
    assert!(
        problem.contains("a host runs already") && problem.lines().count() == 1,
        "{problem}"
    );
    let (code, text, _) = place.run(&["logs"]);
    assert_eq!(code, 0);
    assert!(text.contains("host started, aios"), "{text}");
    assert_eq!(place.run(&["waiting"]).1, "nothing waits\n");
    assert_eq!(place.run(&["cost"]).1, "nothing was spent\n");
    let (code, _, problem) = place.run(&["approve", "g1"]);
    assert_eq!((code, problem.lines().count()), (2, 1), "{problem}");
    kill_process(pid, Signal::TERM).unwrap();
    let ended = (0..1_000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        test_kill_process(pid).is_err()
    });
    assert!(ended, "it runs 10 seconds after SIGTERM");
    let (code, text, _) = place.run(&["status", "--json"]);
    assert_eq!((code, host(&text)), (0, false), "{text}");
    let (code, _, problem) = place.run(&["logs", "-f"]);
    assert_eq!((code, problem.lines().count()), (7, 1), "{problem}");
    // Without a host the lock is taken and given back.
    for _ in 0..2 {
        assert_eq!(place.run(&["approve", "g1"]).0, 2);
    }
}

#[test]
fn of_two_starters_one_starts_a_host_and_the_other_finds_it() {
    let mut place = Place::new();
    let start = || {
        let mut command = place.command(env!("CARGO_BIN_EXE_aios"));
        command.args(["serve", "--json"]);
        command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let both = [start(), start(), start()];
    let mut pids = Vec::new();
    for child in both {
        let ran = child.wait_with_output().unwrap();
        match ran.status.code() {
            Some(0) => pids.push(pid_in(&String::from_utf8_lossy(&ran.stdout))),
            // It came when the host listened already.
            Some(7) => {}
            other => panic!("{other:?} {}", String::from_utf8_lossy(&ran.stderr)),
        }
    }
    pids.sort_unstable_by_key(|pid| pid.as_raw_nonzero());
    pids.dedup();
    assert_eq!(pids.len(), 1, "{pids:?}");
    place.host = pids.first().copied();
}

#[test]
fn outside_of_a_repository_there_is_one_line() {
    let place = Place::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    for verb in ["status", "waiting", "logs", "cost", "serve"] {
        let (code, text, problem) = place.run(&["-C", path, verb]);
        assert_eq!((code, text.as_str()), (3, ""), "{verb} {problem}");
        assert_eq!(problem.lines().count(), 1, "{problem}");
    }
}

#[test]
fn who_only_looks_starts_no_host_and_decides_nothing() {
    use std::io::Write as _;
    let mut place = Place::new();
    let (code, text, problem) = place.run(&["attach", "--view", "--plain"]);
    assert_eq!((code, text.as_str()), (7, ""), "{problem}");
    assert!(
        problem.contains("nothing to look at") && problem.lines().count() == 1,
        "{problem}"
    );
    let (_, text, _) = place.run(&["status", "--json"]);
    assert!(!host(&text), "{text}");
    let (_, text, problem) = place.run(&["serve", "--json"]);
    place.host = Some(pid_in(&text));
    let mut looking = place
        .command(env!("CARGO_BIN_EXE_aios"))
        .args(["--view", "--plain"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut typed = looking.stdin.take().unwrap();
    typed.write_all(b"goal a\nlist\nquit\n").unwrap();
    let said = looking.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(said.contains("viewer: "), "{said}{problem}");
    assert!(said.contains("nothing waits on you."), "{said}");
    let (_, text, _) = place.run(&["logs"]);
    assert!(!text.contains("sprint"), "{text}");
}
