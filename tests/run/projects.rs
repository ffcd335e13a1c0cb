//! Sprints that complete: in both wire formats, on a dirty checkout, without a branch, with Cargo and with an npm-like project.

use std::fs;

use crate::agents::{INPUT, OUTPUT, doing, write};
use crate::bench::{Bench, Ran, files};
use crate::llm::Wire;
use crate::needs;

/// Nano-dollars of one reply at the prices that the bench sets: 1 and 10 dollars a million.
const REPLY: u64 = INPUT * 1_000 + OUTPUT * 10_000;

/// Every reply that was served is in the ledger, once, to the nano-dollar.
fn ledger_is_what_was_served(bench: &Bench) {
    let replies = bench.of_kind("ModelReplied");
    assert_eq!(replies.len(), bench.fake.calls());
    assert_eq!(bench.fake.whole(), bench.fake.calls());
    let costs = replies
        .iter()
        .map(|reply| reply["ended"]["entry"]["cost"].as_u64().unwrap());
    assert_eq!(costs.sum::<u64>(), REPLY * replies.len() as u64);
}

#[test]
fn a_goal_becomes_merged_work_in_both_wire_formats() {
    for wire in [Wire::Anthropic, Wire::OpenAi] {
        let works = vec![
            write("one", "one.txt", "1\n"),
            write("two", "two.txt", "2\n"),
        ];
        let bench = Bench::new(wire, doing(works));
        let ran = bench.run(&[]).ends(0);
        assert!(ran.out.contains("s1 landed as"), "{}", ran.out);
        assert_eq!(
            fs::read_to_string(bench.repo.join("two.txt")).unwrap(),
            "2\n"
        );
        assert_eq!(
            bench
                .git(&["log", "--merges", "--format=%s", "main"])
                .lines()
                .count(),
            2
        );
        assert_eq!(bench.git(&["status", "--porcelain"]), "");
        ledger_is_what_was_served(&bench);
        let trailers = bench.git(&[
            "log",
            "--format=%(trailers:key=AIOS-Task,valueonly)",
            "main",
        ]);
        assert!(
            trailers.contains("s1.t1") && trailers.contains("s1.t2"),
            "{trailers}"
        );
    }
}

#[test]
fn a_dirty_checkout_stays_byte_equal_and_gets_the_work_once_it_is_clean() {
    let bench = Bench::new(Wire::OpenAi, doing(vec![write("one", "one.txt", "1\n")]));
    bench.put("README.md", "Changed and not committed.\n", 0o644);
    bench.put("notes.txt", "Not tracked.\n", 0o600);
    let before = files(&bench.repo);
    let ran = bench
        .run(&[])
        .ends(4)
        .says("E-REPO-08", "commit or stash them");
    assert!(
        ran.err.contains("1 changed files are not committed"),
        "{}",
        ran.err
    );
    assert_eq!(files(&bench.repo), before);
    assert_eq!(bench.git(&["show", "aios/s1:one.txt"]), "1");
    // The same command again, once the checkout is clean, brings it in.
    let calls = bench.fake.calls();
    bench.git(&["stash", "-q"]);
    let ran = bench.run(&[]).ends(0);
    assert!(
        ran.err.contains("s1 was begun before and goes on"),
        "{}",
        ran.err
    );
    bench.git(&["stash", "pop", "-q"]);
    assert_eq!(bench.git(&["show", "main:one.txt"]), "1");
    let kept = files(&bench.repo)
        .into_iter()
        .filter(|file| !file.0.ends_with("one.txt"));
    assert_eq!(kept.collect::<Vec<_>>(), before);
    assert_eq!(bench.fake.calls(), calls);
    ledger_is_what_was_served(&bench);
}

#[test]
fn without_a_branch_the_work_is_kept_apart() {
    let bench = Bench::new(Wire::Anthropic, doing(vec![write("one", "one.txt", "1\n")]));
    bench.git(&["checkout", "-q", "--detach"]);
    let ran = bench.run(&[]).ends(0);
    assert!(ran.err.contains("HEAD is on no branch"), "{}", ran.err);
    assert!(
        ran.out.contains("kept apart on the branch aios/s1"),
        "{}",
        ran.out
    );
    assert_eq!(bench.git(&["show", "aios/s1:one.txt"]), "1");
    assert!(!bench.repo.join("one.txt").exists());
}

