//! All themes that can be chosen: those that the program brings, and the person's own. Files are read when they are needed.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier};

use super::colour::Rgb;
use super::file::{self, Basic, Fault, Kind, Named, ThemeFile, Written, perhaps};
use super::{Theme, Token};
use crate::tui::terminal::caps::Depth;

/// What the themes of this list inherit; it has no colours and cannot be chosen.
const BASE: &str = "base";

/// Inheriting goes so deep and no deeper.
const DEEPEST: usize = 8;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../themes/", $name, ".toml")))),*]
    };
}

/// The themes that the program brings, the usual one first.
const BUILT_IN: &[(&str, &str)] = built_in![
    "terminal",
    "catppuccin-mocha",
    "catppuccin-latte",
    "gruvbox-dark",
    "gruvbox-light",
    "tokyonight-night",
    "tokyonight-day",
    "nord",
    "solarized-dark",
    "solarized-light",
    "rose-pine",
    "rose-pine-dawn",
    "everforest-dark",
    "kanagawa-wave",
    "dracula",
    "github-dark",
    "github-light",
    "high-contrast-dark",
    "high-contrast-light",
    "okabe-ito-dark",
    "okabe-ito-light",
    "mono",
    "base",
];

/// A colour: its value, or one of the terminal's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Rgb(Rgb),
    Terminal(Color),
}

impl Ink {
    pub(super) const fn rgb(self) -> Option<Rgb> {
        match self {
            Self::Rgb(colour) => Some(colour),
            Self::Terminal(_) => None,
        }
    }

    /// The colour on a terminal of 256 colours or more.
    fn at(self, depth: Depth) -> Color {
        match self {
            Self::Rgb(colour) if depth == Depth::True => {
                Color::Rgb(colour.red, colour.green, colour.blue)
            }
            Self::Rgb(colour) => Color::Indexed(colour.indexed()),
            Self::Terminal(colour) => colour,
        }
    }
}

/// The look of a token, before it is known how many colours the terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) fg: Option<Ink>,
    pub(super) bg: Option<Ink>,
    pub(super) modifiers: Modifier,
    pub(super) ansi16: Option<Basic>,
}

/// A theme with all that it inherits, before it is known how many colours the terminal has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// Its name.
    pub name: String,
    /// For which ground it is made.
    pub kind: Kind,
    /// Its counterpart for the other ground.
    pub pair: Option<String>,
    /// The ground that it is made for, where it is a colour of its own.
    pub background: Option<Rgb>,
    pub(super) looks: Vec<Look>,
}

/// The themes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// The person's own, by name: the file for messages, and its text.
    own: BTreeMap<String, (String, String)>,
}

impl Shelf {
    /// Puts one of the person's own themes into the list. `name` is the file's name without its end, `file` is for messages.
    pub fn add(&mut self, name: &str, file: &str, text: &str) {
        let entry = (file.to_owned(), text.to_owned());
        self.own.insert(name.to_owned(), entry);
    }

    /// The names that can be chosen: the program's, then the person's own.
    pub fn names(&self) -> Vec<&str> {
        let built_in = BUILT_IN.iter().map(|(name, _)| *name);
        let built_in = built_in.filter(|name| *name != BASE);
        let is_new = |name: &&str| !BUILT_IN.iter().any(|(known, _)| known == name);
        let own = self.own.keys().map(String::as_str).filter(is_new);
        built_in.chain(own).collect()
    }

    /// Whether a theme is the person's own.
    pub fn is_own(&self, name: &str) -> bool {
        self.own.contains_key(name)
    }

    /// A theme by its name, with all that it inherits.
    ///
    /// # Errors
    /// There is none of that name, or a file has a fault.
    pub fn design(&self, name: &str) -> Result<Design, Fault> {
        let asked = || Fault {
            file: "themes".to_owned(),
            at: None,
            what: format!("there is no theme {name:?}"),
            hint: Some(
                perhaps(name, self.names()).unwrap_or_else(|| "see aios theme list".to_owned()),
            ),
        };
        let first = if name == BASE {
            None
        } else {
            self.find(name, &[])
        };
        let (file, text) = first.ok_or_else(asked)?;
        self.whole(&file, text)
    }

