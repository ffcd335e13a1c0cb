//! What is known of the result as it is chosen now: nothing, that it is being tested, or what the checks gave on it.

use crate::domain::change::checks::{CheckResult, Judgement};
use crate::domain::change::clash::name_of;
use crate::domain::sprint::trial::TrialEnd;
use crate::domain::sprint::{Gate, Sprint, Task};
use crate::tui::facts::line;
use crate::tui::theme::Token;

use super::Shown;

/// Cells of a check's command in a title.
const NAME_CELLS: usize = 30;
/// Words by which a line tells that something went wrong.
const TROUBLE: [&str; 7] = [
    "error",
    "fail",
    "panic",
    "assert",
    "expected",
    "exception",
    "not found",
];

/// Whether a result was tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tested {
    /// No.
    Not,
    /// It will be, when what is paused goes on.
    Paused,
    /// It is being tested.
    Testing,
    /// Nothing is red that was green on the base; so many checks are red as they were there.
    Passed(usize),
    /// These are red.
    Red(Vec<CheckResult>),
    /// The checks could not be run.
    Broke(String),
}

impl Shown {
    /// What is known of all that is chosen.
    pub(super) fn tested(&self, gate: &Gate, sprint: &Sprint, task: &Task) -> Tested {
        let trial = self
            .whole()
            .and_then(|choices| gate.trial_of(name_of(&choices)));
        let Some(trial) = trial else {
            return Tested::Not;
        };
        let Some(end) = &trial.end else {
            let is_paused = sprint.paused.is_some() || task.is_paused;
            return if is_paused {
                Tested::Paused
            } else {
                Tested::Testing
            };
        };
        match (end, end.judged(sprint)) {
            (TrialEnd::Broke(why), _) => Tested::Broke(why.clone()),
            (_, Some(Judgement::Failed(red))) => Tested::Red(red),
            (_, Some(Judgement::Passed { known_red })) => Tested::Passed(known_red),
            (_, Some(Judgement::NothingToCheck) | None) => Tested::Not,
        }
    }
}

impl Tested {
    /// A word or two, for a title.
    pub fn word(&self) -> String {
        match self {
            Self::Not => "not tested".to_owned(),
            Self::Paused => "test waits: paused".to_owned(),
            Self::Testing => "testing…".to_owned(),
            Self::Passed(0) => "tested: checks passed".to_owned(),
            Self::Passed(red) => format!("tested: passed, {red} red as before"),
            Self::Red(red) => {
                let name = red.first().map_or("", |check| check.spec.command.as_str());
                let more = match red.len() {
                    0 | 1 => String::new(),
                    count => format!(" +{}", count - 1),
                };
                format!(
                    "red: {}{more}",
                    crate::base::text::clip(&line(name), NAME_CELLS)
                )
            }
            Self::Broke(_) => "could not be tested".to_owned(),
        }
    }

    /// What went wrong, line by line.
    pub fn trouble(&self) -> Vec<(String, Token)> {
        match self {
            Self::Broke(why) => vec![(format!("not tested: {}", line(why)), Token::Fail)],
            Self::Red(red) => red
                .iter()
                .flat_map(|check| {
                    let name = line(&check.spec.command);
                    let head = (format!("red: {name}, exit {}", check.exit), Token::Fail);
                    let lines = failing(&check.tail).into_iter();
                    let lines = lines.map(|text| (format!("  {}", line(text)), Token::Text));
                    std::iter::once(head).chain(lines)
                })
                .collect(),
            Self::Not | Self::Paused | Self::Testing | Self::Passed(_) => Vec::new(),
        }
    }
}

/// The lines of an output from the first that tells of trouble on; all of them where none does.
fn failing(tail: &str) -> Vec<&str> {
    let lines: Vec<&str> = tail
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let tells = |line: &&str| {
        let line = line.to_lowercase();
        TROUBLE.iter().any(|word| line.contains(word))
    };
    let first = lines.iter().position(tells).unwrap_or_default();
    lines.into_iter().skip(first).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failing_line_comes_first() {
        let tail = "running 2 tests\ntest a ... ok\n\ntest b ... FAILED\nleft: 1\nright: 2\n";
        assert_eq!(failing(tail), ["test b ... FAILED", "left: 1", "right: 2"]);
        assert_eq!(failing("a\nb\n"), ["a", "b"]);
        assert_eq!(failing(""), [""; 0]);
    }
}
