//! What each verb takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::{Opening, duration};
use crate::base::money::Money;

/// The verbs.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum Verb {
    /// Play a whole sprint with a simulated model: no key, no network, no cost
    Demo(Demo),
    /// Set up this repository: .aios/config.toml and roles
    Init(Init),
    /// Make a plan and stop
    Plan(Plan),
    /// Plan, ask, run
    Run(Run),
    /// Run the session host
    Serve(Serve),
    /// Open the interface on a host that runs
    Attach(Attach),
    /// Say in one screen what goes on
    Status(Status),
    /// List what waits for a decision
    Waiting(Waiting),
    /// Approve a waiting item
    Approve(Approve),
    /// Reject a waiting item
    Reject(Reject),
    /// Answer a question
    Answer(Answer),
    /// Hold a task, or the whole sprint
    Pause(Halt),
    /// Let a paused task or sprint go on
    Resume(Halt),
    /// Give a task up, or end the sprint for good; wants --yes
    Stop(Halt),
    /// Show what happened
    #[command(visible_alias = "log")]
    Logs(Logs),
    /// Show what was spent
    Cost(Cost),
    /// Show a task's changes
    Diff(Diff),
    /// Examine machine, repository, models and settings
    Doctor,
    /// Show and change settings
    Config(Config),
    /// List the keys of the interface
    Keys,
    /// List, show, check and import themes
    Theme(Theme),
    /// List the roles
    #[command(visible_alias = "agents")]
    Roles,
    /// Print what a role is told, with tokens a part
    DumpPrompt(DumpPrompt),
    /// Export or verify the journal
    Journal(Journal),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual, or write a page for each verb
    Man(Man),
    /// Print the version
    Version,
    /// Explain an error code
    Explain(Explain),
}

/// `aios demo`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Demo {
    /// How many times faster than a person reads; 0 does not wait at all
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub speed: u32,
    /// Keep the throw-away repository in DIR
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Use the last 20 rows and leave what stands above
    #[arg(long)]
    pub inline: bool,
}

impl Default for Demo {
    /// As without flags.
    fn default() -> Self {
        Self {
            speed: 1,
            keep: None,
            inline: false,
        }
    }
}

/// `aios completions`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Completions {
    /// For which shell
    pub shell: clap_complete::Shell,
}

/// `aios man`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Man {
    /// Write a page for each verb into DIR
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `aios init`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Init {
    /// Trust the repository's instructions and commands as they are
    #[arg(long)]
    pub trust: bool,
}

/// `aios plan`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Plan {
    /// What is to be reached; - reads it from standard input
    #[arg(required_unless_present = "from")]
    pub goal: Option<String>,
    /// Read the goal from FILE, or from standard input for -
    #[arg(long, value_name = "FILE", conflicts_with = "goal")]
    pub from: Option<PathBuf>,
    /// Write the plan to FILE
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Spend at most this on planning, in dollars
    #[arg(long, value_name = "AMOUNT")]
    pub budget: Option<Money>,
    /// Trust the repository's instructions and commands as they are
    #[arg(long)]
    pub trust: bool,
}

/// `aios run`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Run {
    /// What is to be reached; - reads it from standard input
    #[arg(required_unless_present = "from")]
    pub goal: Option<String>,
    /// Read the goal or a plan from FILE, or from standard input for -
    #[arg(long, value_name = "FILE", conflicts_with = "goal")]
    pub from: Option<PathBuf>,
    /// Spend at most this on the sprint, in dollars
    #[arg(long, value_name = "AMOUNT")]
    pub budget: Option<Money>,
    /// Which models to use
    #[arg(long, value_enum)]
    pub tier: Option<Tier>,
    /// How many agents work at a time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50))]
    pub agents: Option<u32>,
    /// Where to stop
    #[arg(long, value_enum, default_value_t = Until::Done)]
    pub until: Until,
    /// Wait at most this long: 90s, 10m, 2h
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// With --yes: approve this kind of high risk too
    #[arg(long, value_name = "RULE")]
    pub allow: Vec<String>,
    /// Trust the repository's instructions and commands as they are
    #[arg(long)]
    pub trust: bool,
    /// Run commands though they cannot be shut in on this machine
    #[arg(long)]
    pub accept_weaker_sandbox: bool,
}

/// Which models a sprint uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Tier {
    /// Each role's own.
    Mixed,
    /// The strongest.
    Premium,
    /// The usual.
    Standard,
    /// The cheapest that costs.
    Economy,
    /// On this machine only.
    Local,
}

/// Where `aios run` stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Until {
    /// When the sprint is merged.
    Done,
    /// When a change waits for review.
    Review,
}

/// `aios serve`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Serve {
    /// Listen on this socket
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Stay in the foreground and say what happens
    #[arg(long)]
    pub foreground: bool,
    /// Be the host that another call of the program starts
    #[arg(long, hide = true, conflicts_with = "foreground")]
    pub detached: bool,
}

