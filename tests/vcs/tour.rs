//! Everything that AIOS does with a repository, once through, as a sprint does it.

use std::path::Path;

use aios::adapters::vcs::git::GitRepo;
use aios::base::id::Oid;
use aios::engine::ports::vcs::{MergeOutcome, RefUpdate, Removal, Vcs as _, VcsFailure};

use crate::sample::{Sample, commit, commit_file, put};

/// Two tasks in `folder`: work, snapshot, commit, review, merge into the sprint's branch. Gives the sprint's commit.
pub(crate) fn sprint(repo: &GitRepo, folder: &Path) -> Result<Oid, VcsFailure> {
    let facts = repo.facts()?;
    repo.workspace_id()?;
    repo.identity()?;
    let base = facts.base()?.clone();
    let mut tip = base.clone();
    repo.snapshot(repo.root())?;
    for number in ["t1", "t2"] {
        let (path, branch) = (folder.join(number), format!("refs/heads/aios/s1.{number}"));
        repo.worktree_add(&path, &branch, &base)?;
        put(&path, &format!("work of {number}/file.txt"), "line\n");
        put(&path, "a.txt", &format!("shared {number}\n"));
        let tree = repo.snapshot(&path)?;
        repo.tree_changes(&base, &tree)?;
        let work = commit(repo, &tree, std::slice::from_ref(&base), "work\n");
        repo.set_worktree_head(&path, &work, &base)?;
        repo.update_ref(&RefUpdate {
            name: &format!("refs/aios/s1.{number}.a1"),
            new: &work,
            expected: None,
            reason: "aios: checkpoint",
        })?;
        repo.diff(&base, &work, 3)?;
        let tree = match repo.merge_trees(None, &tip, &work)? {
            MergeOutcome::Clean { tree } => tree,
            MergeOutcome::Conflict { tree, .. } => {
                repo.reset_worktree(&path, &tree)?;
                put(&path, "a.txt", "both\n");
                repo.snapshot(&path)?
            }
        };
        tip = commit(repo, &tree, &[tip, work], "merge\n\nAIOS-Event: x\n");
        repo.find_commit(&tip, Some(&base), "AIOS-Event: x")?;
        repo.worktree_remove(&path, Removal::WithChanges)?;
    }
    repo.worktree_prune(folder)?;
    Ok(tip)
}

#[test]
fn a_sprint_leaves_a_dirty_checkout_as_it_was() {
    let sample = Sample::new();
    sample.write("a.txt", "half done\n");
    sample.write("staged", "s");
    sample.git(&["add", "staged"]);
    sample.write("untracked", "u");
    let before = sample.fingerprint();
    let tip = sprint(&sample.open(), &sample.worktree("")).unwrap();
    assert_eq!(sample.fingerprint(), before);
    let text = sample.git(&["show", &format!("{tip}:a.txt")]);
    assert_eq!(text, "both");
    sample.git(&["fsck", "--strict"]);
}

#[test]
fn sha256_repositories_work() {
    let probe = Sample::empty(&[]);
    let supported = probe
        .plain(&probe.root, &["init", "-q", "--object-format=sha256", "x"])
        .output()
        .unwrap();
    if !supported.status.success() {
        println!("left out: this git knows no sha256");
        return;
    }
    let sample = Sample::with(&["--object-format=sha256"]);
    let tip = sprint(&sample.open(), &sample.worktree("")).unwrap();
    assert_eq!(tip.as_str().len(), 64);
    sample.git(&["fsck", "--strict"]);
}

#[test]
fn a_linked_worktree_on_a_symlinked_path_works() {
    let sample = Sample::new();
    let linked = sample.worktree("users");
    sample.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    let link = sample.folder.path().join("link");
    std::os::unix::fs::symlink(sample.worktree(""), &link).unwrap();
    let repo = GitRepo::discover_with(&link.join("users"), sample.surroundings()).unwrap();
    sprint(&repo, &link).unwrap();
}

#[test]
fn a_shallow_clone_works() {
    let sample = Sample::new();
    let start = sample.oid("HEAD");
    commit_file(&sample.open(), &start, "x", "x");
    sample.git(&["commit", "-q", "--allow-empty", "-m", "two"]);
    let clone = sample.folder.path().join("clone");
    let url = format!("file://{}", sample.root.display());
    sample.git(&["clone", "-q", "--depth=1", &url, clone.to_str().unwrap()]);
    let repo = GitRepo::discover_with(&clone, sample.surroundings()).unwrap();
    assert!(repo.facts().unwrap().is_shallow);
    let tip = sprint(&repo, &sample.worktree("")).unwrap();
    assert_eq!(repo.log(&tip, None, 100).unwrap().len(), 5);
}
