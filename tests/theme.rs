//! `aios theme` from outside: what it prints, what it writes, how it ends.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot start its program fails"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn aios(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_aios"))
        .args(arguments)
        .current_dir(home)
        .env_clear()
        .env("HOME", home)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// What it says on standard output and standard error, and its exit code.
fn said(home: &Path, arguments: &[&str]) -> (String, String, i32) {
    told(&aios(home, &[], arguments))
}

fn told(output: &Output) -> (String, String, i32) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or(-1);
    (text(&output.stdout), text(&output.stderr), code)
}

const KITTY: &str =
    "background #1d1f21\nforeground #c5c8c6\ncolor1 #cc6666\ncolor2 #b5bd68\ncolor3 #f0c674
color4 #81a2be\ncolor5 #b294bb\ncolor6 #8abeb7\n";

#[test]
fn themes_are_listed_with_the_one_that_is_used() {
    let home = tempfile::tempdir().unwrap();
    let (text, _, code) = said(home.path(), &["theme", "list"]);
    assert_eq!(code, 0);
    assert_eq!(text.lines().count(), 22, "{text}");
    assert!(text.starts_with("* terminal             any\n"), "{text}");
    let line = "  catppuccin-mocha     dark             pair catppuccin-latte";
    assert!(text.lines().any(|seen| seen == line), "{text}");
    let (text, _, _) = said(home.path(), &["theme", "list", "--json"]);
    for line in text.lines() {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(object["name"].is_string() && object["v"] == 1, "{line}");
    }
}

#[test]
fn a_preview_has_as_many_colours_as_are_wanted() {
    let home = tempfile::tempdir().unwrap();
    let preview = |variables: &[(&str, &str)], more: &[&str]| {
        let arguments = [&["theme", "preview", "nord"], more].concat();
        told(&aios(home.path(), variables, &arguments)).0
    };
    let plain = preview(&[], &[]);
    assert!(plain.starts_with("nord, for a dark background\n"));
    assert!(plain.contains("diff.add") && !plain.contains('\u{1b}'));
    for (variables, more, expected) in [
        (&[][..], &["--color", "true"][..], "\u{1b}[0;1;38;2;"),
        (&[], &["--color", "256"], "\u{1b}[0;1;38;5;"),
        (&[], &["--color", "16"], "\u{1b}[0;1;33mneed"),
        (&[("CLICOLOR_FORCE", "1")], &[], "\u{1b}[0;1;33mneed"),
        (
            &[("NO_COLOR", "1")],
            &["--color", "always"],
            "\u{1b}[0;1;33mneed",
        ),
    ] {
        let text = preview(variables, more);
        assert!(text.contains(expected), "{more:?} {text:?}");
    }
    let never = preview(&[("COLORTERM", "truecolor")], &["--color", "never"]);
    let has_colour = (30..38).any(|colour| never.contains(&format!(";{colour}")));
    assert!(!has_colour && !never.contains("38;"), "{never:?}");
    let (_, note, _) = said(
        home.path(),
        &[
            "theme",
            "preview",
            "github-light",
            "--color",
            "true",
            "--background",
            "dark",
        ],
    );
    assert_eq!(
        note,
        "aios: github-light is made for a light background; this terminal's is dark\n"
    );
}

#[test]
fn a_theme_of_another_program_becomes_ones_own() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("Tomorrow Night.conf");
    fs::write(&file, KITTY).unwrap();
    let (text, note, code) = said(home.path(), &["theme", "import", "Tomorrow Night.conf"]);
    assert_eq!(code, 0, "{text} {note}");
    assert_eq!(
        text,
        "tomorrow-night, made of a kitty file: ~/.config/aios/themes/tomorrow-night.toml
use it with aios config set display.theme tomorrow-night
"
    );
    let (text, _, _) = said(home.path(), &["theme", "list"]);
    assert!(
        text.contains("tomorrow-night       dark   your own"),
        "{text}"
    );
    // Once is enough, unless it is said.
    let (_, problem, code) = said(home.path(), &["theme", "import", "Tomorrow Night.conf"]);
    assert_eq!(code, 2);
    assert!(problem.contains("there is a theme tomorrow-night already"));
    let again = ["theme", "import", "Tomorrow Night.conf", "--force"];
    assert_eq!(said(home.path(), &again).2, 0);
    // It is used as any other.
    let set = ["config", "set", "display.theme", "tomorrow-night"];
    assert_eq!(said(home.path(), &set).2, 0);
    let (text, _, _) = said(home.path(), &["theme", "preview"]);
    assert!(text.starts_with("tomorrow-night, for a dark background\n"));
}

#[test]
fn checks_end_with_what_they_found() {
    let home = tempfile::tempdir().unwrap();
    let (text, _, code) = said(home.path(), &["theme", "check", "nord"]);
    assert_eq!(code, 0);
    assert!(
        text.starts_with("nord: all of ") && text.ends_with(" measures are as they should be\n"),
        "{text}"
    );
    let poor = "name = \"poor\"\ninherits = \"nord\"\n[palette]\ndim = \"#3b4252\"\n";
    fs::write(home.path().join("poor.toml"), poor).unwrap();
    let (text, _, code) = said(home.path(), &["theme", "check", "poor.toml"]);
    assert_eq!(code, 10);
    assert!(
        text.contains("dim on the background: contrast 1.24, needs 4.5\n"),
        "{text}"
    );
    fs::write(
        home.path().join("bad.toml"),
        poor.replace("#3b4252", "nrod1"),
    )
    .unwrap();
    let (_, problem, code) = said(home.path(), &["theme", "check", "bad.toml"]);
    assert_eq!(code, 3);
    assert_eq!(
        problem,
        "aios: bad.toml:4:7: there is no colour \"nrod1\": perhaps \"nord1\"  (E-CONF-11)\n"
    );
    let (_, problem, code) = said(home.path(), &["theme", "check", "nrod"]);
    assert_eq!(code, 3);
    assert!(problem.contains("perhaps \"nord\""), "{problem}");
    let (_, problem, code) = said(home.path(), &["theme", "check", "gone.toml"]);
    assert_eq!(code, 2);
    assert!(problem.contains("there is no file gone.toml"), "{problem}");
}
