//! The accepted part of a reviewed change: a commit that holds exactly the accepted hunks, and a worktree without the rejected ones.

use std::collections::BTreeMap;

use crate::base::body::Body;
use crate::base::id::{Digest, Oid};
use crate::base::path::RepoPath;
use crate::domain::change::{self, FileDiff, Selected};
use crate::domain::journal::{Report, TaskFacts};
use crate::engine::changes::{ChangeFailure, Changes};
use crate::engine::ports::vcs::{FileKind, TreeEdit, TreeEntry};

/// The largest file of which a part can be taken.
const FILE_BYTES: u64 = 64 << 20;

/// Which part of a change: the hunks that are cut, with the lines before which, and the hunks or pieces that are taken.
type Taken<'a> = (&'a BTreeMap<Digest, Vec<u32>>, &'a [Digest]);

impl Changes {
    /// Commits the accepted hunks on top of the task's branch and takes the others out of its worktree.
    ///
    /// # Errors
    /// The hunks do not fit, or version control fails.
    pub fn part(
        &self,
        task: &TaskFacts,
        diff: &Body,
        taken: Taken<'_>,
    ) -> Result<Report, ChangeFailure> {
        let base = task.base.clone().ok_or(ChangeFailure::NoBase(task.id))?;
        let head = task.head.clone().unwrap_or_else(|| base.clone());
        let worktree = self.worktree(task.id);
        let event = format!("{}/part:{}", task.id, task.visit);
        let commit = if let Some(commit) = self.done_before(&task.branch, &head, &event)? {
            commit
        } else {
            let edits = self.edits(&base, diff, taken)?;
            let before = self.vcs.tree_of(&head)?;
            let tree = self.vcs.write_tree_with(&before, &edits)?;
            if tree == before {
                head.clone()
            } else {
                self.commit_on(task, &tree, std::slice::from_ref(&head), &event)?
            }
        };
        self.vcs
            .reset_worktree(&worktree, &self.vcs.tree_of(&commit)?)?;
        if commit != head {
            self.vcs.set_worktree_head(&worktree, &commit, &head)?;
        }
        let kept = self.keep_diff(&base, &commit)?;
        Ok(Report::Committed {
            commit,
            base,
            diff: kept.diff,
            files: kept.files,
            merged: None,
        })
    }

    /// What turns the whole change into its accepted part.
    fn edits(
        &self,
        base: &Oid,
        diff: &Body,
        (cuts, accepted): Taken<'_>,
    ) -> Result<Vec<TreeEdit>, ChangeFailure> {
        let mut parsed = change::parse(self.bytes(diff)?)?;
        parsed.split(cuts);
        let base = self.vcs.tree_of(base)?;
        let mut edits = Vec::new();
        for file in &parsed.files {
            let before = file.renamed_from.as_ref().unwrap_or(&file.path);
            let entry = self.vcs.entry(&base, before.as_bytes())?;
            let old = self.content(entry.as_ref())?;
            match change::select(file, &old, |hunk| accepted.contains(hunk))? {
                Selected::Whole => {}
                Selected::Unchanged => {
                    edits.extend(undo(file, before, entry.map(|entry| (entry.kind, old))));
                }
                Selected::Part(content) => {
                    let kind = file
                        .new_mode
                        .or(file.old_mode)
                        .map_or(FileKind::Plain, kind);
                    edits.push(TreeEdit {
                        path: file.path.as_bytes().to_vec(),
                        after: Some((kind, content.into())),
                    });
                }
            }
        }
        Ok(edits)
    }

    fn content(&self, entry: Option<&TreeEntry>) -> Result<Vec<u8>, ChangeFailure> {
        match entry {
            Some(entry) if entry.kind != FileKind::Submodule => {
                Ok(self.vcs.blob(&entry.oid, FILE_BYTES)?)
            }
            Some(_) | None => Ok(Vec::new()),
        }
    }
}

/// Puts a file back as it was in the base.
fn undo(file: &FileDiff, before: &RepoPath, old: Option<(FileKind, Vec<u8>)>) -> Vec<TreeEdit> {
    let mut edits = Vec::new();
    if *before != file.path {
        edits.push(TreeEdit {
            path: file.path.as_bytes().to_vec(),
            after: None,
        });
    }
    edits.push(TreeEdit {
        path: before.as_bytes().to_vec(),
        after: old.map(|(kind, content)| (kind, content.into())),
    });
    edits
}

const fn kind(mode: change::FileMode) -> FileKind {
    match mode {
        change::FileMode::Regular => FileKind::Plain,
        change::FileMode::Executable => FileKind::Executable,
        change::FileMode::Link => FileKind::Link,
        change::FileMode::Submodule => FileKind::Submodule,
    }
}
