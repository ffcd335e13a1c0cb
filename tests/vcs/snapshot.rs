//! Snapshots: what counts as a file, and what cannot be hidden from one.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use aios::adapters::vcs::git::GitRepo;
use aios::base::id::Oid;
use aios::engine::ports::vcs::{Content, FileKind, NewContent, TreeEdit, Vcs as _, VcsFailure};

use crate::sample::{Sample, put};

/// A worktree of a sample, the tree that it started with, and the sample.
fn at_work(sample: &Sample) -> (GitRepo, PathBuf, Oid) {
    let (repo, path) = (sample.open(), sample.worktree("t1"));
    let start = sample.oid("HEAD");
    repo.worktree_add(&path, "refs/heads/aios/s1.t1", &start)
        .unwrap();
    let tree = repo.tree_of(&start).unwrap();
    assert_eq!(repo.snapshot(&path), Ok(tree.clone()));
    (repo, path, tree)
}

/// What has changed since a tree: a sign, the kind and the path of each file.
fn changed(repo: &GitRepo, path: &Path, since: &Oid) -> Vec<String> {
    let now = repo.snapshot(path).unwrap();
    let changes = repo.tree_changes(since, &now).unwrap();
    let paths: Vec<_> = changes.iter().map(|change| change.path.clone()).collect();
    assert_eq!(repo.diff_tree_paths(since, &now), Ok(paths));
    changes
        .iter()
        .map(|change| {
            let sign = match (&change.before, &change.after) {
                (None, Some(_)) => '+',
                (Some(_), None) => '-',
                _ => '~',
            };
            let kind = change.after.as_ref().map_or("", |entry| match entry.kind {
                FileKind::Plain => "",
                FileKind::Executable => "x",
                FileKind::Link => "l",
                FileKind::Submodule => "s",
            });
            format!("{sign}{kind} {}", change.path.escape_ascii())
        })
        .collect()
}

