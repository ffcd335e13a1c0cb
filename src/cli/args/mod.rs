//! The arguments. The comments on the fields are the help texts: the first line is what `-h` shows, the rest comes with
//! `--help`. What a verb takes is in [`verbs`].

mod verbs;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, ValueEnum};

pub use verbs::{
    Answer, Approve, Attach, Completions, Config, ConfigFile, ConfigVerb, Cost, CostBy, Demo, Diff,
    DumpPrompt, Explain, Halt, Init, Journal, JournalVerb, Logs, Man, Plan, Reject, Run, Serve,
    Status, Theme, ThemeVerb, Tier, Until, Verb, Waiting,
};

use crate::cli::errors::{Problem, table};

/// A control center in the terminal for a team of AI software agents
///
/// Without a verb it opens the interface for the git repository here, and starts the session host where none runs. Results go to
/// standard output, progress to standard error.
#[derive(Clone, Debug, Parser)]
#[command(name = "aios", version, disable_help_subcommand = true)]
pub struct Args {
    /// Flags that every verb knows.
    #[command(flatten)]
    pub global: Global,
    /// How the interface opens.
    #[command(flatten)]
    pub opening: Opening,
    /// What to do.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

impl Args {
    /// How the interface opens, wherever it was said.
    #[must_use]
    pub fn opening(&self) -> Opening {
        let own = match &self.verb {
            Some(Verb::Attach(attach)) => attach.opening,
            Some(Verb::Demo(demo)) => Opening {
                inline: demo.inline,
                ..Opening::default()
            },
            _ => Opening::default(),
        };
        Opening {
            view: self.opening.view || own.view,
            inline: self.opening.inline || own.inline,
        }
    }

    /// What of it does not fit the rest.
    fn misfit(&self) -> Option<&'static str> {
        let Opening { view, inline } = self.opening();
        let joins = matches!(self.verb, None | Some(Verb::Attach(_)));
        let opens = joins || matches!(self.verb, Some(Verb::Demo(_)));
        if view && !joins {
            return Some("--view is for aios and aios attach");
        }
        if inline && !opens {
            return Some("--inline is for aios, aios attach and aios demo");
        }
        let has_no_screen = self.global.plain || self.global.json;
        (inline && has_no_screen).then_some(
            "--inline is a small screen, and --plain and --json have none: leave one out",
        )
    }
}

/// How the interface opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Opening {
    /// Look only: the host takes no decision from here
    #[arg(long)]
    pub view: bool,
    /// Use the last 20 rows and leave what stands above
    #[arg(long)]
    pub inline: bool,
}

/// Flags that every verb knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Everywhere")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Global {
    /// Work as if started in DIR
    #[arg(short = 'C', global = true, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Read this file as your own configuration instead of the usual one
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How many colours
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    pub color: Option<Color>,
    /// What the terminal's background is
    #[arg(long, global = true, value_name = "GROUND", value_enum)]
    pub background: Option<Ground>,
    /// Lines of text instead of screens
    #[arg(long, global = true)]
    pub plain: bool,
    /// Draw with ASCII only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Leave the mouse to the terminal
    #[arg(long, global = true)]
    pub no_mouse: bool,
    /// No progress
    #[arg(short = 'q', long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// More progress; twice for still more
    #[arg(short = 'v', long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Results as JSON, one object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Approve what waits; never what is marked as a high risk
    #[arg(long, global = true)]
    pub yes: bool,
    /// Never ask: stop with exit code 4 where a person is needed
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Run the session host inside this process
    #[arg(long, global = true)]
    pub in_process: bool,
    /// Write a log of what the program does to FILE
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

/// When colour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// Where the output is a terminal and `NO_COLOR` is not set.
    Auto,
    /// As many as the terminal has, whatever the environment says against them.
    Always,
    /// None.
    Never,
    /// The terminal's own sixteen.
    #[value(name = "16")]
    Sixteen,
    /// The palette of 256.
    #[value(name = "256")]
    Indexed,
    /// 24 bits.
    True,
}

/// What the terminal's background is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ground {
    /// It is asked for.
    Auto,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

impl Ground {
    /// Its word in settings.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}

/// Why there is nothing to run.
#[derive(Debug)]
pub enum Ended {
    /// Help or version was asked for: print this and end well.
    Show(String),
    /// The arguments are wrong.
    Wrong(Problem),
}

/// Reads the arguments, the program's name first.
///
/// # Errors
/// Help or version was asked for, or the arguments are wrong.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Args, Ended> {
    let args = Args::try_parse_from(arguments).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            Ended::Show(error.render().to_string())
        }
        _ => Ended::Wrong(wrong(&error)),
    })?;
    match args.misfit() {
        None => Ok(args),
        Some(text) => Err(Ended::Wrong(Problem::new(&table::BAD_ARGUMENTS, text))),
    }
}

/// The first paragraph of the parser's message as one line, with a hint: the name that was perhaps meant, or where to look.
fn wrong(error: &clap::Error) -> Problem {
    let rendered = error.render().to_string();
    let lines = rendered.lines().take_while(|line| !line.trim().is_empty());
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let text = words.join(" ");
    let text = text
        .strip_prefix("error: ")
        .unwrap_or(&text)
        .trim_end_matches(':');
    let near = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let near = near.into_iter().find_map(|kind| match error.get(kind) {
        Some(ContextValue::String(name)) => Some(name.clone()),
        Some(ContextValue::Strings(names)) => names.first().cloned(),
        _ => None,
    });
    let usage = rendered
        .lines()
        .find_map(|line| line.strip_prefix("Usage: "));
    let hint = match (near, usage) {
        (Some(near), _) => format!("perhaps {near}; see aios --help"),
        (None, Some(usage)) => format!("usage: {usage}"),
        (None, None) => table::BAD_ARGUMENTS.fix.to_owned(),
    };
    Problem::new(&table::BAD_ARGUMENTS, text).hint(hint)
}

/// Reads a length of time: `90s`, `10m`, `2h`, `3d`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("not a length of time such as 90s, 10m, 2h or 3d: {text}");
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match text.strip_prefix(digits) {
        Some("s") => 1,
        Some("m") => 60,
        Some("h") => 3_600,
        Some("d") => 86_400,
        _ => return Err(wrong()),
    };
    let count: u64 = digits.parse().map_err(|_| wrong())?;
    count
        .checked_mul(factor)
        .map(Duration::from_secs)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests;
