//! Which parts of the file system a walled-in command sees, as arguments for bubblewrap. Only looks at what exists; starts nothing.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::engine::ports::sandbox::Job;

/// Places that are empty for a command: homes, and where sockets and other people's temporary files lie.
const HIDDEN: [&str; 8] = [
    "/home",
    "/root",
    "/tmp",
    "/var/tmp",
    "/run",
    "/mnt",
    "/media",
    "/var/lib/docker",
];

/// Files that root could read even behind the wall, because it owns them.
const EMPTIED: [&str; 6] = [
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/sudoers",
    "/etc/krb5.keytab",
];

/// Folders of a home that hold programs and downloaded packages and no credentials; shown read-only.
const TOOL_FOLDERS: [&str; 26] = [
    ".rustup",
    ".cargo/bin",
    ".cargo/registry",
    ".cargo/git",
    ".cargo/env",
    ".local/bin",
    ".local/lib",
    ".local/share/mise",
    ".local/share/pnpm",
    ".local/share/uv",
    ".nvm",
    ".fnm",
    ".volta",
    ".asdf",
    ".pyenv",
    ".rbenv",
    ".bun/bin",
    ".deno/bin",
    ".sdkman/candidates",
    ".m2/repository",
    ".gradle/caches",
    ".npm/_cacache",
    "go/bin",
    "go/pkg",
    ".cache/go-build",
    ".cache/pip",
];

/// Files of a worktree that a command may read and never change.
const KEPT: [&str; 2] = [".git", ".aios"];

/// The user's side of the layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The user's home, where tools may lie. Empty for a command but for these.
    pub home: Option<PathBuf>,
    /// More folders that commands must not see, such as the program's own state.
    pub hidden: Vec<PathBuf>,
}

/// All mounts for `job`, in the order in which they are made: later ones lie over earlier ones.
pub(super) fn arguments(places: &Places, job: &Job, as_root: bool) -> Vec<OsString> {
    let mut list = Mounts(Vec::new());
    list.add(["--ro-bind", "/", "/"]);
    list.add(["--dev", "/dev"]);
    list.add(["--proc", "/proc"]);
    let hidden = hidden(places);
    for folder in &hidden {
        list.one("--tmpfs", folder);
    }
    if as_root {
        let present = EMPTIED.iter().filter(|file| Path::new(file).exists());
        present.for_each(|file| list.add(["--ro-bind", "/dev/null", file]));
    }
    for folder in tools(places, job, &hidden) {
        list.same("--ro-bind", &folder);
    }
    // Made before the worktree is laid in, which may lie within it.
    let home = variable(job, "HOME").map(PathBuf::from);
    if let Some(home) = home.filter(|home| home.is_absolute() && !job.worktree.starts_with(home)) {
        list.one("--tmpfs", &home);
    }
    for path in job.read_only.iter().filter(|path| path.exists()) {
        list.same("--ro-bind", path);
    }
    list.same("--bind", &job.worktree);
    for name in KEPT {
        let path = job.worktree.join(name);
        // A link is left alone: binding over it would lay the mount over what it points to.
        let is_real = path
            .symlink_metadata()
            .is_ok_and(|found| !found.file_type().is_symlink());
        if is_real {
            list.same("--ro-bind", &path);
        }
    }
    list.one("--chdir", &job.cwd);
    list.0
}

/// The hidden folders that exist, under their true names: a mount over a link would be one over what it points to.
fn hidden(places: &Places) -> BTreeSet<PathBuf> {
    let fixed = HIDDEN.iter().map(PathBuf::from);
    fixed
        .chain(places.home.clone())
        .chain(places.hidden.iter().cloned())
        .filter(|path| path.is_absolute())
        .filter_map(|path| path.canonicalize().ok())
        .filter(|path| path.is_dir() && path.parent().is_some())
        .collect()
}

