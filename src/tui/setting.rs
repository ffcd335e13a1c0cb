//! Settings as the interface is told them: names, values, where they come from. Whoever starts the interface reads and writes them;
//! here are no files and no rules.

use std::fmt;
use std::time::Duration;

use super::layout::Density;
use super::motion::Motion;
use super::terminal::caps::Glyphs;

/// A file that settings are written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// The person's own.
    #[default]
    User,
    /// The repository's, which is shared.
    Project,
    /// The checkout's own.
    Local,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Project => "project",
            Self::Local => "local",
        })
    }
}

/// What a setting takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One of these.
    Choices(Vec<String>),
    /// A line that is typed; in words, which.
    Line(String),
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Dotted name.
    pub name: String,
    /// Its value as it is shown. Never a key.
    pub value: String,
    /// Its value as a person would type it.
    pub typed: String,
    /// What it takes.
    pub takes: Takes,
    /// What it is where nobody sets it.
    pub default: String,
    /// The layer that sets it: `default`, `user`, `project`.
    pub origin: String,
    /// The file and line, or the variable, that sets it.
    pub place: Option<String>,
    /// The files that may set it.
    pub targets: Vec<Target>,
    /// A line for people.
    pub help: String,
}

/// What of the settings the interface itself follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The theme's name, `auto`, or `auto:NAME`.
    pub theme: String,
    /// Which signs are drawn.
    pub glyphs: Glyphs,
    /// How much moves.
    pub motion: Motion,
    /// How much stands on a screen.
    pub density: Density,
    /// The mouse is taken from the terminal.
    pub mouse: bool,
    /// How long a card is shown before it takes a decision.
    pub arm: Duration,
    /// The next item opens by itself.
    pub auto_advance: bool,
    /// Seconds from UTC to the clock that is shown.
    pub offset_s: i64,
}

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// In the order of the table.
    pub settings: Vec<Setting>,
    /// What is wrong with the files, and which lines were left out because they would loosen a limit.
    pub faults: Vec<String>,
    /// The files that can be written.
    pub files: Vec<(Target, String)>,
    /// What the interface follows.
    pub live: Live,
}

/// A setting to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its dotted name.
    pub name: String,
    /// The value as it is typed; none takes the setting out of the file.
    pub to: Option<String>,
    /// Into which file.
    pub target: Target,
}

/// Since when a change of a setting counts.
pub fn since(name: &str) -> &'static str {
    let is = |heads: &[&str]| heads.iter().any(|head| name.starts_with(head));
    match name {
        "display.theme"
        | "display.glyphs"
        | "display.motion"
        | "display.density"
        | "display.mouse"
        | "display.time"
        | "decide.auto_advance" => "counts at once",
        "decide.arm_ms" => "longer counts at once, shorter when aios opens again",
        _ if is(&[
            "decide.undo_s",
            "budget.",
            "agents.",
            "rounds.",
            "plan.",
            "gates.",
        ]) =>
        {
            "counts from the next sprint on"
        }
        _ if is(&["checks.", "worktree.", "git."]) => "counts from the next sprint on",
        _ if is(&[
            "models.",
            "providers.",
            "keys.",
            "prices.",
            "paths.",
            "sandbox.",
        ]) =>
        {
            "counts when the session starts anew"
        }
        _ => "counts when aios opens again",
    }
}
