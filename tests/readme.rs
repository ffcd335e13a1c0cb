//! The README as a new user follows it: its two commands are there, and the first one is played in an 80x24 tmux, by keys alone, from
//! the goal to the merge.

#![cfg(test)]
#[path = "support/needs.rs"]
mod needs;

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

const README: &str = include_str!("../README.md");

/// The whole sprint takes about half a minute; a busy machine gets ten times that.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn the_readme_has_its_two_commands() {
    for command in ["cargo run --release -- demo", "cargo test"] {
        let is_there = README.lines().any(|line| line.trim() == command);
        assert!(is_there, "README.md lacks the line `{command}`");
    }
}

/// A tmux server of its own with one window.
struct Tmux {
    socket: String,
}

impl Tmux {
    fn start(folder: &Path, command: &str) -> Self {
        let socket = format!("aios-readme-{}", std::process::id());
        let tmux = Self { socket };
        let size = ["-x", "80", "-y", "24"];
        let mut arguments = vec!["-f", "/dev/null", "new-session", "-d"];
        arguments.extend(size);
        arguments.extend(["-c", folder.to_str().unwrap(), command]);
        let started = tmux.call(&arguments);
        assert!(
            started.status.success(),
            "tmux: {}",
            String::from_utf8_lossy(&started.stderr)
        );
        tmux
    }

    fn call(&self, arguments: &[&str]) -> Output {
        Command::new("tmux")
            .args(["-L", &self.socket])
            .args(arguments)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap()
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.call(&["capture-pane", "-p"]).stdout).into_owned()
    }

    fn keys(&self, keys: &str) {
        self.call(&["send-keys", keys]);
    }

    /// Waits for a screen; gives it.
    fn until(&self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let started = Instant::now();
        loop {
            let screen = self.screen();
            if is_there(&screen) {
                return screen;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "waited in vain for {what}:\n{screen}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.call(&["kill-server"]);
    }
}

/// Whether the whole of the screen is as wide as the terminal and no pane's title is cut.
fn is_whole(screen: &str) -> bool {
    screen.lines().all(|line| line.chars().count() <= 80)
}

#[test]
fn the_demo_is_played_from_goal_to_merge_in_a_small_tmux() {
    let test = "the_demo_is_played_from_goal_to_merge_in_a_small_tmux";
    if !needs::has("tmux", needs::installed("tmux"), test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let stage = folder.path().join("stage");
    let command = format!(
        "{} demo --speed 0 --keep {}",
        env!("CARGO_BIN_EXE_aios"),
        stage.display()
    );
    let tmux = Tmux::start(folder.path(), &command);
    let first = tmux.until("the plan", |screen| {
        screen.contains("PLAN") && screen.contains("simulated")
    });
    assert!(is_whole(&first), "a line is too long:\n{first}");
    let started = Instant::now();
    loop {
        let screen = tmux.screen();
        if screen.contains("landed as") {
            break;
        }
        assert!(
            started.elapsed() < PATIENCE,
            "the sprint does not end:\n{screen}"
        );
        // A card takes a decision only once it says that it is ready.
        let is_ready = ["start   ready", "hunks · ready", "┃ ready "]
            .iter()
            .any(|word| screen.contains(word));
        match () {
            () if !is_ready => tmux.keys("w"),
            () if screen.contains("[4 Review]") || screen.contains("[5 Plan]") => tmux.keys("A"),
            () => tmux.keys("a"),
        }
        std::thread::sleep(Duration::from_millis(700));
    }
    tmux.keys("1");
    let home = tmux.until("home", |screen| screen.contains("[1 Home]"));
    assert!(home.contains("DONE7"), "not all tasks are done:\n{home}");
    tmux.keys("q");
    tmux.keys("q");
    let merges = Command::new("git")
        .arg("-C")
        .arg(stage.join("project"))
        .args(["log", "--merges", "--format=%(trailers:key=AIOS-Task)"])
        .output();
    let tasks = String::from_utf8(merges.unwrap().stdout).unwrap();
    assert_eq!(
        tasks
            .lines()
            .filter(|line| line.starts_with("AIOS-Task: "))
            .count(),
        7,
        "{tasks}"
    );
}
