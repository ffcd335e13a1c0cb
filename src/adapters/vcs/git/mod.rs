//! Version control by the user's own `git` program (2.38 or newer), through one hardened wrapper.
//!
//! [`command`] runs it, [`settings`] lists what every run is told, [`room`] says which run may see which configuration; the other
//! files are the port's capabilities by noun. Nothing here talks to a remote: there is no fetch and no push.

mod command;
mod commit;
mod discover;
mod land;
mod locks;
mod merge;
mod objects;
mod program;
mod refs;
mod room;
mod settings;
mod snapshot;
mod tree;
mod workspace;
mod worktree;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub use program::Surroundings;

use crate::base::id::Oid;
use crate::engine::ports::vcs::{
    Content, Identity, LandOutcome, LogEntry, MergeOutcome, NewCommit, RefUpdate, Removal,
    RepoFacts, TreeChange, TreeEdit, TreeEntry, Vcs, VcsFailure, WorkspaceId, Worktree,
};

/// A repository, opened in one of its checkouts.
#[derive(Debug)]
pub struct GitRepo {
    program: program::Program,
    /// The checkout's top folder and its git folder.
    here: room::Place,
    /// The git folder that all worktrees share.
    common_dir: PathBuf,
    format: room::ObjectFormat,
    /// The user's list of ignored files, or `/dev/null`.
    excludes: OsString,
    /// Settings of the repository that the own room takes over.
    kept: Vec<(&'static str, String)>,
    /// AIOS's own git folder, once it is known to be there.
    room: OnceLock<PathBuf>,
    locks: locks::Locks,
}

impl Vcs for GitRepo {
    fn facts(&self) -> Result<RepoFacts, VcsFailure> {
        self.look()
    }

    fn workspace_id(&self) -> Result<WorkspaceId, VcsFailure> {
        workspace::id(&self.common_dir)
    }

    fn identity(&self) -> Result<Option<Identity>, VcsFailure> {
        self.user()
    }

    fn read_ref(&self, name: &str) -> Result<Option<Oid>, VcsFailure> {
        self.reference(name)
    }

    fn list_refs(&self, prefix: &str) -> Result<Vec<(String, Oid)>, VcsFailure> {
        self.references(prefix)
    }

    fn update_ref(&self, change: &RefUpdate<'_>) -> Result<(), VcsFailure> {
        self.move_ref(change)
    }

    fn delete_ref(&self, name: &str, expected: &Oid) -> Result<(), VcsFailure> {
        self.drop_ref(name, expected)
    }

    fn worktree_add(&self, path: &Path, branch: &str, start: &Oid) -> Result<(), VcsFailure> {
        self.add_worktree(path, branch, start)
    }

    fn worktree_remove(&self, path: &Path, removal: Removal) -> Result<(), VcsFailure> {
        self.remove_worktree(path, removal)
    }

    fn worktree_list(&self) -> Result<Vec<Worktree>, VcsFailure> {
        self.worktrees()
    }

    fn worktree_prune(&self, under: &Path) -> Result<u32, VcsFailure> {
        self.prune_worktrees(under)
    }

    fn snapshot(&self, worktree: &Path) -> Result<Oid, VcsFailure> {
        self.take_snapshot(worktree)
    }

    fn set_worktree_head(
        &self,
        worktree: &Path,
        commit: &Oid,
        expected: &Oid,
    ) -> Result<(), VcsFailure> {
        self.set_head(worktree, commit, expected)
    }

    fn reset_worktree(&self, worktree: &Path, tree: &Oid) -> Result<(), VcsFailure> {
        self.reset_files(worktree, tree)
    }

    fn tree_of(&self, commit: &Oid) -> Result<Oid, VcsFailure> {
        self.commit_tree_of(commit)
    }

    fn entry(&self, tree: &Oid, path: &[u8]) -> Result<Option<TreeEntry>, VcsFailure> {
        self.entry_at(tree, path)
    }

    fn tree_changes(&self, before: &Oid, after: &Oid) -> Result<Vec<TreeChange>, VcsFailure> {
        self.changes_between(before, after)
    }

    fn diff_tree_paths(&self, before: &Oid, after: &Oid) -> Result<Vec<Vec<u8>>, VcsFailure> {
        self.paths_between(before, after)
    }

    fn blob(&self, blob: &Oid, limit: u64) -> Result<Vec<u8>, VcsFailure> {
        self.content(blob, limit)
    }

    fn blobs(&self, blobs: &[Oid], limit: u64) -> Result<Vec<Content>, VcsFailure> {
        self.contents(blobs, limit)
    }

    fn write_tree_with(&self, base: &Oid, edits: &[TreeEdit]) -> Result<Oid, VcsFailure> {
        self.edit_tree(base, edits)
    }

    fn commit_tree(&self, commit: &NewCommit<'_>) -> Result<Oid, VcsFailure> {
        self.write_commit(commit)
    }

    fn diff(&self, base: &Oid, head: &Oid, context_lines: u32) -> Result<Vec<u8>, VcsFailure> {
        self.unified_diff(base, head, context_lines)
    }

    fn merge_trees(
        &self,
        base: Option<&Oid>,
        ours: &Oid,
        theirs: &Oid,
    ) -> Result<MergeOutcome, VcsFailure> {
        self.merge(base, ours, theirs)
    }

    fn merge_base(&self, one: &Oid, other: &Oid) -> Result<Option<Oid>, VcsFailure> {
        self.common_ancestor(one, other)
    }

    fn is_ancestor(&self, ancestor: &Oid, descendant: &Oid) -> Result<bool, VcsFailure> {
        self.reaches(ancestor, descendant)
    }

    fn log(&self, tip: &Oid, until: Option<&Oid>, limit: u32) -> Result<Vec<LogEntry>, VcsFailure> {
        self.history(tip, until, limit)
    }

    fn find_commit(
        &self,
        tip: &Oid,
        until: Option<&Oid>,
        line: &str,
    ) -> Result<Option<Oid>, VcsFailure> {
        let entries = self.history(tip, until, 1_000)?;
        let found = entries
            .into_iter()
            .find(|entry| entry.message.lines().any(|one| one == line));
        Ok(found.map(|entry| entry.oid))
    }

    fn land(&self, branch: &str, commit: &Oid, expected: &Oid) -> Result<LandOutcome, VcsFailure> {
        self.land_branch(branch, commit, expected)
    }
}
