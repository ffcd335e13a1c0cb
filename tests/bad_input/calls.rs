//! Calls of tools as models write them: the fault is the call's result, in one line; nothing outside of the worktree changes.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::agents::{stumbling, write};
use crate::bench::Bench;
use crate::row::{Row, results};

/// What lies beside the repository, and must stay as it is.
const TREASURE: &str = "treasure.txt";

/// A worker whose first call is this one, in a repository with links that lead out.
fn call(
    what: &'static str,
    (tool, args): (&'static str, Value),
    says: &'static [&'static str],
) -> Row {
    Row::told(what, says, move || {
        let calls = vec![(tool.to_owned(), args.clone())];
        stumbling(vec![write("one", "one.txt", "1\n")], calls)
    })
    .on(|bench| {
        fs::write(bench.base().join(TREASURE), "gold\n").unwrap();
        symlink(bench.base().join(TREASURE), bench.repo.join("out.txt")).unwrap();
        symlink("..", bench.repo.join("up")).unwrap();
        bench.put("twice.txt", "same\nother\nsame\n", 0o644);
        bench.commit("links that lead out");
    })
    .then(is_unharmed)
}

fn is_unharmed(bench: &Bench, _: &crate::bench::Ran) {
    let told = results(bench);
    assert!(
        !told.iter().any(|text| text.contains("gold")),
        "read: {told:#?}"
    );
    let line = told.iter().all(|text| !text.contains('\u{1b}'));
    assert!(line, "{told:#?}");
    assert_eq!(
        fs::read_to_string(bench.base().join(TREASURE)).unwrap(),
        "gold\n"
    );
    assert_eq!(
        bench.git(&["show", "--format=", "--name-only", "main^2"]),
        "one.txt"
    );
}

pub(crate) fn rows() -> Vec<Row> {
    let parts = [shapes(), paths(), edits()];
    parts.into_iter().flatten().collect()
}

/// The arguments of a whole file.
fn file(path: &str) -> Value {
    json!({"path": path, "content": "x\n", "criterion": "c1"})
}

/// The arguments of an edit.
fn edit(path: &str, old: &str) -> Value {
    json!({"path": path, "old": old, "new": "x", "criterion": "c1"})
}

fn shapes() -> Vec<Row> {
    vec![
        call(
            "an unknown tool",
            ("fly", json!({"to": "the moon"})),
            &["there is no tool named fly", "use one of"],
        ),
        call(
            "a tool of another role",
            (
                "verdict",
                json!({"accepted": true, "summary": "", "findings": []}),
            ),
            &["this role does not have the tool verdict", "use one of"],
        ),
        call(
            "arguments that are no JSON",
            ("write_file", json!("{\"path\": \"one")),
            &["the arguments of write_file do not fit its schema"],
        ),
        call(
            "arguments of another type",
            ("write_file", json!({"path": 3, "content": "x"})),
            &[
                "the arguments of write_file do not fit its schema",
                "expected a string",
            ],
        ),
        call(
            "an argument that is none",
            (
                "write_file",
                json!({"path": "a", "content": "x", "colour": "red"}),
            ),
            &[
                "the arguments of write_file do not fit its schema",
                "colour",
            ],
        ),
        call(
            "an argument that is missing",
            ("edit_file", json!({"path": "a"})),
            &["the arguments of edit_file do not fit its schema", "old"],
        ),
    ]
}

fn paths() -> Vec<Row> {
    vec![
        call(
            "a path that goes up",
            ("write_file", file("../treasure.txt")),
            &["../treasure.txt: the path has a component \"..\""],
        ),
        call(
            "a path that goes up in its middle",
            ("read_file", json!({"path": "a/../../treasure.txt"})),
            &["the path has a component \"..\""],
        ),
        call(
            "an absolute path",
            ("write_file", file("/etc/passwd")),
            &["/etc/passwd: the path is absolute"],
        ),
        call(
            "a path from home",
            ("write_file", file("~/treasure.txt")),
            &["begins with ~, which is not expanded"],
        ),
        call(
            "a path into git's folder",
            ("write_file", file(".git/config")),
            &["git's own folder"],
        ),
        call(
            "a path through a link",
            ("write_file", file("up/treasure.txt")),
            &["symbolic link"],
        ),
        call(
            "a link that leads out, read",
            ("read_file", json!({"path": "out.txt"})),
            &["out.txt: it is, or passes, a symbolic link"],
        ),
        call(
            "a link that leads out, written",
            ("edit_file", edit("out.txt", "gold")),
            &["out.txt: it is, or passes, a symbolic link"],
        ),
        call(
            "a file that steers the program",
            ("write_file", file(".aios/config.toml")),
            &["only changed by people"],
        ),
        call(
            "a path with a line end",
            ("write_file", file("a\nb")),
            &["control character"],
        ),
    ]
}

fn edits() -> Vec<Row> {
    vec![
        call(
            "an edit that matches nowhere",
            ("edit_file", edit("twice.txt", "sane")),
            &["twice.txt: old occurs 0 times", "nearest lines"],
        ),
        call(
            "an edit that matches twice",
            ("edit_file", edit("twice.txt", "same")),
            &[
                "twice.txt: old occurs 2 times, at lines 1, 3",
                "Quote more lines",
            ],
        ),
        call(
            "a file that is not there",
            ("read_file", json!({"path": "three.txt"})),
            &["three.txt: "],
        ),
    ]
}
