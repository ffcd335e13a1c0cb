//! A row of the table: how its input is made bad, and what must come of it.

use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use aios::cli::errors::{ErrorCode, table};
use rustix::process::{Pid, Signal, kill_process};

use crate::agents::{doing, write};
use crate::bench::{Bench, RUN, Ran};
use crate::kept::Snapshot;
use crate::llm::{Behaviour, Wire, conversation};

/// The longest that a run may take.
const PATIENCE: Duration = Duration::from_secs(40);

type Spoil = Box<dyn Fn(&Bench) -> Command + Send + Sync>;
type Then = Box<dyn Fn(&Bench, &Ran) + Send + Sync>;

/// Who is told, and how.
enum Told {
    /// A person, by the one line on standard error: nothing was begun.
    Refused(&'static str),
    /// A person, by the last line on standard error, the only one with a code: the work stops there.
    Ends(&'static str),
    /// A person, by a line on the way: the work goes on.
    Notice,
    /// A person, by the line that tells in the run what happened.
    Story,
    /// The model that made the call, by the call's result: the work goes on.
    Model,
}

/// What the run may have changed of the user's own things.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// Nothing: files, index, branches and what lies beside the repository are as they were, and no sprint was begun.
    Everything,
    /// The files, the index and the branches of the user; a sprint has a branch of its own.
    Users,
    /// The user's files; the work has landed beside them.
    Files,
}

/// One bad input.
pub(crate) struct Row {
    /// What is bad.
    pub(crate) what: &'static str,
    provider: Box<dyn Fn() -> Behaviour + Send + Sync>,
    spoil: Spoil,
    exit: i32,
    told: Told,
    words: Vec<&'static str>,
    kept: Kept,
    changed: Option<&'static str>,
    then: Vec<Then>,
}

impl Row {
    fn new(
        what: &'static str,
        (exit, told, kept): (i32, Told, Kept),
        words: &[&'static str],
        spoil: impl Fn(&Bench) -> Command + Send + Sync + 'static,
    ) -> Self {
        Self {
            what,
            provider: Box::new(|| doing(vec![write("one", "one.txt", "1\n")])),
            spoil: Box::new(spoil),
            exit,
            told,
            words: words.to_vec(),
            kept,
            changed: None,
            then: Vec::new(),
        }
    }

    /// Refused before anything is begun, with a code and these words in the one line.
    pub(crate) fn refused(
        what: &'static str,
        exit: i32,
        id: &'static str,
        words: &[&'static str],
        spoil: impl Fn(&Bench) -> Command + Send + Sync + 'static,
    ) -> Self {
        Self::new(
            what,
            (exit, Told::Refused(id), Kept::Everything),
            words,
            spoil,
        )
    }

    /// Ends on the way, with a code and these words in the last line.
    pub(crate) fn ends(
        what: &'static str,
        exit: i32,
        id: &'static str,
        words: &[&'static str],
        spoil: impl Fn(&Bench) -> Command + Send + Sync + 'static,
    ) -> Self {
        Self::new(what, (exit, Told::Ends(id), Kept::Users), words, spoil)
    }

    /// Goes on and lands, with one line on standard error that has these words.
    pub(crate) fn goes_on(
        what: &'static str,
        words: &[&'static str],
        spoil: impl Fn(&Bench) -> Command + Send + Sync + 'static,
    ) -> Self {
        Self::new(what, (0, Told::Notice, Kept::Files), words, spoil)
    }

    /// Goes on and lands, with one line of the run's story that has these words.
    pub(crate) fn story(
        what: &'static str,
        words: &[&'static str],
        spoil: impl Fn(&Bench) -> Command + Send + Sync + 'static,
    ) -> Self {
        Self::new(what, (0, Told::Story, Kept::Files), words, spoil)
    }

    /// The model hears these words as a result, mends it, and the work lands.
    pub(crate) fn told(
        what: &'static str,
        words: &[&'static str],
        provider: impl Fn() -> Behaviour + Send + Sync + 'static,
    ) -> Self {
        Self::new(what, (0, Told::Model, Kept::Files), words, run).provider(provider)
    }

    /// Another provider than the one that writes `one.txt`.
    pub(crate) fn provider(
        mut self,
        provider: impl Fn() -> Behaviour + Send + Sync + 'static,
    ) -> Self {
        self.provider = Box::new(provider);
        self
    }

    /// On another repository than the usual one.
    pub(crate) fn on(mut self, prepare: impl Fn(&Bench) + Send + Sync + 'static) -> Self {
        let spoil = self.spoil;
        self.spoil = Box::new(move |bench| {
            prepare(bench);
            spoil(bench)
        });
        self
    }

    /// A sprint was there, or one is begun: only the user's own things are as they were.
    pub(crate) fn with_sprint(mut self) -> Self {
        self.kept = Kept::Users;
        self
    }

    /// The work is about this file of the user's.
    pub(crate) const fn changes(mut self, path: &'static str) -> Self {
        self.changed = Some(path);
        self
    }

    /// And this holds afterwards.
    pub(crate) fn then(mut self, then: impl Fn(&Bench, &Ran) + Send + Sync + 'static) -> Self {
        self.then.push(Box::new(then));
        self
    }

    /// Tries it.
    pub(crate) fn check(&self) {
        let bench = Bench::new(Wire::OpenAi, (self.provider)());
        let mut command = (self.spoil)(&bench);
        let before = Snapshot::of(&bench);
        let ran = to_its_end(&mut command);
        assert_eq!(ran.code, Some(self.exit), "the exit code; {}", tail(&ran));
        self.heard(&bench, &ran);
        let after = Snapshot::of(&bench);
        match self.kept {
            Kept::Everything => before.is_all_of(&after),
            Kept::Users => before.is_same_as(&after),
            Kept::Files => before.is_in(&after, self.changed),
        }
        before.journal_goes_on_in(&after);
        for then in &self.then {
            then(&bench, &ran);
        }
    }

    /// Whoever is to hear of it hears it once, in one line, with its words.
    fn heard(&self, bench: &Bench, ran: &Ran) {
        let lines: Vec<&str> = ran.err.lines().collect();
        for line in &lines {
            assert!(
                line.starts_with("aios: ")
                    && !line.contains(" aios: ")
                    && !line.chars().any(char::is_control),
                "not a line for people: {line:?} in {}",
                ran.err
            );
        }
        let coded: Vec<&str> = lines
            .iter()
            .copied()
            .filter(|line| code(line).is_some())
            .collect();
        let heard = match self.told {
            Told::Refused(id) | Told::Ends(id) => {
                assert_eq!(coded.len(), 1, "lines with a code:\n{}", ran.err);
                let line = coded[0];
                assert_eq!(
                    lines.last(),
                    Some(&line),
                    "words after the end: {}",
                    ran.err
                );
                let is_only = lines.len() == 1;
                assert!(
                    is_only || matches!(self.told, Told::Ends(_)),
                    "more than a line: {}",
                    ran.err
                );
                let found = code(line).unwrap();
                assert_eq!(found.id, id, "{line}");
                assert_eq!(i32::from(found.exit.number()), self.exit, "{line}");
                let parts: Vec<&str> = line.trim_start_matches("aios: ").split(": ").collect();
                assert!(parts.len() >= 2, "no advice: {line}");
                vec![line.to_owned()]
            }
            Told::Notice => {
                assert!(coded.len() <= 1, "{}", ran.err);
                lines.iter().map(ToString::to_string).collect()
            }
            Told::Story => {
                assert!(coded.is_empty(), "{}", ran.err);
                ran.out.lines().map(str::to_owned).collect()
            }
            Told::Model => results(bench),
        };
        let is_it = |line: &&String| self.words.iter().all(|words| line.contains(words));
        let count = heard.iter().filter(is_it).count();
        assert_eq!(
            count,
            1,
            "{count} lines with {:?} in {:#?}; {}",
            self.words,
            heard
                .iter()
                .filter(|line| line.len() < 2_000)
                .collect::<Vec<_>>(),
            tail(ran)
        );
    }
}

/// The last words of a run.
fn tail(ran: &Ran) -> String {
    let lines: Vec<&str> = ran.out.lines().chain(ran.err.lines()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// The row of the error table that stands at the end of a line.
fn code(line: &str) -> Option<&'static ErrorCode> {
    let id = line.strip_suffix(')')?.rsplit_once("  (")?.1;
    table::ALL.into_iter().find(|code| code.id == id)
}

/// What models were told as results of their calls, each once.
pub(crate) fn results(bench: &Bench) -> Vec<String> {
    let requests = bench.fake.server().requests();
    let results = requests
        .iter()
        .flat_map(|request| conversation(&request.body).results);
    let mut results: Vec<String> = results.collect();
    results.sort();
    results.dedup();
    results
}

/// Runs a program to its end, which must come.
fn to_its_end(command: &mut Command) -> Ran {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let pid = Pid::from_child(&child);
    let (over, ended) = mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let is_late = ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
        if is_late {
            kill_process(pid, Signal::KILL).unwrap();
        }
        is_late
    });
    let output = child.wait_with_output().unwrap();
    drop(over);
    let ran = Ran::of(&output);
    assert!(
        !watch.join().unwrap(),
        "it does not end:\n{}\n--\n{}",
        ran.out,
        ran.err
    );
    ran
}

/// The usual run.
pub(crate) fn run(bench: &Bench) -> Command {
    bench.command(&RUN)
}
