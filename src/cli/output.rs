//! Where words go: results to standard output, progress and problems to standard error. A reader that goes away (`aios log |
//! head`) ends the program quietly.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::base::text::SafeText;
use crate::cli::errors::{Problem, table};
use crate::cli::exit::ExitCode;

/// Why nothing more can be written.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// Whoever read the output has gone. No error.
    #[error("the reader has gone")]
    ReaderGone,
    /// The output itself failed, such as a full disk behind a redirection.
    #[error("could not write the output: {0}")]
    Broken(#[source] io::Error),
    /// What was to be printed has no JSON form.
    #[error("could not encode the output: {0}")]
    Encode(#[from] serde_json::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ReaderGone;
        }
        Self::Broken(error)
    }
}

impl Stop {
    /// How the program ends on it.
    #[must_use]
    pub fn exit(&self) -> ExitCode {
        match self {
            Self::ReaderGone => ExitCode::Done,
            Self::Broken(error) if error.kind() == io::ErrorKind::StorageFull => ExitCode::ReadOnly,
            Self::Broken(_) | Self::Encode(_) => ExitCode::Internal,
        }
    }
}

/// What of the output is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// `--json`: one object a line, and problems as objects on standard error.
    pub json: bool,
    /// Progress is shown: standard error is a terminal, and neither `--quiet` nor `--json` is given.
    pub progress: bool,
    /// `--quiet`: no notes either.
    pub quiet: bool,
}

/// The two handles of a run.
pub struct Out {
    results: Box<dyn Write + Send>,
    notes: Box<dyn Write + Send>,
    wanted: Wanted,
}

impl Out {
    /// Over the process's own handles.
    #[must_use]
    pub fn of_process(wanted: Wanted) -> Self {
        Self::over(Box::new(io::stdout()), Box::new(io::stderr()), wanted)
    }

    /// Over any two handles, for tests.
    #[must_use]
    pub fn over(
        results: Box<dyn Write + Send>,
        notes: Box<dyn Write + Send>,
        wanted: Wanted,
    ) -> Self {
        Self {
            results,
            notes,
            wanted,
        }
    }

    /// Whether `--json` is given.
    #[must_use]
    pub const fn is_json(&self) -> bool {
        self.wanted.json
    }

    /// Prints a result, one line or several; the last line is ended if it is not.
    ///
    /// # Errors
    /// The reader has gone, or the handle is broken.
    pub fn text(&mut self, text: &str) -> Result<(), Stop> {
        self.results.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            self.results.write_all(b"\n")?;
        }
        Ok(self.results.flush()?)
    }

    /// Prints the words in front of what a person types; no line is ended.
    ///
    /// # Errors
    /// The reader has gone, or the handle is broken.
    pub fn prompt(&mut self, words: &str) -> Result<(), Stop> {
        self.results.write_all(words.as_bytes())?;
        Ok(self.results.flush()?)
    }

    /// Prints an object as one line with `"v":1` in front.
    ///
    /// # Errors
    /// The reader has gone, the handle is broken, or `value` has no JSON form.
    pub fn object(&mut self, value: &impl Serialize) -> Result<(), Stop> {
        self.text(&Self::line_of(value)?)
    }

    /// The line that [`object`](Self::object) prints.
    ///
    /// # Errors
    /// `value` has no JSON form.
    pub fn line_of(value: &impl Serialize) -> Result<String, Stop> {
        Ok(versioned(serde_json::to_value(value)?).to_string())
    }

    /// Prints a line of progress, where that is wanted.
    ///
    /// # Errors
    /// Standard error is broken.
    pub fn progress(&mut self, line: &str) -> Result<(), Stop> {
        if self.wanted.progress {
            writeln!(self.notes, "{line}")?;
        }
        Ok(())
    }

    /// Prints what people should know on standard error, also where no progress is wanted.
    ///
    /// # Errors
    /// Standard error is broken.
    pub fn note(&mut self, line: &str) -> Result<(), Stop> {
        if self.wanted.quiet {
            return Ok(());
        }
        if self.wanted.json {
            let note = versioned(serde_json::json!({ "note": line }));
            return Ok(writeln!(self.notes, "{note}")?);
        }
        Ok(writeln!(self.notes, "aios: {}", SafeText::line(line))?)
    }

    /// Where results go, for what writes bytes itself.
    pub fn results(&mut self) -> &mut dyn Write {
        &mut *self.results
    }

    /// Prints a problem on standard error and gives the code to end with. A broken handle changes nothing about that.
    pub fn problem(&mut self, problem: &Problem) -> ExitCode {
        let line = if self.wanted.json {
            versioned(problem.to_json()).to_string()
        } else {
            problem.to_string()
        };
        // Standard error is the last place to complain to; if it is gone the exit code still tells.
        let _ = writeln!(self.notes, "{line}");
        problem.exit()
    }

    /// Ends a verb: what it gave, as an exit code.
    pub fn end(&mut self, result: Result<ExitCode, Stop>) -> ExitCode {
        match result {
            Ok(code) => code,
            Err(Stop::ReaderGone) => ExitCode::Done,
            Err(stop) => {
                let code = if stop.exit() == ExitCode::ReadOnly {
                    &table::DISK_FULL
                } else {
                    &table::OUR_FAULT
                };
                self.problem(&Problem::new(code, stop.to_string()))
            }
        }
    }
}

/// `"v":1` in front of an object; anything else becomes the field `value`.
fn versioned(value: Value) -> Value {
    let mut fields = Map::new();
    fields.insert("v".to_owned(), Value::from(1));
    match value {
        Value::Object(rest) => fields.extend(rest),
        other @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)) => {
            fields.insert("value".to_owned(), other);
        }
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_goes_away_is_no_error() {
        let mut out = Out::over(Box::new(Gone), Box::new(Gone), Wanted::default());
        let result = out.text("line").map(|()| ExitCode::TasksFailed);
        assert_eq!(out.end(result), ExitCode::Done);
        let problem = Problem::at(&table::NO_COMMITS, "x");
        assert_eq!(out.problem(&problem), ExitCode::Configuration);
    }

    #[test]
    fn objects_begin_with_their_version() {
        assert_eq!(
            versioned(serde_json::json!({"a": 2})).to_string(),
            r#"{"v":1,"a":2}"#
        );
        assert_eq!(
            versioned(Value::Null).to_string(),
            r#"{"v":1,"value":null}"#
        );
    }
}
