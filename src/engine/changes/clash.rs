//! A conflict for people: the document that they look at, and the commit that brings the sprint's branch into the task's as they chose.

use crate::base::id::Oid;
use crate::domain::change::clash::{
    Choice, Clash, ClashFile, ClashShape, Document, MOST_SIDE_BYTES, Side, Whole, resolved,
    shape_of, side,
};
use crate::domain::journal::{Report, Resolved, TaskFacts};
use crate::engine::changes::{ChangeFailure, Changes};
use crate::engine::ports::vcs::{
    Content, FileKind, InConflict, MergeOutcome, NewContent, Removal, TreeEdit, shown_path,
};

/// Files that a person is asked about; who has more of them works in the worktree.
const MOST_FILES: usize = 200;
/// Bytes of texts that are shown together.
const MOST_DOCUMENT_BYTES: usize = 8 << 20;

/// One side of a file.
type Of<'a> = Option<&'a (FileKind, Oid)>;

impl Changes {
    /// Writes down what two commits do not agree about.
    pub(super) fn clash(
        &self,
        onto: &Oid,
        head: &Oid,
        files: &[InConflict],
    ) -> Result<Clash, ChangeFailure> {
        let mut document = Document::default();
        let mut bytes = 0;
        for file in files {
            let mut told = if document.files.len() < MOST_FILES {
                self.clash_file(file)?
            } else {
                ClashFile {
                    path: shown_path(&file.path),
                    shape: ClashShape::Beyond(format!("more than {MOST_FILES} files conflict")),
                }
            };
            bytes += told.shape.bytes();
            if bytes > MOST_DOCUMENT_BYTES {
                told.shape = told.shape.without_texts();
            }
            document.files.push(told);
        }
        // Plain enums of strings and numbers always serialise.
        let text = serde_json::to_vec(&document).unwrap_or_default();
        Ok(Clash {
            onto: onto.clone(),
            head: head.clone(),
            document: self.keep_bytes(&text)?,
            files: document.choosable(),
        })
    }

    fn clash_file(&self, file: &InConflict) -> Result<ClashFile, ChangeFailure> {
        let Ok(path) = String::from_utf8(file.path.clone()) else {
            return Ok(ClashFile {
                path: shown_path(&file.path),
                shape: ClashShape::Beyond("its name is no plain text".to_owned()),
            });
        };
        let shape = match &file.beyond {
            Some(why) => ClashShape::Beyond(why.clone()),
            None => self.shape(file)?,
        };
        Ok(ClashFile { path, shape })
    }

    fn shape(&self, file: &InConflict) -> Result<ClashShape, ChangeFailure> {
        let all = [&file.base, &file.ours, &file.theirs];
        let has = |wanted: FileKind| {
            all.iter()
                .any(|side| matches!(side, Some((kind, _)) if *kind == wanted))
        };
        if has(FileKind::Submodule) {
            let why = "another repository inside this one".to_owned();
            return Ok(ClashShape::Beyond(why));
        }
        let why = match (&file.ours, &file.theirs) {
            (Some(_), Some(_)) if has(FileKind::Link) => Whole::Link,
            (Some((_, ours)), Some((_, theirs))) => {
                let base = file.base.as_ref().map(|(_, oid)| oid);
                let wanted: Vec<Oid> = [Some(ours), Some(theirs), base]
                    .into_iter()
                    .flatten()
                    .cloned()
                    .collect();
                let contents = self.vcs.blobs(&wanted, MOST_SIDE_BYTES as u64)?;
                match contents.as_slice() {
                    [Content::Bytes(ours), Content::Bytes(theirs)] => {
                        return Ok(shape_of(b"", ours, theirs));
                    }
                    [
                        Content::Bytes(ours),
                        Content::Bytes(theirs),
                        Content::Bytes(base),
                    ] => {
                        return Ok(shape_of(base, ours, theirs));
                    }
                    _ => Whole::TooLarge,
                }
            }
            (Some(_), None) | (None, Some(_)) => Whole::Deleted,
            (None, None) => return Ok(ClashShape::Beyond("both have it no more".to_owned())),
        };
        Ok(ClashShape::Whole {
            ours: self.side(file.ours.as_ref())?,
            theirs: self.side(file.theirs.as_ref())?,
            why,
        })
    }

    fn side(&self, of: Of<'_>) -> Result<Side, ChangeFailure> {
        let Some((_, oid)) = of else {
            return Ok(Side::Gone);
        };
        let content = self
            .vcs
            .blobs(std::slice::from_ref(oid), MOST_SIDE_BYTES as u64)?;
        Ok(match content.as_slice() {
            [Content::Bytes(bytes)] => side(bytes),
            [Content::TooLarge(bytes)] => Side::Bytes(*bytes),
            _ => Side::Bytes(0),
        })
    }

    /// Commits the merge of the sprint's branch into the task's, each file in conflict as it was chosen, and lays it into the worktree.
    ///
    /// # Errors
    /// The two commits do not conflict as they did when it was chosen, or version control fails.
    pub fn resolve(&self, task: &TaskFacts, chosen: &Resolved) -> Result<Report, ChangeFailure> {
        let head = task.head.clone().ok_or(ChangeFailure::NoBase(task.id))?;
        let onto = &chosen.clash.onto;
        let worktree = self.worktree(task.id);
        let event = format!("{}/commit:{}", task.id, task.visit);
        let commit = if let Some(commit) = self.done_before(&task.branch, &head, &event)? {
            commit
        } else {
            let tree = self.resolved_tree(task, &head, chosen)?;
            let parents = [head.clone(), onto.clone()];
            self.commit_on(task, &tree, &parents, &event)?
        };
        self.vcs
            .reset_worktree(&worktree, &self.vcs.tree_of(&commit)?)?;
        let commit = self.take_head(task, &commit, &head, &event)?;
        let kept = self.keep_diff(onto, &commit)?;
        Ok(Report::Committed {
            commit,
            base: onto.clone(),
            diff: kept.diff,
            files: kept.files,
            merged: Some(onto.clone()),
        })
    }

