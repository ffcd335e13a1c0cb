//! From a verb to what does it. One line a verb.

use std::io::IsTerminal as _;

use crate::boot::{clients, demo, serve, verbs};
use crate::cli::args::{Args, Status, Verb};
use crate::cli::errors::{Problem, table};
use crate::cli::output::{Out, Stop};
use crate::cli::{ExitCode, explain, manual, version};

/// Why a verb ends early.
#[derive(Debug)]
pub enum Halt {
    /// Something is in the way; it is told and decides the exit code.
    Problem(Box<Problem>),
    /// Nothing more can be written.
    Stop(Stop),
}

impl From<Problem> for Halt {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// How a verb ends.
pub type Outcome = Result<ExitCode, Halt>;

/// Does what a verb asks for.
///
/// # Errors
/// The output cannot be written.
pub fn verb(args: &Args, out: &mut Out) -> Result<ExitCode, Stop> {
    let outcome = match &args.verb {
        Some(Verb::Version) => version::run(out).map_err(Halt::from),
        Some(Verb::Explain(explain)) => {
            explain::run(explain.code.as_deref(), out).map_err(Halt::from)
        }
        Some(Verb::Completions(wanted)) => {
            manual::completions(wanted.shell, out).map_err(Halt::from)
        }
        Some(Verb::Man(man)) => manual::run(man, out),
        Some(Verb::Demo(demo)) if !has_screen(args) => blocking(async {
            Ok(if is_asked(args) {
                demo::talked(args, demo, out).await?
            } else {
                demo::plain(demo, out).await?
            })
        }),
        Some(Verb::Demo(demo)) => {
            blocking(async { Ok(Box::pin(demo::shown(args, demo, out)).await?) })
        }
        Some(Verb::Serve(how)) => blocking(async { Ok(serve::run(args, how, out).await?) }),
        Some(verb) if clients::is_client(verb) => {
            blocking(async { Ok(clients::here(args, verb, out).await?) })
        }
        Some(Verb::Run(run)) => blocking(verbs::run::run(args, run, out)),
        Some(Verb::Plan(plan)) => blocking(verbs::plan::run(args, plan, out)),
        Some(Verb::Init(init)) => verbs::init::run(args, init, out),
        Some(Verb::Config(config)) => verbs::config::run(args, config, out),
        Some(Verb::Doctor) => blocking(verbs::doctor::run(args, out)),
        Some(Verb::Theme(theme)) => verbs::theme::run(args, theme, out),
        Some(Verb::Keys) => verbs::keys::run(out),
        Some(Verb::Roles) => verbs::roles::list(args, out),
        Some(Verb::DumpPrompt(dump)) => verbs::roles::dump(args, dump, out),
        Some(Verb::Journal(journal)) => verbs::journal::run(args, journal, out),
        None | Some(Verb::Attach(_)) if has_screen(args) || is_plain(args) => {
            blocking(verbs::interface::open(args, is_plain(args), out))
        }
        None => blocking(async {
            let status = Verb::Status(Status::default());
            Ok(clients::here(args, &status, out).await?)
        }),
        Some(_) => Err(Problem::new(&table::NOT_BUILT, "this verb is not built yet").into()),
    };
    match outcome {
        Ok(code) => Ok(code),
        Err(Halt::Problem(problem)) => Ok(out.problem(&problem)),
        Err(Halt::Stop(stop)) => Err(stop),
    }
}

/// Whether somebody is there who can be asked, and wants to be.
fn is_asked(args: &Args) -> bool {
    is_terminal() && !args.global.yes && !args.global.no_input
}

fn is_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Whether lines are wanted instead of a screen: told so, or on a terminal that can do nothing else.
fn is_plain(args: &Args) -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    let is_line_terminal = is_terminal() && (is_dumb || is_set("ACCESSIBLE"));
    !args.global.json && (args.global.plain || is_line_terminal)
}

/// Whether a person sits in front of it who wants a screen.
fn has_screen(args: &Args) -> bool {
    is_terminal() && !is_plain(args) && !args.global.json
}

/// Runs a verb to its end on a runtime of its own.
fn blocking(work: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.map_err(Stop::from)?.block_on(work)
}
