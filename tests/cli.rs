//! The real binary from outside: exit codes and the lines that scripts and people read.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot start its program fails"
)]

use std::process::{Command, Output};

fn aios(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_aios"))
        .args(arguments)
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn version_is_an_object() {
    let output = aios(&["version", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let text = stdout(&output);
    let version: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(
        text.starts_with(r#"{"v":1,"name":"aios","version":""#),
        "{text}"
    );
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(text.lines().count(), 1);
    assert!(stdout(&aios(&["-V"])).starts_with("aios "));
}

#[test]
fn wrong_arguments_are_one_line_and_exit_2() {
    for arguments in [
        ["--frob", "--plain"],
        ["statsu", "--plain"],
        ["run", "--plain"],
    ] {
        let output = aios(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = stderr(&output);
        assert!(
            text.starts_with("aios: ") && text.ends_with("(E-USE-01)\n"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn errors_are_explained() {
    let output = aios(&["explain", "e-repo-01"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("not a git repository"));
    let list = stdout(&aios(&["explain", "--json"]));
    assert!(list.lines().count() > 40);
    for line in list.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(row["v"], 1);
    }
    let unknown = aios(&["explain", "E-NO-99"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("E-USE-02"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_aios"))
        .arg("explain")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", stderr(&output));
}

#[test]
fn help_goes_to_standard_output() {
    let short = aios(&["-h"]);
    assert_eq!(short.status.code(), Some(0));
    let text = stdout(&short);
    for verb in ["demo", "run", "waiting", "approve", "doctor", "explain"] {
        assert!(text.contains(verb), "{verb} is not in the help");
    }
    assert!(short.stderr.is_empty());
}
