//! Finding a repository from a folder, and what it says about itself.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::GitRepo;
use super::command::broken;
use super::locks::Locks;
use super::program::{Program, Surroundings};
use super::room::{ObjectFormat, Place};
use super::settings;
use crate::base::id::Oid;
use crate::engine::ports::vcs::{Identity, RepoFacts, VcsFailure, shown_path};

const LOOK: &str = "look at the repository";
/// As many dirty files as are named.
const NAMED_FILES: usize = 200;

impl GitRepo {
    /// Opens the repository that `dir` lies in, with the `git` and the user of this process.
    ///
    /// # Errors
    /// git is missing or too old, or `dir` lies in no repository with files.
    pub fn discover(dir: &Path) -> Result<Self, VcsFailure> {
        Self::discover_with(dir, Surroundings::of_process())
    }

    /// Opens the repository that `dir` lies in.
    ///
    /// # Errors
    /// As for [`GitRepo::discover`].
    pub fn discover_with(dir: &Path, surroundings: Surroundings) -> Result<Self, VcsFailure> {
        let program = Program::find(surroundings)?;
        let dir = dir.canonicalize().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => VcsFailure::NotFound {
                what: format!("folder {}", dir.display()),
            },
            _ => broken("open the folder", &error),
        })?;
        refuse_bare(&program, &dir)?;
        let asked = |args: &[&str]| program.ask(LOOK, &dir).arg("rev-parse").args(args).line();
        let folder =
            |args: &[&str]| asked(args).map(|line| PathBuf::from(OsString::from_vec(line)));
        let here = Place {
            path: folder(&["--show-toplevel"])?,
            admin: folder(&["--absolute-git-dir"])?,
        };
        if !dir.starts_with(&here.path) {
            return Err(VcsFailure::Other {
                during: LOOK,
                message: format!(
                    "its configuration places its files elsewhere, at {}; unset core.worktree",
                    here.path.display()
                ),
            });
        }
        let common_dir = folder(&["--path-format=absolute", "--git-common-dir"])?;
        let format = match asked(&["--show-object-format"])?.as_slice() {
            b"sha256" => ObjectFormat::Sha256,
            _ => ObjectFormat::Sha1,
        };
        Ok(Self {
            excludes: excludes(&program, &dir)?,
            kept: kept(&program, &dir)?,
            program,
            here,
            common_dir: common_dir
                .canonicalize()
                .map_err(|error| broken(LOOK, &error))?,
            format,
            room: OnceLock::new(),
            locks: Locks::default(),
        })
    }

    /// The checkout that the repository was opened in.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.here.path
    }

    /// The git folder that all worktrees share.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    pub(super) fn look(&self) -> Result<RepoFacts, VcsFailure> {
        let head = self.head_of(&self.here)?;
        let status = self
            .checkout("see what has changed", &self.here)?
            .args(["status", "--porcelain=v1", "-z", "--no-renames"])
            .args(["--untracked-files=normal", "--ignore-submodules=dirty"])
            .long()
            .output()?;
        let (dirty, untracked) = read_status(&status);
        Ok(RepoFacts {
            root: self.here.path.clone(),
            common_dir: self.common_dir.clone(),
            head,
            branch: self.branch_of(&self.here)?,
            dirty,
            untracked,
            git_version: self.program.version_text.clone(),
            is_linked_worktree: self.here.admin != self.common_dir,
            is_shallow: self.common_dir.join("shallow").exists(),
        })
    }

    /// The commit that is checked out at a place; none before the first one.
    pub(super) fn head_of(&self, place: &Place) -> Result<Option<Oid>, VcsFailure> {
        let output = self
            .at("read HEAD", &place.admin)
            .args(["rev-parse", "--verify", "--quiet", "--end-of-options"])
            .arg("HEAD^{commit}")
            .run()?;
        match output.code {
            0 => super::objects::oid("read HEAD", output.stdout.trim_ascii_end()).map(Some),
            1 => Ok(None),
            _ => Err(output.failure()),
        }
    }

    /// The branch that is checked out at a place; none if HEAD is detached.
    pub(super) fn branch_of(&self, place: &Place) -> Result<Option<String>, VcsFailure> {
        let output = self
            .at("read HEAD", &place.admin)
            .args(["symbolic-ref", "--quiet", "HEAD"])
            .run()?;
        match output.code {
            0 => Ok(Some(
                String::from_utf8_lossy(&output.stdout)
                    .trim_end()
                    .to_owned(),
            )),
            1 => Ok(None),
            _ => Err(output.failure()),
        }
    }

    /// The files of a checkout that hold uncommitted work.
    pub(super) fn dirty_files(&self, place: &Place) -> Result<Vec<String>, VcsFailure> {
        let status = self
            .checkout("see what has changed", place)?
            .args(["status", "--porcelain=v1", "-z", "--no-renames"])
            .args(["--untracked-files=no", "--ignore-submodules=dirty"])
            .long()
            .output()?;
        Ok(read_status(&status).0)
    }

    pub(super) fn user(&self) -> Result<Option<Identity>, VcsFailure> {
        let value = |key: &str| -> Result<Option<String>, VcsFailure> {
            let call = self.program.ask("read the user's name", &self.here.path);
            let output = call
                .env("GIT_DIR", &self.here.admin)
                .args(["config", "--get", key])
                .run()?;
            let text = String::from_utf8_lossy(&output.stdout);
            let text: String = text.chars().filter(|one| !one.is_control()).collect();
            let text = text.trim().to_owned();
            Ok(Some(text).filter(|text| output.code == 0 && !text.is_empty()))
        };
        Ok(match (value("user.name")?, value("user.email")?) {
            (Some(name), Some(email)) => Some(Identity { name, email }),
            _ => None,
        })
    }
}

