//! What is the user's, before and after a run.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::Bench;

/// Everything around a run that it must not lose.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// Every file with its bytes and its mode, of the repository's checkout, of the home and of what lies beside them. Not in it: git's
    /// own folder, and the folders that belong to the program.
    files: BTreeMap<PathBuf, String>,
    /// What is checked out, and every reference but the sprints' own.
    references: Vec<String>,
    /// What git says has changed.
    status: String,
    /// The journal's files.
    journal: BTreeMap<PathBuf, Vec<u8>>,
}

impl Snapshot {
    pub(crate) fn of(bench: &Bench) -> Self {
        let base = bench.base();
        let mut files = BTreeMap::new();
        gather(&base, &own(bench), &mut |path, state| {
            files.insert(path, state);
        });
        let git = |arguments: &[&str]| {
            let ran = Command::new("git")
                .args(arguments)
                .current_dir(&bench.repo)
                .env("GIT_CEILING_DIRECTORIES", &base)
                .output()
                .unwrap();
            String::from_utf8_lossy(&ran.stdout).into_owned()
        };
        let references = git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
        let own =
            |line: &str| line.starts_with("refs/heads/aios/") || line.starts_with("refs/aios/");
        let mut references: Vec<String> = references
            .lines()
            .filter(|line| !own(line))
            .map(str::to_owned)
            .collect();
        references.push(fs::read_to_string(bench.repo.join(".git/HEAD")).unwrap_or_default());
        let mut journal = BTreeMap::new();
        gather(&bench.home().join(".state"), &[], &mut |path, _| {
            let is_record = path
                .parent()
                .is_some_and(|folder| folder.ends_with("journal"));
            if is_record && !path.ends_with("lock") {
                let bytes = fs::read(&path).unwrap();
                journal.insert(path, bytes);
            }
        });
        Self {
            files,
            references,
            status: git(&["status", "--porcelain", "-z"]),
            journal,
        }
    }

    /// Nothing at all has changed, and no sprint was begun.
    pub(crate) fn is_all_of(&self, after: &Self) {
        self.is_same_as(after);
        assert_eq!(self.sprints(), after.sprints(), "a sprint was begun");
    }

    /// The user's own things are as they were.
    pub(crate) fn is_same_as(&self, after: &Self) {
        assert_eq!(self.files, after.files, "files have changed");
        assert_eq!(self.references, after.references, "branches have changed");
        assert_eq!(self.status, after.status, "the index has changed");
    }

    /// All files are still there, byte by byte, but for one that the work was about.
    pub(crate) fn is_in(&self, after: &Self, changed: Option<&str>) {
        let is_kept = |path: &Path| changed.is_none_or(|name| !path.ends_with(name));
        for (path, state) in self.files.iter().filter(|(path, _)| is_kept(path)) {
            assert_eq!(
                Some(state),
                after.files.get(path),
                "{} has changed",
                path.display()
            );
        }
    }

    /// What was in the journal is there still, and more may follow it.
    pub(crate) fn journal_goes_on_in(&self, after: &Self) {
        for (path, bytes) in &self.journal {
            let found = after.journal.get(path).map_or(&[][..], Vec::as_slice);
            assert!(
                found.starts_with(bytes) || is_torn(path, bytes, found),
                "the journal has lost something: {}",
                path.display()
            );
        }
    }

    fn sprints(&self) -> usize {
        let started = b"\"SprintStarted\"";
        let journals = self.journal.values();
        journals
            .map(|bytes| {
                bytes
                    .windows(started.len())
                    .filter(|window| window == started)
                    .count()
            })
            .sum()
    }
}

/// A torn last record is cut off and kept beside the journal.
fn is_torn(path: &Path, before: &[u8], after: &[u8]) -> bool {
    let same = before
        .iter()
        .zip(after)
        .take_while(|(one, other)| one == other);
    let same = same.count();
    let torn = before.get(same..).unwrap_or_default();
    let folder = path.parent().and_then(|folder| fs::read_dir(folder).ok());
    let mut beside = folder.into_iter().flatten().flatten();
    !torn.is_empty()
        && beside.any(|entry| fs::read(entry.path()).is_ok_and(|kept| kept.ends_with(torn)))
}

/// Folders that the program may write in.
fn own(bench: &Bench) -> [PathBuf; 4] {
    let home = bench.home();
    [
        home.join(".state"),
        home.join(".cache"),
        home.join("run"),
        home.join("scratch"),
    ]
}

/// Calls `take` for every file below `root`; links are not followed.
fn gather(root: &Path, without: &[PathBuf], take: &mut dyn FnMut(PathBuf, String)) {
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if without.contains(&path) || path.ends_with(".git") {
                continue;
            }
            let found = path.symlink_metadata().unwrap();
            if found.is_dir() {
                open.push(path);
            } else if found.is_symlink() {
                let state = format!("to {}", fs::read_link(&path).unwrap().display());
                take(path, state);
            } else if found.is_file() {
                let bytes = fs::read(&path).unwrap();
                let mode = found.permissions().mode();
                take(path, format!("{mode:o} {}", bytes.escape_ascii()));
            }
        }
    }
}
