//! Worktrees: added, listed, removed. A worktree's own `.git` file is never believed, because agents may reach it: everything is
//! looked up from the repository's side.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::GitRepo;
use super::command::broken;
use super::room::Place;
use super::snapshot::{publish_index, remove};
use crate::base::id::Oid;
use crate::engine::ports::vcs::{RefUpdate, Removal, VcsFailure, Worktree, shown_path};

const ADD: &str = "add a worktree";
const REMOVE: &str = "remove a worktree";
/// How often git is asked again while another git, such as one that a killed program left behind, makes an entry; and the pause between.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(50);

impl GitRepo {
    /// Finds the git folder of a worktree.
    pub(super) fn place(&self, worktree: &Path) -> Result<Place, VcsFailure> {
        let missing = || VcsFailure::NotFound {
            what: format!("worktree {}", worktree.display()),
        };
        // A link in a worktree's place would lead the writing calls to wherever it points.
        if worktree.is_symlink() {
            return Err(missing());
        }
        let path = worktree.canonicalize().map_err(|_| missing())?;
        if path == self.here.path {
            return Ok(self.here.clone());
        }
        let folders = fs::read_dir(self.common_dir.join("worktrees")).map_err(|_| missing())?;
        let mut places = folders.flatten().map(|folder| folder.path());
        let admin = places
            .find(|admin| linked_path(admin).is_some_and(|linked| same(&linked, &path)))
            .ok_or_else(missing)?;
        Ok(Place { path, admin })
    }

    pub(super) fn worktrees(&self) -> Result<Vec<Worktree>, VcsFailure> {
        let list = self.over_entries(|| {
            self.shared("list the worktrees")
                .args(["worktree", "list", "--porcelain", "-z"])
                .output()
        })?;
        let mut worktrees = read_list(&list);
        if let (Some(main), true) = (worktrees.first_mut(), self.here.admin == self.common_dir) {
            // git guesses this path from the git folder's, which is wrong for a submodule.
            main.path.clone_from(&self.here.path);
        }
        Ok(worktrees)
    }

    pub(super) fn add_worktree(
        &self,
        path: &Path,
        branch: &str,
        start: &Oid,
    ) -> Result<(), VcsFailure> {
        let short = branch
            .strip_prefix("refs/heads/")
            .ok_or_else(|| VcsFailure::NotFound {
                what: format!("branch {branch}"),
            })?;
        let path = settled(path)?;
        let _held = self.locks.hold(&path);
        let known = self.worktrees()?.into_iter().find(|one| one.path == path);
        let is_registered = match known {
            Some(known) if known.is_stale || is_half_made(&known) => {
                self.forget(&path)?;
                false
            }
            Some(known) if known.branch.as_deref() != Some(branch) => {
                return Err(VcsFailure::Other {
                    during: ADD,
                    message: format!("{} is a worktree of another branch", path.display()),
                });
            }
            Some(_) => true,
            None => false,
        };
        // git's index is written last, so a worktree that has one is finished and may hold work.
        if is_registered && self.place(&path)?.admin.join("index").exists() {
            return Ok(());
        }
        self.start_branch(branch, start)?;
        if !is_registered {
            self.over_entries(|| {
                self.shared(ADD)
                    .args([
                        "worktree",
                        "add",
                        "--quiet",
                        "--no-checkout",
                        "--end-of-options",
                    ])
                    .args([path.as_os_str(), OsStr::new(short)])
                    .output()
            })?;
        }
        let place = self.place(&path)?;
        remove(&place.index().with_extension("lock"))?;
        remove(&place.index())?;
        self.fill(&place, start)?;
        publish_index(&place)
    }

    /// Creates a branch, or finds it where it was to be created.
    fn start_branch(&self, branch: &str, start: &Oid) -> Result<(), VcsFailure> {
        match self.reference(branch)? {
            Some(found) if found == *start => Ok(()),
            found @ Some(_) => Err(VcsFailure::Moved {
                reference: branch.to_owned(),
                expected: Some(start.clone()),
                found,
            }),
            None => self.move_ref(&RefUpdate {
                name: branch,
                new: start,
                expected: None,
                reason: "aios: start",
            }),
        }
    }

    pub(super) fn remove_worktree(&self, path: &Path, removal: Removal) -> Result<(), VcsFailure> {
        let path = settled(path)?;
        let Some(known) = self.worktrees()?.into_iter().find(|one| one.path == path) else {
            return if path.exists() {
                Err(VcsFailure::NotFound {
                    what: format!("worktree {}", path.display()),
                })
            } else {
                Ok(())
            };
        };
        if !known.is_stale {
            self.own_worktree(&path)?;
            if removal == Removal::OnlyIfClean {
                self.refuse_changes(&path, known.head.as_ref())?;
            }
        }
        let _held = self.locks.hold(&path);
        self.forget(&path)
    }

    fn refuse_changes(&self, path: &Path, head: Option<&Oid>) -> Result<(), VcsFailure> {
        let Some(head) = head else {
            return Ok(());
        };
        let now = self.take_snapshot(path)?;
        let changed = self.paths_between(head, &now)?;
        if changed.is_empty() {
            return Ok(());
        }
        Err(VcsFailure::DirtyCheckout {
            path: path.to_owned(),
            files: changed
                .iter()
                .take(20)
                .map(|path| shown_path(path))
                .collect(),
        })
    }

