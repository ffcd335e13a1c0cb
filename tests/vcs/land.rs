//! Landing on a branch that people use.

use std::fs;

use aios::adapters::vcs::git::GitRepo;
use aios::engine::ports::vcs::{LandOutcome, Vcs as _};

use crate::sample::{Sample, commit_file};

const MAIN: &str = "refs/heads/main";

#[test]
fn a_branch_that_is_not_checked_out_moves_alone() {
    let sample = Sample::new();
    sample.git(&["checkout", "-q", "-b", "other"]);
    let (repo, start) = (sample.open(), sample.oid("main"));
    let next = commit_file(&repo, &start, "a.txt", "landed\n");
    let before = sample.fingerprint();
    assert_eq!(repo.land(MAIN, &next, &start), Ok(LandOutcome::Moved));
    assert_eq!(
        repo.land(MAIN, &next, &start),
        Ok(LandOutcome::Moved),
        "again"
    );
    assert_eq!(repo.read_ref(MAIN), Ok(Some(next)));
    assert_eq!(sample.fingerprint(), before);
}

#[test]
fn a_clean_checkout_moves_along() {
    let sample = Sample::new();
    let linked = sample.worktree("users");
    sample.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "side",
        linked.to_str().unwrap(),
    ]);
    // A hook and options that a merge by hand would heed.
    sample.git(&["config", "branch.main.mergeOptions", "--squash"]);
    sample.write("untracked", "stays");
    let (repo, start) = (sample.open(), sample.oid("main"));
    let next = commit_file(&repo, &start, "a.txt", "landed\n");
    for (branch, path) in [(MAIN, &sample.root), ("refs/heads/side", &linked)] {
        let moved = Ok(LandOutcome::FastForwarded { path: path.clone() });
        assert_eq!(repo.land(branch, &next, &start), moved);
        assert_eq!(repo.land(branch, &next, &start), moved, "again");
        let text = fs::read_to_string(path.join("a.txt")).unwrap();
        assert_eq!(text, "landed\n");
        assert_eq!(sample.git_in(path, &["status", "--porcelain", "-uno"]), "");
    }
    assert!(sample.root.join("untracked").exists());
}

#[test]
fn a_dirty_checkout_is_left_alone() {
    let sample = Sample::new();
    let (repo, start) = (sample.open(), sample.oid("main"));
    let next = commit_file(&repo, &start, "new.txt", "landed\n");
    let blocked = |files: &[&str]| {
        Ok(LandOutcome::Blocked {
            path: sample.root.clone(),
            files: files.iter().map(|file| (*file).to_owned()).collect(),
        })
    };
    // A change elsewhere, a staged change, an untracked file in the way.
    sample.write("src/b.txt", "work\n");
    let before = sample.fingerprint();
    assert_eq!(repo.land(MAIN, &next, &start), blocked(&["src/b.txt"]));
    assert_eq!(sample.fingerprint(), before);
    sample.git(&["add", "-A"]);
    let before = sample.fingerprint();
    assert_eq!(repo.land(MAIN, &next, &start), blocked(&["src/b.txt"]));
    assert_eq!(sample.fingerprint(), before);
    sample.git(&["reset", "-q", "--hard"]);
    sample.write("new.txt", "mine\n");
    let before = sample.fingerprint();
    assert_eq!(repo.land(MAIN, &next, &start), blocked(&["new.txt"]));
    assert_eq!(sample.fingerprint(), before);
    assert_eq!(repo.read_ref(MAIN), Ok(Some(start)));
}

#[test]
fn a_branch_that_went_elsewhere_is_not_moved() {
    let sample = Sample::new();
    let (repo, start) = (sample.open(), sample.oid("main"));
    let next = commit_file(&repo, &start, "new.txt", "landed\n");
    sample.git(&["commit", "-q", "--allow-empty", "-m", "theirs"]);
    let theirs = sample.oid("main");
    let before = sample.fingerprint();
    let diverged = Ok(LandOutcome::Diverged {
        found: Some(theirs.clone()),
        merge_base: Some(start.clone()),
    });
    assert_eq!(repo.land(MAIN, &next, &start), diverged);
    assert_eq!(
        repo.land(MAIN, &next, &theirs),
        diverged,
        "not a way forward"
    );
    assert_eq!(sample.fingerprint(), before);
    assert_eq!(
        repo.land("refs/heads/gone", &next, &start),
        Ok(LandOutcome::Diverged {
            found: None,
            merge_base: None
        })
    );
}

#[test]
fn a_killed_landing_is_finished_by_the_next() {
    let sample = Sample::new();
    let (repo, start) = (sample.open(), sample.oid("main"));
    let next = commit_file(&repo, &start, "a.txt", "landed\n");
    sample.git(&["read-tree", "-m", "-u", start.as_str(), next.as_str()]);
    let moved = LandOutcome::FastForwarded {
        path: sample.root.clone(),
    };
    assert_eq!(repo.land(MAIN, &next, &start), Ok(moved));
    assert_eq!(sample.git(&["status", "--porcelain"]), "");
    assert_eq!(sample.oid("HEAD"), next);
}

#[test]
fn line_ends_of_the_checkout_are_the_persons() {
    let sample = Sample::empty(&[]);
    sample.write(".gitattributes", "*.txt text eol=crlf\n");
    sample.write("a.txt", "one\r\n");
    sample.git(&["add", "-A"]);
    sample.git(&["commit", "-qm", "start"]);
    // Touched, so that git compares contents.
    sample.write("a.txt", "one\r\n");
    let repo = sample.open();
    assert_eq!(repo.facts().unwrap().dirty, [""; 0]);
    let start = sample.oid("main");
    let next = commit_file(&repo, &start, "a.txt", "one\ntwo\n");
    let landed = repo.land(MAIN, &next, &start).unwrap();
    assert!(matches!(landed, LandOutcome::FastForwarded { .. }));
    let text = fs::read_to_string(sample.root.join("a.txt")).unwrap();
    assert_eq!(text, "one\r\ntwo\r\n");
    assert_eq!(sample.git(&["status", "--porcelain"]), "");
}

#[test]
fn landing_from_a_linked_worktree_finds_the_main_checkout() {
    let sample = Sample::new();
    let linked = sample.worktree("users");
    sample.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "side",
        linked.to_str().unwrap(),
    ]);
    let repo = GitRepo::discover_with(&linked, sample.surroundings()).unwrap();
    let start = sample.oid("main");
    let next = commit_file(&repo, &start, "a.txt", "landed\n");
    let moved = LandOutcome::FastForwarded {
        path: sample.root.clone(),
    };
    assert_eq!(repo.land(MAIN, &next, &start), Ok(moved));
    let text = fs::read_to_string(sample.root.join("a.txt")).unwrap();
    assert_eq!(text, "landed\n");
}
