//! A whole sprint by appended lines: the goal, the plan, the review and the merge, all decided by numbers that a script types when it is
//! asked.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::agents::{doing, write};
use crate::bench::{Bench, GOAL};
use crate::llm::Wire;

/// How long a host may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);

/// The session host of a test, which ends with it.
struct Host(Child);

impl Host {
    /// Starts one whose decisions take effect at once, and waits until it listens.
    fn of(bench: &Bench) -> Self {
        let mut command = bench.command(&["serve", "--foreground"]);
        command.env("AIOS_DECIDE_UNDO_S", "0").stdout(Stdio::null());
        let host = Self(command.spawn().unwrap());
        let began = Instant::now();
        while bench.aios(&["waiting", "--json"]).code != Some(0) || !listens(bench) {
            assert!(began.elapsed() < PATIENCE, "the host does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        host
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Whether there is a socket.
fn listens(bench: &Bench) -> bool {
    let sockets = std::fs::read_dir(bench.home().join("run/aios"));
    sockets
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| entry.path().extension().is_some_and(|kind| kind == "sock"))
}

#[test]
fn a_sprint_is_taken_from_goal_to_merge_by_lines() {
    let works = vec![
        write("one", "one.txt", "1\n"),
        write("two", "two.txt", "2\n"),
    ];
    let bench = Bench::new(Wire::OpenAi, doing(works));
    bench.aios(&["init", "--trust"]).ends(0);
    let _host = Host::of(&bench);
    let mut command = bench.command(&["--plain"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut typed = child.stdin.take().unwrap();
    let mut asked = Vec::new();
    let mut heard = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        heard.push_str(&line);
        heard.push('\n');
        let answer = match line.as_str() {
            line if line.contains("No sprint yet") => format!("goal {GOAL}"),
            line if line.starts_with("waiting 1 of") => {
                let kind = line.split(". ").nth(1).unwrap_or_default();
                asked.push(kind.split(',').next().unwrap_or_default().to_owned());
                continue;
            }
            // The answers are all there.
            line if line.contains("n next, ? more") => "1".to_owned(),
            line if line.contains("landed as") => "quit".to_owned(),
            _ => continue,
        };
        typed.write_all(format!("{answer}\n").as_bytes()).unwrap();
        typed.flush().unwrap();
    }
    let ended = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{heard}\n{errors}");
    for kind in ["PLAN", "DIFF", "MERGE"] {
        assert!(asked.iter().any(|asked| asked == kind), "{kind}: {heard}");
    }
    assert_eq!(bench.git(&["show", "main:one.txt"]), "1");
    assert_eq!(bench.git(&["show", "main:two.txt"]), "2");
}