    /// Removes a registered worktree with its files. With force given twice git neither looks into the files nor at locks.
    fn forget(&self, path: &Path) -> Result<(), VcsFailure> {
        self.over_entries(|| {
            self.shared(REMOVE)
                .args([
                    "worktree",
                    "remove",
                    "--force",
                    "--force",
                    "--end-of-options",
                ])
                .arg(path)
                .long()
                .output()
        })
        .map(|_| ())
    }

    /// Runs a command that reads the entries of all worktrees. It cannot read one that is just being made, so these commands go one after
    /// the other; an entry that stays unreadable was given up in the making and is mended.
    fn over_entries(
        &self,
        run: impl Fn() -> Result<Vec<u8>, VcsFailure>,
    ) -> Result<Vec<u8>, VcsFailure> {
        let entries = self.common_dir.join("worktrees");
        let _held = self.locks.hold(&entries);
        for _ in 0..TRIES {
            match run() {
                Err(VcsFailure::Other { message, .. }) if message.contains("commondir") => {
                    std::thread::sleep(PAUSE);
                }
                other => return other,
            }
        }
        mend(&entries).map_err(|error| broken("mend an entry of a worktree", &error))?;
        run()
    }

    pub(super) fn prune_worktrees(&self, under: &Path) -> Result<u32, VcsFailure> {
        let under = settled(under)?;
        let mut pruned = 0;
        for worktree in self.worktrees()? {
            if worktree.is_stale && worktree.path.starts_with(&under) {
                self.forget(&worktree.path)?;
                pruned += 1;
            }
        }
        Ok(pruned)
    }
}

/// Writes into entries what git was about to write when it was killed; then they can be read, and are seen to be half made.
fn mend(entries: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(entries)? {
        let file = entry?.path().join("commondir");
        if file.metadata().is_ok_and(|found| found.len() == 0) {
            fs::write(file, "../..\n")?;
        }
    }
    Ok(())
}

/// git writes an all-zero HEAD before it knows better; a run that was killed leaves it.
fn is_half_made(worktree: &Worktree) -> bool {
    worktree.branch.is_none() && worktree.head.is_none()
}

/// The folder that a git folder of a worktree belongs to.
fn linked_path(admin: &Path) -> Option<PathBuf> {
    let text = fs::read(admin.join("gitdir")).ok()?;
    let dot_git = admin.join(OsStr::from_bytes(text.trim_ascii_end()));
    dot_git.parent().map(Path::to_owned)
}

fn same(one: &Path, canonical: &Path) -> bool {
    one == canonical || one.canonicalize().is_ok_and(|one| one == canonical)
}

/// The path as git writes it down: absolute, without links in what exists of it.
fn settled(path: &Path) -> Result<PathBuf, VcsFailure> {
    let mut missing = Vec::new();
    let mut known = path;
    loop {
        if let Ok(real) = known.canonicalize() {
            return Ok(missing
                .iter()
                .rev()
                .fold(real, |path, name| path.join(name)));
        }
        match (known.parent(), known.file_name()) {
            (Some(parent), Some(name)) if path.is_absolute() => {
                missing.push(name.to_owned());
                known = parent;
            }
            _ => {
                let error =
                    std::io::Error::other(format!("not an absolute path: {}", path.display()));
                return Err(broken("find a worktree", &error));
            }
        }
    }
}

/// Reads `git worktree list --porcelain -z`.
fn read_list(list: &[u8]) -> Vec<Worktree> {
    let mut worktrees: Vec<Worktree> = Vec::new();
    for line in list.split(|byte| *byte == 0) {
        if let Some(path) = line.strip_prefix(b"worktree ") {
            worktrees.push(Worktree {
                path: PathBuf::from(OsStr::from_bytes(path)),
                head: None,
                branch: None,
                is_stale: false,
            });
        }
        let Some(worktree) = worktrees.last_mut() else {
            continue;
        };
        let text = std::str::from_utf8(line).unwrap_or_default();
        if let Some(oid) = text.strip_prefix("HEAD ") {
            worktree.head = oid
                .parse()
                .ok()
                .filter(|_| oid.bytes().any(|digit| digit != b'0'));
        } else if let Some(branch) = text.strip_prefix("branch ") {
            worktree.branch = Some(branch.to_owned());
        } else if text == "prunable" || text.starts_with("prunable ") {
            worktree.is_stale = true;
        }
    }
    for worktree in &mut worktrees {
        // git does not call a locked entry prunable, which is what a killed run leaves.
        worktree.is_stale |= !worktree.path.exists();
    }
    worktrees
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        let oid = "a".repeat(40);
        let zero = "0".repeat(40);
        let list = format!(
            "worktree /\0HEAD {oid}\0branch refs/heads/main\0\0worktree /no where\0HEAD {oid}\0detached\0prunable gone\0\0\
             worktree /usr\0HEAD {zero}\0detached\0locked initializing\0\0"
        );
        let worktrees = read_list(list.as_bytes());
        let seen: Vec<_> = worktrees
            .iter()
            .map(|one| {
                (
                    one.path.as_path(),
                    one.branch.as_deref(),
                    one.is_stale,
                    is_half_made(one),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                (Path::new("/"), Some("refs/heads/main"), false, false),
                (Path::new("/no where"), None, true, false),
                (Path::new("/usr"), None, false, true),
            ]
        );
    }

    #[test]
    fn paths_are_settled_as_far_as_they_exist() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        fs::create_dir(real.join("real")).unwrap();
        std::os::unix::fs::symlink("real", real.join("link")).unwrap();
        assert_eq!(settled(&real.join("link/a/b")), Ok(real.join("real/a/b")));
        assert!(settled(Path::new("relative/nowhere")).is_err());
    }
}
