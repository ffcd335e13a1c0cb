//! Command lines and what they are read as.

use clap::CommandFactory;

use super::*;
use crate::base::money::Money;

fn read(line: &str) -> Result<Args, Ended> {
    parse(line.split(' ').map(OsString::from))
}

fn wrong_line(line: &str) -> String {
    match read(line) {
        Err(Ended::Wrong(problem)) => problem.to_string(),
        other => format!("{other:?}"),
    }
}

#[test]
fn the_table_of_arguments_is_consistent() {
    Args::command().debug_assert();
}

#[test]
fn every_verb_and_flag_has_a_help_text() {
    fn walk(command: &clap::Command) {
        for argument in command
            .get_arguments()
            .filter(|argument| argument.get_id() != "help")
        {
            assert!(
                argument.get_help().is_some(),
                "{} {}",
                command.get_name(),
                argument.get_id()
            );
        }
        for verb in command.get_subcommands() {
            assert!(verb.get_about().is_some(), "{}", verb.get_name());
            walk(verb);
        }
    }
    walk(&Args::command());
}

#[test]
fn usual_lines_are_read() {
    assert!(read("aios").unwrap().verb.is_none());
    let run = read("aios run fix-it --yes --budget 5 --agents 6 --timeout 2h --json").unwrap();
    assert!(run.global.yes && run.global.json);
    let Some(Verb::Run(run)) = run.verb else {
        unreachable!("run is read as run");
    };
    assert_eq!(run.budget, Some(Money::dollars(5)));
    assert_eq!(run.timeout, Some(Duration::from_secs(7200)));
    for line in [
        "aios demo --speed 0 --plain",
        "aios -C /repo status --line",
        "aios log -f marcus --kind tool,diff",
        "aios agents",
        "aios config list --origin",
        "aios config set budget.sprint 5.00",
        "aios journal verify",
        "aios plan --from -",
        "aios approve g7 -m fine",
        "aios pause",
        "aios resume t4",
        "aios stop s3 --yes",
        "aios explain E-REPO-01 --json",
    ] {
        assert!(read(line).is_ok(), "{line}: {}", wrong_line(line));
    }
}

#[test]
fn looking_only_is_for_the_interface() {
    for line in ["aios --view", "aios attach --view", "aios --view attach"] {
        assert!(read(line).unwrap().opening().view, "{line}");
    }
    assert!(!read("aios attach").unwrap().opening().view);
    let text = wrong_line("aios --view status");
    assert!(
        text.contains("--view is for aios and aios attach"),
        "{text}"
    );
}

#[test]
fn a_small_window_is_for_a_screen() {
    for line in [
        "aios --inline",
        "aios attach --inline --view",
        "aios demo --inline",
    ] {
        assert!(read(line).unwrap().opening().inline, "{line}");
    }
    for (line, expected) in [
        ("aios --inline --plain", "leave one out"),
        ("aios demo --inline --plain", "leave one out"),
        ("aios --plain attach --inline", "leave one out"),
        ("aios --json --inline", "leave one out"),
        ("aios --inline status", "--inline is for aios,"),
    ] {
        let text = wrong_line(line);
        assert!(text.contains(expected), "{line}: {text}");
        assert!(!text.contains('\n'), "{line}: {text}");
    }
}

#[test]
fn wrong_lines_are_one_line_with_a_hint() {
    let cases = [
        (
            "aios --frob",
            "aios: unexpected argument '--frob' found: usage: aios",
        ),
        ("aios run --jsn x", "perhaps --json"),
        ("aios statsu", "perhaps status"),
        ("aios approve", "<ID>"),
        (
            "aios run x --timeout soon",
            "not a length of time such as 90s",
        ),
        ("aios run x --budget 1,00", "not an amount"),
        ("aios run", "<GOAL>"),
    ];
    for (line, expected) in cases {
        let text = wrong_line(line);
        assert!(
            text.contains(expected) && text.ends_with("(E-USE-01)"),
            "{line}: {text}"
        );
        assert!(!text.contains('\n'), "{line}: {text}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    for line in ["aios -h", "aios --help", "aios run --help", "aios -V"] {
        let shown = matches!(read(line), Err(Ended::Show(text)) if text.contains("aios"));
        assert!(shown, "{line}");
    }
}