    /// A theme that stands in no list, such as a file that is looked at.
    ///
    /// # Errors
    /// A file has a fault.
    pub fn design_of(&self, file: &str, text: &str) -> Result<Design, Fault> {
        self.whole(file, text)
    }

    /// The text of a theme and its file's name. One's own come first; a theme that inherits its own name gets the program's.
    fn find(&self, name: &str, used: &[ThemeFile]) -> Option<(String, &str)> {
        let own = self.own.get(name);
        let own = own.map(|(file, text)| (file.clone(), text.as_str()));
        let built_in = BUILT_IN.iter().find(|(known, _)| *known == name);
        let built_in = built_in.map(|(name, text)| (format!("themes/{name}.toml"), *text));
        own.into_iter()
            .chain(built_in)
            .find(|(file, _)| !used.iter().any(|one| one.file == *file))
    }

    fn whole(&self, file: &str, text: &str) -> Result<Design, Fault> {
        let mut chain = vec![ThemeFile::read(file, text)?];
        while let Some(last) = chain.last()
            && let Some(parent) = last.inherits.clone()
        {
            let fault = |what: String, hint| Fault {
                file: last.file.clone(),
                at: Some(parent.at),
                what,
                hint,
            };
            let Some((file, text)) = self.find(&parent.name, &chain) else {
                let what = if self.find(&parent.name, &[]).is_some() {
                    format!("the theme inherits itself by way of {:?}", parent.name)
                } else {
                    format!("there is no theme {:?} to inherit", parent.name)
                };
                let names = self.names().into_iter().chain([BASE]);
                return Err(fault(what, perhaps(&parent.name, names)));
            };
            if chain.len() >= DEEPEST {
                return Err(fault("the theme inherits too many others".to_owned(), None));
            }
            chain.push(ThemeFile::read(&file, text)?);
        }
        resolve(&chain)
    }
}

/// Puts a theme together from its file and those that it inherits, nearest first.
fn resolve(chain: &[ThemeFile]) -> Result<Design, Fault> {
    let [own, ..] = chain else {
        return Err(missing("themes", Token::Text));
    };
    let colours = Colours { chain };
    let mut looks = Vec::with_capacity(Token::ALL.len());
    for (token, _) in Token::ALL {
        let written = chain
            .iter()
            .find_map(|file| Some((file, file.tokens.get(&token)?)));
        let (file, written) = written.ok_or_else(|| missing(&own.file, token))?;
        looks.push(colours.look(file, written)?);
    }
    let background = chain
        .iter()
        .find_map(|file| Some((file, file.background.as_ref()?)));
    let background = background.map(|(file, name)| colours.ink(file, name));
    Ok(Design {
        name: own.name.name.clone(),
        kind: chain.iter().find_map(|file| file.kind).unwrap_or_default(),
        pair: own.pair.as_ref().map(|pair| pair.name.clone()),
        background: background.transpose()?.and_then(Ink::rgb),
        looks,
    })
}

fn missing(file: &str, token: Token) -> Fault {
    Fault {
        file: file.to_owned(),
        at: None,
        what: format!("the theme says nothing about {}", token.name()),
        hint: Some("name it under [tokens], or set inherits = \"base\"".to_owned()),
    }
}

/// The palettes of a theme and of those that it inherits; the nearest that knows a name decides.
struct Colours<'a> {
    chain: &'a [ThemeFile],
}

