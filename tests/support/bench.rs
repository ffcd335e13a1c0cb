//! A repository, a home and a provider for one test, and the program run among them. Used with `llm.rs` and `agents.rs`, as they use.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::llm::{Behaviour, FakeLlm, Wire};

pub(crate) const KEY: &str = "key-of-the-fake-provider";
pub(crate) const GOAL: &str = "Write the files";

/// Everything of one test; gone with it.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
    pub(crate) repo: PathBuf,
    pub(crate) fake: FakeLlm,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Ended with this code.
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n--\n{}", self.out, self.err);
        self
    }

    /// The one line of a problem, which is the last on standard error.
    pub(crate) fn says(self, id: &str, words: &str) -> Self {
        let last = self.err.lines().last().unwrap_or_default();
        assert!(
            last.ends_with(&format!("({id})")) && last.contains(words),
            "{last} | wanted {id} with {words:?}"
        );
        self
    }
}

impl Bench {
    /// A repository with one commit on `main`, and a provider that takes [`KEY`].
    pub(crate) fn new(wire: Wire, mut behaviour: Behaviour) -> Self {
        behaviour.key = Some(KEY.to_owned());
        let fake = FakeLlm::start(behaviour);
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let repo = base.join("repo");
        fs::create_dir_all(&repo).unwrap();
        let bench = Self { folder, repo, fake };
        let kind = match wire {
            Wire::Anthropic => "anthropic",
            Wire::OpenAi => "compatible",
        };
        bench.config(&format!(
            "[providers.fake]\nkind = \"{kind}\"\nbase_url = \"{}\"\nkey = \"env:FAKE_KEY\"\n\
             [models]\npremium = \"fake/model-x\"\nstandard = \"fake/model-x\"\neconomy = \"fake/model-x\"\n\
             [prices.\"fake/model-x\"]\ninput = \"1\"\noutput = \"10\"\n",
            bench.fake.base_url()
        ));
        bench.put("README.md", "A project.\n", 0o644);
        bench.put("checks.sh", "#!/bin/sh\ntest -f README.md\n", 0o755);
        bench.git(&["init", "-q", "-b", "main"]);
        bench.commit("begin");
        bench
    }

    /// The folder of everything: `repo`, `home`, and what a test puts beside them.
    pub(crate) fn base(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// Replaces the user's configuration.
    pub(crate) fn config(&self, text: &str) {
        let file = self.home().join(".config/aios/config.toml");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.base().join("home")
    }

    /// Writes a file of the repository.
    pub(crate) fn put(&self, path: &str, text: &str, mode: u32) {
        let path = self.repo.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Runs git, with an identity of the test's own and nobody's configuration.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let ran = Command::new("git")
            .args([
                "-c",
                "user.name=Mia",
                "-c",
                "user.email=mia@example.invalid",
            ])
            .args(arguments)
            .current_dir(&self.repo)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        let ran = Ran::of(&ran);
        assert_eq!(ran.code, Some(0), "git {arguments:?}: {}", ran.err);
        ran.out.trim_end().to_owned()
    }

    /// Commits all files.
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    /// The program with the test's home and nothing of the user's.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let home = self.home();
        fs::create_dir_all(home.join("run")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_aios"));
        command
            .args(arguments)
            .current_dir(&self.repo)
            .env_clear()
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_STATE_HOME", home.join(".state"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("XDG_CONFIG_DIRS", home.join("etc"))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("FAKE_KEY", KEY)
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn aios(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    /// Runs the goal to its end, approving everything.
    pub(crate) fn run(&self, more: &[&str]) -> Ran {
        self.aios(&[&RUN[..], more].concat())
    }

    /// Starts the program.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// The folder of the repository's state.
    pub(crate) fn state(&self) -> PathBuf {
        let id = fs::read_to_string(self.repo.join(".git/aios/id")).unwrap();
        self.home().join(".state/aios").join(id.trim())
    }

    /// The file that the journal grows in.
    pub(crate) fn segment(&self) -> PathBuf {
        let files = fs::read_dir(self.state().join("journal")).unwrap();
        let names = files.map(|file| file.unwrap().path());
        let segments =
            names.filter(|path| path.to_string_lossy().contains("seg") && path.is_file());
        segments.max().unwrap()
    }

    /// All events, as they are exported.
    pub(crate) fn events(&self) -> Vec<Value> {
        let exported = self.aios(&["journal", "export"]).ends(0);
        let lines = exported.out.lines().skip(1);
        lines
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].clone())
            .collect()
    }

    /// Events of a kind, by their content.
    pub(crate) fn of_kind(&self, kind: &str) -> Vec<Value> {
        self.events()
            .iter()
            .filter_map(|event| event.get(kind).cloned())
            .collect()
    }
}

/// The usual arguments of a run. The weaker sandbox is accepted so that the tests run where bubblewrap is missing; where it is there, it
/// is used.
pub(crate) const RUN: [&str; 6] = [
    "run",
    GOAL,
    "--yes",
    "--budget=5",
    "--trust",
    "--accept-weaker-sandbox",
];

/// Every file of a checkout but git's own, with its bytes.
pub(crate) fn files(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with(".git") {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                found.push((path.clone(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
