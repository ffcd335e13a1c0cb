//! What is wrong with the configuration, and where.

use std::fmt;
use std::path::PathBuf;

use crate::cli::errors::{ErrorCode, Problem, table as codes};

/// A place in a file. Lines and columns are counted from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The file.
    pub file: PathBuf,
    /// Its line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// One fault of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its kind.
    pub code: &'static ErrorCode,
    /// What is wrong. Never holds a key.
    pub text: String,
    /// Where, if it stands in a file.
    pub position: Option<Position>,
    /// What to do.
    pub hint: String,
}

impl Fault {
    /// With the advice of its code.
    #[must_use]
    pub fn new(
        code: &'static ErrorCode,
        text: impl Into<String>,
        position: Option<Position>,
    ) -> Self {
        Self {
            code,
            text: text.into(),
            position,
            hint: code.fix.to_owned(),
        }
    }

    /// Whether the program goes on: the line was left out and nothing else depends on it.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.code == &codes::LOOSER_IGNORED
    }

    /// The line for a person.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let text = match &self.position {
            Some(position) => format!("{}, {position}", self.text),
            None => self.text.clone(),
        };
        Problem::new(self.code, text).hint(self.hint.clone())
    }
}
