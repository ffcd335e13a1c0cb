//! Commits, merges in memory, diffs.

use aios::base::id::Oid;
use aios::base::time::Timestamp;
use aios::engine::ports::vcs::{
    FileKind, Identity, InConflict, MergeOutcome, NewCommit, TreeEdit, Vcs as _,
};

use crate::sample::{Sample, commit, commit_file, marcus, put};

#[test]
fn commits_carry_author_committer_and_trailers() {
    let sample = Sample::new();
    // A signing user: AIOS does not sign in their name, and runs none of it.
    put(
        &sample.folder.path().join("home"),
        ".gitconfig",
        "[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = /nowhere\n",
    );
    let (repo, start) = (sample.open(), sample.oid("HEAD"));
    let user = Identity {
        name: "Ada".to_owned(),
        email: "ada@example.invalid".to_owned(),
    };
    let tree = repo.tree_of(&start).unwrap();
    let parents = [start.clone()];
    let wanted = NewCommit {
        tree: &tree,
        parents: &parents,
        message: "Add x\n\n# not a comment\n\nAIOS-Task: s1.t2\nAIOS-Event: s1.t2/merge\n",
        author: &marcus(),
        committer: Some(&user),
        at: Timestamp(1_700_000_000_999),
    };
    let made = repo.commit_tree(&wanted).unwrap();
    assert_eq!(
        repo.commit_tree(&wanted),
        Ok(made.clone()),
        "the same again"
    );
    let shown = sample.git(&[
        "show",
        "-s",
        "--format=%an <%ae> %at|%cn <%ce> %ct",
        made.as_str(),
    ]);
    assert_eq!(
        shown,
        "Marcus (aios) <marcus@aios.invalid> 1700000000|Ada <ada@example.invalid> 1700000000"
    );
    let log = repo.log(&made, None, 10).unwrap();
    assert_eq!(log.len(), 2);
    assert_eq!(log[0].message, wanted.message);
    assert_eq!(log[0].parents, parents);
    assert_eq!(log[0].trailers().count(), 2);
    assert_eq!(log[1].oid, start);
    let line = "AIOS-Event: s1.t2/merge";
    assert_eq!(repo.find_commit(&made, None, line), Ok(Some(made.clone())));
    assert_eq!(repo.find_commit(&made, Some(&made), line), Ok(None));
    assert_eq!(repo.find_commit(&made, None, "AIOS-Event: s1.t2"), Ok(None));
    assert_eq!(repo.find_commit(&start, None, line), Ok(None));
}

