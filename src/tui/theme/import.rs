//! Themes made of other programs' colour files: base16 and base24 (YAML), helix (TOML), Ghostty, Alacritty (TOML), kitty. All of
//! them are brought to the sixteen slots of base16, and these to the roles that the theme `base` knows.

mod helix;
mod lines;

use std::fmt::Write as _;

use toml::de::{DeTable, DeValue};

use super::colour::Rgb;
use super::file::{Fault, Kind};

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Base16 or base24, YAML.
    Base16,
    /// The helix editor's theme, TOML.
    Helix,
    /// Ghostty's theme.
    Ghostty,
    /// Alacritty's colours, TOML.
    Alacritty,
    /// kitty's colours.
    Kitty,
}

impl Format {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base16 => "base16",
            Self::Helix => "helix",
            Self::Ghostty => "Ghostty",
            Self::Alacritty => "Alacritty",
            Self::Kitty => "kitty",
        }
    }

    /// Tells by the text whose file it is.
    pub fn of(text: &str) -> Option<Self> {
        if let Ok(table) = DeTable::parse(text) {
            let table = table.into_inner();
            if table.is_empty() {
                return None;
            }
            let is_alacritty = table.contains_key("colors");
            return Some(if is_alacritty {
                Self::Alacritty
            } else {
                Self::Helix
            });
        }
        text.lines().find_map(|line| {
            let line = line.trim_start();
            let key = line
                .split(|letter: char| letter.is_whitespace() || "=:".contains(letter))
                .next()
                .unwrap_or_default();
            match key {
                "palette" if line.contains('=') => Some(Self::Ghostty),
                "base00" => Some(Self::Base16),
                "color0" | "color1" => Some(Self::Kitty),
                _ => None,
            }
        })
    }
}

/// The sixteen slots of base16 and what a file may say beyond them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slots {
    base: [Rgb; 16],
    /// A colour of its own for code, where the file has one.
    code: Code,
}

/// Colours of code that base16 has no slot of their own for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Code {
    operator: Option<Rgb>,
    variable: Option<Rgb>,
    string: Option<Rgb>,
    number: Option<Rgb>,
    of_type: Option<Rgb>,
    function: Option<Rgb>,
    constant: Option<Rgb>,
}

/// What a terminal's colour file says: its sixteen colours, the ground, the text, the selection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Terminal {
    colours: [Option<Rgb>; 16],
    background: Option<Rgb>,
    foreground: Option<Rgb>,
    selection: Option<Rgb>,
}

impl Terminal {
    fn slots(&self, file: &str) -> Result<Slots, Fault> {
        let need = |colour: Option<Rgb>, name: &str| {
            colour.ok_or_else(|| fault(file, None, format!("the file has no {name}")))
        };
        let numbered = |number: usize| {
            let colour = self.colours.get(number).copied().flatten();
            need(colour, &format!("colour {number}"))
        };
        let ground = need(self.background, "background")?;
        let text = need(self.foreground, "foreground")?;
        // A terminal has no orange; what stands for risk and keywords there is magenta.
        let [red, green, yellow, blue, magenta, cyan] = [
            numbered(1)?,
            numbered(2)?,
            numbered(3)?,
            numbered(4)?,
            numbered(5)?,
            numbered(6)?,
        ];
        let bright = |number: usize| self.colours.get(number).copied().flatten();
        let grey = bright(8).unwrap_or(ground.mix(text, 0.5));
        let selected = self.selection.unwrap_or(ground.mix(text, 0.18));
        Ok(Slots {
            base: [
                ground,
                ground.mix(text, 0.07),
                selected,
                grey,
                ground.mix(text, 0.7),
                text,
                text,
                bright(15).unwrap_or(text),
                red,
                magenta,
                yellow,
                green,
                cyan,
                blue,
                bright(13).unwrap_or(magenta),
                bright(9).unwrap_or(red),
            ],
            code: Code::default(),
        })
    }
}

/// Makes a theme of another program's file. `name` is what it will be called, `file` is for messages, `parent` gives the text of a
/// helix theme that another one inherits.
///
/// # Errors
/// It is none of the known formats, or a colour is missing or wrong.
pub fn import(
    (file, name): (&str, &str),
    text: &str,
    parent: impl Fn(&str) -> Option<String>,
) -> Result<(Format, String), Fault> {
    let Some(format) = Format::of(text) else {
        return Err(Fault {
            hint: Some(
                "known are base16 and base24 YAML, helix TOML, Ghostty, Alacritty TOML, kitty"
                    .to_owned(),
            ),
            ..fault(file, None, "the format is not known")
        });
    };
    let slots = match format {
        Format::Base16 => lines::base16(file, text)?,
        Format::Ghostty => lines::ghostty(file, text)?.slots(file)?,
        Format::Kitty => lines::kitty(file, text)?.slots(file)?,
        Format::Alacritty => alacritty(file, text)?.slots(file)?,
        Format::Helix => helix::slots(file, text, &parent)?,
    };
    Ok((format, slots.theme(name, format)))
}

