//! The file of keys: a preset, layouts, and tables of bindings. A fault names its line and, where there is one, the name that
//! was likely meant; a file with a fault is not taken at all.

use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::layouts::{self, LAYOUTS};
use super::{Binding, Keymap, Reach, Source};
use crate::base::text::nearest;
use crate::tui::action::{Mode, Place, Spec, TABLE, by_id};
use crate::tui::key::{Code, Key, sequence};
use crate::tui::update::is_decision;

/// The presets: their names and their files.
pub const PRESETS: [(&str, &str); 7] = [
    ("default", ""),
    ("vim", include_str!("../../../assets/keymaps/vim.toml")),
    ("emacs", include_str!("../../../assets/keymaps/emacs.toml")),
    (
        "arrows",
        include_str!("../../../assets/keymaps/arrows.toml"),
    ),
    ("k9s", include_str!("../../../assets/keymaps/k9s.toml")),
    (
        "lazygit",
        include_str!("../../../assets/keymaps/lazygit.toml"),
    ),
    ("left", include_str!("../../../assets/keymaps/left.toml")),
];

/// The word that takes a key's meaning away.
const NONE: &str = "none";

/// What is wrong with a file of keys, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// What, and what to write instead where that can be told.
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.text)
    }
}

impl Keymap {
    /// The keys of the table with a file laid over them.
    ///
    /// # Errors
    /// The first fault of the file.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let mut keymap = Self::built_in().map_err(|bad| Fault {
            line: 0,
            text: bad.to_string(),
        })?;
        let mut own = Reader::new(text, Source::File);
        own.root()?;
        if let Some((_, preset)) = PRESETS.iter().find(|(name, _)| *name == own.preset) {
            let mut below = Reader::new(preset, Source::Preset);
            below.root()?;
            keymap.bindings.splice(0..0, below.bindings);
        }
        keymap.bindings.splice(0..0, own.bindings);
        keymap.layouts = own.layouts;
        Ok(keymap)
    }
}

struct Reader<'text> {
    text: &'text str,
    source: Source,
    preset: String,
    layouts: Vec<&'static layouts::Layout>,
    bindings: Vec<Binding>,
}

/// The tables of a file and where their bindings hold.
fn tables() -> Vec<(String, Reach)> {
    let mut tables = vec![("normal".to_owned(), Reach::Commands)];
    let modes = Mode::ALL.into_iter().filter(|mode| *mode != Mode::Normal);
    tables.extend(modes.map(|mode| (mode.word().to_lowercase(), Reach::Mode(mode))));
    tables.extend(Place::ALL.map(|place| (place.title().to_lowercase(), Reach::Place(place))));
    tables
}

impl<'text> Reader<'text> {
    fn new(text: &'text str, source: Source) -> Self {
        Self {
            text,
            source,
            preset: "default".to_owned(),
            layouts: Vec::new(),
            bindings: Vec::new(),
        }
    }

    fn fault(&self, span: std::ops::Range<usize>, text: impl Into<String>) -> Fault {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        Fault {
            line: before.matches('\n').count() + 1,
            text: text.into(),
        }
    }

    fn root(&mut self) -> Result<(), Fault> {
        let root = DeTable::parse(self.text).map_err(|error| {
            let message = error.message().lines().next().unwrap_or("no TOML");
            self.fault(error.span().unwrap_or_default(), message)
        })?;
        let tables = tables();
        for (name, value) in root.into_inner() {
            let span = value.span();
            match (name.get_ref().as_ref(), value.get_ref()) {
                ("preset", DeValue::String(preset)) => self.preset(preset, span)?,
                ("layouts", DeValue::Array(wanted)) => {
                    for layout in wanted {
                        self.layout(layout)?;
                    }
                }
                (known, DeValue::Table(bindings)) => {
                    let Some((_, reach)) = tables.iter().find(|(table, _)| table == known) else {
                        let names = tables.iter().map(|(table, _)| table.as_str());
                        let text = unknown("table", known, names);
                        return Err(self.fault(name.span(), text));
                    };
                    for (keys, action) in bindings {
                        self.binding(*reach, (keys.get_ref(), keys.span()), action)?;
                    }
                }
                (other, _) => {
                    let names = ["preset", "layouts"].into_iter();
                    let names = names.chain(tables.iter().map(|(table, _)| table.as_str()));
                    return Err(self.fault(name.span(), unknown("setting", other, names)));
                }
            }
        }
        Ok(())
    }

