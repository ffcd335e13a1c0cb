//! How meanings look. A theme is a file: a name and a look for every [`Token`]. In reading order: [`Token`] is what can have a
//! look, `file` reads a theme, `shelf` puts it together with what it inherits and fits it to the terminal's colours, `choice` says
//! which one is shown, `check` measures whether it can be read,
//! `import` makes themes of other programs' files.

pub mod check;
pub mod choice;
pub mod colour;
mod file;
mod glyphs;
pub mod import;
pub mod shelf;
mod token;

pub use file::{Fault, Kind};
pub use glyphs::{to_ascii, to_nerd};
pub use token::Token;

use ratatui::style::Style;

use super::terminal::caps::Depth;

/// A look for every token, ready to paint with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    styles: Vec<Style>,
}

impl Theme {
    /// The usual theme for a depth of colour.
    ///
    /// # Errors
    /// The built-in file is damaged, which a test rules out.
    pub fn built_in(depth: Depth) -> Result<Self, Fault> {
        choice::Choice::usual(depth).theme()
    }

    /// How a token looks.
    pub fn style(&self, token: Token) -> Style {
        self.styles.get(token as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
pub mod probe;
