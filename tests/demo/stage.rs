//! A demo in a folder of its own, and ways to look at what it left.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use aios::adapters::journal::files::FileJournal;
use aios::base::money::Money;
use aios::domain::cost::Settlement;
use aios::domain::journal::{Envelope, Event, World, narrate};
use aios::engine::ports::journal::Journal as _;

/// Model calls by attempt and step.
pub(crate) type Calls = BTreeMap<(String, u32), u32>;

/// A demo on disk.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
}

/// How the calls to models ended, by the journal.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) began: Calls,
    pub(crate) replied: Calls,
    pub(crate) failed: Calls,
    pub(crate) lost: Calls,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.path("project")
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aios"));
        command
            .args(["demo", "--plain", "--speed", "0", "--keep"])
            .arg(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the demo to its end.
    pub(crate) fn run(&self) -> Output {
        self.command().output().unwrap()
    }

    /// Starts the demo; what it prints is thrown away.
    pub(crate) fn start(&self) -> Child {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    pub(crate) fn journal_bytes(&self) -> u64 {
        let files = fs::read_dir(self.path("state/journal"))
            .into_iter()
            .flatten();
        let segments = files
            .flatten()
            .filter(|file| file.path().extension().is_some_and(|name| name == "seg"));
        segments
            .filter_map(|file| file.metadata().ok())
            .map(|found| found.len())
            .sum()
    }

    /// Waits until something holds; false if the process ended before.
    pub(crate) fn until(&self, child: &mut Child, holds: impl Fn(&Self) -> bool) -> bool {
        let began = Instant::now();
        while !holds(self) {
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(
                began.elapsed() < Duration::from_secs(120),
                "it never came to that"
            );
            sleep(Duration::from_millis(1));
        }
        true
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.try_git(arguments);
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn try_git(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=Mia", "-c", "user.email=mia@example.com"])
            .args(arguments);
        command
            .current_dir(self.project())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.output().unwrap()
    }

    pub(crate) fn events(&self) -> Vec<Envelope> {
        let (journal, _) = FileJournal::open_read_only(&self.path("state/journal")).unwrap();
        let mut events = Vec::new();
        let mut take = |_, line: &str| {
            events.push(Envelope::read(line).unwrap());
            ControlFlow::Continue(())
        };
        journal.read(1, &mut take).unwrap();
        events
    }

    pub(crate) fn world(&self) -> World {
        let mut world = World::default();
        for envelope in self.events() {
            world.absorb(&envelope);
        }
        world
    }

    /// What happened, for whoever reads of a failure.
    pub(crate) fn story(&self) -> String {
        let mut world = World::default();
        let mut story = String::new();
        for envelope in self.events() {
            world.absorb(&envelope);
            let line = narrate(&world, &envelope);
            let told = format!("{} {} {}\n", envelope.seq, line.who, line.text);
            story.push_str(&told);
        }
        story
    }

    /// The calls that the model answered, and what it would put on the bill.
    pub(crate) fn served(&self) -> (Calls, BTreeMap<(String, u32), serde_json::Value>) {
        let text = fs::read_to_string(self.path("served.jsonl")).unwrap();
        let mut calls = Calls::new();
        let mut usages = BTreeMap::new();
        for line in text.lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let attempt = row["attempt"].as_str().unwrap().to_owned();
            let step = u32::try_from(row["step"].as_u64().unwrap()).unwrap();
            *calls.entry((attempt.clone(), step)).or_default() += 1;
            usages.insert((attempt, step), row["usage"].clone());
        }
        (calls, usages)
    }

    /// How every call ended.
    pub(crate) fn ended(&self) -> Ended {
        let mut ended = Ended::default();
        for envelope in self.events() {
            let (calls, attempt, step) = match envelope.event {
                Event::EffectBegan {
                    key: aios::domain::journal::EffectKey::Model { attempt, step },
                    ..
                } => (&mut ended.began, attempt, step),
                Event::ModelReplied { attempt, step, .. } => (&mut ended.replied, attempt, step),
                Event::CallFailed { attempt, step, .. } => (&mut ended.failed, attempt, step),
                Event::CallLost { attempt, step, .. } => (&mut ended.lost, attempt, step),
                _ => continue,
            };
            *calls.entry((attempt.to_string(), step)).or_default() += 1;
        }
        ended
    }

    /// Holds for every demo that came to its end, however often it was interrupted.
    pub(crate) fn assert_whole(&self) {
        self.assert_merged_once();
        self.assert_paid_once();
        self.assert_left_tidy();
    }

    fn assert_merged_once(&self) {
        let log = self.git(&[
            "log",
            "--merges",
            "--format=%(trailers:key=AIOS-Task,valueonly,separator=)",
            "main",
        ]);
        let mut merged: Vec<&str> = log.lines().collect();
        merged.sort_unstable();
        let tasks: Vec<String> = (1..=7).map(|number| format!("s1.t{number}")).collect();
        assert_eq!(merged, tasks);
        let log = self.git(&[
            "log",
            "--format=%(trailers:key=AIOS-Event,valueonly,separator=)",
            "main",
        ]);
        let events: Vec<&str> = log.lines().filter(|line| !line.is_empty()).collect();
        let unique: BTreeSet<&str> = events.iter().copied().collect();
        assert_eq!(unique.len(), events.len(), "{events:?}");
        let is_merge = |one: &&Envelope| matches!(one.event, Event::Merged { .. });
        assert_eq!(self.events().iter().filter(is_merge).count(), 7);
    }

    fn assert_paid_once(&self) {
        let (served, usages) = self.served();
        let ended = self.ended();
        let of = |calls: &Calls, key: &(String, u32)| calls.get(key).copied().unwrap_or_default();
        for (key, served) in &served {
            assert_eq!(of(&ended.replied, key), 1, "{key:?} was not settled once");
            // A call that was lost may have been served, or not.
            let known = of(&ended.replied, key) + of(&ended.lost, key);
            assert!(
                *served <= known,
                "{key:?} was served {served} times, the ledger knows {known}"
            );
        }
        for (key, began) in &ended.began {
            let settled = of(&ended.replied, key) + of(&ended.failed, key) + of(&ended.lost, key);
            assert_eq!(*began, settled, "{key:?} was not settled as often as begun");
            assert!(served.contains_key(key), "{key:?} was never served");
        }
        let world = self.world();
        let sprint = world.sprints.first_key_value().unwrap().1;
        let mut spent = Money::ZERO;
        for envelope in self.events() {
            let entry = match &envelope.event {
                Event::ModelReplied {
                    attempt,
                    step,
                    ended,
                    ..
                } => {
                    let usage = serde_json::to_value(ended.entry.usage).unwrap();
                    assert_eq!(usage, usages[&(attempt.to_string(), *step)]);
                    &ended.entry
                }
                Event::CallLost { ended, .. } => {
                    assert_eq!(ended.entry.settlement, Settlement::Lost);
                    assert_eq!(ended.entry.cost, ended.reserved);
                    &ended.entry
                }
                Event::CallFailed { ended, .. } => &ended.entry,
                _ => continue,
            };
            spent += entry.cost;
        }
        assert_eq!(sprint.ledger.all.cost, spent);
        assert_eq!(sprint.account.spent, spent);
        assert_eq!((world.reserved, world.began.len()), (Money::ZERO, 0));
    }

    fn assert_left_tidy(&self) {
        let fsck = self.try_git(&["fsck", "--strict", "--no-dangling"]);
        let said = String::from_utf8_lossy(&fsck.stdout).into_owned()
            + &String::from_utf8_lossy(&fsck.stderr);
        assert!(
            fsck.status.success() && !said.contains("error") && !said.contains("missing"),
            "{said}"
        );
        assert_eq!(self.git(&["worktree", "list"]).lines().count(), 1);
        assert_eq!(fs::read_dir(self.path("worktrees")).unwrap().count(), 0);
        let branches = self.git(&["branch", "--format=%(refname:short)"]);
        assert!(!branches.contains(".base"), "{branches}");
        assert_eq!(locks(&self.project().join(".git")), Vec::<PathBuf>::new());
        assert_eq!(self.processes(), Vec::<String>::new());
    }

    /// Processes that know this demo's folder, by their command lines. One that was killed takes a moment to go.
    pub(crate) fn processes(&self) -> Vec<String> {
        let mut found = Vec::new();
        for _ in 0..200 {
            found = running(self.folder.path());
            if found.is_empty() {
                break;
            }
            sleep(Duration::from_millis(10));
        }
        found
    }
}

fn locks(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(locks(&path));
        } else if path.extension().is_some_and(|name| name == "lock") {
            found.push(path);
        }
    }
    found
}

fn running(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter(|entry| {
        entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.parse::<u32>().is_ok())
    });
    let knows = |path: PathBuf| {
        let line = fs::read(path.join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let place = fs::read_link(path.join("cwd")).unwrap_or_default();
        (line.contains(folder) || place.starts_with(folder)).then_some(line)
    };
    pids.filter_map(|entry| knows(entry.path())).collect()
}

/// Everything in a folder: paths and contents, the git folder aside from its index.
pub(crate) fn bytes_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name == ".git") {
            let index = path.join("index");
            found.insert(index.clone(), fs::read(index).unwrap());
        } else if path.is_dir() && !path.is_symlink() {
            found.extend(bytes_below(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}
