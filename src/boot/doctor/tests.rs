//! Machines with and without something wrong.

use super::*;
use crate::boot::config::{Sources, load};
use crate::cli::ExitCode;

const KEY: &str = "sk-ant-api03-0123456789abcdef4f2a";

struct Case<'a> {
    git: &'a str,
    is_repository: bool,
    key: Option<&'a str>,
    faults: &'a [Fault],
    servers: &'a [(String, Vec<String>)],
}

const SOUND: Case<'static> = Case {
    git: "git version 2.47.3\n",
    is_repository: true,
    key: Some(KEY),
    faults: &[],
    servers: &[],
};

fn report(case: &Case<'_>) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(&load(&Sources::default()).unwrap()).unwrap();
    let environment = Environment::of(case.key.map(|key| ("ANTHROPIC_API_KEY", key)));
    let repository = RepositoryFacts {
        branch: Some("main".to_owned()),
        has_commits: true,
        is_clean: true,
    };
    examine(&Patient {
        git: Some(case.git),
        repository: Some(&repository).filter(|_| case.is_repository),
        state: &folder.path().join("not/yet"),
        sandbox: Ok("bubblewrap"),
        settings: Some(&settings),
        faults: case.faults,
        terminal: &terminal::Terminal {
            term: "xterm-256color".to_owned(),
            size: Some((80, 24)),
            caps: crate::tui::terminal::caps::Caps::from_environment(|name| match name {
                "TERM" => Some("xterm-256color".to_owned()),
                "LANG" => Some("C.UTF-8".to_owned()),
                _ => None,
            }),
            clipboard: None,
            focus: None,
            taken: Vec::new(),
        },
        log: Some(Ok(12)),
        environment: &environment,
        local_servers: case.servers,
        prices_from: Some(Timestamp(0)),
        now: Timestamp(86_400_000),
    })
}

#[test]
fn a_sound_machine_ends_with_0_and_shows_no_key() {
    let report = report(&SOUND);
    let text = report.text();
    assert_eq!(report.exit(), ExitCode::Done, "{text}");
    assert!(
        text.contains("ANTHROPIC_API_KEY is set, ends …4f2a"),
        "{text}"
    );
    assert!(!text.contains("0123456789"), "{text}");
    assert!(text.contains("0 failures, 1 warning.   exit 0"), "{text}");
}

#[test]
fn a_journal_that_does_not_open_is_told_with_its_own_code() {
    let full = Problem::new(&codes::DISK_FULL, "no room");
    let facts = [Ok(7), Err(full)].map(|verified| log(&verified));
    assert_eq!(facts[0].health, Health::Ok);
    assert_eq!(facts[1].text, "log: no room");
    assert_eq!(facts[1].code, Some(&codes::DISK_FULL));
}

#[test]
fn the_worst_failure_decides() {
    let looser = Fault::new(
        &codes::LOOSER_IGNORED,
        "budget.sprint = \"9\" is looser",
        None,
    );
    let unknown = Fault::new(&codes::UNKNOWN_KEY, "unknown setting a", None);
    let server = [("ollama".to_owned(), vec!["qwen3-coder".to_owned()])];
    let cases = [
        (
            Case { key: None, ..SOUND },
            ExitCode::Provider,
            "(E-KEY-02)",
        ),
        (
            Case {
                key: None,
                servers: &server,
                ..SOUND
            },
            ExitCode::Done,
            "ollama answers: qwen3-coder",
        ),
        (
            Case {
                key: None,
                is_repository: false,
                ..SOUND
            },
            ExitCode::Configuration,
            "(E-REPO-01)",
        ),
        (
            Case {
                git: "git version 2.25.1",
                ..SOUND
            },
            ExitCode::Configuration,
            "git 2.25 is too old  (E-REPO-05)",
        ),
        (
            Case {
                faults: std::slice::from_ref(&looser),
                ..SOUND
            },
            ExitCode::Done,
            "is looser",
        ),
        (
            Case {
                faults: std::slice::from_ref(&unknown),
                ..SOUND
            },
            ExitCode::Configuration,
            "(E-CONF-02)",
        ),
    ];
    for (case, exit, line) in cases {
        let report = report(&case);
        assert_eq!(report.exit(), exit, "{}", report.text());
        assert!(report.text().contains(line), "{}", report.text());
        assert_eq!(report.json()["exit"], exit.number());
    }
}

#[test]
fn versions_are_read() {
    let cases = [
        ("git version 2.47.3", Some((2, 47))),
        ("git version 2.39.5 (Apple Git-154)\n", Some((2, 39))),
        ("git version 2.45.GIT", Some((2, 45))),
        ("hub 1", None),
    ];
    for (text, expected) in cases {
        assert_eq!(git_version(text), expected);
    }
}

#[test]
fn little_room_is_said() {
    let at = Path::new("/state");
    assert_eq!(room(at, Ok(0)).health, Health::Fail);
    assert_eq!(room(at, Ok(500_000_000)).text, "/state: 500 MB free");
    assert_eq!(room(at, Ok(41_000_000_000)).health, Health::Ok);
    assert!(free_bytes(Path::new("/no/such/folder")).is_ok());
}
