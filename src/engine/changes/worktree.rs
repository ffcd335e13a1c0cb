//! Opening a sprint, worktrees, and commits of what they hold.

use crate::base::id::{Oid, SprintId};
use crate::domain::journal::{Report, TaskFacts};
use crate::engine::changes::{ChangeFailure, Changes, message};
use crate::engine::ports::vcs::{NewCommit, RefUpdate, Removal, VcsFailure};

/// What a repository looks like when a sprint opens.
pub struct Opened {
    /// The commit that everything starts from.
    pub commit: Oid,
    /// The full name of the branch that is checked out.
    pub target: Option<String>,
    /// Local changes.
    pub dirty: Vec<String>,
}

impl Changes {
    /// Looks at the repository and makes the sprint's branch at `from`, or else at its head.
    ///
    /// # Errors
    /// There is no such commit, or a branch of that name exists that is not this sprint's.
    pub fn open(&self, branch: &str, from: Option<&Oid>) -> Result<Opened, ChangeFailure> {
        let facts = self.vcs.facts()?;
        let start = match from {
            Some(from) => from.clone(),
            None => facts.base()?.clone(),
        };
        match self.vcs.read_ref(branch)? {
            Some(found) if found == start => {}
            Some(_) => return Err(taken("make the sprint's branch", branch).into()),
            None => self.vcs.update_ref(&RefUpdate {
                name: branch,
                new: &start,
                expected: None,
                reason: "aios: sprint opened",
            })?,
        }
        let target = facts.branch.map(|name| {
            if name.starts_with("refs/") {
                name
            } else {
                format!("refs/heads/{name}")
            }
        });
        Ok(Opened {
            commit: start,
            target,
            dirty: facts.dirty,
        })
    }

    /// Checks the base out for reading and for the baseline.
    ///
    /// # Errors
    /// The worktree cannot be made.
    pub fn prepare_base(&self, sprint: SprintId, base: &Oid) -> Result<(), ChangeFailure> {
        let branch = base_branch(sprint);
        self.vcs
            .worktree_add(&self.base_worktree(sprint), &branch, base)?;
        Ok(())
    }

    /// Removes what [`prepare_base`](Self::prepare_base) made.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn clear_base(&self, sprint: SprintId, base: &Oid) -> Result<(), ChangeFailure> {
        self.vcs
            .worktree_remove(&self.base_worktree(sprint), Removal::WithChanges)?;
        self.vcs.delete_ref(&base_branch(sprint), base)?;
        Ok(())
    }

    /// Makes a task's worktree on its own branch.
    ///
    /// # Errors
    /// The worktree cannot be made.
    pub fn prepare(&self, task: &TaskFacts, start: &Oid) -> Result<Report, ChangeFailure> {
        let start = match self.vcs.read_ref(&task.branch)? {
            // Made by a call before a crash: it keeps its start, which the sprint's branch may have left behind since.
            Some(found) if self.vcs.is_ancestor(&found, start)? => found,
            Some(_) => return Err(taken("make the task's branch", &task.branch).into()),
            None => start.clone(),
        };
        self.vcs
            .worktree_add(&self.worktree(task.id), &task.branch, &start)?;
        Ok(Report::Worktree { base: start })
    }

    /// Removes the worktree of a merged task, and what a test left; its branch stays.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn clear(&self, task: &TaskFacts) -> Result<Report, ChangeFailure> {
        self.clear_trials(task)?;
        self.vcs
            .worktree_remove(&self.worktree(task.id), Removal::WithChanges)?;
        Ok(Report::Cleared)
    }

    /// Commits what a task's worktree holds, if it differs from the head of its branch.
    ///
    /// # Errors
    /// The commit cannot be made.
    pub fn commit(&self, task: &TaskFacts) -> Result<Report, ChangeFailure> {
        let base = task.base.clone().ok_or(ChangeFailure::NoBase(task.id))?;
        let parent = task.head.clone().unwrap_or_else(|| base.clone());
        let worktree = self.worktree(task.id);
        let event = format!("{}/commit:{}", task.id, task.visit);
        let commit = if let Some(commit) = self.done_before(&task.branch, &parent, &event)? {
            commit
        } else {
            let tree = self.vcs.snapshot(&worktree)?;
            if task.merging.is_none() && tree == self.vcs.tree_of(&parent)? {
                parent.clone()
            } else {
                let parents: Vec<Oid> = std::iter::once(parent.clone())
                    .chain(task.merging.clone())
                    .collect();
                self.commit_on(task, &tree, &parents, &event)?
            }
        };
        let commit = if commit == parent {
            commit
        } else {
            self.take_head(task, &commit, &parent, &event)?
        };
        let base = task.merging.clone().unwrap_or(base);
        let kept = self.keep_diff(&base, &commit)?;
        Ok(Report::Committed {
            commit,
            base,
            diff: kept.diff,
            files: kept.files,
            merged: task.merging.clone(),
        })
    }

    /// Makes a commit in the name of the task's author.
    pub(super) fn commit_on(
        &self,
        task: &TaskFacts,
        tree: &Oid,
        parents: &[Oid],
        event: &str,
    ) -> Result<Oid, ChangeFailure> {
        let author = message::author(&task.author);
        let committer = self.vcs.identity()?;
        let message = message::of_task(task, event);
        let commit = NewCommit {
            tree,
            parents,
            message: &message,
            author: &author,
            committer: committer.as_ref(),
            at: self.clock.now(),
        };
        Ok(self.vcs.commit_tree(&commit)?)
    }

    /// Moves a task's branch to a commit; gives the one that it stands at. A run of the same effect that was given up may have come first.
    pub(super) fn take_head(
        &self,
        task: &TaskFacts,
        commit: &Oid,
        parent: &Oid,
        event: &str,
    ) -> Result<Oid, ChangeFailure> {
        let worktree = self.worktree(task.id);
        match self.vcs.set_worktree_head(&worktree, commit, parent) {
            Ok(()) => Ok(commit.clone()),
            Err(moved @ VcsFailure::Moved { .. }) => self
                .done_before(&task.branch, parent, event)?
                .ok_or_else(|| moved.into()),
            Err(failure) => Err(failure.into()),
        }
    }

    /// The commit that an earlier call made before it could report.
    pub(super) fn done_before(
        &self,
        branch: &str,
        parent: &Oid,
        event: &str,
    ) -> Result<Option<Oid>, ChangeFailure> {
        match self.vcs.read_ref(branch)? {
            Some(tip) if tip != *parent => {
                Ok(self
                    .vcs
                    .find_commit(&tip, Some(parent), &format!("AIOS-Event: {event}"))?)
            }
            Some(_) | None => Ok(None),
        }
    }
}

/// A branch of that name is somebody else's.
fn taken(during: &'static str, branch: &str) -> VcsFailure {
    let short = branch.trim_start_matches("refs/heads/");
    let message = format!(
        "the branch {short} exists already: rename it (git branch -m {short} old-{}) or set git.prefix",
        short.replace('/', "-")
    );
    VcsFailure::Other { during, message }
}

fn base_branch(sprint: SprintId) -> String {
    format!("refs/heads/aios/{sprint}.base")
}
