//! What went wrong, as people and scripts read it: a stable code, what and where, what to do. The table of codes is in
//! [`table`]; `aios explain CODE` prints a row of it.

pub mod table;

use std::fmt;

use crate::base::text::SafeText;
use crate::cli::exit::ExitCode;

/// A row of the table: what one code means, for ever.
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// Printed form, such as `E-REPO-01`. Never reused.
    pub id: &'static str,
    /// How the program ends when nothing can be done about it.
    pub exit: ExitCode,
    /// What happened, as a fragment.
    pub title: &'static str,
    /// What it means and what is kept.
    pub means: &'static str,
    /// What to do, as a fragment that begins with a verb.
    pub fix: &'static str,
}

/// One problem for a person: `aios: what, where: what to do  (E-REPO-01)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The row of the table.
    pub code: &'static ErrorCode,
    /// What happened and where: `not a git repository, /home/mia/notes`.
    pub text: String,
    /// What to do; the row's own advice where there is nothing more exact.
    pub hint: String,
}

impl Problem {
    /// The row's title with the place where it happened, and the row's advice.
    #[must_use]
    pub fn at(code: &'static ErrorCode, place: impl fmt::Display) -> Self {
        Self::new(code, format!("{}, {place}", code.title))
    }

    /// In words of its own, with the row's advice.
    #[must_use]
    pub fn new(code: &'static ErrorCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            hint: code.fix.to_owned(),
        }
    }

    /// With more exact advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The line without the program's name in front.
    #[must_use]
    pub fn words(&self) -> String {
        let (text, hint) = (SafeText::line(&self.text), SafeText::line(&self.hint));
        format!("{}: {}  ({})", text.as_str(), hint.as_str(), self.code.id)
    }

    /// How the program ends on it.
    #[must_use]
    pub const fn exit(&self) -> ExitCode {
        self.code.exit
    }

    /// The object that `--json` prints.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "error": {
                "code": self.code.id,
                "exit": self.code.exit.number(),
                "text": self.text,
                "hint": self.hint,
            }
        })
    }
}

/// One line, whatever the parts hold: foreign text may stand in them.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "aios: {}", self.words())
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_say_what_to_do() {
        let mut seen = BTreeSet::new();
        for code in table::ALL {
            assert!(seen.insert(code.id), "{} stands twice", code.id);
            let parts: Vec<&str> = code.id.split('-').collect();
            let shaped = matches!(parts.as_slice(), ["E", area, number]
                if area.chars().all(|letter| letter.is_ascii_uppercase()) && number.len() == 2);
            assert!(shaped, "{} is no code", code.id);
            for text in [code.title, code.means, code.fix] {
                assert!(
                    !text.is_empty() && !text.contains('!') && !text.contains('\n'),
                    "{}: {text:?}",
                    code.id
                );
            }
            let (title, fix) = (code.title, code.fix);
            assert!(
                !title.ends_with('.') && !fix.ends_with('.'),
                "{}: fragments have no full stop",
                code.id
            );
        }
    }

    #[test]
    fn every_exit_code_of_a_failure_has_an_error() {
        let used: Vec<ExitCode> = table::ALL.iter().map(|code| code.exit).collect();
        for exit in ExitCode::ALL {
            let by_signal = matches!(exit, ExitCode::Interrupted | ExitCode::Terminated);
            assert!(
                by_signal || used.contains(&exit),
                "{exit:?} has no error code"
            );
        }
    }

    #[test]
    fn a_problem_is_one_line() {
        let problem = Problem::at(&table::NOT_A_REPOSITORY, "/tmp/a\nb\u{1b}[2J\u{202e}");
        assert_eq!(
            problem.to_string(),
            "aios: not a git repository, /tmp/a b<U+202E>: run git init, or name a repository with aios -C DIR  (E-REPO-01)"
        );
    }
}