/// `aios attach`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Attach {
    /// How the interface opens.
    #[command(flatten)]
    pub opening: Opening,
}

/// `aios status`
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct Status {
    /// One line, for a prompt or a status bar
    #[arg(long)]
    pub line: bool,
    /// Print again whenever it changes
    #[arg(long)]
    pub watch: bool,
}

/// `aios waiting`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Waiting {
    /// Block until something waits
    #[arg(long)]
    pub wait: bool,
    /// Block at most this long: 90s, 10m, 2h
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "wait")]
    pub timeout: Option<Duration>,
}

/// `aios approve`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Approve {
    /// The item: g7, or s3.g7
    pub id: String,
    /// Why
    #[arg(short = 'm', value_name = "WHY")]
    pub message: Option<String>,
}

/// `aios reject`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Reject {
    /// The item: g7, or s3.g7
    pub id: String,
    /// Why; goes to the agent
    #[arg(short = 'm', value_name = "WHY")]
    pub message: Option<String>,
}

/// `aios answer`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Answer {
    /// The question: g7, or s3.g7
    pub id: String,
    /// The answer; - reads it from standard input
    pub text: String,
}

/// `aios pause`, `aios resume`, `aios stop`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Halt {
    /// The task or sprint: t4, s3; the current sprint if left out
    #[arg(value_name = "SPRINT|TASK")]
    pub what: Option<String>,
}

/// `aios logs`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Logs {
    /// Only this agent's: marcus, or s3.t4.a2
    pub agent: Option<String>,
    /// Go on as more happens
    #[arg(short = 'f', long)]
    pub follow: bool,
    /// Only the last: 90s, 10m, 2h, 3d
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub since: Option<Duration>,
    /// Only these kinds, such as tool,diff
    #[arg(long, value_delimiter = ',')]
    pub kind: Vec<String>,
}

/// `aios cost`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Cost {
    /// What the rows stand for
    #[arg(long, value_enum, default_value_t = CostBy::Task)]
    pub by: CostBy,
    /// Only the last: 90s, 10m, 2h, 3d
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub since: Option<Duration>,
    /// As comma-separated values
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

/// What a row of the cost table stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CostBy {
    /// A role.
    Agent,
    /// A model.
    Model,
    /// A day.
    Day,
    /// A task.
    Task,
    /// A sprint.
    Sprint,
}

/// `aios diff`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Diff {
    /// The task: t4, or s3.t4
    pub task: String,
    /// Only files and counts
    #[arg(long)]
    pub stat: bool,
}

/// `aios config`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Config {
    /// What to do with the settings.
    #[command(subcommand)]
    pub verb: ConfigVerb,
}

/// A file of settings; your own if none is named.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct ConfigFile {
    /// In the repository's .aios/config.toml instead
    #[arg(long, conflicts_with = "local")]
    pub project: bool,
    /// In this checkout's .aios/local.toml instead
    #[arg(long)]
    pub local: bool,
}

/// What can be done with the settings.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum ConfigVerb {
    /// List all settings
    List {
        /// Say where each comes from
        #[arg(long)]
        origin: bool,
    },
    /// Print one setting
    Get {
        /// Such as budget.sprint
        name: String,
        /// Say where it comes from
        #[arg(long)]
        origin: bool,
    },
    /// Change one setting in your own file
    Set {
        /// Such as budget.sprint
        name: String,
        /// The new value
        value: String,
        /// Which file is changed.
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Open a file of settings in your editor, and check it then
    Edit {
        /// Which file is opened.
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Print the files that are read, in order
    Path,
    /// Look for mistakes
    Check,
}

/// `aios theme`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Theme {
    /// What to do with the themes.
    #[command(subcommand)]
    pub verb: ThemeVerb,
}

/// What can be done with the themes.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum ThemeVerb {
    /// List the themes; * marks the one that is used
    List,
    /// Show what a theme looks like on this terminal
    Preview {
        /// Its name; the one that is used without it
        name: Option<String>,
    },
    /// Measure whether a theme can be read, also by colour-blind eyes
    Check {
        /// A theme's name, or a file
        theme: String,
    },
    /// Make a theme of a base16, base24, helix, Ghostty, Alacritty or kitty file
    Import {
        /// The file
        file: PathBuf,
        /// What to call it; the file's name without it
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Overwrite a theme of your own
        #[arg(long)]
        force: bool,
    },
}

/// `aios dump-prompt`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct DumpPrompt {
    /// The role: sarah, marcus, …
    pub role: String,
}

/// `aios journal`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Journal {
    /// What to do with the journal.
    #[command(subcommand)]
    pub verb: JournalVerb,
}

/// What can be done with the journal.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum JournalVerb {
    /// Write the good part as JSON lines
    Export {
        /// To FILE instead of standard output
        #[arg(short = 'o', value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Check every record and the chain
    Verify,
}

/// `aios explain`
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Explain {
    /// Such as E-REPO-01; all codes without it
    pub code: Option<String>,
}
