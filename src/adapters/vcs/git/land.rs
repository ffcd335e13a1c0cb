//! Moving a branch that people use. The one place that may change a person's checkout, and only if it holds no uncommitted work:
//! a branch that moves alone would make its checkout look like a revert.

use super::GitRepo;
use super::room::Place;
use crate::base::id::Oid;
use crate::engine::ports::vcs::{LandOutcome, RefUpdate, VcsFailure, Worktree, shown_path};

const LAND: &str = "move the checked-out files forward";

impl GitRepo {
    pub(super) fn land_branch(
        &self,
        branch: &str,
        commit: &Oid,
        expected: &Oid,
    ) -> Result<LandOutcome, VcsFailure> {
        let found = self.reference(branch)?;
        let is_done = found.as_ref() == Some(commit);
        let leads =
            is_done || (found.as_ref() == Some(expected) && self.reaches(expected, commit)?);
        if !leads {
            return self.diverged(found, commit);
        }
        let worktrees = self.worktrees()?;
        let checkout = worktrees
            .iter()
            .enumerate()
            .find(|(_, one)| one.branch.as_deref() == Some(branch) && !one.is_stale);
        let Some((number, checkout)) = checkout else {
            return if is_done {
                Ok(LandOutcome::Moved)
            } else {
                self.land_ref(branch, commit, expected)
            };
        };
        if is_done {
            return Ok(LandOutcome::FastForwarded {
                path: checkout.path.clone(),
            });
        }
        let place = self.place_of(number, checkout)?;
        self.land_checkout(&place, branch, commit, expected)
    }

    /// The main worktree comes first in the list, and its git folder is the common one.
    fn place_of(&self, number: usize, checkout: &Worktree) -> Result<Place, VcsFailure> {
        match number {
            0 => Ok(Place {
                path: checkout.path.clone(),
                admin: self.common_dir.clone(),
            }),
            _ => self.place(&checkout.path),
        }
    }

    fn land_ref(
        &self,
        branch: &str,
        commit: &Oid,
        expected: &Oid,
    ) -> Result<LandOutcome, VcsFailure> {
        let moved = self.move_ref(&RefUpdate {
            name: branch,
            new: commit,
            expected: Some(expected),
            reason: "aios: land, fast-forward",
        });
        match moved {
            Ok(()) => Ok(LandOutcome::Moved),
            Err(VcsFailure::Moved { found, .. }) => self.diverged(found, commit),
            Err(other) => Err(other),
        }
    }

    fn land_checkout(
        &self,
        place: &Place,
        branch: &str,
        commit: &Oid,
        expected: &Oid,
    ) -> Result<LandOutcome, VcsFailure> {
        let path = place.path.clone();
        self.refresh(place)?;
        let files = self.dirty_files(place)?;
        if files.is_empty() {
            let blocked = self.step(place, expected, commit)?;
            if !blocked.is_empty() {
                return Ok(LandOutcome::Blocked {
                    path,
                    files: blocked,
                });
            }
        } else if !self.is_stepped(place, commit)? {
            return Ok(LandOutcome::Blocked { path, files });
        }
        match self.land_ref(branch, commit, expected) {
            Ok(LandOutcome::Moved) => Ok(LandOutcome::FastForwarded { path }),
            lost => {
                // Somebody moved the branch in between: the files go back to where they were.
                self.step(place, commit, expected)?;
                lost
            }
        }
    }

    /// Lets the index learn which files only look changed. The commands below compare times and sizes alone, and a file that was
    /// written anew with what it held before, in another second, would be in their way.
    fn refresh(&self, place: &Place) -> Result<(), VcsFailure> {
        let output = self
            .checkout(LAND, place)?
            .args(["update-index", "-q", "--refresh"])
            .long()
            .run()?;
        // 1 says that some file has really changed.
        match output.code {
            0 | 1 => Ok(()),
            _ => Err(output.failure()),
        }
    }

    /// Moves files and index of a checkout from one commit to another, whole or not at all. Gives the files in the way.
    fn step(&self, place: &Place, from: &Oid, to: &Oid) -> Result<Vec<String>, VcsFailure> {
        let output = self
            .checkout(LAND, place)?
            .args(["read-tree", "-m", "-u", "--no-recurse-submodules"])
            .args([from.as_str(), to.as_str()])
            .long()
            .run()?;
        if output.code == 0 {
            return Ok(Vec::new());
        }
        let in_the_way = files_in_the_way(&output.stderr);
        if in_the_way.is_empty() {
            Err(output.failure())
        } else {
            Ok(in_the_way)
        }
    }

    /// Whether an earlier call moved files and index to `commit` and was killed before it moved the branch.
    fn is_stepped(&self, place: &Place, commit: &Oid) -> Result<bool, VcsFailure> {
        let index = self
            .checkout(LAND, place)?
            .args(["diff-index", "--cached", "--quiet", "--no-ext-diff"])
            .args(["--ignore-submodules=dirty", commit.as_str()])
            .run()?;
        let files = self
            .checkout(LAND, place)?
            .args(["diff-files", "--quiet", "--no-ext-diff"])
            .arg("--ignore-submodules=dirty")
            .run()?;
        Ok(index.code == 0 && files.code == 0)
    }

    fn diverged(&self, found: Option<Oid>, commit: &Oid) -> Result<LandOutcome, VcsFailure> {
        let merge_base = match &found {
            Some(found) => self.common_ancestor(found, commit)?,
            None => None,
        };
        Ok(LandOutcome::Diverged { found, merge_base })
    }
}

/// Reads the names out of `read-tree`'s complaints: `error: Untracked working tree file 'x' would be overwritten by merge.`
fn files_in_the_way(stderr: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(stderr);
    text.lines()
        .filter(|line| line.contains("would be") || line.contains("not uptodate"))
        .filter_map(|line| {
            let (_, rest) = line.split_once('\'')?;
            let (name, _) = rest.rsplit_once('\'')?;
            Some(shown_path(name.as_bytes()))
        })
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_out_of_complaints() {
        let stderr = b"error: Untracked working tree file 'it's new' would be overwritten by merge.\nfatal: other\n\
            error: Entry 'a' not uptodate. Cannot merge.\n";
        assert_eq!(files_in_the_way(stderr), ["it's new", "a"]);
        assert!(files_in_the_way(b"fatal: Unable to create 'x.lock': File exists.").is_empty());
    }
}
