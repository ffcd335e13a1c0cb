//! The tree of a worktree as it is on disk, and the way back.
//!
//! AIOS keeps an index of its own beside git's (`aios-index` in the worktree's git folder). It holds every file that counts, with
//! what the disk said about it last, so that an unchanged worktree costs one walk and no reading. Flags that hide files from git
//! (`skip-worktree`, `assume-unchanged`) live in git's index and have no effect here.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::GitRepo;
use super::command::broken;
use super::objects::oid;
use super::room::Place;
use crate::base::id::Oid;
use crate::engine::ports::vcs::{RefUpdate, VcsFailure, shown_path};

const TAKE: &str = "take a snapshot of the files";
/// What a tool was writing when the program was killed. It is nobody's work, and must not be committed as such.
const DRAFTS: &str = ".aios-write-????????????????";

impl GitRepo {
    pub(super) fn take_snapshot(&self, worktree: &Path) -> Result<Oid, VcsFailure> {
        let place = self.place(worktree)?;
        let _held = self.locks.hold(&place.admin);
        self.snapshot_held(&place)
    }

    /// A snapshot by the holder of the worktree. The index is derived: if it is damaged, or names what a clean-up has removed from
    /// the repository, it is made again once.
    fn snapshot_held(&self, place: &Place) -> Result<Oid, VcsFailure> {
        match self.snapshot_once(place) {
            Err(VcsFailure::Other { .. }) => {
                remove(&place.index())?;
                self.snapshot_once(place)
            }
            other => other,
        }
    }

    fn snapshot_once(&self, place: &Place) -> Result<Oid, VcsFailure> {
        self.prepare_index(place)?;
        let list = self
            .own_at(TAKE, place)?
            .args([
                "ls-files",
                "-z",
                "--modified",
                "--others",
                "--exclude-standard",
                "--exclude",
                DRAFTS,
            ])
            .long()
            .output()?;
        let changes = Changes::sort(&place.path, &list);
        for (way, paths) in [("--force-remove", changes.gone), ("--add", changes.there)] {
            if paths.is_empty() {
                continue;
            }
            self.own_at(TAKE, place)?
                .args([
                    "update-index",
                    "--remove",
                    "--replace",
                    way,
                    "-z",
                    "--stdin",
                ])
                .stdin(paths)
                .long()
                .output()?;
        }
        oid(TAKE, &self.own_at(TAKE, place)?.arg("write-tree").line()?)
    }

    /// Sees to it that AIOS's index is there and free. Only the holder of the worktree writes it, so a lock is a dead run's.
    pub(super) fn prepare_index(&self, place: &Place) -> Result<(), VcsFailure> {
        let index = place.index();
        remove(&index.with_extension("lock"))?;
        if index.exists() {
            return Ok(());
        }
        let start = self.head_of(place)?;
        let start = start.as_ref().map_or(self.format.empty_tree(), Oid::as_str);
        self.own_at(TAKE, place)?
            .args(["read-tree", start])
            .long()
            .output()?;
        // Exit code 1 says that some files differ, which is the point of asking.
        self.own_at(TAKE, place)?
            .args(["update-index", "-q", "--refresh"])
            .long()
            .run()?;
        Ok(())
    }

    pub(super) fn set_head(
        &self,
        worktree: &Path,
        commit: &Oid,
        expected: &Oid,
    ) -> Result<(), VcsFailure> {
        let place = self.own_worktree(worktree)?;
        let _held = self.locks.hold(&place.admin);
        let branch = self
            .branch_of(&place)?
            .ok_or_else(|| VcsFailure::NotFound {
                what: format!("branch of worktree {}", place.path.display()),
            })?;
        self.prepare_index(&place)?;
        // The second half of an earlier call may be all that is missing.
        if self.reference(&branch)?.as_ref() != Some(commit) {
            self.move_ref(&RefUpdate {
                name: &branch,
                new: commit,
                expected: Some(expected),
                reason: "aios: commit",
            })?;
        }
        self.own_at("write the worktree's index", &place)?
            .args(["read-tree", "-m", commit.as_str()])
            .long()
            .output()?;
        publish_index(&place)
    }

