//! Which theme is shown: what the person wants, on this ground and with so many colours. The ground may become known late; the
//! choice is then made again.

use super::Theme;
use super::colour::Rgb;
use super::file::{Fault, Kind};
use super::shelf::{Design, Shelf};
use crate::tui::terminal::caps::Depth;

/// The theme of `auto`: right on every ground.
pub const USUAL: &str = "terminal";

/// Whether the terminal is dark or light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Background {
    /// Dark, which is also what is taken where nothing is known.
    #[default]
    Dark,
    /// Light.
    Light,
}

impl Background {
    /// What a colour is, as a terminal tells it (OSC 11).
    pub fn of(colour: Rgb) -> Self {
        if colour.oklab().lightness < 0.5 {
            Self::Dark
        } else {
            Self::Light
        }
    }

    /// Its word in settings: `dark` or `light`.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "dark" => Some(Self::Dark),
            "light" => Some(Self::Light),
            _ => None,
        }
    }

    /// What `COLORFGBG` says, such as `15;0`: its last part is the ground's number among the sixteen. Only 7 and 15 are light.
    pub fn from_colorfgbg(value: &str) -> Option<Self> {
        match value.rsplit(';').next()?.trim().parse::<u8>().ok()? {
            7 | 15 => Some(Self::Light),
            0..=14 => Some(Self::Dark),
            _ => None,
        }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }

    const fn suits(self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (_, Kind::Any) | (Self::Dark, Kind::Dark) | (Self::Light, Kind::Light)
        )
    }
}

/// What the person wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// What is right everywhere.
    #[default]
    Auto,
    /// This one on its own ground, its pair on the other.
    Paired(String),
    /// This one.
    Named(String),
}

impl Wish {
    /// Reads the setting: `auto`, `auto:nord`, `nord`.
    pub fn read(setting: &str) -> Self {
        match setting.trim().split_once(':') {
            None if matches!(setting.trim(), "auto" | "") => Self::Auto,
            Some(("auto", name)) => Self::Paired(name.trim().to_owned()),
            _ => Self::Named(setting.trim().to_owned()),
        }
    }
}

/// What decides which theme is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The themes.
    pub shelf: Shelf,
    /// What the person wants.
    pub wish: Wish,
    /// How many colours there are.
    pub depth: Depth,
    /// The terminal's ground.
    pub background: Background,
    /// The person has said what the ground is; what the terminal says no longer counts.
    pub is_fixed: bool,
}

impl Choice {
    /// The usual theme at a depth.
    pub fn usual(depth: Depth) -> Self {
        Self {
            shelf: Shelf::default(),
            wish: Wish::Auto,
            depth,
            background: Background::Dark,
            is_fixed: false,
        }
    }

    /// The theme that is chosen.
    ///
    /// # Errors
    /// There is none of that name, or a file has a fault.
    pub fn theme(&self) -> Result<Theme, Fault> {
        self.design()?.at(self.depth)
    }

    /// As [`theme`](Self::theme), before it is fitted to the terminal.
    ///
    /// # Errors
    /// There is none of that name, or a file has a fault.
    pub fn design(&self) -> Result<Design, Fault> {
        match &self.wish {
            Wish::Auto => self.shelf.design(USUAL),
            Wish::Named(name) => self.shelf.design(name),
            Wish::Paired(name) => {
                let own = self.shelf.design(name)?;
                match &own.pair {
                    Some(pair) if !self.background.suits(own.kind) => self.shelf.design(pair),
                    _ => Ok(own),
                }
            }
        }
    }

    /// A word of warning where the chosen theme is made for the other ground.
    pub fn warning(&self, design: &Design) -> Option<String> {
        let is_seen = self.depth > Depth::Sixteen && !self.background.suits(design.kind);
        is_seen.then(|| {
            let (kind, ground) = (design.kind.word(), self.background.word());
            let name = &design.name;
            format!("{name} is made for a {kind} background; this terminal's is {ground}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_and_dark_grounds() {
        for (colour, expected) in [
            ("#ffffff", Background::Light),
            ("#fdf6e3", Background::Light),
            ("#000000", Background::Dark),
            ("#002b36", Background::Dark),
        ] {
            let colour = Rgb::parse(colour).unwrap();
            assert_eq!(Background::of(colour), expected, "{colour:?}");
        }
    }

    #[test]
    fn wishes_are_read() {
        for (setting, expected) in [
            ("auto", Wish::Auto),
            (" ", Wish::Auto),
            ("auto:nord", Wish::Paired("nord".to_owned())),
            ("nord", Wish::Named("nord".to_owned())),
        ] {
            assert_eq!(Wish::read(setting), expected, "{setting}");
        }
    }

    #[test]
    fn grounds_are_told_apart() {
        for (value, expected) in [
            ("15;0", Some(Background::Dark)),
            ("0;15", Some(Background::Light)),
            ("0;default;15", Some(Background::Light)),
            ("12;8", Some(Background::Dark)),
            ("0;default", None),
            ("", None),
        ] {
            assert_eq!(Background::from_colorfgbg(value), expected, "{value}");
        }
        for (colour, expected) in [
            ("#002b36", Background::Dark),
            ("#fdf6e3", Background::Light),
            ("#e1e2e7", Background::Light),
            ("#3b4252", Background::Dark),
        ] {
            assert_eq!(Background::of(Rgb::parse(colour).unwrap()), expected);
        }
    }

    #[test]
    fn pairs_follow_the_ground() {
        let mut choice = Choice::usual(Depth::True);
        for (wish, ground, expected) in [
            ("auto", Background::Light, "terminal"),
            (
                "auto:catppuccin-mocha",
                Background::Dark,
                "catppuccin-mocha",
            ),
            (
                "auto:catppuccin-mocha",
                Background::Light,
                "catppuccin-latte",
            ),
            (
                "auto:catppuccin-latte",
                Background::Dark,
                "catppuccin-mocha",
            ),
            ("auto:nord", Background::Light, "nord"),
            ("catppuccin-mocha", Background::Light, "catppuccin-mocha"),
        ] {
            choice.wish = Wish::read(wish);
            choice.background = ground;
            assert_eq!(choice.theme().unwrap().name, expected, "{wish} {ground:?}");
        }
        let design = choice.design().unwrap();
        assert_eq!(
            choice.warning(&design).as_deref(),
            Some("catppuccin-mocha is made for a dark background; this terminal's is light")
        );
        choice.depth = Depth::Sixteen; // There it looks right on both.
        assert_eq!(choice.warning(&design), None);
    }
}