#[test]
fn merges_are_clean_or_say_what_is_wrong() {
    let sample = Sample::new();
    let (repo, start) = (sample.open(), sample.oid("HEAD"));
    let ours = commit_file(&repo, &start, "a.txt", "one\nTWO\nthree\n");
    let beside = commit_file(&repo, &start, "new.txt", "n\n");
    let theirs = commit_file(&repo, &start, "a.txt", "one\n2\nthree\n");
    let gone = {
        let edit = TreeEdit {
            path: b"a.txt".to_vec(),
            after: None,
        };
        let tree = repo.write_tree_with(&start, &[edit]).unwrap();
        commit(&repo, &tree, std::slice::from_ref(&start), "gone\n")
    };
    let MergeOutcome::Clean { tree } = repo.merge_trees(None, &ours, &beside).unwrap() else {
        panic!("no conflict expected");
    };
    assert_eq!(
        repo.diff_tree_paths(&start, &tree).unwrap(),
        [&b"a.txt"[..], b"new.txt"]
    );

    let MergeOutcome::Conflict { tree, files, notes } =
        repo.merge_trees(None, &ours, &theirs).unwrap()
    else {
        panic!("a conflict expected");
    };
    let side = |commit: &Oid| {
        let entry = repo.entry(commit, b"a.txt").unwrap().unwrap();
        Some((entry.kind, entry.oid))
    };
    let whole = InConflict {
        path: b"a.txt".to_vec(),
        base: side(&start),
        ours: side(&ours),
        theirs: side(&theirs),
        beyond: None,
    };
    assert_eq!(files, [whole]);
    assert_eq!(notes, ["CONFLICT (content): Merge conflict in a.txt"]);
    let file = repo.entry(&tree, b"a.txt").unwrap().unwrap();
    let text = String::from_utf8(repo.blob(&file.oid, 1000).unwrap()).unwrap();
    assert!(text.contains("<<<<<<<") && text.contains("|||||||") && text.contains(">>>>>>>"));

    let MergeOutcome::Conflict { files, notes, .. } = repo.merge_trees(None, &ours, &gone).unwrap()
    else {
        panic!("a conflict expected");
    };
    assert_eq!((files.len(), notes.len()), (1, 1));
    assert_eq!((&files[0].theirs, &files[0].beyond), (&None, &None));
    assert!(notes[0].contains("modify/delete"), "{notes:?}");

    // What is about names and not about contents is beyond a choice between contents.
    let moved = |to: &str| {
        let gone = TreeEdit {
            path: b"a.txt".to_vec(),
            after: None,
        };
        let new = TreeEdit {
            path: to.as_bytes().to_vec(),
            after: Some((FileKind::Plain, b"one\ntwo\nthree\n".to_vec().into())),
        };
        let tree = repo.write_tree_with(&start, &[gone, new]).unwrap();
        commit(&repo, &tree, std::slice::from_ref(&start), "moved\n")
    };
    let outcome = repo.merge_trees(None, &moved("b.txt"), &moved("c.txt"));
    let Ok(MergeOutcome::Conflict { files, .. }) = outcome else {
        panic!("a conflict expected");
    };
    assert!(files.iter().all(|file| file.beyond.is_some()), "{files:?}");

    assert_eq!(repo.merge_base(&ours, &theirs), Ok(Some(start.clone())));
    assert_eq!(repo.is_ancestor(&start, &ours), Ok(true));
    assert_eq!(repo.is_ancestor(&ours, &start), Ok(false));
    let merged = repo.merge_trees(Some(&start), &ours, &beside);
    assert!(
        matches!(merged, Ok(MergeOutcome::Clean { .. })),
        "{merged:?}"
    );
}

#[test]
fn histories_that_never_met_have_no_base() {
    let sample = Sample::new();
    let (repo, start) = (sample.open(), sample.oid("HEAD"));
    let tree = repo.tree_of(&start).unwrap();
    let island = commit(&repo, &tree, &[], "island\n");
    assert_eq!(repo.merge_base(&start, &island), Ok(None));
    assert!(repo.merge_trees(None, &start, &island).is_err());
    let missing: Oid = "1".repeat(40).parse().unwrap();
    assert!(repo.merge_base(&start, &missing).is_err());
    assert!(repo.is_ancestor(&start, &missing).is_err());
}

#[test]
fn diffs_are_plain_and_know_renames() {
    let sample = Sample::new();
    for (key, value) in [
        ("diff.noprefix", "true"),
        ("diff.external", "/nowhere"),
        ("diff.context", "0"),
        ("color.diff", "always"),
    ] {
        sample.git(&["config", key, value]);
    }
    let (repo, start) = (sample.open(), sample.oid("HEAD"));
    let edits = [
        TreeEdit {
            path: b"a.txt".to_vec(),
            after: None,
        },
        TreeEdit {
            path: b"moved \xff.txt".to_vec(),
            after: Some((FileKind::Plain, b"one\ntwo\nthree\nfour\n".to_vec().into())),
        },
    ];
    let tree = repo.write_tree_with(&start, &edits).unwrap();
    let diff = String::from_utf8(repo.diff(&start, &tree, 1).unwrap()).unwrap();
    let lines: Vec<_> = diff.lines().collect();
    assert_eq!(lines[0], "diff --git a/a.txt \"b/moved \\377.txt\"");
    assert!(lines.contains(&"rename from a.txt"), "{diff}");
    assert!(
        diff.ends_with("@@ -3 +3,2 @@ two\n three\n+four\n"),
        "{diff}"
    );
    assert_eq!(repo.diff(&start, &start, 3), Ok(Vec::new()));
}