#[test]
fn all_kinds_of_files_are_seen() {
    let sample = Sample::new();
    let (repo, path, tree) = at_work(&sample);
    put(&path, "plain", "p");
    put(&path, ".hidden/-rf", "x");
    put(&path, "tool", "#!/bin/sh\n");
    fs::set_permissions(path.join("tool"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("/etc/passwd", path.join("link")).unwrap();
    fs::write(path.join(OsStr::from_bytes(b"bad\xff")), "raw").unwrap();
    fs::write(path.join("crlf.txt"), "a\r\nb\r\n").unwrap();
    let pipe = Command::new("mkfifo").arg(path.join("pipe")).status();
    assert!(pipe.unwrap().success());
    assert_eq!(
        changed(&repo, &path, &tree),
        [
            "+ .hidden/-rf",
            "+ bad\\xff",
            "+ crlf.txt",
            "+l link",
            "+ plain",
            "+x tool"
        ]
    );
    let now = repo.snapshot(&path).unwrap();
    let link = repo.entry(&now, b"link").unwrap().unwrap();
    assert_eq!((link.kind, link.size), (FileKind::Link, Some(11)));
    assert_eq!(repo.blob(&link.oid, 100), Ok(b"/etc/passwd".to_vec()));
    let crlf = repo.entry(&now, b"crlf.txt").unwrap().unwrap();
    assert_eq!(repo.blob(&crlf.oid, 100), Ok(b"a\r\nb\r\n".to_vec()));
    assert_eq!(repo.entry(&now, b"*"), Ok(None));
    assert_eq!(repo.entry(&now, b".hidden"), Ok(None));
}

#[test]
fn files_folders_and_links_may_take_each_others_places() {
    let sample = Sample::new();
    let (repo, path, tree) = at_work(&sample);
    fs::remove_file(path.join("a.txt")).unwrap();
    put(&path, "a.txt/inner", "i");
    fs::remove_dir_all(path.join("src")).unwrap();
    put(&path, "src", "now a file");
    assert_eq!(
        changed(&repo, &path, &tree),
        ["- a.txt", "+ a.txt/inner", "+ src", "- src/b.txt"]
    );
    // The link leads to a folder that holds a file of the same name and content.
    fs::remove_file(path.join("src")).unwrap();
    put(&path, "else/b.txt", "b\n");
    symlink("else", path.join("src")).unwrap();
    assert_eq!(
        changed(&repo, &path, &tree),
        [
            "- a.txt",
            "+ a.txt/inner",
            "+ else/b.txt",
            "+l src",
            "- src/b.txt"
        ]
    );
    repo.reset_worktree(&path, &tree).unwrap();
    assert_eq!(changed(&repo, &path, &tree), [""; 0]);
    let pipe = path.join("a.txt");
    fs::remove_file(&pipe).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(changed(&repo, &path, &tree), ["- a.txt"]);
}

#[test]
fn nothing_hides_from_a_snapshot() {
    let sample = Sample::new();
    let (repo, path, tree) = at_work(&sample);
    for flag in ["--skip-worktree", "--assume-unchanged"] {
        sample.git_in(&path, &["update-index", flag, "a.txt"]);
    }
    put(&path, "a.txt", "evil\n");
    put(
        &path,
        ".gitattributes",
        "*.txt -diff -text ident filter=ev\n",
    );
    sample.git_in(&path, &["init", "-q", "nested"]);
    put(&path, "nested/code.txt", "x");
    put(&path, "nested/.gitignore", "*.o\n");
    put(&path, "nested/code.o", "x");
    let expected = [
        "+ .gitattributes",
        "~ a.txt",
        "+ nested/.gitignore",
        "+ nested/code.txt",
    ];
    assert_eq!(changed(&repo, &path, &tree), expected);
    sample.git_in(&path.join("nested"), &["add", "-A"]);
    sample.git_in(&path.join("nested"), &["commit", "-qm", "inner"]);
    assert_eq!(changed(&repo, &path, &tree), expected);
    let now = repo.snapshot(&path).unwrap();
    let diff = String::from_utf8(repo.diff(&tree, &now, 1).unwrap()).unwrap();
    assert!(diff.contains("+evil") && diff.contains("-one"), "{diff}");
}

#[test]
fn what_a_killed_write_left_is_nobodys_work() {
    let sample = Sample::new();
    let (repo, path, tree) = at_work(&sample);
    put(&path, ".aios-write-0123456789abcdef", "half");
    put(&path, "deep/.aios-write-fedcba9876543210", "half");
    assert_eq!(changed(&repo, &path, &tree), [""; 0]);
    put(&path, ".aios-write-notes", "a name of somebody's own");
    assert_eq!(changed(&repo, &path, &tree), ["+ .aios-write-notes"]);
}

#[test]
fn a_damaged_index_is_made_again() {
    let sample = Sample::new();
    let (repo, path, tree) = at_work(&sample);
    let index = sample.root.join(".git/worktrees/t1/aios-index");
    for damage in ["", "garbage", "DIRC\0\0\0\u{2}"] {
        fs::write(&index, damage).unwrap();
        put(index.parent().unwrap(), "aios-index.lock", "");
        assert_eq!(repo.snapshot(&path), Ok(tree.clone()), "{damage:?}");
    }
    fs::remove_file(&index).unwrap();
    put(&path, "a.txt", "x");
    assert_eq!(changed(&repo, &path, &tree), ["~ a.txt"]);
}

#[test]
fn objects_lost_to_a_clean_up_are_stored_again() {
    let sample = Sample::new();
    let (repo, path, tree) = at_work(&sample);
    put(&path, "new.txt", "new content\n");
    let before = repo.snapshot(&path).unwrap();
    sample.git(&["prune", "--expire=now"]);
    put(&path, "other.txt", "o");
    assert_eq!(changed(&repo, &path, &tree), ["+ new.txt", "+ other.txt"]);
    fs::remove_file(path.join("other.txt")).unwrap();
    assert_eq!(repo.snapshot(&path), Ok(before));
}

#[test]
fn a_snapshot_of_a_persons_checkout_changes_nothing_there() {
    let sample = Sample::new();
    sample.write("a.txt", "dirty\n");
    sample.write("untracked", "u");
    let before = sample.fingerprint();
    let repo = sample.open();
    let tree = repo.tree_of(&sample.oid("HEAD")).unwrap();
    assert_eq!(
        changed(&repo, &sample.root, &tree),
        ["~ a.txt", "+ untracked"]
    );
    assert_eq!(sample.fingerprint(), before);
}

#[test]
fn trees_are_edited_in_memory() {
    let sample = Sample::new();
    let repo = sample.open();
    let start = sample.oid("HEAD");
    let edit = |path: &[u8], after: Option<(FileKind, &[u8])>| TreeEdit {
        path: path.to_vec(),
        after: after.map(|(kind, bytes)| (kind, bytes.to_vec().into())),
    };
    let edits = [
        edit(b"src", Some((FileKind::Link, b"a.txt"))),
        edit(b"src/b.txt", None),
        edit(b"a.txt", None),
        edit(b"a.txt/\xff", Some((FileKind::Executable, b"\r\n\0"))),
        edit(b"no such file", None),
    ];
    let tree = repo.write_tree_with(&start, &edits).unwrap();
    let changes = repo.tree_changes(&start, &tree).unwrap();
    let paths: Vec<_> = changes
        .iter()
        .map(|change| change.path.as_slice())
        .collect();
    assert_eq!(paths, [&b"a.txt"[..], b"a.txt/\xff", b"src", b"src/b.txt"]);
    let odd = repo.entry(&tree, b"a.txt/\xff").unwrap().unwrap();
    // A content that is there already is named, whatever its size.
    let named = TreeEdit {
        path: b"same".to_vec(),
        after: Some((FileKind::Plain, NewContent::Object(odd.oid.clone()))),
    };
    let with = repo.write_tree_with(&tree, &[named]).unwrap();
    let same = repo.entry(&with, b"same").unwrap().unwrap();
    assert_eq!((same.oid, same.kind), (odd.oid.clone(), FileKind::Plain));
    assert_eq!(odd.kind, FileKind::Executable);
    assert_eq!(repo.blob(&odd.oid, 3), Ok(b"\r\n\0".to_vec()));
    for path in [
        &b".git/config"[..],
        b"../up",
        b"/abs",
        b"",
        b"a//b",
        b"x/.GIT/hooks/y",
    ] {
        let bad = repo.write_tree_with(&start, &[edit(path, Some((FileKind::Plain, b"x")))]);
        assert!(
            bad.is_err(),
            "{:?} was taken",
            path.escape_ascii().to_string()
        );
    }
}

#[test]
fn contents_are_read_many_at_once() {
    let sample = Sample::new();
    let repo = sample.open();
    let start = sample.oid("HEAD");
    let (one, two) = (sample.oid("HEAD:a.txt"), sample.oid("HEAD:src/b.txt"));
    let missing: Oid = "1".repeat(40).parse().unwrap();
    let tree = repo.tree_of(&start).unwrap();
    let asked = [two.clone(), one.clone(), missing.clone(), tree, two.clone()];
    let b = || Content::Bytes(b"b\n".to_vec());
    let contents = repo.blobs(&asked, 60).unwrap();
    assert_eq!(
        contents[..3],
        [
            b(),
            Content::Bytes(b"one\ntwo\nthree\n".to_vec()),
            Content::Missing
        ]
    );
    assert_eq!(contents[4], b());
    assert!(
        !matches!(contents[3], Content::Bytes(_)),
        "a folder is no content"
    );
    assert_eq!(
        repo.blobs(&[one.clone(), two], 5),
        Ok(vec![Content::TooLarge(14), b()])
    );
    assert!(matches!(
        repo.blob(&one, 5),
        Err(VcsFailure::TooLarge { limit: 5, .. })
    ));
    assert!(matches!(
        repo.blob(&missing, 5),
        Err(VcsFailure::NotFound { .. })
    ));
    assert_eq!(repo.blobs(&[], 5), Ok(Vec::new()));
}

#[test]
fn worktrees_are_worked_on_at_the_same_time() {
    let sample = Sample::new();
    let (repo, start) = (sample.open(), sample.oid("HEAD"));
    let trees = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|number| {
                let (repo, start, sample) = (&repo, &start, &sample);
                scope.spawn(move || {
                    let path = sample.worktree(&format!("t{}", number / 2));
                    let branch = format!("refs/heads/aios/s1.t{}", number / 2);
                    repo.worktree_add(&path, &branch, start).unwrap();
                    repo.snapshot(&path).unwrap()
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect::<Vec<_>>()
    });
    let tree = repo.tree_of(&start).unwrap();
    assert!(trees.iter().all(|one| *one == tree));
}
