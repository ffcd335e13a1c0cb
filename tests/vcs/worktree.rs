//! Worktrees: made, made again, removed, and what a killed run leaves.

use std::fs;

use aios::engine::ports::vcs::{RefUpdate, Removal, Vcs as _, VcsFailure};

use crate::sample::{Sample, commit, commit_file, put};

/// Leaves something in a sample, for a worktree at a path.
type Leave = fn(&Sample, &str);

const BRANCH: &str = "refs/heads/aios/s1.t1";

#[test]
fn a_worktree_is_made_once_and_keeps_its_work() {
    let sample = Sample::new();
    let (repo, path, start) = (sample.open(), sample.worktree("t1"), sample.oid("HEAD"));
    repo.worktree_add(&path, BRANCH, &start).unwrap();
    assert_eq!(sample.git_in(&path, &["status", "--porcelain"]), "");
    assert_eq!(fs::read_to_string(path.join("src/b.txt")).unwrap(), "b\n");
    put(&path, "work.txt", "w");
    repo.worktree_add(&path, BRANCH, &start).unwrap();
    assert!(path.join("work.txt").exists());
    let listed = repo.worktree_list().unwrap();
    assert_eq!(listed[0].path, sample.root);
    assert_eq!(listed[1].path, path);
    assert_eq!(listed[1].branch.as_deref(), Some(BRANCH));

    let other = "refs/heads/aios/s1.t2";
    assert!(repo.worktree_add(&path, other, &start).is_err());
    let dirty = repo.worktree_remove(&path, Removal::OnlyIfClean);
    assert_eq!(
        dirty,
        Err(VcsFailure::DirtyCheckout {
            path: path.clone(),
            files: vec!["work.txt".to_owned()]
        })
    );
    repo.worktree_remove(&path, Removal::WithChanges).unwrap();
    assert!(!path.exists());
    repo.worktree_remove(&path, Removal::OnlyIfClean).unwrap();
    assert_eq!(repo.read_ref(BRANCH), Ok(Some(start)));
}

#[test]
fn a_killed_run_is_finished_by_the_next() {
    // What is left after a kill behind each step, made with plain git.
    let residues: [(&str, Leave); 7] = [
        ("the branch", |sample, _| {
            sample.git(&["branch", "aios/s1.t1"]);
        }),
        ("no files", |sample, path| {
            sample.git(&[
                "worktree",
                "add",
                "-q",
                "--no-checkout",
                "-b",
                "aios/s1.t1",
                path,
            ]);
        }),
        ("some files", |sample, path| {
            sample.git(&[
                "worktree",
                "add",
                "-q",
                "--no-checkout",
                "-b",
                "aios/s1.t1",
                path,
            ]);
            put(path.as_ref(), "a.txt", "half");
            let admin = sample.root.join(".git/worktrees/t1");
            put(&admin, "aios-index.lock", "");
            put(&admin, "aios-index", "garbage");
        }),
        ("an entry without folder", |sample, path| {
            sample.git(&["worktree", "add", "-q", "-b", "aios/s1.t1", path]);
            fs::remove_dir_all(path).unwrap();
            put(&sample.root, ".git/worktrees/t1/locked", "initializing");
        }),
        ("an entry without HEAD", |sample, path| {
            sample.git(&["worktree", "add", "-q", "--no-checkout", "--detach", path]);
            let zero = "0".repeat(40) + "\n";
            put(&sample.root, ".git/worktrees/t1/HEAD", &zero);
            put(&sample.root, ".git/worktrees/t1/locked", "initializing");
        }),
        ("an entry that git cannot read", |sample, path| {
            sample.git(&["worktree", "add", "-q", "--no-checkout", "--detach", path]);
            let zero = "0".repeat(40) + "\n";
            put(&sample.root, ".git/worktrees/t1/HEAD", &zero);
            put(&sample.root, ".git/worktrees/t1/commondir", "");
            put(&sample.root, ".git/worktrees/t1/locked", "initializing");
        }),
        ("an empty folder", |_, path| {
            fs::create_dir_all(path).unwrap();
        }),
    ];
    for (what, leave) in residues {
        let sample = Sample::new();
        let (repo, path, start) = (sample.open(), sample.worktree("t1"), sample.oid("HEAD"));
        leave(&sample, path.to_str().unwrap());
        let added = repo.worktree_add(&path, BRANCH, &start);
        assert_eq!(added, Ok(()), "{what}");
        assert_eq!(
            sample.git_in(&path, &["status", "--porcelain"]),
            "",
            "{what}"
        );
        let branch = sample.git_in(&path, &["symbolic-ref", "HEAD"]);
        assert_eq!(branch, BRANCH, "{what}");
    }
}

#[test]
fn a_branch_that_stands_elsewhere_is_not_taken() {
    let sample = Sample::new();
    let (repo, start) = (sample.open(), sample.oid("HEAD"));
    let other = commit_file(&repo, &start, "x", "x");
    sample.git(&["branch", "aios/s1.t1", other.as_str()]);
    let path = sample.worktree("t1");
    assert_eq!(
        repo.worktree_add(&path, BRANCH, &start),
        Err(VcsFailure::Moved {
            reference: BRANCH.to_owned(),
            expected: Some(start),
            found: Some(other)
        })
    );
    assert!(!path.exists());
}

#[test]
fn only_stale_entries_below_the_folder_are_pruned() {
    let sample = Sample::new();
    let repo = sample.open();
    let users = sample.folder.path().join("users");
    sample.git(&["worktree", "add", "-q", users.to_str().unwrap()]);
    fs::remove_dir_all(&users).unwrap();
    let start = sample.oid("HEAD");
    for name in ["t1", "t2"] {
        let branch = format!("refs/heads/aios/s1.{name}");
        repo.worktree_add(&sample.worktree(name), &branch, &start)
            .unwrap();
    }
    fs::remove_dir_all(sample.worktree("t1")).unwrap();
    let under = sample.worktree("");
    assert_eq!(repo.worktree_prune(&under), Ok(1));
    assert_eq!(repo.worktree_prune(&under), Ok(0));
    assert_eq!(repo.worktree_list().unwrap().len(), 3);
}

