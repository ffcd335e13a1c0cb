//! The settings as the program uses them: one struct a section, money as money, models as routes. Made once, from the layers.

mod read;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::base::money::{Money, TokenPrice};
use crate::domain::llm::{Route, Tier};

/// All settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How things are drawn.
    pub display: Display,
    /// How decisions are taken.
    pub decide: Decide,
    /// What may be spent.
    pub budget: Budget,
    /// Which models are used.
    pub models: Models,
    /// Who serves them, by name; the built-in ones included.
    pub providers: BTreeMap<String, Provider>,
    /// Prices that the user has set, by route.
    pub prices: BTreeMap<Route, Price>,
    /// How many agents work at a time.
    pub agents_max: u32,
    /// How many rounds a task has.
    pub rounds_max: u32,
    /// How many tasks a plan may have.
    pub plan_max_tasks: u32,
    /// What asks a person.
    pub gates: Gates,
    /// The project's own commands.
    pub checks: Checks,
    /// How worktrees are made.
    pub worktree: Worktree,
    /// Folders; `None` is the usual one.
    pub paths: Paths,
    /// First part of the branches' names.
    pub git_prefix: String,
    /// How commands are shut in.
    pub sandbox: Sandbox,
    /// How the person is told.
    pub notify: Notify,
}

/// How things are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display {
    /// Theme's name, `auto`, or `auto:NAME`.
    pub theme: String,
    /// `auto`, `unicode`, `ascii`, `nerd`.
    pub glyphs: String,
    /// `auto`, `full`, `reduced`, `off`.
    pub motion: String,
    /// `compact`, `normal`, `roomy`.
    pub density: String,
    /// `auto`, `on`, `off`.
    pub links: String,
    /// `auto`, `true`, `256`, `16`, `mono`.
    pub depth: String,
    /// `auto`, `dark`, `light`.
    pub background: String,
    /// Whether the mouse is taken.
    pub mouse: bool,
    /// Whether the terminal's cursor stands on the row under the interface's own.
    pub shows_cursor: bool,
    /// Whether lines are wanted instead of screens.
    pub plain: bool,
    /// Whether moments are shown in UTC.
    pub utc: bool,
}

/// How decisions are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decide {
    /// Open the next item after a decision.
    pub auto_advance: bool,
    /// How long a card is shown before it can be decided.
    pub arm_ms: u32,
    /// How long a decision can be taken back.
    pub undo_s: u32,
    /// Ask for a word before each decision.
    pub confirm_all: bool,
}

/// What may be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// One model call.
    pub request: Money,
    /// One task.
    pub task: Money,
    /// One sprint.
    pub sprint: Money,
    /// One day of the repository.
    pub day: Money,
    /// Percent of a budget at which a person is asked.
    pub ask_at_percent: u32,
}

/// Which models are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Models {
    /// One tier for all roles; `None` leaves it to each role.
    pub default: Option<Tier>,
    /// The model of each tier.
    pub tiers: BTreeMap<Tier, Route>,
    /// What savings are counted against.
    pub baseline: Route,
}

/// A wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// Anthropic's Messages.
    Anthropic,
    /// `OpenAI`'s Chat Completions, at `OpenAI`.
    OpenAi,
    /// Chat Completions as other servers speak it.
    Compatible,
}

/// Who serves models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The wire format.
    pub kind: ProviderKind,
    /// Where it answers, without a slash at the end.
    pub base_url: String,
    /// The variable that holds its key; `None` needs none.
    pub key_variable: Option<String>,
    /// Root certificates besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Whether it runs on this machine and is looked for by itself.
    pub is_local: bool,
}

/// A model's price as the user has set it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// Read.
    pub input: Option<TokenPrice>,
    /// Written.
    pub output: Option<TokenPrice>,
    /// Read from the provider's cache.
    pub cache_read: Option<TokenPrice>,
    /// Written to the provider's cache.
    pub cache_write: Option<TokenPrice>,
}

/// What a gate does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Lets through.
    Auto,
    /// Asks a person.
    Ask,
}

/// What asks a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gates {
    /// A plan.
    pub plan: Gate,
    /// A change.
    pub review: Gate,
    /// The merge into the base branch.
    pub merge: Gate,
}

/// The project's own commands; a kind without any is found by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Before the others.
    pub setup: Option<String>,
    /// Build.
    pub build: Vec<String>,
    /// Test.
    pub test: Vec<String>,
    /// Lint.
    pub lint: Vec<String>,
    /// Look at the format.
    pub format: Vec<String>,
    /// The longest that one may take.
    pub timeout: Duration,
}

/// How worktrees are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worktree {
    /// Command in each new one.
    pub setup: Option<String>,
    /// Ignored files that each gets a copy of.
    pub include: Vec<String>,
    /// They stay when their task is done, too.
    pub stays: bool,
}

/// Folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// For journals and state. May begin with `~/`.
    pub state: Option<PathBuf>,
    /// For worktrees. May begin with `~/`.
    pub worktrees: Option<PathBuf>,
}

/// How commands are shut in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sandbox {
    /// Commands run unasked only where there is a sandbox.
    pub required: bool,
    /// Sandboxed commands see the host's network.
    pub host_network: bool,
}

/// How the person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// `auto`, `bell`, `osc`, `off`.
    pub method: String,
    /// Minutes of the day between which only a stop calls.
    pub quiet: Option<(u16, u16)>,
    /// Ids stay out of what is said.
    pub only_counts: bool,
    /// The person's own program with its arguments; empty: none.
    pub command: Vec<String>,
}