/// A project with a dependency in a folder of its own, its base checked out and dirty.
fn goes_through(bench: &Bench, prepare: impl Fn(&mut std::process::Command)) {
    bench.put("README.md", "Changed and not committed.\n", 0o644);
    let before = files(&bench.repo);
    let mut command = bench.command(&crate::bench::RUN);
    prepare(&mut command);
    Ran::of(&command.output().unwrap())
        .ends(4)
        .says("E-REPO-08", "commit or stash them");
    assert_eq!(files(&bench.repo), before);
    bench.git(&["stash", "-q"]);
    let mut command = bench.command(&crate::bench::RUN);
    prepare(&mut command);
    Ran::of(&command.output().unwrap()).ends(0);
    bench.git(&["stash", "pop", "-q"]);
    for finished in bench.of_kind("ChecksFinished") {
        for result in finished["results"].as_array().unwrap() {
            assert_eq!(result["exit"], 0, "{result}");
        }
    }
}

#[test]
fn a_cargo_project_with_a_local_dependency_goes_through() {
    if !needs::has("cargo", needs::installed("cargo"), "a Cargo project") {
        return;
    }
    let test = "use helper::twice;\n\n#[test]\nfn four() {\n    assert_eq!(twice(2), 4);\n}\n";
    let mut work = write("four", "tests/four.rs", test);
    work.proof = "cargo test --offline --test four".to_owned();
    let bench = Bench::new(Wire::Anthropic, doing(vec![work]));
    bench.git(&["rm", "-q", "checks.sh"]);
    let package = |name: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n")
    };
    let root = format!(
        "{}\n[dependencies]\nhelper = {{ path = \"helper\" }}\n",
        package("app")
    );
    bench.put("Cargo.toml", &root, 0o644);
    bench.put("helper/Cargo.toml", &package("helper"), 0o644);
    bench.put(
        "helper/src/lib.rs",
        "pub fn twice(n: u32) -> u32 {\n    2 * n\n}\n",
        0o644,
    );
    bench.put("src/lib.rs", "pub use helper::twice;\n", 0o644);
    bench.put(".gitignore", "target\nCargo.lock\n", 0o644);
    bench.put(
        "AGENTS.md",
        "Keep it small: sentinel-of-the-instructions.\n",
        0o644,
    );
    bench.commit("a Cargo project");
    let home = std::env::home_dir().unwrap();
    let folder =
        |name: &str, usual: &str| std::env::var_os(name).unwrap_or_else(|| home.join(usual).into());
    let (cargo, rustup) = (
        folder("CARGO_HOME", ".cargo"),
        folder("RUSTUP_HOME", ".rustup"),
    );
    goes_through(&bench, |command| {
        command
            .env("CARGO_HOME", &cargo)
            .env("RUSTUP_HOME", &rustup)
            .env("CARGO_NET_OFFLINE", "true");
    });
    let requests = bench.fake.server().requests();
    let told = requests.iter().filter(|request| {
        request
            .body
            .to_string()
            .contains("sentinel-of-the-instructions")
    });
    assert!(
        told.count() > 0,
        "the instructions reach the agents once they are trusted"
    );
}

#[test]
fn an_npm_like_project_with_a_local_dependency_goes_through() {
    let work = write("page", "page.txt", "A page.\n");
    let bench = Bench::new(Wire::OpenAi, doing(vec![work]));
    bench.git(&["rm", "-q", "checks.sh"]);
    let package = r#"{"name": "app", "dependencies": {"helper": "file:helper"}, "scripts": {"test": "sh test.sh"}}"#;
    bench.put("package.json", package, 0o644);
    bench.put("helper/index.sh", "greet() { echo hello; }\n", 0o644);
    bench.put(
        "test.sh",
        ". node_modules/helper/index.sh\ntest \"$(greet)\" = hello\n",
        0o644,
    );
    bench.put(".gitignore", "node_modules\n.env\n", 0o644);
    bench.put(".env", "MODE=test\n", 0o600);
    bench.put(
        ".aios/config.toml",
        "[worktree]\nsetup = \"npm install && test -f .env\"\ninclude = [\".env\"]\n",
        0o644,
    );
    bench.commit("an npm-like project");
    // Stands in for npm: `install` links what is named as a folder, `run` runs the one script.
    let tools = bench.home().join("tools");
    fs::create_dir_all(&tools).unwrap();
    let npm = "#!/bin/sh\ncase \"$1\" in\n  install) mkdir -p node_modules && ln -sfn ../helper node_modules/helper ;;\n  run) sh test.sh ;;\nesac\n";
    fs::write(tools.join("npm"), npm).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(tools.join("npm"), mode).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    goes_through(&bench, |command| {
        command.env("PATH", format!("{}:{path}", tools.display()));
    });
}
