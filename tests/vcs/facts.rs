//! Finding repositories, and saying what they are.

use std::fs;
use std::os::unix::fs::symlink;

use aios::adapters::vcs::git::{GitRepo, Surroundings};
use aios::engine::ports::vcs::{Identity, Vcs as _, VcsFailure};

use crate::sample::{Sample, put};

#[test]
fn a_repository_is_found_from_below_and_through_links() {
    let sample = Sample::new();
    let link = sample.folder.path().join("link");
    symlink(&sample.root, &link).unwrap();
    for folder in [sample.root.join("src"), link.clone(), link.join("src")] {
        let repo = GitRepo::discover_with(&folder, sample.surroundings()).unwrap();
        assert_eq!(repo.root(), sample.root);
        let facts = repo.facts().unwrap();
        assert_eq!(facts.common_dir, sample.root.join(".git"));
        assert_eq!(facts.base(), Ok(&sample.oid("HEAD")));
        assert_eq!(facts.branch.as_deref(), Some("refs/heads/main"));
        assert!(!facts.is_linked_worktree && !facts.is_shallow);
        assert_eq!((facts.dirty.len(), facts.untracked), (0, 0));
    }
}

#[test]
fn what_cannot_be_opened_is_said_in_one_line() {
    let sample = Sample::empty(&[]);
    let facts = sample.open().facts().unwrap();
    assert_eq!(facts.branch.as_deref(), Some("refs/heads/main"));
    assert!(matches!(facts.base(), Err(VcsFailure::NoCommits { .. })));

    let home = sample.folder.path().join("home");
    let bare = sample.folder.path().join("bare");
    sample.git(&["init", "-q", "--bare", bare.to_str().unwrap()]);
    let open = |folder: &std::path::Path| {
        GitRepo::discover_with(folder, sample.surroundings()).map(|_| ())
    };
    assert!(matches!(
        open(&home),
        Err(VcsFailure::NotARepository { .. })
    ));
    assert!(matches!(open(&bare), Err(VcsFailure::Bare { .. })));
    assert!(matches!(
        open(&home.join("no")),
        Err(VcsFailure::NotFound { .. })
    ));
    assert!(matches!(
        open(&sample.root.join(".git")),
        Err(VcsFailure::NotARepository { .. })
    ));
}

#[test]
fn a_missing_or_old_git_is_named() {
    let sample = Sample::new();
    let bin = sample.folder.path().join("bin");
    put(&bin, "git", "#!/bin/sh\necho git version 2.30.1\n");
    let with = |path: &str| {
        let surroundings = Surroundings {
            path: path.into(),
            ..Surroundings::default()
        };
        GitRepo::discover_with(&sample.root, surroundings).map(|_| ())
    };
    let path = bin.to_str().unwrap().to_owned();
    assert_eq!(with(&path), Err(VcsFailure::Missing), "not to be run yet");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(bin.join("git"), mode).unwrap();
    let failure = with(&path).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "git 2.30.1 is too old; install git 2.38 or newer"
    );
}

#[test]
fn a_dirty_detached_checkout_is_described() {
    let sample = Sample::new();
    sample.git(&["checkout", "-q", "--detach"]);
    sample.write("a.txt", "changed\n");
    sample.write("new/one", "1");
    sample.write("new/two", "2");
    sample.git(&["rm", "-q", "--cached", "src/b.txt"]);
    let facts = sample.open().facts().unwrap();
    assert_eq!(facts.branch, None);
    assert_eq!(facts.head, Some(sample.oid("HEAD")));
    assert_eq!(facts.dirty, ["a.txt", "src/b.txt"]);
    assert_eq!(facts.untracked, 2, "one folder, one file no longer tracked");
}

#[test]
fn linked_worktrees_share_the_id_and_clones_do_not() {
    let sample = Sample::new();
    let linked = sample.folder.path().join("linked");
    sample.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    let clone = sample.folder.path().join("clone");
    let id = sample.open().workspace_id().unwrap();
    sample.git(
        &[
            "clone",
            "-q",
            "--depth=1",
            "file://.",
            clone.to_str().unwrap(),
        ]
        .map(|word| word.replace("file://.", &format!("file://{}", sample.root.display()))),
    );
    let open = |folder| GitRepo::discover_with(folder, sample.surroundings()).unwrap();
    let (linked, clone) = (open(&linked), open(&clone));
    assert_eq!(linked.workspace_id(), Ok(id.clone()));
    assert_ne!(clone.workspace_id(), Ok(id));
    assert!(linked.facts().unwrap().is_linked_worktree);
    assert!(!clone.facts().unwrap().is_linked_worktree);
}

#[test]
fn the_user_is_read_from_the_configuration() {
    let sample = Sample::new();
    let repo = sample.open();
    assert_eq!(repo.identity(), Ok(None));
    put(
        &sample.folder.path().join("home"),
        ".gitconfig",
        "[user]\n\tname = Ada L\n\temail = ada@example.invalid\n",
    );
    let ada = |email: &str| {
        Ok(Some(Identity {
            name: "Ada L".to_owned(),
            email: email.to_owned(),
        }))
    };
    assert_eq!(repo.identity(), ada("ada@example.invalid"));
    sample.git(&["config", "user.email", "ada@here.invalid"]);
    assert_eq!(repo.identity(), ada("ada@here.invalid"));
}

#[test]
fn the_users_ignore_list_counts() {
    let sample = Sample::new();
    let home = sample.folder.path().join("home");
    put(&home, ".config/git/ignore", "*.swp\n");
    sample.write("x.swp", "");
    assert_eq!(sample.open().facts().unwrap().untracked, 0);
    put(&home, ".gitconfig", "[core]\n\texcludesFile = ~/my list\n");
    put(&home, "my list", "*.bak\n");
    sample.write("x.bak", "");
    assert_eq!(sample.open().facts().unwrap().untracked, 1, "x.swp alone");
}
