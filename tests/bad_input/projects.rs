//! Projects whose checks are missing or red.

use crate::agents::{doing, write};
use crate::bench::Bench;
use crate::row::{Row, run};

pub(crate) fn rows() -> Vec<Row> {
    before_the_work()
        .into_iter()
        .chain(after_the_work())
        .collect()
}

fn before_the_work() -> Vec<Row> {
    vec![
        Row::goes_on(
            "a project without any check",
            &["no checks were found", "checks.test"],
            |bench| {
                bench.git(&["rm", "-q", "checks.sh"]);
                bench.git(&["commit", "-q", "-m", "no checks"]);
                run(bench)
            },
        ),
        Row::goes_on(
            "a project without tests",
            &["no tests were found", "checks.test"],
            |bench| {
                bench.git(&["rm", "-q", "checks.sh"]);
                bench.put("Makefile", "lint:\n\ttest -f README.md\n", 0o644);
                bench.commit("a lint alone");
                run(bench)
            },
        ),
        Row::story(
            "a project that is red before",
            &["s1 baseline: 0 green, 1 red"],
            |bench| {
                bench.put("checks.sh", "#!/bin/sh\nfalse\n", 0o755);
                bench.commit("red");
                run(bench)
            },
        )
        .then(|bench, ran| {
            assert!(ran.out.contains("s1 landed"), "{}", ran.out);
            assert_eq!(bench.git(&["show", "main:one.txt"]), "1");
        }),
    ]
}

fn after_the_work() -> Vec<Row> {
    vec![
        Row::ends(
            "work that makes a check red",
            10,
            "E-CHECK-01",
            &["./checks.sh"],
            |bench| {
                bench.put("checks.sh", "#!/bin/sh\ntest ! -e one.txt\n", 0o755);
                bench.commit("a check that the work breaks");
                run(bench)
            },
        )
        .then(base_is_as_it_was),
        Row::ends(
            "a check that hangs",
            10,
            "E-CHECK-01",
            &["./checks.sh"],
            |bench| {
                bench.put(
                    "checks.sh",
                    "#!/bin/sh\ntest ! -e one.txt || sleep 86415\n",
                    0o755,
                );
                bench.put(".aios/config.toml", "[checks]\ntimeout_s = 1\n", 0o644);
                bench.commit("a check that the work hangs");
                run(bench)
            },
        )
        .then(base_is_as_it_was),
        Row::ends(
            "a set-up that fails",
            1,
            "E-RUN-01",
            &["worktree.setup", "no tools"],
            |bench| {
                bench.put(
                    ".aios/config.toml",
                    "[worktree]\nsetup = \"echo no tools >&2; exit 3\"\n",
                    0o644,
                );
                bench.commit("a set-up that fails");
                run(bench)
            },
        ),
        Row::ends(
            "a proof that never holds",
            10,
            "E-CHECK-01",
            &["test -f three.txt exit 1"],
            run,
        )
        .provider(|| {
            let mut work = write("one", "one.txt", "1\n");
            "test -f three.txt".clone_into(&mut work.proof);
            doing(vec![work])
        })
        .then(base_is_as_it_was),
        Row::ends(
            "a check that only the last commit has",
            3,
            "E-REPO-09",
            &["is not trusted: make lint"],
            |bench| {
                bench.put("Makefile", "lint:\n\ttrue\n", 0o644);
                bench.commit("a Makefile");
                std::fs::remove_file(bench.repo.join("Makefile")).unwrap();
                run(bench)
            },
        ),
    ]
}

fn base_is_as_it_was(bench: &Bench, _: &crate::bench::Ran) {
    assert!(
        !bench
            .git(&["log", "--format=%B", "main"])
            .contains("AIOS-Task")
    );
}