    pub(super) fn reset_files(&self, worktree: &Path, tree: &Oid) -> Result<(), VcsFailure> {
        let place = self.own_worktree(worktree)?;
        let _held = self.locks.hold(&place.admin);
        // Untracked files are known to the index after a snapshot, and so they leave with the rest.
        self.snapshot_held(&place)?;
        self.fill(&place, tree)
    }

    /// Makes the files that AIOS's index knows equal to a tree.
    pub(super) fn fill(&self, place: &Place, tree: &Oid) -> Result<(), VcsFailure> {
        self.own_at("write the files of a worktree", place)?
            .args(["read-tree", "--reset", "-u", tree.as_str()])
            .long()
            .output()
            .map(|_| ())
    }
}

/// Gives git's index of the worktree the content of AIOS's, in one step.
pub(super) fn publish_index(place: &Place) -> Result<(), VcsFailure> {
    let passing = place.admin.join("aios-index.new");
    let publish = || {
        fs::copy(place.index(), &passing)?;
        // git trusts entries that are older than the index; a copy must not look younger than what it says.
        let written = fs::metadata(place.index())?.modified()?;
        fs::File::options()
            .write(true)
            .open(&passing)?
            .set_modified(written)?;
        fs::rename(&passing, place.admin.join("index"))
    };
    publish().map_err(|error| broken("write the worktree's index", &error))
}

/// Removes a file that may be missing.
pub(super) fn remove(file: &Path) -> Result<(), VcsFailure> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(broken("remove a file of AIOS's own", &error))
        }
        _ => Ok(()),
    }
}

/// Paths that differ from the index, as input for `update-index -z --stdin`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    gone: Vec<u8>,
    there: Vec<u8>,
}

impl Changes {
    /// Sorts what `ls-files -z` lists by what is on disk.
    fn sort(root: &Path, list: &[u8]) -> Self {
        let mut paths = BTreeSet::new();
        for path in list
            .split(|byte| *byte == 0)
            .filter(|path| !path.is_empty())
        {
            match path.strip_suffix(b"/") {
                Some(folder) => paths.extend(nested_files(root, folder)),
                None => {
                    paths.insert(path.to_vec());
                }
            }
        }
        let mut changes = Self::default();
        for path in paths {
            let side = if is_kept(root, &path) {
                &mut changes.there
            } else {
                &mut changes.gone
            };
            side.extend_from_slice(&path);
            side.push(0);
        }
        changes
    }
}

/// Whether a tree can hold what is at `path`: a file or a link, not reached through a link. Pipes, sockets and devices do not count.
fn is_kept(root: &Path, path: &[u8]) -> bool {
    let relative = Path::new(OsStr::from_bytes(path));
    let is_behind_link = relative
        .ancestors()
        .skip(1)
        .filter(|folder| !folder.as_os_str().is_empty())
        .any(|folder| root.join(folder).is_symlink());
    let kind = fs::symlink_metadata(root.join(relative)).map(|facts| facts.file_type());
    !is_behind_link && kind.is_ok_and(|kind| kind.is_file() || kind.is_symlink() || kind.is_dir())
}

/// The files of a repository inside the worktree, which git would take as one opaque entry: its contents would escape every review.
/// Its own `.git` is left out, its ignore lists count.
fn nested_files(root: &Path, folder: &[u8]) -> Vec<Vec<u8>> {
    ignore::WalkBuilder::new(root.join(OsStr::from_bytes(folder)))
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .follow_links(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| !kind.is_dir()))
        .filter_map(|entry| relative_to(root, entry.path()))
        .collect()
}

fn relative_to(root: &Path, path: &Path) -> Option<Vec<u8>> {
    let relative = path.strip_prefix(root).ok()?;
    Some(relative.as_os_str().as_bytes().to_vec())
}

impl GitRepo {
    /// Refuses everything but AIOS's own worktrees: a person's checkout is not AIOS's to change.
    pub(super) fn own_worktree(&self, worktree: &Path) -> Result<Place, VcsFailure> {
        let place = self.place(worktree)?;
        if place.admin == self.common_dir || place.path == self.here.path {
            return Err(VcsFailure::Other {
                during: "change a worktree",
                message: format!(
                    "{} is a person's checkout",
                    shown_path(place.path.as_os_str().as_bytes())
                ),
            });
        }
        Ok(place)
    }
}
