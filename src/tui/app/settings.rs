//! What the program was told at its start.

use std::path::PathBuf;
use std::time::Duration;

use crate::tui::arming;
use crate::tui::layout::Density;
use crate::tui::motion::Motion;
use crate::tui::notify::Rules;
use crate::tui::terminal::call::Way;
use crate::tui::terminal::probe::Asks;

/// The file of what is put off.
pub const SNOOZES: &str = "snoozed.json";
/// The file of comments that were not sent.
pub const DRAFTS: &str = "drafts.json";

/// What the program was told at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a card is shown before it takes a decision.
    pub arm: Duration,
    /// Whether the next item opens by itself after a decision.
    pub auto_advance: bool,
    /// Whether a word is asked for before each decision.
    pub confirm_all: bool,
    /// The client's name, in front of the names of its commands.
    pub client: String,
    /// The person's editor, as a shell reads it.
    pub editor: String,
    /// The person's pager, as a shell reads it.
    pub pager: String,
    /// The person's own folder, for what is copied and paged.
    pub folder: PathBuf,
    /// What is asked of the terminal.
    pub asks: Asks,
    /// The file of keys.
    pub keymap: Option<PathBuf>,
    /// The last rows of the terminal's own screen are used, and what stands above stays.
    pub is_inline: bool,
    /// The terminal's cursor is shown outside of text fields, too: on the row under the focused pane's own.
    pub shows_cursor: bool,
    /// How much moves.
    pub motion: Motion,
    /// How much stands on a screen.
    pub density: Density,
    /// The address of the folder that names of files are linked to; none links nothing.
    pub linked: Option<String>,
    /// What this machine is called; empty if it does not say.
    pub host: String,
    /// The folder of what the person leaves for the next time ([`SNOOZES`], [`DRAFTS`]); without one it is forgotten.
    pub kept: Option<PathBuf>,
    /// When the person is called.
    pub calls: Rules,
    /// How the terminal is told to call.
    pub way: Way,
    /// The person's own program that is run for a call, with its arguments.
    pub hook: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            arm: arming::ARM,
            auto_advance: true,
            confirm_all: false,
            client: "tui".to_owned(),
            editor: "vi".to_owned(),
            pager: "less".to_owned(),
            folder: std::env::temp_dir(),
            asks: Asks {
                anything: true,
                background: true,
                depth: true,
                width: true,
            },
            keymap: None,
            is_inline: false,
            shows_cursor: false,
            motion: Motion::default(),
            density: Density::default(),
            linked: None,
            host: String::new(),
            kept: None,
            calls: Rules::default(),
            way: Way::default(),
            hook: Vec::new(),
        }
    }
}