/// What has to be shown again of the hidden places for programs to work.
fn tools(places: &Places, job: &Job, hidden: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let mut wanted: BTreeSet<PathBuf> = BTreeSet::new();
    if let Some(home) = &places.home {
        wanted.extend(TOOL_FOLDERS.iter().map(|folder| home.join(folder)));
    }
    let path = variable(job, "PATH").unwrap_or_default();
    wanted.extend(std::env::split_paths(path));
    if let Some(cargo) = variable(job, "CARGO_HOME").map(Path::new) {
        // Not the folder itself: it holds the credentials for publishing.
        wanted.extend(["bin", "registry", "git"].map(|folder| cargo.join(folder)));
    }
    wanted.extend(variable(job, "RUSTUP_HOME").map(PathBuf::from));
    let is_hidden = |path: &Path| hidden.iter().any(|folder| path.starts_with(folder));
    let shows_too_much = |path: &Path| hidden.iter().any(|folder| folder.starts_with(path));
    wanted
        .into_iter()
        .filter(|path| path.is_absolute())
        .filter_map(|path| {
            let real = path.canonicalize().ok()?;
            // A link within a hidden place keeps its name, because programs look there for it.
            Some(if is_hidden(&path) { path } else { real })
        })
        .filter(|path| is_hidden(path) && !shows_too_much(path))
        .filter(|path| !places.hidden.iter().any(|folder| path.starts_with(folder)))
        .filter(|path| !path.starts_with(&job.worktree))
        .collect()
}

fn variable<'a>(job: &'a Job, name: &str) -> Option<&'a str> {
    let found = job.environment.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

struct Mounts(Vec<OsString>);

impl Mounts {
    fn add<const N: usize>(&mut self, words: [&str; N]) {
        self.0.extend(words.map(OsString::from));
    }

    fn one(&mut self, option: &str, path: &Path) {
        self.0.push(option.into());
        self.0.push(path.into());
    }

    fn same(&mut self, option: &str, path: &Path) {
        self.one(option, path);
        self.0.push(path.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(worktree: &Path, path: &str) -> Job {
        Job {
            command: String::new(),
            cwd: worktree.to_owned(),
            worktree: worktree.to_owned(),
            read_only: Vec::new(),
            environment: vec![
                ("PATH".to_owned(), path.to_owned()),
                ("HOME".to_owned(), "/tmp/home".to_owned()),
            ],
            timeout_ms: 1000,
            output_limit: 1000,
        }
    }

    fn words(places: &Places, job: &Job) -> String {
        let list = arguments(places, job, false);
        let words: Vec<_> = list.iter().map(|word| word.to_string_lossy()).collect();
        words.join(" ")
    }

    #[test]
    fn the_worktree_lies_over_the_hidden_places_and_git_over_the_worktree() {
        let place = tempfile::tempdir().unwrap();
        let worktree = place.path().canonicalize().unwrap().join("w");
        std::fs::create_dir_all(worktree.join(".git")).unwrap();
        std::os::unix::fs::symlink("/", worktree.join(".aios")).unwrap();
        let line = words(&Places::default(), &job(&worktree, "/usr/bin"));
        let at = |text: &str| {
            line.find(text)
                .unwrap_or_else(|| panic!("no {text}: {line}"))
        };
        let shown = worktree.display();
        assert!(at("--tmpfs /tmp") < at("--tmpfs /tmp/home"));
        assert!(at("--tmpfs /tmp/home") < at(&format!("--bind {shown} {shown}")));
        assert!(at(&format!("--bind {shown}")) < at(&format!("--ro-bind {shown}/.git")));
        assert!(!line.contains(".aios"), "a link was bound over: {line}");
    }

    #[test]
    fn tools_in_a_home_are_shown_and_credentials_are_not() {
        let place = tempfile::tempdir().unwrap();
        let home = place.path().canonicalize().unwrap();
        for folder in [
            ".cargo/bin",
            ".cargo/registry",
            ".ssh",
            "state/tools",
            "bin",
        ] {
            std::fs::create_dir_all(home.join(folder)).unwrap();
        }
        let places = Places {
            home: Some(home.clone()),
            hidden: vec![home.join("state")],
        };
        let shown = home.display();
        let path = format!("{shown}/bin:{shown}:.:{shown}/state/tools:/usr/bin");
        let line = words(&places, &job(&home.join("w"), &path));
        for tool in [".cargo/bin", ".cargo/registry", "bin"] {
            assert!(
                line.contains(&format!("--ro-bind {shown}/{tool} ")),
                "{tool}: {line}"
            );
        }
        for secret in [".ssh", "state/tools"] {
            assert!(
                !line.contains(&format!("--ro-bind {shown}/{secret}")),
                "{secret}"
            );
        }
        assert!(
            !line.contains(&format!("--ro-bind {shown} ")),
            "the home itself is shown"
        );
        assert!(line.contains(&format!("--tmpfs {shown}/state")));
    }
}