/// A name as files of themes have it: small letters, digits and `-`.
pub fn slug(name: &str) -> String {
    let letters = name.chars().map(|letter| match letter {
        'A'..='Z' => letter.to_ascii_lowercase(),
        'a'..='z' | '0'..='9' => letter,
        _ => '-',
    });
    let letters: String = letters.collect();
    let parts = letters.split('-').filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

impl Slots {
    /// The text of the theme's file.
    fn theme(&self, name: &str, format: Format) -> String {
        let [
            ground,
            raised,
            selected,
            grey,
            _,
            text,
            _,
            _,
            red,
            orange,
            yellow,
            green,
            cyan,
            blue,
            purple,
            brown,
        ] = self.base;
        let kind = if ground.luminance() < text.luminance() {
            Kind::Dark
        } else {
            Kind::Light
        };
        let code = &self.code;
        let roles = [
            ("ground", ground),
            ("text", text),
            ("dim", grey),
            ("faint", grey),
            ("raised", raised),
            ("selected", selected),
            ("border", grey),
            ("focus", blue),
            ("accent", blue),
            ("link", blue),
            ("need", yellow),
            ("risk", orange),
            ("fail", red),
            ("ok", green),
            ("info", blue),
            ("run", cyan),
            ("warn", yellow),
            ("over", red),
            ("saved", green),
            ("add", green),
            ("del", red),
            ("add-ground", ground.mix(green, 0.14)),
            ("add-word", ground.mix(green, 0.24)),
            ("del-ground", ground.mix(red, 0.14)),
            ("del-word", ground.mix(red, 0.24)),
            ("keyword", purple),
            ("string", code.string.unwrap_or(green)),
            ("number", code.number.unwrap_or(orange)),
            ("comment", grey),
            ("type", code.of_type.unwrap_or(yellow)),
            ("function", code.function.unwrap_or(blue)),
            ("constant", code.constant.unwrap_or(orange)),
            ("operator", code.operator.unwrap_or(text)),
            ("variable", code.variable.unwrap_or(text)),
            ("who1", green),
            ("who2", yellow),
            ("who3", blue),
            ("who4", purple),
            ("who5", cyan),
            ("who6", orange),
            ("who7", brown),
            ("who8", text),
        ];
        let mut out = format!(
            "# Made by aios theme import of a {} file; its licence holds for the colours.\n\nname = \"{name}\"\nkind = \"{}\"\ninherits = \"base\"\nbackground = \"ground\"\n\n[palette]\n",
            format.name(),
            kind.word()
        );
        for (role, colour) in roles {
            // Writing to a text cannot fail.
            let _ = writeln!(out, "{role} = \"{}\"", colour.hex());
        }
        out
    }
}

fn fault(file: &str, line: Option<usize>, what: impl Into<String>) -> Fault {
    Fault {
        file: file.to_owned(),
        at: line.map(|line| (line, 1)),
        what: what.into(),
        hint: None,
    }
}

fn alacritty(file: &str, text: &str) -> Result<Terminal, Fault> {
    const NAMES: [&str; 8] = [
        "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    ];
    let root = DeTable::parse(text).map_err(|error| fault(file, None, error.message()))?;
    let root = root.into_inner();
    let colour = |section: &str, name: &str| -> Result<Option<Rgb>, Fault> {
        let colours = root.get("colors").and_then(|value| table(value.get_ref()));
        let section = colours
            .and_then(|colours| colours.get(section))
            .and_then(|value| table(value.get_ref()));
        let Some(value) = section.and_then(|section| section.get(name)) else {
            return Ok(None);
        };
        let before = text.get(..value.span().start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let hex = value.get_ref().as_str().unwrap_or_default();
        let read = Rgb::parse(hex.strip_prefix("0x").unwrap_or(hex));
        match read {
            Some(colour) => Ok(Some(colour)),
            // A selection may be named after what lies under it.
            None if hex.starts_with("Cell") => Ok(None),
            None => Err(fault(file, Some(line), format!("{name} is no colour"))),
        }
    };
    let mut terminal = Terminal {
        background: colour("primary", "background")?,
        foreground: colour("primary", "foreground")?,
        selection: colour("selection", "background")?,
        ..Terminal::default()
    };
    let (normal, bright) = terminal.colours.split_at_mut(8);
    for (section, places) in [("normal", normal), ("bright", bright)] {
        for (place, name) in places.iter_mut().zip(NAMES) {
            *place = colour(section, name)?;
        }
    }
    Ok(terminal)
}

fn table<'a, 't>(value: &'a DeValue<'t>) -> Option<&'a DeTable<'t>> {
    match value {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
