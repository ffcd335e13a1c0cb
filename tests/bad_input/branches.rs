//! What happens to the base branch while a sprint is under way, and tasks that do not fit together.

use crate::agents::{Work, doing, write};
use crate::arguments::reviewed;
use crate::bench::{Bench, RUN, Ran};
use crate::llm::Behaviour;
use crate::row::{Row, run};

pub(crate) fn rows() -> Vec<Row> {
    moved().into_iter().chain(in_the_way()).collect()
}

fn moved() -> Vec<Row> {
    vec![
        Row::story(
            "the base branch moved",
            &["s1 landed as", "tasks, spent"],
            |bench| {
                bench.put("theirs.txt", "theirs\n", 0o644);
                bench.commit("theirs");
                run(bench)
            },
        )
        .on(reviewed)
        .then(|bench, _| {
            assert_eq!(bench.git(&["show", "main:one.txt"]), "1");
            assert_eq!(bench.git(&["show", "main:theirs.txt"]), "theirs");
            assert_eq!(bench.git(&["status", "--porcelain"]), "");
        }),
        Row::ends(
            "the base branch moved against the work",
            8,
            "E-MERGE-01",
            &["main moved and conflicts", "one.txt", "aios/s1"],
            |bench| {
                bench.put("one.txt", "theirs\n", 0o644);
                bench.commit("theirs");
                run(bench)
            },
        )
        .on(reviewed)
        .then(kept_apart),
        Row::ends(
            "the base branch was rewritten",
            4,
            "E-REPO-07",
            &["main was rewritten", "approve again"],
            |bench| {
                bench.git(&["commit", "-q", "--amend", "-m", "begun in other words"]);
                run(bench)
            },
        )
        .on(reviewed)
        .on(two_commits)
        .then(kept_apart)
        .then(|bench, _| {
            // To say the goal again is the word that it is right.
            bench.run(&[]).ends(0);
            assert_eq!(bench.git(&["show", "main:one.txt"]), "1");
        }),
        Row::ends(
            "the base branch is gone",
            4,
            "E-REPO-07",
            &["main is gone", "aios/s1"],
            |bench| {
                bench.git(&["checkout", "-q", "-b", "other"]);
                bench.git(&["branch", "-q", "-D", "main"]);
                run(bench)
            },
        )
        .on(reviewed)
        .then(|bench, _| assert_eq!(bench.git(&["show", "aios/s1:one.txt"]), "1")),
    ]
}

fn in_the_way() -> Vec<Row> {
    vec![
        Row::ends(
            "the base branch is checked out and dirty",
            4,
            "E-REPO-08",
            &["main is checked out in", "README.md", "commit or stash"],
            |bench| {
                bench.put("README.md", "mine\n", 0o644);
                run(bench)
            },
        )
        .on(reviewed)
        .then(kept_apart)
        .then(|bench, _| {
            bench.git(&["stash", "-q"]);
            bench.run(&[]).ends(0);
            bench.git(&["stash", "pop", "-q"]);
            assert_eq!(bench.git(&["show", "main:one.txt"]), "1");
            assert_eq!(bench.git(&["diff", "--name-only"]), "README.md");
        }),
        Row::story(
            "tasks that conflict with one another",
            &["s1 landed as", "2 of 2 tasks, spent"],
            run,
        )
        .provider(|| same_file(2))
        .then(|bench, _| {
            assert_eq!(bench.of_kind("MergeConflicted").len(), 1);
            let landed = bench.git(&["show", "main:same.txt"]);
            assert!(["0", "1"].contains(&landed.as_str()), "{landed}");
        }),
        Row::ends(
            "tasks that conflict again and again",
            8,
            "E-MERGE-01",
            &["CONFLICT waits for a person", "same.txt"],
            |bench| bench.command(&[&RUN[..], &["--agents", "6"]].concat()),
        )
        .provider(|| same_file(6)),
    ]
}

/// Tasks that write other words into one file.
fn same_file(count: usize) -> Behaviour {
    let works: Vec<Work> = (0..count)
        .map(|number| {
            write(
                &format!("task-{number}"),
                "same.txt",
                &format!("{number}\n"),
            )
        })
        .collect();
    doing(works)
}

fn two_commits(bench: &Bench) {
    bench.put("more.txt", "more\n", 0o644);
    bench.commit("more");
}

/// The work is on the sprint's branch, and the base has nothing of it.
fn kept_apart(bench: &Bench, _: &Ran) {
    assert_eq!(bench.git(&["show", "aios/s1:one.txt"]), "1");
    assert!(
        !bench
            .git(&["log", "--format=%B", "main"])
            .contains("AIOS-Task")
    );
}
