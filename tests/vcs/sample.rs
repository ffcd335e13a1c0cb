//! A repository to work on, in a folder with spaces in its name, and plain git beside the adapter to check it with.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use aios::adapters::vcs::git::{GitRepo, Surroundings};
use aios::base::id::Oid;
use aios::base::time::Timestamp;
use aios::engine::ports::vcs::{Identity, NewCommit, Vcs as _};

pub(crate) struct Sample {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
}

impl Sample {
    /// A repository on branch `main` with one commit of two files.
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// Likewise, made by `git init` with some more options.
    pub(crate) fn with(options: &[&str]) -> Self {
        let sample = Self::empty(options);
        sample.write("a.txt", "one\ntwo\nthree\n");
        sample.write("src/b.txt", "b\n");
        sample.git(&["add", "-A"]);
        sample.git(&["commit", "-qm", "start"]);
        sample
    }

    /// A repository without commits.
    pub(crate) fn empty(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("a repo");
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(folder.path().join("home")).unwrap();
        let sample = Self { folder, root };
        sample.git(&[&["init", "-q", "-b", "main"], options].concat());
        sample
    }

    pub(crate) fn surroundings(&self) -> Surroundings {
        Surroundings {
            path: std::env::var_os("PATH").unwrap_or_default(),
            home: Some(self.folder.path().join("home").into()),
            config_home: None,
        }
    }

    pub(crate) fn open(&self) -> GitRepo {
        GitRepo::discover_with(&self.root, self.surroundings()).unwrap()
    }

    /// Where a worktree of AIOS's could be.
    pub(crate) fn worktree(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().canonicalize().unwrap();
        folder.join("work trees").join(name)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        put(&self.root, path, text);
    }

    /// Plain git in the repository; its output without the last line's end.
    pub(crate) fn git<S: AsRef<OsStr>>(&self, args: &[S]) -> String {
        self.git_in(&self.root, args)
    }

    pub(crate) fn git_in<S: AsRef<OsStr>>(&self, folder: &Path, args: &[S]) -> String {
        let output = self.plain(folder, args).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    pub(crate) fn plain<S: AsRef<OsStr>>(&self, folder: &Path, args: &[S]) -> Command {
        let mut command = Command::new("git");
        command
            .args(args)
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path().join("home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LC_ALL", "C");
        for name in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{name}_NAME"), "t");
            command.env(format!("GIT_{name}_EMAIL"), "t@t");
        }
        command
    }

    pub(crate) fn oid(&self, name: &str) -> Oid {
        self.git(&["rev-parse", name]).parse().unwrap()
    }

    /// Everything of a person's that must not change: the files, the index, what git says about both, HEAD and the branches.
    pub(crate) fn fingerprint(&self) -> BTreeMap<String, Vec<u8>> {
        let mut seen = files(&self.root, &|path| path.ends_with(".git"));
        let index = fs::read(self.root.join(".git/index")).unwrap_or_default();
        seen.insert("(index)".to_owned(), index);
        let head = fs::read(self.root.join(".git/HEAD")).unwrap();
        seen.insert("(head)".to_owned(), head);
        let config = fs::read(self.root.join(".git/config")).unwrap();
        seen.insert("(config)".to_owned(), config);
        let status = [
            "--no-optional-locks",
            "status",
            "--porcelain=v2",
            "-z",
            "--ignored",
        ];
        let status = self.plain(&self.root, &status).output().unwrap();
        seen.insert("(status)".to_owned(), status.stdout);
        seen
    }
}

/// All files below a folder: their bytes, or where they point to, and their permissions.
pub(crate) fn files(root: &Path, skip: &dyn Fn(&Path) -> bool) -> BTreeMap<String, Vec<u8>> {
    let mut seen = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let facts = fs::symlink_metadata(&path).unwrap();
            if skip(&path) {
                continue;
            }
            let content = if facts.is_dir() {
                folders.push(path.clone());
                continue;
            } else if facts.is_symlink() {
                fs::read_link(&path)
                    .unwrap()
                    .as_os_str()
                    .as_bytes()
                    .to_vec()
            } else if facts.is_file() {
                fs::read(&path).unwrap()
            } else {
                b"(special)".to_vec()
            };
            let name = path.strip_prefix(root).unwrap().as_os_str().as_bytes();
            let name = format!("{} {:o}", name.escape_ascii(), facts.permissions().mode());
            seen.insert(name, content);
        }
    }
    seen
}

/// Writes a file with its folders.
pub(crate) fn put(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

pub(crate) fn marcus() -> Identity {
    Identity {
        name: "Marcus (aios)".to_owned(),
        email: "marcus@aios.invalid".to_owned(),
    }
}

/// Commits a tree as Marcus.
pub(crate) fn commit(repo: &GitRepo, tree: &Oid, parents: &[Oid], message: &str) -> Oid {
    repo.commit_tree(&NewCommit {
        tree,
        parents,
        message,
        author: &marcus(),
        committer: None,
        at: Timestamp(1_700_000_000_000),
    })
    .unwrap()
}

/// A tree of the commit with one file more or changed, committed on top of it.
pub(crate) fn commit_file(repo: &GitRepo, parent: &Oid, path: &str, text: &str) -> Oid {
    use aios::engine::ports::vcs::{FileKind, TreeEdit};
    let edit = TreeEdit {
        path: path.as_bytes().to_vec(),
        after: Some((FileKind::Plain, text.as_bytes().to_vec().into())),
    };
    let tree = repo.write_tree_with(parent, &[edit]).unwrap();
    commit(
        repo,
        &tree,
        std::slice::from_ref(parent),
        &format!("{path}\n"),
    )
}
