//! Sees what commands do to a worktree, by comparing trees before and after.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::base::id::{Digest, Oid};
use crate::base::path::RepoPath;
use crate::domain::tool::EditFact;
use crate::engine::ports::vcs::{Content, TreeChange, TreeEntry, Vcs, VcsFailure, shown_path};
use crate::engine::tools::{Witness, changed_lines};

/// Files above this are told by their hash only.
const COUNTED_BYTES: u64 = 1 << 20;
/// Files that one command may change before the rest is left out.
const MOST_EDITS: usize = 1_000;

/// The witness of one worktree.
pub struct VcsWitness {
    /// The repository.
    pub vcs: Arc<dyn Vcs>,
    /// The worktree.
    pub worktree: PathBuf,
    /// What the task's change is counted from.
    pub base: Option<Oid>,
}

impl Witness for VcsWitness {
    fn mark(&self) -> BoxFuture<'_, Result<Oid, String>> {
        let (vcs, worktree) = (self.vcs.clone(), self.worktree.clone());
        Box::pin(blocking(move || vcs.snapshot(&worktree)))
    }

    fn since(&self, mark: Oid) -> BoxFuture<'_, Result<Vec<EditFact>, String>> {
        let (vcs, worktree) = (self.vcs.clone(), self.worktree.clone());
        Box::pin(blocking(move || {
            let now = vcs.snapshot(&worktree)?;
            if now == mark {
                return Ok(Vec::new());
            }
            let changes = vcs.tree_changes(&mark, &now)?;
            changes
                .iter()
                .take(MOST_EDITS)
                .map(|change| fact(&*vcs, change))
                .collect()
        }))
    }

    fn diff(&self, path: Option<RepoPath>) -> BoxFuture<'_, Result<Vec<u8>, String>> {
        let (vcs, worktree, base) = (self.vcs.clone(), self.worktree.clone(), self.base.clone());
        Box::pin(blocking(move || {
            let Some(base) = base else {
                return Ok(Vec::new());
            };
            let now = vcs.snapshot(&worktree)?;
            let whole = vcs.diff(&vcs.tree_of(&base)?, &now, 3)?;
            Ok(match path {
                Some(path) => only(&whole, &path),
                None => whole,
            })
        }))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VcsFailure> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|failure| failure.to_string()),
        Err(_) => Err("the look at the files broke off".to_owned()),
    }
}

fn fact(vcs: &dyn Vcs, change: &TreeChange) -> Result<EditFact, VcsFailure> {
    let sides = [&change.before, &change.after];
    let blobs: Vec<Oid> = sides
        .iter()
        .filter_map(|side| side.as_ref())
        .map(|entry| entry.oid.clone())
        .collect();
    let mut contents = vcs.blobs(&blobs, COUNTED_BYTES)?.into_iter();
    let mut take = |is_there: bool| if is_there { contents.next() } else { None };
    let (before, after) = (take(change.before.is_some()), take(change.after.is_some()));
    let (added, removed) = match (text(before.as_ref()), text(after.as_ref())) {
        (Some(before), Some(after)) => changed_lines(before, after),
        _ => (0, 0),
    };
    Ok(EditFact {
        path: shown_path(&change.path),
        before: digest(change.before.as_ref(), before.as_ref()),
        after: digest(change.after.as_ref(), after.as_ref()),
        added,
        removed,
    })
}

/// A content's hash; of one that is too large to look at, the hash of git's name for it. None only where there is no file.
fn digest(entry: Option<&TreeEntry>, content: Option<&Content>) -> Option<Digest> {
    match (entry, content) {
        (Some(_), Some(Content::Bytes(bytes))) => Some(Digest::of(bytes)),
        (Some(entry), _) => Some(Digest::of(entry.oid.as_str().as_bytes())),
        (None, _) => None,
    }
}

/// The text of a side; a side that does not exist is empty.
fn text(content: Option<&Content>) -> Option<&str> {
    match content {
        None => Some(""),
        Some(Content::Bytes(bytes)) => std::str::from_utf8(bytes).ok(),
        Some(Content::TooLarge(_) | Content::Missing) => None,
    }
}

/// The parts of a diff that are about one file or folder.
fn only(diff: &[u8], path: &RepoPath) -> Vec<u8> {
    let text = String::from_utf8_lossy(diff);
    let wanted = path.to_string();
    let mut kept = String::new();
    let mut is_wanted = false;
    for line in text.split_inclusive('\n') {
        if let Some(names) = line.strip_prefix("diff --git a/") {
            let end = names
                .get(wanted.len()..)
                .and_then(|rest| rest.chars().next());
            is_wanted = names.starts_with(&wanted) && matches!(end, Some(' ' | '/'));
        }
        if is_wanted {
            kept.push_str(line);
        }
    }
    kept.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_files_part_of_a_diff() {
        let diff = b"diff --git a/a.txt b/a.txt\n+x\ndiff --git a/a.txt2 b/a.txt2\n+y\ndiff --git a/d/e b/d/e\n+z\n";
        let part =
            |path: &str| String::from_utf8(only(diff, &RepoPath::parse(path).unwrap())).unwrap();
        assert_eq!(part("a.txt"), "diff --git a/a.txt b/a.txt\n+x\n");
        assert_eq!(part("d"), "diff --git a/d/e b/d/e\n+z\n");
    }
}
