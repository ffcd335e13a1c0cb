//! Version control as the engine sees it: references that move by compare-and-swap, worktrees, trees of files, merges.
//!
//! Contract, for every implementation:
//! - Calls block; the engine makes them on threads that may block. Different worktrees may be worked on at the same time.
//! - Nothing that the repository, its configuration or its files name is ever run, and nothing is fetched.
//! - A person's own checkout, its index included, is changed by [`Vcs::land`] alone, and only when it is clean.
//! - Every call may be repeated after a crash: done work is recognised, half-done work is finished.
//!
//! Paths inside a tree are bytes with `/` between the parts, because git promises no encoding. What agents may touch is not
//! decided here.

mod facts;
mod failure;
mod tree;

use std::path::Path;

pub use facts::{Identity, RepoFacts, WorkspaceId, Worktree};
pub use failure::{ASKING_VERSION, OLDEST_GIT, VcsFailure};
pub use tree::{Content, FileKind, NewContent, TreeChange, TreeEdit, TreeEntry, shown_path};

use crate::base::id::Oid;
use crate::base::time::Timestamp;

/// A repository.
pub trait Vcs: Send + Sync {
    /// Looks at the repository and at the checkout that it was opened in.
    fn facts(&self) -> Result<RepoFacts, VcsFailure>;

    /// The repository's name for AIOS; made up on first use and kept in the common git folder, so that moves and linked worktrees
    /// keep it and clones get their own.
    fn workspace_id(&self) -> Result<WorkspaceId, VcsFailure>;

    /// The user as configured for this repository; none if name or address is missing.
    fn identity(&self) -> Result<Option<Identity>, VcsFailure>;

    /// Where a reference stands, by its full name (`refs/heads/main`); none if it does not exist.
    fn read_ref(&self, name: &str) -> Result<Option<Oid>, VcsFailure>;

    /// All references below a full prefix such as `refs/aios/`, in the order of their names.
    fn list_refs(&self, prefix: &str) -> Result<Vec<(String, Oid)>, VcsFailure>;

    /// Moves a reference if it stands where expected; [`VcsFailure::Moved`] otherwise.
    fn update_ref(&self, change: &RefUpdate<'_>) -> Result<(), VcsFailure>;

    /// Deletes a reference if it stands where expected. One that is gone already is no failure.
    fn delete_ref(&self, name: &str, expected: &Oid) -> Result<(), VcsFailure>;

    /// Makes a worktree at `path` (absolute) on the branch `branch` (full name), which is created at `start` or must already stand
    /// there. A worktree that this call once finished is left as it is.
    fn worktree_add(&self, path: &Path, branch: &str, start: &Oid) -> Result<(), VcsFailure>;

    /// Removes a worktree and its files, not its branch. One that is gone already is no failure.
    fn worktree_remove(&self, path: &Path, removal: Removal) -> Result<(), VcsFailure>;

    /// All worktrees, the main one first.
    fn worktree_list(&self) -> Result<Vec<Worktree>, VcsFailure>;

    /// Forgets the worktrees below `under` whose folders are gone, and says how many they were. Others are not touched.
    fn worktree_prune(&self, under: &Path) -> Result<u32, VcsFailure>;

    /// The tree of a worktree as it is on disk now: tracked files, and untracked ones that are not ignored. A repository inside
    /// the worktree counts as plain files. Fast when nothing has changed.
    fn snapshot(&self, worktree: &Path) -> Result<Oid, VcsFailure>;

    /// Moves the branch of a worktree from `expected` to `commit`, so that git sees the files on disk as changes against `commit`
    /// (as none, if the commit holds the last snapshot). The files are not touched.
    fn set_worktree_head(
        &self,
        worktree: &Path,
        commit: &Oid,
        expected: &Oid,
    ) -> Result<(), VcsFailure>;

    /// Makes the files of a worktree equal to a tree (or to a commit's). Ignored files stay, the branch does not move.
    fn reset_worktree(&self, worktree: &Path, tree: &Oid) -> Result<(), VcsFailure>;

    /// The tree of a commit (a tree is its own).
    fn tree_of(&self, commit: &Oid) -> Result<Oid, VcsFailure>;

    /// The file at `path` in a tree or a commit's tree; none if there is no file.
    fn entry(&self, tree: &Oid, path: &[u8]) -> Result<Option<TreeEntry>, VcsFailure>;

    /// The files that differ between two trees (or commits), in the order of their paths. A move is two changes.
    fn tree_changes(&self, before: &Oid, after: &Oid) -> Result<Vec<TreeChange>, VcsFailure>;

    /// The paths of [`Vcs::tree_changes`] alone.
    fn diff_tree_paths(&self, before: &Oid, after: &Oid) -> Result<Vec<Vec<u8>>, VcsFailure>;

    /// The bytes of one file; [`VcsFailure::TooLarge`] over `limit` bytes.
    fn blob(&self, blob: &Oid, limit: u64) -> Result<Vec<u8>, VcsFailure>;

    /// The bytes of many files at once, in the order asked for, each at most `limit` bytes.
    fn blobs(&self, blobs: &[Oid], limit: u64) -> Result<Vec<Content>, VcsFailure>;

    /// The tree that `base` becomes by some edits.
    fn write_tree_with(&self, base: &Oid, edits: &[TreeEdit]) -> Result<Oid, VcsFailure>;

    /// Writes a commit; no reference moves. The same input gives the same commit.
    fn commit_tree(&self, commit: &NewCommit<'_>) -> Result<Oid, VcsFailure>;

    /// The unified diff between two trees (or commits), with renames, `a/` and `b/` before the paths.
    fn diff(&self, base: &Oid, head: &Oid, context_lines: u32) -> Result<Vec<u8>, VcsFailure>;

    /// Merges two commits in memory. `base` is what they are compared with; none: their best common ancestor.
    fn merge_trees(
        &self,
        base: Option<&Oid>,
        ours: &Oid,
        theirs: &Oid,
    ) -> Result<MergeOutcome, VcsFailure>;

    /// The best common ancestor; none for histories that never met.
    fn merge_base(&self, one: &Oid, other: &Oid) -> Result<Option<Oid>, VcsFailure>;

    /// Whether `ancestor` can be reached from `descendant`. A commit is its own ancestor.
    fn is_ancestor(&self, ancestor: &Oid, descendant: &Oid) -> Result<bool, VcsFailure>;

    /// Commits from `tip` backwards, at most `limit`, without those that can be reached from `until`.
    fn log(&self, tip: &Oid, until: Option<&Oid>, limit: u32) -> Result<Vec<LogEntry>, VcsFailure>;

    /// The newest of the last 1,000 commits (as in [`Vcs::log`]) whose message has exactly this line, such as
    /// `AIOS-Event: s1.t2/merge`.
    fn find_commit(
        &self,
        tip: &Oid,
        until: Option<&Oid>,
        line: &str,
    ) -> Result<Option<Oid>, VcsFailure>;

    /// Moves a branch forward to `commit`, together with the files of a clean checkout of it. Nothing is touched unless the
    /// whole can be done.
    fn land(&self, branch: &str, commit: &Oid, expected: &Oid) -> Result<LandOutcome, VcsFailure>;
}

/// A wanted move of a reference.
#[derive(Clone, Copy, Debug)]
pub struct RefUpdate<'a> {
    /// The full name, such as `refs/aios/s3.t4.a2`.
    pub name: &'a str,
    /// Where it shall stand.
    pub new: &'a Oid,
    /// Where it must stand before; none: it must not exist.
    pub expected: Option<&'a Oid>,
    /// One line for the reference's own log.
    pub reason: &'a str,
}

/// What becomes of work that a removed worktree still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Refuse with [`VcsFailure::DirtyCheckout`] if files differ from the branch.
    OnlyIfClean,
    /// Remove whatever is there.
    WithChanges,
}

