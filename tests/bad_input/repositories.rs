//! Repositories: missing, empty, broken, or of a kind that needs care; and git itself.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use crate::agents::{stumbling, write};
use crate::bench::{Bench, RUN, Ran};
use crate::row::{Row, results, run};

/// A folder beside the repository.
fn beside(bench: &Bench, name: &str) -> PathBuf {
    let folder = bench.base().join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs git in a folder beside the repository.
fn git(folder: &std::path::Path, arguments: &[&str]) {
    let ran = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(ran.status.success(), "git {arguments:?}");
}

/// The usual run in another folder.
fn run_in(bench: &Bench, folder: &std::path::Path) -> Command {
    let mut command = bench.command(&RUN);
    command
        .current_dir(folder)
        .env("GIT_CEILING_DIRECTORIES", bench.base());
    command
}

/// The usual run with a program of this name and text first in `PATH`.
fn with_program(bench: &Bench, name: &str, text: &str) -> Command {
    let tools = bench.home().join("scratch");
    fs::create_dir_all(&tools).unwrap();
    let file = tools.join(name);
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = bench.command(&RUN);
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", tools.display()));
    command
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = refused();
    rows.extend(unusual());
    rows
}

fn refused() -> Vec<Row> {
    vec![
        Row::refused(
            "not a git repository",
            3,
            "E-REPO-01",
            &["/elsewhere", "run git init"],
            |bench| run_in(bench, &beside(bench, "elsewhere")),
        ),
        Row::refused(
            "no commits",
            3,
            "E-REPO-02",
            &["/elsewhere", "commit something first"],
            |bench| {
                let folder = beside(bench, "elsewhere");
                git(&folder, &["init", "-q", "-b", "main"]);
                run_in(bench, &folder)
            },
        ),
        Row::refused(
            "a bare repository",
            3,
            "E-REPO-06",
            &["/scratch", "-C DIR"],
            |bench| {
                let folder = beside(bench, "home/scratch");
                git(&folder, &["init", "-q", "--bare", "-b", "main"]);
                run_in(bench, &folder)
            },
        ),
        Row::refused(
            "a damaged repository",
            3,
            "E-REPO-01",
            &["/repo/.git is damaged"],
            |bench| {
                fs::remove_file(bench.repo.join(".git/HEAD")).unwrap();
                run_in(bench, &bench.repo)
            },
        ),
        Row::refused(
            "git is missing",
            3,
            "E-REPO-04",
            &["install git 2.38"],
            |bench| {
                let mut command = bench.command(&RUN);
                command.env("PATH", beside(bench, "elsewhere"));
                command
            },
        ),
        Row::refused(
            "git is too old",
            3,
            "E-REPO-05",
            &["git 2.37.9 is too old", "install git 2.38"],
            |bench| with_program(bench, "git", "#!/bin/sh\necho git version 2.37.9\n"),
        ),
        Row::refused(
            "a git that is none",
            3,
            "E-REPO-05",
            &["install git 2.38"],
            |bench| with_program(bench, "git", "#!/bin/sh\necho hello\n"),
        ),
        Row::refused("a git that fails", 3, "E-REPO-04", &["git"], |bench| {
            with_program(bench, "git", "#!/bin/sh\necho broken >&2\nexit 3\n")
        }),
    ]
}

/// Repositories that a sprint goes through all the same.
fn unusual() -> Vec<Row> {
    vec![
        Row::goes_on("a detached HEAD", &["HEAD is on no branch", "sprint's own branch"], |bench| {
            bench.git(&["checkout", "-q", "--detach"]);
            run(bench)
        })
        .with_sprint()
        .then(|bench, ran| {
            assert!(ran.out.contains("kept apart on the branch aios/s1"), "{}", ran.out);
            assert_eq!(bench.git(&["show", "aios/s1:one.txt"]), "1");
        }),
        Row::goes_on("a dirty tree", &["1 changed files are not committed"], |bench| {
            bench.put("notes/mine.txt", "mine\n", 0o644);
            bench.commit("mine");
            bench.put("notes/mine.txt", "changed\n", 0o600);
            bench.put("other.txt", "not tracked\n", 0o600);
            // Up to the review, which is before the work meets the checkout.
            bench.command(&[&RUN[..], &["--until", "review"]].concat())
        })
        .with_sprint(),
        Row::story("names that are no UTF-8", &["s1 landed as", "tasks, spent"], |bench| {
            let name = OsStr::from_bytes(b"caf\xe9 \x01.txt");
            fs::write(bench.repo.join(name), "old name\n").unwrap();
            bench.commit("a name of another time");
            run(bench)
        })
        .provider(|| stumbling(vec![write("one", "one.txt", "1\n")], vec![
            ("list_files".to_owned(), json!({})),
            ("read_file".to_owned(), json!({"path": "caf\\xe9 \\x01.txt"})),]))
        .then(|bench, _| {
            let told = results(bench);
            assert!(told.iter().any(|text| text.contains("caf\\xe9")), "{told:#?}");
        }),
        Row::story("lines that end in CRLF", &["s1 landed as", "tasks, spent"], |bench| {
            bench.put("dos.txt", "a\r\nb\r\nc\r\n", 0o644);
            bench.commit("lines of another system");
            bench.git(&["rm", "-q", "--cached", "dos.txt"]);
            bench.git(&["add", "dos.txt"]);
            run(bench)
        })
        .provider(|| stumbling(vec![write("one", "one.txt", "1\n")], vec![(
            "edit_file".to_owned(),
            json!({"path": "dos.txt", "old": "a\nb\n", "new": "a\nx\ny\n", "criterion": "c1"}),
        )]))
        .changes("dos.txt")
        .then(|bench, _| {
            let text = fs::read_to_string(bench.repo.join("dos.txt")).unwrap();
            assert_eq!(text, "a\r\nx\r\ny\r\nc\r\n");
        }),
        Row::story("a root behind a symbolic link", &["s1 landed as", "tasks, spent"], |bench| {
            let link = bench.base().join("link");
            symlink(&bench.repo, &link).unwrap();
            let mut command = bench.command(&["-C", link.to_str().unwrap()]);
            command.args(RUN).current_dir(bench.home());
            command
        })
        .then(same_state),
    ]
}

/// By its true name the repository has the same journal.
fn same_state(bench: &Bench, _: &Ran) {
    let status = bench.aios(&["status"]).ends(0);
    assert!(status.out.contains("s1"), "{}", status.out);
}