/// Says in AIOS's words why a folder cannot be opened.
fn refuse_bare(program: &Program, dir: &Path) -> Result<(), VcsFailure> {
    let output = program
        .ask(LOOK, dir)
        .args(["rev-parse", "--is-bare-repository", "--is-inside-git-dir"])
        .run()?;
    let path = || dir.to_owned();
    match (output.code, output.stdout.as_slice()) {
        (0, b"false\nfalse\n") => Ok(()),
        (0, b"false\ntrue\n") => Err(VcsFailure::NotARepository { path: path() }),
        (0, _) => Err(VcsFailure::Bare { path: path() }),
        _ if output.complains("not a git repository") => {
            Err(damaged(dir).unwrap_or_else(|| VcsFailure::NotARepository { path: path() }))
        }
        _ if output.complains("cannot use bare repository") => {
            Err(VcsFailure::Bare { path: path() })
        }
        _ => Err(output.failure()),
    }
}

/// A `.git` that git does not take for one is broken, and `git init` would be the wrong advice.
fn damaged(dir: &Path) -> Option<VcsFailure> {
    let mut places = dir.ancestors().map(|folder| folder.join(".git"));
    let found = places.find(|place| place.symlink_metadata().is_ok())?;
    Some(VcsFailure::Other {
        during: LOOK,
        message: format!(
            "{} is damaged, or leads nowhere; restore its HEAD, or clone again",
            found.display()
        ),
    })
}

/// The user's list of ignored files; `/dev/null` if there is none.
fn excludes(program: &Program, dir: &Path) -> Result<OsString, VcsFailure> {
    let output = program
        .ask("read the user's ignore list", dir)
        .args(["config", "--type=path", "--get", "core.excludesFile"])
        .run()?;
    let named = output.stdout.strip_suffix(b"\n").unwrap_or_default();
    Ok(if output.code == 0 && !named.is_empty() {
        OsStr::from_bytes(named).to_owned()
    } else {
        program
            .usual_excludes()
            .map_or_else(|| "/dev/null".into(), PathBuf::into_os_string)
    })
}

/// The repository's values of [`settings::KEPT`].
fn kept(program: &Program, dir: &Path) -> Result<Vec<(&'static str, String)>, VcsFailure> {
    let list = program
        .call("read the repository's configuration", dir)
        // The owner was checked when the folder was opened, by the user's own rules.
        .config("safe.directory", "*")
        .args(["config", "--list", "-z"])
        .output()?;
    let lines = list.split(|byte| *byte == 0);
    Ok(lines
        .filter_map(|line| std::str::from_utf8(line).ok()?.split_once('\n'))
        .filter_map(|(key, value)| {
            let key = settings::KEPT.into_iter().find(|kept| *kept == key)?;
            Some((key, value.to_owned()))
        })
        .collect())
}

/// Reads `git status --porcelain=v1 -z --no-renames`: the first dirty files and the number of untracked ones.
fn read_status(status: &[u8]) -> (Vec<String>, u32) {
    let mut dirty = Vec::new();
    let mut untracked = 0;
    for line in status.split(|byte| *byte == 0) {
        match (line.get(..2), line.get(3..)) {
            (Some(b"??"), _) => untracked += 1,
            (Some(_), Some(path)) if dirty.len() < NAMED_FILES => dirty.push(shown_path(path)),
            _ => {}
        }
    }
    (dirty, untracked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_lines_are_told_apart() {
        let status = b" M a.txt\0?? new/\0UU both ways\0?? -rf\0D  bad\xff\0";
        let dirty = ["a.txt", "both ways", "bad\\xff"].map(str::to_owned);
        assert_eq!(read_status(status), (dirty.to_vec(), 2));
        assert_eq!(read_status(b""), (Vec::new(), 0));
    }
}
