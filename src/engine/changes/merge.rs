//! Merging a task into the sprint's branch: one at a time, always a merge commit, by compare-and-swap, never a rebase.

use crate::base::id::Oid;
use crate::domain::journal::{EffectKey, Report, Sides, TaskFacts};
use crate::engine::changes::{ChangeFailure, Changes, message};
use crate::engine::ports::vcs::{
    InConflict, LandOutcome, MergeOutcome, NewCommit, VcsFailure, shown_path,
};

/// How far a merge has come.
pub enum Merging {
    /// There is nothing more to do.
    Over(Report),
    /// It merges; the tree is to be checked and then committed.
    Clean(Oid),
}

impl Changes {
    /// Merges in memory. A conflict is told as a whole where a person is asked about it; its author gets it in their worktree.
    ///
    /// # Errors
    /// Version control fails, or the sprint's branch is not where the world says.
    pub fn try_merge(
        &self,
        task: &TaskFacts,
        (into, onto): (&str, &Oid),
        key: EffectKey,
        is_asked: bool,
    ) -> Result<Merging, ChangeFailure> {
        let head = task
            .head
            .clone()
            .or_else(|| task.base.clone())
            .ok_or(ChangeFailure::NoBase(task.id))?;
        if let Some(commit) = self.done_before(into, onto, &key.to_string())? {
            return Ok(Merging::Over(Report::Merged {
                onto: onto.clone(),
                commit,
            }));
        }
        if self.vcs.is_ancestor(&head, onto)? {
            return Ok(Merging::Over(Report::Merged {
                onto: onto.clone(),
                commit: onto.clone(),
            }));
        }
        Ok(match self.vcs.merge_trees(None, onto, &head)? {
            MergeOutcome::Clean { tree } => Merging::Clean(tree),
            MergeOutcome::Conflict { files, .. } => Merging::Over(Report::Conflicted(Sides {
                onto: onto.clone(),
                paths: shown(&files),
                clash: is_asked
                    .then(|| self.clash(onto, &head, &files))
                    .transpose()?,
            })),
        })
    }

    /// Commits a merge that was tried, and moves the sprint's branch.
    ///
    /// # Errors
    /// The branch has moved, or the commit cannot be made.
    pub fn finish_merge(
        &self,
        task: &TaskFacts,
        into: &str,
        onto: &Oid,
        tree: &Oid,
        key: EffectKey,
    ) -> Result<Report, ChangeFailure> {
        let head = task
            .head
            .clone()
            .or_else(|| task.base.clone())
            .ok_or(ChangeFailure::NoBase(task.id))?;
        let author = message::author("AIOS");
        let committer = self.vcs.identity()?;
        let message = message::of_merge(task, key);
        let parents = [onto.clone(), head];
        let commit = NewCommit {
            tree,
            parents: &parents,
            message: &message,
            author: &author,
            committer: committer.as_ref(),
            at: self.clock.now(),
        };
        let commit = self.vcs.commit_tree(&commit)?;
        // A person may have the sprint's branch checked out: landing moves their files with it, or nothing.
        match self.vcs.land(into, &commit, onto)? {
            LandOutcome::Moved | LandOutcome::FastForwarded { .. } => {}
            LandOutcome::Blocked { path, files } => {
                return Err(VcsFailure::DirtyCheckout { path, files }.into());
            }
            LandOutcome::Diverged { found, .. } => {
                // A run of this effect that was given up may have come first.
                if let Some(commit) = self.done_before(into, onto, &key.to_string())? {
                    return Ok(Report::Merged {
                        onto: onto.clone(),
                        commit,
                    });
                }
                let (reference, expected) = (into.to_owned(), Some(onto.clone()));
                return Err(VcsFailure::Moved {
                    reference,
                    expected,
                    found,
                }
                .into());
            }
        }
        Ok(Report::Merged {
            onto: onto.clone(),
            commit,
        })
    }

    /// Lays a tree into a task's worktree, so that checks can run on it.
    ///
    /// # Errors
    /// The worktree cannot be changed.
    pub fn lay(&self, task: &TaskFacts, tree: &Oid) -> Result<(), ChangeFailure> {
        Ok(self.vcs.reset_worktree(&self.worktree(task.id), tree)?)
    }

    /// Makes a task's worktree hold again what its branch does.
    ///
    /// # Errors
    /// The worktree cannot be changed.
    pub fn restore(&self, task: &TaskFacts) -> Result<Report, ChangeFailure> {
        let head = task.head.as_ref().or(task.base.as_ref());
        self.lay(task, head.ok_or(ChangeFailure::NoBase(task.id))?)?;
        Ok(Report::Cleared)
    }

    /// Brings the sprint's branch into a task's worktree, with marks where they conflict.
    ///
    /// # Errors
    /// The worktree cannot be changed.
    pub fn bring(&self, task: &TaskFacts, onto: &Oid) -> Result<Report, ChangeFailure> {
        let head = task
            .head
            .clone()
            .or_else(|| task.base.clone())
            .ok_or(ChangeFailure::NoBase(task.id))?;
        let (tree, files) = match self.vcs.merge_trees(None, onto, &head)? {
            MergeOutcome::Clean { tree } => (tree, Vec::new()),
            MergeOutcome::Conflict { tree, files, .. } => (tree, files),
        };
        self.lay(task, &tree)?;
        Ok(Report::Brought(Sides {
            onto: onto.clone(),
            paths: shown(&files),
            clash: None,
        }))
    }
}

fn shown(files: &[InConflict]) -> Vec<String> {
    files.iter().map(|file| shown_path(&file.path)).collect()
}
