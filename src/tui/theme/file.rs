//! A theme file: TOML as people know it from the helix editor. A name, a palette, and looks for tokens. Colours are still names
//! here; which they are is found out in [`super::shelf`], together with the themes that it inherits.

use std::collections::BTreeMap;
use std::fmt;

use ratatui::style::{Color, Modifier};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Token;
use super::colour::Rgb;
use crate::base::text::{SafeText, nearest};

/// For which ground a theme is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A dark one.
    Dark,
    /// A light one.
    Light,
    /// Whichever the terminal has.
    #[default]
    Any,
}

impl Kind {
    /// Its word in theme files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Any => "any",
        }
    }
}

/// What is wrong with a theme, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// The file, as people would name it.
    pub file: String,
    /// Line and column, both from 1, where there is one to blame.
    pub at: Option<(usize, usize)>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.file)?;
        if let Some((line, column)) = self.at {
            write!(out, ":{line}:{column}")?;
        }
        write!(out, ": {}", self.what)?;
        match &self.hint {
            Some(hint) => write!(out, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// A name in a file, and where it stands: line and column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) at: (usize, usize),
}

/// The look of a token as a file says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) fg: Option<Named>,
    pub(super) bg: Option<Named>,
    pub(super) modifiers: Modifier,
    pub(super) ansi16: Option<Basic>,
}

/// A look on a terminal of sixteen colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Basic {
    pub(super) fg: Option<Color>,
    pub(super) bg: Option<Color>,
    pub(super) modifiers: Modifier,
}

/// A theme file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ThemeFile {
    /// The file, for messages.
    pub(super) file: String,
    pub(super) name: Named,
    pub(super) kind: Option<Kind>,
    pub(super) pair: Option<Named>,
    pub(super) inherits: Option<Named>,
    pub(super) background: Option<Named>,
    /// Names of colours: a hex value, or another name.
    pub(super) palette: BTreeMap<String, Named>,
    pub(super) tokens: BTreeMap<Token, Written>,
}

const HEAD: [&str; 7] = [
    "name",
    "kind",
    "pair",
    "inherits",
    "background",
    "palette",
    "tokens",
];
const MODIFIERS: [(&str, Modifier); 6] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
    ("strike", Modifier::CROSSED_OUT),
];

/// The terminal's own colours by name. Bright ones are left out: some palettes hide them.
const TERMINAL: [(&str, Color); 9] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray), // ANSI 7; what ratatui calls white is the bright one.
];

/// A colour of the terminal's own by its name.
pub(super) fn terminal(name: &str) -> Option<Color> {
    let found = TERMINAL.iter().find(|(known, _)| *known == name);
    found.map(|(_, colour)| *colour)
}

/// The names of the terminal's own colours.
pub(super) fn terminal_names() -> impl Iterator<Item = &'static str> {
    TERMINAL.iter().map(|(name, _)| *name)
}

/// Says "perhaps" where a name is near.
pub(super) fn perhaps<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(given, names).map(|name| format!("perhaps {name:?}"))
}

impl ThemeFile {
    /// Reads a file's text; `file` is its name for messages.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(super) fn read(file: &str, text: &str) -> Result<Self, Fault> {
        let reader = Reader { file, text };
        let table = DeTable::parse(text).map_err(|error| {
            let message = error.message().lines().next().unwrap_or("no TOML");
            reader.fault(
                error.span().map(|span| reader.at(span.start)),
                message,
                None,
            )
        })?;
        reader.file(table.into_inner())
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
}

type Item<'a> = (Spanned<DeString<'a>>, Spanned<DeValue<'a>>);