/// A commit to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewCommit<'a> {
    /// Its files.
    pub tree: &'a Oid,
    /// Its parents, first the line that it continues.
    pub parents: &'a [Oid],
    /// The whole message, trailers included.
    pub message: &'a str,
    /// Who did the work.
    pub author: &'a Identity,
    /// Who commits; none: the author.
    pub committer: Option<&'a Identity>,
    /// When; whole seconds are kept.
    pub at: Timestamp,
}

/// A commit as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its name.
    pub oid: Oid,
    /// Its parents.
    pub parents: Vec<Oid>,
    /// Who did the work, as written there: text from outside.
    pub author: Identity,
    /// When it was committed.
    pub at: Timestamp,
    /// The whole message: text from outside.
    pub message: String,
}

impl LogEntry {
    /// The `Key: value` lines of the message's last paragraph, in their order.
    pub fn trailers(&self) -> impl Iterator<Item = (&str, &str)> {
        let body = self.message.trim_end();
        let last = body.rsplit("\n\n").next().unwrap_or(body);
        last.lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(key, _)| !key.contains(char::is_whitespace))
    }
}

/// How a merge in memory ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergeOutcome {
    /// Both sides fit together.
    Clean {
        /// The merged files.
        tree: Oid,
    },
    /// They do not.
    Conflict {
        /// The merged files with conflict markers where both sides changed the same lines.
        tree: Oid,
        /// The files in conflict, each once.
        files: Vec<InConflict>,
        /// What is wrong with each, in git's words: a deleted file, for one, leaves no marker.
        notes: Vec<String>,
    },
}

/// A file in conflict, with what there is of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InConflict {
    /// Where, relative to the root.
    pub path: Vec<u8>,
    /// What both come from.
    pub base: Option<(FileKind, Oid)>,
    /// What the first has; none if it deleted the file.
    pub ours: Option<(FileKind, Oid)>,
    /// What the second has.
    pub theirs: Option<(FileKind, Oid)>,
    /// It is about names or kinds of files, not about what is in this one: in git's words.
    pub beyond: Option<String>,
}

/// How a branch was moved, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LandOutcome {
    /// The branch is checked out nowhere and stands at the commit now (or stood there already).
    Moved,
    /// The branch and the files of its checkout moved.
    FastForwarded {
        /// The checkout.
        path: std::path::PathBuf,
    },
    /// A checkout of the branch holds work that is not committed. Nothing moved.
    Blocked {
        /// The checkout.
        path: std::path::PathBuf,
        /// The files in the way, at most 200, in displayable form.
        files: Vec<String>,
    },
    /// The branch is not where it was expected, or does not lead to the commit. Nothing moved.
    Diverged {
        /// Where the branch stands; none if it is gone.
        found: Option<Oid>,
        /// Its best common ancestor with the commit.
        merge_base: Option<Oid>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_come_from_the_last_paragraph() {
        let entry = LogEntry {
            oid: "0".repeat(40).parse().unwrap(),
            parents: Vec::new(),
            author: Identity::default(),
            at: Timestamp(0),
            message: "Note: a title\n\nbody: no\n\nAIOS-Task: s1.t2\nAIOS-Event: s1.t2/merge\n"
                .to_owned(),
        };
        let trailers: Vec<_> = entry.trailers().collect();
        assert_eq!(
            trailers,
            [("AIOS-Task", "s1.t2"), ("AIOS-Event", "s1.t2/merge")]
        );
    }
}
