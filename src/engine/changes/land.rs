//! Bringing the sprint's branch into the branch that the user had checked out.

use crate::base::id::{Oid, SprintId};
use crate::domain::journal::Report;
use crate::domain::sprint::{Base, Hindrance};
use crate::engine::changes::{ChangeFailure, Changes, message};
use crate::engine::ports::vcs::{LandOutcome, MergeOutcome, NewCommit, shown_path};

impl Changes {
    /// Moves the target branch to `commit`, by a merge commit if it moved meanwhile. A dirty checkout is left alone. A branch that was
    /// rewritten would get back what was taken out of it: that is done only if `known` says that the person was told, of just this state.
    ///
    /// # Errors
    /// Version control fails.
    pub fn land(
        &self,
        sprint: SprintId,
        base: &Base,
        commit: &Oid,
        title: &str,
        known: Option<&str>,
    ) -> Result<Report, ChangeFailure> {
        let Some(target) = &base.target else {
            return Ok(Report::NoTarget);
        };
        let Some(found) = self.vcs.read_ref(target)? else {
            let why = format!(
                "{} is gone: make it again and approve, or take the branch {}",
                short(target),
                short(&base.branch)
            );
            return Ok(Report::LandBlocked(Hindrance::Rewritten, why));
        };
        if self.vcs.is_ancestor(commit, &found)? {
            return Ok(Report::Landed(found));
        }
        if !self.vcs.is_ancestor(&base.commit, &found)? {
            let told = self.rewritten(base, target, &found)?;
            if known != Some(told.as_str()) {
                return Ok(Report::LandBlocked(Hindrance::Rewritten, told));
            }
        }
        let new = if self.vcs.is_ancestor(&found, commit)? {
            commit.clone()
        } else {
            match self.vcs.merge_trees(None, &found, commit)? {
                MergeOutcome::Clean { tree } => {
                    self.landing_commit(sprint, title, &tree, &[found.clone(), commit.clone()])?
                }
                MergeOutcome::Conflict { files, .. } => {
                    let paths: Vec<String> =
                        files.iter().map(|file| shown_path(&file.path)).collect();
                    let branch = short(&base.branch);
                    let why = format!(
                        "{} moved and conflicts with the sprint in {}: merge the branch {branch} by hand, then approve again",
                        short(target),
                        paths.join(", ")
                    );
                    return Ok(Report::LandBlocked(Hindrance::Conflict, why));
                }
            }
        };
        Ok(match self.vcs.land(target, &new, &found)? {
            LandOutcome::Moved | LandOutcome::FastForwarded { .. } => Report::Landed(new),
            LandOutcome::Blocked { path, files } => {
                let why = format!(
                    "{} is checked out in {} with local changes ({}): commit or stash them, then approve again; or take the branch {}",
                    short(target),
                    path.display(),
                    files.join(", "),
                    short(&base.branch)
                );
                Report::LandBlocked(Hindrance::Dirty, why)
            }
            LandOutcome::Diverged { .. } => {
                let why = format!(
                    "{} has just moved: look at it, then approve again",
                    short(target)
                );
                Report::LandBlocked(Hindrance::Other, why)
            }
        })
    }

    /// What a person has to know of a branch that no longer holds the commit that the sprint began on.
    fn rewritten(&self, base: &Base, target: &str, found: &Oid) -> Result<String, ChangeFailure> {
        let met = self.vcs.merge_base(&base.commit, found)?;
        let met = met.map_or_else(
            || "they have no commit in common".to_owned(),
            |met| format!("they meet at {}", met.short()),
        );
        Ok(format!(
            "{} was rewritten to {} and no longer holds {}, which the sprint began on; {met}: approve again to merge all the same, which brings that commit back, or take the branch {}",
            short(target),
            found.short(),
            base.commit.short(),
            short(&base.branch)
        ))
    }

    fn landing_commit(
        &self,
        sprint: SprintId,
        title: &str,
        tree: &Oid,
        parents: &[Oid],
    ) -> Result<Oid, ChangeFailure> {
        let author = message::author("AIOS");
        let committer = self.vcs.identity()?;
        let message = message::of_landing(sprint, title, parents.last().unwrap_or(tree));
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
}

fn short(reference: &str) -> &str {
    reference.trim_start_matches("refs/heads/")
}