    fn preset(&mut self, wanted: &str, span: std::ops::Range<usize>) -> Result<(), Fault> {
        let names = PRESETS.iter().map(|(name, _)| *name);
        if !names.clone().any(|name| name == wanted) {
            return Err(self.fault(span, unknown("preset", wanted, names)));
        }
        wanted.clone_into(&mut self.preset);
        Ok(())
    }

    fn layout(&mut self, wanted: &Spanned<DeValue<'_>>) -> Result<(), Fault> {
        let name = match wanted.get_ref() {
            DeValue::String(name) => name.as_ref(),
            _ => return Err(self.fault(wanted.span(), "layouts are texts, such as \"ru\"")),
        };
        let Some(layout) = layouts::named(name) else {
            let names = LAYOUTS.iter().map(|layout| layout.name);
            return Err(self.fault(wanted.span(), unknown("layout", name, names)));
        };
        self.layouts.push(layout);
        Ok(())
    }

    fn binding(
        &mut self,
        reach: Reach,
        (keys, place): (&str, std::ops::Range<usize>),
        action: &Spanned<DeValue<'_>>,
    ) -> Result<(), Fault> {
        let keys = sequence(keys).map_err(|bad| self.fault(place.clone(), bad.to_string()))?;
        let id = match action.get_ref() {
            DeValue::String(id) => id.as_ref(),
            _ => return Err(self.fault(action.span(), "an action is a text, such as \"open\"")),
        };
        let spec = if id == NONE {
            None
        } else {
            let names = TABLE.iter().map(|spec| spec.id).chain([NONE]);
            let found = by_id(id);
            Some(found.ok_or_else(|| self.fault(action.span(), unknown("action", id, names)))?)
        };
        if let Some(why) = refused(reach, &keys, spec) {
            return Err(self.fault(place, why));
        }
        self.bindings.push(Binding {
            keys,
            spec,
            reach,
            source: self.source,
        });
        Ok(())
    }
}

/// Why these keys must not be bound so.
fn refused(reach: Reach, keys: &[Key], spec: Option<&'static Spec>) -> Option<String> {
    let first = keys.first()?;
    if let Reach::Mode(mode) = reach
        && mode.is_text()
        && first.text().is_some()
    {
        return Some(format!(
            "{first} is text while something is written; use Ctrl or a key without a letter"
        ));
    }
    let spec = spec?;
    let is_enter = keys
        .iter()
        .any(|key| matches!(key.code, Code::Enter | Code::ShiftEnter));
    if is_enter && is_decision(spec.action) {
        return Some(format!(
            "Enter never decides; {} needs another key",
            spec.id
        ));
    }
    let can = |mode: Mode| spec.modes.contains(&mode);
    let possible = match reach {
        Reach::Table => true,
        Reach::Commands => can(Mode::Normal) || can(Mode::Decide),
        Reach::Mode(mode) => can(mode),
        Reach::Place(place) => {
            (can(Mode::Normal) || can(Mode::Decide))
                && (spec.places.is_empty() || spec.places.contains(&place))
        }
    };
    (!possible).then(|| format!("{} cannot be done there", spec.id))
}

/// Says that a name is not known, and which one was likely meant.
fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(nearest) => format!("no {kind} is called {name:?}; did you mean {nearest:?}?"),
        None => format!("no {kind} is called {name:?}"),
    }
}