    /// The tree of what a person chose.
    ///
    /// # Errors
    /// The two commits do not conflict as they did when it was chosen, or version control fails.
    pub fn chosen_tree(&self, task: &TaskFacts, chosen: &Resolved) -> Result<Oid, ChangeFailure> {
        let head = task.head.clone().ok_or(ChangeFailure::NoBase(task.id))?;
        self.resolved_tree(task, &head, chosen)
    }

    /// Checks a tree out beside the task's own worktree, so that checks can run on it. The task's branch and files are left alone.
    ///
    /// # Errors
    /// The worktree cannot be made.
    pub fn prepare_trial(
        &self,
        task: &TaskFacts,
        number: u32,
        tree: &Oid,
    ) -> Result<(), ChangeFailure> {
        let head = task.head.as_ref().ok_or(ChangeFailure::NoBase(task.id))?;
        // A host that was killed may have left it half done.
        self.clear_trial(task, number)?;
        let worktree = self.trial_worktree(task.id, number);
        let branch = trial_branch(task, number);
        self.vcs.worktree_add(&worktree, &branch, head)?;
        Ok(self.vcs.reset_worktree(&worktree, tree)?)
    }

    /// Removes what [`prepare_trial`](Self::prepare_trial) made.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn clear_trial(&self, task: &TaskFacts, number: u32) -> Result<(), ChangeFailure> {
        let worktree = self.trial_worktree(task.id, number);
        self.vcs.worktree_remove(&worktree, Removal::WithChanges)?;
        let branch = trial_branch(task, number);
        if let Some(found) = self.vcs.read_ref(&branch)? {
            self.vcs.delete_ref(&branch, &found)?;
        }
        Ok(())
    }

    /// Removes what tests of a task left when their host was killed.
    pub(super) fn clear_trials(&self, task: &TaskFacts) -> Result<(), ChangeFailure> {
        let left = self.vcs.list_refs(&trials(task))?;
        let numbers = left
            .iter()
            .filter_map(|(name, _)| name.strip_prefix(&trials(task))?.parse().ok());
        for number in numbers {
            self.clear_trial(task, number)?;
        }
        Ok(())
    }

    /// The merged files, without one mark: every file in conflict is replaced by what was chosen.
    fn resolved_tree(
        &self,
        task: &TaskFacts,
        head: &Oid,
        chosen: &Resolved,
    ) -> Result<Oid, ChangeFailure> {
        let other = || ChangeFailure::OtherConflict(task.id);
        let clash = &chosen.clash;
        let document: Document =
            serde_json::from_slice(&self.bytes(&clash.document)?).map_err(|_| other())?;
        let outcome = self.vcs.merge_trees(None, &clash.onto, head)?;
        let MergeOutcome::Conflict { tree, files, .. } = outcome else {
            return Err(other());
        };
        let is_same = *head == clash.head
            && files.len() == document.files.len()
            && files.len() == chosen.choices.len();
        if !is_same {
            return Err(other());
        }
        let mut edits = Vec::new();
        for ((file, shown), choices) in files.iter().zip(&document.files).zip(&chosen.choices) {
            if file.path != shown.path.as_bytes() {
                return Err(other());
            }
            edits.push(edit(file, (&shown.shape, choices)).ok_or_else(other)?);
        }
        Ok(self.vcs.write_tree_with(&tree, &edits)?)
    }
}

/// What a file becomes; none if the choices are not about it. A side that is taken as a whole is named, and not read.
fn edit(file: &InConflict, (shape, choices): (&ClashShape, &[Choice])) -> Option<TreeEdit> {
    let after = match (shape, choices) {
        (ClashShape::Places(pieces), _) => {
            let text = resolved(pieces, choices).ok()?;
            Some((kind(file)?, text.into_bytes().into()))
        }
        (ClashShape::Whole { .. }, [side @ (Choice::Ours | Choice::Theirs)]) => {
            let side = match side {
                Choice::Ours => &file.ours,
                _ => &file.theirs,
            };
            let object = |(kind, oid): &(FileKind, Oid)| (*kind, NewContent::Object(oid.clone()));
            side.as_ref().map(object)
        }
        (ClashShape::Whole { .. } | ClashShape::Beyond(_), _) => return None,
    };
    Some(TreeEdit {
        path: file.path.clone(),
        after,
    })
}

/// The branches of worktrees in which results of a task are tested.
fn trials(task: &TaskFacts) -> String {
    format!("{}.trials/", task.branch)
}

fn trial_branch(task: &TaskFacts, number: u32) -> String {
    format!("{}{number}", trials(task))
}

/// The kind of a merged file: the one that a side gave it.
fn kind(file: &InConflict) -> Option<FileKind> {
    let of = |side: Of<'_>| side.map(|(kind, _)| *kind);
    let (base, ours, theirs) = (
        of(file.base.as_ref()),
        of(file.ours.as_ref())?,
        of(file.theirs.as_ref())?,
    );
    Some(if base == Some(ours) { theirs } else { ours })
}
