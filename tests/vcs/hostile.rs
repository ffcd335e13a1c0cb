//! Repositories that want a program to be run, or a change to be overlooked.
//!
//! The generator in fixtures/git makes them; each plants a command that creates a "canary" file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use aios::adapters::vcs::git::GitRepo;
use aios::engine::ports::vcs::{LandOutcome, MergeOutcome, Vcs as _, VcsFailure};

use crate::sample::{Sample, commit_file, put};
use crate::tour::sprint;

/// Repositories whose damage must be told, not worked around.
const DAMAGED: [&str; 3] = ["corrupt_obj", "head_garbage", "missing_obj"];

fn canaries(folder: &Path) -> Vec<String> {
    let list = fs::read_dir(folder.join("_canary")).unwrap();
    list.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

/// Makes the repositories; none if this machine lacks bash.
fn corpus(sample: &Sample) -> Option<PathBuf> {
    let bash = Command::new("bash").arg("--version").output();
    if !bash.is_ok_and(|output| output.status.success()) {
        println!("left out: no bash to make the hostile repositories with");
        return None;
    }
    let folder = sample.folder.path().canonicalize().unwrap().join("corpus");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/git/make_git_repos.sh");
    let made = Command::new("bash")
        .arg(script)
        .arg(&folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    Some(folder)
}

fn open(sample: &Sample, folder: &Path) -> Result<GitRepo, VcsFailure> {
    GitRepo::discover_with(folder, sample.surroundings())
}

#[test]
fn a_sprint_on_hostile_repositories_runs_nothing_of_theirs() {
    let sample = Sample::new();
    let Some(corpus) = corpus(&sample) else {
        return;
    };
    let mut repositories: Vec<_> = fs::read_dir(&corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join(".git").exists())
        .collect();
    repositories.sort();
    assert!(repositories.len() > 25, "{}", repositories.len());
    for path in &repositories {
        let name = path.file_name().unwrap().to_string_lossy();
        let trees = sample.worktree(&name);
        let done = open(&sample, path).and_then(|repo| {
            let facts = repo.facts()?;
            let tip = sprint(&repo, &trees)?;
            let branch = facts.branch.clone().unwrap_or_default();
            repo.land(&branch, &tip, facts.base()?)
        });
        assert_eq!(canaries(&corpus), [""; 0], "{name} ran a program");
        assert_eq!(
            done.is_err(),
            DAMAGED.contains(&name.as_ref()),
            "{name}: {done:?}"
        );
        if let Err(failure) = done {
            assert!(!failure.to_string().contains(['\n', '\u{1b}']), "{failure}");
            println!("{name}: {failure}");
        }
    }
    reviews_are_not_evaded(&sample, &corpus);
    the_corpus_is_alive(&sample, &corpus);
}

fn reviews_are_not_evaded(sample: &Sample, corpus: &Path) {
    let repo = open(sample, &corpus.join("grafts")).unwrap();
    assert!(repo.facts().unwrap().is_shallow);

    let repo = open(sample, &corpus.join("skip_worktree")).unwrap();
    let head = repo.facts().unwrap().head.unwrap();
    let tree = repo.snapshot(repo.root()).unwrap();
    assert!(
        repo.diff_tree_paths(&head, &tree)
            .unwrap()
            .contains(&b"a.txt".to_vec())
    );

    let repo = open(sample, &corpus.join("merge_ours")).unwrap();
    let main = repo.read_ref("refs/heads/main").unwrap().unwrap();
    let other = repo.read_ref("refs/heads/f").unwrap().unwrap();
    let MergeOutcome::Clean { tree } = repo.merge_trees(None, &main, &other).unwrap() else {
        panic!("no conflict expected");
    };
    assert!(repo.entry(&tree, b"f").unwrap().is_some());

    let repo = open(sample, &corpus.join("corrupt_obj")).unwrap();
    let blob = repo
        .entry(&repo.facts().unwrap().head.unwrap(), b"b.txt")
        .unwrap();
    assert!(blob.is_some(), "what is whole stays readable");
}

/// The same repositories under plain git, so that silence above means something.
fn the_corpus_is_alive(sample: &Sample, corpus: &Path) {
    for (name, args) in [
        ("fsmonitor", &["status"][..]),
        ("filter_info_attr", &["add", "-A", "--renormalize"]),
        ("hook_postcheckout", &["checkout", "-q", "-b", "alive"]),
    ] {
        sample.plain(&corpus.join(name), args).output().unwrap();
        assert!(
            canaries(corpus).contains(&name.to_owned()),
            "{name} is dead"
        );
    }
}

/// A command that leaves a mark, as a value for a file of configuration.
fn planted(mark: &Path) -> String {
    format!("\"touch '{}'; cat\"", mark.display())
}

#[test]
fn a_hostile_home_runs_nothing() {
    let sample = Sample::new();
    let mark = sample.folder.path().join("mark");
    let command = planted(&mark);
    let home = sample.folder.path().join("home");
    put(
        &home,
        ".gitconfig",
        &format!(
            "[user]\n\tname = Ada\n\temail = a@b\n[core]\n\tfsmonitor = {command}\n\tpager = {command}\n\teditor = {command}\n\
             \thooksPath = ~/hooks\n\tattributesFile = ~/attributes\n\tautocrlf = true\n\tbare = true\n\
             [filter \"ev\"]\n\tclean = {command}\n\tsmudge = {command}\n\tprocess = {command}\n\trequired = true\n\
             [diff]\n\texternal = {command}\n\tnoprefix = true\n[diff \"ev\"]\n\ttextconv = {command}\n\
             [merge \"ev\"]\n\tdriver = {command}\n[merge]\n\tff = false\n\
             [commit]\n\tgpgSign = true\n[gpg]\n\tprogram = {command}\n[submodule]\n\trecurse = true\n"
        ),
    );
    put(&home, "attributes", "* filter=ev diff=ev merge=ev\n");
    for hook in [
        "reference-transaction",
        "post-checkout",
        "post-merge",
        "post-index-change",
    ] {
        put(
            &home.join("hooks"),
            hook,
            &format!("#!/bin/sh\ntouch '{}'\n", mark.display()),
        );
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(home.join("hooks").join(hook), mode).unwrap();
    }
    let repo = sample.open();
    let tip = sprint(&repo, &sample.worktree("")).unwrap();
    let start = sample.open().facts().unwrap().head.unwrap();
    let landed = repo.land("refs/heads/main", &tip, &start).unwrap();
    assert!(matches!(landed, LandOutcome::FastForwarded { .. }));
    assert!(!mark.exists());
    assert_eq!(repo.identity().unwrap().unwrap().name, "Ada");
}

#[test]
fn filters_of_any_name_stay_out_of_a_landing() {
    let sample = Sample::new();
    let mark = sample.folder.path().join("mark");
    for name in ["ev", "a=b", "x.y", "l\u{e9} z"] {
        for key in ["clean", "smudge", "process"] {
            let key = format!("filter.{name}.{key}");
            sample.git(&["config", &key, &format!("touch '{}'; cat", mark.display())]);
        }
        sample.git(&["config", &format!("filter.{name}.required"), "true"]);
    }
    put(
        &sample.root,
        ".git/info/attributes",
        "a.txt filter=ev\nsrc/* filter=a=b\n*.md filter=x.y\n",
    );
    // The same content, newly written, in another second: git must read it to see that nothing has changed.
    sample.write("a.txt", "one\ntwo\nthree\n");
    let written = fs::File::options()
        .write(true)
        .open(sample.root.join("a.txt"))
        .unwrap();
    let before = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    written.set_modified(before).unwrap();
    let (repo, start) = (sample.open(), sample.oid("main"));
    let next = commit_file(&repo, &start, "a.txt", "landed\n");
    let next = commit_file(&repo, &next, "src/b.txt", "landed\n");
    let next = commit_file(&repo, &next, "read.md", "landed\n");
    assert_eq!(repo.facts().unwrap().dirty, [""; 0]);
    let landed = repo.land("refs/heads/main", &next, &start).unwrap();
    assert!(
        matches!(landed, LandOutcome::FastForwarded { .. }),
        "{landed:?}"
    );
    assert!(!mark.exists());
    sample
        .plain(&sample.root, &["add", "-A", "--renormalize"])
        .output()
        .unwrap();
    assert!(mark.exists(), "the trap is dead");
}

#[test]
fn what_an_agent_plants_in_its_worktree_is_not_believed() {
    let sample = Sample::new();
    let mark = sample.folder.path().join("mark");
    let (repo, path, start) = (sample.open(), sample.worktree("t1"), sample.oid("HEAD"));
    repo.worktree_add(&path, "refs/heads/aios/s1.t1", &start)
        .unwrap();
    // A repository of its own inside, tracked as such would be asked for its state by git.
    let nested = path.join("nested");
    fs::create_dir_all(&nested).unwrap();
    sample.git_in(&nested, &["init", "-q"]);
    sample.git_in(&nested, &["commit", "-q", "--allow-empty", "-m", "x"]);
    let config = fs::read_to_string(nested.join(".git/config")).unwrap();
    let trap = format!(
        "{config}[core]\n\tfsmonitor = {0}\n[filter \"ev\"]\n\tclean = {0}\n",
        planted(&mark)
    );
    fs::write(nested.join(".git/config"), &trap).unwrap();
    put(&nested, ".gitattributes", "* filter=ev\n");
    put(&nested, "code.txt", "c");
    // The worktree's own link to its repository, bent to the trap.
    fs::write(
        path.join(".git"),
        format!("gitdir: {}\n", nested.join(".git").display()),
    )
    .unwrap();
    let tree = repo.snapshot(&path).unwrap();
    let tree_again = repo.snapshot(&path).unwrap();
    assert_eq!(tree, tree_again);
    let paths = repo.diff_tree_paths(&start, &tree).unwrap();
    assert_eq!(paths, [&b"nested/.gitattributes"[..], b"nested/code.txt"]);
    repo.reset_worktree(&path, &start).unwrap();
    assert_eq!(repo.snapshot(&path), repo.tree_of(&start));
    assert!(!mark.exists());
    // The worktree itself, bent to a folder of somebody else's.
    let victim = sample.folder.path().join("victim");
    put(&victim, "file", "precious");
    fs::rename(&path, path.with_extension("away")).unwrap();
    std::os::unix::fs::symlink(&victim, &path).unwrap();
    assert!(repo.reset_worktree(&path, &start).is_err());
    assert!(repo.snapshot(&path).is_err());
    assert!(victim.join("file").exists());
}