impl Colours<'_> {
    fn look(&self, file: &ThemeFile, written: &Written) -> Result<Look, Fault> {
        let ink = |name: &Option<Named>| name.as_ref().map(|name| self.ink(file, name)).transpose();
        Ok(Look {
            fg: ink(&written.fg)?,
            bg: ink(&written.bg)?,
            modifiers: written.modifiers,
            ansi16: written.ansi16,
        })
    }

    fn ink(&self, file: &ThemeFile, name: &Named) -> Result<Ink, Fault> {
        let (mut file, mut name) = (file, name);
        let mut seen = Vec::new();
        loop {
            if let Some(colour) = file::hex(&name.name) {
                return Ok(Ink::Rgb(colour));
            }
            let known = self
                .chain
                .iter()
                .find_map(|file| Some((file, file.palette.get(&name.name)?)));
            let Some(next) = known.filter(|_| !seen.contains(&name.name.as_str())) else {
                return match file::terminal(&name.name) {
                    Some(colour) => Ok(Ink::Terminal(colour)),
                    None => Err(self.unknown(file, name)),
                };
            };
            seen.push(name.name.as_str());
            (file, name) = next;
        }
    }

    fn unknown(&self, file: &ThemeFile, name: &Named) -> Fault {
        let palettes = self.chain.iter().flat_map(|file| file.palette.keys());
        let mut names: Vec<&str> = palettes.map(String::as_str).collect();
        for name in file::terminal_names() {
            names.push(name);
        }
        let what = if name.name.starts_with('#') {
            format!("{:?} is no colour such as #f38ba8", name.name)
        } else if names.contains(&name.name.as_str()) {
            format!("the colour {:?} is named after itself", name.name)
        } else {
            format!("there is no colour {:?}", name.name)
        };
        Fault {
            file: file.file.clone(),
            at: Some(name.at),
            what,
            hint: perhaps(&name.name, names).filter(|_| !file.palette.contains_key(&name.name)),
        }
    }
}

impl Design {
    /// How a token looks, before it is known how many colours the terminal has.
    pub(super) fn look(&self, token: Token) -> Look {
        self.looks.get(token as usize).copied().unwrap_or_default()
    }

    /// The theme on a terminal of so many colours. Without colours, a theme that has some looks like `mono`.
    ///
    /// # Errors
    /// The program's own `mono` is damaged, which a test rules out.
    pub fn at(&self, depth: Depth) -> Result<Theme, Fault> {
        let is_plain = |look: &Look| look.fg.is_none() && look.bg.is_none();
        let mono;
        let looks = if depth == Depth::Mono && !self.looks.iter().all(is_plain) {
            mono = Shelf::default().design("mono")?;
            &mono.looks
        } else {
            &self.looks
        };
        let styles = Token::ALL
            .iter()
            .zip(looks)
            .map(|((token, _), look)| look.at(*token, depth));
        Ok(Theme {
            name: self.name.clone(),
            styles: styles.collect(),
        })
    }
}

impl Look {
    fn at(&self, token: Token, depth: Depth) -> ratatui::style::Style {
        let mut style = ratatui::style::Style::new().add_modifier(self.modifiers);
        match depth {
            Depth::True | Depth::Indexed => {
                style.fg = self.fg.map(|ink| ink.at(depth));
                style.bg = self.bg.map(|ink| ink.at(depth));
            }
            Depth::Sixteen => {
                let basic = self.ansi16.unwrap_or_else(|| self.nearest(token));
                style.fg = basic.fg;
                style.bg = basic.bg;
                style = style.add_modifier(basic.modifiers);
            }
            Depth::Mono => {}
        }
        style
    }

    /// The look at sixteen colours where the theme does not say it: the nearest hue, and no grounds but those that must be seen.
    fn nearest(&self, token: Token) -> Basic {
        let basic = |ink: Option<Ink>| match ink? {
            Ink::Rgb(colour) => colour.basic(),
            Ink::Terminal(colour) => Some(colour),
        };
        let is_terminal = |ink: Option<Ink>| matches!(ink, Some(Ink::Terminal(_)));
        if self.bg.is_none() || is_terminal(self.bg) {
            return Basic {
                fg: basic(self.fg),
                bg: basic(self.bg),
                modifiers: Modifier::empty(),
            };
        }
        match token {
            Token::SurfaceRaised => Basic {
                fg: Some(Color::Gray),
                bg: Some(Color::Black),
                modifiers: Modifier::empty(),
            },
            Token::SurfaceSelected | Token::Cursor | Token::Match => Basic {
                modifiers: Modifier::REVERSED,
                ..Basic::default()
            },
            _ => Basic {
                fg: basic(self.fg),
                ..Basic::default()
            },
        }
    }
}

#[cfg(test)]
mod tests;