impl Reader<'_> {
    fn at(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or(before);
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }

    fn fault(
        &self,
        at: Option<(usize, usize)>,
        what: impl AsRef<str>,
        hint: Option<String>,
    ) -> Fault {
        Fault {
            file: self.file.to_owned(),
            at,
            what: SafeText::line(what.as_ref()).as_str().to_owned(),
            hint,
        }
    }

    fn file(&self, table: DeTable<'_>) -> Result<ThemeFile, Fault> {
        let mut made = ThemeFile {
            file: self.file.to_owned(),
            name: Named {
                name: String::new(),
                at: (1, 1),
            },
            kind: None,
            pair: None,
            inherits: None,
            background: None,
            palette: BTreeMap::new(),
            tokens: BTreeMap::new(),
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "name" => made.name = self.text(&value, "the name")?,
                "kind" => made.kind = Some(self.kind(&value)?),
                "pair" => made.pair = Some(self.text(&value, "the pair")?),
                "inherits" => made.inherits = Some(self.text(&value, "the theme to inherit")?),
                "background" => made.background = Some(self.text(&value, "the background")?),
                "palette" => {
                    for (name, value) in self.table(value, "[palette]")? {
                        let colour = self.text(&value, "a colour")?;
                        made.palette.insert(name.get_ref().to_string(), colour);
                    }
                }
                "tokens" => {
                    for item in self.table(value, "[tokens]")? {
                        let (token, look) = self.token(item)?;
                        made.tokens.insert(token, look);
                    }
                }
                unknown => return Err(self.unknown(&key, ("key", unknown), HEAD)),
            }
        }
        if made.name.name.is_empty() {
            let hint = Some("begin the file with name = \"…\"".to_owned());
            return Err(self.fault(Some((1, 1)), "the theme has no name", hint));
        }
        Ok(made)
    }

    fn unknown<'n>(
        &self,
        key: &Spanned<DeString<'_>>,
        (what, given): (&str, &str),
        names: impl IntoIterator<Item = &'n str>,
    ) -> Fault {
        self.fault(
            Some(self.at(key.span().start)),
            format!("there is no {what} {given:?}"),
            perhaps(given, names),
        )
    }

    fn wrong(&self, value: &Spanned<DeValue<'_>>, what: &str) -> Fault {
        self.fault(Some(self.at(value.span().start)), what, None)
    }

    fn text(&self, value: &Spanned<DeValue<'_>>, what: &str) -> Result<Named, Fault> {
        let Some(name) = value.get_ref().as_str() else {
            return Err(self.wrong(value, &format!("{what} must be a text in quotes")));
        };
        Ok(Named {
            name: name.to_owned(),
            at: self.at(value.span().start),
        })
    }

    fn kind(&self, value: &Spanned<DeValue<'_>>) -> Result<Kind, Fault> {
        let word = self.text(value, "the kind")?;
        [Kind::Dark, Kind::Light, Kind::Any]
            .into_iter()
            .find(|kind| kind.word() == word.name)
            .ok_or_else(|| self.wrong(value, "the kind must be dark, light or any"))
    }

    fn table<'t>(&self, value: Spanned<DeValue<'t>>, what: &str) -> Result<DeTable<'t>, Fault> {
        let start = value.span().start;
        match value.into_inner() {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.fault(
                Some(self.at(start)),
                format!("{what} must be a table"),
                None,
            )),
        }
    }

    /// A token's look: a table, or the name of its colour alone.
    fn token(&self, (key, value): Item<'_>) -> Result<(Token, Written), Fault> {
        let name = key.get_ref().as_ref();
        let names = || Token::ALL.iter().map(|(_, name)| *name);
        let found = Token::ALL.iter().find(|(_, known)| *known == name);
        let Some((token, _)) = found else {
            return Err(self.unknown(&key, ("token", name), names()));
        };
        if value.get_ref().is_str() {
            let fg = Some(self.text(&value, "a colour")?);
            return Ok((
                *token,
                Written {
                    fg,
                    ..Written::default()
                },
            ));
        }
        let mut look = Written::default();
        for (key, value) in self.table(value, "a look")? {
            self.part(&mut look, &key, &value)?;
        }
        Ok((*token, look))
    }

    fn part(
        &self,
        look: &mut Written,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(), Fault> {
        let name = key.get_ref().as_ref();
        let modifier = MODIFIERS.iter().find(|(known, _)| *known == name);
        match (name, modifier) {
            ("fg", _) => look.fg = Some(self.text(value, "a colour")?),
            ("bg", _) => look.bg = Some(self.text(value, "a colour")?),
            ("ansi16", _) => look.ansi16 = Some(self.basic(value)?),
            (_, Some((_, modifier))) => match value.get_ref().as_bool() {
                Some(is_set) => look.modifiers.set(*modifier, is_set),
                None => return Err(self.wrong(value, &format!("{name} must be true or false"))),
            },
            _ => {
                let known = ["fg", "bg", "ansi16"].into_iter();
                let known = known.chain(MODIFIERS.iter().map(|(name, _)| *name));
                return Err(self.unknown(key, ("part of a look", name), known));
            }
        }
        Ok(())
    }

    /// `yellow`, `white on black`, `default underline`: a colour, a ground behind `on`, and modifiers.
    fn basic(&self, value: &Spanned<DeValue<'_>>) -> Result<Basic, Fault> {
        let text = self.text(value, "ansi16")?;
        let mut basic = Basic::default();
        let mut is_ground = false;
        for word in text.name.split_whitespace() {
            if word == "on" {
                is_ground = true;
            } else if let Some(colour) = terminal(word) {
                let colour = Some(colour).filter(|colour| *colour != Color::Reset);
                if is_ground {
                    basic.bg = colour;
                } else {
                    basic.fg = colour;
                }
            } else if let Some((_, modifier)) = MODIFIERS.iter().find(|(known, _)| *known == word) {
                basic.modifiers |= *modifier;
            } else {
                let names = MODIFIERS.iter().map(|(name, _)| *name);
                return Err(self.fault(
                    Some(text.at),
                    format!("{word:?} is none of the sixteen colours that can be used"),
                    perhaps(word, terminal_names().chain(names)),
                ));
            }
        }
        Ok(basic)
    }
}

/// A hex value, if it is written as one.
pub(super) fn hex(name: &str) -> Option<Rgb> {
    Rgb::parse(name).filter(|_| name.starts_with('#'))
}
