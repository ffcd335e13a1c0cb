//! The `git` program on this machine: where it is, how old it is, and what of the environment it gets to see.

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::command::Call;
use crate::engine::ports::vcs::{ASKING_VERSION, OLDEST_GIT, VcsFailure};

/// The few variables of the environment that git needs. Nothing else is handed on, above all no `GIT_*`.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// `PATH`.
    pub path: OsString,
    /// `HOME`, where the user's name, address and ignore list are read from.
    pub home: Option<OsString>,
    /// `XDG_CONFIG_HOME`, likewise.
    pub config_home: Option<OsString>,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self {
            path: std::env::var_os("PATH").unwrap_or_default(),
            home: std::env::var_os("HOME"),
            config_home: std::env::var_os("XDG_CONFIG_HOME"),
        }
    }

    /// The absolute folders of `PATH`. Others are left out: `.` would let a repository bring its own `git`.
    fn folders(&self) -> Vec<PathBuf> {
        std::env::split_paths(&self.path)
            .filter(|folder| folder.is_absolute())
            .collect()
    }
}

/// A version as git prints it, as far as AIOS compares it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    major: u32,
    minor: u32,
}

impl Version {
    /// The oldest that will do, the same as [`OLDEST_GIT`].
    const OLDEST: Self = Self::new(2, 38);
    /// The first whose `merge-tree` takes the commit to compare with.
    pub(super) const MERGE_BASE: Self = Self::new(2, 40);

    const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// Reads `2.47.3` out of `git version 2.47.3 (some vendor)`.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = printed(text)?.split('.');
        Some(Self {
            major: parts.next()?.parse().ok()?,
            minor: parts.next()?.parse().ok()?,
        })
    }
}

/// The word behind `git version`.
fn printed(text: &str) -> Option<&str> {
    text.strip_prefix("git version ")?.split_whitespace().next()
}

/// A git that is new enough.
#[derive(Clone, Debug)]
pub(super) struct Program {
    file: PathBuf,
    search: OsString,
    surroundings: Surroundings,
    pub(super) version: Version,
    /// As printed, such as `2.47.3`.
    pub(super) version_text: String,
}

impl Program {
    /// Looks for git in the absolute folders of `PATH` and asks for its version.
    pub(super) fn find(surroundings: Surroundings) -> Result<Self, VcsFailure> {
        let folders = surroundings.folders();
        let file = folders
            .iter()
            .map(|folder| folder.join("git"))
            .find(|file| is_runnable(file))
            .ok_or(VcsFailure::Missing)?;
        let search = std::env::join_paths(folders).unwrap_or_default();
        let mut program = Self {
            file,
            search,
            surroundings,
            version: Version::default(),
            version_text: String::new(),
        };
        let answer = program
            .call(ASKING_VERSION, Path::new("/"))
            .args(["version"])
            .text()?;
        program.version = Version::parse(&answer).unwrap_or_default();
        printed(&answer)
            .unwrap_or("?")
            .clone_into(&mut program.version_text);
        if program.version < Version::OLDEST {
            return Err(VcsFailure::TooOld {
                found: program.version_text,
                needed: OLDEST_GIT,
            });
        }
        Ok(program)
    }

    /// A call in `folder` that sees no configuration of the user's.
    pub(super) fn call(&self, during: &'static str, folder: &Path) -> Call {
        Call::new(&self.file, &self.search, during, folder)
            .env("GIT_CONFIG_GLOBAL", OsStr::new("/dev/null"))
    }

    /// A call in `folder` that reads the user's own configuration. For questions only.
    pub(super) fn ask(&self, during: &'static str, folder: &Path) -> Call {
        let mut call = Call::new(&self.file, &self.search, during, folder);
        for (name, value) in [
            ("HOME", &self.surroundings.home),
            ("XDG_CONFIG_HOME", &self.surroundings.config_home),
        ] {
            if let Some(value) = value {
                call = call.env(name, value);
            }
        }
        call
    }

    /// The user's list of ignored files, where git looks if nothing is configured.
    pub(super) fn usual_excludes(&self) -> Option<PathBuf> {
        let config = match (&self.surroundings.config_home, &self.surroundings.home) {
            (Some(folder), _) if !folder.is_empty() => PathBuf::from(folder),
            (_, Some(home)) => Path::new(home).join(".config"),
            (_, None) => return None,
        };
        Some(config.join("git/ignore")).filter(|file| file.is_file())
    }
}

/// A file with a permission to run.
fn is_runnable(file: &Path) -> bool {
    std::fs::metadata(file)
        .is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        for (text, version) in [
            ("git version 2.47.3\n", Some(Version::new(2, 47))),
            (
                "git version 2.39.2 (Apple Git-143)",
                Some(Version::new(2, 39)),
            ),
            ("git version 3.0.rc1", Some(Version::new(3, 0))),
            ("grit 2.1", None),
            ("git version", None),
        ] {
            assert_eq!(Version::parse(text), version, "{text}");
        }
        assert!(Version::new(2, 9) < Version::OLDEST && Version::OLDEST < Version::new(3, 0));
        let oldest = format!("git version {OLDEST_GIT}");
        assert_eq!(Version::parse(&oldest), Some(Version::OLDEST));
    }

    #[test]
    fn relative_folders_of_path_are_not_searched() {
        let surroundings = Surroundings {
            path: "::.:bin:/usr/nowhere".into(),
            ..Surroundings::default()
        };
        assert_eq!(surroundings.folders(), [PathBuf::from("/usr/nowhere")]);
        assert_eq!(
            Program::find(surroundings).map(|_| ()),
            Err(VcsFailure::Missing)
        );
    }
}