#[test]
fn a_commit_of_the_snapshot_leaves_a_clean_worktree() {
    let sample = Sample::new();
    let (repo, path, start) = (sample.open(), sample.worktree("t1"), sample.oid("HEAD"));
    repo.worktree_add(&path, BRANCH, &start).unwrap();
    put(&path, "new file.txt", "n\n");
    put(&path, "a.txt", "one\n");
    fs::remove_file(path.join("src/b.txt")).unwrap();
    let tree = repo.snapshot(&path).unwrap();
    let made = commit(&repo, &tree, std::slice::from_ref(&start), "work\n");
    repo.set_worktree_head(&path, &made, &start).unwrap();
    assert_eq!(sample.git_in(&path, &["status", "--porcelain"]), "");
    assert_eq!(repo.read_ref(BRANCH), Ok(Some(made.clone())));
    // Again, as after a crash behind the first half.
    repo.set_worktree_head(&path, &made, &start).unwrap();
    assert_eq!(repo.snapshot(&path), Ok(tree));
    let lost = commit_file(&repo, &made, "z", "z");
    assert!(matches!(
        repo.set_worktree_head(&path, &lost, &start),
        Err(VcsFailure::Moved { .. })
    ));
}

#[test]
fn a_worktree_is_reset_to_any_tree_and_keeps_ignored_files() {
    let sample = Sample::new();
    sample.write(".gitignore", "*.log\ntarget/\n");
    sample.git(&["add", "-A"]);
    sample.git(&["commit", "-qm", "ignore"]);
    let (repo, path, start) = (sample.open(), sample.worktree("t1"), sample.oid("HEAD"));
    repo.worktree_add(&path, BRANCH, &start).unwrap();
    put(&path, "target/big", "kept");
    put(&path, "x.log", "kept");
    put(&path, "deep/new/file", "gone");
    put(&path, "a.txt", "changed");
    fs::remove_dir_all(path.join("src")).unwrap();
    let work = repo.snapshot(&path).unwrap();
    repo.reset_worktree(&path, &start).unwrap();
    assert_eq!(repo.snapshot(&path), repo.tree_of(&start));
    assert!(!path.join("deep").exists());
    assert!(path.join("target/big").exists() && path.join("x.log").exists());
    assert_eq!(sample.git_in(&path, &["status", "--porcelain"]), "");
    repo.reset_worktree(&path, &work).unwrap();
    assert_eq!(repo.snapshot(&path), Ok(work));
    assert!(!path.join("src").exists());
    let head = sample.git_in(&path, &["rev-parse", "HEAD"]);
    assert_eq!(head, start.as_str(), "the branch stays");
}

#[test]
fn a_persons_checkout_is_refused() {
    let sample = Sample::new();
    let (repo, start) = (sample.open(), sample.oid("HEAD"));
    let before = sample.fingerprint();
    assert!(repo.reset_worktree(&sample.root, &start).is_err());
    assert!(
        repo.set_worktree_head(&sample.root, &start, &start)
            .is_err()
    );
    assert!(
        repo.worktree_remove(&sample.root, Removal::WithChanges)
            .is_err()
    );
    assert!(repo.worktree_add(&sample.root, BRANCH, &start).is_err());
    assert_eq!(sample.fingerprint(), before);
}

#[test]
fn references_move_by_compare_and_swap() {
    let sample = Sample::new();
    let (repo, start) = (sample.open(), sample.oid("HEAD"));
    let next = commit_file(&repo, &start, "x", "x");
    let name = "refs/aios/s1.t1.a1";
    let step = |new, expected| {
        repo.update_ref(&RefUpdate {
            name,
            new,
            expected,
            reason: "test\nline",
        })
    };
    assert_eq!(repo.read_ref(name), Ok(None));
    step(&start, None).unwrap();
    assert!(
        matches!(step(&next, None), Err(VcsFailure::Moved { found, .. }) if found.as_ref() == Some(&start))
    );
    assert!(matches!(
        step(&start, Some(&next)),
        Err(VcsFailure::Moved { .. })
    ));
    step(&next, Some(&start)).unwrap();
    assert_eq!(
        repo.list_refs("refs/aios/"),
        Ok(vec![(name.to_owned(), next.clone())])
    );
    assert_eq!(
        repo.read_ref("refs/aios"),
        Ok(None),
        "a prefix is no reference"
    );
    assert!(matches!(
        repo.delete_ref(name, &start),
        Err(VcsFailure::Moved { .. })
    ));
    repo.delete_ref(name, &next).unwrap();
    repo.delete_ref(name, &next).unwrap();
    assert_eq!(repo.read_ref(name), Ok(None));
}

#[test]
fn worktrees_are_added_and_removed_side_by_side() {
    let sample = Sample::new();
    let (repo, start) = (sample.open(), sample.oid("HEAD"));
    std::thread::scope(|scope| {
        for number in 0..6 {
            let (repo, start, path) = (&repo, &start, sample.worktree(&format!("p{number}")));
            scope.spawn(move || {
                let branch = format!("refs/heads/aios/s1.t{number}");
                for _ in 0..3 {
                    repo.worktree_add(&path, &branch, start).unwrap();
                    repo.worktree_list().unwrap();
                    repo.worktree_remove(&path, Removal::WithChanges).unwrap();
                }
            });
        }
    });
    assert_eq!(repo.worktree_list().unwrap().len(), 1);
}
